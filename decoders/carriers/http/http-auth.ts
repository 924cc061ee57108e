/**
 * The values of the four HTTP authentication headers: challenges (WWW-Authenticate, Proxy-Authenticate) and credentials
 * (Authorization, Proxy-Authorization).
 *
 * Specification: RFC 9110 11 (framework), RFC 4559 and MS-NTHT (Negotiate and NTLM: a token68 instead of parameters),
 * RFC 7617 (Basic), RFC 7616 (Digest). It does not judge realms, nonces or answers, and it gives no secret away: of
 * Basic only the user name leaves this file, of every scheme that carries no GSS token only its name and user. All
 * values are fresh copies.
 */
import type { Principal } from '../../carrier.ts'
import { type Fault, failed, type Outcome, type Read, read } from '../../outcome.ts'
import { typedPrincipal } from '../../parts/sasl.ts'
import { base64Bytes, utf8Text } from '../../parts/text.ts'

/** More challenges in one message than this are not listed: real servers send at most six. */
export const CHALLENGES_MAX = 32

/** One challenge, or the credentials of a request: the same production. */
export interface Challenge {
  /** `Negotiate`, `NTLM`, `Basic`... in its registered spelling where we know one, else as typed */
  readonly scheme: string
  /** the token68 that follows the scheme, still in base64; null where there are parameters or nothing */
  readonly token68: string | null
  /** auth-params, names in lower case, values without their quotes; the first of a name wins */
  readonly params: ReadonlyMap<string, string>
}

/**
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * token68          = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
 * ```
 * Commas stand between challenges and between the parameters of one challenge. An element that begins with `name =` is
 * a parameter of the challenge before it; any other element begins a challenge.
 */
export function parseChallenges(value: string, where: string): Read<readonly Challenge[]> {
  const challenges: Challenge[] = []
  let params: Map<string, string> | null = null
  let fault: Fault | null = null
  for (const element of commaElements(value)) {
    const parameter = PARAMETER.exec(element)
    if (parameter !== null && params !== null) {
      addParameter(params, parameter)
      continue
    }
    const challenge = SCHEME.exec(element)
    if (challenge === null) {
      // one broken element hides nothing of the others
      fault ??= { reason: 'malformed', where }
      continue
    }
    if (challenges.length === CHALLENGES_MAX) return read(challenges, { reason: 'limit', where })
    params = new Map()
    const rest = challenge[2] ?? ''
    const firstParameter = PARAMETER.exec(rest)
    if (firstParameter !== null) addParameter(params, firstParameter)
    const token68 = rest === '' || firstParameter !== null ? null : rest
    challenges.push({ scheme: schemeName(challenge[1]!), token68, params })
  }
  return read(challenges, fault)
}

/** Credentials of a request: one scheme, so that the whole rest is its token68 or its parameters. */
export function parseCredentials(value: string, where: string): Outcome<Challenge> {
  const { value: challenges, fault } = parseChallenges(value, where)
  const first = challenges[0]
  if (first === undefined) return failed('malformed', where)
  // an unregistered "scheme" of a client may be a bare key or token: its text is not shown
  const credentials = REGISTERED.has(first.scheme.toLowerCase()) ? first : { ...first, scheme: 'other' }
  // a second "challenge" means that the token or a parameter is not what the scheme promised
  return read(credentials, challenges.length > 1 ? { reason: 'malformed', where } : fault)
}

/** Do tokens of this scheme belong to a security mechanism? */
export function carriesToken(scheme: string): boolean {
  return scheme === 'Negotiate' || scheme === 'NTLM' || scheme === 'Kerberos' || scheme === 'Nego2'
}

/** Who, where the credentials say it in clear: Basic and Digest. The password of Basic is passed over. */
export function credentialsPrincipal(credentials: Challenge): Principal | null {
  if (credentials.scheme === 'Basic') return basicPrincipal(credentials.token68 ?? '')
  if (credentials.scheme === 'Digest' && credentials.params.get('userhash') !== 'true') {
    const user = credentials.params.get('username')
    return user === undefined ? null : typedPrincipal(user)
  }
  return null
}

/** `user-pass = user-id ":" password`, in base64. Without the colon nothing says which of the two it is: null. */
function basicPrincipal(token68: string): Principal | null {
  const userPass = base64Bytes(token68)
  const colon = userPass === null ? -1 : userPass.indexOf(0x3a)
  return colon < 0 ? null : typedPrincipal(utf8Text(userPass!.subarray(0, colon)))
}

/** Schemes compare without case (RFC 9110 11.1): one spelling in every output. */
function schemeName(typed: string): string {
  return REGISTERED.get(typed.toLowerCase()) ?? typed
}

/** The schemes of the IANA registry, and those of Windows that it does not list. */
const REGISTERED = new Map(
  [
    ...['Negotiate', 'NTLM', 'Kerberos', 'Nego2', 'CredSSP', 'Basic', 'Digest', 'Bearer', 'Concealed', 'DPoP', 'GNAP'],
    ...['HOBA', 'Mutual', 'OAuth', 'PrivateToken', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'vapid', 'AWS4-HMAC-SHA256'],
  ].map((name) => [name.toLowerCase(), name]),
)

const SCHEME = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]+(\S.*))?$/
const PARAMETER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s"=]+)$/

function addParameter(params: Map<string, string>, parameter: RegExpExecArray): void {
  const name = parameter[1]!.toLowerCase()
  const value = parameter[2]!
  if (params.has(name)) return
  params.set(name, value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value)
}

/**
 * The elements of a comma-separated list, trimmed, empty ones dropped; commas inside quoted strings do not separate.
 */
function commaElements(value: string): string[] {
  const elements: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < value.length; at++) {
    const char = value[at]
    if (quoted && char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (char === ',' && !quoted) {
      elements.push(value.slice(start, at).trim())
      start = at + 1
    }
  }
  elements.push(value.slice(start).trim())
  return elements.filter((element) => element !== '')
}
