/**
 * RSA private keys of servers, as PEM, for what was agreed upon by RSA key exchange.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A file that is no such key; the message is complete, and quotes nothing of it. */
export class PrivateKeyError extends Error {}

/** Reads one. Throws a `PrivateKeyError`. */
export function readPrivateKey(path: string): KeyObject {
  let text: Buffer
  try {
    text = readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
    throw new PrivateKeyError(`${path}: ${code}; expected an RSA private key`)
  }
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch {
    // what OpenSSL says of it may quote it
    throw new PrivateKeyError(`${path}: expected an RSA private key in PEM, without a passphrase`)
  } finally {
    text.fill(0)
  }
  if (key.asymmetricKeyType !== 'rsa')
    throw new PrivateKeyError(`${path}: a key of ${key.asymmetricKeyType}; only RSA keys open what they agreed upon`)
  return key
}
