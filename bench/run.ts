/**
 * `npm run bench`: how fast, how much memory, how it grows. Captures are built once, outside the repository
 * (NTLMSCOPE_BENCH_DIR or the temporary folder); results go to standard output.
 *
 *   npm run bench                                  the two mixes of 1 GB against tcpdump, tshark and pcap-parser
 *   npm run bench -- --size 100MB --only dc --rounds 3
 *   npm run bench -- --growth | --floods | --micro | --profile
 *   npm run bench -- --keys --size 300MB           TLS in records of 16 KiB, with its keys and without, and tshark
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { floods, growth } from './bounds.ts'
import { compare } from './compare.ts'
import { keys } from './keys.ts'
import { machineText } from './measure.ts'
import { micro } from './micro.ts'
import { openMixes } from './open.ts'
import { profile } from './profile.ts'

const UNITS: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 }

function size(text: string): number {
  const [, number, unit] = /^([\d.]+)(kB|MB|GB)$/.exec(text) ?? []
  const bytes = Number(number) * UNITS[unit ?? '']!
  if (!(bytes >= 1e6)) throw new InvalidArgumentError('A size is a number and a unit, from 1MB on: 100MB, 1GB.')
  return bytes
}

function count(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on.')
  return Number(text)
}

interface Words {
  readonly size: number
  readonly only?: 'span' | 'dc'
  readonly rounds?: number
  readonly flows?: number
  readonly open?: number
  readonly growth?: true
  readonly floods?: true
  readonly micro?: true
  readonly openMixes?: true
  readonly profile?: true
  readonly keys?: true
}

const words = new Command('bench')
  .description('measures ntlmscope; without an option, against other tools')
  .option('--size <size>', 'of the captures; the unit of growth and floods', size, 1e9)
  .addOption(new Option('--only <mix>', 'one mix alone').choices(['span', 'dc']))
  .option('--rounds <count>', 'of which the median is taken: 5, for growth 1', count)
  .option('--flows <count>', 'conversations in a mix, instead of 20,000 (span) and 60,000 (dc) in a gigabyte', count)
  .option('--open <count>', 'of them open at a time, instead of a fifth', count)
  .option('--growth', 'time per packet with the size and with the number of flows')
  .option('--floods', 'peak memory where somebody wants it to grow')
  .option('--open-mixes', 'conversations that began before the capture, with payload of any kind')
  .option('--micro', 'nanoseconds of single parts')
  .option('--profile', 'where the time of analyze goes')
  .option('--keys', 'TLS in records of 16 KiB, with its key log, without, and by tshark')
  .parse()
  .opts<Words>()

const print = (text: string) => process.stdout.write(`${text}\n`)
const mixes = words.only === undefined ? (['span', 'dc'] as const) : [words.only]
const options = {
  bytes: words.size,
  rounds: words.rounds ?? (words.growth ? 1 : 5),
  flows: words.flows,
  open: words.open,
  mixes,
}

print(machineText())
if (words.growth) await growth(options, print)
if (words.floods) await floods(options, print)
if (words.micro) await micro(print)
if (words.openMixes) await openMixes(options, print)
if (words.profile) await profile(options, print)
if (words.keys) await keys(options, print)
const isAsked = words.growth || words.floods || words.micro || words.openMixes || words.profile || words.keys
if (!isAsked) await compare(options, print)
