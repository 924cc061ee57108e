/**
 * Who made a device, as far as it shows: the version that its NTLMSSP sends, the hardware address that it has in ARP,
 * in its IPv6 address or in its name. Hints, never verdicts: versions are copied, names are given, and nothing is
 * judged by them.
 *
 * With what the makers call the settings that mend what failed. Each line has the page that says so; what no page says
 * is not here.
 */
import type { AuthExchange } from '../../facts/exchange.ts'
import type { FrameRef } from '../../facts/frames.ts'
import type { Host } from '../../report/report.ts'
import { OUIS } from './ouis.ts'

export interface DeviceMaker {
  readonly name: string
  /** what shows it */
  readonly by: 'ntlmssp-version' | 'arp' | 'address' | 'name'
  readonly detail: string
  /** empty: it stands in no one frame */
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface MakerSetting {
  /** the line of the scorecard that it mends */
  readonly mends: string
  readonly maker: string
  /** as its menu or file calls it */
  readonly setting: string
  readonly choose: string
  readonly source: string
}

/** of many NAS */
const SAMBA = 'Samba'
const WINDOWS = 'Windows'
const FRAMES_MAX = 2

/** What says which hardware address a device has: its own ARP. */
type Hardware = NonNullable<Host['hardware']>

/** @param addresses of the device; @param names of it, by whoever says so */
export function makersOf(
  addresses: readonly string[],
  names: readonly string[],
  { client, server }: { readonly client: readonly AuthExchange[]; readonly server: readonly AuthExchange[] },
  hardware: readonly Hardware[] = [],
): DeviceMaker[] {
  const found = new Map<string, DeviceMaker>()
  const add = (
    name: string,
    by: DeviceMaker['by'],
    detail: string,
    one: Pick<AuthExchange, 'capture' | 'frames'> | null,
  ) => {
    const key = `${name} ${by}`
    const { capture = '', frames = [] } = one ?? {}
    if (!found.has(key)) found.set(key, { name, by, detail, capture, frames: frames.slice(0, FRAMES_MAX) })
  }
  for (const one of server) {
    const version = one.ntlm?.serverVersion ?? null
    // Samba (libcli/auth, auth/ntlmssp): 6.1, build 0
    if (version === '6.1.0')
      add(SAMBA, 'ntlmssp-version', 'its challenge has the NTLMSSP version 6.1.0, as Samba sends it; macOS too', one)
    else if (isWindowsVersion(version))
      add(WINDOWS, 'ntlmssp-version', `its challenge has the NTLMSSP version ${version}, as Windows sends it`, one)
  }
  for (const one of client) {
    const version = one.ntlm?.clientVersion ?? null
    if (isWindowsVersion(version))
      add(WINDOWS, 'ntlmssp-version', `as a client it sends the NTLMSSP version ${version}, as Windows does`, one)
  }
  for (const { address, ...proof } of hardware) {
    const maker = makerOf(address.replaceAll(':', ''))
    const detail = `its hardware address ${address}, as it says itself in ARP, is one of this maker`
    if (maker !== null) add(maker, 'arp', detail, { capture: proof.capture, frames: [proof.frame] })
  }
  for (const ip of addresses) {
    const maker = makerOf(hardwareIn(ip))
    if (maker !== null) add(maker, 'address', `its address ${ip} is made of a hardware address of this maker`, null)
  }
  const own = client.map(({ principal }) => principal.workstation).filter((name) => name !== null)
  for (const name of new Set([...names, ...own])) {
    const label = name.split('.')[0]!
    const maker = makerOf(/[0-9a-f]{12}$/i.exec(label)?.[0] ?? null)
    if (maker !== null) add(maker, 'name', `its name ${name} ends with a hardware address of this maker`, null)
    // support.brother.com, network user's guides: BRN or BRW and the end of the hardware address
    else if (/^BR[NW]_?[0-9a-f]{6}$/i.test(label))
      add('Brother', 'name', `its name ${name} is made as the maker names its devices`, null)
  }
  return [...found.values()]
}

/** @param failed lines of the scorecard */
export function settingsOf(makers: readonly DeviceMaker[], failed: ReadonlySet<string>): MakerSetting[] {
  const named = new Set(makers.map(({ name }) => name))
  return SETTINGS.filter(({ mends, maker }) => failed.has(mends) && named.has(maker))
}

/** A build that Windows had: Windows 2000 was 2195. */
function isWindowsVersion(version: string | null): boolean {
  const [major = 0, , build = 0] = (version ?? '').split('.').map(Number)
  return major >= 5 && build >= 2195
}

function makerOf(hardware: string | null): string | null {
  return hardware === null ? null : (MAKERS.get(hardware.slice(0, 6).toUpperCase()) ?? null)
}

const MAKERS: ReadonlyMap<string, string> = new Map(
  Object.entries(OUIS).flatMap(([maker, list]) => list.split(' ').map((oui) => [oui, maker] as const)),
)

/** 12 digits: what an IPv6 address of modified EUI-64 form (RFC 4291, appendix A) is made of; null: it is none. */
export function hardwareIn(ip: string): string | null {
  if (!ip.includes(':')) return null
  const [head = '', tail] = ip.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const filled = [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last]
  const hex = filled
    .slice(4)
    .map((group) => group.padStart(4, '0'))
    .join('')
  if (!/^[0-9a-f]{6}fffe[0-9a-f]{6}$/i.test(hex)) return null
  const begin = (Number.parseInt(hex.slice(0, 2), 16) ^ 2).toString(16).padStart(2, '0')
  return begin + hex.slice(2, 6) + hex.slice(10)
}

const SMB_CONF = 'samba.org/samba/docs/current/man-html/smb.conf.5.html'
const ONTAP = 'docs.netapp.com/us-en/ontap/smb-admin/set-server-minimum-authentication-security-level-task.html'
const LEARN = 'learn.microsoft.com/en-us/windows-server/storage/file-server'

const SETTINGS: readonly MakerSetting[] = [
  { mends: 'no NTLM', maker: SAMBA, setting: 'ntlm auth', choose: 'disabled; at least ntlmv2-only', source: SMB_CONF },
  {
    mends: 'Kerberos',
    maker: SAMBA,
    setting: 'security, client use kerberos',
    choose: 'ads (joined with net ads join); required',
    source: SMB_CONF,
  },
  {
    mends: 'SMB signing required',
    maker: SAMBA,
    setting: 'server signing, client signing',
    choose: 'mandatory; required',
    source: SMB_CONF,
  },
  {
    mends: 'no SMB1',
    maker: SAMBA,
    setting: 'server min protocol, client min protocol',
    choose: 'SMB3_00 for both',
    source: SMB_CONF,
  },
  {
    mends: 'no NTLM',
    maker: WINDOWS,
    setting: 'Network security: Restrict NTLM',
    choose: 'see ntlmscope simulate first: what breaks, and the exceptions',
    source: 'docs/switching-off.md',
  },
  {
    mends: 'SMB signing required',
    maker: WINDOWS,
    setting: 'Set-SmbServerConfiguration, Set-SmbClientConfiguration',
    choose: '-RequireSecuritySignature $true for both roles',
    source: `${LEARN}/smb-signing-overview`,
  },
  {
    mends: 'no SMB1',
    maker: WINDOWS,
    setting: 'Set-SmbServerConfiguration',
    choose: '-EnableSMB1Protocol $false, for servers',
    source: `${LEARN}/troubleshoot/detect-enable-and-disable-smbv1-v2-v3`,
  },
  {
    mends: 'no NTLM',
    maker: 'NetApp',
    setting: 'vserver cifs security modify -lm-compatibility-level',
    choose: 'krb; at least ntlmv2-krb; lm-ntlm-ntlmv2-krb when it leaves the factory',
    source: ONTAP,
  },
  {
    mends: 'Kerberos',
    maker: 'NetApp',
    setting: 'vserver cifs create',
    choose: 'a server in a domain: one in a workgroup knows NTLM alone',
    source: ONTAP,
  },
  ...(['no NTLM', 'Kerberos'] as const).flatMap((mends): MakerSetting[] => [
    {
      mends,
      maker: 'Konica Minolta',
      setting: 'SMB settings, client settings, authentication setting',
      choose: 'Kerberos alone: it leaves the factory with NTLM v1, and Kerberos/NTLM v1/v2 falls back to it',
      source: 'konicaminolta.jp, guide of bizhub 754/654, id08-_100356264',
    },
    {
      mends,
      maker: 'Ricoh',
      setting: 'SMBv3 extension',
      choose: 'on: Kerberos for scan to folder needs it, and firmware 2.1 or later',
      source: 'manuals.ricoh.com, IM C300, smbprotocol.htm',
    },
  ]),
]
