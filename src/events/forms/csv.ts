/**
 * Events as tables: EvtxECmd (its columns, the data as JSON in `Payload`), Splunk and Azure Monitor (a column a field,
 * or the event itself in `_raw`). csv-parse reads the rows. A table that holds only rendered text, as Event Viewer
 * saves it, is refused: the text is in the language of the viewer.
 */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import type { WindowsEvent } from '../event.ts'
import { eventOf, FormError } from './json.ts'
import { xmlEvent } from './xml.ts'

const ROW_CHARACTERS_MAX = 1 << 20
const ID_COLUMNS = ['EventId', 'EventID', 'EventCode', 'event_id']

/** Every row, as an event or null where it is none. Throws a FormError where the columns are not known. */
export async function readTable(
  text: AsyncIterable<string>,
  head: string,
  row: (event: WindowsEvent | null) => void,
): Promise<void> {
  const [first = ''] = head.split(/\r?\n/, 1)
  const parser = parse({
    delimiter: delimiterOf(first),
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: ROW_CHARACTERS_MAX,
    columns: (names: string[]) => {
      const known = names.map((name) => name.trim())
      const hasEvent = known.includes('_raw') || ID_COLUMNS.some((name) => known.includes(name))
      if (!hasEvent) throw new FormError('a table without a column EventID: it holds rendered text alone')
      return known
    },
  })
  const source = Readable.from(text)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  for await (const fields of parser as AsyncIterable<Record<string, string>>) row(rowEvent(fields))
}

function rowEvent(fields: Readonly<Record<string, string>>): WindowsEvent | null {
  const raw = fields._raw?.trim()
  if (raw?.startsWith('<Event')) return xmlEvent(raw)
  if (raw !== undefined && !raw.startsWith('{') && fields.IpAddress === undefined && /^LogName=/m.test(raw)) {
    throw new FormError('classic events of Splunk, whose fields are text in the language of the host')
  }
  return eventOf(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')))
}

function delimiterOf(line: string): string {
  const counts = [',', ';', '\t'].map((each) => ({ each, count: line.split(each).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).each
}
