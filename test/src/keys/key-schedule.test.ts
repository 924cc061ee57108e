/** Published vectors: RFC 8448 (TLS 1.3), those of the PRF, RC4 of RFC 6229. */
import { expect, it } from 'vitest'
import { cipherOf, suiteName } from '../../../decoders/parts/cipher-suites.ts'
import { exportedBinding, prf, TLS_1_0, TLS_1_2, trafficKeys } from '../../../src/keys/key-schedule.ts'
import { Rc4 } from '../../../src/keys/rc4.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const SECRET = hex('9bbe436ba940f017b17652849a71db35')
const SEED = hex('a0ba9f936cda311827a6f796ffd5198c')

it('PRF of TLS 1.2', () => {
  expect(prf(TLS_1_2, 'sha256', SECRET, 'test label', SEED, 32).toString('hex')).toBe(
    'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a',
  )
})

it('PRF of TLS 1.0', () => {
  expect(prf(TLS_1_0, 'sha256', SECRET, 'test label', SEED, 32).toString('hex')).toBe(
    '661740e6f98bc901efd2738502a71c03f76dd2f86298549b1148eff06714cf0f',
  )
})

it('keys of a traffic secret, RFC 8448 3', () => {
  const secret = hex('b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38')
  const { key, iv } = trafficKeys(cipherOf(0x1301)!, secret)
  expect(key.toString('hex')).toBe('3fce516009c21727d0f2e4e86ee403bc')
  expect(iv.toString('hex')).toBe('5d313eb2671276ee13000b30')
})

it('an exporter gives 32 bytes for either hash', () => {
  for (const [suite, length] of [
    [0x1301, 32],
    [0x1302, 48],
  ] as const)
    expect(exportedBinding(cipherOf(suite)!, Buffer.alloc(length, 1))).toHaveLength(32)
})

it('RC4', () => {
  expect(new Rc4(Buffer.from('Key')).apply(Buffer.from('Plaintext')).toString('hex')).toBe('bbf316e8d940af0ad3')
  // RFC 6229 2, key 0x0102030405: stream from 1536 on
  const stream = new Rc4(hex('0102030405'))
  stream.skip(1536)
  const copy = stream.copy()
  expect(stream.apply(Buffer.alloc(16)).toString('hex')).toBe('d8729db41882259bee4f825325f5a130')
  expect(copy.apply(Buffer.alloc(16)).toString('hex')).toBe('d8729db41882259bee4f825325f5a130')
})

it.each([
  [0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', { kind: 'gcm', keyBytes: 32, hash: 'sha384' }],
  [0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA', { kind: 'cbc', mac: 'sha1', isRsaKeyExchange: true }],
  [0x0004, 'TLS_RSA_WITH_RC4_128_MD5', { kind: 'rc4', mac: 'md5' }],
  [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', { kind: 'cbc', blockBytes: 8, keyBytes: 24 }],
  [0xc0a1, 'TLS_RSA_WITH_AES_256_CCM_8', { kind: 'ccm', tagBytes: 8 }],
  [0x1303, 'TLS_CHACHA20_POLY1305_SHA256', { kind: 'chacha20', hash: 'sha256' }],
])('%i is %s', (suite, name, facts) => {
  expect(suiteName(suite)).toBe(name)
  expect(cipherOf(suite)).toMatchObject(facts)
})

it.each([0x0001, 0x0003, 0x0009, 0xc060, 0xeeee])('%i is not opened', (suite) => {
  expect(cipherOf(suite)).toBeNull()
})
