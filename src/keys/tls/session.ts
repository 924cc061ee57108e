/**
 * One TLS connection with its keys: records in, handshake messages and plain text out.
 *
 * Specification: RFC 5246 7, RFC 8446 4, 5 and 7, RFC 5077 (tickets), RFC 7627, RFC 8446 4.2.10 (0-RTT). It follows
 * both directions through handshakes, renegotiation, resumption and key updates. Behind a hole it looks for the place
 * and the number of the next record: whatever opens is right, since its tag is the proof. Memory is bounded; of secrets
 * it keeps those of the present keys. Everything that it gives away is public or plain text, borrowed for the call.
 */
import { nextTrafficSecret, TLS_1_3 } from '../key-schedule.ts'
import { candidates, type KeyCandidate } from './agreed.ts'
import { Agreement, other } from './agreement.ts'
import { Direction, HeldRecords, type Phase } from './direction.ts'
import type { Holder } from './held.ts'
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  hasEarlyData,
  isHeader,
  isHeaderStart,
  MESSAGE,
  messageTypeOf,
  RECORD_HEADER_BYTES,
  readHello,
  TOLD,
} from './hello.ts'
import { type Found, searchRecord } from './recovery.ts'
import { addCounts, type TlsClock, type TlsKeys, type TlsOutput, UNCOUNTED_BYTES } from './shared-keys.ts'

/** a hello with post-quantum keys has 2 kB, a chain of certificates seldom 16 */
const MESSAGE_BYTES_MAX = 1 << 17
/** records that wait until the other direction has said which keys they have: 0-RTT data, a hole in the handshake */
const HELD_BYTES_MAX = 1 << 16
/**
 * records that wait for lines of a key log that is being written: a client writes them behind the server's first
 * records. A logon stands at the beginning; microseconds of the capture.
 */
const WAIT_BYTES_MAX = 1 << 15
const WAIT_MICROS = 10_000_000
/**
 * of a message so much is opened although nobody wants it: a token that no carrier expects stands near its beginning
 */
const PASSED_BYTES_MIN = 1 << 16
/** legacy_session_id of a hello, behind the header of the message, the version and the random */
const SESSION_AT = 38

export class TlsSession implements Holder {
  readonly #keys: TlsKeys
  readonly #out: TlsOutput
  readonly #clock: TlsClock
  readonly #directions: readonly [Direction, Direction]
  readonly #agreed: Agreement
  /** what the server has said since its hello */
  #flightOver = false
  #extensionsRead = false
  #earlyAccepted = false
  #told = ''
  /** a handshake has ended since */
  #isUntold = false
  /** what it was last said to hold; -1: others may have changed that */
  #toldHeld = -1
  /** bytes that somebody else keeps for it */
  #kept = 0
  #isOpaque = false
  /** its ServerHello has no session id: that it goes on with a ticket shows by what comes next */
  #namesNoSession = false
  #isDecided = false
  /** since when it waits for secrets that may still be written; null: it does not */
  #waitsSince: number | null = null
  #hasWaited = false
  #isReleasing = false

  constructor(keys: TlsKeys, out: TlsOutput, clock: TlsClock) {
    this.#keys = keys
    this.#out = out
    this.#clock = clock
    this.#directions = [new Direction(0, keys.rooms), new Direction(1, keys.rooms)]
    this.#agreed = new Agreement(keys, this.#directions)
  }

  /** In-order bytes of one direction. `kept`: bytes that somebody else keeps for it meanwhile. */
  feed(from: 0 | 1, bytes: Uint8Array, begin: number, end: number, kept = 0): void {
    this.#feed(from, bytes, begin, end)
    this.#kept = kept
    const held = this.#heldBytes
    if (held === this.#toldHeld) return
    this.#toldHeld = held
    this.#keys.held.set(this, held)
  }

  get #heldBytes(): number {
    const [one, two] = this.#directions
    return one.room + two.room + this.#agreed.transcript.room + this.#kept
  }

  trim(): number {
    for (const direction of this.#directions) direction.trim()
    this.#toldHeld = -1
    return this.#heldBytes
  }

  giveUp(): boolean {
    this.#toldHeld = -1
    const hasKeys = this.#waitsSince === null
    if (!this.#isDecided) this.#refuse(0)
    else
      for (const direction of this.#directions)
        if (!direction.dead) {
          if (hasKeys) this.#end(direction)
          else this.#opaque(direction)
        }
    return hasKeys
  }

  #feed(from: 0 | 1, bytes: Uint8Array, begin: number, end: number): void {
    const direction = this.#directions[from]
    let start = begin
    if (direction.dead) return
    if (!this.#isDecided) {
      direction.append(bytes, start, end)
      this.#decide(direction)
      return
    }
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
      if (at !== TAKEN_OVER && at < end && !direction.dead && direction.length === 0) direction.append(bytes, at, end)
      return
    }
    direction.append(bytes, start, end)
    const { buffer } = direction
    const at = this.#records(direction, buffer, 0, direction.length)
    if (at !== TAKEN_OVER && !direction.dead) direction.shift(at)
  }

  /** Whether there are keys the client's hello says: all bytes wait for it. */
  #decide(direction: Direction): void {
    const { buffer, length } = direction
    if (length < RECORD_HEADER_BYTES + 1) return
    const isClient = messageTypeOf(buffer) === MESSAGE.CLIENT_HELLO
    const total = RECORD_HEADER_BYTES + buffer.readUInt16BE(3)
    if (isClient && length >= total) {
      const hello = readHello(buffer.subarray(RECORD_HEADER_BYTES, total), true)
      if (hello !== null && this.#keys.knows(hello)) this.#accept(direction.from)
      else {
        if (hello !== null) this.#keys.miss(hello.random)
        this.#refuse(direction.from)
      }
    } else if (length > HELD_BYTES_MAX) this.#refuse(direction.from)
  }

  #accept(client: 0 | 1): void {
    this.#isDecided = true
    this.#keys.counters.sessions++
    for (const from of [client, other(client)]) {
      const direction = this.#directions[from]
      const bytes = Buffer.from(direction.buffer.subarray(0, direction.length))
      direction.leave()
      if (bytes.length > 0) this.#feed(from, bytes, 0, bytes.length)
    }
  }

  #refuse(client: 0 | 1): void {
    this.#isDecided = true
    this.#keys.counters.withoutKeys++
    const all = [client, other(client)].map((from) => this.#directions[from])
    const given = all.map(({ buffer, length }) => Buffer.from(buffer.subarray(0, length)))
    for (const direction of all) this.#drop(direction)
    for (const [at, direction] of all.entries()) this.#out.refused(direction.from, given[at]!)
  }

  /** `count` bytes of one direction are not in the capture. */
  gap(from: 0 | 1, count: number): void {
    const direction = this.#directions[from]
    if (direction.dead) return
    if (!this.#isDecided) {
      this.#refuse(from)
      return
    }
    direction.hadGap = true
    direction.message.clear()
    if (direction.skip >= count) {
      direction.skip -= count
      return
    }
    if (direction.searching) {
      direction.lost = addCounts(direction.lost, direction.length + count)
      direction.forget()
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
    direction.passed = 0
    direction.lost = addCounts(direction.length + direction.skip, count)
    if (direction.skip > 0) direction.lost = count - direction.skip
    direction.skip = 0
    direction.forget()
    if (this.#agreed.serverRandom === null && from !== this.#agreed.client) this.#assume()
    if (!this.#mayOpen(direction)) {
      // what is in clear has no proof; the other direction may still say more
      this.#end(direction)
      return
    }
    direction.searching = true
    direction.trials = 0
    this.#release(this.#directions[this.#agreed.client])
  }

  /** The connection is over: what waited is given up, or given back where nobody knew whether there are keys. */
  end(): void {
    if (!this.#isDecided) this.#refuse(0)
    if (this.#waitsSince !== null) {
      this.#hasWaited = true
      this.#releaseAll()
    }
    for (const direction of this.#directions) this.#drop(direction)
    this.#keys.held.set(this, 0)
  }

  /** Some of it was opened. */
  get hasOpened(): boolean {
    return this.#directions.some(({ keys }) => keys !== null)
  }

  #end(direction: Direction): void {
    this.#drop(direction)
    this.#out.sealed(direction.from)
  }

  #leave(direction: Direction, bytes: Uint8Array): void {
    this.#drop(direction)
    this.#out.left(direction.from, bytes)
  }

  #drop(direction: Direction): void {
    direction.dead = true
    direction.leave()
    direction.held = null
    direction.message.clear()
  }

  /** A record of which the boundaries are known, but not all of its bytes. */
  #lostRecord(direction: Direction, total: number): void {
    this.#keys.counters.lost++
    direction.passed = 0
    const { keys } = direction
    if (keys === null) {
      // in clear nothing is counted, and what comes next is a boundary again
      if (direction.from !== this.#agreed.client && this.#agreed.serverRandom === null) this.#assume()
      if (this.#agreed.serverRandom !== null || this.#agreed.version !== 0) this.#flightOver = true
      return
    }
    keys.sequence++
    keys.lostStream(total, 1)
    if (direction.hasSpoken)
      this.#out.gap(direction.from, keys.overhead === null ? UNCOUNTED_BYTES : Math.max(1, total - keys.overhead))
  }

  /** Record after record; where the first one begins that is not whole, or `TAKEN_OVER`. */
  #records(direction: Direction, bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (end - at >= RECORD_HEADER_BYTES) {
      if (!isHeader(bytes, at)) {
        this.#leave(direction, bytes.slice(at, end))
        return end
      }
      const total = RECORD_HEADER_BYTES + ((bytes[at + 3]! << 8) | bytes[at + 4]!)
      if (direction.passed >= PASSED_BYTES_MIN && this.#passes(direction, bytes[at]!, total)) {
        at += total
        if (at <= end) continue
        direction.skip = at - end
        return end
      }
      if (end - at < total) break
      this.#record(direction, bytes.subarray(at, at + total))
      at += total
      if (direction.dead) return end
      if (direction.searching) {
        // it did not open: the place may be a wrong one
        direction.append(bytes, at, end)
        this.#search(direction)
        return TAKEN_OVER
      }
    }
    if (end - at > 0 && end - at < RECORD_HEADER_BYTES && !isHeaderStart(bytes, at, end)) {
      this.#leave(direction, bytes.slice(at, end))
      return end
    }
    return at
  }

  /**
   * Is this record one that nobody wants to see? Its number is sure, since the one before it has opened or was stepped
   * over in the same way, and so is its length. The last one of a message is opened, and proves that both were right.
   */
  #passes(direction: Direction, type: number, total: number): boolean {
    const { keys, idle, phase } = direction
    if (keys === null || phase !== 'traffic' || direction.pending !== null || hasHeld(direction)) return false
    const length = keys.dataIn(type, total)
    if (length === 0 || length >= idle) return false
    if (this.#agreed.version === TLS_1_3 && length !== direction.usual) return false
    keys.sequence++
    keys.lostStream(total, 1)
    direction.idle -= length
    this.#keys.counters.records++
    this.#out.passed(direction.from, length)
    return true
  }

  #record(direction: Direction, record: Uint8Array): void {
    if (hasHeld(direction) || !this.#isDue(direction, record)) this.#hold(direction, record)
    else this.#take(direction, record)
    if (this.#waitsSince === null) return
    if ((direction.held?.length ?? 0) > WAIT_BYTES_MAX) this.#hasWaited = true
    this.#releaseAll()
  }

  #isDue(direction: Direction, record: Uint8Array): boolean {
    return this.#isReadable(direction, record) && !this.#waits(direction, record)
  }

  /** Secrets are missing that may still be written, or were meanwhile. */
  #waits(direction: Direction, record: Uint8Array): boolean {
    if (!this.#keys.mayGrow || !this.#lacksKeys(direction, record)) return false
    this.#agreed.lookAgain()
    if (this.#agreed.version === TLS_1_3)
      for (const one of this.#directions) if (one.keys === null) this.#setPhase(one, one.phase)
    if (!this.#lacksKeys(direction, record)) return false
    const { time } = this.#clock
    if (!this.#hasWaited) this.#waitsSince ??= time
    this.#hasWaited ||= time - this.#waitsSince! > WAIT_MICROS
    return !this.#hasWaited
  }

  /** What seals this record, or all behind it, the log does not say. */
  #lacksKeys({ keys, pending, phase }: Direction, [type]: Uint8Array): boolean {
    const { version, ciphers } = this.#agreed
    if (keys !== null || version === 0 || ciphers.length === 0) return false
    return version === TLS_1_3
      ? type === APPLICATION_DATA && phase !== 'clear'
      : type === CHANGE_CIPHER_SPEC && pending === null
  }

  /**
   * Is known how to read this record, if there are keys? The order of the directions is that of delivery, not always
   * that of the handshake.
   */
  #isReadable(direction: Direction, record: Uint8Array): boolean {
    const isClient = direction.from === this.#agreed.client
    if (this.#agreed.clientRandom === null) return messageTypeOf(record) === MESSAGE.CLIENT_HELLO
    // whether data in the first flight was taken the server says under encryption: until then nobody knows its keys
    const { hadGap, phase } = this.#directions[other(direction.from)]
    const isEarly = isClient && this.#agreed.version === TLS_1_3 && this.#agreed.offersEarly && !this.#extensionsRead
    if (isEarly && !hadGap && phase === 'handshake') return record[0] === CHANGE_CIPHER_SPEC
    if (direction.keys !== null) return true
    if (!isClient) return true
    if (!direction.hasBegun) return true
    // a second hello answers a HelloRetryRequest, perhaps with a ChangeCipherSpec before it that means nothing
    if (this.#agreed.version === 0) {
      const isHello = messageTypeOf(record) === MESSAGE.CLIENT_HELLO
      return this.#agreed.wasRetried && (isHello || record[0] === CHANGE_CIPHER_SPEC || record[0] === APPLICATION_DATA)
    }
    return this.#agreed.version === TLS_1_3 || this.#flightOver || hadGap
  }

  #hold(direction: Direction, record: Uint8Array): void {
    direction.held ??= new HeldRecords()
    if (direction.held.length + record.length > HELD_BYTES_MAX) {
      if (this.#agreed.clientRandom !== null && this.#agreed.secrets === null && this.#agreed.master === null)
        this.#keys.counters.withoutKeys++
      this.#end(direction)
      return
    }
    const { time, frame } = this.#clock
    direction.held.add(record, time, frame)
  }

  /** What waited may be due now. */
  #release(direction: Direction): void {
    if (this.#isReleasing) return
    while (this.#isHeldDue(direction)) this.#takeHeld(direction)
  }

  /** The same of both directions, in the order in which it was said. */
  #releaseAll(): void {
    if (this.#isReleasing) return
    this.#isReleasing = true
    for (;;) {
      const due = this.#directions.filter((direction) => this.#isHeldDue(direction))
      if (due.length === 0) break
      const [one, two] = due
      this.#takeHeld(two !== undefined && two.held!.firstFrame < one!.held!.firstFrame ? two : one!)
    }
    this.#isReleasing = false
    if (this.#hasWaited || !this.#directions.some(hasHeld)) this.#waitsSince = null
  }

  #isHeldDue(direction: Direction): boolean {
    return hasHeld(direction) && !direction.dead && this.#isDue(direction, direction.held!.firstBytes)
  }

  #takeHeld(direction: Direction): void {
    const { time, frame } = this.#clock
    const held = direction.held!.shift()
    this.#clock.time = held.time
    this.#clock.frame = held.frame
    this.#take(direction, held.bytes)
    this.#clock.time = time
    this.#clock.frame = frame
  }

  #take(direction: Direction, record: Uint8Array): void {
    const type = record[0]!
    if (direction.keys === null) {
      this.#clear(direction, type, record)
      return
    }
    if (this.#agreed.version === TLS_1_3 && type === CHANGE_CIPHER_SPEC) return
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
      if (this.#agreed.version !== TLS_1_3 && this.#agreed.version !== 0) this.#changeCipher(direction)
      return
    }
    if (type === ALERT) return
    // data of a first flight that was answered with a HelloRetryRequest: the server steps over them as well
    if (this.#agreed.version === 0 && this.#agreed.wasRetried) return
    if (this.#agreed.version === TLS_1_3) {
      // early data that nobody can read, or the handshake keys were missing
      if (direction.from === this.#agreed.client && this.#agreed.offersEarly && !this.#earlyAccepted) return
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
    else if (type === ALERT) this.#alert(direction, bytes)
    else if (type === APPLICATION_DATA && bytes.length > 0) this.#speak(direction, bytes)
    this.#switch(direction)
  }

  /** `level 1, description 1`: close_notify */
  #alert(direction: Direction, bytes: Buffer): void {
    if (bytes.length === 2 && bytes[1] === 0 && direction.phase === 'traffic') this.#out.closed(direction.from)
  }

  #speak(direction: Direction, bytes: Buffer): void {
    if (direction.phase === 'early' && !this.#earlyAccepted) return
    if (!direction.hasSpoken) {
      if (!this.#directions[other(direction.from)].hasSpoken) this.#keys.counters.opened++
      direction.hasSpoken = true
    }
    if (this.#isUntold) this.#tell()
    const idle = this.#out.plain(direction.from, bytes)
    // of the same message, or of another one
    const goesOn = idle > 0 && idle === direction.idle - bytes.length
    direction.passed = goesOn ? direction.passed + bytes.length : 0
    direction.idle = idle
    direction.usual = bytes.length
  }

  /** A record did not open: early data that the server rejected is stepped over; else a place or number is lost. */
  #failed(direction: Direction, record: Uint8Array): void {
    const isEarly =
      this.#agreed.version === TLS_1_3 && direction.from === this.#agreed.client && this.#agreed.offersEarly
    const isStepped = isEarly && direction.phase === 'handshake' && !direction.hasSpoken
    if (isStepped && this.#extensionsRead && !this.#earlyAccepted) return
    this.#keys.counters.failed++
    if (isStepped) return
    direction.searching = true
    direction.trials = 0
    direction.lost = record.length
    direction.message.clear()
    direction.passed = 0
    direction.forget()
  }

  // --- handshake
  // ------------------------------------------------------------------------------------------------------------------

  #messages(direction: Direction, content: Uint8Array): void {
    const { message } = direction
    let bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
    if (message.length > 0) {
      message.add(content)
      // to look at all of it again for each record would be a square
      if (!isWhole(message.view)) {
        if (message.length > MESSAGE_BYTES_MAX) message.clear()
        return
      }
      bytes = message.take()
    }
    let at = 0
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUIntBE(at + 1, 3)
      if (end > bytes.length) break
      this.#message(direction, bytes[at]!, bytes.subarray(at, end))
      at = end
      if (direction.dead) return
    }
    const left = bytes.length - at
    message.clear()
    if (left > 0 && left <= MESSAGE_BYTES_MAX) message.add(bytes, at)
  }

  #message(direction: Direction, type: number, message: Buffer): void {
    const isClient = direction.from === this.#agreed.client
    if (type === MESSAGE.CLIENT_HELLO) {
      if (this.#agreed.clientHello(direction, message)) this.#flightOver = false
    } else if (type === MESSAGE.SERVER_HELLO) {
      if (this.#agreed.serverHello(direction, message) && this.#agreed.version === TLS_1_3) this.#begin13()
    } else if (type !== MESSAGE.FINISHED && type !== 0) this.#agreed.transcript.add(message)
    if (TOLD.has(type)) this.#out.handshake(direction.from, message)
    switch (type) {
      case MESSAGE.CLIENT_HELLO:
        this.#release(this.#directions[other(direction.from)])
        break
      case MESSAGE.SERVER_HELLO:
        this.#namesNoSession = message[SESSION_AT] === 0
        if (this.#agreed.version === TLS_1_3 || this.#agreed.serverRandom === null)
          this.#release(this.#directions[this.#agreed.client])
        break
      case MESSAGE.CERTIFICATE:
      case MESSAGE.COMPRESSED_CERTIFICATE:
        if (!isClient) this.#agreed.sawCertificate = true
        break
      case MESSAGE.SERVER_HELLO_DONE:
        this.#flightOver = true
        this.#agreed.resumed = false
        this.#release(this.#directions[this.#agreed.client])
        break
      case MESSAGE.CLIENT_KEY_EXCHANGE:
        this.#agreed.keyExchange(message.subarray(4))
        break
      case MESSAGE.NEW_SESSION_TICKET:
        if (this.#agreed.version !== TLS_1_3 && this.#agreed.master !== null && message.length > 10)
          this.#keys.keep(message.subarray(10), this.#agreed.master)
        break
      case MESSAGE.ENCRYPTED_EXTENSIONS:
        this.#encryptedExtensions(message)
        break
      case MESSAGE.END_OF_EARLY_DATA:
        direction.nextPhase = 'handshake'
        break
      case MESSAGE.FINISHED:
        this.#finish(direction, message.subarray(4))
        break
      case MESSAGE.KEY_UPDATE:
        if (this.#agreed.version === TLS_1_3 && direction.phase === 'traffic') direction.nextPhase = 'update'
        break
    }
  }

  #changeCipher(direction: Direction): void {
    if (direction.from !== this.#agreed.client) {
      if (!this.#flightOver && !direction.hadGap && !this.#agreed.sawCertificate) {
        this.#agreed.resumed = true
        if (this.#namesNoSession) this.#out.resumed(direction.from)
      }
      this.#flightOver = true
    }
    if (direction.pending === null) this.#agreed.lookAgain()
    if (direction.pending === null) {
      this.#opaque(direction)
      return
    }
    Object.assign(direction, { keys: direction.pending, pending: null, phase: 'traffic' })
    if (direction.from !== this.#agreed.client) this.#release(this.#directions[this.#agreed.client])
  }

  // --- TLS 1.3
  // -------------------------------------------------------------------------------------------------------------------

  #begin13(): void {
    const server = this.#directions[other(this.#agreed.client)]
    const client = this.#directions[this.#agreed.client]
    this.#agreed.transcript.forget()
    this.#setPhase(server, 'handshake')
    this.#setPhase(client, 'handshake')
  }

  /** The ServerHello is lost: of TLS 1.3 the length of a secret says which suites there may be. */
  #assume(): void {
    if (this.#agreed.assume()) this.#begin13()
  }

  #setPhase(direction: Direction, phase: Phase): void {
    direction.phase = phase
    const made = this.#agreed.keysOf(direction, phase)[0]
    direction.keys = made?.keys ?? null
    direction.secret = made?.secret ?? null
    // without the keys of the handshake those of the data may be there: they are tried
    if (direction.keys === null && phase === 'handshake') {
      const later = this.#agreed.keysOf(direction, 'traffic')[0]
      if (later === undefined) return
      direction.phase = 'traffic'
      direction.keys = later.keys
      direction.secret = later.secret
    }
  }

  #encryptedExtensions(message: Buffer): void {
    this.#extensionsRead = true
    this.#earlyAccepted = hasEarlyData(message)
    const client = this.#directions[this.#agreed.client]
    if (this.#agreed.offersEarly && this.#earlyAccepted && client.phase === 'handshake') {
      const [early] = this.#agreed.keysOf(client, 'early')
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
      const [cipher] = this.#agreed.ciphers
      if (cipher === undefined || direction.secret === null) return
      const [made] = candidates(this.#agreed.ciphers, nextTrafficSecret(cipher, direction.secret), 'traffic')
      if (made !== undefined) Object.assign(direction, { keys: made.keys, secret: made.secret })
    } else this.#setPhase(direction, next)
    // secrets that are missing may still be written: the next record waits for them
    if (direction.keys === null && (!this.#keys.mayGrow || this.#hasWaited)) this.#opaque(direction)
  }

  #finish(direction: Direction, verifyData: Buffer): void {
    if (this.#agreed.version === TLS_1_3) {
      // a client that is asked for its certificate later says another one, and its keys stay
      if (direction.phase !== 'traffic') direction.nextPhase = 'traffic'
    } else this.#agreed.finished[direction.from] = Buffer.from(verifyData)
    this.#isUntold = true
  }

  /** What the channel may be bound to, before anything is said in it and again when it changes. */
  #tell(): void {
    this.#isUntold = false
    const bindings = this.#agreed.bindings()
    const text = JSON.stringify(bindings)
    if (text === this.#told) return
    this.#told = text
    this.#out.bindings(bindings)
  }

  // --- behind a hole
  // --------------------------------------------------------------------------------------------------------------

  /** Is there a key with which a record could prove itself? */
  #mayOpen(direction: Direction): boolean {
    return direction.keys !== null || direction.pending !== null
  }

  /** A whole record that is not the next one of the present keys: it may be the first one of the next. */
  #trial(direction: Direction, record: Uint8Array) {
    for (const candidate of this.#agreed.later(direction)) {
      this.#keys.counters.trials++
      const opened = candidate.keys.open(record, 0)
      if (opened === null) continue
      this.#adopt(direction, candidate)
      return opened
    }
    return null
  }

  #adopt(direction: Direction, { cipher, phase, secret, keys, master }: KeyCandidate): void {
    this.#agreed.proved(cipher, master)
    if (keys === direction.pending) direction.pending = null
    Object.assign(direction, { phase, keys, secret: secret.length === 0 ? null : secret })
  }

  /** Looks for a record in what came behind a hole. */
  #search(direction: Direction): void {
    const { counters } = this.#keys
    const answer = this.#mayOpen(direction)
      ? searchRecord(direction, this.#agreed.later(direction), counters)
      : 'given-up'
    if (answer === 'given-up') this.#end(direction)
    else if (answer !== 'more') {
      if (answer.adopted !== null) this.#adopt(direction, answer.adopted)
      this.#recovered(direction, answer)
    }
  }

  /** A record was found behind a hole; `rest` is what stands behind it. */
  #recovered(direction: Direction, { opened, plainLost, rest }: Found): void {
    direction.searching = false
    if (direction.hasSpoken) this.#out.gap(direction.from, plainLost)
    this.#given(direction, opened.type, opened.bytes)
    if (rest.length > 0 && !direction.dead) this.#feed(direction.from, rest, 0, rest.length)
  }
}

function hasHeld({ held }: Direction): boolean {
  return held !== null && held.count > 0
}

/** The handshake message that begins here: its type 1, its length 3. */
function isWhole(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.length >= 4 + bytes.readUIntBE(1, 3)
}

/** where the rest begins is not the business of the caller: a place is looked for, and the buffer is a new one */
const TAKEN_OVER = -1
