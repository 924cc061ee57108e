/**
 * The screen of a live capture: how it goes, the cards of the devices that are watched, what happened last. Plain
 * lines; whoever draws them wipes those before.
 */
import pc from 'picocolors'
import type { DeviceCard, Grade } from '../../judge/device.ts'
import { say, translated } from '../../texts/say.ts'
import { cut, pad, wrap } from '../page/layout.ts'
import { bytesText, durationText, plainSpaces, plural } from '../page/numbers.ts'
import { visible, visibleDeep } from '../page/visible.ts'
import { gradeText } from '../terms.ts'
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
    say`live ${facts.source}`,
    ...(label === null ? [] : [label]),
    durationText(facts.running),
    plural(facts.packets, 'packet'),
    ...(lag !== null && lag > LAG_TOLD ? [say`${durationText(lag)} behind`] : []),
    ...(evidence === null ? [] : [say`evidence: file ${evidence.files} (${bytesText(evidence.bytes)})`]),
    ...(step === null ? [] : [say`step: ${step}`]),
    facts.hasKeys ? say`m mark  s save card  q end` : say`Ctrl-C ends and reports`,
  ]
  const lines = [paint.bold(cut(visible(plainSpaces(head.join('  '))), look.columns))]
  for (const made of cards) {
    const card = visibleDeep(made)
    const others = [...new Set([...card.addresses, ...card.names])].filter((name) => name !== card.device)
    lines.push('', `${card.device}${others.length > 0 ? ` (${others.join(', ')})` : ''}`)
    const order: readonly Grade[] = ['fail', 'not tested', 'pass']
    const scores = card.scorecard.toSorted((a, b) => order.indexOf(a.grade) - order.indexOf(b.grade))
    for (const score of scores.slice(0, SCORES_SHOWN)) {
      const [reason] = score.reasons
      const why =
        reason === undefined
          ? translated(score.test ?? '')
          : `${translated(reason.detail)}  ${framesText(reason.frames, reason.capture)}`
      const text = `  ${pad(gradeText(score.grade), 12)}${pad(translated(score.name), 24)}  ${why}`
      lines.push(paints[score.grade](cut(text, look.columns)))
    }
    if (card.unknown !== null) lines.push(cut(`  ${translated(card.unknown)}`, look.columns))
  }
  const room = Math.max(3, look.rows - lines.length - 2)
  const lately = last.flatMap((line) => wrap(line, look.columns)).slice(-room)
  return [...lines, '', ...lately]
}

/** less is no news */
const LAG_TOLD = 5e6
