/**
 * Where the captures of these tests are, and what is known not to agree with them. Paths are relative to the root of
 * the repository, where vitest runs. Captures of others that may not be part of the repository stand where
 * NTLMSCOPE_CAPTURES says (`public/`, `lab/`): tests that read them are skipped, and counted as such, where it is not
 * set.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** a path that is none where the variable is not set */
export const SHARED = process.env.NTLMSCOPE_CAPTURES || 'NTLMSCOPE_CAPTURES-is-not-set'
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
