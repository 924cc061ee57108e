/**
 * Where the captures of these tests are, and what is known not to agree with them. Paths are relative to the root of the repository,
 * where vitest runs. The folders of `../shared` are optional data: tests that read them say so and are skipped where they are absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const SHARED = '../shared/captures'
export const PUBLIC = `${SHARED}/public`
export const LAB = `${SHARED}/lab`
/** recorded for this repository, GROUP/NAME.pcap, their truth in GROUP/scenarios.yaml */
export const BUNDLED = 'captures'

const CAPTURE_NAME = /\.(pcap|pcapng|cap)(\.gz)?$/

/** Every capture in and below a folder, sorted; none where there is no such folder. */
export function capturesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => CAPTURE_NAME.test(name))
    .sort()
    .map((name) => join(folder, name))
}

/** Where we and tshark differ about one message. */
export interface MessageDifference {
  readonly capture: string
  readonly frame: number
  readonly type: string
  /** missing: tshark alone has it; extra: we alone have it; different: both have it, with other values */
  readonly side: 'missing' | 'extra' | 'different'
  readonly why: string
}

/** Where an exchange and the lab's truth about it differ in one field. */
export interface ExchangeDifference {
  readonly capture: string
  /** `client server:port`, as the truth names them */
  readonly pair: string
  readonly field: string
  readonly truth: unknown
  readonly ours: unknown
  readonly why: string
}

export interface Differences {
  readonly messages: readonly MessageDifference[]
  readonly exchanges: readonly ExchangeDifference[]
}

export function readDifferences(): Differences {
  return JSON.parse(readFileSync(new URL('differences.json', import.meta.url), 'utf8')) as Differences
}
