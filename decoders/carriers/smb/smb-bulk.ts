/**
 * The SMB2 messages that make up most of the traffic and of which `frame` wants nothing, as shapes: what follows a
 * header without a next one, is neither interim nor an expiry of its session, and has nothing to do with a named pipe
 * (smb-pipe.ts) or with names of servers and what files say of them (smb-names.ts).
 */
import type { Bulk, Sampling } from '../../carrier.ts'
import { type ByteClass, letters, notIn, range } from '../../parts/byte-class.ts'
import { REFERRAL_CODES } from './smb-names.ts'

/* Behind 4 bytes of the session service, MS-SMB2 2.2.1: ProtocolId 4, Status 12, Command 16, Flags 20, NextCommand 24,
       MessageId 28, the body 68. */
const PROTOCOL = 4
const STATUS = 12
const COMMAND = 16
const FLAGS = 20
const NEXT_COMMAND = 24
const MESSAGE_ID_END = 35
const STRUCTURE_SIZE = 68
const HEADER_END = 68

const CREATE = 5
const READ = 8
const WRITE = 9
const IOCTL = 11
/** LOGOFF, TREE_DISCONNECT, CLOSE, FLUSH, LOCK, QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO */
const OTHERS = [2, 4, 6, 7, 10, 14, 15, 16, 17]

/** Bytes of STATUS_PENDING and of STATUS_NETWORK_SESSION_EXPIRED, which tell them from nearly all others. */
const SETTLED = notIn(0x03, 0x5c)
const REQUEST = range(0, 255).filter((flags) => (flags & 1) === 0)
const RESPONSE = range(0, 255).filter((flags) => (flags & 1) !== 0)
/** an RPC PDU begins with its version */
const NO_RPC = notIn(5)
/** DataOffset of the READ response and of the WRITE request as everybody sends them, from the header */
const READ_OFFSET = 80
const WRITE_OFFSET = 112
/** FSCTL_PIPE_TRANSCEIVE ends in this byte */
const NO_TRANSCEIVE = notIn(0x17)
const NO_ANSWER_WANTED = notIn(0x17, ...REFERRAL_CODES)

export interface PipeBits {
  readonly parts: number
  readonly reads: number
  readonly opened: number
  /** names of files are looked at; what is in them */
  readonly shares: number
  readonly files: number
}

/** What `frame` keeps of those that are sampled, the four bytes before them included. */
export interface KeptBytes {
  readonly header: number
  readonly ioctl: number
  readonly transform: number
}

/** `counted` as `frame` does; `pipes`: the bits of `Framing.state` that expect something of a pipe. */
export function smb2Bulk(counted: Omit<Sampling, 'keep'>, kept: KeptBytes, pipes: PipeBits): readonly Bulk[] {
  const length = { at: 1, octets: 3, add: 4, min: HEADER_END, max: 4 + 0xff_ffff } as const
  const shape = (head: number, command: ByteClass, ...rest: (readonly [number, ByteClass])[]): Bulk => ({
    head,
    length,
    sampled: { ...counted, keep: command === IOCTL ? kept.ioctl : kept.header },
    bytes: [
      [COMMAND, command],
      [PROTOCOL, 0xfe],
      ...rest,
      [0, 0],
      ...letters('SMB').map((letter, index) => [PROTOCOL + 1 + index, letter] as const),
      [STATUS, SETTLED],
      [COMMAND + 1, 0],
      ...[0, 1, 2, 3].map((index) => [NEXT_COMMAND + index, 0] as const),
      [MESSAGE_ID_END, notIn(0xff)],
    ],
  })
  const nameLength = STRUCTURE_SIZE + 46
  return [
    shape(52, OTHERS),
    {
      ...shape(
        4 + READ_OFFSET + 16,
        READ,
        [FLAGS, RESPONSE],
        [STRUCTURE_SIZE, 17],
        [STRUCTURE_SIZE + 2, READ_OFFSET],
        [4 + READ_OFFSET, NO_RPC],
      ),
      clear: pipes.parts,
      peerClear: pipes.files,
    },
    { ...shape(100, READ, [FLAGS, REQUEST], [STRUCTURE_SIZE, 49]), clear: pipes.reads | pipes.files },
    {
      ...shape(
        4 + WRITE_OFFSET + 16,
        WRITE,
        [FLAGS, REQUEST],
        [STRUCTURE_SIZE, 49],
        [STRUCTURE_SIZE + 2, WRITE_OFFSET],
        [STRUCTURE_SIZE + 3, 0],
        [4 + WRITE_OFFSET, NO_RPC],
      ),
      clear: pipes.parts,
    },
    shape(52, WRITE, [FLAGS, RESPONSE]),
    { ...shape(148, CREATE, [FLAGS, RESPONSE], [STRUCTURE_SIZE, 89]), peerClear: pipes.opened | pipes.files },
    // a NameLength that no pipe has
    {
      ...shape(116, CREATE, [FLAGS, REQUEST], [STRUCTURE_SIZE, 57], [nameLength, [...range(0, 3), ...range(65, 255)]]),
      clear: pipes.opened | pipes.shares,
    },
    {
      ...shape(116, CREATE, [FLAGS, REQUEST], [STRUCTURE_SIZE, 57], [nameLength + 1, notIn(0)]),
      clear: pipes.opened | pipes.shares,
    },
    shape(76, IOCTL, [FLAGS, REQUEST], [STRUCTURE_SIZE, 57], [STRUCTURE_SIZE + 4, NO_TRANSCEIVE]),
    shape(76, IOCTL, [FLAGS, RESPONSE], [STRUCTURE_SIZE, 49], [STRUCTURE_SIZE + 4, NO_ANSWER_WANTED]),
    // ERROR Response
    { ...shape(72, [CREATE, READ], [FLAGS, RESPONSE], [STRUCTURE_SIZE, 9]), peerClear: pipes.files },
    shape(72, IOCTL, [FLAGS, RESPONSE], [STRUCTURE_SIZE, 9]),
    // SMB2 TRANSFORM_HEADER, 2.2.41
    {
      head: 52,
      length: { ...length, min: 4 + 52 },
      sampled: { ...counted, keep: kept.transform },
      bytes: [
        [PROTOCOL, 0xfd],
        [0, 0],
        ...letters('SMB').map((letter, index) => [PROTOCOL + 1 + index, letter] as const),
      ],
    },
  ]
}
