/**
 * Pre-authentication data of requests and replies (RFC 4120 5.2.7, RFC 6113, MS-SFU 2.2, MS-KILE 2.2.10), and the
 * e-data of errors (RFC 4120 5.9.1, MS-KILE 2.2.1).
 *
 * Reads what tells who asks for what with which encryption type. Does not look into PKINIT, SPAKE, OTP, cookies or the
 * inside of FAST, and never returns a salt. All values are owned.
 */

import { type DerElement, derInner, OCTET_STRING, SEQUENCE } from '../parts/der.ts'
import {
  encryptedIn,
  type FieldReading,
  fieldsOf,
  flagsIn,
  insideOf,
  nameIn,
  numberIn,
  sequenceIn,
  type TicketValue,
  ticketIn,
} from './kerberos-fields.ts'

const PA_TGS_REQ = 1
const PA_ENC_TIMESTAMP = 2
const PA_PW_SALT = 3
const PA_ETYPE_INFO = 11
const PA_ETYPE_INFO2 = 19
const PA_FOR_USER = 129
const PA_S4U_X509_USER = 130
const PA_FX_FAST = 136
const PA_ENCRYPTED_CHALLENGE = 138
const PA_PAC_OPTIONS = 167
/** KERB-ERROR-DATA.data-type whose value is a KERB-EXT-ERROR */
const KERB_ERR_TYPE_EXTENDED = 3
const AP_REQ = 0x6e

export interface Padata {
  readonly types: number[]
  preauthEtype: number | null
  armored: boolean
  pacOptions: number | null
  forUser: string | null
  s4uOptions: number | null
  /** of the AP-REQ in PA-TGS-REQ */
  ticket: TicketValue | null
  authenticatorEtype: number | null
}

/** padata: SEQUENCE OF PA-DATA */
export function padataIn(r: FieldReading, wrapper: DerElement): Padata {
  const padata: Padata = {
    types: [],
    preauthEtype: null,
    armored: false,
    pacOptions: null,
    forUser: null,
    s4uOptions: null,
    ticket: null,
    authenticatorEtype: null,
  }
  for (const item of sequenceIn(r, wrapper, 'padata')) {
    const { type, value } = paDataOf(r, item)
    if (type === null) continue
    padata.types.push(type)
    if (value !== null) padataValue(r, padata, type, value)
  }
  return padata
}

function padataValue(r: FieldReading, padata: Padata, type: number, value: DerElement): void {
  switch (type) {
    case PA_TGS_REQ: // AP-REQ, its fields as in kerberos.ts
      tgsReqTicket(r, padata, value)
      break
    case PA_ENC_TIMESTAMP: // EncryptedData
    case PA_ENCRYPTED_CHALLENGE:
      padata.preauthEtype = encryptedIn(r, value, 'PA-ENC-TIMESTAMP').etype
      break
    case PA_FOR_USER: // SEQUENCE { userName [0] PrincipalName, userRealm [1] Realm, cksum [2] Checksum, auth-package [3] KerberosString }
      for (const field of sequenceIn(r, value, 'PA-FOR-USER')) {
        if (field.tag === 0xa0) padata.forUser = nameIn(r, field, 'PA-FOR-USER.userName')?.text ?? null
      }
      break
    case PA_S4U_X509_USER: // SEQUENCE { user-id [0] S4UUserID, checksum [1] Checksum }
      for (const field of sequenceIn(r, value, 'PA-S4U-X509-USER')) {
        if (field.tag === 0xa0) s4uUserIdIn(r, padata, field)
      }
      break
    case PA_FX_FAST:
      padata.armored = true
      break
    case PA_PAC_OPTIONS: // SEQUENCE { flags [0] KerberosFlags }
      for (const field of sequenceIn(r, value, 'PA-PAC-OPTIONS')) {
        if (field.tag === 0xa0) padata.pacOptions = flagsIn(r, field, 'PA-PAC-OPTIONS')
      }
      break
    default:
      break
  }
}

function tgsReqTicket(r: FieldReading, padata: Padata, value: DerElement): void {
  const request = insideOf(r, value, AP_REQ, 'PA-TGS-REQ')
  if (request === null) return
  for (const field of sequenceIn(r, request, 'PA-TGS-REQ')) {
    if (field.tag === 0xa3) padata.ticket = ticketIn(r, field)
    else if (field.tag === 0xa4) padata.authenticatorEtype = encryptedIn(r, field, 'PA-TGS-REQ.authenticator').etype
  }
}

/**
 * S4UUserID ::= SEQUENCE { nonce [0], cname [1] PrincipalName OPTIONAL, crealm [2], subject-certificate [3], options
 * [4] BIT STRING OPTIONAL }
 */
function s4uUserIdIn(r: FieldReading, padata: Padata, wrapper: DerElement): void {
  for (const field of sequenceIn(r, wrapper, 'S4UUserID')) {
    if (field.tag === 0xa1) padata.forUser ??= nameIn(r, field, 'S4UUserID.cname')?.text ?? null
    else if (field.tag === 0xa4) padata.s4uOptions = flagsIn(r, field, 'S4UUserID.options')
  }
}

export interface ErrorData {
  /** types of the METHOD-DATA or TYPED-DATA */
  readonly types: number[]
  /** of ETYPE-INFO2, or of ETYPE-INFO where there is no other */
  etypes: number[]
  /** NTSTATUS */
  status: number | null
  armored: boolean
}

/**
 * e-data is what the error code makes of it. Read are METHOD-DATA (SEQUENCE OF PA-DATA), TYPED-DATA, and
 *
 *     KERB-ERROR-DATA ::= SEQUENCE { data-type [1] INTEGER, data-value [2] OCTET STRING OPTIONAL }
 *
 * whose value Windows also sends as the PA-PW-SALT of a METHOD-DATA. Anything else is left alone, without a fault.
 */
export function errorDataIn(r: FieldReading, wrapper: DerElement): ErrorData {
  const found: ErrorData = { types: [], etypes: [], status: null, armored: false }
  const octets = insideOf(r, wrapper, OCTET_STRING, 'KRB-ERROR.e-data')
  const data = octets === null ? null : derInner(octets)
  if (data === null || data.tag !== SEQUENCE) return found
  const items = fieldsOf(r, data, 'KRB-ERROR.e-data')
  if (items[0]?.tag !== SEQUENCE) {
    const { type, value } = paDataFrom(r, items)
    if (type === KERB_ERR_TYPE_EXTENDED && value !== null) found.status = statusOf(value)
    return found
  }
  for (const item of items) {
    const { type, value } = paDataOf(r, item)
    if (type === null) continue
    found.types.push(type)
    if (value !== null) errorDataValue(r, found, type, value)
  }
  return found
}

function errorDataValue(r: FieldReading, found: ErrorData, type: number, value: DerElement): void {
  switch (type) {
    case PA_ETYPE_INFO2:
      found.etypes = etypeInfoIn(r, value)
      break
    case PA_ETYPE_INFO:
      if (!found.types.includes(PA_ETYPE_INFO2)) found.etypes = etypeInfoIn(r, value)
      break
    case PA_PW_SALT:
      found.status = statusOf(value)
      break
    case PA_FX_FAST:
      found.armored = true
      break
    default:
      break
  }
}

/**
 * ETYPE-INFO2 ::= SEQUENCE OF SEQUENCE { etype [0] Int32, salt [1] OPTIONAL, s2kparams [2] OPTIONAL }; ETYPE-INFO alike
 */
function etypeInfoIn(r: FieldReading, value: DerElement): number[] {
  const etypes: number[] = []
  for (const entry of sequenceIn(r, value, 'ETYPE-INFO2')) {
    for (const field of fieldsOf(r, entry, 'ETYPE-INFO2-ENTRY')) {
      const etype = field.tag === 0xa0 ? numberIn(r, field, 'ETYPE-INFO2-ENTRY.etype') : null
      if (etype !== null) etypes.push(etype)
    }
  }
  return etypes
}

/** KERB-EXT-ERROR: status (4 octets, little-endian), reserved (4, zero), flags (4). The zeros tell it from a salt. */
function statusOf(value: DerElement): number | null {
  const { bytes, start } = value
  if (value.cut || value.end - start !== 12) return null
  if ((bytes[start + 4]! | bytes[start + 5]! | bytes[start + 6]! | bytes[start + 7]!) !== 0) return null
  return (bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24)) >>> 0
}

interface PaData {
  readonly type: number | null
  /** the OCTET STRING; null where it is absent or empty, which only says "I know this type" */
  readonly value: DerElement | null
}

/**
 * PA-DATA    ::= SEQUENCE { padata-type [1] Int32, padata-value [2] OCTET STRING }
 * TYPED-DATA ::= SEQUENCE OF SEQUENCE { data-type [0] Int32, data-value [1] OCTET STRING OPTIONAL }
 */
function paDataOf(r: FieldReading, sequence: DerElement): PaData {
  return paDataFrom(r, fieldsOf(r, sequence, 'PA-DATA'))
}

function paDataFrom(r: FieldReading, fields: readonly DerElement[]): PaData {
  const typeTag = fields[0]?.tag === 0xa0 ? 0xa0 : 0xa1
  let type: number | null = null
  let value: DerElement | null = null
  for (const field of fields) {
    if (field.tag === typeTag) type = numberIn(r, field, 'padata-type')
    else if (field.tag === typeTag + 1) value = insideOf(r, field, OCTET_STRING, 'padata-value')
  }
  if (value?.cut) r.stop('padata-value', value.end)
  return { type, value: value !== null && value.start < value.end ? value : null }
}
