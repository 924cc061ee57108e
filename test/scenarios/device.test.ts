/**
 * `ntlmscope device` as people run it: the cards of the lab's printer and NAS say what the lab made them do, and what
 * was not seen is not a pass.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { hostPattern } from '../../src/facts/filter.ts'
import { deviceCard } from '../../src/judge/device.ts'
import { cardMarkdown, cardText } from '../../src/output/card.ts'
import { hostileReport } from '../builders/report.ts'
import { BUNDLED, LAB } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const temporary = temporaryFolder()
const bundled = (name: string) => join(BUNDLED, `${name}.pcap`)
const OFFICE = bundled('office/office')
if (!existsSync(LAB)) console.warn(`skipped: cards are not made of ${LAB}, which is absent`)

function run(words: readonly string[], columns = 80) {
  const env = { ...process.env, COLUMNS: String(columns) }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', 'device', ...words], {
    encoding: 'utf8',
    env,
  })
  return { code: status, out: stdout, err: stderr }
}

interface Card {
  readonly addresses: readonly string[]
  readonly scorecard: readonly {
    readonly name: string
    readonly grade: string
    readonly proven: string | null
    readonly test: string | null
  }[]
  readonly client: readonly { readonly name: string; readonly values: readonly { readonly text: string }[] }[]
  readonly server: Card['client']
  readonly weakPoints: readonly { readonly id: string }[]
}

function card(...words: string[]): { code: number | null; found: Card; grades: Record<string, string> } {
  const { code, out, err } = run([...words, '--format', 'json'])
  expect(out, err).not.toBe('')
  const found = JSON.parse(out) as Card
  return { code, found, grades: Object.fromEntries(found.scorecard.map(({ name, grade }) => [name, grade])) }
}

const traits = (role: Card['client']) =>
  Object.fromEntries(role.map(({ name, values }) => [name, values.map(({ text }) => text).join('; ')]))

describe('what the lab made them do', () => {
  it('the printer as a server: SMB1, NTLMv1, no signing', () => {
    const { code, found, grades } = card('192.0.2.30', bundled('smb/smb1-ntlmv1'))
    expect(code).toBe(1)
    expect(grades).toEqual({
      'no NTLM': 'fail',
      Kerberos: 'fail',
      'SMB signing required': 'fail',
      'channel binding': 'not tested',
      'no SMB1': 'fail',
      'no clear passwords': 'not tested',
    })
    expect(found.client).toEqual([])
    expect(traits(found.server)).toMatchObject({
      'SMB dialects': 'NT LM 0.12',
      'SMB signing': 'disabled',
      'SMB sessions': 'unsigned',
      'NTLM versions': 'NTLMv1',
      accounts: 'PRINTER1\\scan',
    })
    expect(found.weakPoints.map(({ id }) => id)).toEqual(expect.arrayContaining(['NS-NT-001', 'NS-SG-005']))
  })

  it('a password in clear that nobody sent is not one that cannot be sent', () => {
    const proven = (host: string, name: string) =>
      card(host, bundled(name)).found.scorecard.find((one) => one.name === 'no clear passwords')
    expect(proven('192.0.2.30', 'smb/smb1-ntlmv1')).toMatchObject({ grade: 'not tested', proven: 'not used' })
    expect(proven('192.0.2.31', 'changes/nas-joined-before')).toMatchObject({ grade: 'pass', proven: 'not offered' })
    expect(proven('192.0.2.40', 'http/ntlm-only')).toMatchObject({ grade: 'pass', proven: 'not offered' })
    expect(proven('192.0.2.60', 'ldap/sicily')).toMatchObject({ grade: 'not tested', proven: 'not used' })
    expect(proven('192.0.2.50', 'mail/imap-ntlm')).toMatchObject({ grade: 'not tested', proven: 'offered, not used' })
    expect(proven('192.0.2.50', 'mail/imap-plain')).toMatchObject({ grade: 'fail', proven: 'used' })
  })

  it('the printer as a client: it logs on to the file server with NTLMv2, a fallback, unsigned', () => {
    const { code, found, grades } = card('192.0.2.30', bundled('smb/scan-to-folder'))
    expect(code).toBe(1)
    expect(grades).toMatchObject({
      'no NTLM': 'fail',
      Kerberos: 'fail',
      'no SMB1': 'not tested',
      'no clear passwords': 'pass',
    })
    expect(found.server).toEqual([])
    expect(traits(found.client)).toMatchObject({
      'SMB dialects': '2.1',
      'SMB sessions': 'unsigned',
      'NTLM versions': 'NTLMv2',
      accounts: 'CORP\\intranet-app',
      used: 'ntlm over smb: success, as a fallback',
    })
  })

  it('the NAS before and after it joined the domain, by its name', () => {
    const before = card('nas1', bundled('changes/nas-joined-before'))
    expect(before.grades).toMatchObject({
      'no NTLM': 'fail',
      Kerberos: 'fail',
      'SMB signing required': 'fail',
      'no SMB1': 'not tested',
    })
    expect(traits(before.found.server)).toMatchObject({
      offered: 'ntlmssp',
      'NTLM versions': 'NTLMv2',
      accounts: 'NAS1\\scan',
      'SMB dialects': '3.1.1',
      'SMB signing': 'enabled',
    })
    const after = card('nas1', bundled('changes/nas-joined-after'))
    expect(after.found.addresses).toContain('192.0.2.31')
    expect(traits(after.found.server)).toMatchObject({
      used: 'kerberos over smb: success',
      'ticket etypes': 'aes256-cts-hmac-sha1-96',
    })
    // it still offers NTLM, and nobody asked for SMB1: neither is proven to be off
    const proven = Object.fromEntries(after.found.scorecard.map((score) => [score.name, score.proven]))
    expect(proven).toMatchObject({ 'no NTLM': 'offered, not used', 'no SMB1': 'not used', Kerberos: null })
    expect(after.grades).toMatchObject({ 'no NTLM': 'not tested' })
    expect(after.grades).toMatchObject({ 'no SMB1': 'not tested', 'no clear passwords': 'pass' })
  })

  it.skipIf(!existsSync(LAB))('the other lab: a printer of a workgroup, and a NAS that requires signing', () => {
    const printer = card('10.77.0.30', join(LAB, '06-smb2-ntlm-workgroup-printer.pcap'))
    expect(traits(printer.found.server)).toMatchObject({
      'SMB dialects': '2.1',
      'NTLM versions': 'NTLMv2',
      accounts: 'PRINTER1\\scan',
    })
    const nas = card('nas1.lab.example', join(LAB, '01-smb3-kerberos-signing-required.pcap'))
    expect(nas.grades).toEqual({
      'no NTLM': 'not tested',
      Kerberos: 'pass',
      'SMB signing required': 'pass',
      'channel binding': 'not tested',
      'no SMB1': 'not tested',
      'no clear passwords': 'pass',
    })
    expect(nas.code).toBe(3)
    const encrypted = card('10.77.0.20', join(LAB, '03-smb3-kerberos-encrypted.pcap'))
    // RPC inside the session may be anything, but neither SMB1 nor a password in clear
    expect(encrypted.grades).toMatchObject({
      'no NTLM': 'not tested',
      'no SMB1': 'not tested',
      'no clear passwords': 'pass',
    })
    expect(traits(nas.found.server)).toMatchObject({
      'SMB dialects': '3.1.1',
      'SMB signing': 'required',
      'SMB sessions': 'signed',
    })
  })
})

it('a device that is not there: nothing passed, and what to do is said', () => {
  const { code, found, grades } = card('192.0.2.199', OFFICE)
  expect(code).toBe(3)
  expect(new Set(Object.values(grades))).toEqual(new Set(['not tested']))
  for (const { test } of found.scorecard) expect(test).not.toBeNull()
})

it('2 where an input cannot be read, 64 where the words make no sense', () => {
  const cut = join(temporary, 'cut.pcap')
  writeFileSync(cut, readFileSync(OFFICE).subarray(0, -7))
  expect(run(['192.0.2.199', 'absent.pcap']).code).toBe(2)
  expect(run(['192.0.2.199', cut]).code).toBe(2)
  expect(run(['10.0.0', OFFICE])).toMatchObject({ code: 64, out: '' })
})

it('JSON is what its schema says, from a saved report too; one page; no line is wider', () => {
  const words = ['192.0.2.20', OFFICE]
  const json = run([...words, '--format', 'json'])
  const valid = new Ajv2020({ allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('schema/device.schema.json', 'utf8')),
  )
  expect(valid(JSON.parse(json.out)), JSON.stringify(valid.errors)).toBe(true)
  const report = join(temporary, 'office.json')
  spawnSync(process.execPath, ['dist/src/cli.js', 'analyze', OFFICE, '--format', 'json', '--output', report])
  expect(run(['192.0.2.20', report, '--format', 'json'])).toEqual(json)
  for (const columns of [80, 100, 160]) {
    const lines = run(words, columns).out.split('\n')
    expect(lines.filter((line) => line.length > columns)).toEqual([])
    expect(lines.length).toBeLessThan(100)
  }
  expect(run([...words, '--format', 'markdown']).out).toContain('| no NTLM | fail |')
  expect(run([...words, '--format', 'junit']).out.match(/<testcase /g)).toHaveLength(6)
})

it('hostile names are text and nothing else', () => {
  const report = hostileReport()
  for (const ip of new Set(report.exchanges.flatMap(({ client, server }) => [client.ip, server.ip]))) {
    const made = deviceCard(report, hostPattern(ip))
    for (const text of [cardText(made, { columns: 80, color: false }), cardMarkdown(made)]) {
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      expect(text).not.toMatch(/<script|<!--/)
    }
  }
})
