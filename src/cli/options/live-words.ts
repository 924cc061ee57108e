/**
 * What the command line of `live` says.
 */
import type { HostPattern } from '../../facts/filter.ts'
import type { Expectation } from '../../judge/expectations.ts'
import type { Flow } from '../../judge/flow.ts'
import type { Listening } from '../../live/capturing/listen.ts'
import type { NameWords } from './naming.ts'

export interface LiveWords extends NameWords {
  readonly interface?: string
  readonly listen?: Listening & { readonly text: string }
  readonly interfaces?: true
  readonly program?: 'dumpcap' | 'tcpdump'
  readonly filter?: string
  readonly write?: string
  readonly fileSize: number
  readonly files: number
  readonly format: 'text' | 'ndjson'
  readonly output?: string
  readonly report?: string
  /** milliseconds */
  readonly for?: number
  readonly untilMet?: readonly Expectation[]
  readonly client?: HostPattern
  readonly server?: { readonly host: HostPattern; readonly port: number | null }
  readonly service?: Flow['service']
  readonly device?: readonly HostPattern[]
  readonly label?: string
  readonly previews: boolean
}

/** By the ending of its name. */
export function reportFormat(file: string): 'json' | 'text' | 'csv' | 'html' | null {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase()
  if (ending === 'json' || ending === 'csv' || ending === 'html') return ending
  return ending === 'txt' || ending === 'text' ? 'text' : ending === 'htm' ? 'html' : null
}
