/** What hosts are called: sources, time, bounds; and an alias from DNS that explains a missing service name. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HostNames } from '../../../src/context/host-names.ts'
import { LIMITS } from '../../../src/memory/limits.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { pcap, type TestPacket } from '../../builders/capture.ts'
import { concat, udpFrame } from '../../builders/net.ts'
import { readPcap, temporaryFolder } from '../../captures/packets.ts'
import { fromHex } from '../../hostile.ts'

const IP = '192.0.2.20'
const HOUR = 3600e6
const folder = temporaryFolder()

describe('the name of an address', () => {
  it('is kept as long as there is room for all names, which those of name services leave first', () => {
    const names = new HostNames()
    const long = (at: number) => `${at}.`.padEnd(255, 'x')
    const hosts = Math.ceil(LIMITS.nameCharactersMax / 255 / 8)
    const ip = (at: number) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
    for (let at = 0; at < hosts; at++)
      for (let name = 0; name < 8; name++) names.learn(ip(at), long(name), 'dns', 10, 1)
    expect(names.best(ip(hosts - 1), 10)).not.toBeNull()
    expect(names.overflow).toBeGreaterThan(0)
    expect(names.best(ip(0), 10)).toBeNull()
    names.learn(IP, 'FILES1', 'ntlm', 10, 1)
    expect(names.best(IP, 10)).toBe('FILES1')
  })

  it('is what it calls itself, before what others call it', () => {
    const names = new HostNames()
    names.learn(IP, 'intranet', 'http', 10, 1)
    names.learn(IP, 'alias.corp.example', 'dns', 20, 2)
    names.learn(IP, 'FILES1', 'ntlm', 30, 3)
    names.learn(IP, 'files1.corp.example', 'ntlm', 30, 3)
    names.learn(IP, 'wpad', 'llmnr', 40, 4)
    expect(names.best(IP, 50)).toBe('files1.corp.example')
    expect(names.of(IP).map(({ source }) => source)).toEqual(['ntlm', 'ntlm', 'dns', 'http', 'llmnr'])
    expect(names.aliases(IP, 50)).toContain('wpad')
  })

  it('is of whoever had the address before the moment that is asked for', () => {
    const names = new HostNames()
    names.learn(IP, 'old.corp.example', 'dns', 0, 1)
    names.learn(IP, 'new.corp.example', 'dns', 10 * HOUR, 2)
    // nearer to the later answer, but that had not been given yet
    expect(names.best(IP, 9 * HOUR)).toBe('old.corp.example')
    expect(names.best(IP, 11 * HOUR)).toBe('new.corp.example')
    expect(names.best(IP, -HOUR)).toBe('old.corp.example')
    // a day later the better source is too old
    names.learn(IP, 'FILES1', 'ntlm', 0, 3)
    expect(names.best(IP, 11 * HOUR)).toBe('FILES1')
    expect(names.best(IP, 30 * HOUR)).toBe('new.corp.example')
  })

  it('says when it was seen first and last, and in which frame', () => {
    const names = new HostNames()
    for (const [time, frame] of [
      [20, 2],
      [10, 1],
      [30, 3],
    ] as const)
      names.learn(IP, 'Files1', 'smb', time, frame)
    names.learn(IP, 'FILES1', 'smb', 40, 4)
    expect(names.of(IP)).toEqual([{ name: 'Files1', source: 'smb', first: 10, last: 40, frame: 1 }])
  })

  it('is no address, and no text without end', () => {
    const names = new HostNames()
    for (const name of ['', null, '192.0.2.20', 'fe80::1', 'x'.repeat(300)]) names.learn(IP, name, 'http', 1, 1)
    expect(names.of(IP)).toEqual([])
  })

  it('of name services leaves when there are too many, of hosts that speak it stays', () => {
    const names = new HostNames()
    names.learn(IP, 'files1', 'ntlm', 1, 1)
    for (let at = 0; at < LIMITS.resolvedHostsMax + 5; at++)
      names.learn(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, `h${at}.example`, 'dns', at, at)
    expect(names.overflow).toBe(5)
    expect(names.of('10.0.0.0')).toEqual([])
    expect(names.best('10.0.1.0', 300)).toBe('h256.example')
    expect(names.best(IP, 1)).toBe('files1')
    for (let at = 0; at < 100; at++) names.learn('10.0.1.0', `other${at}`, 'dns', at, at)
    expect(names.of('10.0.1.0')).toHaveLength(LIMITS.namesPerHostMax)
  })
})

describe('an alias', () => {
  it('leads to the end of its chain, and a loop ends', () => {
    const names = new HostNames()
    names.learnAlias('A.example', 'b.example', 1, 1, 'd')
    names.learnAlias('b.example', 'c.example', 2, 2, 'd')
    expect(names.aliasOf('a.EXAMPLE', 3)).toEqual({ target: 'c.example', time: 1, frame: 1, by: 'd' })
    expect(names.aliasOf('c.example', 3)).toBeNull()
    expect(names.aliasOf('a.example', 3 + 25 * HOUR)).toBeNull()
    names.learnAlias('c.example', 'a.example', 3, 3, 'd')
    expect(names.aliasOf('a.example', 4)).not.toBeNull()
  })

  it('without a service name: the cause names the frame of DNS, and is the same without it', async () => {
    const recorded: TestPacket[] = readPcap(
      new URL('../../../captures/changes/spn-registered-before.pcap', import.meta.url).pathname,
    ).records.map((record) => {
      const view = new DataView(record.buffer, record.byteOffset, record.length)
      return { time: view.getUint32(0, true) * 1e6 + view.getUint32(4, true), bytes: record.subarray(16) }
    })
    const answer = concat(
      fromHex('0101 8580 0001 0002 0000 0000'),
      fromHex('0761726368697665 04636f7270 076578616d706c65 00 0001 0001'),
      fromHex('c00c 0005 0001 0000003c 0009 0666696c657331 c014'),
      fromHex('c032 0001 0001 0000003c 0004 c0000214'),
    )
    const frame = udpFrame(answer, { address: '192.0.2.10', port: 53 }, { address: '192.0.2.101', port: 41_052 })
    const causeOf = async (packets: readonly TestPacket[], name: string) => {
      const path = join(folder, name)
      writeFileSync(path, pcap(packets))
      const report = await analyze([path], { rethrow: true })
      return { cause: report.exchanges.find(({ mechanism }) => mechanism === 'ntlm')!.cause!, report }
    }
    const { cause: without } = await causeOf(recorded, 'without.pcap')
    const asked = recorded.slice(0, 2)
    const packets = [...asked, { time: asked[1]!.time, bytes: frame }, ...recorded.slice(2)]
    const { cause, report } = await causeOf(packets, 'with.pcap')
    expect(cause).toMatchObject({ code: without.code, confidence: without.confidence })
    expect(without.why).not.toMatch(/alias/)
    expect(cause.why).toMatch(/an alias of files1\.corp\.example/)
    expect(cause.frames).toContain(3)
    expect(cause.fix).toMatch(
      /setspn -S HOST\/archive\.corp\.example FILES1\$, or netdom computername FILES1 \/add:archive\.corp\.example/,
    )
    const host = report.hosts.find(({ ip }) => ip === IP)!
    expect(host.names.map(({ name, source }) => `${source} ${name}`)).toEqual(
      expect.arrayContaining(['ntlm files1.corp.example', 'dns archive.corp.example']),
    )
  })
})
