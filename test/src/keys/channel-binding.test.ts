/** Values of RFC 5929 and RFC 9266, and those that other programs computed. */
import { describe, expect, it } from 'vitest'
import { readCertificate } from '../../../src/keys/certificate.ts'
import { bindingOf, endPointBinding, endPointCandidates, isDisputed } from '../../../src/keys/channel-binding.ts'
import { certificateOf } from '../../builders/tls.ts'

const COUNTING = Buffer.from(Array.from({ length: 64 }, (_, at) => at))

describe('the value of a binding', () => {
  it.each([
    [28, '1b3de2859398e215f895ce85e8f0edfc'],
    [32, '8f1214c9c9cab8dc3bf866da9aba57a7'],
    [48, '97987e635e8710fe8eb4e56a60a0b621'],
    [64, '8e3934d118d477a86ec4548157b29ad2'],
  ])('tls-server-end-point of a hash of %i bytes', (length, value) => {
    expect(bindingOf('tls-server-end-point', COUNTING.subarray(0, length))).toBe(value)
  })

  it('tls-unique', () => {
    expect(bindingOf('tls-unique', COUNTING.subarray(0, 12))).toBe('7e5349b5695138957cdd92d99e2e11ea')
    expect(bindingOf('tls-unique', Buffer.from('d0c382ca9fca23cb1995132c', 'hex'))).toBe(
      '610b51cd4d0222e7a2c571f6ea704443',
    )
  })

  it('tls-exporter', () => {
    expect(bindingOf('tls-exporter', COUNTING.subarray(0, 32))).toBe('232de8d17ccb639000833d0e7def6811')
  })

  it.each([
    ['e8df53a12061fbe88facd4157047b69b1471a5e1908c8a80fcd7b5d2657ac91e', 'f38467000688fd514dab5202d3bcf35d'],
    ['0451803b7ebed887fd94de2e5d4dee4326ca43c77145c9302a9d5115f7e58e83', '44da2f488fde386b26ac6a158cf9c9df'],
    ['7a3010b80e7c279ab5d3661ed16305c6029db187f9b45b5eb1360f5220318b96', '513fc884e89c05b81668cf9be2810e3a'],
    ['bfae7ddb2fd3fd5fd8f892fa5bba6b97581ded8b6254be9f925ed87708635678', 'a7d9d732ff5104bb48e2d91c64c62c22'],
  ])('a certificate whose SHA-256 is %s', (hash, value) => {
    expect(bindingOf('tls-server-end-point', Buffer.from(hash, 'hex'))).toBe(value)
  })
})

describe('which hash', () => {
  it.each([
    ['rsa-sha1', 'sha256', false],
    ['rsa-sha256', 'sha256', false],
    ['rsa-sha384', 'sha384', false],
    ['rsa-sha512', 'sha512', false],
    ['ec-sha256', 'sha256', false],
    ['ec-sha384', 'sha384', false],
    ['rsa-pss', 'sha384', true],
    ['ed25519', null, true],
  ] as const)('%s: %s', (name, hash, disputed) => {
    const der = certificateOf(name)
    const facts = readCertificate(der)!
    expect(facts.bindingHash).toBe(hash)
    expect(isDisputed(facts)).toBe(disputed)
    const candidates = endPointCandidates(der, facts)
    expect(candidates.filter(({ isRight }) => isRight).map(({ value }) => value)).toEqual(
      hash === null ? [] : [endPointBinding(der, hash)],
    )
    expect(new Set(candidates.map(({ value }) => value)).size).toBe(candidates.length)
    // clients that always take SHA-256
    expect(candidates.some((one) => one.hash === 'sha256')).toBe(true)
  })
})
