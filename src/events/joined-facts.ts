/** What the joined events say about one exchange: `events[]` and `windows{}` of a report. */
import { CAUSES } from '../causes/catalogue.ts'
import type { AuthExchange } from '../facts/exchange.ts'
import type { ExchangeEvent, WindowsFacts } from '../facts/windows-facts.ts'
import { accountText, type EventFact } from './fact.ts'
import type { Joined, JoinSubject } from './subject.ts'

/** In order of time. */
export function eventsOf({ joined }: JoinSubject): readonly ExchangeEvent[] {
  return joined
    .toSorted((one, two) => one.fact.time - two.fact.time || one.fact.id - two.fact.id)
    .map(({ fact, side, join, confidence }) => ({
      id: fact.id,
      channel: fact.channel,
      host: fact.host,
      record: fact.record,
      time: fact.time,
      side,
      join,
      confidence,
    }))
}

/** null: no event says anything about it. */
export function windowsOf(subject: JoinSubject): WindowsFacts | null {
  const { joined, ambiguous, exchange } = subject
  if (joined.length === 0 && ambiguous === 0) return null
  const facts = joined.map(({ fact }) => fact)
  const logon = facts.find(({ kind }) => kind === 'logon')
  const reason = facts.find((fact) => fact.reason !== null)?.reason ?? null
  const contradictions = contradictionsOf(subject)
  const compared = contradictions.length > 0 || isConfirmed(subject)
  return {
    process: clientProcess(joined),
    serverProcess: serverProcess(joined),
    // whichever of them it was, they name one account
    user: userOf(facts) ?? subject.ambiguousUser ?? null,
    reason: reason?.text ?? null,
    reasonId: reason?.id ?? null,
    cause: causeOf(exchange, reason?.code ?? null),
    agrees: contradictions.length > 0 ? false : compared ? true : null,
    contradictions,
    package: logon?.package ?? facts.find((fact) => fact.package !== null)?.package ?? null,
    lmPackage: facts.find((fact) => fact.lmPackage !== null)?.lmPackage ?? null,
    logonId: logon?.logonId ?? facts.find((fact) => fact.logonId !== null)?.logonId ?? null,
    logonGuid: facts.find((fact) => fact.logonGuid !== null)?.logonGuid ?? null,
    shares: [...new Set(facts.flatMap(({ share }) => share ?? []))],
    isBlocked: facts.some((fact) => fact.isBlocked),
    ambiguous,
  }
}

/** The log of the host completes what the wire does not decide: its word, and marked as such. */
function causeOf(exchange: AuthExchange | null, code: string | null): WindowsFacts['cause'] {
  const known = code === null ? undefined : CAUSES[code as keyof typeof CAUSES]
  if (code === null || known === undefined || exchange === null || exchange.ntlm === null) return null
  return { code, title: known.title, fix: known.fix, completes: exchange.cause?.code === 'RC99' }
}

/** What log and wire say differently about the same logon. */
export function contradictionsOf({ joined, exchange, mechanism }: JoinSubject): readonly ('mechanism' | 'cause')[] {
  const found: ('mechanism' | 'cause')[] = []
  if (exchange === null) return found
  if (joined.some((each) => isOtherMechanism(each, mechanism))) found.push('mechanism')
  const cause = exchange.cause?.code
  const said = joined.find(({ fact }) => fact.reason?.code)?.fact.reason?.code
  if (cause !== undefined && cause !== 'RC99' && said && !isSameCause(cause, said)) found.push('cause')
  return found
}

/** By address alone: an event that was found by its account had to agree. */
export function isOtherMechanism({ fact, join, confidence }: Joined, mechanism: JoinSubject['mechanism']): boolean {
  if (join !== 'address' || confidence !== 'high' || fact.kind !== 'logon') return false
  return fact.mechanism !== null && mechanism !== null && fact.mechanism !== mechanism
}

function isConfirmed({ joined, exchange, mechanism }: JoinSubject): boolean {
  const cause = exchange?.cause?.code
  return joined.some(
    ({ fact }) =>
      (fact.kind === 'logon' && fact.mechanism !== null && fact.mechanism === mechanism) ||
      (cause !== undefined && fact.reason?.code != null && isSameCause(cause, fact.reason.code)),
  )
}

/** Windows has one reason for a name that nobody knows; the wire tells missing from alias. */
const ALIKE: readonly ReadonlySet<string>[] = [new Set(['RC01', 'RC05']), new Set(['RC06', 'RC14'])]

function isSameCause(one: string, two: string): boolean {
  return one === two || ALIKE.some((set) => set.has(one) && set.has(two))
}

/** The redirector and the security subsystem open connections for others: who asked them is a better answer. */
const FOR_OTHERS = /(^System$|[\\/]lsass\.exe$)/i

function clientProcess(joined: readonly Joined[]): string | null {
  const own = joined.filter(({ side, fact }) => side === 'client' && fact.process !== null)
  const asked = own.find(({ fact }) => fact.kind === 'ntlm-client' || fact.kind === 'explicit')
  const opened = own.filter(({ fact }) => fact.kind === 'connection').map(({ fact }) => fact)
  // Sysmon names the drive, the firewall the device
  const best = opened.find(({ log }) => log === 'sysmon') ?? opened[0]
  if (best !== undefined && (asked === undefined || !FOR_OTHERS.test(best.process!))) return best.process
  return asked?.fact.process ?? null
}

function serverProcess(joined: readonly Joined[]): string | null {
  const own = joined.filter(({ side, fact }) => side === 'server' && fact.process !== null).map(({ fact }) => fact)
  const found =
    own.find(({ kind }) => kind === 'ntlm-server') ??
    own.find(({ log, kind }) => kind === 'connection' && log === 'sysmon') ??
    own.find(({ kind }) => kind === 'connection')
  return found?.process ?? null
}

/** `DOMAIN\user`: of the logon, else of whatever names one. */
function userOf(facts: readonly EventFact[]): string | null {
  const order: readonly EventFact['kind'][] = [
    'logon',
    'ntlm-server',
    'share',
    'ticket',
    'ntlm-domain',
    'validation',
    'ntlm-client',
    'explicit',
    'bind',
  ]
  for (const kind of order) {
    const named = facts.find((fact) => fact.kind === kind && fact.user !== null)
    if (named !== undefined) return accountText(named)
  }
  return null
}
