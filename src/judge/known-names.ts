/**
 * Names that somebody told us, beside those that the capture itself shows: `--name files1=10.1.0.5`, a file in the form
 * of /etc/hosts, `names:` of a policy, and what an earlier capture showed. No name is ever looked up.
 *
 * A pattern that is a name then also means the addresses that are known to have it; who said so is kept, for the
 * reader.
 */
import { isIP } from 'node:net'
import {
  canonicalAddress,
  comparable,
  type Filter,
  FilterError,
  type HostPattern,
  type Meaning,
} from '../facts/filter.ts'

/** Entries beyond so many are refused: a hosts file is written by people. */
const NAMES_MAX = 65_536

export class KnownNames {
  readonly #byAddress = new Map<string, Meaning[]>()
  readonly #byName = new Map<string, Meaning[]>()
  #count = 0

  static isName(word: string): boolean {
    return word !== '' && !/[\s:=/]/.test(word) && isIP(word) === 0
  }

  /** Throws FilterError where `address` is none, or `name` could be none. */
  add(name: string, address: string, source: string): void {
    const ip = address.trim().replace(/^\[(.*)\]$/, '$1')
    const word = name.trim()
    if (isIP(ip) === 0) throw new FilterError(`'${address}' is not an address`)
    if (!KnownNames.isName(word)) throw new FilterError(`'${name}' is not a name`)
    const known = this.#byAddress.get(canonicalAddress(ip)) ?? []
    if (known.some((one) => one.name === word)) return
    if (++this.#count > NAMES_MAX) throw new FilterError(`more than ${NAMES_MAX} names`)
    const meaning = { ip, name: word, source }
    known.push(meaning)
    this.#byAddress.set(canonicalAddress(ip), known)
    const full = comparable(word)
    for (const key of new Set([full, full.split('.', 1)[0]!])) {
      const meanings = this.#byName.get(key)
      if (meanings === undefined) this.#byName.set(key, [meaning])
      else meanings.push(meaning)
    }
  }

  /** One `--name` word: `files1=10.1.0.5`, several addresses with commas. Throws FilterError. */
  addWord(word: string, source = '--name'): void {
    const at = word.indexOf('=')
    if (at < 0) throw new FilterError(`'${word}': write NAME=ADDRESS, as in files1=10.1.0.5`)
    for (const address of word.slice(at + 1).split(',')) this.add(word.slice(0, at), address, source)
  }

  /** Text in the form of /etc/hosts; `file` names it in messages. Throws FilterError, with the line. */
  addHosts(text: string, file: string): void {
    for (const [at, line] of text
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .entries()) {
      const [address, ...names] = line.split('#', 1)[0]!.trim().split(/\s+/)
      if (address === '' || address === undefined) continue
      try {
        if (names.length === 0) throw new FilterError('an address without a name')
        // a zone (fe80::1%eth0) is of the machine that the file is from
        for (const name of names) this.add(name, address.split('%', 1)[0]!, `${file}:${at + 1}`)
      } catch (error) {
        if (!(error instanceof FilterError)) throw error
        throw new FilterError(`${file}:${at + 1}: ${error.message}`)
      }
    }
  }

  get isEmpty(): boolean {
    return this.#byAddress.size === 0
  }

  /** What is known of an address. */
  of(ip: string): readonly Meaning[] {
    return this.#byAddress.get(canonicalAddress(ip)) ?? NOTHING
  }

  /** The addresses of a name, or of a host of that name in any domain. */
  addressesOf(name: string): readonly Meaning[] {
    return this.#byName.get(comparable(name)) ?? NOTHING
  }

  /** The pattern, which also matches the addresses that are known by its name, those that are learnt later too. */
  resolve(pattern: HostPattern): HostPattern {
    const { text, byName, key } = pattern
    if (!byName || key === null) return pattern
    const told = () => this.addressesOf(key)
    return {
      text,
      key,
      get byName() {
        return told().length === 0
      },
      matches: (party) => pattern.matches(party) || told().some(({ ip }) => isSameAddress(ip, party.ip)),
      told,
    }
  }

  /** A filter whose names mean what is known of them. */
  resolveFilter(filter: Filter): Filter {
    const all = (patterns: readonly HostPattern[]) => patterns.map((one) => this.resolve(one))
    return { ...filter, host: all(filter.host), client: all(filter.client), server: all(filter.server) }
  }
}

function isSameAddress(one: string, two: string): boolean {
  return one === two || canonicalAddress(one) === canonicalAddress(two)
}

const NOTHING: readonly Meaning[] = []
