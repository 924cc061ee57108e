/**
 * What a switch would do, as text and JSON.
 */
import pc from 'picocolors'
import type { Simulated, SimulatedRow, Simulation } from '../../judge/switching/simulate.ts'
import { WHY } from '../../judge/switching/switch.ts'
import { say, translated } from '../../texts/say.ts'
import { jsonText } from '../page/json-text.ts'
import { type Column, hanging, leftOut, pad, table } from '../page/layout.ts'
import { countText, plainSpaces, plural } from '../page/numbers.ts'
import { visibleDeep } from '../page/visible.ts'
import type { PageWords } from '../writer.ts'

const COLUMNS_MIN = 64
const ROWS_SHOWN = 40
const NOT_SEEN_SHOWN = 5
const FRAMES_SHOWN = 4

export function simulationJson(simulation: Simulation): string {
  return `${jsonText(simulation)}\n`
}

export function simulationText(made: Simulation, look: PageWords): string {
  const simulation = visibleDeep(made)
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const wrapped = (text: string) => hanging('', text, columns)
  const { switches } = simulation
  const parts: string[][] = [
    [
      ...wrapped(headline(simulation)).map(paint.bold),
      ...wrapped(scopeText(simulation)),
      ...(simulation.failToday > 0
        ? wrapped(say`${plural(simulation.failToday, 'logon')} that failed today already are in no number below.`)
        : []),
      ...(simulation.notListed > 0
        ? wrapped(
            say`${plural(simulation.notListed, 'logon')} are counted in the report and not listed: nothing is said about them.`,
          )
        : []),
    ],
    tableOf(switches, columns, paint),
    ...(switches.length === 1 ? detailsOf(switches[0]!, columns, paint) : []),
    notSeenOf(simulation, columns, paint),
  ]
  const text = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return plainSpaces(`${text.join('\n\n')}\n`)
}

function headline({ logons, switches, captures }: Simulation): string {
  const [count, from] = [plural(logons, 'logon'), plural(captures.length, 'capture')]
  if (logons === 0)
    return say`Nothing to throw a switch on: no logon was seen. That is no proof that nothing would break.`
  return switches.length === 1
    ? say`${translated(switches[0]!.title)}, thrown on ${count} of ${from}`
    : say`${plural(switches.length, 'switch', 'switches')} thrown on ${count} of ${from}`
}

function scopeText({ scope: { clients, servers, domain } }: Simulation): string {
  const named = [
    ...(clients.length > 0 ? [say`clients ${clients.join(', ')}`] : []),
    ...(servers.length > 0 ? [say`servers ${servers.join(', ')}`] : []),
    ...(domain === null ? [] : [say`domain ${domain}`]),
  ]
  return named.length > 0
    ? say`Bound: ${named.join('; ')}.`
    : say`Bound: hosts that are Windows by the version they send; others are bound where --clients or --servers names them.`
}

function tableOf(switches: readonly Simulated[], columns: number, paint: ReturnType<typeof pc.createColors>): string[] {
  const heads: Column[] = [
    { title: 'SWITCH', dispensable: 0, firstWhole: true },
    { title: 'FAILS', align: 'right', dispensable: 0 },
    { title: 'MENDED FIRST', align: 'right', dispensable: 1 },
    { title: 'CANNOT BE SAID', align: 'right', dispensable: 0 },
    { title: 'GOES ON', align: 'right', dispensable: 0 },
    { title: 'CLIENTS', align: 'right', dispensable: 2 },
    { title: 'ACCOUNTS', align: 'right', dispensable: 3 },
    { title: 'SERVERS', align: 'right', dispensable: 2 },
  ]
  const rows = switches.map(({ switch: name, logons, clients, accounts, servers }) => ({
    cells: [
      name,
      ...[logons.fails, logons.mended, logons.cannotBeSaid, logons.goesOn, clients, accounts, servers].map(countText),
    ],
    notes: [],
  }))
  const body = table(heads, rows, columns, { title: paint.dim, cell: (text) => text }) ?? []
  const note = say`FAILS, MENDED FIRST, CANNOT BE SAID and GOES ON are logons; MENDED FIRST are those of FAILS that fall back for a cause which somebody can mend: they fail today, and go on after it. CLIENTS, ACCOUNTS and SERVERS are of what fails.`
  const hidden = leftOut(heads, rows, columns).map(translated)
  const missing =
    hidden.length === 0 ? '' : say`not shown for want of room: ${hidden.join(', ')}; --format json for all`
  return [
    ...body,
    '',
    ...(missing === '' ? [] : [...hanging('', missing, columns).map(paint.dim), '']),
    ...hanging('', note, columns).map(paint.dim),
  ]
}

function detailsOf(one: Simulated, columns: number, paint: ReturnType<typeof pc.createColors>): string[][] {
  const facts: readonly (readonly [string, string])[] = [
    [say`setting`, translated(one.setting)],
    [say`binds`, translated(one.scope)],
    [say`does`, translated(one.semantics)],
    [say`source`, one.sources.join(' ')],
    [say`not checked`, one.notChecked.map(translated).join('; ')],
  ]
  const lines = facts.flatMap(([label, text]) => hanging(`  ${pad(label, 11)}  `, text, columns))
  const kinds = (['fails', 'cannot-be-said'] as const).flatMap((is) => {
    const rows = one.rows.filter((row) => row.is === is)
    if (rows.length === 0) return []
    const shown = rows.slice(0, ROWS_SHOWN)
    const title = is === 'fails' ? say`Fails` : say`Cannot be said`
    const left = rows.length - shown.length + one.rowsOmitted
    return [
      [
        paint.bold(title),
        ...shown.flatMap((row) => rowLines(row, columns)),
        ...(left > 0 ? hanging('  ', say`and ${countText(left)} more; use --format json for all`, columns) : []),
      ],
    ]
  })
  const goesOn = Object.entries(one.goesOn).map(
    ([why, count]) => `${countText(count)}: ${translated(WHY[why as keyof typeof WHY])}`,
  )
  const waves = one.waves.map(
    ({ wave, ...counts }) =>
      say`wave ${wave}: ${countText(counts.fails)} fail (${countText(counts.mended)} of them can be mended first), ${countText(counts.cannotBeSaid)} cannot be said, ${countText(counts.goesOn)} go on`,
  )
  return [
    lines,
    ...kinds,
    ...(goesOn.length > 0
      ? [[paint.bold(say`Goes on`), ...goesOn.flatMap((text) => hanging('  ', text, columns))]]
      : []),
    ...(waves.length > 0 ? [[paint.bold(say`Waves`), ...waves.flatMap((text) => hanging('  ', text, columns))]] : []),
  ]
}

function rowLines(row: SimulatedRow, columns: number): string[] {
  const accounts = row.accounts.length > 0 ? say` as ${row.accounts.join(', ')}` : ''
  const owner = row.serverOf?.owner || row.clientOf?.owner
  const mended = Object.entries(row.mended).map(
    ([code, count]) => say`${countText(count)} go on after ${code} is mended`,
  )
  const parts = [
    translated(WHY[row.why]),
    ...mended,
    ...(row.exception === null ? [] : [say`exception: ${row.exception}`]),
    ...(owner ? [say`owner: ${owner}`] : []),
    evidence(row),
  ]
  return [
    ...hanging(
      '  ',
      `${hostText(row.client)} -> ${hostText(row.server)} ${row.service}${accounts}: ${plural(row.logons, 'logon')}`,
      columns,
    ),
    ...hanging('    ', parts.filter(Boolean).join('; '), columns),
  ]
}

function hostText({ ip, name }: { readonly ip: string; readonly name: string | null }): string {
  return name === null || name === ip ? ip : `${ip} (${name})`
}

function evidence({ capture, frames }: SimulatedRow): string {
  if (frames.length === 0) return ''
  const more = frames.length > FRAMES_SHOWN ? '...' : ''
  return `${capture.split(/[/\\]/).at(-1)}: ${say`frames ${frames.slice(0, FRAMES_SHOWN).join(', ')}`}${more}`
}

/** `SENTENCE: COUNT` */
function notSeenText(text: string): string {
  const at = text.lastIndexOf(': ')
  return translated(text.slice(0, at)) + text.slice(at)
}

function notSeenOf({ notSeen }: Simulation, columns: number, paint: ReturnType<typeof pc.createColors>): string[] {
  if (notSeen.length === 0) return []
  const left = notSeen.length - NOT_SEEN_SHOWN
  return [
    paint.bold(say`Not simulated, since it was not seen`),
    ...notSeen.slice(0, NOT_SEEN_SHOWN).flatMap((text) => hanging('  ', notSeenText(text), columns)),
    ...(left > 0 ? [`  ${say`and ${countText(left)} more; use --format json for all`}`] : []),
  ]
}
