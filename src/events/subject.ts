/**
 * What events are joined to: authentications and requests to a KDC, found by the client's address and port, by server,
 * and by client.
 */

import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import { targetHost } from '../facts/target-name.ts'
import { computerKey, type EventFact } from './fact.ts'

/** One thing that events may be about. */
export interface JoinSubject {
  readonly exchange: AuthExchange | null
  readonly kdc: KdcExchange | null
  readonly clientIp: string
  readonly clientPort: number
  readonly serverIp: string
  readonly serverPort: number
  readonly start: number
  readonly end: number
  /** what the wire, or the answer of the KDC for the same ticket, says: lower case, without domain */
  readonly user: string | null
  readonly mechanism: 'kerberos' | 'ntlm' | null
  /** names of the two hosts in lower case without domain, as far as this exchange gives them */
  readonly serverNames: ReadonlySet<string>
  readonly clientNames: ReadonlySet<string>
  readonly joined: Joined[]
  /** events that would fit this one and others as well */
  ambiguous: number
  /** whom the logons among them name: all the same account, else null; undefined: there are none */
  ambiguousUser: string | null | undefined
}

export type JoinKind = 'address' | 'user' | 'spn' | 'time'
export type JoinConfidence = 'high' | 'medium' | 'low'

export interface Joined {
  readonly fact: EventFact
  readonly side: 'server' | 'client' | 'controller'
  readonly join: JoinKind
  readonly confidence: JoinConfidence
}

const KERBEROS = new Set(['kerberos', 'iakerb'])
const NTLM = new Set(['ntlm', 'anonymous'])

export class Subjects {
  readonly all: readonly JoinSubject[]
  readonly #byClient = new Map<string, JoinSubject[]>()
  readonly #byTime = new Map<number, JoinSubject[]>()

  constructor(exchanges: readonly AuthExchange[], kdc: readonly KdcExchange[]) {
    const users = ticketUsers(kdc)
    this.all = [...exchanges.map((exchange) => ofExchange(exchange, users)), ...kdc.map(ofKdc)]
    for (const subject of this.all) {
      const key = clientKey(subject.clientIp, subject.clientPort)
      const there = this.#byClient.get(key)
      if (there === undefined) this.#byClient.set(key, [subject])
      else there.push(subject)
      if (subject.exchange !== null) this.#noteTime(subject)
    }
  }

  #noteTime(subject: JoinSubject): void {
    const first = Math.floor(subject.start / NEAR_MICROS)
    // one that goes on for long is looked for around its beginning and its end
    const last = Math.floor(subject.end / NEAR_MICROS)
    for (let at = first; at <= last; at = at === first + STRETCHES_MAX && last > at ? last : at + 1) {
      const there = this.#byTime.get(at)
      if (there === undefined) this.#byTime.set(at, [subject])
      else there.push(subject)
    }
  }

  /** Authentications that were going on within `NEAR_MICROS` of a time, and some more. */
  *near(time: number): Generator<JoinSubject> {
    const middle = Math.floor(time / NEAR_MICROS)
    const seen = new Set<JoinSubject>()
    for (let at = middle - 1; at <= middle + 1; at++) {
      for (const subject of this.#byTime.get(at) ?? NONE) {
        if (!seen.has(subject)) yield subject
        seen.add(subject)
      }
    }
  }

  /** Those of one client's port, whatever the time. */
  at(ip: string, port: number): readonly JoinSubject[] {
    return this.#byClient.get(clientKey(ip, port)) ?? NONE
  }
}

/** how near in time an event without a port must be */
export const NEAR_MICROS = 3e6
const STRETCHES_MAX = 100

const NONE: readonly JoinSubject[] = []

function clientKey(ip: string, port: number): string {
  return `${ip} ${port}`
}

function ofExchange(exchange: AuthExchange, users: ReadonlyMap<string, string | null>): JoinSubject {
  const { client, server, mechanism, principal, kerberos, ntlm, target } = exchange
  const sname = kerberos?.sname ?? null
  const user = principal.user ?? (sname === null ? null : (users.get(ticketKey(client.ip, sname)) ?? null))
  const challenge = ntlm?.challenge
  const spnHost = sname === null ? null : targetHost(sname)
  return {
    exchange,
    kdc: null,
    clientIp: client.ip,
    clientPort: client.port,
    serverIp: server.ip,
    serverPort: server.port,
    start: exchange.start,
    end: exchange.end,
    user: user === null ? null : userKey(user),
    mechanism: KERBEROS.has(mechanism) ? 'kerberos' : NTLM.has(mechanism) ? 'ntlm' : null,
    serverNames: names(server.name, challenge?.nbComputerName, challenge?.dnsComputerName, spnHost, target.name),
    clientNames: names(client.name, principal.workstation),
    joined: [],
    ambiguous: 0,
    ambiguousUser: undefined,
  }
}

function ofKdc(kdc: KdcExchange): JoinSubject {
  return {
    exchange: null,
    kdc,
    clientIp: kdc.client.ip,
    clientPort: kdc.client.port,
    serverIp: kdc.kdc.ip,
    serverPort: kdc.kdc.port,
    start: kdc.time,
    end: kdc.time,
    user: kdc.cname === null ? null : userKey(kdc.cname),
    mechanism: 'kerberos',
    serverNames: names(kdc.kdc.name),
    clientNames: names(kdc.client.name),
    joined: [],
    ambiguous: 0,
    ambiguousUser: undefined,
  }
}

/** Who took a ticket for a service, by client and service; null: several did. */
function ticketUsers(kdc: readonly KdcExchange[]): Map<string, string | null> {
  const users = new Map<string, string | null>()
  for (const { request, client, sname, cname, error } of kdc) {
    if (request !== 'TGS' || sname === null || cname === null || error !== null) continue
    const key = ticketKey(client.ip, sname)
    const before = users.get(key)
    users.set(key, before === undefined || before === cname ? cname : null)
  }
  return users
}

function ticketKey(ip: string, sname: string): string {
  return `${ip} ${sname.toLowerCase()}`
}

/** Names are compared without domain and case. */
export function userKey(user: string): string {
  return user
    .toLowerCase()
    .replace(/^[^\\]*\\/, '')
    .replace(/@.*$/, '')
}

function names(...all: readonly (string | null | undefined)[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const name of all) if (name && !/^[\d.:]+$/.test(name)) found.add(computerKey(name))
  return found
}
