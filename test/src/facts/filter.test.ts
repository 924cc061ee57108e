import { describe, expect, test } from 'vitest'
import { SERVICES } from '../../../decoders/services.ts'
import {
  type Filter,
  FilterError,
  hostPattern,
  matches,
  NO_FILTER,
  type Subject,
  service,
  time,
} from '../../../src/facts/filter.ts'
import { endpoint, exchange, MORNING } from '../../builders/report.ts'

describe('hostPattern', () => {
  const cases: [pattern: string, ip: string, name: string | null, matches: boolean][] = [
    ['10.1.2.5', '10.1.2.5', null, true],
    ['10.1.2.5', '10.1.2.50', null, false],
    [' 10.1.2.5 ', '10.1.2.5', null, true],
    ['::ffff:10.1.2.5', '10.1.2.5', null, true],
    ['::ffff:10.1.0.0/112', '10.1.2.5', null, true],
    ['10.1.2.0/24', '10.1.2.5', null, true],
    ['10.1.2.128/25', '10.1.2.5', null, false],
    ['10.1.2.99/24', '10.1.2.5', null, true],
    ['0.0.0.0/0', '10.1.2.5', null, true],
    ['0.0.0.0/0', '2001:db8::5', null, false],
    ['::/0', '2001:db8::5', null, true],
    ['::/0', '10.1.2.5', null, false],
    ['2001:db8::5', '2001:db8::5', null, true],
    ['2001:DB8:0:0::0:5', '2001:db8::5', null, true],
    ['[2001:db8::5]', '2001:db8::5', null, true],
    ['2001:db8::/32', '2001:db8:ffff::1', null, true],
    ['2001:db8::/32', '2001:db9::1', null, false],
    ['10.1.2.5', '2001:db8::5', '10.1.2.5', false],
    ['fs01', '10.1.2.5', 'fs01', true],
    ['FS01', '10.1.2.5', 'fs01.corp.example', true],
    ['fs01', '10.1.2.5', 'FS01.CORP.EXAMPLE', true],
    ['fs01', '10.1.2.5', 'fs010.corp.example', false],
    ['fs01', '10.1.2.5', null, false],
    ['fs01.corp.example', '10.1.2.5', 'fs01.corp.example.', true],
    ['fs01.corp.example', '10.1.2.5', 'fs01', false],
    ['fs01.corp.example', '10.1.2.5', 'fs01.other.example', false],
    // the name that the wire gave is an address: not the host `10` of a domain
    ['ten', '10.1.2.5', '10.1.2.5', false],
    ['my_nas-1', '10.1.2.5', 'MY_NAS-1', true],
  ]
  test.each(cases)('%s against %s %s: %s', (pattern, ip, name, expected) => {
    expect(hostPattern(pattern).matches({ ip, name })).toBe(expected)
  })

  test.each([
    '',
    ' ',
    '10.1.2',
    '10.1.2.256',
    '10.1.2.0/33',
    '10.1.2.0/',
    '10.1.2.0/x',
    '2001:db8::/129',
    '2001:db8:::5',
    'fe80::1%eth0',
    'two words',
    'fs01/24',
    '1234',
  ])('refuses %j', (text) => {
    expect(() => hostPattern(text)).toThrow(FilterError)
  })
})

describe('service', () => {
  test('every service of the closed list is itself', () => {
    for (const name of SERVICES) expect(service(name)).toBe(name)
    expect(service(' SMB ')).toBe('smb')
  })

  test('an error names the whole list', () => {
    expect(() => service('cifs')).toThrow(FilterError)
    for (const name of SERVICES) expect(() => service('cifs')).toThrow(name)
  })
})

describe('time', () => {
  const cases: [text: string, micros: number][] = [
    ['2026-03-02T08:00:00Z', MORNING],
    ['2026-03-02T08:00:00', MORNING],
    ['2026-03-02t08:00:00z', MORNING],
    ['2026-03-02T08:00', MORNING],
    ['2026-03-02 08:00:00', MORNING],
    ['2026-03-02T09:00:00+01:00', MORNING],
    ['2026-03-02T09:00:00+0100', MORNING],
    ['2026-03-02T08:00:00.000001Z', MORNING + 1],
    ['2026-03-02T08:00:00,5Z', MORNING + 500_000],
    ['2026-03-02T08:00:00.1234567Z', MORNING + 123_456],
    ['2026-03-02', MORNING - 8 * 3_600_000_000],
    ['1772438400', MORNING],
    ['1772438400.25', MORNING + 250_000],
    ['0', 0],
  ]
  test.each(cases)('%s', (text, micros) => {
    expect(time(text)).toBe(micros)
  })

  test.each(['', 'yesterday', '2026-13-02', '2026-03-02T25:00Z', '2026-03', '08:00', '-5', '1e9', '123456789012'])(
    'refuses %j',
    (text) => {
      expect(() => time(text)).toThrow(FilterError)
    },
  )
})

describe('matches', () => {
  const subject: Subject = exchange({
    client: endpoint('10.1.2.33', 50_000, 'WS-044'),
    server: endpoint('10.1.2.5', 445, 'fs01.corp.example'),
    service: 'smb',
    start: MORNING,
  })
  const hosts = (...texts: string[]) => texts.map(hostPattern)
  const cases: [what: string, filter: Partial<Filter>, expected: boolean][] = [
    ['no part at all', {}, true],
    ['host that is the client', { host: hosts('10.1.2.33') }, true],
    ['host that is the server, by name', { host: hosts('fs01') }, true],
    ['host that is neither', { host: hosts('10.1.2.34') }, false],
    ['one of two hosts', { host: hosts('10.1.2.34', 'ws-044') }, true],
    ['client', { client: hosts('10.1.2.33') }, true],
    ['client that is the server', { client: hosts('10.1.2.5') }, false],
    ['server', { server: hosts('10.1.2.5') }, true],
    ['server that is the client', { server: hosts('WS-044') }, false],
    ['client and server', { client: hosts('10.1.2.33'), server: hosts('10.1.2.6') }, false],
    ['service', { service: ['smb'] }, true],
    ['another service', { service: ['http', 'ldap'] }, false],
    ['since the very moment', { since: MORNING }, true],
    ['since a microsecond later', { since: MORNING + 1 }, false],
    ['until a microsecond later', { until: MORNING + 1 }, true],
    ['until the very moment', { until: MORNING }, false],
  ]
  test.each(cases)('%s', (_, part, expected) => {
    expect(matches({ ...NO_FILTER, ...part }, subject)).toBe(expected)
  })
})
