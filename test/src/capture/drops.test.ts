/**
 * What captures say of packets that were not written: never a number where an interface says nothing, never silence
 * where one says that it dropped.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { expectationNamed } from '../../../src/judge/expectations.ts'
import { judgeFlow } from '../../../src/judge/flow.ts'
import { renderText } from '../../../src/output/text/report.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { type ByteOrder, joined, pcap, pcapngBlocks } from '../../builders/capture.ts'
import { udpFrame } from '../../builders/net.ts'
import { PACKETS } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-'))
afterAll(() => rmSync(folder, { recursive: true }))

const reported = (bytes: Uint8Array, name = 'one.pcapng') => {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  return analyze([file])
}
const [packet] = PACKETS

describe.each(['little', 'big'] satisfies ByteOrder[])('statistics in %s-endian pcapng', (order) => {
  const { section, interface: description, enhanced, obsolete, statistics } = pcapngBlocks(order)
  const of = async (...blocks: Uint8Array[]) => {
    const { coverage, captures, blindSpots } = await reported(joined(blocks))
    const spot = blindSpots.find(({ code }) => code === 'dropped')
    return [coverage.dropped, captures[0]!.droppedAtLeast, spot?.count ?? 0]
  }

  it('of each interface add up, the last of each holds', async () => {
    expect(
      await of(
        section(),
        description(),
        description(),
        enhanced(packet!),
        statistics({ ifDrop: 5n, osDrop: 1n }),
        statistics({ ifDrop: 12_950n, osDrop: 2n }),
        statistics({ interfaceId: 1, ifDrop: 0n }),
      ),
    ).toEqual([12_952, 12_952, 12_952])
  })

  it('all say 0: nothing was dropped', async () => {
    expect(await of(section(), description(), enhanced(packet!), statistics({ ifDrop: 0n }))).toEqual([0, 0, 0])
  })

  it('one interface is silent: not known, and what the other says stands', async () => {
    const blocks = [section(), description(), description(), enhanced(packet!)]
    expect(await of(...blocks, statistics({ ifDrop: 7n }))).toEqual([null, 7, 7])
    expect(await of(...blocks, statistics({ ifDrop: 7n }), statistics({ interfaceId: 1 }))).toEqual([null, 7, 7])
  })

  it('of one section are not those of the next', async () => {
    const each = [section(), description(), enhanced(packet!), statistics({ ifDrop: 3n })]
    expect(await of(...each, ...each)).toEqual([6, 6, 6])
  })

  it('packets say how many went before them; all ones say nothing, as does an interface that is not there', async () => {
    expect(
      await of(
        section(),
        description(),
        enhanced(packet!, { dropCount: 4n }),
        enhanced(packet!, { comment: 'x', dropCount: 2n }),
      ),
    ).toEqual([null, 6, 6])
    expect(
      await of(section(), description(), enhanced(packet!, { dropCount: 0xffff_ffff_ffff_ffffn }), obsolete(packet!)),
    ).toEqual([null, 0, 0])
    expect(await of(section(), description(), enhanced(packet!), statistics({ interfaceId: 9, ifDrop: 4n }))).toEqual([
      null,
      0,
      0,
    ])
  })

  it.each(['wasm', 'js'] as const)('packets that nobody wants say so too: engine %s', async (engine) => {
    const frame = udpFrame(
      Uint8Array.of(0xee, 2, 3),
      { address: '10.0.0.1', port: 5004 },
      { address: '10.0.0.2', port: 5004 },
    )
    const foreign = { bytes: frame, time: 1_772_442_000_000_000 }
    const file = join(folder, 'foreign.pcapng')
    const counts = [0n, 3n, 0xffff_ffff_ffff_ffffn, 1n, 0x1_0000_0000n]
    const packets = counts.flatMap((dropCount) => [
      enhanced(foreign),
      enhanced(foreign, { comment: 'between', dropCount }),
      enhanced(foreign, { comment: 'nothing' }),
    ])
    writeFileSync(file, joined([section(), description(), ...packets]))
    const { captures } = await analyze([file], { engine })
    expect(captures[0]).toMatchObject({ packets: 15, droppedAtLeast: 4 + 2 ** 32 })
  })

  it('cut anywhere, nothing is thrown', async () => {
    const whole = joined([section(), description(), enhanced(packet!, { dropCount: 1n }), statistics({ ifDrop: 3n })])
    for (let length = 28; length < whole.length; length += 3) await reported(whole.subarray(0, length))
  })
})

it('classic pcap and two captures: one that does not say makes it unknown', async () => {
  expect((await reported(pcap(PACKETS), 'one.pcap')).coverage.dropped).toBeNull()
})

it('a filter of the capture is told with its words, and hides nothing by itself', async () => {
  const { section, interface: description, enhanced } = pcapngBlocks('little')
  const report = await reported(joined([section(), description({ filter: 'port 445' }), enhanced(packet!)]))
  expect(report.captures[0]!.filters).toEqual(['port 445'])
  expect(report.blindSpots).toContainEqual(
    expect.objectContaining({ code: 'capture-filter', count: 1, detail: expect.stringContaining('port 445') }),
  )
})

it('is on the first screen, and a flow is never met over it', async () => {
  const { section, interface: description, enhanced, statistics } = pcapngBlocks('little')
  const report = await reported(joined([section(), description(), enhanced(packet!), statistics({ ifDrop: 12_950n })]))
  expect(renderText(report, { columns: 100, color: false }).split('\n').slice(0, 24).join('\n')).toMatch(
    /12,950.packets dropped/,
  )
  const flow = { client: [], server: [], port: null, service: null }
  expect(judgeFlow(report, flow, [expectationNamed('kerberos')!], null).state).toBe('not-observed')
})
