/**
 * The SOCKS carrier: logons at a proxy, and where it leads to.
 *
 * Specification: RFC 1928 (version 5), RFC 1929 (user name and password), RFC 1961 (GSSAPI), SOCKS 4 and 4A (no
 * authentication). Behind the reply that grants a connection another conversation begins (`over`); its end is the fact
 * `tunnel`. What GSSAPI protects goes in messages that nobody can read: such a conversation is hidden. A conversation
 * is told by its greeting, which fills its bytes. Of a password nothing is kept. Tokens borrow the PDU.
 */

import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  type Framed,
  type Framing,
  type LegStep,
  type Side,
} from '../carrier.ts'
import { failed, type Outcome, read } from '../outcome.ts'
import { range } from '../parts/byte-class.ts'
import { typedPrincipal } from '../parts/sasl.ts'
import { latin1, utf8Text } from '../parts/text.ts'
import { ipv4Text, ipv6Text } from './names/dns-message.ts'

export const socks: Carrier = {
  name: 'socks',
  transport: 'tcp',
  ports: [1080],
  begins: [
    [4, [1, 2]],
    [5, range(1, 10), [...range(0, 3), ...range(5, 9), ...range(0x80, 0xff)]],
  ],
  probe,
  frame,
  decode,
}

const V4 = 4
const V5 = 5
const SUBNEGOTIATION = 1
const GSSAPI = 1
const USER_NAME = 2
const METHODS_MAX = 10
/** SOCKS 4: USERID and the domain of 4A end with NUL. */
const NAME_BYTES_MAX = 256

/** The greeting of a client. Two octets of a server are no proof: its half is known by the client's. */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  if (head.length === 0) return 'more'
  if (head[0] === V4) return probeV4(head)
  if (head[0] !== V5) return 'other'
  if (head.length < 2) return 'more'
  const count = head[1]!
  if (count === 0 || count > METHODS_MAX) return 'other'
  const end = 2 + count
  for (let at = 2; at < Math.min(end, head.length); at++) {
    // IANA has given out 0 to 9 but for 4; from 0x80 on they are private
    if (head[at]! < 0x80 && (head[at]! > 9 || head[at] === 4)) return 'other'
  }
  if (head.length < end) return 'more'
  if (head.length === end) return 'mine'
  // a client that does not wait: what follows is a request, or a subnegotiation
  return head[end] === SUBNEGOTIATION || (head[end] === V5 && (head[end + 2] ?? 0) === 0) ? 'mine' : 'other'
}

/** VN 4, CD 1 or 2, port, address, USERID of letters, NUL, and nothing behind it. */
function probeV4(head: Uint8Array): 'mine' | 'other' | 'more' {
  if (head.length > 1 && head[1] !== CONNECT && head[1] !== BIND) return 'other'
  for (let at = 8; at < head.length; at++) if (head[at]! >= 0x7f || (head[at]! < 0x20 && head[at] !== 0)) return 'other'
  const length = v4Length(head)
  if (length === 0) return head.length > NAME_BYTES_MAX ? 'other' : 'more'
  return length === head.length ? 'mine' : 'other'
}

/** The length of a request of version 4; 0: more bytes are needed. With an address 0.0.0.x a domain follows (4A). */
function v4Length(head: Uint8Array): number {
  if (head.length < 9) return 0
  const end = head.indexOf(0, 8)
  if (end < 0) return 0
  const hasDomain = head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] !== 0
  return (hasDomain ? head.indexOf(0, end + 1) : end) + 1
}

/*
 * `Framing.state` of a half.
 *   0-7  server: the method that it chose, and 1; 8 client: greeted;
 *       9 asked for a connection by version 5, 10 by version 4; 11 for something else;
 *   12 server: the connection is granted; 13 client: a message that GSSAPI protects was kept
 */
const METHOD = 0xff
const GREETED = 0x100
const ASKED = 0x200
const ASKED_V4 = 0x400
const ASKED_OTHER = 0x800
const GRANTED = 0x1000
const PROTECTED = 0x2000

const CONNECT = 1
const BIND = 2
const GRANTED_V4 = 90

function frame(head: Uint8Array, _side: Side, out: Framing): Framed {
  out.more = false
  out.keep = 0
  if (((out.state | out.peerState) & GRANTED) !== 0) return 'tunnel'
  if (head.length === 0) return 'more'
  if (((out.peerState | out.state) & ASKED_V4) !== 0)
    return (out.state & ASKED_V4) !== 0 ? 'tunnel' : frameV4Reply(head, out)
  if (head[0] === V4 && out.state === 0) return frameV4(head, out)
  if (head[0] === SUBNEGOTIATION) return frameSubnegotiation(head, out)
  if (head[0] !== V5) return (out.state & ASKED) !== 0 ? 'tunnel' : 'lost'
  if (out.state === 0) return (out.peerState & GREETED) === 0 ? frameGreeting(head, out) : frameChoice(head, out)
  return frameRequest(head, out)
}

function frameGreeting(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length < 2) return 'more'
  out.length = 2 + head[1]!
  out.state = GREETED
  return head[1] === 0 ? 'lost' : 'ready'
}

function frameChoice(head: Uint8Array, out: Framing): 'ready' | 'more' {
  if (head.length < 2) return 'more'
  out.length = 2
  out.keep = 2
  // 0xff, none of them, does not fit: the client leaves
  out.state = Math.min(head[1]! + 1, METHOD)
  return 'ready'
}

/** VER 5, CMD or REP, RSV 0, ATYP, address, port */
function frameRequest(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length < 5) return 'more'
  const length = addressEnd(head) + 2
  if (head[2] !== 0 || length <= 2) return 'lost'
  out.length = length
  out.keep = length
  if ((out.state & GREETED) !== 0) out.state |= head[1] === CONNECT ? ASKED : ASKED_OTHER
  else if (head[1] === 0 && (out.peerState & ASKED_OTHER) === 0) out.state |= GRANTED
  return 'ready'
}

/** Where the address that ATYP announces ends; 0: no such type. */
function addressEnd(head: Uint8Array): number {
  return head[3] === 1 ? 8 : head[3] === 3 ? 5 + head[4]! : head[3] === 4 ? 20 : 0
}

/**
 * ```
 * RFC 1961 3   ver 1, mtyp (1 authentication, 2 protection level, 3 protected), len 2, token;  ver 1, 0xff: refused
 * RFC 1929 2   ver 1, ulen 1, uname, plen 1, passwd;                                           ver 1, status
 * ```
 */
function frameSubnegotiation(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  const fromServer = (out.state & METHOD) !== 0
  const method = ((fromServer ? out.state : out.peerState) & METHOD) - 1
  if (head.length < 2) return 'more'
  if (method === USER_NAME) return fromServer ? frameStatus(out) : framePassword(head, out)
  if (method !== GSSAPI) return 'lost'
  if (fromServer && head[1] === REFUSED) return frameStatus(out)
  if (head.length < 4) return 'more'
  if (head[1]! < 1 || head[1]! > PROTECTED_DATA) return 'lost'
  out.length = 4 + ((head[2]! << 8) | head[3]!)
  if (head[1] !== PROTECTED_DATA) out.keep = head[1] === TOKEN ? out.length : SEALED_KEPT
  else if ((out.state & PROTECTED) === 0 && !fromServer) {
    out.keep = SEALED_KEPT
    out.state |= PROTECTED
  }
  return 'ready'
}

/** version, mtyp and one octet: no user name is kept in so few with such a length */
const SEALED_KEPT = 3
const TOKEN = 1
const PROTECTION_LEVEL = 2
const PROTECTED_DATA = 3
const REFUSED = 0xff

function frameStatus(out: Framing): 'ready' {
  out.length = 2
  out.keep = 2
  return 'ready'
}

function framePassword(head: Uint8Array, out: Framing): 'ready' | 'more' {
  const name = 2 + head[1]!
  if (head.length <= name) return 'more'
  out.length = name + 1 + head[name]!
  out.keep = name
  return 'ready'
}

function frameV4(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  out.length = v4Length(head)
  if (out.length === 0) return head.length > NAME_BYTES_MAX ? 'lost' : 'more'
  out.keep = out.length
  out.state = ASKED_V4
  return 'ready'
}

/** VN 0, CD, port, address */
function frameV4Reply(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head[0] !== 0) return 'lost'
  if (head.length < 2) return 'more'
  out.length = 8
  if (head[1] === GRANTED_V4) out.state = GRANTED
  return 'ready'
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const COMMON = { protocol: 'socks', service: 'socks' } as const

/** What is said follows from the version and the length; who says it, where the two are the same, from the side. */
function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < 2) return failed('cut', 'version')
  if (pdu[0] === V4) return requestV4(pdu)
  if (pdu[0] === SUBNEGOTIATION) return subnegotiation(pdu, side)
  if (pdu.length === 2) return choice(pdu[1]!)
  return side === 'client' ? request(pdu) : read([reply()])
}

/** The request that names the target may not be in the capture: what follows is not said to the proxy all the same. */
function reply(): CarrierMessage {
  const steps: AuthStep[] = [{ kind: 'facts', facts: { service: 'socks' } }]
  return { ...COMMON, type: 'reply', from: 'server', fields: null, steps }
}

function choice(method: number): Outcome<readonly CarrierMessage[]> {
  const name = METHODS[method]
  const steps: AuthStep[] = name === undefined ? [] : [{ kind: 'offer', methods: [name], token: null, slot: '' }]
  return read([{ ...COMMON, type: 'method', from: 'server', fields: { method: name ?? method }, steps }])
}

const METHODS: Readonly<Record<number, string>> = { [GSSAPI]: 'GSSAPI', [USER_NAME]: 'password' }

function subnegotiation(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (pdu.length === 2) return side === 'client' ? failed('cut', 'subnegotiation') : read([result(pdu[1]!)])
  if (pdu.length === 2 + pdu[1]!) {
    const principal = typedPrincipal(utf8Text(pdu.subarray(2)))
    return read([clientMessage('password', { method: 'LOGIN', principal })])
  }
  if (pdu[1] === PROTECTED_DATA) {
    return read([
      {
        ...COMMON,
        type: 'protected',
        from: 'client',
        fields: null,
        steps: [{ kind: 'facts', facts: { hidden: 'unknown' } }],
      },
    ])
  }
  // whoever agrees on a level of protection has accepted
  if (pdu[1] === PROTECTION_LEVEL) return read(side === 'client' ? [] : [result(0)])
  if (pdu.length < 4) return failed('cut', 'subnegotiation')
  const token = pdu.subarray(4)
  const fault = token.length < ((pdu[2]! << 8) | pdu[3]!) ? ({ reason: 'cut', where: 'token' } as const) : null
  if (side === 'client') return read([clientMessage('token', { method: 'SPNEGO', token })], fault)
  const leg: LegStep = { ...EMPTY_LEG, from: 'server', token, outcome: 'continue' }
  return read([{ ...COMMON, type: 'token', from: 'server', fields: null, steps: [leg] }], fault)
}

function clientMessage(type: string, leg: Partial<LegStep>): CarrierMessage {
  return { ...COMMON, type, from: 'client', fields: null, steps: [{ ...EMPTY_LEG, from: 'client', ...leg }] }
}

function result(status: number): CarrierMessage {
  const name = status === 0 ? 'accepted' : 'refused'
  const outcome = status === 0 ? 'success' : 'failure'
  const leg: LegStep = { ...EMPTY_LEG, from: 'server', outcome, status: { code: status, name, detail: null } }
  return { ...COMMON, type: 'result', from: 'server', fields: { status: name }, steps: [leg] }
}

/** `fields`: target, `host:port` as the client asks for it. */
function request(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const end = addressEnd(pdu)
  if (end === 0) return failed('malformed', 'ATYP')
  if (pdu.length < end + 2) return failed('cut', 'DST.PORT')
  const address = pdu.subarray(pdu[3] === 3 ? 5 : 4, end)
  const host = pdu[3] === 3 ? latin1(address) : pdu[3] === 1 ? ipv4Text(address) : `[${ipv6Text(address)}]`
  return read([connect(host, (pdu[end]! << 8) | pdu[end + 1]!)])
}

/** VN, CD, DSTPORT 2, DSTIP 4, USERID, NUL, of 4A a domain and NUL */
function requestV4(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const length = v4Length(pdu)
  if (length === 0) return failed('cut', 'USERID')
  const end = pdu.indexOf(0, 8)
  const domain = latin1(pdu.subarray(end + 1, length - 1))
  return read([connect(domain === '' ? ipv4Text(pdu.subarray(4, 8)) : domain, (pdu[2]! << 8) | pdu[3]!)])
}

function connect(host: string, port: number): CarrierMessage {
  const target = `${host}:${port}`
  return {
    ...COMMON,
    type: 'request',
    from: 'client',
    fields: { target },
    steps: [{ kind: 'facts', facts: { service: 'socks', tunnel: target } }],
  }
}
