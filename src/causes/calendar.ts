/**
 * What the vendor has switched, or will: one table, for fixes and `explain`. Every row was read in the source that it
 * names, on the day of `reviewed`.
 */

export interface Switch {
  /** the month in which it takes effect, YYYY-MM */
  readonly from: string
  /** findings, causes that it ends or causes */
  readonly concerns: readonly string[]
  readonly what: string
  /** how it looks on the wire where something still depends on it */
  readonly fails: string
  /** how to look before, or to go back as long as that is possible */
  readonly way: string
  readonly source: string
  /** the day on which the source was read, YYYY-MM-DD */
  readonly reviewed: string
}

const RC4 = ['NS-KR-001', 'NS-KR-019', 'NS-KR-020', 'RC09']
const RC4_SOURCE = 'KB5073381 (CVE-2026-20833), support.microsoft.com'
const SSO_SOURCE = 'KB5066470, support.microsoft.com'
const SMB_SOURCE = 'SMB security hardening in Windows Server 2025 & Windows 11, techcommunity.microsoft.com'
const LDAP_SOURCE = 'windows-server/identity/manage-ldap-signing-group-policy, learn.microsoft.com'
const PREVIEW_SOURCE = 'Windows IT Pro Blog of June 2026 on IAKerb and LocalKDC, techcommunity.microsoft.com'
const REVIEWED = '2026-11-28'

export const CALENDAR: readonly Switch[] = [
  {
    from: '2026-01',
    concerns: RC4,
    what: 'domain controllers audit RC4 tickets for accounts without explicit encryption types',
    fails: 'nothing yet',
    way: 'KDCSVC events of the System log name the accounts; RC4DefaultDisablementPhase=2 enforces early',
    source: RC4_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2026-04',
    concerns: RC4,
    what: 'domain controllers issue AES tickets only, by default, for accounts without explicit encryption types',
    fails: 'KDC_ERR_ETYPE_NOSUPP for services without AES keys; a client then often falls back to NTLM',
    way: 'give the account AES keys; the audit mode of RC4DefaultDisablementPhase is the way back until 2026-07',
    source: RC4_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2026-07',
    concerns: RC4,
    what: 'the audit mode is gone: only an explicit encryption type of the account still brings RC4',
    fails:
      'KDC_ERR_ETYPE_NOSUPP, then NTLM; an RC4 ticket seen after this has an explicit setting, or the controller is not patched',
    way: 'none for the domain; msDS-SupportedEncryptionTypes of the one account, until it has AES keys',
    source: RC4_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2025-08',
    concerns: ['NS-NT-001'],
    what: 'Windows 11 24H2 and Server 2025 know no NTLMv1 any more, and audit what is derived from it (MS-CHAPv2 with the own logon)',
    fails: 'nothing yet: event 4024 of Microsoft-Windows-NTLM/Operational',
    way: 'BlockNtlmv1SSO=1 under HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 blocks early; not where Credential Guard is on',
    source: SSO_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2026-10',
    concerns: ['NS-NT-001'],
    what: 'what is derived from NTLMv1 is blocked by default, where BlockNtlmv1SSO is not set and Credential Guard is off',
    fails: 'MS-CHAPv2 with the own logon (VPN, WLAN) stops: event 4025',
    way: 'BlockNtlmv1SSO=0 audits only; change to certificates (EAP-TLS)',
    source: SSO_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2024-10',
    concerns: ['NS-SG-001', 'NS-SG-002'],
    what: 'Windows 11 24H2 requires SMB signing in both directions, Server 2025 of the servers that it asks',
    fails: 'a NAS, printer or guest share that cannot sign: STATUS_INVALID_SIGNATURE, or the connection ends',
    way: 'have the server sign; Set-SmbClientConfiguration -RequireSecuritySignature $false is the way back of one client',
    source: SMB_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2024-11',
    concerns: ['NS-SG-009'],
    what: 'the domain controllers of a new domain on Server 2025 require LDAP signing; an upgraded domain keeps its policy',
    fails: 'binds without signing outside of TLS: strongerAuthRequired (8)',
    way: 'event 2887 counts such binds, event 2889 names their clients; change them before you switch',
    source: LDAP_SOURCE,
    reviewed: REVIEWED,
  },
  {
    from: '2026-06',
    concerns: ['RC07', 'RC11'],
    what: 'previews of Windows hold IAKerb (on) and LocalKDC (off by default)',
    fails: 'nothing: both are ways to Kerberos where it could not be used before',
    way: 'registry keys of the preview; look whether the release that you run has them',
    source: PREVIEW_SOURCE,
    reviewed: REVIEWED,
  },
]

/** What concerns a finding or a cause, the earliest first. */
export function switchesOf(id: string): readonly Switch[] {
  return CALENDAR.filter(({ concerns }) => concerns.includes(id)).toSorted((a, b) => (a.from < b.from ? -1 : 1))
}
