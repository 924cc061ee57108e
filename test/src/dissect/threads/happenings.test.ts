/**
 * What is told from one thread to another is what dissection tells in its own: the same steps in the same order, of two
 * threads that dissect a half each. All in this thread here; the real ones are compared in
 * test/captures/threads.test.ts.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuthStep, HandshakeStep } from '../../../../decoders/carrier.ts'
import { CARRIERS } from '../../../../decoders/registry.ts'
import { Dissector, type DissectSink, type MessageContext } from '../../../../src/dissect/dissector.ts'
import { HappeningsReader, HappeningsWriter } from '../../../../src/dissect/threads/happenings.ts'
import type { ToldSink, ToldToken } from '../../../../src/dissect/told.ts'
import { Division } from '../../../../src/reading/division.ts'
import { type Filled, HandoverReader, HandoverWriter } from '../../../../src/reading/handover.ts'
import { Reading } from '../../../../src/reading/reading.ts'
import type { Conversation } from '../../../../src/stream/conversation.ts'
import type { StreamSink } from '../../../../src/stream/sink.ts'
import { certificatesOf } from '../../../builders/certificate.ts'
import { joined } from '../../../builders/http.ts'
import { captureOf, conversationAt } from '../../../builders/logons.ts'
import { certificateOf } from '../../../builders/tls.ts'
import { BUNDLED, capturesBelow } from '../../../captures/folders.ts'
import { temporaryFolder } from '../../../captures/packets.ts'
import { TLS_SAMPLES } from '../../../decoders/tls.samples.ts'

/** As plain values: bytes in hexadecimal; of what is borrowed by steps only that it is there. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

/** `value` with the members alone that `shape` has. */
function shaped(value: unknown, shape: unknown): unknown {
  if (shape === null || typeof shape !== 'object' || Array.isArray(shape) || value === null) return value
  const from = value as Record<string, unknown>
  return Object.fromEntries(Object.entries(shape).map(([name, part]) => [name, shaped(from[name], part)]))
}

function placeOf(conversation: Conversation): unknown[] {
  const { lowAddress, lowPort, highAddress, highPort, protocol, startTime, startFrame } = conversation
  const { sawStart, gaps } = conversation
  const ends = [lowAddress, lowPort, highAddress, highPort, protocol, startTime, startFrame]
  return [...ends, conversation.side(0), sawStart, gaps]
}

function stepIn(context: MessageContext, step: AuthStep): unknown[] {
  const { conversation, from, carrier, time, frame, cut } = context
  const token = 'token' in step ? step.token !== null : false
  return [...placeOf(conversation), from, carrier.name, time, frame, cut, { ...(plain(step) as object), token }]
}

function handshake(conversation: Conversation, step: HandshakeStep): unknown[] {
  return [...placeOf(conversation), plain(step)]
}

function ended(conversation: Conversation): unknown[] {
  const { signatures, ntlmMessages, contents, endedBy, isOpen, isTwoSided, outer } = conversation
  const carriers = [conversation.carrierOf(0), conversation.carrierOf(1), ...outer].map((one) => one?.name)
  return [...placeOf(conversation), signatures, ntlmMessages, contents, endedBy, isOpen, isTwoSided, ...carriers]
}

type Told = { readonly what: unknown; readonly tokens: unknown; readonly digest: string | null }

/** What is told of captures in one thread. */
async function direct(inputs: readonly string[]): Promise<Told[]> {
  const told: Told[] = []
  const note = (what: unknown, tokens: unknown = null) => told.push({ what, tokens, digest: null })
  const sink: DissectSink = {
    carrierMessage() {},
    tokenMessage() {},
    step: (context, { protocol, service }, step, tokens) =>
      note([...stepIn(context, step), protocol, service], plain(tokens)),
    handshake: (conversation, step) => note(handshake(conversation, step)),
    network: (conversation, method) => note([method, ...placeOf(conversation)]),
    tunnel: (conversation) => note(['tunnel', ...placeOf(conversation)]),
    closed: (conversation) => note(ended(conversation)),
  }
  const out: StreamSink<Conversation> = {
    pdu: (...said) => dissector.pdu(...said),
    standalone: (...said) => dissector.standalone(...said),
    tunnel: (conversation) => dissector.tunnel(conversation),
    closed: (conversation) => dissector.closed(conversation),
  }
  const reading: Reading = new Reading(CARRIERS, out, 'js')
  const dissector: Dissector = new Dissector(sink, reading, true)
  await reading.read(inputs, {})
  return told
}

/** The same through `parts` that dissect. */
async function divided(inputs: readonly string[], parts: number): Promise<{ told: Told[]; rounds: number }> {
  const told: Told[] = []
  const note = (what: unknown, tokens: readonly ToldToken[] | null = null, digest: string | null = null) =>
    told.push({ what, tokens: plain(tokens), digest })
  const sink: ToldSink = {
    told: (context, { protocol, service }, step, tokens, _, digest) =>
      note([...stepIn(context, step), protocol, service], tokens, digest),
    handshake: (conversation, step) => note(handshake(conversation, step)),
    network: (conversation, method) => note([method, ...placeOf(conversation)]),
    tunnel: (conversation) => note(['tunnel', ...placeOf(conversation)]),
    closed: (conversation) => note(ended(conversation)),
  }
  const reader = new HappeningsReader(CARRIERS, sink)
  const threads = Array.from({ length: parts }, (_, thread) => {
    const records: HandoverReader = new HandoverReader(CARRIERS, {
      pdu: (...said) => dissector.pdu(...said),
      standalone(datagram, ...said) {
        dissector.standalone(datagram, ...said)
        happenings.forget(datagram)
      },
      tunnel: (conversation) => dissector.tunnel(conversation),
      closed: (conversation) => dissector.closed(conversation),
    })
    const happenings = new HappeningsWriter(CARRIERS, records, true, thread, parts)
    const dissector: Dissector = new Dissector(happenings, records, true)
    return { records, happenings }
  })
  let rounds = 0
  const send = (round: readonly (Filled | null)[]) => {
    rounds++
    for (const [part, filled] of round.entries())
      if (filled !== null) threads[part]!.records.chunk(filled.chunk, filled.used)
    reader.round(threads.map(({ happenings }) => happenings.take()))
  }
  const clock = {
    get time() {
      return reading.time
    },
    get frame() {
      return reading.frame
    },
  }
  const writer = new HandoverWriter(CARRIERS, clock, (bytes) => new ArrayBuffer(bytes), send, new Division(parts))
  const reading: Reading = new Reading(CARRIERS, writer, 'js')
  await reading.read(inputs, {})
  writer.flush()
  return { told, rounds }
}

describe('happenings', () => {
  const captures = capturesBelow(BUNDLED).filter((_, index) => index % 12 === 0)

  it.each([1, 2])('tell with %i that dissect what dissection tells', async (parts) => {
    const here = await direct(captures)
    const { told, rounds } = await divided(captures, parts)
    expect(rounds).toBeGreaterThan(1)
    expect(told.length).toBe(here.length)
    let tokens = 0
    for (const [index, one] of told.entries()) {
      const other = here[index]!
      if (JSON.stringify(one.what) !== JSON.stringify(other.what)) expect(one.what).toEqual(other.what)
      if (one.tokens === null) continue
      for (const [at, token] of (one.tokens as unknown[]).entries()) {
        tokens++
        const wanted = shaped((other.tokens as unknown[])[at], token)
        if (JSON.stringify(token) !== JSON.stringify(wanted)) expect(token).toEqual(wanted)
      }
    }
    expect(tokens).toBeGreaterThan(50)
    expect(told.filter(({ digest }) => digest !== null).length).toBeGreaterThan(10)
  })

  it('tell the certificates of servers with the chains behind them', async () => {
    const [hello, answer] = [TLS_SAMPLES[2]!.record, TLS_SAMPLES[3]!.record]
    const [one, other] = [certificateOf('rsa-sha256'), certificateOf('ec-sha384')]
    const parts = [[one], [one, other], [other, one], [one, other], []].map((list, at) =>
      conversationAt(
        at,
        443,
        [
          { from: 'client', data: hello },
          { from: 'server', data: joined(answer, certificatesOf(list)) },
        ],
        50_000 + at,
      ),
    )
    const path = join(temporaryFolder(), 'chains.pcap')
    writeFileSync(path, captureOf(...parts))
    const here = await direct([path])
    expect(JSON.stringify(here)).toContain('"chain"')
    for (const parts of [1, 2]) expect((await divided([path], parts)).told).toEqual(here)
  })
})
