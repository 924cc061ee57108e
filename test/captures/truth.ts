/**
 * The scenarios of the lab and what is true of their captures, and where a report differs from it.
 *
 * A table captures/GROUP/scenarios.yaml holds the scenarios of captures/GROUP/NAME.pcap; captures/lab/README.md
 * explains the fields.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/**
 * What is true of one exchange: fields of the report by their names, and short forms of some; an absent field is not
 * compared.
 */
type ExpectedExchange = Readonly<Record<string, unknown>> & { readonly client: string; readonly server: string }

export interface Scenario {
  /** GROUP/NAME */
  readonly name: string
  readonly note: string
  readonly exchanges: readonly ExpectedExchange[]
  /** what the keys beside the capture show: all exchanges of it, those in clear among them; null: it has none */
  readonly sealed: readonly ExpectedExchange[] | null
  /** "CLIENT AS USER [ERROR]" and "CLIENT TGS SNAME [ERROR]"; null: not compared */
  readonly kdc: readonly string[] | null
  /** ids of rules that must fire */
  readonly findings: readonly string[]
  /** conversations whose inside the capture does not show */
  readonly opaque: readonly { readonly client: string; readonly server: string }[]
  /** frames are missing: what is not in the capture may come out as unknown, and must not be contradicted */
  readonly degraded: boolean
  readonly verify: readonly VerifyCase[]
}

/** What `ntlmscope verify` must answer about one flow of the capture. */
export interface VerifyCase {
  readonly client: string
  readonly server: string
  readonly service: string
  readonly expect: string
  readonly exit: number
}

type Json = Readonly<Record<string, unknown>>
type Table = Readonly<Record<string, Partial<Scenario> & { readonly from?: string }>>

const TABLE = 'scenarios.yaml'
/** errors of every normal login: pre-authentication required, answer too big for UDP */
const NORMAL_ERRORS = [25, 52]

/** Every scenario of the tables below a folder, derived ones with the truth of the capture that they come from. */
export function scenariosBelow(folder: string): Scenario[] {
  const hosts = addressesOf(join(folder, 'lab', 'hosts.txt'))
  const all = new Map<string, Scenario>()
  const derived: [name: string, from: string, raw: Partial<Scenario>][] = []
  for (const group of readdirSync(folder).sort()) {
    if (!existsSync(join(folder, group, TABLE))) continue
    const { defaults = {}, ...table } = parse(readFileSync(join(folder, group, TABLE), 'utf8')) as Table
    for (const [short, raw] of Object.entries(table)) {
      const name = `${group}/${short}`
      if (raw.from) derived.push([name, raw.from, raw])
      else all.set(name, scenarioOf(name, raw, defaults, hosts))
    }
  }
  for (const [name, from, raw] of derived) {
    const base = all.get(from)
    if (base === undefined) throw new Error(`${name}: there is no scenario ${from}`)
    all.set(name, { ...base, verify: [], ...raw, name })
  }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function scenarioOf(
  name: string,
  raw: Partial<Scenario>,
  defaults: Json,
  hosts: ReadonlyMap<string, string>,
): Scenario {
  const byAddress = <T extends { readonly client: string; readonly server: string }>(ends: T): T => ({
    ...ends,
    client: hosts.get(ends.client) ?? ends.client,
    server: hosts.get(ends.server) ?? ends.server,
  })
  return {
    name,
    note: raw.note ?? '',
    exchanges: (raw.exchanges ?? []).map((exchange) => byAddress({ result: 'success', ...defaults, ...exchange })),
    sealed: raw.sealed?.map((exchange) => byAddress({ result: 'success', ...defaults, ...exchange })) ?? null,
    kdc: raw.kdc?.map((line) => line.replace(/^\S+/, (host) => hosts.get(host) ?? host)) ?? null,
    findings: raw.findings ?? [],
    opaque: (raw.opaque ?? []).map(byAddress),
    degraded: raw.degraded ?? false,
    verify: (raw.verify ?? []).map(byAddress),
  }
}

function addressesOf(path: string): Map<string, string> {
  const addresses = new Map<string, string>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [address, name] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (address && name) addresses.set(name, address)
  }
  return addresses
}

/**
 * Where a report (as JSON) differs from what is true: one line each, "PLACE: what is said instead". The place is the
 * same whatever is said: "2 cause" is a field of the third exchange of the table.
 */
export function differencesOf(scenario: Scenario, report: Json): string[] {
  const differences: string[] = []
  const free = new Set(report.exchanges as readonly Json[])
  const expected = scenario.exchanges.map((exchange, at) => ({ exchange, at }))
  // the most precise first: it must not lose its exchange to one that says less
  expected.sort((a, b) => Object.keys(b.exchange).length - Object.keys(a.exchange).length)
  for (const { exchange, at } of expected) {
    const [best] = [...free]
      .filter((found) => (found.client as Json).ip === exchange.client && (found.server as Json).ip === exchange.server)
      .map((found) => ({ found, wrong: wrongFields(exchange, shortForms(found), scenario.degraded) }))
      .sort((a, b) => a.wrong.length - b.wrong.length)
    if (best === undefined) {
      if (!scenario.degraded) differences.push(`${at} missing: ${JSON.stringify(exchange)}`)
      continue
    }
    free.delete(best.found)
    differences.push(...best.wrong.map((line) => `${at} ${line}`))
  }
  for (const { client, server, service, mechanism } of [...free].map(shortForms)) {
    if (!scenario.degraded) differences.push(`extra ${client} ${server} ${service} ${mechanism}: not in the truth`)
  }
  differences.push(...kdcDifferences(scenario, report))
  const fired = new Set((report.findings as readonly Json[]).map(({ id }) => id))
  for (const id of scenario.findings) if (!fired.has(id)) differences.push(`finding ${id}: did not fire`)
  for (const { client, server } of scenario.opaque) {
    const seen = (report.pairs as readonly Json[]).some(
      (pair) =>
        JSON.stringify(pair.client).includes(`"${client}"`) &&
        JSON.stringify(pair.server).includes(`"${server}"`) &&
        (pair.blindSpots as readonly unknown[]).length > 0,
    )
    if (!seen) differences.push(`opaque ${client} ${server}: no blind spot names it`)
  }
  return differences.sort()
}

function wrongFields(expected: Json, seen: Json, degraded: boolean): string[] {
  return Object.entries(expected).flatMap(([field, wanted]) => {
    if (field === 'causes') {
      const ok =
        (wanted as readonly unknown[]).includes(seen.cause) ||
        (degraded && (seen.cause === 'RC99' || seen.cause === null))
      return ok ? [] : [`cause: ${seen.cause} instead of ${wanted}`]
    }
    if (isObject(wanted)) {
      const inner = isObject(seen[field]) ? seen[field] : {}
      return wrongFields(wanted, inner, degraded).map((line) => `${field}.${line}`)
    }
    const ours = seen[field] ?? null
    if (ours === wanted) return []
    if (degraded && (ours === null || ours === 'unknown' || ours === 'not-visible')) return []
    return [`${field}: ${JSON.stringify(ours)} instead of ${JSON.stringify(wanted)}`]
  })
}

/** A KDC exchange is a line in the tables; the order is that of time and does not matter here. */
function kdcDifferences({ kdc, degraded }: Scenario, report: Json): string[] {
  if (kdc === null || degraded) return []
  const seen = (report.kdc as readonly Json[])
    .filter(({ error }) => !NORMAL_ERRORS.includes((error as { code: number } | null)?.code ?? 0))
    .map(({ client, request, cname, sname, error }) => {
      const code = (error as { code: number } | null)?.code
      return `${(client as Json).ip} ${request} ${request === 'AS' ? cname : sname}${code === undefined ? '' : ` ${code}`}`
    })
  const differences: string[] = []
  for (const line of kdc) {
    const at = seen.indexOf(line)
    if (at < 0) differences.push(`kdc missing ${line}: not seen`)
    else seen.splice(at, 1)
  }
  return [...differences, ...seen.map((line) => `kdc extra ${line}: not in the truth`)]
}

/** The fields of an exchange, and the short forms of the tables: user, spn, cause... */
function shortForms(exchange: Json): Json {
  const part = (name: string) => (exchange[name] ?? {}) as Json
  return {
    ...exchange,
    ...part('principal'),
    client: part('client').ip,
    server: part('server').ip,
    spn: part('target').spn ?? null,
    cause: part('cause').code ?? null,
    nameFrom: part('cause').nameFrom ?? null,
    ntlmVersion: part('ntlm').ntlmVersion ?? null,
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
