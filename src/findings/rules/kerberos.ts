/**
 * Rules about Kerberos: encryption types, accounts that can be attacked, delegation, clocks, and what is ready for the
 * time without NTLM. RFC 4120, MS-KILE, MS-SFU, draft-ietf-kitten-iakerb.
 */
import { errorName, etypeName, isWeakEtype } from '../../../decoders/mechanisms/kerberos-names.ts'
import type { KdcExchange } from '../../facts/exchange.ts'
import { type ExchangeRule, hit, type KdcRule, type Rule } from '../rule.ts'

const AES_FIX = 'Give the account AES keys (msDS-SupportedEncryptionTypes, then reset the password)'
const AES_STEPS = [
  'Set-ADUser <account> -KerberosEncryptionType AES128,AES256',
  'reset the password of the account: AES keys are made then',
  'renew keytabs',
]

const RC4_HMAC = 23
/** the month after the one in which the last audit mode went: KB5073381, src/causes/calendar.ts */
const RC4_ENDED_MICROS = Date.UTC(2026, 7) * 1000
const EXPLICIT_RC4 =
  'Look at msDS-SupportedEncryptionTypes of the account and give it AES keys (reset the password): since July 2026 a patched Windows domain controller issues RC4 only where an account asks for it explicitly'

export const KDC_RULES: readonly KdcRule[] = [
  {
    id: 'NS-KR-010',
    severity: 'critical',
    title: 'a ticket is asked for a marshalled name: Kerberos relay',
    fires: 'The service name of a request to a KDC holds marshalled target data (1UWhRC...)',
    evidence: 'The TGS-REQ',
    notWhen: 'No host has such a name; it is made to have the ticket used elsewhere',
    techniques: ['T1557'],
    remediation: 'Remove the DNS record with that name, find out who made it, update the hosts',
    steps: ['look for DNS records with 1UWhRC in their names', 'install the updates of June 2025 or later'],
    references: ['CVE-2025-33073'],
    test: ({ sname }) => (sname !== null && /1UWhRC/i.test(sname) ? hit(`service ${sname}`) : null),
  },
  {
    id: 'NS-KR-003',
    severity: 'high',
    title: 'AS-REP without pre-authentication',
    fires: 'An AS-REQ without PA-ENC-TIMESTAMP, PKINIT, FAST or encrypted challenge is answered with a ticket',
    evidence: 'The AS-REQ and the AS-REP',
    notWhen: 'Both must be in the capture; the first request of a client is answered with error 25 and no ticket',
    techniques: ['T1558.004'],
    remediation: 'Clear "do not require Kerberos preauthentication" on the account',
    steps: [
      'Set-ADAccountControl <account> -DoesNotRequirePreAuth $false',
      'change the password of the account: what was sent can be cracked offline',
    ],
    references: ['RFC 4120 5.2.7.2', 'MITRE ATT&CK T1558.004'],
    byDetail: true,
    test: (kdc) =>
      kdc.request === 'AS' &&
      isTicket(kdc) &&
      kdc.frames.length === 2 &&
      !kdc.armored &&
      !kdc.padata.some((type) => PREAUTHENTICATION.has(type))
        ? hit(`account ${kdc.cname ?? 'unknown'} received a ticket without proving its password`)
        : null,
  },
  {
    id: 'NS-KR-001',
    severity: 'medium',
    title: 'ticket encrypted with RC4 or DES',
    fires: 'The ticket in an answer of the KDC has a DES or RC4 encryption type',
    evidence: 'The request and the answer with the ticket',
    notWhen: 'The etype of the reply is that of another key; only that of the ticket counts here',
    techniques: ['T1558.003'],
    remediation: 'Give the account of the service AES keys (msDS-SupportedEncryptionTypes, then reset the password)',
    steps: AES_STEPS,
    references: ['RFC 4120 5.3', 'RFC 8429', 'MS-KILE 3.3.5.7'],
    ofServer: true,
    byDetail: true,
    test: (kdc) =>
      kdc.ticketEtype !== null && isWeakEtype(kdc.ticketEtype)
        ? hit(`the ticket for ${kdc.sname ?? 'an unknown service'} has ${etypeName(kdc.ticketEtype)}`, {
            remediation: kdc.ticketEtype === RC4_HMAC && kdc.time >= RC4_ENDED_MICROS ? EXPLICIT_RC4 : null,
          })
        : null,
  },
  {
    id: 'NS-KR-020',
    severity: 'medium',
    title: 'a client that knows AES was served RC4 or DES',
    fires: 'The request lists AES, and the ticket or the reply of an AS exchange comes with RC4 or DES',
    evidence: 'The list of the request and the answer',
    notWhen: 'Clients that ask for RC4 only are NS-KR-019 and NS-KR-001; requests that were not captured say nothing',
    techniques: ['T1558', 'T1556.001'],
    remediation: `${AES_FIX}; where the account had AES before, treat it as a downgrade`,
    steps: [...AES_STEPS, 'old accounts: the password was last set before the domain knew AES'],
    references: ['MS-KILE 3.3.5.6', 'MS-KILE 3.3.5.7'],
    byDetail: true,
    test: (kdc) => {
      if (!isTicket(kdc) || !kdc.requested.some((etype) => AES.has(etype))) return null
      if (kdc.ticketEtype !== null && isWeakEtype(kdc.ticketEtype))
        return hit(
          `it listed AES and received a ticket with ${etypeName(kdc.ticketEtype)} for ${kdc.sname ?? 'an unknown service'}`,
        )
      return kdc.request === 'AS' && kdc.replyEtype !== null && isWeakEtype(kdc.replyEtype)
        ? hit(`it listed AES; the key of ${kdc.cname ?? 'the account'} that was used is ${etypeName(kdc.replyEtype)}`)
        : null
    },
  },
  {
    id: 'NS-KR-004',
    severity: 'medium',
    title: 'pre-authentication with RC4 or DES',
    fires: 'PA-ENC-TIMESTAMP of an AS-REQ is encrypted with RC4 or DES',
    evidence: 'The AS-REQ',
    notWhen: 'The list of the client alone proves nothing: only what was used counts',
    techniques: ['T1558'],
    remediation: `${AES_FIX}, and allow AES on the client`,
    steps: [
      ...AES_STEPS,
      'client: Network security: Configure encryption types allowed for Kerberos; permitted_enctypes in krb5.conf',
    ],
    references: ['RFC 4120 5.2.7.2', 'RFC 8429'],
    byDetail: true,
    test: (kdc) =>
      kdc.request === 'AS' && kdc.preauthEtype !== null && isWeakEtype(kdc.preauthEtype)
        ? hit(`account ${kdc.cname ?? 'unknown'} used ${etypeName(kdc.preauthEtype)}`)
        : null,
  },
  {
    id: 'NS-KR-018',
    severity: 'medium',
    title: 'the KDC refuses the clock of a client',
    fires: 'KRB_AP_ERR_SKEW from a KDC',
    evidence: 'The request and the error',
    notWhen: 'A client that corrects its clock from the error goes on with Kerberos; NTLM that follows is NS-FB-006',
    techniques: [],
    remediation: 'Synchronise the clocks of client and KDC',
    steps: ['w32tm /query /status', 'w32tm /resync'],
    references: ['RFC 4120 7.5.9'],
    test: ({ error }) => (error?.code === 37 ? hit('the clocks differ by more than the KDC allows') : null),
  },
  {
    id: 'NS-KR-017',
    severity: 'low',
    title: 'pre-authentication failed',
    fires: 'KDC_ERR_PREAUTH_FAILED: wrong password or key',
    evidence: 'The AS-REQ and the error',
    notWhen: 'KDC_ERR_PREAUTH_REQUIRED is the normal first answer; many accounts from one client are NS-KR-014',
    techniques: ['T1110'],
    remediation: 'Look for an old password in a service, a keytab or a saved credential',
    steps: ['kinit -k -t <keytab> <principal>', 'event 4771 on the domain controller'],
    references: ['RFC 4120 7.5.9'],
    byDetail: true,
    test: ({ error, cname }) => (error?.code === 24 ? hit(`account ${cname ?? 'unknown'}`) : null),
  },
  {
    id: 'NS-KR-013',
    severity: 'info',
    title: 'errors of a KDC',
    fires: 'A KDC answers with an error that is no normal step of the protocol and that has no rule of its own',
    evidence: 'The request and the error',
    notWhen:
      'Left out: KDC_ERR_PREAUTH_REQUIRED, KRB_ERR_RESPONSE_TOO_BIG and KDC_ERR_WRONG_REALM (the client is to ask again), and failed pre-authentication and clocks, which have rules',
    techniques: [],
    remediation:
      'See which service or account the error is about; a name that nobody knows ends in NTLM sooner or later',
    steps: ['ntlmscope analyze --format json lists every exchange with a KDC in kdc[]'],
    references: ['RFC 4120 7.5.9'],
    ofServer: true,
    byDetail: true,
    test: ({ error, request, sname }) =>
      error === null || EXPECTED_ERRORS.has(error.code)
        ? null
        : hit(request === 'AS' ? `${error.name} for accounts` : `${error.name} for ${sname ?? 'an unknown name'}`),
  },
  {
    id: 'NS-KR-008',
    severity: 'info',
    title: 'S4U2Self: a service asks for a ticket in the name of a user',
    fires: 'PA-FOR-USER or PA-S4U-X509-USER in a TGS-REQ',
    evidence: 'The TGS-REQ and its answer',
    notWhen: 'Protocol transition is legal: the finding is an inventory of who does it',
    techniques: ['T1558'],
    remediation: 'Review which accounts may do it (TrustedToAuthForDelegation, resource-based delegation)',
    steps: ['Get-ADObject -Filter "msDS-AllowedToDelegateTo -like \'*\'" -Properties msDS-AllowedToDelegateTo'],
    references: ['MS-SFU 3.1.5.1.1', 'MS-SFU 2.2.1'],
    byDetail: true,
    test: (kdc) =>
      kdc.request === 'TGS' && (kdc.forUser !== null || kdc.padata.some((type) => type === 129 || type === 130))
        ? hit(`for ${kdc.forUser || 'a user that was not seen'}, service ${kdc.sname ?? 'unknown'}${answerText(kdc)}`)
        : null,
  },
  {
    id: 'NS-KR-021',
    severity: 'info',
    title: 'S4U2Proxy: constrained delegation',
    fires: 'The option cname-in-addl-tkt with an additional ticket in a TGS-REQ',
    evidence: 'The TGS-REQ and its answer',
    notWhen:
      'User-to-user also sends an additional ticket, with another option; the resource-based bit is always set and says nothing',
    techniques: ['T1558'],
    remediation: 'Review which services may delegate to which',
    steps: [
      'Get-ADObject -Filter "msDS-AllowedToDelegateTo -like \'*\'" -Properties msDS-AllowedToDelegateTo',
      'Get-ADComputer <back end> -Properties PrincipalsAllowedToDelegateToAccount',
    ],
    references: ['MS-SFU 3.1.5.2.1'],
    byDetail: true,
    test: (kdc) =>
      kdc.request === 'TGS' && kdc.flags.includes('cname-in-addl-tkt')
        ? hit(`${kdc.additionalTicket ?? 'a service'} to ${kdc.sname ?? 'an unknown service'}${answerText(kdc)}`)
        : null,
  },
  {
    id: 'NS-KR-012',
    severity: 'info',
    title: 'Cloud Kerberos Trust: a key list is asked for',
    fires: 'KERB-KEY-LIST-REQ in a TGS-REQ, or a ticket of the realm KERBEROS.MICROSOFTONLINE.COM',
    evidence: 'The TGS-REQ',
    notWhen:
      'By design where Windows Hello uses the cloud trust; anything else that asks for key lists wants NTLM secrets',
    techniques: [],
    remediation:
      'Expected with Cloud Kerberos Trust: the NTLM key is asked for so that old protocols go on; see who still needs it',
    steps: ['klist cloud_debug on the client', 'check that only the AzureADKerberos object may ask for key lists'],
    references: ['MS-KILE 2.2.11', 'MS-KILE 3.3.5.7.8'],
    test: (kdc) =>
      kdc.padata.includes(161) || isOfCloud(kdc.realm) || isOfCloud(kdc.sname)
        ? hit(kdc.padata.includes(161) ? 'a key list is asked for' : 'a ticket of the cloud realm')
        : null,
  },
]

function isOfCloud(name: string | null): boolean {
  return name !== null && /KERBEROS\.MICROSOFTONLINE\.COM/i.test(name)
}

export const KERBEROS_RULES: readonly ExchangeRule[] = [
  {
    id: 'NS-KR-019',
    severity: 'medium',
    title: 'Kerberos session key is RC4 or DES',
    fires: 'The authenticator of an AP-REQ is encrypted with RC4 or DES',
    evidence: 'The AP-REQ',
    notWhen: 'The encryption type of the ticket is that of the service and is NS-KR-001',
    techniques: ['T1558'],
    remediation: 'Allow AES on the client and on the account of the service',
    steps: [
      'client: Network security: Configure encryption types allowed for Kerberos; permitted_enctypes in krb5.conf',
      ...AES_STEPS,
    ],
    references: ['RFC 4120 5.5.1', 'RFC 8429'],
    test: ({ kerberos }) =>
      kerberos !== null && kerberos.authenticatorEtype !== null && isWeakEtype(kerberos.authenticatorEtype)
        ? hit(
            `the session key is ${etypeName(kerberos.authenticatorEtype)}${kerberos.ticketEtype === null ? '' : `, the ticket ${etypeName(kerberos.ticketEtype)}`}`,
          )
        : null,
  },
  {
    id: 'NS-KR-022',
    severity: 'medium',
    title: 'a service refuses Kerberos tickets',
    fires: 'A KRB-ERROR of the service answers an AP-REQ: wrong or stale key, skew, wrong service',
    evidence: 'The AP-REQ and the error',
    notWhen:
      'An error that a retry of the same exchange mended is left out; NTLM that follows is NS-FB-006 or NS-FB-008',
    techniques: [],
    remediation: 'See the error: renew the keytab, move the SPN, or synchronise the clocks',
    steps: ['setspn -Q <class>/<host>', 'klist -k on the service', 'w32tm /query /status'],
    references: ['RFC 4120 7.5.9'],
    test: ({ kerberos, mechanism, result }) =>
      kerberos?.errorCode != null &&
      mechanism === 'kerberos' &&
      result !== 'success' &&
      REFUSALS.has(kerberos.errorCode)
        ? hit(`${kerberos.sname ?? 'a service'}: ${errorName(kerberos.errorCode)}`)
        : null,
  },
  {
    id: 'NS-RD-001',
    severity: 'info',
    title: 'ready: the server offers IAKERB',
    fires: 'The list of the server holds IAKERB',
    evidence: 'The offer of the server',
    notWhen: 'An offer is no use: NS-RD-002 tells that it was used',
    techniques: [],
    remediation: 'Nothing to mend: clients without a way to a KDC can use Kerberos here',
    steps: ['count such servers before NTLM is switched off'],
    references: ['draft-ietf-kitten-iakerb', 'MS-SPNG 21.0'],
    ofServer: true,
    test: ({ offered }) => (offered.server?.includes('iakerb') ? hit('its list holds IAKERB') : null),
  },
  {
    id: 'NS-RD-002',
    severity: 'info',
    title: 'ready: IAKERB was used',
    fires: 'Kerberos messages for a KDC travel inside the authentication',
    evidence: 'The frames of the exchange',
    notWhen: 'Whether the domain answered behind the server or its own local KDC cannot be told for sure from the wire',
    techniques: [],
    remediation: 'Nothing to mend: this logon would have been NTLM before',
    steps: ['count such logons as moved'],
    references: ['draft-ietf-kitten-iakerb'],
    test: ({ mechanism }) => (mechanism === 'iakerb' ? hit('Kerberos through the server') : null),
  },
  {
    id: 'NS-RD-003',
    severity: 'info',
    title: 'ready: Negotiate late fallback is offered',
    fires: 'The marker of the late fallback is in the list of the server or of the client',
    evidence: 'The offers',
    notWhen: 'Where it was used, NS-FB-014 tells it',
    techniques: [],
    remediation: 'It keeps NTLM alive behind Kerberos: switch it off when the last fallback is gone',
    steps: ['watch NS-FB-014 until none is left'],
    references: ['MS-SPNG 3.1.5.1'],
    ofServer: true,
    test: ({ offered, origin }) =>
      origin !== 'late-fallback' &&
      (offered.server?.includes('late-fallback') || offered.client?.includes('late-fallback'))
        ? hit(`offered by ${offered.server?.includes('late-fallback') ? 'the server' : 'the client'}`)
        : null,
  },
]

/** Rules whose evidence is in several exchanges: the watches fire them. */
export const KERBEROS_WATCH_RULES = {
  downgrade: {
    id: 'NS-KR-005',
    severity: 'critical',
    title: 'the key of an account fell back from AES to RC4',
    fires:
      'An AS exchange of an account was answered under an AES key, and a later one under RC4 or DES although the client listed AES',
    evidence: 'Both AS exchanges',
    notWhen:
      'A client that lists RC4 alone asked for it (NS-KR-004); an account that never had AES is NS-KR-020. A password set where AES is not known looks the same',
    techniques: ['T1556.001'],
    remediation:
      'Find out whether the password was changed; if not, examine the domain controller: a skeleton key does this',
    steps: [
      'compare with event 4723 or 4724 of the account',
      'restart or rebuild the domain controller: a skeleton key lives in memory',
    ],
    references: ['MITRE ATT&CK T1556.001', 'MS-KILE 3.3.5.6'],
  },
  delegation: {
    id: 'NS-KR-007',
    severity: 'high',
    title: 'a ticket-granting ticket was forwarded to a service: unconstrained delegation',
    fires:
      'A TGS-REQ for krbtgt with the option forwarded, and within seconds a logon to a host that is no domain controller',
    evidence: 'The TGS-REQ, its answer, and the logon that followed',
    notWhen:
      'A forwardable ticket alone is normal, renewals are left out. Domain controllers are trusted for delegation by default: tickets for them are NS-KR-023. Logons by SSH with delegation do it on purpose',
    techniques: ['T1550.003', 'T1558'],
    remediation:
      'Use constrained delegation for the service that receives the ticket, and protect privileged accounts from delegation',
    steps: ['Get-ADComputer -Filter "TrustedForDelegation -eq $true"', 'put privileged accounts into Protected Users'],
    references: ['RFC 4120 2.6', 'MS-SFU 1.3.3'],
  },
  forwarded: {
    id: 'NS-KR-023',
    severity: 'info',
    title: 'a ticket-granting ticket was forwarded',
    fires:
      'A TGS-REQ for krbtgt with the option forwarded, followed by a logon to a domain controller or by none that is seen',
    evidence: 'The TGS-REQ and its answer',
    notWhen: 'A logon to another host that follows makes it NS-KR-007',
    techniques: ['T1550.003'],
    remediation: 'Nothing to mend where a domain controller receives it; find the service where none was seen',
    steps: ['Get-ADComputer -Filter "TrustedForDelegation -eq $true"'],
    references: ['RFC 4120 2.6'],
  },
  tooBig: {
    id: 'NS-KR-011',
    severity: 'low',
    title: 'an answer of the KDC was too big for UDP, and TCP was not tried',
    fires: 'KRB_ERR_RESPONSE_TOO_BIG, and no request of the same client over TCP within five seconds',
    evidence: 'The request and the error',
    notWhen: 'A client that asks again over TCP does what it should: nothing fires',
    techniques: [],
    remediation: 'Open TCP port 88 from the client to the KDC, and let the client use TCP',
    steps: ['Test-NetConnection <dc> -Port 88', 'MIT Kerberos: udp_preference_limit = 1; Windows: MaxPacketSize 1'],
    references: ['RFC 4120 7.2.1', 'RFC 4120 7.5.9'],
  },
  dcsync: {
    id: 'NS-KR-015',
    severity: 'critical',
    title: 'directory secrets are replicated to a host that is no domain controller',
    fires: 'DRSGetNCChanges is called by a host that never answered as a KDC',
    evidence: 'The call',
    notWhen:
      'Domain controllers and their KDC must be in the capture; directory synchronisation servers do it on purpose',
    techniques: ['T1003.006'],
    remediation:
      'Find out who runs the caller; if it is no synchronisation server, every secret of the domain is known to it',
    steps: ['event 4662 with the rights of replication', 'reset krbtgt twice'],
    references: ['MS-DRSR 4.1.10', 'MITRE ATT&CK T1003.006'],
  },
  roasting: {
    id: 'NS-KR-002',
    severity: 'high',
    title: 'Kerberoasting: tickets are collected and not used',
    fires:
      'Within a minute one client receives tickets for three or more service accounts and asks for RC4 or DES first, or for ten or more of any kind, and uses none of them; or for one and more where it asks for nothing but RC4 or DES with a ticket-granting ticket of an AES session',
    evidence: 'The requests and the answers with the tickets',
    notWhen:
      'Tickets that are presented to their service do not count, nor do those for hosts (host, cifs of a machine) and krbtgt. A use that is not in the capture is missing and said so',
    techniques: ['T1558.003'],
    remediation: 'Find out who runs the client; give the service accounts long random passwords (gMSA) and AES keys',
    steps: [
      'New-ADServiceAccount for the services named',
      'change the passwords of the accounts whose tickets were collected',
      'event 4769 with encryption type 0x17 for the client',
    ],
    references: ['MITRE ATT&CK T1558.003'],
  },
  kdcSpray: {
    id: 'NS-KR-014',
    severity: 'high',
    title: 'password spray at a KDC',
    fires: 'Pre-authentication of five or more accounts from one client fails within ten minutes',
    evidence: 'The requests and the errors',
    notWhen:
      'KDC_ERR_PREAUTH_REQUIRED is normal; a host with more accounts that succeed than fail (terminal server, address translation) fires nothing',
    techniques: ['T1110.003'],
    remediation: 'Find out who runs the client; check the accounts that succeeded from it',
    steps: ['events 4771 and 4768 for the client'],
    references: ['RFC 4120 7.5.9', 'MITRE ATT&CK T1110.003'],
  },
  enumeration: {
    id: 'NS-KR-016',
    severity: 'high',
    title: 'accounts are guessed at a KDC: user enumeration',
    fires: 'The KDC knows none of five or more account names that one client asks for within ten minutes',
    evidence: 'The requests and the errors',
    notWhen: 'A wrong suffix in one application asks for one name again and again: different names are counted',
    techniques: ['T1087.002'],
    remediation: 'Find out who runs the client',
    steps: ['event 4768 with status 0x6 for the client'],
    references: ['RFC 4120 7.5.9 (KDC_ERR_C_PRINCIPAL_UNKNOWN)', 'MITRE ATT&CK T1087.002'],
  },
} as const satisfies Record<string, Rule>

/** PA-ENC-TIMESTAMP, PK-AS-REQ (old and new), FX-FAST, ENCRYPTED-CHALLENGE */
const PREAUTHENTICATION = new Set([2, 14, 16, 136, 138])
const AES = new Set([17, 18, 19, 20])
/** PREAUTH_FAILED, PREAUTH_REQUIRED, SKEW, RESPONSE_TOO_BIG, WRONG_REALM */
const EXPECTED_ERRORS = new Set([24, 25, 37, 52, 68])
/** BAD_INTEGRITY, NOT_US, SKEW, MODIFIED, BADKEYVER, NOKEY */
const REFUSALS = new Set([31, 35, 37, 41, 44, 45])

function isTicket({ answered, error, replyEtype, ticketEtype }: KdcExchange): boolean {
  return answered && error === null && (replyEtype !== null || ticketEtype !== null)
}

function answerText({ error, answered }: KdcExchange): string {
  return error !== null ? `, refused: ${error.name}` : answered ? '' : ', not answered'
}
