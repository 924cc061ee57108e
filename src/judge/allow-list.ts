/**
 * The list of allowed uses of NTLM against what a report holds: what is not on it, what is on it and has expired, what
 * nobody reviewed, what was never seen.
 *
 * What counts as a use of NTLM is what the table of expectations calls one (`no-ntlm`).
 */
import { accountOf } from '../facts/account.ts'
import { isContinuation } from '../facts/continuation.ts'
import type { AuthExchange } from '../facts/exchange.ts'
import { unseenText } from '../report/pass-through.ts'
import type { Report } from '../report/report.ts'
import { type Expectation, expectationNamed } from './expectations.ts'
import {
  type ExpectationOutcome,
  evidenceOf,
  exchangesOfFlow,
  type Flow,
  type FlowEvidence,
  flowText,
  judge,
  type Part,
  type Reason,
  worstState,
} from './flow.ts'
import { type Hosts, hostsOf } from './hosts.ts'

/** One entry. It covers the exchanges of its flow, as far as account and version say nothing else. */
export interface Allowed extends Flow {
  /** where it stands in its file */
  readonly line: number
  /** `DOMAIN\user`, `user@REALM`, or `user` of any domain; null: any */
  readonly account: string | null
  /** `NTLMv2`, `NTLMv1`, `NTLMv1-ESS`, `LM`, `anonymous`; null: any */
  readonly version: string | null
  readonly owner: string
  readonly reason: string
  /** the last day on which it holds, YYYY-MM-DD */
  readonly expires: string
  /** owner and reason are those of a person, not of a draft */
  readonly isReviewed: boolean
}

/** Deviations that are listed one by one. */
const DEVIATIONS_MAX = 200
const NO_NTLM = expectationNamed('no-ntlm')!
const ANY: Flow = { client: [], server: [], port: null, service: null }

/** What one entry covers. */
interface Cover {
  readonly entry: Allowed
  readonly uses: readonly AuthExchange[]
  readonly isExpired: boolean
}

/** `today`: YYYY-MM-DD. `notVisibleAccepted`: what could not be looked into does not weaken it. */
export function judgeAllowed(
  report: Report,
  allow: readonly Allowed[],
  today: string,
  notVisibleAccepted: boolean,
): Part {
  const hosts = hostsOf(report)
  const all = evidenceOf(report, ANY, hosts)
  const uses = all.exchanges.filter(isUseOfNtlm)
  const covers = allow.map((entry): Cover => ({ entry, uses: usesOf(entry, hosts), isExpired: entry.expires < today }))
  const lines = new Map<AuthExchange, number>()
  for (const { entry, uses: covered } of covers) for (const one of covered) lines.set(one, entry.line)
  const evidence: FlowEvidence = notVisibleAccepted ? { ...all, conversations: [], unseenLogons: [] } : all
  const listed = judge(onList(lines), evidence, ANY, DEVIATIONS_MAX)
  const expectations = [listed, ...(allow.length === 0 ? [] : [expiredOutcome(covers), reviewedOutcome(covers)])]
  const known = uses.filter((one) => lines.has(one)).length
  return {
    kind: 'allow-list',
    name: `NTLM: ${known} of ${uses.length} uses are on the list`,
    flow: null,
    state: worstState(expectations.map(({ state }) => state)),
    expectations,
    notes: [
      ...covers.filter((one) => one.uses.length === 0).map(unusedText),
      // somebody answers for it, and should know
      ...(notVisibleAccepted ? all.unseenLogons.map(unseenText) : []),
    ],
  }
}

function isUseOfNtlm(one: AuthExchange): boolean {
  // a use of a session is one use, however many channels it has
  return !isContinuation(one) && NO_NTLM.exchange(one)?.is === 'against'
}

/** The uses of NTLM that an entry covers, whenever it expires. */
export function usesOf(entry: Allowed, hosts: Hosts): AuthExchange[] {
  return exchangesOfFlow(entry, hosts).filter(
    (one) =>
      isUseOfNtlm(one) &&
      (entry.version === null || one.ntlm?.ntlmVersion === entry.version) &&
      (entry.account === null || isAccount(entry.account, one)),
  )
}

/** Is that account meant: by its name alone, or with its domain in either form? */
export function isAccount(
  wanted: string,
  { principal: { user, domain } }: { readonly principal: Pick<AuthExchange['principal'], 'user' | 'domain'> },
): boolean {
  if (user === null) return false
  const lower = wanted.toLowerCase()
  return [user, `${domain ?? ''}\\${user}`, `${user}@${domain ?? ''}`].some((form) => form.toLowerCase() === lower)
}

function onList(lines: ReadonlyMap<AuthExchange, number>): Expectation {
  return {
    ...NO_NTLM,
    name: 'allow-list',
    words: 'no NTLM is used but what is on the list',
    exchange: (one) => {
      const line = lines.get(one)
      if (line !== undefined) return { is: 'for', detail: `on the list, line ${line}`, fix: null }
      const say = isContinuation(one) ? null : NO_NTLM.exchange(one)
      if (say?.is !== 'against') return say
      const account = accountOf(one.principal)
      const who = `${one.client.ip} -> ${one.server.ip} ${one.service}${account === null ? '' : ` as ${account}`}`
      return { ...say, detail: `${who}: ${say.detail}` }
    },
    pair: () => ({
      is: 'unclear',
      detail: 'the report does not list every authentication: give the captures instead',
      fix: null,
    }),
  }
}

function expiredOutcome(covers: readonly Cover[]): ExpectationOutcome {
  const expired = covers.filter(({ isExpired, uses }) => isExpired && uses.length > 0)
  return settled(
    'allow-list-expired',
    'no entry that is in use has expired',
    expired.map(({ entry, uses }) =>
      ofEntry(
        entry,
        uses,
        `expired on ${entry.expires} and still used`,
        `Ask ${entry.owner}: end the use, or decide anew until when it is allowed`,
      ),
    ),
  )
}

function reviewedOutcome(covers: readonly Cover[]): ExpectationOutcome {
  return settled(
    'allow-list-reviewed',
    'a person stands behind every entry, with a reason',
    covers
      .filter(({ entry }) => !entry.isReviewed)
      .map(({ entry, uses }) =>
        ofEntry(
          entry,
          uses,
          'owner or reason is still to be written',
          'Write who answers for this use, and why it is needed',
        ),
      ),
  )
}

/** Nothing of the captures could weaken it: it is about the list. */
function settled(expectation: string, words: string, reasons: readonly Reason[]): ExpectationOutcome {
  return { expectation, words, state: reasons.length > 0 ? 'not-met' : 'met', evidence: [], reasons, observe: null }
}

function ofEntry(entry: Allowed, uses: readonly AuthExchange[], what: string, fix: string): Reason {
  const [first] = uses
  return {
    detail: `line ${entry.line}, ${entryText(entry)}: ${what} (owner: ${entry.owner}; reason: ${entry.reason})`,
    count: Math.max(1, uses.length),
    capture: first?.capture ?? '',
    frames: first?.frames.slice(0, 8) ?? [],
    cause: null,
    fix,
  }
}

function unusedText({ entry, isExpired }: Cover): string {
  const expiry = isExpired ? `expired on ${entry.expires} and ` : ''
  return `line ${entry.line}, ${entryText(entry)}: ${expiry}not seen in these captures; take it out if it is not needed any more`
}

function entryText({ client, server, port, service, account, version }: Allowed): string {
  const ends = flowText({
    client: client.map(({ text }) => text),
    server: server.map(({ text }) => text),
    port,
    service,
  })
  return `${ends}${account === null ? '' : ` as ${account}`}${version === null ? '' : `, ${version}`}`
}
