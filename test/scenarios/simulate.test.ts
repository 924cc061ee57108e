/**
 * `ntlmscope simulate` as people run it: predictions against what a second recording of the lab did, the output in its
 * forms, and its mistakes.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import schema from '../../schema/simulation.schema.json' with { type: 'json' }
import { SWITCHES } from '../../src/judge/switching/catalogue.ts'
import { simulate } from '../../src/judge/switching/simulate.ts'
import { simulationJson, simulationText } from '../../src/output/switching/simulation.ts'
import { analyze } from '../../src/run/analyze.ts'
import { hostileReport } from '../builders/report.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const OFFICE = join(BUNDLED, 'office/office.pcap')
const nobody = { clients: [], servers: [], domain: null, except: new Set<string>(), inventory: null }

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', 'simulate', ...words], {
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

const analyzed = async (name: string) => {
  const keys = name.includes('https') || name.includes('ldaps') ? [join(BUNDLED, `${name}.keys`)] : []
  return analyze([join(BUNDLED, `${name}.pcap`)], { keys: { keyLogs: keys, privateKeys: [], mayGrow: false } })
}

/** what the switch says of the logons of a recording, beside what a recording with the switch thrown did */
const PREDICTIONS: readonly (readonly [string, string, 'fails' | 'goesOn', string, 'failure' | 'success'])[] = [
  ['binding', 'http/https-ntlm-zero-binding', 'fails', 'http/https-ntlm-binding-required', 'failure'],
  ['binding', 'http/https-ntlm-unbound', 'fails', 'http/https-ntlm-binding-required', 'failure'],
  ['smb-signing', 'changes/signing-required-before', 'goesOn', 'changes/signing-required-after', 'success'],
  ['no-rc4', 'changes/aes-enabled-after', 'goesOn', 'changes/aes-enabled-after', 'success'],
]

describe('predictions, against what another recording did', () => {
  it.each(PREDICTIONS)('%s on %s: %s; %s: %s', async (name, before, predicted) => {
    const report = await analyzed(before)
    const one = simulate(report, { ...nobody, switches: SWITCHES.filter((at) => at.name === name) }).switches[0]!
    expect(one.logons[predicted], JSON.stringify(one.logons)).toBeGreaterThan(0)
    expect(one.logons[predicted === 'fails' ? 'goesOn' : 'fails']).toBe(0)
  })
})

describe('the office', () => {
  it('a fallback by a missing SPN fails today and goes on after it is mended; clients that are named are bound', () => {
    const { code, out } = run(OFFICE, '--switch', 'outgoing', '--clients', '192.0.2.0/24', '--format', 'json')
    expect(code).toBe(0)
    const simulation = JSON.parse(out)
    const ajv = new Ajv2020({ strict: false })
    expect(ajv.validate(schema, simulation), ajv.errorsText()).toBe(true)
    expect(simulation.switches[0].logons).toEqual({ fails: 4, mended: 2, goesOn: 3, cannotBeSaid: 0 })
    const archive = simulation.switches[0].rows.find(
      (row: { exception: string }) => row.exception === 'archive.corp.example',
    )
    expect(archive).toMatchObject({ is: 'fails', mended: { RC01: 1 }, frames: [263, 347] })
  })

  it('at most a fifth of its logons cannot be said, of the switches of a domain', () => {
    const { out } = run(OFFICE, '--switch', 'domain,domain-1,domain-3,domain-5', '--format', 'json')
    for (const { logons } of JSON.parse(out).switches) expect(logons.cannotBeSaid / 7).toBeLessThanOrEqual(0.2)
  })

  it('text names the setting, the source, the frames; its lines fit', () => {
    const { out } = run(OFFICE, '--switch', 'domain')
    for (const part of [
      'RestrictNTLMInDomain = 7',
      'https://learn.microsoft.com',
      'RC01 is mended',
      'exception: FILES1',
      '227, 228, 263, 347',
      'not checked',
    ])
      expect(out.replace(/\s+/g, ' ')).toContain(part)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('waves and owners of the inventory; nobody comes first', () => {
    const file = join(folder, 'hosts.csv')
    writeFileSync(file, 'host,owner,wave\n192.0.2.20,Files team,2\n')
    const { out } = run(OFFICE, '--switch', 'domain', '--inventory', file)
    expect(out).toContain('owner: Files team')
    expect(out).toMatch(/wave nobody: 1 fail[\s\S]*wave 2: 2 fail/)
  })

  it('lists of exceptions: names of each kind, by hand what has none; the policy decides what is on it', () => {
    const { out } = run(OFFICE, '--write-exceptions', 'dc')
    expect(out).toMatch(/^FILES1$/m)
    expect(out).toMatch(
      /# add by hand:\n#\s+192\.0\.2\.103 -> 192\.0\.2\.30 smb, 1 logon: the name that the list wants was not seen/,
    )
    const policy = join(folder, 'policy.yaml')
    writeFileSync(
      policy,
      'policy: 1\nallow:\n  - {client: 192.0.2.103, server: 192.0.2.40, owner: web team, reason: old software, expires: 2026-12-31}\n',
    )
    const allowed = run(OFFICE, '--write-exceptions', 'gpo', '--policy', policy, '--today', '2026-11-28').out
    expect(allowed.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['web1.corp.example'])
    expect(allowed).toContain('why: old software; as CORP\\bob; owner: web team; until 2026-12-31')
    const later = run(OFFICE, '--write-exceptions', 'gpo', '--policy', policy, '--today', '2027-01-01').out
    expect(later).not.toMatch(/^web1/m)
  })
})

describe('words', () => {
  it.each([
    [['--switch', 'everything'], 64, "'everything' is no switch"],
    [['--policy', 'p.yaml'], 64, '--policy goes with --write-exceptions'],
    [['--inventory', 'none.csv'], 2, 'none.csv: cannot be read'],
    [['--except', 'none.txt'], 2, 'none.txt: cannot be read'],
  ])('%j: %i', (words, exit, message) => {
    const { code, err } = run(OFFICE, ...words)
    expect(code).toBe(exit)
    expect(err).toContain(message)
  })

  it('a wildcard among the exceptions is not simulated', () => {
    const file = join(folder, 'names.txt')
    writeFileSync(file, '# let through\nfiles*\n')
    expect(run(OFFICE, '--except', file)).toMatchObject({ code: 2 })
  })

  it('hostile names are text and nothing else, in every form', () => {
    const simulation = simulate(hostileReport(), { ...nobody, switches: SWITCHES })
    const text = simulationText(simulation, { columns: 80, color: false })
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(() => JSON.parse(simulationJson(simulation))).not.toThrow()
  })

  it('docs name every switch', () => {
    const docs = readFileSync('docs/switching-off.md', 'utf8')
    for (const { name, sources } of SWITCHES)
      for (const part of [`\`${name}\``, ...sources]) expect(docs).toContain(part)
  })
})

describe('plan', () => {
  const planned = (...more: string[]) =>
    spawnSync(process.execPath, ['dist/src/cli.js', 'plan', OFFICE, ...more], { encoding: 'utf8' })

  it('names stages, owners, gates that run, and a rollback sheet of each switch', () => {
    const file = join(folder, 'owners.csv')
    writeFileSync(file, 'host,owner,wave\n192.0.2.20,Files team,2\n192.0.2.0/24,Office IT,1\n')
    const { status, stdout } = planned('--inventory', file, '--start', '2026-12-01')
    expect(status).toBe(0)
    for (const part of [
      '| Paths | 1 - 4 | 2027-01-01 - 2027-04-01 | 2 | 3 |',
      'Files team',
      'one day: nothing can be said',
      '### outgoing: ',
    ])
      expect(stdout).toContain(part)
    const gates = [...new Set(stdout.match(/^ {4}ntlmscope (verify|simulate) .*(--gate).*$/gm))]
    expect(gates.length).toBeGreaterThan(10)
    // one of each kind
    for (const gate of [
      gates.find((line) => line.includes('inventory='))!,
      gates.find((line) => line.includes('simulate'))!,
    ]) {
      const words = gate
        .trim()
        .split(' ')
        .slice(1)
        .map((word) => (/^(NEW|AFTER)\.json$/.test(word) ? OFFICE : word))
      const ended = spawnSync(process.execPath, ['dist/src/cli.js', ...words], { encoding: 'utf8' })
      expect([0, 1, 3], gate).toContain(ended.status)
    }
  })

  it.each(['csv', 'html', 'json'])('--format %s', (format) => {
    const { status, stdout } = planned('--format', format)
    expect([status, stdout.length > 100]).toEqual([0, true])
  })
})

describe('analyze --by owner', () => {
  it('counts a pair once, for its server; asks for the inventory', () => {
    const file = join(folder, 'by.csv')
    writeFileSync(file, 'host,owner,wave\n192.0.2.20,Files team,2\n')
    const analyzed = (...more: string[]) =>
      spawnSync(process.execPath, ['dist/src/cli.js', 'analyze', OFFICE, '--by', 'owner', ...more], {
        encoding: 'utf8',
      })
    const { status, stdout } = analyzed('--inventory', file)
    expect(status).toBe(0)
    expect(stdout).toMatch(/nobody\s+2\s+0[\s\S]*Files team\s+2\s+2/)
    expect(analyzed()).toMatchObject({ status: 64, stderr: expect.stringContaining('needs --inventory') })
  })
})
