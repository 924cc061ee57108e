/**
 * The first screen of the text report: how much NTLM, why, what first, and what the captures could not show. At most 24
 * lines of 80 columns; what does not fit there stands below it in full. Where nothing stands below, what is to be done
 * is said whole.
 */
import type { Service } from '../../../decoders/carrier.ts'
import { CAUSES, WITHOUT_CHANGE } from '../../causes/catalogue.ts'
import type { AuthExchange, Cause } from '../../facts/exchange.ts'
import type { Finding } from '../../findings/finding.ts'
import type { FigureRow } from '../../report/figures.ts'
import { serversWithUnseenLogons } from '../../report/pass-through.ts'
import type { Report } from '../../report/report.ts'
import { totalsOf } from '../../report/seen/totals.ts'
import { language, say, translated } from '../../texts/say.ts'
import { byCount, sumRecords, total } from '../page/counting.ts'
import { hanging, pad, width, wrap } from '../page/layout.ts'
import { counted, countText, durationText, NO_BREAK, plural, secondText, shareText } from '../page/numbers.ts'
import { severityText, spotText } from '../terms.ts'
import { completedText, logsAnswer } from './logs.ts'
import { onlyTexts } from './only.ts'
import { causeText, INDENT, placeFix, type Sheet, sentence } from './sheet.ts'

/** An entry of the first screen: as many of its lines are shown. */
interface Limited {
  readonly label: string
  readonly texts: readonly string[]
  readonly most: number
}

const HEADLINE_LINES = 3
/** of a step where nothing stands below */
const STEP_LINES = 12
/** a report about nobody has little else to say */
const ONLY_LINES = 6
/** the carriers that most authentications of a network go over */
const AUTHENTICATING_CARRIERS = ['smb', 'http', 'ldap', 'rpc', 'kdc']

/** `relay` are the lines about what could be relayed; `causes` an example of each cause by code. */
export function answer(
  sheet: Sheet,
  report: Report,
  causes: ReadonlyMap<string, Example>,
  relay: readonly string[],
  isAlone = false,
): string[] {
  const headline = clip(
    headlineOf(report).flatMap((line) => wrap(line, sheet.columns)),
    HEADLINE_LINES,
    sheet.columns,
    isAlone,
  )
  const [first, then] = firstSteps(report, causes)
  const next = isAlone ? nextTexts(report) : []
  const entries: Limited[] = [
    { label: 'NTLM', texts: ntlmTexts(report), most: 3 },
    { label: 'Other', texts: [otherText(report)], most: 1 },
    {
      label: 'Why',
      texts: whyTexts(report),
      most: report.eventCoverage === null && report.filter.length === 0 ? 5 : 3,
    },
    { label: 'First', texts: first ?? [], most: isAlone ? STEP_LINES : 3 },
    { label: 'Then', texts: then ?? [], most: isAlone ? STEP_LINES : 3 },
    { label: 'Next', texts: next, most: STEP_LINES },
    { label: 'Relay', texts: relay, most: 2 },
    { label: 'Logs', texts: report.eventCoverage === null ? [] : [logsAnswer(report.eventCoverage)], most: 2 },
    { label: 'Seen', texts: [seenText(report)], most: 1 },
    { label: 'Not seen', texts: [notSeenText(report)], most: isAlone ? STEP_LINES : 2 },
  ]
  const only = clip(
    onlyTexts(report).flatMap((line) => wrap(line, sheet.columns)),
    ONLY_LINES,
    sheet.columns,
    isAlone,
  )
  return [...[...only, ...headline].map((line) => sheet.paint.bold(line)), '', ...screen(sheet, entries, isAlone)]
}

/** The cause of an exchange, with the names of that exchange in its fix. */
export interface Example {
  readonly cause: Cause
  readonly exchange: AuthExchange
}

/** The best example of each cause: of the highest confidence the first. */
export function examplesOf(exchanges: readonly AuthExchange[]): ReadonlyMap<string, Example> {
  const examples = new Map<string, Example>()
  for (const exchange of exchanges) {
    const { cause } = exchange
    if (cause === null) continue
    const known = examples.get(cause.code)
    if (known === undefined || CONFIDENCES.indexOf(cause.confidence) < CONFIDENCES.indexOf(known.cause.confidence))
      examples.set(cause.code, { cause, exchange })
  }
  return examples
}

const CONFIDENCES = ['high', 'medium', 'low']

/** The answer in a sentence or two. */
export function headlineOf(report: Report): string[] {
  const { pairs } = report
  const { exchanges, ntlm: logons } = totalsOf(report)
  const asked = askedText(report)
  if (exchanges === 0) {
    const unproven = inVainText(report) ?? say`That is no proof that there was none: see what was not visible.`
    return [say`No authentication was seen. ${asked ?? unproven}`]
  }
  const ntlm = pairs.filter(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
  if (ntlm.length === 0 && logons > 0)
    return [
      say`${countText(logons)} of ${plural(exchanges, 'authentication')} used NTLM, all in pairs beyond the ${countText(pairs.length)} that are told apart.`,
    ]
  if (ntlm.length === 0) {
    const seen = say`No NTLM was seen in ${plural(exchanges, 'authentication')} of ${plural(pairs.length, 'pair')}${nullSessionText(pairs)}`
    return [asked === null ? say`${seen}; what was not visible stands below.` : say`${seen}. ${asked}`]
  }
  const fallback = ntlm.filter(({ counts }) => counts.fallback > 0).length
  const only = pairs[0]!
  const uses =
    pairs.length === 1
      ? say`The only pair (${only.client.ip} -> ${only.server.ip}, ${only.service}) uses NTLM.`
      : ntlm.length === 1
        ? say`${countText(ntlm.length)} of ${plural(pairs.length, 'pair')} (client, server, service) uses NTLM.`
        : say`${countText(ntlm.length)} of ${plural(pairs.length, 'pair')} (client, server, service) use NTLM.`
  const more = asked === null ? '' : `${language() === 'ja' ? '' : ' '}${asked}`
  if (fallback === 0) return [say`${uses} No fallback from Kerberos was seen.${more}`]
  const they =
    fallback < ntlm.length ? say`${countText(fallback)} of them` : ntlm.length === 1 ? say`It` : say`All of them`
  return [say`${uses} ${they} fell back to it although Kerberos was offered or tried.${more}`]
}

/** Connections that were there from beginning to end: whoever came to log on did not. null: none. */
function inVainText(report: Report): string | null {
  const { conversations, pairs, turnedAway } = report
  const away = total(turnedAway, ({ count }) => count)
  if (away > 0) return say`But ${plural(away, 'attempt')} ended without one: see who was turned away.`
  // here nobody has authenticated: a pair is one whose conversations are hidden
  const hidden = new Set(pairs.map(({ client, server, service }) => flowText(client, server, service)))
  for (const { client, server, carrier } of conversations)
    if (HIDING_CARRIERS.has(carrier)) hidden.add(flowText(client, server, server.port))
  const isHidden = ({ client, server, service }: Report['conversations'][number]) =>
    hidden.has(flowText(client, server, service)) || hidden.has(flowText(client, server, server.port))
  const whole = conversations.filter(
    (one) => one.whole > 0 && one.authenticated === 0 && one.service !== 'unknown' && !isHidden(one),
  )
  const count = total(whole, (one) => one.whole)
  if (count === 0) return wordlessText(report)
  const services = [...new Set(whole.map(({ service }) => service))].sort().join(', ')
  return say`But nobody logged on in ${plural(count, 'connection')} (${services}) seen from beginning to end.`
}

/** Who logs on inside of these is not visible, nor in what led into them (StartTLS, CONNECT, a prelogin). */
const HIDING_CARRIERS: ReadonlySet<string> = new Set(['tls', 'quic', 'http2'])

function flowText(client: { ip: string }, server: { ip: string }, at: Service | number): string {
  return `${client.ip} ${server.ip} ${at}`
}

/** Opened, and closed without a word: what speaks first in its protocol has nothing to say any more. null: none. */
function wordlessText({ coverage }: Report): string | null {
  const silent = coverage.connections - total(Object.values(coverage.carriers), (count) => count)
  return silent > 0 ? say`But ${plural(silent, 'connection')} ended without a word.` : null
}

/** Null sessions are carried by NTLM and are no use of it. */
function nullSessionText(pairs: Report['pairs']): string {
  const seen = total(pairs, ({ counts }) => counts.mechanism.anonymous ?? 0)
  return seen === 0 ? '' : say` (${plural(seen, 'anonymous session')} without credentials aside)`
}

/** Logons that nobody saw and a domain controller was asked about; null: none. */
function askedText(report: Report): string | null {
  const servers = serversWithUnseenLogons(report)
  const unseen = total(servers, (one) => one.unseen)
  if (unseen === 0) return null
  const who = servers.length === 1 ? servers[0]!.server : plural(servers.length, 'server')
  return unseen === 1
    ? say`But ${who} asked to check 1 logon that is not in the captures.`
    : say`But ${who} asked to check ${countText(unseen)} logons that are not in the captures.`
}

/** How much of it: of the authentications, of the clients, by service; as a fallback, in which version. */
function ntlmTexts(report: Report): string[] {
  const { exchanges, ntlm, fallback } = totalsOf(report)
  if (ntlm === 0) return []
  const { hosts, services } = report.figures.total
  // anonymous NTLM is a mechanism of its own here
  const versions = byCount(sumRecords(report.pairs.map(({ counts }) => counts.ntlmVersion))).filter(
    ([version]) => version !== 'anonymous',
  )
  const clients =
    hosts.authenticating === 0
      ? ''
      : say`, from ${countText(hosts.ntlm)} of ${plural(hosts.authenticating, 'client')} (${shareText(hosts.ntlmShare)})`
  const details = [
    counted(fallback, 'as fallback'),
    ...versions.map(([version, seen]) => (versions.length === 1 ? version : counted(seen, version))),
  ]
  return [
    say`${countText(ntlm)} of ${plural(exchanges, 'authentication')} (${shareText(ntlm / exchanges)})${clients}`,
    details.join(', '),
    serviceText(services),
  ]
}

function serviceText(services: FigureRow['services']): string {
  const withNtlm = Object.entries(services).filter(([, { ntlm }]) => ntlm > 0)
  const sorted = withNtlm.sort(([, a], [, b]) => b.ntlm - a.ntlm)
  const texts = sorted.map(
    ([name, { kerberos, ntlm, other }]) => say`${name} ${countText(ntlm)} of ${countText(ntlm + kerberos + other)}`,
  )
  return texts.length === 0 ? '' : say`by service: ${texts.join(', ')}`
}

function otherText(report: Report): string {
  const { exchanges, mechanisms } = totalsOf(report)
  return byCount(mechanisms)
    .filter(([name]) => name !== 'ntlm')
    .map(([name, count]) => `${counted(count, name)} (${shareText(count / exchanges)})`)
    .join(', ')
}

function whyTexts(report: Report): string[] {
  const { eventCoverage } = report
  return byCount(totalsOf(report).causes).map(([code, count]) => {
    const byLogs = code === 'RC99' && eventCoverage !== null ? completedText(eventCoverage) : ''
    return `${countText(count)} x ${causeText(code)}${byLogs}`
  })
}

/** The worst finding where it is critical, and the change that ends the most NTLM. */
function firstSteps(report: Report, examples: ReadonlyMap<string, Example>): readonly string[][] {
  const [worst] = report.findings
  const cause = placeStep(report) ?? causeStep(report, examples)
  if (cause === null) return worstOfRules(report.findings).map(findingStep)
  const finding = worst === undefined || !['critical', 'high'].includes(worst.severity) ? null : findingStep(worst)
  const steps = worst?.severity === 'critical' ? [finding, cause] : [cause, finding]
  return steps.filter((step) => step !== null)
}

/** Where no NTLM is to be ended: the worst finding of each of the first two rules, down to medium. */
function worstOfRules(findings: readonly Finding[]): Finding[] {
  const [worst] = findings
  const other = findings.find(({ id }) => id !== worst?.id)
  return [worst, other].filter((one) => one !== undefined && TO_MEND.has(one.severity)) as Finding[]
}

const TO_MEND: ReadonlySet<string> = new Set(['critical', 'high', 'medium'])

/** What to type for the first of the places: before the change, and after it. */
function nextTexts({ places: [first] }: Report): string[] {
  if (first === undefined || WITHOUT_CHANGE.has(first.cause)) return []
  const { cause, server, service } = first
  return [
    say`what decides it, and how to be sure: ntlmscope explain ${cause}`,
    // what a device is called by its maker, and what else it can
    ...(cause === 'RC10' ? [say`what its maker calls the settings: ntlmscope device ${server.ip} CAPTURE`] : []),
    say`after the change: ntlmscope verify NEW.pcapng --server ${server.ip} --service ${service} --expect kerberos`,
  ]
}

/** The place where one change ends the most; null: there is none that a change of one place ends. */
function placeStep(report: Report): string[] | null {
  const {
    places: [first],
  } = report
  if (first === undefined || WITHOUT_CHANGE.has(first.cause)) return null
  const { cause, client, clients, count, server, service } = first
  const { ntlm } = totalsOf(report)
  const who = clients === 1 ? client.ip : plural(clients, 'client')
  const share = ntlm === 1 ? say`the only NTLM logon` : say`${countText(count)} of ${countText(ntlm)} NTLM logons`
  return [`${cause} (${who} -> ${server.ip} ${service}, ${share}): ${sentence(placeFix(first))}`]
}

/** Of the most frequent cause, with the names of an exchange. */
function causeStep(report: Report, examples: ReadonlyMap<string, Example>): string[] | null {
  const causes = byCount(totalsOf(report).causes)
  const [code, count] = causes.find(([one]) => !WITHOUT_CHANGE.has(one)) ?? causes[0] ?? []
  if (code === undefined || count === undefined) return null
  const example = examples.get(code)
  if (example === undefined) return [`${code} (${countText(count)} x): ${translated(CAUSES[code]?.fix ?? '')}`]
  const { client, server, service } = example.exchange
  const missing = code === 'RC99' ? `: ${example.cause.missing.map(translated).join(', ')}` : ''
  return [`${code} (${client.ip} -> ${server.ip} ${service}): ${sentence(translated(example.cause.fix) + missing)}`]
}

function findingStep({ severity, title, id, remediation, client, server, service }: Finding): string[] {
  const ends = [client, server].filter((end) => end !== null).join(' -> ')
  const place = [ends, service].filter(Boolean).join(' ')
  return [
    say`${severityText(severity)}: ${translated(title)} [${id}]${place === '' ? '' : `, ${place}`}. ${sentence(translated(remediation))}`,
  ]
}

function seenText({ captures, coverage }: Report): string {
  const { packets, start, end, oneSided, midstream, lostBytes, dropped } = coverage
  const doubts = [
    ...(oneSided > 0 ? [counted(oneSided, 'one-sided')] : []),
    ...(midstream > 0 ? [counted(midstream, 'midstream')] : []),
    ...(lostBytes > 0 ? [say`loss`] : []),
    ...(dropped ? [say`${plural(dropped, 'packet')} dropped`] : []),
    ...(captures.some(({ damage }) => damage !== null) ? [say`damage`] : []),
  ]
  const span = start === null || end === null ? '' : say`, ${durationText(end - start)} from ${secondText(start)}`
  // where the line has no room for all of it, the time is what may be missing
  const aside = doubts.length === 0 ? '' : ` (${doubts.join(', ')})`
  return say`${plural(captures.length, 'capture')}, ${plural(packets, 'packet')}${aside}${span}`
}

function notSeenText(report: Report): string {
  const { blindSpots, captures, coverage } = report
  const parts = [
    ...absent(report),
    ...(coverage.kdcs.length === 0 && coverage.connections > 0 ? [say`no KDC traffic`] : []),
    ...blindSpots.map((spot) => `${spotText(spot)}${NO_BREAK}(${countText(spot.count)})`),
    ...(captures.some(({ damage }) => damage !== null) ? [say`damaged captures`] : []),
  ]
  return parts.length === 0 ? say`nothing that we know of` : parts.join(', ')
}

/** Where no authentication was seen: what would have had to be there. */
function absent({ coverage, pairs }: Report): string[] {
  if (pairs.some(({ counts }) => counts.exchanges > 0)) return []
  if (coverage.packets === 0) return [say`everything: no packet was read`]
  if (coverage.connections === 0) return [say`everything: no conversation over TCP or UDP was found`]
  const missing = AUTHENTICATING_CARRIERS.filter((carrier) => (coverage.carriers[carrier] ?? 0) === 0)
  return missing.length === 0 ? [] : [say`no ${missing.join(', ')} conversation in the clear`]
}

/** Labels and texts, each entry cut to its lines. */
function screen(sheet: Sheet, entries: readonly Limited[], isAlone: boolean): string[] {
  const filled = entries
    .map((entry) => ({ ...entry, texts: entry.texts.filter((text) => text !== '') }))
    .filter(({ texts }) => texts.length > 0)
  const room = sheet.columns - INDENT.length - LABEL_WIDTH - 2
  return sheet.entries(
    filled.map(
      ({ label, texts, most }) =>
        [pad(translated(label), LABEL_WIDTH), ...fitting(texts, most, room, isAlone)] as const,
    ),
  )
}

const LABEL_WIDTH = 8

/**
 * As many texts as fit into `most` lines, the last line says how many are left; the first one is cut if it alone is too
 * long.
 */
function fitting(texts: readonly string[], most: number, room: number, isAlone: boolean): string[] {
  const lines: string[] = []
  for (const [at, text] of texts.entries()) {
    const wrapped = wrap(text, room)
    const isLast = at === texts.length - 1
    if (lines.length + wrapped.length <= (isLast ? most : most - 1)) lines.push(...wrapped)
    else if (at === 0) return clip(wrapped, most, room, isAlone)
    else {
      const left = counted(texts.length - at, 'more')
      return [...lines, isAlone ? say`and ${left}, in the full report` : say`and ${left}, see below`]
    }
  }
  return lines
}

/** Whole lines; where some are left out, the last one shown ends so. */
function clip(lines: readonly string[], most: number, columns: number, isAlone: boolean): string[] {
  if (lines.length <= most) return [...lines]
  const shown = lines.slice(0, most)
  const cut = isAlone ? say`... (in the full report)` : say`... (below)`
  const between = language() === 'ja' ? '' : ' '
  const words = shown[most - 1]!.split(between)
  while (words.length > 1 && width(`${words.join(between)}${between}${cut}`) > columns) words.pop()
  // Japanese is cut between characters, and no word of another script in two
  const kept = words.join(between)
  const whole = between === '' && words.length > 1 ? kept.replace(/[\w.\\/-]+$/, '').trimEnd() : kept
  return [...shown.slice(0, -1), ...hanging('', `${whole}${between}${cut}`, columns).slice(0, 1)]
}
