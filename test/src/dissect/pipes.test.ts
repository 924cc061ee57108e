/**
 * RPC in named pipes: what the carrier keeps of SMB, what is joined, and which pipe it was. Real conversations stand in
 * test/captures.
 */
import { describe, expect, it } from 'vitest'
import type { CarrierMessage, Framing, LegStep, Side } from '../../../decoders/carrier.ts'
import { smb } from '../../../decoders/carriers/smb/smb.ts'
import { Pipes } from '../../../src/dissect/pipes.ts'
import { concat } from '../../builders/der.ts'
import { compound, nbss, type Smb2Header, smb1Message, smb2Message, u16, u32, utf16 } from '../../builders/smb.ts'
import { changeBytes, cutEverywhere, fromHex } from '../../hostile.ts'

/** bind of lsarpc with an NTLM token, and an answer with one */
const BIND = fromHex(
  '05000b0310000000 5800080003000000 b810b81000000000 01000000 0000 01 00 785734123412cdabef000123456789ab 00000000' +
    '045d888aeb1cc9119fe808002b104860 02000000 0a050000 01000000 4e544c4d53535000',
)
const BIND_ACK = fromHex(
  '05000c0310000000 4800080003000000 b810b81001000000 0000 0000 01000000 00000000 045d888aeb1cc9119fe808002b104860 02000000' +
    '0a050000 01000000 4e544c4d53535001',
)
const AUTH3 = fromHex('0500100310000000 2400080003000000 00000000 0a050000 01000000 4e544c4d53535003')
const FILE = fromHex('0102030405060708090a0b0c0d0e0f10')
const OTHER_FILE = fromHex('1112131415161718191a1b1c1d1e1f20')
const RELATED_FILE = new Uint8Array(16).fill(0xff)
const SESSION = 0x1234
const STATUS_BUFFER_OVERFLOW = 0x8000_0005

type Piece = readonly [Side, Uint8Array]

const create = (messageId: number, name: string): Uint8Array => {
  const path = utf16(name)
  const fixed = concat(u16(57), new Uint8Array(42), u16(120), u16(path.length), u32(0), u32(0))
  return smb2Message('CREATE', { messageId, sessionId: SESSION }, concat(fixed, path))
}
const created = (messageId: number, file = FILE) =>
  smb2Message('CREATE', header(messageId, true), concat(u16(89), new Uint8Array(62), file, u32(0), u32(0)))
const write = (messageId: number, data: Uint8Array, file = FILE, more: Smb2Header = {}) =>
  smb2Message(
    'WRITE',
    { ...header(messageId), ...more },
    concat(u16(49), u16(112), u32(data.length), new Uint8Array(8), file, new Uint8Array(16), data),
  )
const readRequest = (messageId: number, file = FILE) =>
  smb2Message(
    'READ',
    header(messageId),
    concat(u16(49), u16(0), u32(1024), new Uint8Array(8), file, new Uint8Array(17)),
  )
const readResponse = (messageId: number, data: Uint8Array, status = 0) =>
  smb2Message(
    'READ',
    { ...header(messageId, true), status },
    concat(u16(17), u16(80), u32(data.length), u32(0), u32(0), data),
  )
const transceive = (messageId: number, data: Uint8Array, response = false) =>
  smb2Message(
    'IOCTL',
    header(messageId, response),
    response
      ? concat(u16(49), u16(0), u32(0x11c017), FILE, u32(112), u32(0), u32(112), u32(data.length), u32(0), u32(0), data)
      : concat(u16(57), u16(0), u32(0x11c017), FILE, u32(120), u32(data.length), new Uint8Array(24), data),
  )

function header(messageId: number, response = false): Smb2Header {
  return { messageId, sessionId: SESSION, response }
}

/** Framed and decoded as the stream and dissection do it. */
function heard(...pieces: readonly Piece[]): CarrierMessage[] {
  const pipes = new Pipes()
  const states = { client: 0, server: 0 }
  return pieces.flatMap(([side, message]) => {
    const pdu = nbss(message)
    const peerState = states[side === 'client' ? 'server' : 'client']
    const out: Framing = { length: 0, keep: 0, more: false, state: states[side], scanned: 0, pending: 0, peerState }
    expect(smb.frame(pdu, side, out)).toBe('ready')
    states[side] = out.state
    return out.keep === 0 ? [] : inPipes(pipes, pdu.subarray(0, out.keep), side)
  })
}

function inPipes(pipes: Pipes, pdu: Uint8Array, side: Side): CarrierMessage[] {
  const steps = (smb.decode(pdu, side).value ?? []).flatMap((message) => message.steps)
  return steps.flatMap((step) => (step.kind === 'pipe' ? pipes.read(step).flatMap(({ value }) => value ?? []) : []))
}

const legs = (messages: readonly CarrierMessage[]) =>
  messages.flatMap(({ type, steps }) =>
    steps.flatMap((step) => (step.kind === 'leg' ? [`${type} ${(step as LegStep).slot} in ${step.rpc?.pipe}`] : [])),
  )
const SLOT = `pipe 1234 ${'0102030405060708090a0b0c0d0e0f10'} auth 1`
const OTHER_SLOT = `pipe 1234 ${'1112131415161718191a1b1c1d1e1f20'} auth 1`
const OPENED: readonly Piece[] = [
  ['client', create(1, 'lsarpc')],
  ['server', created(1)],
]
const WHOLE = [`bind ${SLOT} in lsarpc`, `bind_ack ${SLOT} in lsarpc`, `rpc_auth_3 ${SLOT} in lsarpc`]

describe('RPC in the named pipes of SMB2', () => {
  it('goes through WRITE and READ, and CREATE names the pipe', () => {
    const messages = heard(
      ...OPENED,
      ['client', write(2, BIND)],
      ['client', readRequest(3)],
      ['server', readResponse(3, BIND_ACK)],
      ['client', write(4, AUTH3)],
    )
    expect(legs(messages)).toEqual(WHOLE)
    expect(messages[0]).toMatchObject({
      protocol: 'dcerpc',
      service: 'rpc',
      fields: { pipe: 'lsarpc', interfaces: ['lsarpc'] },
    })
  })

  it('goes through FSCTL_PIPE_TRANSCEIVE', () => {
    const messages = heard(
      ...OPENED,
      ['client', transceive(2, BIND)],
      ['server', transceive(2, BIND_ACK, true)],
      ['client', transceive(3, AUTH3)],
    )
    expect(legs(messages)).toEqual(WHOLE)
  })

  it('is joined where several WRITEs and READs carry one PDU', () => {
    for (const at of [16, 40, 87 - 16]) {
      const messages = heard(
        ...OPENED,
        ['client', write(2, BIND.subarray(0, at))],
        ['client', write(3, BIND.subarray(at))],
        ['client', readRequest(4)],
        ['server', readResponse(4, BIND_ACK.subarray(0, at), STATUS_BUFFER_OVERFLOW)],
        ['client', readRequest(5)],
        ['server', readResponse(5, BIND_ACK.subarray(at))],
        ['client', write(6, AUTH3)],
      )
      expect(legs(messages)).toEqual(WHOLE)
    }
  })

  it('keeps two pipes apart whose answers come in another order', () => {
    const messages = heard(
      ...OPENED,
      ['client', write(2, BIND)],
      ['client', write(3, BIND, OTHER_FILE)],
      ['client', readRequest(4)],
      ['client', readRequest(5, OTHER_FILE)],
      ['server', readResponse(5, BIND_ACK)],
      ['server', readResponse(4, BIND_ACK)],
    )
    expect(legs(messages)).toEqual([
      `bind ${SLOT} in lsarpc`,
      `bind ${OTHER_SLOT} in `,
      `bind_ack ${OTHER_SLOT} in `,
      `bind_ack ${SLOT} in lsarpc`,
    ])
  })

  it('is found in a compound that opens the pipe', () => {
    const both = compound(create(1, 'lsarpc'), write(2, BIND, RELATED_FILE, { related: true }))
    expect(legs(heard(['client', both]))).toEqual(['bind pipe 1234 by 1 auth 1 in lsarpc'])
  })

  it('is found in the answers alone', () => {
    expect(legs(heard(['server', readResponse(3, BIND_ACK)]))).toEqual(['bind_ack pipe  auth 1 in '])
  })

  it('leaves files alone: nothing of bulk is kept', () => {
    const out: Framing = { length: 0, keep: 0, more: false, state: 64, scanned: 0, pending: 0, peerState: 0 }
    for (const pdu of [
      readResponse(3, new Uint8Array(65_536).fill(5)),
      write(3, new Uint8Array(65_536)),
      create(4, 'a.txt'),
    ]) {
      const head = nbss(pdu).subarray(0, 1400)
      expect(smb.frame(head, 'client', out)).toBe('ready')
      expect(out).toMatchObject({ length: pdu.length + 4, keep: 0 })
    }
  })

  it('makes nothing up of cut and changed messages', () => {
    for (const message of [write(2, BIND), readResponse(3, BIND_ACK), transceive(2, BIND), create(1, 'lsarpc')]) {
      const pdu = nbss(message)
      cutEverywhere(pdu, (cut) => inPipes(new Pipes(), cut, 'client'))
      changeBytes(pdu, 300, (changed) => inPipes(new Pipes(), changed, 'client'))
    }
  })
})

describe('RPC in the named pipes of SMB1', () => {
  const FID = 0x4001
  const request = { uid: 7, mid: 2 }
  const response = { ...request, response: true }
  const pad = Uint8Array.of(0)
  const andX = Uint8Array.of(0xff, 0, 0, 0)
  const pipeWords = (count: number, offset: number) =>
    concat(u16(0), u16(count), new Uint8Array(18), u16(count), u16(offset), Uint8Array.of(2, 0), u16(0x26), u16(FID))
  const trans = (data: Uint8Array) => smb1Message(0x25, request, pipeWords(data.length, 68), concat(pad, data))
  const transAnswer = (data: Uint8Array) =>
    smb1Message(
      0x25,
      response,
      concat(new Uint8Array(12), u16(data.length), u16(56), new Uint8Array(4)),
      concat(pad, data),
    )
  const writeAndX = (data: Uint8Array, mode = 0) =>
    smb1Message(
      0x2f,
      request,
      concat(
        andX,
        u16(FID),
        new Uint8Array(8),
        u16(mode),
        u16(0),
        u16(0),
        u16(data.length),
        u16(64),
        new Uint8Array(4),
      ),
      concat(pad, data),
    )
  const readAndX = smb1Message(0x2e, request, concat(andX, u16(FID), new Uint8Array(14)), new Uint8Array(0))
  const readAnswer = (data: Uint8Array) =>
    smb1Message(
      0x2e,
      response,
      concat(andX, new Uint8Array(6), u16(data.length), u16(60), new Uint8Array(10)),
      concat(pad, data),
    )
  const open = (name: string) => {
    const path = utf16(name)
    return smb1Message(0xa2, request, concat(andX, pad, u16(path.length), new Uint8Array(41)), concat(pad, path))
  }
  const opened = smb1Message(0xa2, response, concat(andX, pad, u16(FID), new Uint8Array(61)), new Uint8Array(0))
  const slot = `pipe 7 ${FID} auth 1`
  const whole = [`bind ${slot} in lsarpc`, `bind_ack ${slot} in lsarpc`, `rpc_auth_3 ${slot} in lsarpc`]

  it('goes through TransactNmPipe', () => {
    const pieces: Piece[] = [
      ['client', open('\\lsarpc')],
      ['server', opened],
      ['client', trans(BIND)],
      ['server', transAnswer(BIND_ACK)],
      ['client', trans(AUTH3)],
    ]
    expect(legs(heard(...pieces))).toEqual(whole)
  })

  it('goes through WRITE_ANDX and READ_ANDX, in raw mode behind its length', () => {
    const pieces: Piece[] = [
      ['client', open('\\lsarpc')],
      ['server', opened],
      ['client', writeAndX(concat(u16(BIND.length), BIND), 0x0c)],
      ['client', readAndX],
      ['server', readAnswer(BIND_ACK)],
      ['client', writeAndX(AUTH3)],
    ]
    expect(legs(heard(...pieces))).toEqual(whole)
  })

  it('makes nothing up of cut and changed messages', () => {
    for (const message of [
      trans(BIND),
      transAnswer(BIND_ACK),
      writeAndX(BIND),
      readAnswer(BIND_ACK),
      open('\\lsarpc'),
    ]) {
      const pdu = nbss(message)
      cutEverywhere(pdu, (cut) => inPipes(new Pipes(), cut, 'client'))
      changeBytes(pdu, 300, (changed) => inPipes(new Pipes(), changed, 'client'))
    }
  })
})
