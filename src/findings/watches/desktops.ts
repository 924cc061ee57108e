/**
 * RDP without CredSSP: what the server chose, and whether the client asked for more. How the logon itself went is in
 * TLS and not visible.
 */
import type { ContextNote } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { PROTECTION_WATCH_RULES } from '../rules/protection.ts'
import { remember, type Sighting, type Watch } from './watch.ts'

const RULES: Readonly<Record<string, (typeof PROTECTION_WATCH_RULES)['desktopStandard' | 'desktopTls']>> = {
  RDP: PROTECTION_WATCH_RULES.desktopStandard,
  SSL: PROTECTION_WATCH_RULES.desktopTls,
}

interface Asked {
  readonly names: readonly string[]
  readonly note: ContextNote
}

export class DesktopWatch implements Watch {
  /** by conversation */
  readonly #asked = new Map<string, Asked>()
  readonly #sightings: Sighting[] = []

  context(note: ContextNote): void {
    const { fact, sender, receiver, time, capture, frame } = note
    if (fact.fact !== 'rdp-security') return
    if (fact.asked !== null) {
      const key = `${sender.ip} ${sender.port} ${receiver.ip} ${receiver.port}`
      this.#asked.delete(key)
      remember(this.#asked, key, () => ({ names: fact.asked!, note }), LIMITS.watchedClientsMax)
      return
    }
    const key = `${receiver.ip} ${receiver.port} ${sender.ip} ${sender.port}`
    const asked = this.#asked.get(key)
    this.#asked.delete(key)
    const rule = RULES[fact.chosen ?? '']
    if (rule === undefined || this.#sightings.length >= LIMITS.findingsMax) return
    const request = asked === undefined ? [] : [{ capture: asked.note.capture, frames: [asked.note.frame] }]
    this.#sightings.push({
      rule,
      client: receiver.ip,
      server: sender.ip,
      service: 'rdp',
      count: 1,
      start: asked?.note.time ?? time,
      end: time,
      evidence: [...request, { capture, frames: [frame] }],
      hit: hit(`the server chose ${fact.chosen}; ${askedWords(asked)}`, {
        missing: asked === undefined ? ['the request of the client'] : [],
      }),
    })
  }

  sightings(): readonly Sighting[] {
    return this.#sightings
  }
}

function askedWords(asked: Asked | undefined): string {
  if (asked === undefined) return 'what the client asked for is not in the capture'
  const names = asked.names.join(', ')
  return asked.names.some((name) => name.startsWith('HYBRID'))
    ? `the client asked for ${names}`
    : `the client did not offer CredSSP (it asked for ${names})`
}
