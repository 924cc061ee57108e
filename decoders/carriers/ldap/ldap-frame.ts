/**
 * Where LDAP messages, and the buffers of a SASL security layer, begin and end: the hot half of the LDAP carrier.
 *
 * RFC 4511 4.1.1 and 5.1 (LDAPMessage in BER, definite lengths), RFC 4422 3.7 (buffers), and of the tokens inside only
 * the header that tells their kind: MS-NLMP 2.2.2.9, RFC 4121 4.2.6.2, RFC 1964 1.2.2. Reads no contents. Does not
 * recognise the layers of DIGEST-MD5, whose buffers bear no mark of their own. Called per packet: allocates nothing,
 * returns offsets and lengths only.
 */

import type { Bulk, Framing, Side } from '../../carrier.ts'
import { elementLength, INTEGER, OCTET_STRING, SEQUENCE } from '../../parts/der.ts'

/** Answers of the readers below where there is no offset: more bytes are needed; not what is looked for. */
export const MORE = -1
export const OTHER = -2

/**
 * No LDAPMessage and no SASL buffer is longer: Active Directory receives 10 MiB at most, RFC 4422 allows a buffer of 16
 * MiB.
 */
const MESSAGE_BYTES_MAX = 16 << 20
/** A bind or extended operation is kept up to this length; Kerberos tokens end at 64 KiB. */
const KEPT_BYTES_MAX = 262_144
/** A rootDSE beyond this is no rootDSE. */
const ROOT_DSE_BYTES_MAX = 65_536
/** Enough for the resultCode of any response behind two lengths as Windows writes them: 6 + 6 + 6 + 3. */
const ORDINARY_BYTES_KEPT = 32
/** Enough for the token header of a SASL buffer, and for the LDAPMessage header behind an NTLM signature. */
const BUFFER_BYTES_KEPT = 64
/**
 * Ordinary PDUs kept as evidence: so many after each bind, then one in so many. With 8 they were a third of all decoded
 * PDUs of a domain controller.
 */
const SAMPLED_FIRST = 4
const SAMPLED_EVERY = 256
/** holds the count */
const SAMPLED_MASK = 0x1ff

// --- LDAPMessage
// ----------------------------------------------------------------------------------------------------------------

/*
 * LDAPMessage ::= SEQUENCE {
 *      messageID       MessageID,                -- INTEGER (0 .. maxInt), maxInt 2147483647
 *      protocolOp      CHOICE { ... },           -- [APPLICATION n], PROTOCOL_OPS
 *      controls       [0] Controls OPTIONAL }
 */
export const BIND_REQUEST = 0x60
export const BIND_RESPONSE = 0x61
export const UNBIND_REQUEST = 0x42
export const SEARCH_RESULT_ENTRY = 0x64
export const ABANDON_REQUEST = 0x50
export const EXTENDED_REQUEST = 0x77
export const EXTENDED_RESPONSE = 0x78

/** protocolOp: identifier octet, the name of its production in RFC 4511 4.2 to 4.13, who sends it. */
export const PROTOCOL_OPS: readonly (readonly [tag: number, name: string, from: Side])[] = [
  [BIND_REQUEST, 'bindRequest', 'client'],
  [BIND_RESPONSE, 'bindResponse', 'server'],
  [UNBIND_REQUEST, 'unbindRequest', 'client'],
  [0x63, 'searchRequest', 'client'],
  [SEARCH_RESULT_ENTRY, 'searchResultEntry', 'server'],
  [0x65, 'searchResultDone', 'server'],
  [0x73, 'searchResultReference', 'server'],
  [0x66, 'modifyRequest', 'client'],
  [0x67, 'modifyResponse', 'server'],
  [0x68, 'addRequest', 'client'],
  [0x69, 'addResponse', 'server'],
  [0x4a, 'delRequest', 'client'],
  [0x6b, 'delResponse', 'server'],
  [0x6c, 'modifyDNRequest', 'client'],
  [0x6d, 'modifyDNResponse', 'server'],
  [0x6e, 'compareRequest', 'client'],
  [0x6f, 'compareResponse', 'server'],
  [ABANDON_REQUEST, 'abandonRequest', 'client'],
  [EXTENDED_REQUEST, 'extendedRequest', 'client'],
  [EXTENDED_RESPONSE, 'extendedResponse', 'server'],
  [0x79, 'intermediateResponse', 'server'],
]

/** 1 where the octet is one of them: the table in the form that `operationAt` needs. */
const IS_PROTOCOL_OP = new Uint8Array(256)
for (const [tag] of PROTOCOL_OPS) IS_PROTOCOL_OP[tag] = 1

/** `Carrier.frame` for a half whose PDU at 0 begins like an LDAPMessage. */
export function frameMessage(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  const at = operationAt(head)
  if (at < 0) return at === MORE ? 'more' : 'lost'
  const length = elementLength(head, 0)
  out.length = length
  out.more = false
  switch (head[at]) {
    case BIND_REQUEST:
    case BIND_RESPONSE:
      out.state = 0
      out.keep = Math.min(length, KEPT_BYTES_MAX)
      return 'ready'
    case EXTENDED_REQUEST:
    case EXTENDED_RESPONSE:
      out.keep = Math.min(length, KEPT_BYTES_MAX)
      return 'ready'
    case UNBIND_REQUEST:
    case ABANDON_REQUEST:
      out.keep = 0
      return 'ready'
    case SEARCH_RESULT_ENTRY: {
      const objectName = contentsAt(head, at)
      if (head.length < Math.min(objectName + 2, length)) return 'more'
      if (isRootDse(head, objectName)) {
        out.keep = length
        return 'ready'
      }
    }
  }
  out.keep = sampled(out) ? Math.min(length, ORDINARY_BYTES_KEPT) : 0
  return 'ready'
}

/**
 * Where the protocolOp of the LDAPMessage at 0 stands, or MORE, or OTHER. Accepts only what agrees with itself: a
 * messageID of one to four octets that is not negative, and a protocolOp of RFC 4511 that ends within the message.
 */
export function operationAt(bytes: Uint8Array): number {
  const { length } = bytes
  if (length === 0) return MORE
  if (bytes[0] !== SEQUENCE) return OTHER
  const id = contentsAt(bytes, 0)
  if (id < 0) return id
  const end = elementLength(bytes, 0)
  if (end < id + 5 || end > MESSAGE_BYTES_MAX) return OTHER
  if (length <= id) return MORE
  if (bytes[id] !== INTEGER) return OTHER
  if (length <= id + 1) return MORE
  const idOctets = bytes[id + 1]!
  if (idOctets < 1 || idOctets > 4) return OTHER
  if (length <= id + 2) return MORE
  if (bytes[id + 2]! > 0x7f) return OTHER
  const operation = id + 2 + idOctets
  if (length <= operation) return MORE
  if (IS_PROTOCOL_OP[bytes[operation]!] === 0) return OTHER
  const start = contentsAt(bytes, operation)
  if (start < 0) return start
  return operation + elementLength(bytes, operation) <= end ? operation : OTHER
}

/**
 * Where the contents of the element at `at` begin, or MORE, or OTHER: indefinite, or a length of more than four octets.
 */
export function contentsAt(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 2) return MORE
  const first = bytes[at + 1]!
  if (first < 0x80) return at + 2
  if (first === 0x80 || first > 0x84) return OTHER
  const start = at + 2 + (first & 0x7f)
  return bytes.length < start ? MORE : start
}

/**
 * Is this SearchResultEntry, whose objectName stands at `at`, the rootDSE (RFC 4512 5.1)? Its name is empty, whoever
 * asked for it.
 */
export function isRootDse(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === OCTET_STRING && bytes[at + 1] === 0 && elementLength(bytes, 0) <= ROOT_DSE_BYTES_MAX
}

/**
 * Is this ordinary PDU to be kept? `state` counts those of this half since its last bind, and then turns round in its
 * upper part.
 */
function sampled(out: Framing): boolean {
  const first = out.state < SAMPLED_FIRST
  const turned = out.state >= SAMPLED_FIRST + SAMPLED_EVERY - 1
  out.state = turned ? SAMPLED_FIRST : out.state + 1
  return first || turned
}

// --- Buffers of a SASL security layer
// -------------------------------------------------------------------------------------------

/*
 * RFC 4422 3.7: four octets of length in network order, then the buffer. With these mechanisms the buffer is one token:
 *
 *  MS-NLMP 2.2.2.9   NTLMSSP_MESSAGE_SIGNATURE: Version 01 00 00 00, Checksum 8, SeqNum 4; then the message
 *  RFC 4121 4.2.6.2  TOK_ID 05 04, Flags 1, Filler FF, EC 2, RRC 2, SND_SEQ 8; then the message
 *  RFC 1964 1.2.2    60 length 06 09 <Kerberos 5>, TOK_ID 02 01, SGN_ALG 2, SEAL_ALG 2, Filler FF FF, ...
 */
export const NTLM_SIGNATURE = 1
export const CFX_WRAP = 2
export const RFC1964_WRAP = 3

export const BUFFER_HEADER_BYTES = 4
/** both the NTLM signature and the CFX header */
export const SIGNATURE_BYTES = 16
/** mechanism and TOK_ID of a Kerberos 5 Wrap token, behind the length of the GSS framing */
const KERBEROS_WRAP = Uint8Array.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x02, 0x01)

/** Those of the first two kinds that are not sampled. */
export const BUFFER_BULK: readonly Bulk[] = [
  [
    [4, 0x05],
    [5, 0x04],
    [7, 0xff],
    [0, [0, 1]],
  ] as const,
  [
    [4, 0x01],
    [5, 0],
    [6, 0],
    [7, 0],
    [0, [0, 1]],
  ] as const,
].map((bytes) => ({
  head: BUFFER_HEADER_BYTES + SIGNATURE_BYTES,
  bytes,
  length: {
    at: 0,
    octets: 4,
    add: BUFFER_HEADER_BYTES,
    min: BUFFER_HEADER_BYTES + SIGNATURE_BYTES + 1,
    max: BUFFER_HEADER_BYTES + MESSAGE_BYTES_MAX,
  },
  clear: ~SAMPLED_MASK,
  sampled: { mask: SAMPLED_MASK, first: SAMPLED_FIRST, interval: SAMPLED_EVERY, keep: BUFFER_BYTES_KEPT },
}))

/** `Carrier.frame` for a half whose PDU at 0 does not begin like an LDAPMessage. */
export function frameBuffer(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  const kind = bufferKind(head)
  if (kind < 0) return kind === MORE ? 'more' : 'lost'
  const length = BUFFER_HEADER_BYTES + bufferLength(head)
  out.length = length
  out.more = false
  out.keep = sampled(out) ? Math.min(length, BUFFER_BYTES_KEPT) : 0
  return 'ready'
}

/** With which token the SASL buffer at 0 begins, or MORE, or OTHER. */
export function bufferKind(bytes: Uint8Array): number {
  const { length } = bytes
  // the TLS that follows StartTLS ends here: its record type, as highest octet of a length, is far beyond 16 MiB
  if (length > 0 && bytes[0]! > 0x01) return OTHER
  if (length <= BUFFER_HEADER_BYTES) return MORE
  const size = bufferLength(bytes)
  if (size <= SIGNATURE_BYTES || size > MESSAGE_BYTES_MAX) return OTHER
  switch (bytes[4]) {
    case 0x01:
      if ((length > 5 && bytes[5] !== 0) || (length > 6 && bytes[6] !== 0) || (length > 7 && bytes[7] !== 0))
        return OTHER
      return length < BUFFER_HEADER_BYTES + SIGNATURE_BYTES ? MORE : NTLM_SIGNATURE
    case 0x05:
      if ((length > 5 && bytes[5] !== 0x04) || (length > 7 && bytes[7] !== 0xff)) return OTHER
      return length < BUFFER_HEADER_BYTES + SIGNATURE_BYTES ? MORE : CFX_WRAP
    case 0x60:
      return kerberosWrap(bytes)
  }
  return OTHER
}

function kerberosWrap(bytes: Uint8Array): number {
  const mechanism = contentsAt(bytes, BUFFER_HEADER_BYTES)
  if (mechanism < 0) return mechanism
  for (let i = 0; i < KERBEROS_WRAP.length; i++) {
    if (bytes.length <= mechanism + i) return MORE
    if (bytes[mechanism + i] !== KERBEROS_WRAP[i]) return OTHER
  }
  return RFC1964_WRAP
}

/** Bytes of the buffer behind its length. */
export function bufferLength(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0
}

/** Where SGN_ALG of an RFC1964_WRAP buffer stands. */
export function sgnAlgAt(bytes: Uint8Array): number {
  return contentsAt(bytes, BUFFER_HEADER_BYTES) + KERBEROS_WRAP.length
}
