/**
 * `ntlmscope verify` as people run it: the built program over captures made before and after a change, every exit code,
 * every way to see nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { create } from 'xmlbuilder2'
import { EXPECTATION_NAMES } from '../../src/judge/expectations.ts'
import { reportJsonText } from '../../src/output/json.ts'
import { pcapRecord } from '../builders/capture.ts'
import { pattern, tcpConversation } from '../builders/net.ts'
import { hostileReport } from '../builders/report.ts'
import { BUNDLED, LAB } from '../captures/folders.ts'
import { readPcap, temporaryFolder, writePcap } from '../captures/packets.ts'

const OFFICE = join(BUNDLED, 'office', 'office.pcap')
const temporary = temporaryFolder()
const hasLab = existsSync(LAB)
if (!hasLab) console.warn(`skipped: verify is not run over ${LAB}, which is absent`)

function verify(capture: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', 'verify', capture, ...words], {
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

function states(capture: string, ...words: string[]): [code: number | null, states: Record<string, string>] {
  const { code, out } = verify(capture, '--format', 'json', ...words)
  const { expectations } = JSON.parse(out) as { expectations: { expectation: string; state: string }[] }
  return [code, Object.fromEntries(expectations.map(({ expectation, state }) => [expectation, state]))]
}

const KERBEROS = ['--client', '192.0.2.101', '--server', 'files1:445', '--service', 'smb']
const FALLBACK = ['--client', '192.0.2.102', '--server', '192.0.2.20', '--service', 'smb']

describe('exit codes', () => {
  it('0 where everything is met', () => {
    expect(states(OFFICE, ...KERBEROS, '--expect', 'kerberos,no-ntlm,no-smb1,aes,success')).toEqual([
      0,
      { kerberos: 'met', 'no-ntlm': 'met', 'no-smb1': 'met', aes: 'met', success: 'met' },
    ])
  })

  it('1 where something is not met, with cause, fix and frames', () => {
    const { code, out } = verify(OFFICE, ...FALLBACK, '--expect', 'kerberos')
    expect(code).toBe(1)
    expect(out).toMatch(/not met +kerberos/)
    expect(out).toMatch(/RC01|RC04/)
    expect(out).toContain('fix: ')
    expect(out).toContain('office.pcap: frames')
  })

  it.each([
    ['a flow that is not there', ['--client', '192.0.2.99', '--service', 'smb']],
    ['a flow in TLS', ['--client', '192.0.2.102', '--server', '192.0.2.40', '--service', 'http']],
  ])('3 for %s, with what to capture', (_, flow) => {
    const { code, out } = verify(OFFICE, ...flow, '--expect', 'kerberos,no-ntlm')
    expect(code).toBe(3)
    expect(out).toContain('to observe it: ')
    expect(out).not.toMatch(/^ {2}met/m)
  })

  it('2 where an input cannot be read, or only in part, and never 0', () => {
    expect(verify('nope.pcap', '--expect', 'kerberos').code).toBe(2)
    const cut = join(temporary, 'cut.pcap')
    writeFileSync(cut, readFileSync(OFFICE).subarray(0, -7))
    const { code, out } = verify(cut, ...KERBEROS, '--expect', 'kerberos')
    expect(code).toBe(2)
    expect(out).toContain('the capture is damaged')
  })

  it.each([
    [['--expect', 'kerberoz']],
    [['--server', '192.0.2.20:0', '--expect', 'kerberos']],
    [['--service', 'cifs', '--expect', 'kerberos']],
    [[]],
  ])('64 for %j', (words) => {
    const { code, out, err } = verify(OFFICE, ...words)
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).not.toMatch(/\n\s+at /)
  })
})

it('a conversation that began before the capture proves nothing', () => {
  const file = readPcap(OFFICE)
  const late = writePcap(join(temporary, 'late.pcap'), file, file.records.slice(66))
  const [code, seen] = states(late, ...KERBEROS, '--expect', 'kerberos,no-ntlm')
  expect(code).not.toBe(0)
  expect(Object.values(seen)).not.toContain('met')
})

describe('an old session beside a new logon', () => {
  const file = readPcap(OFFICE)
  const time = new DataView(file.records[60]!.buffer, file.records[60]!.byteOffset).getUint32(0, true)
  /** The office, and in it the middle of a conversation of the same hosts that no carrier can recognise: bulk data. */
  function beside(name: string, port: number, handshake = false): string {
    const bulk = [...Array(6)].map((_, at) => ({ from: at % 2 ? 'client' : 'server', data: pattern(900, at) }) as const)
    const ends = { client: { address: '192.0.2.101', port: 50_555 }, server: { address: '192.0.2.20', port } }
    const frames = tcpConversation(bulk, { ...ends, handshake, close: false })
    // with the handshake, what was said first is what is missing
    const seen = handshake ? [...frames.slice(0, 3), ...frames.slice(7)] : frames
    const records = seen.map((bytes, at) => pcapRecord({ time: time * 1e6 + at, bytes }))
    return writePcap(join(temporary, name), file, [...file.records.slice(0, 60), ...records, ...file.records.slice(60)])
  }

  it.each([
    ['its beginning is missing', false],
    ['its first messages are missing', true],
  ])('proves nothing where %s', (_, handshake) => {
    const capture = beside(`beside-${handshake}.pcap`, 445, handshake)
    for (const flow of [KERBEROS, ['--client', '192.0.2.101', '--server', '192.0.2.20']]) {
      const [code, seen] = states(capture, ...flow, '--expect', 'kerberos,no-ntlm,no-smb1,ldap-signed')
      expect(code).toBe(3)
      expect(new Set(Object.values(seen))).toEqual(new Set(['not-observed']))
    }
    expect(verify(capture, ...KERBEROS, '--expect', 'kerberos').out).toMatch(
      handshake
        ? /smb to 192\.0\.2\.20 port 445: with holes/
        : /smb to 192\.0\.2\.20 port 445: began before the capture/,
    )
  })

  it('weakens neither what a server says once nor what is about other services', () => {
    expect(states(beside('once.pcap', 445), ...KERBEROS, '--expect', 'success')[0]).toBe(0)
    expect(states(beside('web.pcap', 80), ...KERBEROS, '--expect', 'kerberos')[0]).toBe(0)
    expect(
      states(beside('web.pcap', 80), '--client', '192.0.2.101', '--server', '192.0.2.20', '--expect', 'no-smb1')[0],
    ).toBe(0)
    expect(
      states(beside('ssh.pcap', 22), '--client', '192.0.2.101', '--server', '192.0.2.20', '--expect', 'kerberos')[0],
    ).toBe(0)
  })

  it('is in the report, the same with one thread and with two', () => {
    const capture = beside('threads.pcap', 445)
    const [one, two] = ['1', '2'].map((threads) => {
      const words = ['dist/src/cli.js', 'analyze', capture, '--format', 'json', '--threads', threads]
      return spawnSync(process.execPath, words, { encoding: 'utf8' }).stdout
    })
    expect(one).toBe(two)
    const { conversations } = JSON.parse(one!) as { conversations: { carrier: string }[] }
    expect(conversations.filter(({ carrier }) => carrier === 'unrecognised')).toMatchObject([
      { service: 'smb', connections: 1, midstream: 1, authenticated: 0, whole: 0 },
    ])
  })
})

describe.skipIf(!hasLab)(`before and after a change, of ${LAB}`, () => {
  const path = (name: string) => join(LAB, `${name}.pcap`)
  it.each([
    ['05-smb-ntlm-spn-unknown-kdc7', '01-smb3-kerberos-signing-required', 'smb', 'kerberos', 'RC01'],
    ['04-smb3-ntlmv2-target-is-ip', '01-smb3-kerberos-signing-required', 'smb', 'kerberos', 'RC04'],
    ['13c-http-negotiate-spn-unknown-fallback', '12-http-negotiate-kerberos', 'http', 'kerberos', 'RC01'],
    [
      '02-smb3-kerberos-signing-enabled-unsigned',
      '01-smb3-kerberos-signing-required',
      'smb',
      'signed',
      'RequireSecuritySignature',
    ],
    ['02-smb3-kerberos-signing-enabled-unsigned', '03-smb3-kerberos-encrypted', 'smb', 'encrypted', 'EncryptData'],
  ])('%s, then %s: %s %s', (before, after, service, expectation, says) => {
    const flow = ['--client', '10.77.0.101', '--service', service, '--expect', expectation]
    const failed = verify(path(before), ...flow)
    expect(failed.code).toBe(1)
    expect(failed.out).toContain(says)
    expect(verify(path(after), ...flow).code).toBe(0)
  })

  it.each(['34-one-sided-client-to-server', '36-snaplen-128', '35c-span-drops-10-percent'])(
    'what is missing is never success: %s',
    (name) => {
      for (const service of ['smb', 'http'])
        expect(verify(path(name), '--service', service, '--expect', 'no-ntlm').code).not.toBe(0)
    },
  )
})

describe('formats', () => {
  const valid = new Ajv2020({ allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('schema/verify.schema.json', 'utf8')),
  )
  const flows: [state: string, words: string[]][] = [
    ['met', [...KERBEROS, '--expect', 'kerberos,no-smb1']],
    ['not met', [...FALLBACK, '--expect', 'kerberos,signed,bound']],
    ['not observed', ['--client', '192.0.2.99', '--server', 'nowhere:80', '--expect', 'kerberos,aes']],
    ['not met', ['--expect', EXPECTATION_NAMES.join()]],
  ]

  it.each(flows)(
    '%s: JSON is what its schema says, JUnit counts, Markdown tells the same, text fits: %j',
    (state, words) => {
      const found = JSON.parse(verify(OFFICE, ...words, '--format', 'json').out)
      expect(valid(found), JSON.stringify(valid.errors)).toBe(true)
      const states = (found.expectations as { state: string }[]).map((one) => one.state)

      const xml = verify(OFFICE, ...words, '--format', 'junit').out
      const suite = suiteOf(xml)
      expect(suite).toMatchObject({
        '@tests': String(states.length),
        '@failures': String(states.filter((one) => one === 'not-met').length),
        '@errors': String(states.filter((one) => one === 'not-observed').length),
      })
      expect(xml.match(/<testcase /g)).toHaveLength(states.length)
      expect(xml.match(/<failure /g) ?? []).toHaveLength(Number(suite['@failures']))

      expect(verify(OFFICE, ...words, '--format', 'markdown').out).toMatch(new RegExp(`^# verify: ${state}$`, 'm'))
    },
  )

  it.each([80, 100, 160])('text fits into %i columns', (columns) => {
    const words = ['dist/src/cli.js', 'verify', OFFICE, '--expect', EXPECTATION_NAMES.join()]
    const env = { ...process.env, COLUMNS: String(columns) }
    const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', env })
    expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([])
  })

  it('hostile names are text and nothing else', () => {
    const report = join(temporary, 'hostile.json')
    writeFileSync(report, [...reportJsonText(hostileReport())].join(''))
    const words = [report, '--expect', EXPECTATION_NAMES.join()]
    const { out: xml } = verify(words[0]!, ...words.slice(1), '--format', 'junit')
    expect(suiteOf(xml)['@tests']).toBe(String(EXPECTATION_NAMES.length))
    for (const format of ['junit', 'markdown', 'text']) {
      const { out } = verify(words[0]!, ...words.slice(1), '--format', format)
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\ufffe\uffff]/)
      expect(out).not.toMatch(/<script|<!--|]]>/)
    }
  })

  it('two threads say what one says', () => {
    const [one, two] = ['1', '2'].map((threads) =>
      verify(OFFICE, ...FALLBACK, '--expect', 'kerberos', '--threads', threads),
    )
    expect(one).toEqual(two)
    expect(verify(OFFICE, '--expect', 'kerberos', '--threads', 'x').code).toBe(64)
  })
})

/** The first suite, read by a parser that throws where XML is not well-formed. */
function suiteOf(xml: string): Record<string, string> {
  const { testsuites } = create(xml).toObject() as unknown as { testsuites: { testsuite: Record<string, string> } }
  return testsuites.testsuite
}
