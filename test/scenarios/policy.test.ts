/**
 * `ntlmscope verify --policy` and `--write-baseline` as people run them; and each kind of mistake that a policy file
 * can have, one clear line each.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { SERVICES } from '../../decoders/services.ts'
import { EXPECTATION_NAMES } from '../../src/judge/expectations.ts'
import { PolicyError, readPolicy } from '../../src/judge/policy.ts'
import { THRESHOLD_NAMES } from '../../src/judge/thresholds.ts'
import { reportJson } from '../../src/output/json.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const OFFICE = join(BUNDLED, 'office', 'office.pcap')
const AFTER = join(BUNDLED, 'changes', 'signing-required-after.pcap')
const temporary = temporaryFolder()

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', 'verify', ...words], {
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

let files = 0
function policyFile(text: string): string {
  const path = join(temporary, `policy-${files++}.yaml`)
  writeFileSync(path, text)
  return path
}

interface Result {
  readonly state: string
  readonly parts: readonly {
    readonly kind: string
    readonly state: string
    readonly notes: readonly string[]
    readonly expectations: readonly {
      readonly expectation: string
      readonly state: string
      readonly reasons: readonly { readonly detail: string }[]
    }[]
  }[]
}

function result(capture: string, text: string, ...words: string[]): { code: number | null; found: Result } {
  const { code, out, err } = run(capture, '--policy', policyFile(text), '--format', 'json', ...words)
  expect(out, err).not.toBe('')
  return { code, found: JSON.parse(out) as Result }
}

const statesOf = ({ parts }: Result) =>
  Object.fromEntries(parts.flatMap((part) => part.expectations.map(({ expectation, state }) => [expectation, state])))

const FLOW = 'flows: [{client: 192.0.2.101, server: files1, service: smb, expect: [kerberos, signed]}]'
const entry = (part: string, expires = '2099-01-01', owner = 'Print team') =>
  `  - {${part}, owner: ${owner}, reason: it can do nothing else, expires: ${expires}}`

describe('mistakes: one line each, with file, line, column and key', () => {
  const mistake = (text: string): string[] => {
    try {
      readPolicy(text, 'p.yaml')
    } catch (error) {
      if (error instanceof PolicyError) return [...error.lines]
      throw error
    }
    return []
  }

  it.each([
    ['nothing', '', /^p\.yaml:1:1: the file: expected a map with policy: 1/],
    ['a list', '- policy: 1', /^p\.yaml:1:1: the file: expected a map/],
    ['no version', FLOW, /^p\.yaml:1:1: policy: missing; expected 1/],
    ['another version', `policy: 2\n${FLOW}`, /^p\.yaml:1:9: policy: expected 1, the version of this form, not 2/],
    [
      'nothing to judge',
      'policy: 1',
      /^p\.yaml:1:1: the file: expected a map with policy: 1, and flows, allow or thresholds/,
    ],
    [
      'an unknown key',
      `policy: 1\n${FLOW}\nflow: 1`,
      /^p\.yaml:3:1: flow: not known here; expected one of policy, flows/,
    ],
    [
      'a key of an entry',
      'policy: 1\nallow:\n  - {clients: a, owner: b, reason: c, expires: 2026-01-01}',
      /^p\.yaml:3:6: allow\[0\]\.clients: not known here/,
    ],
    [
      'a service',
      'policy: 1\nflows:\n  - service: cifs\n    expect: kerberos',
      /^p\.yaml:3:14: flows\[0\]\.service: expected one of smb, .*, not "cifs"/,
    ],
    [
      'an expectation',
      'policy: 1\nflows:\n  - expect: [kerberos,\n      kerberoz]',
      /^p\.yaml:4:7: flows\[0\]\.expect\[1\]: expected one of kerberos, .*, not "kerberoz"/,
    ],
    [
      'one expectation',
      'policy: 1\nflows:\n  - expect: nope',
      /^p\.yaml:3:13: flows\[0\]\.expect: expected one of kerberos, /,
    ],
    [
      'no expectation',
      'policy: 1\nflows:\n  - service: smb',
      /^p\.yaml:3:5: flows\[0\]\.expect: missing; expected an expectation/,
    ],
    [
      'a host',
      'policy: 1\nflows:\n  - client: 10.1.2\n    expect: kerberos',
      /^p\.yaml:3:13: flows\[0\]\.client: expected an address, a prefix or a name.*, not 10\.1|'10\.1\.2' is neither/,
    ],
    [
      'one host of several',
      'policy: 1\nflows:\n  - client: [a, "10.0.0.0/40"]\n    expect: kerberos',
      /^p\.yaml:3:17: flows\[0\]\.client\[1\]: '10\.0\.0\.0\/40' is neither/,
    ],
    [
      'a port',
      'policy: 1\nflows:\n  - server: nas1:99999\n    expect: kerberos',
      /^p\.yaml:3:13: flows\[0\]\.server: '99999' is not a port/,
    ],
    [
      'a date',
      'policy: 1\nallow:\n  - {owner: a, reason: b, expires: soon}',
      /^p\.yaml:3:36: allow\[0\]\.expires: expected the last day on which it is allowed, as 2026-12-31, not "soon"/,
    ],
    [
      'a day that is not',
      'policy: 1\nallow:\n  - {owner: a, reason: b, expires: 2026-02-30}',
      /^p\.yaml:3:36: allow\[0\]\.expires: there is no day 2026-02-30/,
    ],
    [
      'no owner',
      'policy: 1\nallow:\n  - {reason: b, expires: 2026-02-03}',
      /^p\.yaml:3:5: allow\[0\]\.owner: missing; expected who answers for it/,
    ],
    [
      'an empty reason',
      'policy: 1\nallow:\n  - {owner: a, reason: "", expires: 2026-02-03}',
      /^p\.yaml:3:24: allow\[0\]\.reason: expected why it is needed, not ""/,
    ],
    [
      'a version of NTLM',
      'policy: 1\nallow:\n  - {version: v2, owner: a, reason: b, expires: 2026-02-03}',
      /^p\.yaml:3:15: allow\[0\]\.version: expected one of NTLMv2/,
    ],
    [
      'a threshold',
      'policy: 1\nthresholds: {ntlmMost: 3}',
      /^p\.yaml:2:14: thresholds\.ntlmMost: not known here; expected one of ntlmMax/,
    ],
    [
      'its number',
      'policy: 1\nthresholds:\n  ntlmHostShareMax: 20%',
      /^p\.yaml:3:21: thresholds\.ntlmHostShareMax: expected a number from 0 to 1: .*, not "20%"/,
    ],
    [
      'its range',
      'policy: 1\nthresholds:\n  ntlmHostShareMax: 20',
      /^p\.yaml:3:21: thresholds\.ntlmHostShareMax: expected a number from 0 to 1/,
    ],
    ['a key twice', 'policy: 1\npolicy: 1', /^p\.yaml:2:1: Map keys must be unique/],
    ['no YAML', 'policy: 1\nallow: [', /^p\.yaml:\d+:\d+: Flow sequence/],
    ['a tag', 'policy: !!js/function 1\nallow: []', /^p\.yaml:1:9: Unresolved tag/],
    ['two documents', 'policy: 1\n---\npolicy: 1', /^p\.yaml:\d:\d: Source contains multiple documents/],
    [
      'aliases without end',
      `policy: 1\na: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
      /^p\.yaml:1:1: Excessive alias count/,
    ],
  ])('%s', (_, text, line) => {
    const lines = mistake(text)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(line)
    expect(lines[0]).not.toContain('\n')
  })

  it('several are told together, and not without end', () => {
    const many = `policy: 2\nallow:\n${entry('client: a').replace('owner', 'owners')}\nflows: [{expect: x}]`
    expect(mistake(many).length).toBeGreaterThanOrEqual(3)
    const endless = mistake(`policy: 1\nflows:\n${'  - {expect: x}\n'.repeat(500)}`)
    expect(endless).toHaveLength(21)
    expect(endless.at(-1)).toBe('and 480 more mistakes')
  })

  it('the program says them and ends with 2, before it reads a capture', () => {
    const { code, out, err } = run(OFFICE, '--policy', policyFile('policy: 1\nflows: 3'))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/policy-\d+\.yaml:2:8: flows: expected a list of flows/)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(run(OFFICE, '--policy', join(temporary, 'absent.yaml'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/absent\.yaml: cannot be read \(ENOENT\)/),
    })
  })
})

it('the schemas are about the same names as the program', () => {
  const schema = JSON.parse(readFileSync('schema/policy.schema.json', 'utf8'))
  expect(schema.$defs.expectation.enum).toEqual(EXPECTATION_NAMES)
  for (const name of ['policy', 'verify', 'device', 'diff']) {
    const { $defs } = JSON.parse(readFileSync(`schema/${name}.schema.json`, 'utf8'))
    expect([name, $defs.service.enum]).toEqual([name, SERVICES])
  }
  expect(Object.keys(schema.properties.thresholds.properties)).toEqual(THRESHOLD_NAMES)
})

describe('exit codes', () => {
  it('0: everything is met', () => {
    const { code, found } = result(
      AFTER,
      `policy: 1\n${FLOW}\nallow: []\nthresholds: {ntlmMax: 0, kerberosSuccessShareMin: 1}`,
    )
    expect(statesOf(found)).toEqual({
      kerberos: 'met',
      signed: 'met',
      'allow-list': 'met',
      ntlmMax: 'met',
      kerberosSuccessShareMin: 'met',
    })
    expect([code, found.state]).toEqual([0, 'met'])
  })

  it('1: a flow, a deviation, a threshold', () => {
    const { code, found } = result(
      OFFICE,
      'policy: 1\nflows: [{client: 192.0.2.102, expect: kerberos}]\nallow: []\nthresholds: {ntlmMax: 3, oldNtlmMax: 1}',
    )
    expect(code).toBe(1)
    expect(statesOf(found)).toEqual({
      kerberos: 'not-met',
      'allow-list': 'not-met',
      ntlmMax: 'not-met',
      oldNtlmMax: 'met',
    })
  })

  it('3: a flow that is not there, and nothing that contradicts', () => {
    expect(result(AFTER, `policy: 1\nflows: [{client: 192.0.2.199, expect: kerberos}]`).code).toBe(3)
  })

  it.each([
    [[]],
    [['--policy', 'p.yaml', '--expect', 'kerberos']],
    [['--policy', 'p.yaml', '--client', '192.0.2.1']],
    [['--expect', 'kerberos', '--today', '2026-01-01']],
    [['--policy', 'p.yaml', '--today', '2026-02-30']],
  ])('64 for %j', (words) => {
    expect(run(OFFICE, ...words)).toMatchObject({ code: 64, out: '' })
  })
})

describe('the list of allowed uses', () => {
  // of the office: bob twice from .102 to the file server, scan from .103 to the printer, bob from .103 to the web
  // server
  const all = [
    'client: 192.0.2.102, server: files1, service: smb, account: CORP\\bob',
    'account: bob@CORP.EXAMPLE',
    'server: 192.0.2.30, version: NTLMv1',
    'client: 192.0.2.0/24, server: "web1:8080", service: http',
  ]
  const policy = (entries: readonly string[], more = '') =>
    `policy: 1\nnotVisible: accepted\n${more}allow:\n${entries.join('\n')}\n`

  it('covers what it names, by address, prefix, name, port, account and version', () => {
    const { code, found } = result(OFFICE, policy(all.map((part) => entry(part))))
    expect(statesOf(found)).toEqual({ 'allow-list': 'met', 'allow-list-expired': 'met', 'allow-list-reviewed': 'met' })
    expect([code, found.parts[0]!.notes]).toEqual([0, []])
  })

  it('without its entry a use is a deviation, with its frames and its cause', () => {
    const text = policy(all.slice(0, 3).map((part) => entry(part)))
    const { code, found } = result(OFFICE, text)
    expect(code).toBe(1)
    expect(found.parts[0]!.expectations[0]!.reasons).toMatchObject([
      {
        detail: expect.stringMatching(/192\.0\.2\.103 -> 192\.0\.2\.40 http as CORP\\bob: NTLM/),
        cause: { code: 'RC15' },
      },
    ])
  })

  it('an entry holds through its last day, and then is told apart', () => {
    const entries = [entry(all[0]!, '2026-11-24'), ...all.slice(1).map((part) => entry(part))]
    expect(result(OFFICE, policy(entries), '--today', '2026-11-24').code).toBe(0)
    const { code, found } = result(OFFICE, policy(entries), '--today', '2026-11-25')
    expect(code).toBe(1)
    expect(statesOf(found)).toMatchObject({ 'allow-list': 'met', 'allow-list-expired': 'not-met' })
    expect(found.parts[0]!.expectations[1]!.reasons[0]!.detail).toMatch(
      /^line 4, 192\.0\.2\.102 -> files1 smb.*: expired on 2026-11-24 and still used \(owner: Print team/,
    )
  })

  it('an entry that was never seen is told, and fails nothing', () => {
    const { code, found } = result(OFFICE, policy([...all, 'client: 192.0.2.77'].map((part) => entry(part))))
    expect(code).toBe(0)
    expect(found.parts[0]!.notes).toEqual([
      expect.stringMatching(/^line 8, 192\.0\.2\.77 -> any any service: not seen/),
    ])
  })

  it('nobody behind an entry: not met', () => {
    const { code, found } = result(
      OFFICE,
      policy(all.map((part, at) => entry(part, '2099-01-01', at === 1 ? 'TODO' : 'a'))),
    )
    expect([code, statesOf(found)['allow-list-reviewed']]).toEqual([1, 'not-met'])
  })

  it('what TLS may hide is not observed, unless somebody answers for it', () => {
    const text = policy(all.map((part) => entry(part))).replace('notVisible: accepted\n', '')
    expect(result(OFFICE, text)).toMatchObject({ code: 3, found: { state: 'not-observed' } })
  })
})

describe('a draft', () => {
  it('holds what was seen, does not pass until it was reviewed, and then does', () => {
    const draft = join(temporary, 'draft.yaml')
    const { code, err, out } = run(OFFICE, '--write-baseline', draft, '--today', '2026-11-25')
    expect([code, out]).toEqual([0, ''])
    expect(err).toContain('4 uses of NTLM to review')
    const text = readFileSync(draft, 'utf8')
    const { allow, flows, thresholds } = parse(text)
    expect(allow).toHaveLength(4)
    expect(allow[0]).toMatchObject({ owner: 'TODO', reason: 'TODO', expires: '2027-02-23' })
    expect(flows).toContainEqual({
      client: '192.0.2.101',
      server: '192.0.2.20',
      service: 'smb',
      expect: expect.arrayContaining(['kerberos', 'aes']),
    })
    expect(thresholds).toMatchObject({ ntlmMax: 4, oldNtlmMax: 1 })

    const first = run(OFFICE, '--policy', draft, '--format', 'json')
    expect(first.code).toBe(1)
    expect(statesOf(JSON.parse(first.out))).toMatchObject({
      kerberos: 'met',
      'allow-list-reviewed': 'not-met',
      ntlmMax: 'met',
    })
    const reviewed = policyFile(`${text.replaceAll('TODO', 'somebody')}\nnotVisible: accepted\n`)
    expect(run(OFFICE, '--policy', reviewed).code).toBe(0)
  })

  it('is read again, whatever names it holds', async () => {
    const report = await analyze([OFFICE])
    const names = [
      'a'.repeat(32_767),
      '日本'.repeat(300),
      'x: y #z',
      '\0evil\n  allow: []',
      '"q\' {}[]',
      '!!js/x',
      '~',
      ' a ',
    ]
    const saved = join(temporary, 'names.json')
    const uses = report.exchanges.filter(({ mechanism }) => mechanism === 'ntlm')
    const exchanges = names.map((user, at) => {
      const one = uses[at % uses.length]!
      return { ...one, principal: { ...one.principal, user, domain: at % 2 === 0 ? user : 'CORP' } }
    })
    writeFileSync(saved, JSON.stringify(reportJson({ ...report, exchanges })))
    const draft = join(temporary, 'names.yaml')
    expect(run(saved, '--write-baseline', draft)).toMatchObject({ code: 0, out: '' })
    const { allow } = readPolicy(readFileSync(draft, 'utf8'), draft)
    expect(allow).toHaveLength(names.length)
    const answer = run(saved, '--policy', policyFile(readFileSync(draft, 'utf8').replaceAll('TODO', 'somebody')))
    expect(answer.err).toBe('')
    expect(answer.out).toContain(`NTLM: ${names.length} of ${names.length} uses are on the list`)
  })

  it('is not written over a file', () => {
    const path = policyFile('policy: 1')
    expect(run(OFFICE, '--write-baseline', path)).toMatchObject({
      code: 64,
      err: expect.stringContaining('is not overwritten'),
    })
    expect(readFileSync(path, 'utf8')).toBe('policy: 1')
    const none = join(temporary, 'none.yaml')
    expect(run('absent.pcap', '--write-baseline', none).code).toBe(2)
    expect(existsSync(none)).toBe(false)
  })
})

it('a saved report gives the same; every format says it; text fits', () => {
  const path = policyFile(`policy: 1\n${FLOW}\nallow:\n${entry('client: 192.0.2.102')}\nthresholds: {ntlmMax: 3}`)
  const report = join(temporary, 'office.json')
  spawnSync(process.execPath, ['dist/src/cli.js', 'analyze', OFFICE, '--format', 'json', '--output', report])
  const json = run(OFFICE, '--policy', path, '--format', 'json')
  expect(run(report, '--policy', path, '--format', 'json')).toEqual(json)
  const valid = new Ajv2020({ allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('schema/verify.schema.json', 'utf8')),
  )
  expect(valid(JSON.parse(json.out)), JSON.stringify(valid.errors)).toBe(true)
  expect(run(OFFICE, '--policy', path, '--format', 'junit').out.match(/<testsuite /g)).toHaveLength(3)
  expect(run(OFFICE, '--policy', path, '--format', 'markdown').out).toMatch(
    /^## NTLM: 2 of 4 uses are on the list: not met$/m,
  )
  for (const columns of ['80', '160']) {
    const env = { ...process.env, COLUMNS: columns }
    const { stdout } = spawnSync(process.execPath, ['dist/src/cli.js', 'verify', OFFICE, '--policy', path], {
      encoding: 'utf8',
      env,
    })
    expect(stdout.split('\n').filter((line) => line.length > Number(columns))).toEqual([])
  }
})
