/**
 * What is true of a recorded capture and is not said yet: scenario, then the places that differ (see `differencesOf`). A test fails when
 * one of these comes right, so that it is taken out, and when anything else goes wrong.
 */
export const AWAITS: Readonly<Record<string, readonly string[]>> = {
  'attacks/llmnr-poison': ['finding NS-NM-001'],
  'kerberos/kerberoast': ['finding NS-KR-002'],
  'kerberos/user-enumeration': ['finding NS-KR-014'],
  'mirrors/reordered': ['kdc extra 192.0.2.101 AS alice'],
  'rpc/pipe-inner-ntlm': ['1 missing'],
  'smb/password-spray': ['finding NS-NT-014'],
  'sql/ntlm': ['0 fallback'],
  'sql/ntlm-wrong-password': ['0 fallback'],
}
