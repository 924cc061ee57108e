/** SOCKS 4, 4A and 5, as curl, ssh and the RFCs have them, and what goes through them. */
import { socks } from '../../decoders/carriers/socks.ts'
import { concat } from '../builders/net.ts'
import {
  type FurtherSample,
  kerberosFor,
  type Miss,
  SPNEGO_NTLM_1,
  SPNEGO_NTLM_2,
  SPNEGO_NTLM_3,
  USER,
} from './further.samples.ts'
import { AUTHENTICATE, CHALLENGE, NEGOTIATE, piecesOf } from './mail.samples.ts'

const SECRET = 'Sesame-open-7'
const text = (value: string) => Uint8Array.from(Buffer.from(value, 'latin1'))
const u16 = (value: number) => Uint8Array.of(value >> 8, value)
const token = (type: number, data: Uint8Array) => concat(Uint8Array.of(1, type), u16(data.length), data)
const request = (host: string, port: number) => concat(Uint8Array.of(5, 1, 0, 3, host.length), text(host), u16(port))
const GRANTED = Uint8Array.of(5, 0, 0, 1, 10, 0, 0, 1, 0xc3, 0x50)
const kerberos = kerberosFor('rcmd/socks1.corp.example')
const MAIL_HOST = 'mail1.corp.example'

const MAIL = piecesOf([
  'S: 220 mail1.corp.example ESMTP',
  'C: EHLO client1',
  'S: 250-mail1.corp.example\n250 AUTH NTLM GSSAPI',
  `C: AUTH NTLM ${NEGOTIATE}`,
  `S: 334 ${CHALLENGE}`,
  `C: ${AUTHENTICATE}`,
  'S: 235 2.7.0 Authentication successful',
])
const TO_MAIL = { service: 'smtp', carrier: 'smtp', mechanism: 'ntlm', result: 'success' }
const TUNNEL = `service socks tunnel ${MAIL_HOST}:25`

export const SOCKS_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'SOCKS 5, Kerberos, then an unprotected request, as curl does it; mail behind it',
    carrier: socks,
    port: 1080,
    tshark: { layer: 'socks', tokens: false },
    talk: [
      ['client', Uint8Array.of(5, 3, 0, 1, 2)],
      ['server', Uint8Array.of(5, 1)],
      ['client', token(1, kerberos.request)],
      ['server', token(1, kerberos.reply)],
      ['client', token(2, new Uint8Array(32).fill(5))],
      ['server', token(2, new Uint8Array(32).fill(5))],
      ['client', request(MAIL_HOST, 25)],
      ['server', GRANTED],
    ],
    behind: MAIL,
    says: [
      'offer GSSAPI',
      'client SPNEGO token 96',
      'server continue token 96',
      'server success accepted',
      TUNNEL,
      'service socks',
    ],
    exchanges: [
      { service: 'socks', carrier: 'socks', mechanism: 'kerberos', result: 'success', tunnel: null },
      { ...TO_MAIL, tunnel: `${MAIL_HOST}:25` },
    ],
  },
  {
    name: 'SOCKS 5, NTLM in SPNEGO, refused',
    carrier: socks,
    port: 1081,
    tshark: { layer: 'socks', tokens: false },
    talk: [
      ['client', Uint8Array.of(5, 1, 1)],
      ['server', Uint8Array.of(5, 1)],
      ['client', token(1, SPNEGO_NTLM_1)],
      ['server', token(1, SPNEGO_NTLM_2)],
      ['client', token(1, SPNEGO_NTLM_3)],
      ['server', Uint8Array.of(1, 0xff)],
    ],
    says: [
      'offer GSSAPI',
      'client SPNEGO token 96',
      'server continue token 161',
      'client SPNEGO token 161',
      'server failure refused',
    ],
    exchanges: [
      { service: 'socks', mechanism: 'ntlm', origin: 'client-veto', result: 'failure', principal: { user: USER } },
    ],
  },
  {
    name: 'SOCKS 5, GSSAPI that protects all that follows',
    carrier: socks,
    port: 1080,
    tshark: { layer: 'socks', tokens: false },
    talk: [
      ['client', Uint8Array.of(5, 2, 1, 0)],
      ['server', Uint8Array.of(5, 1)],
      ['client', token(1, kerberos.request)],
      ['server', token(1, kerberos.reply)],
      ['client', token(2, new Uint8Array(32).fill(5))],
      ['server', token(2, new Uint8Array(32).fill(5))],
      ['client', token(3, new Uint8Array(90).fill(5))],
      ['server', token(3, new Uint8Array(90).fill(5))],
      ['client', token(3, new Uint8Array(900).fill(5))],
    ],
    says: [
      'offer GSSAPI',
      'client SPNEGO token 96',
      'server continue token 96',
      'server success accepted',
      'hidden unknown',
    ],
    exchanges: [{ service: 'socks', mechanism: 'kerberos', result: 'success' }],
  },
  {
    name: 'SOCKS 5, a password; mail behind it',
    carrier: socks,
    port: 1080,
    tshark: { layer: 'socks', tokens: false },
    talk: [
      ['client', Uint8Array.of(5, 2, 0, 2)],
      ['server', Uint8Array.of(5, 2)],
      ['client', concat(Uint8Array.of(1, USER.length), text(USER), Uint8Array.of(SECRET.length), text(SECRET))],
      ['server', Uint8Array.of(1, 0)],
      ['client', request(MAIL_HOST, 25)],
      ['server', GRANTED],
    ],
    behind: MAIL,
    says: ['offer password', `client LOGIN user ${USER}`, 'server success accepted', TUNNEL, 'service socks'],
    exchanges: [{ service: 'socks', mechanism: 'plain', result: 'success' }, TO_MAIL],
    secret: SECRET,
  },
  {
    name: 'SOCKS 5 without authentication, by address; mail behind it',
    carrier: socks,
    port: 9050,
    tshark: { layer: 'socks', tokens: false },
    talk: [
      ['client', Uint8Array.of(5, 1, 0)],
      ['server', Uint8Array.of(5, 0)],
      ['client', concat(Uint8Array.of(5, 1, 0, 4), new Uint8Array(15), Uint8Array.of(1), u16(25))],
      ['server', GRANTED],
    ],
    behind: MAIL,
    says: ['service socks tunnel [::1]:25', 'service socks'],
    exchanges: [{ ...TO_MAIL, tunnel: '[::1]:25' }],
  },
  {
    name: 'SOCKS 4A; mail behind it',
    carrier: socks,
    port: 1080,
    tshark: { layer: 'socks', tokens: false },
    talk: [
      ['client', concat(Uint8Array.of(4, 1, 0, 25, 0, 0, 0, 1), text(`${USER}\0${MAIL_HOST}\0`))],
      ['server', Uint8Array.of(0, 90, 0, 25, 10, 0, 0, 1)],
    ],
    behind: MAIL,
    says: [TUNNEL],
    exchanges: [{ ...TO_MAIL, tunnel: `${MAIL_HOST}:25` }],
  },
]

export const SOCKS_MISSES: readonly Miss[] = [
  ['a bind of DCE/RPC', socks, Uint8Array.of(5, 0, 11, 3, 16, 0, 0, 0, 72, 0, 0, 0)],
  ['a greeting with a method that is none', socks, Uint8Array.of(5, 2, 0, 0x0b)],
  ['a greeting with something behind it', socks, Uint8Array.of(5, 1, 0, 9, 9, 9, 9)],
  ['a request of version 4 that does not end', socks, Uint8Array.of(4, 1, 0, 25, 10, 0, 0, 1, 65, 66)],
  ['RADIUS', socks, Uint8Array.of(4, 1, 0, 20, ...new Uint8Array(16).fill(200))],
]
