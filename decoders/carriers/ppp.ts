/**
 * The carrier of logons in PPP (VPN of PPTP and L2TP, PPPoE): CHAP, MS-CHAP and MS-CHAPv2, by themselves or in EAP.
 *
 * Specification: RFC 1994 (CHAP), RFC 2433 and 2759 (MS-CHAP, MS-CHAPv2), RFC 3748 (EAP),
 * draft-kamath-pppext-eap-mschapv2, RFC 2637 (PPTP). The response of MS-CHAP is DES over the NT hash, as that of NTLMv1
 * is. What EAP puts into TLS is not visible; PAP is not read. The network layers give each packet from its protocol
 * field on. Neither a challenge nor a response leaves this file. All values are fresh copies.
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
import { errorOf, failureOf, SUCCEEDED } from '../parts/ms-chap.ts'
import { typedPrincipal } from '../parts/sasl.ts'
import { utf8Text } from '../parts/text.ts'

/** The control connection of PPTP: it stands for the port that PPP does not have. */
const PPTP_PORT = 1723

export const pppLogons: Carrier = {
  name: 'ppp',
  transport: 'udp',
  link: true,
  ports: [PPTP_PORT],
  probe: (head) => (isPacket(head) ? 'mine' : 'other'),
  frame,
  decode,
}

/*
 * Protocol (2): 0xc223 CHAP, 0xc227 EAP
 * Code (1), Identifier (1), Length (2): from Code on
 */
const CHAP = 0xc223
const EAP = 0xc227
const PROTOCOL_BYTES = 2
const HEADER_BYTES = 6
/** codes of both protocols: CHAP Challenge, Response, Success, Failure; EAP Request, Response, Success, Failure */
const CHALLENGE = 1
const RESPONSE = 2
const SUCCESS = 3
const FAILURE = 4

function isPacket(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES || head[0] !== CHAP >>> 8) return false
  if (head[1] !== (CHAP & 255) && head[1] !== (EAP & 255)) return false
  return head[2]! >= CHALLENGE && head[2]! <= FAILURE && packetLength(head) >= HEADER_BYTES
}

/** The protocol field included. */
function packetLength(head: Uint8Array): number {
  return PROTOCOL_BYTES + ((head[4]! << 8) | head[5]!)
}

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'lost' {
  if (!isPacket(head)) return 'lost'
  out.length = head.length
  out.keep = packetLength(head)
  out.more = false
  return 'ready'
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const EAP_MSCHAPV2 = 26
const IN_EAP = 'EAP-MSCHAPv2'
const METHODS_IN_TLS: ReadonlyMap<number, string> = new Map([
  [21, 'EAP-TTLS'],
  [25, 'PEAP'],
  [43, 'EAP-FAST'],
  [55, 'TEAP'],
])
const NAMES: Readonly<Record<number, string>> = {
  [CHALLENGE]: 'Challenge',
  [RESPONSE]: 'Response',
  [SUCCESS]: 'Success',
  [FAILURE]: 'Failure',
}

function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  if (!isPacket(pdu)) return failed(pdu.length < HEADER_BYTES ? 'cut' : 'malformed', 'PPP.Code')
  const isCut = pdu.length < packetLength(pdu)
  const packet = pdu.subarray(PROTOCOL_BYTES, packetLength(pdu))
  return pdu[1] === (CHAP & 255) ? chap(packet, null, isCut) : eap(packet, isCut)
}

/*
 * EAP (RFC 3748 4)
 *   0  Code (1), Identifier (1), Length (2)
 *   4  Type (1)
 *   5  of type 26: OpCode (1), MS-CHAPv2-ID (1), MS-Length (2), then as CHAP has it
 */
function eap(packet: Uint8Array, isCut: boolean): Outcome<readonly CarrierMessage[]> {
  const [code, identifier] = [packet[0]!, packet[1]!]
  // the end of EAP comes after that of its method
  if (code === SUCCESS || code === FAILURE) return read([])
  if (packet.length < 5) return failed('cut', 'EAP.Type')
  const type = packet[4]!
  const hidden = METHODS_IN_TLS.get(type)
  if (hidden !== undefined) {
    const from = code === RESPONSE ? 'client' : 'server'
    const fields = { identifier, userName: null, method: hidden, error: null }
    return read([pppMessage(hidden, from, fields, [{ kind: 'facts', facts: { hidden: 'ppp' } }])])
  }
  if (type !== EAP_MSCHAPV2) return read([])
  if (packet.length < 9) {
    // the client's word for what it was told: an OpCode alone
    if (packet.length !== 6 || code !== RESPONSE || packet[5]! < SUCCESS) return failed('cut', 'EAP.MS-CHAPv2')
    const fields = { identifier, userName: null, method: IN_EAP, error: null }
    return read([
      pppMessage(`${IN_EAP} ${NAMES[packet[5]!]}`, 'client', fields, [
        { kind: 'facts', facts: { loggedOn: typedPrincipal('') } },
      ]),
    ])
  }
  const isAnswer = code === RESPONSE
  if (isAnswer !== (packet[5] === RESPONSE)) return read([])
  if (packet[5]! < CHALLENGE || packet[5]! > FAILURE) return failed('unsupported', 'EAP.OpCode')
  return chap(packet.subarray(5), IN_EAP, isCut)
}

/*
 * CHAP
 *   0  Code (1), Identifier (1), Length (2)
 *   4  Challenge, Response: Value-Size (1), Value, Name. Success, Failure: Message
 */
function chap(packet: Uint8Array, inEap: string | null, isCut: boolean): Outcome<readonly CarrierMessage[]> {
  const [code, identifier] = [packet[0]!, packet[1]!]
  const fault = isCut ? ({ reason: 'cut', where: 'CHAP.Message' } as const) : null
  const message = String(identifier)
  const type = `${inEap === null ? '' : 'EAP-MSCHAPv2 '}${NAMES[code]}`
  if (code === SUCCESS || code === FAILURE) {
    const error = code === FAILURE ? errorOf(packet.subarray(4)) : null
    const leg: LegStep = {
      ...EMPTY_LEG,
      from: 'server',
      message,
      method: inEap ?? 'CHAP',
      outcome: code === SUCCESS ? 'success' : 'failure',
      status: code === SUCCESS ? SUCCEEDED : failureOf(error),
    }
    return read([pppMessage(type, 'server', { identifier, userName: null, method: inEap, error }, [leg])], fault)
  }
  const size = packet[4]
  if (size === undefined || 5 + size > packet.length) return failed(isCut ? 'cut' : 'malformed', 'CHAP.Value')
  if (code === CHALLENGE) {
    const leg: LegStep = { ...EMPTY_LEG, from: 'server', message, outcome: 'continue' }
    return read([pppMessage(type, 'server', { identifier, userName: null, method: inEap, error: null }, [leg])], fault)
  }
  const userName = utf8Text(packet.subarray(5 + size))
  const { method, plainNtlm } = responseOf(packet.subarray(5, 5 + size), inEap)
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'client',
    message,
    method,
    direct: plainNtlm !== null,
    plainNtlm,
    principal: typedPrincipal(userName),
  }
  return read([pppMessage(type, 'client', { identifier, userName, method, error: null }, [leg])], fault)
}

/*
 * MS-CHAP:   LM-Response (24), NT-Response (24), Flags (1): 1, use the NT-Response
 * MS-CHAPv2: Peer-Challenge (16), Reserved (8): 0, NT-Response (24), Flags (1): 0
 */
const RESPONSE_BYTES = 49
const RESERVED_AT = 16
const NT_RESPONSE_AT = 24
const FLAGS_AT = 48

function responseOf(value: Uint8Array, inEap: string | null): { method: string; plainNtlm: LegStep['plainNtlm'] } {
  if (value.length !== RESPONSE_BYTES) return { method: inEap ?? 'CHAP', plainNtlm: null }
  if (inEap !== null) return { method: inEap, plainNtlm: 'NTLMv1' }
  const isZero = (from: number, to: number) => value.subarray(from, to).every((byte) => byte === 0)
  const isSecond = isZero(RESERVED_AT, NT_RESPONSE_AT) && value[FLAGS_AT] === 0
  if (isSecond) return { method: 'MS-CHAPv2', plainNtlm: 'NTLMv1' }
  return { method: 'MS-CHAP', plainNtlm: isZero(NT_RESPONSE_AT, FLAGS_AT) ? 'LM' : 'NTLMv1' }
}

function pppMessage(
  type: string,
  from: Side,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'ppp', type, from, service: 'ppp', fields, steps }
}
