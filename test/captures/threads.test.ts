/**
 * One thread to four: the same report, the same messages, byte for byte, over every capture there is. Runs the built
 * program's library, since a second thread needs it built. Three and four are compared over a sample, whose seed is
 * NTLMSCOPE_SEED, and over all of it in the night.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../src/reading/pdu-source.ts'
import type { analyze as Analyze, AnalyzeOptions } from '../../src/run/analyze.ts'
import { pcap, type TestPacket } from '../builders/capture.ts'
import { seededRandom } from '../hostile.ts'
import { packetsOf } from './changed-packets.ts'
import { BUNDLED, capturesBelow, SHARED } from './folders.ts'

const BUILT = new URL('../../dist/src/', import.meta.url)
// what the library runs: it lets through more than the library's own options
const { analyze } = (await import(new URL('analyze.js', BUILT).href)) as { analyze: typeof Analyze }
const { CaptureError } = (await import(new URL('ntlmscope.js', BUILT).href)) as { CaptureError: typeof Error }
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

/** Everything but the messages, which come from the thread that dissects where there is one alone. */
async function understood(
  inputs: readonly string[],
  threads: number,
  engine: EngineName = 'wasm',
  joinedFrom?: number,
): Promise<string> {
  const hash = createHash('sha256')
  let count = 0
  const hear = (value: unknown) => {
    count++
    hash.update(JSON.stringify(value))
  }
  // divided at once, or in the middle
  const dividedFrom = inputs.length % 2 === 0 ? 0 : 20
  const options = { threads, dividedFrom, engine, ...(joinedFrom === undefined ? {} : { joinedFrom }) }
  const report = await analyze(inputs, { ...options, rethrow: true, onExchange: hear, onKdc: hear })
  hear(report)
  return `${count} ${hash.digest('hex')}`
}

const SEED = Number(process.env.NTLMSCOPE_SEED ?? 1)
const IS_NIGHT = process.env.NIGHTLY !== undefined

/** So many of a list, or all of it in the night. */
function sampled<T>(list: readonly T[], count: number, random: () => number): T[] {
  if (IS_NIGHT) return [...list]
  const rest = [...list]
  return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(random() % rest.length, 1)[0]!)
}

/** One of ten packets lost, changed, cut off, sent again or before the one that goes before it. */
function damaged(packets: readonly TestPacket[], random: () => number): TestPacket[] {
  const out: TestPacket[] = []
  for (const packet of packets) {
    out.push(packet)
    if (random() % 10 !== 0) continue
    const at = out.length - 1
    const bytes = packet.bytes.slice()
    const original = packet.original ?? bytes.length
    const what = random() % 5
    if (what === 0) out.pop()
    else if (what === 1) out.push(packet)
    else if (what === 2 && at > 0) [out[at - 1], out[at]] = [out[at]!, out[at - 1]!]
    else if (what === 3) out[at] = { time: packet.time, bytes: bytes.subarray(0, random() % bytes.length), original }
    else {
      for (let i = 0; i <= random() % 4; i++) bytes[random() % bytes.length] = random() & 255
      out[at] = { time: packet.time, bytes, original }
    }
  }
  return out
}

describe('three and four threads say what one says', () => {
  const captures = [...capturesBelow(BUNDLED), ...(hasShared ? capturesBelow(SHARED) : [])]

  it(
    'about a sample of all captures, merged, with both engines',
    async () => {
      const some = sampled(captures, 2 * MERGED, seededRandom(SEED))
      const different: unknown[] = []
      for (let at = 0; at < some.length; at += MERGED) {
        const merged = some.slice(at, at + MERGED)
        const engine = (at / MERGED) % 2 === 0 ? 'wasm' : 'js'
        const one = await understood(merged, 1, engine)
        for (const threads of [3, 4]) {
          if ((await understood(merged, threads, engine)) !== one) different.push([threads, engine, merged])
        }
      }
      expect(different, `seed ${SEED}`).toEqual([])
    },
    PATIENCE_MILLIS,
  )

  it(
    'and where this thread goes on with what others have begun, at any place',
    async () => {
      const random = seededRandom(SEED)
      const some = sampled(captures, 2 * MERGED, random)
      const different: unknown[] = []
      for (let at = 0; at < some.length; at += MERGED) {
        const merged = some.slice(at, at + MERGED)
        const one = await understood(merged, 1)
        for (const threads of [3, 4]) {
          for (const joinedFrom of [0, 1 + (random() % 30), 30 + (random() % 1000)])
            if ((await understood(merged, threads, 'wasm', joinedFrom)) !== one)
              different.push([threads, joinedFrom, merged])
        }
      }
      expect(different, `seed ${SEED}`).toEqual([])
    },
    PATIENCE_MILLIS,
  )

  it(
    'about damaged packets',
    async () => {
      const random = seededRandom(SEED)
      const some = sampled(capturesBelow(BUNDLED), MERGED, random)
      const inputs: string[] = []
      for (const [index, capture] of some.entries()) {
        const path = join(folder, `damaged-${index}.pcap`)
        writeFileSync(path, pcap(damaged(await packetsOf(capture), random)))
        inputs.push(path)
      }
      const different: unknown[] = []
      for (let at = 0; at < inputs.length; at += MERGED) {
        const merged = inputs.slice(at, at + MERGED)
        const one = await understood(merged, 1)
        for (const threads of [3, 4])
          if ((await understood(merged, threads)) !== one) different.push([threads, some.slice(at, at + MERGED)])
      }
      expect(different, `seed ${SEED}`).toEqual([])
    },
    PATIENCE_MILLIS,
  )

  it('and ends when it is told to, waits where it is asked to, and fails as one does', async () => {
    const capture = join(BUNDLED, 'office', 'office.pcap')
    const nothing = join(folder, 'no-capture.pcap')
    writeFileSync(nothing, 'this is no capture')
    await expect(analyze([nothing], { threads: 4 })).rejects.toThrow(CaptureError)
    const stopped = await analyze([capture], { threads: 4, signal: AbortSignal.abort() })
    expect(stopped.coverage.packets).toBe(0)
    let pauses = 0
    const onPause = () => {
      pauses++
      return new Promise<void>((done) => setTimeout(done, 5))
    }
    expect((await analyze([capture], { threads: 3, onPause })).coverage.packets).toBeGreaterThan(0)
    expect(pauses).toBeGreaterThan(0)
    const fails = analyze([capture], {
      threads: 3,
      rethrow: true,
      onExchange: () => {
        throw new Error('enough')
      },
    })
    await expect(fails).rejects.toThrow('enough')
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
