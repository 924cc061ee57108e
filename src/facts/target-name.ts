/**
 * The form of a target name (MsvAvTargetName, or the sname of a ticket): the root-cause oracle of an NTLM logon.
 * Cold and pure. MS-NLMP 2.2.2.1 (MsvAvTargetName), 3.1.5.1.2.
 */
import { interned } from '../../decoders/parts/interned.ts'
import type { TargetClass } from './exchange.ts'

/** What kind of name is `spn`? null: the AV pair is absent. */
export function targetClass(spn: string | null): TargetClass {
  if (spn === null) return 'absent'
  if (spn === '') return 'empty'
  const host = targetHost(spn)
  if (/1UWhRC/i.test(host)) return 'marshalled'
  if (!spn.includes('/') && (spn.includes('\\') || spn.includes('@'))) return 'user-principal'
  // a service name with a space, as the print spooler's krbtgt/NT Authority, is no host
  if (/\s/.test(host)) return 'user-principal'
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(host)) return 'loopback'
  if (isIpLiteral(host)) return 'ip'
  return host.includes('.') ? 'fqdn' : 'short'
}

/**
 * The host part of `class/host`, `class/host:port`, `class/host/instance` or `class/host@REALM`; the whole text where
 * there is no class.
 */
export function targetHost(spn: string): string {
  const slash = spn.indexOf('/')
  let host = slash < 0 ? spn : spn.slice(slash + 1)
  const next = host.indexOf('/')
  if (next >= 0) host = host.slice(0, next)
  if (slash >= 0) {
    const at = host.indexOf('@')
    if (at >= 0) host = host.slice(0, at)
  }
  if (host.startsWith('[')) return host.slice(0, host.indexOf(']') + 1) || host
  // one colon is a port; several are an IPv6 address
  const colon = host.indexOf(':')
  if (colon >= 0 && host.indexOf(':', colon + 1) < 0) host = host.slice(0, colon)
  return interned(host)
}

/**
 * The first part of a service name (`cifs` of `cifs/files.corp.example`), lower case; the whole name where it has one
 * part only.
 */
export function serviceClass(sname: string): string {
  const slash = sname.indexOf('/')
  return interned((slash < 0 ? sname : sname.slice(0, slash)).toLowerCase())
}

/**
 * What follows the host of a service name behind a colon, lower case: the port, or the instance of SQL Server
 * (`MSSQLSvc/sql1:1433`, `MSSQLSvc/sql1:SALES`); '' where nothing does.
 */
export function instanceOf(spn: string): string {
  const [, instance = ''] = /^[^/]*\/(?:\[[^\]]*\]|[^:/@[]*):([^:/@]+)(?=[/@]|$)/.exec(spn) ?? []
  return interned(instance.toLowerCase())
}

/** The name or address of `host:port`, without the brackets of IPv6. */
export function hostOf(authority: string): string {
  const host = targetHost(`/${authority}`)
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** The port of `host:port`; 0 where there is none. */
export function portOf(authority: string): number {
  const digits = /:(\d{1,5})$/.exec(authority)
  return digits === null ? 0 : Number(digits[1])
}

export function isIpLiteral(host: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return true
  if (/\.ipv6-literal\.net$/i.test(host)) return true
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  return bare.includes(':') && /^[0-9a-f:.]+(%\w+)?$/i.test(bare)
}
