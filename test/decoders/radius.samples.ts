/**
 * RADIUS packets with what the carrier must say about them: one of radtest (FreeRADIUS), the others built from RFC
 * 2865, 2548 and 3579.
 */
import type { AuthStep } from '../../decoders/carrier.ts'
import { fromHex } from '../hostile.ts'

/** A packet: code, identifier 7, an authenticator of sevens, attributes. */
export function packet(code: number, ...attributes: Uint8Array[]): Uint8Array {
  const length = 20 + attributes.reduce((sum, { length }) => sum + length, 0)
  const head = [code, 7, length >> 8, length & 0xff, ...new Array<number>(16).fill(7)]
  return Uint8Array.of(...head, ...attributes.flatMap((attribute) => [...attribute]))
}

export function attribute(type: number, value: Uint8Array): Uint8Array {
  return Uint8Array.of(type, value.length + 2, ...value)
}

const text = (value: string) => Uint8Array.from(Buffer.from(value))
export const USER = attribute(1, text('CORP\\alice'))
/** what must never be seen again */
export const SECRET = 0xa5
const secret = (length: number) => new Uint8Array(length).fill(SECRET)
const microsoft = (type: number, value: Uint8Array) =>
  attribute(26, Uint8Array.of(0, 0, 1, 0x37, ...attribute(type, value)))
export const eap = (code: number, type: number, ...data: number[]) =>
  attribute(79, Uint8Array.of(code, 1, 0, data.length + 5, type, ...data))
const response = (lm: Uint8Array, nt: Uint8Array) => Uint8Array.of(1, 1, ...lm, ...nt)

export interface RadiusSample {
  readonly name: string
  readonly packet: Uint8Array
  readonly type: string
  readonly fields: Record<string, unknown>
  /** the step that matters, in part; null: none */
  readonly step: Partial<AuthStep> | null
}

const ALICE = { user: 'alice', domain: 'CORP', workstation: '' }
const asked = (method: string | null) => ({ identifier: 7, userName: 'CORP\\alice', method })

export const RADIUS_SAMPLES: readonly RadiusSample[] = [
  {
    name: 'MS-CHAP of radtest',
    packet: fromHex(`01000083 9a46ef8c7defa5941a0b10885006ea07 0107616c696365 0406c0000265 050600000000
      5012ee27f6c71b7eec27cae420d9d067bdf9 1a10000001370b0aae53374a4bb6149a
      1a3a000001370134 0001 ${'00'.repeat(24)} 11f328fd9b984ae0ccca11f328fd9b984ae0ccca01020304`),
    type: 'Access-Request',
    fields: { identifier: 0, userName: 'alice', method: 'MS-CHAP' },
    step: {
      kind: 'leg',
      message: '0',
      method: 'MS-CHAP',
      direct: true,
      plainNtlm: 'NTLMv1',
      principal: { user: 'alice', domain: '', workstation: '' },
    },
  },
  {
    name: 'MS-CHAP with an LM response alone',
    packet: packet(1, USER, microsoft(1, response(secret(24), new Uint8Array(24)))),
    type: 'Access-Request',
    fields: asked('MS-CHAP'),
    step: { plainNtlm: 'LM' },
  },
  {
    name: 'MS-CHAPv2',
    packet: packet(1, USER, microsoft(11, secret(16)), microsoft(25, response(secret(24), secret(24)))),
    type: 'Access-Request',
    fields: asked('MS-CHAPv2'),
    step: { method: 'MS-CHAPv2', direct: true, plainNtlm: 'NTLMv1', message: '7', principal: ALICE },
  },
  {
    name: 'PAP, hidden with the shared secret',
    packet: packet(1, USER, attribute(2, secret(16))),
    type: 'Access-Request',
    fields: asked('PAP'),
    step: { method: 'PAP', direct: false, plainNtlm: null, principal: ALICE },
  },
  {
    name: 'CHAP',
    packet: packet(1, USER, attribute(3, secret(17))),
    type: 'Access-Request',
    fields: asked('CHAP'),
    step: { method: 'CHAP', plainNtlm: null },
  },
  {
    name: 'EAP-MSCHAPv2 outside of TLS',
    packet: packet(1, USER, eap(2, 26, 2, 1, 0, 54, 49, ...secret(49))),
    type: 'Access-Request',
    fields: asked('EAP-MSCHAPv2'),
    step: { method: 'EAP-MSCHAPv2', plainNtlm: 'NTLMv1', principal: ALICE },
  },
  {
    name: 'its last round is no logon of its own',
    packet: packet(1, USER, eap(2, 26, 3)),
    type: 'Access-Request',
    fields: asked('EAP-MSCHAPv2'),
    step: { kind: 'facts', facts: { loggedOn: ALICE } },
  },
  {
    name: 'LEAP',
    packet: packet(1, USER, eap(2, 17, 1, 0, 24, ...secret(24), ...text('alice'))),
    type: 'Access-Request',
    fields: asked('LEAP'),
    step: { method: 'LEAP', plainNtlm: 'NTLMv1', principal: ALICE },
  },
  {
    name: 'LEAP, the client asks in its turn',
    packet: packet(1, USER, eap(1, 17, 1, 0, 8, ...secret(8), ...text('alice'))),
    type: 'Access-Request',
    fields: asked(null),
    step: { kind: 'facts', facts: { loggedOn: ALICE } },
  },
  {
    name: 'PEAP hides what is inside',
    packet: packet(1, USER, eap(2, 25, 0x80, 0x16, 3, 1)),
    type: 'Access-Request',
    fields: asked('PEAP'),
    step: { kind: 'facts', facts: { hidden: 'radius' } },
  },
  {
    name: 'certificates hide nothing that is NTLM',
    packet: packet(1, USER, eap(2, 13, 0)),
    type: 'Access-Request',
    fields: asked('EAP-TLS'),
    step: null,
  },
  {
    name: 'who it is, and no more',
    packet: packet(1, USER, eap(2, 1, ...text('alice'))),
    type: 'Access-Request',
    fields: asked(null),
    step: null,
  },
  {
    name: 'accepted',
    packet: packet(2, microsoft(12, secret(32))),
    type: 'Access-Accept',
    fields: { identifier: 7 },
    step: { outcome: 'success', message: '7', status: { code: 2, name: 'Access-Accept', detail: null } },
  },
  {
    name: 'rejected',
    packet: packet(3),
    type: 'Access-Reject',
    fields: { identifier: 7 },
    step: { outcome: 'failure', message: '7' },
  },
  {
    name: 'more is asked for',
    packet: packet(11, eap(1, 25, 0x20)),
    type: 'Access-Challenge',
    fields: { identifier: 7 },
    step: { outcome: 'continue', status: null },
  },
]
