/** GSS-TSIG as Windows, Samba and BIND negotiate it: TKEY queries and answers, RFC 2930 and 3645. */
import { dnsTcp, tkeyUdp } from '../../decoders/carriers/names/dns.ts'
import { concat } from '../builders/net.ts'
import {
  type FurtherSample,
  kerberosFor,
  type Miss,
  NTLM_1,
  NTLM_2,
  NTLM_3,
  SPNEGO_DONE,
  SPNEGO_NTLM_1,
  SPNEGO_NTLM_2,
  SPNEGO_NTLM_3,
} from './further.samples.ts'

const KEY = '1234-ms-7.1-5678.dc1.corp.example'
const u16 = (value: number) => Uint8Array.of(value >> 8, value)
const u32 = (value: number) => concat(u16(value >>> 16), u16(value))

export function dnsName(text: string): Uint8Array {
  const labels = text === '' ? [] : text.split('.')
  return concat(...labels.map((label) => concat(Uint8Array.of(label.length), Buffer.from(label))), Uint8Array.of(0))
}

export interface TkeyOptions {
  readonly id?: number
  readonly response?: boolean
  readonly rcode?: number
  readonly error?: number
  readonly mode?: number
  /** null: a message without a TKEY record */
  readonly key?: Uint8Array | null
  /** a TSIG record of the key stands at the end */
  readonly signed?: boolean
  /** as Windows 2000 and its successors do it; else among the additional ones */
  readonly amongAnswers?: boolean
  readonly algorithm?: string
}

/** A DNS message that asks for or answers with a TKEY record. */
export function tkey(options: TkeyOptions = {}): Uint8Array {
  const { id = 0x1a2b, response = false, rcode = 0, key = SPNEGO_NTLM_1, signed = false } = options
  const record = key === null ? new Uint8Array(0) : tkeyRecord(key, options)
  const records = key === null ? 0 : 1
  const answers = response || options.amongAnswers ? records : 0
  const header = [id, (response ? 0x8000 : 0) | rcode, 1, answers, 0, records - answers + (signed ? 1 : 0)]
  const question = concat(dnsName(KEY), u16(249), u16(255))
  return concat(...header.map(u16), question, record, signed ? tsigRecord() : new Uint8Array(0))
}

function tkeyRecord(key: Uint8Array, { error = 0, mode = 3, algorithm = 'gss-tsig' }: TkeyOptions): Uint8Array {
  const data = concat(dnsName(algorithm), u32(1_700_000_000), u32(1_700_086_400), u16(mode), u16(error))
  return resourceRecord(249, concat(data, u16(key.length), key, u16(0)))
}

function tsigRecord(): Uint8Array {
  const mac = new Uint8Array(28).fill(0x5a)
  return resourceRecord(
    250,
    concat(dnsName('gss-tsig'), u16(0), u32(1_700_000_000), u16(36_000), u16(28), mac, u16(0x1a2b), u32(0)),
  )
}

function resourceRecord(type: number, data: Uint8Array): Uint8Array {
  return concat(dnsName(KEY), u16(type), u16(255), u32(0), u16(data.length), data)
}

export const overTcp = (message: Uint8Array) => concat(u16(message.length), message)
const kerberos = kerberosFor('DNS/dc1.corp.example')

/** A name and its address: what stands beside TKEY in the same conversation. */
export const QUESTION = concat(...[0x0101, 0x0100, 1, 0, 0, 0].map(u16), dnsName('dc1.corp.example'), u16(1), u16(1))
/** RFC 2136: an update, signed */
export const UPDATE = concat(
  ...[0x0102, 0x2800, 1, 0, 0, 1].map(u16),
  dnsName('corp.example'),
  u16(6),
  u16(1),
  tsigRecord(),
)

export const DNS_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'GSS-TSIG over TCP, Kerberos, then the update',
    carrier: dnsTcp,
    port: 53,
    tshark: { layer: 'dns', tokens: true },
    talk: [
      ['client', overTcp(tkey({ key: kerberos.init, amongAnswers: true }))],
      ['server', overTcp(tkey({ response: true, key: kerberos.done, signed: true }))],
      ['client', overTcp(UPDATE)],
    ],
    says: ['client SPNEGO token 96', 'server success NOERROR token 161', 'context'],
    exchanges: [
      {
        service: 'dns',
        carrier: 'dns',
        mechanism: 'kerberos',
        result: 'success',
        visibility: 'both',
        target: { spn: 'DNS/dc1.corp.example' },
      },
    ],
  },
  {
    name: 'GSS-TSIG over TCP, NTLM in two rounds',
    carrier: dnsTcp,
    port: 53,
    tshark: { layer: 'dns', tokens: true },
    talk: [
      ['client', overTcp(tkey({ key: SPNEGO_NTLM_1, algorithm: 'gss.microsoft.com', amongAnswers: true }))],
      ['server', overTcp(tkey({ response: true, key: SPNEGO_NTLM_2, algorithm: 'gss.microsoft.com' }))],
      ['client', overTcp(tkey({ id: 2, key: SPNEGO_NTLM_3, amongAnswers: true }))],
      ['server', overTcp(tkey({ id: 2, response: true, key: SPNEGO_DONE, signed: true }))],
    ],
    says: [
      'client SPNEGO token 96',
      'server continue token 161',
      'client SPNEGO token 161',
      'server success NOERROR token 161',
    ],
    exchanges: [
      {
        service: 'dns',
        mechanism: 'ntlm',
        result: 'success',
        origin: 'client-veto',
        fallback: true,
        principal: { user: 'alice', domain: 'CORP' },
      },
    ],
  },
  {
    name: 'GSS-TSIG over UDP, bare NTLM, refused',
    carrier: tkeyUdp,
    port: 53,
    tshark: { layer: 'dns', tokens: true },
    talk: [
      ['client', tkey({ key: NTLM_1 })],
      ['server', tkey({ response: true, key: NTLM_2 })],
      ['client', tkey({ id: 2, key: NTLM_3 })],
      ['server', tkey({ id: 2, response: true, key: new Uint8Array(0), error: 17 })],
    ],
    says: ['client SPNEGO token 1', 'server continue token 2', 'client SPNEGO token 3', 'server failure BADKEY'],
    exchanges: [{ service: 'dns', mechanism: 'ntlm', result: 'failure', status: { code: 17, name: 'BADKEY' } }],
  },
  {
    name: 'GSS-TSIG that the server does not know',
    carrier: tkeyUdp,
    port: 53,
    tshark: { layer: 'dns', tokens: true },
    talk: [
      ['client', tkey({ key: kerberos.request })],
      ['server', tkey({ response: true, key: null, rcode: 5 })],
    ],
    says: ['client SPNEGO token 96', 'server failure REFUSED'],
    exchanges: [{ service: 'dns', mechanism: 'kerberos', result: 'failure' }],
  },
]

/** Of the same form, and no authentication: nothing may be said of one. */
export const DNS_MISSES: readonly Miss[] = [
  ['a key that is deleted', dnsTcp, overTcp(tkey({ mode: 5 }))],
  ['Diffie-Hellman', tkeyUdp, tkey({ mode: 2 })],
  ['a question for an address', dnsTcp, overTcp(QUESTION)],
  ['a signed update', dnsTcp, overTcp(UPDATE)],
  ['a record of another type, for UDP', tkeyUdp, QUESTION],
]
