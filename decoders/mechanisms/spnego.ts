/**
 * The SPNEGO mechanism: NegTokenInit, NegTokenInit2 and NegTokenResp (RFC 4178 4.2, MS-SPNG 2.2.1), framed as a GSS-API
 * initial token or bare.
 *
 * A server's NegTokenInit2 differs from a client's NegTokenInit by its hints alone, and only the direction tells them
 * apart where there are none: such a token is called NegTokenInit here, and whoever knows its sender knows better.
 *
 * Does not look inside mechanism tokens, verify a mechListMIC, read reqFlags, or join tokens that were sent in pieces
 * (MS-SPNG 3.1.5.8): a token that ends early has the fault 'cut' and is read as far as it goes. Byte fields borrow the
 * token.
 */

import type { Mechanism, MechanismMessage } from '../mechanism.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import {
  type DerElement,
  derAt,
  derChildren,
  derField,
  derInner,
  derInteger,
  derOctets,
  derOid,
  derText,
  SEQUENCE,
} from '../parts/der.ts'
import { mechanismName } from './oids.ts'

interface SpnegoCommon extends MechanismMessage {
  readonly protocol: 'spnego'
  /** the mechanism token inside (mechToken, responseToken), borrowed; null where there is none or an empty one */
  readonly innerToken: Uint8Array | null
  /** what kind of token signed the mechListMIC: told by its first bytes */
  readonly mechListMic: 'ntlm' | 'kerberos' | 'unknown' | null
  /** Windows 2000 writes the token a second time where the MIC belongs: that copy, borrowed, else null */
  readonly repeatedToken: Uint8Array | null
}

export interface NegTokenInit extends SpnegoCommon {
  readonly type: 'NegTokenInit' | 'NegTokenInit2'
  /** mechanism names in the order of the wire; an unknown OID stays in dotted form */
  readonly mechTypes: readonly string[]
  readonly hintName: string | null
}

export interface NegTokenResp extends SpnegoCommon {
  readonly type: 'NegTokenResp'
  readonly negState: 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic' | `unknown (${number})` | null
  readonly supportedMech: string | null
  /** the [4] field of Negotiate Late Fallback; null where absent */
  readonly supportedMechs: readonly string[] | null
}

export type SpnegoMessage = NegTokenInit | NegTokenResp

const APPLICATION_0 = 0x60
const CONTEXT_0 = 0xa0
const CONTEXT_1 = 0xa1
const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
const CLASS_BITS = 0xc0
const UNIVERSAL = 0x00

/** No list of mechanisms comes near it: Windows knows nine. */
const MECHANISMS_MAX = 64

const NEG_STATES = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic'] as const

export const spnego: Mechanism<SpnegoMessage> = {
  name: 'spnego',

  claims(token) {
    return negotiationToken(token) !== null
  },

  decode(token) {
    const choice = negotiationToken(token)
    if (choice === null) return failed(derAt(token)?.cut === true ? 'cut' : 'malformed', 'NegotiationToken')
    return choice.tag === CONTEXT_0 ? negTokenInit(choice) : negTokenResp(choice)
  },
}

/**
 * The choice inside the framing, or null where the token is none of SPNEGO's.
 *
 *     InitialContextToken ::= [APPLICATION 0] IMPLICIT SEQUENCE { thisMech OBJECT IDENTIFIER,
 *         innerContextToken NegotiationToken }
 *     NegotiationToken ::= CHOICE { negTokenInit [0] NegTokenInit, negTokenResp [1] NegTokenResp }
 */
function negotiationToken(token: Uint8Array): DerElement | null {
  let choice = derAt(token)
  if (choice?.tag === APPLICATION_0) {
    const thisMech = derInner(choice)
    if (thisMech === null || !isSpnegoOid(thisMech)) return null
    choice = derAt(token, thisMech.end, choice.end)
  }
  if (choice === null || (choice.tag !== CONTEXT_0 && choice.tag !== CONTEXT_1)) return null
  return token[choice.start] === SEQUENCE ? choice : null
}

/** 1.3.6.1.5.5.2 */
const SPNEGO_OID = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x02]

function isSpnegoOid(element: DerElement): boolean {
  if (element.tag !== OBJECT_IDENTIFIER || element.end - element.start !== SPNEGO_OID.length) return false
  return SPNEGO_OID.every((byte, at) => element.bytes[element.start + at] === byte)
}

/**
 *     NegTokenInit ::= SEQUENCE {
 *       mechTypes    [0] MechTypeList,
 *       reqFlags     [1] ContextFlags OPTIONAL,
 *       mechToken    [2] OCTET STRING OPTIONAL,
 *       mechListMIC  [3] OCTET STRING OPTIONAL }
 *
 *     NegTokenInit2 ::= SEQUENCE {
 *       ... the first three, then
 *       negHints     [3] NegHints OPTIONAL,
 *       mechListMIC  [4] OCTET STRING OPTIONAL }
 */
function negTokenInit(choice: DerElement): Outcome<NegTokenInit> {
  const faults: Fault[] = []
  const fields = fieldsOf(choice, 'NegTokenInit', faults)
  const mechToken = octets(fields.get(2))
  const third = fields.get(3)
  const negHints = third?.bytes[third.start] === SEQUENCE ? third : undefined
  const mechListMIC = octets(negHints === undefined ? (fields.get(4) ?? third) : fields.get(4))
  const value: NegTokenInit = {
    protocol: 'spnego',
    type: negHints !== undefined || fields.has(4) ? 'NegTokenInit2' : 'NegTokenInit',
    mechTypes: mechTypeList(fields.get(0), 'NegTokenInit.mechTypes', faults) ?? [],
    hintName: readHintName(negHints),
    innerToken: mechToken,
    mechListMic: micKind(mechListMIC, mechToken),
    repeatedToken: repeated(mechListMIC, mechToken),
  }
  return read(value, faults[0] ?? null)
}

/**
 *     NegTokenResp ::= SEQUENCE {
 *       negState       [0] ENUMERATED OPTIONAL,
 *       supportedMech  [1] MechType OPTIONAL,
 *       responseToken  [2] OCTET STRING OPTIONAL,
 *       mechListMIC    [3] OCTET STRING OPTIONAL,
 *       supportedMechs [4] MechTypeList OPTIONAL }     -- Negotiate Late Fallback, not in RFC 4178
 */
function negTokenResp(choice: DerElement): Outcome<NegTokenResp> {
  const faults: Fault[] = []
  const fields = fieldsOf(choice, 'NegTokenResp', faults)
  const responseToken = octets(fields.get(2))
  const mechListMIC = octets(fields.get(3))
  const value: NegTokenResp = {
    protocol: 'spnego',
    type: 'NegTokenResp',
    negState: readNegState(fields.get(0)),
    supportedMech: mechType(inner(fields.get(1))),
    supportedMechs: mechTypeList(fields.get(4), 'NegTokenResp.supportedMechs', faults),
    innerToken: responseToken,
    mechListMic: micKind(mechListMIC, responseToken),
    repeatedToken: repeated(mechListMIC, responseToken),
  }
  return read(value, faults[0] ?? null)
}

/** By the number of their tag, to name the place of a fault. */
const FIELD_NAMES: Readonly<Record<SpnegoType, readonly string[]>> = {
  NegTokenInit: ['mechTypes', 'reqFlags', 'mechToken', 'negHints', 'mechListMIC'],
  NegTokenResp: ['negState', 'supportedMech', 'responseToken', 'mechListMIC', 'supportedMechs'],
}

type SpnegoType = 'NegTokenInit' | 'NegTokenResp'

/** The fields of the SEQUENCE inside `choice` by the number of their context tag. */
function fieldsOf(choice: DerElement, type: SpnegoType, faults: Fault[]): Map<number, DerElement> {
  const sequence = derInner(choice)
  const elements = sequence === null ? [] : derChildren(sequence)
  const last = elements.at(-1)
  const where = last === undefined ? type : `${type}.${FIELD_NAMES[type][last.tag & 0x1f] ?? 'unknown'}`
  // Only the outermost length says how long the token was: when that is kept, a length too long inside it is a
  // contradiction.
  const readTo = last?.end ?? sequence?.start
  if (choice.cut) faults.push({ reason: 'cut', where })
  else if (sequence === null || sequence.cut || readTo !== sequence.end || elements.some(overruns)) {
    faults.push({ reason: 'malformed', where })
  }
  const fields = new Map<number, DerElement>()
  for (const element of elements) {
    const number = element.tag & 0x1f
    if ((element.tag & CONTEXT_0) === CONTEXT_0 && !fields.has(number)) fields.set(number, element)
  }
  return fields
}

/**
 * What the field wraps claims to be longer than the field is. A token put there without its OCTET STRING is not ours to
 * judge.
 */
function overruns(field: DerElement): boolean {
  const wrapped = derInner(field)
  return field.cut || (wrapped?.cut === true && (wrapped.tag & CLASS_BITS) === UNIVERSAL)
}

/** NegHints ::= SEQUENCE { hintName [0] GeneralString OPTIONAL, hintAddress [1] OCTET STRING OPTIONAL } */
function readHintName(negHints: DerElement | undefined): string | null {
  const sequence = inner(negHints)
  const hintName = sequence && derField(sequence, 0)
  return hintName && !hintName.cut ? derText(hintName) : null
}

/**
 * MechTypeList ::= SEQUENCE OF MechType. Late Fallback lists have been described with one more SEQUENCE around the
 * OIDs.
 */
function mechTypeList(field: DerElement | undefined, where: string, faults: Fault[]): string[] | null {
  if (field === undefined) return null
  const list = inner(field)
  let items = list === null ? [] : derChildren(list)
  if (items.length === 1 && items[0]!.tag === SEQUENCE) items = derChildren(items[0]!)
  if (items.length > MECHANISMS_MAX) faults.push({ reason: 'limit', where })
  const names: string[] = []
  for (const item of items.slice(0, MECHANISMS_MAX)) {
    const name = mechType(item)
    if (name === null) faults.push({ reason: 'malformed', where })
    else names.push(name)
  }
  return names
}

/** MechType ::= OBJECT IDENTIFIER */
function mechType(element: DerElement | null): string | null {
  const dotted = element && derOid(element)
  return dotted && mechanismName(dotted)
}

function readNegState(field: DerElement | undefined): NegTokenResp['negState'] {
  const enumerated = inner(field)
  const number = enumerated && derInteger(enumerated)
  return number === null ? null : (NEG_STATES[number] ?? `unknown (${number})`)
}

/**
 * The OCTET STRING of a field; where a stack forgot it and put its token right into the field, that token. Null for an
 * empty one.
 */
function octets(field: DerElement | undefined): Uint8Array | null {
  if (field === undefined) return null
  const string = inner(field)
  const bytes = derOctets(string?.tag === OCTET_STRING ? string : field)
  return bytes.length === 0 ? null : bytes
}

function inner(field: DerElement | undefined): DerElement | null {
  return field === undefined ? null : derInner(field)
}

/**
 * NTLM: NTLMSSP_MESSAGE_SIGNATURE, version 1, 16 bytes (MS-NLMP 2.2.2.9). Kerberos: a MIC token of RFC 4121 4.2.6.1
 * (TOK_ID 04 04), or of RFC 1964 1.2.1 (TOK_ID 01 01) in GSS framing. A copy of the token itself (Windows 2000) is no
 * MIC.
 */
function micKind(mic: Uint8Array | null, token: Uint8Array | null): SpnegoCommon['mechListMic'] {
  if (mic === null || repeated(mic, token) !== null) return null
  if (mic.length === 16 && mic[0] === 1 && mic[1] === 0 && mic[2] === 0 && mic[3] === 0) return 'ntlm'
  if (mic[0] === 0x04 && mic[1] === 0x04) return 'kerberos'
  const framed = derAt(mic)
  if (framed?.tag !== APPLICATION_0) return 'unknown'
  const thisMech = derInner(framed)
  const isKerberos = thisMech !== null && mechType(thisMech)?.endsWith('kerberos') === true
  return isKerberos && mic[thisMech.end] === 0x01 && mic[thisMech.end + 1] === 0x01 ? 'kerberos' : 'unknown'
}

function repeated(mic: Uint8Array | null, token: Uint8Array | null): Uint8Array | null {
  const same =
    mic !== null && token !== null && mic.length === token.length && mic.every((byte, at) => byte === token[at])
  return same ? mic : null
}
