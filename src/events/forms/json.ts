/**
 * Events as JSON: lines, arrays or objects one after the other. The shapes of Winlogbeat, NXLog, evtx_dump,
 * Velociraptor, Chainsaw, EvtxECmd and Azure Monitor are told apart by their members. An object is cut out of the text
 * first, so that a damaged one costs itself alone.
 */

import type { WindowsEvent } from '../event.ts'
import { microsOf } from './windows-values.ts'

/** Thrown for a form that cannot be read as it is: the message says what to do instead. */
export class FormError extends Error {}

type Json = Readonly<Record<string, unknown>>

/** An event is shorter; what is longer is no event, or damaged */
const OBJECT_CHARACTERS_MAX = 1 << 20
const QUARTER_MICROS = 900e6

/** Cuts objects out of a text that comes in pieces. */
export class ObjectSplitter {
  /** objects that were too long */
  dropped = 0
  #held = ''
  #depth = 0
  #inText = false
  #isLineStart = true
  #isEscaped = false;

  *write(text: string): Generator<string> {
    let start = this.#depth > 0 ? 0 : -1
    for (let at = 0; at < text.length; at++) {
      const letter = text.charCodeAt(at)
      const isLineStart = this.#isLineStart
      this.#isLineStart = letter === LINE_END
      // nobody indents an inner object by nothing: the one before was cut
      if (letter === OPEN && isLineStart && this.#depth > 0) {
        this.dropped++
        this.#held = ''
        this.#inText = false
        this.#depth = 1
        start = at
        continue
      }
      if (this.#inText) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (letter === BACKSLASH) this.#isEscaped = true
        // no text of JSON holds a line end: a quote is missing
        else if (letter === QUOTE || letter === LINE_END) this.#inText = false
        continue
      }
      if (letter === OPEN) {
        if (this.#depth++ === 0) start = at
      } else if (this.#depth === 0) continue
      else if (letter === QUOTE) this.#inText = true
      else if (letter === CLOSE && --this.#depth === 0) {
        yield this.#held + text.slice(start, at + 1)
        this.#held = ''
        start = -1
      }
    }
    if (start < 0) return
    this.#held += text.slice(start)
    if (this.#held.length <= OBJECT_CHARACTERS_MAX) return
    this.dropped++
    this.#held = ''
    this.#depth = 0
    this.#inText = false
  }

  /** An object that never ended. */
  get isOpen(): boolean {
    return this.#depth > 0
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, LINE_END] = [0x22, 0x5c, 0x7b, 0x7d, 0x0a]

/** The event of one object; null: it holds none. Throws a FormError where its fields have no names. */
export function jsonEvent(text: string): WindowsEvent | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  return isObject(value) ? eventOf(value) : null
}

/** The same of an object. */
export function eventOf(value: Json): WindowsEvent | null {
  if (isObject(value._source)) return eventOf(value._source)
  if (isObject(value.result)) return eventOf(value.result)
  if (isObject(value.Event) && isObject(value.Event.System)) return dumped(value.Event)
  if (isObject(value.System)) return dumped(value)
  if (isObject(value.winlog)) return beat(value, value.winlog)
  if (typeof value._raw === 'string' && value._raw.startsWith('{')) return jsonEvent(value._raw)
  if (value.Id !== undefined && Array.isArray(value.Properties)) {
    throw new FormError('written by ConvertTo-Json, which loses the names of the fields')
  }
  if (value.Payload !== undefined && value.EventId !== undefined) return commanded(value)
  if (isObject(value.event_data) && value.event_id !== undefined) return beat(value, value)
  return flat(value)
}

/** evtx_dump, Velociraptor, Chainsaw: the XML turned into members. */
function dumped(event: Json): WindowsEvent | null {
  const system = event.System as Json
  const created = attributesOf(event.System, 'TimeCreated')
  const written = created.SystemTime ?? created['#text']
  const time = typeof written === 'number' ? Math.round(written * 1e6) : microsOf(textOf(written) ?? '')
  const data = new Map<string, string>()
  for (const part of [event.EventData, event.UserData]) gather(part, data, 0)
  return made({
    id: textOf(system.EventID),
    channel: textOf(system.Channel),
    provider: textOf(attributesOf(system, 'Provider').Name),
    computer: textOf(system.Computer),
    record: textOf(system.EventRecordID),
    time,
    clock: 'utc',
    data,
  })
}

/** Attributes stand inside, under `#attributes`, or beside, as `NAME_attributes`. */
function attributesOf(parent: unknown, name: string): Json {
  if (!isObject(parent)) return {}
  const beside = parent[`${name}_attributes`]
  if (isObject(beside)) return beside
  const inside = parent[name]
  if (!isObject(inside)) return {}
  return isObject(inside['#attributes']) ? inside['#attributes'] : inside
}

/** Winlogbeat 7 and later (`winlog`), and before (at the top). */
function beat(value: Json, log: Json): WindowsEvent | null {
  const data = new Map<string, string>()
  for (const part of [log.event_data, log.user_data]) gather(part, data, 0)
  const event = isObject(value.event) ? value.event : {}
  return made({
    id: textOf(log.event_id ?? event.code),
    channel: textOf(log.channel ?? log.log_name),
    provider: textOf(log.provider_name ?? log.source_name),
    computer: textOf(log.computer_name),
    record: textOf(log.record_id ?? log.record_number),
    time: microsOf(textOf(value['@timestamp']) ?? ''),
    clock: 'utc',
    data,
  })
}

/** EvtxECmd: its own columns, and the data as JSON in one of them. */
function commanded(value: Json): WindowsEvent | null {
  const data = new Map<string, string>()
  const payload = value.Payload
  try {
    gather(typeof payload === 'string' ? JSON.parse(payload) : payload, data, 0)
  } catch {
    return null
  }
  return made({
    id: textOf(value.EventId),
    channel: textOf(value.Channel),
    provider: textOf(value.Provider),
    computer: textOf(value.Computer),
    record: textOf(value.EventRecordId ?? value.RecordNumber),
    time: microsOf(textOf(value.TimeCreated) ?? ''),
    clock: 'utc',
    data,
  })
}

const TIME_NAMES = ['EventTime', 'TimeGenerated', 'TimeGenerated [UTC]', 'TimeCreated', 'SystemTime', '_time'] as const

/** NXLog, Azure Monitor, and tables of Splunk: every field at the top, by its own name. */
export function flat(value: Json): WindowsEvent | null {
  const id = textOf(value.EventID ?? value.EventId ?? value.EventCode ?? value.event_id)
  if (id === null) return null
  const data = new Map<string, string>()
  for (const [name, field] of Object.entries(value)) {
    const text = textOf(field)
    if (text !== null && name !== 'Message') data.set(name, text)
  }
  // `EventTime` before others: it is when it happened, not when it came
  const name = TIME_NAMES.find((each) => value[each] !== undefined)
  const written = (name === undefined ? null : textOf(value[name])) ?? ''
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(written) || /^\d{9,}(\.\d+)?$/.test(written)
  let time = /^\d{9,}(\.\d+)?$/.test(written) ? Math.round(Number(written) * 1e6) : microsOf(written)
  let clock: WindowsEvent['clock'] = zoned || name?.startsWith('TimeGenerated') ? 'utc' : 'local'
  if (clock === 'local') {
    const offset = zoneOf(value)
    if (offset !== null) {
      time += offset
      clock = 'collector'
    }
  }
  return made({
    id,
    channel: textOf(value.Channel ?? value.EventLog ?? value.LogName ?? value.source),
    provider: textOf(value.SourceName ?? value.ProviderName ?? value.Provider ?? value.EventSourceName),
    computer: textOf(value.Hostname ?? value.Computer ?? value.ComputerName ?? value.host),
    record: textOf(value.RecordNumber ?? value.EventRecordID ?? value.EventRecordId),
    time,
    clock,
    data,
  })
}

/**
 * What makes UTC of NXLog's local times, in microseconds: `@timestamp` is UTC, `EventReceivedTime` local, both about
 * the same moment; zones are multiples of a quarter of an hour.
 */
function zoneOf(value: Json): number | null {
  const received = microsOf(textOf(value.EventReceivedTime) ?? '')
  const stamped = microsOf(textOf(value['@timestamp']) ?? '')
  const offset = Math.round((stamped - received) / QUARTER_MICROS) * QUARTER_MICROS
  return Number.isNaN(offset) || Math.abs(offset) > 15 * 3600e6 ? null : offset
}

const GATHER_DEPTH_MAX = 6
const FIELDS_MAX = 512

/** Named data at any depth: `{"A": 1}`, `{"Data": [{"@Name": "A", "#text": 1}]}`, `{"EventXML": {"A": 1}}`. */
function gather(value: unknown, data: Map<string, string>, depth: number): void {
  if (depth > GATHER_DEPTH_MAX || data.size > FIELDS_MAX) return
  if (Array.isArray(value)) {
    for (const each of value) {
      if (isObject(each)) gather(each, data, depth + 1)
      else unnamed(data, textOf(each))
    }
    return
  }
  if (!isObject(value)) return
  const name = value['@Name'] ?? value.Name ?? attributesOf({ value }, 'value').Name
  if (typeof name === 'string' && '#text' in value) {
    const text = textOf(value['#text'])
    if (text !== null) data.set(name, text)
    return
  }
  for (const [field, inner] of Object.entries(value)) {
    if (field === '#attributes' || field === 'xmlns' || field.startsWith('@')) continue
    if (field === 'Data' || field === '#text') {
      if (isObject(inner) || Array.isArray(inner)) gather(inner, data, depth + 1)
      else unnamed(data, textOf(inner))
      continue
    }
    const text = textOf(inner)
    if (text !== null) data.set(/^param\d+$/.test(field) ? `Data${field.slice(5)}` : field, text)
    else gather(inner, data, depth + 1)
  }
}

function unnamed(data: Map<string, string>, text: string | null): void {
  let count = 1
  while (data.has(`Data${count}`) && count < FIELDS_MAX) count++
  data.set(`Data${count}`, text ?? '')
}

interface Parts {
  readonly id: string | null
  readonly channel: string | null
  readonly provider: string | null
  readonly computer: string | null
  readonly record: string | null
  readonly time: number
  readonly clock: WindowsEvent['clock']
  readonly data: ReadonlyMap<string, string>
}

function made({ id, channel, provider, computer, record, time, clock, data }: Parts): WindowsEvent | null {
  if (id === null || !/^\d{1,9}$/.test(id) || Number.isNaN(time) || (channel === null && provider === null)) return null
  return {
    id: Number(id),
    channel: channel ?? '',
    provider: provider ?? '',
    computer: computer ?? '',
    record: record !== null && /^\d{1,15}$/.test(record) ? Number(record) : null,
    time,
    clock,
    data,
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as text; an element with attributes is the text in it. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!isObject(value)) return null
  if ('#text' in value) return textOf(value['#text'])
  return 'Value' in value ? textOf(value.Value) : null
}
