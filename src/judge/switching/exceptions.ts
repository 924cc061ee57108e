/**
 * The names that the lists of exceptions want, and the shortest list that lets through what is allowed and nothing
 * else.
 *
 * A list knows servers alone: whoever else uses NTLM with the same name is let through as well. A name that is used by
 * what is not allowed, too, is therefore not written: it is for a person to add by hand, as is a name that was not seen
 * or that such a list cannot hold. No wildcard is ever written: it admits what nobody saw.
 */
import { accountOf } from '../../facts/account.ts'
import { isContinuation } from '../../facts/continuation.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import { targetHost } from '../../facts/target-name.ts'
import { compareText } from '../../facts/words/text-order.ts'
import type { Report } from '../../report/report.ts'
import { type Allowed, usesOf } from '../allow-list.ts'
import { hostsOf } from '../hosts.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { accountKind } from './accounts.ts'
import type { ExceptionList } from './switch.ts'

/** What a name in a list may be: a star would be a wildcard, and what the wire says is anybody's word. */
const NAME = /^(?=.{1,255}$)[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u
const ADDRESS = /^[0-9a-f.:]{3,45}$/i
const NETBIOS = /^(?=.{1,15}$)[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u
const SHOWN = 4

/**
 * `client`: the name as the application uses it. `domain`: the NetBIOS name of the server. `smb`: DNS name, address or
 * NetBIOS name, as it was typed. null: it was not seen, or no list can hold it.
 */
export function exceptionName(list: ExceptionList, { target, ntlm, server, service }: AuthExchange): string | null {
  if (list === 'domain') {
    const name = ntlm?.challenge?.nbComputerName ?? null
    return name !== null && NETBIOS.test(name) ? name : null
  }
  const typed = target.name ?? (target.spn ? targetHost(target.spn) : null)
  const name = typed?.replace(/^\[(.*)\]$/, '$1') ?? (list === 'smb' && service === 'smb' ? server.ip : null)
  return name !== null && (NAME.test(name) || ADDRESS.test(name)) ? name : null
}

export interface Exception {
  readonly name: string
  /** uses of NTLM that it lets through */
  readonly logons: number
  readonly why: string
  readonly owner: string
  /** YYYY-MM-DD; null: nobody said until when */
  readonly until: string | null
}

export interface ByHand {
  readonly client: string
  readonly server: string
  readonly service: string
  readonly logons: number
  /** `no-name`: none that a list could hold was seen; `shared`: others that are not allowed use the same */
  readonly because: 'no-name' | 'shared'
  readonly name: string | null
}

export interface Exceptions {
  readonly list: ExceptionList
  readonly names: readonly Exception[]
  readonly byHand: readonly ByHand[]
}

/** What a list has no say about needs no line in it. */
function isAbout(list: ExceptionList, one: AuthExchange): boolean {
  if (list === 'smb') return one.smb !== null
  return list === 'client' || accountKind(one) !== 'local'
}

interface Use {
  readonly logon: AuthExchange
  readonly entry: Allowed | null
}

/** `allow` null: every use of NTLM that was seen is to be let through. `today`: YYYY-MM-DD. */
export function exceptionsFor(
  list: ExceptionList,
  report: Report,
  allow: readonly Allowed[] | null,
  today: string,
  inventory: Inventory | null,
): Exceptions {
  const hosts = hostsOf(report)
  const logons = report.exchanges.filter(
    (one) => one.mechanism === 'ntlm' && one.result !== 'failure' && !isContinuation(one) && isAbout(list, one),
  )
  const allowed = new Map<AuthExchange, Allowed>()
  for (const entry of allow ?? [])
    if (entry.expires >= today) for (const one of usesOf(entry, hosts)) if (!allowed.has(one)) allowed.set(one, entry)
  const uses: Use[] = []
  const others = new Set<string>()
  for (const logon of logons) {
    const entry = allow === null ? null : allowed.get(logon)
    if (entry !== undefined) uses.push({ logon, entry })
    else {
      const name = exceptionName(list, logon)
      if (name !== null) others.add(name.toLowerCase())
    }
  }
  const named = new Map<string, { readonly name: string; readonly uses: Use[] }>()
  const byHand = new Map<string, ByHand>()
  for (const use of uses) {
    const name = exceptionName(list, use.logon)
    if (name === null || others.has(name.toLowerCase())) {
      const { client, server, service } = use.logon
      const key = JSON.stringify([client.ip, server.ip, service, name])
      const before = byHand.get(key)?.logons ?? 0
      const because = name === null ? 'no-name' : 'shared'
      byHand.set(key, { client: client.ip, server: server.ip, service, logons: before + 1, because, name })
      continue
    }
    const known = named.get(name.toLowerCase())
    if (known === undefined) named.set(name.toLowerCase(), { name, uses: [use] })
    else known.uses.push(use)
  }
  return {
    list,
    names: [...named.values()]
      .map(({ name, uses: of }) => exceptionOf(name, of, inventory, (ip) => hosts.namesOf(ip)))
      .sort((a, b) => compareText(a.name.toLowerCase(), b.name.toLowerCase())),
    byHand: [...byHand.values()].sort(
      (a, b) => b.logons - a.logons || compareText(a.server, b.server) || compareText(a.client, b.client),
    ),
  }
}

function exceptionOf(
  name: string,
  uses: readonly Use[],
  inventory: Inventory | null,
  namesOf: (ip: string) => ReadonlySet<string>,
): Exception {
  const entries = uses.flatMap(({ entry }) => entry ?? [])
  const causes = distinct(
    uses.map(({ logon }) => (logon.cause === null ? '' : `${logon.cause.title} (${logon.cause.code})`)),
  )
  const accounts = distinct(uses.map(({ logon }) => accountOf(logon.principal) ?? ''))
  const why = distinct(entries.map(({ reason }) => reason))
  const ofServer = uses.map(({ logon }) => inventory?.of(logon.server.ip, namesOf(logon.server.ip))?.owner ?? '')
  const owners = distinct([...entries.map(({ owner }) => owner), ...(entries.length > 0 ? [] : ofServer)])
  const ends = entries.map(({ expires }) => expires).sort()
  return {
    name,
    logons: uses.length,
    why: [some(why.length > 0 ? why : causes), ...(accounts.length > 0 ? [`as ${some(accounts)}`] : [])]
      .filter(Boolean)
      .join('; '),
    owner: owners.length > 0 ? some(owners) : 'nobody',
    // the first that ends asks for a new look at the line
    until: ends[0] ?? null,
  }
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ''))]
}

function some(texts: readonly string[]): string {
  const more = texts.length - SHOWN
  return texts.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
