/**
 * Gates of the road to off: what must hold before the next step, judged from captures or stored facts.
 *
 * `inventory=14d`: no new NTLM pair for 14 days, on at least ten workdays, and nothing lost. `turned-away=48h`: nobody
 * was turned away in the last 48 hours of what was seen. What was not looked at long enough is not observed.
 */

import type { Report } from '../../report/report.ts'
import { isSignificant, turnedAwayOf, turnedAwayText, UNTOLD } from '../../report/seen/turned-away.ts'
import { doubtsOf, type ExpectationOutcome, type Part, type Reason } from '../flow.ts'
import { completenessOf, completenessText } from './completeness.ts'
import type { Gate } from './gate.ts'

const WORKDAYS_MIN = 10
const HOUR_MICROS = 3600e6
const SHOWN = 8

export function judgeGate(report: Report, gate: Gate): Part {
  const outcome = gate.name === 'inventory' ? inventoryGate(report, gate) : turnedAwayGate(report, gate)
  return {
    kind: 'gate',
    name: `gate ${gate.text}`,
    flow: null,
    state: outcome.state,
    expectations: [outcome],
    notes: [],
  }
}

function inventoryGate(report: Report, gate: Gate): ExpectationOutcome {
  const found = completenessOf(report)
  const days = Math.ceil(gate.hours / 24)
  const outcome = {
    expectation: gate.text,
    words: `no new NTLM pair for ${days} days, on at least ${WORKDAYS_MIN} workdays, and nothing lost`,
    evidence: [told(completenessText(found))],
    observe: null,
  }
  const since = found.daysSinceNew === null ? found.days : found.daysSinceNew
  const isShort = found.workdays < WORKDAYS_MIN || found.days <= days
  if (!isShort && since < days)
    return { ...outcome, state: 'not-met', reasons: [told(`a new NTLM pair was seen on ${found.lastNew}`)] }
  const doubts = [
    ...(isShort
      ? [told(`${found.days} days with logons, ${found.workdays} of them workdays: ${completenessText(found)}`)]
      : []),
    ...(found.notListed > 0 ? [told(`${found.notListed} logons are not listed: their days are not known`)] : []),
    ...lossOf(report),
    ...doubtsOf(report),
  ]
  if (doubts.length === 0) return { ...outcome, state: 'met', reasons: [] }
  const observe = `Capture, or load into stored facts, ${days} days with at least ${WORKDAYS_MIN} workdays, with nothing lost.`
  return { ...outcome, evidence: [], state: 'not-observed', reasons: doubts, observe }
}

function turnedAwayGate(report: Report, gate: Gate): ExpectationOutcome {
  const { start, end } = report.coverage
  const since = (end ?? 0) - gate.hours * HOUR_MICROS
  const outcome = {
    expectation: gate.text,
    words: `nobody was turned away in the last ${gate.hours} hours`,
    evidence: [],
    observe: null,
  }
  const away = turnedAwayOf(report).filter((one) => isSignificant(one) && one.last >= since)
  if (away.length > 0)
    return {
      ...outcome,
      state: 'not-met',
      reasons: away.slice(0, SHOWN).map((one) => ({
        ...told(`${one.client} -> ${one.server} ${one.service}: ${turnedAwayText(one)}`),
        capture: one.capture,
        frames: one.frames,
      })),
    }
  const isShort = start === null || end === null || start > since
  const doubts = [
    ...(isShort ? [told(`the captures hold less than ${gate.hours} hours`)] : []),
    ...(report.blindSpots.some(({ code }) => code === UNTOLD.code) ? [told(UNTOLD.detail)] : []),
    ...lossOf(report),
    ...doubtsOf(report),
  ]
  if (doubts.length === 0) return { ...outcome, state: 'met', reasons: [] }
  const observe = `Capture ${gate.hours} hours after the change, with nothing lost.`
  return { ...outcome, state: 'not-observed', reasons: doubts, observe }
}

/** What was sent and is not in the captures, and what they say they dropped. */
function lossOf({ coverage: { gaps, lostBytes, dropped } }: Report): Reason[] {
  return [
    ...(gaps > 0 ? [told(`${lostBytes} bytes in ${gaps} holes were sent and are not in the captures`)] : []),
    ...((dropped ?? 0) > 0 ? [told(`${dropped} packets were on the wire and were not written`)] : []),
  ]
}

function told(detail: string): Reason {
  return { detail, count: 1, capture: '', frames: [], cause: null, fix: null }
}
