/** Floods of handshakes of TLS in EAP in RADIUS, as many as are followed at a time, that never end. */

import { LIMITS } from '../src/memory/limits.ts'
import { concat } from '../test/builders/net.ts'
import type { FrameWriter } from './frames.ts'

interface EapFlood {
  readonly name: string
  readonly what: string
  readonly count: number
  readonly write: (writer: FrameWriter, count: number) => void
}

const CLIENTS = 0x0a010000
const SERVER = 0x0a020101
const ACCESS_REQUEST = 1
const ACCESS_CHALLENGE = 11
const PEAP = 25
const MORE = 0x40

const u16 = (value: number) => Uint8Array.of(value >>> 8, value)
const attribute = (type: number, value: Uint8Array) => concat(Uint8Array.of(type, value.length + 2), value)
const STATE = attribute(24, Uint8Array.of(5))

function packet(code: number, ...attributes: Uint8Array[]): Uint8Array {
  const all = concat(...attributes)
  return concat(Uint8Array.of(code, 7), u16(20 + all.length), new Uint8Array(16).fill(7), all)
}

/** A packet of PEAP, in as many attributes as it takes. */
function inEap(code: number, identifier: number, flags: number, data: Uint8Array): Uint8Array {
  const bytes = concat(Uint8Array.of(code, identifier), u16(data.length + 6), Uint8Array.of(PEAP, flags), data)
  const parts: Uint8Array[] = []
  for (let from = 0; from < bytes.length; from += 253) parts.push(attribute(79, bytes.subarray(from, from + 253)))
  return concat(...parts)
}

/** `count` parts of so many bytes, of a hello that goes on; one of each handshake in turn. */
function inParts(size: number): EapFlood['write'] {
  return (writer, count) => {
    const put = (from: 0 | 1, client: number, bytes: Uint8Array) => {
      const ends = [CLIENTS + client, SERVER] as const
      const ports = [5000, 1812] as const
      writer.udp(ends[from], ends[1 - from]!, ports[from], ports[1 - from]!)
      writer.put(bytes, 0, bytes.length)
      writer.finish()
      writer.advance(2)
    }
    const hello = packet(ACCESS_REQUEST, inEap(2, 1, MORE, Uint8Array.of(22, 3, 1, 255, 255, 1)))
    const answer = packet(ACCESS_CHALLENGE, inEap(1, 2, 0, new Uint8Array(0)), STATE)
    for (let client = 0; client < LIMITS.eapTunnelsMax; client++) {
      put(0, client, hello)
      put(1, client, answer)
    }
    const data = new Uint8Array(size).fill(7)
    const parts = Array.from({ length: 256 }, (_, at) => packet(ACCESS_REQUEST, inEap(2, at, MORE, data), STATE))
    for (let at = 0; at < count; at++) {
      const turn = Math.floor(at / LIMITS.eapTunnelsMax)
      put(0, at % LIMITS.eapTunnelsMax, parts[(turn + 2) & 255]!)
    }
  }
}

export const EAP_FLOODS: readonly EapFlood[] = [
  {
    name: 'eap-crumbs',
    what: 'handshakes of TLS in EAP, in parts of one byte, that never end',
    count: 2_000_000,
    write: inParts(1),
  },
  {
    name: 'eap-parts',
    what: 'handshakes of TLS in EAP, in parts of 1,000 bytes, that never end',
    count: 100_000,
    write: inParts(1000),
  },
]
