/**
 * The further carriers, all by the same questions: what is said, whoever is heard and wherever segments end; what the
 * whole program makes of it, and tshark; that foreign, cut and changed bytes do no harm.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CARRIERS } from '../../decoders/registry.ts'
import { reportJson } from '../../src/output/json.ts'
import { analyze, type MessageLine } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { cutPiece, feed, inPieces, type Piece } from '../builders/feed.ts'
import { tcpConversation, udpFrame } from '../builders/net.ts'
import { messagesIn, saidIn } from '../builders/said.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { changeBytes, cutEverywhere } from '../hostile.ts'
import { DNS_MISSES, DNS_SAMPLES } from './dns.samples.ts'
import { FTP_MISSES, FTP_SAMPLES } from './ftp.samples.ts'
import type { FurtherSample, Miss } from './further.samples.ts'
import { NFS_MISSES, NFS_SAMPLES } from './nfs.samples.ts'
import { POSTGRESQL_MISSES, POSTGRESQL_SAMPLES } from './postgresql.samples.ts'
import { SIP_MISSES, SIP_SAMPLES } from './sip.samples.ts'
import { SOCKS_MISSES, SOCKS_SAMPLES } from './socks.samples.ts'
import { XMPP_MISSES, XMPP_SAMPLES } from './xmpp.samples.ts'

const SAMPLES: readonly FurtherSample[] = [
  ...DNS_SAMPLES,
  ...SIP_SAMPLES,
  ...FTP_SAMPLES,
  ...SOCKS_SAMPLES,
  ...NFS_SAMPLES,
  ...POSTGRESQL_SAMPLES,
  ...XMPP_SAMPLES,
]
const MISSES: readonly Miss[] = [
  ...DNS_MISSES,
  ...SIP_MISSES,
  ...FTP_MISSES,
  ...SOCKS_MISSES,
  ...NFS_MISSES,
  ...POSTGRESQL_MISSES,
  ...XMPP_MISSES,
]
const folder = temporaryFolder()
let files = 0

function framesOf({ carrier, port, talk, behind = [] }: FurtherSample, number = 0): Uint8Array[] {
  const client = { address: `10.0.${number}.9`, port: 50_000 }
  const server = { address: `10.0.${number}.1`, port }
  if (carrier.transport === 'tcp')
    return tcpConversation(
      [...talk, ...behind].map(([from, data]) => ({ from, data })),
      { client, server, acknowledge: false },
    )
  return talk.map(([from, data]) =>
    udpFrame(data, ...(from === 'client' ? ([client, server] as const) : ([server, client] as const))),
  )
}

function written(frames: readonly Uint8Array[]): string {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  return path
}

describe.each(SAMPLES)('$name', (sample) => {
  const { carrier, talk, says } = sample
  const isStream = carrier.transport === 'tcp'

  it('says who, how and with what result', () => {
    expect(saidIn(carrier, talk)).toEqual(says)
    if (sample.secret !== undefined) expect(JSON.stringify(messagesIn(carrier, talk))).not.toContain(sample.secret)
    const { lostAt, leftBytes } = feed(carrier, talk)
    expect({ lostAt, leftBytes }).toEqual({ lostAt: { client: null, server: null }, leftBytes: 0 })
  })

  it.runIf(isStream)('is the same wherever the segments end', () => {
    for (const size of [1, 7, 60]) expect(saidIn(carrier, inPieces(talk, size))).toEqual(says)
    // every place in the head of a message, and some in its token
    for (const [index, [, bytes]] of talk.entries())
      for (let at = 1; at < bytes.length; at += at < 40 ? 1 : 13)
        expect(saidIn(carrier, cutPiece(talk, index, at))).toEqual(says)
  })

  it('is recognised at once, and by nobody else', () => {
    for (const first of [talk[0]!, talk.find(([from]) => from !== talk[0]![0])!]) {
      const [side] = first
      for (const other of CARRIERS) {
        if (other.transport !== carrier.transport || other.unclaimed || other.context) continue
        if (other === carrier && first !== talk[0]) continue
        expect([other.name, other.probe(first[1], side) === 'mine']).toEqual([other.name, other === carrier])
      }
    }
  })

  it('makes one exchange, with one thread and with two', async () => {
    const path = written(framesOf(sample))
    const [one, two] = await Promise.all([1, 2].map((threads) => analyze([path], { rethrow: true, threads })))
    expect(one!.exchanges).toMatchObject(sample.exchanges)
    expect(one!.exchanges).toHaveLength(sample.exchanges.length)
    expect(reportJson(two!)).toEqual(reportJson(one!))
  })

  it('survives cut and changed messages', () => {
    for (const { side, kept } of feed(carrier, talk).pdus) {
      cutEverywhere(kept, (cut) => {
        const { value, fault } = carrier.decode(cut, side)
        expect(value !== null || fault !== null).toBe(true)
      })
      changeBytes(kept, 50, (changed) => carrier.decode(changed, side))
    }
    for (const [index, [side, bytes]] of talk.entries()) {
      changeBytes(bytes, 20, (changed) => {
        carrier.probe(changed, side)
        messagesIn(carrier, talk.toSpliced(index, 1, [side, changed] as Piece))
      })
    }
  })
})

it.each(MISSES)('%s is no authentication', (_what, carrier, bytes) => {
  for (const side of ['client', 'server'] as const) {
    if (carrier.probe(bytes, side) !== 'mine') continue
    expect(saidIn(carrier, [[side, bytes]]).filter((words) => /^(client|server|offer) /.test(words))).toEqual([])
  }
})

const hasTshark = spawnSync('tshark', ['-v']).status === 0
if (!hasTshark) console.warn('skipped: tshark is absent, the further carriers are not compared with it')

function tshark(path: string, filter: string, ...fields: readonly string[]): string[][] {
  const args = ['-r', path, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

describe.skipIf(!hasTshark)('tshark', () => {
  it('finds the same tokens in the same frames', async () => {
    const path = written(SAMPLES.filter((sample) => sample.tshark.tokens).flatMap((sample, at) => framesOf(sample, at)))
    const lines: MessageLine[] = []
    await analyze([path], { rethrow: true, onMessage: (line) => lines.push(line) })
    const ours = lines.filter(({ protocol }) => protocol === 'ntlmssp' || protocol === 'kerberos')
    const theirs = tshark(path, 'ntlmssp or kerberos', 'frame.number', 'ntlmssp.messagetype', 'kerberos.msg_type')
    const types = ([, ntlm = '', kerberos = '']: string[]) => [
      ...ntlm.split(',').map((type) => NTLM_TYPES[Number(type)]),
      ...kerberos.split(',').map((type) => KERBEROS_TYPES[type]),
    ]
    const named = theirs.flatMap((line) =>
      types(line)
        .filter((type) => type !== undefined)
        .map((type) => `${line[0]} ${type}`),
    )
    expect(ours.map(({ frame, type }) => `${frame} ${type}`)).toEqual(named)
  })

  it('takes each message for one of the same protocol, and a whole one', () => {
    const samples = SAMPLES.filter(({ carrier, port }) => carrier.ports.includes(port))
    const path = written(samples.flatMap((sample, at) => framesOf({ ...sample, behind: [] }, at)))
    const frames = tshark(path, 'tcp.len > 4 or udp', 'ip.addr', 'frame.protocols', '_ws.malformed')
    for (const [at, sample] of samples.entries()) {
      const its = frames.filter(([addresses]) => addresses!.startsWith(`10.0.${at}.`))
      // keep-alives and answers of one byte are left out
      expect(its).toHaveLength(sample.talk.filter(([, { length }]) => length > 4).length)
      for (const [, protocols, malformed] of its) {
        expect([sample.name, protocols!.split(':').includes(sample.tshark.layer), malformed]).toEqual([
          sample.name,
          true,
          '',
        ])
      }
    }
  })
})

const NTLM_TYPES = [undefined, 'NEGOTIATE_MESSAGE', 'CHALLENGE_MESSAGE', 'AUTHENTICATE_MESSAGE']
const KERBEROS_TYPES: Readonly<Record<string, string>> = { 14: 'AP-REQ', 15: 'AP-REP', 30: 'KRB-ERROR' }
