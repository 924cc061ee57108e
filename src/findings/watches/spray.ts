/**
 * Many accounts tried from one client: password spray over NTLM and at a KDC, and guessing of account names.
 *
 * For each client the first failure of each account within the window is remembered, and which accounts succeeded: a
 * terminal server or a proxy has more of these.
 */
import type { Service } from '../../../decoders/carrier.ts'
import { interned } from '../../../decoders/parts/interned.ts'
import { accountKey } from '../../facts/account.ts'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { appended } from '../../memory/bounded-map.ts'
import { BoundedNotes } from '../../memory/bounded-notes.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit, type Rule } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { busiestWindow, type Proof, type Sighting, WATCHED, type Watch } from './watch.ts'

interface Failure {
  readonly time: number
  readonly server: string
  readonly service: Service
  readonly proof: Proof
}

interface Tries {
  /** made for the first one: an empty map is 150 bytes, and most clients fail nowhere */
  failed: Map<string, Failure> | null
  succeeded: readonly string[]
}

const WINDOW_MICROS = 600e6
const ACCOUNTS_MIN = 5
/** people mistype: so few prove less */
const ACCOUNTS_SURE = 10
/** wrong password or no such user; states of an account (locked, expired) are not */
const WRONG_PASSWORD = new Set(['STATUS_LOGON_FAILURE', 'STATUS_WRONG_PASSWORD', 'STATUS_NO_SUCH_USER', '401'])

export class SprayWatch implements Watch {
  readonly #ntlm = triesOfClients()
  readonly #passwords = triesOfClients()
  readonly #names = triesOfClients()

  exchange(exchange: AuthExchange): void {
    const { user } = exchange.principal
    if (exchange.ntlm === null || exchange.mechanism !== 'ntlm' || !user) return
    const { client, server, service, start, capture, frames, result, status } = exchange
    const account = accountKey(exchange.principal)
    if (result === 'success') note(this.#ntlm, client.ip, account, null)
    else if (status !== null && (WRONG_PASSWORD.has(status.name) || status.detail?.includes('data 52')))
      note(this.#ntlm, client.ip, account, { time: start, server: server.ip, service, proof: { capture, frames } })
  }

  kdc(kdc: KdcExchange): void {
    if (kdc.request !== 'AS' || kdc.cname === null || kdc.armored) return
    const { client, capture, frames, time } = kdc
    const account = interned(kdc.cname.toLowerCase())
    if (kdc.error === null) {
      if (!kdc.answered) return
      note(this.#passwords, client.ip, account, null)
      note(this.#names, client.ip, account, null)
      return
    }
    const failure: Failure = { time, server: kdc.kdc.ip, service: 'kdc', proof: { capture, frames } }
    if (kdc.error.code === 24 || kdc.error.code === 18) note(this.#passwords, client.ip, account, failure)
    else if (kdc.error.code === 6) note(this.#names, client.ip, account, failure)
    // the KDC knows this one: it asks for the password
    else if (kdc.error.code === 25) note(this.#names, client.ip, account, null)
  }

  sightings(): Sighting[] {
    return [
      ...found(this.#ntlm, NTLM_WATCH_RULES.spray, 'accounts failed to log on with NTLM'),
      ...found(this.#passwords, KERBEROS_WATCH_RULES.kdcSpray, 'accounts failed at the KDC'),
      ...found(this.#names, KERBEROS_WATCH_RULES.enumeration, 'names that the KDC does not know were asked for'),
    ]
  }
}

function triesOfClients(): BoundedNotes<Tries> {
  return new BoundedNotes<Tries>(
    WATCHED,
    () => ({ failed: null, succeeded: NO_ACCOUNTS }),
    ({ failed, succeeded }) => (failed?.size ?? 0) + succeeded.length,
  )
}

/** `failure` null: the account succeeded. */
function note(clients: BoundedNotes<Tries>, client: string, account: string, failure: Failure | null): void {
  const tries = clients.of(client)
  if (failure === null) {
    if (tries.succeeded.length >= LIMITS.watchedNamesMax || tries.succeeded.includes(account)) return
    tries.succeeded = appended(tries.succeeded, account)
    clients.noted()
    return
  }
  tries.failed ??= new Map()
  const before = tries.failed.get(account)
  if (before === undefined) {
    if (tries.failed.size >= LIMITS.watchedNamesMax) return
    tries.failed.set(account, failure)
    clients.noted()
  } else if (failure.time - before.time > WINDOW_MICROS) tries.failed.set(account, failure)
}

const NO_ACCOUNTS: readonly string[] = Object.freeze([])

function found(clients: BoundedNotes<Tries>, rule: Rule, what: string): Sighting[] {
  return [...clients].flatMap(([client, { failed, succeeded }]) => {
    if (failed === null) return []
    const others = succeeded.length
    const busiest = busiestWindow(
      [...failed.values()].sort((a, b) => a.time - b.time),
      WINDOW_MICROS,
    )
    if (busiest.length < ACCOUNTS_MIN || others > failed.size) return []
    const first = busiest[0]!
    return {
      rule,
      client,
      server: first.server,
      service: first.service,
      count: busiest.length,
      start: first.time,
      end: busiest.at(-1)!.time,
      evidence: busiest.map(({ proof }) => proof),
      hit: hit(`${busiest.length} ${what} within ten minutes; ${others} others succeeded`, {
        confidence: busiest.length >= 2 * ACCOUNTS_SURE ? 'high' : busiest.length >= ACCOUNTS_SURE ? 'medium' : 'low',
        counterEvidence: others > 0 ? ['accounts succeeded from this client too: it may stand for many users'] : [],
      }),
    }
  })
}
