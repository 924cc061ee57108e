/** Certificates beside two witnesses: OpenSSL (X509Certificate of Node) and asn1js. */

import { X509Certificate } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fromBER, type ObjectIdentifier, type Sequence } from 'asn1js'
import { describe, expect, it } from 'vitest'
import { standsFor } from '../../../src/facts/channel.ts'
import { readCertificate } from '../../../src/keys/certificate.ts'
import { Certificates } from '../../../src/keys/certificates/certificates.ts'
import { endPointBinding } from '../../../src/keys/channel-binding.ts'
import { COMMON_NAME, dnsName, madeCertificate, utf8 } from '../../builders/certificate.ts'
import { explicit, oid, sequence, tlv } from '../../builders/der.ts'
import { type CertificateName, certificateOf, pem } from '../../builders/tls.ts'

const NAMES: readonly CertificateName[] = [
  'rsa-sha1',
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'rsa-pss',
  'ec-sha256',
  'ec-sha384',
  'ed25519',
]

describe('as OpenSSL reads it', () => {
  it.each(NAMES)('%s', (name) => {
    const facts = readCertificate(certificateOf(name))!
    const witness = new X509Certificate(pem(name, 'pem'))
    expect(facts.sha256).toBe(witness.fingerprint256.replaceAll(':', '').toLowerCase())
    expect(facts.subject).toBe(witness.subject.split('\n').reverse().join(','))
    expect(facts.issuer).toBe(witness.issuer.split('\n').reverse().join(','))
    expect(facts.notBefore).toBe(Date.parse(witness.validFrom) * 1000)
    expect(facts.notAfter).toBe(Date.parse(witness.validTo) * 1000)
    expect(facts.names).toEqual(witness.subjectAltName!.split(', ').map((one) => one.replace(/^(DNS|IP Address):/, '')))
    const { asymmetricKeyType, asymmetricKeyDetails } = witness.publicKey
    if (asymmetricKeyType === 'rsa') expect(facts.key).toBe(`RSA ${asymmetricKeyDetails!.modulusLength}`)
    else if (asymmetricKeyType === 'ec') expect(facts.key).toBe(name === 'ec-sha256' ? 'EC P-256' : 'EC P-384')
    else expect(facts.key).toBe('Ed25519')
    expect(facts.selfIssued).toBe(true)
  })
})

describe('as asn1js reads it', () => {
  it.each(NAMES)('%s', (name) => {
    const der = certificateOf(name)
    const { result } = fromBER(Uint8Array.from(der).buffer)
    const [, algorithm] = (result as Sequence).valueBlock.value as Sequence[]
    const oid = (algorithm!.valueBlock.value[0] as ObjectIdentifier).getValue()
    const known: Record<string, string> = {
      '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
      '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
      '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
      '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
      '1.2.840.113549.1.1.10': 'RSASSA-PSS',
      '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
      '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
      '1.3.101.112': 'Ed25519',
    }
    expect(readCertificate(der)!.signature).toBe(known[oid])
  })
})

describe('hostile bytes', () => {
  it('cut at every byte it is no certificate', () => {
    const der = certificateOf('rsa-pss')
    for (let end = 0; end < der.length; end++) expect(readCertificate(der.subarray(0, end))).toBeNull()
  })

  it('changed anywhere it throws nothing', () => {
    const der = certificateOf('ec-sha256')
    for (let at = 0; at < der.length; at++) {
      for (const value of [0, 0x1f, 0x80, 0x84, 0xff]) {
        const changed = Buffer.from(der)
        changed[at] = value
        expect(() => readCertificate(changed)).not.toThrow()
      }
    }
  })

  it('only so many are remembered', () => {
    const known = new Certificates(4)
    const der = certificateOf('rsa-sha256')
    expect(known.read(der)).toBe(known.read(Buffer.from(der)))
    for (let at = 0; at < 100; at++) expect(known.read(Buffer.from([at]))).toBeNull()
  })

  it('one that ends as another does, with another name, is another', () => {
    const der = certificateOf('rsa-sha256')
    const other = Buffer.from(der)
    other.write('X', other.indexOf('rsa-sha256.corp.example', 0, 'latin1'), 'latin1')
    const known = new Certificates(4)
    for (const one of [der, other, der, other]) expect(known.read(one)!.facts).toEqual(readCertificate(one))
    expect(known.read(other)!.facts.sha256).not.toBe(known.read(der)!.facts.sha256)
  })

  it('a binding is found where the bytes of its certificate have left, and not where the certificate has', () => {
    const der = certificateOf('rsa-sha256')
    const numbered = (number: number) => {
      const other = Buffer.from(der)
      other.writeUInt32BE(number, other.length - 4)
      return other
    }
    const known = new Certificates(2000)
    for (let number = 0; number < 1500; number++) known.read(numbered(number))
    const { sha256, binding } = readCertificate(numbered(0))!
    expect(known.find(binding!)).toEqual({ certificate: sha256, hash: 'sha256', isRight: true, slip: null })
    expect(known.find(endPointBinding(numbered(1400), 'sha512'))).toMatchObject({ hash: 'sha512', isRight: false })
    // shown again, the first one stays longer than the second
    known.read(numbered(0))
    for (let number = 1500; number < 2001; number++) known.read(numbered(number))
    expect(known.find(binding!)).not.toBeNull()
    expect(known.holds(sha256)).toBe(true)
    expect(known.find(readCertificate(numbered(1))!.binding!)).toBeNull()
    expect(known.holds(readCertificate(numbered(1))!.sha256)).toBe(false)
  })

  it('large ones are read, and their bytes are not kept', () => {
    const small = certificateOf('rsa-sha256')
    // a signature of 2,048 bits stands at its end, behind the header of the whole
    const contents = small.subarray(4, -261)
    expect(small.at(-261)).toBe(0x03)
    const large = Buffer.from(sequence(contents, tlv(0x03, new Uint8Array(100_000))))
    const known = new Certificates(4)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { arrayBuffers } = process.memoryUsage()
    for (let number = 0; number < 300; number++) {
      large.writeUInt32BE(number, large.length - 4)
      expect(known.read(large)).not.toBeNull()
    }
    collect()
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(5e6)
  })
})

it.each([
  ['web1.corp.example', true],
  ['WEB1.CORP.EXAMPLE.', true],
  ['other.corp.example', true],
  ['deep.other.corp.example', false],
  ['corp.example', false],
  ['10.0.0.80', true],
  ['10.0.0.81', false],
])('stands for %s: %s', (host, expected) => {
  expect(standsFor(readCertificate(certificateOf('rsa-sha256'))!, host)).toBe(expected)
})

describe('names that clients may ask for', () => {
  const called = (...names: string[]) => names.map((name) => [COMMON_NAME, utf8(name)] as const)
  const service = (type: string, tag: number, name: string) => tlv(0xa0, oid(type), explicit(0, tlv(tag, name)))
  const address = tlv(0x87, Uint8Array.of(10, 0, 0, 2))

  it.each<[what: string, der: Uint8Array, fits: readonly string[], others: readonly string[]]>([
    [
      'an address beside a common name',
      madeCertificate({ subject: called('web1.corp.example'), alternatives: [address] }),
      ['web1.corp.example', '10.0.0.2'],
      ['web2.corp.example', '10.0.0.3'],
    ],
    [
      'a common name beside a dNSName, which alone counts',
      madeCertificate({ subject: called('web1.corp.example'), alternatives: [dnsName('other.example'), address] }),
      ['other.example', '10.0.0.2'],
      ['web1.corp.example'],
    ],
    [
      'several common names',
      madeCertificate({ subject: called('old.example', 'new.example') }),
      ['old.example', 'new.example'],
      ['a.example'],
    ],
    [
      'a star for a part of a label',
      madeCertificate({ alternatives: [dnsName('web*.corp.example'), dnsName('xn--b*.corp.example')] }),
      ['web1.corp.example', 'WEBX.corp.example.'],
      ['web.corp.example', 'web1.sub.corp.example', 'xn--bc.corp.example', 'mail.corp.example', 'corp.example'],
    ],
    ['a star alone', madeCertificate({ alternatives: [dnsName('*')] }), [], ['a', 'a.example']],
    [
      'a common name of an internationalized host',
      madeCertificate({ subject: called('b\u00fccher.example') }),
      ['xn--bcher-kva.example'],
      ['bucher.example'],
    ],
    [
      'the domain of a service',
      madeCertificate({
        subject: called('im1'),
        alternatives: [
          service('1.3.6.1.5.5.7.8.7', 0x16, '_xmpp-server.im.example'),
          service('1.3.6.1.5.5.7.8.5', 0x0c, 'chat.example'),
          tlv(0x86, 'sip:voice.example'),
          tlv(0x86, 'urn:uuid:1'),
        ],
      }),
      ['im.example', 'chat.example', 'voice.example', 'im1'],
      ['uuid', '_xmpp-server.im.example'],
    ],
  ])('%s', (_, der, fits, others) => {
    const facts = readCertificate(der)!
    for (const name of fits) expect(standsFor(facts, name), name).toBe(true)
    for (const name of others) expect(standsFor(facts, name), name).toBe(false)
  })

  it('where it has more than are kept nobody says that it has not one', () => {
    const hosts = Array.from({ length: 100 }, (_, at) => `h${at}.corp.example`)
    const facts = readCertificate(madeCertificate({ alternatives: hosts.map(dnsName) }))!
    expect(standsFor(facts, 'h1.corp.example')).toBe(true)
    for (const name of ['h99.corp.example', 'other.example']) expect(standsFor(facts, name)).toBeNull()
  })
})

describe('texts of two and four bytes a character', () => {
  it.each([
    ['BMPString', 0x1e, Buffer.from('\u30c6\u30b9\u30c8 1', 'utf16le').swap16()],
    [
      'UniversalString',
      0x1c,
      Buffer.from(
        [...'\u30c6\u30b9\u30c8 1'].flatMap((one) => [0, 0, one.charCodeAt(0) >> 8, one.charCodeAt(0) & 0xff]),
      ),
    ],
    ['UTF8String', 0x0c, Buffer.from('\u30c6\u30b9\u30c8 1')],
  ])('%s', (_, tag, bytes) => {
    const facts = readCertificate(madeCertificate({ subject: [[COMMON_NAME, tlv(tag, bytes)]] }))!
    expect(facts.subject).toBe('CN=\u30c6\u30b9\u30c8 1')
    expect(facts.names).toEqual(['\u30c6\u30b9\u30c8 1'])
  })
})

it.each([
  [0x17, '491231235959Z', '2049-12-31T23:59:59.000Z'],
  [0x17, '500101000000Z', '1950-01-01T00:00:00.000Z'],
  [0x17, '2601010000Z', '2026-01-01T00:00:00.000Z'],
  [0x17, '260101000000+0200', '2025-12-31T22:00:00.000Z'],
  [0x18, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
  [0x18, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  [0x18, '20260101000000.5-0130', '2026-01-01T01:30:00.000Z'],
  [0x18, '00010101000000Z', '0001-01-01T00:00:00.000Z'],
  [0x18, '20261301000000Z', null],
  [0x18, '20260230000000Z', null],
  [0x18, '20260101006000Z', null],
  [0x17, '26', null],
  [0x0c, '260101000000Z', null],
])('a time of tag %s, %s: %s', (tag, text, expected) => {
  const { notAfter } = readCertificate(madeCertificate({ notAfter: tlv(tag, text) }))!
  expect(notAfter === null ? null : new Date(notAfter / 1000).toISOString()).toBe(expected)
})

it.each([
  [
    'RSASSA-PSS whose parameters say nothing',
    [oid('1.2.840.113549.1.1.10'), sequence()],
    'RSASSA-PSS with SHA-1',
    'sha256',
  ],
  [
    'RSASSA-PSS with SHA-384',
    [oid('1.2.840.113549.1.1.10'), sequence(explicit(0, sequence(oid('2.16.840.1.101.3.4.2.2'))))],
    'RSASSA-PSS',
    'sha384',
  ],
  ['sha512-256WithRSAEncryption', [oid('1.2.840.113549.1.1.16')], 'sha512-256WithRSAEncryption', null],
])('signature: %s', (_, parts, signature, bindingHash) => {
  expect(readCertificate(madeCertificate({ signature: sequence(...parts) }))).toMatchObject({ signature, bindingHash })
})

it('a key on a curve that is written out', () => {
  const key = sequence(oid('1.2.840.10045.2.1'), sequence(tlv(0x02, Uint8Array.of(1))))
  expect(readCertificate(madeCertificate({ key }))!.key).toBe('EC with a curve of its own')
})
