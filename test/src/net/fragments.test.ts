import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/memory/limits.ts'
import { Network } from '../../../src/net/net.ts'
import {
  concat,
  destinationOptions,
  erspan2,
  ethernet,
  fragmentHeader6,
  hopByHop,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  packet,
  pattern,
  tcp,
  udp,
  vxlan,
} from '../../builders/net.ts'
import { seededRandom } from '../../hostile.ts'
import { accounted, type Read, readAll, readOne } from './read.ts'

const SECOND = 1e6
const START = 1_700_000_000 * SECOND

const data = pattern(2992)
const hexData = Buffer.from(data).toString('hex')
const datagram = udp(data, { sourcePort: 50000, destinationPort: 88 })
const whole: Partial<Read> = { result: 2, sourcePort: 50000, destinationPort: 88, payload: hexData, payloadMissing: 0 }

const ways = {
  IPv4: (size: number, id = 7) => ipv4Fragments(datagram, size, { protocol: 17, id }).map((ip) => ethernet(ip)),
  IPv6: (size: number, id = 7) => ipv6Fragments(datagram, size, { protocol: 17, id }).map((ip) => ethernet(ip)),
  'IPv6 behind hop-by-hop': (size: number, id = 7) =>
    ipv6Fragments(datagram, size, { protocol: 17, id, extensions: [hopByHop()] }).map((ip) => ethernet(ip)),
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, at) =>
    permutations(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]),
  )
}

describe.each(Object.entries(ways))('%s fragments', (_name, fragments) => {
  it('join in every order, at the last one', () => {
    for (const order of permutations(fragments(752))) {
      const network = new Network()
      const reads = readAll(
        network,
        order.map((bytes) => packet(bytes, { before: 3, behind: 5 })),
      )
      expect(reads.slice(0, -1)).toEqual([null, null, null])
      expect(reads.at(-1)).toMatchObject(whole)
      expect(network.drops).toMatchObject({ fragmentJoined: 3, fragmentWaiting: 0, fragmentLost: 0 })
      accounted(network)
    }
  })

  it('join at every size', () => {
    for (let size = 8; size < datagram.length; size += 24) {
      const network = new Network()
      const reads = readAll(
        network,
        fragments(size).map((bytes) => packet(bytes)),
      )
      expect(reads.at(-1)).toMatchObject(whole)
      expect(reads.filter((read) => read !== null)).toHaveLength(1)
      accounted(network)
    }
  })

  it.each([
    ['each twice in a row', [0, 0, 1, 1, 2, 2, 3, 3]],
    ['the whole row twice', [0, 1, 2, 3, 0, 1, 2, 3]],
    ['out of order', [3, 1, 3, 0, 1, 2, 2, 0]],
  ])('that come twice give one datagram: %s', (_case, order) => {
    const network = new Network()
    const made = fragments(752)
    const reads = readAll(
      network,
      order.map((at) => packet(made[at]!)),
    )
    expect(reads.filter((read) => read !== null)).toEqual([expect.objectContaining(whole)])
    expect(network.drops).toMatchObject({ fragmentJoined: 3, fragmentRepeated: 4, fragmentWaiting: 0, fragmentLost: 0 })
    accounted(network)
  })

  it('wait when one is missing, and are given up after their time', () => {
    const made = fragments(752)
    for (let missing = 0; missing < made.length; missing++) {
      const network = new Network()
      const some = made.filter((_, at) => at !== missing)
      expect(
        readAll(
          network,
          some.map((bytes) => packet(bytes, { time: START })),
        ),
      ).toEqual([null, null, null])
      expect(network.drops).toMatchObject({ fragmentWaiting: 3, fragmentLost: 0 })
      const late = START + (LIMITS.fragmentSecondsMax + 1) * SECOND
      expect(readOne(network, packet(made[missing]!, { time: late }))).toBeNull()
      expect(network.drops).toMatchObject({ fragmentWaiting: 1, fragmentLost: 3, fragmentJoined: 0 })
      expect(network.datagramsLost).toBe(1)
      accounted(network)
    }
  })

  it('of another identification, or of another host, stay apart', () => {
    const network = new Network()
    const [one, other] = [fragments(1504, 7), fragments(1504, 8)]
    expect(
      readAll(
        network,
        [one[0]!, other[1]!].map((bytes) => packet(bytes)),
      ),
    ).toEqual([null, null])
    expect(readOne(network, packet(one[1]!))).toMatchObject(whole)
    expect(readOne(network, packet(other[0]!))).toMatchObject(whole)
    accounted(network)
  })

  it('may use an identification again', () => {
    const network = new Network()
    for (let time = START; time < START + 10 * SECOND; time += 2 * SECOND) {
      const reads = readAll(
        network,
        fragments(1504).map((bytes) => packet(bytes, { time })),
      )
      expect(reads).toEqual([null, expect.objectContaining(whole)])
    }
  })

  it('survive time that goes back', () => {
    const network = new Network()
    const made = fragments(1504)
    expect(readOne(network, packet(made[0]!, { time: START }))).toBeNull()
    expect(readOne(network, packet(made[1]!, { time: START - SECOND }))).toMatchObject(whole)
    // A capture from another day does not complete it.
    expect(readOne(network, packet(made[0]!, { time: START + 1e4 * SECOND }))).toBeNull()
    expect(readOne(network, packet(made[1]!, { time: START }))).toBeNull()
    accounted(network)
  })

  it('cut at every byte are never completed', () => {
    const made = fragments(1504)
    const network = new Network()
    for (let length = 0; length < made[1]!.length; length++) {
      expect(readOne(network, packet(made[1]!.subarray(0, length), { original: made[1]!.length }))).toBeNull()
      accounted(network)
    }
    expect(network.drops.fragmentLost).toBe(1488 + 8)
    expect(network.drops.fragmentWaiting).toBe(0)
    expect(
      readAll(
        network,
        made.map((bytes) => packet(bytes)),
      ),
    ).toEqual([null, expect.objectContaining(whole)])
  })
})

describe('overlaps', () => {
  const piece = (bytes: Uint8Array, fragmentOffset: number, moreFragments: boolean) =>
    packet(ethernet(ipv4(bytes, { protocol: 17, id: 9, fragmentOffset, moreFragments })))
  const other = new Uint8Array(3000).fill(0xff)

  it('the first copy of a byte wins', () => {
    const network = new Network()
    expect(readOne(network, piece(datagram.subarray(0, 800), 0, true))).toBeNull()
    // begins inside, ends outside; wholly inside; around a hole
    expect(readOne(network, piece(concat(other.subarray(0, 400), datagram.subarray(800, 1600)), 400, true))).toBeNull()
    expect(readOne(network, piece(other.subarray(0, 80), 808, true))).toBeNull()
    expect(readOne(network, piece(datagram.subarray(2400), 2400, false))).toBeNull()
    const around = concat(other.subarray(0, 600), datagram.subarray(1600, 2400), other.subarray(0, 600))
    expect(readOne(network, piece(around, 1000, false))).toMatchObject(whole)
    expect(network.drops).toMatchObject({ fragmentJoined: 3, fragmentRepeated: 1 })
    accounted(network)
  })

  it('random overlaps of the same bytes join to the same datagram', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 50; round++) {
      const network = new Network()
      let read: Read | null = null
      for (let tries = 0; read === null && tries < 20_000; tries++) {
        const start = (random() % 375) * 8
        const end = Math.min(datagram.length, start + 8 + (random() % 100) * 8)
        read = readOne(network, piece(datagram.subarray(start, end), start, end < datagram.length))
        accounted(network)
      }
      expect(read).toMatchObject(whole)
    }
  })

  it('a fragment that contradicts the length is refused', () => {
    const network = new Network()
    expect(readOne(network, piece(datagram.subarray(1600), 1600, false))).toBeNull()
    expect(readOne(network, piece(other.subarray(0, 1608), 1600, true))).toBeNull()
    expect(readOne(network, piece(other.subarray(0, 800), 1600, false))).toBeNull()
    expect(network.drops).toMatchObject({ malformed: 2, fragmentWaiting: 1 })
    expect(readOne(network, piece(datagram.subarray(0, 1600), 0, true))).toMatchObject(whole)

    const early = new Network()
    expect(readOne(early, piece(datagram.subarray(0, 1600), 0, true))).toBeNull()
    expect(readOne(early, piece(other.subarray(0, 80), 800, false))).toBeNull()
    expect(early.drops).toMatchObject({ malformed: 1, fragmentWaiting: 1 })
    expect(readOne(early, piece(datagram.subarray(1600), 1600, false))).toMatchObject(whole)
  })

  it.each([
    ['no bytes', new Uint8Array(0), 8, false],
    ['a length that is no multiple of 8 before the end', pattern(81), 0, true],
    ['an end beyond 65535', pattern(100), 65456, false],
    ['the farthest offset', pattern(8), 65528, true],
  ])('refuses %s', (_name, bytes, offset, more) => {
    const network = new Network()
    expect(readOne(network, piece(bytes, offset, more))).toBeNull()
    expect(network.drops.malformed).toBe(1)
  })
})

it('joins a datagram of the largest length', () => {
  const large = udp(pattern(65515 - 8))
  const reads = readAll(
    new Network(),
    ipv4Fragments(large, 1480, { protocol: 17 }).map((ip) => packet(ethernet(ip))),
  )
  expect(reads.at(-1)).toMatchObject({ result: 2, payload: Buffer.from(large.subarray(8)).toString('hex') })
})

it('takes the IPv6 Next Header from the first fragment', () => {
  const made = ipv6Fragments(datagram, 1504, { protocol: 17 })
  made[1]![40] = 59
  const network = new Network()
  expect(
    readAll(
      network,
      made.reverse().map((ip) => packet(ethernet(ip))),
    ),
  ).toEqual([null, expect.objectContaining(whole)])
})

it('reads extension headers behind the fragment header', () => {
  const body = concat(Uint8Array.of(17), destinationOptions(1).body, datagram)
  const made = ipv6Fragments(body, 1504, { protocol: 60 })
  expect(
    readAll(
      new Network(),
      made.map((ip) => packet(ethernet(ip))),
    ).at(-1),
  ).toMatchObject(whole)
})

it('takes IPv4 fragments of different protocols for different datagrams', () => {
  const [first] = ipv4Fragments(datagram, 1504, { protocol: 17 })
  const [, second] = ipv4Fragments(datagram, 1504, { protocol: 6 })
  const network = new Network()
  expect(
    readAll(
      network,
      [first!, second!].map((ip) => packet(ethernet(ip))),
    ),
  ).toEqual([null, null])
  expect(network.drops.fragmentWaiting).toBe(2)
})

it('counts the fragment that completes an ICMP datagram as what it is', () => {
  const network = new Network()
  readAll(
    network,
    ipv4Fragments(pattern(3000), 1480, { protocol: 1 }).map((ip) => packet(ethernet(ip))),
  )
  expect(network.drops).toMatchObject({ fragmentJoined: 2, otherTransport: 1, fragmentWaiting: 0 })
  accounted(network)
})

describe('fragments and tunnels', () => {
  const inner = ethernet(ipv4(tcp(pattern(1400), { seq: 5 }), { source: '10.1.1.1' }))
  const expected = { result: 1, source: '10.1.1.1', seq: 5, payload: Buffer.from(pattern(1400)).toString('hex') }
  const outer = { source: '172.16.0.1', destination: '172.16.0.2' }

  it('a tunnel whose outer packet is fragmented', () => {
    for (const [protocol, payload] of [
      [17, udp(vxlan(inner), { destinationPort: 4789 })],
      [47, erspan2(inner)],
    ] as const) {
      const network = new Network()
      const frames = [
        ipv4Fragments(payload, 1000, { ...outer, protocol }).map((ip) => ethernet(ip)),
        ipv6Fragments(payload, 1000, { protocol }).map((ip) => ethernet(ip)),
      ]
      for (const [first, second] of frames) {
        expect(readOne(network, packet(first!))).toBeNull()
        expect(readOne(network, packet(second!))).toMatchObject(expected)
      }
      accounted(network)
    }
  })

  it('fragments inside a tunnel', () => {
    const network = new Network()
    const frames = ipv4Fragments(datagram, 1480, { protocol: 17 }).map((ip) =>
      ethernet(ipv4(udp(vxlan(ethernet(ip)), { destinationPort: 4789 }), { ...outer, protocol: 17 })),
    )
    const reads = readAll(
      network,
      frames.map((bytes) => packet(bytes)),
    )
    expect(reads).toEqual([null, null, expect.objectContaining(whole)])
    accounted(network)
  })

  it('fragments inside a tunnel inside fragments, interleaved', () => {
    const network = new Network()
    const frames = ipv4Fragments(datagram, 1480, { protocol: 17 }).flatMap((ip, at) =>
      ipv4Fragments(udp(vxlan(ethernet(ip)), { destinationPort: 4789 }), 504, { ...outer, protocol: 17, id: at }).map(
        (made) => ethernet(made),
      ),
    )
    const order = [...frames.filter((_, at) => at % 2 === 1), ...frames.filter((_, at) => at % 2 === 0)]
    const reads = readAll(
      network,
      order.map((bytes) => packet(bytes)),
    )
    expect(reads.filter((read) => read !== null)).toEqual([expect.objectContaining(whole)])
    expect(network.drops).toMatchObject({ fragmentJoined: frames.length - 1, fragmentWaiting: 0 })
    accounted(network)
  })
})

describe('limits', () => {
  const lone = (id: number, bytes: Uint8Array, source: string) =>
    packet(ethernet(ipv4(bytes, { protocol: 17, id, source, moreFragments: true })))
  const last = (id: number, source: string) =>
    packet(ethernet(ipv4(datagram.subarray(1504), { protocol: 17, id, source, fragmentOffset: 1504 })))

  it('gives up the oldest datagram when there are too many', () => {
    const network = new Network()
    const first = datagram.subarray(0, 1504)
    for (let id = 0; id < LIMITS.fragmentedDatagramsMax; id++) readOne(network, lone(id, first, '10.0.0.1'))
    expect(network.drops).toMatchObject({ fragmentWaiting: LIMITS.fragmentedDatagramsMax, fragmentLost: 0 })
    readOne(network, lone(0, first, '10.0.0.2'))
    expect(network.drops).toMatchObject({ fragmentWaiting: LIMITS.fragmentedDatagramsMax, fragmentLost: 1 })
    // the oldest is gone, the one after it is not
    expect(readOne(network, last(1, '10.0.0.1'))).toMatchObject(whole)
    expect(readOne(network, last(0, '10.0.0.2'))).toMatchObject(whole)
    expect(readOne(network, last(0, '10.0.0.1'))).toBeNull()
    accounted(network)
  })

  it('forgets completed datagrams before it gives up waiting ones', () => {
    const network = new Network()
    const first = datagram.subarray(0, 1504)
    readOne(network, lone(0, first, '10.0.0.9'))
    for (let id = 0; id < 2 * LIMITS.fragmentedDatagramsMax; id++) {
      readOne(network, lone(id, first, '10.0.0.1'))
      expect(readOne(network, last(id, '10.0.0.1'))).not.toBeNull()
    }
    expect(readOne(network, last(0, '10.0.0.9'))).toMatchObject(whole)
    expect(network.drops.fragmentLost).toBe(0)
    accounted(network)
  })

  it('holds no more than its bytes, and goes on working when they are used up', () => {
    const network = new Network()
    const large = pattern(65000 - (65000 % 8))
    const fit = LIMITS.fragmentBytesMax / 65536
    for (let id = 0; id < 3 * fit; id++) readOne(network, lone(id, large, '10.0.0.1'))
    expect(network.drops).toMatchObject({ fragmentWaiting: fit, fragmentLost: 2 * fit })
    expect(network.datagramsLost).toBe(2 * fit)
    const reads = readAll(
      network,
      ways.IPv6(752).map((bytes) => packet(bytes)),
    )
    expect(reads.at(-1)).toMatchObject(whole)
    accounted(network)
  })

  it('keeps the identity under a long random row of fragments', () => {
    const random = seededRandom(11)
    const network = new Network()
    const [middle, end] = [pattern(24_000), pattern(1000)]
    let completed = 0
    for (let round = 0; round < 20_000; round++) {
      const fragmentOffset = (random() % 3) * 24_000
      const bytes = fragmentOffset === 48_000 ? end : middle
      const options = { protocol: 17, id: random() % 300, source: `10.0.0.${random() % 40}`, fragmentOffset }
      const made = packet(ethernet(ipv4(bytes, { ...options, moreFragments: fragmentOffset !== 48_000 })))
      made.time += round * 10_000
      if (readOne(network, made) !== null) completed++
      if (round % 100 === 0) accounted(network)
    }
    expect(completed).toBeGreaterThan(0)
    expect(network.drops.fragmentLost).toBeGreaterThan(0)
    accounted(network)
  })
})

it('a fragment header with offset 0 and M 0 holds nothing', () => {
  const network = new Network()
  const bytes = ethernet(ipv6(datagram, { protocol: 17, extensions: [fragmentHeader6(1, 0, false)] }))
  expect(readOne(network, packet(bytes))).toMatchObject(whole)
  expect(readOne(network, packet(bytes))).toMatchObject(whole)
  expect(network.drops).toMatchObject({ fragmentJoined: 0, fragmentRepeated: 0 })
})
