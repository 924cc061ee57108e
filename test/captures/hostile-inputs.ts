/** Input that is made to cost, each kind of as many units as one wants. */
import { concat, ethernet, ipv4, tcp, tcpConversation, udp } from '../builders/net.ts'

const SIGNATURE = Uint8Array.from(Buffer.from('NTLMSSP\0\x01\0\0\0', 'latin1'))
const text = (value: string) => Uint8Array.from(Buffer.from(value, 'latin1'))
const client = { address: '10.0.0.1', port: 50_000 }
const server = { address: '10.0.0.2', port: 80 }

function repeated(bytes: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count)
  for (let at = 0; at < count; at++) all.set(bytes, at * bytes.length)
  return all
}

/** A conversation in which the client says all this, in segments of `size`. */
function said(bytes: Uint8Array, size: number, port = server.port): Uint8Array[] {
  const messages = [{ from: 'client' as const, data: bytes }]
  return tcpConversation(messages, { client, server: { ...server, port }, mss: size })
}

/** A CHALLENGE_MESSAGE with a TargetInfo of `length` bytes, of which no AV_PAIR is the last. */
function token(length: number): Uint8Array {
  const bytes = new Uint8Array(56 + length)
  const view = new DataView(bytes.buffer)
  bytes.set(SIGNATURE)
  view.setUint32(8, 2, true)
  view.setUint32(20, 0x0080_0201, true)
  view.setUint16(40, length, true)
  view.setUint16(42, length, true)
  view.setUint32(44, 56, true)
  bytes.fill(0x41, 56)
  return bytes
}

/** `units` cost little; `packets` makes `n` of them. */
export interface CostlyKind {
  readonly name: string
  readonly units: number
  readonly packets: (n: number) => Uint8Array[]
}

export const COSTLY_KINDS: readonly CostlyKind[] = [
  { name: 'a token in one-byte segments', units: 4000, packets: (n) => said(token(n), 1, 9999) },
  {
    name: 'a token in base64 in one-byte segments',
    units: 4000,
    packets: (n) => said(text(`x ${Buffer.from(token(n)).toString('base64')}\r\n`), 1, 9999),
  },
  {
    name: 'a token in the body of a request, in one-byte segments',
    units: 3000,
    packets: (n) => {
      const body = token(n)
      const head = text(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`)
      return said(concat(head, body), 1)
    },
  },
  { name: 'signatures and nothing else', units: 4000, packets: (n) => said(repeated(SIGNATURE, n), 32_000, 9999) },
  {
    name: 'signatures in base64',
    units: 4000,
    packets: (n) => said(repeated(text('TlRMTVNTUAABAAAA '), n), 32_000, 9999),
  },
  {
    name: 'equals signs behind Basic',
    units: 30_000,
    packets: (n) =>
      said(text(`GET / HTTP/1.1\r\nAuthorization: Basic ${'='.repeat(Math.min(n, 120_000))}A\r\n\r\n`), 1400),
  },
  {
    name: 'a head of HTTP without an end, in one-byte segments',
    units: 4000,
    packets: (n) => said(text(`GET / HTTP/1.1\r\nX: ${'a'.repeat(n)}`), 1),
  },
  {
    name: 'SYNs of as many conversations',
    units: 4000,
    packets: (n) =>
      Array.from({ length: n }, (_, at) => {
        const ends = { source: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, destination: '10.200.0.1' }
        return ethernet(
          ipv4(tcp(new Uint8Array(0), { sourcePort: 1024 + (at % 60_000), destinationPort: 445, flags: 2 }), ends),
        )
      }),
  },
  {
    name: 'first fragments of as many datagrams',
    units: 4000,
    packets: (n) =>
      Array.from({ length: n }, (_, at) =>
        ethernet(
          ipv4(udp(new Uint8Array(24), { sourcePort: 1, destinationPort: 2 }), {
            source: `10.0.${(at >> 8) & 255}.${at & 255}`,
            destination: '10.200.0.1',
            id: (at * 4096) & 0xffff,
            moreFragments: true,
          }),
        ),
      ),
  },
  {
    name: 'one record of signatures, as segmentation offload leaves it',
    units: 100_000,
    packets: (n) => {
      // a total length of 0: the packet ends where the record does
      const segment = tcp(repeated(SIGNATURE, n), { sourcePort: 50_000, destinationPort: 9999, seq: 1, ack: 1 })
      return [ethernet(ipv4(segment, { totalLength: 0 }))]
    },
  },
]
