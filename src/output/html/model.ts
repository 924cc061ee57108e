/**
 * What the page shows, picked from the report: texts that are safe to show, captures by their base names. No number is
 * made here that is not in the report.
 */
import { CAUSES, WITHOUT_CHANGE } from '../../causes/catalogue.ts'
import type { ChannelBindingState } from '../../facts/exchange.ts'
import { SEVERITIES, type Severity } from '../../findings/rule.ts'
import type { Trend } from '../../questions/trend.ts'
import type { Figures } from '../../report/figures.ts'
import type { Report } from '../../report/report.ts'
import type { Requirement, RowProof, UserRow } from '../../report/roll-ups.ts'
import { totalsOf } from '../../report/seen/totals.ts'
import { isSignificant, turnedAwayOf, turnedAwayText } from '../../report/seen/turned-away.ts'
import { unreadLines } from '../../report/seen/unread.ts'
import type { TlsCertificate } from '../../report/tls-servers.ts'
import type { PairVerdict, Verdict } from '../../report/verdict.ts'
import { sortedWorstFirst } from '../../report/worst-first.ts'
import { say, translated } from '../../texts/say.ts'
import { byCount, groupBy, total } from '../page/counting.ts'
import { countText, plainSpaces, plural, shareText } from '../page/numbers.ts'
import { visible, visibleDeep } from '../page/visible.ts'
import { BINDING_WORDS } from '../terms.ts'
import { headlineOf } from '../text/answer.ts'
import { madeForText } from '../text/made-for.ts'
import { onlyTexts } from '../text/only.ts'
import { placeFix } from '../text/sheet.ts'
import type { Cover, PageExtras } from '../writer.ts'
import {
  type ChangesText,
  changesText,
  type DeviceText,
  deviceText,
  type OwnerList,
  ownerLists,
  zonedText,
} from './extras.ts'
import { CaptureNames, type FrameProof } from './names.ts'
import { type AnswerState, type Bars, type Card, doubts, isOpen, type States, statesOf } from './states.ts'

/** places, servers, clients and accounts in the page; the rest is in the report */
const PLACES_MAX = 100
const SERVERS_MAX = 200
const USERS_MAX = 20
const TURNED_AWAY_MAX = 40
const FINDING_PLACES_MAX = 3
const CAPTURES_MAX = 6
const NAME_LENGTH_MAX = 80

export interface HostText {
  readonly ip: string
  readonly name: string
}

export interface PagePlace {
  readonly server: HostText
  readonly service: string
  readonly cause: string
  readonly title: string
  readonly fix: string
  readonly count: number
  readonly clients: number
  readonly runningShare: number
  readonly proof: FrameProof
  readonly verify: string
}

export interface Server {
  readonly server: HostText
  readonly answers: readonly { readonly is: Requirement; readonly proof: FrameProof | null }[]
  readonly ntlm: number
  readonly clients: number
}

export interface User {
  readonly name: string
  readonly ntlm: number
  readonly fallback: number
  readonly kerberos: number
  readonly servers: number
  readonly causes: string
  readonly proof: FrameProof
}

export interface Pair {
  readonly client: HostText
  readonly server: HostText
  readonly service: string
  readonly verdict: Verdict
  readonly logons: number
  readonly ntlm: number
  /** a text for each of FACT_LABELS; empty: nothing to say */
  readonly facts: readonly string[]
  readonly proof: FrameProof
}

export interface RuleText {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly fix: string
  readonly places: number
  readonly times: number
  readonly shown: readonly { readonly where: string; readonly detail: string; readonly proof: FrameProof }[]
}

export interface PageModel {
  readonly captures: string
  readonly span: string
  readonly version: string
  readonly only: readonly string[]
  readonly headline: string
  readonly states: States
  readonly who: Card
  readonly why: Card
  readonly relay: Card
  readonly doubts: readonly string[]
  readonly places: readonly PagePlace[]
  readonly placesLeft: number
  /** NTLM that no change of one place ends, by cause, and what to do about it */
  readonly others: readonly { readonly count: number; readonly title: string; readonly fix: string }[]
  /** that is more of it than all places together end */
  readonly isMostOpen: boolean
  readonly figures: Figures
  readonly servers: readonly Server[]
  readonly serversLeft: number
  readonly open: number
  readonly serversSeen: number
  readonly clients: readonly User[]
  readonly accounts: readonly User[]
  readonly pairs: readonly Pair[]
  readonly rules: readonly RuleText[]
  readonly unseen: readonly { readonly count: number; readonly kind: string; readonly detail: string }[]
  /** attempts that ended without authentication, the most telling first */
  readonly turnedAway: readonly { readonly text: string; readonly isTelling: boolean; readonly proof: FrameProof }[]
  readonly turnedAwayLeft: number
  readonly unread: readonly string[]
  readonly coverage: string
  readonly cover: Cover | null
  readonly changes: ChangesText | null
  readonly devices: readonly DeviceText[]
  /** NTLM by owner and by wave; empty: nobody said whose hosts they are */
  readonly owners: readonly OwnerList[]
  readonly trend: Trend | null
  /** null: UTC */
  readonly zone: string | null
}

export function pageModel(report: Report, version: string, extras: PageExtras = {}): PageModel {
  const { before, devices = [], cover, zone, inventory, trend } = extras
  const hidden = doubts(report)
  const away = turnedAwayOf(report).toSorted(
    (a, b) => Number(isSignificant(b)) - Number(isSignificant(a)) || b.count - a.count,
  )
  const names = new CaptureNames(report)
  const states = statesOf(report)
  const places = report.places.filter(({ cause }) => !WITHOUT_CHANGE.has(cause))
  const open = byCount(totalsOf(report).causes).filter(([code]) => WITHOUT_CHANGE.has(code))
  // what leaves a way open first
  const servers = [...report.servers].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.ntlm - a.ntlm)
  // all of it once more: a member that is new here must not be forgotten
  return visibleDeep({
    captures: capturesText(report, names),
    span: spanText(report, zone),
    version: `ntlmscope ${version}`,
    only: onlyTexts(report).map((text) => plainSpaces(visible(text))),
    headline: plainSpaces(visible(headlineOf(report).join(' '))),
    states,
    who: whoCard(report, states.who),
    why: whyCard(report, states.why),
    relay: relayCard(report, states.relay),
    doubts: hidden.map(plainSpaces),
    places: places.slice(0, PLACES_MAX).map((place) => {
      const server = host(place.server)
      return {
        server,
        service: place.service,
        cause: place.cause,
        title: visible(place.title),
        fix: plainSpaces(visible(placeFix(place))),
        count: place.count,
        clients: place.clients,
        runningShare: place.runningShare,
        proof: names.proof(place.proof),
        verify: `ntlmscope verify NEW.pcapng --server ${server.ip} --service ${place.service} --expect kerberos`,
      }
    }),
    placesLeft: Math.max(0, places.length - PLACES_MAX),
    others: open.map(([code, count]) => ({
      count,
      title: `${causeTitle(code)} (${code})`,
      fix: translated(CAUSES[code]?.fix ?? ''),
    })),
    isMostOpen: total(open, ([, count]) => count) > total(places, ({ count }) => count),
    figures: report.figures,
    servers: servers.slice(0, SERVERS_MAX).map((row) => ({
      server: host(row.server),
      answers: (['smbSigning', 'ldapSigning', 'channelBinding'] as const).map((what) => ({
        is: row[what],
        proof: proofOf(row.proofs[what], names),
      })),
      ntlm: row.ntlm,
      clients: row.clients,
    })),
    serversLeft: Math.max(0, servers.length - SERVERS_MAX),
    open: servers.filter(isOpen).length,
    serversSeen: servers.length,
    clients: users(report.clients, names, ({ client }) => {
      const { ip, name } = host(client)
      return name === '' ? ip : `${name} (${ip})`
    }),
    accounts: users(report.accounts, names, ({ account }) => cut(visible(account))),
    pairs: sortedWorstFirst(report.pairs).map((pair) => pairText(pair, report.tls.certificates, names, zone)),
    rules: rulesOf(report, names),
    unseen: report.blindSpots.map(({ count, kind, detail }) => ({
      count,
      kind,
      detail: names.inText(translated(detail)),
    })),
    turnedAway: away.slice(0, TURNED_AWAY_MAX).map((one) => ({
      text: `${one.client} -> ${one.server} ${one.service}: ${translated(turnedAwayText(one))}`,
      isTelling: isSignificant(one),
      proof: names.proof(one),
    })),
    turnedAwayLeft: Math.max(0, away.length - TURNED_AWAY_MAX),
    unread: unreadTexts(report, names),
    coverage: coverageText(report),
    cover: cover ?? null,
    changes: before === undefined ? null : changesText(before, report, hidden),
    devices: devices.map(deviceText),
    owners: inventory === undefined ? [] : ownerLists(report, inventory, names),
    trend: trend ?? null,
    zone: zone ?? null,
  })
}

function host({ ip, name }: { readonly ip: string; readonly name: string | null }): HostText {
  return { ip: visible(ip), name: name === null || name === ip ? '' : cut(visible(name)) }
}

/** CaptureNames may be cut, and show it; addresses never are. */
function cut(name: string): string {
  return name.length <= NAME_LENGTH_MAX ? name : `${[...name].slice(0, NAME_LENGTH_MAX - 3).join('')}...`
}

function proofOf(proof: RowProof | undefined, names: CaptureNames): FrameProof | null {
  return proof === undefined ? null : names.proof(proof)
}

function users<T extends UserRow>(rows: readonly T[], names: CaptureNames, nameOf: (row: T) => string): User[] {
  return rows
    .filter(({ ntlm }) => ntlm > 0)
    .slice(0, USERS_MAX)
    .map((row) => ({
      name: nameOf(row),
      ntlm: row.ntlm,
      fallback: row.fallback,
      kerberos: row.kerberos,
      servers: row.servers,
      causes: causesText(row.causes),
      proof: names.proof(row.proof),
    }))
}

function causesText(causes: Readonly<Record<string, number>>): string {
  return byCount(causes)
    .map(([code, count]) => `${causeTitle(code)} (${code}) ${countText(count)}`)
    .join('; ')
}

function causeTitle(code: string): string {
  return translated(CAUSES[code]?.title ?? visible(code))
}

/** In the order of FACT_LABELS. */
function pairText(
  pair: PairVerdict,
  certificates: readonly TlsCertificate[],
  names: CaptureNames,
  zone: string | undefined,
): Pair {
  const { counts, smb, ldap, breaks } = pair
  const proof = names.proof(pair)
  const listed = (texts: readonly string[]) => {
    const more = texts.length - LISTED_MAX
    return texts.slice(0, LISTED_MAX).map(visible).map(cut).join(', ') + (more > 0 ? say` and ${more} more` : '')
  }
  const broken = (
    [
      ['without NTLM', breaks.ntlmOff],
      ['with signing required', breaks.signingRequired],
      ['without RC4', breaks.rc4Off],
    ] as const
  ).flatMap(([what, forecast]) => (forecast === 'no' ? [] : [forecast === 'yes' ? what : `${what}: not known`]))
  return {
    client: host(pair.client),
    server: host(pair.server),
    service: pair.service,
    verdict: pair.verdict,
    logons: counts.exchanges,
    ntlm: counts.mechanism.ntlm ?? 0,
    facts: [
      countsText(pair.origins),
      causesText(pair.causes),
      countsText(counts.mechanism),
      countsText(counts.ntlmVersion),
      listed(pair.users),
      listed(pair.spns),
      smb === null
        ? ''
        : `${smb.dialects.map(visible).join(', ')}; signing of the client ${smb.clientPolicy}, of the server ${smb.serverPolicy}; ${countsText(smb.effective)}`,
      ldap === null ? '' : `${countsText(ldap.layers)}${ldap.tls ? '; in TLS' : ''}`,
      bindingsText(pair, certificates),
      broken.join('; '),
      pair.findings.join(', '),
      pair.blindSpots.map(visible).join('; '),
      say`${zonedText(pair.start, zone)} to ${zonedText(pair.end, zone)}`,
      proof.text,
    ],
    proof,
  }
}

const LISTED_MAX = 5

/** `ntlm 2, kerberos 1` */
function countsText(counts: Readonly<Record<string, number | undefined>>): string {
  return byCount(counts)
    .map(([name, count]) => `${visible(name)} ${countText(count)}`)
    .join(', ')
}

/** The same of channel bindings, each with what it proves and what not, and for which certificates they were made. */
function bindingsText({ channelBinding, bindings = [] }: PairVerdict, certificates: readonly TlsCertificate[]): string {
  return byCount(channelBinding)
    .map(([state, count]) => {
      const words = BINDING_WORDS[state as ChannelBindingState]
      const text = `${visible(state)} ${countText(count)}`
      const made = bindings.filter((one) => one.state === state).map((one) => madeForText(one, certificates))
      return [words === undefined ? text : `${text}: ${translated(words)}`, ...made.slice(0, LISTED_MAX)].join('; ')
    })
    .join('. ')
}

function rulesOf({ findings }: Report, names: CaptureNames): RuleText[] {
  return SEVERITIES.flatMap((severity) =>
    groupBy(
      findings.filter((finding) => finding.severity === severity),
      ({ id }) => id,
    ).map((group) => ({
      id: group[0]!.id,
      severity,
      title: visible(group[0]!.title),
      fix: visible(group[0]!.remediation),
      places: group.length,
      times: total(group, ({ count }) => count),
      shown: group.slice(0, FINDING_PLACES_MAX).map((finding) => ({
        where: visible([finding.client, finding.server].filter((end) => end !== null).join(' -> ')),
        detail: names.inText(translated(finding.detail)),
        proof: names.proof(finding),
      })),
    })),
  )
}

// --- cards
// ---------------------------------------------------------------------------------------------------------------------

function whoCard(report: Report, state: AnswerState): Card {
  const { hosts, services } = report.figures.total
  const { exchanges: all, ntlm } = totalsOf(report)
  const counts = Object.fromEntries(Object.entries(services).map(([service, one]) => [service, one.ntlm]))
  return {
    state,
    big: countText(hosts.ntlm),
    of: plainSpaces(
      say`of ${plural(hosts.authenticating, 'client')}; ${countText(ntlm)} of ${plural(all, 'authentication')} (${shareText(all === 0 ? null : ntlm / all)})`,
    ),
    bars: barsOf(byCount(counts)),
  }
}

function whyCard(report: Report, state: AnswerState): Card {
  const { ntlm, fallback, causes } = totalsOf(report)
  return {
    state,
    big: countText(fallback),
    of: plainSpaces(
      fallback === 1
        ? say`of ${plural(ntlm, 'NTLM logon')} is a fallback`
        : say`of ${plural(ntlm, 'NTLM logon')} are fallbacks`,
    ),
    bars: barsOf(byCount(causes).map(([code, count]) => [causeTitle(code), count])),
  }
}

function relayCard({ servers }: Report, state: AnswerState): Card {
  const row = (label: string, what: 'smbSigning' | 'ldapSigning' | 'channelBinding') => {
    const seen = servers.filter((server) => server[what] !== null).length
    const open = servers.filter((server) => server[what] === 'not-required').length
    return [label, open, seen === 0 ? 'not spoken' : say`${countText(open)} of ${countText(seen)}`] as const
  }
  const rows = [
    row('SMB signing not required', 'smbSigning'),
    row('LDAP signing not required', 'ldapSigning'),
    row('channel binding not required', 'channelBinding'),
  ]
  return {
    state,
    big: countText(servers.filter(isOpen).length),
    of: plainSpaces(
      `of ${plural(servers.length, 'server')} let sessions in without protection, or say that they would`,
    ),
    bars: { rows, most: Math.max(1, servers.length) },
  }
}

const BARS_MAX = 4

function barsOf(counts: readonly (readonly [string, number])[]): Bars {
  const rows = counts.slice(0, BARS_MAX).map(([label, count]) => [label, count, countText(count)] as const)
  return { rows, most: Math.max(1, ...rows.map(([, count]) => count)) }
}

// --- what was read
// -----------------------------------------------------------------------------------------------------------------

function capturesText({ captures }: Report, names: CaptureNames): string {
  if (captures.length === 0) return 'no capture'
  const shown = captures.slice(0, CAPTURES_MAX).map(({ name }) => names.of(name))
  const rest = captures.length - shown.length
  return shown.join(', ') + (rest > 0 ? say` and ${countText(rest)} more` : '')
}

function spanText({ coverage: { packets, start, end } }: Report, zone: string | undefined): string {
  const time = start === null || end === null ? '' : say`, ${zonedText(start, zone)} to ${zonedText(end, zone)}`
  return plainSpaces(plural(packets, 'packet')) + time
}

function unreadTexts(report: Report, names: CaptureNames): string[] {
  const damaged = report.captures.flatMap(({ name, damage }) =>
    damage === null ? [] : [`${names.of(name)}: damaged: ${names.inText(damage)}`],
  )
  return [...damaged, ...unreadLines(report).map((line) => plainSpaces(names.inText(line)))]
}

function coverageText({ coverage }: Report): string {
  const { connections, oneSided, midstream, lostBytes, dropped, kdcs } = coverage
  const { clientsAuthenticating, clientsWithKdcTraffic } = coverage
  const seen = kdcs.slice(0, 8).map(visible).join(', ') + (kdcs.length > 8 ? say` and ${kdcs.length - 8} more` : '')
  return plainSpaces(
    [
      `${plural(connections, 'connection')}: ${countText(oneSided)} seen in one direction only, ${countText(midstream)} without their beginning.`,
      `${plural(lostBytes, 'byte')} missing.`,
      dropped === null
        ? 'Whether packets were dropped is not known.'
        : `${plural(dropped, 'packet')} dropped by the capture.`,
      `KDCs seen: ${kdcs.length === 0 ? 'none' : seen}.`,
      `${plural(clientsAuthenticating, 'client')} that authenticated, ${countText(clientsWithKdcTraffic)} with visible KDC traffic.`,
    ].join(' '),
  )
}
