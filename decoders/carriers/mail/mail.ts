/**
 * The carriers of the text protocols that log on with SASL: SMTP (with submission and LMTP), IMAP, POP3 and NNTP.
 *
 * Specification: RFC 5321 and 4954 (SMTP), RFC 3501 and 4959 (IMAP), RFC 1939, 2449 and 5034 (POP3), RFC 3977 and 4643
 * (NNTP), MS-SMTPNTLM, MS-OXIMAP, MS-POP3, MS-NNTP (NTLM in each). They are one thing in four dialects: lines, a
 * command with a mechanism, lines in base64 in both directions, a result. Here is where lines end and which are wanted;
 * `mail-message.ts` says what they mean. Mail itself is stepped over; of a password not even the line is kept where a
 * line of its own holds it. What STARTTLS begins is given back (`lost`) at its first byte.
 */

import { type Carrier, FRAME_BYTES_MAX, type Framing, type Side } from '../../carrier.ts'
import { anyCase, DIGITS, END, LETTERS, letters, type Opening } from '../../parts/byte-class.ts'
import { ascii, isDigit, isWord } from '../../parts/lines.ts'
import { secrecyOf } from '../../parts/sasl.ts'
import { latin1 } from '../../parts/text.ts'
import { imapMessage, nntpMessage, pop3Message, smtpMessage } from './mail-message.ts'

export const smtp: Carrier = {
  name: 'smtp',
  get begins() {
    return SMTP_BEGINS
  },
  transport: 'tcp',
  ports: [25, 587, 2525, 24],
  probe: probeSmtp,
  frame: (head, side, out) => frame(head, side, out, SMTP),
  decode: smtpMessage,
  resumed,
}

export const imap: Carrier = {
  name: 'imap',
  get begins() {
    return IMAP_BEGINS
  },
  transport: 'tcp',
  ports: [143],
  probe: probeImap,
  frame: (head, side, out) => frame(head, side, out, IMAP),
  decode: imapMessage,
  resumed,
}

export const pop3: Carrier = {
  name: 'pop3',
  get begins() {
    return POP3_BEGINS
  },
  transport: 'tcp',
  ports: [110],
  probe: probePop3,
  frame: (head, side, out) => frame(head, side, out, POP3),
  decode: pop3Message,
  resumed,
}

export const nntp: Carrier = {
  name: 'nntp',
  get begins() {
    return NNTP_BEGINS
  },
  transport: 'tcp',
  ports: [119, 433],
  probe: probeNntp,
  frame: (head, side, out) => frame(head, side, out, NNTP),
  decode: nntpMessage,
  resumed,
}

/**
 * What differs: how lines of server and client are told apart, and what each asks for. `line` is a view through its
 * line feed.
 */
interface Dialect {
  /** who says this line, where the line itself tells */
  readonly speaker: (line: Uint8Array) => Side | null
  readonly server: (line: Uint8Array, out: Framing) => void
  readonly client: (line: Uint8Array, out: Framing) => void
}

/*
 * `Framing.state` of a half.
 *
 *    0-1  who speaks: 0 not known, CLIENT, SERVER
 *    2-4  client: what its next lines hold while an authentication goes on (SASL_...)
 *    5-7  client: what it asked for last (ASKED_...)
 *    8-9  inside a body that ends with a dot; at the start of a line of it
 *     10  server: inside a list that is kept up to its dot
 *  11-12  IMAP: the line goes on behind a literal; it is kept
 *     13  server: the last reply asks for a line of the authentication
 *     14  server: the last reply asks for a body
 *     15  client: the authentication has shown its first token
 *     16  POP3, server: USER was answered
 *  17-31  IMAP, client: mark of the tag that the answer will repeat
 */
const WHO = 0x03
const CLIENT = 0x01
const SERVER = 0x02
const SASL = 0x1c
const SASL_TOKENS = 0x04
const SASL_PLAIN = 0x08
const SASL_LOGIN = 0x0c
const SASL_SECRET = 0x10
const ASKED = 0xe0
const ASKED_OFFER = 0x20
const ASKED_AUTH = 0x40
const ASKED_USER = 0x60
const ASKED_PASS = 0x80
const ASKED_BODY = 0xa0
const BODY = 0x100
const LINE_START = 0x200
const LISTING = 0x400
const CONTINUED = 0x800
const CONTINUED_KEPT = 0x1000
const CONTINUES = 0x2000
const GO_AHEAD = 0x4000
const STARTED = 0x8000
const USER_ANSWERED = 0x10000
const TAG_SHIFT = 17
const TAG_MASK = ~0 << TAG_SHIFT

const KINDS: Readonly<Record<ReturnType<typeof secrecyOf>, number>> = {
  tokens: SASL_TOKENS,
  plain: SASL_PLAIN,
  login: SASL_LOGIN,
  secret: SASL_SECRET,
}

function frame(head: Uint8Array, side: Side, out: Framing, dialect: Dialect): 'ready' | 'more' | 'lost' {
  if (head.length === 0) return 'more'
  out.more = false
  out.keep = 0
  if ((out.state & CLIENT) !== 0 && bodyBegins(out)) out.state = (out.state & ~ASKED) | BODY | LINE_START
  if ((out.state & BODY) !== 0) return frameBody(head, out)
  if (!isText(head[0]!)) return 'lost'
  const feed = head.indexOf(LF, out.scanned)
  out.scanned = head.length
  if (feed < 0) return head.length < FRAME_BYTES_MAX ? 'more' : 'lost'
  out.length = feed + 1
  const line = head.length === feed + 1 ? head : head.subarray(0, feed + 1)
  if ((out.state & CONTINUED) !== 0) return frameContinued(line, out)
  const speaker = dialect.speaker(line)
  if ((out.state & WHO) === 0 && speaker !== null) out.state |= speaker === 'client' ? CLIENT : SERVER
  const who = out.state & WHO
  if (who === CLIENT || (who === 0 && side === 'client')) dialect.client(line, out)
  else dialect.server(line, out)
  return 'ready'
}

/** Only the server's go-ahead begins a body; without its direction, the command does. */
function bodyBegins({ state, peerState }: Framing): boolean {
  return (state & ASKED) === ASKED_BODY && (peerState === 0 || (peerState & GO_AHEAD) !== 0)
}

/** RFC 5321 4.5.2, RFC 1939 3: a line with a dot alone ends it; lines that begin with one have got another. */
function frameBody(head: Uint8Array, out: Framing): 'ready' | 'more' {
  for (let dot = head.indexOf(DOT); dot >= 0; dot = head.indexOf(DOT, dot + 1)) {
    if (dot === 0 ? (out.state & LINE_START) === 0 : head[dot - 1] !== LF) continue
    const end = head[dot + 1] === CR ? dot + 2 : dot + 1
    if (end >= head.length) {
      // what follows decides; what stands before it is over
      if (dot === 0) return 'more'
      out.length = dot
      out.state |= LINE_START
      return 'ready'
    }
    if (head[end] !== LF) continue
    out.length = end + 1
    out.state &= ~(BODY | LINE_START)
    return 'ready'
  }
  out.length = head.length
  if (head[head.length - 1] === LF) out.state |= LINE_START
  else out.state &= ~LINE_START
  return 'ready'
}

// --- the authentication, which is the same everywhere
// ----------------------------------------------------------------------------

/** A client's command with a mechanism and, it may be, its first token. */
function authenticates(line: Uint8Array, mechanismAt: number, out: Framing): void {
  const mechanismEnd = wordEnd(line, mechanismAt)
  const initial = hasWord(line, mechanismEnd)
  const secrecy = secrecyOf(latin1(line.subarray(mechanismAt, mechanismEnd)))
  asks(out, ASKED_AUTH)
  // a byte more than the name: it has ended
  out.keep = secrecy === 'secret' ? Math.min(mechanismEnd + 1, line.length) : line.length
  // a first line that came with the command leaves the password to the next one
  out.state |= initial && secrecy !== 'tokens' ? SASL_SECRET : KINDS[secrecy]
  if (initial) out.state |= STARTED
  // without the server's direction nothing shows that the next line goes on with it
  else if (out.peerState === 0 && secrecy !== 'secret') out.more = true
}

/**
 * Does this line go on with the authentication? A command looks much the same: the server has asked for it, or nobody
 * knows.
 */
function goesOn(line: Uint8Array, out: Framing): boolean {
  if (startsWith(line, 0, TOKEN_TEXT)) return true
  if ((out.state & SASL) === 0) return false
  return out.peerState === 0 ? !isCommand(line) : (out.peerState & CONTINUES) !== 0
}

function clientContinues(line: Uint8Array, out: Framing): void {
  const kind = out.state & SASL
  out.state |= STARTED
  if (kind === SASL_SECRET) return
  // the rest of a line whose beginning was lost, or of another mechanism, may be a secret
  if (kind === SASL_TOKENS && !beginsToken(line)) return
  out.keep = line.length
  if (kind === SASL_PLAIN || kind === SASL_LOGIN) out.state = (out.state & ~SASL) | SASL_SECRET
}

/** Does the line begin as a token in base64 does: NTLMSSP, GSS (60, A1), or a wrapped message (05 04, 05 05)? */
function beginsToken(line: Uint8Array): boolean {
  if (line[0] === UPPER_Y) return line[1]! >= UPPER_A && line[1]! <= UPPER_P
  if (line[0] === LOWER_O)
    return (line[1]! >= UPPER_Q && line[1]! <= UPPER_Z) || (line[1]! >= LOWER_A && line[1]! <= LOWER_F)
  return startsWith(line, 0, WRAPPED_TEXT) || startsWith(line, 0, TOKEN_TEXT)
}

/** Behind a hole nobody knows whether a name comes next or the password. */
function resumed(state: number): number {
  const kind = state & SASL
  return kind === SASL_PLAIN || kind === SASL_LOGIN ? (state & ~SASL) | SASL_SECRET : state
}

/** Another command: what was asked before is over. */
function asks(out: Framing, what: number): void {
  out.state = (out.state & ~(SASL | ASKED | STARTED)) | what
}

function keepAll(line: Uint8Array, out: Framing): void {
  out.keep = line.length
}

/** The client waits for the result of an authentication, or nobody saw what it waits for. */
function isAuthenticating({ state, peerState }: Framing): boolean {
  if (peerState === 0) return (state & CONTINUES) !== 0
  return (peerState & ASKED) === ASKED_AUTH || (peerState & ASKED) === ASKED_PASS
}

/** A list of lines up to a dot, kept as one message. */
function frameListing(line: Uint8Array, out: Framing): void {
  keepAll(line, out)
  out.more = !(line[0] === DOT && (line[1] === CR || line[1] === LF))
  if (!out.more) out.state &= ~LISTING
}

// --- SMTP
// ---------------------------------------------------------------------------------------------------------------------

const SMTP: Dialect = {
  speaker: (line) => (isReply(line) ? 'server' : 'client'),
  server(line, out) {
    const code = replyCode(line)
    const ended = line[3] !== HYPHEN
    const asked = out.peerState & ASKED
    const offers = code === 250 && (asked === ASKED_OFFER || out.peerState === 0)
    const answers = code === 334 || code === 235 || (code >= 400 && isAuthenticating(out))
    if (ended) answered(out, code === 334, code === 354)
    if (!offers && !answers) return
    keepAll(line, out)
    out.more = !ended
  },
  client(line, out) {
    if (goesOn(line, out)) return clientContinues(line, out)
    if (isWord(line, 0, AUTH)) return authenticates(line, AUTH.length + 1, out)
    if (isWord(line, 0, EHLO) || isWord(line, 0, LHLO)) return asks(out, ASKED_OFFER)
    if (isWord(line, 0, DATA)) return asks(out, ASKED_BODY)
    asks(out, 0)
    if (isWord(line, 0, BDAT)) out.length += decimal(line, BDAT.length + 1)
    else if (isWord(line, 0, STARTTLS)) keepAll(line, out)
  },
}

function probeSmtp(head: Uint8Array): 'mine' | 'other' | 'more' {
  const text = firstLine(head)
  // 220 greets in FTP too, whose greeting names no SMTP
  if (/^220[ -]/.test(text)) return /\bE?SMTP\b/i.test(text) ? 'mine' : isTextSoFar(head) ? 'more' : 'other'
  return opens(text, SMTP_OPENINGS)
}

/** Commands, and the middle of a conversation: replies with the codes of RFC 3463 or with a token. */
const SMTP_OPENINGS: readonly string[] = [
  ...['220 ', '220-', 'EHLO ', 'HELO ', 'LHLO ', 'BDAT ', 'MAIL FROM:', 'RCPT TO:', '235 2.', '535 5.', '250 2.'],
  ...['334 TLRM', '334 YI', '334 OY', '250-AUTH ', '250 AUTH ', '250-STARTTLS', '250-PIPELINING', '250-8BITMIME'],
]

// --- IMAP
// ---------------------------------------------------------------------------------------------------------------------

const IMAP: Dialect = {
  speaker(line) {
    if (line[0] === ASTERISK || line[0] === PLUS) return 'server'
    const word = wordEnd(line, 0) + 1
    if (isWord(line, word, OK) || isWord(line, word, NO) || isWord(line, word, BAD)) return 'server'
    return isWord(line, word, AUTHENTICATE) || isWord(line, word, CAPABILITY) || isWord(line, word, LOGIN)
      ? 'client'
      : null
  },
  server(line, out) {
    if (line[0] === PLUS) {
      answered(out, true, false)
      // a literal and IDLE are answered so too
      if (out.peerState === 0 || (out.peerState & SASL) !== 0) keepAll(line, out)
    } else if (line[0] === ASTERISK) {
      if ((out.peerState & ASKED) !== ASKED_AUTH && mentions(line, CAPABILITY)) keepAll(line, out)
      literal(line, out, false)
    } else {
      const mine = out.peerState === 0 || ((tagMark(line) ^ out.peerState) & TAG_MASK) === 0
      if (mine && isAuthenticating(out)) keepAll(line, out)
      answered(out, false, false)
    }
  },
  client(line, out) {
    if (goesOn(line, out)) return clientContinues(line, out)
    const command = wordEnd(line, 0) + 1
    if (isWord(line, command, AUTHENTICATE)) {
      out.state = (out.state & ~TAG_MASK) | tagMark(line)
      return authenticates(line, command + AUTHENTICATE.length + 1, out)
    }
    if (isWord(line, command, LOGIN)) {
      asks(out, ASKED_AUTH)
      out.state = (out.state & ~TAG_MASK) | tagMark(line)
      keepAll(line, out)
    } else if (isWord(line, command, STARTTLS)) {
      asks(out, 0)
      keepAll(line, out)
    } else if ((out.state & SASL) !== 0) asks(out, 0)
    literal(line, out, out.keep > 0)
  },
}

/** `{n}` or `{n+}` at the end of a line (RFC 7888): n bytes follow, then the rest of the line. */
function literal(line: Uint8Array, out: Framing, kept: boolean): void {
  let at = line.length - 2
  if (line[at] === CR) at--
  if (line[at] !== CLOSE) return
  at--
  if (line[at] === PLUS) at--
  const end = at + 1
  while (at >= 0 && isDigit(line[at]!)) at--
  if (line[at] !== OPEN || end - at < 2 || end - at > LITERAL_DIGITS_MAX) return
  const size = decimal(line, at + 1)
  const keeps = kept && size <= LITERAL_KEPT_MAX
  out.length += size
  out.keep = keeps ? out.length : 0
  out.more = keeps
  out.state |= keeps ? CONTINUED | CONTINUED_KEPT : CONTINUED
}

function frameContinued(line: Uint8Array, out: Framing): 'ready' {
  const kept = (out.state & CONTINUED_KEPT) !== 0
  out.state &= ~(CONTINUED | CONTINUED_KEPT)
  if (kept) keepAll(line, out)
  literal(line, out, kept)
  return 'ready'
}

/** Fifteen bits of the tag, where the state has room for them. */
function tagMark(line: Uint8Array): number {
  let mark = 0x1505
  for (let at = 0; at < line.length && line[at]! > SP; at++) mark = (mark * 33 + line[at]!) & 0x7fff
  return mark << TAG_SHIFT
}

function probeImap(head: Uint8Array): 'mine' | 'other' | 'more' {
  const text = firstLine(head)
  if (/^\* (?:OK|PREAUTH|BYE|CAPABILITY)[ \r\n]/i.test(text)) return 'mine'
  // a tag of three digits is the reply code of another protocol
  if (/^\d{3}[ -]/.test(text)) return 'other'
  if (/^[A-Za-z0-9.]{1,20} (?:AUTHENTICATE|CAPABILITY|LOGIN|STARTTLS|SELECT|EXAMINE)[ \r\n]/i.test(text)) return 'mine'
  if (/^[A-Za-z0-9.]{1,20} (?:OK|NO|BAD) (?:\[|[A-Z])/.test(text)) return 'mine'
  if (!isTextSoFar(head)) return 'other'
  return /^(?:|\*(?: [A-Z]*)?|[A-Za-z0-9.]{1,20}(?: [A-Z]{0,12} ?)?)$/i.test(text) ? 'more' : 'other'
}

// --- POP3
// ---------------------------------------------------------------------------------------------------------------------

const POP3: Dialect = {
  speaker: (line) =>
    startsWith(line, 0, PLUS_OK) || startsWith(line, 0, MINUS_ERR) || startsWith(line, 0, PLUS_SP) ? 'server' : null,
  server(line, out) {
    if ((out.state & LISTING) !== 0) return frameListing(line, out)
    const asked = out.peerState & ASKED
    const accepted = startsWith(line, 0, PLUS_OK)
    if (asked === ASKED_OFFER && accepted) {
      answered(out, false, false)
      out.state |= LISTING
      keepAll(line, out)
      out.more = true
    } else if (asked === ASKED_BODY && accepted) out.state |= BODY | LINE_START
    else if ((asked === ASKED_USER || asked === ASKED_PASS) && (out.state & USER_ANSWERED) === 0) {
      // PASS may be sent before USER is answered
      if (accepted) out.state |= USER_ANSWERED
    } else if (isAuthenticating(out)) {
      out.state &= ~USER_ANSWERED
      const tokenWanted = (out.peerState & (SASL | STARTED)) === SASL_TOKENS
      // MS-POP3 2.2: `+OK` to the bare command asks for the first token; what is kept of it reads as `+`
      out.keep = accepted && tokenWanted ? 1 : line.length
      answered(out, !startsWith(line, 0, MINUS_ERR) && (!accepted || tokenWanted), false)
    } else if (startsWith(line, 0, PLUS_SP)) {
      keepAll(line, out)
      answered(out, true, false)
    }
  },
  client(line, out) {
    if (goesOn(line, out)) return clientContinues(line, out)
    if (isWord(line, 0, AUTH)) {
      return hasWord(line, AUTH.length) ? authenticates(line, AUTH.length + 1, out) : asks(out, ASKED_OFFER)
    }
    if (isWord(line, 0, USER)) {
      asks(out, ASKED_USER)
      keepAll(line, out)
      out.more = true
    } else if (isWord(line, 0, PASS)) {
      asks(out, ASKED_PASS)
      out.keep = PASS.length
    } else if (isWord(line, 0, APOP)) {
      asks(out, ASKED_AUTH)
      out.keep = Math.min(wordEnd(line, APOP.length + 1) + 1, line.length)
    } else if (isWord(line, 0, CAPA)) asks(out, ASKED_OFFER)
    else {
      asks(out, isWord(line, 0, RETR) || isWord(line, 0, TOP) || isBareList(line) ? ASKED_BODY : 0)
      if (isWord(line, 0, STLS)) keepAll(line, out)
    }
  },
}

/** With an argument they are answered in one line. */
function isBareList(line: Uint8Array): boolean {
  return (isWord(line, 0, LIST) || isWord(line, 0, UIDL)) && line[LIST.length]! !== SP
}

/** `+OK` alone answers in other protocols too, `-ERR` more so. */
function probePop3(head: Uint8Array): 'mine' | 'other' | 'more' {
  return opens(firstLine(head), POP3_OPENINGS)
}

const POP3_OPENINGS: readonly string[] = ['+OK ', 'CAPA\r', 'CAPA\n', 'STLS\r', 'STLS\n', 'AUTH\r', 'AUTH\n', 'APOP ']

// --- NNTP
// ---------------------------------------------------------------------------------------------------------------------

const NNTP: Dialect = {
  speaker: (line) => (isReply(line) ? 'server' : null),
  server(line, out) {
    if ((out.state & LISTING) !== 0) return frameListing(line, out)
    const code = replyCode(line)
    const auth = AUTH_CODES.includes(code)
    answered(out, code === 383 || code === 381, code === 340 || code === 335)
    if (code === 101 && (out.peerState & ASKED) === ASKED_OFFER) {
      out.state |= LISTING
      keepAll(line, out)
      out.more = true
    } else if (BODY_CODES.includes(code)) out.state |= BODY | LINE_START
    else if (auth && (isAuthenticating(out) || out.peerState === 0)) keepAll(line, out)
  },
  client(line, out) {
    if (goesOn(line, out)) return clientContinues(line, out)
    if (isWord(line, 0, AUTHINFO)) return authinfo(line, out)
    if (isWord(line, 0, CAPABILITIES)) return asks(out, ASKED_OFFER)
    asks(out, isWord(line, 0, POST) || isWord(line, 0, IHAVE) ? ASKED_BODY : 0)
    if (isWord(line, 0, TAKETHIS)) out.state |= BODY | LINE_START
    else if (isWord(line, 0, STARTTLS)) keepAll(line, out)
  },
}

/** RFC 4643 2.3 and 2.4; `AUTHINFO GENERIC` of RFC 2980 3.1.3, where MS-NNTP puts its tokens into commands. */
function authinfo(line: Uint8Array, out: Framing): void {
  const at = AUTHINFO.length + 1
  if (isWord(line, at, USER)) {
    asks(out, ASKED_USER)
    keepAll(line, out)
    out.more = true
  } else if (isWord(line, at, PASS)) {
    asks(out, ASKED_PASS)
    out.keep = at + PASS.length
  } else if (isWord(line, at, GENERIC)) {
    asks(out, ASKED_AUTH)
    keepAll(line, out)
  } else if (isWord(line, at, SASL_WORD)) authenticates(line, at + SASL_WORD.length + 1, out)
  else asks(out, 0)
}

/** RFC 3977 3.2: multi-line replies; 211 is one only after LISTGROUP, and is taken for lines */
const BODY_CODES: readonly number[] = [100, 101, 215, 220, 221, 222, 224, 225, 230, 231]
const AUTH_CODES: readonly number[] = [281, 283, 381, 383, 452, 481, 482, 502]

function probeNntp(head: Uint8Array): 'mine' | 'other' | 'more' {
  const text = firstLine(head)
  if (/^20[01] /.test(text)) return /\b(?:NNTP|NNRP|news)/i.test(text) ? 'mine' : isTextSoFar(head) ? 'more' : 'other'
  return opens(text, NNTP_OPENINGS)
}

const NNTP_OPENINGS: readonly string[] = [
  ...['200 ', '201 ', 'AUTHINFO USER ', 'AUTHINFO SASL ', 'AUTHINFO GENERIC ', 'MODE READER', 'MODE STREAM'],
  ...['CAPABILITIES\r', 'CAPABILITIES\n'],
]

// --- text
// ---------------------------------------------------------------------------------------------------------------------

/** The reply asks for a line of the authentication, for a body, or for neither. */
function answered(out: Framing, line: boolean, body: boolean): void {
  out.state = (out.state & ~(CONTINUES | GO_AHEAD)) | (line ? CONTINUES : 0) | (body ? GO_AHEAD : 0)
}

/** The first line of what a probe sees, through its line feed; probes are asked at most once a segment, and seldom. */
function firstLine(head: Uint8Array): string {
  const feed = head.indexOf(LF)
  return latin1(head.subarray(0, Math.min(feed < 0 ? head.length : feed + 1, PROBE_LINE_BYTES)))
}

/** Does the line begin with one of these (in capitals), or may it still? */
function opens(text: string, openings: readonly string[]): 'mine' | 'other' | 'more' {
  const typed = text.toUpperCase()
  let answer: 'other' | 'more' = 'other'
  for (const opening of openings) {
    if (typed.startsWith(opening)) return 'mine'
    if (opening.startsWith(typed)) answer = 'more'
  }
  return answer
}

/** Text whose line has not ended. */
function isTextSoFar(head: Uint8Array): boolean {
  for (let at = 0; at < head.length; at++) if (head[at] === LF || !isText(head[at]!)) return false
  return true
}

/** Three digits, then white space or a hyphen. */
function isReply(line: Uint8Array): boolean {
  return isDigit(line[0]!) && isDigit(line[1]!) && isDigit(line[2]!) && (line[3]! <= SP || line[3] === HYPHEN)
}

function replyCode(line: Uint8Array): number {
  return isReply(line) ? (line[0]! - ZERO) * 100 + (line[1]! - ZERO) * 10 + line[2]! - ZERO : 0
}

/** Commands that a client may send where a base64 line could stand, told apart because the server is not seen. */
function isCommand(line: Uint8Array): boolean {
  const end = wordEnd(line, 0)
  if (line[end] === SP) return true
  return COMMANDS.some((word) => end === word.length && isWord(line, 0, word))
}

function startsWith(line: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (line[at + i] !== text[i]) return false
  return true
}

/** Is this word in the line, as a word of its own (`* OK [CAPABILITY ...`)? */
function mentions(line: Uint8Array, word: Uint8Array): boolean {
  const end = Math.min(line.length, MENTION_BYTES)
  for (let at = 0; at < end; at++) if (isWord(line, at, word)) return true
  return false
}

/** Is there anything but white space from here on? */
function hasWord(line: Uint8Array, from: number): boolean {
  for (let at = from; at < line.length; at++) if (line[at]! > SP) return true
  return false
}

function wordEnd(line: Uint8Array, from: number): number {
  let at = from
  while (at < line.length && line[at]! > SP) at++
  return at
}

function decimal(line: Uint8Array, from: number): number {
  let value = 0
  for (let at = from; isDigit(line[at]!) && at - from < LITERAL_DIGITS_MAX; at++) value = value * 10 + line[at]! - ZERO
  return value
}

function isText(byte: number): boolean {
  return (byte >= SP && byte < 0x7f) || byte === CR || byte === LF || byte === TAB
}

/** `* OK [CAPABILITY` stands at the start of its line. */
const MENTION_BYTES = 24
const PROBE_LINE_BYTES = 256
/** Literals end at 4 GiB (RFC 3501 9), those of a LOGIN much earlier. */
const LITERAL_DIGITS_MAX = 10
const LITERAL_KEPT_MAX = 1024

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const ASTERISK = 0x2a
const PLUS = 0x2b
const HYPHEN = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const OPEN = 0x7b
const CLOSE = 0x7d

const UPPER_A = 0x41
const UPPER_P = 0x50
const UPPER_Q = 0x51
const UPPER_Y = 0x59
const UPPER_Z = 0x5a
const LOWER_A = 0x61
const LOWER_F = 0x66
const LOWER_O = 0x6f

const TOKEN_TEXT = ascii('TlRMTVNTUAA')
const WRAPPED_TEXT = ascii('BQ')
const PLUS_OK = ascii('+OK')
const MINUS_ERR = ascii('-ERR')
const PLUS_SP = ascii('+ ')
const AUTH = ascii('AUTH')
const EHLO = ascii('EHLO')
const LHLO = ascii('LHLO')
const DATA = ascii('DATA')
const BDAT = ascii('BDAT')
const STARTTLS = ascii('STARTTLS')
const OK = ascii('OK')
const NO = ascii('NO')
const BAD = ascii('BAD')
const AUTHENTICATE = ascii('AUTHENTICATE')
const CAPABILITY = ascii('CAPABILITY')
const LOGIN = ascii('LOGIN')
const USER = ascii('USER')
const PASS = ascii('PASS')
const APOP = ascii('APOP')
const CAPA = ascii('CAPA')
const RETR = ascii('RETR')
const TOP = ascii('TOP')
const LIST = ascii('LIST')
const UIDL = ascii('UIDL')
const STLS = ascii('STLS')
const AUTHINFO = ascii('AUTHINFO')
const GENERIC = ascii('GENERIC')
const SASL_WORD = ascii('SASL')
const CAPABILITIES = ascii('CAPABILITIES')
const POST = ascii('POST')
const IHAVE = ascii('IHAVE')
const TAKETHIS = ascii('TAKETHIS')
const COMMANDS = 'QUIT NOOP RSET CAPA STAT LIST UIDL STLS STARTTLS DATA AUTH DATE HELP'.split(' ').map(ascii)

// --- how conversations begin, as data
// -----------------------------------------------------------------------------------------------

const REPLY: Opening = [letters('235'), DIGITS, DIGITS, letters(' -')]
const TAG = { many: [...LETTERS, ...DIGITS, 0x2e], most: 20 }

/** The first four letters of what is no reply are enough. */
function commands(openings: readonly string[]): readonly Opening[] {
  return openings.filter((text) => !/^\d|^\+/.test(text)).map((text) => anyCase(text.slice(0, 4)))
}

const SMTP_BEGINS: readonly Opening[] = [REPLY, ...commands(SMTP_OPENINGS)]
const IMAP_BEGINS: readonly Opening[] = [
  [0x2a, 0x20],
  [0x2a, END],
  // a tag, then a command or an answer; or a line that has only begun
  [TAG, 0x20, letters('ACELSacels'), letters('AEOTUXaeotux'), letters('AGLPTaglpt')],
  [TAG, 0x20, letters('BNO'), letters('AKO'), letters('D ')],
  [TAG, 0x20, { many: LETTERS, most: 12 }, 0x20, END],
  [TAG, 0x20, 0x20, END],
]
const POP3_BEGINS: readonly Opening[] = [anyCase('+OK '), ...commands(POP3_OPENINGS)]
const NNTP_BEGINS: readonly Opening[] = [REPLY, ...commands(NNTP_OPENINGS)]
