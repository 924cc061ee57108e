/**
 * What reading gives and counts, as one hash: the same whoever reads the packets.
 */
import { createHash } from 'node:crypto'
import { CARRIERS } from '../../decoders/registry.ts'
import { CaptureError } from '../../src/capture/open.ts'
import { type KeyFiles, NO_KEY_FILES } from '../../src/reading/opening.ts'
import type { EngineName } from '../../src/reading/pdu-source.ts'
import { Reading } from '../../src/reading/reading.ts'
import type { Connection } from '../../src/stream/connection.ts'

/**
 * Everything that reading gives and counts, as one hash; or why it could not read. `passed`: packets that only the
 * engine saw; `opened`: records that keys have opened.
 */
export async function read(
  inputs: readonly string[],
  engine: EngineName,
  keys: KeyFiles = NO_KEY_FILES,
): Promise<{ hash: string; passed: number; opened: number }> {
  const hash = createHash('sha256')
  const tell = (connection: Connection, ...rest: unknown[]) => {
    const { protocol, lowAddress, lowPort, highAddress, highPort, startTime, startFrame } = connection
    const { gaps, signatures, sawStart, clientHalf, endedBy } = connection
    const ends = [protocol, lowAddress, lowPort, highAddress, highPort, startTime, startFrame]
    hash.update(
      JSON.stringify([reading.time, reading.frame, ends, gaps, signatures, sawStart, clientHalf, endedBy, ...rest]),
    )
  }
  const reading: Reading = new Reading(
    CARRIERS,
    {
      pdu(connection, from, carrier, bytes, cut) {
        tell(connection, 'pdu', from, carrier.name, cut, bytes.length)
        hash.update(bytes)
      },
      standalone({ lowAddress, highAddress, lowPort, highPort }, carrier, bytes, cut) {
        const ends = [lowAddress, highAddress, lowPort, highPort]
        hash.update(JSON.stringify([reading.time, reading.frame, ends, carrier.name, cut]))
        hash.update(bytes)
      },
      tunnel: (connection) => tell(connection, 'tunnel'),
      closed: (connection) =>
        tell(connection, 'closed', connection.low.carrier?.name ?? null, connection.high.carrier?.name ?? null),
    },
    engine,
    keys,
  )
  let opened = 0
  try {
    const facts = await reading.read(inputs, {})
    hash.update(JSON.stringify(facts))
    opened = facts.keys?.records ?? 0
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    hash.update(error.message)
  }
  return { hash: hash.digest('hex'), passed: reading.passedPackets, opened }
}

export async function isSame(inputs: readonly string[], keys: KeyFiles = NO_KEY_FILES): Promise<boolean> {
  return (await read(inputs, 'js', keys)).hash === (await read(inputs, 'wasm', keys)).hash
}
