/** One command line in this process: what it prints, and how it ends. */
import { Writable } from 'node:stream'
import { runCommand } from '../../src/cli/command-line.ts'
import type { Io } from '../../src/cli/terminal.ts'

export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** `terminal`: its size, where standard output is one. */
export async function printed(
  words: readonly string[],
  env: Io['env'] = {},
  terminal: { readonly columns: number; readonly rows: number } | null = null,
): Promise<Printed> {
  const pieces = { out: '', err: '' }
  const stream = (name: keyof typeof pieces) =>
    new Writable({
      write(chunk, _encoding, done) {
        pieces[name] += String(chunk)
        done()
      },
    }) as unknown as NodeJS.WriteStream
  const out = Object.assign(stream('out'), terminal === null ? {} : { isTTY: true, ...terminal })
  const code = await runCommand(words, { out, err: stream('err'), env })
  return { code, ...pieces }
}
