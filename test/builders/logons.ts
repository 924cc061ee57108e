/**
 * Logons of one client at one server over every carrier that can refuse: a Kerberos attempt without its answer, each
 * way to refuse it, and an NTLM logon that the carrier itself calls NTLM (or, where it cannot, that names nothing
 * else). Whole messages, to be put in conversations.
 */
import { pcap } from './capture.ts'
import { httpRequest, httpResponse, schemeWithToken } from './http.ts'
import { apReq, gss, krbError, name, paTgsReq, TOK_AP_REQ, TOK_KRB_ERROR, tgsRep, tgsReq } from './kerberos.ts'
import { bindRequest, bindResponse, sasl, sicily } from './ldap.ts'
import { concat, type Message, tcpConversation, udpFrame } from './net.ts'
import { AV, authenticateMessage, challengeMessage, negotiateMessage, ntlmv2Response, TARGET_INFO } from './ntlmssp.ts'
import {
  nbss,
  smb2NegotiateRequest,
  smb2NegotiateResponse,
  smb2SessionSetupRequest,
  smb2SessionSetupResponse,
} from './smb.ts'
import { negTokenInit, negTokenInit2, negTokenResp } from './spnego.ts'

export const CLIENT = '10.1.1.5'
export const SERVER = '10.1.1.9'
export const KDC = '10.1.1.2'
export const REALM = 'CORP.EXAMPLE'
export const HOST = 'srv1.corp.example'
/** microseconds since 1970 */
export const BEGIN = 1_772_438_400_000_000

const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const u16le = (value: number) => Uint8Array.of(value & 0xff, value >> 8)
const u32le = (value: number) => concat(u16le(value & 0xffff), u16le(value >>> 16))
const u32be = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
/** `C: ` and `S: ` lines */
const lines = (...talk: readonly string[]): Message[] =>
  talk.map((line) => ({ from: line.startsWith('C') ? 'client' : 'server', data: ascii(`${line.slice(3)}\r\n`) }))

/** What a client says to a carrier, and what may answer it. */
export interface CarrierLogons {
  readonly service: string
  readonly port: number
  /** the SPN under which this client asks for tickets */
  readonly spn: string
  /**
   * what stands before a logon, where something must; `kerberos`: the server offers it too, where it offers anything
   */
  readonly before: (kerberos: boolean) => readonly Message[]
  /** a Kerberos attempt: in one conversation with `before` and one of `refusals` */
  readonly attempt: (ticket: Uint8Array) => readonly Message[]
  /** every way to refuse the attempt, by what it is */
  readonly refusals: Readonly<Record<string, readonly Message[]>>
  /** what accepts it */
  readonly accepted: readonly Message[]
  /** an NTLM logon, accepted; its response names `spn`, null: none */
  readonly ntlm: (spn: string | null) => readonly Message[]
  /** the carrier names NTLM itself: without more evidence its origin is `direct` */
  readonly direct: boolean
  /** the server says what it offers */
  readonly offers: boolean
  /** logons of one conversation go on in it after a refusal */
  readonly goesOn: boolean
}

/** A ticket for this service name in the framing of GSS, RFC 4121 4.1. */
export function ticketFor(spn: string): Uint8Array {
  return gss(TOK_AP_REQ, apReq({ realm: REALM, sname: name(spn, 2), encPart: { etype: 18 } }, { etype: 18 }))
}

function kerberosError(spn: string, errorCode: number): Uint8Array {
  return gss(TOK_KRB_ERROR, krbError({ stime: '20260302080000Z', errorCode, realm: REALM, sname: name(spn, 2) }))
}

const NEGOTIATE = negotiateMessage()
const CHALLENGE = challengeMessage()
function authenticate(spn: string | null): Uint8Array {
  const nt = ntlmv2Response({ pairs: spn === null ? [...TARGET_INFO] : [...TARGET_INFO, [AV.TargetName, spn]] })
  return authenticateMessage({ user: 'alice', domain: 'CORP', workstation: 'WS01', nt })
}
const inSpnego = (ticket: Uint8Array) => negTokenInit({ mechTypes: ['kerberos', 'ntlmssp'], mechToken: ticket })
const ACCEPTED = negTokenResp({ negState: 'accept-completed', supportedMech: 'kerberos' })
const REJECTED = negTokenResp({ negState: 'reject' })
const rejectedWith = (spn: string, code: number) =>
  negTokenResp({ negState: 'reject', responseToken: kerberosError(spn, code) })

// --- SMB
// ---------------------------------------------------------------------------------------------------------------------

const STATUS = { LOGON_FAILURE: 0xc000_006d, ACCESS_DENIED: 0xc000_0022, MORE_PROCESSING_REQUIRED: 0xc000_0016 }
const setup = (messageId: number, sessionId: number, token: Uint8Array) =>
  client(nbss(smb2SessionSetupRequest({ messageId, sessionId, token })))
const setupAnswer = (messageId: number, sessionId: number, status: number, token: Uint8Array = new Uint8Array(0)) =>
  server(nbss(smb2SessionSetupResponse({ messageId, sessionId, status, token })))

const smb: CarrierLogons = {
  service: 'smb',
  port: 445,
  spn: `cifs/${HOST}`,
  before: (kerberos) => [
    client(nbss(smb2NegotiateRequest({ dialects: [0x0300, 0x0302], securityMode: 1 }))),
    server(
      nbss(
        smb2NegotiateResponse({
          dialect: 0x0302,
          token: negTokenInit2({ mechTypes: kerberos ? ['kerberos', 'ntlmssp'] : ['ntlmssp'] }),
        }),
      ),
    ),
  ],
  attempt: (ticket) => [setup(1, 0, inSpnego(ticket))],
  refusals: {
    'LOGON_FAILURE without a token': [setupAnswer(1, 7, STATUS.LOGON_FAILURE)],
    'LOGON_FAILURE and reject': [setupAnswer(1, 7, STATUS.LOGON_FAILURE, REJECTED)],
    'ACCESS_DENIED and KRB-ERROR': [setupAnswer(1, 7, STATUS.ACCESS_DENIED, rejectedWith(`cifs/${HOST}`, 41))],
  },
  accepted: [setupAnswer(1, 7, 0, ACCEPTED)],
  ntlm: (spn) => [
    setup(2, 0, negTokenInit({ mechTypes: ['ntlmssp'], mechToken: NEGOTIATE })),
    setupAnswer(
      2,
      9,
      STATUS.MORE_PROCESSING_REQUIRED,
      negTokenResp({ negState: 'accept-incomplete', supportedMech: 'ntlmssp', responseToken: CHALLENGE }),
    ),
    setup(3, 9, negTokenResp({ responseToken: authenticate(spn) })),
    setupAnswer(3, 9, 0, negTokenResp({ negState: 'accept-completed' })),
  ],
  direct: false,
  offers: true,
  goesOn: true,
}

// --- HTTP
// ---------------------------------------------------------------------------------------------------------------------

function http(kind: 'origin' | 'proxy'): CarrierLogons {
  const isProxy = kind === 'proxy'
  const [status, asks, answers] = isProxy
    ? ([407, 'Proxy-Authenticate', 'Proxy-Authorization'] as const)
    : ([401, 'WWW-Authenticate', 'Authorization'] as const)
  const spn = `HTTP/${HOST}`
  const target = isProxy ? 'http://intranet.corp.example/' : '/'
  const host = isProxy ? 'intranet.corp.example' : HOST
  const request = (credentials?: string) =>
    client(
      httpRequest({ target, headers: { Host: host, ...(credentials !== undefined && { [answers]: credentials }) } }),
    )
  const refused = (code: number, ...offers: string[]) =>
    server(httpResponse({ status: code, reason: '-', headers: { [asks]: offers, 'Content-Length': '0' } }))
  const plain = (code: number) =>
    server(httpResponse({ status: code, reason: '-', headers: { 'Content-Length': '0' } }))
  return {
    service: isProxy ? 'http-proxy' : 'http',
    port: isProxy ? 3128 : 80,
    spn,
    before: (kerberos) => [request(), refused(status, ...(kerberos ? ['Negotiate', 'NTLM'] : ['NTLM']))],
    attempt: (ticket) => [request(schemeWithToken('Negotiate', inSpnego(ticket)))],
    refusals: {
      'the offer again': [refused(status, 'Negotiate', 'NTLM')],
      'only NTLM offered from here on': [refused(status, 'NTLM')],
      'reject in a token': [refused(status, schemeWithToken('Negotiate', REJECTED))],
      'KRB-ERROR in a token': [refused(status, schemeWithToken('Negotiate', rejectedWith(spn, 41)))],
      'too long, 400': [plain(400)],
      'too long, 431': [plain(431)],
    },
    accepted: [
      server(httpResponse({ headers: { [asks]: schemeWithToken('Negotiate', ACCEPTED), 'Content-Length': '0' } })),
    ],
    ntlm: (target) => [
      request(schemeWithToken('NTLM', NEGOTIATE)),
      refused(status, schemeWithToken('NTLM', CHALLENGE)),
      request(schemeWithToken('NTLM', authenticate(target))),
      plain(200),
    ],
    direct: true,
    offers: true,
    goesOn: true,
  }
}

// --- LDAP
// ---------------------------------------------------------------------------------------------------------------------

function ldap(mechanism: 'GSSAPI' | 'GSS-SPNEGO'): CarrierLogons {
  const refused = (resultCode: number, serverSaslCreds?: Uint8Array) => [
    server(bindResponse({ messageId: 1, resultCode, ...(serverSaslCreds !== undefined && { serverSaslCreds }) })),
  ]
  return {
    service: 'ldap',
    port: 389,
    spn: `ldap/${HOST}`,
    before: () => [],
    attempt: (ticket) => {
      const token = mechanism === 'GSSAPI' ? ticket : inSpnego(ticket)
      return [client(bindRequest({ messageId: 1, authentication: sasl(mechanism, token) }))]
    },
    refusals: {
      invalidCredentials: refused(49),
      authMethodNotSupported: refused(7),
      strongerAuthRequired: refused(8),
      'KRB-ERROR in a token': refused(
        49,
        mechanism === 'GSSAPI' ? kerberosError(`ldap/${HOST}`, 41) : rejectedWith(`ldap/${HOST}`, 41),
      ),
    },
    accepted: refused(0),
    ntlm: (spn) => [
      client(bindRequest({ messageId: 2, authentication: sicily(10, NEGOTIATE), name: 'NTLM' })),
      server(bindResponse({ messageId: 2, resultCode: 0, matchedDn: CHALLENGE })),
      client(bindRequest({ messageId: 3, authentication: sicily(11, authenticate(spn)) })),
      server(bindResponse({ messageId: 3, resultCode: 0 })),
    ],
    direct: true,
    offers: false,
    goesOn: true,
  }
}

// --- DCE/RPC
// ---------------------------------------------------------------------------------------------------------------------

/** C706 12.6.3, the verifier of MS-RPCE 2.2.2.11. */
function rpcPdu(type: number, callId: number, body: Uint8Array, trailer?: Trailer, flags = 3): Uint8Array {
  const padding = new Uint8Array((4 - (body.length & 3)) & 3)
  const verifier =
    trailer === undefined
      ? new Uint8Array(0)
      : concat(Uint8Array.of(trailer.type, trailer.level, padding.length, 0), u32le(trailer.context), trailer.token)
  const length = 16 + body.length + (trailer === undefined ? 0 : padding.length + verifier.length)
  const head = concat(
    Uint8Array.of(5, 0, type, flags, 0x10, 0, 0, 0),
    u16le(length),
    u16le(trailer?.token.length ?? 0),
    u32le(callId),
  )
  return trailer === undefined ? concat(head, body) : concat(head, body, padding, verifier)
}

interface Trailer {
  readonly type: number
  readonly level: number
  readonly context: number
  readonly token: Uint8Array
}

const NDR = concat(Uint8Array.from(Buffer.from('045d888aeb1cc9119fe808002b104860', 'hex')), u32le(2))
/** svcctl: nothing that a call tells */
const INTERFACE = concat(Uint8Array.from(Buffer.from('81bb7a364498f135ad3298f038001003', 'hex')), u32le(2))
const BIND_BODY = concat(
  u16le(5840),
  u16le(5840),
  u32le(0),
  Uint8Array.of(1, 0, 0, 0),
  u16le(0),
  Uint8Array.of(1, 0),
  INTERFACE,
  NDR,
)
const BIND_ACK_BODY = concat(
  u16le(5840),
  u16le(5840),
  u32le(1),
  u16le(4),
  ascii('135\0'),
  new Uint8Array(2),
  Uint8Array.of(1, 0, 0, 0),
  u16le(0),
  u16le(0),
  NDR,
)
const [BIND, BIND_ACK, BIND_NAK, AUTH_3, REQUEST, RESPONSE, FAULT] = [11, 12, 13, 16, 0, 2, 3]
const [SPNEGO, WINNT] = [9, 10]
const rpcRequest = (callId: number, trailer?: Trailer) =>
  client(rpcPdu(REQUEST, callId, concat(u32le(8), u16le(0), u16le(15), new Uint8Array(8)), trailer))
const signature = (type: number, context: number): Trailer => ({
  type,
  level: 5,
  context,
  token: new Uint8Array(16).fill(1),
})
/** PFC_DID_NOT_EXECUTE where no call was carried out */
const rpcFault = (callId: number, status: number, didNotExecute = true) => {
  const body = concat(u32le(32), u16le(0), u16le(0), u32le(status), u32le(0))
  return server(rpcPdu(FAULT, callId, body, undefined, didNotExecute ? 0x23 : 3))
}

const rpc: CarrierLogons = {
  service: 'rpc',
  port: 49_670,
  spn: `RPCSS/${HOST}`,
  before: () => [],
  attempt: (ticket) => [
    client(rpcPdu(BIND, 1, BIND_BODY, { type: SPNEGO, level: 5, context: 1, token: inSpnego(ticket) })),
  ],
  refusals: {
    'bind_nak, type not recognized': [server(rpcPdu(BIND_NAK, 1, concat(u16le(8), Uint8Array.of(1, 5, 0, 0))))],
    'bind_nak, no reason': [server(rpcPdu(BIND_NAK, 1, concat(u16le(0), Uint8Array.of(1, 5, 0, 0))))],
    'fault, access denied': [rpcFault(1, 5)],
    'fault without its flag': [rpcFault(1, 5, false)],
    'reject in bind_ack': [
      server(rpcPdu(BIND_ACK, 1, BIND_ACK_BODY, { type: SPNEGO, level: 5, context: 1, token: REJECTED })),
    ],
    'KRB-ERROR in bind_ack': [
      server(
        rpcPdu(BIND_ACK, 1, BIND_ACK_BODY, {
          type: SPNEGO,
          level: 5,
          context: 1,
          token: rejectedWith(`RPCSS/${HOST}`, 41),
        }),
      ),
    ],
    'the first call is refused': [
      server(
        rpcPdu(BIND_ACK, 1, BIND_ACK_BODY, {
          ...{ type: SPNEGO, level: 5, context: 1 },
          token: negTokenResp({ negState: 'accept-incomplete', supportedMech: 'kerberos' }),
        }),
      ),
      rpcRequest(2, signature(SPNEGO, 1)),
      rpcFault(2, 5),
    ],
  },
  accepted: [server(rpcPdu(BIND_ACK, 1, BIND_ACK_BODY, { type: SPNEGO, level: 5, context: 1, token: ACCEPTED }))],
  ntlm: (spn) => [
    client(rpcPdu(BIND, 11, BIND_BODY, { type: WINNT, level: 5, context: 2, token: NEGOTIATE })),
    server(rpcPdu(BIND_ACK, 11, BIND_ACK_BODY, { type: WINNT, level: 5, context: 2, token: CHALLENGE })),
    client(rpcPdu(AUTH_3, 11, new Uint8Array(4), { type: WINNT, level: 5, context: 2, token: authenticate(spn) })),
    rpcRequest(12, signature(WINNT, 2)),
    server(rpcPdu(RESPONSE, 12, concat(u32le(8), u16le(0), u16le(0), new Uint8Array(8)), signature(WINNT, 2))),
  ],
  direct: true,
  offers: false,
  goesOn: false,
}

// --- mail
// ---------------------------------------------------------------------------------------------------------------------

const smtp: CarrierLogons = {
  service: 'smtp',
  port: 587,
  spn: `SMTP/${HOST}`,
  before: (kerberos) =>
    lines(`S: 220 ${HOST} ESMTP`, 'C: EHLO ws01', `S: 250-${HOST}\r\n250 AUTH ${kerberos ? 'GSSAPI NTLM' : 'NTLM'}`),
  attempt: (ticket) => lines(`C: AUTH GSSAPI ${base64(ticket)}`),
  refusals: {
    '535': lines('S: 535 5.7.8 Authentication credentials invalid'),
    '454': lines('S: 454 4.7.0 Temporary authentication failure'),
    'it goes on, and is given up': lines('S: 334 ', 'C: *', 'S: 501 5.0.0 Cancelled'),
    'KRB-ERROR first': [
      ...lines(`S: 334 ${base64(kerberosError(`SMTP/${HOST}`, 41))}`),
      ...lines('C: ', 'S: 535 5.7.8 Authentication failed'),
    ],
  },
  accepted: lines('S: 235 2.7.0 Accepted'),
  ntlm: (spn) =>
    lines(
      `C: AUTH NTLM ${base64(NEGOTIATE)}`,
      `S: 334 ${base64(CHALLENGE)}`,
      `C: ${base64(authenticate(spn))}`,
      'S: 235 2.7.0 Authentication successful',
    ),
  direct: true,
  offers: true,
  goesOn: true,
}

const imap: CarrierLogons = {
  service: 'imap',
  port: 143,
  spn: `imap/${HOST}`,
  before: (kerberos) => lines(`S: * OK [CAPABILITY IMAP4rev1 ${kerberos ? 'AUTH=GSSAPI ' : ''}AUTH=NTLM] ready`),
  attempt: (ticket) => lines('C: a1 AUTHENTICATE GSSAPI', 'S: + ', `C: ${base64(ticket)}`),
  refusals: { NO: lines('S: a1 NO authentication failed'), BAD: lines('S: a1 BAD cancelled') },
  accepted: lines('S: a1 OK done'),
  ntlm: (spn) =>
    lines(
      'C: a2 AUTHENTICATE NTLM',
      'S: + ',
      `C: ${base64(NEGOTIATE)}`,
      `S: + ${base64(CHALLENGE)}`,
      `C: ${base64(authenticate(spn))}`,
      'S: a2 OK done',
    ),
  direct: true,
  offers: true,
  goesOn: true,
}

const pop3: CarrierLogons = {
  service: 'pop3',
  port: 110,
  spn: `POP/${HOST}`,
  before: (kerberos) =>
    lines('S: +OK ready', 'C: CAPA', `S: +OK\r\nSASL ${kerberos ? 'GSSAPI NTLM' : 'NTLM'}\r\nUIDL\r\n.`),
  attempt: (ticket) => lines('C: AUTH GSSAPI', 'S: + ', `C: ${base64(ticket)}`),
  refusals: { '-ERR': lines('S: -ERR authentication failed') },
  accepted: lines('S: +OK done'),
  ntlm: (spn) =>
    lines(
      'C: AUTH NTLM',
      'S: + ',
      `C: ${base64(NEGOTIATE)}`,
      `S: + ${base64(CHALLENGE)}`,
      `C: ${base64(authenticate(spn))}`,
      'S: +OK done',
    ),
  direct: true,
  offers: true,
  goesOn: true,
}

// --- others
// ---------------------------------------------------------------------------------------------------------------------

/** Where the carrier names no mechanism, what the client begins with is all that names NTLM. */
const ONLY_NTLM = negTokenInit({ mechTypes: ['ntlmssp'], mechToken: NEGOTIATE })
const ONLY_NTLM_ANSWER = negTokenResp({
  negState: 'accept-incomplete',
  supportedMech: 'ntlmssp',
  responseToken: CHALLENGE,
})

const ftp: CarrierLogons = {
  service: 'ftp',
  port: 21,
  spn: `ftp/${HOST}`,
  before: () => lines(`S: 220 ${HOST} ready`),
  attempt: (ticket) => lines('C: AUTH GSSAPI', 'S: 334 ADAT must follow', `C: ADAT ${base64(inSpnego(ticket))}`),
  refusals: {
    '535': lines('S: 535 Failed security check'),
    '501': lines('S: 501 Could not decode'),
  },
  accepted: lines(`S: 235 ADAT=${base64(ACCEPTED)}`),
  ntlm: (spn) =>
    lines(
      'C: AUTH GSSAPI',
      'S: 334 ADAT must follow',
      `C: ADAT ${base64(ONLY_NTLM)}`,
      `S: 335 ADAT=${base64(ONLY_NTLM_ANSWER)}`,
      `C: ADAT ${base64(negTokenResp({ responseToken: authenticate(spn) }))}`,
      'S: 235 done',
    ),
  direct: false,
  offers: false,
  goesOn: true,
}

const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
/** elements of a stream: no line ends between them */
const elements = (...talk: readonly string[]): Message[] =>
  talk.map((element) => ({ from: element.startsWith('C') ? 'client' : 'server', data: ascii(element.slice(3)) }))

const xmpp: CarrierLogons = {
  service: 'xmpp',
  port: 5222,
  spn: `xmpp/${HOST}`,
  before: (kerberos) =>
    elements(
      "C: <?xml version='1.0'?><stream:stream to='corp.example' version='1.0'>",
      `S: <stream:stream from='corp.example'><stream:features><mechanisms ${SASL}>` +
        `${kerberos ? '<mechanism>GSSAPI</mechanism>' : ''}<mechanism>NTLM</mechanism></mechanisms></stream:features>`,
    ),
  attempt: (ticket) => elements(`C: <auth ${SASL} mechanism='GSSAPI'>${base64(ticket)}</auth>`),
  refusals: {
    'not-authorized': elements(`S: <failure ${SASL}><not-authorized/></failure>`),
    aborted: elements(`S: <challenge ${SASL}/>`, `C: <abort ${SASL}/>`, `S: <failure ${SASL}><aborted/></failure>`),
  },
  accepted: elements(`S: <success ${SASL}/>`),
  ntlm: (spn) =>
    elements(
      `C: <auth ${SASL} mechanism='NTLM'>${base64(NEGOTIATE)}</auth>`,
      `S: <challenge ${SASL}>${base64(CHALLENGE)}</challenge>`,
      `C: <response ${SASL}>${base64(authenticate(spn))}</response>`,
      `S: <success ${SASL}/>`,
    ),
  direct: true,
  offers: true,
  goesOn: true,
}

const untyped = (...body: Uint8Array[]) => concat(u32be(4 + concat(...body).length), ...body)
const typed = (type: string, ...body: Uint8Array[]) => concat(ascii(type), untyped(...body))

const postgresql: CarrierLogons = {
  service: 'postgresql',
  port: 5432,
  spn: `postgres/${HOST}`,
  before: () => [
    client(untyped(u32be(196_608), ascii('user\0alice\0database\0app\0\0'))),
    server(typed('R', u32be(9))),
  ],
  attempt: (ticket) => [client(typed('p', inSpnego(ticket)))],
  refusals: {
    'SQLSTATE 28000': [server(typed('E', ascii('SFATAL\0C28000\0Mauthentication failed\0\0')))],
    'SQLSTATE 28P01': [server(typed('E', ascii('SFATAL\0C28P01\0Mauthentication failed\0\0')))],
  },
  accepted: [server(concat(typed('R', u32be(8), ACCEPTED), typed('R', u32be(0))))],
  ntlm: (spn) => [
    client(typed('p', ONLY_NTLM)),
    server(typed('R', u32be(8), ONLY_NTLM_ANSWER)),
    client(typed('p', negTokenResp({ responseToken: authenticate(spn) }))),
    server(typed('R', u32be(0))),
  ],
  direct: false,
  offers: false,
  goesOn: false,
}

const socksToken = (token: Uint8Array) => concat(Uint8Array.of(1, 1, token.length >> 8, token.length & 0xff), token)
const socks: CarrierLogons = {
  service: 'socks',
  port: 1080,
  spn: `rcmd/${HOST}`,
  before: () => [client(Uint8Array.of(5, 1, 1)), server(Uint8Array.of(5, 1))],
  attempt: (ticket) => [client(socksToken(inSpnego(ticket)))],
  refusals: { abort: [server(Uint8Array.of(1, 0xff))] },
  accepted: [
    server(socksToken(ACCEPTED)),
    client(concat(Uint8Array.of(1, 2, 0, 1), Uint8Array.of(1))),
    server(concat(Uint8Array.of(1, 2, 0, 1), Uint8Array.of(1))),
  ],
  ntlm: (spn) => [
    client(socksToken(ONLY_NTLM)),
    server(socksToken(ONLY_NTLM_ANSWER)),
    client(socksToken(negTokenResp({ responseToken: authenticate(spn) }))),
    server(socksToken(negTokenResp({ negState: 'accept-completed' }))),
  ],
  direct: false,
  offers: false,
  goesOn: false,
}

const tdsPacket = (type: number, data: Uint8Array) =>
  concat(Uint8Array.of(type, 1, (data.length + 8) >> 8, (data.length + 8) & 0xff, 0, 0, 1, 0), data)
/** The data of a LOGIN7 message with integrated security, MS-TDS 2.2.6.4. */
function login7(sspi: Uint8Array): Uint8Array {
  const fixed = new Uint8Array(94)
  const view = new DataView(fixed.buffer)
  view.setUint32(0, fixed.length + sspi.length, true)
  view.setUint32(4, 0x74000004, true)
  fixed[25] = 0x80
  for (let at = 36; at < 78; at += 4) view.setUint16(at, fixed.length, true)
  view.setUint16(78, fixed.length, true)
  view.setUint16(80, sspi.length, true)
  return concat(fixed, sspi)
}
const tdsError = (number: number) => {
  const data = concat(u32le(number), Uint8Array.of(1, 14), u16le(0), Uint8Array.of(0, 0), u32le(1))
  return server(tdsPacket(4, concat(Uint8Array.of(0xaa), u16le(data.length), data)))
}

const mssql: CarrierLogons = {
  service: 'mssql',
  port: 1433,
  spn: `MSSQLSvc/${HOST}:1433`,
  before: () => [],
  attempt: (ticket) => [client(tdsPacket(0x10, login7(inSpnego(ticket))))],
  refusals: { 'login failed': [tdsError(18_456)], 'untrusted domain': [tdsError(18_452)] },
  accepted: [server(tdsPacket(4, concat(Uint8Array.of(0xad, 10, 0, 1, 0x74, 0, 0, 4, 0, 16, 0, 0, 0))))],
  ntlm: (spn) => [
    client(tdsPacket(0x10, login7(NEGOTIATE))),
    server(tdsPacket(4, concat(Uint8Array.of(0xed), u16le(CHALLENGE.length), CHALLENGE))),
    client(tdsPacket(0x11, authenticate(spn))),
    server(tdsPacket(4, concat(Uint8Array.of(0xad, 10, 0, 1, 0x74, 0, 0, 4, 0, 16, 0, 0, 0)))),
  ],
  direct: false,
  offers: false,
  goesOn: false,
}

export const CARRIER_LOGONS: Readonly<Record<string, CarrierLogons>> = {
  smb,
  'http origin': http('origin'),
  'http proxy': http('proxy'),
  'ldap GSSAPI, then Sicily': ldap('GSSAPI'),
  'ldap GSS-SPNEGO, then Sicily': ldap('GSS-SPNEGO'),
  rpc,
  smtp,
  imap,
  pop3,
  ftp,
  postgresql,
  xmpp,
  socks,
  mssql,
}

// --- captures
// --------------------------------------------------------------------------------------------------------------------

/** Frames and their times, seconds since BEGIN. */
export interface Timed {
  readonly at: number
  readonly frames: readonly Uint8Array[]
}

/** One conversation of the client with the server, or of others; frames come a millisecond apart. */
export function conversationAt(
  at: number,
  port: number,
  messages: readonly Message[],
  clientPort = 50_000,
  ends: { readonly client?: string; readonly server?: string } = {},
): Timed {
  return {
    at,
    frames: tcpConversation(messages, {
      client: { address: ends.client ?? CLIENT, port: clientPort },
      server: { address: ends.server ?? SERVER, port },
    }),
  }
}

/** netlogon, version 1.0 */
const NETLOGON = concat(Uint8Array.from(Buffer.from('785634123412cdabef0001234567cffb', 'hex')), u32le(1))
const SAM_LOGON_WITH_FLAGS = 45

/**
 * A server asks its domain controller to check logons: so many calls of NetrLogonSamLogonWithFlags, a millisecond apart
 * (MS-NRPC 3.5.4.5).
 */
export function passThroughAt(at: number, calls: number, from: string = SERVER): Timed {
  const bind = concat(
    u16le(5840),
    u16le(5840),
    u32le(0),
    Uint8Array.of(1, 0, 0, 0),
    u16le(0),
    Uint8Array.of(1, 0),
    NETLOGON,
    NDR,
  )
  const messages: Message[] = [client(rpcPdu(BIND!, 1, bind)), server(rpcPdu(BIND_ACK!, 1, BIND_ACK_BODY))]
  for (let call = 0; call < calls; call++) {
    const opnum = concat(u32le(8), u16le(0), u16le(SAM_LOGON_WITH_FLAGS), new Uint8Array(8))
    messages.push(client(rpcPdu(REQUEST!, 2 + call, opnum)))
    messages.push(server(rpcPdu(RESPONSE!, 2 + call, concat(u32le(8), u16le(0), u16le(0), new Uint8Array(8)))))
  }
  const ends = { client: { address: from, port: 49_900 }, server: { address: KDC, port: 49_667 } }
  return { at, frames: tcpConversation(messages, ends) }
}

const TGT = { realm: REALM, sname: name(`krbtgt/${REALM}`, 2), encPart: { etype: 18 } }

/**
 * The client asks the KDC for a ticket over UDP, and is answered: with this error, or with a ticket (null); undefined:
 * with nothing.
 */
export function ticketAskedAt(at: number, spn: string, error: number | null | undefined, clientPort = 40_000): Timed {
  const sname = name(spn, 2)
  const request = tgsReq({ padata: [paTgsReq(TGT, { etype: 18 })], realm: REALM, sname, etypes: [18, 17] })
  const [from, to] = [
    { address: CLIENT, port: clientPort },
    { address: KDC, port: 88 },
  ]
  const frames = [udpFrame(request, from, to)]
  const cname = name('alice')
  const ticket = { realm: REALM, sname, encPart: { etype: 18 } }
  if (error === null) frames.push(udpFrame(tgsRep({ crealm: REALM, cname, ticket, encPart: { etype: 18 } }), to, from))
  else if (error !== undefined)
    frames.push(udpFrame(krbError({ stime: '20260302080000Z', errorCode: error, realm: REALM, sname }), to, from))
  return { at, frames }
}

/** A capture of all of it, in the order of time. */
export function captureOf(...parts: readonly Timed[]): Uint8Array {
  const packets = parts.flatMap(({ at, frames }) =>
    frames.map((bytes, index) => ({ time: BEGIN + at * 1e6 + index * 1000, bytes })),
  )
  return pcap(packets.sort((one, two) => one.time - two.time))
}
