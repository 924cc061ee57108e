/**
 * The LDAP carrier over TCP: binds, StartTLS, what the server offers, and how ordinary messages are protected after a
 * bind.
 *
 * RFC 4511 (messages), RFC 4513 (authentication), MS-ADTS 5.1.1.1 (simple, SASL, Sicily), RFC 4422 3.7 (SASL buffers).
 * Never looks inside a security token; of a buffer it reads the header that tells whether the message in it is
 * encrypted. Does not read: searches, attributes other than supportedSASLMechanisms, controls, CLDAP (UDP). A password
 * is skipped: only whether it is empty is looked at. Tokens borrow the PDU; all else that is returned is owned.
 */

import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  type ConnectionFacts,
  EMPTY_LEG,
  type LegStep,
  type Side,
  type TrafficStep,
} from '../../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../../outcome.ts'
import { range, some } from '../../parts/byte-class.ts'
import {
  type DerElement,
  derAt,
  derChildren,
  derInner,
  derInteger,
  derOctets,
  derText,
  elementLength,
  INTEGER,
  OCTET_STRING,
  SEQUENCE,
} from '../../parts/der.ts'
import { keptName, LONG_NAME_CHARACTERS_MAX } from '../../parts/interned.ts'
import { plainUser } from '../../parts/sasl.ts'
import { utf8Text } from '../../parts/text.ts'
import {
  ABANDON_REQUEST,
  BIND_REQUEST,
  BIND_RESPONSE,
  BUFFER_BULK,
  BUFFER_HEADER_BYTES,
  bufferKind,
  bufferLength,
  CFX_WRAP,
  contentsAt,
  EXTENDED_REQUEST,
  EXTENDED_RESPONSE,
  frameBuffer,
  frameMessage,
  isRootDse,
  MORE,
  NTLM_SIGNATURE,
  operationAt,
  PROTOCOL_OPS,
  SEARCH_RESULT_ENTRY,
  SIGNATURE_BYTES,
  sgnAlgAt,
  UNBIND_REQUEST,
} from './ldap-frame.ts'
import { diagnosticReason, diagnosticText, resultName } from './ldap-result.ts'

const ENUMERATED = 0x0a
const OPS_BY_TAG = new Map(PROTOCOL_OPS.map(([tag, name, from]) => [tag, { name, from }]))

export const ldap: Carrier = {
  name: 'ldap',
  transport: 'tcp',
  ports: [389, 3268, 1389],
  toldBySizes: true,
  // LDAPMessage in each form of its length, then the messageID
  begins: [[range(0, 0x7f)], ...[1, 2, 3, 4].map((octets) => [0x80 + octets, ...some(octets)])].map((length) => [
    SEQUENCE,
    ...length,
    INTEGER,
    range(1, 4),
  ]),
  bulk: BUFFER_BULK,

  // A SASL buffer alone proves nothing (a length and a few octets): only clear LDAPMessages are ours.
  probe(head) {
    const at = operationAt(head)
    return at >= 0 ? 'mine' : at === MORE ? 'more' : 'other'
  },

  frame(head, _side, out) {
    return head[0] === SEQUENCE ? frameMessage(head, out) : frameBuffer(head, out)
  },

  decode(pdu, side) {
    if (pdu.length === 0) return failed('cut', 'LDAPMessage')
    return pdu[0] === SEQUENCE ? message(pdu) : buffer(pdu, side)
  },
}

// --- Buffers of a SASL security layer
// -------------------------------------------------------------------------------------------

/** Flags of a CFX Wrap token: Sealed */
const CFX_SEALED = 0x02

function buffer(pdu: Uint8Array, from: Side): Outcome<readonly CarrierMessage[]> {
  const kind = bufferKind(pdu)
  if (kind < 0) return failed(kind === MORE ? 'cut' : 'malformed', 'SASL buffer')
  const step =
    kind === NTLM_SIGNATURE
      ? ntlmBuffer(pdu, from)
      : kind === CFX_WRAP
        ? cfxBuffer(pdu, from)
        : rfc1964Buffer(pdu, from)
  if (step === null) return failed('cut', 'SASL buffer')
  return read([{ protocol: 'ldap', type: 'SASL buffer', from, service: 'ldap', fields: null, steps: [step] }])
}

/**
 * The signature does not say whether the message behind it is encrypted; a readable LDAPMessage there says that it is
 * not.
 */
function ntlmBuffer(pdu: Uint8Array, from: Side): TrafficStep | null {
  const inside = pdu.subarray(BUFFER_HEADER_BYTES + SIGNATURE_BYTES)
  const size = bufferLength(pdu) - SIGNATURE_BYTES
  const operation = operationAt(inside)
  if (operation === MORE && inside.length < size) return null
  const readable = operation >= 0 && elementLength(inside, 0) <= size
  return traffic(from, readable ? 'signed' : 'sealed', 'NTLM signature')
}

function cfxBuffer(pdu: Uint8Array, from: Side): TrafficStep {
  return traffic(from, pdu[BUFFER_HEADER_BYTES + 2]! & CFX_SEALED ? 'sealed' : 'signed', 'CFX wrap')
}

/** SEAL_ALG FF FF: not encrypted. SGN_ALG 11 00 is the HMAC of RC4 keys (RFC 4757 7.3); the others belong to DES. */
function rfc1964Buffer(pdu: Uint8Array, from: Side): TrafficStep | null {
  const sgnAlg = sgnAlgAt(pdu)
  if (pdu.length < sgnAlg + 4) return null
  const sealed = pdu[sgnAlg + 2] !== 0xff || pdu[sgnAlg + 3] !== 0xff
  const rc4 = pdu[sgnAlg] === 0x11 && pdu[sgnAlg + 1] === 0x00
  return traffic(from, sealed ? 'sealed' : 'signed', rc4 ? 'RFC 4757 wrap' : 'RFC 1964 wrap')
}

function traffic(from: Side, protection: TrafficStep['protection'], how: string | null, refused = false): TrafficStep {
  return { kind: 'traffic', from, slot: '', protection, refused, how }
}

// --- Clear messages
// -------------------------------------------------------------------------------------------------------------

function message(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const at = operationAt(pdu)
  if (at < 0) return failed(at === MORE ? 'cut' : 'malformed', 'LDAPMessage')
  const operation = derAt(pdu, at)
  const messageId = derInteger(derAt(pdu, contentsAt(pdu, 0))!)
  if (operation === null || messageId === null) return failed('malformed', 'LDAPMessage')
  switch (operation.tag) {
    case BIND_REQUEST:
      return bindRequest(operation, messageId)
    case BIND_RESPONSE:
      return bindResponse(operation, messageId)
    case EXTENDED_REQUEST:
      return extendedRequest(operation, messageId)
    case EXTENDED_RESPONSE:
      return extendedResponse(operation, messageId)
    case UNBIND_REQUEST:
    case ABANDON_REQUEST:
      return read([])
    case SEARCH_RESULT_ENTRY:
      return isRootDse(pdu, operation.start) ? rootDse(operation, messageId) : ordinary(operation)
  }
  return ordinary(operation)
}

/** One message that was kept whole, and what stopped its reading. */
function whole(
  operation: DerElement,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
  fault: Fault | null,
): Outcome<readonly CarrierMessage[]> {
  const { name } = OPS_BY_TAG.get(operation.tag)!
  return read([one(operation, fields, steps)], fault ?? (operation.cut ? { reason: 'cut', where: name } : null))
}

function one(operation: DerElement, fields: CarrierMessage['fields'], steps: readonly AuthStep[]): CarrierMessage {
  const { name, from } = OPS_BY_TAG.get(operation.tag)!
  return { protocol: 'ldap', type: name, from, service: 'ldap', fields, steps }
}

/** The fault of a field that is missing, of another type or cut; null where the field is whole. */
function faultOf(parent: DerElement, field: DerElement | undefined, tag: number | null, where: string): Fault | null {
  if (field !== undefined && !field.cut && (tag === null || field.tag === tag)) return null
  const wrong = field !== undefined && tag !== null && field.tag !== tag
  return { reason: parent.cut && !wrong ? 'cut' : 'malformed', where }
}

// --- Bind
// ---------------------------------------------------------------------------------------------------------------------

/*
 * BindRequest ::= [APPLICATION 0] SEQUENCE {
 *      version                 INTEGER (1 ..  127),
 *      name                    LDAPDN,
 *      authentication          AuthenticationChoice }
 *
 * AuthenticationChoice ::= CHOICE {
 *      simple                  [0] OCTET STRING,
 *      sasl                    [3] SaslCredentials,
 *      sicilyPackageDiscovery  [9] OCTET STRING,         -- MS-ADTS 5.1.1.1.3
 *      sicilyNegotiate         [10] OCTET STRING,
 *      sicilyResponse          [11] OCTET STRING }
 *
 * SaslCredentials ::= SEQUENCE {
 *      mechanism               LDAPString,
 *      credentials             OCTET STRING OPTIONAL }
 */
const SIMPLE = 0x80
const SASL = 0xa3
const SICILY_PACKAGE_DISCOVERY = 0x89
const SICILY_NEGOTIATE = 0x8a
const SICILY_RESPONSE = 0x8b

/** SASL mechanisms whose credentials are the secret itself: their credentials are not handed on. */
const SECRET_MECHANISMS: ReadonlySet<string> = new Set(['PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2'])

interface Authentication {
  /** the name of the alternative, as `fields.authentication` shows it; null where the message ends before it */
  readonly choice: string | null
  readonly mechanism: string | null
  readonly method: string | null
  readonly direct: boolean
  readonly token: Uint8Array | null
  readonly user: string
  readonly fault: Fault | null
}

const NO_CHOICE = { choice: null, mechanism: null, method: null, direct: false, token: null, user: '', fault: null }

function bindRequest(operation: DerElement, messageId: number): Outcome<readonly CarrierMessage[]> {
  const [versionField, nameField, authenticationField] = derChildren(operation)
  const name = nameField === undefined ? '' : nameText(nameField)
  const chosen = authenticationField === undefined ? NO_CHOICE : authentication(authenticationField, name)
  const fault =
    faultOf(operation, versionField, INTEGER, 'BindRequest.version') ??
    faultOf(operation, nameField, OCTET_STRING, 'BindRequest.name') ??
    chosen.fault ??
    faultOf(operation, authenticationField, null, 'BindRequest.authentication')
  const { choice, mechanism, method, direct, token, user } = chosen
  const version = versionField === undefined ? null : derInteger(versionField)
  const fields = { messageId, version, name, authentication: choice, mechanism }
  // asking which packages there are is no authentication: the answer is an offer
  if (choice === 'sicilyPackageDiscovery') return whole(operation, fields, [], fault)
  const step: LegStep = {
    ...EMPTY_LEG,
    from: 'client',
    message: String(messageId),
    method,
    direct,
    token,
    principal: user === '' ? null : { user, domain: '', workstation: '' },
  }
  return whole(operation, fields, [step], fault)
}

function authentication(field: DerElement, name: string): Authentication {
  const octets = derOctets(field)
  const token = octets.length > 0 ? octets : null
  switch (field.tag) {
    case SIMPLE: {
      // RFC 4513 5.1: without a password it is anonymous (no name) or unauthenticated (a name), never a login
      const method = octets.length > 0 || field.cut ? 'simple' : 'anonymous'
      return { ...NO_CHOICE, choice: 'simple', method, user: name }
    }
    case SASL:
      return saslCredentials(field)
    case SICILY_PACKAGE_DISCOVERY:
      return { ...NO_CHOICE, choice: 'sicilyPackageDiscovery', method: 'Sicily' }
    case SICILY_NEGOTIATE:
      return { ...NO_CHOICE, choice: 'sicilyNegotiate', method: 'Sicily', direct: true, token }
    case SICILY_RESPONSE:
      return { ...NO_CHOICE, choice: 'sicilyResponse', method: 'Sicily', direct: true, token }
  }
  return { ...NO_CHOICE, choice: `unknown (0x${field.tag.toString(16)})` }
}

function saslCredentials(field: DerElement): Authentication {
  const [mechanismField, credentialsField] = derChildren(field)
  const mechanismFault = faultOf(field, mechanismField, OCTET_STRING, 'SaslCredentials.mechanism')
  if (mechanismField === undefined || mechanismFault !== null) {
    return { ...NO_CHOICE, choice: 'sasl', fault: mechanismFault }
  }
  const mechanism = nameText(mechanismField)
  // mechanism names are written in capitals (RFC 4422 3.1), but not by everybody; the empty one gives a bind up (RFC
  // 4513 5.2.1.2)
  const method = mechanism === '' ? null : mechanism.toUpperCase()
  const credentials = credentialsField === undefined ? NOTHING : derOctets(credentialsField)
  const credentialsFault =
    credentialsField === undefined
      ? null
      : faultOf(field, credentialsField, OCTET_STRING, 'SaslCredentials.credentials')
  const secret = method !== null && SECRET_MECHANISMS.has(method)
  return {
    choice: 'sasl',
    mechanism,
    method,
    direct: method === 'NTLM',
    token: credentials.length > 0 && !secret && credentialsFault?.reason !== 'malformed' ? credentials : null,
    user: method === 'PLAIN' ? plainUser(credentials) : '',
    fault: credentialsFault,
  }
}

/*
 * BindResponse ::= [APPLICATION 1] SEQUENCE {
 *      COMPONENTS OF LDAPResult,
 *      serverSaslCreds    [7] OCTET STRING OPTIONAL }
 *
 * LDAPResult ::= SEQUENCE {
 *      resultCode         ENUMERATED,
 *      matchedDN          LDAPDN,                        -- SicilyBindResponse: serverCreds OCTET STRING
 *      diagnosticMessage  LDAPString,
 *      referral           [3] Referral OPTIONAL }
 */
const SERVER_SASL_CREDS = 0x87
const SUCCESS = 0
const OPERATIONS_ERROR = 1
const STRONGER_AUTH_REQUIRED = 8
const SASL_BIND_IN_PROGRESS = 14
const NTLMSSP = Uint8Array.of(0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00)
const CHALLENGE_MESSAGE = 2

interface LdapResult {
  readonly resultCode: number | null
  /** as far as it is there */
  readonly matchedDn: Uint8Array
  readonly matchedDnWhole: boolean
  readonly diagnostic: string | null
  /** what follows diagnosticMessage */
  readonly others: readonly DerElement[]
  readonly fault: Fault | null
}

function bindResponse(operation: DerElement, messageId: number): Outcome<readonly CarrierMessage[]> {
  const result = ldapResult(operation, 'BindResponse')
  const { resultCode, matchedDn, others } = result
  const packages = resultCode === SUCCESS && result.matchedDnWhole ? sicilyPackages(matchedDn) : []
  const fields = { messageId, ...resultFields(result) }
  // Sicily cannot name Kerberos, so its list is no offer: a domain controller, too, says NTLM here
  if (packages.length > 0) return whole(operation, { ...fields, packages }, [], result.fault)
  const creds = others.find((field) => field.tag === SERVER_SASL_CREDS)
  const token = startsWith(matchedDn, NTLMSSP) ? matchedDn : creds === undefined ? NOTHING : derOctets(creds)
  const fault = result.fault ?? (creds?.cut ? faultOf(operation, creds, null, 'BindResponse.serverSaslCreds') : null)
  const step: LegStep = {
    ...EMPTY_LEG,
    from: 'server',
    message: String(messageId),
    token: token.length > 0 ? token : null,
    outcome: bindOutcome(result),
    status: resultCode === null ? null : bindStatus(resultCode, result.diagnostic),
  }
  return whole(operation, fields, [step], fault)
}

function ldapResult(operation: DerElement, name: string): LdapResult {
  const [codeField, matchedField, diagnosticField, ...others] = derChildren(operation)
  const fault =
    faultOf(operation, codeField, ENUMERATED, `${name}.resultCode`) ??
    faultOf(operation, matchedField, OCTET_STRING, `${name}.matchedDN`) ??
    faultOf(operation, diagnosticField, OCTET_STRING, `${name}.diagnosticMessage`)
  return {
    resultCode: codeField?.tag === ENUMERATED ? derInteger(codeField) : null,
    matchedDn: matchedField?.tag === OCTET_STRING ? derOctets(matchedField) : NOTHING,
    matchedDnWhole: matchedField?.tag === OCTET_STRING && !matchedField.cut,
    diagnostic: diagnosticField?.tag === OCTET_STRING ? diagnosticText(derOctets(diagnosticField)) : null,
    others,
    fault,
  }
}

function resultFields(result: LdapResult): Record<string, unknown> {
  const { resultCode, diagnostic } = result
  return { resultCode, resultName: resultCode === null ? null : resultName(resultCode), diagnostic }
}

/**
 * Sicily answers its negotiate leg with success and the CHALLENGE_MESSAGE: nobody is authenticated yet. So a success
 * whose matchedDN was not captured does not tell.
 */
function bindOutcome({ resultCode, matchedDn, matchedDnWhole }: LdapResult): LegStep['outcome'] {
  if (resultCode === null) return null
  if (resultCode === SASL_BIND_IN_PROGRESS) return 'continue'
  if (resultCode !== SUCCESS) return 'failure'
  if (startsWith(matchedDn, NTLMSSP) && matchedDn[NTLMSSP.length] === CHALLENGE_MESSAGE) return 'continue'
  return matchedDnWhole ? 'success' : null
}

function bindStatus(code: number, diagnostic: string | null): LegStep['status'] {
  const detail = code === SUCCESS || diagnostic === null ? null : diagnosticReason(diagnostic)
  return { code, name: resultName(code), detail }
}

/**
 * MS-ADTS 5.1.1.1.3: the answer to sicilyPackageDiscovery is a list of names with ';' between them. A matchedDN has a
 * '='.
 */
function sicilyPackages(serverCreds: Uint8Array): string[] {
  if (serverCreds.length === 0 || serverCreds.length > LONG_NAME_CHARACTERS_MAX) return []
  const names = utf8Text(serverCreds).split(';')
  if (names.at(-1) === '') names.pop()
  return names.every((name) => /^[\w-]+$/.test(name)) ? names : []
}

// --- Extended operations: StartTLS
// ----------------------------------------------------------------------------------------------

/*
 * ExtendedRequest ::= [APPLICATION 23] SEQUENCE {
 *      requestName      [0] LDAPOID,
 *      requestValue     [1] OCTET STRING OPTIONAL }      -- not read: Password Modify carries passwords here
 *
 * ExtendedResponse ::= [APPLICATION 24] SEQUENCE {
 *      COMPONENTS OF LDAPResult,
 *      responseName     [10] LDAPOID OPTIONAL,
 *      responseValue    [11] OCTET STRING OPTIONAL }
 */
const REQUEST_NAME = 0x80
const RESPONSE_NAME = 0x8a
const START_TLS = '1.3.6.1.4.1.1466.20037'

const EXTENDED_OPERATIONS: ReadonlyMap<string, string> = new Map([
  [START_TLS, 'StartTLS'],
  ['1.3.6.1.4.1.1466.20036', 'Notice of Disconnection'],
  ['1.3.6.1.4.1.4203.1.11.1', 'Password Modify'],
  ['1.3.6.1.4.1.4203.1.11.3', 'Who am I?'],
  ['1.2.840.113556.1.4.1781', 'Fast Bind'],
])

function extendedRequest(operation: DerElement, messageId: number): Outcome<readonly CarrierMessage[]> {
  const [nameField] = derChildren(operation)
  const fault = faultOf(operation, nameField, REQUEST_NAME, 'ExtendedRequest.requestName')
  const oid = nameField === undefined || fault !== null ? null : nameText(nameField)
  return whole(operation, { messageId, oid, name: extendedName(oid) }, oid === START_TLS ? [LEADS_TO_TLS] : [], fault)
}

/** What is behind it in TLS is LDAP all the same. */
const LEADS_TO_TLS: AuthStep = { kind: 'facts', facts: { service: 'ldap' } }

/**
 * A response without responseName belongs to a request that a decoder without memory cannot know: the TLS that follows
 * tells.
 */
function extendedResponse(operation: DerElement, messageId: number): Outcome<readonly CarrierMessage[]> {
  const result = ldapResult(operation, 'ExtendedResponse')
  const nameField = result.others.find((field) => field.tag === RESPONSE_NAME)
  const oid = nameField === undefined || nameField.cut ? null : nameText(nameField)
  const accepted: ConnectionFacts | null =
    oid === START_TLS && result.resultCode === SUCCESS ? { ldap: { startTls: true } } : null
  const fields = { messageId, oid, name: extendedName(oid), ...resultFields(result) }
  const mayLead = oid === null && result.resultCode === SUCCESS
  const steps: AuthStep[] = accepted !== null ? [{ kind: 'facts', facts: accepted }] : mayLead ? [LEADS_TO_TLS] : []
  return whole(operation, fields, steps, result.fault)
}

function extendedName(oid: string | null): string | null {
  return oid === null ? null : (EXTENDED_OPERATIONS.get(oid) ?? null)
}

// --- The rootDSE, and everything else
// -------------------------------------------------------------------------------------------

/*
 * SearchResultEntry ::= [APPLICATION 4] SEQUENCE {
 *      objectName      LDAPDN,                           -- empty: the rootDSE
 *      attributes      SEQUENCE OF SEQUENCE { type AttributeDescription, vals SET OF OCTET STRING } }
 */
const SET = 0x31
const SASL_MECHANISMS_ATTRIBUTE = 'supportedsaslmechanisms'
/** No server has more SASL mechanisms. */
const OFFERED_MAX = 64

function rootDse(operation: DerElement, messageId: number): Outcome<readonly CarrierMessage[]> {
  const [, attributes] = derChildren(operation)
  const fault = faultOf(operation, attributes, SEQUENCE, 'SearchResultEntry.attributes')
  const clear = traffic('server', 'clear', null)
  const attribute = attributes === undefined ? undefined : derChildren(attributes).find(isSaslMechanisms)
  const vals = attribute === undefined ? undefined : derChildren(attribute)[1]
  // half a list would say that the server does not offer the other half
  if (vals?.tag !== SET || vals.cut) return whole(operation, null, [clear], fault)
  const methods = derChildren(vals).slice(0, OFFERED_MAX).map(nameText)
  const offer: AuthStep = { kind: 'offer', methods, token: null, slot: '' }
  return whole(operation, { messageId, supportedSASLMechanisms: methods }, [offer, clear], fault)
}

/** Attribute descriptions do not mind capitals (RFC 4512 2.5). */
function isSaslMechanisms(attribute: DerElement): boolean {
  const type = derInner(attribute)
  return type?.tag === OCTET_STRING && nameText(type).toLowerCase() === SASL_MECHANISMS_ATTRIBUTE
}

/** Responses that begin with an LDAPResult: their resultCode may say that clear messages are not wanted. */
const RESULT_TAGS: ReadonlySet<number> = new Set([0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f])

/** Only the first bytes are here, as evidence that messages go in clear. */
function ordinary(operation: DerElement): Outcome<readonly CarrierMessage[]> {
  const code = RESULT_TAGS.has(operation.tag) ? derAt(operation.bytes, operation.start, operation.end) : null
  const resultCode = code?.tag === ENUMERATED ? derInteger(code) : null
  const refused = resultCode === OPERATIONS_ERROR || resultCode === STRONGER_AUTH_REQUIRED
  return read([one(operation, null, [traffic(OPS_BY_TAG.get(operation.tag)!.from, 'clear', null, refused)])])
}

// --- Small parts
// ----------------------------------------------------------------------------------------------------------------

const NOTHING = new Uint8Array(0)

function nameText(element: DerElement): string {
  return keptName(derText(element), LONG_NAME_CHARACTERS_MAX)
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((octet, at) => bytes[at] === octet)
}
