/**
 * Packets inside of datagrams that nobody claims: what counts as one, what does not, and that a whole run says so with
 * either engine.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { doubtsOf } from '../../../src/judge/flow.ts'
import { Network } from '../../../src/net/net.ts'
import { Segment } from '../../../src/net/segment.ts'
import { unreadLines } from '../../../src/report/seen/unread.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { FURTHER_PORTS, holdsPacket, WrappedPackets } from '../../../src/stream/wrapped.ts'
import { pcap } from '../../builders/capture.ts'
import { concat, ethernet, ethernetSnap, ipv4, ipv6, packet, pattern, ppp, tcp, udp, vlan } from '../../builders/net.ts'
import { seededRandom } from '../../hostile.ts'

const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-wrapped-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** With its header checksum, as it is on the wire. */
function summed(ip: Uint8Array): Uint8Array {
  const bytes = ip.slice()
  let sum = 0
  for (let at = 0; at < (bytes[0]! & 15) << 2; at += 2) if (at !== 10) sum += (bytes[at]! << 8) | bytes[at + 1]!
  sum = (sum & 0xffff) + (sum >>> 16)
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff
  bytes[10] = sum >>> 8
  bytes[11] = sum & 255
  return bytes
}

const hex = (digits: string) => Uint8Array.from(Buffer.from(digits.replaceAll(' ', ''), 'hex'))
const data = tcp(pattern(200), { sourcePort: 49_152, destinationPort: 445 })
const four = summed(ipv4(data))
const six = ipv6(data)
const inUdp = (payload: Uint8Array, destinationPort = 9999, sourcePort = 40_000) =>
  ethernet(ipv4(udp(payload, { sourcePort, destinationPort }), { protocol: 17 }))

const segment = new Segment()

/** Of the datagram in a frame; `captured`: bytes of the frame that are there. */
function holds(frame: Uint8Array, captured = frame.length): boolean {
  const given = packet(frame.subarray(0, captured), { original: frame.length, behind: 40 })
  return new Network().decode(given, segment) === 2 && holdsPacket(segment)
}

const sample = (frame: Uint8Array) =>
  concat(
    hex('00000005 00000001 0a4d0001 00000000 00000001 00000010 00000001'), // the head of an sFlow datagram
    hex('00000001 000000d0 00000001 00000003 00000400 00001000 00000000 00000003 00000004 00000001'),
    hex('00000001 00000090 00000001 00000526 00000004 00000080'),
    frame.subarray(0, 128),
    pattern(90),
  )

const CAPWAP_802_11 = '00108310 00000000 0801 0000 020000000001 020000000002 020000000003 0010 aaaa03 000000'

describe('a packet in a datagram', () => {
  const forms: Record<string, Uint8Array> = {
    'IPv4 in UDP': four,
    'IPv6 in UDP': six,
    'IPv6 with UDP': concat(hex('0102030405'), ipv6(udp(pattern(30)), { protocol: 17 })),
    'VXLAN on a port of its own': concat(hex('08000000 00000100'), ethernet(four)),
    'VXLAN on a port of its own, IPv6': concat(hex('08000000 00000100'), ethernet(six)),
    'a frame behind 12 bytes': concat(pattern(12), ethernet(four)),
    'a frame in a VLAN': concat(pattern(20), ethernet(vlan(four), { etherType: 0x8100 })),
    'a frame with LLC and SNAP': concat(pattern(12), ethernetSnap(four)),
    'a frame with its checksum': concat(pattern(12), ethernet(four), pattern(4)),
    'a frame with padding': concat(pattern(12), ethernet(summed(ipv4(tcp(new Uint8Array(0)))), { padTo: 60 })),
    'a frame that the mirror cut': concat(pattern(12), ethernet(summed(ipv4(tcp(pattern(1400)))))).subarray(0, 140),
    'CAPWAP, 802.11': concat(hex(CAPWAP_802_11), hex('0800'), four),
    'L2TP, PPP': concat(hex('0002 0001 0002'), ppp(four, { address: true })),
    sFlow: sample(ethernet(four)),
    'sFlow, IPv6': sample(ethernet(six)),
    'sFlow of a long frame': sample(ethernet(summed(ipv4(tcp(pattern(1300)))))),
    'sFlow of a tagged frame': sample(ethernet(vlan(four), { etherType: 0x8100 })),
    options: concat(pattern(8), ethernet(summed(ipv4(data, { options: hex('94040000') })))),
  }
  it.each(Object.entries(forms))('is seen: %s', (_, payload) => {
    expect(holds(inUdp(payload))).toBe(true)
  })

  it('is seen wherever the capture cuts, from its header on', () => {
    const frame = inUdp(concat(pattern(12), ethernet(four)))
    const header = 14 + 20 + 8 + 12 + 14 + 20
    for (let captured = 42; captured <= frame.length; captured++)
      expect(holds(frame, captured)).toBe(captured >= header)
  })

  const changed = (bytes: Uint8Array, at: number, value: number) => {
    const copy = bytes.slice()
    copy[at] = value
    return copy
  }
  const others: Record<string, Uint8Array> = {
    nothing: new Uint8Array(0),
    'an IPv4 header whose checksum is wrong': changed(four, 10, four[10]! ^ 1),
    'a frame whose IPv4 checksum is wrong': ethernet(changed(four, 11, four[11]! ^ 1)),
    'an IPv4 header alone that is longer than the rest': summed(ipv4(data, { totalLength: four.length + 1 })),
    'an IPv4 header alone that ends long before the rest': concat(four, pattern(40)),
    'IPv6 of another length': concat(six, pattern(3)),
    'IPv6 with a next header that nobody knows': changed(six, 6, 201),
    'IPv6 from a multicast group': changed(six, 8, 0xff),
    'a query of DNS': hex('123401000001000000000000 03777777 076578616d706c65 03636f6d 00 0001 0001'),
    RTP: concat(hex('8000 1234 00001000 deadbeef'), pattern(160)),
    text: new Uint8Array(
      Buffer.from(
        '<14>Oct 11 22:14:15 host ntlm: one line of a log that is long enough to look at, and some more of it',
      ),
    ),
    zeros: new Uint8Array(400),
    'one byte over and over': new Uint8Array(400).fill(0x45),
    sixes: new Uint8Array(400).fill(0x66),
  }
  it.each(Object.entries(others))('is not seen: %s', (_, payload) => {
    expect(holds(inUdp(payload))).toBe(false)
  })

  it('is not seen in 100,000 datagrams of noise', () => {
    const random = seededRandom(16)
    segment.protocol = 17
    segment.payloadStart = 0
    segment.payloadMissing = 0
    let seen = 0
    for (let i = 0; i < 100_000; i++) {
      const bytes = new Uint8Array(20 + (random() % 1200))
      const words = new Uint32Array(bytes.buffer, 0, Math.min(50, bytes.length >> 2))
      for (let at = 0; at < words.length; at++) words[at] = random()
      segment.bytes = bytes
      segment.payloadLength = bytes.length
      if (holdsPacket(segment)) seen++
    }
    expect(seen).toBe(0)
  })
})

describe('what a run says', () => {
  const time = (at: number) => 1_700_000_000_000_000 + at * 1000
  const mirrored = [
    inUdp(concat(hex('08000000 00000100'), ethernet(four)), 14_789),
    inUdp(pattern(300), 14_789),
    inUdp(sample(ethernet(four)), 6343),
    inUdp(sample(ethernet(six)), 6343),
    inUdp(concat(hex(CAPWAP_802_11), hex('0800'), four), 40_001, 5247),
  ]
  const path = join(folder, 'mirror.pcap')
  writeFileSync(path, pcap(mirrored.map((bytes, at) => ({ time: time(at), bytes }))))

  it('counts them by port, with either engine', async () => {
    const [js, wasm] = [await analyze([path], { engine: 'js' }), await analyze([path], { engine: 'wasm' })]
    expect(wasm).toEqual(js)
    expect(js.unread.wrapped).toEqual([
      { number: '6343', name: 'sFlow', packets: 2 },
      { number: '14789', name: 'unknown wrapper', packets: 1 },
      { number: '5247', name: 'CAPWAP data', packets: 1 },
    ])
    expect(js.blindSpots).toContainEqual({
      kind: 'mirror',
      code: 'mirror',
      count: 4,
      detail:
        'packets inside of UDP datagrams, in a wrapper that is not read: port 6343 (sFlow) 2, port 14789 (unknown wrapper) 1, port 5247 (CAPWAP data) 1',
    })
    expect(unreadLines(js)).toHaveLength(3)
  })

  it('is the same with either engine wherever in a datagram a packet stands', async () => {
    const random = seededRandom(7)
    const inner = [four, six, ethernet(four), ethernet(six), ethernet(vlan(four), { etherType: 0x8100 })]
    const frames = Array.from({ length: 4000 }, () => {
      const head = Uint8Array.from({ length: random() % 140 }, () => random() & 255)
      const tail = pattern(random() % 3 === 0 ? random() % 12 : 0)
      const frame = inUdp(concat(head, inner[random() % inner.length]!, tail), 10_000 + (random() % 5))
      return {
        original: frame.length,
        bytes: frame.subarray(0, random() % 4 === 0 ? 42 + (random() % 200) : frame.length),
      }
    })
    const many = join(folder, 'many.pcap')
    writeFileSync(many, pcap(frames.map((frame, at) => ({ time: time(at), ...frame }))))
    const js = await analyze([many], { engine: 'js' })
    expect(await analyze([many], { engine: 'wasm' })).toEqual(js)
    const count = js.unread.wrapped.reduce((sum, { packets }) => sum + packets, 0)
    expect(count).toBeGreaterThan(2000)
    expect(count).toBeLessThan(4000)
  })

  it('counts ports up to a limit', () => {
    const counts = new WrappedPackets()
    for (let port = 1; port <= 3000; port++) {
      new Network().decode(packet(inUdp(four, 10_000 + port)), segment)
      counts.look(segment)
    }
    expect(counts.ports).toHaveLength(1025)
    expect(new Map(counts.ports).get(FURTHER_PORTS)).toBe(3000 - 1024)
  })

  it('says nothing of datagrams without packets', async () => {
    const plain = join(folder, 'plain.pcap')
    writeFileSync(plain, pcap([{ time: time(0), bytes: inUdp(pattern(300)) }]))
    const report = await analyze([plain], {})
    expect(report.unread.wrapped).toEqual([])
    expect(report.blindSpots.filter(({ kind }) => kind === 'mirror')).toEqual([])
  })

  it('makes expectations doubtful', async () => {
    const report = await analyze([path], {})
    expect(
      doubtsOf(report)
        .map(({ detail }) => detail)
        .join(),
    ).toContain('6343')
  })
})
