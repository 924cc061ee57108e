/**
 * Hostile captures, written to standard output as they go: floods.js NAME COUNT > capture
 *
 * Each is made of one thing that costs a careless reader memory. Those here carry no authentication.
 */
import { fileURLToPath } from 'node:url'
import { nbss, smb2Message, smb2SessionSetupRequest } from '../test/builders/smb.ts'
import { EAP_FLOODS } from './eap-floods.ts'
import { ACK, FrameWriter, SYN } from './frames.ts'
import { LOGON_FLOODS } from './logon-floods.ts'
import { contentPool, Random } from './random.ts'

export interface Flood {
  readonly name: string
  readonly what: string
  readonly count: number
  readonly write: (writer: FrameWriter, count: number) => void
}

const SERVER = 0x0a020101
const CLIENTS = 0x0a010000
const content = contentPool(11)

export const FLOODS: readonly Flood[] = [
  {
    name: 'syn',
    what: 'half-open connections: a SYN each',
    count: 1_000_000,
    write: (writer, count) => eachFlow(count, (client, port) => segment(writer, client, port, 1000, SYN, 0)),
  },
  {
    name: 'syn-early',
    what: 'half-open connections: a SYN and a segment behind a hole',
    count: 1_000_000,
    write(writer, count) {
      eachFlow(count, (client, port) => {
        segment(writer, client, port, 1000, SYN, 0)
        segment(writer, client, port, 2500, ACK, 1400)
      })
    },
  },
  {
    name: 'fragments',
    what: 'IP fragments, first ones and later ones, of datagrams that never become whole',
    count: 2_000_000,
    write(writer, count) {
      for (let at = 0; at < count; at++) {
        // more fragments, offset 0 or 2960, of another datagram each
        writer.ip(CLIENTS + (at >>> 16), SERVER, 17, at & 1 ? 0x2000 : 0x2000 | 370, (at >>> 1) & 0xffff)
        payload(writer, at, 1480)
      }
    },
  },
  {
    name: 'holes',
    what: 'segments with a hole of one byte before each, in 20,000 connections in turn, never acknowledged',
    count: 2_000_000,
    write(writer, count) {
      const first = nbss(smb2Message('READ', { response: true }, new Uint8Array(64)))
      for (let at = 0; at < count; at++) {
        const flow = at % 20_000
        const turn = Math.floor(at / 20_000)
        tcp(writer, flow, 1000 + turn * 1401)
        if (turn === 0) writer.put(first, 0, first.length)
        else writer.put(content, at & 0xffff, (at & 0xffff) + 1400)
        end(writer)
      }
    },
  },
  {
    name: 'unfinished',
    what: 'SESSION_SETUP messages of 200 kB that stop after 146 kB, one in each connection',
    count: 10_000,
    write(writer, count) {
      const head = nbss(smb2SessionSetupRequest({ token: new Uint8Array(200_000) })).slice(0, 1460)
      // turn by turn, so that all of them are open together
      for (let turn = 0; turn < 100; turn++) {
        for (let flow = 0; flow < count; flow++) {
          tcp(writer, flow, 1000 + turn * 1460)
          if (turn === 0) writer.put(head, 0, head.length)
          else writer.put(content, flow, flow + 1460)
          end(writer)
        }
      }
    },
  },
  {
    name: 'noise',
    what: 'TCP segments of random bytes, every one from other endpoints',
    count: 2_000_000,
    write(writer, count) {
      const random = new Random(5)
      for (let at = 0; at < count; at++) {
        writer.tcp(random.next(), random.next(), random.below(65_536), random.below(65_536), random.next(), 1, ACK)
        payload(writer, at, random.below(1400))
      }
    },
  },
  ...LOGON_FLOODS,
  ...EAP_FLOODS,
]

function eachFlow(count: number, write: (client: number, port: number) => void): void {
  for (let at = 0; at < count; at++) write(CLIENTS + (at % 50_000), 1024 + Math.floor(at / 50_000))
}

function segment(writer: FrameWriter, client: number, port: number, seq: number, flags: number, length: number): void {
  writer.tcp(client, SERVER, port, 445, seq, flags === SYN ? 0 : 1, flags)
  payload(writer, port, length)
}

function tcp(writer: FrameWriter, flow: number, seq: number): void {
  writer.tcp(CLIENTS + flow, SERVER, 50_000, 445, seq, 1, ACK)
}

function payload(writer: FrameWriter, seed: number, length: number): void {
  const from = Math.imul(seed, 4099) & 0x7ffff
  writer.put(content, from, from + length)
  end(writer)
}

/** 20 microseconds a packet. */
function end(writer: FrameWriter): void {
  writer.finish()
  writer.advance(20)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flood = FLOODS.find(({ name }) => name === process.argv[2])
  if (flood === undefined) throw new Error(`no flood of this name: ${process.argv[2]}`)
  const writer = new FrameWriter(1)
  try {
    flood.write(writer, Number(process.argv[3] ?? flood.count))
    writer.end()
  } catch (error) {
    // whoever reads may stop reading
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}
