/**
 * Key logs: where the secrets of TLS connections stand, found by the random of their ClientHello.
 *
 * Format: NSS key log (RFC 9850). A file is read once from end to end and only its places are remembered (24 bytes a
 * connection): a log of a million lines takes a tenth of its size. The secrets are read when a connection asks for
 * them. A file that grows is read on, one that was replaced is read anew. Blanks around what stands in a line, a byte
 * order mark before it and UTF-16 are what editors and shells make of a log. What is no line of one is counted and
 * changes nothing. No line leaves this file, not even in an error.
 */
import { createHash, randomInt } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { readWhole, whyUnread } from './unread.ts'

/** Secrets of one connection, as far as the logs have them. */
export interface TlsSecrets {
  /** master secret, up to TLS 1.2 */
  readonly master: Buffer | null
  readonly premaster: Buffer | null
  readonly clientEarly: Buffer | null
  readonly clientHandshake: Buffer | null
  readonly serverHandshake: Buffer | null
  readonly clientTraffic: Buffer | null
  readonly serverTraffic: Buffer | null
  readonly exporter: Buffer | null
  /**
   * where lines disagree, what else they say: a line may be damaged, or written by somebody else. What opens is right.
   */
  readonly alternative: TlsSecrets | null
}

export interface KeyLogCounters {
  /** lines with secrets */
  lines: number
  /** lines that are none of a key log, or beyond the limit */
  unreadable: number
  /** connections that the logs name, and those that somebody asked for */
  sessions: number
  found: number
}

export class KeyLogError extends Error {}

const CHUNK_BYTES = 1 << 20
/**
 * the longest line: `RSA Session-ID:` with 64, `Master-Key:` with 96 digits is 187; a label and a secret of 64 bytes
 * 240
 */
const LINE_BYTES_MAX = 1024
/** connections of all logs; a day of a busy proxy has fewer */
const SESSIONS_MAX = 1 << 21
/** text of Decryption Secrets Blocks, pipes and the like, which cannot be read a second time */
const TEXT_BYTES_MAX = 64 << 20
/**
 * a connection has seven lines; it may stand in more than one log. Of each log, so that none buries what another one
 * has, and of all logs what is stepped over.
 */
const PLACES_MAX = 16
const STEPS_MAX = 1 << 16

const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const TAB = 0x09
const HASH = 0x23

/** Where lines stand: a file that can be read at any place, or bytes in memory. */
interface Source {
  readonly path: string | null
  fd: number | null
  inode: number
  /** bytes that were read, up to the end of the last whole line */
  length: number
  /** of the last of these bytes: whether it is still the same file */
  mark: string
  changed: number
  text: Buffer | null
}

export class KeyLog {
  readonly counters: KeyLogCounters = { lines: 0, unreadable: 0, sessions: 0, found: 0 }
  readonly #sources: Source[] = []
  /** open addressing over 64 bits of a random; a slot holds the number of an entry plus one */
  #slots = new Int32Array(1 << 10)
  #entries = 0
  #keys = new Uint32Array(1 << 10)
  /** place of the first line, and its source */
  #offsets = new Float64Array(1 << 9)
  #origins = new Uint16Array(1 << 9)
  /** the next entry of the same random plus one */
  #next = new Int32Array(1 << 9)
  #textBytes = 0
  /** what was read last of a file, from `#windowStart` on: connections come mostly in the order of their lines */
  #window = NO_BYTES
  #windowOrigin = -1
  #windowStart = 0
  #windowLength = 0
  /** what was found last, while nothing was read since */
  #latest: { readonly random: string; readonly entries: number; readonly secrets: TlsSecrets } | null = null

  /** Reads a key log. Throws a `KeyLogError` where it cannot be read. */
  addFile(path: string): void {
    let fd: number
    try {
      fd = openSync(path, 'r')
    } catch (error) {
      throw new KeyLogError(`${path}: ${whyUnread(error)}; expected a key log (SSLKEYLOGFILE)`)
    }
    const facts = fstatSync(fd)
    if (facts.isDirectory()) {
      closeSync(fd)
      throw new KeyLogError(`${path}: is a directory; expected a key log (SSLKEYLOGFILE)`)
    }
    if (!facts.isFile()) {
      this.#addPipe(path, fd)
      return
    }
    if (isUtf16(fd)) {
      closeSync(fd)
      this.#addWhole(path)
      return
    }
    const source = sourceOf(path, fd, facts.ino)
    const before = this.counters.lines
    this.#sources.push(source)
    this.#readOn(source)
    if (this.counters.lines === before && facts.size > 0 && (this.counters.unreadable > 0 || isBinary(source)))
      throw noLines(path)
  }

  /** The text of a Decryption Secrets Block. */
  addText(text: Uint8Array): void {
    if (this.#textBytes + text.length > TEXT_BYTES_MAX || this.#sources.length >= SOURCES_MAX) {
      this.counters.unreadable++
      return
    }
    this.#textBytes += text.length
    // a last line without its end is a line
    const whole = Buffer.concat([narrowed(text), Uint8Array.of(NEWLINE)])
    this.#sources.push({ ...sourceOf(null, null, 0), length: whole.length, text: whole })
    this.#index(this.#sources.length - 1, whole, whole.length, 0)
  }

  /** Reads what was written since. True where there was something. */
  refresh(): boolean {
    let grown = false
    for (const source of [...this.#sources]) {
      if (source.path === null || source.fd === null) continue
      const now = statSync(source.path, { throwIfNoEntry: false })
      if (now === undefined) continue
      if (now.ino === source.inode && now.size === source.length && now.mtimeMs === source.changed) continue
      this.#windowLength = 0
      // one that was truncated may have grown beyond its old size meanwhile
      if (now.ino === source.inode && now.size >= source.length && markOfEnd(source) === source.mark) {
        source.changed = now.mtimeMs
        grown = this.#readOn(source) || grown
        continue
      }
      // truncated or replaced: what it had is gone
      closeSync(source.fd)
      source.fd = null
      try {
        const fd = openSync(source.path, 'r')
        const replaced = sourceOf(source.path, fd, fstatSync(fd).ino)
        if (this.#sources.length >= SOURCES_MAX) closeSync(fd)
        else {
          this.#sources.push(replaced)
          grown = this.#readOn(replaced) || grown
        }
      } catch {
        // between two versions: the next question tries again
      }
    }
    return grown
  }

  close(): void {
    this.#latest = null
    this.#window.fill(0)
    this.#windowLength = 0
    for (const source of this.#sources) {
      if (source.fd !== null) closeSync(source.fd)
      source.fd = null
      source.text?.fill(0)
      source.text = null
    }
  }

  /**
   * it has lines by session id or encrypted premaster secret, so that a ClientHello alone does not say whether it knows
   * the connection
   */
  hasSessions = false

  get isEmpty(): boolean {
    return this.#entries === 0 && this.#sources.length === 0
  }

  /** The secrets of the connection with this ClientHello.random; null: no log has any. */
  find(random: Uint8Array): TlsSecrets | null {
    const hex = Buffer.from(random).toString('hex')
    // it is asked for when a connection begins, and again with its hello
    if (this.#latest?.random === hex && this.#latest.entries === this.#entries) return this.#latest.secrets
    const values = new Map<Member, Found[]>()
    this.#eachLine(random, (line, origin) => {
      const parts = line.split(' ')
      const [label, key, secret] = parts
      if (key === undefined || secret === undefined || key.toLowerCase() !== hex) return false
      const member = MEMBERS[label!]
      const value = member === undefined ? NO_BYTES : Buffer.from(secret, 'hex')
      if (member !== undefined && isSecretOf(member, value)) {
        const known = values.get(member)
        if (known === undefined) values.set(member, [{ value, origin }])
        else if (mayAdd(known, value, origin)) known.push({ value, origin })
      }
      return true
    })
    if (values.size === 0) return null
    this.counters.found++
    const secrets = secretsOf(values)
    this.#latest = { random: hex, entries: this.#entries, secrets }
    return secrets
  }

  /** The master secret by session id (`RSA Session-ID:... Master-Key:...`), as load balancers write it. */
  masterOfSession(id: Uint8Array): Buffer | null {
    const wanted = Buffer.from(id).toString('hex')
    let master: Buffer | null = null
    this.#eachLine(id, (line) => {
      const match = /^RSA Session-ID:([0-9a-f]+) Master-Key:([0-9a-f]{96})$/i.exec(line)
      if (match?.[1]?.toLowerCase() === wanted) master ??= Buffer.from(match[2]!, 'hex')
      return match !== null
    })
    return master
  }

  /** The premaster secret by the first eight bytes of its encrypted form (`RSA <16 digits> <96 digits>`). */
  premasterOf(encrypted: Uint8Array): Buffer | null {
    const wanted = Buffer.from(encrypted.subarray(0, 8))
    let premaster: Buffer | null = null
    this.#eachLine(wanted, (line) => {
      const match = /^RSA ([0-9a-f]{16}) ([0-9a-f]{96})$/i.exec(line)
      if (match !== null && Buffer.from(match[1]!, 'hex').equals(wanted)) premaster ??= Buffer.from(match[2]!, 'hex')
      return match !== null
    })
    return premaster
  }

  /**
   * Every line at the places of this key, and those right behind it as long as `visit` says that they are of the same.
   */
  #eachLine(key: Uint8Array, visit: (line: string, origin: number) => boolean): void {
    if (key.length < 8) return
    const high = Buffer.from(key).readUInt32BE(0)
    const low = Buffer.from(key).readUInt32BE(4)
    let entry = this.#slots[this.#slotOf(high, low)]!
    let places = 0
    let before = -1
    for (let steps = 0; entry !== 0 && steps < STEPS_MAX; steps++, entry = this.#next[entry - 1]!) {
      const origin = this.#origins[entry - 1]!
      // the lines of a log that was read in one go stand behind each other
      if (origin !== before) places = 0
      before = origin
      if (places++ >= PLACES_MAX) continue
      const bytes = this.#bytesAt(origin, this.#offsets[entry - 1]!)
      for (let at = 0; at < bytes.length; ) {
        let newline = bytes.indexOf(NEWLINE, at)
        // the last line of a file may have no end; whether it is whole the length of its secret tells
        if (newline < 0) newline = bytes.length
        const line = bytes.toString('latin1', at, newline).trim().replaceAll(BLANKS, ' ')
        at = newline + 1
        if (!visit(line, origin)) break
      }
    }
  }

  /** The lines of one connection, borrowed until the next question. */
  #bytesAt(origin: number, offset: number): Buffer {
    const source = this.#sources[origin]!
    if (source.text !== null) return source.text.subarray(offset, offset + SESSION_BYTES)
    if (source.fd === null) return NO_BYTES
    const isOfWindow = origin === this.#windowOrigin && offset >= this.#windowStart
    const from = offset - this.#windowStart
    if (isOfWindow && from + SESSION_BYTES <= this.#windowLength)
      return this.#window.subarray(from, from + SESSION_BYTES)
    // of lines that are asked for in some other order no more is read than is needed
    const length = isOfWindow && from <= this.#windowLength + WINDOW_BYTES ? WINDOW_BYTES : SESSION_BYTES
    if (this.#window.length === 0) this.#window = Buffer.allocUnsafeSlow(WINDOW_BYTES)
    this.#windowOrigin = origin
    this.#windowStart = offset
    this.#windowLength = 0
    try {
      this.#windowLength = readSync(source.fd, this.#window, 0, length, offset)
    } catch {
      // what cannot be read has no lines
    }
    return this.#window.subarray(0, Math.min(SESSION_BYTES, this.#windowLength))
  }

  /** From where it was read until the end of its last whole line. */
  #readOn(source: Source): boolean {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const before = this.counters.lines
    const origin = this.#sources.indexOf(source)
    for (;;) {
      let read: number
      try {
        read = readSync(source.fd!, chunk, 0, CHUNK_BYTES, source.length)
      } catch (error) {
        throw new KeyLogError(`${source.path}: ${whyUnread(error)}; expected a key log (SSLKEYLOGFILE)`)
      }
      if (read === 0) break
      const last = chunk.lastIndexOf(NEWLINE, read - 1)
      if (last < 0) {
        // half a line, or something that has none
        if (read < LINE_BYTES_MAX) {
          if (isWholeLine(chunk, read)) this.#index(origin, chunk, read, source.length)
          break
        }
        this.counters.unreadable++
        source.length += read
        continue
      }
      this.#index(origin, chunk, last + 1, source.length)
      source.length += last + 1
    }
    chunk.fill(0)
    source.mark = markOfEnd(source)
    return this.counters.lines > before
  }

  /** What cannot be looked up where it stands; nobody writes a log in UTF-16 while it is read. */
  #addWhole(path: string): void {
    let whole: Buffer
    try {
      whole = readWhole(path, TEXT_BYTES_MAX)
    } catch (error) {
      throw new KeyLogError(`${path}: ${whyUnread(error)}; expected a key log (SSLKEYLOGFILE)`)
    }
    const before = this.counters.lines
    this.addText(whole)
    whole.fill(0)
    if (this.counters.lines === before) throw noLines(path)
  }

  #addPipe(path: string, fd: number): void {
    const pieces: Buffer[] = []
    let length = 0
    try {
      for (;;) {
        const chunk = Buffer.alloc(1 << 16)
        const read = readSync(fd, chunk, 0, chunk.length, null)
        if (read === 0) break
        length += read
        if (length > TEXT_BYTES_MAX)
          throw new KeyLogError(`${path}: more than ${TEXT_BYTES_MAX >> 20} MiB from a pipe; write it to a file`)
        pieces.push(chunk.subarray(0, read))
      }
    } catch (error) {
      if (error instanceof KeyLogError) throw error
      throw new KeyLogError(`${path}: ${whyUnread(error)}; expected a key log (SSLKEYLOGFILE)`)
    } finally {
      closeSync(fd)
    }
    this.addText(Buffer.concat(pieces))
  }

  /**
   * Remembers where the lines of each connection begin: several of the same one behind each other count once, as far as
   * they are read in one go. Whatever is no line of it ends such a run.
   */
  #index(origin: number, bytes: Buffer, end: number, offset: number): void {
    let lastHigh = -1
    let lastLow = -1
    let runStart = 0
    for (let at = 0; at < end; ) {
      let newline = bytes.indexOf(NEWLINE, at)
      if (newline < 0 || newline >= end) newline = end
      let start = at
      at = newline + 1
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) {
        start += 3
        lastHigh = -1
      }
      while (start < newline && isBlank(bytes[start]!)) start++
      let stop = newline
      while (stop > start && isBlank(bytes[stop - 1]!)) stop--
      if (stop === start || bytes[start] === HASH) {
        lastHigh = -1
        continue
      }
      const key = keyPlace(bytes, start, stop)
      if (key < 0) {
        this.counters.unreadable++
        lastHigh = -1
        continue
      }
      this.counters.lines++
      if (bytes[start] === 0x52 && bytes[start + 3] === SPACE) this.hasSessions = true
      const high = word(bytes, key)
      const low = word(bytes, key + 8)
      if (high === lastHigh && low === lastLow && at - runStart <= SESSION_BYTES) continue
      lastHigh = -1
      // a connection whose keys are updated again and again has more lines than are looked at
      if (isOfUpdate(bytes, key)) continue
      lastHigh = high
      lastLow = low
      runStart = start
      this.#remember(high, low, origin, offset + start)
    }
  }

  #remember(high: number, low: number, origin: number, offset: number): void {
    if (this.#entries >= SESSIONS_MAX) {
      this.counters.unreadable++
      return
    }
    if (this.#entries === this.#offsets.length) this.#grow()
    const entry = this.#entries++
    const slot = this.#slotOf(high, low)
    if (this.#slots[slot] === 0) this.counters.sessions++
    this.#keys[entry * 2] = high
    this.#keys[entry * 2 + 1] = low
    this.#offsets[entry] = offset
    this.#origins[entry] = origin
    // the newest one first: a hostile log cannot bury what is asked for behind a million of its own
    this.#next[entry] = this.#slots[slot]!
    this.#slots[slot] = entry + 1
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    // randoms of some clients begin with the time, and a hostile log may have any: every bit counts
    let mixed = Math.imul(high ^ SALT, 0x85ebca6b) ^ low
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0xc2b2ae35)
    let slot = (mixed ^ (mixed >>> 13)) & mask
    for (;;) {
      const entry = this.#slots[slot]!
      if (entry === 0 || (this.#keys[(entry - 1) * 2] === high && this.#keys[(entry - 1) * 2 + 1] === low)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const room = this.#offsets.length * 2
    const keys = new Uint32Array(room * 2)
    keys.set(this.#keys)
    const offsets = new Float64Array(room)
    offsets.set(this.#offsets)
    const origins = new Uint16Array(room)
    origins.set(this.#origins)
    const next = new Int32Array(room)
    next.set(this.#next)
    this.#keys = keys
    this.#offsets = offsets
    this.#origins = origins
    this.#next = next
    const heads = this.#slots.filter((entry) => entry !== 0)
    this.#slots = new Int32Array(room * 2)
    for (const entry of heads)
      this.#slots[this.#slotOf(this.#keys[(entry - 1) * 2]!, this.#keys[(entry - 1) * 2 + 1]!)] = entry
  }
}

/** nobody can write a log of which all lines meet in one place */
const SALT = randomInt(2 ** 32)
const SOURCES_MAX = 65_535
/** seven lines of the longest kind */
const SESSION_BYTES = 4096
/** lines of 70 connections of TLS 1.3 */
const WINDOW_BYTES = 1 << 16

/** of one secret in one log, and in all: more of them are no accident */
const ALTERNATIVES_MAX = 4
const ALTERNATIVES_ALL_MAX = 32

interface Found {
  readonly value: Buffer
  readonly origin: number
}

function mayAdd(known: readonly Found[], value: Buffer, origin: number): boolean {
  if (known.length >= ALTERNATIVES_ALL_MAX || known.some((one) => one.value.equals(value))) return false
  return known.filter((one) => one.origin === origin).length < ALTERNATIVES_MAX
}
const MASTER_BYTES = 48
const NO_BYTES = Buffer.alloc(0)

type Member = Exclude<keyof TlsSecrets, 'alternative'>

/** As long as it must be: 48 bytes, of TLS 1.3 those of SHA-256 or SHA-384. */
function isSecretOf(member: Member, { length }: Buffer): boolean {
  if (member === 'premaster') return true
  return length === MASTER_BYTES || (member !== 'master' && length === 32)
}

/** The first of each, and behind it the next. */
function secretsOf(values: ReadonlyMap<Member, readonly Found[]>): TlsSecrets {
  let made: TlsSecrets | null = null
  let count = 0
  for (const { length } of values.values()) count = Math.max(count, length)
  for (let at = count - 1; at >= 0; at--) {
    const one: { -readonly [M in keyof TlsSecrets]: TlsSecrets[M] } = { ...NO_SECRETS, alternative: made }
    for (const [member, known] of values) one[member] = (known[at] ?? known[0]!).value
    made = one
  }
  return made ?? NO_SECRETS
}

const NO_SECRETS: TlsSecrets = {
  master: null,
  premaster: null,
  clientEarly: null,
  clientHandshake: null,
  serverHandshake: null,
  clientTraffic: null,
  serverTraffic: null,
  exporter: null,
  alternative: null,
}

/** `CLIENT_TRAFFIC_SECRET_1` and later ones follow from the first. */
const MEMBERS: Readonly<Record<string, Member>> = {
  CLIENT_RANDOM: 'master',
  PMS_CLIENT_RANDOM: 'premaster',
  CLIENT_EARLY_TRAFFIC_SECRET: 'clientEarly',
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: 'clientHandshake',
  SERVER_HANDSHAKE_TRAFFIC_SECRET: 'serverHandshake',
  CLIENT_TRAFFIC_SECRET_0: 'clientTraffic',
  SERVER_TRAFFIC_SECRET_0: 'serverTraffic',
  EXPORTER_SECRET: 'exporter',
}

/** Value of a hexadecimal digit; 255: none. */
const DIGITS = new Uint8Array(256).fill(255)
for (let at = 0; at < 10; at++) DIGITS[0x30 + at] = at
for (let at = 0; at < 6; at++) {
  DIGITS[0x41 + at] = 10 + at
  DIGITS[0x61 + at] = 10 + at
}

/**
 * Where the key of a line stands, by which it is looked for; -1: no line of a key log.
 *
 *   LABEL <64 digits> <digits>        RSA <16 digits> <96 digits>        RSA Session-ID:<digits> Master-Key:<96 digits>
 */
function keyPlace(bytes: Buffer, start: number, end: number): number {
  if (end - start > LINE_BYTES_MAX) return -1
  let at = start
  while (at < end && isLabel(bytes[at]!)) at++
  if (at === start || !isBlank(bytes[at]!)) return -1
  let key = behindBlanks(bytes, at)
  const isSession = at - start === 3 && bytes[key] === 0x53
  if (isSession) {
    if (bytes.toString('latin1', key, key + SESSION_ID.length) !== SESSION_ID) return -1
    key += SESSION_ID.length
  }
  let keyEnd = key
  while (keyEnd < end && DIGITS[bytes[keyEnd]!]! < 16) keyEnd++
  const digits = keyEnd - key
  if (!isBlank(bytes[keyEnd]!)) return -1
  let secret = behindBlanks(bytes, keyEnd)
  if (isSession) {
    if (digits < 16 || bytes.toString('latin1', secret, secret + MASTER_KEY.length) !== MASTER_KEY) return -1
    secret += MASTER_KEY.length
  } else if (digits !== 64 && !(digits === 16 && at - start === 3)) return -1
  let secretEnd = secret
  while (secretEnd < end && DIGITS[bytes[secretEnd]!]! < 16) secretEnd++
  const length = secretEnd - secret
  return secretEnd === end && length >= 2 && (length & 1) === 0 ? key : -1
}

const BLANKS = /[ \t\r]+/g
const SESSION_ID = 'Session-ID:'
const MASTER_KEY = 'Master-Key:'

/** `CLIENT_TRAFFIC_SECRET_1` and later: nobody looks for them. `key`: where the random stands, one space behind it. */
function isOfUpdate(bytes: Buffer, key: number): boolean {
  const last = bytes[key - 2]!
  return last >= 0x30 && last <= 0x39 && !(last === 0x30 && bytes[key - 3] === 0x5f)
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN
}

function behindBlanks(bytes: Buffer, start: number): number {
  let at = start
  while (isBlank(bytes[at] ?? NEWLINE)) at++
  return at
}

/** A byte order mark of UTF-16 stands in front: Windows PowerShell writes so what is sent to a file. */
function isUtf16(fd: number): boolean {
  const mark = Buffer.alloc(2)
  readSync(fd, mark, 0, 2, 0)
  return markOf(mark) !== null
}

function markOf([first, second]: Uint8Array): 'little' | 'big' | null {
  if (first === 0xff && second === 0xfe) return 'little'
  return first === 0xfe && second === 0xff ? 'big' : null
}

/** UTF-16 as bytes; what no key log has is a byte that none has. Anything else as it is. */
function narrowed(text: Uint8Array): Uint8Array {
  const order = markOf(text)
  if (order === null) return text
  const [upper, lower] = order === 'little' ? [1, 0] : [0, 1]
  const narrow = Buffer.alloc((text.length >> 1) - 1)
  for (let at = 0; at < narrow.length; at++) {
    const place = 2 + at * 2
    narrow[at] = text[place + upper] === 0 ? text[place + lower]! : 0xff
  }
  return narrow
}

function noLines(path: string): KeyLogError {
  return new KeyLogError(`${path}: has no line of a key log; expected lines as CLIENT_RANDOM <64 digits> <96 digits>`)
}

/** Upper-case letters, digits, underscore. */
function isLabel(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f
}

function sourceOf(path: string | null, fd: number | null, inode: number): Source {
  return { path, fd, inode, length: 0, mark: '', changed: 0, text: null }
}

/** A hash of the last line and a part of the one before, as far as they were read; empty: nothing was. */
function markOfEnd({ fd, length }: Source): string {
  const end = Buffer.alloc(Math.min(length, MARK_BYTES))
  const read = fd === null ? 0 : readSync(fd, end, 0, end.length, length - end.length)
  const mark = read === 0 ? '' : createHash('sha256').update(end.subarray(0, read)).digest('hex')
  end.fill(0)
  return mark
}

const MARK_BYTES = 256

/** What was not read of it is no line that somebody is writing: a byte stands in it that no key log has. */
function isBinary({ fd, length }: Source): boolean {
  const rest = Buffer.alloc(LINE_BYTES_MAX)
  const read = readSync(fd!, rest, 0, rest.length, length)
  const isOther = rest.subarray(0, read).some((byte) => (byte < 0x20 && byte !== RETURN) || byte > 0x7e)
  rest.fill(0)
  return isOther
}

/** A last line that has no end and needs none: as long as it should be. */
function isWholeLine(bytes: Buffer, end: number): boolean {
  if (keyPlace(bytes, 0, end) < 0) return false
  const length = end - (bytes.lastIndexOf(SPACE, end - 1) + 1)
  return length === 64 || length === 96
}

function word(bytes: Buffer, at: number): number {
  let value = 0
  for (let digit = at; digit < at + 8; digit++) value = (value << 4) | DIGITS[bytes[digit]!]!
  return value >>> 0
}
