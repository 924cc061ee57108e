/**
 * The TLS of a report as text: what keys opened, which versions and certificates servers have, and what the channel
 * bindings prove.
 */
import { isOfAnother, issuersOf } from '../../facts/channel.ts'
import type { ChannelBindingState } from '../../facts/exchange.ts'
import type { Report } from '../../report/report.ts'
import type { LikelyReason } from '../../report/seen/conversations.ts'
import type { TlsCertificate } from '../../report/tls-servers.ts'
import { say, translated } from '../../texts/say.ts'
import { countText, plural } from '../page/numbers.ts'
import { visible } from '../page/visible.ts'
import { BINDING_WORDS } from '../terms.ts'
import { madeForText } from './made-for.ts'
import type { Entry, Sheet } from './sheet.ts'

const CERTIFICATES_SHOWN = 8
const LIKELY_SHOWN = 8
const STRAYED_SHOWN = 8
/** in the order of what needs attention */
const STATES: readonly ChannelBindingState[] = ['mismatch', 'wrong-hash', 'zero', 'absent', 'bound', 'verified']

/**
 * Empty where there is no TLS and nothing was opened. `whole`: the report as it is, of which the long lists are only
 * counted.
 */
export function channelLines(sheet: Sheet, { tls, keys, pairs }: Report, whole: Report): string[] {
  const { certificates } = tls
  const { servers } = whole.tls
  const bindings = bindingLines(pairs)
  const opened = [...tlsKeyLines(keys.tls), ...ticketLines(keys.kerberos)]
  if (servers.length === 0 && bindings.length === 0 && opened.length === 0) return []
  const likely = likelyLines(whole.conversations)
  const shown = certificates.slice(0, CERTIFICATES_SHOWN).map(certificateText)
  if (certificates.length > CERTIFICATES_SHOWN)
    shown.push(say`and ${countText(certificates.length - CERTIFICATES_SHOWN)} more (--format json)`)
  const entries: Entry[] = [
    ['Opened', ...opened],
    ['Versions', ...versionLines(servers)],
    ['Bindings', ...bindings, ...strayedLines(pairs, certificates)],
    ['Likely', ...likely],
    ['Certificates', ...shown],
  ]
  const head = say`${plural(servers.length, 'server')}, ${plural(certificates.length, 'certificate')}`
  return [sheet.heading('TLS', head), '', ...sheet.entries(entries)]
}

/** Of tens of thousands of pairs, most of which have none: one look at each. */
function bindingLines(pairs: Report['pairs']): string[] {
  const counts: Partial<Record<string, number>> = {}
  for (const { channelBinding } of pairs)
    for (const state in channelBinding)
      counts[state] = (counts[state] ?? 0) + channelBinding[state as ChannelBindingState]!
  return STATES.flatMap((state) => {
    const count = counts[state]
    return count === undefined ? [] : [`${countText(count)} x ${state}: ${translated(BINDING_WORDS[state])}`]
  })
}

/** Whose binding is not that of the channel in which it came, and whose it is. */
function strayedLines(pairs: Report['pairs'], certificates: readonly TlsCertificate[]): string[] {
  const lines: string[] = []
  for (const { client, server, service, bindings } of pairs) {
    for (const one of bindings ?? NOTHING) {
      if (one.state !== 'mismatch' && one.state !== 'wrong-hash' && !isOfAnother(one)) continue
      const made = madeForText(one, certificates, DIGITS_SHOWN)
      const port = server.ports.length === 1 ? `:${server.ports[0]}` : ''
      if (made !== null) lines.push(`${client.ip} -> ${server.ip}${port} ${service} (${one.state}): ${made}`)
    }
  }
  const texts = lines.slice(0, STRAYED_SHOWN)
  if (lines.length > STRAYED_SHOWN) texts.push(say`and ${countText(lines.length - STRAYED_SHOWN)} more (--format json)`)
  return texts
}

const NOTHING: readonly never[] = []
/** of the SHA-256 of a certificate, which is listed below with all of them */
const DIGITS_SHOWN = 16

/** Of what was not opened: a hint, with its frames. */
function likelyLines(rows: Report['conversations']): string[] {
  const hints: Report['conversations'][number][] = []
  for (const row of rows) if (row.likely !== undefined && row.likely.mechanism !== 'unsaid') hints.push(row)
  const lines = hints.slice(0, LIKELY_SHOWN).map(({ client, server, likely }) => {
    const { mechanism, reasons } = likely!
    const [{ code, sname, frame }] = reasons as readonly [LikelyReason]
    const what = WORDS[mechanism] ?? mechanism
    const where = `${visible(client.ip)} -> ${visible(server.ip)}:${server.port}`
    if (code === 'no-credssp')
      return say`${where}: TLS without CredSSP, so neither NTLM nor Kerberos in it: name and password are typed at the server (frame ${String(frame)})`
    if (code === 'sizes')
      return mechanism === 'none'
        ? say`${where}: likely neither NTLM nor Kerberos, by the sizes of the first records (frame ${String(frame)})`
        : say`${where}: likely ${what}, by the sizes of the first records (frame ${String(frame)})`
    return code === 'ticket'
      ? say`${where}: likely ${what}, a ticket for ${visible(sname!)} was given (frame ${String(frame)})`
      : say`${where}: likely ${what}, a ticket for ${visible(sname!)} was refused (frame ${String(frame)})`
  })
  if (hints.length > LIKELY_SHOWN) lines.push(say`and ${countText(hints.length - LIKELY_SHOWN)} more (--format json)`)
  return lines
}

const WORDS: Readonly<Record<string, string>> = { kerberos: 'Kerberos', ntlm: 'NTLM' }

function tlsKeyLines(keys: Report['keys']['tls']): string[] {
  if (keys === null) return []
  const { opened, withoutKeys, late, givenUp, failed, recovered, unsupported, lines, unreadable, named } = keys
  const found = [
    say`${plural(opened, 'connection')} with the keys that were given (${plural(lines, 'line')} of key logs)`,
  ]
  if (withoutKeys > 0) found.push(say`${plural(withoutKeys, 'connection')} not: no key fits`)
  // reports of earlier versions know neither of these
  if (late > 0)
    found.push(
      say`the secrets of ${plural(late, 'connection')} came behind it: put them in front (editcap --inject-secrets tls,KEYS IN OUT)`,
    )
  if (givenUp > 0) found.push(say`${plural(givenUp, 'connection')} given up: all together held too much at a time`)
  if (opened === 0 && named > 0 && withoutKeys > 0 && !(late > 0))
    found.push(
      say`the key logs name ${plural(named, 'connection')}, and none of these: were they written on the other side of a proxy, or at another time?`,
    )
  if (recovered > 0) found.push(say`${plural(recovered, 'hole')} behind which the next record was found`)
  if (failed > 0) found.push(say`${plural(failed, 'record')} did not open`)
  if (unsupported > 0) found.push(say`${plural(unsupported, 'connection')} with a cipher suite that is not opened`)
  if (unreadable > 0) found.push(say`${plural(unreadable, 'line')} of key logs cannot be read`)
  return found
}

function ticketLines(tickets: Report['keys']['kerberos']): string[] {
  if (tickets === null) return []
  const missing = tickets.noKey.map(
    ({ etype, kvno, sname, count }) =>
      say`no key opens ${sname} (etype ${etype}, version ${kvno ?? '?'}): ${plural(count, 'ticket')}`,
  )
  const { proved = 0, altered = 0 } = tickets.ntlm ?? {}
  const shown = []
  if (tickets.tickets > 0 || proved === 0)
    shown.push(say`${countText(tickets.opened)} of ${plural(tickets.tickets, 'ticket')} with the keytab`)
  if (proved > 0) shown.push(say`${plural(proved, 'NTLM response')} made with a key of the keytab`)
  if (altered > 0)
    shown.push(say`${plural(altered, 'NTLM response')} with a wrong MIC: the messages were changed on the way`)
  return [...shown, ...missing]
}

function versionLines(servers: Report['tls']['servers']): string[] {
  const counts = new Map<string, number>()
  for (const { versions } of servers)
    for (const version in versions) counts.set(version, (counts.get(version) ?? 0) + versions[version]!)
  return [...counts].sort().map(([version, count]) => `${visible(version)}: ${plural(count, 'connection')}`)
}

function certificateText(certificate: TlsCertificate): string {
  const { names, subject, sha256, key, signature, notAfter, binding, servers } = certificate
  const called = names[0] ?? (subject || say`without a name`)
  const until = notAfter === null ? '' : say`, until ${new Date(notAfter / 1000).toISOString().slice(0, 10)}`
  const right = binding === null ? say`no rule says how to bind to it` : say`a right binding to it is ${binding}`
  const line = say`${called} at ${servers.slice(0, 3).join(', ')} (${key}, ${signature}${until}); ${right}; SHA-256 ${sha256}`
  const [issuer] = issuersOf(certificate)
  return issuer === undefined ? line : say`${line}; issued by ${visible(issuer.subject)}`
}
