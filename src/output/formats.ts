/**
 * Every output format, one line each: of a report, and of what is judged. A format is a file with a writer
 * (`writer.ts`) and its line here; it is loaded when it is asked for.
 */
import type { DeviceCard, DeviceMatrix } from '../judge/device.ts'
import type { Comparison } from '../judge/devices/compare.ts'
import type { Diff } from '../judge/diff.ts'
import type { Exceptions } from '../judge/switching/exceptions.ts'
import type { Plan } from '../judge/switching/plan.ts'
import type { Simulation } from '../judge/switching/simulate.ts'
import type { ExceptionList } from '../judge/switching/switch.ts'
import type { Trend } from '../questions/trend.ts'
import type { FolderWriter, ZeekWords } from './export/folder-writer.ts'
import type { RowFormat } from './stored/rows.ts'
import type { Verification } from './verification.ts'
import type { MakeWriter, PageWords } from './writer.ts'

/** `analyze --format` */
export const FORMATS = {
  text: async () => (await import('./text/report.ts')).textWriter,
  json: async () => (await import('./json.ts')).jsonWriter,
  ndjson: async () => (await import('./json.ts')).ndjsonWriter,
  csv: async () => (await import('./csv.ts')).csvWriter,
  html: async () => (await import('./html/writer.ts')).htmlWriter,
  ecs: async () => (await import('./export/ecs.ts')).ecsWriter,
  ocsf: async () => (await import('./export/ocsf.ts')).ocsfWriter,
  prometheus: async () => (await import('./export/prometheus.ts')).prometheusWriter,
  bloodhound: async () => (await import('./export/opengraph.ts')).opengraphWriter,
} as const satisfies Record<string, () => Promise<MakeWriter>>
export type Format = keyof typeof FORMATS

/** Those that print neither `uid` nor Community ID of exchanges: a run for them alone makes none. */
export const WITHOUT_UIDS: ReadonlySet<string> = new Set<Format>(['text', 'html', 'prometheus', 'bloodhound'])

/** `analyze --format`, of those that write several files into the folder of --output */
export const FOLDER_FORMATS = {
  zeek: async () => (await import('./export/zeek.ts')).zeekWriter,
} as const satisfies Record<string, () => Promise<(words: ZeekWords) => FolderWriter>>
export type FolderFormat = keyof typeof FOLDER_FORMATS

/** One value as one text. */
type Rendering<T> = () => Promise<(value: T, page: PageWords) => string>

/** `verify --format` */
export const VERIFICATION_FORMATS = {
  text: async () => (await import('./verification.ts')).verificationText,
  json: async () => (await import('./verification.ts')).verificationJson,
  junit: async () => (await import('./junit.ts')).verificationJunit,
  markdown: async () => (await import('./verification.ts')).verificationMarkdown,
} as const satisfies Record<string, Rendering<Verification>>

/** `device --format` */
export const CARD_FORMATS = {
  text: async () => (await import('./card.ts')).cardText,
  json: async () => (await import('./card.ts')).cardJson,
  junit: async () => (await import('./card.ts')).cardJunit,
  markdown: async () => (await import('./card.ts')).cardMarkdown,
} as const satisfies Record<string, Rendering<DeviceCard>>

/** `device --compare --format` */
export const COMPARISON_FORMATS = {
  text: async () => (await import('./devices/comparison.ts')).comparisonText,
  json: async () => (await import('./devices/comparison.ts')).comparisonJson,
  csv: async () => (await import('./devices/comparison.ts')).comparisonCsv,
  markdown: async () => (await import('./devices/comparison.ts')).comparisonMarkdown,
} as const satisfies Record<string, Rendering<Comparison>>

/** `devices --format` */
export const MATRIX_FORMATS = {
  text: async () => (await import('./matrix.ts')).matrixText,
  json: async () => (await import('./matrix.ts')).matrixJson,
  csv: async () => (await import('./matrix.ts')).matrixCsv,
  markdown: async () => (await import('./matrix.ts')).matrixMarkdown,
} as const satisfies Record<string, Rendering<DeviceMatrix>>

/** `diff --format` */
export const DIFF_FORMATS = {
  text: async () => (await import('./changes.ts')).diffText,
  json: async () => (await import('./changes.ts')).diffJson,
  markdown: async () => (await import('./changes.ts')).diffMarkdown,
} as const satisfies Record<string, Rendering<Diff>>

/** `plan --format` */
export const PLAN_FORMATS = {
  markdown: async () => (await import('./switching/plan.ts')).planMarkdown,
  html: async () => (await import('./switching/plan.ts')).planHtml,
  csv: async () => (await import('./switching/plan.ts')).planCsv,
  json: async () => (await import('./switching/plan.ts')).planJson,
} as const satisfies Record<string, () => Promise<(plan: Plan) => string>>

/** `simulate --format` */
export const SIMULATION_FORMATS = {
  text: async () => (await import('./switching/simulation.ts')).simulationText,
  json: async () => (await import('./switching/simulation.ts')).simulationJson,
} as const satisfies Record<string, Rendering<Simulation>>

/** `simulate --write-exceptions`: which lists, and how they are written */
interface ExceptionFormEntry {
  readonly lists: readonly ExceptionList[]
  readonly load: () => Promise<(lists: readonly Exceptions[]) => string>
}
const ALL_LISTS: readonly ExceptionList[] = ['client', 'domain', 'smb']
const exceptionLines = async () => (await import('./switching/exceptions.ts')).exceptionLines
export const EXCEPTION_FORMS = {
  gpo: { lists: ['client'], load: exceptionLines },
  dc: { lists: ['domain'], load: exceptionLines },
  smb: { lists: ['smb'], load: exceptionLines },
  powershell: { lists: ALL_LISTS, load: async () => (await import('./switching/exceptions.ts')).exceptionPowershell },
  registry: { lists: ALL_LISTS, load: async () => (await import('./switching/exceptions.ts')).exceptionRegistry },
} as const satisfies Record<string, ExceptionFormEntry>
export type ExceptionForm = keyof typeof EXCEPTION_FORMS

/** `query --format` */
export const ROW_FORMATS: readonly RowFormat[] = ['text', 'json', 'ndjson', 'csv', 'markdown']

/** `trend --format` */
export const TREND_FORMATS = {
  text: async () => (await import('./stored/trend.ts')).trendText,
  json: async () => (await import('./stored/trend.ts')).trendJson,
  csv: async () => (await import('./stored/trend.ts')).trendCsv,
  markdown: async () => (await import('./stored/trend.ts')).trendMarkdown,
} as const satisfies Record<
  string,
  () => Promise<(trend: Trend, page: { readonly columns: number }) => Iterable<string>>
>

/** The names of a map above, for `--format`. */
export function namesOf<T extends object>(formats: T): (keyof T & string)[] {
  return Object.keys(formats) as (keyof T & string)[]
}
