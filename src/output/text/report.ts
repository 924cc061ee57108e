/**
 * The report as a person reads it: the answer, what it rests on, findings, pairs (the worst first), KDC, what was not
 * visible.
 *
 * Everything said is counted from the report; nothing is inferred here. Text from the wire is made safe once, at the
 * door (`visibleDeep`). Long lists end with the number of what was left out. No line is wider than `columns` (from
 * MIN_COLUMNS on), no address is ever cut.
 */
import pc from 'picocolors'
import { etypeName } from '../../../decoders/mechanisms/kerberos-names.ts'
import type { Origin } from '../../facts/exchange.ts'
import type { Finding } from '../../findings/finding.ts'
import { SEVERITIES, type Severity } from '../../findings/rule.ts'
import { byBelonging } from '../../judge/inventory/belonging.ts'
import { isBelonging } from '../../judge/inventory/belongings.ts'
import type { Report } from '../../report/report.ts'
import { totalsOf } from '../../report/seen/totals.ts'
import { isSignificant, type TurnedAway, turnedAwayEvents, turnedAwayText } from '../../report/seen/turned-away.ts'
import { unreadLines } from '../../report/seen/unread.ts'
import type { PairVerdict, Verdict } from '../../report/verdict.ts'
import { sortedWorstFirst } from '../../report/worst-first.ts'
import { say, translated } from '../../texts/say.ts'
import { byCount, countBy, distinct, groupBy, sumRecords, total } from '../page/counting.ts'
import { type Column, hanging, pad, type Row, table, width } from '../page/layout.ts'
import { bytesText, counted, countText, durationText, plainSpaces, plural, secondText } from '../page/numbers.ts'
import { visibleDeep } from '../page/visible.ts'
import { ORIGIN_WORDS, severityText } from '../terms.ts'
import type { ListWords, PageWords, Writer, WriterWords } from '../writer.ts'
import { answer, type Example, examplesOf } from './answer.ts'
import { belongingLines, byLines } from './by.ts'
import { channelLines } from './channels.ts'
import { figureLines } from './figure-table.ts'
import { logLines } from './logs.ts'
import { nameFromText } from './name-from.ts'
import { networkLines } from './network.ts'
import { onlyTexts } from './only.ts'
import {
  causeText,
  type Entry,
  exampleText,
  INDENT,
  inputText,
  listWithCounts,
  moreText,
  Sheet,
  sentence,
  shorten,
  tallyText,
} from './sheet.ts'

export type TextOptions = PageWords & ListWords

/** Narrower terminals get lines of this width: an IPv6 address with its verdict needs it. */
export const MIN_COLUMNS = 64

const PAIRS_SHOWN = 50
const FINDINGS_SHOWN_PER_RULE = 4
const CAPTURES_SHOWN = 6
const UNREAD_SHOWN = 20
const PASS_THROUGH_SHOWN = 20
const TURNED_AWAY_SHOWN = 20

/** The worst first: the order of the table of pairs. */
const VERDICTS: readonly Verdict[] = ['ntlm-fallback', 'mixed', 'ntlm-only', 'other', 'undetermined', 'kerberos']

/** `--format text` */
export function textWriter(words: WriterWords): Writer {
  return { end: (report) => [renderText(report, words)] }
}

export function renderText(
  report: Report,
  { columns, color, by, top, summary, wide, rows, inventory }: TextOptions,
): string {
  // what is not printed is many: exchanges are only counted, and reach the reader through pairs, findings and an
  // example of each cause
  const examples = visibleDeep([...examplesOf(report.exchanges)])
  const safe = visibleDeep({
    ...report,
    exchanges: [],
    conversations: silentOnes(report),
    hosts: [],
    tls: { ...report.tls, servers: [] },
  })
  const sheet = new Sheet(safe, Math.max(MIN_COLUMNS, columns), pc.createColors(color), wide === true)
  const page = new Page(safe, sheet, new Map(examples))
  if (by !== undefined) {
    const only = onlyTexts(safe).flatMap((text) => hanging('', text, sheet.columns))
    const lines = [
      ...only.map(sheet.paint.bold),
      ...(only.length > 0 ? [''] : []),
      ...(isBelonging(by)
        ? belongingLines(
            sheet,
            visibleDeep(inventory === undefined ? [] : byBelonging(report, inventory, by)),
            by,
            top ?? null,
          )
        : byLines(sheet, safe, by, top ?? null)),
    ]
    return plainSpaces(`${lines.join('\n')}\n`)
  }
  if (summary) return plainSpaces(`${page.answer(true).join('\n')}\n`)
  const sections = [
    page.answer(),
    page.overview(),
    page.findings(),
    page.causes(),
    page.pairs(),
    page.turnedAway(),
    logLines(sheet, safe.eventCoverage),
    channelLines(sheet, safe, report),
    networkLines(sheet, safe),
    page.kdc(),
    page.passThrough(),
    page.figures(),
    page.notVisible(),
    page.coverage(),
  ]
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  // on a terminal the answer has scrolled away
  const lines = text.reduce((sum, part) => sum + part.split('\n').length + 1, 0)
  if (rows !== undefined && lines > rows)
    text.push([sheet.heading('Once more', ''), '', ...page.answer(true)].join('\n'))
  return plainSpaces(`${text.join('\n\n')}\n`)
}

/** What the first line needs where nobody logged on. */
function silentOnes({ pairs, conversations }: Report): Report['conversations'] {
  return pairs.some(({ counts }) => counts.exchanges > 0)
    ? []
    : conversations.filter(({ whole, authenticated }) => whole > 0 && authenticated === 0)
}

class Page {
  readonly #report: Report
  readonly #sheet: Sheet
  readonly #examples: ReadonlyMap<string, Example>

  constructor(report: Report, sheet: Sheet, examples: ReadonlyMap<string, Example>) {
    this.#report = report
    this.#sheet = sheet
    this.#examples = examples
  }

  /** `isAlone`: nothing follows that says the rest */
  answer(isAlone = false): string[] {
    return answer(this.#sheet, this.#report, this.#examples, relayLines(this.#report.pairs), isAlone)
  }

  overview(): string[] {
    const { pairs } = this.#report
    const verdicts = countBy(pairs, ({ verdict }) => verdict, VERDICTS)
    const origins = byCount(sumRecords(pairs.map((pair) => pair.origins)))
    return [
      this.#sheet.heading('Overview', ''),
      '',
      ...this.#sheet.entries([
        ...this.#readEntries(),
        ['Pairs', tallyText(verdicts, pairs.length)],
        [
          'How it began',
          ...origins.map(
            ([name, count]) => `${countText(count)} x ${name}: ${translated(ORIGIN_WORDS[name as Origin] ?? name)}`,
          ),
        ],
        ['Could be relayed', ...relayLines(pairs)],
        ['Clear passwords', ...clearPasswordLines(pairs)],
      ]),
    ]
  }

  #readEntries(): Entry[] {
    const { captures, coverage } = this.#report
    const lines = captures.slice(0, CAPTURES_SHOWN).map((capture) => {
      const facts = [
        capture.compressed ? say`${capture.format}, compressed` : capture.format,
        plural(capture.packets, 'packet'),
        bytesText(capture.bytes),
      ]
      const damage =
        capture.damage === null ? '' : `; ${this.#sheet.paint.red(say`damaged:`)} ${translated(capture.damage)}`
      return `${inputText(capture.name)} (${facts.join(', ')})${damage}`
    })
    if (captures.length > CAPTURES_SHOWN) lines.push(moreText(captures.slice(CAPTURES_SHOWN).length, 'json'))
    if (captures.length > 1) {
      lines.push(
        say`together ${plural(captures.length, 'capture')}, ${plural(coverage.packets, 'packet')}, ${bytesText(coverage.bytes)}`,
      )
    }
    const unread = unreadLines(this.#report)
    if (unread.length > UNREAD_SHOWN)
      unread.splice(UNREAD_SHOWN, unread.length, moreText(unread.length - UNREAD_SHOWN, 'json'))
    return [
      ['Read', ...(lines.length === 0 ? [say`nothing`] : lines)],
      ['Not read', ...unread.map((line) => this.#sheet.paint.red(translated(line)))],
      ['Time', timeSpan(coverage.start, coverage.end)],
    ]
  }

  /** Why Kerberos was not used: each cause with its fix for one place, and the proof. */
  causes(): string[] {
    const counts = byCount(totalsOf(this.#report).causes)
    if (counts.length === 0) return []
    const lines = [
      this.#sheet.heading('Why not Kerberos', say`${plural(counts.length, 'cause')}, the most frequent first`),
    ]
    for (const [code, count] of counts) {
      lines.push('', ...hanging(INDENT, `${countText(count)} x ${causeText(code)}`, this.#sheet.columns))
      const example = this.#examples.get(code)
      if (example === undefined) continue
      const { cause, exchange } = example
      const proof = { capture: exchange.capture, frames: cause.frames.length === 0 ? exchange.frames : cause.frames }
      const where = `${exchange.client.ip} -> ${exchange.server.ip} ${exchange.service}`
      const why = cause.why === '' ? '.' : `: ${sentence(translated(cause.why))}`
      const missing = cause.missing.length === 0 ? '' : say` Missing: ${cause.missing.map(translated).join('; ')}.`
      const text = `${where}${why}${missing} ${this.#sheet.evidence(proof)}`
      lines.push(...hanging(`${INDENT}${INDENT}${count > 1 ? say`one: ` : '- '}`, text, this.#sheet.columns))
      lines.push(...hanging(`${INDENT}${INDENT}${say`fix: `}`, translated(cause.fix), this.#sheet.columns))
      if (cause.nameFrom)
        lines.push(
          ...hanging(
            `${INDENT}${INDENT}${say`name from: `}`,
            nameFromText(cause.nameFrom, exchange.capture, this.#sheet),
            this.#sheet.columns,
          ),
        )
    }
    return lines
  }

  figures(): string[] {
    return figureLines(this.#sheet, this.#report.figures)
  }

  findings(): string[] {
    const { findings } = this.#report
    if (findings.length === 0) return []
    const counts = countBy(findings, ({ severity }) => severityText(severity), SEVERITIES.map(severityText))
    const lines = [this.#sheet.heading('Findings', tallyText(counts))]
    for (const severity of SEVERITIES) {
      for (const group of groupBy(
        findings.filter((finding) => finding.severity === severity),
        ({ id }) => id,
      )) {
        lines.push('', ...this.#rule(severity, group))
      }
    }
    return lines
  }

  /** One rule: its title, and the first places where it holds. */
  #rule(severity: Severity, group: readonly Finding[]): string[] {
    const { id, title, remediation } = group[0]!
    const times = total(group, ({ count }) => count)
    const label = `  ${pad(severityText(severity), 8)}  `
    const seen = `${group.length > 1 ? `${plural(group.length, 'place')}, ` : ''}${plural(times, 'time')}`
    const lines = hanging(label, `${translated(title)} [${id}] - ${seen}`, this.#sheet.columns).map((line) =>
      this.#severityPaint(severity)(line),
    )
    const indent = ' '.repeat(width(label))
    for (const finding of group.slice(0, FINDINGS_SHOWN_PER_RULE)) {
      const where = placeText(finding)
      const text = `${where === '' ? '' : `${where}: `}${sentence(translated(finding.detail))} ${this.#sheet.evidence(finding)}`
      lines.push(...hanging(`${indent}- `, text, this.#sheet.columns))
    }
    if (group.length > FINDINGS_SHOWN_PER_RULE) {
      lines.push(
        ...hanging(`${indent}  `, moreText(group.length - FINDINGS_SHOWN_PER_RULE, 'json'), this.#sheet.columns),
      )
    }
    if (remediation !== '')
      lines.push(...hanging(`${indent}${say`fix: `}`, translated(remediation), this.#sheet.columns))
    return lines
  }

  pairs(): string[] {
    const sorted = sortedWorstFirst(this.#report.pairs)
    if (sorted.length === 0) return []
    const shown = sorted.slice(0, PAIRS_SHOWN)
    const rows = (stacked: boolean): Row[] => shown.map((pair) => this.#pairRow(pair, stacked))
    const paint = {
      title: (text: string) => this.#sheet.paint.dim(text),
      cell: (text: string, { title }: Column) => (title === 'VERDICT' ? this.#verdictPaint(text) : text),
    }
    const room = this.#sheet.room - INDENT.length
    const body = table(PAIR_COLUMNS, rows(false), room, paint) ?? table(STACKED_COLUMNS, rows(true), room, paint) ?? []
    const lines = [this.#sheet.heading('Pairs', 'the worst first'), '']
    if (body[0]?.includes(translated(BREAKS)))
      lines.push(...hanging(INDENT, pairLegend(), this.#sheet.columns).map(this.#sheet.paint.dim), '')
    lines.push(...body.map((line) => (INDENT + line).trimEnd()))
    lines.push(...this.#sheet.leftOutLines(PAIR_COLUMNS, rows(false)))
    if (sorted.length > shown.length) {
      const rest = tallyText(countBy(sorted.slice(shown.length), ({ verdict }) => verdict, VERDICTS))
      lines.push('', ...hanging(INDENT, moreText(sorted.length - shown.length, 'csv', rest), this.#sheet.columns))
    }
    return lines
  }

  #pairRow(pair: PairVerdict, stacked: boolean): Row {
    const { client, server, counts, smb } = pair
    const both = (party: { ip: string; name: string | null }) =>
      party.name === null || party.name === party.ip ? party.ip : `${party.ip}\n${shorten(party.name)}`
    const effective = byCount(smb?.effective ?? {}).map(([name]) => name)
    const common = [pair.service, pair.verdict, countText(counts.exchanges)]
    // a number alone proves something only where there is one capture
    const firstFrame = this.#report.captures.length > 1 ? '' : String(pair.frames[0] ?? '')
    const hung = (note: string) => hanging('  ', note, this.#sheet.columns - INDENT.length)
    const parts = this.#pairNotes(pair)
    const together = parts.length === 0 ? [] : hung(parts.join('; '))
    const notes = together.length <= 2 ? together : parts.flatMap(hung)
    const cells = stacked
      ? [`${both(client).replace('\n', ' ')}\n-> ${both(server).replace('\n', ' ')}`, ...common]
      : [
          both(client),
          both(server),
          ...common,
          firstFrame,
          [...some(pair.users), ...some(pair.spns)].join('\n'),
          byCount(counts.ntlmVersion)
            .map(([name]) => name)
            .join('\n'),
          smb === null
            ? ''
            : `${some(smb.dialects).join(' ')} ${effective.join(' ')}`.trim() +
              `\n${smb.clientPolicy}/${smb.serverPolicy}`,
          byCount(pair.channelBinding)
            .map(([name]) => name.replace('not-applicable', 'n/a'))
            .join('\n'),
          breaksText(pair.breaks),
        ]
    return { cells, notes: notes.map((line) => this.#sheet.paint.dim(line)) }
  }

  /** Below a pair that does not (only) use Kerberos: how it came to that, why, and the proof. */
  #pairNotes(pair: PairVerdict): string[] {
    const severalCaptures = this.#report.captures.length > 1
    const { counts } = pair
    const again = [...forText(pair), ...continuedText(counts.continued)]
    if (pair.verdict === 'kerberos') return [...again, ...(severalCaptures ? [this.#sheet.evidence(pair)] : [])]
    const origins = byCount(pair.origins)
    const causes = byCount(pair.causes).map(([code, count]) => [causeText(code), count] as const)
    const mechanisms = byCount(counts.mechanism)
    return [
      ...(mechanisms.length > 1 || (origins.length === 0 && mechanisms.length > 0)
        ? [listWithCounts(mechanisms, counts.exchanges)]
        : []),
      ...(origins.length > 0 ? [listWithCounts(origins, counts.exchanges)] : []),
      ...(causes.length > 0 ? [listWithCounts(causes, counts.exchanges)] : []),
      ...again,
      ...(pair.blindSpots.length > 0 ? [say`not visible: ${pair.blindSpots.map(translated).join(', ')}`] : []),
      ...(pair.frames.length > 0 ? [this.#sheet.evidence(pair)] : []),
    ]
  }

  /** A fact, and no finding: a monitor that only negotiates looks the same. */
  turnedAway(): string[] {
    const rows = this.#report.turnedAway
    if (rows.length === 0) return []
    const sorted = rows.toSorted((a, b) => Number(isSignificant(b)) - Number(isSignificant(a)) || b.count - a.count)
    const shown = sorted.slice(0, TURNED_AWAY_SHOWN)
    const entries = shown.map((one): Entry => {
      const kind = one.pattern === 'steady' ? say`; at even intervals, as a monitor does` : ''
      const kdc = one.kdc === null ? '' : `; ${this.#sheet.evidence(one.kdc)}`
      return [
        one.client,
        `-> ${one.server} ${one.service}: ${translated(turnedAwayText(one))}${kind}; ${timeSpan(one.first, one.last)}; ${this.#sheet.evidence(one)}${kdc}`,
        ...this.#beforeIt(one),
        ...(isSignificant(one) ? [say`events: ${turnedAwayEvents(one)}`] : []),
      ]
    })
    if (rows.length > shown.length) entries.push(['', moreText(rows.length - shown.length, 'json')])
    const note = say`Nothing was tried after the offer: the client may not use what it has (NTLM switched off), a user cancelled, or it only looks.`
    return [
      this.#sheet.heading(say`Turned away`, say`attempts that ended without authentication`),
      '',
      ...this.#sheet.entries(entries),
      ...hanging(INDENT, note, this.#sheet.columns).map(this.#sheet.paint.dim),
    ]
  }

  /** Why the same pair used NTLM in these captures. */
  #beforeIt({ client, server, service }: TurnedAway): string[] {
    const pair = this.#report.pairs.find(
      (one) => one.client.ip === client && one.server.ip === server && one.service === service,
    )
    const [cause] = byCount(pair?.causes ?? {})
    return cause === undefined ? [] : [say`NTLM before, because of: ${causeText(cause[0])}`]
  }

  kdc(): string[] {
    const { kdc } = this.#report
    if (kdc.length === 0) return []
    const perRequest = (['AS', 'TGS'] as const).map((request) => {
      const these = kdc.filter((exchange) => exchange.request === request)
      if (these.length === 0) return ''
      const tickets = these.filter(({ answered, error }) => answered && error === null).length
      const errors = these.filter(({ error }) => error !== null).length
      const silent = these.filter(({ answered }) => !answered).length
      return say`${countText(these.length)} ${request}: ${plural(tickets, 'ticket')}, ${plural(errors, 'error')}, ${counted(silent, 'without an answer')}`
    })
    const errors = groupBy(
      kdc.filter(({ error }) => error !== null),
      ({ error }) => error!.name,
    ).sort((a, b) => b.length - a.length)
    const etypes = byCount(countBy(kdc, ({ ticketEtype }) => (ticketEtype === null ? null : String(ticketEtype))))
    return [
      this.#sheet.heading('Kerberos KDC', plural(kdc.length, 'exchange')),
      '',
      ...this.#sheet.entries([
        ['Requests', ...perRequest],
        [
          'Errors',
          ...errors.map((group) => {
            const names = [...new Set(group.map(({ sname, cname }) => sname ?? cname).filter((name) => name !== null))]
            const about = names.length === 0 ? '' : say` for ${exampleText(names)}`
            return `${countText(group.length)} x ${group[0]!.error!.name}${about}; ${this.#sheet.evidence(group[0]!)}`
          }),
        ],
        ['Ticket etypes', etypes.map(([etype, count]) => counted(count, etypeName(Number(etype)))).join(', ')],
      ]),
    ]
  }

  passThrough(): string[] {
    const servers = this.#report.passThrough
    if (servers.length === 0) return []
    const entries = servers.slice(0, PASS_THROUGH_SHOWN).map((one): Entry => {
      const accounts = [...new Set(one.logons.flatMap(({ account }) => account ?? []))]
      const times = one.calls === 1 ? say`once` : say`${countText(one.calls)} times`
      const counts = [
        one.served === 0
          ? []
          : [
              `${counted(one.served, 'for a domain account')}${accounts.length === 0 ? '' : ` (${exampleText(accounts)})`}`,
            ],
        one.ambiguous === 0 ? [] : [counted(one.ambiguous, 'that cannot be joined to one logon')],
        one.unseen === 0 ? [] : [counted(one.unseen, 'about logons that are not in the capture')],
      ]
      return [
        one.server,
        say`asked ${exampleText(one.controllers)} ${times} (${one.operations.join(', ')}): ${counts.flat().join(', ')}; ${this.#sheet.evidence(one)}`,
        one.withoutCall === 0
          ? ''
          : say`accepted ${plural(one.withoutCall, 'NTLM logon')} without asking: local accounts, or the call is not in the capture`,
      ]
    })
    if (servers.length > PASS_THROUGH_SHOWN) entries.push(['', moreText(servers.length - PASS_THROUGH_SHOWN, 'json')])
    return [this.#sheet.heading('Pass-through', 'who asked a domain controller'), '', ...this.#sheet.entries(entries)]
  }

  notVisible(): string[] {
    const { blindSpots } = this.#report
    if (blindSpots.length === 0) return []
    const entries = blindSpots.map(
      ({ kind, detail, count }): Entry => [kind, `${countText(count)} x ${translated(detail)}`],
    )
    return [this.#sheet.heading('Not visible', 'nothing is said about these'), '', ...this.#sheet.entries(entries)]
  }

  coverage(): string[] {
    const { coverage, tally } = this.#report
    const { connections, oneSided, midstream, lostBytes, gaps, cutPackets, dropped, repeatedSegments } = coverage
    const carriers = byCount(coverage.carriers)
    const faults = byCount(tally.faults)
    const loss = [
      lostBytes > 0
        ? say`${bytesText(lostBytes)} sent but not in the capture, ${gaps > 0 ? say`${plural(gaps, 'gap')} in messages` : say`in bodies that nobody reads`}`
        : say`no byte missing in the conversations that were followed`,
      ...(dropped === 0 ? [say`the capture program says that it dropped nothing`] : []),
      ...(dropped ? [say`${plural(dropped, 'packet')} dropped by the capture program`] : []),
      ...(cutPackets > 0 ? [say`${plural(cutPackets, 'packet')} cut by the snap length`] : []),
      ...(repeatedSegments > 0 ? [say`${plural(repeatedSegments, 'segment')} seen more than once`] : []),
    ]
    const kdcs =
      coverage.kdcs.length === 0
        ? say`none seen`
        : `${plural(coverage.kdcs.length, 'KDC')} (${exampleText(coverage.kdcs)})`
    return [
      this.#sheet.heading('Coverage', 'what the captures could show at all'),
      '',
      ...this.#sheet.entries([
        [
          'Connections',
          countText(connections),
          carriers.length > 0
            ? say`by carrier: ${carriers.map(([name, count]) => counted(count, name)).join(', ')}`
            : '',
          ...(oneSided > 0 ? [say`${countText(oneSided)} seen in one direction only`] : []),
          ...(midstream > 0 ? [say`${countText(midstream)} without their beginning`] : []),
        ],
        ['Loss', connections === 0 && lostBytes === 0 ? '' : loss.join('; ')],
        ['KDC', kdcs],
        [
          'Clients',
          say`${countText(coverage.clientsAuthenticating)} authenticating, ${countText(coverage.clientsWithKdcTraffic)} with visible KDC traffic`,
        ],
        ['VLANs', coverage.vlans.join(', ')],
        ['Tunnels', coverage.tunnels.join(', ')],
        [
          'Without IP',
          byCount(coverage.withoutIp ?? {})
            .map(([name, count]) => counted(count, name))
            .join(', '),
        ],
        ['Not decoded', faults.map(([name, count]) => counted(count, name)).join(', ')],
      ]),
    ]
  }

  #verdictPaint(text: string): string {
    const { red, yellow, green, magenta } = this.#sheet.paint
    if (text === 'ntlm-fallback' || text === 'mixed') return red(text)
    if (text === 'ntlm-only' || text === 'other') return yellow(text)
    return text === 'kerberos' ? green(text) : text === 'undetermined' ? magenta(text) : text
  }

  #severityPaint(severity: Severity): (text: string) => string {
    const { red, yellow, bold } = this.#sheet.paint
    if (severity === 'critical') return (text) => bold(red(text))
    return severity === 'high' ? red : severity === 'medium' ? yellow : (text) => text
  }
}

/** What it was for, and who is meant where the server is only a proxy. */
function forText({ applications, tunnels }: PairVerdict): string[] {
  return [
    ...(applications.length > 0 ? [say`for ${applications.join(', ')}`] : []),
    ...(tunnels.length > 0 ? [say`through this proxy to ${exampleText(tunnels)}`] : []),
  ]
}

/** What went on with SMB sessions and is no logon of its own. */
function continuedText({
  binding = 0,
  reauthentication = 0,
  channel = 0,
}: PairVerdict['counts']['continued']): string[] {
  return [
    ...(channel > 0 ? [say`not counted: ${plural(channel, 'second channel')} of its RPC over HTTP`] : []),
    ...(binding > 0 ? [say`not counted: ${plural(binding, 'further channel')} of its SMB sessions`] : []),
    ...(reauthentication > 0
      ? [say`not counted: ${plural(reauthentication, 're-authentication')} of its SMB sessions`]
      : []),
  ]
}

const BREAKS = 'BREAKS WITHOUT'
const pairLegend = () =>
  say`SMB SIGNING: dialect, what was in effect, policy of client/server. BINDING: channel binding. ${translated(BREAKS)}: what the pair cannot do without (unsigned: would fail if signing were required; ?: not known).`
const PAIR_COLUMNS: readonly Column[] = [
  { title: 'CLIENT', dispensable: 0, narrowest: 20, firstWhole: true, widest: 40 },
  { title: 'SERVER', dispensable: 0, narrowest: 20, firstWhole: true, widest: 40 },
  { title: 'SERVICE', dispensable: 0 },
  { title: 'VERDICT', dispensable: 0 },
  { title: 'N', align: 'right', dispensable: 0 },
  { title: 'FRAME', dispensable: 1 },
  { title: 'USER, SPN', dispensable: 2, narrowest: 24, widest: 40 },
  { title: 'NTLM', dispensable: 4 },
  { title: 'SMB SIGNING', dispensable: 3, narrowest: 17, widest: 34 },
  { title: 'BINDING', dispensable: 6 },
  { title: BREAKS, dispensable: 5, narrowest: 9 },
]
/** Where two addresses do not fit beside each other. */
const STACKED_COLUMNS: readonly Column[] = [
  { title: 'CLIENT -> SERVER', dispensable: 0, narrowest: 42 },
  { title: 'SERVICE', dispensable: 2 },
  { title: 'VERDICT', dispensable: 0 },
  { title: 'N', align: 'right', dispensable: 1 },
]

/** What the pairs say about protection: each line a count of pairs, with the first servers. */
function relayLines(pairs: readonly PairVerdict[]): string[] {
  const smb = pairs.filter((pair) => pair.smb !== null)
  const ldap = pairs.filter((pair) => pair.ldap !== null)
  const clear = inClear(pairs)
  if (smb.length === 0 && ldap.length === 0) return clear
  const unsigned = smb.filter((pair) => (pair.smb!.effective.unsigned ?? 0) > 0)
  const sessions = total(unsigned, (pair) => pair.smb!.effective.unsigned ?? 0)
  const lax = distinct(
    smb.filter((pair) => ['enabled', 'disabled'].includes(pair.smb!.serverPolicy)).map(({ server }) => server.ip),
  )
  const open = ldap.filter((pair) => (pair.ldap!.layers.none ?? 0) > 0 && !pair.ldap!.tls)
  const unbound = pairs.filter(
    ({ counts, channelBinding }) =>
      (counts.mechanism.ntlm ?? 0) > 0 && ((channelBinding.absent ?? 0) > 0 || (channelBinding.zero ?? 0) > 0),
  )
  const unknown = smb.filter((pair) => (pair.smb!.effective.unknown ?? 0) > 0).length
  const lines = [
    ...(unsigned.length > 0
      ? [
          say`SMB neither signed nor encrypted: ${plural(sessions, 'session')} of ${plural(unsigned.length, 'pair')} (to ${serversText(unsigned)})`,
        ]
      : []),
    ...(lax.length > 0 ? [say`SMB signing not required: ${plural(lax.length, 'server')} (${exampleText(lax)})`] : []),
    ...(open.length > 0
      ? [say`LDAP neither signed, sealed nor in TLS: ${plural(open.length, 'pair')} (to ${serversText(open)})`]
      : []),
    ...(unbound.length > 0
      ? [say`NTLM without channel binding: ${plural(unbound.length, 'pair')} (to ${serversText(unbound)})`]
      : []),
  ]
  lines.push(...clear)
  if (lines.length === 0) lines.push(say`no unprotected SMB session and no unprotected LDAP bind was seen`)
  if (unknown > 0) lines.push(say`SMB protection not visible: ${plural(unknown, 'pair')}`)
  return lines
}

/** Logons over HTTP, mail, SQL and RPC that nothing binds: by the findings that say so. */
function inClear(pairs: readonly PairVerdict[]): string[] {
  const of = (ids: readonly string[]) => pairs.filter(({ findings }) => ids.some((id) => findings.includes(id)))
  const ntlm = of(NTLM_IN_CLEAR).filter(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
  const kerberos = of(KERBEROS_IN_CLEAR)
  const open = pairs.filter((pair) => ntlm.includes(pair) || kerberos.includes(pair))
  if (open.length === 0) return []
  const what = ntlm.length === 0 ? 'Kerberos' : kerberos.length === 0 ? 'NTLM' : say`NTLM or Kerberos`
  return [
    say`${what} over HTTP, mail, SQL or RPC that nothing binds: ${plural(open.length, 'pair')} (to ${serversText(open)})`,
  ]
}

const NTLM_IN_CLEAR = ['NS-SG-011', 'NS-SG-012', 'NS-SG-015']
const KERBEROS_IN_CLEAR = ['NS-SG-018']

function clearPasswordLines(pairs: readonly PairVerdict[]): string[] {
  const clear = pairs.filter(({ counts }) => (counts.mechanism.simple ?? 0) + (counts.mechanism.plain ?? 0) > 0)
  if (clear.length === 0) return []
  const binds = total(clear, ({ counts }) => (counts.mechanism.simple ?? 0) + (counts.mechanism.plain ?? 0))
  return [say`${plural(binds, 'authentication')} of ${plural(clear.length, 'pair')} (to ${serversText(clear)})`]
}

function serversText(pairs: readonly PairVerdict[]): string {
  return exampleText(distinct(pairs.map(({ server }) => server.ip)))
}

/** What would stop to work; a question mark where the capture does not tell; `-` where nothing would. */
function breaksText({ ntlmOff, signingRequired, rc4Off }: PairVerdict['breaks']): string {
  const parts = (
    [
      ['NTLM', ntlmOff],
      [say`unsigned`, signingRequired],
      ['RC4', rc4Off],
    ] as const
  ).flatMap(([name, forecast]) => (forecast === 'no' ? [] : [forecast === 'yes' ? name : `${name}?`]))
  return parts.length === 0 ? '-' : parts.join(' ')
}

function placeText({ client, server, service }: Finding): string {
  const ends = [client, server].filter((end) => end !== null).join(' -> ')
  return [ends, service].filter((part) => part !== null && part !== '').join(' ')
}

function timeSpan(start: number | null, end: number | null): string {
  if (start === null || end === null) return say`no packet has a time`
  return say`${secondText(start)} to ${secondText(end)} (${durationText(end - start)})`
}

/** The first names, and how many more there are. */
function some(names: readonly string[]): string[] {
  const shown = names.slice(0, names.length <= 2 ? 2 : 1).map(shorten)
  return names.length <= 2 ? shown : [...shown, say`and ${counted(names.length - 1, 'more')}`]
}
