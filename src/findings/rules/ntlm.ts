/**
 * Rules about NTLM itself: versions, what protects its messages, who logs on with it, and what shows an attack. MS-NLMP
 * 2.2, 3.1.5, 3.2.5.
 */

import { factsOf } from '../../../decoders/services.ts'
import { type AuthExchange, isNtlm } from '../../facts/exchange.ts'
import { isIpLiteral, targetHost } from '../../facts/target-name.ts'
import { insteadOfNtlmv1, NO_CLEAR_PASSWORD, NO_GUESTS, NTLMV2_ONLY } from '../../facts/words/remedies.ts'
import { type ExchangeRule, hit, isInTls, isVictimLeg, type Rule, userOf } from '../rule.ts'

const RELAY_FIX = 'Find out who the host in the middle is; require signing and channel binding on the target'

export const NTLM_RULES: readonly ExchangeRule[] = [
  {
    id: 'NS-NT-005',
    severity: 'critical',
    title: 'NTLM was handed on: a relay',
    fires:
      'The same challenge or the same response in two conversations: one host is the server of one and the client of the other',
    evidence: 'Both challenges (or both responses), and the frames of this leg',
    notWhen:
      'Copies of one conversation and address translation keep one of the ends; challenges that tools send to everybody do not count. A proxy that passes NTLM through to another host has the same shape: look at who runs the host in the middle',
    techniques: ['T1557.001'],
    remediation: RELAY_FIX,
    steps: [
      'isolate the host in the middle',
      'reset the password of the account that was relayed',
      'SMB: RequireSecuritySignature; LDAP: signing and channel binding; HTTP: TLS with Extended Protection',
    ],
    references: ['MS-NLMP 3.1.5.1.2', 'MITRE ATT&CK T1557.001'],
    ofNtlm: true,
    test: (exchange) =>
      exchange.cause?.code === 'RC21'
        ? hit(
            `one host is the server of one logon and the client of the other, as ${userOf(exchange)}${refusedText(exchange)}`,
            {
              frames: [...new Set([...exchange.cause.frames, ...exchange.frames])],
            },
          )
        : null,
  },
  {
    id: 'NS-NT-008',
    severity: 'critical',
    title: 'reflection: a host is made to log on to itself',
    fires:
      'A target name with marshalled data, the LOCAL_CALL flag in a conversation between two hosts, or a machine account that logs on to its own machine over the network',
    evidence: 'The AUTHENTICATE_MESSAGE',
    notWhen: 'A true local logon never leaves the host; captures of a loopback interface are left out',
    techniques: ['T1557.001', 'T1187'],
    remediation: 'Update the host that logs on (CVE-2025-33073 and its kin); require SMB signing on it',
    steps: [
      'install the updates of June 2025 or later',
      'Set-SmbServerConfiguration -RequireSecuritySignature $true',
      'look for DNS records with 1UWhRC in their names',
    ],
    references: ['CVE-2025-33073', 'MS-NLMP 2.2.2.5'],
    ofNtlm: true,
    test: (exchange) => {
      const { target, ntlm, client, server } = exchange
      if (ntlm === null || client.ip === server.ip) return null
      if (target.class === 'marshalled') return hit(`the target name is ${target.spn}`)
      if (ntlm.negotiateFlags.includes('LOCAL_CALL'))
        return hit('the LOCAL_CALL flag is set between two hosts', { confidence: 'medium' })
      const own = machineOf(exchange)
      return own !== null && own === ntlm.challenge?.nbComputerName?.toLowerCase()
        ? hit(`${userOf(exchange)} logs on to its own machine`)
        : null
    },
  },
  {
    id: 'NS-NT-001',
    severity: 'critical',
    title: 'LM or NTLMv1 response',
    fires: 'The AUTHENTICATE_MESSAGE (or the SMB1 session setup) holds a response of 24 bytes',
    evidence: 'The frame of the response',
    notWhen:
      'Extended session security is a flag of NTLMv2 too: only the length and form of the responses decide; anonymous logons have none',
    techniques: ['T1557.001', 'T1110.002'],
    remediation: NTLMV2_ONLY,
    steps: [
      'event 4624, Package Name NTLM V1, names who still sends it: look before a domain controller refuses it',
      'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel /t REG_DWORD /d 5',
      'Samba: ntlm auth = ntlmv2-only, client ntlmv2 auth = yes',
      'RADIUS: certificates (EAP-TLS) instead of MS-CHAP and MS-CHAPv2, whose response is the one of NTLMv1',
    ],
    references: ['MS-NLMP 3.3.1', 'MS-NLMP 3.2.5.1.2'],
    ofNtlm: true,
    test: ({ ntlm, service }) => {
      const version = ntlm?.ntlmVersion
      return version === 'LM' || version === 'NTLMv1' || version === 'NTLMv1-ESS'
        ? hit(`the response is ${version}`, { remediation: insteadOfNtlmv1(service) })
        : null
    },
  },
  {
    id: 'NS-NT-002',
    severity: 'critical',
    title: 'password sent in clear',
    fires: 'A simple bind with a password, HTTP Basic, PLAIN or LOGIN, or an SMB1 plain-text password, without TLS',
    evidence: 'The frame that carries the password (which is never printed)',
    notWhen:
      'Anonymous and unauthenticated binds (empty password) are no passwords; after StartTLS nothing is in clear',
    techniques: ['T1040', 'T1552'],
    remediation: NO_CLEAR_PASSWORD,
    steps: [
      'change the password that was seen',
      'LDAP clients: ldaps:// or StartTLS, or GSS-SPNEGO with signing',
      'domain controllers: LDAPServerIntegrity 2 refuses such binds',
    ],
    references: ['RFC 4513 5.1', 'RFC 7617 4'],
    ofNtlm: true,
    test: (exchange) =>
      (exchange.mechanism === 'simple' || exchange.mechanism === 'plain') && !isInTls(exchange)
        ? hit(`${exchange.method ?? exchange.mechanism} over ${exchange.service} without TLS, as ${userOf(exchange)}`)
        : null,
  },
  {
    id: 'NS-NT-015',
    severity: 'critical',
    title: 'NTLM to a public address',
    fires: 'A host with a private address answers the challenge of a server with a public one',
    evidence: 'The AUTHENTICATE_MESSAGE that left',
    notWhen:
      'Addresses for documentation, local and shared use are not public; networks that use public addresses inside are left out where the client has one too',
    techniques: ['T1187'],
    remediation: 'Block SMB and NTLM at the edge of the network; find out what made the host connect',
    steps: [
      'block TCP 445 and 139 outbound',
      'Restrict NTLM: outgoing NTLM traffic to remote servers: deny, with exceptions',
    ],
    references: ['MITRE ATT&CK T1187', 'IANA special-purpose address registries'],
    ofNtlm: true,
    test: (exchange) =>
      isNtlm(exchange) &&
      exchange.ntlm?.ntlmVersion != null &&
      isPublic(exchange.server.ip) &&
      !isPublic(exchange.client.ip)
        ? hit(`as ${userOf(exchange)}`, {
            confidence: 'medium',
            counterEvidence: ['the public address may belong to the own network'],
          })
        : null,
  },
  {
    id: 'NS-NT-004',
    severity: 'high',
    title: 'NTLM without MIC, or with a wrong one',
    fires:
      'The response promises a MIC that is not there, or a client that calls itself Windows 7 or later answers a challenge with a timestamp and sends none; with the key of the account (--keytab), also a MIC that is not that of the messages',
    evidence: 'The CHALLENGE_MESSAGE and the AUTHENTICATE_MESSAGE',
    notWhen:
      'A challenge without a timestamp asks for no MIC; NTLMv1 has no flags that tell; anonymous logons are left out. Client software that never sends a MIC is NS-NT-019',
    techniques: ['T1557.001'],
    remediation: 'Treat it as tampering (CVE-2019-1040) until the client is known to be no current Windows',
    steps: [
      'compare with other logons of the same client',
      'install the updates of June 2019 or later',
      'require signing and channel binding on the servers',
    ],
    references: ['MS-NLMP 3.1.5.1.2', 'CVE-2019-1040'],
    ofNtlm: true,
    test: ({ ntlm, keytab }) => {
      if (ntlm === null) return null
      if (keytab?.ntlm?.mic === 'wrong')
        return hit('the response is right, and its MIC is not that of these messages: they were changed on the way')
      if (ntlm.ntlmVersion !== 'NTLMv2' || ntlm.mic !== false) return null
      if (((ntlm.avFlags ?? 0) & AV_FLAG_MIC) !== 0)
        return hit('the response promises a MIC, and none is there: it was taken out')
      return ntlm.challenge?.timestamp === true && isWindows(ntlm.clientVersion)
        ? hit(`the challenge has a timestamp, the client calls itself Windows ${ntlm.clientVersion} and sends no MIC`, {
            confidence: 'medium',
          })
        : null
    },
  },
  {
    id: 'NS-NT-019',
    severity: 'medium',
    title: 'client software sends no MIC',
    fires: 'The challenge carries a timestamp, and a client that does not call itself Windows 7 or later sends no MIC',
    evidence: 'The CHALLENGE_MESSAGE and the AUTHENTICATE_MESSAGE',
    notWhen: 'A MIC that was promised and is missing, or is missing from a Windows, is NS-NT-004',
    techniques: ['T1557.001'],
    remediation:
      'Update or replace the client software: nothing ties its messages together, so that they can be changed on the way',
    steps: [
      'curl, Samba, Java and appliances: a release that sends MICs',
      'require signing or channel binding on the servers',
    ],
    references: ['MS-NLMP 3.1.5.1.2'],
    ofNtlm: true,
    test: ({ ntlm }) =>
      ntlm !== null &&
      ntlm.ntlmVersion === 'NTLMv2' &&
      ntlm.mic === false &&
      ((ntlm.avFlags ?? 0) & AV_FLAG_MIC) === 0 &&
      ntlm.challenge?.timestamp === true &&
      !isWindows(ntlm.clientVersion)
        ? hit('the challenge has a timestamp, the response no MIC')
        : null,
  },
  {
    id: 'NS-NT-009',
    severity: 'high',
    title: 'a machine account logs on with NTLM',
    fires: 'The user name ends with $ and the logon is NTLM',
    evidence: 'The AUTHENTICATE_MESSAGE',
    notWhen:
      'Group managed service accounts end with $ too; backup and monitoring agents that run as the machine, and replication to an address, are known causes. A relayed or coerced logon has further findings',
    techniques: ['T1187'],
    remediation:
      'Find out what made the machine connect; block the calls that coerce it (RPC filters), and use names so that it can use Kerberos',
    steps: [
      'look for remote calls to the machine in the seconds before (NS-NT-010)',
      'disable the print spooler on domain controllers',
      'netsh rpc filter: EFSRPC, DFSNM, FSRVP, RPRN',
    ],
    references: ['MITRE ATT&CK T1187', 'MS-RPRN, MS-EFSR, MS-DFSNM, MS-FSRVP'],
    ofNtlm: true,
    test: (exchange) =>
      isNtlm(exchange) && exchange.principal.user?.endsWith('$') === true
        ? hit(`${userOf(exchange)}, target ${exchange.target.spn || 'not named'}`, {
            confidence: exchange.ntlm?.singleHost?.tokenIntegrityLevel === SYSTEM_INTEGRITY ? 'high' : 'medium',
          })
        : null,
  },
  {
    id: 'NS-NT-012',
    severity: 'high',
    title: 'the challenge is one that attack tools send',
    fires: 'The ServerChallenge is 1122334455667788 or eight equal bytes',
    evidence: 'The CHALLENGE_MESSAGE',
    notWhen: 'No server draws such a challenge by chance; test laboratories do on purpose',
    techniques: ['T1557.001'],
    remediation: 'Find out who runs that server: it collects responses that are cheap to crack',
    steps: ['isolate the server, change the passwords of the accounts that answered it'],
    references: ['MS-NLMP 2.2.1.2 (ServerChallenge)'],
    ofServer: true,
    ofNtlm: true,
    test: ({ ntlm }) =>
      ntlm?.challenge?.toolChallenge === true ? hit('its challenge is a constant', { confidence: 'medium' }) : null,
  },
  {
    id: 'NS-NT-018',
    severity: 'high',
    title: 'a relayed logon would be accepted here',
    fires:
      'An NTLM logon succeeded, and nothing ties it to this conversation: the SMB server does not require signing, the LDAP bind went on without integrity, HTTP or another carrier is in clear, or no channel binding was demanded in TLS',
    evidence: 'A logon that succeeded so',
    notWhen:
      'A session that was encrypted or whose server requires signing is protected; what TLS hides says nothing. The host in the middle of a relay accepts everything: it is NS-NT-005',
    techniques: ['T1557.001'],
    remediation: 'Require signing (SMB, LDAP) or channel binding (TLS) on the server',
    steps: [
      'Set-SmbServerConfiguration -RequireSecuritySignature $true',
      'LDAPServerIntegrity 2, LdapEnforceChannelBinding 2',
      'IIS: extendedProtection tokenChecking="Require", with TLS',
    ],
    references: ['MS-SMB2 3.3.5.5.3', 'MS-ADTS 5.1.2.2', 'RFC 5929'],
    ofServer: true,
    ofNtlm: true,
    test: (exchange) => {
      if (!isNtlm(exchange) || exchange.result !== 'success' || isVictimLeg(exchange)) return null
      const how = openTo(exchange)
      return how === null ? null : hit(`it accepted NTLM ${how}`)
    },
  },
  {
    id: 'NS-NT-020',
    severity: 'critical',
    title: 'certificate enrolment takes NTLM in clear',
    fires:
      'A web enrolment page or enrolment web service of AD CS, told by its path, accepts NTLM or asks for it by name, without TLS or without a channel binding in it',
    evidence: 'The requests with the tokens, or the offer',
    notWhen:
      'The path is that of the default directories; another application may use it. Kerberos in Negotiate alone does not prove that NTLM would be taken',
    techniques: ['T1557.001', 'T1649'],
    remediation:
      'Take NTLM from the enrolment pages, demand TLS and Extended Protection: whoever relays a machine account there gets a certificate that logs on as it (ESC8)',
    steps: [
      'IIS, CertSrv: Windows Authentication, providers: Negotiate:Kerberos alone; extendedProtection tokenChecking="Require"; Require SSL',
      'remove the Web Enrolment role where nobody uses it',
    ],
    references: ['Microsoft KB5005413', 'MS-WSTEP'],
    ofServer: true,
    test: (exchange) => {
      const { http, channelBinding, result, offered } = exchange
      if (!http?.application?.startsWith('AD CS') || isVictimLeg(exchange)) return null
      if (isInTls(exchange) && channelBinding !== 'absent' && channelBinding !== 'zero') return null
      const where = `${http.application} (${http.path})`
      if (isNtlm(exchange) && result === 'success') return hit(`${where} accepted NTLM`)
      return offered.server?.includes('NTLM') ? hit(`${where} asks for NTLM`) : null
    },
  },
  {
    id: 'NS-NT-013',
    severity: 'medium',
    title: 'guest session',
    fires: 'The server accepts a logon and marks the session as guest',
    evidence: 'The SESSION_SETUP response with the guest flag',
    notWhen: 'A logon that failed is no guest',
    techniques: ['T1021.002', 'T1135'],
    remediation: NO_GUESTS,
    steps: [
      'Samba: map to guest = never',
      'Set-SmbClientConfiguration -EnableInsecureGuestLogons $false',
      'net user guest /active:no',
    ],
    references: ['MS-SMB2 2.2.6 (SMB2_SESSION_FLAG_IS_GUEST)'],
    test: ({ smb, result }) =>
      smb?.effective === 'guest' && result === 'success' ? hit('the server mapped the logon to guest') : null,
  },
  {
    id: 'NS-NT-007',
    severity: 'medium',
    title: 'the target name is not a name of the server',
    fires: 'The client made its token for another host than the one whose names stand in the challenge',
    evidence: 'The CHALLENGE_MESSAGE with the names of the server, the AUTHENTICATE_MESSAGE with MsvAvTargetName',
    notWhen:
      'Short and full forms of one name are the same; addresses are told by NS-FB-003, missing service names and aliases by NS-FB-002 and NS-FB-009, proxies left out. A cluster, a load balancer or a DFS name looks the same',
    techniques: ['T1557.001'],
    remediation:
      'Find out whether the name is an alias of this server; if not, the client was misled (relay, poisoning)',
    steps: [
      'resolve the name on the client',
      'register aliases: setspn -S <class>/<alias> <account>',
      'SmbServerNameHardeningLevel 1 or 2 makes SMB servers check it',
    ],
    references: ['MS-NLMP 2.2.2.1 (MsvAvTargetName)'],
    ofNtlm: true,
    test: (exchange) => {
      const { ntlm, target, cause } = exchange
      if (!isNtlm(exchange) || exchange.service === 'http-proxy' || cause?.code === 'RC01' || cause?.code === 'RC05')
        return null
      if (target.spn === null || (target.class !== 'fqdn' && target.class !== 'short')) return null
      const { dnsComputerName, nbComputerName } = ntlm?.challenge ?? {}
      const names = [dnsComputerName, nbComputerName].flatMap((name) => (name ? [label(name)] : []))
      const host = label(targetHost(target.spn))
      if (names.length === 0 || names.includes(host)) return null
      return hit(`the token is for ${target.spn}, the server calls itself ${dnsComputerName || nbComputerName}`, {
        confidence: cause?.code === 'RC21' ? 'high' : 'low',
        counterEvidence: cause?.code === 'RC21' ? [] : ['an alias, a cluster or a load balancer looks the same'],
        spn: target.spn,
      })
    },
  },
  {
    id: 'NS-NT-003',
    severity: 'medium',
    title: 'weak NTLM session security',
    fires: 'The AUTHENTICATE_MESSAGE asks for signing or sealing without 128-bit keys, or for LM_KEY',
    evidence: 'The NegotiateFlags of the AUTHENTICATE_MESSAGE',
    notWhen:
      'Where no signing and no sealing was negotiated there is no session key to be weak; messages without flags are left out',
    techniques: [],
    remediation: 'Update the client; demand 128-bit keys and NTLMv2 session security',
    steps: ['Network security: minimum session security for NTLM SSP: NTLMv2 and 128-bit, for clients and servers'],
    references: ['MS-NLMP 2.2.2.5', 'MS-NLMP 3.4.5'],
    ofNtlm: true,
    test: ({ ntlm, mechanism }) => {
      if (mechanism !== 'ntlm' || ntlm === null || ntlm.signingNegotiated === null || ntlm.negotiateFlags.length === 0)
        return null
      if (!ntlm.signingNegotiated && !ntlm.sealingNegotiated) return null
      const weak = [
        ...(ntlm.negotiateFlags.includes('128') ? [] : ['no 128-bit key']),
        ...(ntlm.negotiateFlags.includes('LM_KEY') ? ['LM_KEY'] : []),
      ]
      return weak.length === 0 ? null : hit(weak.join(', '))
    },
  },
  {
    id: 'NS-NT-017',
    severity: 'low',
    title: 'anonymous session accepted',
    fires: 'A null session over SMB succeeded',
    evidence: 'The AUTHENTICATE_MESSAGE without responses and the answer',
    notWhen:
      'Anonymous LDAP reads of the rootDSE are normal and left out; guests are NS-NT-013, more than a null session is NS-NT-021',
    techniques: ['T1135', 'T1087.002'],
    remediation: 'Restrict anonymous access where no old client needs it',
    steps: [
      'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RestrictAnonymous        what is set now',
      'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RestrictAnonymous /t REG_DWORD /d 1',
      'that setting has no effect on domain controllers: look who is in Pre-Windows 2000 Compatible Access there',
      'Samba: restrict anonymous = 2',
    ],
    references: ['MS-SMB2 2.2.6 (SMB2_SESSION_FLAG_IS_NULL)', 'MS-NLMP 3.2.5.1.2'],
    ofNtlm: true,
    test: ({ mechanism, result, service, principal: { user } }) =>
      mechanism === 'anonymous' && result === 'success' && service === 'smb'
        ? hit(user ? `a null session was set up, in which ${user} is named` : 'a null session was set up')
        : null,
  },
  {
    id: 'NS-NT-021',
    severity: 'high',
    title: 'logon without a password accepted',
    fires:
      'A server over SMB protects the session of a named user whose responses are empty as that of a user: it is signed or encrypted, and marked neither as guest nor as null session',
    evidence: 'The AUTHENTICATE_MESSAGE with a user name and without responses, the answer, the messages after it',
    notWhen:
      'smbclient -N names its user in what Samba takes for a null session, and marks it with no flag: neither is such a session signed',
    techniques: ['T1078', 'T1021.002'],
    remediation: 'Have the server refuse empty responses; set a password for the account, or disable it',
    steps: [
      'Samba: map to guest = never, null passwords = no',
      'Windows: LimitBlankPasswordUse = 1 under Control\\Lsa',
    ],
    references: ['MS-NLMP 3.2.5.1.2', 'MS-SMB2 2.2.6'],
    ofNtlm: true,
    test: ({ mechanism, result, smb, principal: { user } }) =>
      mechanism === 'anonymous' && result === 'success' && user && smb !== null && GRANTED.has(smb.effective)
        ? hit(`${user} was given a session without a response`)
        : null,
  },
  {
    id: 'NS-NT-011',
    severity: 'info',
    title: 'an elevated process logs on with NTLM',
    fires: 'MsvAvSingleHost tells an integrity level of high or above',
    evidence: 'The AUTHENTICATE_MESSAGE',
    notWhen: 'Only Windows sends it, and an attacker may write what he likes: no statement where it is absent',
    techniques: [],
    remediation: 'Begin the move to Kerberos with these: services and administrators are worth the most',
    steps: ['event 4020 or 8001 on the client names the process'],
    references: ['MS-KILE 2.2.5', 'MS-NLMP 2.2.2.2'],
    ofNtlm: true,
    test: (exchange) => {
      const level = exchange.ntlm?.singleHost?.tokenIntegrityLevel ?? 0
      if (!isNtlm(exchange) || level < HIGH_INTEGRITY) return null
      return hit(`${userOf(exchange)} at ${level >= SYSTEM_INTEGRITY ? 'system' : 'high'} integrity`)
    },
  },
]

/** Rules whose evidence is in several exchanges: the watches fire them. */
export const NTLM_WATCH_RULES = {
  handing: {
    id: 'NS-NT-006',
    severity: 'high',
    title: 'a host that received an NTLM logon logs on elsewhere as the same account',
    fires:
      'Within five seconds of an NTLM logon to it, a host logs on with NTLM to a third one, as the same account and with the same workstation name',
    evidence: 'Both logons',
    notWhen:
      'A relay that is proven by its challenge is NS-NT-005. A front end names itself as the workstation and is left out; a user who goes on from that host under its name too',
    techniques: ['T1557.001'],
    remediation: RELAY_FIX,
    steps: ['ask who runs the host in the middle', 'capture both legs whole: the challenge decides'],
    references: ['MITRE ATT&CK T1557.001'],
  },
  coercion: {
    id: 'NS-NT-010',
    severity: 'critical',
    title: 'a host was made to log on with NTLM: coercion',
    fires:
      'A remote call that makes its server connect elsewhere (print notification, EFS, DFS, shadow copies, event log), and within seconds the machine account of that server logs on with NTLM',
    evidence: 'The call and the logon that followed',
    notWhen:
      'The logon must come from the host that was called, as its machine account, within 30 seconds; print administration alone fires nothing. A print server that notifies its client logs on to the caller as well: then the confidence is medium',
    techniques: ['T1187'],
    remediation:
      'Isolate the caller; block these calls where nobody needs them, and require signing and channel binding',
    steps: [
      'Stop-Service Spooler; Set-Service Spooler -StartupType Disabled (domain controllers)',
      'netsh rpc filter: EFSRPC, DFSNM, FSRVP, RPRN',
      'reset the machine account that logged on if its logon was accepted elsewhere',
    ],
    references: ['MS-RPRN 3.1.4.10', 'MS-EFSR 3.1.4.2', 'MITRE ATT&CK T1187'],
  },
  poisoning: {
    id: 'NS-NM-001',
    severity: 'critical',
    title: 'a name answer led to an NTLM logon: poisoning',
    fires:
      'A host answers an LLMNR, NBT-NS or mDNS question with its own address, and the host that asked logs on to it with NTLM',
    evidence: 'The name answer and the logon that followed',
    notWhen:
      'A host that answers for its own name (it calls itself so in the challenge, DNS gives it that name, or it took a ticket for it) is no poisoner, unless it answers for wpad or more than two names, sends the challenge of a tool, or hands the logon on; DNS answers do not count',
    techniques: ['T1557.001'],
    remediation: 'Isolate the host that answered; disable LLMNR, NBT-NS and mDNS resolution',
    steps: [
      'Group Policy: Turn off multicast name resolution',
      'NetBIOS over TCP/IP: disable (DHCP option 001)',
      'change the password of the account that logged on',
    ],
    references: ['RFC 4795', 'RFC 1002', 'RFC 6762', 'MITRE ATT&CK T1557.001'],
  },
  spray: {
    id: 'NS-NT-014',
    severity: 'high',
    title: 'password spray over NTLM',
    fires: 'One client fails to log on as five or more accounts within ten minutes',
    evidence: 'The failed logons',
    notWhen:
      'A proxy or terminal server has more accounts that succeed than fail: then nothing fires; account states (locked, expired, disabled) are no wrong passwords',
    techniques: ['T1110.003'],
    remediation: 'Find out who runs the client; check the accounts that succeeded from it',
    steps: [
      'events 4625 and 4776 for the client',
      'lockout policy, Microsoft Entra Password Protection or banned-password filter',
    ],
    references: ['MITRE ATT&CK T1110.003'],
  },
  clones: {
    id: 'NS-NT-016',
    severity: 'medium',
    title: 'two hosts have the same machine id: cloned without Sysprep',
    fires: 'The permanent machine id of MsvAvSingleHost is the same for two workstation names at two addresses',
    evidence: 'An AUTHENTICATE_MESSAGE of each',
    notWhen:
      'One host with several addresses keeps its name; a renamed host keeps its address: both name and address must differ. The id itself is never printed',
    techniques: [],
    remediation: 'Rebuild one of them with Sysprep: current Windows refuses Kerberos and NTLM between clones',
    steps: ['sysprep /generalize before an image is taken', 'event 6167 of LsaSrv names refused logons'],
    references: ['MS-NLMP 2.2.2.2', 'Microsoft KB5068222'],
  },
} as const satisfies Record<string, Rule>

const AV_FLAG_MIC = 2
/** MS-KILE 2.2.5 */
const HIGH_INTEGRITY = 0x3000
const SYSTEM_INTEGRITY = 0x4000

/** Windows 7 and later, by the build that only Windows has. */
function isWindows(version: string | null): boolean {
  const build = Number(version?.split('.')[2] ?? 0)
  return build >= 7600
}

/** The machine whose account logs on, lower case; null: no machine account. */
function machineOf({ principal: { user } }: AuthExchange): string | null {
  return user?.endsWith('$') ? user.slice(0, -1).toLowerCase() : null
}

/** First label, lower case. */
function label(host: string): string {
  return isIpLiteral(host) ? host : host.split('.')[0]!.toLowerCase()
}

/** What the target of a relay said. */
function refusedText({ result, origin }: AuthExchange): string {
  return result === 'failure' && origin === 'direct' ? '; the target refused it' : ''
}

/** Guests and null sessions have no key for this. */
const GRANTED: ReadonlySet<string> = new Set(['signed', 'encrypted'])

/** What leaves this logon open to a relay; null: something protects it, or it is not visible. */
function openTo(exchange: AuthExchange): string | null {
  const { smb, ldap, service, channelBinding } = exchange
  if (smb !== null) {
    const lax = smb.serverPolicy === 'enabled' || smb.serverPolicy === 'disabled'
    return lax && smb.effective !== 'encrypted' ? `with SMB signing ${smb.serverPolicy}, not required` : null
  }
  if (channelBinding === 'absent' || channelBinding === 'zero')
    return `in TLS without channel binding (${channelBinding})`
  if (channelBinding === 'mismatch' && isInTls(exchange)) return 'in TLS with the binding of another channel'
  if (isInTls(exchange)) return null
  if (ldap !== null) return ldap.layer === 'none' ? 'over LDAP without integrity' : null
  if (exchange.http?.layer === 'none') return `over ${service}, whose messages are in clear`
  const { clear } = factsOf(service)
  return clear === 'open' || clear === 'http' ? `over ${service} in clear` : null
}

/** A global unicast address that is not set aside for other use, IANA special-purpose registries. */
function isPublic(ip: string): boolean {
  if (ip.includes(':')) return /^[23]/.test(ip) && !/^2001:(db8|0)?:|^2001:db8|^2002:/i.test(ip)
  const [a = 0, b = 0, c = 0] = ip.split('.').map(Number)
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if ((a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254) || (a === 172 && b >= 16 && b < 32)) return false
  if ((a === 192 && b === 168) || (a === 192 && b === 0) || (a === 198 && (b === 18 || b === 19))) return false
  return !((a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113))
}
