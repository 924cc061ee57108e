/**
 * Requests that did not get through: answers too big for UDP that were not asked for again.
 */
import type { KdcExchange } from '../../facts/exchange.ts'
import { hit } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import type { Proof, Sighting, Watch } from './watch.ts'

interface Request {
  readonly client: string
  readonly time: number
}

interface TooBig extends Request {
  readonly kdc: string
  readonly proof: Proof
}

/** a client asks again over TCP at once */
const RETRY_MICROS = 5e6
const REQUESTS_MAX = 4096

/**
 * KRB_ERR_RESPONSE_TOO_BIG that no request over TCP follows: the client cannot use TCP, or port 88 of TCP is closed.
 */
export class TooBigWatch implements Watch {
  readonly #tooBig: TooBig[] = []
  readonly #tcp: Request[] = []

  kdc({ client, kdc, time, transport, error, capture, frames }: KdcExchange): void {
    if (transport === 'tcp') keep(this.#tcp, { client: client.ip, time })
    else if (error?.code === TOO_BIG)
      keep(this.#tooBig, { client: client.ip, kdc: kdc.ip, time, proof: { capture, frames } })
  }

  sightings(): Sighting[] {
    // what was not remembered may have been the answer
    if (this.#tcp.length >= REQUESTS_MAX) return []
    return this.#tooBig.flatMap(({ client, kdc, time, proof }): Sighting[] => {
      const again = this.#tcp.some((one) => one.client === client && Math.abs(one.time - time) <= RETRY_MICROS)
      if (again) return []
      return [
        {
          rule: KERBEROS_WATCH_RULES.tooBig,
          client,
          server: kdc,
          service: 'kdc',
          count: 1,
          start: time,
          end: time,
          evidence: [proof],
          hit: hit('the answer was too big for UDP, and no request over TCP followed', {
            confidence: 'medium',
            missing: ['port 88 of TCP between the two, if it does not cross the capture point'],
          }),
        },
      ]
    })
  }
}

function keep<R extends Request>(list: R[], request: R): void {
  if (list.length < REQUESTS_MAX) list.push(request)
}

/** RFC 4120 7.5.9 */
const TOO_BIG = 52
