/** What Windows logs say about an exchange or a request to a KDC. Shapes only; the room of events makes them. */

/** An event of a Windows log that is about this exchange. */
export interface ExchangeEvent {
  readonly id: number
  readonly channel: string
  readonly host: string
  /** EventRecordID; null: the export lost it */
  readonly record: number | null
  /** by the clock of that host, microseconds since 1970 */
  readonly time: number
  readonly side: 'server' | 'client' | 'controller'
  /** how it was found: by address and port, or by account, SPN or time where the event has no port */
  readonly join: 'address' | 'user' | 'spn' | 'time'
  readonly confidence: 'high' | 'medium' | 'low'
}

/** What the hosts themselves say: never the wire's word. */
export interface WindowsFacts {
  /** the program that asked, on the client; and the one that answered */
  readonly process: string | null
  readonly serverProcess: string | null
  /** `DOMAIN\\user` */
  readonly user: string | null
  /** why Windows says that it used NTLM, in words, and NtlmUsageId */
  readonly reason: string | null
  readonly reasonId: number | null
  /** the cause that this reason means; `completes`: the wire alone does not decide it (RC99) */
  readonly cause: {
    readonly code: string
    readonly title: string
    readonly fix: string
    readonly completes: boolean
  } | null
  /** mechanism and cause of log and wire are the same; null: nothing to compare */
  readonly agrees: boolean | null
  readonly contradictions: readonly ('mechanism' | 'cause')[]
  /** AuthenticationPackageName and LmPackageName */
  readonly package: string | null
  readonly lmPackage: string | null
  readonly logonId: string | null
  readonly logonGuid: string | null
  /** shares and files that were opened */
  readonly shares: readonly string[]
  /** a policy blocked it, as the log says */
  readonly isBlocked: boolean
  /** events that fit this exchange and others alike */
  readonly ambiguous: number
}

export const NO_EVENTS: readonly ExchangeEvent[] = []
