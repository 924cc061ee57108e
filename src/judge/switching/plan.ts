/**
 * The road to off, filled from a report: who looks after what, which paths to mend first, which devices need care,
 * which switch comes next, and what must hold before it.
 *
 * Every pair with NTLM stands in exactly one stage and one wave. Nothing is estimated: dates are arithmetic, numbers
 * are those of the report and of the simulation, gates are commands of this program.
 */
import type { FrameRef } from '../../facts/frames.ts'
import { compareText } from '../../facts/words/text-order.ts'
import type { Report } from '../../report/report.ts'
import { type Hosts, hostsOf } from '../hosts.ts'
import { type Belongs, NOBODYS } from '../inventory/belongings.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { SWITCHES } from './catalogue.ts'
import { type Completeness, completenessOf } from './completeness.ts'
import { MENDED, type Simulated, simulate, waveOf, waveOrder } from './simulate.ts'

export const STAGES = ['inventory', 'paths', 'devices', 'switches'] as const
export type Stage = (typeof STAGES)[number]

/** months after the start: from, to */
export const STAGE_MONTHS: Readonly<Record<Stage, readonly [number, number]>> = {
  inventory: [0, 2],
  paths: [1, 4],
  devices: [2, 6],
  switches: [4, 9],
}

/** What a change of a name, a registration or a setting ends, whether the logon uses Kerberos at once or not. */
const PATHS: ReadonlySet<string> = new Set([...MENDED, 'RC19', 'RC22'])
/** What ends with another account, another software or another device. */
const DEVICES: ReadonlySet<string> = new Set(['RC10', 'RC11', 'RC12', 'RC14', 'RC16', 'RC17', 'RC18', 'RC21'])

/** The order in which switches are thrown: what removes the weakest first, what asks everybody last. */
const ORDER = [
  'no-smb1',
  'no-guest',
  'lm5',
  'ntlmv1-sso',
  'smb-signing',
  'ldap-signing',
  'binding',
  'no-rc4',
  'smb-block',
  'outgoing',
  'incoming-domain',
  'domain-1',
  'domain',
]

export interface PlannedPair {
  readonly stage: Stage
  readonly wave: string
  readonly owner: string
  readonly client: { readonly ip: string; readonly name: string | null }
  readonly server: { readonly ip: string; readonly name: string | null }
  readonly service: string
  readonly ntlm: number
  /** the most frequent cause; null: none was decided */
  readonly cause: string | null
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface PlannedPlace {
  readonly stage: Stage
  readonly wave: string
  readonly owner: string
  readonly server: { readonly ip: string; readonly name: string | null }
  readonly service: string
  readonly cause: string
  readonly title: string
  readonly logons: number
  readonly clients: number
  readonly fix: string
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface PlannedDevice {
  readonly host: { readonly ip: string; readonly name: string | null }
  readonly owner: string
  readonly site: string
  readonly wave: string
  /** what it does that a switch ends: `SMB 1`, `LM or NTLMv1`, `guest`, `no Kerberos offered`... */
  readonly needs: readonly string[]
  readonly logons: number
}

export interface PlannedSwitch
  extends Pick<Simulated, 'switch' | 'title' | 'setting' | 'logons' | 'waves' | 'sources'> {
  /** commands that end with 0 where the switch may be thrown, 1 where not, 3 where it was not observed */
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly rollback: { readonly set: string; readonly effect: string; readonly capture: string }
  readonly events: string
  /** owners of what fails, to be called */
  readonly call: readonly string[]
}

export interface Plan {
  readonly schema: 'ntlmscope-plan-1'
  readonly captures: readonly string[]
  readonly inventory: string | null
  /** YYYY-MM-DD; null: no dates */
  readonly start: string | null
  readonly stages: readonly {
    readonly stage: Stage
    readonly from: string | null
    readonly to: string | null
    readonly pairs: number
    readonly ntlm: number
  }[]
  readonly ntlm: number
  readonly completeness: Completeness
  /** hosts of NTLM pairs that no line of the inventory names */
  readonly unknown: readonly { readonly ip: string; readonly name: string | null; readonly ntlm: number }[]
  readonly pairs: readonly PlannedPair[]
  readonly places: readonly PlannedPlace[]
  readonly devices: readonly PlannedDevice[]
  readonly switches: readonly PlannedSwitch[]
  readonly gates: readonly string[]
}

export function planOf(report: Report, inventory: Inventory | null, start: string | null): Plan {
  const hosts = hostsOf(report)
  const book = new Belongings(inventory, hosts)
  const pairs = report.pairs.flatMap((pair): PlannedPair[] => {
    const ntlm = pair.counts.mechanism.ntlm ?? 0
    if (ntlm === 0) return []
    const [cause] = Object.entries(pair.causes).sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))[0] ?? [null]
    return [
      {
        stage: stageOf(cause),
        ...book.ends(pair.client.ip, pair.server.ip),
        client: pair.client,
        server: { ip: pair.server.ip, name: pair.server.name },
        service: pair.service,
        ntlm,
        cause,
        capture: pair.capture,
        frames: pair.frames.slice(0, 4),
      },
    ]
  })
  pairs.sort(
    (a, b) =>
      STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
      waveOrder(a.wave, b.wave) ||
      b.ntlm - a.ntlm ||
      compareText(a.server.ip, b.server.ip) ||
      compareText(a.client.ip, b.client.ip),
  )
  const simulation = simulate(report, {
    switches: ORDER.map((name) => SWITCHES.find((one) => one.name === name)!),
    clients: [],
    servers: [],
    domain: null,
    except: new Set(),
    inventory,
  })
  return {
    schema: 'ntlmscope-plan-1',
    captures: report.captures.map(({ name }) => name),
    inventory: inventory?.file ?? null,
    start,
    stages: STAGES.map((stage) => {
      const of = pairs.filter((pair) => pair.stage === stage)
      const [from, to] = STAGE_MONTHS[stage]
      return {
        stage,
        from: start === null ? null : monthsAfter(start, from),
        to: start === null ? null : monthsAfter(start, to),
        pairs: of.length,
        ntlm: of.reduce((sum, { ntlm }) => sum + ntlm, 0),
      }
    }),
    ntlm: pairs.reduce((sum, { ntlm }) => sum + ntlm, 0),
    completeness: completenessOf(report),
    unknown: inventory === null ? [] : book.unknown(pairs),
    pairs,
    places: report.places.map(
      ({ cause, title, server, client, service, count, clients, fix, proof }): PlannedPlace => ({
        stage: stageOf(cause),
        ...book.ends(client.ip, server.ip),
        server,
        service,
        cause,
        title,
        logons: count,
        clients,
        fix,
        capture: proof.capture,
        frames: proof.frames.slice(0, 4),
      }),
    ),
    devices: devicesOf(report, book),
    switches: simulation.switches.map(plannedSwitch),
    gates: [
      'ntlmscope verify NEW.json --gate inventory=14d',
      'ntlmscope verify NEW.json --policy policy.yaml',
      'ntlmscope verify NEW.json --gate turned-away=48h',
      'ntlmscope diff BEFORE.json NEW.json',
    ],
  }
}

export function stageOf(cause: string | null): Stage {
  if (cause !== null && PATHS.has(cause)) return 'paths'
  return cause !== null && DEVICES.has(cause) ? 'devices' : 'inventory'
}

/** Whose hosts they are. */
class Belongings {
  readonly #inventory: Inventory | null
  readonly #hosts: Hosts

  constructor(inventory: Inventory | null, hosts: Hosts) {
    this.#inventory = inventory
    this.#hosts = hosts
  }

  line(ip: string): Belongs | null {
    return this.#inventory?.of(ip, this.#hosts.namesOf(ip)) ?? null
  }

  ends(client: string, server: string): { readonly wave: string; readonly owner: string } {
    if (this.#inventory === null) return { wave: NOBODYS, owner: NOBODYS }
    return {
      wave: waveOf(this.#inventory, this.#hosts, client, server),
      owner: this.line(server)?.owner || this.line(client)?.owner || NOBODYS,
    }
  }

  unknown(pairs: readonly PlannedPair[]): Plan['unknown'] {
    const found = new Map<string, { ip: string; name: string | null; ntlm: number }>()
    for (const { client, server, ntlm } of pairs)
      for (const { ip, name } of [client, server]) {
        if (this.line(ip) !== null) continue
        const before = found.get(ip) ?? { ip, name, ntlm: 0 }
        before.ntlm += ntlm
        found.set(ip, before)
      }
    return [...found.values()].sort((a, b) => b.ntlm - a.ntlm || compareText(a.ip, b.ip))
  }
}

function devicesOf(report: Report, book: Belongings): PlannedDevice[] {
  const found = new Map<string, { ip: string; name: string | null; needs: Set<string>; logons: number }>()
  const note = ({ ip, name }: { readonly ip: string; readonly name: string | null }, needs: string) => {
    const device = found.get(ip) ?? { ip, name, needs: new Set<string>(), logons: 0 }
    device.name ??= name
    device.needs.add(needs)
    device.logons++
    found.set(ip, device)
  }
  for (const { client, server, ntlm, smb, cause, mechanism } of report.exchanges) {
    if (smb?.dialect != null && !/^\d/.test(smb.dialect)) note(server, 'SMB 1')
    if (smb?.effective === 'guest') note(server, 'guest sessions')
    if (smb?.serverPolicy === 'disabled') note(server, 'no SMB signing')
    if (mechanism === 'ntlm' && ntlm?.ntlmVersion != null && ntlm.ntlmVersion !== 'NTLMv2') note(client, 'LM or NTLMv1')
    if (cause?.code === 'RC10') note(server, 'no Kerberos offered')
    if (cause?.code === 'RC11') note(server, 'accounts of its own')
    if (cause?.code === 'RC16' || cause?.code === 'RC14') note(client, 'software that chooses NTLM')
  }
  return [...found.values()]
    .map(({ ip, name, needs, logons }): PlannedDevice => {
      const line = book.line(ip)
      return {
        host: { ip, name },
        owner: line?.owner || NOBODYS,
        site: line?.site ?? '',
        wave: line?.wave || NOBODYS,
        needs: [...needs].sort(),
        logons,
      }
    })
    .sort((a, b) => waveOrder(a.wave, b.wave) || b.logons - a.logons || compareText(a.host.ip, b.host.ip))
}

function plannedSwitch(one: Simulated): PlannedSwitch {
  const { rollback, events } = SWITCHES.find(({ name }) => name === one.switch)!
  const owners = one.rows.flatMap(({ is, serverOf, clientOf }) =>
    is === 'fails' ? serverOf?.owner || clientOf?.owner || NOBODYS : [],
  )
  return {
    switch: one.switch,
    title: one.title,
    setting: one.setting,
    logons: one.logons,
    waves: one.waves,
    sources: one.sources,
    before: [
      'ntlmscope verify NEW.json --gate inventory=14d',
      `ntlmscope simulate NEW.json --switch ${one.switch} --gate`,
    ],
    after: ['ntlmscope diff BEFORE.json AFTER.json', 'ntlmscope verify AFTER.json --gate turned-away=48h'],
    rollback,
    events,
    call: [...new Set(owners)].sort(),
  }
}

/** The same day some months later; the last of the month where it has no such day. */
export function monthsAfter(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10)
}
