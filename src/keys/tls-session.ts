/**
 * One TLS connection with its keys: records in, handshake messages and plain text out.
 *
 * Specification: RFC 5246 7, RFC 8446 4, 5 and 7, RFC 5077 (tickets), RFC 7627, RFC 8446 4.2.10 (0-RTT). It follows both directions through handshakes,
 * renegotiation, resumption and key updates. Behind a hole it looks for the place and the number of the next record: whatever opens is right, since its tag
 * is the proof. Memory is bounded; of secrets it keeps those of the present keys. Everything that it gives away is public or plain text, borrowed for the call.
 */
import { createHash, type KeyObject } from 'node:crypto'
import { type Cipher, cipherOf } from '../../decoders/parts/cipher-suites.ts'
import { deleteOldest } from '../oldest.ts'
import { bindingOf } from './channel-binding.ts'
import type { KeyLog, TlsSecrets } from './key-log.ts'
import {
  decryptPremaster,
  exportedBinding,
  exportedBindings12,
  type Handshake,
  keyBlock,
  MASTER_BYTES,
  masterSecret,
  nextTrafficSecret,
  TLS_1_0,
  TLS_1_3,
  trafficKeys,
} from './key-schedule.ts'
import { RECORD_HEADER_BYTES, RecordKeys } from './tls-records.ts'

/** What a channel may be bound to, besides the server's certificate: bindings in hexadecimal, public values. */
export interface ChannelBindings {
  /** null: the Finished that it is made of was not seen, or TLS 1.3, which has none */
  readonly unique: string | null
  /** of TLS 1.2 two, with a context of no length and without one */
  readonly exporters: readonly string[]
}

export interface TlsOutput {
  /** one whole handshake message, in clear or opened: hellos, certificates, tickets; never a Finished */
  handshake(from: 0 | 1, message: Uint8Array): void
  bindings(bindings: ChannelBindings): void
  plain(from: 0 | 1, bytes: Uint8Array): void
  /** `count` bytes of plain text are missing; `UNKNOWN_GAP`: nobody knows how many */
  gap(from: 0 | 1, count: number): void
  /** no TLS begins here: what follows in this direction is in clear again */
  left(from: 0 | 1, bytes: Uint8Array): void
}

/** Time and frame of what is being given; set back for records that had to wait. */
export interface TlsClock {
  time: number
  frame: number
}

export interface TlsCounters {
  /** connections followed, and those that gave plain text */
  sessions: number
  opened: number
  records: number
  /** records that did not open, and those lost in holes */
  failed: number
  lost: number
  /** holes behind which the next record was found, and trials that it took */
  recovered: number
  trials: number
  /** suites that cannot be opened, and connections without a secret */
  unsupported: number
  withoutKeys: number
}

export const UNKNOWN_GAP = Number.MAX_SAFE_INTEGER

const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const APPLICATION_DATA = 23
const HEARTBEAT = 24

const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const NEW_SESSION_TICKET = 4
const END_OF_EARLY_DATA = 5
const ENCRYPTED_EXTENSIONS = 8
const CERTIFICATE = 11
const CERTIFICATE_REQUEST = 13
const SERVER_HELLO_DONE = 14
const CLIENT_KEY_EXCHANGE = 16
const FINISHED = 20
const KEY_UPDATE = 24
const COMPRESSED_CERTIFICATE = 25
/** what is told of a handshake */
const TOLD = new Set([
  CLIENT_HELLO,
  SERVER_HELLO,
  NEW_SESSION_TICKET,
  ENCRYPTED_EXTENSIONS,
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  COMPRESSED_CERTIFICATE,
])

const FRAGMENT_BYTES_MAX = 16_384 + 2048
/** a hello with post-quantum keys has 2 kB, a chain of certificates seldom 16 */
const MESSAGE_BYTES_MAX = 1 << 17
const TRANSCRIPT_BYTES_MAX = 1 << 17
/** records that wait until the other direction has said which keys they have: 0-RTT data, a hole in the handshake */
const HELD_BYTES_MAX = 1 << 16
/** a record has a header, a byte and a tag */
const RECORD_BYTES_MIN = 22
/** of one hole: 12 microseconds each, and the limit is met by noise alone */
const TRIALS_MAX = 4096
const SEARCH_BYTES_MAX = 1 << 16
const MASTERS_MAX = 4096

/** "HelloRetryRequest" hashed, RFC 8446 4.1.3 */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')
/** the suites of TLS 1.3 by the length of their secrets, for a ServerHello that is lost */
const SUITES_13: Readonly<Record<number, readonly number[]>> = { 32: [0x1301, 0x1303], 48: [0x1302] }

/** The secrets of a run, and what its connections learn from each other. */
export class TlsKeys {
  readonly log: KeyLog
  readonly rsa: readonly KeyObject[]
  /** lines may still come: connections wait for them as long as they have room */
  readonly mayGrow: boolean
  readonly counters: TlsCounters = {
    sessions: 0,
    opened: 0,
    records: 0,
    failed: 0,
    lost: 0,
    recovered: 0,
    trials: 0,
    unsupported: 0,
    withoutKeys: 0,
  }
  readonly #masters = new Map<string, Buffer>()

  constructor(log: KeyLog, rsa: readonly KeyObject[], mayGrow: boolean) {
    this.log = log
    this.rsa = rsa
    this.mayGrow = mayGrow
  }

  /** A session may be resumed by this session id or ticket. */
  keep(name: Uint8Array, master: Buffer): void {
    const key = createHash('sha256').update(name).digest('base64')
    this.#masters.delete(key)
    this.#masters.set(key, master)
    if (this.#masters.size > MASTERS_MAX) deleteOldest(this.#masters)
  }

  resumed(name: Uint8Array): Buffer | null {
    return this.#masters.get(createHash('sha256').update(name).digest('base64')) ?? null
  }
}

type Phase = 'clear' | 'early' | 'handshake' | 'traffic'

/** One direction. */
class Direction {
  readonly from: 0 | 1
  /** bytes of a record that is not whole, or in which the next one is looked for */
  buffer = Buffer.alloc(0)
  length = 0
  /** bytes of a record that has a hole, still to be stepped over */
  skip = 0
  keys: RecordKeys | null = null
  phase: Phase = 'clear'
  /** TLS 1.3: of the present keys */
  secret: Buffer | null = null
  /** keys to come with ChangeCipherSpec, up to TLS 1.2 */
  pending: RecordKeys | null = null
  /** the rest of this record is under the present keys, what follows under the next ones */
  nextPhase: Phase | 'update' | null = null
  readonly held: { readonly bytes: Buffer; readonly time: number; readonly frame: number }[] = []
  heldBytes = 0
  /** of a handshake message that goes on in the next record */
  message = Buffer.alloc(0)
  searching = false
  /** bytes from the end of the last record that opened to the start of `buffer`; UNKNOWN_GAP */
  lost = 0
  trials = 0
  /** in `buffer`, bytes that were looked at, and places where a record may begin that is not whole yet */
  scanned = 0
  places: number[] = []
  hadGap = false
  /** its first handshake message was seen */
  hasBegun = false
  dead = false
  /** plain text was given */
  hasSpoken = false

  constructor(from: 0 | 1) {
    this.from = from
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start
    if (needed > this.buffer.length) {
      const grown = Buffer.alloc(Math.max(needed, this.buffer.length * 2, 4096))
      this.buffer.copy(grown, 0, 0, this.length)
      this.buffer = grown
    }
    this.buffer.set(bytes.subarray(start, end), this.length)
    this.length = needed
  }

  /** `count` bytes at the start of the buffer are done with. */
  shift(count: number): void {
    if (count === 0) return
    this.buffer.copyWithin(0, count, this.length)
    this.length -= count
    // an idle connection keeps no large buffer
    if (this.length === 0 && this.buffer.length > IDLE_BYTES_MAX) this.buffer = NOTHING
  }
}

const NOTHING = Buffer.alloc(0)
const IDLE_BYTES_MAX = 1 << 15

export class TlsSession {
  readonly #keys: TlsKeys
  readonly #out: TlsOutput
  readonly #clock: TlsClock
  readonly #directions: readonly [Direction, Direction] = [new Direction(0), new Direction(1)]
  #client: 0 | 1 = 0
  #clientRandom: Buffer | null = null
  #serverRandom: Buffer | null = null
  #offeredSession: Buffer = NOTHING
  #offeredTicket: Buffer = NOTHING
  #offersEarly = false
  #wasRetried = false
  #version = 0
  #ciphers: readonly Cipher[] = []
  #encryptThenMac = false
  #extendedMaster = false
  #secrets: TlsSecrets | null = null
  #master: Buffer | null = null
  #transcript: Buffer[] | null = null
  #transcriptBytes = 0
  /** what the server has said since its hello */
  #flightOver = false
  #sawCertificate = false
  #extensionsRead = false
  #earlyAccepted = false
  #resumed: boolean | null = null
  readonly #finished: [Buffer | null, Buffer | null] = [null, null]
  #told = ''
  #isOpaque = false

  constructor(keys: TlsKeys, out: TlsOutput, clock: TlsClock) {
    this.#keys = keys
    this.#out = out
    this.#clock = clock
    keys.counters.sessions++
  }

  /** In-order bytes of one direction. */
  feed(from: 0 | 1, bytes: Uint8Array, begin: number, end: number): void {
    const direction = this.#directions[from]
    let start = begin
    if (direction.dead) return
    if (direction.skip > 0) {
      const step = Math.min(direction.skip, end - start)
      direction.skip -= step
      start += step
    }
    if (start >= end) return
    if (direction.searching) {
      direction.append(bytes, start, end)
      this.#search(direction)
      return
    }
    if (direction.length === 0) {
      const at = this.#records(direction, bytes, start, end)
      if (at < end && !direction.dead && direction.length === 0) direction.append(bytes, at, end)
      return
    }
    direction.append(bytes, start, end)
    const { buffer } = direction
    const at = this.#records(direction, buffer, 0, direction.length)
    if (!direction.dead) direction.shift(at)
  }

  /** `count` bytes of one direction are not in the capture. */
  gap(from: 0 | 1, count: number): void {
    const direction = this.#directions[from]
    if (direction.dead) return
    direction.hadGap = true
    direction.message = NOTHING
    if (direction.skip >= count) {
      direction.skip -= count
      return
    }
    if (direction.searching) {
      direction.lost = add(direction.lost, direction.length + count)
      this.#forget(direction)
      return
    }
    if (direction.skip === 0 && direction.length >= RECORD_HEADER_BYTES) {
      const total = RECORD_HEADER_BYTES + direction.buffer.readUInt16BE(3)
      if (direction.length + count <= total) {
        this.#lostRecord(direction, total)
        direction.skip = total - direction.length - count
        direction.length = 0
        return
      }
    }
    direction.lost = add(direction.length + direction.skip, count)
    if (direction.skip > 0) direction.lost = count - direction.skip
    direction.skip = 0
    this.#forget(direction)
    if (this.#serverRandom === null && from !== this.#client) this.#assume()
    if (!this.#mayOpen(direction)) {
      // what is in clear has no proof; the other direction may still say more
      this.#end(direction)
      return
    }
    direction.searching = true
    direction.trials = 0
    this.#release(this.#directions[this.#client])
  }

  /** The connection is over: what waited is given up. */
  end(): void {
    for (const direction of this.#directions) this.#end(direction)
  }

  /** Some of it was opened. */
  get hasOpened(): boolean {
    return this.#directions.some(({ keys }) => keys !== null)
  }

  #forget(direction: Direction): void {
    direction.length = 0
    direction.scanned = 0
    direction.places = []
  }

  #end(direction: Direction): void {
    direction.dead = true
    direction.buffer = NOTHING
    direction.length = 0
    direction.held.length = 0
    direction.message = NOTHING
  }

  /** A record of which the boundaries are known, but not all of its bytes. */
  #lostRecord(direction: Direction, total: number): void {
    this.#keys.counters.lost++
    const { keys } = direction
    if (keys === null) {
      // in clear nothing is counted, and what comes next is a boundary again
      if (direction.from !== this.#client && this.#serverRandom === null) this.#assume()
      if (this.#serverRandom !== null || this.#version !== 0) this.#flightOver = true
      return
    }
    keys.sequence++
    keys.lostStream(total, 1)
    if (direction.hasSpoken)
      this.#out.gap(direction.from, keys.overhead === null ? UNKNOWN_GAP : Math.max(1, total - keys.overhead))
  }

  /** Record after record; where the first one begins that is not whole. */
  #records(direction: Direction, bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (end - at >= RECORD_HEADER_BYTES) {
      if (!isHeader(bytes, at)) {
        this.#out.left(direction.from, bytes.subarray(at, end))
        this.#end(direction)
        return end
      }
      const total = RECORD_HEADER_BYTES + ((bytes[at + 3]! << 8) | bytes[at + 4]!)
      if (end - at < total) break
      this.#record(direction, bytes.subarray(at, at + total))
      at += total
      if (direction.dead) return end
      if (direction.searching) {
        // it did not open: the place may be a wrong one
        direction.append(bytes, at, end)
        this.#search(direction)
        return end
      }
    }
    if (end - at > 0 && end - at < RECORD_HEADER_BYTES && !isHeaderStart(bytes, at, end)) {
      this.#out.left(direction.from, bytes.subarray(at, end))
      this.#end(direction)
      return end
    }
    return at
  }

  #record(direction: Direction, record: Uint8Array): void {
    if (direction.held.length > 0 || !this.#isDue(direction, record)) {
      this.#hold(direction, record)
      return
    }
    this.#take(direction, record)
  }

  /** Is known how to read this record? The order of the directions is that of delivery, not always that of the handshake. */
  #isDue(direction: Direction, record: Uint8Array): boolean {
    const isClient = direction.from === this.#client
    if (this.#clientRandom === null) return messageTypeOf(record) === CLIENT_HELLO
    if (direction.keys !== null) return true
    if (!isClient) return true
    if (!direction.hasBegun) return true
    // a second hello answers a HelloRetryRequest, perhaps with a ChangeCipherSpec before it that means nothing
    if (this.#version === 0)
      return this.#wasRetried && (messageTypeOf(record) === CLIENT_HELLO || record[0] === CHANGE_CIPHER_SPEC)
    if (this.#version !== TLS_1_3) return this.#flightOver || this.#directions[other(direction.from)].hadGap
    return !this.#offersEarly || this.#extensionsRead || this.#directions[other(direction.from)].hadGap
  }

  #hold(direction: Direction, record: Uint8Array): void {
    direction.heldBytes += record.length
    if (direction.heldBytes > HELD_BYTES_MAX) {
      if (this.#clientRandom !== null && this.#secrets === null && this.#master === null)
        this.#keys.counters.withoutKeys++
      this.#end(direction)
      return
    }
    const { time, frame } = this.#clock
    direction.held.push({ bytes: Buffer.from(record), time, frame })
  }

  /** What waited may be due now. */
  #release(direction: Direction): void {
    const { time, frame } = this.#clock
    while (direction.held.length > 0 && !direction.dead && this.#isDue(direction, direction.held[0]!.bytes)) {
      const { bytes, ...place } = direction.held.shift()!
      direction.heldBytes -= bytes.length
      Object.assign(this.#clock, place)
      this.#take(direction, bytes)
      Object.assign(this.#clock, { time, frame })
    }
  }

  #take(direction: Direction, record: Uint8Array): void {
    const type = record[0]!
    if (direction.keys === null) {
      this.#clear(direction, type, record)
      return
    }
    if (this.#version === TLS_1_3 && type === CHANGE_CIPHER_SPEC) return
    const opened = direction.keys.open(record) ?? this.#trial(direction, record)
    if (opened === null) {
      this.#failed(direction, record)
      return
    }
    this.#given(direction, opened.type, opened.bytes)
  }

  /** A record in clear, or the first one that is not. */
  #clear(direction: Direction, type: number, record: Uint8Array): void {
    const content = record.subarray(RECORD_HEADER_BYTES)
    if (type === HANDSHAKE) {
      this.#messages(direction, content)
      this.#switch(direction)
      return
    }
    if (type === CHANGE_CIPHER_SPEC) {
      if (this.#version !== TLS_1_3 && this.#version !== 0) this.#changeCipher(direction)
      return
    }
    if (type === ALERT) return
    if (this.#version === TLS_1_3) {
      // early data that nobody can read, or the handshake keys were missing
      if (direction.from === this.#client && this.#offersEarly && !this.#earlyAccepted) return
      this.#opaque(direction)
      return
    }
    this.#opaque(direction)
  }

  /** Nothing of this direction can be read. */
  #opaque(direction: Direction): void {
    if (!this.#isOpaque) this.#keys.counters.withoutKeys++
    this.#isOpaque = true
    this.#end(direction)
  }

  /** What stood in a record that opened. */
  #given(direction: Direction, type: number, bytes: Buffer): void {
    this.#keys.counters.records++
    if (type === HANDSHAKE) this.#messages(direction, bytes)
    else if (type === CHANGE_CIPHER_SPEC) this.#changeCipher(direction)
    else if (type === APPLICATION_DATA && bytes.length > 0) this.#speak(direction, bytes)
    this.#switch(direction)
  }

  #speak(direction: Direction, bytes: Buffer): void {
    if (direction.phase === 'early' && !this.#earlyAccepted) return
    if (!direction.hasSpoken) {
      if (!this.#directions[other(direction.from)].hasSpoken) this.#keys.counters.opened++
      direction.hasSpoken = true
    }
    this.#out.plain(direction.from, bytes)
  }

  /** A record did not open: early data that the server rejected is stepped over; else a place or number is lost. */
  #failed(direction: Direction, record: Uint8Array): void {
    this.#keys.counters.failed++
    const isEarly = this.#version === TLS_1_3 && direction.from === this.#client && this.#offersEarly
    if (isEarly && direction.phase === 'handshake' && !direction.hasSpoken) return
    direction.searching = true
    direction.trials = 0
    direction.lost = record.length
    direction.message = NOTHING
    this.#forget(direction)
  }

  // --- handshake ------------------------------------------------------------------------------------------------------------------

  #messages(direction: Direction, content: Uint8Array): void {
    const bytes = direction.message.length === 0 ? Buffer.from(content) : Buffer.concat([direction.message, content])
    let at = 0
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUIntBE(at + 1, 3)
      if (end > bytes.length) break
      this.#message(direction, bytes[at]!, bytes.subarray(at, end))
      at = end
      if (direction.dead) return
    }
    direction.message = bytes.length - at > MESSAGE_BYTES_MAX ? NOTHING : Buffer.from(bytes.subarray(at))
  }

  #message(direction: Direction, type: number, message: Buffer): void {
    const isClient = direction.from === this.#client
    if (type === CLIENT_HELLO) this.#clientHello(direction, message)
    else if (type === SERVER_HELLO) this.#serverHello(direction, message)
    else if (this.#transcript !== null && type !== FINISHED && type !== 0) this.#record12(message)
    if (TOLD.has(type)) this.#out.handshake(direction.from, message)
    switch (type) {
      case CLIENT_HELLO:
        this.#release(this.#directions[other(direction.from)])
        break
      case SERVER_HELLO:
        if (this.#version === TLS_1_3 || this.#serverRandom === null) this.#release(this.#directions[this.#client])
        break
      case CERTIFICATE:
      case COMPRESSED_CERTIFICATE:
        if (!isClient) this.#sawCertificate = true
        break
      case SERVER_HELLO_DONE:
        this.#flightOver = true
        this.#resumed = false
        this.#release(this.#directions[this.#client])
        break
      case CLIENT_KEY_EXCHANGE:
        this.#keyExchange(message.subarray(4))
        break
      case NEW_SESSION_TICKET:
        if (this.#version !== TLS_1_3 && this.#master !== null && message.length > 10)
          this.#keys.keep(message.subarray(10), this.#master)
        break
      case ENCRYPTED_EXTENSIONS:
        this.#encryptedExtensions(message)
        break
      case END_OF_EARLY_DATA:
        direction.nextPhase = 'handshake'
        break
      case FINISHED:
        this.#finish(direction, message.subarray(4))
        break
      case KEY_UPDATE:
        if (this.#version === TLS_1_3 && direction.phase === 'traffic') direction.nextPhase = 'update'
        break
    }
  }

  #clientHello(direction: Direction, message: Buffer): void {
    const hello = readHello(message, true)
    if (hello === null) return
    this.#client = direction.from
    direction.hasBegun = true
    const isSecond =
      this.#clientRandom !== null && hello.random.equals(this.#clientRandom) && this.#serverRandom === null
    this.#clientRandom = hello.random
    this.#offeredSession = hello.session
    this.#offeredTicket = hello.ticket
    this.#offersEarly = hello.hasEarlyData
    if (isSecond) {
      this.#wasRetried = false
      this.#record12(message)
      return
    }
    // a renegotiation has a random, keys and a Finished of its own
    this.#serverRandom = null
    this.#master = null
    this.#flightOver = false
    this.#sawCertificate = false
    this.#resumed = null
    this.#finished.fill(null)
    this.#transcript = []
    this.#transcriptBytes = 0
    this.#record12(message)
    this.#secrets = this.#keys.log.find(hello.random)
    if (direction.keys === null) this.#version = 0
  }

  #serverHello(direction: Direction, message: Buffer): void {
    const hello = readHello(message, false)
    if (hello === null) return
    direction.hasBegun = true
    this.#record12(message)
    // an answer that asks for another hello
    if (hello.random.equals(RETRY)) {
      this.#offersEarly = false
      this.#wasRetried = true
      return
    }
    this.#serverRandom = hello.random
    this.#version = hello.version
    this.#extendedMaster = hello.hasExtendedMaster
    this.#encryptThenMac = hello.hasEncryptThenMac
    const cipher = cipherOf(hello.suite)
    this.#ciphers = cipher === null ? [] : [cipher]
    if (cipher === null) this.#keys.counters.unsupported++
    this.#lookUp()
    if (this.#version === TLS_1_3) this.#begin13()
    else {
      this.#transcriptNeeded()
      this.#resume(hello.session)
    }
  }

  /** Secrets may have been written since the client's hello. */
  #lookUp(): void {
    if (this.#secrets === null && this.#clientRandom !== null && this.#keys.log.refresh())
      this.#secrets = this.#keys.log.find(this.#clientRandom)
  }

  /** The messages up to ClientKeyExchange are kept where an extended master secret is made of a premaster one, nowhere else. */
  #transcriptNeeded(): void {
    const isNeeded = this.#secrets?.master == null && (this.#keys.rsa.length > 0 || !this.#keys.log.isEmpty)
    if (!isNeeded) this.#transcript = null
  }

  #record12(message: Buffer): void {
    if (this.#transcript === null) return
    this.#transcriptBytes += message.length
    if (this.#transcriptBytes > TRANSCRIPT_BYTES_MAX) this.#transcript = null
    else this.#transcript.push(Buffer.from(message))
  }

  /** Up to TLS 1.2: the master secret of the log, or that of the session which is resumed. */
  #resume(session: Buffer): void {
    const { log } = this.#keys
    const master = this.#secrets?.master
    if (master?.length === MASTER_BYTES) this.#setMaster(master, session)
    else if (session.length > 0) {
      const isOffered = session.equals(this.#offeredSession)
      const known = log.masterOfSession(session) ?? (isOffered ? this.#keys.resumed(session) : null)
      if (known !== null) this.#setMaster(known, session)
    }
    // the server says that it takes the ticket only by not sending a certificate; a key that is wrong opens nothing
    if (this.#master === null && this.#offeredTicket.length > 0) {
      const known = this.#keys.resumed(this.#offeredTicket)
      if (known !== null) this.#setMaster(known, NOTHING)
    }
    this.#session = session
  }

  #session: Buffer = NOTHING

  #setMaster(master: Buffer, session: Buffer): void {
    const handshake = this.#handshake()
    if (handshake === null) return
    this.#master = master
    if (session.length > 0) this.#keys.keep(session, master)
    const { client, server } = keyBlock(handshake, master)
    const { version, cipher } = handshake
    for (const direction of this.#directions) {
      const keys = direction.from === this.#client ? client : server
      direction.pending = new RecordKeys(version, cipher, keys, this.#encryptThenMac)
    }
  }

  #handshake(): Handshake | null {
    const [cipher] = this.#ciphers
    if (cipher === undefined || this.#clientRandom === null || this.#serverRandom === null) return null
    if (this.#version < TLS_1_0) return null
    return { version: this.#version, cipher, clientRandom: this.#clientRandom, serverRandom: this.#serverRandom }
  }

  /** `EncryptedPreMasterSecret<0..2^16-1>` */
  #keyExchange(body: Buffer): void {
    const handshake = this.#handshake()
    const transcript = this.#transcript
    this.#transcript = null
    if (handshake === null || this.#secrets?.master != null) return
    let premaster = this.#secrets?.premaster ?? null
    if (premaster === null && handshake.cipher.isRsaKeyExchange && body.length > 2) {
      const encrypted = body.subarray(2)
      premaster = this.#keys.log.premasterOf(encrypted)
      for (const key of this.#keys.rsa) premaster ??= decryptPremaster(key, encrypted)
    }
    if (premaster === null) return
    if (this.#extendedMaster && transcript === null) return
    this.#setMaster(
      masterSecret(handshake, premaster, this.#extendedMaster ? Buffer.concat(transcript!) : null),
      this.#session,
    )
  }

  #changeCipher(direction: Direction): void {
    if (direction.from !== this.#client) {
      if (!this.#flightOver && !direction.hadGap && !this.#sawCertificate) this.#resumed = true
      this.#flightOver = true
    }
    if (direction.pending === null && this.#keys.log.refresh() && this.#clientRandom !== null) {
      this.#secrets ??= this.#keys.log.find(this.#clientRandom)
      if (this.#secrets !== null) this.#resume(this.#session)
    }
    if (direction.pending === null) {
      this.#opaque(direction)
      return
    }
    this.#clearPhase(direction)
    if (direction.from !== this.#client) this.#release(this.#directions[this.#client])
  }

  #clearPhase(direction: Direction): void {
    direction.keys = direction.pending
    direction.pending = null
    direction.phase = 'traffic'
  }

  // --- TLS 1.3 --------------------------------------------------------------------------------------------------------------------

  #begin13(): void {
    const server = this.#directions[other(this.#client)]
    const client = this.#directions[this.#client]
    this.#transcript = null
    this.#setPhase(server, 'handshake')
    this.#setPhase(client, 'handshake')
  }

  /** The ServerHello is lost: of TLS 1.3 the length of a secret says which suites there may be. */
  #assume(): void {
    const length = this.#secrets?.serverTraffic?.length ?? this.#secrets?.serverHandshake?.length ?? 0
    const suites = SUITES_13[length]
    if (this.#version !== 0 || suites === undefined) return
    this.#version = TLS_1_3
    this.#ciphers = suites.map((suite) => cipherOf(suite)!)
    this.#begin13()
  }

  #setPhase(direction: Direction, phase: Phase): void {
    direction.phase = phase
    const made = this.#keysOf(direction, phase)[0]
    direction.keys = made?.keys ?? null
    direction.secret = made?.secret ?? null
    // without the keys of the handshake those of the data may be there: they are tried
    if (direction.keys === null && phase === 'handshake') {
      const later = this.#keysOf(direction, 'traffic')[0]
      if (later === undefined) return
      direction.phase = 'traffic'
      direction.keys = later.keys
      direction.secret = later.secret
    }
  }

  /** Keys of a phase of TLS 1.3, for each suite that may be meant. */
  #keysOf(direction: Direction, phase: Phase): Candidate[] {
    const isClient = direction.from === this.#client
    const { clientEarly, clientHandshake, serverHandshake, clientTraffic, serverTraffic } = this.#secrets ?? NO_SECRETS
    const secret =
      phase === 'early'
        ? clientEarly
        : phase === 'handshake'
          ? isClient
            ? clientHandshake
            : serverHandshake
          : isClient
            ? clientTraffic
            : serverTraffic
    return secret === null ? [] : this.#candidates(secret, phase)
  }

  #candidates(secret: Buffer, phase: Phase): Candidate[] {
    return this.#ciphers
      .filter(({ hash }) => secret.length === (hash === 'sha384' ? 48 : 32))
      .map((cipher) => ({
        cipher,
        phase,
        secret,
        keys: new RecordKeys(TLS_1_3, cipher, trafficKeys(cipher, secret), false),
      }))
  }

  #encryptedExtensions(message: Buffer): void {
    this.#extensionsRead = true
    this.#earlyAccepted = hasEarlyData(message)
    const client = this.#directions[this.#client]
    if (this.#offersEarly && this.#earlyAccepted && client.phase === 'handshake') {
      const [early] = this.#keysOf(client, 'early')
      if (early !== undefined) Object.assign(client, { phase: 'early', keys: early.keys, secret: early.secret })
    }
    this.#release(client)
  }

  /** After the record that ends a phase. */
  #switch(direction: Direction): void {
    const next = direction.nextPhase
    direction.nextPhase = null
    if (next === null) return
    if (next === 'update') {
      const [cipher] = this.#ciphers
      if (cipher === undefined || direction.secret === null) return
      const [made] = this.#candidates(nextTrafficSecret(cipher, direction.secret), 'traffic')
      if (made !== undefined) Object.assign(direction, { keys: made.keys, secret: made.secret })
    } else this.#setPhase(direction, next)
    if (direction.keys === null) this.#opaque(direction)
  }

  #finish(direction: Direction, verifyData: Buffer): void {
    if (this.#version === TLS_1_3) {
      direction.nextPhase = 'traffic'
    } else this.#finished[direction.from] = Buffer.from(verifyData)
    this.#tell()
  }

  /** What the channel may be bound to, as soon as it is known and again when it changes. */
  #tell(): void {
    const bindings = this.#bindings()
    const text = JSON.stringify(bindings)
    if (text === this.#told) return
    this.#told = text
    this.#out.bindings(bindings)
  }

  #bindings(): ChannelBindings {
    const [cipher] = this.#ciphers
    if (this.#version === TLS_1_3) {
      const exporter = this.#secrets?.exporter ?? null
      const exporters =
        exporter === null || cipher === undefined ? [] : [bindingOf('tls-exporter', exportedBinding(cipher, exporter))]
      return { unique: null, exporters }
    }
    const handshake = this.#handshake()
    const { hadGap } = this.#directions[other(this.#client)]
    const first =
      this.#resumed === null || (hadGap && this.#resumed)
        ? null
        : this.#finished[this.#resumed ? other(this.#client) : this.#client]
    return {
      unique: first === null ? null : bindingOf('tls-unique', first),
      exporters:
        handshake === null || this.#master === null
          ? []
          : exportedBindings12(handshake, this.#master).map((exported) => bindingOf('tls-exporter', exported)),
    }
  }

  // --- behind a hole --------------------------------------------------------------------------------------------------------------

  /** Is there a key with which a record could prove itself? */
  #mayOpen(direction: Direction): boolean {
    return direction.keys !== null || direction.pending !== null
  }

  /** Keys that the next record may have, besides the present ones: those of the next phase, and of an update. */
  #later(direction: Direction): Candidate[] {
    if (this.#version !== TLS_1_3) {
      const [cipher] = this.#ciphers
      return direction.pending === null || cipher === undefined
        ? []
        : [{ cipher, phase: 'traffic', secret: NOTHING, keys: direction.pending }]
    }
    const found: Candidate[] = []
    if (this.#ciphers.length > 1) found.push(...this.#keysOf(direction, direction.phase).slice(1))
    if (direction.phase === 'early') found.push(...this.#keysOf(direction, 'handshake'))
    if (direction.phase !== 'traffic') found.push(...this.#keysOf(direction, 'traffic'))
    else if (direction.secret !== null)
      for (const cipher of this.#ciphers)
        found.push(...this.#candidates(nextTrafficSecret(cipher, direction.secret), 'traffic'))
    return found
  }

  /** A whole record that is not the next one of the present keys: it may be the first one of the next. */
  #trial(direction: Direction, record: Uint8Array) {
    for (const candidate of this.#later(direction)) {
      this.#keys.counters.trials++
      const opened = candidate.keys.open(record, 0)
      if (opened === null) continue
      this.#adopt(direction, candidate)
      return opened
    }
    return null
  }

  #adopt(direction: Direction, { cipher, phase, secret, keys }: Candidate): void {
    this.#ciphers = [cipher]
    if (keys === direction.pending) direction.pending = null
    Object.assign(direction, { phase, keys, secret: secret.length === 0 ? null : secret })
  }

  /** Looks for a record in what came behind a hole. */
  #search(direction: Direction): void {
    if (!this.#mayOpen(direction)) {
      this.#end(direction)
      return
    }
    const { buffer } = direction
    const places = direction.places
    direction.places = []
    for (const at of places) if (this.#place(direction, at)) return
    let at = direction.scanned
    for (; at + RECORD_HEADER_BYTES <= direction.length; at++) {
      direction.scanned = at + 1
      if (isHeader(buffer, at) && this.#place(direction, at)) return
    }
    if (direction.trials > TRIALS_MAX) {
      this.#end(direction)
      return
    }
    // what stands before all places is no record
    const first = Math.min(direction.places[0] ?? direction.scanned, direction.scanned)
    const kept = direction.length > SEARCH_BYTES_MAX ? direction.scanned : Math.max(0, first - BLOCK_BYTES_MAX)
    if (kept < KEPT_BYTES_MIN) return
    direction.shift(kept)
    direction.lost = add(direction.lost, kept)
    direction.scanned -= kept
    direction.places = direction.places.map((place) => place - kept).filter((place) => place >= 0)
  }

  /** A record may begin here: true where one did, and what follows it was read. */
  #place(direction: Direction, at: number): boolean {
    const { buffer, length } = direction
    const total = RECORD_HEADER_BYTES + buffer.readUInt16BE(at + 3)
    if (at + total > length) {
      direction.places.push(at)
      return false
    }
    if (direction.trials > TRIALS_MAX) return false
    const record = buffer.subarray(at, at + total)
    const lost = add(direction.lost, at)
    const before = buffer.subarray(Math.max(0, at - BLOCK_BYTES_MAX), at)
    const skipped = Math.min(Math.floor(lost / RECORD_BYTES_MIN), TRIALS_MAX)
    const present = direction.keys
    let found =
      present === null ? null : this.#tryNumbers(direction, present, record, present.sequence, skipped, lost, before)
    let plainLost = UNKNOWN_GAP
    if (found !== null && present !== null && present.overhead !== null && lost < UNKNOWN_GAP)
      plainLost = lost - found.skipped * present.overhead
    if (found === null) {
      for (const candidate of this.#later(direction)) {
        found = this.#tryNumbers(direction, candidate.keys, record, 0, skipped, lost, before)
        if (found === null) continue
        this.#adopt(direction, candidate)
        break
      }
    }
    if (found === null) return false
    const { opened } = found
    this.#keys.counters.recovered++
    this.#keys.counters.lost += found.skipped
    direction.searching = false
    const rest = Buffer.from(buffer.subarray(at + total, length))
    this.#forget(direction)
    direction.trials = 0
    if (direction.hasSpoken) this.#out.gap(direction.from, plainLost > 0 ? plainLost : UNKNOWN_GAP)
    this.#given(direction, opened.type, opened.bytes)
    if (rest.length > 0 && !direction.dead) this.feed(direction.from, rest, 0, rest.length)
    return true
  }

  #tryNumbers(
    direction: Direction,
    keys: RecordKeys,
    record: Uint8Array,
    first: number,
    skippedMax: number,
    lost: number,
    before: Uint8Array,
  ) {
    if (!keys.isSeekable && lost >= UNKNOWN_GAP) return null
    for (let skipped = 0; skipped <= skippedMax && direction.trials <= TRIALS_MAX; skipped++) {
      direction.trials++
      this.#keys.counters.trials++
      const opened = keys.open(record, first + skipped, before, lost - skipped * RECORD_HEADER_BYTES)
      if (opened !== null) return { opened, skipped }
    }
    return null
  }
}

interface Candidate {
  readonly cipher: Cipher
  readonly phase: Phase
  readonly secret: Buffer
  readonly keys: RecordKeys
}

/** the longest block of a cipher: an IV in front of a record */
const BLOCK_BYTES_MAX = 16
/** less than that is not worth moving the rest */
const KEPT_BYTES_MIN = 1024

const NO_SECRETS: Pick<
  TlsSecrets,
  'clientEarly' | 'clientHandshake' | 'serverHandshake' | 'clientTraffic' | 'serverTraffic'
> = { clientEarly: null, clientHandshake: null, serverHandshake: null, clientTraffic: null, serverTraffic: null }

function other(from: 0 | 1): 0 | 1 {
  return from === 0 ? 1 : 0
}

function add(one: number, two: number): number {
  return one >= UNKNOWN_GAP || two >= UNKNOWN_GAP ? UNKNOWN_GAP : one + two
}

/** type 20 to 24, version 03 00 to 03 04, a length that may be */
function isHeader(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at]!
  if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT || bytes[at + 1] !== 3 || bytes[at + 2]! > 4) return false
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!
  return length <= FRAGMENT_BYTES_MAX
}

function isHeaderStart(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at]! < CHANGE_CIPHER_SPEC || bytes[at]! > HEARTBEAT) return false
  return end - at < 2 || bytes[at + 1] === 3
}

/** The first handshake message in a record in clear; -1: none. */
function messageTypeOf(record: Uint8Array): number {
  return record[0] === HANDSHAKE && record.length > RECORD_HEADER_BYTES ? record[RECORD_HEADER_BYTES]! : -1
}

interface Hello {
  readonly version: number
  readonly random: Buffer
  readonly session: Buffer
  /** of the server */
  readonly suite: number
  readonly ticket: Buffer
  readonly hasEarlyData: boolean
  readonly hasExtendedMaster: boolean
  readonly hasEncryptThenMac: boolean
}

const ENCRYPT_THEN_MAC = 22
const EXTENDED_MASTER_SECRET = 23
const SESSION_TICKET = 35
const EARLY_DATA = 42
const SUPPORTED_VERSIONS = 43

/** A hello with its four bytes of handshake header: version 2, random 32, session id, suites or suite, compression, extensions. */
function readHello(message: Buffer, isClient: boolean): Hello | null {
  const { length } = message
  if (length < 4 + 2 + 32 + 1) return null
  let version = message.readUInt16BE(4)
  const random = Buffer.from(message.subarray(6, 38))
  let at = 39 + message[38]!
  const session = Buffer.from(message.subarray(39, at))
  if (at + 3 > length) return null
  const suite = message.readUInt16BE(at)
  if (isClient) {
    at += 2 + suite
    if (at + 1 > length) return null
    at += 1 + message[at]!
  } else at += 3
  let ticket: Buffer = NOTHING
  const seen = new Set<number>()
  for (let end = extensionsEnd(message, at), next = at + 2; next + 4 <= end; ) {
    const type = message.readUInt16BE(next)
    const size = message.readUInt16BE(next + 2)
    const start = next + 4
    next = start + size
    if (next > end) break
    seen.add(type)
    if (type === SUPPORTED_VERSIONS && !isClient && size === 2) version = message.readUInt16BE(start)
    if (type === SESSION_TICKET) ticket = Buffer.from(message.subarray(start, next))
  }
  // drafts of TLS 1.3 have numbers of their own
  if (version >> 8 === 0x7f) version = TLS_1_3
  return {
    version,
    random,
    session,
    suite,
    ticket,
    hasEarlyData: seen.has(EARLY_DATA),
    hasExtendedMaster: seen.has(EXTENDED_MASTER_SECRET),
    hasEncryptThenMac: seen.has(ENCRYPT_THEN_MAC),
  }
}

function extensionsEnd(message: Buffer, at: number): number {
  return at + 2 > message.length ? 0 : Math.min(at + 2 + message.readUInt16BE(at), message.length)
}

/** EncryptedExtensions: does it accept 0-RTT data? */
function hasEarlyData(message: Buffer): boolean {
  for (let end = extensionsEnd(message, 4), next = 6; next + 4 <= end; next += 4 + message.readUInt16BE(next + 2)) {
    if (message.readUInt16BE(next) === EARLY_DATA) return true
  }
  return false
}
