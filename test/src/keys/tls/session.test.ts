/** Every version, suite and kind of certificate that OpenSSL here can speak, opened again byte for byte. */
import { createCipheriv, createPrivateKey } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { cipherOf, suiteName } from '../../../../decoders/parts/cipher-suites.ts'
import { bindingOf } from '../../../../src/keys/channel-binding.ts'
import { KeyLog } from '../../../../src/keys/key-log.ts'
import { HeldRecords } from '../../../../src/keys/tls/direction.ts'
import { isHeader } from '../../../../src/keys/tls/hello.ts'
import { RecordKeys } from '../../../../src/keys/tls/records.ts'
import { TlsSession } from '../../../../src/keys/tls/session.ts'
import { type ChannelBindings, TlsKeys, type TlsOutput } from '../../../../src/keys/tls/shared-keys.ts'
import { TlsInTds } from '../../../../src/keys/tls/tds-packets.ts'
import { Transcript } from '../../../../src/keys/tls/transcript.ts'
import { contextOf, pem, type TlsTalk, type TlsTalkOptions, tlsTalk } from '../../../builders/tls.ts'

interface Heard {
  readonly plain: [string, string]
  readonly gaps: [number[], number[]]
  readonly messages: number[]
  bindings: ChannelBindings | null
  certificate: Buffer | null
  suite: string
  refused: number
  readonly sealed: number[]
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
    refused: 0,
    sealed: [],
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
    resumed: () => {},
    bindings: (bindings) => (heard.bindings = bindings),
    plain: (from, bytes) => {
      heard.plain[from] += Buffer.from(bytes).toString('latin1')
      return 0
    },
    passed: () => expect.unreachable('all is wanted'),
    gap: (from, count) => heard.gaps[from].push(count),
    refused: (_from, bytes) => (heard.refused += bytes.length),
    closed: () => {},
    sealed: (from) => heard.sealed.push(from),
    left: () => expect.unreachable('it is TLS to its end'),
  }
  return { heard, out }
}

function replay({ pieces }: Pick<TlsTalk, 'pieces'>, keys: TlsKeys, size = 0, left?: TlsOutput['left']): Heard {
  const { heard, out: strict } = listen(keys)
  const out = left === undefined ? strict : { ...strict, left }
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
const NO_EMPTY_RECORDS = 1 << 11

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

/** All of them every night; else every third, each day others. */
const day = Number(process.env.NTLMSCOPE_SEED ?? Math.floor(Date.now() / 86_400_000))
const TRIED = COMBINATIONS.filter((_, at) => process.env.NIGHTLY || (at + day) % 3 === 0)

describe('every combination is opened byte for byte', () => {
  it.each(TRIED.map((options) => [named(options), options] as const))('%s', async (_name, options) => {
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
      // a connection that no line names is given back as it came
      const isNamed = log === wrong
      expect(heard.messages).toEqual(isNamed ? [1, 2] : [])
      expect(heard.refused > 0).toBe(!isNamed)
    }
  })
})

describe('a log with lines that are not true', () => {
  it.each([
    ['TLSv1.2', 'AES256-SHA'],
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
  ] as const)('%s %s: what opens is right, wherever the others stand', async (version, ciphers) => {
    const talk = await tlsTalk({ version, ciphers, words: WORDS })
    const wrong = talk.keyLog.replaceAll(/ [0-9a-f]{64,96}$/gm, (secret) => secret.replaceAll(/[0-9]/g, '7'))
    for (const log of [wrong + talk.keyLog, talk.keyLog + wrong]) {
      const heard = replay(talk, keysOf(log))
      expect(heard.plain).toEqual(SAID)
      expect(heard.bindings?.exporters).toContain(bindingOf('tls-exporter', talk.exported))
      if (version === 'TLSv1.2') expect(heard.bindings?.unique).toBe(bindingOf('tls-unique', talk.finished[0]!))
    }
  })
})

describe('what all connections hold together', () => {
  it('has a bound: those that hold longest are given up, and the others are opened', async () => {
    const talks = await Promise.all(
      (['TLSv1.2', 'TLSv1.3'] as const).map((version) => tlsTalk({ version, words: WORDS })),
    )
    const log = new KeyLog()
    for (const { keyLog } of talks) log.addText(Buffer.from(keyLog))
    const max = 1 << 20
    const keys = new TlsKeys(log, [], false, max)
    const [talk] = talks
    const hello = talk!.pieces[0]!
    // every one waits for the rest of a record that never comes
    const waiting = Array.from({ length: 200 }, () => {
      const { heard, out } = listen(keys)
      const session = new TlsSession(keys, out, { time: 0, frame: 0 })
      session.feed(0, hello.bytes, 0, hello.bytes.length)
      const begun = Buffer.alloc(9000, 1)
      begun.set([23, 3, 3, 0x40, 0])
      session.feed(1, begun, 0, begun.length)
      return { session, heard }
    })
    expect(keys.held.bytes).toBeLessThanOrEqual(max)
    expect(keys.counters.givenUp).toBeGreaterThan(50)
    expect(waiting[0]!.heard.sealed.length).toBeGreaterThan(0)
    expect(waiting.at(-1)!.heard.sealed).toEqual([])
    for (const one of talks) expect(replay(one, keys).plain).toEqual(SAID)
    for (const { session } of waiting) session.end()
    expect(keys.held.bytes).toBe(0)
  })

  it('a connection of which only a part of its first record came is given back when it ends', async () => {
    const talk = await tlsTalk({})
    const keys = keysOf(talk.keyLog)
    const { heard, out } = listen(keys)
    const session = new TlsSession(keys, out, { time: 0, frame: 0 })
    const { bytes } = talk.pieces[0]!
    session.feed(0, bytes, 0, bytes.length - 7)
    expect(heard.refused).toBe(0)
    session.end()
    expect(heard.refused).toBe(bytes.length - 7)
  })
})

/** The same numbers every time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Segments of a span port that loses some: the handshake up to `safe` pieces is whole. */
function lossy({ pieces }: TlsTalk, keys: TlsKeys, rate: number, seed: number, safe: number) {
  const { heard, out } = listen(keys)
  const session = new TlsSession(keys, out, { time: 0, frame: 0 })
  const next = random(seed)
  let lostOfClient = 0
  for (const [at, { from, bytes }] of pieces.entries()) {
    for (let start = 0; start < bytes.length; start += 1460) {
      const end = Math.min(start + 1460, bytes.length)
      if (at >= safe && next() < rate) {
        session.gap(from, end - start)
        if (from === 0) lostOfClient++
      } else session.feed(from, bytes, start, end)
    }
  }
  return { ...heard, lostOfClient }
}

const REQUESTS = Array.from({ length: 60 }, (_, at) => [
  `GET /page${at} HTTP/1.1\r\nHost: web1\r\nAuthorization: NTLM ${'TlRMTVNTUA'.repeat(40)}\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nContent-Length: 9000\r\nX: ${at}\r\n\r\n${'body'.repeat(2250)}`,
]).flat()

describe('behind holes', () => {
  it.each([
    ['TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ['TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305'],
    ['TLSv1.2', 'ECDHE-RSA-AES128-SHA256'],
    ['TLSv1.2', 'DHE-RSA-AES128-CCM8'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256'],
  ] as const)('%s %s: every request whose segment was kept is read', async (version, ciphers) => {
    const talk = await tlsTalk({ version, ciphers, words: REQUESTS })
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const heard = lossy(talk, keysOf(talk.keyLog), 0.05, seed, 8)
      const found = REQUESTS.filter((word, at) => at % 2 === 0 && heard.plain[0].includes(word))
      expect(found.length + heard.lostOfClient).toBe(60)
      expect(found.length).toBeGreaterThanOrEqual(52)
      expect(heard.gaps[1].length).toBeGreaterThan(0)
    }
  })

  it.each(['AES128-SHA', 'AES256-SHA'])('TLS 1.0 %s heals by itself', async (ciphers) => {
    const talk = await tlsTalk({ version: 'TLSv1', ciphers, words: REQUESTS })
    const heard = lossy(talk, keysOf(talk.keyLog), 0.05, 1, 8)
    const found = REQUESTS.filter((word, at) => at % 2 === 0 && heard.plain[0].includes(word))
    expect(found.length).toBeGreaterThanOrEqual(50)
  })

  it.each([0, NO_EMPTY_RECORDS])(
    'TLS 1.0 with encrypt-then-MAC: no text is made of a block that is lost',
    async (secureOptions) => {
      const said = REQUESTS.filter((_, at) => at % 2 === 1)
      const talk = await tlsTalk({ version: 'TLSv1', ciphers: 'AES128-SHA', secureOptions, words: REQUESTS })
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const { plain, gaps } = lossy(talk, keysOf(talk.keyLog), 0.05, seed, 8)
        expect(plain.join('')).toMatch(/^[\r\n -~]*$/)
        expect(gaps[1].length).toBeGreaterThan(0)
        expect(said.filter((word) => plain[1].includes(word)).length).toBeGreaterThan(20)
      }
    },
  )

  it('what is missing is as long as what is told, where a cipher says it', async () => {
    const talk = await tlsTalk({ version: 'TLSv1.3', words: REQUESTS })
    const said = REQUESTS.filter((_, at) => at % 2 === 1).join('')
    for (const seed of [4, 5, 6]) {
      const heard = lossy(talk, keysOf(talk.keyLog), 0.1, seed, 8)
      const told = heard.plain[1].length + heard.gaps[1].reduce((sum, count) => sum + count, 0)
      // the last hole may have nothing behind it
      expect(told).toBeLessThanOrEqual(said.length)
      expect(told).toBeGreaterThan(said.length * 0.9)
    }
  })

  it('the flight with the Finished of the client is lost', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const talk = await tlsTalk({ version, words: REQUESTS })
      const { heard, out } = listen(keysOf(talk.keyLog))
      const session = new TlsSession(heard.keys, out, { time: 0, frame: 0 })
      let ofClient = 0
      for (const { from, bytes } of talk.pieces) {
        if (from === 0 && ++ofClient === 2) session.gap(from, bytes.length)
        else session.feed(from, bytes, 0, bytes.length)
      }
      expect(
        REQUESTS.filter((word, at) => at % 2 === 0 && heard.plain[0].includes(word)).length,
      ).toBeGreaterThanOrEqual(59)
    }
  })

  it('TLS 1.3 without the flight of the server: its secrets say which suites there may be', async () => {
    const talk = await tlsTalk({ version: 'TLSv1.3', words: REQUESTS })
    const { heard, out } = listen(keysOf(talk.keyLog))
    const session = new TlsSession(heard.keys, out, { time: 0, frame: 0 })
    let ofServer = 0
    for (const { from, bytes } of talk.pieces) {
      if (from === 1 && ++ofServer === 1) session.gap(from, bytes.length)
      else session.feed(from, bytes, 0, bytes.length)
    }
    expect(heard.plain[1]).toContain(REQUESTS[1])
  })

  it('noise that looks like records costs a bounded number of trials', async () => {
    const talk = await tlsTalk({ words: REQUESTS })
    const keys = keysOf(talk.keyLog)
    const { heard, out } = listen(keys)
    const session = new TlsSession(keys, out, { time: 0, frame: 0 })
    for (const { from, bytes } of talk.pieces.slice(0, 12)) session.feed(from, bytes, 0, bytes.length)
    session.gap(1, 100_000)
    const noise = Buffer.from('1703030014'.repeat(20_000), 'hex')
    const before = keys.counters.trials
    for (let at = 0; at < noise.length; at += 1000) session.feed(1, noise, at, at + 1000)
    expect(keys.counters.trials - before).toBeLessThan(5000)
    expect(heard.plain[0]).toContain(REQUESTS[0])
  })
})

/** A long message between two short ones, of which nobody wants more than its first byte. */
const LONG = [
  ['a question', `${'long '.repeat(200_000)}.`],
  ['another', 'an answer'],
].flat()

/** As a framer has it: what is left of the message that is being said. `lost`: these segments are not there. */
function stepping(talk: TlsTalk, keys: TlsKeys, lost: (start: number) => boolean = () => false) {
  const { heard, out } = listen(keys)
  let left = LONG[1]!.length
  let passed = 0
  const session = new TlsSession(
    keys,
    {
      ...out,
      plain: (from, bytes) => {
        out.plain(from, bytes)
        if (from === 0) return 0
        left -= bytes.length
        return Math.max(0, left)
      },
      passed: (from, count) => {
        expect(from).toBe(1)
        left -= count
        passed += count
      },
      gap: (from, count) => {
        out.gap(from, count)
        left -= count
      },
    },
    { time: 0, frame: 0 },
  )
  let said = 0
  for (const { from, bytes } of talk.pieces)
    for (let start = 0; start < bytes.length; start += 1460) {
      const end = Math.min(start + 1460, bytes.length)
      if (from === 1) said += end - start
      if (from === 1 && lost(said)) session.gap(from, end - start)
      else session.feed(from, bytes, start, end)
    }
  session.end()
  return { ...heard, passed, left }
}

describe('a message that nobody wants', () => {
  const WAYS = [
    ['TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384', true],
    ['TLSv1.2', 'ECDHE-RSA-CHACHA20-POLY1305', true],
    ['TLSv1.2', 'DHE-RSA-AES128-CCM8', true],
    ['TLSv1.2', 'ECDHE-RSA-AES128-SHA', false],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384', true],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256', true],
    ['TLSv1.3', 'TLS_AES_128_CCM_SHA256', true],
  ] as const

  it.each(WAYS)('%s %s: most of it is not opened, and what follows is', async (version, ciphers, isTold) => {
    const talk = await tlsTalk({ version, ciphers, words: LONG })
    const all = replay(talk, keysOf(talk.keyLog))
    const heard = stepping(talk, keysOf(talk.keyLog))
    expect(heard.plain[1].length + heard.passed).toBe(LONG[1]!.length + LONG[3]!.length)
    expect(heard.passed > 900_000).toBe(isTold)
    expect(heard.plain[1].endsWith(LONG[3]!)).toBe(true)
    expect(heard.plain[0]).toBe(all.plain[0])
    expect(heard.keys.counters).toEqual(all.keys.counters)
  })

  /** What is sealed may look like the header of a record by chance: it costs thousands of trials, by design. */
  const looksLikeHeaders = ({ pieces }: TlsTalk) => {
    const sealed = Buffer.concat(pieces.flatMap(({ from, bytes }) => (from === 1 ? [bytes] : [])))
    let next = 0
    for (let at = 0; at + 5 <= sealed.length; at++) {
      if (at === next) next += 5 + sealed.readUInt16BE(at + 3)
      else if (isHeader(sealed, at)) return true
    }
    return false
  }

  it.each(WAYS)('%s %s: with holes in it, what follows is opened', async (version, ciphers) => {
    let talk = await tlsTalk({ version, ciphers, words: LONG })
    while (looksLikeHeaders(talk)) talk = await tlsTalk({ version, ciphers, words: LONG })
    for (const [from, to] of [
      [200_000, 201_000],
      [200_000, 203_000],
      [200_000, 290_000],
      [60_000, 70_000],
      [900_000, 1_000_000],
    ] as const) {
      const { plain, left, keys } = stepping(talk, keysOf(talk.keyLog), (at) => at > from && at <= to)
      expect(plain[1].endsWith(LONG[3]!)).toBe(true)
      if (ciphers !== 'ECDHE-RSA-AES128-SHA') expect(left).toBe(-LONG[3]!.length)
      expect(keys.counters.trials).toBeLessThan(300)
    }
  })
})

describe('what a record of data holds by its length', () => {
  const suite = cipherOf(0x1301)!
  const secret = { macKey: Buffer.alloc(0), key: Buffer.alloc(16, 1), iv: Buffer.alloc(12, 2) }
  const sealed = (zeros: number) => {
    const header = Buffer.from([23, 3, 3, 0, 2000 + 1 + zeros + 16])
    header.writeUInt16BE(2000 + 1 + zeros + 16, 3)
    const cipher = createCipheriv('aes-128-gcm', secret.key, secret.iv).setAAD(header)
    const content = Buffer.concat([Buffer.alloc(2000, 7), Buffer.from([23]), Buffer.alloc(zeros)])
    return Buffer.concat([header, cipher.update(content), cipher.final(), cipher.getAuthTag()])
  }

  it('is what it is longer than header, type and tag', () => {
    const keys = new RecordKeys(0x0304, suite, secret, false)
    expect(keys.dataIn(23, 2000 + 22)).toBe(2000)
    expect(keys.open(sealed(0))?.bytes.length).toBe(2000)
    expect(keys.dataIn(23, 2000 + 22)).toBe(2000)
  })

  it('is not known of what is short, or no data, or longer than data may be', () => {
    const keys = new RecordKeys(0x0304, suite, secret, false)
    for (const [type, total] of [
      [23, 5 + 5 + 1 + 16],
      [22, 2022],
      [23, 16_384 + 256 + 5],
    ] as const)
      expect(keys.dataIn(type, total)).toBe(0)
  })

  it('is not known where one was padded', () => {
    const keys = new RecordKeys(0x0304, suite, secret, false)
    expect(keys.open(sealed(48))?.bytes.length).toBe(2000)
    expect(keys.dataIn(23, 2000 + 22)).toBe(0)
  })
})

describe('pieces of one byte', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  /** Bytes outside of V8's heap, and in it. */
  const used = () => {
    collect()
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    return heapUsed + external + arrayBuffers
  }

  it('of handshake messages that are kept cost what they are', () => {
    const before = used()
    const kept = Array.from({ length: 20 }, () => {
      const transcript = new Transcript()
      transcript.begin()
      for (let at = 0; at < 30_000; at++) transcript.add(Uint8Array.of(9, 0, 0, 0))
      return transcript
    })
    expect(used() - before).toBeLessThan(20 * 4 * 30_000 * 4)
    expect(kept[0]!.take()?.length).toBe(120_000)
    expect(kept[0]!.take()).toBe(null)
  })

  it('of packets of TDS cost what they are, and are given back', async () => {
    const before = used()
    const keys = keysOf('CLIENT_RANDOM '.concat('ab'.repeat(32), ' ', 'cd'.repeat(48), '\n'))
    const { bytes } = (await tlsTalk({})).pieces[0]!
    const packet = Buffer.concat([Buffer.from([0x12, 1, 0, 0, 0, 0, 0, 0]), bytes.subarray(0, 5), Buffer.alloc(40_000)])
    packet.writeUInt16BE(packet.length, 2)
    packet.writeUInt16BE(16_384, 8 + 3)
    const all = Array.from({ length: 20 }, () => {
      const { heard, out } = listen(keys)
      const session = new TlsInTds(keys, out, { time: 0, frame: 0 })
      for (let at = 0; at < 16_000; at++) session.feed(0, packet, at, at + 1)
      return { heard, session }
    })
    expect(used() - before).toBeLessThan(20 * 16_000 * 10)
    expect(keys.held.bytes).toBeGreaterThan(20 * 16_000 * 2)
    for (const { session } of all) session.end()
    expect(all[0]!.heard.refused).toBe(16_000)
    expect(keys.held.bytes).toBe(0)
  })

  it('of records that wait cost what they are, and keep their order', () => {
    const before = used()
    const all = Array.from({ length: 20 }, () => {
      const held = new HeldRecords()
      for (let at = 0; at < 10_000; at++) held.add(Uint8Array.of(23, 3, 3, 0, 1, at & 0xff), at * 1e6, at)
      return held
    })
    expect(used() - before).toBeLessThan(20 * 10_000 * 80)
    const [held] = all
    expect(held!.room).toBeGreaterThan(10_000 * (6 + 24))
    for (let at = 0; at < 10_000; at++) {
      expect(held!.firstFrame).toBe(at)
      expect(held!.shift()).toEqual({ bytes: Buffer.from([23, 3, 3, 0, 1, at & 0xff]), time: at * 1e6, frame: at })
    }
    expect(held!.count).toBe(0)
    expect(held!.room).toBe(0)
  })

  it('of a handshake message take the time that their bytes take', async () => {
    const talk = await tlsTalk({})
    const keys = keysOf(talk.keyLog)
    const { out } = listen(keys)
    const session = new TlsSession(keys, out, { time: 0, frame: 0 })
    const hello = talk.pieces[0]!.bytes
    session.feed(0, hello, 0, hello.length)
    const records = (bytes: Uint8Array) => Buffer.concat([...bytes].map((byte) => Buffer.from([22, 3, 3, 0, 1, byte])))
    const message = records(Buffer.concat([Buffer.from([11, 1, 0, 0]), Buffer.alloc(60_000)]))
    const copy = vi.spyOn(Buffer, 'concat')
    session.feed(1, message, 0, message.length)
    expect(copy).not.toHaveBeenCalled()
    copy.mockRestore()
    expect(keys.held.bytes).toBeLessThan(200_000)
  })
})

describe('cut at every byte', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: what was whole is the same, and nothing throws', async (version) => {
    const talk = await tlsTalk({ version, words: ['a question', 'an answer'] })
    const whole = talk.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
    for (let end = 0; end < whole; end += 3) {
      let left = end
      const pieces = talk.pieces.map(({ from, bytes }) => {
        const kept = bytes.subarray(0, Math.max(0, left))
        left -= bytes.length
        return { from, bytes: kept }
      })
      const { plain } = replay({ pieces }, keysOf(talk.keyLog))
      expect('a question'.startsWith(plain[0]) && 'an answer'.startsWith(plain[1])).toBe(true)
    }
  })
})

describe('one byte changed', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: nothing throws, and what is given was said', async (version) => {
    const talk = await tlsTalk({ version, words: ['a question '.repeat(9), 'an answer '.repeat(300), 'more', 'again'] })
    const said = ['a question '.repeat(9), 'an answer '.repeat(300), 'more', 'again']
    for (const [at, piece] of talk.pieces.entries()) {
      for (let place = 0; place < piece.bytes.length; place += 1 + (piece.bytes.length >> 6)) {
        const bytes = Buffer.from(piece.bytes)
        bytes[place]! ^= 0x41
        const pieces = talk.pieces.with(at, { ...piece, bytes })
        for (const size of [100, 1460]) {
          const { plain } = replay({ pieces }, keysOf(talk.keyLog), size, () => {})
          expect((said[0]! + said[2]!).startsWith(plain[0]) || (said[2]! + said[0]!).includes(plain[0])).toBe(true)
        }
      }
    }
  })
})

describe('a key log that is being written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'growing-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let files = 0
  const FEW = ['a question '.repeat(40), 'an answer '.repeat(400), 'once more', 'and again']
  const FEW_SAID = [FEW[0]! + FEW[2]!, FEW[1]! + FEW[3]!]

  /** A connection whose packets come a second apart, and lines of its keys when `write` has them. */
  async function follow(options: TlsTalkOptions, write: (at: number, lines: string[]) => string, second = 1_000_000) {
    const talk = await tlsTalk({ words: FEW, ...options })
    const path = join(folder, `${files++}.keys`)
    writeFileSync(path, '')
    const log = new KeyLog()
    log.addFile(path)
    const keys = new TlsKeys(log, [], true)
    const { heard, out } = listen(keys)
    const order: string[] = []
    const clock = { time: 0, frame: 0 }
    const plain: TlsOutput['plain'] = (from, bytes) => {
      order.push(`${from}@${clock.frame}`)
      return out.plain(from, bytes)
    }
    const session = new TlsSession(keys, { ...out, plain }, clock)
    const lines = talk.keyLog.split(/(?<=\n)/)
    for (const [at, { from, bytes }] of talk.pieces.entries()) {
      appendFileSync(path, write(at, lines))
      clock.time += second
      clock.frame++
      session.feed(from, bytes, 0, bytes.length)
    }
    appendFileSync(path, write(talk.pieces.length, lines))
    session.end()
    log.close()
    return { heard, order, keys, talk }
  }

  const all = (lines: string[]) => lines.join('')

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: records wait for lines that come behind them', async (version) => {
    const { order: usual, talk } = await follow({ version }, (at, lines) => (at === 0 ? all(lines) : ''))
    for (let when = 1; when < Math.min(talk.pieces.length, 9); when++) {
      const { heard, order, keys } = await follow({ version }, (at, lines) => (at === when ? all(lines) : ''))
      expect(heard.plain).toEqual(FEW_SAID)
      // as if nothing had had to wait: in order, with frames of their own
      expect(order).toEqual(usual)
      expect(keys.counters).toMatchObject({ opened: 1, withoutKeys: 0, failed: 0 })
      expect(keys.held.bytes).toBe(0)
    }
  })

  it('TLS 1.3: each line by itself, late', async () => {
    const { heard } = await follow({ version: 'TLSv1.3' }, (at, lines) => lines[at - 2] ?? '')
    expect(heard.plain).toEqual(FEW_SAID)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: nobody waits for ever', async (version) => {
    const { heard, keys } = await follow({ version }, () => '', 11_000_000)
    expect(heard.plain).toEqual(['', ''])
    expect([...heard.sealed].sort()).toEqual([0, 1])
    expect(keys.counters).toMatchObject({ opened: 0, withoutKeys: 1, givenUp: 0 })
    const { keys: late } = await follow({ version }, () => '')
    expect(late.counters).toMatchObject({ opened: 0, withoutKeys: 1 })
  })

  it('lines that another connection has had read are found', async () => {
    const { heard } = await follow({ version: 'TLSv1.3' }, (at, lines) => (at === 3 ? all(lines) : ''))
    expect(heard.plain).toEqual(FEW_SAID)
    const talk = await tlsTalk({ version: 'TLSv1.2', words: FEW })
    const path = join(folder, 'shared.keys')
    writeFileSync(path, '')
    const log = new KeyLog()
    log.addFile(path)
    const keys = new TlsKeys(log, [], true)
    const { heard: shared, out } = listen(keys)
    const session = new TlsSession(keys, out, { time: 0, frame: 0 })
    for (const [at, { from, bytes }] of talk.pieces.entries()) {
      if (at === 2) writeFileSync(path, talk.keyLog)
      log.refresh()
      session.feed(from, bytes, 0, bytes.length)
    }
    session.end()
    expect(shared.plain).toEqual(FEW_SAID)
    log.close()
  })

  it('room that is short ends the waiting, and is no connection that was given up', async () => {
    const talk = await tlsTalk({ version: 'TLSv1.3', words: WORDS })
    const path = join(folder, 'short.keys')
    writeFileSync(path, '')
    const log = new KeyLog()
    log.addFile(path)
    const keys = new TlsKeys(log, [], true, 8192)
    const { heard, out } = listen(keys)
    const session = new TlsSession(keys, out, { time: 0, frame: 0 })
    for (const { from, bytes } of talk.pieces) session.feed(from, bytes, 0, bytes.length)
    session.end()
    expect(heard.plain).toEqual(['', ''])
    expect(keys.counters).toMatchObject({ withoutKeys: 1, givenUp: 0 })
    log.close()
  })
})
