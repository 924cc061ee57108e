/**
 * Opening the records of one direction of a TLS connection.
 *
 * Specification: RFC 5246 6.2.3, RFC 7366 (encrypt-then-MAC), RFC 5288 (GCM), RFC 6655 (CCM), RFC 7905
 * (ChaCha20-Poly1305), RFC 8446 5.2 to 5.4. A record opens or it does not: tag and MAC are the proof, so that keys and
 * sequence numbers may be tried. A trial that fails changes nothing.
 */
import {
  type CipherCCMTypes,
  type CipherGCMTypes,
  createDecipheriv,
  createHmac,
  type DecipherGCM,
  timingSafeEqual,
} from 'node:crypto'
import type { Cipher } from '../../../decoders/parts/cipher-suites.ts'
import { type DirectionKeys, TLS_1_0, TLS_1_3 } from '../key-schedule.ts'
import { Rc4 } from '../rc4.ts'
import { APPLICATION_DATA, RECORD_HEADER_BYTES } from './hello.ts'

/** What stands in a record: in TLS 1.3 its true type. `bytes` is a fresh copy. */
export interface OpenedRecord {
  readonly type: number
  readonly bytes: Buffer
}

export class RecordKeys {
  /** number of the record that is expected next */
  sequence = 0
  /** TLS 1.3: a record had zeros behind its content, so that lengths say nothing */
  #isPadded = false
  readonly #version: number
  readonly #cipher: Cipher
  readonly #keys: DirectionKeys
  /** MAC over what was encrypted, not over the plain text */
  readonly #encryptThenMac: boolean
  /** TLS 1.0: the last block of the record in front of the one with this number */
  #lastBlock: Buffer
  #lastBlockFor = 0
  #stream: Rc4 | null
  readonly #nonce = Buffer.alloc(12)
  readonly #extra = Buffer.alloc(13)

  constructor(version: number, cipher: Cipher, keys: DirectionKeys, encryptThenMac: boolean) {
    this.#version = version
    this.#cipher = cipher
    this.#keys = keys
    this.#encryptThenMac = encryptThenMac && cipher.kind === 'cbc'
    this.#lastBlock = keys.iv
    this.#stream = cipher.kind === 'rc4' ? new Rc4(keys.key) : null
  }

  /**
   * What a record is longer than its plain text, header included; null: it depends (CBC). Of TLS 1.3 without padding.
   */
  get overhead(): number | null {
    const { kind, tagBytes } = this.#cipher
    if (kind === 'cbc') return null
    if (this.#version === TLS_1_3) return RECORD_HEADER_BYTES + tagBytes + 1
    return RECORD_HEADER_BYTES + tagBytes + (kind === 'gcm' || kind === 'ccm' ? EXPLICIT_NONCE_BYTES : 0)
  }

  /**
   * Bytes of data in a record of this length that is not opened, by its length alone; 0: that says nothing, or it may
   * be something else. In TLS 1.3 key updates, tickets and alerts look like data, and are short.
   */
  dataIn(type: number, total: number): number {
    const { overhead } = this
    if (type !== APPLICATION_DATA || overhead === null || this.#isPadded) return 0
    const length = total - overhead
    return length >= DATA_BYTES_MIN && length <= DATA_BYTES_MAX ? length : 0
  }

  /** Records are independent of each other: one that is lost costs no other one. */
  get isSeekable(): boolean {
    return this.#stream === null
  }

  /**
   * Opens a whole record, header included, as number `sequence`; null: it is not that one, or not of these keys.
   * `before` are the bytes in front of it, as far as they are there: its IV in TLS 1.0 behind a hole. `lost` bytes of
   * key stream were used since the last record: RC4 has to know. On success the next number is expected.
   */
  open(record: Uint8Array, sequence = this.sequence, before: Uint8Array | null = null, lost = 0): OpenedRecord | null {
    const { kind } = this.#cipher
    const opened =
      kind === 'cbc'
        ? this.#openCbc(record, sequence, before)
        : kind === 'rc4'
          ? this.#openRc4(record, sequence, lost)
          : this.#openAead(record, sequence)
    if (opened !== null) this.sequence = sequence + 1
    return opened
  }

  /** `lost` bytes of the stream, of `records` records, are missing. Stream ciphers have to know. */
  lostStream(lost: number, records: number): void {
    this.#stream?.skip(lost - records * RECORD_HEADER_BYTES)
  }

  #openAead(record: Uint8Array, sequence: number): OpenedRecord | null {
    const { kind, algorithm, tagBytes } = this.#cipher
    const isNew = this.#version === TLS_1_3
    const nonce = this.#nonce
    const { iv, key } = this.#keys
    let start = RECORD_HEADER_BYTES
    if (!isNew && kind !== 'chacha20') {
      if (record.length < start + EXPLICIT_NONCE_BYTES + tagBytes) return null
      iv.copy(nonce)
      nonce.set(record.subarray(start, start + EXPLICIT_NONCE_BYTES), 4)
      start += EXPLICIT_NONCE_BYTES
    } else {
      iv.copy(nonce)
      const low = sequence >>> 0
      const high = Math.floor(sequence / 2 ** 32)
      nonce.writeUInt32BE((nonce.readUInt32BE(4) ^ high) >>> 0, 4)
      nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ low) >>> 0, 8)
    }
    const length = record.length - start - tagBytes
    if (length < (isNew ? 1 : 0)) return null
    const tag = record.subarray(record.length - tagBytes)
    const options = { authTagLength: tagBytes }
    const decipher =
      kind === 'ccm'
        ? (createDecipheriv(algorithm as CipherCCMTypes, key, nonce, options) as unknown as DecipherGCM)
        : createDecipheriv(algorithm as CipherGCMTypes, key, nonce, options)
    const extra = isNew ? record.subarray(0, RECORD_HEADER_BYTES) : this.#header(record, sequence, length)
    try {
      decipher.setAuthTag(tag)
      decipher.setAAD(extra, { plaintextLength: length })
      const bytes = decipher.update(record.subarray(start, start + length))
      // CCM has proved its tag with `update`; its `final` says nothing more
      decipher.final()
      if (!isNew) return { type: record[0]!, bytes }
      this.#isPadded ||= bytes[bytes.length - 1] === 0
      return innerOf(bytes)
    } catch {
      // the tag does not fit: not this key, or not this number
      return null
    }
  }

  /** seq_num 8, type, version, length: what the older versions authenticate beside the content. */
  #header(record: Uint8Array, sequence: number, length: number): Buffer {
    const extra = this.#extra
    extra.writeUInt32BE(Math.floor(sequence / 2 ** 32), 0)
    extra.writeUInt32BE(sequence >>> 0, 4)
    extra[8] = record[0]!
    extra[9] = record[1]!
    extra[10] = record[2]!
    extra.writeUInt16BE(length, 11)
    return extra
  }

  #openCbc(record: Uint8Array, sequence: number, before: Uint8Array | null): OpenedRecord | null {
    const { algorithm, tagBytes, blockBytes } = this.#cipher
    const { key } = this.#keys
    const isExplicit = this.#version > TLS_1_0
    let end = record.length
    if (this.#encryptThenMac) {
      end -= tagBytes
      if (end < RECORD_HEADER_BYTES + blockBytes) return null
      const sealed = record.subarray(RECORD_HEADER_BYTES, end)
      const mac = this.#mac(record, sequence, sealed)
      if (!timingSafeEqual(mac, record.subarray(end))) return null
    }
    const from = isExplicit ? RECORD_HEADER_BYTES + blockBytes : RECORD_HEADER_BYTES
    if (end - from < blockBytes || (end - from) % blockBytes !== 0) return null
    const iv = isExplicit ? record.subarray(RECORD_HEADER_BYTES, from) : this.#blockBefore(sequence, before)
    if (iv === null) {
      if (!this.#encryptThenMac) return null
      // its MAC is right, and proves nothing of the block in front: what it says cannot be told
      this.#keepBlock(record, sequence, end)
      return { type: record[0]!, bytes: NO_BYTES }
    }
    const decipher = createDecipheriv(algorithm, key, iv)
    decipher.setAutoPadding(false)
    const plain = Buffer.concat([decipher.update(record.subarray(from, end)), decipher.final()])
    const padding = plain[plain.length - 1]! + 1
    const length = plain.length - padding - (this.#encryptThenMac ? 0 : tagBytes)
    if (length < 0) return null
    const bytes = plain.subarray(0, length)
    if (!this.#encryptThenMac) {
      const mac = this.#mac(record, sequence, bytes)
      if (!timingSafeEqual(mac, plain.subarray(length, length + tagBytes))) return null
    }
    if (!isExplicit) this.#keepBlock(record, sequence, end)
    return { type: record[0]!, bytes }
  }

  /** The IV of a record in TLS 1.0; null: what was in front of it is not there. */
  #blockBefore(sequence: number, before: Uint8Array | null): Uint8Array | null {
    if (sequence === this.#lastBlockFor) return this.#lastBlock
    const { blockBytes, tagBytes } = this.#cipher
    const end = (before?.length ?? 0) - (this.#encryptThenMac ? tagBytes : 0)
    return before === null || end < blockBytes ? null : before.subarray(end - blockBytes, end)
  }

  #keepBlock(record: Uint8Array, sequence: number, end: number): void {
    this.#lastBlock = Buffer.from(record.subarray(end - this.#cipher.blockBytes, end))
    this.#lastBlockFor = sequence + 1
  }

  #openRc4(record: Uint8Array, sequence: number, lost: number): OpenedRecord | null {
    const { tagBytes } = this.#cipher
    const length = record.length - RECORD_HEADER_BYTES - tagBytes
    if (length < 0) return null
    if (lost < 0 || lost > KEY_STREAM_BYTES_MAX) return null
    const stream = this.#stream!.copy()
    stream.skip(lost)
    const plain = stream.apply(record.subarray(RECORD_HEADER_BYTES))
    const bytes = plain.subarray(0, length)
    if (!timingSafeEqual(this.#mac(record, sequence, bytes), plain.subarray(length))) return null
    this.#stream = stream
    return { type: record[0]!, bytes }
  }

  #mac(record: Uint8Array, sequence: number, content: Uint8Array): Buffer {
    return createHmac(this.#cipher.mac, this.#keys.macKey)
      .update(this.#header(record, sequence, content.length))
      .update(content)
      .digest()
  }
}

const EXPLICIT_NONCE_BYTES = 8
const NO_BYTES = Buffer.alloc(0)
const DATA_BYTES_MIN = 1024
const DATA_BYTES_MAX = 16_384
/** key stream that is stepped over for one trial: 300 MB/s */
const KEY_STREAM_BYTES_MAX = 1 << 20

/** TLSInnerPlaintext: content, its type, zeros. */
function innerOf(bytes: Buffer): OpenedRecord | null {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return end === 0 ? null : { type: bytes[end - 1]!, bytes: bytes.subarray(0, end - 1) }
}
