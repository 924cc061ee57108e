/**
 * TLS inside of EAP inside of RADIUS, where keys were given: what PEAP, EAP-TTLS, EAP-FAST and TEAP hide is opened, and
 * given as PDUs of RADIUS that no wire has (decoders/carriers/eap-inside.ts).
 *
 * Specification: RFC 5216 2.1.5 (fragments), RFC 3579 2.6.1 (State goes back unchanged), RFC 2865 3 (an answer has the
 * identifier of its request), RFC 3748 4.1 (a response has the identifier of its request). Devices send the rounds of
 * one logon from several ports, between those of others: the server's State joins them, as in dissection
 * (eap-tunnels.ts), which knows the handshake alone.
 *
 * A logon hides nothing any more if all of it was opened: its hello and its end are here, no round is missing, every
 * record was opened, and what was in them is understood. Of any other it is said that it hides a logon, in each
 * conversation that had a part of it. Memory: so many logons at a time, and what all sessions of TLS hold together.
 */
import type { EapStep, Side } from '../../decoders/carrier.ts'
import {
  decodeInside,
  type InsideEnd,
  type InsideHidden,
  type InsidePlain,
  insidePdu,
} from '../../decoders/carriers/eap-inside.ts'
import { radius, roundNames, SENT_AGAIN_MICROS, startsHello } from '../../decoders/carriers/radius.ts'
import { TlsSession } from '../keys/tls/session.ts'
import type { TlsKeys } from '../keys/tls/shared-keys.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { FramingPlace, GiveInside, OpenedRounds } from '../stream/opener.ts'

/** of RADIUS */
const ACCESS_ACCEPT = 2
/** directions of the session: its own, whatever those of the conversations are */
const CLIENT = 0
const SERVER = 1
/** of one logon: each round may be in another one, and the longest chains have 50 rounds */
const CONVERSATIONS_MAX = 128

/** Plain text of one message. */
interface Opened {
  readonly from: Side
  /** frame of what had to wait for its keys; 0: it has just come */
  readonly waited: number
  readonly parts: Uint8Array[]
  bytes: number
  /** of the latest part */
  time: number
  frame: number
}

/** One logon in TLS. */
class Logon<C extends Conversation> {
  readonly number: number
  readonly method: string
  /** the conversation in which it began, the client's half of it, and where the hello stood */
  readonly home: C
  readonly clientHalf: 0 | 1
  readonly begun: FramingPlace
  /** every conversation with a part of it that is not over, and the client's half there */
  readonly conversations = new Map<C, 0 | 1>()
  /** EAP identifiers of the latest: what is sent again has the same */
  readonly latest: Record<Side, number> = { client: -1, server: -1 }
  session: TlsSession | null = null
  opened: Opened | null = null
  /** something of it is missing, was not opened, or is not understood */
  isBroken = false
  isOver = false
  hasLogon = false
  user = ''
  /** its names: the State that the server has given last, the request that is to be answered */
  state = ''
  asked = ''

  constructor(number: number, method: string, home: C, clientHalf: 0 | 1, { time, frame }: FramingPlace) {
    this.number = number
    this.method = method
    this.home = home
    this.clientHalf = clientHalf
    this.begun = { time, frame }
  }
}

export class EapOpening<C extends Conversation> implements OpenedRounds<C> {
  readonly #keys: TlsKeys
  readonly #give: GiveInside<C>
  readonly #clock: FramingPlace
  /** by the State that the server has given last, and by the request that is to be answered; those that are over too */
  readonly #byState = new Map<string, Logon<C>>()
  readonly #asked = new Map<string, Logon<C>>()
  readonly #inConversation = new Map<C, Set<Logon<C>>>()
  #begun = 0
  /** where the bytes that are given to a session stand: what waited is told as of where it stood */
  #fedFrame = 0

  constructor(keys: TlsKeys, give: GiveInside<C>, clock: FramingPlace) {
    this.#keys = keys
    this.#give = give
    this.#clock = clock
  }

  take(connection: C, from: 0 | 1, packet: Uint8Array): void {
    const step = eapIn(packet)
    if (step === null) return
    const { asked, state } = roundNames(connection, step)
    if (step.from === 'client') this.#request(connection, from, step, state, asked)
    else this.#answer(connection, from, step, state, asked, packet[0]!)
  }

  end(connection: C): void {
    const logons = this.#inConversation.get(connection)
    if (logons === undefined) return
    for (const logon of logons) if (!logon.isOver) this.#hide(logon)
    this.#inConversation.delete(connection)
    for (const logon of logons) logon.conversations.delete(connection)
  }

  #request(connection: C, from: 0 | 1, step: EapStep, state: string, asked: string): void {
    const isHello = startsHello(step.data)
    let logon = this.#byState.get(state)
    // what is sent again after the end says nothing
    if (logon?.isOver && !isHello) return
    if (logon === undefined || logon.isOver) {
      if (!isHello) {
        this.#tellHidden(connection, from, { kind: 'hidden', method: step.method, isCounted: false })
        return
      }
      // the same hello once more, or another one under a number that was never answered
      const sent = this.#asked.get(asked)
      const isSentAgain = sent !== undefined && hasSent(sent, step)
      if (isSentAgain && sent.isOver && this.#clock.time - sent.begun.time <= SENT_AGAIN_MICROS) return
      logon = isSentAgain && !sent.isOver ? sent : this.#begin(connection, from, step.method)
    }
    this.#isIn(logon, connection, from)
    this.#rename(this.#asked, logon, 'asked', asked)
    if (!hasSent(logon, step)) {
      // what the client answers was not seen, or what was seen it does not answer
      if (logon.latest.server >= 0 && logon.latest.server !== step.identifier) logon.isBroken = true
      this.#feed(logon, step)
    }
    if (logon.isBroken) this.#hide(logon)
  }

  #answer(connection: C, from: 0 | 1, step: EapStep, state: string, asked: string, code: number): void {
    const logon = this.#asked.get(asked)
    if (logon === undefined || logon.isOver) return
    if (step.ends) {
      this.#finish(logon, code)
      return
    }
    this.#isIn(logon, connection, otherHalf(from))
    if (step.state !== null) this.#rename(this.#byState, logon, 'state', state)
    if (!hasSent(logon, step)) this.#feed(logon, step)
    if (logon.isBroken) this.#hide(logon)
  }

  #begin(connection: C, from: 0 | 1, method: string): Logon<C> {
    const logon = new Logon(++this.#begun, method, connection, from, this.#clock)
    const broken = () => {
      logon.isBroken = true
    }
    logon.session = new TlsSession(
      this.#keys,
      {
        handshake: () => {},
        resumed: () => {},
        bindings: () => {},
        closed: () => {},
        plain: (side, bytes) => {
          this.#plain(logon, side === CLIENT ? 'client' : 'server', bytes)
          return 0
        },
        passed: () => {},
        gap: broken,
        refused: broken,
        left: broken,
        sealed: broken,
      },
      this.#clock,
    )
    return logon
  }

  #feed(logon: Logon<C>, { from, identifier, data, goesOn }: EapStep): void {
    logon.latest[from] = identifier
    this.#fedFrame = this.#clock.frame
    logon.session!.feed(from === 'client' ? CLIENT : SERVER, data, 0, data.length)
    if (!goesOn) this.#tell(logon)
  }

  #plain(logon: Logon<C>, from: Side, bytes: Uint8Array): void {
    const { time, frame } = this.#clock
    const waited = frame === this.#fedFrame ? 0 : frame
    if (logon.opened?.from !== from || logon.opened.waited !== waited) this.#tell(logon)
    logon.opened ??= { from, waited, time, frame, parts: [], bytes: 0 }
    const { opened } = logon
    Object.assign(opened, { time, frame, bytes: opened.bytes + bytes.length })
    if (opened.bytes > LIMITS.eapMessageBytesMax) logon.isBroken = true
    else opened.parts.push(bytes.slice())
  }

  /** What was opened of a message is all that was in it. */
  #tell(logon: Logon<C>): void {
    const { opened, number, method, user } = logon
    if (opened === null) return
    logon.opened = null
    const { from, parts, time, frame } = opened
    const plain: InsidePlain = { kind: 'plain', from, method, number, user, bytes: Buffer.concat(parts) }
    const pdu = insidePdu(plain)
    const { value, fault } = decodeInside(pdu)
    if (fault !== null) logon.isBroken = true
    for (const { fields, steps } of value ?? []) {
      if (from === 'client' && steps.some(({ kind }) => kind === 'leg')) logon.hasLogon = true
      if (typeof fields?.userName === 'string') logon.user = fields.userName
    }
    this.#giveAt({ time, frame }, logon.home, from === 'client' ? logon.clientHalf : otherHalf(logon.clientHalf), pdu)
  }

  #giveAt(place: FramingPlace, connection: C, half: 0 | 1, pdu: Uint8Array): void {
    const { time, frame } = this.#clock
    Object.assign(this.#clock, place)
    this.#give(connection, half, radius, pdu)
    Object.assign(this.#clock, { time, frame })
  }

  /** The server has decided. */
  #finish(logon: Logon<C>, code: number): void {
    this.#end(logon)
    const { session, method, number, hasLogon, home, clientHalf } = logon
    // of one that was refused, and in which nobody has logged on, nobody knows why
    if (logon.isBroken || session?.hasOpened !== true || !(hasLogon || code === ACCESS_ACCEPT)) {
      this.#hide(logon)
      return
    }
    if (!hasLogon) this.#giveAt(logon.begun, home, clientHalf, insidePdu({ kind: 'resumed', method }))
    // each of its conversations waits for no answer any more
    const end: InsideEnd = { kind: 'ended', method, number, code }
    for (const [conversation, half] of logon.conversations)
      this.#give(conversation, otherHalf(half), radius, insidePdu(end))
    this.#forget(logon)
  }

  /** Not all of it is opened: it hides a logon, in each of its conversations. */
  #hide(logon: Logon<C>): void {
    this.#end(logon)
    this.#byState.delete(logon.state)
    for (const [conversation, half] of logon.conversations) {
      const hidden: InsideHidden = { kind: 'hidden', method: logon.method, isCounted: conversation === logon.home }
      this.#giveAt(logon.begun, conversation, half, insidePdu(hidden))
    }
    this.#forget(logon)
  }

  #tellHidden(connection: C, from: 0 | 1, hidden: InsideHidden): void {
    this.#give(connection, from, radius, insidePdu(hidden))
  }

  /** Nothing more of it comes: what waits for keys waits no longer. */
  #end(logon: Logon<C>): void {
    this.#fedFrame = this.#clock.frame
    logon.session!.end()
    this.#tell(logon)
  }

  #forget(logon: Logon<C>): void {
    logon.isOver = true
    logon.session = null
    // a hello that could not be opened may be sent once more, and is counted once
    if (logon.latest.server >= 0) this.#asked.delete(logon.asked)
    for (const conversation of logon.conversations.keys()) {
      const logons = this.#inConversation.get(conversation)
      logons?.delete(logon)
      if (logons?.size === 0) this.#inConversation.delete(conversation)
    }
    logon.conversations.clear()
  }

  #isIn(logon: Logon<C>, connection: C, clientHalf: 0 | 1): void {
    if (logon.conversations.has(connection)) return
    logon.conversations.set(connection, clientHalf)
    if (logon.conversations.size > CONVERSATIONS_MAX) logon.isBroken = true
    const logons = this.#inConversation.get(connection)
    if (logons === undefined) this.#inConversation.set(connection, new Set([logon]))
    else logons.add(logon)
  }

  /** A logon has one name of a kind at a time. */
  #rename(map: Map<string, Logon<C>>, logon: Logon<C>, kind: 'asked' | 'state', name: string): void {
    const other = map.get(name)
    if (other !== undefined && other !== logon && !other.isOver) this.#hide(other)
    map.delete(logon[kind])
    logon[kind] = name
    map.set(name, logon)
    if (map.size <= LIMITS.eapTunnelsMax) return
    const [oldest] = map.values()
    if (!oldest!.isOver) this.#hide(oldest!)
    map.delete(oldest![kind])
  }
}

/** Of one that is opened: handshakes of EAP-TLS hide no logon. */
function eapIn(packet: Uint8Array): EapStep | null {
  for (const { steps } of radius.decode(radius.followed!(packet), 'client').value ?? [])
    for (const step of steps) if (step.kind === 'eap' && step.isFollowed) return step
  return null
}

function hasSent({ latest }: Pick<Logon<Conversation>, 'latest'>, { from, identifier }: EapStep): boolean {
  return latest[from] === identifier
}

function otherHalf(half: 0 | 1): 0 | 1 {
  return half === 0 ? 1 : 0
}
