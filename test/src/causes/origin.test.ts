/** How an exchange came to NTLM: the seven shapes in the order of their decision, each with what comes close to it. */
import { describe, expect, it } from 'vitest'
import { isFallback, isKerberosLike, type OriginEvidence, originOf } from '../../../src/causes/origin.ts'
import type { Origin } from '../../../src/facts/exchange.ts'

/** A whole conversation in which nothing was offered, tried or refused. */
const NOTHING: OriginEvidence = {
  serverOffer: null,
  clientOffer: null,
  firstTokenRawNtlm: false,
  direct: false,
  supportedMech: null,
  lateFallback: false,
  kerberosTried: false,
  kerberosRefused: false,
  refusedBefore: false,
  offerVisible: true,
  clientDecides: false,
  ticketRefused: false,
}

const BOTH = ['kerberos', 'ntlmssp']
const NTLM = ['ntlmssp']

const ROWS: readonly [what: string, evidence: Partial<OriginEvidence>, origin: Origin][] = [
  // the carrier itself says NTLM
  ['direct, the server offers only NTLM', { direct: true, serverOffer: ['NTLM'] }, 'server-only'],
  ['direct, the server offers Negotiate too', { direct: true, serverOffer: ['Negotiate', 'NTLM'] }, 'direct'],
  ['direct, the server offers GSSAPI too', { direct: true, serverOffer: ['NTLM', 'GSSAPI'] }, 'direct'],
  ['direct, nothing offered, all of it visible', { direct: true }, 'direct'],
  ['direct, an offer that names nothing', { direct: true, serverOffer: [] }, 'direct'],
  ['direct, an offer may have been lost', { direct: true, offerVisible: false }, 'unknown'],
  [
    'direct, and a refusal before',
    { direct: true, serverOffer: ['NTLM', 'Negotiate'], refusedBefore: true },
    'client-retry',
  ],
  ['direct, a refusal before, nothing offered', { direct: true, refusedBefore: true }, 'client-retry'],
  [
    'direct, and a refused ticket',
    { direct: true, serverOffer: ['NTLM', 'Negotiate'], ticketRefused: true },
    'client-veto',
  ],
  [
    'direct, a refused ticket, no offer seen',
    { direct: true, offerVisible: false, ticketRefused: true },
    'client-veto',
  ],
  [
    'direct, a refused ticket, only NTLM offered',
    { direct: true, serverOffer: ['NTLM'], ticketRefused: true },
    'server-only',
  ],

  // W1
  ['the server offers only NTLM', { serverOffer: NTLM, clientOffer: BOTH }, 'server-only'],
  ['the server offers NEGOEX and NTLM', { serverOffer: ['negoex', 'ntlmssp'], clientOffer: NTLM }, 'server-only'],
  [
    'only NTLM, whatever is refused in it',
    { serverOffer: NTLM, clientOffer: NTLM, kerberosRefused: true },
    'server-only',
  ],
  ['only NTLM, whatever a KDC refused', { serverOffer: NTLM, clientOffer: NTLM, ticketRefused: true }, 'server-only'],
  ['an offer that names nothing is none', { serverOffer: [], clientOffer: NTLM }, 'unknown'],
  ['IAKerb is like Kerberos', { serverOffer: ['iakerb', 'ntlmssp'], clientOffer: NTLM }, 'client-veto'],
  ['user-to-user is like Kerberos', { serverOffer: ['kerberos-u2u', 'ntlmssp'], clientOffer: NTLM }, 'client-veto'],

  // W3
  [
    'the server switches',
    { serverOffer: BOTH, clientOffer: BOTH, kerberosTried: true, supportedMech: 'ntlmssp' },
    'server-switched',
  ],
  ['the server switches, its offer unseen', { clientOffer: BOTH, supportedMech: 'ntlmssp' }, 'server-switched'],
  [
    'it switches before it is late',
    { clientOffer: BOTH, supportedMech: 'ntlmssp', lateFallback: true, kerberosTried: true },
    'server-switched',
  ],

  // W5
  [
    'late fallback',
    { clientOffer: [...BOTH, 'late-fallback'], lateFallback: true, kerberosTried: true, supportedMech: 'kerberos' },
    'late-fallback',
  ],
  ['the marker, but no Kerberos before', { clientOffer: [...BOTH, 'late-fallback'], lateFallback: true }, 'unknown'],

  // W4
  [
    'Kerberos first, refused, then NTLM',
    { serverOffer: BOTH, clientOffer: BOTH, kerberosRefused: true },
    'client-retry',
  ],
  ['Kerberos first, and nothing says why not', { serverOffer: BOTH, clientOffer: BOTH }, 'unknown'],
  ['only NTLM after a refusal before', { serverOffer: BOTH, clientOffer: NTLM, refusedBefore: true }, 'client-retry'],
  ['a ticket refused before, only NTLM offered now', { serverOffer: NTLM, refusedBefore: true }, 'client-retry'],
  ['only NTLM after a refusal', { serverOffer: BOTH, clientOffer: NTLM, kerberosRefused: true }, 'client-retry'],
  ['bare NTLM after a refusal', { serverOffer: BOTH, firstTokenRawNtlm: true, kerberosRefused: true }, 'client-retry'],

  // W2
  ['the client names only NTLM', { serverOffer: BOTH, clientOffer: NTLM }, 'client-veto'],
  ['the client names NEGOEX and NTLM', { serverOffer: BOTH, clientOffer: ['negoex', 'ntlmssp'] }, 'client-veto'],
  ['the client begins with bare NTLM', { serverOffer: ['Negotiate', 'NTLM'], firstTokenRawNtlm: true }, 'client-veto'],
  ['no offer seen, but a ticket was refused', { clientOffer: NTLM, ticketRefused: true }, 'client-veto'],
  ['a refused ticket, whatever the client began with', { ticketRefused: true, serverOffer: BOTH }, 'client-veto'],
  [
    'a refused ticket, and Kerberos in it all the same',
    { serverOffer: BOTH, clientOffer: BOTH, kerberosTried: true, supportedMech: 'ntlmssp', ticketRefused: true },
    'server-switched',
  ],
  ['NTLM first, Kerberos behind it: no veto', { serverOffer: BOTH, clientOffer: ['ntlmssp', 'kerberos'] }, 'unknown'],
  ['the client names nothing that is NTLM', { serverOffer: BOTH, clientOffer: ['negoex'] }, 'unknown'],

  // W7
  ['only NTLM, no offer seen', { clientOffer: NTLM }, 'unknown'],
  ['bare NTLM, no offer seen', { firstTokenRawNtlm: true }, 'unknown'],
  ['nothing seen', {}, 'unknown'],
]

describe('originOf', () => {
  it.each(ROWS)('%s', (_, evidence, origin) => {
    expect(originOf({ ...NOTHING, ...evidence })).toBe(origin)
  })

  it('reaches every shape', () => {
    const shapes: readonly Origin[] = [
      'server-only',
      'client-veto',
      'server-switched',
      'client-retry',
      'late-fallback',
      'direct',
      'unknown',
    ]
    expect(new Set(ROWS.map(([, , origin]) => origin))).toEqual(new Set(shapes))
  })
})

describe('isFallback', () => {
  it.each([
    ['server-only', false],
    ['direct', false],
    ['client-veto', true],
    ['server-switched', true],
    ['client-retry', true],
    ['late-fallback', true],
    ['unknown', null],
  ] as const)('%s: %s', (origin, fallback) => {
    expect(isFallback(origin)).toBe(fallback)
  })
})

describe('isKerberosLike', () => {
  it.each(['kerberos', 'ms-kerberos', 'kerberos-u2u', 'iakerb', 'Negotiate', 'GSSAPI', 'GSS-SPNEGO', 'Nego2'])(
    '%s',
    (name) => {
      expect(isKerberosLike(name)).toBe(true)
    },
  )

  it.each(['ntlmssp', 'NTLM', 'negoex', 'late-fallback', 'Basic', 'DIGEST-MD5', '', 'kerberos '])('not %s', (name) => {
    expect(isKerberosLike(name)).toBe(false)
  })
})
