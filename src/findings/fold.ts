/**
 * Findings: what the rules of `rules/` and the watches of `watches/` fire on, folded per rule, client, server, service
 * and, where the rule says so, target name or detail.
 *
 * A rule fires on evidence that is in the capture, never on absence. Bounded: what is beyond `findingsMax` is counted,
 * not told apart.
 */

import type { Service } from '../../decoders/carrier.ts'
import { isContinuation } from '../facts/continuation.ts'
import {
  type AuthExchange,
  type ContextNote,
  isKerberos,
  type KdcExchange,
  type TlsConversation,
} from '../facts/exchange.ts'
import { type FrameRef, refIn } from '../facts/frames.ts'
import { findingUid } from '../facts/identity.ts'
import type { Marks } from '../facts/marks.ts'
import { compareText } from '../facts/words/text-order.ts'
import { appended } from '../memory/bounded-map.ts'
import { flatKey, pairKey } from '../memory/flat-key.ts'
import { LIMITS } from '../memory/limits.ts'
import { SharedLists } from '../memory/shared-lists.ts'
import { EXCHANGE_RULES, RULES_WITHOUT_NTLM, rankOf } from './catalogue.ts'
import type { Finding } from './finding.ts'
import type { Confidence, Hit, Rule } from './rule.ts'
import { KDC_RULES } from './rules/kerberos.ts'
import { CallWatch } from './watches/calls.ts'
import { ChannelWatch } from './watches/channels.ts'
import { CloneWatch } from './watches/clones.ts'
import { ControllerWatch } from './watches/controllers.ts'
import { DelegationWatch } from './watches/delegation.ts'
import { DesktopWatch } from './watches/desktops.ts'
import { HandingWatch } from './watches/handing.ts'
import { KeyWatch } from './watches/keys.ts'
import { PoisoningWatch } from './watches/poisoning.ts'
import { RoastingWatch } from './watches/roasting.ts'
import { SprayWatch } from './watches/spray.ts'
import { TooBigWatch } from './watches/too-big.ts'
import type { Proof, Sighting, Watch } from './watches/watch.ts'

interface Open {
  readonly rule: Rule
  readonly hit: Hit
  readonly client: string | null
  readonly server: string
  readonly service: Service
  readonly capture: string
  /** what tells it from others of its rule and pair */
  readonly key: string
  frames: readonly FrameRef[]
  start: number
  end: number
  /** 0: only what goes on with a session fired it, and its logon did not */
  count: number
}

/** One time that a rule fired. */
type Fired = Omit<Sighting, 'count'> & { readonly key: string }

const NO_IDS: readonly string[] = Object.freeze([])
const NO_MARKS: Marks = { challenge: null, response: null, machine: null }
const CONFIDENCES: readonly Confidence[] = ['high', 'medium', 'low']

export class FindingFold {
  /** findings that were not told apart */
  overflow = 0
  readonly #open = new Map<string, Open>()
  readonly #byPair = new Map<string, readonly string[]>()
  /** rules of a pair: the same few for most */
  readonly #ids = new SharedLists()
  readonly #watches: readonly Watch[] = [
    new PoisoningWatch(),
    new CallWatch(),
    new ChannelWatch(),
    new SprayWatch(),
    new RoastingWatch(),
    new ControllerWatch(),
    new CloneWatch(),
    new DelegationWatch(),
    new DesktopWatch(),
    new HandingWatch(),
    new KeyWatch(),
    new TooBigWatch(),
  ]
  readonly #ofExchanges = this.#watches.filter((watch) => hears(watch, 'exchange'))
  readonly #ofKdc = this.#watches.filter((watch) => hears(watch, 'kdc'))
  readonly #ofChannels = this.#watches.filter((watch) => hears(watch, 'channel'))
  /** `id server service` of findings that another one replaces, and the id of that one */
  readonly #superseded = new Map<string, string>()
  #closed = false

  exchange(exchange: AuthExchange, marks: Marks = NO_MARKS): void {
    this.one(exchange)
    this.watched(exchange, marks)
  }

  kdc(exchange: KdcExchange): void {
    this.oneKdc(exchange)
    this.watchedKdc(exchange)
  }

  /** What it tells alone. */
  one(exchange: AuthExchange): void {
    const { client, server, service, tunnel, start, end, capture, frames } = exchange
    const again = isContinuation(exchange)
    const isOnlyKerberos = exchange.ntlm === null && isKerberos(exchange)
    for (const rule of isOnlyKerberos ? RULES_WITHOUT_NTLM : EXCHANGE_RULES) {
      // what repeats the logon of a session says nothing new about how it came about
      if (again && !rule.ofSession) continue
      const fired = rule.test(exchange)
      if (fired === null) continue
      // the server is the proxy: whoever is meant stands behind it
      const hit = tunnel === null ? fired : { ...fired, detail: `${fired.detail}; behind the proxy: ${tunnel}` }
      const evidence = [{ capture, frames: hit.frames ?? frames }]
      const of = rule.ofServer ? null : client.ip
      const key = flatKey(hit.spn ?? '', tunnel ?? '', rule.byDetail ? hit.detail : '')
      this.#add({ rule, hit, client: of, server: server.ip, service, start, end, evidence, key }, again ? 0 : 1)
      this.#ofPair(client.ip, server.ip, service, rule.id)
    }
  }

  /** What several tell together: some of these may be none that is asked for. */
  watched(exchange: AuthExchange, marks: Marks = NO_MARKS): void {
    // an NTLM logon is one, however often it is repeated; a ticket that is presented again is in use, and a password
    // that is refused was tried
    if (isContinuation(exchange) && exchange.ntlm !== null && exchange.result !== 'failure') return
    for (const watch of this.#ofExchanges) watch.exchange(exchange, marks)
  }

  oneKdc(exchange: KdcExchange): void {
    const { client, kdc, time, capture, frames } = exchange
    for (const rule of KDC_RULES) {
      const hit = rule.test(exchange)
      if (hit === null) continue
      const of = rule.ofServer ? null : client.ip
      const key = rule.byDetail ? hit.detail : ''
      const evidence = [{ capture, frames }]
      this.#add({ rule, hit, client: of, server: kdc.ip, service: 'kdc', start: time, end: time, evidence, key }, 1)
    }
  }

  watchedKdc(exchange: KdcExchange): void {
    for (const watch of this.#ofKdc) watch.kdc(exchange)
  }

  context(note: ContextNote): void {
    for (const watch of this.#watches) watch.context?.(note)
  }

  /** What was found beside the captures. */
  sight(sightings: readonly Sighting[]): void {
    for (const { count, ...sighting } of sightings) {
      this.#add({ ...sighting, key: '' }, count)
      const { rule, client, server, service } = sighting
      if (rule.supersedes) this.#superseded.set(`${rule.supersedes} ${server} ${service}`, rule.id)
      if (client !== null) this.#ofPair(client, server, service, rule.id)
    }
  }

  channel(conversation: TlsConversation): void {
    for (const watch of this.#ofChannels) watch.channel(conversation)
  }

  /**
   * In the order in which they are to be dealt with: by severity, then by the table of rules, then by count. Nothing
   * may be added afterwards.
   */
  findings(): Finding[] {
    this.#close()
    return [...this.#open.values()]
      .filter(({ rule, server, service }) => !this.#superseded.has(`${rule.id} ${server} ${service}`))
      .map(findingOf)
      .sort(byWorth)
  }

  /** What was found until now, of those whose `uid` is asked for; more may be added afterwards. */
  soFar(asksFor: (uid: string) => boolean): Finding[] {
    const watched = new FindingFold()
    for (const watch of this.#watches) watched.sight(watch.sightings())
    return [...this.#open.values(), ...watched.#open.values()]
      .filter(({ rule, client, server, service, key }) => {
        const place = `${rule.id} ${server} ${service}`
        if (this.#superseded.has(place) || watched.#superseded.has(place)) return false
        return asksFor(findingUid(rule.id, client, server, service, key))
      })
      .map(findingOf)
  }

  /** Rule ids of the findings that name this pair. */
  ofPair(client: string, server: string, service: string): readonly string[] {
    this.#close()
    const ids = this.#byPair.get(pairKey(client, server, service))
    if (ids === undefined) return NO_IDS
    return [...new Set(ids.map((id) => this.#superseded.get(`${id} ${server} ${service}`) ?? id))].sort()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const watch of this.#watches) this.sight(watch.sightings())
  }

  #ofPair(client: string, server: string, service: string, id: string): void {
    const pair = pairKey(client, server, service)
    const ids = this.#byPair.get(pair)
    if (ids === undefined) {
      if (this.#byPair.size < LIMITS.reportPairsMax) this.#byPair.set(pair, this.#ids.of([id]))
    } else if (!ids.includes(id)) this.#byPair.set(pair, this.#ids.of(appended(ids, id)))
  }

  #add({ rule, hit, client, server, service, start, end, evidence, key }: Fired, count: number): void {
    const whole = flatKey(rule.id, client ?? '', server, service, key)
    const open = this.#open.get(whole)
    if (open !== undefined) {
      open.count += count
      open.start = Math.min(open.start, start)
      open.end = Math.max(open.end, end)
      addFrames(open, evidence)
      return
    }
    if (this.#open.size >= LIMITS.findingsMax) {
      this.overflow++
      return
    }
    const capture = evidence[0]?.capture ?? ''
    const made: Open = { rule, hit, client, server, service, capture, key, frames: [], start, end, count }
    addFrames(made, evidence)
    this.#open.set(whole, made)
  }
}

/** The order in which findings are to be dealt with. */
export function byWorth(a: Finding, b: Finding): number {
  return (
    rankOf(a.id) - rankOf(b.id) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence) ||
    b.count - a.count ||
    a.start - b.start ||
    compareText(`${a.client} ${a.server} ${a.detail}`, `${b.client} ${b.server} ${b.detail}`)
  )
}

function hears<K extends 'exchange' | 'kdc' | 'channel'>(
  watch: Watch,
  of: K,
): watch is Watch & Required<Pick<Watch, K>> {
  return watch[of] !== undefined
}

function addFrames(open: Open, evidence: readonly Proof[]): void {
  for (const { capture, frames: more } of evidence) {
    for (const frame of more) {
      if (open.frames.length >= LIMITS.framesPerFindingMax) return
      const ref = refIn(open.capture, frame, capture)
      if (!open.frames.includes(ref)) open.frames = appended(open.frames, ref)
    }
  }
}

function findingOf({ rule, hit, client, server, service, capture, key, frames, start, end, count }: Open): Finding {
  const { id, severity, title, techniques } = rule
  const remediation = hit.remediation ?? rule.remediation
  const { detail, confidence, missing, counterEvidence, spn } = hit
  const uid = findingUid(id, client, server, service, key)
  const said = { uid, id, severity, title, client, server, service, spn, detail, confidence, missing, counterEvidence }
  return Object.assign(said, { techniques, remediation, count: Math.max(1, count), start, end, capture, frames })
}
