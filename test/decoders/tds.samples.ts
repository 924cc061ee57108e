/**
 * TDS packets with what the carrier must say about them. Built by hand from the layouts of MS-TDS 2.2.6.4, 2.2.6.5 and
 * 2.2.7.
 */
import { fromHex } from '../hostile.ts'

/** A packet: header, then data. `last` false: the message goes on in the next one. */
export function packet(type: number, data: Uint8Array, last = true): Uint8Array {
  const length = data.length + 8
  return Uint8Array.of(type, last ? 1 : 0, length >> 8, length & 0xff, 0, 0, 1, 0, ...data)
}

export interface Login {
  readonly workstation?: string
  readonly user?: string
  readonly password?: string
  readonly serverName?: string
  readonly integrated?: boolean
  readonly sspi?: Uint8Array
  /** cbSSPI 0xffff and cbSSPILong */
  readonly long?: boolean
}

/** The data of a LOGIN7 message, TDS 7.4. */
export function login7(login: Login): Uint8Array {
  const fixed = Buffer.alloc(94)
  const texts = [login.workstation, login.user, login.password, 'app', login.serverName, '', 'lib', '', 'master']
  const parts: Buffer[] = []
  let offset = fixed.length
  texts.forEach((text = '', index) => {
    const bytes = Buffer.from(text, 'utf16le')
    fixed.writeUInt16LE(offset, 36 + index * 4)
    fixed.writeUInt16LE(text.length, 38 + index * 4)
    parts.push(bytes)
    offset += bytes.length
  })
  const sspi = Buffer.from(login.sspi ?? [])
  fixed.writeUInt16LE(offset, 78)
  fixed.writeUInt16LE(login.long ? 0xffff : sspi.length, 80)
  fixed.writeUInt32LE(login.long ? sspi.length : 0, 90)
  fixed.writeUInt32LE(offset + sspi.length, 0)
  fixed.writeUInt32LE(0x74000004, 4)
  fixed[25] = login.integrated ? 0x80 : 0
  return Uint8Array.from(Buffer.concat([fixed, ...parts, sspi]))
}

/** A token of a response: type, length of two bytes, data. */
export function token(type: number, data: Uint8Array): Uint8Array {
  return Uint8Array.of(type, data.length & 0xff, data.length >> 8, ...data)
}

const text = (value: string) => [...Buffer.from(value, 'utf16le')]
export const ENVCHANGE = token(0xe3, Uint8Array.of(1, 1, ...text('m'), 0))
export const ACK = token(0xad, Uint8Array.of(1, 0x74, 0, 0, 4, 2, ...text('S1'), 16, 0, 3, 0xe8))
export const DONE = fromHex('fd0000 0000 0000000000000000')
export const NTLM_CHALLENGE = Uint8Array.from([...Buffer.from('NTLMSSP\0', 'latin1'), 2, 0, 0, 0, ...Array(44).fill(0)])

export function errorToken(number: number): Uint8Array {
  const data = Buffer.alloc(6)
  data.writeUInt32LE(number)
  data[4] = 1
  data[5] = 14
  const message = "Login failed for user 'eve'."
  return token(0xaa, Uint8Array.of(...data, message.length, 0, ...text(message), 0, 0, 1, 0, 0, 0))
}

/** PRELOGIN data: VERSION, ENCRYPTION and INSTOPT. */
export function prelogin(encryption: number): Uint8Array {
  return fromHex(`00 0010 0006  01 0016 0001  02 0017 0005  ff  0f000800 0000  0${encryption}  4442310000`)
}

export interface TdsSample {
  readonly name: string
  readonly packet: Uint8Array
  readonly type: string
  readonly from: 'client' | 'server'
  readonly fields: Readonly<Record<string, unknown>> | null
  readonly step: Readonly<Record<string, unknown>> | null
}

const PRELOGIN_FIELDS = { version: '15.0.2048', instance: 'DB1', federated: false }
const LOGIN_FIELDS = { direction: 'request', tdsVersion: '7.4', application: 'app', database: 'master' }

export const TDS_SAMPLES: readonly TdsSample[] = [
  {
    name: 'PRELOGIN of a client',
    packet: packet(0x12, prelogin(0)),
    type: 'PRELOGIN',
    from: 'client',
    fields: { ...PRELOGIN_FIELDS, version: '15.0.2048', direction: 'request', encryption: 'ENCRYPT_OFF' },
    step: null,
  },
  ...(['ENCRYPT_OFF', 'ENCRYPT_ON', 'ENCRYPT_NOT_SUP', 'ENCRYPT_REQ'] as const).map(
    (encryption, value): TdsSample => ({
      name: `PRELOGIN of a server, ${encryption}`,
      packet: packet(4, prelogin(value)),
      type: 'PRELOGIN',
      from: 'server',
      fields: { ...PRELOGIN_FIELDS, direction: 'response', encryption },
      step: value === 2 ? null : { kind: 'facts', facts: { hidden: 'mssql' } },
    }),
  ),
  {
    name: 'LOGIN7 with SSPI',
    packet: packet(
      0x10,
      login7({
        workstation: 'W1',
        serverName: 'tcp:sql1.corp.example\\DB1,1444',
        integrated: true,
        sspi: Uint8Array.of(0x60, 1, 2, 3),
      }),
    ),
    type: 'LOGIN7',
    from: 'client',
    fields: {
      ...LOGIN_FIELDS,
      workstation: 'W1',
      userName: null,
      serverName: 'tcp:sql1.corp.example\\DB1,1444',
      method: 'SSPI',
    },
    step: {
      kind: 'leg',
      method: 'SSPI',
      token: Uint8Array.of(0x60, 1, 2, 3),
      principal: null,
      facts: { serverName: 'sql1.corp.example' },
    },
  },
  {
    name: 'LOGIN7 with a SQL login',
    packet: packet(0x10, login7({ workstation: 'W1', user: 'sa', password: 'sesame' })),
    type: 'LOGIN7',
    from: 'client',
    fields: { ...LOGIN_FIELDS, workstation: 'W1', userName: 'sa', serverName: '', method: 'SQL login' },
    step: {
      kind: 'leg',
      method: 'SQL login',
      token: null,
      principal: { user: 'sa', domain: '', workstation: 'W1' },
      facts: null,
    },
  },
  {
    name: 'SSPI message',
    packet: packet(0x11, NTLM_CHALLENGE),
    type: 'SSPI',
    from: 'client',
    fields: null,
    step: { kind: 'leg', method: 'SSPI', token: NTLM_CHALLENGE, outcome: null },
  },
  {
    name: 'SSPI token of a server',
    packet: packet(4, token(0xed, NTLM_CHALLENGE)),
    type: 'SSPI',
    from: 'server',
    fields: null,
    step: { kind: 'leg', method: 'SSPI', token: NTLM_CHALLENGE, outcome: 'continue' },
  },
  {
    name: 'LOGINACK behind ENVCHANGE',
    packet: packet(4, Uint8Array.of(...ENVCHANGE, ...ACK, ...DONE)),
    type: 'LOGINACK',
    from: 'server',
    fields: { direction: 'response', tdsVersion: '7.4', program: 'S1' },
    step: { kind: 'leg', outcome: 'success', status: { code: 0, name: 'LOGINACK', detail: null } },
  },
  {
    name: 'ERROR 18456',
    packet: packet(4, Uint8Array.of(...errorToken(18456), ...DONE)),
    type: 'ERROR',
    from: 'server',
    fields: { direction: 'response', number: 18456, name: 'login failed', state: 1 },
    step: { kind: 'leg', outcome: 'failure', status: { code: 18456, name: 'login failed', detail: 'state 1' } },
  },
]
