/**
 * Writes event log files as Windows lays them out: chunks, names and templates stored once a chunk at their first use,
 * the event's data as a template inside a value. Checked against libevtx's evtxexport where that is installed.
 */
import { crc32 } from 'node:zlib'

/** A value of an event with its binary type. */
export type Typed =
  | { readonly type: 'string' | 'sid' | 'guid'; readonly value: string }
  | { readonly type: 'uint8' | 'uint16' | 'uint32' | 'int32' | 'bool' | 'hex32' | 'float'; readonly value: number }
  | { readonly type: 'uint64' | 'hex64' | 'filetime' | 'pointer'; readonly value: bigint }
  | { readonly type: 'binary'; readonly value: Buffer }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'null' }

export interface SampleEvent {
  readonly id: number
  readonly channel: string
  readonly provider: string
  readonly computer: string
  readonly record: number
  /** microseconds since 1970 */
  readonly time: number
  /** text, or typed; a name of null writes a `Data` without one */
  readonly data: readonly (readonly [string | null, string | Typed])[]
  /** the root of UserData instead of EventData */
  readonly userData?: string
}

const CHUNK = 65_536
const RECORDS_FROM = 512

/** A whole file. */
export function evtxFile(events: readonly SampleEvent[]): Buffer {
  const chunks: Buffer[] = []
  let open = new ChunkWriter(1)
  for (const event of events) {
    if (open.add(event)) continue
    chunks.push(open.finish())
    open = new ChunkWriter(open.next)
    if (!open.add(event)) throw new Error('an event is longer than a chunk')
  }
  chunks.push(open.finish())
  const head = Buffer.alloc(4096)
  head.write('ElfFile\0', 'latin1')
  head.writeBigUInt64LE(BigInt(chunks.length - 1), 16)
  head.writeBigUInt64LE(BigInt((events.at(-1)?.record ?? 0) + 1), 24)
  head.writeUInt32LE(128, 32)
  head.writeUInt16LE(1, 36)
  head.writeUInt16LE(3, 38)
  head.writeUInt16LE(4096, 40)
  head.writeUInt16LE(chunks.length, 42)
  head.writeUInt32LE(crc32(head.subarray(0, 120)), 124)
  return Buffer.concat([head, ...chunks])
}

/** FILETIME of microseconds since 1970. */
export function fileTime(micros: number): bigint {
  return BigInt(micros) * 10n + 116_444_736_000_000_000n
}

class ChunkWriter {
  next: number
  readonly #bytes = Buffer.alloc(CHUNK)
  readonly #names = new Map<string, number>()
  readonly #templates = new Map<string, number>()
  readonly #first: number
  #at = RECORDS_FROM
  #last = RECORDS_FROM
  #ids: number[] = []

  constructor(first: number) {
    this.#first = first
    this.next = first
  }

  /** False: there is no room. */
  add(event: SampleEvent): boolean {
    const [names, templates] = [new Map(this.#names), new Map(this.#templates)]
    const start = this.#at
    try {
      this.#record(event)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#bytes.fill(0, start)
      this.#at = start
      restore(this.#names, names)
      restore(this.#templates, templates)
      return false
    }
    this.#last = start
    this.#ids.push(event.record)
    this.next++
    return true
  }

  finish(): Buffer {
    const bytes = this.#bytes
    bytes.write('ElfChnk\0', 'latin1')
    bytes.writeBigUInt64LE(BigInt(this.#first), 8)
    bytes.writeBigUInt64LE(BigInt(Math.max(this.#first, this.next - 1)), 16)
    bytes.writeBigUInt64LE(BigInt(this.#ids[0] ?? 1), 24)
    bytes.writeBigUInt64LE(BigInt(this.#ids.at(-1) ?? 1), 32)
    bytes.writeUInt32LE(128, 40)
    bytes.writeUInt32LE(this.#last, 44)
    bytes.writeUInt32LE(this.#at, 48)
    bytes.writeUInt32LE(crc32(bytes.subarray(RECORDS_FROM, this.#at)), 52)
    bytes.writeUInt32LE(crc32(bytes.subarray(128, RECORDS_FROM), crc32(bytes.subarray(0, 120))), 124)
    return bytes
  }

  #record(event: SampleEvent): void {
    const start = this.#at
    this.#u32(0x2a2a)
    this.#u32(0)
    this.#u64(BigInt(event.record))
    this.#u64(fileTime(event.time))
    this.#system(event)
    while ((this.#at - start) % 8 !== 4) this.#u8(0)
    const size = this.#at + 4 - start
    this.#bytes.writeUInt32LE(size, start + 4)
    this.#u32(size)
  }

  #system(event: SampleEvent): void {
    this.#fragmentHeader()
    this.#instance(
      'system',
      () => {
        this.#element('Event', [['xmlns', NAMESPACE]], () => {
          this.#element('System', [], () => {
            this.#element('Provider', [['Name', 0]], null)
            this.#element('EventID', [['Qualifiers', 2]], 1)
            this.#element('Level', [], 3)
            this.#element('TimeCreated', [['SystemTime', 4]], null)
            this.#element('EventRecordID', [], 5)
            this.#element('Channel', [], 6)
            this.#element('Computer', [], 7)
            this.#element('Security', [['UserID', 8]], null)
          })
          this.#substitution(9, 0x21)
        })
      },
      [
        { type: 'string', value: event.provider },
        { type: 'uint16', value: event.id },
        { type: 'null' },
        { type: 'uint8', value: 0 },
        { type: 'filetime', value: fileTime(event.time) },
        { type: 'uint64', value: BigInt(event.record) },
        { type: 'string', value: event.channel },
        { type: 'string', value: event.computer },
        { type: 'sid', value: 'S-1-5-18' },
      ],
      () => this.#data(event),
    )
    this.#u8(0)
  }

  /** The data as a value: a fragment with a template of its own. */
  #data({ data, provider, id, userData }: SampleEvent): void {
    this.#fragmentHeader()
    const values = data.map(([, value]): Typed => (typeof value === 'string' ? { type: 'string', value } : value))
    this.#instance(
      `${provider} ${id} ${userData ?? ''} ${data.map(([name]) => name).join(',')}`,
      () => {
        if (userData !== undefined) {
          this.#element('UserData', [], () =>
            this.#element(userData, [], () => {
              for (const [at, [name]] of data.entries()) this.#element(name ?? 'Param', [], at)
            }),
          )
          return
        }
        this.#element('EventData', [], () => {
          for (const [at, [name]] of data.entries()) this.#element('Data', name === null ? [] : [['Name', name]], at)
        })
      },
      values,
      null,
    )
    this.#u8(0)
  }

  #instance(key: string, definition: () => void, values: readonly Typed[], nested: (() => void) | null): void {
    this.#u8(0x0c)
    this.#u8(1)
    const known = this.#templates.get(key)
    const id = known ?? this.#at
    this.#u32(crc32(Buffer.from(key)))
    const at = this.#at + 4
    this.#u32(known ?? at)
    if (known === undefined) {
      this.#templates.set(key, at)
      this.#u32(0)
      this.#u32(crc32(Buffer.from(key)))
      for (let i = 0; i < 12; i++) this.#u8(id & 0xff)
      const sizeAt = this.#at
      this.#u32(0)
      const from = this.#at
      this.#fragmentHeader()
      this.#isTemplate = true
      definition()
      this.#isTemplate = false
      this.#u8(0)
      this.#bytes.writeUInt32LE(this.#at - from, sizeAt)
    }
    const all = values.map(encoded)
    this.#u32(all.length + (nested === null ? 0 : 1))
    for (const { type, bytes } of all) {
      this.#u16(bytes.length)
      this.#u8(type)
      this.#u8(0)
    }
    const nestedAt = this.#at
    if (nested !== null) {
      this.#u16(0)
      this.#u8(0x21)
      this.#u8(0)
    }
    for (const { bytes } of all) this.#raw(bytes)
    if (nested === null) return
    const from = this.#at
    nested()
    this.#bytes.writeUInt16LE(this.#at - from, nestedAt)
  }

  #isTemplate = false

  /** Content: a substitution, elements, or nothing. */
  #element(
    name: string,
    attributes: readonly (readonly [string, string | number])[],
    content: number | (() => void) | null,
  ): void {
    this.#u8(attributes.length > 0 ? 0x41 : 0x01)
    if (this.#isTemplate) this.#u16(0xffff)
    const sizeAt = this.#at
    this.#u32(0)
    this.#name(name)
    if (attributes.length > 0) {
      const listAt = this.#at
      this.#u32(0)
      for (const [at, [attribute, value]] of attributes.entries()) {
        this.#u8(at < attributes.length - 1 ? 0x46 : 0x06)
        this.#name(attribute)
        if (typeof value === 'number') this.#substitution(value, 0x01)
        else this.#text(value)
      }
      this.#bytes.writeUInt32LE(this.#at - listAt - 4, listAt)
    }
    if (content === null) this.#u8(0x03)
    else {
      this.#u8(0x02)
      if (typeof content === 'number') this.#substitution(content, 0x01)
      else content()
      this.#u8(0x04)
    }
    this.#bytes.writeUInt32LE(this.#at - sizeAt - 4, sizeAt)
  }

  #substitution(id: number, type: number): void {
    this.#u8(0x0e)
    this.#u16(id)
    this.#u8(type)
  }

  #text(text: string): void {
    this.#u8(0x05)
    this.#u8(0x01)
    this.#u16(text.length)
    this.#raw(Buffer.from(text, 'utf16le'))
  }

  #name(name: string): void {
    const known = this.#names.get(name)
    this.#u32(known ?? this.#at + 4)
    if (known !== undefined) return
    this.#names.set(name, this.#at)
    let hash = 0
    for (const letter of name) hash = (hash * 65_599 + letter.charCodeAt(0)) >>> 0
    this.#u32(0)
    this.#u16(hash & 0xffff)
    this.#u16(name.length)
    this.#raw(Buffer.from(name, 'utf16le'))
    this.#u16(0)
  }

  #fragmentHeader(): void {
    this.#raw(Buffer.from([0x0f, 1, 1, 0]))
  }

  #u8(value: number): void {
    this.#at = this.#bytes.writeUInt8(value, this.#at)
  }

  #u16(value: number): void {
    this.#at = this.#bytes.writeUInt16LE(value, this.#at)
  }

  #u32(value: number): void {
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
  }

  #u64(value: bigint): void {
    this.#at = this.#bytes.writeBigUInt64LE(value, this.#at)
  }

  #raw(bytes: Buffer): void {
    if (this.#at + bytes.length > CHUNK) throw new RangeError('the chunk is full')
    bytes.copy(this.#bytes, this.#at)
    this.#at += bytes.length
  }
}

function restore<K, V>(map: Map<K, V>, before: ReadonlyMap<K, V>): void {
  map.clear()
  for (const [key, value] of before) map.set(key, value)
}

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event'

function encoded(typed: Typed): { type: number; bytes: Buffer } {
  const sized = (size: number, write: (bytes: Buffer) => void) => {
    const bytes = Buffer.alloc(size)
    write(bytes)
    return bytes
  }
  switch (typed.type) {
    case 'null':
      return { type: 0, bytes: Buffer.alloc(0) }
    case 'string':
      return { type: 0x01, bytes: Buffer.from(typed.value, 'utf16le') }
    case 'strings':
      return { type: 0x81, bytes: Buffer.from(typed.value.map((each) => `${each}\0`).join(''), 'utf16le') }
    case 'uint8':
      return { type: 0x04, bytes: Buffer.from([typed.value]) }
    case 'uint16':
      return { type: 0x06, bytes: sized(2, (bytes) => bytes.writeUInt16LE(typed.value)) }
    case 'int32':
      return { type: 0x07, bytes: sized(4, (bytes) => bytes.writeInt32LE(typed.value)) }
    case 'uint32':
      return { type: 0x08, bytes: sized(4, (bytes) => bytes.writeUInt32LE(typed.value)) }
    case 'uint64':
      return { type: 0x0a, bytes: sized(8, (bytes) => bytes.writeBigUInt64LE(typed.value)) }
    case 'float':
      return { type: 0x0b, bytes: sized(4, (bytes) => bytes.writeFloatLE(typed.value)) }
    case 'bool':
      return { type: 0x0d, bytes: sized(4, (bytes) => bytes.writeUInt32LE(typed.value)) }
    case 'binary':
      return { type: 0x0e, bytes: typed.value }
    case 'pointer':
      return { type: 0x10, bytes: sized(8, (bytes) => bytes.writeBigUInt64LE(typed.value)) }
    case 'filetime':
      return { type: 0x11, bytes: sized(8, (bytes) => bytes.writeBigUInt64LE(typed.value)) }
    case 'hex32':
      return { type: 0x14, bytes: sized(4, (bytes) => bytes.writeUInt32LE(typed.value)) }
    case 'hex64':
      return { type: 0x15, bytes: sized(8, (bytes) => bytes.writeBigUInt64LE(typed.value)) }
    case 'guid': {
      const [a = '', b = '', c = '', ...rest] = typed.value.replace(/[{}]/g, '').split('-')
      const swapped = [a, b, c].map((part) => part.match(/../g)!.toReversed().join(''))
      return { type: 0x0f, bytes: Buffer.from([...swapped, ...rest].join(''), 'hex') }
    }
    case 'sid': {
      const [, revision, authority, ...parts] = typed.value.split('-').map(Number)
      return {
        type: 0x13,
        bytes: sized(8 + 4 * parts.length, (bytes) => {
          bytes[0] = revision!
          bytes[1] = parts.length
          bytes.writeUIntBE(authority!, 2, 6)
          for (const [at, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * at)
        }),
      }
    }
  }
}
