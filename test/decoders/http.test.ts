import { describe, expect, it } from 'vitest'
import {
  type CarrierMessage,
  FRAME_BYTES_MAX,
  type LegStep,
  PROBE_BYTES_MAX,
  type Side,
  UNTIL_CLOSE,
} from '../../decoders/carrier.ts'
import { http } from '../../decoders/carriers/http/http.ts'
import { CHALLENGES_MAX, parseChallenges, parseCredentials } from '../../decoders/carriers/http/http-auth.ts'
import { cutPiece, type Fed, feed, inPieces, type Piece } from '../builders/feed.ts'
import { asBytes, chunkedBody, httpRequest, httpResponse, joined, schemeWithToken } from '../builders/http.ts'
import { changeBytes, cutEverywhere } from '../hostile.ts'
import { HTTP_SAMPLES, headBytes, leg, TYPE_1, TYPE_2, TYPE_3 } from './http.samples.ts'

const decoded = (bytes: Uint8Array) => http.decode(bytes, 'client')
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('decode', () => {
  for (const sample of HTTP_SAMPLES) {
    it(sample.name, () => {
      const head = headBytes(sample)
      const isRequest = !sample.head.startsWith('HTTP/')
      const common = {
        protocol: 'http',
        type: isRequest ? 'request' : 'response',
        from: isRequest ? 'client' : 'server',
      }
      const messages: unknown[] = [{ ...common, service: sample.service, fields: sample.fields, steps: sample.steps }]
      if (sample.second) messages.push({ ...common, ...sample.second, fields: null })
      expect(decoded(head)).toEqual({ value: messages, fault: null })
      // content decides who sent it
      expect(http.decode(head, 'server')).toEqual(decoded(head))
      // bare line feeds are lines, too
      expect(decoded(asBytes(latin1(head).replaceAll('\r', '')))).toEqual(decoded(head))
    })
  }

  it('borrows nothing: the token survives its PDU', () => {
    const head = httpRequest({ headers: { Authorization: schemeWithToken('NTLM', TYPE_1) } })
    const token = clientLeg(decoded(head).value).token!
    head.fill(0)
    expect(token).toEqual(TYPE_1)
  })

  it('says what each status means for the authentication that it answers', () => {
    const outcomes = (status: number) => {
      const { value } = decoded(httpResponse({ status }))
      return legsOf(value).map((step) => [step.slot, step.outcome])
    }
    for (const status of [101, 200, 204, 302, 304, 404, 405, 409, 412]) {
      expect(outcomes(status), String(status)).toEqual([
        ['', 'success'],
        ['proxy', 'success'],
      ])
    }
    for (const status of [400, 403, 408, 429, 431, 500, 502, 503, 504]) {
      expect(outcomes(status), String(status)).toEqual([
        ['', null],
        ['proxy', null],
      ])
    }
    expect(outcomes(401)).toEqual([
      ['', 'failure'],
      ['proxy', 'success'],
    ])
    expect(outcomes(407)).toEqual([['proxy', 'failure']])
    expect(outcomes(100)).toEqual([])
    expect(legsOf(decoded(httpResponse({ status: 599 })).value)[0]!.status).toEqual({
      code: 599,
      name: '599',
      detail: null,
    })
  })

  it('gives no secret away', () => {
    const secrets = {
      'Basic with a domain': ['Basic', Buffer.from('LAB\\eve:hunter2:x').toString('base64')],
      'a bare key': ['hunter2'],
      'a scheme that nobody registered': ['hunter2', 'x'],
      'Basic without a colon': ['Basic', Buffer.from('hunter2').toString('base64')],
      'Digest with a hashed user': ['Digest', 'userhash=true, username="hunter2", response="hunter2"'],
    }
    for (const [name, words] of Object.entries(secrets)) {
      const target = '/a;hunter2/b?pw=hunter2#hunter2'
      const outcome = decoded(httpRequest({ target, headers: { Authorization: words.join(' '), Cookie: 'hunter2' } }))
      expect(outcome.value, name).toHaveLength(1)
      expect(JSON.stringify(outcome), name).not.toContain('hunter2')
      expect(JSON.stringify(outcome), name).not.toContain(Buffer.from('hunter2').toString('base64'))
    }
    const basic = decoded(httpRequest({ headers: { Authorization: secrets['Basic with a domain'].join(' ') } }))
    expect(clientLeg(basic.value).principal).toEqual({ user: 'eve', domain: 'LAB', workstation: '' })
    const key = decoded(httpRequest({ headers: { Authorization: 'hunter2' } }))
    expect(clientLeg(key.value).method).toBe('other')
  })

  it('reads tokens as others write them: folded, without padding, in the alphabet for URLs, of schemes that Windows does not pair so', () => {
    const padded = Buffer.from(Uint8Array.of(...TYPE_1, 0xfb, 0xff)).toString('base64')
    const url = padded.replaceAll('+', '-').replaceAll('/', '_')
    expect(url).not.toBe(padded)
    const spellings = [
      padded,
      padded.replace(/=+$/, ''),
      url,
      url.replace(/=+$/, ''),
      padded.replace(/^(.{9})/, '$1\r\n\t'),
    ]
    for (const token of spellings)
      for (const scheme of ['Negotiate', 'NTLM', 'Kerberos', 'Nego2']) {
        const outcome = decoded(httpRequest({ headers: { Authorization: `${scheme} ${token}` } }))
        expect(outcome.fault, token).toBeNull()
        expect(clientLeg(outcome.value).token, token).toEqual(Uint8Array.of(...TYPE_1, 0xfb, 0xff))
      }
    const long = Uint8Array.from({ length: 65_000 }, (_, at) => at)
    const lines = Buffer.from(long)
      .toString('base64')
      .replace(/(.{1000})/g, '$1\r\n ')
    const request = httpRequest({ headers: { Authorization: `Negotiate ${lines}` } })
    expect(clientLeg(decoded(request).value).token).toEqual(long)
    expect(feed(http, inPieces([['client', request]], 1460)).pdus[0]!.kept).toEqual(request)
  })

  it('takes both offers of one response', () => {
    for (const status of [401, 407]) {
      const { value } = decoded(
        httpResponse({
          status,
          headers: { 'WWW-Authenticate': ['Negotiate', 'NTLM'], 'Proxy-Authenticate': 'Basic realm="x"' },
        }),
      )
      const offers = value![0]!.steps.filter((step) => step.kind === 'offer')
      expect(offers.map(({ slot, methods }) => [slot, methods])).toEqual([
        ['', ['Negotiate', 'NTLM']],
        ['proxy', ['Basic']],
      ])
    }
  })

  it('tells how WS-Management protects its bodies', () => {
    const traffic = (bytes: Uint8Array) =>
      decoded(bytes).value!.flatMap(({ steps }) => steps.filter((step) => step.kind === 'traffic'))
    const post = (type: string, target: string, body = 'x') =>
      httpRequest({
        method: 'POST',
        target,
        headers: { 'Content-Type': type, 'Content-Length': String(body.length) },
        body,
      })
    const sealed = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="x"'
    const soap = 'application/soap+xml;charset=UTF-8'
    expect(traffic(post(sealed, '/wsman'))).toMatchObject([
      { from: 'client', slot: '', protection: 'sealed', how: 'HTTP-SPNEGO-session-encrypted' },
    ])
    expect(traffic(post(soap, '/wsman'))).toMatchObject([{ protection: 'clear', how: null }])
    expect(traffic(post(soap, '/wsman', ''))).toEqual([])
    expect(traffic(post(soap, '/service'))).toEqual([])
    const answer = (type: string) =>
      httpResponse({ headers: { 'Content-Type': type, 'Content-Length': '1' }, body: 'x' })
    expect(traffic(answer(sealed))).toMatchObject([{ from: 'server', protection: 'sealed' }])
    expect(traffic(answer(soap))).toEqual([])
    // a few are kept, of whatever many there are
    const fed = feed(
      http,
      Array.from({ length: 9 }, (): Piece => ['client', post(sealed, '/wsman')]),
    )
    expect(fed.pdus.filter(({ kept }) => kept.length > 0)).toHaveLength(3)
  })

  it('tells all that several lines present, the token last, and that RFC 9110 5.3 allows one', () => {
    const basic = 'Authorization: Basic YTpi\n'
    const token = 'Authorization: NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAA=\n'
    for (const lines of [basic + token, token + basic, basic + token + token]) {
      const { value, fault } = decoded(asBytes(`GET / HTTP/1.1\r\n${lines}\r\n`))
      expect(fault).toEqual({ reason: 'malformed', where: 'authorization' })
      const legs = value!.flatMap(({ steps }) => steps.filter((step) => step.kind === 'leg'))
      expect(legs.map(({ method, principal }) => [method, principal?.user])).toEqual([
        ['Basic', 'a'],
        ['NTLM', undefined],
      ])
    }
  })

  it('takes base64 that is none as a fault, and the leg without a token', () => {
    for (const token of ['TlRM*VNT', 'A', 'TlRMTVNTUAAB====A']) {
      const outcome = decoded(httpRequest({ headers: { Authorization: `Negotiate ${token}` } }))
      expect(outcome.fault?.reason, token).toBe('malformed')
      expect(outcome.fault?.where, token).toMatch(/^authorization/)
      expect(legsOf(outcome.value), token).toEqual([leg('client', { method: 'Negotiate' })])
    }
    const challenge = decoded(httpResponse({ status: 401, headers: { 'WWW-Authenticate': 'NTLM %%%%' } }))
    expect(challenge.fault).toEqual({ reason: 'malformed', where: 'www-authenticate.token68' })
    expect(legsOf(challenge.value)[0]).toMatchObject({ method: 'NTLM', token: null, outcome: 'failure' })
  })

  it('survives cuts: fields as far as the bytes go, and a token under way', () => {
    for (const sample of HTTP_SAMPLES) {
      const head = headBytes(sample)
      const whole = decoded(head).value!
      const startLine = head.indexOf(10)
      cutEverywhere(head, (cut) => {
        const outcome = decoded(cut)
        expect(outcome.fault?.reason).toBe('cut')
        if (cut.length <= startLine) return expect(outcome.value).toBeNull()
        for (const message of outcome.value!) {
          expect(message.type).toBe(whole[0]!.type)
          for (const step of message.steps) {
            if (step.kind === 'offer') expect.fail('an offer that may go on')
            if (step.kind !== 'leg') continue
            const full = legsOf(whole).find((other) => other.slot === step.slot)!
            // less is known, and nothing else
            if (step.method !== null) expect(step.method).toBe(full.method)
            if (step.outcome !== null) expect(step.outcome).toBe(full.outcome)
            if (step.token !== null) expect(full.token!.subarray(0, step.token.length)).toEqual(step.token)
          }
        }
      })
    }
    const refused = asBytes('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authen')
    const steps = decoded(refused).value![0]!.steps
    expect(steps.some((step) => step.kind === 'offer')).toBe(false)
    expect(legsOf(decoded(refused).value)[0]!.outcome).toBeNull()
    const cut = decoded(asBytes('GET / HTTP/1.1\r\nAuthorization: NTLM TlRMTVNTUAABA'))
    expect(clientLeg(cut.value).token).toEqual(TYPE_1.subarray(0, 9))
  })

  it('survives changed bytes', () => {
    for (const sample of HTTP_SAMPLES) {
      changeBytes(headBytes(sample), 500, (changed) => {
        const outcome = decoded(changed)
        expect(outcome.value !== null || outcome.fault !== null).toBe(true)
      })
    }
  })

  it('says what is not HTTP', () => {
    expect(decoded(new Uint8Array(0))).toEqual({ value: null, fault: { reason: 'cut', where: 'start-line' } })
    for (const line of ['hello', 'GET /', 'HTTP/2.0 200 OK', 'HTTP/1.1 20 OK', 'get / HTTP/1.1']) {
      expect(decoded(asBytes(`${line}\r\n\r\n`)), line).toEqual({
        value: null,
        fault: { reason: 'malformed', where: 'start-line' },
      })
    }
  })
})

describe('challenges', () => {
  const schemes = (value: string) => parseChallenges(value, 'x').value.map((challenge) => challenge.scheme)

  it('splits a list with parameters: the example of RFC 9110 11.6.1', () => {
    const { value, fault } = parseChallenges(
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      'x',
    )
    expect(fault).toBeNull()
    expect(value.map(({ scheme, token68, params }) => [scheme, token68, Object.fromEntries(params)])).toEqual([
      ['Basic', null, { realm: 'simple' }],
      ['Newauth', null, { realm: 'apps', type: '1', title: 'Login to "apps"' }],
    ])
  })

  it('tells tokens, parameters and schemes apart', () => {
    expect(parseChallenges('Negotiate YII=, NTLM', 'x').value.map(({ token68 }) => token68)).toEqual(['YII=', null])
    expect(parseChallenges('negotiate YII==', 'x').value[0]).toEqual({
      scheme: 'Negotiate',
      token68: 'YII==',
      params: new Map(),
    })
    expect(schemes('Digest realm = "a, NTLM", nonce=x,NTLM')).toEqual(['Digest', 'NTLM'])
    expect(schemes(',, NTLM ,\t, Basic realm=""')).toEqual(['NTLM', 'Basic'])
    expect(schemes('')).toEqual([])
  })

  it('reads on behind a broken element', () => {
    const { value, fault } = parseChallenges('Digest opaque=, "x", NTLM', 'x')
    expect(value.map(({ scheme }) => scheme)).toEqual(['Digest', 'NTLM'])
    expect(fault).toEqual({ reason: 'malformed', where: 'x' })
    expect(schemes('Basic realm="open, NTLM')).toEqual(['Basic'])
    expect(schemes('a="b\\')).toEqual([])
  })

  it('lists no more than its limit', () => {
    const { value, fault } = parseChallenges('NTLM,'.repeat(CHALLENGES_MAX + 1), 'x')
    expect(value).toHaveLength(CHALLENGES_MAX)
    expect(fault).toEqual({ reason: 'limit', where: 'x' })
    expect(parseChallenges('NTLM,'.repeat(CHALLENGES_MAX), 'x').fault).toBeNull()
  })

  it('credentials are one scheme', () => {
    expect(parseCredentials('Digest a=1, b="2"', 'x').value!.params).toEqual(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    )
    expect(parseCredentials('NTLM AAAA, NTLM', 'x').fault).toEqual({ reason: 'malformed', where: 'x' })
    expect(parseCredentials('"', 'x')).toEqual({ value: null, fault: { reason: 'malformed', where: 'x' } })
  })
})

describe('probe', () => {
  const probe = (text: string, side: Side = 'client') => http.probe(asBytes(text), side)
  const long = `/${'x'.repeat(PROBE_BYTES_MAX)}`
  const mine = [
    'GET / HTTP/1.1\r\nHost: x\r\n',
    'HTTP/1.1 200 OK',
    'HTTP/1.0 407',
    'OPTIONS * HTTP/1.1',
    'PROPFIND /share HTTP/1.1',
    'RPC_IN_DATA /rpc/rpcproxy.dll?x:593 HTTP/1.1',
    'CCM_POST /ccm_system/request HTTP/1.1',
    'M-SEARCH * HTTP/1.1',
    'VERSION-CONTROL /x HTTP/1.1',
    'CONNECT www.example.test:443 HTTP/1.1',
    `CONNECT ${'x'.repeat(PROBE_BYTES_MAX)}:443 HTTP/1.1`,
    `GET ${long}`,
    `GET http:/${long}`,
    `GET ftp:/${long}`,
  ]
  const other = [
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/2 200',
    'HTTPS/1.1 200',
    'get / HTTP/1.1',
    'GE / HTTP/1.1',
    'G E',
    `${'A'.repeat(21)} / HTTP/1.1`,
    'EHLO mail.example.test\r\n',
    'USER anonymous\r\n',
    'RETR /pub/file\r\n',
    'OPTIONS rtsp://cam/1 RTSP/1.0',
    'INVITE sip:a@b SIP/2.0',
    'GET  / HTTP/1.1',
    `AUTH ${'x'.repeat(PROBE_BYTES_MAX)}`,
    '\r\nGET / HTTP/1.1',
    '\x16\x03\x01\x00\xc4\x01',
    '\x00\x00\x00\x85\xfeSMB',
    'NTLMSSP\0',
  ]

  it('knows its own, on either side', () => {
    for (const text of mine) {
      expect(probe(text), text).toBe('mine')
      expect(probe(text, 'server'), text).toBe('mine')
    }
  })

  it('refuses others', () => {
    for (const text of other) expect(probe(text), text).toBe('other')
  })

  it("asks for more as long as nothing contradicts, and never beyond the probe's bytes", () => {
    for (const text of mine) {
      for (let length = 0; length <= text.length; length++) {
        const answer = probe(text.slice(0, length))
        expect(answer, text.slice(0, length)).not.toBe('other')
        if (length >= PROBE_BYTES_MAX) expect(answer).toBe('mine')
      }
    }
    for (const text of other) {
      // once refused, refused with every further byte
      let refused = false
      for (let length = 0; length <= text.length; length++) {
        const answer = probe(text.slice(0, length))
        expect(answer, text.slice(0, length)).not.toBe('mine')
        if (refused) expect(answer).toBe('other')
        refused ||= answer === 'other'
      }
    }
  })
})

const HOST = { Host: 'www.example.test' }
const NTLM_1 = { ...HOST, Authorization: schemeWithToken('NTLM', TYPE_1) }
const NTLM_3 = { ...HOST, Authorization: schemeWithToken('NTLM', TYPE_3) }

/** One message of a conversation; `lengths` where it is more than one PDU. */
interface Said {
  readonly side: Side
  readonly bytes: Uint8Array
  readonly keptHead: boolean
  readonly lengths: readonly number[]
}

function said(
  side: Side,
  bytes: Uint8Array,
  kept: 'head' | 'nothing',
  lengths: readonly number[] = [bytes.length],
): Said {
  return { side, bytes, keptHead: kept === 'head', lengths }
}

const headLength = (bytes: Uint8Array) => latin1(bytes).indexOf('\r\n\r\n') + 4
const chunkedHead = (status: number) =>
  httpResponse({ status, headers: { 'transfer-ENCODING': 'gzip, Chunked', 'Content-Length': '7' } })
const withBlankLine = joined(httpRequest({ method: 'POST', headers: HOST, body: 'a=b' }), asBytes('\r\n'))

/** Conversations whose PDUs must not depend on how they are cut. */
const CONVERSATIONS: Readonly<Record<string, readonly Said[]>> = {
  'NTLM on one connection': [
    said('client', httpRequest({ headers: HOST }), 'nothing'),
    said(
      'server',
      httpResponse({ status: 401, headers: { 'WWW-Authenticate': ['Negotiate', 'NTLM'] }, body: '<h1>who?</h1>' }),
      'head',
    ),
    said('client', httpRequest({ headers: NTLM_1 }), 'head'),
    said(
      'server',
      httpResponse({
        status: 401,
        headers: { 'WWW-Authenticate': schemeWithToken('NTLM', TYPE_2), 'Content-Length': '0' },
      }),
      'head',
    ),
    said('client', httpRequest({ method: 'POST', headers: NTLM_3, body: 'a=b' }), 'head'),
    said('server', httpResponse({ status: 100, reason: 'Continue' }), 'nothing'),
    said('server', httpResponse({ body: 'hello' }), 'head'),
    said('client', httpRequest({ headers: HOST }), 'nothing'),
    said('server', httpResponse({ body: 'hello' }), 'nothing'),
  ],
  'chunks of odd sizes': [
    said('server', joined(chunkedHead(401), chunkedBody('x'.repeat(300), [1, 15, 16, 255])), 'head', [
      chunkedHead(401).length,
      6,
      20,
      22,
      261,
      18,
      5,
    ]),
    said('server', joined(chunkedHead(200), chunkedBody('hello', [5], ';a="b;c"', 'X: 1\r\nY: 2\r\n')), 'nothing', [
      chunkedHead(200).length,
      18,
      25,
    ]),
    said('server', joined(chunkedHead(500), chunkedBody('', [1])), 'nothing', [chunkedHead(500).length, 5]),
    said('server', httpResponse({ status: 204 }), 'nothing'),
  ],
  'pipelined requests, a chunked one among them': [
    said('client', httpRequest({ headers: HOST }), 'nothing'),
    said('client', httpRequest({ method: 'PROPFIND', target: '/a', headers: NTLM_1, body: '<xml/>' }), 'head'),
    said(
      'client',
      joined(
        httpRequest({ method: 'PUT', headers: { ...NTLM_3, 'Transfer-Encoding': 'chunked' } }),
        asBytes('00A \r\n0123456789\r\n000\r\n\r\n'),
      ),
      'head',
      [httpRequest({ method: 'PUT', headers: { ...NTLM_3, 'Transfer-Encoding': 'chunked' } }).length, 18, 7],
    ),
    said('client', withBlankLine, 'nothing', [withBlankLine.length - 2, 2]),
    said('client', httpRequest({ method: 'OPTIONS', target: '*', headers: HOST }), 'nothing'),
    said('server', httpResponse({ body: 'x' }), 'nothing'),
  ],
  'responses without a body': [
    said('client', httpRequest({ method: 'HEAD', headers: HOST }), 'nothing'),
    said('server', httpResponse({ headers: { 'Content-Length': '1000' } }), 'nothing'),
    said('client', httpRequest({ method: 'HEAD', headers: NTLM_3 }), 'head'),
    said('server', httpResponse({ headers: { 'Transfer-Encoding': 'chunked' } }), 'head'),
    said('client', httpRequest({ headers: { ...HOST, 'If-None-Match': '"x"' } }), 'nothing'),
    said('server', httpResponse({ status: 304, headers: { 'Content-Length': '1000' } }), 'nothing'),
    said('server', httpResponse({ status: 102, headers: { 'WWW-Authenticate': 'NTLM' } }), 'nothing'),
    said(
      'server',
      httpResponse({ status: 200, headers: { 'Persistent-Auth': 'true', 'Content-Length': '0' } }),
      'head',
    ),
  ],
  'a proxy that asks': [
    said('client', httpRequest({ method: 'CONNECT', target: 'x:443', headers: HOST }), 'head'),
    said('server', httpResponse({ status: 407, headers: { 'Proxy-Authenticate': 'NTLM' }, body: 'no' }), 'head'),
    said(
      'client',
      httpRequest({ method: 'CONNECT', target: 'x:443', headers: { 'proxy-authorization': 'NTLM AAAA' } }),
      'head',
    ),
    // the length of a body that cannot be there
    said('server', httpResponse({ status: 200, headers: { 'Content-Length': '9' } }), 'head'),
  ],
  'bare line feeds': [
    said('client', asBytes('GET / HTTP/1.0\nHost: x\n\n'), 'nothing'),
    said('client', asBytes('PUT / HTTP/1.0\nContent-Length:3\n\nabc'), 'nothing'),
    said('server', asBytes('HTTP/1.1 200\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n'), 'nothing', [41, 6, 3]),
  ],
}

describe('frame', () => {
  for (const [name, conversation] of Object.entries(CONVERSATIONS)) {
    const pieces = conversation.map(({ side, bytes }): Piece => [side, bytes])
    const wanted = conversation.flatMap(({ side, bytes, keptHead, lengths }) =>
      lengths.map((length, i) => ({
        side,
        length,
        more: i < lengths.length - 1 && bytes !== withBlankLine ? ('unwanted' as const) : false,
        kept: i === 0 && keptHead ? bytes.subarray(0, headLength(bytes)) : new Uint8Array(0),
      })),
    )
    const expectPdus = (fed: Fed) => {
      expect(fed.pdus).toEqual(wanted)
      expect(fed.lostAt).toEqual({ client: null, server: null })
      expect(fed.leftBytes).toBe(0)
    }
    it(`${name}: whole`, () => expectPdus(feed(http, pieces)))
    it(`${name}: byte by byte, and in small pieces`, () => {
      for (const size of [1, 2, 3, 7, 64]) expectPdus(feed(http, inPieces(pieces, size)))
    })
    it(`${name}: cut at every byte`, () => {
      pieces.forEach(([, bytes], index) => {
        for (let at = 1; at < bytes.length; at++) expectPdus(feed(http, cutPiece(pieces, index, at)))
      })
    })
  }

  it('gives back what follows CONNECT and 101', () => {
    const hello = Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 0)
    const inside = httpRequest()
    for (const [first, answer] of [
      [
        httpRequest({ method: 'CONNECT', target: 'x:443' }),
        httpResponse({ status: 200, reason: 'Connection established' }),
      ],
      [httpRequest({ headers: { Upgrade: 'x', Connection: 'Upgrade' } }), httpResponse({ status: 101 })],
    ] as const) {
      for (const tunnelled of [hello, inside, asBytes('S')]) {
        const fed = feed(http, [
          ['client', first],
          ['server', answer],
          ['client', tunnelled],
          ['server', tunnelled],
        ])
        expect(fed.pdus.map(({ length }) => length)).toEqual([first.length, answer.length])
        expect(fed.overAt).toEqual({ client: first.length, server: answer.length })
      }
    }
    // a refused CONNECT is no tunnel, and a 200 to anything else neither
    const refused = httpResponse({ status: 502, body: 'x' })
    const fed = feed(http, [
      ['client', httpRequest({ method: 'CONNECT', target: 'x:443' })],
      ['server', refused],
      ['client', inside],
      ['server', httpResponse({ body: 'x' })],
      ['client', inside],
    ])
    expect(fed.pdus).toHaveLength(5)
    expect(fed.lostAt).toEqual({ client: null, server: null })
    expect(fed.overAt).toEqual({ client: null, server: null })
    // one direction is enough: who asked for a tunnel and speaks otherwise, a success with neither type nor length
    const asked = httpRequest({ method: 'CONNECT', target: 'x:443' })
    expect(feed(http, [['client', joined(asked, hello)]]).overAt.client).toBe(asked.length)
    const answered = httpResponse({ reason: 'Connection established', headers: { Via: '1.1 x' } })
    expect(feed(http, [['server', joined(answered, hello)]]).overAt.server).toBe(answered.length)
    const page = httpResponse({ headers: { 'Content-Type': 'text/html' } })
    expect(feed(http, [['server', joined(page, hello)]]).pdus[0]!.length).toBe(UNTIL_CLOSE)
  })

  it('tells the answer to a HEAD that was not seen from a body, wherever segments end', () => {
    const length = { 'Content-Length': '4', 'WWW-Authenticate': 'NTLM' }
    const head = httpResponse({ status: 401, headers: length })
    for (const [body, lengths] of [
      ['', [head.length, head.length, head.length]],
      ['HTTQ', [head.length + 4, head.length + 4, head.length + 4]],
    ] as const) {
      const one = joined(head, asBytes(body))
      const all = joined(one, one, one)
      const whole = feed(http, [['server', all]])
      expect(whole.pdus.slice(0, 2).map((pdu) => pdu.length)).toEqual(lengths.slice(0, 2))
      for (let at = 1; at < all.length; at++) {
        const fed = feed(http, cutPiece([['server', all]], 0, at))
        expect(fed.lostAt.server, `${body} cut at ${at}`).toBeNull()
        expect(fed.leftBytes).toBe(0)
        expect(fed.pdus.filter(({ kept }) => kept.length > 0)).toHaveLength(3)
      }
      const tiny = feed(http, inPieces([['server', all]], 1))
      expect(tiny.pdus.filter(({ kept }) => kept.length > 0)).toHaveLength(3)
      expect(tiny.leftBytes).toBe(0)
    }
  })

  it('gives the channels of RPC over HTTP back behind their heads, and does not wait for their bodies', () => {
    const channel = { ...NTLM_3, 'Content-Length': '1073741824' }
    const rts = Uint8Array.of(5, 0, 20, 3, 16, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    const target = '/rpc/rpcproxy.dll?mail1:6001'
    const into = httpRequest({ method: 'RPC_IN_DATA', target, headers: channel })
    const fed = feed(http, [
      ['client', into],
      ['client', rts],
    ])
    expect(fed.pdus.map(({ kept }) => kept.length)).toEqual([into.length])
    expect(fed.lostAt.client).toBe(into.length)

    const out = httpRequest({ method: 'RPC_OUT_DATA', target, headers: NTLM_3, body: 'x'.repeat(76) })
    const answer = httpResponse({ headers: { 'Content-Length': '1073741824' } })
    const other = feed(http, [
      ['client', out],
      ['server', answer],
      ['server', rts],
    ])
    expect(other.pdus.map(({ kept }) => kept.length > 0)).toEqual([true, true])
    expect(other.lostAt.server).toBe(answer.length)

    // a request that only carries a token is none, nor is a long answer to anything else
    const probe = httpRequest({ method: 'RPC_IN_DATA', target, headers: { ...NTLM_1, 'Content-Length': '0' } })
    const refused = httpResponse({ status: 401, headers: { 'WWW-Authenticate': 'NTLM', 'Content-Length': '0' } })
    const plain = feed(http, [
      ['client', probe],
      ['server', refused],
      ['client', httpRequest()],
      ['server', answer],
    ])
    expect(plain.lostAt).toEqual({ client: null, server: null })
  })

  it('answers pipelined requests one by one', () => {
    const head = httpRequest({ method: 'HEAD', headers: NTLM_1 })
    const get = httpRequest({ headers: HOST })
    const short = httpResponse({ body: 'hello' })
    const empty = httpResponse({ headers: { 'Content-Length': '5' } })
    const talks: Piece[][] = [
      [
        ['client', joined(get, head, get, head)],
        ['server', joined(short, empty, short, empty)],
      ],
      [
        ['client', joined(get, head)],
        ['server', short],
        ['client', joined(get, head)],
        ['server', joined(empty, short)],
        ['client', get],
        ['server', joined(empty, short)],
      ],
      // a hundred requests, two at a time
      Array.from({ length: 50 }, (): Piece[] => [
        ['client', joined(get, head)],
        ['server', joined(short, empty)],
      ]).flat(),
    ]
    for (const pieces of talks) {
      const fed = feed(http, pieces)
      const answers = fed.pdus.filter(({ side }) => side === 'server')
      expect(fed.lostAt).toEqual({ client: null, server: null })
      expect(answers.length).toBe(fed.pdus.length / 2)
      // the answers to credentials, and no others
      for (const { length, kept } of answers) expect(kept.length > 0).toBe(length === empty.length)
    }
  })

  it('a hole leaves nothing that would put answers and requests out of step', () => {
    const { resumed } = http
    const out = { length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 }
    const client = { ...out }
    const server = { ...out }
    const ask = (bytes: Uint8Array) => {
      client.peerState = server.state
      expect(http.frame(bytes, 'client', client)).toBe('ready')
    }
    const answer = (bytes: Uint8Array) => {
      server.peerState = client.state
      expect(http.frame(bytes, 'server', server)).toBe('ready')
    }
    ask(httpRequest({ method: 'HEAD' }))
    // its answer is lost
    server.state = resumed!(server.state)
    ask(httpRequest({ headers: NTLM_1 }))
    answer(httpResponse({ body: 'hello' }))
    expect(server.length).toBe(httpResponse({ body: 'hello' }).length)
    expect(server.keep).toBeGreaterThan(0)
    // a request is lost
    client.state = resumed!(client.state)
    answer(joined(httpResponse({ body: 'hello' })))
    ask(httpRequest({ method: 'HEAD' }))
    answer(httpResponse({ headers: { 'Content-Length': '5' } }))
    expect(server.length).toBe(httpResponse({ headers: { 'Content-Length': '5' } }).length)
    // a hole behind CONNECT is a hole in the tunnel
    ask(httpRequest({ method: 'CONNECT', target: 'x:1' }))
    client.state = resumed!(client.state)
    expect(http.frame(Uint8Array.of(22, 3, 1, 0, 4, 1), 'client', client)).toBe('tunnel')
  })

  it('a body that was asked for leave is there, or is left out when it is refused at once', () => {
    const headers = { ...NTLM_1, Expect: '100-continue', 'Content-Length': '4' }
    const put = httpRequest({ method: 'PUT', headers })
    const again = httpRequest({ method: 'PUT', headers: NTLM_3, body: 'GET ' })
    const refused = httpResponse({ status: 401, headers: { 'WWW-Authenticate': 'NTLM', 'Content-Length': '0' } })
    const leave = httpResponse({ status: 100, reason: 'Continue' })
    const body = asBytes('GET ')
    const talks: [string, Piece[], number][] = [
      [
        'left out',
        [
          ['client', put],
          ['server', refused],
          ['client', again],
        ],
        2,
      ],
      [
        'sent with leave',
        [
          ['client', put],
          ['server', leave],
          ['client', joined(body, again)],
        ],
        3,
      ],
      [
        'sent without it',
        [
          ['client', joined(put, body)],
          ['server', refused],
          ['client', again],
        ],
        3,
      ],
      [
        'not all of it',
        [
          ['client', joined(put, body.subarray(0, 1))],
          ['server', refused],
          ['client', body.subarray(1)],
          ['client', again],
        ],
        3,
      ],
    ]
    for (const [name, pieces, count] of talks) {
      const fed = feed(http, pieces)
      const sent = fed.pdus.filter(({ side }) => side === 'client')
      expect(
        sent.map(({ kept }) => kept.length > 0),
        name,
      ).toEqual(count === 2 ? [true, true] : [true, false, true])
      expect(fed.lostAt, name).toEqual({ client: null, server: null })
      expect(fed.leftBytes, name).toBe(0)
      // the body ends the message of its head
      expect(sent[0]!.more).toBe('unwanted')
    }
    const cutting = talks[0]![1]
    for (let at = 1; at < again.length; at++) {
      const sent = feed(http, cutPiece(cutting, 2, at)).pdus.filter(({ side }) => side === 'client')
      expect(
        sent.map(({ kept }) => kept.length > 0),
        `cut at ${at}`,
      ).toEqual([true, true])
    }
  })

  it('a body of 50 MB costs no buffer', () => {
    const megabyte = new Uint8Array(1 << 20)
    const response = httpResponse({ headers: { 'Content-Length': String(50 << 20) } })
    const chunk = asBytes(`${(50 << 20).toString(16)}\r\n`)
    const conversations: Piece[][] = [
      [['server', response]],
      [
        ['server', chunkedHead(200)],
        ['server', chunk],
      ],
      [['server', httpResponse({ version: 'HTTP/1.0', headers: { 'Content-Type': 'text/plain' } })]],
    ]
    for (const pieces of conversations) {
      for (let i = 0; i < 50; i++) pieces.push(['server', megabyte])
      let held = 0
      let framed = 0
      const measured = {
        ...http,
        frame: (...given: Parameters<typeof http.frame>) => {
          framed++
          const answer = http.frame(...given)
          if (answer === 'more') held = Math.max(held, given[0].length)
          return answer
        },
      }
      const fed = feed(measured, pieces)
      expect(fed.pdus.at(-1)!.kept).toHaveLength(0)
      expect(fed.lostAt.server).toBeNull()
      expect(fed.heldBytesMax).toBeLessThan(1000)
      expect(held).toBe(0)
      expect(framed).toBeLessThanOrEqual(2)
    }
  })

  it('a response without a length lasts until the connection closes', () => {
    const response = httpResponse({ status: 401, version: 'HTTP/1.0', headers: { 'WWW-Authenticate': 'NTLM' } })
    const fed = feed(http, [['server', joined(response, httpResponse())]])
    expect(fed.pdus).toEqual([{ side: 'server', length: UNTIL_CLOSE, kept: response, more: false }])
  })

  it('takes a Content-Length that is none for no length', () => {
    for (const length of ['', 'x', '1x', '-1', '1, 1', '1 1', '0x10', '1'.repeat(16)]) {
      const request = httpRequest({ headers: { 'Content-Length': length } })
      expect(feed(http, [['client', joined(request, request)]]).pdus, length).toHaveLength(2)
    }
    const spaces = asBytes('POST / HTTP/1.1\r\nContent-Length: \t2 \t\r\n\r\nok')
    expect(feed(http, [['client', spaces]]).pdus.map(({ length }) => length)).toEqual([spaces.length])
  })

  it('is lost where no message starts, as soon as that is sure', () => {
    const lines = [
      'hello',
      'GET / HTTP/2.0\r\n',
      'GET /\r\n',
      '\x16\x03\x01',
      'HTTP/1.1 20x OK\r\n\r\n',
      'HTTP/1.1 2000 OK\r\n\r\n',
    ]
    for (const line of lines) expect(feed(http, [['client', asBytes(line)]]).lostAt.client, line).toBe(0)
    // after the bodies whose ends were believed
    const response = joined(httpResponse({ body: 'x' }), asBytes('garbage'))
    expect(feed(http, [['server', response]]).lostAt.server).toBe(response.length - 7)
    // among chunks
    for (const line of ['x', ';a\r\n', '12x\r\n', '1234567890123\r\n', '-1\r\n']) {
      const fed = feed(http, [['server', joined(chunkedHead(200), asBytes(line))]])
      expect(fed.lostAt.server, line).toBe(chunkedHead(200).length)
    }
    expect(feed(http, [['client', asBytes('\rGET / HTTP/1.1')]]).lostAt.client).toBe(0)
  })

  it('begins with a head again once it was lost among chunks', () => {
    const out = { length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 }
    http.frame(chunkedHead(200), 'server', out)
    expect(http.frame(httpResponse(), 'server', out)).toBe('lost')
    expect(http.frame(httpResponse({ status: 204 }), 'server', out)).toBe('ready')
  })

  it('never waits beyond the longest head', () => {
    const full = (start: string, end: string) =>
      asBytes(start + 'a'.repeat(FRAME_BYTES_MAX - start.length - end.length) + end)
    const longest = full('GET / HTTP/1.1\r\nAuthorization: NTLM ', '\r\n\r\n')
    expect(longest).toHaveLength(FRAME_BYTES_MAX)
    expect(feed(http, inPieces([['client', longest]], 1460)).pdus).toEqual([
      { side: 'client', length: FRAME_BYTES_MAX, kept: longest, more: false },
    ])
    const tooLong = joined(longest.subarray(0, -4), asBytes('a\r\n\r\n'))
    const endless = ['GET /', 'GET / HTTP/1.1\r\nX: '].map((start) => full(start, ''))
    for (const head of [tooLong, ...endless]) {
      expect(feed(http, inPieces([['client', head]], 1460)).lostAt.client).toBe(0)
      expect(feed(http, [['client', head]]).lostAt.client).toBe(0)
    }
    for (const start of ['1;', '0;', '0\r\nX: ']) {
      const fed = feed(http, [
        ['server', chunkedHead(200)],
        ['server', full(start, '')],
      ])
      expect(fed.lostAt.server, start).toBe(chunkedHead(200).length)
    }
  })

  it('goes on with its search where it stopped', () => {
    // 128 KiB in single bytes: a search from the start each time would look at 8 GB
    const out = { length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 }
    const lines = asBytes(`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(20_000)}`)
    const start = performance.now()
    let waited = 0
    for (let length = 1; length <= lines.length; length++) {
      if (http.frame(lines.subarray(0, length), 'client', out) === 'more') waited++
    }
    expect(waited).toBe(lines.length)
    expect(out.scanned).toBe(lines.length)
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('survives changed bytes, with progress at every step', () => {
    for (const conversation of Object.values(CONVERSATIONS)) {
      conversation.forEach(({ side, bytes }, index) => {
        changeBytes(bytes, 100, (changed) => {
          const pieces = conversation.map((message, i): Piece => [message.side, i === index ? changed : message.bytes])
          // feed itself refuses lengths and keeps that make no sense
          const fed = feed(http, pieces)
          for (const pdu of fed.pdus) http.decode(pdu.kept, side)
        })
      })
    }
  })
})

function legsOf(messages: readonly CarrierMessage[] | null): LegStep[] {
  return messages!.flatMap((message) => message.steps).filter((step) => step.kind === 'leg')
}

function clientLeg(messages: readonly CarrierMessage[] | null): LegStep {
  return legsOf(messages).find((step) => step.from === 'client')!
}
