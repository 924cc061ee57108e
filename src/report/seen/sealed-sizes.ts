/**
 * What the sizes of the first sealed records say of the logon in them: of LDAP and of RDP with CredSSP, where who logs
 * on speaks first and every message of a logon is one record. Elsewhere (HTTP) a cookie or a body is as large as a
 * ticket, and nothing is said.
 *
 * Specification: RFC 8446 5.2 and RFC 5246 6.2.3.3 (what a record is longer than its plain text), RFC 4511 4.2, MS-CSSP
 * 2.2.1, MS-NLMP 2.2.1. NTLM is three messages of which the third repeats the names of the second and adds its proof;
 * a ticket of a domain with its authorization data is larger than any of them. The bounds leave room between what was
 * seen and what other mechanisms (SCRAM, DIGEST-MD5, IAKERB, a search before a bind) look like: what is near is unsaid.
 */

export type LikelyMechanism = 'kerberos' | 'ntlm' | 'none'

/** The sealed records of one connection, and what its hellos said. */
export interface SealedTalk {
  /** fragments in their order: positive of the client, negative of the server; 0: records are missing */
  readonly records: readonly number[]
  readonly version: string | null
  readonly suite: string | null
  readonly service: string
}

/** null: nothing is said */
export function mechanismBySizes({ records, version, suite, service }: SealedTalk): LikelyMechanism | null {
  // of most services nothing is ever said
  const rules = RULES[service]
  if (rules === undefined || records.includes(0)) return null
  const more = overheadOf(version, suite)
  if (more === null) return null
  const said = version === '1.3' ? behindHandshake(records) : records
  return said === null ? null : rules(turnsOf(said, more))
}

/** What a fragment is longer than its plain text; null: it depends (padding of blocks), or nobody knows. */
function overheadOf(version: string | null, suite: string | null): number | null {
  if (version === null || suite === null) return null
  const tag = suite.endsWith('CCM_8') ? 8 : 16
  if (version === '1.3') return tag + 1
  if (version !== '1.2') return null
  if (suite.includes('CHACHA20')) return tag
  return suite.includes('GCM') || suite.includes('CCM') ? tag + 8 : null
}

/**
 * TLS 1.3 seals its handshake as well. What the client says of it is its Finished alone, of 36 or 52 bytes, perhaps
 * with an empty Certificate of 8: then it has shown none, and what follows is not the handshake any more. null: another
 * one.
 */
function behindHandshake(records: readonly number[]): readonly number[] | null {
  const first = records.findIndex((size) => size > 0)
  if (first === -1) return null
  const size = records[first]!
  if (FINISHED.includes(size) || FINISHED_BEHIND_EMPTY.includes(size)) return records.slice(first + 1)
  if (size !== EMPTY_CERTIFICATE || !FINISHED.includes(records[first + 1] ?? 0)) return null
  return records.slice(first + 2)
}

const SEALED_MORE = 17
const FINISHED = [36 + SEALED_MORE, 52 + SEALED_MORE]
const EMPTY_CERTIFICATE = 8 + SEALED_MORE
const FINISHED_BEHIND_EMPTY = FINISHED.map((size) => size + 8)

/** Plain bytes of what one end said until the other one spoke. */
interface Turn {
  readonly records: readonly number[]
}

/** From the first thing that the client says; the client and the server in turn. */
function turnsOf(records: readonly number[], more: number): readonly Turn[] {
  const turns: { records: number[]; isClient: boolean }[] = []
  for (const size of records) {
    const isClient = size > 0
    const plain = Math.abs(size) - more
    const last = turns.at(-1)
    if (last === undefined && !isClient) continue
    if (last !== undefined && last.isClient === isClient) last.records.push(plain)
    else turns.push({ records: [plain], isClient })
  }
  return turns
}

/** Least bytes of a challenge and of an authenticate message, and what the second is longer than the first. */
interface NtlmBounds {
  readonly first?: number
  readonly last: number
  readonly more: number
}

/**
 * The message of a turn; -1: there is none, or it has several. Tickets of TLS 1.3 may come in front of the first answer
 * of the server.
 */
function messageOf(turns: readonly Turn[], at: number): number {
  const { records = [] } = turns[at] ?? {}
  if (records.length === 1) return records[0]!
  return at === 1 && records.length > 1 && records.length <= 1 + TICKETS_MAX ? records.at(-1)! : -1
}

const TICKETS_MAX = 4

function isIn(size: number, least: number, most: number): boolean {
  return size >= least && size <= most
}

/**
 * sicilyPackageDiscovery, MS-ADTS 5.1.1.1.3: a bind of no name and no credentials, answered by a result that says NTLM
 * in matchedDN. An anonymous bind is as long, and its result is the smallest there is.
 */
function isSicilyQuestion(turns: readonly Turn[]): boolean {
  return (
    SMALLEST_RESULTS.includes(messageOf(turns, 0)) && SMALLEST_RESULTS.includes(messageOf(turns, 1) - 'NTLM'.length)
  )
}

/** NEGOTIATE, CHALLENGE and AUTHENTICATE in the turns from `at` on. */
function isNtlm(turns: readonly Turn[], at: number, { first = 150, last, more }: NtlmBounds): boolean {
  if (!isIn(messageOf(turns, at), 50, 200)) return false
  const challenge = messageOf(turns, at + 1)
  const authenticate = messageOf(turns, at + 2)
  if (!isIn(challenge, first, 700) || !isIn(authenticate, last, 1800)) return false
  return isIn(authenticate - challenge, more, 1200)
}

/** AP-REQ with a ticket of a domain, and an answer with AP-REP. */
function isKerberos(turns: readonly Turn[], at: number): boolean {
  return messageOf(turns, at) >= TICKET_BYTES_MIN && isIn(messageOf(turns, at + 1), 80, 500)
}

/** smaller are those without authorization data, and of what else is said first */
const TICKET_BYTES_MIN = 1250

/**
 * A bind, perhaps behind one question. The result of the last leg has at most a SPNEGO token with its checksum in it,
 * or the text of an error; SCRAM's has the signature of the server.
 */
function ofLdap(turns: readonly Turn[]): LikelyMechanism | null {
  // name and password in one message, and the smallest result there is: whatever follows may be said by whom they are
  const isSimple = isIn(messageOf(turns, 0), 24, 240) && SMALLEST_RESULTS.includes(messageOf(turns, 1))
  if (isSicilyQuestion(turns) && isNtlm(turns, 2, SICILY_NTLM) && isIn(messageOf(turns, 5), RESULT_BYTES, 160))
    return 'ntlm'
  for (const at of isSimple ? [] : [0, 2]) {
    if (isNtlm(turns, at, LDAP_NTLM)) {
      const result = messageOf(turns, at + 3)
      const isOfNoOther = messageOf(turns, at) <= 80 || messageOf(turns, at + 2) >= 340
      return isIn(result, RESULT_BYTES, 58) || (isIn(result, 59, 160) && isOfNoOther) ? 'ntlm' : null
    }
    // the server may choose NTLM after a ticket
    if (isKerberos(turns, at)) return isNtlm(turns, at + 2, LDAP_NTLM) ? null : 'kerberos'
  }
  if (!isSimple || turns.length < 3) return null
  const isOther = turns.some((_, at) => messageOf(turns, at) >= TICKET_BYTES_MIN / 2 || isNtlm(turns, at, LDAP_NTLM))
  return isOther ? null : 'none'
}

const LDAP_NTLM = { last: 280, more: 60 }
/** where the client has asked for NTLM: a challenge may have next to nothing in it, and the response no names */
const SICILY_NTLM = { first: 62, last: 120, more: 60 }
const RESULT_BYTES = 14
/** LDAPResult of success and nothing else: as most write it, and as Windows does, with lengths of four octets */
const SMALLEST_RESULTS = [RESULT_BYTES, 22]

/**
 * CredSSP: a logon there is, by one of both, unless it is by IAKERB or PKU2U, whose first messages are between the two.
 */
function ofCredSsp(turns: readonly Turn[]): LikelyMechanism | null {
  if (isNtlm(turns, 0, CREDSSP_NTLM)) return 'ntlm'
  if (!isKerberos(turns, 0) || isNtlm(turns, 2, CREDSSP_NTLM)) return null
  return turns.length >= 4 ? 'kerberos' : null
}

/** the key of the server, or its hash, stands beside the third message */
const CREDSSP_NTLM = { last: 350, more: 100 }

const RULES: Readonly<Record<string, (turns: readonly Turn[]) => LikelyMechanism | null>> = {
  ldap: ofLdap,
  credssp: ofCredSsp,
}
