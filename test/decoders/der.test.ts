import * as asn1js from 'asn1js'
import { describe, expect, it } from 'vitest'
import {
  derAt,
  derChildren,
  derField,
  derFlags,
  derInteger,
  derOctets,
  derOid,
  derText,
} from '../../decoders/parts/der.ts'
import { fromHex, seededRandom } from '../hostile.ts'

const at = (text: string) => derAt(fromHex(text))!

describe('derAt', () => {
  it.each([
    ['short form', '0403 616263', 2, 5],
    ['long form', '048103 616263', 3, 6],
    ['long form as Windows writes it', '0484 00000003 616263', 6, 9],
  ])('reads a length in %s', (_, text, start, end) => {
    expect(at(text)).toMatchObject({ tag: 4, from: 0, start, end, cut: false })
  })

  it('gives an element that runs past the input as far as it goes', () => {
    expect(at('0405 6162')).toMatchObject({ start: 2, end: 4, cut: true })
  })

  it.each([
    ['nothing', ''],
    ['a tag without a length', '04'],
    ['an indefinite length', '3080 0000'],
    ['a multi-byte tag', '1f81 0100'],
    ['a length of five octets', '0485 0000000001 61'],
    ['a length that is cut', '0482 01'],
  ])('is null for %s', (_, text) => {
    expect(derAt(fromHex(text))).toBeNull()
  })
})

describe('values', () => {
  it.each([
    ['0201 00', 0],
    ['0201 7f', 127],
    ['0201 80', -128],
    ['0202 ff79', -135],
    ['0204 7fffffff', 2_147_483_647],
    ['0205 00ffffffff', 4_294_967_295],
    ['0207 01000000000000', null],
    ['0200', null],
  ])('INTEGER %s is %s', (text, value) => {
    expect(derInteger(at(text))).toBe(value)
  })

  it.each([
    ['0606 2b0601050502', '1.3.6.1.5.5.2'],
    ['060a 2b06010401823702020a', '1.3.6.1.4.1.311.2.2.10'],
    ['0609 2a864886f712010202', '1.2.840.113554.1.2.2'],
    ['0603 883703', '2.999.3'],
    ['0602 2b86', null],
    ['0600', null],
  ])('OID %s is %s', (text, value) => {
    expect(derOid(at(text))).toBe(value)
  })

  it('numbers the bits of a BIT STRING from the left', () => {
    expect(derFlags(at('0305 0040810010'))).toBe(0x40810010)
    expect(derFlags(at('0303 0680c0'))).toBe(0x80c00000)
    expect(derFlags(at('0301 00'))).toBe(0)
  })

  it('reads text as UTF-8 where it is, else one character a byte', () => {
    expect(derText(at('1b03 41c3a4'))).toBe('Aä')
    expect(derText(at('1b02 41e4'))).toBe('Aä')
  })
})

describe('walking', () => {
  const sequence = at('300d a003020105 a20604044e544c4d')

  it('finds a field by its context tag and unwraps it', () => {
    expect(derInteger(derField(sequence, 0)!)).toBe(5)
    expect(derOctets(derField(sequence, 2)!)).toEqual(fromHex('4e544c4d'))
    expect(derField(sequence, 1)).toBeNull()
  })

  it('stops at the first child that cannot be read', () => {
    expect(derChildren(at('3006 020105 04 80 00'))).toHaveLength(1)
  })

  it('does not loop over a million empty siblings', () => {
    const many = new Uint8Array(2_000_010)
    many.set(fromHex('3083 1e8480'))
    expect(derChildren(derAt(many)!).length).toBeLessThan(5000)
  })

  it('sees the children that asn1js sees, in random trees', () => {
    const random = seededRandom(7)
    const tree = (depth: number): number[] => {
      if (depth === 0 || random() % 3 === 0) {
        const length = random() % 20
        return [0x04, length, ...Array.from({ length }, () => random() & 255)]
      }
      const inside = Array.from({ length: random() % 4 }, () => tree(depth - 1)).flat()
      return [0x30, 0x82, inside.length >> 8, inside.length & 255, ...inside]
    }
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from([0x30, 0x82, 0, 0, ...tree(4)])
      const length = bytes.length - 4
      bytes[2] = length >> 8
      bytes[3] = length & 255
      const { result } = asn1js.fromBER(bytes.slice())
      expect(shape(derAt(bytes)!)).toEqual(oracle(result))
    }
  })
})

interface Shape {
  readonly length: number
  readonly inside: readonly Shape[]
}

function shape(element: NonNullable<ReturnType<typeof derAt>>): Shape {
  const inside = element.tag & 0x20 ? derChildren(element).map(shape) : []
  return { length: element.end - element.start, inside }
}

function oracle(block: asn1js.BaseBlock): Shape {
  const inside =
    block instanceof asn1js.Constructed ? block.valueBlock.value.map((inner) => oracle(inner as asn1js.BaseBlock)) : []
  return { length: block.lenBlock.length, inside }
}
