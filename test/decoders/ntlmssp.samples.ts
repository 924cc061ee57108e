/**
 * NTLMSSP messages with everything that they say. The first ones are the examples of MS-NLMP 4.2; the others are built
 * by hand in the forms that stacks are known to send.
 */
import type { AuthenticateMessage, NtlmMessage, TargetInfo } from '../../decoders/mechanisms/ntlmssp.ts'
import {
  AUTHENTICATE_FLAGS,
  AV,
  authenticateMessage,
  CLIENT_PAIRS,
  challengeMessage,
  FLAG,
  negotiateMessage,
  ntlmv2Response,
  singleHostData,
  TARGET_INFO,
} from '../builders/ntlmssp.ts'
import { fromHex } from '../hostile.ts'

export interface NtlmSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly message: NtlmMessage
  /**
   * lengths below that of the sample at which it is a whole message of an older form, so that a cut there cannot be
   * seen
   */
  readonly alsoWholeAt?: readonly number[]
}

const none: TargetInfo = {
  nbComputerName: null,
  nbDomainName: null,
  dnsComputerName: null,
  dnsDomainName: null,
  dnsTreeName: null,
  timestamp: null,
  avFlags: null,
  targetName: null,
  channelBindings: null,
  singleHost: null,
  order: [],
}

/** What the builder's TARGET_INFO says. */
const corp: TargetInfo = {
  ...none,
  nbComputerName: 'FILES',
  nbDomainName: 'CORP',
  dnsComputerName: 'files.corp.example',
  dnsDomainName: 'corp.example',
  dnsTreeName: 'corp.example',
  timestamp: 1_700_000_000_000_000,
  order: [2, 1, 4, 3, 5, 7],
}

const windows10 = { major: 10, minor: 0, build: 19041 }

/** What the builder's AUTHENTICATE says when no option is given. */
const aliceResponse = ntlmv2Response()
export const alice: AuthenticateMessage = {
  protocol: 'ntlmssp',
  type: 'AUTHENTICATE_MESSAGE',
  negotiateFlags: AUTHENTICATE_FLAGS,
  userName: 'alice',
  domainName: 'CORP',
  workstation: 'WS1',
  ntlmVersion: 'NTLMv2',
  lmResponsePresent: false,
  ntResponse: aliceResponse,
  targetInfo: {
    ...corp,
    avFlags: 2,
    targetName: 'cifs/files.corp.example',
    channelBindings: new Uint8Array(16),
    singleHost: {
      flags: 1,
      tokenIntegrityLevel: 0x2000,
      machineId: new Uint8Array(32).fill(0x11),
      permanentMachineId: null,
    },
    order: [2, 1, 4, 3, 5, 7, 6, 8, 10, 9],
  },
  targetSpn: 'cifs/files.corp.example',
  channelBindings: new Uint8Array(16),
  clientTimestamp: 1_700_000_000_000_000,
  mic: true,
  avFlags: 2,
  nameEncoding: 'utf-16',
  encryptedRandomSessionKey: true,
  version: windows10,
}

const withoutClientChallenge = {
  targetInfo: null,
  targetSpn: null,
  channelBindings: null,
  clientTimestamp: null,
  avFlags: null,
} as const

/** MS-NLMP 4.2.4.3: its payload begins at 72, where later messages have the MIC. */
const specificationNtlmv2 = fromHex(`
  4e544c4d53535000 03000000
  1800 1800 6c000000   5400 5400 84000000   0c00 0c00 48000000
  0800 0800 54000000   1000 1000 5c000000   1000 1000 d8000000
  358288e2 0501280a0000000f
  44006f006d00610069006e00  5500730065007200  43004f004d0050005500540045005200
  86c35097ac9cec102554764a57cccc19 aaaaaaaaaaaaaaaa
  68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000
    0200 0c00 44006f006d00610069006e00  0100 0c00 530065007200760065007200  0000 0000  00000000
  c5dad2544fc9799094ce1ce90bc9d03e`)

/** The two responses of MS-NLMP 4.2.2.2 (LMv1 and NTLMv1 of User, Password, Domain). */
const specificationLmv1 = fromHex('98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13')
const specificationNtlmv1 = fromHex('67c43011f30298a2ad35ece64f16331c44bdbed927841f94')

const ESS_CHALLENGE = fromHex('aaaaaaaaaaaaaaaa 00000000000000000000000000000000')
const LEGACY_FLAGS = FLAG.UNICODE | FLAG.REQUEST_TARGET | FLAG.NTLM | FLAG.ALWAYS_SIGN
const ESS_FLAGS = LEGACY_FLAGS | FLAG.EXTENDED_SESSIONSECURITY
const ascii = (text: string) => new TextEncoder().encode(text)

export const SPECIFICATION: readonly NtlmSample[] = [
  {
    name: 'CHALLENGE of MS-NLMP 4.2.4.3',
    bytes: fromHex(`
      4e544c4d53535000 02000000 0c00 0c00 38000000 33828ae2 0123456789abcdef 0000000000000000
      2400 2400 44000000 060070170000000f
      530065007200760065007200
      0200 0c00 44006f006d00610069006e00  0100 0c00 530065007200760065007200  0000 0000`),
    message: {
      protocol: 'ntlmssp',
      type: 'CHALLENGE_MESSAGE',
      negotiateFlags: 0xe28a8233,
      targetName: 'Server',
      serverChallenge: fromHex('0123456789abcdef'),
      targetInfo: { ...none, nbDomainName: 'Domain', nbComputerName: 'Server', order: [2, 1] },
      version: { major: 6, minor: 0, build: 6000 },
    },
  },
  {
    name: 'AUTHENTICATE of MS-NLMP 4.2.4.3: NTLMv2 and LMv2, no MIC',
    bytes: specificationNtlmv2,
    message: {
      protocol: 'ntlmssp',
      type: 'AUTHENTICATE_MESSAGE',
      negotiateFlags: 0xe2888235,
      userName: 'User',
      domainName: 'Domain',
      workstation: 'COMPUTER',
      ntlmVersion: 'NTLMv2',
      lmResponsePresent: true,
      ntResponse: specificationNtlmv2.subarray(0x84, 0xd8),
      targetInfo: { ...none, nbDomainName: 'Domain', nbComputerName: 'Server', order: [2, 1] },
      targetSpn: null,
      channelBindings: null,
      clientTimestamp: null,
      mic: false,
      avFlags: null,
      nameEncoding: 'utf-16',
      encryptedRandomSessionKey: true,
      version: { major: 5, minor: 1, build: 2600 },
    },
  },
]

export const NEGOTIATE: readonly NtlmSample[] = [
  {
    name: 'NEGOTIATE of a current Windows',
    bytes: negotiateMessage(),
    message: {
      protocol: 'ntlmssp',
      type: 'NEGOTIATE_MESSAGE',
      negotiateFlags: 0xe2088297,
      domainName: null,
      workstation: null,
      version: windows10,
    },
  },
  {
    name: 'NEGOTIATE with both names and a Version, as DCOM of Windows 10 sends it',
    bytes: negotiateMessage({
      flags: 0xe2088297 | FLAG.OEM_DOMAIN_SUPPLIED | FLAG.OEM_WORKSTATION_SUPPLIED,
      domain: 'CORP',
      workstation: 'WS1',
    }),
    message: {
      protocol: 'ntlmssp',
      type: 'NEGOTIATE_MESSAGE',
      negotiateFlags: 0xe208b297,
      domainName: 'CORP',
      workstation: 'WS1',
      version: windows10,
    },
  },
  {
    name: 'NEGOTIATE of 32 bytes and a name that its flags do not announce, not ASCII',
    bytes: negotiateMessage({ version: null, flags: LEGACY_FLAGS, domain: Uint8Array.of(0x42, 0xdc, 0x52, 0x4f) }),
    message: {
      protocol: 'ntlmssp',
      type: 'NEGOTIATE_MESSAGE',
      negotiateFlags: LEGACY_FLAGS,
      domainName: 'B\ufffdRO',
      workstation: null,
      version: null,
    },
    alsoWholeAt: [16],
  },
  {
    name: 'NEGOTIATE of 16 bytes',
    bytes: negotiateMessage({ version: null, headBytes: 16, flags: LEGACY_FLAGS }),
    message: {
      protocol: 'ntlmssp',
      type: 'NEGOTIATE_MESSAGE',
      negotiateFlags: LEGACY_FLAGS,
      domainName: null,
      workstation: null,
      version: null,
    },
  },
]

const challenge = {
  protocol: 'ntlmssp',
  type: 'CHALLENGE_MESSAGE',
  negotiateFlags: 0xe2898215,
  targetName: 'CORP',
  serverChallenge: fromHex('0123456789abcdef'),
  targetInfo: corp,
  version: windows10,
} as const

export const CHALLENGE: readonly NtlmSample[] = [
  { name: 'CHALLENGE of a current domain member', bytes: challengeMessage(), message: challenge },
  {
    name: 'CHALLENGE of 32 bytes and a name, without TargetInfo',
    bytes: challengeMessage({ flags: LEGACY_FLAGS, targetInfo: null, version: null }),
    message: { ...challenge, negotiateFlags: LEGACY_FLAGS, targetInfo: null, version: null },
  },
  {
    name: 'CHALLENGE of 40 bytes and a name, without TargetInfo',
    bytes: challengeMessage({ flags: LEGACY_FLAGS, targetInfo: null, version: null, headBytes: 40 }),
    message: { ...challenge, negotiateFlags: LEGACY_FLAGS, targetInfo: null, version: null },
  },
  {
    name: 'CHALLENGE of 32 bytes and nothing else',
    bytes: challengeMessage({ flags: LEGACY_FLAGS, targetName: '', targetInfo: null, version: null }),
    message: { ...challenge, negotiateFlags: LEGACY_FLAGS, targetName: null, targetInfo: null, version: null },
  },
  {
    name: 'CHALLENGE whose payload begins at 48, with the VERSION flag all the same',
    bytes: challengeMessage({ version: null }),
    message: { ...challenge, version: null },
  },
  {
    name: 'CHALLENGE in an OEM character set; AV_PAIRs stay Unicode',
    bytes: challengeMessage({ flags: (0xe2898214 | FLAG.OEM) >>> 0, targetName: 'CÖRP' }),
    message: { ...challenge, negotiateFlags: 0xe2898216, targetName: 'C\ufffdRP' },
  },
  {
    name: 'CHALLENGE with UNICODE and OEM: UNICODE wins',
    bytes: challengeMessage({ flags: (0xe2898215 | FLAG.OEM) >>> 0, targetName: '日本' }),
    message: { ...challenge, negotiateFlags: 0xe2898217, targetName: '日本' },
  },
  {
    name: 'CHALLENGE with empty names and an AV_PAIR nobody knows, twice the same one, and no MsvAvEOL',
    bytes: challengeMessage({
      targetName: '',
      targetInfo: fromHex('0400 0000  3900 0300 010203  0100 0200 4100  0100 0200 4200'),
    }),
    message: {
      ...challenge,
      targetName: null,
      targetInfo: { ...none, dnsDomainName: '', nbComputerName: 'A', order: [4, 0x39, 1, 1] },
    },
  },
]

const CHANNEL_BINDINGS = fromHex('6586e99d81c2fc984e47172fd4dd0310')
const BOUND_RESPONSE = ntlmv2Response({
  pairs: [
    ...TARGET_INFO,
    [AV.Flags, Uint8Array.of(6, 0, 0, 0)],
    [
      AV.SingleHost,
      singleHostData({ flags: 0, tokenIntegrityLevel: 0x4000, permanentMachineId: new Uint8Array(32).fill(0x22) }),
    ],
    [AV.ChannelBindings, CHANNEL_BINDINGS],
    [AV.TargetName, ''],
  ],
})
const UNFLAGGED_RESPONSE = ntlmv2Response({ pairs: [[AV.Flags, new Uint8Array(4)], ...CLIENT_PAIRS.slice(2)] })
const ENDLESS_RESPONSE = ntlmv2Response({ pairs: [[AV.NbDomainName, 'CORP']], tail: new Uint8Array(0) })

export const AUTHENTICATE: readonly NtlmSample[] = [
  { name: 'AUTHENTICATE of a current Windows: NTLMv2, MIC, SPN', bytes: authenticateMessage(), message: alice },
  {
    name: 'AUTHENTICATE with its payload in another order',
    bytes: authenticateMessage({ order: ['sessionKey', 'nt', 'lm', 'workstation', 'user', 'domain'] }),
    message: alice,
  },
  {
    name: 'AUTHENTICATE with names that are not ASCII, and terminating NULs',
    bytes: authenticateMessage({ user: 'jürgen.müller\0', domain: 'BÜRO', workstation: 'Ω-日本-😀' }),
    message: { ...alice, userName: 'jürgen.müller', domainName: 'BÜRO', workstation: 'Ω-日本-😀' },
  },
  {
    name: 'AUTHENTICATE in an OEM character set',
    bytes: authenticateMessage({
      flags: (AUTHENTICATE_FLAGS ^ FLAG.UNICODE ^ FLAG.OEM) >>> 0,
      user: 'jürgen',
      domain: '',
    }),
    message: {
      ...alice,
      negotiateFlags: 0xe2888216,
      userName: 'j\ufffdrgen',
      domainName: '',
      nameEncoding: 'unknown',
    },
  },
  {
    name: 'AUTHENTICATE in an OEM character set that may be UTF-8, its names of C1 characters if it were ISO 8859-1',
    bytes: authenticateMessage({
      flags: (AUTHENTICATE_FLAGS ^ FLAG.UNICODE ^ FLAG.OEM) >>> 0,
      user: new TextEncoder().encode('山田'),
      domain: 'CORP',
    }),
    message: { ...alice, negotiateFlags: 0xe2888216, userName: '山田', nameEncoding: 'utf-8' },
  },
  {
    name: 'AUTHENTICATE with a name of odd length',
    bytes: authenticateMessage({ user: Uint8Array.of(0x61, 0, 0x62, 0, 0x63) }),
    message: { ...alice, userName: 'ab' },
  },
  {
    name: 'AUTHENTICATE with non-zero channel bindings, an empty SPN, a permanent machine id, and an LMv2 response',
    bytes: authenticateMessage({ lm: new Uint8Array(24).fill(0x77), nt: BOUND_RESPONSE }),
    message: {
      ...alice,
      lmResponsePresent: true,
      ntResponse: BOUND_RESPONSE,
      targetInfo: {
        ...corp,
        avFlags: 6,
        singleHost: {
          flags: 0,
          tokenIntegrityLevel: 0x4000,
          machineId: new Uint8Array(32).fill(0x11),
          permanentMachineId: new Uint8Array(32).fill(0x22),
        },
        channelBindings: CHANNEL_BINDINGS,
        targetName: '',
        order: [2, 1, 4, 3, 5, 7, 6, 8, 10, 9],
      },
      avFlags: 6,
      targetSpn: '',
      channelBindings: CHANNEL_BINDINGS,
    },
  },
  {
    name: 'AUTHENTICATE without Version and MIC: payload at 64',
    bytes: authenticateMessage({
      version: null,
      mic: null,
      lm: specificationLmv1,
      nt: specificationNtlmv1,
      flags: LEGACY_FLAGS,
    }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      negotiateFlags: LEGACY_FLAGS,
      ntlmVersion: 'NTLMv1',
      lmResponsePresent: true,
      ntResponse: specificationNtlmv1,
      mic: false,
      version: null,
    },
  },
  {
    name: 'AUTHENTICATE of the oldest form: payload at 52, no flags, Unicode',
    bytes: authenticateMessage({
      version: null,
      mic: null,
      lm: specificationLmv1,
      nt: specificationNtlmv1,
      headBytes: 52,
      sessionKey: new Uint8Array(0),
    }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      negotiateFlags: 0,
      ntlmVersion: 'NTLMv1',
      lmResponsePresent: true,
      ntResponse: specificationNtlmv1,
      mic: false,
      encryptedRandomSessionKey: false,
      version: null,
    },
  },
  {
    name: 'AUTHENTICATE of the oldest form, OEM, only LM',
    bytes: authenticateMessage({
      version: null,
      mic: null,
      headBytes: 52,
      domain: ascii('CORP'),
      user: ascii('ALICE'),
      workstation: ascii('WS1'),
      lm: specificationLmv1,
      nt: new Uint8Array(0),
      sessionKey: new Uint8Array(0),
    }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      nameEncoding: 'ascii',
      negotiateFlags: 0,
      userName: 'ALICE',
      ntlmVersion: 'LM',
      lmResponsePresent: true,
      ntResponse: new Uint8Array(0),
      mic: false,
      encryptedRandomSessionKey: false,
      version: null,
    },
  },
  {
    name: 'AUTHENTICATE with NTLMv1 and extended session security: MIC without AvFlags',
    bytes: authenticateMessage({ lm: ESS_CHALLENGE, nt: specificationNtlmv1 }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      ntlmVersion: 'NTLMv1-ESS',
      ntResponse: specificationNtlmv1,
    },
  },
  {
    name: 'AUTHENTICATE with NTLMv1 alone: the LM field repeats the NT response',
    bytes: authenticateMessage({ lm: specificationNtlmv1, nt: specificationNtlmv1, mic: null }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      ntlmVersion: 'NTLMv1',
      ntResponse: specificationNtlmv1,
      mic: false,
    },
  },
  {
    name: 'AUTHENTICATE with the ESS flag and an empty LM response is still NTLMv1',
    bytes: authenticateMessage({
      lm: new Uint8Array(0),
      nt: specificationNtlmv1,
      mic: null,
      flags: ESS_FLAGS,
      version: null,
    }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      negotiateFlags: ESS_FLAGS,
      ntlmVersion: 'NTLMv1',
      ntResponse: specificationNtlmv1,
      mic: false,
      version: null,
    },
  },
  {
    name: 'AUTHENTICATE of a null session: one zero byte in the LM field',
    bytes: authenticateMessage({
      flags: AUTHENTICATE_FLAGS | FLAG.ANONYMOUS,
      user: '',
      domain: '',
      workstation: '',
      lm: new Uint8Array(1),
      nt: new Uint8Array(0),
    }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      nameEncoding: null,
      negotiateFlags: AUTHENTICATE_FLAGS | FLAG.ANONYMOUS,
      userName: '',
      domainName: '',
      workstation: '',
      ntlmVersion: 'anonymous',
      ntResponse: new Uint8Array(0),
    },
  },
  {
    name: 'AUTHENTICATE of root without any response is anonymous too',
    bytes: authenticateMessage({ user: 'root', lm: new Uint8Array(0), nt: new Uint8Array(0), mic: null }),
    message: {
      ...alice,
      ...withoutClientChallenge,
      userName: 'root',
      ntlmVersion: 'anonymous',
      ntResponse: new Uint8Array(0),
      mic: false,
    },
  },
  {
    name: 'AUTHENTICATE whose AvFlags promise a MIC of zeros',
    bytes: authenticateMessage({ mic: new Uint8Array(16) }),
    message: { ...alice, mic: false },
  },
  {
    name: 'AUTHENTICATE with a MIC but no Version: the MIC stands at 64',
    bytes: (() => {
      const message = authenticateMessage({
        version: null,
        mic: null,
        headBytes: 80,
        flags: AUTHENTICATE_FLAGS ^ FLAG.VERSION,
      })
      message.fill(0x3c, 64, 80)
      return message
    })(),
    message: { ...alice, negotiateFlags: (AUTHENTICATE_FLAGS ^ FLAG.VERSION) >>> 0, version: null },
  },
  {
    name: 'AUTHENTICATE with bytes at 72 that AvFlags do not call a MIC',
    bytes: authenticateMessage({ nt: UNFLAGGED_RESPONSE }),
    message: {
      ...alice,
      ntResponse: UNFLAGGED_RESPONSE,
      targetInfo: {
        ...none,
        avFlags: 0,
        channelBindings: new Uint8Array(16),
        targetName: 'cifs/files.corp.example',
        order: [6, 10, 9],
      },
      avFlags: 0,
      mic: false,
    },
  },
  {
    name: 'AUTHENTICATE of a client that copies no AV_PAIR and ends its list with nothing',
    bytes: authenticateMessage({
      nt: ENDLESS_RESPONSE,
      mic: null,
    }),
    message: {
      ...alice,
      ntResponse: ENDLESS_RESPONSE,
      targetInfo: { ...none, nbDomainName: 'CORP', order: [2] },
      targetSpn: null,
      channelBindings: null,
      avFlags: null,
      mic: false,
    },
  },
]

export const SAMPLES: readonly NtlmSample[] = [...SPECIFICATION, ...NEGOTIATE, ...CHALLENGE, ...AUTHENTICATE]
