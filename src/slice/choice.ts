/**
 * Which conversations prove something: those of the frames of evidence from their first frame on, or, where that is not
 * enough, more of what the same hosts said.
 */
import type { Packet } from '../capture/packet.ts'
import { frameKey } from '../facts/frames.ts'
import type { Segment } from '../net/segment.ts'
import {
  type Chooser,
  choose,
  destinationOf,
  flowOf,
  opensConnection,
  type PacketKind,
  type SourceFrame,
  sourceOf,
} from './frames.ts'

/** How much stands around the evidence, the least first. */
export type Width =
  /** the conversations of the evidence, up to its last frame */
  | 'evidence'
  /** those conversations to their end */
  | 'conversations'
  /** all that the two hosts say to each other, and what the client asks KDCs and name services */
  | 'pair'
  /** all that either host says */
  | 'hosts'

export const WIDTHS: readonly Width[] = ['evidence', 'conversations', 'pair', 'hosts']

export interface Chosen {
  readonly frames: readonly SourceFrame[]
  /** frames that would belong to it and are more than fit */
  readonly leftOut: number
}

/** `evidence`: frame keys. `hosts`: addresses of clients and of servers, for the wider ones. */
export async function conversationsOf(
  inputs: readonly string[],
  evidence: ReadonlySet<number>,
  width: Width,
  hosts: { readonly clients: ReadonlySet<string>; readonly servers: ReadonlySet<string> },
  bytesMax: number,
): Promise<Chosen> {
  const flows = new Set<string>()
  const finder: Chooser = {
    wants: (_, __, packet) => evidence.has(frameKey(packet.capture, packet.frame)),
    keep: (segment) => flows.add(flowOf(segment)),
  }
  await choose(inputs, finder)
  const gathering = new Gathering(evidence, flows, width, hosts, bytesMax)
  await choose(inputs, gathering)
  return gathering.chosen()
}

/** One conversation between the same ports; a later one begins anew. */
interface Talk {
  readonly frames: SourceFrame[]
  /** how many of them there were at the last frame of evidence; 0: none yet */
  proven: number
  syn: number
}

class Gathering implements Chooser {
  readonly #evidence: ReadonlySet<number>
  readonly #flows: ReadonlySet<string>
  readonly #width: Width
  readonly #hosts: { readonly clients: ReadonlySet<string>; readonly servers: ReadonlySet<string> }
  readonly #bytesMax: number
  readonly #talks = new Map<string, Talk>()
  readonly #over: Talk[] = []
  readonly #around: SourceFrame[] = []
  #bytes = 0
  #leftOut = 0

  constructor(
    evidence: ReadonlySet<number>,
    flows: ReadonlySet<string>,
    width: Width,
    hosts: { readonly clients: ReadonlySet<string>; readonly servers: ReadonlySet<string> },
    bytesMax: number,
  ) {
    this.#evidence = evidence
    this.#flows = flows
    this.#width = width
    this.#hosts = hosts
    this.#bytesMax = bytesMax
  }

  wants(segment: Segment, _kind: PacketKind, _packet: Packet): boolean {
    return this.#isAround(segment) || this.#flows.has(flowOf(segment))
  }

  keep(segment: Segment, _kind: PacketKind, frames: readonly SourceFrame[]): void {
    const isProof = frames.some(({ capture, frame }) => this.#evidence.has(frameKey(capture, frame)))
    const flow = flowOf(segment)
    if (!this.#flows.has(flow)) {
      if (this.#fits(frames, false)) this.#around.push(...frames)
      return
    }
    let talk = this.#talks.get(flow)
    if (talk !== undefined && opensConnection(segment) && talk.frames.length > 0 && talk.syn !== segment.seq) {
      this.#end(talk)
      talk = undefined
    }
    if (talk === undefined) {
      talk = { frames: [], proven: 0, syn: -1 }
      this.#talks.set(flow, talk)
    }
    if (opensConnection(segment)) talk.syn = segment.seq
    if (!this.#fits(frames, isProof)) return
    talk.frames.push(...frames)
    if (isProof) talk.proven = talk.frames.length
  }

  chosen(): Chosen {
    for (const talk of this.#talks.values()) this.#end(talk)
    this.#talks.clear()
    const frames = [...this.#around]
    for (const { frames: all, proven } of this.#over)
      frames.push(...(this.#width === 'evidence' ? all.slice(0, proven) : all))
    const unique = new Map(frames.map((frame) => [frame.order, frame]))
    return { frames: [...unique.values()].sort((a, b) => a.order - b.order), leftOut: this.#leftOut }
  }

  /** A conversation without evidence is of the same ports, and says nothing here. */
  #end(talk: Talk): void {
    if (talk.proven > 0) this.#over.push(talk)
    else for (const { bytes } of talk.frames) this.#bytes -= bytes.length
  }

  #fits(frames: readonly SourceFrame[], isProof: boolean): boolean {
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0)
    if (this.#bytes + bytes > this.#bytesMax && !isProof) {
      this.#leftOut += frames.length
      return false
    }
    this.#bytes += bytes
    return true
  }

  #isAround(segment: Segment): boolean {
    if (this.#width === 'evidence' || this.#width === 'conversations') return false
    const { clients, servers } = this.#hosts
    const source = sourceOf(segment)
    const destination = destinationOf(segment)
    if (this.#width === 'hosts')
      return [source, destination].some((address) => clients.has(address) || servers.has(address))
    if (clients.has(source) ? servers.has(destination) : servers.has(source) && clients.has(destination)) return true
    const { sourcePort, destinationPort } = segment
    return (
      (clients.has(source) && CONTEXT_PORTS.has(destinationPort)) ||
      (clients.has(destination) && CONTEXT_PORTS.has(sourcePort))
    )
  }
}

/** KDC, DNS, NetBIOS names, LDAP of domain controllers over UDP, mDNS, LLMNR */
const CONTEXT_PORTS: ReadonlySet<number> = new Set([88, 464, 53, 137, 389, 5353, 5355])
