import { type BaseBlock, Constructed, ObjectIdentifier, fromBER as parse } from 'asn1js'
import { describe, expect, it } from 'vitest'
import { mechanismName } from '../../decoders/mechanisms/oids.ts'
import { spnego } from '../../decoders/mechanisms/spnego.ts'
import { derAt, derOid } from '../../decoders/parts/der.ts'
import { concat, explicit, longTlv, octetString, oid, sequence, tlv } from '../builders/der.ts'
import { challengeMessage } from '../builders/ntlmssp.ts'
import { mechList, negTokenInit, negTokenResp, OID } from '../builders/spnego.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { NEAR_MISSES, SAMPLES } from './spnego.samples.ts'

describe('samples', () => {
  it.each(SAMPLES)('$name', ({ bytes, message }) => {
    expect(spnego.claims(bytes)).toBe(true)
    expect(spnego.decode(bytes)).toEqual({ value: message, fault: null })
  })

  it.each(SAMPLES)('ignores what follows the token: $name', ({ bytes, message }) => {
    expect(spnego.decode(concat(bytes, new Uint8Array(7)))).toEqual({ value: message, fault: null })
  })

  it('borrows the inner token', () => {
    const bytes = negTokenInit({ mechTypes: ['ntlmssp'], mechToken: fromHex('4e544c4d53535000') })
    expect(spnego.decode(bytes).value?.innerToken?.buffer).toBe(bytes.buffer)
  })

  it('is built as an independent reader of ASN.1 sees it', () => {
    for (const { bytes, name } of SAMPLES) {
      const { offset, result } = parse(bytes.slice().buffer)
      if (name.includes('without an OCTET STRING')) continue
      expect([name, offset, result.error]).toEqual([name, bytes.length, ''])
      const oids: string[] = []
      walk(result, (node) => {
        if (node instanceof ObjectIdentifier) oids.push(node.valueBlock.toString())
      })
      const { value } = spnego.decode(bytes)
      const ours =
        value?.type === 'NegTokenResp'
          ? [value.supportedMech ?? [], value.supportedMechs ?? []].flat()
          : value?.mechTypes
      const framed = bytes[0] === 0x60 ? 1 : 0
      expect(oids.slice(framed).map(mechanismName)).toEqual(ours)
    }
  })
})

/** Every node but those inside an OCTET STRING, where asn1js looks for more ASN.1. */
function walk(node: BaseBlock, visit: (node: BaseBlock) => void): void {
  visit(node)
  if (node instanceof Constructed) for (const child of node.valueBlock.value) walk(child, visit)
}

describe('claims', () => {
  it.each(NEAR_MISSES)('not %s', (_, bytes) => {
    expect(spnego.claims(bytes)).toBe(false)
    expect(spnego.decode(bytes).value).toBeNull()
  })
})

describe('tokens that end early', () => {
  it.each(SAMPLES)('is never silent about it: $name', ({ bytes, message }) => {
    cutEverywhere(bytes, (cut) => {
      const { value, fault } = spnego.decode(cut)
      expect(spnego.claims(cut)).toBe(value !== null)
      if (value === null) expect(fault).not.toBeNull()
      else {
        expect([cut.length, value.type.slice(0, 12), fault?.reason]).toEqual([
          cut.length,
          message.type.slice(0, 12),
          'cut',
        ])
      }
    })
  })

  it('gives the first piece of a token that was sent in pieces', () => {
    const challenge = challengeMessage()
    const whole = negTokenResp({ negState: 'accept-incomplete', supportedMech: 'ntlmssp', responseToken: challenge })
    const { value, fault } = spnego.decode(whole.subarray(0, whole.length - 50))
    expect(value).toMatchObject({ negState: 'accept-incomplete', supportedMech: 'ntlmssp' })
    expect(value?.innerToken).toEqual(challenge.subarray(0, challenge.length - 50))
    expect(fault).toEqual({ reason: 'cut', where: 'NegTokenResp.responseToken' })
  })

  it('gives the mechanisms before the cut, and never half of one', () => {
    const whole = negTokenInit({ mechTypes: ['kerberos', 'ntlmssp'] })
    const { value, fault } = spnego.decode(whole.subarray(0, whole.length - 1))
    expect(value).toMatchObject({ mechTypes: ['kerberos'] })
    expect(fault).toEqual({ reason: 'cut', where: 'NegTokenInit.mechTypes' })
  })

  it('tells a contradiction inside a whole token from a cut', () => {
    const bytes = explicit(0, sequence(explicit(0, mechList(['ntlmssp'])), explicit(2, fromHex('0405 0102'))))
    expect(spnego.decode(bytes)).toMatchObject({
      value: { mechTypes: ['ntlmssp'], innerToken: fromHex('0102') },
      fault: { reason: 'malformed', where: 'NegTokenInit.mechToken' },
    })
  })
})

describe('odd tokens', () => {
  it('skips what is not an OID in the list of mechanisms, and says so', () => {
    const bytes = explicit(0, sequence(explicit(0, sequence(oid(OID.ntlmssp!), octetString('x'), oid(OID.kerberos!)))))
    expect(spnego.decode(bytes)).toMatchObject({
      value: { mechTypes: ['ntlmssp', 'kerberos'] },
      fault: { reason: 'malformed', where: 'NegTokenInit.mechTypes' },
    })
  })

  it('reads at most 64 mechanisms', () => {
    const { value, fault } = spnego.decode(negTokenInit({ mechTypes: Array.from({ length: 65 }, () => 'ntlmssp') }))
    expect(value).toMatchObject({ mechTypes: Array.from({ length: 64 }, () => 'ntlmssp') })
    expect(fault).toEqual({ reason: 'limit', where: 'NegTokenInit.mechTypes' })
  })

  it('takes the first of two fields with one tag', () => {
    const bytes = explicit(
      1,
      sequence(explicit(0, tlv(0x0a, Uint8Array.of(2))), explicit(0, tlv(0x0a, Uint8Array.of(0)))),
    )
    expect(spnego.decode(bytes)).toMatchObject({ value: { negState: 'reject' }, fault: null })
  })

  it('does not take a Kerberos AP-REP, or a MIC of another mechanism, for a MIC of Kerberos', () => {
    const micOf = (mic: string) => spnego.decode(negTokenResp({ mechListMic: fromHex(mic) })).value?.mechListMic
    expect(micOf('600f 06092a864886f712010202 0200 6f00')).toBe('unknown')
    expect(micOf('600c 06062b0601050205 0101 1100')).toBe('unknown')
    expect(micOf('0100000011223344556677880000000000')).toBe('unknown')
    expect(micOf('0504')).toBe('unknown')
    expect(micOf('600f 06092a864882f712010202 0101 1100')).toBe('kerberos')
  })

  it('survives lengths that lie', () => {
    expect(spnego.decode(longTlv(0xa1, sequence())).value).not.toBeNull()
    expect(spnego.decode(fromHex('a184ffffffff30 00')).fault?.reason).toBe('cut')
    expect(spnego.decode(fromHex('a102 3005')).fault?.reason).toBe('malformed')
  })
})

describe('mechanismName', () => {
  it('knows the mechanisms by their bytes', () => {
    const nameOf = (hex: string) => mechanismName(derOid(derAt(fromHex(hex))!)!)
    expect(nameOf('06062b0601050502')).toBe('spnego')
    expect(nameOf('06092a864886f712010202')).toBe('kerberos')
    expect(nameOf('06092a864882f712010202')).toBe('ms-kerberos')
    expect(nameOf('060a2a864886f71201020203')).toBe('kerberos-u2u')
    expect(nameOf('06062b0601050205')).toBe('iakerb')
    expect(nameOf('060a2b06010401823702020a')).toBe('ntlmssp')
    expect(nameOf('060a2b06010401823702021e')).toBe('negoex')
    expect(nameOf('060a2b060104018237020228')).toBe('late-fallback')
    expect(nameOf('06062b0601050207')).toBe('pku2u')
    expect(nameOf('06022a03')).toBe('1.2.3')
  })
})

describe('changed bytes', () => {
  it.each(SAMPLES)('gives a value or a fault: $name', ({ bytes }) => {
    changeBytes(bytes, 1000, (changed) => {
      const { value, fault } = spnego.decode(changed)
      expect(value !== null || fault !== null).toBe(true)
      expect(spnego.claims(changed)).toBe(value !== null)
    })
  })
})
