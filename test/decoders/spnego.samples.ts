/**
 * SPNEGO tokens with everything that they say, built by hand after RFC 4178 4.2 and MS-SPNG 2.2.1.
 */
import type { SpnegoMessage } from '../../decoders/mechanisms/spnego.ts'
import { bitString, concat, enumerated, explicit, longTlv, octetString, sequence, text } from '../builders/der.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { gss, mechList, mechOid, negTokenInit, negTokenInit2, negTokenResp } from '../builders/spnego.ts'
import { fromHex } from '../hostile.ts'

export interface SpnegoSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly message: SpnegoMessage
}

/** NTLMSSP_MESSAGE_SIGNATURE, MS-NLMP 2.2.2.9 */
const NTLM_MIC = fromHex('01000000 1122334455667788 00000000')
/** MIC token, RFC 4121 4.2.6.1 */
const CFX_MIC = fromHex('040405ffffffffff 0000000000000001 112233445566778899aabbcc')
/** MIC token, RFC 1964 1.2.1: TOK_ID, SGN_ALG, filler, SND_SEQ, SGN_CKSUM */
const RFC1964_MIC = gss('kerberos', fromHex('0101 1100 ffffffff 1122334455667788 8877665544332211'))
const AP_REQ = gss('kerberos', fromHex('0100 6e03020105'))
const AP_REP = gss('kerberos', fromHex('0200 6f03020105'))
const NOT_DEFINED = 'not_defined_in_RFC4178@please_ignore'
/** Its mechToken is long enough to make Windows and us write lengths of two octets. */
const NEGOTIATE = negotiateMessage()

const init = {
  protocol: 'spnego',
  type: 'NegTokenInit',
  mechTypes: ['ms-kerberos', 'kerberos', 'negoex', 'ntlmssp'],
  hintName: null,
  innerToken: null,
  mechListMic: null,
  repeatedToken: null,
} as const

const resp = {
  protocol: 'spnego',
  type: 'NegTokenResp',
  negState: null,
  supportedMech: null,
  supportedMechs: null,
  innerToken: null,
  mechListMic: null,
  repeatedToken: null,
} as const

export const SAMPLES: readonly SpnegoSample[] = [
  {
    name: 'NegTokenInit of a client that prefers Kerberos',
    bytes: negTokenInit({ mechTypes: init.mechTypes, mechToken: AP_REQ }),
    message: { ...init, innerToken: AP_REQ },
  },
  {
    name: 'NegTokenInit, only NTLM, without GSS framing',
    bytes: negTokenInit({ mechTypes: ['ntlmssp'], mechToken: NEGOTIATE, framed: false }),
    message: { ...init, mechTypes: ['ntlmssp'], innerToken: NEGOTIATE },
  },
  {
    name: 'NegTokenInit with every mechanism that has a name, and one that has none',
    bytes: negTokenInit({
      mechTypes: [
        ...[
          'ms-kerberos',
          'kerberos',
          'iakerb',
          'negoex',
          'kerberos-u2u',
          'ntlmssp',
          'late-fallback',
          'pku2u',
          'spnego',
        ],
        '1.3.6.1.4.1.99999.1',
      ],
    }),
    message: {
      ...init,
      mechTypes: [
        ...[
          'ms-kerberos',
          'kerberos',
          'iakerb',
          'negoex',
          'kerberos-u2u',
          'ntlmssp',
          'late-fallback',
          'pku2u',
          'spnego',
        ],
        '1.3.6.1.4.1.99999.1',
      ],
    },
  },
  {
    name: 'NegTokenInit with reqFlags and a mechListMIC',
    bytes: gss(
      'spnego',
      explicit(
        0,
        sequence(
          explicit(0, mechList(['kerberos'])),
          explicit(1, bitString(Uint8Array.of(0x40))),
          explicit(2, octetString(AP_REQ)),
          explicit(3, octetString(CFX_MIC)),
        ),
      ),
    ),
    message: { ...init, mechTypes: ['kerberos'], innerToken: AP_REQ, mechListMic: 'kerberos' },
  },
  {
    name: 'NegTokenInit in lengths of five octets, as Windows writes them',
    bytes: longTlv(
      0x60,
      mechOid('spnego'),
      longTlv(
        0xa0,
        longTlv(0x30, longTlv(0xa0, longTlv(0x30, mechOid('ntlmssp'))), longTlv(0xa2, longTlv(0x04, NEGOTIATE))),
      ),
    ),
    message: { ...init, mechTypes: ['ntlmssp'], innerToken: NEGOTIATE },
  },
  {
    name: 'NegTokenInit whose NTLM token stands in mechToken without an OCTET STRING',
    bytes: explicit(0, sequence(explicit(0, mechList(['ntlmssp'])), explicit(2, NEGOTIATE))),
    message: { ...init, mechTypes: ['ntlmssp'], innerToken: NEGOTIATE },
  },
  {
    name: 'NegTokenInit with an empty mechToken',
    bytes: negTokenInit({ mechTypes: ['kerberos'], mechToken: new Uint8Array(0) }),
    message: { ...init, mechTypes: ['kerberos'] },
  },
  {
    name: 'NegTokenInit2 of a current Windows server',
    bytes: negTokenInit2({ mechTypes: init.mechTypes, hintName: NOT_DEFINED }),
    message: { ...init, type: 'NegTokenInit2', hintName: NOT_DEFINED },
  },
  {
    name: 'NegTokenInit2 of a Windows 2000 server: its principal as the hint',
    bytes: negTokenInit2({ mechTypes: ['ms-kerberos', 'ntlmssp'], hintName: 'files$@CORP.EXAMPLE' }),
    message: {
      ...init,
      type: 'NegTokenInit2',
      mechTypes: ['ms-kerberos', 'ntlmssp'],
      hintName: 'files$@CORP.EXAMPLE',
    },
  },
  {
    name: 'NegTokenInit2 with an address, a MIC in [4] and no name',
    bytes: gss(
      'spnego',
      explicit(
        0,
        sequence(
          explicit(0, mechList(['ntlmssp'])),
          explicit(3, sequence(explicit(1, octetString(Uint8Array.of(10, 0, 0, 1))))),
          explicit(4, octetString(NTLM_MIC)),
        ),
      ),
    ),
    message: { ...init, type: 'NegTokenInit2', mechTypes: ['ntlmssp'], mechListMic: 'ntlm' },
  },
  {
    name: 'NegTokenInit2 with nothing but [4] to tell it',
    bytes: negTokenInit2({ mechTypes: ['kerberos'], mechListMic: RFC1964_MIC }),
    message: { ...init, type: 'NegTokenInit2', mechTypes: ['kerberos'], mechListMic: 'kerberos' },
  },
  {
    name: 'NegTokenResp that carries the CHALLENGE',
    bytes: negTokenResp({
      negState: 'accept-incomplete',
      supportedMech: 'ntlmssp',
      responseToken: challengeMessage(),
    }),
    message: {
      ...resp,
      negState: 'accept-incomplete',
      supportedMech: 'ntlmssp',
      innerToken: challengeMessage(),
    },
  },
  {
    name: 'NegTokenResp of a client: AUTHENTICATE and mechListMIC, no negState',
    bytes: negTokenResp({ responseToken: authenticateMessage(), mechListMic: NTLM_MIC }),
    message: { ...resp, innerToken: authenticateMessage(), mechListMic: 'ntlm' },
  },
  {
    name: 'NegTokenResp that completes Kerberos',
    bytes: negTokenResp({ negState: 'accept-completed', supportedMech: 'ms-kerberos', responseToken: AP_REP }),
    message: { ...resp, negState: 'accept-completed', supportedMech: 'ms-kerberos', innerToken: AP_REP },
  },
  {
    name: 'NegTokenResp of Windows 2000: the responseToken once more in the place of the MIC',
    bytes: negTokenResp({
      negState: 'accept-completed',
      supportedMech: 'ms-kerberos',
      responseToken: AP_REP,
      mechListMic: AP_REP.slice(),
    }),
    message: {
      ...resp,
      negState: 'accept-completed',
      supportedMech: 'ms-kerberos',
      innerToken: AP_REP,
      repeatedToken: AP_REP,
    },
  },
  {
    name: 'NegTokenResp that rejects',
    bytes: negTokenResp({ negState: 'reject' }),
    message: { ...resp, negState: 'reject' },
  },
  {
    name: 'NegTokenResp that asks for a MIC',
    bytes: negTokenResp({ negState: 'request-mic', supportedMech: 'ntlmssp' }),
    message: { ...resp, negState: 'request-mic', supportedMech: 'ntlmssp' },
  },
  {
    name: 'NegTokenResp in a state that has no name',
    bytes: negTokenResp({ negState: 7, supportedMech: '1.2.3.4' }),
    message: { ...resp, negState: 'unknown (7)', supportedMech: '1.2.3.4' },
  },
  {
    name: 'NegTokenResp of Late Fallback',
    bytes: negTokenResp({ negState: 'accept-incomplete', supportedMechs: ['ntlmssp', 'late-fallback'] }),
    message: { ...resp, negState: 'accept-incomplete', supportedMechs: ['ntlmssp', 'late-fallback'] },
  },
  {
    name: 'NegTokenResp of Late Fallback with one more SEQUENCE around the list',
    bytes: explicit(1, sequence(explicit(0, enumerated(1)), explicit(4, sequence(mechList(['ntlmssp']))))),
    message: { ...resp, negState: 'accept-incomplete', supportedMechs: ['ntlmssp'] },
  },
  {
    name: 'NegTokenResp in GSS framing, with a MIC that nobody knows',
    bytes: gss('spnego', negTokenResp({ negState: 'accept-completed', mechListMic: fromHex('0505') })),
    message: { ...resp, negState: 'accept-completed', mechListMic: 'unknown' },
  },
  {
    name: 'NegTokenResp with nothing in it',
    bytes: negTokenResp({}),
    message: resp,
  },
]

/** Tokens that begin alike and belong to others. */
export const NEAR_MISSES: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['one byte', Uint8Array.of(0x60)],
  ['raw NTLMSSP', negotiateMessage()],
  ['Kerberos in GSS framing', AP_REQ],
  ['IAKERB in GSS framing', gss('iakerb', fromHex('0501 3004a1020c00'))],
  ['an OID that begins like SPNEGO', gss('1.3.6.1.5.5.2.1', explicit(0, sequence()))],
  ['an OID that ends before SPNEGO does', gss('1.3.6.1.5.5', explicit(0, sequence()))],
  ['GSS framing without a choice', gss('spnego', new Uint8Array(0))],
  ['choice [2]', gss('spnego', explicit(2, sequence()))],
  ['choice [1] without a SEQUENCE', explicit(1, octetString(AP_REQ))],
  ['a bare AP-REQ', fromHex('6e03020105')],
  ['an RFC 4121 token', CFX_MIC],
  ['an NTLMSSP signature', NTLM_MIC],
  ['an indefinite length', concat(fromHex('6080'), mechOid('spnego'), explicit(0, sequence()), fromHex('0000'))],
  ['text', text('hello')],
]
