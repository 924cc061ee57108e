/**
 * A recording that begins late or ends early: whatever it begins or ends in the middle of, a logon that it takes away
 * is told as a blind spot, the pair is not vouched for, and nothing is claimed that the whole capture does not show.
 *
 * Two cuts of some captures in the usual run, in each connection with a logon; of all captures every cut at night.
 */
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import { hostPattern } from '../../src/facts/filter.ts'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { judgeFlow } from '../../src/judge/flow.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { seededRandom } from '../hostile.ts'
import { claimedBeyond, placeOf } from './disorder.ts'
import { BUNDLED, capturesBelow } from './folders.ts'
import { begunLate, endedEarly, snapped } from './otherwise.ts'
import { isPlainPcap, readPcap, temporaryFolder, writePcap } from './packets.ts'

const EVERYTHING = process.env.NIGHTLY !== undefined
const SEED = Number(process.env.NTLMSCOPE_SEED ?? 20_261_129)
/** larger ones cost seconds and show nothing new */
const PACKETS_MAX = 400
/** one of so many captures in the usual run */
const ONE_OF = 5
const UDP = 17
/** datagrams that say what they answer */
const NUMBERED: ReadonlySet<string> = new Set(['radius', 'ppp'])

const captures = capturesBelow(BUNDLED)
  .filter((path) => path.endsWith('.pcap') && isPlainPcap(path))
  .filter((_, at) => EVERYTHING || at % ONE_OF === SEED % ONE_OF)

const flowOf = ({ client, server }: AuthExchange) =>
  [`${client.ip}:${client.port}`, `${server.ip}:${server.port}`].sort().join(' ')

/** `0a4d0014:445` as `10.77.0.20:445`; IPv6 as it is compared here with nothing. */
function endOf(end: string): string {
  const [address = '', port] = end.split(':')
  return address.length === 8 ? `${[...Buffer.from(address, 'hex')].join('.')}:${port}` : end
}

/** What says that the capture begins, or ends, too soon. */
const SAYS = { late: /^(midstream|idle|one-sided)$/, early: /^(unfinished|one-sided)$/ } as const

function tells({ blindSpots, exchanges }: Report, kind: 'late' | 'early'): boolean {
  return (
    blindSpots.some((spot) => SAYS[kind].test(spot.kind)) || exchanges.some(({ visibility }) => visibility !== 'both')
  )
}

/** Is something met by these alone that a logon which is not in the capture might contradict? */
function vouchesFor(report: Report, { client, server, service }: AuthExchange): boolean {
  const flow = { client: [hostPattern(client.ip)], server: [hostPattern(server.ip)], port: server.port, service }
  return judgeFlow(report, flow, [expectationNamed('no-ntlm')!], null).state === 'met'
}

const folder = temporaryFolder()
const random = seededRandom(SEED)

describe(`a capture that begins late or ends early, seed ${SEED}`, () => {
  it.each(captures)('%s', { timeout: 3_600_000 }, async (path) => {
    const file = readPcap(path)
    if (file.records.length > PACKETS_MAX && !EVERYTHING) return
    const whole = await analyze([path])
    const isRelayed = whole.exchanges.some(({ cause }) => cause?.code === 'RC21')
    const places = file.records.map(placeOf)
    const flows = new Map<string, AuthExchange[]>()
    for (const one of whole.exchanges) flows.set(flowOf(one), [...(flows.get(flowOf(one)) ?? []), one])
    const packets = new Map<string, number[]>([...flows.keys()].map((flow) => [flow, []]))
    for (const [at, place] of places.entries())
      if (place !== null) packets.get([endOf(place.from), endOf(place.to)].sort().join(' '))?.push(at)
    for (const [flow, numbers] of packets) {
      // behind the first packet, where part of the conversation is left on both sides of the cut
      const inside = numbers.slice(1)
      if (inside.length === 0) continue
      const cuts = EVERYTHING ? inside : [inside[random() % inside.length]!]
      for (const cut of cuts)
        for (const kind of ['late', 'early'] as const) {
          const { records } = file
          const part = kind === 'late' ? begunLate(records, cut) : endedEarly(records, records.length - cut)
          const seen = await analyze([writePcap(join(folder, basename(path)), file, part.records)])
          const where = `${part.what} (frame ${cut + 1})`
          // whether the same challenge comes on another flow later cannot be known
          const beyond = claimedBeyond(seen, whole).filter((claim) => !isRelayed || !claim.startsWith('origin: '))
          expect({ where, beyond }).toEqual({ where, beyond: [] })
          const left = seen.exchanges.filter((one) => flowOf(one) === flow).length
          const all = flows.get(flow)!
          // what follows a logon in one connection cannot be foreseen
          if (left >= all.length || (kind === 'early' && left > 0)) continue
          // what else comes in datagrams has no beginning of its own
          const isSilent = places[cut]!.protocol === UDP && !NUMBERED.has(all[0]!.service)
          expect({ where, flow, isTold: isSilent || tells(seen, kind) }).toEqual({ where, flow, isTold: true })
          // who says nothing in the capture logs on before it, or after it: no logon of the capture is missing
          const isIn = (at: number) => (kind === 'late' ? at >= cut : at < cut)
          if (!numbers.some((at) => isIn(at) && places[at]!.payloadBytes > 0)) continue
          expect({ where, flow, isVouchedFor: vouchesFor(seen, all[0]!) }).toEqual({ where, flow, isVouchedFor: false })
        }
    }
  })

  it('is tried on many', () => expect(captures.length).toBeGreaterThan(25))
})

it('a session that goes on, of which the capture shows too little of each packet, is no proof against NTLM', async () => {
  const path = join(BUNDLED, 'smb', 'multichannel-ntlm.pcap')
  const file = readPcap(path)
  const { exchanges } = await analyze([
    writePcap(join(folder, 'snapped.pcap'), file, snapped(file.records, 165).records),
  ])
  expect(exchanges.map(({ mechanism, fallback }) => [mechanism, fallback])).toEqual(Array(4).fill(['unknown', null]))
})
