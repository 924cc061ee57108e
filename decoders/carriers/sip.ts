/**
 * The SIP carrier: telephones and messengers that register with NTLM or Kerberos, over TCP and, at port 5060, UDP.
 *
 * Specification: RFC 3261 7, 18.3, 20 and 22 (messages, framing, authentication), MS-SIPAE (schemes NTLM, Kerberos and
 * TLS-DSK, whose tokens stand in the parameter `gssapi-data`). NTLM begins with an empty `gssapi-data`: there is no
 * NEGOTIATE_MESSAGE. Requests that are only signed with what was agreed (`response`) are no logons. Over TLS nothing of
 * this is visible. All values are fresh copies.
 */

import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  FRAME_BYTES_MAX,
  type Framing,
  type LegStep,
  type Side,
  type Status,
} from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { CAPITALS, letters } from '../parts/byte-class.ts'
import { ascii, decimal, isDigit, isField, matching, startsWith, throughBlankLine } from '../parts/lines.ts'
import { base64Bytes, latin1 } from '../parts/text.ts'
import { type Challenge, credentialsPrincipal, parseChallenges, parseCredentials } from './http/http-auth.ts'
import { type Head, readHead } from './http/http-message.ts'

export const sip: Carrier = {
  name: 'sip',
  transport: 'tcp',
  ports: [5060],
  begins: [letters('SIP/2.0'), [CAPITALS, CAPITALS, { many: CAPITALS, most: 10 }, 0x20]],
  probe,
  frame,
  decode,
}

export const sipUdp: Carrier = {
  name: 'sip',
  transport: 'udp',
  ports: [5060],
  local: true,
  probe,
  frame(head, side, out) {
    const answer = frame(head, side, out)
    // what the snap length left is all there is
    if (answer === 'more') out.keep = head.length
    out.length = head.length
    return answer === 'lost' ? 'lost' : 'ready'
  },
  decode,
}

/*
 * Request-Line = Method SP Request-URI SP SIP-Version CRLF
 * Status-Line  = SIP-Version SP Status-Code SP Reason-Phrase CRLF
 */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  const version = matching(head, 0, SIP_2)
  if (version === SIP_2.length) return 'mine'
  if (version === head.length) return 'more'
  let at = 0
  while (at < head.length && head[at]! >= UPPER_A && head[at]! <= UPPER_Z) at++
  if (at > METHOD_BYTES_MAX) return 'other'
  if (at === head.length) return 'more'
  if (at < METHOD_BYTES_MIN || head[at] !== SP) return 'other'
  for (const scheme of SCHEMES) {
    const seen = matching(head, at + 1, scheme)
    if (seen === scheme.length) return 'mine'
    if (at + 1 + seen === head.length) return 'more'
  }
  return 'other'
}

/** `Framing.state`: the latest request of this half. */
const ASKED = 1
const AUTHORISED = 2

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  if (head[0] === CR || head[0] === LF) {
    // RFC 5626 3.5.1: keep-alives between messages
    out.length = 1
    while (head[out.length] === CR || head[out.length] === LF) out.length++
    return 'ready'
  }
  if (probe(head) === 'other') return 'lost'
  const end = throughBlankLine(head, out)
  if (end < 0) return head.length < FRAME_BYTES_MAX ? 'more' : 'lost'
  const isResponse = startsWith(head, SIP_2)
  let body = 0
  let authorised = false
  for (let at = head.indexOf(LF) + 1; at < end; at = head.indexOf(LF, at) + 1) {
    if (isField(head, at, CONTENT_LENGTH)) body = decimal(head, at + CONTENT_LENGTH.length)
    else if (isField(head, at, L)) body = decimal(head, at + L.length)
    else if (isField(head, at, AUTHORIZATION) || isField(head, at, PROXY_AUTHORIZATION)) authorised = true
  }
  if (body < 0) return 'lost'
  out.length = end + body
  if (!isResponse) out.state = ASKED | (authorised ? AUTHORISED : 0)
  const answers = isResponse && (isChallenge(head) || out.peerState === 0 || (out.peerState & AUTHORISED) !== 0)
  if (authorised || answers) out.keep = end
  return 'ready'
}

/** 401 or 407 */
function isChallenge(head: Uint8Array): boolean {
  const code = SIP_2.length
  return head[code] === FOUR && head[code + 1] === ZERO && isDigit(head[code + 2]!)
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const head = readHead(latin1(pdu))
  if (head === null) return failed('cut', 'start-line')
  const request = /^([A-Z]{3,16}) \S+ SIP\/2\.0$/.exec(head.startLine)
  const response = /^SIP\/2\.0 (\d{3})\b/.exec(head.startLine)
  if (request === null && response === null) return failed('malformed', 'start-line')
  const cut: Fault | null = head.complete ? null : { reason: 'cut', where: 'field-line' }
  return request === null ? answer(Number(response![1]), head, cut) : asked(request[1]!, head, cut)
}

/** The registration or dialogue within the connection: one connection of a proxy holds those of many users. */
function slotOf(head: Head): string {
  return head.first('call-id') ?? head.first('i') ?? ''
}

/** `fields`: method, scheme, targetName. */
function asked(method: string, head: Head, cut: Fault | null): Outcome<readonly CarrierMessage[]> {
  const field = head.first('proxy-authorization') === null ? 'authorization' : 'proxy-authorization'
  const value = head.first(field)
  if (value === null) return read([], cut)
  const { value: credentials, fault } = parseCredentials(value, field)
  if (credentials === null) return read([], cut ?? fault)
  const targetName = credentials.params.get('targetname') ?? null
  const { scheme } = credentials
  const fields = { method, scheme, targetName }
  const step = signature(credentials, slotOf(head)) ?? leg(credentials, slotOf(head), hostOf(targetName))
  return read([{ ...COMMON, type: 'request', from: 'client', fields, steps: [step] }], cut ?? fault)
}

const COMMON = { protocol: 'sip', service: 'sip' } as const

/** A request under the keys that were agreed, MS-SIPAE 3.2.5.1. */
function signature({ params }: Challenge, slot: string): AuthStep | null {
  if (params.has('gssapi-data') || !params.has('crand') || !params.has('response')) return null
  return { kind: 'traffic', from: 'client', slot, protection: 'signed', refused: false, how: null }
}

function leg(credentials: Challenge, slot: string, serverName: string | null): LegStep {
  const { scheme } = credentials
  return {
    ...EMPTY_LEG,
    from: 'client',
    slot,
    method: scheme,
    direct: scheme === 'NTLM',
    token: tokenOf(credentials),
    principal: credentialsPrincipal(credentials),
    facts: serverName === null ? null : { serverName },
  }
}

/** `sip/host` for Kerberos, the host alone for NTLM. */
function hostOf(targetName: string | null): string | null {
  return targetName?.replace(/^sip\//i, '') || null
}

/** `fields`: status, offers (schemes in the order sent). */
function answer(code: number, head: Head, cut: Fault | null): Outcome<readonly CarrierMessage[]> {
  const lists = ['www-authenticate', 'proxy-authenticate'].map((name) =>
    parseChallenges(head.all(name).join(', '), name),
  )
  const challenges = lists.flatMap(({ value }) => value)
  const methods = [...new Set(challenges.map(({ scheme }) => scheme))]
  const going = challenges.find((challenge) => tokenOf(challenge) !== null)
  const refuses = code === 401 || code === 407
  const steps: AuthStep[] = []
  if (refuses && going === undefined && methods.length > 0 && cut === null)
    steps.push({ kind: 'offer', methods, token: null, slot: '' })
  const outcome = refuses ? (going === undefined ? (cut === null ? 'failure' : null) : 'continue') : acceptance(code)
  if (outcome !== null) {
    const status: Status = { code, name: NAMES.get(code) ?? String(code), detail: null }
    const token = going === undefined ? null : tokenOf(going)
    steps.push({
      ...EMPTY_LEG,
      from: 'server',
      slot: slotOf(head),
      method: going?.scheme ?? null,
      token,
      outcome,
      status,
    })
  }
  const fault = cut ?? lists.find((list) => list.fault !== null)?.fault ?? null
  return read(
    [{ ...COMMON, type: 'response', from: 'server', fields: { status: code, offers: methods }, steps }],
    fault,
  )
}

/**
 * Whoever is let through was accepted; other refusals (403, 404, 488, 503) do not tell whether it was known who asks.
 */
function acceptance(code: number): 'success' | null {
  return code >= 200 && code < 400 ? 'success' : null
}

function tokenOf({ params }: Challenge): Uint8Array | null {
  const data = params.get('gssapi-data') ?? ''
  const token = data === '' ? null : base64Bytes(data)
  return token === null || token.length === 0 ? null : token
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [200, '200 OK'],
  [202, '202 Accepted'],
  [401, '401 Unauthorized'],
  [407, '407 Proxy Authentication Required'],
])

/** NEGOTIATE, SUBSCRIBE, BENOTIFY are the longest in use, ACK and BYE the shortest. */
const METHOD_BYTES_MIN = 3
const METHOD_BYTES_MAX = 12

const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const ZERO = 0x30
const FOUR = 0x34
const UPPER_A = 0x41
const UPPER_Z = 0x5a

const SIP_2 = ascii('SIP/2.0 ')
const SCHEMES = ['sip:', 'sips:', 'tel:'].map(ascii)
const CONTENT_LENGTH = ascii('content-length:')
const L = ascii('l:')
const AUTHORIZATION = ascii('authorization:')
const PROXY_AUTHORIZATION = ascii('proxy-authorization:')
