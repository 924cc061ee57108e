/**
 * Rules about what protects a conversation: SMB signing and encryption, LDAP integrity, channel binding, clear
 * carriers. MS-SMB2 3.2.5.3, 3.3.5.2.4, 3.3.5.5.3; MS-ADTS 5.1.2; RFC 5929.
 */

import type { Service } from '../../../decoders/carrier.ts'
import { isRelayed } from '../../../decoders/carriers/rpc/dcerpc-interfaces.ts'
import { factsOf } from '../../../decoders/services.ts'
import { type BindingSlip, isOfAnother } from '../../facts/channel.ts'
import {
  type AuthExchange,
  isKerberos,
  isNtlm,
  type RpcExchangeFacts,
  type SmbEffective,
} from '../../facts/exchange.ts'
import { NO_SMB1, SIGN_SMB } from '../../facts/words/remedies.ts'
import { type ExchangeRule, hit, isInTls, isOpenInClear, isVictimLeg, type Rule } from '../rule.ts'

const SIGN_ON = [
  'Get-SmbServerConfiguration | Select-Object RequireSecuritySignature        what is set now; old scanners and NAS that cannot sign stop to work',
  'Set-SmbServerConfiguration -RequireSecuritySignature $true',
  'Set-SmbClientConfiguration -RequireSecuritySignature $true',
  'Samba: server signing = mandatory, client signing = required',
]

const RPC_STEPS = [
  'DCOM: RequireIntegrityActivationAuthenticationLevel 1',
  'certificate services: certutil -setreg CA\\InterfaceFlags +IF_ENFORCEENCRYPTICERTREQUEST',
  'spooler: RpcAuthnLevelPrivacyEnabled 1',
]

export const PROTECTION_RULES: readonly ExchangeRule[] = [
  {
    id: 'NS-SG-004',
    severity: 'critical',
    title: 'signing required but unsigned messages accepted',
    fires: 'The server says that signing is required, and ordinary unsigned messages of a session succeed',
    evidence: 'The NEGOTIATE response and the frames of the session',
    notWhen:
      'Guest, anonymous and encrypted sessions are not signed by design; refused messages, interim answers and SESSION_SETUP do not count',
    techniques: ['T1562.010'],
    remediation:
      'Treat it as a server bug or an active downgrade: update the server, compare with a second capture point',
    steps: ['capture at the server as well and compare the NEGOTIATE responses'],
    references: ['MS-SMB2 3.3.5.2.4'],
    ofSession: true,
    test: ({ smb, result }) =>
      smb?.effective === 'unsigned' && smb.serverPolicy === 'required' && result === 'success'
        ? hit(`${smb.unsignedMessages} unsigned messages in a session that must be signed`)
        : null,
  },
  {
    id: 'NS-SG-013',
    severity: 'high',
    title: 'SMB channel bound without a signature',
    fires: 'The server accepts SESSION_SETUP requests with the binding flag that are not signed',
    evidence: 'The SESSION_SETUP messages of the channel',
    notWhen:
      'A binding that the server refuses is what has to happen; only the requests of the client count, and whether the signature is right is not checked',
    techniques: ['T1557.001'],
    remediation: 'Update the server: whoever knows the id of a session could join it',
    steps: [
      'repeat with another client: Windows and Samba sign the binding',
      'Set-SmbServerConfiguration -EnableMultiChannel $false, or Samba: server multi channel support = no, until then',
    ],
    references: ['MS-SMB2 3.3.5.5', 'MS-SMB2 3.2.4.1.1'],
    ofSession: true,
    test: ({ smb, result }) =>
      smb?.session?.bindingSigned === false && result === 'success'
        ? hit(`the binding to session ${smb.session.id} is not signed, and was accepted`)
        : null,
  },
  {
    id: 'NS-CB-003',
    severity: 'critical',
    title: 'channel binding of another channel',
    fires: 'A token in clear carries a channel binding that is not zero: it was made for a TLS connection',
    evidence: 'The AUTHENTICATE_MESSAGE',
    notWhen:
      'Windows sends sixteen zero bytes where there is no channel: these do not count. A proxy that ends TLS and passes the token on has the same shape',
    techniques: ['T1557.001'],
    remediation: 'Find out which TLS connection it was made for: a relay, or a TLS-terminating proxy',
    steps: ['look for the TLS conversation of the same client in the seconds before'],
    references: ['MS-NLMP 2.2.2.1 (MsvAvChannelBindings)', 'RFC 5929'],
    test: (exchange) =>
      exchange.channelBinding === 'mismatch' && !hasChannel(exchange)
        ? hit(`the token carries a channel binding, but this connection has no TLS; ${madeForWords(exchange)}`)
        : null,
  },
  {
    id: 'NS-SG-001',
    severity: 'high',
    title: 'SMB session without signing or encryption',
    fires: 'Ordinary messages of the session are neither signed nor encrypted',
    evidence: 'The frames of the logon; the messages are counted',
    notWhen:
      'The last SESSION_SETUP response, TREE_CONNECT of 3.1.1, interim responses and FSCTL_VALIDATE_NEGOTIATE_INFO are signed or not for reasons of their own; guests and null sessions have no key',
    techniques: ['T1557.001'],
    remediation: SIGN_SMB,
    steps: SIGN_ON,
    references: ['MS-SMB2 3.3.5.2.4', 'MS-SMB2 3.3.5.5.3'],
    ofSession: true,
    test: ({ smb }) =>
      smb?.effective === 'unsigned'
        ? hit(
            `${smb.unsignedMessages} of ${smb.unsignedMessages + smb.signedMessages} sampled messages unsigned; client ${smb.clientPolicy}, server ${smb.serverPolicy}`,
          )
        : null,
  },
  {
    id: 'NS-SG-005',
    severity: 'high',
    title: 'SMB1 in use',
    fires: 'A dialect of SMB1 was chosen and a session set up',
    evidence: 'The NEGOTIATE response and the session setup',
    notWhen: 'A client that only offers SMB1 beside SMB2 uses none of it',
    techniques: ['T1210'],
    remediation: NO_SMB1,
    steps: [
      'Get-SmbSession | Select-Object ClientComputerName, Dialect        who still speaks it; Set-SmbServerConfiguration -AuditSmb1Access $true logs them',
      'Set-SmbServerConfiguration -EnableSMB1Protocol $false',
      'Disable-WindowsOptionalFeature -Online -FeatureName SMB1Protocol',
      'Samba: server min protocol = SMB2_10',
    ],
    references: ['MS-CIFS 2.2.4.52', 'Microsoft: Stop using SMB1'],
    test: ({ smb }) => (smb?.dialect && !/^[23]\./.test(smb.dialect) ? hit(`dialect ${smb.dialect}`) : null),
  },
  {
    id: 'NS-SG-009',
    severity: 'high',
    title: 'LDAP without integrity',
    fires: 'A SASL or Sicily bind succeeded, and the messages after it are in clear and unsigned',
    evidence: 'The bind; the messages after it are counted',
    notWhen:
      'Inside TLS no layer is needed; anonymous reads and CLDAP are no binds; without messages after the bind nothing is said',
    techniques: ['T1557'],
    remediation:
      'Require LDAP signing on the domain controller (LDAPServerIntegrity 2) after its clients have been changed',
    steps: [
      'event 2889 names the clients (16 LDAP Interface Events = 2)',
      'reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters /v LDAPServerIntegrity /t REG_DWORD /d 2',
      'clients: LDAPClientIntegrity 2 under HKLM\\SYSTEM\\CurrentControlSet\\Services\\LDAP',
    ],
    references: ['MS-ADTS 5.1.2', 'RFC 4513 5.2'],
    test: (exchange) =>
      exchange.ldap !== null &&
      !exchange.ldap.tls &&
      exchange.ldap.layer === 'none' &&
      exchange.result === 'success' &&
      (exchange.mechanism === 'ntlm' || exchange.mechanism === 'kerberos')
        ? hit(`bound with ${exchange.mechanism}, then went on in clear, unsigned`)
        : null,
  },
  {
    id: 'NS-SG-014',
    severity: 'high',
    title: 'WS-Management in clear',
    fires: 'Messages of WinRM have a body in clear (application/soap+xml) after a logon without TLS',
    evidence: 'The logon; the messages are sampled',
    notWhen: 'Encrypted bodies say so (multipart/encrypted); requests without a body say nothing',
    techniques: ['T1040', 'T1021.006'],
    remediation: 'Forbid unencrypted messages on server and client, or use the HTTPS listener',
    steps: [
      'winrm set winrm/config/service @{AllowUnencrypted="false"}',
      'winrm set winrm/config/client @{AllowUnencrypted="false"}',
    ],
    references: ['MS-WSMV 2.2.9.1'],
    test: (exchange) =>
      exchange.service === 'winrm' && exchange.http?.layer === 'none' && !isInTls(exchange)
        ? hit('commands and their output are in clear')
        : null,
  },
  {
    id: 'NS-SG-011',
    severity: 'high',
    title: 'NTLM over clear HTTP',
    fires: 'An NTLM logon to an HTTP server or proxy without TLS',
    evidence: 'The requests with the tokens',
    notWhen: 'WinRM encrypts its messages after the logon and is a service of its own',
    techniques: ['T1040', 'T1557'],
    remediation: 'Use HTTPS with Extended Protection; NTLM in clear HTTP can be relayed to other services',
    steps: ['IIS: require TLS, extendedProtection tokenChecking="Require"', 'list Negotiate before NTLM'],
    references: ['RFC 4559 6'],
    ofNtlm: true,
    test: (exchange) =>
      isNtlm(exchange) && factsOf(exchange.service).clear === 'http' && !isInTls(exchange)
        ? hit(`scheme ${exchange.method ?? 'unknown'}, no TLS`)
        : null,
  },
  {
    id: 'NS-SG-012',
    severity: 'high',
    title: 'NTLM over mail, SQL, FTP, SIP, XMPP or SOCKS in clear',
    fires:
      'An NTLM logon to SMTP, IMAP, POP3, NNTP, SQL Server, PostgreSQL, FTP, SIP, XMPP or a SOCKS proxy without TLS',
    evidence: 'The messages with the tokens',
    notWhen:
      'After STARTTLS, AUTH TLS or SSLRequest, or where SQL Server encrypts its login, nothing of it is in clear',
    techniques: ['T1040', 'T1557'],
    remediation: 'Use TLS; then Kerberos (GSSAPI) or another mechanism',
    steps: [
      'mail: demand STARTTLS or TLS from the start',
      'SQL Server: Force Encryption, and register MSSQLSvc/<host>:<port>',
    ],
    references: ['MS-SMTPNTLM', 'MS-TDS 2.2.6.5'],
    ofNtlm: true,
    test: (exchange) =>
      isNtlm(exchange) && isOpenInClear(exchange.service) && !isInTls(exchange)
        ? hit(`over ${exchange.service}, no TLS`)
        : null,
  },
  {
    id: 'NS-SG-018',
    severity: 'medium',
    title: 'Kerberos that nothing binds',
    fires:
      'Kerberos is accepted over HTTP, mail or SQL Server in clear, or over RPC at connect level or below: whoever is made to send such a ticket can be relayed as with NTLM',
    evidence: 'The messages with the ticket and its answer',
    notWhen:
      'Inside TLS; where WinRM seals its messages; where the session of SMB around RPC is signed or encrypted; LDAP without a layer is NS-SG-009',
    techniques: ['T1557', 'T1187'],
    remediation:
      'Use TLS with channel binding (Extended Protection), for RPC packet privacy: Kerberos alone does not end relaying',
    steps: [
      'IIS: require TLS, extendedProtection tokenChecking="Require"',
      'RPC servers: RPC_C_AUTHN_LEVEL_PKT_PRIVACY',
      'mail: demand TLS before AUTH GSSAPI',
    ],
    references: ['RFC 4559 6', 'MS-RPCE 2.2.1.1.8', 'RFC 4752 6', 'CVE-2026-20929'],
    byDetail: true,
    test: (exchange) => {
      const where = isKerberos(exchange) && exchange.result === 'success' ? unboundOver(exchange) : null
      return where === null ? null : hit(where)
    },
  },
  {
    id: 'NS-SG-015',
    severity: 'high',
    title: 'RPC that is relayed in practice, at connect level or below',
    fires:
      'A security context at level none or connect on an interface through which relayed logons take over a server or a domain (certificates, replication, tasks, services, accounts, printers, registry, DCOM activation)',
    evidence: 'The bind of the security context, and the frames of its legs',
    notWhen:
      'From packet level on (to which servers raise the level call), a relay lacks the session key and fails; in a named pipe the signature of the SMB session around it protects the calls; a refused bind is no use',
    techniques: ['T1557.001'],
    remediation: 'Have the server refuse calls without packet privacy: connect level ties nothing to who logged on',
    steps: RPC_STEPS,
    references: ['MS-RPCE 2.2.1.1.8', 'MS-ICPR 3.2.4.1', 'CVE-2021-1678', 'CVE-2021-26414'],
    byDetail: true,
    test: (exchange) => {
      if (!isOpenToRelay(exchange)) return null
      return isNtlm(exchange)
        ? hit(`NTLM at level ${levelWords(exchange.rpc!)}`)
        : hit(`level ${levelWords(exchange.rpc!)}`, {
            confidence: 'medium',
            counterEvidence: [`the logon was ${exchange.mechanism}: that NTLM is accepted as well was not seen`],
          })
    },
  },
  {
    id: 'NS-CB-002',
    severity: 'high',
    title: 'channel binding does not match the certificate of the server',
    fires: 'The channel binding in a token inside TLS is not that of the certificate of this server',
    evidence: 'The AUTHENTICATE_MESSAGE and the certificate',
    notWhen: 'A load balancer that ends TLS has a certificate of its own: the client binds to that one',
    techniques: ['T1557'],
    remediation: 'Find out who ends TLS before the server: a load balancer, an inspecting proxy, or a relay',
    steps: ['compare the certificate that the client sees with that of the server'],
    references: ['RFC 5929 4', 'MS-NLMP 2.2.2.1 (MsvAvChannelBindings)'],
    test: (exchange) =>
      (exchange.channelBinding === 'mismatch' || isOfAnother(exchange.binding)) && hasChannel(exchange)
        ? hit(
            `the binding is not that of the certificate that this server shows, ${exchange.binding?.certificate ?? '?'}; ${madeForWords(exchange)}`,
            { counterEvidence: ['a load balancer or an inspecting proxy that ends TLS has the same shape'] },
          )
        : null,
  },
  {
    id: 'NS-CB-006',
    severity: 'medium',
    title: 'channel binding made with the wrong hash',
    fires:
      'The binding is that of the certificate of this server, but not with the hash that the signature of the certificate asks for, or made of something else than the certificate itself',
    evidence: 'The AUTHENTICATE_MESSAGE or the ticket, and the certificate',
    notWhen: 'Certificates without a rule (Ed25519, Ed448) have no wrong hash',
    techniques: [],
    remediation: 'Update the client: a server that demands channel bindings refuses this one',
    steps: [
      'known for it: impacket before September 2026, rubyntlm before September 2026, scripts that always take SHA-256',
      'known for hashing the public key: FreeRDP of 2024, mended since',
      'until then: a certificate that is signed with SHA-256',
    ],
    references: ['RFC 5929 4.1', 'MS-NLMP 2.2.2.1 (MsvAvChannelBindings)'],
    test: ({ channelBinding, binding }) => {
      if (channelBinding !== 'wrong-hash') return null
      const [hash, certificate] = [binding?.hash ?? '?', binding?.certificate ?? '?']
      return binding?.slip === undefined
        ? hit(`made with ${hash} of the certificate ${certificate}`)
        : hit(`made with ${hash} of the certificate ${certificate}: ${SLIP_WORDS[binding.slip]}`)
    },
  },
  {
    id: 'NS-SG-002',
    severity: 'medium',
    title: 'server does not require SMB signing',
    fires: 'The NEGOTIATE response of the server lacks SIGNING_REQUIRED',
    evidence: 'The frames of a session with that server',
    notWhen: 'What the client demands protects its own session only; domain controllers are NS-SG-003',
    techniques: ['T1557.001'],
    remediation:
      'Set RequireSecuritySignature on the server: without it, an attacker chooses a client that does not sign',
    steps: SIGN_ON,
    references: ['MS-SMB2 2.2.4', 'MS-SMB2 3.3.5.4'],
    ofServer: true,
    ofSession: true,
    test: (exchange) => {
      const policy = exchange.smb?.serverPolicy
      return (policy === 'enabled' || policy === 'disabled') && !isVictimLeg(exchange)
        ? hit(`its NEGOTIATE response says: signing ${policy}`)
        : null
    },
  },
  {
    id: 'NS-CB-001',
    severity: 'medium',
    title: 'NTLM in TLS without channel binding',
    fires: 'The AUTHENTICATE_MESSAGE inside TLS has no MsvAvChannelBindings',
    evidence: 'The AUTHENTICATE_MESSAGE',
    notWhen: 'In clear there is no channel to bind to; a token that is not visible says nothing; zero is NS-CB-005',
    techniques: ['T1557'],
    remediation: 'Update the client, then demand channel bindings on the server (Extended Protection)',
    steps: ['IIS: extendedProtection tokenChecking="Require"', 'LdapEnforceChannelBinding 2'],
    references: ['MS-NLMP 3.1.5.1.2', 'RFC 5929'],
    ofNtlm: true,
    test: (exchange) =>
      isNtlm(exchange) && exchange.channelBinding === 'absent' ? hit('the token names no channel') : null,
  },
  {
    id: 'NS-CB-005',
    severity: 'medium',
    title: 'NTLM in TLS with a zero channel binding',
    fires: 'The channel binding inside TLS is sixteen zero bytes: the application passed none',
    evidence: 'The AUTHENTICATE_MESSAGE',
    notWhen: 'In clear, zero is right',
    techniques: ['T1557'],
    remediation: 'Have the application pass the bindings of its TLS connection, then demand them on the server',
    steps: [
      'update the HTTP or LDAP library of the client',
      'IIS: extendedProtection tokenChecking="Require"',
      'LdapEnforceChannelBinding 2',
    ],
    references: ['MS-NLMP 2.2.2.1 (MsvAvChannelBindings)', 'RFC 5929'],
    ofNtlm: true,
    test: (exchange) =>
      isNtlm(exchange) && exchange.channelBinding === 'zero' ? hit('the binding is all zero') : null,
  },
  {
    id: 'NS-CB-004',
    severity: 'medium',
    title: 'channel binding demanded, client failed',
    fires: 'A logon ended in 80090346 (SEC_E_BAD_BINDINGS) or STATUS_BAD_BINDINGS',
    evidence: 'The answer with the code',
    notWhen: 'Wrong passwords have other codes (data 52e)',
    techniques: [],
    remediation: 'Update the client so that it sends channel bindings',
    steps: ['event 3039 on the domain controller names the client'],
    references: ['MS-ADTS 5.1.2.2', 'MS-NLMP 3.2.5.1.2'],
    test: ({ status }) =>
      status !== null && (status.detail?.includes('80090346') || status.name === 'STATUS_BAD_BINDINGS')
        ? hit(`${status.name}${status.detail === null ? '' : `, ${status.detail}`}`)
        : null,
  },
  {
    id: 'NS-SG-010',
    severity: 'medium',
    title: 'LDAP server demands signing, client failed',
    fires: 'A bind ended in result 8, strongerAuthRequired',
    evidence: 'The bind and its answer',
    notWhen: 'The server is right: the finding is about the client; scanners ask so on purpose',
    techniques: [],
    remediation: 'Change the client: it bound without integrity and was refused',
    steps: [
      'use signing (GSS-SPNEGO with LDAPClientIntegrity 2) or TLS in the client',
      'event 2888 counts such clients',
    ],
    references: ['RFC 4511 A.2', 'MS-ADTS 5.1.2'],
    test: ({ status }) => (status?.name === 'strongerAuthRequired' ? hit('result 8, strongerAuthRequired') : null),
  },
  {
    id: 'NS-SG-008',
    severity: 'medium',
    title: 'RPC below packet integrity',
    fires: 'A security context of RPC at level none, connect, call or packet',
    evidence: 'The bind of the security context',
    notWhen:
      'The endpoint mapper is anonymous by design; a refused bind is no use. Connect level and below on an interface that is relayed in practice is NS-SG-015; a pipe of a signed SMB session stays here',
    techniques: ['T1557.001'],
    remediation:
      'Have the client ask for packet integrity or privacy, and the server demand it: what is called below it can be relayed and changed',
    steps: RPC_STEPS,
    references: ['MS-RPCE 2.2.1.1.8'],
    byDetail: true,
    test: (exchange) =>
      isBelowIntegrity(exchange) && !isOpenToRelay(exchange) ? hit(`level ${levelWords(exchange.rpc!)}`) : null,
  },
  {
    id: 'NS-SG-006',
    severity: 'low',
    title: 'old SMB dialect',
    fires: 'Dialect 2.0.2 or 2.1 was chosen: no protection of the negotiation, no encryption',
    evidence: 'The frames of a session',
    notWhen: 'A server that chooses a newer dialect with other clients has nothing to mend',
    techniques: [],
    remediation: 'Update the side that knows nothing newer',
    steps: ['Samba: server max protocol = SMB3', 'firmware of the appliance'],
    references: ['MS-SMB2 1.7'],
    test: ({ smb }) => (smb?.dialect === '2.0.2' || smb?.dialect === '2.1' ? hit(`dialect ${smb.dialect}`) : null),
  },
]

export const PROTECTION_WATCH_RULES = {
  desktopStandard: {
    id: 'NS-SG-016',
    severity: 'high',
    title: 'RDP with its own security, without TLS',
    fires: 'The server chooses the standard security of RDP, or knows nothing else',
    evidence: 'The connection request and its confirmation',
    notWhen: 'A server that refuses the client (RDP_NEG_FAILURE) chose nothing; HYBRID, RDSTLS and RDSAAD are better',
    techniques: ['T1557', 'T1021.001'],
    remediation:
      'Demand network level authentication: RC4 with a key that nobody checks hides no password from who is in the middle',
    steps: [
      'Group Policy: Require user authentication for remote connections by using Network Level Authentication',
      'Group Policy: Require use of specific security layer: SSL',
      'update clients that do not offer CredSSP',
    ],
    references: ['MS-RDPBCGR 5.3', 'MS-RDPBCGR 2.2.1.2.1'],
  },
  desktopTls: {
    id: 'NS-SG-017',
    severity: 'medium',
    title: 'RDP in TLS without network level authentication',
    fires: 'The server chooses TLS without CredSSP (SSL): the password goes to whoever holds the certificate',
    evidence: 'The connection request and its confirmation',
    notWhen:
      'With CredSSP (HYBRID) the logon is inside TLS and not visible: nothing is said about it. RDSTLS and RDSAAD have credentials of their own',
    techniques: ['T1021.001'],
    remediation: 'Demand network level authentication on the server, and update clients that do not offer CredSSP',
    steps: ['Group Policy: Require user authentication for remote connections by using Network Level Authentication'],
    references: ['MS-RDPBCGR 5.4.5', 'MS-CSSP 1.3'],
  },
  controllers: {
    id: 'NS-SG-003',
    severity: 'critical',
    title: 'domain controller does not require SMB signing',
    fires: 'The NEGOTIATE response of a host that answers as a KDC lacks SIGNING_REQUIRED',
    evidence: 'A session with it, and an answer of its KDC',
    notWhen:
      'Only an address that itself issued tickets counts as a domain controller; KDC proxies and IAKERB servers do not',
    techniques: ['T1557.001'],
    remediation: 'Require SMB signing on every domain controller: it is the default, somebody took it away',
    steps: [
      'Default Domain Controllers Policy: Microsoft network server: Digitally sign communications (always)',
      'Samba: server signing = mandatory',
    ],
    references: ['MS-SMB2 note 90', 'MS-SMB2 3.3.5.4'],
    supersedes: 'NS-SG-002',
  },
} as const satisfies Record<string, Rule>

/** levels of MS-RPCE 2.2.1.1.8 at which arguments and results are not protected */
const BELOW_INTEGRITY: ReadonlySet<string> = new Set(['default', 'none', 'connect', 'call', 'packet'])
/** those at which nothing after the bind shows that the caller has the session key; `default` means connect */
const UNTIED: ReadonlySet<string> = new Set(['default', 'none', 'connect'])

function isBelowIntegrity({ rpc, result }: AuthExchange): boolean {
  return (
    rpc !== null && result !== 'failure' && BELOW_INTEGRITY.has(rpc.authLevel ?? '') && rpc.interfaceName !== 'epmapper'
  )
}

/**
 * Services with a logon of their own in clear, after which GSSAPI protects nothing: FTP, PostgreSQL and SOCKS may go on
 * under its protection.
 */
const NOTHING_AFTER: ReadonlySet<Service> = new Set(['smtp', 'imap', 'pop3', 'nntp', 'mssql'])

/**
 * Where nothing but the ticket itself ties the connection to who logged on; null: something does, or that is not
 * visible.
 */
function unboundOver(exchange: AuthExchange): string | null {
  const { service, http, rpc } = exchange
  if (isInTls(exchange)) return null
  if (rpc !== null) {
    const isOuter = rpc.session === 'signed' || rpc.session === 'encrypted'
    const isOpen = UNTIED.has(rpc.authLevel ?? '') && !isOuter && rpc.interfaceName !== 'epmapper'
    return isOpen ? `RPC at level ${levelWords(rpc)}` : null
  }
  if (service === 'winrm') return http?.layer === 'none' ? 'WinRM in clear' : null
  if (factsOf(service).clear === 'http') return http?.layer === 'seal' ? null : `${service} in clear`
  return NOTHING_AFTER.has(service) ? `${service} in clear` : null
}

/** Nothing ties the calls to who logged on, and they are worth a relay. */
function isOpenToRelay(exchange: AuthExchange): boolean {
  const { rpc } = exchange
  return (
    rpc !== null &&
    isBelowIntegrity(exchange) &&
    UNTIED.has(rpc.authLevel ?? '') &&
    isRelayed(rpc.interfaceName ?? '') &&
    rpc.session !== 'signed' &&
    rpc.session !== 'encrypted'
  )
}

/** `connect on samr in the pipe samr of a signed SMB session`. */
function levelWords({ authLevel, interfaceName, interface: uuid, over, pipe, session }: RpcExchangeFacts): string {
  const where = `${authLevel} on ${interfaceName ?? uuid ?? 'an interface that was not seen'}`
  if (over === 'tcp') return where
  const outer = SESSION_WORDS[session ?? 'unknown'] ?? 'an SMB session without a key'
  return `${where} in ${pipe === null ? 'a named pipe' : `the pipe ${pipe}`} of ${outer}`
}

const SESSION_WORDS: Partial<Record<SmbEffective, string>> = {
  encrypted: 'an encrypted SMB session',
  signed: 'a signed SMB session, whose signatures protect it',
  unsigned: 'an unsigned SMB session',
  unknown: 'an SMB session whose signing was not seen',
}

/** What a client has hashed, or left out. */
const SLIP_WORDS: Readonly<Record<BindingSlip, string>> = {
  'no-prefix': 'the prefix tls-server-end-point: is missing',
  'no-structure': 'the structure with its addresses and length is missing',
  'public-key': 'the public key was hashed, not the certificate',
  pem: 'the PEM text was hashed, not the certificate',
  hexadecimal: 'the hash was taken as hexadecimal text',
}

/** There is a channel to bind to: SQL Server may have had the login packet alone in TLS. */
function hasChannel(exchange: AuthExchange): boolean {
  return isInTls(exchange) || exchange.binding?.certificate != null
}

/** For which channel a binding was made, as far as the captures show it. */
function madeForWords({ binding }: AuthExchange): string {
  return binding?.madeFor
    ? `it was made for the certificate ${binding.madeFor}`
    : 'the captures do not show the certificate that it was made for'
}
