/**
 * `ntlmscope diff` as people run it: before and after a change, both ways round, captures and saved reports; and saved
 * reports given to `verify`.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { BUNDLED } from '../captures/folders.ts'
import { readPcap, temporaryFolder, writePcap } from '../captures/packets.ts'

const temporary = temporaryFolder()
const changed = (name: string) =>
  ['before', 'after'].map((when) => join(BUNDLED, 'changes', `${name}-${when}.pcap`)) as [string, string]
const [SPN_BEFORE, SPN_AFTER] = changed('spn-registered')

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', ...words], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

interface Found {
  readonly changes: readonly { readonly change: string; readonly detail: string }[]
  readonly coverage: readonly string[]
}

function changes(before: string, after: string): [number | null, string[]] {
  const { status, stdout } = run('diff', before, after, '--format', 'json')
  return [status, (JSON.parse(stdout) as Found).changes.map(({ change }) => change)]
}

function saved(capture: string, name: string): string {
  const path = join(temporary, name)
  expect(run('analyze', capture, '--format', 'json', '--output', path).status).toBe(0)
  return path
}

describe('diff', () => {
  it.each([
    ['spn-registered', ['fixed'], ['fell back'], 1],
    ['name-instead-of-address', ['fixed'], ['fell back'], 1],
    ['nas-joined', ['fixed'], ['fell back'], 1],
    ['signing-required', ['stronger'], ['weaker'], 1],
    ['aes-enabled', ['stronger'], ['weaker'], 1],
  ])('%s, and back', (name, there, back, code) => {
    const [before, after] = changed(name)
    expect(changes(before, after)).toEqual([0, expect.arrayContaining(there)])
    expect(changes(after, before)).toEqual([code, expect.arrayContaining(back)])
  })

  it('the same twice changes nothing, and NTLM stays NTLM', () => {
    expect(changes(SPN_AFTER, SPN_AFTER)).toEqual([0, []])
    expect(changes(SPN_BEFORE, SPN_BEFORE)).toEqual([0, ['still NTLM']])
  })

  it('says first whether it is better, in per cent, and writes to a file', () => {
    const text = run('diff', SPN_BEFORE, SPN_AFTER).stdout
    expect(text).toMatch(/^1 fixed, 0 worse, 0 new, 0 gone: better\n/)
    expect(text).toMatch(/share of the clients that use NTLM +100 % -> 0 %/)
    const file = join(temporary, 'diff.txt')
    expect(run('diff', SPN_BEFORE, SPN_AFTER, '-o', file)).toMatchObject({ status: 0, stdout: '' })
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(run('diff', SPN_BEFORE, SPN_AFTER, '-o', SPN_AFTER).status).toBe(64)
  })

  it('gone is not fixed', () => {
    const file = readPcap(SPN_BEFORE)
    const empty = writePcap(join(temporary, 'empty.pcap'), file, file.records.slice(0, 2))
    expect(changes(SPN_BEFORE, empty)).toEqual([0, ['gone']])
    expect(run('diff', SPN_BEFORE, empty).stdout).toContain('which is not fixed')
  })

  it('without the beginning of the conversation nothing is fixed, and the difference of coverage is said', () => {
    const file = readPcap(SPN_AFTER)
    const syn = file.records.findIndex((record) => Buffer.from(record).readUInt16BE(16 + 14 + 20 + 2) === 445)
    const late = writePcap(join(temporary, 'late.pcap'), file, file.records.slice(syn + 3))
    const { stdout } = run('diff', SPN_BEFORE, late, '--format', 'json')
    const found = JSON.parse(stdout) as Found
    expect(found.changes.map(({ change }) => change)).not.toContain('fixed')
    expect(found.coverage.join()).toContain('only after: connections whose beginning')
  })

  it('2 where an input cannot be read, in one line', () => {
    const other = join(temporary, 'other.json')
    writeFileSync(other, '{"schema":"other"}')
    for (const before of [other, join(temporary, 'absent.pcap')]) {
      const { status, stdout, stderr } = run('diff', before, SPN_AFTER)
      expect([status, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1])
    }
  })

  it('JSON is what its schema says; text fits; Markdown is a table', () => {
    const valid = new Ajv2020({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync('schema/diff.schema.json', 'utf8')),
    )
    const found = JSON.parse(run('diff', SPN_BEFORE, SPN_AFTER, '--format', 'json').stdout)
    expect(valid(found), JSON.stringify(valid.errors)).toBe(true)
    for (const columns of [80, 100, 160]) {
      const text = spawnSync(process.execPath, ['dist/src/cli.js', 'diff', SPN_BEFORE, SPN_AFTER], {
        encoding: 'utf8',
        env: { ...process.env, COLUMNS: String(columns) },
      }).stdout
      expect(text).toContain('fixed (1)')
      expect(text).toMatch(/^authentications by NTLM +1 -> 0$/m)
      expect(text.split('\n').filter((line) => line.length > columns)).toEqual([])
    }
    expect(run('diff', SPN_BEFORE, SPN_AFTER, '--format', 'markdown').stdout).toContain('| fixed | ')
  })
})

describe('a saved report', () => {
  it('gives the same diff as its capture', () => {
    const before = saved(SPN_BEFORE, 'before.json')
    const after = saved(SPN_AFTER, 'after.json')
    expect(run('diff', before, after)).toEqual(run('diff', SPN_BEFORE, SPN_AFTER))
  })

  it('gives the same verification', () => {
    for (const capture of [SPN_BEFORE, SPN_AFTER]) {
      const words = ['--expect', 'kerberos,no-ntlm,signed,bound,aes,success', '--service', 'smb']
      const report = saved(capture, 'saved.json')
      expect(run('verify', report, ...words)).toEqual(run('verify', capture, ...words))
    }
  })

  it('is printed again by analyze, and is given alone to verify', () => {
    const report = saved(SPN_AFTER, 'alone.json')
    expect(run('analyze', report).status).toBe(0)
    expect(run('verify', report, SPN_BEFORE, '--expect', 'kerberos').status).toBe(2)
  })
})

describe('diff --since', () => {
  /** Two recordings in one file, as a capture that runs over the change. */
  function over(name: string): { readonly path: string; readonly since: string } {
    const [before, after] = ['before', 'after'].map((when) =>
      readPcap(join(BUNDLED, 'switches', `${name}-${when}.pcap`)),
    )
    const path = writePcap(join(temporary, `${name}.pcap`), before!, [...before!.records, ...after!.records])
    const [first] = after!.records
    return { path, since: String(Buffer.from(first!.buffer, first!.byteOffset, 4).readUInt32LE()) }
  }

  it.each([
    ['kerberos-required', 2],
    ['ntlm-disabled', 1],
  ])('%s: one capture over the change says what two captures say', (name, broken) => {
    const { path, since } = over(name)
    const { status, stdout, stderr } = run('diff', path, '--since', since, '--format', 'json')
    expect(stderr).toBe('')
    const found = JSON.parse(stdout) as Found
    expect([status, found.changes.filter(({ change }) => change === 'broken').length]).toEqual([1, broken])
    expect(found.coverage).toEqual([])
  })

  it('divides one capture, and no saved report', () => {
    const { path, since } = over('kerberos-required')
    expect(run('diff', path, path, '--since', since)).toMatchObject({ status: 64 })
    expect(run('diff', path)).toMatchObject({ status: 64, stderr: expect.stringContaining('--since') })
    const report = saved(path, 'over.json')
    expect(run('diff', report, '--since', since)).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(/saved report/),
    })
  })
})
