/**
 * The further carriers, all by the same questions: what is said, whoever is heard and wherever segments end; what the whole program makes of it, and
 * tshark; that foreign, cut and changed bytes do no harm.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze, type MessageLine } from '../../src/analyze.ts'
import { CARRIERS } from '../../src/dissect.ts'
import { reportJson } from '../../src/report/json.ts'
import { pcap } from '../builders/capture.ts'
import { cutPiece, feed, inPieces, type Piece } from '../builders/feed.ts'
import { tcpConversation, udpFrame } from '../builders/net.ts'
import { messagesIn, saidIn } from '../builders/said.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { changeBytes, cutEverywhere } from '../hostile.ts'
import { DNS_MISSES, DNS_SAMPLES } from './dns.samples.ts'
import type { FurtherSample, Miss } from './further.samples.ts'
import { SIP_MISSES, SIP_SAMPLES } from './sip.samples.ts'

const SAMPLES: readonly FurtherSample[] = [...DNS_SAMPLES, ...SIP_SAMPLES]
const MISSES: readonly Miss[] = [...DNS_MISSES, ...SIP_MISSES]
const folder = temporaryFolder()
let files = 0

function framesOf({ carrier, port, talk }: FurtherSample, number = 0): Uint8Array[] {
  const client = { address: `10.0.${number}.9`, port: 50_000 }
  const server = { address: `10.0.${number}.1`, port }
  if (carrier.transport === 'tcp')
    return tcpConversation(
      talk.map(([from, data]) => ({ from, data })),
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

  it('is recognised at once by what each side says first, and by nobody else before', () => {
    for (const side of ['client', 'server'] as const) {
      const first = talk.find(([from]) => from === side)
      if (first === undefined) continue
      for (const other of CARRIERS) {
        if (other.transport !== carrier.transport || other.unclaimed || other.context) continue
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

it.skipIf(!hasTshark)('tshark finds the same tokens in the same frames', async () => {
  const path = written(
    SAMPLES.filter(({ unknownToTshark }) => !unknownToTshark).flatMap((sample, at) => framesOf(sample, at)),
  )
  const lines: MessageLine[] = []
  await analyze([path], { rethrow: true, onMessage: (line) => lines.push(line) })
  const ours = lines.filter(({ protocol }) => protocol === 'ntlmssp' || protocol === 'kerberos')
  const fields = ['frame.number', 'ntlmssp.messagetype', 'kerberos.msg_type'].flatMap((field) => ['-e', field])
  const { stdout } = spawnSync('tshark', ['-r', path, '-Y', 'ntlmssp or kerberos', '-T', 'fields', ...fields], {
    encoding: 'utf8',
  })
  const theirs = stdout
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [frame, ntlm = '', kerberos = ''] = line.split('\t')
      const types = [
        ...ntlm.split(',').map((type) => NTLM_TYPES[Number(type)]),
        ...kerberos.split(',').map((type) => KERBEROS_TYPES[type]),
      ]
      return types.filter((type) => type !== undefined).map((type) => `${frame} ${type}`)
    })
  expect(ours.map(({ frame, type }) => `${frame} ${type}`)).toEqual(theirs)
})

const NTLM_TYPES = [undefined, 'NEGOTIATE_MESSAGE', 'CHALLENGE_MESSAGE', 'AUTHENTICATE_MESSAGE']
const KERBEROS_TYPES: Readonly<Record<string, string>> = { 14: 'AP-REQ', 15: 'AP-REP', 30: 'KRB-ERROR' }
