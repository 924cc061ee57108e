/**
 * SYN and SYN-ACK: how a connection begins is written into its entry of the table, until somebody speaks in it. The
 * same as `#handshake` of src/stream/stream.ts, to which everything is left that is more than that: a new conversation
 * in the place of one that is followed, and whatever has to do with a KDC.
 */
import {
  CLIENT_IS_LOW,
  CLIENT_SEQ,
  CONTACT_PORT,
  FOLLOWED,
  NEW,
  PASSED_CONNECTIONS,
  PROTOCOL_MASK,
  SERVER_SEQ,
  STATE,
  STATE_MASK,
  STATE_SHIFT,
  SYN_ACK_SEEN,
  SYN_SEEN,
} from '../src/engine/layout'
import { add } from './counts'
import { ack, destinationPort, flags, payloadLength, payloadMissing, seq, sourcePort, TCP } from './segment'
import { entryOf, find, fromLow, make } from './table'

const TCP_FIN: u32 = 0x01
const TCP_RST: u32 = 0x04
const TCP_ACK: u32 = 0x10

/** Of a segment with SYN; false: it is for TypeScript, and nothing has changed. */
export function beginsConnection(second: i32): bool {
  if ((flags & (TCP_FIN | TCP_RST)) !== 0 || payloadLength + payloadMissing > 0) return false
  if (sourcePort === CONTACT_PORT || destinationPort === CONTACT_PORT) return false
  const isAnswer = (flags & TCP_ACK) !== 0
  const clientSeq = isAnswer ? ack - 1 : seq
  let index = find(TCP, second)
  let word: u32 = TCP
  if (index < 0) {
    index = make(TCP, second)
    if (index < 0) return false
    add(PASSED_CONNECTIONS)
  } else {
    word = load<u32>(entryOf(index), STATE << 2)
    const isKnown = (word & (SYN_SEEN | SYN_ACK_SEEN)) !== 0
    if (!isKnown || load<u32>(entryOf(index), CLIENT_SEQ << 2) !== clientSeq) {
      const state = (word & STATE_MASK) >>> STATE_SHIFT
      if (state === FOLLOWED) return false
      if (state !== NEW || !isKnown) add(PASSED_CONNECTIONS)
      word &= PROTOCOL_MASK
    }
  }
  const entry = entryOf(index)
  const clientIsLow = fromLow !== isAnswer
  word = (word & ~CLIENT_IS_LOW) | (isAnswer ? SYN_ACK_SEEN : SYN_SEEN)
  store<u32>(entry, clientIsLow ? word | CLIENT_IS_LOW : word, STATE << 2)
  store<u32>(entry, clientSeq, CLIENT_SEQ << 2)
  if (isAnswer) store<u32>(entry, seq, SERVER_SEQ << 2)
  return true
}
