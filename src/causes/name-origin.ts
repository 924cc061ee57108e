/**
 * Where the name stands that no ticket could be had for: of the DFS link, redirect, alias, answer or file that gave it
 * to the client the nearest, and the change that ends it there. Pure.
 */
import type { NameNote } from '../context/name-origins.ts'
import type { NameOrigin } from '../facts/exchange.ts'
import { targetHost } from '../facts/target-name.ts'
import type { FixNames } from './catalogue.ts'
import type { RuleInput } from './subject.ts'

/** Causes that end with another name. */
export const NAMED: ReadonlySet<string> = new Set(['RC01', 'RC04', 'RC05', 'RC06'])

export function nameOrigin(view: RuleInput): NameOrigin | null {
  const { exchange, origins, aliasOf, cite } = view
  if (origins === null) return null
  const { target, client, server } = exchange
  const time = exchange.start
  const asked = target.spn ? targetHost(target.spn) : (target.name ?? '')
  // what gives no name at all was given an address
  const name = asked || (target.class === 'ip' ? server.ip : '')
  if (name === '') return null
  const names = [...new Set([name, target.name ?? name].map((one) => one.toLowerCase()))]
  const said = (note: Omit<NameNote, 'host'>, isNamed = true, others = 0): NameOrigin => ({
    kind: note.kind,
    name,
    where: note.where,
    by: note.by,
    secondsBefore: Math.max(0, Math.round((time - note.time) / 1e5) / 10),
    isNamed,
    others,
    frames: cite([note.frame]),
  })
  const told = origins.told(client.ip, names, time)
  const isLink = told?.kind === 'dfs-referral' || told?.kind === 'http-redirect'
  const files = origins.opened(client.ip, time)
  for (const file of files) {
    const read = file.namedAt(names, time)
    if (read === null) continue
    // whoever is sent elsewhere after that goes where the link says
    if (isLink && told.time > read.time) break
    return { ...said(file), frames: cite([file.frame, read.frame]) }
  }
  if (isLink) return said(told)
  const [file, ...others] = files.filter(({ isRead }) => !isRead)
  if (file !== undefined) return said(file, false, others.length)
  const alias = aliasOf(names[0]!, exchange.start)
  if (alias !== null) return said({ ...alias, kind: 'dns-cname', where: `${name} CNAME ${alias.target}` })
  return told === null ? null : said(told)
}

/**
 * What to change where the name stands, as a sentence of its own; null: the name is the right one. `known`: names of
 * the server, lower case.
 */
export function changeText(
  { kind, name, where, by, isNamed, others }: NameOrigin,
  names: FixNames,
  known: readonly string[],
): string | null {
  const right = rightName(name.toLowerCase(), names, known)
  if (right === null) return null
  switch (kind) {
    case 'dfs-referral':
      return `In the DFS link ${where} (given out by ${by}) replace ${name} by ${right}.`
    case 'http-redirect':
      return `On the web server ${by} replace ${name} by ${right} in the redirect to ${where}.`
    case 'dns-cname':
      return `In DNS ${where}: have users go to ${right}, or register the alias.`
    case 'file-read':
      if (isNamed) return `In the file ${where}, read just before, replace ${name} by ${right}.`
      return others === 0
        ? `Look for ${name} in ${where}, opened just before: if it stands there, replace it by ${right}.`
        : `Look for ${name} in ${where} and ${others} more such files opened just before: where it stands, replace it by ${right}.`
    default:
      return `${name} was resolved by ${kind.toUpperCase()} (an answer of ${by}): enter it in DNS, or use ${right}.`
  }
}

/** What the server is called, if not by this name (lower case); null: by this one. */
function rightName(name: string, { serverDns, serverNetbios }: FixNames, known: readonly string[]): string | null {
  const machine = serverNetbios?.toLowerCase() ?? null
  const isFull = name.includes('.')
  if (isFull && machine !== null && name.startsWith(`${machine}.`)) return null
  const full = machine === null ? undefined : known.find((one) => one.startsWith(`${machine}.`))
  if (serverDns !== null && serverDns.toLowerCase() !== name) return serverDns
  if (full !== undefined) return full
  if (machine !== null && machine !== name) return serverNetbios
  // its own word says that it is called so
  return serverDns !== null && machine === null ? null : UNKNOWN_NAME
}

const UNKNOWN_NAME = '<full name of the server>'
