/**
 * Whose hosts they are: a table of people (`--inventory hosts.csv`) with owner, OU, site, criticality and wave of
 * addresses, prefixes and names.
 *
 * The first line names the columns; what is not known here is kept. An address beats a name, a name beats a prefix, a
 * long prefix beats a short one. No name is ever looked up.
 */
import { isIP } from 'node:net'
import { CsvError, parse } from 'csv-parse/sync'
import { canonicalAddress, comparable, FilterError, type HostPattern, hostPattern } from '../../facts/filter.ts'
import { BELONGINGS, type Belongs } from './belongings.ts'

const HOST_COLUMNS = ['host', 'address', 'ip', 'name', 'hostname', 'prefix']
const LINES_MAX = 200_000
const CELL_MAX = 500

export class Inventory {
  readonly file: string
  readonly lines: readonly Belongs[]
  readonly #addresses = new Map<string, Belongs>()
  readonly #names = new Map<string, Belongs>()
  readonly #prefixes: { readonly pattern: HostPattern; readonly bits: number; readonly line: Belongs }[] = []
  readonly #found = new Map<string, Belongs | null>()

  /** Throws FilterError, with the file and the line. */
  constructor(text: string, file: string) {
    this.file = file
    this.lines = linesOf(text, file)
    for (const line of this.lines) {
      const { host } = line
      try {
        const pattern = hostPattern(host)
        if (isIP(host) !== 0) keep(this.#addresses, canonicalAddress(host), line, file)
        else if (host.includes('/')) this.#prefixes.push({ pattern, bits: Number(host.split('/')[1]), line })
        else keep(this.#names, comparable(host), line, file)
      } catch (error) {
        if (!(error instanceof FilterError)) throw error
        throw new FilterError(error.message.startsWith(file) ? error.message : `${file}:${line.line}: ${error.message}`)
      }
    }
    this.#prefixes.sort((a, b) => b.bits - a.bits)
  }

  /** The line of a host; null: none. */
  of(ip: string, names: ReadonlySet<string>): Belongs | null {
    const before = this.#found.get(ip)
    if (before !== undefined) return before
    const found =
      this.#addresses.get(canonicalAddress(ip)) ??
      this.#byName(names) ??
      this.#prefixes.find(({ pattern }) => pattern.matches({ ip, name: null }))?.line ??
      null
    this.#found.set(ip, found)
    return found
  }

  /** A full name first; then the first part, where the table has it alone. */
  #byName(names: ReadonlySet<string>): Belongs | undefined {
    const known = [...names].map(comparable).sort()
    for (const name of known) {
      const line = this.#names.get(name)
      if (line !== undefined) return line
    }
    for (const name of known) {
      const line = this.#names.get(name.split('.', 1)[0]!)
      if (line !== undefined) return line
    }
    return undefined
  }
}

function keep(into: Map<string, Belongs>, key: string, line: Belongs, file: string): void {
  const before = into.get(key)
  if (before !== undefined)
    throw new FilterError(`${file}:${line.line}: '${line.host}' stands in line ${before.line} already`)
  into.set(key, line)
}

function linesOf(text: string, file: string): Belongs[] {
  let rows: { readonly record: Record<string, string>; readonly info: { readonly lines: number } }[]
  let hostColumn: string | undefined
  try {
    rows = parse(text, {
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
      comment: '#',
      comment_no_infix: true,
      delimiter: /^[^\n]*;/.test(text) && !/^[^\n]*,/.test(text) ? ';' : ',',
      columns: (heads: readonly string[]) => {
        const names = heads.map((head) => head.trim().toLowerCase())
        hostColumn = HOST_COLUMNS.find((name) => names.includes(name))
        return names
      },
    }) as unknown as typeof rows
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new FilterError(`${file}: is no CSV with one row a host: ${error.message}`)
  }
  if (hostColumn === undefined)
    throw new FilterError(`${file}:1: no column '${HOST_COLUMNS.join("', '")}': the first line names the columns`)
  if (rows.length > LINES_MAX) throw new FilterError(`${file}: has more than ${LINES_MAX} lines`)
  return rows.map(({ record, info }) => lineOf(record, info.lines, hostColumn!, file))
}

function lineOf(record: Record<string, string>, line: number, hostColumn: string, file: string): Belongs {
  const host = record[hostColumn] ?? ''
  if (host === '') throw new FilterError(`${file}:${line}: names no host`)
  const cell = (name: string) => (record[name] ?? '').slice(0, CELL_MAX)
  const rest = Object.keys(record).filter(
    (name) => name !== hostColumn && !(BELONGINGS as readonly string[]).includes(name),
  )
  return {
    host,
    line,
    owner: cell('owner'),
    ou: cell('ou'),
    site: cell('site'),
    criticality: cell('criticality'),
    wave: cell('wave'),
    more: Object.fromEntries(rest.map((name) => [name, cell(name)])),
  }
}
