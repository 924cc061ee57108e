/**
 * What the conversations of the further carriers are made of: real NTLMSSP, SPNEGO and Kerberos messages, once as the
 * protocol wants them wrapped. A carrier's own samples stand in a file of its own.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import type { Piece } from '../builders/feed.ts'
import { apRep, apReq, gss, name, TOK_AP_REP, TOK_AP_REQ } from '../builders/kerberos.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { negTokenInit, negTokenResp } from '../builders/spnego.ts'

export interface FurtherSample {
  readonly name: string
  readonly carrier: Carrier
  readonly port: number
  /** one message each, as it would stand in a segment or datagram */
  readonly talk: readonly Piece[]
  /** what is said behind it, in another protocol */
  readonly behind?: readonly Piece[]
  /** what the messages say: see `wordsOf` */
  readonly says: readonly string[]
  /** what the whole program makes of it, in one thread and in two */
  readonly exchanges: readonly Readonly<Record<string, unknown>>[]
  /** what tshark calls it on the carrier's own port, and whether it dissects the tokens in it */
  readonly tshark: { readonly layer: string; readonly tokens: boolean }
  /** stands in it, and never in what is said */
  readonly secret?: string
}

/** What looks like a message of an authentication and is none. */
export type Miss = readonly [what: string, carrier: Carrier, bytes: Uint8Array]

export const base64 = (token: Uint8Array) => Buffer.from(token).toString('base64')

export const USER = 'alice'
export const NTLM_1 = negotiateMessage()
export const NTLM_2 = challengeMessage()
export const NTLM_3 = authenticateMessage({ user: USER, domain: 'CORP' })

export const SPNEGO_NTLM_1 = negTokenInit({ mechTypes: ['ntlmssp'], mechToken: NTLM_1 })
export const SPNEGO_NTLM_2 = negTokenResp({
  negState: 'accept-incomplete',
  supportedMech: 'ntlmssp',
  responseToken: NTLM_2,
})
export const SPNEGO_NTLM_3 = negTokenResp({ responseToken: NTLM_3 })
export const SPNEGO_DONE = negTokenResp({ negState: 'accept-completed' })

/** What Kerberos for this service looks like: bare, and inside SPNEGO. */
export function kerberosFor(service: string) {
  const used = { realm: 'CORP.EXAMPLE', sname: name(service, 2), encPart: { etype: 18 } }
  const request = gss(TOK_AP_REQ, apReq(used, { etype: 18 }))
  const reply = gss(TOK_AP_REP, apRep({ etype: 18 }))
  return {
    request,
    reply,
    init: negTokenInit({ mechTypes: ['kerberos', 'ntlmssp'], mechToken: request }),
    done: negTokenResp({ negState: 'accept-completed', supportedMech: 'kerberos', responseToken: reply }),
  }
}
