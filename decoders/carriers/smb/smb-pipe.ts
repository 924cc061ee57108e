/**
 * Named pipes inside SMB: where in READ, WRITE, FSCTL_PIPE_TRANSCEIVE and their like of SMB1 the bytes of a pipe stand,
 * which pipe they belong to, and which of these messages are worth keeping (MS-SMB2 2.2.13 to 2.2.32, MS-CIFS 2.2.4 and
 * 2.2.5.6).
 *
 * What goes through pipes is DCE/RPC, and a file looks like a pipe to everybody who has not seen its tree: so the bytes
 * decide. Of those that begin an RPC PDU as much is kept as RPC wants (dcerpc.ts); all others are bulk and stay
 * skipped. Raw reads and writes of SMB1, TRANSACTION_SECONDARY and the core commands WRITE and READ are not looked
 * into. Steps borrow the message.
 */
import type { Framing, PipeStep } from '../../carrier.ts'
import { hex, latin1, untilNul, utf16le } from '../../parts/text.ts'
import { fragLengthAt, frameRpc, isNegotiation, probeRpc, RPC_HEADER_BYTES } from '../rpc/dcerpc.ts'

const SMB2_CREATE = 5
const SMB2_READ = 8
const SMB2_WRITE = 9
const SMB2_IOCTL = 11
const SMB2_HEADER_BYTES = 64
const FSCTL_PIPE_TRANSCEIVE = 0x0011_c017

const SMB1_TRANSACTION = 0x25
const SMB1_READ_ANDX = 0x2e
const SMB1_WRITE_ANDX = 0x2f
const SMB1_NT_CREATE_ANDX = 0xa2
const SMB1_COMMANDS = [SMB1_TRANSACTION, SMB1_READ_ANDX, SMB1_WRITE_ANDX, SMB1_NT_CREATE_ANDX]
const SMB1_HEADER_BYTES = 32
const TRANSACT_NMPIPE = 0x26

/**
 * A message of a pipe is no longer than an RPC fragment (5,840 bytes are negotiated, 4,280 usual) and its header; where
 * it cannot be told it is kept.
 */
const PIPE_BYTES_MAX = 8192
/** Tokens of 64 KiB at most go through a pipe. */
const NEGOTIATION_BYTES_MAX = 131_072
const ELEMENTS_MAX = 16

/*
 * What `Framing.state` remembers of the pipes of a half, above the count of ordinary messages (9 bits):
 *    9 RPC's own state (13 bits)   22 parts of a PDU that still come (3)   25 READ requests to keep (3)
 *        28 the latest CREATE may be of a pipe (1)
 */
const RPC_AT = 9
const RPC_MASK = 0x1fff
const PARTS_AT = 22
const READS_AT = 25
const FEW_MASK = 7
const OPENED = 1 << 28
/** the bits that are set while something of a pipe is expected */
export const PIPE_BITS = { parts: FEW_MASK << PARTS_AT, reads: FEW_MASK << READS_AT, opened: OPENED } as const

/** What `locate` finds. */
const NOTHING = 0
/** bytes of a pipe may stand here, from `place.at` to `place.end` */
const DATA = 1
const READ_REQUEST = 2
const CREATE_REQUEST = 3
const CREATE_RESPONSE = 4
/** the bytes that would tell are not there */
const SHORT = 5

/** Offsets from the first byte of the array, of which `locate` fills those that its answer has. */
interface Place {
  at: number
  end: number
  /** of the FileId or FID; 0 where the message has none */
  file: number
}

/** One reused struct: nothing is allocated for a message that nobody wants. */
const place: Place = { at: 0, end: 0, file: 0 }
const rpc: Framing = { length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 }

type Locate = (bytes: Uint8Array, at: number) => number

/** How many bytes of the PDU that begins at head[0] the pipes in it want; `at` is its first SMB2 header. Hot. */
export function keepOfSmb2(head: Uint8Array, at: number, out: Framing): number {
  let keep = 0
  let element = at
  for (let i = 0; i < ELEMENTS_MAX; i++) {
    keep = Math.max(keep, keepOf(head, element, locateSmb2, out))
    const next = element + SMB2_HEADER_BYTES <= head.length ? u32(head, element + 20) : 0
    if (next < SMB2_HEADER_BYTES || element + next + SMB2_HEADER_BYTES > head.length) break
    element += next
  }
  return keep
}

/** The same for the SMB1 header at `at`. Hot. */
export function keepOfSmb1(head: Uint8Array, at: number, out: Framing): number {
  return keepOf(head, at, locateSmb1, out)
}

function keepOf(head: Uint8Array, at: number, locate: Locate, out: Framing): number {
  switch (locate(head, at)) {
    case DATA:
      return keepOfData(head, out)
    case READ_REQUEST: {
      const reads = few(out.state, READS_AT)
      if (reads === 0) return 0
      out.state = withFew(out.state, READS_AT, reads - 1)
      return place.end
    }
    case CREATE_REQUEST:
      if (!isPipeName(head)) {
        out.state &= ~OPENED
        return 0
      }
      out.state |= OPENED
      return place.end
    case CREATE_RESPONSE:
      return (out.peerState & OPENED) !== 0 ? place.end : 0
    case SHORT:
      return out.length <= PIPE_BYTES_MAX ? out.length : 0
    default:
      return 0
  }
}

function keepOfData(head: Uint8Array, out: Framing): number {
  const { at, end } = place
  const size = end - at
  const parts = few(out.state, PARTS_AT)
  if (head.length < at + RPC_HEADER_BYTES && size >= RPC_HEADER_BYTES)
    return out.length <= PIPE_BYTES_MAX ? out.length : 0
  if (size < RPC_HEADER_BYTES || probeRpc(head, at) !== 'mine') {
    if (parts === 0 || out.length > PIPE_BYTES_MAX) return 0
    out.state = withFew(out.state, PARTS_AT, parts - 1)
    return out.length
  }
  rpc.keep = 0
  rpc.state = (out.state >> RPC_AT) & RPC_MASK
  const answer = frameRpc(head.subarray(at, Math.min(end, head.length)), rpc)
  let state = (out.state & ~(RPC_MASK << RPC_AT)) | (rpc.state << RPC_AT)
  if (isNegotiation(head[at + 2]!)) {
    const missing = fragLengthAt(head, at) - size
    state = withFew(state, PARTS_AT, missing > 0 ? Math.min(FEW_MASK, Math.ceil(missing / size)) : 0)
    state = withFew(state, READS_AT, FEW_MASK)
    out.state = state
    return Math.min(out.length, NEGOTIATION_BYTES_MAX)
  }
  out.state = state
  if (answer === 'more') return out.length
  return rpc.keep === 0 ? 0 : Math.min(out.length, rpc.keep < rpc.length ? at + rpc.keep : PIPE_BYTES_MAX)
}

function few(state: number, at: number): number {
  return (state >> at) & FEW_MASK
}

function withFew(state: number, at: number, count: number): number {
  return (state & ~(FEW_MASK << at)) | (count << at)
}

/**
 * A name as pipes have it: at the top of its share and without an extension. Files that look the same cost the reading
 * of one name; UTF-16 in SMB2, in SMB1 mostly.
 */
function isPipeName(bytes: Uint8Array): boolean {
  const { at, end } = place
  if (end - at < 4 || end - at > PIPE_NAME_BYTES_MAX) return false
  for (let i = at; i < end; i++) {
    if (bytes[i] === DOT || (bytes[i] === BACKSLASH && i > at + 1)) return false
  }
  return true
}

/** `\InitShutdown` in UTF-16, and longer ones */
const PIPE_NAME_BYTES_MAX = 64
const DOT = 0x2e
const BACKSLASH = 0x5c

/*
 * Behind the SMB2 header (64 bytes), MS-SMB2:
 *   CREATE Request 2.2.13     108 NameOffset (2)   110 NameLength (2)
 *   CREATE Response 2.2.14    128 FileId (16)
 *   READ Request 2.2.19        80 FileId (16)
 *   READ Response 2.2.20       66 DataOffset (1)    68 DataLength (4)
 *   WRITE Request 2.2.21       66 DataOffset (2)    68 Length (4)    80 FileId (16)
 *   IOCTL Request 2.2.31       68 CtlCode (4)   72 FileId (16)   88 InputOffset (4)   92 InputCount (4)
 *   IOCTL Response 2.2.32      68 CtlCode (4)   72 FileId (16)   96 OutputOffset (4)  100 OutputCount (4)
 * Offsets are from the header. StructureSize (64) tells a message from an ERROR Response.
 */
function locateSmb2(bytes: Uint8Array, at: number): number {
  const there = bytes.length - at
  if (there < SMB2_HEADER_BYTES - 16) return NOTHING
  const command = bytes[at + 12]!
  if (command !== SMB2_READ && command !== SMB2_WRITE && command !== SMB2_IOCTL && command !== SMB2_CREATE)
    return NOTHING
  const response = (bytes[at + 16]! & 1) !== 0
  // answers to WRITE say nothing; an interim answer has no data
  if (response && (command === SMB2_WRITE || u32(bytes, at + 8) === STATUS_PENDING)) return NOTHING
  if (there < SMB2_HEADER_BYTES + 2) return SHORT
  if (bytes[at + 64] !== (response ? RESPONSE_SIZES[command] : REQUEST_SIZES[command])) return NOTHING
  place.file = 0
  switch (command) {
    case SMB2_CREATE:
      return response ? found(bytes, at + 144, CREATE_RESPONSE, at + 128) : smb2Create(bytes, at)
    case SMB2_READ:
      if (!response) return found(bytes, at + 96, READ_REQUEST, at + 80)
      return there < 72 ? SHORT : data(at, bytes[at + 66]!, u32(bytes, at + 68), 0)
    case SMB2_WRITE:
      return there < 96 ? SHORT : data(at, u16(bytes, at + 66), u32(bytes, at + 68), at + 80)
    default:
      if (there < 72) return SHORT
      if (u32(bytes, at + 68) !== FSCTL_PIPE_TRANSCEIVE) return NOTHING
      if (there < 104) return SHORT
      return response
        ? data(at, u32(bytes, at + 96), u32(bytes, at + 100), at + 72)
        : data(at, u32(bytes, at + 88), u32(bytes, at + 92), at + 72)
  }
}

const STATUS_PENDING = 0x103
const REQUEST_SIZES: Readonly<Record<number, number>> = {
  [SMB2_CREATE]: 57,
  [SMB2_READ]: 49,
  [SMB2_WRITE]: 49,
  [SMB2_IOCTL]: 57,
}
const RESPONSE_SIZES: Readonly<Record<number, number>> = { [SMB2_CREATE]: 89, [SMB2_READ]: 17, [SMB2_IOCTL]: 49 }

function smb2Create(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 112) return SHORT
  place.at = at + u16(bytes, at + 108)
  place.end = place.at + u16(bytes, at + 110)
  return bytes.length < place.end ? NOTHING : CREATE_REQUEST
}

function data(at: number, offset: number, length: number, file: number): number {
  if (offset < SMB1_HEADER_BYTES || length === 0) return NOTHING
  place.at = at + offset
  place.end = place.at + length
  place.file = file
  return DATA
}

/** A message that is wanted up to `end`, where its FileId stands. */
function found(bytes: Uint8Array, end: number, kind: number, file: number): number {
  if (bytes.length < end) return SHORT
  place.end = end
  place.file = file
  return kind
}

/*
 * Behind the SMB1 header (32 bytes) and WordCount (1), from the header on, MS-CIFS 2.2.4 and 2.2.5.6:
 *   TRANSACTION Request       55 DataCount (2)   57 DataOffset (2)   59 SetupCount (1)   61 Setup: 0x26 (2), FID (2)
 *   TRANSACTION Response      45 DataCount (2)   47 DataOffset (2)
 *   WRITE_ANDX Request        37 FID (2)   47 WriteMode (2)   53 DataLength (2)   55 DataOffset (2)
 *   READ_ANDX Request         37 FID (2)
 *   READ_ANDX Response        43 DataLength (2)   45 DataOffset (2)
 *   NT_CREATE_ANDX Request    38 NameLength (2)   81 ByteCount (2)   83 a pad where it is Unicode, Name
 *   NT_CREATE_ANDX Response   38 FID (2)
 */
function locateSmb1(bytes: Uint8Array, at: number): number {
  const there = bytes.length - at
  const command = bytes[at + 4]!
  if (there <= SMB1_HEADER_BYTES) return SMB1_COMMANDS.includes(command) ? SHORT : NOTHING
  const words = bytes[at + SMB1_HEADER_BYTES]!
  const response = (bytes[at + 9]! & 0x80) !== 0
  place.file = 0
  switch (command) {
    case SMB1_TRANSACTION:
      if (words !== (response ? 10 : 16)) return NOTHING
      if (there < 65) return SHORT
      if (response) return data(at, u16(bytes, at + 47), u16(bytes, at + 45), 0)
      if (u16(bytes, at + 61) !== TRANSACT_NMPIPE) return NOTHING
      return data(at, u16(bytes, at + 57), u16(bytes, at + 55), at + 63)
    case SMB1_WRITE_ANDX: {
      if (response || words < 12) return NOTHING
      if (there < 57) return SHORT
      // the first write of a message in raw mode begins with its length
      const lead = (u16(bytes, at + 47) & RAW_MESSAGE_START) === RAW_MESSAGE_START ? 2 : 0
      return data(at, u16(bytes, at + 55) + lead, Math.max(0, u16(bytes, at + 53) - lead), at + 37)
    }
    case SMB1_READ_ANDX:
      if (response ? words !== 12 : words < 10) return NOTHING
      if (!response) return found(bytes, at + 39, READ_REQUEST, at + 37)
      return there < 47 ? SHORT : data(at, u16(bytes, at + 45), u16(bytes, at + 43), 0)
    case SMB1_NT_CREATE_ANDX:
      if (response) return words < 34 ? NOTHING : found(bytes, at + 40, CREATE_RESPONSE, at + 38)
      return words !== 24 ? NOTHING : smb1Create(bytes, at)
    default:
      return NOTHING
  }
}

/** WriteMode, MS-CIFS 2.2.4.43.1: RAW_MODE and MSG_START */
const RAW_MESSAGE_START = 0x0c
const FLAGS2_UNICODE_HIGH = 0x80

function smb1Create(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 40) return SHORT
  place.at = at + 83 + ((bytes[at + 11]! & FLAGS2_UNICODE_HIGH) !== 0 ? 1 : 0)
  place.end = place.at + u16(bytes, at + 38)
  return bytes.length < place.end ? NOTHING : CREATE_REQUEST
}

/** Who sent a message, and what joins it to its answer and to its session. */
export interface PipeMessage {
  /** from its header on, as far as it was captured and kept */
  readonly bytes: Uint8Array
  readonly from: PipeStep['from']
  readonly session: string
  readonly message: string
}

/** `related`: the message of the CREATE before it in a compound, of which the file is meant; null: none. */
export function pipeOfSmb2(message: PipeMessage, related: string | null): PipeStep | null {
  const kind = locateSmb2(message.bytes, 0)
  const { file } = place
  const none = file === 0 || file + 16 > message.bytes.length
  const id = none ? null : hex(message.bytes.subarray(file, file + 16))
  return pipeStep(message, kind, id === ALL_ONES ? related && openedBy(related) : id, false)
}

const ALL_ONES = 'f'.repeat(32)

export function pipeOfSmb1(message: PipeMessage): PipeStep | null {
  const kind = locateSmb1(message.bytes, 0)
  const { file } = place
  const none = file === 0 || file + 2 > message.bytes.length
  const oem = (message.bytes[11]! & FLAGS2_UNICODE_HIGH) === 0
  return pipeStep(message, kind, none ? null : String(u16(message.bytes, file)), oem)
}

/** Before its answer gave it a number, a file is named after the message that opens it. */
function openedBy(message: string): string {
  return `by ${message}`
}

function pipeStep(source: PipeMessage, kind: number, file: string | null, oem: boolean): PipeStep | null {
  const { bytes, from, session, message } = source
  const step: PipeStep = { kind: 'pipe', from, session, file, message, name: null, bytes: null, cut: false }
  switch (kind) {
    case DATA: {
      const kept = bytes.subarray(place.at, place.end)
      return kept.length === 0 ? null : { ...step, bytes: kept, cut: place.end > bytes.length }
    }
    case READ_REQUEST:
    case CREATE_RESPONSE:
      return step
    case CREATE_REQUEST: {
      if (!isPipeName(bytes)) return null
      const name = bytes.subarray(place.at, place.end)
      const text = untilNul((oem ? latin1(name) : utf16le(name)).replace(/^\\/, ''))
      return { ...step, file: openedBy(message), name: text }
    }
    default:
      return null
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
