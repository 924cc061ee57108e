/**
 * What a capture says of packets that were on the wire and not written: pcapng Interface Statistics Blocks and
 * epb_dropcount, and the filters that its interfaces had. draft-ietf-opsawg-pcapng 4.2, 4.3, 4.6.
 *
 * An interface that says nothing is not one that dropped nothing.
 */

/** Bounded: texts of filters come from the file. */
const FILTERS_MAX = 8
const FILTER_CHARS_MAX = 200

/** One interface of one section. */
export class InterfaceDrops {
  /** isb_ifdrop and isb_osdrop of its last statistics; null: it has none */
  stated: number | null = null
  /** by epb_dropcount of its packets */
  counted = 0
}

export interface Dropped {
  /** of all interfaces; null: one of them says nothing */
  readonly dropped: number | null
  /** of those that say something */
  readonly droppedAtLeast: number
  /** capture filters of the interfaces, each once */
  readonly filters: readonly string[]
}

/** A format that says nothing of drops. */
export const DROPS_UNKNOWN: Dropped = Object.freeze({ dropped: null, droppedAtLeast: 0, filters: Object.freeze([]) })

/** The same where whoever captured says it as well: `told` of drops, where the capture says nothing; its filter. */
export function withTold(said: Dropped, told: number | null, filter: string | null): Dropped {
  const kept = filter?.slice(0, FILTER_CHARS_MAX) ?? ''
  const filters = kept === '' || said.filters.includes(kept) ? said.filters : [...said.filters, kept]
  if (told === null || said.dropped !== null) return { ...said, filters }
  return { dropped: told, droppedAtLeast: Math.max(told, said.droppedAtLeast), filters }
}

/** Of one capture, over all its sections. */
export class CaptureDrops {
  readonly #interfaces: InterfaceDrops[] = []
  readonly #filters: string[] = []

  /** A further interface; the reader fills what it returns. */
  add(): InterfaceDrops {
    const drops = new InterfaceDrops()
    this.#interfaces.push(drops)
    return drops
  }

  filter(text: string): void {
    const kept = text.slice(0, FILTER_CHARS_MAX)
    if (kept !== '' && this.#filters.length < FILTERS_MAX && !this.#filters.includes(kept)) this.#filters.push(kept)
  }

  summary(): Dropped {
    let atLeast = 0
    let silent = this.#interfaces.length === 0
    for (const { stated, counted } of this.#interfaces) {
      atLeast += Math.max(stated ?? 0, counted)
      if (stated === null) silent = true
    }
    return { dropped: silent ? null : atLeast, droppedAtLeast: atLeast, filters: [...this.#filters] }
  }
}
