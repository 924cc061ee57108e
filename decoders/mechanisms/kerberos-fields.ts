/**
 * The parts that Kerberos messages share: strings, numbers, flags and times, PrincipalName, EncryptedData, Ticket (RFC
 * 4120 5.2, 5.3), read from DER elements.
 *
 * Functions named `...In` read what the given wrapper (an EXPLICIT tag, or an OCTET STRING that holds DER) has inside,
 * those named `...Of` the element itself. What cannot be read comes back as null or not at all, and the first reason is
 * kept in `Reading`. Names and numbers are owned; `Encrypted.cipher` borrows the input.
 */

import type { Fault, FaultReason } from '../outcome.ts'
import {
  type DerElement,
  derChildren,
  derFlags,
  derInner,
  derInteger,
  derText,
  INTEGER,
  OCTET_STRING,
  SEQUENCE,
} from '../parts/der.ts'
import { keptName } from '../parts/interned.ts'
import { SeenBytes } from '../parts/seen-bytes.ts'

const TICKET = 0x61

/**
 * Names, lists and texts end here: the longest realm or SPN in use has some 300 bytes, the longest list some 30
 * entries.
 */
const TEXT_BYTES_MAX = 4096
const ITEMS_MAX = 256
/** What `TicketValue.mark` looks at: it holds the random confounder of every encryption type. */
const MARK_BYTES = 64

/** How far a token could be read. */
export class FieldReading {
  /** where the bytes of the token end */
  readonly end: number
  /** the message says that it is longer than the token */
  cut: boolean
  fault: Fault | null

  constructor(end: number) {
    this.end = end
    // here, and not beside their types: V8 calls what stands there as a function of its own
    this.cut = false
    this.fault = null
  }

  /** The bytes ran out at `at`: because the token was cut there, or else because lengths contradict one another. */
  stop(where: string, at: number): void {
    this.fail(this.cut && at >= this.end ? 'cut' : 'malformed', where)
  }

  /** The first fault stays. */
  fail(reason: FaultReason, where: string): void {
    this.fault ??= { reason, where }
  }
}

// --- tickets and encrypted data
// -------------------------------------------------------------------------------------------------

export interface TicketValue {
  readonly realm: string | null
  readonly sname: Name | null
  readonly etype: number | null
  readonly kvno: number | null
  /** 32-bit FNV-1a of the first bytes of the cipher: tells tickets apart without keeping any of it */
  readonly mark: number | null
}

export function ticketIn(r: FieldReading, wrapper: DerElement): TicketValue | null {
  const inner = derInner(wrapper)
  if (inner !== null) return ticketOf(r, inner)
  r.stop('Ticket', wrapper.end)
  return null
}

/**
 * Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0] INTEGER (5), realm [1] Realm, sname [2] PrincipalName, enc-part [3]
 * EncryptedData }
 */
export function ticketOf(r: FieldReading, application: DerElement): TicketValue | null {
  if (application.tag !== TICKET) {
    r.fail('malformed', 'Ticket')
    return null
  }
  let realm: string | null = null
  let sname: Name | null = null
  let encPart: Encrypted | null = null
  for (const field of sequenceIn(r, application, 'Ticket')) {
    if (field.tag === 0xa1) realm = textIn(r, field, 'Ticket.realm')
    else if (field.tag === 0xa2) sname = nameIn(r, field, 'Ticket.sname')
    else if (field.tag === 0xa3) encPart = encryptedIn(r, field, 'Ticket.enc-part')
  }
  return {
    realm,
    sname,
    etype: encPart === null ? null : encPart.etype,
    kvno: encPart === null ? null : encPart.kvno,
    mark: encPart === null || encPart.cipher === null ? null : markOf(encPart.cipher),
  }
}

function markOf(cipher: DerElement): number | null {
  const end = Math.min(cipher.end, cipher.start + MARK_BYTES)
  if (cipher.cut && end - cipher.start < MARK_BYTES) return null
  let mark = 0x811c9dc5
  let seen = 0
  for (let at = cipher.start; at < end; at++) {
    const byte = cipher.bytes[at]!
    mark = Math.imul(mark ^ byte, 0x01000193)
    seen |= byte
  }
  // zeros are no cipher text: somebody has taken it out
  return seen === 0 ? null : mark >>> 0
}

export interface Encrypted {
  readonly etype: number | null
  readonly kvno: number | null
  /** the OCTET STRING */
  readonly cipher: DerElement | null
}

/** EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] OCTET STRING } */
export function encryptedIn(r: FieldReading, wrapper: DerElement, where: string): Encrypted {
  let etype: number | null = null
  let kvno: number | null = null
  let cipher: DerElement | null = null
  for (const field of sequenceIn(r, wrapper, where)) {
    if (field.tag === 0xa0) etype = numberIn(r, field, where)
    else if (field.tag === 0xa1) kvno = numberIn(r, field, where)
    else if (field.tag === 0xa2) cipher = insideOf(r, field, OCTET_STRING, where)
  }
  if (cipher?.cut) r.stop(where, cipher.end)
  // an RODC puts its own number into the upper half: some write such a UInt32 as a negative INTEGER
  return { etype, kvno: kvno === null ? null : kvno >>> 0, cipher }
}

// --- names
// ---------------------------------------------------------------------------------------------------------------------

export interface Name {
  /** components joined with '/' */
  readonly text: string
  readonly type: number | null
}

/**
 * PrincipalName ::= SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF KerberosString }; null unless all of it
 * is there
 */
export function nameIn(r: FieldReading, wrapper: DerElement, where: string): Name | null {
  const { bytes, start, end } = wrapper
  const known = wrapper.cut ? undefined : NAMES.find(bytes, start, end)
  if (known !== undefined) return known
  const isSound = r.fault === null && !wrapper.cut
  const name = nameOf(r, wrapper, where)
  // of what has no fault the bytes tell all
  if (isSound && name !== null && r.fault === null) NAMES.keep(bytes, start, end, name)
  return name
}

const NAMES = new SeenBytes<Name>()

function nameOf(r: FieldReading, wrapper: DerElement, where: string): Name | null {
  let type: number | null = null
  let text: string | null = null
  for (const field of sequenceIn(r, wrapper, where)) {
    if (field.tag === 0xa0) type = numberIn(r, field, where)
    else if (field.tag === 0xa1) text = componentsIn(r, field, where)
  }
  return text === null ? null : { text, type }
}

function componentsIn(r: FieldReading, wrapper: DerElement, where: string): string | null {
  const list = insideOf(r, wrapper, SEQUENCE, where)
  if (list === null) return null
  const components: string[] = []
  for (const item of fieldsOf(r, list, where)) {
    const component = textOf(r, item, where)
    if (component === null) return null
    components.push(component)
  }
  return list.cut ? null : keptName(components.join('/'))
}

// --- simple values
// --------------------------------------------------------------------------------------------------------------

export function textIn(r: FieldReading, wrapper: DerElement, where: string): string | null {
  const inner = derInner(wrapper)
  if (inner !== null) return textOf(r, inner, where)
  r.stop(where, wrapper.end)
  return null
}

/** A GeneralString by the book; in the field any primitive universal type. */
function textOf(r: FieldReading, element: DerElement, where: string): string | null {
  return isTextual(r, element, where) ? keptName(derText(element)) : null
}

function isTextual(r: FieldReading, element: DerElement, where: string): boolean {
  if (element.cut) r.stop(where, element.end)
  else if ((element.tag & 0xe0) !== 0) r.fail('malformed', where)
  else if (element.end - element.start > TEXT_BYTES_MAX) r.fail('limit', where)
  else return true
  return false
}

export function numberIn(r: FieldReading, wrapper: DerElement, where: string): number | null {
  const inner = derInner(wrapper)
  if (inner !== null) return numberOf(r, inner, where)
  r.stop(where, wrapper.end)
  return null
}

export function numberOf(r: FieldReading, element: DerElement, where: string): number | null {
  const value = element.tag === INTEGER ? derInteger(element) : null
  if (value !== null) return value
  if (element.cut) r.stop(where, element.end)
  else r.fail('malformed', where)
  return null
}

/** KerberosFlags: bit 0 is 0x80000000 */
export function flagsIn(r: FieldReading, wrapper: DerElement, where: string): number | null {
  const inner = derInner(wrapper)
  const flags = inner === null ? null : derFlags(inner)
  if (flags !== null) return flags
  if (inner === null || inner.cut) r.stop(where, wrapper.end)
  else r.fail('malformed', where)
  return null
}

/** KerberosTime: GeneralizedTime `YYYYMMDDhhmmssZ`, here in microseconds since 1970 */
export function timeIn(r: FieldReading, wrapper: DerElement, where: string): number | null {
  const inner = derInner(wrapper)
  if (inner === null) r.stop(where, wrapper.end)
  if (inner === null || !isTextual(r, inner, where)) return null
  const { bytes, start, end } = inner
  const year = decimal(bytes, start, 4, end)
  const month = decimal(bytes, start + 4, 2, end)
  const day = decimal(bytes, start + 6, 2, end)
  const hour = decimal(bytes, start + 8, 2, end)
  const minute = decimal(bytes, start + 10, 2, end)
  const second = decimal(bytes, start + 12, 2, end)
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) {
    r.fail('malformed', where)
    return null
  }
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000
}

/** The number of so many digits at `at`; -1: they are none, or not all there. */
function decimal(bytes: Uint8Array, at: number, digits: number, end: number): number {
  if (at + digits > end) return -1
  let value = 0
  for (let i = at; i < at + digits; i++) {
    const digit = bytes[i]! - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

// --- structure
// ------------------------------------------------------------------------------------------------------------------

/** The one element in a wrapper, where it has the tag that the grammar asks for. */
export function insideOf(r: FieldReading, wrapper: DerElement, tag: number, where: string): DerElement | null {
  const inner = derInner(wrapper)
  if (inner === null) r.stop(where, wrapper.end)
  else if (inner.tag !== tag) r.fail('malformed', where)
  else return inner
  return null
}

/** The elements of the SEQUENCE in a wrapper; none where there is no such SEQUENCE. */
export function sequenceIn(r: FieldReading, wrapper: DerElement, where: string): DerElement[] {
  const sequence = insideOf(r, wrapper, SEQUENCE, where)
  return sequence === null ? [] : fieldsOf(r, sequence, where)
}

/**
 * The elements of a SEQUENCE as far as they can be read. One that runs past the end is among them: its reader says how
 * far it got.
 */
export function fieldsOf(r: FieldReading, sequence: DerElement, where: string): DerElement[] {
  const fields = derChildren(sequence)
  const last = fields.at(-1)
  const end = last === undefined ? sequence.start : last.end
  if (fields.length > ITEMS_MAX) {
    r.fail('limit', where)
    fields.length = ITEMS_MAX
  } else if (end < sequence.end || (sequence.cut && last?.cut !== true)) r.stop(where, sequence.end)
  return fields
}
