/**
 * Cards of devices side by side: one device before and after an update, or two models. What is better and what is worse
 * is told by the scorecards and profiles; of what the devices did, the lines that differ.
 */
import type { DeviceCard, Grade, Proven, RequirementResult, Trait } from '../device.ts'
import type { State } from '../expectations.ts'

export const COMPARISON_SCHEMA = 'ntlmscope-device-comparison-1'

export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA
  readonly cards: readonly ComparedCard[]
  /** not met: something is worse in the last card than in the first; not observed: something was not tested in one */
  readonly state: State
  readonly rows: readonly ComparedRow[]
  /** what they did, where it differs */
  readonly traits: readonly ComparedTrait[]
}

export interface ComparedCard {
  readonly label: string
  readonly device: string
  readonly captures: readonly string[]
  readonly state: State
}

/** `better`, `worse`: the last one against the first; `untold`: one of them was not tested */
export type CardChange = 'same' | 'better' | 'worse' | 'untold'

export interface ComparedRow {
  /** of the scorecard, or a requirement of a profile */
  readonly kind: 'scorecard' | 'requirement'
  readonly name: string
  readonly change: CardChange
  /** a cell a card; null: the card has no such line */
  readonly cells: readonly ({ readonly grade: Grade | RequirementResult; readonly proven: Proven | null } | null)[]
}

export interface ComparedTrait {
  readonly role: 'client' | 'server'
  readonly name: string
  /** values a card */
  readonly cells: readonly (readonly string[])[]
}

/** traits that name hosts and people, and not what a device can do */
const OF_THE_TEST = new Set([
  'peers',
  'accounts',
  'certificate',
  'certificates shown',
  'bound to another certificate',
  'accounts, by the logs',
  'programs, by the logs',
])

/** `labels`: what each card is called; where one is missing, its own label, or its captures. */
export function comparison(cards: readonly DeviceCard[], labels: readonly string[]): Comparison {
  const rows = [
    ...rowsOf(
      cards.map(({ scorecard }) => scorecard.map(({ name, grade, proven }) => ({ name, grade, proven }))),
      'scorecard',
    ),
    ...rowsOf(
      cards.map(({ profile }) =>
        (profile?.requirements ?? []).map(({ id, result, proven }) => ({ name: id, grade: result, proven })),
      ),
      'requirement',
    ),
  ]
  return {
    schema: COMPARISON_SCHEMA,
    cards: cards.map(({ device, captures, state, label }, at) => ({
      label: labels[at] ?? label ?? `${at + 1}`,
      device,
      captures,
      state,
    })),
    state: rows.some(({ change }) => change === 'worse')
      ? 'not-met'
      : rows.some(({ change }) => change === 'untold')
        ? 'not-observed'
        : 'met',
    rows,
    traits: (['client', 'server'] as const).flatMap((role) =>
      traitsOf(
        cards.map((card) => card[role]),
        role,
      ),
    ),
  }
}

interface Line {
  readonly name: string
  readonly grade: Grade | RequirementResult
  readonly proven: Proven | null
}

function rowsOf(columns: readonly (readonly Line[])[], kind: ComparedRow['kind']): ComparedRow[] {
  const names = [...new Set(columns.flatMap((lines) => lines.map(({ name }) => name)))]
  return names.map((name) => {
    const cells = columns.map((lines) => lines.find((line) => line.name === name) ?? null)
    return {
      kind,
      name,
      change: changeOf(cells[0] ?? null, cells.at(-1) ?? null),
      cells: cells.map((cell) => (cell === null ? null : { grade: cell.grade, proven: cell.proven })),
    }
  })
}

const GOOD: ReadonlySet<string> = new Set(['pass', 'meets'])
const OPEN = 'not tested'
const OFF: ReadonlySet<Proven | null> = new Set(['refuses', 'not offered'])
const OFFERED: ReadonlySet<Proven | null> = new Set(['used', 'offered, not used'])

/** What was not tested says nothing: neither that it got better, nor that it stayed. */
function changeOf(first: Line | null, last: Line | null): CardChange {
  if (first === null || last === null) return 'untold'
  // it is offered again, or any more: that was seen, whether somebody used it or not
  if (OFF.has(first.proven) && OFFERED.has(last.proven)) return 'worse'
  if (OFFERED.has(first.proven) && OFF.has(last.proven)) return 'better'
  if (first.grade === OPEN || last.grade === OPEN) return 'untold'
  const [before, after] = [GOOD.has(first.grade), GOOD.has(last.grade)]
  return before === after ? 'same' : after ? 'better' : 'worse'
}

function traitsOf(columns: readonly (readonly Trait[])[], role: ComparedTrait['role']): ComparedTrait[] {
  const names = [...new Set(columns.flatMap((traits) => traits.map(({ name }) => name)))]
  return names
    .filter((name) => !OF_THE_TEST.has(name))
    .map((name) => ({
      role,
      name,
      cells: columns.map((traits) =>
        (traits.find((trait) => trait.name === name)?.values ?? []).map(({ text }) => text).sort(),
      ),
    }))
    .filter(({ cells }) => cells.some((cell) => cell.join() !== cells[0]!.join()))
}
