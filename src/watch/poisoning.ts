/**
 * Poisoned names: a host answers an LLMNR, NBT-NS or mDNS question with its own address, and the host that asked logs on to it with NTLM.
 *
 * Whoever answers for the name by which it calls itself in its challenge is left out, unless what it shows there is handed on from another host.
 */
import type { AuthExchange, ContextNote } from '../exchange.ts'
import { LIMITS } from '../limits.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { hit, userOf } from '../rules/rule.ts'
import { type Proof, remember, type Sighting, type Watch } from './watch.ts'

interface Answer {
  readonly protocol: string
  readonly name: string
  /** null: it was told to everybody */
  readonly asker: string | null
  readonly time: number
  readonly proof: Proof
}

const WINDOW_MICROS = 600e6
const NETBIOS_NAME_MAX = 15
const WORDS: Readonly<Record<string, string>> = { llmnr: 'LLMNR', nbns: 'NBT-NS', mdns: 'mDNS' }

export class PoisoningWatch implements Watch {
  readonly #answers = new Map<string, Answer[]>()
  readonly #sightings: Sighting[] = []

  context({ fact, sender, receiver, time, capture, frame }: ContextNote): void {
    if (fact.fact !== 'name-answer' || !(fact.protocol in WORDS) || fact.code !== 'NOERROR') return
    for (const record of fact.records) {
      if (record.value !== sender.ip || !['A', 'AAAA', 'NB'].includes(record.type)) continue
      const list = remember(this.#answers, sender.ip, () => [], LIMITS.watchedClientsMax)
      if (list.length >= LIMITS.watchedNamesMax) list.shift()
      list.push({
        protocol: WORDS[fact.protocol]!,
        name: record.name || fact.name || '',
        asker: isGroup(receiver.ip) ? null : receiver.ip,
        time,
        proof: { capture, frames: [frame] },
      })
    }
  }

  exchange(exchange: AuthExchange): void {
    const { client, server, service, start, end, capture, frames, ntlm } = exchange
    if (exchange.mechanism !== 'ntlm' || ntlm === null) return
    const answers = this.#answers.get(server.ip) ?? []
    const answer = answers.findLast(
      (one) =>
        one.time <= start &&
        start - one.time <= WINDOW_MICROS &&
        (one.asker === client.ip || (one.asker === null && isAskedFor(one, exchange))),
    )
    if (answer === undefined || this.#sightings.length >= LIMITS.findingsMax) return
    const { nbComputerName, dnsComputerName } = ntlm.challenge ?? {}
    const isOwnName = [nbComputerName, dnsComputerName].some(
      (name) => name != null && label(name) === label(answer.name),
    )
    if (isOwnName && exchange.cause?.code !== 'RC21') return
    const several = new Set(answers.map(({ name }) => label(name))).size > 1
    const calls = dnsComputerName || nbComputerName
    this.#sightings.push({
      rule: NTLM_WATCH_RULES.poisoning,
      client: client.ip,
      server: server.ip,
      service,
      count: 1,
      start: answer.time,
      end,
      evidence: [answer.proof, { capture, frames }],
      hit: hit(
        `it answered ${answer.protocol} for ${answer.name}${calls ? `, calls itself ${calls}` : ''}, and ${userOf(exchange)} logged on to it`,
        {
          confidence: several || exchange.cause?.code === 'RC21' ? 'high' : 'medium',
          missing: calls ? [] : ['the names of the server in its challenge'],
        },
      ),
    })
  }

  sightings(): readonly Sighting[] {
    return this.#sightings
  }
}

/** The client called the server by the name that was answered for. */
function isAskedFor({ name }: Answer, { target }: AuthExchange): boolean {
  const host = target.name ?? target.spn?.split('/')[1] ?? ''
  return host !== '' && label(host) === label(name)
}

function label(name: string): string {
  return name.split('.')[0]!.toLowerCase().slice(0, NETBIOS_NAME_MAX)
}

/** Multicast and broadcast, as far as an address alone tells. */
function isGroup(ip: string): boolean {
  return /^(22[4-9]|23\d)\.|^ff|\.255$/i.test(ip)
}
