/**
 * Whole SMB2 conversations for tests that read captures: NEGOTIATE, logons by Kerberos and NTLM, channels,
 * re-authentications and ordinary messages. Each function returns the messages of one step, to be strung together;
 * message ids are those that the caller gives, and from there on.
 */
import { apRep, apReq, gss, krbError, name, TOK_AP_REP, TOK_AP_REQ, TOK_KRB_ERROR } from './kerberos.ts'
import type { Message } from './net.ts'
import { AV, authenticateMessage, challengeMessage, negotiateMessage, ntlmv2Response, TARGET_INFO } from './ntlmssp.ts'
import {
  nbss,
  smb2Error,
  smb2Message,
  smb2NegotiateRequest,
  smb2NegotiateResponse,
  smb2SessionSetupRequest,
  smb2SessionSetupResponse,
} from './smb.ts'
import { negTokenInit, negTokenInit2, negTokenResp } from './spnego.ts'

const REALM = 'CORP.EXAMPLE'
export const SPN = 'cifs/files.corp.example'
export const MORE_PROCESSING_REQUIRED = 0xc000_0016
export const NETWORK_SESSION_EXPIRED = 0xc000_035c

const client = (message: Uint8Array): Message => ({ from: 'client', data: nbss(message) })
const server = (message: Uint8Array): Message => ({ from: 'server', data: nbss(message) })

export interface SetupOptions {
  /** SessionId of the session; the client knows it from the start where it goes on with one */
  readonly session: number | bigint
  readonly messageId?: number
  /** it binds a channel, or authenticates again */
  readonly goesOn?: 'binding' | 'reauthentication'
  readonly signed?: boolean
  readonly previousSessionId?: number
  /** status of the last answer */
  readonly status?: number
  readonly user?: string
  /** first byte of the challenge */
  readonly challenge?: number
}

export function negotiate(
  options: { dialect?: number; securityMode?: number; serverGuid?: Uint8Array } = {},
): Message[] {
  return [
    client(smb2NegotiateRequest({ dialects: [0x0300, 0x0302], securityMode: 1 })),
    server(
      smb2NegotiateResponse({
        dialect: 0x0302,
        token: negTokenInit2({ mechTypes: ['kerberos', 'ntlmssp'] }),
        ...options,
      }),
    ),
  ]
}

/** One request, one answer. */
export function kerberosSetup(options: SetupOptions): Message[] {
  const ticket = { realm: REALM, sname: name(SPN, 2), encPart: { etype: 18 } }
  const token = negTokenInit({
    mechTypes: ['kerberos', 'ntlmssp'],
    mechToken: gss(TOK_AP_REQ, apReq(ticket, { etype: 18 })),
  })
  const accepted = (options.status ?? 0) === 0
  const answer = negTokenResp({
    negState: 'accept-completed',
    supportedMech: 'kerberos',
    responseToken: gss(TOK_AP_REP, apRep({ etype: 18 })),
  })
  const refused = negTokenResp({
    negState: 'reject',
    responseToken: gss(
      TOK_KRB_ERROR,
      krbError({ stime: '20240131235959Z', errorCode: 32, realm: REALM, sname: name(SPN, 2) }),
    ),
  })
  return [request(options, 0, token), response(options, 0, options.status ?? 0, accepted ? answer : refused)]
}

/** Two requests, two answers. */
export function ntlmSetup(options: SetupOptions): Message[] {
  const serverChallenge = Uint8Array.of(options.challenge ?? 7, 2, 3, 4, 5, 6, 7, 8)
  const nt = ntlmv2Response({ pairs: [...TARGET_INFO, [AV.TargetName, SPN]] })
  return [
    request(options, 0, negTokenInit({ mechTypes: ['ntlmssp'], mechToken: negotiateMessage() })),
    response(
      options,
      0,
      MORE_PROCESSING_REQUIRED,
      negTokenResp({
        negState: 'accept-incomplete',
        supportedMech: 'ntlmssp',
        responseToken: challengeMessage({ serverChallenge }),
      }),
    ),
    request(
      { ...options, goesOn: options.goesOn ?? 'reauthentication' },
      1,
      negTokenResp({ responseToken: authenticateMessage({ user: options.user ?? 'alice', nt }) }),
      options.goesOn === 'binding',
    ),
    response(options, 1, options.status ?? 0, negTokenResp({ negState: 'accept-completed' })),
  ]
}

function request(options: SetupOptions, at: number, token: Uint8Array, binding?: boolean): Message {
  return client(
    smb2SessionSetupRequest({
      messageId: (options.messageId ?? 1) + at,
      sessionId: options.goesOn === undefined ? 0 : options.session,
      binding: binding ?? options.goesOn === 'binding',
      signed: options.signed ?? options.goesOn === 'binding',
      previousSessionId: options.previousSessionId ?? 0,
      token,
    }),
  )
}

function response({ session, messageId = 1 }: SetupOptions, at: number, status: number, token: Uint8Array): Message {
  return server(
    smb2SessionSetupResponse({ messageId: messageId + at, sessionId: session, status, token, signed: status === 0 }),
  )
}

/** `count` reads and their answers. */
export function traffic(session: number | bigint, signed: boolean, count = 3, messageId = 20): Message[] {
  return Array.from({ length: count }, (_, at) => {
    const header = { sessionId: session, messageId: messageId + at, signed }
    return [client(smb2Message('READ', header)), server(smb2Message('READ', { ...header, response: true }))]
  }).flat()
}

/** A request that is refused because the ticket has run out. */
export function expiry(session: number | bigint, messageId = 60): Message[] {
  const header = { sessionId: session, messageId, signed: true }
  return [
    client(smb2Message('CREATE', header)),
    server(smb2Error('CREATE', { ...header, status: NETWORK_SESSION_EXPIRED })),
  ]
}
