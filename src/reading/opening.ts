/**
 * The keys of a run: files are read and kept here, in the thread that reads packets, and nowhere else. What leaves are
 * counters, and what was opened.
 */
import { CaptureError } from '../capture/open.ts'
import type { Secret } from '../capture/pcapng.ts'
import { KeyLog, KeyLogError } from '../keys/key-log.ts'
import { PrivateKeyError, readPrivateKey } from '../keys/private-key.ts'
import { TlsSession } from '../keys/tls/session.ts'
import { type TlsCounters, TlsKeys } from '../keys/tls/shared-keys.ts'
import { TlsInTds } from '../keys/tls/tds-packets.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { FramingPlace, GiveInside, OpenedRounds, Opener } from '../stream/opener.ts'
import { EapOpening } from './eap-opening.ts'

/** Where keys are: paths, never their content. */
export interface KeyFiles {
  /** key logs (SSLKEYLOGFILE), repeatable */
  readonly keyLogs: readonly string[]
  /** RSA private keys of servers, PEM */
  readonly privateKeys: readonly string[]
  /** lines may be written while the capture is read */
  readonly mayGrow: boolean
}

export const NO_KEY_FILES: KeyFiles = { keyLogs: [], privateKeys: [], mayGrow: false }

/** What was made of them. */
export interface KeyFacts extends TlsCounters {
  /** lines with secrets, lines that are none, connections that they name */
  readonly lines: number
  readonly unreadable: number
  readonly named: number
  /** connections whose secrets came behind them: they were passed by */
  readonly late: number
}

/** "TLSK": the text of a key log, draft-ietf-opsawg-pcapng 4.7 */
const TLS_KEY_LOG = 0x544c534b

export class Keys implements Opener {
  readonly #log = new KeyLog()
  readonly #files: KeyFiles
  #keys: TlsKeys
  #isGiven: boolean
  #late = 0

  constructor(files: KeyFiles) {
    this.#files = files
    this.#isGiven = files.keyLogs.length > 0 || files.privateKeys.length > 0
    this.#keys = new TlsKeys(this.#log, [], false)
  }

  /** Reads the files. Throws a `CaptureError` with one line where one cannot be read. */
  load(): void {
    const { keyLogs, privateKeys, mayGrow } = this.#files
    try {
      for (const path of keyLogs) this.#log.addFile(path)
      this.#keys = new TlsKeys(this.#log, privateKeys.map(readPrivateKey), mayGrow && keyLogs.length > 0)
    } catch (error) {
      if (error instanceof KeyLogError || error instanceof PrivateKeyError) throw new CaptureError(error.message)
      throw error
    }
  }

  /** Is there anything to open with? */
  get isActive(): boolean {
    return this.#isGiven
  }

  /** null: no keys were given */
  get facts(): KeyFacts | null {
    if (!this.#isGiven) return null
    const { lines, unreadable, sessions: named } = this.#log.counters
    return { ...this.#keys.counters, lines, unreadable, named, late: this.#late }
  }

  /** A Decryption Secrets Block: others than TLS are nobody's here. */
  readonly hear = ({ type, bytes }: Secret): void => {
    if (type !== TLS_KEY_LOG) return
    this.#isGiven = true
    this.#log.addText(bytes)
  }

  missed: Opener['missed'] = (random) => this.#keys.miss(random)

  open: Opener['open'] = (output, clock, wrapping) =>
    wrapping === null ? new TlsSession(this.#keys, output, clock) : new TlsInTds(this.#keys, output, clock)

  rounds<C extends Conversation>(give: GiveInside<C>, clock: FramingPlace): OpenedRounds<C> {
    return new EapOpening(this.#keys, give, clock)
  }

  close(): void {
    this.#late = this.#keys.late
    this.#log.close()
  }
}
