import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Carrier, CarrierMessage, Framing } from '../../decoders/carrier.ts'
import { PROBE_BYTES_MAX } from '../../decoders/carrier.ts'
import { kdcTcp, kdcUdp, kpasswdTcp, kpasswdUdp } from '../../decoders/carriers/kdc.ts'
import { kerberos } from '../../decoders/mechanisms/kerberos.ts'
import { concat } from '../builders/der.ts'
import { apReq, asReq, kpasswd, krbPriv, name, tcpRecord, ticket } from '../builders/kerberos.ts'
import { PUBLIC } from '../captures/folders.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { KDC, KPASSWD, PIPELINE } from './kdc.samples.ts'

const framing = (): Framing => ({ length: -1, keep: -1, more: true, state: 5, scanned: 0, pending: 0, peerState: 0 })

/** One row for each carrier and sample: the PDU as that transport carries it. */
const ROWS = [
  ...KDC.map((sample) => ({ title: `udp ${sample.name}`, carrier: kdcUdp, pdu: sample.datagram, sample })),
  ...KDC.map((sample) => ({ title: `tcp ${sample.name}`, carrier: kdcTcp, pdu: sample.record, sample })),
  ...KPASSWD.map((sample) => ({
    title: `kpasswd udp ${sample.name}`,
    carrier: kpasswdUdp,
    pdu: sample.datagram,
    sample,
  })),
  ...KPASSWD.map((sample) => ({
    title: `kpasswd tcp ${sample.name}`,
    carrier: kpasswdTcp,
    pdu: sample.record,
    sample,
  })),
]
const CARRIERS: readonly Carrier[] = [kdcUdp, kdcTcp, kpasswdUdp, kpasswdTcp]

describe('what a carrier says of itself', () => {
  it.each([
    ['kdc', 'udp', 88, kdcUdp],
    ['kdc', 'tcp', 88, kdcTcp],
    ['kpasswd', 'udp', 464, kpasswdUdp],
    ['kpasswd', 'tcp', 464, kpasswdTcp],
  ] as const)('%s over %s, usually at %i', (carrierName, transport, port, carrier) => {
    expect([carrier.name, carrier.transport, carrier.ports]).toEqual([carrierName, transport, [port]])
  })
})

describe.each(ROWS)('$title', ({ carrier, pdu, sample }) => {
  it('is recognised on any port and from either side, and by no other carrier of its transport', () => {
    for (const side of ['client', 'server'] as const) {
      expect(carrier.probe(pdu, side)).toBe('mine')
      for (const other of CARRIERS) {
        if (other !== carrier && other.transport === carrier.transport) expect(other.probe(pdu, side)).toBe('other')
      }
    }
    if (carrier.transport === 'tcp') expect(carrier.probe(pdu.slice(0, PROBE_BYTES_MAX), 'client')).toBe('mine')
  })

  it('is framed whole', () => {
    const out = framing()
    expect(carrier.frame(pdu, 'client', out)).toBe('ready')
    expect(out).toMatchObject({ length: pdu.length, keep: pdu.length, more: false, state: 5 })
  })

  it('gives its messages as tokens, without copying them', () => {
    const expected: CarrierMessage = {
      protocol: carrier.name,
      type: 'message',
      from: sample.from,
      service: 'kdc',
      fields: null,
      steps: sample.tokens.map((token) => ({ kind: 'kdc', from: sample.from, token })),
    }
    // the side that the stream guesses is not asked: content says who speaks
    for (const side of ['client', 'server'] as const) {
      expect(carrier.decode(pdu, side)).toEqual({ value: [expected], fault: null })
    }
    for (const step of carrier.decode(pdu, 'client').value![0]!.steps) {
      expect(step.kind === 'kdc' && step.token.buffer === pdu.buffer && kerberos.claims(step.token)).toBe(true)
    }
  })

  it('shorter: not enough to tell, then recognised; never somebody else’s', () => {
    const head = pdu.slice(0, 200)
    const answers = Array.from({ length: head.length }, (_, length) => carrier.probe(head.slice(0, length), 'client'))
    const known = answers.indexOf('mine')
    expect(known).toBeGreaterThan(12)
    expect(known).toBeLessThan(PROBE_BYTES_MAX)
    expect(answers.slice(0, known).every((answer) => answer === 'more')).toBe(true)
    expect(answers.slice(known).every((answer) => answer === 'mine')).toBe(true)
    const out = framing()
    const frames = Array.from({ length: head.length }, (_, length) =>
      carrier.frame(head.slice(0, length), 'client', out),
    )
    expect(frames).toEqual(answers.map((answer) => (answer === 'mine' ? 'ready' : 'more')))
  })

  it('cut: the message as far as it goes, with the fault', () => {
    cutEverywhere(pdu.slice(0, 300), (cut) => {
      const { value, fault } = carrier.decode(cut, 'client')
      if (cut.length === pdu.length) return
      expect(fault?.reason).toBe('cut')
      if (value === null) return
      expect(value[0]!.from).toBe(sample.from)
      const tokens = value[0]!.steps.map((step) => (step.kind === 'kdc' ? step.token : null))
      expect(concat(...tokens.map((token) => token!))).toEqual(
        concat(...sample.tokens).slice(
          0,
          tokens.reduce((sum, token) => sum + token!.length, 0),
        ),
      )
    })
    expect(carrier.decode(pdu.slice(0, -1), 'client').fault?.reason).toBe('cut')
    expect(carrier.decode(pdu.slice(0, -1), 'client').value).not.toBeNull()
  })

  it('changed: never throws', () => {
    changeBytes(pdu.slice(0, 400), 2000, (changed) => {
      const out = framing()
      const answer = carrier.frame(changed, 'client', out)
      expect(carrier.probe(changed, 'client') === 'mine').toBe(answer === 'ready')
      if (answer === 'ready') expect(out.length).toBeGreaterThan(10)
      const { value, fault } = carrier.decode(changed, 'client')
      if (value === null) expect(fault).not.toBeNull()
    })
  })
})

describe('near misses', () => {
  const message = KDC[0]!.datagram
  const lengthOf = (record: Uint8Array, length: number): Uint8Array =>
    concat(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), record.slice(4))
  const { record } = KDC[0]!
  const tcp: [string, Uint8Array][] = [
    ['a record longer than its message', lengthOf(record, message.length + 1)],
    ['a record shorter than its message', lengthOf(record, message.length - 1)],
    ['the reserved bit', lengthOf(record, 0x8000_0000 + message.length)],
    ['a record of more than a mebibyte', lengthOf(record, 0x0010_0001)],
    ['an empty record', fromHex('00000000')],
    ['a message without its length', message],
    ['SMB2 in NetBIOS', fromHex('00000068 fe534d42 40000000')],
    ['an AP-REQ as a record', tcpRecord(apReq({ realm: 'R', sname: name('s'), encPart: { etype: 1 } }, { etype: 1 }))],
    ['an LDAP search', fromHex('30840000002d 020101 63840000002404000a01')],
    ['Kerberos 4', fromHex('0000001e 0402 616c69636500 00 4558414d504c4500')],
  ]
  it.each(tcp)('tcp: %s', (_, bytes) => {
    expect(kdcTcp.probe(bytes, 'client')).toBe('other')
    expect(kdcTcp.frame(bytes, 'client', framing())).toBe('lost')
  })

  const udp: [string, Uint8Array][] = [
    ['bytes behind the message', concat(message, Uint8Array.of(0))],
    ['a message with its length', record],
    ['an AP-REQ', apReq({ realm: 'R', sname: name('s'), encPart: { etype: 1 } }, { etype: 1 })],
    ['a Ticket', ticket({ realm: 'R', sname: name('s'), encPart: { etype: 1 } })],
    ['Kerberos 4', fromHex('0402 616c69636500 00 4558414d504c4500 12345678 60 6b7262746774 00')],
    ['CLDAP', fromHex('30840000002d 020101 63840000002404000a01')],
    ['an AS-REQ of version 4', fromHex('6a0d 300b a103020104 a20302010a')],
    ['SNMP', fromHex('302602010104067075626c6963a119020400')],
  ]
  it.each(udp)('udp: %s', (_, bytes) => {
    expect(kdcUdp.probe(bytes, 'client')).toBe('other')
    expect(kdcUdp.frame(bytes, 'client', framing())).toBe('lost')
  })

  const ap = apReq({ realm: 'R', sname: name('s'), encPart: { etype: 1 } }, { etype: 1 })
  const priv = krbPriv({ etype: 1 })
  const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.with(at, value)
  const whole = kpasswd(ap, priv)
  const kpasswdMisses: [string, Uint8Array][] = [
    ['another version', kpasswd(ap, priv, 2)],
    ['an AP-REQ length that is not its own', changed(whole, 5, whole[5]! - 1)],
    ['a message too short for its AP-REQ', changed(changed(whole, 0, 0), 1, 20)],
    ['a KRB-PRIV where the AP-REQ belongs', kpasswd(priv, ap)],
    ['an AP-REQ where the KRB-ERROR belongs', kpasswd(null, ap)],
    ['bytes behind the message', concat(whole, Uint8Array.of(0))],
    ['a DNS query', fromHex('1a2b 0100 0001 0000 0000 0000 03777777 0000 0100 01')],
  ]
  it.each(kpasswdMisses)('kpasswd: %s', (_, bytes) => {
    expect(kpasswdUdp.probe(bytes, 'client')).toBe('other')
    expect(kpasswdTcp.probe(tcpRecord(bytes), 'client')).toBe('other')
    expect(kpasswdTcp.frame(tcpRecord(bytes), 'client', framing())).toBe('lost')
  })
})

describe('a connection', () => {
  it('holds message after message', () => {
    const types: (string | undefined)[] = []
    for (let at = 0; at < PIPELINE.length; ) {
      const out = framing()
      expect(kdcTcp.frame(PIPELINE.subarray(at), 'client', out)).toBe('ready')
      const step = kdcTcp.decode(PIPELINE.subarray(at, at + out.keep), 'client').value![0]!.steps[0]!
      types.push(step.kind === 'kdc' ? kerberos.decode(step.token).value?.type : undefined)
      at += out.length
    }
    expect(types).toEqual(['AS-REQ', 'TGS-REQ'])
  })

  it('is framed right whatever the length of its messages', () => {
    for (let extra = 0; extra < 400; extra++) {
      const message = asReq({ realm: 'R'.repeat(extra), etypes: [18] })
      const out = framing()
      expect([kdcTcp.frame(tcpRecord(message), 'client', out), out.length]).toEqual(['ready', 4 + message.length])
      expect([kdcUdp.frame(message, 'client', out), out.length]).toEqual(['ready', message.length])
    }
  })

  it('does not give out what is no message', () => {
    const nothing = fromHex('0010 0001 0004 30020500 30040500 0500')
    for (const carrier of CARRIERS) {
      const pdu = carrier.transport === 'tcp' ? tcpRecord(nothing) : nothing
      expect(carrier.decode(pdu, 'client')).toMatchObject({ value: null, fault: { reason: 'malformed' } })
    }
  })

  it('keeps no more of a huge message than is read of it', () => {
    const huge = tcpRecord(
      asReq({ realm: 'LAB', etypes: [18], cname: name('a'), additionalTickets: [bigTicket(300_000)] }),
    )
    const out = framing()
    expect(kdcTcp.frame(huge.subarray(0, 64), 'client', out)).toBe('ready')
    expect(out).toMatchObject({ length: huge.length, keep: 262_144 })
    const { value, fault } = kdcTcp.decode(huge.subarray(0, out.keep), 'client')
    expect(fault).toEqual({ reason: 'cut', where: 'KDC message' })
    const step = value![0]!.steps[0]!
    expect(step.kind === 'kdc' && kerberos.decode(step.token).value).toMatchObject({ type: 'AS-REQ', cname: 'a' })
  })

  const bigTicket = (cipher: number) => ({
    realm: 'LAB',
    sname: name('s'),
    encPart: { etype: 18, cipher: new Uint8Array(cipher) },
  })
})

/**
 * Real traffic against what tshark saw in it: KDC messages in unfragmented UDP over IPv4, out of classic pcap files.
 */
describe.skipIf(!existsSync(join(PUBLIC, 'truth.ndjson')))('real traffic', () => {
  interface Row {
    frame: number
    protocols: string
    type: number
    error: string | null
    realm: string | null
    sname: string
    cname: string
    inside?: unknown
  }

  it('every KDC datagram is recognised and says what tshark says', () => {
    const differences: string[] = []
    let compared = 0
    for (const line of readFileSync(join(PUBLIC, 'truth.ndjson'), 'utf8').trim().split('\n')) {
      const { capture, kerberos: rows = [] } = JSON.parse(line) as { capture: string; kerberos?: Row[] }
      const wanted = rows.filter((row) => !row.inside && row.protocols.endsWith('ip:udp:kerberos'))
      if (wanted.length === 0 || !/\.(pcap|cap)$/.test(capture)) continue
      const frames = udpPayloads(readFileSync(join(PUBLIC, capture)))
      for (const row of wanted) {
        const payload = frames.get(row.frame)
        if (payload === undefined) continue
        compared++
        const difference = compare(row, payload)
        if (difference !== null) differences.push(`${capture} frame ${row.frame}: ${difference}`)
      }
    }
    expect(compared).toBeGreaterThan(100)
    // a synthetic error without the fields that come before error-code: tshark reads no further, we do
    const known = 'arkime/arkime_synthetic.pcap frame 559'
    expect(differences.filter((text) => !text.startsWith(known))).toEqual([])
  })

  const TYPES: Readonly<Record<number, string>> = {
    10: 'AS-REQ',
    11: 'AS-REP',
    12: 'TGS-REQ',
    13: 'TGS-REP',
    30: 'KRB-ERROR',
  }

  function compare(row: Row, payload: Uint8Array): string | null {
    if (kdcUdp.probe(payload, 'client') !== 'mine') return 'not recognised'
    const step = kdcUdp.decode(payload, 'client').value?.[0]?.steps[0]
    const message = step?.kind === 'kdc' ? kerberos.decode(step.token).value : null
    if (!message) return 'no message'
    const ours = [message.type, message.errorCode, message.realm, twoOf(message.sname), twoOf(message.cname)]
    const theirs = [TYPES[row.type], row.error === null ? null : Number(row.error), row.realm, row.sname, row.cname]
    // the truth has the first realm and sname of a message: those of the TGT in a TGS-REQ, of the ticket in a reply
    if (message.ticketRealm !== null) ours.splice(2, 2, message.ticketRealm, twoOf(message.ticketSname))
    return JSON.stringify(ours) === JSON.stringify(theirs)
      ? null
      : `${JSON.stringify(ours)} is ${JSON.stringify(theirs)}`
  }

  /** The truth has the first two components. */
  function twoOf(joined: string | null): string {
    return (joined ?? '').split('/').slice(0, 2).join('/')
  }

  /** By frame number; enough of pcap, Ethernet, 802.1Q, raw IP and IPv4 for these files. */
  function udpPayloads(file: Buffer): Map<number, Uint8Array> {
    const found = new Map<number, Uint8Array>()
    const little = file.readUInt32LE(0) === 0xa1b2c3d4 || file.readUInt32LE(0) === 0xa1b23c4d
    const u32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at))
    const linkType = file.length < 24 ? -1 : u32(20)
    for (let at = 24, frame = 1; at + 16 <= file.length; frame++) {
      const packet = file.subarray(at + 16, at + 16 + u32(at + 8))
      at += 16 + u32(at + 8)
      let ip = linkType === 1 ? 14 : 0
      if (linkType === 1) while (packet.length > ip && packet.readUInt16BE(ip - 2) === 0x8100) ip += 4
      if (packet.length < ip + 28 || packet[ip]! >> 4 !== 4 || packet[ip + 9] !== 17) continue
      if ((packet.readUInt16BE(ip + 6) & 0x3fff) !== 0) continue
      const udp = ip + (packet[ip]! & 15) * 4
      found.set(frame, packet.subarray(udp + 8, udp + packet.readUInt16BE(udp + 4)))
    }
    return found
  }
})
