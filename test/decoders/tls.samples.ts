/**
 * TLS records with what the carrier must say about them. Those marked RFC 8448 are the examples of its section 3; the
 * others are built by hand, with randoms that count up.
 */
import type { FactsStep } from '../../decoders/carrier.ts'
import { fromHex } from '../hostile.ts'

export interface TlsSample {
  readonly name: string
  readonly record: Uint8Array
  readonly type: 'ClientHello' | 'ServerHello'
  readonly facts: FactsStep['facts']
}

const RANDOM = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

export const TLS_SAMPLES: readonly TlsSample[] = [
  {
    name: 'RFC 8448: ClientHello with server_name',
    record: fromHex(`16030100c4 010000c0 0303
      cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 00 0006130113031302 0100 0091
      0000000b0009000006736572766572 ff01000100 000a00140012001d00170018001901000101010201030104 00230000
      003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c 002b0003020304
      000d0020001e040305030603020308040805080604010501060102010402050206020202 002d00020101 001c00024001`),
    type: 'ClientHello',
    facts: { tls: { serverName: 'server' }, serverName: 'server' },
  },
  {
    name: 'RFC 8448: ServerHello of TLS 1.3',
    record: fromHex(`160303005a 02000056 0303
      a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928 00 1301 00 002e
      00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f 002b00020304`),
    type: 'ServerHello',
    facts: { tls: { cipherSuite: 'TLS_AES_128_GCM_SHA256', version: '1.3' } },
  },
  {
    // a session id of 4 bytes, a GREASE cipher suite and extension (RFC 8701)
    name: 'ClientHello with ALPN behind other extensions',
    record: fromHex(`1603010063 0100005f 0303 ${RANDOM} 04deadbeef 00040a0a c02f 0100 002e
      0a0a0000 0010000e000c02683208687474702f312e31 0000 0014 0012 00 000f 6463312e6c61622e6578616d706c65`),
    type: 'ClientHello',
    facts: { tls: { serverName: 'dc1.lab.example', alpnOffered: 'h2,http/1.1' }, serverName: 'dc1.lab.example' },
  },
  {
    name: 'ServerHello of TLS 1.2 with ALPN, and the next message in the same record',
    record: fromHex(`1603030048 02000040 0303 ${RANDOM} 00 c02f 00 0018
      ff01000100 0010000b000908687474702f312e31 00170000 0e000000`),
    type: 'ServerHello',
    facts: { tls: { cipherSuite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', version: '1.2', alpn: 'http/1.1' } },
  },
  {
    name: 'ServerHello of TLS 1.0 without extensions',
    record: fromHex(`160301002a 02000026 0301 ${RANDOM} 00 002f 00`),
    type: 'ServerHello',
    facts: { tls: { cipherSuite: 'TLS_RSA_WITH_AES_128_CBC_SHA', version: '1.0' } },
  },
  {
    name: 'ClientHello of SSL 3.0 without extensions',
    record: fromHex(`160300002d 01000029 0300 ${RANDOM} 00 0002000a 0100`),
    type: 'ClientHello',
    facts: { tls: {} },
  },
  {
    name: 'ServerHello of draft 18 of TLS 1.3',
    record: fromHex(`1603010032 0200002e 7f12 ${RANDOM} 1301 0008 0028000400170000`),
    type: 'ServerHello',
    facts: { tls: { cipherSuite: 'TLS_AES_128_GCM_SHA256', version: '1.3' } },
  },
]

/** Records that carry no hello. */
export const CHANGE_CIPHER_SPEC = fromHex('1403030001 01')
/** looks like a ClientHello once encrypted */
export const FINISHED = fromHex(
  '1603030028 0100002400000000000000000000000000000000000000000000000000000000000000000000ffff',
)
export const APPLICATION_DATA = fromHex('1703030013 00112233445566778899aabbccddeeff001122')
export const ALERT = fromHex('1503030002 0100')
export const CERTIFICATE = fromHex('160303000a 0b000006 000003 000000')
export const HELLO_DONE = fromHex('1603030004 0e000000')
