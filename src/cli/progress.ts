/**
 * How far the reading is, on standard error: only on a terminal, only when the work takes longer than a second, and
 * gone without a trace at the end. Where the total is not known (standard input) it counts.
 */
import cliProgress, { type SingleBar } from 'cli-progress'
import { bytesText, countText, plainSpaces } from '../output/page/numbers.ts'
import type { Progress } from '../reading/pdu-source.ts'

const QUIET_MILLIS = 1000

export interface ProgressBar {
  update(progress: Progress): void
  /** clears the line; nothing is drawn afterwards */
  stop(): void
}

/** `now` in milliseconds, for tests. */
export function progressBar(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressBar {
  if (!stream.isTTY) return { update() {}, stop() {} }
  const begun = now()
  let bar: SingleBar | null = null
  let stopped = false
  return {
    update(progress) {
      const millis = now() - begun
      if (stopped || millis < QUIET_MILLIS) return
      if (bar === null) {
        bar = newBar(stream)
        bar.start(progress.totalBytes ?? 0, progress.bytes, words(progress, millis))
      }
      if (progress.totalBytes !== null && bar.getTotal() !== progress.totalBytes) bar.setTotal(progress.totalBytes)
      bar.update(Math.min(progress.bytes, progress.totalBytes ?? progress.bytes), words(progress, millis))
    },
    stop() {
      stopped = true
      bar?.stop()
      bar = null
    },
  }
}

function newBar(stream: NodeJS.WriteStream): SingleBar {
  return new cliProgress.SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: false,
    // an interrupt belongs to the command line, which still reports what was read
    gracefulExit: false,
    barsize: 24,
    format: (options, params, payload: Words) =>
      params.total === 0
        ? payload.text
        : `${cliProgress.Format.BarFormat(params.progress, options)} ${Math.floor(params.progress * 100)}%  ${payload.text}`,
  })
}

interface Words {
  readonly text: string
}

function words({ bytes, totalBytes, packets, events }: Progress, millis: number): Words {
  const size = totalBytes === null ? bytesText(bytes) : `${bytesText(bytes)} of ${bytesText(totalBytes)}`
  if (events !== undefined) return { text: plainSpaces(`${size} of logs  ${countText(events)} events`) }
  const rate = countText(Math.round((packets * 1000) / Math.max(1, millis)))
  return { text: plainSpaces(`${size}  ${countText(packets)} packets  ${rate} packets/s`) }
}
