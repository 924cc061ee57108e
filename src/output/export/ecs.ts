/**
 * Elastic Common Schema: one JSON document a line for each authentication, KDC exchange and finding, ready for an index
 * without a pipeline.
 *
 * Under ECS names stands what ECS means by them; all else (mechanism, NTLM version, etypes, signing, cause) is under
 * `ntlmscope.`. The workstation of a logon is not `host.name`: that is the machine which observes.
 */
import { isoTime } from '../../../decoders/parts/text.ts'
import type { AuthExchange, Endpoint, KdcExchange } from '../../facts/exchange.ts'
import { digestOf } from '../../facts/identity.ts'
import type { Finding } from '../../findings/finding.ts'
import type { Report } from '../../report/report.ts'
import { exchangeRecord, kdcRecord } from '../json.ts'
import { jsonText } from '../page/json-text.ts'
import type { MakeWriter } from '../writer.ts'
import type { ExportWords } from './folder-writer.ts'

type Document = Record<string, unknown>

/** The version of the list of fields that the tests check against. */
const ECS_VERSION = '9.5.0'
const MEDIUM_AND_ABOVE: ReadonlySet<string> = new Set(['critical', 'high', 'medium'])
/** Elastic's scale of `event.severity` in detection rules */
const SEVERITIES: Readonly<Record<string, number>> = { critical: 99, high: 73, medium: 47, low: 21, info: 1 }
const CATALOGUE = 'https://github.com/ntlmscope/ntlmscope/blob/main/docs/findings.md'

export const ecsWriter: MakeWriter = (words) => ({
  exchange: (exchange) => line(exchangeDocument(exchange, words)),
  kdc: (exchange) => line(kdcDocument(exchange, words)),
  *end(report: Report) {
    for (const finding of report.findings) yield line(findingDocument(finding, words))
  },
})

const line = (document: Document) => `${jsonText(document)}\n`

export function exchangeDocument(exchange: AuthExchange, words: ExportWords): Document {
  const { client, server, principal, http, cause, status } = exchange
  const success = exchange.result === 'success'
  const { record: _record, id, uid, capture, communityId, start, end, ...rest } = exchangeRecord(exchange)
  return {
    '@timestamp': start,
    ecs: { version: ECS_VERSION },
    event: {
      kind: 'event',
      category: ['authentication', 'network'],
      type: [success ? 'start' : 'info'],
      module: 'ntlmscope',
      dataset: 'ntlmscope.exchange',
      provider: 'ntlmscope',
      action: exchange.origin === null ? exchange.mechanism : `ntlm-${exchange.origin}`,
      outcome: exchange.result,
      start,
      end,
      id: uid,
      ...(cause ? { reason: cause.title } : {}),
    },
    ...ends(client, server),
    network: {
      community_id: communityId,
      transport: exchange.carrier === 'radius' ? 'udp' : 'tcp',
      protocol: exchange.service,
      application: exchange.mechanism,
    },
    ...userOf(principal.user, principal.domain),
    related: related([client, server], principal.user, [principal.workstation]),
    ...(status && !success ? { error: { code: status.name } } : {}),
    ...(cause
      ? { rule: { id: cause.code, name: cause.title, reference: `${CATALOGUE}#${cause.code.toLowerCase()}` } }
      : {}),
    ...(http
      ? {
          ...(http.method ? { http: { request: { method: http.method } } } : {}),
          ...(http.path ? { url: { path: http.path } } : {}),
          ...(http.userAgent ? { user_agent: { original: http.userAgent } } : {}),
        }
      : {}),
    observer: observer(words),
    log: { file: { path: capture } },
    ntlmscope: { id, ...rest },
  }
}

export function kdcDocument(exchange: KdcExchange, words: ExportWords): Document {
  const { client, kdc, error } = exchange
  const { record: _record, uid, capture, communityId, time, ...rest } = kdcRecord(exchange)
  const outcome = error ? 'failure' : exchange.answered ? 'success' : 'unknown'
  return {
    '@timestamp': time,
    ecs: { version: ECS_VERSION },
    event: {
      kind: 'event',
      category: ['authentication', 'network'],
      type: ['info'],
      module: 'ntlmscope',
      dataset: 'ntlmscope.kdc',
      provider: 'ntlmscope',
      action: `kerberos-${exchange.request.toLowerCase()}`,
      outcome,
      start: time,
      end: time,
      id: uid,
    },
    ...ends(client, kdc),
    network: {
      community_id: communityId,
      transport: exchange.transport === 'udp' ? 'udp' : 'tcp',
      protocol: 'kerberos',
      application: 'kerberos',
    },
    ...userOf(exchange.cname, exchange.realm),
    related: related([client, kdc], exchange.cname, []),
    ...(error ? { error: { code: error.name } } : {}),
    observer: observer(words),
    log: { file: { path: capture } },
    ntlmscope: rest,
  }
}

export function findingDocument(finding: Finding, words: ExportWords): Document {
  const { id, uid, title, client, server, service, start, end, capture, techniques, severity, ...rest } = finding
  return {
    '@timestamp': isoTime(end),
    ecs: { version: ECS_VERSION },
    event: {
      kind: MEDIUM_AND_ABOVE.has(severity) ? 'alert' : 'event',
      category: ['intrusion_detection', 'network'],
      type: ['info'],
      module: 'ntlmscope',
      dataset: 'ntlmscope.finding',
      provider: 'ntlmscope',
      action: id,
      severity: SEVERITIES[severity]!,
      start: isoTime(start),
      end: isoTime(end),
      // the same rule about the same ends fires tomorrow as well: that is another event
      id: digestOf('finding', uid, start),
      reason: finding.detail,
    },
    message: `${title}: ${finding.detail}`,
    ...(client === null ? {} : { source: { address: client, ip: client }, client: { address: client, ip: client } }),
    ...(server === null
      ? {}
      : { destination: { address: server, ip: server }, server: { address: server, ip: server } }),
    ...(service === null ? {} : { network: { protocol: service } }),
    related: { ip: [client, server].filter((ip) => ip !== null) },
    rule: { id, name: title, reference: `${CATALOGUE}#${id.toLowerCase()}` },
    ...(techniques.length > 0 ? { threat: { framework: 'MITRE ATT&CK', technique: { id: techniques } } } : {}),
    observer: observer(words),
    log: { file: { path: capture } },
    ntlmscope: { uid, severity, service, ...rest },
  }
}

function ends(client: Endpoint, server: Endpoint): Document {
  const end = ({ ip, port, name }: Endpoint) => ({ address: ip, ip, port, ...(name ? { domain: name } : {}) })
  return { source: end(client), client: end(client), destination: end(server), server: end(server) }
}

function userOf(name: string | null, domain: string | null): Document {
  if (!name && !domain) return {}
  return { user: { ...(name ? { name } : {}), ...(domain ? { domain } : {}) } }
}

function related(ends: readonly Endpoint[], user: string | null, hosts: readonly (string | null)[]): Document {
  const names = [...ends.map(({ name }) => name), ...hosts].filter((name) => !!name)
  return {
    ip: [...new Set(ends.map(({ ip }) => ip))],
    ...(user ? { user: [user] } : {}),
    ...(names.length > 0 ? { hosts: [...new Set(names)] } : {}),
  }
}

function observer({ sensor, version }: ExportWords): Document {
  return { product: 'ntlmscope', vendor: 'ntlmscope', version, name: sensor, type: 'network' }
}
