/**
 * By what a capture is known whatever it is called and however it is packed: its first packet, and how many there are.
 */
import { createHash } from 'node:crypto'
import { CaptureError, openCapture, PEEK_BYTES } from '../../capture/open.ts'

export interface FirstPacket {
  /** of the first packet, microseconds since 1970 */
  readonly time: number
  /** of its time and bytes */
  readonly digest: string
}

/** null: there is no packet yet. Rejects with a CaptureError where it is no capture. */
export async function firstPacketOf(path: string): Promise<FirstPacket | null> {
  const { reader } = await openCapture(path, 0, PEEK_BYTES)
  try {
    let state = reader.next()
    for (; state === 'starved'; state = reader.next()) await reader.fill()
    if (state !== 'packet') return null
    const { time, bytes, start, captured } = reader.packet
    const digest = createHash('sha256')
      .update(`${time}\n`)
      .update(bytes.subarray(start, start + captured))
    return { time, digest: digest.digest('hex').slice(0, 16) }
  } finally {
    await reader.close()
  }
}

/** How many packets it has, counted up to `most`; null: it is gone, or no capture any more. */
export async function packetsIn(path: string, most = Number.POSITIVE_INFINITY): Promise<number | null> {
  const capture = await openCapture(path, 0).catch((error) => {
    if (error instanceof CaptureError) return null
    throw error
  })
  if (capture === null) return null
  const { reader } = capture
  try {
    for (let count = 0; ; ) {
      const state = reader.next()
      if (state === 'end' || count >= most) return count
      if (state === 'starved') await reader.fill()
      else count++
    }
  } finally {
    await reader.close()
  }
}
