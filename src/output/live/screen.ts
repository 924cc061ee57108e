/**
 * The screen of a live capture: how it goes, the cards of the devices that are watched, what happened last. Plain
 * lines; whoever draws them wipes those before.
 */
import pc from 'picocolors'
import type { DeviceCard, Grade } from '../../judge/device.ts'
import { wrap } from '../page/layout.ts'
import { bytesText, countText, durationText, plainSpaces } from '../page/numbers.ts'
import { visible, visibleDeep } from '../page/visible.ts'
import { framesText } from './lines.ts'

export interface ScreenFacts {
  /** `eth0`, `-`, `udp:37008` */
  readonly source: string
  readonly label: string | null
  readonly step: string | null
  /** microseconds */
  readonly running: number
  readonly packets: number
  /** of the packets behind the time of day, microseconds; null: none has come */
  readonly lag: number | null
  /** files of evidence and the bytes of the last one; null: none is kept */
  readonly evidence: { readonly files: number; readonly bytes: number } | null
  readonly hasKeys: boolean
}

const SCORES_SHOWN = 12

export function screenLines(
  facts: ScreenFacts,
  cards: readonly DeviceCard[],
  last: readonly string[],
  look: { readonly columns: number; readonly rows: number; readonly color: boolean },
): string[] {
  const paint = pc.createColors(look.color)
  const paints: Readonly<Record<Grade, (text: string) => string>> = {
    pass: paint.green,
    fail: paint.red,
    'not tested': paint.yellow,
  }
  const { evidence, label, step, lag } = facts
  const head = [
    `live ${facts.source}`,
    ...(label === null ? [] : [label]),
    durationText(facts.running),
    `${countText(facts.packets)} packets`,
    ...(lag !== null && lag > LAG_TOLD ? [`${durationText(lag)} behind`] : []),
    ...(evidence === null ? [] : [`evidence: file ${evidence.files} (${bytesText(evidence.bytes)})`]),
    ...(step === null ? [] : [`step: ${step}`]),
    facts.hasKeys ? 'm mark  s save card  q end' : 'Ctrl-C ends and reports',
  ]
  const lines = [paint.bold(visible(plainSpaces(head.join('  '))).slice(0, look.columns))]
  for (const made of cards) {
    const card = visibleDeep(made)
    const others = [...new Set([...card.addresses, ...card.names])].filter((name) => name !== card.device)
    lines.push('', `${card.device}${others.length > 0 ? ` (${others.join(', ')})` : ''}`)
    const order: readonly Grade[] = ['fail', 'not tested', 'pass']
    const scores = card.scorecard.toSorted((a, b) => order.indexOf(a.grade) - order.indexOf(b.grade))
    for (const score of scores.slice(0, SCORES_SHOWN)) {
      const [reason] = score.reasons
      const why =
        reason === undefined ? (score.test ?? '') : `${reason.detail}  ${framesText(reason.frames, reason.capture)}`
      const text = `  ${score.grade.padEnd(12)}${score.name.padEnd(24)}  ${why}`
      lines.push(paints[score.grade](text.slice(0, look.columns)))
    }
    if (card.unknown !== null) lines.push(`  ${card.unknown}`.slice(0, look.columns))
  }
  const room = Math.max(3, look.rows - lines.length - 2)
  const told = last.flatMap((line) => wrap(line, look.columns)).slice(-room)
  return [...lines, '', ...told]
}

/** less is no news */
const LAG_TOLD = 5e6
