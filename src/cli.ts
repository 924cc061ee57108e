#!/usr/bin/env node
/**
 * The program: words in, exit code out.
 *
 * `--version` is answered here; all the rest, commander too, is loaded for what needs it.
 */
import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bugText, EXIT } from './cli/exit.ts'
import type { Parts } from './cli/session.ts'
import type { Io } from './cli/terminal.ts'
import { version } from './cli/version.ts'
import { visible } from './output/page/visible.ts'

/** Runs one command line (without the names of node and the program); never throws and never exits. */
export async function run(words: readonly string[], io: Io, parts?: Parts): Promise<number> {
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
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

if (isProgram()) {
  // frames of a stack by the names of the sources
  if (process.env.NTLMSCOPE_DEBUG) process.setSourceMapsEnabled(true)
  // whoever read our output has seen enough (head, less)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`ntlmscope: standard output: ${error.message}\n`)
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unreadable)
  })
  process.on('uncaughtException', (error) => {
    process.stderr.write(`ntlmscope: ${visible(bugText(error, process.env))}\n`)
    process.exit(EXIT.bug)
  })
  process.exitCode = await run(process.argv.slice(2), { out: process.stdout, err: process.stderr, env: process.env })
}
