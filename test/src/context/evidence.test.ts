import { expect, it } from 'vitest'
import { Evidence } from '../../../src/context/evidence.ts'
import { frameKey } from '../../../src/facts/frames.ts'
import { LIMITS } from '../../../src/memory/limits.ts'

const HERE = {
  server: '192.0.2.1',
  port: 445,
  service: 'smb',
  tunnel: null,
  ticket: true,
  tooLong: false,
  unsupported: false,
  notOffered: false,
} as const
const USE = { ...HERE, host: null, accepted: true, error: null, status: null, frames: [1] }

it('notes of all clients are bounded together, whoever was noted first is forgotten first, and counted', () => {
  const evidence = new Evidence()
  const each = LIMITS.kerberosUsesPerClientMax
  const clients = Math.ceil(LIMITS.evidenceNotesMax / each) + 10
  for (let client = 0; client < clients; client++) {
    // some more than one client may have
    for (let time = 0; time < each + 5; time++) evidence.kerberosUsed(`client ${client}`, { ...USE, time })
  }
  const known = (client: number) => evidence.kerberosBefore(`client ${client}`, USE.server, [], each) !== null
  expect(known(0)).toBe(false)
  expect(known(clients - 1)).toBe(true)
  const kept = Array.from({ length: clients }, (_, client) => client).filter(known)
  expect(kept.length * each).toBeLessThanOrEqual(LIMITS.evidenceNotesMax)
  expect(kept.length).toBeGreaterThan(LIMITS.evidenceNotesMax / each - 2)
  expect(evidence.evicted).toBe(clients - kept.length)
})

it('a capture that was cut into files has the clock of one: what came after a logon is no reason for it', () => {
  const second = 1e6
  for (const isOneClock of [false, true]) {
    const evidence = new Evidence((capture, other) => isOneClock && capture > other)
    const frames = [frameKey(1, 7)]
    evidence.kerberosUsed('client', {
      ...HERE,
      host: null,
      accepted: false,
      error: 37,
      status: null,
      frames,
      time: 10 * second,
    })
    const refused = (frame: number) =>
      evidence.serviceRefusal(
        {
          client: { ip: 'client', port: 1, name: null },
          server: { ip: HERE.server, port: 445, name: null },
          service: 'smb',
          tunnel: null,
        },
        { time: 9.5 * second, frame },
      )
    expect(refused(frameKey(1, 5))).toBeNull()
    expect(refused(frameKey(0, 5)) === null).toBe(isOneClock)
  }
})
