/**
 * The NFS carrier: ONC RPC over TCP with RPCSEC_GSS, where Kerberos logs on to an NFS server.
 *
 * Specification: RFC 5531 8, 9 and 11 (messages, record marking), RFC 2203 5 (RPCSEC_GSS: credential, context
 * creation). A context is made by calls of NULLPROC with gss_proc INIT and CONTINUE_INIT; the answer holds its handle,
 * and major_status tells the result. Later calls name the handle and the service: none, integrity or privacy. AUTH_SYS
 * and other flavors authenticate nobody and are not told; UDP, and a token in several record fragments, are not read.
 * Tokens borrow the PDU.
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
} from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { END, some } from '../parts/byte-class.ts'
import { Cursor, u32beAt } from '../parts/cursor.ts'
import { hex } from '../parts/text.ts'

export const nfs: Carrier = {
  name: 'nfs',
  transport: 'tcp',
  ports: [2049],
  // whole words tell
  begins: [
    [[0, 0x80], ...some(7), 0, 0, 0, 0, 0, 0, 0, 2],
    [[0, 0x80], ...some(7), 0, 0, 0, 0, ...some(3), END],
    [[0, 0x80], ...some(10), END],
  ],
  probe,
  frame,
  decode,
}

const MARK_BYTES = 4
const LAST_FRAGMENT = 0x80
/** record mark, xid, msg_type; of a call rpcvers, prog, vers, proc, and the flavor and length of its credential */
const CALL_BYTES = 36
/** and of RPCSEC_GSS its version, gss_proc, seq_num, service, and the length of the handle */
const CREDENTIAL_BYTES = CALL_BYTES + 20
/** record mark, xid, msg_type, reply_stat */
const REPLY_BYTES = 16
const NFS_PROGRAM = 100_003
const RPCSEC_GSS = 6
const HANDLE_BYTES_MAX = 400
/** calls of which the protection is looked at, in a half */
const SAMPLES_MAX = 4

const CALL = 0
const REPLY = 1
const DATA = 0
const INIT = 1
const CONTINUE_INIT = 2

/** A call of program 100003 says what it is by eight words; an answer says nothing by itself. */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  if (head.length > 0 && head[0] !== LAST_FRAGMENT && head[0] !== 0) return 'other'
  if (head.length < 24) return mayBeCall(head) ? 'more' : 'other'
  return mayBeCall(head) && u32beAt(head, 16) === NFS_PROGRAM ? 'mine' : 'other'
}

/** As far as the bytes go: a length that holds a call, msg_type 0, rpcvers 2. */
function mayBeCall(head: Uint8Array): boolean {
  if (head.length >= MARK_BYTES && fragment(head) < CALL_BYTES - MARK_BYTES) return false
  return (head.length < 12 || u32beAt(head, 8) === CALL) && (head.length < 16 || u32beAt(head, 12) === 2)
}

/**
 * `Framing.state`: of the client, whether the latest call of a context is still to be answered, and how many others
 * were kept.
 */
const ASKS = 1
const SAMPLE = 2

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  if (head.length < 12) return 'more'
  const length = fragment(head)
  const type = u32beAt(head, 8)
  if ((head[0]! & 0x7f) !== 0 || length < REPLY_BYTES - MARK_BYTES || type > REPLY) return 'lost'
  out.length = MARK_BYTES + length
  if (type === REPLY) {
    if ((out.peerState & ASKS) !== 0 || out.peerState === 0) out.keep = Math.min(out.length, FRAME_BYTES_MAX)
    return 'ready'
  }
  if (length < CALL_BYTES - MARK_BYTES) return 'lost'
  return frameCall(head, out)
}

function frameCall(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length < CALL_BYTES) return 'more'
  if (u32beAt(head, 12) !== 2) return 'lost'
  if (u32beAt(head, 28) !== RPCSEC_GSS || out.length < CREDENTIAL_BYTES) return 'ready'
  if (head.length < CREDENTIAL_BYTES) return 'more'
  const procedure = u32beAt(head, CALL_BYTES + 4)
  const handle = u32beAt(head, CALL_BYTES + 16)
  if (handle > HANDLE_BYTES_MAX) return 'ready'
  if (procedure === INIT || procedure === CONTINUE_INIT) {
    out.state |= ASKS
    out.keep = Math.min(out.length, FRAME_BYTES_MAX)
  } else if (procedure === DATA && out.state < SAMPLE * SAMPLES_MAX) {
    out.state = (out.state & ~ASKS) + SAMPLE
    out.keep = Math.min(out.length, CREDENTIAL_BYTES + ((handle + 3) & ~3))
  } else out.state &= ~ASKS
  return 'ready'
}

/** The length of the record fragment, behind its mark. */
function fragment(head: Uint8Array): number {
  return ((head[1]! << 16) | (head[2]! << 8) | head[3]!) >>> 0
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const COMMON = { protocol: 'rpcsec_gss', service: 'nfs' } as const

function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const cursor = new Cursor(pdu)
  cursor.skip(MARK_BYTES)
  const xid = cursor.u32be().toString(16)
  const type = cursor.u32be()
  if (cursor.failed) return failed('cut', 'rpc_msg')
  return type === CALL ? call(cursor, xid) : reply(cursor, xid, pdu.length === MARK_BYTES + fragment(pdu))
}

/*
 * call_body  rpcvers, prog, vers, proc, cred { flavor, length { version, gss_proc, seq_num, service, handle<> } },
 *     verf { flavor, body<> }, arguments
 * INIT       arguments are gss_token<>
 */
function call(cursor: Cursor, xid: string): Outcome<readonly CarrierMessage[]> {
  cursor.skip(24)
  const version = cursor.u32be()
  const procedure = cursor.u32be()
  cursor.skip(4)
  const service = cursor.u32be()
  const handle = hex(opaque(cursor))
  if (cursor.failed) return failed('cut', 'rpc_gss_cred_t')
  if (version !== 1) return failed('unsupported', 'rpc_gss_cred_t.version')
  if (procedure === DATA) {
    const protection = service === 3 ? 'sealed' : service === 2 ? 'signed' : 'clear'
    const step: AuthStep = { kind: 'traffic', from: 'client', slot: handle, protection, refused: false, how: null }
    return read([{ ...COMMON, type: 'call', from: 'client', fields: null, steps: [step] }])
  }
  cursor.skip(4)
  opaque(cursor)
  const token = opaque(cursor)
  const fault: Fault | null = cursor.failed ? { reason: 'cut', where: 'gss_token' } : null
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'client',
    slot: handle,
    message: xid,
    method: 'GSSAPI',
    token: token.length === 0 ? null : token,
  }
  return read(
    [{ ...COMMON, type: procedure === INIT ? 'INIT' : 'CONTINUE_INIT', from: 'client', fields: {}, steps: [leg] }],
    fault,
  )
}

/*
 * reply_body  reply_stat 0, verf { flavor, body<> }, accept_stat 0, rpc_gss_init_res { handle<>, gss_major, gss_minor,
 *     seq_window, gss_token<> }
 *             reply_stat 1: rejected; accept_stat other than 0: not executed
 */
function reply(cursor: Cursor, xid: string, whole: boolean): Outcome<readonly CarrierMessage[]> {
  const rejected = cursor.u32be() !== 0
  if (rejected) return read(cursor.u32be() === AUTH_ERROR && !cursor.failed ? [refusal(xid)] : [])
  cursor.skip(4)
  opaque(cursor)
  if (cursor.u32be() !== 0) return cursor.failed ? failed('cut', 'accepted_reply') : read([])
  const handle = hex(opaque(cursor))
  const major = cursor.u32be()
  cursor.skip(8)
  const token = opaque(cursor)
  if (cursor.failed) return whole ? read([]) : failed('cut', 'rpc_gss_init_res')
  // what fills its record to the last octet is the answer to INIT, and no result of NFS
  if (cursor.remaining > 0 || handle.length / 2 > HANDLE_BYTES_MAX) return read([])
  const outcome = major === 0 ? 'success' : major === CONTINUE_NEEDED ? 'continue' : 'failure'
  const status = { code: major, name: MAJOR[major >>> 16] ?? `major ${major}`, detail: null }
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'server',
    slot: handle,
    message: xid,
    token: token.length === 0 ? null : token,
    outcome,
    status: outcome === 'continue' ? null : status,
  }
  return read([{ ...COMMON, type: 'result', from: 'server', fields: { status: status.name }, steps: [leg] }])
}

function refusal(xid: string): CarrierMessage {
  const status = { code: AUTH_ERROR, name: 'AUTH_ERROR', detail: null }
  const leg: LegStep = { ...EMPTY_LEG, from: 'server', message: xid, outcome: 'failure', status }
  return { ...COMMON, type: 'result', from: 'server', fields: { status: status.name }, steps: [leg] }
}

/** opaque<>: length 4, the octets, filled up to a multiple of four */
function opaque(cursor: Cursor): Uint8Array {
  const length = cursor.u32be()
  const bytes = cursor.take(length)
  cursor.skip(-length & 3)
  return bytes
}

/** RFC 5531 9: reject_stat */
const AUTH_ERROR = 1
/** RFC 2744 3.9.1: routine errors stand in the upper half */
const CONTINUE_NEEDED = 1
const MAJOR: Readonly<Record<number, string>> = {
  0: 'GSS_S_COMPLETE',
  1: 'GSS_S_BAD_MECH',
  6: 'GSS_S_BAD_SIG',
  7: 'GSS_S_NO_CRED',
  8: 'GSS_S_NO_CONTEXT',
  9: 'GSS_S_DEFECTIVE_TOKEN',
  10: 'GSS_S_DEFECTIVE_CREDENTIAL',
  11: 'GSS_S_CREDENTIALS_EXPIRED',
  12: 'GSS_S_CONTEXT_EXPIRED',
  13: 'GSS_S_FAILURE',
}
