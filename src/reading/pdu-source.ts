/**
 * What reading gives, and what it tells of itself: the same for one thread and for two.
 */

import type { CaptureSummary } from '../capture/merge.ts'
import type { Succession } from '../capture/succession.ts'
import type { Neighbour } from '../net/arp/neighbours.ts'
import type { Drops } from '../net/net.ts'
import type { Clock } from '../stream/sink.ts'
import type { StreamCounters } from '../stream/stream.ts'
import type { KeyFacts } from './opening.ts'

/**
 * Who reads most packets: the loop in WebAssembly, or none, so that every packet is read in TypeScript. The report is
 * the same.
 */
export type EngineName = 'wasm' | 'js'

export interface Progress {
  readonly bytes: number
  readonly totalBytes: number | null
  readonly packets: number
  /** the bytes are those of logs, which are read after the captures: events so far */
  readonly events?: number
}

/** Who is asked between reads: after every two MiB, and before reading has to wait for its bytes. */
export interface ReadingHooks {
  /** the bytes that come next are not there yet: who gathers something gives it out now */
  readonly onWait?: (() => void) | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** a promise holds the reading up until it resolves, null goes on */
  readonly onPause?: (() => Promise<void> | null) | undefined
  /** stops reading; what was read counts */
  readonly signal?: AbortSignal | undefined
  /** captures that come one after another, instead of those that are named: in this thread alone */
  readonly succession?: Succession | undefined
}

/** What the first half of a run counts. Plain data: it may come from another thread. */
export interface ReadingFacts {
  readonly packets: number
  /** on the wire */
  readonly bytes: number
  /** of the packets, microseconds since 1970; null: there were none */
  readonly start: number | null
  readonly end: number | null
  readonly tcp: number
  readonly udp: number
  readonly cutPackets: number
  readonly drops: Drops
  readonly vlans: readonly number[]
  readonly tunnels: readonly string[]
  /**
   * packets without IP by the number of what they hold (net/protocols.ts), and packets of link types that are not read
   */
  readonly protocols: readonly (readonly [number, number])[]
  readonly linkTypes: readonly (readonly [number, number])[]
  /** hardware addresses that hosts named themselves */
  readonly neighbours: readonly Neighbour[]
  /** packets in datagrams that nobody claims, by UDP port (stream/wrapped.ts) */
  readonly wrapped: readonly (readonly [number, number])[]
  readonly stream: StreamCounters
  /** packets with a signature of NTLMSSP that are neither TCP nor UDP */
  readonly markedPackets: number
  readonly captures: readonly CaptureSummary[]
  /** packets dropped in all of them together, where whoever captures knows it for no one of them; null: unknown */
  readonly droppedInAll: number | null
  readonly foreignConnections: number
  /** what the keys opened; null: there were none */
  readonly keys: KeyFacts | null
}

/** Where the PDUs of a run come from. */
export interface PduSource extends Clock {
  /** Reads every capture in time order, once. Rejects with a `CaptureError` where one is no capture. */
  read(inputs: readonly string[], hooks: ReadingHooks): Promise<ReadingFacts>
}
