/**
 * The words of options and arguments that several commands share: what is wrong with one becomes the usage error of
 * that option.
 */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { SERVICES } from '../../../decoders/services.ts'
import {
  type Filter,
  FilterError,
  type HostPattern,
  hostPattern,
  NO_FILTER,
  service,
  time,
} from '../../facts/filter.ts'
import { SEVERITIES } from '../../findings/rule.ts'
import { visible } from '../../output/page/visible.ts'
import type { EngineName } from '../../reading/pdu-source.ts'
import {
  causeNamed,
  findingNamed,
  isNotEmpty,
  type NarrowTo,
  ORIGINS,
  originNamed,
  severityNamed,
  userPattern,
  verdictNamed,
} from '../../report/narrowing/asked.ts'
import { VERDICT_ORDER } from '../../report/verdict.ts'

export const CAPTURE_HELP = 'files, folders, globs, or - for standard input'

/** `parse`, whose FilterError becomes commander's InvalidArgumentError. */
export function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw error instanceof FilterError ? new InvalidArgumentError(visible(error.message)) : error
    }
  }
}

/** Repeated options gather; a FilterError becomes the usage error of that option. */
export function collect<T>(parse: (text: string) => T): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, asArgument(parse)(text)]
}

/** What every command has that reads captures and writes a result. */
export interface ReadWords {
  readonly output?: string
  readonly threads?: number
}

/** What the options of reading set. */
export interface ReadingWords {
  engine: EngineName
  readonly keyLogs: string[]
  readonly privateKeys: string[]
  readonly keytabs: string[]
}

export function withReading(command: Command, session: ReadingWords): Command {
  return withKeys(command, session)
    .addOption(
      new Option('--engine <engine>', 'who reads most packets; the result is the same')
        .choices(['wasm', 'js'] satisfies EngineName[])
        .default('wasm'),
    )
    .on('option:engine', (name: EngineName) => {
      session.engine = name
    })
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option(
      '--threads <count>',
      '1: one thread; 2: a second one reads; 3, 4: others decode. The result is the same (default: by cores and size)',
      threadCount,
    )
}

/** Repeatable, and not variadic: captures may follow it. */
export function withEvents(command: Command, session: { readonly events: string[] }): Command {
  return command
    .option(
      '--events <path>',
      'Windows logs of the same time, a file or a folder of .evtx, XML, JSON or CSV: which program, which user, why; repeatable',
    )
    .on('option:events', (path: string) => {
      session.events.push(path)
    })
}

/** Files with keys: read where they are used, named in no output. */
export function withKeys(command: Command, session: ReadingWords): Command {
  return command
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE): what they open is read as if in clear; repeatable')
    .on('option:keylog', (path: string) => session.keyLogs.push(path))
    .option('--key <file>', 'RSA private key of a server, PEM or DER: for TLS with RSA key exchange; repeatable')
    .on('option:key', (path: string) => session.privateKeys.push(path))
    .option('--keytab <file>', 'Kerberos keys of a lab: tickets are opened, NTLM is verified; repeatable')
    .on('option:keytab', (path: string) => session.keytabs.push(path))
}

function threadCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A number of threads is a whole number from 1 on.')
  return Number(text)
}

/** `-f, --format`: one of `names`, text where none is given. */
export function formatOption(names: readonly string[]): Option {
  return new Option('-f, --format <format>', 'how to write it').choices(names).default('text')
}

/** The words of the options that `withFilters` adds. */
export interface FilterWords {
  readonly host?: readonly HostPattern[]
  readonly client?: readonly HostPattern[]
  readonly server?: readonly HostPattern[]
  readonly service?: Filter['service']
  readonly since?: number
  readonly until?: number
}

export function withFilters(command: Command): Command {
  const host = collect(hostPattern)
  return command
    .option('--host <host>', 'only this client or server: address, prefix (10.1.0.0/16) or name; repeatable', host)
    .option('--client <host>', 'only this client; repeatable', host)
    .option('--server <host>', 'only this server; repeatable', host)
    .option('--service <service>', `only this service; repeatable: ${SERVICES.join(', ')}`, collect(service))
    .option(
      '--since <time>',
      'only what began then or later: ISO 8601 (UTC without a zone) or seconds since 1970',
      asArgument(time),
    )
    .option('--until <time>', 'only what began before that', asArgument(time))
}

/** The words of the options that `withNarrowing` adds. */
export interface NarrowWords {
  readonly verdict?: NarrowTo['verdict']
  readonly finding?: NarrowTo['finding']
  readonly severity?: NarrowTo['severity']
  readonly cause?: NarrowTo['cause']
  readonly user?: NarrowTo['user']
  readonly origin?: NarrowTo['origin']
}

export function withNarrowing(command: Command): Command {
  return command
    .option(
      '--verdict <verdict>',
      `only pairs with this verdict; repeatable: ${VERDICT_ORDER.join(', ')}`,
      collect(verdictNamed),
    )
    .option(
      '--finding <id>',
      'only this finding (NS-FB-002), and the pairs that it is about; repeatable',
      collect(findingNamed),
    )
    .option(
      '--severity <severity>',
      `only findings of this severity and above, and their pairs: ${SEVERITIES.join(', ')}`,
      asArgument(severityNamed),
    )
    .option('--cause <code>', 'only NTLM logons with this cause (RC04); repeatable', collect(causeNamed))
    .option(
      '--user <user>',
      'only logons of this user: bob of any domain, CORP\\bob, bob@corp.example; repeatable',
      collect(userPattern),
    )
    .option(
      '--origin <origin>',
      `only NTLM logons that came about so; repeatable: ${ORIGINS.join(', ')}`,
      collect(originNamed),
    )
}

/** null: nothing is asked. */
export function askedOf(words: NarrowWords): NarrowTo | null {
  const { verdict = [], finding = [], severity = null, cause = [], user = [], origin = [] } = words
  const asked: NarrowTo = { verdict, finding, severity, cause, user, origin }
  return isNotEmpty(asked) ? asked : null
}

/** null: nothing is left out. Times that contradict each other are a usage error. */
export function filterOf(words: FilterWords, command: Command): Filter | null {
  const { host = [], client = [], server = [], service = [], since, until } = words
  if (since !== undefined && until !== undefined && since >= until) {
    command.error('error: --since is not before --until')
  }
  const filter: Filter = { ...NO_FILTER, host, client, server, service, since: since ?? null, until: until ?? null }
  const anything = [host, client, server, service].some((part) => part.length > 0)
  return anything || filter.since !== null || filter.until !== null ? filter : null
}
