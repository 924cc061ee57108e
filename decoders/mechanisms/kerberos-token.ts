/**
 * Which Kerberos message begins here, and what was put around it: told by the first bytes alone.
 *
 * RFC 4120 5.10 (APPLICATION tags, msg-type), RFC 2743 3.1 (the GSS frame), RFC 4121 4.1 and RFC 1964 1.1 (TOK_ID),
 * draft-swift-win2k-krb-user2user, draft-ietf-kitten-iakerb. It reads no field beyond pvno and msg-type, and knows no
 * per-message tokens (MIC, wrap). Nothing is kept; `kerberosTagAt` allocates nothing.
 */
import { elementLength } from '../parts/der.ts'

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

export type Wrapping = 'none' | 'gss' | 'iakerb' | 'u2u'

export interface Wrapped {
  readonly wrapping: Wrapping
  readonly type: KerberosType
  /** where the message begins; for 'IAKERB', its IAKERB-HEADER */
  readonly at: number
  /** the GSS frame says that the token is longer than its bytes */
  readonly cut: boolean
}

/** What `kerberosTagAt` answers besides a tag: no Kerberos message there, or not enough bytes to tell. */
export const NOT_KERBEROS = 0
export const ENDS_EARLY = -1

/**
 * The identifier octet of the Kerberos message at `at`, told by its tag, pvno 5 and msg-type together; NOT_KERBEROS; or
 * ENDS_EARLY where the bytes end before msg-type does and nothing contradicts. Hot: carriers probe with it.
 *
 *     [APPLICATION n] SEQUENCE { pvno [0] INTEGER (5), msg-type [1] INTEGER (n) ...     KDC-REQ counts from [1]
 */
export function kerberosTagAt(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return ENDS_EARLY
  const tag = bytes[at]!
  if (typeOfTag(tag) === null) return NOT_KERBEROS
  const pvno = tag === 0x6a || tag === 0x6c ? 0xa1 : 0xa0
  let next = contentsAt(bytes, at, tag)
  if (next > 0) next = contentsAt(bytes, next, 0x30)
  if (next > 0) next = afterNumber(bytes, next, pvno, 5)
  if (next > 0) next = afterNumber(bytes, next, pvno + 1, tag & 0x1f)
  return next > 0 ? tag : next
}

/** By identifier octet: [APPLICATION n], where n is the msg-type too. */
export function typeOfTag(tag: number): KerberosType | null {
  switch (tag) {
    case 0x6a:
      return 'AS-REQ'
    case 0x6b:
      return 'AS-REP'
    case 0x6c:
      return 'TGS-REQ'
    case 0x6d:
      return 'TGS-REP'
    case 0x6e:
      return 'AP-REQ'
    case 0x6f:
      return 'AP-REP'
    case 0x74:
      return 'KRB-SAFE'
    case 0x75:
      return 'KRB-PRIV'
    case 0x76:
      return 'KRB-CRED'
    case 0x7e:
      return 'KRB-ERROR'
    default:
      return null
  }
}

/** What stands before the message, or null where this is no token that we can name. */
export function unwrap(token: Uint8Array): Wrapped | null {
  const tag = kerberosTagAt(token, 0)
  if (tag > 0) return { wrapping: 'none', type: typeOfTag(tag)!, at: 0, cut: false }
  return token[0] === 0x60 ? unwrapFramed(token) : unwrapUnframed(token)
}

/**
 * InitialContextToken ::= [APPLICATION 0] { thisMech OBJECT IDENTIFIER, innerContextToken: TOK_ID (2), message }: proof
 * enough.
 */
function unwrapFramed(token: Uint8Array): Wrapped | null {
  const oidAt = contentsAt(token, 0, 0x60)
  if (oidAt <= 0) return null
  for (const mechanism of MECHANISMS) {
    if (!startsWith(token, oidAt, mechanism.oid)) continue
    const at = oidAt + mechanism.oid.length
    const type = typeOfTokenId(token, at)
    if (type === null) return null
    return {
      wrapping: isUserToUser(type) ? 'u2u' : mechanism.wrapping,
      type,
      at: at + 2,
      cut: elementLength(token, 0) > token.length,
    }
  }
  return null
}

/** Later tokens without the frame. Two bytes prove nothing: what follows must show itself too. */
function unwrapUnframed(token: Uint8Array): Wrapped | null {
  const type = typeOfTokenId(token, 0)
  if (type === null) return null
  if (type === 'IAKERB') return isIakerbHeader(token, 2) ? { wrapping: 'iakerb', type, at: 2, cut: false } : null
  if (isUserToUser(type)) return isTgtMessage(token, 2, type) ? { wrapping: 'u2u', type, at: 2, cut: false } : null
  const tag = kerberosTagAt(token, 2)
  return tag > 0 && typeOfTag(tag) === type ? { wrapping: 'gss', type, at: 2, cut: false } : null
}

/** TOK_ID, two octets. 04 04 (MIC), 05 04 (wrap), 01 01 and 02 01 (those of RFC 1964) are not messages. */
function typeOfTokenId(token: Uint8Array, at: number): KerberosType | null {
  if (at + 2 > token.length) return null
  switch ((token[at]! << 8) | token[at + 1]!) {
    case 0x0100:
      return 'AP-REQ'
    case 0x0200:
      return 'AP-REP'
    case 0x0300:
      return 'KRB-ERROR'
    case 0x0400:
      return 'TGT-REQ'
    case 0x0401:
      return 'TGT-REP'
    case 0x0501:
      return 'IAKERB'
    default:
      return null
  }
}

function isUserToUser(type: KerberosType): boolean {
  return type === 'TGT-REQ' || type === 'TGT-REP'
}

/** IAKERB-HEADER ::= SEQUENCE { target-realm [1] UTF8String ... */
function isIakerbHeader(token: Uint8Array, at: number): boolean {
  const realm = contentsAt(token, at, 0x30)
  return realm > 0 && contentsAt(token, realm, 0xa1) > 0
}

/** KERB-TGT-REQUEST, KERB-TGT-REPLY ::= SEQUENCE { pvno [0] INTEGER (5), msg-type [1] INTEGER (16, 17) ... */
function isTgtMessage(token: Uint8Array, at: number, type: KerberosType): boolean {
  const pvno = contentsAt(token, at, 0x30)
  const msgType = pvno > 0 ? afterNumber(token, pvno, 0xa0, 5) : pvno
  return msgType > 0 && afterNumber(token, msgType, 0xa1, type === 'TGT-REQ' ? 16 : 17) > 0
}

/** Where the contents of the element with this tag begin; NOT_KERBEROS; ENDS_EARLY. */
function contentsAt(bytes: Uint8Array, at: number, tag: number): number {
  if (at >= bytes.length) return ENDS_EARLY
  if (bytes[at] !== tag) return NOT_KERBEROS
  if (at + 1 >= bytes.length) return ENDS_EARLY
  const length = bytes[at + 1]!
  if (length < 0x80) return at + 2
  if (length === 0x80 || length > 0x84) return NOT_KERBEROS
  return at + 2 + (length & 0x7f)
}

/**
 * Where the element after `[context] INTEGER (value)` begins; NOT_KERBEROS; ENDS_EARLY. Leading zero octets are
 * allowed.
 */
function afterNumber(bytes: Uint8Array, at: number, context: number, value: number): number {
  const inner = contentsAt(bytes, at, context)
  const digits = inner > 0 ? contentsAt(bytes, inner, 0x02) : inner
  if (digits <= 0) return digits
  if (digits > bytes.length) return ENDS_EARLY
  const end = digits + bytes[digits - 1]!
  if (end === digits || end > digits + 4) return NOT_KERBEROS
  for (let i = digits; i < end; i++) {
    if (i >= bytes.length) return ENDS_EARLY
    if (bytes[i] !== (i === end - 1 ? value : 0)) return NOT_KERBEROS
  }
  return end
}

function startsWith(bytes: Uint8Array, at: number, prefix: readonly number[]): boolean {
  if (at + prefix.length > bytes.length) return false
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[at + i] !== prefix[i]) return false
  }
  return true
}

/** thisMech, as its DER bytes */
const MECHANISMS: readonly { readonly wrapping: 'gss' | 'u2u' | 'iakerb'; readonly oid: readonly number[] }[] = [
  // 1.2.840.113554.1.2.2 (krb5), and 1.2.840.48018.1.2.2, what Windows 2000 made of it
  { wrapping: 'gss', oid: [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02] },
  { wrapping: 'gss', oid: [0x06, 0x09, 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02] },
  // 1.2.840.113554.1.2.2.3 (krb5 user-to-user)
  { wrapping: 'u2u', oid: [0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03] },
  // 1.3.6.1.5.2.5 (IAKERB)
  { wrapping: 'iakerb', oid: [0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x02, 0x05] },
]
