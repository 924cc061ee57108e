/**
 * The CredSSP carrier: how a client of Remote Desktop logs on inside TLS before there is a desktop (Network Level
 * Authentication).
 *
 * Specification: MS-CSSP 2.2.1 (TSRequest) and 3.1.5. It takes the tokens and what the server says of them. `authInfo`
 * is the password, sealed: it is stepped over. `pubKeyAuth` binds the logon to the server's key; that it is there is
 * seen, that it is right is sealed. Tokens borrow the PDU.
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
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { range, some } from '../parts/byte-class.ts'
import { derAt, derChildren, derField, derInteger, derOctets, SEQUENCE } from '../parts/der.ts'
import { ntstatusName } from '../parts/ntstatus.ts'

export const credssp: Carrier = {
  name: 'credssp',
  transport: 'tcp',
  ports: [],
  begins: [[range(0, 0x7f)], ...[1, 2, 3, 4].map((octets) => [0x80 + octets, ...some(octets)])].map((length) => [
    SEQUENCE,
    ...length,
    0xa0,
    3,
    2,
    1,
  ]),
  probe,
  frame,
  decode,
}

/**
 * ```
 * TSRequest ::= SEQUENCE { version [0] INTEGER, negoTokens [1] SEQUENCE OF SEQUENCE { negoToken [0] OCTET STRING },
 * authInfo [2] OCTET STRING,
 *                          pubKeyAuth [3] OCTET STRING, errorCode [4] INTEGER, clientNonce [5] OCTET STRING }
 * ```
 */
/** a Kerberos token of 64 KiB and a sealed key beside it */
const REQUEST_BYTES_MAX = 131_072
const VERSION_MAX = 32
/** SEQUENCE with its length in up to five bytes, then `a0 03 02 01 version` and the next field */
const VERSION_BYTES = 5

/** Behind the identifier and the length; 0: more bytes are needed, -1: no such length. */
function contentAt(head: Uint8Array): number {
  if (head.length < 2) return 0
  const first = head[1]!
  if (first < 0x80) return 2
  const octets = first & 0x7f
  if (octets === 0 || octets > 4) return -1
  return head.length < 2 + octets ? 0 : 2 + octets
}

function contentLength(head: Uint8Array): number {
  const first = head[1]!
  if (first < 0x80) return first
  let length = 0
  for (let at = 0; at < (first & 0x7f); at++) length = length * 256 + head[2 + at]!
  return length
}

function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  if (head.length === 0) return 'more'
  if (head[0] !== SEQUENCE) return 'other'
  const at = contentAt(head)
  if (at < 0) return 'other'
  if (at === 0) return 'more'
  if (contentLength(head) > REQUEST_BYTES_MAX) return 'other'
  for (let i = 0; i < VERSION_BYTES - 1 && at + i < head.length; i++) if (head[at + i] !== VERSION[i]) return 'other'
  if (head.length < at + VERSION_BYTES + 1) return contentLength(head) === VERSION_BYTES ? 'other' : 'more'
  const version = head[at + VERSION_BYTES - 1]!
  const next = head[at + VERSION_BYTES]!
  return version >= 2 && version <= VERSION_MAX && next >= 0xa1 && next <= 0xa5 ? 'mine' : 'other'
}

const VERSION: readonly number[] = [0xa0, 0x03, 0x02, 0x01]

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' | 'tunnel' {
  if (head.length > 0 && head[0] !== SEQUENCE) return (out.state & SPOKEN) !== 0 ? 'tunnel' : 'lost'
  const at = contentAt(head)
  if (at < 0) return 'lost'
  if (at === 0) return 'more'
  const length = at + contentLength(head)
  if (length > REQUEST_BYTES_MAX) return 'lost'
  out.length = length
  out.keep = length
  out.more = false
  out.state |= SPOKEN
  return 'ready'
}

/** `Framing.state`: a TSRequest has passed, so that what is none begins the desktop. */
const SPOKEN = 1

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  const request = derAt(pdu)
  if (request === null) return failed('malformed', 'TSRequest')
  const fault: Fault | null = request.cut ? { reason: 'cut', where: 'TSRequest' } : null
  const versionField = derField(request, 0)
  const tokens = derField(request, 1)
  const [first] = tokens === null ? [] : derChildren(tokens)
  const tokenField = first === undefined ? null : derField(first, 0)
  const token = tokenField === null || tokenField.cut ? null : derOctets(tokenField)
  const hasKey = derField(request, 3) !== null
  const errorField = derField(request, 4)
  const error = errorField === null ? null : derInteger(errorField)
  const fields = {
    version: versionField === null ? null : derInteger(versionField),
    pubKeyAuth: hasKey,
    authInfo: derField(request, 2) !== null,
    errorCode: error === null ? null : ntstatusName(error),
  }
  return read([message(side, fields, stepsOf(side, token, hasKey, error))], fault)
}

function stepsOf(side: Side, token: Uint8Array | null, hasKey: boolean, error: number | null): AuthStep[] {
  if (side === 'client') return token === null ? [] : [leg({ from: 'client', token })]
  if (error !== null) {
    const status = { code: error >>> 0, name: ntstatusName(error), detail: null }
    return [leg({ from: 'server', token, outcome: 'failure', status })]
  }
  // the server proves that it knows the session key: only then was the logon accepted (3.1.5)
  if (hasKey) return [leg({ from: 'server', token, outcome: 'success' })]
  return token === null ? [] : [leg({ from: 'server', token, outcome: 'continue' })]
}

function leg(parts: Partial<LegStep> & Pick<LegStep, 'from'>): LegStep {
  return { ...EMPTY_LEG, method: 'SPNEGO', ...parts }
}

function message(from: Side, fields: CarrierMessage['fields'], steps: readonly AuthStep[]): CarrierMessage {
  return { protocol: 'credssp', type: 'TSRequest', from, service: 'rdp', fields, steps }
}
