/**
 * What clients did around an authentication that explains it: what they asked KDCs and were told, where Kerberos was
 * used or refused, which domain controllers did not answer, which logons a server passed on.
 *
 * Filled in any order and read when a cause is decided, so every note carries its time and every reader says which time
 * it means. Indexed by address; bounded in all and for each host, the oldest first out.
 */

import type { Service } from '../../decoders/carrier.ts'
import { asksAgain } from '../../decoders/mechanisms/kerberos-names.ts'
import { interned } from '../../decoders/parts/interned.ts'
import type { AuthExchange } from '../facts/exchange.ts'
import { splitFrameKey } from '../facts/frames.ts'
import { instanceOf, serviceClass, targetHost } from '../facts/target-name.ts'
import { appended, deleteOldest, withLatest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import { SharedLists } from '../memory/shared-lists.ts'
import { compactAnswer, compactUse, type KdcAnswer, type KerberosUse } from './compact-notes.ts'

/** A point in a conversation. */
export interface Moment {
  readonly time: number
  /** frame key */
  readonly frame: number
}

/** A domain controller that a client did not reach, or a name of one that did not resolve. */
export interface KdcSilence {
  /** where it failed: to find one by name, to ping one by CLDAP, to speak Kerberos with it */
  readonly at: 'name' | 'ping' | 'kdc'
  readonly how: 'unanswered' | 'reset' | 'unreachable' | 'name'
  /** `192.0.2.10 port 88`, or the name of the failed question with its answer */
  readonly what: string
  readonly time: number
  readonly frames: readonly number[]
  /** the KDC that was asked, where it was one host */
  readonly kdc?: string
  /** what was asked, whatever the port and the KDC: nobody asks again within seconds what was answered */
  readonly question?: string
  /** tells its answer: a connection or a ping may still be answered */
  readonly key?: string
  /** how often it was tried, copies in the capture aside: nobody tries again what was answered. Absent: once */
  readonly tries?: number
  /** when it was tried last */
  readonly last?: number
  /** when the last try was refused */
  readonly answered?: number
}

type KeyedSilence = KdcSilence & { readonly key: string }

/**
 * Of one client. Most have one or two notes of one or two kinds: a list is an empty one that all share until something
 * is in it, and has no room for more.
 */
interface ClientNotes {
  answers: readonly KdcAnswer[]
  tickets: readonly Tickets[]
  uses: readonly KerberosUse[]
  /** servers of HTTP that asked it for Kerberos, the latest few */
  askedBy: readonly string[]
  silences: readonly KdcSilence[]
  /** answers whose question has not come yet, the latest few; `refusal`: what they say, null where that is enough */
  early: readonly { readonly key: string; readonly time: number; readonly refusal: KeyedSilence | null }[]
  /** names and pings of domain controllers that were answered, the latest few */
  found: readonly { readonly at: KdcSilence['at']; readonly time: number }[]
  /** who else was seen to send something to this client: its direction is in the capture */
  senders: readonly string[]
  /** when KDCs answered, the latest few; and the first time */
  heard: readonly number[]
  /** anything to or from a KDC */
  sawKdc: boolean
}

/** When tickets for one service name were given out: host, class, and what tells several of the class; lower case. */
interface Tickets {
  readonly host: string
  readonly class: string
  /** port or instance; '': the name has none */
  readonly instance: string
  times: readonly number[]
}

/** seconds of Windows' negative cache of service names (SpnCacheTimeout) */
export const WINDOW_MICROS = 900e6
/** a retry, or the next connection of one client to one server */
const RETRY_MICROS = 10e6
/** a server passes a logon on while the client waits */
const PASS_THROUGH_MICROS = 3e6
/** how long a client waits for a KDC before it gives up and uses something else; every stack waits at least so long */
const ANSWER_MICROS = 1e6
/** two clocks of captures may differ by so much */
const JITTER_MICROS = 1e6
/** the two sides of one tap may */
const SKEW_MICROS = 5000
/** services that listen at several ports as one: SMB and NetBIOS, LDAP and the global catalog */
const ONE_PROCESS: ReadonlySet<Service> = new Set(['smb', 'ldap'])

/** Did this capture begin when the other one had come to `time`? Then it is what comes after a cut. */
export type Follows = (capture: number, other: number, time: number) => boolean

export class Evidence {
  readonly #follows: Follows
  /** clients whose notes were let go because there were too many */
  evicted = 0
  /** KDC traffic of anybody: without it nothing follows from its absence */
  firstKdcTime = Infinity
  readonly #clients = new Map<string, ClientNotes>()
  /** whose notes were asked for last: what a KDC answers is several notes of one client */
  #latest: { readonly client: string; readonly notes: ClientNotes } | null = null
  /** answers and uses of all clients */
  #noted = 0
  /** their tickets, silences, what was found, and who asked them */
  #ticketed = 0
  /** most clients hear the same few domain controllers */
  readonly #senders = new SharedLists()
  /** time and frame of each, of a server */
  readonly #passThrough = new Map<string, readonly number[]>()

  /** Absent: captures were made at the same time */
  constructor(follows: Follows = () => false) {
    this.#follows = follows
  }

  /** A KDC answered with an error, a referral (`kind` says so). */
  kdcAnswer(client: string, answer: KdcAnswer): void {
    const notes = this.#of(client)
    const { length } = notes.answers
    notes.answers = withLatest(notes.answers, compactAnswer(answer), LIMITS.refusalsPerClientMax)
    this.#noteMore(notes.answers.length - length)
  }

  /** A KDC gave out a ticket for this service name. */
  ticket(client: string, sname: string, time: number): void {
    const notes = this.#of(client)
    const [host, kind, instance] = [hostKey(sname), serviceClass(sname), instanceOf(sname)]
    const isSame = (one: Tickets) => one.host === host && one.class === kind && one.instance === instance
    const known = notes.tickets.find(isSame)
    if (known !== undefined) known.times = withLatestTime(known.times, time, TICKET_TIMES_MAX)
    else {
      const first = { host, class: kind, instance, times: [time] }
      const { length } = notes.tickets
      notes.tickets = withLatest(notes.tickets, first, LIMITS.refusalsPerClientMax)
      this.#ticketMore(notes.tickets.length - length)
    }
  }

  /** A KDC answered, whatever it said. */
  kdcHeard(client: string, time: number): void {
    const notes = this.#of(client)
    notes.sawKdc = true
    notes.heard = withLatestTime(notes.heard, time, HEARD_MAX)
    this.firstKdcTime = Math.min(this.firstKdcTime, time)
  }

  kdcAsked(client: string, time: number): void {
    this.#of(client).sawKdc = true
    this.firstKdcTime = Math.min(this.firstKdcTime, time)
  }

  /** A server of HTTP asked a client for Kerberos; `key` tells which. */
  kerberosAsked(client: string, key: string): void {
    const notes = this.#of(client)
    if (notes.askedBy.includes(key)) return
    const { length } = notes.askedBy
    notes.askedBy = withLatest(notes.askedBy, interned(key), LIMITS.kerberosUsesPerClientMax)
    this.#ticketMore(notes.askedBy.length - length)
  }

  wasAsked(client: string, key: string): boolean {
    return this.#clients.get(client)?.askedBy.includes(key) === true
  }

  kerberosUsed(client: string, use: KerberosUse): void {
    const notes = this.#of(client)
    const { length } = notes.uses
    notes.uses = withLatest(notes.uses, compactUse(use), LIMITS.kerberosUsesPerClientMax)
    this.#noteMore(notes.uses.length - length)
  }

  kdcSilent(client: string, silence: KdcSilence): void {
    const notes = this.#of(client)
    if (silence.at === 'kdc') notes.sawKdc = true
    const { length } = notes.silences
    notes.silences = withLatest(notes.silences, silence, LIMITS.refusalsPerClientMax)
    this.#ticketMore(notes.silences.length - length)
  }

  /** A question that may still be answered; asked again it is the same one. */
  kdcTried(client: string, silence: KeyedSilence): void {
    const notes = this.#of(client)
    const at = lastWith(notes.silences, silence.key)
    const before = at < 0 ? undefined : notes.silences[at]
    if (before === undefined) {
      const early = silence.how === 'unanswered' ? takeEarly(notes, silence) : undefined
      // its answer was seen before it, by a tap of which one side is late
      if (early?.refusal === null) return
      this.kdcSilent(client, silence.how === 'unanswered' ? silence : { ...silence, answered: silence.time })
      if (early !== undefined) this.kdcTried(client, early.refusal)
      return
    }
    const isLate = silence.how === 'unanswered' && silence.time - (before.answered ?? -Infinity) <= SKEW_MICROS
    const how = isLate ? before.how : silence.how
    const again = silence.time - (before.last ?? before.time) >= AGAIN_MICROS
    notes.silences = notes.silences.with(at, {
      ...before,
      how,
      ...(how !== 'unanswered' && !isLate && { answered: silence.time }),
      tries: (before.tries ?? 1) + (again ? 1 : 0),
      last: again ? silence.time : (before.last ?? before.time),
      frames: again || isLate || how !== before.how ? [...before.frames.slice(0, 3), ...silence.frames] : before.frames,
    })
  }

  /** A connection that was being opened is refused; one that nobody is seen to open is not. */
  kdcRefused(client: string, silence: KeyedSilence): void {
    const notes = this.#of(client)
    if (notes.silences.some(({ key }) => key === silence.key)) this.kdcTried(client, silence)
    else keepEarly(notes, silence, silence)
  }

  /** Somebody sent something to a client. */
  spoke(sender: string, client: string): void {
    const notes = this.#of(client)
    if (notes.senders.length < SENDERS_MAX && !notes.senders.includes(sender))
      notes.senders = this.#senders.of(appended(notes.senders, sender))
  }

  /** The answer to it. */
  kdcReached(client: string, key: string, time: number): void {
    const notes = this.#of(client)
    const at = lastWith(notes.silences, key)
    if (at >= 0) {
      notes.silences = notes.silences.length === 1 ? NOTHING : notes.silences.toSpliced(at, 1)
      this.#ticketed--
    } else keepEarly(notes, { key, time }, null)
  }

  /**
   * A name of domain controllers was resolved, a ping answered: what failed there before was one of several attempts.
   */
  kdcFound(client: string, at: 'name' | 'ping', time: number): void {
    const notes = this.#of(client)
    const { length } = notes.found
    notes.found = withLatest(notes.found, { at, time }, HEARD_MAX)
    this.#ticketMore(notes.found.length - length)
  }

  /** A server asked a domain controller to check a logon (NetrLogonSamLogon and its kin). */
  passedThrough(server: string, time: number, frame: number): void {
    const list = this.#passThrough.get(server)
    if (list === undefined && this.#passThrough.size >= LIMITS.refusalsMax) deleteOldest(this.#passThrough)
    const latest = withLatest(list ?? NOTHING, time, 2 * LIMITS.refusalsPerClientMax - 1)
    this.#passThrough.set(server, withLatest(latest, frame, 2 * LIMITS.refusalsPerClientMax))
  }

  /**
   * The latest refusal of a ticket for one of these host names in the window before `moment`, if no ticket came after
   * it that opens this service: one for another class or another port of the host does not. `classes`: of service names
   * (`cifs`), lower case; empty: any.
   */
  ticketRefusal(
    client: string,
    hosts: readonly string[],
    moment: Moment,
    classes: readonly string[] = NOTHING,
    wanted: WantedInstance = ANY_INSTANCE,
  ): KdcAnswer | null {
    const notes = this.#clients.get(client)
    if (notes === undefined) return null
    const isAsked = (kind: string) => classes.length === 0 || classes.includes(kind)
    let found: KdcAnswer | null = null
    for (const answer of notes.answers) {
      if (answer.kind !== 'TGS' || !isRefusal(answer) || !this.#isBefore(answer, moment)) continue
      if (found !== null && answer.time < found.time) continue
      const host = hostKey(answer.sname)
      if (!hosts.includes(host) || !isAsked(serviceClass(answer.sname))) continue
      const refused = instanceOf(answer.sname)
      if (areTwo(refused, wanted.named)) continue
      const isGiven = (time: number) => time >= answer.time && time <= moment.time + JITTER_MICROS
      const opens = (one: Tickets) =>
        one.host === host &&
        isAsked(one.class) &&
        (wanted.given === null || one.instance === refused || one.instance === wanted.given)
      if (!notes.tickets.some((one) => opens(one) && one.times.some(isGiven))) found = answer
    }
    return found
  }

  #isBefore(answer: KdcAnswer, moment: Moment): boolean {
    return this.#isEarlier(answer, moment) && moment.time - answer.time <= WINDOW_MICROS
  }

  /**
   * In one capture times tell what came first, but for taps that are not quite of one time; so they do where one was
   * cut into files. Two captures that were made at the same time may have two clocks.
   */
  #isEarlier({ time, frames }: { readonly time: number; readonly frames: readonly number[] }, moment: Moment): boolean {
    if (time <= moment.time + SKEW_MICROS) return true
    const [frame] = frames
    if (frame === undefined) return time <= moment.time + JITTER_MICROS
    const [capture, other] = [splitFrameKey(frame).capture, splitFrameKey(moment.frame).capture]
    return capture !== other && time <= moment.time + JITTER_MICROS && !this.#follows(capture, other, moment.time)
  }

  /** The referral that led to `realm` before `time`. */
  referral(client: string, realm: string | null, time: number): KdcAnswer | null {
    if (realm === null) return null
    const wanted = realm.toUpperCase()
    const answers = this.#clients.get(client)?.answers ?? []
    return (
      answers.findLast(
        (answer) =>
          answer.kind === 'referral' &&
          answer.sname.toUpperCase() === wanted &&
          answer.time <= time &&
          time - answer.time <= WINDOW_MICROS,
      ) ?? null
    )
  }

  /**
   * The latest answer of a KDC to a logon of this user (or of a user that is not told) that was an error, if no ticket
   * came after it.
   */
  logonRefusal(client: string, user: string | null, moment: Moment): KdcAnswer | null {
    const notes = this.#clients.get(client)
    if (notes === undefined) return null
    const name = user === null ? null : userKey(user)
    let found: KdcAnswer | null = null
    for (const answer of notes.answers) {
      if (answer.kind !== 'AS' || asksAgain(answer.code) || !this.#isBefore(answer, moment)) continue
      const asked = answer.cname === null ? null : userKey(answer.cname)
      if (name !== null && asked !== null && asked !== name) continue
      if (found === null || answer.time >= found.time) found = answer
    }
    if (found === null) return null
    const { time } = found
    for (const { times } of notes.tickets) {
      if (times.some((given) => given >= time && given <= moment.time + JITTER_MICROS)) return null
    }
    return found
  }

  /**
   * Kerberos of this client to this service of this server was refused within seconds before `moment`, and did not work
   * since.
   */
  serviceRefusal(
    { client, server, service, tunnel }: Pick<AuthExchange, 'client' | 'server' | 'service' | 'tunnel'>,
    moment: Moment,
  ): KerberosUse | null {
    const uses = this.#clients.get(client.ip)?.uses ?? NOTHING
    const isHere = (use: KerberosUse) =>
      use.server === server.ip &&
      use.service === service &&
      use.tunnel === tunnel &&
      (use.port === server.port || ONE_PROCESS.has(service)) &&
      this.#isEarlier(use, moment)
    const last = uses.findLast(isHere)
    if (last === undefined || last.accepted || moment.time - last.time > RETRY_MICROS) return null
    // where tickets were short enough before, the request was bad for another reason
    return last.tooLong && uses.some((use) => use.accepted && isHere(use)) ? null : last
  }

  /** Kerberos to this server worked for this client before `start`, and nothing refused it since. */
  kerberosBefore(client: string, server: string, hosts: readonly string[], start: number): KerberosUse | null {
    const last = this.#clients
      .get(client)
      ?.uses.findLast(
        (use) => (use.server === server || (use.host !== null && hosts.includes(use.host))) && use.time <= start,
      )
    return last === undefined || !last.accepted || start - last.time > USE_MICROS ? null : last
  }

  /**
   * What failed on the way to a KDC in the window before `start`, if no KDC answered since; empty otherwise. `proven`:
   * the client was told so, tried again, or gets answers from others than `server` in this capture; without that the
   * answer may only not be captured.
   */
  silences(client: string, server: string, start: number): { proven: readonly KdcSilence[]; open: boolean } {
    const notes = this.#clients.get(client)
    if (notes === undefined) return NO_SILENCES
    const found = notes.silences.filter(
      ({ how, at, time }) =>
        start - time <= WINDOW_MICROS &&
        time <= (how === 'unanswered' ? start - ANSWER_MICROS : start) &&
        !notes.found.some((one) => one.at === at && one.time >= time - ANSWER_MICROS && one.time <= start),
    )
    if (found.length === 0) return NO_SILENCES
    const first = found.reduce((least, { time }) => Math.min(least, time), Infinity)
    if (notes.heard.some((time) => time >= first - ANSWER_MICROS && time <= start)) return NO_SILENCES
    const hears = (kdc: string | undefined) => notes.senders.some((sender) => sender === kdc || sender !== server)
    const askedAgain = (one: KdcSilence) => found.some((other) => isAskedAgain(one, other))
    const proven = found.filter(
      (one) => one.how !== 'unanswered' || (one.tries ?? 1) > 1 || hears(one.kdc) || askedAgain(one),
    )
    return { proven, open: proven.length < found.length }
  }

  passThrough(server: string, time: number): number | null {
    const list = this.#passThrough.get(server) ?? NOTHING
    for (let at = 0; at < list.length; at += 2) {
      const asked = list[at]!
      if (asked >= time - JITTER_MICROS && asked - time <= PASS_THROUGH_MICROS) return list[at + 1]!
    }
    return null
  }

  hasKdcTraffic(client: string): boolean {
    return this.#clients.get(client)?.sawKdc === true
  }

  /** One of the many that are bounded in all. */
  #noteMore(count: number): void {
    this.#noted += count
    while (this.#noted > LIMITS.evidenceNotesMax) this.#forgetOldest()
  }

  /** Likewise. */
  #ticketMore(count: number): void {
    this.#ticketed += count
    while (this.#ticketed > LIMITS.evidenceTicketsMax && this.#clients.size > 0) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const gone = deleteOldest(this.#clients)
    if (gone === undefined) return
    this.#latest = null
    this.evicted++
    this.#noted -= gone.answers.length + gone.uses.length
    this.#ticketed -= gone.tickets.length + gone.askedBy.length + gone.silences.length + gone.found.length
  }

  #of(client: string): ClientNotes {
    if (this.#latest?.client === client) return this.#latest.notes
    const notes = this.#clients.get(client) ?? this.#newNotes(client)
    this.#latest = { client, notes }
    return notes
  }

  #newNotes(client: string): ClientNotes {
    if (this.#clients.size >= LIMITS.refusalsMax) this.#forgetOldest()
    const made: ClientNotes = {
      answers: NOTHING,
      tickets: NOTHING,
      uses: NOTHING,
      askedBy: NOTHING,
      silences: NOTHING,
      senders: NOTHING,
      early: NOTHING,
      found: NOTHING,
      heard: NOTHING,
      sawKdc: false,
    }
    this.#clients.set(client, made)
    return made
  }
}

function keepEarly(
  notes: ClientNotes,
  { key, time }: { readonly key: string; readonly time: number },
  refusal: KeyedSilence | null,
): void {
  const recent = notes.early.filter((one) => time - one.time <= SKEW_MICROS)
  notes.early = withLatest(recent, { key, time, refusal }, EARLY_MAX)
}

/** The answer that came so shortly before this question that it is one to it. */
function takeEarly(notes: ClientNotes, { key, time }: KeyedSilence): ClientNotes['early'][number] | undefined {
  if (notes.early.length === 0) return undefined
  const found = notes.early.find((one) => one.key === key && time - one.time <= SKEW_MICROS)
  if (found !== undefined) notes.early = notes.early.filter((one) => one !== found)
  return found
}

/** Where the last one with this key stands; -1: nowhere. */
function lastWith(silences: readonly KdcSilence[], key: string): number {
  let at = silences.length - 1
  while (at >= 0 && silences[at]!.key !== key) at--
  return at
}

/** Which of the services of one class and host a logon was for: by its port, or by the name of its instance. */
export interface WantedInstance {
  /** as its target name says; '': it says none */
  readonly named: string
  /** a ticket for this one opens it, beside one for the name that was refused; null: any ticket does */
  readonly given: string | null
}

const ANY_INSTANCE: WantedInstance = { named: '', given: null }

/**
 * Two ports are two services, and so are two instances. Many clients leave both out, and a port may be that of an
 * instance.
 */
function areTwo(one: string, other: string): boolean {
  return one !== '' && other !== '' && one !== other && isPort(one) === isPort(other)
}

const isPort = (instance: string) => /^\d+$/.test(instance)

/** A wrong password, which is about the user, or a first answer that has the client ask again, refuses no service. */
function isRefusal({ code }: KdcAnswer): boolean {
  return code !== PREAUTH_FAILED && !asksAgain(code)
}

/** The host of a service name as hosts are compared. A krbtgt name stands for its realm. */
export function hostKey(sname: string): string {
  return hostForm(targetHost(sname))
}

/** Lower case, and without the dot that makes a name of DNS absolute. */
export function hostForm(host: string): string {
  return interned((host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase())
}

/** A user without its realm. */
function userKey(name: string): string {
  const at = name.indexOf('@')
  return interned((at < 0 ? name : name.slice(0, at)).toLowerCase())
}

/** KDC_ERR_PREAUTH_FAILED, RFC 4120 7.5.9 */
const PREAUTH_FAILED = 24
/** a ticket lives for ten hours, but what was true an hour ago proves less */
const USE_MICROS = 3600e6
const TICKET_TIMES_MAX = 8
const HEARD_MAX = 32
const SENDERS_MAX = 16
const EARLY_MAX = 8
/** copies of one packet in a capture are nearer, retransmissions of TCP and repeated requests farther apart */
const AGAIN_MICROS = 300_000
const NO_SILENCES = { proven: [], open: false } as const
const NOTHING: readonly never[] = Object.freeze([])

/** Clients that get no answer ask again, many of them from a new port, and the next KDC. */
function isAskedAgain(one: KdcSilence, other: KdcSilence): boolean {
  const apart = Math.abs(one.time - other.time)
  return one.question !== undefined && one.question === other.question && apart >= AGAIN_MICROS && apart <= RETRY_MICROS
}

/**
 * As `withLatest`, of times that only their owner has: a client hears a KDC again and again. They stay beside each
 * other as plain numbers.
 */
function withLatestTime(list: readonly number[], time: number, max: number): readonly number[] {
  if (list.length === 0) return [time]
  if (list.length < max) return list.concat([time])
  const times = list as number[]
  times.copyWithin(0, 1)
  times[max - 1] = time
  return times
}
