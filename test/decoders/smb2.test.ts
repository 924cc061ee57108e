import { describe, expect, it } from 'vitest'
import type { CarrierMessage, LegStep } from '../../decoders/carrier.ts'
import { smb } from '../../decoders/carriers/smb/smb.ts'
import {
  compound,
  nbss,
  type Smb2Command,
  smb2Error,
  smb2Ioctl,
  smb2Message,
  smb2NegotiateRequest,
  smb2NegotiateResponse,
  smb2SessionSetupRequest,
  smb2SessionSetupResponse,
  smb2TreeConnectRequest,
  smb2TreeConnectResponse,
} from '../builders/smb.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import * as samples from './smb2.samples.ts'

const TOKEN = fromHex(samples.TOKEN_HEX)

/** All messages of one PDU that makes sense to its last byte. */
function decode(message: Uint8Array): readonly CarrierMessage[] {
  const outcome = smb.decode(nbss(message), 'client')
  expect(outcome.fault).toBeNull()
  return outcome.value!
}

function decodeSample(sample: string): readonly CarrierMessage[] {
  return decode(samples.sampleBytes(sample))
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

describe('SMB2 NEGOTIATE', () => {
  it('reads the request of 3.1.1 with all its contexts', () => {
    expect(decodeSample(samples.NEGOTIATE_REQUEST_311)).toEqual([
      {
        protocol: 'smb2',
        type: 'NEGOTIATE',
        from: 'client',
        service: 'smb',
        fields: {
          direction: 'request',
          dialects: ['2.0.2', '2.1', '3.0', '3.0.2', '3.1.1'],
          securityMode: ['enabled'],
          capabilities: [
            'DFS',
            'LEASING',
            'LARGE_MTU',
            'MULTI_CHANNEL',
            'PERSISTENT_HANDLES',
            'DIRECTORY_LEASING',
            'ENCRYPTION',
          ],
          clientGuid: '00112233-4455-6677-8899-aabbccddeeff',
          negotiateContexts: [
            'PREAUTH_INTEGRITY_CAPABILITIES',
            'ENCRYPTION_CAPABILITIES',
            'COMPRESSION_CAPABILITIES',
            'SIGNING_CAPABILITIES',
            'NETNAME_NEGOTIATE_CONTEXT_ID',
          ],
          netName: 'files1.xy',
          ciphers: ['AES-128-GCM', 'AES-128-CCM', '0x0007'],
          signingAlgorithms: ['AES-GMAC'],
          compressionAlgorithms: ['LZNT1', 'LZ4'],
        },
        steps: [
          {
            kind: 'facts',
            facts: {
              smb: { clientPolicy: 'enabled', clientGuid: '00112233-4455-6677-8899-aabbccddeeff' },
              serverName: 'files1.xy',
            },
          },
        ],
      },
    ])
  })

  it('reads the request of 2.0.2, which has no contexts and no ClientGuid', () => {
    const [message] = decodeSample(samples.NEGOTIATE_REQUEST_202)
    expect(message!.fields).toEqual({
      direction: 'request',
      dialects: ['2.0.2'],
      securityMode: ['required'],
      capabilities: [],
      clientGuid: '00000000-0000-0000-0000-000000000000',
      negotiateContexts: [],
      netName: null,
      ciphers: null,
      signingAlgorithms: null,
      compressionAlgorithms: null,
    })
    expect(message!.steps).toEqual([{ kind: 'facts', facts: { smb: { clientPolicy: 'required' } } }])
  })

  it('reads the response of 3.1.1', () => {
    expect(decodeSample(samples.NEGOTIATE_RESPONSE_311)).toEqual([
      {
        protocol: 'smb2',
        type: 'NEGOTIATE',
        from: 'server',
        service: 'smb',
        fields: {
          direction: 'response',
          status: 'STATUS_SUCCESS',
          dialect: '3.1.1',
          securityMode: ['enabled', 'required'],
          capabilities: ['DFS', 'LEASING', 'LARGE_MTU', 'MULTI_CHANNEL', 'DIRECTORY_LEASING', '0x100'],
          serverGuid: '00010203-0405-0607-0809-0a0b0c0d0e0f',
          systemTime: '2022-09-10T07:23:46.521660Z',
          startTime: null,
          negotiateContexts: ['ENCRYPTION_CAPABILITIES', 'SIGNING_CAPABILITIES', 'POSIX_EXTENSIONS'],
          cipher: 'AES-128-GCM',
          signingAlgorithm: 'AES-CMAC',
          compressionAlgorithms: null,
        },
        steps: [
          {
            kind: 'facts',
            facts: {
              smb: {
                serverPolicy: 'required',
                serverGuid: '00010203-0405-0607-0809-0a0b0c0d0e0f',
                dialect: '3.1.1',
                cipher: 'AES-128-GCM',
                signingAlgorithm: 'AES-CMAC',
              },
            },
          },
          { kind: 'offer', methods: [], token: TOKEN, slot: '' },
        ],
      },
    ])
  })

  it('takes the wildcard dialect for no dialect, and an empty buffer for no token', () => {
    const [message] = decodeSample(samples.NEGOTIATE_RESPONSE_02FF)
    expect(message!.fields).toMatchObject({ dialect: '2.???', cipher: null, signingAlgorithm: null })
    expect(message!.steps).toEqual([
      {
        kind: 'facts',
        facts: { smb: { serverPolicy: 'enabled', serverGuid: '00010203-0405-0607-0809-0a0b0c0d0e0f' } },
      },
      { kind: 'offer', methods: [], token: null, slot: '' },
    ])
  })

  it('reads nothing but the status of a refusal', () => {
    const [message] = decodeSample(samples.NEGOTIATE_RESPONSE_ERROR)
    expect(message!.fields).toEqual({ direction: 'response', status: 'STATUS_NOT_SUPPORTED' })
    expect(message!.steps).toEqual([{ kind: 'offer', methods: ['no common dialect'], token: null, slot: '' }])
  })

  it.each([
    [0x0202, 0x00, '2.0.2', null, 'HMAC-SHA256'],
    [0x0210, 0x40, '2.1', null, 'HMAC-SHA256'],
    [0x0300, 0x40, '3.0', 'AES-128-CCM', 'AES-CMAC'],
    [0x0302, 0x40, '3.0.2', 'AES-128-CCM', 'AES-CMAC'],
    [0x0302, 0x3f, '3.0.2', null, 'AES-CMAC'],
    [0x0311, 0x40, '3.1.1', null, 'AES-CMAC'],
    [0x0312, 0x40, '0x0312', null, 'AES-CMAC'],
  ])(
    'knows what dialect 0x%s with capabilities %s implies',
    (dialect, capabilities, name, cipher, signingAlgorithm) => {
      const [message] = decode(smb2NegotiateResponse({ dialect, capabilities }))
      expect(message!.fields).toMatchObject({ dialect: name, cipher, signingAlgorithm })
      expect(message!.steps[0]).toMatchObject({ facts: { smb: { dialect: name, cipher, signingAlgorithm } } })
    },
  )

  it('takes cipher 0 for no cipher', () => {
    expect(decode(smb2NegotiateResponse({ cipher: 0 }))[0]!.fields).toMatchObject({ cipher: null })
    expect(decode(smb2NegotiateResponse({ cipher: 4 }))[0]!.fields).toMatchObject({ cipher: 'AES-256-GCM' })
  })

  it.each([
    [0, 'disabled', []],
    [1, 'enabled', ['enabled']],
    [2, 'required', ['required']],
    [3, 'required', ['enabled', 'required']],
  ])('reads SecurityMode %i as %s', (securityMode, policy, names) => {
    const [request] = decode(smb2NegotiateRequest({ securityMode }))
    expect(request!.fields).toMatchObject({ securityMode: names })
    expect(request!.steps[0]).toMatchObject({ facts: { smb: { clientPolicy: policy } } })
    const [response] = decode(smb2NegotiateResponse({ securityMode }))
    expect(response!.steps[0]).toMatchObject({ facts: { smb: { serverPolicy: policy } } })
  })
})

describe('SMB2 SESSION_SETUP', () => {
  it('reads the request', () => {
    expect(decodeSample(samples.SESSION_SETUP_REQUEST)).toEqual([
      {
        protocol: 'smb2',
        type: 'SESSION_SETUP',
        from: 'client',
        service: 'smb',
        fields: {
          direction: 'request',
          messageId: '8589934591',
          sessionId: '40000000025',
          securityMode: ['required'],
          capabilities: ['DFS'],
          binding: true,
          previousSessionId: 'deadbeef',
          signed: false,
        },
        steps: [
          {
            ...LEG,
            slot: '40000000025',
            message: '8589934591',
            token: TOKEN,
            facts: { smb: { sessionPolicy: 'required' } },
            smb: { binding: true, signed: false, previousId: 'deadbeef' },
          },
        ],
      },
    ])
  })

  it('has slot 0 and no previous session at the start', () => {
    const [message] = decode(smb2SessionSetupRequest({ token: TOKEN }))
    expect(message!.fields).toMatchObject({ sessionId: '0', previousSessionId: null, binding: false })
    const setup = { binding: false, signed: false, previousId: null }
    expect(message!.steps).toEqual([{ ...LEG, token: TOKEN, facts: { smb: { sessionPolicy: 'enabled' } }, smb: setup }])
  })

  it('reads the middle of an authentication', () => {
    const status = { code: 0xc000_0016, name: 'STATUS_MORE_PROCESSING_REQUIRED', detail: null }
    expect(decodeSample(samples.SESSION_SETUP_RESPONSE_MORE)).toEqual([
      {
        protocol: 'smb2',
        type: 'SESSION_SETUP',
        from: 'server',
        service: 'smb',
        fields: {
          direction: 'response',
          messageId: '2',
          sessionId: '5',
          status: 'STATUS_MORE_PROCESSING_REQUIRED',
          sessionFlags: [],
          signed: false,
        },
        steps: [{ ...LEG, from: 'server', slot: '5', message: '2', token: TOKEN, outcome: 'continue', status }],
      },
    ])
  })

  it('reads the end of one', () => {
    const [message] = decodeSample(samples.SESSION_SETUP_RESPONSE_SUCCESS)
    expect(message!.fields).toMatchObject({ status: 'STATUS_SUCCESS', sessionFlags: ['ENCRYPT_DATA'], signed: true })
    const status = { code: 0, name: 'STATUS_SUCCESS', detail: null }
    expect(message!.steps).toEqual([
      { ...LEG, from: 'server', slot: '5', message: '3', outcome: 'success', status, session: 'encrypted' },
    ])
  })

  it('does not take the ERROR response for flags and a buffer', () => {
    const [message] = decodeSample(samples.SESSION_SETUP_RESPONSE_FAILURE)
    expect(message!.fields).toMatchObject({ status: 'STATUS_LOGON_FAILURE', sessionFlags: [] })
    const status = { code: 0xc000_006d, name: 'STATUS_LOGON_FAILURE', detail: null }
    expect(message!.steps).toEqual([{ ...LEG, from: 'server', slot: '5', message: '3', outcome: 'failure', status }])
  })

  it.each([
    [0, null],
    [1, 'guest'],
    [2, 'anonymous'],
    [4, 'encrypted'],
    [5, 'guest'],
    [6, 'anonymous'],
  ])('reads SessionFlags %i as %s', (sessionFlags, session) => {
    const [message] = decode(smb2SessionSetupResponse({ sessionId: 5, sessionFlags }))
    expect(message!.steps).toMatchObject([{ session }])
  })

  it('gives an unknown status its number', () => {
    const [message] = decode(smb2SessionSetupResponse({ status: 0xc0ff_ee01 }))
    expect(message!.steps).toMatchObject([{ outcome: 'failure', status: { code: 0xc0ff_ee01, name: '0xC0FFEE01' } }])
  })

  it('does not count an interim answer', () => {
    expect(decode(smb2SessionSetupResponse({ status: 0x103, sessionId: 5 }))).toEqual([])
  })

  it('gives as much of a token as the capture has, and says that it is cut', () => {
    const pdu = nbss(smb2SessionSetupRequest({ token: TOKEN }))
    const { value, fault } = smb.decode(pdu.subarray(0, pdu.length - 4), 'client')
    expect(value![0]!.steps).toMatchObject([{ token: TOKEN.subarray(0, 6) }])
    expect(fault).toEqual({ reason: 'cut', where: 'SESSION_SETUP Request.Buffer' })
  })

  it('takes a token that runs out of its PDU for malformed', () => {
    const message = smb2SessionSetupRequest({ token: TOKEN })
    message[78] = 11
    const { value, fault } = smb.decode(nbss(message), 'client')
    expect(value![0]!.steps).toMatchObject([{ token: TOKEN }])
    expect(fault).toEqual({ reason: 'malformed', where: 'SESSION_SETUP Request.Buffer' })
    message.set([63, 0, 10], 76) // inside the header
    expect(smb.decode(nbss(message), 'client').value![0]!.steps).toMatchObject([{ token: null }])
    expect(smb.decode(nbss(message), 'client').fault).toMatchObject({ reason: 'malformed' })
  })

  it('still tells that there was one, and how it ended, where the capture has the header alone', () => {
    const request = smb.decode(nbss(smb2SessionSetupRequest({ token: TOKEN, messageId: 9 })).subarray(0, 62), 'client')
    expect(request.value![0]!.steps).toEqual([{ ...LEG, message: '9' }])
    expect(request.fault).toEqual({ reason: 'cut', where: 'SESSION_SETUP Request' })
    const pdu = nbss(smb2SessionSetupResponse({ sessionId: 5, messageId: 9, sessionFlags: 1 })).subarray(0, 62)
    const response = smb.decode(pdu, 'server')
    expect(response.value![0]!.steps).toMatchObject([{ slot: '5', message: '9', outcome: 'success', session: null }])
    expect(response.fault).toEqual({ reason: 'cut', where: 'SESSION_SETUP Response' })
  })
})

describe('SMB2 TREE_CONNECT', () => {
  it('gives the server as it was typed', () => {
    expect(decodeSample(samples.TREE_CONNECT_REQUEST)).toEqual([
      {
        protocol: 'smb2',
        type: 'TREE_CONNECT',
        from: 'client',
        service: 'smb',
        fields: null,
        steps: [{ kind: 'facts', facts: { serverName: 'NAS1' } }],
      },
    ])
  })

  it.each(['', 'share', '\\share', '\\\\', '\\\\host', '\\\\\\share'])('finds no server in %j', (path) => {
    expect(decode(smb2TreeConnectRequest(path))[0]!.steps).toEqual([])
  })

  it('is no evidence, neither side of it', () => {
    expect(decode(smb2TreeConnectRequest('\\\\a\\b', { sessionId: 5, signed: true }))[0]!.steps).toHaveLength(1)
    const answer = decode(smb2TreeConnectResponse({ sessionId: 5, signed: true }))
    expect(answer.flatMap(({ steps }) => steps.map(({ kind }) => kind))).toEqual(['context'])
  })
})

describe('ordinary SMB2 messages', () => {
  it('are evidence of signing by their flag', () => {
    const common = { protocol: 'smb2', type: 'READ', service: 'smb', fields: null }
    const step = { kind: 'traffic', slot: '5', refused: false, how: null }
    expect(decodeSample(samples.READ_REQUEST_SIGNED)).toEqual([
      { ...common, from: 'client', steps: [{ ...step, from: 'client', protection: 'signed' }] },
    ])
    expect(decodeSample(samples.READ_RESPONSE_CLEAR)).toEqual([
      {
        ...common,
        from: 'server',
        steps: [
          { ...step, from: 'server', protection: 'clear' },
          // whether it is of a file that may name a host, the request told: a piece that nobody asked for is forgotten
          {
            kind: 'context',
            from: 'server',
            fact: expect.objectContaining({ fact: 'file-piece', message: '9', bytes: 4 }),
          },
        ],
      },
      // whether it is of a pipe, its first bytes tell
      expect.objectContaining({ fields: null, steps: [expect.objectContaining({ kind: 'pipe', file: null })] }),
    ])
  })

  it('need no more than the beginning of their header', () => {
    const whole = smb.decode(nbss(samples.sampleBytes(samples.READ_REQUEST_SIGNED)), 'client')
    const head = nbss(samples.sampleBytes(samples.READ_REQUEST_SIGNED)).subarray(0, 52)
    expect(smb.decode(head, 'client')).toEqual(whole)
  })

  const session = { sessionId: 5 }
  it.each<[string, Uint8Array]>([
    ['ECHO', smb2Message('ECHO', session)],
    ['CANCEL', smb2Message('CANCEL', session)],
    ['a command that nobody knows', smb2Message(0x13, session)],
    ['an interim response', smb2Error('CHANGE_NOTIFY', { ...session, status: 0x103, async: true })],
    [
      'an oplock break of the server',
      smb2Message('OPLOCK_BREAK', { ...session, response: true, messageId: 2n ** 64n - 1n }),
    ],
    ['a message outside any session', smb2Message('READ', {})],
    ['VALIDATE_NEGOTIATE_INFO', smb2Ioctl(0x0014_0204, { ...session, signed: true })],
    ['its answer', smb2Ioctl(0x0014_0204, { ...session, signed: true, response: true })],
    ['an IOCTL error, which may be its answer', smb2Error('IOCTL', { ...session, signed: true, status: 0xc000_0010 })],
    ['QUERY_NETWORK_INTERFACE_INFO', smb2Ioctl(0x0014_01fc, { ...session, signed: true })],
  ])('%s is no evidence', (_, message) => {
    expect(decode(message)).toEqual([])
  })

  it.each<Smb2Command>([
    'LOGOFF',
    'TREE_DISCONNECT',
    'CREATE',
    'CLOSE',
    'READ',
    'WRITE',
    'QUERY_DIRECTORY',
    'CHANGE_NOTIFY',
    'QUERY_INFO',
    'OPLOCK_BREAK',
  ])('%s is evidence', (command) => {
    const [message] = decode(smb2Message(command, { ...session, signed: true }))
    expect(message).toMatchObject({ type: command, steps: [{ kind: 'traffic', slot: '5', protection: 'signed' }] })
  })

  it('count an IOCTL of another CtlCode', () => {
    expect(decode(smb2Ioctl(0x0011_c017, session))).toMatchObject([
      { steps: [{ kind: 'traffic', protection: 'clear' }] },
    ])
  })

  it.each([
    [0xc000_0022, false, true],
    [0xc000_0022, true, false],
    [0xc000_0203, false, true],
    [0xc000_035c, false, true],
    [0xc000_0034, false, false],
  ])('status 0x%s, signed %s: refused %s', (status, signed, refused) => {
    const [message] = decode(smb2Error('CREATE', { ...session, status, signed }))
    expect(message!.steps[0]).toMatchObject({ refused })
  })

  it('say that the session has expired, in any answer, signed or not', () => {
    for (const command of ['CREATE', 'TREE_CONNECT', 'READ'] as const) {
      for (const signed of [true, false]) {
        const [message] = decode(smb2Error(command, { ...session, status: 0xc000_035c, signed }))
        expect(message!.steps.at(-1)).toEqual({ kind: 'facts', facts: { smb: { expiredSession: '5' } } })
      }
    }
    // a client that puts the same number there asks for nothing
    const [request] = decode(smb2Message('CREATE', { ...session, status: 0xc000_035c }))
    expect(request!.steps).toMatchObject([{ kind: 'traffic' }])
  })
})

describe('SMB2 compounds', () => {
  it('are read element by element, the related ones in the session of the one before', () => {
    expect(decodeSample(samples.COMPOUND_REQUEST)).toMatchObject([
      { type: 'CREATE', steps: [{ slot: '5', protection: 'signed' }] },
      { type: 'CLOSE', steps: [{ slot: '5', protection: 'clear' }] },
    ])
  })

  it('may carry a SESSION_SETUP anywhere', () => {
    const messages = decode(
      compound(
        smb2SessionSetupRequest({ token: TOKEN, messageId: 1 }),
        smb2TreeConnectRequest('\\\\NAS1\\IPC$', { related: true }),
        smb2Message('READ', { sessionId: 7 }),
        smb2SessionSetupRequest({ token: TOKEN.subarray(1), messageId: 4, sessionId: 8 }),
      ),
    )
    expect(messages.map((message) => message.type)).toEqual(['SESSION_SETUP', 'TREE_CONNECT', 'READ', 'SESSION_SETUP'])
    expect(messages[0]!.steps).toMatchObject([{ token: TOKEN }])
    expect(messages[2]!.steps).toMatchObject([{ slot: '7' }])
    expect(messages[3]!.steps).toMatchObject([{ slot: '8', message: '4', token: TOKEN.subarray(1) }])
  })

  it('end where NextCommand leads nowhere', () => {
    for (const next of [1, 63, 0x7fff_ffff]) {
      const message = smb2Message('READ', { sessionId: 7 }, new Uint8Array(100))
      new DataView(message.buffer).setUint32(20, next, true)
      const { value, fault } = smb.decode(nbss(message), 'client')
      expect(value).toHaveLength(1)
      expect(fault).toEqual({ reason: 'malformed', where: 'SMB2 Packet Header.NextCommand' })
    }
  })

  it('are cut where the capture lost the second header', () => {
    const { value, fault } = smb.decode(nbss(samples.sampleBytes(samples.COMPOUND_REQUEST)).subarray(0, 100), 'client')
    expect(value).toHaveLength(1)
    expect(fault).toEqual({ reason: 'cut', where: 'SMB2 Packet Header' })
  })

  it('too long to be kept are read as their first header, without a fault', () => {
    const message = compound(
      smb2Message('WRITE', { sessionId: 7 }, new Uint8Array(70_000)),
      smb2Message('CLOSE', { related: true }),
    )
    const { value, fault } = smb.decode(nbss(message).subarray(0, 52), 'client')
    expect(value).toHaveLength(1)
    expect(fault).toBeNull()
  })
})

describe('other SMB2 protocol identifiers', () => {
  it.each(['client', 'server'] as const)('TRANSFORM_HEADER is sealed traffic of the %s', (side) => {
    expect(smb.decode(nbss(samples.sampleBytes(samples.TRANSFORM)), side)).toEqual({
      value: [
        {
          protocol: 'smb2',
          type: 'TRANSFORM_HEADER',
          from: side,
          service: 'smb',
          fields: null,
          steps: [
            {
              kind: 'traffic',
              from: side,
              slot: 'c00000061',
              protection: 'sealed',
              refused: false,
              how: 'SMB2 TRANSFORM',
            },
          ],
        },
      ],
      fault: null,
    })
  })

  it('a TRANSFORM_HEADER that is not encrypted proves nothing', () => {
    const message = samples.sampleBytes(samples.TRANSFORM)
    message[42] = 2
    expect(smb.decode(nbss(message), 'client')).toEqual({
      value: null,
      fault: { reason: 'unsupported', where: 'SMB2 TRANSFORM_HEADER.Flags' },
    })
  })

  it('a compressed message shows what it leaves in clear, and says that there is more', () => {
    const hidden = { reason: 'unsupported', where: 'SMB2 COMPRESSION_TRANSFORM_HEADER' }
    expect(smb.decode(nbss(samples.sampleBytes(samples.COMPRESSED)), 'client')).toEqual({ value: [], fault: hidden })
    const setup = smb2SessionSetupRequest({ token: TOKEN })
    const read = smb2Message('READ', { sessionId: 5, signed: true })
    const decoded = (lead: string, message: Uint8Array) =>
      smb.decode(nbss(Uint8Array.from([...fromHex(lead), ...message, 0xaa])), 'client')
    // unchained: the 88 bytes before the token in clear; chained: a first payload of the same length, with algorithm
    // NONE
    for (const lead of ['fc534d42 00010000 0200 0000 58000000', 'fc534d42 00010000 0000 0100 58000000']) {
      const { value, fault } = decoded(lead, setup)
      expect(value).toMatchObject([{ type: 'SESSION_SETUP', steps: [{ kind: 'leg', from: 'client' }] }])
      expect(fault).toEqual(hidden)
      expect(decoded(lead, read)).toMatchObject({
        value: [{ steps: [{ kind: 'traffic', protection: 'signed' }] }],
        fault: null,
      })
    }
    expect(decoded('fc534d42 00010000 0400 0100 58000000', setup)).toEqual({ value: [], fault: hidden })
  })
})

describe('hostile SMB2', () => {
  const all = Object.entries(samples).flatMap(([name, sample]): [string, string][] =>
    typeof sample === 'string' && name !== 'TOKEN_HEX' ? [[name, sample]] : [],
  )

  it.each(all)('%s cut at every byte never throws, and no byte of the header is made up', (_, sample) => {
    const pdu = nbss(samples.sampleBytes(sample))
    const whole = smb.decode(pdu, 'client')
    cutEverywhere(pdu, (cut) => {
      const { value, fault } = smb.decode(cut, 'client')
      for (const [at, message] of (value ?? []).entries()) {
        expect(message.type).toBe(whole.value![at]!.type)
        expect(message.from).toBe(whole.value![at]!.from)
      }
      // of a READ no more is asked for, of a compressed message nothing
      if (cut.length < 52 && sample !== samples.COMPRESSED) expect(fault).not.toBeNull()
    })
  })

  it.each(all)('%s with changed bytes never throws', (_, sample) => {
    const pdu = nbss(samples.sampleBytes(sample))
    changeBytes(pdu, 3000, (changed) => {
      const { value, fault } = smb.decode(changed, 'server')
      expect(value !== null || fault !== null).toBe(true)
      JSON.stringify(value?.map((message) => message.fields))
    })
  })

  it('counts that lie do not make long lists', () => {
    const message = samples.sampleBytes(samples.NEGOTIATE_REQUEST_311)
    message.set([0xff, 0xff], 66) // DialectCount
    const dialects = smb.decode(nbss(message), 'client')
    expect(dialects.fault).toEqual({ reason: 'malformed', where: 'NEGOTIATE Request.Dialects' })
    message.set([5, 0], 66)
    message.set([0xff, 0xff], 96) // NegotiateContextCount
    const contexts = smb.decode(nbss(message), 'client')
    expect(contexts.value![0]!.fields).toMatchObject({ netName: 'files1.xy' })
    expect(contexts.fault).toEqual({ reason: 'malformed', where: 'NegotiateContextList' })
    message.set([5, 0], 96)
    message.set([0xff, 0xff], 144) // CipherCount
    const ciphers = smb.decode(nbss(message), 'client')
    expect(ciphers.value![0]!.fields).toMatchObject({ ciphers: ['AES-128-GCM', 'AES-128-CCM', '0x0007'] })
    expect(ciphers.fault).toEqual({ reason: 'malformed', where: 'NegotiateContextList.ENCRYPTION_CAPABILITIES' })
  })
})

describe('builders of SMB2', () => {
  it('write what was written by hand', () => {
    const hand = samples.sampleBytes(samples.NEGOTIATE_REQUEST_202)
    hand.fill(0, 92, 100)
    expect(
      fill(
        smb2NegotiateRequest({ dialects: [0x0202], securityMode: 2, capabilities: 0, clientGuid: new Uint8Array(16) }),
      ),
    ).toEqual(fill(hand))
    expect(
      fill(
        smb2SessionSetupRequest({
          messageId: 0x1_ffff_ffffn,
          sessionId: 0x400_0000_0025n,
          securityMode: 2,
          binding: true,
          previousSessionId: 0xdead_beef,
          token: TOKEN,
        }),
      ),
    ).toEqual(fill(samples.sampleBytes(samples.SESSION_SETUP_REQUEST)))
    expect(fill(smb2SessionSetupResponse({ messageId: 2, sessionId: 5, status: 0xc000_0016, token: TOKEN }))).toEqual(
      fill(samples.sampleBytes(samples.SESSION_SETUP_RESPONSE_MORE)),
    )
    expect(fill(smb2TreeConnectRequest('\\\\NAS1\\IPC', { messageId: 4, sessionId: 5, signed: true }))).toEqual(
      fill(samples.sampleBytes(samples.TREE_CONNECT_REQUEST)),
    )
  })

  /** Without what no decoder reads: credits, process id, the bytes of a signature. */
  function fill(message: Uint8Array): Uint8Array {
    const copy = message.slice()
    copy.fill(0, 14, 16)
    copy.fill(0, 32, 36)
    copy.fill(0, 48, 64)
    return copy
  }
})
