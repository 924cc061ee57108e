/**
 * Packets of a capture, and the same ones with bytes changed, cut short, lost, sent again, out of order, in tunnels.
 */
import { openCapture } from '../../src/capture/open.ts'
import type { TestPacket } from '../builders/capture.ts'
import {
  erspan1,
  erspan2,
  erspan3,
  ethernet,
  geneve,
  gre,
  ipv4,
  mpls,
  ppp,
  pppoe,
  udp,
  vlan,
  vxlan,
} from '../builders/net.ts'

export async function packetsOf(path: string): Promise<TestPacket[]> {
  const { reader } = await openCapture(path, 0)
  const packets: TestPacket[] = []
  for (let state = reader.next(); state !== 'end'; state = reader.next()) {
    if (state === 'starved') {
      await reader.fill()
      continue
    }
    const { bytes, start, captured, original, time, linkType } = reader.packet
    if (linkType === 1) packets.push({ time, bytes: bytes.slice(start, start + captured), original })
  }
  await reader.close()
  return packets
}

/** The same packets with about one of `every` changed; how many were. */
export function mutated(packets: readonly TestPacket[], every: number, random: () => number): [TestPacket[], number] {
  const out: TestPacket[] = []
  let changes = 0
  for (const packet of packets) {
    out.push(packet)
    if (random() % every !== 0 || packet.bytes.length < 20) continue
    changes++
    const at = out.length - 1
    const bytes = packet.bytes.slice()
    const header = Math.min(bytes.length, 78)
    const { time } = packet
    const original = packet.original ?? bytes.length
    switch (random() % 13) {
      case 0: // anywhere
        for (let i = 0; i <= random() % 4; i++) bytes[random() % bytes.length] = random() & 255
        out[at] = { time, bytes, original }
        break
      case 1: // in a header
        bytes[random() % header] = random() & 255
        out[at] = { time, bytes, original }
        break
      case 2: // one bit of the sequence number, the offset or the flags
        bytes[Math.min(bytes.length - 1, 38 + (random() % 10))]! ^= 1 << (random() % 8)
        out[at] = { time, bytes, original }
        break
      case 3: // where a PDU may begin
        bytes[Math.min(bytes.length - 1, 54 + (random() % 24))] = random() & 255
        out[at] = { time, bytes, original }
        break
      case 4: // snap length
        out[at] = { time, bytes: bytes.subarray(0, random() % bytes.length), original }
        break
      case 5: // lost
        out.pop()
        break
      case 6: // again
        out.push(packet)
        break
      case 7: // out of order
        if (at > 0) [out[at - 1], out[at]] = [out[at]!, out[at - 1]!]
        break
      case 8: // in a VLAN
        out[at] = { time, bytes: tagged(bytes, random() & 0xfff), original: original + 4 }
        break
      case 9: // a signature, or a part of one at the end
        signed(bytes, random)
        out[at] = { time, bytes, original }
        break
      case 11: // in tunnels, of which a byte may be another one
        out[at] = inTunnels(bytes, time, original, random)
        break
      case 10: // later, or before it all
        out[at] = { time: time + ((random() % 3) - 1) * (random() % 90) * 1e6, bytes, original }
        break
      default: // resets and ends
        if (bytes.length > 47) bytes[47]! ^= [1, 2, 4][random() % 3]!
        out[at] = { time, bytes, original }
    }
  }
  return [out, changes]
}

function tagged(bytes: Uint8Array, vid: number): Uint8Array {
  return Uint8Array.of(...bytes.subarray(0, 12), 0x81, 0, vid >> 8, vid & 255, ...bytes.subarray(12))
}

const outer = (payload: Uint8Array, protocol: number) =>
  ipv4(payload, { protocol, source: '172.16.0.1', destination: '172.16.0.2' })
const inUdp = (payload: Uint8Array, destinationPort: number) =>
  ethernet(outer(udp(payload, { sourcePort: 40_000, destinationPort }), 17))

/** What mirrors and overlays make of a frame, and of the IP packet in it. */
export const TUNNELS: readonly ((frame: Uint8Array, ip: Uint8Array) => Uint8Array)[] = [
  (_, ip) => ethernet(outer(gre(ip), 47)),
  (_, ip) => ethernet(outer(gre(ip, { checksum: true, key: 7 }), 47)),
  (frame) => ethernet(outer(gre(frame, { protocolType: 0x6558, key: 9 }), 47)),
  (frame) => ethernet(outer(erspan1(frame), 47)),
  (frame) => ethernet(outer(erspan2(frame), 47)),
  (frame) => ethernet(outer(erspan3(frame), 47)),
  (frame) => ethernet(outer(erspan3(frame, { subheader: true }), 47)),
  (_, ip) => ethernet(outer(erspan3(ip, { frameType: 2 }), 47)),
  (_, ip) => ethernet(outer(ip, ip[0]! >>> 4 === 6 ? 41 : 4)),
  (frame) => inUdp(vxlan(frame), 4789),
  (frame) => inUdp(vxlan(frame, { flags: 0x88 }), 8472),
  (frame) => inUdp(geneve(frame, { options: new Uint8Array(8) }), 6081),
  (_, ip) => inUdp(geneve(ip, { protocolType: ip[0]! >>> 4 === 6 ? 0x86dd : 0x0800 }), 6081),
  (_, ip) => ethernet(mpls(ip), { etherType: 0x8847 }),
  (frame) => ethernet(mpls(frame, { controlWord: true }), { etherType: 0x8847 }),
  (frame) => ethernet(mpls(frame), { etherType: 0x8847 }),
  (_, ip) => ethernet(pppoe(ppp(ip)), { etherType: 0x8864 }),
  (_, ip) => ethernet(pppoe(ppp(ip, { address: true })), { etherType: 0x8864 }),
  (_, ip) => ethernet(vlan(vlan(vlan(ip), { etherType: 0x8100 }), { etherType: 0x8100 }), { etherType: 0x88a8 }),
]

function inTunnels(bytes: Uint8Array, time: number, original: number, random: () => number): TestPacket {
  let frame = bytes
  for (let depth = random() % 4; depth >= 0; depth--)
    frame = TUNNELS[random() % TUNNELS.length]!(frame, frame.subarray(14))
  const around = frame.length - bytes.length
  if (random() % 3 === 0) frame[random() % around] = random() & 255
  const kept = random() % 4 === 0 ? random() % frame.length : frame.length
  return { time, bytes: frame.subarray(0, kept), original: Math.max(original + around, frame.length) }
}

const SIGNATURES = [Buffer.from('NTLMSSP\0\x01\0\0\0', 'latin1'), Buffer.from('TlRMTVNTUAABAAAA', 'latin1')]

function signed(bytes: Uint8Array, random: () => number): void {
  const signature = SIGNATURES[random() % 2]!.subarray(0, 1 + (random() % 16))
  const room = bytes.length - signature.length - 54
  if (room < 0) return
  bytes.set(signature, random() % 2 === 0 ? bytes.length - signature.length : 54 + (random() % (room + 1)))
}
