/**
 * What the text protocols and LDAP have in common: SASL mechanisms by name, and whose password it is where one is sent.
 *
 * Specification: RFC 4422 (SASL), RFC 4616 (PLAIN), MS-SMTPNTLM, MS-POP3, MS-NNTP (NTLM), RFC 4752 (GSSAPI), RFC 4178
 * as GSS-SPNEGO. It gives no password, digest or bearer token away: of what a client sends only GSS and NTLM tokens and
 * user names leave this file.
 */
import type { Principal } from '../carrier.ts'
import { keptName, LONG_NAME_CHARACTERS_MAX } from './interned.ts'
import { base64Bytes, latin1, utf8Text } from './text.ts'

/** What the lines behind the command hold, and which of them anybody may look at. */
export type Secrecy = 'tokens' | 'plain' | 'login' | 'secret'

/** Mechanism names are written in capitals (RFC 4422 3.1), but not by everybody. */
export function secrecyOf(mechanism: string): Secrecy {
  switch (mechanism.toUpperCase()) {
    case 'NTLM':
    case 'GSSAPI':
    case 'GSS-SPNEGO':
    case 'GS2-KRB5':
      return 'tokens'
    case 'PLAIN':
      return 'plain'
    case 'LOGIN':
      return 'login'
    default:
      return 'secret'
  }
}

const KNOWN =
  /^(?:NTLM|GSSAPI|GSS-SPNEGO|GS2-KRB5(?:-PLUS)?|PLAIN|LOGIN|ANONYMOUS|EXTERNAL|OTP|APOP|(?:CRAM|DIGEST)-MD5|SCRAM-[A-Z0-9-]+|XOAUTH2|OAUTHBEARER|MSN|SPA|KERBEROS_V[45])$/

/** The name of a mechanism as `method`; what is no name that anybody registered could be a secret out of its place. */
export function saslMethod(mechanism: string): string {
  const name = mechanism.toUpperCase()
  if (name === 'ANONYMOUS') return 'anonymous'
  return isSaslMethod(name) ? name : 'other'
}

export function isSaslMethod(name: string): boolean {
  return KNOWN.test(name.toUpperCase())
}

/**
 * RFC 4616: `message = [authzid] NUL authcid NUL passwd`. Only what stands between two NULs is surely not the password.
 */
export function plainUser(credentials: Uint8Array): string {
  const first = credentials.indexOf(0)
  const second = first < 0 ? -1 : credentials.indexOf(0, first + 1)
  return second < 0 ? '' : keptName(utf8Text(credentials.subarray(first + 1, second)), LONG_NAME_CHARACTERS_MAX)
}

/** `DOMAIN\user` is two names; `user@realm` stays one, as the client typed it. */
export function typedPrincipal(name: string): Principal {
  const typed = keptName(name, LONG_NAME_CHARACTERS_MAX)
  const backslash = typed.indexOf('\\')
  return { user: typed.slice(backslash + 1), domain: backslash < 0 ? '' : typed.slice(0, backslash), workstation: '' }
}

/** A base64 line of a SASL exchange, read by what it holds, since nothing in it names the mechanism. */
export interface SaslLine {
  /** a GSS or NTLM token, fresh; null where it is something else */
  readonly token: Uint8Array | null
  /** PLAIN: the user between its NULs; LOGIN: the first line; null where it is neither */
  readonly user: { readonly method: 'PLAIN' | 'LOGIN'; readonly name: string } | null
}

const NOTHING_SAID: SaslLine = { token: null, user: null }

export function saslLine(text: string): SaslLine {
  const bytes = base64Bytes(wholeGroups(text))
  if (bytes === null || bytes.length === 0) return NOTHING_SAID
  if (isToken(bytes)) return { token: bytes, user: null }
  const plain = plainUser(bytes)
  if (plain !== '') return isName(plain) ? { token: null, user: { method: 'PLAIN', name: plain } } : NOTHING_SAID
  if (bytes.some((byte) => byte < 0x20)) return { token: bytes, user: null }
  const name = utf8Text(bytes)
  return isName(name) ? { token: null, user: { method: 'LOGIN', name } } : NOTHING_SAID
}

/** RFC 4616 and 4422 have names in UTF-8; what is none is a part of something else. */
function isName(text: string): boolean {
  return !/[\p{Cc}\ufffd]/u.test(text)
}

/** What a server sends to be answered: a token, or words that concern nobody (null). */
export function saslChallenge(text: string): Uint8Array | null {
  const bytes = base64Bytes(wholeGroups(text))
  return bytes !== null && isToken(bytes) ? bytes : null
}

/** Cut inside a group of four digits, one digit alone is no byte. */
function wholeGroups(text: string): string {
  const digits = text.trim()
  return digits.length % 4 === 1 ? digits.slice(0, -1) : digits
}

/**
 * NTLMSSP, a GSS token (RFC 2743 3.1), a SPNEGO answer, or a message wrapped as RFC 4121 4.2.6 does it. Names and
 * passwords may begin with the first byte of these: the length and the next tag must be there too.
 */
export function isToken(bytes: Uint8Array): boolean {
  switch (bytes[0]) {
    case 0x60:
      return bytes[contentAt(bytes)] === 0x06
    case 0xa1:
      return bytes[contentAt(bytes)] === 0x30
    case 0x05:
      return bytes[1] === 0x04 || bytes[1] === 0x05
    default:
      return bytes.length >= 8 && latin1(bytes.subarray(0, 8)) === 'NTLMSSP\0'
  }
}

/** Where the content of a DER element at the start begins (X.690 8.1.3); -1: no length stands there. */
function contentAt(bytes: Uint8Array): number {
  const length = bytes[1] ?? 0x80
  if (length < 0x80) return 2
  return length > 0x80 && length <= 0x84 ? 2 + (length & 0x7f) : -1
}
