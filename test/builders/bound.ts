/** NTLM over HTTP with a channel binding, in clear or as what is said inside of TLS. */
import { httpRequest, httpResponse } from './http.ts'
import { HOST } from './logons.ts'
import type { Message } from './net.ts'
import { AV, authenticateMessage, challengeMessage, negotiateMessage, ntlmv2Response, TARGET_INFO } from './ntlmssp.ts'
import type { TlsTalk } from './tls.ts'

const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const base64 = (token: Uint8Array) => Buffer.from(token).toString('base64')
const get = (token: Uint8Array) =>
  client(httpRequest({ headers: { Host: HOST, Authorization: `NTLM ${base64(token)}` } }))
const answer = (status: number, challenge: string) =>
  server(httpResponse({ status, reason: '-', headers: { 'WWW-Authenticate': challenge, 'Content-Length': '0' } }))

/** NTLM over HTTP, bound to this value: two requests and their answers. */
export const boundTo = (value: string): Message[] => [
  get(negotiateMessage()),
  answer(401, `NTLM ${base64(challengeMessage())}`),
  get(
    authenticateMessage({
      user: 'alice',
      nt: ntlmv2Response({ pairs: [...TARGET_INFO, [AV.ChannelBindings, Buffer.from(value, 'hex')]] }),
    }),
  ),
  server(httpResponse({ headers: { 'Content-Length': '0' } })),
]

/** What a span port sees of it. */
export const messagesIn = ({ pieces }: TlsTalk): Message[] =>
  pieces.map(({ from, bytes }) => (from === 0 ? client : server)(bytes))
