#!/usr/bin/env node
/**
 * The program: words in, exit code out.
 *
 * `--version` is answered here; all the rest, commander too, is loaded for what needs it.
 */
import { existsSync, fstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bugText, EXIT } from './cli/exit.ts'
import type { Parts } from './cli/session.ts'
import type { Io } from './cli/terminal.ts'
import { version } from './cli/version.ts'
import { visible } from './output/page/visible.ts'

const VERSION_WORDS: ReadonlySet<string> = new Set(['--version', '-v', '-V'])

/** Runs one command line (without the names of node and the program); never throws and never exits. */
export async function run(words: readonly string[], io: Io, parts?: Parts): Promise<number> {
  if (words.length === 1 && VERSION_WORDS.has(words[0]!)) {
    io.out.write(`${version()}\n`)
    return EXIT.ok
  }
  const { runCommand } = await import('./cli/command-line.ts')
  return runCommand(words, io, parts)
}

/** Called as the program, and not imported: npm puts a link to this file on the path. */
function isProgram(): boolean {
  const called = process.argv[1]
  return (
    called !== undefined && existsSync(called) && realpathSync(called) === realpathSync(fileURLToPath(import.meta.url))
  )
}

/**
 * Node opens /dev/null, to read and write, in the place of a standard stream that was closed: what we print would
 * vanish without a word. A program that starts us may mean just that, and opens it the same way; whoever asks a shell
 * for /dev/null gets it to write only. So it was closed where a shell started us. Linux alone tells.
 */
function isClosed(descriptor: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const [, flags] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? []
    const isNull = fstatSync(descriptor).rdev === statSync('/dev/null').rdev
    if (!isNull || (Number.parseInt(flags ?? '0', 8) & 3) !== READ_AND_WRITE) return false
    return SHELL.test(readFileSync(`/proc/${process.ppid}/comm`, 'latin1'))
  } catch {
    return false
  }
}

/** O_RDWR */
const READ_AND_WRITE = 2
const SHELL = /^(?:ba|da|a|k|mk|z|fi)?sh$/m

function closedOutput(): NodeJS.WriteStream {
  return {
    write() {
      process.stderr.write('ntlmscope: standard output is closed: name a file with --output\n')
      process.exit(EXIT.unwritable)
    },
  } as unknown as NodeJS.WriteStream
}

if (isProgram()) {
  // frames of a stack by the names of the sources
  if (process.env.NTLMSCOPE_DEBUG) process.setSourceMapsEnabled(true)
  // whoever read our output has seen enough (head, less)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`ntlmscope: standard output cannot be written: ${error.message}\n`)
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unwritable)
  })
  process.on('uncaughtException', (error) => {
    process.stderr.write(`ntlmscope: ${visible(bugText(error, process.env))}\n`)
    process.exit(EXIT.bug)
  })
  const out = isClosed(1) ? closedOutput() : process.stdout
  process.exitCode = await run(process.argv.slice(2), { out, err: process.stderr, env: process.env })
}
