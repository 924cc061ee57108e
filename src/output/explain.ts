/**
 * The pages of `explain`: whatever the program prints as a name. One source, two forms: text for a terminal, Markdown
 * for docs/findings.md.
 */
import { switchesOf } from '../causes/calendar.ts'
import { CAUSES } from '../causes/catalogue.ts'
import { RULES } from '../findings/catalogue.ts'
import type { Rule } from '../findings/rule.ts'
import { EXPECTATIONS } from '../judge/expectations.ts'
import { say, translated } from '../texts/say.ts'
import { hanging, pad, wrap } from './page/layout.ts'
import { BINDING_KIND_WORDS, BINDING_WORDS, ORIGIN_WORDS, VERDICT_WORDS } from './terms.ts'
import { SPOT_WORDS } from './words/blind-spots.ts'
import { CAUSE_PAGES } from './words/cause-pages.ts'
import { COLUMN_WORDS } from './words/columns.ts'
import { CHANGE_PAGES, EXIT_WORDS, STATE_PAGES } from './words/endings.ts'
import { NTLM_PAGES, PAGE_PAGES, PROTECTION_PAGES, REQUIREMENT_PAGES } from './words/protections.ts'

type Kind =
  | 'rule'
  | 'cause'
  | 'origin'
  | 'verdict'
  | 'binding'
  | 'binding-kind'
  | 'protection'
  | 'requirement'
  | 'ntlm'
  | 'spot'
  | 'expectation'
  | 'state'
  | 'mark'
  | 'change'
  | 'column'
  | 'exit'

/** Something that has a page: whatever the program prints as a name. `parts` are its labelled texts, in order. */
export interface Topic {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  readonly severity: string
  readonly parts: readonly (readonly [label: string, texts: readonly string[]])[]
}

export const TOPICS: readonly Topic[] = [
  ...RULES.map(ruleTopic),
  ...Object.entries(CAUSES).map(([id, { title, fix }]) =>
    topic(id, 'cause', title, [...causeParts(id), ['Fix', [fix]], ...switched(id)]),
  ),
  ...plain('origin', ORIGIN_WORDS),
  ...plain('verdict', VERDICT_WORDS),
  ...plain('binding', BINDING_WORDS),
  ...plain('binding-kind', BINDING_KIND_WORDS),
  ...plain('protection', PROTECTION_PAGES),
  ...plain('requirement', REQUIREMENT_PAGES),
  ...plain('ntlm', NTLM_PAGES),
  ...Object.entries(SPOT_WORDS).map(([id, { title, means, cure }]) =>
    topic(id, 'spot', title, [
      ['Means', [means]],
      ['Cure', [cure]],
    ]),
  ),
  ...EXPECTATIONS.map(({ name, words, observe }) => topic(name, 'expectation', words, [['Observe', [observe]]])),
  ...plain('state', STATE_PAGES),
  ...plain('mark', PAGE_PAGES),
  ...plain('change', CHANGE_PAGES),
  ...plain('column', COLUMN_WORDS),
  ...plain('exit', EXIT_WORDS),
]

/** Names whose page is a sentence. */
function plain(kind: Kind, words: Readonly<Record<string, string>>): Topic[] {
  return Object.entries(words).map(([id, title]) => topic(id, kind, title, []))
}

function causeParts(id: string): Topic['parts'] {
  const page = CAUSE_PAGES[id]
  if (page === undefined) return []
  return [
    ['Decided by', [page.decided]],
    ['Ruled out', [page.ruledOut]],
    ['Confirm', [page.confirm]],
  ]
}

/** What the vendor switched, or will: date, what, how it fails, what to do, who says so. */
function switched(id: string): Topic['parts'] {
  const rows = switchesOf(id).map(
    ({ from, what, fails, way, source }) => `${from}: ${what}. Fails as: ${fails}. Way: ${way}. Source: ${source}.`,
  )
  return rows.length === 0 ? [] : [['Dates', rows]]
}

/** The page of one topic; null: there is none of that name. */
export function pageText(id: string, columns: number): string | null {
  const exact = TOPICS.filter((one) => one.id === id)
  const found = exact.length > 0 ? exact : TOPICS.filter((one) => plainName(one.id) === plainName(id))
  if (found.length === 0) return null
  return found
    .map((one) => {
      const head = `${one.id}  ${translated(one.title)}`
      const kind = `  ${one.kind === 'rule' ? say`finding, severity ${translated(one.severity)}` : kindText(one.kind)}`
      const parts = one.parts.flatMap(([label, texts]) =>
        texts.flatMap((text, at) =>
          hanging(`  ${pad(at === 0 ? translated(label) : '', LABEL_WIDTH)}  `, toldStep(text), columns),
        ),
      )
      return [...wrap(head, columns), kind, ...(parts.length > 0 ? ['', ...parts] : [])].join('\n')
    })
    .join('\n\n')
    .concat('\n')
}

/** As a person may type it: `Not required`, `exit 3`. */
function plainName(id: string): string {
  return id
    .toLowerCase()
    .replace(/^exit (code )?/, '')
    .replace(/[ _]/g, '-')
}

/** All topics, a line each. */
export function listText(columns: number): string {
  const lines = KINDS.flatMap((kind) => {
    const group = TOPICS.filter((one) => one.kind === kind)
    const idWidth = Math.max(...group.map(({ id }) => id.length))
    const rows = group.flatMap(({ id, severity, title }) =>
      hanging(
        `  ${pad(id, idWidth)}  ${kind === 'rule' ? pad(translated(severity), 10) : ''}`,
        translated(title),
        columns,
      ),
    )
    return [headingText(kind), ...rows, '']
  })
  return `${lines.join('\n')}${say`ntlmscope explain ID prints a page`}\n`
}

/** The topics whose names are nearest to a word that has no page. */
export function nearest(word: string): string[] {
  const wanted = word.toLowerCase()
  return TOPICS.map(({ id }) => ({ id, distance: distanceOf(wanted, id.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .slice(0, NEAR_SHOWN)
    .map(({ id }) => id)
}

/** The catalogue: docs/findings.md. */
export function catalogueMarkdown(): string {
  const rules = TOPICS.filter(({ kind }) => kind === 'rule')
  const others = (kind: Topic['kind']) =>
    TOPICS.filter((one) => one.kind === kind).map(({ id, title, parts }) => {
      const fix = parts
        .filter(([label]) => label === 'Fix')
        .flatMap(([, texts]) => texts)
        .join(' ')
      return `| ${id} | ${cell(title)} |${kind === 'cause' ? ` ${cell(fix)} |` : ''}`
    })
  return [
    '# Findings, causes, origins, verdicts, bindings',
    '',
    'Made by `npm run docs` from the table of rules; `ntlmscope explain ID` prints the same page. Do not edit by hand.',
    '',
    '| id | severity | finding |',
    '| --- | --- | --- |',
    ...rules.map(({ id, severity, title }) => `| [${id}](#${id.toLowerCase()}) | ${severity} | ${cell(title)} |`),
    '',
    ...rules.flatMap(ruleMarkdown),
    '## Root causes',
    '',
    '| code | why Kerberos was not used | fix |',
    '| --- | --- | --- |',
    ...others('cause'),
    '',
    '## Origins',
    '',
    '| origin | how the authentication came to NTLM |',
    '| --- | --- |',
    ...others('origin'),
    '',
    '## Verdicts',
    '',
    '| verdict | what was seen of a pair of client, server and service |',
    '| --- | --- |',
    ...others('verdict'),
    '',
    '## Channel bindings',
    '',
    '| state | what it proves, and what it does not |',
    '| --- | --- |',
    ...others('binding'),
    '',
  ].join('\n')
}

/** A step is a command, or words, after a dash. */
function toldStep(text: string): string {
  return text.startsWith('- ') ? `- ${translated(text.slice(2))}` : translated(text)
}

const KINDS: readonly Kind[] = [
  'rule',
  'cause',
  'origin',
  'verdict',
  'binding',
  'binding-kind',
  'protection',
  'requirement',
  'ntlm',
  'spot',
  'expectation',
  'state',
  'mark',
  'change',
  'column',
  'exit',
]

function kindText(kind: Kind): string {
  return {
    rule: say`finding`,
    cause: say`root cause`,
    origin: say`origin of an NTLM logon`,
    verdict: say`verdict of a pair`,
    binding: say`state of a channel binding`,
    'binding-kind': say`kind of a channel binding`,
    protection: say`what protects a session`,
    requirement: say`what a server demands of sessions`,
    ntlm: say`form of NTLM`,
    spot: say`blind spot: what a capture does not show`,
    expectation: say`expectation of verify`,
    state: say`answer of verify, or grade of a device`,
    mark: say`mark of an answer on the page`,
    change: say`change that diff tells`,
    column: say`column of a table`,
    exit: say`exit code`,
  }[kind]
}

function headingText(kind: Kind): string {
  return {
    rule: say`Findings`,
    cause: say`Root causes`,
    origin: say`Origins`,
    verdict: say`Verdicts`,
    binding: say`Channel bindings`,
    'binding-kind': say`Kinds of channel bindings`,
    protection: say`Protection of sessions`,
    requirement: say`Demands of servers`,
    ntlm: say`Forms of NTLM`,
    spot: say`Blind spots`,
    expectation: say`Expectations`,
    state: say`Answers and grades`,
    mark: say`Marks of the page`,
    change: say`Changes`,
    column: say`Columns`,
    exit: say`Exit codes`,
  }[kind]
}

const LABEL_WIDTH = 10
const NEAR_SHOWN = 5

function topic(id: string, kind: Topic['kind'], title: string, parts: Topic['parts']): Topic {
  return { id, kind, title, severity: '', parts }
}

function ruleTopic(rule: Rule): Topic {
  return {
    id: rule.id,
    kind: 'rule',
    title: rule.title,
    severity: rule.severity,
    parts: [
      ['Fires', [rule.fires]],
      ['Evidence', [rule.evidence]],
      ['Not when', [rule.notWhen]],
      ['Fix', [rule.remediation, ...rule.steps.map((step) => `- ${step}`)]],
      ...(rule.techniques.length > 0 ? [['ATT&CK', [rule.techniques.join(', ')]] as const] : []),
      ...switched(rule.id),
      ['References', [rule.references.join('; ')]],
    ],
  }
}

function ruleMarkdown({ id, title, severity, parts }: Topic): string[] {
  const lines = parts.flatMap(([label, [first = '', ...more]]) => [
    `- **${label}**: ${escaped(first)}`,
    ...more.map((text) => (label === 'Fix' ? `  - \`${text.replace(/^- /, '')}\`` : `  - ${escaped(text)}`)),
  ])
  return [`### ${id}`, '', `**${escaped(title)}** (${severity})`, '', ...lines, '']
}

function escaped(text: string): string {
  return text.replace(/[<>|*_]/g, (character) => `\\${character}`)
}

function cell(text: string): string {
  return escaped(text)
}

/** Levenshtein distance. */
function distanceOf(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= two.length; j++) {
      const changed = row[j - 1]! + (one[i - 1] === two[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[two.length]!
}
