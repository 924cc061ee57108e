/**
 * The card of a device as text for one page, as Markdown for a ticket, and as JUnit XML through the form of a
 * verification. Its JSON is the value itself.
 */
import pc from 'picocolors'
import type { FrameRef } from '../facts/frames.ts'
import type { DeviceCard, Grade, Role, Score, Trait, WeakPoint } from '../judge/device.ts'
import type { DeviceMaker, MakerSetting } from '../judge/devices/maker.ts'
import { TLS_TRAITS } from '../judge/devices/tls-shown.ts'
import type { ExpectationOutcome } from '../judge/flow.ts'
import { language, say, translated, translatedDeep } from '../texts/say.ts'
import { profileLines, profileMarkdown } from './devices/profile.ts'
import { verificationJunit } from './junit.ts'
import { jsonText } from './page/json-text.ts'
import { hanging, onceMore, pad, wrap } from './page/layout.ts'
import { markdownText } from './page/markdown.ts'
import { visibleDeep } from './page/visible.ts'
import { gradeText, protectionText, severityText } from './terms.ts'
import { reasonText, remedies, type Verification } from './verification.ts'
import type { PageWords } from './writer.ts'

/** What a page shows of a longer list; JSON has all of it. */
const SHOWN = { reasons: 2, values: 6, weakPoints: 8, hidden: 4, frames: 2 } as const
const COLUMNS_MIN = 64
const RESULT_GRADES = { meets: 'pass', 'does not': 'fail', 'not tested': 'not tested' } as const

export function cardText(made: DeviceCard, look: PageWords): string {
  const card = visibleDeep(toldCard(made))
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const paints: Readonly<Record<Grade, (text: string) => string>> = {
    pass: paint.green,
    fail: paint.red,
    'not tested': paint.yellow,
  }
  const lines = [
    ...wrap(titleOf(card), columns).map((line) => paint.bold(line)),
    ...hanging(say`of `, card.captures.map(baseName).join(', '), columns),
    ...(card.before === null ? [] : hanging(say`before: `, card.before.captures.map(baseName).join(', '), columns)),
    ...(card.unknown === null ? [] : ['', ...wrap(sentence(card.unknown), columns)]),
    ...card.notes.flatMap((note) => hanging(say`note: `, note, columns)),
    '',
  ]
  const said = new Map<string, string>()
  for (const score of card.scorecard) {
    lines.push(
      paints[score.grade](
        `  ${pad(gradeText(score.grade), 10)}  ${translated(score.name)}${provenText(score)}${beforeText(card, score)}`,
      ),
    )
    for (const text of shortTexts(score, said)) lines.push(...hanging('              - ', text, columns))
  }
  if (card.profile !== null)
    lines.push(
      ...profileLines(card.profile, columns, {
        bold: paint.bold,
        result: (result) => paints[RESULT_GRADES[result]],
      }),
    )
  for (const role of ['client', 'server'] as const) {
    lines.push('', paint.bold(roleTitle(role)))
    if (card[role].every(({ name }) => TLS_TRAITS.has(name))) lines.push(`  ${say`no authentication was seen`}`)
    for (const trait of card[role])
      lines.push(...hanging(`  ${pad(translated(trait.name), 18)}  `, valuesText(trait, card), columns))
  }
  lines.push('', paint.bold(say`Weak points`))
  if (card.weakPoints.length === 0) lines.push(`  ${say`none was seen`}`)
  for (const one of card.weakPoints.slice(0, SHOWN.weakPoints))
    lines.push(...hanging(`  ${pad(severityText(one.severity), 8)}  `, weakText(one), columns))
  lines.push(...more(card.weakPoints.length, SHOWN.weakPoints, say`weak points`))
  if (card.makers.length > 0) lines.push('', paint.bold(say`Maker, by what it shows (a hint)`))
  for (const one of card.makers) lines.push(...hanging(`  ${one.name}  `, makerText(one, card), columns))
  if (card.settings.length > 0) lines.push('', paint.bold(say`What the maker calls the setting`))
  for (const one of card.settings)
    lines.push(...hanging(`  ${pad(translated(one.mends), 20)}  `, settingText(one), columns))
  if (card.notVisible.length > 0) lines.push('', paint.bold(say`Not visible`))
  for (const text of card.notVisible.slice(0, SHOWN.hidden)) lines.push(...hanging('  ', text, columns))
  lines.push(...more(card.notVisible.length, SHOWN.hidden, say`lines`))
  lines.push(...onceMore(lines, wrap(titleOf(card), columns).map(paint.bold), look.rows))
  return `${lines.join('\n')}\n`
}

export function cardJson(card: DeviceCard): string {
  return `${jsonText(card)}\n`
}

export function cardJunit(card: DeviceCard): string {
  return verificationJunit(cardVerification(card))
}

export function cardMarkdown(made: DeviceCard): string {
  const card = toldCard(made)
  const lines = [
    `# ${markdownText(titleOf(card))}`,
    '',
    say`Of ${card.captures.map((name) => markdownText(baseName(name))).join(', ')}.`,
    ...(card.before === null
      ? []
      : [say`Before: ${card.before.captures.map((name) => markdownText(baseName(name))).join(', ')}.`]),
    ...(card.unknown === null ? [] : ['', `${markdownText(sentence(card.unknown))}`]),
    ...card.notes.map((note) => `- ${say`note: `}${markdownText(note)}`),
    '',
    `| ${say`asked`} | ${say`grade`} | ${say`why`} |`,
    '| --- | --- | --- |',
  ]
  for (const score of card.scorecard)
    lines.push(
      `| ${translated(score.name)} | ${gradeText(score.grade)}${provenText(score)}${beforeText(card, score)} | ${markdownText(scoreTexts(score).join('; '))} |`,
    )
  if (card.profile !== null) lines.push(...profileMarkdown(card.profile))
  for (const role of ['client', 'server'] as const) {
    lines.push('', `## ${roleTitle(role)}`, '')
    if (card[role].length === 0) lines.push(say`No authentication was seen.`)
    for (const trait of card[role]) lines.push(`- ${translated(trait.name)}: ${markdownText(valuesText(trait, card))}`)
  }
  lines.push('', `## ${say`Weak points`}`, '')
  if (card.weakPoints.length === 0) lines.push(say`None was seen.`)
  for (const one of card.weakPoints)
    lines.push(
      `- ${severityText(one.severity)}: ${markdownText(weakText(one))}`,
      `  - ${say`fix: `}${markdownText(one.remediation)}`,
    )
  if (card.makers.length > 0)
    lines.push(
      '',
      `## ${say`Maker, by what it shows (a hint)`}`,
      '',
      ...card.makers.map((one) => `- ${one.name}: ${markdownText(makerText(one, card))}`),
    )
  if (card.settings.length > 0)
    lines.push(
      '',
      `## ${say`What the maker calls the setting`}`,
      '',
      ...card.settings.map((one) => `- ${translated(one.mends)}: ${markdownText(settingText(one))}`),
    )
  if (card.notVisible.length > 0)
    lines.push('', `## ${say`Not visible`}`, '', ...card.notVisible.map((text) => `- ${markdownText(text)}`))
  return `${lines.join('\n')}\n`
}

/** The scorecard in the form that JUnit XML is written from. */
export function cardVerification(card: DeviceCard): Verification {
  const states = { pass: 'met', fail: 'not-met', 'not tested': 'not-observed' } as const
  const outcome = (words: string, { name, grade, reasons, test }: Omit<Score, 'proven'>): ExpectationOutcome => ({
    expectation: name,
    words,
    state: states[grade],
    evidence: grade === 'pass' ? reasons : [],
    reasons: grade === 'pass' ? [] : reasons,
    observe: test,
  })
  // asked for by a profile, the scorecard decides nothing
  const expectations =
    card.profile === null
      ? card.scorecard.map((score) => outcome('the scorecard of the device', score))
      : card.profile.requirements.map(({ id, words, result, reasons, test }) =>
          outcome(words, { name: id, grade: RESULT_GRADES[result], reasons, test }),
        )
  const part = {
    kind: 'flow',
    name: titleOf(card),
    flow: null,
    state: card.profile?.state ?? card.state,
    expectations,
    notes: [...(card.unknown === null ? [] : [card.unknown]), ...card.notes, ...card.notVisible],
  } as const
  return { state: card.profile?.state ?? card.state, captures: card.captures, policy: null, parts: [part] }
}

/** In the language of the page; what names hosts and people stays as it is, whatever word it is. */
function toldCard(made: DeviceCard): DeviceCard {
  if (language() === 'en') return made
  const of = (traits: readonly Trait[]) =>
    traits.map(({ name, values }) => ({
      name,
      values: values.map((value) => ({ ...value, text: traitText(name, value.text) })),
    }))
  return { ...translatedDeep(made), client: of(made.client), server: of(made.server) }
}

function traitText(name: string, text: string): string {
  if (name === 'peers') {
    const [service = '', way, ip = ''] = text.split(' ')
    return way === 'to' ? say`${service} to ${ip}` : say`${service} from ${ip}`
  }
  if (name === 'SMB sessions') return protectionText(text)
  return NAMING_TRAITS.has(name) ? text : translated(text)
}

const NAMING_TRAITS: ReadonlySet<string> = new Set([
  'accounts',
  'certificate',
  'bound to another certificate',
  'offered',
  'accounts, by the logs',
  'programs, by the logs',
])

/** `: offered, not used` where the grade alone would say too much. */
function provenText({ proven }: Score): string {
  return proven === null || proven === 'used' ? '' : `: ${translated(proven)}`
}

/** ` (before: fail)` */
function beforeText({ before }: DeviceCard, { name }: Score): string {
  const earlier = before?.scorecard.find((score) => score.name === name)
  return earlier === undefined ? '' : say` (before: ${gradeText(earlier.grade)}${provenText(earlier)})`
}

function roleTitle(role: Role): string {
  return role === 'client' ? say`As a client` : say`As a server`
}

function roleText(role: Role): string {
  return role === 'client' ? say`client` : say`server`
}

function sentence(text: string): string {
  const whole = `${text[0]!.toUpperCase()}${text.slice(1)}`
  return language() === 'ja' ? `${whole.replace(/。$/, '')}。` : `${whole}.`
}

function titleOf({ device, addresses, names, scorecard, label }: DeviceCard): string {
  const known = [...new Set([...addresses, ...names])].filter((name) => name !== device)
  const count = (grade: Grade) => scorecard.filter((score) => score.grade === grade).length
  const grades = (['pass', 'fail', 'not tested'] as const)
    .filter((grade) => count(grade) > 0)
    .map((grade) => `${count(grade)} ${gradeText(grade)}`)
  const title = say`device ${device}${known.length === 0 ? '' : ` (${known.slice(0, 6).join(', ')})`}: ${grades.join(', ')}`
  return label === null ? title : `${label}: ${title}`
}

function scoreTexts({ reasons, test }: Score): string[] {
  const shown = reasons.slice(0, SHOWN.reasons).map((reason) => {
    const [mend] = remedies({ ...reason, cause: null })
    return `${roleText(reason.role)}: ${reasonText(reason)}${mend === undefined ? '' : `; ${mend}`}`
  })
  return [
    ...shown,
    ...(reasons.length > SHOWN.reasons ? [say`and ${reasons.length - SHOWN.reasons} more`] : []),
    ...(test === null ? [] : [say`to test it: ${test}`]),
  ]
}

/** What an earlier line of the scorecard has said is not said again. */
function shortTexts(score: Score, said: Map<string, string>): string[] {
  const texts = scoreTexts(score)
  const key = texts.join('\n')
  const before = said.get(key)
  if (before !== undefined && texts.length > 0) return [say`as for ${before}`]
  said.set(key, translated(score.name))
  return texts
}

function valuesText({ values }: Trait, { captures }: DeviceCard): string {
  const texts = values.slice(0, SHOWN.values).map(({ text, count, capture, frames }) => {
    const times = count > 1 ? `${count} x, ` : ''
    return `${text} (${times}${placeText(captures.length > 1 ? capture : '', frames.slice(0, SHOWN.frames))})`
  })
  return `${texts.join('; ')}${values.length > SHOWN.values ? say`; and ${values.length - SHOWN.values} more` : ''}`
}

function makerText({ detail, capture, frames }: DeviceMaker, { captures }: DeviceCard): string {
  return frames.length === 0 ? detail : `${detail} (${placeText(captures.length > 1 ? capture : '', frames)})`
}

function settingText({ maker, setting, choose, source }: MakerSetting): string {
  return `${maker}: ${setting}: ${translated(choose)} [${source}]`
}

function weakText({ id, title, detail, client, server, count, capture, frames }: WeakPoint): string {
  const ends = [client, server].filter((ip) => ip !== null).join(' -> ')
  return `${title} [${id}] ${ends}: ${detail}${count > 1 ? say` (${count} times)` : ''}; ${placeText(capture, frames)}`
}

function placeText(capture: string, frames: readonly FrameRef[]): string {
  const list = frames.join(', ')
  const where = frames.length === 1 ? say`frame ${list}` : say`frames ${list}`
  return capture === '' ? where : `${baseName(capture)}: ${where}`
}

function more(length: number, shown: number, what: string): string[] {
  return length > shown ? [`  ${say`and ${length - shown} more ${what} (--format json has all)`}`] : []
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1)!
}
