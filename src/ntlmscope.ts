/**
 * The library: open captures, iterate messages and exchanges, build a report. Everything that `exports` of package.json promises is here.
 *
 * `messagesOf` and `exchangesOf` read as fast as they are consumed; what they give is owned by the caller.
 */
import type { AuthExchange } from './facts/exchange.ts'
import type { Filter } from './facts/filter.ts'
import { type AnalyzeOptions, analyze, type MessageLine } from './run/analyze.ts'

export { expandInputs, type UnreadInput } from './capture/inputs.ts'
export type { CaptureSummary } from './capture/merge.ts'
export { CaptureError } from './capture/open.ts'
export type {
  AuthExchange,
  Cause,
  ChannelBindingState,
  Endpoint,
  KdcExchange,
  MechanismName,
  Origin,
  SmbEffective,
  TargetClass,
} from './facts/exchange.ts'
export type { Filter } from './facts/filter.ts'
export { hostPattern, NO_FILTER } from './facts/filter.ts'
export type { FrameRef } from './facts/frames.ts'
export type { Finding } from './findings/finding.ts'
export type { Confidence, Severity } from './findings/rule.ts'
export { reportJson } from './output/json.ts'
export { renderText, type TextOptions } from './output/text/report.ts'
export type { FigureRow, Figures } from './report/figures.ts'
export type { BlindSpot, Coverage, Report, Tally, Unread, UnreadPackets } from './report/report.ts'
export type { Forecast, PairVerdict, Verdict } from './report/verdict.ts'
export type { AnalyzeOptions, MessageLine, Progress } from './run/analyze.ts'
export { analyze } from './run/analyze.ts'

export interface IterateOptions {
  readonly filter?: Filter
  readonly signal?: AbortSignal
}

/** Every decoded message of the captures, in time order, JSON-ready. Rejects with a `CaptureError` where one is no capture. */
export function messagesOf(inputs: readonly string[], options: IterateOptions = {}): AsyncGenerator<MessageLine> {
  return iterate(inputs, options, (give) => ({ onMessage: give }))
}

/** Every authentication, when it closes. Rejects with a `CaptureError` where one is no capture. */
export function exchangesOf(inputs: readonly string[], options: IterateOptions = {}): AsyncGenerator<AuthExchange> {
  return iterate(inputs, options, (give) => ({ onExchange: give }))
}

async function* iterate<T>(
  inputs: readonly string[],
  options: IterateOptions,
  listen: (give: (value: T) => void) => AnalyzeOptions,
): AsyncGenerator<T> {
  const waiting: T[] = []
  const drained: (() => void)[] = []
  let wake = () => {}
  let ended = false
  let failure: unknown = null
  const stop = new AbortController()
  const end = () => stop.abort()
  if (options.signal?.aborted) end()
  else options.signal?.addEventListener('abort', end, { once: true })
  const run = analyze(inputs, {
    ...(options.filter ? { filter: options.filter } : {}),
    ...listen((value) => {
      waiting.push(value)
      wake()
    }),
    signal: stop.signal,
    // the reader goes on only when what it found so far has been taken
    onPause: () => (waiting.length === 0 ? null : new Promise<void>((taken) => drained.push(taken))),
  })
  run.then(
    () => {
      ended = true
      wake()
    },
    (error) => {
      failure = error
      ended = true
      wake()
    },
  )
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!
      for (const taken of drained.splice(0)) taken()
      if (ended && waiting.length === 0) break
      if (waiting.length === 0) await new Promise<void>((done) => (wake = done))
    }
    if (failure !== null) throw failure
  } finally {
    options.signal?.removeEventListener('abort', end)
    stop.abort()
    for (const taken of drained.splice(0)) taken()
    await run.catch(() => {})
  }
}
