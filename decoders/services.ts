/**
 * What is true of each service, once: names of its tickets, how TLS carries it, what a logon in clear is worth to a
 * relay. One whole entry a service.
 *
 * A service is what is offered to a client, not how it speaks: HTTP carries a web server, a proxy and WinRM. Facts of
 * specifications alone; what a capture shows is no business of this table.
 */
import type { Service } from './carrier.ts'

export interface ServiceFacts {
  /** the first part of its SPN as an administrator registers it; null: none, or none that is known */
  readonly spnClass: string | null
  /**
   * the first parts under which tickets for it are asked, in lower case; `host` stands for all of a machine. Empty: any
   */
  readonly ticketClasses: readonly string[]
  /** carriers whose messages are of this service where they say nothing else */
  readonly carriers: readonly string[]
  /**
   * `channel`: TLS may carry it, and a binding to that channel is worth asking for; `may`: TLS may carry it; `never`
   */
  readonly tls: 'channel' | 'may' | 'never'
  /** ports where TLS begins at once: the only hint to what is inside */
  readonly tlsPorts: readonly number[]
  /** ALPN over QUIC: MS-SMB2 2.1, RFC 9114 3.1 */
  readonly quic: string | null
  /**
   * What a logon outside of TLS is worth to a relay. `open`: the logon is accepted as it is, and nothing ties it to who
   * goes on. `http`: the same, and has findings of its own. `protected`: signing, sealing or a level of the protocol
   * decides, and the exchange says which. `none`: no logons of this kind.
   */
  readonly clear: 'open' | 'http' | 'protected' | 'none'
  /** one conversation of HTTP may hold any of these: each request says which */
  readonly overHttp: boolean
  /** its server answers each logon in the same conversation: where no answer is there, it is missing */
  readonly answers: boolean
  /** the server names no mechanisms: the client decides alone */
  readonly offersNothing: boolean
  /** what a client calls the server here is a name of this kind */
  readonly nameSource: 'smb' | 'http' | 'ldap' | null
}

/** What most services have. */
const USUAL = {
  tlsPorts: [],
  quic: null,
  overHttp: false,
  answers: false,
  offersNothing: false,
  nameSource: null,
} as const satisfies Partial<ServiceFacts>

export const SERVICE_FACTS = {
  smb: {
    ...USUAL,
    spnClass: 'cifs',
    ticketClasses: ['cifs'],
    carriers: ['smb'],
    tls: 'never',
    quic: 'smb',
    clear: 'protected',
    answers: true,
    nameSource: 'smb',
  },
  http: {
    ...USUAL,
    spnClass: 'HTTP',
    ticketClasses: ['http'],
    carriers: ['http', 'http2'],
    tls: 'channel',
    tlsPorts: [443, 8443],
    quic: 'h3',
    clear: 'http',
    overHttp: true,
    answers: true,
    nameSource: 'http',
  },
  'http-proxy': {
    ...USUAL,
    spnClass: 'HTTP',
    ticketClasses: ['http'],
    carriers: ['http-proxy'],
    tls: 'channel',
    clear: 'http',
    overHttp: true,
    answers: true,
  },
  winrm: {
    ...USUAL,
    spnClass: 'HTTP',
    ticketClasses: ['http', 'wsman'],
    carriers: ['winrm'],
    tls: 'channel',
    tlsPorts: [5986],
    // messages are sealed under the logon (MS-WSMV 2.2.9.1): its layer decides
    clear: 'protected',
    overHttp: true,
    answers: true,
    nameSource: 'http',
  },
  ldap: {
    ...USUAL,
    spnClass: 'ldap',
    ticketClasses: ['ldap', 'gc'],
    carriers: ['ldap'],
    tls: 'channel',
    // 1636: servers that do not run as root (OpenDJ, PingDirectory, OpenLDAP in a container)
    tlsPorts: [636, 3269, 1636],
    clear: 'protected',
    nameSource: 'ldap',
  },
  rpc: {
    ...USUAL,
    spnClass: 'host',
    ticketClasses: [],
    carriers: ['dcerpc', 'rpc'],
    tls: 'never',
    clear: 'protected',
    nameSource: 'smb',
  },
  mssql: {
    ...USUAL,
    spnClass: 'MSSQLSvc',
    ticketClasses: ['mssqlsvc'],
    carriers: ['tds', 'mssql'],
    tls: 'channel',
    tlsPorts: [1433],
    clear: 'open',
  },
  smtp: {
    ...USUAL,
    spnClass: 'SMTP',
    ticketClasses: ['smtp', 'smtpsvc'],
    carriers: ['smtp'],
    tls: 'channel',
    tlsPorts: [465],
    clear: 'open',
  },
  imap: {
    ...USUAL,
    spnClass: 'imap',
    ticketClasses: ['imap', 'imap4'],
    carriers: ['imap'],
    tls: 'channel',
    tlsPorts: [993],
    clear: 'open',
  },
  pop3: {
    ...USUAL,
    spnClass: 'pop',
    ticketClasses: ['pop', 'pop3'],
    carriers: ['pop3'],
    tls: 'channel',
    tlsPorts: [995],
    clear: 'open',
  },
  nntp: {
    ...USUAL,
    spnClass: 'nntp',
    ticketClasses: ['nntp', 'news'],
    carriers: ['nntp'],
    tls: 'channel',
    tlsPorts: [563],
    clear: 'open',
  },
  rdp: {
    ...USUAL,
    spnClass: 'TERMSRV',
    ticketClasses: ['termsrv'],
    carriers: ['rdp'],
    tls: 'channel',
    tlsPorts: [3389],
    // CredSSP stands inside TLS and proves its key (MS-CSSP 3.1.5)
    clear: 'protected',
  },
  radius: { ...USUAL, spnClass: null, ticketClasses: [], carriers: ['radius'], tls: 'never', clear: 'none' },
  ppp: { ...USUAL, spnClass: null, ticketClasses: [], carriers: ['ppp'], tls: 'never', clear: 'none' },
  dns: {
    ...USUAL,
    spnClass: 'DNS',
    ticketClasses: ['dns'],
    carriers: ['dns'],
    tls: 'never',
    // each update is signed under the key that was agreed (RFC 3645)
    clear: 'protected',
    offersNothing: true,
  },
  socks: {
    ...USUAL,
    spnClass: null,
    ticketClasses: [],
    carriers: ['socks'],
    tls: 'may',
    // RFC 1961 wraps what follows, and clients and servers are in use that go on without
    clear: 'open',
  },
  sip: {
    ...USUAL,
    spnClass: 'sip',
    ticketClasses: ['sip'],
    carriers: ['sip'],
    tls: 'channel',
    tlsPorts: [5061],
    // later requests are signed, the one that registers with the last token is not (MS-SIPAE 3.2.5.1)
    clear: 'open',
  },
  ftp: {
    ...USUAL,
    spnClass: 'ftp',
    ticketClasses: ['ftp'],
    carriers: ['ftp'],
    tls: 'channel',
    tlsPorts: [990],
    // protected commands are the client's choice (RFC 2228 3)
    clear: 'open',
  },
  postgresql: {
    ...USUAL,
    spnClass: 'postgres',
    ticketClasses: ['postgres'],
    carriers: ['postgresql'],
    tls: 'channel',
    // GSSAPI and SSPI authenticate only; encryption by GSSAPI is another conversation
    clear: 'open',
  },
  xmpp: {
    ...USUAL,
    spnClass: 'xmpp',
    ticketClasses: ['xmpp'],
    carriers: ['xmpp'],
    tls: 'channel',
    tlsPorts: [5223],
    clear: 'open',
  },
  nfs: {
    ...USUAL,
    spnClass: 'nfs',
    ticketClasses: ['nfs'],
    carriers: ['nfs'],
    tls: 'never',
    // the header of each call is signed (RFC 2203 5.3.1)
    clear: 'protected',
  },
  kdc: { ...USUAL, spnClass: null, ticketClasses: [], carriers: ['kdc', 'kpasswd'], tls: 'never', clear: 'none' },
  unknown: { ...USUAL, spnClass: null, ticketClasses: [], carriers: [], tls: 'may', clear: 'none' },
} as const satisfies Record<Service, ServiceFacts>

/** The closed list, in the order of help and schemas. */
export const SERVICES = Object.keys(SERVICE_FACTS) as readonly Service[]

export function factsOf(service: Service): ServiceFacts {
  return SERVICE_FACTS[service]
}

const BY_CARRIER = new Map(SERVICES.flatMap((service) => factsOf(service).carriers.map((name) => [name, service])))
const BY_TLS_PORT = new Map(SERVICES.flatMap((service) => factsOf(service).tlsPorts.map((port) => [port, service])))
const BY_ALPN = new Map(SERVICES.flatMap((service) => [[factsOf(service).quic, service] as const]))

/** What a carrier carries where its messages do not tell it themselves; null: that depends. */
export function serviceOfCarrier(name: string): Service | null {
  return BY_CARRIER.get(name) ?? null
}

/** What is usually inside TLS that begins at once on this port. */
export function serviceOfTlsPort(port: number): Service | null {
  return BY_TLS_PORT.get(port) ?? null
}

/** What the first protocol that a client offers over QUIC is. */
export function serviceOfAlpn(protocol: string): Service | null {
  return BY_ALPN.get(protocol) ?? null
}

/** Services of which this holds. */
export function servicesWhere(holds: (facts: ServiceFacts) => boolean): readonly Service[] {
  return SERVICES.filter((service) => holds(factsOf(service)))
}
