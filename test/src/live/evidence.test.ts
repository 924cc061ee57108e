import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { droppedIn, failureLines, isBusy } from '../../../src/live/capturing/child.ts'
import { widened } from '../../../src/live/capturing/filter.ts'
import { droppedDatagrams, listening } from '../../../src/live/capturing/listen.ts'
import { Following } from '../../../src/live/following.ts'
import { EvidenceError, EvidenceFiles } from '../../../src/live/kept/evidence.ts'
import { reportJson } from '../../../src/output/json.ts'
import { analyze } from '../../../src/run/analyze.ts'

const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-evidence-'))
afterAll(() => rmSync(folder, { recursive: true }))

let stems = 0

/** Puts a capture in, in pieces that end anywhere. */
async function kept(bytes: Buffer, fileBytes: number, filesMax: number, dropped: number | null = null) {
  const stem = `test${++stems}`
  const evidence = new EvidenceFiles({ folder, stem, fileBytes, filesMax, dropped: () => dropped })
  const following = new Following({ succession: evidence, rethrow: true }, {})
  const reading = following.follow()
  for (let at = 0, step = 1; at < bytes.length; at += step, step = (step * 7 + 3) % 9973)
    await evidence.put(bytes.subarray(at, at + step))
  evidence.end()
  const report = await reading
  const paths = readdirSync(folder)
    .filter((name) => name.startsWith(`${stem}-`))
    .sort()
    .map((name) => join(folder, name))
  return { report, paths, evidence }
}

describe.each([
  ['pcap', 'captures/office/office.pcap'],
  ['pcapng', 'captures/office/office.pcapng'],
])('evidence of a %s', (format, path) => {
  const bytes = format === 'pcap' ? readFileSync(path) : pcapngOf(readFileSync('captures/office/office.pcap'))

  it('is one file where it fits, byte for byte', async () => {
    const { paths, report } = await kept(bytes, 1e9, 10)
    expect(paths.length).toBe(1)
    expect(readFileSync(paths[0]!).equals(bytes)).toBe(true)
    expect(report.exchanges.length).toBe(7)
  })

  it('is cut between records; read again, its files give the report of the live capture', async () => {
    const { paths, report } = await kept(bytes, 20_000, 100)
    expect(paths.length).toBeGreaterThan(3)
    const again = await analyze(paths)
    expect(JSON.stringify(reportJson(again))).toBe(JSON.stringify(reportJson(report)))
    expect(again.exchanges.map(({ uid, cause }) => [uid, cause?.code])).toEqual(
      (await analyze(['captures/office/office.pcap'])).exchanges.map(({ uid, cause }) => [uid, cause?.code]),
    )
    expect(again.captures.every(({ damage }) => damage === null)).toBe(true)
  })

  it('of several files says how many packets were dropped, and of none of them', async () => {
    const { report } = await kept(bytes, 20_000, 100, 17)
    expect(report.captures.length).toBeGreaterThan(3)
    expect(report.captures.every(({ dropped }) => dropped === null)).toBe(true)
    expect(report.coverage.dropped).toBe(17)
    expect(report.blindSpots.find(({ code }) => code === 'dropped')?.count).toBe(17)
    expect((await kept(bytes, 20_000, 100, null)).report.coverage.dropped).toBeNull()
  })

  it('is a ring: the oldest goes', async () => {
    const { paths, evidence } = await kept(bytes, 20_000, 3)
    expect(paths.length).toBe(3)
    expect(evidence.paths).toEqual(paths)
  })

  it('ends as the capture ended: half a record stands there, and is told', async () => {
    const { paths, report } = await kept(bytes.subarray(0, bytes.length - 5), 1e9, 10)
    expect(readFileSync(paths[0]!).length).toBe(bytes.length - 5)
    expect(report.captures[0]!.damage).not.toBeNull()
  })
})

describe('evidence', () => {
  it('of what is no plain capture is refused', async () => {
    const evidence = new EvidenceFiles({ folder, stem: 'none', fileBytes: 1e6, filesMax: 2 })
    await expect(evidence.put(Buffer.from('1f8b0800000000000003', 'hex'))).rejects.toThrow(EvidenceError)
  })

  it('that cannot be written is one clear line', async () => {
    const evidence = new EvidenceFiles({ folder: join(folder, 'nowhere'), stem: 'a', fileBytes: 1e6, filesMax: 2 })
    await expect(evidence.put(readFileSync('captures/office/office.pcap'))).rejects.toThrow(/no such folder/)
  })
})

describe('what a capture program says', () => {
  it.each([
    [
      "Packets received/dropped on interface 'eth0': 14952/12950 (pcap:12950/dumpcap:0/flushed:0/ps_ifdrop:0) (53.6%)",
      12_950,
    ],
    ['3 packets captured\n9 packets received by filter\n6 packets dropped by kernel\n', 6],
    ['3 packets captured\n1 packet dropped by kernel\n2 packets dropped by interface\n', 3],
    ['0 packets dropped by kernel\n', 0],
    ['Capturing on eth0', null],
  ])('%s', (text, dropped) => expect(droppedIn(text)).toBe(dropped))

  it('names what mends a missing permission', () => {
    const lines = failureLines(
      { name: 'tcpdump', path: '/usr/bin/tcpdump' },
      'eth0',
      "tcpdump: eth0: You don't have permission to capture on that device\n(socket: Operation not permitted)\n",
    )
    expect(lines[0]).toMatch(/^eth0: tcpdump could not capture: .*permission/)
    expect(lines[1]).toMatch(/setcap|ChmodBPF|Npcap/)
  })
})

describe('the words of the command line', () => {
  it('a filter keeps what shows the reasons, behind a VLAN tag too', () => {
    expect(widened('port 445')).toMatch(/^\(port 445\) or port 88 .* or \(vlan and \(\(port 445\) or port 88 /)
  })

  it.each([
    ['udp:37008', { port: 37_008, meant: 37_008 }],
    ['vxlan:9000', { port: 9000, meant: 4789 }],
    ['udp:9000', null],
    ['udp:0', null],
    ['tcp:37008', null],
  ])('%s', (text, expected) => expect(listening(text)).toEqual(expected))
})

it.each([
  ['sleeps', '9463 (dumpcap) S 9462 9462 9462 0', false],
  ['waits for the processor', '9463 (dumpcap) R 9462 9462 9462 0', true],
  ['is stopped', '9463 (dumpcap) T 9462 9462 9462 0', true],
  ['has a bracket in its name', '9463 (a) R) S 9462', false],
  ['is over', '9463 (dumpcap) Z 9462', false],
  ['is nobody', '', false],
])('a capture program that %s', (_, stat, busy) => expect(isBusy(stat)).toBe(busy))

describe('datagrams that a socket had no room for', () => {
  const table = [
    '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    '  812: 00000000000000000000000000000000:9090 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 21031 2 0000000000000000 191606',
    ' 1290: 00000000000000000000000000000000:1481 00000000000000000000000000000000:9090 07 00000000:00000000 00:00000000 00000000     0        0 21030 2 0000000000000000 7',
    '',
  ].join('\n')

  it.each([
    [37_008, 191_606],
    [5249, 7],
    [4789, 0],
  ])('port %i: %i', (port, dropped) => expect(droppedDatagrams(table, port)).toBe(dropped))

  it('a table that is none says nothing', () => expect(droppedDatagrams('x\ny :9090', 37_008)).toBe(0))
})

/** The same packets in one section with one interface. */
function pcapngOf(pcap: Buffer): Buffer {
  const blocks = [
    Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex'),
    Buffer.from(`0100000014000000${pcap.subarray(20, 22).toString('hex')}00000000040014000000`, 'hex'),
  ]
  for (let at = 24; at < pcap.length; ) {
    const captured = pcap.readUInt32LE(at + 8)
    const micros = pcap.readUInt32LE(at) * 1e6 + pcap.readUInt32LE(at + 4)
    const padded = (captured + 3) & ~3
    const block = Buffer.alloc(32 + padded)
    block.writeUInt32LE(6, 0)
    block.writeUInt32LE(block.length, 4)
    block.writeUInt32LE(Math.floor(micros / 2 ** 32), 12)
    block.writeUInt32LE(micros % 2 ** 32, 16)
    block.writeUInt32LE(captured, 20)
    block.writeUInt32LE(pcap.readUInt32LE(at + 12), 24)
    pcap.copy(block, 28, at + 16, at + 16 + captured)
    block.writeUInt32LE(block.length, block.length - 4)
    blocks.push(block)
    at += 16 + captured
  }
  return Buffer.concat(blocks)
}
