/**
 * One HTTP/1.x head as a carrier message: what `decode` of the HTTP carrier answers.
 *
 * Specification: RFC 9112 2 to 5 (head), RFC 9110 11 (authentication), RFC 4559 and MS-NTHT (Negotiate and NTLM
 * tokens), MS-WSMV (`/wsman`). It does not see the body, does not know which request a response answers (the fold
 * does), and gives out no query string, no password and no credentials of any scheme but the GSS token itself. All
 * values are fresh copies.
 */
import {
  type AuthStep,
  type CarrierMessage,
  type ConnectionFacts,
  type ContextStep,
  EMPTY_LEG,
  type HttpFacts,
  type LegStep,
  type OfferStep,
  type Side,
  type Status,
  type TrafficStep,
} from '../../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../../outcome.ts'
import { keptName, LONG_NAME_CHARACTERS_MAX } from '../../parts/interned.ts'
import { base64Bytes, latin1, until } from '../../parts/text.ts'
import { httpApplication } from './http-application.ts'
import { type Challenge, carriesToken, credentialsPrincipal, parseChallenges, parseCredentials } from './http-auth.ts'

/** The proxy authenticates for itself: its legs and offers stand apart from those of the origin server. */
const ORIGIN = ''
const PROXY = 'proxy'

export function httpMessage(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const head = readHead(latin1(pdu))
  if (head === null) return failed('cut', 'start-line')
  const request = REQUEST_LINE.exec(head.startLine)
  const response = request === null ? STATUS_LINE.exec(head.startLine) : null
  if (request === null && response === null) return failed('malformed', 'start-line')
  const notes: Notes = { fault: head.complete ? null : { reason: 'cut', where: 'field-line' } }
  const messages =
    request === null
      ? [responseMessage(Number(response![1]), head, notes)]
      : requestMessages(request[1]!, request[2]!, head, notes)
  return read(messages, notes.fault)
}

const REQUEST_LINE = /^([A-Z_-]+) (\S.*) HTTP\/1\.\d$/
const STATUS_LINE = /^HTTP\/1\.\d (\d{3})(?: |$)/

/** The first fault of a message; what follows it is read all the same. */
interface Notes {
  fault: Fault | null
}

/**
 * `fields` of a request: method, target (path alone; host and port after CONNECT), host, userAgent, scheme and
 * proxyScheme (authentication schemes). Credentials for both the proxy and the origin server are two messages of one
 * line.
 */
function requestMessages(method: string, target: string, head: Head, notes: Notes): CarrierMessage[] {
  const origins = clientLegs(head, 'authorization', ORIGIN, notes)
  const proxies = clientLegs(head, 'proxy-authorization', PROXY, notes)
  const origin = origins.at(-1) ?? null
  const proxy = proxies.at(-1) ?? null
  const path = keptName(targetPath(method, target), LONG_NAME_CHARACTERS_MAX)
  const host = nameIn(head, 'host')
  const userAgent = nameIn(head, 'user-agent')
  const viaProxy = method === 'CONNECT' || ABSOLUTE_FORM.test(target) || proxy !== null
  // the other end of a proxied connection is the proxy, whose name the client does not say
  const serverName = host === null || viaProxy ? '' : keptName(hostName(host))
  const facts: ConnectionFacts = {
    http: {
      method,
      proxy: viaProxy,
      path,
      application: method === 'CONNECT' ? null : httpApplication(method, path, userAgent),
      ...(host !== null && { host }),
      ...(userAgent !== null && { userAgent }),
    },
    ...(serverName !== '' && { serverName }),
    ...(method === 'CONNECT' && { tunnel: path }),
  }
  const service = WSMAN.test(path) ? 'winrm' : 'http'
  const said = {
    method,
    target: path,
    host,
    userAgent,
    scheme: origin?.method ?? null,
    proxyScheme: proxy?.method ?? null,
  }
  const traffic = protection(head, 'client', service === 'winrm')
  // a tunnel or a protected body that was looked at, without credentials: no message about authentication
  const fields = origin === null && proxy === null && (method === 'CONNECT' || traffic.length > 0) ? null : said
  const common = { protocol: 'http', type: 'request', from: 'client' as const }
  const factsStep: AuthStep = { kind: 'facts', facts }
  if (method === 'CONNECT' && origin === null && proxy === null)
    return [{ ...common, service: 'http-proxy', fields: null, steps: [factsStep] }]
  if (proxy === null) return [{ ...common, service, fields, steps: [factsStep, ...origins, ...traffic] }]
  const messages: CarrierMessage[] = [{ ...common, service: 'http-proxy', fields, steps: [factsStep, ...proxies] }]
  if (origin !== null) messages.push({ ...common, service, fields: null, steps: [...origins, ...traffic] })
  return messages
}

/**
 * MS-WSMV 2.2.9.1: how the body is protected by the session that the authentication set up; nothing where it does not
 * say. SOAP in clear is ordinary but to WS-Management, and a response does not say what it answers.
 */
function protection(head: Head, from: Side, isWsman: boolean): TrafficStep[] {
  const type = head.first('content-type')
  if (type === null || head.first('content-length') === '0') return []
  const step = { kind: 'traffic', from, slot: ORIGIN, refused: false } as const
  const encrypted = /^multipart\/encrypted\b.*protocol="?application\/([\w.-]+)/i.exec(type)
  if (encrypted !== null) return [{ ...step, protection: 'sealed', how: encrypted[1]! }]
  return isWsman && /^application\/soap\+xml\b/i.test(type) ? [{ ...step, protection: 'clear', how: null }] : []
}

/** lines of one field in a request; more are not told */
const CREDENTIALS_MAX = 4
/** MS-WSMV: the path of every WinRM listener that is not deliberately moved. */
const WSMAN = /^\/wsman\/?$/i
const ABSOLUTE_FORM = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//

/**
 * What a request presents. RFC 9110 5.3 allows one line of this field, and does not say which of several counts: all
 * schemes are told, since a password that was sent was sent; the token of a security mechanism, which the answer goes
 * on with, comes last.
 */
function clientLegs(head: Head, field: string, slot: string, notes: Notes): LegStep[] {
  const values = head.all(field).filter((value) => value !== '')
  if (values.length > 1) notes.fault ??= { reason: 'malformed', where: field }
  const legs = values.slice(0, CREDENTIALS_MAX).flatMap((value) => clientLeg(value, field, slot, notes) ?? [])
  const withToken = legs.find(({ token }) => token !== null)
  return withToken === undefined ? legs : [...legs.filter(({ token }) => token === null), withToken]
}

function clientLeg(value: string, field: string, slot: string, notes: Notes): LegStep | null {
  const outcome = parseCredentials(value, field)
  notes.fault ??= outcome.fault
  const credentials = outcome.value
  if (credentials === null) return null
  return {
    ...EMPTY_LEG,
    from: 'client',
    slot,
    method: credentials.scheme,
    direct: credentials.scheme === 'NTLM',
    token: tokenOf(credentials, field, notes),
    principal: credentialsPrincipal(credentials),
  }
}

/**
 * `fields` of a response: status, offers and proxyOffers (schemes in the order sent), scheme (of the challenge that
 * carries a token), server, persistentAuth.
 *
 * A response does not say what it answers. It always brings a leg for the origin server and one for the proxy; one that
 * answers no open authentication means nothing.
 */
function responseMessage(code: number, head: Head, notes: Notes): CarrierMessage {
  const origin = challengesOf(head, 'www-authenticate', notes)
  const proxy = challengesOf(head, 'proxy-authenticate', notes)
  const server = nameIn(head, 'server')
  const persistent = head.first('persistent-auth')
  const persistentAuth = persistent === null ? null : /^true$/i.test(persistent)
  const status: Status = { code, name: STATUS_NAMES.get(code) ?? String(code), detail: null }

  const steps: AuthStep[] = []
  const http: Partial<HttpFacts> = {
    ...(server !== null && { serverSoftware: server }),
    ...(code === 407 && { proxy: true }),
  }
  if (Object.keys(http).length > 0) steps.push({ kind: 'facts', facts: { http } })
  // a head that was cut may have lost a challenge or a token: then neither an offer nor a failure is known
  // some ask for both in one response
  const isOffered = (list: Challenges, own: number) =>
    head.complete &&
    list.token === null &&
    (code === own || ((code === 401 || code === 407) && list.methods.length > 0))
  if (isOffered(origin, 401)) steps.push(offer(origin, ORIGIN))
  if (isOffered(proxy, 407)) steps.push(offer(proxy, PROXY))
  if (code === 101 || code >= 200) {
    // what a proxy refuses never reached the origin server; what the origin server answers was let through by the proxy
    const facts: ConnectionFacts | null = persistentAuth === null ? null : { http: { persistentAuth } }
    if (code !== 407) {
      const outcome = code === 401 ? refusal(origin, head) : acceptance(code)
      steps.push({ ...serverLeg(origin, ORIGIN, outcome, status), facts })
    }
    const letThrough = proxy.methods.length === 0 ? 'success' : null
    const outcome = code === 407 ? refusal(proxy, head) : code === 401 ? letThrough : acceptance(code)
    steps.push({ ...serverLeg(proxy, PROXY, outcome, status), facts })
  }
  steps.push(...protection(head, 'server', false))
  const redirect = redirectOf(code, head)
  if (redirect !== null) steps.push(redirect)
  // that much is kept of a redirect which answers no credentials
  const isRedirectAlone = redirect !== null && !head.complete
  if (isRedirectAlone) notes.fault = null
  const isProxy = code === 407 || proxy.methods.length > 0
  return {
    protocol: 'http',
    type: 'response',
    from: 'server',
    service: isProxy ? 'http-proxy' : 'http',
    fields: isRedirectAlone
      ? null
      : {
          status: code,
          offers: origin.methods,
          proxyOffers: proxy.methods,
          scheme: origin.scheme ?? proxy.scheme,
          server,
          persistentAuth,
        },
    steps,
  }
}

/** Where a response sends the client, RFC 9110 10.2.2; null: nowhere, or to the same server. */
function redirectOf(code: number, head: Head): ContextStep | null {
  if (code <= 300 || code >= 309 || code === 304) return null
  const found = LOCATION.exec(head.first('location') ?? '')
  if (found === null) return null
  const [, scheme = 'http:', address, port = '', path = ''] = found
  const host = address!.replace(/^\[|\]$/g, '')
  const where = keptName(`${scheme}//${address}${port}${path}`, LONG_NAME_CHARACTERS_MAX)
  const links = [{ host: keptName(host), where }]
  return { kind: 'context', from: 'server', fact: { fact: 'sent-elsewhere', by: 'http-redirect', links } }
}

/** Of a URL, without its user, its query and what else may hold a session key. */
const LOCATION =
  /^(https?:)?\/\/(?:[^@/?#]{0,255}@)?(\[[0-9A-Fa-f:.]{2,45}\]|[^/:?#@\s]{1,255})(:\d{1,5})?(\/[^?#;\s]{0,200})?/i

/** All challenges of one kind in a response: the schemes in order, and the token of the one that goes on. */
interface Challenges {
  readonly methods: readonly string[]
  readonly scheme: string | null
  readonly token: Uint8Array | null
}

function challengesOf(head: Head, field: string, notes: Notes): Challenges {
  // several header lines are one list (RFC 9110 5.3)
  const value = head.all(field).join(', ')
  if (value === '') return { methods: [], scheme: null, token: null }
  const { value: challenges, fault } = parseChallenges(value, field)
  notes.fault ??= fault
  const methods = [...new Set(challenges.map((challenge) => challenge.scheme))]
  const withToken = challenges.find((challenge) => challenge.token68 !== null && carriesToken(challenge.scheme))
  if (withToken === undefined) return { methods, scheme: null, token: null }
  return { methods, scheme: withToken.scheme, token: tokenOf(withToken, field, notes) }
}

/** 401 and 407: a token goes on with the authentication, a bare challenge ends it. */
function refusal(challenges: Challenges, head: Head): 'continue' | 'failure' | null {
  if (challenges.token !== null) return 'continue'
  return head.complete ? 'failure' : null
}

/**
 * Any other status. An application that looks the resource up, moves it or changes it has accepted the credentials. 403
 * does not tell (known but not allowed, or not known), nor do the errors that come before authentication (400, 431) and
 * those of a server in trouble.
 */
function acceptance(code: number): 'success' | null {
  return code < 400 || ACCEPTED.has(code) ? 'success' : null
}

const ACCEPTED = new Set([404, 405, 406, 409, 410, 412, 415, 416, 422, 423])

function offer(challenges: Challenges, slot: string): OfferStep {
  return { kind: 'offer', methods: challenges.methods, token: null, slot }
}

function serverLeg(challenges: Challenges, slot: string, outcome: LegStep['outcome'], status: Status): LegStep {
  return {
    ...EMPTY_LEG,
    from: 'server',
    slot,
    method: challenges.scheme,
    direct: challenges.scheme === 'NTLM',
    token: challenges.token,
    outcome,
    status,
  }
}

function tokenOf(challenge: Challenge, field: string, notes: Notes): Uint8Array | null {
  if (challenge.token68 === null || !carriesToken(challenge.scheme)) return null
  const token = base64Bytes(standardBase64(challenge.token68))
  if (token === null) notes.fault ??= { reason: 'malformed', where: `${field}.token68` }
  return token
}

/**
 * Broken by obsolete folding, or in the alphabet of RFC 4648 5: no client of Windows sends either, some of others do.
 */
function standardBase64(token68: string): string {
  return token68
    .replace(/[ \t]+/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
}

/**
 * The path of a request-target (RFC 9112 3.2). Query, fragment and path parameters may hold session keys and are
 * dropped, as is the userinfo of an authority.
 */
function targetPath(method: string, target: string): string {
  if (method === 'CONNECT') return target.slice(target.lastIndexOf('@') + 1)
  const authority = ABSOLUTE_FORM.exec(target)?.[0].length ?? 0
  const slash = authority === 0 ? 0 : target.indexOf('/', authority)
  if (slash < 0) return '/'
  return until(until(until(target.slice(slash), '?'), '#'), ';')
}

/** What software and hosts call themselves: nothing of the head stays with it. */
function nameIn(head: Head, field: string): string | null {
  const value = head.first(field)
  return value === null ? null : keptName(value, LONG_NAME_CHARACTERS_MAX)
}

/** `Host = uri-host [ ":" port ]`: the name or address alone, IPv6 without its brackets. */
function hostName(host: string): string {
  if (host.startsWith('[')) return until(host.slice(1), ']')
  return until(host, ':')
}

/** The head of a message of HTTP, SIP and their kin. */
export interface Head {
  readonly startLine: string
  /** the blank line was there */
  readonly complete: boolean
  /** values of a field by its lower-case name, in order */
  all(name: string): readonly string[]
  /** the first value that is not empty */
  first(name: string): string | null
}

/**
 * ```
 * field-line = field-name ":" OWS field-value OWS
 * ```
 * Line ends are CRLF or LF; obsolete folding is joined. Of a head that was cut, the unfinished last line counts only
 * where it is a token already under way: half a name or half a scheme would say what nobody sent. Null without a whole
 * start line.
 */
export function readHead(text: string): Head | null {
  const lines = text.replace(/\r?\n[ \t]+/g, ' ').split('\n')
  const unfinished = lines.pop()!
  const startLine = lines.shift()
  if (startLine === undefined) return null
  const fields = new Map<string, string[]>()
  let complete = false
  for (const ended of lines) {
    const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended
    if (line === '') {
      complete = true
      break
    }
    addField(fields, line)
  }
  if (!complete && TOKEN_UNDER_WAY.test(unfinished)) addField(fields, wholeGroups(unfinished))
  const all = (name: string) => fields.get(name) ?? NONE
  return {
    startLine: startLine.trimEnd(),
    complete,
    all,
    first: (name) => all(name).find((value) => value !== '') ?? null,
  }
}

const NONE: readonly string[] = []
const TOKEN_UNDER_WAY =
  /^(?:(?:proxy-)?authorization|(?:www|proxy)-authenticate):[ \t]*(?:negotiate|ntlm|kerberos)[ \t]+[A-Za-z0-9+/]{4,}=*\r?$/i

/** Cut inside a group of four base64 digits, one digit alone is no byte. */
function wholeGroups(line: string): string {
  const digits = /[A-Za-z0-9+/]*=*\r?$/.exec(line)!
  return line.slice(0, digits.index + (digits[0].length & ~3))
}

function addField(fields: Map<string, string[]>, line: string): void {
  const colon = line.indexOf(':')
  if (colon <= 0) return
  const name = line.slice(0, colon).toLowerCase()
  const value = line.slice(colon + 1).trim()
  const values = fields.get(name)
  if (values === undefined) fields.set(name, [value])
  else values.push(value)
}

/** RFC 9110 15 and the status codes of RFC 4918, 6585 that meet authentication. */
const STATUS_NAMES = new Map(
  [
    ...['101 Switching Protocols', '200 OK', '201 Created', '202 Accepted', '204 No Content', '206 Partial Content'],
    ...['207 Multi-Status', '301 Moved Permanently', '302 Found', '303 See Other', '304 Not Modified'],
    ...['307 Temporary Redirect', '308 Permanent Redirect', '400 Bad Request', '401 Unauthorized', '403 Forbidden'],
    ...['404 Not Found', '405 Method Not Allowed', '406 Not Acceptable', '407 Proxy Authentication Required'],
    ...['408 Request Timeout', '409 Conflict', '410 Gone', '411 Length Required', '412 Precondition Failed'],
    ...['413 Content Too Large', '415 Unsupported Media Type', '417 Expectation Failed', '423 Locked'],
    ...['429 Too Many Requests', '431 Request Header Fields Too Large', '500 Internal Server Error'],
    ...['501 Not Implemented', '502 Bad Gateway', '503 Service Unavailable', '504 Gateway Timeout'],
  ].map((name) => [Number(name.slice(0, 3)), name] as const),
)
