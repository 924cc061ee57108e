/**
 * Object identifiers of security mechanisms and their short names, as SPNEGO lists them (RFC 4178 4.1; MS-SPNG 1.9 and
 * 3.1.5).
 */
const MECHANISMS: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113554.1.2.2', 'kerberos'],
  // one bit of 113554 lost: the form of Windows 2000, which Windows still offers first
  ['1.2.840.48018.1.2.2', 'ms-kerberos'],
  ['1.2.840.113554.1.2.2.3', 'kerberos-u2u'],
  ['1.3.6.1.5.2.5', 'iakerb'],
  ['1.3.6.1.5.2.7', 'pku2u'],
  ['1.3.6.1.5.5.2', 'spnego'],
  ['1.3.6.1.4.1.311.2.2.10', 'ntlmssp'],
  ['1.3.6.1.4.1.311.2.2.30', 'negoex'],
  // a capability in the shape of a mechanism: never selected
  ['1.3.6.1.4.1.311.2.2.40', 'late-fallback'],
])

/** The mechanism's short name; an unknown OID stays in dotted form. */
export function mechanismName(dotted: string): string {
  return MECHANISMS.get(dotted) ?? dotted
}
