/**
 * Poisoned names: a host answers an LLMNR, NBT-NS or mDNS question with its own address, and the host that asked logs
 * on to it with NTLM.
 *
 * Whoever answers for a name that is its own is left out: it calls itself so in its challenge, DNS gives it that name,
 * or it took a Kerberos ticket for it; unless something that only tools do speaks against it.
 */
import type { NameAnswer, NameRecord } from '../../../decoders/carrier.ts'
import type { AuthExchange, ContextNote } from '../../facts/exchange.ts'
import { targetHost } from '../../facts/target-name.ts'
import { deleteOldest, oldestKey } from '../../memory/bounded-map.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit, userOf } from '../rule.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { type Proof, remember, type Sighting, type Watch } from './watch.ts'

/** One name that one host answered for, to one asker. */
interface Answer {
  readonly protocol: string
  readonly name: string
  /** null: it was told to everybody */
  readonly asker: string | null
  /** the latest times, each with its frame; those of one minute count once */
  readonly said: { readonly time: number; readonly proof: Proof }[]
}

const WINDOW_MICROS = 600e6
const NETBIOS_NAME_MAX = 15
const REPEATED_MICROS = 60e6
/** minutes: exchanges come fifteen after they ended, and answers meanwhile must not push out those before */
const SAID_MAX = 24
const OWNERS_MAX = 4
const NAMES_SHOWN = 4
/** a host has a name and an alias; who answers for more than this answers for whatever is asked */
const OWN_NAMES_MAX = 2
const WORDS: Readonly<Record<string, string>> = { llmnr: 'LLMNR', nbns: 'NBT-NS', mdns: 'mDNS' }
/**
 * asked for by every browser and, where it exists, found by DHCP or DNS: who answers otherwise wants to be the proxy
 */
const WPAD = 'wpad'

export class PoisoningWatch implements Watch {
  /** by the address that the answer gives, then by protocol, name and asker */
  readonly #answers = new Map<string, Map<string, Answer>>()
  /** addresses that DNS, or a ticket that was taken, gives a name; by its first label */
  readonly #owners = new Map<string, string[]>()
  readonly #sightings: Sighting[] = []
  #count = 0

  context({ fact, sender, receiver, time, capture, frame }: ContextNote): void {
    if (fact.fact !== 'name-answer' || fact.code !== 'NOERROR') return
    for (const record of fact.records) {
      if (record.type !== 'A' && record.type !== 'AAAA' && record.type !== 'NB') continue
      if (fact.protocol === 'dns') this.#owns(record.value, namesOf(fact, record))
      else if (isOwnAddress(record.value, sender.ip)) {
        const asker = isGroup(receiver.ip) ? null : receiver.ip
        const name = record.name || fact.name || ''
        const { said } = this.#answer(record.value, WORDS[fact.protocol]!, name, asker)
        if (time - (said.at(-1)?.time ?? -Infinity) < REPEATED_MICROS) continue
        said.push({ time, proof: { capture, frames: [frame] } })
        if (said.length > SAID_MAX) said.shift()
      }
    }
  }

  exchange(exchange: AuthExchange): void {
    const { client, server, service, end, capture, frames, ntlm, kerberos } = exchange
    if (exchange.mechanism === 'kerberos' && exchange.result === 'success' && kerberos?.sname != null)
      this.#owns(server.ip, [targetHost(kerberos.sname)])
    if (exchange.mechanism !== 'ntlm' || ntlm === null) return
    const answers = [...(this.#answers.get(server.ip)?.values() ?? [])]
    const found = latest(answers, exchange)
    if (found === undefined || this.#sightings.length >= LIMITS.findingsMax) return
    const { answer, time, proof } = found
    const names = [...new Set(answers.map(({ name }) => label(name)))]
    const { nbComputerName, dnsComputerName, toolChallenge } = ntlm.challenge ?? {}
    const toolLike =
      exchange.cause?.code === 'RC21' || toolChallenge === true || names.length > OWN_NAMES_MAX || names.includes(WPAD)
    if (!toolLike && this.#isOwn(answer, exchange)) return
    const calls = dnsComputerName || nbComputerName
    const several = names.length > 1 ? `, one of ${names.length} names that it answers for (${listed(names)})` : ''
    this.#sightings.push({
      rule: NTLM_WATCH_RULES.poisoning,
      client: client.ip,
      server: server.ip,
      service,
      count: 1,
      start: time,
      end,
      evidence: [proof, { capture, frames }],
      hit: hit(
        `it answered ${answer.protocol} for ${answer.name}${several}${calls ? `, calls itself ${calls}` : ''}, and ${userOf(exchange)} logged on to it`,
        {
          confidence: toolLike || names.length > 1 ? 'high' : 'medium',
          missing: calls ? [] : ['the names of the server in its challenge'],
        },
      ),
    })
  }

  sightings(): readonly Sighting[] {
    return this.#sightings
  }

  /** Bounded in all: of the host whose answers are the oldest, the oldest leaves. */
  #answer(ip: string, protocol: string, name: string, asker: string | null): Answer {
    const key = `${protocol} ${label(name)} ${asker}`
    const known = this.#answers.get(ip)?.get(key)
    if (known !== undefined) return known
    if (this.#count >= LIMITS.watchedAnswersMax) {
      const oldest = this.#answers.get(oldestKey(this.#answers)!)!
      deleteOldest(oldest)
      if (oldest.size === 0) deleteOldest(this.#answers)
      this.#count--
    }
    const made: Answer = { protocol, name, asker, said: [] }
    const answers = this.#answers.get(ip) ?? new Map<string, Answer>()
    this.#answers.set(ip, answers.set(key, made))
    this.#count++
    return made
  }

  #owns(ip: string, names: readonly string[]): void {
    for (const name of names) {
      const owners = remember(this.#owners, label(name), () => [], LIMITS.resolvedHostsMax)
      if (owners.includes(ip)) continue
      owners.push(ip)
      if (owners.length > OWNERS_MAX) owners.shift()
    }
  }

  #isOwn(answer: Answer, { server, ntlm }: AuthExchange): boolean {
    const { nbComputerName, dnsComputerName } = ntlm?.challenge ?? {}
    const name = label(answer.name)
    if ([nbComputerName, dnsComputerName].some((own) => own != null && label(own) === name)) return true
    return this.#owners.get(name)?.includes(server.ip) === true
  }
}

/**
 * The last answer before the logon, given to the client or, to everybody, for the name by which it calls the server.
 */
function latest(answers: readonly Answer[], exchange: AuthExchange) {
  const { client, start } = exchange
  let found: { readonly answer: Answer; readonly time: number; readonly proof: Proof } | undefined
  for (const answer of answers) {
    if (answer.asker !== client.ip && (answer.asker !== null || !isAskedFor(answer, exchange))) continue
    const said = answer.said.findLast(({ time }) => time <= start && start - time <= WINDOW_MICROS)
    if (said === undefined) continue
    // what the client called it comes before what else it was told
    const better =
      found === undefined || Number(isAskedFor(answer, exchange)) - Number(isAskedFor(found.answer, exchange))
    if (better === true || better > 0 || (better === 0 && said.time >= found!.time)) found = { answer, ...said }
  }
  return found
}

/** The client called the server by the name that was answered for. */
function isAskedFor({ name }: Answer, { target }: AuthExchange): boolean {
  const host = target.name ?? targetHost(target.spn ?? '')
  return host !== '' && label(host) === label(name)
}

/** What was asked for and what the record is of: an alias leads to the address of another name. */
function namesOf({ name }: NameAnswer, record: NameRecord): readonly string[] {
  return name === null || name === record.name ? [record.name] : [name, record.name]
}

/** The answer speaks of who gives it; over the other version of IP that does not show. */
function isOwnAddress(value: string, sender: string): boolean {
  return value === sender || value.includes(':') !== sender.includes(':')
}

function label(name: string): string {
  const dot = name.indexOf('.')
  return (dot < 0 ? name : name.slice(0, dot)).toLowerCase().slice(0, NETBIOS_NAME_MAX)
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  return names.length > NAMES_SHOWN ? `${shown}...` : shown
}

/** Multicast and broadcast, as far as an address alone tells. */
function isGroup(ip: string): boolean {
  return /^(22[4-9]|23\d)\.|^ff|\.255$/i.test(ip)
}
