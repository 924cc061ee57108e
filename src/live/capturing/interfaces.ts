/**
 * What can be captured, as the capture program sees it; if nothing, what to do.
 */
import { spawnSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { type Program, permissionAdvice } from './child.ts'

export interface InterfaceLine {
  readonly name: string
  /** its addresses, as this machine has them; what the program says of it */
  readonly words: string
}

/** `advice`: why there are none; null: there are some */
export function captureInterfaces(program: Program): {
  readonly interfaces: readonly InterfaceLine[]
  readonly advice: string | null
} {
  const { stdout, stderr, status } = spawnSync(program.path, ['-D'], { encoding: 'utf8', timeout: 10_000 })
  const addresses = networkInterfaces()
  // `1. eth0` or `1.eth0 [Up, Running]`
  const interfaces = (stdout ?? '')
    .split('\n')
    .map((line) => /^\d+\.\s*(\S+)\s*(.*)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, name, rest]) => ({
      name: name!,
      words: [(addresses[name!] ?? []).map(({ address }) => address).join(', '), rest!]
        .filter((part) => part !== '')
        .join('  '),
    }))
  if (interfaces.length > 0) return { interfaces, advice: null }
  const said = (stderr ?? '').trim().split('\n')[0] || `exit code ${status}`
  return { interfaces, advice: `${program.name} lists none (${said}): ${permissionAdvice()}` }
}
