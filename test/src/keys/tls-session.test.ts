/** Every version, suite and kind of certificate that OpenSSL here can speak, opened again byte for byte. */
import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { suiteName } from '../../../decoders/parts/cipher-suites.ts'
import { bindingOf } from '../../../src/keys/channel-binding.ts'
import { KeyLog } from '../../../src/keys/key-log.ts'
import { type ChannelBindings, TlsKeys, type TlsOutput, TlsSession } from '../../../src/keys/tls-session.ts'
import { contextOf, pem, type TlsTalk, type TlsTalkOptions, tlsTalk } from '../../builders/tls.ts'

interface Heard {
  readonly plain: [string, string]
  readonly gaps: [number[], number[]]
  readonly messages: number[]
  bindings: ChannelBindings | null
  certificate: Buffer | null
  suite: string
  readonly keys: TlsKeys
}

function keysOf(keyLog: string, rsa: readonly string[] = []): TlsKeys {
  const log = new KeyLog()
  if (keyLog !== '') log.addText(Buffer.from(keyLog))
  return new TlsKeys(
    log,
    rsa.map((text) => createPrivateKey(text)),
    false,
  )
}

function listen(keys: TlsKeys): { heard: Heard; out: TlsOutput } {
  const heard: Heard = {
    plain: ['', ''],
    gaps: [[], []],
    messages: [],
    bindings: null,
    certificate: null,
    suite: '',
    keys,
  }
  const out: TlsOutput = {
    handshake(_from, message) {
      heard.messages.push(message[0]!)
      const bytes = Buffer.from(message)
      if (bytes[0] === 11) {
        const start = bytes[4] === 0 && bytes.readUIntBE(5, 3) === bytes.length - 8 ? 8 : 7
        heard.certificate = bytes.subarray(start + 3, start + 3 + bytes.readUIntBE(start, 3))
      }
      if (bytes[0] === 2) heard.suite = suiteName(bytes.readUInt16BE(39 + bytes[38]!))
    },
    bindings: (bindings) => (heard.bindings = bindings),
    plain: (from, bytes) => (heard.plain[from] += Buffer.from(bytes).toString('latin1')),
    gap: (from, count) => heard.gaps[from].push(count),
    left: () => expect.unreachable('it is TLS to its end'),
  }
  return { heard, out }
}

function replay({ pieces }: Pick<TlsTalk, 'pieces'>, keys: TlsKeys, size = 0): Heard {
  const { heard, out } = listen(keys)
  const session = new TlsSession(keys, out, { time: 0, frame: 0 })
  for (const { from, bytes } of pieces) {
    const step = size || bytes.length
    for (let at = 0; at < bytes.length; at += step) session.feed(from, bytes, at, Math.min(at + step, bytes.length))
  }
  session.end()
  return heard
}

const WORDS = ['a question '.repeat(40), 'an answer '.repeat(4000), 'once more', 'and again']
const SAID: [string, string] = [WORDS[0]! + WORDS[2]!, WORDS[1]! + WORDS[3]!]

const SUITES_12 = [
  ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...[
    'DHE-RSA-AES128-CCM',
    'DHE-RSA-AES256-CCM8',
    'DHE-RSA-AES256-CCM',
    'DHE-RSA-AES128-CCM8',
    'DHE-RSA-CHACHA20-POLY1305',
  ],
  ...['ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384'],
  ...['ECDHE-RSA-CAMELLIA128-SHA256', 'ECDHE-RSA-CAMELLIA256-SHA384', 'DHE-RSA-CAMELLIA256-SHA'],
  ...['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES256-SHA256'],
]
const RSA_12 = [
  'AES128-SHA',
  'AES256-SHA',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-CCM',
  'AES256-CCM8',
  'CAMELLIA128-SHA',
]
const EC_12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-CCM',
  'ECDHE-ECDSA-AES128-CCM8',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
]
const OLD = ['ECDHE-RSA-AES128-SHA', 'DHE-RSA-AES256-SHA', 'AES256-SHA', 'CAMELLIA256-SHA']
const NEW = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
]
const NO_ENCRYPT_THEN_MAC = 1 << 19
const NO_TICKETS = 1 << 14

const COMBINATIONS: TlsTalkOptions[] = [
  ...[...SUITES_12, ...RSA_12].map((ciphers) => ({ ciphers })),
  ...EC_12.flatMap((ciphers) => (['ec-sha256', 'ec-sha384'] as const).map((certificate) => ({ ciphers, certificate }))),
  ...['ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA384', 'AES128-SHA256'].map((ciphers) => ({
    ciphers,
    secureOptions: NO_ENCRYPT_THEN_MAC,
  })),
  ...(['TLSv1', 'TLSv1.1'] as const).flatMap((version) =>
    OLD.flatMap((ciphers) => [
      { version, ciphers },
      { version, ciphers, secureOptions: NO_ENCRYPT_THEN_MAC },
    ]),
  ),
  ...NEW.flatMap((ciphers) =>
    (['rsa-sha256', 'rsa-pss', 'ec-sha384', 'ed25519'] as const).map((certificate) => ({
      version: 'TLSv1.3' as const,
      ciphers,
      certificate,
    })),
  ),
  ...(['rsa-sha1', 'rsa-sha384', 'rsa-sha512'] as const).flatMap((certificate) =>
    (['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({ certificate, version })),
  ),
]

function named({ version = 'TLSv1.2', ciphers = 'any', certificate = 'rsa-sha256', secureOptions }: TlsTalkOptions) {
  return `${version} ${ciphers} ${certificate}${secureOptions === NO_ENCRYPT_THEN_MAC ? ' MAC-then-encrypt' : ''}`
}

it('has enough combinations', () => {
  expect(COMBINATIONS.length).toBeGreaterThanOrEqual(70)
})

describe('every combination is opened byte for byte', () => {
  it.each(COMBINATIONS.map((options) => [named(options), options] as const))('%s', async (_name, options) => {
    const talk = await tlsTalk({ ...options, words: WORDS })
    const heard = replay(talk, keysOf(talk.keyLog))
    expect(heard.plain).toEqual(SAID)
    expect(heard.keys.counters.failed).toBe(0)
    expect(heard.suite).toBe(talk.suite)
    expect(heard.certificate?.equals(talk.certificate)).toBe(true)
    if (talk.version === 'TLSv1.3') expect(heard.bindings?.unique).toBeNull()
    else expect(heard.bindings?.unique).toBe(bindingOf('tls-unique', talk.finished[0]!))
    expect(heard.bindings?.exporters).toContain(bindingOf('tls-exporter', talk.exported))
  })
})

describe('pieces of any size', () => {
  it.each([1, 7, 100, 1460])('%i bytes', async (size) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const talk = await tlsTalk({ version, words: ['a question', 'an answer '.repeat(100)] })
      expect(replay(talk, keysOf(talk.keyLog), size).plain).toEqual(['a question', 'an answer '.repeat(100)])
    }
  })
})

describe('the key of the server', () => {
  it.each(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)('opens RSA key exchange of %s', async (version) => {
    const talk = await tlsTalk({ version, ciphers: 'AES256-SHA', words: WORDS })
    const heard = replay(talk, keysOf('', [pem('rsa-sha384', 'key'), pem('rsa-sha256', 'key')]))
    expect(heard.plain).toEqual(SAID)
    expect(heard.bindings?.unique).toBe(bindingOf('tls-unique', talk.finished[0]!))
  })

  it('opens nothing that was agreed by Diffie-Hellman, and nothing of another key', async () => {
    const ephemeral = await tlsTalk({ ciphers: 'ECDHE-RSA-AES128-SHA' })
    expect(replay(ephemeral, keysOf('', [pem('rsa-sha256', 'key')])).plain).toEqual(['', ''])
    const other = await tlsTalk({ ciphers: 'AES128-SHA' })
    const heard = replay(other, keysOf('', [pem('rsa-sha512', 'key')]))
    expect(heard.plain).toEqual(['', ''])
    expect(heard.keys.counters.withoutKeys).toBe(1)
  })
})

describe('handshakes that are not the plain one', () => {
  it('HelloRetryRequest', async () => {
    const talk = await tlsTalk({ version: 'TLSv1.3', curve: 'P-384', words: WORDS })
    const heard = replay(talk, keysOf(talk.keyLog))
    expect(heard.messages.filter((type) => type === 1)).toHaveLength(2)
    expect(heard.plain).toEqual(SAID)
  })

  it('renegotiation has new keys and a new tls-unique', async () => {
    const talk = await tlsTalk({ words: WORDS, renegotiate: true })
    const heard = replay(talk, keysOf(talk.keyLog))
    expect(heard.plain).toEqual(SAID)
    expect(heard.bindings?.unique).toBe(bindingOf('tls-unique', talk.finished[0]!))
  })

  it.each([
    ['by session id', NO_TICKETS],
    ['by ticket', 0],
  ])('resumption of TLS 1.2 %s, with the secret of the first connection alone', async (_name, secureOptions) => {
    const context = contextOf({ secureOptions })
    const sessions = secureOptions === 0 ? {} : { sessions: new Map<string, Buffer>() }
    const first = await tlsTalk({ context, secureOptions, ...sessions })
    const second = await tlsTalk({ context, secureOptions, session: first.session, words: WORDS, ...sessions })
    expect(second.resumed).toBe(true)
    const keys = keysOf(first.keyLog)
    replay(first, keys)
    const heard = replay(second, keys)
    expect(heard.plain).toEqual(SAID)
    expect(heard.certificate).toBeNull()
    // when resumed the server's Finished is the first one
    expect(heard.bindings?.unique).toBe(bindingOf('tls-unique', second.finished[1]!))
  })

  it('resumption of TLS 1.3', async () => {
    const context = contextOf({ version: 'TLSv1.3' })
    const first = await tlsTalk({ version: 'TLSv1.3', context })
    const second = await tlsTalk({ version: 'TLSv1.3', context, session: first.session, words: WORDS })
    expect(second.resumed).toBe(true)
    expect(replay(second, keysOf(second.keyLog)).plain).toEqual(SAID)
  })
})

describe('order of delivery', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: the client first, then the server', async (version) => {
    const talk = await tlsTalk({ version, words: WORDS })
    const pieces = [0, 1].flatMap((half) => talk.pieces.filter(({ from }) => from === half))
    expect(replay({ pieces }, keysOf(talk.keyLog)).plain).toEqual(SAID)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: the server first, then the client', async (version) => {
    const talk = await tlsTalk({ version, words: ['a question', 'an answer'] })
    const pieces = [1, 0].flatMap((half) => talk.pieces.filter(({ from }) => from === half))
    expect(replay({ pieces }, keysOf(talk.keyLog)).plain).toEqual(['a question', 'an answer'])
  })
})

describe('without the right secrets', () => {
  it('nothing is opened and nothing is made up', async () => {
    const talk = await tlsTalk({ version: 'TLSv1.3' })
    const stranger = await tlsTalk({ version: 'TLSv1.3' })
    const wrong = talk.keyLog.replaceAll(/ [0-9a-f]{64,96}$/gm, (secret) => secret.replaceAll(/[0-9]/g, '7'))
    for (const log of [stranger.keyLog, wrong]) {
      const heard = replay(talk, keysOf(log))
      expect(heard.plain).toEqual(['', ''])
      expect(heard.messages).toEqual([1, 2])
    }
  })
})
