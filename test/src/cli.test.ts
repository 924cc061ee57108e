import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { CaptureError } from '../../src/capture/open.ts'
import { EXIT } from '../../src/cli/exit.ts'
import type { Parts } from '../../src/cli/session.ts'
import { run } from '../../src/cli.ts'
import type { Report } from '../../src/report/report.ts'
import type { AnalyzeOptions } from '../../src/run/analyze.ts'
import { captureSummary, emptyReport, MORNING, officeReport } from '../builders/report.ts'

const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface World {
  /** what the captures hold: the report, or what happens instead */
  readonly analyze?: (inputs: readonly string[], options: AnalyzeOptions) => Promise<Report>
  readonly show?: (input: string, frame: number, out: (line: string) => void) => Promise<boolean>
  readonly env?: Record<string, string>
  readonly terminal?: { columns: number }
}

/** Runs a command line in a world where `nope*` does not exist and every other word is a capture. */
async function cli(words: string, world: World = {}) {
  const printed = { out: '', err: '' }
  const stream = (name: 'out' | 'err') =>
    ({
      write: (text: string) => {
        printed[name] += text
        return true
      },
      ...(world.terminal && name === 'out' ? { isTTY: true, columns: world.terminal.columns } : {}),
    }) as unknown as NodeJS.WriteStream
  const asked: { inputs: readonly string[]; options: AnalyzeOptions }[] = []
  const parts: Parts = {
    analyze: async () => ({
      analyze: async (inputs, options = {}) => {
        asked.push({ inputs, options })
        return world.analyze ? world.analyze(inputs, options) : officeReport()
      },
    }),
    captures: async () => ({
      CaptureError,
      expandInputs: async (args) => {
        for (const word of args) if (word.startsWith('nope')) throw new CaptureError(`${word}: no such file`)
        return [...args]
      },
      openCapture: async () => {
        throw new CaptureError('never a real file here')
      },
    }),
    show: async () => ({ show: world.show ?? (async () => true) }),
  }
  const io = { out: stream('out'), err: stream('err'), env: world.env ?? {} }
  const code = await run(words === '' ? [] : words.split(' '), io, parts)
  return { code, ...printed, asked }
}

describe('without a capture', () => {
  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await cli('--version')).toMatchObject({ code: EXIT.ok, out: `${version}\n`, err: '' })
  })

  test('--help has examples, commands and exit codes, and fits 80 columns', async () => {
    const { code, out } = await cli('--help', { env: { COLUMNS: '80' } })
    expect(code).toBe(EXIT.ok)
    for (const words of ['analyze', 'messages', 'show', 'Examples:', 'Exit codes:', 'tcpdump'])
      expect(out).toContain(words)
    for (const exit of [EXIT.ok, EXIT.notFound, EXIT.unreadable, EXIT.usage, EXIT.bug]) {
      expect(out).toMatch(new RegExp(`^ {2}${exit} `, 'm'))
    }
    expect((await cli('analyze --help')).out).toContain('Exit codes:')
  })

  const misuse: [words: string, says: string][] = [
    ['', 'Usage'],
    ['bogus', 'unknown command'],
    ['--summary', "missing required argument 'capture': a file, a folder, a glob, or - for standard input"],
    ['--sumary a.pcap', 'Did you mean --summary?'],
    ['--versio', 'Did you mean --version?'],
    ['-f xml a.pcap', 'text, json, ndjson, csv'],
    ['a.pcap -f', 'argument missing'],
    ['-o report.txt verify a.pcap', 'the command comes first: ntlmscope verify [options]'],
    ['a.pcap verify', 'the command comes first: ntlmscope verify [options]'],
    ['--expect kerberos a.pcap', 'unknown option'],
    ['analyze', "missing required argument 'capture': a file, a folder, a glob, or - for standard input"],
    ['device nas1', 'or - for standard input'],
    ['analyze a.pcap --format xml', 'text, json, ndjson, csv'],
    ['analyze a.pcap --service cifs', 'smb, http, http-proxy, winrm'],
    ['analyze a.pcap --host 10.0.0.0/33', 'neither an address'],
    ['analyze a.pcap --since yesterday', 'is not a time'],
    ['analyze a.pcap --since 2026-03-02 --until 2026-03-01', 'not before'],
    ['analyze a.pcap --bogus', 'unknown option'],
    ['messages a.pcap --host fs01', 'by address or prefix'],
    ['messages a.pcap --format json', 'unknown option'],
    ['show a.pcap', '--frame'],
    ['show a.pcap --frame 0', 'from 1 on'],
    ['show a.pcap b.pcap --frame 1', 'too many arguments'],
  ]
  test.each(misuse)('%j is a usage error', async (words, says) => {
    const { code, out, err, asked } = await cli(words)
    expect(code).toBe(EXIT.usage)
    expect(err).toContain(says)
    expect(out).toBe('')
    expect(asked).toEqual([])
  })
})

describe('analyze', () => {
  test('prints text at the width of the terminal, of COLUMNS, or of 100', async () => {
    const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length))
    const none = await cli('analyze a.pcap')
    expect(none).toMatchObject({ code: EXIT.ok, err: '' })
    expect(none.out).toMatch(/^3 of 6 pairs/)
    expect(widest(none.out)).toBeLessThanOrEqual(100)
    expect(widest(none.out)).toBeGreaterThan(80)
    const terminal = await cli('analyze a.pcap', { terminal: { columns: 160 }, env: { NO_COLOR: '1' } })
    expect(widest(terminal.out)).toBeGreaterThan(140)
    const asked = await cli('analyze a.pcap', { terminal: { columns: 160 }, env: { NO_COLOR: '1', COLUMNS: '70' } })
    expect(widest(asked.out)).toBeLessThanOrEqual(70)
  })

  const colours: [what: string, world: World, coloured: boolean][] = [
    ['a pipe', {}, false],
    ['a terminal', { terminal: { columns: 80 } }, true],
    ['a terminal with NO_COLOR', { terminal: { columns: 80 }, env: { NO_COLOR: '1' } }, false],
    ['a terminal with an empty NO_COLOR', { terminal: { columns: 80 }, env: { NO_COLOR: '' } }, true],
    ['a dumb terminal', { terminal: { columns: 80 }, env: { TERM: 'dumb' } }, false],
    ['a pipe with FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, true],
    ['a terminal with FORCE_COLOR=0', { terminal: { columns: 80 }, env: { FORCE_COLOR: '0' } }, false],
    ['both', { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, false],
  ]
  test.each(colours)('colour: %s', async (_, world, coloured) => {
    expect((await cli('analyze a.pcap', world)).out.includes('\x1b[')).toBe(coloured)
  })

  test('--format json, csv', async () => {
    expect(JSON.parse((await cli('analyze a.pcap --format json')).out).pairs).toHaveLength(6)
    expect((await cli('analyze a.pcap -f csv')).out.split('\n')).toHaveLength(1 + 6 + 1)
  })

  test('--format ndjson prints exchanges as they close, then the rest', async () => {
    const report = officeReport()
    const { out } = await cli('analyze a.pcap --format ndjson', {
      analyze: async (_, options) => {
        for (const exchange of report.exchanges) options.onExchange!(exchange)
        for (const kdc of report.kdc) options.onKdc!(kdc)
        return report
      },
    })
    const kinds = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).record)
    expect(kinds.slice(0, 22)).toEqual(report.exchanges.map(() => 'exchange'))
    expect(kinds.slice(22, 24)).toEqual(['kdc', 'kdc'])
    expect(kinds.at(-1)).toBe('tally')
  })

  test('--output writes the same without colour, and never over an input', async () => {
    const file = join(folder, 'report.txt')
    const { code, out } = await cli(`analyze a.pcap --output ${file}`, { terminal: { columns: 100 } })
    expect({ code, out }).toEqual({ code: EXIT.ok, out: '' })
    expect(readFileSync(file, 'utf8')).toBe((await cli('analyze a.pcap')).out)
    const input = join(folder, 'in.fifo')
    const refused = await cli(`analyze ${input} --output ${input}`)
    expect(refused).toMatchObject({ code: EXIT.usage, asked: [] })
    expect(existsSync(input)).toBe(false)
    expect((await cli(`analyze a.pcap --output ${join(folder, 'no', 'where')}`)).code).toBe(EXIT.usage)
  })

  test('filters reach the analysis', async () => {
    const words = '--host 10.1.0.0/16 --host fs01 --client ws --server 2001:db8::5 --service smb --service ldap'
    const { asked } = await cli(`analyze a.pcap ${words} --since 2026-03-02T08:00Z --until 1772438401.5`)
    const { filter } = asked[0]!.options
    expect(filter!.host.map(({ text }) => text)).toEqual(['10.1.0.0/16', 'fs01'])
    expect(filter!.client.map(({ text }) => text)).toEqual(['ws'])
    expect(filter!.server.map(({ text }) => text)).toEqual(['2001:db8::5'])
    expect(filter).toMatchObject({ service: ['smb', 'ldap'], since: MORNING, until: MORNING + 1_500_000 })
    expect((await cli('analyze a.pcap')).asked[0]!.options.filter).toBeUndefined()
  })

  test('an input that does not exist is one line, and the others are reported', async () => {
    const { code, out, err, asked } = await cli('analyze nope.pcap a.pcap b.pcap a.pcap')
    expect(code).toBe(EXIT.unreadable)
    expect(err).toBe('ntlmscope: nope.pcap: no such file\n')
    expect(asked[0]!.inputs).toEqual(['a.pcap', 'b.pcap'])
    expect(out).toMatch(/^3 of 6/)
  })

  test('a file that is no capture is left out before the reading', async () => {
    const file = join(folder, 'letter.txt')
    writeFileSync(file, 'Dear all')
    const { code, err, asked } = await cli(`analyze ${file} a.pcap`)
    expect({ code, err }).toEqual({ code: EXIT.unreadable, err: 'ntlmscope: never a real file here\n' })
    expect(asked[0]!.inputs).toEqual(['a.pcap'])
  })

  test('nothing readable is nothing printed', async () => {
    expect(await cli('analyze nope.pcap nope2.pcap')).toMatchObject({ code: EXIT.unreadable, out: '', asked: [] })
  })

  test('damage is one line each, and the report is whole', async () => {
    const damage = 'offset 24: expected 1530 bytes,\x1b[2J found 110'
    const captures = [captureSummary(), captureSummary({ name: 'cut.pcap', damage })]
    const { code, out, err } = await cli('analyze a.pcap cut.pcap --format csv', {
      analyze: async () => ({ ...officeReport(), captures }),
    })
    expect(code).toBe(EXIT.unreadable)
    expect(err).toBe('ntlmscope: cut.pcap: offset 24: expected 1530 bytes,\\x1b[2J found 110\n')
    expect(out.split('\n')).toHaveLength(8)
  })

  test('a CaptureError on the way is one line', async () => {
    const { code, err } = await cli('analyze a.pcap', {
      analyze: async () => {
        throw new CaptureError('a.pcap: gone')
      },
    })
    expect({ code, err }).toEqual({ code: EXIT.unreadable, err: 'ntlmscope: a.pcap: gone\n' })
  })

  test('a bug is one line that asks for a report', async () => {
    const analyze = async () => {
      throw new TypeError('x is not a function')
    }
    const { code, out, err } = await cli('analyze a.pcap', { analyze })
    expect({ code, out }).toEqual({ code: EXIT.bug, out: '' })
    expect(err).toMatch(/^ntlmscope: bug in ntlmscope: x is not a function; please report it .*\n$/)
  })

  test('the first interrupt ends the reading, and what was read is reported', async () => {
    const before = process.listenerCount('SIGINT')
    const { code, out, err } = await cli('analyze -', {
      analyze: async (_, { signal }) => {
        const aborted = new Promise((done) => signal!.addEventListener('abort', done))
        process.emit('SIGINT')
        await aborted
        return emptyReport()
      },
    })
    // not all of the input was read
    expect(code).toBe(EXIT.unreadable)
    expect(out).toMatch(/^No authentication was seen/)
    expect(err).toContain('what was read so far')
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})

describe('messages', () => {
  test('prints every line as it comes, safe for a terminal', async () => {
    const { code, out } = await cli('messages a.pcap --host 10.0.0.0/8', {
      analyze: async (_, { onMessage }) => {
        onMessage!({ type: 'A', name: '\u009b31m' })
        onMessage!({ type: 'B' })
        return emptyReport()
      },
    })
    expect({ code, out }).toEqual({ code: EXIT.ok, out: '{"type":"A","name":"\\u009b31m"}\n{"type":"B"}\n' })
  })

  test('lines do not wait for the end of the input', async () => {
    let seen = ''
    const { out } = await cli('messages -', {
      analyze: async (_, { onMessage, signal }) => {
        onMessage!({ type: 'A' })
        await new Promise((done) => setTimeout(done, 20))
        seen = String(signal!.aborted)
        return emptyReport()
      },
    })
    expect(seen).toBe('false')
    expect(out).toBe('{"type":"A"}\n')
  })
})

describe('show', () => {
  test('prints what show finds', async () => {
    const found = await cli('show a.pcap --frame 38', {
      show: async (input, frame, out) => {
        out(`${input} ${frame}`)
        return true
      },
    })
    expect(found).toMatchObject({ code: EXIT.ok, out: 'a.pcap 38\n', err: '' })
  })

  test('a frame without a message', async () => {
    const { code, err } = await cli('show a.pcap -n 7', { show: async () => false })
    expect(code).toBe(EXIT.notFound)
    expect(err).toContain('frame 7')
  })

  test('a capture that cannot be read', async () => {
    const show = async () => {
      throw new CaptureError('a.pcap: empty')
    }
    expect(await cli('show a.pcap -n 7', { show })).toMatchObject({
      code: EXIT.unreadable,
      err: 'ntlmscope: a.pcap: empty\n',
    })
  })
})

const BUILT = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))
describe.skipIf(!existsSync(BUILT))('the built program (dist/, made by npm run build)', () => {
  /** 24 bytes of a classic pcap without packets */
  const EMPTY_PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')
  /** a record header (time 0, 14 bytes) and an Ethernet header of no known type */
  const PACKET = Buffer.from(`00000000000000000e0000000e000000${'00'.repeat(14)}`, 'hex')

  test('says its version, and holds the licences of what was built into it', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT, '--version'], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: EXIT.ok, stdout: `${version}\n`, stderr: '' })
    const folder = dirname(BUILT)
    const built = readdirSync(folder).filter((file) => file.endsWith('.js'))
    const text = built.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
    const taken = [...text.matchAll(/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//g)].map(([, name]) => name!)
    const licences = readFileSync(join(folder, 'licences.txt'), 'utf8')
    expect(taken).toContain('commander')
    expect([...new Set(taken)].filter((name) => !new RegExp(`^${name} \\d`, 'm').test(licences))).toEqual([])
  })

  test('an interrupt at standard input still gives a report', async () => {
    const child = spawn(process.execPath, [BUILT, 'analyze', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
    const text = { out: '', err: '' }
    child.stdout.on('data', (chunk) => (text.out += chunk))
    child.stderr.on('data', (chunk) => (text.err += chunk))
    // more than a pipe holds: it is all written only when the program is reading
    const packets = Buffer.concat(Array.from({ length: 40_000 }, () => PACKET))
    await new Promise((done) => child.stdin.write(Buffer.concat([EMPTY_PCAP, packets]), done))
    child.kill('SIGINT')
    const code = await new Promise((done) => child.on('close', done))
    expect(text.err).toContain('what was read so far')
    expect(text.out).toMatch(/^No authentication was seen/)
    expect(code).toBe(EXIT.unreadable)
  })

  test('a reader that leaves early is no error', async () => {
    const file = join(folder, 'empty.pcap')
    writeFileSync(file, EMPTY_PCAP)
    const child = spawn(process.execPath, [BUILT, 'analyze', file], { stdio: ['ignore', 'pipe', 'pipe'] })
    let err = ''
    child.stderr.on('data', (chunk) => (err += chunk))
    child.stdout.destroy()
    const code = await new Promise((done) => child.on('exit', done))
    expect({ code, err }).toEqual({ code: EXIT.ok, err: '' })
  })
})
