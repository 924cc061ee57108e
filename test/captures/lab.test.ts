/**
 * Exchanges against the lab's truth: what the programs of the lab were made to do, and what we say that they did.
 *
 * Carriers in clear that this tool reads are compared field by field. TLS is compared with silence: such a pair is
 * listed, and nothing is claimed about it. Captures with parts missing must not contradict the truth. The same packets
 * in other clothes must give the same answers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { type ExchangeDifference, LAB, readDifferences } from './folders.ts'
import { packetOf, readPcap, temporaryFolder, writePcap } from './packets.ts'

const here = existsSync(LAB)
if (!here) console.warn(`skipped: no exchange is compared with the truth of the lab, ${LAB} is absent`)

/** One capture's truth, as far as it is read here. */
interface LabTruth {
  readonly name: string
  readonly pcap: string
  readonly degraded?: unknown
  readonly sessions: readonly Session[]
}

interface Session {
  readonly client_ip: string
  readonly server_ip: string
  /** words where it was not chosen beforehand */
  readonly server_port: number | string
  readonly app_protocol: string
  readonly mechanism: string
  readonly ntlm_version: string | null
  readonly user: string | null
  readonly domain: string | null
  readonly workstation: string | null
  readonly result: string
  readonly fallback: boolean | null
  readonly origin?: string | null
  readonly cause_codes?: readonly string[] | null
  readonly spn?: string
  readonly sasl_layer?: string
  readonly channel_binding?: unknown
  readonly smb?: {
    readonly dialect?: string
    readonly client_signing?: string
    readonly server_signing?: string
    readonly signed?: boolean
    readonly encrypted?: boolean
    readonly guest?: boolean
    readonly anonymous?: boolean
    readonly cipher?: string
  }
  readonly dcerpc?: { readonly auth_type?: number; readonly auth_level?: number | string }
  readonly kerberos?: {
    readonly errors?: readonly string[]
    readonly ticket_etype?: number
    readonly requested_etypes?: readonly number[]
  }
}

type Disagreement = Pick<ExchangeDifference, 'field' | 'truth' | 'ours'>

const IN_CLEAR = new Set(['smb2', 'smb1', 'http', 'http-proxy', 'ldap', 'dcerpc', 'tds'])
/** MS-RPCE 2.2.1.1.8, by number. */
const RPC_LEVELS = ['default', 'none', 'connect', 'call', 'packet', 'integrity', 'privacy']
const IN_TLS = new Set(['https', 'ldaps', 'ldap+starttls', 'rdp'])
const VERSIONS: Readonly<Record<string, string>> = { 'NTLMv1 (with ESS)': 'NTLMv1-ESS' }
/** How the lab calls what the wire calls otherwise. */
const DIALECTS: Readonly<Record<string, string>> = { 'LANMAN2.1 / LM1.2X002': 'LANMAN' }

describe.skipIf(!here)(`exchanges, against the truth of ${LAB}`, () => {
  const truths: LabTruth[] = here
    ? readdirSync(LAB)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => JSON.parse(readFileSync(join(LAB, name), 'utf8')) as LabTruth)
    : []
  const temporary = temporaryFolder()
  const reports = new Map<string, Report>()
  const differences: Omit<ExchangeDifference, 'why'>[] = []
  let compared = 0

  beforeAll(async () => {
    for (const { name, pcap } of truths) reports.set(name, await analyze([join(LAB, pcap)], { rethrow: true }))
    for (const truth of truths) {
      const { exchanges } = reports.get(truth.name)!
      const found = truth.degraded ? contradictions(truth, exchanges) : disagreements(truth, exchanges)
      compared += found.compared
      differences.push(...found.differences)
    }
  })

  it('has a truth to compare with', () => {
    expect(truths.length).toBeGreaterThan(90)
    expect(compared).toBeGreaterThan(750)
  })

  it('every difference is explained, and no explanation is stale', () => {
    const explained = readDifferences().exchanges.map(differenceText)
    expect(differences.map(differenceText).sort()).toEqual(explained.sort())
  })

  it('explanations say something, once each', () => {
    const { exchanges } = readDifferences()
    for (const { why } of exchanges) expect(why.length).toBeGreaterThan(40)
    expect(new Set(exchanges.map((one) => differenceText(one) + one.why)).size).toBe(exchanges.length)
  })

  it.each(truths.filter(({ sessions }) => sessions.some(isKdc)))(
    'the KDC was asked as the truth says: $name',
    (truth) => {
      const { kdc, coverage } = reports.get(truth.name)!
      for (const session of truth.sessions.filter(isKdc)) {
        // the KDC leg of a capture with parts missing may be one of them
        if (truth.degraded) continue
        const asked = kdc.filter(
          ({ client, kdc: server }) => client.ip === session.client_ip && server.ip === session.server_ip,
        )
        expect(coverage.kdcs).toContain(session.server_ip)
        expect(asked.map(({ cname }) => cname?.toLowerCase().split('@')[0])).toContain(session.user!.toLowerCase())
        const errors = asked.flatMap(({ error }) => (error ? [error.code] : []))
        for (const error of session.kerberos?.errors ?? []) expect(errors).toContain(Number.parseInt(error, 10))
        if (session.result === 'success') expect(asked.some(({ answered, error }) => answered && !error)).toBe(true)
        else expect(errors.length).toBeGreaterThan(0)
        const etype = session.kerberos?.ticket_etype
        if (etype !== undefined) expect(asked.map(({ ticketEtype }) => ticketEtype)).toContain(etype)
        const requested = session.kerberos?.requested_etypes
        if (requested) expect(asked.map((request) => request.requested)).toContainEqual(requested)
      }
    },
  )

  it.each(truths.filter(({ sessions }) => sessions.some(isTls)))(
    'nothing is claimed about what TLS hides: $name',
    (truth) => {
      const report = reports.get(truth.name)!
      expect(report.blindSpots).toContainEqual(expect.objectContaining({ kind: 'tls' }))
      for (const { client_ip, server_ip, server_port } of truth.sessions.filter(isTls)) {
        const pairs = report.pairs.filter(
          ({ client, server }) =>
            client.ip === client_ip && server.ip === server_ip && server.ports.includes(server_port as number),
        )
        expect(pairs.map(({ verdict }) => verdict)).toEqual(['undetermined'])
        expect(pairs[0]!.blindSpots.join()).toContain('TLS')
        expect(pairs[0]!.breaks.ntlmOff).toBe('unknown')
        expect(report.exchanges.filter(({ server }) => server.ip === server_ip && server.port === server_port)).toEqual(
          [],
        )
      }
    },
  )

  // known fault: the name in the ClientHello that passes through the tunnel becomes that of the proxy
  it('a proxy is not called by the site behind it: 15b-proxy-ntlm-connect-tunnel', async () => {
    // in the lab both are web1: the server_name of the ClientHello is changed, and nothing else
    const { header, records } = readPcap(join(LAB, '15b-proxy-ntlm-connect-tunnel.pcap'))
    const serverName = (host: string) => Buffer.from(`\0\0\x10${host}`, 'latin1')
    let changes = 0
    const changed = records.map((record) => {
      const at = Buffer.from(record).indexOf(serverName('web1.lab.example'))
      if (at < 0) return record
      changes++
      const copy = Buffer.from(record)
      serverName('site.lab.example').copy(copy, at)
      return copy
    })
    if (changes !== 1) return
    const path = writePcap(join(temporary, '15b-site.pcap'), { header, records }, changed)
    const { pairs, exchanges } = await analyze([path], { rethrow: true })
    const names = [...pairs.map(({ server }) => server.name), ...exchanges.map(({ server }) => server.name)]
    expect(names).not.toContain('site.lab.example')
  })

  describe('the same traffic in other clothes', () => {
    const base = () => reports.get('31-base-plain')!

    it.each([
      '31a-vlan-8021q.pcap',
      '31c-vlan-qinq-8100-8100.pcap',
      '31d-pcap-big-endian-nanosecond.pcap',
      '31e-linktype-raw-ip.pcap',
      '31f-pcapng.pcapng',
      '31-base-plain.pcap.gz',
      '32-encap-erspan1.pcap',
      '32-encap-erspan2.pcap',
      '32-encap-gretap.pcap',
    ])('the same frames rewritten give the same exchanges and pairs: %s', async (name) => {
      const report = await analyze([join(LAB, name)], { rethrow: true })
      expect(report.exchanges.length).toBe(6)
      expect(report.exchanges.map(withoutCapture)).toEqual(base().exchanges.map(withoutCapture))
      expect(report.pairs.map(withoutCapture)).toEqual(base().pairs.map(withoutCapture))
      expect(report.kdc.map(withoutCapture)).toEqual(base().kdc.map(withoutCapture))
      expect(report.blindSpots).toEqual(base().blindSpots)
    })

    it.each([
      '31h-linktype-sll-any',
      '32-encap-vxlan',
      '33-duplicates-two-span-ports',
      '35-lossy-network-retransmissions',
    ])('the same commands recorded again give the same answers: %s', (name) => {
      expect(answers(reports.get(name)!)).toEqual(answers(base()))
    })

    it('packets that arrive late change no exchange: 35d-out-of-order', () => {
      const late = reports.get('35d-out-of-order')!
      expect(late.exchanges.map(withoutFrames)).toEqual(base().exchanges.map(withoutFrames))
      expect(answers(late)).toEqual(answers(base()))
    })

    it('what two span ports saw twice is counted once: 33-duplicates-two-span-ports', async () => {
      const twice = readPcap(join(LAB, '33-duplicates-two-span-ports.pcap'))
      const seen = new Set<string>()
      const once = twice.records.filter((record) => {
        const packet = Buffer.from(packetOf(record)).toString('latin1')
        return !seen.has(packet) && seen.add(packet)
      })
      expect(once.length).toBe(twice.records.length / 2)
      const path = writePcap(join(temporary, '33-once.pcap'), twice, once)
      const single = await analyze([path], { rethrow: true })
      const doubled = reports.get('33-duplicates-two-span-ports')!
      expect(doubled.exchanges.map(withoutFrames)).toEqual(single.exchanges.map(withoutFrames))
      expect(answers(doubled)).toEqual(answers(single))
      expect(doubled.coverage.repeatedSegments).toBeGreaterThan(200)
    })

    it('every packet written twice in a row changes no exchange', async () => {
      const plain = readPcap(join(LAB, '31-base-plain.pcap'))
      const records = plain.records.flatMap((record) => [record, record])
      const path = writePcap(join(temporary, '31-twice.pcap'), plain, records)
      const doubled = await analyze([path], { rethrow: true })
      expect(doubled.exchanges.map(withoutFrames)).toEqual(base().exchanges.map(withoutFrames))
      expect(answers(doubled)).toEqual(answers(base()))
    })

    // known fault: the second copy of a KDC's answer by UDP counts as an exchange whose request was not seen
    it('what two span ports saw twice is one KDC exchange: 33-duplicates-two-span-ports', () => {
      const shape = ({ kdc }: Report) =>
        kdc.map(({ request, transport, sname, error }) => [request, transport, sname, error])
      expect(shape(reports.get('33-duplicates-two-span-ports')!)).toEqual(shape(base()))
    })
  })
})

function isKdc({ app_protocol }: Session): boolean {
  return app_protocol === 'kerberos-kdc'
}

/** TDS is in TLS as a whole where its truth has a channel to bind to. */
function isTls({ app_protocol, channel_binding }: Session): boolean {
  return IN_TLS.has(app_protocol) || (app_protocol === 'tds' && channel_binding !== undefined)
}

function isInClear(session: Session): boolean {
  return IN_CLEAR.has(session.app_protocol) && !isTls(session)
}

/** Every session in clear is one exchange of its own that agrees in all fields; every exchange is one of a session. */
function disagreements({ name, sessions }: LabTruth, exchanges: readonly AuthExchange[]) {
  const differences: Omit<ExchangeDifference, 'why'>[] = []
  const free = new Set(exchanges)
  let compared = 0
  for (const session of sessions.filter(isInClear)) {
    const add = (found: Disagreement) => differences.push({ capture: name, pair: pairOf(session), ...found })
    const candidates = [...free].filter((exchange) => isOfPair(exchange, session) && hasMechanism(exchange, session))
    if (candidates.length === 0) {
      // a client that gave up before its first token authenticated nobody
      const expected = ['kerberos', 'ntlm', 'simple', 'anonymous', 'plaintext'].includes(session.mechanism)
      if (expected) add({ field: 'exchange', truth: session.mechanism, ours: null })
      continue
    }
    const [best] = candidates
      .map((exchange) => ({ exchange, ...fieldsThatDiffer(session, exchange) }))
      .sort((a, b) => a.differences.length - b.differences.length)
    free.delete(best!.exchange)
    compared += best!.compared
    best!.differences.forEach(add)
  }
  for (const exchange of free) {
    const { client, server, mechanism } = exchange
    const isOfSession = sessions.some(
      (session) =>
        client.ip === session.client_ip &&
        server.ip === session.server_ip &&
        session.mechanism.split('+')[0] === mechanism &&
        // in what no carrier claims neither offers nor results are seen
        (mechanism !== 'ntlm' ||
          exchange.carrier === 'unknown' ||
          fieldsThatDiffer(session, exchange).differences.length === 0),
    )
    const pair = `${client.ip} ${server.ip}:${server.port}`
    if (!isOfSession) differences.push({ capture: name, pair, field: 'exchange', truth: null, ours: mechanism })
  }
  return { compared, differences }
}

/** Parts of the traffic are missing: what we say may be less than the truth, and not something else. */
function contradictions({ name, sessions }: LabTruth, exchanges: readonly AuthExchange[]) {
  const differences: Omit<ExchangeDifference, 'why'>[] = []
  let compared = 0
  const counts = new Map<Session, number>()
  for (const exchange of exchanges) {
    const ofPair = sessions.filter((session) => isOfPair(exchange, session))
    const same = ofPair.filter((session) => exchange.mechanism === 'unknown' || hasMechanism(exchange, session))
    const { client, server } = exchange
    const pair = `${client.ip} ${server.ip}:${server.port}`
    if (same.length === 0) {
      differences.push({ capture: name, pair, field: 'exchange', truth: null, ours: exchange.mechanism })
      continue
    }
    const [best] = same
      .map((session) => {
        const all = fieldsThatDiffer(session, exchange)
        return {
          ...all,
          session,
          differences: all.differences.filter(({ ours }) => ours !== null && ours !== 'unknown'),
        }
      })
      .sort(
        (a, b) =>
          a.differences.length - b.differences.length || (counts.get(a.session) ?? 0) - (counts.get(b.session) ?? 0),
      )
    counts.set(best!.session, (counts.get(best!.session) ?? 0) + 1)
    compared += best!.compared
    for (const found of best!.differences) differences.push({ capture: name, pair, ...found })
  }
  for (const [session, count] of counts) {
    if (count > 1) differences.push({ capture: name, pair: pairOf(session), field: 'exchanges', truth: 1, ours: count })
  }
  return { compared, differences }
}

/** Every field about which the truth says something. */
function fieldsThatDiffer(session: Session, exchange: AuthExchange) {
  const differences: Disagreement[] = []
  let compared = 0
  const compare = (field: string, truth: unknown, ours: unknown, agrees = truth === ours) => {
    compared++
    if (!agrees) differences.push({ field, truth, ours })
  }
  const { smb, mechanism } = session
  // these carriers are in clear: there is no channel to bind to, whatever runs on the connection later
  compare('channel binding', 'not-applicable', exchange.channelBinding)
  const isNtlm = mechanism === 'ntlm'
  const isAnonymous = session.ntlm_version === 'anonymous'
  if (isNtlm && session.ntlm_version !== null) {
    compare('version', VERSIONS[session.ntlm_version] ?? session.ntlm_version, exchange.ntlm?.ntlmVersion ?? null)
  }
  if (isNtlm || mechanism === 'simple') {
    const { user, domain, workstation } = exchange.principal
    if (session.user !== null) compare('user', session.user, user)
    if (isNtlm && session.domain !== null) compare('domain', session.domain, domain)
    if (isNtlm && session.workstation) compare('workstation', session.workstation, workstation)
  }
  const result = session.result.startsWith('failure') ? 'failure' : 'success'
  compare('result', result, exchange.result)
  // a null session has no fallback to speak of
  if (isNtlm && !isAnonymous && session.fallback !== null) compare('fallback', session.fallback, exchange.fallback)
  if (isNtlm && !isAnonymous && session.origin) compare('origin', session.origin, exchange.origin)
  if (isNtlm && session.cause_codes?.length) {
    const code = exchange.cause?.code ?? null
    compare('cause', session.cause_codes.join(), code, session.cause_codes.includes(code ?? ''))
  }
  if (mechanism === 'kerberos' && exchange.fallback !== null) compare('fallback', false, exchange.fallback)
  if (session.sasl_layer) compare('layer', session.sasl_layer, exchange.ldap?.layer ?? null)
  const level = session.app_protocol === 'dcerpc' ? session.dcerpc?.auth_level : undefined
  if (typeof level === 'number') compare('level', RPC_LEVELS[level], exchange.rpc?.authLevel ?? null)
  if (smb?.dialect) compare('dialect', DIALECTS[smb.dialect] ?? smb.dialect, exchange.smb?.dialect ?? null)
  if (smb?.client_signing) compare('client signing', smb.client_signing, exchange.smb?.clientPolicy ?? null)
  if (smb?.server_signing) compare('server signing', smb.server_signing, exchange.smb?.serverPolicy ?? null)
  const effective = exchange.smb?.effective ?? null
  if (smb?.encrypted === true) compare('encryption', 'encrypted', effective)
  if (smb?.encrypted === false) compare('encryption', 'not encrypted', effective, effective !== 'encrypted')
  if (smb?.cipher) compare('cipher', smb.cipher, exchange.smb?.cipher ?? null)
  if (smb?.signed !== undefined && !smb.encrypted) {
    const word = smb.signed ? 'signed' : smb.guest ? 'guest' : 'unsigned'
    compare('signing', word, effective)
  }
  return { compared, differences }
}

function isOfPair(exchange: AuthExchange, session: Session): boolean {
  const { client, server } = exchange
  if (client.ip !== session.client_ip || server.ip !== session.server_ip) return false
  // words where the port was not chosen beforehand
  return !/^\d+$/.test(String(session.server_port)) || server.port === Number(session.server_port)
}

function hasMechanism({ mechanism }: AuthExchange, session: Session): boolean {
  if (session.ntlm_version === 'anonymous') return mechanism === 'anonymous'
  return mechanism === (session.mechanism === 'plaintext' ? 'plain' : session.mechanism)
}

function pairOf({ client_ip, server_ip, server_port }: Session): string {
  return `${client_ip} ${server_ip}:${server_port}`
}

function differenceText({ capture, pair, field, truth, ours }: Omit<ExchangeDifference, 'why'>): string {
  return `${capture} ${pair} ${field}: truth ${JSON.stringify(truth)}, ours ${JSON.stringify(ours)}`
}

function withoutCapture<T extends { readonly capture: string }>(value: T): Omit<T, 'capture'> {
  const { capture: _capture, ...rest } = value
  return rest
}

/** Duplicates and disorder move frame numbers and the time at which a message is complete, and nothing else. */
function withoutFrames({
  id: _id,
  capture: _capture,
  frames: _frames,
  start: _start,
  end: _end,
  cause,
  ...rest
}: AuthExchange) {
  return { ...rest, cause: cause && { ...cause, frames: [] } }
}

/** What a reader of the report learns, whatever ports and times a recording has. */
function answers({ exchanges, pairs }: Report) {
  return {
    exchanges: exchanges.map((exchange) => {
      const { communityId: _communityId, uid: _uid, uidOf: _uidOf, client, smb, ...rest } = withoutFrames(exchange)
      return { ...rest, client: { ...client, port: 0 }, smb: smb && { dialect: smb.dialect, effective: smb.effective } }
    }),
    pairs: pairs.map(({ client, server, service, verdict, counts, origins, breaks, findings }) => {
      return { client, server, service, verdict, counts, origins, breaks, findings }
    }),
  }
}
