/** Certificates beside two witnesses: OpenSSL (X509Certificate of Node) and asn1js. */
import { X509Certificate } from 'node:crypto'
import { fromBER, type ObjectIdentifier, type Sequence } from 'asn1js'
import { describe, expect, it } from 'vitest'
import { standsFor } from '../../../src/facts/channel.ts'
import { readCertificate } from '../../../src/keys/certificate.ts'
import { Certificates } from '../../../src/keys/certificates.ts'
import { endPointBinding } from '../../../src/keys/channel-binding.ts'
import { sequence, tlv } from '../../builders/der.ts'
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
    expect(known.find(binding!)).toEqual({ certificate: sha256, hash: 'sha256', isRight: true })
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
    const { arrayBuffers } = process.memoryUsage()
    for (let number = 0; number < 300; number++) {
      large.writeUInt32BE(number, large.length - 4)
      expect(known.read(large)).not.toBeNull()
    }
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
