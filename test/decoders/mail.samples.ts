/**
 * Conversations of SMTP, IMAP, POP3 and NNTP with what the carriers must say about them, line by line as the
 * specifications and real servers (Dovecot, Exchange, curl, Outlook) write them.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import { imap, nntp, pop3, smtp } from '../../decoders/carriers/mail/mail.ts'
import type { Piece } from '../builders/feed.ts'

/** What somebody types, and must never leave a decoder. */
export const PASSWORD = 'Sesame-open-7'

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const ntlm = (type: number) => `NTLMSSP\0${String.fromCharCode(type)}\0\0\0${'\0'.repeat(20 + type * 8)}`
export const NEGOTIATE = base64(ntlm(1))
export const CHALLENGE = base64(ntlm(2))
export const AUTHENTICATE = base64(ntlm(3))
const AP_REQ = base64('\x60\x40\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00\x6e\x30')
const WRAP = base64('\x05\x04\x04\xff\x00\x0c\x00\x00\x00\x00\x00\x00\x01\x00\x20\x00')
const PLAIN = base64(`\0alice\0${PASSWORD}`)
const USER = base64('CORP\\alice')
const SECRET = base64(PASSWORD)

export interface MailSample {
  readonly name: string
  readonly carrier: Carrier
  /** `C: ` and `S: ` lines; a line break is CRLF */
  readonly talk: readonly string[]
  /** what the messages say, one text each: see `wordsOf` in the test */
  readonly says: readonly string[]
  /** what is said where the other direction is not captured, where it is not the same */
  readonly alone?: { readonly client?: readonly string[]; readonly server?: readonly string[] }
}

export const MAIL_SAMPLES: readonly MailSample[] = [
  {
    name: 'SMTP, NTLM without an initial response',
    carrier: smtp,
    talk: [
      'S: 220 mail1.corp.example ESMTP',
      'C: EHLO client1',
      'S: 250-mail1.corp.example\n250-SIZE 1000\n250 AUTH NTLM PLAIN GSSAPI',
      'C: AUTH NTLM',
      'S: 334 NTLM supported',
      `C: ${NEGOTIATE}`,
      `S: 334 ${CHALLENGE}`,
      `C: ${AUTHENTICATE}`,
      'S: 235 2.7.0 Authentication successful',
      'C: QUIT',
      'S: 221 2.0.0 Bye',
    ],
    says: [
      'offer NTLM PLAIN GSSAPI',
      'client NTLM direct',
      'server continue',
      'client token 1',
      'server continue token 2',
      'client token 3',
      'server success 235 2.7.0',
    ],
    alone: { client: ['client NTLM direct token 1', 'client token 3'] },
  },
  {
    name: 'SMTP, NTLM with an initial response, refused; then PLAIN; then a mail',
    carrier: smtp,
    talk: [
      'S: 220 mail1 ESMTP',
      'C: ehlo client1',
      'S: 250-mail1\n250-AUTH=LOGIN PLAIN\n250 8BITMIME',
      `C: AUTH NTLM ${NEGOTIATE}`,
      `S: 334 ${CHALLENGE}`,
      `C: ${AUTHENTICATE}`,
      'S: 535 5.7.8 Authentication credentials invalid',
      `C: auth plain ${PLAIN}`,
      'S: 235-2.7.0 Accepted\n235 2.7.0 Welcome',
      'C: MAIL FROM:<alice@corp.example>',
      'S: 250 2.1.0 Ok',
      'C: RCPT TO:<bob@corp.example>\nDATA',
      'S: 250 2.1.5 Ok\n354 End data with <CR><LF>.<CR><LF>',
      'C: Subject: test\n\nAUTH PLAIN\nAUTH NTLM\n..dot\nthe end.\n.',
      'S: 250 2.0.0 Ok: queued',
      'C: QUIT',
      'S: 221 2.0.0 Bye',
    ],
    says: [
      'offer LOGIN PLAIN',
      'client NTLM direct token 1',
      'server continue token 2',
      'client token 3',
      'server failure 535 5.7.8',
      'client PLAIN user alice',
      'server success 235 2.7.0',
    ],
  },
  {
    name: 'SMTP, PLAIN in a line of its own',
    carrier: smtp,
    talk: [
      'C: EHLO c',
      'S: 250 AUTH PLAIN',
      'C: AUTH PLAIN',
      'S: 334 ',
      `C: ${PLAIN}`,
      'S: 235 2.7.0 ok',
      'C: NOOP',
      'S: 250 ok',
    ],
    says: ['offer PLAIN', 'client PLAIN', 'server continue', 'client PLAIN user alice', 'server success 235 2.7.0'],
    alone: { client: ['client PLAIN user alice'] },
  },
  {
    name: 'SMTP, LOGIN: the line of the password is not kept',
    carrier: smtp,
    talk: [
      'C: EHLO c',
      'S: 250 AUTH LOGIN',
      'C: AUTH LOGIN',
      `S: 334 ${base64('Username:')}`,
      `C: ${USER}`,
      `S: 334 ${base64('Password:')}`,
      `C: ${SECRET}`,
      'S: 535 5.7.3 Authentication unsuccessful',
      `C: AUTH LOGIN ${USER}`,
      `S: 334 ${base64('Password:')}`,
      `C: ${SECRET}`,
      'S: 235 2.7.0 ok',
    ],
    says: [
      'offer LOGIN',
      'client LOGIN',
      'server continue',
      'client LOGIN user CORP alice',
      'server continue',
      'server failure 535 5.7.3',
      'client LOGIN user CORP alice',
      'server continue',
      'server success 235 2.7.0',
    ],
    alone: { client: ['client LOGIN user CORP alice', 'client LOGIN user CORP alice'] },
  },
  {
    name: 'SMTP, mechanisms whose answers are secrets, one of them a name that nobody knows',
    carrier: smtp,
    talk: [
      'C: EHLO c',
      'S: 250 AUTH CRAM-MD5',
      'C: AUTH CRAM-MD5',
      `S: 334 ${base64('<1896.697170952@mail1>')}`,
      `C: ${base64(`alice ${PASSWORD}`)}`,
      'S: 454 4.7.0 Temporary authentication failure',
      `C: AUTH XOAUTH2 ${SECRET}`,
      'S: 235 2.7.0 ok',
      `C: AUTH ${PASSWORD}`,
      'S: 504 5.5.4 Unrecognized',
    ],
    says: [
      'offer CRAM-MD5',
      'client CRAM-MD5',
      'server continue',
      'server failure 454 4.7.0',
      'client XOAUTH2',
      'server success 235 2.7.0',
      'client other',
      'server failure 504 5.5.4',
    ],
    alone: { server: ['offer CRAM-MD5', 'server continue', 'server failure 454 4.7.0', 'server success 235 2.7.0'] },
  },
  {
    name: 'IMAP, GSSAPI with an initial response and an empty line',
    carrier: imap,
    talk: [
      'S: * OK [CAPABILITY IMAP4rev1 SASL-IR LOGINDISABLED AUTH=PLAIN AUTH=GSSAPI] ready.',
      `C: A001 AUTHENTICATE GSSAPI ${AP_REQ}`,
      'S: + ',
      'C: ',
      `S: + ${WRAP}`,
      `C: ${WRAP}`,
      'S: * CAPABILITY IMAP4rev1 IDLE\nA001 OK Logged in',
      'C: A002 IDLE',
      'S: + idling',
      'C: DONE',
      'S: A002 OK done',
    ],
    says: [
      'offer PLAIN GSSAPI',
      'client GSSAPI token 96',
      'server continue',
      'server continue token 5',
      'client token 5',
      'server success OK',
    ],
    alone: {
      server: [
        'offer PLAIN GSSAPI',
        'server continue',
        'server continue token 5',
        'server success OK',
        'server continue',
        'server success OK',
      ],
    },
  },
  {
    name: 'IMAP, NTLM refused, then LOGIN behind other commands',
    carrier: imap,
    talk: [
      'S: * OK IMAP4rev1 server ready',
      'C: a1 CAPABILITY',
      'S: * CAPABILITY IMAP4rev1 AUTH=NTLM\na1 OK done',
      'C: a2 authenticate ntlm',
      'S: +',
      `C: ${NEGOTIATE}`,
      `S: + ${CHALLENGE}`,
      `C: ${AUTHENTICATE}`,
      'S: a2 NO [AUTHENTICATIONFAILED] Authentication failed.',
      `C: a3 LOGIN alice ${PASSWORD}\na4 SELECT INBOX`,
      'S: * OK still here\na3 OK LOGIN completed\na4 OK',
      'C: a5 APPEND saved {25+}\na6 AUTHENTICATE PLAIN\n\n\na7 FETCH 1 BODY[]',
      'S: a5 OK\n* 1 FETCH (BODY[] {28}\na8 OK\n+ x\n* CAPABILITY\n\nx)\na7 OK',
    ],
    says: [
      'offer NTLM',
      'client NTLM direct',
      'server continue',
      'client token 1',
      'server continue token 2',
      'client token 3',
      'server failure NO AUTHENTICATIONFAILED',
      'client LOGIN user alice',
      'server success OK',
    ],
    alone: {
      client: ['client NTLM direct token 1', 'client token 3', 'client LOGIN user alice'],
      server: ['offer NTLM', 'server continue', 'server continue token 2', 'server failure NO AUTHENTICATIONFAILED'],
    },
  },
  {
    name: 'IMAP, LOGIN with literals and with quotes',
    carrier: imap,
    talk: [
      'S: * OK ready',
      'C: 1 LOGIN {5+}\nalice {13}',
      'S: + go on',
      `C: ${PASSWORD}`,
      'S: 1 NO no',
      `C: 2 login "a \\"b" "${PASSWORD}"`,
      'S: 2 BAD no',
    ],
    says: ['client LOGIN user alice', 'server failure NO', 'client LOGIN user a "b', 'server failure BAD'],
    alone: { server: ['server continue', 'server failure NO'] },
  },
  {
    name: 'POP3, NTLM as Exchange speaks it',
    carrier: pop3,
    talk: [
      'S: +OK Microsoft Exchange POP3 service is ready.',
      'C: CAPA',
      'S: +OK\nTOP\nSASL NTLM GSSAPI PLAIN\nUSER\n.',
      'C: AUTH NTLM',
      'S: +OK',
      `C: ${NEGOTIATE}`,
      `S: + ${CHALLENGE}`,
      `C: ${AUTHENTICATE}`,
      'S: +OK User successfully logged on.',
      'C: LIST\nRETR 1\nLIST 1\nTOP 1 0',
      'S: +OK 1 message\n1 120\n.\n+OK 120 octets\nSubject: x\n\n+OK\n-ERR\n+ \n.\n',
      'C: QUIT',
      'S: +OK',
    ],
    says: [
      'offer NTLM GSSAPI PLAIN',
      'client NTLM direct',
      'server continue',
      'client token 1',
      'server continue token 2',
      'client token 3',
      'server success +OK',
    ],
    alone: {
      client: ['client NTLM direct token 1', 'client token 3'],
      // what stands in a mail looks like replies
      server: ['server continue token 2', 'server success +OK', 'server continue', 'server success +OK'],
    },
  },
  {
    name: 'POP3, USER and PASS, sent at once, then APOP',
    carrier: pop3,
    talk: [
      'S: +OK <1896.697170952@mail1> ready',
      'C: AUTH',
      'S: +OK methods\nPLAIN\nNTLM\n.',
      `C: USER alice\nPASS ${PASSWORD}`,
      'S: +OK\n-ERR [AUTH] failed',
      'C: USER bob',
      'S: -ERR no such user',
      'C: USER alice',
      'S: +OK',
      `C: PASS ${PASSWORD}`,
      'S: +OK 2 messages',
      `C: APOP alice ${Buffer.from(PASSWORD).toString('hex').padEnd(32, '0')}`,
      'S: -ERR no',
    ],
    says: [
      'offer PLAIN NTLM',
      'client USER user alice',
      'server failure -ERR AUTH',
      'client USER user alice',
      'server success +OK',
      'client APOP user alice',
      'server failure -ERR',
    ],
    alone: { server: [] },
  },
  {
    name: 'NNTP, NTLM in commands',
    carrier: nntp,
    talk: [
      'S: 200 news.corp.example NNTP Service ready',
      'C: CAPABILITIES',
      'S: 101 Capability list:\nVERSION 2\nAUTHINFO USER SASL\nSASL NTLM GSSAPI\n.',
      'C: AUTHINFO GENERIC NTLM',
      'S: 381 Protocol supported, proceed',
      `C: AUTHINFO GENERIC ${NEGOTIATE}`,
      `S: 381 ${CHALLENGE}`,
      `C: AUTHINFO GENERIC ${AUTHENTICATE}`,
      'S: 281 Authentication ok',
      'C: ARTICLE 1',
      'S: 220 1 <x@y>\nSubject: x\n\n281 ok\n.',
    ],
    says: [
      'offer NTLM GSSAPI',
      'client NTLM direct',
      'server continue',
      'client token 1',
      'server continue token 2',
      'client token 3',
      'server success 281',
    ],
    alone: { server: ['server continue', 'server continue token 2', 'server success 281'] },
  },
  {
    name: 'NNTP, SASL, and names with passwords',
    carrier: nntp,
    talk: [
      'S: 201 NNTP ready',
      'C: MODE READER',
      'S: 201 ok',
      `C: AUTHINFO SASL NTLM ${NEGOTIATE}`,
      `S: 383 ${CHALLENGE}`,
      `C: ${AUTHENTICATE}`,
      'S: 481 failed',
      'C: AUTHINFO USER alice',
      'S: 381 more',
      `C: AUTHINFO PASS ${PASSWORD}`,
      'S: 281 ok',
    ],
    says: [
      'client NTLM direct token 1',
      'server continue token 2',
      'client token 3',
      'server failure 481',
      'client USER user alice',
      'server success 281',
    ],
    alone: {
      client: ['client NTLM direct token 1', 'client token 3', 'client USER user alice'],
      server: ['server continue token 2', 'server failure 481', 'server continue', 'server success 281'],
    },
  },
]

export function piecesOf(talk: readonly string[]): Piece[] {
  return talk.map((line) => [
    line.startsWith('C') ? 'client' : 'server',
    Uint8Array.from(Buffer.from(`${line.slice(3).replaceAll('\n', '\r\n')}\r\n`, 'latin1')),
  ])
}
