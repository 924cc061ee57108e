/**
 * The command line as people type it: what it reads is never written onto, what stands in the place of the result stays
 * until the result is whole, a filtered report says so, and whoever types the name alone or a capture alone is
 * understood.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const PROGRAM = 'dist/src/cli.js'
const OFFICE = join(BUNDLED, 'office', 'office.pcap')
const temporary = temporaryFolder()
const isUnix = process.platform !== 'win32'

function run(words: readonly string[], stdio: 'pipe' | ('pipe' | number | 'ignore')[] = 'pipe') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    encoding: 'utf8',
    stdio,
    env: { ...process.env, COLUMNS: '100' },
  })
  return { code: status, out: stdout ?? '', err: stderr ?? '' }
}

function folder(name: string): string {
  const path = join(temporary, name)
  mkdirSync(path)
  return path
}

describe.skipIf(!isUnix)('what is read is never written onto', () => {
  const at = folder('inputs')
  const capture = join(at, 'a.pcap')
  copyFileSync(OFFICE, capture)
  const soft = join(at, 'soft.pcap')
  symlinkSync(capture, soft)
  const hard = join(at, 'hard.pcap')
  linkSync(capture, hard)
  const { size } = statSync(capture)

  const cases: [what: string, words: string[]][] = [
    ['itself', [capture, '-o', capture]],
    ['by another path', [capture, '-o', join(at, '..', 'inputs', 'a.pcap')]],
    ['a symbolic link to it', [capture, '-o', soft]],
    ['what the input links to', [soft, '-o', capture]],
    ['a hard link to it', [capture, '-o', hard]],
    ['one in the folder', [at, '-o', hard]],
    ['one of several, the others are fine', [OFFICE, soft, '-o', hard]],
  ]
  it.each(cases)('%s: 64', (_, words) => {
    const { code, err } = run(['analyze', ...words])
    expect(code).toBe(64)
    expect(err).toContain('is an input, and is not overwritten')
    expect(statSync(capture).size).toBe(size)
  })

  it('a policy, a file of names, what was before, a log', () => {
    const file = join(at, 'text')
    writeFileSync(file, 'policy: 1\nflows:\n  - expect: no-ntlm\n')
    const before = join(at, 'before.pcap')
    copyFileSync(OFFICE, before)
    for (const words of [
      ['--policy', file, '-o', file],
      ['--expect', 'kerberos', '--before', before, '-o', before],
    ])
      expect(run(['verify', OFFICE, ...words])).toMatchObject({ code: 64, err: expect.stringContaining('is an input') })
    writeFileSync(file, '192.0.2.9 nobody\n')
    expect(run(['analyze', OFFICE, '--hosts', file, '-o', file]).code).toBe(64)
    expect(statSync(before).size).toBe(size)
  })

  it('an input that cannot be read is not overwritten either', () => {
    const broken = join(at, 'broken')
    writeFileSync(broken, 'no capture')
    expect(run(['analyze', OFFICE, broken, '-o', broken]).code).toBe(64)
    expect(readFileSync(broken, 'utf8')).toBe('no capture')
  })

  it('a draft is not written through a link to nothing', () => {
    const target = join(at, 'nowhere.yaml')
    const link = join(at, 'draft.yaml')
    symlinkSync(target, link)
    const { code, err } = run(['verify', OFFICE, '--write-baseline', link])
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('a link to nothing') })
    expect(existsSync(target)).toBe(false)
  })
})

describe('a result gets its place when it is whole', () => {
  it('nothing is left beside it; through a link the file behind it is replaced', () => {
    const at = folder('whole')
    const file = join(at, 'report.txt')
    writeFileSync(file, 'old')
    expect(run(['analyze', OFFICE, '-o', file]).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(/^3 of 7 pairs/)
    expect(readdirSync(at)).toEqual(['report.txt'])
    if (!isUnix) return
    const link = join(at, 'latest.txt')
    symlinkSync(file, link)
    expect(run(['analyze', OFFICE, '-f', 'csv', '-o', link]).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(/^client,/)
  })

  it('what stood there stays where nothing could be read', () => {
    const at = folder('nothing')
    const file = join(at, 'report.txt')
    writeFileSync(file, 'old')
    const saved = join(at, 'saved.json')
    writeFileSync(saved, '{"schema": "other"}')
    expect(run(['analyze', join(at, 'none.pcap'), '-o', file]).code).toBe(2)
    expect(run(['verify', saved, '--expect', 'kerberos', '-o', file]).code).toBe(2)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(at).sort()).toEqual(['report.txt', 'saved.json'])
  })

  it.skipIf(!isUnix).each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s ends the reading: a report, and 2',
    async (signal) => {
      const at = folder(signal)
      const file = join(at, 'report.txt')
      writeFileSync(file, 'old')
      const child = spawn(process.execPath, [PROGRAM, 'analyze', '-', '-o', file], { stdio: ['pipe', 'pipe', 'pipe'] })
      let err = ''
      child.stderr.on('data', (text) => (err += text))
      child.stdin.write(readFileSync(OFFICE))
      await expect.poll(() => readdirSync(at).length, { timeout: 20_000 }).toBe(2)
      expect(readFileSync(file, 'utf8')).toBe('old')
      await new Promise((done) => setTimeout(done, 300))
      child.kill(signal)
      const code = await new Promise((done) => child.on('exit', done))
      expect(code).toBe(2)
      expect(err).toContain('interrupted: this is about what was read so far')
      expect(readFileSync(file, 'utf8')).toContain('interrupted')
      expect(readdirSync(at)).toEqual(['report.txt'])
    },
  )

  it.skipIf(process.platform !== 'linux')('a full disk and a closed output are one clear line, and 74', () => {
    const full = (err: string) => expect(err).toMatch(/^ntlmscope: [^\n]*(no space left|closed)[^\n]*\n$/)
    for (const format of ['text', 'json', 'ndjson', 'csv']) {
      const { code, err } = run(['analyze', OFFICE, '-f', format, '-o', '/dev/full'])
      expect(code).toBe(74)
      full(err)
    }
    const descriptor = openSync('/dev/full', 'w')
    const printed = run(['analyze', OFFICE], ['ignore', descriptor, 'pipe'])
    expect(printed.code).toBe(74)
    full(printed.err)
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" ${PROGRAM} analyze "${OFFICE}" >&-`], {
      encoding: 'utf8',
    })
    expect(status).toBe(74)
    full(stderr)
    expect(spawnSync('sh', ['-c', `"${process.execPath}" ${PROGRAM} analyze "${OFFICE}" >/dev/null`]).status).toBe(0)
    // a program that starts us means it, and opens it for both
    expect(run(['analyze', OFFICE], ['pipe', 'ignore', 'pipe'])).toMatchObject({ code: 0, err: '' })
  })
})

describe('a filtered report says so first', () => {
  it('and what it left out, in every format', () => {
    const words = ['analyze', OFFICE, '--client', '192.0.2.101']
    const text = run(words)
    expect(text.out).toMatch(
      /^Only --client 192\.0\.2\.101: 2 of 6 pairs with an authentication\. Without the filter 3 use NTLM\.\n/,
    )
    expect(text.code).toBe(0)
    const json = JSON.parse(run([...words, '-f', 'json']).out)
    expect(json).toMatchObject({
      filter: ['--client 192.0.2.101'],
      unfiltered: { pairs: 6, ntlmPairs: 3, exchanges: 7, ntlm: 4, unmatched: [] },
    })
    expect(run([...words, '-f', 'csv']).err).toContain('Only --client 192.0.2.101: 2 of 6 pairs')
    const lines = run([...words, '-f', 'ndjson'])
      .out.trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line)).find(({ record }) => record === 'filter')).toMatchObject({
      unfiltered: { ntlmPairs: 3 },
    })
    expect(JSON.parse(run(['analyze', OFFICE, '-f', 'json']).out).unfiltered).toBeNull()
  })

  const nobody: [words: string[], says: string][] = [
    [['--server', 'nosuch'], '--server nosuch'],
    [['--host', '198.51.100.0/24'], '--host 198.51.100.0/24'],
    [['--client', '192.0.2.101', '--server', '192.0.2.99'], '--server 192.0.2.99'],
    [['--since', '2027-01-01'], '--since 2027-01-01T00:00:00.000000Z'],
    [['--service', 'imap'], '--service imap'],
  ]
  it.each(nobody)('%j means nobody: said, who was seen, and 3', (words, says) => {
    const { code, out } = run(['analyze', OFFICE, ...words])
    expect(code).toBe(3)
    const flat = out.replaceAll(/\s+/g, ' ')
    expect(flat).toMatch(/^Only --/)
    expect(flat).toContain(`Nothing in these captures matches ${says}; servers seen: 192.0.2.20 (files1.corp.example)`)
  })

  it('no filtered headline says "No NTLM" without "Only"', () => {
    for (const words of [
      ['--client', '192.0.2.101'],
      ['--service', 'ldap'],
      ['--host', 'nosuch'],
    ]) {
      const { out } = run(['analyze', OFFICE, ...words])
      expect(out.startsWith('Only ')).toBe(true)
    }
  })

  it('a name means its host by every name that was learnt, and by what somebody told', () => {
    const by = (...words: string[]) => JSON.parse(run(['analyze', OFFICE, '-f', 'json', ...words]).out).exchanges.length
    expect(by('--server', 'FILES1')).toBe(by('--server', '192.0.2.20'))
    expect(by('--server', 'fs9', '--name', 'fs9=192.0.2.20')).toBe(by('--server', '192.0.2.20'))
    const messages = run(['messages', OFFICE, '--host', 'fs9', '--name', 'fs9=192.0.2.20'])
    expect(messages).toMatchObject({ code: 0, out: run(['messages', OFFICE, '--host', '192.0.2.20']).out })
  })
})

describe('short ways', () => {
  it('a capture alone is analysed, with its options', () => {
    expect(run([OFFICE]).out).toBe(run(['analyze', OFFICE]).out)
    expect(run([OFFICE, '-f', 'csv']).out).toBe(run(['analyze', OFFICE, '-f', 'csv']).out)
    expect(run(['no-such.pcap'])).toMatchObject({ code: 2, err: expect.stringContaining('no such file') })
    expect(run(['analyse'])).toMatchObject({ code: 64, err: expect.stringContaining('unknown command') })
  })

  it.each([
    [['--summary', OFFICE]],
    [['-f', 'csv', OFFICE]],
    [['--format=csv', '--client', '192.0.2.101', OFFICE]],
    [['--lang', 'ja', OFFICE, '--summary']],
    [['--by', 'server', '--top', '1', '--', OFFICE]],
  ])('%j: options of analyze before the capture', (words) => {
    const [short, long] = [run(words), run(['analyze', ...words])]
    expect([short.code, short.out]).toEqual([0, long.out])
  })

  it('- after options is standard input', () => {
    const input = openSync(OFFICE, 'r')
    const { code, out } = run(['--summary', '-'], [input, 'pipe', 'pipe'])
    expect([code, out]).toEqual([0, run([OFFICE, '--summary']).out])
    expect(run(['--summary', 'no-such.pcap'])).toMatchObject({ code: 2, err: expect.stringContaining('no such file') })
    expect(run(['--help']).out).toContain('ntlmscope [options] CAPTURE... is short for')
    expect(run(['--summary', '--help']).out).toBe(run(['--help']).out)
  })

  it('-v, -V and --version', () => {
    const versions = ['-v', '-V', '--version'].map((word) => run([word]))
    for (const { code, out } of versions) expect([code, out]).toEqual([0, versions[0]!.out])
  })

  it('demo is the report of the bundled capture', () => {
    const { code, out, err } = run(['demo'])
    expect(code).toBe(0)
    expect(out.split('Overview')[0]).toBe(run(['analyze', OFFICE]).out.split('Overview')[0])
    expect(err).toMatch(/This was .*office\.pcap\. Next: ntlmscope explain RC04/)
  })
})
