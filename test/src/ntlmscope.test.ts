import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze, CaptureError, exchangesOf, messagesOf, renderText, reportJson } from '../../src/ntlmscope.ts'

const OFFICE = join(import.meta.dirname, '..', '..', 'captures', 'office', 'office.pcap')

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const value of values) found.push(value)
  return found
}

describe('the library', () => {
  it('iterates the exchanges that the report lists', async () => {
    const report = await analyze([OFFICE])
    const exchanges = await all(exchangesOf([OFFICE]))
    expect(exchanges.map(({ id }) => id).sort()).toEqual(report.exchanges.map(({ id }) => id).sort())
    expect(exchanges.length).toBeGreaterThan(5)
  })

  it('iterates messages in the order of their frames', async () => {
    const messages = await all(messagesOf([OFFICE]))
    const frames = messages.map(({ frame }) => frame as number)
    expect(frames.length).toBeGreaterThan(50)
    expect(frames).toEqual(frames.toSorted((a, b) => a - b))
  })

  it('stops reading when the caller has seen enough', async () => {
    for await (const message of messagesOf([OFFICE])) {
      expect(message.frame).toBeGreaterThan(0)
      break
    }
  })

  it('rejects with a CaptureError where a file is no capture', async () => {
    await expect(analyze([import.meta.filename])).rejects.toThrow(CaptureError)
    await expect(all(messagesOf([import.meta.filename]))).rejects.toThrow(CaptureError)
  })

  it('gives nothing of a run that was stopped before it began', async () => {
    const signal = AbortSignal.abort()
    expect(await all(exchangesOf([OFFICE], { signal }))).toEqual([])
  })

  it('writes a report as text and as JSON', async () => {
    const report = await analyze([OFFICE])
    expect(renderText(report, { columns: 100, color: false })).toContain('ntlm-fallback')
    expect(JSON.parse(JSON.stringify(reportJson(report))).schema).toBe(report.schema)
  })
})
