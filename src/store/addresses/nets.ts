/**
 * Of which subnet an address is: that of a list which the user gives, else its /24 or /64. Address arithmetic is done
 * here, when facts are loaded: SQL dialects differ nowhere as much.
 */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { StoreError } from '../store.ts'

interface Net {
  readonly bits: bigint
  readonly length: number
  readonly version: 4 | 6
  readonly label: string
}

/** `netOf` of a list; without one every /24 and /64 is a subnet. */
export class Nets {
  readonly #nets: readonly Net[]
  readonly #known = new Map<string, string>()

  constructor(nets: readonly Net[] = []) {
    // the longest prefix that fits is the subnet
    this.#nets = nets.toSorted((a, b) => b.length - a.length)
  }

  /**
   * One prefix a line, a name behind it if it has one, `#` begins a comment. Throws a StoreError that names the line.
   */
  static read(file: string): Nets {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      throw new StoreError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
    const nets: Net[] = []
    for (const [at, line] of text.split('\n').entries()) {
      const [prefix, ...name] = line.replace(/#.*/, '').trim().split(/\s+/)
      if (prefix === undefined || prefix === '') continue
      const net = netFrom(prefix, name.join(' '))
      if (net === null) throw new StoreError(`${file}:${at + 1}: expected a prefix like 10.1.0.0/16, not '${prefix}'`)
      nets.push(net)
    }
    return new Nets(nets)
  }

  netOf(ip: string): string {
    const known = this.#known.get(ip)
    if (known !== undefined) return known
    const made = this.#find(ip)
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(ip, made)
    return made
  }

  #find(ip: string): string {
    const address = addressOf(ip)
    if (address === null) return ''
    const width = address.version === 4 ? 32 : 128
    const shift = (length: number) => address.bits >> BigInt(width - length)
    for (const net of this.#nets)
      if (net.version === address.version && shift(net.length) === net.bits >> BigInt(width - net.length))
        return net.label
    return address.version === 4
      ? `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`
      : `${textOfBits((address.bits >> 64n) << 64n)}/64`
  }
}

function netFrom(prefix: string, name: string): Net | null {
  const slash = prefix.lastIndexOf('/')
  const address = slash < 0 ? null : addressOf(prefix.slice(0, slash))
  if (address === null || !/^\d{1,3}$/.test(prefix.slice(slash + 1))) return null
  const length = Number(prefix.slice(slash + 1))
  if (length > (address.version === 4 ? 32 : 128)) return null
  return { ...address, length, label: name === '' ? prefix : name }
}

/** null: no address. Zones (`%7`) are of the host that wrote it. */
export function addressOf(ip: string): { readonly bits: bigint; readonly version: 4 | 6 } | null {
  const plain = ip.replace(/%.*$/, '')
  const version = isIP(plain)
  if (version === 4) return { bits: plain.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n), version: 4 }
  if (version !== 6) return null
  const [head = '', tail] = plain.split('::')
  const words = (text: string): bigint[] =>
    text === ''
      ? []
      : text.split(':').flatMap((part) => {
          if (!part.includes('.')) return [BigInt(`0x${part}`)]
          const four = addressOf(part)!.bits
          return [four >> 16n, four & 0xffffn]
        })
  const [left, right] = [words(head), tail === undefined ? [] : words(tail)]
  const all = [...left, ...new Array<bigint>(8 - left.length - right.length).fill(0n), ...right]
  return { bits: all.reduce((sum, word) => (sum << 16n) | word, 0n), version: 6 }
}

/** Canonical text of an IPv6 address, RFC 5952. */
export function textOfBits(bits: bigint): string {
  const words = Array.from({ length: 8 }, (_, at) => ((bits >> BigInt(112 - 16 * at)) & 0xffffn).toString(16))
  const text = words.join(':')
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const longest = runs[0]
  if (longest === undefined) return text
  const head = text.slice(0, longest.index).replace(/:$/, '')
  const tail = text.slice(longest.index + longest[0].length).replace(/^:/, '')
  return `${head}::${tail}`
}

const KNOWN_MAX = 100_000
