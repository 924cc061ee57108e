/**
 * The field's own names for the numbers in Kerberos messages: error codes, encryption types, padata types, flag bits,
 * and the NTSTATUS values that a Windows KDC puts into KERB-ERROR-DATA.
 *
 * Sources: RFC 4120 7.5 and 5.4.1, the IANA Kerberos parameters, RFC 4556, RFC 6113, RFC 8636, MS-KILE 2.2 and 3.1.5.2,
 * MS-SFU 2.2, MS-ERREF 2.3.1. Tables only: what a code means for a verdict is not said here. A number without a name
 * stays visible as `unknown (n)`.
 */
import { ntstatusName } from '../parts/ntstatus.ts'

/** `KDC_ERR_PREAUTH_REQUIRED` for 25. */
export function errorName(code: number): string {
  return ERRORS.get(code) ?? unknown(code)
}

/**
 * Is this error a part of every logon, after which the client asks again? KDC_ERR_PREAUTH_REQUIRED (RFC 4120 3.1.1),
 * KRB_ERR_RESPONSE_TOO_BIG (7.2.1), KDC_ERR_WRONG_REALM (RFC 6806 7).
 */
export function asksAgain(code: number): boolean {
  return code === 25 || code === 52 || code === 68
}

/** DES and RC4 with their Microsoft variants: crackable, and gone where RC4 is switched off. */
export function isWeakEtype(etype: number): boolean {
  return WEAK_ETYPES.has(etype)
}

const WEAK_ETYPES: ReadonlySet<number> = new Set([1, 2, 3, 23, 24, -128, -133, -135])

/** `aes256-cts-hmac-sha1-96` for 18. */
export function etypeName(etype: number): string {
  return ETYPES.get(etype) ?? unknown(etype)
}

/** `PA-ENC-TIMESTAMP` for 2. */
export function padataName(type: number): string {
  return PADATA.get(type) ?? unknown(type)
}

/** `krbtgt/...` is a NT-SRV-INST (2), a user principal name NT-ENTERPRISE (10). */
export function nameTypeName(type: number): string {
  return NAME_TYPES.get(type) ?? unknown(type)
}

/** NTSTATUS of KERB-ERROR-DATA: `STATUS_ACCOUNT_DISABLED` for 0xC0000072. */
export function kerberosStatusName(status: number): string {
  return KDC_STATUSES.get(status >>> 0) ?? ntstatusName(status)
}

/** Names of the bits set in KDC-REQ-BODY.kdc-options, from bit 0. */
export function kdcOptionNames(flags: number): string[] {
  return flagNames(flags, KDC_OPTIONS)
}

/** Names of the bits set in AP-REQ.ap-options. */
export function apOptionNames(flags: number): string[] {
  return flagNames(flags, AP_OPTIONS)
}

/** Names of the bits set in PA-PAC-OPTIONS. */
export function pacOptionNames(flags: number): string[] {
  return flagNames(flags, PAC_OPTIONS)
}

/** Names of the bits set in S4UUserID.options of PA-S4U-X509-USER. */
export function s4uOptionNames(flags: number): string[] {
  return flagNames(flags, S4U_OPTIONS)
}

function unknown(value: number): string {
  return `unknown (${value})`
}

/** Bit 0 is the most significant one, as in every KerberosFlags. */
function flagNames(flags: number, names: ReadonlyMap<number, string>): string[] {
  const found: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    if ((flags & (0x8000_0000 >>> bit)) !== 0) found.push(names.get(bit) ?? `bit ${bit}`)
  }
  return found
}

/** RFC 4120 7.5.9; 62 to 66 and 70 to 81 RFC 4556; 85, 86 IAKERB; 90 to 93 RFC 6113; 100 RFC 8636 */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [0, 'KDC_ERR_NONE'],
  [1, 'KDC_ERR_NAME_EXP'],
  [2, 'KDC_ERR_SERVICE_EXP'],
  [3, 'KDC_ERR_BAD_PVNO'],
  [4, 'KDC_ERR_C_OLD_MAST_KVNO'],
  [5, 'KDC_ERR_S_OLD_MAST_KVNO'],
  [6, 'KDC_ERR_C_PRINCIPAL_UNKNOWN'],
  [7, 'KDC_ERR_S_PRINCIPAL_UNKNOWN'],
  [8, 'KDC_ERR_PRINCIPAL_NOT_UNIQUE'],
  [9, 'KDC_ERR_NULL_KEY'],
  [10, 'KDC_ERR_CANNOT_POSTDATE'],
  [11, 'KDC_ERR_NEVER_VALID'],
  [12, 'KDC_ERR_POLICY'],
  [13, 'KDC_ERR_BADOPTION'],
  [14, 'KDC_ERR_ETYPE_NOSUPP'],
  [15, 'KDC_ERR_SUMTYPE_NOSUPP'],
  [16, 'KDC_ERR_PADATA_TYPE_NOSUPP'],
  [17, 'KDC_ERR_TRTYPE_NOSUPP'],
  [18, 'KDC_ERR_CLIENT_REVOKED'],
  [19, 'KDC_ERR_SERVICE_REVOKED'],
  [20, 'KDC_ERR_TGT_REVOKED'],
  [21, 'KDC_ERR_CLIENT_NOTYET'],
  [22, 'KDC_ERR_SERVICE_NOTYET'],
  [23, 'KDC_ERR_KEY_EXPIRED'],
  [24, 'KDC_ERR_PREAUTH_FAILED'],
  [25, 'KDC_ERR_PREAUTH_REQUIRED'],
  [26, 'KDC_ERR_SERVER_NOMATCH'],
  [27, 'KDC_ERR_MUST_USE_USER2USER'],
  [28, 'KDC_ERR_PATH_NOT_ACCEPTED'],
  [29, 'KDC_ERR_SVC_UNAVAILABLE'],
  [31, 'KRB_AP_ERR_BAD_INTEGRITY'],
  [32, 'KRB_AP_ERR_TKT_EXPIRED'],
  [33, 'KRB_AP_ERR_TKT_NYV'],
  [34, 'KRB_AP_ERR_REPEAT'],
  [35, 'KRB_AP_ERR_NOT_US'],
  [36, 'KRB_AP_ERR_BADMATCH'],
  [37, 'KRB_AP_ERR_SKEW'],
  [38, 'KRB_AP_ERR_BADADDR'],
  [39, 'KRB_AP_ERR_BADVERSION'],
  [40, 'KRB_AP_ERR_MSG_TYPE'],
  [41, 'KRB_AP_ERR_MODIFIED'],
  [42, 'KRB_AP_ERR_BADORDER'],
  [44, 'KRB_AP_ERR_BADKEYVER'],
  [45, 'KRB_AP_ERR_NOKEY'],
  [46, 'KRB_AP_ERR_MUT_FAIL'],
  [47, 'KRB_AP_ERR_BADDIRECTION'],
  [48, 'KRB_AP_ERR_METHOD'],
  [49, 'KRB_AP_ERR_BADSEQ'],
  [50, 'KRB_AP_ERR_INAPP_CKSUM'],
  [51, 'KRB_AP_PATH_NOT_ACCEPTED'],
  [52, 'KRB_ERR_RESPONSE_TOO_BIG'],
  [60, 'KRB_ERR_GENERIC'],
  [61, 'KRB_ERR_FIELD_TOOLONG'],
  [62, 'KDC_ERR_CLIENT_NOT_TRUSTED'],
  [63, 'KDC_ERROR_KDC_NOT_TRUSTED'],
  [64, 'KDC_ERR_INVALID_SIG'],
  [65, 'KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED'],
  [66, 'KDC_ERR_CERTIFICATE_MISMATCH'],
  [67, 'KRB_AP_ERR_NO_TGT'],
  [68, 'KDC_ERR_WRONG_REALM'],
  [69, 'KRB_AP_ERR_USER_TO_USER_REQUIRED'],
  [70, 'KDC_ERR_CANT_VERIFY_CERTIFICATE'],
  [71, 'KDC_ERR_INVALID_CERTIFICATE'],
  [72, 'KDC_ERR_REVOKED_CERTIFICATE'],
  [73, 'KDC_ERR_REVOCATION_STATUS_UNKNOWN'],
  [74, 'KDC_ERR_REVOCATION_STATUS_UNAVAILABLE'],
  [75, 'KDC_ERR_CLIENT_NAME_MISMATCH'],
  [76, 'KDC_ERR_KDC_NAME_MISMATCH'],
  [77, 'KDC_ERR_INCONSISTENT_KEY_PURPOSE'],
  [78, 'KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED'],
  [79, 'KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED'],
  [80, 'KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED'],
  [81, 'KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED'],
  [85, 'KRB_AP_ERR_IAKERB_KDC_NOT_FOUND'],
  [86, 'KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE'],
  [90, 'KDC_ERR_PREAUTH_EXPIRED'],
  [91, 'KDC_ERR_MORE_PREAUTH_DATA_REQUIRED'],
  [92, 'KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET'],
  [93, 'KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS'],
  [100, 'KDC_ERR_NO_ACCEPTABLE_KDF'],
])

/** IANA Kerberos Encryption Type Numbers; the negative ones are Microsoft's (ntsecapi.h) */
const ETYPES: ReadonlyMap<number, string> = new Map([
  [0, 'null'],
  [1, 'des-cbc-crc'],
  [2, 'des-cbc-md4'],
  [3, 'des-cbc-md5'],
  [5, 'des3-cbc-md5'],
  [7, 'des3-cbc-sha1'],
  [9, 'dsaWithSHA1-CmsOID'],
  [10, 'md5WithRSAEncryption-CmsOID'],
  [11, 'sha1WithRSAEncryption-CmsOID'],
  [12, 'rc2CBC-EnvOID'],
  [13, 'rsaEncryption-EnvOID'],
  [14, 'rsaES-OAEP-ENV-OID'],
  [15, 'des-ede3-cbc-Env-OID'],
  [16, 'des3-cbc-sha1-kd'],
  [17, 'aes128-cts-hmac-sha1-96'],
  [18, 'aes256-cts-hmac-sha1-96'],
  [19, 'aes128-cts-hmac-sha256-128'],
  [20, 'aes256-cts-hmac-sha384-192'],
  [23, 'rc4-hmac'],
  [24, 'rc4-hmac-exp'],
  [25, 'camellia128-cts-cmac'],
  [26, 'camellia256-cts-cmac'],
  [65, 'subkey-keymaterial'],
  [-128, 'rc4-md4'],
  [-129, 'rc4-plain2'],
  [-130, 'rc4-lm'],
  [-131, 'rc4-sha'],
  [-132, 'des-plain'],
  [-133, 'rc4-hmac-old'],
  [-134, 'rc4-plain-old'],
  [-135, 'rc4-hmac-old-exp'],
  [-136, 'rc4-plain-old-exp'],
  [-140, 'rc4-plain'],
  [-141, 'rc4-plain-exp'],
  [-148, 'aes128-cts-hmac-sha1-96-plain'],
  [-149, 'aes256-cts-hmac-sha1-96-plain'],
])

/** IANA Pre-authentication and Typed Data: one number space for both */
const PADATA: ReadonlyMap<number, string> = new Map([
  [1, 'PA-TGS-REQ'],
  [2, 'PA-ENC-TIMESTAMP'],
  [3, 'PA-PW-SALT'],
  [5, 'PA-ENC-UNIX-TIME'],
  [6, 'PA-SANDIA-SECUREID'],
  [7, 'PA-SESAME'],
  [8, 'PA-OSF-DCE'],
  [9, 'PA-CYBERSAFE-SECUREID'],
  [10, 'PA-AFS3-SALT'],
  [11, 'PA-ETYPE-INFO'],
  [12, 'PA-SAM-CHALLENGE'],
  [13, 'PA-SAM-RESPONSE'],
  [14, 'PA-PK-AS-REQ_OLD'],
  [15, 'PA-PK-AS-REP_OLD'],
  [16, 'PA-PK-AS-REQ'],
  [17, 'PA-PK-AS-REP'],
  [18, 'PA-PK-OCSP-RESPONSE'],
  [19, 'PA-ETYPE-INFO2'],
  [20, 'PA-SVR-REFERRAL-INFO'],
  [21, 'PA-SAM-REDIRECT'],
  [22, 'TD-PADATA'],
  [23, 'PA-SAM-ETYPE-INFO'],
  [24, 'PA-ALT-PRINC'],
  [25, 'PA-SERVER-REFERRAL'],
  [30, 'PA-SAM-CHALLENGE2'],
  [31, 'PA-SAM-RESPONSE2'],
  [41, 'PA-EXTRA-TGT'],
  [101, 'TD-PKINIT-CMS-CERTIFICATES'],
  [102, 'TD-KRB-PRINCIPAL'],
  [103, 'TD-KRB-REALM'],
  [104, 'TD-TRUSTED-CERTIFIERS'],
  [105, 'TD-CERTIFICATE-INDEX'],
  [106, 'TD-APP-DEFINED-ERROR'],
  [107, 'TD-REQ-NONCE'],
  [108, 'TD-REQ-SEQ'],
  [109, 'TD-DH-PARAMETERS'],
  [111, 'TD-CMS-DIGEST-ALGORITHMS'],
  [112, 'TD-CERT-DIGEST-ALGORITHMS'],
  [128, 'PA-PAC-REQUEST'],
  [129, 'PA-FOR-USER'],
  [130, 'PA-S4U-X509-USER'],
  [131, 'PA-FOR-CHECK_DUPS'],
  [132, 'PA-AS-CHECKSUM'],
  [133, 'PA-FX-COOKIE'],
  [134, 'PA-AUTHENTICATION-SET'],
  [135, 'PA-AUTH-SET-SELECTED'],
  [136, 'PA-FX-FAST'],
  [137, 'PA-FX-ERROR'],
  [138, 'PA-ENCRYPTED-CHALLENGE'],
  [141, 'PA-OTP-CHALLENGE'],
  [142, 'PA-OTP-REQUEST'],
  [143, 'PA-OTP-CONFIRM'],
  [144, 'PA-OTP-PIN-CHANGE'],
  [145, 'PA-EPAK-AS-REQ'],
  [146, 'PA-EPAK-AS-REP'],
  [147, 'PA-PKINIT-KX'],
  [148, 'PA-PKU2U-NAME'],
  [149, 'PA-REQ-ENC-PA-REP'],
  [150, 'PA-AS-FRESHNESS'],
  [151, 'PA-SPAKE'],
  [161, 'KERB-KEY-LIST-REQ'],
  [162, 'KERB-KEY-LIST-REP'],
  [165, 'PA-SUPPORTED-ENCTYPES'],
  [166, 'PA-EXTENDED-ERROR'],
  [167, 'PA-PAC-OPTIONS'],
])

/** RFC 4120 6.2, RFC 6111, RFC 8062; the negative ones are Microsoft's */
const NAME_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'NT-UNKNOWN'],
  [1, 'NT-PRINCIPAL'],
  [2, 'NT-SRV-INST'],
  [3, 'NT-SRV-HST'],
  [4, 'NT-SRV-XHST'],
  [5, 'NT-UID'],
  [6, 'NT-X500-PRINCIPAL'],
  [7, 'NT-SMTP-NAME'],
  [10, 'NT-ENTERPRISE'],
  [11, 'NT-WELLKNOWN'],
  [12, 'NT-SRV-HST-DOMAIN'],
  [-128, 'NT-MS-PRINCIPAL'],
  [-129, 'NT-MS-PRINCIPAL-AND-ID'],
  [-130, 'NT-ENT-PRINCIPAL-AND-ID'],
])

/** RFC 4120 5.4.1; 14 MS-SFU 2.2.3, 15 RFC 6806, 16 RFC 8062 */
const KDC_OPTIONS: ReadonlyMap<number, string> = new Map([
  [0, 'reserved'],
  [1, 'forwardable'],
  [2, 'forwarded'],
  [3, 'proxiable'],
  [4, 'proxy'],
  [5, 'allow-postdate'],
  [6, 'postdated'],
  [8, 'renewable'],
  [11, 'opt-hardware-auth'],
  [14, 'cname-in-addl-tkt'],
  [15, 'canonicalize'],
  [16, 'request-anonymous'],
  [26, 'disable-transited-check'],
  [27, 'renewable-ok'],
  [28, 'enc-tkt-in-skey'],
  [30, 'renew'],
  [31, 'validate'],
])

/** RFC 4120 5.5.1 */
const AP_OPTIONS: ReadonlyMap<number, string> = new Map([
  [0, 'reserved'],
  [1, 'use-session-key'],
  [2, 'mutual-required'],
])

/** MS-KILE 2.2.10, MS-SFU 2.2.5 */
const PAC_OPTIONS: ReadonlyMap<number, string> = new Map([
  [0, 'claims'],
  [1, 'branch-aware'],
  [2, 'forward-to-full-dc'],
  [3, 'resource-based-constrained-delegation'],
])

/** MS-SFU 2.2.2 */
const S4U_OPTIONS: ReadonlyMap<number, string> = new Map([
  [1, 'check-logon-hours'],
  [2, 'use-reply-key-usage'],
  [4, 'unconditional-delegation'],
])

/** Those that only a KDC answers with, MS-ERREF 2.3.1; the common ones stand in ntstatus.ts */
const KDC_STATUSES: ReadonlyMap<number, string> = new Map([
  [0xc000_02f6, 'STATUS_STRONG_CRYPTO_NOT_SUPPORTED'],
  [0xc000_02f8, 'STATUS_NO_PA_DATA'],
  [0xc000_02fa, 'STATUS_SMARTCARD_LOGON_REQUIRED'],
  [0xc000_02fb, 'STATUS_KDC_INVALID_REQUEST'],
  [0xc000_02fc, 'STATUS_KDC_UNABLE_TO_REFER'],
  [0xc000_02fd, 'STATUS_KDC_UNKNOWN_ETYPE'],
  [0xc000_0322, 'STATUS_NO_KERB_KEY'],
  [0xc000_0351, 'STATUS_UNSUPPORTED_PREAUTH'],
  [0xc000_0371, 'STATUS_NO_SECRETS'],
  [0xc000_038a, 'STATUS_ISSUING_CA_UNTRUSTED'],
  [0xc000_038b, 'STATUS_REVOCATION_OFFLINE_C'],
  [0xc000_038c, 'STATUS_PKINIT_CLIENT_FAILURE'],
  [0xc000_0408, 'STATUS_USER2USER_REQUIRED'],
  [0xc000_040a, 'STATUS_NO_S4U_PROT_SUPPORT'],
  [0xc000_040b, 'STATUS_CROSSREALM_DELEGATION_FAILURE'],
  [0xc000_040c, 'STATUS_REVOCATION_OFFLINE_KDC'],
  [0xc000_040d, 'STATUS_ISSUING_CA_UNTRUSTED_KDC'],
  [0xc000_040e, 'STATUS_KDC_CERT_EXPIRED'],
  [0xc000_040f, 'STATUS_KDC_CERT_REVOKED'],
])
