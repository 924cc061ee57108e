/**
 * The fields of Zeek's logs in their order, with their types; what is ours (`ns_`, and the Community ID that a package
 * of Zeek adds) stands behind them. From zeek/zeek a13de64: `ntlm/main.zeek`, `krb/main.zeek`, `krb/files.zeek`,
 * `notice/main.zeek`, `conn/main.zeek`.
 */

export type ZeekType =
  | 'time'
  | 'interval'
  | 'string'
  | 'addr'
  | 'port'
  | 'bool'
  | 'count'
  | 'enum'
  | 'double'
  | 'set[string]'
  | 'set[enum]'
  | 'vector[string]'

type Fields = readonly (readonly [string, ZeekType])[]

const CONNECTION: Fields = [
  ['ts', 'time'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
]

const PROOF: Fields = [
  ['ns_capture', 'string'],
  ['ns_frames', 'vector[string]'],
  ['community_id', 'string'],
]

export const ZEEK_LOGS = {
  ntlm: [
    ...CONNECTION,
    ['username', 'string'],
    ['hostname', 'string'],
    ['domainname', 'string'],
    ['server_nb_computer_name', 'string'],
    ['server_dns_computer_name', 'string'],
    ['server_tree_name', 'string'],
    ['success', 'bool'],
    ['ns_service', 'string'],
    ['ns_version', 'string'],
    ['ns_spn', 'string'],
    ['ns_origin', 'string'],
    ['ns_cause', 'string'],
    ['ns_mic', 'bool'],
    ['ns_binding', 'string'],
    ['ns_smb', 'string'],
    ['ns_status', 'string'],
    ...PROOF,
  ],
  kerberos: [
    ...CONNECTION,
    ['request_type', 'string'],
    ['client', 'string'],
    ['service', 'string'],
    ['success', 'bool'],
    ['error_msg', 'string'],
    ['from', 'time'],
    ['till', 'time'],
    ['cipher', 'string'],
    ['forwardable', 'bool'],
    ['renewable', 'bool'],
    ['client_cert_subject', 'string'],
    ['client_cert_fuid', 'string'],
    ['server_cert_subject', 'string'],
    ['server_cert_fuid', 'string'],
    ['ns_service', 'string'],
    ['ns_transport', 'string'],
    ['ns_error', 'string'],
    ['ns_binding', 'string'],
    ['ns_smb', 'string'],
    ...PROOF,
  ],
  notice: [
    ...CONNECTION,
    ['fuid', 'string'],
    ['file_mime_type', 'string'],
    ['file_desc', 'string'],
    ['proto', 'enum'],
    ['note', 'enum'],
    ['msg', 'string'],
    ['sub', 'string'],
    ['src', 'addr'],
    ['dst', 'addr'],
    ['p', 'port'],
    ['n', 'count'],
    ['peer_descr', 'string'],
    ['actions', 'set[enum]'],
    ['email_dest', 'set[string]'],
    ['suppress_for', 'interval'],
    ['remote_location.country_code', 'string'],
    ['remote_location.region', 'string'],
    ['remote_location.city', 'string'],
    ['remote_location.latitude', 'double'],
    ['remote_location.longitude', 'double'],
    ['ns_severity', 'string'],
    ['ns_confidence', 'string'],
    ['ns_techniques', 'set[string]'],
    ['ns_service', 'string'],
    ['ns_uid', 'string'],
    ...PROOF,
  ],
  conn: [
    ...CONNECTION,
    ['proto', 'enum'],
    ['service', 'string'],
    ['duration', 'interval'],
    ['orig_bytes', 'count'],
    ['resp_bytes', 'count'],
    ['conn_state', 'string'],
    ['local_orig', 'bool'],
    ['local_resp', 'bool'],
    ['missed_bytes', 'count'],
    ['history', 'string'],
    ['orig_pkts', 'count'],
    ['orig_ip_bytes', 'count'],
    ['resp_pkts', 'count'],
    ['resp_ip_bytes', 'count'],
    ['tunnel_parents', 'set[string]'],
    ['community_id', 'string'],
  ],
  ntlmscope: [
    ...CONNECTION,
    ['service', 'string'],
    ['mechanism', 'string'],
    ['method', 'string'],
    ['result', 'string'],
    ['status', 'string'],
    ['user', 'string'],
    ['domain', 'string'],
    ['workstation', 'string'],
    ['client_name', 'string'],
    ['server_name', 'string'],
    ['spn', 'string'],
    ['ntlm_version', 'string'],
    ['realm', 'string'],
    ['cipher', 'string'],
    ['origin', 'string'],
    ['fallback', 'bool'],
    ['cause', 'string'],
    ['cause_title', 'string'],
    ['confidence', 'string'],
    ['smb_dialect', 'string'],
    ['smb_protection', 'string'],
    ['ldap_layer', 'string'],
    ['rpc_level', 'string'],
    ['channel_binding', 'string'],
    ['mic', 'bool'],
    ['visibility', 'string'],
    ['ns_uid', 'string'],
    ...PROOF,
  ],
} as const satisfies Record<string, Fields>

export type ZeekLog = keyof typeof ZEEK_LOGS
