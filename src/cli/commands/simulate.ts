/**
 * `ntlmscope simulate`: a switch of Windows, thrown on what was seen; and the list of exceptions that it needs.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type HostPattern, hostPattern, isDay } from '../../facts/filter.ts'
import type { State } from '../../judge/expectations.ts'
import type { Inventory } from '../../judge/inventory/inventory.ts'
import { SWITCHES, switchNamed } from '../../judge/switching/catalogue.ts'
import type { Simulation } from '../../judge/switching/simulate.ts'
import type { ExceptionList, PolicySwitch } from '../../judge/switching/switch.ts'
import { EXCEPTION_FORMS, type ExceptionForm, namesOf, SIMULATION_FORMATS } from '../../output/formats.ts'
import { visible } from '../../output/page/visible.ts'
import type { Report } from '../../report/report.ts'
import { EXIT } from '../exit.ts'
import { CAPTURE_HELP, collect, formatOption, type ReadWords, withReading } from '../options/argument.ts'
import { type InventoryWords, inventoryOf, withInventory } from '../options/inventory-words.ts'
import { knownNames, type NameWords, withNames } from '../options/naming.ts'
import { policyOf } from '../options/policy-file.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'

interface Words extends ReadWords, NameWords, InventoryWords {
  readonly switch?: readonly PolicySwitch[]
  readonly clients?: readonly HostPattern[]
  readonly servers?: readonly HostPattern[]
  readonly domain?: string
  readonly except?: string
  readonly writeExceptions?: ExceptionForm
  readonly policy?: string
  readonly today?: string
  readonly gate?: true
  readonly format: keyof typeof SIMULATION_FORMATS
}

export function registerSimulate(top: Command, session: Session): void {
  withInventory(withReading(withNames(top.command('simulate')), session))
    .argument('<capture...>', `${CAPTURE_HELP}; or a saved report`)
    .description(
      'what breaks if this switch is thrown: what fails, goes on, cannot be said; and its list of exceptions',
    )
    .option('--switch <names>', 'these, with commas, and not all (below)', switches)
    .option(
      '--clients <host>',
      'these clients are bound, whatever they are, and no others; repeatable',
      collect(hostPattern),
    )
    .option('--servers <host>', 'the same of servers; repeatable', collect(hostPattern))
    .option('--domain <name>', 'the domain whose controllers are switched (default: every one that was seen)')
    .option('--except <file>', 'names that are let through, one a line, # begins a comment')
    .addOption(
      new Option('--write-exceptions <form>', 'instead, the list of exceptions').choices(Object.keys(EXCEPTION_FORMS)),
    )
    .option('--policy <file>', 'with --write-exceptions: let through what this policy allows, not all that was seen')
    .option('--today <date>', 'the day by which entries of the policy expire (default: today, UTC)', day)
    .option('--gate', 'end with 1 where something would fail, with 3 where something cannot be said')
    .addOption(formatOption(namesOf(SIMULATION_FORMATS)))
    .addHelpText('after', HELP)
    .action((captures: string[], words: Words, command: Command) => {
      if (words.policy !== undefined && words.writeExceptions === undefined)
        command.error('error: --policy goes with --write-exceptions')
      if (words.writeExceptions !== undefined && words.format !== 'text')
        command.error('error: --write-exceptions has a form of its own; --format is for the simulation')
      return simulateOn(session, captures, words)
    })
}

const HELP = `
Switches:
${SWITCHES.map(({ name, title }) => `  ${name.padEnd(17)}${title}`).join('\n')}

Lists of exceptions:
  gpo               names for outgoing, as its policy wants them
  dc                NetBIOS names for the domain
  smb               names for smb-block
  powershell        a script that sets the lists of --switch (default: all three)
  registry          the same as a .reg file

Examples:
  ntlmscope simulate week.json
  ntlmscope simulate week/*.pcapng --switch outgoing --clients 10.1.0.0/16
  ntlmscope simulate week.json --switch domain --inventory hosts.csv
  ntlmscope simulate week.json --write-exceptions gpo --policy policy.yaml

A policy binds Windows hosts: a host is one by the version that it sends in NTLM, or because
--clients or --servers names it. Each switch says what its vendor's page says, and what was not
checked (--switch with one name). What the captures do not show is not simulated.
simulate ends with ${EXIT.ok}; with --gate with ${EXIT.notMet} where something would fail, with ${EXIT.notObserved}
where something cannot be said or was not seen; with ${EXIT.unreadable} where an input could not be read, or only in part.`

async function simulateOn(session: Session, captures: readonly string[], words: Words): Promise<void> {
  const known = knownNames(session, words)
  const inventory = await inventoryOf(session, words)
  const except = await exceptNames(session, words.except)
  if (known === null || inventory === undefined || except === null) return
  const allow = words.policy === undefined ? null : await policyOf(session, words.policy, known)
  if (words.policy !== undefined && allow === null) return
  await session.prove(captures, words, async (report, out) => {
    if (words.writeExceptions !== undefined) {
      const uses = allow === null ? null : (allow.allow ?? [])
      out.write(await exceptionText(report, words, words.writeExceptions, uses, inventory))
      return 'met'
    }
    const { simulate } = await import('../../judge/switching/simulate.ts')
    const simulation = simulate(report, {
      switches: words.switch ?? SWITCHES,
      clients: (words.clients ?? []).map((host) => known.resolve(host)),
      servers: (words.servers ?? []).map((host) => known.resolve(host)),
      domain: words.domain?.toLowerCase() ?? null,
      except,
      inventory,
    })
    const render = await SIMULATION_FORMATS[words.format]()
    out.write(render(simulation, pageWords(session.io, words.output)))
    return words.gate ? gateState(simulation) : 'met'
  })
}

function gateState({ switches, logons, notListed, notSeen }: Simulation): State {
  if (switches.some((one) => one.logons.fails > 0)) return 'not-met'
  const isUnsure = switches.some((one) => one.logons.cannotBeSaid > 0)
  return isUnsure || logons === 0 || notListed > 0 || notSeen.length > 0 ? 'not-observed' : 'met'
}

type Allow = Parameters<typeof import('../../judge/switching/exceptions.ts').exceptionsFor>[2]

async function exceptionText(
  report: Report,
  words: Words,
  form: ExceptionForm,
  allow: Allow,
  inventory: Inventory | null,
): Promise<string> {
  const { exceptionsFor } = await import('../../judge/switching/exceptions.ts')
  const { lists, load } = EXCEPTION_FORMS[form]
  const asked = new Set((words.switch ?? SWITCHES).flatMap(({ exceptions }) => exceptions ?? []))
  const wanted: readonly ExceptionList[] = lists.length > 1 ? lists.filter((list) => asked.has(list)) : lists
  const today = words.today ?? new Date().toISOString().slice(0, 10)
  return (await load())(wanted.map((list) => exceptionsFor(list, report, allow, today, inventory)))
}

/** null: the file cannot be read, and it was said. */
async function exceptNames(session: Session, file: string | undefined): Promise<ReadonlySet<string> | null> {
  if (file === undefined) return new Set()
  session.inputs.add(file)
  const { readFileSync } = await import('node:fs')
  try {
    const lines = readFileSync(file, 'utf8')
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
    const names = lines.map((line) => line.replace(/#.*/, '').trim().toLowerCase()).filter(Boolean)
    const wild = names.find((name) => name.includes('*'))
    if (wild === undefined) return new Set(names)
    session.unreadable(`${file}: '${wild}': a wildcard is not simulated; write the names that it stands for`)
  } catch (error) {
    session.unreadable(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  return null
}

function switches(text: string, before: readonly PolicySwitch[] = []): readonly PolicySwitch[] {
  const named = text.split(',').map((word) => {
    const found = switchNamed(word.trim().toLowerCase())
    if (found === null)
      throw new InvalidArgumentError(
        visible(`'${word}' is no switch; they are ${SWITCHES.map(({ name }) => name).join(', ')}`),
      )
    return found
  })
  return [...new Set([...before, ...named])]
}

function day(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('A day is written as 2026-12-31.')
  return text
}
