/** PostgreSQL logons, as the documentation of the protocol and libpq have them. */
import { postgresql } from '../../decoders/carriers/postgresql.ts'
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

const SECRET = 'Sesame-open-7'
const text = (value: string) => Uint8Array.from(Buffer.from(value, 'latin1'))
const u32 = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const untyped = (...body: Uint8Array[]) => concat(u32(4 + concat(...body).length), ...body)
const typed = (type: string, ...body: Uint8Array[]) => concat(text(type), untyped(...body))
const authentication = (request: number, data: Uint8Array = new Uint8Array(0)) => typed('R', u32(request), data)

const SSL_REQUEST = untyped(u32(80_877_103))
const GSSENC_REQUEST = untyped(u32(80_877_104))
const STARTUP = untyped(u32(196_608), text('user\0alice\0database\0app\0\0'))
const NO = text('N')
const OK = authentication(0)
const READY = concat(typed('S', text('server_version\0' + '15.4\0')), typed('K', u32(7), u32(8)), typed('Z', text('I')))
const QUERY = typed('Q', text('select 1\0'))
const ROWS = concat(
  typed('T', new Uint8Array(30)),
  typed('D', new Uint8Array(1300)),
  typed('C', text('SELECT 1\0')),
  typed('Z', text('I')),
)
const failed = (state: string) => typed('E', text(`SFATAL\0C${state}\0Mauthentication failed for user "${USER}"\0\0`))
const kerberos = kerberosFor('postgres/db1.corp.example')

export const POSTGRESQL_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'PostgreSQL, GSSAPI with Kerberos after SSL was refused, then a query',
    carrier: postgresql,
    port: 5432,
    tshark: { layer: 'pgsql', tokens: false },
    talk: [
      ['client', SSL_REQUEST],
      ['server', NO],
      ['client', STARTUP],
      ['server', authentication(7)],
      ['client', typed('p', kerberos.request)],
      ['server', concat(authentication(8, kerberos.reply), OK, READY)],
      ['client', QUERY],
      ['server', ROWS],
    ],
    says: [
      'service postgresql',
      'offer GSSAPI',
      'client SPNEGO token 96',
      'server continue token 96',
      'server success AuthenticationOk',
    ],
    exchanges: [
      {
        service: 'postgresql',
        carrier: 'postgresql',
        mechanism: 'kerberos',
        result: 'success',
        target: { spn: 'postgres/db1.corp.example' },
      },
    ],
  },
  {
    name: 'PostgreSQL, SSPI with NTLM, refused',
    carrier: postgresql,
    port: 5433,
    tshark: { layer: 'pgsql', tokens: false },
    talk: [
      ['client', STARTUP],
      ['server', authentication(9)],
      ['client', typed('p', SPNEGO_NTLM_1)],
      ['server', authentication(8, SPNEGO_NTLM_2)],
      ['client', typed('p', SPNEGO_NTLM_3)],
      ['server', failed('28000')],
    ],
    says: [
      'offer Negotiate',
      'client SPNEGO token 96',
      'server continue token 161',
      'client SPNEGO token 161',
      'server failure 28000',
    ],
    exchanges: [
      {
        mechanism: 'ntlm',
        origin: 'client-veto',
        fallback: true,
        result: 'failure',
        principal: { user: USER, domain: 'CORP' },
      },
    ],
  },
  {
    name: 'PostgreSQL, encryption by GSSAPI',
    carrier: postgresql,
    port: 5433,
    // tshark 4.0 does not know it on its own port
    tshark: { layer: 'pgsql', tokens: false },
    talk: [
      ['client', GSSENC_REQUEST],
      ['server', text('G')],
      ['client', concat(u32(kerberos.request.length), kerberos.request)],
      ['server', concat(u32(kerberos.reply.length), kerberos.reply)],
      ['client', concat(u32(64), new Uint8Array(64).fill(5))],
      ['server', concat(u32(80), new Uint8Array(80).fill(5))],
    ],
    says: ['client GSSAPI token 96', 'server continue token 96'],
    exchanges: [{ mechanism: 'kerberos', result: 'unknown', visibility: 'both' }],
  },
  {
    name: 'PostgreSQL, SCRAM',
    carrier: postgresql,
    port: 5432,
    tshark: { layer: 'pgsql', tokens: false },
    talk: [
      ['client', SSL_REQUEST],
      ['server', NO],
      ['client', STARTUP],
      ['server', authentication(10, text('SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'))],
      ['client', typed('p', text('SCRAM-SHA-256\0'), u32(SECRET.length), text(SECRET))],
      ['server', authentication(11, text('r=1'))],
      ['client', typed('p', text(SECRET))],
      ['server', concat(authentication(12, text('v=2')), OK)],
    ],
    says: [
      'service postgresql',
      'offer SCRAM-SHA-256-PLUS SCRAM-SHA-256',
      'client password',
      'server continue',
      'client password',
      'server continue',
      'server success AuthenticationOk',
    ],
    exchanges: [{ mechanism: 'other', result: 'success' }],
    secret: SECRET,
  },
]

export const POSTGRESQL_MISSES: readonly Miss[] = [
  ['zeros', postgresql, new Uint8Array(64)],
  ['a message of Kerberos over TCP', postgresql, concat(u32(kerberos.request.length), kerberos.request)],
  ['SMB', postgresql, concat(Uint8Array.of(0, 0, 0, 64), text('\xfeSMB'), new Uint8Array(60))],
  ['an old version', postgresql, untyped(u32(131_072), text('user\0alice\0\0'))],
  ['text that begins with R', postgresql, text('REGISTER')],
]
