/**
 * What a signal means to `live` and `watch`.
 */
import { expect, it } from 'vitest'
import { onSignals } from '../../../../src/cli/following/signals.ts'

it.each([
  ['linux', true, 'opened again'],
  ['darwin', true, 'opened again'],
  ['linux', false, 'ended'],
  // the console was closed
  ['win32', true, 'ended'],
  ['win32', false, 'ended'],
] as const)('HUP on %s, output to a file %s: %s', (platform, isFile, expected) => {
  const said: string[] = []
  const before = process.listenerCount('SIGHUP')
  const undo = onSignals(
    { stop: () => said.push('ended'), reopen: isFile ? () => said.push('opened again') : null },
    platform,
  )
  process.emit('SIGHUP')
  undo()
  expect(said).toEqual([expected])
  expect(process.listenerCount('SIGHUP')).toBe(before)
})
