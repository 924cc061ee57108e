/**
 * What users' captures look like: mirrors that show packets twice, taps of one direction, snap lengths, recordings that
 * begin late or end early, segments sent again in other pieces.
 */
import { placeOf, type Seen } from './disorder.ts'
import { packetOf } from './records.ts'

const RECORD_HEADER_BYTES = 16
const MAC_BYTES = 12
const TCP = 6
const FIN = 0x01
const SYN = 0x02

type Records = readonly Uint8Array[]

/** Every packet twice, the copy so many microseconds later, and in a VLAN if `tag` is one. */
export function doubled(records: Records, micros: number, tag: number | null): Seen {
  const all = records.flatMap((record, at) => {
    const copy = laterBy(tag === null ? record : tagged(record, tag), micros)
    return [
      { record, at: 2 * at },
      { record: copy, at: 2 * at + 1 },
    ]
  })
  all.sort((a, b) => timeOf(a.record) - timeOf(b.record) || a.at - b.at)
  const what = `doubled after ${micros} µs${tag === null ? '' : `, copies in VLAN ${tag}`}`
  return { what, records: all.map(({ record }) => record), isLoss: false }
}

/** Some packets twice, one directly behind the other. */
export function someDoubled(records: Records, random: () => number): Seen {
  return {
    what: 'some packets twice',
    records: records.flatMap((record) => (random() % 4 === 0 ? [record, record] : [record])),
    isLoss: false,
  }
}

/** Every segment is sent again in other pieces: its last bytes, or with those of the one before it. */
export function sentAgain(records: Records, random: () => number): Seen {
  const again = records.flatMap((record) => {
    const place = placeOf(record)
    const packet = packetOf(record)
    if (place?.protocol !== TCP || place.payloadBytes < 2 || packet.length < place.payloadAt + place.payloadBytes)
      return [record]
    const from = 1 + (random() % (place.payloadBytes - 1))
    return [record, tailOf(record, place.transportAt, place.payloadAt, from, place.payloadBytes - from)]
  })
  return { what: 'segments sent again in other pieces', records: again, isLoss: false }
}

/** Only what one side sends: of all conversations the side with the lower end, or the one with the higher. */
export function oneSided(records: Records, side: 'low' | 'high'): Seen {
  const kept = records.filter((record) => {
    const place = placeOf(record)
    return place === null || place.from < place.to === (side === 'low')
  })
  return { what: `only the ${side} side`, records: kept, isLoss: true }
}

/** Of every packet so many bytes. */
export function snapped(records: Records, length: number): Seen {
  const cut = records.map((record) => {
    if (record.length <= RECORD_HEADER_BYTES + length) return record
    const copy = Buffer.from(record.subarray(0, RECORD_HEADER_BYTES + length))
    copy.writeUInt32LE(length, 8)
    return copy
  })
  return { what: `snap length ${length}`, records: cut, isLoss: true }
}

/** The recording began so many packets later, or ended so many earlier. */
export function begunLate(records: Records, count: number): Seen {
  return { what: `without the first ${count}`, records: records.slice(count), isLoss: true }
}

export function endedEarly(records: Records, count: number): Seen {
  return { what: `without the last ${count}`, records: records.slice(0, records.length - count), isLoss: true }
}

/** No SYN, no SYN-ACK, no FIN: filters of switches leave out what has no payload. */
export function withoutHandshakes(records: Records): Seen {
  const kept = records.filter((record) => {
    const place = placeOf(record)
    return place?.protocol !== TCP || (packetOf(record)[place.transportAt + 13]! & (SYN | FIN)) === 0
  })
  return { what: 'without SYN and FIN', records: kept, isLoss: true }
}

/** Several packets are lost, one after the other or here and there. */
export function severalLost(records: Records, random: () => number): Seen {
  const at = random() % records.length
  const count = 2 + (random() % 4)
  const isRow = random() % 2 === 0
  const gone = new Set(Array.from({ length: count }, (_, number) => (isRow ? at + number : random() % records.length)))
  const what = `without frames ${[...gone].map((one) => one + 1).join(', ')}`
  return { what, records: records.filter((_, number) => !gone.has(number)), isLoss: true }
}

function tailOf(record: Uint8Array, transportAt: number, payloadAt: number, from: number, length: number): Uint8Array {
  const packet = Buffer.from(packetOf(record))
  const segment = Buffer.concat([
    packet.subarray(0, payloadAt),
    packet.subarray(payloadAt + from, payloadAt + from + length),
  ])
  const ip = 14
  if (segment.readUInt16BE(12) === 0x0800) segment.writeUInt16BE(payloadAt - ip + length, ip + 2)
  else segment.writeUInt16BE(payloadAt - ip - 40 + length, ip + 4)
  segment.writeUInt32BE((packet.readUInt32BE(transportAt + 4) + from) >>> 0, transportAt + 4)
  return withLength(record, segment)
}

function tagged(record: Uint8Array, vlan: number): Uint8Array {
  const packet = Buffer.from(packetOf(record))
  // links without addresses of Ethernet have no place for a tag
  if (placeOf(record) === null) return record
  const tag = Buffer.from([0x81, 0x00, vlan >> 8, vlan & 255])
  return withLength(record, Buffer.concat([packet.subarray(0, MAC_BYTES), tag, packet.subarray(MAC_BYTES)]))
}

function withLength(record: Uint8Array, packet: Uint8Array): Uint8Array {
  const head = Buffer.from(record.subarray(0, RECORD_HEADER_BYTES))
  head.writeUInt32LE(packet.length, 8)
  head.writeUInt32LE(packet.length, 12)
  return Buffer.concat([head, packet])
}

function timeOf(record: Uint8Array): number {
  const head = Buffer.from(record.buffer, record.byteOffset, RECORD_HEADER_BYTES)
  return head.readUInt32LE(0) * 1e6 + head.readUInt32LE(4)
}

function laterBy(record: Uint8Array, micros: number): Uint8Array {
  const copy = Buffer.from(record)
  const time = timeOf(record) + micros
  copy.writeUInt32LE(Math.floor(time / 1e6), 0)
  copy.writeUInt32LE(time % 1e6, 4)
  return copy
}
