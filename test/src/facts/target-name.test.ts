/** The form of a target name: every class, and what only looks like it. */
import { describe, expect, it } from 'vitest'
import type { TargetClass } from '../../../src/facts/exchange.ts'
import { isIpLiteral, targetClass, targetHost } from '../../../src/facts/target-name.ts'

const CLASSES: readonly [spn: string | null, kind: TargetClass, host: string][] = [
  [null, 'absent', ''],
  ['', 'empty', ''],
  ['cifs/files.corp.example', 'fqdn', 'files.corp.example'],
  ['HTTP/www.corp.example:8080', 'fqdn', 'www.corp.example'],
  ['ldap/dc1.corp.example/corp.example', 'fqdn', 'dc1.corp.example'],
  ['MSSQLSvc/sql.corp.example:INSTANCE', 'fqdn', 'sql.corp.example'],
  ['cifs/files.corp.example@CORP.EXAMPLE', 'fqdn', 'files.corp.example'],
  ['files.corp.example', 'fqdn', 'files.corp.example'],
  ['cifs/FILES', 'short', 'FILES'],
  ['cifs/FILES:445', 'short', 'FILES'],
  ['host/ws1@CORP.EXAMPLE', 'short', 'ws1'],
  ['cifs/192.0.2.1', 'ip', '192.0.2.1'],
  ['cifs/192.0.2.1:445', 'ip', '192.0.2.1'],
  ['ldap/192.0.2.1/corp.example', 'ip', '192.0.2.1'],
  ['cifs/fe80::1', 'ip', 'fe80::1'],
  ['cifs/fe80::1%eth0', 'ip', 'fe80::1%eth0'],
  ['cifs/[2001:db8::1]', 'ip', '[2001:db8::1]'],
  ['cifs/[2001:db8::1]:445', 'ip', '[2001:db8::1]'],
  ['cifs/::ffff:192.0.2.1', 'ip', '::ffff:192.0.2.1'],
  ['cifs/2001-db8--1.ipv6-literal.net', 'ip', '2001-db8--1.ipv6-literal.net'],
  ['cifs/localhost', 'loopback', 'localhost'],
  ['cifs/LocalHost', 'loopback', 'LocalHost'],
  ['cifs/127.0.0.1', 'loopback', '127.0.0.1'],
  ['cifs/127.1.2.3:445', 'loopback', '127.1.2.3'],
  ['cifs/::1', 'loopback', '::1'],
  ['cifs/[::1]:445', 'loopback', '[::1]'],
  ['CORP\\alice', 'user-principal', 'CORP\\alice'],
  ['alice@corp.example', 'user-principal', 'alice@corp.example'],
  [
    'cifs/localhost1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYBAAAA',
    'marshalled',
    'localhost1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYBAAAA',
  ],
  // near misses
  ['cifs/localhost.corp.example', 'fqdn', 'localhost.corp.example'],
  ['cifs/mylocalhost', 'short', 'mylocalhost'],
  ['cifs/127.0.0.1.nip.example', 'fqdn', '127.0.0.1.nip.example'],
  ['cifs/10.0.0', 'fqdn', '10.0.0'],
  ['cifs/1.2.3.4.5', 'fqdn', '1.2.3.4.5'],
  ['cifs/1UWhR', 'short', '1UWhR'],
  ['cifs/ipv6-literal.net', 'fqdn', 'ipv6-literal.net'],
  ['cifs/[broken', 'short', '[broken'],
  ['cifs/', 'short', ''],
  ['/', 'short', ''],
]

describe('targetClass', () => {
  it.each(CLASSES)('%s is %s', (spn, kind, host) => {
    expect(targetClass(spn)).toBe(kind)
    if (spn !== null) expect(targetHost(spn)).toBe(host)
  })
})

describe('isIpLiteral', () => {
  it.each(['192.0.2.1', '::1', 'fe80::1%3', '[2001:db8::1]', 'a--b.IPV6-LITERAL.NET'])('%s is one', (host) => {
    expect(isIpLiteral(host)).toBe(true)
  })

  it.each(['', 'files', 'files.corp.example', '1.2.3', 'dead.beef', 'a:b:c:xyz', '[files]', '192.0.2.1.'])(
    '%s is none',
    (host) => {
      expect(isIpLiteral(host)).toBe(false)
    },
  )
})
