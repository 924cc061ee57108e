/**
 * Kerberos between a client and its KDC (RFC 4120 7.2), over UDP and TCP, and the change of a password at kpasswd (RFC
 * 3244).
 *
 * A conversation is told by its content, on any port: the tag, pvno and msg-type of a message, and lengths that agree.
 * Over TCP each message follows four octets of length, many to a connection; over UDP a datagram is one message. The
 * carriers only cut messages out; what is in them is said by the mechanism (kerberos.ts). The KDC proxy (MS-KKDCP) is
 * HTTP and not read here, nor is Kerberos 4. Tokens borrow the PDU.
 */

import type { Carrier, CarrierMessage, Framing, KdcStep, Side } from '../carrier.ts'
import { ENDS_EARLY, kerberosTagAt, NOT_KERBEROS } from '../mechanisms/kerberos-token.ts'
import { failed, type Outcome, read } from '../outcome.ts'
import { END, range, some } from '../parts/byte-class.ts'
import { elementLength } from '../parts/der.ts'

/**
 * Before each message on TCP: its length, big-endian. The top bit is reserved (RFC 5021); no message that we know comes
 * near it.
 */
const LENGTH_OCTETS = 4
const MESSAGE_BYTES_MIN = 10
const MESSAGE_BYTES_MAX = 1 << 20
/** What `decode` is given of a longer one: tickets end at 64 KiB, a request with an evidence ticket holds two. */
const KEEP_BYTES_MAX = 262_144
/**
 * kpasswd: message length (2), protocol version (2), AP-REQ or AP-REP length (2); message length counts these six too.
 */
const KPASSWD_OCTETS = 6
const KPASSWD_CHANGE = 0x0001
const KPASSWD_SET = 0xff80

const AS_REQ = 0x6a
const TGS_REQ = 0x6c
const TGS_REP = 0x6d
const AP_REQ = 0x6e
const AP_REP = 0x6f
const KRB_ERROR = 0x7e

export const kdcUdp: Carrier = {
  name: 'kdc',
  transport: 'udp',
  ports: [88],
  // AS-REQ, AS-REP, TGS-REQ, TGS-REP, KRB-ERROR
  firstBytes: [0x6a, 0x6b, 0x6c, 0x6d, 0x7e],
  probe: (head) => probed(datagramLength(head, kdcMessageLength(head, 0))),
  frame: (head, _side, out) => framed(datagramLength(head, kdcMessageLength(head, 0)), out),
  decode: (pdu) => kdcMessages(pdu),
}

export const kdcTcp: Carrier = {
  name: 'kdc',
  transport: 'tcp',
  ports: [88],
  begins: [[0, ...some(3), [...range(AS_REQ, TGS_REP), KRB_ERROR]]],
  probe: (head) => probed(recordLength(head, kdcMessageLength(head, LENGTH_OCTETS))),
  frame: (head, _side, out) => framed(recordLength(head, kdcMessageLength(head, LENGTH_OCTETS)), out),
  decode: (pdu) => kdcMessages(pdu.subarray(LENGTH_OCTETS)),
}

export const kpasswdUdp: Carrier = {
  name: 'kpasswd',
  transport: 'udp',
  ports: [464],
  // the high byte of a message length: tickets of 16 KiB are already odd
  firstBytes: Array.from({ length: 0x40 }, (_, byte) => byte),
  probe: (head) => probed(datagramLength(head, kpasswdLength(head, 0))),
  frame: (head, _side, out) => framed(datagramLength(head, kpasswdLength(head, 0)), out),
  decode: (pdu) => kpasswdMessages(pdu),
}

export const kpasswdTcp: Carrier = {
  name: 'kpasswd',
  transport: 'tcp',
  ports: [464],
  begins: [
    [0, ...some(5), 0, 1],
    [0, ...some(5), 0xff, 0x80],
    [0, ...some(8), END],
  ],
  probe: (head) => probed(recordLength(head, kpasswdLength(head, LENGTH_OCTETS))),
  frame: (head, _side, out) => framed(recordLength(head, kpasswdLength(head, LENGTH_OCTETS)), out),
  decode: (pdu) => kpasswdMessages(pdu.subarray(LENGTH_OCTETS)),
}

// --- framing: lengths, or NOT_KERBEROS, or ENDS_EARLY where more bytes are needed to tell
// ------------------------------------------

function probed(length: number): 'mine' | 'other' | 'more' {
  return length > 0 ? 'mine' : length === ENDS_EARLY ? 'more' : 'other'
}

function framed(length: number, out: Framing): 'ready' | 'more' | 'lost' {
  if (length <= 0) return length === ENDS_EARLY ? 'more' : 'lost'
  out.length = length
  out.keep = Math.min(length, KEEP_BYTES_MAX)
  out.more = false
  return 'ready'
}

/** A datagram may have lost its end to the snap length, but has nothing behind the message. */
function datagramLength(head: Uint8Array, message: number): number {
  return message > 0 && message < head.length ? NOT_KERBEROS : message
}

/** On TCP both lengths say the same. */
function recordLength(head: Uint8Array, message: number): number {
  if (head.length < LENGTH_OCTETS) return head.length > 0 && head[0] !== 0 ? NOT_KERBEROS : ENDS_EARLY
  const length = head[0]! * 0x100_0000 + ((head[1]! << 16) | (head[2]! << 8) | head[3]!)
  if (length < MESSAGE_BYTES_MIN || length > MESSAGE_BYTES_MAX) return NOT_KERBEROS
  if (message <= 0) return message
  return message === length ? LENGTH_OCTETS + length : NOT_KERBEROS
}

/** The whole length of the message to or from a KDC that begins at `at`. */
function kdcMessageLength(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return ENDS_EARLY
  if (!isKdcTag(bytes[at]!)) return NOT_KERBEROS
  const tag = kerberosTagAt(bytes, at)
  return tag > 0 ? elementLength(bytes, at) : tag
}

/**
 * RFC 3244 2: header, then AP-REQ and KRB-PRIV; in an answer AP-REP and KRB-PRIV, or, with an AP-REP length of 0, a
 * KRB-ERROR.
 */
function kpasswdLength(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + KPASSWD_OCTETS) return ENDS_EARLY
  const length = u16(bytes, at)
  const version = u16(bytes, at + 2)
  const apLength = u16(bytes, at + 4)
  if (version !== KPASSWD_CHANGE && version !== KPASSWD_SET) return NOT_KERBEROS
  if (length < KPASSWD_OCTETS + Math.max(apLength, MESSAGE_BYTES_MIN)) return NOT_KERBEROS
  const tag = kerberosTagAt(bytes, at + KPASSWD_OCTETS)
  if (tag <= 0) return tag
  if (apLength === 0 ? tag !== KRB_ERROR : tag !== AP_REQ && tag !== AP_REP) return NOT_KERBEROS
  const inner = elementLength(bytes, at + KPASSWD_OCTETS)
  return inner === (apLength === 0 ? length - KPASSWD_OCTETS : apLength) ? length : NOT_KERBEROS
}

/** AS-REQ, AS-REP, TGS-REQ, TGS-REP, KRB-ERROR */
function isKdcTag(tag: number): boolean {
  return (tag >= AS_REQ && tag <= TGS_REP) || tag === KRB_ERROR
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

// --- messages
// -------------------------------------------------------------------------------------------------------------------

/** `bytes`: one message, as far as it was captured. */
function kdcMessages(bytes: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const length = kdcMessageLength(bytes, 0)
  if (length <= 0) return failed(length === ENDS_EARLY ? 'cut' : 'malformed', 'KDC message')
  const tag = bytes[0]!
  const message = carrierMessage('kdc', tag === AS_REQ || tag === TGS_REQ ? 'client' : 'server', [bytes])
  return read([message], bytes.length < length ? { reason: 'cut', where: 'KDC message' } : null)
}

function kpasswdMessages(bytes: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const length = kpasswdLength(bytes, 0)
  if (length <= 0) return failed(length === ENDS_EARLY ? 'cut' : 'malformed', 'kpasswd message')
  const apEnd = KPASSWD_OCTETS + u16(bytes, 4)
  const tokens = [bytes.subarray(KPASSWD_OCTETS, apEnd), bytes.subarray(apEnd, length)].filter(
    (part) => part.length > 0,
  )
  const message = carrierMessage('kpasswd', bytes[KPASSWD_OCTETS] === AP_REQ ? 'client' : 'server', tokens)
  return read([message], bytes.length < length ? { reason: 'cut', where: 'kpasswd message' } : null)
}

function carrierMessage(protocol: string, from: Side, tokens: readonly Uint8Array[]): CarrierMessage {
  const steps = tokens.map((token): KdcStep => ({ kind: 'kdc', from, token }))
  return { protocol, type: 'message', from, service: 'kdc', fields: null, steps }
}
