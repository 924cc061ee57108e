/**
 * Figures of one run for the textfile collectors of node_exporter and windows_exporter: gauges, no times (the collector
 * refuses them), and no address, user or target name in a label.
 */
import type { AuthExchange } from '../../facts/exchange.ts'
import type { Report } from '../../report/report.ts'
import type { MakeWriter } from '../writer.ts'

type Labels = Readonly<Record<string, string>>

interface Metric {
  readonly help: string
  readonly samples: Map<string, { readonly labels: Labels; value: number }>
}

export const prometheusWriter: MakeWriter = ({ sensor }) => {
  const metrics = new Map<string, Metric>()
  const clients = new Set<string>()
  const ntlmClients = new Set<string>()
  const declare = (name: string, help: string) => metrics.set(name, { help, samples: new Map() })
  const add = (name: string, labels: Labels, value = 1) => {
    const all = { sensor, ...labels }
    const key = JSON.stringify(all)
    const sample = metrics.get(name)!.samples.get(key)
    if (sample === undefined) metrics.get(name)!.samples.set(key, { labels: all, value })
    else sample.value += value
  }
  for (const [name, help] of HELP) declare(name, help)
  return {
    exchange(exchange: AuthExchange) {
      const { service, mechanism, result, fallback, cause, smb, client } = exchange
      if (clients.size < CLIENTS_MAX) clients.add(client.ip)
      if (mechanism === 'ntlm' && ntlmClients.size < CLIENTS_MAX) ntlmClients.add(client.ip)
      add('ntlmscope_exchanges', { service, mechanism, result })
      if (fallback === true) add('ntlmscope_fallbacks', { cause: cause?.code ?? 'none' })
      if (smb !== null) add('ntlmscope_smb_sessions', { effective: smb.effective })
      return ''
    },
    kdc({ request, error, answered }) {
      add('ntlmscope_kdc_exchanges', { request, result: error ? error.name : answered ? 'success' : 'unanswered' })
      return ''
    },
    *end(report: Report) {
      add('ntlmscope_clients', {}, clients.size)
      add('ntlmscope_ntlm_clients', {}, ntlmClients.size)
      for (const { id, severity, count } of report.findings) add('ntlmscope_findings', { id, severity }, count)
      for (const { kind, count } of report.blindSpots) add('ntlmscope_not_visible', { kind }, count)
      if (report.coverage.end !== null) add('ntlmscope_capture_end_seconds', {}, report.coverage.end / 1e6)
      add('ntlmscope_lost_bytes', {}, report.coverage.lostBytes)
      add('ntlmscope_packets', {}, report.coverage.packets)
      for (const [name, { help, samples }] of metrics) {
        if (samples.size === 0) continue
        yield `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
        for (const { labels, value } of samples.values()) yield `${name}{${labelText(labels)}} ${value}\n`
      }
    },
  }
}

const HELP: readonly (readonly [string, string])[] = [
  ['ntlmscope_clients', 'Hosts that authenticated in the last run.'],
  ['ntlmscope_ntlm_clients', 'Hosts of those that used NTLM.'],
  ['ntlmscope_exchanges', 'Authentications by service, mechanism and result.'],
  ['ntlmscope_kdc_exchanges', 'Requests to a KDC by kind and answer.'],
  ['ntlmscope_fallbacks', 'Authentications that fell back to NTLM, by cause.'],
  ['ntlmscope_findings', 'How often findings fired, by rule.'],
  ['ntlmscope_smb_sessions', 'SMB sessions by what protected them.'],
  ['ntlmscope_not_visible', 'What the captures did not show, by kind.'],
  ['ntlmscope_capture_end_seconds', 'Time of the last packet, seconds since 1970.'],
  ['ntlmscope_lost_bytes', 'Bytes that were sent and are not in the captures.'],
  ['ntlmscope_packets', 'Packets read.'],
]

/** hosts that are counted one by one */
const CLIENTS_MAX = 1_000_000

function labelText(labels: Labels): string {
  const quoted = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${quoted(value)}"`)
    .join(',')
}
