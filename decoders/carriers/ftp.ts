/**
 * The FTP carrier: the control connection, where GSSAPI and passwords log on.
 *
 * Specification: RFC 959 4 and 5 (commands, replies), RFC 2228 3 (AUTH, ADAT; `ADAT=` in replies 235, 334 and 335, in
 * base64; MIC, CONF and ENC with replies 631 to 633), RFC 4217 (AUTH TLS). Lines end with LF. What AUTH TLS begins is
 * given back (`lost`) at its first byte. Of PASS and ACCT nothing but the command is kept, and protected commands are
 * only counted. Values are fresh copies.
 */

import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  FRAME_BYTES_MAX,
  type Framing,
  type LegStep,
  type Side,
} from '../carrier.ts'
import { failed, type Outcome, read } from '../outcome.ts'
import { anyCase, DIGITS, letters } from '../parts/byte-class.ts'
import { ascii, isDigit, isField, isWord, matching } from '../parts/lines.ts'
import { saslLine, typedPrincipal } from '../parts/sasl.ts'
import { latin1 } from '../parts/text.ts'

export const ftp: Carrier = {
  name: 'ftp',
  transport: 'tcp',
  ports: [21],
  begins: [letters('220'), anyCase('AUTH'), anyCase('ADAT'), [letters('23'), 0x33, DIGITS, letters(' -')]],
  probe,
  frame,
  decode,
}

/**
 * A greeting says FTP, as those of nearly all servers do; 220 and 230 alone are those of SMTP and others as well, as is
 * AUTH GSSAPI. Where one side is known, the other need not show itself.
 */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  let answer: 'other' | 'more' = 'other'
  for (const opening of OPENINGS) {
    const seen = matchingCapitals(head, opening)
    if (seen === opening.length) return 'mine'
    if (seen === head.length) answer = 'more'
  }
  const greets = matching(head, 0, GREETING)
  if (greets < GREETING.length) return greets === head.length ? 'more' : answer
  const end = Math.min(head.length, GREETING_BYTES_MAX)
  for (let at = GREETING.length; at < end; at++) {
    if (isField(head, at, FTP)) return 'mine'
    if (!isText(head[at]!)) return 'other'
  }
  return head.indexOf(LF) < 0 ? 'more' : 'other'
}

const OPENINGS = ['AUTH TLS', 'AUTH SSL', 'ADAT ', '331 ', '331-', '235 ADAT=', '335 ADAT='].map(ascii)
const GREETING = ascii('220')
const FTP = ascii('ftp')
/** of several lines, the first may be of the administrator */
const GREETING_BYTES_MAX = 512

function matchingCapitals(head: Uint8Array, text: Uint8Array): number {
  const count = Math.min(text.length, head.length)
  for (let at = 0; at < count; at++) {
    const byte = head[at]!
    if ((byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte) !== text[at]) return at
  }
  return count
}

/** `Framing.state` of a half: it speaks; what it said last asks for a result (ADAT, PASS). */
const SPEAKS = 1
const ASKS = 2

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  if (head.length === 0) return 'more'
  if (!isText(head[0]!)) return 'lost'
  const feed = head.indexOf(LF, out.scanned)
  out.scanned = head.length
  if (feed < 0) return head.length < FRAME_BYTES_MAX ? 'more' : 'lost'
  out.length = feed + 1
  if (isDigit(head[0]!) && isDigit(head[1]!) && isDigit(head[2]!)) frameReply(head, out)
  else frameCommand(head, out)
  return 'ready'
}

/** Only the last line of a reply has a blank behind its code. */
function frameReply(head: Uint8Array, out: Framing): void {
  const code = (head[0]! - ZERO) * 100 + (head[1]! - ZERO) * 10 + head[2]! - ZERO
  out.state = SPEAKS
  if (head[3] === HYPHEN) return
  const answers = (out.peerState & ASKS) !== 0 && (code === 230 || code === 232 || code >= 400)
  if (answers || code === 334 || code === 335 || code === 235) out.keep = out.length
}

function frameCommand(head: Uint8Array, out: Framing): void {
  out.state = SPEAKS
  if (isWord(head, 0, AUTH) || isWord(head, 0, ADAT)) {
    if (isWord(head, 0, ADAT)) out.state |= ASKS
    out.keep = out.length
  } else if (isWord(head, 0, USER)) {
    // a name alone is no logon: it is told with the password that follows
    out.keep = out.length
    out.more = true
  } else if (isWord(head, 0, PASS)) {
    out.state |= ASKS
    out.keep = PASS.length
  } else if (isWord(head, 0, CONF) || isWord(head, 0, ENC) || isWord(head, 0, MIC)) out.keep = ENC.length
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const COMMON = { protocol: 'ftp', service: 'ftp' } as const

/*
 * C: AUTH mechanism          S: 334 text (GSSAPI) / 234 (TLS) / 504, 534
 * C: ADAT base64             S: 335 ADAT=base64 (go on) / 235 ADAT=base64 (done) / 535
 * C: USER name, PASS secret  S: 331, 230 / 530
 */
function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const lines = latin1(pdu).split(/\r?\n/)
  const cut = lines.at(-1) !== '' && !PROTECTED.test(lines.at(-1)!)
  const first = lines[0]!
  const reply = /^(\d{3})(?: (?:.*\bADAT=([A-Za-z0-9+/=]*))?|$)/.exec(first)
  const message = reply === null ? commandMessage(lines) : replyMessage(Number(reply[1]), reply[2] ?? null)
  if (message === null) return cut ? failed('cut', 'line') : read([])
  return read([message], cut ? { reason: 'cut', where: 'line' } : null)
}

/** Lines of which no more than the command is kept. */
const PROTECTED = /^(?:PASS|CON|ENC|MIC)$/i

function commandMessage(lines: readonly string[]): CarrierMessage | null {
  // of USER, the line behind it may be anything
  const last = lines.findLast((line) => line !== '') ?? ''
  const [, command = '', argument = ''] = /^([A-Za-z]{3,4})(?: +(\S+))?/.exec(last) ?? []
  switch (command.toUpperCase()) {
    case 'AUTH':
      return authMessage(argument.toUpperCase())
    case 'ADAT':
      return clientMessage('ADAT', { token: saslLine(argument).token, method: 'GSSAPI' })
    case 'PASS':
      return passMessage(/^USER +(\S.*)$/i.exec(lines[0]!)?.[1]?.trim() ?? '')
    case 'CON':
    case 'ENC':
      return trafficMessage('sealed')
    case 'MIC':
      return trafficMessage('signed')
    default:
      return null
  }
}

/**
 * TLS hides what follows: its service is known all the same. Other mechanisms have begun nothing before the server
 * agrees.
 */
function authMessage(mechanism: string): CarrierMessage | null {
  if (!/^(?:TLS|TLS-C|TLS-P|SSL)$/.test(mechanism)) return null
  const steps: AuthStep[] = [{ kind: 'facts', facts: { service: 'ftp' } }]
  return { ...COMMON, type: 'AUTH', from: 'client', fields: { mechanism }, steps }
}

function passMessage(user: string): CarrierMessage {
  const isAnonymous = /^(?:anonymous|ftp)$/i.test(user)
  return clientMessage('PASS', {
    method: isAnonymous ? 'anonymous' : 'USER',
    principal: user === '' ? null : typedPrincipal(user),
  })
}

function clientMessage(type: string, leg: Partial<LegStep>): CarrierMessage {
  return { ...COMMON, type, from: 'client', fields: null, steps: [{ ...EMPTY_LEG, from: 'client', ...leg }] }
}

function trafficMessage(protection: 'signed' | 'sealed'): CarrierMessage {
  const step: AuthStep = { kind: 'traffic', from: 'client', slot: '', protection, refused: false, how: null }
  return { ...COMMON, type: 'protected command', from: 'client', fields: null, steps: [step] }
}

/** RFC 2228 3: 334 agrees to the mechanism of AUTH, of which only GSSAPI is in use. */
function replyMessage(code: number, adat: string | null): CarrierMessage {
  const token = adat === null ? null : saslLine(adat).token
  const outcome = code === 334 || code === 335 ? 'continue' : code < 400 ? 'success' : 'failure'
  const status = outcome === 'continue' ? null : { code, name: String(code), detail: null }
  const leg: LegStep = { ...EMPTY_LEG, from: 'server', token, outcome, status }
  const offer: AuthStep = { kind: 'offer', methods: ['GSSAPI'], token: null, slot: '' }
  const steps = code === 334 && token === null ? [offer] : [leg]
  return { ...COMMON, type: 'reply', from: 'server', fields: { status: code }, steps }
}

function isText(byte: number): boolean {
  return (byte >= SP && byte < DEL) || byte === CR || byte === LF
}

const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const HYPHEN = 0x2d
const ZERO = 0x30
const DEL = 0x7f

const AUTH = ascii('AUTH')
const ADAT = ascii('ADAT')
const USER = ascii('USER')
const PASS = ascii('PASS')
const CONF = ascii('CONF')
const ENC = ascii('ENC')
const MIC = ascii('MIC')
