/**
 * `ntlmscope demo`: the report of the capture that comes with the program, an afternoon of a small office.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { FORMATS, type Format, namesOf } from '../../output/formats.ts'
import { EXIT } from '../exit.ts'
import { formatOption } from '../options/argument.ts'
import type { Session } from '../session.ts'
import { report } from './analyze.ts'

const CAPTURE = join('captures', 'office', 'office.pcap')

export function registerDemo(top: Command, session: Session): void {
  top
    .command('demo')
    .description('the report of a bundled capture: an afternoon of a small office')
    .addOption(formatOption(namesOf(FORMATS)))
    .action((words: { readonly format: Format }) => demo(session, words.format))
}

async function demo(session: Session, format: Format): Promise<void> {
  const capture = bundled()
  if (capture === null) {
    session.complain(`the bundled capture (${CAPTURE}) is not in this installation`)
    session.exitCode = EXIT.unreadable
    return
  }
  await report(session, [capture], null, { format: [{ format, file: null }], table: 'pairs' })
  if (session.exitCode === EXIT.ok)
    session.io.err.write(
      `\nThis was ${capture}. Next: ntlmscope explain RC04, or ntlmscope show ${capture} --frame 227\n`,
    )
}

/** In the folder of the package, from the built program and from its sources. */
function bundled(): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, CAPTURE)
    if (existsSync(path)) return path
    if (existsSync(join(folder, 'package.json'))) return null
  }
  return null
}
