/**
 * The switches of Windows that turn NTLM, and what goes with it, off: as data, each with what its vendor's pages say
 * (in our words), what they do not say, and the way back. `docs/switching-off.md` is their table for people.
 */

import { type AuthExchange, isNtlm } from '../../facts/exchange.ts'
import { accountKind, isInDomain, serverKind } from './accounts.ts'
import { type Bound, type PolicySwitch, type Says, type Scope, says } from './switch.ts'
import { BUILD_24H2, buildOf } from './windows.ts'

const LEARN = 'https://learn.microsoft.com/en-us'
const POLICIES = `${LEARN}/previous-versions/windows/it-pro/windows-10/security/threat-protection/security-policy-settings`
const LSA = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa'
const NETLOGON = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters'
const GPUPDATE = 'at the next refresh of the policy (gpupdate /force at once); no restart'
const NTLM_LOG = 'Microsoft-Windows-NTLM/Operational'
const NO_RADIUS = 'what happens to MS-CHAP over RADIUS or PPP, which a domain controller checks as well'
const CAPTURE_CLIENT = 'the client that failed, from before it connects, and its domain controller (port 88)'

/** MS-CHAP: checked like NTLM by a domain controller, and no NTLM of the client */
const isChap = ({ service }: AuthExchange) => service === 'radius' || service === 'ppp'
const isSmb = ({ smb }: AuthExchange) => smb !== null
const isLdap = ({ ldap }: AuthExchange) => ldap !== null
const isTicket = ({ mechanism }: AuthExchange) => mechanism === 'kerberos' || mechanism === 'iakerb'
const isWeak = ({ ntlm }: AuthExchange) => ntlm?.ntlmVersion != null && ntlm.ntlmVersion !== 'NTLMv2'

function ofBound(bound: Bound, then: () => Says): Says {
  if (bound === 'free') return says('goes-on', 'not-windows')
  return bound === 'unsure' ? says('cannot-be-said', 'windows-unsure') : then()
}

const DENIED = () => says('fails', 'uses-ntlm')

/** The four levels of `NTLM authentication in this domain`. */
function domainLevel(
  name: string,
  level: string,
  value: number,
  about: { readonly accounts: boolean; readonly servers: boolean; readonly both: boolean },
  semantics: string,
): PolicySwitch {
  return {
    name,
    title: `Restrict NTLM: NTLM authentication in this domain: ${level}`,
    setting: `${NETLOGON}\\RestrictNTLMInDomain = ${value}, on the domain controllers`,
    scope: 'domain controllers of one domain',
    semantics,
    sources: [`${POLICIES}/network-security-restrict-ntlm-ntlm-authentication-in-this-domain`],
    notChecked: [NO_RADIUS, 'accounts and servers of other domains across a trust'],
    exceptions: 'domain',
    rollback: {
      set: `RestrictNTLMInDomain = 0 (Disable) on the domain controllers`,
      effect: 'at the next refresh of the policy on every domain controller (gpupdate /force); no restart',
      capture: 'a domain controller (Netlogon of the servers) and the server that refuses',
    },
    events: `4004 in ${NTLM_LOG} on the domain controllers`,
    about: null,
    on: (one, scope) => {
      if (isChap(one)) return says('cannot-be-said', 'not-decided-by-text')
      if (!isNtlm(one)) return says('goes-on', 'not-ntlm')
      const account = accountKind(one)
      const server = serverKind(one)
      if (account === 'local') return says('goes-on', 'local-account')
      const isHome = scope.domain === null ? true : isInDomain(one, scope.domain)
      const ofAccount = account === 'unsure' ? null : isAccountOf(one, scope)
      const ofServer = server === 'unsure' ? null : server === 'joined' && isHome !== false
      const parts = [...(about.accounts ? [ofAccount] : []), ...(about.servers ? [ofServer] : [])]
      const isDenied = about.both ? every(parts) : some(parts)
      if (isDenied === true) return DENIED()
      if (isDenied === null)
        return says('cannot-be-said', account === 'unsure' && about.accounts ? 'account-unsure' : 'server-unsure')
      return says('goes-on', about.servers && server === 'standalone' ? 'server-not-joined' : 'other-domain')
    },
  }
}

/** The account is one of the domain that is switched; null: nothing tells. */
function isAccountOf({ principal, ntlm }: AuthExchange, { domain }: Scope): boolean | null {
  if (domain === null) return true
  const suffix = principal.user?.split('@')[1]?.toLowerCase()
  const named = suffix ?? principal.domain?.toLowerCase() ?? ''
  if (named === domain) return true
  const { nbDomainName = null, dnsDomainName = null } = ntlm?.challenge ?? {}
  const both = [nbDomainName, dnsDomainName].map((name) => name?.toLowerCase())
  // the two names of one domain
  if (both.includes(domain)) return both.includes(named)
  return named === '' ? null : false
}

function every(parts: readonly (boolean | null)[]): boolean | null {
  return parts.includes(false) ? false : parts.includes(null) ? null : true
}

function some(parts: readonly (boolean | null)[]): boolean | null {
  return parts.includes(true) ? true : parts.includes(null) ? null : false
}

export const SWITCHES: readonly PolicySwitch[] = [
  {
    name: 'outgoing',
    title: 'Restrict NTLM: Outgoing NTLM traffic to remote servers: Deny all',
    setting: `${LSA}\\MSV1_0\\RestrictSendingNTLMTraffic = 2, on clients`,
    scope: 'Windows clients, whatever the server and the account',
    semantics:
      'a Windows host under the policy authenticates to no remote server with NTLM, but to those of its list of exceptions',
    sources: [
      `${POLICIES}/network-security-restrict-ntlm-outgoing-ntlm-traffic-to-remote-servers`,
      `${POLICIES}/network-security-restrict-ntlm-add-remote-server-exceptions-for-ntlm-authentication`,
    ],
    notChecked: ['programs with an NTLM of their own (curl, Java, printers), which no policy of Windows binds'],
    exceptions: 'client',
    rollback: {
      set: 'RestrictSendingNTLMTraffic = 1 (Audit all) or 0 on the clients',
      effect: GPUPDATE,
      capture: CAPTURE_CLIENT,
    },
    events: `4001 in ${NTLM_LOG} on the client`,
    about: null,
    on: (one, { client }) => {
      if (isChap(one)) return says('cannot-be-said', 'not-decided-by-text')
      return isNtlm(one) ? ofBound(client(one), DENIED) : says('goes-on', 'not-ntlm')
    },
  },
  {
    name: 'incoming-domain',
    title: 'Restrict NTLM: Incoming NTLM traffic: Deny all domain accounts',
    setting: `${LSA}\\MSV1_0\\RestrictReceivingNTLMTraffic = 1, on servers`,
    scope: 'Windows servers, accounts of a domain',
    semantics: 'a Windows host under the policy refuses NTLM of domain accounts, and takes that of its own accounts',
    sources: [`${POLICIES}/network-security-restrict-ntlm-incoming-ntlm-traffic`],
    notChecked: ['accounts with the name of the client as their domain, which a server may take for its own'],
    exceptions: null,
    rollback: {
      set: 'RestrictReceivingNTLMTraffic = 0 on the servers',
      effect: GPUPDATE,
      capture: 'the server that refuses',
    },
    events: `4003 in ${NTLM_LOG} on the server`,
    about: null,
    on: (one, { server }) => {
      if (isChap(one)) return says('cannot-be-said', 'not-decided-by-text')
      if (!isNtlm(one)) return says('goes-on', 'not-ntlm')
      return ofBound(server(one), () => {
        const kind = accountKind(one)
        if (kind === 'local') return says('goes-on', 'local-account')
        return kind === 'unsure' ? says('cannot-be-said', 'account-unsure') : DENIED()
      })
    },
  },
  {
    name: 'incoming',
    title: 'Restrict NTLM: Incoming NTLM traffic: Deny all accounts',
    setting: `${LSA}\\MSV1_0\\RestrictReceivingNTLMTraffic = 2, on servers`,
    scope: 'Windows servers, whatever the account',
    semantics: 'a Windows host under the policy refuses all NTLM; there is no list of exceptions',
    sources: [`${POLICIES}/network-security-restrict-ntlm-incoming-ntlm-traffic`],
    notChecked: ['servers with an NTLM of their own (Samba, appliances), which have settings of their own'],
    exceptions: null,
    rollback: {
      set: 'RestrictReceivingNTLMTraffic = 0 on the servers',
      effect: GPUPDATE,
      capture: 'the server that refuses',
    },
    events: `4002 and 4003 in ${NTLM_LOG} on the server`,
    about: null,
    on: (one, { server }) => {
      if (isChap(one)) return says('cannot-be-said', 'not-decided-by-text')
      return isNtlm(one) ? ofBound(server(one), DENIED) : says('goes-on', 'not-ntlm')
    },
  },
  domainLevel(
    'domain-1',
    'Deny for domain accounts to domain servers',
    1,
    { accounts: true, servers: true, both: true },
    'the domain controllers refuse NTLM of accounts of the domain to servers of the domain, but to those of the list',
  ),
  domainLevel(
    'domain-3',
    'Deny for domain accounts',
    3,
    { accounts: true, servers: false, both: true },
    'the domain controllers refuse NTLM of accounts of the domain, but to servers of the list',
  ),
  domainLevel(
    'domain-5',
    'Deny for domain servers',
    5,
    { accounts: false, servers: true, both: true },
    'the domain controllers refuse NTLM to all servers of the domain, but to those of the list; servers that are not joined are not touched',
  ),
  domainLevel(
    'domain',
    'Deny all',
    7,
    { accounts: true, servers: true, both: false },
    'the domain controllers refuse NTLM of their servers and for their accounts, but to servers of the list',
  ),
  {
    name: 'smb-block',
    title: 'Block NTLM (LM, NTLM, NTLMv2) of the SMB client',
    setting:
      'Set-SmbClientConfiguration -BlockNTLM $true, or HKLM\\Software\\Policies\\Microsoft\\Windows\\LanmanWorkstation\\BlockNTLM = 1',
    scope: 'SMB of clients of Windows 11 24H2 or Windows Server 2025 and later',
    semantics: 'the SMB client uses NTLM for no remote server, but for those of its list of exceptions',
    sources: [`${LEARN}/windows-server/storage/file-server/smb-ntlm-blocking`],
    notChecked: [
      'whether a server is matched by any of its names, or by the one that was typed alone: the list is written with the one that was typed',
    ],
    exceptions: 'smb',
    rollback: {
      set: 'Set-SmbClientConfiguration -BlockNTLM $false, or the policy not configured',
      effect: 'for connections made from then on; existing ones end with net use /delete or a new logon',
      capture: CAPTURE_CLIENT,
    },
    events: 'Microsoft-Windows-SMBClient/Security on the client (ids were not looked up)',
    about: isSmb,
    on: (one, { client }) => {
      if (!isNtlm(one)) return says('goes-on', 'not-ntlm')
      return ofBound(client(one), () => {
        const build = buildOf(one.ntlm?.clientVersion)
        return build !== null && build > 0 && build < BUILD_24H2 ? says('goes-on', 'client-too-old') : DENIED()
      })
    },
  },
  {
    name: 'lm5',
    title: 'LAN Manager authentication level 5: NTLMv2 alone, LM and NTLM refused',
    setting: `${LSA}\\LmCompatibilityLevel = 5, on domain controllers and servers`,
    scope: 'who checks the logon: domain controllers, and servers for their own accounts',
    semantics: 'LM and NTLMv1 responses are refused; a Windows client with the setting sends NTLMv2',
    sources: [`${POLICIES}/network-security-lan-manager-authentication-level`],
    notChecked: [
      NO_RADIUS,
      'servers that are no Windows and check their own accounts: they have a setting of their own',
    ],
    exceptions: null,
    rollback: {
      set: 'LmCompatibilityLevel back to what it was (3 is the default of Windows)',
      effect: GPUPDATE,
      capture: 'the server that refuses, and the domain controller that it asks',
    },
    events: '4776 and 4625 (status 0xC000006A or 0xC000006D) on who checks it',
    about: (one) => isNtlm(one) || isChap(one),
    on: (one, { client }) => {
      if (isChap(one)) return says('cannot-be-said', 'not-decided-by-text')
      if (one.ntlm?.ntlmVersion == null) return says('cannot-be-said', 'version-unsure')
      if (!isWeak(one)) return says('goes-on', 'strong-version')
      return client(one) === 'bound' && buildOf(one.ntlm.clientVersion)
        ? says('cannot-be-said', 'client-changes')
        : says('fails', 'weak-version')
    },
  },
  {
    name: 'smb-signing',
    title: 'Microsoft network server and client: Digitally sign communications (always)',
    setting:
      'RequireSecuritySignature = 1 under LanmanServer\\Parameters and LanmanWorkstation\\Parameters; the default of 24H2 and Server 2025',
    scope: 'SMB',
    semantics: 'sessions that cannot be signed are refused: guests, null sessions, sides without signing',
    sources: [
      `${POLICIES}/microsoft-network-server-digitally-sign-communications-always`,
      `${LEARN}/windows-server/storage/file-server/smb-signing-overview`,
    ],
    notChecked: ['devices that say they can sign and do it wrongly'],
    exceptions: null,
    rollback: {
      set: 'RequireSecuritySignature = 0 (Set-SmbServerConfiguration -RequireSecuritySignature $false)',
      effect: 'for connections made from then on',
      capture: CAPTURE_CLIENT,
    },
    events: 'Microsoft-Windows-SMBServer/Security and SMBClient/Security (ids were not looked up)',
    about: isSmb,
    on: ({ smb }) => {
      const { effective, clientPolicy, serverPolicy } = smb!
      if (effective === 'guest' || effective === 'anonymous') return says('fails', 'cannot-sign')
      if (effective === 'signed' || effective === 'encrypted') return says('goes-on', 'can-sign')
      if (clientPolicy === 'disabled' || serverPolicy === 'disabled') return says('fails', 'cannot-sign')
      return clientPolicy === 'unknown' || serverPolicy === 'unknown' || effective === 'unknown'
        ? says('cannot-be-said', 'signing-unsure')
        : says('goes-on', 'can-sign')
    },
  },
  {
    name: 'ldap-signing',
    title: 'Domain controller: LDAP server signing requirements: Require signing',
    setting:
      'HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters\\LDAPServerIntegrity = 2, on domain controllers',
    scope: 'LDAP without TLS',
    semantics: 'simple binds in clear and SASL binds without signing are refused; LDAP in TLS is not touched',
    sources: [`${POLICIES}/domain-controller-ldap-server-signing-requirements`],
    notChecked: ['directories that are no Active Directory'],
    exceptions: null,
    rollback: {
      set: 'LDAPServerIntegrity = 1 (None) on the domain controllers',
      effect: GPUPDATE,
      capture: 'a domain controller, port 389',
    },
    events: '2888 and 2889 in Directory Service on the domain controller',
    about: isLdap,
    on: ({ ldap, mechanism }) => {
      if (mechanism === 'anonymous') return says('goes-on', 'ldap-anonymous')
      if (ldap!.tls || ldap!.layer === 'sign' || ldap!.layer === 'seal') return says('goes-on', 'ldap-protected')
      return ldap!.layer === 'none' ? says('fails', 'ldap-clear') : says('cannot-be-said', 'ldap-unsure')
    },
  },
  {
    name: 'binding',
    title: 'Channel binding required: LDAP channel binding token Always, Extended Protection Required',
    setting:
      'LdapEnforceChannelBinding = 2 under NTDS\\Parameters; IIS: Extended Protection Required; others by their vendor',
    scope: 'NTLM and Kerberos inside TLS',
    semantics:
      'a logon in TLS that is bound to no channel, or to another one, is refused; simple binds are not touched',
    sources: [
      'https://support.microsoft.com/en-us/topic/ef185fb8-00f7-167d-744c-f299a66fc00a',
      `${LEARN}/dotnet/framework/wcf/feature-details/extended-protection-for-authentication-overview`,
    ],
    notChecked: ['proxies and load balancers that end TLS in front of the server'],
    exceptions: null,
    rollback: {
      set: 'LdapEnforceChannelBinding = 1 (When supported); IIS: Extended Protection Accept',
      effect: 'at once on domain controllers; IIS after a recycle of the pool',
      capture: 'the server that refuses, with TLS keys where there are any',
    },
    events: '3039 to 3041 in Directory Service on the domain controller',
    about: ({ channelBinding }) => channelBinding !== 'not-applicable',
    on: (one) => {
      if (!isNtlm(one) && !isTicket(one)) return says('goes-on', 'no-binding-asked')
      const { channelBinding } = one
      if (channelBinding === 'verified') return says('goes-on', 'binding-right')
      const isUnsure = channelBinding === 'bound' || channelBinding === 'not-visible'
      return isUnsure ? says('cannot-be-said', 'binding-unsure') : says('fails', 'binding-missing')
    },
  },
  {
    name: 'no-rc4',
    title: 'Kerberos without RC4 and DES',
    setting:
      'Configure encryption types allowed for Kerberos: AES alone; msDS-SupportedEncryptionTypes = 0x18 on accounts',
    scope: 'Kerberos tickets',
    semantics:
      'domain controllers issue no ticket with RC4 or DES: an account without AES keys gets none, and its clients fall back to NTLM or fail',
    sources: [
      `${POLICIES}/network-security-configure-encryption-types-allowed-for-kerberos`,
      'https://support.microsoft.com/en-us/topic/how-to-manage-kerberos-kdc-usage-of-rc4-for-service-account-ticket-issuance-changes-related-to-cve-2026-20833-1ebcda33-720a-4da8-93c1-b0496e1910dc',
    ],
    notChecked: [
      'whether the account has AES keys that its settings do not offer: then a change of the setting alone mends it',
      'cached RC4 tickets of a service that takes AES alone: they fail until klist purge or their end',
    ],
    exceptions: null,
    rollback: {
      set: 'msDS-SupportedEncryptionTypes with 0x4 on the one account, never on all',
      effect: 'with the next ticket: klist purge on the client, or the end of the old one (10 hours by default)',
      capture: 'the domain controller, port 88, and the service',
    },
    events: '201 to 209 in System (Kdcsvc) on the domain controllers; 4769 with its ticket encryption type',
    about: isTicket,
    on: ({ kerberos }) => {
      const etype = kerberos?.ticketEtype ?? null
      if (etype === null) return says('cannot-be-said', 'ticket-unsure')
      return etype >= 17 && etype <= 20 ? says('goes-on', 'aes-ticket') : says('fails', 'rc4-ticket')
    },
  },
  {
    name: 'no-smb1',
    title: 'SMB 1 off',
    setting: 'Set-SmbServerConfiguration -EnableSMB1Protocol $false; Remove-WindowsFeature FS-SMB1',
    scope: 'SMB',
    semantics: 'what can speak SMB 1 alone connects no more',
    sources: [`${LEARN}/windows-server/storage/file-server/troubleshoot/detect-enable-and-disable-smbv1-v2-v3`],
    notChecked: ['devices that chose SMB 1 though they have SMB 2, by a setting of their own'],
    exceptions: null,
    rollback: {
      set: 'Set-SmbServerConfiguration -EnableSMB1Protocol $true on the one server',
      effect: 'at once on the server; the feature itself needs a restart',
      capture: CAPTURE_CLIENT,
    },
    events: '3000 in Microsoft-Windows-SMBServer/Audit where auditing of SMB 1 is on',
    about: isSmb,
    on: ({ smb }) => {
      if (smb!.dialect === null) return says('cannot-be-said', 'dialect-unsure')
      return /^\d/.test(smb!.dialect) ? says('goes-on', 'smb2') : says('fails', 'smb1')
    },
  },
  {
    name: 'no-guest',
    title: 'Insecure guest logons off',
    setting: 'AllowInsecureGuestAuth = 0 under LanmanWorkstation\\Parameters; the default of Windows 11 24H2',
    scope: 'SMB of Windows clients',
    semantics: 'the SMB client takes no session that the server made a guest',
    sources: [`${LEARN}/windows-server/storage/file-server/enable-insecure-guest-logons-smb2-and-smb3`],
    notChecked: ['clients that are no Windows: they have settings of their own, and are counted as if bound'],
    exceptions: null,
    rollback: {
      set: 'AllowInsecureGuestAuth = 1 on the one client',
      effect: 'for connections made from then on',
      capture: CAPTURE_CLIENT,
    },
    events: '31017 in Microsoft-Windows-SMBClient/Security on the client',
    about: isSmb,
    on: ({ smb }) => {
      if (smb!.effective === 'guest') return says('fails', 'guest')
      return smb!.effective === 'unknown' ? says('cannot-be-said', 'guest-unsure') : says('goes-on', 'no-guest')
    },
  },
  {
    name: 'ntlmv1-sso',
    title: 'NTLMv1-derived credentials blocked for single sign-on',
    setting: `${LSA}\\MSV1_0\\BlockNtlmv1SSO = 1; the default from October 2026 on where Credential Guard is off`,
    scope: 'Windows 11 24H2, Windows Server 2025 and later, the password of the logged-on user',
    semantics: 'NTLMv1 and MS-CHAP with the password of the logged-on user are refused on the client',
    sources: [
      'https://support.microsoft.com/en-us/topic/upcoming-changes-to-ntlmv1-in-windows-11-version-24h2-and-windows-server-2025-c0554217-cdbc-420f-b47c-e02b2db49b2e',
    ],
    notChecked: ['whether the password was that of the logged-on user or was typed: the wire does not show it'],
    exceptions: null,
    rollback: {
      set: 'BlockNtlmv1SSO = 0 (audit) on the one client',
      effect: 'after a restart',
      capture: CAPTURE_CLIENT,
    },
    events: `4024 and 4025 in ${NTLM_LOG} on the client`,
    about: (one) => isNtlm(one) || isChap(one),
    on: (one, { client }) => {
      if (isChap(one)) return says('cannot-be-said', 'sso-unsure')
      if (one.ntlm?.ntlmVersion == null) return says('cannot-be-said', 'version-unsure')
      if (!isWeak(one)) return says('goes-on', 'strong-version')
      return ofBound(client(one), () => {
        const build = buildOf(one.ntlm?.clientVersion)
        if (build !== null && build > 0 && build < BUILD_24H2) return says('goes-on', 'client-too-old')
        return says('cannot-be-said', 'sso-unsure')
      })
    },
  },
]

export function switchNamed(name: string): PolicySwitch | null {
  return SWITCHES.find((one) => one.name === name) ?? null
}
