/**
 * Public runs with the packets and the logs of their hosts of the same minutes: what joins, and that nothing joins
 * wrongly. The runs are attacks in a small lab and stand beside the repository; without them this is skipped.
 */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { factOf } from '../../src/events/fact.ts'
import { readEventFile } from '../../src/events/forms/open.ts'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import { analyze } from '../../src/run/analyze.ts'
import { SHARED } from './folders.ts'

const EVENTS = process.env.NTLMSCOPE_EVENTS ?? `${process.env.NTLMSCOPE_CAPTURES ?? SHARED}/../events`
const RUNS = [1, 2, 3, 4, 5, 6].map((run) => `${EVENTS}/run${run}`)
const hasRuns = existsSync(`${RUNS[0]}.cap`)
if (!hasRuns) console.warn(`skipped: no joins are counted of ${EVENTS}, which is absent`)

interface Tally {
  joinable: number
  joined: number
  contradictions: number
  withClientLog: number
  withProcess: number
  covered: number
  coveredJoined: number
  users: number
}

/** Counted from events and exchanges alone, without the code that joins. */
async function tallyOf(run: string, tally: Tally): Promise<void> {
  const report = await analyze([`${run}.cap`], { events: [`${run}.json`], rethrow: true })
  const logons: { key: string; time: number; host: string }[] = []
  const clients = new Set<string>()
  const spans = new Map<string, { first: number; last: number }>()
  await readEventFile(`${run}.json`, (event) => {
    const fact = factOf(event)!
    if (event.channel === 'Security') {
      const span = spans.get(fact.computerKey) ?? { first: event.time, last: event.time }
      spans.set(fact.computerKey, { first: Math.min(span.first, event.time), last: Math.max(span.last, event.time) })
    }
    if (fact.kind === 'connection' && fact.isOutbound && fact.from) clients.add(fact.from.ip)
    if (event.id === 4624 && fact.logonType === 3 && fact.from?.port)
      logons.push({ key: `${fact.from.ip} ${fact.from.port}`, time: fact.time, host: fact.computerKey })
  })
  const flow = ({ client }: AuthExchange) => `${client.ip} ${client.port}`
  for (const { key, time } of logons) {
    const near = report.exchanges.filter((one) => flow(one) === key && Math.abs(one.end - time) < 60e6)
    if (near.length === 0) continue
    tally.joinable++
    if (near.some(({ events }) => events.some((event) => event.id === 4624 && event.time === time))) tally.joined++
  }
  for (const exchange of report.exchanges) {
    const { windows, server, result, service, end } = exchange
    if (windows?.contradictions.includes('mechanism')) tally.contradictions++
    if (clients.has(exchange.client.ip)) {
      tally.withClientLog++
      if (windows?.process) tally.withProcess++
    }
    const host = report.eventCoverage!.hosts.find(({ addresses }) => addresses.includes(server.ip))
    const span = host === undefined ? undefined : spans.get(host.name.split('.', 1)[0]!.toLowerCase())
    if (service === 'smb' && result === 'success' && span && end >= span.first && end <= span.last) {
      tally.covered++
      if (exchange.events.some(({ id }) => id === 4624)) tally.coveredJoined++
    }
    if (exchange.principal.user === null && windows?.user) tally.users++
  }
}

describe('public runs with logs', () => {
  it.skipIf(!hasRuns)('join by address, name the program, and contradict nothing', async () => {
    const tally: Tally = {
      joinable: 0,
      joined: 0,
      contradictions: 0,
      withClientLog: 0,
      withProcess: 0,
      covered: 0,
      coveredJoined: 0,
      users: 0,
    }
    for (const run of RUNS) await tallyOf(run, tally)
    console.info(JSON.stringify(tally))
    expect(tally.joinable).toBeGreaterThan(9)
    expect(tally.joined / tally.joinable).toBeGreaterThanOrEqual(0.99)
    expect(tally.contradictions).toBe(0)
    expect(tally.withProcess / tally.withClientLog).toBeGreaterThanOrEqual(0.8)
    expect(tally.coveredJoined).toBe(tally.covered)
    expect(tally.users).toBeGreaterThan(9)
  })
})
