/**
 * Remote calls that explain a logon: coercion (a call makes its server connect elsewhere) and replication of secrets to a user.
 *
 * Interfaces and operations: MS-RPRN 3.1.4.10, MS-EFSR 3.1.4.2, MS-DFSNM 3.1.4, MS-FSRVP 3.1.4, MS-EVEN 3.1.4, MS-DRSR 4.1.10.
 */
import type { AuthExchange, ContextNote } from '../exchange.ts'
import { LIMITS } from '../limits.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { hit, userOf } from '../rules/rule.ts'
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
const EFSR = [0, 4, 5, 6, 7, 8, 9, 12, 13, 15]
/** interface to the operations that take a path to another host */
const COERCIVE: Readonly<Record<string, readonly number[]>> = {
  '12345678-1234-abcd-ef00-0123456789ab': [62, 65],
  'c681d488-d850-11d0-8c52-00c04fd90f7e': EFSR,
  'df1941c5-fe89-4e79-bf10-463657acf44d': EFSR,
  '4fc742e0-4a10-11cf-8273-00aa004ae673': [12, 13],
  'a8e0653c-2744-4389-a61d-7373df8b2292': [8, 9],
  '82273fdc-e32a-18c3-3f78-827929dc23ea': [9],
}
const DRSUAPI = 'e3514235-4b06-11d1-ab04-00c04fc2dcd2'
const GET_NC_CHANGES = 3

export class CallWatch implements Watch {
  /** by the host that was called */
  readonly #coercive = new Map<string, Call[]>()
  /** by caller and called */
  readonly #replication = new Map<string, Call>()
  readonly #users = new Map<string, { readonly user: string; readonly time: number; readonly proof: Proof }>()
  readonly #sightings: Sighting[] = []

  context({ fact, sender, receiver, time, capture, frame }: ContextNote): void {
    if (fact.fact !== 'rpc-call' || fact.part !== 'request') return
    const words = fact.operation ?? `operation ${fact.opnum} of ${fact.interfaceName ?? fact.interface}`
    const call: Call = { caller: sender.ip, words, time, proof: { capture, frames: [frame] } }
    if (COERCIVE[fact.interface]?.includes(fact.opnum)) {
      const calls = remember(this.#coercive, receiver.ip, () => [], LIMITS.watchedClientsMax)
      if (calls.length >= CALLS_PER_HOST_MAX) calls.shift()
      calls.push(call)
    } else if (fact.interface === DRSUAPI && fact.opnum === GET_NC_CHANGES)
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
        { confidence: server.ip === call.caller ? 'high' : 'medium' },
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
