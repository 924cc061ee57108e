/**
 * What was there and was not read: files, link types, EtherTypes. Counters in, values and sentences out.
 *
 * A run over such an input is not about all of it: it ends with the exit code of unreadable input, and no expectation
 * is met over it.
 */
import type { UnreadInput } from '../../capture/inputs.ts'
import { linkTypeName } from '../../capture/linktype.ts'
import { isLinkWithoutIp, protocolOf } from '../../net/protocols.ts'
import { FURTHER_PORTS, WRAPPER_PORTS } from '../../stream/wrapped.ts'
import type { Report, Unread, UnreadPackets } from '../report.ts'

type Counts = readonly (readonly [number: number, packets: number])[]

export const NOTHING_UNREAD: Unread = { inputs: [], linkTypes: [], etherTypes: [], wrapped: [] }

/** What the layers count. */
export interface UnreadCounts {
  /** by the numbers of net/protocols.ts */
  readonly protocols: Counts
  readonly linkTypes: Counts
  /** by UDP port */
  readonly wrapped: Counts
}

export function unreadOf(inputs: readonly UnreadInput[], { protocols, linkTypes, wrapped }: UnreadCounts): Unread {
  return {
    inputs,
    linkTypes: merged(
      linkTypes
        .filter(([number]) => !isLinkWithoutIp(number))
        .map(([number, packets]) => ({ number: String(number), name: linkTypeName(number), packets })),
    ),
    etherTypes: merged(
      protocols.flatMap(([key, packets]) => {
        const { number, name, isWithoutIp } = protocolOf(key)
        return isWithoutIp ? [] : [{ number, name, packets }]
      }),
    ),
    wrapped: merged(wrapped.map(([port, packets]) => ({ ...wrapperOf(port), packets }))),
  }
}

function wrapperOf(port: number): { number: string; name: string } {
  if (port === FURTHER_PORTS) return { number: 'further', name: 'further ports, beyond the limit' }
  return { number: String(port), name: WRAPPER_PORTS.get(port) ?? 'unknown wrapper' }
}

/** Packets of what carries no IP, by name; the most frequent first. */
export function withoutIpOf(protocols: Counts, linkTypes: Counts): Record<string, number> {
  const counts = new Map<string, number>()
  const add = (name: string, packets: number) => counts.set(name, (counts.get(name) ?? 0) + packets)
  for (const [key, packets] of protocols) {
    const { name, isWithoutIp } = protocolOf(key)
    if (isWithoutIp) add(name, packets)
  }
  for (const [number, packets] of linkTypes) if (isLinkWithoutIp(number)) add(linkTypeName(number), packets)
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}

/** One line for each thing that was not read, for a person: why the report is not about all of its input. */
export function unreadLines({ unread }: Pick<Report, 'unread'>): string[] {
  const { inputs } = unread
  return [
    ...inputs.filter(({ isCapture }) => isCapture).map(({ name, reason }) => `${name}: ${reason}`),
    ...packetLines(unread),
  ]
}

/** The same for packets alone. */
export function packetLines({ linkTypes, etherTypes, wrapped }: Omit<Unread, 'inputs'>): string[] {
  return [
    ...linkTypes.map((one) => `link type ${wordsOf(one)}: not read, ${packetCount(one)}`),
    ...etherTypes.map((one) => `EtherType ${wordsOf(one)}: not read, ${packetCount(one)}; there may be IP in it`),
    ...wrapped.map(
      (one) => `UDP port ${wordsOf(one)}: ${packetCount(one)} of others inside, in a wrapper that is not read`,
    ),
  ]
}

/** The packets of `now` that are not those of `before`, which was told earlier in the same run. */
export function packetsSince(now: Unread, before: Unread): Omit<Unread, 'inputs'> {
  const since = (member: 'linkTypes' | 'etherTypes' | 'wrapped') => {
    const earlier = new Map(before[member].map((row) => [wordsOf(row), row.packets]))
    return now[member]
      .map((row) => ({ ...row, packets: row.packets - (earlier.get(wordsOf(row)) ?? 0) }))
      .filter(({ packets }) => packets > 0)
  }
  return { linkTypes: since('linkTypes'), etherTypes: since('etherTypes'), wrapped: since('wrapped') }
}

/** `197 (ERF)` */
export function wordsOf({ number, name }: UnreadPackets): string {
  return `${number} (${name})`
}

function packetCount({ packets }: UnreadPackets): string {
  return packets === 1 ? '1 packet' : `${packets} packets`
}

function merged(rows: readonly UnreadPackets[]): UnreadPackets[] {
  const all = new Map<string, UnreadPackets>()
  for (const row of rows) {
    const key = wordsOf(row)
    all.set(key, { ...row, packets: row.packets + (all.get(key)?.packets ?? 0) })
  }
  return [...all.values()].sort((a, b) => b.packets - a.packets || (a.number < b.number ? -1 : 1))
}
