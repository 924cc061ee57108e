/** What sizes may say, and of what they must be silent: numbers of recordings, and of mechanisms that look alike. */
import { describe, expect, it } from 'vitest'
import { mechanismBySizes } from '../../../../src/report/seen/sealed-sizes.ts'

const GCM = 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'
/** Plain sizes, of the client and the server in turn, as TLS 1.2 seals them. */
const of12 = (...sizes: number[]) => sizes.map((size, at) => (at % 2 === 0 ? size + 24 : -size - 24))
/** The same in TLS 1.3: behind the flight of the server, the Finished of the client and two tickets. */
const of13 = (...sizes: number[]) => [
  ...[-23, -844, -281, -69, 69],
  ...sizes.flatMap((size, at) => (at === 1 ? [-250, -250, -size - 17] : [at % 2 === 0 ? size + 17 : -size - 17])),
]
const said = (records: readonly number[], service = 'ldap', version = '1.3', suite = 'TLS_AES_256_GCM_SHA384') =>
  mechanismBySizes({ records, version, suite, service })

describe('LDAP', () => {
  it.each([
    ['Sicily behind its question', [14, 18, 50, 179, 286, 14, 61, 85], 'ntlm'],
    ['GSS-SPNEGO with NTLM', [102, 208, 484, 45, 70, 300], 'ntlm'],
    ['NTLM that is refused', [102, 208, 484, 107], 'ntlm'],
    ['Sicily that is refused', [14, 18, 50, 179, 306, 107], 'ntlm'],
    ['Sicily with hardly anything in the challenge', [14, 18, 65, 70, 220, 14], 'ntlm'],
    ['Sicily, as Windows writes lengths', [22, 26, 65, 190, 420, 22], 'ntlm'],
    ['an anonymous bind, and what looks alike behind it', [14, 14, 65, 70, 220, 14], null],
    ['the question of Sicily, and no logon', [14, 18, 65, 70], null],
    ['GSSAPI', [1412, 175, 22, 48, 56, 16, 70, 251], 'kerberos'],
    ['GSS-SPNEGO with Kerberos, behind the root entry', [90, 1900, 3050, 215, 80, 400], 'kerberos'],
    ['name and password', [45, 14, 70, 251, 7], 'none'],
    ['name and password, as Windows answers', [60, 22, 70, 251], 'none'],
    ['a ticket, and the server chooses NTLM', [1500, 90, 70, 208, 484, 45], null],
    ['DIGEST-MD5', [30, 220, 340, 60, 70, 300], null],
    ['SCRAM-SHA-256', [95, 130, 165, 70, 70, 300], null],
    ['SCRAM-SHA-512 with a binding', [125, 165, 310, 106, 70, 300], null],
    ['a search before the bind, and its empty answer', [250, 690, 850, 14], null],
    ['a ticket behind an empty answer', [60, 14, 1500, 180, 70, 300], null],
    ['the bind alone', [45, 14], null],
    ['nothing', [], null],
  ] as const)('%s', (_name, sizes, mechanism) => {
    expect(said(of13(...sizes))).toBe(mechanism)
    expect(said(of12(...sizes), 'ldap', '1.2', GCM)).toBe(mechanism)
  })

  it('says nothing of blocks, older versions, holes, certificates of clients and several records in a message', () => {
    const ntlm = [102, 208, 484, 45, 70, 300]
    expect(said(of12(...ntlm), 'ldap', '1.2', 'TLS_RSA_WITH_AES_256_CBC_SHA256')).toBeNull()
    expect(said(of12(...ntlm), 'ldap', '1.0', 'TLS_RSA_WITH_AES_256_CBC_SHA')).toBeNull()
    expect(said([...of13(...ntlm), 0])).toBeNull()
    expect(said(of13(...ntlm).map((size) => (size === 69 ? 1200 : size)))).toBeNull()
    expect(said(of13(...ntlm).flatMap((size) => (size === 484 + 17 ? [200, 301] : [size])))).toBeNull()
    expect(mechanismBySizes({ records: of13(...ntlm), version: '1.3', suite: null, service: 'ldap' })).toBeNull()
  })

  it('an empty certificate of the client is none', () => {
    const ntlm = of13(102, 208, 484, 45)
    const at = ntlm.indexOf(69)
    expect(said(ntlm.toSpliced(at, 0, 25))).toBe('ntlm')
    expect(said(ntlm.toSpliced(at, 1, 77))).toBe('ntlm')
  })
})

describe('CredSSP', () => {
  it.each([
    ['NTLM', [93, 187, 475, 95, 133, 467], 'ntlm'],
    ['NTLM with a wrong password', [93, 187, 475, 2], 'ntlm'],
    ['Kerberos', [1700, 260, 140, 90, 190], 'kerberos'],
    ['a ticket that is not taken, then NTLM', [1700, 120, 93, 187, 475, 95], null],
    ['IAKERB', [330, 290, 420, 900, 1500, 200], null],
    ['it ends behind the ticket', [1700, 140], null],
  ] as const)('%s', (_name, sizes, mechanism) => expect(said(of13(...sizes), 'credssp')).toBe(mechanism))
})

it('HTTP and others are no matter of sizes', () => {
  for (const service of ['http', 'winrm', 'mssql', 'smtp', 'unknown'])
    for (const sizes of [
      [102, 208, 484, 45],
      [1700, 260, 140, 90],
      [45, 14, 70, 251],
    ])
      expect(said(of13(...sizes), service)).toBeNull()
})
