/**
 * The program of a thread that dissects: PDUs come from the reading thread, what they tell goes to the thread that
 * understands. Started by dissecting-elsewhere.ts, and by nobody else.
 *
 * Lives as long as one run. Hears of every round, and answers each.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { CARRIERS } from '../../../decoders/registry.ts'
import { memoryKeeper, READING_HEAP_BYTES_MIN } from '../../memory/heap.ts'
import { CHUNK_BYTES, HandoverReader } from '../../reading/handover.ts'
import type { Handed } from '../../reading/thread-protocol.ts'
import { Dissector } from '../dissector.ts'
import type { DissectingOrder, ToldRound } from './dissecting-protocol.ts'
import { HappeningsWriter } from './happenings.ts'
import { leavingOf } from './moving.ts'

const port = parentPort!
// it is ended by who started it, not by the reading thread's end
port.ref()
const { chunks, digests, rethrow, thread, threads } = workerData as DissectingOrder

const records: HandoverReader = new HandoverReader(CARRIERS, {
  pdu: (conversation, from, carrier, bytes, cut) => dissector.pdu(conversation, from, carrier, bytes, cut),
  standalone(datagram, carrier, bytes, cut) {
    dissector.standalone(datagram, carrier, bytes, cut)
    happenings.forget(datagram)
  },
  tunnel: (conversation) => dissector.tunnel(conversation),
  closed: (conversation) => dissector.closed(conversation),
})
const happenings = new HappeningsWriter(CARRIERS, records, digests, thread, threads)
const dissector = new Dissector(happenings, records, rethrow)
const keepMemory = memoryKeeper(READING_HEAP_BYTES_MIN)

chunks.on('message', (handed: Handed) => {
  if (handed === null) {
    for (const leaving of leavingOf(records, dissector, happenings, CARRIERS)) port.postMessage(leaving)
    return
  }
  const { filled, parts } = handed
  if (filled !== null) {
    const { chunk, used } = filled
    records.chunk(chunk, used)
    if (chunk.byteLength === CHUNK_BYTES) chunks.postMessage(chunk, [chunk])
  }
  const { counters, faults } = dissector
  const packed = happenings.take()
  port.postMessage({ kind: 'round', thread, parts, packed, counters, faults } satisfies ToldRound, [packed.numbers])
  keepMemory()
})
