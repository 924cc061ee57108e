/**
 * What is known of secrets that are not there: a slice of a capture has zeros in the place of responses and tickets,
 * and says beside them what stood there (src/slice/notes.ts). Dissection asks here, so that zeros are never
 * evidence.
 */
import type { LegStep } from '../../decoders/carrier.ts'
import type { DecodedToken } from '../../decoders/token.ts'

/** Asked for each token and each leg in the order of dissection; `frame` is a frame key, `time` that of its packet. */
export interface SecretNotes {
  /** the bytes of a token, before it is decoded; borrowed */
  token(bytes: Uint8Array): void
  /** the message as it was before secrets were taken out */
  decoded(frame: number, time: number, message: DecodedToken): DecodedToken
  /** the same of NTLM without a token: `plainNtlm` is not null */
  plain(frame: number, time: number, leg: LegStep): LegStep
  /** were secrets taken out of this frame? A key proves nothing about them */
  has(frame: number): boolean
}
