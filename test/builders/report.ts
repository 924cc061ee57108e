/**
 * Reports for tests: values such as real captures give, made by hand. Every maker takes the part that differs.
 */
import type { CaptureSummary } from '../../src/capture/merge.ts'
import type { AuthExchange, Cause, Endpoint, KdcExchange } from '../../src/facts/exchange.ts'
import { pairUid } from '../../src/facts/identity.ts'
import type { Finding } from '../../src/findings/finding.ts'
import { FigureFold, type Figures } from '../../src/report/figures.ts'
import { type BlindSpot, type Coverage, REPORT_SCHEMA, type Report } from '../../src/report/report.ts'
import { RollUpFold, type RollUps } from '../../src/report/roll-ups.ts'
import type { ConversationRow } from '../../src/report/seen/conversations.ts'
import { NOTHING_UNREAD } from '../../src/report/seen/unread.ts'
import type { PairVerdict } from '../../src/report/verdict.ts'

/** 2026-03-02T08:00:00Z in microseconds */
export const MORNING = 1_772_438_400_000_000
const SECOND = 1_000_000

export function endpoint(ip: string, port: number, name: string | null = null): Endpoint {
  return { ip, port, name }
}

export function cause(part: Partial<Cause> = {}): Cause {
  return {
    code: 'RC04',
    title: 'IP address used instead of a name',
    confidence: 'high',
    why: 'the target name is cifs/10.1.2.6',
    frames: [41],
    missing: [],
    alternatives: [],
    nameFrom: null,
    fix: 'Use the name of the server, or allow IP SPNs (TryIPSPN) and register host/<ip>.',
    ...part,
  }
}

/** SMB by Kerberos, signed. */
export function exchange(part: Partial<AuthExchange> = {}): AuthExchange {
  return {
    id: '1:wCb3OG7yAFWelaUydu0D+125CLM=-1',
    uid: '5f1f0a4b7c3d2e1908172635445362aa',
    uidOf: 'token',
    capture: 'lab.pcapng',
    communityId: '1:wCb3OG7yAFWelaUydu0D+125CLM=',
    start: MORNING + 1.25 * SECOND,
    end: MORNING + 1.5 * SECOND,
    client: endpoint('10.1.2.33', 49_812, 'WS-044.corp.example'),
    server: endpoint('10.1.2.5', 445, 'fs01.corp.example'),
    service: 'smb',
    carrier: 'smb',
    mechanism: 'kerberos',
    method: 'SPNEGO',
    origin: null,
    fallback: null,
    cause: null,
    offered: { server: ['MS-KRB5', 'KRB5', 'NEGOEX', 'NTLMSSP'], client: ['MS-KRB5', 'KRB5', 'NTLMSSP'] },
    result: 'success',
    status: { code: 0, name: 'STATUS_SUCCESS', detail: null },
    visibility: 'both',
    principal: { user: null, domain: null, workstation: null },
    target: { spn: 'cifs/fs01.corp.example', class: 'fqdn', name: 'fs01.corp.example' },
    tunnel: null,
    ntlm: null,
    kerberos: {
      realm: 'CORP.EXAMPLE',
      sname: 'cifs/fs01.corp.example',
      ticketEtype: 18,
      authenticatorEtype: 18,
      mutual: true,
      apRep: true,
      userToUser: false,
      errorCode: null,
      errorName: null,
    },
    smb: {
      dialect: '3.1.1',
      clientPolicy: 'enabled',
      serverPolicy: 'required',
      effective: 'signed',
      cipher: null,
      signingAlgorithm: 'AES-GMAC',
      signedMessages: 12,
      unsignedMessages: 0,
      encryptedMessages: 0,
      session: { id: '51', setup: 'new', of: null, bindingSigned: null, expired: false, previousId: null },
    },
    ldap: null,
    rpc: null,
    http: null,
    channelBinding: 'not-applicable',
    binding: null,
    tls: null,
    keytab: null,
    frames: [12, 14],
    events: [],
    windows: null,
    ...part,
  }
}

/** SMB by NTLM because the client was given an address; nothing is signed. */
export function ntlmByAddress(part: Partial<AuthExchange> = {}): AuthExchange {
  return exchange({
    id: '1:EKt4MsxuyaE6mL+hmrEkQ9csDD8=-1',
    uid: '6a1f0a4b7c3d2e1908172635445362bb',
    communityId: '1:EKt4MsxuyaE6mL+hmrEkQ9csDD8=',
    client: endpoint('10.1.2.34', 50_022, 'WS-045'),
    server: endpoint('10.1.2.6', 445, 'nas02'),
    mechanism: 'ntlm',
    origin: 'client-veto',
    fallback: true,
    cause: cause(),
    principal: { user: 'alice', domain: 'CORP', workstation: 'WS-045' },
    target: { spn: 'cifs/10.1.2.6', class: 'ip', name: '10.1.2.6' },
    kerberos: null,
    ntlm: {
      ntlmVersion: 'NTLMv2',
      negotiateFlags: ['NEGOTIATE_UNICODE', 'NEGOTIATE_SIGN', 'NEGOTIATE_NTLM', 'NEGOTIATE_KEY_EXCH'],
      mic: true,
      avFlags: 2,
      nameEncoding: 'utf-16',
      lmResponsePresent: false,
      signingNegotiated: true,
      sealingNegotiated: false,
      clientVersion: '10.0.26100',
      serverVersion: '6.1.0',
      singleHost: { tokenIntegrityLevel: 0x2000, restricted: true },
      challenge: {
        timestamp: true,
        toolChallenge: false,
        targetName: 'CORP',
        nbComputerName: 'NAS02',
        nbDomainName: 'CORP',
        dnsComputerName: 'nas02.corp.example',
        dnsDomainName: 'corp.example',
        dnsTreeName: null,
      },
    },
    smb: {
      dialect: '3.1.1',
      clientPolicy: 'enabled',
      serverPolicy: 'enabled',
      effective: 'unsigned',
      cipher: null,
      signingAlgorithm: null,
      signedMessages: 1,
      unsignedMessages: 37,
      encryptedMessages: 0,
      session: { id: '51', setup: 'new', of: null, bindingSigned: null, expired: false, previousId: null },
    },
    frames: [38, 40, 41],
    ...part,
  })
}

/** HTTP where the server offers nothing but NTLM. */
export function httpNtlmOnly(part: Partial<AuthExchange> = {}): AuthExchange {
  return ntlmByAddress({
    id: '1:HhA1B+6CoLbiKPEs5nhNYN4XWfk=-1',
    server: endpoint('10.1.3.80', 80, 'intranet.corp.example'),
    service: 'http',
    carrier: 'http',
    method: 'NTLM',
    origin: 'server-only',
    fallback: false,
    cause: cause({
      code: 'RC15',
      title: 'Server offers only NTLM',
      fix: 'Offer Negotiate before NTLM in the list of providers.',
    }),
    offered: { server: ['NTLM'], client: null },
    status: { code: 200, name: '200', detail: null },
    target: { spn: 'HTTP/intranet.corp.example', class: 'fqdn', name: 'intranet.corp.example' },
    smb: null,
    channelBinding: 'absent',
    frames: [77, 79, 81],
    ...part,
  })
}

/** LDAP simple bind without TLS. */
export function ldapSimple(part: Partial<AuthExchange> = {}): AuthExchange {
  return exchange({
    id: '1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg=-1',
    client: endpoint('10.1.2.60', 33_001, null),
    server: endpoint('10.1.0.10', 389, 'dc01.corp.example'),
    service: 'ldap',
    carrier: 'ldap',
    mechanism: 'simple',
    method: 'simple',
    offered: { server: null, client: null },
    status: { code: 0, name: 'success', detail: null },
    principal: { user: 'CN=printer,OU=Services,DC=corp,DC=example', domain: null, workstation: null },
    target: { spn: null, class: 'absent', name: null },
    kerberos: null,
    smb: null,
    ldap: { layer: 'none', tls: false, resultCode: 0 },
    frames: [90, 91],
    ...part,
  })
}

export function kdc(part: Partial<KdcExchange> = {}): KdcExchange {
  return {
    uid: '7b1f0a4b7c3d2e1908172635445362cc',
    uidOf: 'token',
    capture: 'lab.pcapng',
    communityId: '1:1K1vEbVkkdaoKs1PjUOQkkNBiqM=',
    time: MORNING + SECOND,
    client: endpoint('10.1.2.33', 51_001, 'WS-044.corp.example'),
    kdc: endpoint('10.1.0.10', 88, 'dc01.corp.example'),
    transport: 'tcp',
    request: 'TGS',
    realm: 'CORP.EXAMPLE',
    cname: null,
    sname: 'cifs/fs01.corp.example',
    requested: [18, 17, 23],
    ticketEtype: 18,
    replyEtype: 18,
    flags: ['forwardable', 'renewable', 'canonicalize'],
    from: null,
    till: null,
    padata: [1, 167],
    preauthEtype: null,
    accountEtypes: [],
    sessionEtype: null,
    armored: false,
    forUser: null,
    additionalTicket: null,
    error: null,
    answered: true,
    frames: [8, 9],
    events: [],
    windows: null,
    ...part,
  }
}

/** One whole SMB connection that showed an authentication. */
export function conversation(part: Partial<ConversationRow> = {}): ConversationRow {
  return {
    client: { ip: '10.1.2.33' },
    server: { ip: '10.1.2.5', port: 445 },
    service: 'smb',
    carrier: 'smb',
    connections: 1,
    authenticated: 1,
    midstream: 0,
    oneSided: 0,
    lossy: 0,
    whole: 1,
    start: MORNING + SECOND,
    end: MORNING + 2 * SECOND,
    capture: 'lab.pcapng',
    frame: 10,
    ...part,
  }
}

/** What `exchanges` of one client, server and service come to: enough of the fold for a test, and no more. */
export function pair(exchanges: readonly AuthExchange[], part: Partial<PairVerdict> = {}): PairVerdict {
  const first = exchanges[0]!
  const counts = (key: (one: AuthExchange) => string | null | undefined) => {
    const result: Record<string, number> = {}
    for (const one of exchanges) {
      const name = key(one)
      if (name !== null && name !== undefined) result[name] = (result[name] ?? 0) + 1
    }
    return result
  }
  const names = (key: (one: AuthExchange) => string | null | undefined) => Object.keys(counts(key))
  const result = counts((one) => one.result)
  const mechanism = counts((one) => one.mechanism)
  const fallback = exchanges.filter((one) => one.fallback === true).length
  return {
    uid: pairUid(first.client.ip, first.server.ip, first.service),
    client: { ip: first.client.ip, name: first.client.name },
    server: { ip: first.server.ip, name: first.server.name, ports: [first.server.port] },
    service: first.service,
    verdict:
      mechanism.ntlm === undefined
        ? mechanism.kerberos === undefined
          ? 'other'
          : 'kerberos'
        : mechanism.kerberos !== undefined
          ? 'mixed'
          : fallback > 0
            ? 'ntlm-fallback'
            : 'ntlm-only',
    start: first.start,
    end: exchanges.at(-1)!.end,
    counts: {
      exchanges: exchanges.length,
      mechanism,
      result: { success: result.success ?? 0, failure: result.failure ?? 0, unknown: result.unknown ?? 0 },
      fallback,
      ntlmVersion: counts((one) => one.ntlm?.ntlmVersion),
      continued: {},
    },
    origins: counts((one) => one.origin),
    causes: counts((one) => one.cause?.code),
    users: names(({ principal: { user, domain } }) => (user && domain ? `${domain}\\${user}` : user)),
    spns: names((one) => one.target.spn),
    applications: names((one) => one.http?.application),
    tunnels: names((one) => one.tunnel),
    smb:
      first.smb === null
        ? null
        : {
            dialects: names((one) => one.smb?.dialect),
            clientPolicy: first.smb.clientPolicy,
            serverPolicy: first.smb.serverPolicy,
            effective: counts((one) => one.smb?.effective),
          },
    ldap: first.ldap === null ? null : { layers: counts((one) => one.ldap?.layer), tls: first.ldap.tls },
    channelBinding: counts((one) => one.channelBinding),
    breaks: {
      ntlmOff: mechanism.ntlm === undefined ? 'no' : mechanism.kerberos === undefined ? 'yes' : 'unknown',
      signingRequired: 'no',
      rc4Off: mechanism.ntlm === undefined ? 'no' : 'unknown',
    },
    findings: [],
    blindSpots: [],
    capture: first.capture,
    frames: first.frames,
    ...part,
  }
}

/** A pair whose conversation is in TLS from its first byte: no exchange could be seen. */
export function tlsPair(part: Partial<PairVerdict> = {}): PairVerdict {
  const never = pair([ldapSimple({ server: endpoint('10.1.0.10', 636, 'dc01.corp.example') })])
  return {
    ...never,
    verdict: 'undetermined',
    counts: {
      exchanges: 0,
      mechanism: {},
      result: { success: 0, failure: 0, unknown: 0 },
      fallback: 0,
      ntlmVersion: {},
      continued: {},
    },
    users: [],
    ldap: { layers: {}, tls: true },
    channelBinding: { 'not-visible': 1 },
    breaks: { ntlmOff: 'unknown', signingRequired: 'unknown', rc4Off: 'unknown' },
    blindSpots: ['tls'],
    frames: [120],
    ...part,
  }
}

export function figures(exchanges: readonly AuthExchange[]): Figures {
  const fold = new FigureFold(null)
  for (const one of exchanges) fold.add(one)
  return fold.figures()
}

export function finding(part: Partial<Finding> = {}): Finding {
  return {
    uid: '8c1f0a4b7c3d2e1908172635445362dd',
    id: 'NS-SG-001',
    severity: 'high',
    title: 'SMB session without signing or encryption',
    client: '10.1.2.34',
    server: '10.1.2.6',
    service: 'smb',
    spn: null,
    confidence: 'high',
    missing: [],
    counterEvidence: [],
    techniques: ['T1557.001'],
    start: MORNING,
    end: MORNING + SECOND,
    detail: 'SMB 3.1.1, client enabled, server enabled; 37 messages unsigned',
    remediation: 'Require SMB signing on the server (RequireSecuritySignature).',
    count: 1,
    capture: 'lab.pcapng',
    frames: [38, 41],
    ...part,
  }
}

export function blindSpot(part: Partial<BlindSpot> = {}): BlindSpot {
  return {
    kind: 'tls',
    code: part.kind ?? 'tls',
    detail: 'connections in TLS: what authenticated inside them is not visible (LDAPS, HTTPS)',
    count: 12,
    ...part,
  }
}

export function captureSummary(part: Partial<CaptureSummary> = {}): CaptureSummary {
  return {
    name: 'lab.pcapng',
    format: 'pcapng',
    compressed: false,
    packets: 48_211,
    bytes: 31_240_118,
    start: MORNING,
    end: MORNING + 30_600 * SECOND,
    dropped: null,
    droppedAtLeast: 0,
    filters: [],
    snapLength: 262_144,
    linkTypes: ['ETHERNET'],
    damage: null,
    ...part,
  }
}

export function coverage(part: Partial<Coverage> = {}): Coverage {
  return {
    start: MORNING,
    end: MORNING + 30_600 * SECOND,
    packets: 48_211,
    bytes: 31_240_118,
    connections: 231,
    oneSided: 3,
    midstream: 5,
    repeatedSegments: 17,
    lostBytes: 2_896,
    gaps: 2,
    cutPackets: 0,
    dropped: null,
    carriers: { smb: 40, http: 22, ldap: 31, kdc: 80, tls: 12, other: 46 },
    clientsWithKdcTraffic: 3,
    clientsAuthenticating: 5,
    kdcs: ['10.1.0.10'],
    vlans: [120],
    tunnels: [],
    withoutIp: {},
    ...part,
  }
}

/** Nothing in it but a capture without packets. */
export function emptyReport(part: Partial<Report> = {}): Report {
  return {
    schema: REPORT_SCHEMA,
    filter: [],
    figures: new FigureFold(null).figures(),
    coverage: {
      start: null,
      end: null,
      packets: 0,
      bytes: 24,
      connections: 0,
      oneSided: 0,
      midstream: 0,
      repeatedSegments: 0,
      lostBytes: 0,
      gaps: 0,
      cutPackets: 0,
      dropped: null,
      carriers: {},
      clientsWithKdcTraffic: 0,
      clientsAuthenticating: 0,
      kdcs: [],
      vlans: [],
      tunnels: [],
      withoutIp: {},
    },
    unread: NOTHING_UNREAD,
    captures: [captureSummary({ name: 'empty.pcap', format: 'pcap', packets: 0, bytes: 24, start: null, end: null })],
    pairs: [],
    places: [],
    servers: [],
    clients: [],
    accounts: [],
    exchanges: [],
    kdc: [],
    conversations: [],
    findings: [],
    blindSpots: [],
    hosts: [],
    passThrough: [],
    turnedAway: [],
    eventCoverage: null,
    unfiltered: null,
    tls: { servers: [], certificates: [] },
    keys: { tls: null, kerberos: null },
    tally: { packets: { read: 0, used: 0 }, pdus: {}, tokens: {}, faults: {} },
    ...part,
  }
}

/** An ordinary office: one pair of every verdict, findings of several rules, KDC errors, TLS that was not visible. */
export function officeReport(part: Partial<Report> = {}): Report {
  const kerberos = [exchange(), exchange({ frames: [20, 22] }), exchange({ frames: [30, 32] })]
  const fallback = Array.from({ length: 12 }, () => ntlmByAddress())
  const web = Array.from({ length: 3 }, () => httpNtlmOnly())
  const hardCoded = [
    exchange({ client: endpoint('10.1.2.35', 50_100, 'WS-046.corp.example'), frames: [200, 202] }),
    ntlmByAddress({
      client: endpoint('10.1.2.35', 50_101, 'WS-046.corp.example'),
      server: endpoint('10.1.2.5', 445, 'fs01.corp.example'),
      origin: 'client-retry',
      cause: cause({ code: 'RC01', title: 'Service principal name is not registered', frames: ['dc.pcapng:17'] }),
      target: { spn: 'cifs/files.corp.example', class: 'fqdn', name: 'files.corp.example' },
      smb: exchange().smb,
      frames: [210, 'dc.pcapng:17', 214],
    }),
  ]
  const simple = [ldapSimple(), ldapSimple()]
  return {
    schema: REPORT_SCHEMA,
    filter: [],
    figures: figures([]),
    coverage: coverage(),
    captures: [captureSummary()],
    unread: NOTHING_UNREAD,
    ...rollUps([...kerberos, ...fallback, ...web, ...hardCoded, ...simple]),
    pairs: [
      pair(kerberos),
      pair(fallback, { findings: ['NS-SG-001', 'NS-SG-002', 'NS-FB-003'] }),
      pair(web),
      pair(hardCoded),
      pair(simple, { findings: ['NS-NT-002'] }),
      tlsPair(),
    ],
    exchanges: [...kerberos, ...fallback, ...web, ...hardCoded, ...simple],
    kdc: [
      kdc({ request: 'AS', sname: 'krbtgt/CORP.EXAMPLE', cname: 'alice' }),
      kdc(),
      kdc({ sname: 'cifs/old-nas.corp.example', ticketEtype: 23 }),
      kdc({
        sname: 'cifs/files.corp.example',
        ticketEtype: null,
        replyEtype: null,
        error: { code: 7, name: 'KDC_ERR_S_PRINCIPAL_UNKNOWN', status: null },
        frames: [206, 207],
      }),
      kdc({ request: 'AS', cname: 'bob', sname: 'krbtgt/CORP.EXAMPLE', ticketEtype: null, answered: false }),
    ],
    conversations: [conversation(), conversation({ carrier: 'tls', service: 'ldap', authenticated: 0 })],
    findings: [
      finding(),
      finding({
        id: 'NS-SG-002',
        severity: 'medium',
        title: 'Server does not require SMB signing',
        client: null,
        detail: 'SecurityMode of the NEGOTIATE response is 0x0001',
        count: 12,
        frames: [36],
      }),
      finding({
        id: 'NS-NT-002',
        severity: 'critical',
        title: 'Password in clear text',
        client: '10.1.2.60',
        server: '10.1.0.10',
        service: 'ldap',
        detail: 'LDAP simple bind without TLS as CN=printer,OU=Services,DC=corp,DC=example',
        remediation: 'Bind over TLS (LDAPS or StartTLS), or use SASL with Kerberos; change the password.',
        count: 2,
        frames: [90],
      }),
      finding({
        id: 'NS-FB-003',
        severity: 'medium',
        title: 'NTLM because the target is an IP address',
        detail: 'Target name cifs/10.1.2.6, the server offered Kerberos',
        remediation: cause().fix,
        count: 12,
        frames: [38, 40, 41, 52, 53, 60, 61, 62],
      }),
    ],
    blindSpots: [
      blindSpot(),
      blindSpot({ kind: 'smb-encrypted', detail: 'SMB sessions encrypted: pipes inside are not visible', count: 1 }),
    ],
    hosts: [],
    passThrough: [],
    turnedAway: [],
    eventCoverage: null,
    unfiltered: null,
    tls: { servers: [], certificates: [] },
    keys: { tls: null, kerberos: null },
    tally: {
      packets: { read: 48_211, used: 48_102, notIp: 109 },
      pdus: { read: 20_110, decoded: 310, skipped: 19_800 },
      tokens: { read: 88 },
      faults: { cut: 2, malformed: 1 },
    },
    ...part,
  }
}

/** Many pairs, of both address families. */
export function crowdedReport(count = 300): Report {
  const pairs: PairVerdict[] = []
  const findings: Finding[] = []
  for (let at = 0; at < count; at++) {
    const six = at % 5 === 4
    const client = endpoint(
      six ? `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${(0x1000 + at).toString(16)}` : `10.2.${at >> 8}.${at & 255}`,
      50_000,
    )
    const server = endpoint(six ? '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff' : '10.1.2.6', 445, 'nas02.corp.example')
    const one = at % 3 === 0 ? ntlmByAddress({ client, server }) : exchange({ client, server })
    pairs.push(pair(Array.from({ length: 1 + (at % 7) }, () => one)))
    if (at % 3 === 0) findings.push(finding({ client: client.ip, server: server.ip, frames: [at + 1] }))
  }
  const passThrough = [
    {
      server: '10.1.2.6',
      controllers: ['10.1.0.10'],
      operations: ['NetrLogonSamLogonWithFlags'],
      calls: 3,
      served: 1,
      ambiguous: 1,
      unseen: 1,
      withoutCall: 2,
      logons: [{ exchange: '1.12', account: 'CORP\\alice', frame: 13 }],
      start: MORNING,
      end: MORNING + 1e6,
      capture: 'lab.pcapng',
      frames: [13, 20, 31],
    },
  ]
  return { ...officeReport(), pairs, findings, passThrough, exchanges: [ntlmByAddress(), exchange()] }
}

/** Names that try to move the cursor, to hide, to reorder, to break a table and a spreadsheet. */
export const HOSTILE_NAMES = [
  '\x1b[2J\x1b[31mroot',
  'bell\x07back\x08line\r\nfeed',
  '\u009b31mC1',
  'abc\u202edcb\u2066x\u2069',
  'zero\u200bwidth\ufeff',
  '=HYPERLINK("http://evil.example","x")',
  '@SUM(1)',
  '部署共有サーバー'.repeat(12),
  'a'.repeat(300),
  'lone\ud800surrogate',
  '__proto__',
  '"quoted", and, comma',
]

/** Every text that the wire decides is hostile. */
export function hostileReport(): Report {
  const base = officeReport()
  const name = (at: number) => HOSTILE_NAMES[at % HOSTILE_NAMES.length]!
  return {
    ...base,
    pairs: HOSTILE_NAMES.map((text, at) =>
      pair(
        [
          ntlmByAddress({
            client: endpoint(`10.9.0.${at + 1}`, 50_000, text),
            server: endpoint('10.1.2.6', 445, name(at + 1)),
            principal: { user: text, domain: name(at + 2), workstation: text },
            target: { spn: `cifs/${text}`, class: 'short', name: text },
          }),
        ],
        { users: [text, name(at + 3)], spns: [text] },
      ),
    ),
    kdc: HOSTILE_NAMES.map((text) =>
      kdc({ sname: text, realm: text, error: { code: 7, name: 'KDC_ERR_S_PRINCIPAL_UNKNOWN', status: null } }),
    ),
    findings: HOSTILE_NAMES.map((text, at) =>
      finding({ client: `10.9.0.${at + 1}`, detail: `user ${text}`, title: text }),
    ),
    blindSpots: HOSTILE_NAMES.map((text) => blindSpot({ kind: text, detail: text })),
    captures: HOSTILE_NAMES.map((text) => captureSummary({ name: text, damage: text })),
  }
}

/** Places, servers, clients and accounts of these exchanges. */
export function rollUps(exchanges: readonly AuthExchange[]): RollUps {
  const fold = new RollUpFold()
  for (const one of exchanges) fold.add(one)
  return fold.rollUps(exchanges.filter(({ mechanism }) => mechanism === 'ntlm').length)
}

/** What tries to become markup, to hide or to reorder. */
export const HOSTILE_TEXT = `<script>alert(1)</script></script><!--"><img src=x onerror=alert(1)>'\u202e\ud800]]>&amp;{{1}}${'A'.repeat(1_000)}`
/** names and numbers of our own: what decides, and never comes from the wire */
const OURS =
  /^(schema|verdict|service|severity|id|uid|mechanism|carrier|code|kind|is|smbSigning|ldapSigning|channelBinding)$/

/** Every text of a report that is not one of our own words. */
export function everyText<T>(value: T, name = ''): T {
  if (typeof value === 'string') return (OURS.test(name) ? value : HOSTILE_TEXT) as T
  if (Array.isArray(value)) return value.map((one) => everyText(one, name)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, everyText(part, key)])) as T
}
