/**
 * The QUIC carrier: the first packets of a connection, by which it is recognised. Everything that authenticates inside
 * (SMB over QUIC, HTTP/3) is in TLS 1.3 from the first byte on and not visible; only the ClientHello is sent under a
 * key that everybody can derive (src/keys/quic-hello.ts), and tells what is spoken inside.
 *
 * Specification: RFC 9000 17.2 (long header), RFC 9369 (version 2), MS-SMB2 2.1 (SMB over QUIC: UDP port 443, ALPN
 * `smb`). Versions other than 1 and 2, and connections whose beginning is not in the capture (short headers say
 * nothing), are not recognised. Bytes are borrowed.
 */
import type { Carrier, CarrierMessage, Framing, Side } from '../carrier.ts'
import { failed, type Outcome, read } from '../outcome.ts'
import { Cursor } from '../parts/cursor.ts'

export const QUIC_1 = 1
export const QUIC_2 = 0x6b33_43cf
/**
 * 1, fixed bit, and the two bits of the packet type of Initial: 0 in version 1, 1 in version 2; the lower bits are
 * protected
 */
const FIRST_BYTES = Array.from({ length: 32 }, (_, at) => 0xc0 + at)
const CONNECTION_ID_BYTES_MAX = 20

export const quic: Carrier = {
  name: 'quic',
  transport: 'udp',
  ports: [443],
  firstBytes: FIRST_BYTES,
  probe: (head) => (isInitial(head) ? 'mine' : 'other'),
  frame,
  decode,
}

/** Version, and connection ids of possible lengths. Hot for datagrams of these first bytes only. */
function isInitial(head: Uint8Array): boolean {
  if (head.length < 7 || (head[0]! & 0xc0) !== 0xc0) return false
  const version = ((head[1]! << 24) | (head[2]! << 16) | (head[3]! << 8) | head[4]!) >>> 0
  const type = (head[0]! >> 4) & 3
  if (!(version === QUIC_1 && type === 0) && !(version === QUIC_2 && type === 1)) return false
  const destination = head[5]!
  if (destination > CONNECTION_ID_BYTES_MAX || head.length < 7 + destination) return false
  return head[6 + destination]! <= CONNECTION_ID_BYTES_MAX
}

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'lost' {
  if (!isInitial(head)) return 'lost'
  out.length = head.length
  out.keep = head.length
  out.more = false
  return 'ready'
}

/** The parts of an Initial packet that are in clear, RFC 9000 17.2.2. */
export interface Initial {
  readonly version: number
  readonly destinationId: Uint8Array
  /** where the protected packet number begins, and where its packet ends: others may follow in the datagram */
  readonly numberAt: number
  readonly end: number
}

/*
 * Header byte (1), Version (4), Destination Connection ID Length (1) and ID, Source Connection ID Length (1) and ID,
 * Token Length (i) and Token, Length (i): Packet Number (1 to 4) and Payload
 */
export function readInitial(packet: Uint8Array): Initial | null {
  const c = new Cursor(packet, 1)
  const version = c.u32be()
  const destinationId = c.take(c.u8())
  c.skip(c.u8())
  c.skip(varint(c))
  const length = varint(c)
  const numberAt = c.pos
  return c.failed || length > c.remaining ? null : { version, destinationId, numberAt, end: numberAt + length }
}

/**
 * Variable-length integer, RFC 9000 16: the two highest bits tell how many bytes it has. What is longer than any packet
 * comes as that.
 */
export function varint(c: Cursor): number {
  const first = c.u8()
  let value = first & 0x3f
  for (let more = (1 << (first >> 6)) - 1; more > 0; more--) value = Math.min(value * 256 + c.u8(), 2 ** 32)
  return value
}

/** Only one with a hello in it says anything; the opposite direction is under another key, and is not asked. */
function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (readInitial(pdu) === null) return failed('cut', 'Initial Packet')
  return read([
    {
      protocol: 'quic',
      type: 'Initial',
      from: side,
      service: 'unknown',
      fields: null,
      steps: [{ kind: 'initial', packet: pdu }],
    },
  ])
}
