/** What a test sees of a decoded packet: plain values that can be compared. */
import { expect } from 'vitest'
import type { Packet } from '../../../src/capture/packet.ts'
import type { Network } from '../../../src/net/net.ts'
import { addressText, Segment } from '../../../src/net/segment.ts'

export interface Read {
  readonly result: number
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly seq: number
  readonly ack: number
  readonly flags: number
  /** hexadecimal */
  readonly payload: string
  readonly payloadMissing: number
}

const segment = new Segment()

/** null: dropped, or waiting. */
export function readOne(network: Network, given: Packet): Read | null {
  const result = network.decode(given, segment)
  if (result === 0) return null
  const { source0, source1, source2, source3, destination0, destination1, destination2, destination3 } = segment
  const { protocol, sourcePort, destinationPort, seq, ack, flags, payloadMissing } = segment
  const payload = segment.bytes.subarray(segment.payloadStart, segment.payloadStart + segment.payloadLength)
  expect(payload.length).toBe(segment.payloadLength)
  return {
    result,
    source: addressText(source0, source1, source2, source3),
    destination: addressText(destination0, destination1, destination2, destination3),
    protocol,
    sourcePort,
    destinationPort,
    seq,
    ack,
    flags,
    payload: Buffer.from(payload).toString('hex'),
    payloadMissing,
  }
}

export function readAll(network: Network, given: readonly Packet[]): (Read | null)[] {
  return given.map((one) => readOne(network, one))
}

/** packets = TCP + UDP + every drop, and no counter below zero. */
export function accounted(network: Network): void {
  const drops = Object.values(network.drops)
  const sum = drops.reduce((total, count) => total + count, network.tcp + network.udp)
  if (sum !== network.packets || drops.some((count) => count < 0)) {
    expect.fail(`${network.packets} packets, ${network.tcp} TCP, ${network.udp} UDP, ${JSON.stringify(network.drops)}`)
  }
}
