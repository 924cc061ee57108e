/**
 * Events as XML: of Event Viewer, `wevtutil qe /f:xml` (events one after the other, without a root) and Splunk (one a
 * line). Each `<Event>` is cut out first and parsed alone: a damaged one costs itself, and the file is never in memory.
 * The parser is sax, which opens no entity of a document.
 */
import sax from 'sax'
import type { WindowsEvent } from '../event.ts'
import { microsOf } from './windows-values.ts'

const EVENT_CHARACTERS_MAX = 1 << 20
const END = '</Event>'
/** `<Event `, `<Event>`: not `<Events>`, `<EventData>` */
const BEGIN = /<Event[\s>]/

/** Cuts events out of a text that comes in pieces. */
export class EventSplitter {
  /** events that were too long or never ended */
  dropped = 0
  #held = '';

  *write(text: string): Generator<string> {
    // what was searched already holds at most the beginning of an end
    let from = Math.max(0, this.#held.length - END.length)
    this.#held += text
    let done = 0
    for (;;) {
      const end = this.#held.indexOf(END, from)
      if (end < 0) break
      const piece = this.#held.slice(done, end + END.length)
      const begin = piece.search(BEGIN)
      // an event inside another one: the first was cut
      const last = begin < 0 ? -1 : Math.max(begin, lastBegin(piece))
      if (last > begin) this.dropped++
      if (last >= 0) yield piece.slice(last)
      done = end + END.length
      from = done
    }
    this.#held = this.#held.slice(done)
    if (this.#held.length <= EVENT_CHARACTERS_MAX) return
    this.dropped++
    this.#held = ''
  }

  /** The text has ended: an event was still open. */
  get isOpen(): boolean {
    return BEGIN.test(this.#held)
  }
}

function lastBegin(text: string): number {
  return Math.max(text.lastIndexOf('<Event '), text.lastIndexOf('<Event>'))
}

/** The id, without parsing the rest; null: there is none. */
export function xmlEventId(text: string): number | null {
  const found = /<EventID[^>]*>\s*(\d{1,6})\s*<\/EventID>/.exec(text)
  return found === null ? null : Number(found[1])
}

/** One `<Event>`; null: it cannot be read as one. */
export function xmlEvent(text: string): WindowsEvent | null {
  const parser = sax.parser(true, { xmlns: false, trim: false })
  const path: string[] = []
  const data = new Map<string, string>()
  const system: Record<string, string> = {}
  let name: string | null = null
  let words = ''
  let unnamed = 0
  let isBroken = false
  parser.onerror = () => {
    isBroken = true
    parser.error = null as unknown as Error
  }
  parser.onopentag = ({ name: tag, attributes }) => {
    if (path.length > DEPTH_MAX) isBroken = true
    path.push(tag)
    words = ''
    if (path[1] === 'System') {
      for (const [attribute, value] of Object.entries(attributes)) system[`${tag} ${attribute}`] = String(value)
    } else if (tag === 'Data') {
      const given = attributes.Name
      name = given === undefined ? null : String(given)
    }
  }
  parser.ontext = (more) => {
    words += more
  }
  parser.oncdata = (more) => {
    words += more
  }
  parser.onclosetag = (tag) => {
    const isLeaf = words !== '' || tag === 'Data'
    if (path[1] === 'System' && path.length === 3) system[tag] = words.trim()
    else if ((path[1] === 'EventData' || path[1] === 'UserData') && path.length > 2 && isLeaf) {
      if (tag !== 'Data') {
        if (words.trim() !== '') data.set(tag, words)
      } else data.set(name ?? `Data${++unnamed}`, words)
    }
    words = ''
    path.pop()
  }
  parser.write(text).close()
  const id = Number(system.EventID)
  const time = microsOf(system['TimeCreated SystemTime'] ?? '')
  if (isBroken || !Number.isInteger(id) || Number.isNaN(time)) return null
  const record = system.EventRecordID
  return {
    id,
    channel: system.Channel ?? '',
    provider: system['Provider Name'] ?? '',
    computer: system.Computer ?? '',
    record: record !== undefined && /^\d{1,15}$/.test(record) ? Number(record) : null,
    time,
    clock: 'utc',
    data,
  }
}

const DEPTH_MAX = 32
