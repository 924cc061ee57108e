/**
 * Is it fixed? One flow against what is expected of it: every expectation met, not met or not observed, each with its
 * frames. A fold over a report.
 *
 * The table of expectations stands in expectations.ts. Here stands what belongs to the flow, and what of it was out of
 * sight: an expectation about every authentication is met only where nothing was.
 */

import type { Service } from '../../decoders/carrier.ts'
import { factsOf } from '../../decoders/services.ts'
import type { AuthExchange, Cause, KdcExchange } from '../facts/exchange.ts'
import { canonicalAddress, comparable, type HostPattern } from '../facts/filter.ts'
import type { FrameRef } from '../facts/frames.ts'
import { serviceClass, targetHost } from '../facts/target-name.ts'
import { type PassThrough, serversWithUnseenLogons, unseenText } from '../report/pass-through.ts'
import type { Report } from '../report/report.ts'
import { type ConversationRow, isOpaque, opaqueName } from '../report/seen/conversations.ts'
import { isAwayFrom, isSignificant, type TurnedAway, turnedAwayOf, turnedAwayText } from '../report/seen/turned-away.ts'
import type { PairVerdict } from '../report/verdict.ts'
import { type Expectation, isSettled, type State, type Statement } from './expectations.ts'
import { type Hosts, hostsOf, lower, type SeenHost } from './hosts.ts'
import { logNotes } from './log-notes.ts'

/** Empty or null: any. */
export interface Flow {
  readonly client: readonly HostPattern[]
  readonly server: readonly HostPattern[]
  readonly port: number | null
  readonly service: Service | null
}

/** The same words about several pieces of evidence: how many, the first frames of the first one. */
export interface Reason {
  readonly detail: string
  readonly count: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
  readonly cause: Pick<Cause, 'code' | 'title' | 'confidence'> | null
  readonly fix: string | null
}

export interface ExpectationOutcome {
  readonly expectation: string
  readonly words: string
  readonly state: State
  /** what answered it */
  readonly evidence: readonly Reason[]
  /** what contradicts it; where nothing does, what could not be seen */
  readonly reasons: readonly Reason[]
  /** not observed: what to capture, and how */
  readonly observe: string | null
}

/** What was judged together: the expectations of a flow, the list of allowed uses, the thresholds. */
export interface Part {
  readonly kind: 'flow' | 'allow-list' | 'thresholds' | 'gate'
  readonly name: string
  /** as it was asked for; null: not about one flow */
  readonly flow: FlowWords | null
  readonly state: State
  readonly expectations: readonly ExpectationOutcome[]
  /** what a person should know and no state depends on */
  readonly notes: readonly string[]
}

/** A flow in words: `any` is an empty list or null. */
export interface FlowWords {
  readonly client: readonly string[]
  readonly server: readonly string[]
  readonly port: number | null
  readonly service: Service | null
}

/** What a report holds about one flow. */
export interface FlowEvidence {
  readonly exchanges: readonly AuthExchange[]
  readonly pairs: readonly PairVerdict[]
  readonly conversations: readonly ConversationRow[]
  readonly tickets: readonly KdcExchange[]
  /** the report lists every exchange of these pairs */
  readonly listed: boolean
  /** and every ticket */
  readonly ticketsListed: boolean
  /** what the report as a whole cannot vouch for */
  readonly doubts: readonly Reason[]
  /** attempts that ended without authentication */
  readonly turnedAway: readonly TurnedAway[]
  /** servers that may be of this flow and asked about logons which nobody saw */
  readonly unseenLogons: readonly PassThrough[]
}

const NOT_LISTED: Statement = { is: 'unclear', detail: 'the report does not list every ticket', fix: null }
/** Over SMB each attempt is made over all of its ports; elsewhere two ports are two sites. */
function isAtPort({ service, ports }: TurnedAway, port: number | null): boolean {
  return port === null || (ports.includes(port) && (ports.length === 1 || service === 'smb'))
}

const TURNED_AWAY_ADVICE =
  'The beginning of the connection is in the capture, and nobody authenticated: see on the client why it did not (event 4001 where NTLM is blocked).'
const LONGER_ADVICE = 'Capture a minute longer than the action takes: it ended before the client had what it came for.'
const FRAMES_MAX = 8
const REASONS_MAX = 8
const SERVERS_SHOWN = 6
/** Lists that were cut: what they lack is counted by pairs, and asked about on its own. */
const NOT_LISTED_CODES = new Set(['exchanges-not-listed', 'kdc-not-listed'])
/** Blind spots of the whole reading that may have hidden any flow. */
const DOUBTFUL = new Set([
  'interrupted',
  'evicted',
  'dropped',
  'overflow',
  'input',
  'link-type',
  'ethertype',
  'mirror',
  '802.11',
  'tunnel-depth',
  'headers-cut',
  'internal',
  'accounting',
])

/**
 * Selects by address, by prefix, and by every name that the wire gave an address, the names under which it was asked
 * for among them.
 */
export function evidenceOf(report: Report, flow: Flow, hosts: Hosts = hostsOf(report)): FlowEvidence {
  const [clients, servers] = [hosts.addressesOf(flow.client), hosts.addressesOf(flow.server)]
  const isPort = (port: number) => flow.port === null || flow.port === port
  const isService = (service: Service) => flow.service === null || flow.service === service
  const pairs = hosts.pairs
    .of(clients, servers)
    .filter(({ server, service }) => isService(service) && (flow.port === null || server.ports.includes(flow.port)))
  const conversations = hosts.conversations
    .of(clients, servers)
    .filter((row) => isPort(row.server.port) && (flow.service === null || mayCarry(row, flow.service)))
  const serverNames = new Set([...(servers ?? [])].flatMap((ip) => [...hosts.namesOf(ip)].map(lower)))
  const isServer = (sname: string) =>
    serverNames.has(lower(targetHost(sname))) ||
    flow.server.some((one) => one.matches({ ip: '', name: targetHost(sname) }))
  const tickets = hosts.kdc
    .of(clients, null)
    .filter(
      (one) =>
        one.request === 'TGS' &&
        one.answered &&
        one.error === null &&
        one.sname !== null &&
        isFor(one.sname, flow.service) &&
        (flow.server.length === 0 || isServer(one.sname)),
    )
  return {
    exchanges: exchangesOfFlow(flow, hosts),
    pairs,
    conversations,
    tickets,
    listed: hosts.isListed,
    // `overflow`: a saved report of a version without codes, where any list may have been cut
    ticketsListed: !report.blindSpots.some(({ code }) => code === 'kdc-not-listed' || code === 'overflow'),
    doubts: doubtsOf(report),
    turnedAway: turnedAwayOf(report).filter(
      (one) =>
        (clients === null || clients.has(one.client)) &&
        (servers === null || servers.has(one.server)) &&
        (isService(one.service) || (isService('http') && isAwayFrom(one, 'http'))) &&
        isAtPort(one, flow.port),
    ),
    unseenLogons: serversWithUnseenLogons(report).filter(
      ({ server }) =>
        hosts.isHost(flow.server, server) || (flow.client.length > 0 && hosts.isHost(flow.client, server)),
    ),
  }
}

/** Is a ticket for this SPN one for that service? Those of the KDC itself are for none. */
function isFor(sname: string, service: Service | null): boolean {
  const first = serviceClass(sname)
  if (first === 'krbtgt' || first === 'kadmin') return service === 'kdc'
  const classes = service === null ? [] : factsOf(service).ticketClasses
  return classes.length === 0 || first === 'host' || classes.includes(first)
}

/** The authentications of a flow. */
export function exchangesOfFlow(flow: Flow, hosts: Hosts): AuthExchange[] {
  return hosts.exchanges
    .of(hosts.addressesOf(flow.client), hosts.addressesOf(flow.server))
    .filter(
      ({ server, service }) =>
        (flow.service === null || flow.service === service) && (flow.port === null || flow.port === server.port),
    )
}

/** May authentications of `service` be in these conversations? */
function mayCarry(row: ConversationRow, service: Service): boolean {
  if (row.service === service || (service === 'rpc' && row.service === 'smb')) return true
  if (factsOf(service).overHttp && factsOf(row.service).overHttp) return true
  if (row.carrier === 'quic') return row.service === 'unknown' && (service === 'smb' || factsOf(service).overHttp)
  return row.service === 'unknown' && row.carrier === 'tls' && factsOf(service).tls !== 'never'
}

/** A flow against its expectations; `name`: what its owner calls it. */
export function judgeFlow(report: Report, flow: Flow, expectations: readonly Expectation[], name: string | null): Part {
  const hosts = hostsOf(report)
  const evidence = evidenceOf(report, flow, hosts)
  const stranger = strangerOf(flow, evidence, hosts)
  const outcomes = expectations.map((expectation) =>
    stranger === null ? judge(expectation, evidence, flow) : unknownHost(expectation, stranger, hosts),
  )
  const words: FlowWords = {
    client: flow.client.map(({ text }) => text),
    server: flow.server.map(({ text }) => text),
    port: flow.port,
    service: flow.service,
  }
  const ends = flowText(words)
  return {
    kind: 'flow',
    name: name === null ? ends : `${name} (${ends})`,
    flow: words,
    state: worstState(outcomes.map(({ state }) => state)),
    expectations: outcomes,
    notes: [...toldNotes(flow, hosts), ...logNotes(evidence.exchanges)],
  }
}

/**
 * A host of the flow that is nobody in the report, so that the flow cannot be seen; null: all are somebody, or tickets
 * speak of it.
 */
export function strangerOf(flow: Flow, evidence: FlowEvidence, hosts: Hosts): HostPattern | null {
  if (evidence.tickets.length > 0) return null
  for (const patterns of [flow.server, flow.client])
    if (patterns.length > 0 && hosts.addressesOf(patterns)!.size === 0) return patterns[0]!
  return null
}

function unknownHost({ name, words }: Expectation, stranger: HostPattern, hosts: Hosts): ExpectationOutcome {
  return {
    expectation: name,
    words,
    state: 'not-observed',
    evidence: [],
    reasons: [reason(strangerText(stranger, hosts), '', [])],
    observe: strangerAdvice(stranger, hosts),
  }
}

/** That nobody has this name or address, and who was seen instead. */
export function strangerText({ text, byName }: HostPattern, { servers }: Pick<Hosts, 'servers'>): string {
  const who = byName ? `no host in these captures is called ${text}` : `${text} is not in these captures`
  if (servers.length === 0) return `${who}, and no server was seen`
  const near = text.toLowerCase().slice(0, 3)
  const alike = (one: SeenHost) => Number(one.name?.toLowerCase().startsWith(near) ?? false)
  const shown = servers.toSorted((a, b) => alike(b) - alike(a)).slice(0, SERVERS_SHOWN)
  const names = shown.map(({ ip, name }) => (name === null ? ip : `${ip} (${name})`)).join(', ')
  const more = servers.length > shown.length ? ` and ${servers.length - shown.length} more` : ''
  return `${who}; servers seen: ${names}${more}`
}

function strangerAdvice({ text, byName }: HostPattern, { servers }: Hosts): string {
  const example = servers[0]?.ip ?? '10.1.0.5'
  if (!byName) return 'Give an address or a name that is in the captures, or capture where its traffic passes.'
  return (
    `Give its address (--server ${example}), say what the name means (--name ${text}=${example}, --hosts FILE in the form of /etc/hosts, ` +
    '`names:` in a policy), or give what was captured before the change (--before FILE).'
  )
}

/** Which addresses a name stood for because somebody said so, and not the captures. */
export function toldNotes(flow: Flow, { addressesOf, namesOf }: Hosts): string[] {
  return [...flow.client, ...flow.server].flatMap((pattern) => {
    const told = new Map(pattern.told?.().map((one) => [canonicalAddress(one.ip), one.source]))
    return [...(told.size === 0 ? [] : addressesOf([pattern])!)].flatMap((ip) => {
      const source = told.get(canonicalAddress(ip))
      const isShown = [...namesOf(ip)].some((name) => isNamed(name, pattern.key!))
      return source === undefined || isShown ? [] : [`${pattern.text} is ${ip}: so says ${source}`]
    })
  })
}

function isNamed(name: string, key: string): boolean {
  const full = comparable(name)
  return full === key || full.split('.', 1)[0] === key
}

export function flowText({ client, server, port, service }: FlowWords): string {
  const hosts = (words: readonly string[]) => words.join(', ') || 'any'
  return `${hosts(client)} -> ${hosts(server)}${port === null ? '' : ` port ${port}`} ${service ?? 'any service'}`
}

export function judge(
  expectation: Expectation,
  evidence: FlowEvidence,
  flow: Flow,
  reasonsMax: number = REASONS_MAX,
): ExpectationOutcome {
  const found: Record<Statement['is'], Reason[]> = { for: [], against: [], unclear: [] }
  const add = (
    say: Statement | null,
    at: { capture: string; frames: readonly FrameRef[] },
    cause: Cause | null = null,
  ) => {
    if (say === null) return
    const isCause = say.is === 'against' && say.fix === null && expectation.ofKerberos === true && cause !== null
    const list = found[say.is]
    const same = list.findIndex(
      ({ detail, cause: before }) => detail === say.detail && before?.code === (isCause ? cause.code : undefined),
    )
    if (same >= 0) list[same] = { ...list[same]!, count: list[same]!.count + 1 }
    else
      list.push({
        detail: say.detail,
        count: 1,
        capture: at.capture,
        frames: (isCause && cause.frames.length > 0 ? cause.frames : at.frames).slice(0, FRAMES_MAX),
        cause: isCause ? { code: cause.code, title: cause.title, confidence: cause.confidence } : null,
        fix: say.fix ?? (isCause ? cause.fix : null),
      })
  }
  const successes = laterSuccesses(evidence.exchanges)
  for (const one of evidence.exchanges)
    if (!isSettled(expectation, one, successes.get(one) ?? NONE)) add(expectation.exchange(one), one, one.cause)
  if (!evidence.listed) {
    for (const pair of evidence.pairs) {
      const isOther = flow.port !== null && pair.server.ports.length > 1
      add(
        isOther
          ? {
              is: 'unclear',
              detail: 'the report does not list every authentication, and its pair has several ports',
              fix: null,
            }
          : expectation.pair(pair),
        pair,
      )
    }
  }
  if (expectation.ticket) {
    for (const one of evidence.tickets) add(expectation.ticket(one), one)
    if (!evidence.ticketsListed) add(NOT_LISTED, { capture: '', frames: [] })
  }
  const hidden: Reason[] = []
  for (const row of evidence.conversations) {
    const at = { capture: row.capture, frames: [row.frame] }
    if (isOpaque(row) && expectation.tls) add(expectation.tls, at)
    else if (expectation.about?.some((service) => mayCarry(row, service)) ?? true) hidden.push(...hiddenIn(row))
  }
  if ((flow.service === null || flow.service === 'rpc') && (expectation.about?.includes('rpc') ?? true)) {
    for (const one of evidence.exchanges)
      if (one.smb?.effective === 'encrypted' && expectation.asksEncryption !== true)
        hidden.push(reason('an encrypted SMB session: RPC inside it is not visible', one.capture, one.frames))
  }
  const outcome = { expectation: expectation.name, words: expectation.words, evidence: found.for.slice(0, REASONS_MAX) }
  if (found.against.length > 0)
    return { ...outcome, state: 'not-met', reasons: found.against.slice(0, reasonsMax), observe: null }
  const isDark = hidden.length > 0 || evidence.doubts.length > 0 || evidence.unseenLogons.length > 0
  // an authentication in the flow answers for itself, and what was out of sight may have been one
  const away = isDark || evidence.pairs.length > 0 || evidence.exchanges.length > 0 ? [] : evidence.turnedAway
  if (away.length > 0)
    return { ...outcome, ...triedInVain(expectation, away, flow.client.length + flow.server.length > 0) }
  const asked = expectation.ofLogons ? evidence.unseenLogons : []
  const hiding = [...found.unclear, ...(expectation.once && found.for.length > 0 ? [] : hidden), ...evidence.doubts]
  const unseen = [...asked.map(unseenReason), ...hiding]
  if (found.for.length > 0 && unseen.length === 0) return { ...outcome, state: 'met', reasons: [], observe: null }
  const reasons = found.for.length > 0 || unseen.length > 0 ? unseen : [silence(evidence)]
  const isPassedOn = asked.length > 0 && hiding.length === 0
  const isCutShort = unseen.length > 0 && unseen.every((one) => hidden.includes(one)) && isOnlyUnfinished(evidence)
  return {
    ...outcome,
    state: 'not-observed',
    reasons: reasons.slice(0, REASONS_MAX),
    observe: isPassedOn ? unseenAdvice(asked) : isCutShort ? LONGER_ADVICE : expectation.observe,
  }
}

/** Only what demands a logon is not met by none. */
function triedInVain(
  expectation: Expectation,
  away: readonly TurnedAway[],
  isNamed: boolean,
): Pick<ExpectationOutcome, 'state' | 'reasons' | 'observe'> {
  const reasons = away
    .toSorted((a, b) => Number(isSignificant(b)) - Number(isSignificant(a)) || b.count - a.count)
    .slice(0, REASONS_MAX)
    .map((one) =>
      reason(`${one.client} -> ${one.server} ${one.service}: ${turnedAwayText(one)}`, one.capture, one.frames),
    )
  // one attempt may be a user who cancelled; a monitor is none of a flow that nobody named
  const isProof = away.some((one) => isSignificant(one) || (isNamed && one.pattern === 'steady'))
  return expectation.demandsLogon === true && isProof
    ? { state: 'not-met', reasons, observe: null }
    : { state: 'not-observed', reasons, observe: TURNED_AWAY_ADVICE }
}

/** A server had a logon checked that is not in the captures. */
export function unseenReason(one: PassThrough): Reason {
  return reason(unseenText(one), one.capture, one.frames)
}

function unseenAdvice(servers: readonly PassThrough[]): string {
  const names = servers.slice(0, SERVERS_SHOWN).map(({ server }) => server)
  return `Capture at ${names.join(', ')}: logons there are in TLS, on another segment, or began before the capture. Or look at their log (event 4624).`
}

/**
 * Of each authentication that failed: the first later one of the same pair that came through, and the first by each
 * other mechanism.
 */
function laterSuccesses(exchanges: readonly AuthExchange[]): ReadonlyMap<AuthExchange, readonly AuthExchange[]> {
  const found = new Map<AuthExchange, readonly AuthExchange[]>()
  const later = new Map<string, readonly AuthExchange[]>()
  for (let at = exchanges.length - 1; at >= 0; at--) {
    const one = exchanges[at]!
    const key = `${one.client.ip} ${one.server.ip} ${one.service}`
    const known = later.get(key) ?? NONE
    if (one.result === 'failure') found.set(one, known)
    else if (one.result === 'success')
      later.set(key, [one, ...known.filter(({ mechanism }) => mechanism !== one.mechanism)])
  }
  return found
}

const NONE: readonly AuthExchange[] = []

/** All that is missing of these conversations came after the capture. */
function isOnlyUnfinished({ conversations }: FlowEvidence): boolean {
  const isOther = (row: ConversationRow) => isOpaque(row) || row.midstream + row.oneSided + row.lossy > 0
  return conversations.some(({ unfinished = 0 }) => unfinished > 0) && !conversations.some(isOther)
}

function hiddenIn(row: ConversationRow): Reason[] {
  const where = `${row.service === 'unknown' ? row.carrier : row.service} to ${row.server.ip} port ${row.server.port}`
  const told = (count: number, detail: string) =>
    count > 0 ? [{ ...reason(`${where}: ${detail}`, row.capture, [row.frame]), count }] : []
  if (isOpaque(row)) return told(row.connections, `in ${opaqueName(row)}, what authenticates inside is not visible`)
  return [
    ...told(row.midstream, 'began before the capture, how it authenticated is not in it'),
    ...told(row.oneSided, 'captured in one direction only'),
    ...told(row.lossy, 'with holes: packets are missing in the capture'),
    ...told(row.unfinished ?? 0, 'the capture ended before anybody had authenticated in it'),
  ]
}

/** What a report as a whole cannot vouch for: a part of the captures, or of what was in them, was not read. */
export function doubtsOf({ captures, blindSpots, filter }: Report): Reason[] {
  return [
    ...captures.flatMap(({ name, damage }) =>
      damage === null ? [] : [reason(`the capture is damaged: ${damage}`, name, [])],
    ),
    ...blindSpots
      // exchanges that are not listed are judged by their pairs
      .filter(({ kind, code }) => DOUBTFUL.has(kind) && !NOT_LISTED_CODES.has(code))
      .map(({ kind, detail, count }) => ({ ...reason(`${kind}: ${detail}`, '', []), count })),
    ...(filter.length > 0 ? [reason(`the report was made with a filter: ${filter.join(' ')}`, '', [])] : []),
  ]
}

function silence({ conversations, exchanges }: FlowEvidence): Reason {
  if (exchanges.length > 0)
    return reason('its authentications say nothing about this', exchanges[0]!.capture, exchanges[0]!.frames)
  const connections = conversations.reduce((sum, row) => sum + row.connections, 0)
  return connections === 0
    ? reason('no conversation of this flow is in the capture', '', [])
    : reason(`${connections} conversations, and no authentication in them`, conversations[0]!.capture, [
        conversations[0]!.frame,
      ])
}

function reason(detail: string, capture: string, frames: readonly FrameRef[]): Reason {
  return { detail, count: 1, capture, frames: frames.slice(0, FRAMES_MAX), cause: null, fix: null }
}

/** The worst of several: one contradiction decides, then one silence. */
export function worstState(states: readonly State[]): State {
  if (states.includes('not-met')) return 'not-met'
  return states.length === 0 || states.includes('not-observed') ? 'not-observed' : 'met'
}
