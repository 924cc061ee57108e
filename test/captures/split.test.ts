/**
 * Less of a capture never gives another cause: a capture that is cut in two at a packet, or by direction, read alone,
 * says of each conversation the cause that the whole says, or RC99 with what is missing, and claims no fallback that
 * the whole does not; its halves read together say what the whole says.
 *
 * Small captures are cut at every packet where SPLIT_TEST=all, else at a few of the packets that decided their causes.
 */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED, capturesBelow, LAB } from './folders.ts'
import { isPlainPcap, packetOf, readPcap, temporaryFolder, writePcap } from './packets.ts'

const here = existsSync(LAB)
if (!here) console.warn(`skipped: no capture of the lab is cut in two, ${LAB} is absent`)

const EVERYTHING = process.env.SPLIT_TEST === 'all'
/** cut at every packet up to here, beyond at so many */
const SMALL_PACKETS = 300
const CUTS = EVERYTHING ? 40 : 4
/** larger ones cost seconds and show nothing new */
const LARGE_PACKETS = 1500

const bundled = capturesBelow(BUNDLED).filter((_, at) => EVERYTHING || at % 5 === 0)
const lab = here ? capturesBelow(LAB).filter((path) => path.endsWith('.pcap')) : []
const captures = [...lab, ...bundled]
  .filter(isPlainPcap)
  .map((path) => ({ path, file: readPcap(path) }))
  .filter(({ file }) => file.records.length >= 2 && file.records.length <= LARGE_PACKETS)

/** Before which packets a capture is cut: those that decided a cause tell most. */
function cutsOf(count: number, { exchanges }: Report): number[] {
  if (EVERYTHING && count <= SMALL_PACKETS) return Array.from({ length: count - 1 }, (_, at) => at + 1)
  const decisive = exchanges.flatMap(({ cause, frames }) => (cause === null ? [] : [...frames, ...cause.frames]))
  const before = [...new Set(decisive)]
    .filter((frame) => typeof frame === 'number' && frame > 1)
    .map((frame) => Number(frame) - 1)
  const wanted = before.length === 0 ? [Math.floor(count / 2)] : before.sort((a, b) => a - b)
  const step = Math.max(1, wanted.length / CUTS)
  return Array.from({ length: Math.min(CUTS, wanted.length) }, (_, at) => wanted[Math.floor(at * step)]!)
}

const flowOf = ({ client, server }: AuthExchange) => `${client.ip}:${client.port} -> ${server.ip}:${server.port}`

/** What a half says and the whole does not. */
function strangeIn(half: Report, whole: Report): string[] {
  const known = new Map<string, Set<string>>()
  const fallback = new Set<string>()
  for (const exchange of whole.exchanges) {
    const flow = flowOf(exchange)
    const causes = known.get(flow) ?? new Set()
    if (exchange.cause !== null) causes.add(exchange.cause.code)
    known.set(flow, causes)
    // where the whole does not know, a half that knows more has seen something else
    if (exchange.fallback === true) fallback.add(flow)
  }
  return half.exchanges.flatMap((exchange) => {
    const flow = flowOf(exchange)
    const { cause } = exchange
    const strange: string[] = []
    if (cause !== null && cause.code !== 'RC99' && !known.get(flow)?.has(cause.code))
      strange.push(`${flow}: ${cause.code} (${cause.why}), not ${[...(known.get(flow) ?? [])].join(', ') || 'any'}`)
    if (cause?.code === 'RC99' && cause.missing.length === 0) strange.push(`${flow}: RC99, and nothing is missing`)
    if (exchange.fallback === true && !fallback.has(flow)) strange.push(`${flow}: a fallback (${exchange.origin})`)
    return strange
  })
}

/** What must not depend on how a capture is cut into files. */
function said({ exchanges, pairs, findings, kdc }: Report) {
  return {
    exchanges: exchanges.map((exchange) => {
      const { start, mechanism, origin, fallback, cause, result, status, channelBinding, visibility } = exchange
      const why = cause === null ? null : [cause.code, cause.confidence, ...cause.missing]
      return [
        flowOf(exchange),
        start,
        mechanism,
        origin,
        fallback,
        why,
        result,
        status?.name,
        channelBinding,
        visibility,
      ]
    }),
    pairs: pairs.map(({ client, server, service, verdict, blindSpots }) => [
      client.ip,
      server.ip,
      service,
      verdict,
      blindSpots,
    ]),
    findings: findings.map(({ id, client, server, count }) => [id, client, server, count]),
    kdc: kdc.length,
  }
}

/**
 * Packets whose sender is the lower address in one file, the others in the other: the directions of every conversation
 * apart.
 */
function byDirection(records: readonly Uint8Array[]): [Uint8Array[], Uint8Array[]] | null {
  const up: Uint8Array[] = []
  const down: Uint8Array[] = []
  for (const record of records) {
    const packet = packetOf(record)
    // plain Ethernet and IPv4: tunnels have directions of their own
    if (packet.length < 34 || packet[12] !== 8 || packet[13] !== 0) return null
    const order = Buffer.compare(packet.subarray(26, 30), packet.subarray(30, 34))
    ;(order < 0 ? up : down).push(record)
  }
  return up.length === 0 || down.length === 0 ? null : [up, down]
}

describe('a capture in two files', () => {
  const folder = temporaryFolder()

  it.each(captures)('$path', { timeout: 600_000 }, async ({ path, file }) => {
    const whole = await analyze([path])
    const { records } = file
    const directions = byDirection(records)
    const cuts = cutsOf(records.length, whole).map(
      (at) => [`cut before packet ${at + 1}`, records.slice(0, at), records.slice(at)] as const,
    )
    const ways = [...cuts, ...(directions === null ? [] : [['by direction', ...directions] as const])]
    for (const [way, one, other] of ways) {
      const name = basename(path)
      const halves = [
        writePcap(join(folder, `1-${name}`), file, one),
        writePcap(join(folder, `2-${name}`), file, other),
      ]
      for (const half of halves)
        expect({ way, half, strange: strangeIn(await analyze([half]), whole) }).toEqual({ way, half, strange: [] })
      expect({ way, ...said(await analyze(halves)) }).toEqual({ way, ...said(whole) })
    }
  })
})

it('a refusal that comes within a second after a logon, behind a cut, is no reason for it', async () => {
  const file = readPcap(join(BUNDLED, 'changes/spn-registered-before.pcap'))
  const isLogon = (record: Uint8Array) => {
    const packet = Buffer.from(packetOf(record))
    const ports = 14 + (packet[14]! & 15) * 4
    return packet[23] === 6 && [0, 2].some((at) => packet.readUInt16BE(ports + at) === 445)
  }
  const logon = file.records.filter(isLogon)
  const timeOf = (record: Uint8Array) => {
    const head = Buffer.from(record)
    return head.readUInt32LE(0) * 1e6 + head.readUInt32LE(4)
  }
  // the connection to the KDC that refuses
  const others = file.records.slice(85, 95).filter((record) => !isLogon(record))
  // all of it a third of a second after the last packet of the logon
  const from = timeOf(logon.at(-1)!) + 333_000 - timeOf(others[0]!)
  const later = others.map((record) => {
    const moved = Buffer.from(record)
    const time = timeOf(record) + from
    moved.writeUInt32LE(Math.floor(time / 1e6), 0)
    moved.writeUInt32LE(time % 1e6, 4)
    return moved
  })
  const temporary = temporaryFolder()
  const part = (name: string, records: readonly Uint8Array[]) => writePcap(join(temporary, name), file, records)
  const causes = async (paths: readonly string[]) => (await analyze(paths)).exchanges.map(({ cause }) => cause?.code)
  const whole = await causes([part('whole.pcap', [...logon, ...later])])
  expect(whole).not.toContain('RC01')
  expect(await causes([part('a.pcap', logon), part('b.pcap', later)])).toEqual(whole)
  // two taps of two clocks: the other one saw something before
  const other = part('tap.pcap', [logon[0]!, ...later])
  expect(await causes([part('a.pcap', logon), other])).toContain('RC01')
})
