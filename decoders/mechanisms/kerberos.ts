/**
 * Kerberos 5 messages as far as they are in clear: AS, TGS and AP exchanges, KRB-ERROR, KRB-PRIV and KRB-CRED,
 * user-to-user, bare or in the tokens of GSS-API and IAKERB.
 *
 * RFC 4120 5.4 to 5.9, draft-swift-win2k-krb-user2user, draft-ietf-kitten-iakerb. How a token is recognised stands in
 * kerberos-token.ts, strings, names and tickets in kerberos-fields.ts, padata and e-data in kerberos-padata.ts, the
 * names of numbers in kerberos-names.ts.
 *
 * It decrypts nothing, keeps no cipher text and no salt, and does not claim the MIC and wrap tokens of RFC 1964 and RFC
 * 4121, which are not messages. It is as tolerant as the field: lengths in any form, unknown fields skipped, and a
 * broken part does not hide those beside it. A message owns all of its values.
 */

import type { Mechanism, MechanismMessage } from '../mechanism.ts'
import { failed, read } from '../outcome.ts'
import { type DerElement, derAt, SEQUENCE } from '../parts/der.ts'
import { keptName } from '../parts/interned.ts'
import {
  encryptedIn,
  FieldReading,
  fieldsOf,
  flagsIn,
  insideOf,
  type Name,
  nameIn,
  numberIn,
  numberOf,
  sequenceIn,
  type TicketValue,
  textIn,
  ticketIn,
  ticketOf,
  timeIn,
} from './kerberos-fields.ts'
import { type ErrorData, errorDataIn, type Padata, padataIn } from './kerberos-padata.ts'
import { ENDS_EARLY, type KerberosType, kerberosTagAt, typeOfTag, unwrap, type Wrapping } from './kerberos-token.ts'

/** A Kerberos message as far as it is in clear. Field names are those of RFC 4120; absent fields are null. */
export interface KerberosMessage extends MechanismMessage {
  readonly protocol: 'kerberos'
  readonly type: KerberosType
  /** how it was wrapped: bare, GSS-API token (RFC 1964), IAKERB, user-to-user (its own OID, and TGT-REQ/TGT-REP) */
  readonly wrapping: Wrapping
  /**
   * realm of the request body, or crealm of a reply, or realm of an error or, where the message has no other, of its
   * ticket
   */
  readonly realm: string | null
  readonly cname: string | null
  /** name-type of cname: 10 (NT-ENTERPRISE) is a user principal name */
  readonly cnameType: number | null
  /** crealm of an error: in KDC_ERR_WRONG_REALM the realm where the client is to ask */
  readonly crealm: string | null
  /** name components joined with '/': of the request body or error, else of the ticket in the message */
  readonly sname: string | null
  /** name-type of sname */
  readonly snameType: number | null
  /** the client's list, in its order: KDC-REQ-BODY.etype, or what ETYPE-INFO2 (else ETYPE-INFO) offers in an error */
  readonly etypes: readonly number[]
  /**
   * Ticket.enc-part.etype of the ticket in the message; in a TGS-REQ that is the TGT of its PA-TGS-REQ, here and below
   */
  readonly ticketEtype: number | null
  readonly ticketRealm: string | null
  readonly ticketSname: string | null
  readonly ticketKvno: number | null
  /**
   * 32-bit FNV-1a of the first 64 bytes of the ticket's cipher, to recognise a ticket again: those bytes hold the
   * random confounder
   */
  readonly ticketMark: number | null
  /**
   * enc-part.etype of a reply or AP-REP, authenticator.etype of an AP-REQ or of the one in PA-TGS-REQ (the session
   * key's etype)
   */
  readonly encPartEtype: number | null
  /** padata types in the order of the wire; of an error, those of its METHOD-DATA or TYPED-DATA */
  readonly padata: readonly number[]
  /** etype of PA-ENC-TIMESTAMP or PA-ENCRYPTED-CHALLENGE */
  readonly preauthEtype: number | null
  /**
   * PA-FX-FAST holds an armored request, reply or error: what stands outside may be neither the true client nor the
   * true error
   */
  readonly armored: boolean
  /** PA-PAC-OPTIONS */
  readonly pacOptions: number | null
  readonly kdcOptions: number | null
  /** KDC-REQ-BODY: from when and until when the ticket is wanted, microseconds since 1970; 0 is as long as possible */
  readonly from: number | null
  readonly till: number | null
  /** KDC-REQ-BODY: random, tells requests apart */
  readonly nonce: number | null
  /** NetBIOS name in KDC-REQ-BODY.addresses: Windows writes its computer name there */
  readonly netbiosName: string | null
  readonly apOptions: number | null
  /** user name of PA-FOR-USER or PA-S4U-X509-USER, S4U2Self */
  readonly forUser: string | null
  /** S4UUserID.options of PA-S4U-X509-USER */
  readonly s4uOptions: number | null
  /** number of additional-tickets (S4U2Proxy, user-to-user) */
  readonly additionalTickets: number
  /** sname of the first of them: the service that delegates, or the user-to-user peer's krbtgt */
  readonly additionalTicketSname: string | null
  readonly errorCode: number | null
  /** NTSTATUS of KERB-ERROR-DATA (MS-KILE 2.2.1), where the error carries one */
  readonly errorStatus: number | null
  readonly errorText: string | null
  /** the sender's clock, microseconds since 1970: stime of an error */
  readonly serverTime: number | null
  /** IAKERB-HEADER.target-realm; null where not wrapped in IAKERB */
  readonly iakerbRealm: string | null
}

export type { KerberosType } from './kerberos-token.ts'

/** identifier octet and the longest length that we read */
const HEADER_OCTETS_MAX = 6

export const kerberos: Mechanism<KerberosMessage> = {
  name: 'kerberos',

  claims(token) {
    return unwrap(token) !== null
  },

  decode(token) {
    const wrapped = unwrap(token)
    if (wrapped === null) return failed('unsupported', 'KerberosMessage')
    const r = new FieldReading(token.length)
    const m = emptyMessage(wrapped.wrapping, wrapped.type)
    if (wrapped.type === 'IAKERB') iakerbProxy(r, m, token, wrapped.at)
    else message(r, m, token, wrapped.at)
    if (wrapped.cut) r.fail('cut', 'InitialContextToken')
    return read<KerberosMessage>(m, r.fault)
  },
}

/** A message while it is being read. */
type Draft = { -readonly [K in keyof KerberosMessage]: KerberosMessage[K] }

function emptyMessage(wrapping: Wrapping, type: KerberosType): Draft {
  return {
    protocol: 'kerberos',
    type,
    wrapping,
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
    till: null,
    nonce: null,
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
  }
}

/** The message of type `m.type` at `at`: its APPLICATION tag, the SEQUENCE inside it, its fields. */
function message(r: FieldReading, m: Draft, token: Uint8Array, at: number): void {
  const outer = derAt(token, at)
  if (outer === null) {
    r.fail(at + HEADER_OCTETS_MAX > token.length ? 'cut' : 'malformed', m.type)
    return
  }
  r.cut = outer.cut
  const sequence = messageSequence(r, m, outer)
  if (sequence !== null) READERS[m.type](r, m, fieldsOf(r, sequence, m.type))
  // whatever no reader looked at may be what is missing
  if (outer.cut) r.fail('cut', m.type)
}

/** The SEQUENCE in [APPLICATION n]; TGT-REQ and TGT-REP are one without that tag. */
function messageSequence(r: FieldReading, m: Draft, outer: DerElement): DerElement | null {
  if (outer.tag === SEQUENCE && (m.type === 'TGT-REQ' || m.type === 'TGT-REP')) return outer
  if (typeOfTag(outer.tag) === m.type) return insideOf(r, outer, SEQUENCE, m.type)
  r.fail('malformed', m.type)
  return null
}

/**
 * IAKERB_PROXY: IAKERB-HEADER, then one KDC message, or nothing where the client asks for the realm.
 *
 *     IAKERB-HEADER ::= SEQUENCE { target-realm [1] UTF8String, cookie [2] OCTET STRING OPTIONAL, ... }
 */
function iakerbProxy(r: FieldReading, m: Draft, token: Uint8Array, at: number): void {
  const header = derAt(token, at)
  if (header === null || header.tag !== SEQUENCE) {
    r.fail(header === null && at + HEADER_OCTETS_MAX > token.length ? 'cut' : 'malformed', 'IAKERB-HEADER')
    return
  }
  r.cut = header.cut
  for (const field of fieldsOf(r, header, 'IAKERB-HEADER')) {
    if (field.tag === 0xa1) m.iakerbRealm = textIn(r, field, 'IAKERB-HEADER.target-realm')
  }
  if (header.cut) r.fail('cut', 'IAKERB-HEADER')
  if (header.end >= token.length) return
  const tag = kerberosTagAt(token, header.end)
  if (tag > 0) {
    m.type = typeOfTag(tag)!
    message(r, m, token, header.end)
  } else r.fail(tag === ENDS_EARLY ? 'cut' : 'malformed', 'IAKERB_PROXY')
}

/**
 * KDC-REQ ::= SEQUENCE { pvno [1], msg-type [2], padata [3] SEQUENCE OF PA-DATA OPTIONAL, req-body [4] KDC-REQ-BODY }
 */
function kdcReq(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    if (field.tag === 0xa3) keepPadata(m, padataIn(r, field))
    else if (field.tag === 0xa4) kdcReqBody(r, m, field)
  }
}

/**
 * KDC-REQ-BODY ::= SEQUENCE {
 *   kdc-options [0] KDCOptions, cname [1] PrincipalName OPTIONAL, realm [2] Realm, sname [3] PrincipalName OPTIONAL,
 *   from [4], till [5], rtime [6], nonce [7], etype [8] SEQUENCE OF Int32, addresses [9] HostAddresses OPTIONAL,
 *   enc-authorization-data [10] EncryptedData OPTIONAL, additional-tickets [11] SEQUENCE OF Ticket OPTIONAL }
 */
function kdcReqBody(r: FieldReading, m: Draft, wrapper: DerElement): void {
  for (const field of sequenceIn(r, wrapper, 'KDC-REQ-BODY')) {
    switch (field.tag) {
      case 0xa0:
        m.kdcOptions = flagsIn(r, field, 'KDC-REQ-BODY.kdc-options')
        break
      case 0xa1:
        clientName(m, nameIn(r, field, 'KDC-REQ-BODY.cname'))
        break
      case 0xa2:
        m.realm = textIn(r, field, 'KDC-REQ-BODY.realm')
        break
      case 0xa3:
        serviceName(m, nameIn(r, field, 'KDC-REQ-BODY.sname'))
        break
      case 0xa4:
        m.from = timeIn(r, field, 'KDC-REQ-BODY.from')
        break
      case 0xa5:
        m.till = timeIn(r, field, 'KDC-REQ-BODY.till')
        break
      case 0xa7:
        m.nonce = numberIn(r, field, 'KDC-REQ-BODY.nonce')
        break
      case 0xa8:
        m.etypes = etypesIn(r, field)
        break
      case 0xa9:
        addressesIn(r, m, field)
        break
      case 0xab:
        additionalTicketsIn(r, m, field)
        break
      default:
        break
    }
  }
}

function etypesIn(r: FieldReading, wrapper: DerElement): number[] {
  const etypes: number[] = []
  for (const item of sequenceIn(r, wrapper, 'KDC-REQ-BODY.etype')) {
    const etype = numberOf(r, item, 'KDC-REQ-BODY.etype')
    if (etype !== null) etypes.push(etype)
  }
  return etypes
}

/** HostAddresses ::= SEQUENCE OF SEQUENCE { addr-type [0] Int32, address [1] OCTET STRING } */
function addressesIn(r: FieldReading, m: Draft, wrapper: DerElement): void {
  for (const address of sequenceIn(r, wrapper, 'KDC-REQ-BODY.addresses')) {
    let type: number | null = null
    for (const field of fieldsOf(r, address, 'HostAddress')) {
      if (field.tag === 0xa0) type = numberIn(r, field, 'HostAddress.addr-type')
      else if (field.tag === 0xa1 && type === NETBIOS_ADDRESS) {
        m.netbiosName = withoutPadding(textIn(r, field, 'HostAddress.address'))
      }
    }
  }
}

function additionalTicketsIn(r: FieldReading, m: Draft, wrapper: DerElement): void {
  for (const item of sequenceIn(r, wrapper, 'KDC-REQ-BODY.additional-tickets')) {
    if (m.additionalTickets++ === 0) m.additionalTicketSname = ticketOf(r, item)?.sname?.text ?? null
  }
}

/**
 * KDC-REP ::= SEQUENCE { pvno [0], msg-type [1], padata [2] SEQUENCE OF PA-DATA OPTIONAL, crealm [3] Realm,
 *   cname [4] PrincipalName, ticket [5] Ticket, enc-part [6] EncryptedData }
 */
function kdcRep(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    switch (field.tag) {
      case 0xa2:
        keepPadata(m, padataIn(r, field))
        break
      case 0xa3:
        m.realm = textIn(r, field, 'KDC-REP.crealm')
        break
      case 0xa4:
        clientName(m, nameIn(r, field, 'KDC-REP.cname'))
        break
      case 0xa5:
        nameByTicket(m, ticketIn(r, field))
        break
      case 0xa6:
        m.encPartEtype = encryptedIn(r, field, 'KDC-REP.enc-part').etype
        break
      default:
        break
    }
  }
}

/**
 * AP-REQ ::= SEQUENCE { pvno [0], msg-type [1], ap-options [2] APOptions, ticket [3] Ticket, authenticator [4]
 * EncryptedData }
 */
function apReq(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    if (field.tag === 0xa2) m.apOptions = flagsIn(r, field, 'AP-REQ.ap-options')
    else if (field.tag === 0xa3) nameByTicket(m, ticketIn(r, field))
    else if (field.tag === 0xa4) m.encPartEtype = encryptedIn(r, field, 'AP-REQ.authenticator').etype
  }
}

/** AP-REP ::= SEQUENCE { pvno [0], msg-type [1], enc-part [2] EncryptedData } */
function apRep(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    if (field.tag === 0xa2) m.encPartEtype = encryptedIn(r, field, 'AP-REP.enc-part').etype
  }
}

/**
 * KRB-PRIV ::= SEQUENCE { pvno [0], msg-type [1], enc-part [3] EncryptedData }
 * KRB-CRED ::= SEQUENCE { pvno [0], msg-type [1], tickets [2] SEQUENCE OF Ticket, enc-part [3] EncryptedData }
 */
function krbPrivOrCred(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    if (field.tag === 0xa2) {
      const [first] = sequenceIn(r, field, 'KRB-CRED.tickets')
      if (first !== undefined) nameByTicket(m, ticketOf(r, first))
    } else if (field.tag === 0xa3) {
      m.encPartEtype = encryptedIn(r, field, 'enc-part').etype
    }
  }
}

/**
 * KERB-TGT-REQUEST ::= SEQUENCE { pvno [0], msg-type [1], server-name [2] PrincipalName OPTIONAL, realm [3] Realm
 * OPTIONAL }
 * KERB-TGT-REPLY   ::= SEQUENCE { pvno [0], msg-type [1], ticket [2] Ticket }
 */
function tgtMessage(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    if (field.tag === 0xa2 && m.type === 'TGT-REP') nameByTicket(m, ticketIn(r, field))
    else if (field.tag === 0xa2) {
      serviceName(m, nameIn(r, field, 'KERB-TGT-REQUEST.server-name'))
    } else if (field.tag === 0xa3) m.realm = textIn(r, field, 'KERB-TGT-REQUEST.realm')
  }
}

/**
 * KRB-ERROR ::= SEQUENCE { pvno [0], msg-type [1], ctime [2], cusec [3], stime [4] KerberosTime, susec [5]
 * Microseconds,
 *   error-code [6] Int32, crealm [7] Realm OPTIONAL, cname [8] PrincipalName OPTIONAL, realm [9] Realm,
 *       sname [10] PrincipalName,
 *   e-text [11] KerberosString OPTIONAL, e-data [12] OCTET STRING OPTIONAL }
 */
function krbError(r: FieldReading, m: Draft, fields: readonly DerElement[]): void {
  for (const field of fields) {
    switch (field.tag) {
      case 0xa4:
        m.serverTime = timeIn(r, field, 'KRB-ERROR.stime')
        break
      case 0xa5:
        if (m.serverTime !== null) m.serverTime += microseconds(numberIn(r, field, 'KRB-ERROR.susec'))
        break
      case 0xa6:
        m.errorCode = numberIn(r, field, 'KRB-ERROR.error-code')
        break
      case 0xa7:
        m.crealm = textIn(r, field, 'KRB-ERROR.crealm')
        break
      case 0xa8:
        clientName(m, nameIn(r, field, 'KRB-ERROR.cname'))
        break
      case 0xa9:
        m.realm = textIn(r, field, 'KRB-ERROR.realm')
        break
      case 0xaa:
        serviceName(m, nameIn(r, field, 'KRB-ERROR.sname'))
        break
      case 0xab:
        // some stacks send the terminating zero of the C string along
        m.errorText = withoutPadding(textIn(r, field, 'KRB-ERROR.e-text'))
        break
      case 0xac:
        keepErrorData(m, errorDataIn(r, field))
        break
      default:
        break
    }
  }
}

function microseconds(susec: number | null): number {
  return susec !== null && susec >= 0 && susec < 1_000_000 ? susec : 0
}

/** Without the blanks and zeros at its end: a NetBIOS name is padded to 16. */
function withoutPadding(text: string | null): string | null {
  if (text === null) return null
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--
  return keptName(text.slice(0, end))
}

// --- into the message
// -----------------------------------------------------------------------------------------------------------

function clientName(m: Draft, name: Name | null): void {
  m.cname = name === null ? null : name.text
  m.cnameType = name === null ? null : name.type
}

function serviceName(m: Draft, name: Name | null): void {
  m.sname = name === null ? null : name.text
  m.snameType = name === null ? null : name.type
}

function keepPadata(m: Draft, padata: Padata): void {
  m.padata = padata.types
  m.preauthEtype = padata.preauthEtype
  m.armored = padata.armored
  m.pacOptions = padata.pacOptions
  m.forUser = padata.forUser
  m.s4uOptions = padata.s4uOptions
  if (padata.ticket !== null) keepTicket(m, padata.ticket)
  if (padata.authenticatorEtype !== null) m.encPartEtype = padata.authenticatorEtype
}

function keepErrorData(m: Draft, data: ErrorData): void {
  m.padata = data.types
  m.etypes = data.etypes
  m.errorStatus = data.status
  m.armored = data.armored
}

function keepTicket(m: Draft, ticket: TicketValue | null): void {
  if (ticket === null) return
  m.ticketRealm = ticket.realm
  m.ticketSname = ticket.sname === null ? null : ticket.sname.text
  m.ticketEtype = ticket.etype
  m.ticketKvno = ticket.kvno
  m.ticketMark = ticket.mark
}

/** Messages that name no service (and no realm) but in their ticket have both from there. */
function nameByTicket(m: Draft, ticket: TicketValue | null): void {
  if (ticket === null) return
  keepTicket(m, ticket)
  m.realm ??= ticket.realm
  serviceName(m, ticket.sname)
}

const READERS: Readonly<Record<KerberosType, (r: FieldReading, m: Draft, fields: readonly DerElement[]) => void>> = {
  'AS-REQ': kdcReq,
  'AS-REP': kdcRep,
  'TGS-REQ': kdcReq,
  'TGS-REP': kdcRep,
  'AP-REQ': apReq,
  'AP-REP': apRep,
  'KRB-SAFE': () => {},
  'KRB-PRIV': krbPrivOrCred,
  'KRB-CRED': krbPrivOrCred,
  'KRB-ERROR': krbError,
  'TGT-REQ': tgtMessage,
  'TGT-REP': tgtMessage,
  IAKERB: () => {},
}

/** HostAddress.addr-type */
const NETBIOS_ADDRESS = 20
