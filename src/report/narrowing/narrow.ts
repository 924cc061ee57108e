/**
 * A part of a report: what is left of it where it is asked about some pairs, authentications or findings alone.
 *
 * Rows of pairs and findings are kept or left out as they are. What is counted from authentications (figures, places,
 * servers, clients, accounts, and pairs where causes, users, origins or times are asked for) is counted anew from those
 * that the report lists, or from a second reading, which is asked about each one (`takes`). Where neither has all of
 * them, the report says so (`not-narrowed`).
 *
 * Findings stay with their pair: of many that one finding counts, not every user or cause is known. Logons that nobody
 * saw (inside TLS, checked by a domain controller) may be those that are asked for: these blind spots stay.
 */
import { isContinuation } from '../../facts/continuation.ts'
import type { AuthExchange, KdcExchange, OpaqueConversation } from '../../facts/exchange.ts'
import { byAllNames, type Filter, filterWords, matches, NO_FILTER, type Subject } from '../../facts/filter.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { isOfOne, RULES } from '../../findings/catalogue.ts'
import type { Finding } from '../../findings/finding.ts'
import { byWorth, FindingFold } from '../../findings/fold.ts'
import { SEVERITIES } from '../../findings/rule.ts'
import { flatKey, pairKey } from '../../memory/flat-key.ts'
import { FigureFold } from '../figures.ts'
import { PairFold } from '../pairs.ts'
import type { BlindSpot, Report } from '../report.ts'
import { RollUpFold } from '../roll-ups.ts'
import { type Unfiltered, UnfilteredFold } from '../seen/unfiltered.ts'
import type { PairVerdict } from '../verdict.ts'
import { sortedWorstFirst } from '../worst-first.ts'
import { askedWords, filtersExchanges, isOfPairs, type NarrowTo, NOTHING_ASKED } from './asked.ts'
import { Concern, Places } from './concern.ts'

/** the code of the blind spot of a report that could not be narrowed whole */
export const NOT_NARROWED = 'not-narrowed'

/** Who takes exchanges of a second reading. */
export interface Taking {
  exchange(exchange: AuthExchange): boolean
  kdc(exchange: KdcExchange): boolean
  opaque(subject: Subject): boolean
}

export class Narrowing implements Taking {
  readonly #report: Report
  readonly #asked: NarrowTo
  readonly #filter: Filter
  /** pairs that stay, as the report has them */
  readonly #pairs: readonly PairVerdict[]
  readonly #keys: ReadonlySet<string>
  readonly #clients: ReadonlySet<string>
  readonly #findings: readonly Finding[]

  /** `filter`: what the report was not made with already. */
  constructor(report: Report, asked: NarrowTo, filter: Filter = NO_FILTER) {
    const names = new Map(report.hosts.map(({ ip, names }) => [ip, names]))
    this.#report = report
    this.#asked = asked
    this.#filter = byAllNames(filter, (ip) => names.get(ip) ?? [])
    const wanted = report.findings.filter((finding) => this.#isWanted(finding))
    const places = new Set(wanted.map(({ client, server, service }) => placeKey(client, server, service)))
    const ids = new Set(RULES.filter((rule) => this.#isWanted(rule)).map(({ id }) => id))
    const isNamed = ({ client, server, service, findings }: PairVerdict) =>
      findings.some((id) => ids.has(id)) || placesOf(client.ip, server.ip, service).some((key) => places.has(key))
    const asksFindings = asked.finding.length > 0 || asked.severity !== null
    this.#pairs = report.pairs.filter(
      (pair) =>
        this.#mayBe(pair, pair.start, pair.end) &&
        this.#mayHold(pair) &&
        (asked.verdict.length === 0 || asked.verdict.includes(pair.verdict)) &&
        (!asksFindings || isNamed(pair)),
    )
    this.#keys = new Set(this.#pairs.map(keyOf))
    this.#clients = new Set(this.#pairs.map(({ client }) => client.ip))
    const ofFilter = filterWords(filter).length > 0 ? this.#ofFilter(wanted) : wanted
    this.#findings = this.#concerned(ofFilter)
  }

  /** Is it one of those that are asked about? */
  exchange(exchange: AuthExchange): boolean {
    const { cause, user, origin } = this.#asked
    return (
      matches(this.#filter, exchange) &&
      this.#keys.has(keyOf(exchange)) &&
      (cause.length === 0 || (exchange.cause !== null && cause.includes(exchange.cause.code))) &&
      (origin.length === 0 || (exchange.origin !== null && origin.includes(exchange.origin))) &&
      (user.length === 0 || user.some((one) => one.matches(exchange.principal.user, exchange.principal.domain)))
    )
  }

  /** What a KDC was asked is evidence of a client's logons. */
  kdc({ client, kdc, time, cname, realm }: KdcExchange): boolean {
    const { user, cause, origin } = this.#asked
    return (
      matches(this.#filter, { client, server: kdc, service: 'kdc', start: time }) &&
      (user.length === 0 || user.some((one) => one.matches(cname, realm))) &&
      (cause.length + origin.length === 0 || this.#clients.has(client.ip)) &&
      (!isOfPairs(this.#asked) || this.#clients.has(client.ip))
    )
  }

  /** What is in TLS has no cause, user or origin that anybody saw. */
  opaque(subject: Subject): boolean {
    return !filtersExchanges(this.#asked) && this.#keys.has(keyOf(subject)) && matches(this.#filter, subject)
  }

  /** Does the report list all that is to be counted anew? */
  get isWhole(): boolean {
    return this.#missing === 0
  }

  get #missing(): number {
    const { blindSpots } = this.#report
    return blindSpots.reduce((sum, { code, count }) => sum + (code === 'exchanges-not-listed' ? count : 0), 0)
  }

  /** `second`: the report of a second reading, which took what this takes; null: there was none. */
  report(bucketSeconds: number | null = null, second: Report | null = null): Report {
    const from = this.#report
    const exchanges = second?.exchanges ?? from.exchanges.filter((one) => this.exchange(one))
    const kdc = second?.kdc ?? from.kdc.filter((one) => this.kdc(one))
    const { filter } = this
    const counted = second ?? this.#counted(exchanges, bucketSeconds)
    const pairs = this.#isFineOrTimed
      ? sortedWorstFirst(counted.pairs.map((pair) => this.#withFindings(pair)))
      : this.#pairs
    const left = this.#missing
    const missing: BlindSpot[] =
      second !== null || left === 0 || from.blindSpots.some(({ code }) => code === NOT_NARROWED)
        ? []
        : [{ kind: 'overflow', code: NOT_NARROWED, detail: NOT_NARROWED_TEXT, count: left }]
    const servers = new Set(this.#pairs.flatMap(({ server: { ip, ports } }) => ports.map((port) => `${ip} ${port}`)))
    const spoken = new Set([...exchanges, ...pairs].flatMap(({ client, server }) => [client.ip, server.ip]))
    for (const one of kdc) spoken.add(one.client.ip).add(one.kdc.ip)
    const tls = from.tls.servers.filter(({ ip, port }) => servers.has(`${ip} ${port}`))
    const shown = new Set(tls.flatMap(({ certificates }) => certificates))
    return {
      ...from,
      filter: [...from.filter, ...filter],
      unfiltered: this.#unfiltered(),
      coverage: {
        ...from.coverage,
        clientsAuthenticating: new Set(exchanges.filter((one) => !isContinuation(one)).map(({ client }) => client.ip))
          .size,
      },
      pairs,
      exchanges,
      kdc,
      conversations: from.conversations.filter(
        (row) =>
          this.#mayBe({ ...row, client: named(row.client), server: named(row.server) }, row.start, row.end) &&
          (!isOfPairs(this.#asked) || this.#keys.has(keyOf(row))),
      ),
      turnedAway: from.turnedAway.filter(({ client, server, service, first, last }) => {
        const ends = { client: named({ ip: client }), server: named({ ip: server }), service }
        return this.#mayBe(ends, first, last) && (!isOfPairs(this.#asked) || this.#keys.has(keyOf(ends)))
      }),
      findings: this.#findings,
      figures: counted.figures,
      places: counted.places,
      servers: counted.servers,
      clients: counted.clients,
      accounts: counted.accounts,
      blindSpots: [...from.blindSpots, ...missing],
      hosts: from.hosts.filter(({ ip }) => spoken.has(ip)),
      passThrough: from.passThrough.filter(({ server }) => this.#mayBeServer(server)),
      ...(from.networkAccess !== undefined && {
        networkAccess: from.networkAccess.filter(({ client, server, service, start, end }) =>
          this.#mayBe({ client: named({ ip: client }), server: named({ ip: server }), service }, start, end),
        ),
      }),
      tls: { servers: tls, certificates: from.tls.certificates.filter(({ sha256 }) => shown.has(sha256)) },
    }
  }

  /** As the words of a command line. */
  get filter(): readonly string[] {
    return [...filterWords(this.#filter), ...askedWords(this.#asked)]
  }

  get #isFineOrTimed(): boolean {
    return filtersExchanges(this.#asked) || this.#filter.since !== null || this.#filter.until !== null
  }

  /** May something between these times be meant? */
  #mayBe(subject: Omit<Subject, 'start'>, start: number, end: number): boolean {
    const { since, until } = this.#filter
    if (since !== null && end < since) return false
    if (until !== null && start >= until) return false
    return matches({ ...this.#filter, since: null, until: null }, { ...subject, start })
  }

  #mayBeServer(ip: string): boolean {
    const { server, host } = this.#filter
    const party = { ip, name: null }
    const isMeant = (patterns: Filter['server']) => patterns.some((one) => one.matches(party))
    return (server.length === 0 || isMeant(server)) && (host.length === 0 || server.length > 0 || isMeant(host))
  }

  #isWanted({ id, severity }: Pick<Finding, 'id' | 'severity'>): boolean {
    const { finding, severity: least } = this.#asked
    return (
      (finding.length === 0 || finding.includes(id)) &&
      (least === null || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least))
    )
  }

  /** Where verdicts or authentications are asked for too, a finding has to be about a pair that stays. */
  #concerned(wanted: readonly Finding[]): readonly Finding[] {
    return this.#asked.verdict.length === 0 && !filtersExchanges(this.#asked)
      ? wanted
      : wanted.filter((finding) => this.#concerns(finding))
  }

  /** Has the pair such authentications? Of many users it does not name all. */
  #mayHold({ causes, origins, users }: PairVerdict): boolean {
    const { cause, origin, user } = this.#asked
    return (
      (cause.length === 0 || cause.some((code) => causes[code])) &&
      (origin.length === 0 || origin.some((one) => origins[one])) &&
      (user.length === 0 ||
        users.length >= PAIR_USERS_MAX ||
        users.some((account) => user.some((one) => one.matches(...userAndDomain(account)))))
    )
  }

  /** Is a pair that stays one of those that it is about? */
  #concerns({ client, server, service }: Finding): boolean {
    if (this.#places().has(placeKey(client, server, service))) return true
    // of a KDC, or of a server that has no row: no pair decides
    const isOfNoPair = server === null || service === null || service === 'kdc'
    return isOfNoPair && this.#asked.verdict.length === 0 && (client === null || this.#clients.has(client))
  }

  /**
   * As if the captures were read with the filter: what one exchange tells is told anew by those that are left, what
   * several tell stays where it concerns them. Not all are listed, or an earlier version found it: so it is there, too.
   */
  #ofFilter(findings: readonly Finding[]): readonly Finding[] {
    const { pairs, exchanges, kdc, conversations, blindSpots } = this.#report
    const left = {
      exchanges: exchanges.filter((one) => matches(this.#filter, one)),
      kdc: kdc.filter((one) => matches(this.#filter, ofKdc(one))),
    }
    const places = new Places(this.#filter)
    for (const subject of [...pairs, ...kdc.map(ofKdc)]) places.add(subject)
    for (const row of conversations) places.add({ ...row, ...namedEnds(row) })
    if (blindSpots.some(({ code }) => NOT_ALL_WHO_SPOKE.has(code))) places.fill()
    const concern = new Concern(this.#filter, places, left)
    const whole = toldBy(exchanges, kdc)
    const told = toldBy(left.exchanges, left.kdc)
    const isCut = blindSpots.some(({ code }) => code === 'exchanges-not-listed' || code === 'kdc-not-listed')
    const kept = findings.filter((finding) => {
      const isTold = isOfOne(finding.id) && whole.has(finding.uid)
      return (isTold && told.has(finding.uid)) || ((isCut || !isTold) && concern.includes(finding))
    })
    const asLeft = (finding: Finding) => {
      const now = told.get(finding.uid)
      return isCut || now === undefined || now.count === whole.get(finding.uid)?.count ? finding : now
    }
    return kept.map(asLeft).sort(byWorth)
  }

  #kept: ReadonlySet<string> | null = null
  #places(): ReadonlySet<string> {
    this.#kept ??= new Set(
      this.#pairs.flatMap(({ client, server, service }) => placesOf(client.ip, server.ip, service)),
    )
    return this.#kept
  }

  #withFindings(pair: PairVerdict): PairVerdict {
    return { ...pair, findings: this.#ids().get(keyOf(pair)) ?? [] }
  }

  #byPair: ReadonlyMap<string, readonly string[]> | null = null
  #ids(): ReadonlyMap<string, readonly string[]> {
    this.#byPair ??= new Map(this.#pairs.map((pair) => [keyOf(pair), pair.findings]))
    return this.#byPair
  }

  #counted(exchanges: readonly AuthExchange[], bucketSeconds: number | null) {
    const pairs = new PairFold()
    const figures = new FigureFold(bucketSeconds)
    const rollUps = new RollUpFold()
    const seen = new Set<string>()
    for (const one of exchanges) {
      seen.add(keyOf(one))
      pairs.add(one)
      figures.add(one)
      rollUps.add(one)
    }
    // pairs without an authentication that was seen: in TLS
    if (!filtersExchanges(this.#asked))
      for (const pair of this.#pairs) {
        if (seen.has(keyOf(pair)) || pair.counts.exchanges > 0) continue
        const opaque = opaqueOf(pair)
        pairs.addOpaque(opaque)
        figures.addOpaque(opaque)
      }
    const made = figures.figures()
    const ntlm = Object.values(made.total.services).reduce((sum, one) => sum + one.ntlm, 0)
    return { pairs: pairs.verdicts(() => []), figures: made, ...rollUps.rollUps(ntlm) }
  }

  /** What the whole report has, and the words that mean nothing in it. */
  #unfiltered(): Unfiltered {
    const { pairs, unfiltered } = this.#report
    const seen = pairs.filter(({ counts }) => counts.exchanges > 0)
    const ntlm = seen.filter(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
    const busiest = new Map<string, { name: string | null; exchanges: number }>()
    for (const { server, counts } of seen) {
      const known = busiest.get(server.ip) ?? { name: null, exchanges: 0 }
      busiest.set(server.ip, { name: known.name ?? server.name, exchanges: known.exchanges + counts.exchanges })
    }
    const before = unfiltered ?? {
      pairs: seen.length,
      ntlmPairs: ntlm.length,
      exchanges: seen.reduce((sum, { counts }) => sum + counts.exchanges, 0),
      ntlm: ntlm.reduce((sum, { counts }) => sum + (counts.mechanism.ntlm ?? 0), 0),
      servers: [...busiest]
        .sort(([ipA, a], [ipB, b]) => b.exchanges - a.exchanges || compareText(ipA, ipB))
        .slice(0, SERVERS_MAX)
        .map(([ip, { name }]) => ({ ip, name })),
      unmatched: [],
    }
    return { ...before, unmatched: [...before.unmatched, ...this.#unmatched()] }
  }

  #unmatched(): string[] {
    const { pairs, conversations, kdc, exchanges, findings } = this.#report
    const ends = new UnfilteredFold(this.#filter)
    if (this.isWhole) for (const exchange of exchanges) ends.subject(exchange)
    for (const pair of pairs) {
      if (this.isWhole && pair.counts.exchanges > 0) continue
      ends.subject(pair)
      ends.subject({ ...pair, start: pair.end })
    }
    for (const row of conversations) ends.subject({ ...row, client: named(row.client), server: named(row.server) })
    for (const one of kdc) ends.subject({ client: one.client, server: one.kdc, service: 'kdc', start: one.time })
    const { verdict, finding, severity, cause, user, origin } = this.#asked
    const only = (one: Partial<NarrowTo>) => askedWords({ ...NOTHING_ASKED, ...one })
    const isSeen = (one: NarrowTo['user'][number]) =>
      exchanges.some(({ principal }) => one.matches(principal.user, principal.domain)) ||
      kdc.some(({ cname, realm }) => one.matches(cname, realm))
    return [
      ...ends.result().unmatched,
      ...verdict
        .filter((one) => !pairs.some((pair) => pair.verdict === one))
        .flatMap((one) => only({ verdict: [one] })),
      ...finding.filter((id) => !findings.some((one) => one.id === id)).flatMap((one) => only({ finding: [one] })),
      ...(severity === null || findings.some((one) => SEVERITIES.indexOf(one.severity) <= SEVERITIES.indexOf(severity))
        ? []
        : only({ severity })),
      ...cause.filter((one) => !pairs.some(({ causes }) => causes[one])).flatMap((one) => only({ cause: [one] })),
      // who is not listed may be among those that are not
      ...(this.isWhole ? user.filter((one) => !isSeen(one)).flatMap((one) => only({ user: [one] })) : []),
      ...origin.filter((one) => !pairs.some(({ origins }) => origins[one])).flatMap((one) => only({ origin: [one] })),
    ]
  }
}

const SERVERS_MAX = 8
const NOT_ALL_WHO_SPOKE: ReadonlySet<string> = new Set(['pairs', 'conversations', 'kdc-not-listed'])
/** a pair lists so many, and then no more */
const PAIR_USERS_MAX = 16
const NOT_NARROWED_TEXT =
  'exchanges that are not listed one by one and could not be asked about the filter: figures, places, servers, clients ' +
  'and accounts are without them, and pairs too where users, causes, origins or times are asked for'

function keyOf({ client, server, service }: Omit<Subject, 'start' | 'client' | 'server'> & Ends): string {
  return pairKey(client.ip, server.ip, service)
}

interface Ends {
  readonly client: { readonly ip: string }
  readonly server: { readonly ip: string }
}

function placeKey(client: string | null, server: string | null, service: string | null): string {
  return flatKey(client ?? '', server ?? '', service ?? '')
}

/** What a finding about a pair may name of it. */
function placesOf(client: string, server: string, service: string): string[] {
  return [
    placeKey(client, server, service),
    placeKey(null, server, service),
    placeKey(client, server, null),
    placeKey(client, null, service),
    placeKey(null, server, null),
    placeKey(client, null, null),
  ]
}

/** `DOMAIN\\user`, as an account is written. */
function userAndDomain(account: string): [user: string, domain: string | null] {
  const at = account.indexOf('\\')
  return at < 0 ? [account, null] : [account.slice(at + 1), account.slice(0, at)]
}

/** What these tell one by one, by uid. */
function toldBy(exchanges: readonly AuthExchange[], kdc: readonly KdcExchange[]): ReadonlyMap<string, Finding> {
  const fold = new FindingFold()
  for (const one of exchanges) fold.one(one)
  for (const one of kdc) fold.oneKdc(one)
  return new Map(fold.findings().map((finding) => [finding.uid, finding]))
}

function ofKdc({ client, kdc, time }: KdcExchange): Subject {
  return { client, server: kdc, service: 'kdc', start: time }
}

function namedEnds({ client, server }: Ends) {
  return { client: named(client), server: named(server) }
}

function named({ ip }: { readonly ip: string }) {
  return { ip, name: null }
}

function opaqueOf({ client, server, service, tunnels, start, end, capture, frames }: PairVerdict): OpaqueConversation {
  return {
    client: { ...client, port: 0 },
    server: { ip: server.ip, name: server.name, port: server.ports[0] ?? 0 },
    service,
    tunnel: tunnels[0] ?? null,
    start,
    end,
    capture,
    frames,
  }
}
