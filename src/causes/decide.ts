/**
 * Why was Kerberos not used? One cause from a closed list for every NTLM exchange, decided when all that could explain
 * it has been read.
 *
 * A fixed list of rules is asked in order; each says whether it holds, by which frames, and why. The first that holds
 * is the cause, the others are the alternatives that were considered. What the exchange itself shows comes before what
 * other conversations show, so that a capture with less in it gives the same cause or RC99, never another one: a cause
 * is claimed only where the whole exchange is visible, and what is missing is named. The one exception is RC21: a relay
 * shows itself only where both of its legs are captured. Pure.
 */
import { factsOf } from '../../decoders/services.ts'
import type { KerberosUse } from '../context/compact-notes.ts'
import { type Evidence, hostForm, hostKey, type WantedInstance } from '../context/evidence.ts'
import { isContinuation, isWithoutLogon } from '../facts/continuation.ts'
import { type AuthExchange, type Cause, isKerberos, isNtlm, type Origin } from '../facts/exchange.ts'
import { frameKey } from '../facts/frames.ts'
import { instanceOf, isIpLiteral, serviceClass, targetHost } from '../facts/target-name.ts'
import { CAUSES, type FixNames } from './catalogue.ts'
import { changeText, NAMED, nameOrigin } from './name-origin.ts'
import { isFallback, isKerberosLike, type OriginEvidence, originOf } from './origin.ts'
import { CAUSE_RULES, relayed } from './rules.ts'
import {
  type Candidate,
  type CauseContext,
  type CauseInput,
  holds,
  type RuleInput,
  type UnjudgedExchange,
} from './subject.ts'

export interface Decision {
  readonly origin: Origin | null
  readonly fallback: boolean | null
  readonly cause: Cause | null
}

const NEITHER: Decision = { origin: null, fallback: null, cause: null }
const NO_FALLBACK: Decision = { origin: null, fallback: false, cause: null }

/** What needs no evidence: most of what a domain controller sees. null: it does, see `decide`. */
export function decidedPlainly(exchange: UnjudgedExchange): Decision | null {
  // why the mechanism of what goes on was chosen was decided at the logon of the session
  if (!isContinuation(exchange) && (exchange.ntlm !== null || isNtlm(exchange))) return null
  return isKerberos(exchange) ? NO_FALLBACK : NEITHER
}

export function decide(subject: CauseInput, around: CauseContext): Decision {
  const { exchange } = subject
  const plain = decidedPlainly(exchange)
  if (plain !== null) return plain
  if (!isNtlm(exchange)) {
    const cause = anonymous(exchange, subject, around)
    return { origin: null, fallback: isKerberos(exchange) ? false : null, cause }
  }
  const hosts = askedHosts(exchange)
  const otherNames = namesOf(exchange, hosts, around)
  const { evidence, aliases, aliasOf, cite, origins } = around
  const classes = askedClasses(exchange)
  const refusal = evidence.ticketRefusal(exchange.client.ip, hosts, subject.since, classes, wantedInstance(exchange))
  const refusedUse = evidence.serviceRefusal(exchange, subject.since)
  const refusedBefore = refusedUse !== null && !isMereName(refusedUse, subject.offers)
  const offers = { ...subject.offers, ticketRefused: refusal !== null, refusedBefore }
  const repeats = isWithoutLogon(exchange) && !refusedBefore
  const origin = subject.relaying ? 'direct' : repeats ? 'unknown' : originOf(offers)
  const found = { hosts, otherNames, refusal, refusedUse }
  const view: RuleInput = { evidence, aliases, aliasOf, cite, origins, subject, exchange, origin, ...found }
  const shown = subject.relaying ? 'direct' : origin
  return { origin: shown, fallback: fellBack(shown, subject), cause: causeOf(view) }
}

/**
 * The cause of an exchange that had none (RC99), by evidence that was not there when it was decided; null: nothing is
 * to be decided anew. Its origin stays, and what is missing of the exchange itself still keeps it undetermined.
 */
export function decideAgain(exchange: AuthExchange, evidence: Evidence, cite: CauseContext['cite']): Cause | null {
  if (exchange.cause?.code !== 'RC99' || exchange.origin === null || !isNtlm(exchange)) return null
  if (isContinuation(exchange)) return null
  const since = { time: exchange.start, frame: frameKey(ELSEWHERE, 0) }
  const hosts = askedHosts(exchange)
  const named = exchange.server.name === null ? [] : [exchange.server.name.toLowerCase()]
  const around: CauseContext = { evidence, aliases: () => named, aliasOf: () => null, cite, origins: null }
  const offers: OriginEvidence = {
    firstTokenRawNtlm: false,
    direct: false,
    supportedMech: null,
    lateFallback: false,
    kerberosTried: exchange.kerberos !== null,
    kerberosRefused: false,
    refusedBefore: false,
    offerVisible: false,
    clientDecides: false,
    ticketRefused: false,
    serverOffer: exchange.offered.server,
    clientOffer: exchange.offered.client,
  }
  const authenticated = exchange.ntlm?.ntlmVersion != null
  const subject: CauseInput = { exchange, offers, whole: false, authenticated, relay: null, relaying: false, since }
  const wanted = wantedInstance(exchange)
  const refusal = evidence.ticketRefusal(exchange.client.ip, hosts, since, askedClasses(exchange), wanted)
  const otherNames = namesOf(exchange, hosts, around)
  return causeOf({
    ...around,
    subject,
    exchange,
    origin: exchange.origin,
    hosts,
    otherNames,
    refusal,
    refusedUse: null,
  })
}

function aliasesOf({ exchange, aliases }: RuleInput): readonly string[] {
  return aliases(exchange.server.ip, exchange.start)
}

/** no capture of a run: its clock is another one than that of any evidence */
const ELSEWHERE = 100_000

/**
 * What was begun and not finished in the capture may still become a null session or the leg of a relay: no fallback is
 * claimed.
 */
function fellBack(origin: Origin, { authenticated }: CauseInput): boolean | null {
  const fallback = isFallback(origin)
  return fallback === true && !authenticated ? null : fallback
}

/** Asking a server that offers NTLM alone for a Kerberos mechanism, and sending it no ticket, tries nothing. */
function isMereName({ ticket }: KerberosUse, { serverOffer }: OriginEvidence): boolean {
  return !ticket && serverOffer !== null && serverOffer.length > 0 && !serverOffer.some(isKerberosLike)
}

/** A null session is no fallback, but it has a cause. */
function anonymous(exchange: UnjudgedExchange, subject: CauseInput, around: CauseContext): Cause | null {
  if (exchange.ntlm === null) return null
  if (subject.relay !== null) return causeFrom(relayed(subject, around), [], exchange)
  if (exchange.mechanism !== 'anonymous') return null
  const { user } = exchange.principal
  const why = user ? `the responses are empty, whoever is named (${user})` : 'the user name and the responses are empty'
  return causeFrom(holds('RC17', 'high', exchange.frames, why), [], exchange)
}

function causeOf(view: RuleInput): Cause {
  const { exchange } = view
  const candidates = CAUSE_RULES.map((rule) => rule(view)).filter((candidate) => candidate !== null)
  const missing = missingOf(view)
  const first = candidates.find((candidate) => candidate.applies)
  // both need no more than what they rest on
  const certain = first?.code === 'RC21' || first?.code === 'RC18'
  if (first !== undefined && (certain || missing.length === 0)) {
    const cause = causeFrom(first, candidates, exchange)
    const nameFrom = NAMED.has(first.code) ? nameOrigin(view) : null
    const change = nameFrom === null ? null : changeText(nameFrom, fixNames(exchange, first), aliasesOf(view))
    return change === null ? cause : { ...cause, fix: `${change} ${cause.fix}`, nameFrom }
  }
  const undecided = holds('RC99', 'low', exchange.frames, '')
  const others = candidates.map((one) =>
    one.applies ? { ...one, why: `would fit (${one.why}), but what is missing could change it` } : one,
  )
  return { ...causeFrom(undecided, others, exchange), missing: missing.length > 0 ? missing : notSeen(view) }
}

// --- what is missing
// -------------------------------------------------------------------------------------------------------------

/** Parts of the exchange itself; empty: it is all there. */
function missingOf({ exchange, subject }: RuleInput): string[] {
  const missing: string[] = []
  if (isWithoutLogon(exchange)) missing.push('the logon of the SMB session that it goes on with')
  // a conversation that is there from its beginning and holds no offer had none
  const offerSeen = subject.offers.serverOffer !== null || (subject.whole && exchange.visibility === 'both')
  if (!offerSeen) missing.push('the offer of the server')
  if (exchange.visibility !== 'both')
    missing.push(`the direction of the ${exchange.visibility === 'client' ? 'server' : 'client'}`)
  else if (!subject.authenticated) missing.push('the AUTHENTICATE_MESSAGE of the client')
  else if (factsOf(exchange.service).answers && exchange.result === 'unknown')
    missing.push('the answer of the server to the logon')
  return missing
}

/** The exchange is all there, and nothing explains it. */
function notSeen({ exchange, evidence, origin }: RuleInput): string[] {
  const missing: string[] = []
  if (origin === 'unknown') missing.push('an offer of the server (it made none)')
  if (exchange.target.class === 'absent') missing.push('the target name (the client sends none)')
  missing.push(
    evidence.hasKdcTraffic(exchange.client.ip)
      ? 'a refusal by a KDC for this target in the 15 minutes before'
      : 'traffic between the client and a KDC (none of this client is in the capture)',
  )
  return missing
}

// --- names
// ---------------------------------------------------------------------------------------------------------------------

/** By which host name would this client have asked for a ticket? Lower case. */
function askedHosts({ target }: UnjudgedExchange): readonly string[] {
  if (target.spn !== null && target.spn !== '') return [hostKey(target.spn)]
  return target.name === null || target.name === '' || isIpLiteral(target.name) ? [] : [hostForm(target.name)]
}

/** Where nothing names the target, a ticket for the port of the connection is one for its service. */
function wantedInstance({ target, server }: UnjudgedExchange): WantedInstance {
  if (!target.spn) return { named: '', given: String(server.port) }
  const named = instanceOf(target.spn)
  return { named, given: named }
}

/**
 * Under which classes of service names? In lower case; empty: any. What the client wrote itself is surer than what is
 * usual.
 */
function askedClasses({ target, service }: UnjudgedExchange): readonly string[] {
  if (target.spn === null || target.spn === '') return factsOf(service).ticketClasses
  return target.spn.includes('/') ? [serviceClass(target.spn)] : []
}

function namesOf(exchange: UnjudgedExchange, hosts: readonly string[], { aliases }: CauseContext): readonly string[] {
  const challenge = exchange.ntlm?.challenge
  const declared = [challenge?.dnsComputerName, challenge?.nbComputerName].filter((name) => !!name) as string[]
  const all = [...declared.map((name) => name.toLowerCase()), ...aliases(exchange.server.ip, exchange.start)]
  return [...new Set(all)].filter((name) => !hosts.includes(name))
}

function causeFrom(chosen: Candidate, candidates: readonly Candidate[], exchange: UnjudgedExchange): Cause {
  const { title, fix, fixFor } = CAUSES[chosen.code]!
  const alternatives: { code: string; why: string }[] = []
  for (const one of candidates) {
    if (one.code === chosen.code || alternatives.some(({ code }) => code === one.code)) continue
    alternatives.push({
      code: one.code,
      why:
        one.applies && chosen.code !== 'RC99'
          ? `fits as well (${one.why}), but ${chosen.code} is nearer to the exchange`
          : one.why,
    })
  }
  return {
    code: chosen.code,
    title,
    confidence: chosen.confidence,
    why: chosen.why,
    frames: [...new Set(chosen.frames)],
    missing: [],
    alternatives,
    fix: fixFor === undefined ? fix : fixFor(fixNames(exchange, chosen)),
    nameFrom: null,
  }
}

function fixNames(exchange: UnjudgedExchange, { kdc, aliasOf }: Candidate): FixNames {
  const challenge = exchange.ntlm?.challenge
  const { spn, class: kind, name } = exchange.target
  const asked = name?.includes('.') && !isIpLiteral(name) ? name : null
  const declared = challenge?.dnsComputerName || exchange.server.name
  const usable = kind === 'fqdn' || kind === 'short'
  return {
    spn: usable && spn !== null ? spn : null,
    serverDns: (declared?.includes('.') ? declared : null) ?? asked ?? (kind === 'fqdn' ? targetHost(spn ?? '') : null),
    serverNetbios: challenge?.nbComputerName || null,
    serverIp: exchange.server.ip,
    clientName: exchange.client.name,
    clientIp: exchange.client.ip,
    user: exchange.principal.user,
    service: exchange.service,
    kdc,
    alias: aliasOf === undefined ? null : hostKey(spn ?? name ?? ''),
  }
}
