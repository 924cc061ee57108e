/**
 * Where the secrets stand in the text of HTTP, SIP and the mail protocols: passwords in clear or in base64, and answers
 * to challenges that depend on nothing but the password.
 *
 * What is taken out of a text keeps its length and its kind, so that it is still read as what it was: characters become
 * `0`, bytes in base64 become zeros. Tokens of GSS and NTLM are not looked at here. Pure.
 */
import { isToken } from '../parts/sasl.ts'
import { latin1, withoutEnd } from '../parts/text.ts'

/** The text without its secrets, of the same length. */
export function maskedHead(text: string): string {
  return withoutQueries(text).replace(
    /^([A-Za-z-]+)(:[ \t]*)([^\r\n]*)/gm,
    (line, name: string, colon: string, value: string) => {
      const header = name.toLowerCase()
      if (header === 'authorization' || header === 'proxy-authorization') return name + colon + maskedCredentials(value)
      // a body of zeros is no picture: whoever reads the slice is not to take it for a broken one
      if (header === 'content-type' && !KEPT_TYPES.test(value)) return name + colon + zeros(value)
      if (header === 'cookie' || header === 'set-cookie') return name + colon + zeros(value)
      if (header === 'authentication-info' || header === 'proxy-authentication-info')
        return (
          name + colon + value.replace(/(rspauth="?)([0-9A-Fa-f]+)/, (_, key: string, hex: string) => key + zeros(hex))
        )
      return line
    },
  )
}

/** those that tell how a logon protects what follows (MS-WSMV 2.2.9.1), SIP, and those that any bytes satisfy */
const KEPT_TYPES = /soap\+xml|multipart\/encrypted|sdp|text\/(?:html|plain)|x-www-form-urlencoded/i

/** What stands behind `?` in the address of a request, and a password before a host. */
function withoutQueries(text: string): string {
  return text
    .replace(/^([A-Z_-]+ [^\s?]*\?)(\S+)/, (_, before: string, query: string) => before + zeros(query))
    .replace(
      /^((?:Referer|Location|Content-Location):[^\r\n?]*\?)([^\r\n]*)/gim,
      (_, before: string, query: string) => before + zeros(query),
    )
    .replace(/(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g, (_, before: string, password: string) => before + zeros(password))
}

const TOKEN_SCHEMES = /^(?:negotiate|ntlm|kerberos|nego2)$/i

function maskedCredentials(value: string): string {
  const found = /^(\S+)([ \t]+)([\s\S]*)$/.exec(value)
  if (found === null) return zeros(value)
  const [, scheme, blank, rest] = found as unknown as [string, string, string, string]
  if (TOKEN_SCHEMES.test(scheme)) return rest.includes('=') && /[,"]/.test(rest) ? maskedParameters(value) : value
  if (/^basic$/i.test(scheme)) return scheme + blank + maskedBase64(rest, (bytes) => bytes.indexOf(COLON) + 1)
  if (/^digest$/i.test(scheme)) return scheme + blank + maskedParameters(rest)
  return scheme + blank + zeros(rest)
}

/** RFC 7616 3.4: the response depends on the password; so does what the server answers with. */
function maskedParameters(text: string): string {
  return text.replace(
    /\b((?:response|cnonce|rspauth)=\s*"?)([^",\s]+)/gi,
    (_, name: string, value: string) => name + zeros(value),
  )
}

/**
 * One line, or several, of SMTP, IMAP, POP3, NNTP or FTP that a decoder keeps: the password of PLAIN behind its second
 * NUL, of IMAP LOGIN, and the digest of APOP.
 */
export function maskedLines(text: string): string {
  return text
    .replace(/^(\S+ LOGIN )([\s\S]*)$/i, (_, command: string, words: string) => command + maskedLogin(words))
    .replace(/^(APOP \S+ )([^\r\n]*)/im, (_, command: string, digest: string) => command + zeros(digest))
    .replace(/^((?:AUTHINFO )?PASS )([^\r\n]*)/gim, (_, command: string, password: string) => command + zeros(password))
    .replace(/[A-Za-z0-9+/]{8,}={0,2}/g, (word) => maskedBase64(word, behindSecondNul))
}

/** An element of SASL in XMPP: of PLAIN the password; of what is no token all, whatever the mechanism calls it. */
export function maskedElement(text: string): string {
  if (!/^\s*<(?:auth|challenge|response|success)\b/.test(text)) return text
  return text.replace(/(?<=>)[^<]+/g, (words) =>
    words.replace(/[A-Za-z0-9+/]+={0,2}/g, (word) => {
      const bytes = Buffer.from(word, 'base64')
      if (isToken(bytes)) return word
      return behindSecondNul(bytes) > 0 ? maskedBase64(word, behindSecondNul) : word.replace(/[^=]/g, 'A')
    }),
  )
}

/** What else is said in XMPP: tags stay, texts and the values in tags do not. */
export function maskedStanza(text: string): string {
  return text.replace(/^[^<]+|(?<=[='"])[^<>='"]+(?=['"])/g, (part) => part.replace(/\S/g, '0'))
}

/** IMAP LOGIN: a name, quoted, literal or an atom; all behind it is the password, but for the length of a literal. */
function maskedLogin(words: string): string {
  const name = /^(?:"(?:[^"\\]|\\.)*"|\{(\d{1,4})\+?\}\r?\n|\S+)/.exec(words)
  if (name === null) return words
  const end = name[0].length + (name[1] === undefined ? 0 : Number(name[1]))
  return (
    words.slice(0, end) +
    words.slice(end).replace(/\{\d+\+?\}|[^\r\n" ]+/g, (word) => (word[0] === '{' ? word : zeros(word)))
  )
}

/** 0: there are no two NULs with something behind them; tokens have many, and are looked at by their mechanisms */
function behindSecondNul(bytes: Buffer): number {
  if (isToken(bytes)) return 0
  const first = bytes.indexOf(0)
  return first < 0 ? 0 : bytes.indexOf(0, first + 1) + 1
}

/**
 * A line of the client that its decoder steps over: a command stays, all else is the rest of an authentication or a
 * mail.
 */
export function maskedUnread(line: string): string {
  // behind the tag of IMAP, or at once
  const words = line.toUpperCase().split(/[ \r\n-]/, 2)
  if (words.some((word) => COMMANDS.has(word))) return maskedLines(line)
  return line.replace(/[A-Za-z0-9+/]/g, 'A')
}

/** Commands of SMTP, IMAP, POP3, NNTP and FTP that show no secret. */
const COMMANDS = new Set(
  [
    'HELO EHLO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP STARTTLS STLS AUTH AUTHENTICATE CAPABILITY LOGIN',
    'LOGOUT SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE LIST LSUB STATUS CHECK CLOSE EXPUNGE SEARCH FETCH STORE COPY',
    'UID IDLE DONE NAMESPACE ENABLE ID CAPA USER STAT RETR DELE TOP UIDL APOP CAPABILITIES MODE GROUP LISTGROUP NEXT',
    'ARTICLE HEAD BODY DATE NEWGROUPS POST IHAVE AUTHINFO OVER HDR XOVER FEAT OPTS SYST TYPE PASV EPSV PORT EPRT CWD PWD',
    'CDUP STOR NLST SIZE MDTM PBSZ PROT ADAT CCC',
  ].flatMap((line) => line.split(' ')),
)

/** The word in base64 with zeros from where `from` says (0: nowhere); as it was, where it is no base64. */
function maskedBase64(word: string, from: (bytes: Buffer) => number): string {
  const digits = withoutEnd(word.trimEnd(), '=')
  const bytes = Buffer.from(digits, 'base64')
  if (withoutEnd(bytes.toString('base64'), '=') !== digits) return word
  const start = from(bytes)
  if (start <= 0 || start >= bytes.length) return word
  bytes.fill(0, start)
  return bytes.toString('base64').slice(0, digits.length) + word.slice(digits.length)
}

export function zeros(text: string): string {
  return '0'.repeat(text.length)
}

export function textOf(bytes: Uint8Array): string {
  return latin1(bytes)
}

const COLON = 0x3a
