/** The page of stored facts: its trend, drawn and in numbers, is of everything, and its report of what is asked for. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Folder } from '../../src/store/folder.ts'
import { Loader } from '../../src/store/loader.ts'
import { exchangeFact } from '../../src/store/rows.ts'
import { madeExchanges } from '../builders/made-facts.ts'
import { printed } from '../builders/printed.ts'
import { temporaryFolder } from '../captures/packets.ts'

describe('the page of stored facts', () => {
  const facts = join(temporaryFolder(), 'facts')
  const words = ['trend', '--from', facts, '--format', 'html', '--tz', 'Europe/Berlin']

  it('has the trend of everything, and the report of the time that is asked for', async () => {
    const loader = new Loader(await Folder.openOrMake(facts).begin('made', '0'.repeat(12)))
    const maker = { sensor: 'made', netOf: () => '' }
    for (const one of madeExchanges({ count: 600, clients: 40, servers: 9 }))
      await loader.add('exchanges', exchangeFact(maker, one))
    await loader.commit({ sensor: 'made', inputs: [], version: 'test' })
    const { out, err } = await printed([...words, '--since', '2026-11-01'])
    expect(err).toBe('')
    const trend = out.slice(out.indexOf('id="trend"'), out.indexOf('id="work"'))
    expect(trend).toContain('<path class="drawn bad" d="M')
    expect(trend).toContain('<path class="drawn ok" d="M')
    const weeks = [...trend.matchAll(/<th scope="row">(\d{4}-\d\d-\d\d)</g)].map(([, day]) => day!)
    expect(weeks.length).toBeGreaterThan(25)
    expect(weeks[0]).toBe('2026-05-25')
    const { out: csv } = await printed(['trend', '--from', facts, '--format', 'csv', '--tz', 'Europe/Berlin'])
    const last = csv.trim().split('\n').at(-1)!.split(',')
    // hosts, with NTLM, percent
    expect(trend.slice(trend.lastIndexOf('<tr>')).replace(/<[^>]*>/g, ' ')).toContain(
      `${last[2]}  ${last[3]}  ${Number(last[4]).toFixed(1)}`,
    )
    // the report itself begins with the asked day
    expect(out).toMatch(/2026-11-0\d/)
    expect(out).not.toMatch(/<script src|https?:\/\/(?!www\.w3\.org)/)
  })

  it('is no list of what moved, and says so', async () => {
    const { code, err } = await printed([...words, '--since-run', 'last.json'])
    expect(code).toBe(64)
    expect(err).toMatch(/--since-run/)
  })
})
