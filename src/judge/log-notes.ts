/**
 * What Windows logs add to a judgement, in sentences that no state depends on: which program used NTLM, as whom, why
 * Windows says so, and where log and wire name different mechanisms.
 */
import type { AuthExchange } from '../facts/exchange.ts'

const NOTES_MAX = 8

/** Of the exchanges that were judged; none without logs. */
export function logNotes(exchanges: readonly AuthExchange[]): string[] {
  const counts = new Map<string, number>()
  for (const { windows, mechanism, client, server } of exchanges) {
    if (windows === null) continue
    const flow = `${client.ip} -> ${server.ip}`
    const note = windows.contradictions.includes('mechanism')
      ? `${flow}: the log of the server says ${windows.package ?? 'another mechanism'}, the wire ${mechanism}`
      : mechanism === 'ntlm' && (windows.process !== null || windows.reason !== null)
        ? `${flow}: ${askedText(windows)}`
        : null
    if (note !== null) counts.set(note, (counts.get(note) ?? 0) + 1)
  }
  const notes = [...counts].map(([note, count]) => (count === 1 ? note : `${note} (${count} times)`))
  const rest = notes.length - NOTES_MAX
  return rest > 0 ? [...notes.slice(0, NOTES_MAX), `the logs say more: ${rest} other notes`] : notes
}

function askedText({ process, user, reason }: NonNullable<AuthExchange['windows']>): string {
  const who = `${process ?? 'a program that no log names'}${user === null ? '' : ` as ${user}`} used NTLM, as the logs say`
  return reason === null ? who : `${who}; Windows' reason: ${reason}`
}
