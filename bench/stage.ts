/**
 * The path of the data up to one step and no further: stage.js read|net|stream|dissect CAPTURE. Between two stages lies
 * the cost of one step.
 */

import { CARRIERS } from '../decoders/registry.ts'
import { MergedReader } from '../src/capture/merge.ts'
import { Dissector } from '../src/dissect/dissector.ts'
import { Network } from '../src/net/net.ts'
import { Segment } from '../src/net/segment.ts'
import type { StreamSink } from '../src/stream/sink.ts'
import { Stream } from '../src/stream/stream.ts'

const [stage, path] = process.argv.slice(2)
const ignored = () => {}
const silent: StreamSink = { pdu: ignored, standalone: ignored, tunnel: ignored, closed: ignored }
const stream: Stream = new Stream(CARRIERS, {
  pdu: (...pdu) => sink.pdu(...pdu),
  standalone: (...lone) => sink.standalone(...lone),
  tunnel: (connection) => sink.tunnel(connection),
  closed: (connection) => sink.closed(connection),
})
const sink =
  stage === 'dissect'
    ? new Dissector(
        {
          carrierMessage: ignored,
          tokenMessage: ignored,
          step: ignored,
          handshake: ignored,
          network: ignored,
          tunnel: ignored,
          closed: ignored,
        },
        stream,
        true,
      )
    : silent

const reader = await MergedReader.open([path!])
const network = new Network()
const segment = new Segment()

/** A plain function, as in src/reading/reading.ts: async ones are optimised late. */
function packets(): boolean {
  for (;;) {
    const answer = reader.next()
    if (answer !== 'packet') return answer === 'end'
    if (stage === 'read') continue
    const { packet } = reader
    const kind = network.decode(packet, segment)
    if (stage === 'net') continue
    if (kind === 1) stream.tcp(segment, packet.time, packet.frame)
    else if (kind === 2) stream.udp(segment, packet.time, packet.frame)
  }
}

while (!packets()) await reader.fill()
stream.end()
await reader.close()
