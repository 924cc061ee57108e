/**
 * Two reports side by side: what moved from NTLM to Kerberos, what fell back, what is still NTLM, new or gone, and
 * whose protection changed.
 *
 * A pair that is not seen any more is gone, not fixed; one that tries and never authenticates is broken. Fixed is what
 * the table of expectations says of `kerberos`: an accepted logon, and conversations that were seen whole; what shows
 * no NTLM and does not prove that is `unproven`.
 */

import { etypeName } from '../../decoders/mechanisms/kerberos-names.ts'
import { hostPattern } from '../facts/filter.ts'
import type { FrameRef } from '../facts/frames.ts'
import type { FigureRow } from '../report/figures.ts'
import type { Report } from '../report/report.ts'
import {
  isAwayFrom,
  isSignificant,
  type TurnedAway,
  turnedAwayEvents,
  turnedAwayOf,
  turnedAwayText,
} from '../report/seen/turned-away.ts'
import type { PairVerdict } from '../report/verdict.ts'
import { expectationNamed } from './expectations.ts'
import { evidenceOf, type Flow, type FlowEvidence, judge } from './flow.ts'
import { hostsOf } from './hosts.ts'
import { exceptionName } from './switching/exceptions.ts'

export const DIFF_SCHEMA = 'ntlmscope-diff-1'

export const CHANGES = [
  'broken',
  'intermittent',
  'fell back',
  'weaker',
  'fixed',
  'stronger',
  'unproven',
  'still NTLM',
  'changed',
  'new',
  'gone',
] as const
/** what ends with 1 */
export const WORSE: ReadonlySet<string> = new Set(['broken', 'intermittent', 'fell back', 'weaker'])
export type Change = (typeof CHANGES)[number]

export interface PairSide {
  readonly verdict: PairVerdict['verdict']
  readonly mechanisms: Readonly<Record<string, number>>
  readonly smb: Readonly<Record<string, number>>
  readonly channelBinding: Readonly<Record<string, number>>
  /** encryption types of the tickets, SMB dialects, versions of NTLM, ids of the findings */
  readonly etypes: readonly string[]
  readonly dialects: readonly string[]
  readonly ntlmVersions: Readonly<Record<string, number>>
  readonly findings: readonly string[]
  /** authentications that showed a password in clear */
  readonly clearPasswords: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface PairChange {
  readonly change: Change
  readonly client: string
  readonly server: string
  readonly service: string
  readonly before: PairSide | null
  readonly after: PairSide | null
  /** one sentence, where there is more to say; else empty */
  readonly detail: string
}

/** The figures of a migration of one reading, and how much was read. */
export type DiffFigures = Omit<FigureRow, 'capture' | 'start' | 'end' | 'continued'> & { readonly packets: number }

export interface Diff {
  readonly schema: typeof DIFF_SCHEMA
  readonly figures: { readonly before: DiffFigures; readonly after: DiffFigures }
  readonly changes: readonly PairChange[]
  /** what one reading could show and the other could not, one sentence each */
  readonly coverage: readonly string[]
  readonly regressed: boolean
}

/** `isDivided`: both are of one reading, divided by time. */
export function diff(before: Report, after: Report, isDivided = false): Diff {
  const earlier = new Map(before.pairs.map((pair) => [keyOf(pair), pair]))
  const later = new Map(after.pairs.map((pair) => [keyOf(pair), pair]))
  const changes: PairChange[] = []
  for (const key of new Set([...earlier.keys(), ...later.keys()])) {
    changes.push(...changesOf(earlier.get(key) ?? null, later.get(key) ?? null, { before, after }))
  }
  changes.sort((a, b) => CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change))
  return {
    schema: DIFF_SCHEMA,
    figures: { before: figuresOf(before), after: figuresOf(after) },
    changes,
    coverage: isDivided ? [] : coverageChanges(before, after),
    regressed: changes.some(({ change }) => WORSE.has(change)),
  }
}

/** A mechanism change and a protection change of one pair are two. */
function changesOf(
  before: PairVerdict | null,
  after: PairVerdict | null,
  reports: { readonly before: Report; readonly after: Report },
): PairChange[] {
  const { client, server, service } = (before ?? after)!
  const change = (kind: Change, detail = ''): PairChange => ({
    change: kind,
    client: client.ip,
    server: server.ip,
    service,
    before: stateOf(before, reports.before),
    after: stateOf(after, reports.after),
    detail,
  })
  if (before === null || !hasAuthenticated(before)) {
    return after !== null && hasAuthenticated(after) ? [change('new', hasNtlm(after) ? 'it uses NTLM' : '')] : []
  }
  const away = awayOf(reports.after, client.ip, server.ip, service)
  const isRefused = after !== null && before.counts.result.success > 0 && after.counts.result.success === 0
  if (after === null || !hasAuthenticated(after) || (isRefused && away !== null)) {
    // one attempt is enough where logons were seen before
    return away === null
      ? [change('gone', 'not seen any more, which is not fixed')]
      : [change('broken', brokenText(away, before, reports.before))]
  }
  // one that fails may be a mistyped password; who fails again and again, and never succeeds, is out
  if (isRefused && after.counts.result.failure > 1 && after.counts.result.unknown === 0)
    return [change('broken', refusedText(before, after, reports.after))]
  if (away !== null && isSignificant(away) && awayOf(reports.before, client.ip, server.ip, service) === null)
    return [change('intermittent', brokenText(away, before, reports.before))]
  const found: PairChange[] = []
  const flow: Flow = {
    client: [hostPattern(client.ip)],
    server: [hostPattern(server.ip)],
    port: null,
    service: after.service,
  }
  const afterwards = evidenceOf(reports.after, flow)
  if (hasNtlm(before) && hasNtlm(after)) found.push(change('still NTLM'))
  else if (hasNtlm(after)) found.push(change('fell back', 'no NTLM before'))
  else if (hasNtlm(before)) {
    const { state, reasons } = judge(expectationNamed('kerberos')!, afterwards, flow)
    const why = reasons[0]?.detail ?? 'no accepted Kerberos logon was seen'
    found.push(state === 'met' ? change('fixed') : change('unproven', `no NTLM is seen any more, but: ${why}`))
  }
  const [was, is] = [stateOf(before, reports.before), stateOf(after, reports.after)]
  const graded = [
    protectionChange(before, after),
    ...strengthChanges(evidenceOf(reports.before, flow), afterwards, flow),
  ].filter((one) => one !== null)
  for (const kind of ['weaker', 'stronger'] as const) {
    const details = graded.filter(([one]) => one === kind).map(([, detail]) => detail)
    if (details.length > 0) found.push(change(kind, details.join('; ')))
  }
  const others = otherChanges(was, is)
  if (others.length > 0 && found.every((one) => one.change === 'still NTLM'))
    found.push(change('changed', others.join('; ')))
  return found
}

function awayOf(report: Report, client: string, server: string, service: string): TurnedAway | null {
  const rows = turnedAwayOf(report)
  const ofFlow = rows.filter((one) => one.client === client && one.server === server)
  return ofFlow.find((one) => one.service === service) ?? ofFlow.find((one) => isAwayFrom(one, service)) ?? null
}

/** Logons that are tried as before, and all refused. */
function refusedText(before: PairVerdict, { client, server, service, counts }: PairVerdict, later: Report): string {
  const logons = hostsOf(later)
    .exchanges.of(new Set([client.ip]), new Set([server.ip]))
    .filter((one) => one.service === service && one.result === 'failure')
  const [first] = logons
  const statuses = [...new Set(logons.flatMap(({ status }) => status?.name ?? []))]
  const [cause] = Object.entries(before.causes).sort(([, a], [, b]) => b - a)
  return [
    `every logon is refused: ${counts.result.failure} of ${counts.result.failure}${statuses.length === 0 ? '' : ` (${statuses.join(', ')})`}`,
    ...(first === undefined ? [] : [`${first.capture}: frames ${first.frames.slice(-2).join(', ')}`]),
    ...(cause === undefined ? [] : [`NTLM before, because of ${cause[0]}`]),
  ].join('; ')
}

/** What was seen, why NTLM was used before, what would let it through, and where Windows tells of it. */
function brokenText(away: TurnedAway, before: PairVerdict, earlier: Report): string {
  const [cause] = Object.entries(before.causes).sort(([, a], [, b]) => b - a)
  const logon = hostsOf(earlier)
    .exchanges.of(new Set([away.client]), new Set([away.server]))
    .find(({ service, mechanism }) => service === away.service && mechanism === 'ntlm')
  const name = logon === undefined ? null : exceptionName('client', logon)
  return [
    `${turnedAwayText(away)}; ${away.capture}: frames ${away.frames.join(', ')}`,
    ...(cause === undefined ? [] : [`NTLM before, because of ${cause[0]}`]),
    ...(logon === undefined ? [] : [`an exception for ${name ?? '<the name that was typed>'} would let it through`]),
    `events: ${turnedAwayEvents(away)}`,
  ].join('; ')
}

function protectionChange(before: PairVerdict, after: PairVerdict): [Change, string] | null {
  const exposed = (pair: PairVerdict) =>
    pair.smb === null ? null : Boolean(pair.smb.effective.unsigned || pair.smb.effective.guest)
  const sealed = (pair: PairVerdict) => Boolean(pair.smb?.effective.signed || pair.smb?.effective.encrypted)
  if (exposed(before) === false && sealed(before) && exposed(after))
    return ['weaker', 'SMB was signed or encrypted, and is not']
  if (exposed(before) && exposed(after) === false && sealed(after)) return ['stronger', 'SMB is signed or encrypted']
  const unbound = ({ channelBinding }: PairVerdict) =>
    Boolean(channelBinding.absent || channelBinding.zero || channelBinding.mismatch || channelBinding['wrong-hash'])
  const bound = ({ channelBinding }: PairVerdict) => Boolean(channelBinding.bound || channelBinding.verified)
  if (bound(before) && !unbound(before) && unbound(after)) return ['weaker', 'logons were bound to TLS, and are not']
  if (unbound(before) && bound(after) && !unbound(after)) return ['stronger', 'logons are bound to TLS']
  return null
}

/**
 * What the table of expectations says of both: met and not any more, or not met and now met. What either did not show
 * is no change.
 */
function strengthChanges(before: FlowEvidence, after: FlowEvidence, flow: Flow): [Change, string][] {
  return STRENGTHS.flatMap((name): [Change, string][] => {
    const expectation = expectationNamed(name)!
    const [was, is] = [judge(expectation, before, flow), judge(expectation, after, flow)]
    if (was.state === 'met' && is.state === 'not-met')
      return [['weaker', `no longer so: ${expectation.words} (${is.reasons[0]?.detail ?? name})`]]
    if (was.state === 'not-met' && is.state === 'met')
      return [['stronger', `now so: ${expectation.words} (before: ${was.reasons[0]?.detail ?? name})`]]
    return []
  })
}

/** Expectations that say how strong it is; who used NTLM, and what protected SMB and TLS, is compared by itself. */
const STRENGTHS = ['aes', 'ntlmv2', 'signing-required', 'no-smb1', 'no-clear-password', 'ldap-signed', 'rpc-integrity']

/** What is not the same, and neither better nor worse by itself. */
function otherChanges(was: PairSide, is: PairSide): string[] {
  const list = (what: string, one: readonly string[], two: readonly string[]) =>
    one.length === 0 || two.length === 0 || [...one].sort().join() === [...two].sort().join()
      ? []
      : [`${what} ${one.join(', ')} -> ${two.join(', ')}`]
  const appeared = is.findings.filter((id) => !was.findings.includes(id))
  const gone = was.findings.filter((id) => !is.findings.includes(id))
  return [
    ...list('SMB', was.dialects, is.dialects),
    ...list('tickets', was.etypes, is.etypes),
    ...list('NTLM', Object.keys(was.ntlmVersions), Object.keys(is.ntlmVersions)),
    ...(appeared.length > 0 ? [`new findings: ${appeared.join(', ')}`] : []),
    ...(gone.length > 0 ? [`findings not seen any more: ${gone.join(', ')}`] : []),
  ]
}

function coverageChanges(before: Report, after: Report): string[] {
  const kinds = (report: Report) => new Map(report.blindSpots.map(({ kind, detail }) => [kind, detail]))
  const [earlier, later] = [kinds(before), kinds(after)]
  return [
    ...[...earlier].filter(([kind]) => !later.has(kind)).map(([, detail]) => `only before: ${detail}`),
    ...[...later].filter(([kind]) => !earlier.has(kind)).map(([, detail]) => `only after: ${detail}`),
    ...(before.filter.join(' ') === after.filter.join(' ') ? [] : ['the two were made with different filters']),
    ...[...before.captures, ...after.captures]
      .filter(({ damage }) => damage !== null)
      .map(({ name }) => `${name} could not be read to its end`),
  ]
}

function figuresOf({ coverage, figures }: Report): DiffFigures {
  const { capture: _capture, start: _start, end: _end, continued: _continued, ...total } = figures.total
  return { packets: coverage.packets, ...total }
}

function stateOf(pair: PairVerdict, report: Report): PairSide
function stateOf(pair: PairVerdict | null, report: Report): PairSide | null
function stateOf(pair: PairVerdict | null, report: Report): PairSide | null {
  if (pair === null) return null
  const { client, server, service, verdict, counts, smb, channelBinding, capture, frames } = pair
  const exchanges = hostsOf(report)
    .exchanges.of(new Set([client.ip]), new Set([server.ip]))
    .filter((one) => one.service === service)
  const etypes = new Set(exchanges.flatMap(({ kerberos }) => kerberos?.ticketEtype ?? []))
  return {
    verdict,
    mechanisms: counts.mechanism,
    smb: smb?.effective ?? {},
    channelBinding,
    etypes: [...etypes].sort((a, b) => a - b).map(etypeName),
    dialects: smb?.dialects ?? [],
    ntlmVersions: counts.ntlmVersion,
    findings: pair.findings,
    clearPasswords: exchanges.filter((one) => NO_CLEAR.exchange(one)?.is === 'against').length,
    capture,
    frames,
  }
}

const NO_CLEAR = expectationNamed('no-clear-password')!

const hasAuthenticated = ({ counts }: PairVerdict) => counts.exchanges > 0
const hasNtlm = ({ counts }: PairVerdict) => (counts.mechanism.ntlm ?? 0) > 0

function keyOf({ client, server, service }: PairVerdict): string {
  return `${client.ip} ${server.ip} ${service}`
}
