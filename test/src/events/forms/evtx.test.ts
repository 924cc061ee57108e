/**
 * Event log files: what our writer lays out is read back value by value, libevtx reads the same, and damage costs what
 * is damaged alone.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RawEvent } from '../../../../src/events/forms/binxml.ts'
import { Evtx } from '../../../../src/events/forms/evtx.ts'
import { EventSplitter, xmlEvent } from '../../../../src/events/forms/xml.ts'
import { evtxFile, fileTime, type SampleEvent } from '../../../builders/evtx.ts'
import { seededRandom } from '../../../hostile.ts'

const TIME = 1_596_691_211_123_456
const CHUNK = 65_536
const HEADER = 4096

/** Of every kind that the writer knows; logs of a Japanese and of a German host among them. */
const EVENT: SampleEvent = {
  id: 4624,
  channel: 'Security',
  provider: 'Microsoft-Windows-Security-Auditing',
  computer: 'fs01.corp.example',
  record: 4711,
  time: TIME,
  data: [
    ['SubjectUserSid', { type: 'sid', value: 'S-1-5-21-3623811015-3361044348-30300820-1013' }],
    ['TargetUserName', 'Jörg'],
    ['TargetDomainName', '営業部'],
    ['TargetLogonId', { type: 'hex64', value: 0x3e7n }],
    ['Status', { type: 'hex32', value: 0xc000006d }],
    ['LogonType', { type: 'uint32', value: 3 }],
    ['Level', { type: 'uint8', value: 4 }],
    ['IpPort', { type: 'uint16', value: 50_123 }],
    ['Minus', { type: 'int32', value: -2_146_893_044 }],
    ['Big', { type: 'uint64', value: 18_446_744_073_709_551_615n }],
    ['LogonGuid', { type: 'guid', value: '{3C3FD2A8-0528-7CB3-2501-429495F09675}' }],
    ['When', { type: 'filetime', value: fileTime(TIME) }],
    ['Flag', { type: 'bool', value: 1 }],
    ['Blob', { type: 'binary', value: Buffer.from('00ff10', 'hex') }],
    ['Nothing', { type: 'null' }],
    [null, 'without a name'],
    [null, 'second'],
    ['Mic Status', 'Protected & < > "'],
  ],
}

const SAID: Readonly<Record<string, string>> = {
  SubjectUserSid: 'S-1-5-21-3623811015-3361044348-30300820-1013',
  TargetUserName: 'Jörg',
  TargetDomainName: '営業部',
  TargetLogonId: '0x3e7',
  Status: '0xc000006d',
  LogonType: '3',
  Level: '4',
  IpPort: '50123',
  Minus: '-2146893044',
  Big: '18446744073709551615',
  LogonGuid: '{3C3FD2A8-0528-7CB3-2501-429495F09675}',
  When: '2020-08-06T05:20:11.1234560Z',
  Flag: 'true',
  Blob: '00FF10',
  Data1: 'without a name',
  Data2: 'second',
  'Mic Status': 'Protected & < > "',
}

function many(count: number): SampleEvent[] {
  return Array.from({ length: count }, (_, at): SampleEvent => {
    const kind = at % 3
    if (kind === 2) {
      const data = [['ClientAddress', `10.0.0.${at % 250}:5000`]] as const
      return {
        ...EVENT,
        id: 2889,
        channel: 'Directory Service',
        record: at,
        time: TIME + at,
        data,
        userData: 'EventXML',
      }
    }
    return kind === 0
      ? { ...EVENT, record: at, time: TIME + at }
      : { ...EVENT, id: 4672, record: at, data: [['A', `${at}`]] }
  })
}

function read(file: Buffer, wanted = (_id: number) => true, piece = 100_003) {
  const events: RawEvent[] = []
  const evtx = new Evtx(wanted, (event) => events.push(event))
  for (let at = 0; at < file.length; at += piece) evtx.write(file.subarray(at, at + piece))
  evtx.end()
  return { events, counters: evtx.counters }
}

describe('an event log', () => {
  it('is read value by value', () => {
    const { events, counters } = read(evtxFile([EVENT]))
    expect(counters).toEqual({ chunks: 1, damagedChunks: 0, records: 1, damagedRecords: 0, skipped: 0 })
    const { data, ...head } = events[0]!
    expect(head).toEqual({
      id: 4624,
      channel: 'Security',
      provider: 'Microsoft-Windows-Security-Auditing',
      computer: 'fs01.corp.example',
      record: 4711,
      time: TIME,
    })
    expect(Object.fromEntries(data)).toEqual(SAID)
  })

  it('is the same in pieces of any length', () => {
    const file = evtxFile(many(400))
    const whole = read(file, undefined, file.length)
    expect(whole.events).toHaveLength(400)
    expect(whole.counters.chunks).toBeGreaterThan(2)
    for (const piece of [4096, 65_536, 65_537, 1_000_000]) expect(read(file, undefined, piece)).toEqual(whole)
  })

  it('gives the data of arrays and of UserData', () => {
    const texts: SampleEvent = {
      ...EVENT,
      data: [
        [null, { type: 'strings', value: ['one', 'two'] }],
        ['B', 'x'],
      ],
    }
    expect([...read(evtxFile([texts])).events[0]!.data]).toEqual([
      ['Data1', 'one'],
      ['Data2', 'two'],
      ['B', 'x'],
    ])
    const user: SampleEvent = { ...EVENT, userData: 'EventXML', data: [['Param', 'y']] }
    expect([...read(evtxFile([user])).events[0]!.data]).toEqual([['Param', 'y']])
  })

  it('looks at the id alone where an event is not wanted', () => {
    const { events, counters } = read(evtxFile(many(300)), (id) => id === 4624)
    expect(events).toHaveLength(100)
    expect(counters).toMatchObject({ records: 300, skipped: 200, damagedRecords: 0 })
  })

  it('does not believe the header: dirty flag, and a last chunk that is not counted', () => {
    const file = evtxFile(many(400))
    file.writeUInt16LE(1, 42)
    file.writeUInt32LE(1, 120)
    expect(read(file).events).toHaveLength(400)
  })

  it('ends at room that Windows has not used yet', () => {
    const file = Buffer.concat([evtxFile([EVENT]), Buffer.alloc(3 * CHUNK)])
    expect(read(file).counters).toMatchObject({ chunks: 1, damagedChunks: 0, records: 1 })
  })
})

describe('damage', () => {
  it('of a checksum is counted, and the records are read', () => {
    const file = evtxFile(many(20))
    file[HEADER + 52]! ^= 1
    expect(read(file).counters).toMatchObject({ damagedChunks: 1, records: 20, damagedRecords: 0 })
  })

  it('of one record costs that record', () => {
    const file = evtxFile(many(20))
    const second = HEADER + 512 + file.readUInt32LE(HEADER + 512 + 4)
    file.fill(0xff, second, second + 8)
    const { events, counters } = read(file)
    expect(counters.damagedRecords).toBe(1)
    expect(events.length).toBeGreaterThanOrEqual(18)
  })

  it('of a chunk costs that chunk', () => {
    const file = evtxFile(many(400))
    const all = read(file)
    file.write('NoChunk', HEADER + CHUNK, 'latin1')
    const { events, counters } = read(file)
    expect(counters).toMatchObject({ chunks: all.counters.chunks, damagedChunks: 1 })
    expect(events.length).toBeLessThan(400)
    expect(events.length).toBeGreaterThan(100)
  })

  it('a file cut anywhere gives what is whole', () => {
    const file = evtxFile(many(30))
    let before = 0
    for (let length = 0; length < file.length; length += length > HEADER + 512 && length < HEADER + 9000 ? 1 : 509) {
      const { events } = read(file.subarray(0, length))
      expect(events.length).toBeGreaterThanOrEqual(before)
      before = events.length
    }
  })

  it('a template that contains itself, and values that name each other, end', () => {
    const file = evtxFile([EVENT])
    // every offset in turn becomes that of the first definition
    const definition = 512 + 24 + 4 + 10
    for (let at = HEADER + 512 + 24; at < HEADER + 4000; at++) {
      const changed = Buffer.from(file)
      changed.writeUInt32LE(definition, at)
      expect(read(changed).counters.chunks).toBe(1)
    }
  })
})

/** A night's run (.ci/night) takes 100,000. */
const MUTATIONS = Number(process.env.NTLMSCOPE_MUTATIONS ?? 5000)

describe('hostile bytes', () => {
  it(`${MUTATIONS} changed files are read without a throw`, () => {
    const file = evtxFile(many(9))
    const used = file.readUInt32LE(HEADER + 48)
    const chunk = file.subarray(HEADER, HEADER + CHUNK)
    const random = seededRandom(7)
    let read = 0
    for (let round = 0; round < MUTATIONS; round++) {
      const changed = Buffer.from(chunk)
      for (let i = 0; i <= random() % 6; i++) {
        const at = random() % used
        if (random() % 3 === 0) changed[at] = random() & 255
        else if (random() % 2 === 0)
          changed.writeUInt32LE(random() % 2 ? random() : random() % CHUNK, Math.min(at, CHUNK - 4))
        else changed.copy(changed, random() % used, at, Math.min(at + (random() % 64), CHUNK))
      }
      const evtx = new Evtx(
        () => true,
        ({ data }) => {
          read++
          if (data.size > 4096) expect.fail(`round ${round}: ${data.size} fields`)
        },
      )
      try {
        evtx.write(file.subarray(0, HEADER))
        evtx.write(changed)
        evtx.end()
      } catch (error) {
        expect.fail(`round ${round}: ${String(error)}`)
      }
      const { records, damagedRecords, skipped } = evtx.counters
      expect(damagedRecords).toBeLessThanOrEqual(records + CHUNK)
      expect(skipped).toBe(0)
    }
    expect(read).toBeGreaterThan(MUTATIONS)
  })

  it('one record cannot take more than its share of work', () => {
    // 300 leaves that all name one value, which is a fragment of 50,000 bytes: it is not walked through 300 times
    const fragment = Buffer.alloc(50_000)
    for (let at = 0; at < fragment.length; at += 4) fragment.writeUInt32LE(0x0001_010f, at)
    const names = Array.from({ length: 300 }, (_, at) => [`N${at}`, { type: 'null' }] as const)
    const file = evtxFile([{ ...EVENT, data: [['N', { type: 'binary', value: fragment }], ...names] }])
    const descriptor = file.indexOf(Buffer.from([0x50, 0xc3, 0x0e, 0x00]))
    expect(descriptor).toBeGreaterThan(0)
    file[descriptor + 2] = 0x21
    expect(read(file).counters).toMatchObject({ records: 1, damagedRecords: 0 })
    for (let at = HEADER + 512; at < descriptor; at++)
      if (file[at] === 0x02 && file[at + 1] === 0x0e) file.writeUInt16LE(0, at + 2)
    expect(read(file).counters).toMatchObject({ records: 1, damagedRecords: 1 })
  })
})

/** Readers of others, each written by itself. */
const READERS = [
  { name: 'libevtx', words: ['evtxexport', '-f', 'xml'], version: ['evtxexport', '-V'] },
  { name: 'python-evtx', words: ['evtx_dump.py'], version: ['evtx_dump.py', '--help'] },
] as const

const GUID = /^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i

describe('a second opinion', () => {
  for (const { name, words, version } of READERS) {
    const isHere = spawnSync(version[0], version.slice(1)).status === 0
    if (!isHere) console.warn(`skipped: event logs are not compared with ${name} (${version[0]}), which is absent`)
    it.skipIf(!isHere)(`${name} reads what the writer wrote, and says the same`, { timeout: 60_000 }, () => {
      const folder = mkdtempSync(join(tmpdir(), 'evtx-'))
      try {
        const path = join(folder, 'a.evtx')
        const file = evtxFile(many(name === 'libevtx' ? 300 : 60))
        writeFileSync(path, file)
        const xml = execFileSync(words[0], [...words.slice(1), path], { maxBuffer: 64 << 20 }).toString('utf8')
        const theirs = [...new EventSplitter().write(xml)].map((text) => xmlEvent(text))
        const ours = read(file).events
        expect(theirs).toHaveLength(ours.length)
        const own = ONLY_OURS[name]
        for (const [at, mine] of ours.entries()) {
          const other = theirs[at]!
          expect({ ...other, data: null, clock: null, time: 0 }).toEqual({ ...mine, data: null, clock: null, time: 0 })
          // a float of Python is right to some microseconds
          expect(Math.abs(other.time! - mine.time!)).toBeLessThanOrEqual(name === 'libevtx' ? 0 : 9)
          // both pad hexadecimal numbers
          const plain = (text: string) =>
            GUID.test(text) ? text.toUpperCase() : text.replace(/^0x0+(?=[0-9a-f])/, '0x')
          for (const [field, value] of mine.data) {
            const told = other.data.get(field)
            if (told !== undefined && !own.has(field)) expect(`${field} ${plain(told)}`).toBe(`${field} ${value}`)
          }
          for (const field of other.data.keys()) expect(mine.data.has(field) || own.has(field)).toBe(true)
        }
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
})

/**
 * What they write in forms of their own: nulls as empty values, times with nine digits, bytes with blanks, no booleans,
 * of negative numbers the sign and 31 bits.
 */
const ONLY_OURS: Readonly<Record<(typeof READERS)[number]['name'], ReadonlySet<string>>> = {
  libevtx: new Set(['When', 'Blob', 'Flag', 'Minus']),
  'python-evtx': new Set(['When', 'Blob', 'Flag', 'Minus', 'Nothing']),
}
