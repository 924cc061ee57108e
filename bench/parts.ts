/**
 * What the reports of the mixes must say: the same with one thread and with two, and as many authentications as their
 * conversations have, kind by kind.
 *
 * The parts are captures of one conversation of a kind each; a mix is so many of each, interleaved, with losses behind
 * the authentications.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countText, NODE, PROGRAM, resultTable } from './measure.ts'
import { type MixOptions, type MixSummary, writeMix } from './mix.ts'

/** As far as it is read here. */
interface ReportJson {
  readonly pairs: readonly {
    readonly service: string
    readonly counts: { readonly mechanism: Record<string, number> }
  }[]
  readonly coverage: { readonly carriers: Record<string, number> }
}

/** Authentications by service and mechanism, conversations by carrier. */
type Totals = Map<string, number>

/** Prints what differs; false when anything does. */
export async function proveParts(
  path: string,
  mix: MixOptions['mix'],
  { kinds }: MixSummary,
  print: (text: string) => void,
): Promise<boolean> {
  const one = await reportOf(path, 1)
  const two = await reportOf(path, 2)
  const isSame = hashOf(one) === hashOf(two)
  print(`the report with one thread and with two: ${isSame ? 'the same, byte for byte' : 'DIFFERENT'}`)

  const expected: Totals = new Map()
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-parts-'))
  try {
    for (const [kind, count] of Object.entries(kinds)) {
      const part = join(folder, `${kind}.pcap`)
      const descriptor = openSync(part, 'w')
      writeMix(descriptor, { mix, bytes: 0, flows: 1, open: 1, kind })
      closeSync(descriptor)
      for (const [name, each] of totalsOf(await reportOf(part, 1)))
        expected.set(name, (expected.get(name) ?? 0) + each * count)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  const found = totalsOf(one)
  const table = resultTable(['', 'in the report', 'in its parts'], 1)
  let isSum = true
  for (const name of [...new Set([...expected.keys(), ...found.keys()])].sort()) {
    const [is, should] = [found.get(name) ?? 0, expected.get(name) ?? 0]
    if (is !== should) isSum = false
    table.push([name, countText(is), countText(should)])
  }
  print(table.toString())
  return isSame && isSum
}

function totalsOf(text: string): Totals {
  const { pairs, coverage } = JSON.parse(text) as ReportJson
  const totals: Totals = new Map()
  const add = (name: string, count: number) => totals.set(name, (totals.get(name) ?? 0) + count)
  for (const { service, counts } of pairs) {
    for (const [mechanism, count] of Object.entries(counts.mechanism)) add(`${service} ${mechanism}`, count)
  }
  // one that ended before it said enough to be foreign is not counted as such
  for (const [carrier, count] of Object.entries(coverage.carriers)) {
    if (carrier !== 'other') add(`conversations: ${carrier}`, count)
  }
  return totals
}

function reportOf(path: string, threads: number): Promise<string> {
  const args = [PROGRAM, 'analyze', '--format', 'json', '--threads', String(threads), path]
  const child = spawn(NODE, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(chunks).toString())
      else failed(new Error(`analyze --threads ${threads} ended with ${code}`))
    })
  })
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
