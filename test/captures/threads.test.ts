/**
 * One thread or two: the same report, the same messages, byte for byte, over every capture there is. Runs the built
 * program's library, since a second thread needs it built.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { analyze as Analyze, AnalyzeOptions } from '../../src/run/analyze.ts'
import { BUNDLED, capturesBelow, SHARED } from './folders.ts'

const BUILT = new URL('../../dist/src/', import.meta.url)
const { analyze, CaptureError } = (await import(new URL('ntlmscope.js', BUILT).href)) as {
  analyze: typeof Analyze
  CaptureError: typeof Error
}
const hasShared = existsSync(SHARED)
if (!hasShared) console.warn(`skipped: threads are not compared over ${SHARED}, which is absent`)
const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-threads-'))
afterAll(() => rmSync(folder, { recursive: true }))

const MERGED = 12
/** every run starts a thread, and there are hundreds: on a busy machine that takes its time */
const PATIENCE_MILLIS = 900_000

/** Everything that a run says, in its order, as one hash; or why it could not. */
async function said(inputs: readonly string[], threads: number, options: AnalyzeOptions = {}): Promise<string> {
  const hash = createHash('sha256')
  let count = 0
  const hear = (value: unknown) => {
    count++
    hash.update(JSON.stringify(value))
  }
  try {
    hear(await analyze(inputs, { ...options, threads, rethrow: true, onMessage: hear, onExchange: hear }))
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    return error.message
  }
  return `${count} ${hash.digest('hex')}`
}

describe('two threads say what one says', () => {
  const captures = [...capturesBelow(BUNDLED), ...(hasShared ? capturesBelow(SHARED) : [])]

  it(
    'about every fourth bundled capture by itself',
    async () => {
      const different: string[] = []
      // every one takes its own second thread; merged, all of them are read below
      for (const capture of capturesBelow(BUNDLED).filter((_, index) => index % 4 === 0)) {
        if ((await said([capture], 1)) !== (await said([capture], 2))) different.push(capture)
      }
      expect(captures.length).toBeGreaterThan(0)
      expect(different).toEqual([])
    },
    PATIENCE_MILLIS,
  )

  it(
    'about all captures, so many merged at a time',
    async () => {
      const different: string[][] = []
      for (let at = 0; at < captures.length; at += MERGED) {
        const some = captures.slice(at, at + MERGED)
        if ((await said(some, 1)) !== (await said(some, 2))) different.push(some)
      }
      expect(different).toEqual([])
    },
    PATIENCE_MILLIS,
  )

  it('about what is no capture, and what is cut off', async () => {
    const nothing = join(folder, 'nothing.pcap')
    writeFileSync(nothing, 'this is no capture')
    expect(await said([nothing], 2)).toBe(await said([nothing], 1))
    expect(await said([nothing], 2)).toContain('nothing.pcap')
    const cut = join(folder, 'cut.pcap')
    const [first] = captures
    const bytes = readFileSync(first!)
    writeFileSync(cut, bytes.subarray(0, bytes.length - 7))
    expect(await said([cut], 2)).toBe(await said([cut], 1))
  })
})

describe('a second thread', () => {
  const [capture] = capturesBelow(BUNDLED)

  it('waits while the reader of the results pauses', async () => {
    let pauses = 0
    const report = await analyze([capture!], {
      threads: 2,
      onPause: () => {
        pauses++
        return new Promise((done) => setTimeout(done, 5))
      },
    })
    expect(pauses).toBeGreaterThan(0)
    expect(report.coverage.packets).toBeGreaterThan(0)
  })

  it('ends when it is told to before it began', async () => {
    const report = await analyze([capture!], { threads: 2, signal: AbortSignal.abort() })
    expect(report.coverage.packets).toBe((await analyze([capture!], { signal: AbortSignal.abort() })).coverage.packets)
  })

  it('that dies is an error', async () => {
    const { ReadingElsewhere } = (await import(new URL('worker-source.js', BUILT).href)) as {
      ReadingElsewhere: new (carriers: [], sink: object) => { read(inputs: unknown, hooks: object): Promise<unknown> }
    }
    // not a list of inputs: nobody catches what becomes of it
    await expect(new ReadingElsewhere([], {}).read(null, {})).rejects.toThrow(TypeError)
  })

  it('passes on what a listener throws', async () => {
    const fails = analyze([capture!], {
      threads: 2,
      rethrow: true,
      onMessage: () => {
        throw new Error('enough')
      },
    })
    await expect(fails).rejects.toThrow('enough')
  })
})
