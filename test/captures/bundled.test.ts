/**
 * The captures of this repository against what was run when they were recorded: each holds the exchanges of its
 * scenario, with those fields, and no other. Needs nothing from outside. `npm run lab` has the built program do the
 * same with captures that it has just recorded (LAB_CAPTURES), and prints a table; there, what should have been
 * recorded and was not is false as well.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { afterAll, describe, expect, it } from 'vitest'
import { reportJson } from '../../src/output/json.ts'
import { analyze } from '../../src/run/analyze.ts'
import { AWAITS } from './awaits.ts'
import { BUNDLED, capturesBelow } from './folders.ts'
import { differencesOf, type Scenario, scenariosBelow } from './truth.ts'

type Json = Readonly<Record<string, unknown>>

/** What became of a scenario when it was recorded, in results.json of the folder; see captures/lab/scenarios.py. */
interface Recording {
  /** recorded: and tshark confirms it; absent and late: could not be tried here */
  readonly state: 'recorded' | 'unconfirmed' | 'failed' | 'absent' | 'late'
  readonly why?: string
  readonly tries?: number
  readonly seconds?: number
}

const fresh = process.env.LAB_CAPTURES
const folder = fresh ?? BUNDLED
const scenarios = scenariosBelow(BUNDLED)
const captureOf = (name: string) => join(folder, `${name}.pcap`)
const recordings: Readonly<Record<string, Recording>> = fresh
  ? JSON.parse(readFileSync(join(fresh, 'results.json'), 'utf8'))
  : {}
const recorded = scenarios.filter(({ name }) =>
  fresh ? /recorded|unconfirmed/.test(recordings[name]?.state ?? '') : existsSync(captureOf(name)),
)
/** a table without lines between its rows */
const PLAIN = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
const WIDTHS = [38, 20, 24, 24, 40, 9]
/** what ntlmscope says of each recorded scenario */
const verdicts = new Map<string, string>()

describe(`the captures of ${folder}/`, () => {
  it('are there, each with its truth', () => {
    const known = new Set(scenarios.map(({ name }) => captureOf(name)))
    expect(capturesBelow(folder).filter((path) => !known.has(path))).toEqual([])
    if (fresh !== undefined) return
    expect(recorded.length).toBeGreaterThan(0)
    expect(scenarios.filter((scenario) => !recorded.includes(scenario))).toEqual([])
  })

  it('were recorded and confirmed by tshark, where that was tried', () => {
    const wrong = Object.entries(recordings).filter(([, { state }]) => state === 'failed' || state === 'unconfirmed')
    expect(wrong.map(([name, { why }]) => `${name}: ${why}`)).toEqual([])
  })

  it('await only what there is', () => {
    const names = new Set(scenarios.map(({ name }) => name))
    expect(Object.keys(AWAITS).filter((name) => !names.has(name))).toEqual([])
  })

  it.each(recorded.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const differences = differencesOf(scenario, await reportOf(captureOf(name)))
    const awaited = AWAITS[name] ?? []
    const place = (line: string) => line.slice(0, line.indexOf(': '))
    const wrong = differences.filter((line) => !awaited.includes(place(line)) && !isRepeat(scenario, line))
    const right = awaited.filter((entry) => !differences.some((line) => place(line) === entry))
    verdicts.set(
      name,
      wrong.length > 0 ? `no: ${wrong.join('\n')}` : awaited.length > 0 ? `yes, but for ${awaited}` : 'yes',
    )
    expect({ 'differs from the truth': wrong, 'is right now: take it out of awaits.ts': right }).toEqual({
      'differs from the truth': [],
      'is right now: take it out of awaits.ts': [],
    })
  })

  afterAll(() => {
    if (fresh !== undefined) writeSync(1, `\n${table()}\n`)
  })
})

/** A slow machine may let a client ask its KDC twice; in the captures that stand here each asked once. */
function isRepeat({ kdc }: Scenario, line: string): boolean {
  return fresh !== undefined && (kdc ?? []).some((each) => line.startsWith(`kdc extra ${each}:`))
}

/**
 * In this process, so that an error of our own throws; of fresh captures, what users see: the JSON that the program
 * prints.
 */
async function reportOf(path: string): Promise<Json> {
  if (fresh === undefined) return JSON.parse(JSON.stringify(reportJson(await analyze([path], { rethrow: true }))))
  const text = execFileSync('node', ['dist/src/cli.js', 'analyze', path, '--format', 'json'], { encoding: 'utf8' })
  return JSON.parse(text)
}

/** What must be true of a scenario, in a word. */
function truthOf({ exchanges, opaque }: Scenario): string {
  const mechanisms = [...new Set(exchanges.map(({ mechanism }) => String(mechanism)))].join(', ')
  return mechanisms || (opaque.length > 0 ? 'not visible' : 'no authentication')
}

function rowOf(scenario: Scenario): string[] {
  const { state, why = '', tries = 1, seconds = '' } = recordings[scenario.name] as Recording
  const has = state === 'recorded' || state === 'unconfirmed'
  const attempt = has ? (tries > 1 ? 'second try' : 'yes') : state === 'failed' ? `no: ${why}` : `not tried: ${why}`
  const confirmed = state === 'recorded' ? 'yes' : has ? `no: ${why}` : ''
  return [scenario.name, truthOf(scenario), attempt, confirmed, verdicts.get(scenario.name) ?? '', `${seconds}`]
}

function table(): string {
  const head = ['scenario', 'truth', 'recorded', 'tshark confirms', 'ntlmscope agrees', 'seconds']
  const printed = new Table({ head, chars: PLAIN, style: { head: [], border: [] }, wordWrap: true, colWidths: WIDTHS })
  const tried = scenarios.filter(({ name }) => recordings[name] !== undefined)
  for (const scenario of tried) printed.push(rowOf(scenario))
  const count = (state: Recording['state']) => tried.filter(({ name }) => recordings[name]?.state === state).length
  const agreed = [...verdicts.values()].filter((verdict) => verdict.startsWith('yes')).length
  return `${printed}
${tried.length} scenarios: ${recorded.length} recorded, ${count('recorded')} confirmed by tshark, ntlmscope agrees with ${agreed}; \
${count('failed')} failed, ${count('absent')} not tried for want of packages, ${count('late')} for want of time`
}
