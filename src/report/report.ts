/**
 * The report: JSON-ready values, in the order in which a person reads them. The JSON Schema in
 * schema/report.schema.json describes exactly this.
 */
import type { UnreadInput } from '../capture/inputs.ts'
import type { CaptureSummary } from '../capture/merge.ts'
import type { NameSource } from '../context/host-names.ts'
import type { EventCoverage } from '../events/log-coverage.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { Finding } from '../findings/finding.ts'
import type { Figures } from './figures.ts'
import type { PassThrough } from './pass-through.ts'
import type { RollUps } from './roll-ups.ts'
import type { ConversationRow } from './seen/conversations.ts'
import type { NetworkAccess } from './seen/network-access.ts'
import type { TurnedAway } from './seen/turned-away.ts'
import type { Unfiltered } from './seen/unfiltered.ts'
import type { KeyReport, TlsReport } from './tls-servers.ts'
import type { PairVerdict } from './verdict.ts'

export const REPORT_SCHEMA = 'ntlmscope-report-1'

/** In the JSON, every time (microseconds in these values) is ISO 8601 text. */
export interface Report extends RollUps {
  readonly schema: typeof REPORT_SCHEMA
  /** the words of the filter that it was made with; empty: it is about everything that was read */
  readonly filter: readonly string[]
  /** how much was read, whatever the filter; null: it had none */
  readonly unfiltered: Unfiltered | null
  readonly coverage: Coverage
  readonly captures: readonly CaptureSummary[]
  readonly unread: Unread
  readonly pairs: readonly PairVerdict[]
  readonly exchanges: readonly AuthExchange[]
  readonly kdc: readonly KdcExchange[]
  readonly conversations: readonly ConversationRow[]
  readonly findings: readonly Finding[]
  readonly figures: Figures
  readonly blindSpots: readonly BlindSpot[]
  readonly hosts: readonly Host[]
  /** servers that asked a domain controller about NTLM logons */
  readonly passThrough: readonly PassThrough[]
  /** attempts that ended without authentication */
  readonly turnedAway: readonly TurnedAway[]
  /** Windows logs that were read beside the captures; null: none were given */
  readonly eventCoverage: EventCoverage | null
  /** servers in TLS, and their certificates */
  readonly tls: TlsReport
  /** how clients of RADIUS and PPP log on, by method; absent: none was seen, or the report is of an earlier version */
  readonly networkAccess?: readonly NetworkAccess[]
  readonly keys: KeyReport
  readonly tally: Tally
}

/** What was there and was not read: nothing may be concluded from its silence. */
export interface Unread {
  /** files that were named, or stood in a folder that was */
  readonly inputs: readonly UnreadInput[]
  readonly linkTypes: readonly UnreadPackets[]
  /** EtherTypes and protocols of other layers that wrap packets in a way that is not read, or are not known */
  readonly etherTypes: readonly UnreadPackets[]
  /** packets inside of UDP datagrams, in a wrapper that is not read, by port */
  readonly wrapped: readonly UnreadPackets[]
}

export interface UnreadPackets {
  /** as Wireshark shows it: `197` of a link type, `0x8926` of an EtherType, `6343` of a UDP port */
  readonly number: string
  readonly name: string
  readonly packets: number
}

/** What an address is called, and where each name comes from: the best first. */
export interface Host {
  readonly ip: string
  /** its hardware address, as it says itself in ARP, and where; absent: it does not, or more than one does */
  readonly hardware?: { readonly address: string; readonly capture: string; readonly frame: number }
  readonly names: readonly {
    readonly name: string
    readonly source: NameSource
    /** seen first and last; the frame is that of the first */
    readonly first: number
    readonly last: number
    readonly capture: string
    readonly frame: number
  }[]
}

/** What the captures could show at all: without it "no NTLM seen" has no value. */
export interface Coverage {
  readonly start: number | null
  readonly end: number | null
  readonly packets: number
  readonly bytes: number
  readonly connections: number
  /** connections seen in one direction only, and those whose beginning is not in the capture */
  readonly oneSided: number
  readonly midstream: number
  /** segments seen more than once (duplicates of a span port, retransmissions) */
  readonly repeatedSegments: number
  /** bytes that were sent and are not in the capture, and in how many holes */
  readonly lostBytes: number
  readonly gaps: number
  readonly cutPackets: number
  /** packets that were on the wire and were not written, as the captures say; null: one of them does not say */
  readonly dropped: number | null
  /** connections by carrier: smb, http, ldap, kdc, tls; 'other' is everything not recognised */
  readonly carriers: Readonly<Record<string, number>>
  readonly clientsWithKdcTraffic: number
  readonly clientsAuthenticating: number
  readonly kdcs: readonly string[]
  readonly vlans: readonly number[]
  readonly tunnels: readonly string[]
  /** packets of protocols that carry no IP, by their names: ARP, LLDP ... */
  readonly withoutIp: Readonly<Record<string, number>>
}

/** Something that the captures did not show. `code` says which, for programs; `detail` says it in words, for people. */
export interface BlindSpot {
  readonly kind: string
  /** one of several of a kind (`OVERFLOWS`), else the kind again */
  readonly code: string
  readonly detail: string
  readonly count: number
}

/** Packets read = packets used + every drop counter; the same for PDUs. Asserted at the end of every run. */
export interface Tally {
  readonly packets: Readonly<Record<string, number>>
  readonly pdus: Readonly<Record<string, number>>
  readonly tokens: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
}
