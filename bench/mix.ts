/**
 * Builds the captures that the benches read: a span-port mix, a domain-controller mix, a million small authentications.
 *
 * As a program it writes one to standard output, in constant memory and of any size; `cachedMix` keeps one as a file
 * outside the repository. Seeded: the same parameters give the same bytes on every machine. Conversations are
 * interleaved, many open at a time, each with right sequence numbers; behind the authentication some segments are lost,
 * repeated or late, as a span port delivers them.
 */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ACK, FIN, FrameWriter, MSS, PSH, SYN } from './frames.ts'
import { authenticationKinds, domainControllerKinds, Flow, type Kind, openKinds, spanKinds } from './kinds.ts'
import { type Payload, poolOf, Random } from './random.ts'
import { buildScripts } from './scripts.ts'

export type MixName = 'span' | 'dc' | 'authentications' | 'open'

export interface MixOptions {
  readonly mix: MixName
  /** how much to write, within a few parts of a hundred; 0: as much as the scripts of all flows take */
  readonly bytes: number
  readonly flows: number
  /** conversations open at a time */
  readonly open: number
  /** at most so many conversations authenticate; the others take their place */
  readonly authentications?: number
  /** conversations of this kind alone */
  readonly kind?: string
  readonly seed?: number
  /** of the mix 'open': what stands in it */
  readonly payload?: Payload
}

export interface MixSummary {
  readonly bytes: number
  readonly packets: number
  readonly flows: number
  /** conversations that began with an authentication, or were one with a KDC */
  readonly authentications: number
  /** part of the packets to or from an authentication port */
  readonly authenticationPortShare: number
  /** conversations by kind */
  readonly kinds: Readonly<Record<string, number>>
}

export const AUTHENTICATION_PORTS = [445, 139, 88, 389, 3268, 80, 8080, 3128] as const

const KINDS = { span: spanKinds, dc: domainControllerKinds, authentications: authenticationKinds, open: openKinds }

/** What may differ from the usual number of conversations. */
export interface MixShape {
  readonly flows?: number | undefined
  readonly open?: number | undefined
}

/** The two mixes of the figures, at a size. */
export function usualMix(mix: 'span' | 'dc', bytes: number, shape: MixShape = {}): MixOptions {
  const gigabytes = bytes / 1e9
  const flows = shape.flows ?? Math.max(200, Math.round((mix === 'span' ? 20_000 : 60_000) * gigabytes))
  return { mix, bytes, flows, open: shape.open ?? Math.max(50, Math.round(flows / 5)) }
}

/** A mix of conversations that are all open when the capture begins. */
export function openMix(payload: Payload, bytes: number, shape: MixShape = {}): MixOptions {
  const flows = shape.flows ?? Math.max(200, Math.round(20_000 * (bytes / 1e9)))
  return { mix: 'open', payload, bytes, flows, open: shape.open ?? flows }
}

export function writeMix(descriptor: number, options: MixOptions): MixSummary {
  return new Mixer(descriptor, options).run()
}

/* Stages of a conversation. The first three are the handshake. */
const SCRIPT = 3
const TALK = 4
const CLOSE = 5
const OVER = 8

class Mixer {
  readonly #writer: FrameWriter
  readonly #options: MixOptions
  readonly #random: Random
  readonly #content: Uint8Array
  readonly #kinds: readonly Kind[]
  readonly #quiet: readonly Kind[]
  readonly #clients: number
  #launched = 0
  #authentications = 0
  readonly #counts: Record<string, number> = {}
  /** packets promised to conversations under way */
  #promised = 0
  /** of the kinds' parts of packets, what is left when the scripts have theirs */
  #scale = 1

  constructor(descriptor: number, options: MixOptions) {
    this.#writer = new FrameWriter(descriptor)
    this.#options = options
    this.#content = poolOf(options.payload ?? 'random', 7)
    this.#random = new Random(options.seed ?? 20_260_302)
    const kinds = KINDS[options.mix](buildScripts(this.#content))
    this.#kinds = options.kind === undefined ? kinds : kinds.filter(({ name }) => name === options.kind)
    this.#quiet = this.#kinds.filter((kind) => !kind.authenticates)
    this.#clients = Math.min(60_000, Math.max(200, Math.ceil(options.flows / 10)))
  }

  run(): MixSummary {
    const { flows, open } = this.#options
    const random = this.#random
    const writer = this.#writer
    const under: Flow[] = []
    while (under.length < open && this.#launched < flows) under.push(this.#launch(new Flow(this.#kinds[0]!)))
    while (under.length > 0) {
      const at = random.below(under.length)
      const flow = under[at]!
      for (let burst = random.between(1, 6); burst > 0 && flow.stage !== OVER; burst--) {
        this.#packet(flow)
        writer.advance(random.below(78) + 1)
      }
      if (flow.stage !== OVER) continue
      if (this.#launched < flows) this.#launch(flow)
      else {
        under[at] = under.at(-1)!
        under.pop()
      }
    }
    writer.end()
    let onPorts = 0
    for (const port of AUTHENTICATION_PORTS) onPorts += writer.portPackets[port]!
    return {
      bytes: writer.bytes,
      packets: writer.packets,
      flows: this.#launched,
      authentications: this.#authentications,
      authenticationPortShare: onPorts / writer.packets,
      kinds: this.#counts,
    }
  }

  /** Makes `flow` the next conversation. */
  #launch(flow: Flow): Flow {
    const random = this.#random
    const { flows, authentications = Number.POSITIVE_INFINITY } = this.#options
    const kinds = this.#authentications >= authentications ? this.#quiet : this.#kinds
    const kind = chosen(kinds, random)
    const id = this.#launched++
    if (kind.authenticates) this.#authentications++
    this.#counts[kind.name] = (this.#counts[kind.name] ?? 0) + 1
    flow.kind = kind
    flow.id = id
    // a client and a port of its own: no two conversations share their endpoints
    flow.client = 0x0a010000 + (id % this.#clients)
    flow.clientPort = 1024 + (Math.floor(id / this.#clients) % 64_000)
    flow.serverPort = kind.ports[random.below(kind.ports.length)]!
    flow.server = serverOf(kind, random)
    flow.clientSeq = random.next() | 0
    flow.serverSeq = random.next() | 0
    flow.variant = random.below(kind.scripts.length)
    flow.stage = kind.protocol === 6 && !kind.isOpen ? 0 : SCRIPT
    flow.step = 0
    flow.side = 1
    flow.units = 0
    flow.bytesLeft = 0
    flow.asked = -1
    flow.count = 0
    flow.unacknowledged = 0
    flow.hasSpoken = false
    flow.budget = kind.packets === 0 ? 0 : this.#share(kinds, kind, flows - id)
    this.#promised += flow.budget
    return flow
  }

  /** Packets for a conversation of this kind, so that the whole comes to the size asked for. */
  #share(kinds: readonly Kind[], kind: Kind, flowsLeft: number): number {
    const { bytes, packets } = this.#writer
    const bytesPerPacket = packets < 10_000 ? 660 : bytes / packets
    const packetsLeft = (this.#options.bytes - bytes) / bytesPerPacket - this.#promised
    let flowParts = 0
    let packetParts = 0
    let scripted = 0
    for (const each of kinds) {
      flowParts += each.flows
      packetParts += each.packets
      const shortest = each.scripts[0]!.length + (each.protocol === 6 ? 6 : 0)
      scripted += each.flows * shortest
    }
    scripted /= flowParts
    this.#scale = Math.max(0, packetsLeft / Math.max(1, flowsLeft) - scripted)
    const mean = (this.#scale * (kind.packets / packetParts)) / (kind.flows / flowParts)
    return Math.max(1, Math.round(mean * this.#random.exponential()))
  }

  #packet(flow: Flow): void {
    if (flow.stage < SCRIPT) this.#handshake(flow)
    else if (flow.stage === SCRIPT) this.#script(flow)
    else if (flow.stage === TALK) {
      if (flow.kind.protocol === 6) this.#talk(flow)
      else this.#datagram(flow)
    } else this.#close(flow)
  }

  #handshake(flow: Flow): void {
    this.#segment(flow, flow.stage === 1 ? 1 : 0, flow.stage === 0 ? SYN : flow.stage === 1 ? SYN | ACK : ACK)
    this.#writer.finish()
    if (flow.stage === 0) flow.clientSeq = (flow.clientSeq + 1) | 0
    else if (flow.stage === 1) flow.serverSeq = (flow.serverSeq + 1) | 0
    flow.stage++
  }

  /** The authentication: nothing of it is lost, so that it can be counted. */
  #script(flow: Flow): void {
    const script = flow.kind.scripts[flow.variant]!
    const step = script[flow.step++]
    if (step !== undefined) {
      const { side, payload } = step
      if (flow.kind.protocol === 17) this.#from(flow, side)
      else this.#segment(flow, side, ACK | PSH)
      this.#writer.put(payload, 0, payload.length)
      this.#writer.finish()
      this.#sent(flow, side, payload.length)
      flow.side = side
    }
    if (flow.step < script.length) return
    flow.unacknowledged = 0
    flow.stage = flow.budget > 0 ? TALK : flow.kind.protocol === 6 ? CLOSE : OVER
    if (step === undefined) this.#packetOrEnd(flow)
  }

  #packetOrEnd(flow: Flow): void {
    if (flow.stage !== OVER) this.#packet(flow)
  }

  /** One segment of the present message, or the acknowledgement of two of them. */
  #talk(flow: Flow): void {
    const { kind } = flow
    const writer = this.#writer
    if (flow.unacknowledged === 2) {
      this.#segment(flow, flow.side === 0 ? 1 : 0, ACK)
      writer.finish()
      flow.unacknowledged = 0
      this.#spend(flow)
      return
    }
    if (flow.units === 0 && flow.bytesLeft === 0) {
      if (flow.budget <= 0) {
        flow.stage = CLOSE
        this.#close(flow)
        return
      }
      kind.next(flow, this.#random)
      flow.unacknowledged = 0
    }
    this.#segment(flow, flow.side, ACK)
    const length = this.#fill(flow, MSS)
    const fate = this.#random.below(10_000)
    if (flow.hasSpoken) writer.finishImpaired(fate)
    else writer.finish()
    this.#sent(flow, flow.side, length)
    flow.unacknowledged++
    this.#spend(flow)
  }

  #datagram(flow: Flow): void {
    if (flow.budget <= 0) {
      flow.stage = OVER
      return
    }
    flow.kind.next(flow, this.#random)
    this.#from(flow, flow.side)
    this.#fill(flow, MSS)
    this.#writer.finish()
    this.#spend(flow)
  }

  #spend(flow: Flow): void {
    flow.budget--
    this.#promised--
    // a message is sent to its end
    if (flow.budget < 0) this.#promised++
  }

  /** Payload from the units of the message; a header is not cut in two. */
  #fill(flow: Flow, size: number): number {
    const content = this.#content
    let room = size
    while (room > 0) {
      if (flow.bytesLeft > 0) {
        const length = Math.min(room, flow.bytesLeft)
        const from = (flow.id * 4099 + flow.clientSeq + flow.serverSeq) & 0x7ffff
        this.#writer.put(content, from, from + length)
        flow.bytesLeft -= length
        room -= length
        continue
      }
      if (flow.units === 0) break
      const head = flow.kind.head(flow, content)
      if (head.length > room) break
      this.#writer.put(head, 0, head.length)
      room -= head.length
      flow.units--
      flow.bytesLeft = flow.unitBytes
    }
    return size - room
  }

  #close(flow: Flow): void {
    if (flow.stage === CLOSE) {
      this.#segment(flow, 0, FIN | ACK)
      flow.clientSeq = (flow.clientSeq + 1) | 0
    } else if (flow.stage === CLOSE + 1) {
      this.#segment(flow, 1, FIN | ACK)
      flow.serverSeq = (flow.serverSeq + 1) | 0
    } else this.#segment(flow, 0, ACK)
    this.#writer.finish()
    flow.stage++
  }

  #segment(flow: Flow, side: 0 | 1, flags: number): void {
    const { client, server, clientPort, serverPort, clientSeq, serverSeq } = flow
    const acknowledges = (flags & ACK) !== 0
    if (side === 0) {
      this.#writer.tcp(client, server, clientPort, serverPort, clientSeq, acknowledges ? serverSeq : 0, flags)
    } else this.#writer.tcp(server, client, serverPort, clientPort, serverSeq, acknowledges ? clientSeq : 0, flags)
  }

  #from(flow: Flow, side: 0 | 1): void {
    const { client, server, clientPort, serverPort } = flow
    if (side === 0) this.#writer.udp(client, server, clientPort, serverPort)
    else this.#writer.udp(server, client, serverPort, clientPort)
  }

  #sent(flow: Flow, side: 0 | 1, length: number): void {
    flow.hasSpoken = true
    if (side === 0) flow.clientSeq = (flow.clientSeq + length) | 0
    else flow.serverSeq = (flow.serverSeq + length) | 0
  }
}

function chosen(kinds: readonly Kind[], random: Random): Kind {
  let sum = 0
  for (const kind of kinds) sum += kind.flows
  let lot = random.unit() * sum
  for (const kind of kinds) {
    lot -= kind.flows
    if (lot < 0) return kind
  }
  return kinds.at(-1)!
}

/** File, web and directory servers inside, many more outside. */
function serverOf(kind: Kind, random: Random): number {
  if (kind.name.startsWith('kdc') || kind.name.startsWith('ldap') || kind.name === 'dns')
    return 0x0a020001 + random.below(4)
  if (kind.name.startsWith('smb')) return 0x0a020101 + random.below(40)
  if (kind.authenticates || kind.name === 'rpc') return 0x0a020201 + random.below(20)
  return 0xc6120001 + random.below(2000)
}

// --- kept as files
// --------------------------------------------------------------------------------------------------------------

/** Where captures are kept: outside the repository. */
export function benchFolder(): string {
  const folder = process.env.NTLMSCOPE_BENCH_DIR ?? join(tmpdir(), 'ntlmscope-bench')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The file of a mix, built unless the same builder has built it before with the same parameters. */
export function cachedMix(options: MixOptions, note: (line: string) => void): { path: string; summary: MixSummary } {
  const kind = options.payload === undefined ? '' : `-${options.payload}`
  const name = `${options.mix}${kind}-${sizeText(options.bytes)}`
  const path = join(benchFolder(), `${name}.pcap`)
  const stampPath = join(benchFolder(), `${name}.json`)
  const stamp = JSON.stringify({ builder: builderVersion(), options })
  if (existsSync(stampPath) && existsSync(path)) {
    const kept = JSON.parse(readFileSync(stampPath, 'utf8')) as { stamp: string; summary: MixSummary }
    if (kept.stamp === stamp) return { path, summary: kept.summary }
  }
  note(`building ${path} (once)`)
  const descriptor = openSync(`${path}.part`, 'w')
  const summary = writeMix(descriptor, options)
  closeSync(descriptor)
  renameSync(`${path}.part`, path)
  writeFileSync(stampPath, JSON.stringify({ stamp, summary }))
  return { path, summary }
}

/** Changes with everything that a mix is made of. */
function builderVersion(): string {
  const hash = createHash('sha256')
  const parts = ['mix', 'kinds', 'scripts', 'frames', 'random'].map((name) => `./${name}.js`)
  const builders = ['smb', 'http', 'ldap', 'kerberos', 'ntlmssp', 'spnego', 'der'].map(
    (name) => `../test/builders/${name}.js`,
  )
  for (const part of [...parts, ...builders]) hash.update(readFileSync(new URL(part, import.meta.url)))
  return hash.digest('hex').slice(0, 16)
}

export function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${+(bytes / 1e9).toFixed(2)}GB`
  return bytes >= 1e6 ? `${+(bytes / 1e6).toFixed(1)}MB` : `${+(bytes / 1e3).toFixed(1)}kB`
}

// --- as a program: mix.js OPTIONS-AS-JSON > capture
// -------------------------------------------------------------------------------

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const summary = writeMix(1, JSON.parse(process.argv[2] ?? '') as MixOptions)
    process.stderr.write(`${JSON.stringify(summary)}\n`)
  } catch (error) {
    // whoever reads may stop reading
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}
