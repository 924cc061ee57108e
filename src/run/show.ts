/**
 * One frame's messages as a tree, for whoever doubts a verdict: what the carrier said, what its tokens hold, and the
 * ASN.1 of those that have any, read a second time by asn1js, which shares no code with our decoders.
 *
 * Octets are shown by their number only: responses, tickets and cipher text stay out of every output.
 */
import { type BaseBlock, BitString, Constructed, fromBER, Integer, ObjectIdentifier, OctetString } from 'asn1js'
import { mechanismName } from '../../decoders/mechanisms/oids.ts'
import { isoTime } from '../../decoders/parts/text.ts'
import { tokenFields } from '../dissect/message-line.ts'
import { visible } from '../output/page/visible.ts'
import { type AnalyzeOptions, analyze, type Decoded } from './analyze.ts'

/** Prints the messages that end in `frame`, those that the keys open among them; false where none does. */
export async function show(
  input: string,
  frame: number,
  out: (line: string) => void,
  keys: Pick<AnalyzeOptions, 'keys' | 'keytabs'> = {},
): Promise<boolean> {
  const found: string[] = []
  const near: number[] = []
  let lastMessage: Decoded['message'] | null = null
  const stop = new AbortController()
  await analyze([input], {
    signal: stop.signal,
    ...keys,
    onDecoded: (decoded) => {
      if (decoded.frame !== frame) {
        if (decoded.message.fields !== null || decoded.tokens.length > 0) remember(near, decoded.frame, frame)
        return
      }
      if (decoded.message !== lastMessage) {
        lastMessage = decoded.message
        found.push(...messageLines(decoded))
      }
      found.push(...stepLines(decoded))
    },
  })
  for (const line of found) out(visible(line))
  if (found.length === 0 && near.length > 0)
    out(`messages end in these frames nearby: ${near.sort((a, b) => a - b).join(', ')}`)
  return found.length > 0
}

/** The closest frames with a message on either side. */
function remember(near: number[], frame: number, wanted: number): void {
  if (near.includes(frame)) return
  near.push(frame)
  near.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))
  if (near.length > NEAR_MAX) near.pop()
}

const NEAR_MAX = 6

function messageLines({ frame, context, message }: Decoded): string[] {
  const { conversation, from } = context
  const low = `${conversation.lowAddress} port ${conversation.lowPort}`
  const high = `${conversation.highAddress} port ${conversation.highPort}`
  const [source, destination] = from === 0 ? [low, high] : [high, low]
  return [
    `frame ${frame}  ${isoTime(context.time) ?? 'no time'}  ${source} -> ${destination}`,
    `  ${message.protocol} ${message.type} (carrier ${context.carrier.name}, from the ${message.from})`,
    ...valueLines(message.fields ?? {}, 2),
  ]
}

function stepLines({ step, tokens }: Decoded): string[] {
  if (step === null) return []
  const lines: string[] = []
  if (step.kind === 'traffic')
    lines.push(`    ${step.protection}${step.how ? ` (${step.how})` : ''}${step.refused ? ', refused' : ''}`)
  if (step.kind === 'leg' && step.token !== null && tokens.length === 0) {
    lines.push(`    token of ${step.token.length} octets that no mechanism claims`)
  }
  tokens.forEach(({ message, fault }, depth) => {
    lines.push(`${'  '.repeat(depth + 2)}${message.protocol} ${message.type}`)
    lines.push(...valueLines(tokenFields(message), depth + 3))
    if (fault) lines.push(`${'  '.repeat(depth + 3)}stopped: ${fault.reason} at ${fault.where}`)
  })
  const token = 'token' in step ? step.token : null
  if (token !== null && tokens.length > 0 && tokens[0]!.message.protocol !== 'ntlmssp') {
    lines.push('    ASN.1')
    const { result, offset } = fromBER(token.slice())
    if (offset === -1) lines.push(`      cannot be read: ${result.error}`)
    else lines.push(...asn1Lines(result, 3, 0))
  }
  return lines
}

/** A JSON-ready value as indented lines. */
function valueLines(fields: Readonly<Record<string, unknown>>, depth: number): string[] {
  const lines: string[] = []
  const indent = '  '.repeat(depth)
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined) continue
    if (Array.isArray(value)) {
      const simple = value.every((item) => typeof item !== 'object')
      if (simple) lines.push(`${indent}${name}: ${value.length > 0 ? value.join(', ') : 'none'}`)
      else {
        lines.push(`${indent}${name}:`)
        for (const item of value) lines.push(...valueLines(item as Record<string, unknown>, depth + 1))
      }
    } else if (typeof value === 'object') {
      lines.push(`${indent}${name}:`)
      lines.push(...valueLines(value as Record<string, unknown>, depth + 1))
    } else lines.push(`${indent}${name}: ${value === '' ? '(empty)' : String(value)}`)
  }
  return lines
}

function asn1Lines(block: BaseBlock, depth: number, level: number): string[] {
  const indent = '  '.repeat(depth)
  const name = tagName(block)
  if (level > ASN1_DEPTH_MAX) return [`${indent}${name} ...`]
  if (block instanceof Constructed) {
    return [
      `${indent}${name}`,
      ...block.valueBlock.value.flatMap((inner) => asn1Lines(inner as BaseBlock, depth + 1, level + 1)),
    ]
  }
  return [`${indent}${name}${valueText(block)}`]
}

const ASN1_DEPTH_MAX = 24
const CLASSES: Readonly<Record<number, string>> = { 2: 'APPLICATION ', 3: '', 4: 'PRIVATE ' }

function tagName(block: BaseBlock): string {
  const { tagClass, tagNumber } = block.idBlock
  if (tagClass === 1) return (block.constructor as typeof BaseBlock).NAME.replace(/([a-z])([A-Z])/g, '$1 $2')
  return `[${CLASSES[tagClass] ?? ''}${tagNumber}]`
}

function valueText(block: BaseBlock): string {
  if (block instanceof ObjectIdentifier) {
    const oid = block.valueBlock.toString()
    const name = mechanismName(oid)
    return ` ${oid}${name === oid ? '' : ` (${name})`}`
  }
  if (block instanceof Integer)
    return ` ${block.valueBlock.valueHexView.length <= 6 ? block.valueBlock.valueDec : '(long)'}`
  if (block instanceof BitString) return ` (${block.valueBlock.valueHexView.length} octets)`
  if (block instanceof OctetString) return ` (${block.valueBlock.valueHexView.length} octets)`
  const value = (block.valueBlock as { value?: unknown }).value
  if (typeof value === 'string') return ` ${JSON.stringify(value)}`
  if (value instanceof Date) return ` ${value.toISOString()}`
  return ''
}
