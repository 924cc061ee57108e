import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openCapture } from '../../../src/capture/open.ts'
import type { ByteSource } from '../../../src/capture/source.ts'
import type { Coming, Succession } from '../../../src/capture/succession.ts'
import type { AuthExchange } from '../../../src/facts/exchange.ts'
import { Following } from '../../../src/live/following.ts'
import { RecordCutter } from '../../../src/live/kept/cutter.ts'
import { reportJson } from '../../../src/output/json.ts'
import type { Report } from '../../../src/report/report.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { BUNDLED, capturesBelow, SHARED } from '../../captures/folders.ts'

/** A capture whose bytes come record by record. */
function slowly(bytes: Buffer): ByteSource {
  const records: Buffer[] = []
  const cutter = new RecordCutter()
  cutter.cut(bytes, (record) => records.push(record))
  records.push(cutter.rest)
  return {
    fault: null,
    consumed: 0,
    readNow: null,
    async read(target, offset, length) {
      let record = records.shift()
      while (record?.length === 0) record = records.shift()
      if (record === undefined) return 0
      if (record.length > length) records.unshift(record.subarray(length))
      target.set(record.subarray(0, length), offset)
      return Math.min(length, record.length)
    },
    again: () => null,
    close: async () => {},
  }
}

function succession(names: readonly string[], bytesOf: (name: string) => Buffer): Succession {
  const left = [...names]
  return {
    async next(): Promise<Coming | null> {
      const name = left.shift()
      return name === undefined ? null : { name, source: slowly(bytesOf(name)), size: null }
    },
    opened() {},
    refused(_name, error) {
      throw error
    },
  }
}

const plain = (path: string) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path))
const captures = capturesBelow(BUNDLED).filter((path) => /\.(pcap|pcapng)$/.test(path))
/** every one takes minutes; some of each folder are enough by day */
const seed = Number(process.env.NTLMSCOPE_SEED ?? 4)
const some = [...captures, ...capturesBelow(SHARED)].filter((_, at) => process.env.NIGHTLY || at % 13 === seed % 13)
const isCapture = (path: string) =>
  openCapture(path, 0).then(
    ({ reader }) => reader.close().then(() => true),
    () => false,
  )

/** Its records come one by one: of what is packed they are unpacked before. */
const said = (report: Report) =>
  JSON.stringify(
    reportJson({ ...report, captures: report.captures.map((capture) => ({ ...capture, compressed: false })) }),
  )

/** What was told of each exchange, in its order. */
interface Told {
  readonly exchange: AuthExchange
  readonly state: string
  readonly revision: number
}

async function followed(path: string, previews: boolean) {
  const told: Told[] = []
  const following = new Following(
    { succession: succession([path], plain), previews, previewShare: Number.POSITIVE_INFINITY, rethrow: true },
    {
      exchange: (exchange, state, revision) => told.push({ exchange, state, revision }),
      ...(previews && { changed: () => {}, finding: () => {} }),
    },
  )
  const report = await following.follow()
  return { report, told }
}

describe('a capture that comes packet by packet', () => {
  it('gives the report of the whole file, byte for byte, with previews and without', async () => {
    expect(captures.length).toBeGreaterThan(100)
    const others: string[] = []
    let provisional = 0
    for (const path of some) {
      if (!(await isCapture(path))) continue
      const whole = said(await analyze([path]))
      for (const previews of [false, true]) {
        const { report, told } = await followed(path, previews)
        if (said(report) !== whole) others.push(`${path}, previews ${previews}`)
        provisional += told.filter(({ state }) => state === 'provisional').length
        // each is told a last time, once, with a number of its own
        const finals = told.filter(({ state }) => state === 'final').map(({ exchange }) => exchange.id)
        expect(new Set(finals).size).toBe(finals.length)
        // what was told before its end is told at its end
        const over = new Set(finals)
        expect(told.filter(({ exchange }) => !over.has(exchange.id)).map(({ exchange }) => exchange.id)).toEqual([])
        expect(new Set(told.map(({ exchange, revision }) => `${exchange.id} ${revision}`)).size).toBe(told.length)
        if (!previews) expect(told.every(({ revision }) => revision === 1)).toBe(true)
      }
    }
    expect(others).toEqual([])
    expect(provisional).toBeGreaterThan(some.length)
  }, 1_800_000)

  it('tells of the office every logon before the capture ends, with the cause that it keeps', async () => {
    const office = captures.find((path) => path.endsWith('office.pcap'))!
    const { report, told } = await followed(office, true)
    for (const { id, cause, result, ntlm } of report.exchanges.filter(({ ntlm }) => ntlm !== null)) {
      const before = told.filter(({ exchange, state }) => exchange.id === id && state === 'provisional')
      expect(before.length, id).toBeGreaterThan(0)
      expect(before.at(-1)!.exchange.cause?.code, id).toBe(cause?.code)
      expect(before.at(-1)!.exchange.result, id).toBe(result)
      expect(ntlm).not.toBeNull()
    }
  })
})

describe('time that goes on where nothing comes', () => {
  it('makes what has ended final a window later', async () => {
    const office = captures.find((path) => path.endsWith('office.pcap'))!
    const told: Told[] = []
    let hour = 0
    let end = () => {}
    const ended = new Promise<void>((done) => {
      end = done
    })
    const bytes = slowly(plain(office))
    const waits: ByteSource = {
      ...bytes,
      async read(target, offset, length) {
        const count = await bytes.read(target, offset, length)
        if (count === 0) await ended
        return count
      },
    }
    let isGiven = false
    const following = new Following(
      {
        succession: {
          next: async () => {
            if (isGiven) return null
            isGiven = true
            return { name: office, source: waits, size: null }
          },
          opened() {},
          refused(_name, error) {
            throw error
          },
        },
        now: () => Date.parse('2026-11-28T12:00:00Z') * 1000 + hour * 3600e6,
      },
      { exchange: (exchange, state, revision) => told.push({ exchange, state, revision }) },
    )
    const report = following.follow()
    const finals = () => told.filter(({ exchange, state }) => exchange.ntlm !== null && state === 'final').length
    for (let turns = 0; turns < 2000 && told.length < 10; turns++) await new Promise((done) => setImmediate(done))
    await new Promise((done) => setTimeout(done, 50))
    const before = finals()
    hour = 1
    following.look()
    const after = finals()
    end()
    const { exchanges } = await report
    expect(before).toBe(0)
    // of a conversation that is still open nothing is final
    expect(after).toBeGreaterThan(0)
    expect(finals()).toBe(exchanges.filter(({ ntlm }) => ntlm !== null).length)
    expect(JSON.stringify(exchanges)).toBe(JSON.stringify((await analyze([office])).exchanges))
  })
})

describe('a reader that has hardly time to tell', () => {
  it('tells less on the way, and the report is the same', async () => {
    const office = captures.find((path) => path.endsWith('office.pcap'))!
    const told: Told[] = []
    const following = new Following(
      { succession: succession([office], plain), previewShare: 0, rethrow: true },
      { exchange: (exchange, state, revision) => told.push({ exchange, state, revision }), finding: () => {} },
    )
    const report = await following.follow()
    const whole = await analyze([office])
    expect(JSON.stringify(reportJson(report))).toBe(JSON.stringify(reportJson(whole)))
    const finals = told.filter(({ state }) => state === 'final')
    expect(finals.map(({ exchange }) => exchange.uid).sort()).toEqual(whole.exchanges.map(({ uid }) => uid).sort())
    const before = told.filter(({ state }) => state === 'provisional')
    expect(before.length).toBeLessThan(whole.exchanges.length)
  })

  it('tells all that is known when it is asked', async () => {
    const office = captures.find((path) => path.endsWith('office.pcap'))!
    let known = 0
    const following: Following = new Following(
      {
        succession: {
          ...succession([office], plain),
          next: (() => {
            const one = succession([office], plain)
            return async (before) => {
              // all was read, and nothing is over but what has ended
              if (before !== null) known = following.report().exchanges.length
              return one.next(before)
            }
          })(),
        },
        previewShare: 0,
        rethrow: true,
      },
      { finding: () => {} },
    )
    const { exchanges } = await following.follow()
    expect(known).toBe(exchanges.length)
  })
})
