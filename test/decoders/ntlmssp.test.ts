import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { negotiateFlagNames, ntlmssp } from '../../decoders/mechanisms/ntlmssp.ts'
import {
  AV,
  authenticateMessage,
  avPairs,
  challengeMessage,
  negotiateMessage,
  ntlmv2Response,
  singleHostData,
  u16,
  u32,
} from '../builders/ntlmssp.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { alice, SAMPLES, SPECIFICATION } from './ntlmssp.samples.ts'

describe('samples', () => {
  it.each(SAMPLES)('$name', ({ bytes, message }) => {
    expect(ntlmssp.claims(bytes)).toBe(true)
    const expected = { ...message, negotiateFlags: message.negotiateFlags >>> 0 }
    expect(ntlmssp.decode(bytes)).toEqual({ value: expected, fault: null })
  })

  it('holds the proof of the specification: its key and challenges give the responses', () => {
    const [challenge, authenticate] = SPECIFICATION
    const key = fromHex('0c868a403bfd7a93a3001ef22ef02e3f')
    const serverChallenge = challenge!.bytes.subarray(24, 32)
    const response = authenticate!.bytes.subarray(0x84, 0xd8)
    const proof = createHmac('md5', key).update(serverChallenge).update(response.subarray(16)).digest('hex')
    expect(proof).toBe('68cd0ab851e51c96aabc927bebef6a1c')
    const lm = createHmac('md5', key).update(serverChallenge).update(fromHex('aaaaaaaaaaaaaaaa')).digest('hex')
    expect(lm).toBe('86c35097ac9cec102554764a57cccc19')
  })

  it('borrows its byte fields from the token, wherever the token stands in its buffer', () => {
    const buffer = new Uint8Array(1000)
    const token = buffer.subarray(100, 100 + authenticateMessage().length)
    token.set(authenticateMessage())
    const { value } = ntlmssp.decode(token)
    expect(value).toEqual(alice)
    if (value?.type !== 'AUTHENTICATE_MESSAGE') throw new Error('not an AUTHENTICATE_MESSAGE')
    const borrowed = [value.ntResponse, value.channelBindings, value.targetInfo?.singleHost?.machineId]
    expect(borrowed.map((bytes) => bytes?.buffer === buffer.buffer)).toEqual([true, true, true])
  })
})

describe('claims', () => {
  const near: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['the signature alone', fromHex('4e544c4d53535000')],
    ['eleven bytes', fromHex('4e544c4d53535000 010000')],
    ['type 0', fromHex('4e544c4d53535000 00000000 00000000')],
    ['type 4', fromHex('4e544c4d53535000 04000000 00000000')],
    ['type 1 in big-endian', fromHex('4e544c4d53535000 00000001 00000000')],
    ['type 0x00010001', fromHex('4e544c4d53535000 01000100 00000000')],
    ['the signature without its NUL', fromHex('4e544c4d53535020 01000000 00000000')],
    ['lower case', fromHex('6e746c6d73737000 01000000 00000000')],
    ['NEGOEX', fromHex('4e45474f45585453 01000000 00000000')],
    ['an NTLMSSP signature', fromHex('01000000 0123456789abcdef 00000000')],
    ['SPNEGO', fromHex('6048 0606 2b0601050502 a03e 303c')],
  ]
  it.each(near)('not %s', (_, bytes) => {
    expect(ntlmssp.claims(bytes)).toBe(false)
    expect(ntlmssp.decode(bytes).value).toBeNull()
  })

  it('claims 12 bytes, and decode says that they are cut', () => {
    for (const type of ['01', '02', '03']) {
      const bytes = fromHex(`4e544c4d53535000 ${type}000000`)
      expect(ntlmssp.claims(bytes)).toBe(true)
      expect(ntlmssp.decode(bytes).fault?.reason).toBe('cut')
    }
  })
})

describe('messages that end early', () => {
  it.each(SAMPLES)('is never silent about it: $name', ({ bytes, alsoWholeAt = [] }) => {
    cutEverywhere(bytes, (cut) => {
      const { value, fault } = ntlmssp.decode(cut)
      if (alsoWholeAt.includes(cut.length)) expect(fault).toBeNull()
      else expect([cut.length, fault?.reason]).toEqual([cut.length, 'cut'])
      if (value?.type === 'AUTHENTICATE_MESSAGE') {
        const whole = ntlmssp.decode(bytes).value
        if (whole?.type !== 'AUTHENTICATE_MESSAGE') throw new Error('another type')
        // names are whole or empty, and the version does not depend on what is lost
        expect(['', whole.userName]).toContain(value.userName)
        expect(['', whole.domainName]).toContain(value.domainName)
        expect(['', whole.workstation]).toContain(value.workstation)
        if (whole.ntlmVersion === 'NTLMv2') expect(value.ntlmVersion).toBe('NTLMv2')
      }
    })
  })

  it('reads what is there of an AUTHENTICATE: the snap length took the end of the NT response', () => {
    const bytes = authenticateMessage()
    const ntAt = bytes.length - 16 - ntlmv2Response().length
    const { value, fault } = ntlmssp.decode(bytes.subarray(0, ntAt + 44 + 20))
    expect(fault).toEqual({ reason: 'cut', where: 'AUTHENTICATE_MESSAGE.NtChallengeResponse' })
    expect(value).toMatchObject({ userName: 'alice', domainName: 'CORP', workstation: 'WS1', ntlmVersion: 'NTLMv2' })
    expect(value).toMatchObject({ targetSpn: null, targetInfo: { nbDomainName: 'CORP', order: [2] } })
  })

  it('takes names that lie behind the end as lost, and knows the rest', () => {
    const { value, fault } = ntlmssp.decode(authenticateMessage().subarray(0, 90))
    expect(fault?.reason).toBe('cut')
    expect(value).toMatchObject({ userName: '', domainName: '', ntlmVersion: 'NTLMv2', mic: true, targetInfo: null })
  })
})

describe('odd messages', () => {
  it('ignores where empty pieces point to', () => {
    const bytes = authenticateMessage({ domain: '', workstation: '' })
    u32(bytes, 28 + 4, 0)
    u32(bytes, 44 + 4, 0xffffffff)
    expect(ntlmssp.decode(bytes)).toEqual({ value: { ...alice, domainName: '', workstation: '' }, fault: null })
  })

  it('ignores MaxLen', () => {
    const bytes = authenticateMessage()
    for (const at of [12, 20, 28, 36, 44, 52]) u16(bytes, at + 2, 0xffff)
    expect(ntlmssp.decode(bytes)).toEqual({ value: alice, fault: null })
  })

  it('lets pieces overlap', () => {
    const bytes = authenticateMessage({ workstation: '' })
    bytes.copyWithin(44, 36, 44)
    expect(ntlmssp.decode(bytes)).toEqual({ value: { ...alice, workstation: 'alice' }, fault: null })
  })

  it('does not read a piece out of the head', () => {
    const bytes = authenticateMessage()
    u32(bytes, 36 + 4, 8)
    expect(ntlmssp.decode(bytes)).toEqual({
      value: { ...alice, userName: '' },
      fault: { reason: 'malformed', where: 'AUTHENTICATE_MESSAGE.UserName' },
    })
  })

  it('does not read a piece behind the end', () => {
    const bytes = authenticateMessage()
    u32(bytes, 36 + 4, 0xfffffff0)
    expect(ntlmssp.decode(bytes)).toEqual({
      value: { ...alice, userName: '' },
      fault: { reason: 'cut', where: 'AUTHENTICATE_MESSAGE.UserName' },
    })
  })

  it('takes an NT response of no known length as NTLMv1 and says so', () => {
    const { value, fault } = ntlmssp.decode(authenticateMessage({ nt: new Uint8Array(23).fill(1) }))
    expect(value).toMatchObject({ ntlmVersion: 'NTLMv1' })
    expect(fault).toEqual({ reason: 'malformed', where: 'AUTHENTICATE_MESSAGE.NtChallengeResponse' })
  })

  it('takes an NT response of 25 bytes as NTLMv2 without client challenge', () => {
    const { value, fault } = ntlmssp.decode(authenticateMessage({ nt: new Uint8Array(25).fill(1) }))
    expect(value).toMatchObject({ ntlmVersion: 'NTLMv2', targetInfo: null })
    expect(fault).toEqual({ reason: 'malformed', where: 'AUTHENTICATE_MESSAGE.NTLMv2_CLIENT_CHALLENGE' })
  })

  it('decides between LM and anonymous by the bytes of the LM response', () => {
    const versionOf = (lm: Uint8Array) => {
      const { value } = ntlmssp.decode(authenticateMessage({ lm, nt: new Uint8Array(0) }))
      return value?.type === 'AUTHENTICATE_MESSAGE' ? [value.ntlmVersion, value.lmResponsePresent] : null
    }
    expect(versionOf(new Uint8Array(0))).toEqual(['anonymous', false])
    expect(versionOf(new Uint8Array(1))).toEqual(['anonymous', false])
    expect(versionOf(new Uint8Array(24))).toEqual(['anonymous', false])
    expect(versionOf(new Uint8Array(24).fill(1))).toEqual(['LM', true])
  })

  it('asks all of LM[8..23] to be zero before it says NTLMv1-ESS', () => {
    const lm = new Uint8Array(24).fill(0xaa, 0, 8)
    lm[23] = 1
    const { value } = ntlmssp.decode(authenticateMessage({ lm, nt: new Uint8Array(24).fill(2) }))
    expect(value).toMatchObject({ ntlmVersion: 'NTLMv1', lmResponsePresent: true })
  })

  it('finds no MIC where the payload begins at 72 and AvFlags promise one', () => {
    expect(ntlmssp.decode(authenticateMessage({ mic: null }))).toEqual({ value: { ...alice, mic: false }, fault: null })
  })

  it('finds no Version without the flag, though there is room', () => {
    const bytes = negotiateMessage({ flags: 0x8207 })
    expect(ntlmssp.decode(bytes).value).toMatchObject({ version: null })
  })
})

describe('AV_PAIRs', () => {
  const targetInfoOf = (targetInfo: Uint8Array) => {
    const { value, fault } = ntlmssp.decode(challengeMessage({ targetInfo }))
    return { info: value?.type === 'CHALLENGE_MESSAGE' ? value.targetInfo : null, fault }
  }

  it('stops at MsvAvEOL, whatever follows', () => {
    const { info, fault } = targetInfoOf(fromHex('0200 0200 4100  0000 0000  0100 0200 4200'))
    expect(info).toMatchObject({ nbDomainName: 'A', nbComputerName: null, order: [2] })
    expect(fault).toBeNull()
  })

  it('keeps what it read before a pair that is too long', () => {
    const { info, fault } = targetInfoOf(fromHex('0200 0200 4100  0100 0300 4200'))
    expect(info).toMatchObject({ nbDomainName: 'A', nbComputerName: null, order: [2] })
    expect(fault).toEqual({ reason: 'malformed', where: 'CHALLENGE_MESSAGE.TargetInfo' })
  })

  it('reads at most 64', () => {
    const pairs = (count: number) => avPairs(Array.from({ length: count }, () => [100, new Uint8Array(0)]))
    expect(targetInfoOf(pairs(63)).info?.order.length).toBe(63)
    expect(targetInfoOf(pairs(63)).fault).toBeNull()
    expect(targetInfoOf(pairs(200)).info?.order.length).toBe(64)
    expect(targetInfoOf(pairs(200)).fault).toEqual({ reason: 'limit', where: 'CHALLENGE_MESSAGE.TargetInfo' })
  })

  it.each([
    ['MsvAvFlags', AV.Flags, 3],
    ['MsvAvTimestamp', AV.Timestamp, 7],
    ['MsvAvChannelBindings', AV.ChannelBindings, 15],
    ['Single_Host_Data', AV.SingleHost, 47],
  ])('has no value for %s of a wrong length', (_, id, length) => {
    const { info, fault } = targetInfoOf(avPairs([[id, new Uint8Array(length).fill(1)]]))
    expect(info).toMatchObject({ avFlags: null, timestamp: null, channelBindings: null, singleHost: null, order: [id] })
    expect(fault?.reason).toBe('malformed')
  })

  it('believes in a permanent machine id only where Size and length say so', () => {
    const permanent = (data: Uint8Array) =>
      targetInfoOf(avPairs([[AV.SingleHost, data]])).info?.singleHost?.permanentMachineId
    const data = singleHostData({ permanentMachineId: new Uint8Array(32).fill(0x22) })
    expect(permanent(data)).toEqual(new Uint8Array(32).fill(0x22))
    u32(data, 0, 0x30)
    expect(permanent(data)).toBeNull()
    const short = singleHostData()
    u32(short, 0, 0x50)
    expect(permanent(short)).toBeNull()
  })
})

describe('negotiateFlagNames', () => {
  it('names every bit that has a name, and writes the others as numbers', () => {
    expect(negotiateFlagNames(0)).toEqual([])
    expect(negotiateFlagNames(0xe2088297)).toEqual([
      ...['UNICODE', 'OEM', 'REQUEST_TARGET', 'SIGN', 'LM_KEY', 'NTLM', 'ALWAYS_SIGN'],
      ...['EXTENDED_SESSIONSECURITY', 'VERSION', '128', 'KEY_EXCH', '56'],
    ])
    expect(negotiateFlagNames(0xffffffff)).toEqual([
      ...['UNICODE', 'OEM', 'REQUEST_TARGET', '0x00000008', 'SIGN', 'SEAL', 'DATAGRAM', 'LM_KEY'],
      ...['0x00000100', 'NTLM', '0x00000400', 'ANONYMOUS', 'OEM_DOMAIN_SUPPLIED', 'OEM_WORKSTATION_SUPPLIED'],
      ...['LOCAL_CALL', 'ALWAYS_SIGN', 'TARGET_TYPE_DOMAIN', 'TARGET_TYPE_SERVER', '0x00040000'],
      ...['EXTENDED_SESSIONSECURITY', 'IDENTIFY', '0x00200000', 'NON_NT_SESSION_KEY', 'TARGET_INFO', '0x01000000'],
      ...['VERSION', '0x04000000', '0x08000000', '0x10000000', '128', 'KEY_EXCH', '56'],
    ])
  })

  it('takes signed numbers as the same bits', () => {
    expect(negotiateFlagNames(0x80000000 | 0)).toEqual(['56'])
  })
})

describe('changed bytes', () => {
  it.each(SAMPLES)('gives a value or a fault: $name', ({ bytes }) => {
    changeBytes(bytes, 1000, (changed) => {
      const { value, fault } = ntlmssp.decode(changed)
      expect(value !== null || fault !== null).toBe(true)
      expect(value !== null && 'targetInfo' in value ? (value.targetInfo?.order.length ?? 0) : 0).toBeLessThanOrEqual(
        64,
      )
      expect(() => JSON.stringify(value)).not.toThrow()
    })
  })

  it('stays quick with the longest names there can be', () => {
    const bytes = authenticateMessage({ user: new Uint8Array(65_000), domain: 'x'.repeat(32_000) })
    const start = performance.now()
    expect(ntlmssp.decode(bytes).value).toMatchObject({ userName: '' })
    expect(performance.now() - start).toBeLessThan(500)
  })
})
