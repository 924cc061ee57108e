/**
 * The SMB carrier: framing of the NetBIOS session service (RFC 1002 4.3) and of direct TCP (MS-SMB2 2.1), for every
 * version of SMB.
 *
 * One carrier for all, told apart by the ProtocolId of each message: a multi-protocol NEGOTIATE begins in SMB1 and is
 * answered in SMB2 on the same connection. What the messages mean stands in smb1.ts and smb2.ts. SMB over QUIC
 * (quic.ts) or RDMA, raw-mode transfers of SMB1 and the calling name of a NetBIOS session request are not read. Tokens
 * in the messages borrow the PDU.
 *
 * `Framing.state` counts the ordinary messages of a half since its last SESSION_SETUP: the first ones are kept as
 * evidence of signing, then a sample, and the rest is skipped without being buffered, but for RPC in named pipes and
 * what sends a client elsewhere (smb-pipe.ts and smb-names.ts, which have the higher bits of the state).
 */

import type { Carrier, CarrierMessage, Framing } from '../../carrier.ts'
import { failed, read } from '../../outcome.ts'
import { letters, range, some } from '../../parts/byte-class.ts'
import { Cursor } from '../../parts/cursor.ts'
import { readNetbiosName } from '../names/nbns.ts'
import { smb2Bulk } from './smb-bulk.ts'
import { keepOfNames, keepOfSmb1Names, LOGON_SHARE, TELLING_FILE } from './smb-names.ts'
import { keepOfSmb1, keepOfSmb2, PIPE_BITS } from './smb-pipe.ts'
import * as smb1 from './smb1.ts'
import * as smb2 from './smb2.ts'

/*
 * Session Service packet, RFC 1002 4.3.1
 *   0 TYPE (1)   1 FLAGS (1), LENGTH (2), which direct TCP reads as a length of 24 bits   4 TRAILER
 */
const NBSS_HEADER_BYTES = 4
const SESSION_MESSAGE = 0x00
const SESSION_REQUEST = 0x81
const POSITIVE_SESSION_RESPONSE = 0x82
const NEGATIVE_SESSION_RESPONSE = 0x83
const RETARGET_SESSION_RESPONSE = 0x84
const SESSION_KEEP_ALIVE = 0x85

/** First byte of the ProtocolId; `SMB` follows. */
const SMB1_PROTOCOL = 0xff
const SMB2_PROTOCOL = 0xfe
const TRANSFORM_PROTOCOL = 0xfd
const COMPRESSION_PROTOCOL = 0xfc

/** Negotiation and session setup carry tokens of 64 KiB at most; behind this we do not follow a length that lies. */
const MESSAGE_BYTES_MAX = 262_144

/**
 * After a SESSION_SETUP so many ordinary messages of a half are evidence, and then one in EVIDENCE_INTERVAL. With 64
 * and 64 the evidence was four fifths of all decoded PDUs of a domain controller, and with 16 still more than half; 8
 * of each side are proof enough.
 */
const EVIDENCE_FIRST = 8
const EVIDENCE_INTERVAL = 256
/** where `Framing.state` counts */
const COUNT_MASK = 0x1ff

export const smb: Carrier = {
  name: 'smb',
  transport: 'tcp',
  ports: [445, 139],
  begins: [
    [0x00, ...some(3), range(0xfc, 0xff), ...letters('SMB')],
    [SESSION_REQUEST, 0, 0, 68, 32],
    [[POSITIVE_SESSION_RESPONSE, SESSION_KEEP_ALIVE], 0, 0, 0],
    [NEGATIVE_SESSION_RESPONSE, 0, 0, 1, range(0x80, 0x8f)],
    [RETARGET_SESSION_RESPONSE, 0, 0, 6],
  ],
  bulk: smb2Bulk(
    { mask: COUNT_MASK, first: EVIDENCE_FIRST, interval: EVIDENCE_INTERVAL },
    {
      header: NBSS_HEADER_BYTES + smb2.SMB2_HEADER_BYTES,
      ioctl: NBSS_HEADER_BYTES + smb2.IOCTL_HEAD_BYTES,
      transform: NBSS_HEADER_BYTES + smb2.TRANSFORM_HEADER_BYTES,
    },
    { ...PIPE_BITS, shares: LOGON_SHARE, files: TELLING_FILE },
  ),

  probe(head) {
    let at = 0
    // An answered session request or a keep-alive says little alone: what follows must be a message.
    while (at < PROBE_EMPTY_BYTES_MAX && isEmptyPacket(head, at)) at += NBSS_HEADER_BYTES
    if (at === head.length) return 'more'
    const type = head[at]!
    if (type === SESSION_MESSAGE) return probeMessage(head, at)
    if (type === SESSION_REQUEST) return probeSessionRequest(head, at)
    if (type === NEGATIVE_SESSION_RESPONSE) return probeNegativeResponse(head, at)
    if (type === RETARGET_SESSION_RESPONSE) return probeRetargetResponse(head, at)
    if (type !== POSITIVE_SESSION_RESPONSE && type !== SESSION_KEEP_ALIVE) return 'other'
    // the beginning of one more empty packet, or a length where there should be none
    for (let i = at + 1; i < head.length; i++) if (head[i] !== 0) return 'other'
    return head.length - at < NBSS_HEADER_BYTES ? 'more' : 'other'
  },

  frame(head, _side, out) {
    out.keep = 0
    out.more = false
    if (head.length < NBSS_HEADER_BYTES) return 'more'
    const length = (head[1]! << 16) | (head[2]! << 8) | head[3]!
    out.length = NBSS_HEADER_BYTES + length
    if (head[0] !== SESSION_MESSAGE) {
      if (!isSessionControl(head[0]!, length)) return 'lost'
      if (head[0] === SESSION_REQUEST) out.keep = out.length
      return 'ready'
    }

    if (length < COMPRESSION_HEADER_BYTES) return 'lost'
    if (head.length < NBSS_HEADER_BYTES + 4) return 'more'
    const headerBytes = headerBytesOf(head, NBSS_HEADER_BYTES)
    if (headerBytes === 0 || length < headerBytes) return 'lost'
    const readBytes = head[4] === COMPRESSION_PROTOCOL ? Math.min(length, COMPRESSION_READ_BYTES) : headerBytes
    if (head.length < NBSS_HEADER_BYTES + Math.min(readBytes, smb2.HEADER_READ_BYTES)) return 'more'
    switch (head[4]) {
      case SMB2_PROTOCOL:
        keepSmb2(head, length, out)
        break
      case SMB1_PROTOCOL:
        keepSmb1(head, length, out)
        break
      case TRANSFORM_PROTOCOL:
        if (isSampled(out)) out.keep = NBSS_HEADER_BYTES + smb2.TRANSFORM_HEADER_BYTES
        break
      default:
        keepCompressed(head, out)
    }
    return 'ready'
  },

  decode(pdu, side) {
    if (pdu.length < NBSS_HEADER_BYTES) return failed('cut', 'NBSS')
    if (pdu[0] === SESSION_REQUEST) return read(calledServer(pdu))
    if (pdu[0] !== SESSION_MESSAGE) return read([])
    const length = (pdu[1]! << 16) | (pdu[2]! << 8) | pdu[3]!
    const message = pdu.subarray(NBSS_HEADER_BYTES, NBSS_HEADER_BYTES + length)
    if (message.length < 4) return failed(length < 4 ? 'malformed' : 'cut', 'ProtocolId')
    if (headerBytesOf(message, 0) === 0) return failed('malformed', 'ProtocolId')
    if (message[0] === SMB2_PROTOCOL) return smb2.decodeSmb2(message, length)
    if (message[0] === SMB1_PROTOCOL) return smb1.decodeSmb1(message, length)
    if (message[0] === TRANSFORM_PROTOCOL) return smb2.decodeTransform(message, side)
    return smb2.decodeCompressed(message)
  },
}

const COMPRESSION_HEADER_BYTES = 16
/** to the Command of the message inside, where its header stays in clear */
const COMPRESSION_READ_BYTES = COMPRESSION_HEADER_BYTES + 14
const COMPRESSION_KEPT_BYTES = NBSS_HEADER_BYTES + COMPRESSION_HEADER_BYTES + smb2.HEADER_READ_BYTES

/** The header that must be there before `frame` decides, by ProtocolId; 0: not SMB. */
function headerBytesOf(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== 0x53 || bytes[at + 2] !== 0x4d || bytes[at + 3] !== 0x42) return 0
  switch (bytes[at]) {
    case SMB2_PROTOCOL:
      return smb2.SMB2_HEADER_BYTES
    case SMB1_PROTOCOL:
      return smb1.SMB1_HEADER_BYTES
    case TRANSFORM_PROTOCOL:
      return smb2.TRANSFORM_HEADER_BYTES
    case COMPRESSION_PROTOCOL:
      return COMPRESSION_HEADER_BYTES
    default:
      return 0
  }
}

function keepSmb2(head: Uint8Array, length: number, out: Framing): void {
  const at = NBSS_HEADER_BYTES
  const command = smb2.isCompound(head, at) ? smb2.commandOfCompound(head, at, length) : smb2.smb2CommandOf(head, at)
  if (command === smb2.SMB2_NEGOTIATE || command === smb2.SESSION_SETUP || command === smb2.TREE_CONNECT) {
    if (command === smb2.SESSION_SETUP) out.state &= ~COUNT_MASK
    if (command === smb2.TREE_CONNECT) keepOfNames(head, at, out)
    out.keep = Math.min(out.length, MESSAGE_BYTES_MAX)
    return
  }
  const pipe = Math.max(keepOfSmb2(head, at, out), keepOfNames(head, at, out))
  if (smb2.isOrdinarySmb2(head, at) && (isSampled(out) || smb2.isSmb2Expiry(head, at))) {
    if (smb2.isCompound(head, at) && length <= smb2.COMPOUND_BYTES_MAX) out.keep = out.length
    else out.keep = at + (command === smb2.IOCTL ? smb2.IOCTL_HEAD_BYTES : smb2.SMB2_HEADER_BYTES)
  }
  out.keep = Math.min(out.length, Math.max(out.keep, pipe))
}

/** Nobody has reason to compress a logon; if one is, as much of it is read as stays in clear. */
function keepCompressed(head: Uint8Array, out: Framing): void {
  const inner = NBSS_HEADER_BYTES + COMPRESSION_HEADER_BYTES
  const shown = head.length >= inner + 14 && smb2.clearBytesOf(head, NBSS_HEADER_BYTES) > 0
  const negotiates = shown && head[inner] === SMB2_PROTOCOL && smb2.smb2CommandOf(head, inner) <= smb2.SESSION_SETUP
  out.keep = Math.min(out.length, negotiates ? MESSAGE_BYTES_MAX : COMPRESSION_KEPT_BYTES)
}

function keepSmb1(head: Uint8Array, length: number, out: Framing): void {
  const at = NBSS_HEADER_BYTES
  const command = smb1.smb1CommandOf(head, at)
  if (command === smb1.SMB1_NEGOTIATE || command === smb1.SESSION_SETUP_ANDX || command === smb1.TREE_CONNECT_ANDX) {
    if (command === smb1.SESSION_SETUP_ANDX) out.state &= ~COUNT_MASK
    out.keep = Math.min(at + length, MESSAGE_BYTES_MAX)
    return
  }
  const pipe = Math.max(keepOfSmb1(head, at, out), keepOfSmb1Names(head, at, out))
  if (smb1.isOrdinarySmb1(head, at) && (isSampled(out) || smb1.isSmb1Expiry(head, at)))
    out.keep = at + smb1.SMB1_HEADER_BYTES
  out.keep = Math.min(out.length, Math.max(out.keep, pipe))
}

/** Counts one ordinary message; the count runs to EVIDENCE_FIRST and then in a circle, so that it never grows. */
function isSampled(out: Framing): boolean {
  const count = out.state & COUNT_MASK
  if (count < EVIDENCE_FIRST) {
    out.state++
    return true
  }
  const last = EVIDENCE_FIRST + EVIDENCE_INTERVAL - 1
  out.state = (out.state & ~COUNT_MASK) | (count >= last ? EVIDENCE_FIRST : count + 1)
  return count >= last
}

/** SESSION REQUEST, RFC 1002 4.3.2: the client calls the server by a NetBIOS name, before any message. */
function calledServer(pdu: Uint8Array): CarrierMessage[] {
  const c = new Cursor(pdu, NBSS_HEADER_BYTES)
  const { text: serverName } = readNetbiosName(c)
  // `*SMBSERVER`, under which every server answers, is no name of it
  if (c.failed || serverName === '' || serverName.startsWith('*')) return []
  const steps = [{ kind: 'facts', facts: { serverName } } as const]
  return [{ protocol: 'smb', type: 'SESSION REQUEST', from: 'client', service: 'smb', fields: null, steps }]
}

/**
 * Is this a whole packet of the session service that is no message? Their lengths are fixed but for the names of a
 * request.
 */
function isSessionControl(type: number, length: number): boolean {
  switch (type) {
    case SESSION_REQUEST:
      return length >= 2 && length <= SESSION_REQUEST_BYTES_MAX
    case POSITIVE_SESSION_RESPONSE:
    case SESSION_KEEP_ALIVE:
      return length === 0
    case NEGATIVE_SESSION_RESPONSE:
      return length === 1
    case RETARGET_SESSION_RESPONSE:
      return length === 6
    default:
      return false
  }
}

/** Two names with scope identifiers, RFC 1002 4.1: 255 octets each at most. */
const SESSION_REQUEST_BYTES_MAX = 510

/** Leaves room in PROBE_BYTES_MAX for a session request. */
const PROBE_EMPTY_BYTES_MAX = 24

function isEmptyPacket(head: Uint8Array, at: number): boolean {
  const type = head[at]
  if (type !== POSITIVE_SESSION_RESPONSE && type !== SESSION_KEEP_ALIVE) return false
  return head[at + 1] === 0 && head[at + 2] === 0 && head[at + 3] === 0
}

function probeMessage(head: Uint8Array, at: number): 'mine' | 'other' | 'more' {
  const there = head.length - at
  if (there > 4 && head[at + 4]! < COMPRESSION_PROTOCOL) return 'other'
  if (there > 5 && head[at + 5] !== 0x53) return 'other'
  if (there > 6 && head[at + 6] !== 0x4d) return 'other'
  if (there < 8) return 'more'
  const headerBytes = headerBytesOf(head, at + 4)
  const length = (head[at + 1]! << 16) | (head[at + 2]! << 8) | head[at + 3]!
  return headerBytes !== 0 && length >= headerBytes ? 'mine' : 'other'
}

/**
 * CALLED NAME and CALLING NAME without scopes: 2 * 34 octets, each a length of 32, 32 letters of A to P, and a root
 * label.
 */
function probeSessionRequest(head: Uint8Array, at: number): 'mine' | 'other' | 'more' {
  const there = head.length - at
  if (there > 1 && head[at + 1] !== 0) return 'other'
  if (there > 2 && head[at + 2] !== 0) return 'other'
  if (there > 3 && head[at + 3] !== 68) return 'other'
  if (there > 4 && head[at + 4] !== 32) return 'other'
  // the first name is proof enough: both would need more bytes than a probe may have
  const lettersEnd = at + 5 + 32
  for (let i = at + 5; i < lettersEnd && i < head.length; i++) if (head[i]! < 0x41 || head[i]! > 0x50) return 'other'
  if (head.length <= lettersEnd) return 'more'
  return head[lettersEnd] === 0 ? 'mine' : 'other'
}

/** RETARGET_IP_ADDRESS and PORT, and nothing behind them: the client begins anew on another connection. */
function probeRetargetResponse(head: Uint8Array, at: number): 'mine' | 'other' | 'more' {
  const there = head.length - at
  if (there > 1 && head[at + 1] !== 0) return 'other'
  if (there > 2 && head[at + 2] !== 0) return 'other'
  if (there > 3 && head[at + 3] !== 6) return 'other'
  if (there < 10) return 'more'
  return there === 10 && (head[at + 8]! | head[at + 9]!) !== 0 ? 'mine' : 'other'
}

/** ERROR_CODE 0x80 to 0x83, or 0x8f. */
function probeNegativeResponse(head: Uint8Array, at: number): 'mine' | 'other' | 'more' {
  const there = head.length - at
  if (there > 1 && head[at + 1] !== 0) return 'other'
  if (there > 2 && head[at + 2] !== 0) return 'other'
  if (there > 3 && head[at + 3] !== 1) return 'other'
  if (there < 5) return 'more'
  return (head[at + 4]! & 0xf0) === 0x80 ? 'mine' : 'other'
}
