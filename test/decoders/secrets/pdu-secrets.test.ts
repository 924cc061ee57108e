/**
 * Secrets that carriers carry themselves: each kind is gone, all else stays, lengths stay, and no bytes make it throw.
 */
import { describe, expect, it } from 'vitest'
import { CARRIERS } from '../../../decoders/registry.ts'
import { maskedPdu, maskedRest } from '../../../decoders/secrets/pdu-secrets.ts'
import { cipherTexts, tokenSecrets } from '../../../decoders/secrets/token-secrets.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

function masked(carrier: string, pdu: Buffer): string {
  const before = Buffer.from(pdu)
  const after = maskedPdu(carrier, pdu)
  expect(pdu.equals(before), 'the message itself stays').toBe(true)
  expect(after).not.toBeNull()
  expect(after!.length).toBe(pdu.length)
  return Buffer.from(after!).toString('latin1')
}

function maskedBehind(carrier: string, pdu: Buffer, keep: number): string {
  const before = Buffer.from(pdu)
  const after = maskedRest(carrier, pdu, keep, true)
  expect(pdu.equals(before), 'the message itself stays').toBe(true)
  expect(after).not.toBeNull()
  expect(after!.length).toBe(pdu.length)
  return Buffer.from(after!).toString('latin1')
}

describe('HTTP and SIP', () => {
  it('Basic keeps the user', () => {
    const head = `GET / HTTP/1.1\r\nAuthorization: Basic ${base64('alice:Secret99')}\r\nHost: web\r\n\r\n`
    const after = masked('http', bytes(head))
    const [, word] = /Basic (\S+)/.exec(after)!
    expect(Buffer.from(word!, 'base64').toString('latin1')).toBe('alice:\0\0\0\0\0\0\0\0')
    expect(after).toContain('Host: web\r\n\r\n')
  })

  it.each([
    [
      'Digest username="alice", response="0123456789abcdef", cnonce="aabb"',
      /username="alice", response="0{16}", cnonce="0000"/,
    ],
    ['Bearer eyJhbGciOi', /^Bearer 0{10}$/],
    ['secret-key-alone', /^0{16}$/],
  ])('%s', (value, expected) => {
    const after = masked('sip', bytes(`REGISTER sip:x SIP/2.0\r\nProxy-Authorization: ${value}\r\n\r\n`))
    expect(/Authorization: ([^\r\n]*)/.exec(after)![1]).toMatch(expected)
  })

  it('tokens are left to their mechanisms', () => {
    const head = `GET / HTTP/1.1\r\nAuthorization: Negotiate ${base64('NTLMSSP\0\x03')}\r\n\r\n`
    expect(maskedPdu('http', bytes(head))).toBeNull()
  })

  it('cookies, queries and passwords in addresses', () => {
    const head = 'GET /a?key=value HTTP/1.1\r\nCookie: id=77\r\nReferer: http://u:pw@h/b?c=d\r\n\r\n'
    const after = masked('http', bytes(head))
    expect(after).toBe('GET /a?000000000 HTTP/1.1\r\nCookie: 00000\r\nReferer: http://u:00@h/b?000\r\n\r\n')
  })

  it('bodies, not the heads and the lines of chunks around them', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n'
    expect(maskedBehind('http', bytes(`${head}body`), 0)).toBe(`${head}\0\0\0\0`)
    expect(maskedBehind('http', bytes('4\r\nbody\r\n'), 0)).toBe('4\r\n\0\0\0\0\r\n')
    expect(maskedBehind('http', bytes('body'), 0)).toBe('\0\0\0\0')
  })
})

describe('mail and FTP', () => {
  it('PLAIN keeps the names', () => {
    const after = masked('smtp', bytes(`AUTH PLAIN ${base64('\0alice\0Secret99')}\r\n`))
    expect(Buffer.from(/PLAIN (\S+)/.exec(after)![1]!, 'base64').toString('latin1')).toBe('\0alice\0\0\0\0\0\0\0\0\0')
  })

  it.each([
    ['a LOGIN alice Secret99\r\n', 'a LOGIN alice 00000000\r\n'],
    ['a LOGIN "al ice" "Secret 99"\r\n', 'a LOGIN "al ice" "000000 00"\r\n'],
    ['a LOGIN {5}\r\nalice {8}\r\nSecret99\r\n', 'a LOGIN {5}\r\nalice {8}\r\n00000000\r\n'],
  ])('IMAP %j', (line, expected) => expect(masked('imap', bytes(line))).toBe(expected))

  it('what framing leaves out of a line', () => {
    expect(maskedBehind('ftp', bytes('PASS Secret99\r\n'), 4)).toBe('PASS 00000000\r\n')
    expect(maskedBehind('pop3', bytes('PASS Secret 99\r\n'), 5)).toBe('PASS 000000 00\r\n')
    expect(maskedBehind('smtp', bytes(`${base64('Secret99')}\r\n`), 0)).toBe('AAAAAAAAAAA=\r\n')
    expect(maskedBehind('imap', bytes('a AUTHENTICATE CRAM-MD5 dGVzdA==\r\n'), 24)).toBe(
      'a AUTHENTICATE CRAM-MD5 00000000\r\n',
    )
  })

  it.each(['EHLO host\r\n', 'QUIT\r\n', 'a1 SELECT inbox\r\n', 'MAIL FROM:<a@b>\r\n', 'DATA\r\n'])('%j stays', (line) =>
    expect(maskedRest('smtp', bytes(line), 0, true)).toBeNull(),
  )

  it('what the server says stays', () => expect(maskedRest('smtp', bytes('250 ok\r\n'), 0, false)).toBeNull())
})

describe('LDAP', () => {
  it('a simple bind', () => {
    const pdu = hex('30 12 02 01 01 60 0d 02 01 03 04 02 63 6e 80 04 70 61 73 73')
    expect(masked('ldap', pdu)).toBe(Buffer.concat([pdu.subarray(0, 16), Buffer.alloc(4)]).toString('latin1'))
  })

  it('values of an entry, in their structure', () => {
    // SearchResultEntry { 'cn', { { 'a', SET { 'value' } } } }
    const pdu = hex('30 19 02 01 02 64 14 04 02 63 6e 30 0e 30 0c 04 01 61 31 07 04 05 76 61 6c 75 65')
    expect(maskedBehind('ldap', pdu, 0)).toBe(Buffer.concat([pdu.subarray(0, -5), Buffer.alloc(5)]).toString('latin1'))
  })
})

describe('others', () => {
  it('PostgreSQL', () => {
    const pdu = bytes('p\0\0\0\x0dSecret99\0')
    expect(maskedBehind('postgresql', pdu, 5)).toBe(`p\0\0\0\x0d${'\0'.repeat(9)}`)
  })

  it('SOCKS', () => expect(maskedBehind('socks', bytes('\x01\x02al\x06Secret'), 4)).toBe('\x01\x02al\x06\0\0\0\0\0\0'))

  it('TLS: application data, record by record', () => {
    const pdu = hex('17 03 03 00 02 aa bb 15 03 03 00 01 cc')
    expect(Buffer.from(maskedRest('tls', pdu, 0, true)!).toString('hex')).toBe('17030300020000150303000100')
  })

  it('RADIUS: User-Password, MS-CHAP2-Response, Message-Authenticator; names stay', () => {
    const head = Buffer.concat([hex('01 05 00 00'), Buffer.alloc(16, 7)])
    const name = hex('01 07 61 6c 69 63 65')
    const password = Buffer.concat([hex('02 12'), Buffer.alloc(16, 9)])
    const response = Buffer.concat([hex('1a 3a 00 00 01 37 19 34 01 00'), Buffer.alloc(48, 8), hex('00 00')])
    const after = Buffer.from(masked('radius', Buffer.concat([head, name, password, response])), 'latin1')
    expect(after.includes(name)).toBe(true)
    expect(after.subarray(20).some((byte) => byte === 8 || byte === 9)).toBe(false)
    // the request's random stays
    expect(after.subarray(4, 20).every((byte) => byte === 7)).toBe(true)
  })

  it('LEAP in RADIUS: the response, not its length and the name', () => {
    const before = hex('01 05 00 00 00000000000000000000000000000000 4f 27 02 01 00 25 11 01 00 18')
    const pdu = Buffer.concat([before, Buffer.alloc(24, 5), hex('61 6c 69 63 65')])
    expect(masked('radius', pdu)).toBe(
      Buffer.concat([before, Buffer.alloc(24), hex('61 6c 69 63 65')]).toString('latin1'),
    )
  })

  it('CHAP in PPP: the value, not the flags and the name', () => {
    const pdu = Buffer.concat([hex('c2 23 02 01 00 3b 31'), Buffer.alloc(48, 5), hex('01 61 6c')])
    expect(masked('ppp', pdu)).toBe(
      Buffer.concat([pdu.subarray(0, 7), Buffer.alloc(48), hex('01 61 6c')]).toString('latin1'),
    )
  })
})

describe('Kerberos', () => {
  it('the cipher of every EncryptedData, in octets too, and no other octets', () => {
    const encrypted = hex('30 11 a0 03 02 01 12 a2 0a 04 08 01 02 03 04 05 06 07 08')
    const padata = Buffer.concat([hex('04 13'), encrypted])
    const all = Buffer.concat([encrypted, padata, hex('30 0d a0 03 02 01 12 a2 06 04 04 00 00 10 00')])
    const spans = cipherTexts(all, 0)
    expect(spans).toEqual([
      { start: 11, end: 19 },
      { start: 32, end: 40 },
    ])
  })
})

it('no bytes make it throw, and lengths stay', () => {
  let seed = 7
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return seed >>> 24
  }
  const carriers = [
    'http',
    'sip',
    'smtp',
    'imap',
    'pop3',
    'nntp',
    'ftp',
    'smb',
    'ldap',
    'tds',
    'dcerpc',
    'kpasswd',
    'ppp',
    'radius',
    'tls',
    'socks',
    'postgresql',
    'kdc',
  ]
  const heads = [
    '30 82 ff ff 02 01 01 60',
    'ff 53 4d 42 73',
    '05 00 00 03 10 00 00 00',
    '10 01 00 20',
    'c2 23 02',
    '04 1a 1a 1a',
    '60 82 ff ff',
    '4e 54 4c 4d 53 53 50 00 03 00 00 00',
  ].map(hex)
  for (let round = 0; round < 400; round++) {
    const noise = Buffer.from(Array.from({ length: random() % 90 }, random))
    const pdu = Buffer.concat([heads[round % heads.length]!, noise])
    for (const carrier of carriers) {
      for (const one of [maskedPdu(carrier, pdu), maskedRest(carrier, pdu, random() % 8, true)])
        if (one !== null) expect(one.length).toBe(pdu.length)
    }
    for (const { start, end } of [...tokenSecrets(pdu), ...cipherTexts(pdu, 0)])
      expect([start >= 0, end >= start, end <= pdu.length], `${start} ${end} of ${pdu.toString('hex')}`).toEqual([
        true,
        true,
        true,
      ])
  }
})

describe('XMPP', () => {
  const element = (name: string, text: string) =>
    bytes(`<${name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${text}</${name}>`)

  it('PLAIN keeps the user, tokens stay for their mechanisms, and all else is gone', () => {
    const after = masked('xmpp', element('auth', base64('\0alice\0Secret99')))
    expect(Buffer.from(/>([^<]+)</.exec(after)![1]!, 'base64').toString('latin1')).toBe('\0alice\0\0\0\0\0\0\0\0\0')
    expect(maskedPdu('xmpp', element('response', base64('NTLMSSP\0rest')))).toBeNull()
    // a password may begin with the byte that a GSS token begins with
    for (const password of ['`Secret99', '\xa1Secret99', '\x05Secret99', '`secret-of-forty-letters-and-some-more-ok'])
      for (const name of ['auth', 'response']) {
        const alone = masked('xmpp', element(name, base64(password)))
        expect(alone).not.toContain(base64(password))
        const plain = masked('xmpp', element(name, base64(`${password[0]}authzid\0alice\0Secret99`)))
        expect(Buffer.from(/>([^<]+)</.exec(plain)![1]!, 'base64').toString('latin1')).not.toContain('Secret99')
      }
    const scram = masked('xmpp', element('response', base64('c=biws,r=abc,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=')))
    expect(/>([^<]+)</.exec(scram)![1]).toMatch(/^A+=*$/)
    expect(maskedPdu('xmpp', bytes('<stream:features><mechanism>EXTERNAL</mechanism></stream:features>'))).toBeNull()
  })

  it('of messages nothing is left but their tags', () => {
    const after = maskedBehind('xmpp', bytes("hello <message to='bob@corp'>"), 0)
    expect(after).toBe("00000 <message to='00000000'>")
  })
})

it('of a carrier that nobody looked at all is a secret', () => {
  expect(masked('a new one', bytes('Secret99'))).toBe('\0'.repeat(8))
  const known = CARRIERS.filter(({ name }) => {
    const after = maskedPdu(name, Buffer.alloc(64, 0x41))
    return after === null || !Buffer.from(after).equals(Buffer.alloc(64))
  })
  expect(known.map(({ name }) => name)).toEqual(CARRIERS.map(({ name }) => name))
})
