/** Vectors of RFC 3961, RFC 3962 and RFC 8009. */
import { describe, expect, it } from 'vitest'
import { decryptKerberos, encryptKerberos, fold } from '../../../src/keys/kerberos-cipher.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

it.each([
  ['012345', 8, 'be072631276b1955'],
  ['password', 7, '78a07b6caf85fa'],
  ['Rough Consensus, and Running Code', 8, 'bb6ed30870b7f0e0'],
  ['MASSACHVSETTS INSTITVTE OF TECHNOLOGY', 24, 'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b'],
  ['Q', 21, '518a54a2 15a8452a 518a54a2 15a8452a 518a54a2 15'],
  ['ba', 21, 'fb25d531 ae897449 9f52fd92 ea9857c4 ba24cf29 7e'],
  ['kerberos', 16, '6b657262 65726f73 7b9b5b2b 93132b93'],
])('%s folded into %i bytes', (text, bytes, folded) => {
  expect(fold(Buffer.from(text), bytes)).toEqual(hex(folded))
})

describe('RFC 8009, appendix A: usage 2', () => {
  it.each([
    [
      19,
      '3705d96080c17728a0e800eab6e0d23c',
      '7e5895eaf2672435bad817f545a37148',
      '',
      'ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718',
    ],
    [
      19,
      '3705d96080c17728a0e800eab6e0d23c',
      '7bca285e2fd4130fb55b1a5c83bc5b24',
      '000102030405',
      '84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c',
    ],
    [
      20,
      '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
      'f764e9fa15c276478b2c7d0c4e5f58e4',
      '',
      '41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c',
    ],
    [
      20,
      '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
      'b80d3251c1f6471494256ffe712d0b9a',
      '000102030405',
      '4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2',
    ],
  ])('etype %i', (etype, key, confounder, plain, sealed) => {
    expect(decryptKerberos(etype, hex(key), 2, hex(sealed))?.toString('hex')).toBe(plain)
    expect(encryptKerberos(etype, hex(key), 2, hex(confounder + plain)).toString('hex')).toBe(sealed)
  })
})

describe('there and back', () => {
  it.each([
    [17, 16],
    [18, 32],
    [19, 16],
    [20, 32],
    [23, 16],
  ])('etype %i', (etype, keyBytes) => {
    const key = Buffer.alloc(keyBytes, 7)
    for (let length = 16; length < 70; length++) {
      const plain = Buffer.from(Array.from({ length }, (_, at) => at))
      const sealed = encryptKerberos(etype, key, 11, plain)
      const opened = decryptKerberos(etype, key, 11, sealed)
      expect(opened).toEqual(plain.subarray(etype === 23 ? 8 : 16))
      expect(decryptKerberos(etype, key, 7, sealed)).toBeNull()
      expect(decryptKerberos(etype, Buffer.alloc(keyBytes, 8), 11, sealed)).toBeNull()
      sealed[length >> 1]! ^= 1
      expect(decryptKerberos(etype, key, 11, sealed)).toBeNull()
    }
    for (let length = 0; length < 60; length++) expect(decryptKerberos(etype, key, 2, Buffer.alloc(length))).toBeNull()
  })
})
