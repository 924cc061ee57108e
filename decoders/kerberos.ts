import type { MechanismMessage } from './mechanism.ts'

/** A Kerberos message as far as it is in clear. Field names are those of RFC 4120; absent fields are null. */
export interface KerberosMessage extends MechanismMessage {
  readonly protocol: 'kerberos'
  readonly type: KerberosType
  /** how it was wrapped: bare, GSS-API (RFC 1964), IAKERB, user-to-user TGT-REQ/TGT-REP tokens */
  readonly wrapping: 'none' | 'gss' | 'iakerb' | 'u2u'
  /** realm of the request body, or crealm of a reply, or realm of an error or a ticket */
  readonly realm: string | null
  readonly cname: string | null
  /** name components joined with '/' */
  readonly sname: string | null
  /** name-type of sname */
  readonly snameType: number | null
  /** the client's list, in its order: KDC-REQ-BODY.etype, or what ETYPE-INFO2 offers in an error */
  readonly etypes: readonly number[]
  /** Ticket.enc-part.etype of the ticket in the message */
  readonly ticketEtype: number | null
  readonly ticketRealm: string | null
  readonly ticketSname: string | null
  readonly ticketKvno: number | null
  /** first 8 bytes of SHA-256 would be a hash of secret text: instead a 32-bit FNV of the ticket cipher, to recognise a ticket again */
  readonly ticketMark: number | null
  /** enc-part.etype of a reply or AP-REP, authenticator.etype of an AP-REQ */
  readonly encPartEtype: number | null
  readonly padata: readonly number[]
  /** etype of PA-ENC-TIMESTAMP or PA-ENCRYPTED-CHALLENGE */
  readonly preauthEtype: number | null
  readonly kdcOptions: number | null
  readonly apOptions: number | null
  /** PA-FOR-USER user name, S4U2Self */
  readonly forUser: string | null
  /** number of additional-tickets (S4U2Proxy, user-to-user) */
  readonly additionalTickets: number
  readonly errorCode: number | null
  /** NTSTATUS of KERB-ERROR-DATA (MS-KILE 2.2.1), where the error carries one */
  readonly errorStatus: number | null
  readonly errorText: string | null
  /** the sender's clock, microseconds since 1970: stime of an error */
  readonly serverTime: number | null
  /** IAKERB-HEADER.target-realm; null where not wrapped in IAKERB */
  readonly iakerbRealm: string | null
}

export type KerberosType =
  | 'AS-REQ'
  | 'AS-REP'
  | 'TGS-REQ'
  | 'TGS-REP'
  | 'AP-REQ'
  | 'AP-REP'
  | 'KRB-SAFE'
  | 'KRB-PRIV'
  | 'KRB-CRED'
  | 'KRB-ERROR'
  | 'TGT-REQ'
  | 'TGT-REP'
  | 'IAKERB'
