/**
 * Uses of NTLM as stored facts tell them, against the list of allowed ones: what is decided of each is what reading the
 * whole list would decide, of a million uses and thousands of entries.
 *
 * An entry is found by an end that it names, and only what is found is asked. What entries an end has is looked up once
 * for each host.
 */
import type { AuthExchange } from '../facts/exchange.ts'
import { canonicalAddress, comparable, type HostPattern, type Party } from '../facts/filter.ts'
import { type Allowed, isAccount } from '../judge/allow-list.ts'

/** One use of NTLM as a row of stored facts tells it. */
export interface StoredUse {
  readonly client: Party
  readonly server: Party
  readonly port: number
  readonly service: string
  readonly principal: Pick<AuthExchange['principal'], 'user' | 'domain'>
  readonly version: string | null
}

export class AllowedUses {
  readonly #allow: readonly Allowed[]
  readonly #today: string
  readonly #clients: Named
  readonly #servers: Named
  /** entries that name no server: those that name no client either, and the others by their client */
  readonly #anywhere: readonly number[]

  /** `today`: YYYY-MM-DD */
  constructor(allow: readonly Allowed[], today: string) {
    this.#allow = allow
    this.#today = today
    this.#clients = new Named(allow.map(({ client }) => client))
    this.#servers = new Named(allow.map(({ server }) => server))
    this.#anywhere = [...allow.keys()].filter((at) => !this.#namesServer(at) && !this.#namesClient(at))
  }

  /** null: an entry that is in force allows it. `expired`: the line of the first one that did until then. */
  deviation(use: StoredUse): { readonly expired: number | null } | null {
    const byClient = this.#clients.of(use.client)
    let expired: number | null = null
    const asked = (at: number) => {
      const entry = this.#allow[at]!
      if (!isMeant(entry, use)) return false
      if (entry.expires >= this.#today) return true
      if (expired === null || at < expired) expired = at
      return false
    }
    for (const at of this.#anywhere) if (asked(at)) return null
    for (const at of byClient) if (!this.#namesServer(at) && asked(at)) return null
    for (const at of this.#servers.of(use.server))
      if ((!this.#namesClient(at) || byClient.has(at)) && asked(at)) return null
    return { expired: expired === null ? null : this.#allow[expired]!.line }
  }

  #namesServer(at: number): boolean {
    return this.#allow[at]!.server.length > 0
  }

  #namesClient(at: number): boolean {
    return this.#allow[at]!.client.length > 0
  }
}

/** As far as the ends do not say it. */
const isMeant = (entry: Allowed, use: StoredUse) =>
  (entry.service === null || entry.service === use.service) &&
  (entry.port === null || entry.port === use.port) &&
  (entry.version === null || entry.version === use.version) &&
  (entry.account === null || isAccount(entry.account, use))

interface Known {
  readonly party: Party
  readonly entries: ReadonlySet<number>
}

/** Entries by one of their ends: which of them name a host. */
class Named {
  readonly #patterns: readonly (readonly HostPattern[])[]
  /** by address or name */
  readonly #byKey = new Map<string, number[]>()
  /** those with a prefix are asked about each host */
  readonly #others: number[] = []
  /** by address, what was found last */
  readonly #known = new Map<string, Known>()
  #knownEntries = 0
  #last: Known | null = null

  constructor(patterns: readonly (readonly HostPattern[])[]) {
    this.#patterns = patterns
    for (const [at, some] of patterns.entries()) {
      if (some.some(({ key }) => key === null)) this.#others.push(at)
      else
        for (const key of new Set(some.flatMap(keysOf))) {
          const list = this.#byKey.get(key)
          if (list === undefined) this.#byKey.set(key, [at])
          else list.push(at)
        }
    }
  }

  of(party: Party): ReadonlySet<number> {
    // uses come in the order of their clients
    if (this.#last?.party.ip === party.ip && this.#last.party.name === party.name) return this.#last.entries
    let known = this.#known.get(party.ip)
    // an address has one name at a time
    if (known === undefined || known.party.name !== party.name) {
      known = { party, entries: this.#found(party) }
      if (this.#knownEntries >= KNOWN_MAX) {
        this.#known.clear()
        this.#knownEntries = 0
      }
      this.#known.set(party.ip, known)
      this.#knownEntries += 1 + known.entries.size
    }
    this.#last = known
    return known.entries
  }

  #found(party: Party): ReadonlySet<number> {
    const keys = [addressKey(party.ip)]
    if (party.name !== null) {
      const full = comparable(party.name)
      keys.push(full, full.split('.', 1)[0]!)
    }
    const found = new Set<number>()
    for (const at of [...this.#others, ...keys.flatMap((key) => this.#byKey.get(key) ?? NONE)])
      if (this.#patterns[at]!.some((pattern) => pattern.matches(party))) found.add(at)
    return found.size === 0 ? NOTHING : found
  }
}

/** Under what a pattern is found: its name and the addresses that somebody told for it, or its address. */
function keysOf({ key, told }: HostPattern): string[] {
  return [key!, ...(told?.() ?? []).map(({ ip }) => ip)].map(addressKey)
}

/** One text for every way to write an address, in mapped form too; a name is left as it is. */
const addressKey = (text: string) => canonicalAddress(canonicalAddress(text))

const NONE: readonly number[] = []
const NOTHING: ReadonlySet<number> = new Set()
/** hosts and their entries that are remembered: some 10 MB */
const KNOWN_MAX = 100_000
