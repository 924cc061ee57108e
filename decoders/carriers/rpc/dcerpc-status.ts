/**
 * Names of what an RPC server answers instead of a result: fault status (C706 appendix E, MS-RPCE 3.1.1.5.5, MS-ERREF
 * 2.2) and reasons of a bind_nak (C706 12.6.3.1, MS-RPCE 2.2.2.5); and what a fault says about the authentication of
 * the call.
 */

/** `nca_s_fault_access_denied`; a code that the table does not have as `0x1c010099`. */
export function faultName(status: number): string {
  return FAULTS.get(status >>> 0) ?? `0x${(status >>> 0).toString(16).padStart(8, '0')}`
}

const ACCESS_DENIED = 0x0000_0005
const SEC_PKG_ERROR = 0x0000_0721
const UNSUPPORTED_LEVEL = 0x1c00_001d
const PROTO_ERROR = 0x1c01_000b

/**
 * How the authentication went under which a call got this fault. A call that was carried out was authenticated,
 * whatever came of it. Where the server says that it was not carried out, some codes are refusals of the caller
 * (Windows denies access, Samba speaks of a protocol error); the others, as an operation that does not exist, are about
 * the call alone.
 */
export function outcomeOfFault(status: number, didNotExecute: boolean): 'success' | 'failure' | null {
  if (status === SEC_PKG_ERROR || status === PROTO_ERROR || status === UNSUPPORTED_LEVEL) return 'failure'
  if (!didNotExecute) return 'success'
  return status === ACCESS_DENIED ? 'failure' : null
}

const FAULTS: ReadonlyMap<number, string> = new Map([
  [ACCESS_DENIED, 'nca_s_fault_access_denied'],
  [0x0000_0057, 'nca_s_fault_invalid_parameter'],
  [0x0000_06ba, 'rpc_s_server_unavailable'],
  [0x0000_06bf, 'rpc_s_call_failed_dne'],
  [0x0000_06d8, 'nca_s_fault_cant_perform'],
  [0x0000_06f7, 'nca_s_fault_ndr'],
  [SEC_PKG_ERROR, 'nca_s_fault_sec_pkg_error'],
  [0x1c00_0001, 'nca_s_fault_int_div_by_zero'],
  [0x1c00_0002, 'nca_s_fault_addr_error'],
  [0x1c00_0006, 'nca_s_fault_invalid_tag'],
  [0x1c00_0007, 'nca_s_fault_invalid_bound'],
  [0x1c00_0008, 'nca_rpc_version_mismatch'],
  [0x1c00_0009, 'nca_unspec_reject'],
  [0x1c00_000a, 'nca_s_bad_actid'],
  [0x1c00_000b, 'nca_who_are_you_failed'],
  [0x1c00_000c, 'nca_manager_not_entered'],
  [0x1c00_000d, 'nca_s_fault_cancel'],
  [0x1c00_0012, 'nca_s_fault_unspec'],
  [0x1c00_001a, 'nca_s_fault_context_mismatch'],
  [0x1c00_001b, 'nca_s_fault_remote_no_memory'],
  [0x1c00_001c, 'nca_invalid_pres_context_id'],
  [UNSUPPORTED_LEVEL, 'nca_unsupported_authn_level'],
  [0x1c00_001f, 'nca_invalid_checksum'],
  [0x1c01_0002, 'nca_op_rng_error'],
  [0x1c01_0003, 'nca_unk_if'],
  [0x1c01_0006, 'nca_wrong_boot_time'],
  [0x1c01_0009, 'nca_s_you_crashed'],
  [PROTO_ERROR, 'nca_proto_error'],
  [0x1c01_0013, 'nca_out_args_too_big'],
  [0x1c01_0014, 'nca_server_too_busy'],
  [0x1c01_0017, 'nca_unsupported_type'],
])

/** `authentication_type_not_recognized`; a reason that the table does not have as its number. */
export function rejectReasonName(reason: number): string {
  return REJECT_REASONS[reason] ?? String(reason)
}

const REJECT_REASONS = [
  'reason_not_specified',
  'temporary_congestion',
  'local_limit_exceeded',
  'called_paddr_unknown',
  'protocol_version_not_supported',
  'default_context_not_supported',
  'user_data_not_readable',
  'no_psap_available',
  'authentication_type_not_recognized',
  'invalid_checksum',
]
