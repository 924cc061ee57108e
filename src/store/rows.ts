/**
 * Facts of a run become rows of the tables: one place that knows which member of a report is which column.
 *
 * What a row needs beside the fact (sensor, subnets, pseudonyms) comes as a `Maker`. Members that have no column are in
 * `detail`, the whole fact as JSON.
 */
import { digestOf, exchangeIdentity, findingUid, kdcUid, type UidOf } from '../facts/identity.ts'
import type { FactRow } from './tables.ts'

/** What is told of all captures of a run together. */
export interface RunFacts {
  coverage: Fact
  readonly blindSpots: Fact[]
  tally: Fact
  /** how many were turned away; null: whoever wrote the report did not look */
  away: number | null
}

/** What the loader knows of a run. */
export interface Maker {
  readonly sensor: string
  /** which subnet an address is of */
  netOf(ip: string): string
}

/** An exchange of a report: times in microseconds. A saved report of an older version lacks `uid`. */
// biome-ignore lint/suspicious/noExplicitAny: saved facts are believed, and read by name
type Fact = any

/** `detail`: the same as text, where somebody has it. */
export function exchangeFact(maker: Maker, exchange: Fact, detail = JSON.stringify(exchange)): FactRow {
  const { client, server, ntlm, kerberos, smb, ldap, rpc, http, cause, principal, target, status } = exchange
  const { uid, uidOf } = identityOf(exchange)
  const logon = uidOf === 'start' ? null : uid
  return {
    key: digestOf('key', maker.sensor, uid),
    logon,
    rank:
      (exchange.visibility === 'both' ? 4 : 0) +
      (exchange.result === 'unknown' ? 0 : 2) +
      (logon === null ? 0 : 2) +
      (cause === null || cause.code !== 'RC99' ? 1 : 0),
    twin_of: null,
    uid,
    uid_of: uidOf,
    sensor: maker.sensor,
    load_id: '',
    capture: exchange.capture,
    ts: exchange.start,
    ts_end: Math.max(exchange.start, exchange.end),
    community_id: exchange.communityId,
    client_ip: client.ip,
    client_port: client.port,
    client_net: maker.netOf(client.ip),
    client_name: client.name ?? null,
    server_ip: server.ip,
    server_port: server.port,
    server_name: server.name ?? null,
    service: exchange.service,
    carrier: exchange.carrier,
    mechanism: exchange.mechanism,
    method: exchange.method ?? null,
    origin: exchange.origin ?? null,
    fallback: exchange.fallback ?? null,
    cause: cause?.code ?? null,
    cause_confidence: cause?.confidence ?? null,
    cause_sensor: cause === null || cause === undefined ? null : maker.sensor,
    name_from: cause?.nameFrom?.kind ?? null,
    name_from_where: cause?.nameFrom?.where ?? null,
    name_from_named: cause?.nameFrom?.isNamed ?? null,
    result: exchange.result,
    status_code: status?.code ?? null,
    status_name: status?.name ?? null,
    visibility: exchange.visibility,
    user_name: principal?.user ?? null,
    user_domain: principal?.domain ?? null,
    workstation: principal?.workstation ?? null,
    spn: target?.spn ?? null,
    spn_class: target?.class ?? null,
    target_name: target?.name ?? null,
    tunnel: exchange.tunnel ?? null,
    ntlm_version: ntlm?.ntlmVersion ?? null,
    negotiate_flags: ntlm === null || ntlm === undefined ? null : ntlm.negotiateFlags.join(' '),
    mic: ntlm?.mic ?? null,
    av_flags: ntlm?.avFlags ?? null,
    client_version: ntlm?.clientVersion ?? null,
    server_version: ntlm?.serverVersion ?? null,
    challenge_seen: ntlm?.challenge != null,
    realm: kerberos?.realm ?? null,
    ticket_etype: kerberos?.ticketEtype ?? null,
    authenticator_etype: kerberos?.authenticatorEtype ?? null,
    krb_error: kerberos?.errorCode ?? null,
    smb_dialect: smb?.dialect ?? null,
    smb_client_policy: smb?.clientPolicy ?? null,
    smb_server_policy: smb?.serverPolicy ?? null,
    smb_effective: smb?.effective ?? null,
    smb_setup: smb?.session?.setup ?? null,
    ldap_layer: ldap?.layer ?? null,
    tls: ldap?.tls ?? null,
    rpc_interface: rpc?.interfaceName ?? rpc?.interface ?? null,
    rpc_level: rpc?.authLevel ?? null,
    http_application: http?.application ?? null,
    channel_binding: exchange.channelBinding,
    // a spread would make each of a million rows anew, name by name
    first_frame: firstFrameOf(exchange.frames),
    frames: exchange.frames.join(' '),
    detail,
  }
}

export function kdcFact(maker: Maker, exchange: Fact, detail = JSON.stringify(exchange)): FactRow {
  const { client, kdc, error } = exchange
  const communityId = exchange.communityId ?? ''
  const { uid, uidOf } =
    exchange.uid === undefined
      ? kdcUid(digestOf(client.ip, client.port, kdc.ip, kdc.port), exchange.request, null, exchange.time)
      : (exchange as { uid: string; uidOf: UidOf })
  const asked = exchange.requested.length > 0
  return {
    key: digestOf('key', maker.sensor, uid),
    logon: uidOf === 'start' ? null : uid,
    rank: (exchange.answered ? 2 : 0) + (asked ? 2 : 0),
    twin_of: null,
    uid,
    uid_of: uidOf,
    sensor: maker.sensor,
    load_id: '',
    capture: exchange.capture,
    ts: exchange.time,
    ts_end: exchange.time,
    community_id: communityId,
    client_ip: client.ip,
    client_port: client.port,
    client_net: maker.netOf(client.ip),
    client_name: client.name ?? null,
    kdc_ip: kdc.ip,
    kdc_port: kdc.port,
    kdc_name: kdc.name ?? null,
    transport: exchange.transport,
    request: exchange.request,
    realm: exchange.realm ?? null,
    cname: exchange.cname ?? null,
    sname: exchange.sname ?? null,
    requested: exchange.requested.join(' '),
    ticket_etype: exchange.ticketEtype ?? null,
    reply_etype: exchange.replyEtype ?? null,
    preauth_etype: exchange.preauthEtype ?? null,
    session_etype: exchange.sessionEtype ?? null,
    flags: exchange.flags.join(' '),
    armored: exchange.armored,
    for_user: exchange.forUser ?? null,
    additional_ticket: exchange.additionalTicket ?? null,
    error_code: error?.code ?? null,
    error_name: error?.name ?? null,
    answered: exchange.answered,
    result: error ? 'failure' : exchange.answered ? 'success' : 'unknown',
    valid_from: exchange.from ?? null,
    valid_till: exchange.till ?? null,
    first_frame: firstFrameOf(exchange.frames),
    frames: exchange.frames.join(' '),
    detail,
  }
}

export function findingFact(maker: Maker, finding: Fact): FactRow {
  const { id, client, server, service, spn, start, end } = finding
  const uid = finding.uid ?? findingUid(id, client, server, service, spn ?? '')
  return {
    key: digestOf('key', maker.sensor, uid, start),
    logon: null,
    rank: 0,
    twin_of: null,
    uid,
    uid_of: 'rule',
    sensor: maker.sensor,
    load_id: '',
    capture: finding.capture,
    ts: start,
    ts_end: Math.max(start, end),
    finding: id,
    severity: finding.severity,
    confidence: finding.confidence,
    title: finding.title,
    client_ip: client,
    server_ip: server,
    service,
    spn: spn ?? null,
    said: finding.detail,
    techniques: finding.techniques.join(' '),
    times: finding.count,
    first_frame: firstFrameOf(finding.frames),
    frames: finding.frames.join(' '),
    detail: JSON.stringify(finding),
  }
}

export function conversationFact(maker: Maker, conversation: Fact): FactRow {
  const { client, server, service, carrier, start, end, frame } = conversation
  const uid = digestOf('conversation', client.ip, server.ip, server.port, carrier, service)
  return {
    key: digestOf('key', maker.sensor, uid, start),
    logon: null,
    rank: 0,
    twin_of: null,
    uid,
    uid_of: 'ends',
    sensor: maker.sensor,
    load_id: '',
    capture: conversation.capture,
    ts: start,
    ts_end: Math.max(start, end),
    client_ip: client.ip,
    client_net: maker.netOf(client.ip),
    server_ip: server.ip,
    server_port: server.port,
    service,
    carrier,
    connections: conversation.connections,
    authenticated: conversation.authenticated,
    midstream: conversation.midstream,
    one_sided: conversation.oneSided,
    lossy: conversation.lossy,
    whole: conversation.whole,
    first_frame: frame,
  }
}

/** Attempts of one client at one server that ended without authentication, in one run. */
export function turnedAwayFact(maker: Maker, away: Fact): FactRow {
  const { client, server, service, first, last, kdc } = away
  const uid = digestOf('turned away', client, server, service)
  return {
    key: digestOf('key', maker.sensor, uid, first),
    logon: null,
    rank: 0,
    twin_of: null,
    uid,
    uid_of: 'ends',
    sensor: maker.sensor,
    load_id: '',
    capture: away.capture,
    ts: first,
    ts_end: Math.max(first, last),
    client_ip: client,
    client_net: maker.netOf(client),
    server_ip: server,
    service,
    ports: away.ports.join(' '),
    class: away.class,
    pattern: away.pattern,
    status: away.status ?? null,
    kdc_error: kdc?.error ?? null,
    times: away.count,
    first_frame: firstFrameOf(away.frames),
    frames: away.frames.join(' '),
    detail: JSON.stringify(away),
  }
}

/** `run`: what is told of all captures of a run together. */
export function captureFact(
  maker: Maker,
  capture: Fact,
  { digest, run, version }: { readonly digest: string; readonly run: RunFacts; readonly version: string },
): FactRow {
  const start = capture.start ?? 0
  return {
    key: digestOf('key', maker.sensor, digest),
    logon: null,
    rank: 0,
    twin_of: null,
    uid: digest,
    uid_of: 'content',
    sensor: maker.sensor,
    load_id: '',
    capture: capture.name,
    ts: start,
    ts_end: Math.max(start, capture.end ?? start),
    format: capture.format,
    bytes: capture.bytes,
    packets: capture.packets,
    snap_length: capture.snapLength ?? null,
    link_types: capture.linkTypes.join(' '),
    damage: capture.damage ?? null,
    dropped: capture.dropped ?? null,
    filters: capture.filters?.join(' | ') || null,
    skew_seconds: null,
    coverage: JSON.stringify(run.coverage ?? null),
    blind_spots: JSON.stringify(run.blindSpots ?? null),
    tally: JSON.stringify(run.tally ?? null),
    version,
    away_told: run.away,
  }
}

/** Of a report that was saved before exchanges had one: the flow and the time have to do. */
function identityOf(exchange: Fact): { uid: string; uidOf: UidOf } {
  if (exchange.uid !== undefined) return exchange
  return exchangeIdentity(exchange.communityId, exchange.start, () => 0, { token: null, ticket: null })
}

/** frame numbers of a column of 32 bits */
const FRAME_MAX = 2 ** 31 - 1

/** The first one of the row's own capture. */
function firstFrameOf(frames: readonly (number | string)[]): number {
  const first = frames.find((frame) => typeof frame === 'number') ?? 0
  return Math.min(FRAME_MAX, Number(first))
}
