/**
 * The report as a person reads it: the answer, what it rests on, findings, pairs (the worst first), KDC, what was not visible.
 *
 * Everything said is counted from the report; nothing is inferred here. Text from the wire is made safe once, at the door (`visibleDeep`).
 * Long lists end with the number of what was left out. No line is wider than `columns` (from MIN_COLUMNS on), no address is ever cut.
 */
import pc from 'picocolors'
import { etypeName } from '../../decoders/kerberos-names.ts'
import type { Origin } from '../exchange.ts'
import type { Finding } from '../findings.ts'
import type { FrameRef } from '../frames.ts'
import type { Report } from '../report.ts'
import { SEVERITIES, type Severity } from '../rules/rule.ts'
import type { PairVerdict, Verdict } from '../verdict.ts'
import { type Column, hanging, pad, type Row, table, width, wrap } from './layout.ts'
import { visible, visibleDeep } from './visible.ts'
import {
  bytesText,
  counted,
  countText,
  durationText,
  NO_BREAK,
  ORIGIN_WORDS,
  plainSpaces,
  plural,
  secondText,
} from './words.ts'

export interface TextOptions {
  readonly columns: number
  readonly color: boolean
}

/** Narrower terminals get lines of this width: an IPv6 address with its verdict needs it. */
export const MIN_COLUMNS = 64

const PAIRS_SHOWN = 50
const FINDINGS_SHOWN_PER_RULE = 4
const CAPTURES_SHOWN = 6
const FRAMES_SHOWN = 6
const NAMES_SHOWN = 3
const NAME_LENGTH_MAX = 64

/** The worst first: the order of the table of pairs. */
const VERDICTS: readonly Verdict[] = ['ntlm-fallback', 'mixed', 'ntlm-only', 'other', 'undetermined', 'kerberos']

export function renderText(report: Report, { columns, color }: TextOptions): string {
  // the exchanges are many and only counted: what they say reaches the reader through pairs and findings
  const safe = visibleDeep({ ...report, exchanges: [] })
  const page = new Page(safe, causeTitles(report), Math.max(MIN_COLUMNS, columns), pc.createColors(color))
  const sections = [page.summary(), page.findings(), page.pairs(), page.kdc(), page.notVisible(), page.coverage()]
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return plainSpaces(`${text.join('\n\n')}\n`)
}

type Paint = ReturnType<typeof pc.createColors>
type Entry = readonly [label: string, ...texts: string[]]

class Page {
  readonly #report: Report
  readonly #titles: ReadonlyMap<string, string>
  readonly #columns: number
  readonly #paint: Paint
  readonly #captureNames: ReadonlyMap<string, string>

  constructor(report: Report, titles: ReadonlyMap<string, string>, columns: number, paint: Paint) {
    this.#report = report
    this.#titles = titles
    this.#columns = columns
    this.#paint = paint
    this.#captureNames = shortNames(report.captures.map(({ name }) => name))
  }

  summary(): string[] {
    const { pairs } = this.#report
    const headline = this.#headline().flatMap((line) => wrap(line, this.#columns))
    return [
      ...headline.map((line) => this.#paint.bold(line)),
      '',
      ...this.#entries([
        ...this.#readEntries(),
        ['Authentications', this.#authentications()],
        [
          'Pairs',
          tallyText(
            countBy(pairs, ({ verdict }) => verdict, VERDICTS),
            pairs.length,
          ),
        ],
        ...this.#whyEntries(),
        ['Could be relayed', ...relayLines(pairs)],
        ['Clear passwords', ...clearPasswordLines(pairs)],
        ['Not visible', this.#notVisibleInShort()],
      ]),
    ]
  }

  /** The answer in a sentence or two. */
  #headline(): string[] {
    const { pairs } = this.#report
    const exchanges = total(pairs, ({ counts }) => counts.exchanges)
    if (exchanges === 0) {
      return ['No authentication was seen. That is no proof that there was none: see what was not visible.']
    }
    const ntlm = pairs.filter(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
    if (ntlm.length === 0) {
      return [
        `No NTLM was seen in ${plural(exchanges, 'authentication')} of ${plural(pairs.length, 'pair')}; what was not visible stands below.`,
      ]
    }
    const fallback = ntlm.filter(({ counts }) => counts.fallback > 0).length
    const only = pairs[0]!
    const uses =
      pairs.length === 1
        ? `The only pair (${only.client.ip} -> ${only.server.ip}, ${only.service}) uses NTLM.`
        : `${countText(ntlm.length)} of ${plural(pairs.length, 'pair')} (client, server, service) ${ntlm.length === 1 ? 'uses' : 'use'} NTLM.`
    if (fallback === 0) return [`${uses} No fallback from Kerberos was seen.`]
    const they =
      fallback === ntlm.length ? (ntlm.length === 1 ? 'It' : 'All of them') : `${countText(fallback)} of them`
    return [`${uses} ${they} fell back to it although Kerberos was offered or tried.`]
  }

  #readEntries(): Entry[] {
    const { captures, coverage } = this.#report
    const lines = captures.slice(0, CAPTURES_SHOWN).map((capture) => {
      const facts = [
        capture.compressed ? `${capture.format}, compressed` : capture.format,
        plural(capture.packets, 'packet'),
        bytesText(capture.bytes),
      ]
      const damage = capture.damage === null ? '' : `; ${this.#paint.red('damaged:')} ${capture.damage}`
      return `${inputText(capture.name)} (${facts.join(', ')})${damage}`
    })
    if (captures.length > CAPTURES_SHOWN) lines.push(moreText(captures.slice(CAPTURES_SHOWN).length, 'json'))
    if (captures.length > 1) {
      lines.push(
        `together ${plural(captures.length, 'capture')}, ${plural(coverage.packets, 'packet')}, ${bytesText(coverage.bytes)}`,
      )
    }
    return [
      ['Read', ...(lines.length === 0 ? ['nothing'] : lines)],
      ['Time', timeSpan(coverage.start, coverage.end)],
    ]
  }

  #authentications(): string {
    const { pairs } = this.#report
    const mechanisms = sumRecords(pairs.map(({ counts }) => counts.mechanism))
    const fallback = total(pairs, ({ counts }) => counts.fallback)
    // anonymous NTLM is a mechanism of its own here
    const versions = byCount(sumRecords(pairs.map(({ counts }) => counts.ntlmVersion))).filter(
      ([version]) => version !== 'anonymous',
    )
    const parts = byCount(mechanisms).map(([name, count]) => {
      if (name !== 'ntlm') return counted(count, name)
      const details = [
        ...(fallback > 0 ? [counted(fallback, 'as fallback')] : []),
        ...versions.map(([version, seen]) => (versions.length === 1 ? version : counted(seen, version))),
      ]
      return `${counted(count, 'ntlm')}${details.length > 0 ? ` (${details.join(', ')})` : ''}`
    })
    const exchanges = total(pairs, ({ counts }) => counts.exchanges)
    return parts.length === 0 ? 'none' : `${countText(exchanges)}: ${parts.join(', ')}`
  }

  #whyEntries(): Entry[] {
    const { pairs } = this.#report
    const causes = byCount(sumRecords(pairs.map((pair) => pair.causes)))
    const origins = byCount(sumRecords(pairs.map((pair) => pair.origins)))
    const shown = causes.slice(0, NAMES_SHOWN + 2).map(([code, count]) => `${countText(count)} x ${this.#cause(code)}`)
    if (causes.length > shown.length) shown.push(moreText(causes.length - shown.length, 'json'))
    return [
      ['Why not Kerberos', ...shown],
      [
        'How it began',
        ...origins.map(([name, count]) => `${countText(count)} x ${name}: ${ORIGIN_WORDS[name as Origin] ?? name}`),
      ],
    ]
  }

  #notVisibleInShort(): string {
    const { blindSpots, captures } = this.#report
    const parts = [
      ...this.#absent(),
      ...blindSpots.map(({ kind, count }) => `${kind}${NO_BREAK}(${countText(count)})`),
      ...(captures.some(({ damage }) => damage !== null) ? ['damaged captures'] : []),
    ]
    return parts.length === 0 ? 'nothing that we know of' : parts.join(', ')
  }

  findings(): string[] {
    const { findings } = this.#report
    if (findings.length === 0) return []
    const counts = countBy(findings, ({ severity }) => severity, SEVERITIES)
    const lines = [this.#heading('Findings', tallyText(counts))]
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
    const label = `  ${pad(severity, 8)}  `
    const seen = `${group.length > 1 ? `${plural(group.length, 'place')}, ` : ''}${plural(times, 'time')}`
    const lines = hanging(label, `${title} [${id}] - ${seen}`, this.#columns).map((line) =>
      this.#severityPaint(severity)(line),
    )
    const indent = ' '.repeat(label.length)
    for (const finding of group.slice(0, FINDINGS_SHOWN_PER_RULE)) {
      const where = placeText(finding)
      const text = `${where === '' ? '' : `${where}: `}${sentence(finding.detail)} ${this.#evidence(finding)}`
      lines.push(...hanging(`${indent}- `, text, this.#columns))
    }
    if (group.length > FINDINGS_SHOWN_PER_RULE) {
      lines.push(...hanging(`${indent}  `, moreText(group.length - FINDINGS_SHOWN_PER_RULE, 'json'), this.#columns))
    }
    if (remediation !== '') lines.push(...hanging(`${indent}fix: `, remediation, this.#columns))
    return lines
  }

  pairs(): string[] {
    const sorted = this.#report.pairs.toSorted(worstFirst)
    if (sorted.length === 0) return []
    const shown = sorted.slice(0, PAIRS_SHOWN)
    const rows = (stacked: boolean): Row[] => shown.map((pair) => this.#pairRow(pair, stacked))
    const paint = {
      title: (text: string) => this.#paint.dim(text),
      cell: (text: string, { title }: Column) => (title === 'VERDICT' ? this.#verdictPaint(text) : text),
    }
    const room = this.#columns - INDENT.length
    const body = table(PAIR_COLUMNS, rows(false), room, paint) ?? table(STACKED_COLUMNS, rows(true), room, paint) ?? []
    const lines = [this.#heading('Pairs', 'the worst first'), '']
    if (body[0]?.includes(BREAKS)) lines.push(...hanging(INDENT, PAIR_LEGEND, this.#columns).map(this.#paint.dim), '')
    lines.push(...body.map((line) => (INDENT + line).trimEnd()))
    if (sorted.length > shown.length) {
      const rest = tallyText(countBy(sorted.slice(shown.length), ({ verdict }) => verdict, VERDICTS))
      lines.push('', ...hanging(INDENT, moreText(sorted.length - shown.length, 'csv', rest), this.#columns))
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
    const hung = (note: string) => hanging('  ', note, this.#columns - INDENT.length)
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
    return { cells, notes: notes.map((line) => this.#paint.dim(line)) }
  }

  /** Below a pair that does not (only) use Kerberos: how it came to that, why, and the proof. */
  #pairNotes(pair: PairVerdict): string[] {
    const severalCaptures = this.#report.captures.length > 1
    if (pair.verdict === 'kerberos') return severalCaptures ? [this.#evidence(pair)] : []
    const { counts } = pair
    const origins = byCount(pair.origins)
    const causes = byCount(pair.causes).map(([code, count]) => [this.#cause(code), count] as const)
    const mechanisms = byCount(counts.mechanism)
    return [
      ...(mechanisms.length > 1 || (origins.length === 0 && mechanisms.length > 0)
        ? [listWithCounts(mechanisms, counts.exchanges)]
        : []),
      ...(origins.length > 0 ? [listWithCounts(origins, counts.exchanges)] : []),
      ...(causes.length > 0 ? [listWithCounts(causes, counts.exchanges)] : []),
      ...(pair.blindSpots.length > 0 ? [`not visible: ${pair.blindSpots.join(', ')}`] : []),
      ...(pair.frames.length > 0 ? [this.#evidence(pair)] : []),
    ]
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
      return `${countText(these.length)} ${request}: ${plural(tickets, 'ticket')}, ${plural(errors, 'error')}, ${counted(silent, 'without an answer')}`
    })
    const errors = groupBy(
      kdc.filter(({ error }) => error !== null),
      ({ error }) => error!.name,
    ).sort((a, b) => b.length - a.length)
    const etypes = byCount(countBy(kdc, ({ ticketEtype }) => (ticketEtype === null ? null : String(ticketEtype))))
    return [
      this.#heading('Kerberos KDC', plural(kdc.length, 'exchange')),
      '',
      ...this.#entries([
        ['Requests', ...perRequest],
        [
          'Errors',
          ...errors.map((group) => {
            const names = [...new Set(group.map(({ sname, cname }) => sname ?? cname).filter((name) => name !== null))]
            const about = names.length === 0 ? '' : ` for ${exampleText(names)}`
            return `${countText(group.length)} x ${group[0]!.error!.name}${about}; ${this.#evidence(group[0]!)}`
          }),
        ],
        ['Ticket etypes', etypes.map(([etype, count]) => counted(count, etypeName(Number(etype)))).join(', ')],
      ]),
    ]
  }

  /** Where no authentication was seen: what would have had to be there. */
  #absent(): string[] {
    const { coverage, pairs } = this.#report
    if (pairs.some(({ counts }) => counts.exchanges > 0)) return []
    if (coverage.packets === 0) return ['everything: no packet was read']
    if (coverage.connections === 0) return ['everything: no conversation over TCP or UDP was found']
    const missing = AUTHENTICATING_CARRIERS.filter((carrier) => (coverage.carriers[carrier] ?? 0) === 0)
    return missing.length === 0 ? [] : [`no ${missing.join(', ')} conversation in the clear`]
  }

  notVisible(): string[] {
    const { blindSpots } = this.#report
    if (blindSpots.length === 0) return []
    const entries = blindSpots.map(({ kind, detail, count }): Entry => [kind, `${countText(count)} x ${detail}`])
    return [this.#heading('Not visible', 'nothing is said about these'), '', ...this.#entries(entries)]
  }

  coverage(): string[] {
    const { coverage, tally } = this.#report
    const { connections, oneSided, midstream, lostBytes, gaps, cutPackets, repeatedSegments } = coverage
    const carriers = byCount(coverage.carriers)
    const faults = byCount(tally.faults)
    const loss = [
      lostBytes > 0
        ? `${bytesText(lostBytes)} sent but not in the capture, ${gaps > 0 ? `in ${plural(gaps, 'gap')}` : 'in bodies that nobody reads'}`
        : 'no byte missing in the conversations that were followed',
      ...(cutPackets > 0 ? [`${plural(cutPackets, 'packet')} cut by the snap length`] : []),
      ...(repeatedSegments > 0 ? [`${plural(repeatedSegments, 'segment')} seen more than once`] : []),
    ]
    const kdcs =
      coverage.kdcs.length === 0
        ? 'none seen'
        : `${plural(coverage.kdcs.length, 'KDC')} (${exampleText(coverage.kdcs)})`
    return [
      this.#heading('Coverage', 'what the captures could show at all'),
      '',
      ...this.#entries([
        [
          'Connections',
          countText(connections),
          carriers.length > 0 ? `by carrier: ${carriers.map(([name, count]) => counted(count, name)).join(', ')}` : '',
          ...(oneSided > 0 ? [`${countText(oneSided)} seen in one direction only`] : []),
          ...(midstream > 0 ? [`${countText(midstream)} without their beginning`] : []),
        ],
        ['Loss', connections === 0 && lostBytes === 0 ? '' : loss.join('; ')],
        ['KDC', kdcs],
        [
          'Clients',
          `${countText(coverage.clientsAuthenticating)} authenticating, ${countText(coverage.clientsWithKdcTraffic)} with visible KDC traffic`,
        ],
        ['VLANs', coverage.vlans.join(', ')],
        ['Tunnels', coverage.tunnels.join(', ')],
        ['Not decoded', faults.map(([name, count]) => counted(count, name)).join(', ')],
      ]),
    ]
  }

  #heading(title: string, aside: string): string {
    return `${this.#paint.bold(title)}${aside === '' ? '' : this.#paint.dim(`  ${aside}`)}`
  }

  /** Label, text below each other; an entry without text is left out. */
  #entries(entries: readonly Entry[]): string[] {
    const filled = entries
      .map(([label, ...texts]) => [label, texts.filter((text) => text !== '')] as const)
      .filter(([, texts]) => texts.length > 0)
    const labelWidth = Math.min(24, Math.max(0, ...filled.map(([label]) => width(label))))
    return filled.flatMap(([label, texts]) => {
      const beside = width(label) <= labelWidth
      const lines = texts.flatMap((text) => hanging(`${INDENT}${' '.repeat(labelWidth)}  `, text, this.#columns))
      if (!beside) return [...hanging(INDENT, label, this.#columns).map(this.#paint.cyan), ...lines]
      const first = lines[0]!.slice(INDENT.length + labelWidth)
      return [INDENT + this.#paint.cyan(pad(label, labelWidth)) + first, ...lines.slice(1)]
    })
  }

  #cause(code: string): string {
    const title = this.#titles.get(code)
    return title === undefined ? code : `${title} (${code})`
  }

  /** `lab.pcap: frames 38, 41`, frames of other captures after those of its own. */
  #evidence({ capture, frames }: { readonly capture: string; readonly frames: readonly FrameRef[] }): string {
    const perCapture = new Map<string, string[]>()
    for (const frame of frames.slice(0, FRAMES_SHOWN)) {
      const text = String(frame)
      const colon = text.lastIndexOf(':')
      const name = colon < 0 ? capture : text.slice(0, colon)
      perCapture.set(name, [...(perCapture.get(name) ?? []), text.slice(colon + 1)])
    }
    const parts = [...perCapture].map(
      ([name, numbers]) =>
        `${this.#captureNames.get(name) ?? name}: ${numbers.length === 1 ? 'frame' : 'frames'}${NO_BREAK}${numbers.join(', ')}`,
    )
    if (parts.length === 0) return ''
    const more = frames.length > FRAMES_SHOWN ? ` and ${counted(frames.length - FRAMES_SHOWN, 'more')}` : ''
    return parts.join('; ') + more
  }

  #verdictPaint(text: string): string {
    const { red, yellow, green, magenta } = this.#paint
    if (text === 'ntlm-fallback' || text === 'mixed') return red(text)
    if (text === 'ntlm-only' || text === 'other') return yellow(text)
    return text === 'kerberos' ? green(text) : text === 'undetermined' ? magenta(text) : text
  }

  #severityPaint(severity: Severity): (text: string) => string {
    const { red, yellow, bold } = this.#paint
    if (severity === 'critical') return (text) => bold(red(text))
    return severity === 'high' ? red : severity === 'medium' ? yellow : (text) => text
  }
}

/** The carriers that most authentications of a network go over. */
const AUTHENTICATING_CARRIERS = ['smb', 'http', 'ldap', 'rpc', 'kdc']
const INDENT = '  '
const BREAKS = 'BREAKS WITHOUT'
const PAIR_LEGEND = `SMB SIGNING: dialect, what was in effect, policy of client/server. BINDING: channel binding. ${BREAKS}: what the pair cannot do without (unsigned: would fail if signing were required; ?: not known).`
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

/** Codes to titles: pairs name their causes by code. */
function causeTitles({ exchanges }: Report): ReadonlyMap<string, string> {
  const titles = new Map<string, string>()
  for (const { cause } of exchanges) {
    if (cause !== null && !titles.has(cause.code)) titles.set(cause.code, visible(cause.title))
  }
  return titles
}

/** The last part of a path where that names one capture only, else the whole. */
function shortNames(names: readonly string[]): ReadonlyMap<string, string> {
  const last = (name: string) => name.split(/[/\\]/).at(-1) || name
  const seen = countBy(names, last)
  return new Map(names.map((name) => [name, seen[last(name)] === 1 ? inputText(last(name)) : name]))
}

function inputText(name: string): string {
  return name === '-' ? 'standard input' : name
}

function worstFirst(a: PairVerdict, b: PairVerdict): number {
  return (
    VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
    b.counts.exchanges - a.counts.exchanges ||
    compareText(a.server.ip, b.server.ip) ||
    compareText(a.client.ip, b.client.ip)
  )
}

/** What the pairs say about protection: each line a count of pairs, with the first servers. */
function relayLines(pairs: readonly PairVerdict[]): string[] {
  const smb = pairs.filter((pair) => pair.smb !== null)
  const ldap = pairs.filter((pair) => pair.ldap !== null)
  if (smb.length === 0 && ldap.length === 0) return []
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
          `SMB neither signed nor encrypted: ${plural(sessions, 'session')} of ${plural(unsigned.length, 'pair')} (to ${serversText(unsigned)})`,
        ]
      : []),
    ...(lax.length > 0 ? [`SMB signing not required: ${plural(lax.length, 'server')} (${exampleText(lax)})`] : []),
    ...(open.length > 0
      ? [`LDAP neither signed, sealed nor in TLS: ${plural(open.length, 'pair')} (to ${serversText(open)})`]
      : []),
    ...(unbound.length > 0
      ? [`NTLM without channel binding: ${plural(unbound.length, 'pair')} (to ${serversText(unbound)})`]
      : []),
  ]
  if (lines.length === 0) lines.push('no unprotected SMB session and no unprotected LDAP bind was seen')
  if (unknown > 0) lines.push(`SMB protection not visible: ${plural(unknown, 'pair')}`)
  return lines
}

function clearPasswordLines(pairs: readonly PairVerdict[]): string[] {
  const clear = pairs.filter(({ counts }) => (counts.mechanism.simple ?? 0) + (counts.mechanism.plain ?? 0) > 0)
  if (clear.length === 0) return []
  const binds = total(clear, ({ counts }) => (counts.mechanism.simple ?? 0) + (counts.mechanism.plain ?? 0))
  return [`${plural(binds, 'authentication')} of ${plural(clear.length, 'pair')} (to ${serversText(clear)})`]
}

function serversText(pairs: readonly PairVerdict[]): string {
  return exampleText(distinct(pairs.map(({ server }) => server.ip)))
}

/** What would stop to work; a question mark where the capture does not tell; `-` where nothing would. */
function breaksText({ ntlmOff, signingRequired, rc4Off }: PairVerdict['breaks']): string {
  const parts = (
    [
      ['NTLM', ntlmOff],
      ['unsigned', signingRequired],
      ['RC4', rc4Off],
    ] as const
  ).flatMap(([name, forecast]) => (forecast === 'no' ? [] : [forecast === 'yes' ? name : `${name}?`]))
  return parts.length === 0 ? '-' : parts.join(' ')
}

function placeText({ client, server, service }: Finding): string {
  const ends = [client, server].filter((end) => end !== null).join(' -> ')
  return [ends, service].filter((part) => part !== null && part !== '').join(' ')
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function timeSpan(start: number | null, end: number | null): string {
  if (start === null || end === null) return 'no packet has a time'
  return `${secondText(start)} to ${secondText(end)} (${durationText(end - start)})`
}

/** `kerberos 3, ntlm 1`; the number is left out where the only name stands for all of `of`. */
function listWithCounts(counts: readonly (readonly [string, number])[], of: number): string {
  if (counts.length === 1 && counts[0]![1] === of) return counts[0]![0]
  return counts.map(([name, count]) => name + NO_BREAK + countText(count)).join(', ')
}

/** `9: 3 ntlm-fallback, 6 kerberos`, in the order of the record. */
function tallyText(counts: Readonly<Record<string, number>>, all?: number): string {
  const parts = Object.entries(counts).map(([name, count]) => counted(count, name))
  if (parts.length === 0) return 'none'
  return all === undefined ? parts.join(', ') : `${countText(all)}: ${parts.join(', ')}`
}

function moreText(count: number, format: 'csv' | 'json', rest = ''): string {
  return `and ${counted(count, 'more')}${rest === '' ? '' : ` (${rest})`}; use --format ${format} for all`
}

function exampleText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(shorten).join(', ')
  return names.length > NAMES_SHOWN ? `${shown} and ${counted(names.length - NAMES_SHOWN, 'more')}` : shown
}

/** The first names, and how many more there are. */
function some(names: readonly string[]): string[] {
  const shown = names.slice(0, names.length <= 2 ? 2 : 1).map(shorten)
  return names.length <= 2 ? shown : [...shown, `and ${counted(names.length - 1, 'more')}`]
}

/** Names may be cut, and show it; addresses never are. */
function shorten(name: string): string {
  return name.length <= NAME_LENGTH_MAX ? name : `${[...name].slice(0, NAME_LENGTH_MAX - 3).join('')}...`
}

function total<T>(list: readonly T[], value: (element: T) => number): number {
  return list.reduce((sum, element) => sum + value(element), 0)
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}

/** How many elements have each key; null is not counted. `order` puts the known keys first. */
function countBy<T>(list: readonly T[], key: (element: T) => string | null, order: readonly string[] = []) {
  const counts: Record<string, number> = {}
  for (const name of order) counts[name] = 0
  for (const element of list) {
    const name = key(element)
    if (name !== null) counts[name] = (counts[name] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

function groupBy<T>(list: readonly T[], key: (element: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const element of list) {
    const group = groups.get(key(element))
    if (group === undefined) groups.set(key(element), [element])
    else group.push(element)
  }
  return [...groups.values()]
}

function sumRecords(records: readonly Readonly<Record<string, number | undefined>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const record of records) {
    for (const [name, count] of Object.entries(record)) if (count) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

/** Largest first, then by name. */
function byCount(counts: Readonly<Record<string, number | undefined>>): [string, number][] {
  return Object.entries(counts)
    .filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
    .sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
