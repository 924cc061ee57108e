/**
 * The PostgreSQL carrier: logons by GSSAPI and SSPI, and by password.
 *
 * Specification: PostgreSQL documentation, Frontend/Backend Protocol 3.0 (message flow, formats; GSSAPI session
 * encryption). A message is a type octet and a length; only the first of the client (StartupMessage and its kin) has no
 * type, and the answer to SSLRequest and GSSENCRequest is one octet alone. What TLS begins is given back (`lost`).
 * Behind GSSENCRequest tokens travel under a length of four octets, then all is encrypted. No password and no SASL data
 * is kept. Tokens borrow the PDU.
 */

import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  type Framing,
  type LegStep,
  type Side,
} from '../carrier.ts'
import { failed, type Outcome, read } from '../outcome.ts'
import { END } from '../parts/byte-class.ts'
import { u32beAt } from '../parts/cursor.ts'
import { ascii, matching } from '../parts/lines.ts'
import { latin1 } from '../parts/text.ts'

export const postgresql: Carrier = {
  name: 'postgresql',
  transport: 'tcp',
  ports: [5432],
  begins: [
    // a StartupMessage of version 3, a request for encryption, or the beginning of one; AuthenticationRequest
    [0, 0, null, null, 0, 3],
    [0, 0, null, null, 4, 0xd2],
    [0, 0, null, null, [0, 4], null, null, END],
    [0, 0, null, null, null, END],
    [0x52, 0, 0, 0],
  ],
  probe,
  frame,
  decode,
}

const PROTOCOL_3 = 0x0003
const SSL_REQUEST = 80_877_103
const GSSENC_REQUEST = 80_877_104
const REQUEST_BYTES = 8
const STARTUP_BYTES_MAX = 10_000
/** A GSS token in a message, or a ticket in it, ends well below. */
const TOKEN_BYTES_MAX = 66_000

/**
 * StartupMessage, SSLRequest and GSSENCRequest of a client; AuthenticationRequest of a server whose first octet was not
 * seen.
 */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  if (head[0] === AUTHENTICATION) return probeAuthentication(head)
  if (head.length > 0 && head[0] !== 0) return 'other'
  if (head.length > 1 && head[1] !== 0) return 'other'
  if (head.length < REQUEST_BYTES) return head.length < 6 || head[4] === 0 || head[4] === 0x04 ? 'more' : 'other'
  return startLength(head) > 0 ? 'mine' : 'other'
}

function probeAuthentication(head: Uint8Array): 'mine' | 'other' | 'more' {
  for (let at = 1; at < Math.min(head.length, 4); at++) if (head[at] !== 0) return 'other'
  if (head.length < 9) return 'more'
  const request = u32beAt(head, 5)
  return u32beAt(head, 1) >= 8 && request <= SASL_FINAL ? 'mine' : 'other'
}

/** The length of a message without a type, or 0. */
function startLength(head: Uint8Array): number {
  const length = u32beAt(head, 0)
  const code = u32beAt(head, 4)
  if (code === SSL_REQUEST || code === GSSENC_REQUEST) return length === REQUEST_BYTES ? length : 0
  return code >>> 16 === PROTOCOL_3 && length > REQUEST_BYTES && length <= STARTUP_BYTES_MAX ? length : 0
}

/*
 * `Framing.state` of a half.
 *   client: ASKED_SSL or ASKED_GSS, until it says something else; STARTED
 *   server: GSS, where it agreed to encryption by GSSAPI; STARTED, where it has answered otherwise;
 *       DONE, when the logon is over
 */
const ASKED_SSL = 1
const ASKED_GSS = 2
const STARTED = 4
const GSS = 8
const DONE = 16

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  if (head.length === 0) return 'more'
  if (((out.state | out.peerState) & GSS) !== 0) return frameGss(head, out)
  const asked = out.peerState & (ASKED_SSL | ASKED_GSS)
  if (asked !== 0 && (head[0] === YES || head[0] === NO || head[0] === AGREES)) {
    // one octet; what follows a yes is TLS, or tokens
    out.length = 1
    out.state = asked === ASKED_GSS && head[0] === AGREES ? GSS : 0
    return 'ready'
  }
  if (head[0] === 0 && (out.state & STARTED) === 0) return frameStart(head, out)
  return frameTyped(head, out)
}

/** Length 4 (itself included), then the code of the request or the version of the protocol. */
function frameStart(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length < REQUEST_BYTES) return 'more'
  out.length = startLength(head)
  if (out.length === 0) return 'lost'
  const code = u32beAt(head, 4)
  out.state = code === SSL_REQUEST ? ASKED_SSL : code === GSSENC_REQUEST ? ASKED_GSS : STARTED
  if (code === SSL_REQUEST) out.keep = out.length
  return 'ready'
}

/** Type 1, Length 4 (itself included), body */
function frameTyped(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  const type = head[0]!
  if (!isType(type)) return 'lost'
  if (head.length < HEADER_BYTES) return 'more'
  out.length = 1 + u32beAt(head, 1)
  if (out.length < HEADER_BYTES) return 'lost'
  const needed = Math.min(out.length, TELLING_BYTES)
  if (type === AUTHENTICATION || type === PASSWORD) {
    if (head.length < needed) return 'more'
    out.keep = Math.min(out.length, isSecret(head, type, out.length) ? HEADER_BYTES : TOKEN_BYTES_MAX)
  } else if (type === ERROR && (out.state & DONE) === 0) out.keep = Math.min(out.length, TOKEN_BYTES_MAX)
  out.state = STARTED | (out.state & DONE)
  if (type === AUTHENTICATION && u32beAt(head, HEADER_BYTES) === OK) out.state |= DONE
  return 'ready'
}

/** Passwords, SASL data and tokens have the same type: a GSS token is known by its first octets. */
function isSecret(head: Uint8Array, type: number, length: number): boolean {
  return type === PASSWORD && !isGssToken(head, HEADER_BYTES, length - HEADER_BYTES)
}

/** Behind GSSENCRequest: Length 4, token or encrypted data. */
function frameGss(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length < 4) return 'more'
  const length = u32beAt(head, 0)
  if (length === 0 || length > TOKEN_BYTES_MAX) return 'lost'
  out.length = 4 + length
  if (head.length < Math.min(out.length, TELLING_BYTES)) return 'more'
  out.state = GSS
  if (isGssToken(head, 4, length)) out.keep = out.length
  return 'ready'
}

/**
 * NTLMSSP, or an element of DER (a GSS token, a SPNEGO answer) that fills its `length`: no password does. Hot,
 * allocates nothing.
 */
function isGssToken(head: Uint8Array, at: number, length: number): boolean {
  if (matching(head, at, NTLMSSP) === NTLMSSP.length) return true
  if (head[at] !== 0x60 && head[at] !== 0xa1) return false
  const first = head[at + 1]!
  if (first < 0x80) return length === 2 + first
  if (first === 0x81) return length === 3 + head[at + 2]!
  return first === 0x82 && length === 4 + ((head[at + 2]! << 8) | head[at + 3]!)
}

function isType(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x31 && byte <= 0x33)
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const OK = 0
const KERBEROS_V5 = 2
const CLEARTEXT = 3
const MD5 = 5
const GSSAPI = 7
const GSS_CONTINUE = 8
const SSPI = 9
const SASL = 10
const SASL_FINAL = 12

const COMMON = { protocol: 'postgresql', service: 'postgresql' } as const

function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < HEADER_BYTES) return failed('cut', 'Length')
  if (pdu[0] === 0) return beforeStart(pdu, side)
  const length = 1 + u32beAt(pdu, 1)
  const body = pdu.subarray(HEADER_BYTES, length)
  if (pdu[0] === PASSWORD) return passwordMessage(body)
  const fault = pdu.length < length ? ({ reason: 'cut', where: 'body' } as const) : null
  const message =
    pdu[0] === AUTHENTICATION ? authenticationRequest(body) : pdu[0] === ERROR ? errorResponse(body) : null
  return message === null && fault !== null ? failed('cut', 'body') : read(message === null ? [] : [message], fault)
}

/** SSLRequest, or a token of GSSENCRequest: nothing in it says who sends it. */
function beforeStart(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < REQUEST_BYTES) return failed('cut', 'SSLRequest')
  if (u32beAt(pdu, 4) === SSL_REQUEST) {
    const steps: AuthStep[] = [{ kind: 'facts', facts: { service: 'postgresql' } }]
    return read([{ ...COMMON, type: 'SSLRequest', from: 'client', fields: {}, steps }])
  }
  const token = pdu.subarray(4, 4 + u32beAt(pdu, 0))
  const leg: LegStep =
    side === 'client'
      ? { ...EMPTY_LEG, from: 'client', method: 'GSSAPI', token }
      : { ...EMPTY_LEG, from: 'server', token, outcome: 'continue' }
  const fault = pdu.length < 4 + u32beAt(pdu, 0) ? ({ reason: 'cut', where: 'GSSAPI token' } as const) : null
  return read([message('GSSAPI token', leg)], fault)
}

function passwordMessage(body: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const leg: LegStep =
    body.length === 0
      ? { ...EMPTY_LEG, from: 'client', method: 'password' }
      : { ...EMPTY_LEG, from: 'client', method: 'SPNEGO', token: body }
  return read([message(body.length === 0 ? 'PasswordMessage' : 'GSSResponse', leg)])
}

/** What it asks for is an offer; of SASL, the list of names. GSSContinue carries a token. */
function authenticationRequest(body: Uint8Array): CarrierMessage | null {
  if (body.length < 4) return null
  const request = u32beAt(body, 0)
  const rest = body.subarray(4)
  if (request === OK) return result(true, 'AuthenticationOk')
  if (request === GSS_CONTINUE) {
    return message('AuthenticationGSSContinue', { ...EMPTY_LEG, from: 'server', token: rest, outcome: 'continue' })
  }
  const methods =
    request === SASL
      ? latin1(rest)
          .split('\0')
          .filter((name) => /^[A-Z0-9-]{1,32}$/.test(name))
      : METHODS[request]
  if (methods === undefined) {
    return message('AuthenticationSASLContinue', { ...EMPTY_LEG, from: 'server', outcome: 'continue' })
  }
  const steps: AuthStep[] = [{ kind: 'offer', methods, token: null, slot: '' }]
  return { ...COMMON, type: 'AuthenticationRequest', from: 'server', fields: { offers: methods }, steps }
}

/** The package of SSPI is Negotiate. */
const METHODS: Readonly<Record<number, readonly string[]>> = {
  [KERBEROS_V5]: ['Kerberos'],
  [CLEARTEXT]: ['password'],
  [MD5]: ['md5'],
  [GSSAPI]: ['GSSAPI'],
  [SSPI]: ['Negotiate'],
}

/**
 * Fields of one letter, each with a text and a NUL. Class 28 of SQLSTATE is an authorization that is not valid; other
 * errors come after it.
 */
function errorResponse(body: Uint8Array): CarrierMessage | null {
  const state = /(?:^|\0)C(28[0-9A-Z]{3})\0/.exec(latin1(body.subarray(0, ERROR_BYTES_MAX)))
  return state === null ? null : result(false, state[1]!)
}

function result(accepted: boolean, name: string): CarrierMessage {
  const outcome = accepted ? 'success' : 'failure'
  return message(
    'result',
    { ...EMPTY_LEG, from: 'server', outcome, status: { code: 0, name, detail: null } },
    { status: name },
  )
}

function message(type: string, leg: LegStep, fields: CarrierMessage['fields'] = null): CarrierMessage {
  return { ...COMMON, type, from: leg.from, fields, steps: [leg] }
}

const ERROR_BYTES_MAX = 4096
const HEADER_BYTES = 5
/** header, and what tells a token */
const TELLING_BYTES = HEADER_BYTES + 8

const AUTHENTICATION = 0x52
const PASSWORD = 0x70
const ERROR = 0x45
const YES = 0x53
const NO = 0x4e
const AGREES = 0x47
const NTLMSSP = ascii('NTLMSSP\0')
