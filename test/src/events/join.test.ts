/**
 * Events meet authentications: by address and port, by account, by SPN; with clocks that differ, in zones that nobody
 * tells, and where several fit.
 */
import { describe, expect, it } from 'vitest'
import type { WindowsEvent } from '../../../src/events/event.ts'
import { EventJoin, type JoinInput } from '../../../src/events/join.ts'
import { contradictionsOf, eventsOf, windowsOf } from '../../../src/events/joined-facts.ts'
import { type EventCoverage, eventBlindSpots, eventCoverageOf } from '../../../src/events/log-coverage.ts'
import type { AuthExchange } from '../../../src/facts/exchange.ts'
import { logNotes } from '../../../src/judge/log-notes.ts'
import { endpoint, exchange, kdc, MORNING, ntlmByAddress } from '../../builders/report.ts'

const SECOND = 1_000_000
const CLIENT = '10.1.2.34'
const SERVER = '10.1.2.6'
const HOSTS = [
  { ip: SERVER, names: ['nas02.corp.example'] },
  { ip: CLIENT, names: ['WS-045'] },
  { ip: '10.1.2.5', names: ['fs01'] },
]
const NTLM = 'Microsoft-Windows-NTLM/Operational'

let record = 0

function event(id: number, data: Readonly<Record<string, string>>, part: Partial<WindowsEvent> = {}): WindowsEvent {
  const provider = 'Microsoft-Windows-Security-Auditing'
  const head = { id, channel: 'Security', provider, computer: 'NAS02.corp.example', clock: 'utc' as const }
  return { ...head, record: ++record, time: MORNING + 1.4 * SECOND, data: new Map(Object.entries(data)), ...part }
}

/** 4624 of the NTLM logon of ntlmByAddress(). */
function logon(data: Readonly<Record<string, string>> = {}, part: Partial<WindowsEvent> = {}, id = 4624): WindowsEvent {
  const fields = {
    TargetUserName: 'alice',
    TargetDomainName: 'CORP',
    TargetLogonId: '0x51f3c',
    LogonType: '3',
    LogonProcessName: 'NtLmSsp ',
    AuthenticationPackageName: 'NTLM',
    LmPackageName: 'NTLM V2',
    WorkstationName: 'WS-045',
    LogonGuid: '{00000000-0000-0000-0000-000000000000}',
    IpAddress: CLIENT,
    IpPort: '50022',
  }
  return event(id, { ...fields, ...data }, part)
}

function outgoing(id: number, data: Readonly<Record<string, string>>, part: Partial<WindowsEvent> = {}): WindowsEvent {
  return event(id, data, { channel: NTLM, provider: 'Microsoft-Windows-NTLM', computer: 'WS-045', ...part })
}

function joined(events: readonly WindowsEvent[], exchanges: readonly AuthExchange[], part: Partial<JoinInput> = {}) {
  const input = { exchanges, kdc: [], start: MORNING, end: MORNING + 3600 * SECOND, hosts: HOSTS, ...part }
  const join = new EventJoin(input)
  for (const one of events) join.add(one)
  const result = join.result()
  const windows = new Map(result.subjects.map((subject) => [subject, windowsOf(subject)]))
  const coverage: EventCoverage = eventCoverageOf(result, [], windows, true)
  const first = result.subjects[0]!
  return { result, coverage, first, events: eventsOf(first), windows: windows.get(first) ?? null }
}

describe('by address and port', () => {
  it('the logon of the server is that of the wire: user, package, logon id', () => {
    const { events, windows } = joined([logon()], [ntlmByAddress()])
    expect(events).toEqual([
      expect.objectContaining({ id: 4624, channel: 'Security', side: 'server', join: 'address', confidence: 'high' }),
    ])
    expect(windows).toMatchObject({
      user: 'CORP\\alice',
      package: 'NTLM',
      lmPackage: 'NTLM V2',
      logonId: '0x51f3c',
      logonGuid: null,
      agrees: true,
      contradictions: [],
    })
  })

  it('an address of IPv4 in IPv6 is the same', () => {
    expect(joined([logon({ IpAddress: `::ffff:${CLIENT}` })], [ntlmByAddress()]).events).toHaveLength(1)
  })

  it('not on another port, not on another server, not an hour later', () => {
    expect(joined([logon({ IpPort: '50023' })], [ntlmByAddress()]).events).toEqual([])
    expect(joined([logon({}, { computer: 'FS01' })], [ntlmByAddress()]).events).toEqual([])
    const others = [logon(), logon({}, { time: MORNING + 3500 * SECOND })]
    expect(joined(others, [ntlmByAddress()]).events).toHaveLength(1)
  })

  it('a host whose address nothing tells joins with less confidence, and contradicts nothing', () => {
    const { events, windows } = joined(
      [logon({ AuthenticationPackageName: 'Kerberos', LmPackageName: '-' }, { computer: 'UNKNOWN01' })],
      [ntlmByAddress()],
    )
    expect(events[0]).toMatchObject({ join: 'address', confidence: 'medium' })
    expect(windows?.contradictions).toEqual([])
  })

  it('several logons of one port: each event goes to the one that agrees, then to the nearest', () => {
    const two = [
      ntlmByAddress({ id: 'a' }),
      ntlmByAddress({ id: 'b', principal: { user: 'bob', domain: 'CORP', workstation: 'WS-045' } }),
      ntlmByAddress({ id: 'c', start: MORNING + 9 * SECOND, end: MORNING + 9 * SECOND }),
    ]
    const later = logon({}, { time: MORNING + 9 * SECOND })
    const { result } = joined([logon({ TargetUserName: 'bob' }), later, logon()], two)
    const users = result.subjects.map(({ joined: all }) => all.map(({ fact }) => `${fact.user} ${fact.time - MORNING}`))
    expect(users).toEqual([['alice 1400000'], ['bob 1400000'], ['alice 9000000']])
  })

  it('the program that opened the connection, and the one that accepted it', () => {
    const ends = { SourceAddress: CLIENT, SourcePort: '50022', DestAddress: SERVER, DestPort: '445' }
    const opened = event(
      5156,
      { ...ends, Direction: '%%14593', Application: '\\device\\harddiskvolume2\\windows\\explorer.exe' },
      { computer: 'WS-045', time: MORNING + SECOND },
    )
    const accepted = event(5156, { ...ends, Direction: '%%14592', Application: 'System' }, { time: MORNING + SECOND })
    const { windows, events } = joined([opened, accepted], [ntlmByAddress()])
    expect(events.map(({ side }) => side).sort()).toEqual(['client', 'server'])
    expect(windows?.process).toMatch(/explorer\.exe$/)
    expect(windows?.serverProcess).toBe('System')
    expect(windows?.agrees).toBeNull()
    const other = event(5156, { ...ends, DestAddress: '10.1.2.7', Direction: '%%14593', Application: 'x' })
    expect(joined([other], [ntlmByAddress()]).events).toEqual([])
  })

  it('who asked the redirector is a better answer than System', () => {
    const ends = { SourceIp: CLIENT, SourcePort: '50022', DestinationIp: SERVER, DestinationPort: '445' }
    const sysmon = event(
      3,
      { ...ends, Initiated: 'true', Image: 'System', UtcTime: '2026-03-02 08:00:01.000' },
      { channel: 'Microsoft-Windows-Sysmon/Operational', provider: 'Microsoft-Windows-Sysmon', computer: 'WS-045' },
    )
    const audit = outgoing(8001, { TargetName: 'cifs/10.1.2.6', UserName: 'alice', ProcessName: 'C:\\app\\backup.exe' })
    expect(joined([sysmon, audit], [ntlmByAddress()]).windows?.process).toBe('C:\\app\\backup.exe')
    expect(joined([sysmon], [ntlmByAddress()]).windows?.process).toBe('System')
  })

  it('tickets of a KDC, and shares of a session', () => {
    const asked = kdc({ client: endpoint(CLIENT, 51_001) })
    const ticket = event(
      4769,
      { TargetUserName: 'alice@CORP.EXAMPLE', ServiceName: 'FS01$', IpAddress: `::ffff:${CLIENT}`, IpPort: '51001' },
      { computer: 'DC01', time: MORNING + SECOND },
    )
    const share = event(5145, {
      SubjectUserName: 'alice',
      SubjectDomainName: 'CORP',
      IpAddress: CLIENT,
      IpPort: '50022',
      ShareName: '\\\\*\\data',
      RelativeTargetName: 'plan.xlsx',
    })
    const { result, windows } = joined([ticket, share], [ntlmByAddress()], { kdc: [asked] })
    expect(windows).toMatchObject({ shares: ['data\\plan.xlsx'], user: 'CORP\\alice' })
    const [, request] = result.subjects
    expect(eventsOf(request!)).toEqual([expect.objectContaining({ id: 4769, side: 'controller', join: 'address' })])
    expect(windowsOf(request!)?.user).toBe('CORP.EXAMPLE\\alice')
  })
})

describe('clocks', () => {
  it('a clock that is off is found by its logons, and used where there is no port', () => {
    const ahead = 240 * SECOND
    const exchanges = [0, 20, 40, 60].map((later) =>
      ntlmByAddress({
        id: String(later),
        client: endpoint(CLIENT, 50_022 + later, 'WS-045'),
        start: MORNING + later * SECOND,
        end: MORNING + later * SECOND,
      }),
    )
    const logons = [0, 20, 40].map((later) =>
      logon({ IpPort: String(50_022 + later) }, { time: MORNING + later * SECOND + ahead }),
    )
    const incoming = outgoing(
      8003,
      { UserName: 'alice', DomainName: 'CORP', Workstation: 'WS-045', ProcessName: 'System' },
      { computer: 'NAS02', time: MORNING + 60 * SECOND + ahead + 0.3 * SECOND },
    )
    const { result, coverage } = joined([...logons, incoming], exchanges)
    expect(coverage.hosts[0]?.clockOffsetSeconds).toBe(240)
    expect(result.subjects.map(({ joined: all }) => all.map(({ fact }) => fact.id))).toEqual([
      [4624],
      [4624],
      [4624],
      [8003],
    ])
  })

  it('one event an hour off is no clock: a port is used again', () => {
    const { coverage, events } = joined([logon({}, { time: MORNING + 3600 * SECOND })], [ntlmByAddress()])
    expect(coverage.hosts[0]?.clockOffsetSeconds).toBeNull()
    expect(events).toEqual([])
  })

  it('local times of a zone that nothing tells are joined to nothing, and said', () => {
    const zone = -5 * 3600 * SECOND
    const local = logon({}, { time: MORNING + 1.4 * SECOND + zone, clock: 'local' })
    const { coverage, events } = joined([local], [ntlmByAddress()])
    expect(events).toEqual([])
    expect(coverage.hosts[0]?.zone).toBe('unknown')
    expect(eventBlindSpots(coverage).map(({ code }) => code)).toContain('log-zone-unknown')
  })

  it('three logons tell the zone', () => {
    const zone = -5 * 3600 * SECOND
    const exchanges = [1, 2, 3].map((n) =>
      ntlmByAddress({ id: `${n}`, client: endpoint(CLIENT, 50_000 + n, 'WS-045') }),
    )
    const events = [1, 2, 3].map((n) =>
      logon({ IpPort: `${50_000 + n}` }, { time: MORNING + 1.4 * SECOND + zone, clock: 'local' }),
    )
    const { coverage, result } = joined(events, exchanges)
    expect(coverage.hosts[0]).toMatchObject({ zone: 'known', clockOffsetSeconds: expect.closeTo(-5 * 3600, 0) })
    expect(result.joined).toBe(3)
  })
})

describe('without a port', () => {
  const validation = (part: Partial<WindowsEvent> = {}) =>
    event(
      4776,
      { TargetUserName: 'alice', Workstation: '\\\\WS-045', PackageName: 'MICROSOFT_AUTHENTICATION_PACKAGE_V1_0' },
      { computer: 'DC01', ...part },
    )

  it('account and workstation join what a domain controller checked', () => {
    const { events } = joined([validation()], [ntlmByAddress()])
    expect(events).toEqual([
      expect.objectContaining({ id: 4776, side: 'controller', join: 'user', confidence: 'medium' }),
    ])
  })

  it('what fits two is said, and joined to none', () => {
    const two = [ntlmByAddress({ id: 'a' }), ntlmByAddress({ id: 'b', client: endpoint(CLIENT, 50_030, 'WS-045') })]
    const { result, windows, coverage } = joined([validation()], two)
    expect(result).toMatchObject({ joined: 0, ambiguous: 1 })
    expect(windows).toMatchObject({ ambiguous: 1, user: null, process: null })
    expect(coverage.ambiguous).toBe(1)
  })

  it('another account, another workstation and four seconds do not fit', () => {
    expect(joined([validation({ time: MORNING + 5 * SECOND })], [ntlmByAddress()]).events).toEqual([])
    const other = ntlmByAddress({ principal: { user: 'bob', domain: 'CORP', workstation: 'WS-045' } })
    expect(joined([validation()], [other]).events).toEqual([])
    const elsewhere = ntlmByAddress({ principal: { user: 'alice', domain: 'CORP', workstation: 'WS-099' } })
    expect(joined([validation()], [elsewhere]).events).toEqual([])
  })

  it('logons of HTTP.sys that name one account name it, whichever is whose', () => {
    const web = (id: string) =>
      exchange({ id, service: 'winrm', carrier: 'http', smb: null, client: endpoint(CLIENT, Number(`5000${id}`)) })
    const without = logon(
      { IpAddress: '-', IpPort: '-', AuthenticationPackageName: 'Kerberos', LmPackageName: '-', WorkstationName: '-' },
      { computer: 'FS01' },
    )
    const { windows, events } = joined([without, without], [web('1'), web('2')])
    expect(events).toEqual([])
    expect(windows).toMatchObject({ user: 'CORP\\alice', ambiguous: 2 })
  })
})

describe('what the log alone knows', () => {
  const undecided = ntlmByAddress({
    cause: { ...ntlmByAddress().cause!, code: 'RC99', title: 'not decided by what the capture shows' },
    target: { spn: 'cifs/nas02', class: 'short', name: 'nas02' },
  })
  const fuller = (id: string, text: string) =>
    outgoing(4021, {
      ProcessName: 'C:\\Windows\\explorer.exe',
      Username: 'alice',
      DomainName: 'CORP',
      TargetService: 'cifs/nas02',
      NtlmUsageId: id,
      NtlmUsageReason: text,
      NtlmVersion: 'NTLMv2',
    })

  it('completes what the wire does not decide, as its word', () => {
    const { windows, coverage } = joined([fuller('9', 'There is no line of sight to a domain controller')], [undecided])
    expect(windows).toMatchObject({
      process: 'C:\\Windows\\explorer.exe',
      reason: 'no line of sight to a domain controller',
      reasonId: 9,
      cause: { code: 'RC07', completes: true },
    })
    expect(coverage.askers).toEqual([expect.objectContaining({ cause: 'RC07', completes: true, count: 1 })])
  })

  it('the English text decides, not the number: another build numbers otherwise', () => {
    const { windows } = joined([fuller('10', 'The target name contains an IP address')], [undecided])
    expect(windows).toMatchObject({ reasonId: 10, cause: { code: 'RC04' } })
  })

  it('a text in another language is kept and not read', () => {
    const { windows } = joined([fuller('7', 'Le nom de la cible contient une adresse IP')], [undecided])
    expect(windows).toMatchObject({ reason: 'reason 7: Le nom de la cible contient une adresse IP', cause: null })
  })

  it('8001 shows an address, or that no name was given', () => {
    const by = (target: string) =>
      joined([outgoing(8001, { TargetName: target, UserName: 'alice', ProcessName: 'p' })], [ntlmByAddress()]).windows
    expect(by('cifs/10.1.2.6')).toMatchObject({ cause: { code: 'RC04', completes: false }, agrees: true })
    expect(by('NULL')).toMatchObject({ cause: { code: 'RC06' }, agrees: false, contradictions: ['cause'] })
  })
})

describe('contradictions', () => {
  it('another mechanism in the log of the server is one', () => {
    const { first, windows } = joined(
      [logon({ AuthenticationPackageName: 'Kerberos', LmPackageName: '-' })],
      [ntlmByAddress()],
    )
    expect(contradictionsOf(first)).toEqual(['mechanism'])
    expect(windows).toMatchObject({ agrees: false, contradictions: ['mechanism'] })
  })

  it('Negotiate is what it chose', () => {
    expect(joined([logon({ AuthenticationPackageName: 'Negotiate' })], [ntlmByAddress()]).windows?.agrees).toBe(true)
  })
})

describe('both ways', () => {
  const around = [logon({ IpPort: '1' }, { time: MORNING }), logon({ IpPort: '2' }, { time: MORNING + 300 * SECOND })]

  it('NTLM of the log that the wire does not show names the flow to capture, each logon once', () => {
    const elsewhere = logon({ IpAddress: '10.9.9.9', IpPort: '50500', TargetUserName: 'carol' })
    const checked = event(4776, { TargetUserName: 'carol', Workstation: 'WS-900' }, { computer: 'DC01' })
    const { coverage } = joined([logon(), elsewhere, checked], [ntlmByAddress()])
    expect(coverage.unseen).toEqual([
      expect.objectContaining({
        client: '10.9.9.9',
        server: 'NAS02.corp.example',
        count: 1,
        users: ['carol'],
        ids: [4624],
      }),
    ])
    expect(eventBlindSpots(coverage)).toEqual([expect.objectContaining({ code: 'log-not-on-wire', count: 1 })])
  })

  it('a part of the captures cannot say so', () => {
    const { result } = joined([logon({ IpAddress: '10.9.9.9' })], [ntlmByAddress()])
    expect(eventCoverageOf(result, [], new Map(), false).unseen).toEqual([])
  })

  it('loopback is on no wire', () => {
    const { coverage } = joined(
      [logon({ IpAddress: '127.0.0.1', IpPort: '0' }), logon({ IpAddress: '::1' })],
      [ntlmByAddress()],
    )
    expect(coverage.unseen).toEqual([])
  })

  it('NTLM of the wire that the log of its server does not have is told with the policy', () => {
    const { coverage } = joined(around, [ntlmByAddress()])
    expect(coverage.unlogged).toEqual([expect.objectContaining({ server: SERVER, count: 1 })])
    expect(eventBlindSpots(coverage).map(({ code }) => code)).toContain('wire-not-in-log')
    expect(joined([...around, logon()], [ntlmByAddress()]).coverage.unlogged).toEqual([])
  })

  it('nothing is said of a time that the log does not cover, nor of a host without one', () => {
    expect(
      joined([logon({ IpPort: '1' }, { time: MORNING + 600 * SECOND })], [ntlmByAddress()]).coverage.unlogged,
    ).toEqual([])
    expect(joined([], [ntlmByAddress()]).coverage.unlogged).toEqual([])
  })

  it('nor of an hour between two files of one host', () => {
    const later = logon({ IpPort: '2' }, { time: MORNING + 3600 * SECOND })
    expect(joined([around[0]!, later], [ntlmByAddress()]).coverage.unlogged).toEqual([])
    expect(joined([later, around[1]!, around[0]!], [ntlmByAddress()]).coverage.unlogged).toHaveLength(1)
  })

  it('audits that must have been off', () => {
    const only = [5140, 5140].map((id, at) =>
      event(
        id,
        { IpAddress: CLIENT, IpPort: '50022', ShareName: '\\\\*\\data' },
        { time: MORNING + at * 300 * SECOND },
      ),
    )
    const [host] = joined(only, [ntlmByAddress()]).coverage.hosts
    expect(host?.off.map(({ code }) => code)).toEqual(['logon', 'ntlm-incoming'])
    expect(host?.off[0]?.fix).toContain('0CCE9215-69AE-11D9-BED3-505054503030')
  })
})

describe('a judgement', () => {
  it('of a flow names the program that used NTLM, as a note', () => {
    const { first, events, windows } = joined(
      [outgoing(8001, { TargetName: 'cifs/10.1.2.6', UserName: 'alice', ProcessName: 'C:\\app\\backup.exe' })],
      [ntlmByAddress()],
    )
    expect(logNotes([{ ...first.exchange!, events, windows }])).toEqual([
      `${CLIENT} -> ${SERVER}: C:\\app\\backup.exe as alice used NTLM, as the logs say; Windows' reason: the target name is an IP address`,
    ])
    expect(logNotes([ntlmByAddress(), exchange()])).toEqual([])
  })
})
