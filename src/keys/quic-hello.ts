/**
 * The ClientHello of a QUIC connection. It is encrypted, but with keys that everybody derives from the packet itself
 * (RFC 9001 5.2): no secret is needed, and nothing behind it can be read. Cold: once a connection.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { type Initial, QUIC_2, readInitial, varint } from '../../decoders/carriers/quic.ts'
import { Cursor } from '../../decoders/parts/cursor.ts'

/** RFC 9001 5.2 and 5.3, RFC 9369 3.3 */
const VERSION_1 = { salt: '38762cf7f55934b34d179ae6a4c80cadccbb7f0a', labels: 'quic' }
const VERSION_2 = { salt: '0dede3def700a6db819381be6e269dcbf9bd2ed9', labels: 'quicv2' }
const TAG_BYTES = 16
const SAMPLE_BYTES = 16

/** Frames that may stand in an Initial packet, RFC 9000 12.4 */
const PADDING = 0
const PING = 1
const ACK = 2
const ACK_ECN = 3
const CRYPTO = 6
/** more of a hello than any has; a client that needs two packets is read as far as the first one goes */
const HELLO_BYTES_MAX = 16_384

/**
 * The handshake message with which the connection begins, as far as this packet has it; null: it is not the client's
 * first, or not to be read.
 */
export function clientHelloOf(packet: Uint8Array): Uint8Array | null {
  const initial = readInitial(packet)
  // a client chooses at least 8 bytes (RFC 9000 7.2); what a server sends is under its own key
  if (initial === null || initial.destinationId.length < 8) return null
  const payload = openInitial(packet, initial)
  return payload === null ? null : cryptoBytes(payload)
}

function openInitial(packet: Uint8Array, { version, destinationId, numberAt, end }: Initial): Uint8Array | null {
  if (end - numberAt < 4 + SAMPLE_BYTES) return null
  const { salt, labels } = version === QUIC_2 ? VERSION_2 : VERSION_1
  const secret = expand(hmac(Buffer.from(salt, 'hex'), destinationId), 'client in', 32)
  const mask = blockCipher(expand(secret, `${labels} hp`, 16)).update(
    packet.subarray(numberAt + 4, numberAt + 4 + SAMPLE_BYTES),
  )
  // header protection, RFC 9001 5.4
  const first = packet[0]! ^ (mask[0]! & 0x0f)
  const numberBytes = (first & 3) + 1
  const header = Buffer.from(packet.subarray(0, numberAt + numberBytes))
  header[0] = first
  const nonce = expand(secret, `${labels} iv`, 12)
  for (let at = 0; at < numberBytes; at++) {
    header[numberAt + at]! ^= mask[1 + at]!
    nonce[12 - numberBytes + at]! ^= header[numberAt + at]!
  }
  const sealed = packet.subarray(numberAt + numberBytes, end)
  const decipher = createDecipheriv('aes-128-gcm', expand(secret, `${labels} key`, 16), nonce)
  decipher.setAAD(header)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()])
  } catch {
    // not the client's key: a server's packet, or a changed one
    return null
  }
}

/** The mask of header protection is a block that is encrypted, RFC 9001 5.4.3: node calls what makes it a cipher. */
function blockCipher(key: Uint8Array) {
  return createCipheriv('aes-128-ecb', key, null)
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** HKDF-Expand-Label of TLS 1.3 (RFC 8446 7.1) without a context, for no more than one hash. */
function expand(secret: Uint8Array, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1')
  const info = Buffer.concat([Uint8Array.of(0, length, name.length), name, Uint8Array.of(0, 1)])
  return hmac(secret, info).subarray(0, length)
}

/** The CRYPTO frames in the order of their offsets, up to the first hole. */
function cryptoBytes(payload: Uint8Array): Uint8Array | null {
  const c = new Cursor(payload)
  const pieces: { at: number; bytes: Uint8Array }[] = []
  while (c.remaining > 0 && !c.failed) {
    const type = varint(c)
    if (type === PADDING || type === PING) continue
    if (type === ACK || type === ACK_ECN) skipAck(c, type)
    else if (type === CRYPTO) {
      const at = varint(c)
      pieces.push({ at, bytes: c.take(varint(c)) })
    } else break
  }
  let hello = new Uint8Array(0)
  for (const { at, bytes } of pieces.sort((a, b) => a.at - b.at)) {
    if (at > hello.length || at + bytes.length > HELLO_BYTES_MAX) break
    hello = Buffer.concat([hello.subarray(0, at), bytes])
  }
  return hello.length === 0 ? null : hello
}

/** Largest Acknowledged, Delay, Range Count, First Range, then pairs; three counters with ECN. RFC 9000 19.3 */
function skipAck(c: Cursor, type: number): void {
  varint(c)
  varint(c)
  const ranges = varint(c)
  varint(c)
  for (let at = 0; at < ranges * 2 + (type === ACK_ECN ? 3 : 0) && !c.failed; at++) varint(c)
}
