/**
 * The slice of captures that proves a finding, a pair or some frames: as few conversations as give the same finding,
 * verdict and cause when the slice is read again, without anything that could be cracked.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Service } from '../../decoders/carrier.ts'
import type { AuthExchange } from '../facts/exchange.ts'
import type { HostPattern } from '../facts/filter.ts'
import { type FrameRef, frameKey, splitFrameKey } from '../facts/frames.ts'
import type { Finding } from '../findings/finding.ts'
import { LIMITS } from '../memory/limits.ts'
import { visible } from '../output/page/visible.ts'
import type { Report } from '../report/report.ts'
import type { PairVerdict } from '../report/verdict.ts'
import { conversationsOf, WIDTHS } from '../slice/choice.ts'
import type { SourceFrame } from '../slice/frames.ts'
import { notesOf } from '../slice/read-notes.ts'
import { type Slice, sliceOf } from '../slice/slice.ts'
import { analyze } from './analyze.ts'

/** What the slice is to prove. */
export type Wish =
  | {
      readonly kind: 'finding'
      /** a rule (`NS-SG-002`) or the `uid` of one finding */
      readonly id: string
      readonly client: HostPattern | null
      readonly server: HostPattern | null
      readonly service: Service | null
    }
  | { readonly kind: 'pair'; readonly client: HostPattern; readonly server: HostPattern; readonly service: Service }
  | { readonly kind: 'frames'; readonly frames: readonly { readonly capture: string; readonly frame: number }[] }

/** What a report says that the slice must say again. */
export interface Expected {
  /** frame keys of the run, with what each proves */
  readonly evidence: ReadonlyMap<number, readonly string[]>
  readonly findings: readonly Finding[]
  readonly pairs: readonly PairVerdict[]
  /** the exchanges that the evidence is about */
  readonly exchanges: readonly AuthExchange[]
  readonly clients: ReadonlySet<string>
  readonly servers: ReadonlySet<string>
}

export interface Extract extends Slice {
  /** frame keys */
  readonly evidence: readonly number[]
  /** what the report says and the slice does not; empty: it carries its verdict */
  readonly unmet: readonly string[]
  /** frames that would belong to it and do not fit */
  readonly leftOut: number
}

/** null: the report has no such thing. */
export function expectedOf(report: Report, inputs: readonly string[], wish: Wish): Expected | null {
  const evidence = new Map<number, string[]>()
  const prove = (key: number | null, why: string) => {
    if (key === null) return
    const reasons = evidence.get(key)
    if (reasons === undefined) evidence.set(key, [why])
    else if (!reasons.includes(why)) reasons.push(why)
  }
  const keyOf = (capture: string, ref: FrameRef): number | null => {
    const at = typeof ref === 'string' ? ref.lastIndexOf(':') : -1
    const name = typeof ref === 'string' ? ref.slice(0, at) : capture
    const number = typeof ref === 'string' ? Number(ref.slice(at + 1)) : ref
    const index = inputs.indexOf(name)
    return index < 0 || !Number.isSafeInteger(number) ? null : frameKey(index, number)
  }
  if (wish.kind === 'frames') {
    for (const { capture, frame } of wish.frames) prove(keyOf(capture, frame), 'asked for')
    const exchanges = report.exchanges.filter(({ frames, capture }) =>
      frames.some((ref) => evidence.has(keyOf(capture, ref) ?? -1)),
    )
    return expected(evidence, [], [], exchanges)
  }
  const findings = report.findings.filter((finding) => isMeant(report, finding, wish))
  const pairs = report.pairs.filter((pair) =>
    wish.kind === 'pair'
      ? wish.service === pair.service &&
        isHost(report, pair.client.ip, wish.client) &&
        isHost(report, pair.server.ip, wish.server)
      : findings.some((finding) => isOfPair(finding, pair)),
  )
  if (wish.kind === 'pair' ? pairs.length === 0 : findings.length === 0) return null
  for (const finding of findings) {
    const why = `${finding.id} ${finding.severity}: ${finding.title}. ${finding.detail}`
    for (const ref of finding.frames) prove(keyOf(finding.capture, ref), why)
  }
  for (const pair of pairs) {
    const why = `verdict ${pair.verdict}: ${pair.client.ip} to ${pair.server.ip} over ${pair.service}`
    if (wish.kind === 'pair') for (const ref of pair.frames) prove(keyOf(pair.capture, ref), why)
  }
  const proven = new Set(evidence.keys())
  const exchanges = report.exchanges.filter(
    (exchange) =>
      pairs.some((pair) => isOfPair(endsOf(exchange), pair)) &&
      (wish.kind === 'pair' || exchange.frames.some((ref) => proven.has(keyOf(exchange.capture, ref) ?? -1))),
  )
  for (const exchange of exchanges) {
    const { cause, capture, frames, mechanism, result } = exchange
    for (const ref of frames) prove(keyOf(capture, ref), `logon by ${mechanism}, ${result}`)
    for (const ref of cause?.frames ?? [])
      prove(keyOf(capture, ref), `${cause!.code}: ${cause!.title}. Fix: ${cause!.fix}`)
  }
  return expected(evidence, findings, pairs, exchanges)
}

function expected(
  evidence: Expected['evidence'],
  findings: readonly Finding[],
  pairs: readonly PairVerdict[],
  exchanges: readonly AuthExchange[],
): Expected {
  const clients = new Set<string>()
  const servers = new Set<string>()
  for (const { client, server } of [...findings, ...[...pairs, ...exchanges].map(endsOf)]) {
    if (client !== null) clients.add(client)
    if (server !== null) servers.add(server)
  }
  return { evidence, findings, pairs, exchanges, clients, servers }
}

interface EndsNamed {
  readonly client: string | null
  readonly server: string | null
  readonly service: Service | null
}

function endsOf({ client, server, service }: AuthExchange | PairVerdict): EndsNamed {
  return { client: client.ip, server: server.ip, service }
}

function isOfPair(ends: EndsNamed, pair: PairVerdict): boolean {
  return ends.client === pair.client.ip && ends.server === pair.server.ip && ends.service === pair.service
}

function isMeant(report: Report, finding: Finding, wish: Exclude<Wish, { kind: 'frames' }>): boolean {
  if (wish.kind === 'pair') return false
  const { id, uid, client, server, service } = finding
  const isAt = (pattern: HostPattern | null, ip: string | null) =>
    pattern === null || (ip !== null && isHost(report, ip, pattern))
  const isThere =
    isAt(wish.client, client) && isAt(wish.server, server) && (wish.service === null || wish.service === service)
  return isThere && (uid === wish.id || id.toLowerCase() === wish.id.toLowerCase())
}

/** By its address, or by any of its names. */
function isHost(report: Report, ip: string, pattern: HostPattern): boolean {
  const names = (report.hosts.find((host) => host.ip === ip)?.names ?? []).map(({ name }) => name)
  return [null, ...names].some((name) => pattern.matches({ ip, name }))
}

/** What `report`, of a slice, does not say of what it should. */
export function unmetBy(report: Report, { findings, pairs, exchanges }: Expected): string[] {
  const unmet: string[] = []
  for (const finding of findings) {
    const { id, client, server, service, detail } = finding
    const isSame = (other: Finding) =>
      other.id === id && other.client === client && other.server === server && other.service === service
    if (!report.findings.some(isSame)) unmet.push(`${id} (${detail})`)
  }
  for (const expected of pairs) {
    const pair = report.pairs.find((other) => isOfPair(endsOf(expected), other))
    const { client, server, service, verdict } = expected
    if (pair?.verdict !== verdict) unmet.push(`the verdict ${verdict} of ${client.ip} to ${server.ip} over ${service}`)
  }
  for (const exchange of exchanges) {
    const { cause, capture, frames } = exchange
    if (cause === null) continue
    const { client, server, service, start } = exchange
    const again = report.exchanges.some(
      (other) =>
        other.client.ip === client.ip &&
        other.server.ip === server.ip &&
        other.service === service &&
        other.start === start &&
        other.cause?.code === cause.code,
    )
    if (!again) unmet.push(`the cause ${cause.code} of the logon in frame ${frames[0] ?? '?'} of ${basename(capture)}`)
  }
  return unmet
}

/** The smallest slice that says all of it again, else the one that says most. Throws a `SliceError`. */
export async function extract(inputs: readonly string[], expected: Expected, application: string): Promise<Extract> {
  const { evidence, clients, servers } = expected
  const before = await notesOf(inputs)
  const captures = inputs.map((path) => basename(path))
  const isNarrow = expected.findings.length === 0 && expected.pairs.length === 0
  let best: Extract | null = null
  let chosenBefore = -1
  for (const width of isNarrow ? WIDTHS.slice(0, 2) : WIDTHS) {
    const keys = new Set(evidence.keys())
    const { frames, leftOut } = await conversationsOf(inputs, keys, width, { clients, servers }, LIMITS.sliceBytesMax)
    if (frames.length === chosenBefore) continue
    chosenBefore = frames.length
    const slice = sliceOf(
      frames,
      {
        application,
        captures,
        why: ({ capture, frame }) => (evidence.get(frameKey(capture, frame)) ?? []).map(visible),
        comment: (count, masked, emptied) => sectionComment(expected, captures, frames, [count, masked, emptied]),
      },
      before,
    )
    const unmet = unmetBy(await reportOf(slice.file), expected)
    const found: Extract = { ...slice, evidence: [...evidence.keys()], unmet, leftOut }
    if (best === null || unmet.length < best.unmet.length) best = found
    if (best.unmet.length === 0) break
  }
  return best!
}

/** The slice, read again as any capture. */
async function reportOf(file: Buffer): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-'))
  try {
    const path = join(folder, 'slice.pcapng')
    writeFileSync(path, file)
    return await analyze([path])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sectionComment(
  { findings, pairs }: Expected,
  captures: readonly string[],
  frames: readonly SourceFrame[],
  [count, masked, emptied]: readonly [number, number, number],
): string {
  const subjects = [...new Set(findings.map(({ id, title }) => `${id}: ${title}`))]
  const verdicts = pairs.map(
    ({ client, server, service, verdict }) => `${client.ip} to ${server.ip} over ${service}: ${verdict}`,
  )
  const used = [...new Set(frames.map(({ capture }) => captures[capture] ?? ''))]
  return [
    `Evidence, cut by ntlmscope from ${used.join(', ')}: ${count} frames.`,
    ...subjects.slice(0, SUBJECTS_MAX),
    ...verdicts.slice(0, SUBJECTS_MAX),
    `What could be cracked is zeros: in ${masked} frames the responses, MICs, session keys, cipher text of Kerberos and`,
    `passwords; in ${emptied} all that they carry. Names and addresses are as they were. ntlmscope reads beside this`,
    'what it must know of the values that are gone.',
  ].join('\n')
}

const SUBJECTS_MAX = 20

/** Frames by capture, as ranges: `341`, `344-352`. */
export function rangesOf(keys: readonly number[]): Map<number, string[]> {
  const byCapture = new Map<number, number[]>()
  for (const { capture, frame } of keys.map(splitFrameKey)) {
    const numbers = byCapture.get(capture)
    if (numbers === undefined) byCapture.set(capture, [frame])
    else numbers.push(frame)
  }
  const ranges = new Map<number, string[]>()
  for (const [capture, numbers] of byCapture) {
    const sorted = [...new Set(numbers)].sort((a, b) => a - b)
    const texts: string[] = []
    for (let from = 0; from < sorted.length; ) {
      let to = from
      while (sorted[to + 1] === sorted[to]! + 1) to++
      texts.push(to === from ? `${sorted[from]}` : `${sorted[from]}-${sorted[to]}`)
      from = to + 1
    }
    ranges.set(capture, texts)
  }
  return ranges
}
