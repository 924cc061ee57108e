/**
 * AV_PAIR lists: what an NTLM server says of itself (TargetInfo of the CHALLENGE_MESSAGE) and what the client answers
 * (AvPairs of the NTLMv2_CLIENT_CHALLENGE). MS-NLMP 2.2.2.1, 2.2.2.2; MS-KILE 2.2.5 for the CustomData of
 * Single_Host_Data.
 *
 * Does not judge the values. Unknown ids stay in `order`; of a repeated id the first one counts. Byte fields borrow the
 * input.
 */
import { struct, u32 } from 'buffer-layout'
import type { Fault } from '../outcome.ts'
import { Cursor } from '../parts/cursor.ts'
import { filetimeMicros, nameIn16 } from '../parts/text.ts'

/** AV_PAIRs by their names; null: the pair is absent. */
export interface TargetInfo {
  readonly nbComputerName: string | null
  readonly nbDomainName: string | null
  readonly dnsComputerName: string | null
  readonly dnsDomainName: string | null
  readonly dnsTreeName: string | null
  /** microseconds since 1970 */
  readonly timestamp: number | null
  readonly avFlags: number | null
  readonly targetName: string | null
  /** 16 bytes, borrowed */
  readonly channelBindings: Uint8Array | null
  readonly singleHost: SingleHost | null
  /** AV ids in the order of the wire, without MsvAvEOL: a fingerprint of the stack */
  readonly order: readonly number[]
}

/** Single_Host_Data, MS-NLMP 2.2.2.2 with the CustomData of MS-KILE 2.2.5. */
export interface SingleHost {
  readonly flags: number
  readonly tokenIntegrityLevel: number
  /** 32 bytes, per boot, borrowed */
  readonly machineId: Uint8Array
  /** 32 bytes, across boots, borrowed; null before Windows 11 24H2 of August 2025 */
  readonly permanentMachineId: Uint8Array | null
}

const MsvAvEOL = 0
const MsvAvNbComputerName = 1
const MsvAvNbDomainName = 2
const MsvAvDnsComputerName = 3
const MsvAvDnsDomainName = 4
const MsvAvDnsTreeName = 5
const MsvAvFlags = 6
const MsvAvTimestamp = 7
const MsvAvSingleHost = 8
const MsvAvTargetName = 9
const MsvAvChannelBindings = 10

/** Eleven ids exist; a list of many more is hostile. */
const AV_PAIRS_MAX = 64

// Single_Host_Data: Size, Z4, CustomData (MS-KILE LSAP_TOKEN_INFO_INTEGRITY: Flags, TokenIL), then MachineID and, where
// Size says so, PermanentMachineID of 32 bytes each.
const SINGLE_HOST_DATA = struct([u32('Size'), u32('Z4'), u32('Flags'), u32('TokenIL')])
const MACHINE_ID_BYTES = 32

/**
 * Reads the list up to MsvAvEOL, or to the end of `bytes` where a stack forgets it. What could not be read is pushed to
 * `faults`.
 *
 *     AV_PAIR: AvId u16, AvLen u16, Value
 */
export function readAvPairs(bytes: Uint8Array, where: string, faults: Fault[]): TargetInfo {
  const values = new Map<number, Uint8Array>()
  const order: number[] = []
  const cursor = new Cursor(bytes)
  while (cursor.remaining > 0) {
    if (order.length === AV_PAIRS_MAX) {
      faults.push({ reason: 'limit', where })
      break
    }
    const id = cursor.u16le()
    const length = cursor.u16le()
    if (cursor.failed || id === MsvAvEOL) break
    const value = cursor.take(length)
    if (cursor.failed) break
    order.push(id)
    if (!values.has(id)) values.set(id, value)
  }
  if (cursor.failed) faults.push({ reason: 'malformed', where })

  /** The value of a pair whose length is fixed; another length is a fault and no value. */
  const fixed = (id: number, length: number): Uint8Array | null => {
    const value = values.get(id)
    if (value === undefined) return null
    if (value.length === length) return value
    faults.push({ reason: 'malformed', where: `${where}.AvId ${id}` })
    return null
  }
  const text = (id: number): string | null => {
    const value = values.get(id)
    return value === undefined ? null : nameIn16(value)
  }
  const timestamp = fixed(MsvAvTimestamp, 8)
  const avFlags = fixed(MsvAvFlags, 4)
  const singleHost = values.get(MsvAvSingleHost)
  return {
    nbComputerName: text(MsvAvNbComputerName),
    nbDomainName: text(MsvAvNbDomainName),
    dnsComputerName: text(MsvAvDnsComputerName),
    dnsDomainName: text(MsvAvDnsDomainName),
    dnsTreeName: text(MsvAvDnsTreeName),
    timestamp: timestamp && filetimeMicros(timestamp, 0),
    avFlags: avFlags && new Cursor(avFlags).u32le(),
    targetName: text(MsvAvTargetName),
    channelBindings: fixed(MsvAvChannelBindings, 16),
    singleHost: singleHost === undefined ? null : readSingleHost(singleHost, `${where}.Single_Host_Data`, faults),
    order,
  }
}

function readSingleHost(bytes: Uint8Array, where: string, faults: Fault[]): SingleHost | null {
  const machineIdAt = SINGLE_HOST_DATA.span
  const permanentAt = machineIdAt + MACHINE_ID_BYTES
  if (bytes.length < permanentAt) {
    faults.push({ reason: 'malformed', where })
    return null
  }
  const head = SINGLE_HOST_DATA.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  const hasPermanent = head.Size > permanentAt && bytes.length >= permanentAt + MACHINE_ID_BYTES
  return {
    flags: head.Flags,
    tokenIntegrityLevel: head.TokenIL,
    machineId: bytes.subarray(machineIdAt, permanentAt),
    permanentMachineId: hasPermanent ? bytes.subarray(permanentAt, permanentAt + MACHINE_ID_BYTES) : null,
  }
}
