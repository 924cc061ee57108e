/**
 * Names of NTSTATUS codes (MS-ERREF 2.3.1): those that answer an authentication, and the common ones of SMB and RPC
 * traffic; and of the DOS errors that stand in the same field of SMB1 (MS-CIFS 2.2.2.4). Does not explain them, and
 * knows no LDAP or Win32 code.
 */

/** `STATUS_LOGON_FAILURE`; a code that the table does not have as `0xC0001234`. */
export function ntstatusName(code: number): string {
  return NAMES.get(code >>> 0) ?? `0x${(code >>> 0).toString(16).toUpperCase().padStart(8, '0')}`
}

export const STATUS_SUCCESS = 0x0000_0000
export const STATUS_PENDING = 0x0000_0103
export const STATUS_MORE_PROCESSING_REQUIRED = 0xc000_0016
export const STATUS_ACCESS_DENIED = 0xc000_0022
export const STATUS_USER_SESSION_DELETED = 0xc000_0203
export const STATUS_NETWORK_SESSION_EXPIRED = 0xc000_035c
/** A DOS error in the dress of an NTSTATUS. */
export const STATUS_SMB_BAD_UID = 0x005b_0002

/** Without the prefix STATUS_. */
const UNPREFIXED: ReadonlyMap<number, string> = new Map([
  [0x0000_0000, 'SUCCESS'],
  [0x0000_0102, 'TIMEOUT'],
  [0x0000_0103, 'PENDING'],
  [0x0000_0104, 'REPARSE'],
  [0x0000_0105, 'MORE_ENTRIES'],
  [0x0000_010b, 'NOTIFY_CLEANUP'],
  [0x0000_010c, 'NOTIFY_ENUM_DIR'],
  [0x0001_0002, 'INVALID_SMB'],
  [0x0005_0002, 'SMB_BAD_TID'],
  [0x0016_0002, 'SMB_BAD_COMMAND'],
  [0x005b_0002, 'SMB_BAD_UID'],
  [0x00fb_0002, 'SMB_USE_STANDARD'],
  [0x8000_0005, 'BUFFER_OVERFLOW'],
  [0x8000_0006, 'NO_MORE_FILES'],
  [0x8000_001a, 'NO_MORE_ENTRIES'],
  [0x8000_002d, 'STOPPED_ON_SYMLINK'],
  [0xc000_0001, 'UNSUCCESSFUL'],
  [0xc000_0002, 'NOT_IMPLEMENTED'],
  [0xc000_0003, 'INVALID_INFO_CLASS'],
  [0xc000_0008, 'INVALID_HANDLE'],
  [0xc000_000d, 'INVALID_PARAMETER'],
  [0xc000_000e, 'NO_SUCH_DEVICE'],
  [0xc000_000f, 'NO_SUCH_FILE'],
  [0xc000_0010, 'INVALID_DEVICE_REQUEST'],
  [0xc000_0011, 'END_OF_FILE'],
  [0xc000_0016, 'MORE_PROCESSING_REQUIRED'],
  [0xc000_0017, 'NO_MEMORY'],
  [0xc000_0022, 'ACCESS_DENIED'],
  [0xc000_0023, 'BUFFER_TOO_SMALL'],
  [0xc000_0033, 'OBJECT_NAME_INVALID'],
  [0xc000_0034, 'OBJECT_NAME_NOT_FOUND'],
  [0xc000_0035, 'OBJECT_NAME_COLLISION'],
  [0xc000_003a, 'OBJECT_PATH_NOT_FOUND'],
  [0xc000_0043, 'SHARING_VIOLATION'],
  [0xc000_0054, 'FILE_LOCK_CONFLICT'],
  [0xc000_0055, 'LOCK_NOT_GRANTED'],
  [0xc000_0056, 'DELETE_PENDING'],
  [0xc000_005e, 'NO_LOGON_SERVERS'],
  [0xc000_005f, 'NO_SUCH_LOGON_SESSION'],
  [0xc000_0061, 'PRIVILEGE_NOT_HELD'],
  [0xc000_0062, 'INVALID_ACCOUNT_NAME'],
  [0xc000_0064, 'NO_SUCH_USER'],
  [0xc000_006a, 'WRONG_PASSWORD'],
  [0xc000_006c, 'PASSWORD_RESTRICTION'],
  [0xc000_006d, 'LOGON_FAILURE'],
  [0xc000_006e, 'ACCOUNT_RESTRICTION'],
  [0xc000_006f, 'INVALID_LOGON_HOURS'],
  [0xc000_0070, 'INVALID_WORKSTATION'],
  [0xc000_0071, 'PASSWORD_EXPIRED'],
  [0xc000_0072, 'ACCOUNT_DISABLED'],
  [0xc000_007f, 'DISK_FULL'],
  [0xc000_009a, 'INSUFFICIENT_RESOURCES'],
  [0xc000_00ac, 'PIPE_NOT_AVAILABLE'],
  [0xc000_00ae, 'PIPE_BUSY'],
  [0xc000_00b0, 'PIPE_DISCONNECTED'],
  [0xc000_00b5, 'IO_TIMEOUT'],
  [0xc000_00ba, 'FILE_IS_A_DIRECTORY'],
  [0xc000_00bb, 'NOT_SUPPORTED'],
  [0xc000_00be, 'BAD_NETWORK_PATH'],
  [0xc000_00c3, 'INVALID_NETWORK_RESPONSE'],
  [0xc000_00c9, 'NETWORK_NAME_DELETED'],
  [0xc000_00ca, 'NETWORK_ACCESS_DENIED'],
  [0xc000_00cb, 'BAD_DEVICE_TYPE'],
  [0xc000_00cc, 'BAD_NETWORK_NAME'],
  [0xc000_00ce, 'TOO_MANY_SESSIONS'],
  [0xc000_00d0, 'REQUEST_NOT_ACCEPTED'],
  [0xc000_00dc, 'INVALID_SERVER_STATE'],
  [0xc000_00df, 'NO_SUCH_DOMAIN'],
  [0xc000_00e5, 'INTERNAL_ERROR'],
  [0xc000_0101, 'DIRECTORY_NOT_EMPTY'],
  [0xc000_0103, 'NOT_A_DIRECTORY'],
  [0xc000_0120, 'CANCELLED'],
  [0xc000_0121, 'CANNOT_DELETE'],
  [0xc000_0123, 'FILE_DELETED'],
  [0xc000_0128, 'FILE_CLOSED'],
  [0xc000_0133, 'TIME_DIFFERENCE_AT_DC'],
  [0xc000_014b, 'PIPE_BROKEN'],
  [0xc000_015b, 'LOGON_TYPE_NOT_GRANTED'],
  [0xc000_0184, 'INVALID_DEVICE_STATE'],
  [0xc000_018a, 'NO_TRUST_LSA_SECRET'],
  [0xc000_018b, 'NO_TRUST_SAM_ACCOUNT'],
  [0xc000_018c, 'TRUSTED_DOMAIN_FAILURE'],
  [0xc000_018d, 'TRUSTED_RELATIONSHIP_FAILURE'],
  [0xc000_0190, 'TRUST_FAILURE'],
  [0xc000_0192, 'NETLOGON_NOT_STARTED'],
  [0xc000_0193, 'ACCOUNT_EXPIRED'],
  [0xc000_0198, 'NOLOGON_INTERDOMAIN_TRUST_ACCOUNT'],
  [0xc000_0199, 'NOLOGON_WORKSTATION_TRUST_ACCOUNT'],
  [0xc000_019a, 'NOLOGON_SERVER_TRUST_ACCOUNT'],
  [0xc000_019b, 'DOMAIN_TRUST_INCONSISTENT'],
  [0xc000_0202, 'NO_USER_SESSION_KEY'],
  [0xc000_0203, 'USER_SESSION_DELETED'],
  [0xc000_0205, 'INSUFF_SERVER_RESOURCES'],
  [0xc000_020c, 'CONNECTION_DISCONNECTED'],
  [0xc000_020d, 'CONNECTION_RESET'],
  [0xc000_0224, 'PASSWORD_MUST_CHANGE'],
  [0xc000_0225, 'NOT_FOUND'],
  [0xc000_0233, 'DOMAIN_CONTROLLER_NOT_FOUND'],
  [0xc000_0234, 'ACCOUNT_LOCKED_OUT'],
  [0xc000_0236, 'CONNECTION_REFUSED'],
  [0xc000_0241, 'CONNECTION_ABORTED'],
  [0xc000_0257, 'PATH_NOT_COVERED'],
  [0xc000_02f9, 'PKINIT_NAME_MISMATCH'],
  [0xc000_0320, 'PKINIT_FAILURE'],
  [0xc000_035b, 'BAD_BINDINGS'],
  [0xc000_035c, 'NETWORK_SESSION_EXPIRED'],
  [0xc000_0380, 'SMARTCARD_WRONG_PIN'],
  [0xc000_0388, 'DOWNGRADE_DETECTED'],
  [0xc000_0413, 'AUTHENTICATION_FIREWALL_FAILED'],
  [0xc000_0418, 'NTLM_BLOCKED'],
  [0xc05d_0000, 'SMB_BAD_CLUSTER_DIALECT'],
])

/** Whole, so that every answer with one status holds the same text. */
const NAMES: ReadonlyMap<number, string> = new Map(Array.from(UNPREFIXED, ([code, name]) => [code, `STATUS_${name}`]))

/** DOS errors as they stand in Status: class in the low byte, code in the high half. */
export const ERRDOS_NOACCESS = 0x0005_0001
export const ERRDOS_MOREDATA = 0x00ea_0001
export const ERRSRV_ACCESS = 0x0004_0002
export const ERRSRV_BADUID = 0x005b_0002

/** `ERRSRV/ERRbadpw`; a code that the table does not have as `ERRSRV/1234`. */
export function dosErrorName(code: number): string {
  const known = DOS_ERRORS.get(code)
  if (known !== undefined) return known
  const errorClass = DOS_CLASSES.get(code & 0xff) ?? `0x${(code & 0xff).toString(16).padStart(2, '0')}`
  return `${errorClass}/${code >>> 16}`
}

const DOS_CLASSES: ReadonlyMap<number, string> = new Map([
  [0x01, 'ERRDOS'],
  [0x02, 'ERRSRV'],
  [0x03, 'ERRHRD'],
  [0xff, 'ERRCMD'],
])
const DOS_ERRORS: ReadonlyMap<number, string> = new Map([
  [ERRDOS_NOACCESS, 'ERRDOS/ERRnoaccess'],
  [ERRDOS_MOREDATA, 'ERRDOS/ERRmoredata'],
  [0x0001_0002, 'ERRSRV/ERRerror'],
  [0x0002_0002, 'ERRSRV/ERRbadpw'],
  [ERRSRV_ACCESS, 'ERRSRV/ERRaccess'],
  [0x0005_0002, 'ERRSRV/ERRinvtid'],
  [0x0006_0002, 'ERRSRV/ERRinvnetname'],
  [0x005a_0002, 'ERRSRV/ERRtoomanyuids'],
  [ERRSRV_BADUID, 'ERRSRV/ERRbaduid'],
  [0x08bf_0002, 'ERRSRV/ERRaccountExpired'],
  [0x08c0_0002, 'ERRSRV/ERRbadClient'],
  [0x08c1_0002, 'ERRSRV/ERRbadLogonTime'],
  [0x08c2_0002, 'ERRSRV/ERRpasswordExpired'],
  [0xffff_0002, 'ERRSRV/ERRnosupport'],
])
