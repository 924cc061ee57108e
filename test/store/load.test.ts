/**
 * Loading: nothing lost, nothing doubled. The office capture (seven authentications of five kinds) loaded whole, twice,
 * in overlapping parts, cut in two at its frames, from two taps.
 *
 * Cut at every frame where SPLIT_TEST=all, else at some of them and at those that decide.
 */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { STORE_LIMITS } from '../../src/store/bounds.ts'
import { Folder } from '../../src/store/folder.ts'
import { Loader } from '../../src/store/loader.ts'
import { conversationFact } from '../../src/store/rows.ts'
import type { FactRow } from '../../src/store/tables.ts'
import { loadInto, rowsIn } from '../builders/facts.ts'
import { printed } from '../builders/printed.ts'
import { readPcap, temporaryFolder, writePcap } from '../captures/packets.ts'

const OFFICE = 'captures/office/office.pcap'
const EVERYTHING = process.env.SPLIT_TEST === 'all'

const told = (rows: readonly FactRow[]) =>
  rows.map(({ community_id, service, mechanism, user_name, result }) =>
    [community_id, service, mechanism, user_name, result].join(' '),
  )

/** One of a minute each, between its own ends. */
const conversation = (at: number) => ({
  capture: 'a.pcap',
  client: { ip: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}` },
  server: { ip: '10.255.0.1', port: 445 },
  ...{ service: 'smb', carrier: 'smb', start: Date.UTC(2026, 10, 23) * 1000 + at * 1e6, frame: at },
  end: Date.UTC(2026, 10, 23) * 1000 + at * 1e6 + 60e6,
  ...{ connections: 1, authenticated: 1, midstream: 0, oneSided: 0, lossy: 0, whole: 1 },
})

describe('the office capture', () => {
  const place = temporaryFolder()
  const file = readPcap(OFFICE)
  const count = file.records.length

  it('loaded whole gives its seven authentications', async () => {
    const facts = join(place, 'whole')
    const loaded = await loadInto(facts, [OFFICE])
    expect(loaded.counts!.exchanges).toEqual({ added: 7, replaced: 0, present: 0, twins: 0 })
    const rows = await rowsIn(facts, 'exchanges')
    expect(told(rows)).toHaveLength(7)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(7)
    expect(rows.every(({ load_id }) => load_id === loaded.load)).toBe(true)
    const kdc = await rowsIn(facts, 'kdc')
    expect(kdc.length).toBe(loaded.counts!.kdc.added)
    expect(kdc.length).toBeGreaterThan(0)
  })

  it('loaded again is recognised by its bytes, whatever it is called', async () => {
    const facts = join(place, 'again')
    await loadInto(facts, [OFFICE])
    const copy = join(place, 'copy.pcap')
    copyFileSync(OFFICE, copy)
    const again = await loadInto(facts, [copy])
    expect(again).toMatchObject({ load: null, skipped: [copy] })
    expect(await rowsIn(facts, 'exchanges')).toHaveLength(7)
    // another file of the same name is another input
    writePcap(copy, file, file.records.slice(0, count - 1))
    expect((await loadInto(facts, [copy])).load).not.toBeNull()
    expect(await rowsIn(facts, 'exchanges')).toHaveLength(7)
  })

  it('loaded in overlapping parts gives each row once', async () => {
    const facts = join(place, 'overlap')
    const third = Math.floor(count / 3)
    const parts = [
      [0, 2 * third],
      [third, count],
      [0, count],
      [third, 2 * third],
    ].map(([from, to], at) => writePcap(join(place, `part${at}.pcap`), file, file.records.slice(from, to)))
    for (const part of parts) await loadInto(facts, [part])
    expect(told(await rowsIn(facts, 'exchanges'))).toEqual(told(await rowsIn(join(place, 'whole'), 'exchanges')))
    expect((await rowsIn(facts, 'kdc')).length).toBe((await rowsIn(join(place, 'whole'), 'kdc')).length)
  })

  const cuts = Array.from({ length: count - 1 }, (_, at) => at + 1).filter((at) => EVERYTHING || at % 37 === 0)
  it.each(['in order', 'the later half first'])(
    'cut in two and loaded %s gives its seven',
    { timeout: 1e6 },
    async (order) => {
      const wrong: string[] = []
      for (const cut of cuts) {
        const facts = join(place, `cut-${order.replaceAll(' ', '-')}-${cut}`)
        const halves = [file.records.slice(0, cut), file.records.slice(cut)].map((records, half) =>
          writePcap(join(place, `half${half}.pcap`), file, records),
        )
        if (order !== 'in order') halves.reverse()
        for (const half of halves) await loadInto(facts, [half])
        const rows = await rowsIn(facts, 'exchanges')
        if (rows.length !== 7) wrong.push(`${cut}: ${rows.length}\n  ${told(rows).join('\n  ')}`)
      }
      expect(wrong).toEqual([])
    },
  )

  it('from two taps counts once, and is seen twice', async () => {
    const facts = join(place, 'taps')
    await loadInto(facts, [OFFICE])
    const later = writePcap(join(place, 'tap2.pcap'), file, file.records.slice(0, count - 1))
    const loaded = await loadInto(facts, [later], { sensor: 'tap2' })
    expect(loaded.counts!.exchanges).toMatchObject({ added: 7, twins: 7 })
    expect(await rowsIn(facts, 'exchanges')).toHaveLength(7)
    const sightings = await rowsIn(facts, 'exchanges', { sightings: true })
    expect(sightings).toHaveLength(14)
    expect(sightings.filter(({ sensor }) => sensor === 'tap2')).toHaveLength(7)
  })

  it('of which the end waits for a file that never comes is had by loading it once more', async () => {
    const half = Math.floor(count / 2)
    const first = writePcap(join(place, 'first.pcap'), file, file.records.slice(0, half))
    const last = writePcap(join(place, 'last.pcap'), file, file.records.slice(half))
    for (const asked of [{ previous: first, final: true }, { previous: null }]) {
      const facts = join(temporaryFolder(), 'facts')
      await loadInto(facts, [first], { previous: first })
      const waiting = await loadInto(facts, [last], { previous: first })
      expect(waiting.heldBack).toBeGreaterThan(0)
      // the same job once more has nothing to do
      expect(await loadInto(facts, [last], { previous: first })).toMatchObject({ load: null, skipped: [last] })
      expect(await loadInto(facts, asked.previous === null ? [first, last] : [last], asked)).toMatchObject({
        skipped: [],
        heldBack: 0,
      })
      expect(await rowsIn(facts, 'exchanges')).toHaveLength(7)
      // and then it is known
      expect(await loadInto(facts, [last], asked)).toMatchObject({ load: null, skipped: [last] })
    }
  })

  it('in files that are shorter than what waits is loaded whole, each with the one before', {
    timeout: 1e6,
  }, async () => {
    const wrong: string[] = []
    const whole = join(place, 'unchained')
    await loadInto(whole, [OFFICE])
    const wanted = [await rowsIn(whole, 'exchanges'), await rowsIn(whole, 'kdc')]
    for (const parts of [3, 4, 7]) {
      const facts = join(place, `chain${parts}`)
      const ends = Array.from({ length: parts + 1 }, (_, at) => Math.floor((count * at) / parts))
      const files = Array.from({ length: parts }, (_, at) =>
        writePcap(join(place, `chain${parts}-${at}.pcap`), file, file.records.slice(ends[at], ends[at + 1])),
      )
      for (const [at, one] of files.entries())
        await loadInto(facts, [one], { previous: files[Math.max(0, at - 1)]!, final: at === parts - 1 })
      const rows = [await rowsIn(facts, 'exchanges'), await rowsIn(facts, 'kdc')]
      for (const at of [0, 1])
        if (rows[at]!.length !== wanted[at]!.length)
          wrong.push(`${parts} files: ${rows[at]!.length} of ${wanted[at]!.length}`)
    }
    expect(wrong).toEqual([])
  })

  it('does not have an answer of a KDC twice that is read again without its request', async () => {
    const [path, first, second] = ['captures/rpc/tcp-kerberos-sign.pcap', 93, 137] as const
    const capture = readPcap(path)
    const facts = join(temporaryFolder(), 'facts')
    const ends = [0, first, second, capture.records.length]
    const files = [0, 1, 2].map((at) =>
      writePcap(join(facts, '..', `again${at}.pcap`), capture, capture.records.slice(ends[at], ends[at + 1])),
    )
    await loadInto(`${facts}-whole`, [path])
    await loadInto(facts, [files[0]!])
    await loadInto(facts, [files[1]!], { previous: files[0]! })
    await loadInto(facts, [files[2]!], { previous: files[1]!, final: true })
    for (const table of ['exchanges', 'kdc'] as const)
      expect(await rowsIn(facts, table), table).toHaveLength((await rowsIn(`${facts}-whole`, table)).length)
  })

  it('filtered is refused as a report, in JSON and in lines', async () => {
    for (const format of ['json', 'ndjson']) {
      const { out } = await printed(['analyze', OFFICE, '--client', '192.0.2.102', '--format', format])
      const report = join(place, `filtered.${format}`)
      writeFileSync(report, out)
      const facts = join(place, `filtered-${format}`)
      await expect(loadInto(facts, [report]), format).rejects.toThrow(/a report of .*: facts would be missing/)
      expect(await rowsIn(facts, 'exchanges'), format).toEqual([])
    }
  })

  it('two reports that have everything in common give each row once, however many rows', async () => {
    const folder = join(temporaryFolder(), 'facts')
    const loader = new Loader(await Folder.openOrMake(folder).begin('tap1', '0'.repeat(12)))
    const maker = { sensor: 'tap1', netOf: () => '' }
    const count = STORE_LIMITS.recentRows + 1_000
    for (let time = 0; time < 2; time++) {
      await loader.nextRun()
      for (let at = 0; at < count; at++) await loader.add('conversations', conversationFact(maker, conversation(at)))
    }
    await loader.commit({ sensor: 'tap1', inputs: [], version: 'test' })
    expect(loader.counts.conversations).toEqual({ added: count, replaced: 0, present: count, twins: 0 })
    const [first] = await rowsIn(folder, 'conversations')
    expect(first).toMatchObject({ client_ip: '10.0.0.0', connections: 1, load_id: expect.stringMatching(/^tap1-/) })
  })

  it('what a killed load left is not read', async () => {
    const facts = join(place, 'killed')
    await loadInto(facts, [OFFICE])
    const day = join(facts, 'exchanges', readdirSync(join(facts, 'exchanges'))[0]!)
    const [there] = readdirSync(day)
    copyFileSync(join(day, there!), join(day, 'tap1-000000000000-00000000.parquet'))
    mkdirSync(join(facts, 'gone'), { recursive: true })
    writeFileSync(join(facts, 'loads', 'tap1-000000000000-00000000.json.tmp-1-00'), '{')
    expect(await rowsIn(facts, 'exchanges')).toHaveLength(7)
  })
})
