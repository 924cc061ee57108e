/**
 * The readers against pcap-parser, an independent reader of classic little-endian pcap, over real captures where they
 * are at hand.
 */

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCapture } from '../../../src/capture/open.ts'
import { readAll } from '../../builders/read.ts'
import { SHARED } from '../../captures/folders.ts'

interface WitnessPacket {
  readonly header: {
    readonly timestampSeconds: number
    readonly timestampMicroseconds: number
    readonly capturedLength: number
    readonly originalLength: number
  }
  readonly data: Uint8Array
}
interface Witness {
  on(event: 'packet', then: (packet: WitnessPacket) => void): Witness
  on(event: 'end' | 'error', then: (error?: Error) => void): Witness
}
const { parse } = createRequire(import.meta.url)('pcap-parser') as { parse(path: string): Witness }

const folder = SHARED

function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
}

function magicOf(path: string): string {
  const head = Buffer.alloc(4)
  const descriptor = openSync(path, 'r')
  readSync(descriptor, head)
  closeSync(descriptor)
  return head.toString('hex')
}

describe.skipIf(!existsSync(folder))(`real captures of ${folder}`, () => {
  const files = existsSync(folder) ? filesOf(folder) : []

  it('gives the packets that pcap-parser gives', async () => {
    const classic = files.filter((path) => magicOf(path) === 'd4c3b2a1')
    expect(classic.length).toBeGreaterThan(0)
    for (const path of classic) {
      const seen: unknown[] = []
      await new Promise<void>((done, failed) => {
        parse(path)
          .on('packet', ({ header, data }) =>
            seen.push({
              time: header.timestampSeconds * 1e6 + header.timestampMicroseconds,
              captured: header.capturedLength,
              original: header.originalLength,
              hex: Buffer.from(data).toString('hex'),
            }),
          )
          .on('end', () => done())
          .on('error', failed)
      })
      const { packets } = await readAll((await openCapture(path, 0)).reader)
      const ours = packets.map(({ time, captured, original, hex }) => ({ time, captured, original, hex }))
      expect(ours.length, path).toBe(seen.length)
      expect(ours, path).toEqual(seen)
    }
  })

  it('gives the same packets for the pcap and the pcapng of one capture', async () => {
    const pairs = files.filter((path) => path.endsWith('.pcapng') && existsSync(path.replace(/ng$/, '')))
    expect(pairs.length).toBeGreaterThan(0)
    for (const path of pairs.filter((name) => name.includes('/lab/'))) {
      const one = await readAll((await openCapture(path, 0)).reader)
      const other = await readAll((await openCapture(path.replace(/ng$/, ''), 0)).reader)
      expect(one, path).toEqual(other)
    }
  })
})
