/** One command line in this process: what it prints, and how it ends. */
import { Writable } from 'node:stream'
import { runCommand } from '../../src/cli/command-line.ts'
import type { Io } from '../../src/cli/terminal.ts'

export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function printed(words: readonly string[], env: Io['env'] = {}): Promise<Printed> {
  const pieces = { out: '', err: '' }
  const stream = (name: keyof typeof pieces) =>
    new Writable({
      write(chunk, _encoding, done) {
        pieces[name] += String(chunk)
        done()
      },
    }) as unknown as NodeJS.WriteStream
  const code = await runCommand(words, { out: stream('out'), err: stream('err'), env })
  return { code, ...pieces }
}
