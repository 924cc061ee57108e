/**
 * Attack findings over the whole lab: they stand where an attack was made, and nowhere else.
 */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { capturesBelow, LAB } from './folders.ts'

const here = existsSync(LAB)
if (!here) console.warn(`skipped: no attack of the lab is looked for, ${LAB} is absent`)

/** What each attack must give; a capture is named by how its name begins. */
const MUST: readonly (readonly [start: string, id: string])[] = [
  ['39', 'NS-NT-005'],
  ['25-', 'NS-KR-002'],
  ['25c-', 'NS-KR-003'],
  ['26-', 'NS-KR-008'],
  ['27-', 'NS-KR-004'],
]
/** relay, Kerberoasting, AS-REP roasting */
const ATTACKS = ['NS-NT-005', 'NS-KR-002', 'NS-KR-003']

describe.skipIf(!here)('attacks of the lab', () => {
  it.each(capturesBelow(LAB).filter((path) => path.endsWith('.pcap')))('%s', async (path) => {
    const ids = (await analyze([path])).findings.map(({ id }) => id)
    const must = MUST.filter(([start]) => basename(path).startsWith(start)).map(([, id]) => id)
    expect(ids).toEqual(expect.arrayContaining(must))
    expect(ids.filter((id) => ATTACKS.includes(id) && !must.includes(id))).toEqual([])
  })
})
