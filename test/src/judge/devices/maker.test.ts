/** Who made a device: each hint with what must not be one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AuthExchange } from '../../../../src/facts/exchange.ts'
import { hostPattern } from '../../../../src/facts/filter.ts'
import { deviceCard } from '../../../../src/judge/device.ts'
import { hardwareIn, makersOf, settingsOf } from '../../../../src/judge/devices/maker.ts'
import { OUIS } from '../../../../src/judge/devices/ouis.ts'
import { analyze } from '../../../../src/run/analyze.ts'

const NOTHING: Parameters<typeof makersOf>[2] = { client: [], server: [] }

/** as far as it is asked */
function logon(ntlm: { serverVersion?: string; clientVersion?: string }, workstation: string | null = null) {
  return {
    ntlm: { serverVersion: null, clientVersion: null, ...ntlm },
    principal: { workstation },
    capture: 'a.pcap',
    frames: [3, 4, 5],
  } as unknown as AuthExchange
}

const namesOf = (addresses: readonly string[], names: readonly string[] = [], seen = NOTHING) =>
  makersOf(addresses, names, seen).map(({ name, by }) => `${name} by ${by}`)

describe('the maker of a device', () => {
  it.each([
    ['fe80::21b:a9ff:feab:cdef', 'Brother by address'],
    ['2001:db8:0:1:226:73ff:fe00:1', 'Ricoh by address'],
    ['2001:db8::211:32ff:fe12:3456', 'Synology by address'],
  ])('stands in the hardware address of %s', (ip, maker) => {
    expect(namesOf([ip])).toEqual([maker])
  })

  it.each([
    '10.1.0.5',
    '2001:db8::5',
    'fe80::1',
    'fe80::21b:a9ff:fdab:cdef',
    '::',
    '::ffff:10.1.0.5',
    'fe80::ff:fe00:0',
  ])('does not stand in %s', (ip) => {
    expect(namesOf([ip])).toEqual([])
  })

  it('is computed as RFC 4291 has it', () => {
    // the example of appendix A
    expect(hardwareIn('fe80::3656:78ff:fe9a:bcde')).toBe('345678 9abcde'.replace(' ', ''))
    expect(hardwareIn('2001:db8:1:2:21b:a9ff:feab:cdef')).toBe('001ba9abcdef')
  })

  it('stands at the end of a name, or is how its maker names devices', () => {
    expect(namesOf([], ['BRN001BA9ABCDEF.corp.example'])).toEqual(['Brother by name'])
    expect(namesOf([], ['BRW_1a2b3c'])).toEqual(['Brother by name'])
    expect(namesOf([], ['ET0021B7ABCDEF'])).toEqual(['Lexmark by name'])
    for (const name of ['BRUNO', 'BRN', 'nas1', 'ABCDEF123456', 'files1.corp.example'])
      expect(namesOf([], [name]), name).toEqual([])
  })

  it('is the name that it gives itself as a client as well', () => {
    expect(namesOf([], [], { client: [logon({}, 'BRN001BA9ABCDEF')], server: [] })).toEqual(['Brother by name'])
  })

  it('is hinted at by the version that NTLMSSP sends, with the frames', () => {
    const [maker] = makersOf([], [], { client: [], server: [logon({ serverVersion: '6.1.0' })] })
    expect(maker).toMatchObject({ name: 'Samba', by: 'ntlmssp-version', capture: 'a.pcap', frames: [3, 4] })
    expect(namesOf([], [], { client: [], server: [logon({ serverVersion: '10.0.20348' })] })).toEqual([
      'Windows by ntlmssp-version',
    ])
    // what a client sends as 6.1.0 may be many things; 0.0.0 is nobody
    for (const seen of [
      { client: [logon({ clientVersion: '6.1.0' })], server: [] },
      { client: [], server: [logon({ serverVersion: '0.0.0' })] },
      { client: [], server: [logon({})] },
    ])
      expect(namesOf([], [], seen)).toEqual([])
  })

  it('says what mends what failed, and nothing else', () => {
    const samba = makersOf([], [], { client: [], server: [logon({ serverVersion: '6.1.0' })] })
    expect(settingsOf(samba, new Set(['no SMB1'])).map(({ setting }) => setting)).toEqual([
      'server min protocol, client min protocol',
    ])
    expect(settingsOf(samba, new Set())).toEqual([])
    expect(settingsOf([], new Set(['no SMB1', 'no NTLM']))).toEqual([])
    for (const { source, maker } of settingsOf(
      [
        samba[0]!,
        { ...samba[0]!, name: 'Ricoh' },
        { ...samba[0]!, name: 'Konica Minolta' },
        { ...samba[0]!, name: 'Windows' },
      ],
      new Set(['no NTLM', 'Kerberos', 'SMB signing required', 'no SMB1']),
    ))
      expect(source, maker).not.toBe('')
  })

  it('has a list without doubles', () => {
    const all = Object.values(OUIS).flatMap((list) => list.split(' '))
    expect(all.length).toBeGreaterThan(100)
    expect(all.filter((oui) => !/^[0-9A-F]{6}$/.test(oui))).toEqual([])
    expect(new Set(all).size).toBe(all.length)
  })
})

it('by ARP: a device names its hardware address itself, and the card the frame of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-arp-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const office = readFileSync('captures/office/office.pcap')
  const arp = Buffer.from(
    'ffffffffffff001ba9abcdef08060001080006040001001ba9abcdefc0000265000000000000c0000201'.padEnd(120, '0'),
    'hex',
  )
  const record = Buffer.alloc(16)
  // the time of the first packet
  office.copy(record, 0, 24, 32)
  record.writeUInt32LE(arp.length, 8)
  record.writeUInt32LE(arp.length, 12)
  const path = join(folder, 'arp.pcap')
  writeFileSync(path, Buffer.concat([office.subarray(0, 24), record, arp, office.subarray(24)]))
  for (const threads of [1, 2]) {
    const report = await analyze([path], { threads })
    expect(report.hosts.find(({ ip }) => ip === '192.0.2.101')?.hardware).toEqual({
      address: '00:1b:a9:ab:cd:ef',
      capture: path,
      frame: 1,
    })
    expect(deviceCard(report, hostPattern('192.0.2.101')).makers).toContainEqual({
      name: 'Brother',
      by: 'arp',
      detail: 'its hardware address 00:1b:a9:ab:cd:ef, as it says itself in ARP, is one of this maker',
      capture: path,
      frames: [1],
    })
    expect(deviceCard(report, hostPattern('192.0.2.20')).makers.map(({ name }) => name)).not.toContain('Brother')
  }
})
