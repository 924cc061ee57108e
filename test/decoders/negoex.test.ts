import { describe, expect, it } from 'vitest'
import { negoex } from '../../decoders/mechanisms/negoex.ts'
import { concat } from '../builders/der.ts'
import { negotiateMessage, u16, u32 } from '../builders/ntlmssp.ts'
import { changeBytes, cutEverywhere } from '../hostile.ts'
import { negoexMessage, negoMessage, SAMPLES } from './negoex.samples.ts'

describe('samples', () => {
  it.each(SAMPLES)('$name', ({ bytes, message }) => {
    expect(negoex.claims(bytes)).toBe(true)
    expect(negoex.decode(bytes)).toEqual({ value: message, fault: null })
  })
})

describe('claims', () => {
  it('only its signature, with a whole header behind it', () => {
    const whole = negoexMessage(0, new Uint8Array(0))
    const lower = whole.slice()
    lower[7] = 0x73
    for (const bytes of [new Uint8Array(0), whole.subarray(0, 39), lower, negotiateMessage()]) {
      expect(negoex.claims(bytes)).toBe(false)
      expect(negoex.decode(bytes).value).toBeNull()
    }
  })
})

describe('tokens that end early', () => {
  it.each(SAMPLES)('is never silent about it, except between two messages: $name', ({ bytes, message }) => {
    const ends = new Set<number>()
    for (let at = 0; at < bytes.length; at += new DataView(bytes.buffer).getUint32(at + 20, true)) ends.add(at)
    expect(ends.size).toBe(message.messageTypes.length)
    cutEverywhere(bytes, (cut) => {
      const { value, fault } = negoex.decode(cut)
      expect([cut.length, fault?.reason]).toEqual([
        cut.length,
        cut.length > 0 && ends.has(cut.length) ? undefined : 'cut',
      ])
      if (value !== null) expect(message.messageTypes.join()).toContain(value.messageTypes.join())
    })
  })
})

describe('odd tokens', () => {
  it('stops at a message that claims to be shorter than its header', () => {
    const bytes = concat(negoexMessage(0, new Uint8Array(0)), negoexMessage(1, new Uint8Array(0)))
    for (const length of [0, 39]) {
      u32(bytes, 20, length)
      expect(negoex.decode(bytes)).toMatchObject({
        value: { messageTypes: ['INITIATOR_NEGO'] },
        fault: { reason: 'malformed', where: 'MESSAGE_HEADER.cbMessageLength' },
      })
    }
  })

  it('stops at bytes that are no message', () => {
    const bytes = concat(negoexMessage(5, new Uint8Array(4)), new Uint8Array(40))
    expect(negoex.decode(bytes)).toMatchObject({
      value: { messageTypes: ['AP_REQUEST'] },
      fault: { reason: 'malformed', where: 'MESSAGE_HEADER.Signature' },
    })
  })

  it('reads at most 32 messages and 64 schemes', () => {
    const messages = Array.from({ length: 33 }, () => negoexMessage(6, new Uint8Array(0)))
    expect(negoex.decode(concat(...messages)).fault?.reason).toBe('limit')
    expect(negoex.decode(concat(...messages)).value?.messageTypes.length).toBe(32)
    expect(negoex.decode(concat(...messages.slice(1))).fault).toBeNull()
    const schemes = Array.from({ length: 70 }, () => new Uint8Array(16))
    expect(negoex.decode(negoMessage(0, schemes)).value?.authSchemes.length).toBe(64)
  })

  it('does not read schemes out of the head, or behind the message', () => {
    const bytes = negoMessage(0, [new Uint8Array(16)])
    u16(bytes, 84, 5)
    expect(negoex.decode(bytes).value?.authSchemes).toEqual(['00000000-0000-0000-0000-000000000000'])
    u32(bytes, 80, 95)
    expect(negoex.decode(bytes).value?.authSchemes).toEqual([])
    u32(bytes, 80, 0xfffffff0)
    expect(negoex.decode(bytes).value?.authSchemes).toEqual([])
  })
})

describe('changed bytes', () => {
  it.each(SAMPLES)('gives a value or a fault: $name', ({ bytes }) => {
    changeBytes(bytes, 2000, (changed) => {
      const { value, fault } = negoex.decode(changed)
      expect(value !== null || fault !== null).toBe(true)
      expect(negoex.claims(changed)).toBe(value !== null)
    })
  })
})
