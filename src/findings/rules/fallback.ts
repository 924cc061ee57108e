/**
 * Rules about how an authentication came to NTLM: fallback by its cause, servers without Kerberos, NTLM that was
 * refused (MS-SPNG, MS-NLMP 3, MS-KILE 3). The cause itself is decided in `causes/rules.ts`; a rule only names it.
 */

import { isSwitched } from '../../facts/continuation.ts'
import { type AuthExchange, isNtlm } from '../../facts/exchange.ts'
import { PASS_THE_SPN } from '../../facts/words/remedies.ts'
import { type ExchangeRule, type Hit, hit, isVictimLeg } from '../rule.ts'

const CAUSE_EVIDENCE =
  'The frames of the logon, and those that decided its cause (the refusal of the KDC or of the service)'
const CAUSE_NOT =
  'The cause is decided with a confidence; alternatives that the capture does not exclude are named there. Nothing is said where the offers or the refusal were not captured'

function causeText(exchange: AuthExchange): string {
  const { cause } = exchange
  return cause === null ? '' : ` Cause: ${cause.title} (${cause.code}, ${cause.confidence} confidence).`
}

/** What every rule of a cause reports: the cause's own evidence, per target name. */
function byCause(exchange: AuthExchange, detail: string): Hit {
  const { cause } = exchange
  return hit(`${detail}${causeText(exchange)}`, {
    confidence: cause?.confidence ?? 'low',
    missing: cause?.missing ?? [],
    spn: exchange.target.spn,
    frames: cause === null || cause.frames.length === 0 ? null : [...new Set([...cause.frames, ...exchange.frames])],
  })
}

/** Shapes that have a rule of their own, whatever the cause. */
function hasOwnShape(exchange: AuthExchange): boolean {
  const { origin } = exchange
  if (isSwitched(exchange)) return true
  return origin === 'server-only' || origin === 'server-switched' || origin === 'late-fallback'
}

/** A rule that fires on one cause of an NTLM logon. */
function causeRule(
  code: string,
  detail: (exchange: AuthExchange) => string,
  page: Omit<ExchangeRule, 'test' | 'byDetail' | 'fires' | 'evidence' | 'notWhen' | 'techniques'> & {
    readonly notWhen?: string
  },
): ExchangeRule {
  return {
    techniques: [],
    evidence: CAUSE_EVIDENCE,
    notWhen: CAUSE_NOT,
    ...page,
    fires: `An NTLM logon whose cause is ${code}`,
    byDetail: true,
    test: (exchange) =>
      isNtlm(exchange) && exchange.cause?.code === code && !hasOwnShape(exchange)
        ? byCause(exchange, detail(exchange))
        : null,
  }
}

const targetText = ({ target }: AuthExchange) => target.spn || target.name || 'a target that was not named'

const FINDINGS_OF_CAUSES: readonly ExchangeRule[] = [
  causeRule('RC01', (e) => `the KDC does not know ${targetText(e)}, NTLM followed.`, {
    id: 'NS-FB-002',
    severity: 'medium',
    title: 'fallback: the service name (SPN) is not registered',
    remediation: 'Register the name on the account that runs the service',
    steps: [
      'setspn -Q <class>/<host>        who has it now',
      'setspn -S <class>/<host> <account>',
      'try again after 15 minutes: the client remembers the refusal so long (SpnCacheTimeout)',
    ],
    references: ['RFC 4120 7.5.9 (KDC_ERR_S_PRINCIPAL_UNKNOWN)', 'MS-KILE 3.3.5.7'],
  }),
  causeRule('RC04', (e) => `the target is an IP address (${targetText(e)}), for which no ticket is asked.`, {
    id: 'NS-FB-003',
    severity: 'medium',
    title: 'fallback: the target was named by its IP address',
    remediation: 'Use the host name; where that is impossible, allow IP addresses as service names',
    steps: [
      'replace the address in mapped drives, printer ports, connection strings and scripts by the name',
      'on each client: reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters /v TryIPSPN /t REG_DWORD /d 1',
      'setspn -Q host/<address>        who has it now',
      'setspn -S host/<address> <server account>',
      'an address that changes hands breaks this: register it only where the address is fixed',
    ],
    references: [
      'MS-NLMP 2.2.2.1 (MsvAvTargetName)',
      'https://learn.microsoft.com/windows-server/security/kerberos/configuring-kerberos-over-ip',
    ],
  }),
  causeRule('RC07', (e) => `no KDC answered the client before the logon to ${targetText(e)}.`, {
    id: 'NS-FB-004',
    severity: 'high',
    title: 'fallback: no KDC was reachable',
    notWhen:
      'A KDC leg that does not cross the capture point looks the same: unanswered questions must be in the capture themselves',
    remediation: 'Open the way from the client to a KDC, or use IAKERB or a KDC proxy',
    steps: [
      'nltest /dsgetdc:<domain>',
      'allow TCP and UDP 88 and 464, and UDP 389, to the domain controllers',
      'resolve _kerberos._tcp.dc._msdcs.<domain> on the client',
    ],
    references: ['MS-KILE 3.2.5.2', 'MS-KKDCP', 'draft-ietf-kitten-iakerb'],
  }),
  causeRule('RC08', (e) => `the clocks differ too much for ${targetText(e)}.`, {
    id: 'NS-FB-006',
    severity: 'high',
    title: 'fallback: clock skew',
    remediation: 'Synchronise the clocks of client, server and KDC',
    steps: ['w32tm /query /status', 'w32tm /resync', 'point appliances at the NTP server of the domain'],
    references: ['RFC 4120 7.5.9 (KRB_AP_ERR_SKEW)'],
  }),
  causeRule('RC09', (e) => `client, KDC and service have no encryption type in common for ${targetText(e)}.`, {
    id: 'NS-FB-007',
    severity: 'high',
    title: 'fallback: no common encryption type',
    remediation: 'Give the account AES keys and renew its keytab',
    steps: [
      'Set-ADUser <account> -KerberosEncryptionType AES128,AES256',
      'reset the password of the account: AES keys are made then',
      'renew the keytab of the service',
    ],
    references: ['RFC 4120 7.5.9 (KDC_ERR_ETYPE_NOSUPP)', 'MS-KILE 2.2.7'],
  }),
  causeRule('RC05', (e) => `${targetText(e)} is an alias or short name that has no service name.`, {
    id: 'NS-FB-009',
    severity: 'medium',
    title: 'fallback: alias or short name without a service name',
    remediation: 'Register the alias, or use the full name of the server',
    steps: ['netdom computername <server> /add:<alias>', 'setspn -S <class>/<alias> <server account>'],
    references: ['MS-NLMP 2.2.2.1 (MsvAvTargetName)'],
  }),
  causeRule('RC14', (e) => `NTLM was asked for by name (${e.method ?? e.carrier}).`, {
    id: 'NS-FB-011',
    severity: 'medium',
    title: 'the application or its protocol asks for NTLM by name',
    remediation: 'Configure the client to use Negotiate with an SPN, or ask its vendor',
    steps: [
      'use Negotiate, GSS-SPNEGO or GSSAPI in the settings of the client',
      'pass the SPN of the service to the security provider',
    ],
    references: ['MS-SPNG 3.2.5', 'RFC 4559'],
  }),
  causeRule('RC11', (e) => `the account is local to the server (${e.principal.domain || 'no domain'}).`, {
    id: 'NS-FB-012',
    severity: 'medium',
    title: 'a local account logs on over the network',
    remediation: 'Use a domain account or a group managed service account',
    steps: [
      'replace the local account by a domain account or gMSA',
      'net localgroup "Access this computer from the network": deny local accounts',
    ],
    references: ['MS-NLMP 3.3.5.2'],
  }),
  causeRule('RC06', (e) => `the application gave no usable target name (${e.target.class}).`, {
    id: 'NS-FB-013',
    severity: 'low',
    title: 'fallback: no target name, or the name of a user',
    remediation: PASS_THE_SPN,
    steps: ['ask the vendor; for DCOM run the service as an account with an SPN'],
    references: ['MS-NLMP 2.2.2.1 (MsvAvTargetName)'],
  }),
]

const WITH_RULE = new Set(['RC01', 'RC03', 'RC04', 'RC05', 'RC06', 'RC07', 'RC08', 'RC09', 'RC11', 'RC14', 'RC21'])
const hasOwnFinding = ({ cause }: AuthExchange) => cause !== null && WITH_RULE.has(cause.code)

const SHAPE_RULES: readonly ExchangeRule[] = [
  {
    id: 'NS-FB-015',
    severity: 'medium',
    title: 'IAKERB was tried, NTLM followed',
    fires: 'An IAKERB token in an exchange that NTLM finished',
    evidence: 'The frames of the exchange: the IAKERB token and the NTLM messages after it',
    notWhen: 'An exchange that IAKERB finished is no fallback and only counts as readiness',
    techniques: [],
    remediation: 'See the error of the KDC behind the server: it needs the way to its domain controller',
    steps: ['errors 85 and 86 say that the server found no KDC', 'nltest /dsgetdc:<domain> on the server'],
    references: ['draft-ietf-kitten-iakerb', 'MS-KILE'],
    test: (exchange) =>
      isNtlm(exchange) && exchange.fallback === true && exchange.kerberos !== null && isIakerb(exchange)
        ? byCause(exchange, 'IAKERB was offered by both sides and NTLM finished the logon.')
        : null,
  },
  {
    id: 'NS-FB-017',
    severity: 'medium',
    title: 'an SMB session that Kerberos set up goes on with NTLM',
    fires:
      'A session whose logon used Kerberos is authenticated again with NTLM (its ticket had expired), or gets a further channel that is bound with NTLM',
    evidence: 'The SESSION_SETUP messages that go on with the session; the exchange names the one that set it up',
    notWhen:
      'A session that is renewed, or bound to another connection, with the mechanism of its logon is the same logon once more; where that logon is not in the capture nothing fires',
    techniques: [],
    remediation: 'Find out why the client gets no new ticket: it had one when the session began',
    steps: [
      'klist on the client: is the ticket-granting ticket still valid, and can it be renewed',
      'see whether a KDC is reachable for as long as the session lasts',
      'multichannel: see that the further address of the server is reached by the name of the server',
    ],
    references: ['MS-SMB2 3.2.5.1.6 (STATUS_NETWORK_SESSION_EXPIRED)', 'MS-SMB2 3.3.5.5'],
    test: (exchange) =>
      isNtlm(exchange) && isSwitched(exchange)
        ? byCause(
            exchange,
            `Kerberos set up the session (exchange ${exchange.smb?.session?.of?.exchange}), ${exchange.smb?.session?.setup === 'binding' ? 'a further channel is bound' : 'it goes on'} with NTLM.`,
          )
        : null,
  },
  {
    id: 'NS-FB-014',
    severity: 'high',
    title: 'Negotiate late fallback used',
    fires: 'Both sides offer the late fallback, Kerberos begins, NTLM finishes the same exchange',
    evidence: 'The frames of the exchange, from the offers to the last token',
    notWhen: 'The offer alone is readiness (NS-RD-003); NTLM that was chosen from the start is another rule',
    techniques: ['T1562.010'],
    remediation: 'Repair Kerberos for this service, then disable the late fallback',
    steps: [
      'see the error that ended Kerberos in the exchange',
      'leave Negotiate Late Fallback off where NTLM is to go',
    ],
    references: ['MS-SPNG 3.1.5.1'],
    test: (exchange) =>
      exchange.origin === 'late-fallback'
        ? byCause(exchange, 'Kerberos began, NTLM finished the same exchange.')
        : null,
  },
  {
    id: 'NS-FB-005',
    severity: 'medium',
    title: 'server switched the client from Kerberos to NTLM',
    fires: "The client's first token is Kerberos, the server's answer selects NTLM",
    evidence: 'The NegTokenInit of the client and the NegTokenResp of the server',
    notWhen: 'Only the first answer of the server counts (MS-SPNG 3.3.5); a client that retries by itself is NS-FB-008',
    techniques: ['T1562.010'],
    remediation: 'Give the server a keytab or machine account that accepts the ticket',
    steps: [
      'klist -k on the server: is there a key for the name that the client asked',
      'rejoin the server to the domain',
    ],
    references: ['RFC 4178 4.2.2', 'MS-SPNG 3.3.5'],
    test: (exchange) =>
      exchange.origin === 'server-switched'
        ? byCause(exchange, 'the client began with Kerberos, the server selected NTLM.')
        : null,
  },
  {
    id: 'NS-FB-008',
    severity: 'high',
    title: 'NTLM after a refused Kerberos attempt',
    fires:
      'The service refused a ticket (wrong or stale key), or Kerberos failed for the same client and server a moment before',
    evidence: 'The frames of the logon, and of the refused attempt where it is in the same exchange',
    notWhen: 'Causes with a rule of their own (skew, encryption types, names) are told there',
    techniques: [],
    remediation: 'Look up the error of the service: wrong key, stale keytab or SPN on another account',
    steps: [
      'setspn -Q <class>/<host>        which account has the name',
      'renew the keytab, or reset the machine password (Reset-ComputerMachinePassword)',
    ],
    references: ['RFC 4120 7.5.9 (KRB_AP_ERR_MODIFIED, BADKEYVER, NOKEY)'],
    byDetail: true,
    test: (exchange) =>
      isNtlm(exchange) &&
      !hasOwnShape(exchange) &&
      (exchange.cause?.code === 'RC03' || (exchange.origin === 'client-retry' && !hasOwnFinding(exchange)))
        ? byCause(exchange, 'Kerberos was refused, NTLM followed.')
        : null,
  },
  {
    id: 'NS-FB-001',
    severity: 'medium',
    title: 'fallback: the client chose NTLM where Kerberos was offered or tried',
    fires:
      'The server offers Kerberos, the first token of the client is NTLM, and no cause with a rule of its own is known',
    evidence: 'The offer of the server and the first token of the client',
    notWhen:
      'Without the offer of the server the origin is unknown and nothing fires; relays hand on what others chose',
    techniques: ['T1557.001'],
    remediation: 'Remove the cause that is named; then verify that the flow uses Kerberos',
    steps: [
      'look at what is missing, and capture it',
      'klist get <class>/<host> on the client shows whether a ticket can be had',
    ],
    references: ['MS-SPNG 3.2.5', 'MS-NLMP 3.1.5.1.2'],
    byDetail: true,
    test: (exchange) =>
      isNtlm(exchange) && exchange.origin === 'client-veto' && !hasOwnFinding(exchange)
        ? byCause(exchange, 'the client offered NTLM only.')
        : null,
  },
  {
    id: 'NS-FB-010',
    severity: 'medium',
    title: 'server offers NTLM only',
    fires:
      "The server's list of mechanisms, schemes or SASL mechanisms holds NTLM and nothing under which Kerberos is spoken",
    evidence: 'The offer (NegTokenInit2, WWW-Authenticate, supportedSASLMechanisms) and the logon that followed',
    notWhen:
      'An offer that was not captured is no offer of NTLM only; a host in the middle of a relay is told by NS-NT-005',
    techniques: [],
    remediation: 'Join the server to the domain, give it a keytab, enable Negotiate, or replace it',
    steps: [
      'HTTP (IIS): list Negotiate before NTLM in the providers of Windows authentication',
      'appliances: firmware with Kerberos, join, keytab for the name that clients use',
    ],
    references: ['RFC 4178 4.2.1', 'MS-SPNG 3.2.5.2', 'RFC 4559 4'],
    ofServer: true,
    test: (exchange) =>
      exchange.origin === 'server-only' && exchange.offered.server !== null && !isVictimLeg(exchange)
        ? hit(`it offered ${exchange.offered.server.join(', ')}`)
        : null,
  },
  {
    id: 'NS-FB-016',
    severity: 'info',
    title: 'NTLM was refused by policy',
    fires:
      'An NTLM logon ended in STATUS_NTLM_BLOCKED, STATUS_NOT_SUPPORTED, STATUS_AUTHENTICATION_FIREWALL_FAILED or STATUS_ACCOUNT_RESTRICTION',
    evidence: 'The AUTHENTICATE_MESSAGE and the answer with the status',
    notWhen: 'Wrong passwords and locked accounts have other status codes',
    techniques: [],
    remediation: 'Expected where NTLM is switched off; otherwise look up the policy that refused it',
    steps: [
      'Restrict NTLM: incoming traffic, NTLM authentication in this domain (Group Policy)',
      'events 4001 to 4006 in Microsoft-Windows-NTLM/Operational',
    ],
    references: ['MS-NLMP 3.2.5.1.2', 'MS-APDS 3.1.5'],
    test: (exchange) =>
      exchange.ntlm !== null && exchange.status !== null && NTLM_BLOCKED.has(exchange.status.name)
        ? hit(`status ${exchange.status.name}`, {
            confidence: exchange.status.name === 'STATUS_NTLM_BLOCKED' ? 'high' : 'medium',
          })
        : null,
  },
]

function isIakerb({ offered }: AuthExchange): boolean {
  return offered.client?.includes('iakerb') === true && offered.server?.includes('iakerb') === true
}

/** MS-NLMP 3.2.5.1.2, MS-APDS 3.1.5 */
const NTLM_BLOCKED = new Set([
  'STATUS_NTLM_BLOCKED',
  'STATUS_NOT_SUPPORTED',
  'STATUS_AUTHENTICATION_FIREWALL_FAILED',
  'STATUS_ACCOUNT_RESTRICTION',
])

export const FALLBACK_RULES: readonly ExchangeRule[] = [
  ...SHAPE_RULES.slice(0, 5),
  ...FINDINGS_OF_CAUSES,
  ...SHAPE_RULES.slice(5),
]
