/**
 * Where in the blocks of a capture an NTLMSSP signature stands, so that no token in clear is passed over because no
 * carrier claims its conversation.
 *
 * Hot: two comparisons a packet. A block is searched once for each form of the signature (raw, base64), natively:
 * needles below eight bytes are found by their first byte at 10 GB/s and more, longer ones by a slower search. What is
 * found is checked for a message type behind it.
 */
import type { Packet } from './packet.ts'

const RAW = Buffer.from('NTLMSSP', 'latin1')
const TEXT = Buffer.from('TlRMTVN', 'latin1')
const TEXT_REST = Buffer.from('TUAA', 'latin1')

/** The search through the present block of one capture. */
class Search {
  block = -1
  /** the next signature of either form, or beyond every packet */
  next = Number.MAX_SAFE_INTEGER
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  #raw = 0
  #text = 0

  begin(packet: Packet): void {
    this.block = packet.block
    const { buffer, byteOffset } = packet.bytes
    this.#bytes = Buffer.from(buffer, byteOffset, packet.blockEnd)
    this.#end = packet.blockEnd
    this.#raw = this.#find(RAW, packet.start, isRaw)
    this.#text = this.#find(TEXT, packet.start, isText)
    this.next = Math.min(this.#raw, this.#text)
  }

  /** Does the next one stand in this packet? It is passed. */
  isIn(packet: Packet): boolean {
    const end = packet.start + packet.captured
    let found = false
    while (this.next < end) {
      if (this.next >= packet.start) found = true
      const from = Math.max(this.next + 1, found ? end : packet.start)
      if (this.#raw < from) this.#raw = this.#find(RAW, from, isRaw)
      if (this.#text < from) this.#text = this.#find(TEXT, from, isText)
      this.next = Math.min(this.#raw, this.#text)
    }
    return found
  }

  #find(needle: Buffer, from: number, is: (bytes: Buffer, at: number, end: number) => boolean): number {
    const bytes = this.#bytes
    for (let at = bytes.indexOf(needle, from); at >= 0; at = bytes.indexOf(needle, at + 1)) {
      if (is(bytes, at, this.#end)) return at
    }
    return Number.MAX_SAFE_INTEGER
  }
}

export class SignatureWatch {
  readonly #searches: Search[] = []

  /** Does a signature begin in the bytes of this packet? Asked once for each packet, in their order. */
  isIn(packet: Packet): boolean {
    const search = this.#searches[packet.capture] ?? this.#add(packet.capture)
    if (search.block !== packet.block) search.begin(packet)
    return packet.start + packet.captured > search.next && search.isIn(packet)
  }

  #add(capture: number): Search {
    const search = new Search()
    this.#searches[capture] = search
    return search
  }
}

interface Payload {
  readonly bytes: Uint8Array
  readonly payloadStart: number
  readonly payloadLength: number
}

/** Is there one in these bytes? For a payload that stands in another buffer than its packet (fragments). */
export function hasSignature({ bytes, payloadStart, payloadLength }: Payload): boolean {
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + payloadStart, payloadLength)
  return part.includes(RAW) || part.includes(TEXT)
}

/** `\0` and MessageType 1, 2 or 3 follow, as far as the bytes go. */
function isRaw(bytes: Buffer, at: number, end: number): boolean {
  const type = at + 8
  if (at + 7 < end && bytes[at + 7] !== 0) return false
  if (type < end && (bytes[type]! < 1 || bytes[type]! > 3)) return false
  for (let i = type + 1; i < Math.min(type + 4, end); i++) if (bytes[i] !== 0) return false
  return true
}

function isText(bytes: Buffer, at: number, end: number): boolean {
  for (let i = 0; i < TEXT_REST.length && at + 7 + i < end; i++) if (bytes[at + 7 + i] !== TEXT_REST[i]) return false
  return true
}
