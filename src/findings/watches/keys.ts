/**
 * Accounts over time: keys that fell back from AES to RC4.
 */
import { etypeName, isWeakEtype } from '../../../decoders/mechanisms/kerberos-names.ts'
import type { KdcExchange } from '../../facts/exchange.ts'
import { NoteLists } from '../../memory/bounded-notes.ts'
import { hit } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { type Proof, type Sighting, WATCHED, type Watch } from './watch.ts'

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
  readonly #accounts = new NoteLists<Logon>(WATCHED, LOGONS_PER_ACCOUNT_MAX)

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
    const asksAes = requested.some((etype) => AES.has(etype))
    const logon = { client: client.ip, kdc: kdc.ip, time, etype: replyEtype, asksAes, proof: { capture, frames } }
    this.#accounts.add(`${cname}@${realm}`.toLowerCase(), logon)
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
