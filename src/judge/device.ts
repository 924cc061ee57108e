/**
 * The card of one device, and of many side by side: what it did as a client and as a server, what is weak about it, and
 * how it stands against what is asked of every device. A fold over a report; each line has the first frames that prove
 * it.
 *
 * The scorecard judges by the table of expectations (expectations.ts), in each role by itself. What neither role showed
 * was not tested, which is never a pass.
 */
import { asksAgain, etypeName } from '../../decoders/mechanisms/kerberos-names.ts'
import { accountOf } from '../facts/account.ts'
import { isOfAnother } from '../facts/channel.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import { type HostPattern, hostPattern } from '../facts/filter.ts'
import type { FrameRef } from '../facts/frames.ts'
import type { Finding } from '../findings/finding.ts'
import { unseenText } from '../report/pass-through.ts'
import type { Report } from '../report/report.ts'
import { type ConversationRow, isOpaque, opaqueName } from '../report/seen/conversations.ts'
import { compareAddresses } from '../report/worst-first.ts'
import { type DeviceMaker, type MakerSetting, makersOf, settingsOf } from './devices/maker.ts'
import { tlsTraits } from './devices/tls-shown.ts'
import { expectationNamed, isSmb2, type State } from './expectations.ts'
import {
  type ExpectationOutcome,
  evidenceOf,
  type Flow,
  type FlowEvidence,
  judge,
  type Reason,
  strangerText,
  toldNotes,
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
  /** who made it, by what it shows: hints */
  readonly makers: readonly DeviceMaker[]
  /** what these makers call the settings that mend what failed */
  readonly settings: readonly MakerSetting[]
  /** what of it was out of sight */
  readonly notVisible: readonly string[]
  /** nobody in the captures has this address or name, and who was seen instead; null: it was seen */
  readonly unknown: string | null
  /** what somebody told about its name, and who */
  readonly notes: readonly string[]
  /** what a tender asks of it; null: nothing was asked for */
  readonly profile: ProfileResult | null
  /** what somebody calls this card, to tell it from others; null: nothing */
  readonly label: string | null
  /** the scorecard of what was before a change; null: none was asked for */
  readonly before: Pick<DeviceCard, 'captures' | 'state' | 'scorecard'> | null
}

/** A list of requirements, and how the device stands against each. */
export interface ProfileResult {
  readonly name: string
  /** all met, one not met, or something was not tested */
  readonly state: State
  readonly requirements: readonly RequirementRow[]
}

export type RequirementResult = 'meets' | 'does not' | 'not tested'

export interface RequirementRow {
  readonly id: string
  /** what is required, as a sentence */
  readonly words: string
  readonly result: RequirementResult
  readonly proven: Proven | null
  readonly reasons: Score['reasons']
  /** not tested: what to press or run */
  readonly test: string | null
  /** to paste into a tender */
  readonly clause: { readonly en: string; readonly ja: string }
}

export type Grade = 'pass' | 'fail' | 'not tested'

/** One line of the scorecard. */
export interface Score {
  readonly name: string
  readonly grade: Grade
  /** what was proven, of what a device may refuse; null: the question is another one */
  readonly proven: Proven | null
  /** what says so, in which role; not tested: what was in the way, if anything was */
  readonly reasons: readonly (Reason & { readonly role: Role })[]
  /** not tested: what to do */
  readonly test: string | null
}

/** Only `refuses` and `not offered` prove that something is off; what was only not used may still be on. */
export type Proven = 'used' | 'offered, not used' | 'not used' | 'not offered' | 'refuses' | 'not seen'

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

/**
 * A question that every device is asked: what the table calls it in each role, and which authentications and
 * conversations it is about.
 */
export interface DeviceQuestion {
  readonly name: string
  readonly of: Readonly<Record<Role, string>>
  readonly isAbout?: (one: AuthExchange | ConversationRow) => boolean
  /** of which it is asked; absent: of both */
  readonly roles?: readonly Role[]
  /** which of these the table may judge; absent: all. The others may prove something all the same */
  readonly isJudged?: (one: AuthExchange, role: Role) => boolean
  /** how to test it, where the table is about something more general */
  readonly test?: string
  /**
   * not to use it proves nothing: what the device did with it in this role, by one authentication; null: that says
   * nothing
   */
  readonly proof?: (one: AuthExchange, role: Role, all: readonly AuthExchange[]) => Proven | null
}

const inBoth = (name: string) => ({ client: name, server: name })
export const isSmb = ({ service }: AuthExchange | ConversationRow) => service === 'smb'
export const isAboutTls = (one: AuthExchange | ConversationRow) =>
  'channelBinding' in one ? one.channelBinding !== 'not-applicable' : one.carrier === 'tls'

export const DEVICE_QUESTIONS: readonly DeviceQuestion[] = [
  {
    name: 'no NTLM',
    of: inBoth('no-ntlm'),
    proof: ntlmProof,
    test:
      'Have it used with NTLM alone: connect to it by its address (net use \\\\10.1.0.5\\share), or with smbclient --use-kerberos=off; ' +
      'as a client, send it to a server by address. A refusal is the proof.',
  },
  {
    name: 'Kerberos',
    of: inBoth('kerberos'),
    test:
      'Join it to the domain. As a server: from a domain client, klist purge, then open \\\\nas1.corp.example\\share by its full name. ' +
      'As a client: enter the full name of the server (not its address), then press scan to folder, or mount the share.',
  },
  {
    name: 'SMB signing required',
    of: { client: 'client-signing-required', server: 'signing-required' },
    isAbout: isSmb,
    test:
      "As a server: connect with smbclient --option='client signing=off' //nas1/share; as a client: press scan to folder. " +
      'The policy stands in the first messages of the session, and what was in effect in those that follow.',
  },
  {
    name: 'channel binding',
    of: inBoth('bound'),
    isAbout: isAboutTls,
    test: 'Have it authenticate over HTTPS or LDAPS, and capture where TLS has ended (a reverse proxy), or look at the log of the server.',
  },
  {
    name: 'no SMB1',
    of: inBoth('no-smb1'),
    isAbout: isSmb,
    proof: ({ smb }) => (smb?.dialect == null ? null : isSmb2(smb.dialect) ? 'not used' : 'used'),
    test:
      "Have it asked for SMB1 alone: smbclient --option='client max protocol=NT1' --option='client min protocol=NT1'; as a client, send it to a server " +
      'that knows nothing else. It is off where that ends without a logon.',
  },
  {
    name: 'no clear passwords',
    of: inBoth('no-clear-password'),
    proof: clearProof,
    test:
      'Have it log on wherever it holds a password: look up an address book (LDAP), send a mail (SMTP), scan to folder, scan to FTP; ' +
      'as a server, open its web page. Over LDAPS and HTTPS nothing is visible: that the port is used has to do.',
  },
]

/** A server says what it offers before the logon, a client in its first token. */
function ntlmProof(one: AuthExchange, role: Role): Proven | null {
  const isNtlm = one.mechanism === 'ntlm'
  if (isNtlm && role === 'server' && one.result === 'failure' && NTLM_REFUSALS.has(one.status?.code ?? 0))
    return 'refuses'
  if (isNtlm) return 'used'
  // it began NTLM, or answered to it, for a null session or for nothing
  if (one.ntlm !== null && (role === 'client' || one.ntlm.challenge !== null)) return 'offered, not used'
  const offered = one.offered[role]
  if (offered === null) return null
  return offered.some((name) => /^ntlm/i.test(name)) ? 'offered, not used' : 'not offered'
}

/** STATUS_NTLM_BLOCKED, STATUS_NOT_SUPPORTED (MS-ERREF 2.3.1): the server takes no NTLM, whatever the password. */
const NTLM_REFUSALS: ReadonlySet<number> = new Set([0xc0000418, 0xc00000bb])

/**
 * SMB2 carries tokens alone (MS-SMB2 2.2.5), a server of HTTP or SMTP says which schemes it takes. Elsewhere (LDAP,
 * IMAP, POP3, SMB1) a password in clear needs no offer, and a logon without one proves nothing of the next.
 */
function clearProof(one: AuthExchange, role: Role): Proven | null {
  const { mechanism, ntlm, ldap, smb, service, offered } = one
  if (mechanism === 'unknown' || service === 'rpc') return null
  if (mechanism === 'simple' || mechanism === 'plain' || ntlm?.ntlmVersion === 'plaintext')
    return ldap?.tls === true ? null : 'used'
  if (smb !== null) return smb.dialect !== null && isSmb2(smb.dialect) ? 'not offered' : 'not used'
  const offers = role === 'server' ? (offered.server ?? []) : []
  if (offers.some((name) => CLEAR_SCHEMES.test(name))) return 'offered, not used'
  const isList = (service === 'http' && offers.some((name) => HTTP_SCHEMES.test(name))) || service === 'smtp'
  return isList && offers.length > 0 ? 'not offered' : 'not used'
}

const CLEAR_SCHEMES = /^(basic|plain|login)$/i
/** not the mechanisms of a token, which may stand in the place of the schemes */
const HTTP_SCHEMES = /^(negotiate|ntlm|kerberos|digest)$/i

/** The worst first: what a role did with it is the worst of what its authentications show. */
const PROVEN: readonly Proven[] = ['used', 'offered, not used', 'not used', 'not seen', 'refuses', 'not offered']

/** `before`: a report of what was before a change. */
export function deviceCard(report: Report, device: HostPattern, before: Report | null = null): DeviceCard {
  const card = cardOf(report, device)
  if (before === null) return card
  const { captures, state, scorecard } = cardOf(before, device)
  return { ...card, before: { captures, state, scorecard } }
}

function flowsOf(device: HostPattern): Readonly<Record<Role, Flow>> {
  return {
    client: { client: [device], server: [], port: null, service: null },
    server: { client: [], server: [device], port: null, service: null },
  }
}

/** How the device answers questions other than those of its card. */
export function scoresOf(report: Report, device: HostPattern, questions: readonly DeviceQuestion[]): Score[] {
  const flows = flowsOf(device)
  const hosts = hostsOf(report)
  const seen = { client: evidenceOf(report, flows.client, hosts), server: evidenceOf(report, flows.server, hosts) }
  return questions.map((question) => scoreOf(question, seen, flows))
}

function cardOf(report: Report, device: HostPattern): DeviceCard {
  const flows = flowsOf(device)
  const hosts = hostsOf(report)
  const seen: Readonly<Record<Role, FlowEvidence>> = {
    client: evidenceOf(report, flows.client, hosts),
    server: evidenceOf(report, flows.server, hosts),
  }
  const asked = report.kdc.filter(({ client }) => hosts.isHost([device], client.ip))
  const addresses = addressesIn(seen, asked)
  const scorecard = DEVICE_QUESTIONS.map((question) => scoreOf(question, seen, flows))
  const names = [...new Set(addresses.flatMap((ip) => [...hosts.namesOf(ip)]))]
  const hardware = report.hosts.flatMap((host) =>
    host.hardware !== undefined && addresses.includes(host.ip) ? [host.hardware] : [],
  )
  const logons = { client: seen.client.exchanges, server: seen.server.exchanges }
  const makers = makersOf(addresses, names, logons, hardware)
  return {
    schema: DEVICE_SCHEMA,
    device: device.text,
    addresses,
    names,
    captures: report.captures.map(({ name }) => name),
    state: worstState(
      scorecard.map(({ grade }) => (grade === 'pass' ? 'met' : grade === 'fail' ? 'not-met' : 'not-observed')),
    ),
    scorecard,
    client: [...traitsOf(seen.client.exchanges, 'client'), ...kdcTraits(asked)],
    server: [...traitsOf(seen.server.exchanges, 'server'), ...tlsTraits(report.tls, addresses, VALUES_MAX)],
    weakPoints: report.findings
      .filter(({ client, server }) => [client, server].some((ip) => ip !== null && addresses.includes(ip)))
      .map(weakPoint),
    makers,
    settings: settingsOf(makers, new Set(scorecard.filter(({ grade }) => grade === 'fail').map(({ name }) => name))),
    notVisible: ROLES.flatMap((role) => hiddenOf(seen[role], role)),
    unknown: addresses.length === 0 ? strangerText(device, hosts) : null,
    notes: toldNotes(flows.server, hosts),
    profile: null,
    label: null,
    before: null,
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
  { name, of, isAbout = () => true, isJudged = () => true, roles = ROLES, test, proof }: DeviceQuestion,
  seen: Readonly<Record<Role, FlowEvidence>>,
  flows: Readonly<Record<Role, Flow>>,
): Score {
  const judged = roles.map((role) => {
    const { exchanges, conversations, ...rest } = seen[role]
    const about = { ...rest, exchanges: exchanges.filter(isAbout), conversations: conversations.filter(isAbout) }
    const isSeen = about.exchanges.length + about.conversations.length > 0
    const judged = { ...about, exchanges: about.exchanges.filter((one) => isJudged(one, role)) }
    const outcome: Outcome = judge(expectationNamed(of[role])!, judged, flows[role])
    return {
      role,
      isSeen,
      outcome: proof === undefined ? outcome : provenOutcome(outcome, about.exchanges, proof, role),
    }
  })
  const shown =
    proof === undefined
      ? null
      : (PROVEN.find((one) => judged.some(({ outcome }) => outcome.proven === one)) ?? 'not seen')
  const inState = (state: State) => judged.filter(({ outcome }) => outcome.state === state)
  const failed = inState('not-met')
  // a role in which it was never seen says nothing against the other one
  const open = inState('not-observed').filter(({ isSeen }) => isSeen)
  const passed = inState('met')
  if (failed.length > 0) return { name, grade: 'fail', proven: shown, reasons: failed.flatMap(reasonsOf), test: null }
  if (open.length === 0 && passed.length > 0)
    return { name, grade: 'pass', proven: shown, reasons: passed.flatMap(reasonsOf), test: null }
  const [first] = open.length > 0 ? open : judged
  return {
    name,
    grade: 'not tested',
    proven: shown,
    reasons: open.flatMap(reasonsOf),
    test: test ?? first!.outcome.observe,
  }
}

type Outcome = ExpectationOutcome & { readonly proven?: Proven }

/** What one role did with it: refused, or not offered, is a pass; not used is none. A refusal is no use. */
function provenOutcome(
  outcome: ExpectationOutcome,
  exchanges: readonly AuthExchange[],
  proof: NonNullable<DeviceQuestion['proof']>,
  role: Role,
): Outcome {
  const proofs = exchanges.flatMap((one) => {
    const proven = proof(one, role, exchanges)
    return proven === null ? [] : [{ one, proven }]
  })
  const proven = PROVEN.find((each) => proofs.some((some) => some.proven === each))
  if (proven === undefined)
    return outcome.state === 'met' ? { ...outcome, state: 'not-observed', reasons: outcome.evidence } : outcome
  const { capture, frames } = proofs.find((some) => some.proven === proven)!.one
  const count = proofs.filter((some) => some.proven === proven).length
  const reason: Reason = {
    detail: PROVEN_WORDS[proven],
    count,
    capture,
    frames: frames.slice(0, 8),
    cause: null,
    fix: null,
  }
  if (proven === 'refuses') return { ...outcome, state: 'met', evidence: [reason], reasons: [], observe: null, proven }
  if (outcome.state !== 'met') return { ...outcome, proven }
  if (proven === 'not offered') return { ...outcome, evidence: [reason], proven }
  return { ...outcome, state: 'not-observed', reasons: [reason], proven }
}

const PROVEN_WORDS: Readonly<Record<Proven, string>> = {
  used: 'it was used',
  'offered, not used': 'it is still offered, and was only not used',
  'not used': 'it was only not used: nobody asked for it',
  'not offered': 'it is not offered',
  refuses: 'it was refused',
  'not seen': 'nothing showed it',
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
      `${mechanism} over ${one.service}: ${[result, ...(one.fallback === true ? ['as a fallback'] : [])].join(', ')}`,
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
    if (isOfAnother(one.binding)) traits.add('bound to another certificate', one.binding?.madeFor, one)
    if (one.tls != null) {
      if (one.tls.version !== null) traits.add('TLS', one.tls.version, one)
      if (one.tls.certificate !== null) traits.add('certificate', one.tls.certificate, one)
    }
    logTraits(traits, one, role)
  }
  return traits.all()
}

/** The hosts' own word, where logs were given. */
function logTraits(traits: Traits, one: AuthExchange, role: Role): void {
  const { windows, mechanism } = one
  if (windows === null) return
  const program = role === 'client' ? windows.process : windows.serverProcess
  if (program !== null) traits.add('programs, by the logs', `${mechanism}: ${program}`, one)
  traits.add('accounts, by the logs', windows.user, one)
  traits.add("Windows' reasons", windows.reason, one)
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

function hiddenOf({ conversations, unseenLogons }: FlowEvidence, role: Role): string[] {
  const asked = role === 'server' ? unseenLogons.map((one) => `as a server: ${unseenText(one)}`) : []
  const hidden = conversations.flatMap((row) => {
    const where =
      role === 'client'
        ? `as a client of ${row.server.ip} port ${row.server.port}`
        : `as a server on port ${row.server.port}, for ${row.client.ip}`
    const unseen = row.connections - row.whole
    if (isOpaque(row))
      return [
        `${where}: ${row.connections} x ${opaqueName(row)}, what authenticates inside is not visible (frame ${row.frame})`,
      ]
    return unseen > 0 ? [`${where}: parts of ${unseen} conversations are missing (frame ${row.frame})`] : []
  })
  return [...asked, ...hidden]
}

// --- many of them
// ------------------------------------------------------------------------------------------------------------------

export const DEVICES_SCHEMA = 'ntlmscope-devices-1'
/** a card reads every exchange of the report */
const DEVICES_MAX = 200

export interface DeviceMatrix {
  readonly schema: typeof DEVICES_SCHEMA
  readonly captures: readonly string[]
  /** the worst of all; nobody seen: not observed */
  readonly state: State
  readonly devices: readonly DeviceRow[]
  /** hosts that are not in the list because it is full */
  readonly omitted: number
}

export type DeviceRow = Pick<DeviceCard, 'device' | 'names' | 'addresses' | 'state' | 'scorecard' | 'unknown'>

/** `asked`: these hosts alone; none: all that are in the roll-ups, by address. */
export function deviceMatrix(report: Report, asked: readonly HostPattern[] = []): DeviceMatrix {
  const all = new Set([
    ...report.servers.map(({ server }) => server.ip),
    ...report.clients.map(({ client }) => client.ip),
  ])
  const hosts = asked.length > 0 ? asked : [...all].sort(compareAddresses).map(hostPattern)
  const devices = hosts.slice(0, DEVICES_MAX).map((host): DeviceRow => {
    const { device, names, addresses, state, scorecard, unknown } = deviceCard(report, host)
    return { device, names, addresses, state, scorecard, unknown }
  })
  return {
    schema: DEVICES_SCHEMA,
    captures: report.captures.map(({ name }) => name),
    state: devices.length === 0 ? 'not-observed' : worstState(devices.map(({ state }) => state)),
    devices,
    omitted: Math.max(0, hosts.length - DEVICES_MAX),
  }
}
