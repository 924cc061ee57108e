/**
 * Formats that print no identity of an exchange are written of a run that makes none, and say the same; all others
 * need them.
 */
import { describe, expect, it } from 'vitest'
import type { AuthExchange, KdcExchange } from '../../../src/facts/exchange.ts'
import { FORMATS, type Format, namesOf, WITHOUT_UIDS } from '../../../src/output/formats.ts'
import { analyze } from '../../../src/run/analyze.ts'

const OFFICE = 'captures/office/office.pcap'

async function written(uids: boolean): Promise<Map<Format, string>> {
  const exchanges: AuthExchange[] = []
  const kdc: KdcExchange[] = []
  const report = await analyze([OFFICE], {
    uids,
    onExchange: (one) => exchanges.push(one),
    onKdc: (one) => kdc.push(one),
  })
  expect(exchanges.length * kdc.length).toBeGreaterThan(0)
  for (const { uid, communityId } of [...exchanges, ...kdc])
    expect([uid !== '', communityId !== '']).toEqual([uids, uids])
  const texts = new Map<Format, string>()
  for (const format of namesOf(FORMATS)) {
    const words = { columns: 160, color: false, table: 'exchanges', sensor: 'here', version: '0' } as const
    const writer = (await FORMATS[format]())(words)
    const each = [...exchanges.map((one) => writer.exchange?.(one)), ...kdc.map((one) => writer.kdc?.(one))]
    texts.set(format, [writer.begin?.(), ...each, ...writer.end(report)].join(''))
  }
  return texts
}

describe('a run without identities', () => {
  it('gives the same in the formats that print none, and in no other', async () => {
    const [without, with_] = [await written(false), await written(true)]
    const same = namesOf(FORMATS).filter((format) => without.get(format) === with_.get(format))
    expect(same.toSorted()).toEqual([...WITHOUT_UIDS].toSorted())
  })
})
