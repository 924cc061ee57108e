/**
 * The card of one device: what it did as a client and as a server, what is weak about it, and how it stands against what is asked of every device. A fold over
 * a report; each line has the first frames that prove it.
 *
 * The scorecard judges by the table of expectations (expectations.ts), in each role by itself. What neither role showed was not tested, which is never a pass.
 */
import { asksAgain, etypeName } from '../../decoders/mechanisms/kerberos-names.ts'
import { accountOf } from '../facts/account.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { HostPattern } from '../facts/filter.ts'
import type { FrameRef } from '../facts/frames.ts'
import type { Finding } from '../findings/finding.ts'
import type { ConversationRow } from '../report/conversations.ts'
import type { Report } from '../report/report.ts'
import { expectationNamed, type State } from './expectations.ts'
import {
  type ExpectationOutcome,
  evidenceOf,
  type Flow,
  type FlowEvidence,
  judge,
  type Reason,
  worstState,
} from './flow.ts'
import { hostsOf } from './hosts.ts'

export const DEVICE_SCHEMA = 'ntlmscope-device-1'

export interface DeviceCard {
  readonly schema: typeof DEVICE_SCHEMA
  /** as it was asked for */
  readonly device: string
  /** its addresses in the captures, and what the wire calls them */
  readonly addresses: readonly string[]
  readonly names: readonly string[]
  readonly captures: readonly string[]
  /** all passed, one failed, or something was not tested */
  readonly state: State
  readonly scorecard: readonly Score[]
  readonly client: readonly Trait[]
  readonly server: readonly Trait[]
  readonly weakPoints: readonly WeakPoint[]
  /** what of it was out of sight */
  readonly notVisible: readonly string[]
}

export type Grade = 'pass' | 'fail' | 'not tested'

/** One line of the scorecard. */
export interface Score {
  readonly name: string
  readonly grade: Grade
  /** what says so, in which role; not tested: what was in the way, if anything was */
  readonly reasons: readonly (Reason & { readonly role: Role })[]
  /** not tested: what to do */
  readonly test: string | null
}

export type Role = 'client' | 'server'

/** One thing that it did, and every way in which it did it. */
export interface Trait {
  readonly name: string
  readonly values: readonly {
    readonly text: string
    readonly count: number
    readonly capture: string
    readonly frames: readonly FrameRef[]
  }[]
}

export type WeakPoint = Pick<
  Finding,
  | 'id'
  | 'severity'
  | 'title'
  | 'client'
  | 'server'
  | 'service'
  | 'detail'
  | 'remediation'
  | 'count'
  | 'capture'
  | 'frames'
>

const FRAMES_MAX = 4
const VALUES_MAX = 24
const ROLES: readonly Role[] = ['client', 'server']

/** A question that every device is asked: what the table calls it in each role, and which authentications and conversations it is about. */
interface Question {
  readonly name: string
  readonly of: Readonly<Record<Role, string>>
  readonly isAbout?: (one: AuthExchange | ConversationRow) => boolean
  /** how to test it, where the table is about something more general */
  readonly test?: string
}

const inBoth = (name: string) => ({ client: name, server: name })
const isSmb = ({ service }: AuthExchange | ConversationRow) => service === 'smb'
const isInTls = (one: AuthExchange | ConversationRow) =>
  'channelBinding' in one ? one.channelBinding !== 'not-applicable' : one.carrier === 'tls'

const QUESTIONS: readonly Question[] = [
  { name: 'no NTLM', of: inBoth('no-ntlm') },
  { name: 'Kerberos', of: inBoth('kerberos') },
  {
    name: 'SMB signing required',
    of: { client: 'client-signing-required', server: 'signing-required' },
    isAbout: isSmb,
  },
  {
    name: 'channel binding',
    of: inBoth('bound'),
    isAbout: isInTls,
    test: 'Have it authenticate over HTTPS or LDAPS, and capture where TLS has ended (a reverse proxy), or look at the log of the server.',
  },
  { name: 'no SMB1', of: inBoth('no-smb1'), isAbout: isSmb },
  { name: 'no clear passwords', of: inBoth('no-clear-password') },
]

export function deviceCard(report: Report, device: HostPattern): DeviceCard {
  const flows: Readonly<Record<Role, Flow>> = {
    client: { client: [device], server: [], port: null, service: null },
    server: { client: [], server: [device], port: null, service: null },
  }
  const hosts = hostsOf(report)
  const seen: Readonly<Record<Role, FlowEvidence>> = {
    client: evidenceOf(report, flows.client, hosts),
    server: evidenceOf(report, flows.server, hosts),
  }
  const asked = report.kdc.filter(({ client }) => hosts.isHost([device], client.ip))
  const addresses = addressesIn(seen, asked)
  const scorecard = QUESTIONS.map((question) => scoreOf(question, seen, flows))
  return {
    schema: DEVICE_SCHEMA,
    device: device.text,
    addresses,
    names: [...new Set(addresses.flatMap((ip) => [...hosts.namesOf(ip)]))],
    captures: report.captures.map(({ name }) => name),
    state: worstState(
      scorecard.map(({ grade }) => (grade === 'pass' ? 'met' : grade === 'fail' ? 'not-met' : 'not-observed')),
    ),
    scorecard,
    client: [...traitsOf(seen.client.exchanges, 'client'), ...kdcTraits(asked)],
    server: traitsOf(seen.server.exchanges, 'server'),
    weakPoints: report.findings
      .filter(({ client, server }) => [client, server].some((ip) => ip !== null && addresses.includes(ip)))
      .map(weakPoint),
    notVisible: ROLES.flatMap((role) => hiddenOf(seen[role], role)),
  }
}

function addressesIn(
  { client, server }: Readonly<Record<Role, FlowEvidence>>,
  asked: readonly KdcExchange[],
): string[] {
  return [
    ...new Set([
      ...[...client.exchanges, ...client.pairs, ...client.conversations].map((one) => one.client.ip),
      ...[...server.exchanges, ...server.pairs, ...server.conversations].map((one) => one.server.ip),
      ...asked.map((one) => one.client.ip),
    ]),
  ].sort()
}

function scoreOf(
  { name, of, isAbout = () => true, test }: Question,
  seen: Readonly<Record<Role, FlowEvidence>>,
  flows: Readonly<Record<Role, Flow>>,
): Score {
  const judged = ROLES.map((role) => {
    const { exchanges, conversations, ...rest } = seen[role]
    const about = { ...rest, exchanges: exchanges.filter(isAbout), conversations: conversations.filter(isAbout) }
    const isSeen = about.exchanges.length + about.conversations.length > 0
    return { role, isSeen, outcome: judge(expectationNamed(of[role])!, about, flows[role]) }
  })
  const inState = (state: State) => judged.filter(({ outcome }) => outcome.state === state)
  const failed = inState('not-met')
  // a role in which it was never seen says nothing against the other one
  const open = inState('not-observed').filter(({ isSeen }) => isSeen)
  const passed = inState('met')
  if (failed.length > 0) return { name, grade: 'fail', reasons: failed.flatMap(reasonsOf), test: null }
  if (open.length === 0 && passed.length > 0)
    return { name, grade: 'pass', reasons: passed.flatMap(reasonsOf), test: null }
  const [first] = open.length > 0 ? open : judged
  return { name, grade: 'not tested', reasons: open.flatMap(reasonsOf), test: test ?? first!.outcome.observe }
}

function reasonsOf({ role, outcome }: { readonly role: Role; readonly outcome: ExpectationOutcome }): Score['reasons'] {
  return (outcome.state === 'met' ? outcome.evidence : outcome.reasons).map((reason) => ({ ...reason, role }))
}

/** A value that is still counted. */
interface Counted {
  readonly text: string
  count: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

/** Counts texts by trait, in the order in which they come. */
class Traits {
  readonly #traits = new Map<string, Map<string, Counted>>()

  add(
    name: string,
    text: string | null | undefined,
    { capture, frames }: { readonly capture: string; readonly frames: readonly FrameRef[] },
  ): void {
    if (!text) return
    const values = this.#traits.get(name) ?? new Map<string, Counted>()
    this.#traits.set(name, values)
    const value = values.get(text)
    if (value !== undefined) value.count++
    else if (values.size < VALUES_MAX)
      values.set(text, { text, count: 1, capture, frames: frames.slice(0, FRAMES_MAX) })
  }

  all(): Trait[] {
    return [...this.#traits].map(([name, values]) => ({ name, values: [...values.values()] }))
  }
}

function traitsOf(exchanges: readonly AuthExchange[], role: Role): Trait[] {
  const traits = new Traits()
  // names first: they order the lines of the card
  for (const one of exchanges)
    traits.add('peers', `${one.service} ${role === 'client' ? `to ${one.server.ip}` : `from ${one.client.ip}`}`, one)
  for (const one of exchanges) {
    const { mechanism, result, ntlm, offered, kerberos, principal } = one
    traits.add('offered', offered[role]?.join(', '), one)
    traits.add(
      'used',
      `${mechanism} over ${one.service}: ${result}${one.fallback === true ? ', as a fallback' : ''}`,
      one,
    )
    traits.add('accounts', principal.user && accountOf(principal), one)
    traits.add('NTLM versions', ntlm?.ntlmVersion, one)
    if (kerberos?.ticketEtype != null) traits.add('ticket etypes', etypeName(kerberos.ticketEtype), one)
    if (kerberos?.authenticatorEtype != null)
      traits.add('session key etypes', etypeName(kerberos.authenticatorEtype), one)
    smbTraits(traits, one, role)
    if (one.ldap !== null)
      traits.add(
        'LDAP binds',
        `${one.method ?? mechanism}: ${one.ldap.tls ? 'in TLS' : layerText(one.ldap.layer)}`,
        one,
      )
    if (one.rpc !== null) traits.add('RPC levels', one.rpc.authLevel, one)
    if (one.channelBinding !== 'not-applicable') traits.add('channel binding', one.channelBinding, one)
  }
  return traits.all()
}

function smbTraits(traits: Traits, one: AuthExchange, role: Role): void {
  const { smb } = one
  if (smb === null) return
  traits.add('SMB dialects', smb.dialect ?? 'not seen', one)
  traits.add('SMB signing', role === 'client' ? smb.clientPolicy : smb.serverPolicy, one)
  traits.add(
    'SMB sessions',
    smb.effective === 'encrypted' && smb.cipher ? `encrypted (${smb.cipher})` : smb.effective,
    one,
  )
}

/** What it asks of a KDC. */
function kdcTraits(asked: readonly KdcExchange[]): Trait[] {
  const traits = new Traits()
  for (const one of asked) {
    traits.add('etypes asked for', one.requested.map(etypeName).join(', '), one)
    if (one.error !== null && !asksAgain(one.error.code))
      traits.add('KDC errors', `${one.error.name} for ${one.sname ?? 'an unknown service'}`, one)
  }
  return traits.all()
}

function layerText(layer: string): string {
  return layer === 'none' ? 'unsigned' : layer === 'unknown' ? 'no message followed' : `${layer}ed`
}

function weakPoint({
  id,
  severity,
  title,
  client,
  server,
  service,
  detail,
  remediation,
  count,
  capture,
  frames,
}: Finding): WeakPoint {
  return {
    id,
    severity,
    title,
    client,
    server,
    service,
    detail,
    remediation,
    count,
    capture,
    frames: frames.slice(0, FRAMES_MAX),
  }
}

function hiddenOf({ conversations }: FlowEvidence, role: Role): string[] {
  return conversations.flatMap((row) => {
    const where =
      role === 'client'
        ? `as a client of ${row.server.ip} port ${row.server.port}`
        : `as a server on port ${row.server.port}, for ${row.client.ip}`
    const unseen = row.connections - row.whole
    if (row.carrier === 'tls' || row.carrier === 'quic')
      return [
        `${where}: ${row.connections} x ${row.carrier.toUpperCase()}, what authenticates inside is not visible (frame ${row.frame})`,
      ]
    return unseen > 0 ? [`${where}: parts of ${unseen} conversations are missing (frame ${row.frame})`] : []
  })
}
