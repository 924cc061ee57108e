/**
 * Remote calls that explain a logon: coercion (a call makes its server connect elsewhere) and replication of secrets to
 * a user. Which calls these are: dcerpc-interfaces.ts.
 */
import type { AuthExchange, ContextNote } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import { type Hit, hit, userOf } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { type Proof, remember, type Sighting, type Watch } from './watch.ts'

interface Call {
  readonly caller: string
  readonly words: string
  readonly time: number
  readonly proof: Proof
}

const COERCION_MICROS = 30e6
const SESSION_MICROS = 600e6
const CALLS_PER_HOST_MAX = 16

/**
 * A print server notifies the client that asked for it: a logon to the caller may be just that, one to a third host is
 * not. Every other call has no such use, and a logon elsewhere may be a coincidence.
 */
function trustIn({ words }: Call, toCaller: boolean): Partial<Hit> {
  if (!words.startsWith('RpcRemoteFindFirstPrinterChangeNotification'))
    return { confidence: toCaller ? 'high' : 'medium' }
  if (!toCaller) return { confidence: 'high' }
  const ordinary = 'a print server that notifies the caller of changes to its queues logs on to it in the same way'
  return { confidence: 'medium', counterEvidence: [ordinary] }
}

export class CallWatch implements Watch {
  /** by the host that was called */
  readonly #coercive = new Map<string, Call[]>()
  /** by caller and called */
  readonly #replication = new Map<string, Call>()
  readonly #users = new Map<string, { readonly user: string; readonly time: number; readonly proof: Proof }>()
  readonly #sightings: Sighting[] = []

  context({ fact, sender, receiver, time, capture, frame }: ContextNote): void {
    if (fact.fact !== 'rpc-call') return
    const call: Call = { caller: sender.ip, words: fact.operation, time, proof: { capture, frames: [frame] } }
    if (fact.tells === 'coercion') {
      const calls = remember(this.#coercive, receiver.ip, () => [], LIMITS.watchedClientsMax)
      if (calls.length >= CALLS_PER_HOST_MAX) calls.shift()
      calls.push(call)
    } else if (fact.tells === 'replication')
      remember(this.#replication, `${sender.ip} ${receiver.ip}`, () => call, LIMITS.watchedClientsMax)
  }

  exchange(exchange: AuthExchange): void {
    const { client, server, service, start, end, capture, frames } = exchange
    const { user } = exchange.principal
    if (exchange.mechanism !== 'ntlm' || !user) return
    const proof = { capture, frames }
    if (!user.endsWith('$')) {
      remember(
        this.#users,
        `${client.ip} ${server.ip}`,
        () => ({ user: userOf(exchange), time: start, proof }),
        LIMITS.watchedClientsMax,
      )
      return
    }
    const call = this.#coercive.get(client.ip)?.findLast(({ time }) => time <= start && start - time <= COERCION_MICROS)
    if (call === undefined || this.#sightings.length >= LIMITS.findingsMax) return
    this.#sightings.push({
      rule: NTLM_WATCH_RULES.coercion,
      client: client.ip,
      server: server.ip,
      service,
      count: 1,
      start: call.time,
      end,
      evidence: [call.proof, proof],
      hit: hit(
        `${call.caller} called ${call.words}, and ${((start - call.time) / 1e6).toFixed(1)} s later ${userOf(exchange)} logged on to ${server.ip === call.caller ? 'the caller' : server.ip}`,
        trustIn(call, server.ip === call.caller),
      ),
    })
  }

  sightings(): Sighting[] {
    const replicated = [...this.#replication].flatMap(([key, call]): Sighting[] => {
      const logon = this.#users.get(key)
      if (logon === undefined || Math.abs(call.time - logon.time) > SESSION_MICROS) return []
      return [
        {
          rule: KERBEROS_WATCH_RULES.dcsync,
          client: call.caller,
          server: key.split(' ')[1]!,
          service: 'rpc',
          count: 1,
          start: logon.time,
          end: call.time,
          evidence: [call.proof, logon.proof],
          hit: hit(`${logon.user} called ${call.words}`, { confidence: 'medium' }),
        },
      ]
    })
    return [...this.#sightings, ...replicated]
  }
}
