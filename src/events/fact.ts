/**
 * What an event says about an authentication, in the words of this program: who, from where, to whom, over what, with
 * which program, and how it ended. By field names alone; texts that Windows translates are kept beside, never read, but
 * for the English reasons of NTLM's own log.
 */

import { interned } from '../../decoders/parts/interned.ts'
import type { EventClock, Log, WindowsEvent } from './event.ts'
import { logOf } from './event.ts'
import { microsOf } from './forms/windows-values.ts'
import { type NtlmReason, reasonOf, reasonOfTarget } from './reason.ts'

/** What kind of thing happened. */
export type FactKind =
  /** somebody logged on, or was refused */
  | 'logon'
  /** a ticket was asked for */
  | 'ticket'
  /** a domain controller, or the server for its own accounts, checked a password */
  | 'validation'
  /** a share or a file of one was opened */
  | 'share'
  /** a program opened or accepted a connection */
  | 'connection'
  /**
   * NTLM was asked for by a client (`ntlm-client`), arrived (`ntlm-server`), or was checked for a server
   * (`ntlm-domain`)
   */
  | 'ntlm-client'
  | 'ntlm-server'
  | 'ntlm-domain'
  /** a program logged on somewhere with credentials that it was given */
  | 'explicit'
  /** an LDAP bind that a domain controller found wanting */
  | 'bind'
  /** what a host says of itself or of another one, without a logon */
  | 'remark'

/** Where an event was written down, as seen from an exchange. */
export type EventSide = 'server' | 'client' | 'controller'

export interface EventAddress {
  readonly ip: string
  /** null: not said */
  readonly port: number | null
}

export interface EventFact {
  readonly id: number
  readonly log: Log
  readonly channel: string
  /** computer name as the event has it, and in lower case without domain */
  readonly host: string
  readonly computerKey: string
  readonly record: number | null
  /** microseconds since 1970 */
  readonly time: number
  readonly clock: EventClock
  readonly kind: FactKind
  /** who opened the connection, and to whom */
  readonly from: EventAddress | null
  readonly to: EventAddress | null
  /** connection: the host of the event opened it; null: it does not say */
  readonly isOutbound: boolean | null
  readonly user: string | null
  readonly domain: string | null
  readonly workstation: string | null
  readonly mechanism: 'kerberos' | 'ntlm' | null
  /** AuthenticationPackageName, LmPackageName */
  readonly package: string | null
  readonly lmPackage: string | null
  /** SPN or name of the server that was asked for */
  readonly target: string | null
  readonly process: string | null
  readonly reason: NtlmReason | null
  /** NTSTATUS or KDC error; 0: it went well; null: not said */
  readonly status: number | null
  readonly isFailure: boolean
  readonly logonType: number | null
  readonly logonId: string | null
  readonly logonGuid: string | null
  readonly share: string | null
  /** it would have been, or was, blocked by policy */
  readonly isBlocked: boolean
}

/** null: the event is of no log that is read. */
export function factOf(event: WindowsEvent): EventFact | null {
  const log = logOf(event)
  if (log === null) return null
  const at = (...names: readonly string[]) => fieldOf(event.data, names)
  const base: EventFact = {
    id: event.id,
    log,
    channel: interned(event.channel),
    host: interned(event.computer),
    computerKey: computerKey(event.computer),
    record: event.record,
    time: event.time,
    clock: event.clock,
    kind: 'remark',
    from: null,
    to: null,
    isOutbound: null,
    user: null,
    domain: null,
    workstation: null,
    mechanism: null,
    package: null,
    lmPackage: null,
    target: null,
    process: null,
    reason: null,
    status: null,
    isFailure: false,
    logonType: null,
    logonId: null,
    logonGuid: null,
    share: null,
    isBlocked: false,
  }
  switch (log) {
    case 'security':
      return { ...base, ...security(event.id, at) }
    case 'sysmon':
      return { ...base, ...sysmon(at) }
    case 'ntlm':
      return { ...base, ...ntlm(event.id, at, event.data.get('TargetName') ?? null) }
    case 'directory':
      return { ...base, ...directory(event.id, [...event.data.values()]) }
    default:
      return { ...base, ...remark(log, at) }
  }
}

type Field = (...names: readonly string[]) => string | null
type Said = Partial<EventFact>

function security(id: number, at: Field): Said {
  const client = address(at('IpAddress'), at('IpPort'))
  switch (id) {
    case 4624:
    case 4625:
      return {
        kind: 'logon',
        from: client,
        ...account(at('TargetUserName'), at('TargetDomainName')),
        workstation: workstation(at('WorkstationName')),
        ...packages(at('AuthenticationPackageName'), at('LmPackageName')),
        process: at('ProcessName'),
        status: id === 4624 ? 0 : number(at('SubStatus')) || number(at('Status')),
        isFailure: id === 4625,
        logonType: number(at('LogonType')),
        logonId: at('TargetLogonId'),
        logonGuid: guid(at('LogonGuid')),
      }
    case 4648:
      return {
        kind: 'explicit',
        ...account(at('TargetUserName'), at('TargetDomainName')),
        target: at('TargetInfo') ?? at('TargetServerName'),
        process: at('ProcessName'),
        logonGuid: guid(at('TargetLogonGuid')),
      }
    case 4768:
    case 4769:
    case 4770:
    case 4771: {
      const status = number(at('Status', 'FailureCode')) ?? 0
      return {
        kind: 'ticket',
        from: client,
        ...account(at('TargetUserName'), at('TargetDomainName')),
        mechanism: 'kerberos',
        target: at('ServiceName'),
        status,
        isFailure: status !== 0,
        logonGuid: guid(at('LogonGuid')),
      }
    }
    case 4776: {
      const status = number(at('Status')) ?? 0
      return {
        kind: 'validation',
        ...account(at('TargetUserName'), null),
        workstation: workstation(at('Workstation')),
        mechanism: 'ntlm',
        package: at('PackageName'),
        status,
        isFailure: status !== 0,
      }
    }
    case 5140:
    case 5145: {
      const [share, file] = [at('ShareName'), id === 5145 ? at('RelativeTargetName') : null]
      return {
        kind: 'share',
        from: client,
        ...account(at('SubjectUserName'), at('SubjectDomainName')),
        logonId: at('SubjectLogonId'),
        share: share === null ? null : [share.replace(/^\\\\\*\\/, ''), file].filter((part) => part).join('\\'),
      }
    }
    case 5156: {
      // the source is who opened it, in both directions: %%14592 inbound, %%14593 outbound
      const direction = at('Direction')
      return {
        kind: 'connection',
        from: address(at('SourceAddress'), at('SourcePort')),
        to: address(at('DestAddress'), at('DestPort')),
        isOutbound: direction === '%%14593' ? true : direction === '%%14592' ? false : null,
        process: at('Application'),
      }
    }
    default:
      // of the log itself: cleared, events lost
      return {}
  }
}

function sysmon(at: Field): Said {
  const initiated = at('Initiated')?.toLowerCase()
  // when it happened; the event is written a second later
  const time = microsOf(at('UtcTime') ?? '')
  return {
    kind: 'connection',
    from: address(at('SourceIp'), at('SourcePort')),
    to: address(at('DestinationIp'), at('DestinationPort')),
    isOutbound: initiated === undefined ? null : initiated === 'true',
    process: at('Image'),
    ...(Number.isNaN(time) ? {} : { time, clock: 'utc' as const }),
  }
}

/**
 * Microsoft-Windows-NTLM/Operational: audits (800x), blocks (400x), and the fuller events of Windows 11 24H2 and Server
 * 2025 (402x, 403x).
 */
function ntlm(id: number, at: Field, asked: string | null): Said {
  const said: Said = {
    ...account(at('UserName', 'Username', 'ClientUserName'), at('DomainName', 'ClientDomainName')),
    workstation: workstation(at('Workstation', 'WorkstationName', 'Hostname', 'RemoteClientMachine', 'AccountMachine')),
    mechanism: 'ntlm',
    process: at('ProcessName'),
    lmPackage: at('NtlmVersion'),
    status: number(at('Status')),
    isBlocked: id < 4010 || BLOCKING.has(id),
  }
  switch (id) {
    case 8001:
    case 4001: {
      // who asked, where no other account was given
      return { ...said, kind: 'ntlm-client', target: at('TargetName'), reason: reasonOfTarget(asked) }
    }
    case 8002:
    case 4002:
    case 8003:
    case 4003:
      return { ...said, kind: 'ntlm-server', logonType: number(at('LogonType')) }
    case 8004:
    case 8005:
    case 8006:
    case 4004:
    case 4005:
    case 4006:
      return { ...said, kind: 'ntlm-domain', target: at('SChannelName') }
    case 4020:
    case 4021:
      return {
        ...said,
        kind: 'ntlm-client',
        workstation: null,
        target: at('TargetService', 'TargetMachine', 'TargetIP', 'TargetName'),
        to: address(at('TargetIP'), null),
        reason: reasonOf(at('NtlmUsageId'), at('NtlmUsageReason')),
      }
    case 4022:
    case 4023:
      return {
        ...said,
        kind: 'ntlm-server',
        workstation: workstation(at('RemoteClientMachine', 'Workstation')),
        from: address(at('ClientIP'), at('ClientPort')),
        reason: reasonOf(at('NtlmUsageId'), at('NtlmUsageReason')),
      }
    case 4030:
    case 4031:
    case 4032:
    case 4033:
      return {
        ...said,
        kind: 'ntlm-domain',
        workstation: workstation(at('AccountMachine', 'ClientMachine', 'Workstation')),
        target: at('ServerName'),
        to: address(at('ServerIP'), null),
        reason: reasonOf(at('NtlmUsageId'), at('NtlmUsageReason')),
      }
    default:
      return { ...said, kind: 'ntlm-client', target: at('TargetName', 'TargetService') }
  }
}

/** 4010, 4011: minimum security; 4014, 4015: Credential Guard, the application; 4025, 4027: derived NTLMv1, policy */
const BLOCKING: ReadonlySet<number> = new Set([4010, 4011, 4013, 4014, 4015, 4025, 4027])

/**
 * Directory Service: 2889, 3039, 3074, 3075 name a client as `address:port` and the identity that it tried; their
 * fields have no names.
 */
function directory(id: number, values: readonly string[]): Said {
  if (!BINDS.has(id)) return {}
  const place = values.findIndex((value) => endpoint(value) !== null)
  if (place < 0) return {}
  const identity = values[place + 1] ?? ''
  const [domain, user] = identity.includes('\\') ? identity.split('\\', 2) : [null, identity]
  return { kind: 'bind', from: endpoint(values[place]!), ...account(user ?? null, domain ?? null) }
}

const BINDS: ReadonlySet<number> = new Set([2889, 3039, 3074, 3075])

/** SMB, Netlogon and KDC: what is said of a host, with its address where one stands in a field. */
function remark(log: Log, at: Field): Said {
  const named = at(
    'ClientAddress',
    'ClientIPAddress',
    'ClientName',
    'Address',
    'IpAddress',
    'RemoteAddress',
    'ServerName',
  )
  return {
    from:
      named === null
        ? null
        : (endpoint(named.replace(/^\\+/, '')) ?? address(named.replace(/^\\+/, ''), at('ClientPort', 'IpPort'))),
    ...account(at('UserName', 'AccountName', 'MachineSamAccountName', 'SamAccountName'), at('DomainName', 'Domain')),
    target: at('ServerName', 'ServiceName', 'ObjectName'),
    status: log === 'smb-client' || log === 'smb-server' ? number(at('Status')) : null,
  }
}

/**
 * The first of these fields that says something: `-`, NULL and nothing say nothing. Blanks in names (`Mic Status`) are
 * as they are.
 */
function fieldOf(data: ReadonlyMap<string, string>, names: readonly string[]): string | null {
  for (const name of names) {
    const text = data.get(name)?.trim()
    // a few names stand in every event
    if (text !== undefined && !/^(-?|\(?NULL\)?)$/.test(text)) return interned(text)
  }
  return null
}

/** `user@DOMAIN` (4769) and `DOMAIN\user` are taken apart. */
function account(user: string | null, domain: string | null): { user: string | null; domain: string | null } {
  if (user === null) return { user: null, domain: null }
  const realm = user.lastIndexOf('@')
  if (realm > 0) return { user: user.slice(0, realm), domain: domain ?? user.slice(realm + 1) }
  const slash = user.indexOf('\\')
  if (slash > 0) return { user: user.slice(slash + 1), domain: domain ?? user.slice(0, slash) }
  return { user, domain }
}

function workstation(name: string | null): string | null {
  const bare = name?.replace(/^\\+/, '') ?? ''
  return bare === '' ? null : bare
}

/** `Negotiate` chooses: LmPackageName then says that it was NTLM. */
function packages(name: string | null, lm: string | null): Said {
  const lower = name?.toLowerCase()
  const isNtlm =
    lower === 'ntlm' || lower === 'microsoft_authentication_package_v1_0' || lm?.startsWith('NTLM') || lm === 'LM'
  return { package: name, lmPackage: lm, mechanism: lower === 'kerberos' ? 'kerberos' : isNtlm ? 'ntlm' : null }
}

const NO_GUID = /^\{?0{8}-0{4}-0{4}-0{4}-0{12}\}?$/

function guid(text: string | null): string | null {
  return text === null || NO_GUID.test(text) ? null : text.toUpperCase()
}

/** Decimal, or hexadecimal with 0x; what is negative in decimal is a 32-bit status. */
function number(text: string | null): number | null {
  if (text === null || !/^(0x[0-9a-f]+|-?\d+)$/i.test(text)) return null
  const value = Number(text)
  return value < 0 ? value >>> 0 : value
}

/** null: none. */
function address(ip: string | null, port: string | null): EventAddress | null {
  const canonical = ip === null ? null : canonicalIp(ip)
  if (canonical === null) return null
  const at = number(port)
  return { ip: canonical, port: at === null || at === 0 || at > 65_535 ? null : at }
}

/** `10.0.0.5:50123`, `[fe80::1]:50123` */
function endpoint(text: string): EventAddress | null {
  const [, bracketed, bare, port = null] = /^\s*(?:\[([^\]]+)\]|([0-9.]+))(?::(\d+))?\s*$/.exec(text) ?? []
  return address(bracketed ?? bare ?? null, port)
}

/** RFC 5952, IPv4 in IPv6 as IPv4, without a zone; null: no address. */
export function canonicalIp(text: string): string | null {
  const bare = text.trim().replace(/%.*$/, '').toLowerCase()
  const mapped = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.exec(bare)
  if (mapped !== null) return mapped[1]!.split('.').every((part) => Number(part) < 256) ? mapped[1]! : null
  if (!bare.includes(':') || !/^[0-9a-f:.]+$/.test(bare)) return null
  try {
    return new URL(`http://[${bare}]`).hostname.slice(1, -1)
  } catch {
    return null
  }
}

/** `DOMAIN\\user`; null: nobody is named. */
export function accountText({ user, domain }: EventFact): string | null {
  return user === null || domain === null ? user : `${domain}\\${user}`
}

/** Computer names come with and without their domain. */
export function computerKey(name: string): string {
  return interned(name.trim().toLowerCase().split('.', 1)[0]!)
}
