/**
 * Filters: which authentications a report is about. A filter is made once, from the words of the command line;
 * `matches` is asked per exchange, KDC exchange or message (cold).
 *
 * Addresses are compared as numbers, never as text: `::ffff:10.0.0.5` and `10.0.0.5` are one address. A name is
 * compared with the one that the wire gave the address, without regard to case: `fs01` is the host `fs01` of any
 * domain, `fs01.corp.example` is that one. No name is ever looked up.
 */
import { BlockList, isIP, SocketAddress } from 'node:net'
import type { Service } from '../../decoders/carrier.ts'
import { isoTime } from '../../decoders/parts/text.ts'
import { SERVICES } from '../../decoders/services.ts'

/** Every part must hold; within one part one of the alternatives is enough, and an empty part holds always. */
export interface Filter {
  /** client or server */
  readonly host: readonly HostPattern[]
  readonly client: readonly HostPattern[]
  readonly server: readonly HostPattern[]
  readonly service: readonly Service[]
  /** microseconds since 1970: from `since` on, before `until`; null: no bound */
  readonly since: number | null
  readonly until: number | null
}

/** One `--host` word, ready to compare. */
export interface HostPattern {
  readonly text: string
  /** a name, which matches only where the wire gave the address one */
  readonly byName: boolean
  /** one address (canonical) or one name (lower case) that it means, for a look-up; null: a prefix */
  readonly key: string | null
  matches(party: Party): boolean
  /** of a name: the addresses that somebody told for it; absent: the wire alone gives names */
  told?(): readonly Meaning[]
}

/** An address that a name stands for, and who says so. */
export interface Meaning {
  readonly ip: string
  readonly name: string
  /** `--name`, `FILE:3`, `before.pcap` */
  readonly source: string
}

/** An `Endpoint` is one. */
export interface Party {
  readonly ip: string
  readonly name: string | null
}

/** What is asked about: an exchange is one (its `start` counts), a message or a KDC exchange is easily made one. */
export interface Subject {
  readonly client: Party
  readonly server: Party
  readonly service: Service
  /** microseconds since 1970 */
  readonly start: number
}

export const NO_FILTER: Filter = { host: [], client: [], server: [], service: [], since: null, until: null }

/** Is it in the time that is asked for? Microseconds since 1970. */
export function isInTime({ since, until }: Pick<Filter, 'since' | 'until'>, start: number): boolean {
  return (since === null || start >= since) && (until === null || start < until)
}

export function matches(filter: Filter, subject: Subject): boolean {
  if (filter === NO_FILTER) return true
  if (!isInTime(filter, subject.start)) return false
  if (filter.service.length > 0 && !filter.service.includes(subject.service)) return false
  return (
    anyMatches(filter.host, subject.client, subject.server) &&
    anyMatches(filter.client, subject.client) &&
    anyMatches(filter.server, subject.server)
  )
}

function anyMatches(patterns: readonly HostPattern[], ...parties: readonly Party[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => parties.some((party) => pattern.matches(party)))
}

/** A name in the filter means a host by any of the names that were learnt of it, not by its best one alone. */
export function byAllNames(filter: Filter, namesOf: (ip: string) => readonly { readonly name: string }[]): Filter {
  const isNamed = [filter.host, filter.client, filter.server].some((patterns) => patterns.some(({ byName }) => byName))
  if (!isNamed) return filter
  const all = (patterns: readonly HostPattern[]) =>
    patterns.map(
      (pattern): HostPattern =>
        pattern.byName
          ? {
              ...pattern,
              matches: (party) =>
                pattern.matches(party) || namesOf(party.ip).some(({ name }) => pattern.matches({ ip: party.ip, name })),
            }
          : pattern,
    )
  return { ...filter, host: all(filter.host), client: all(filter.client), server: all(filter.server) }
}

/** The filter as the words of a command line, for whoever reads a report later. */
export function filterWords(filter: Filter): string[] {
  const hosts = (['host', 'client', 'server'] as const).flatMap((part) =>
    filter[part].map(({ text }) => `--${part} ${text}`),
  )
  const services = filter.service.map((name) => `--service ${name}`)
  const since = filter.since === null ? [] : [`--since ${isoTime(filter.since) ?? filter.since}`]
  const until = filter.until === null ? [] : [`--until ${isoTime(filter.until) ?? filter.until}`]
  return [...hosts, ...services, ...since, ...until]
}

/** A word that is no filter; `message` is one clear line. */
export class FilterError extends Error {}

/** An IPv4 or IPv6 address, a prefix (`10.1.0.0/16`, `2001:db8::/32`) or a name. Throws FilterError. */
export function hostPattern(text: string): HostPattern {
  // \\files1, as people copy it from Windows
  const word = text
    .trim()
    .replace(/^\\\\/, '')
    .replace(/^\[(.*)\]$/, '$1')
  if (isIP(word) !== 0) return addressPattern(text, word, null)
  const slash = word.lastIndexOf('/')
  if (slash >= 0) return addressPattern(text, word.slice(0, slash), word.slice(slash + 1))
  // names of the wire are odd (underscores, trailing $), but none looks like a mistyped address
  if (word === '' || /^[\d.]+$/.test(word) || /[\s:]/.test(word)) throw notAHost(text)
  return namePattern(text, word)
}

/** `host`, `host:port` or `[address]:port`; an address of IPv6 without brackets has no port. Throws FilterError. */
export function serverPattern(text: string): { readonly host: HostPattern; readonly port: number | null } {
  const parts = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text)
  if (parts === null) return { host: hostPattern(text), port: null }
  const port = Number(parts[2])
  if (port < 1 || port > 65_535) throw new FilterError(`'${parts[2]}' is not a port`)
  return { host: hostPattern(parts[1]!), port }
}

/** One of SERVICES. Throws FilterError. */
export function service(text: string): Service {
  const found = SERVICES.find((name) => name === text.trim().toLowerCase())
  if (found === undefined) throw new FilterError(`'${text}' is not a service; the services are ${SERVICES.join(', ')}`)
  return found
}

/**
 * ISO 8601 (UTC where it names no zone; a date alone is its midnight) or seconds since 1970, as microseconds. Throws
 * FilterError.
 */
export function time(text: string): number {
  const word = text.trim()
  const seconds = /^(\d{1,11})(?:\.(\d+))?$/.exec(word)
  if (seconds !== null) return Number(seconds[1]) * 1e6 + fractionMicros(seconds[2])
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(word)
  if (iso !== null) {
    const [, date, minutes = '00:00', secondsPart = ':00', fraction, zone = 'Z'] = iso
    const colonZone = zone.toUpperCase().replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2')
    const millis = Date.parse(`${date}T${minutes}${secondsPart}${colonZone}`)
    if (!Number.isNaN(millis)) return millis * 1000 + fractionMicros(fraction)
  }
  throw new FilterError(
    `'${text}' is not a time; write 2026-03-02T08:30:00Z (UTC without a zone), 2026-03-02 or seconds since 1970`,
  )
}

/** A day that there is, as `2026-12-31`. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function addressPattern(text: string, address: string, prefix: string | null): HostPattern {
  const family = isIP(address)
  const bits = family === 4 ? 32 : 128
  if (family === 0 || address.includes('%')) throw notAHost(text)
  if (prefix !== null && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)) throw notAHost(text)
  const list = new BlockList()
  if (prefix === null) list.addAddress(address, familyName(family))
  else list.addSubnet(address, Number(prefix), familyName(family))
  // BlockList compares an IPv4 address with an IPv6 rule in its mapped form: right for ::ffff:10.0.0.5, wrong for ::/0
  const eitherFamily = prefix === null || (family === 6 && Number(prefix) >= 96)
  return {
    text,
    byName: false,
    key: prefix === null ? canonicalAddress(address) : null,
    matches: ({ ip }) => {
      const partyFamily = isIP(ip)
      if (partyFamily === 0 || (partyFamily !== family && !eitherFamily)) return false
      return list.check(ip, familyName(partyFamily))
    },
  }
}

function familyName(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6'
}

function namePattern(text: string, word: string): HostPattern {
  const wanted = comparable(word)
  const short = !wanted.includes('.')
  return {
    text,
    byName: true,
    key: wanted,
    matches: ({ name }) => {
      if (name === null) return false
      const seen = comparable(name)
      return seen === wanted || (short && isIP(seen) === 0 && seen.split('.', 1)[0] === wanted)
    },
  }
}

/** One text for every way to write an address. */
export function canonicalAddress(ip: string): string {
  if (!ip.includes(':')) return ip
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)
  if (mapped !== null) return mapped[1]!
  return isIP(ip) === 6 ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip
}

/** How names are compared: in lower case, without the dot of the root. */
export function comparable(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** Digits after the decimal point of a second; what is finer than a microsecond is dropped. */
function fractionMicros(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, '0'))
}

function notAHost(text: string): FilterError {
  return new FilterError(`'${text}' is neither an address (10.0.0.5, 2001:db8::5), a prefix (10.0.0.0/16) nor a name`)
}
