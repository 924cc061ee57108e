/**
 * `ntlmscope verify`: does this flow do what is expected of it? The words of the command line, and how it ends; judged in verify.ts.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { EXPECTATION_NAMES, EXPECTATIONS, type Expectation, expectationNamed } from '../expect.ts'
import { FilterError, type HostPattern, hostPattern, SERVICES, service } from '../filter.ts'
import type { Verification } from '../report/verification.ts'
import { visible } from '../report/visible.ts'
import { columnsOf, EXIT, type Io, isColorWanted, type Session } from '../session.ts'
import type { Flow } from '../verify.ts'
import { asArgument, THREADS_HELP, threadCount } from './argument.ts'

const PROOF_FORMATS = ['text', 'json', 'junit', 'markdown'] as const
type ProofFormat = (typeof PROOF_FORMATS)[number]

interface Words {
  readonly client?: HostPattern
  readonly server?: { readonly host: HostPattern; readonly port: number | null }
  readonly service?: Flow['service']
  readonly expect: readonly Expectation[]
  readonly format: ProofFormat
  readonly output?: string
  readonly threads?: number
}

export function registerVerify(top: Command, session: Session, captureHelp: string): void {
  top
    .command('verify')
    .argument('<capture...>', captureHelp)
    .description('does this flow use Kerberos, signed, bound? met, not met or not observed, with the frames')
    .option('--client <host>', 'of this client: address, prefix or name', asArgument(hostPattern))
    .option('--server <host[:port]>', 'to this server: address, prefix or name; [2001:db8::5]:445', asArgument(server))
    .option('--service <service>', `of this service: ${SERVICES.join(', ')}`, asArgument(service))
    .requiredOption('--expect <names>', `with commas, of: ${EXPECTATION_NAMES.join(', ')}`, expectations)
    .addOption(new Option('-f, --format <format>', 'how to write it').choices(PROOF_FORMATS).default('text'))
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option('--threads <count>', THREADS_HELP, threadCount)
    .addHelpText('after', HELP)
    .action((captures: string[], words: Words) => verify(session, captures, words))
}

const HELP = `
Expectations:
${EXPECTATIONS.map(({ name, words }) => `  ${name.padEnd(18)}${words}`).join('\n')}

Examples:
  ntlmscope verify after.pcap --client 10.1.2.33 --server nas1 --service smb \\
    --expect kerberos,signed
  ntlmscope verify day.pcap --server web1:80 --expect no-ntlm --format json

verify ends with ${EXIT.ok} where everything is met, ${EXIT.notMet} where something is not met,
${EXIT.notObserved} where nothing contradicts but something was not observed,
${EXIT.unreadable} where an input could not be read, or only in part.`

async function verify(session: Session, captures: readonly string[], words: Words): Promise<void> {
  const { judgeFlow } = await import('../verify.ts')
  await session.prove(captures, words, async (report, out) => {
    const flow: Flow = {
      client: words.client ? [words.client] : [],
      server: words.server ? [words.server.host] : [],
      port: words.server?.port ?? null,
      service: words.service ?? null,
    }
    const part = judgeFlow(report, flow, words.expect, null)
    const names = report.captures.map(({ name }) => name)
    const text = await proofText({ state: part.state, captures: names, policy: null, parts: [part] }, session.io, words)
    out.write(text)
    return part.state
  })
}

async function proofText(verification: Verification, io: Io, { format, output }: Words): Promise<string> {
  if (format === 'junit') return (await import('../report/junit.ts')).verificationJunit(verification)
  const { verificationJson, verificationMarkdown, verificationText } = await import('../report/verification.ts')
  if (format === 'json') return verificationJson(verification)
  if (format === 'markdown') return verificationMarkdown(verification)
  return verificationText(verification, {
    columns: columnsOf(io),
    color: output === undefined && isColorWanted(io),
  })
}

/** `host`, `host:port` or `[address]:port`; an address of IPv6 without brackets has no port. */
function server(text: string): { host: HostPattern; port: number | null } {
  const parts = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text)
  if (parts === null) return { host: hostPattern(text), port: null }
  const port = Number(parts[2])
  if (port < 1 || port > 65_535) throw new FilterError(`'${parts[2]}' is not a port`)
  return { host: hostPattern(parts[1]!), port }
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
