/**
 * What a run could see at all: coverage, blind spots, and the tally with its identities. Counters in, values out.
 *
 * "No NTLM seen" has no value without this. A count here is never silently zero: what is lost anywhere is counted where
 * it is lost.
 */
import type { DissectCounters } from '../dissect/dissector.ts'
import { LIMITS } from '../memory/limits.ts'
import type { ReadingFacts } from '../reading/pdu-source.ts'
import { type PassThrough, serversWithUnseenLogons, unseenText } from './pass-through.ts'
import type { BlindSpot, Coverage, Tally, Unread, UnreadPackets } from './report.ts'
import { withoutIpOf, wordsOf } from './seen/unread.ts'

/** What a limit of the program kept out of a part of the report. */
export const OVERFLOWS = {
  'exchanges-not-listed': 'exchanges not listed one by one (pairs and figures count them; ndjson prints them all)',
  'kdc-not-listed': 'KDC exchanges not listed one by one',
  pairs: 'exchanges of pairs beyond the limit of pairs',
  conversations: 'conversations beyond the limit of conversations',
  findings: 'findings beyond the limit of findings',
  figures: 'exchanges that are missing in a part of the figures',
  'roll-ups': 'exchanges that are missing in places, servers, clients or accounts',
  'turned-away': 'attempts without authentication beyond the limit of pairs',
  authentications: 'authentications beyond the limit of one connection',
  'smb-sessions': 'SMB channels whose session may have been forgotten',
  'decided-early': 'causes decided before all that could explain them was read',
  names: 'names of hosts beyond the limit of names',
  'kerberos-evidence': 'clients whose older Kerberos evidence was forgotten',
} as const

export type Overflow = keyof typeof OVERFLOWS

export interface RunCounters extends Omit<ReadingFacts, 'foreignConnections'> {
  readonly dissect: DissectCounters
  readonly faults: Readonly<Record<string, number>>
  /** connections by the name of their carrier */
  readonly carriers: Readonly<Record<string, number>>
  readonly kdcs: readonly string[]
  readonly clientsWithKdcTraffic: number
  readonly clientsAuthenticating: number
  /** what several folds could not tell apart any more */
  readonly overflow: Readonly<Record<Overflow, number>>
  /** TLS conversations by server and port */
  readonly tls: ReadonlyMap<string, number>
  readonly quic: ReadonlyMap<string, number>
  readonly http2: ReadonlyMap<string, number>
  readonly encryptedSmbSessions: number
  /** SMB channels and renewed sessions without the logon of their session */
  readonly sessionsWithoutLogon: number
  /** conversations in the middle of a logon, or before one, when the captures ended */
  readonly unfinished: number
  /** datagrams that go on with a logon whose beginning is not in the captures */
  readonly begunBefore: number
  readonly interrupted: boolean
  /** signatures of NTLMSSP without a decoded message, by server and port */
  readonly unreadSignatures: ReadonlyMap<string, number>
}

export function coverageOf(run: RunCounters): Coverage {
  const { stream } = run
  return {
    start: run.start,
    end: run.end,
    packets: run.packets,
    bytes: run.bytes,
    connections: stream.connections,
    oneSided: stream.oneSided,
    midstream: stream.midstream + run.begunBefore,
    repeatedSegments: stream.repeatedSegments,
    lostBytes: stream.lostBytes + stream.lostBytesSkipped,
    gaps: stream.gaps,
    cutPackets: run.cutPackets,
    dropped: droppedOf(run.captures) ?? run.droppedInAll,
    carriers: run.carriers,
    clientsWithKdcTraffic: run.clientsWithKdcTraffic,
    clientsAuthenticating: run.clientsAuthenticating,
    kdcs: run.kdcs,
    vlans: run.vlans,
    tunnels: run.tunnels,
    withoutIp: withoutIpOf(run.protocols, run.linkTypes),
  }
}

/** null: one of the captures does not say. */
function droppedOf(captures: ReadingFacts['captures']): number | null {
  if (captures.length === 0 || captures.some(({ dropped }) => dropped === null)) return null
  return captures.reduce((sum, { dropped }) => sum + (dropped ?? 0), 0)
}

export function tallyOf(run: RunCounters): Tally {
  const { stream, dissect } = run
  return {
    packets: { read: run.packets, tcp: run.tcp, udp: run.udp, ...run.drops },
    pdus: {
      framed: stream.pdusFramed,
      skipped: stream.pdusSkipped,
      kept: stream.pdusKept,
      cut: stream.pdusCut,
      tooLong: stream.pdusTooLong,
      framingLost: stream.framesLost,
      decoded: dissect.pdus,
      unreadable: dissect.faulty,
      internal: dissect.internal,
    },
    tokens: { read: dissect.tokens, unclaimed: dissect.unclaimedTokens, messages: dissect.tokenMessages },
    faults: run.faults,
  }
}

/**
 * The identity of packets: every one read is TCP, UDP or counted under one reason. Returns what does not add up, or
 * null.
 */
export function packetIdentity(tally: Tally): string | null {
  const { read = 0, ...parts } = tally.packets
  const sum = Object.values(parts).reduce((total, part) => total + part, 0)
  return sum === read ? null : `packets: ${read} read, ${sum} accounted for`
}

/** The identity of PDUs: every framed one is skipped or kept. */
export function pduIdentity(tally: Tally): string | null {
  const { framed = 0, skipped = 0, kept = 0 } = tally.pdus
  return framed === skipped + kept ? null : `PDUs: ${framed} framed, ${skipped} skipped, ${kept} kept`
}

export function blindSpotsOf(run: RunCounters, notRead: Unread): BlindSpot[] {
  const spots: BlindSpot[] = []
  const add = (kind: string, count: number, detail: string, code = kind) => {
    if (count > 0) spots.push({ kind, code, detail, count })
  }
  const { stream, drops, dissect } = run
  add('interrupted', Number(run.interrupted), 'reading that was stopped before the end: what follows was not read')
  const conversations = [...run.tls.values()].reduce((sum, count) => sum + count, 0)
  add('tls', conversations, `TLS conversations: what authenticates inside is not visible (${listServers(run.tls)})`)
  const datagrams = [...run.quic.values()].reduce((sum, count) => sum + count, 0)
  add('quic', datagrams, `QUIC connections: what authenticates inside is not visible (${listServers(run.quic)})`)
  const compressed = [...run.http2.values()].reduce((sum, count) => sum + count, 0)
  add(
    'http2',
    compressed,
    `HTTP/2 conversations: headers are not read, and a logon in them is not visible (${listServers(run.http2)})`,
  )
  add('smb-encryption', run.encryptedSmbSessions, 'encrypted SMB sessions: pipes and files inside are not visible')
  add(
    'smb-session',
    run.sessionsWithoutLogon,
    'SMB channels that were bound, and sessions that were renewed, whose logon is not in the capture',
  )
  const unread = [...run.unreadSignatures.values()].reduce((sum, count) => sum + count, 0)
  add(
    'ntlm-unread',
    unread,
    `NTLM tokens that nobody answers, in bodies, files and data of others: listed by messages, not counted as logons (${listServers(run.unreadSignatures)})`,
  )
  add('ntlm-elsewhere', run.markedPackets, 'packets with an NTLM token that are neither TCP nor UDP: seen, not decoded')
  add('one-sided', stream.oneSided, 'connections seen in one direction only: results or offers are missing')
  add('midstream', stream.midstream + run.begunBefore, 'connections whose beginning is not in the capture')
  // where others are told to have begun before it, these add nothing
  const idle = stream.midstream + run.begunBefore === 0 ? stream.idleSegments : 0
  add('idle', idle, 'packets of connections that began before the capture and said nothing in it')
  add(
    'unfinished',
    run.unfinished + stream.unspoken,
    'connections in the middle of a logon, or before one, when the capture ended: how they authenticate is not in it',
  )
  add('loss', stream.gaps, `holes in conversations: ${stream.lostBytes} bytes were sent and are not in the capture`)
  const lost = Math.max(
    run.captures.reduce((sum, { droppedAtLeast }) => sum + droppedAtLeast, 0),
    run.droppedInAll ?? 0,
  )
  add(
    'dropped',
    lost,
    'packets that were on the wire and that the capture program dropped: anything may have been in them',
  )
  const filters = [...new Set(run.captures.flatMap(({ filters: some }) => some))]
  add('capture-filter', filters.length, `capture filters: what they kept out was not seen (${listNames(filters)})`)
  add('snap-length', run.cutPackets, 'packets cut by the snap length')
  add(
    'messages-cut',
    stream.pdusCut,
    'messages that are incomplete because of loss, snap length or the end of the capture',
  )
  add('messages-too-long', stream.pdusTooLong, 'messages longer than the limit, stepped over')
  add('unreadable', dissect.faulty, 'messages that could not be read')
  add('internal', dissect.internal, 'messages lost to an error of this program: please report them')
  add('802.11', drops.ieee80211, 'wireless (802.11) packets: out of scope')
  const { linkTypes, etherTypes, wrapped } = notRead
  const inputs = notRead.inputs.filter(({ isCapture }) => isCapture)
  add('input', inputs.length, `inputs that could not be read (${listNames(inputs.map(({ name }) => name))})`)
  const others = linkTypes.filter(({ number }) => !IEEE_802_11.has(number))
  add('link-type', packetsOf(others), `packets of a link type that is not read: ${listNames(others.map(wordsOf))}`)
  add(
    'ethertype',
    packetsOf(etherTypes),
    `packets of an EtherType that wraps others or is not known: ${listNames(etherTypes.map(wordsOf))}`,
  )
  add(
    'mirror',
    packetsOf(wrapped),
    `packets inside of UDP datagrams, in a wrapper that is not read: ${listNames(wrapped.map(portOf))}`,
  )
  add('fragments', drops.fragmentLost + drops.fragmentWaiting, 'IP fragments whose datagram never became complete')
  add('tunnel-depth', drops.tooDeep, 'packets with more encapsulations than the limit')
  add('headers-cut', drops.truncatedHeaders, 'packets cut inside their headers')
  add('evicted', stream.evicted, 'conversations forgotten because too many were open')
  for (const code of Object.keys(OVERFLOWS) as Overflow[]) add('overflow', run.overflow[code], OVERFLOWS[code], code)
  return spots
}

/** LINKTYPE_ values of 802.11 */
const IEEE_802_11: ReadonlySet<string> = new Set(['105', '119', '127', '163'])

function portOf(one: UnreadPackets): string {
  return `port ${wordsOf(one)} ${one.packets}`
}

function packetsOf(kinds: readonly { readonly packets: number }[]): number {
  return kinds.reduce((sum, { packets }) => sum + packets, 0)
}

function listNames(names: readonly string[]): string {
  const rest = names.length - NAMES_LISTED
  return names.slice(0, NAMES_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

const NAMES_LISTED = 5

/** One for each server, as far as the limit goes, and one for the rest. */
export function unseenSpots(servers: readonly PassThrough[]): BlindSpot[] {
  const kind = 'pass-through'
  const all = serversWithUnseenLogons({ passThrough: servers }).toSorted((a, b) => b.unseen - a.unseen)
  const spots = all
    .slice(0, LIMITS.passThroughSpotsMax)
    .map((one): BlindSpot => ({ kind, code: kind, detail: unseenText(one), count: one.unseen }))
  const rest = all.slice(LIMITS.passThroughSpotsMax)
  if (rest.length > 0)
    spots.push({
      ...{ kind, code: kind, detail: `logons that ${rest.length} more servers asked domain controllers to check` },
      count: rest.reduce((sum, { unseen }) => sum + unseen, 0),
    })
  return spots
}

/** The busiest servers of a map from `address:port` to conversations. */
function listServers(servers: ReadonlyMap<string, number>): string {
  const top = [...servers].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, SERVERS_LISTED)
  const rest = servers.size - top.length
  return top.map(([server, count]) => `${server} ${count}`).join(', ') + (rest > 0 ? ` and ${rest} more servers` : '')
}

const SERVERS_LISTED = 5
