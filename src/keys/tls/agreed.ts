/**
 * What two ends agreed upon, as keys: of the phases of TLS 1.3 for every suite that may be meant, and what the channel
 * may be bound to.
 */
import type { Cipher } from '../../../decoders/parts/cipher-suites.ts'
import { bindingOf } from '../channel-binding.ts'
import type { TlsSecrets } from '../key-log.ts'
import { exportedBinding, exportedBindings12, type Handshake, TLS_1_3, trafficKeys } from '../key-schedule.ts'
import type { Phase } from './direction.ts'
import { RecordKeys } from './records.ts'
import type { ChannelBindings } from './shared-keys.ts'

/** Keys that a record may have. */
export interface KeyCandidate {
  readonly cipher: Cipher
  readonly phase: Phase
  /** empty: of no traffic secret */
  readonly secret: Buffer
  readonly keys: RecordKeys
}

/** Keys of a traffic secret of TLS 1.3, for each suite whose hash is as long. */
export function candidates(ciphers: readonly Cipher[], secret: Buffer, phase: Phase): KeyCandidate[] {
  return ciphers
    .filter(({ hash }) => secret.length === (hash === 'sha384' ? 48 : 32))
    .map((cipher) => ({
      cipher,
      phase,
      secret,
      keys: new RecordKeys(TLS_1_3, cipher, trafficKeys(cipher, secret), false),
    }))
}

/** Keys of one end in a phase of TLS 1.3; none where the log has not its secret. */
export function keysOfPhase(
  ciphers: readonly Cipher[],
  secrets: TlsSecrets | null,
  isClient: boolean,
  phase: Phase,
): KeyCandidate[] {
  if (secrets === null) return []
  const { clientEarly, clientHandshake, serverHandshake, clientTraffic, serverTraffic } = secrets
  let secret = isClient ? clientTraffic : serverTraffic
  if (phase === 'early') secret = clientEarly
  if (phase === 'handshake') secret = isClient ? clientHandshake : serverHandshake
  return secret === null ? [] : candidates(ciphers, secret, phase)
}

/** What a channel of TLS 1.3 may be bound to. */
export function bindingsOf13(cipher: Cipher | undefined, secrets: TlsSecrets | null): ChannelBindings {
  const exporter = secrets?.exporter ?? null
  if (exporter === null || cipher === undefined) return { unique: null, exporters: [] }
  return { unique: null, exporters: [bindingOf('tls-exporter', exportedBinding(cipher, exporter))] }
}

/** The same up to TLS 1.2; `first` is the verify_data of the first Finished of the latest handshake. */
export function bindingsOf12(
  handshake: Handshake | null,
  master: Buffer | null,
  first: Buffer | null,
): ChannelBindings {
  return {
    unique: first === null ? null : bindingOf('tls-unique', first),
    exporters:
      handshake === null || master === null
        ? []
        : exportedBindings12(handshake, master).map((exported) => bindingOf('tls-exporter', exported)),
  }
}
