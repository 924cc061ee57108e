/**
 * Writes a capture as it goes: classic pcap, Ethernet, IPv4, TCP and UDP, headers from plain numbers, in constant
 * memory.
 *
 * A packet is opened, filled with `put` and finished; its bytes go straight into one output buffer. Checksums are zero,
 * TCP has no options. `finishImpaired` is the span port on a bad day: a packet that is lost, comes twice, or comes
 * late.
 */
import { writeSync } from 'node:fs'

export const FIN = 0x01
export const SYN = 0x02
export const PSH = 0x08
export const ACK = 0x10

/** Payload of a full TCP segment and of a full UDP datagram. */
export const MSS = 1460

const OUT_BYTES = 1 << 20
/** record header and the longest packet that is written here, twice */
const ROOM_BYTES = 4096
const RECORD_BYTES = 16
const ETHERNET_BYTES = 14
const IP_BYTES = 20
const START_SECONDS = 1_772_409_600

export class FrameWriter {
  bytes = 0
  packets = 0
  /** packets to or from one of these ports, for the description of a mix */
  readonly portPackets = new Float64Array(65_536)
  readonly #descriptor: number
  readonly #out = Buffer.allocUnsafeSlow(OUT_BYTES)
  #at = 0
  #packetAt = 0
  #protocol = 0
  #seconds = START_SECONDS
  #micros = 0
  #identification = 0
  #late: Buffer | null = null
  #lateFor = 0

  constructor(descriptor: number) {
    this.#descriptor = descriptor
    const header = Buffer.alloc(24)
    header.writeUInt32LE(0xa1b2c3d4, 0)
    header.writeUInt16LE(2, 4)
    header.writeUInt16LE(4, 6)
    header.writeUInt32LE(262_144, 16)
    header.writeUInt32LE(1, 20)
    this.put(header, 0, header.length)
    this.bytes = header.length
  }

  /** The clock of the capture goes on. */
  advance(micros: number): void {
    this.#micros += micros
    while (this.#micros >= 1_000_000) {
      this.#micros -= 1_000_000
      this.#seconds++
    }
  }

  tcp(
    source: number,
    destination: number,
    sourcePort: number,
    destinationPort: number,
    seq: number,
    ack: number,
    flags: number,
  ): void {
    this.ip(source, destination, 6)
    this.portPackets[sourcePort]!++
    this.portPackets[destinationPort]!++
    const out = this.#out
    let at = this.#at
    at = u16(out, at, sourcePort)
    at = u16(out, at, destinationPort)
    at = u32(out, at, seq)
    at = u32(out, at, ack)
    at = u16(out, at, 0x5000 | flags)
    at = u16(out, at, 64_240)
    this.#at = u32(out, at, 0)
  }

  udp(source: number, destination: number, sourcePort: number, destinationPort: number): void {
    this.ip(source, destination, 17)
    this.portPackets[sourcePort]!++
    this.portPackets[destinationPort]!++
    const out = this.#out
    let at = this.#at
    at = u16(out, at, sourcePort)
    at = u16(out, at, destinationPort)
    this.#at = u32(out, at, 0)
  }

  /** The IP header alone; `fragment` is its field of flags and offset. */
  ip(source: number, destination: number, protocol: number, fragment = 0x4000, identification = -1): void {
    if (this.#at + ROOM_BYTES > OUT_BYTES) this.flush()
    const out = this.#out
    this.#packetAt = this.#at
    this.#protocol = protocol
    let at = this.#at
    at = u32le(out, at, this.#seconds)
    at = u32le(out, at, this.#micros) + 8
    // towards the higher address, or back: two stations are enough
    const up = source < destination ? 1 : 2
    at = u32(out, at, 0x02000000)
    at = u32(out, at, (up << 16) | 0x0200)
    at = u32(out, at, 3 - up)
    at = u16(out, at, 0x0800)
    at = u32(out, at, 0x45000000)
    this.#identification = (this.#identification + 1) & 0xffff
    at = u16(out, at, identification < 0 ? this.#identification : identification)
    at = u16(out, at, fragment)
    at = u32(out, at, 0x40000000 | (protocol << 16))
    at = u32(out, at, source)
    this.#at = u32(out, at, destination)
  }

  put(bytes: Uint8Array, from: number, to: number): void {
    this.#out.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#at)
    this.#at += to - from
  }

  finish(): void {
    this.#lengths()
    this.#count(this.#at - this.#packetAt)
    if (this.#late !== null && --this.#lateFor <= 0) this.#writeLate()
  }

  /** `fate` in 0 to 9999: 10 of them lose the packet, 20 repeat it, 30 put it behind the packets that follow. */
  finishImpaired(fate: number): void {
    if (fate >= 60) {
      this.finish()
      return
    }
    this.#lengths()
    const length = this.#at - this.#packetAt
    if (fate < 10) this.#at = this.#packetAt
    else if (fate < 30) {
      this.#out.copy(this.#out, this.#at, this.#packetAt, this.#at)
      this.#at += length
      this.#count(length)
      this.#count(length)
    } else if (this.#late === null) {
      this.#late = Buffer.from(this.#out.subarray(this.#packetAt, this.#at))
      this.#lateFor = 1 + (fate & 3)
      this.#at = this.#packetAt
    } else this.#count(length)
  }

  end(): void {
    if (this.#late !== null) this.#writeLate()
    this.flush()
  }

  flush(): void {
    for (let at = 0; at < this.#at; ) {
      try {
        at += writeSync(this.#descriptor, this.#out, at, this.#at - at)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
      }
    }
    this.#at = 0
  }

  #lengths(): void {
    const out = this.#out
    const ip = this.#packetAt + RECORD_BYTES + ETHERNET_BYTES
    const length = this.#at - ip
    u32le(out, this.#packetAt + 8, length + ETHERNET_BYTES)
    u32le(out, this.#packetAt + 12, length + ETHERNET_BYTES)
    u16(out, ip + 2, length)
    if (this.#protocol === 17) u16(out, ip + IP_BYTES + 4, length - IP_BYTES)
  }

  #count(length: number): void {
    this.packets++
    this.bytes += length
  }

  /** Its time is when it was captured, that is now. */
  #writeLate(): void {
    const late = this.#late!
    this.#late = null
    if (this.#at + ROOM_BYTES > OUT_BYTES) this.flush()
    u32le(late, 0, this.#seconds)
    u32le(late, 4, this.#micros)
    this.put(late, 0, late.length)
    this.#count(late.length)
  }
}

function u16(out: Buffer, at: number, value: number): number {
  out[at] = value >>> 8
  out[at + 1] = value
  return at + 2
}

function u32(out: Buffer, at: number, value: number): number {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
  return at + 4
}

function u32le(out: Buffer, at: number, value: number): number {
  out[at] = value
  out[at + 1] = value >>> 8
  out[at + 2] = value >>> 16
  out[at + 3] = value >>> 24
  return at + 4
}
