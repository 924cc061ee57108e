/**
 * Nanoseconds of single parts, each beside another way to do the same: a bare floor, a library, or what one writes
 * first.
 *
 * Before anything is timed the contestants must give equal values. Parts that see packets are measured over the first
 * megabytes of the span-port mix, so that branches are as mixed as in life; figures are of a warm, optimised loop, and
 * the whole program is slower than their sum.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import * as asn1js from 'asn1js'
import Benchmark from 'benchmark'
import pcapParser from 'pcap-parser'
import { FRAME_BYTES_MAX } from '../decoders/carrier.ts'
import { http } from '../decoders/carriers/http/http.ts'
import { kerberos } from '../decoders/mechanisms/kerberos.ts'
import { ntlmssp } from '../decoders/mechanisms/ntlmssp.ts'
import { spnego } from '../decoders/mechanisms/spnego.ts'
import { CARRIERS } from '../decoders/registry.ts'
import { recognise } from '../src/capture/open.ts'
import { Packet } from '../src/capture/packet.ts'
import { BlockBuffer } from '../src/capture/source.ts'
import { Network } from '../src/net/net.ts'
import { Segment } from '../src/net/segment.ts'
import { FramingOut } from '../src/stream/sink.ts'
import { Stream } from '../src/stream/stream.ts'
import { ConnectionTable } from '../src/stream/table.ts'
import { httpRequest, httpResponse } from '../test/builders/http.ts'
import { name, paTgsReq, tgsReq } from '../test/builders/kerberos.ts'
import { authenticateMessage, negotiateMessage } from '../test/builders/ntlmssp.ts'
import { PieceSource } from '../test/builders/read.ts'
import { segment } from '../test/builders/segment.ts'
import { nbss, smb2Message, smb2NegotiateRequest, smb2NegotiateResponse } from '../test/builders/smb.ts'
import { negTokenInit } from '../test/builders/spnego.ts'
import { MSS } from './frames.ts'
import { resultTable } from './measure.ts'
import { cachedMix, usualMix } from './mix.ts'
import { contentPool } from './random.ts'

/** One way to do the work once; its value is compared with those of the others. */
interface Contestant {
  readonly name: string
  readonly work: () => unknown
}
interface AsyncContestant {
  readonly name: string
  readonly work: () => Promise<unknown>
}

const CAPTURE_BYTES = 8 << 20
const FILE_HEADER_BYTES = 24
const RECORD_BYTES = 16
const ETHERNET_BYTES = 14

export async function micro(print: (text: string) => void): Promise<void> {
  process.noDeprecation = true
  const capture = readHead(cachedMix(usualMix('span', 50e6), print).path)
  const packets = packetsOf(capture)
  const segments = segmentsOf(packets)
  const table = resultTable(['part', 'contestant', 'ns', 'per', 'times ours'], 2)

  const timed = async (
    part: string,
    units: number,
    unit: string,
    contestants: readonly (Contestant | AsyncContestant)[],
  ) => {
    const values = []
    for (const { work } of contestants) values.push(JSON.stringify(await work()))
    for (const [at, value] of values.entries()) {
      if (value === values[0]) continue
      throw new Error(`${part}: ${contestants[0]!.name} gives ${values[0]}, ${contestants[at]!.name} gives ${value}`)
    }
    let ours = 0
    for (const { name: contestant, work } of contestants) {
      const nanoseconds = ((await secondsOf(work)) / units) * 1e9
      ours ||= nanoseconds
      const figure = nanoseconds < 100 ? nanoseconds.toFixed(1) : nanoseconds.toFixed(0)
      table.push([part, contestant, figure, unit, (nanoseconds / ours).toFixed(2)])
    }
  }

  await timed('record walk', packets.length, 'packet', [
    { name: 'PcapReader', work: await readerOf(capture) },
    { name: 'a bare loop', work: () => walkBare(capture) },
    { name: 'pcap-parser', work: () => walkWitness(capture) },
  ])
  await timed('headers', packets.length, 'packet', headerContestants(packets))
  await timed('flow lookup', segments.length, 'segment', lookupContestants(segments))
  const talk = smbTalk()
  await timed('reassembly, SMB2 READ of 32 kB', talk.inOrder.length, 'segment', [
    { name: 'Stream, in order', work: () => streamed(talk.inOrder) },
    { name: 'Stream, every other pair swapped', work: () => streamed(talk.swapped) },
    { name: 'concat and slice, in order', work: () => concatenated(talk.inOrder) },
  ])
  const download = httpTalk()
  await timed('HTTP bodies of 100 kB, skipped', download.length, 'segment', [
    { name: 'Stream', work: () => streamed(download) },
    { name: 'concat and slice', work: () => concatenatedHttp(download) },
  ])
  await timed('HTTP head', 1, 'head', headContestants())
  await timed('NTLMSSP AUTHENTICATE', 1, 'message', ntlmContestants())
  await timed('SPNEGO NegTokenInit', 1, 'token', spnegoContestants())
  await timed('Kerberos TGS-REQ', 1, 'message', kerberosContestants())
  print(table.toString())
}

/** Mean seconds of one call, by `benchmark`. */
function secondsOf(work: () => unknown): Promise<number> {
  const asynchronous = work() instanceof Promise
  return new Promise((done, failed) => {
    const finish = () => {
      if (bench.error) failed(bench.error)
      else done(bench.stats.mean)
    }
    const call = asynchronous
      ? (deferred: { resolve(): void }) => void (work() as Promise<unknown>).then(() => deferred.resolve())
      : () => {
          kept = work()
        }
    const bench = new Benchmark('', call, { defer: asynchronous, minSamples: 15, maxTime: 1, onComplete: finish })
    bench.run({ async: asynchronous })
  })
}

/** Nothing is optimised away that is kept. */
export let kept: unknown = null

function readHead(path: string): Uint8Array {
  const head = new Uint8Array(CAPTURE_BYTES)
  const descriptor = openSync(path, 'r')
  const length = readSync(descriptor, head, 0, head.length, 0)
  closeSync(descriptor)
  // to the end of the last whole record
  let end = FILE_HEADER_BYTES
  while (end + RECORD_BYTES <= length && end + RECORD_BYTES + u32le(head, end + 8) <= length) {
    end += RECORD_BYTES + u32le(head, end + 8)
  }
  return head.slice(0, end)
}

function packetsOf(capture: Uint8Array): Packet[] {
  const packets: Packet[] = []
  for (let at = FILE_HEADER_BYTES; at < capture.length; ) {
    const packet = new Packet()
    packet.bytes = capture
    packet.start = at + RECORD_BYTES
    packet.captured = u32le(capture, at + 8)
    packet.original = packet.captured
    packet.time = u32le(capture, at) * 1e6 + u32le(capture, at + 4)
    packet.linkType = 1
    packet.frame = packets.length + 1
    packets.push(packet)
    at = packet.start + packet.captured
  }
  return packets
}

function segmentsOf(packets: readonly Packet[]): Segment[] {
  const network = new Network()
  return packets.flatMap((packet) => {
    const filled = new Segment()
    return network.decode(packet, filled) === 0 ? [] : [filled]
  })
}

function u32le(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

// --- record walk: packets and the sum of their lengths
// --------------------------------------------------------------------------

/** The whole capture lies in its buffer: reading and copying are not part of the walk. */
async function readerOf(capture: Uint8Array): Promise<() => readonly number[]> {
  const buffer = new BlockBuffer(new PieceSource(capture), capture.length)
  await buffer.fill(capture.length)
  const start = buffer.pos + FILE_HEADER_BYTES
  const reader = (await recognise(buffer, 0))!
  return () => {
    let packets = 0
    let sum = 0
    for (buffer.pos = start; reader.next() === 'packet'; packets++) sum += reader.packet.captured
    return [packets, sum]
  }
}

function walkBare(capture: Uint8Array): readonly number[] {
  let packets = 0
  let sum = 0
  for (let at = FILE_HEADER_BYTES; at < capture.length; packets++) {
    const captured = u32le(capture, at + 8)
    sum += captured
    at += RECORD_BYTES + captured
  }
  return [packets, sum]
}

function walkWitness(capture: Uint8Array): Promise<readonly number[]> {
  const chunks: Buffer[] = []
  for (let at = 0; at < capture.length; at += 65_536) {
    const end = Math.min(capture.length, at + 65_536)
    chunks.push(Buffer.from(capture.buffer, capture.byteOffset + at, end - at))
  }
  return new Promise((done, failed) => {
    let packets = 0
    let sum = 0
    pcapParser
      .parse(Readable.from(chunks))
      .on('packet', ({ data }) => {
        packets++
        sum += data.length
      })
      .on('error', failed)
      .on('end', () => done([packets, sum]))
  })
}

// --- headers: segments, and the sum of their ports and payload lengths
// ----------------------------------------------------------

function headerContestants(packets: readonly Packet[]): Contestant[] {
  const tagged = packets.map(withTag)
  const sumOf = (of: readonly Packet[]) => {
    const network = new Network()
    const filled = new Segment()
    let segments = 0
    let sum = 0
    for (const packet of of) {
      if (network.decode(packet, filled) === 0) continue
      segments++
      sum += filled.sourcePort + filled.destinationPort + filled.payloadLength
    }
    return [segments, sum]
  }
  return [
    { name: 'Network.decode', work: () => sumOf(packets) },
    { name: 'Network.decode, behind a VLAN tag', work: () => sumOf(tagged) },
    { name: 'DataView, an object a packet', work: () => headersByDataView(packets) },
  ]
}

function withTag(packet: Packet): Packet {
  const { bytes, start, captured } = packet
  const frame = new Uint8Array(captured + 4)
  frame.set(bytes.subarray(start, start + 12))
  frame.set([0x81, 0x00, 0x00, 0x07], 12)
  frame.set(bytes.subarray(start + 12, start + captured), 16)
  return Object.assign(new Packet(), packet, { bytes: frame, start: 0, captured: captured + 4, original: captured + 4 })
}

function headersByDataView(packets: readonly Packet[]): readonly number[] {
  let segments = 0
  let sum = 0
  for (const { bytes, start, captured } of packets) {
    const read = headersOf(new DataView(bytes.buffer, bytes.byteOffset + start, captured))
    if (read === null) continue
    segments++
    sum += read.sourcePort + read.destinationPort + read.payloadLength
  }
  return [segments, sum]
}

function headersOf(view: DataView) {
  if (view.getUint16(12) !== 0x0800) return null
  const ip = ETHERNET_BYTES
  const protocol = view.getUint8(ip + 9)
  if (protocol !== 6 && protocol !== 17) return null
  const transport = ip + (view.getUint8(ip) & 15) * 4
  const headerBytes = protocol === 17 ? 8 : (view.getUint8(transport + 12) >>> 4) * 4
  return {
    source: view.getUint32(ip + 12),
    destination: view.getUint32(ip + 16),
    sourcePort: view.getUint16(transport),
    destinationPort: view.getUint16(transport + 2),
    payloadLength: ip + view.getUint16(ip + 2) - transport - headerBytes,
  }
}

// --- flow lookup: how many conversations there are
// ------------------------------------------------------------------------------

function lookupContestants(segments: readonly Segment[]): Contestant[] {
  const table = new ConnectionTable(65_536, () => true)
  const words = new Map<string, number>()
  return [
    {
      name: 'ConnectionTable.find',
      work() {
        for (const each of segments) table.find(each, 1e15, true)
        return table.count
      },
    },
    {
      name: 'Map of string keys',
      work() {
        for (const each of segments) {
          const key = keyOf(each)
          if (!words.has(key)) words.set(key, words.size)
        }
        return words.size
      },
    },
  ]
}

function keyOf({ source3, destination3, sourcePort, destinationPort, protocol }: Segment): string {
  return source3 < destination3
    ? `${protocol}/${source3}:${sourcePort}-${destination3}:${destinationPort}`
    : `${protocol}/${destination3}:${destinationPort}-${source3}:${sourcePort}`
}

// --- reassembly: how many PDUs there are
// ----------------------------------------------------------------------------------------

const CLIENT = { ip: '10.77.0.101', port: 49_152 }
const SERVER = { ip: '10.77.0.20', port: 445 }

/** What a server of SMB2 sends: 100 READ responses of 32 kB behind a negotiation. */
function smbTalk(): { inOrder: Segment[]; swapped: Segment[] } {
  const content = contentPool(3)
  const body = new Uint8Array(16 + 32_768)
  body.set(content.subarray(0, 32_768), 16)
  const response = nbss(smb2Message('READ', { response: true, sessionId: 5, signed: true }, body))
  const begin = [
    segment({ source: CLIENT, destination: SERVER, seq: 1, ack: 1, payload: nbss(smb2NegotiateRequest()) }),
  ]
  const inOrder = [...begin, ...serverSegments(SERVER, [nbss(smb2NegotiateResponse()), ...Array(100).fill(response)])]
  const swapped = [...inOrder]
  for (let at = 2; at + 1 < swapped.length; at += 4) {
    const first = swapped[at]!
    swapped[at] = swapped[at + 1]!
    swapped[at + 1] = first
  }
  return { inOrder, swapped }
}

function httpTalk(): Segment[] {
  const response = httpResponse({ body: contentPool(4).slice(0, 100_000) })
  return serverSegments({ ...SERVER, port: 80 }, Array(40).fill(response))
}

function serverSegments(server: typeof SERVER, messages: readonly Uint8Array[]): Segment[] {
  const segments: Segment[] = []
  let seq = 1
  for (const message of messages) {
    for (let at = 0; at < message.length; at += MSS) {
      const payload = message.subarray(at, at + MSS)
      segments.push(segment({ source: server, destination: CLIENT, seq, ack: 1, payload }))
      seq += payload.length
    }
  }
  return segments
}

/** Headers of PDUs are wanted now and then, bodies never. */
function streamed(segments: readonly Segment[]): number {
  const stream = new Stream(CARRIERS, { pdu: () => {}, standalone: () => {}, tunnel: () => {}, closed: () => {} }, 64)
  let time = 1e15
  for (const each of segments) stream.tcp(each, ++time, 1)
  return stream.counters.pdusFramed
}

/** What one writes first. */
function concatenated(segments: readonly Segment[]): number {
  const waiting = new Map<number, Buffer>()
  let pdus = 0
  for (const { sourcePort, bytes, payloadStart, payloadLength } of segments) {
    const payload = bytes.subarray(payloadStart, payloadStart + payloadLength)
    let all = Buffer.concat([waiting.get(sourcePort) ?? Buffer.alloc(0), payload])
    while (all.length >= 4 && all.length >= 4 + (all.readUInt32BE(0) & 0xffffff)) {
      pdus++
      all = all.subarray(4 + (all.readUInt32BE(0) & 0xffffff))
    }
    waiting.set(sourcePort, all)
  }
  return pdus
}

function concatenatedHttp(segments: readonly Segment[]): number {
  let all = Buffer.alloc(0)
  let pdus = 0
  for (const { bytes, payloadStart, payloadLength } of segments) {
    all = Buffer.concat([all, bytes.subarray(payloadStart, payloadStart + payloadLength)])
    const head = all.indexOf('\r\n\r\n')
    if (head < 0) continue
    const length = Number(/content-length: *(\d+)/i.exec(all.toString('latin1', 0, head))?.[1] ?? 0)
    if (all.length < head + 4 + length) continue
    pdus++
    all = all.subarray(head + 4 + length)
  }
  return pdus
}

// --- messages
// -------------------------------------------------------------------------------------------------------------------

/** How long the message is. */
function headContestants(): Contestant[] {
  const headers = {
    Date: 'Mon, 02 Mar 2026 00:00:00 GMT',
    Server: 'Microsoft-IIS/10.0',
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-cache',
    'X-Powered-By': 'ASP.NET',
    'Content-Length': '31337',
    Connection: 'keep-alive',
  }
  const head = httpResponse({ headers })
  // without the request nobody knows whether a body follows
  const asked = new FramingOut()
  http.frame(httpRequest(), 'client', asked)
  const out = new FramingOut()
  out.peerState = asked.state
  return [
    {
      name: 'http.frame',
      work() {
        out.state = 0
        out.scanned = 0
        return http.frame(head, 'server', out) === 'ready' && head.length < FRAME_BYTES_MAX ? out.length : -1
      },
    },
    {
      name: 'toString and split',
      work() {
        const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
        const lines = text.split('\r\n').map((line) => line.split(': '))
        const length = lines.find(([field]) => field?.toLowerCase() === 'content-length')?.[1]
        return text.indexOf('\r\n\r\n') + 4 + Number(length)
      },
    },
  ]
}

/** Who authenticates. */
function ntlmContestants(): Contestant[] {
  const token = authenticateMessage()
  const buffer = Buffer.from(token)
  const text = (at: number) => {
    const offset = buffer.readUInt32LE(at + 4)
    return buffer.toString('utf16le', offset, offset + buffer.readUInt16LE(at))
  }
  return [
    {
      name: 'ntlmssp.decode, every field',
      work() {
        const { value } = ntlmssp.decode(token)
        return value?.type === 'AUTHENTICATE_MESSAGE' ? [value.domainName, value.userName, value.workstation] : null
      },
    },
    { name: 'three names by hand', work: () => [text(28), text(36), text(44)] },
  ]
}

const MECH_TYPES = ['ms-kerberos', 'kerberos', 'negoex', 'ntlmssp']

/** How many mechTypes, and how long the mechToken is. */
function spnegoContestants(): Contestant[] {
  const token = negTokenInit({ mechTypes: MECH_TYPES, mechToken: negotiateMessage() })
  return [
    {
      name: 'spnego.decode',
      work() {
        const { value } = spnego.decode(token)
        return value?.type === 'NegTokenInit' ? [value.mechTypes.length, value.innerToken?.length] : null
      },
    },
    {
      name: 'asn1js.fromBER',
      work() {
        const [, choice] = childrenOf(asn1js.fromBER(token).result)
        const fields = childrenOf(childrenOf(choice)[0])
        const mechToken = childrenOf(fields[1])[0] as asn1js.OctetString
        return [childrenOf(childrenOf(fields[0])[0]).length, mechToken.valueBlock.valueHexView.length]
      },
    },
  ]
}

/** realm and sname of the request. */
function kerberosContestants(): Contestant[] {
  const cipher = contentPool(9).slice(0, 1000)
  const tgt = { realm: 'CORP.EXAMPLE', sname: name('krbtgt/CORP.EXAMPLE', 2), encPart: { etype: 18, kvno: 2, cipher } }
  const padata = [paTgsReq(tgt, { etype: 18, cipher: cipher.slice(0, 180) })]
  const sname = name('cifs/srv01.corp.example', 2)
  const message = tgsReq({ padata, realm: 'CORP.EXAMPLE', sname, etypes: [18, 17, 23, 24, -135] })
  return [
    {
      name: 'kerberos.decode, every field',
      work() {
        const { value } = kerberos.decode(message)
        return [value?.realm, value?.sname]
      },
    },
    {
      name: 'asn1js.fromBER, two fields',
      work() {
        const request = childrenOf(asn1js.fromBER(message).result)[0]
        const body = childrenOf(tagged(request, 4))[0]
        const parts = childrenOf(childrenOf(tagged(childrenOf(tagged(body, 3))[0], 1))[0])
        return [stringOf(childrenOf(tagged(body, 2))[0]), parts.map(stringOf).join('/')]
      },
    },
  ]
}

type Block = asn1js.BaseBlock | undefined

function childrenOf(block: Block): asn1js.BaseBlock[] {
  return block instanceof asn1js.Constructed ? block.valueBlock.value : []
}

function tagged(block: Block, tag: number): Block {
  return childrenOf(block).find((child) => child.idBlock.tagNumber === tag)
}

function stringOf(block: Block): string {
  return block instanceof asn1js.GeneralString ? block.valueBlock.value : ''
}
