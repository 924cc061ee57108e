/**
 * The contract of a mechanism: a decoder of security tokens that never knows who carried them.
 * Specification of the wrapping order: RFC 2743 3.1 (GSS framing), RFC 4178 (SPNEGO).
 */
import type { Outcome } from './outcome.ts'

export interface Mechanism<M extends MechanismMessage> {
  readonly name: string
  /** Decides on the first bytes alone; must be cheap and must not claim what `decode` cannot name. */
  claims(token: Uint8Array): boolean
  /** One token, one message. Byte fields of the message borrow `token`. */
  decode(token: Uint8Array): Outcome<M>
}

/** What every mechanism's message has; the union over all of them is `TokenMessage` in `token.ts`. */
export interface MechanismMessage {
  readonly protocol: string
  readonly type: string
}
