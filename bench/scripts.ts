/**
 * Authentications as they go over the wire, built from the builders of the tests: what every conversation of a mix
 * begins with.
 *
 * A script is a list of packets' payloads, cut at the segment size already. There are VARIANTS of each, with other
 * users, hosts and services; which addresses they travel between is decided by the mix. Cipher texts and responses are
 * made-up bytes.
 */

import { httpRequest, httpResponse, schemeWithToken } from '../test/builders/http.ts'
import {
  apRep,
  apReq,
  asRep,
  asReq,
  gss,
  krbError,
  methodData,
  name,
  paEncTimestamp,
  paEtypeInfo,
  paPacRequest,
  paTgsReq,
  type TicketOptions,
  TOK_AP_REP,
  TOK_AP_REQ,
  tcpRecord,
  tgsRep,
  tgsReq,
} from '../test/builders/kerberos.ts'
import { bindRequest, bindResponse, sasl, searchRequest, searchResultDone } from '../test/builders/ldap.ts'
import {
  AV,
  type AvPair,
  authenticateMessage,
  challengeMessage,
  negotiateMessage,
  ntlmv2Response,
  singleHostData,
} from '../test/builders/ntlmssp.ts'
import {
  nbss,
  smb2Message,
  smb2NegotiateRequest,
  smb2NegotiateResponse,
  smb2SessionSetupRequest,
  smb2SessionSetupResponse,
  smb2TreeConnectRequest,
  smb2TreeConnectResponse,
} from '../test/builders/smb.ts'
import { negTokenInit, negTokenInit2, negTokenResp } from '../test/builders/spnego.ts'
import { MSS } from './frames.ts'

export const VARIANTS = 32

export interface Step {
  /** 0: the client sends it */
  readonly side: 0 | 1
  readonly payload: Uint8Array
}
export type Script = readonly Step[]
type Message = readonly ['client' | 'server', Uint8Array]

const REALM = 'CORP.EXAMPLE'
const MECHANISMS = ['ms-kerberos', 'kerberos', 'negoex', 'ntlmssp'] as const
const STATUS_MORE_PROCESSING_REQUIRED = 0xc0000016

/** SessionId of the SMB conversations of a variant. */
export function sessionIdOf(variant: number): bigint {
  return 0x0000_4000_0000_0011n + BigInt(variant * 0x100)
}

export interface Scripts {
  readonly smbNtlm: readonly Script[]
  readonly smbKerberos: readonly Script[]
  readonly httpNtlm: readonly Script[]
  readonly ldapNtlm: readonly Script[]
  readonly ldapKerberos: readonly Script[]
  readonly kdcUdp: readonly Script[]
  readonly kdcUdpUnknown: readonly Script[]
  readonly kdcTcp: readonly Script[]
  readonly tls: readonly Script[]
  readonly dns: readonly Script[]
  readonly none: readonly Script[]
}

export function buildScripts(content: Uint8Array): Scripts {
  const each = (messages: (variant: Variant) => readonly Message[], size = MSS): Script[] =>
    Array.from({ length: VARIANTS }, (_, at) => cut(messages(variantOf(at, content)), size))
  return {
    smbNtlm: each(smbNtlm),
    smbKerberos: each(smbKerberos),
    httpNtlm: each(httpNtlm),
    ldapNtlm: each(ldapNtlm),
    ldapKerberos: each(ldapKerberos),
    kdcUdp: each(kdcUdp, Number.POSITIVE_INFINITY),
    kdcUdpUnknown: each(kdcUdpUnknown, Number.POSITIVE_INFINITY),
    kdcTcp: each(kdcTcp),
    tls: each(tlsHandshake),
    dns: each(dns, Number.POSITIVE_INFINITY),
    none: [[]],
  }
}

interface Variant {
  readonly number: number
  readonly user: string
  readonly workstation: string
  readonly server: string
  readonly sessionId: bigint
  readonly content: Uint8Array
}

function variantOf(number: number, content: Uint8Array): Variant {
  return {
    number,
    user: `user${String(number).padStart(3, '0')}`,
    workstation: `WS${String(number).padStart(3, '0')}`,
    server: `srv${String(number % 8).padStart(2, '0')}`,
    sessionId: sessionIdOf(number),
    content: content.subarray(number * 8192, number * 8192 + 8192),
  }
}

function cut(messages: readonly Message[], size: number): Script {
  return messages.flatMap(([from, bytes]) => {
    const steps: Step[] = []
    for (let at = 0; at < bytes.length; at += size) {
      steps.push({ side: from === 'client' ? 0 : 1, payload: bytes.slice(at, Math.min(bytes.length, at + size)) })
    }
    return steps
  })
}

// --- tokens
// ---------------------------------------------------------------------------------------------------------------------

function targetInfo({ server }: Variant): AvPair[] {
  return [
    [AV.NbDomainName, 'CORP'],
    [AV.NbComputerName, server.toUpperCase()],
    [AV.DnsDomainName, 'corp.example'],
    [AV.DnsComputerName, `${server}.corp.example`],
    [AV.DnsTreeName, 'corp.example'],
  ]
}

function ntlmChallenge(variant: Variant): Uint8Array {
  return challengeMessage({ targetInfo: targetInfo(variant), serverChallenge: variant.content.slice(0, 8) })
}

function ntlmAuthenticate(variant: Variant, service: string): Uint8Array {
  const pairs: AvPair[] = [
    ...targetInfo(variant),
    [AV.Flags, Uint8Array.of(2, 0, 0, 0)],
    [AV.SingleHost, singleHostData()],
    [AV.ChannelBindings, new Uint8Array(16)],
    [AV.TargetName, `${service}/${variant.server}.corp.example`],
  ]
  const nt = ntlmv2Response({ pairs, response: variant.content.slice(8, 24) })
  return authenticateMessage({ nt, user: variant.user, workstation: variant.workstation })
}

function serviceTicket({ content }: Variant, service: string): TicketOptions {
  const cipher = content.slice(100, 1200)
  return { realm: REALM, sname: name(service, 2), encPart: { etype: 18, kvno: 3, cipher } }
}

function ticketGrantingTicket({ content }: Variant): TicketOptions {
  const cipher = content.slice(200, 1080)
  return { realm: REALM, sname: name(`krbtgt/${REALM}`, 2), encPart: { etype: 18, kvno: 2, cipher } }
}

function apReqToken(variant: Variant, service: string): Uint8Array {
  const authenticator = { etype: 18, cipher: variant.content.slice(2000, 2160) }
  const ticket = serviceTicket(variant, `${service}/${variant.server}.corp.example`)
  return gss(TOK_AP_REQ, apReq(ticket, authenticator))
}

function kerberosInit(variant: Variant, service: string): Uint8Array {
  return negTokenInit({ mechTypes: MECHANISMS, mechToken: apReqToken(variant, service) })
}

function kerberosAccept({ content }: Variant): Uint8Array {
  const responseToken = gss(TOK_AP_REP, apRep({ etype: 18, cipher: content.slice(2200, 2280) }))
  return negTokenResp({ negState: 'accept-completed', supportedMech: 'ms-kerberos', responseToken })
}

const ntlmInit = () => negTokenInit({ mechTypes: ['ntlmssp'], mechToken: negotiateMessage() })

function ntlmContinue(variant: Variant): Uint8Array {
  const responseToken = ntlmChallenge(variant)
  return negTokenResp({ negState: 'accept-incomplete', supportedMech: 'ntlmssp', responseToken })
}

// --- SMB
// ---------------------------------------------------------------------------------------------------------------------

function smbNegotiate(variant: Variant): Message[] {
  const netName = `${variant.server}.corp.example`
  const request = smb2NegotiateRequest({ ciphers: [2, 1, 4, 3], signingAlgorithms: [2, 1, 0], netName })
  const token = negTokenInit2({ mechTypes: MECHANISMS, hintName: 'not_defined_in_RFC4178@please_ignore' })
  const response = smb2NegotiateResponse({ dialect: 0x0311, cipher: 2, signingAlgorithm: 2, token })
  return [
    ['client', nbss(request)],
    ['server', nbss(response)],
  ]
}

function smbTree({ server, sessionId }: Variant, messageId: number, signed: boolean): Message[] {
  const path = `\\\\${server}.corp.example\\data`
  const ids = { sessionId, messageId, signed }
  const create = { ...ids, messageId: messageId + 1, treeId: 5 }
  const body = (structureSize: number, bytes: number) => Uint8Array.of(structureSize, ...new Uint8Array(bytes - 1))
  return [
    ['client', nbss(smb2TreeConnectRequest(path, ids))],
    ['server', nbss(smb2TreeConnectResponse({ ...ids, treeId: 5 }))],
    ['client', nbss(smb2Message('CREATE', create, body(57, 120)))],
    ['server', nbss(smb2Message('CREATE', { ...create, response: true }, body(89, 96)))],
  ]
}

function smbNtlm(variant: Variant): Message[] {
  const { sessionId } = variant
  const token = negTokenResp({ negState: 'accept-incomplete', responseToken: ntlmAuthenticate(variant, 'cifs') })
  const accepted = negTokenResp({ negState: 'accept-completed' })
  const more = { status: STATUS_MORE_PROCESSING_REQUIRED, messageId: 1, sessionId, token: ntlmContinue(variant) }
  return [
    ...smbNegotiate(variant),
    ['client', nbss(smb2SessionSetupRequest({ messageId: 1, token: ntlmInit() }))],
    ['server', nbss(smb2SessionSetupResponse(more))],
    ['client', nbss(smb2SessionSetupRequest({ messageId: 2, sessionId, token }))],
    ['server', nbss(smb2SessionSetupResponse({ messageId: 2, sessionId, token: accepted }))],
    ...smbTree(variant, 3, false),
  ]
}

function smbKerberos(variant: Variant): Message[] {
  const { sessionId } = variant
  const answer = { messageId: 1, sessionId, signed: true, token: kerberosAccept(variant) }
  return [
    ...smbNegotiate(variant),
    ['client', nbss(smb2SessionSetupRequest({ messageId: 1, token: kerberosInit(variant, 'cifs') }))],
    ['server', nbss(smb2SessionSetupResponse(answer))],
    ...smbTree(variant, 2, true),
  ]
}

// --- HTTP
// ---------------------------------------------------------------------------------------------------------------------

function httpNtlm(variant: Variant): Message[] {
  const host = `${variant.server}.corp.example`
  const get = (authorization?: string) =>
    httpRequest({
      target: '/reports/list',
      headers: {
        Host: host,
        'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
        Accept: '*/*',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
    })
  const refusal = (offers: readonly string[]) =>
    httpResponse({
      status: 401,
      reason: 'Unauthorized',
      headers: { 'Content-Type': 'text/html', Server: 'Microsoft-IIS/10.0', 'WWW-Authenticate': offers },
      body: variant.content.slice(3000, 4293),
    })
  return [
    ['client', get()],
    ['server', refusal(['Negotiate', 'NTLM'])],
    ['client', get(schemeWithToken('NTLM', negotiateMessage()))],
    ['server', refusal([schemeWithToken('NTLM', ntlmChallenge(variant))])],
    ['client', get(schemeWithToken('NTLM', ntlmAuthenticate(variant, 'HTTP')))],
    ['server', httpResponse({ headers: { 'Content-Type': 'text/html' }, body: variant.content.slice(0, 2900) })],
  ]
}

// --- LDAP
// ---------------------------------------------------------------------------------------------------------------------

const SASL_BIND_IN_PROGRESS = 14

function rootDse(): Message[] {
  return [
    ['client', searchRequest('', ['supportedSASLMechanisms', 'defaultNamingContext'], 1)],
    ['server', searchResultDone(0, 1)],
  ]
}

function ldapNtlm(variant: Variant): Message[] {
  const authenticate = negTokenResp({ negState: 'accept-incomplete', responseToken: ntlmAuthenticate(variant, 'ldap') })
  const serverSaslCreds = negTokenResp({ negState: 'accept-completed' })
  const bind = (token: Uint8Array, messageId: number) =>
    bindRequest({ messageId, authentication: sasl('GSS-SPNEGO', token) })
  return [
    ...rootDse(),
    ['client', bind(ntlmInit(), 2)],
    [
      'server',
      bindResponse({ messageId: 2, resultCode: SASL_BIND_IN_PROGRESS, serverSaslCreds: ntlmContinue(variant) }),
    ],
    ['client', bind(authenticate, 3)],
    ['server', bindResponse({ messageId: 3, resultCode: 0, serverSaslCreds })],
  ]
}

function ldapKerberos(variant: Variant): Message[] {
  const authentication = sasl('GSS-SPNEGO', kerberosInit(variant, 'ldap'))
  return [
    ...rootDse(),
    ['client', bindRequest({ messageId: 2, authentication })],
    ['server', bindResponse({ messageId: 2, resultCode: 0, serverSaslCreds: kerberosAccept(variant) })],
  ]
}

// --- KDC
// ---------------------------------------------------------------------------------------------------------------------

const ETYPES = [18, 17, 23, 24, -135]
const PREAUTH_REQUIRED = 25
const S_PRINCIPAL_UNKNOWN = 7

/** Without and then with pre-authentication. */
function kdcUdp(variant: Variant): Message[] {
  const { user, workstation, content } = variant
  const cname = name(user)
  const sname = name(`krbtgt/${REALM}`, 2)
  const request = { cname, realm: REALM, sname, etypes: ETYPES, netbiosName: workstation }
  const errorData = methodData(paEtypeInfo([18, 23], `${REALM}${user}`), paEncTimestamp(18))
  const error = krbError({ stime: '20260302000000Z', errorCode: PREAUTH_REQUIRED, realm: REALM, sname, errorData })
  const encPart = { etype: 18, kvno: 3, cipher: content.slice(3000, 3240) }
  return [
    ['client', asReq({ ...request, padata: [paPacRequest()] })],
    ['server', error],
    ['client', asReq({ ...request, padata: [paEncTimestamp(18), paPacRequest()] })],
    ['server', asRep({ crealm: REALM, cname, ticket: ticketGrantingTicket(variant), encPart })],
  ]
}

function serviceRequest(variant: Variant, service: string): Uint8Array {
  const authenticator = { etype: 18, cipher: variant.content.slice(2000, 2180) }
  const padata = [paTgsReq(ticketGrantingTicket(variant), authenticator)]
  return tgsReq({ padata, realm: REALM, sname: name(service, 2), etypes: ETYPES })
}

function kdcUdpUnknown(variant: Variant): Message[] {
  const service = `cifs/10.1.2.${variant.number}`
  const sname = name(service, 2)
  return [
    ['client', serviceRequest(variant, service)],
    ['server', krbError({ stime: '20260302000000Z', errorCode: S_PRINCIPAL_UNKNOWN, realm: REALM, sname })],
  ]
}

function kdcTcp(variant: Variant): Message[] {
  const service = `cifs/${variant.server}.corp.example`
  const encPart = { etype: 18, cipher: variant.content.slice(3000, 3260) }
  const ticket = serviceTicket(variant, service)
  return [
    ['client', tcpRecord(serviceRequest(variant, service))],
    ['server', tcpRecord(tgsRep({ crealm: REALM, cname: name(variant.user), ticket, encPart }))],
  ]
}

// --- not authentications
// --------------------------------------------------------------------------------------------------------

/** ClientHello with server_name and ALPN, ServerHello of TLS 1.3, and what is encrypted of the handshake. */
function tlsHandshake({ number, content }: Variant): Message[] {
  const host = ascii(`www${number}.internet.example`)
  const serverName = extension(0, vector(2, join(Uint8Array.of(0), vector(2, host))))
  const alpn = extension(16, vector(2, join(vector(1, ascii('h2')), vector(1, ascii('http/1.1')))))
  const keyShare = extension(51, join(u16(0x1d), vector(2, content.slice(0, 32))))
  const hello = (type: number, ...parts: Uint8Array[]) =>
    record(0x16, join(Uint8Array.of(type, 0), vector(2, join(u16(0x0303), content.slice(40, 72), ...parts))))
  const suites = vector(2, join(u16(0x1301), u16(0x1302), u16(0xc02f)))
  const session = vector(1, content.slice(80, 112))
  const padding = extension(21, vector(2, new Uint8Array(200)).subarray(2))
  const clientHello = hello(1, session, suites, vector(1, Uint8Array.of(0)), vector(2, join(serverName, alpn, padding)))
  const chosen = join(extension(43, u16(0x0304)), keyShare)
  const serverHello = hello(2, session, u16(0x1301), Uint8Array.of(0), vector(2, chosen))
  const changeCipherSpec = record(0x14, Uint8Array.of(1))
  return [
    ['client', clientHello],
    ['server', join(serverHello, changeCipherSpec, record(0x17, content.slice(200, 3300)))],
    ['client', join(changeCipherSpec, record(0x17, content.slice(400, 453)))],
  ]
}

function record(type: number, fragment: Uint8Array): Uint8Array {
  return join(Uint8Array.of(type, 3, 3), vector(2, fragment))
}

function extension(type: number, data: Uint8Array): Uint8Array {
  return join(u16(type), vector(2, data))
}

/** A query for one name and its answer. */
function dns({ number, content }: Variant): Message[] {
  const labels = [`host${number}`, 'corp', 'example']
  const question = join(...labels.map((label) => vector(1, ascii(label))), Uint8Array.of(0), u16(1), u16(1))
  const id = content.subarray(0, 2)
  const answer = join(u16(0xc00c), u16(1), u16(1), u16(0), u16(600), u16(4), Uint8Array.of(10, 2, 0, number))
  return [
    ['client', join(id, u16(0x0100), u16(1), u16(0), u16(0), u16(0), question)],
    ['server', join(id, u16(0x8580), u16(1), u16(1), u16(0), u16(0), question, answer)],
  ]
}

/** The bytes behind their length in `size` bytes. */
function vector(size: 1 | 2, bytes: Uint8Array): Uint8Array {
  return join(size === 1 ? Uint8Array.of(bytes.length) : u16(bytes.length), bytes)
}

const u16 = (value: number) => Uint8Array.of(value >>> 8, value)
const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))
