/** Where the log of a host and the wire do not say the same about a logon. Shape only. */
import type { AuthExchange } from './exchange.ts'
import type { ExchangeEvent } from './windows-facts.ts'

/** A logon whose mechanism the log of the server names differently. */
export interface Contradiction {
  readonly exchange: AuthExchange
  readonly event: ExchangeEvent
  /** AuthenticationPackageName and LmPackageName */
  readonly says: string
}
