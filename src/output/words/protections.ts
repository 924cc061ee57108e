/**
 * What protects a session, what a server demands, and which form of NTLM it was, by the words of the reports.
 */

export const PROTECTION_PAGES: Readonly<Record<string, string>> = {
  signed: 'SMB: messages of both sides carry a signature; whoever passes on a logon of somebody else has not its key',
  encrypted: 'SMB: messages are encrypted; whoever passes on a logon of somebody else has not the key',
  unsigned: 'SMB: ordinary messages carry no signature, so that a logon that was passed on would do here as well',
  guest: 'SMB: the server took the logon for that of a guest: such a session has no key to sign or encrypt with',
  anonymous: 'a null session: nobody logged on; it counts nowhere as use of NTLM',
  enabled: 'SMB, a policy: signs if the other side demands it, and demands nothing itself',
  disabled: 'SMB, a policy: does not sign (SMB1)',
  none: 'LDAP, RPC, WS-Management: messages after the logon are neither signed nor sealed',
  sign: 'LDAP, RPC: messages after the logon are signed, and can be read',
  integrity: 'RPC, an authentication level: calls are signed, and can be read',
  seal: 'LDAP, RPC, WS-Management: messages after the logon are signed and encrypted',
  privacy: 'RPC, an authentication level: calls are signed and encrypted',
  connect: 'RPC, an authentication level: the logon alone is checked, nothing protects the calls after it',
}

export const REQUIREMENT_PAGES: Readonly<Record<string, string>> = {
  required: 'the server says that it demands it, or refused a session without it',
  'not-required': 'the server accepted a session without it, or says that it does not demand it',
  'all-seen': 'every session that was seen had it; whether the server demands it is not proven',
}

export const NTLM_PAGES: Readonly<Record<string, string>> = {
  LM: 'the oldest response, without the NT one: its password can be found in any case',
  NTLMv1: 'a response by DES: the hash of the password can be found in any case',
  'NTLMv1-ESS': 'NTLMv1 with extended session security: a challenge of the client, and DES still',
  NTLMv2: 'the newest response, by HMAC-MD5: no Kerberos still, and a weak password can be guessed from it',
  plaintext: 'SMB1: the password itself was sent in place of a response',
}

export const PAGE_PAGES: Readonly<Record<string, string>> = {
  act: 'a mark on the page: something is to be mended',
  look: 'a mark on the page: NTLM that fell back, or that somebody has to judge',
  proven: 'a mark on the page: it was seen, and nothing contradicts it',
  'out of sight': 'a mark on the page: the captures do not show it, and it is no yes',
  'not asked': 'a mark on the page: nothing was compared, since nobody asked for it',
}
