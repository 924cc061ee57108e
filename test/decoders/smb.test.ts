import { describe, expect, it } from 'vitest'
import { type CarrierMessage, type Framing, PROBE_BYTES_MAX } from '../../decoders/carrier.ts'
import { smb } from '../../decoders/carriers/smb/smb.ts'
import { LOGON_SHARE } from '../../decoders/carriers/smb/smb-names.ts'
import {
  compound,
  nbss,
  netbiosSessionRequest,
  smb1Message,
  smb1NegotiateRequest,
  smb1SessionSetupRequest,
  smb1TreeConnectRequest,
  smb2Compressed,
  smb2Error,
  smb2Ioctl,
  smb2Message,
  smb2NegotiateRequest,
  smb2NegotiateResponse,
  smb2SessionSetupRequest,
  smb2SessionSetupResponse,
  smb2Transform,
  smb2TreeConnectRequest,
} from '../builders/smb.ts'
import { changeBytes, fromHex, seededRandom } from '../hostile.ts'
import * as samples from './smb.samples.ts'
import * as smb1Samples from './smb1.samples.ts'
import * as smb2Samples from './smb2.samples.ts'

const TOKEN = fromHex(smb2Samples.TOKEN_HEX)
const NO_BYTES = new Uint8Array(0)
const READ = smb2Message('READ', { sessionId: 5, signed: true }, new Uint8Array(48))
const SMB1_READ = smb1Message(0x2e, { uid: 100 }, new Uint8Array(24), NO_BYTES)

/** A framing in which nothing is as `frame` must leave it. */
function framing(state = 0): Framing {
  return { length: -1, keep: -1, more: true, state, scanned: 0, pending: 0, peerState: 0 }
}

function frame(head: Uint8Array, state = 0) {
  const out = framing(state)
  const answer = smb.frame(head, 'client', out)
  return { answer, length: out.length, keep: out.keep, more: out.more, state: out.state }
}

describe('smb.probe', () => {
  const messages = [...Object.entries(smb1Samples), ...Object.entries(smb2Samples)].flatMap(
    ([name, sample]): [string, Uint8Array][] =>
      typeof sample === 'string' && name !== 'TOKEN_HEX' ? [[name, nbss(smb2Samples.sampleBytes(sample))]] : [],
  )

  it.each(messages)('knows %s by its first 8 bytes, and contradicts none of its beginnings', (_, pdu) => {
    for (let length = 0; length <= pdu.length; length++) {
      expect(smb.probe(pdu.subarray(0, length), 'client')).toBe(length < 8 ? 'more' : 'mine')
    }
  })

  it('knows a session request by the first of its names', () => {
    const request = fromHex(samples.SESSION_REQUEST)
    for (let length = 0; length <= request.length; length++) {
      expect(smb.probe(request.subarray(0, length), 'client')).toBe(length < 38 ? 'more' : 'mine')
    }
  })

  it.each([
    ['the answer to a session request', samples.POSITIVE_SESSION_RESPONSE],
    ['a keep-alive', samples.SESSION_KEEP_ALIVE],
    ['several of them', samples.SESSION_KEEP_ALIVE.repeat(6)],
  ])('takes %s for nothing without a message behind it', (_, prefix) => {
    const start = fromHex(prefix)
    const bytes = Uint8Array.from([...start, ...nbss(READ)])
    for (let length = 0; length <= bytes.length; length++) {
      expect(smb.probe(bytes.subarray(0, length), 'server')).toBe(length < start.length + 8 ? 'more' : 'mine')
    }
    expect(smb.probe(Uint8Array.from([...start, 0x16, 3, 1]), 'server')).toBe('other')
  })

  it('knows a session request that is sent to another address, and nothing that goes on behind it', () => {
    const retarget = fromHex(samples.RETARGET_SESSION_RESPONSE)
    for (let length = 0; length <= retarget.length; length++)
      expect(smb.probe(retarget.subarray(0, length), 'server')).toBe(length < retarget.length ? 'more' : 'mine')
    for (const other of ['84000007', '8401', '84000006 0a000001 0000', '84000006 0a000001 008b 00'])
      expect(smb.probe(fromHex(other), 'server')).toBe('other')
  })

  it('knows a refused session request', () => {
    expect(smb.probe(fromHex(samples.NEGATIVE_SESSION_RESPONSE), 'server')).toBe('mine')
    expect(smb.probe(fromHex('83000001'), 'server')).toBe('more')
  })

  it.each([
    ['a type of no session service', '01000040 fe534d42'],
    ['an unknown protocol', '00000040 fb534d42'],
    ['another letter', '00000040 fe544d42'],
    ['another letter', '00000040 fe534e42'],
    ['another letter', '00000040 fe534d43'],
    ['an SMB2 message shorter than its header', '0000003f fe534d42'],
    ['an SMB1 message shorter than its header', '0000001f ff534d42'],
    ['SMB without a NetBIOS header', 'fe534d42 40000000'],
    ['a Kerberos request over TCP', '000000f0 6a81ed30'],
    ['TLS', '16030100 c8010000'],
    ['HTTP', '47455420 2f204854'],
    ['LDAP', '30840000 00100201'],
    ['DCE/RPC', '05000b03 10000000'],
    ['zeros', '00000000 00000000'],
    ['a session request of another length', '81000045'],
    ['a session request with a name of 31', '81000044 1f'],
    ['a session request with a digit in its name', '81000044 20 434b30'],
    ['a session request whose name does not end', `81000044 20 ${'43'.repeat(32)} 05`],
    ['a keep-alive with a length', '85000001'],
    ['a refusal with an odd code', '83000001 20'],
    ['a packet type that is none', '86000000'],
  ])('is not fooled by %s', (_, bytes) => {
    expect(smb.probe(fromHex(bytes), 'client')).toBe('other')
  })

  it('decides within the bytes of a probe', () => {
    const random = seededRandom(7)
    const starts = [
      samples.SESSION_REQUEST,
      samples.SESSION_KEEP_ALIVE.repeat(16),
      '00000040fe534d42',
      '',
      '8500',
      '8200',
    ]
    for (let round = 0; round < 20_000; round++) {
      const bytes = Uint8Array.from({ length: PROBE_BYTES_MAX }, () => random() & 255)
      const start = fromHex(starts[round % starts.length]!).subarray(0, PROBE_BYTES_MAX)
      bytes.set(start.subarray(0, random() % (start.length + 1)))
      expect(smb.probe(bytes, 'client')).not.toBe('more')
    }
    expect(smb.probe(fromHex(samples.SESSION_KEEP_ALIVE.repeat(16)), 'client')).toBe('other')
  })
})

describe('smb.frame', () => {
  const whole = 262_144
  const session = { sessionId: 5 }
  /**
   * bytes that frame must see, bytes that decode wants; where bytes of a pipe may stand, and until it is seen that none
   * do, a short message is kept whole
   */
  const cases: [string, Uint8Array, number, number, number?][] = [
    ['SMB2 NEGOTIATE', nbss(smb2NegotiateRequest()), 52, whole],
    ['SMB2 NEGOTIATE Response', nbss(smb2NegotiateResponse({ token: TOKEN })), 52, whole],
    ['SMB2 SESSION_SETUP', nbss(smb2SessionSetupRequest({ token: TOKEN })), 52, whole],
    ['SMB2 SESSION_SETUP Response', nbss(smb2SessionSetupResponse({ token: TOKEN })), 52, whole],
    ['SMB2 TREE_CONNECT', nbss(smb2TreeConnectRequest('\\\\a\\b')), 52, whole],
    ['SMB2 LOGOFF', nbss(smb2Message('LOGOFF', session)), 52, 68],
    ['SMB2 READ', nbss(READ), 52, 68, 70],
    ['SMB2 IOCTL', nbss(smb2Ioctl(0x0011_c017, session)), 52, 76, 108],
    ['SMB2 CANCEL', nbss(smb2Message('CANCEL', session)), 52, 0],
    ['SMB2 ECHO', nbss(smb2Message('ECHO', session)), 52, 0],
    ['SMB2 interim response', nbss(smb2Error('READ', { ...session, status: 0x103 })), 52, 0],
    ['SMB2 oplock break', nbss(smb2Message('OPLOCK_BREAK', { messageId: 2n ** 64n - 1n })), 52, 0],
    ['SMB2 compound', nbss(compound(READ, smb2Message('CLOSE', { related: true }))), 52, whole],
    ['SMB2 TRANSFORM_HEADER', nbss(smb2Transform(5)), 52, 56],
    ['SMB2 COMPRESSION_TRANSFORM_HEADER', nbss(smb2Compressed()), 34, 68],
    ['a short compressed message', nbss(smb2Compressed(8)), 28, whole],
    ['SMB1 NEGOTIATE', nbss(smb1NegotiateRequest(['NT LM 0.12'])), 36, whole],
    ['SMB1 SESSION_SETUP_ANDX', nbss(smb1SessionSetupRequest({ token: TOKEN })), 36, whole],
    ['SMB1 TREE_CONNECT_ANDX', nbss(smb1TreeConnectRequest('\\\\a\\b')), 36, whole],
    ['SMB1 READ_ANDX', nbss(SMB1_READ), 36, 36, 43],
    ['SMB1 LOGOFF_ANDX', nbss(smb1Message(0x74, { uid: 100 }, NO_BYTES, NO_BYTES)), 36, 36],
    ['SMB1 ECHO', nbss(smb1Message(0x2b, { uid: 100 }, NO_BYTES, NO_BYTES)), 36, 0],
    ['SMB1 oplock break', nbss(smb1Message(0x24, { uid: 100, mid: 0xffff }, NO_BYTES, NO_BYTES)), 36, 0],
    ['session request', netbiosSessionRequest('*SMBSERVER', 'CLIENT1'), 4, 72],
    ['positive session response', fromHex(samples.POSITIVE_SESSION_RESPONSE), 4, 0],
    ['negative session response', fromHex(samples.NEGATIVE_SESSION_RESPONSE), 4, 0],
    ['retarget session response', fromHex(samples.RETARGET_SESSION_RESPONSE), 4, 0],
    ['keep-alive', fromHex(samples.SESSION_KEEP_ALIVE), 4, 0],
  ]

  it.each(cases)('%s: the same answer wherever it is split', (_, pdu, needed, kept, decided = 0) => {
    const next = nbss(READ)
    const bytes = Uint8Array.from([...pdu, ...next])
    const keep = Math.min(kept, pdu.length)
    const { state } = frame(bytes)
    for (let length = 0; length <= bytes.length; length++) {
      const answer = frame(bytes.subarray(0, length))
      if (length < needed) expect(answer).toMatchObject({ answer: 'more', state: 0 })
      else {
        const seen = length < decided ? pdu.length : keep
        // a share whose name is not there yet may be the one with logon scripts
        const known = { ...answer, state: answer.state & ~LOGON_SHARE }
        expect(known).toEqual({ answer: 'ready', length: pdu.length, keep: seen, more: false, state })
      }
    }
  })

  it('keeps a logon whole whose header a compressed message leaves in clear', () => {
    const setup = smb2SessionSetupRequest({ token: TOKEN })
    for (const lead of ['fc534d42 00010000 0200 0000 58000000', 'fc534d42 00010000 0000 0100 58000000']) {
      const pdu = nbss(Uint8Array.from([...fromHex(lead), ...setup]))
      expect(frame(pdu)).toMatchObject({ answer: 'ready', keep: pdu.length })
    }
  })

  it('keeps a negotiation of any length up to its limit', () => {
    for (const bytes of [1_000, 65_536, 1_000_000]) {
      const pdu = nbss(smb2Message('SESSION_SETUP', {}, new Uint8Array(bytes)))
      expect(frame(pdu.subarray(0, 52))).toMatchObject({ length: pdu.length, keep: Math.min(pdu.length, whole) })
    }
  })

  it('skips a WRITE of 1 MiB on the sight of its header', () => {
    const pdu = nbss(smb2Message('WRITE', { sessionId: 5 }, new Uint8Array(1 << 20)))
    const head = pdu.subarray(0, 52)
    expect(frame(head)).toMatchObject({ answer: 'ready', length: 4 + 64 + (1 << 20), keep: 68 })
    expect(frame(head, 64)).toMatchObject({ answer: 'ready', length: 4 + 64 + (1 << 20), keep: 0 })
  })

  it('keeps a compound whole while it is short and evidence is wanted', () => {
    const close = smb2Message('CLOSE', { related: true }, new Uint8Array(8))
    const write = (bytes: number) => compound(smb2Message('WRITE', { sessionId: 5 }, new Uint8Array(bytes)), close)
    const short = nbss(write(65_536 - 64 - close.length))
    expect(short.length).toBe(4 + 65_536)
    expect(frame(short)).toMatchObject({ keep: short.length })
    expect(frame(short, 64)).toMatchObject({ keep: 0 })
    expect(frame(nbss(write(65_536 - 64 - close.length + 8)))).toMatchObject({ keep: 68 })
  })

  it.each([
    ['SMB2', nbss(READ), nbss(smb2SessionSetupRequest())],
    ['SMB2 sealed', nbss(smb2Transform(5)), nbss(smb2SessionSetupRequest())],
    ['SMB1', nbss(SMB1_READ), nbss(smb1SessionSetupRequest())],
  ])('samples ordinary messages of %s: 8, then one in 256', (_, ordinary, sessionSetup) => {
    let state = 0
    const kept: number[] = []
    const run = (count: number) => {
      for (let i = 0; i < count; i++) {
        const answer = frame(ordinary, state)
        state = answer.state
        if (answer.keep > 0) kept.push(i)
      }
    }
    const expected = (count: number) =>
      Array.from({ length: count }, (__, i) => i).filter((i) => i < 8 || (i - 7) % 256 === 0)
    run(1000)
    expect(kept).toEqual(expected(1000))
    expect(state).toBeLessThan(8 + 256)

    state = frame(sessionSetup, state).state
    expect(state).toBe(0)
    kept.length = 0
    run(300)
    expect(kept).toEqual(expected(300))
  })

  it.each([
    ['SMB2', nbss(smb2Error('CREATE', { sessionId: 5, status: 0xc000_035c })), nbss(READ)],
    [
      'SMB1',
      nbss(smb1Message(0xa2, { uid: 5, status: 0xc000_035c, response: true }, new Uint8Array(0), new Uint8Array(0))),
      nbss(SMB1_READ),
    ],
  ])('keeps each answer of %s that says that the session has expired', (_, expired, ordinary) => {
    for (const state of [0, 8, 20, 263]) {
      expect(frame(expired, state).keep).toBeGreaterThan(0)
      expect(frame(expired, state).state).toBe(frame(ordinary, state).state)
    }
    const { value } = smb.decode(expired.subarray(0, frame(expired, 20).keep), 'server')
    expect(value!.flatMap(({ steps }) => steps)).toContainEqual({
      kind: 'facts',
      facts: { smb: { expiredSession: '5' } },
    })
  })

  it('counts ordinary messages alone, and only a SESSION_SETUP makes it begin again', () => {
    const others = [
      smb2Message('ECHO'),
      smb2Message('CANCEL'),
      smb2Compressed(),
      smb2NegotiateRequest(),
      smb2TreeConnectRequest('\\\\a\\b'),
      smb2Error('READ', { sessionId: 5, status: 0x103 }),
      smb1NegotiateRequest([]),
    ]
    for (const state of [0, 5, 8, 263]) {
      for (const message of others) expect(frame(nbss(message), state)).toMatchObject({ answer: 'ready', state })
      expect(frame(fromHex(samples.SESSION_KEEP_ALIVE), state)).toMatchObject({ answer: 'ready', state })
    }
  })

  it.each([
    ['another type', '01000040 fe534d42'],
    ['an unknown protocol', '00000040 fb534d42'],
    ['no SMB', '00000040 fe534d44'],
    ['SMB2 shorter than its header', '0000003f fe534d42'],
    ['SMB1 shorter than its header', '0000001f ff534d42'],
    ['a transform shorter than its header', '00000033 fd534d42'],
    ['a compressed message shorter than its header', '0000000f fc534d42'],
    ['an empty message', '00000000'],
    ['a keep-alive with a length', '85000001'],
    ['an answer with a length', '82000001'],
    ['a refusal without a code', '83000000'],
    ['a retarget without an address', '84000000'],
    ['a session request without names', '81000000'],
    ['a session request that is too long', '8100ffff'],
    ['TLS', '1603010200'],
  ])('is lost on %s', (_, bytes) => {
    expect(frame(fromHex(bytes)).answer).toBe('lost')
  })

  it('says of a share that it may be one with logon scripts, until its name is there', () => {
    const isSet = (share: string, length: number) => {
      const bytes = nbss(smb2TreeConnectRequest(share))
      return (frame(bytes.subarray(0, Math.min(length, bytes.length))).state & LOGON_SHARE) !== 0
    }
    for (const share of ['\\\\dc1\\SYSVOL', '\\\\dc1\\netlogon']) expect(isSet(share, 1000)).toBe(true)
    expect(isSet('\\\\dc1\\data', 1000)).toBe(false)
    expect(isSet('\\\\dc1\\data', 60)).toBe(true)
  })

  it('never asks for more than it may, nor for more than the PDU has, whatever the bytes', () => {
    for (const [, pdu] of cases) {
      changeBytes(pdu, 500, (changed) => {
        const answer = frame(changed, 3)
        if (answer.answer === 'more') expect(changed.length).toBeLessThan(52)
        if (answer.answer !== 'ready') return
        expect(answer.length).toBeGreaterThanOrEqual(4)
        expect(answer.keep).toBeGreaterThanOrEqual(0)
        expect(answer.keep).toBeLessThanOrEqual(Math.min(answer.length, whole))
        expect(answer.state & ~LOGON_SHARE).toBeLessThanOrEqual(4)
      })
    }
  })
})

describe('smb.decode', () => {
  it('follows a conversation from SMB1 to SMB2, through whatever frame keeps', () => {
    const client = [
      nbss(smb1NegotiateRequest(['NT LM 0.12', 'SMB 2.???'])),
      nbss(smb2NegotiateRequest({ netName: 'nas1', messageId: 1 })),
      nbss(smb2SessionSetupRequest({ token: TOKEN, messageId: 2 })),
      nbss(smb2TreeConnectRequest('\\\\nas1\\data', { sessionId: 5, signed: true })),
      fromHex(samples.SESSION_KEEP_ALIVE),
      nbss(smb2Message('WRITE', { sessionId: 5 }, new Uint8Array(100_000))),
      nbss(smb2Transform(5)),
    ]
    const out = framing()
    out.state = 0
    const messages: CarrierMessage[] = []
    for (const pdu of client) {
      expect(smb.frame(pdu, 'client', out)).toBe('ready')
      expect(out.length).toBe(pdu.length)
      if (out.keep === 0) continue
      const outcome = smb.decode(pdu.subarray(0, out.keep), 'client')
      expect(outcome.fault).toBeNull()
      messages.push(...outcome.value!)
    }
    expect(messages.map(({ protocol, type, steps }) => [protocol, type, steps.map((step) => step.kind)])).toEqual([
      ['smb1', 'NEGOTIATE', []],
      ['smb2', 'NEGOTIATE', ['facts']],
      ['smb2', 'SESSION_SETUP', ['leg']],
      ['smb2', 'TREE_CONNECT', ['facts']],
      ['smb2', 'WRITE', ['traffic']],
      ['smb2', 'TRANSFORM_HEADER', ['traffic']],
    ])
  })

  it('has nothing to say about the session service', () => {
    expect(smb.decode(fromHex(samples.SESSION_KEEP_ALIVE), 'client')).toEqual({ value: [], fault: null })
    expect(smb.decode(netbiosSessionRequest('*SMBSERVER', 'CLIENT1'), 'client')).toEqual({ value: [], fault: null })
    expect([...netbiosSessionRequest('*SMBSERVER', 'CLIENT1')]).toEqual([...fromHex(samples.SESSION_REQUEST)])
  })

  it.each([
    ['', 'cut'],
    ['00000040', 'cut'],
    ['00000040 fb534d42', 'malformed'],
    ['00000002 fe534d42', 'malformed'],
  ])('reads %j as %s', (bytes, reason) => {
    expect(smb.decode(fromHex(bytes), 'client')).toMatchObject({ value: null, fault: { reason } })
  })

  it('reads no further than the NetBIOS header says', () => {
    const pdu = nbss(smb2SessionSetupRequest({ token: TOKEN }))
    const more = Uint8Array.from([...pdu, 1, 2, 3])
    expect(smb.decode(more, 'client')).toEqual(smb.decode(pdu, 'client'))
  })
})
