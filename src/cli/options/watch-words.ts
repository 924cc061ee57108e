/**
 * What the command line of `watch` says.
 */
export interface WatchWords {
  readonly once?: true
  readonly state?: string
  /** milliseconds */
  readonly every?: number
  readonly reports?: string
  readonly settle: number
  /** bytes */
  readonly lookBack: number
  readonly format: 'text' | 'ndjson'
  readonly output?: string
}
