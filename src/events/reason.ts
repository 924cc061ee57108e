/**
 * Why Windows says that it used NTLM: NtlmUsageId and NtlmUsageReason of the NTLM log since Windows 11 24H2 and Server
 * 2025, and what the target name of an older audit event shows.
 *
 * The numbers shift by build (10 stood with the text "The target name contains an IP address", where the table says 7),
 * and the text is translated. So the English text decides; a number without it is taken from the table only where the
 * text is empty, and else said as it is.
 */

export interface NtlmReason {
  /** NtlmUsageId; null: not said */
  readonly id: number | null
  /** in English where it is known, else as the event has it */
  readonly text: string
  /** the cause of this program that it means; null: none, or not known */
  readonly code: string | null
}

const REASONS: readonly {
  readonly id: number
  readonly words: RegExp
  readonly text: string
  readonly code: string | null
}[] = [
  { id: 1, words: /called directly/i, text: 'the application called NTLM directly', code: 'RC14' },
  { id: 2, words: /local account/i, text: 'a local account was used', code: 'RC11' },
  { id: 4, words: /cloud account/i, text: 'a cloud account was used', code: 'RC12' },
  {
    id: 5,
    words: /target name (is|was) (missing|not|empty)|missing.*target name|no target name/i,
    text: 'the target name is missing',
    code: 'RC06',
  },
  {
    id: 6,
    words: /could not be resolved|not resolv/i,
    text: 'the target name is one that Kerberos cannot resolve',
    code: 'RC01',
  },
  { id: 7, words: /IP address/i, text: 'the target name contains an IP address', code: 'RC04' },
  { id: 8, words: /duplicate/i, text: 'the target name is duplicated in Active Directory', code: 'RC02' },
  { id: 9, words: /line of sight/i, text: 'no line of sight to a domain controller', code: 'RC07' },
  { id: 10, words: /loopback/i, text: 'the target is this host itself (loopback)', code: null },
  { id: 11, words: /null session/i, text: 'a null session was asked for', code: 'RC17' },
]

/** Of NtlmUsageId and NtlmUsageReason; null: neither says anything. */
export function reasonOf(usageId: string | null, usageText: string | null): NtlmReason | null {
  const id = usageId !== null && /^(0x[0-9a-f]+|\d+)$/i.test(usageId) ? Number(usageId) : null
  const text = usageText?.trim() ?? ''
  const said = text === '' ? undefined : REASONS.find(({ words }) => words.test(text))
  if (said !== undefined) return { id, text: said.text, code: said.code }
  if (text !== '') return { id, text: id === null ? text : `reason ${id}: ${text}`, code: null }
  if (id === null || id === 0) return null
  const listed = REASONS.find((reason) => reason.id === id)
  // the number alone may be that of another build
  return {
    id,
    text: listed === undefined ? `reason ${id}` : `reason ${id} (${listed.text}, as the first builds number it)`,
    code: null,
  }
}

/** What 8001 shows of its target: an address, or `NULL`. Another name explains nothing. */
export function reasonOfTarget(target: string | null): NtlmReason | null {
  if (target === null) return null
  if (/^\(?null\)?$/i.test(target)) return { id: null, text: 'the application gave no target name', code: 'RC06' }
  const host = target.slice(target.indexOf('/') + 1).split('/', 1)[0]!
  const isAddress = /^\d{1,3}(\.\d{1,3}){3}(:\d+)?$/.test(host) || /^\[?[0-9a-f]*:[0-9a-f:]+\]?$/i.test(host)
  return isAddress ? { id: null, text: 'the target name is an IP address', code: 'RC04' } : null
}
