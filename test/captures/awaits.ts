/**
 * What is true of a recorded capture and is not said yet: scenario, then the places that differ (see `differencesOf`). A test fails when
 * one of these comes right, so that it is taken out, and when anything else goes wrong.
 */
export const AWAITS: Readonly<Record<string, readonly string[]>> = {
  'kerberos/kerberoast': ['finding NS-KR-002'],
  'kerberos/rc4-client': ['finding NS-KR-004'],
  'kerberos/s4u2self': ['finding NS-KR-008'],
  'kerberos/user-enumeration': ['finding NS-KR-014'],
  'smb/kdc-unreachable': ['0 cause'],
  'smb/ntlm-chosen-by-client': ['1 cause'],
}
