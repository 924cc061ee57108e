/**
 * Windows logs beside a finished run: reads the files, joins their events to the exchanges and requests that the run lists, and says what logs and wire
 * show of each other. Gives new values; the exchanges that come in stay as they are.
 */
import type { AuthExchange, KdcExchange } from '../exchange.ts'
import { EVENT_RULES } from '../rules/events.ts'
import { hit } from '../rules/rule.ts'
import type { Sighting } from '../watch/watch.ts'
import type { WindowsFacts } from '../windows-facts.ts'
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
import type { Joined, Subject } from './subject.ts'

export interface EventInput extends JoinInput {
  /** files and folders of logs */
  readonly files: readonly string[]
  /** the exchanges are all that the captures hold */
  readonly isWhole: boolean
  readonly signal?: AbortSignal | undefined
}

export interface EventsJoined {
  /** in the order in which they came */
  readonly exchanges: readonly AuthExchange[]
  readonly kdc: readonly KdcExchange[]
  readonly coverage: EventCoverage
  readonly blindSpots: readonly EventBlindSpot[]
  readonly sightings: readonly Sighting[]
}

/** A file that cannot be read is told in `coverage.files`; the others are read. */
export async function joinEvents(input: EventInput): Promise<EventsJoined> {
  const join = new EventJoin(input)
  const files: EventFileRead[] = []
  for (const file of input.files.flatMap((each) => expanded(each, files))) {
    if (input.signal?.aborted) break
    try {
      files.push({ ...(await readEventFile(file, (event) => join.add(event))), fault: null })
    } catch (error) {
      if (!(error instanceof EventFileError)) throw error
      files.push({ name: file, fault: error.message })
    }
  }
  const result = join.result()
  const windows = new Map<Subject, WindowsFacts | null>()
  const exchanges: AuthExchange[] = []
  const kdc: KdcExchange[] = []
  const sightings: Sighting[] = []
  for (const subject of result.subjects) {
    const facts = windowsOf(subject)
    windows.set(subject, facts)
    const more = { events: eventsOf(subject), windows: facts }
    if (subject.exchange !== null) exchanges.push(Object.freeze({ ...subject.exchange, ...more }))
    else if (subject.kdc !== null) kdc.push(Object.freeze({ ...subject.kdc, ...more }))
    const other = subject.joined.find((joined) => isOtherMechanism(joined, subject.mechanism))
    if (other !== undefined && subject.exchange !== null) sightings.push(contradiction(subject.exchange, other))
  }
  const coverage = eventCoverageOf(result, files, windows, input.isWhole)
  return { exchanges, kdc, coverage, blindSpots: eventBlindSpots(coverage), sightings }
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

function contradiction(exchange: AuthExchange, { fact }: Joined): Sighting {
  const record = fact.record === null ? '' : `, record ${fact.record}`
  const said = [fact.package, fact.lmPackage].filter((part) => part !== null).join(', ')
  return {
    rule: EVENT_RULES.contradiction,
    client: exchange.client.ip,
    server: exchange.server.ip,
    service: exchange.service,
    count: 1,
    start: exchange.start,
    end: exchange.end,
    evidence: [{ capture: exchange.capture, frames: exchange.frames }],
    hit: hit(`the wire shows ${exchange.mechanism}; event ${fact.id} of ${fact.host}${record} says ${said}`),
  }
}
