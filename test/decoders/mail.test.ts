import { describe, expect, it } from 'vitest'
import type { Carrier } from '../../decoders/carrier.ts'
import { imap, nntp, pop3, smtp } from '../../decoders/carriers/mail/mail.ts'
import { cutPiece, feed, inPieces, type Piece } from '../builders/feed.ts'
import { messagesIn, saidIn } from '../builders/said.ts'
import { changeBytes, cutEverywhere, fromHex, seededRandom } from '../hostile.ts'
import { MAIL_SAMPLES, type MailSample, PASSWORD, piecesOf } from './mail.samples.ts'

const CARRIERS = [smtp, imap, pop3, nntp]
const text = (line: string) => Uint8Array.from(Buffer.from(line, 'latin1'))

const sameEverywhere = (sample: MailSample, pieces: Piece[], says: readonly string[]) =>
  expect(saidIn(sample.carrier, pieces)).toEqual(says)

describe.each(MAIL_SAMPLES)('$name', (sample) => {
  const pieces = piecesOf(sample.talk)

  it('says who, how and with what result', () => {
    sameEverywhere(sample, pieces, sample.says)
    const { lostAt, leftBytes } = feed(sample.carrier, pieces)
    expect({ lostAt, leftBytes }).toEqual({ lostAt: { client: null, server: null }, leftBytes: 0 })
  })

  it('is the same wherever the segments end', () => {
    for (const size of [1, 2, 3, 7, 40]) sameEverywhere(sample, inPieces(pieces, size), sample.says)
    for (const [index, [, bytes]] of pieces.entries()) {
      for (let at = 1; at < bytes.length; at++) sameEverywhere(sample, cutPiece(pieces, index, at), sample.says)
    }
  })

  it.each(['client', 'server'] as const)('says what the %s alone shows', (side) => {
    const mine = (word: string) => (side === 'client' ? word.startsWith('client') : !word.startsWith('client'))
    const says = sample.alone?.[side] ?? sample.says.filter(mine)
    sameEverywhere(
      sample,
      pieces.filter(([from]) => from === side),
      says,
    )
  })

  it('gives no secret away, wherever its bytes are changed', () => {
    const secret = new RegExp([PASSWORD, Buffer.from(PASSWORD).toString('base64').slice(0, 12)].join('|'))
    const told = (from: readonly Piece[]) => JSON.stringify(messagesIn(sample.carrier, from))
    expect(told(pieces)).not.toMatch(secret)
    for (const [index, [side, bytes]] of pieces.entries()) {
      changeBytes(bytes, 20, (changed) => {
        const others = [...pieces]
        others.splice(index, 1, [side, changed])
        expect(told(others)).not.toMatch(secret)
      })
    }
  })

  it('survives cut and changed messages', () => {
    for (const { side, kept } of feed(sample.carrier, pieces).pdus) {
      cutEverywhere(kept, (cut) => {
        const { value, fault } = sample.carrier.decode(cut, side)
        expect(value !== null || fault !== null).toBe(true)
      })
      changeBytes(kept, 50, (changed) => sample.carrier.decode(changed, side))
    }
  })
})

describe('frame', () => {
  it('gives back what STARTTLS begins, and names the service', () => {
    const hello = fromHex('16030100020101')
    const talk = (command: string, answer: string): Piece[] => [
      ...piecesOf([`C: ${command}`, `S: ${answer}`]),
      ['client', hello],
      ['server', hello],
    ]
    const cases: [Carrier, string, string][] = [
      [smtp, 'STARTTLS', '220 2.0.0 Ready'],
      [imap, 'a STARTTLS', 'a OK Begin TLS'],
      [pop3, 'STLS', '+OK Begin TLS'],
      [nntp, 'STARTTLS', '382 go'],
    ]
    for (const [carrier, command, answer] of cases) {
      const service = carrier.name
      expect(saidIn(carrier, talk(command, answer))).toEqual([`service ${service}`])
      const { lostAt } = feed(carrier, talk(command, answer))
      expect(lostAt).toEqual({ client: command.length + 2, server: answer.length + 2 })
    }
  })

  it('steps over mail without holding it', () => {
    const body = text(`${'x'.repeat(76)}\r\n`.repeat(10_000))
    const pieces: Piece[] = [
      ...piecesOf(['C: EHLO c', 'S: 250 ok', 'C: DATA', 'S: 354 go']),
      ...inPieces([['client', body]], 1400),
      ...piecesOf(['C: .', 'S: 250 ok', 'C: QUIT']),
    ]
    const { heldBytesMax, leftBytes, pdus } = feed(smtp, pieces)
    expect(heldBytesMax).toBeLessThan(1500)
    expect(leftBytes).toBe(0)
    expect(pdus.length).toBeLessThan(body.length / 1400 + 20)
  })

  it('steps over a chunk by its length', () => {
    const pieces = piecesOf(['C: EHLO c', 'S: 250 ok', 'C: BDAT 14 LAST\nAUTH PLAIN\n', 'S: 250 ok', 'C: QUIT'])
    expect(saidIn(smtp, pieces)).toEqual([])
    expect(feed(smtp, pieces).leftBytes).toBe(0)
  })

  it('never waits for the end of a line that has none', () => {
    for (const carrier of CARRIERS) {
      const { lostAt } = feed(carrier, inPieces([['client', new Uint8Array(200_000).fill(0x41)]], 1400))
      expect(lostAt.client).not.toBe(null)
    }
  })

  it('makes progress whatever the bytes', () => {
    const random = seededRandom(7)
    const parts = MAIL_SAMPLES.flatMap(({ talk }) => piecesOf(talk))
    for (let round = 0; round < 300; round++) {
      const pieces = Array.from({ length: 20 }, () => parts[random() % parts.length]!)
      for (const carrier of CARRIERS) expect(feed(carrier, pieces).pdus.every(({ length }) => length > 0)).toBe(true)
    }
  })
})

describe('probe', () => {
  const FIRST: [Carrier, string][] = [
    [smtp, '220 mail1.corp.example ESMTP Postfix\r\n'],
    [smtp, 'EHLO client1\r\n'],
    [smtp, 'MAIL FROM:<a@b> SIZE=1\r\n'],
    [smtp, '334 TlRMTVNTUAACAAAA\r\n'],
    [smtp, '235 2.7.0 ok\r\n'],
    [imap, '* OK IMAP4rev1 ready\r\n'],
    [imap, 'a001 AUTHENTICATE NTLM\r\n'],
    [imap, 'A002 OK [CAPABILITY IMAP4rev1] Logged in\r\n'],
    [pop3, '+OK POP3 server ready\r\n'],
    [pop3, 'CAPA\r\n'],
    [nntp, '200 news NNTP ready\r\n'],
    [nntp, 'AUTHINFO GENERIC NTLM\r\n'],
    [nntp, 'MODE READER\r\n'],
  ]

  it.each(FIRST.map(([carrier, line]) => [carrier.name, line, carrier] as const))(
    '%s knows %j',
    (_name, line, carrier) => {
      expect(carrier.probe(text(line), 'client')).toBe('mine')
      for (let length = 0; length < line.length; length++)
        expect(carrier.probe(text(line.slice(0, length)), 'client')).not.toBe('other')
      for (const other of CARRIERS) if (other !== carrier) expect(other.probe(text(line), 'client')).toBe('other')
    },
  )

  it.each([
    'GET / HTTP/1.1\r\n',
    '220 ProFTPD Server ready.\r\n',
    '230 Login successful.\r\n',
    '331 Please specify the password.\r\n',
    'USER anonymous\r\n',
    '+OK\r\n',
    '-ERR unknown command\r\n',
    'SSH-2.0-OpenSSH_9.2\r\n',
    '*3\r\n$3\r\nSET\r\n',
    '\x16\x03\x01\x02\x00\x01',
    '\xffSMB',
    '0\x0c\x02\x01',
  ])('passes %j over', (line) => {
    for (const carrier of CARRIERS) expect(carrier.probe(text(line), 'client')).toBe('other')
  })
})
