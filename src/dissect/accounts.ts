/**
 * The accounts of a lab whose keys are known: tickets of tokens are opened, NTLM logons are proved. What leaves are
 * names, flags and public values.
 */
import type { DecodedToken } from '../../decoders/token.ts'
import type { NtlmProof, OpenedTicket } from '../facts/channel.ts'
import { type KeytabKey, readKeytab } from '../keys/keytab.ts'
import { proveNtlm, type TicketCounters, Tickets } from '../keys/ticket.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Conversation } from '../stream/conversation.ts'

/** What was opened of one token. */
export interface OpenedToken {
  readonly ticket: OpenedTicket | null
  readonly ntlm: NtlmProof | null
}

/** The first two messages of a logon, copied: its proof needs them. */
interface Logon {
  /** several that were not answered yet, of logons beside each other, differ seldom */
  negotiates: Uint8Array[]
  challenge: Uint8Array | null
}

/** What was made with keys of the accounts, of NTLM. */
export interface ProofCounters {
  proved: number
  /** of these, messages that are not those of which the MIC was made */
  altered: number
}

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')
const LOGON_BYTES_MAX = 8192
const NEGOTIATES_MAX = 8

export class Accounts {
  readonly #keys: readonly KeytabKey[]
  readonly #tickets: Tickets
  /** by conversation: the one that is under way */
  readonly #logons = new Map<Conversation, Logon>()

  /** Reads keytabs. Throws a `KeytabError` where one cannot be read. */
  constructor(paths: readonly string[]) {
    this.#keys = paths.flatMap(readKeytab)
    this.#tickets = new Tickets(this.#keys)
  }

  get counters(): TicketCounters {
    return this.#tickets.counters
  }

  readonly proofs: ProofCounters = { proved: 0, altered: 0 }

  /** `time`: of the frame, microseconds since 1970. */
  take(
    conversation: Conversation,
    token: Uint8Array,
    tokens: readonly DecodedToken[],
    time: number,
  ): OpenedToken | null {
    let opened: OpenedToken | null = null
    // what SPNEGO puts behind a message is no part of it
    let inner = token
    for (const { message } of tokens) {
      if (message.protocol === 'spnego') inner = message.innerToken ?? inner
      if (message.protocol === 'kerberos' && message.type === 'AP-REQ') {
        const ticket = this.#tickets.open(token, time)
        if (ticket !== null) opened = { ticket, ntlm: null }
      } else if (message.protocol === 'ntlmssp') {
        const ntlm = this.#ntlm(conversation, inner, message)
        if (ntlm === null) continue
        opened = { ticket: null, ntlm }
        this.proofs.proved++
        if (ntlm.mic === 'wrong') this.proofs.altered++
      }
    }
    return opened
  }

  #ntlm(conversation: Conversation, token: Uint8Array, message: DecodedToken['message']): NtlmProof | null {
    const start = Buffer.from(token.buffer, token.byteOffset, token.length).indexOf(SIGNATURE)
    if (start < 0) return null
    const bytes = token.subarray(start)
    if (message.type !== 'AUTHENTICATE_MESSAGE') {
      if (bytes.length > LOGON_BYTES_MAX) return null
      const logon = this.#logons.get(conversation) ?? { negotiates: [], challenge: null }
      if (message.type === 'NEGOTIATE_MESSAGE') negotiated(logon, bytes)
      else logon.challenge = bytes.slice()
      this.#logons.set(conversation, logon)
      if (this.#logons.size > LIMITS.openExchangesPerConnectionMax) deleteOldest(this.#logons)
      return null
    }
    const logon = this.#logons.get(conversation)
    this.#logons.delete(conversation)
    if (logon?.challenge == null) return null
    const { userName, domainName, mic } = message
    const { negotiates, challenge } = logon
    const names = { user: userName, domain: domainName }
    const proofs = [...(negotiates.length === 0 ? [null] : negotiates)].map((negotiate) =>
      proveNtlm(this.#keys, { negotiate, challenge: challenge!, authenticate: bytes }, names, mic === true),
    )
    const [first] = proofs
    const found = proofs.find((proof) => proof?.mic === 'verified') ?? first!
    // with which of several the logon began nobody knows: that accuses nobody
    return found?.mic === 'wrong' && proofs.length > 1 ? { ...found, mic: null } : found
  }
}

/** A logon begins, perhaps beside one that has no answer yet. */
function negotiated(logon: Logon, bytes: Uint8Array): void {
  if (logon.challenge !== null) Object.assign(logon, { negotiates: [], challenge: null })
  if (logon.negotiates.some((one) => Buffer.compare(one, bytes) === 0)) return
  if (logon.negotiates.length === NEGOTIATES_MAX) logon.negotiates.shift()
  logon.negotiates.push(bytes.slice())
}
