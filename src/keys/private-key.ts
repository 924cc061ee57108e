/**
 * RSA private keys of servers, in PEM or DER, for what was agreed upon by RSA key exchange.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readWhole, whyUnread } from './unread.ts'

/** A file that is no such key; the message is complete, and quotes nothing of it. */
export class PrivateKeyError extends Error {}

/** a key beside a chain of certificates has a few kilobytes */
const KEY_BYTES_MAX = 1 << 20

/** Reads one. Throws a `PrivateKeyError`. */
export function readPrivateKey(path: string): KeyObject {
  let text: Buffer
  try {
    text = readWhole(path, KEY_BYTES_MAX)
  } catch (error) {
    throw new PrivateKeyError(`${path}: ${whyUnread(error)}; expected an RSA private key`)
  }
  let key: KeyObject
  try {
    key = privateKeyOf(text)
  } catch {
    // what OpenSSL says of it may quote it
    throw new PrivateKeyError(
      isEncrypted(text)
        ? `${path}: the key is encrypted; write it without its passphrase: openssl pkey -in KEY -out PLAIN`
        : `${path}: expected an RSA private key in PEM or DER, without a passphrase`,
    )
  } finally {
    text.fill(0)
  }
  if (key.asymmetricKeyType !== 'rsa')
    throw new PrivateKeyError(`${path}: a key of ${key.asymmetricKeyType}; only RSA keys open what they agreed upon`)
  return key
}

/** PKCS #1 or PKCS #8, in PEM, perhaps beside a certificate, or in DER. Throws what OpenSSL says. */
function privateKeyOf(text: Buffer): KeyObject {
  if (text[0] !== DER_SEQUENCE) return createPrivateKey(text)
  try {
    return createPrivateKey({ key: text, format: 'der', type: 'pkcs8' })
  } catch {
    return createPrivateKey({ key: text, format: 'der', type: 'pkcs1' })
  }
}

function isEncrypted(text: Buffer): boolean {
  return text.includes('ENCRYPTED PRIVATE KEY') || text.includes('Proc-Type: 4,ENCRYPTED')
}

const DER_SEQUENCE = 0x30
