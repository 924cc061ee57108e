/**
 * What the two ends of a TLS connection have agreed upon so far, and the secrets that fit: which keys a direction may
 * have, and what the channel may be bound to.
 *
 * Specification: RFC 5246 7.4 and 8, RFC 8446 4.1, RFC 5077 (tickets), RFC 7627. Of secrets it keeps those of the
 * present handshake.
 */
import { type Cipher, cipherOf } from '../../../decoders/parts/cipher-suites.ts'
import { bindingOf } from '../channel-binding.ts'
import type { TlsSecrets } from '../key-log.ts'
import {
  decryptPremaster,
  type Handshake,
  keyBlock,
  MASTER_BYTES,
  masterSecret,
  nextTrafficSecret,
  TLS_1_0,
  TLS_1_3,
} from '../key-schedule.ts'
import { candidates, exportersOf12, exportersOf13, type KeyCandidate, keysOfOthers, keysOfPhase } from './agreed.ts'
import type { Direction, Phase } from './direction.ts'
import { readHello } from './hello.ts'
import { RecordKeys } from './records.ts'
import type { ChannelBindings, TlsKeys } from './shared-keys.ts'
import { Transcript } from './transcript.ts'

/** "HelloRetryRequest" hashed, RFC 8446 4.1.3 */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')
/** the suites of TLS 1.3 by the length of their secrets, for a ServerHello that is lost */
const SUITES_13: Readonly<Record<number, readonly number[]>> = { 32: [0x1301, 0x1303], 48: [0x1302] }

export class Agreement {
  client: 0 | 1 = 0
  clientRandom: Buffer | null = null
  serverRandom: Buffer | null = null
  /** the client has data in its first flight */
  offersEarly = false
  /** the server has asked for another hello */
  wasRetried = false
  /** 0: the server has not said it */
  version = 0
  /** of the suite that was agreed upon; several: one of them */
  ciphers: readonly Cipher[] = []
  secrets: TlsSecrets | null = null
  /** up to TLS 1.2 */
  master: Buffer | null = null
  sawCertificate = false
  /** null: the server's flight has not said it */
  resumed: boolean | null = null
  /** verify_data of each direction, up to TLS 1.2 */
  readonly finished: [Buffer | null, Buffer | null] = [null, null]
  readonly transcript = new Transcript()
  readonly #keys: TlsKeys
  readonly #directions: readonly [Direction, Direction]
  #session: Buffer = NOTHING
  #offeredSession: Buffer = NOTHING
  #offeredTicket: Buffer = NOTHING
  #encryptThenMac = false
  /** of the present handshake; null: nobody asked */
  #exporters: readonly string[] | null = null
  #extendedMaster = false

  constructor(keys: TlsKeys, directions: readonly [Direction, Direction]) {
    this.#keys = keys
    this.#directions = directions
  }

  /** True: a handshake begins, the first one or another. */
  clientHello(direction: Direction, message: Buffer): boolean {
    const hello = readHello(message, true)
    if (hello === null) return false
    this.client = direction.from
    direction.hasBegun = true
    const isSecond = this.clientRandom !== null && hello.random.equals(this.clientRandom) && this.serverRandom === null
    this.clientRandom = hello.random
    this.#offeredSession = hello.session
    this.#offeredTicket = hello.ticket
    this.offersEarly = hello.hasEarlyData
    if (isSecond) {
      this.wasRetried = false
      this.transcript.add(message)
      return false
    }
    // a renegotiation has a random, keys and a Finished of its own
    this.serverRandom = null
    this.master = null
    this.sawCertificate = false
    this.resumed = null
    this.finished.fill(null)
    this.#exporters = null
    this.secrets = this.#keys.log.find(hello.random)
    // nobody asks for what a master secret would be made of
    if (this.secrets?.master == null) {
      this.transcript.begin()
      this.transcript.add(message)
    } else this.transcript.forget()
    if (direction.keys === null) this.version = 0
    return true
  }

  /** True: version and suite are agreed upon. */
  serverHello(direction: Direction, message: Buffer): boolean {
    const hello = readHello(message, false)
    if (hello === null) return false
    direction.hasBegun = true
    this.transcript.add(message)
    // an answer that asks for another hello
    if (hello.random.equals(RETRY)) {
      this.offersEarly = false
      this.wasRetried = true
      return false
    }
    this.serverRandom = hello.random
    this.version = hello.version
    this.#extendedMaster = hello.hasExtendedMaster
    this.#encryptThenMac = hello.hasEncryptThenMac
    const cipher = cipherOf(hello.suite)
    this.ciphers = cipher === null ? [] : [cipher]
    if (cipher === null) this.#keys.counters.unsupported++
    this.#lookUp()
    if (this.version !== TLS_1_3) {
      const mayBePremaster = this.secrets?.master == null && (this.#keys.rsa.length > 0 || !this.#keys.log.isEmpty)
      if (!mayBePremaster) this.transcript.forget()
      this.#resume(hello.session)
    }
    return true
  }

  /** Secrets may have been written since the client's hello. */
  #lookUp(): void {
    if (this.secrets !== null || this.clientRandom === null) return
    // another connection may have had them read
    this.#keys.log.refresh()
    this.secrets = this.#keys.log.find(this.clientRandom)
  }

  /** Up to TLS 1.2: the master secret of the log, or that of the session which is resumed. */
  #resume(session: Buffer): void {
    const { log } = this.#keys
    const master = this.secrets?.master
    if (master?.length === MASTER_BYTES) this.#setMaster(master, session)
    else if (session.length > 0) {
      const isOffered = session.equals(this.#offeredSession)
      const known = log.masterOfSession(session) ?? (isOffered ? this.#keys.resumed(session) : null)
      if (known !== null) this.#setMaster(known, session)
    }
    // the server says that it takes the ticket only by not sending a certificate; a key that is wrong opens nothing
    if (this.master === null && this.#offeredTicket.length > 0) {
      const known = this.#keys.resumed(this.#offeredTicket)
      if (known !== null) this.#setMaster(known, NOTHING)
    }
    this.#session = session
  }

  /** Keys are missing where they begin: they may have been written since. */
  lookAgain(): void {
    const { log } = this.#keys
    if (this.clientRandom === null) return
    log.refresh()
    this.secrets = log.find(this.clientRandom) ?? this.secrets
    if (this.secrets !== null && this.version !== TLS_1_3) this.#resume(this.#session)
  }

  /** The ServerHello is lost: of TLS 1.3 the length of a secret says which suites there may be. False: nothing does. */
  assume(): boolean {
    const length = this.secrets?.serverTraffic?.length ?? this.secrets?.serverHandshake?.length ?? 0
    const suites = SUITES_13[length]
    if (this.version !== 0 || suites === undefined) return false
    this.version = TLS_1_3
    this.ciphers = suites.map((suite) => cipherOf(suite)!)
    return true
  }

  /** A record opened with keys of this suite, and of another master secret than was thought; null: of the same. */
  proved(cipher: Cipher, master: Buffer | null): void {
    this.ciphers = [cipher]
    this.#exporters = null
    if (master === null) return
    this.master = master
    if (this.#session.length > 0) this.#keys.keep(this.#session, master)
  }

  #setMaster(master: Buffer, session: Buffer): void {
    const handshake = this.#handshake()
    if (handshake === null) return
    this.master = master
    this.#exporters = null
    if (session.length > 0) this.#keys.keep(session, master)
    const { client, server } = keyBlock(handshake, master)
    const { version, cipher } = handshake
    for (const direction of this.#directions) {
      const keys = direction.from === this.client ? client : server
      direction.pending = new RecordKeys(version, cipher, keys, this.#encryptThenMac)
    }
  }

  #handshake(): Handshake | null {
    const [cipher] = this.ciphers
    if (cipher === undefined || this.clientRandom === null || this.serverRandom === null) return null
    if (this.version < TLS_1_0) return null
    return { version: this.version, cipher, clientRandom: this.clientRandom, serverRandom: this.serverRandom }
  }

  /** `EncryptedPreMasterSecret<0..2^16-1>` */
  keyExchange(body: Buffer): void {
    const handshake = this.#handshake()
    const transcript = this.transcript.take()
    if (handshake === null || this.secrets?.master != null) return
    let premaster = this.secrets?.premaster ?? null
    if (premaster === null && handshake.cipher.isRsaKeyExchange && body.length > 2) {
      const encrypted = body.subarray(2)
      premaster = this.#keys.log.premasterOf(encrypted)
      for (const key of this.#keys.rsa) premaster ??= decryptPremaster(key, encrypted)
    }
    if (premaster === null) return
    if (this.#extendedMaster && transcript === null) return
    this.#setMaster(masterSecret(handshake, premaster, this.#extendedMaster ? transcript : null), this.#session)
  }

  keysOf(direction: Direction, phase: Phase): KeyCandidate[] {
    return keysOfPhase(this.ciphers, this.secrets, direction.from === this.client, phase)
  }

  bindings(): ChannelBindings {
    const server = other(this.client)
    const { hadGap } = this.#directions[server]
    // which Finished was the first one is known where the server's flight is
    const first =
      this.resumed === null || (hadGap && this.resumed) ? null : this.finished[this.resumed ? server : this.client]
    this.#exporters ??=
      this.version === TLS_1_3
        ? exportersOf13(this.ciphers[0], this.secrets)
        : exportersOf12(this.#handshake(), this.master)
    const unique = this.version === TLS_1_3 || first === null ? null : bindingOf('tls-unique', first)
    return { unique, exporters: this.#exporters }
  }

  /** Keys that the next record may have, besides the present ones: those of the next phase, and of an update. */
  later(direction: Direction): KeyCandidate[] {
    if (this.version !== TLS_1_3) {
      const [cipher] = this.ciphers
      const { pending, keys } = direction
      const found: KeyCandidate[] = []
      if (pending !== null && cipher !== undefined)
        found.push({ cipher, phase: 'traffic', secret: NOTHING, keys: pending, master: null })
      const isClient = direction.from === this.client
      // nothing was opened yet: the log may have had another line
      if (keys?.sequence === 0)
        found.push(...keysOfOthers(this.#handshake(), this.secrets, isClient, this.#encryptThenMac))
      return found
    }
    // of other suites, and of other lines
    const found = this.keysOf(direction, direction.phase).slice(1)
    if (direction.phase === 'early') found.push(...this.keysOf(direction, 'handshake'))
    if (direction.phase !== 'traffic') found.push(...this.keysOf(direction, 'traffic'))
    else if (direction.secret !== null)
      for (const cipher of this.ciphers)
        found.push(...candidates(this.ciphers, nextTrafficSecret(cipher, direction.secret), 'traffic'))
    return found
  }
}

/** The opposite direction. */
export function other(from: 0 | 1): 0 | 1 {
  return from === 0 ? 1 : 0
}

const NOTHING = Buffer.alloc(0)
