/**
 * The smallest stream there can be: feeds the bytes of a conversation to a carrier's `frame` and collects its PDUs. It
 * does what the contract of `Framing` says and nothing else (no reassembly, no probing), and it measures how many bytes
 * had to be held.
 */
import type { Carrier, Framing, More, Side } from '../../decoders/carrier.ts'

/** Some bytes of one half, in the order of the conversation. */
export type Piece = readonly [side: Side, bytes: Uint8Array]

/** A framed PDU; its text is what `decode` would be given. */
export interface FedPdu {
  readonly side: Side
  readonly length: number
  readonly kept: Uint8Array
  readonly more: More
}

export interface Fed {
  readonly pdus: readonly FedPdu[]
  /** where a half stopped with 'lost', or with 'tunnel': bytes of it that had passed before */
  readonly lostAt: Readonly<Record<Side, number | null>>
  readonly overAt: Readonly<Record<Side, number | null>>
  /** the most bytes of a half that waited for a frame or were kept at a time */
  readonly heldBytesMax: number
  /** bytes that no PDU holds when the conversation ends */
  readonly leftBytes: number
}

interface HalfState {
  side: Side
  waiting: Uint8Array
  passed: number
  state: number
  scanned: number
  pending: number
  pdu: { length: number; keep: number; more: More; left: number; kept: Uint8Array } | null
  lostAt: number | null
  overAt: number | null
}

export function feed(carrier: Carrier, pieces: readonly Piece[]): Fed {
  const pdus: FedPdu[] = []
  const halves = { client: newHalf('client'), server: newHalf('server') }
  let heldBytesMax = 0
  for (const [side, bytes] of pieces) {
    const half = halves[side]
    const peer = halves[side === 'client' ? 'server' : 'client']
    half.waiting = appended(half.waiting, bytes)
    let going = true
    while (going && half.lostAt === null && half.overAt === null) {
      if (half.pdu === null) going = half.waiting.length > 0 && frameNext(carrier, half, peer)
      else going = passOn(half, pdus)
    }
    heldBytesMax = Math.max(heldBytesMax, half.waiting.length + (half.pdu?.kept.length ?? 0))
  }
  // the end of the conversation closes what is open
  for (const half of [halves.client, halves.server]) {
    if (half.pdu !== null) pdus.push(fedPdu(half))
  }
  const leftBytes = halves.client.waiting.length + halves.server.waiting.length
  const { client, server } = halves
  return {
    pdus,
    lostAt: { client: client.lostAt, server: server.lostAt },
    overAt: { client: client.overAt, server: server.overAt },
    heldBytesMax,
    leftBytes,
  }
}

/** The same conversation in pieces of `size` bytes. */
export function inPieces(conversation: readonly Piece[], size: number): Piece[] {
  const pieces: Piece[] = []
  for (const [side, bytes] of conversation) {
    for (let at = 0; at < bytes.length; at += size) pieces.push([side, bytes.subarray(at, at + size)])
  }
  return pieces
}

/** The same conversation with its piece number `index` cut in two at `at`. */
export function cutPiece(conversation: readonly Piece[], index: number, at: number): Piece[] {
  const pieces = [...conversation]
  const [side, bytes] = pieces[index]!
  pieces.splice(index, 1, [side, bytes.subarray(0, at)], [side, bytes.subarray(at)])
  return pieces
}

function newHalf(side: Side): HalfState {
  return {
    side,
    waiting: new Uint8Array(0),
    passed: 0,
    state: 0,
    scanned: 0,
    pending: 0,
    pdu: null,
    lostAt: null,
    overAt: null,
  }
}

/** False when more bytes are needed or the half is lost. */
function frameNext(carrier: Carrier, half: HalfState, peer: HalfState): boolean {
  const out: Framing = {
    length: -1,
    keep: -1,
    more: false,
    state: half.state,
    scanned: half.scanned,
    pending: half.pending,
    peerState: peer.state,
  }
  const answer = carrier.frame(half.waiting, half.side, out)
  half.scanned = answer === 'more' ? out.scanned : 0
  if (answer === 'more') return false
  if (answer === 'lost' || answer === 'tunnel') {
    half[answer === 'lost' ? 'lostAt' : 'overAt'] = half.passed
    return false
  }
  if (out.length <= 0 || out.keep < 0 || out.keep > out.length) throw new Error(`bad framing: ${JSON.stringify(out)}`)
  half.state = out.state
  half.pending = out.pending
  half.pdu = { length: out.length, keep: out.keep, more: out.more, left: out.length, kept: new Uint8Array(0) }
  return true
}

/** Lets the waiting bytes of the present PDU pass; false when it goes on in bytes that are not there. */
function passOn(half: HalfState, pdus: FedPdu[]): boolean {
  const pdu = half.pdu!
  const step = Math.min(pdu.left, half.waiting.length)
  const keep = Math.min(step, pdu.keep - pdu.kept.length)
  if (keep > 0) pdu.kept = appended(pdu.kept, half.waiting.subarray(0, keep))
  half.waiting = half.waiting.slice(step)
  half.passed += step
  pdu.left -= step
  if (pdu.left > 0) return false
  pdus.push(fedPdu(half))
  half.pdu = null
  return true
}

function fedPdu(half: HalfState): FedPdu {
  const { length, kept, more } = half.pdu!
  return { side: half.side, length, kept, more }
}

function appended(left: Uint8Array, right: Uint8Array): Uint8Array {
  const all = new Uint8Array(left.length + right.length)
  all.set(left)
  all.set(right, left.length)
  return all
}
