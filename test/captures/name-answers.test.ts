/**
 * A name that not DNS but LLMNR, NBNS or mDNS resolved, in front of a recorded logon that fell back because of it: the
 * recording without its DFS referral, and with the answer, as RFC 4795, 1002 and 6762 write it.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NameOrigins } from '../../src/context/name-origins.ts'
import { analyze } from '../../src/run/analyze.ts'
import { concat, udpFrame } from '../builders/net.ts'
import { BUNDLED } from './folders.ts'
import { readPcap, temporaryFolder, writePcap } from './packets.ts'

const folder = temporaryFolder()
const CLIENT = '192.0.2.101'
const SERVER = '192.0.2.20'
/** the referrals that gave the client the short name, and the first packet of the logon */
const REFERRALS = [90, 184]
/** and one that the client asks for when it is there */
const LATER = 285
const BEFORE_LOGON = 190

const label = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
const name = (...labels: readonly string[]) => Buffer.concat([...labels.map(label), Buffer.from([0])])
const head = (flags: number, questions: number, answers: number) => {
  const bytes = Buffer.alloc(12)
  for (const [at, value] of [0x77, flags, questions, answers].entries()) bytes.writeUInt16BE(value, 2 * at)
  return bytes
}
const QUESTION = Buffer.from([0, 1, 0, 1])
const ADDRESS = Buffer.from([0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...SERVER.split('.').map(Number)])
/** RFC 1001 14.1: two letters for each byte of sixteen */
const nbName = (text: string) =>
  name(
    [...`${text.toUpperCase().padEnd(15)}\x20`]
      .map((one) => one.charCodeAt(0))
      .map((byte) => String.fromCharCode(0x41 + (byte >> 4), 0x41 + (byte & 15)))
      .join(''),
  )
const NB = Buffer.from([0, 0x20, 0, 1, 0, 0, 0, 30, 0, 6, 0, 0, ...SERVER.split('.').map(Number)])

const SAID = {
  llmnr: [
    [Buffer.concat([head(0, 1, 0), name('archive'), QUESTION]), 50_001, 5355, true, '224.0.0.252'],
    [
      Buffer.concat([head(0x8000, 1, 1), name('archive'), QUESTION, name('archive'), ADDRESS]),
      5355,
      50_001,
      false,
      CLIENT,
    ],
  ],
  nbns: [[Buffer.concat([head(0x8500, 0, 1), nbName('archive'), NB]), 137, 137, false, CLIENT]],
  mdns: [
    [Buffer.concat([head(0, 1, 0), name('archive', 'local'), QUESTION]), 5353, 5353, true, '224.0.0.251'],
    [Buffer.concat([head(0x8400, 0, 1), name('archive', 'local'), ADDRESS]), 5353, 5353, false, '224.0.0.251'],
  ],
} as const

function recorded(kind: keyof typeof SAID, answered = true): string {
  const file = readPcap(join(BUNDLED, 'origins/dfs-link-short.pcap'))
  const little = file.header[0] === 0xd4 || file.header[0] === 0x4d
  const time = file.records[BEFORE_LOGON - 1]!.subarray(0, 8)
  const made = SAID[kind].slice(0, answered ? 2 : -1).map(([data, from, to, fromClient, receiver]) => {
    const source = { address: fromClient ? CLIENT : SERVER, port: from }
    const bytes = udpFrame(data, source, { address: receiver, port: to })
    const lengths = Buffer.alloc(8)
    for (const at of [0, 4]) little ? lengths.writeUInt32LE(bytes.length, at) : lengths.writeUInt32BE(bytes.length, at)
    return concat(time, lengths, bytes)
  })
  const kept = file.records.filter((_, at) => ![...REFERRALS, LATER].includes(at + 1))
  const at = BEFORE_LOGON - 1 - REFERRALS.length
  return writePcap(join(folder, `${kind}-${answered}.pcap`), file, [...kept.slice(0, at), ...made, ...kept.slice(at)])
}

const origins = async (path: string) =>
  (await analyze([path], { rethrow: true })).exchanges.flatMap(({ cause }) => cause?.nameFrom ?? [])

describe('the answer that gave the name', () => {
  it.each(['llmnr', 'nbns', 'mdns'] as const)('of %s is named, with its frame', async (kind) => {
    const found = await origins(recorded(kind))
    const frame = BEFORE_LOGON - REFERRALS.length + SAID[kind].length - 1
    expect(found).toMatchObject([{ kind, name: 'archive', by: SERVER, isNamed: true, frames: [frame] }])
    expect(found[0]!.where.toLowerCase()).toBe(kind === 'mdns' ? 'archive.local' : 'archive')
  })

  it('is none where nobody answered', async () => {
    expect(await origins(recorded('llmnr', false))).toEqual([])
    expect(await origins(recorded('mdns', false))).toEqual([])
  })

  it('to everybody is one to those who asked just before', () => {
    const names = new NameOrigins()
    const question = { fact: 'name-question', protocol: 'mdns', message: '0', name: 'Nas.local', type: 'A' } as const
    const records = [{ name: 'nas.local', type: 'A', value: SERVER, ttlSeconds: 120 }] as const
    const answer = {
      fact: 'name-answer',
      protocol: 'mdns',
      message: '0',
      name: null,
      type: null,
      code: 'NOERROR',
      records,
    } as const
    names.asked(question, 'a', 1e6)
    names.asked(question, 'late', -20e6)
    names.resolved(answer, { client: '224.0.0.251', server: SERVER, port: 5353, time: 2e6, frame: 2 })
    expect(names.told('a', ['nas'], 3e6)).toMatchObject({ kind: 'mdns', where: 'nas.local', by: SERVER })
    expect(names.told('late', ['nas'], 3e6)).toBeNull()
    expect(names.told('b', ['nas'], 3e6)).toBeNull()
  })
})
