/**
 * `ntlmscope extract` as people run it: its command line, conversations in several files, secrets split over segments
 * and fragments, and what a slice says when it is read again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import {
  type Attributes,
  bindRequest,
  bindResponse,
  searchRequest,
  searchResultEntry,
  simple,
} from '../builders/ldap.ts'
import { type Message, tcpConversation, udpFrame } from '../builders/net.ts'
import { resegmented } from '../captures/disorder.ts'
import { readPcap, temporaryFolder, writePcap } from '../captures/packets.ts'

const OFFICE = 'captures/office/office.pcap'
const folder = temporaryFolder()
let count = 0
const place = () => join(folder, `slice${++count}.pcapng`)

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function ran(...words: string[]): Promise<Ran> {
  const texts = { out: '', err: '' }
  const stream = (name: 'out' | 'err') =>
    ({
      write: (text: string | Uint8Array) => {
        texts[name] += String(text)
        return true
      },
    }) as unknown as NodeJS.WriteStream
  const code = await run(words, { out: stream('out'), err: stream('err'), env: {} })
  return { code, ...texts }
}

async function sliced(captures: readonly string[], ...words: string[]): Promise<{ file: string; report: Report }> {
  const file = place()
  const { code, err } = await ran('extract', ...captures, ...words, '-w', file)
  expect(code, err).toBe(0)
  return { file, report: await analyze([file]) }
}

/** Responses and passwords of the office: what must stand in no slice. */
const SECRETS = (() => {
  const bytes = readFileSync(OFFICE)
  const found: Buffer[] = []
  for (let at = bytes.indexOf('NTLMSSP\0\x03'); at >= 0; at = bytes.indexOf('NTLMSSP\0\x03', at + 1)) {
    for (const field of [12, 20, 52]) {
      const length = bytes.readUInt16LE(at + field)
      const start = at + bytes.readUInt32LE(at + field + 4)
      if (length >= 16) found.push(bytes.subarray(start, start + 16))
    }
    found.push(bytes.subarray(at + 72, at + 88))
  }
  return found.filter((secret) => new Set(secret).size > 4)
})()

describe('the command line', () => {
  it.each([
    ['nothing to prove', [], 'say what to prove'],
    ['two things', ['--finding', 'NS-SG-001', '--frames', '1'], 'say what to prove'],
    ['no place', ['--finding', 'NS-SG-001'], 'say where to'],
    ['half a pair', ['--pair', 'a,b', '--print'], 'expected CLIENT,SERVER,SERVICE'],
    ['an unknown service', ['--pair', 'a,b,telnet', '--print'], 'is not a service'],
    ['no frames', ['--frames', 'x', '--print'], 'expected a number, or a range'],
    ['a range backwards', ['--frames', '9-3', '--print'], 'is no range'],
    ['a frame of another file', ['--frames', 'other.pcap:3', '--print'], 'no capture other.pcap'],
  ])('%s is a usage error', async (_, words, said) => {
    const { code, err, out } = await ran('extract', OFFICE, ...words)
    expect(err).toContain(said)
    expect([code, out]).toEqual([64, ''])
  })

  it('what is not there ends with 1, and leaves no file', async () => {
    for (const words of [
      ['--finding', 'NS-XX-999'],
      ['--finding', 'NS-SG-001', '--server', '203.0.113.9'],
      ['--pair', '192.0.2.1,192.0.2.2,smb'],
      ['--frames', '999999'],
    ]) {
      const file = place()
      const { code, err } = await ran('extract', OFFICE, ...words, '-w', file)
      expect(err.trim().split('\n'), words.join(' ')).toHaveLength(1)
      expect([code, existsSync(file)]).toEqual([1, false])
    }
  })

  it('a file that cannot be read ends with 2', async () => {
    expect((await ran('extract', join(folder, 'none.pcap'), '--frames', '1', '--print')).code).toBe(2)
  })

  it('an input is not written onto, and nothing is left beside a place that cannot be written', async () => {
    const copy = join(folder, 'copy.pcap')
    writeFileSync(copy, readFileSync(OFFICE))
    expect((await ran('extract', copy, '--finding', 'NS-NT-001', '-w', copy)).code).toBe(64)
    expect(readFileSync(copy).equals(readFileSync(OFFICE))).toBe(true)
    expect((await ran('extract', OFFICE, '--finding', 'NS-NT-001', '-w', join(folder, 'no', 'x'))).code).toBe(64)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('--print gives filters for the same frames, and takes no -w', async () => {
    const { code, out } = await ran('extract', OFFICE, '--finding', 'NS-NT-001', '--print')
    expect(code).toBe(0)
    expect(out).toContain('display filter: frame.number in {407..408}')
    expect(out).toContain(`tshark -r ${OFFICE} -Y 'frame.number in {400..408}'`)
    expect(out).toMatch(/^editcap -r \S+office\.pcap \S+ 400-408$/m)
  })
})

describe('--print of more ranges than editcap takes', () => {
  it('cuts in parts, and puts them together', async () => {
    // each a flow of its own
    const packets = Array.from({ length: 1200 }, (_, at) => ({
      time: 1.8e15 + at,
      bytes: udpFrame(
        Uint8Array.of(at >> 8, at & 255),
        { address: '10.0.0.1', port: 20_000 + at },
        { address: '10.0.0.2', port: 9999 },
      ),
    }))
    const capture = join(folder, 'long.pcap')
    writeFileSync(capture, pcap(packets))
    const frames = Array.from({ length: 600 }, (_, at) => 1 + 2 * at)
    const { code, out } = await ran('extract', capture, '--frames', frames.join(','), '--print')
    expect(code).toBe(0)
    const lines = out.split('\n').filter((line) => line.startsWith('editcap '))
    const ranges = lines.map((line) => line.split(' ').slice(4))
    expect(ranges.map(({ length }) => length)).toEqual([512, 88])
    expect(ranges.flat().map(Number)).toEqual(frames)
    const parts = lines.map((line) => line.split(' ')[3])
    expect(out).toContain(`mergecap -a -w raw-evidence.pcapng ${parts.join(' ')}\n`)
  })
})

describe('a slice', () => {
  it('says the finding again, and why each frame is in it', async () => {
    const { file, report } = await sliced([OFFICE], '--finding', 'NS-NT-001')
    expect(report.findings.map(({ id }) => id)).toContain('NS-NT-001')
    expect(report.exchanges[0]!.ntlm!.ntlmVersion).toBe('NTLMv1')
    const text = readFileSync(file, 'latin1')
    for (const words of [
      'frame 407 of office.pcap',
      'NS-NT-001 critical',
      'secrets in it are zeros',
      'Evidence, cut by',
    ])
      expect(text).toContain(words)
    // no path of whoever cut it
    expect(text).not.toContain('captures/office')
  })

  it.each([
    ['--pair', '192.0.2.102,192.0.2.20,smb'],
    ['--finding', 'NS-FB-002'],
    ['--finding', 'NS-SG-011'],
    ['--frames', '227-231,445'],
  ])('%s %s: no response, key or MIC of the capture stands in it', async (option, word) => {
    expect(SECRETS.length).toBeGreaterThan(3)
    const { file } = await sliced([OFFICE], option, word)
    const bytes = readFileSync(file)
    for (const secret of SECRETS) {
      expect(bytes.includes(secret)).toBe(false)
      expect(bytes.toString('latin1')).not.toContain(secret.subarray(0, 15).toString('base64'))
    }
  })

  it('of a conversation in two files, one of them compressed', async () => {
    const file = readPcap(OFFICE)
    const [one, two] = [join(folder, 'one.pcap'), join(folder, 'two.pcap')]
    writePcap(one, file, file.records.slice(0, 406))
    writePcap(two, file, file.records.slice(406))
    writeFileSync(`${two}.gz`, gzipSync(readFileSync(two)))
    const { report, file: slice } = await sliced([one, `${two}.gz`], '--finding', 'NS-NT-001')
    expect(report.coverage.packets).toBe(9)
    expect(readFileSync(slice, 'latin1')).toContain('frame 1 of two.pcap.gz')
  })

  it.each([1, 7, 100])('of segments of %i bytes', async (size) => {
    const file = readPcap(OFFICE)
    const { records } = resegmented(file.records.slice(399, 410), size)
    const capture = writePcap(join(folder, `small${size}.pcap`), file, records)
    const { report, file: slice } = await sliced([capture], '--finding', 'NS-NT-001')
    expect(report.exchanges[0]!.ntlm!.ntlmVersion).toBe('NTLMv1')
    // in segments so small a secret stands nowhere in one piece: the payloads one behind the other have to be zeros
    expect((await ran('extract', slice, '--finding', 'NS-NT-001', '-w', place())).err).toContain('taken out of 0')
  })

  it('cut again gives the same packets', async () => {
    const { file, report } = await sliced([OFFICE], '--finding', 'NS-FB-002')
    const again = await sliced([file], '--finding', 'NS-FB-002')
    expect(again.report.coverage.packets).toBe(report.coverage.packets)
    const verdicts = ({ pairs, exchanges }: Report) => [
      pairs.map(({ verdict }) => verdict),
      exchanges.map(({ ntlm, cause }) => [ntlm?.mic, ntlm?.lmResponsePresent, cause?.code]),
    ]
    expect(verdicts(again.report)).toEqual(verdicts(report))
  })
})

describe('values of a directory are private, and secrets where they are passwords', () => {
  const NAME = 'svc_printer'
  const PASSWORD = 'Quiet-Harbour-71'
  const entry = (attributes: Attributes) => searchResultEntry(`CN=${NAME},DC=lab,DC=example`, attributes, 2)
  const said = (from: 'client' | 'server', data: Uint8Array) => ({ from, data })
  const capture = (name: string, messages: readonly Message[]) => {
    const frames = tcpConversation(messages, { server: { address: '10.77.0.20', port: 389 } })
    const file = join(folder, name)
    writeFileSync(file, pcap(frames.map((bytes, at) => ({ time: 1_790_000_000e6 + at * 1000, bytes }))))
    return file
  }
  const bind = (name: string, messageId: number) => [
    said('client', bindRequest({ messageId, name, authentication: simple('Other-Harbour-72') })),
    said('server', bindResponse({ messageId, resultCode: 0 })),
  ]
  const emptied = /frames? carr(?:y|ies) zeros alone/

  it('a name that is a value stands elsewhere too: nothing is emptied for it', async () => {
    const file = capture('names.pcap', [
      ...bind('CN=alice,DC=lab,DC=example', 1),
      said('client', searchRequest('DC=lab,DC=example')),
      said('server', entry({ sAMAccountName: [NAME], pwdLastSet: ['134398288731737570'] })),
      said('client', searchRequest(`CN=${NAME},DC=lab,DC=example`, [], 3)),
      ...bind(`CN=${NAME},DC=lab,DC=example`, 4),
    ])
    const whole = await analyze([file])
    const slice = place()
    const { code, err } = await ran('extract', file, '--pair', '10.77.0.101,10.77.0.20,ldap', '-w', slice)
    expect([code, err.match(emptied)]).toEqual([0, null])
    const users = ({ exchanges }: Report) => exchanges.map(({ principal, result }) => [principal.user, result])
    expect(users(await analyze([slice]))).toEqual(users(whole))
    const bytes = readFileSync(slice)
    expect(bytes.includes('Other-Harbour')).toBe(false)
    expect(bytes.includes('134398288731737570')).toBe(false)
    // once in each entry's name and where it was asked for, not as a value
    expect(bytes.toString('latin1').split(NAME).length - 1).toBe(3)
  })

  it.each(['unicodePwd', 'userPassword', 'ms-Mcs-AdmPwd', 'msLAPS-Password', 'sambaNTPassword', 'krbPrincipalKey'])(
    '%s stands nowhere, whoever says it again',
    async (attribute) => {
      const file = capture(`${attribute}.pcap`, [
        ...bind('CN=alice,DC=lab,DC=example', 1),
        said('server', entry({ [attribute]: [PASSWORD] })),
        said('client', searchRequest(`CN=${PASSWORD},DC=lab,DC=example`, [], 3)),
      ])
      const slice = place()
      const { err } = await ran('extract', file, '--frames', '1-12', '-w', slice)
      expect(err).toMatch(emptied)
      expect(readFileSync(slice).includes(PASSWORD)).toBe(false)
    },
  )
})

describe('zeros are no evidence', () => {
  it('a MIC and a response that were there are there', async () => {
    const whole = await analyze([OFFICE])
    const { report } = await sliced([OFFICE], '--pair', '192.0.2.102,192.0.2.20,smb')
    const facts = ({ exchanges }: Report) =>
      exchanges
        .filter(({ client, ntlm }) => client.ip === '192.0.2.102' && ntlm !== null)
        .map(({ start, ntlm }) => [start, ntlm!.ntlmVersion, ntlm!.mic, ntlm!.lmResponsePresent])
    expect(facts(report)).toEqual(facts(whole))
    expect(facts(report).length).toBeGreaterThan(1)
  })

  it('nor where the comments are gone: no missing MIC, no relay', async () => {
    const { file } = await sliced([OFFICE], '--pair', '192.0.2.102,192.0.2.20,smb')
    const bytes = readFileSync(file)
    const at = bytes.indexOf('ntlmscope slice notes')
    expect(at).toBeGreaterThan(0)
    bytes.write('somebody else wrote it', at, 'latin1')
    const bare = place()
    writeFileSync(bare, bytes)
    const report = await analyze([bare])
    const ntlm = report.exchanges.filter((exchange) => exchange.ntlm !== null)
    expect(ntlm.length).toBeGreaterThan(1)
    for (const exchange of ntlm) expect(exchange.ntlm!.mic).toBeNull()
    expect(report.findings.map(({ id }) => id).filter((id) => /NS-NT-(019|003|004)/.test(id))).toEqual([])
  })

  it('a relay is one in the slice too', async () => {
    const capture = 'captures/attacks/relay-smb-to-smb.pcap'
    const whole = await analyze([capture])
    const relay = whole.findings.find(({ title }) => /relay/i.test(title) && /handed|relayed/.test(title))
    expect(relay).toBeDefined()
    const { report } = await sliced([capture], '--finding', relay!.id)
    expect(report.findings.some(({ id }) => id === relay!.id)).toBe(true)
  })
})

describe('what keys opened', () => {
  it('is not in a slice, which says so and why, with 3', async () => {
    const capture = 'captures/http/https-ntlm-wrong-binding'
    const file = place()
    const { code, err } = await ran(
      ...['extract', `${capture}.pcap`, '--keylog', `${capture}.keys`, '--finding', 'NS-CB-002', '-w', file],
    )
    expect([code, existsSync(file)]).toEqual([3, true])
    expect(err).toContain('the slice, read again, does not say: NS-CB-002')
    expect(err).toContain('a slice holds no keys')
    expect((await analyze([file])).findings.filter(({ id }) => id === 'NS-CB-002')).toEqual([])
  })
})

describe('standard input', () => {
  it('gives the slice that its file gives, and leaves nothing behind', () => {
    const [fromFile, fromPipe] = [place(), place()]
    const temporary = join(folder, 'tmp')
    mkdirSync(temporary)
    const words = (input: string, file: string) => ['extract', input, '--finding', 'NS-NT-001', '-w', file]
    const cli = (words: readonly string[], input?: Buffer) =>
      spawnSync(process.execPath, ['dist/src/cli.js', ...words], { input, env: { ...process.env, TMPDIR: temporary } })
    expect(cli(words(OFFICE, fromFile)).status).toBe(0)
    const piped = cli(words('-', fromPipe), readFileSync(OFFICE))
    expect(piped.status, String(piped.stderr)).toBe(0)
    const named = (file: string) => readFileSync(file, 'latin1').replaceAll('standard-input', 'office.pcap')
    // comments name where a frame came from, and are padded to four octets
    expect(named(fromPipe).replaceAll('\0', '').length).toBe(named(fromFile).replaceAll('\0', '').length)
    expect(readdirSync(temporary)).toEqual([])
    const nothing = cli(words('-', place()), Buffer.from('no capture at all'))
    expect(nothing.status).toBe(2)
    expect(String(nothing.stderr)).toContain('standard-input')
    expect(readdirSync(temporary)).toEqual([])
  })
})
