/**
 * Datagrams of a switch as a capture: what was left out is counted, whatever the system says.
 */
import { createSocket } from 'node:dgram'
import { expect, it } from 'vitest'
import { Listener } from '../../../../src/live/capturing/listen.ts'

it.each([
  ['a system that does not tell', null, 5],
  ['a system that tells', 7, 12],
])('%s: what found no room here is counted', async (_, system, expected) => {
  const port = 41_000 + (process.pid % 20_000)
  const droppedBySystem = () => system
  const listener = await Listener.open({ port, meant: 37_008 }, { droppedBySystem, waitingMax: 4096 })
  expect(listener.dropped).toBe(system)
  const socket = createSocket('udp4')
  const send = async (count: number) => {
    const all = listener.datagrams + count
    for (let at = 0; at < count; at++)
      await new Promise((done) => socket.send(Buffer.alloc(1000), port, '127.0.0.1', done))
    for (let turns = 0; turns < 500 && listener.datagrams < all; turns++)
      await new Promise((done) => setTimeout(done, 10))
    expect(listener.datagrams).toBe(all)
  }
  // nobody reads: four find room
  await send(9)
  expect(listener.dropped).toBe(expected)
  listener.close()
  expect(listener.dropped).toBe(expected)
  socket.close()
})
