/**
 * Accounts over time, and requests that did not get through: keys that fell back from AES to RC4, answers too big for
 * UDP that were not asked for again.
 */
import { etypeName, isWeakEtype } from '../../../decoders/mechanisms/kerberos-names.ts'
import type { KdcExchange } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { type Proof, remember, type Sighting, type Watch } from './watch.ts'

interface Logon {
  readonly client: string
  readonly kdc: string
  readonly time: number
  readonly etype: number
  /** the client listed AES */
  readonly asksAes: boolean
  readonly proof: Proof
}

const LOGONS_PER_ACCOUNT_MAX = 64
const AES = new Set([17, 18, 19, 20])

/**
 * The key of an account was AES, and later RC4 or DES although the client asked for AES: a skeleton key, or an old
 * password that came back.
 */
export class KeyWatch implements Watch {
  readonly #accounts = new Map<string, Logon[]>()

  kdc({
    request,
    answered,
    error,
    realm,
    cname,
    replyEtype,
    requested,
    client,
    kdc,
    time,
    capture,
    frames,
    armored,
  }: KdcExchange): void {
    if (request !== 'AS' || !answered || error !== null || cname === null || replyEtype === null || armored) return
    const logons = remember(this.#accounts, `${cname}@${realm}`.toLowerCase(), () => [], LIMITS.watchedClientsMax)
    if (logons.length >= LOGONS_PER_ACCOUNT_MAX) return
    const asksAes = requested.some((etype) => AES.has(etype))
    logons.push({ client: client.ip, kdc: kdc.ip, time, etype: replyEtype, asksAes, proof: { capture, frames } })
  }

  sightings(): Sighting[] {
    return [...this.#accounts].flatMap(([account, logons]): Sighting[] => {
      const sorted = logons.toSorted((a, b) => a.time - b.time)
      const strong = sorted.find(({ etype }) => AES.has(etype))
      const weak = sorted.find(
        ({ etype, asksAes, time }) => isWeakEtype(etype) && asksAes && time > (strong?.time ?? Infinity),
      )
      if (strong === undefined || weak === undefined) return []
      return [
        {
          rule: KERBEROS_WATCH_RULES.downgrade,
          client: weak.client,
          server: weak.kdc,
          service: 'kdc',
          count: 1,
          start: strong.time,
          end: weak.time,
          evidence: [strong.proof, weak.proof],
          hit: hit(`the key of ${account} was ${etypeName(strong.etype)}, and later ${etypeName(weak.etype)}`, {
            confidence: strong.kdc === weak.kdc ? 'medium' : 'low',
            counterEvidence: ['a password that was set where AES is not known looks the same'],
          }),
        },
      ]
    })
  }
}

interface Request {
  readonly client: string
  readonly kdc: string
  readonly time: number
  readonly proof: Proof
}

/** a client asks again over TCP at once */
const RETRY_MICROS = 5e6
const REQUESTS_MAX = 4096

/**
 * KRB_ERR_RESPONSE_TOO_BIG that no request over TCP follows: the client cannot use TCP, or port 88 of TCP is closed.
 */
export class TooBigWatch implements Watch {
  readonly #tooBig: Request[] = []
  readonly #tcp: Request[] = []

  kdc({ client, kdc, time, transport, error, capture, frames }: KdcExchange): void {
    const request = { client: client.ip, kdc: kdc.ip, time, proof: { capture, frames } }
    if (transport === 'tcp') keep(this.#tcp, request)
    else if (error?.code === TOO_BIG) keep(this.#tooBig, request)
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

function keep(list: Request[], request: Request): void {
  if (list.length < REQUESTS_MAX) list.push(request)
}

/** RFC 4120 7.5.9 */
const TOO_BIG = 52
