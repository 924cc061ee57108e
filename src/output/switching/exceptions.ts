/**
 * Lists of exceptions in the forms that their places want: lines of a policy, a script, a .reg file.
 */
import type { Exceptions } from '../../judge/switching/exceptions.ts'
import { plainSpaces, plural } from '../page/numbers.ts'
import { visible } from '../page/visible.ts'

interface Place {
  readonly path: string
  readonly value: string
  readonly policy: string
}

const PLACES: Readonly<Record<Exceptions['list'], Place>> = {
  client: {
    path: 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0',
    value: 'ClientAllowedNTLMServers',
    policy: 'Network security: Restrict NTLM: Add remote server exceptions for NTLM authentication',
  },
  domain: {
    path: 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters',
    value: 'DCAllowedNTLMServers',
    policy: 'Network security: Restrict NTLM: Add server exceptions in this domain',
  },
  smb: {
    path: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\LanmanWorkstation',
    value: 'BlockNTLMServerExceptionList',
    policy: 'Network, Lanman Workstation: Block NTLM Server Exception List',
  },
}

/** As lines of the policy's list, with comments to take out before they are pasted. */
export function exceptionLines(lists: readonly Exceptions[]): string {
  return lists
    .map(({ list, names, byHand }) => {
      const { policy, value } = PLACES[list]
      const head = [`${policy} (${value}): one name a line; lines with # are for people, and not part of the list`]
      return [
        ...head.map((text) => `# ${text}`),
        ...names.flatMap((one) => [`# ${commentOf(one)}`, one.name]),
        ...handLines(byHand).map((text) => `# ${text}`),
      ].join('\n')
    })
    .join('\n\n')
    .concat('\n')
}

export function exceptionPowershell(lists: readonly Exceptions[]): string {
  const parts = lists.map(({ list, names, byHand }) => {
    const { path, value, policy } = PLACES[list]
    const drive = path.replace('HKEY_LOCAL_MACHINE', 'HKLM:')
    return [
      `# ${policy}`,
      '$names = @(',
      ...names.flatMap((one) => [`  # ${commentOf(one)}`, `  '${one.name.replaceAll("'", "''")}'`]),
      ')',
      `if (-not (Test-Path '${drive}')) { New-Item -Path '${drive}' -Force | Out-Null }`,
      `New-ItemProperty -Path '${drive}' -Name '${value}' -PropertyType MultiString -Value ([string[]]$names) -Force | Out-Null`,
      ...handLines(byHand).map((text) => `# ${text}`),
    ].join('\n')
  })
  const text = `#Requires -RunAsAdministrator\n# What stands in these values is replaced; a group policy overwrites them at its next refresh.\n\n${parts.join('\n\n')}\n`
  // Windows PowerShell takes a script without a mark for one of the local code page, in which a comment may eat a line
  return /^[\x00-\x7f]*$/.test(text) ? text : `${MARK}${text}`
}

const MARK = '\ufeff'

/** A .reg file: REG_MULTI_SZ is hex(7), UTF-16 with a NUL behind each text and one more at the end. */
export function exceptionRegistry(lists: readonly Exceptions[]): string {
  const parts = lists.map(({ list, names, byHand }) => {
    const { path, value, policy } = PLACES[list]
    const bytes = Buffer.from(`${names.map(({ name }) => `${name}\0`).join('')}\0`, 'utf16le')
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
    return [
      `; ${policy}`,
      ...names.map((one) => `; ${one.name}: ${commentOf(one)}`),
      ...handLines(byHand).map((text) => `; ${text}`),
      `[${path}]`,
      `"${value}"=hex(7):${folded(hex)}`,
    ].join('\r\n')
  })
  return `Windows Registry Editor Version 5.00\r\n\r\n${parts.join('\r\n\r\n')}\r\n`
}

/** Lines of a .reg file go on behind a backslash. */
function folded(hex: readonly string[]): string {
  const lines: string[] = []
  for (let at = 0; at < hex.length; at += HEX_IN_LINE) lines.push(hex.slice(at, at + HEX_IN_LINE).join(','))
  return lines.join(',\\\r\n  ')
}

const HEX_IN_LINE = 25

function commentOf({ logons, why, owner, until }: Exceptions['names'][number]): string {
  const end = until === null ? 'nobody said until when' : `until ${until}`
  return visible(
    plainSpaces(`${plural(logons, 'logon')}; why: ${why || 'nothing tells'}; owner: ${owner}; ${end}`),
  ).replace(/[\r\n]/g, ' ')
}

function handLines(byHand: Exceptions['byHand']): string[] {
  if (byHand.length === 0) return []
  return [
    'add by hand:',
    ...byHand.map(({ client, server, service, logons, because, name }) => {
      const why =
        because === 'no-name'
          ? 'the name that the list wants was not seen'
          : `'${name}' would let through uses that are not allowed`
      return visible(plainSpaces(`  ${client} -> ${server} ${service}, ${plural(logons, 'logon')}: ${why}`))
    }),
  ]
}
