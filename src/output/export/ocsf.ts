/**
 * OCSF 1.8: authentications and KDC exchanges as Authentication (3002), findings as Detection Finding (2004), one event
 * a line.
 *
 * `user` is required by the class, and Kerberos hides it: then its name is `unknown` and its type 0. Signing, channel
 * binding and cause have no attribute: they are in `unmapped`.
 */
import type { AuthExchange, Endpoint, KdcExchange, MechanismName } from '../../facts/exchange.ts'
import type { Finding } from '../../findings/finding.ts'
import type { Report } from '../../report/report.ts'
import { jsonText } from '../page/json-text.ts'
import type { MakeWriter } from '../writer.ts'
import type { ExportWords } from './folder-writer.ts'

type Event = Record<string, unknown>

const OCSF_VERSION = '1.8.0'

export const ocsfWriter: MakeWriter = (words) => ({
  exchange: (exchange) => `${jsonText(authenticationEvent(exchange, words))}\n`,
  kdc: (exchange) => `${jsonText(ticketEvent(exchange, words))}\n`,
  *end(report: Report) {
    for (const finding of report.findings) yield `${jsonText(findingEvent(finding, words))}\n`
  },
})

/** 1 NTLM, 2 Kerberos, 8 CHAP, 10 RADIUS, 11 Basic, 12 LDAP, 99 other */
const PROTOCOLS: Readonly<Record<MechanismName, number>> = {
  ntlm: 1,
  anonymous: 1,
  kerberos: 2,
  iakerb: 2,
  simple: 12,
  plain: 99,
  other: 99,
  unknown: 0,
}

export function authenticationEvent(exchange: AuthExchange, words: ExportWords): Event {
  const { client, server, principal, kerberos, ntlm, ldap, mechanism, method, status } = exchange
  const isBasic = method === 'Basic'
  const protocol =
    exchange.service === 'radius' || exchange.service === 'ppp'
      ? ntlm === null
        ? 10
        : 8
      : isBasic
        ? 11
        : PROTOCOLS[mechanism]
  const isClear = (mechanism === 'simple' || mechanism === 'plain') && ldap?.tls !== true
  return {
    ...base(3002, 1, exchange.start, words),
    activity_name: 'Logon',
    severity_id: 1,
    severity: 'Informational',
    start_time: millis(exchange.start),
    end_time: millis(exchange.end),
    auth_protocol_id: protocol,
    auth_protocol: ntlm?.ntlmVersion ?? (isBasic ? 'Basic' : mechanism),
    ...outcome(exchange.result),
    ...(status ? { status_code: String(status.code), status_detail: status.name } : {}),
    user: user(principal.user, principal.domain),
    service: { name: exchange.target.spn || exchange.service },
    src_endpoint: endpoint(client),
    dst_endpoint: { ...endpoint(server), svc_name: exchange.service },
    logon_type_id: 3,
    logon_type: 'Network',
    is_remote: true,
    is_cleartext: isClear,
    ...(kerberos
      ? { authentication_token: { type_id: 2, type: 'Service Ticket', ...encryption(kerberos.ticketEtype) } }
      : {}),
    unmapped: {
      ntlmscope: {
        uid: exchange.uid,
        community_id: exchange.communityId,
        origin: exchange.origin,
        fallback: exchange.fallback,
        cause: exchange.cause?.code ?? null,
        smb: exchange.smb,
        ldap: exchange.ldap,
        rpc: exchange.rpc,
        channel_binding: exchange.channelBinding,
        mic: ntlm?.mic ?? null,
        visibility: exchange.visibility,
        capture: exchange.capture,
        frames: exchange.frames,
      },
    },
  }
}

/** 3 authentication ticket, 4 service ticket, 5 renewal, 6 pre-authentication that failed */
export function ticketEvent(exchange: KdcExchange, words: ExportWords): Event {
  const { request, error, flags, client, kdc } = exchange
  const isRefusedProof = error?.name === 'KDC_ERR_PREAUTH_FAILED'
  const activity = isRefusedProof ? 6 : flags.includes('renew') ? 5 : request === 'AS' ? 3 : 4
  const isTgt = request === 'AS'
  return {
    ...base(3002, activity, exchange.time, words),
    activity_name: ACTIVITIES[activity],
    severity_id: 1,
    severity: 'Informational',
    auth_protocol_id: 2,
    auth_protocol: 'Kerberos',
    ...outcome(error ? 'failure' : exchange.answered ? 'success' : 'unknown'),
    ...(error ? { status_code: String(error.code), status_detail: error.name } : {}),
    user: user(exchange.cname, exchange.realm),
    service: { name: exchange.sname || 'kdc' },
    src_endpoint: endpoint(client),
    dst_endpoint: { ...endpoint(kdc), svc_name: 'kdc' },
    is_remote: true,
    authentication_token: {
      type_id: isTgt ? 1 : 2,
      type: isTgt ? 'Ticket Granting Ticket' : 'Service Ticket',
      ...encryption(exchange.ticketEtype),
      ...(flags.length > 0 ? { kerberos_flags: flags.join(',') } : {}),
      is_renewable: flags.includes('renewable'),
    },
    unmapped: {
      ntlmscope: {
        uid: exchange.uid,
        community_id: exchange.communityId,
        requested: exchange.requested,
        reply_etype: exchange.replyEtype,
        transport: exchange.transport,
        armored: exchange.armored,
        capture: exchange.capture,
        frames: exchange.frames,
      },
    },
  }
}

const ACTIVITIES: Readonly<Record<number, string>> = {
  3: 'Authentication Ticket',
  4: 'Service Ticket Request',
  5: 'Service Ticket Renew',
  6: 'Preauth',
}

const SEVERITY_IDS: Readonly<Record<Finding['severity'], number>> = { critical: 5, high: 4, medium: 3, low: 2, info: 1 }
const SEVERITY_NAMES = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical'] as const
const CONFIDENCE_IDS: Readonly<Record<Finding['confidence'], number>> = { high: 3, medium: 2, low: 1 }

export function findingEvent(finding: Finding, words: ExportWords): Event {
  const { id, title, client, server, service, severity, confidence } = finding
  const severityId = SEVERITY_IDS[severity]
  return {
    ...base(2004, 1, finding.end, words),
    activity_name: 'Create',
    severity_id: severityId,
    severity: SEVERITY_NAMES[severityId],
    start_time: millis(finding.start),
    end_time: millis(finding.end),
    message: `${title}: ${finding.detail}`,
    finding_info: {
      uid: finding.uid,
      title,
      desc: finding.detail,
      types: [id],
      analytic: { uid: id, name: title, type_id: 1, type: 'Rule' },
      attacks: finding.techniques.map((uid) => ({ technique: { uid }, version: '17' })),
      first_seen_time: millis(finding.start),
      last_seen_time: millis(finding.end),
      data_sources: ['network capture'],
    },
    confidence_id: CONFIDENCE_IDS[confidence],
    confidence: `${confidence[0]!.toUpperCase()}${confidence.slice(1)}`,
    is_alert: severityId >= 3,
    count: finding.count,
    remediation: { desc: finding.remediation },
    evidences: [
      {
        ...(client === null ? {} : { src_endpoint: { ip: client } }),
        ...(server === null
          ? {}
          : { dst_endpoint: { ip: server, ...(service === null ? {} : { svc_name: service }) } }),
        data: { capture: finding.capture, frames: finding.frames },
      },
    ],
    status_id: 1,
    status: 'New',
    unmapped: { ntlmscope: { spn: finding.spn, missing: finding.missing, counter_evidence: finding.counterEvidence } },
  }
}

function base(classUid: 3002 | 2004, activity: number, time: number, { sensor, version }: ExportWords): Event {
  const isFinding = classUid === 2004
  return {
    class_uid: classUid,
    class_name: isFinding ? 'Detection Finding' : 'Authentication',
    category_uid: isFinding ? 2 : 3,
    category_name: isFinding ? 'Findings' : 'Identity & Access Management',
    activity_id: activity,
    type_uid: classUid * 100 + activity,
    time: millis(time),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'ntlmscope', vendor_name: 'ntlmscope', version },
      log_provider: sensor,
    },
  }
}

function outcome(result: AuthExchange['result']): Event {
  if (result === 'unknown') return { status_id: 0, status: 'Unknown' }
  return result === 'success' ? { status_id: 1, status: 'Success' } : { status_id: 2, status: 'Failure' }
}

function user(name: string | null, domain: string | null): Event {
  if (!name) return { name: 'unknown', type_id: 0, ...(domain ? { domain } : {}) }
  return { name, ...(domain ? { domain } : {}), type_id: name.endsWith('$') ? 3 : 1 }
}

function endpoint({ ip, port, name }: Endpoint): Event {
  return { ip, port, ...(name ? { hostname: name } : {}) }
}

/** 1 DES, 3 AES, 99 other */
function encryption(etype: number | null): Event {
  if (etype === null) return {}
  const algorithm = etype >= 17 && etype <= 20 ? 3 : etype >= 1 && etype <= 3 ? 1 : 99
  return { encryption_details: { algorithm_id: algorithm, type: String(etype) } }
}

const millis = (micros: number) => Math.floor(micros / 1000)
