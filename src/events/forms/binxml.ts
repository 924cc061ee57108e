/**
 * Binary XML of Windows event logs (libevtx: "Windows XML Event Log (EVTX)", section Binary XML; MS-EVEN6 2.2.12): one
 * record as the few values that matter, System fields and named data. It is no XML writer.
 *
 * Templates are compiled once a chunk to a flat list of leaves; a record then costs one look at its substitutions.
 * Bytes are hostile: every read is checked against the chunk, nesting and work have limits, and what cannot be read is
 * `damaged`, never a throw. Strings are copies.
 */
import { fileTimeMicros, fileTimeText, microsOf, systemTimeText, windowsGuid, windowsSid } from './windows-values.ts'

/** What a record says. `data` holds EventData and UserData by name; a `Data` without a name is `Data1`, `Data2`... */
export interface RawEvent {
  readonly id: number
  readonly channel: string
  readonly provider: string
  readonly computer: string
  /** EventRecordID; null: not said */
  readonly record: number | null
  /** microseconds since 1970; null: not said */
  readonly time: number | null
  readonly data: ReadonlyMap<string, string>
}

/** `skipped`: an event that was not wanted. */
export type RecordOutcome = RawEvent | 'skipped' | 'damaged'

/** Tokens, without the flag "more follows" (0x40). */
const TOKEN = {
  end: 0x00,
  element: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  endElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  charRef: 0x08,
  entityRef: 0x09,
  piTarget: 0x0a,
  piData: 0x0b,
  template: 0x0c,
  normalSubstitution: 0x0d,
  optionalSubstitution: 0x0e,
  fragment: 0x0f,
} as const
const MORE = 0x40
const VALUE_ARRAY = 0x80
const VALUE_BINXML = 0x21
const VALUE_FILETIME = 0x11

/** limits: real templates have some 60 leaves, 5 levels and one template in another */
const LEAVES_MAX = 2048
const ELEMENT_DEPTH_MAX = 32
const TEMPLATE_DEPTH_MAX = 4
const SUBSTITUTIONS_MAX = 2048
/** bytes and values looked at for one record: nested templates may name the same value again and again */
const WORK_PER_RECORD_MAX = 1 << 20
/** bytes of template definitions compiled for one chunk of 65,536 */
const COMPILED_BYTES_MAX = 1 << 19

/** A piece of text: its own, or the number of a substitution. */
type Part = string | number

interface Leaf {
  /** of System, by `SYSTEM`; '' for data */
  readonly field: string
  /** name of the data: its own name, or the parts of its attribute Name; null: `Data` without one */
  readonly name: readonly Part[] | null
  readonly parts: readonly Part[]
}

interface Template {
  readonly leaves: readonly Leaf[]
  readonly eventId: Leaf | null
}

interface Values {
  readonly count: number
  readonly at: Int32Array
  readonly size: Int32Array
  readonly type: Uint8Array
}

/** Element of System and its attribute, as they are called here. */
const SYSTEM: Readonly<Record<string, string>> = {
  'EventID ': 'id',
  'Channel ': 'channel',
  'Computer ': 'computer',
  'EventRecordID ': 'record',
  'Provider Name': 'provider',
  'TimeCreated SystemTime': 'time',
}
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const NO_NAME: readonly Part[] = []

/** Reads records of one chunk at a time. */
export class BinXml {
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  readonly #names = new Map<number, string>()
  readonly #templates = new Map<number, Template | null>()
  readonly #wanted: (id: number) => boolean
  #compiled = 0
  #at = 0
  #isFaulty = false
  #found: Found = newFound()
  #work = 0

  /** `wanted` is asked before anything but the event id is read. */
  constructor(wanted: (id: number) => boolean) {
    this.#wanted = wanted
  }

  /** The chunk in which the next records stand, from its signature on. Borrowed until the next call. */
  chunk(bytes: Buffer): void {
    this.#bytes = bytes
    this.#names.clear()
    this.#templates.clear()
    this.#compiled = 0
  }

  /** The record whose binary XML stands from `start` to `end` of the chunk. */
  read(start: number, end: number): RecordOutcome {
    this.#end = Math.min(end, this.#bytes.length)
    this.#isFaulty = false
    this.#work = 0
    this.#found = newFound()
    const isWanted = this.#fragment(start, this.#end, 0)
    if (!isWanted) return 'skipped'
    const found = this.#found
    if (this.#isFaulty || found.id === null) return 'damaged'
    const { id, channel, provider, computer, record, time, data } = found
    return { id, channel, provider, computer, record, time, data }
  }

  /** One fragment: header, then template instances or elements. False: the event is not wanted. */
  #fragment(start: number, end: number, depth: number): boolean {
    this.#work += end - start
    let at = start
    while (at < end && !this.#isFaulty) {
      if (this.#work > WORK_PER_RECORD_MAX) return this.#fault() || true
      const token = this.#bytes[at]! & ~MORE
      if (token === TOKEN.end) return true
      if (token === TOKEN.fragment) at += 4
      else if (token === TOKEN.template) {
        const next = this.#instance(at, end, depth)
        if (next < 0) return false
        at = next
      } else if (token === TOKEN.element) {
        // values stand in place: a template without substitutions
        const leaves: Leaf[] = []
        this.#at = at
        this.#element('', leaves, 0, false, end)
        if (this.#isFaulty) return true
        const made = { leaves, eventId: leaves.find(({ field }) => field === 'id') ?? null }
        if (!this.#apply(made, NOTHING, depth)) return false
        at = this.#at
      } else return this.#fault() || true
    }
    return true
  }

  /** A template instance at `at`: gives where it ends, or -1 where the event is not wanted. */
  #instance(at: number, end: number, depth: number): number {
    const bytes = this.#bytes
    if (depth >= TEMPLATE_DEPTH_MAX || at + 14 > end) return this.#faultAt(end)
    const definition = bytes.readUInt32LE(at + 6)
    let next = at + 10
    if (definition === next) {
      // the first use in a chunk holds the definition itself
      if (next + 24 > end) return this.#faultAt(end)
      next += 24 + bytes.readUInt32LE(next + 20)
    }
    if (next + 4 > end) return this.#faultAt(end)
    const template = this.#template(definition)
    const count = bytes.readUInt32LE(next)
    let descriptor = next + 4
    let value = descriptor + 4 * count
    if (template === null || count > SUBSTITUTIONS_MAX || value > end) return this.#faultAt(end)
    this.#work += count
    const values: Values = {
      count,
      at: new Int32Array(count),
      size: new Int32Array(count),
      type: new Uint8Array(count),
    }
    for (let i = 0; i < count; i++, descriptor += 4) {
      const size = bytes.readUInt16LE(descriptor)
      values.at[i] = value
      values.size[i] = size
      values.type[i] = bytes[descriptor + 2]!
      value += size
    }
    if (value > end) return this.#faultAt(end)
    return this.#apply(template, values, depth) ? value : -1
  }

  #template(offset: number): Template | null {
    const known = this.#templates.get(offset)
    if (known !== undefined) return known
    const made = this.#compile(offset)
    this.#templates.set(offset, made)
    return made
  }

  #compile(offset: number): Template | null {
    const bytes = this.#bytes
    if (offset < 0 || offset + 24 + 4 > bytes.length) return null
    const size = bytes.readUInt32LE(offset + 20)
    const end = offset + 24 + size
    this.#compiled += size
    if (end > bytes.length || this.#compiled > COMPILED_BYTES_MAX) return null
    const leaves: Leaf[] = []
    const start = offset + 24
    this.#at = (bytes[start]! & ~MORE) === TOKEN.fragment ? start + 4 : start
    this.#element('', leaves, 0, true, end)
    // whoever uses it says so
    const isFaulty = this.#isFaulty
    this.#isFaulty = false
    if (isFaulty) return null
    return { leaves, eventId: leaves.find(({ field }) => field === 'id') ?? null }
  }

  /** The element at `#at`, inside `parent`; its leaves are added, `#at` stands behind it. */
  #element(parent: string, leaves: Leaf[], depth: number, isTemplate: boolean, end: number): void {
    const bytes = this.#bytes
    const token = bytes[this.#at]!
    if ((token & ~MORE) !== TOKEN.element || depth > ELEMENT_DEPTH_MAX || this.#at + 11 > end) {
      this.#fault()
      return
    }
    this.#at += isTemplate ? 7 : 5
    const name = this.#name(end)
    let dataName: readonly Part[] | null = name === 'Data' ? null : [name]
    if (token & MORE) {
      this.#at += 4
      while (!this.#isFaulty && this.#at < end && (bytes[this.#at]! & ~MORE) === TOKEN.attribute) {
        this.#at++
        const attribute = this.#name(end)
        const parts = this.#parts(end)
        const field = parent === 'System' ? SYSTEM[`${name} ${attribute}`] : undefined
        if (field !== undefined) leaves.push({ field, name: NO_NAME, parts })
        else if (name === 'Data' && attribute === 'Name') dataName = parts
      }
    }
    if (this.#isFaulty || this.#at >= end) {
      this.#fault()
      return
    }
    const close = bytes[this.#at++]! & ~MORE
    if (close === TOKEN.closeEmpty) return
    if (close !== TOKEN.closeStart) {
      this.#fault()
      return
    }
    const text: Part[] = []
    while (!this.#isFaulty) {
      if (this.#at >= end || leaves.length > LEAVES_MAX) {
        this.#fault()
        return
      }
      const inner = bytes[this.#at]! & ~MORE
      if (inner === TOKEN.endElement) {
        this.#at++
        break
      }
      if (inner === TOKEN.element) this.#element(name, leaves, depth + 1, isTemplate, end)
      else if (!this.#part(text, end)) {
        this.#fault()
        return
      }
    }
    if (text.length === 0) return
    if (parent !== 'System') leaves.push({ field: '', name: dataName, parts: text })
    else {
      const field = SYSTEM[`${name} `]
      if (field !== undefined) leaves.push({ field, name: NO_NAME, parts: text })
    }
  }

  /** The value of an attribute: pieces up to the first token that is none. */
  #parts(end: number): readonly Part[] {
    const parts: Part[] = []
    while (!this.#isFaulty && this.#at < end && this.#part(parts, end));
    return parts
  }

  /** One piece of text at `#at`; false: there is none. */
  #part(parts: Part[], end: number): boolean {
    const bytes = this.#bytes
    const at = this.#at
    const token = bytes[at]! & ~MORE
    switch (token) {
      case TOKEN.value:
        if (at + 2 > end || bytes[at + 1] !== 0x01) return this.#fault()
        this.#at = at + 2
        return this.#text(parts, end)
      case TOKEN.cdata:
        this.#at = at + 1
        return this.#text(parts, end)
      case TOKEN.charRef:
        if (at + 3 > end) return this.#fault()
        parts.push(String.fromCharCode(bytes.readUInt16LE(at + 1)))
        this.#at = at + 3
        return true
      case TOKEN.entityRef: {
        this.#at = at + 1
        const name = this.#name(end)
        parts.push(ENTITIES[name] ?? '')
        return !this.#isFaulty
      }
      case TOKEN.piTarget:
        this.#at = at + 1
        this.#name(end)
        return !this.#isFaulty
      case TOKEN.piData:
        this.#at = at + 1
        return this.#text([], end)
      case TOKEN.normalSubstitution:
      case TOKEN.optionalSubstitution:
        if (at + 4 > end) return this.#fault()
        parts.push(bytes.readUInt16LE(at + 1))
        this.#at = at + 4
        return true
      default:
        return false
    }
  }

  /** Characters with their count before them. */
  #text(parts: Part[], end: number): boolean {
    const at = this.#at
    if (at + 2 > end) return this.#fault()
    const to = at + 2 + 2 * this.#bytes.readUInt16LE(at)
    if (to > end) return this.#fault()
    parts.push(this.#bytes.toString('utf16le', at + 2, to))
    this.#at = to
    return true
  }

  /** The name to which `#at` points; the first use of a name in a chunk holds the name itself. */
  #name(end: number): string {
    const at = this.#at
    if (at + 4 > end) {
      this.#fault()
      return ''
    }
    const offset = this.#bytes.readUInt32LE(at)
    this.#at = at + 4
    const known = this.#names.get(offset)
    if (known !== undefined && offset !== at + 4) return known
    const bytes = this.#bytes
    // next of the same hash, hash, count, characters, zero
    if (offset + 10 > bytes.length) {
      this.#fault()
      return ''
    }
    const to = offset + 8 + 2 * bytes.readUInt16LE(offset + 6)
    if (to + 2 > bytes.length || to - offset > NAME_BYTES_MAX) {
      this.#fault()
      return ''
    }
    if (offset === at + 4) this.#at = to + 2
    const name = known ?? bytes.toString('utf16le', offset + 8, to)
    this.#names.set(offset, name)
    return name
  }

  /** Gives the values of one record to the leaves. False: the event is not wanted. */
  #apply(template: Template, values: Values, depth: number): boolean {
    if (template.eventId !== null) {
      const id = Number.parseInt(this.#joined(template.eventId.parts, values), 10)
      if (!Number.isInteger(id)) return this.#fault() || true
      if (!this.#wanted(id)) return false
      this.#found.id = id
    }
    for (const leaf of template.leaves) {
      if (this.#isFaulty) return true
      if (leaf === template.eventId) continue
      if (++this.#work > WORK_PER_RECORD_MAX) return this.#fault() || true
      const [only] = leaf.parts
      if (leaf.parts.length === 1 && typeof only === 'number' && only < values.count) {
        const type = values.type[only]!
        const at = values.at[only]!
        const size = values.size[only]!
        if (type === VALUE_BINXML) {
          if (!this.#fragment(at, at + size, depth + 1)) return false
          continue
        }
        if (type === VALUE_FILETIME && leaf.field === 'time' && size >= 8) {
          this.#found.time = fileTimeMicros(this.#bytes.readBigUInt64LE(at))
          continue
        }
        if (type & VALUE_ARRAY) {
          this.#work += size
          for (const text of this.#array(type & ~VALUE_ARRAY, at, size)) this.#keep(leaf, text, values)
          continue
        }
      }
      const text = this.#joined(leaf.parts, values)
      if (text !== '') this.#keep(leaf, text, values)
      else if (leaf.name === null) this.#found.unnamed++
    }
    return true
  }

  #keep(leaf: Leaf, text: string, values: Values): void {
    const found = this.#found
    switch (leaf.field) {
      case '': {
        const name = leaf.name === null ? `Data${++found.unnamed}` : this.#joined(leaf.name, values)
        if (found.data.size < LEAVES_MAX) found.data.set(name, text)
        return
      }
      case 'channel':
        found.channel = text
        return
      case 'computer':
        found.computer = text
        return
      case 'provider':
        found.provider = text
        return
      case 'record':
        found.record = Number(text)
        return
      case 'time': {
        const micros = microsOf(text)
        found.time = Number.isNaN(micros) ? null : micros
        return
      }
    }
  }

  #joined(parts: readonly Part[], values: Values): string {
    let text = ''
    for (const part of parts) {
      if (typeof part === 'string') text += part
      else if (part < values.count && this.#work <= WORK_PER_RECORD_MAX) {
        this.#work += values.size[part]!
        text += this.#value(values.type[part]!, values.at[part]!, values.size[part]!)
      }
    }
    return text
  }

  #array(type: number, at: number, size: number): string[] {
    if (type === 0x01) {
      const text = this.#bytes.toString('utf16le', at, at + size)
      return text.split('\0', ARRAY_MAX).filter((each, index, all) => each !== '' || index < all.length - 1)
    }
    const width = WIDTHS[type]
    if (width === undefined) return []
    const all: string[] = []
    for (let from = at; from + width <= at + size && all.length < ARRAY_MAX; from += width)
      all.push(this.#value(type, from, width))
    return all
  }

  /** A value as Windows writes it in XML; '' where it is null or of a kind that is not known. */
  #value(type: number, at: number, size: number): string {
    const bytes = this.#bytes
    const width = WIDTHS[type]
    if (width !== undefined && size < width) return ''
    switch (type) {
      case 0x01:
        return withoutZero(bytes.toString('utf16le', at, at + size))
      case 0x02:
        return withoutZero(bytes.toString('latin1', at, at + size))
      case 0x03:
        return String(bytes.readInt8(at))
      case 0x04:
        return String(bytes.readUInt8(at))
      case 0x05:
        return String(bytes.readInt16LE(at))
      case 0x06:
        return String(bytes.readUInt16LE(at))
      case 0x07:
        return String(bytes.readInt32LE(at))
      case 0x08:
        return String(bytes.readUInt32LE(at))
      case 0x09:
        return String(bytes.readBigInt64LE(at))
      case 0x0a:
        return String(bytes.readBigUInt64LE(at))
      case 0x0b:
        return String(bytes.readFloatLE(at))
      case 0x0c:
        return String(bytes.readDoubleLE(at))
      case 0x0d:
        return bytes.readInt32LE(at) === 0 ? 'false' : 'true'
      case 0x0e:
        return bytes.toString('hex', at, at + size).toUpperCase()
      case 0x0f:
        return windowsGuid(bytes, at)
      case 0x10:
        return `0x${(size >= 8 ? bytes.readBigUInt64LE(at) : bytes.readUInt32LE(at)).toString(16)}`
      case 0x11:
        return fileTimeText(bytes.readBigUInt64LE(at))
      case 0x12:
        return systemTimeText(bytes, at)
      case 0x13:
        return windowsSid(bytes, at, size)
      case 0x14:
        return `0x${bytes.readUInt32LE(at).toString(16)}`
      case 0x15:
        return `0x${bytes.readBigUInt64LE(at).toString(16)}`
      default:
        return ''
    }
  }

  #fault(): false {
    this.#isFaulty = true
    return false
  }

  #faultAt(end: number): number {
    this.#isFaulty = true
    return end
  }
}

interface Found {
  id: number | null
  channel: string
  provider: string
  computer: string
  record: number | null
  time: number | null
  unnamed: number
  readonly data: Map<string, string>
}

function newFound(): Found {
  return { id: null, channel: '', provider: '', computer: '', record: null, time: null, unnamed: 0, data: new Map() }
}

const NOTHING: Values = { count: 0, at: new Int32Array(0), size: new Int32Array(0), type: new Uint8Array(0) }
const NAME_BYTES_MAX = 1024
const ARRAY_MAX = 1024
/** bytes of the kinds of a fixed size; size_t is 4 or 8 */
const WIDTHS: Readonly<Record<number, number>> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  15: 16,
  16: 4,
  17: 8,
  18: 16,
  20: 4,
  21: 8,
}

function withoutZero(text: string): string {
  const zero = text.indexOf('\0')
  return zero < 0 ? text : text.slice(0, zero)
}
