/**
 * The lines of SMTP, IMAP, POP3 and NNTP that `mail.ts` keeps, as carrier messages.
 *
 * Specification: RFC 4954, 5034, 4643 and 3501 6.2 (commands and results), RFC 4959 (IMAP initial response), RFC 2449 5
 * and RFC 3463 (codes). A line in base64 does not name its mechanism: it is read by what it holds. No password, digest
 * or bearer token leaves this file, and no text of a server but its codes. All values are fresh copies.
 */
import {
  type AuthStep,
  type CarrierMessage,
  EMPTY_LEG,
  type LegStep,
  type Service,
  type Side,
  type Status,
} from '../../carrier.ts'
import { failed, type Outcome, read } from '../../outcome.ts'
import { isSaslMethod, saslChallenge, saslLine, saslMethod, secrecyOf, typedPrincipal } from '../../parts/sasl.ts'
import { latin1 } from '../../parts/text.ts'

type Messages = Outcome<readonly CarrierMessage[]>

/** Which protocol speaks, and as which service its pairs are counted. */
interface Speech {
  readonly protocol: 'smtp' | 'imap' | 'pop3' | 'nntp'
  readonly service: Service
}

const SMTP: Speech = { protocol: 'smtp', service: 'smtp' }
const IMAP: Speech = { protocol: 'imap', service: 'imap' }
const POP3: Speech = { protocol: 'pop3', service: 'pop3' }
const NNTP: Speech = { protocol: 'nntp', service: 'nntp' }

/*
 * C: EHLO client            S: 250-server           C: AUTH mechanism [initial-response / "="]
 *                              250 AUTH mechanisms  S: 334 [base64] ... 235 / 535 5.7.8 text
 */
export function smtpMessage(pdu: Uint8Array): Messages {
  const lines = linesOf(pdu)
  const reply = /^(\d{3})[ -]?/.exec(lines.first)
  if (reply === null) return commands(SMTP, lines, /^AUTH\s+(\S+)(?:\s+(\S+))?/i)
  const code = Number(reply[1])
  const rest = lines.first.slice(reply[0].length)
  if (code === 334) return lines.answer(challenge(SMTP, rest))
  if (code === 250) {
    const offers = lines.all.map((line) => /^250[ -]AUTH[ =](.*)$/i.exec(line)?.[1]).find((list) => list !== undefined)
    return lines.answer(...offer(SMTP, offers === undefined ? [] : split(offers)))
  }
  const enhanced = /^[245]\.\d{1,3}\.\d{1,3}\b/.exec(rest)?.[0] ?? null
  return lines.answer(result(SMTP, code === 235, { code, name: String(code), detail: enhanced }))
}

/*
 * C: tag AUTHENTICATE mechanism [initial-response]   S: + [base64] ... tag OK / tag NO [CODE] text / tag BAD text
 * C: tag LOGIN user password                         atoms, quoted strings or literals
 * S: * CAPABILITY IMAP4rev1 AUTH=mechanism ...       or in brackets behind * OK
 */
export function imapMessage(pdu: Uint8Array): Messages {
  const lines = linesOf(pdu)
  const { first } = lines
  if (first.startsWith('+')) return lines.answer(challenge(IMAP, first.slice(1)))
  if (first.startsWith('*')) {
    const names = first.split(/[\s[\]]+/).flatMap((word) => /^AUTH=(.+)$/i.exec(word)?.[1] ?? [])
    return lines.answer(...offer(IMAP, names, /\bLOGINDISABLED\b/i.test(first)))
  }
  const answer = /^\S+ (OK|NO|BAD)\b(?: \[([A-Z-]{1,32}))?/i.exec(first)
  if (answer !== null) {
    const name = answer[1]!.toUpperCase()
    return lines.answer(result(IMAP, name === 'OK', { code: 0, name, detail: answer[2] ?? null }))
  }
  const login = /^\S+ LOGIN (.*)$/is.exec(lines.text)
  if (login !== null) return lines.answer(named(IMAP, 'LOGIN', 'LOGIN', astring(login[1]!)))
  return commands(IMAP, lines, /^\S+ AUTHENTICATE (\S+)(?: (\S+))?/i)
}

/*
 * C: AUTH mechanism [initial-response]   S: + [base64] ... +OK text / -ERR [CODE] text
 * C: USER name, PASS password            C: APOP name digest
 * S: +OK, then the list of CAPA (SASL mechanisms) or of AUTH (a mechanism a line)
 */
export function pop3Message(pdu: Uint8Array): Messages {
  const lines = linesOf(pdu)
  const { first } = lines
  if (/^\+OK/.test(first)) {
    if (lines.all.length === 1) return lines.answer(result(POP3, true, { code: 0, name: '+OK', detail: null }))
    return lines.answer(...offer(POP3, listed(lines.all.slice(1))))
  }
  if (first.startsWith('-ERR')) {
    const detail = /^-ERR \[([A-Z/-]{1,32})\]/.exec(first)?.[1] ?? null
    return lines.answer(result(POP3, false, { code: 0, name: '-ERR', detail }))
  }
  if (first.startsWith('+')) return lines.answer(challenge(POP3, first.slice(1)))
  const user = /^(USER|APOP) (\S.*)$/i.exec(first)
  if (user !== null) {
    const command = user[1]!.toUpperCase()
    if (command === 'USER') return lines.answer(...beforePassword(POP3, lines, /^USER (\S.*)$/i, /^PASS$/i))
    return lines.answer(named(POP3, command, command, lines.isCut ? '' : user[2]!.trim()))
  }
  return commands(POP3, lines, /^AUTH\s+(\S+)(?:\s+(\S+))?/i)
}

/*
 * C: AUTHINFO SASL mechanism [initial-response]   S: 383 base64 ... 281 / 481 / 482
 * C: AUTHINFO GENERIC NTLM [base64]               S: 381 [base64] ... 281 / 502
 * C: AUTHINFO USER name, AUTHINFO PASS password   S: 381, 281
 */
export function nntpMessage(pdu: Uint8Array): Messages {
  const lines = linesOf(pdu)
  const { first } = lines
  const reply = /^(\d{3}) ?(.*)$/.exec(first)
  if (reply !== null) {
    const code = Number(reply[1])
    if (code === 101) return lines.answer(...offer(NNTP, listed(lines.all.slice(1))))
    if (code === 383 || code === 381) return lines.answer(challenge(NNTP, reply[2]!))
    return lines.answer(result(NNTP, code === 281 || code === 283, { code, name: String(code), detail: null }))
  }
  if (/^AUTHINFO USER /i.test(first))
    return lines.answer(...beforePassword(NNTP, lines, /^AUTHINFO USER (\S.*)$/i, /^AUTHINFO PASS$/i))
  // a GENERIC token is a command of its own
  const generic = /^AUTHINFO GENERIC (\S+)$/i.exec(first)
  if (generic !== null && saslLine(generic[1]!).token !== null)
    return lines.answer(...continuation(NNTP, { ...lines, first: generic[1]! }))
  return commands(NNTP, lines, /^AUTHINFO (?:SASL|GENERIC) (\S+)(?: (\S+))?/i)
}

// --- what they have in common
// ----------------------------------------------------------------------------------------------------

interface Lines {
  readonly text: string
  readonly all: readonly string[]
  readonly first: string
  readonly second: string
  /** the last one has not ended, and was meant to: its last word may go on */
  readonly isCut: boolean
  /** a line that has not ended says so */
  answer(...messages: readonly (CarrierMessage | null)[]): Messages
}

function linesOf(pdu: Uint8Array): Lines {
  const text = latin1(pdu)
  const all = text.split(/\r?\n/)
  const unfinished = all.pop()!
  const cut = all.length === 0
  const isCut = unfinished !== '' && !KEPT_IN_PART.test(unfinished)
  // of several lines the last one may go on otherwise
  if (unfinished !== '' && !(isCut && all.length > 0)) all.push(unfinished)
  return {
    text,
    all,
    first: all[0] ?? '',
    second: all[1] ?? '',
    isCut,
    answer(...messages) {
      const found = messages.filter((message) => message !== null)
      if (cut && found.length === 0) return failed('cut', 'line')
      return read(found, isCut ? { reason: 'cut', where: 'line' } : null)
    },
  }
}

/** Lines of which framing keeps no more than this, since a secret follows. */
const KEPT_IN_PART = /^(?:\+|(?:AUTHINFO )?PASS|APOP \S+[ \r]|.*(?:AUTH|AUTHENTICATE|AUTHINFO SASL) \S+[ \r])$/i

/**
 * A command that begins an authentication, with the line that goes on with it where both are in one PDU; or such a line
 * by itself.
 */
function commands(speech: Speech, lines: Lines, command: RegExp): Messages {
  const match = command.exec(lines.first)
  if (match === null) {
    if (/^(?:\S+ )?(?:STARTTLS|STLS)\b/i.test(lines.first)) return lines.answer(startTls(speech))
    return lines.answer(...continuation(speech, lines))
  }
  // the name may go on
  if (lines.isCut && match[2] === undefined && match[0].length === lines.first.length) return lines.answer()
  const mechanism = match[1]!
  const line = saslLine(match[2] ?? lines.second)
  const method = saslMethod(mechanism)
  const isNamed = line.user?.method === method && (method !== 'LOGIN' || !lines.isCut)
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'client',
    method,
    direct: method === 'NTLM',
    token: secrecyOf(mechanism) === 'tokens' ? line.token : null,
    principal: line.user !== null && isNamed ? typedPrincipal(line.user.name) : null,
  }
  return lines.answer(message(speech, 'AUTH', 'client', { mechanism: method }, [leg]))
}

/** A line of the client in the course of an authentication. */
function continuation(speech: Speech, { first, isCut }: Lines): CarrierMessage[] {
  const { token, user } = saslLine(first)
  if (token !== null) return [message(speech, 'response', 'client', null, [{ ...EMPTY_LEG, from: 'client', token }])]
  if (user === null || (isCut && user.method === 'LOGIN')) return []
  const leg: LegStep = { ...EMPTY_LEG, from: 'client', method: user.method, principal: typedPrincipal(user.name) }
  return [message(speech, 'response', 'client', null, [leg])]
}

/** A name alone is no authentication: the password stands behind the last one. */
function beforePassword(speech: Speech, { all }: Lines, name: RegExp, password: RegExp): CarrierMessage[] {
  const at = all.findIndex((line) => password.test(line))
  const user = at < 1 ? null : name.exec(all[at - 1]!)
  return user === null ? [] : [named(speech, 'USER', 'USER', user[1]!.trim())]
}

function named(speech: Speech, type: string, method: string, user: string): CarrierMessage {
  const leg: LegStep = { ...EMPTY_LEG, from: 'client', method, principal: user === '' ? null : typedPrincipal(user) }
  return message(speech, type, 'client', { mechanism: method }, [leg])
}

function challenge(speech: Speech, text: string): CarrierMessage {
  const leg: LegStep = { ...EMPTY_LEG, from: 'server', token: saslChallenge(text), outcome: 'continue' }
  return message(speech, 'challenge', 'server', null, [leg])
}

function result(speech: Speech, accepted: boolean, status: Status): CarrierMessage {
  const leg: LegStep = { ...EMPTY_LEG, from: 'server', outcome: accepted ? 'success' : 'failure', status }
  return message(speech, 'result', 'server', { status: status.name, detail: status.detail }, [leg])
}

/** A list without mechanisms is no offer: it may be that of a client that is logged on already. */
function offer(speech: Speech, names: readonly string[], loginDisabled = false): CarrierMessage[] {
  if (names.length === 0 && !loginDisabled) return []
  const methods = [...new Set(names.map((name) => name.toUpperCase()))].slice(0, OFFERS_MAX)
  const fields = { offers: methods, ...(speech === IMAP && { loginDisabled }) }
  return [message(speech, 'capabilities', 'server', fields, [{ kind: 'offer', methods, token: null, slot: '' }])]
}

/** What comes behind it is another conversation: its service is known all the same. */
function startTls(speech: Speech): CarrierMessage {
  return message(speech, 'STARTTLS', 'client', {}, [{ kind: 'facts', facts: { service: speech.service } }])
}

function message(
  { protocol, service }: Speech,
  type: string,
  from: Side,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol, type, from, service, fields, steps }
}

/** Servers list some ten. */
const OFFERS_MAX = 32
/** `SASL mechanism mechanism` of CAPA and CAPABILITIES; AUTH without an argument lists one a line. */
function listed(lines: readonly string[]): string[] {
  const sasl = lines.find((line) => /^SASL /i.test(line))
  return sasl === undefined
    ? lines.filter((line) => isSaslMethod(line.trim())).map((line) => line.trim())
    : split(sasl.slice(5))
}

function split(list: string): string[] {
  return list
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** The first argument: `"quoted \" string"`, `{n}` CRLF and n characters, or an atom. */
function astring(text: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text)
  if (quoted !== null) return quoted[1]!.replace(/\\(.)/g, '$1')
  const literal = /^\{(\d{1,4})\+?\}\r?\n/.exec(text)
  if (literal !== null) return text.slice(literal[0].length, literal[0].length + Number(literal[1]))
  return /^\S+(?= )/.exec(text)?.[0] ?? ''
}
