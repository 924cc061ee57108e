/**
 * What an LDAPResult says in words: resultCode names, and the reason that Active Directory and Samba hide in
 * diagnosticMessage.
 *
 * RFC 4511 4.1.9 and appendix A (codes 0 to 80), RFC 3909 (118 to 121), RFC 4528 (122), RFC 4370 (123). The
 * diagnosticMessage of Active Directory is `HEX: LdapErr: DSID-..., comment: TEXT, data HEX, vHEX`: the first number is
 * an HRESULT or Win32 code of the directory, `data` the Win32 code of the logon (MS-ERREF 2.1, 2.2). Any other text is
 * left alone. Returns owned strings.
 */
import { utf8Text } from '../../parts/text.ts'

const RESULT_CODES: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  4: 'sizeLimitExceeded',
  5: 'compareFalse',
  6: 'compareTrue',
  7: 'authMethodNotSupported',
  8: 'strongerAuthRequired',
  10: 'referral',
  11: 'adminLimitExceeded',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  14: 'saslBindInProgress',
  16: 'noSuchAttribute',
  17: 'undefinedAttributeType',
  18: 'inappropriateMatching',
  19: 'constraintViolation',
  20: 'attributeOrValueExists',
  21: 'invalidAttributeSyntax',
  32: 'noSuchObject',
  33: 'aliasProblem',
  34: 'invalidDNSyntax',
  36: 'aliasDereferencingProblem',
  48: 'inappropriateAuthentication',
  49: 'invalidCredentials',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  54: 'loopDetect',
  64: 'namingViolation',
  65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf',
  67: 'notAllowedOnRDN',
  68: 'entryAlreadyExists',
  69: 'objectClassModsProhibited',
  71: 'affectsMultipleDSAs',
  80: 'other',
  118: 'canceled',
  119: 'noSuchOperation',
  120: 'tooLate',
  121: 'cannotCancel',
  122: 'assertionFailed',
  123: 'authorizationDenied',
}

/** The Win32 code after `data`: why the logon failed. */
const LOGON_REASONS: Readonly<Record<number, string>> = {
  1265: 'downgrade detected',
  1311: 'no logon servers',
  1317: 'no such user',
  1326: 'invalid credentials',
  1327: 'account restriction',
  1328: 'logon hours',
  1329: 'workstation not permitted',
  1330: 'password expired',
  1331: 'account disabled',
  // 0x534 is ERROR_NONE_MAPPED by its number; directories send it for a logon right that is missing, as 0x569
  1332: 'logon type not granted',
  1384: 'too many context ids',
  1385: 'logon type not granted',
  1398: 'time skew',
  1787: 'no trust account',
  1789: 'trust relationship failure',
  1793: 'account expired',
  1907: 'password must change',
  1909: 'account locked out',
  1937: 'NTLM blocked',
}

/** The number that the text begins with: HRESULT of the security package, or Win32 code of the directory service. */
const DIRECTORY_REASONS: Readonly<Record<number, string>> = {
  1244: 'ERROR_NOT_AUTHENTICATED',
  8224: 'ERROR_DS_OPERATIONS_ERROR',
  8231: 'ERROR_DS_AUTH_METHOD_NOT_SUPPORTED',
  8232: 'ERROR_DS_STRONG_AUTH_REQUIRED',
  8233: 'ERROR_DS_INAPPROPRIATE_AUTH',
  8235: 'ERROR_DS_REFERRAL',
  2148074242: 'SEC_E_UNSUPPORTED_FUNCTION',
  2148074243: 'SEC_E_TARGET_UNKNOWN',
  2148074244: 'SEC_E_INTERNAL_ERROR',
  2148074245: 'SEC_E_SECPKG_NOT_FOUND',
  2148074248: 'SEC_E_INVALID_TOKEN',
  2148074252: 'SEC_E_LOGON_DENIED',
  2148074254: 'SEC_E_NO_CREDENTIALS',
  2148074257: 'SEC_E_NO_AUTHENTICATING_AUTHORITY',
  2148074274: 'SEC_E_WRONG_PRINCIPAL',
  2148074276: 'SEC_E_TIME_SKEW',
  2148074289: 'SEC_E_ALGORITHM_MISMATCH',
  2148074310: 'SEC_E_BAD_BINDINGS',
  2148074320: 'SEC_E_DOWNGRADE_DETECTED',
}

const DIAGNOSTIC_CHARACTERS_MAX = 200

/** The name of RFC 4511; `unknown (n)` where no table has it. */
export function resultName(code: number): string {
  return RESULT_CODES[code] ?? `unknown (${code})`
}

/**
 * diagnosticMessage as it may be shown: no control or invisible characters (Windows ends it with a NUL), bounded; null
 * where empty.
 */
export function diagnosticText(octets: Uint8Array): string | null {
  // four octets a character at most: nothing behind them can be shown
  const text = utf8Text(octets.subarray(0, 4 * DIAGNOSTIC_CHARACTERS_MAX))
  const shown = text.slice(0, DIAGNOSTIC_CHARACTERS_MAX).replace(/\p{C}/gu, '').trim()
  return shown === '' ? null : shown
}

/**
 * The reason inside a diagnosticMessage: `data 52e (invalid credentials)`, `80090346 (SEC_E_BAD_BINDINGS)`; null where
 * the text has none. The logon's own code tells more than the number in front; where `data` only repeats that number,
 * or is 0, that one is told.
 */
export function diagnosticReason(text: string): string | null {
  const front = /^([0-9a-f]{8}):/i.exec(text)?.[1] ?? null
  const data = /, data ([0-9a-f]{1,8})\b/i.exec(text)?.[1] ?? null
  if (data !== null) {
    const code = Number.parseInt(data, 16)
    const repeats = front !== null && code === Number.parseInt(front, 16)
    if (LOGON_REASONS[code] !== undefined) return `data ${data.toLowerCase()} (${LOGON_REASONS[code]})`
    if (code !== 0 && !repeats) return `data ${data.toLowerCase()}`
  }
  if (front === null) return null
  const name = DIRECTORY_REASONS[Number.parseInt(front, 16)]
  return name === undefined ? front.toLowerCase() : `${front.toUpperCase()} (${name})`
}
