/** What TLS in EAP holds: EAP with and without its header, attributes of TTLS, TLVs; no secret is given away. */
import { describe, expect, it } from 'vitest'
import { decodeInside, type InsidePlain, insidePdu } from '../../decoders/carriers/eap-inside.ts'
import { radius } from '../../decoders/carriers/radius.ts'
import { changeBytes, cutEverywhere } from '../hostile.ts'
import { SECRET } from './radius.samples.ts'

const text = (value: string) => [...Buffer.from(value)]
const secret = (length: number) => new Array<number>(length).fill(SECRET)

function plain(method: string, from: 'client' | 'server', bytes: readonly number[], user = ''): Uint8Array {
  const what: InsidePlain = { kind: 'plain', from, method, number: 3, user, bytes: Uint8Array.from(bytes) }
  return insidePdu(what)
}

const legsOf = (pdu: Uint8Array) => {
  const { value, fault } = decodeInside(pdu)
  expect(fault).toBe(null)
  return (value ?? []).flatMap(({ steps }) => steps)
}

/** EAP with its header */
const whole = (code: number, type: number, ...data: number[]) => [code, 9, 0, data.length + 5, type, ...data]
const avp = (code: number, data: readonly number[], vendor?: number) => {
  const head = vendor === undefined ? [] : [0, 0, vendor >> 8, vendor & 255]
  const length = 8 + head.length + data.length
  const padding = new Array<number>((4 - (length % 4)) % 4).fill(0)
  return [0, 0, 0, code, vendor === undefined ? 0x40 : 0xc0, 0, 0, length, ...head, ...data, ...padding]
}
const tlv = (type: number, value: readonly number[]) => [0x80 | (type >> 8), type & 255, 0, value.length, ...value]

const RESPONSE = [2, 9, 0, 59, 49, ...secret(49), ...text('CORP\\alice')]
const CHAP2 = [9, 0, ...secret(16), ...new Array<number>(8).fill(0), ...secret(24)]
const ALICE = { user: 'alice', domain: 'CORP', workstation: '' }
const BOB = { user: 'bob', domain: '', workstation: '' }

const LOGONS: readonly (readonly [string, Uint8Array, object])[] = [
  [
    'EAP-MSCHAPv2 in PEAPv0, without its header',
    plain('PEAP', 'client', [26, ...RESPONSE]),
    { method: 'PEAP/EAP-MSCHAPv2', plainNtlm: 'NTLMv1', direct: true, principal: ALICE },
  ],
  [
    'the same with its header',
    plain('PEAP', 'client', whole(2, 26, ...RESPONSE)),
    { method: 'PEAP/EAP-MSCHAPv2', plainNtlm: 'NTLMv1', direct: true, principal: ALICE },
  ],
  [
    'EAP-GTC, whose user was named before',
    plain('PEAP', 'client', [6, ...secret(9)], 'bob'),
    { method: 'PEAP/EAP-GTC', plainNtlm: null, direct: false, principal: BOB },
  ],
  [
    'PAP in TTLS',
    plain('EAP-TTLS', 'client', [...avp(1, text('bob')), ...avp(2, secret(16))]),
    { method: 'EAP-TTLS/PAP', plainNtlm: null, principal: BOB },
  ],
  [
    'CHAP in TTLS',
    plain('EAP-TTLS', 'client', [...avp(1, text('bob')), ...avp(3, secret(17)), ...avp(60, secret(16))]),
    { method: 'EAP-TTLS/CHAP', plainNtlm: null, principal: BOB },
  ],
  [
    'MS-CHAP in TTLS, its LM response alone',
    plain('EAP-TTLS', 'client', [
      ...avp(1, text('bob')),
      ...avp(1, [9, 0, ...secret(24), ...new Array(24).fill(0)], 311),
    ]),
    { method: 'EAP-TTLS/MS-CHAP', plainNtlm: 'LM', direct: true, principal: BOB },
  ],
  [
    'MS-CHAPv2 in TTLS',
    plain('EAP-TTLS', 'client', [...avp(1, text('bob')), ...avp(11, secret(16), 311), ...avp(25, CHAP2, 311)]),
    { method: 'EAP-TTLS/MS-CHAPv2', plainNtlm: 'NTLMv1', direct: true, principal: BOB },
  ],
  [
    'EAP in TTLS',
    plain('EAP-TTLS', 'client', avp(79, whole(2, 26, ...RESPONSE))),
    { method: 'EAP-TTLS/EAP-MSCHAPv2', plainNtlm: 'NTLMv1', principal: ALICE },
  ],
  [
    'EAP in TLVs',
    plain('TEAP', 'client', [...tlv(3, [0, 1]), ...tlv(9, whole(2, 26, ...RESPONSE))]),
    { method: 'TEAP/EAP-MSCHAPv2', plainNtlm: 'NTLMv1', principal: ALICE },
  ],
  [
    'a password in a TLV',
    plain('TEAP', 'client', tlv(14, [3, ...text('bob'), 9, ...secret(9)])),
    { method: 'TEAP/Basic-Password', plainNtlm: null, principal: BOB },
  ],
]

describe.each(LOGONS)('%s', (_name, pdu, leg) => {
  it('is a logon in a place of its own', () => {
    expect(legsOf(pdu)).toEqual([expect.objectContaining({ kind: 'leg', from: 'client', slot: 'eap 3', ...leg })])
  })

  it('gives no response and no password away', () => {
    const said = JSON.stringify(decodeInside(pdu))
    expect(said).not.toContain(Buffer.from(secret(2)).toString('latin1'))
    expect(said).not.toContain('a5a5')
    expect(said).not.toContain('\ufffd\ufffd')
  })

  it('survives cuts and changes', () => {
    cutEverywhere(pdu, (cut) => decodeInside(cut))
    changeBytes(pdu, 500, (changed) => decodeInside(changed))
  })
})

it.each([
  ['EAP-MSCHAPv2 is taken', plain('PEAP', 'server', [26, 3, 9, 0, 6, 83, 61]), 'success', 'Success'],
  [
    'EAP-MSCHAPv2 is refused',
    plain('PEAP', 'server', [26, 4, 9, 0, 13, ...text('E=691 R=1')]),
    'failure',
    'ERROR_AUTHENTICATION_FAILURE',
  ],
  ['MS-CHAPv2 in TTLS is taken', plain('EAP-TTLS', 'server', avp(26, [9, ...text('S=00')], 311)), 'success', 'Success'],
  [
    'MS-CHAP in TTLS is refused',
    plain('EAP-TTLS', 'server', avp(2, [9, ...text('E=647 R=0')], 311)),
    'failure',
    'ERROR_ACCT_DISABLED',
  ],
  ['what was waited for', insidePdu({ kind: 'ended', method: 'PEAP', number: 3, code: 3 }), 'failure', 'Access-Reject'],
])('%s: the server says so', (_name, pdu, outcome, name) => {
  expect(legsOf(pdu)).toMatchObject([{ kind: 'leg', from: 'server', slot: 'eap 3', outcome, status: { name } }])
})

it.each([
  ['who the client is', plain('PEAP', 'client', [1, ...text('bob')])],
  ['TLVs of PEAP', plain('PEAP', 'server', whole(1, 33, 0x80, 3, 0, 2, 0, 1))],
  ['the health of a Windows', plain('PEAP', 'client', [254, 0, 1, 0x37, 0, 0, 0, 0x21, 1, 2])],
  ['the end of a session that is resumed', plain('EAP-TTLS', 'server', [0])],
])('%s is no logon', (_name, pdu) => {
  expect(legsOf(pdu)).toEqual([])
})

it('the user of a method that does not say it again is told once', () => {
  const [message] = decodeInside(plain('PEAP', 'client', [1, ...text('bob')])).value!
  expect(message?.fields).toMatchObject({ userName: 'bob' })
})

it('TLS in it once more hides what it holds, and what is not known is no clean end', () => {
  expect(legsOf(plain('EAP-TTLS', 'client', avp(79, whole(2, 25, 0))))).toContainEqual({
    kind: 'facts',
    facts: { hidden: 'radius' },
  })
  expect(decodeInside(plain('PEAP', 'client', [254, 0, 0, 9, 0, 0, 0, 1])).fault?.reason).toBe('unsupported')
})

it('what was not opened is hidden, and counted where it began', () => {
  const hidden = { kind: 'facts', facts: { hidden: 'radius' } }
  expect(legsOf(insidePdu({ kind: 'hidden', method: 'PEAP', isCounted: false }))).toEqual([hidden])
  const counted = { kind: 'network', method: 'PEAP' }
  expect(legsOf(insidePdu({ kind: 'hidden', method: 'PEAP', isCounted: true }))).toEqual([hidden, counted])
  expect(legsOf(insidePdu({ kind: 'resumed', method: 'PEAP' }))).toEqual([{ kind: 'network', method: 'PEAP, resumed' }])
})

it('is read by the carrier of RADIUS, which takes nothing of the kind from a wire', () => {
  for (const [, pdu] of LOGONS) {
    expect(radius.decode(pdu, 'client')).toEqual(decodeInside(pdu))
    expect(radius.probe(pdu, 'client')).toBe('other')
  }
})
