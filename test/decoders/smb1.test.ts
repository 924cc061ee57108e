import { describe, expect, it } from 'vitest'
import type { CarrierMessage, LegStep } from '../../decoders/carrier.ts'
import { smb } from '../../decoders/carriers/smb/smb.ts'
import { dosErrorName, ntstatusName } from '../../decoders/parts/ntstatus.ts'
import {
  nbss,
  smb1BareSessionSetupRequest,
  smb1LanmanNegotiateResponse,
  smb1LanmanSessionSetupRequest,
  smb1Message,
  smb1NegotiateRequest,
  smb1NegotiateResponse,
  smb1SessionSetupRequest,
  smb1SessionSetupResponse,
  smb1TreeConnectRequest,
  utf16,
} from '../builders/smb.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import * as samples from './smb1.samples.ts'
import { sampleBytes, TOKEN_HEX } from './smb2.samples.ts'

const TOKEN = fromHex(TOKEN_HEX)
const LM_RESPONSE = fromHex('1b8e02f4a966c7db3508e49d71fa2c6603b1dd94827c0e55')
const NT_RESPONSE = fromHex('e7419c36f20a885dbb6340d1972ef8156ca38b047fd9524e')
const NO_BYTES = new Uint8Array(0)

/** All messages of one PDU that makes sense to its last byte. */
function decode(message: Uint8Array): readonly CarrierMessage[] {
  const outcome = smb.decode(nbss(message), 'client')
  expect(outcome.fault).toBeNull()
  return outcome.value!
}

function decodeSample(sample: string): readonly CarrierMessage[] {
  return decode(sampleBytes(sample))
}

/** What every leg has, so that a test names what differs. */
const LEG: LegStep = {
  kind: 'leg',
  from: 'client',
  slot: '0',
  message: '0',
  method: 'SPNEGO',
  direct: false,
  token: null,
  outcome: null,
  status: null,
  principal: null,
  plainNtlm: null,
  session: null,
  facts: null,
  rpc: null,
  smb: null,
}

describe('SMB1 NEGOTIATE', () => {
  it('reads the request', () => {
    expect(decodeSample(samples.NEGOTIATE_REQUEST)).toEqual([
      {
        protocol: 'smb1',
        type: 'NEGOTIATE',
        from: 'client',
        service: 'smb',
        fields: {
          direction: 'request',
          dialects: ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'],
          flags2: [
            'LONG_NAMES',
            'EAS',
            'SECURITY_SIGNATURE_REQUIRED',
            'IS_LONG_NAME',
            'EXTENDED_SECURITY',
            'NT_STATUS',
            'UNICODE',
          ],
        },
        steps: [{ kind: 'facts', facts: { smb: { clientPolicy: 'required' } } }],
      },
    ])
  })

  it.each([
    [0xc801, []],
    [0xc805, [{ kind: 'facts', facts: { smb: { clientPolicy: 'enabled' } } }]],
    [0xc811, [{ kind: 'facts', facts: { smb: { clientPolicy: 'required' } } }]],
    [0xc815, [{ kind: 'facts', facts: { smb: { clientPolicy: 'required' } } }]],
  ])('Flags2 %i tells the policy of the client, or nothing', (flags2, steps) => {
    expect(decode(smb1NegotiateRequest(['NT LM 0.12'], { flags2 }))[0]!.steps).toEqual(steps)
  })

  it('reads the response with extended security', () => {
    const serverGuid = '00010203-0405-0607-0809-0a0b0c0d0e0f'
    expect(decodeSample(samples.NEGOTIATE_RESPONSE_EXTENDED)).toEqual([
      {
        protocol: 'smb1',
        type: 'NEGOTIATE',
        from: 'server',
        service: 'smb',
        fields: {
          direction: 'response',
          status: 'STATUS_SUCCESS',
          dialectIndex: 5,
          dialect: 'NT LM 0.12',
          securityMode: ['userSecurity', 'encryptPasswords', 'enabled', 'required'],
          extendedSecurity: true,
          serverGuid,
          systemTime: '2022-09-10T07:23:46.521660Z',
          domainName: null,
          serverName: null,
        },
        steps: [
          { kind: 'facts', facts: { smb: { serverPolicy: 'required', dialect: 'NT LM 0.12', serverGuid } } },
          { kind: 'offer', methods: [], token: TOKEN, slot: '' },
        ],
      },
    ])
  })

  it('reads the response with a challenge, and does not show the challenge', () => {
    const messages = decodeSample(samples.NEGOTIATE_RESPONSE_CHALLENGE)
    expect(messages).toEqual([
      {
        protocol: 'smb1',
        type: 'NEGOTIATE',
        from: 'server',
        service: 'smb',
        fields: {
          direction: 'response',
          status: 'STATUS_SUCCESS',
          dialectIndex: 0,
          dialect: 'NT LM 0.12',
          securityMode: ['userSecurity', 'enabled'],
          extendedSecurity: false,
          serverGuid: null,
          systemTime: null,
          domainName: 'AB',
          serverName: 'NAS1',
        },
        steps: [{ kind: 'facts', facts: { smb: { serverPolicy: 'enabled', dialect: 'NT LM 0.12' } } }],
      },
    ])
    expect(JSON.stringify(messages)).not.toMatch(/c4c4|196,196/)
  })

  it('reads the response of LAN Manager', () => {
    const [message] = decodeSample(samples.NEGOTIATE_RESPONSE_LANMAN)
    expect(message!.fields).toEqual({
      direction: 'response',
      status: 'STATUS_SUCCESS',
      dialectIndex: 6,
      dialect: 'LANMAN',
      securityMode: ['userSecurity', 'encryptPasswords'],
      domainName: 'LAB',
    })
    expect(message!.steps).toEqual([{ kind: 'facts', facts: { smb: { dialect: 'LANMAN', serverPolicy: 'disabled' } } }])
  })

  it('knows that no dialect is none', () => {
    const [message] = decodeSample(samples.NEGOTIATE_RESPONSE_NONE)
    expect(message!.fields).toEqual({
      direction: 'response',
      status: 'STATUS_SUCCESS',
      dialectIndex: 0xffff,
      dialect: null,
    })
    expect(message!.steps).toEqual([{ kind: 'offer', methods: ['no common dialect'], token: null, slot: '' }])
    const [noDialect] = decode(smb1NegotiateResponse({ dialectIndex: 0xffff }))
    expect(noDialect!.steps).toEqual([{ kind: 'facts', facts: { smb: { serverPolicy: 'disabled' } } }])
  })

  it('takes the core protocol from the one word of its response', () => {
    const message = sampleBytes(samples.NEGOTIATE_RESPONSE_NONE)
    message.set([0, 0], 33)
    expect(decode(message)[0]!.steps).toEqual([
      { kind: 'facts', facts: { smb: { dialect: 'PC NETWORK PROGRAM 1.0', serverPolicy: 'disabled' } } },
    ])
  })

  it('reads nothing but the status of an error, and gives up on words that no dialect has', () => {
    const refusal = smb1Message(0x72, { response: true, status: 0xc000_00bb }, NO_BYTES, NO_BYTES)
    expect(decode(refusal)[0]!.fields).toEqual({ direction: 'response', status: 'STATUS_NOT_SUPPORTED' })
    const odd = smb1Message(0x72, { response: true }, new Uint8Array(10), NO_BYTES)
    expect(smb.decode(nbss(odd), 'server')).toEqual({
      value: [],
      fault: { reason: 'unsupported', where: 'NEGOTIATE Response.WordCount' },
    })
  })
})

describe('SMB1 SESSION_SETUP with extended security', () => {
  it('reads the request', () => {
    expect(decodeSample(samples.SESSION_SETUP_REQUEST_EXTENDED)).toEqual([
      {
        protocol: 'smb1',
        type: 'SESSION_SETUP',
        from: 'client',
        service: 'smb',
        fields: {
          direction: 'request',
          uid: '2048',
          mid: '64',
          extendedSecurity: true,
          flags2: ['LONG_NAMES', 'EXTENDED_SECURITY', 'NT_STATUS', 'UNICODE'],
          nativeOS: 'XP',
          nativeLanMan: 'LM',
          primaryDomain: 'W',
        },
        steps: [{ ...LEG, slot: '2048', message: '64', token: TOKEN }],
      },
    ])
  })

  it('reads the response', () => {
    const status = { code: 0xc000_0016, name: 'STATUS_MORE_PROCESSING_REQUIRED', detail: null }
    expect(decodeSample(samples.SESSION_SETUP_RESPONSE_EXTENDED)).toEqual([
      {
        protocol: 'smb1',
        type: 'SESSION_SETUP',
        from: 'server',
        service: 'smb',
        fields: {
          direction: 'response',
          uid: '2048',
          mid: '64',
          status: 'STATUS_MORE_PROCESSING_REQUIRED',
          guest: false,
          nativeOS: 'U',
          nativeLanMan: 'S',
          primaryDomain: 'D',
        },
        steps: [{ ...LEG, from: 'server', slot: '2048', message: '64', token: TOKEN, outcome: 'continue', status }],
      },
    ])
  })

  it('does not shift the strings behind a token of odd length', () => {
    const [message] = decode(smb1SessionSetupRequest({ token: TOKEN.subarray(1) }))
    expect(message!.fields).toMatchObject({ nativeOS: 'Test OS', nativeLanMan: 'Test LM', primaryDomain: '' })
    expect(message!.steps).toMatchObject([{ token: TOKEN.subarray(1) }])
  })

  it('reads an error, which has no words: the method stays open', () => {
    const [message] = decode(smb1SessionSetupResponse({ status: 0xc000_006d, uid: 2048, mid: 128 }))
    const status = { code: 0xc000_006d, name: 'STATUS_LOGON_FAILURE', detail: null }
    expect(message!.fields).toEqual({
      direction: 'response',
      uid: '2048',
      mid: '128',
      status: 'STATUS_LOGON_FAILURE',
      guest: false,
      nativeOS: null,
      nativeLanMan: null,
      primaryDomain: null,
    })
    expect(message!.steps).toEqual([
      { ...LEG, from: 'server', slot: '2048', message: '128', method: null, outcome: 'failure', status },
    ])
  })

  it('gives as much of a token as the capture has, and half a name of nobody', () => {
    const pdu = nbss(sampleBytes(samples.SESSION_SETUP_REQUEST_EXTENDED))
    const inToken = smb.decode(pdu.subarray(0, 4 + 59 + 6), 'client')
    expect(inToken.value![0]!.steps).toMatchObject([{ token: TOKEN.subarray(0, 6) }])
    expect(inToken.value![0]!.fields).toMatchObject({ nativeOS: null, nativeLanMan: null, primaryDomain: null })
    expect(inToken.fault).toEqual({ reason: 'cut', where: 'SESSION_SETUP_ANDX Request.SecurityBlob' })
    const inString = smb.decode(pdu.subarray(0, 4 + 78), 'client')
    expect(inString.value![0]!.fields).toMatchObject({ nativeOS: 'XP', nativeLanMan: null, primaryDomain: null })
  })

  it('still tells that there was one where the capture has the header alone', () => {
    const { value, fault } = smb.decode(
      nbss(smb1SessionSetupRequest({ mid: 9, token: TOKEN })).subarray(0, 40),
      'client',
    )
    expect(value![0]!.steps).toEqual([{ ...LEG, method: null, message: '9' }])
    expect(fault).toEqual({ reason: 'cut', where: 'SESSION_SETUP_ANDX Request' })
  })
})

describe('SMB1 SESSION_SETUP without extended security', () => {
  it('reads LM and NT responses, and does not show them', () => {
    const messages = decodeSample(samples.SESSION_SETUP_REQUEST_NTLMV1)
    expect(messages).toEqual([
      {
        protocol: 'smb1',
        type: 'SESSION_SETUP',
        from: 'client',
        service: 'smb',
        fields: {
          direction: 'request',
          uid: '0',
          mid: '2',
          extendedSecurity: false,
          flags2: ['LONG_NAMES', 'NT_STATUS', 'UNICODE'],
          ntlmVersion: 'NTLMv1',
          userName: 'joe',
          domainName: 'LAB',
          nativeOS: 'X',
          nativeLanMan: 'L',
        },
        steps: [
          {
            ...LEG,
            message: '2',
            method: 'LM/NTLM',
            direct: true,
            principal: { user: 'joe', domain: 'LAB', workstation: '' },
            plainNtlm: 'NTLMv1',
          },
        ],
      },
    ])
    expect(JSON.stringify(messages)).not.toMatch(/1b8e02|27,142,2|e7419c|231,65,156/)
  })

  it('reads the one response of LAN Manager', () => {
    const [message] = decodeSample(samples.SESSION_SETUP_REQUEST_LANMAN)
    expect(message!.fields).toMatchObject({
      ntlmVersion: 'LM',
      userName: 'joe',
      domainName: 'LAB',
      nativeOS: 'X',
      nativeLanMan: 'LM',
    })
    expect(message!.steps).toEqual([
      {
        ...LEG,
        message: '1',
        method: 'LM/NTLM',
        direct: true,
        principal: { user: 'joe', domain: 'LAB', workstation: '' },
        plainNtlm: 'LM',
      },
    ])
  })

  /** Response, then RespType and HiRespType, and what an NTLMv2 client challenge has behind them. */
  const NTLMV2_RESPONSE = fromHex(
    `${'9f3c'.repeat(8)} 0101000000000000 00ba4b0000c4d801 1122334455667788 00000000 00000000`,
  )
  it.each([
    ['nothing', NO_BYTES, NO_BYTES, 'anonymous'],
    ['a NUL', Uint8Array.of(0), NO_BYTES, 'anonymous'],
    ['a NUL in Unicode', NO_BYTES, Uint8Array.of(0, 0), 'anonymous'],
    ['both responses', LM_RESPONSE, NT_RESPONSE, 'NTLMv1'],
    ['the NT response twice', NT_RESPONSE, NT_RESPONSE, 'NTLMv1'],
    ['the NT response alone', NO_BYTES, NT_RESPONSE, 'NTLMv1'],
    ['LMv2 and NTLMv2', LM_RESPONSE, NTLMV2_RESPONSE, 'NTLMv2'],
    ['NTLMv2 alone', NO_BYTES, NTLMV2_RESPONSE, 'NTLMv2'],
    ['the LM response alone', LM_RESPONSE, NO_BYTES, 'LM'],
    ['a password in Unicode', NO_BYTES, utf16('secret'), 'plaintext'],
    ['a password in Unicode with its NUL', Uint8Array.of(0), utf16('secret\0'), 'plaintext'],
    ['a password of 12 letters in Unicode', NO_BYTES, utf16('secretsecret'), 'plaintext'],
    ['a password of 30 letters in Unicode', NO_BYTES, utf16('secret'.repeat(5)), 'plaintext'],
    ['a password in OEM', fromHex('736563726574'), NO_BYTES, 'plaintext'],
    ['a password of 24 letters in OEM', fromHex('736563726574'.repeat(4)), NO_BYTES, 'plaintext'],
    ['a password of 23 letters and a NUL', fromHex(`${'73'.repeat(23)}00`), NO_BYTES, 'plaintext'],
    ['something between a response and a blob', NO_BYTES, new Uint8Array(30).fill(0xbb), 'plaintext'],
  ] as const)('tells %s', (_, oemPassword, unicodePassword, plainNtlm) => {
    const [message] = decode(
      smb1BareSessionSetupRequest({ oemPassword, unicodePassword, user: 'joe', domain: 'LAB', mid: 7 }),
    )
    expect(message!.fields).toMatchObject({ ntlmVersion: plainNtlm, userName: 'joe', domainName: 'LAB' })
    expect(message!.steps).toMatchObject([
      { method: 'LM/NTLM', direct: true, token: null, plainNtlm, principal: { user: 'joe', domain: 'LAB' } },
    ])
    expect(JSON.stringify(message)).not.toMatch(/secret/)
  })

  it('tells a password of LAN Manager', () => {
    const message = smb1LanmanSessionSetupRequest(fromHex('534543524554'), 'joe', 'LAB')
    expect(decode(message)[0]!.steps).toMatchObject([{ plainNtlm: 'plaintext', principal: { user: 'joe' } }])
  })

  it('judges a cut response by its length, and knows nobody by half a name', () => {
    const pdu = nbss(sampleBytes(samples.SESSION_SETUP_REQUEST_NTLMV1))
    for (const length of [4 + 61, 4 + 70, 4 + 100, 4 + 112]) {
      const { value, fault } = smb.decode(pdu.subarray(0, length), 'client')
      expect(value![0]!.steps).toMatchObject([{ plainNtlm: 'NTLMv1', principal: null }])
      expect(fault).toEqual({ reason: 'cut', where: 'SESSION_SETUP_ANDX Request.Bytes' })
    }
  })

  it('reads the response, here for a guest', () => {
    const [message] = decodeSample(samples.SESSION_SETUP_RESPONSE_GUEST)
    expect(message!.fields).toMatchObject({ guest: true, nativeOS: 'U', nativeLanMan: 'S', primaryDomain: 'D' })
    expect(message!.steps).toEqual([
      {
        ...LEG,
        from: 'server',
        slot: '100',
        message: '2',
        method: 'LM/NTLM',
        direct: true,
        outcome: 'success',
        status: { code: 0, name: 'STATUS_SUCCESS', detail: null },
        session: 'guest',
      },
    ])
  })

  it('reads a DOS error', () => {
    const [message] = decodeSample(samples.SESSION_SETUP_RESPONSE_DOS_ERROR)
    expect(message!.fields).toMatchObject({ status: 'ERRSRV/ERRbadpw' })
    expect(message!.steps).toMatchObject([
      { outcome: 'failure', status: { code: 0x0002_0002, name: 'ERRSRV/ERRbadpw', detail: null } },
    ])
  })

  it('refuses words that no request has', () => {
    expect(smb.decode(nbss(smb1Message(0x73, {}, new Uint8Array(18), NO_BYTES)), 'client')).toEqual({
      value: [],
      fault: { reason: 'unsupported', where: 'SESSION_SETUP_ANDX Request.WordCount' },
    })
  })
})

describe('SMB1 TREE_CONNECT', () => {
  it('gives the server as it was typed', () => {
    expect(decode(smb1TreeConnectRequest('\\\\nas1.lab\\data'))).toEqual([
      {
        protocol: 'smb1',
        type: 'TREE_CONNECT',
        from: 'client',
        service: 'smb',
        fields: null,
        steps: [{ kind: 'facts', facts: { serverName: 'nas1.lab' } }],
      },
    ])
  })

  it('is found behind the SESSION_SETUP of the same message', () => {
    const messages = decodeSample(samples.SESSION_SETUP_AND_TREE_CONNECT)
    expect(messages).toMatchObject([
      {
        type: 'SESSION_SETUP',
        steps: [{ plainNtlm: 'anonymous', message: '3', principal: { user: '', domain: '' } }],
      },
      { type: 'TREE_CONNECT', steps: [{ kind: 'facts', facts: { serverName: 'NAS1' } }] },
    ])
  })

  it('does not follow AndXOffset backwards', () => {
    const message = sampleBytes(samples.SESSION_SETUP_AND_TREE_CONNECT)
    for (const offset of [0, 32]) {
      message.set([offset, 0], 35)
      expect(smb.decode(nbss(message), 'client').value).toHaveLength(1)
    }
  })
})

describe('ordinary SMB1 messages', () => {
  it.each([
    [samples.READ_CLEAR, 'clear'],
    [samples.READ_PLACEHOLDER, 'clear'],
    [samples.READ_SIGNED, 'signed'],
  ])('are evidence of signing by the bytes of their signature', (sample, protection) => {
    const message = new Uint8Array(40)
    message.set(sampleBytes(sample))
    const whole = decode(message)
    expect(whole).toEqual([
      {
        protocol: 'smb1',
        type: '0x2e',
        from: 'client',
        service: 'smb',
        fields: null,
        steps: [{ kind: 'traffic', from: 'client', slot: '2048', protection, refused: false, how: null }],
      },
    ])
    expect(smb.decode(nbss(message).subarray(0, 36), 'client')).toEqual({ value: whole, fault: null })
  })

  it.each([
    ['ECHO', smb1Message(0x2b, { uid: 100 }, NO_BYTES, NO_BYTES)],
    ['NT_CANCEL', smb1Message(0xa4, { uid: 100 }, NO_BYTES, NO_BYTES)],
    ['TREE_CONNECT', smb1Message(0x70, { uid: 100 }, NO_BYTES, NO_BYTES)],
    ['an oplock break of the server', smb1Message(0x24, { uid: 100, mid: 0xffff }, NO_BYTES, NO_BYTES)],
    ['an error without a session', smb1Message(0xa2, { response: true, status: 0xc000_0022 }, NO_BYTES, NO_BYTES)],
  ])('%s is no evidence', (_, message) => {
    expect(decode(message)).toEqual([])
  })

  it.each([
    ['LOGOFF_ANDX', smb1Message(0x74, { uid: 100 }, NO_BYTES, NO_BYTES)],
    ['NT_CREATE_ANDX', smb1Message(0xa2, { uid: 100 }, NO_BYTES, NO_BYTES)],
    ['a server whose only UID is 0', smb1Message(0x04, { response: true }, NO_BYTES, NO_BYTES)],
  ])('%s is evidence', (_, message) => {
    expect(decode(message)).toMatchObject([{ steps: [{ kind: 'traffic', protection: 'clear' }] }])
  })

  const signature = new Uint8Array(8).fill(0x77)
  it.each([
    [{ status: 0xc000_0022 }, true],
    [{ status: 0xc000_0203 }, true],
    [{ status: 0x005b_0002 }, true],
    [{ status: 0xc000_0022, signature }, false],
    [{ status: 0xc000_0034 }, false],
    [{ status: 0x0005_0001, flags2: 1 }, true],
    [{ status: 0x005b_0002, flags2: 1 }, true],
    [{ status: 0x0002_0001, flags2: 1 }, false],
  ])('answer %o: refused %s', (header, refused) => {
    const [message] = decode(smb1Message(0xa2, { uid: 100, response: true, ...header }, NO_BYTES, NO_BYTES))
    expect(message!.steps).toMatchObject([{ refused }])
  })
})

describe('names of statuses', () => {
  it('are those of MS-ERREF and MS-CIFS', () => {
    expect(ntstatusName(0)).toBe('STATUS_SUCCESS')
    expect(ntstatusName(0xc000_0022)).toBe('STATUS_ACCESS_DENIED')
    expect(ntstatusName(0xc000_035b)).toBe('STATUS_BAD_BINDINGS')
    expect(ntstatusName(0xc000_0418)).toBe('STATUS_NTLM_BLOCKED')
    expect(ntstatusName(0xc000_0388 | 0)).toBe('STATUS_DOWNGRADE_DETECTED')
    expect(ntstatusName(0xc0de_0001)).toBe('0xC0DE0001')
    expect(ntstatusName(0x12)).toBe('0x00000012')
    expect(dosErrorName(0x005b_0002)).toBe('ERRSRV/ERRbaduid')
    expect(dosErrorName(0x0007_0001)).toBe('ERRDOS/7')
    expect(dosErrorName(0x0007_0055)).toBe('0x55/7')
  })
})

describe('hostile SMB1', () => {
  const all = Object.entries(samples).flatMap(([name, sample]): [string, string][] =>
    typeof sample === 'string' && name !== 'TOKEN_HEX' ? [[name, sample]] : [],
  )
  it.each(all)('%s cut at every byte never throws, and what is read is not made up', (_, sample) => {
    const pdu = nbss(sampleBytes(sample))
    const whole = smb.decode(pdu, 'client').value!
    cutEverywhere(pdu, (cut) => {
      const { value, fault } = smb.decode(cut, 'client')
      for (const [at, message] of (value ?? []).entries()) {
        expect(message.type).toBe(whole[at]!.type)
        expect(message.from).toBe(whole[at]!.from)
        const { userName, primaryDomain } = message.fields ?? {}
        if (userName != null) expect(userName).toBe(whole[at]!.fields!.userName)
        if (primaryDomain != null) expect(primaryDomain).toBe(whole[at]!.fields!.primaryDomain)
      }
      if (cut.length < 36) expect(fault).not.toBeNull()
    })
  })

  it.each(all)('%s with changed bytes never throws', (_, sample) => {
    const pdu = nbss(sampleBytes(sample))
    changeBytes(pdu, 3000, (changed) => {
      const { value, fault } = smb.decode(changed, 'server')
      expect(value !== null || fault !== null).toBe(true)
      JSON.stringify(value?.map((message) => message.fields))
    })
  })
})

describe('builders of SMB1', () => {
  it('write what was written by hand', () => {
    const dialects = ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???']
    expect(plain(smb1NegotiateRequest(dialects, { flags2: 0xc853, tid: 0xffff }))).toEqual(
      plain(sampleBytes(samples.NEGOTIATE_REQUEST)),
    )
    const lanman = smb1LanmanNegotiateResponse(6)
    expect(smb.decode(nbss(lanman), 'server').value).toMatchObject([
      { fields: { dialectIndex: 6, dialect: 'LANMAN', domainName: 'WORKGROUP' } },
    ])
    const password = LM_RESPONSE
    const hand = decodeSample(samples.SESSION_SETUP_REQUEST_LANMAN)[0]!.steps[0] as LegStep
    const built = decode(smb1LanmanSessionSetupRequest(password, 'joe', 'LAB'))[0]!.steps[0] as LegStep
    expect({ ...built, message: '1' }).toEqual(hand)
  })

  function plain(message: Uint8Array): Uint8Array {
    const copy = message.slice()
    copy.fill(0, 26, 28)
    return copy
  }
})
