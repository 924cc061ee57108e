/**
 * Whatever an administrator calls a server: before the change `verify` ends with 1, after it with 0, though the capture
 * after it may not know that name any more. And who is nobody in the captures is said to be nobody.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FilterError, hostPattern } from '../../src/facts/filter.ts'
import { KnownNames } from '../../src/judge/known-names.ts'
import { readPolicy } from '../../src/judge/policy.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const temporary = temporaryFolder()
const change = (name: string) => join(BUNDLED, 'changes', `${name}.pcap`)

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', ...words], { encoding: 'utf8' })
  return { code: status, out: stdout.replaceAll(/\s+/g, ' '), err: stderr }
}

/** What the server is called: by itself (NetBIOS, DNS), by an alias, by its address. */
const SERVERS: readonly (readonly [pair: string, expectation: string, names: readonly string[]])[] = [
  [
    'spn-registered',
    'kerberos',
    ['FILES1', 'files1.corp.example', 'archive', 'archive.corp.example', 'ARCHIVE.CORP.EXAMPLE.', '192.0.2.20'],
  ],
  ['name-instead-of-address', 'kerberos', ['FILES1', 'files1', 'files1.corp.example', '192.0.2.20', '192.0.2.20:445']],
  ['nas-joined', 'kerberos', ['NAS1', 'nas1.corp.example', '192.0.2.31', '::ffff:192.0.2.31']],
  ['signing-required', 'signing-required', ['FILES1', 'files1.corp.example', '192.0.2.20']],
  ['aes-enabled', 'aes', ['web1', 'WEB1', 'web1.corp.example', '192.0.2.40']],
]

describe('by each name of the server, before 1 and after 0', () => {
  const cases = SERVERS.flatMap(([pair, expectation, names]) => names.map((name) => [pair, name, expectation] as const))
  it.each(cases)('%s: %s, %s', (pair, name, expectation) => {
    const [before, after] = [change(`${pair}-before`), change(`${pair}-after`)]
    const was = run('verify', before, '--server', name, '--expect', expectation)
    expect(was.code, was.out).toBe(1)
    const is = run('verify', after, '--before', before, '--server', name, '--expect', expectation)
    expect(is.code, is.out).toBe(0)
    expect(is.out).toContain('met (before: not met)')
    expect(is.out).toMatch(/before: not met: .* frames?/)
  })

  it('from a saved report, for a device, and in a policy', () => {
    const saved = join(temporary, 'before.json')
    expect(run('analyze', change('spn-registered-before'), '-f', 'json', '-o', saved).code).toBe(0)
    const after = change('spn-registered-after')
    const proof = run('verify', after, '--before', saved, '--server', 'files1', '--expect', 'kerberos', '-f', 'json')
    expect(proof.code).toBe(0)
    expect(JSON.parse(proof.out)).toMatchObject({ state: 'met', before: { state: 'not-met' } })
    const card = run('device', 'files1', after, '--before', saved, '-f', 'json')
    expect(JSON.parse(card.out)).toMatchObject({ addresses: ['192.0.2.20'], before: { state: 'not-met' } })
    const policy = join(temporary, 'names.yaml')
    const flows = 'flows:\n  - server: files1\n    expect: kerberos\n'
    writeFileSync(policy, `policy: 1\n${flows}`)
    expect(run('verify', after, '--policy', policy).code).toBe(3)
    expect(run('verify', after, '--policy', policy, '--before', saved).code).toBe(0)
    writeFileSync(policy, `policy: 1\nnames:\n  files1: [192.0.2.20, "2001:db8::20"]\n${flows}`)
    expect(run('verify', after, '--policy', policy)).toMatchObject({
      code: 0,
      out: expect.stringContaining('files1 is'),
    })
    writeFileSync(policy, `policy: 1\nnames:\n  files1: 192.0.2\n${flows}`)
    expect(run('verify', after, '--policy', policy)).toMatchObject({
      code: 2,
      err: expect.stringContaining("names.yaml:3:11: names.files1: '192.0.2' is not an address"),
    })
  })
})

describe('what somebody tells about names', () => {
  const after = change('spn-registered-after')
  const asked = (...words: string[]) => run('verify', after, '--server', 'filesrv9', '--expect', 'kerberos', ...words)

  it('nobody: its own sentence, who was seen, and 3', () => {
    const { code, out } = asked()
    expect(code).toBe(3)
    expect(out).toContain(
      'no host in these captures is called filesrv9; servers seen: 192.0.2.20 (archive.corp.example)',
    )
    expect(out).toContain('--name filesrv9=192.0.2.20')
    expect(out).not.toContain('Start the capture')
    const card = run('device', 'filesrv9', after)
    expect(card).toMatchObject({
      code: 3,
      out: expect.stringContaining('No host in these captures is called filesrv9'),
    })
  })

  it('--name and --hosts', () => {
    expect(asked('--name', 'filesrv9=192.0.2.20').code).toBe(0)
    expect(asked('--name', 'filesrv9=192.0.2.21').code).toBe(3)
    const hosts = join(temporary, 'hosts')
    writeFileSync(hosts, '\ufeff# the file servers\r\n\r\n192.0.2.20\tfilesrv9.corp.example  nas9 # old\r\n')
    expect(asked('--hosts', hosts)).toMatchObject({ code: 0, out: expect.stringContaining(`so says ${hosts}:3`) })
    writeFileSync(hosts, '192.0.2.20\n')
    expect(asked('--hosts', hosts)).toMatchObject({ code: 2, err: expect.stringContaining(':1: an address without') })
    expect(asked('--hosts', join(temporary, 'none'))).toMatchObject({ code: 2, err: expect.stringContaining('ENOENT') })
    for (const word of ['filesrv9', 'filesrv9=', '=192.0.2.20', 'a b=192.0.2.20', '10.0.0.1=10.0.0.2'])
      expect(() => new KnownNames().addWord(word), word).toThrow(FilterError)
  })

  it('a name means its addresses, however they are written, and hosts of that name in any domain', () => {
    const known = new KnownNames()
    const pattern = known.resolve(hostPattern('nas1'))
    expect(pattern.matches({ ip: '10.0.0.5', name: null })).toBe(false)
    known.addWord('nas1.corp.example=10.0.0.5,2001:DB8::0:5')
    expect(pattern.byName).toBe(false)
    for (const ip of ['10.0.0.5', '::ffff:10.0.0.5', '2001:db8::5'])
      expect(pattern.matches({ ip, name: null }), ip).toBe(true)
    expect(pattern.matches({ ip: '10.0.0.6', name: 'NAS1' })).toBe(true)
    expect(known.resolve(hostPattern('nas1.other.example')).matches({ ip: '10.0.0.5', name: null })).toBe(false)
  })

  it('names of a policy are those of its flows and entries alike', () => {
    const { flows, allow } = readPolicy(
      'policy: 1\nnames: {old: 10.0.0.7}\nflows: [{client: old, expect: kerberos}]\nallow: [{server: "old:445", owner: a, reason: b, expires: "2030-01-01"}]\n',
      'p.yaml',
    )
    expect(flows[0]!.flow.client[0]!.matches({ ip: '10.0.0.7', name: null })).toBe(true)
    expect(allow![0]!.server[0]!.matches({ ip: '10.0.0.7', name: null })).toBe(true)
  })
})
