/**
 * Files of events: which there are, what form each has (told by its content, never by its name), and their events one
 * after the other. Nothing of a file stays in memory.
 */
import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { channelName, isWanted, logOf, type WindowsEvent } from '../event.ts'
import { EVTX_SIGNATURE, Evtx } from './evtx.ts'
import { FormError, jsonEvent, ObjectSplitter } from './json.ts'
import { EventSplitter, xmlEvent, xmlEventId } from './xml.ts'

export type EventForm = 'evtx' | 'xml' | 'json' | 'csv'

/** What one file held. */
export interface EventFileSummary {
  readonly name: string
  readonly form: EventForm
  readonly bytes: number
  /** events that were read, and those of them that are of a kind that is used */
  readonly events: number
  readonly used: number
  /** events that could not be read, and chunks (of .evtx) whose checksum is wrong */
  readonly damaged: number
  readonly damagedChunks: number
}

/** A file of events that could not be read: one line for whoever named it. */
export class EventFileError extends Error {}

const READ_BYTES = 1 << 20
/** the year 3000: nobody means a later time */
const MICROS_MAX = 32_503_680_000e6
const HEAD_BYTES = 4096
const EXPORT_HINT =
  'export it as .evtx: wevtutil epl Security security.evtx "/q:*[System[(EventID=4624 or EventID=4625 or EventID=5156)]]"'

/** Files of files and folders, in order, each once. Throws an EventFileError where there is none. */
export function expandEventFiles(inputs: readonly string[]): string[] {
  const found = new Set<string>()
  for (const input of inputs) {
    const state = statSync(input, { throwIfNoEntry: false })
    if (state === undefined) throw new EventFileError(`${input}: no such file or folder of events`)
    if (!state.isDirectory()) {
      found.add(input)
      continue
    }
    const names = readdirSync(input, { recursive: true, encoding: 'utf8' }).sort()
    const files = names.map((name) => join(input, name)).filter((path) => isEventFile(path))
    if (files.length === 0) throw new EventFileError(`${input}: no file of events in this folder`)
    for (const path of files) found.add(path)
  }
  return [...found]
}

/** In a folder, captures and notes may stand beside the logs. */
export function isEventFile(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false
  const form = formOf(headOf(path))
  if (form !== 'csv') return form !== null && form !== 'gzip'
  return /\.csv$/i.test(path)
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  const file = openSync(path, 'r')
  try {
    return head.subarray(0, readSync(file, head))
  } finally {
    closeSync(file)
  }
}

/** null: nothing that is known. */
function formOf(head: Buffer): EventForm | 'gzip' | null {
  if (head.toString('latin1', 0, 8) === EVTX_SIGNATURE) return 'evtx'
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const text = decoderOf(head).decode(head).trimStart()
  // a text has no zeros
  if (text.includes('\0') || text === '') return null
  if (text.startsWith('<')) return text.includes('<Event') ? 'xml' : null
  if (text.startsWith('{') || /^\[\s*\{/.test(text) || /^Record \d+\s*\{/.test(text)) return 'json'
  return /[,;\t]/.test(text.split('\n', 1)[0]!) ? 'csv' : null
}

/** PowerShell writes UTF-16 where it is not told otherwise. */
function decoderOf(head: Buffer): InstanceType<typeof TextDecoder> {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le')
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be')
  if (head.length > 3 && head[1] === 0 && head[3] === 0) return new TextDecoder('utf-16le')
  return new TextDecoder('utf-8')
}

/**
 * Gives every event of the file that is of use. `onBytes` is asked after each read: false ends it. Rejects with an
 * EventFileError.
 */
export async function readEventFile(
  path: string,
  use: (event: WindowsEvent) => void,
  onBytes: (bytes: number) => boolean = () => true,
): Promise<EventFileSummary> {
  try {
    return await new EventFile(path, use, onBytes).read()
  } catch (error) {
    if (error instanceof EventFileError) throw error
    if (error instanceof FormError) throw new EventFileError(`${path}: ${error.message}; ${EXPORT_HINT}`)
    throw new EventFileError(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

class EventFile {
  readonly #path: string
  readonly #use: (event: WindowsEvent) => void
  readonly #onBytes: (bytes: number) => boolean
  #bytes = 0
  #events = 0
  #used = 0
  #damaged = 0
  #damagedChunks = 0

  constructor(path: string, use: (event: WindowsEvent) => void, onBytes: (bytes: number) => boolean) {
    this.#path = path
    this.#use = use
    this.#onBytes = onBytes
  }

  async read(): Promise<EventFileSummary> {
    const head = headOf(this.#path)
    if (head.length === 0) throw new EventFileError(`${this.#path}: an empty file`)
    const isZipped = formOf(head) === 'gzip'
    const pieces = this.#pieces(isZipped)
    const first = await pieces.next()
    const begin = first.done ? Buffer.alloc(0) : first.value
    const form = formOf(begin.subarray(0, HEAD_BYTES))
    if (form === null || form === 'gzip') throw this.#unknown(begin)
    const all = chain(begin, pieces)
    if (form === 'evtx') await this.#evtx(all)
    else if (form === 'xml') await this.#xml(textOf(all, decoderOf(begin)))
    else if (form === 'json') await this.#json(textOf(all, decoderOf(begin)))
    else {
      const { readTable } = await import('./csv.ts')
      await readTable(textOf(all, decoderOf(begin)), decoderOf(begin).decode(begin.subarray(0, HEAD_BYTES)), (event) =>
        this.#found(event),
      )
    }
    if (this.#events === 0 && this.#damaged > 0) {
      throw new EventFileError(
        `${this.#path}: none of its ${this.#damaged} entries is an event that can be read; ${EXPORT_HINT}`,
      )
    }
    return {
      name: this.#path,
      form,
      bytes: this.#bytes,
      events: this.#events,
      used: this.#used,
      damaged: this.#damaged,
      damagedChunks: this.#damagedChunks,
    }
  }

  #unknown(head: Buffer): EventFileError {
    if (head.toString('latin1', 4, 8) === 'LfLe') {
      return new EventFileError(
        `${this.#path}: the log format of Windows XP and 2003; open it in Event Viewer and save it as .evtx`,
      )
    }
    return new EventFileError(
      `${this.#path}: no log of events (.evtx, XML, JSON lines, CSV of EvtxECmd or Splunk); ${EXPORT_HINT}`,
    )
  }

  async *#pieces(isZipped: boolean): AsyncGenerator<Buffer, undefined> {
    const file = createReadStream(this.#path, { highWaterMark: READ_BYTES })
    const stream = isZipped ? file.pipe(createGunzip({ chunkSize: READ_BYTES })) : file
    if (isZipped) file.on('error', (error) => stream.destroy(error))
    for await (const piece of stream) {
      const bytes = piece as Buffer
      this.#bytes += bytes.length
      yield bytes
      if (!this.#onBytes(bytes.length)) return
    }
  }

  async #evtx(pieces: AsyncIterable<Buffer>): Promise<void> {
    const evtx = new Evtx(isWanted, (event) => {
      if (event.time === null) this.#damaged++
      else this.#take(Object.assign(event, { time: event.time, clock: 'utc' as const }))
    })
    for await (const piece of pieces) evtx.write(piece)
    evtx.end()
    const { records, damagedRecords, damagedChunks } = evtx.counters
    this.#events += records - damagedRecords
    this.#damaged += damagedRecords
    this.#damagedChunks += damagedChunks
  }

  async #xml(pieces: AsyncIterable<string>): Promise<void> {
    const splitter = new EventSplitter()
    for await (const piece of pieces) {
      for (const text of splitter.write(piece)) {
        const id = xmlEventId(text)
        if (id !== null && !isWanted(id)) this.#events++
        else this.#found(xmlEvent(text))
      }
    }
    this.#damaged += splitter.dropped + Number(splitter.isOpen)
  }

  async #json(pieces: AsyncIterable<string>): Promise<void> {
    const splitter = new ObjectSplitter()
    for await (const piece of pieces) for (const text of splitter.write(piece)) this.#found(jsonEvent(text))
    this.#damaged += splitter.dropped + Number(splitter.isOpen)
  }

  #found(event: WindowsEvent | null): void {
    if (event === null) {
      this.#damaged++
      return
    }
    this.#events++
    if (isWanted(event.id)) this.#take(event)
  }

  #take(event: WindowsEvent): void {
    if (logOf(event) === null) return
    if (!(event.time >= 0 && event.time < MICROS_MAX)) {
      this.#damaged++
      return
    }
    this.#used++
    this.#use({ ...event, channel: channelName(event.channel) })
  }
}

async function* chain<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}

async function* textOf(
  pieces: AsyncIterable<Buffer>,
  decoder: InstanceType<typeof TextDecoder>,
): AsyncGenerator<string> {
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true })
  yield decoder.decode()
}
