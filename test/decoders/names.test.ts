/** Name services and domain controller pings: what real datagrams say, and that no bytes of others do harm. */
import { describe, expect, it } from 'vitest'
import type { Carrier, ContextFact, Framing } from '../../decoders/carrier.ts'
import { cldap } from '../../decoders/carriers/names/cldap.ts'
import { dns, dnsTcp, llmnr, mdns } from '../../decoders/carriers/names/dns.ts'
import { nbns } from '../../decoders/carriers/names/nbns.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import * as samples from './names.samples.ts'

function factOf(carrier: Carrier, bytes: Uint8Array): ContextFact | undefined {
  expect(carrier.probe(bytes, 'client')).toBe('mine')
  const [message] = carrier.decode(bytes, 'client').value ?? []
  const step = message?.steps[0]
  if (step?.kind !== 'context') return undefined
  expect(message!.from).toBe(step.from)
  return step.fact
}

const NAME_36 = '36.66.16.172.in-addr.arpa'

const ROWS: readonly [what: string, carrier: Carrier, hex: string, fact: Partial<ContextFact> | undefined][] = [
  [
    'an address',
    dns,
    samples.DNS_A,
    {
      fact: 'name-answer',
      protocol: 'dns',
      type: 'A',
      code: 'NOERROR',
      name: expect.stringMatching(/\.lab\.example$/),
    },
  ],
  [
    'a name that does not exist',
    dns,
    samples.DNS_SRV_NXDOMAIN,
    {
      fact: 'name-answer',
      name: '_ldap._tcp.Default-First-Site-Name._sites.dc._msdcs.zdc1.domain-z.local',
      type: 'SRV',
      code: 'NXDOMAIN',
      records: [],
    },
  ],
  [
    'a question',
    llmnr,
    samples.LLMNR_QUERY,
    { fact: 'name-question', protocol: 'llmnr', message: '5131', name: NAME_36, type: 'PTR' },
  ],
  [
    'a host name',
    llmnr,
    samples.LLMNR_RESPONSE,
    { fact: 'name-answer', records: [{ name: NAME_36, type: 'PTR', value: '01566s-win16-ir', ttlSeconds: 30 }] },
  ],
  [
    'an address of .local',
    mdns,
    samples.MDNS_RESPONSE,
    {
      fact: 'name-answer',
      protocol: 'mdns',
      records: [{ name: 'mydevice.local', type: 'A', value: '10.1.13.200', ttlSeconds: 120 }],
    },
  ],
  [
    'a NetBIOS name',
    nbns,
    samples.NBNS_RESPONSE,
    {
      fact: 'name-answer',
      name: 'LOCALDC',
      type: 'NB',
      records: [{ name: 'LOCALDC', type: 'NB', value: '127.0.0.21', ttlSeconds: 300_000 }],
    },
  ],
  ['a node status', nbns, samples.NBNS_STATUS, undefined],
  ['a ping', cldap, samples.CLDAP_REQUEST, { fact: 'domain-ping', message: '394', domain: 'domain-a.local' }],
  [
    'a domain controller',
    cldap,
    samples.CLDAP_RESPONSE,
    {
      fact: 'domain-answer',
      message: '394',
      dnsForest: 'domain-a.local',
      dnsDomain: 'domain-a.local',
      dnsHost: 'adc1.domain-a.local',
      netbiosDomain: 'DOMAIN-A',
      netbiosHost: 'ADC1',
    },
  ],
]

describe('a datagram', () => {
  it.each(ROWS)('%s', (_, carrier, hex, fact) => {
    const said = factOf(carrier, fromHex(hex))
    if (fact === undefined) expect(said).toBeUndefined()
    else expect(said).toMatchObject(fact)
  })

  it.each(ROWS)('%s, cut and changed', (_, carrier, hex) => {
    const bytes = fromHex(hex)
    const look = (some: Uint8Array) => {
      carrier.probe(some, 'client')
      carrier.decode(some, 'server')
    }
    cutEverywhere(bytes, look)
    changeBytes(bytes, 2000, look)
  })
})

describe('names', () => {
  const header = '1234 8180 0001 0001 0000 0000'

  it.each([
    ['a pointer to itself', 'c00c 0001 0001'],
    ['a pointer forwards', 'c0ff 0001 0001'],
    ['a label beyond the end', '3f61 0001 0001'],
    ['a reserved label type', '8061 0001 0001'],
  ])('%s leads nowhere', (_, name) => {
    expect(dns.decode(fromHex(header + name), 'server')).toMatchObject({ value: [], fault: { reason: 'malformed' } })
  })

  it('a chain of pointers ends', () => {
    // the answer's name is a chain of pointers, each to the one before
    let text = `${header} 0161 00 0001 0001`
    let last = 12
    let at = 12 + 7
    for (let jumps = 0; jumps < 20; jumps++) {
      text += `c0${last.toString(16).padStart(2, '0')}`
      last = at
      at += 2
    }
    expect(() => dns.decode(fromHex(text), 'server')).not.toThrow()
  })

  it('of an alias, all that leads to the address', () => {
    const answer = '1234 8180 0001 0002 0000 0000 0377777704636f7270 00 0001 0001'
    const alias = 'c00c 0005 0001 0000003c 0007 0477656231 c010'
    const address = 'c026 0001 0001 0000003c 0004 c0000228'
    const fact = factOf(dns, fromHex(answer + alias + address))
    expect(fact).toMatchObject({
      name: 'www.corp',
      records: [
        { name: 'www.corp', type: 'CNAME' },
        { name: 'web1.corp', type: 'A', value: '192.0.2.40' },
      ],
    })
  })

  it('IPv6 addresses in canonical text', () => {
    const answer =
      '1234 8180 0001 0001 0000 0000 0161 00 001c 0001 c00c 001c 0001 00000001 0010 fd770000000000000000000000000020'
    expect(factOf(dns, fromHex(answer))).toMatchObject({ records: [{ type: 'AAAA', value: 'fd77::20' }] })
  })
})

describe('at their ports are stepped over', () => {
  const out: Framing = { length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 }
  const question = '04686f7374 02616400'
  it.each([
    ['a question for an address', `1234 0100 0001 0000 0000 0000 ${question} 0001 0001`, false],
    ['that there is no such address', `1234 8183 0001 0000 0001 0000 ${question} 0001 0001`, false],
    ['an answer without records', `1234 8180 0001 0000 0001 0000 ${question} 001c 0001`, false],
    ['an answer of text', `1234 8180 0001 0001 0000 0000 ${question} 0010 0001 c00c 0010 0001 00000001 0000`, false],
    ['a question for a service', `1234 0100 0001 0000 0000 0000 ${question} 0021 0001`, true],
    ['an address', samples.DNS_A, true],
    ['that there is no such service', samples.DNS_SRV_NXDOMAIN, true],
  ])('%s', (_, hex, wanted) => {
    const bytes = fromHex(hex)
    expect(dns.probe(bytes, 'client')).toBe('mine')
    expect(dns.frame(bytes, 'client', out)).toBe('ready')
    expect(out).toMatchObject({ length: bytes.length, keep: wanted ? bytes.length : 0 })
    // over multicast nothing is: an answer may come to everybody
    expect(llmnr.frame(bytes, 'client', out)).toBe('ready')
    expect(out.keep).toBe(bytes.length)
  })
})

describe('over TCP', () => {
  const message = fromHex(samples.DNS_SRV_NXDOMAIN)
  const record = Uint8Array.from([message.length >> 8, message.length & 255, ...message])
  const framing = (): Framing => ({ length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 })

  it('a length stands before the message', () => {
    const out = framing()
    expect(dnsTcp.probe(record, 'server')).toBe('mine')
    expect(dnsTcp.probe(record.subarray(0, 8), 'server')).toBe('more')
    expect(dnsTcp.frame(record, 'server', out)).toBe('ready')
    expect(out).toMatchObject({ length: record.length, keep: record.length })
    expect(dnsTcp.decode(record, 'server').value![0]!.steps[0]).toMatchObject({ fact: { code: 'NXDOMAIN' } })
  })

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
    ['SMB', fromHex(`00000054 fe534d42 4000${'00'.repeat(60)}`)],
    ['Kerberos', fromHex(`000000c8 6a81c5 3081c2a103020105a20302010a${'00'.repeat(30)}`)],
    ['zeros', new Uint8Array(64)],
  ])('%s is none', (_, bytes) => {
    expect(dnsTcp.probe(bytes, 'client')).toBe('other')
  })
})
