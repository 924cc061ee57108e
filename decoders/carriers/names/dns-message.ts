/**
 * DNS messages (RFC 1035 4), as DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795) share them: who asks for which name,
 * and what it stands for.
 *
 * Read are the first question and the records that name hosts: A, AAAA, CNAME, SRV, PTR. Compression pointers lead
 * backwards only and are bounded, as are records and names. Names are copied text, nothing is borrowed.
 */
import type { ContextFact, ContextStep, NameProtocol, NameRecord, Side } from '../../carrier.ts'
import { type Outcome, read } from '../../outcome.ts'
import { Cursor } from '../../parts/cursor.ts'

/*
 * Header
 *   0  ID (2)
 *   2  QR 1 bit, Opcode 4, AA, TC, RD (C and T in LLMNR), RA, Z, AD, CD, RCODE 4
 *   4  QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT (2 each)
 */
export const DNS_HEADER_OCTETS = 12
const RESPONSE = 0x8000
const OPCODE = 0x7800
const RCODE = 0x000f

const A = 1
const CNAME = 5
const PTR = 12
const AAAA = 28
const SRV = 33
const ANY = 255
const TYPES: Readonly<Record<number, string>> = {
  [A]: 'A',
  [CNAME]: 'CNAME',
  [PTR]: 'PTR',
  [AAAA]: 'AAAA',
  [SRV]: 'SRV',
  [ANY]: 'ANY',
}
const CODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** RFC 1035 2.3.4: 255 octets, labels of at most 63 */
const NAME_OCTETS_MAX = 255
const LABEL_OCTETS_MAX = 63
const JUMPS_MAX = 16
/** a domain controller's SRV answer names each of hundreds; a handful tells enough */
const RECORDS_MAX = 64

/**
 * Does a message of this family begin here? Told by its counts, its flags and a first name that is well formed; hot,
 * allocates nothing. With fewer bytes than that takes the answer is no: a datagram does not go on.
 */
export function isDnsMessage(bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + DNS_HEADER_OCTETS + 5) return false
  const flags = (bytes[at + 2]! << 8) | bytes[at + 3]!
  const questions = (bytes[at + 4]! << 8) | bytes[at + 5]!
  const answers = (bytes[at + 6]! << 8) | bytes[at + 7]!
  if ((flags & OPCODE) !== 0 || (flags & RCODE) >= CODES.length || questions > 32 || answers > 1024) return false
  if ((flags & RESPONSE) === 0 ? questions === 0 : questions + answers === 0) return false
  let walk = at + DNS_HEADER_OCTETS
  for (let octets = 0; octets < NAME_OCTETS_MAX; ) {
    if (walk >= bytes.length) return false
    const length = bytes[walk]!
    if (length >= 0xc0) return false
    if (length > LABEL_OCTETS_MAX) return false
    walk += length + 1
    octets += length + 1
    // the type that follows is small, the class IN (with the cache-flush or unicast bit of multicast DNS) or ANY
    if (length === 0) return walk + 4 <= bytes.length && bytes[walk]! < 2 && (bytes[walk + 2]! & 0x7f) === 0
  }
  return false
}

/**
 * Does a DNS datagram that `isDnsMessage` accepts tell something here? Answers for addresses and names, and all about
 * SRV names, which locate domain controllers. Other questions, and answers that there is no such name, are too many to
 * look at. Hot, allocates nothing.
 */
export function namesHosts(bytes: Uint8Array): boolean {
  const type = firstType(bytes, 0)
  if (type === SRV) return true
  const isAnswer = (bytes[2]! & (RESPONSE >> 8)) !== 0 && (bytes[6]! | bytes[7]!) !== 0
  return (
    isAnswer &&
    (bytes[3]! & RCODE) === 0 &&
    (type === A || type === AAAA || type === CNAME || type === PTR || type === ANY)
  )
}

/**
 * Type of the first question or, where there is none, record of a message that `isDnsMessage` accepts at `at`. Hot,
 * allocates nothing.
 */
export function firstType(bytes: Uint8Array, at: number): number {
  let walk = at + DNS_HEADER_OCTETS
  while (walk < bytes.length && bytes[walk] !== 0) walk += bytes[walk]! + 1
  return (bytes[walk + 1]! << 8) | bytes[walk + 2]!
}

/** The question or answer of one message, from its ID on. */
export function dnsFacts(bytes: Uint8Array, protocol: NameProtocol): Outcome<readonly ContextStep[]> {
  const cursor = new Cursor(bytes)
  const id = cursor.u16be()
  const flags = cursor.u16be()
  const questions = cursor.u16be()
  // answers, authorities and additional records alike
  const records = cursor.u16be() + cursor.u16be() + cursor.u16be()
  const question = questions > 0 ? readQuestion(cursor) : null
  for (let more = 1; more < questions && !cursor.failed; more++) readQuestion(cursor)
  if (cursor.failed) return read([], { reason: 'malformed', where: 'DNS question' })
  const message = id.toString(16)
  if ((flags & RESPONSE) === 0) {
    return question === null
      ? read([])
      : read([step('client', { fact: 'name-question', protocol, message, ...question })])
  }
  const found = readRecords(cursor, records)
  const { name, type } = question ?? { name: null, type: null }
  const code = CODES[flags & RCODE] ?? 'NOERROR'
  const answer = step('server', { fact: 'name-answer', protocol, message, name, type, code, records: found })
  return read([answer], cursor.failed ? { reason: 'malformed', where: 'DNS resource record' } : null)
}

function step(from: Side, fact: ContextFact): ContextStep {
  return { kind: 'context', from, fact }
}

function readQuestion(cursor: Cursor): { name: string; type: string } {
  const name = readName(cursor)
  const type = cursor.u16be()
  cursor.skip(2)
  return { name, type: typeName(type) }
}

/*
 * Resource record
 *      NAME
 *   0  TYPE (2), CLASS (2), TTL (4), RDLENGTH (2)
 *  10  RDATA
 */
function readRecords(cursor: Cursor, count: number): NameRecord[] {
  const found: NameRecord[] = []
  for (let at = 0; at < count && !cursor.failed && cursor.remaining > 0; at++) {
    const name = readName(cursor)
    const type = cursor.u16be()
    cursor.skip(2)
    const ttlSeconds = cursor.u32be()
    const length = cursor.u16be()
    const start = cursor.pos
    cursor.skip(length)
    if (cursor.failed || found.length >= RECORDS_MAX) break
    const value = recordValue(new Cursor(cursor.bytes, start, start + length), type)
    if (value !== null) found.push({ name, type: typeName(type) as NameRecord['type'], value, ttlSeconds })
  }
  return found
}

/** Addresses in canonical text; the names that CNAME, PTR and SRV (after priority, weight, port) point to. */
function recordValue(data: Cursor, type: number): string | null {
  if (type === A) return data.remaining === 4 ? ipv4Text(data.take(4)) : null
  if (type === AAAA) return data.remaining === 16 ? ipv6Text(data.take(16)) : null
  if (type === SRV) data.skip(6)
  else if (type !== CNAME && type !== PTR) return null
  const name = readName(data)
  return data.failed || name === '' ? null : name
}

/**
 * Labels, and pointers that lead backwards (RFC 1035 4.1.4). The last dot is left out; a name that leads nowhere fails
 * the cursor.
 */
export function readName(cursor: Cursor): string {
  const { bytes } = cursor
  let text = ''
  let at = -1
  let jumps = 0
  for (let octets = 0; octets <= NAME_OCTETS_MAX; ) {
    const length = at < 0 ? cursor.u8() : (bytes[at++] ?? 0)
    if (cursor.failed) return ''
    if (length >= 0xc0) {
      const low = at < 0 ? cursor.u8() : (bytes[at++] ?? 0)
      const target = ((length & 0x3f) << 8) | low
      const here = at < 0 ? cursor.pos : at
      if (target >= here - 2 || ++jumps > JUMPS_MAX) break
      at = target
      continue
    }
    if (length === 0) return text
    if (length > LABEL_OCTETS_MAX) break
    const label = at < 0 ? cursor.take(length) : bytes.subarray(at, at + length)
    if (label.length < length) break
    if (at >= 0) at += length
    octets += length + 1
    text += `${text === '' ? '' : '.'}${labelText(label)}`
  }
  // park the cursor: nothing behind a broken name can be found
  cursor.skip(cursor.remaining + 1)
  return ''
}

/** UTF-8 in multicast DNS, else ASCII; anything that is no letter of a name stands as ? */
function labelText(label: Uint8Array): string {
  let text = ''
  for (const byte of label) text += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?'
  return text
}

/** Name of an RCODE, RFC 1035 4.1.1. */
export function dnsCodeName(code: number): string {
  return CODES[code] ?? `RCODE${code}`
}

function typeName(type: number): string {
  return TYPES[type] ?? `TYPE${type}`
}

export function ipv4Text(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
}

/** RFC 5952: the longest run of zero groups shortened, the first of equals. */
export function ipv6Text(bytes: Uint8Array): string {
  const groups: number[] = []
  for (let at = 0; at < 16; at += 2) groups.push((bytes[at]! << 8) | bytes[at + 1]!)
  let best = 0
  let length = 1
  for (let at = 0; at < 8; at++) {
    let run = 0
    while (at + run < 8 && groups[at + run] === 0) run++
    if (run > length) [best, length] = [at, run]
  }
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + length).join(':')}`
}
