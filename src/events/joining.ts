/**
 * Windows logs beside a finished run: reads the files, joins their events to the exchanges and requests that the run
 * lists, and says what logs and wire show of each other. Gives new values; the exchanges that come in stay as they are.
 */

import { statSync } from 'node:fs'
import type { Contradiction } from '../facts/contradiction.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { WindowsFacts } from '../facts/windows-facts.ts'
import type { WindowsEvent } from './event.ts'
import { EventFileError, expandEventFiles, readEventFile } from './forms/open.ts'
import { EventJoin, type JoinInput } from './join.ts'
import { eventsOf, isOtherMechanism, windowsOf } from './joined-facts.ts'
import {
  type EventBlindSpot,
  type EventCoverage,
  type EventFileRead,
  eventBlindSpots,
  eventCoverageOf,
} from './log-coverage.ts'
import type { JoinSubject } from './subject.ts'

export interface EventInput extends JoinInput {
  /** files and folders of logs */
  readonly files: readonly string[]
  /** milliseconds since 1970: a file to which nothing was written since then is not read. Absent: all are */
  readonly writtenSince?: number
  /** the exchanges are all that the captures hold */
  readonly isWhole: boolean
  readonly signal?: AbortSignal | undefined
  /** after every read: bytes of logs so far, of how many, and the events of use in them */
  readonly onProgress?: (bytes: number, totalBytes: number, events: number) => void
}

export interface EventsJoined {
  /** in the order in which they came */
  readonly exchanges: readonly AuthExchange[]
  readonly kdc: readonly KdcExchange[]
  readonly coverage: EventCoverage
  readonly blindSpots: readonly EventBlindSpot[]
  readonly contradictions: readonly Contradiction[]
}

/** A file that cannot be read is told in `coverage.files`; the others are read. */
export async function joinEvents(input: EventInput): Promise<EventsJoined> {
  const join = new EventJoin(input)
  const files: EventFileRead[] = []
  const { writtenSince = 0 } = input
  const found = input.files
    .flatMap((each) => expanded(each, files))
    .filter((path) => writtenSince === 0 || (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= writtenSince)
  const totalBytes = found.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
  let [bytes, events] = [0, 0]
  const use = (event: WindowsEvent) => {
    events++
    join.add(event)
  }
  const onBytes = (more: number) => {
    bytes += more
    input.onProgress?.(bytes, Math.max(bytes, totalBytes), events)
    return input.signal?.aborted !== true
  }
  for (const file of found) {
    if (input.signal?.aborted) break
    try {
      files.push({ ...(await readEventFile(file, use, onBytes)), fault: null })
    } catch (error) {
      if (!(error instanceof EventFileError)) throw error
      files.push({ name: file, fault: error.message })
    }
  }
  const result = join.result()
  const windows = new Map<JoinSubject, WindowsFacts | null>()
  const exchanges: AuthExchange[] = []
  const kdc: KdcExchange[] = []
  const contradictions: Contradiction[] = []
  for (const subject of result.subjects) {
    const facts = windowsOf(subject)
    windows.set(subject, facts)
    const more = { events: eventsOf(subject), windows: facts }
    if (subject.exchange !== null) exchanges.push(Object.freeze({ ...subject.exchange, ...more }))
    else if (subject.kdc !== null) kdc.push(Object.freeze({ ...subject.kdc, ...more }))
    const other = subject.joined.findIndex((joined) => isOtherMechanism(joined, subject.mechanism))
    if (other < 0 || subject.exchange === null) continue
    const { fact, side, join, confidence } = subject.joined[other]!
    const { id, channel, host, record, time } = fact
    contradictions.push({
      exchange: subject.exchange,
      event: { id, channel, host, record, time, side, join, confidence },
      says: [fact.package, fact.lmPackage].filter((part) => part !== null).join(', '),
    })
  }
  const coverage = eventCoverageOf(result, files, windows, input.isWhole)
  return { exchanges, kdc, coverage, blindSpots: eventBlindSpots(coverage), contradictions }
}

function expanded(input: string, files: EventFileRead[]): string[] {
  try {
    return expandEventFiles([input])
  } catch (error) {
    if (!(error instanceof EventFileError)) throw error
    files.push({ name: input, fault: error.message })
    return []
  }
}
