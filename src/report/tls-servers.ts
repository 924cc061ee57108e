/**
 * The TLS of a report: which servers speak it, how, and with which certificates. A fold over connections that end;
 * bounded.
 */

import type { Service } from '../../decoders/carrier.ts'
import type { CertificateFacts } from '../facts/channel.ts'
import type { TlsConversation } from '../facts/exchange.ts'
import { compareText } from '../facts/words/text-order.ts'
import { LIMITS } from '../memory/limits.ts'
import type { KeyFacts } from '../reading/opening.ts'
import { NO_COUNTS, withCount } from './counting/counts.ts'

/** All of a report about TLS. */
export interface TlsReport {
  readonly servers: readonly TlsServer[]
  readonly certificates: readonly TlsCertificate[]
}

/** What the keys that were given opened; null: none of that kind were. */
export interface KeyReport {
  readonly tls: KeyFacts | null
  readonly kerberos: TicketFacts | null
}

export interface TicketFacts {
  readonly tickets: number
  readonly opened: number
  /** tickets that no key of the file opens */
  readonly noKey: readonly {
    readonly etype: number
    readonly kvno: number | null
    readonly sname: string
    readonly count: number
  }[]
  /** NTLM responses that a key of the file has made, and of these such whose MIC is wrong; earlier reports have none */
  readonly ntlm?: { readonly proved: number; readonly altered: number }
}

/** One server, port and service. Counts are of connections. */
export interface TlsServer {
  readonly ip: string
  readonly port: number
  readonly service: Service
  readonly connections: number
  /** `1.2`: as negotiated */
  readonly versions: Readonly<Record<string, number>>
  readonly cipherSuites: Readonly<Record<string, number>>
  /** names that clients asked for, and protocols that were agreed upon (ALPN) */
  readonly serverNames: readonly string[]
  readonly alpn: readonly string[]
  /**
   * protocols that clients offered, by commas: from TLS 1.3 on the choice is not in clear; earlier reports have none
   */
  readonly alpnOffered?: readonly string[]
  /** they go on with an earlier one */
  readonly resumed: number
  /** what was inside was read */
  readonly opened: number
  /** it asked for a certificate of the client */
  readonly clientCertificates: number
  /** alerts in clear that ended a handshake, by `client unknown_ca` */
  readonly alerts: Readonly<Record<string, number>>
  /** SHA-256 of those that it showed */
  readonly certificates: readonly string[]
  /** microseconds since 1970 */
  readonly start: number
  readonly end: number
  readonly capture: string
  /** of the first connection */
  readonly frame: number
}

/** A certificate, and where it was shown. */
export interface TlsCertificate extends CertificateFacts {
  /** `address:port` */
  readonly servers: readonly string[]
  readonly capture: string
  readonly frame: number
}

type Open<T> = { -readonly [K in keyof T]: T[K] }
type OpenServer = Open<Required<TlsServer>>
const NAMES_MAX = 32

export class TlsFold {
  /** connections of servers, and certificates, beyond the limits */
  overflow = 0
  /** by address, what was met there first: most have one port, and no key has to be made to find it */
  readonly #first = new Map<string, OpenServer>()
  /** by address, port and service: further ones at an address */
  readonly #further = new Map<string, OpenServer>()
  readonly #certificates = new Map<string, Open<TlsCertificate>>()

  add(one: TlsConversation): void {
    const server = this.#server(one)
    if (server === null) return
    const { version, cipherSuite, serverName, alpn, alpnOffered, channel, alert, alertFrom } = one
    server.connections++
    server.start = Math.min(server.start, one.start)
    server.end = Math.max(server.end, one.end)
    if (version !== null) server.versions = withCount(server.versions, version)
    if (cipherSuite !== null) server.cipherSuites = withCount(server.cipherSuites, cipherSuite)
    if (serverName !== null) server.serverNames = named(server.serverNames, serverName)
    if (alpn !== null) server.alpn = named(server.alpn, alpn)
    if (alpnOffered !== null) server.alpnOffered = named(server.alpnOffered, alpnOffered)
    if (channel.resumed === true) server.resumed++
    if (channel.opened) server.opened++
    if (one.asksForCertificate) server.clientCertificates++
    if (alert !== null) server.alerts = withCount(server.alerts, `${alertFrom} ${alert}`)
    if (channel.certificate !== null) this.#certificate(server, channel.certificate, one)
  }

  report(): TlsReport {
    return {
      servers: [...this.#first.values(), ...this.#further.values()].sort(
        (a, b) => compareText(a.ip, b.ip) || a.port - b.port,
      ),
      certificates: [...this.#certificates.values()].sort((a, b) => compareText(a.sha256, b.sha256)),
    }
  }

  #server(one: TlsConversation): OpenServer | null {
    const { service } = one
    const { ip, port } = one.server
    const first = this.#first.get(ip)
    if (first === undefined) return this.#add(this.#first, ip, one)
    if (first.port === port && first.service === service) return first
    const key = `${ip} ${port} ${service}`
    return this.#further.get(key) ?? this.#add(this.#further, key, one)
  }

  /** null: there are too many */
  #add(servers: Map<string, OpenServer>, key: string, one: TlsConversation): OpenServer | null {
    const { service, start, end, capture } = one
    const { ip, port } = one.server
    if (this.#first.size + this.#further.size >= LIMITS.tlsServersMax) {
      this.overflow++
      return null
    }
    const made: OpenServer = {
      ip,
      port,
      service,
      connections: 0,
      versions: NO_COUNTS,
      cipherSuites: NO_COUNTS,
      serverNames: NO_NAMES,
      alpn: NO_NAMES,
      alpnOffered: NO_NAMES,
      resumed: 0,
      opened: 0,
      clientCertificates: 0,
      alerts: NO_COUNTS,
      certificates: NO_NAMES,
      start,
      end,
      capture,
      frame: one.frames[0],
    }
    servers.set(key, made)
    return made
  }

  #certificate(server: OpenServer, facts: CertificateFacts, { capture, frames: [frame] }: TlsConversation): void {
    // it was entered with the first one
    if (server.certificates[0] === facts.sha256) return
    server.certificates = named(server.certificates, facts.sha256)
    const at = `${server.ip}:${server.port}`
    const known = this.#certificates.get(facts.sha256)
    if (known !== undefined) known.servers = named(known.servers, at)
    else if (this.#certificates.size >= LIMITS.certificatesMax) this.overflow++
    else this.#certificates.set(facts.sha256, { ...facts, servers: [at], capture, frame })
  }
}

const NO_NAMES: readonly string[] = []

function named(names: readonly string[], name: string): readonly string[] {
  if (names.length === 0) return [name]
  return names.includes(name) || names.length >= NAMES_MAX ? names : [...names, name]
}
