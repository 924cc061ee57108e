/**
 * DCE/RPC: real PDUs of Windows, every cut, changed bytes, both byte orders. Whole conversations are compared in
 * test/captures.
 */
import { describe, expect, it } from 'vitest'
import type { Framing } from '../../decoders/carrier.ts'
import { dcerpc } from '../../decoders/carriers/rpc/dcerpc.ts'
import { interfaceName } from '../../decoders/carriers/rpc/dcerpc-interfaces.ts'
import { faultName, outcomeOfFault, rejectReasonName } from '../../decoders/carriers/rpc/dcerpc-status.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'

/** bind of lsarpc at level integrity with an NTLM token of 8 octets, its signature alone */
const BIND = fromHex(
  '05000b0310000000 5800080003000000 b810b81000000000 01000000 0000 01 00 785734123412cdabef000123456789ab 00000000' +
    '045d888aeb1cc9119fe808002b104860 02000000 0a050000 01000000 4e544c4d53535000',
)
const FAULT = fromHex('0500032310000000200000000200000018000000000000000b00011c00000000')
const REQUEST = fromHex('0500000310000000 28000800 04000000 00000000 0000 2d00 0a060000 01000000 0102030405060708')
const NAK = fromHex('05000d0310000000 1400000003000000 08000000')

function framing(): Framing {
  return { length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 }
}

describe('dcerpc', () => {
  it('reads a bind: interface, type, level, context and token', () => {
    const { value, fault } = dcerpc.decode(BIND, 'client')
    expect(fault).toBe(null)
    expect(value![0]).toMatchObject({
      type: 'bind',
      from: 'client',
      service: 'rpc',
      fields: { callId: '3', interfaces: ['lsarpc'], authType: 'NTLM', authLevel: 'integrity', authContextId: 1 },
      steps: [
        { kind: 'interfaces', interfaces: [{ context: 0, interface: '12345778-1234-abcd-ef00-0123456789ab' }] },
        {
          kind: 'leg',
          slot: 'auth 1',
          message: '3',
          method: 'NTLM',
          direct: true,
          token: fromHex('4e544c4d53535000'),
          rpc: {
            interface: '12345778-1234-abcd-ef00-0123456789ab',
            interfaceName: 'lsarpc',
            authType: 10,
            authLevel: 5,
          },
        },
      ],
    })
  })

  it('reads the same call in both byte orders', () => {
    const big = fromHex('0500000300000000 00280008 00000004 00000000 0000 002d 0a060000 00000001 0102030405060708')
    const step = { kind: 'call', from: 'client', slot: 'auth 1', message: '4', protection: 'sealed', outcome: null }
    const called = { association: '', context: 0, opnum: 45 }
    expect(dcerpc.decode(REQUEST, 'client').value![0]!.steps).toMatchObject([{ ...step, called }])
    expect(dcerpc.decode(big, 'client').value![0]!.steps).toMatchObject([step])
  })

  it('takes refusals of the caller for failures, and what was executed for success', () => {
    expect(dcerpc.decode(FAULT, 'server').value![0]).toMatchObject({
      fields: { callId: '2', status: 'nca_proto_error', didNotExecute: true },
      steps: [{ kind: 'call', outcome: 'failure', status: { name: 'nca_proto_error' } }],
    })
    expect(dcerpc.decode(NAK, 'server').value![0]).toMatchObject({
      fields: { reason: 'authentication_type_not_recognized' },
      steps: [{ message: '3', outcome: 'failure', protection: null }],
    })
    expect(outcomeOfFault(5, false)).toBe('success')
    expect(outcomeOfFault(5, true)).toBe('failure')
    expect(outcomeOfFault(0x1c010002, true)).toBe(null)
    expect(faultName(0x1c010099)).toBe('0x1c010099')
    expect(rejectReasonName(77)).toBe('77')
    expect(interfaceName('00000000-0000-0000-0000-000000000001')).toBe(null)
  })

  it('keeps binds whole, of calls the first ones and then a sample', () => {
    const out = framing()
    expect(dcerpc.frame(BIND, 'client', out)).toBe('ready')
    expect([out.length, out.keep]).toEqual([BIND.length, BIND.length])
    let kept = 0
    for (let i = 0; i < 260; i++) {
      expect(dcerpc.frame(REQUEST, 'client', out)).toBe('ready')
      if (out.keep > 0) kept++
    }
    expect(kept).toBe(5)
  })

  it('keeps the head of every call that tells something of a logon, of the interface that was bound', () => {
    const bindOf = (uuid: string) =>
      fromHex(
        `05000b0310000000 4800000003000000 b810b81000000000 01000000 0000 01 00 ${uuid} 00000000${'00'.repeat(20)}`,
      )
    const keeps = (uuid: string) => {
      const out = framing()
      dcerpc.frame(bindOf(uuid), 'client', out)
      for (let i = 0; i < 8; i++) dcerpc.frame(REQUEST, 'client', out)
      dcerpc.frame(REQUEST, 'client', out)
      return out.keep
    }
    // operation 45 of netlogon, of winspool, of lsarpc
    expect(keeps('785634123412cdabef0001234567cffb')).toBe(32)
    expect(keeps('785634123412cdabef000123456789ab')).toBe(0)
    expect(keeps('785734123412cdabef000123456789ab')).toBe(0)
  })

  it('claims what it can frame and nothing else, at every cut', () => {
    for (const pdu of [BIND, FAULT, REQUEST, NAK]) {
      for (let end = 0; end <= pdu.length; end++) {
        expect(dcerpc.probe(pdu.subarray(0, end), 'client')).toBe(end < 16 ? 'more' : 'mine')
      }
      cutEverywhere(pdu, (cut) => dcerpc.decode(cut, 'client'))
    }
    expect(dcerpc.probe(fromHex('050100'), 'client')).toBe('more')
    expect(dcerpc.probe(fromHex('05010005010001'), 'client')).toBe('other')
    expect(dcerpc.probe(fromHex('05000b03'), 'client')).toBe('more')
    expect(dcerpc.probe(fromHex('05000403'), 'client')).toBe('other')
  })

  it('does not throw at changed bytes', () => {
    for (const pdu of [BIND, FAULT, REQUEST, NAK]) {
      changeBytes(pdu, 2000, (changed) => {
        expect(() => dcerpc.decode(changed, 'server')).not.toThrow()
        expect(() => dcerpc.frame(changed, 'server', framing())).not.toThrow()
      })
    }
  })
})
