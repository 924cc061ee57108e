/**
 * Names asked and answered: DNS over UDP and TCP (RFC 1035 4.2), multicast DNS (RFC 6762) and LLMNR (RFC 4795).
 * Context, not authentication; but for TKEY, in which clients of DNS authenticate (tkey.ts).
 *
 * The three share one message and differ in their ports, which is why their datagrams are looked for at these ports
 * only. Over TCP a message is told by its content.
 */

import type { Carrier, CarrierMessage, ContextStep, NameProtocol } from '../../carrier.ts'
import { type Outcome, read } from '../../outcome.ts'
import { END, range, some, without } from '../../parts/byte-class.ts'
import { DNS_HEADER_OCTETS, dnsFacts, isDnsMessage, namesHosts } from './dns-message.ts'
import { isTkey, tkeyMessage } from './tkey.ts'

/** before each message on TCP: its length */
const LENGTH_OCTETS = 2
/** enough to tell: length, header, the shortest question */
const TELLING_OCTETS = LENGTH_OCTETS + DNS_HEADER_OCTETS + 5
/** answers over TCP are long, but none of those that name hosts is longer than this */
const MESSAGE_BYTES_MAX = 0x3fff

export const dns: Carrier = datagrams('dns', 53)
export const mdns: Carrier = datagrams('mdns', 5353)
export const llmnr: Carrier = datagrams('llmnr', 5355)

export const dnsTcp: Carrier = {
  name: 'dns',
  transport: 'tcp',
  ports: [53],
  // length, id, flags without an opcode, questions, answers: a question, or an answer to none
  begins: [
    [range(0, 0x3f), ...some(3), without(0x78), null, 0, range(1, 32), range(0, 4), null],
    [range(0, 0x3f), ...some(3), without(0x78).filter((flags) => flags >= 0x80), null, 0, 0, range(0, 4), null],
    [range(0, 0x3f), ...some(TELLING_OCTETS - 2), END],
  ],
  probe(head) {
    if (head.length > 0 && head[0]! > MESSAGE_BYTES_MAX >> 8) return 'other'
    if (head.length < TELLING_OCTETS) return 'more'
    return tcpLength(head) > 0 && isDnsMessage(head, LENGTH_OCTETS) ? 'mine' : 'other'
  },
  frame(head, _side, out) {
    if (head.length < LENGTH_OCTETS) return 'more'
    const length = tcpLength(head)
    if (length === 0) return 'lost'
    out.length = LENGTH_OCTETS + length
    out.keep = out.length
    out.more = false
    return 'ready'
  },
  decode(pdu) {
    const bytes = pdu.subarray(LENGTH_OCTETS)
    return isTkey(bytes, 0) ? tkeyMessage(bytes) : messages(bytes, 'dns')
  },
}

/** GSS-TSIG over UDP: datagrams that are a conversation. */
export const tkeyUdp: Carrier = {
  name: 'dns',
  transport: 'udp',
  ports: [53],
  local: true,
  probe: (head) => (isDnsMessage(head, 0) && isTkey(head, 0) ? 'mine' : 'other'),
  frame(head, _side, out) {
    out.length = head.length
    out.keep = head.length
    out.more = false
    return 'ready'
  },
  decode: tkeyMessage,
}

function datagrams(name: Exclude<NameProtocol, 'nbns'>, port: number): Carrier {
  return {
    name,
    transport: 'udp',
    ports: [port],
    context: true,
    probe: (head) => (isDnsMessage(head, 0) ? 'mine' : 'other'),
    frame(head, _side, out) {
      out.length = head.length
      out.keep = name !== 'dns' || namesHosts(head) ? head.length : 0
      out.more = false
      return 'ready'
    },
    decode: (pdu) => messages(pdu, name),
  }
}

function tcpLength(head: Uint8Array): number {
  const length = (head[0]! << 8) | head[1]!
  return length < DNS_HEADER_OCTETS || length > MESSAGE_BYTES_MAX ? 0 : length
}

function messages(bytes: Uint8Array, protocol: NameProtocol): Outcome<readonly CarrierMessage[]> {
  const { value, fault } = dnsFacts(bytes, protocol)
  if (value === null) return { value, fault }
  return read(
    value.map((step) => message(step, protocol)),
    fault,
  )
}

function message(step: ContextStep, protocol: NameProtocol): CarrierMessage {
  const type = step.fact.fact === 'name-question' ? 'query' : 'response'
  return { protocol, type, from: step.from, service: 'unknown', fields: null, steps: [step] }
}
