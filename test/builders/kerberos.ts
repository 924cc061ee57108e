/**
 * Builds Kerberos messages (RFC 4120 5), their GSS-API and IAKERB tokens and their framing at the KDC, for tests.
 * Cipher texts are made of the byte of their number, so that a test can look for them where they must not be. What an
 * option leaves out is not in the message.
 */
import {
  application,
  bitString,
  concat,
  explicit,
  integer,
  octetString,
  oid,
  sequence,
  text,
  time,
  tlv,
} from './der.ts'
import { OID } from './spnego.ts'

export interface PrincipalOptions {
  type: number
  components: readonly string[]
}

/** `name('cifs/fs1', 2)`: components are split at '/' */
export function name(joined: string, type = 1): PrincipalOptions {
  return { type, components: joined === '' ? [] : joined.split('/') }
}

export interface EncryptedOptions {
  etype: number
  kvno?: number
  cipher?: Uint8Array
}

export interface TicketOptions {
  realm: string
  sname: PrincipalOptions
  encPart: EncryptedOptions
}

export interface KdcReqOptions {
  padata?: readonly Uint8Array[]
  kdcOptions?: number
  cname?: PrincipalOptions
  realm: string
  sname?: PrincipalOptions
  etypes: readonly number[]
  /** 15 characters at most: addr-type 20, padded as Windows does */
  netbiosName?: string
  additionalTickets?: readonly TicketOptions[]
}

export interface KdcRepOptions {
  padata?: readonly Uint8Array[]
  crealm: string
  cname: PrincipalOptions
  ticket: TicketOptions
  encPart: EncryptedOptions
}

export interface KrbErrorOptions {
  /** `20240131235959Z` */
  stime: string
  susec?: number
  errorCode: number
  crealm?: string
  cname?: PrincipalOptions
  realm: string
  sname: PrincipalOptions
  errorText?: string
  errorData?: Uint8Array
}

// --- messages
// -------------------------------------------------------------------------------------------------------------------

export function asReq(options: KdcReqOptions): Uint8Array {
  return kdcReq(10, options)
}

/** Takes its PA-TGS-REQ from `padata`: see `paTgsReq`. */
export function tgsReq(options: KdcReqOptions): Uint8Array {
  return kdcReq(12, options)
}

function kdcReq(type: number, options: KdcReqOptions): Uint8Array {
  const { padata, kdcOptions = 0x4081_0010, cname, realm, sname, etypes, netbiosName, additionalTickets } = options
  const body = sequence(
    explicit(0, bitString(u32(kdcOptions))),
    ...field(1, cname && principal(cname)),
    explicit(2, text(realm)),
    ...field(3, sname && principal(sname)),
    explicit(5, time('20370913024805Z')),
    explicit(7, integer(1_234_567_890)),
    explicit(8, sequence(...etypes.map(integer))),
    ...field(
      9,
      netbiosName === undefined
        ? undefined
        : sequence(sequence(explicit(0, integer(20)), explicit(1, octetString(netbiosName.padEnd(16))))),
    ),
    ...field(11, additionalTickets && sequence(...additionalTickets.map(ticket))),
  )
  const head = [explicit(1, integer(5)), explicit(2, integer(type))]
  return application(type, sequence(...head, ...field(3, padata && sequence(...padata)), explicit(4, body)))
}

export function asRep(options: KdcRepOptions): Uint8Array {
  return kdcRep(11, options)
}

export function tgsRep(options: KdcRepOptions): Uint8Array {
  return kdcRep(13, options)
}

function kdcRep(type: number, { padata, crealm, cname, ticket: issued, encPart }: KdcRepOptions): Uint8Array {
  return message(
    type,
    ...field(2, padata && sequence(...padata)),
    explicit(3, text(crealm)),
    explicit(4, principal(cname)),
    explicit(5, ticket(issued)),
    explicit(6, encrypted(encPart)),
  )
}

export function apReq(used: TicketOptions, authenticator: EncryptedOptions, apOptions = 0x2000_0000): Uint8Array {
  return message(
    14,
    explicit(2, bitString(u32(apOptions))),
    explicit(3, ticket(used)),
    explicit(4, encrypted(authenticator)),
  )
}

export function apRep(encPart: EncryptedOptions): Uint8Array {
  return message(15, explicit(2, encrypted(encPart)))
}

export function krbPriv(encPart: EncryptedOptions): Uint8Array {
  return message(21, explicit(3, encrypted(encPart)))
}

export function krbCred(tickets: readonly TicketOptions[], encPart: EncryptedOptions): Uint8Array {
  return message(22, explicit(2, sequence(...tickets.map(ticket))), explicit(3, encrypted(encPart)))
}

/** With user data in clear, as KRB-SAFE has it. */
export function krbSafe(): Uint8Array {
  const body = sequence(explicit(0, octetString('user data')), explicit(4, sequence()))
  return message(20, explicit(2, body), explicit(3, sequence(explicit(0, integer(7)), explicit(1, octetString('sum')))))
}

export function krbError(options: KrbErrorOptions): Uint8Array {
  const { stime, susec = 0, errorCode, crealm, cname, realm, sname, errorText, errorData } = options
  return message(
    30,
    explicit(4, time(stime)),
    explicit(5, integer(susec)),
    explicit(6, integer(errorCode)),
    ...field(7, crealm === undefined ? undefined : text(crealm)),
    ...field(8, cname && principal(cname)),
    explicit(9, text(realm)),
    explicit(10, principal(sname)),
    ...field(11, errorText === undefined ? undefined : text(errorText)),
    ...field(12, errorData && octetString(errorData)),
  )
}

/** [APPLICATION type] SEQUENCE { pvno [0], msg-type [1], ...: all but the KDC-REQ */
function message(type: number, ...fields: Uint8Array[]): Uint8Array {
  return application(type, sequence(explicit(0, integer(5)), explicit(1, integer(type)), ...fields))
}

/** KERB-TGT-REQUEST: a SEQUENCE without APPLICATION tag */
export function tgtReq(sname?: PrincipalOptions, realm?: string): Uint8Array {
  return sequence(
    explicit(0, integer(5)),
    explicit(1, integer(16)),
    ...field(2, sname && principal(sname)),
    ...field(3, realm === undefined ? undefined : text(realm)),
  )
}

/** KERB-TGT-REPLY */
export function tgtRep(issued: TicketOptions): Uint8Array {
  return sequence(explicit(0, integer(5)), explicit(1, integer(17)), explicit(2, ticket(issued)))
}

// --- parts
// ---------------------------------------------------------------------------------------------------------------------

export function ticket({ realm, sname, encPart }: TicketOptions): Uint8Array {
  return application(
    1,
    sequence(
      explicit(0, integer(5)),
      explicit(1, text(realm)),
      explicit(2, principal(sname)),
      explicit(3, encrypted(encPart)),
    ),
  )
}

export function principal({ type, components }: PrincipalOptions): Uint8Array {
  return sequence(explicit(0, integer(type)), explicit(1, sequence(...components.map((part) => text(part)))))
}

export function encrypted({ etype, kvno, cipher = CIPHER }: EncryptedOptions): Uint8Array {
  const number = kvno === undefined ? undefined : integer(kvno)
  return sequence(explicit(0, integer(etype)), ...field(1, number), explicit(2, octetString(cipher)))
}

/** What `encrypted` uses where it is given none: 80 bytes of C1. */
export const CIPHER = new Uint8Array(80).fill(0xc1)

// --- padata and e-data
// ----------------------------------------------------------------------------------------------------------

export function paData(type: number, value: Uint8Array = new Uint8Array(0)): Uint8Array {
  return sequence(explicit(1, integer(type)), explicit(2, octetString(value)))
}

export function paTgsReq(tgt: TicketOptions, authenticator: EncryptedOptions): Uint8Array {
  return paData(1, apReq(tgt, authenticator, 0))
}

export function paEncTimestamp(etype: number): Uint8Array {
  return paData(2, encrypted({ etype }))
}

/** PA-PAC-REQUEST { include-pac TRUE } */
export function paPacRequest(): Uint8Array {
  return paData(128, sequence(explicit(0, tlv(0x01, Uint8Array.of(0xff)))))
}

export function paForUser(user: PrincipalOptions, realm: string): Uint8Array {
  const checksum = sequence(explicit(0, integer(-138)), explicit(1, octetString(new Uint8Array(16))))
  return paData(
    129,
    sequence(
      explicit(0, principal(user)),
      explicit(1, text(realm)),
      explicit(2, checksum),
      explicit(3, text('Kerberos')),
    ),
  )
}

export function paS4uX509User(user: PrincipalOptions | undefined, realm: string, options: number): Uint8Array {
  const userId = sequence(
    explicit(0, integer(77)),
    ...field(1, user && principal(user)),
    explicit(2, text(realm)),
    explicit(4, bitString(u32(options))),
  )
  const checksum = sequence(explicit(0, integer(16)), explicit(1, octetString(new Uint8Array(12))))
  return paData(130, sequence(explicit(0, userId), explicit(1, checksum)))
}

export function paPacOptions(flags: number): Uint8Array {
  return paData(167, sequence(explicit(0, bitString(u32(flags)))))
}

/** PA-FX-FAST-REQUEST { armored-data [0] KrbFastArmoredReq }, its insides left to imagination */
export function paFast(): Uint8Array {
  return paData(136, explicit(0, sequence(explicit(2, encrypted({ etype: 18 })))))
}

/** PA-ETYPE-INFO2 (19), or with `type` 11 the older PA-ETYPE-INFO */
export function paEtypeInfo(etypes: readonly number[], salt: string, type = 19): Uint8Array {
  const entries = etypes.map((etype) =>
    sequence(explicit(0, integer(etype)), explicit(1, type === 19 ? text(salt) : octetString(salt))),
  )
  return paData(type, sequence(...entries))
}

export function methodData(...padata: Uint8Array[]): Uint8Array {
  return sequence(...padata)
}

/** TYPED-DATA: counts its fields from 0 */
export function typedData(...items: { type: number; value?: Uint8Array }[]): Uint8Array {
  return sequence(
    ...items.map(({ type, value }) =>
      sequence(explicit(0, integer(type)), ...field(1, value === undefined ? undefined : octetString(value))),
    ),
  )
}

/** KERB-ERROR-DATA with a KERB-EXT-ERROR (MS-KILE 2.2.1, 2.2.2) */
export function kerbErrorData(status: number): Uint8Array {
  return sequence(explicit(1, integer(3)), explicit(2, octetString(kerbExtError(status))))
}

export function kerbExtError(status: number): Uint8Array {
  return Uint8Array.of(status, status >>> 8, status >>> 16, status >>> 24, 0, 0, 0, 0, 1, 0, 0, 0)
}

// --- tokens and framing
// ---------------------------------------------------------------------------------------------------------

export const TOK_AP_REQ = 0x0100
export const TOK_AP_REP = 0x0200
export const TOK_KRB_ERROR = 0x0300
export const TOK_TGT_REQ = 0x0400
export const TOK_TGT_REP = 0x0401
export const TOK_IAKERB_PROXY = 0x0501

/** A GSS token: `gss(TOK_AP_REQ, apReq(...))`; mechanisms as in spnego.ts, null for none (TOK_ID and message alone) */
export function gss(tokenId: number, inner: Uint8Array, mechanism: string | null = 'kerberos'): Uint8Array {
  const token = concat(Uint8Array.of(tokenId >> 8, tokenId), inner)
  return mechanism === null ? token : application(0, oid(OID[mechanism] ?? mechanism), token)
}

/** IAKERB_PROXY token: IAKERB-HEADER and a KDC message, or none */
export function iakerb(targetRealm: string, inner: Uint8Array = new Uint8Array(0), cookie?: Uint8Array): Uint8Array {
  const header = sequence(explicit(1, tlv(0x0c, targetRealm)), ...field(2, cookie && octetString(cookie)))
  return gss(TOK_IAKERB_PROXY, concat(header, inner), 'iakerb')
}

/** Four octets of length, then the message: TCP to a KDC. */
export function tcpRecord(inner: Uint8Array): Uint8Array {
  return concat(u32(inner.length), inner)
}

/** A kpasswd message (RFC 3244): AP-REQ or AP-REP and KRB-PRIV, or null and a KRB-ERROR. */
export function kpasswd(ap: Uint8Array | null, rest: Uint8Array, version = 0xff80): Uint8Array {
  const apLength = ap?.length ?? 0
  const length = 6 + apLength + rest.length
  const header = Uint8Array.of(length >> 8, length, version >> 8, version, apLength >> 8, apLength)
  return concat(header, ap ?? new Uint8Array(0), rest)
}

function field(number: number, value: Uint8Array | undefined): Uint8Array[] {
  return value === undefined ? [] : [explicit(number, value)]
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
