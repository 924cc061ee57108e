/**
 * `explain --pair`: how each kind of logon of a pair was judged, step by step, with its frames. Said of what the
 * decision itself left in the exchange (offers, origin, cause, alternatives); nothing is decided again here.
 */
import pc from 'picocolors'
import type { AuthExchange } from '../../facts/exchange.ts'
import type { Report } from '../../report/report.ts'
import type { TlsCertificate } from '../../report/tls-servers.ts'
import type { PairVerdict } from '../../report/verdict.ts'
import { say, translated } from '../../texts/say.ts'
import { groupBy } from '../page/counting.ts'
import { hanging } from '../page/layout.ts'
import { countText, plainSpaces, plural, secondText } from '../page/numbers.ts'
import { visibleDeep } from '../page/visible.ts'
import { BINDING_WORDS, ORIGIN_WORDS, VERDICT_WORDS } from '../terms.ts'
import type { PageWords } from '../writer.ts'
import { madeForText } from './made-for.ts'
import { nameFromText } from './name-from.ts'
import { causeText, Sheet, sentence } from './sheet.ts'

const COLUMNS_MIN = 64
const KINDS_SHOWN = 12

/** `exchanges` are those of the pairs, or the one that was asked for. */
export function whyText(
  report: Report,
  pairs: readonly PairVerdict[],
  exchanges: readonly AuthExchange[],
  { columns, color }: PageWords,
): string {
  const sheet = new Sheet(
    { captures: visibleDeep(report.captures) },
    Math.max(COLUMNS_MIN, columns),
    pc.createColors(color),
  )
  const kinds = groupBy(visibleDeep([...exchanges]), kindOf)
  const shown = kinds.slice(0, KINDS_SHOWN).map((group) => logonLines(sheet, group, report.tls.certificates))
  const left = kinds.slice(KINDS_SHOWN).reduce((sum, group) => sum + group.length, 0)
  const blocks = [
    ...visibleDeep([...pairs]).map((pair) => pairLines(sheet, pair)),
    ...shown,
    ...(left > 0 ? [[say`and ${countText(left)} more; use --format json of analyze for all`]] : []),
  ]
  return plainSpaces(`${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`)
}

/** Logons that were judged alike: the first stands for all. */
function kindOf({ mechanism, origin, cause, service, result, channelBinding, binding }: AuthExchange): string {
  return [service, mechanism, origin, cause?.code, cause?.why, result, channelBinding, binding?.madeFor].join('\n')
}

function pairLines(sheet: Sheet, pair: PairVerdict): string[] {
  const { client, server, service, verdict, counts, blindSpots } = pair
  return [
    ...hanging('', `${client.ip} -> ${server.ip} ${service}: ${verdict}`, sheet.columns).map(sheet.paint.bold),
    ...sheet.entries([
      ['Verdict', `${translated(VERDICT_WORDS[verdict])}; ${plural(counts.exchanges, 'authentication')}`],
      ['Out of sight', ...blindSpots.map(translated)],
      ['Proof', sheet.evidence(pair)],
      ['Identity', pair.uid],
    ]),
  ]
}

function logonLines(sheet: Sheet, group: readonly AuthExchange[], certificates: readonly TlsCertificate[]): string[] {
  const one = group[0]!
  const { client, server, service, cause } = one
  const times = group.length > 1 ? say`${countText(group.length)} logons like this; the first` : say`one logon`
  const head = `${times}: ${secondText(one.start)} ${client.ip} -> ${server.ip}:${server.port} ${service}`
  return [
    ...hanging('', head, sheet.columns).map(sheet.paint.bold),
    ...sheet.entries([
      ['Identity', one.uid],
      ['1 Seen', `${seenText(one)}; ${sheet.evidence(one)}`],
      [
        '2 Offered',
        say`by the server: ${offerText(one.offered.server)}`,
        say`by the client: ${offerText(one.offered.client)}`,
      ],
      ['3 Used', usedText(one)],
      ['4 Came to it', cameText(one)],
      ...(cause === null
        ? []
        : ([
            [
              '5 Asked',
              ...cause.alternatives.map(({ code, why }) => say`${causeText(code)}: no, ${sentence(translated(why))}`),
            ],
            [
              '6 Cause',
              `${say`${causeText(cause.code)}, confidence ${translated(cause.confidence)}`}${cause.why === '' ? '' : `: ${sentence(translated(cause.why))}`} ${sheet.evidence({ capture: one.capture, frames: cause.frames })}`,
            ],
            ['7 Missing', ...(cause.missing.length === 0 ? [say`nothing`] : cause.missing.map(translated))],
            ['8 Fix', translated(cause.fix)],
            ...(cause.nameFrom ? ([['Name from', nameFromText(cause.nameFrom, one.capture, sheet)]] as const) : []),
          ] as const)),
      ['Protection', ...protectionTexts(one, certificates)],
    ]),
  ]
}

function seenText({ visibility, result, status, id }: AuthExchange): string {
  const seen =
    visibility === 'both'
      ? say`both directions`
      : visibility === 'client'
        ? say`only the direction of the client`
        : say`only the direction of the server`
  return say`exchange ${id}, ${seen}; result ${result}${status?.name ? ` (${status.name})` : ''}`
}

function offerText(names: readonly string[] | null): string {
  if (names === null) return say`not seen`
  return names.length === 0 ? say`nothing` : names.join(', ')
}

function usedText({ mechanism, method, ntlm, kerberos, target }: AuthExchange): string {
  const version = ntlm?.ntlmVersion ?? null
  const ticket = kerberos?.sname ?? null
  return [
    `${mechanism}${method === null ? '' : say` by ${method}`}`,
    ...(version === null ? [] : [version]),
    ...(ticket === null ? [] : [say`ticket for ${ticket}`]),
    ...(target.spn ? [say`target ${target.spn}`] : []),
    ...(kerberos?.errorName ? [say`Kerberos error ${kerberos.errorName}`] : []),
  ].join('; ')
}

function cameText({ origin, fallback }: AuthExchange): string {
  const fell =
    fallback === true
      ? say`a fallback`
      : fallback === false
        ? say`no fallback`
        : say`whether it is a fallback is not known`
  return origin === null ? fell : `${origin}: ${translated(ORIGIN_WORDS[origin])}; ${fell}`
}

function protectionTexts(
  { smb, ldap, rpc, channelBinding, binding }: AuthExchange,
  certificates: readonly TlsCertificate[],
): string[] {
  const made = madeForText(binding, certificates)
  return [
    ...(smb === null
      ? []
      : [say`SMB ${smb.dialect ?? '?'}: ${smb.effective}; client ${smb.clientPolicy}, server ${smb.serverPolicy}`]),
    ...(ldap === null ? [] : [ldap.tls ? say`LDAP in TLS` : say`LDAP layer ${ldap.layer}`]),
    ...(rpc?.authLevel ? [say`RPC level ${rpc.authLevel}`] : []),
    say`channel binding ${channelBinding}: ${translated(BINDING_WORDS[channelBinding])}`,
    ...(made === null ? [] : [say`channel binding: ${made}`]),
  ]
}
