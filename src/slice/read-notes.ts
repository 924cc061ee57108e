/**
 * Which inputs are slices, and what their comments say of the secrets that were taken out. Standard input and what
 * is no file come only once, and are not asked.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { CaptureError, openCapture, PEEK_BYTES, STANDARD_INPUT } from '../capture/open.ts'
import { type FrameNotes, NoteReader, readComments } from './notes.ts'

/** null: none of the inputs is a slice. */
export async function notesOf(inputs: readonly string[]): Promise<NoteReader | null> {
  const notes = new Map<number, FrameNotes>()
  for (const [capture, path] of inputs.entries()) {
    if (path === STANDARD_INPUT || !mayBeSlice(path)) continue
    try {
      const { reader } = await openCapture(path, capture, PEEK_BYTES)
      try {
        // the section stands before its first packet
        for (let state = reader.next(); state === 'starved'; state = reader.next()) await reader.fill()
        if (reader.format === 'pcapng') readComments(reader.comments, capture, notes)
      } finally {
        await reader.close()
      }
    } catch (error) {
      // whoever reads it for its packets says what is wrong
      if (!(error instanceof CaptureError)) throw error
    }
  }
  return notes.size === 0 ? null : new NoteReader(notes)
}

/** Compressed, or a section with options: all others cost one read of some bytes. */
function mayBeSlice(path: string): boolean {
  const head = Buffer.alloc(32)
  try {
    if (!statSync(path).isFile()) return false
    const descriptor = openSync(path, 'r')
    try {
      if (readSync(descriptor, head, 0, head.length, 0) < 4) return false
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
  const magic = head.readUInt32LE(0)
  if (magic === SECTION_HEADER) {
    // every slice is written with the least significant byte first, and a comment comes first
    return head.readUInt16LE(24) === 1 || head.readUInt16BE(24) === 1
  }
  return !PCAP_MAGICS.has(magic)
}

const SECTION_HEADER = 0x0a0d0d0a
const PCAP_MAGICS: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1])
