/**
 * What a switch sends to this host: each datagram of TZSP, VXLAN or GENEVE becomes a packet of a capture (pcapng), with
 * headers of IP and UDP made anew. No privilege is needed, and no driver.
 *
 * The ports of those headers say what is inside, so that it is read as if it had been captured on the wire.
 */
import type { Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { Readable } from 'node:stream'

/** What each encapsulation is known by: IANA, and 37008 of TZSP. */
const PORTS: Readonly<Record<string, number>> = { tzsp: 37_008, vxlan: 4789, geneve: 6081 }

export interface Listening {
  readonly port: number
  /** that of the encapsulation, whatever port it is sent to */
  readonly meant: number
}

/** `udp:37008`, or `vxlan:9000` where the port is another one; null: it makes no sense */
export function listening(text: string): Listening | null {
  const [, kind, digits] = /^(udp|tzsp|vxlan|geneve):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (kind === undefined || port < 1 || port > 65_535) return null
  if (kind !== 'udp') return { port, meant: PORTS[kind]! }
  return Object.values(PORTS).includes(port) ? { port, meant: port } : null
}

const LINKTYPE_IPV4 = 228
const LINKTYPE_IPV6 = 229
const HEADER_SOURCE_PORT = 49_152

export interface ListenerOptions {
  /** microseconds since 1970 */
  readonly now?: () => number
  /** datagrams for which the system had no room at this port; null: it does not tell */
  readonly droppedBySystem?: (port: number) => number | null
  /** bytes that may wait to be read */
  readonly waitingMax?: number
}

/** A capture of what comes. */
export class Listener {
  readonly #socket: Socket
  readonly #meant: number
  readonly #now: () => number
  readonly #droppedBySystem: (port: number) => number | null
  readonly #port: number
  readonly stream: Readable
  datagrams = 0
  /** those that came while too many waited to be read */
  #left = 0
  #system: number | null = null
  #isOpen = true

  private constructor(socket: Socket, meant: number, options: ListenerOptions) {
    const { now = () => Date.now() * 1000, waitingMax = WAITING_MAX } = options
    this.#socket = socket
    this.#meant = meant
    this.#now = now
    this.#droppedBySystem = options.droppedBySystem ?? droppedBySystem
    this.#port = socket.address().port
    this.stream = new Readable({ read() {} })
    this.stream.push(Buffer.concat([sectionHeader(), interfaceOf(LINKTYPE_IPV4), interfaceOf(LINKTYPE_IPV6)]))
    socket.on('message', (payload, { address, port }) => {
      this.datagrams++
      if (this.stream.readableLength > waitingMax) this.#left++
      else this.stream.push(this.#packet(payload, address, port))
    })
  }

  /** Rejects where the port cannot be had; `message` is one line. */
  static async open({ port, meant }: Listening, options: ListenerOptions = {}): Promise<Listener> {
    // what no other command needs is loaded here
    const { createSocket } = await import('node:dgram')
    const socket = createSocket({ type: 'udp6', ipv6Only: false, reuseAddr: false })
    try {
      await bound(socket, port, '::')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
      // a machine without IPv6
      const older = createSocket('udp4')
      await bound(older, port, '0.0.0.0')
      return new Listener(older, meant, options)
    }
    return new Listener(socket, meant, options)
  }

  /**
   * Datagrams for which there was no room, here or in the system. Where the system does not tell, those alone that were
   * left out here, of which there may be more; null: none were, and nobody knows of the others.
   */
  get dropped(): number | null {
    if (this.#isOpen) this.#system = this.#droppedBySystem(this.#port)
    if (this.#system === null && this.#left === 0) return null
    return (this.#system ?? 0) + this.#left
  }

  close(): void {
    this.#system = this.#droppedBySystem(this.#port)
    this.#isOpen = false
    this.#socket.close()
    this.stream.push(null)
  }

  #packet(payload: Buffer, address: string, port: number): Buffer {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
    const v4 = mapped ?? (isIPv6(address) ? null : address)
    const udp = Buffer.alloc(8)
    udp.writeUInt16BE(port || HEADER_SOURCE_PORT, 0)
    udp.writeUInt16BE(this.#meant, 2)
    udp.writeUInt16BE(Math.min(0xffff, 8 + payload.length), 4)
    const header = v4 === null ? ipv6(address, 8 + payload.length) : ipv4(v4, 8 + payload.length)
    return enhancedPacket(v4 === null ? 1 : 0, this.#now(), Buffer.concat([header, udp, payload]))
  }
}

function bound(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((done, failed) => {
    socket.once('error', failed)
    socket.bind(port, address, () => {
      socket.off('error', failed)
      socket.on('error', () => {})
      try {
        socket.setRecvBufferSize(RECEIVE_BYTES)
      } catch {
        // as the system has it
      }
      done()
    })
  })
}

const RECEIVE_BYTES = 8 << 20
/** what may wait to be read */
const WAITING_MAX = 64 << 20

/** Linux counts for each socket what found its buffer full: the last column. */
function droppedBySystem(port: number): number | null {
  let sum: number | null = null
  for (const table of ['/proc/self/net/udp', '/proc/self/net/udp6']) {
    try {
      sum = (sum ?? 0) + droppedDatagrams(readFileSync(table, 'utf8'), port)
    } catch {
      // another system, or one without this version of IP
    }
  }
  return sum
}

/** `text`: a table of sockets, a line each: `sl local_address:port rem_address:port ... drops`. */
export function droppedDatagrams(text: string, port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(own) === true)
    .reduce((sum, columns) => sum + (Number(columns.at(-1)) || 0), 0)
}

function ipv4(source: string, length: number): Buffer {
  const header = Buffer.alloc(20)
  header[0] = 0x45
  header.writeUInt16BE(Math.min(0xffff, 20 + length), 2)
  header[8] = 64
  header[9] = 17
  Buffer.from(source.split('.').map(Number)).copy(header, 12)
  // to whom it was sent is not known: this host
  Buffer.from([127, 0, 0, 1]).copy(header, 16)
  let sum = 0
  for (let at = 0; at < 20; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  header.writeUInt16BE(~sum & 0xffff, 10)
  return header
}

function ipv6(source: string, length: number): Buffer {
  const header = Buffer.alloc(40)
  header[0] = 0x60
  header.writeUInt16BE(Math.min(0xffff, length), 4)
  header[6] = 17
  header[7] = 64
  groupsOf(source).forEach((group, at) => {
    header.writeUInt16BE(group, 8 + 2 * at)
  })
  header[39] = 1
  return header
}

/** Of an IPv6 address, with or without its zone. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [first, last] = [parse(head), parse(tail ?? '')]
  const zeros = new Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0)
  return [...first, ...(tail === undefined ? [] : zeros), ...last].slice(0, 8)
}

function sectionHeader(): Buffer {
  const block = Buffer.alloc(28)
  block.writeUInt32LE(0x0a0d0d0a, 0)
  block.writeUInt32LE(28, 4)
  block.writeUInt32LE(0x1a2b3c4d, 8)
  block.writeUInt16LE(1, 12)
  block.writeBigInt64LE(-1n, 16)
  block.writeUInt32LE(28, 24)
  return block
}

function interfaceOf(linkType: number): Buffer {
  const block = Buffer.alloc(20)
  block.writeUInt32LE(1, 0)
  block.writeUInt32LE(20, 4)
  block.writeUInt16LE(linkType, 8)
  block.writeUInt32LE(20, 16)
  return block
}

function enhancedPacket(id: number, micros: number, packet: Buffer): Buffer {
  const padded = (packet.length + 3) & ~3
  const block = Buffer.alloc(32 + padded)
  block.writeUInt32LE(6, 0)
  block.writeUInt32LE(block.length, 4)
  block.writeUInt32LE(id, 8)
  block.writeUInt32LE(Math.floor(micros / 2 ** 32), 12)
  block.writeUInt32LE((micros % 2 ** 32) >>> 0, 16)
  block.writeUInt32LE(packet.length, 20)
  block.writeUInt32LE(packet.length, 24)
  packet.copy(block, 28)
  block.writeUInt32LE(block.length, 28 + padded)
  return block
}
