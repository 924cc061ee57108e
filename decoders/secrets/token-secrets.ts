/**
 * Where the secrets stand in a security token: what somebody could use to try passwords at leisure.
 *
 * NTLM: the LM response, the NT response (of NTLMv2 the proof and the client's challenge: its AV_PAIRs stay, since
 * verdicts stand on them), the MIC and the session key. Kerberos: the cipher text of every EncryptedData, wherever it
 * stands. SPNEGO: those of the tokens inside. Pure.
 */
import { kerberos } from '../mechanisms/kerberos.ts'
import { unwrap } from '../mechanisms/kerberos-token.ts'
import { ntlmssp } from '../mechanisms/ntlmssp.ts'
import { spnego } from '../mechanisms/spnego.ts'
import { type DerElement, derAt, derChildren, derInner, INTEGER, OCTET_STRING, SEQUENCE } from '../parts/der.ts'

/** Bytes from `start` up to `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** In the order in which they are found; none where no mechanism claims the token. */
export function tokenSecrets(token: Uint8Array, depth = 0): Span[] {
  if (depth > DEPTH_MAX) return []
  if (ntlmssp.claims(token)) return token[MESSAGE_TYPE_AT] === AUTHENTICATE ? authenticateSecrets(token) : []
  if (spnego.claims(token)) {
    const message = spnego.decode(token).value
    const inner = [message?.innerToken ?? null, message?.repeatedToken ?? null]
    return inner.flatMap((part) => (part === null ? [] : within(token, part, depth)))
  }
  if (!kerberos.claims(token)) return []
  return cipherTexts(token, unwrap(token)?.at ?? 0)
}

/** The spans of a part that is a view of `token`. */
function within(token: Uint8Array, part: Uint8Array, depth: number): Span[] {
  const shift = part.byteOffset - token.byteOffset
  if (part.buffer !== token.buffer || shift < 0 || shift + part.length > token.length) return []
  return tokenSecrets(part, depth + 1).map(({ start, end }) => ({ start: start + shift, end: end + shift }))
}

const DEPTH_MAX = 6
const MESSAGE_TYPE_AT = 8
const AUTHENTICATE = 3

/*
 * AUTHENTICATE_MESSAGE, MS-NLMP 2.2.1.3: fields of Len 2, MaxLen 2, BufferOffset 4
 *   12 LmChallengeResponse   20 NtChallengeResponse   28 DomainName   36 UserName   44 Workstation
 *   52 EncryptedRandomSessionKey   60 NegotiateFlags   64 Version   72 MIC (16)
 */
const LM_AT = 12
const NT_AT = 20
const NAMES_AT = [28, 36, 44]
const SESSION_KEY_AT = 52
const HEAD_MIN = 52
const MIC_BYTES = 16
/** where a MIC may stand: behind Version, or where some stacks leave that out */
const MIC_AT = [72, 64]

function authenticateSecrets(token: Uint8Array): Span[] {
  const spans: Span[] = []
  const view = new DataView(token.buffer, token.byteOffset, token.length)
  const piece = (at: number): Span | null => {
    if (at + 8 > token.length) return null
    const length = view.getUint16(at, true)
    const start = view.getUint32(at + 4, true)
    if (length === 0 || start < HEAD_MIN || start >= token.length) return null
    return { start, end: Math.min(start + length, token.length) }
  }
  const lm = piece(LM_AT)
  const nt = piece(NT_AT)
  const pieces = [lm, nt, ...NAMES_AT.map(piece)].filter((one) => one !== null)
  const payloadAt = Math.min(...pieces.map(({ start }) => start))
  // the head of the oldest form ends before it
  const key = payloadAt >= SESSION_KEY_AT + 8 ? piece(SESSION_KEY_AT) : null
  if (lm !== null) spans.push(lm)
  if (nt !== null) spans.push(...ntResponseSecrets(token, nt))
  if (key !== null) spans.push(key)
  const first = Math.min(payloadAt, key?.start ?? Number.POSITIVE_INFINITY)
  const micAt = MIC_AT.find((at) => first >= at + MIC_BYTES)
  if (micAt !== undefined && pieces.length > 0 && micAt < token.length)
    spans.push({ start: micAt, end: Math.min(micAt + MIC_BYTES, token.length) })
  return spans
}

const NTLMV1_RESPONSE_BYTES = 24
/** NTLMv2_RESPONSE, MS-NLMP 2.2.2.7 and 2.2.2.8: Response 16, ..., ChallengeFromClient at 32 */
const PROOF_BYTES = 16
const CLIENT_CHALLENGE_AT = 32
const CLIENT_CHALLENGE_BYTES = 8

/** Of an NT response, or of what stands in its place without NTLMSSP. */
export function ntResponseSecrets(bytes: Uint8Array, { start, end }: Span): Span[] {
  if (end - start <= NTLMV1_RESPONSE_BYTES) return [{ start, end }]
  const challenge = start + CLIENT_CHALLENGE_AT
  return [
    { start, end: Math.min(start + PROOF_BYTES, end, bytes.length) },
    { start: Math.min(challenge, end), end: Math.min(challenge + CLIENT_CHALLENGE_BYTES, end) },
  ]
}

/** The cipher text of each EncryptedData in the messages that stand one behind the other from `at` on. */
export function cipherTexts(bytes: Uint8Array, at: number, end = bytes.length): Span[] {
  const spans: Span[] = []
  gather(bytes, at, end, 0, spans)
  return spans
}

function gather(bytes: Uint8Array, from: number, end: number, depth: number, spans: Span[]): void {
  for (let at = from; at < end && depth < DER_DEPTH_MAX; ) {
    const element = derAt(bytes, at, end)
    if (element === null) return
    const cipher = element.tag === SEQUENCE ? encryptedIn(element) : null
    if (cipher !== null) spans.push({ start: cipher.start, end: cipher.end })
    else if ((element.tag & CONSTRUCTED) !== 0) gather(bytes, element.start, element.end, depth + 1, spans)
    // padata-value and the like are octets that hold DER
    else if (element.tag === OCTET_STRING && isDer(element)) {
      gather(bytes, element.start, element.end, depth + 1, spans)
    }
    at = element.end
  }
}

const DER_DEPTH_MAX = 32
const CONSTRUCTED = 0x20
/** the shortest cipher text is longer than the parameters of a string-to-key function */
const CIPHER_BYTES_MIN = 8

/** EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] OCTET STRING }, RFC 4120 5.2.9 */
function encryptedIn(sequence: DerElement): DerElement | null {
  const fields = derChildren(sequence)
  const last = fields.at(-1)
  if (fields.length < 2 || fields.length > 3 || fields[0]!.tag !== 0xa0 || last!.tag !== 0xa2) return null
  for (const field of fields.slice(0, -1)) if (derInner(field)?.tag !== INTEGER) return null
  const cipher = derInner(last!)
  return cipher?.tag === OCTET_STRING && cipher.end - cipher.start >= CIPHER_BYTES_MIN ? cipher : null
}

function isDer(octets: DerElement): boolean {
  const inner = derAt(octets.bytes, octets.start, octets.end)
  return inner !== null && (inner.tag & CONSTRUCTED) !== 0 && inner.end === octets.end
}
