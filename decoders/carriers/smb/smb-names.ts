/**
 * Where a client of SMB is sent to: DFS referrals (MS-DFSC 2.2), and the files by which administrators send it there,
 * logon scripts and preferences of group policies in SYSVOL and NETLOGON.
 *
 * Of what is read from such a file the names of hosts are taken, nothing else. Referrals are read in SMB2 and SMB1,
 * files in SMB2 alone. Nothing is borrowed.
 */
import type {
  ContextStep,
  FileGiven,
  FileOpened,
  FilePiece,
  Framing,
  PieceAsked,
  SentElsewhere,
  ShareAsked,
  ShareGiven,
} from '../../carrier.ts'
import { mentionsIn } from '../../parts/host-mentions.ts'
import { interned } from '../../parts/interned.ts'
import { hex, utf16le } from '../../parts/text.ts'

const TREE_CONNECT = 3
const CREATE = 5
const READ = 8
const IOCTL = 11
const SMB2_HEADER_BYTES = 64
const RESPONSE = 1
/** SMB2_FLAGS_DFS_OPERATIONS: the name of a CREATE begins with server and share */
const DFS_OPERATIONS = 0x1000_0000

/** MS-DFSC 2.2.2, 2.2.3: FSCTL_DFS_GET_REFERRALS and its extended form, MS-SMB2 2.2.31 */
const FSCTL_DFS_GET_REFERRALS = 0x0006_0194
const FSCTL_DFS_GET_REFERRALS_EX = 0x0006_01b0
/** the lowest bytes of both: what else ends in them is few */
export const REFERRAL_CODES: readonly number[] = [0x94, 0xb0]

const TRANSACTION2 = 0x32
const SMB1_HEADER_BYTES = 32

/** The longest answer that clients of Windows have room for is 56 KiB; those with a handful of targets have 1 KiB. */
const REFERRAL_BYTES_MAX = 65_536
const LINKS_MAX = 32
const PATH_CHARACTERS_MAX = 300

/**
 * The bit of `Framing.state` that is set in the client's half once it has connected to SYSVOL or NETLOGON, above those
 * of smb-pipe.ts: the names of the files that are opened from then on are looked at.
 */
export const LOGON_SHARE = 1 << 29

/** The same once it has opened a file there that may name a server: what is read from then on is looked at. */
export const TELLING_FILE = 1 << 30
/** READ requests behind the latest such CREATE, in `Framing.pending`: such files are read in one piece or a few */
const READS_MAX = 16
/** of one answer; a file that names servers is shorter */
const PIECE_BYTES_MAX = 65_536
const ELEMENTS_MAX = 16
/** A longer compound is read as its first header alone. */
const COMPOUND_BYTES_MAX = 65_536

/** How many bytes of the PDU with the SMB2 header at `at` (48 of its bytes are there) the names in it want. Hot. */
export function keepOfNames(head: Uint8Array, at: number, out: Framing): number {
  let keep = keepOfElement(head, at, out)
  if (u32(head, at + 20) === 0) return keep
  let element = at
  for (let i = 1; i < ELEMENTS_MAX; i++) {
    const next = u32(head, element + 20)
    element += next
    if (next < SMB2_HEADER_BYTES || element + SMB2_HEADER_BYTES > head.length) break
    keep = Math.max(keep, keepOfElement(head, element, out))
  }
  // half a compound would be a fault of the capture
  return keep === 0 || out.length > COMPOUND_BYTES_MAX ? 0 : out.length
}

function keepOfElement(head: Uint8Array, at: number, out: Framing): number {
  const command = head[at + 12]!
  const isResponse = (head[at + 16]! & RESPONSE) !== 0
  switch (command) {
    case IOCTL:
      if (!isResponse || head.length < at + 72 || !isReferralCode(u32(head, at + 68))) return 0
      return out.length <= REFERRAL_BYTES_MAX ? out.length : 0
    case TREE_CONNECT:
      if (!isResponse && mayBeLogonShare(head, at)) out.state |= LOGON_SHARE
      return 0
    case CREATE:
      return isResponse ? keepOfOpened(out, at + CREATED_BYTES) : keepOfCreate(head, at, out)
    case READ:
      return isResponse ? keepOfOpened(out, at + PIECE_AT + PIECE_BYTES_MAX) : keepOfRead(at, out)
    default:
      return 0
  }
}

function keepOfCreate(head: Uint8Array, at: number, out: Framing): number {
  if ((out.state & LOGON_SHARE) === 0 || head.length < at + 112) return 0
  const start = at + u16(head, at + 108)
  const end = start + u16(head, at + 110)
  if (end > out.length || (end <= head.length && !hasTellingEnd(head, start, end))) return 0
  out.state |= TELLING_FILE
  out.pending = READS_MAX
  return end
}

function keepOfRead(at: number, out: Framing): number {
  if ((out.state & TELLING_FILE) === 0) return 0
  // the answer to the last one that counts is still to come
  if (out.pending <= 0) {
    out.state &= ~TELLING_FILE
    return 0
  }
  out.pending--
  return Math.min(out.length, at + READ_BYTES)
}

/** Of the answers of a server to a client that has opened such a file. */
function keepOfOpened(out: Framing, end: number): number {
  return (out.peerState & TELLING_FILE) === 0 ? 0 : Math.min(out.length, end)
}

/** The answer to TRANS2_GET_DFS_REFERRAL looks like no other, and does not say what it answers. Hot. */
export function keepOfSmb1Names(head: Uint8Array, at: number, out: Framing): number {
  if (head[at + 4] !== TRANSACTION2 || out.length > REFERRAL_BYTES_MAX) return 0
  return smb1ReferralAt(head, at) > 0 ? out.length : 0
}

function isReferralCode(code: number): boolean {
  return code === FSCTL_DFS_GET_REFERRALS || code === FSCTL_DFS_GET_REFERRALS_EX
}

/* TREE_CONNECT Request, MS-SMB2 2.2.9: 68 PathOffset (2), 70 PathLength (2). What is not there yet may be one. */
function mayBeLogonShare(head: Uint8Array, at: number): boolean {
  if (head.length < at + 72) return true
  const end = at + u16(head, at + 68) + u16(head, at + 70)
  return end > head.length || endsWith(head, end, 'sysvol') || endsWith(head, end, 'netlogon')
}

/** Does UTF-16 text end so before `end`? `letters` in lower case, ASCII. */
function endsWith(bytes: Uint8Array, end: number, letters: string): boolean {
  for (let index = 0; index < letters.length; index++) {
    const at = end - 2 * (letters.length - index)
    if (at < 0 || bytes[at + 1] !== 0 || (bytes[at]! | 0x20) !== letters.charCodeAt(index)) return false
  }
  return true
}

function hasTellingEnd(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 10 || bytes[end - 8] !== DOT) return false
  for (const ending of ENDINGS) if (endsWith(bytes, end, ending)) return true
  return false
}

const DOT = 0x2e
const ENDINGS = ['xml', 'cmd', 'bat', 'vbs', 'ps1', 'kix', 'wsf', 'ini']

/** Preferences of group policies that name servers, the lists of scripts of a policy, and scripts. */
const TELLING =
  /(^|\\)(drives|printers|shortcuts|files|folders|datasources|registry|scheduledtasks|internetsettings)\.xml$|(^|\\)(ps)?scripts\.ini$|\.(cmd|bat|vbs|ps1|kix|wsf)$/i

/** Of one SMB2 message, from its header on. */
export interface NamedMessage {
  readonly bytes: Uint8Array
  readonly command: number
  readonly response: boolean
  readonly status: number
}

/**
 * What this message says about names; null: nothing. `id` joins a request to its answer; `opens`: the message of the
 * CREATE before it in a compound, of which the file is meant, or null.
 */
export function namesSaidBy(message: NamedMessage, id: () => string, opens: string | null): ContextStep | null {
  const { bytes, command, response } = message
  if (command === IOCTL && response && message.status === 0) return referralOf(bytes)
  if (bytes.length < SMB2_HEADER_BYTES + 8) return null
  switch (command) {
    case TREE_CONNECT:
      return response ? shareGiven(message, id) : shareAsked(bytes, id)
    case CREATE:
      return response ? fileGiven(message, id) : fileOpened(bytes, id)
    case READ:
      return response ? filePiece(message, id) : pieceAsked(bytes, id, opens)
    default:
      return null
  }
}

/* IOCTL Response, MS-SMB2 2.2.32: 68 CtlCode (4), 96 OutputOffset (4), 100 OutputCount (4) */
function referralOf(bytes: Uint8Array): ContextStep | null {
  if (bytes.length < 104 || bytes[64] !== IOCTL_RESPONSE_SIZE || !isReferralCode(u32(bytes, 68))) return null
  const start = u32(bytes, 96)
  return sentElsewhere(bytes.subarray(start, start + u32(bytes, 100)))
}

const IOCTL_RESPONSE_SIZE = 49

/** Of an SMB1 message, from its header on. */
export function namesOfSmb1(bytes: Uint8Array): ContextStep | null {
  const at = bytes[4] === TRANSACTION2 ? smb1ReferralAt(bytes, 0) : 0
  return at === 0 ? null : sentElsewhere(bytes.subarray(at, at + u16(bytes, 45)))
}

/*
 * TRANSACTION2 Response, MS-CIFS 2.2.4.46.2: 32 WordCount (1), 39 ParameterCount (2), 45 DataCount (2), 47 DataOffset
 * (2). RESP_GET_DFS_REFERRAL has no parameters, a few entries, and an entry a version of 1 to 4 and a ServerType of 0
 * or 1. Where the data begin, from the first byte of the array; 0: it is none.
 */
function smb1ReferralAt(bytes: Uint8Array, header: number): number {
  if (bytes.length < header + 49 || (bytes[header + 9]! & 0x80) === 0 || bytes[header + SMB1_HEADER_BYTES] !== 10)
    return 0
  const count = u16(bytes, header + 45)
  const at = header + u16(bytes, header + 47)
  if (u16(bytes, header + 39) !== 0 || count < 16 || at < header + 49 || bytes.length < at + 16) return 0
  const entries = u16(bytes, at + 2)
  const version = u16(bytes, at + 8)
  const size = u16(bytes, at + 10)
  const isOne = entries > 0 && entries < 512 && u32(bytes, at + 4) < 8 && version > 0 && version < 5
  return isOne && size >= 8 && size <= count - 8 && u16(bytes, at + 12) < 2 ? at : 0
}

/*
 * RESP_GET_DFS_REFERRAL, MS-DFSC 2.2.4
 *   0 PathConsumed (2)   2 NumberOfReferrals (2)   4 ReferralHeaderFlags (4)   8 ReferralEntries
 * DFS_REFERRAL, 2.2.5: 0 VersionNumber (2)   2 Size (2)   4 ServerType (2)   6 ReferralEntryFlags (2), and then
 *   V1     8 ShareName
 *   V2    16 DFSPathOffset (2)   18 DFSAlternatePathOffset (2)   20 NetworkAddressOffset (2)
 *   V3/4  12 DFSPathOffset (2)   14 DFSAlternatePathOffset (2)   16 NetworkAddressOffset (2)
 *      or 12 SpecialNameOffset (2)   14 NumberOfExpandedNames (2)   16 ExpandedNameOffset (2)
 * Offsets are from the entry; names end with a NUL.
 */
function sentElsewhere(answer: Uint8Array): ContextStep | null {
  if (answer.length < 16) return null
  const links: SentElsewhere['links'][number][] = []
  const entries = u16(answer, 2)
  let at = 8
  for (let index = 0; index < entries && links.length < LINKS_MAX && at + 8 <= answer.length; index++) {
    const version = u16(answer, at)
    const size = u16(answer, at + 2)
    if (size < 8 || at + size > answer.length || version === 0 || version > 4) break
    linksOf(answer, at, version, size, links)
    at += size
  }
  if (links.length === 0) return null
  return { kind: 'context', from: 'server', fact: { fact: 'sent-elsewhere', by: 'dfs-referral', links } }
}

const NAME_LIST_REFERRAL = 0x2

function linksOf(
  answer: Uint8Array,
  at: number,
  version: number,
  size: number,
  links: SentElsewhere['links'][number][],
): void {
  if (version === 1) {
    addLink(links, textAt(answer, at + 8), '')
    return
  }
  const fields = at + (version === 2 ? 16 : 12)
  if (size < fields - at + 6) return
  const path = textAt(answer, at + u16(answer, fields))
  const last = at + u16(answer, fields + 4)
  if (version === 2 || (u16(answer, at + 6) & NAME_LIST_REFERRAL) === 0) {
    addLink(links, textAt(answer, last), path)
    return
  }
  let name = last
  for (let index = u16(answer, fields + 2); index > 0 && links.length < LINKS_MAX; index--) {
    const text = textAt(answer, name)
    if (text === '') break
    addLink(links, text, path)
    name += 2 * text.length + 2
  }
}

function addLink(links: SentElsewhere['links'][number][], address: string, path: string): void {
  const host = /^\\*([^\\\0]+)/.exec(address)?.[1]
  if (host === undefined || links.length >= LINKS_MAX) return
  links.push({ host: interned(host), where: interned(unc(path === '' ? address : path)) })
}

/** `\server\share` as people write it */
function unc(path: string): string {
  return path.startsWith('\\') && !path.startsWith('\\\\') ? `\\${path}` : path
}

function textAt(bytes: Uint8Array, at: number): string {
  let end = at
  while (end + 1 < bytes.length && end - at < 2 * PATH_CHARACTERS_MAX && (bytes[end]! | bytes[end + 1]!) !== 0) end += 2
  return at <= 0 || at >= bytes.length ? '' : utf16le(bytes.subarray(at, end))
}

function shareAsked(bytes: Uint8Array, id: () => string): ContextStep | null {
  const start = u16(bytes, 68)
  const path = start < SMB2_HEADER_BYTES ? '' : utf16le(bytes.subarray(start, start + u16(bytes, 70)))
  if (!/^\\\\[^\\]+\\(sysvol|netlogon)$/i.test(path) || path.length > PATH_CHARACTERS_MAX) return null
  const fact: ShareAsked = { fact: 'share-asked', message: id(), path }
  return { kind: 'context', from: 'client', fact }
}

function shareGiven({ bytes, status }: NamedMessage, id: () => string): ContextStep | null {
  if (status !== 0) return null
  const fact: ShareGiven = { fact: 'share-given', message: id(), tree: u32(bytes, 36) }
  return { kind: 'context', from: 'server', fact }
}

/* CREATE Request, MS-SMB2 2.2.13: 108 NameOffset (2), 110 NameLength (2) */
function fileOpened(bytes: Uint8Array, id: () => string): ContextStep | null {
  if (bytes.length < 112) return null
  const start = u16(bytes, 108)
  const end = start + u16(bytes, 110)
  if (start < SMB2_HEADER_BYTES || end > bytes.length || end - start > 2 * PATH_CHARACTERS_MAX) return null
  const name = utf16le(bytes.subarray(start, end))
  if (!TELLING.test(name)) return null
  const isWhole = (u32(bytes, 16) & DFS_OPERATIONS) !== 0
  const fact: FileOpened = { fact: 'file-opened', message: id(), tree: u32(bytes, 36), name, isWhole }
  return { kind: 'context', from: 'client', fact }
}

/* CREATE Response, MS-SMB2 2.2.14: 64 StructureSize (2), 112 EndofFile (8), 128 FileId (16) */
function fileGiven({ bytes, status }: NamedMessage, id: () => string): ContextStep | null {
  if (status !== 0 || bytes.length < CREATED_BYTES || bytes[64] !== CREATE_RESPONSE_SIZE) return null
  const file = hex(bytes.subarray(128, CREATED_BYTES))
  const fact: FileGiven = { fact: 'file-given', message: id(), file, bytes: u64(bytes, 112) }
  return { kind: 'context', from: 'server', fact }
}

const CREATED_BYTES = 144
const CREATE_RESPONSE_SIZE = 89

/* READ Request, MS-SMB2 2.2.19: 64 StructureSize (2), 72 Offset (8), 80 FileId (16) */
function pieceAsked(bytes: Uint8Array, id: () => string, opens: string | null): ContextStep | null {
  if (bytes.length < READ_BYTES || bytes[64] !== READ_REQUEST_SIZE) return null
  const file = hex(bytes.subarray(80, READ_BYTES))
  const isRelated = file === ALL_ONES
  if (isRelated && opens === null) return null
  const fact: PieceAsked = {
    fact: 'piece-asked',
    message: id(),
    file: isRelated ? null : file,
    opens: isRelated ? opens : null,
    offset: u64(bytes, 72),
  }
  return { kind: 'context', from: 'client', fact }
}

const READ_BYTES = 96
const READ_REQUEST_SIZE = 49
const ALL_ONES = 'f'.repeat(32)

/* READ Response, MS-SMB2 2.2.20: 64 StructureSize (2), 66 DataOffset (1), 68 DataLength (4), 80 Buffer */
function filePiece(message: NamedMessage, id: () => string): ContextStep | null {
  const data = message.status === 0 ? pieceIn(message.bytes, 0) : null
  if (data === null) return null
  const fact: FilePiece = { fact: 'file-piece', message: id(), bytes: data.length, mentions: mentionsIn(data) }
  return { kind: 'context', from: 'server', fact }
}

/** What the READ response with its header at `at` holds of a file, as far as it is there; null: nothing. */
export function pieceIn(bytes: Uint8Array, at: number): Uint8Array | null {
  if (bytes.length <= at + PIECE_AT || bytes[at + 64] !== READ_RESPONSE_SIZE) return null
  const start = at + bytes[at + 66]!
  const data = start < at + PIECE_AT ? null : bytes.subarray(start, start + u32(bytes, at + 68))
  return data === null || data.length === 0 ? null : data
}

const PIECE_AT = 80
const READ_RESPONSE_SIZE = 17

/** Exact up to 2^53, and no file that is read here is that long. */
function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + 4) * 2 ** 32 + u32(bytes, at)
}

function u16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
