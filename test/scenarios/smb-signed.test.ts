/**
 * What "signed" means of an SMB2 session (MS-SMB2 2.2.1, 3.2.5.1.3, 3.3.5.2.4): messages of both sides have the flag
 * and a signature. A flag over zeros signs nothing, and a session of which one side never signs is not protected.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { judgeFlow } from '../../src/judge/flow.ts'
import { analyze } from '../../src/run/analyze.ts'
import { captureOf, conversationAt } from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { nbss, smb2Message } from '../builders/smb.ts'
import { kerberosSetup, negotiate } from '../builders/smb-talk.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const SESSION = 9
const ANY = { client: [], server: [], port: null, service: null }
let files = 0

type How = 'signed' | 'clear' | 'zeros'

function message(from: 'client' | 'server', how: How, messageId: number): Message {
  const data = smb2Message('READ', {
    sessionId: SESSION,
    messageId,
    signed: how !== 'clear',
    response: from === 'server',
  })
  if (how === 'zeros') data.fill(0, 48, 64)
  return { from, data: nbss(data) }
}

/** A logon and some reads, each as [request, answer]. */
async function session(reads: readonly (readonly [How, How])[]) {
  const path = join(folder, `${++files}.pcap`)
  const talk = reads.flatMap(([request, answer], at) => [
    message('client', request, 20 + at),
    message('server', answer, 20 + at),
  ])
  const setup = [...negotiate({ securityMode: 1 }), ...kerberosSetup({ session: SESSION })]
  writeFileSync(path, captureOf(conversationAt(0, 445, [...setup, ...talk])))
  const report = await analyze([path], { rethrow: true })
  expect(report.exchanges).toHaveLength(1)
  return {
    effective: report.exchanges[0]!.smb!.effective,
    signed: report.exchanges[0]!.smb!.signedMessages,
    verify: judgeFlow(report, ANY, [expectationNamed('signed')!], null).state,
    finding: report.findings.some(({ id }) => id === 'NS-SG-001'),
  }
}

const times = (count: number, request: How, answer: How) =>
  Array.from({ length: count }, () => [request, answer] as const)
const OPEN = { effective: 'unsigned', verify: 'not-met', finding: true }

describe('an SMB2 session is signed', () => {
  it('where the messages of both sides have a signature', async () => {
    const signed = { effective: 'signed', signed: 6, verify: 'met', finding: false }
    expect(await session(times(3, 'signed', 'signed'))).toEqual(signed)
  })

  it('and not by a flag over sixteen zeros, on both sides or on one', async () => {
    expect(await session(times(3, 'zeros', 'zeros'))).toEqual({ ...OPEN, signed: 0 })
    expect(await session(times(3, 'signed', 'zeros'))).toEqual({ ...OPEN, signed: 3 })
    expect(await session(times(3, 'zeros', 'signed'))).toEqual({ ...OPEN, signed: 3 })
  })

  it('and not where one side alone signs', async () => {
    expect(await session(times(3, 'signed', 'clear'))).toEqual({ ...OPEN, signed: 3 })
    expect(await session(times(3, 'clear', 'signed'))).toEqual({ ...OPEN, signed: 3 })
  })

  it('and not where requests that are not signed are answered', async () => {
    expect(await session([...times(3, 'signed', 'signed'), ['clear', 'clear']])).toEqual({ ...OPEN, signed: 6 })
    expect(await session([...times(3, 'signed', 'signed'), ['zeros', 'signed']])).toEqual({ ...OPEN, signed: 7 })
  })
})
