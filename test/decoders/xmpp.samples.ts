/** XMPP streams: SASL with NTLM, Kerberos and passwords, STARTTLS. */
import { xmpp } from '../../decoders/carriers/xmpp.ts'
import type { Piece } from '../builders/feed.ts'
import { base64, type FurtherSample, kerberosFor, type Miss, NTLM_1, NTLM_2, NTLM_3 } from './further.samples.ts'

const SECRET = 'Sesame-open-7'
const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
const kerberos = kerberosFor('xmpp/im1.corp.example')

/** `C: ` and `S: ` elements, as they stand in the stream: nothing ends a line. */
function elements(...talk: readonly string[]): Piece[] {
  return talk.map((element) => [
    element.startsWith('C') ? 'client' : 'server',
    Uint8Array.from(Buffer.from(element.slice(3), 'utf8')),
  ])
}

const begin = (side: 'C' | 'S', what: string) =>
  `${side}: <?xml version='1.0'?><stream:stream ${what} xmlns='jabber:client' ` +
  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
const OPENED = begin('C', "to='corp.example'")
const features = (...mechanisms: readonly string[]) =>
  `${begin('S', "from='corp.example' id='1'")}<stream:features><mechanisms ${SASL}>` +
  `${mechanisms.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms></stream:features>`

export const XMPP_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'XMPP, NTLM by its name',
    carrier: xmpp,
    port: 5222,
    tshark: { layer: 'xmpp', tokens: false },
    talk: elements(
      OPENED,
      features('GSSAPI', 'NTLM', 'PLAIN'),
      `C: <auth ${SASL} mechanism='NTLM'>${base64(NTLM_1)}</auth>`,
      `S: <challenge ${SASL}>${base64(NTLM_2)}</challenge>`,
      `C: <response ${SASL}>${base64(NTLM_3)}</response>`,
      `S: <success ${SASL}/>`,
      "C: <message to='bob@corp.example'><body>a &gt; b \u00fc</body></message>",
    ),
    says: [
      'offer GSSAPI NTLM PLAIN',
      'client NTLM direct token 1',
      'server continue token 2',
      'client token 3',
      'server success success',
    ],
    exchanges: [
      {
        service: 'xmpp',
        carrier: 'xmpp',
        mechanism: 'ntlm',
        result: 'success',
        principal: { user: 'alice', domain: 'CORP' },
      },
    ],
  },
  {
    name: 'XMPP, Kerberos that is refused, then a password',
    carrier: xmpp,
    port: 5222,
    tshark: { layer: 'xmpp', tokens: false },
    talk: elements(
      OPENED,
      features('GSSAPI', 'PLAIN'),
      `C: <auth ${SASL} mechanism='GSSAPI'>${base64(kerberos.request)}</auth>`,
      `S: <failure ${SASL}><not-authorized/></failure>`,
      `C: <auth ${SASL} mechanism='PLAIN'>${base64(Buffer.from(`\0CORP\\alice\0${SECRET}`))}</auth>`,
      `S: <success ${SASL}></success>`,
    ),
    says: [
      'offer GSSAPI PLAIN',
      'client GSSAPI token 96',
      'server failure not-authorized',
      'client PLAIN user CORP alice',
      'server success success',
    ],
    exchanges: [
      { mechanism: 'kerberos', result: 'failure', target: { spn: 'xmpp/im1.corp.example' } },
      { mechanism: 'plain', result: 'success', principal: { user: 'alice', domain: 'CORP' } },
    ],
    secret: SECRET,
  },
]

const text = (value: string) => Uint8Array.from(Buffer.from(value, 'latin1'))

export const XMPP_MISSES: readonly Miss[] = [
  ['another document', xmpp, text("<?xml version='1.0'?><rss version='2.0'>")],
  ['an element of the same name', xmpp, text("<auth mechanism='NTLM'>TlRMTVNTUAABAAAA</auth>")],
  ['a page', xmpp, text('<html><body>')],
  ['a stream without logons', xmpp, text('<stream:stream to="a"><message>hello</message>')],
]
