/**
 * NetBIOS name service (RFC 1002 4.2), UDP 137: queries and positive or negative answers. Context, not authentication.
 *
 * Names are sixteen octets, half an octet a letter (RFC 1001 14.1), the last octet a suffix that says what the name
 * stands for.
 */
import type { Carrier, ContextFact, NameRecord, Side } from '../../carrier.ts'
import { failed, read } from '../../outcome.ts'
import { Cursor } from '../../parts/cursor.ts'
import { ipv4Text } from './dns-message.ts'

/*
 * Header as in DNS; the name: 0x20, 32 letters A to P, a scope of labels, 0x00
 *   QUESTION_TYPE NB 0x0020 (NBSTAT 0x0021), QUESTION_CLASS IN 0x0001
 * Answer: RR_NAME, RR_TYPE, RR_CLASS, TTL (4), RDLENGTH (2), then NB_FLAGS (2) and NB_ADDRESS (4) for each address
 */
const HEADER_OCTETS = 12
const NAME_OCTETS = 34
const RESPONSE = 0x8000
/** query 0, registration 5, release 6, WACK 7, refresh 8 */
const OPCODE_SHIFT = 11
const NB = 0x20
const RECORDS_MAX = 32
/** what a suffix stands for is told only where it names a host: workstation and file server */
const HOST_SUFFIXES = new Set([0x00, 0x20])

export const nbns: Carrier = {
  name: 'nbns',
  transport: 'udp',
  ports: [137],
  context: true,
  probe: (head) => (isNameService(head) ? 'mine' : 'other'),
  frame(head, _side, out) {
    out.length = head.length
    out.keep = head.length
    out.more = false
    return 'ready'
  },
  decode(pdu) {
    const cursor = new Cursor(pdu)
    const id = cursor.u16be()
    const flags = cursor.u16be()
    cursor.skip(HEADER_OCTETS - 4)
    const name = readNetbiosName(cursor)
    const type = cursor.u16be()
    cursor.skip(2)
    if (cursor.failed) return failed('malformed', 'NBNS name')
    // registrations and refreshes are no questions, and only names of hosts tell something here
    if (((flags >> OPCODE_SHIFT) & 0xf) !== 0 || type !== NB || !HOST_SUFFIXES.has(name.suffix)) return read([])
    const message = id.toString(16)
    const from: Side = (flags & RESPONSE) !== 0 ? 'server' : 'client'
    const common = { protocol: 'nbns', message, name: name.text, type: 'NB' } as const
    const fact: ContextFact =
      from === 'client'
        ? { fact: 'name-question', ...common }
        : {
            fact: 'name-answer',
            ...common,
            code: (flags & 0xf) === 0 ? 'NOERROR' : 'NXDOMAIN',
            records: records(cursor, name.text),
          }
    const kind = from === 'client' ? 'query' : 'response'
    return read([
      {
        protocol: 'nbns',
        type: kind,
        from,
        service: 'unknown',
        fields: null,
        steps: [{ kind: 'context', from, fact }],
      },
    ])
  },
}

function isNameService(head: Uint8Array): boolean {
  if (head.length < HEADER_OCTETS + NAME_OCTETS + 4 || head[HEADER_OCTETS] !== 0x20) return false
  for (let at = HEADER_OCTETS + 1; at <= HEADER_OCTETS + 32; at++)
    if (head[at]! < 0x41 || head[at]! > 0x50) return false
  return true
}

function records(cursor: Cursor, name: string): NameRecord[] {
  const ttlSeconds = cursor.u32be()
  const data = cursor.sub(cursor.u16be())
  const found: NameRecord[] = []
  while (data.remaining >= 6 && found.length < RECORDS_MAX) {
    const flags = data.u16be()
    const value = ipv4Text(data.take(4))
    // a group name stands for nobody
    if ((flags & 0x8000) === 0) found.push({ name, type: 'NB', value, ttlSeconds })
  }
  return found
}

export function readNetbiosName(cursor: Cursor): { text: string; suffix: number } {
  cursor.skip(1)
  const letters = cursor.take(32)
  let text = ''
  let suffix = 0
  for (let at = 0; at + 1 < letters.length; at += 2) {
    const octet = ((letters[at]! - 0x41) << 4) | (letters[at + 1]! - 0x41)
    if (at === 30) suffix = octet
    else text += octet > 0x20 && octet < 0x7f ? String.fromCharCode(octet) : octet === 0x20 || octet === 0 ? ' ' : '?'
  }
  // the scope: labels up to the root
  for (let length = cursor.u8(); length > 0 && length < 0x40 && !cursor.failed; length = cursor.u8())
    cursor.skip(length)
  return { text: text.trimEnd(), suffix }
}
