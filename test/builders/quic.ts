/**
 * The first packet of a QUIC connection, sealed with the keys that RFC 9001 A.1 and RFC 9369 A.1 give for one
 * connection id: nothing is derived here, so that whoever opens it has derived the right ones.
 */
import { createCipheriv } from 'node:crypto'
import { concat } from './der.ts'

const CONNECTION_ID = Buffer.from('8394c8f03e515708', 'hex')
/** by version: first byte, Version, key, iv, hp */
const KEYS = {
  1: [
    'c3',
    '00000001',
    '1f369613dd76d5467730efcbe3b1a22d',
    'fa044b2f42a3fd3b46fb255c',
    '9f50449e04a0e810283a1e9933adedd2',
  ],
  2: [
    'd3',
    '6b3343cf',
    '8b1a0bc121284290a29e0971b5cd045d',
    '91f73e2351d8fa91660e909f',
    '45b95e15235d6f45a6b19cbcb0294ba9',
  ],
  // no version: to be passed over
  3: [
    'c3',
    '00000003',
    '1f369613dd76d5467730efcbe3b1a22d',
    'fa044b2f42a3fd3b46fb255c',
    '9f50449e04a0e810283a1e9933adedd2',
  ],
} as const

/** `frames` with padding up to `size`, as packet number `number` of four bytes. */
export function initialPacket(
  frames: Uint8Array,
  { size = 1200, number = 2, version = 1 as keyof typeof KEYS } = {},
): Uint8Array {
  const [first, versionField, key, iv, headerKey] = KEYS[version].map((digits) => Buffer.from(digits, 'hex')) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const length = size - 1 - 4 - 1 - 8 - 1 - 1 - 2
  const header = Buffer.concat([
    first,
    versionField,
    Uint8Array.of(CONNECTION_ID.length),
    CONNECTION_ID,
    Uint8Array.of(0, 0, 0x40 | (length >> 8), length & 0xff, 0, 0, 0, number),
  ])
  iv[11]! ^= number
  const cipher = createCipheriv('aes-128-gcm', key, iv)
  cipher.setAAD(header)
  const plain = concat(frames, new Uint8Array(length - 4 - 16 - frames.length))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  const mask = createCipheriv('aes-128-ecb', headerKey, null).update(sealed.subarray(0, 16))
  const numberAt = header.length - 4
  header[0]! ^= mask[0]! & 0x0f
  for (let at = 0; at < 4; at++) header[numberAt + at]! ^= mask[1 + at]!
  return concat(header, sealed)
}

/** CRYPTO frame, RFC 9000 19.6. */
export function cryptoFrame(bytes: Uint8Array, offset = 0): Uint8Array {
  return concat(
    Uint8Array.of(6, 0x40 | (offset >> 8), offset & 0xff, 0x40 | (bytes.length >> 8), bytes.length & 0xff),
    bytes,
  )
}

/** A ClientHello of TLS 1.3 with server name and ALPN. */
export function clientHello(serverName: string, alpn: readonly string[]): Uint8Array {
  const text = (value: string) => Buffer.from(value, 'latin1')
  const u16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff)
  const extension = (type: number, data: Uint8Array) => concat(u16(type), u16(data.length), data)
  const name = concat(Uint8Array.of(0), u16(serverName.length), text(serverName))
  const protocols = concat(...alpn.map((one) => concat(Uint8Array.of(one.length), text(one))))
  const extensions = concat(
    extension(0, concat(u16(name.length), name)),
    extension(16, concat(u16(protocols.length), protocols)),
    extension(43, Uint8Array.of(2, 3, 4)),
  )
  const body = concat(
    u16(0x0303),
    new Uint8Array(32).fill(0x5a),
    Uint8Array.of(0),
    u16(2),
    u16(0x1301),
    Uint8Array.of(1, 0),
    u16(extensions.length),
    extensions,
  )
  return concat(Uint8Array.of(1, 0), u16(body.length), body)
}
