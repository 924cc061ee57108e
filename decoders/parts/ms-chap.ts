/**
 * What MS-CHAP and MS-CHAPv2 say wherever they stand (PPP, attributes of RADIUS, EAP): which of NTLM a response is, and
 * what a failure means. Neither a challenge nor a response leaves this file.
 */
import type { LegStep, Status } from '../carrier.ts'

/**
 * As an attribute, RFC 2548 2.1.3: Ident 1, Flags 1, LM-Response 24, NT-Response 24; of version 2, 2.3.2: Ident 1,
 * Flags 1, Peer-Challenge 16, Reserved 8, Response 24
 */
const ATTRIBUTE_BYTES = 50
const NT_RESPONSE_AT = 26
/** Vendor-Type of MS-CHAP-Response and MS-CHAP2-Response */
export const MS_CHAP_RESPONSE = 1
export const MS_CHAP2_RESPONSE = 25
/** the same of MS-CHAP-Error and MS-CHAP2-Success, and whose they are: Vendor-Id */
export const MS_CHAP_ERROR = 2
export const MS_CHAP2_SUCCESS = 26
export const MICROSOFT = 311

/** A response in an attribute; null: it is none. */
export function attributeResponse(
  type: typeof MS_CHAP_RESPONSE | typeof MS_CHAP2_RESPONSE,
  value: Uint8Array,
): { method: 'MS-CHAP' | 'MS-CHAPv2'; plainNtlm: LegStep['plainNtlm'] } | null {
  if (value.length !== ATTRIBUTE_BYTES) return null
  const isFirst = type === MS_CHAP_RESPONSE
  const empty = value.subarray(NT_RESPONSE_AT).every((byte) => byte === 0)
  return { method: isFirst ? 'MS-CHAP' : 'MS-CHAPv2', plainNtlm: empty && isFirst ? 'LM' : 'NTLMv1' }
}

/** RFC 2433 9, RFC 2759 6: `E=691 R=1 C=... V=3 M=...` */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [646, 'ERROR_RESTRICTED_LOGON_HOURS'],
  [647, 'ERROR_ACCT_DISABLED'],
  [648, 'ERROR_PASSWD_EXPIRED'],
  [649, 'ERROR_NO_DIALIN_PERMISSION'],
  [691, 'ERROR_AUTHENTICATION_FAILURE'],
  [709, 'ERROR_CHANGING_PASSWORD'],
])
const ERROR_BYTES_MAX = 12

/** The number in the message of a failure; null: it has none. */
export function errorOf(message: Uint8Array): number | null {
  const found = /^E=([0-9]{1,9})(?: |$)/.exec(String.fromCharCode(...message.subarray(0, ERROR_BYTES_MAX)))
  return found === null ? null : Number(found[1])
}

/** code of a Success packet and of a Failure packet, RFC 1994 4.2 */
const SUCCESS = 3
const FAILURE = 4

export const SUCCEEDED: Status = { code: SUCCESS, name: 'Success', detail: null }

/** What a failure is called. */
export function failureOf(error: number | null): Status {
  if (error === null) return { code: FAILURE, name: 'Failure', detail: null }
  return { code: error, name: ERRORS.get(error) ?? `E=${error}`, detail: null }
}
