/**
 * The rows of conversations: by hand, and of real captures whose defects are known.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostPattern, NO_FILTER } from '../../../../src/facts/filter.ts'
import { LIMITS } from '../../../../src/memory/limits.ts'
import { ConversationFold, type Ended, type Missing } from '../../../../src/report/seen/conversations.ts'
import { analyze } from '../../../../src/run/analyze.ts'
import { BUNDLED, LAB } from '../../../captures/folders.ts'
import { readPcap, temporaryFolder, writePcap } from '../../../captures/packets.ts'

const WHOLE: Missing = { midstream: false, oneSided: false, lossy: false, unfinished: false }
const temporary = temporaryFolder()
const OFFICE = join(BUNDLED, 'office', 'office.pcap')

function ended(part: Partial<Ended> = {}): Ended {
  return {
    client: { ip: '10.0.0.1', port: 50_000, name: null },
    server: { ip: '10.0.0.2', port: 445, name: null },
    service: 'smb',
    carrier: 'smb',
    authenticated: true,
    end: 9,
    capture: 'a.pcap',
    frame: 1,
    betrays: null,
    ...part,
  }
}

describe('the fold', () => {
  it('counts each defect, and a connection with two of them once as not whole', () => {
    const fold = new ConversationFold()
    fold.add(ended(), WHOLE, 1)
    fold.add(ended({ authenticated: false }), { midstream: true, oneSided: true, lossy: false, unfinished: false }, 2)
    fold.add(ended(), { ...WHOLE, lossy: true }, 3)
    expect(fold.conversations()).toMatchObject([
      { connections: 3, whole: 1, midstream: 1, oneSided: 1, lossy: 1, authenticated: 2, start: 1, end: 9 },
    ])
  })

  it('shows the earliest connection that is not whole, in whatever order they end', () => {
    const connections: [frame: number, missing: Missing, start: number][] = [
      [1, WHOLE, 10],
      [2, { ...WHOLE, lossy: true }, 30],
      [3, { ...WHOLE, midstream: true }, 20],
      [4, WHOLE, 5],
    ]
    for (const order of [connections, connections.toReversed()]) {
      const fold = new ConversationFold()
      for (const [frame, missing, start] of order) fold.add(ended({ frame }), missing, start)
      expect(fold.conversations()).toMatchObject([{ frame: 3, start: 5 }])
    }
  })

  it('tells client, server, port, carrier and service apart, in one order', () => {
    const parts: Partial<Ended>[] = [
      { client: { ip: '10.0.0.9', port: 1, name: null } },
      { server: { ip: '10.0.0.2', port: 139, name: null } },
      { carrier: 'tls', service: 'unknown' },
      {},
    ]
    const rows = [parts, parts.toReversed()].map((order) => {
      const fold = new ConversationFold()
      for (const part of order) fold.add(ended(part), WHOLE, 1)
      return fold.conversations()
    })
    expect(rows[0]).toHaveLength(4)
    expect(rows[0]).toEqual(rows[1])
  })

  it('is bounded, and counts what it does not tell apart', () => {
    const fold = new ConversationFold()
    for (let at = 0; at < LIMITS.conversationsMax + 5; at++)
      fold.add(
        ended({ client: { ip: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, port: 1, name: null } }),
        WHOLE,
        at,
      )
    expect(fold.conversations()).toHaveLength(LIMITS.conversationsMax)
    expect(fold.overflow).toBe(5)
  })
})

describe('of captures', () => {
  it('a whole capture has whole conversations, those with an authentication known', async () => {
    const { conversations, exchanges } = await analyze([OFFICE], { rethrow: true })
    expect(conversations.length).toBeGreaterThan(4)
    for (const { whole, connections } of conversations) expect(whole).toBe(connections)
    for (const { client, server } of exchanges) {
      const row = conversations.find(
        (one) => one.client.ip === client.ip && one.server.port === server.port && one.server.ip === server.ip,
      )
      expect(row?.authenticated).toBeGreaterThan(0)
    }
    expect(conversations.filter(({ carrier }) => carrier === 'tls')).toMatchObject([
      { service: 'http', authenticated: 0 },
    ])
  })

  it('without its first packets no conversation is whole that had begun', async () => {
    const file = readPcap(OFFICE)
    const all = (await analyze([OFFICE], { rethrow: true })).conversations
    expect(all.every(({ midstream }) => midstream === 0)).toBe(true)
    const late = writePcap(join(temporary, 'late.pcap'), file, file.records.slice(60))
    const { conversations } = await analyze([late], { rethrow: true })
    const cut = conversations.filter(({ midstream }) => midstream > 0)
    expect(cut.length).toBeGreaterThan(0)
    for (const { whole, connections } of cut) expect(whole).toBeLessThan(connections)
  })

  it('a filter chooses them, and the report tells its words', async () => {
    const filter = { ...NO_FILTER, server: [hostPattern('192.0.2.40')], service: ['http'] as const, since: 0 }
    const { conversations, filter: words } = await analyze([OFFICE], { filter, rethrow: true })
    expect(new Set(conversations.map(({ server }) => server.ip))).toEqual(new Set(['192.0.2.40']))
    expect(words).toEqual(['--server 192.0.2.40', '--service http', '--since 1970-01-01T00:00:00.000000Z'])
  })

  it('reading that is stopped before the end is a blind spot', async () => {
    const stop = new AbortController()
    stop.abort()
    const { blindSpots } = await analyze([OFFICE], { signal: stop.signal })
    expect(blindSpots).toMatchObject([{ kind: 'interrupted', count: 1 }])
    expect((await analyze([OFFICE])).blindSpots.map(({ kind }) => kind)).not.toContain('interrupted')
  })

  it.skipIf(!existsSync(LAB))('of the lab: loss, one direction, the middle', async () => {
    const sums = async (name: string) => {
      const { conversations } = await analyze([join(LAB, `${name}.pcap`)], { rethrow: true })
      const sum = (key: 'lossy' | 'oneSided' | 'midstream' | 'connections') =>
        conversations.reduce((total, row) => total + row[key], 0)
      return { lossy: sum('lossy'), oneSided: sum('oneSided'), midstream: sum('midstream'), all: sum('connections') }
    }
    expect(await sums('31-base-plain')).toMatchObject({ lossy: 0, oneSided: 0, midstream: 0 })
    const oneSided = await sums('34-one-sided-client-to-server')
    expect(oneSided.oneSided).toBe(oneSided.all)
    expect((await sums('34c-midstream-start')).midstream).toBe(1)
    expect((await sums('35c-span-drops-10-percent')).lossy).toBeGreaterThan(1)
    expect((await sums('36-snaplen-128')).lossy).toBeGreaterThan(1)
  })
})
