/**
 * The XMPP carrier: SASL on the stream between a client and its server.
 *
 * Specification: RFC 6120 4 (streams), 5 (STARTTLS), 6 (SASL; the names of its failures 6.5). A stream is one endless
 * XML document: a PDU here is what ends with the next `>`, and the elements of SASL and the features are kept to their
 * end tag. Messages, presence and everything else is passed over. What STARTTLS or a security layer begins is given
 * back (`lost`) at its first byte. Of what a client sends only GSS and NTLM tokens and user names are told. Values are
 * fresh copies.
 */
import {
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  FRAME_BYTES_MAX,
  type Framing,
  type LegStep,
  type Side,
} from '../carrier.ts'
import { failed, type Outcome, read } from '../outcome.ts'
import { letters } from '../parts/byte-class.ts'
import { ascii, matching } from '../parts/lines.ts'
import { saslChallenge, saslLine, saslMethod, secrecyOf, typedPrincipal } from '../parts/sasl.ts'
import { latin1 } from '../parts/text.ts'

/** Elements that are kept; where one stands in this list is what a half remembers of it. */
const NAMES = ['auth', 'challenge', 'response', 'success', 'failure', 'stream:features', 'starttls'] as const
type Name = (typeof NAMES)[number]

const STARTS = NAMES.map((name) => ascii(`<${name}`))
const ENDS = NAMES.map((name) => ascii(`</${name}>`))
const SASL = NAMES.filter((name) => name !== 'stream:features' && name !== 'starttls')

export const xmpp: Carrier = {
  name: 'xmpp',
  transport: 'tcp',
  ports: [5222, 5269],
  // `<?xm`, `<str`, and the first letters of the elements of SASL
  begins: [[0x3c, letters('?sacrf'), letters('xtuhea'), letters('mrtasci')]],
  probe,
  frame,
  decode,
}

/** A stream begins, perhaps behind an XML declaration; or an element of SASL by its namespace. */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  const declared = matching(head, 0, DECLARATION)
  if (declared === DECLARATION.length) {
    const end = head.indexOf(GREATER)
    if (end < 0) return head.length < DECLARATION_BYTES_MAX && isPrintable(head) ? 'more' : 'other'
    let at = end + 1
    while (at < head.length && isBlank(head[at]!)) at++
    return stream(head, at)
  }
  if (declared === head.length) return 'more'
  for (const name of SASL) {
    const start = STARTS[NAMES.indexOf(name)]!
    const same = matching(head, 0, start)
    if (same === head.length) return 'more'
    if (same < start.length) continue
    if (head[same] !== SP) continue
    if (holds(head, NAMESPACE)) return 'mine'
    return head.indexOf(GREATER) < 0 && head.length < PROBED_BYTES && isPrintable(head) ? 'more' : 'other'
  }
  return stream(head, 0)
}

function stream(head: Uint8Array, at: number): 'mine' | 'other' | 'more' {
  const same = matching(head, at, STREAM)
  if (same === head.length - at && same < STREAM.length) return 'more'
  return same === STREAM.length ? 'mine' : 'other'
}

function holds(head: Uint8Array, text: Uint8Array): boolean {
  for (let at = head.indexOf(text[0]!); at >= 0; at = head.indexOf(text[0]!, at + 1))
    if (matching(head, at, text) === text.length) return true
  return false
}

const DECLARATION = ascii('<?xml ')
const STREAM = ascii('<stream:stream')
/** that of SASL, as far as a probe sees it behind the longest name of a mechanism */
const NAMESPACE = ascii('urn:ietf:params:xml:ns:xmpp-')
const DECLARATION_BYTES_MAX = 48
const PROBED_BYTES = 64

/** `Framing.state` of a half: the element that goes on, counted from 1; 0: none. */
function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  if (head.length === 0) return 'more'
  if (out.state === 0 && !isText(head[0]!)) return 'lost'
  const end = head.indexOf(GREATER, out.scanned)
  out.scanned = head.length
  if (end < 0) return head.length < FRAME_BYTES_MAX ? 'more' : 'lost'
  out.length = end + 1
  if (out.state === 0) frameTag(head, end, out)
  else framePart(head, end, out)
  return 'ready'
}

function frameTag(head: Uint8Array, end: number, out: Framing): void {
  let at = 0
  while (at < end && isBlank(head[at]!)) at++
  for (let index = 0; index < STARTS.length; index++) {
    const start = STARTS[index]!
    if (matching(head, at, start) < start.length || !endsName(head[at + start.length]!)) continue
    out.keep = out.length
    if (head[end - 1] === SLASH) return
    out.state = index + 1
    out.more = true
    return
  }
}

/** Text and the tag behind it, inside an element that is kept. */
function framePart(head: Uint8Array, end: number, out: Framing): void {
  out.keep = out.length
  const close = ENDS[out.state - 1]!
  const from = end + 1 - close.length
  if (from >= 0 && matching(head, from, close) === close.length) out.state = 0
  else out.more = true
}

function endsName(byte: number): boolean {
  return isBlank(byte) || byte === SLASH || byte === GREATER
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const COMMON = { protocol: 'xmpp', service: 'xmpp' } as const

/*
 * S: <stream:features> <mechanisms> <mechanism>NTLM</mechanism> ...   C: <auth mechanism='NTLM'>base64 or `=`</auth>
 * S: <challenge>base64</challenge>                                    C: <response>base64</response>
 * S: <success>base64</success> or <failure><not-authorized/></failure>
 */
function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const text = latin1(pdu)
  const tag = /^\s*<([a-z:]+)((?:\s[^>]*)?)>/.exec(text)
  if (tag === null) return text.includes('>') ? failed('malformed', 'element') : failed('cut', 'element')
  const name = NAMES.find((known) => known === tag[1])
  if (name === undefined) return failed('malformed', 'element')
  const isWhole = tag[2]!.endsWith('/') || text.endsWith(`</${name}>`)
  const message = messageOf(name, tag[2]!, text.slice(tag[0].length))
  return read(message === null ? [] : [message], isWhole ? null : { reason: 'cut', where: name })
}

function messageOf(name: Name, attributes: string, rest: string): CarrierMessage | null {
  const content = /^[^<]*/.exec(rest)![0].trim()
  switch (name) {
    case 'stream:features':
      return offer(rest)
    case 'starttls':
      // also one of the features, where it stands inside of them
      return { ...COMMON, type: 'starttls', from: 'client', fields: {}, steps: [STARTTLS] }
    case 'auth':
      return auth(/\smechanism\s*=\s*["']([^"']{1,64})["']/.exec(attributes)?.[1] ?? '', content)
    case 'challenge':
      return server(name, { token: saslChallenge(content), outcome: 'continue' })
    case 'success':
      return server(name, { token: saslChallenge(content), outcome: 'success', status: status('success') })
    case 'failure':
      return server(name, { outcome: 'failure', status: status(/^\s*<([a-z-]{1,40})/.exec(rest)?.[1] ?? 'failure') })
    case 'response': {
      const { token, user } = saslLine(content)
      if (token !== null) return client(name, null, { token })
      return user?.method === 'PLAIN' ? client(name, null, { principal: typedPrincipal(user.name) }) : null
    }
  }
}

const STARTTLS = { kind: 'facts', facts: { service: 'xmpp' } } as const
/** Servers list some ten. */
const OFFERS_MAX = 32

function offer(features: string): CarrierMessage | null {
  const names = [...features.matchAll(/<mechanism(?:\s[^>]*)?>\s*([A-Za-z0-9_-]{1,20})\s*<\/mechanism>/g)]
  const methods = [...new Set(names.map(([, name]) => name!.toUpperCase()))].slice(0, OFFERS_MAX)
  if (methods.length === 0) return null
  const step = { kind: 'offer', methods, token: null, slot: '' } as const
  return { ...COMMON, type: 'features', from: 'server', fields: { offers: methods }, steps: [step] }
}

function auth(mechanism: string, content: string): CarrierMessage {
  const method = saslMethod(mechanism)
  const { token, user } = saslLine(content)
  return client('auth', mechanism === '' ? null : method, {
    direct: method === 'NTLM',
    token: secrecyOf(mechanism) === 'tokens' ? token : null,
    principal: user !== null && user.method === 'PLAIN' && method === 'PLAIN' ? typedPrincipal(user.name) : null,
  })
}

function client(type: string, method: string | null, leg: Partial<LegStep>): CarrierMessage {
  const fields = method === null ? null : { mechanism: method }
  return { ...COMMON, type, from: 'client', fields, steps: [{ ...EMPTY_LEG, from: 'client', method, ...leg }] }
}

function server(type: string, leg: Partial<LegStep>): CarrierMessage {
  const fields = leg.status == null ? null : { status: leg.status.name }
  return { ...COMMON, type, from: 'server', fields, steps: [{ ...EMPTY_LEG, from: 'server', ...leg }] }
}

function status(name: string) {
  return { code: 0, name, detail: null }
}

function isText(byte: number): boolean {
  return byte === LESS || isBlank(byte) || (byte > SP && byte !== DEL)
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === LF || byte === CR || byte === TAB
}

function isPrintable(head: Uint8Array): boolean {
  for (let at = 0; at < head.length; at++) if (!isText(head[at]!)) return false
  return true
}

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const SLASH = 0x2f
const LESS = 0x3c
const GREATER = 0x3e
const DEL = 0x7f
