/** FTP control connections: GSSAPI of RFC 2228, passwords, TLS. */
import { ftp } from '../../decoders/carriers/ftp.ts'
import type { Piece } from '../builders/feed.ts'
import {
  base64,
  type FurtherSample,
  kerberosFor,
  type Miss,
  SPNEGO_NTLM_1,
  SPNEGO_NTLM_2,
  SPNEGO_NTLM_3,
} from './further.samples.ts'
import { piecesOf } from './mail.samples.ts'

const SECRET = 'Sesame-open-7'
const kerberos = kerberosFor('host/ftp1.corp.example')
const line = (text: string): Piece => piecesOf([text])[0]!

export const FTP_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'FTP, GSSAPI, then protected commands',
    carrier: ftp,
    port: 21,
    tshark: { layer: 'ftp', tokens: false },
    talk: piecesOf([
      'S: 220-Welcome\n220 ftp1.corp.example FTP server (Version 5.60) ready.',
      'C: AUTH GSSAPI',
      'S: 334 Using authentication type GSSAPI; ADAT must follow',
      `C: ADAT ${base64(kerberos.request)}`,
      `S: 235 ADAT=${base64(kerberos.reply)}`,
      `C: ENC ${base64(new Uint8Array(40).fill(5))}`,
      'S: 633 AAAA',
    ]),
    says: ['offer GSSAPI', 'client GSSAPI token 96', 'server success 235 token 96', 'traffic'],
    exchanges: [
      {
        service: 'ftp',
        carrier: 'ftp',
        mechanism: 'kerberos',
        result: 'success',
        target: { spn: 'host/ftp1.corp.example' },
      },
    ],
  },
  {
    name: 'FTP, SPNEGO with NTLM in ADAT, refused, then a password',
    carrier: ftp,
    port: 2121,
    tshark: { layer: 'ftp', tokens: false },
    talk: piecesOf([
      'S: 220 Serv-U FTP Server',
      'C: auth gssapi',
      'S: 334 ADAT must follow',
      `C: ADAT ${base64(SPNEGO_NTLM_1)}`,
      `S: 335 ADAT=${base64(SPNEGO_NTLM_2)}`,
      `C: ADAT ${base64(SPNEGO_NTLM_3)}`,
      'S: 535 Failed security check',
      'C: USER CORP\\alice',
      'S: 331 Password required',
      `C: PASS ${SECRET}`,
      'S: 230-Welcome\n230 Logged on',
      'C: RETR AUTH',
      'S: 150 Opening',
    ]),
    says: [
      'offer GSSAPI',
      'client GSSAPI token 96',
      'server continue token 161',
      'client GSSAPI token 161',
      'server failure 535',
      'client USER user CORP alice',
      'server success 230',
    ],
    exchanges: [
      { mechanism: 'ntlm', origin: 'client-veto', result: 'failure', principal: { user: 'alice', domain: 'CORP' } },
      { mechanism: 'plain', result: 'success', principal: { user: 'alice', domain: 'CORP' } },
    ],
    secret: SECRET,
  },
  {
    name: 'FTP, anonymous and refused mechanisms',
    carrier: ftp,
    port: 21,
    tshark: { layer: 'ftp', tokens: false },
    talk: piecesOf([
      'S: 220 (vsFTPd 3.0.3) FTP',
      'C: AUTH GSSAPI',
      'S: 530 Please login with USER and PASS.',
      'C: USER anonymous',
      'S: 331 Please specify the password.',
      `C: PASS ${SECRET}`,
      'S: 530 Login incorrect.',
    ]),
    says: ['client anonymous user anonymous', 'server failure 530'],
    exchanges: [{ mechanism: 'anonymous', result: 'failure' }],
    secret: SECRET,
  },
]

export const FTP_MISSES: readonly Miss[] = [
  ['a greeting of SMTP', ftp, line('S: 220 mail1.corp.example ESMTP')[1]],
  ['a listing', ftp, line('S: 150 Opening ADAT=AAAA')[1]],
  ['a command of SMTP', ftp, line('C: AUTH NTLM')[1]],
  ['SMTP in its middle', ftp, line('C: AUTH GSSAPI')[1]],
  ['TLS', ftp, line('C: AUTH TLS')[1]],
  ['a name without a password', ftp, line('C: USER alice')[1]],
]
