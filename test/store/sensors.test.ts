/**
 * What one sensor lacks another saw: the traffic with the KDC is captured at site A, everything else at site B.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, askSql } from '../../src/questions/asking.ts'
import { NO_LIMITS } from '../../src/questions/catalogue.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { Folder } from '../../src/store/folder.ts'
import { check, compact } from '../../src/store/upkeep.ts'
import { loadInto, rowsIn } from '../builders/facts.ts'
import { packetOf, readPcap, temporaryFolder, writePcap } from '../captures/packets.ts'

const KDC_PORT = 88

/** Ethernet and IPv4, as the bundled captures are. */
function isWithKdc(record: Uint8Array): boolean {
  const packet = packetOf(record)
  if (packet[12] !== 8 || packet[13] !== 0) return false
  const ports = 14 + (packet[14]! & 15) * 4
  const port = (at: number) => packet[at]! * 256 + packet[at + 1]!
  return port(ports) === KDC_PORT || port(ports + 2) === KDC_PORT
}

describe.each(['the site with the KDC first', 'the site with the KDC last'])('%s', (order) => {
  it('explains the fallback, and says whose frames prove it', async () => {
    const place = temporaryFolder()
    const file = readPcap('captures/office/office.pcap')
    const kdc = writePcap(join(place, 'kdc.pcap'), file, file.records.filter(isWithKdc))
    const rest = writePcap(
      join(place, 'rest.pcap'),
      file,
      file.records.filter((record) => !isWithKdc(record)),
    )
    const facts = join(place, 'facts')
    const loads = [
      [kdc, 'site-a'],
      [rest, 'site-b'],
    ] as const
    for (const [input, sensor] of order.endsWith('first') ? loads : loads.toReversed())
      await loadInto(facts, [input], { sensor })

    const whole = join(place, 'whole')
    await loadInto(whole, ['captures/office/office.pcap'])
    const [rows, wanted] = [await rowsIn(facts, 'exchanges'), await rowsIn(whole, 'exchanges')]
    expect(rows).toHaveLength(wanted.length)
    const refused = wanted.filter(({ cause }) => cause === 'RC01')
    expect(refused.length).toBeGreaterThan(0)
    for (const one of refused) {
      const found = rows.find(({ uid }) => uid === one.uid)!
      expect(found).toMatchObject({ sensor: 'site-b', cause: 'RC01', cause_sensor: 'site-a' })
      const { cause } = JSON.parse(String(found.detail))
      expect(cause.frames.some((frame: unknown) => String(frame).startsWith(`site-a:${kdc}:`))).toBe(true)
    }
    // nobody else gets another cause than the whole capture gives
    for (const row of rows) {
      const same = wanted.find(({ uid }) => uid === row.uid)
      if (row.cause !== null && row.cause !== 'RC99') expect(row.cause).toBe(same?.cause)
    }

    const folder = Folder.open(facts)
    const before = await rowsIn(facts, 'exchanges')
    await compact(folder)
    expect((await rowsIn(facts, 'exchanges')).map(({ key, cause }) => [key, cause])).toEqual(
      before.map(({ key, cause }) => [key, cause]),
    )
    expect(await check(folder)).toMatchObject({ loads: 2, removed: [], damaged: [], running: [] })
  })
})

describe('questions about what two taps saw', () => {
  it('count a logon once, whoever is asked, and say how many saw it', async () => {
    const place = temporaryFolder()
    const file = readPcap('captures/office/office.pcap')
    const facts = join(place, 'facts')
    // the second has all of it, so that its rows are as good; the first is the one that counts where nobody is named
    const part = writePcap(join(place, 'part.pcap'), file, file.records.slice(0, file.records.length - 1))
    await loadInto(facts, ['captures/office/office.pcap'], { sensor: 'a' })
    await loadInto(facts, [part], { sensor: 'b' })
    await loadInto(facts, ['captures/smb/ntlm-no-spn.pcap'], { sensor: 'c' })
    const duck = await DuckDb.open(facts)
    const asked = async (sensor: readonly string[]) => {
      const scope = { zone: 'UTC', limits: { ...NO_LIMITS, sensor } }
      const { columns, rows } = await ask(duck, 'pairs-seen', scope)
      const [logons, sensors] = ['logons', 'sensors'].map((name) => columns.indexOf(name)) as [number, number]
      const [[total]] = (await askSql(duck, 'select count(*) from exchanges', scope)).rows as [[number]]
      return {
        logons: rows.reduce((sum, row) => sum + Number(row[logons]), 0),
        sensors: new Set(rows.map((row) => row[sensors])),
        total,
      }
    }
    const more = (await rowsIn(facts, 'exchanges')).length - 7
    expect(more).toBeGreaterThan(0)
    expect(await asked([])).toMatchObject({ logons: 7 + more, total: 7 + more })
    for (const one of ['a', 'b']) expect(await asked([one])).toEqual({ logons: 7, total: 7, sensors: new Set([1]) })
    expect(await asked(['b', 'a'])).toEqual({ logons: 7, total: 7, sensors: new Set([2]) })
    expect(await asked(['b', 'c'])).toMatchObject({ logons: 7 + more, total: 7 + more })
    expect(await asked(['d'])).toEqual({ logons: 0, total: 0, sensors: new Set() })
    await duck.close()
  })
})
