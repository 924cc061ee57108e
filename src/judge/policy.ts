/**
 * A policy file: what is expected of many flows, which uses of NTLM are known and until when, and what the figures must
 * keep. YAML in, a `Policy` or lines about what is wrong with it out.
 *
 * schema/policy.schema.json describes its form and is what it is checked by; the description of each field there says
 * what was expected. Every line begins with FILE:LINE:COLUMN, as editors and CI servers know it.
 */
import { readFileSync, statSync } from 'node:fs'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { type Document, isMap, isNode, LineCounter, parseDocument, visit } from 'yaml'
import type { Service } from '../../decoders/carrier.ts'
import schema from '../../schema/policy.schema.json' with { type: 'json' }
import { FilterError, hostPattern, isDay, serverPattern } from '../facts/filter.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Allowed } from './allow-list.ts'
import { type Expectation, expectationNamed } from './expectations.ts'
import type { Flow } from './flow.ts'
import { KnownNames } from './known-names.ts'
import { type Limit, thresholdNamed } from './thresholds.ts'

export interface Policy {
  readonly flows: readonly {
    readonly name: string | null
    readonly flow: Flow
    readonly expect: readonly Expectation[]
  }[]
  /** null: the file has no such list, which is not an empty one */
  readonly allow: readonly Allowed[] | null
  readonly thresholds: readonly Limit[]
  /**
   * somebody answers for what conversations in TLS and the like may hide: it does not weaken the list of allowed uses
   */
  readonly notVisibleAccepted: boolean
}

/** What is wrong with a policy file: one line for each mistake. */
export class PolicyError extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

/** What a draft has in the place of what only a person knows. */
export const TODO = 'TODO'

type Words = string | readonly string[]

/** What the file holds once its form is checked. */
interface Written {
  readonly flows?: readonly (Ends & { readonly name?: string; readonly expect: Words })[]
  readonly allow?: readonly (Ends & {
    readonly account?: string
    readonly version?: string
    readonly owner: string
    readonly reason: string
    readonly expires: string
  })[]
  readonly thresholds?: Readonly<Record<string, number>>
  readonly notVisible?: 'accepted' | 'reported'
  readonly names?: Readonly<Record<string, Words>>
}

interface Ends {
  readonly client?: Words
  readonly server?: Words
  readonly service?: Service
}

type Path = readonly (string | number)[]

/** Throws a PolicyError, also where there is no such file. */
export function readPolicyFile(file: string, known: KnownNames = new KnownNames()): Policy {
  let text: string
  try {
    const { size } = statSync(file)
    if (size > LIMITS.policyBytesMax) throw new PolicyError([`${file}: is too large for a policy (${size} bytes)`])
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof PolicyError) throw error
    throw new PolicyError([`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`])
  }
  return readPolicy(text, file, known)
}

/** `file` names it in messages; what its `names:` say is added to `known`. Throws a PolicyError. */
export function readPolicy(text: string, file: string, known: KnownNames = new KnownNames()): Policy {
  const reader = new PolicyReader(text, file, known)
  const policy = reader.policy()
  if (reader.lines.length > 0) throw new PolicyError(shortened(reader.lines))
  return policy!
}

class PolicyReader {
  readonly lines: string[] = []
  readonly #file: string
  readonly #counter = new LineCounter()
  readonly #document: Document.Parsed
  readonly #known: KnownNames

  constructor(text: string, file: string, known: KnownNames) {
    this.#file = file
    this.#known = known
    this.#document = parseDocument(text, { lineCounter: this.#counter, uniqueKeys: false })
  }

  policy(): Policy | null {
    const { errors, warnings } = this.#document
    for (const { message, pos } of [...errors, ...warnings])
      this.#say(pos[0], message.split('\n', 1)[0]!.replace(/ at line \d+.*/, ''))
    // the parser compares each key with all others
    visit(this.#document, {
      Map: (_, map) => {
        const seen = new Set<string>()
        for (const { key } of map.items) {
          const name = String(key)
          if (seen.has(name)) this.#say(isNode(key) && key.range ? key.range[0] : 0, 'Map keys must be unique')
          seen.add(name)
        }
      },
    })
    if (this.lines.length > 0) return null
    const written = this.#checked()
    return written === null ? null : this.#made(written)
  }

  #checked(): Written | null {
    let value: unknown
    try {
      value = this.#document.toJS({ maxAliasCount: 100 })
    } catch (error) {
      this.#say(0, error instanceof Error ? error.message : String(error))
      return null
    }
    const isValid = validator()
    if (isValid(value)) return value as Written
    const told = new Set<string>()
    // a key that is missing or unknown says more than that something else is wrong with the map
    const errors = (isValid.errors ?? []).toSorted((a, b) => Number(isVague(a)) - Number(isVague(b)))
    for (const error of errors) {
      if (this.lines.length >= LIMITS.policyMistakesMax) {
        // it is only counted: to find its place takes a walk through the file
        if (!told.has(placeOf(error))) this.lines.push('')
        told.add(placeOf(error))
        continue
      }
      told.add(placeOf(error))
      const { at, what } = this.#mistake(error)
      if (!told.has(`${at}`)) this.#say(at, what)
      told.add(`${at}`)
    }
    return null
  }

  #mistake({ instancePath, keyword, params, parentSchema, data }: ErrorObject): { at: number; what: string } {
    const path: Path = instancePath
      .split('/')
      .slice(1)
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replace(/~1/g, '/').replace(/~0/g, '~')))
    const properties = (parentSchema as { properties?: Record<string, { description?: string }> }).properties ?? {}
    if (keyword === 'additionalProperties') {
      const key = String(params.additionalProperty)
      return {
        at: this.#keyOffset(path, key),
        what: `${keyText([...path, key])}: not known here; expected one of ${Object.keys(properties).join(', ')}`,
      }
    }
    if (keyword === 'required') {
      const key = String(params.missingProperty)
      return {
        at: this.#offset(path),
        what: `${keyText([...path, key])}: missing; expected ${properties[key]?.description}`,
      }
    }
    const expected = (parentSchema as { description?: string }).description ?? 'something else'
    return { at: this.#offset(path), what: `${keyText(path)}: expected ${expected}, not ${valueText(data)}` }
  }

  #made({ flows = [], allow, thresholds = {}, notVisible, names = {} }: Written): Policy {
    // first of all: flows and entries speak of them
    for (const [name, addresses] of Object.entries(names))
      this.#each(addresses, ['names', name], (address) => this.#known.add(name, address, this.#file))
    return {
      flows: flows.map((one, at) => ({
        name: one.name ?? null,
        flow: this.#flow(one, ['flows', at]),
        expect: [one.expect].flat().map((name) => expectationNamed(name)!),
      })),
      allow:
        allow?.map((one, at) => {
          if (!isDay(one.expires)) this.#complain(['allow', at, 'expires'], `there is no day ${one.expires}`)
          return {
            ...this.#flow(one, ['allow', at]),
            line: this.#counter.linePos(this.#offset(['allow', at])).line,
            account: one.account ?? null,
            version: one.version ?? null,
            owner: one.owner,
            reason: one.reason,
            expires: one.expires,
            isReviewed: ![one.owner, one.reason].some((word) => word.trim().toUpperCase().startsWith(TODO)),
          }
        }) ?? null,
      thresholds: Object.entries(thresholds).map(([name, limit]) => ({ threshold: thresholdNamed(name)!, limit })),
      notVisibleAccepted: notVisible === 'accepted',
    }
  }

  #flow({ client, server, service }: Ends, path: Path): Flow {
    const servers = this.#each(server, [...path, 'server'], serverPattern)
    const ports = new Set(servers.map(({ port }) => port))
    if (ports.size > 1) this.#complain([...path, 'server'], 'servers of one entry have one port, or none')
    return {
      client: this.#each(client, [...path, 'client'], (word) => this.#known.resolve(hostPattern(word))),
      server: servers.map(({ host }) => this.#known.resolve(host)),
      port: servers[0]?.port ?? null,
      service: service ?? null,
    }
  }

  #each<T>(words: Words | undefined, path: Path, parse: (word: string) => T): T[] {
    return (words === undefined ? [] : [words].flat()).flatMap((word, at) => {
      try {
        return [parse(word)]
      } catch (error) {
        if (!(error instanceof FilterError)) throw error
        this.#complain(typeof words === 'string' ? path : [...path, at], error.message)
        return []
      }
    })
  }

  #complain(path: Path, what: string): void {
    this.#say(this.#offset(path), `${keyText(path)}: ${what}`)
  }

  #say(offset: number, what: string): void {
    const { line, col } = this.#counter.linePos(offset)
    this.lines.push(`${this.#file}:${Math.max(1, line)}:${Math.max(1, col)}: ${what}`)
  }

  /** Where a value begins; of what is not there, where the nearest thing around it does. */
  #offset(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return node.range[0]
    }
    return 0
  }

  #keyOffset(path: Path, key: string): number {
    const map = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)
    const pair = isMap(map) ? map.items.find(({ key: name }) => String(name) === key) : undefined
    return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : this.#offset(path)
  }
}

/** The same for errors of one value. */
function placeOf({ instancePath, params }: ErrorObject): string {
  return `${instancePath} ${params.additionalProperty ?? ''}`
}

const isVague = ({ keyword }: ErrorObject) => keyword === 'minProperties'

function validator() {
  return new Ajv2020({ allErrors: true, verbose: true, strictTypes: false }).compile(schema)
}

/** `allow[2].expires` */
function keyText(path: Path): string {
  if (path.length === 0) return 'the file'
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('')
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return value === null ? 'nothing' : text.length > 40 ? `${text.slice(0, 37)}...` : text
}

function shortened(lines: readonly string[]): readonly string[] {
  const most = LIMITS.policyMistakesMax
  return lines.length <= most ? lines : [...lines.slice(0, most), `and ${lines.length - most} more mistakes`]
}
