/**
 * One event of a Windows log, whatever file it came from, and which of them are read at all. Events are known by
 * channel or provider and id, never by their text: logs come in every language.
 */
import type { RawEvent } from './forms/binxml.ts'

/**
 * `utc`: the event says so. `collector`: local time of the host, its zone told by the program that collected it.
 * `local`: local time of a zone that nothing tells.
 */
export type EventClock = 'utc' | 'collector' | 'local'

export interface WindowsEvent extends RawEvent {
  readonly time: number
  readonly clock: EventClock
}

/** The logs that are read, as they are called here. */
export type Log = 'security' | 'sysmon' | 'ntlm' | 'smb-client' | 'smb-server' | 'netlogon' | 'kdc' | 'directory'

/**
 * `channel` and `provider` are compared in lower case; a channel that many providers write into is told by the
 * provider.
 */
const LOGS: readonly {
  readonly log: Log
  readonly channel: RegExp | null
  readonly provider: RegExp | null
  readonly ids: ReadonlySet<number>
}[] = [
  {
    log: 'security',
    channel: /^security$/,
    provider: /^microsoft-windows-security-auditing$/,
    // 1101: events were lost; 1102: the log was cleared
    ids: new Set([1101, 1102, 4624, 4625, 4648, 4768, 4769, 4770, 4771, 4776, 5140, 5145, 5156]),
  },
  { log: 'sysmon', channel: /^microsoft-windows-sysmon\/operational$/, provider: /sysmon$/, ids: new Set([3]) },
  {
    log: 'ntlm',
    channel: /^microsoft-windows-ntlm\/operational$/,
    provider: /^microsoft-windows-ntlm$/,
    ids: ids([4001, 4006], [4010, 4033], [8001, 8006]),
  },
  {
    log: 'smb-client',
    channel: /^microsoft-windows-smbclient\/(security|audit|connectivity|operational)$/,
    provider: /^microsoft-windows-smbclient$/,
    ids: ids([31000, 31001], [31010, 31017], [31997, 31999]),
  },
  {
    log: 'smb-server',
    channel: /^microsoft-windows-smbserver\/(security|audit|operational)$/,
    provider: /^microsoft-windows-smbserver$/,
    ids: ids([551, 551], [3000, 3000], [3021, 3027]),
  },
  { log: 'netlogon', channel: null, provider: /^netlogon$/, ids: ids([5827, 5831], [5838, 5844]) },
  {
    log: 'kdc',
    channel: null,
    provider: /^(kdcsvc|microsoft-windows-kerberos-key-distribution-center)$/,
    ids: ids([16, 16], [27, 27], [201, 209]),
  },
  {
    log: 'directory',
    channel: /^directory service$/,
    provider: /^(microsoft-windows-activedirectory_domainservice|ntds ldap|ntds general)$/,
    ids: ids([2886, 2889], [3039, 3041], [3074, 3075]),
  },
]

function ids(...ranges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const all = new Set<number>()
  for (const [first, last] of ranges) for (let id = first; id <= last; id++) all.add(id)
  return all
}

const ALL_IDS: ReadonlySet<number> = new Set(LOGS.flatMap(({ ids }) => [...ids]))

/** The id belongs to an event that may be read: asked before anything else of it is. */
export function isWanted(id: number): boolean {
  return ALL_IDS.has(id)
}

/** The log of an event, null: it is none of ours, or its id there is not. */
export function logOf({ channel, provider, id }: RawEvent): Log | null {
  const [inChannel, from] = [channel.toLowerCase(), provider.toLowerCase()]
  for (const each of LOGS) {
    if (!each.ids.has(id)) continue
    if (each.channel?.test(inChannel) || each.provider?.test(from)) return each.log
  }
  return null
}

/** Channels as Windows writes them: some collectors write them in lower case. */
const CHANNELS: Readonly<Record<string, string>> = {
  security: 'Security',
  system: 'System',
  'directory service': 'Directory Service',
}

export function channelName(channel: string): string {
  return CHANNELS[channel.toLowerCase()] ?? channel
}
