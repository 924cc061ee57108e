/**
 * What was read, whatever the filter: without it, "no NTLM was seen" of a filtered report reads like a statement about
 * the network.
 */
import { isContinuation } from '../../facts/continuation.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import { type Filter, filterWords, type HostPattern, NO_FILTER, type Subject } from '../../facts/filter.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { LIMITS } from '../../memory/limits.ts'

export interface Unfiltered {
  /** pairs of client, server and service with an authentication, and those that use NTLM */
  readonly pairs: number
  readonly ntlmPairs: number
  readonly exchanges: number
  readonly ntlm: number
  /** servers that were seen, the busiest first: whoever mistyped a name looks here */
  readonly servers: readonly { readonly ip: string; readonly name: string | null }[]
  /** words of the filter that nothing in the captures matches */
  readonly unmatched: readonly string[]
}

const SERVERS_MAX = 8

/** A word of the filter, alone. */
interface Part {
  readonly word: string
  readonly matches: (subject: Subject) => boolean
}

export class UnfilteredFold {
  readonly #pairs = new Map<string, boolean>()
  readonly #servers = new Map<string, { name: string | null; exchanges: number }>()
  #open: Part[]
  #exchanges = 0
  #ntlm = 0

  constructor(filter: Filter) {
    this.#open = partsOf(filter)
  }

  /** Every exchange, whether the filter takes it or not. */
  exchange(exchange: AuthExchange): void {
    this.subject(exchange)
    if (isContinuation(exchange)) return
    const { client, server, service, mechanism } = exchange
    const isNtlm = mechanism === 'ntlm'
    this.#exchanges++
    if (isNtlm) this.#ntlm++
    const key = `${client.ip} ${server.ip} ${service}`
    const known = this.#pairs.get(key)
    if (known === undefined ? this.#pairs.size < LIMITS.reportPairsMax : isNtlm && !known) this.#pairs.set(key, isNtlm)
    const seen = this.#servers.get(server.ip)
    if (seen !== undefined) {
      seen.exchanges++
      seen.name = server.name ?? seen.name
    } else if (this.#servers.size < LIMITS.clientsMax) this.#servers.set(server.ip, { name: server.name, exchanges: 1 })
  }

  /** Anything else that has two ends, a service and a time. */
  subject(subject: Subject): void {
    if (this.#open.length > 0) this.#open = this.#open.filter((part) => !part.matches(subject))
  }

  result(): Unfiltered {
    const busiest = [...this.#servers]
      .sort(([ipA, a], [ipB, b]) => b.exchanges - a.exchanges || compareText(ipA, ipB))
      .slice(0, SERVERS_MAX)
    return {
      pairs: this.#pairs.size,
      ntlmPairs: [...this.#pairs.values()].filter(Boolean).length,
      exchanges: this.#exchanges,
      ntlm: this.#ntlm,
      servers: busiest.map(([ip, { name }]) => ({ ip, name })),
      unmatched: this.#open.map(({ word }) => word),
    }
  }
}

function partsOf(filter: Filter): Part[] {
  const part = (only: Partial<Filter>, matches: (subject: Subject) => boolean): Part => ({
    word: filterWords({ ...NO_FILTER, ...only }).join(' '),
    matches,
  })
  const ends = (patterns: readonly HostPattern[], name: 'host' | 'client' | 'server') =>
    patterns.map((pattern) =>
      part({ [name]: [pattern] }, ({ client, server }) =>
        (name === 'host' ? [client, server] : name === 'client' ? [client] : [server]).some((end) =>
          pattern.matches(end),
        ),
      ),
    )
  const { since, until } = filter
  return [
    ...ends(filter.host, 'host'),
    ...ends(filter.client, 'client'),
    ...ends(filter.server, 'server'),
    ...filter.service.map((service) => part({ service: [service] }, (subject) => subject.service === service)),
    ...(since === null ? [] : [part({ since }, ({ start }) => start >= since)]),
    ...(until === null ? [] : [part({ until }, ({ start }) => start < until)]),
  ]
}
