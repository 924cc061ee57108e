/**
 * Names of people and machines as pseudonyms, before anything is stored: the same name gives the same one wherever the
 * same key is used, and without the key nobody gets back. Subnets stay, so that questions by subnet have answers; the
 * host part of an address is another one of the same subnet.
 *
 * Community ID and the digests of identity could be guessed from addresses, so that they are keyed as well. What is
 * only for reading (`detail`, `said`, coverage) may name anybody, and is left out.
 */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { StoreError } from '../store.ts'
import type { FactRow, FactTable } from '../tables.ts'
import { addressOf, textOfBits } from './nets.ts'

const DIGESTS = ['key', 'logon', 'uid', 'community_id'] as const
const ADDRESSES = ['client_ip', 'server_ip', 'kdc_ip'] as const
const NAMES = [
  ...['client_name', 'server_name', 'kdc_name', 'user_name', 'user_domain', 'workstation', 'target_name', 'tunnel'],
  ...['cname', 'for_user', 'name_from_where', 'realm'],
] as const
const SERVICE_NAMES = ['spn', 'sname', 'additional_ticket'] as const
const KEY_BYTES_MIN = 16
const KNOWN_MAX = 100_000

export class Pseudonyms {
  readonly #key: Buffer
  readonly #known = new Map<string, string>()

  constructor(key: Buffer) {
    this.#key = key
  }

  /** Any bytes, 16 at least; a line feed at the end does not count. Throws a StoreError. */
  static read(file: string): Pseudonyms {
    let key: Buffer
    try {
      key = readFileSync(file)
    } catch (error) {
      throw new StoreError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
    if (key.at(-1) === 0x0a) key = key.subarray(0, -1)
    if (key.length < KEY_BYTES_MIN)
      throw new StoreError(`${file}: a key has ${KEY_BYTES_MIN} bytes at least; make one with: openssl rand -hex 32`)
    return new Pseudonyms(key)
  }

  /** The row with nobody's name in it. */
  of(table: FactTable, row: FactRow): FactRow {
    const made: FactRow = { ...row }
    const change = (names: readonly string[], by: (text: string) => string) => {
      for (const name of names) if (typeof made[name] === 'string' && made[name] !== '') made[name] = by(made[name])
    }
    change(DIGESTS, (text) => this.#digest('digest', text).slice(0, 32))
    change(ADDRESSES, (text) => this.address(text))
    change(NAMES, (text) => this.name(text))
    change(SERVICE_NAMES, (text) => this.serviceName(text))
    change(['capture'], (text) => this.file(text))
    change(['frames'], (text) => this.#frames(text))
    if ('detail' in made) made.detail = '{}'
    if (table === 'findings') made.said = made.title!
    if (table === 'captures') Object.assign(made, { coverage: 'null', blind_spots: 'null', filters: null })
    return made
  }

  name(text: string): string {
    return this.#once(`name ${text}`, () => `p-${this.#digest('name', text.toLowerCase()).slice(0, 12)}`)
  }

  /** `cifs/fs01.corp.example`: the class of the service stays. */
  serviceName(text: string): string {
    const slash = text.indexOf('/')
    return slash < 0 ? this.name(text) : `${text.slice(0, slash)}/${this.name(text.slice(slash + 1))}`
  }

  /** Captures are called after hosts, and lie in the folders of people. */
  file(path: string): string {
    return this.#once(`file ${path}`, () => `p-${this.#digest('file', path).slice(0, 12)}`)
  }

  /** `9 other.pcap:12`: those of another capture have its name, which may have spaces in it. */
  #frames(text: string): string {
    if (!text.includes(':')) return text
    const frames = text.match(/\d+(?= |$)|\S.*?:\d+(?= |$)/g) ?? []
    return frames.map((frame) => frame.replace(/^(.*):(?=\d+$)/, (_, path: string) => `${this.file(path)}:`)).join(' ')
  }

  address(ip: string): string {
    return this.#once(`ip ${ip}`, () => {
      const address = addressOf(ip)
      if (address === null) return this.name(ip)
      if (address.version === 6) {
        const host = BigInt(`0x${this.#digest('host', ip).slice(0, 16)}`)
        return textOfBits(((address.bits >> 64n) << 64n) | host)
      }
      // a permutation of the 256 hosts, so that no two become one
      const net = ip.slice(0, ip.lastIndexOf('.'))
      return `${net}.${this.#hostsOf(net)[Number(address.bits & 255n)]}`
    })
  }

  #hostsOf(net: string): readonly number[] {
    const hosts = Array.from({ length: 256 }, (_, host) => host)
    const order = hosts.map((host) => this.#digest('net', `${net} ${host}`))
    return hosts.sort((a, b) => (order[a]! < order[b]! ? -1 : 1))
  }

  #once(name: string, make: () => string): string {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    const made = make()
    this.#known.set(name, made)
    return made
  }

  #digest(kind: string, text: string): string {
    return createHmac('sha256', this.#key).update(`${kind}\0${text}`).digest('hex')
  }
}
