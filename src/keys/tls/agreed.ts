/**
 * What two ends agreed upon, as keys: of the phases of TLS 1.3 for every suite that may be meant, and what the channel
 * may be bound to.
 */
import type { Cipher } from '../../../decoders/parts/cipher-suites.ts'
import { bindingOf } from '../channel-binding.ts'
import type { TlsSecrets } from '../key-log.ts'
import { exportedBinding, exportedBindings12, type Handshake, keyBlock, TLS_1_3, trafficKeys } from '../key-schedule.ts'
import type { Phase } from './direction.ts'
import { RecordKeys } from './records.ts'

/** Keys that a record may have. */
export interface KeyCandidate {
  readonly cipher: Cipher
  readonly phase: Phase
  /** empty: of no traffic secret */
  readonly secret: Buffer
  readonly keys: RecordKeys
  /** up to TLS 1.2: what they were made of; null: the one that is known */
  readonly master: Buffer | null
}

/** Keys of a traffic secret of TLS 1.3, for each suite whose hash is as long. */
export function candidates(ciphers: readonly Cipher[], secret: Buffer, phase: Phase): KeyCandidate[] {
  return ciphers
    .filter(({ hash }) => secret.length === (hash === 'sha384' ? 48 : 32))
    .map((cipher) => ({
      cipher,
      phase,
      secret,
      master: null,
      keys: new RecordKeys(TLS_1_3, cipher, trafficKeys(cipher, secret), false),
    }))
}

/** Keys of one end in a phase of TLS 1.3; none where the log has not its secret, several where its lines disagree. */
export function keysOfPhase(
  ciphers: readonly Cipher[],
  secrets: TlsSecrets | null,
  isClient: boolean,
  phase: Phase,
): KeyCandidate[] {
  const found: KeyCandidate[] = []
  const tried: Buffer[] = []
  for (let one = secrets; one !== null; one = one.alternative) {
    const { clientEarly, clientHandshake, serverHandshake, clientTraffic, serverTraffic } = one
    let secret = isClient ? clientTraffic : serverTraffic
    if (phase === 'early') secret = clientEarly
    if (phase === 'handshake') secret = isClient ? clientHandshake : serverHandshake
    if (secret === null || tried.includes(secret)) continue
    tried.push(secret)
    found.push(...candidates(ciphers, secret, phase))
  }
  return found
}

/** Keys up to TLS 1.2 of the other master secrets that the log has for a connection. */
export function keysOfOthers(
  handshake: Handshake | null,
  secrets: TlsSecrets | null,
  isClient: boolean,
  encryptThenMac: boolean,
): KeyCandidate[] {
  const found: KeyCandidate[] = []
  for (let one = secrets?.alternative ?? null; one !== null && handshake !== null; one = one.alternative) {
    const { master } = one
    if (master === null) continue
    const { client, server } = keyBlock(handshake, master)
    const { version, cipher } = handshake
    const keys = new RecordKeys(version, cipher, isClient ? client : server, encryptThenMac)
    found.push({ cipher, phase: 'traffic', secret: NOTHING, keys, master })
  }
  return found
}

const NOTHING = Buffer.alloc(0)

/** What a channel of TLS 1.3 may be bound to by an exporter. */
export function exportersOf13(cipher: Cipher | undefined, secrets: TlsSecrets | null): readonly string[] {
  const exporters: string[] = []
  for (let one = secrets; one !== null && cipher !== undefined; one = one.alternative) {
    const { exporter } = one
    const value = exporter === null ? null : bindingOf('tls-exporter', exportedBinding(cipher, exporter))
    if (value !== null && !exporters.includes(value)) exporters.push(value)
  }
  return exporters
}

/** The same up to TLS 1.2. */
export function exportersOf12(handshake: Handshake | null, master: Buffer | null): readonly string[] {
  if (handshake === null || master === null) return []
  return exportedBindings12(handshake, master).map((exported) => bindingOf('tls-exporter', exported))
}
