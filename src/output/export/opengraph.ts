/**
 * BloodHound OpenGraph: who logs on to whom with NTLM, and which servers accepted a logon that could be relayed there.
 *
 * Hosts are matched by their DNS names where the wire told one, else they are nodes of our own kind with their address.
 * SIDs are not on the wire and none is made up: BloodHound's own edges are left to its collectors.
 */
import type { AuthExchange, Endpoint } from '../../facts/exchange.ts'
import type { Report } from '../../report/report.ts'
import { jsonText } from '../page/json-text.ts'
import type { MakeWriter } from '../writer.ts'

type Property = string | number | boolean | readonly string[]

interface Node {
  readonly id: string
  readonly kinds: readonly string[]
  readonly properties: Record<string, Property>
}

interface Edge {
  readonly kind: 'NtlmScope_LogsOnWithNTLM' | 'NtlmScope_RelayableTo'
  readonly from: string
  readonly to: string
  readonly properties: Record<string, Property>
  readonly services: Set<string>
  logons: number
}

const HOST_KIND = 'NtlmScope_Host'
const FRAMES_MAX = 16
const EDGES_MAX = 200_000

export const opengraphWriter: MakeWriter = ({ version }) => {
  const nodes = new Map<string, Node>()
  const edges = new Map<string, Edge>()
  let left = 0

  const nodeOf = ({ ip, name }: Pick<Endpoint, 'ip' | 'name'>): Node => {
    const known = nodes.get(ip)
    const dns = name?.includes('.') ? name.toUpperCase() : null
    if (known !== undefined) {
      if (dns !== null && known.properties.name === ip) known.properties.name = dns
      return known
    }
    const made = {
      id: `ntlmscope-${ip}`,
      kinds: [HOST_KIND],
      properties: { name: dns ?? ip, address: ip } as Node['properties'],
    }
    nodes.set(ip, made)
    return made
  }

  const edgeOf = (kind: Edge['kind'], { client, server, service, capture, frames }: AuthExchange) => {
    const key = `${kind} ${client.ip} ${server.ip}`
    let edge = edges.get(key)
    if (edge === undefined) {
      if (edges.size >= EDGES_MAX) {
        left++
        return
      }
      const properties = { capture, frames: frames.slice(0, FRAMES_MAX).map(String) }
      edge = { kind, from: nodeOf(client).id, to: nodeOf(server).id, properties, services: new Set(), logons: 0 }
      edges.set(key, edge)
    }
    edge.services.add(service)
    edge.logons++
  }

  return {
    exchange(exchange: AuthExchange) {
      const { server, smb, ldap, http, ntlm, mechanism, result } = exchange
      const { properties } = nodeOf(server)
      nodeOf(exchange.client)
      properties.seen = Math.max(Number(properties.seen ?? 0), Math.floor(exchange.end / 1e6))
      // a policy that the server states itself; what one session happened to do is no policy
      if (smb !== null && smb.serverPolicy !== 'unknown') properties.smbsigning = smb.serverPolicy === 'required'
      const unsigned = ntlm !== null && result === 'success' && isUnprotected(exchange)
      if (ldap !== null && unsigned && !ldap.tls) properties.ldapsigning = false
      if (ldap?.tls && unsigned) properties.ldapsepa = false
      if (http !== null && unsigned && exchange.channelBinding === 'absent') properties.httpepa = false
      if (mechanism === 'ntlm') edgeOf('NtlmScope_LogsOnWithNTLM', exchange)
      if (mechanism === 'ntlm' && unsigned) edgeOf('NtlmScope_RelayableTo', exchange)
      return ''
    },
    *end(_report: Report) {
      yield `{\n"metadata": ${jsonText({ source_kind: 'NtlmScope', ingest_version: 'v1', collector: { name: 'ntlmscope', version, ...(left > 0 ? { left_out: left } : {}) } })},\n"graph": {\n"nodes": [`
      let before = '\n'
      for (const node of nodes.values()) {
        yield before + jsonText(node)
        before = ',\n'
      }
      yield '\n],\n"edges": ['
      before = '\n'
      for (const { kind, from, to, properties, services, logons } of edges.values()) {
        yield before +
          jsonText({
            kind,
            start: { value: from, match_by: 'id' },
            end: { value: to, match_by: 'id' },
            properties: { ...properties, services: [...services], logons },
          })
        before = ',\n'
      }
      // where BloodHound knows the machine, by its DNS name, it is this one
      for (const { id, properties } of nodes.values()) {
        if (properties.name === properties.address) continue
        const end = { value: properties.name, match_by: 'name', kind: 'Computer' }
        yield before +
          jsonText({ kind: 'NtlmScope_SameHost', start: { value: id, match_by: 'id' }, end, properties: {} })
        before = ',\n'
      }
      yield '\n]\n}\n}\n'
    },
  }
}

/**
 * The target accepted a logon that somebody in the middle could have made: nothing of the session is signed, nothing
 * binds it to its channel.
 */
function isUnprotected({ smb, ldap, rpc, http, channelBinding }: AuthExchange): boolean {
  if (smb !== null) return smb.effective === 'unsigned' || smb.effective === 'guest'
  if (ldap !== null) return ldap.tls ? channelBinding === 'absent' || channelBinding === 'zero' : ldap.layer === 'none'
  if (rpc !== null) return rpc.authLevel === 'connect' || rpc.authLevel === 'none'
  if (http !== null)
    return (
      http.layer !== 'seal' &&
      (channelBinding === 'absent' || channelBinding === 'zero' || channelBinding === 'not-applicable')
    )
  return false
}
