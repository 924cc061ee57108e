/** SIP registrations as MS-SIPAE and RFC 3261 22 have them, from clients of Lync and from telephones. */
import { sip, sipUdp } from '../../decoders/carriers/sip.ts'
import { base64, type FurtherSample, kerberosFor, type Miss, NTLM_2, NTLM_3, USER } from './further.samples.ts'

const CALL = 'Call-ID: 7d1e@10.0.0.9'
const bytes = (...lines: readonly string[]) => Uint8Array.from(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))

const register = (...fields: readonly string[]) =>
  bytes(
    'REGISTER sip:corp.example SIP/2.0',
    'Via: SIP/2.0/TCP 10.0.0.9:50000',
    'CSeq: 2 REGISTER',
    CALL,
    ...fields,
    'Content-Length: 0',
  )
const answers = (status: string, ...fields: readonly string[]) =>
  bytes(`SIP/2.0 ${status}`, 'CSeq: 2 REGISTER', CALL, ...fields, 'Content-Length: 0')

const NTLM = 'NTLM realm="SIP Communications Service", targetname="lync1.corp.example", version=4'
const KERBEROS = 'Kerberos realm="SIP Communications Service", targetname="sip/lync1.corp.example", version=4'
const DIGEST_ANSWER = '6629fae49393a05397450978507c4ef1'
const kerberos = kerberosFor('sip/lync1.corp.example')
const offer = answers('401 Unauthorized', `WWW-Authenticate: ${NTLM}`, `WWW-Authenticate: ${KERBEROS}`)

export const SIP_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'SIP, NTLM where Kerberos was offered',
    carrier: sip,
    port: 5060,
    tshark: { layer: 'sip', tokens: false },
    talk: [
      ['client', register()],
      ['server', offer],
      ['client', register(`Authorization: ${NTLM}, qop="auth", gssapi-data=""`)],
      [
        'server',
        answers('401 Unauthorized', `WWW-Authenticate: ${NTLM}, opaque="A1", gssapi-data="${base64(NTLM_2)}"`),
      ],
      ['client', Uint8Array.of(13, 10, 13, 10)],
      ['client', register(`Authorization: ${NTLM}, opaque="A1", gssapi-data="${base64(NTLM_3)}"`)],
      ['server', answers('200 OK', 'Authentication-Info: NTLM rspauth="01", srand="2", snum="1", opaque="A1"')],
      ['client', register(`Authorization: ${NTLM}, opaque="A1", crand="3", cnum="1", response="0100"`)],
    ],
    says: [
      'offer NTLM Kerberos',
      'server failure 401 Unauthorized',
      'client NTLM direct serverName lync1.corp.example',
      'server NTLM continue 401 Unauthorized token 2',
      'client NTLM direct serverName lync1.corp.example token 3',
      'server success 200 OK',
      'traffic',
    ],
    exchanges: [
      {
        service: 'sip',
        carrier: 'sip',
        mechanism: 'ntlm',
        origin: 'direct',
        result: 'success',
        offered: { server: ['NTLM', 'Kerberos'] },
        principal: { user: USER, domain: 'CORP' },
      },
    ],
  },
  {
    name: 'SIP over UDP, Kerberos through a proxy',
    carrier: sipUdp,
    port: 5060,
    tshark: { layer: 'sip', tokens: false },
    talk: [
      ['client', register(`Proxy-Authorization: ${KERBEROS}, gssapi-data="${base64(kerberos.request)}"`)],
      ['server', answers('200 OK')],
    ],
    says: ['client Kerberos serverName lync1.corp.example token 96', 'server success 200 OK'],
    exchanges: [
      { service: 'sip', mechanism: 'kerberos', result: 'success', target: { spn: 'sip/lync1.corp.example' } },
    ],
  },
  {
    name: 'SIP over UDP, Digest',
    carrier: sipUdp,
    port: 5060,
    tshark: { layer: 'sip', tokens: false },
    talk: [
      ['client', register()],
      ['server', answers('401 Unauthorized', 'WWW-Authenticate: Digest realm="asterisk", nonce="1cec4341ae6cbe5a"')],
      [
        'client',
        register(
          `Authorization: Digest username="${USER}", realm="asterisk", nonce="1c", uri="sip:corp.example", response="${DIGEST_ANSWER}"`,
        ),
      ],
      ['server', answers('403 Forbidden')],
    ],
    says: ['offer Digest', 'server failure 401 Unauthorized', `client Digest user ${USER}`],
    exchanges: [{ service: 'sip', mechanism: 'other', result: 'unknown', principal: { user: USER } }],
    secret: DIGEST_ANSWER,
  },
  {
    name: 'SIP, two users of one connection, one of them refused, a body between',
    carrier: sip,
    port: 5060,
    tshark: { layer: 'sip', tokens: false },
    talk: [
      ['client', register(`Authorization: ${NTLM}, gssapi-data="${base64(NTLM_3)}"`)],
      [
        'client',
        bytes(
          'MESSAGE sip:bob@corp.example SIP/2.0',
          'i: other',
          `Authorization: ${KERBEROS}, gssapi-data="${base64(kerberos.request)}"`,
          'l: 24',
          '',
          'REGISTER sip:a SIP/2.0',
        ),
      ],
      ['server', bytes('SIP/2.0 202 Accepted', 'Call-ID: other')],
      ['server', answers('401 Unauthorized', `WWW-Authenticate: ${NTLM}`)],
    ],
    says: [
      'client NTLM direct serverName lync1.corp.example token 3',
      'client Kerberos serverName lync1.corp.example token 96',
      'server success 202 Accepted',
      'offer NTLM',
      'server failure 401 Unauthorized',
    ],
    exchanges: [
      { mechanism: 'ntlm', result: 'failure' },
      { mechanism: 'kerberos', result: 'success' },
    ],
  },
]

export const SIP_MISSES: readonly Miss[] = [
  ['a call without credentials', sip, bytes('INVITE sip:bob@corp.example SIP/2.0', CALL)],
  ['SSDP', sipUdp, bytes('NOTIFY * HTTP/1.1', 'HOST: 239.255.255.250:1900')],
  ['an answer to another request', sipUdp, answers('404 Not Found')],
  ['a scheme that nobody knows', sip, bytes('REGISTER mailto:a SIP/2.0', `Authorization: ${NTLM}`)],
]
