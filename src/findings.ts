/**
 * What an administrator has to act on: rules over exchanges, and findings folded from what they fire on.
 *
 * Each rule is one entry of the table: stable id, severity, title, the test, the words of the detail, the remediation. A rule fires on evidence
 * that is in the capture, never on absence. Findings are folded per rule, client, server and service, with the first frames as evidence.
 */
import { isWeakEtype } from '../decoders/kerberos-names.ts'
import type { AuthExchange, KdcExchange } from './exchange.ts'
import type { FrameRef } from './frames.ts'
import { LIMITS } from './limits.ts'

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'

export interface Finding {
  /** stable rule id, `NS-SG-002` */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly client: string | null
  readonly server: string | null
  readonly service: string | null
  /** what was seen, one sentence with the facts */
  readonly detail: string
  readonly remediation: string
  readonly count: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

interface Rule<T> {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly remediation: string
  /** the finding is about the server alone: its clients are not told apart */
  readonly ofServer?: true
  /** different details are different findings (each cause of a fallback, each RC4 service), not one with a count */
  readonly byDetail?: true
  /** the sentence of the detail where the rule fires, else null */
  readonly fires: (subject: T) => string | null
}

const fallbackText = (exchange: AuthExchange): string =>
  exchange.cause === null
    ? ''
    : ` Cause: ${exchange.cause.title} (${exchange.cause.code}, ${exchange.cause.confidence} confidence).`

/** Levels of MS-RPCE 2.2.1.1.8 at which arguments and results are not protected. */
const RPC_BELOW_INTEGRITY: ReadonlySet<string> = new Set(['none', 'connect', 'call', 'packet'])

const EXCHANGE_RULES: readonly Rule<AuthExchange>[] = [
  {
    id: 'NS-FB-001',
    severity: 'medium',
    title: 'fallback: the client chose NTLM where Kerberos was offered or tried',
    remediation: 'Remove the cause that is named; then verify that the flow uses Kerberos',
    byDetail: true,
    fires: (exchange) =>
      exchange.origin === 'client-veto' ? `the client offered NTLM only.${fallbackText(exchange)}` : null,
  },
  {
    id: 'NS-FB-005',
    severity: 'medium',
    title: 'server switched the client from Kerberos to NTLM',
    remediation: 'Give the server a keytab or machine account that accepts the ticket',
    fires: (exchange) =>
      exchange.origin === 'server-switched' ? 'the client began with Kerberos, the server selected NTLM' : null,
  },
  {
    id: 'NS-FB-008',
    severity: 'high',
    title: 'NTLM after a refused Kerberos attempt',
    remediation: 'Look up the error of the service: wrong key, clock skew or a missing keytab',
    byDetail: true,
    fires: (exchange) =>
      exchange.origin === 'client-retry' ? `Kerberos was refused, NTLM followed.${fallbackText(exchange)}` : null,
  },
  {
    id: 'NS-FB-014',
    severity: 'high',
    title: 'Negotiate late fallback used',
    remediation: 'Repair Kerberos for this service, then disable the late fallback',
    fires: (exchange) =>
      exchange.origin === 'late-fallback' ? 'Kerberos began, NTLM finished the same exchange' : null,
  },
  {
    id: 'NS-FB-010',
    severity: 'medium',
    title: 'server offers NTLM only',
    remediation: 'Join the server to the domain, give it a keytab, enable Negotiate, or replace it',
    ofServer: true,
    fires: (exchange) =>
      exchange.origin === 'server-only' && exchange.offered.server !== null
        ? `it offered ${exchange.offered.server.join(', ')}`
        : null,
  },
  {
    id: 'NS-FB-016',
    severity: 'info',
    title: 'NTLM was refused by policy',
    remediation: 'Expected where NTLM is switched off; otherwise look up the policy that refused it',
    fires: (exchange) =>
      exchange.status !== null && NTLM_BLOCKED.has(exchange.status.name) ? `status ${exchange.status.name}` : null,
  },
  {
    id: 'NS-NT-001',
    severity: 'critical',
    title: 'LM or NTLMv1 response',
    remediation: 'Set LmCompatibilityLevel 5 on clients and domain controllers; replace devices that cannot do NTLMv2',
    fires: (exchange) => {
      const version = exchange.ntlm?.ntlmVersion
      return version === 'LM' || version === 'NTLMv1' || version === 'NTLMv1-ESS' ? `the response is ${version}` : null
    },
  },
  {
    id: 'NS-NT-002',
    severity: 'critical',
    title: 'password sent in clear',
    remediation: 'Use TLS, or a SASL mechanism that does not send the password',
    fires: (exchange) =>
      (exchange.mechanism === 'simple' || exchange.mechanism === 'plain') && exchange.ldap?.tls !== true
        ? `${exchange.method ?? exchange.mechanism} over ${exchange.service} without TLS`
        : null,
  },
  {
    id: 'NS-NT-005',
    severity: 'critical',
    title: 'the same NTLM challenge on two flows: a relay',
    remediation: 'Find out who the host in the middle is; require signing and channel binding on the target',
    fires: (exchange) =>
      exchange.cause?.code === 'RC21' ? 'one host is the server of one logon and the client of the other' : null,
  },
  {
    id: 'NS-NT-013',
    severity: 'medium',
    title: 'guest session',
    remediation: 'Disable guest access on the server and insecure guest logons on the client',
    fires: (exchange) =>
      exchange.mechanism === 'guest' && exchange.result === 'success' ? 'the server mapped the logon to guest' : null,
  },
  {
    id: 'NS-NT-017',
    severity: 'low',
    title: 'anonymous session accepted',
    remediation: 'Restrict anonymous access where no old client needs it',
    fires: (exchange) =>
      exchange.mechanism === 'anonymous' && exchange.result === 'success' && exchange.service === 'smb'
        ? 'a null session was set up'
        : null,
  },
  {
    id: 'NS-SG-001',
    severity: 'high',
    title: 'SMB session without signing or encryption',
    remediation: 'Require SMB signing on the server (RequireSecuritySignature), then on the client',
    fires: (exchange) =>
      exchange.smb?.effective === 'unsigned'
        ? `${exchange.smb.unsignedMessages} of ${exchange.smb.unsignedMessages + exchange.smb.signedMessages} sampled messages unsigned; client ${exchange.smb.clientPolicy}, server ${exchange.smb.serverPolicy}`
        : null,
  },
  {
    id: 'NS-SG-002',
    severity: 'medium',
    title: 'server does not require SMB signing',
    remediation:
      'Set RequireSecuritySignature on the server: without it, an attacker chooses a client that does not sign',
    ofServer: true,
    fires: (exchange) => {
      const policy = exchange.smb?.serverPolicy
      return policy === 'enabled' || policy === 'disabled' ? `its NEGOTIATE response says: signing ${policy}` : null
    },
  },
  {
    id: 'NS-SG-004',
    severity: 'critical',
    title: 'signing required but unsigned messages accepted',
    remediation:
      'Treat it as a server bug or an active downgrade: update the server, compare with a second capture point',
    fires: (exchange) =>
      exchange.smb !== null &&
      exchange.smb.effective === 'unsigned' &&
      exchange.smb.serverPolicy === 'required' &&
      exchange.result === 'success'
        ? `${exchange.smb.unsignedMessages} unsigned messages in a session that must be signed`
        : null,
  },
  {
    id: 'NS-SG-005',
    severity: 'high',
    title: 'SMB1 in use',
    remediation: 'Disable SMB1 on server and client; replace devices that know nothing newer',
    fires: (exchange) => {
      const dialect = exchange.smb?.dialect
      return dialect && !/^[23]\./.test(dialect) ? `dialect ${dialect}` : null
    },
  },
  {
    id: 'NS-SG-008',
    severity: 'medium',
    title: 'RPC below packet integrity',
    remediation:
      'Have the client ask for packet integrity or privacy, and the server demand it: what is called below it can be relayed and changed',
    byDetail: true,
    fires: ({ rpc, result }) =>
      rpc !== null &&
      result !== 'failure' &&
      RPC_BELOW_INTEGRITY.has(rpc.authLevel ?? '') &&
      rpc.interfaceName !== 'epmapper'
        ? `level ${rpc.authLevel} on ${rpc.interfaceName ?? rpc.interface ?? 'an interface that was not seen'}${rpc.over === 'smb' ? ' in a named pipe' : ''}`
        : null,
  },
  {
    id: 'NS-SG-009',
    severity: 'high',
    title: 'LDAP without integrity',
    remediation:
      'Require LDAP signing on the domain controller (LDAPServerIntegrity 2) after its clients have been changed',
    fires: (exchange) =>
      exchange.ldap !== null &&
      !exchange.ldap.tls &&
      exchange.ldap.layer === 'none' &&
      exchange.result === 'success' &&
      (exchange.mechanism === 'ntlm' || exchange.mechanism === 'kerberos')
        ? `bound with ${exchange.mechanism}, then went on in clear, unsigned`
        : null,
  },
  {
    id: 'NS-SG-010',
    severity: 'info',
    title: 'LDAP server demands signing',
    remediation: 'Change the client: it bound without integrity and was refused',
    fires: (exchange) => (exchange.status?.name === 'strongerAuthRequired' ? 'result 8, strongerAuthRequired' : null),
  },
  {
    id: 'NS-SG-011',
    severity: 'high',
    title: 'NTLM over clear HTTP',
    remediation: 'Use HTTPS with Extended Protection; NTLM in clear HTTP can be relayed to other services',
    fires: (exchange) =>
      exchange.mechanism === 'ntlm' && (exchange.service === 'http' || exchange.service === 'http-proxy')
        ? `scheme ${exchange.method ?? 'unknown'}, no TLS`
        : null,
  },
  {
    id: 'NS-CB-003',
    severity: 'critical',
    title: 'channel binding of another channel',
    remediation: 'Find out which TLS connection it was made for: a relay, or a TLS-terminating proxy',
    fires: (exchange) =>
      exchange.channelBinding === 'mismatch'
        ? 'the token carries a channel binding, but this connection has no TLS'
        : null,
  },
  {
    id: 'NS-CB-004',
    severity: 'medium',
    title: 'channel binding demanded, client failed',
    remediation: 'Update the client so that it sends channel bindings',
    fires: (exchange) =>
      exchange.status?.detail?.includes('80090346') ? `${exchange.status.name}, ${exchange.status.detail}` : null,
  },
]

const KDC_RULES: readonly Rule<KdcExchange>[] = [
  {
    id: 'NS-KR-001',
    severity: 'medium',
    title: 'ticket encrypted with RC4 or DES',
    remediation: 'Give the account of the service AES keys (msDS-SupportedEncryptionTypes, then reset the password)',
    ofServer: true,
    byDetail: true,
    fires: (kdc) =>
      kdc.ticketEtype !== null && isWeakEtype(kdc.ticketEtype)
        ? `ticket for ${kdc.sname ?? 'an unknown service'} has etype ${kdc.ticketEtype}`
        : null,
  },
  {
    id: 'NS-KR-003',
    severity: 'high',
    title: 'AS-REP without pre-authentication',
    remediation: 'Clear "do not require Kerberos preauthentication" on the account',
    byDetail: true,
    fires: (kdc) =>
      kdc.request === 'AS' &&
      kdc.answered &&
      kdc.error === null &&
      kdc.frames.length === 2 &&
      !kdc.padata.some((type) => PREAUTHENTICATION.has(type))
        ? `account ${kdc.cname ?? 'unknown'} received a ticket without proving its password`
        : null,
  },
]

/** MS-NLMP 3.2.5.1.2, MS-APDS 3.1.5 */
const NTLM_BLOCKED = new Set(['STATUS_NTLM_BLOCKED'])
/** PA-ENC-TIMESTAMP, PK-AS-REQ (old and new), FX-FAST, ENCRYPTED-CHALLENGE */
const PREAUTHENTICATION = new Set([2, 14, 16, 136, 138])

interface Open {
  readonly finding: Omit<Finding, 'count' | 'frames'>
  count: number
  readonly frames: FrameRef[]
}

export class FindingFold {
  overflow = 0
  readonly #open = new Map<string, Open>()
  readonly #byPair = new Map<string, readonly string[]>()

  exchange(exchange: AuthExchange): void {
    const { client, server, service } = exchange
    for (const rule of EXCHANGE_RULES) {
      const detail = rule.fires(exchange)
      if (detail === null) continue
      this.#add(rule, rule.ofServer ? null : client.ip, server.ip, service, detail, exchange)
      const key = `${client.ip} ${server.ip} ${service}`
      const ids = this.#byPair.get(key)
      if (ids?.includes(rule.id)) continue
      if (ids !== undefined || this.#byPair.size < LIMITS.reportPairsMax)
        this.#byPair.set(key, [...(ids ?? []), rule.id])
    }
  }

  kdc(kdc: KdcExchange): void {
    for (const rule of KDC_RULES) {
      const detail = rule.fires(kdc)
      if (detail !== null) this.#add(rule, rule.ofServer ? null : kdc.client.ip, kdc.kdc.ip, 'kdc', detail, kdc)
    }
  }

  /** Worst first, then most frequent. */
  findings(): Finding[] {
    return [...this.#open.values()]
      .map(({ finding, count, frames }) => ({ ...finding, count, frames }))
      .sort(
        (a, b) =>
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) ||
          b.count - a.count,
      )
  }

  ofPair(client: string, server: string, service: string): readonly string[] {
    return [...(this.#byPair.get(`${client} ${server} ${service}`) ?? [])].sort()
  }

  #add<T>(
    rule: Rule<T>,
    client: string | null,
    server: string,
    service: string,
    detail: string,
    evidence: { readonly capture: string; readonly frames: readonly FrameRef[] },
  ): void {
    const key = `${rule.id} ${client ?? ''} ${server} ${service} ${rule.byDetail ? detail : ''}`
    const open = this.#open.get(key)
    if (open !== undefined) {
      open.count++
      for (const frame of evidence.frames) {
        if (open.frames.length >= LIMITS.framesPerFindingMax) break
        const ref =
          evidence.capture === open.finding.capture || typeof frame === 'string'
            ? frame
            : `${evidence.capture}:${frame}`
        if (!open.frames.includes(ref)) open.frames.push(ref)
      }
      return
    }
    if (this.#open.size >= LIMITS.findingsMax) {
      this.overflow++
      return
    }
    const { id, severity, title, remediation } = rule
    const finding = { id, severity, title, client, server, service, detail, remediation, capture: evidence.capture }
    this.#open.set(key, { finding, count: 1, frames: evidence.frames.slice(0, LIMITS.framesPerFindingMax) })
  }
}

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']
