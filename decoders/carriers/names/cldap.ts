/**
 * CLDAP (MS-ADTS 6.3.3): the ping by which a client looks for a domain controller, over UDP 389. Context, not
 * authentication.
 *
 * A searchRequest whose filter names DnsDomain or NtVer; the answer is one searchResultEntry with the attribute
 * netlogon, which holds a NETLOGON_SAM_LOGON_RESPONSE_EX (6.3.1.9). The older responses in UTF-16 are not read. Nothing
 * is borrowed.
 */
import type { Carrier, ContextFact, Side } from '../../carrier.ts'
import { failed, read } from '../../outcome.ts'
import { Cursor } from '../../parts/cursor.ts'
import { type DerElement, derAt, derChildren, derInteger, derOctets, SEQUENCE } from '../../parts/der.ts'
import { latin1 } from '../../parts/text.ts'
import { readName } from './dns-message.ts'

/* LDAPMessage ::= SEQUENCE { messageID INTEGER, protocolOp CHOICE { searchRequest [APPLICATION 3],
       searchResEntry [APPLICATION 4] ... } } */
const INTEGER = 0x02
const SEARCH_REQUEST = 0x63
const SEARCH_RESULT_ENTRY = 0x64
/** filter: and [0], equalityMatch [3] */
const AND = 0xa0
const EQUALITY_MATCH = 0xa3
/** conditions of one filter that are looked at: a ping has at most eight */
const CONDITIONS_MAX = 32

/*
 * NETLOGON_SAM_LOGON_RESPONSE_EX
 *   0  Opcode (2): LOGON_SAM_LOGON_RESPONSE_EX 23, LOGON_SAM_PAUSE_RESPONSE_EX 24, LOGON_SAM_USER_UNKNOWN_EX 25
 *   2  Sbz (2), Flags (4), DomainGuid (16)
 *  24  DnsForestName, DnsDomainName, DnsHostName, NetbiosDomainName, NetbiosComputerName ... (RFC 1035 4.1.4,
 *      compressed)
 */
const OPCODES = new Set([23, 24, 25])
const NAMES_AT = 24

export const cldap: Carrier = {
  name: 'cldap',
  transport: 'udp',
  ports: [389],
  context: true,
  probe: (head) => (head.length > 8 && head[0] === SEQUENCE ? 'mine' : 'other'),
  frame(head, _side, out) {
    out.length = head.length
    out.keep = head.length
    out.more = false
    return 'ready'
  },
  decode(pdu) {
    const outer = derAt(pdu)
    if (outer === null || outer.tag !== SEQUENCE) return failed('malformed', 'LDAPMessage')
    const [id, operation] = derChildren(outer)
    if (id?.tag !== INTEGER || operation === undefined) return failed('malformed', 'LDAPMessage')
    const message = String(derInteger(id) ?? '')
    const fault = outer.cut ? ({ reason: 'cut', where: 'LDAPMessage' } as const) : null
    if (operation.tag === SEARCH_REQUEST) return read(step('client', ping(operation, message)), fault)
    if (operation.tag === SEARCH_RESULT_ENTRY) return read(step('server', answer(operation, message)), fault)
    return read([], fault)
  },
}

function step(from: Side, fact: ContextFact | null) {
  if (fact === null) return []
  const type = from === 'client' ? 'searchRequest' : 'searchResultEntry'
  return [
    { protocol: 'cldap', type, from, service: 'unknown', fields: null, steps: [{ kind: 'context', from, fact }] },
  ] as const
}

/** SearchRequest: baseObject, scope, derefAliases, sizeLimit, timeLimit, typesOnly, filter, attributes */
function ping(operation: DerElement, message: string): ContextFact | null {
  const filter = derChildren(operation)[6]
  if (filter === undefined) return null
  let domain: string | null = null
  let isPing = false
  // Windows nests its conditions in pairs
  const rest = [filter]
  for (let seen = 0; rest.length > 0 && seen < CONDITIONS_MAX; seen++) {
    const condition = rest.pop()!
    if (condition.tag === AND) rest.push(...derChildren(condition).slice(0, CONDITIONS_MAX))
    if (condition.tag !== EQUALITY_MATCH) continue
    const [type, value] = derChildren(condition)
    const attribute = type === undefined ? '' : latin1(derOctets(type)).toLowerCase()
    if (attribute === 'dnsdomain' && value !== undefined) domain = latin1(derOctets(value)).replace(/\.$/, '')
    if (attribute === 'dnsdomain' || attribute === 'ntver') isPing = true
  }
  return isPing ? { fact: 'domain-ping', message, domain } : null
}

/** SearchResultEntry: objectName, attributes SEQUENCE OF SEQUENCE { type, vals SET } */
function answer(operation: DerElement, message: string): ContextFact | null {
  const attributes = derChildren(operation)[1]
  for (const attribute of attributes === undefined ? [] : derChildren(attributes)) {
    const [type, values] = derChildren(attribute)
    if (type === undefined || values === undefined || latin1(derOctets(type)).toLowerCase() !== 'netlogon') continue
    const value = derChildren(values)[0]
    if (value !== undefined) return netlogon(derOctets(value), message)
  }
  return null
}

function netlogon(bytes: Uint8Array, message: string): ContextFact | null {
  const cursor = new Cursor(bytes)
  if (!OPCODES.has(cursor.u16le())) return null
  cursor.skip(NAMES_AT - 2)
  const [dnsForest, dnsDomain, dnsHost, netbiosDomain, netbiosHost] = Array.from(
    { length: 5 },
    () => readName(cursor) || null,
  )
  return {
    fact: 'domain-answer',
    message,
    dnsDomain: dnsDomain ?? null,
    dnsForest: dnsForest ?? null,
    dnsHost: dnsHost ?? null,
    netbiosDomain: netbiosDomain ?? null,
    netbiosHost: netbiosHost ?? null,
  }
}
