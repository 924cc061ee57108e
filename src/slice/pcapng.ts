/**
 * Writes frames as a pcapng file, draft-ietf-opsawg-pcapng: one section, an interface for each one of the captures, and
 * each packet with its comments.
 *
 * Times are written in nanoseconds. Secrets blocks and names of the captures are not copied.
 */
import type { SliceFrame } from './images.ts'

export interface SectionText {
  /** each an option of its own, the first for people */
  readonly comments: readonly string[]
  /** which program wrote it */
  readonly application: string
  /** names of captures, by their number */
  readonly captures: readonly string[]
}

export function pcapngOf(frames: readonly SliceFrame[], { comments, application, captures }: SectionText): Buffer {
  const blocks: Buffer[] = [sectionHeader(comments, application)]
  const interfaces = new Map<string, number>()
  for (const { capture, linkType, interfaceId } of frames) {
    const key = `${capture} ${linkType} ${interfaceId}`
    if (interfaces.has(key)) continue
    interfaces.set(key, interfaces.size)
    blocks.push(interfaceDescription(linkType, captures[capture] ?? ''))
  }
  for (const frame of frames)
    blocks.push(packetBlock(frame, interfaces.get(`${frame.capture} ${frame.linkType} ${frame.interfaceId}`)!))
  return Buffer.concat(blocks)
}

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const OPT_COMMENT = 1
const SHB_USERAPPL = 4
const IF_DESCRIPTION = 3
const IF_TSRESOL = 9
/** 10^-9 seconds */
const NANOSECONDS = 9
const OPTION_BYTES_MAX = 65_535

/** Block Type 4, Total Length 4, body and options, Total Length 4 */
function block(type: number, body: Buffer, options: readonly Buffer[]): Buffer {
  const all = options.length === 0 ? [body] : [body, ...options, Buffer.alloc(4)]
  const length = 12 + all.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(length, 4)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(length, 0)
  return Buffer.concat([head, ...all, tail])
}

/** Code 2, Length 2, value padded to 4 */
function option(code: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + ((value.length + 3) & ~3))
  padded.writeUInt16LE(code, 0)
  padded.writeUInt16LE(value.length, 2)
  value.copy(padded, 4)
  return padded
}

/** A text that is too long ends at a whole character. */
function textOption(code: number, text: string): Buffer {
  let value = Buffer.from(text)
  if (value.length > OPTION_BYTES_MAX) {
    let end = OPTION_BYTES_MAX
    while ((value[end]! & 0xc0) === 0x80) end--
    value = value.subarray(0, end)
  }
  return option(code, value)
}

function sectionHeader(comments: readonly string[], application: string): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
  body.writeUInt16LE(1, 4)
  // the length of the section is not said
  body.fill(0xff, 8)
  const texts = comments.map((comment) => textOption(OPT_COMMENT, comment))
  return block(SECTION_HEADER, body, [...texts, textOption(SHB_USERAPPL, application)])
}

function interfaceDescription(linkType: number, name: string): Buffer {
  const body = Buffer.alloc(8)
  body.writeUInt16LE(linkType, 0)
  return block(INTERFACE_DESCRIPTION, body, [
    ...(name === '' ? [] : [textOption(IF_DESCRIPTION, name)]),
    option(IF_TSRESOL, Buffer.of(NANOSECONDS)),
  ])
}

function packetBlock({ out, original, time, why }: SliceFrame, id: number): Buffer {
  const body = Buffer.alloc(20 + ((out.length + 3) & ~3))
  // a fraction of a microsecond is all that a double keeps of nanoseconds
  const whole = Math.floor(time)
  const nanoseconds = BigInt(whole) * 1000n + BigInt(Math.round((time - whole) * 1000))
  body.writeUInt32LE(id, 0)
  body.writeUInt32LE(Number(nanoseconds >> 32n), 4)
  body.writeUInt32LE(Number(nanoseconds & 0xffffffffn), 8)
  body.writeUInt32LE(out.length, 12)
  body.writeUInt32LE(original, 16)
  body.set(out, 20)
  return block(
    ENHANCED_PACKET,
    body,
    why.map((comment) => textOption(OPT_COMMENT, comment)),
  )
}
