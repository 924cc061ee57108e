/**
 * A plan as Markdown, as a page, as CSV (a row a pair) and as JSON. Names come from the wire: each form escapes them.
 */
import { stringify } from 'csv-stringify/sync'
import { h, type VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { NOBODYS } from '../../judge/inventory/belongings.ts'
import { completenessText } from '../../judge/switching/completeness.ts'
import type { Plan, PlannedSwitch, Stage } from '../../judge/switching/plan.ts'
import { STAGE_MONTHS } from '../../judge/switching/plan.ts'
import { language, say, translated } from '../../texts/say.ts'
import { jsonText } from '../page/json-text.ts'
import { markdownText } from '../page/markdown.ts'
import { countText } from '../page/numbers.ts'
import { visible, visibleDeep } from '../page/visible.ts'
import { type PlanWords, planWords, stageWords } from './plan-words.ts'

const PLACES_SHOWN = 40
const PAIRS_SHOWN = 200

/** What both pages are made of: headings, paragraphs, lists and tables of plain text. */
type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[]; readonly isCode: boolean }
  | { readonly kind: 'table'; readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] }

export function planMarkdown(plan: Plan): string {
  return `${blocksOf(visibleDeep(plan)).map(markdownBlock).join('\n\n')}\n`
}

export function planHtml(plan: Plan): string {
  const body = h('main', null, blocksOf(visibleDeep(plan)).map(htmlBlock))
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  return `<!doctype html>
<html lang="${language()}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width"><title>${planWords().title}</title><style>${STYLE}</style></head><body>${renderToString(body)}</body></html>
`
}

export function planJson(plan: Plan): string {
  return `${jsonText(plan)}\n`
}

/** A row a pair: what a table of people goes on with. */
export function planCsv({ pairs, stages }: Plan): string {
  const of = new Map(stages.map((one) => [one.stage, one]))
  const head = [
    'stage',
    'from',
    'to',
    'wave',
    'owner',
    'client',
    'client_name',
    'server',
    'server_name',
    'service',
    'ntlm',
    'cause',
    'capture',
    'frames',
  ]
  const rows = pairs.map((pair) => [
    pair.stage,
    of.get(pair.stage)?.from ?? '',
    of.get(pair.stage)?.to ?? '',
    pair.wave,
    pair.owner,
    pair.client.ip,
    pair.client.name ?? '',
    pair.server.ip,
    pair.server.name ?? '',
    pair.service,
    String(pair.ntlm),
    pair.cause ?? '',
    pair.capture,
    pair.frames.join(' '),
  ])
  return stringify([head, ...rows.map((row) => row.map(visible))], { escape_formulas: true })
}

function blocksOf(plan: Plan): Block[] {
  const W = planWords()
  const heading = (level: 1 | 2 | 3, text: string): Block => ({ kind: 'heading', level, text })
  const text = (words: string): Block => ({ kind: 'text', text: words })
  const code = (items: readonly string[]): Block => ({ kind: 'list', items, isCode: true })
  const blocks: Block[] = [heading(1, W.title), text(`${W.from}: ${plan.captures.join(', ')}`)]
  if (plan.pairs.length === 0) return [...blocks, text(W.none), text(translated(completenessText(plan.completeness)))]
  blocks.push(
    heading(2, W.stages),
    stagesTable(plan, W),
    ...plan.stages.map(({ stage }) => text(`${stageWords(stage).title}: ${stageWords(stage).what}`)),
  )
  blocks.push(heading(2, W.complete), text(translated(completenessText(plan.completeness))))
  if (plan.inventory === null) blocks.push(text(W.noInventory))
  else if (plan.unknown.length > 0)
    blocks.push(
      heading(2, W.unknown),
      text(W.unknownNote),
      table(
        [W.host, W.ntlm],
        plan.unknown.map((one) => [hostText(one), countText(one.ntlm)]),
        PLACES_SHOWN,
      ),
    )
  blocks.push(
    heading(2, W.places),
    table(
      [W.stage, W.wave, W.owner, W.cause, W.server, W.logons, W.clients, W.fix, W.proof],
      plan.places
        .filter(({ stage }) => stage !== 'devices')
        .map((one) => [
          stageWords(one.stage).title,
          ownerText(one.wave),
          ownerText(one.owner),
          `${one.cause} ${translated(one.title)}`,
          `${hostText(one.server)} ${one.service}`,
          countText(one.logons),
          countText(one.clients),
          translated(one.fix),
          proofText(one),
        ]),
      PLACES_SHOWN,
    ),
    heading(2, W.devices),
    table(
      [W.wave, W.owner, W.site, W.host, W.needs, W.logons],
      plan.devices.map((one) => [
        ownerText(one.wave),
        ownerText(one.owner),
        one.site,
        hostText(one.host),
        one.needs.map(needText).join(', '),
        countText(one.logons),
      ]),
      PLACES_SHOWN,
    ),
    heading(2, W.switches),
    switchesTable(plan.switches, W),
    heading(2, W.gates),
    text(W.gatesNote),
    code(plan.gates),
    heading(2, W.rollback),
    ...plan.switches.flatMap((one): Block[] => [
      heading(3, `${one.switch}: ${translated(one.title)}`),
      {
        kind: 'list',
        isCode: false,
        items: [
          `${W.setBack}: ${translated(one.rollback.set)}`,
          `${W.effect}: ${translated(one.rollback.effect)}`,
          `${W.capture}: ${translated(one.rollback.capture)}`,
          `${W.events}: ${translated(one.events)}`,
          `${W.call}: ${one.call.length > 0 ? one.call.map(ownerText).join(', ') : W.nobody}`,
        ],
      },
      text(`${W.before}:`),
      code(one.before),
      text(`${W.after}:`),
      code(one.after),
    ]),
    heading(2, W.allPairs),
    table(
      [W.stage, W.wave, W.owner, W.client, W.server, W.service, W.ntlm, W.cause, W.proof],
      plan.pairs.map((one) => [
        stageWords(one.stage).title,
        ownerText(one.wave),
        ownerText(one.owner),
        hostText(one.client),
        hostText(one.server),
        one.service,
        countText(one.ntlm),
        one.cause ?? W.undecided,
        proofText(one),
      ]),
      PAIRS_SHOWN,
    ),
  )
  return blocks
}

function stagesTable({ stages, ntlm, pairs }: Plan, W: PlanWords): Block {
  const rows = stages.map(({ stage, from, to, pairs: count, ntlm: logons }) => [
    stageWords(stage).title,
    monthsText(stage),
    from === null ? '' : `${from} - ${to}`,
    stage === 'switches' ? '' : countText(count),
    stage === 'switches' ? '' : countText(logons),
  ])
  return {
    kind: 'table',
    heads: [W.stage, W.months, W.dates, W.pairs, W.ntlm],
    rows: [...rows, [W.sum, '', '', countText(pairs.length), countText(ntlm)]],
  }
}

function switchesTable(switches: readonly PlannedSwitch[], W: PlanWords): Block {
  const rows = switches.flatMap(({ switch: name, logons, waves }) => [
    [name, waves.length === 0 ? '' : W.sum, ...numbers(logons)],
    ...waves.map((one) => ['', ownerText(one.wave), ...numbers(one)]),
  ])
  return { kind: 'table', heads: [W.switch, W.wave, W.fails, W.mended, W.cannot, W.goesOn], rows }
}

function numbers(of: PlannedSwitch['logons']): string[] {
  return [of.fails, of.mended, of.cannotBeSaid, of.goesOn].map(countText)
}

function monthsText(stage: Stage): string {
  return STAGE_MONTHS[stage].join(' - ')
}

function table(heads: readonly string[], rows: readonly (readonly string[])[], shown: number): Block {
  const left = rows.length - shown
  const last = left > 0 ? [[`${countText(left)} ${planWords().more}`, ...heads.slice(1).map(() => '')]] : []
  return { kind: 'table', heads, rows: [...rows.slice(0, shown), ...last] }
}

function hostText({ ip, name }: { readonly ip: string; readonly name: string | null }): string {
  return name === null || name === ip ? ip : `${ip} ${name}`
}

/** Owners and waves are what the inventory calls them. */
function ownerText(name: string): string {
  return name === NOBODYS ? planWords().noOwner : name
}

function needText(need: string): string {
  return need === 'LM or NTLMv1' ? say`LM or NTLMv1` : translated(need)
}

function proofText({
  capture,
  frames,
}: {
  readonly capture: string
  readonly frames: readonly (number | string)[]
}): string {
  return frames.length === 0 ? '' : `${capture.split(/[/\\]/).at(-1)}: ${frames.join(', ')}`
}

function markdownBlock(block: Block): string {
  if (block.kind === 'heading') return `${'#'.repeat(block.level)} ${markdownText(block.text)}`
  if (block.kind === 'text') return markdownText(block.text)
  if (block.kind === 'list')
    return block.isCode
      ? block.items.map((item) => `    ${item}`).join('\n')
      : block.items.map((item) => `- ${markdownText(item)}`).join('\n')
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(block.heads),
    line(block.heads.map(() => '---')),
    ...block.rows.map((row) => line(row.map(markdownText))),
  ].join('\n')
}

function htmlBlock(block: Block): VNode {
  if (block.kind === 'heading') return h(`h${block.level}`, null, block.text)
  if (block.kind === 'text') return h('p', null, block.text)
  if (block.kind === 'list')
    return h(
      'ul',
      null,
      block.items.map((item) => h('li', null, block.isCode ? h('code', null, item) : item)),
    )
  return h('table', null, [
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        block.heads.map((head) => h('th', null, head)),
      ),
    ),
    h(
      'tbody',
      null,
      block.rows.map((row) =>
        h(
          'tr',
          null,
          row.map((cell) => h('td', null, h('bdi', null, cell))),
        ),
      ),
    ),
  ])
}

const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c2430;background:#fff}table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{border-bottom:1px solid #d8dde4;text-align:left;padding:.25rem .5rem;vertical-align:top;overflow-wrap:anywhere}th{font-weight:600}code{background:#f4f6f9;padding:.1rem .3rem}h2{margin-top:2rem}@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}'
