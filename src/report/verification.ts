/**
 * What `verify` prints: each expectation with its state, what proves it, what contradicts it or was not seen, and what to do. Text and JSON.
 */
import pc from 'picocolors'
import type { State } from '../expect.ts'
import type { Report } from '../report.ts'
import type { Flow, Outcome, Reason } from '../verify.ts'
import { jsonText } from './json.ts'
import { hanging, wrap } from './layout.ts'
import { visibleDeep } from './visible.ts'

export const VERIFICATION_SCHEMA = 'ntlmscope-verify-1'
const COLUMNS_MIN = 64
const STATE_WORDS: Readonly<Record<State, string>> = {
  met: 'met',
  'not-met': 'not met',
  'not-observed': 'not observed',
}

export function verificationJson(report: Report, flow: Flow, state: State, outcomes: readonly Outcome[]): string {
  const { client, server, port, service } = flow
  const named = {
    client: client.map(({ text }) => text),
    server: server.map(({ text }) => text),
    port,
    service,
  }
  const captures = report.captures.map(({ name }) => name)
  return `${jsonText({ schema: VERIFICATION_SCHEMA, state, captures, flow: named, expectations: outcomes })}\n`
}

export function verificationText(
  flow: Flow,
  state: State,
  outcomes: readonly Outcome[],
  { columns: asked, color }: { readonly columns: number; readonly color: boolean },
): string {
  const columns = Math.max(COLUMNS_MIN, asked)
  const paint = pc.createColors(color)
  const paints: Readonly<Record<State, (text: string) => string>> = {
    met: paint.green,
    'not-met': paint.red,
    'not-observed': paint.yellow,
  }
  const lines = [...wrap(`${flowText(flow)}: ${STATE_WORDS[state]}`, columns).map((line) => paint.bold(line))]
  for (const outcome of visibleDeep(outcomes)) {
    const label = `  ${STATE_WORDS[outcome.state].padEnd(12)}  `
    lines.push('')
    lines.push(
      ...hanging(label, `${outcome.expectation}: ${outcome.words}`, columns).map((line) => paints[outcome.state](line)),
    )
    const under = ' '.repeat(label.length)
    const shown = outcome.state === 'met' ? outcome.evidence : outcome.reasons
    for (const reason of shown) {
      lines.push(...hanging(`${under}- `, reasonText(reason), columns))
      if (reason.cause !== null)
        lines.push(
          ...hanging(
            `${under}  `,
            `cause: ${reason.cause.title} (${reason.cause.code}, ${reason.cause.confidence} confidence)`,
            columns,
          ),
        )
      if (reason.fix !== null) lines.push(...hanging(`${under}  `, `fix: ${reason.fix}`, columns))
    }
    if (outcome.observe !== null) lines.push(...hanging(`${under}to observe it: `, outcome.observe, columns))
  }
  return `${lines.join('\n')}\n`
}

function flowText({ client, server, port, service }: Flow): string {
  const hosts = (patterns: Flow['client']) => visibleDeep(patterns.map(({ text }) => text)).join(', ') || 'any'
  return `${hosts(client)} -> ${hosts(server)}${port === null ? '' : ` port ${port}`} ${service ?? 'any service'}`
}

function reasonText({ detail, count, capture, frames }: Reason): string {
  const times = count > 1 ? ` (${count} times)` : ''
  const where =
    capture === '' || frames.length === 0
      ? ''
      : `; ${capture.split(/[/\\]/).at(-1)}: ${frames.length === 1 ? 'frame' : 'frames'} ${frames.join(', ')}`
  return `${detail}${times}${where}`
}
