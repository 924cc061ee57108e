/**
 * Where a client got a name from, as one line: what gave it, how long before, and the frame.
 */
import type { NameOrigin } from '../../facts/exchange.ts'
import { say } from '../../texts/say.ts'
import type { Sheet } from './sheet.ts'

export function nameFromText(from: NameOrigin, capture: string, sheet: Sheet): string {
  const { where, by, secondsBefore, frames } = from
  const before = `${secondsBefore} s`
  return `${kindText(from)} ${where}, ${say`from ${by}, ${before} before`} ${sheet.evidence({ capture, frames })}`
}

function kindText({ kind, isNamed }: NameOrigin): string {
  switch (kind) {
    case 'dfs-referral':
      return say`DFS link`
    case 'http-redirect':
      return say`redirect to`
    case 'dns-cname':
      return say`alias in DNS:`
    case 'file-read':
      return isNamed === true ? say`the file` : say`perhaps the file`
    default:
      return say`${kind.toUpperCase()} answer for`
  }
}
