/**
 * Time per byte must not grow with the number of bytes, whatever the shape of the traffic: hostile captures are long.
 *
 * What is tested is a shape, not a time: the exponent of T(N) ~ N^e over four doublings of N, processor time, the
 * median of three fits.
 */
import { describe, expect, it } from 'vitest'
import { http } from '../decoders/carriers/http/http.ts'
import { CARRIERS } from '../decoders/registry.ts'
import { Segment, TCP_ACK } from '../src/net/segment.ts'
import type { StreamSink } from '../src/stream/sink.ts'
import { Stream } from '../src/stream/stream.ts'
import { seededRandom } from './hostile.ts'

const DOUBLINGS = 4
/** linear is 1, quadratic is 2; caches and the collector add some */
const EXPONENT_MAX = 1.6

/** The exponent e of the power law through these points, by least squares on their logarithms. */
function exponentOf(points: readonly (readonly [n: number, time: number])[]): number {
  const logs = points.map(([n, time]) => [Math.log(n), Math.log(time)] as const)
  const meanN = logs.reduce((sum, [n]) => sum + n, 0) / logs.length
  const meanTime = logs.reduce((sum, [, time]) => sum + time, 0) / logs.length
  const covariance = logs.reduce((sum, [n, time]) => sum + (n - meanN) * (time - meanTime), 0)
  return covariance / logs.reduce((sum, [n]) => sum + (n - meanN) ** 2, 0)
}

/** `run(n)` does the work of size n. */
function measuredExponent(start: number, run: (n: number) => void): number {
  const sizes = Array.from({ length: DOUBLINGS + 1 }, (_, doubling) => start * 2 ** doubling)
  // the compiler has seen everything before the clock runs
  for (const n of sizes.slice(0, 3)) run(n)
  const fits = [1, 2, 3].map(() => exponentOf(sizes.map((n) => [n, processorTime(() => run(n))])))
  return fits.sort((a, b) => a - b)[1]!
}

/** Microseconds, of as many runs as the clock can tell. */
function processorTime(run: () => void): number {
  let runs = 0
  const before = process.cpuUsage()
  for (;;) {
    run()
    runs++
    const { user, system } = process.cpuUsage(before)
    if (user + system >= CLOCK_MICROS) return (user + system) / runs
  }
}

const CLOCK_MICROS = 4000

describe('the fitter', () => {
  it('finds the exponent of a power law', () => {
    const sizes = [100, 200, 400, 800, 1600]
    for (const exponent of [0, 0.5, 1, 1.5, 2, 3])
      expect(exponentOf(sizes.map((n) => [n, 7 * n ** exponent]))).toBeCloseTo(exponent, 10)
    expect(exponentOf(sizes.map((n, at) => [n, n * (at % 2 === 0 ? 1.2 : 0.8)]))).toBeCloseTo(1, 0)
  })

  it('tells linear work from quadratic work', () => {
    let sink = 0
    const work = (steps: number) => {
      for (let at = 0; at < steps; at++) sink = (sink * 31 + at) | 0
    }
    expect(measuredExponent(20_000, (n) => work(n * 10))).toBeLessThan(1.3)
    expect(measuredExponent(400, (n) => work(n * n))).toBeGreaterThan(1.7)
    expect(sink).toBeDefined()
  })
})

/** Feeds parts of one buffer as segments of one client; counts what comes out. */
class Feeder implements StreamSink {
  readonly stream = new Stream(CARRIERS, this)
  readonly segment = new Segment()
  pdus = 0
  #frame = 0

  constructor(bytes: Uint8Array, port: number) {
    const { segment } = this
    segment.protocol = 6
    segment.source2 = 0xffff
    segment.source3 = 0x0a000009
    segment.destination2 = 0xffff
    segment.destination3 = 0x0a000001
    segment.sourcePort = 50_000
    segment.destinationPort = port
    segment.flags = TCP_ACK
    segment.bytes = bytes
  }

  pdu(): void {
    this.pdus++
  }

  standalone(): void {}

  tunnel(): void {}

  closed(): void {}

  /** The bytes from `start`, as if they stood at `seq`. */
  feed(start: number, length: number, seq = start): void {
    const { segment } = this
    segment.payloadStart = start
    segment.payloadLength = length
    segment.seq = seq >>> 0
    this.#frame++
    this.stream.tcp(segment, this.#frame * 10, this.#frame)
  }

  /** The server acknowledges everything before `seq`. */
  acknowledge(seq: number): void {
    const { segment } = this
    ;[segment.source3, segment.destination3] = [segment.destination3, segment.source3]
    ;[segment.sourcePort, segment.destinationPort] = [segment.destinationPort, segment.sourcePort]
    segment.ack = seq >>> 0
    segment.payloadLength = 0
    this.#frame++
    this.stream.tcp(segment, this.#frame * 10, this.#frame)
    ;[segment.source3, segment.destination3] = [segment.destination3, segment.source3]
    ;[segment.sourcePort, segment.destinationPort] = [segment.destinationPort, segment.sourcePort]
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

/** A request with credentials whose head has `bytes` bytes. */
function httpHead(bytes: number): Uint8Array {
  const start = 'GET / HTTP/1.1\r\nHost: www.corp.example\r\nAuthorization: Negotiate '
  return ascii(`${start}${'A'.repeat(Math.max(0, bytes - start.length - 4))}\r\n\r\n`)
}

/** A bindRequest of `bytes` bytes, lengths in four octets as Windows writes them. */
function ldapBind(bytes: number): Uint8Array {
  const made = new Uint8Array(bytes)
  const u32 = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value]
  made.set([0x30, 0x84, ...u32(bytes - 6), 0x02, 0x01, 0x01, 0x60, 0x84, ...u32(bytes - 15), 0x02, 0x01, 0x03, 0x04, 0])
  return made
}

const HTTP = 80
const LDAP = 389

/** Each does work of size n and says how much it must find, at least. */
const SHAPES: readonly [name: string, start: number, run: (n: number) => readonly [found: number, expected: number]][] =
  [
    [
      'an HTTP head in segments of one byte',
      6250,
      (n) => {
        const bytes = httpHead(n)
        const feeder = new Feeder(bytes, HTTP)
        for (let at = 0; at < bytes.length; at++) feeder.feed(at, 1)
        return [feeder.pdus, 1]
      },
    ],
    [
      'an LDAP bindRequest in segments of one byte',
      6250,
      (n) => {
        const bytes = ldapBind(n)
        const feeder = new Feeder(bytes, LDAP)
        for (let at = 0; at < bytes.length; at++) feeder.feed(at, 1)
        return [feeder.pdus, 1]
      },
    ],
    [
      'segments in reverse order',
      1000,
      (n) => {
        const one = httpHead(100)
        const feeder = new Feeder(one, HTTP)
        feeder.feed(0, 100, 0)
        for (let at = n; at > 0; at--) feeder.feed(0, 100, at * 100)
        return [feeder.pdus, 1]
      },
    ],
    [
      'segments in any order, each of one byte',
      1000,
      (n) => {
        const bytes = httpHead(n)
        const feeder = new Feeder(bytes, HTTP)
        const random = seededRandom(n)
        const order = Array.from(bytes, (_, at) => at)
        for (let at = order.length - 1; at > 1; at--) {
          const other = 1 + (random() % at)
          ;[order[at], order[other]] = [order[other]!, order[at]!]
        }
        for (const at of order) feeder.feed(at, 1)
        return [feeder.pdus, 0]
      },
    ],
    [
      'every second segment lost, and acknowledged',
      1000,
      (n) => {
        const one = httpHead(100)
        const feeder = new Feeder(one, HTTP)
        for (let at = 0; at < n; at++) {
          feeder.feed(0, 100, at * 200)
          if (at % 20 === 0) feeder.acknowledge(at * 200)
        }
        feeder.stream.end()
        return [feeder.pdus, n]
      },
    ],
    [
      'every second segment lost inside messages that are kept',
      1000,
      (n) => {
        const bytes = ldapBind(1000)
        const feeder = new Feeder(bytes, LDAP)
        for (let at = 0; at < n; at++) feeder.feed((at % 5) * 200, 100, at * 200)
        feeder.stream.end()
        return [feeder.pdus, n / 5]
      },
    ],
    [
      'a chunked body in chunks of one byte',
      10_000,
      (n) => {
        const head = 'POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Negotiate AAAA\r\nTransfer-Encoding: chunked\r\n\r\n'
        const bytes = ascii(`${head}${'1\r\nx\r\n'.repeat(n)}0\r\n\r\n`)
        const feeder = new Feeder(bytes, HTTP)
        for (let at = 0; at < bytes.length; at += 1460) feeder.feed(at, Math.min(1460, bytes.length - at))
        return [feeder.pdus, 1]
      },
    ],
    [
      'a chunked body in chunks and segments of one byte',
      2000,
      (n) => {
        const head = 'POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Negotiate AAAA\r\nTransfer-Encoding: chunked\r\n\r\n'
        const bytes = ascii(`${head}${'1\r\nx\r\n'.repeat(n)}0\r\n\r\n`)
        const feeder = new Feeder(bytes, HTTP)
        for (let at = 0; at < bytes.length; at++) feeder.feed(at, 1)
        return [feeder.pdus, 1]
      },
    ],
    [
      'a place that is lost and found all the time, in one segment',
      160,
      (n) => {
        // a TLS alert, then a request, and so on
        const bytes = ascii('\x15\x03\x03\x00\x02\x01\x00GET / HTTP/1.0\r\n\r\n'.repeat(n))
        const feeder = new Feeder(bytes, HTTP)
        feeder.feed(0, bytes.length)
        return [feeder.stream.counters.framesLost, 2 * n - 1]
      },
    ],
    [
      'more conversations than are followed',
      8000,
      (n) => {
        const bytes = httpHead(200)
        const feeder = new Feeder(bytes, HTTP)
        for (let at = 0; at < n; at++) {
          feeder.segment.source3 = 0x0b000000 + at
          feeder.feed(0, 200, 1)
        }
        return [feeder.pdus, n]
      },
    ],
  ]

describe('time per byte does not grow', () => {
  it.each(SHAPES)('%s', (_, start, run) => {
    const [found, expected] = run(start)
    expect(found).toBeGreaterThanOrEqual(expected)
    const exponent = measuredExponent(start, run)
    expect(exponent).toBeLessThan(EXPONENT_MAX)
  })
})

describe('hostile heads of HTTP', () => {
  const shapes: readonly (readonly [string, 'client' | 'server', (n: number) => string])[] = [
    ['parameters that do not end', 'server', (n) => `HTTP/1.1 401 X\r\nWWW-Authenticate: ${'a="'.repeat(n)}\r\n\r\n`],
    ['a list of nothing', 'server', (n) => `HTTP/1.1 401 X\r\nWWW-Authenticate: ${' ,'.repeat(n)}\r\n\r\n`],
    ['a target of blanks', 'client', (n) => `GET /${' '.repeat(n)} HTTP/1.1\r\nA: b\r\n\r\n`],
    ['folded lines', 'client', (n) => `GET / HTTP/1.1\r\nA:\r\n${' b\r\n'.repeat(n)}\r\n`],
    ['a token without an end', 'client', (n) => `GET / HTTP/1.1\r\nAuthorization: NTLM ${'A'.repeat(n)}`],
  ]
  for (const [name, side, text] of shapes)
    it(name, () => {
      const exponent = measuredExponent(2000, (n) => http.decode(Buffer.from(text(n), 'latin1'), side))
      expect(exponent).toBeLessThan(EXPONENT_MAX)
    })
})
