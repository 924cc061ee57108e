/**
 * Somebody changed one thing: every pair of captures/changes is verified as its user would do it, before (not met, with
 * the cause and the fix) and after (met). What must be answered stands in the table of the scenarios.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BUNDLED, capturesBelow } from '../captures/folders.ts'
import { scenariosBelow, type VerifyCase } from '../captures/truth.ts'

const scenarios = new Map(scenariosBelow(BUNDLED).map((scenario) => [scenario.name, scenario]))
const pairs = capturesBelow(join(BUNDLED, 'changes')).flatMap(
  (path) => /(\w[^/\\]*)-before\.pcap$/.exec(path)?.[1] ?? [],
)

function verify(scenario: string, { client, server, service, expect: expected }: VerifyCase) {
  const words = ['--client', client, '--server', server, '--service', service, '--expect', expected]
  const capture = join(BUNDLED, `${scenario}.pcap`)
  return spawnSync(process.execPath, ['dist/src/cli.js', 'verify', capture, ...words], { encoding: 'utf8' })
}

const CASES = pairs.flatMap((pair) =>
  (['before', 'after'] as const).flatMap((when) => {
    const name = `changes/${pair}-${when}`
    return (scenarios.get(name)?.verify ?? []).map((one) => [name, one.expect, one.exit, when, one] as const)
  }),
)

it('every change says what verify must answer, before 1 and after 0', () => {
  expect(pairs.length).toBeGreaterThan(4)
  for (const pair of pairs) {
    const exits = (when: string) => scenarios.get(`changes/${pair}-${when}`)!.verify.map(({ exit }) => exit)
    expect([pair, exits('before')[0], exits('after')[0]]).toEqual([pair, 1, 0])
  }
})

describe('verify', () => {
  it.each(CASES)('%s, expect %s: %i', (name, expected, exit, _, one) => {
    const { status, stdout } = verify(name, one)
    expect(status, stdout).toBe(exit)
    if (exit === 1) expect(stdout).toContain(expected === 'kerberos' ? 'cause: ' : 'fix: ')
    if (exit === 1) expect(stdout).toMatch(/frames?\s+\d/)
    if (exit === 3) expect(stdout).toContain('to observe it: ')
  })
})
