/**
 * HTTP heads with what the carrier must say about them. Texts marked with an RFC or MS document are its examples; all
 * others are built by hand. Line ends are written LF and sent CRLF.
 */
import type { CarrierMessage, FactsStep, LegStep, OfferStep } from '../../decoders/carrier.ts'
import { fromHex } from '../hostile.ts'

/** `NTLMSSP\0` and a message type: all that a carrier could possibly look at, and must not. */
export const TYPE_1 = fromHex('4e544c4d53535000 01000000 b78208e2')
export const TYPE_2 = fromHex('4e544c4d53535000 02000000 0000000000000000 b78289e2')
export const TYPE_3 = fromHex('4e544c4d53535000 03000000 0000')
/** A GSS token of Kerberos, cut short (RFC 2743 3.1 framing, krb5 OID, AP-REQ). */
export const AP_REQ = fromHex('6020 06092a864886f71201020201006e0e300ca003020105a10302010e')

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

export interface HttpSample {
  readonly name: string
  readonly head: string
  readonly service: CarrierMessage['service']
  readonly fields: Record<string, unknown>
  readonly steps: readonly (FactsStep | OfferStep | LegStep)[]
  /** a second message of the same head, which has no fields */
  readonly second?: { readonly service: CarrierMessage['service']; readonly steps: readonly LegStep[] }
}

export function leg(from: 'client' | 'server', given: Partial<LegStep>): LegStep {
  return {
    kind: 'leg',
    from,
    slot: '',
    message: null,
    method: null,
    direct: false,
    token: null,
    outcome: null,
    status: null,
    principal: null,
    plainNtlm: null,
    session: null,
    facts: null,
    rpc: null,
    smb: null,
    ...given,
  }
}

const status = (code: number, name: string) => ({ code, name: `${code} ${name}`, detail: null })
const UNAUTHORIZED = status(401, 'Unauthorized')
const PROXY_AUTH = status(407, 'Proxy Authentication Required')
const OK = status(200, 'OK')

const request = (given: Record<string, unknown>) => ({
  method: 'GET',
  target: '/',
  host: null,
  userAgent: null,
  scheme: null,
  proxyScheme: null,
  ...given,
})
const response = (given: Record<string, unknown>) => ({
  status: 200,
  offers: [],
  proxyOffers: [],
  scheme: null,
  server: null,
  persistentAuth: null,
  ...given,
})

export const HTTP_SAMPLES: readonly HttpSample[] = [
  {
    // RFC 4559 5; its request line has no version and no slash, both added here
    name: 'RFC 4559: Negotiate with a client token',
    head: `GET /dir/index.html HTTP/1.1
Authorization: Negotiate a87421000492aa874209af8bc028
`,
    service: 'http',
    fields: request({ target: '/dir/index.html', scheme: 'Negotiate' }),
    steps: [
      { kind: 'facts', facts: { http: { method: 'GET', path: '/dir/index.html', application: null, proxy: false } } },
      leg('client', { method: 'Negotiate', token: fromHex('6bcef8db5d34d38f7669af3be36d3d69ff1b734dbc') }),
    ],
  },
  {
    name: 'RFC 4559: success with the final token of the server',
    head: `HTTP/1.1 200 Success
WWW-Authenticate: Negotiate ade0234568a4209af8bc0280289eca
`,
    service: 'http',
    fields: response({ offers: ['Negotiate'], scheme: 'Negotiate' }),
    steps: [
      leg('server', {
        method: 'Negotiate',
        token: fromHex('69d7b4db7e39ebc6b8db4f5a7fc6dcd36f34dbcf5e71'),
        outcome: 'success',
        status: OK,
      }),
      leg('server', { slot: 'proxy', outcome: 'success', status: OK }),
    ],
  },
  {
    // MS-NTHT 4.1; version and slash of the request line added
    name: 'MS-NTHT: NTLM with a client token',
    head: `GET /dir/index.html HTTP/1.1
Authorization: NTLM tESsBmE/yNY3lb6a0L6vVQEZNqwQn0s8Unew
`,
    service: 'http',
    fields: request({ target: '/dir/index.html', scheme: 'NTLM' }),
    steps: [
      { kind: 'facts', facts: { http: { method: 'GET', path: '/dir/index.html', application: null, proxy: false } } },
      leg('client', {
        method: 'NTLM',
        direct: true,
        token: fromHex('b444ac06613fc8d63795be9ad0beaf55011936ac109f4b3c5277b0'),
      }),
    ],
  },
  {
    // MS-NTHT 4.1
    name: 'MS-NTHT: NTLM challenge',
    head: `HTTP/1.1 401 Unauthorized
WWW-Authenticate: NTLM yNY3lb6a0L6vVQEZNqwQn0s8UNew33KdKZvG+Onv
`,
    service: 'http',
    fields: response({ status: 401, offers: ['NTLM'], scheme: 'NTLM' }),
    steps: [
      leg('server', {
        method: 'NTLM',
        direct: true,
        token: fromHex('c8d63795be9ad0beaf55011936ac109f4b3c50d7b0df729d299bc6f8e9ef'),
        outcome: 'continue',
        status: UNAUTHORIZED,
      }),
      leg('server', { slot: 'proxy', outcome: 'success', status: UNAUTHORIZED }),
    ],
  },
  {
    // RFC 7617 2: user Aladdin, password "open sesame"
    name: 'RFC 7617: Basic',
    head: `GET /secret;jsessionid=17?password=18#19 HTTP/1.1
Host: www.example.test:8080
User-Agent: probe/1.0
Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
`,
    service: 'http',
    fields: request({ target: '/secret', host: 'www.example.test:8080', userAgent: 'probe/1.0', scheme: 'Basic' }),
    steps: [
      {
        kind: 'facts',
        facts: {
          http: {
            method: 'GET',
            path: '/secret',
            application: null,
            proxy: false,
            host: 'www.example.test:8080',
            userAgent: 'probe/1.0',
          },
          serverName: 'www.example.test',
        },
      },
      leg('client', { method: 'Basic', principal: { user: 'Aladdin', domain: '', workstation: '' } }),
    ],
  },
  {
    // RFC 7616 3.9.1, shortened
    name: 'RFC 7616: Digest',
    head: `GET /dir/index.html HTTP/1.1
Host: api.example.org
Authorization: Digest username="Mufasa", realm="http-auth@example.org",
   uri="/dir/index.html", algorithm=MD5, nc=00000001, qop=auth,
   response="8ca523f5e9506fed4657c9700eebdbec"
`,
    service: 'http',
    fields: request({ target: '/dir/index.html', host: 'api.example.org', scheme: 'Digest' }),
    steps: [
      {
        kind: 'facts',
        facts: {
          http: { method: 'GET', path: '/dir/index.html', application: null, proxy: false, host: 'api.example.org' },
          serverName: 'api.example.org',
        },
      },
      leg('client', { method: 'Digest', principal: { user: 'Mufasa', domain: '', workstation: '' } }),
    ],
  },
  {
    name: 'offer of several schemes, in several lines and in one',
    head: `HTTP/1.1 401 Unauthorized
Server: Microsoft-IIS/10.0
WWW-Authenticate: Negotiate
www-authenticate: NTLM
WWW-Authenticate: Digest realm="a, b", nonce="x=\\"y\\", z" , Basic realm="NTLM, Negotiate"
Content-Length: 0
`,
    service: 'http',
    fields: response({
      status: 401,
      offers: ['Negotiate', 'NTLM', 'Digest', 'Basic'],
      server: 'Microsoft-IIS/10.0',
    }),
    steps: [
      { kind: 'facts', facts: { http: { serverSoftware: 'Microsoft-IIS/10.0' } } },
      { kind: 'offer', methods: ['Negotiate', 'NTLM', 'Digest', 'Basic'], token: null, slot: '' },
      leg('server', { outcome: 'failure', status: UNAUTHORIZED }),
      leg('server', { slot: 'proxy', outcome: 'success', status: UNAUTHORIZED }),
    ],
  },
  {
    name: 'WinRM with NTLM as the scheme, odd case and spaces',
    head: `POST /wsman?PSVersion=5.1 HTTP/1.1
HOST:  [2001:db8::5]:5985
authorization:   ntlm   ${base64(TYPE_1)}
User-Agent: Microsoft WinRM Client
`,
    service: 'winrm',
    fields: request({
      method: 'POST',
      target: '/wsman',
      host: '[2001:db8::5]:5985',
      userAgent: 'Microsoft WinRM Client',
      scheme: 'NTLM',
    }),
    steps: [
      {
        kind: 'facts',
        facts: {
          http: {
            method: 'POST',
            path: '/wsman',
            application: 'WS-Management',
            proxy: false,
            host: '[2001:db8::5]:5985',
            userAgent: 'Microsoft WinRM Client',
          },
          serverName: '2001:db8::5',
        },
      },
      leg('client', { method: 'NTLM', direct: true, token: TYPE_1 }),
    ],
  },
  {
    name: 'CONNECT with proxy credentials',
    head: `CONNECT u:p@files.example.test:443 HTTP/1.1
Host: files.example.test:443
Proxy-Authorization: NTLM ${base64(TYPE_3)}
`,
    service: 'http-proxy',
    fields: request({
      method: 'CONNECT',
      target: 'files.example.test:443',
      host: 'files.example.test:443',
      proxyScheme: 'NTLM',
    }),
    steps: [
      {
        kind: 'facts',
        facts: {
          http: {
            method: 'CONNECT',
            path: 'files.example.test:443',
            application: null,
            proxy: true,
            host: 'files.example.test:443',
          },
          tunnel: 'files.example.test:443',
        },
      },
      leg('client', { slot: 'proxy', method: 'NTLM', direct: true, token: TYPE_3 }),
    ],
  },
  {
    name: 'credentials for the proxy and for the server behind it',
    head: `GET http://u:p@intra.example.test:81/a/b?c=d HTTP/1.1
Host: intra.example.test:81
Proxy-Authorization: Negotiate ${base64(AP_REQ)}
Authorization: Kerberos ${base64(AP_REQ)}
`,
    service: 'http-proxy',
    fields: request({
      target: '/a/b',
      host: 'intra.example.test:81',
      scheme: 'Kerberos',
      proxyScheme: 'Negotiate',
    }),
    steps: [
      {
        kind: 'facts',
        facts: { http: { method: 'GET', path: '/a/b', application: null, proxy: true, host: 'intra.example.test:81' } },
      },
      leg('client', { slot: 'proxy', method: 'Negotiate', token: AP_REQ }),
    ],
    second: { service: 'http', steps: [leg('client', { method: 'Kerberos', token: AP_REQ })] },
  },
  {
    name: 'offer of a proxy',
    head: `HTTP/1.1 407 Proxy Authentication Required
Server: squid/5.7
Proxy-Authenticate: NTLM
Proxy-Authenticate: Basic realm="proxy"
`,
    service: 'http-proxy',
    fields: response({ status: 407, proxyOffers: ['NTLM', 'Basic'], server: 'squid/5.7' }),
    steps: [
      { kind: 'facts', facts: { http: { serverSoftware: 'squid/5.7', proxy: true } } },
      { kind: 'offer', methods: ['NTLM', 'Basic'], token: null, slot: 'proxy' },
      leg('server', { slot: 'proxy', outcome: 'failure', status: PROXY_AUTH }),
    ],
  },
  {
    name: 'challenge of a proxy',
    head: `HTTP/1.0 407 Proxy Authentication Required
Proxy-Authenticate: NTLM ${base64(TYPE_2)}
`,
    service: 'http-proxy',
    fields: response({ status: 407, proxyOffers: ['NTLM'], scheme: 'NTLM' }),
    steps: [
      { kind: 'facts', facts: { http: { proxy: true } } },
      leg('server', {
        slot: 'proxy',
        method: 'NTLM',
        direct: true,
        token: TYPE_2,
        outcome: 'continue',
        status: PROXY_AUTH,
      }),
    ],
  },
  {
    name: 'a token beside another offer goes on with the authentication',
    head: `HTTP/1.1 401 Unauthorized
WWW-Authenticate: Negotiate ${base64(TYPE_2)}, Basic realm="x"
`,
    service: 'http',
    fields: response({ status: 401, offers: ['Negotiate', 'Basic'], scheme: 'Negotiate' }),
    steps: [
      leg('server', { method: 'Negotiate', token: TYPE_2, outcome: 'continue', status: UNAUTHORIZED }),
      leg('server', { slot: 'proxy', outcome: 'success', status: UNAUTHORIZED }),
    ],
  },
  {
    name: 'accepted, and for every request anew',
    head: `HTTP/1.1 404 Not Found
Persistent-Auth: false
`,
    service: 'http',
    fields: response({ status: 404, persistentAuth: false }),
    steps: [
      leg('server', {
        outcome: 'success',
        status: status(404, 'Not Found'),
        facts: { http: { persistentAuth: false } },
      }),
      leg('server', {
        slot: 'proxy',
        outcome: 'success',
        status: status(404, 'Not Found'),
        facts: { http: { persistentAuth: false } },
      }),
    ],
  },
  {
    name: 'Bearer says its name and no more',
    head: `GET / HTTP/1.1
Authorization: bearer eyJhbGciOi.J9.secret
`,
    service: 'http',
    fields: request({ scheme: 'Bearer' }),
    steps: [
      { kind: 'facts', facts: { http: { method: 'GET', path: '/', application: null, proxy: false } } },
      leg('client', { method: 'Bearer' }),
    ],
  },
]

/** The head of a sample as it is sent. */
export function headBytes(sample: HttpSample): Uint8Array {
  return Uint8Array.from(Buffer.from(`${sample.head}\n`.replaceAll('\n', '\r\n'), 'latin1'))
}
