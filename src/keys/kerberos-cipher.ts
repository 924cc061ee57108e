/**
 * Decryption of Kerberos, by encryption type: 17 and 18 (RFC 3962), 19 and 20 (RFC 8009), 23 (RFC 4757).
 *
 * A message opens or it does not: its checksum is the proof, so that keys may be tried. Cold: a few times a logon.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { Rc4 } from './rc4.ts'

const BLOCK_BYTES = 16
const SHA1_TAG_BYTES = 12
const RC4_CHECKSUM_BYTES = 16
const RC4_CONFOUNDER_BYTES = 8

/** The plain text of a message under this key and usage number; null: another key, or damaged. A fresh copy. */
export function decryptKerberos(etype: number, key: Uint8Array, usage: number, sealed: Uint8Array): Buffer | null {
  switch (etype) {
    case 17:
    case 18:
      return openSha1(key, usage, sealed)
    case 19:
    case 20:
      return openSha2(etype, key, usage, sealed)
    case 23:
      return openRc4(key, usage, sealed)
    default:
      return null
  }
}

/** Encryption: for tests, which have no other way to make a ticket. */
export function encryptKerberos(etype: number, key: Uint8Array, usage: number, confounded: Uint8Array): Buffer {
  if (etype === 23) {
    const inner = hmac('md5', key, number32(usage))
    const checksum = hmac('md5', inner, confounded)
    return Buffer.concat([checksum, new Rc4(hmac('md5', inner, checksum)).apply(confounded)])
  }
  if (etype === 17 || etype === 18) {
    const sealed = encryptCts(derive(key, usage, 0xaa), confounded)
    return Buffer.concat([sealed, hmac('sha1', derive(key, usage, 0x55), confounded).subarray(0, SHA1_TAG_BYTES)])
  }
  const { encryption, integrity, hash, tagBytes } = deriveSha2(etype, key, usage)
  const sealed = encryptCts(encryption, confounded)
  return Buffer.concat([sealed, hmac(hash, integrity, ZERO_BLOCK, sealed).subarray(0, tagBytes)])
}

function openSha1(key: Uint8Array, usage: number, sealed: Uint8Array): Buffer | null {
  const end = sealed.length - SHA1_TAG_BYTES
  if (end < BLOCK_BYTES) return null
  const plain = decryptCts(derive(key, usage, 0xaa), sealed.subarray(0, end))
  const tag = hmac('sha1', derive(key, usage, 0x55), plain).subarray(0, SHA1_TAG_BYTES)
  return timingSafeEqual(tag, sealed.subarray(end)) ? plain.subarray(BLOCK_BYTES) : null
}

function openSha2(etype: number, key: Uint8Array, usage: number, sealed: Uint8Array): Buffer | null {
  const { encryption, integrity, hash, tagBytes } = deriveSha2(etype, key, usage)
  const end = sealed.length - tagBytes
  if (end < BLOCK_BYTES) return null
  const tag = hmac(hash, integrity, ZERO_BLOCK, sealed.subarray(0, end)).subarray(0, tagBytes)
  if (!timingSafeEqual(tag, sealed.subarray(end))) return null
  return decryptCts(encryption, sealed.subarray(0, end)).subarray(BLOCK_BYTES)
}

function openRc4(key: Uint8Array, usage: number, sealed: Uint8Array): Buffer | null {
  if (sealed.length < RC4_CHECKSUM_BYTES + RC4_CONFOUNDER_BYTES) return null
  const checksum = sealed.subarray(0, RC4_CHECKSUM_BYTES)
  // RFC 4757 3: the numbers of an AS-REP and of a subkey of a TGS-REP are the same here
  const inner = hmac('md5', key, number32(usage === 3 || usage === 9 ? 8 : usage))
  const plain = new Rc4(hmac('md5', inner, checksum)).apply(sealed.subarray(RC4_CHECKSUM_BYTES))
  return timingSafeEqual(hmac('md5', inner, plain), checksum) ? plain.subarray(RC4_CONFOUNDER_BYTES) : null
}

/** DK of RFC 3961 5.1 with AES: the folded constant, encrypted again and again. */
function derive(key: Uint8Array, usage: number, purpose: number): Buffer {
  const constant = Buffer.alloc(5)
  constant.writeUInt32BE(usage)
  constant[4] = purpose
  const made: Buffer[] = []
  let block = fold(constant, BLOCK_BYTES)
  for (let length = 0; length < key.length; length += BLOCK_BYTES) {
    block = ecb(key, block)
    made.push(block)
  }
  return Buffer.concat(made).subarray(0, key.length)
}

/** RFC 8009 3: one step of KDF-HMAC-SHA2 in counter mode. */
function deriveSha2(etype: number, key: Uint8Array, usage: number) {
  const hash = etype === 19 ? 'sha256' : 'sha384'
  const tagBytes = etype === 19 ? 16 : 24
  const made = (purpose: number, bytes: number) => {
    const label = Buffer.alloc(5)
    label.writeUInt32BE(usage)
    label[4] = purpose
    return hmac(
      hash,
      key,
      Uint8Array.of(0, 0, 0, 1),
      label,
      Uint8Array.of(0, 0, 0, bytes >> 5, (bytes << 3) & 0xff),
    ).subarray(0, bytes)
  }
  return { encryption: made(0xaa, key.length), integrity: made(0x55, tagBytes), hash, tagBytes } as const
}

/** n-fold of RFC 3961 5.1: the input, rotated by 13 bits each time, is added up in ones' complement. */
export function fold(input: Uint8Array, bytes: number): Buffer {
  const length = input.length
  const bits = length * 8
  let common = bytes
  for (let rest = length; rest !== 0; ) [common, rest] = [rest, common % rest]
  const total = (bytes * length) / common
  const out = Buffer.alloc(bytes)
  let carry = 0
  for (let at = total - 1; at >= 0; at--) {
    const copy = Math.floor(at / length)
    const start = ((((at % length) * 8 - 13 * copy) % bits) + bits) % bits
    const first = input[start >> 3]!
    const second = input[((start >> 3) + 1) % length]!
    const byte = ((((first << 8) | second) >> (8 - (start & 7))) & 0xff) >>> 0
    carry += out[at % bytes]! + byte
    out[at % bytes] = carry & 0xff
    carry >>= 8
  }
  for (let at = bytes - 1; carry > 0; at = (at - 1 + bytes) % bytes) {
    carry += out[at]!
    out[at] = carry & 0xff
    carry >>= 8
  }
  return out
}

/** CBC with ciphertext stealing, CS3: the last two blocks have changed places. IV is zero. */
function decryptCts(key: Uint8Array, sealed: Uint8Array): Buffer {
  const { length } = sealed
  if (length === BLOCK_BYTES) return cbc(key, ZERO_BLOCK, sealed)
  const rest = length % BLOCK_BYTES || BLOCK_BYTES
  const stolenAt = length - rest - BLOCK_BYTES
  const stolen = cbc(key, ZERO_BLOCK, sealed.subarray(stolenAt, stolenAt + BLOCK_BYTES))
  const last = sealed.subarray(length - rest)
  const whole = Buffer.concat([last, stolen.subarray(rest)])
  const iv = stolenAt === 0 ? ZERO_BLOCK : sealed.subarray(stolenAt - BLOCK_BYTES, stolenAt)
  const tail = Buffer.alloc(rest)
  for (let at = 0; at < rest; at++) tail[at] = stolen[at]! ^ last[at]!
  return Buffer.concat([cbc(key, ZERO_BLOCK, sealed.subarray(0, stolenAt)), cbc(key, iv, whole), tail])
}

function encryptCts(key: Uint8Array, plain: Uint8Array): Buffer {
  const rest = plain.length % BLOCK_BYTES || BLOCK_BYTES
  const padded = Buffer.concat([plain, Buffer.alloc(BLOCK_BYTES - rest)])
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, ZERO_BLOCK)
  cipher.setAutoPadding(false)
  const sealed = Buffer.concat([cipher.update(padded), cipher.final()])
  if (sealed.length === BLOCK_BYTES) return sealed
  const lastAt = sealed.length - BLOCK_BYTES
  return Buffer.concat([
    sealed.subarray(0, lastAt - BLOCK_BYTES),
    sealed.subarray(lastAt),
    sealed.subarray(lastAt - BLOCK_BYTES, lastAt - BLOCK_BYTES + rest),
  ])
}

function cbc(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length === 0) return Buffer.alloc(0)
  const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv)
  decipher.setAutoPadding(false)
  return Buffer.concat([decipher.update(sealed), decipher.final()])
}

function ecb(key: Uint8Array, block: Uint8Array): Buffer {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null)
  cipher.setAutoPadding(false)
  return cipher.update(block)
}

export function hmac(
  hash: 'md5' | 'sha1' | 'sha256' | 'sha384',
  key: Uint8Array,
  ...data: readonly Uint8Array[]
): Buffer {
  const mac = createHmac(hash, key)
  for (const piece of data) mac.update(piece)
  return mac.digest()
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES)
