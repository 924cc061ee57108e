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

it('tickets and silences of all clients are bounded together as well', () => {
  const evidence = new Evidence()
  const each = LIMITS.refusalsPerClientMax
  const clients = Math.ceil(LIMITS.evidenceTicketsMax / (2 * each)) + 10
  for (let client = 0; client < clients; client++) {
    for (let time = 0; time < each; time++) {
      evidence.ticket(`client ${client}`, `cifs/host${time}`, time)
      const silence = { at: 'ping', how: 'unanswered', what: '', time, frames: [], key: `${time}` } as const
      evidence.kdcTried(`client ${client}`, silence)
    }
  }
  // answered: there is room for others
  for (let time = 0; time < each; time++) evidence.kdcReached(`client ${clients - 1}`, `${time}`, time)
  const { evicted } = evidence
  expect(evicted).toBe(clients - Math.floor(LIMITS.evidenceTicketsMax / (2 * each)))
  for (let time = 0; time < each; time++) evidence.kdcFound('another', 'name', time)
  expect(evidence.evicted).toBe(evicted)
})

it('a server passes on a logon while its client waits: the latest of its questions are known', () => {
  const evidence = new Evidence()
  const most = LIMITS.refusalsPerClientMax
  for (let at = 0; at <= most; at++) evidence.passedThrough('server', at * 10e6, 1000 + at)
  expect(evidence.passThrough('server', 0)).toBeNull()
  expect(evidence.passThrough('server', 10e6)).toBe(1001)
  expect(evidence.passThrough('server', most * 10e6)).toBe(1000 + most)
  expect(evidence.passThrough('server', most * 10e6 + 5e6)).toBeNull()
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
