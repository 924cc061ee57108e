/**
 * A KDC that cannot be reached, from packets: what was tried, what came back, and what only was not captured. Each row
 * is a recorded NTLM logon that followed on nothing visible, with packets put before it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Network } from '../../src/net/net.ts'
import { addressText, Segment, TCP_ACK, TCP_RST, TCP_SYN } from '../../src/net/segment.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap, type TestPacket } from '../builders/capture.ts'
import { concat, ethernet, ipv4, ipv6, packet, tcp, udp, udpFrame } from '../builders/net.ts'
import { readPcap, temporaryFolder } from '../captures/packets.ts'
import { CLDAP_REQUEST, CLDAP_RESPONSE } from '../decoders/names.samples.ts'
import { fromHex } from '../hostile.ts'

const folder = temporaryFolder()
const RECORDED = new URL('../../captures/smb/kdc-unreachable.pcap', import.meta.url).pathname
const CLIENT = '192.0.2.101'
const KDC = '192.0.2.10'
const PORT = 50_123

const recorded: readonly TestPacket[] = readPcap(RECORDED).records.map((record) => {
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  return { time: view.getUint32(0, true) * 1e6 + view.getUint32(4, true), bytes: record.subarray(16) }
})
/** everything but name service and the KDC: 33 seconds lie between the offer of the server and the logon */
const logon = recorded.filter(({ bytes }) => ![53, 88].some((port) => portsOf(bytes).includes(port)))
const START = logon[0]!.time + 1e6

function portsOf(bytes: Uint8Array): [number, number] {
  return [(bytes[34]! << 8) | bytes[35]!, (bytes[36]! << 8) | bytes[37]!]
}

type Sent = readonly [seconds: number, bytes: Uint8Array]

const segment = (flags: number, from: 'client' | 'kdc', port = PORT) => {
  const [source, destination] = from === 'client' ? [CLIENT, KDC] : [KDC, CLIENT]
  const [sourcePort, destinationPort] = from === 'client' ? [port, 88] : [88, port]
  const [seq, ack] = from === 'client' ? [flags & TCP_SYN ? 7000 : 7001, flags & TCP_ACK ? 9001 : 0] : [9000, 7001]
  const header = tcp(new Uint8Array(0), { sourcePort, destinationPort, seq, ack, flags })
  return ethernet(ipv4(header, { source, destination }))
}
const syn = (seconds: number): Sent => [seconds, segment(TCP_SYN, 'client')]
const synAck = (seconds: number): Sent => [seconds, segment(TCP_SYN | TCP_ACK, 'kdc')]
const ack = (seconds: number): Sent => [seconds, segment(TCP_ACK, 'client')]
const rst = (seconds: number): Sent => [seconds, segment(TCP_RST | TCP_ACK, 'kdc')]

const DNS = { address: '192.0.2.53', port: 53 }
const name = (text: string) =>
  concat(...text.split('.').map((label) => concat(Uint8Array.of(label.length), Buffer.from(label))), Uint8Array.of(0))
const question = (text: string, type = 33) => concat(name(text), Uint8Array.of(0, type, 0, 1))
const ask = (seconds: number, text: string): Sent => [
  seconds,
  udpFrame(concat(fromHex('0101 0100 0001 0000 0000 0000'), question(text)), { address: CLIENT, port: PORT }, DNS),
]
const answer = (seconds: number, text: string, flags: string, records = ''): Sent => {
  const count = records === '' ? '0000' : '0001'
  const header = fromHex(`0101 ${flags} 0001 ${count} 0000 0000`)
  const bytes = concat(header, question(text), fromHex(records))
  return [seconds, udpFrame(bytes, DNS, { address: CLIENT, port: PORT })]
}
const SRV = `c00c 0021 0001 0000003c 0008 0000 0064 0058 0161 00`.replace('0008', '0009')
/** A ping of a domain controller, and its answer. */
const ping = (seconds: number, controller = KDC): Sent => [
  seconds,
  udpFrame(fromHex(CLDAP_REQUEST), { address: CLIENT, port: PORT }, { address: controller, port: 389 }),
]
const pong = (seconds: number, controller = KDC): Sent => [
  seconds,
  udpFrame(fromHex(CLDAP_RESPONSE), { address: controller, port: 389 }, { address: CLIENT, port: PORT }),
]
const SITE = '_kerberos._tcp.site._sites.corp.example'
const DOMAIN = '_kerberos._tcp.corp.example'

/** An ICMP error of a router about a packet of the client. */
const icmp = (seconds: number, inner: Uint8Array, type = 3, port = 88): Sent => {
  const packet = ipv4(inner.subarray(0, 8), { source: CLIENT, destination: KDC, protocol: port === 88 ? 6 : 17 })
  const error = concat(Uint8Array.of(type, 13, 0, 0, 0, 0, 0, 0), packet)
  return [seconds, ethernet(ipv4(error, { source: '192.0.2.1', destination: CLIENT, protocol: 1 }))]
}
const opening = tcp(new Uint8Array(0), { sourcePort: PORT, destinationPort: 88, flags: TCP_SYN })

let files = 0
async function causeWith(sent: readonly Sent[], packets = logon) {
  const added = sent.map(([seconds, bytes]) => ({ time: START + seconds * 1e6, bytes }))
  const all = [...packets, ...added].sort((one, two) => one.time - two.time)
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(all))
  const report = await analyze([path], { rethrow: true })
  const [exchange] = report.exchanges.filter(({ mechanism }) => mechanism === 'ntlm')
  const cause = exchange!.cause!
  return { cause, why: cause.alternatives.find(({ code }) => code === 'RC07')?.why ?? null }
}

describe('the KDC was not reached', () => {
  it.each<[string, readonly Sent[], RegExp, 'high' | 'medium']>([
    ['a SYN is sent again and again', [syn(0), syn(1), syn(3)], /port 88 does not answer/, 'high'],
    [
      'a SYN, where answers to others of this client are seen',
      [answer(0, DOMAIN, '8580', SRV), syn(1)],
      /does not answer/,
      'medium',
    ],
    ['a SYN is answered by RST', [syn(0), rst(0.001)], /refuses the connection/, 'medium'],
    ['a router says so of a SYN', [syn(0), icmp(0.001, opening)], /unreachable \(ICMP\)/, 'medium'],
    ['a router says so of a packet that is not captured', [icmp(0, opening)], /unreachable \(ICMP\)/, 'medium'],
    [
      'no domain controller has a name',
      [ask(0, DOMAIN), answer(0.1, DOMAIN, '8583')],
      /_kerberos\._tcp\.corp\.example NXDOMAIN/,
      'medium',
    ],
    ['the name server fails', [ask(0, DOMAIN), answer(0.1, DOMAIN, '8582')], /SERVFAIL/, 'medium'],
    [
      'a ping is not answered, nor again',
      [ping(0), ping(0.5), ping(2)],
      /port 389 \(CLDAP\) does not answer/,
      'medium',
    ],
    [
      'a ping is answered, but not the KDC behind it',
      [ping(0), pong(0.1), syn(1), syn(2)],
      /port 88 does not answer/,
      'high',
    ],
    [
      'the name server does not answer',
      [ask(0, DOMAIN), ask(1, DOMAIN), ask(3, DOMAIN)],
      /SRV does not answer/,
      'medium',
    ],
    [
      'refused, and the answer to an earlier connection is long ago',
      [
        syn(-0.9),
        synAck(-0.8),
        [2, segment(TCP_SYN, 'client', PORT + 1)],
        [2.1, segment(TCP_RST | TCP_ACK, 'kdc', PORT + 1)],
      ],
      /refuses/,
      'medium',
    ],
  ])('%s', async (_, sent, why, confidence) => {
    const { cause } = await causeWith(sent)
    expect(cause).toMatchObject({ code: 'RC07', confidence })
    expect(cause.why).toMatch(why)
  })

  it('as recorded: a firewall drops TCP and UDP', async () => {
    const { cause } = await causeWith([], recorded as TestPacket[])
    expect(cause).toMatchObject({ code: 'RC07', confidence: 'high' })
    // the lookup of a KDC proxy that nobody has is no failure
    expect(cause.why).not.toMatch(/_http/)
  })
})

describe('nothing says that the KDC was not reached', () => {
  it.each<[string, readonly Sent[], RegExp | null]>([
    ['no packet to a KDC or about one', [], null],
    ['one SYN, and nothing of the direction to the client', [syn(0)], /direction from it to this client/],
    ['one SYN that the span port shows twice', [syn(0), syn(0.0001)], /direction from it to this client/],
    ['a SYN and its answer', [syn(0), synAck(0.001)], /a KDC answered/],
    ['the answer was put before its SYN', [synAck(0), syn(0.0001), ack(0.001)], /a KDC answered/],
    ['of an answer only what the client says to it', [syn(0), syn(1), ack(1.1)], /a KDC answered/],
    ['answered, then closed by RST', [syn(0), synAck(0.001), ack(0.002), rst(0.01)], /a KDC answered/],
    ['an RST to a connection that nobody opened here', [rst(0)], null],
    [
      'one controller refuses, another answers',
      [syn(0), rst(0.1), [1, segment(TCP_SYN, 'client', PORT + 1)], [1.1, segment(TCP_SYN | TCP_ACK, 'kdc', PORT + 1)]],
      /a KDC answered/,
    ],
    [
      'a router speaks of another port',
      [icmp(0, udp(new Uint8Array(0), { sourcePort: PORT, destinationPort: 53 }), 3, 53)],
      null,
    ],
    ['a router asks for smaller detours, not of a failure', [icmp(0, opening, 5)], null],
    ['its site has no controller, its domain has', [answer(0, SITE, '8583'), answer(0.1, DOMAIN, '8580', SRV)], null],
    [
      'one of three controllers answers a ping',
      [ping(0, '192.0.2.11'), ping(0, '192.0.2.12'), ping(0), pong(0.1), ping(0.5, '192.0.2.11')],
      null,
    ],
    ['a ping is answered the second time', [ping(0), ping(0.5), pong(0.6)], null],
    ['one question without an answer', [ask(0, DOMAIN)], /direction from it to this client/],
    ['the proxy of a KDC has no name', [answer(0, '_kerberos._http.corp.example', '8583')], null],
  ])('%s', async (_, sent, why) => {
    const { cause, why: lost } = await causeWith(sent)
    expect(cause.code).not.toBe('RC07')
    if (why !== null) expect(lost).toMatch(why)
  })

  it('tells a client that asked nobody from one that was not answered', async () => {
    const without = (await causeWith([])).cause.missing
    expect(without.join()).toMatch(/none of this client is in the capture/)
    const with1 = (await causeWith([syn(0)])).cause.missing
    expect(with1.join()).not.toMatch(/none of this client is in the capture/)
  })
})

describe('ICMP over IPv6', () => {
  it('names the ends of the packet that could not be delivered', async () => {
    const inner = ipv6(opening, { source: '2001:db8::101', destination: '2001:db8::10' })
    const error = concat(Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0), inner)
    const frame = ethernet(ipv6(error, { source: '2001:db8::1', destination: '2001:db8::101', protocol: 58 }), {
      etherType: 0x86dd,
    })
    const network = new Network()
    const made = new Segment()
    expect(network.decode(packet(frame), made)).toBe(3)
    expect([made.protocol, made.sourcePort, made.destinationPort]).toEqual([6, PORT, 88])
    expect(addressText(made.destination0, made.destination1, made.destination2, made.destination3)).toBe('2001:db8::10')
    expect(network.drops.otherTransport).toBe(1)
    // cut anywhere it is dropped as before
    for (let length = 14; length < frame.length; length++)
      expect(network.decode(packet(frame.subarray(0, length)), made)).toBeTypeOf('number')
  })
})
