/**
 * What an outage looks like: every capture with NTLM, bundled or of others, cut at its first token as if the client was
 * not allowed to send it, with the end of the connection kept. None may read like an empty capture.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderText } from '../../src/output/text/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED, capturesBelow, SHARED } from './folders.ts'
import { isPlainPcap, packetOf, readPcap, temporaryFolder, writePcap } from './packets.ts'

const folder = temporaryFolder()
const ETHERNET = 14
const RECORD_HEADER = 16
const [FIN, SYN, RST] = [1, 2, 4]

interface Tcp {
  readonly from: string
  readonly to: string
  readonly at: number
  readonly flags: number
  readonly seq: number
  readonly payload: number
}

/** IPv4 over Ethernet alone. */
function tcpOf(packet: Uint8Array): Tcp | null {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)
  if (bytes.length < ETHERNET + 40 || bytes.readUInt16BE(12) !== 0x0800 || bytes[ETHERNET + 9] !== 6) return null
  const at = ETHERNET + (bytes[ETHERNET]! & 15) * 4
  const ip = (from: number) => [...bytes.subarray(from, from + 4)].join('.')
  return {
    from: `${ip(ETHERNET + 12)}:${bytes.readUInt16BE(at)}`,
    to: `${ip(ETHERNET + 16)}:${bytes.readUInt16BE(at + 2)}`,
    at,
    flags: bytes[at + 13]!,
    seq: bytes.readUInt32BE(at + 4),
    payload: bytes.readUInt16BE(ETHERNET + 2) - (at - ETHERNET) - (bytes[at + 12]! >> 4) * 4,
  }
}

interface Cut {
  readonly client: string
  readonly server: string
  readonly records: readonly Uint8Array[]
}

/** Without all that follows the first token in its connection, but for its end, which moves up to close the gap. */
async function cutOf(path: string): Promise<Cut | null> {
  let token: { readonly frame: number; readonly ends: readonly string[] } | null = null
  await analyze([path], {
    onDecoded: ({ frame, context: { conversation }, tokens, step }) => {
      const isPlain = step?.kind === 'leg' && step.from === 'client' && step.plainNtlm !== null
      const isNtlm = isPlain || tokens.some(({ message }) => /^(NEGOTIATE|AUTHENTICATE)_MESSAGE$/.test(message.type))
      if (!isNtlm || token !== null || step === null) return
      const { lowAddress, lowPort, highAddress, highPort } = conversation
      token = { frame, ends: [`${lowAddress}:${lowPort}`, `${highAddress}:${highPort}`] }
    },
  })
  if (token === null) return null
  const { frame, ends } = token as { frame: number; ends: string[] }
  const { records } = readPcap(path)
  const next = new Map<string, number>()
  const kept: Uint8Array[] = []
  let client: string | null = null
  for (const [index, record] of records.entries()) {
    const tcp = tcpOf(packetOf(record))
    const isThis = tcp !== null && ends.includes(tcp.from) && ends.includes(tcp.to)
    if (!isThis) {
      if (index + 1 < frame) kept.push(record)
      continue
    }
    if (tcp.flags & SYN && client === null) client = tcp.from
    if (index + 1 < frame && !(tcp.flags & (FIN | RST))) {
      next.set(tcp.from, (tcp.seq + tcp.payload + (tcp.flags & SYN ? 1 : 0)) >>> 0)
      kept.push(record)
    } else if (tcp.flags & (FIN | RST) && next.has(tcp.from)) {
      const ended = Buffer.from(record.subarray(0, RECORD_HEADER + tcp.at + 20))
      ended.writeUInt32LE(ended.length - RECORD_HEADER, 8)
      ended.writeUInt32LE(ended.length - RECORD_HEADER, 12)
      ended.writeUInt16BE(tcp.at - ETHERNET + 20, RECORD_HEADER + ETHERNET + 2)
      ended.writeUInt32BE(next.get(tcp.from)!, RECORD_HEADER + tcp.at + 4)
      ended.writeUInt32BE(next.get(tcp.to) ?? 0, RECORD_HEADER + tcp.at + 8)
      ended[RECORD_HEADER + tcp.at + 12] = 0x50
      kept.push(ended)
    }
  }
  const ended = kept.some((record) => {
    const tcp = tcpOf(packetOf(record))
    return tcp !== null && ends.includes(tcp.from) && ends.includes(tcp.to) && (tcp.flags & (FIN | RST)) !== 0
  })
  if (client === null || !ended) return null
  return { client, server: ends.find((end) => end !== client)!, records: kept }
}

const plain = (folder: string) => capturesBelow(folder).filter((path) => /\.pcap$/.test(path) && isPlainPcap(path))
const others = plain(SHARED)
if (others.length === 0) console.warn('skipped: no capture of others is cut at its first token')
/** one of four in the ordinary run, of those of others one of sixteen, all of them at night */
const paths = [
  ...plain(BUNDLED).filter((_, at) => process.env.NIGHTLY || at % 4 === 1),
  ...others.filter((_, at) => process.env.NIGHTLY || at % 16 === 1),
]

describe('a capture that ends where its first NTLM token would stand', () => {
  it.each(paths)('%s', async (path) => {
    const cut = await cutOf(path)
    if (cut === null) return
    const file = writePcap(join(folder, `${paths.indexOf(path)}.pcap`), readPcap(path), cut.records)
    const report = await analyze([file])
    const [client, server] = [cut.client, cut.server].map((end) => end.slice(0, end.lastIndexOf(':')))
    const away = report.turnedAway.filter((one) => one.client === client && one.server === server)
    const text = renderText(report, { columns: 100, color: false })
    const isKnown = report.pairs.some((pair) => pair.client.ip === client && pair.server.ip === server)
    // a connection of which one direction was not captured has no offer
    const isOneSided = report.blindSpots.some(({ kind }) => kind === 'one-sided') && /one-sided/.test(path)
    const isSaid =
      away.length > 0 ||
      isOneSided ||
      isKnown ||
      /nobody logged on in|ended without a word/.test(text.replace(/\s+/g, ' '))
    expect(isSaid, `${path} ${client} ${server}\n${text.slice(0, 800)}`).toBe(true)
  })

  it('is tried on many', () => {
    expect(paths.length).toBeGreaterThan(40)
  })
})
