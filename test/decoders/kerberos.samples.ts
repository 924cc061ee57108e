/**
 * Kerberos messages and tokens with everything that they say in clear. Built by hand in the forms that stacks are known
 * to send; the two realm tokens of IAKERB are the test vectors of MIT krb5 (draft-ietf-kitten-iakerb).
 */
import type { KerberosMessage } from '../../decoders/mechanisms/kerberos.ts'
import { concat } from '../builders/der.ts'
import * as build from '../builders/kerberos.ts'
import { fromHex } from '../hostile.ts'

export interface KerberosSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly message: KerberosMessage
}

/** What every request of the builders asks for: 2037-09-13T02:48:05Z. */
const TIMES_ASKED = { till: 2_136_422_885_000_000, nonce: 1_234_567_890 }
const REQUESTS: ReadonlySet<string> = new Set(['AS-REQ', 'TGS-REQ'])

/** A message of which only `said` is known. */
function saying(said: Partial<KerberosMessage> & Pick<KerberosMessage, 'type'>): KerberosMessage {
  return {
    protocol: 'kerberos',
    wrapping: 'none',
    realm: null,
    cname: null,
    cnameType: null,
    crealm: null,
    sname: null,
    snameType: null,
    etypes: [],
    ticketEtype: null,
    ticketRealm: null,
    ticketSname: null,
    ticketKvno: null,
    ticketMark: null,
    encPartEtype: null,
    padata: [],
    preauthEtype: null,
    armored: false,
    pacOptions: null,
    kdcOptions: null,
    from: null,
    ...(REQUESTS.has(said.type) ? TIMES_ASKED : { till: null, nonce: null }),
    netbiosName: null,
    apOptions: null,
    forUser: null,
    s4uOptions: null,
    additionalTickets: 0,
    additionalTicketSname: null,
    errorCode: null,
    errorStatus: null,
    errorText: null,
    serverTime: null,
    iakerbRealm: null,
    ...said,
  }
}

/** FNV-1a of the first 64 bytes of a ticket's cipher, worked out apart from the decoder. */
const MARK_C1 = fnv(new Uint8Array(64).fill(0xc1))

function fnv(bytes: Uint8Array): number {
  let mark = 2_166_136_261n
  for (const byte of bytes) mark = ((mark ^ BigInt(byte)) * 16_777_619n) % 4_294_967_296n
  return Number(mark)
}

const REALM = 'CORP.EXAMPLE'
export const SALT = 'CORP.EXAMPLEsaltOfAlice'
const KRBTGT = build.name(`krbtgt/${REALM}`, 2)
const TGT = { realm: REALM, sname: KRBTGT, encPart: { etype: 18, kvno: 2 } }
const CIFS = { realm: REALM, sname: build.name('cifs/fs1.corp.example', 2), encPart: { etype: 23, kvno: 7 } }
const tgtFields = {
  ticketRealm: REALM,
  ticketSname: `krbtgt/${REALM}`,
  ticketEtype: 18,
  ticketKvno: 2,
  ticketMark: MARK_C1,
}
const cifsFields = {
  ticketRealm: REALM,
  ticketSname: 'cifs/fs1.corp.example',
  ticketEtype: 23,
  ticketKvno: 7,
  ticketMark: MARK_C1,
}

const asReq = build.asReq({
  padata: [build.paPacRequest()],
  cname: build.name('alice'),
  realm: REALM,
  sname: KRBTGT,
  etypes: [18, 17, 23, 24, -135],
  netbiosName: 'WKS01',
})
const asReqFields = saying({
  type: 'AS-REQ',
  realm: REALM,
  cname: 'alice',
  cnameType: 1,
  sname: `krbtgt/${REALM}`,
  snameType: 2,
  etypes: [18, 17, 23, 24, -135],
  padata: [128],
  kdcOptions: 0x4081_0010,
  netbiosName: 'WKS01',
})

const apReq = build.apReq(CIFS, { etype: 18 })
const apReqFields = saying({
  type: 'AP-REQ',
  realm: REALM,
  sname: 'cifs/fs1.corp.example',
  snameType: 2,
  ...cifsFields,
  encPartEtype: 18,
  apOptions: 0x2000_0000,
})

const errorHead = { stime: '20240229120000Z', susec: 123_456, realm: REALM, sname: KRBTGT }
const errorFields = {
  type: 'KRB-ERROR',
  realm: REALM,
  sname: `krbtgt/${REALM}`,
  snameType: 2,
  serverTime: 1_709_208_000_123_456,
} as const

const modified = build.krbError({ ...errorHead, errorCode: 41, sname: CIFS.sname })
const modifiedFields = saying({ ...errorFields, sname: 'cifs/fs1.corp.example', errorCode: 41 })

export const AS: readonly KerberosSample[] = [
  { name: 'AS-REQ of Windows, without pre-authentication', bytes: asReq, message: asReqFields },
  {
    name: 'AS-REQ with PA-ENC-TIMESTAMP for a user principal name',
    bytes: build.asReq({
      padata: [build.paEncTimestamp(23), build.paPacRequest()],
      cname: build.name('alice@corp.example', 10),
      realm: 'corp.example',
      sname: build.name('krbtgt/corp.example', 2),
      etypes: [-128, -133],
    }),
    message: saying({
      type: 'AS-REQ',
      realm: 'corp.example',
      cname: 'alice@corp.example',
      cnameType: 10,
      sname: 'krbtgt/corp.example',
      snameType: 2,
      etypes: [-128, -133],
      padata: [2, 128],
      preauthEtype: 23,
      kdcOptions: 0x4081_0010,
    }),
  },
  {
    name: 'AS-REQ in FAST with an anonymous client',
    bytes: build.asReq({
      padata: [build.paFast(), build.paData(149)],
      cname: build.name('WELLKNOWN/ANONYMOUS', 11),
      realm: REALM,
      sname: KRBTGT,
      etypes: [18],
      kdcOptions: 0x8000,
    }),
    message: saying({
      type: 'AS-REQ',
      realm: REALM,
      cname: 'WELLKNOWN/ANONYMOUS',
      cnameType: 11,
      sname: `krbtgt/${REALM}`,
      snameType: 2,
      etypes: [18],
      padata: [136, 149],
      armored: true,
      kdcOptions: 0x8000,
    }),
  },
  {
    name: 'AS-REQ without padata, cname without components, no sname, first option bit set',
    bytes: build.asReq({ cname: build.name('', 0), realm: '', etypes: [], kdcOptions: 0x8000_0000 }),
    message: saying({
      type: 'AS-REQ',
      realm: '',
      cname: '',
      cnameType: 0,
      kdcOptions: 0x8000_0000,
    }),
  },
  {
    // by hand, octet by octet: every length in the form 84 00 00 xx xx, realm as UTF8String, empty PA-FX-FAST, a
    // Latin-1 name
    name: 'AS-REQ with lengths of five octets and a name in Latin-1',
    bytes: fromHex(`
      6a 84 00000078 30 84 00000072
        a1 84 00000003 020105
        a2 84 00000003 02010a
        a3 84 00000016 30 84 00000010 30 84 0000000a a1 04 02020088 a2 02 0400
        a4 84 0000003e 30 84 00000038
          a0 07 03 05 00 50000000
          a1 84 00000011 30 0f a0 03 020101 a1 08 30 06 1b 04 6af67267
          a2 05 0c 03 6c6162
          a8 84 0000000b 30 84 00000005 02 03 000012`),
    message: saying({
      type: 'AS-REQ',
      realm: 'lab',
      till: null,
      nonce: null,
      cname: 'jörg',
      cnameType: 1,
      etypes: [18],
      padata: [136],
      kdcOptions: 0x5000_0000,
    }),
  },
  {
    name: 'AS-REP',
    bytes: build.asRep({
      padata: [build.paEtypeInfo([18], SALT)],
      crealm: REALM,
      cname: build.name('alice'),
      ticket: TGT,
      encPart: { etype: 17, kvno: 3 },
    }),
    message: saying({
      type: 'AS-REP',
      realm: REALM,
      cname: 'alice',
      cnameType: 1,
      sname: `krbtgt/${REALM}`,
      snameType: 2,
      ...tgtFields,
      encPartEtype: 17,
      padata: [19],
    }),
  },
]

export const TGS: readonly KerberosSample[] = [
  {
    name: 'TGS-REQ',
    bytes: build.tgsReq({
      padata: [build.paTgsReq(TGT, { etype: 23 }), build.paPacOptions(0x4000_0000)],
      kdcOptions: 0x4081_0000,
      realm: 'EMEA.CORP.EXAMPLE',
      sname: build.name('cifs/fs1.corp.example', 2),
      etypes: [18, 17, 23],
    }),
    message: saying({
      type: 'TGS-REQ',
      realm: 'EMEA.CORP.EXAMPLE',
      sname: 'cifs/fs1.corp.example',
      snameType: 2,
      etypes: [18, 17, 23],
      ...tgtFields,
      encPartEtype: 23,
      padata: [1, 167],
      pacOptions: 0x4000_0000,
      kdcOptions: 0x4081_0000,
    }),
  },
  {
    name: 'TGS-REQ, S4U2Self by PA-FOR-USER and PA-S4U-X509-USER',
    bytes: build.tgsReq({
      padata: [
        build.paTgsReq(TGT, { etype: 18 }),
        build.paForUser(build.name('bob', 10), REALM),
        build.paS4uX509User(build.name('bob@corp.example', 10), REALM, 0x2000_0000),
      ],
      realm: REALM,
      sname: build.name('web1$'),
      etypes: [18],
    }),
    message: saying({
      type: 'TGS-REQ',
      realm: REALM,
      sname: 'web1$',
      snameType: 1,
      etypes: [18],
      ...tgtFields,
      encPartEtype: 18,
      padata: [1, 129, 130],
      kdcOptions: 0x4081_0010,
      forUser: 'bob',
      s4uOptions: 0x2000_0000,
    }),
  },
  {
    name: 'TGS-REQ, S4U2Proxy, the evidence ticket from an RODC',
    bytes: build.tgsReq({
      padata: [
        build.paTgsReq({ ...TGT, encPart: { etype: 18, kvno: 0x9f3a_0001 } }, { etype: 18 }),
        build.paPacOptions(0x1000_0000),
      ],
      kdcOptions: 0x4083_0000,
      realm: REALM,
      sname: build.name('MSSQLSvc/sql1.corp.example:1433', 2),
      etypes: [18, 17],
      additionalTickets: [{ ...CIFS, sname: build.name('HTTP/web1', 2) }],
    }),
    message: saying({
      type: 'TGS-REQ',
      realm: REALM,
      sname: 'MSSQLSvc/sql1.corp.example:1433',
      snameType: 2,
      etypes: [18, 17],
      ...tgtFields,
      ticketKvno: 0x9f3a_0001,
      encPartEtype: 18,
      padata: [1, 167],
      pacOptions: 0x1000_0000,
      kdcOptions: 0x4083_0000,
      additionalTickets: 1,
      additionalTicketSname: 'HTTP/web1',
    }),
  },
  {
    name: 'TGS-REQ for a certificate user without name, a kvno in the sign bit, a short ticket',
    bytes: build.tgsReq({
      padata: [
        build.paTgsReq(
          { ...TGT, encPart: { etype: 3, kvno: -2, cipher: new Uint8Array(24).fill(0xd1) } },
          { etype: -133 },
        ),
        build.paS4uX509User(undefined, REALM, 0x0800_0000),
      ],
      realm: REALM,
      sname: build.name('svc', -128),
      etypes: [3, 1],
    }),
    message: saying({
      type: 'TGS-REQ',
      realm: REALM,
      sname: 'svc',
      snameType: -128,
      etypes: [3, 1],
      ...tgtFields,
      ticketEtype: 3,
      ticketKvno: 0xffff_fffe,
      ticketMark: fnv(new Uint8Array(24).fill(0xd1)),
      encPartEtype: -133,
      padata: [1, 130],
      kdcOptions: 0x4081_0010,
      s4uOptions: 0x0800_0000,
    }),
  },
  {
    name: 'TGS-REP',
    bytes: build.tgsRep({
      padata: [build.paFast()],
      crealm: REALM,
      cname: build.name('alice'),
      ticket: CIFS,
      encPart: { etype: 18 },
    }),
    message: saying({
      type: 'TGS-REP',
      realm: REALM,
      cname: 'alice',
      cnameType: 1,
      sname: 'cifs/fs1.corp.example',
      snameType: 2,
      ...cifsFields,
      encPartEtype: 18,
      padata: [136],
      armored: true,
    }),
  },
]

export const ERRORS: readonly KerberosSample[] = [
  {
    name: 'KDC_ERR_PREAUTH_REQUIRED with METHOD-DATA',
    bytes: build.krbError({
      ...errorHead,
      errorCode: 25,
      crealm: 'OLD.EXAMPLE',
      cname: build.name('alice'),
      errorText: 'NEEDED_PREAUTH\0',
      errorData: build.methodData(
        build.paData(2),
        build.paData(136),
        build.paEtypeInfo([23], SALT, 11),
        build.paEtypeInfo([23, 18, 17], SALT),
      ),
    }),
    message: saying({
      ...errorFields,
      crealm: 'OLD.EXAMPLE',
      cname: 'alice',
      cnameType: 1,
      errorCode: 25,
      errorText: 'NEEDED_PREAUTH',
      etypes: [23, 18, 17],
      padata: [2, 136, 11, 19],
    }),
  },
  {
    name: 'KDC_ERR_PREAUTH_REQUIRED, ETYPE-INFO after ETYPE-INFO2',
    bytes: build.krbError({
      ...errorHead,
      errorCode: 25,
      errorData: build.methodData(build.paEtypeInfo([18], SALT), build.paEtypeInfo([23], SALT, 11)),
    }),
    message: saying({ ...errorFields, errorCode: 25, etypes: [18], padata: [19, 11] }),
  },
  {
    name: 'KDC_ERR_PREAUTH_REQUIRED of an old KDC: ETYPE-INFO alone, a PA-PW-SALT that is a salt',
    bytes: build.krbError({
      ...errorHead,
      errorCode: 25,
      errorData: build.methodData(
        build.paEtypeInfo([3, -128], SALT, 11),
        build.paData(3, new TextEncoder().encode('EXAMPLE.COMx')),
      ),
    }),
    message: saying({ ...errorFields, errorCode: 25, etypes: [3, -128], padata: [11, 3] }),
  },
  {
    name: 'KDC_ERR_CLIENT_REVOKED with KERB-ERROR-DATA',
    bytes: build.krbError({ ...errorHead, errorCode: 18, errorData: build.kerbErrorData(0xc000_0072) }),
    message: saying({ ...errorFields, errorCode: 18, errorStatus: 0xc000_0072 }),
  },
  {
    name: 'KDC_ERR_PREAUTH_FAILED with the NTSTATUS as PA-PW-SALT',
    bytes: build.krbError({
      ...errorHead,
      errorCode: 24,
      errorData: build.methodData(build.paData(3, build.kerbExtError(0xc000_006a))),
    }),
    message: saying({ ...errorFields, errorCode: 24, errorStatus: 0xc000_006a, padata: [3] }),
  },
  {
    name: 'KRB_ERR_GENERIC with TYPED-DATA',
    bytes: build.krbError({
      ...errorHead,
      errorCode: 60,
      errorData: build.typedData({ type: 3, value: build.kerbExtError(0xc000_0022) }, { type: 102 }),
    }),
    message: saying({ ...errorFields, errorCode: 60, errorStatus: 0xc000_0022, padata: [3, 102] }),
  },
  {
    name: 'an error in FAST',
    bytes: build.krbError({
      ...errorHead,
      errorCode: 7,
      realm: '<unspecified realm>',
      sname: build.name('', 0),
      errorData: build.methodData(build.paFast()),
    }),
    message: saying({
      ...errorFields,
      realm: '<unspecified realm>',
      sname: '',
      snameType: 0,
      errorCode: 7,
      padata: [136],
      armored: true,
    }),
  },
  {
    name: 'e-data that is no DER',
    bytes: build.krbError({
      stime: '19700101000001Z',
      realm: REALM,
      sname: KRBTGT,
      errorCode: 37,
      errorData: fromHex('01020304'),
    }),
    message: saying({ ...errorFields, serverTime: 1_000_000, errorCode: 37 }),
  },
  { name: 'KRB_AP_ERR_MODIFIED, bare', bytes: modified, message: modifiedFields },
  {
    name: 'KRB_AP_ERR_MODIFIED in GSS-API',
    bytes: build.gss(build.TOK_KRB_ERROR, modified),
    message: { ...modifiedFields, wrapping: 'gss' },
  },
]

const apRep = build.apRep({ etype: 18 })
const apRepFields = saying({ type: 'AP-REP', encPartEtype: 18 })
const tgtReq = build.tgtReq(build.name('host/peer', 2), REALM)
const tgtReqFields = saying({ type: 'TGT-REQ', wrapping: 'u2u', realm: REALM, sname: 'host/peer', snameType: 2 })
const tgtRepFields = saying({
  type: 'TGT-REP',
  wrapping: 'u2u',
  realm: REALM,
  sname: `krbtgt/${REALM}`,
  snameType: 2,
  ...tgtFields,
})

export const TOKENS: readonly KerberosSample[] = [
  { name: 'AP-REQ, bare', bytes: apReq, message: apReqFields },
  {
    name: 'AP-REQ in GSS-API',
    bytes: build.gss(build.TOK_AP_REQ, apReq),
    message: { ...apReqFields, wrapping: 'gss' },
  },
  {
    name: 'AP-REQ under the OID of Windows 2000',
    bytes: build.gss(build.TOK_AP_REQ, apReq, 'ms-kerberos'),
    message: { ...apReqFields, wrapping: 'gss' },
  },
  {
    name: 'AP-REQ user-to-user',
    bytes: build.gss(build.TOK_AP_REQ, build.apReq(CIFS, { etype: 18 }, 0x6000_0000), 'kerberos-u2u'),
    message: { ...apReqFields, wrapping: 'u2u', apOptions: 0x6000_0000 },
  },
  {
    name: 'AP-REQ under the OID of IAKERB',
    bytes: build.gss(build.TOK_AP_REQ, apReq, 'iakerb'),
    message: { ...apReqFields, wrapping: 'iakerb' },
  },
  {
    name: 'AP-REQ with TOK_ID, without frame',
    bytes: build.gss(build.TOK_AP_REQ, apReq, null),
    message: { ...apReqFields, wrapping: 'gss' },
  },
  { name: 'AP-REP, bare (DCE style)', bytes: apRep, message: apRepFields },
  {
    name: 'AP-REP in GSS-API',
    bytes: build.gss(build.TOK_AP_REP, apRep),
    message: { ...apRepFields, wrapping: 'gss' },
  },
  { name: 'TGT-REQ', bytes: build.gss(build.TOK_TGT_REQ, tgtReq, 'kerberos-u2u'), message: tgtReqFields },
  {
    name: 'TGT-REQ with TOK_ID, without frame',
    bytes: build.gss(build.TOK_TGT_REQ, tgtReq, null),
    message: tgtReqFields,
  },
  {
    name: 'TGT-REQ that names nobody',
    bytes: build.gss(build.TOK_TGT_REQ, build.tgtReq(), 'kerberos-u2u'),
    message: saying({ type: 'TGT-REQ', wrapping: 'u2u' }),
  },
  {
    name: 'TGT-REP',
    bytes: build.gss(build.TOK_TGT_REP, build.tgtRep(TGT), 'kerberos-u2u'),
    message: tgtRepFields,
  },
  {
    name: 'TGT-REP under the plain OID',
    bytes: build.gss(build.TOK_TGT_REP, build.tgtRep(TGT)),
    message: tgtRepFields,
  },
  {
    name: 'IAKERB: which realm is yours?',
    bytes: fromHex('60 10 06 06 2b0601050205 05 01 30 04 a1 02 0c 00'),
    message: saying({ type: 'IAKERB', wrapping: 'iakerb', iakerbRealm: '' }),
  },
  {
    name: 'IAKERB: the answer',
    bytes: fromHex('60 1b 06 06 2b0601050205 05 01 30 0f a1 0d 0c 0b 4b5242544553542e434f4d'),
    message: saying({ type: 'IAKERB', wrapping: 'iakerb', iakerbRealm: 'KRBTEST.COM' }),
  },
  {
    name: 'IAKERB with an AS-REQ and a cookie',
    bytes: build.iakerb('', asReq, fromHex('00ff')),
    message: { ...asReqFields, wrapping: 'iakerb', iakerbRealm: '' },
  },
  {
    name: 'IAKERB with TOK_ID, without frame',
    bytes: concat(fromHex('0501 3007 a105 0c03 4c4142'), asReq),
    message: { ...asReqFields, wrapping: 'iakerb', iakerbRealm: 'LAB' },
  },
  {
    name: 'IAKERB with an error',
    bytes: build.iakerb(REALM, build.krbError({ ...errorHead, errorCode: 85 })),
    message: saying({ ...errorFields, wrapping: 'iakerb', iakerbRealm: REALM, errorCode: 85 }),
  },
  { name: 'KRB-PRIV', bytes: build.krbPriv({ etype: 17 }), message: saying({ type: 'KRB-PRIV', encPartEtype: 17 }) },
  { name: 'KRB-SAFE', bytes: build.krbSafe(), message: saying({ type: 'KRB-SAFE' }) },
  {
    name: 'KRB-CRED in clear',
    bytes: build.krbCred([TGT, CIFS], { etype: 0 }),
    message: saying({
      type: 'KRB-CRED',
      realm: REALM,
      sname: `krbtgt/${REALM}`,
      snameType: 2,
      ...tgtFields,
      encPartEtype: 0,
    }),
  },
]

export const SAMPLES: readonly KerberosSample[] = [...AS, ...TGS, ...ERRORS, ...TOKENS]
