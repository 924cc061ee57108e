/**
 * What opening TLS costs, of conversations of several shapes: read with their key log, without it, and by tshark with
 * the same log. In turn; medians; processor time is the steadier figure.
 */
import { statSync } from 'node:fs'
import { cachedShape, SHAPES } from './key-shapes.ts'
import {
  type Command,
  countText,
  inTurn,
  median,
  medianOrNull,
  megabytesText,
  NODE,
  PROGRAM,
  resultTable,
  secondsText,
  versionOf,
  warm,
} from './measure.ts'

export interface KeysOptions {
  readonly bytes: number
  readonly rounds: number
}

export async function keys({ bytes, rounds }: KeysOptions, print: (text: string) => void): Promise<void> {
  for (const [name, { in: words }] of Object.entries(SHAPES)) {
    const { path, keyLog } = await cachedShape(name, bytes, print)
    await warm(path)
    const ours: Command = [NODE, PROGRAM, 'analyze', path]
    const contestants: readonly (readonly [name: string, command: Command])[] = [
      ['ntlmscope with keys', [...ours, '--keylog', keyLog]],
      ['ntlmscope without', ours],
      ...(versionOf('tshark') === null
        ? []
        : [
            ['tshark', ['tshark', '-r', path, '-o', `tls.keylog_file:${keyLog}`, '-Y', 'ntlmssp or kerberos']] as const,
          ]),
    ]
    const runs = await inTurn(contestants, rounds, print)
    const { size } = statSync(path)
    const table = resultTable([words, 'rounds', 'seconds', 'cpu s', 'MB/s', 'peak', 'time / ours'], 1)
    let ourSeconds: number | null = null
    for (const [contestant, done] of runs) {
      const seconds = median(done.map((one) => one.seconds))
      ourSeconds ??= seconds
      table.push([
        contestant,
        String(done.length),
        secondsText(seconds),
        secondsText(medianOrNull(done.map((one) => one.cpuSeconds))),
        countText(size / 1e6 / seconds),
        megabytesText(medianOrNull(done.map((one) => one.peakBytes))),
        (seconds / ourSeconds).toFixed(2),
      ])
    }
    print(table.toString())
  }
}
