/**
 * From secrets to keys: the pseudorandom functions of TLS, and what they make of a master secret or of the traffic
 * secrets of TLS 1.3.
 *
 * Specification: RFC 5246 5, 6.3 and 8.1; RFC 4346 5 (the older PRF); RFC 7627 (extended master secret); RFC 8446 7.1
 * to 7.3 and 7.5; RFC 5705 and RFC 9266 (exporters). Every value that this file gives is secret, but for channel
 * bindings made of it.
 */
import { constants, createHash, createHmac, type KeyObject, privateDecrypt } from 'node:crypto'
import type { Cipher, Hash } from '../../decoders/parts/cipher-suites.ts'

export const TLS_1_0 = 0x0301
export const TLS_1_2 = 0x0303
export const TLS_1_3 = 0x0304
export const MASTER_BYTES = 48

/** The keys of one direction. `macKey` is empty for AEAD, `iv` for CBC with an explicit one. */
export interface DirectionKeys {
  readonly macKey: Buffer
  readonly key: Buffer
  readonly iv: Buffer
}

/** P_hash of RFC 5246 5. */
function expand(hash: Hash, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const pieces: Buffer[] = []
  let a: Uint8Array = seed
  for (let made = 0; made < length; ) {
    a = hmac(hash, secret, a)
    const piece = hmac(hash, secret, a, seed)
    pieces.push(piece)
    made += piece.length
  }
  return Buffer.concat(pieces).subarray(0, length)
}

/** The PRF of TLS 1.0 to 1.2; `hash` is that of the suite, which TLS 1.2 alone asks about. */
export function prf(version: number, hash: Hash, secret: Uint8Array, label: string, seed: Uint8Array, length: number) {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed])
  if (version >= TLS_1_2) return expand(hash, secret, labelled, length)
  // both halves have the middle byte of an odd secret
  const half = Math.ceil(secret.length / 2)
  const made = expand('md5', secret.subarray(0, half), labelled, length)
  const other = expand('sha1', secret.subarray(secret.length - half), labelled, length)
  for (let at = 0; at < length; at++) made[at]! ^= other[at]!
  return made
}

/** What a handshake of TLS 1.0 to 1.2 agreed upon. */
export interface Handshake {
  readonly version: number
  readonly cipher: Cipher
  readonly clientRandom: Uint8Array
  readonly serverRandom: Uint8Array
}

/**
 * `transcript` holds the messages from ClientHello to ClientKeyExchange where the master secret is an extended one;
 * else null.
 */
export function masterSecret(handshake: Handshake, premaster: Uint8Array, transcript: Uint8Array | null): Buffer {
  const { version, cipher, clientRandom, serverRandom } = handshake
  if (transcript === null) {
    const seed = Buffer.concat([clientRandom, serverRandom])
    return prf(version, cipher.hash, premaster, 'master secret', seed, MASTER_BYTES)
  }
  const digest =
    version >= TLS_1_2
      ? createHash(cipher.hash).update(transcript).digest()
      : Buffer.concat([createHash('md5').update(transcript).digest(), createHash('sha1').update(transcript).digest()])
  return prf(version, cipher.hash, premaster, 'extended master secret', digest, MASTER_BYTES)
}

/** The keys of both directions, RFC 5246 6.3: MAC keys, keys, IVs, each of the client first. */
export function keyBlock(handshake: Handshake, master: Uint8Array): { client: DirectionKeys; server: DirectionKeys } {
  const { version, cipher, clientRandom, serverRandom } = handshake
  const macBytes = cipher.kind === 'cbc' || cipher.kind === 'rc4' ? cipher.tagBytes : 0
  const ivBytes = ivBytesOf(cipher, version)
  const seed = Buffer.concat([serverRandom, clientRandom])
  const block = prf(version, cipher.hash, master, 'key expansion', seed, 2 * (macBytes + cipher.keyBytes + ivBytes))
  let at = 0
  const take = (length: number) => {
    at += length
    return block.subarray(at - length, at)
  }
  const [clientMac, serverMac] = [take(macBytes), take(macBytes)]
  const [clientKey, serverKey] = [take(cipher.keyBytes), take(cipher.keyBytes)]
  const [clientIv, serverIv] = [take(ivBytes), take(ivBytes)]
  return {
    client: { macKey: clientMac, key: clientKey, iv: clientIv },
    server: { macKey: serverMac, key: serverKey, iv: serverIv },
  }
}

function ivBytesOf({ kind, blockBytes }: Cipher, version: number): number {
  if (kind === 'gcm' || kind === 'ccm') return 4
  if (kind === 'chacha20') return 12
  return version === TLS_1_0 ? blockBytes : 0
}

/** HKDF-Expand-Label, RFC 8446 7.1. */
export function expandLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1')
  const info = Buffer.concat([
    Uint8Array.of(length >> 8, length & 0xff, name.length),
    name,
    Uint8Array.of(context.length),
    context,
  ])
  const pieces: Buffer[] = []
  let previous: Uint8Array = NOTHING
  for (let made = 0, counter = 1; made < length; counter++) {
    const piece = hmac(hash, secret, previous, info, Uint8Array.of(counter))
    pieces.push(piece)
    previous = piece
    made += piece.length
  }
  return Buffer.concat(pieces).subarray(0, length)
}

export function trafficKeys({ hash, keyBytes }: Cipher, secret: Uint8Array): DirectionKeys {
  return {
    macKey: NOTHING,
    key: expandLabel(hash, secret, 'key', NOTHING, keyBytes),
    iv: expandLabel(hash, secret, 'iv', NOTHING, 12),
  }
}

/** The traffic secret after a KeyUpdate. */
export function nextTrafficSecret({ hash }: Cipher, secret: Uint8Array): Buffer {
  return expandLabel(hash, secret, 'traffic upd', NOTHING, secret.length)
}

const EXPORTER_LABEL = 'EXPORTER-Channel-Binding'
const EXPORTER_BYTES = 32
/** the hash of no bytes */
const EMPTY: Partial<Record<Hash, Buffer>> = {}

/** What a channel is bound to by tls-exporter in TLS 1.3. */
export function exportedBinding({ hash }: Cipher, exporterSecret: Uint8Array): Buffer {
  const empty = EMPTY[hash] ?? createHash(hash).digest()
  EMPTY[hash] = empty
  const derived = expandLabel(hash, exporterSecret, EXPORTER_LABEL, empty, exporterSecret.length)
  return expandLabel(hash, derived, 'exporter', empty, EXPORTER_BYTES)
}

/** The same up to TLS 1.2: with a context of no length, as RFC 9266 has it, and without one, as many write it. */
export function exportedBindings12(handshake: Handshake, master: Uint8Array): Buffer[] {
  const { version, cipher, clientRandom, serverRandom } = handshake
  return [Uint8Array.of(0, 0), NOTHING].map((context) =>
    prf(
      version,
      cipher.hash,
      master,
      EXPORTER_LABEL,
      Buffer.concat([clientRandom, serverRandom, context]),
      EXPORTER_BYTES,
    ),
  )
}

/**
 * The premaster secret that a client sent to the server's key: PKCS #1 v1.5, `00 02`, at least eight bytes that are not
 * zero, `00`, 48 bytes. Node refuses that padding (it is about answers of servers, which we are not), so it is taken
 * off here. null: another key, or no padding.
 */
export function decryptPremaster(key: KeyObject, encrypted: Uint8Array): Buffer | null {
  let padded: Buffer
  try {
    padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted)
  } catch {
    // of another length than this key's
    return null
  }
  const at = padded.length - MASTER_BYTES
  if (at < 11 || padded[0] !== 0 || padded[1] !== 2 || padded[at - 1] !== 0) return null
  for (let i = 2; i < at - 1; i++) if (padded[i] === 0) return null
  return padded.subarray(at)
}

function hmac(hash: Hash, key: Uint8Array, ...data: readonly Uint8Array[]): Buffer {
  const mac = createHmac(hash, key)
  for (const piece of data) mac.update(piece)
  return mac.digest()
}

const NOTHING = Buffer.alloc(0)
