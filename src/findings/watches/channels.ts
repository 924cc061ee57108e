/**
 * What TLS connections show of their servers: certificates that are not valid, weak or another's, and versions that
 * nobody should speak.
 */
import { type CertificateFacts, type ChainCertificate, issuersOf, standsFor } from '../../facts/channel.ts'
import type { TlsConversation } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit, type Rule } from '../rule.ts'
import { TLS_WATCH_RULES } from '../rules/tls.ts'
import { remember, type Sighting, type Watch } from './watch.ts'

const ABOUT_CERTIFICATE: ReadonlySet<string> = new Set([
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'unknown_ca',
])

interface Seen {
  readonly rule: Rule
  readonly detail: string
  readonly first: TlsConversation
  readonly evidence: { capture: string; frames: number[] }[]
  count: number
  end: number
}

/** What is the same of all connections that show a certificate. */
interface Judged {
  readonly isWeak: boolean
  /** the name that it was last found to stand for: most clients ask for the same; null: none yet */
  fitting: string | null
  /** certificates of the chain that the following is made of: it may grow */
  chained: number
  /** who issued it; of one that issued itself nobody asks for its date or its signature */
  issuers: readonly ChainCertificate[]
  /** when all of these are valid */
  from: number
  until: number
  /** the nearest one that is */
  weakIssuer: ChainCertificate | null
}

export class ChannelWatch implements Watch {
  /** by rule, server, service and detail */
  readonly #seen = new Map<string, Seen>()
  readonly #judged = new WeakMap<CertificateFacts, Judged>()

  channel(one: TlsConversation): void {
    const { version, channel, serverName, alert, alertFrom, start } = one
    const rules = TLS_WATCH_RULES
    if (version === 'SSL 3.0') this.#add(rules.sslVersion, one, 'the server chose SSL 3.0')
    if (version === '1.0' || version === '1.1') this.#add(rules.oldVersion, one, `the server chose TLS ${version}`)
    if (alert !== null && alertFrom === 'client' && ABOUT_CERTIFICATE.has(alert))
      this.#add(rules.refused, one, `the client ended the handshake: ${alert}`)
    const { certificate, resumed } = channel
    // what is resumed shows nothing again
    if (certificate === null || resumed === true) return
    const { subject, notBefore, notAfter, signature, names } = certificate
    const called = subject || certificate.sha256
    const judged = this.#judge(certificate)
    const { weakIssuer } = judged
    // a recorder without a clock begins in 1970
    if (start < SSL_MICROS) {
      // nothing is said
    } else if (notAfter !== null && start > notAfter)
      this.#add(rules.expired, one, `${called} expired on ${day(notAfter)}`)
    else if (notBefore !== null && start < notBefore)
      this.#add(rules.expired, one, `${called} is valid from ${day(notBefore)} on`)
    else if (start > judged.until || start < judged.from)
      this.#add(rules.expired, one, untimely(judged.issuers, called, start))
    if (judged.isWeak) this.#add(rules.weakSignature, one, `${called}: ${signature}`)
    else if (weakIssuer !== null)
      this.#add(rules.weakSignature, one, `in the chain of ${called}: ${weakIssuer.subject}: ${weakIssuer.signature}`)
    if (serverName === null || judged.fitting === serverName) return
    const isFitting = standsFor(certificate, serverName)
    if (isFitting === true) judged.fitting = serverName
    else if (isFitting === false)
      this.#add(
        rules.otherName,
        one,
        `asked for ${serverName}; the certificate has ${names.slice(0, 4).join(', ') || 'no name'}`,
      )
  }

  #judge(certificate: CertificateFacts): Judged {
    let judged = this.#judged.get(certificate)
    if (judged === undefined) {
      judged = { isWeak: isWeak(certificate), fitting: null, chained: 0, issuers: [], ...ALWAYS, weakIssuer: null }
      this.#judged.set(certificate, judged)
    }
    const { chain = [] } = certificate
    if (chain.length !== judged.chained) {
      const issuers = issuersOf(certificate).filter(({ selfIssued }) => !selfIssued)
      judged.chained = chain.length
      judged.issuers = issuers
      judged.from = Math.max(ALWAYS.from, ...issuers.map(({ notBefore }) => notBefore ?? ALWAYS.from))
      judged.until = Math.min(ALWAYS.until, ...issuers.map(({ notAfter }) => notAfter ?? ALWAYS.until))
      judged.weakIssuer = issuers.find(isWeak) ?? null
    }
    return judged
  }

  sightings(): readonly Sighting[] {
    return [...this.#seen.values()].map(({ rule, detail, first, evidence, count, end }) => ({
      rule,
      hit: hit(detail, first.tunnel === null ? {} : { counterEvidence: [`behind a proxy: ${first.tunnel}`] }),
      client: null,
      server: first.server.ip,
      service: first.service,
      count,
      start: first.start,
      end,
      evidence,
    }))
  }

  #add(rule: Rule, one: TlsConversation, detail: string): void {
    const { ip, port } = one.server
    const key = `${rule.id} ${ip} ${port} ${one.service} ${detail}`
    const made = (): Seen => ({ rule, detail, first: one, evidence: [], count: 0, end: one.end })
    const seen = remember(this.#seen, key, made, LIMITS.watchedClientsMax)
    seen.count++
    seen.end = Math.max(seen.end, one.end)
    if (seen.evidence.length < LIMITS.framesPerFindingMax)
      seen.evidence.push({ capture: one.capture, frames: [...one.frames] })
  }
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }

function isWeak({ signature, selfIssued }: ChainCertificate): boolean {
  return !selfIssued && /md[245]|sha-?1$|sha1/i.test(signature)
}

/** The nearest of those that are not valid: a connection counts once. */
function untimely(issuers: readonly ChainCertificate[], called: string, start: number): string {
  for (const { subject, notBefore, notAfter } of issuers) {
    if (notAfter !== null && start > notAfter)
      return `in the chain of ${called}: ${subject} expired on ${day(notAfter)}`
    if (notBefore !== null && start < notBefore)
      return `in the chain of ${called}: ${subject} is valid from ${day(notBefore)} on`
  }
  return called
}

/** There was no SSL before 1995. */
const SSL_MICROS = Date.UTC(1995, 0) * 1000

function day(micros: number): string {
  return new Date(micros / 1000).toISOString().slice(0, 10)
}
