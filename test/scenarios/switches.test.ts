/**
 * Switches that were thrown in the lab: what `simulate` says of the first recording is what became of each flow in the
 * second, who was turned away is told with its class, and `diff` calls it broken.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { hostPattern } from '../../src/facts/filter.ts'
import { diff } from '../../src/judge/diff.ts'
import { switchNamed } from '../../src/judge/switching/catalogue.ts'
import { simulate } from '../../src/judge/switching/simulate.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED } from '../captures/folders.ts'

interface Entry {
  /** the words of `simulate` */
  readonly thrown?: readonly string[]
  /** `fails client1 web1 http [alice]` */
  readonly predicted?: readonly string[]
  /** of the second recording: `kdc-refused client1 web1 http` */
  readonly turnedAway?: readonly string[]
}

const addresses = new Map(
  readFileSync(join(BUNDLED, 'lab/hosts.txt'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .flatMap(([address, ...names]) => names.map((name) => [name, address!] as const)),
)
const addressOf = (name: string) => addresses.get(name) ?? name

const { defaults: _defaults, ...table } = parse(
  readFileSync(join(BUNDLED, 'switches/scenarios.yaml'), 'utf8'),
) as Readonly<Record<string, Entry>>

interface Thrown {
  readonly name: string
  readonly before: string
  readonly after: string
  readonly thrown: readonly string[]
  readonly predicted: readonly string[]
  readonly turnedAway: readonly string[]
}

const scenarios: Thrown[] = [
  ...Object.entries(table).flatMap(([name, { thrown, predicted }]): Thrown[] => {
    if (thrown === undefined || predicted === undefined) return []
    const after = name.replace(/-before$/, '-after')
    const turnedAway = table[after]!.turnedAway ?? []
    return [{ name, before: `switches/${name}`, after: `switches/${after}`, thrown, predicted, turnedAway }]
  }),
  {
    name: 'browser',
    before: 'http/browser-ntlm',
    after: 'http/browser-no-fallback',
    thrown: ['--switch', 'outgoing', '--clients', 'client1'],
    predicted: ['fails client1 web1 http'],
    turnedAway: ['kdc-refused client1 web1 http'],
  },
  {
    name: 'signing-required',
    before: 'changes/signing-required-before',
    after: 'changes/signing-required-after',
    thrown: ['--switch', 'smb-signing', '--servers', 'files1'],
    predicted: ['goes-on client1 files1 smb'],
    turnedAway: [],
  },
]

const reports = new Map<string, Report>()

async function read(name: string): Promise<void> {
  const keys = join(BUNDLED, `${name}.keys`)
  const found = existsSync(keys) ? { keys: { keyLogs: [keys], privateKeys: [], mayGrow: false } } : {}
  reports.set(name, await analyze([join(BUNDLED, `${name}.pcap`)], { rethrow: true, ...found }))
}

interface Flow {
  readonly is: string
  readonly client: string
  readonly server: string
  readonly service: string
  readonly account: string | null
}

function flowOf(line: string): Flow {
  const [is, client, server, service, account = null] = line.split(' ')
  return { is: is!, client: addressOf(client!), server: addressOf(server!), service: service!, account }
}

/** What the simulation says of one flow. */
function predictedOf(report: Report, thrown: readonly string[], flow: Flow): string {
  const after = (word: string) => thrown.filter((_, at) => thrown[at - 1] === word)
  const words = {
    switches: after('--switch').map((name) => switchNamed(name)!),
    clients: after('--clients').map((host) => hostPattern(addressOf(host))),
    servers: after('--servers').map((host) => hostPattern(addressOf(host))),
    domain: null,
    except: new Set<string>(),
    inventory: null,
  }
  const [one] = simulate(report, words).switches
  const rows = one!.rows.filter(
    ({ client, server, service, accounts }) =>
      client.ip === flow.client &&
      server.ip === flow.server &&
      service === flow.service &&
      (flow.account === null || accounts.some((account) => account.toLowerCase().includes(flow.account!))),
  )
  if (rows.length > 0) return [...new Set(rows.map(({ is }) => is))].join('+')
  return logonsOf(report, flow).length > 0 ? 'goes-on' : 'was not seen'
}

function logonsOf({ exchanges }: Report, { client, server, service, account }: Flow) {
  return exchanges.filter(
    (one) =>
      one.client.ip === client &&
      one.server.ip === server &&
      one.service === service &&
      one.result !== 'failure' &&
      (account === null || one.principal.user?.toLowerCase() === account),
  )
}

/** What became of it. */
function outcomeOf(report: Report, flow: Flow): string {
  if (logonsOf(report, flow).length > 0) return 'goes-on'
  const { client, server, service } = flow
  const isHere = (one: { client: { ip: string }; server: { ip: string }; service: string }) =>
    one.client.ip === client && one.server.ip === server && one.service === service
  const isAway = report.turnedAway.some(
    (one) => one.client === client && one.server === server && one.service === service,
  )
  return isAway || report.exchanges.some((one) => isHere(one) && one.result === 'failure') ? 'fails' : 'is silent'
}

describe('a switch that was thrown', () => {
  beforeAll(async () => {
    for (const { before, after } of scenarios) for (const name of [before, after]) await read(name)
  })

  it('is predicted on twenty flows and more', () => {
    expect(scenarios.flatMap(({ predicted }) => predicted).length).toBeGreaterThanOrEqual(20)
  })

  it.each(scenarios)('$name: what is predicted of the first recording happens in the second', (one) => {
    const said = one.predicted.map((line) => {
      const flow = flowOf(line)
      const before = predictedOf(reports.get(one.before)!, one.thrown, flow)
      return `${line}: ${before}, and it ${outcomeOf(reports.get(one.after)!, flow)}`
    })
    expect(said).toEqual(one.predicted.map((line) => `${line}: ${flowOf(line).is}, and it ${flowOf(line).is}`))
  })

  it.each(scenarios)('$name: who was turned away, and how', ({ after, turnedAway }) => {
    const found = reports
      .get(after)!
      .turnedAway.map(({ class: kind, client, server, service }) => `${kind} ${client} ${server} ${service}`)
    const wanted = turnedAway.map(flowOf).map((flow) => `${flow.is} ${flow.client} ${flow.server} ${flow.service}`)
    expect(found).toEqual(wanted.sort((a, b) => (a.split(' ')[1]! < b.split(' ')[1]! ? -1 : 1)))
  })

  it.each(scenarios)('$name: diff calls it broken, and nothing else', ({ before, after, predicted }) => {
    const { changes, regressed } = diff(reports.get(before)!, reports.get(after)!)
    const broken = changes
      .filter(({ change }) => change === 'broken' || change === 'intermittent')
      .map(({ client, server, service }) => `${client} ${server} ${service}`)
    const flows = predicted.map(flowOf)
    const key = ({ client, server, service }: Flow) => `${client} ${server} ${service}`
    const fails = new Set(flows.filter(({ is }) => is === 'fails').map(key))
    expect(new Set(broken)).toEqual(fails)
    expect(regressed).toBe(fails.size > 0)
  })
})
