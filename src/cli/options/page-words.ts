/**
 * What the command line says about the page for people: what was before, cards of devices, a head, the zone of times.
 */
import { readFileSync, statSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { type Filter, type HostPattern, hostPattern } from '../../facts/filter.ts'
import type { KnownNames } from '../../judge/known-names.ts'
import type { Cover, PageExtras } from '../../output/writer.ts'
import type { NarrowTo } from '../../report/narrowing/asked.ts'
import type { Report } from '../../report/report.ts'
import { EXIT } from '../exit.ts'
import type { Session } from '../session.ts'
import { collect } from './argument.ts'
import { reportBefore } from './naming.ts'

export interface PageOptions {
  readonly before?: string
  readonly device?: readonly HostPattern[]
  readonly cover?: string
  readonly tz?: string
}

const COVER_BYTES_MAX = 64 * 1024
const COVER_TEXT_MAX = 2_000

export function withPage(command: Command): Command {
  return command
    .option('--before <report>', 'html: an earlier saved report or capture; what changed since then stands in the page')
    .option('--device <host>', 'html: with the card of this device; repeatable', collect(hostPattern))
    .option('--cover <file>', 'html: a head in YAML: title, for, where, why, author')
    .option('--tz <zone>', 'html: times of this zone, as Asia/Tokyo (default: UTC)', zone)
}

function zone(text: string): string {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: text })
    return text
  } catch {
    throw new InvalidArgumentError('A zone is a name as Asia/Tokyo or Europe/Berlin.')
  }
}

/** Is something asked that only the page has? */
export function asksPage({ before, device, cover, tz }: PageOptions): boolean {
  return [before, device, cover, tz].some((word) => word !== undefined)
}

/**
 * Reads what is asked for. What was before is narrowed as the report is: else all that was left out would be gone.
 * null: it could not be read, and it was said.
 */
export async function pageExtras(
  session: Session,
  options: PageOptions,
  known: KnownNames,
  asked: NarrowTo | null,
  filter: Filter | null,
): Promise<((report: Report) => PageExtras) | null> {
  const before = await reportBefore(session, options.before)
  const cover = await coverIn(session, options.cover)
  if (before === undefined || cover === null) return null
  const { deviceCard } = await import('../../judge/device.ts')
  const { diff } = await import('../../judge/diff.ts')
  const { namesLearnt } = await import('../../judge/hosts.ts')
  const devices = (options.device ?? []).map((host) => known.resolve(host))
  let earlier = before
  if (before !== null && (asked !== null || filter !== null)) {
    const { Narrowing } = await import('../../report/narrowing/narrow.ts')
    const { NOTHING_ASKED } = await import('../../report/narrowing/asked.ts')
    earlier = new Narrowing(
      before,
      asked ?? NOTHING_ASKED,
      filter === null ? undefined : known.resolveFilter(filter),
    ).report()
  }
  return (report) => {
    if (before !== null) {
      namesLearnt(before, report, known)
      namesLearnt(report, before, known)
    }
    return {
      ...(earlier === null ? {} : { before: { report: earlier, diff: diff(earlier, report) } }),
      ...(devices.length === 0 ? {} : { devices: devices.map((device) => deviceCard(report, device)) }),
      ...(cover === undefined ? {} : { cover }),
      ...(options.tz === undefined ? {} : { zone: options.tz }),
    }
  }
}

/** undefined: none is asked for; null: it makes no sense, and it was said. */
async function coverIn(session: Session, file: string | undefined): Promise<Cover | null | undefined> {
  if (file === undefined) return undefined
  session.inputs.add(file)
  const wrong = (what: string) => {
    session.complain(`${file}: ${what}`)
    session.exitCode = EXIT.usage
    return null
  }
  let text: string
  try {
    if (statSync(file).size > COVER_BYTES_MAX) return wrong('is too large for a head')
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return wrong(`cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  return coverOf(text, wrong)
}

async function coverOf(text: string, wrong: (what: string) => null): Promise<Cover | null> {
  const { parse } = await import('yaml')
  const { COVER_MEMBERS } = await import('../../output/writer.ts')
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    return wrong((error as Error).message.split('\n')[0]!)
  }
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  const isHead = members.every(
    ([name, part]) => COVER_MEMBERS.some((one) => one === name) && ['string', 'number'].includes(typeof part),
  )
  if (members.length === 0 || !isHead) return wrong(`a head has texts: ${COVER_MEMBERS.join(', ')}`)
  return Object.fromEntries(members.map(([name, part]) => [name, String(part).slice(0, COVER_TEXT_MAX)]))
}
