/**
 * How a connection to a KDC begins before anybody speaks: a SYN, what answers it (RFC 9293 3.5), or an ICMP error about
 * a packet to the KDC (RFC 792, RFC 4443 3.1). Context, not authentication: a KDC that cannot be reached explains NTLM.
 *
 * The stream makes these PDUs, of one octet: the flags of the TCP header, or 0 for an ICMP error. The sender is the
 * client, except of SYN-ACK and RST.
 */
import type { Carrier, CarrierMessage, KdcContact } from '../carrier.ts'
import { failed, read } from '../outcome.ts'

/** the port whose connections are told */
export const KDC_PORT = 88
const SYN = 0x02
const RST = 0x04
const ACK = 0x10

export const contact: Carrier = {
  name: 'contact',
  transport: 'tcp',
  ports: [KDC_PORT],
  context: true,
  probe: () => 'other',
  frame(_head, _side, out) {
    out.length = 1
    out.keep = 1
    out.more = false
    return 'ready'
  },
  decode(pdu) {
    const flags = pdu[0]
    if (flags === undefined) return failed('cut', 'flags')
    return read([message(flags & RST ? 'refused' : flags & ACK ? 'opened' : flags & SYN ? 'opening' : 'unreachable')])
  },
}

function message(what: KdcContact['what']): CarrierMessage {
  const from = what === 'refused' ? 'server' : 'client'
  const steps = [{ kind: 'context', from, fact: { fact: 'kdc-contact', what } }] as const
  return { protocol: 'contact', type: what, from, service: 'kdc', fields: null, steps }
}
