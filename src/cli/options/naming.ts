/**
 * What the command line says about names: `--name files1=10.1.0.5`, `--hosts FILE`, and a report of what was before.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { FilterError } from '../../facts/filter.ts'
import { KnownNames } from '../../judge/known-names.ts'
import type { Report } from '../../report/report.ts'
import type { Session } from '../session.ts'
import { collect } from './argument.ts'

export interface NameWords {
  readonly name?: readonly string[]
  readonly hosts?: readonly string[]
}

/** A file of names is written by people. */
const HOSTS_BYTES_MAX = 16 * 1024 * 1024

export function withNames(command: Command): Command {
  return command
    .option(
      '--name <name=address>',
      'what a name means, beside what the captures say of it; repeatable',
      collect(nameWord),
    )
    .option('--hosts <file>', 'names in the form of /etc/hosts; repeatable', collect(String))
}

export function withBefore(command: Command): Command {
  return command.option(
    '--before <capture>',
    'what was before the change: a capture, folder, glob or saved report; its names are known, its answer stands beside',
  )
}

function nameWord(word: string): string {
  new KnownNames().addWord(word)
  return word
}

/** null: a file of names cannot be read or has a mistake, and it was said. */
export function knownNames(session: Session, { name = [], hosts = [] }: NameWords): KnownNames | null {
  const known = new KnownNames()
  try {
    for (const word of name) known.addWord(word)
    for (const file of hosts) session.inputs.add(file)
    for (const file of hosts) known.addHosts(hostsText(file), file)
    return known
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    session.unreadable(error.message)
    return null
  }
}

function hostsText(file: string): string {
  try {
    if (statSync(file).size > HOSTS_BYTES_MAX) throw new FilterError(`${file}: is too large for a file of names`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof FilterError) throw error
    throw new FilterError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** The report of `--before`. null: none was asked for; undefined: it could not be read, and it was said. */
export async function reportBefore(session: Session, capture: string | undefined): Promise<Report | null | undefined> {
  if (capture === undefined) return null
  return (await session.reportOf(capture)) ?? undefined
}
