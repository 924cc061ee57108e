/**
 * The captures of this repository against what was run when they were recorded: each holds the exchanges of its scenario, with those
 * fields, and no other. Needs nothing from outside. `npm run lab` has the built program do the same with captures that it has just
 * recorded (LAB_CAPTURES), and prints a table.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { afterAll, describe, expect, it } from 'vitest'
import { analyze } from '../../src/analyze.ts'
import { reportJson } from '../../src/report/json.ts'
import { AWAITS } from './awaits.ts'
import { BUNDLED, capturesBelow } from './folders.ts'
import { differencesOf, type Scenario, scenariosBelow } from './truth.ts'

type Json = Readonly<Record<string, unknown>>

const fresh = process.env.LAB_CAPTURES
const folder = fresh ?? BUNDLED
const scenarios = scenariosBelow(BUNDLED)
const captureOf = (name: string) => join(folder, `${name}.pcap`)
const recorded = scenarios.filter(({ name }) => existsSync(captureOf(name)))
/** a table without lines between its rows */
const PLAIN = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
const rows = new Map<string, readonly string[]>()

describe(`the captures of ${folder}/`, () => {
  it('are there, each with its truth', () => {
    const known = new Set(scenarios.map(({ name }) => captureOf(name)))
    expect(capturesBelow(folder).filter((path) => !known.has(path))).toEqual([])
    expect(recorded.length).toBeGreaterThan(0)
    if (fresh === undefined) expect(scenarios.filter((scenario) => !recorded.includes(scenario))).toEqual([])
  })

  it('await only what there is', () => {
    const names = new Set(scenarios.map(({ name }) => name))
    expect(Object.keys(AWAITS).filter((name) => !names.has(name))).toEqual([])
  })

  it.each(recorded.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const differences = differencesOf(scenario, await reportOf(captureOf(name)))
    const awaited = AWAITS[name] ?? []
    const place = (line: string) => line.slice(0, line.indexOf(': '))
    const wrong = differences.filter((line) => !awaited.includes(place(line)))
    const right = awaited.filter((entry) => !differences.some((line) => place(line) === entry))
    rows.set(name, rowOf(scenario, wrong, awaited))
    expect({ 'differs from the truth': wrong, 'is right now: take it out of awaits.ts': right }).toEqual({
      'differs from the truth': [],
      'is right now: take it out of awaits.ts': [],
    })
  })

  afterAll(() => {
    if (fresh !== undefined) writeSync(1, `\n${table()}\n`)
  })
})

/** In this process, so that an error of our own throws; of fresh captures, what users see: the JSON that the program prints. */
async function reportOf(path: string): Promise<Json> {
  if (fresh === undefined) return JSON.parse(JSON.stringify(reportJson(await analyze([path], { rethrow: true }))))
  const text = execFileSync('node', ['dist/src/cli.js', 'analyze', path, '--format', 'json'], { encoding: 'utf8' })
  return JSON.parse(text)
}

function rowOf({ name, exchanges, opaque }: Scenario, wrong: readonly string[], awaited: readonly string[]) {
  const mechanisms = [...new Set(exchanges.map(({ mechanism }) => String(mechanism)))].join(', ')
  const truth = mechanisms || (opaque.length > 0 ? 'not visible' : 'no authentication')
  return [name, truth, wrong.length > 0 ? wrong.join('\n') : awaited.length > 0 ? `true, but for ${awaited}` : 'true']
}

function table(): string {
  const printed = new Table({ head: ['scenario', 'truth', 'ntlmscope'], chars: PLAIN, style: { head: [], border: [] } })
  for (const [, row] of [...rows].sort()) printed.push([...row])
  const right = [...rows.values()].filter(([, , says]) => says?.startsWith('true')).length
  return `${printed}\n${right} of ${rows.size} recorded scenarios are true, ${scenarios.length - rows.size} were not recorded`
}
