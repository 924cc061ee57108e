/**
 * `ntlmscope verify`: does this flow do what is expected of it? The words of the command line, and how it ends; judged
 * in verify.ts.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { SERVICES } from '../../../decoders/services.ts'
import { type HostPattern, hostPattern, isDay, serverPattern, service, time } from '../../facts/filter.ts'
import { EXPECTATION_NAMES, EXPECTATIONS, type Expectation, expectationNamed } from '../../judge/expectations.ts'
import type { Flow, Part } from '../../judge/flow.ts'
import type { KnownNames } from '../../judge/known-names.ts'
import { type Gate, gateNamed } from '../../judge/switching/gate.ts'
import { namesOf, VERIFICATION_FORMATS } from '../../output/formats.ts'
import { plainSpaces, plural } from '../../output/page/numbers.ts'
import { visible } from '../../output/page/visible.ts'
import type { Verification } from '../../output/verification.ts'
import type { PageWords } from '../../output/writer.ts'
import type { Report } from '../../report/report.ts'
import { EXIT } from '../exit.ts'
import { asArgument, CAPTURE_HELP, formatOption, type ReadWords, withEvents, withReading } from '../options/argument.ts'
import { knownNames, type NameWords, reportBefore, withBefore, withNames } from '../options/naming.ts'
import { policyOf } from '../options/policy-file.ts'
import { proveFrom } from '../options/stored-or-read.ts'
import type { Session } from '../session.ts'
import { type Io, pageWords } from '../terminal.ts'

interface Words extends ReadWords, NameWords {
  readonly before?: string
  readonly client?: HostPattern
  readonly server?: { readonly host: HostPattern; readonly port: number | null }
  readonly service?: Flow['service']
  readonly expect?: readonly Expectation[]
  readonly policy?: string
  readonly today?: string
  readonly gate?: readonly Gate[]
  readonly writeBaseline?: string
  readonly from?: string
  readonly since?: number
  readonly until?: number
  readonly format: keyof typeof VERIFICATION_FORMATS
}

export function registerVerify(top: Command, session: Session): void {
  withEvents(
    withReading(withBefore(withNames(top.command('verify').argument('[capture...]', CAPTURE_HELP))), session),
    session,
  )
    .description(
      'does this flow use Kerberos, signed, bound? met, not met or not observed, with the frames; one flow, or a policy',
    )
    .option('--client <host>', 'of this client: address, prefix or name', asArgument(hostPattern))
    .option(
      '--server <host[:port]>',
      'to this server: address, prefix or name; [2001:db8::5]:445',
      asArgument(serverPattern),
    )
    .option('--service <service>', `of this service: ${SERVICES.join(', ')}`, asArgument(service))
    .option('--expect <names>', `with commas, of: ${EXPECTATION_NAMES.join(', ')}`, expectations)
    .option('--policy <file>', 'judge by a policy file: many flows, allowed uses of NTLM, thresholds')
    .option('--gate <gate>', 'inventory=14d: no new NTLM pair so long; turned-away=48h: nobody was; repeatable', gates)
    .option('--today <date>', 'the day by which the entries of a policy expire (default: today, UTC)', day)
    .option('--write-baseline <file>', 'draft a policy file from what the captures show, for a person to review')
    .option('--from <place>', 'instead of captures, stored facts: a folder, or clickhouse://user@host:8123/database')
    .option('--since <time>', 'with --from: only what began then or later', asArgument(time))
    .option('--until <time>', 'with --from: only what began before that', asArgument(time))
    .addOption(formatOption(namesOf(VERIFICATION_FORMATS)))
    .addHelpText('after', HELP)
    .action(async (captures: string[], words: Words, command: Command) => {
      const fault = wordsFault(words)
      if (fault !== null) command.error(`error: ${fault}`)
      if ((captures.length === 0) === (words.from === undefined)) command.error('error: captures or --from are needed')
      if (words.from !== undefined && words.writeBaseline !== undefined)
        command.error('error: a policy is drafted from captures, not from stored facts')
      if (words.from === undefined && (words.since ?? words.until) !== undefined)
        command.error('error: --since and --until go with --from')
      if (words.gate !== undefined) await verifyGates(session, captures, words.gate, words)
      else if (words.policy !== undefined) await verifyPolicy(session, captures, words.policy, words)
      else if (words.writeBaseline !== undefined) await draftPolicy(session, captures, words.writeBaseline, words)
      else await verifyFlow(session, captures, words)
    })
}

const HELP = `
Expectations:
${EXPECTATIONS.map(({ name, words }) => `  ${name.padEnd(24)}${words}`).join('\n')}

Examples:
  ntlmscope verify after.pcap --client 10.1.2.33 --server nas1 --service smb \\
    --expect kerberos,signed
  ntlmscope verify after.pcap --before before.pcap --server files1 \\
    --expect kerberos
  ntlmscope verify day.pcap --server web1:80 --expect no-ntlm --format junit
  ntlmscope verify day.pcap --write-baseline policy.yaml
  ntlmscope verify night.pcap --policy policy.yaml --format markdown
  ntlmscope verify --from facts/ --gate inventory=14d
  ntlmscope verify --from facts/ --since 2026-11-01 --policy policy.yaml

verify ends with ${EXIT.ok} where everything is met, ${EXIT.notMet} where something is not met,
${EXIT.notObserved} where nothing contradicts but something was not observed,
${EXIT.unreadable} where an input could not be read, or only in part; so does a policy with
mistakes, which are told with their lines.
A name means the addresses that the captures give it, those of --name and
--hosts, and those that --before shows; no name is looked up. The exit code is
about the captures, not about what was before.
In JUnit, not met is a failure and not observed an error.`

function wordsFault({
  client,
  server,
  service: asked,
  expect,
  policy,
  writeBaseline,
  gate,
  today,
}: Words): string | null {
  const purposes = [expect, policy, writeBaseline, gate].filter((word) => word !== undefined)
  if (purposes.length === 0)
    return 'what is to be proven? --expect kerberos, or another of its names (or --policy, --gate, --write-baseline)'
  if (purposes.length > 1) return 'of --expect, --policy, --gate and --write-baseline only one goes at a time'
  if (expect !== undefined || gate !== undefined)
    return gate !== undefined && (client ?? server ?? asked) !== undefined
      ? '--gate is about all that was seen'
      : today === undefined
        ? null
        : '--today goes with --policy or --write-baseline'
  return [client, server, asked].every((word) => word === undefined)
    ? null
    : '--client, --server and --service go with --expect; a policy names its own flows'
}

async function verifyFlow(session: Session, captures: readonly string[], words: Words): Promise<void> {
  const known = knownNames(session, words)
  if (known === null) return
  const { judgeFlow } = await import('../../judge/flow.ts')
  const flow: Flow = {
    client: words.client ? [known.resolve(words.client)] : [],
    server: words.server ? [known.resolve(words.server.host)] : [],
    port: words.server?.port ?? null,
    service: words.service ?? null,
  }
  await prove(session, captures, words, known, null, (report) => [judgeFlow(report, flow, words.expect!, null)])
}

async function verifyGates(
  session: Session,
  captures: readonly string[],
  asked: readonly Gate[],
  words: Words,
): Promise<void> {
  const known = knownNames(session, words)
  if (known === null) return
  const { judgeGate } = await import('../../judge/switching/gates.ts')
  await prove(session, captures, words, known, null, (report) => asked.map((gate) => judgeGate(report, gate)))
}

async function verifyPolicy(session: Session, captures: readonly string[], file: string, words: Words): Promise<void> {
  const known = knownNames(session, words)
  if (known === null) return
  const policy = await policyOf(session, file, known)
  if (policy === null) return
  const today = words.today ?? new Date().toISOString().slice(0, 10)
  const { judgeFlow } = await import('../../judge/flow.ts')
  const { judgeAllowed } = await import('../../judge/allow-list.ts')
  const { judgeThresholds } = await import('../../judge/thresholds.ts')
  const { flows, allow, thresholds, notVisibleAccepted } = policy
  await prove(session, captures, words, known, { file, today }, (report) => [
    ...flows.map(({ name, flow, expect }) => judgeFlow(report, flow, expect, name)),
    ...(allow === null ? [] : [judgeAllowed(report, allow, today, notVisibleAccepted)]),
    ...(thresholds.length === 0 ? [] : [judgeThresholds(report, thresholds)]),
  ])
}

/** Judges the captures, and what was before them, by the same words. */
async function prove(
  session: Session,
  captures: readonly string[],
  words: Words,
  known: KnownNames,
  policy: Verification['policy'],
  judged: (report: Report) => Part[],
): Promise<void> {
  const earlier = await reportBefore(session, words.before)
  if (earlier === undefined) return
  const { worstState } = await import('../../judge/flow.ts')
  const { namesLearnt } = await import('../../judge/hosts.ts')
  const namesOf = ({ captures }: Report) => captures.map(({ name }) => name)
  await proveFrom(session, captures, words, async (report, out) => {
    if (earlier !== null) {
      namesLearnt(earlier, report, known)
      namesLearnt(report, earlier, known)
    }
    const parts = judged(report)
    const state = worstState(parts.map((part) => part.state))
    const before = earlier === null ? null : { captures: namesOf(earlier), parts: judged(earlier) }
    out.write(await proofText({ state, captures: namesOf(report), policy, parts, before }, session.io, words))
    return state
  })
}

/** What a person has reviewed is not overwritten. */
async function draftPolicy(session: Session, captures: readonly string[], file: string, words: Words): Promise<void> {
  const { policyDraft } = await import('../../output/policy-draft.ts')
  const today = words.today ?? new Date().toISOString().slice(0, 10)
  await session.prove(captures, { output: file, threads: words.threads ?? null, isNew: true }, async (report, out) => {
    const { text, toReview } = policyDraft(report, today)
    out.write(text)
    session.complain(`${file}: a draft; ${plainSpaces(plural(toReview, 'use'))} of NTLM to review`)
    return 'met'
  })
}

async function proofText(verification: Verification, io: Io, { format, output }: Words): Promise<string> {
  const render: (value: Verification, page: PageWords) => string = await VERIFICATION_FORMATS[format]()
  return render(verification, pageWords(io, output))
}

function expectations(text: string, before: readonly Expectation[] = []): readonly Expectation[] {
  const named = text.split(',').map((word) => {
    const found = expectationNamed(word.trim().toLowerCase())
    if (found === null)
      throw new InvalidArgumentError(visible(`'${word}' is no expectation; they are ${EXPECTATION_NAMES.join(', ')}`))
    return found
  })
  return [...new Set([...before, ...named])]
}

function gates(text: string, before: readonly Gate[] = []): readonly Gate[] {
  const gate = gateNamed(text)
  if (gate === null)
    throw new InvalidArgumentError(visible(`'${text}' is no gate; write inventory=14d or turned-away=48h`))
  return [...before, gate]
}

function day(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('A day is written as 2026-12-31.')
  return text
}
