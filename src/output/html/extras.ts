/**
 * What a page has beside its report, where it is asked for: what changed since an earlier report, the cards of devices,
 * a head for whoever gets it, and the zone of its times.
 */
import type { DeviceCard } from '../../judge/device.ts'
import { CHANGES, type Change, type PairChange, WORSE } from '../../judge/diff.ts'
import { byBelonging } from '../../judge/inventory/belonging.ts'
import type { Inventory } from '../../judge/inventory/inventory.ts'
import type { Report } from '../../report/report.ts'
import { byCount } from '../page/counting.ts'
import { countText, plainSpaces, plural, secondText } from '../page/numbers.ts'
import { visible } from '../page/visible.ts'
import { reasonText } from '../verification.ts'
import type { PageExtras } from '../writer.ts'
import { CaptureNames } from './names.ts'
import type { AnswerState, Card } from './states.ts'

export interface ChangesText {
  readonly since: string
  readonly card: Card
  /** the worst first */
  readonly rows: readonly ChangeText[]
  readonly left: number
  readonly coverage: readonly string[]
}

export interface ChangeText {
  readonly change: Change
  readonly state: AnswerState
  readonly client: string
  readonly server: string
  readonly service: string
  readonly what: string
  readonly proof: string
}

export interface DeviceText {
  readonly name: string
  readonly lines: readonly {
    readonly asked: string
    readonly grade: string
    readonly state: AnswerState
    readonly why: readonly string[]
  }[]
}

const ROWS_MAX = 50
const REASONS_MAX = 2
const BARS_MAX = 4

const STATES: Readonly<Record<Change, AnswerState>> = {
  broken: 'bad',
  intermittent: 'bad',
  'fell back': 'bad',
  weaker: 'bad',
  fixed: 'ok',
  stronger: 'ok',
  unproven: 'unseen',
  'still NTLM': 'warn',
  changed: 'note',
  new: 'note',
  gone: 'unseen',
}

/** `doubts`: what keeps the later report from proving anything. */
export function changesText(
  { report, diff }: NonNullable<PageExtras['before']>,
  after: Report,
  doubts: readonly string[],
): ChangesText {
  const earlier = new CaptureNames(report)
  const later = new CaptureNames(after)
  const counts = CHANGES.map((kind) => [kind, diff.changes.filter(({ change }) => change === kind).length] as const)
  const of = (kind: Change) => counts.find(([name]) => name === kind)![1]
  const used = report.pairs.filter(({ counts: { mechanism } }) => (mechanism.ntlm ?? 0) > 0).length
  const isWorse = counts.some(([kind, count]) => WORSE.has(kind) && count > 0)
  const newNtlm = diff.changes.some(({ change, after: now }) => change === 'new' && (now?.mechanisms.ntlm ?? 0) > 0)
  const state: AnswerState = isWorse
    ? 'bad'
    : of('still NTLM') > 0 || newNtlm
      ? 'warn'
      : of('fixed') === used && doubts.length === 0
        ? 'ok'
        : 'unseen'
  const bars = counts.filter(([, count]) => count > 0).slice(0, BARS_MAX)
  return {
    since: report.captures.map(({ name }) => earlier.of(name)).join(', '),
    card: {
      state,
      big: countText(of('fixed')),
      of: plainSpaces(
        `of ${plural(used, 'pair')} that used NTLM before ${of('fixed') === 1 ? 'is' : 'are'} proven fixed`,
      ),
      bars: {
        rows: bars.map(([kind, count]) => [kind, count, countText(count)] as const),
        most: Math.max(1, ...bars.map(([, count]) => count)),
      },
    },
    rows: diff.changes.slice(0, ROWS_MAX).map((change) => rowText(change, earlier, later)),
    left: Math.max(0, diff.changes.length - ROWS_MAX),
    coverage: diff.coverage.map((text) => later.inText(earlier.inText(text))),
  }
}

function rowText(one: PairChange, earlier: CaptureNames, later: CaptureNames): ChangeText {
  const { change, client, server, service, before, after, detail } = one
  const proofs = [
    ...(before === null ? [] : [`before ${earlier.proof(before).text}`]),
    ...(after === null ? [] : [`after ${later.proof(after).text}`]),
  ]
  const [was, is] = [before?.verdict ?? 'not seen', after?.verdict ?? 'not seen']
  return {
    change,
    // what is new is as bad as what it uses
    state: change === 'new' && (after?.mechanisms.ntlm ?? 0) > 0 ? 'warn' : STATES[change],
    client: visible(client),
    server: visible(server),
    service,
    what: [was === is ? was : `${was}, now ${is}`, later.inText(earlier.inText(detail))]
      .filter((text) => text !== '')
      .join('; '),
    proof: proofs.join('; '),
  }
}

const GRADES = { pass: 'ok', fail: 'bad', 'not tested': 'unseen' } as const

export function deviceText({ device, addresses, names, scorecard, unknown }: DeviceCard): DeviceText {
  const known = [...new Set([...addresses, ...names])].filter((name) => name !== device)
  return {
    name: visible(`${device}${known.length === 0 ? '' : ` (${known.slice(0, 4).join(', ')})`}`),
    lines: scorecard.map(({ name, grade, proven, reasons, test }) => ({
      asked: name,
      grade: proven === null || proven === 'used' ? grade : `${grade}: ${proven}`,
      state: GRADES[grade],
      why: [
        ...(unknown === null ? [] : [unknown]),
        ...reasons.slice(0, REASONS_MAX).map((reason) => `${reason.role}: ${reasonText(reason)}`),
        ...(test === null ? [] : [`to test it: ${test}`]),
      ].map((text) => plainSpaces(visible(text))),
    })),
  }
}

// --- times
// ------------------------------------------------------------------------------------------------------------------

/** Milliseconds that the zone is before UTC at this time (milliseconds since 1970). */
export function offsetOf(at: number, zone: string | undefined): number {
  if (zone === undefined) return 0
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return local - Math.floor(at / 1000) * 1000
}

/** `UTC`, `UTC+09:00` */
export function zoneText(at: number, zone: string | undefined): string {
  if (zone === undefined) return 'UTC'
  const minutes = Math.round(offsetOf(at, zone) / 60_000)
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** To the second, as ISO 8601: `2026-11-23T18:19:19+09:00`. */
export function zonedText(micros: number, zone: string | undefined): string {
  if (zone === undefined) return secondText(micros)
  const at = micros / 1000
  const shifted = secondText(micros + offsetOf(at, zone) * 1000)
  return shifted.replace(/Z$/, zoneText(at, zone).slice(3))
}

// --- owners

export interface OwnerList {
  readonly by: 'owner' | 'wave'
  readonly left: number
  readonly rows: readonly {
    readonly value: string
    readonly ntlm: number
    readonly fallback: number
    readonly kerberos: number
    readonly pairs: number
    readonly causes: string
    readonly proof: ReturnType<CaptureNames['proof']>
  }[]
}

const OWNERS_MAX = 20

export function ownerLists(report: Report, inventory: Inventory, names: CaptureNames): OwnerList[] {
  return (['owner', 'wave'] as const).map((by): OwnerList => {
    const rows = byBelonging(report, inventory, by)
    return {
      by,
      left: Math.max(0, rows.length - OWNERS_MAX),
      rows: rows.slice(0, OWNERS_MAX).map(({ value, ntlm, fallback, kerberos, pairs, causes, proof }) => ({
        value,
        ntlm,
        fallback,
        kerberos,
        pairs,
        causes: byCount(causes)
          .map(([code, count]) => `${code} ${count}`)
          .join(', '),
        proof: names.proof(proof),
      })),
    }
  })
}
