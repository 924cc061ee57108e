/**
 * Every rule of the table has a case on which it fires and a near miss on which it must not: what looks alike and is
 * something else.
 */
import { describe, expect, it } from 'vitest'
import type { ContextFact } from '../../../decoders/carrier.ts'
import { interfaceName, notableCall } from '../../../decoders/carriers/rpc/dcerpc-interfaces.ts'
import type { CertificateFacts } from '../../../src/facts/channel.ts'
import type { AuthExchange, ContextNote, KdcExchange, TlsConversation } from '../../../src/facts/exchange.ts'
import type { ExchangeEvent } from '../../../src/facts/windows-facts.ts'
import { EXCHANGE_RULES, RULES, RULES_WITHOUT_NTLM } from '../../../src/findings/catalogue.ts'
import { FindingFold } from '../../../src/findings/fold.ts'
import { contradictionSighting } from '../../../src/findings/rules/events.ts'
import {
  cause,
  endpoint,
  exchange,
  httpNtlmOnly,
  kdc,
  ldapSimple,
  MORNING,
  ntlmByAddress,
} from '../../builders/report.ts'

const ntlm = (part: Partial<NonNullable<AuthExchange['ntlm']>>) =>
  ntlmByAddress({ ntlm: { ...ntlmByAddress().ntlm!, ...part } })
const proof = (mic: 'verified' | 'wrong') => ({ ticket: null, ntlm: { response: 'verified' as const, mic } })
const smb = (part: Partial<NonNullable<AuthExchange['smb']>>, rest: Partial<AuthExchange> = {}) =>
  exchange({ smb: { ...exchange().smb!, ...part }, ...rest })
const status = (name: string, detail: string | null = null) => ({ code: 1, name, detail })
const ldap = (part: Partial<NonNullable<AuthExchange['ldap']>>) => ({
  layer: 'none' as const,
  tls: false,
  resultCode: 0,
  ...part,
})

const { challenge } = ntlmByAddress().ntlm! as {
  challenge: NonNullable<NonNullable<AuthExchange['ntlm']>['challenge']>
}
const withoutTime = { ...challenge, timestamp: false }
const rpc = (part: Partial<NonNullable<AuthExchange['rpc']>>) =>
  exchange({
    service: 'rpc',
    smb: null,
    rpc: { authLevel: null, interface: null, interfaceName: 'drsuapi', over: 'tcp', ...part } as NonNullable<
      AuthExchange['rpc']
    >,
  })
const PIPE_SIGNED = rpc({ authLevel: 'connect', interfaceName: 'samr', over: 'smb', pipe: 'samr', session: 'signed' })
const kerberos = (part: Partial<NonNullable<AuthExchange['kerberos']>>, rest: Partial<AuthExchange> = {}) =>
  exchange({ kerberos: { ...exchange().kerberos!, ...part }, ...rest })
const offers = (server: string[], client: string[] | null) => exchange({ offered: { server, client } })
const error = (code: number) => ({ code, name: `error ${code}`, status: null })
const web = (part: Partial<NonNullable<AuthExchange['http']>>) => ({
  application: null,
  method: 'POST',
  path: '/',
  userAgent: null,
  serverSoftware: null,
  persistentAuth: null,
  requests: 1,
  channelOf: null,
  layer: 'unknown' as const,
  ...part,
})
/** who is named, with empty responses */
const GUEST = { user: 'guest', domain: '', workstation: null }
/** rules that name a cause */
const CAUSE_RULES = [
  ['NS-FB-002', 'RC01'],
  ['NS-FB-004', 'RC07'],
  ['NS-FB-006', 'RC08'],
  ['NS-FB-007', 'RC09'],
  ['NS-FB-009', 'RC05'],
  ['NS-FB-011', 'RC14'],
  ['NS-FB-012', 'RC11'],
  ['NS-FB-013', 'RC06'],
] as const

const session = (part: Partial<NonNullable<NonNullable<AuthExchange['smb']>['session']>>) => ({
  ...exchange().smb!,
  session: { ...exchange().smb!.session!, ...part },
})
const logon = (mechanism: AuthExchange['mechanism']) => ({
  exchange: '1.4',
  mechanism,
  user: mechanism === 'ntlm' ? ntlmByAddress().principal.user : null,
  logonSeen: true,
})

/** Rule, an exchange on which it fires, and a near miss on which it must not. */
const EXCHANGE_CASES: readonly (readonly [string, AuthExchange, AuthExchange])[] = [
  ['NS-FB-001', ntlmByAddress({ cause: null }), ntlmByAddress({ cause: null, origin: 'unknown', fallback: null })],
  ['NS-FB-003', ntlmByAddress(), ntlmByAddress({ cause: cause({ code: 'RC99' }) })],
  ['NS-FB-005', ntlmByAddress({ origin: 'server-switched' }), ntlmByAddress()],
  ['NS-FB-008', ntlmByAddress({ origin: 'client-retry', cause: null }), exchange({ result: 'failure' })],
  ['NS-FB-014', ntlmByAddress({ origin: 'late-fallback' }), ntlmByAddress({ origin: 'direct' })],
  ['NS-FB-010', httpNtlmOnly(), httpNtlmOnly({ offered: { server: null, client: null } })],
  [
    'NS-FB-016',
    ntlmByAddress({ status: status('STATUS_NTLM_BLOCKED') }),
    ntlmByAddress({ status: status('STATUS_LOGON_FAILURE') }),
  ],
  [
    'NS-FB-017',
    ntlmByAddress({ smb: session({ setup: 'reauthentication', of: logon('kerberos') }) }),
    ntlmByAddress({ smb: session({ setup: 'reauthentication', of: logon('ntlm') }) }),
  ],
  [
    'NS-SG-013',
    exchange({ smb: session({ setup: 'binding', of: logon('kerberos'), bindingSigned: false }) }),
    exchange({ smb: session({ setup: 'binding', of: logon('kerberos'), bindingSigned: true }) }),
  ],
  ['NS-NT-001', ntlm({ ntlmVersion: 'NTLMv1-ESS' }), ntlm({ ntlmVersion: 'NTLMv2' })],
  ['NS-NT-002', ldapSimple(), ldapSimple({ ldap: ldap({ tls: true }) })],
  ['NS-NT-005', ntlmByAddress({ cause: cause({ code: 'RC21' }) }), ntlmByAddress()],
  ['NS-NT-013', smb({ effective: 'guest' }), smb({ effective: 'guest' }, { result: 'failure' })],
  ['NS-NT-017', exchange({ mechanism: 'anonymous' }), exchange({ mechanism: 'anonymous', result: 'failure' })],
  [
    'NS-NT-021',
    smb({ effective: 'encrypted' }, { mechanism: 'anonymous', principal: GUEST }),
    smb({ effective: 'anonymous' }, { mechanism: 'anonymous', principal: GUEST }),
  ],
  [
    'NS-NT-021',
    smb({ effective: 'signed' }, { mechanism: 'anonymous', principal: GUEST }),
    smb({ effective: 'signed' }, { mechanism: 'anonymous', principal: { ...GUEST, user: '' } }),
  ],
  [
    'NS-SG-018',
    exchange({ service: 'http', smb: null, http: web({}) }),
    exchange({ service: 'http', smb: null, http: web({}), channelBinding: 'not-visible' }),
  ],
  [
    'NS-SG-018',
    exchange({ service: 'winrm', smb: null, http: web({ layer: 'none' }) }),
    exchange({ service: 'winrm', smb: null, http: web({ layer: 'seal' }) }),
  ],
  ['NS-SG-018', exchange({ service: 'smtp', smb: null }), exchange({ service: 'ftp', smb: null })],
  [
    'NS-SG-018',
    exchange({ service: 'http-proxy', smb: null, http: web({}) }),
    exchange({ service: 'http-proxy', smb: null, http: web({}), result: 'unknown' }),
  ],
  ['NS-SG-018', rpc({ authLevel: 'connect' }), rpc({ authLevel: 'privacy' })],
  ['NS-SG-018', rpc({ authLevel: 'connect', interfaceName: 'samr', over: 'smb', session: 'unsigned' }), PIPE_SIGNED],
  ['NS-SG-001', smb({ effective: 'unsigned' }), smb({ effective: 'unknown' })],
  ['NS-SG-002', smb({ serverPolicy: 'enabled' }), smb({ serverPolicy: 'unknown' })],
  [
    'NS-SG-004',
    smb({ effective: 'unsigned', serverPolicy: 'required' }),
    smb({ effective: 'unsigned', serverPolicy: 'enabled' }),
  ],
  ['NS-SG-005', smb({ dialect: 'NT LM 0.12' }), smb({ dialect: '2.0.2' })],
  [
    'NS-SG-009',
    exchange({ service: 'ldap', smb: null, ldap: ldap({}) }),
    exchange({ service: 'ldap', smb: null, ldap: ldap({ layer: 'sign' }) }),
  ],
  [
    'NS-SG-010',
    ldapSimple({ result: 'failure', status: status('strongerAuthRequired') }),
    ldapSimple({ result: 'failure', status: status('invalidCredentials') }),
  ],
  [
    'NS-SG-011',
    httpNtlmOnly({ channelBinding: 'not-applicable' }),
    httpNtlmOnly({ mechanism: 'kerberos', channelBinding: 'not-applicable' }),
  ],
  [
    'NS-SG-014',
    httpNtlmOnly({ service: 'winrm', channelBinding: 'not-applicable', http: web({ layer: 'none' }) }),
    httpNtlmOnly({ service: 'winrm', channelBinding: 'not-applicable', http: web({ layer: 'seal' }) }),
  ],
  [
    'NS-NT-020',
    httpNtlmOnly({ channelBinding: 'not-applicable', http: web({ application: 'AD CS web enrolment' }) }),
    httpNtlmOnly({ channelBinding: 'bound', http: web({ application: 'AD CS web enrolment' }) }),
  ],
  ['NS-CB-003', ntlmByAddress({ channelBinding: 'mismatch' }), ntlmByAddress({ channelBinding: 'zero' })],
  [
    'NS-CB-004',
    ntlmByAddress({ status: status('invalidCredentials', '80090346 (SEC_E_BAD_BINDINGS)') }),
    ntlmByAddress({ status: status('invalidCredentials', 'data 52e') }),
  ],
  ...CAUSE_RULES.map(
    ([id, code]) => [id, ntlmByAddress({ cause: cause({ code }) }), exchange({ cause: cause({ code }) })] as const,
  ),
  [
    'NS-FB-015',
    ntlmByAddress({
      kerberos: exchange().kerberos,
      offered: { server: ['iakerb', 'ntlmssp'], client: ['iakerb', 'ntlmssp'] },
    }),
    // offered by both, and Kerberos finished
    exchange({ mechanism: 'iakerb', offered: { server: ['iakerb'], client: ['iakerb'] } }),
  ],
  [
    'NS-NT-008',
    ntlmByAddress({ principal: { user: 'NAS02$', domain: 'CORP', workstation: 'NAS02' } }),
    // another machine
    ntlmByAddress({ principal: { user: 'WS-045$', domain: 'CORP', workstation: 'WS-045' } }),
  ],
  [
    'NS-NT-015',
    ntlmByAddress({ server: endpoint('8.8.4.4', 445) }),
    // carrier-grade NAT is not public
    ntlmByAddress({ server: endpoint('100.64.0.1', 445) }),
  ],
  ['NS-NT-004', ntlm({ mic: false, avFlags: 0 }), ntlm({ mic: false, avFlags: 0, clientVersion: null })],
  ['NS-NT-004', ntlmByAddress({ keytab: proof('wrong') }), ntlmByAddress({ keytab: proof('verified') })],
  [
    'NS-NT-019',
    ntlm({ mic: false, avFlags: 0, clientVersion: '6.1.0' }),
    ntlm({ mic: false, avFlags: 0, challenge: withoutTime }),
  ],
  [
    'NS-NT-009',
    ntlmByAddress({ principal: { user: 'WS-045$', domain: 'CORP', workstation: null } }),
    exchange({ principal: { user: 'WS-045$', domain: 'CORP', workstation: null } }),
  ],
  ['NS-NT-012', ntlm({ challenge: { ...challenge, toolChallenge: true } }), ntlmByAddress()],
  [
    'NS-NT-018',
    ntlmByAddress(),
    // the host in the middle of a relay accepts everything
    ntlmByAddress({ cause: cause({ code: 'RC21' }) }),
  ],
  ['NS-NT-018', httpNtlmOnly(), httpNtlmOnly({ result: 'failure' })],
  [
    'NS-NT-007',
    ntlmByAddress({ target: { spn: 'cifs/other.corp.example', class: 'fqdn', name: 'other.corp.example' } }),
    ntlmByAddress({ target: { spn: 'cifs/NAS02', class: 'short', name: 'NAS02' } }),
  ],
  [
    'NS-NT-003',
    ntlm({ negotiateFlags: ['SIGN', 'NTLM', 'LM_KEY'] }),
    // no session key to be weak
    ntlm({ negotiateFlags: ['NTLM'], signingNegotiated: false, sealingNegotiated: false }),
  ],
  ['NS-NT-011', ntlm({ singleHost: { tokenIntegrityLevel: 0x3000, restricted: false } }), ntlmByAddress()],
  [
    'NS-SG-012',
    ntlmByAddress({ service: 'smtp', smb: null }),
    ntlmByAddress({ service: 'smtp', smb: null, channelBinding: 'absent' }),
  ],
  [
    'NS-SG-012',
    ntlmByAddress({ service: 'nntp', smb: null }),
    ntlmByAddress({ service: 'nntp', smb: null, mechanism: 'plain' }),
  ],
  ['NS-CB-001', httpNtlmOnly({ channelBinding: 'absent' }), httpNtlmOnly({ channelBinding: 'not-visible' })],
  [
    'NS-CB-002',
    ntlmByAddress({ service: 'ldap', smb: null, ldap: ldap({ tls: true }), channelBinding: 'mismatch' }),
    ntlmByAddress({ service: 'ldap', smb: null, ldap: ldap({ tls: true }), channelBinding: 'bound' }),
  ],
  [
    'NS-CB-006',
    httpNtlmOnly({ channelBinding: 'wrong-hash' }),
    // the right one
    httpNtlmOnly({ channelBinding: 'verified' }),
  ],
  ['NS-CB-005', httpNtlmOnly({ channelBinding: 'zero' }), httpNtlmOnly({ channelBinding: 'bound' })],
  ['NS-SG-008', rpc({ authLevel: 'connect', interfaceName: 'wkssvc' }), rpc({ authLevel: 'integrity' })],
  // what may be relayed has a finding of its own
  ['NS-SG-008', rpc({ authLevel: 'call' }), rpc({ authLevel: 'connect' })],
  ['NS-SG-008', PIPE_SIGNED, rpc({ ...PIPE_SIGNED.rpc, session: 'unsigned' })],
  ['NS-SG-015', rpc({ authLevel: 'connect', interfaceName: 'ICertPassage' }), rpc({ authLevel: 'packet' })],
  ['NS-SG-015', rpc({ ...PIPE_SIGNED.rpc, session: 'unsigned' }), PIPE_SIGNED],
  ['NS-SG-015', rpc({ authLevel: 'none' }), exchange({ ...rpc({ authLevel: 'none' }), result: 'failure' })],
  ['NS-SG-008', rpc({ authLevel: 'packet' }), rpc({ authLevel: 'connect', interfaceName: 'epmapper' })],
  ['NS-SG-006', smb({ dialect: '2.1' }), smb({ dialect: '3.0' })],
  ['NS-KR-019', kerberos({ authenticatorEtype: 23 }), kerberos({ ticketEtype: 23 })],
  [
    'NS-KR-022',
    kerberos({ errorCode: 41 }, { result: 'failure' }),
    // mended by a retry
    kerberos({ errorCode: 41 }),
  ],
  ['NS-RD-001', offers(['iakerb', 'kerberos'], null), offers(['kerberos'], ['iakerb'])],
  ['NS-RD-002', exchange({ mechanism: 'iakerb' }), offers(['iakerb'], ['iakerb'])],
  [
    'NS-RD-003',
    offers(['late-fallback'], null),
    ntlmByAddress({ origin: 'late-fallback', offered: { server: ['late-fallback'], client: null } }),
  ],
]

const KDC_CASES: readonly (readonly [string, KdcExchange, KdcExchange])[] = [
  ['NS-KR-001', kdc({ request: 'TGS', ticketEtype: 23 }), kdc({ request: 'TGS', ticketEtype: 18 })],
  [
    'NS-KR-003',
    kdc({ request: 'AS', padata: [128], error: null, answered: true, frames: [1, 2] }),
    kdc({ request: 'AS', padata: [128, 2], error: null, answered: true, frames: [1, 2] }),
  ],
  ['NS-KR-010', kdc({ sname: 'cifs/fs011UWhRCAAAAAAAAYBAAAA' }), kdc()],
  ['NS-KR-020', kdc({ ticketEtype: 23 }), kdc({ requested: [23], ticketEtype: 23 })],
  ['NS-KR-004', kdc({ request: 'AS', preauthEtype: 23 }), kdc({ request: 'AS', requested: [23], preauthEtype: 18 })],
  ['NS-KR-018', kdc({ error: error(37), answered: true }), kdc({ error: error(32) })],
  ['NS-KR-017', kdc({ request: 'AS', error: error(24) }), kdc({ request: 'AS', error: error(25) })],
  ['NS-KR-013', kdc({ error: error(13) }), kdc({ error: error(25) })],
  ['NS-KR-008', kdc({ forUser: 'alice' }), kdc({ request: 'AS', forUser: null, padata: [128] })],
  [
    'NS-KR-021',
    kdc({ flags: ['cname-in-addl-tkt'], additionalTicket: 'HTTP/web' }),
    // user-to-user
    kdc({ flags: ['enc-tkt-in-skey'], additionalTicket: 'krbtgt/CORP.EXAMPLE' }),
  ],
  ['NS-KR-012', kdc({ padata: [1, 161] }), kdc({ padata: [1, 162] })],
]

/** What a watch sees: in any order, it is asked at the end. */
interface Traffic {
  readonly exchanges?: readonly AuthExchange[]
  readonly kdc?: readonly KdcExchange[]
  readonly notes?: readonly ContextNote[]
  /** permanent machine ids of the exchanges */
  readonly machines?: readonly string[]
  readonly channels?: readonly TlsConversation[]
}

const as = (user: string, part: Partial<AuthExchange> = {}) =>
  ntlmByAddress({ principal: { user, domain: 'CORP', workstation: 'WS-045' }, ...part })
const NUMBERS = [1, 2, 3, 4, 5]
const wrong = { result: 'failure', status: status('STATUS_LOGON_FAILURE') } as const
const asFor = (cname: string, part: Partial<KdcExchange> = {}) =>
  kdc({ request: 'AS', cname, sname: 'krbtgt/CORP.EXAMPLE', ticketEtype: 18, replyEtype: 18, ...part })
const tgt = (part: Partial<KdcExchange> = {}) =>
  kdc({ sname: 'krbtgt/CORP.EXAMPLE', flags: ['forwardable', 'forwarded'], ...part })
const sql = (part: Partial<KdcExchange> = {}) =>
  kdc({ sname: 'MSSQLSvc/sql1:1433', requested: [23], ticketEtype: 23, sessionEtype: 18, ...part })
const at = (seconds: number) => ({ start: MORNING + seconds * 1e6, end: MORNING + seconds * 1e6 })
const note = (fact: ContextFact, from: string, to: string): ContextNote => ({
  capture: 'lab.pcapng',
  time: MORNING,
  frame: 5,
  sender: endpoint(from, 50_000),
  receiver: endpoint(to, 445),
  fact,
})
/** What the fold makes of a call: nothing, where it tells nothing. */
const call = (iface: string, opnum: number, from: string, to: string): readonly ContextNote[] => {
  const telling = notableCall(iface, opnum)
  return telling === null
    ? []
    : [note({ fact: 'rpc-call', interface: iface, opnum, interfaceName: interfaceName(iface), ...telling }, from, to)]
}
const SPOOLSS = '12345678-1234-abcd-ef00-0123456789ab'
const DRSUAPI = 'e3514235-4b06-11d1-ab04-00c04fc2dcd2'
const llmnr = (from: string, value: string) =>
  note(
    {
      fact: 'name-answer',
      protocol: 'llmnr',
      message: '1',
      name: 'filesrv',
      type: 'A',
      code: 'NOERROR',
      records: [{ name: 'filesrv', type: 'A', value, ttlSeconds: 30 }],
    },
    from,
    '10.1.2.34',
  )

const CONFIRMED = { sender: endpoint('10.1.2.6', 3389), receiver: endpoint('10.1.2.34', 50_000) }
const desktop = (asked: readonly string[], chosen: string): readonly ContextNote[] => [
  {
    ...note({ fact: 'rdp-security', asked, chosen: null }, '10.1.2.34', '10.1.2.6'),
    sender: CONFIRMED.receiver,
    receiver: CONFIRMED.sender,
  },
  { ...note({ fact: 'rdp-security', asked: null, chosen }, '10.1.2.6', '10.1.2.34'), ...CONFIRMED },
]

const YEAR = 365.25 * 86_400e6
const certificate = (part: Partial<CertificateFacts> = {}): CertificateFacts => ({
  sha256: 'ab'.repeat(32),
  subject: 'CN=web1.corp.example',
  issuer: 'CN=Corp CA',
  names: ['web1.corp.example'],
  notBefore: MORNING - YEAR,
  notAfter: MORNING + YEAR,
  signature: 'sha256WithRSAEncryption',
  key: 'RSA 2048',
  selfIssued: false,
  bindingHash: 'sha256',
  binding: 'cd'.repeat(16),
  ...part,
})
const inTls = (part: Partial<TlsConversation> = {}, shown: Partial<CertificateFacts> = {}): TlsConversation => ({
  client: endpoint('10.1.2.34', 50_000),
  server: endpoint('10.1.2.6', 443),
  service: 'http',
  serverName: 'web1.corp.example',
  tunnel: null,
  version: '1.2',
  cipherSuite: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  alpn: null,
  alpnOffered: null,
  alert: null,
  alertFrom: null,
  asksForCertificate: false,
  channel: {
    certificate: certificate(shown),
    isCertificateInClear: true,
    resumed: false,
    opened: false,
    unique: null,
    exporters: [],
  },
  start: MORNING,
  end: MORNING + 1e6,
  capture: 'office.pcapng',
  frames: [5],
  ...part,
})

const WATCH_CASES: readonly (readonly [string, Traffic, Traffic])[] = [
  [
    'NS-NT-006',
    {
      exchanges: [
        as('alice', { server: endpoint('10.1.2.66', 445), ...at(1) }),
        as('alice', { client: endpoint('10.1.2.66', 50_000), server: endpoint('10.1.2.7', 445), ...at(2) }),
      ],
    },
    // a front end names itself as the workstation
    {
      exchanges: [
        as('alice', { server: endpoint('10.1.2.66', 445), ...at(1) }),
        as('alice', {
          client: endpoint('10.1.2.66', 50_000),
          server: endpoint('10.1.2.7', 445),
          principal: { user: 'alice', domain: 'CORP', workstation: 'FRONT' },
          ...at(2),
        }),
      ],
    },
  ],
  [
    'NS-NT-010',
    {
      notes: call(SPOOLSS, 65, '10.1.2.66', '10.1.2.34'),
      exchanges: [as('WS-045$', { server: endpoint('10.1.2.66', 445), ...at(2) })],
    },
    // the call opens a printer and makes nobody connect
    {
      notes: call(SPOOLSS, 1, '10.1.2.66', '10.1.2.34'),
      exchanges: [as('WS-045$', { server: endpoint('10.1.2.66', 445), ...at(2) })],
    },
  ],
  // the server knows no TLS
  ['NS-TL-001', { channels: [inTls({}, { notAfter: MORNING - 1 })] }, { channels: [inTls()] }],
  // a recorder that has no clock
  ['NS-TL-001', { channels: [inTls({}, { notBefore: MORNING + 1 })] }, { channels: [inTls({ start: 60e6 })] }],
  [
    'NS-TL-002',
    { channels: [inTls({}, { signature: 'RSASSA-PSS with SHA-1' })] },
    { channels: [inTls({}, { signature: 'RSASSA-PSS' })] },
  ],
  [
    'NS-TL-002',
    { channels: [inTls({}, { signature: 'sha1WithRSAEncryption' })] },
    // signed by itself the signature proves nothing, whatever its hash
    { channels: [inTls({}, { signature: 'sha1WithRSAEncryption', selfIssued: true })] },
  ],
  [
    'NS-TL-003',
    { channels: [inTls({ serverName: 'files.corp.example' })] },
    {
      channels: [
        inTls({ serverName: 'files.corp.example' }, { names: ['*.corp.example'] }),
        inTls({ serverName: null }),
      ],
    },
  ],
  ['NS-TL-004', { channels: [inTls({ version: '1.1' })] }, { channels: [inTls()] }],
  ['NS-TL-005', { channels: [inTls({ version: 'SSL 3.0' })] }, { channels: [inTls({ version: '1.0' })] }],
  [
    'NS-TL-006',
    { channels: [inTls({ alert: 'unknown_ca', alertFrom: 'client' })] },
    { channels: [inTls({ alert: 'handshake_failure', alertFrom: 'client' })] },
  ],
  ['NS-SG-016', { notes: desktop(['SSL', 'HYBRID'], 'RDP') }, { notes: desktop(['SSL', 'HYBRID'], 'HYBRID') }],
  // a redirected client has credentials of its own
  ['NS-SG-017', { notes: desktop(['SSL'], 'SSL') }, { notes: desktop(['SSL', 'RDSTLS'], 'RDSTLS') }],
  [
    'NS-NM-001',
    {
      notes: [llmnr('10.1.2.66', '10.1.2.66')],
      exchanges: [as('alice', { server: endpoint('10.1.2.66', 445), ...at(2) })],
    },
    // it answers for its own name
    {
      notes: [llmnr('10.1.2.66', '10.1.2.66')],
      exchanges: [
        as('alice', {
          server: endpoint('10.1.2.66', 445),
          ntlm: {
            ...ntlmByAddress().ntlm!,
            challenge: { ...challenge, nbComputerName: 'FILESRV', dnsComputerName: null },
          },
          ...at(2),
        }),
      ],
    },
  ],
  [
    'NS-KR-015',
    { notes: call(DRSUAPI, 3, '10.1.2.34', '10.1.2.6'), exchanges: [as('alice', at(1))] },
    // a domain controller replicates as its machine account
    { notes: call(DRSUAPI, 3, '10.1.2.34', '10.1.2.6'), exchanges: [as('DC2$', at(1))] },
  ],
  [
    'NS-SG-003',
    { exchanges: [smb({ serverPolicy: 'enabled' }, { server: endpoint('10.1.0.10', 445) })], kdc: [asFor('alice')] },
    { exchanges: [smb({ serverPolicy: 'enabled' })], kdc: [asFor('alice')] },
  ],
  [
    'NS-NT-014',
    { exchanges: NUMBERS.map((n) => as(`user${n}`, wrong)) },
    // states of accounts are no wrong passwords
    { exchanges: NUMBERS.map((n) => as(`user${n}`, { ...wrong, status: status('STATUS_ACCOUNT_DISABLED') })) },
  ],
  [
    'NS-NT-016',
    {
      exchanges: [
        as('alice'),
        as('bob', {
          client: endpoint('10.1.2.35', 1),
          principal: { user: 'bob', domain: 'CORP', workstation: 'WS-046' },
        }),
      ],
      machines: ['id', 'id'],
    },
    // one host, two addresses
    { exchanges: [as('alice'), as('bob', { client: endpoint('10.1.2.35', 1) })], machines: ['id', 'id'] },
  ],
  [
    'NS-KR-002',
    { kdc: [sql()] },
    // a client that knows nothing but RC4
    { kdc: [sql({ sessionEtype: 23 })] },
  ],
  [
    'NS-KR-002',
    { kdc: NUMBERS.map((n) => sql({ sname: `HTTP/web${n}`, requested: [23, 18], sessionEtype: null })) },
    // the tickets are used
    {
      kdc: NUMBERS.map((n) => sql({ sname: `HTTP/web${n}`, requested: [23, 18], sessionEtype: null })),
      exchanges: NUMBERS.map((n) =>
        exchange({ client: endpoint('10.1.2.33', n), kerberos: { ...exchange().kerberos!, sname: `HTTP/web${n}` } }),
      ),
    },
  ],
  [
    'NS-KR-005',
    { kdc: [asFor('alice', { time: MORNING }), asFor('alice', { time: MORNING + 60e6, replyEtype: 23 })] },
    // the client asked for RC4 alone
    {
      kdc: [
        asFor('alice', { time: MORNING }),
        asFor('alice', { time: MORNING + 60e6, replyEtype: 23, requested: [23] }),
      ],
    },
  ],
  [
    'NS-KR-007',
    { kdc: [tgt({ time: MORNING })], exchanges: [exchange(at(1))] },
    // domain controllers are trusted for delegation
    { kdc: [tgt({ time: MORNING })], exchanges: [exchange({ server: endpoint('10.1.0.10', 445), ...at(1) })] },
  ],
  ['NS-KR-023', { kdc: [tgt({ time: MORNING })] }, { kdc: [tgt({ time: MORNING, flags: ['forwardable'] })] }],
  [
    'NS-KR-011',
    { kdc: [asFor('alice', { transport: 'udp', error: error(52), time: MORNING })] },
    {
      kdc: [
        asFor('alice', { transport: 'udp', error: error(52), time: MORNING }),
        asFor('alice', { transport: 'tcp', time: MORNING + 1e5 }),
      ],
    },
  ],
  [
    'NS-KR-014',
    { kdc: NUMBERS.map((n) => asFor(`user${n}`, { error: error(24) })) },
    // the normal first answer
    { kdc: NUMBERS.map((n) => asFor(`user${n}`, { error: error(25) })) },
  ],
  [
    'NS-KR-016',
    { kdc: NUMBERS.map((n) => asFor(`user${n}`, { error: error(6) })) },
    // one application asks for one wrong name again and again
    { kdc: NUMBERS.map(() => asFor('user', { error: error(6) })) },
  ],
]

function idsOf({ exchanges = [], kdc: requests = [], notes = [], machines = [], channels = [] }: Traffic): string[] {
  const fold = new FindingFold()
  for (const one of channels) fold.channel(one)
  for (const one of notes) fold.context(one)
  for (const one of requests) fold.kdc(one)
  exchanges.forEach((one, position) => {
    fold.exchange(one, { challenge: null, response: null, machine: machines[position] ?? null })
  })
  return fold.findings().map(({ id }) => id)
}

const LOGGED: readonly string[] = ['NS-EV-001']

describe('each rule', () => {
  it('NS-EV-001 is what a contradiction becomes', () => {
    const fold = new FindingFold()
    const event: ExchangeEvent = {
      id: 4624,
      channel: 'Security',
      host: 'fs01.corp.example',
      record: 7,
      time: MORNING,
      side: 'server',
      join: 'address',
      confidence: 'high',
    }
    fold.sight([contradictionSighting({ exchange: exchange(), event, says: 'NTLM, NTLM V2' })])
    const [found] = fold.findings()
    expect(found).toMatchObject({ id: 'NS-EV-001', client: '10.1.2.33', server: '10.1.2.5', frames: [12, 14] })
    expect(fold.ofPair('10.1.2.33', '10.1.2.5', 'smb')).toEqual(['NS-EV-001'])
  })

  it.each(EXCHANGE_CASES)('%s fires on its exchange and not on the near miss', (id, hit, miss) => {
    expect(idsOf({ exchanges: [hit] })).toContain(id)
    expect(idsOf({ exchanges: [miss] })).not.toContain(id)
  })

  it.each(KDC_CASES)('%s fires on its exchange with a KDC and not on the near miss', (id, hit, miss) => {
    expect(idsOf({ kdc: [hit] })).toContain(id)
    expect(idsOf({ kdc: [miss] })).not.toContain(id)
  })

  it.each(WATCH_CASES)('%s fires on its traffic and not on the near miss', (id, hit, miss) => {
    expect(idsOf(hit)).toContain(id)
    expect(idsOf(miss)).not.toContain(id)
  })

  it('that is not asked of Kerberos without NTLM would not fire on it, whatever else is there', () => {
    const left = EXCHANGE_RULES.filter((rule) => !RULES_WITHOUT_NTLM.includes(rule))
    expect(left.length).toBeGreaterThan(20)
    const fired: string[] = []
    for (const [id, ...cases] of EXCHANGE_CASES)
      for (const one of cases)
        for (const mechanism of ['kerberos', 'iakerb'] as const) {
          // without NTLM nothing asks how it came to NTLM (`decidedPlainly`)
          const only = { ...one, mechanism, ntlm: null, origin: null, fallback: false, cause: null }
          for (const rule of left) if (rule.test(only) !== null) fired.push(`${rule.id} on the case of ${id}`)
        }
    expect(fired).toEqual([])
  })

  it('has a case and a near miss here', () => {
    const here = new Set([...[...EXCHANGE_CASES, ...KDC_CASES, ...WATCH_CASES].map(([id]) => id), ...LOGGED])
    expect(RULES.map(({ id }) => id).filter((id) => !here.has(id))).toEqual([])
    expect([...here].filter((id) => !RULES.some((rule) => rule.id === id))).toEqual([])
  })
})
