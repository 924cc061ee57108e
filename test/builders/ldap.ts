/**
 * LDAP messages for tests: binds of every form and their answers, StartTLS, searches, and the buffers of SASL security
 * layers.
 *
 * Every function returns one whole PDU. `write` chooses the length form: `tlv` (minimal) or `longTlv` (`84 xx xx xx
 * xx`, as Windows writes LDAPMessage and protocolOp). Nothing is signed or encrypted: checksums and cipher text are
 * counting bytes.
 */
import { concat, enumerated, integer, octetString, type Part, sequence, tlv } from './der.ts'

export type Write = typeof tlv

/** LDAPMessage: `operation` is the contents of the protocolOp with identifier `tag`. */
export function ldapMessage(messageId: number, tag: number, operation: Part, write: Write = tlv): Uint8Array {
  return write(0x30, integer(messageId), write(tag, operation))
}

export interface BindRequest {
  readonly messageId?: number
  readonly version?: number
  readonly name?: string
  /** AuthenticationChoice, whole: `simple`, `sasl`, `sicily` */
  readonly authentication: Uint8Array
  readonly write?: Write
}

export function bindRequest({ messageId = 1, version = 3, name = '', authentication, write }: BindRequest): Uint8Array {
  return ldapMessage(messageId, 0x60, concat(integer(version), octetString(name), authentication), write)
}

export function simple(password: string): Uint8Array {
  return tlv(0x80, password)
}

/** SaslCredentials; without `credentials` the field is absent, with '' it is empty. */
export function sasl(mechanism: string, credentials?: Part, write: Write = tlv): Uint8Array {
  return write(0xa3, octetString(mechanism), credentials === undefined ? new Uint8Array(0) : octetString(credentials))
}

/** sicilyPackageDiscovery [9], sicilyNegotiate [10], sicilyResponse [11]. */
export function sicily(choice: 9 | 10 | 11, token: Part = ''): Uint8Array {
  return tlv(0x80 | choice, token)
}

export interface BindResponse {
  readonly messageId?: number
  readonly resultCode: number
  /** matchedDN, or the serverCreds of a SicilyBindResponse */
  readonly matchedDn?: Part
  readonly diagnosticMessage?: Part
  readonly serverSaslCreds?: Part
  readonly write?: Write
}

export function bindResponse(response: BindResponse): Uint8Array {
  const { messageId = 1, resultCode, matchedDn, diagnosticMessage, serverSaslCreds, write } = response
  const creds = serverSaslCreds === undefined ? new Uint8Array(0) : tlv(0x87, serverSaslCreds)
  return ldapMessage(messageId, 0x61, concat(ldapResult(resultCode, matchedDn, diagnosticMessage), creds), write)
}

/** The components of LDAPResult without referral. */
export function ldapResult(resultCode: number, matchedDn: Part = '', diagnosticMessage: Part = ''): Uint8Array {
  return concat(enumerated(resultCode), octetString(matchedDn), octetString(diagnosticMessage))
}

export const START_TLS = '1.3.6.1.4.1.1466.20037'

export function extendedRequest(requestName: string, requestValue?: Part, messageId = 1): Uint8Array {
  const value = requestValue === undefined ? new Uint8Array(0) : tlv(0x81, requestValue)
  return ldapMessage(messageId, 0x77, concat(tlv(0x80, requestName), value))
}

export function extendedResponse(resultCode: number, responseName?: string, messageId = 1): Uint8Array {
  const name = responseName === undefined ? new Uint8Array(0) : tlv(0x8a, responseName)
  return ldapMessage(messageId, 0x78, concat(ldapResult(resultCode), name))
}

/** A base search for all objects, `(objectClass=*)`; without `attributes` it asks for all of them. */
export function searchRequest(baseObject: string, attributes: readonly string[] = [], messageId = 2): Uint8Array {
  const operation = concat(
    octetString(baseObject),
    enumerated(0),
    enumerated(0),
    integer(0),
    integer(0),
    tlv(0x01, Uint8Array.of(0)),
    tlv(0x87, 'objectClass'),
    sequence(...attributes.map(octetString)),
  )
  return ldapMessage(messageId, 0x63, operation)
}

export type Attributes = Readonly<Record<string, readonly string[]>>

export function searchResultEntry(objectName: string, attributes: Attributes, messageId = 2, write: Write = tlv) {
  const list = Object.entries(attributes).map(([type, vals]) =>
    write(0x30, octetString(type), write(0x31, ...vals.map(octetString))),
  )
  return ldapMessage(messageId, 0x64, concat(octetString(objectName), write(0x30, ...list)), write)
}

export function searchResultDone(resultCode: number, messageId = 2, write: Write = tlv): Uint8Array {
  return ldapMessage(messageId, 0x65, ldapResult(resultCode), write)
}

export function unbindRequest(messageId = 3): Uint8Array {
  return ldapMessage(messageId, 0x42, '')
}

export function abandonRequest(abandoned: number, messageId = 4): Uint8Array {
  return ldapMessage(messageId, 0x50, integer(abandoned).subarray(2))
}

// --- Buffers of a SASL security layer: length, token
// ----------------------------------------------------------------------------

export function saslBuffer(token: Uint8Array): Uint8Array {
  const { length } = token
  return concat(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), token)
}

/** MS-NLMP 2.2.2.9 before `data`: the message itself where it is only signed, cipher text where it is sealed. */
export function ntlmBuffer(data: Uint8Array): Uint8Array {
  return saslBuffer(concat(Uint8Array.of(1, 0, 0, 0), counting(8), Uint8Array.of(0, 0, 0, 0), data))
}

/** RFC 4121 4.2.6.2: `flags` 0x01 SentByAcceptor, 0x02 Sealed, 0x04 AcceptorSubkey. */
export function cfxBuffer(flags: number, data: Uint8Array): Uint8Array {
  return saslBuffer(concat(Uint8Array.of(5, 4, flags, 0xff, 0, 0, 0, 0), counting(8), data))
}

/** RFC 1964 1.2.2, RFC 4757 7.3: SGN_ALG and SEAL_ALG as on the wire. */
export function rfc1964Buffer(sgnAlg: string, sealAlg: string, data: Uint8Array, write: Write = tlv): Uint8Array {
  const algorithms = Uint8Array.from(Buffer.from(`${sgnAlg}${sealAlg}ffff`, 'hex'))
  const mechanism = Uint8Array.from(Buffer.from('06092a864886f712010202', 'hex'))
  return saslBuffer(write(0x60, mechanism, Uint8Array.of(2, 1), algorithms, counting(24), data))
}

/** Bytes that are nothing: 0x81, 0x82... */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => 0x81 + (at % 0x70))
}
