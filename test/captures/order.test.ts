/**
 * One capture, seen otherwise: a packet of a conversation lost, neighbours of two sides in the other order, one side
 * late by up to five milliseconds, the same bytes in other segments. Never more exchanges than before, no verdict that
 * the whole capture does not give, and what is missing is named; where nothing is missing, the same is said.
 *
 * A few changes of each capture in the usual run, in all of them once each; all of all where ORDER_TEST=all.
 */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import {
  claimedBeyond,
  delayed,
  losses,
  placeOf,
  resegmented,
  type Seen,
  swapped,
  turns,
  without,
  withoutPlaces,
} from './disorder.ts'
import { BUNDLED, capturesBelow, LAB } from './folders.ts'
import { oneSided, snapped } from './otherwise.ts'
import { isPlainPcap, type PcapFile, readPcap, temporaryFolder, writePcap } from './packets.ts'

const EVERYTHING = process.env.ORDER_TEST === 'all'
/** changes of each kind that a capture gets */
const SAMPLED = 2
/** larger ones cost seconds and show nothing new */
const LARGE_PACKETS = 1500

const here = EVERYTHING && existsSync(LAB)
const captures = [...capturesBelow(BUNDLED), ...(here ? capturesBelow(LAB) : [])]
  .filter((path) => path.endsWith('.pcap') && isPlainPcap(path))
  .map((path, at) => ({ path, at, file: readPcap(path) }))
  .filter(({ at, file }) => file.records.length <= LARGE_PACKETS && (EVERYTHING || at % 2 === 0))

/** A few of them, others in each capture. */
function sampled<T>(all: readonly T[], at: number): readonly T[] {
  if (EVERYTHING || all.length <= SAMPLED) return all
  const step = all.length / SAMPLED
  return Array.from({ length: SAMPLED }, (_, number) => all[Math.floor(number * step + ((at * 7) % step))]!)
}

function* waysOf({ records }: PcapFile, at: number): Generator<Seen> {
  for (const lost of sampled(losses(records), at)) yield without(records, lost)
  for (const turn of sampled(turns(records), at)) yield swapped(records, turn)
  const late = (['low', 'high'] as const).flatMap((side) => [1500, 5000].map((micros) => [side, micros] as const))
  for (const [side, micros] of EVERYTHING ? late : [late[at % late.length]!]) yield delayed(records, side, micros)
  for (const size of EVERYTHING ? [1, 7, 32] : [[1, 7, 32][at % 3]!]) yield resegmented(records, size)
}

/** Something says that this is not all. */
function isNamed({ blindSpots, exchanges }: Report): boolean {
  return blindSpots.length > 0 || exchanges.some(({ visibility }) => visibility !== 'both')
}

describe('losses that once told too much', () => {
  const folder = temporaryFolder()

  it.each([
    // the command that names NTLM: without it nobody knows that the client did not choose
    ['mail/imap-ntlm.pcap', 13],
    ['mail/pop3-ntlm.pcap', 13],
    ['mail/smtp-ntlm.pcap', 16],
    // the request that renews a session, and the one that binds a channel to it
    ['smb/session-renewed.pcap', 25],
    ['smb/multichannel-ntlm.pcap', 46],
    // the answer that accepted a session, and the message that says who renews it
    ['smb/session-renewed.pcap', 12],
    ['smb/session-renewed.pcap', 21],
    // the request that asks a SOCKS server for a connection
    ['http/socks-ntlm.pcap', 12],
  ])('%s without frame %i', async (name, frame) => {
    const path = join(BUNDLED, name)
    const file = readPcap(path)
    const whole = await analyze([path])
    const lossy = await analyze([writePcap(join(folder, basename(name)), file, file.records.toSpliced(frame - 1, 1))])
    expect(claimedBeyond(lossy, whole)).toEqual([])
    expect(lossy.exchanges.length).toBeGreaterThan(0)
  })
})

describe('answers that are seen before what they answer', () => {
  const folder = temporaryFolder()

  it.skipIf(!existsSync(LAB))('a side that is late by 5 ms, where fifty answers come within them', async () => {
    const path = join(LAB, '23b-dcerpc-tcp-kerberos-seal.pcap')
    const file = readPcap(path)
    const late = await analyze([
      writePcap(join(folder, 'late.pcap'), file, delayed(file.records, 'high', 5000).records),
    ])
    expect(withoutPlaces(late)).toEqual(withoutPlaces(await analyze([path])))
  })

  it.each([
    'smb/kdc-reset.pcap',
    'smb/kdc-port-unreachable.pcap',
    'smb/kdc-not-in-dns.pcap',
    'kerberos/udp-fragments.pcap',
    'kerberos/etype-not-supported.pcap',
  ])('%s', async (name) => {
    const path = join(BUNDLED, name)
    const file = readPcap(path)
    const whole = await analyze([path])
    for (const side of ['low', 'high'] as const) {
      const late = await analyze([
        writePcap(join(folder, basename(name)), file, delayed(file.records, side, 5000).records),
      ])
      expect({ side, kdc: late.kdc.length, ...withoutPlaces(late) }).toEqual({
        side,
        kdc: whole.kdc.length,
        ...withoutPlaces(whole),
      })
    }
  })
})

describe('parts of a capture tell no second logon', () => {
  const folder = temporaryFolder()

  it.each([
    ['http/negotiate-kerberos.pcap', 'low', [200, 256, 400]],
    ['http/proxy-kerberos.pcap', 'high', [200]],
    ['ldap/spnego-ntlm-seal.pcap', 'high', [96]],
    ['mail/pop3-gssapi.pcap', 'high', [96, 128]],
    ['smb/multichannel-ntlm.pcap', 'high', [200]],
  ] as const)('%s', async (name, side, lengths) => {
    const path = join(BUNDLED, name)
    const file = readPcap(path)
    const whole = await analyze([path])
    for (const { what, records } of [
      oneSided(file.records, side),
      ...lengths.map((one) => snapped(file.records, one)),
    ]) {
      const seen = await analyze([writePcap(join(folder, basename(name)), file, records)])
      expect({ what, beyond: claimedBeyond(seen, whole) }).toEqual({ what, beyond: [] })
      expect({ what, exchanges: seen.exchanges.length, isNamed: isNamed(seen) }).toEqual({
        what,
        exchanges: whole.exchanges.length,
        isNamed: true,
      })
    }
  })
})

const oneSideAlone = temporaryFolder()

it('a challenge and its response lost: the last word of the server is one to the same logon', async () => {
  const path = join(BUNDLED, 'smb/kdc-port-unreachable.pcap')
  const file = readPcap(path)
  const whole = await analyze([path])
  const seen = await analyze([writePcap(join(oneSideAlone, basename(path)), file, file.records.toSpliced(48, 4))])
  expect(claimedBeyond(seen, whole)).toEqual([])
  expect(seen.exchanges.map(({ result, mechanism }) => [mechanism, result])).toEqual([['ntlm', 'success']])
})

it('a token that is cut off whole is no empty one: one side alone, and short', async () => {
  const path = join(BUNDLED, 'mirrors/from-clients.pcap')
  const file = readPcap(path)
  const whole = await analyze([path])
  for (let length = 60; length <= 240; length += 6) {
    const { what, records } = snapped(file.records, length)
    const seen = await analyze([writePcap(join(oneSideAlone, basename(path)), file, records)])
    expect({ what, beyond: claimedBeyond(seen, whole) }).toEqual({ what, beyond: [] })
  }
})

describe('a capture, seen otherwise', () => {
  const folder = temporaryFolder()

  it.each(captures)('$path', { timeout: 1_800_000 }, async ({ path, at, file }) => {
    const whole = await analyze([path])
    const known = withoutPlaces(whole)
    for (const { what, records, isLoss } of waysOf(file, at)) {
      const seen = await analyze([writePcap(join(folder, basename(path)), file, records)])
      expect({ what, beyond: claimedBeyond(seen, whole) }).toEqual({ what, beyond: [] })
      if (!isLoss) expect({ what, ...withoutPlaces(seen) }).toEqual({ what, ...known })
      else if (JSON.stringify(withoutPlaces(seen).exchanges) !== JSON.stringify(known.exchanges))
        expect({ what, isNamed: isNamed(seen) }).toEqual({ what, isNamed: true })
    }
  })

  it('the changes are what they say', () => {
    const file = readPcap(join(BUNDLED, 'smb/ntlm-no-spn.pcap'))
    const payload = (records: readonly Uint8Array[]) =>
      records.reduce((sum, record) => sum + (placeOf(record)?.payloadBytes ?? 0), 0)
    expect(losses(file.records).length).toBeGreaterThan(10)
    expect(turns(file.records).length).toBeGreaterThan(10)
    expect(payload(resegmented(file.records, 7).records)).toBe(payload(file.records))
    expect(resegmented(file.records, 7).records.length).toBeGreaterThan(2 * file.records.length)
    const late = delayed(file.records, 'low', 5000).records
    expect(late).toHaveLength(file.records.length)
    expect(late).not.toEqual(file.records)
  })
})
