/** Every state of a channel binding, and the cases in which nobody may be accused. */
import { hash as digest, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type BindingCase, judgeBinding } from '../../../src/exchange/binding.ts'
import type { ChannelFacts } from '../../../src/facts/channel.ts'
import { Certificates } from '../../../src/keys/certificates/certificates.ts'
import { endPointBinding } from '../../../src/keys/channel-binding.ts'
import { type CertificateName, certificateOf, pem } from '../../builders/tls.ts'

const UNIQUE = '11'.repeat(16)
const EXPORTED = '22'.repeat(16)
const STRANGE = '33'.repeat(16)

const PREFIX = Buffer.from('tls-server-end-point:')
const sha384 = (data: Uint8Array | string) => digest('sha384', data, 'buffer')
const md5 = (data: Uint8Array) => digest('md5', data)
const structured = (data: Uint8Array) => {
  const head = Buffer.alloc(20)
  head[16] = data.length
  return md5(Buffer.concat([head, data]))
}
const publicKey = (name: CertificateName) =>
  new X509Certificate(certificateOf(name)).publicKey.export({ type: 'spki', format: 'der' })

/** What two servers show, and what an index knows of them. */
function world(name: CertificateName, part: Partial<ChannelFacts> = {}) {
  const certificates = new Certificates(16)
  const certificate = certificates.read(certificateOf(name))!.facts
  const other = certificates.read(certificateOf('rsa-sha256'))!.facts
  const channel: ChannelFacts = {
    certificate,
    isCertificateInClear: true,
    resumed: false,
    opened: true,
    unique: UNIQUE,
    exporters: [],
    ...part,
  }
  const judge = (value: string | null, rest: Partial<BindingCase> = {}) =>
    judgeBinding(
      { value, isFromTicket: false, service: 'http', isInTls: true, version: '1.2', channel, ...rest },
      certificates,
    )
  return { certificate, other, judge }
}

describe('a binding to the certificate', () => {
  it.each([
    ['rsa-sha1', 'sha256'],
    ['rsa-sha384', 'sha384'],
    ['rsa-sha512', 'sha512'],
    ['ec-sha384', 'sha384'],
    ['rsa-pss', 'sha384'],
  ] as const)('%s with %s is verified', (name, hash) => {
    const { judge, certificate } = world(name)
    const value = endPointBinding(certificateOf(name), hash)
    expect(judge(value)).toEqual({
      state: 'verified',
      binding: {
        kind: 'tls-server-end-point',
        hash,
        value,
        expected: value,
        certificate: certificate.sha256,
        madeFor: certificate.sha256,
        by: ['certificate'],
      },
    })
  })

  it('always with SHA-256: the wrong hash, where the signature has another one', () => {
    const value = endPointBinding(certificateOf('rsa-sha384'), 'sha256')
    expect(world('rsa-sha384').judge(value)).toMatchObject({ state: 'wrong-hash', binding: { hash: 'sha256' } })
  })

  it.each([
    ['no-prefix', (hash: Buffer) => structured(hash)],
    ['no-structure', (hash: Buffer) => md5(Buffer.concat([PREFIX, hash]))],
    ['hexadecimal', (hash: Buffer) => structured(Buffer.concat([PREFIX, Buffer.from(hash.toString('hex'))]))],
    ['pem', () => structured(Buffer.concat([PREFIX, sha384(pem('rsa-sha384', 'pem'))]))],
    ['pem', () => structured(Buffer.concat([PREFIX, sha384(pem('rsa-sha384', 'pem').trim())]))],
    ['public-key', () => structured(Buffer.concat([PREFIX, sha384(publicKey('rsa-sha384'))]))],
  ] as const)('made in another way is a wrong one that is named: %s', (slip, made) => {
    const value = made(sha384(certificateOf('rsa-sha384')))
    const { judge, certificate } = world('rsa-sha384')
    const binding = { slip, hash: 'sha384', madeFor: certificate.sha256 }
    expect(judge(value)).toMatchObject({ state: 'wrong-hash', binding })
    expect(world('ec-sha256').judge(value).state).toBe('mismatch')
    expect(judge(value, { isInTls: false })).toMatchObject({ state: 'mismatch', binding })
    expect(judge(certificate.binding).binding).not.toHaveProperty('slip')
  })

  it('made in another way is a wrong one too where no rule says which hash', () => {
    const value = structured(digest('sha256', certificateOf('ed25519'), 'buffer'))
    expect(world('ed25519').judge(value)).toMatchObject({ state: 'wrong-hash', binding: { slip: 'no-prefix' } })
  })

  it('where no rule says which hash there is no wrong one', () => {
    for (const hash of ['sha256', 'sha512'] as const)
      expect(world('ed25519').judge(endPointBinding(certificateOf('ed25519'), hash))).toMatchObject({
        state: 'verified',
        binding: { hash },
      })
  })

  it('RSASSA-PSS names its hash: another one is what a server by the rule refuses', () => {
    const { judge } = world('rsa-pss')
    const certificate = certificateOf('rsa-pss')
    expect(judge(endPointBinding(certificate, 'sha384')).state).toBe('verified')
    expect(judge(endPointBinding(certificate, 'sha256'))).toMatchObject({
      state: 'wrong-hash',
      binding: { hash: 'sha256' },
    })
  })

  it('of another server is a mismatch that names it', () => {
    const { judge, other } = world('ec-sha256')
    expect(judge(other.binding)).toMatchObject({ state: 'mismatch', binding: { madeFor: other.sha256 } })
    expect(judge(STRANGE)).toMatchObject({ state: 'mismatch', binding: { madeFor: null, kind: null } })
  })
})

describe('a binding to the connection', () => {
  it('tls-unique and tls-exporter', () => {
    const { judge } = world('ec-sha256', { unique: UNIQUE, exporters: [EXPORTED] })
    expect(judge(UNIQUE)).toMatchObject({ state: 'verified', binding: { kind: 'tls-unique' } })
    expect(judge(EXPORTED)).toMatchObject({ state: 'verified', binding: { kind: 'tls-exporter' } })
    expect(judge(EXPORTED).binding?.by).toEqual(['certificate', 'keys'])
  })

  it('of which the keys are told once, where they opened the certificate as well', () => {
    const { judge } = world('ec-sha256', { isCertificateInClear: false, unique: null, exporters: [EXPORTED] })
    expect(judge(EXPORTED, { version: '1.3' }).binding?.by).toEqual(['keys'])
  })
})

describe('none', () => {
  it('is absent or zero in TLS, and nothing in clear', () => {
    const { judge } = world('ec-sha256')
    expect(judge(null)).toEqual({ state: 'absent', binding: null })
    expect(judge('')).toEqual({ state: 'zero', binding: null })
    for (const value of [null, '']) expect(judge(value, { isInTls: false }).state).toBe('not-applicable')
  })
})

describe('nobody is accused', () => {
  it.each([
    ['of a certificate with a disputed rule', 'rsa-pss', {}, {}],
    ['of a certificate without a rule', 'ed25519', {}, {}],
    ['where no certificate was seen', 'ec-sha256', { certificate: null, resumed: true }, {}],
    ['whose Finished was not seen: it may be tls-unique', 'ec-sha256', { unique: null }, {}],
    ['SQL Server, where tls-unique is not known', 'ec-sha256', { unique: null }, { service: 'mssql' }],
    ['SQL Server with TLS 1.3', 'ec-sha256', { unique: UNIQUE }, { service: 'mssql', version: '1.3' }],
    [
      'SQL Server with the login packet alone in TLS',
      'ec-sha256',
      { unique: null },
      { service: 'mssql', isInTls: false },
    ],
    ['in TLS 1.3, where the key log has no secret for exporters', 'ec-sha256', { unique: null }, { version: '1.3' }],
    ['nor where the version was not seen', 'ec-sha256', {}, { version: null }],
    ['bound to the connection as it was before it was renegotiated', 'ec-sha256', { former: [STRANGE] }, {}],
  ] as const)('%s', (_name, certificate, channel, rest) => {
    expect(world(certificate, channel).judge(STRANGE, rest).state).toBe('bound')
  })

  it('but who binds to another server that is known, whatever else is missing', () => {
    const { judge, other } = world('ec-sha256', { unique: null })
    expect(judge(other.binding)).toMatchObject({ state: 'mismatch', binding: { madeFor: other.sha256 } })
    expect(judge(other.binding, { service: 'mssql' }).state).toBe('mismatch')
    expect(judge(other.binding, { service: 'mssql', version: '1.3' }).state).toBe('bound')
  })

  it('but in TLS 1.3 with its exporter', () => {
    const { judge } = world('ec-sha256', { unique: null, exporters: [EXPORTED] })
    expect(judge(STRANGE, { version: '1.3' }).state).toBe('mismatch')
  })

  it('SQL Server with the login packet alone in TLS is bound to what that showed, and to nobody else', () => {
    const { judge, certificate, other } = world('ec-sha256', { unique: null })
    const behindLogin = { service: 'mssql', isInTls: false } as const
    expect(judge(certificate.binding, behindLogin).state).toBe('verified')
    expect(judge(other.binding, behindLogin)).toMatchObject({ state: 'mismatch', binding: { madeFor: other.sha256 } })
    expect(judge(null, behindLogin).state).toBe('not-applicable')
  })

  it('but a token in clear, and SQL Server where all is known', () => {
    const { judge } = world('ec-sha256', { unique: UNIQUE })
    expect(judge(STRANGE, { service: 'mssql' }).state).toBe('mismatch')
    expect(judge(STRANGE, { isInTls: false, channel: null }).state).toBe('mismatch')
    expect(judge(STRANGE, { service: 'mssql', isInTls: false, channel: null }).state).toBe('mismatch')
  })
})

describe('a certificate that was shown so long ago that others took its place in the index', () => {
  const later = [certificateOf('rsa-sha1'), certificateOf('rsa-sha384'), certificateOf('rsa-sha512')]
  const world = () => {
    const certificates = new Certificates(2)
    const certificate = certificates.read(certificateOf('ec-sha384'))!.facts
    for (const der of later) certificates.read(der)
    const channel: ChannelFacts = {
      ...{ certificate, isCertificateInClear: true, resumed: true, opened: true, unique: UNIQUE, exporters: [] },
    }
    const judge = (value: string) =>
      judgeBinding(
        { value, isFromTicket: false, service: 'http', isInTls: true, version: '1.2', channel },
        certificates,
      ).state
    return { certificates, judge }
  }

  it('is no reason to accuse anybody, and the right binding is still verified', () => {
    const { judge } = world()
    expect(judge(endPointBinding(certificateOf('ec-sha384'), 'sha384'))).toBe('verified')
    expect(judge(endPointBinding(certificateOf('ec-sha384'), 'sha256'))).toBe('bound')
    expect(judge(STRANGE)).toBe('bound')
  })

  it('but who binds to one that is still known binds to another one', () => {
    expect(world().judge(endPointBinding(certificateOf('rsa-sha512'), 'sha512'))).toBe('mismatch')
  })

  it('shown again it is compared again', () => {
    const { certificates, judge } = world()
    certificates.read(certificateOf('ec-sha384'))
    expect(judge(endPointBinding(certificateOf('ec-sha384'), 'sha256'))).toBe('wrong-hash')
    expect(judge(STRANGE)).toBe('mismatch')
  })
})
