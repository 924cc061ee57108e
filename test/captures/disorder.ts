/**
 * The same conversations, seen otherwise: a packet lost, neighbours in the other order, one side late. And what may not
 * change by it.
 */
import type { AuthExchange } from '../../src/facts/exchange.ts'
import type { Report } from '../../src/report/report.ts'
import { packetOf } from './records.ts'

const RECORD_HEADER_BYTES = 16
const ETHERNET_BYTES = 14
const TCP = 6
const UDP = 17

/** One way to see a capture: what was done to it, and its records. */
export interface Seen {
  readonly what: string
  readonly records: readonly Uint8Array[]
  /** packets with payload are missing */
  readonly isLoss: boolean
}

interface Place {
  /** sender and receiver with their ports, as bytes */
  readonly from: string
  readonly to: string
  readonly protocol: number
  /** where its header and its payload begin */
  readonly transportAt: number
  readonly payloadAt: number
  readonly payloadBytes: number
}

/** Where a packet belongs; null: not plain Ethernet with IPv4 or IPv6 and TCP or UDP. */
export function placeOf(record: Uint8Array): Place | null {
  const packet = Buffer.from(packetOf(record))
  if (packet.length < ETHERNET_BYTES + 28) return null
  const type = packet.readUInt16BE(12)
  const ip = ETHERNET_BYTES
  const isIpv4 = type === 0x0800
  if (!isIpv4 && type !== 0x86dd) return null
  const protocol = packet[isIpv4 ? ip + 9 : ip + 6]!
  if (protocol !== TCP && protocol !== UDP) return null
  // a fragment shows no ports
  if (isIpv4 && (packet.readUInt16BE(ip + 6) & 0x3fff) !== 0) return null
  const transport = isIpv4 ? ip + 4 * (packet[ip]! & 15) : ip + 40
  const end = isIpv4 ? ip + packet.readUInt16BE(ip + 2) : transport + packet.readUInt16BE(ip + 4)
  if (packet.length < transport + (protocol === TCP ? 20 : 8)) return null
  const size = isIpv4 ? 4 : 16
  const addresses = isIpv4 ? ip + 12 : ip + 8
  const endOf = (address: number, port: number) =>
    `${packet.toString('hex', address, address + size)}:${packet.readUInt16BE(port)}`
  const payload = transport + (protocol === TCP ? 4 * (packet[transport + 12]! >> 4) : 8)
  return {
    from: endOf(addresses, transport),
    to: endOf(addresses + size, transport + 2),
    protocol,
    transportAt: transport,
    payloadAt: payload,
    payloadBytes: Math.max(0, end - payload),
  }
}

/** Each packet with payload left out, by its number in the file. */
export function losses(records: readonly Uint8Array[]): number[] {
  return records.flatMap((record, at) => ((placeOf(record)?.payloadBytes ?? 0) > 0 ? [at] : []))
}

export function without(records: readonly Uint8Array[], at: number): Seen {
  return { what: `without frame ${at + 1}`, records: records.toSpliced(at, 1), isLoss: true }
}

/** Packets of a conversation whose successor in the file is of the same conversation and of its opposite side. */
export function turns(records: readonly Uint8Array[]): number[] {
  const places = records.map(placeOf)
  return places.flatMap((place, at) => {
    const next = places[at + 1]
    return place && next && place.protocol === next.protocol && place.from === next.to && place.to === next.from
      ? [at]
      : []
  })
}

/** The two packets have changed places; the times stay where they are. */
export function swapped(records: readonly Uint8Array[], at: number): Seen {
  const [one, other] = [records[at]!, records[at + 1]!]
  const changed = records.toSpliced(at, 2, atTimeOf(other, one), atTimeOf(one, other))
  return { what: `frames ${at + 1} and ${at + 2} swapped`, records: changed, isLoss: false }
}

/**
 * The packets of one side come later by so many microseconds: of all conversations the side with the lower end, or with
 * the higher one.
 */
export function delayed(records: readonly Uint8Array[], side: 'low' | 'high', micros: number): Seen {
  const late = records.map((record) => {
    const place = placeOf(record)
    if (place === null || place.from < place.to !== (side === 'low')) return record
    return withTime(record, timeOf(record) + micros)
  })
  // a stable sort: what came at the same time stays as it was
  const sorted = late.map((record, at) => ({ record, at, time: timeOf(record) }))
  sorted.sort((a, b) => a.time - b.time || a.at - b.at)
  return { what: `the ${side} side ${micros} µs late`, records: sorted.map(({ record }) => record), isLoss: false }
}

/** Every TCP segment in segments of so many bytes, at the same time. */
export function resegmented(records: readonly Uint8Array[], size: number): Seen {
  const cut = records.flatMap((record) => {
    const place = placeOf(record)
    const packet = packetOf(record)
    const whole = place !== null && packet.length >= place.payloadAt + place.payloadBytes
    if (!whole || place.protocol !== TCP || place.payloadBytes <= size) return [record]
    const flags = packet[place.transportAt + 13]!
    return Array.from({ length: Math.ceil(place.payloadBytes / size) }, (_, number) => {
      const from = number * size
      const isLast = from + size >= place.payloadBytes
      // a SYN comes with the first, FIN and PSH with the last
      const kept = flags & ~(isLast ? 0 : 0x09) & ~(number === 0 ? 0 : 0x02)
      return segmentOf(record, place, from, Math.min(size, place.payloadBytes - from), kept)
    })
  })
  return { what: `in segments of ${size}`, records: cut, isLoss: false }
}

function segmentOf(record: Uint8Array, place: Place, from: number, length: number, flags: number): Uint8Array {
  const { payloadAt, transportAt } = place
  const packet = Buffer.from(packetOf(record))
  const segment = Buffer.concat([
    packet.subarray(0, payloadAt),
    packet.subarray(payloadAt + from, payloadAt + from + length),
  ])
  const isIpv4 = segment.readUInt16BE(12) === 0x0800
  if (isIpv4) segment.writeUInt16BE(payloadAt - ETHERNET_BYTES + length, ETHERNET_BYTES + 2)
  else segment.writeUInt16BE(payloadAt - ETHERNET_BYTES - 40 + length, ETHERNET_BYTES + 4)
  const isSyn = (packet[transportAt + 13]! & 0x02) !== 0 && from > 0
  segment.writeUInt32BE((packet.readUInt32BE(transportAt + 4) + from + (isSyn ? 1 : 0)) >>> 0, transportAt + 4)
  segment[transportAt + 13] = flags
  const head = Buffer.from(record.subarray(0, RECORD_HEADER_BYTES))
  head.writeUInt32LE(segment.length, 8)
  head.writeUInt32LE(segment.length, 12)
  return Buffer.concat([head, segment])
}

function timeOf(record: Uint8Array): number {
  const view = Buffer.from(record.buffer, record.byteOffset, RECORD_HEADER_BYTES)
  return view.readUInt32LE(0) * 1e6 + view.readUInt32LE(4)
}

function withTime(record: Uint8Array, time: number): Uint8Array {
  const copy = Buffer.from(record)
  copy.writeUInt32LE(Math.floor(time / 1e6), 0)
  copy.writeUInt32LE(time % 1e6, 4)
  return copy
}

function atTimeOf(record: Uint8Array, other: Uint8Array): Uint8Array {
  const copy = Buffer.from(record)
  copy.set(other.subarray(0, 8), 0)
  return copy
}

// --- what may not change
// --------------------------------------------------------------------------------------------------------

const flowOf = ({ client, server }: AuthExchange) =>
  [`${client.ip}:${client.port}`, `${server.ip}:${server.port}`].sort().join(' - ')

type Told = (exchange: AuthExchange) => string | null

/** What is told of an exchange, and told again of no more exchanges than before. Null is no claim. */
const CLAIMS: Readonly<Record<string, Told>> = {
  exchanges: () => 'one',
  mechanism: ({ mechanism }) => (mechanism === 'unknown' || mechanism === 'other' ? null : mechanism),
  result: ({ result }) => (result === 'unknown' ? null : result),
  fallback: ({ fallback }) => (fallback === null ? null : String(fallback)),
  origin: ({ origin, fallback }) => (origin === 'unknown' || fallback === null ? null : origin),
  cause: ({ cause }) => (cause === null || cause.code === 'RC99' ? null : cause.code),
  user: ({ principal }) => principal?.user ?? null,
  domain: ({ principal }) => principal?.domain ?? null,
  spn: ({ target }) => target?.spn ?? null,
}

function claimsOf(exchanges: readonly AuthExchange[], told: Told): Map<string, number> {
  const counts = new Map<string, number>()
  for (const exchange of exchanges) {
    const value = told(exchange)
    if (value === null) continue
    const claim = `${flowOf(exchange)} ${value}`
    counts.set(claim, (counts.get(claim) ?? 0) + 1)
  }
  return counts
}

/** What the report of the changed capture claims and that of the whole does not. */
export function claimedBeyond(changed: Report, whole: Report): string[] {
  return Object.entries(CLAIMS).flatMap(([name, told]) => {
    const known = claimsOf(whole.exchanges, told)
    // without its AUTHENTICATE_MESSAGE nobody knows that a logon was one of nobody: it is NTLM
    for (const [claim, count] of name === 'mechanism' ? [...known] : [])
      if (claim.endsWith(' anonymous')) {
        const asNtlm = claim.replace(/anonymous$/, 'ntlm')
        known.set(asNtlm, (known.get(asNtlm) ?? 0) + count)
      }
    return [...claimsOf(changed.exchanges, told)]
      .filter(([claim, count]) => count > (known.get(claim) ?? 0))
      .map(([claim, count]) => `${name}: ${claim} (${count}, not ${known.get(claim) ?? 0})`)
  })
}

/** What is told of authentications, but for when and where it was seen. */
export function withoutPlaces({ exchanges, findings, pairs }: Report) {
  return {
    exchanges: exchanges.map((exchange) => JSON.stringify([flowOf(exchange), ...placeless(exchange)])).sort(),
    findings: findings.map(({ id, client, server, count }) => JSON.stringify([id, client, server, count])).sort(),
    pairs: pairs
      .map(({ client, server, service, verdict }) => JSON.stringify([client.ip, server.ip, service, verdict]))
      .sort(),
  }
}

function placeless(exchange: AuthExchange): unknown[] {
  const { mechanism, origin, fallback, cause, result, status, visibility, principal, target, offered } = exchange
  const { channelBinding, service, carrier, ntlm, kerberos, smb } = exchange
  const why = cause === null ? null : [cause.code, cause.confidence, [...cause.missing].sort()]
  const who = [principal, target, offered, channelBinding, service, carrier]
  const how = [ntlm?.ntlmVersion, ntlm?.mic, kerberos?.sname, kerberos?.errorCode, smb?.effective, smb?.dialect]
  return [mechanism, origin, fallback, why, result, status?.name, visibility, ...who, ...how]
}
