/**
 * A part of a report: the same of the captures and of the report that was saved of them, what was left out, and what a
 * list that was cut cannot answer. Several formats of one run.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../src/cli/command-line.ts'
import { LIMITS } from '../../src/memory/limits.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const OFFICE = join(BUNDLED, 'office', 'office.pcap')
const at = temporaryFolder()

async function run(...words: string[]) {
  const said = { out: '', err: '' }
  const to = (where: 'out' | 'err') => ({
    write(text: string) {
      said[where] += text
      return true
    },
  })
  const io = { out: to('out'), err: to('err'), env: { COLUMNS: '100' } }
  const code = await runCommand(words, io as never)
  await new Promise(setImmediate)
  return { code, ...said }
}

const json = async (...words: string[]) => JSON.parse((await run('analyze', ...words, '-f', 'json')).out)

const saved = join(at, 'saved.json')
const save = run('analyze', OFFICE, '-f', `json=${saved}`)

const limits = LIMITS as { reportExchangesMax: number }
const most = limits.reportExchangesMax
afterEach(() => {
  limits.reportExchangesMax = most
})

/** Numbers below `most`, the same ones each time. */
function seeded(seed: number) {
  let state = seed
  return (most: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: reports as they are written
type Drawn = Record<string, any>

function drawnWords(
  whole: Record<'pairs' | 'kdc' | 'findings' | 'exchanges', Drawn[]>,
  from: (most: number) => number,
) {
  const { pairs, kdc, findings, exchanges } = whole
  const ends = [...pairs, ...kdc].flatMap(({ client, server, kdc: of }) => [client, server ?? of] as { ip: string }[])
  const hosts = [...ends.map(({ ip }) => ip), ...findings.flatMap(({ client, server }) => [client ?? server, server])]
  const services = [...pairs, ...findings].map(({ service }) => service)
  const users = exchanges.map(({ principal }) => principal.user)
  const ids = findings.map(({ id }) => id)
  const times = findings.map(({ start }) => start)
  const drawn: [option: string, of: unknown[], oneIn: number][] = [
    ['--client', hosts, 2],
    ['--server', hosts, 3],
    ['--host', hosts, 6],
    ['--service', services, 3],
    ['--user', users, 4],
    ['--finding', ids, 3],
    ['--severity', ['critical', 'high', 'medium', 'low'], 5],
    [from(2) === 0 ? '--since' : '--until', times, 4],
  ]
  const words = drawn.flatMap(([option, all, oneIn]) => {
    const of = all.filter((word) => word != null)
    return of.length > 0 && from(oneIn) === 0 ? [option, String(of[from(of.length)])] : []
  })
  return words.length > 0 ? words : ['--client', hosts[0]]
}

const words: string[][] = [
  ['--verdict', 'mixed', '--verdict', 'ntlm-only'],
  ['--finding', 'NS-FB-002'],
  ['--severity', 'high'],
  ['--cause', 'rc04'],
  ['--user', 'PRINTER1\\scan', '--origin', 'direct'],
  ['--origin', 'direct', '--severity', 'critical'],
  ['--verdict', 'ntlm-only', '--client', '192.0.2.103'],
]

describe('narrowed', () => {
  it.each(words)('%j %j: the same of captures and of their report', async (...of) => {
    await save
    const fromCapture = await json(OFFICE, ...of)
    const fromSaved = await json(saved, ...of)
    const { unfiltered: _1, ...one } = fromCapture
    const { unfiltered: _2, ...other } = fromSaved
    expect({ ...other, filter: one.filter }).toEqual(one)
    expect(one.pairs.length).toBeGreaterThan(0)
    expect(one.pairs.length).toBeLessThanOrEqual(7)
  })

  const drawn = [
    'rpc/pipe-inner-spnego-sign',
    'attacks/llmnr-capture',
    'attacks/relay-smb-to-smb',
    'kerberos/kerberoast',
  ]
  it.each(drawn)('%s: the same findings, whoever is asked for', async (name) => {
    const capture = join(BUNDLED, `${name}.pcap`)
    const file = join(at, 'drawn.json')
    await run('analyze', capture, '-f', `json=${file}`)
    const whole = JSON.parse(readFileSync(file, 'utf8'))
    const from = seeded(name.length)
    let some = 0
    for (let round = 0; round < 8; round++) {
      const of = drawnWords(whole, from)
      const [one, other] = [
        await run('analyze', capture, ...of, '-f', 'json'),
        await run('analyze', file, ...of, '-f', 'json'),
      ]
      const told = ({ code, out }: typeof one) => [of, code, JSON.parse(out).findings]
      expect(told(other)).toEqual(told(one))
      some += JSON.parse(one.out).findings.length
    }
    expect(some).toBeGreaterThan(0)
  })

  it('a finding stays where half of its evidence is of somebody else, or of no logon', async () => {
    const ids = async (...of: string[]) => (await json(...of)).findings.map(({ id }: { id: string }) => id)
    const pipe = join(BUNDLED, 'rpc', 'pipe-inner-spnego-sign.pcap')
    const file = join(at, 'pipe.json')
    await run('analyze', pipe, '-f', `json=${file}`)
    for (const input of [pipe, file]) {
      const asked = ['--client', '192.0.2.101', '--finding', 'NS-KR-013']
      expect(await ids(input, ...asked), input).toEqual(['NS-KR-013'])
      expect(await ids(input, '--client', '192.0.2.199'), input).toEqual([])
    }
    // twelve accounts, one of them after the time that is asked for
    const spray = join(BUNDLED, 'kerberos', 'password-spray.pcap')
    const { kdc } = await json(spray)
    await run('analyze', spray, '-f', `json=${file}`)
    for (const input of [spray, file])
      expect(await ids(input, '--since', kdc.at(-1).time), input).toContain('NS-KR-014')
  })

  it('every exchange, pair and finding is one that was asked for, and counts are of these', async () => {
    await save
    const whole = await json(saved)
    const fallback = await json(saved, '--verdict', 'ntlm-fallback')
    expect(fallback.pairs).toEqual(whole.pairs.filter((pair: { verdict: string }) => pair.verdict === 'ntlm-fallback'))
    const isOfIt = (one: { client: { ip: string }; server: { ip: string } }) =>
      one.client.ip === '192.0.2.102' && one.server.ip === '192.0.2.20'
    expect(fallback.exchanges).toEqual(whole.exchanges.filter(isOfIt))
    expect(fallback.figures.total.exchanges).toBe(fallback.exchanges.length)
    expect(fallback.places.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(2)
    expect(fallback.servers.map(({ server }: { server: { ip: string } }) => server.ip)).toEqual(['192.0.2.20'])
    const rc04 = await json(saved, '--cause', 'RC04')
    expect(rc04.exchanges.map(({ cause }: { cause: { code: string } }) => cause.code)).toEqual(['RC04'])
    expect(rc04.pairs[0].counts.exchanges).toBe(1)
    const findings = await json(saved, '--severity', 'high')
    expect(new Set(findings.findings.map(({ severity }: { severity: string }) => severity))).toEqual(
      new Set(
        whole.findings
          .map(({ severity }: { severity: string }) => severity)
          .filter((severity: string) => ['critical', 'high'].includes(severity)),
      ),
    )
    // what nobody saw may be what is asked for
    expect(rc04.blindSpots).toEqual(whole.blindSpots)
  })

  it('says so first, and what was left out', async () => {
    const { code, out } = await run('analyze', OFFICE, '--cause', 'RC04')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^Only --cause RC04: 1 of 6 pairs with an authentication\. Without the filter 3 use NTLM\.\nLeft out: 6 authentications, 3 of them NTLM\.\n/,
    )
  })

  it('what nothing matches is said: 3; what there is not: a usage error', async () => {
    await save
    // each is somebody, and nobody is all of it: the same of both
    const nobody = ['--server', '192.0.2.40', '--user', 'scan', '--service', 'smb']
    for (const input of [OFFICE, saved]) expect((await run('analyze', input, ...nobody)).code, input).toBe(3)
    for (const input of [OFFICE, saved]) {
      for (const [option, word] of [
        ['--verdict', 'mixed'],
        ['--cause', 'RC02'],
        ['--user', 'nobody'],
        ['--finding', 'NS-KR-001'],
      ] as const) {
        const { code, out } = await run('analyze', input, option, word)
        expect([input, word, code]).toEqual([input, word, 3])
        expect(out.replaceAll(/\s+/g, ' ')).toContain(`Nothing in these captures matches ${option} ${word}`)
      }
    }
    for (const wrong of [
      ['--verdict', 'ntlm'],
      ['--cause', 'RC98'],
      ['--cause', 'name'],
      ['--finding', 'NS-XX-001'],
      ['--severity', 'grave'],
      ['--origin', 'west'],
      ['--user', ' '],
    ])
      expect((await run('analyze', OFFICE, ...wrong)).code).toBe(64)
  })

  it('a list that was cut: captures are read once more, a saved report says what it cannot tell', async () => {
    const asked = ['--verdict', 'ntlm-fallback']
    const whole = await json(OFFICE, ...asked)
    limits.reportExchangesMax = 1
    const read = await json(OFFICE, ...asked)
    const same = ['pairs', 'findings', 'places', 'servers', 'clients', 'accounts'] as const
    for (const member of same) expect([member, read[member]]).toEqual([member, whole[member]])
    expect(read.figures.total).toEqual(whole.figures.total)
    const all = await run('analyze', OFFICE, ...asked, '-f', 'csv', '--table', 'exchanges')
    const cut = join(at, 'cut.json')
    expect((await run('analyze', OFFICE, '-f', `json=${cut}`)).code).toBe(0)
    const printed = await run('analyze', cut, ...asked, '-f', 'json')
    expect(printed.code).toBe(2)
    expect(printed.err).toContain('could not be asked about the filter')
    const report = JSON.parse(printed.out)
    expect(report.pairs).toEqual(whole.pairs)
    expect(report.blindSpots).toContainEqual(expect.objectContaining({ code: 'not-narrowed', count: 6 }))
    expect(all.code).toBe(0)
  })
})

describe('several formats of one run', () => {
  it('each in its file, and one on standard output', async () => {
    const [page, table, folder] = ['r.html', 'r.csv', 'zeek'].map((name) => join(at, name)) as [string, string, string]
    const { code, out } = await run('analyze', OFFICE, '-f', 'text', '-f', `html=${page}`, '-f', `csv=${table}`)
    expect(code).toBe(0)
    expect(out).toBe((await run('analyze', OFFICE)).out)
    expect(readFileSync(page, 'utf8')).toBe((await run('analyze', OFFICE, '-f', 'html')).out)
    expect(readFileSync(table, 'utf8')).toBe((await run('analyze', OFFICE, '-f', 'csv')).out)
    expect((await run('analyze', OFFICE, '-f', 'ndjson', '-f', `zeek=${folder}`)).code).toBe(0)
    expect(existsSync(join(folder, 'kerberos.log'))).toBe(true)
  })

  it('what makes no sense is a usage error, and what is read is not written onto', async () => {
    for (const wrong of [
      ['-f', 'text', '-f', 'csv'],
      ['-f', 'text=', '-f', 'csv'],
      ['-f', 'pdf'],
      ['-f', `csv=${join(at, 'x')}`, '-f', `json=${join(at, 'x')}`],
      ['-f', `csv=${join(at, 'x')}`, '-o', join(at, 'y')],
    ])
      expect([wrong, (await run('analyze', OFFICE, ...wrong)).code]).toEqual([wrong, 64])
    const copy = join(at, 'copy.pcap')
    writeFileSync(copy, readFileSync(OFFICE))
    expect((await run('analyze', copy, '-f', 'text', '-f', `csv=${copy}`)).code).toBe(64)
    expect(readFileSync(copy)).toEqual(readFileSync(OFFICE))
  })
})

describe('what the page has beside the report', () => {
  const change = (name: string) => join(BUNDLED, 'changes', `${name}.pcap`)

  it('what was before; a device; a head; a zone', async () => {
    const page = join(at, 'page.html')
    const cover = join(at, 'cover.yaml')
    writeFileSync(cover, 'title: the office\nfor: IT\n')
    const words = ['--before', change('spn-registered-before'), '--device', '192.0.2.20', '--cover', cover]
    const asked = ['--tz', 'Asia/Tokyo', '-f', `html=${page}`]
    expect((await run('analyze', change('spn-registered-after'), ...words, ...asked)).code).toBe(0)
    const html = readFileSync(page, 'utf8')
    for (const text of ['>fixed<', 'the office', '192.0.2.20 (archive', '+09:00']) expect(html).toContain(text)
    expect(html).not.toContain(BUNDLED)
    // what the filter leaves out is not gone, and what a part shows is not proven
    await run('analyze', change('spn-registered-after'), ...words, ...asked, '--client', '192.0.2.101')
    expect(readFileSync(page, 'utf8')).toContain('>unproven<')
    await run('analyze', change('spn-registered-after'), ...words, ...asked, '--client', '192.0.2.199')
    expect(readFileSync(page, 'utf8')).not.toContain('>gone<')
  })

  it('what makes no sense is a usage error', async () => {
    const cover = join(at, 'wrong.yaml')
    for (const text of ['', '- a', 'titel: x', 'title: [x]', 'title: {', 'title: x\ntitle: y']) {
      writeFileSync(cover, text)
      expect([text, (await run('analyze', OFFICE, '-f', 'html', '--cover', cover)).code]).toEqual([text, 64])
    }
    for (const wrong of [
      ['-f', 'html', '--cover', join(at, 'absent.yaml')],
      ['-f', 'html', '--tz', 'Nowhere/Land'],
      ['--tz', 'Asia/Tokyo'],
      ['-f', 'csv', '--device', '192.0.2.20'],
    ])
      expect([wrong, (await run('analyze', OFFICE, ...wrong)).code]).toEqual([wrong, 64])
    expect((await run('analyze', OFFICE, '-f', 'html', '--before', join(at, 'absent.json'))).code).toBe(2)
  })
})
