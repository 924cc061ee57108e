/** Key logs of every writer, that grow, are replaced, are huge, or are none. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { KeyLog, KeyLogError } from '../../../src/keys/key-log.ts'
import { readKeytab } from '../../../src/keys/keytab.ts'
import { readPrivateKey } from '../../../src/keys/private-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'keylog-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(text: string | Buffer): string {
  const path = join(folder, `${files++}.keys`)
  writeFileSync(path, text)
  return path
}

/** larger than any of them, and nothing on the disk */
function hugeFile(): string {
  const path = join(folder, 'huge')
  writeFileSync(path, Buffer.of(5, 2))
  truncateSync(path, 80 << 20)
  return path
}

const random = (number: number) =>
  Buffer.from(number.toString(16).padStart(64, '0').split('').reverse().join(''), 'hex')
const line = (label: string, number: number, bytes = 48) =>
  `${label} ${random(number).toString('hex')} ${(number % 256).toString(16).padStart(2, '0').repeat(bytes)}\n`

describe('lines', () => {
  it('master secrets, with carriage returns, upper case, comments and empty lines', () => {
    const log = new KeyLog()
    log.addFile(file(`# a comment\r\n\r\n${line('CLIENT_RANDOM', 0xabcdef).toUpperCase().replace('\n', '\r\n')}`))
    expect(log.find(random(0xabcdef))?.master).toEqual(Buffer.alloc(48, 0xef))
    expect(log.find(random(2))).toBeNull()
    expect(log.counters).toMatchObject({ lines: 1, unreadable: 0, sessions: 1, found: 1 })
  })

  const [one, two] = [line('CLIENT_RANDOM', 1), line('EXPORTER_SECRET', 2, 32)]
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
  it.each([
    ['a byte order mark in front', Buffer.from(`\ufeff${one}${two}`)],
    ['one between, where two files were joined', Buffer.from(`${one}\ufeff${two}`)],
    ['blanks behind', Buffer.from(`${one}${two}`.replaceAll('\n', ' \t\r\n'))],
    ['blanks in front', Buffer.from(`  ${one}\t${two}`)],
    ['tabs, or several blanks', Buffer.from(one.replaceAll(' ', '\t') + two.replaceAll(' ', '   '))],
    ['UTF-16', utf16(one + two)],
    ['UTF-16, without its last end', utf16((one + two).replaceAll('\n', '\r\n').trim())],
    ['UTF-16, the other order of bytes', utf16(one + two).swap16()],
  ])('%s', (_name, bytes) => {
    const path = file(bytes)
    for (const add of [(log: KeyLog) => log.addFile(path), (log: KeyLog) => log.addText(bytes)]) {
      const log = new KeyLog()
      add(log)
      expect(log.counters).toMatchObject({ lines: 2, unreadable: 0, sessions: 2 })
      expect(log.find(random(1))?.master).toEqual(Buffer.alloc(48, 1))
      expect(log.find(random(2))?.exporter).toEqual(Buffer.alloc(32, 2))
    }
  })

  it('all secrets of TLS 1.3, in any order and between those of others', () => {
    const labels = ['SERVER_TRAFFIC_SECRET_0', 'CLIENT_TRAFFIC_SECRET_0', 'EXPORTER_SECRET', 'CLIENT_TRAFFIC_SECRET_1']
    const log = new KeyLog()
    log.addFile(file(labels.map((label) => line(label, 1, 32) + line(label, 2, 32)).join('')))
    const found = log.find(random(2))
    expect(found?.serverTraffic).toEqual(Buffer.alloc(32, 2))
    expect(found?.clientTraffic).toEqual(Buffer.alloc(32, 2))
    expect(found?.exporter).toEqual(Buffer.alloc(32, 2))
    expect(found?.clientHandshake).toBeNull()
  })

  it('by session id, and premaster secrets', () => {
    const log = new KeyLog()
    log.addText(
      Buffer.from(
        `RSA Session-ID:${'ab'.repeat(32)} Master-Key:${'cd'.repeat(48)}\nRSA ${'12'.repeat(8)} ${'34'.repeat(48)}\n${line('PMS_CLIENT_RANDOM', 7)}`,
      ),
    )
    expect(log.masterOfSession(Buffer.alloc(32, 0xab))).toEqual(Buffer.alloc(48, 0xcd))
    expect(log.masterOfSession(Buffer.alloc(32, 0xac))).toBeNull()
    expect(log.premasterOf(Buffer.alloc(256, 0x12))).toEqual(Buffer.alloc(48, 0x34))
    expect(log.find(random(7))?.premaster).toEqual(Buffer.alloc(48, 7))
  })

  it('what is no line is counted and changes nothing', () => {
    const log = new KeyLog()
    const noise = [
      'client_random zz',
      'CLIENT_RANDOM',
      `CLIENT_RANDOM ${'a'.repeat(63)} ab`,
      'x'.repeat(5000),
      '\0\0\0',
    ]
    log.addFile(file(`${noise.join('\n')}\n${line('CLIENT_RANDOM', 3)}`))
    expect(log.counters).toMatchObject({ lines: 1, unreadable: noise.length })
    expect(log.find(random(3))?.master).toHaveLength(48)
  })

  it('a secret of a wrong length is none, and lines that disagree are all there, the newest first', () => {
    const at = random(9).toString('hex')
    const master = (byte: string) => `CLIENT_RANDOM ${at} ${byte.repeat(48)}\n`
    const log = new KeyLog()
    log.addText(Buffer.from(`${master('11')}CLIENT_RANDOM ${at} 2222\nEXPORTER_SECRET ${at} ${'33'.repeat(17)}\n`))
    log.addText(Buffer.from(master('11') + master('44')))
    const found = log.find(random(9))
    expect(found?.master).toEqual(Buffer.alloc(48, 0x11))
    expect(found?.exporter).toBeNull()
    expect(found?.alternative?.master).toEqual(Buffer.alloc(48, 0x44))
    expect(found?.alternative?.alternative).toBeNull()
  })

  it.each([
    ['a comment', '# SSL/TLS secrets log file, generated by OpenSSL\n'],
    ['an empty line', '\r\n'],
    ['no line', 'something else\n'],
    ['a line of another one', line('CLIENT_RANDOM', 8)],
    ['a later secret of another one', line('CLIENT_TRAFFIC_SECRET_1', 8)],
  ])('%s between the lines of a connection hides none of them', (_name, between) => {
    const log = new KeyLog()
    log.addText(Buffer.from(`${line('CLIENT_HANDSHAKE_TRAFFIC_SECRET', 9)}${between}${line('EXPORTER_SECRET', 9)}`))
    expect(log.find(random(9))?.clientHandshake).toEqual(Buffer.alloc(48, 9))
    expect(log.find(random(9))?.exporter).toEqual(Buffer.alloc(48, 9))
  })

  it('secrets of a hundred key updates, between lines of others or not, bury none of the first ones', () => {
    const updates = (between: string) =>
      Array.from({ length: 100 }, (_, at) => line(`SERVER_TRAFFIC_SECRET_${at + 1}`, 9) + between).join('')
    for (const between of ['', line('CLIENT_RANDOM', 8)]) {
      const log = new KeyLog()
      log.addText(
        Buffer.from(`${line('SERVER_TRAFFIC_SECRET_0', 9)}${updates(between)}${line('CLIENT_TRAFFIC_SECRET_0', 9)}`),
      )
      expect(log.find(random(9))?.serverTraffic).toEqual(Buffer.alloc(48, 9))
      expect(log.find(random(9))?.clientTraffic).toEqual(Buffer.alloc(48, 9))
    }
  })

  it('the last line needs no end, half a line is none', () => {
    const log = new KeyLog()
    log.addFile(file(line('CLIENT_RANDOM', 4).trim()))
    expect(log.find(random(4))?.master).toHaveLength(48)
    const half = new KeyLog()
    half.addFile(file(line('CLIENT_RANDOM', 5).slice(0, -20)))
    expect(half.find(random(5))).toBeNull()
  })
})

describe('files', () => {
  it('a log that grows is read on, also from the middle of a line', () => {
    const path = file(line('CLIENT_RANDOM', 1))
    const log = new KeyLog()
    log.addFile(path)
    expect(log.refresh()).toBe(false)
    const next = line('CLIENT_RANDOM', 2)
    appendFileSync(path, next.slice(0, 50))
    log.refresh()
    expect(log.find(random(2))).toBeNull()
    appendFileSync(path, next.slice(50))
    expect(log.refresh()).toBe(true)
    expect(log.find(random(2))?.master).toHaveLength(48)
  })

  it('an empty log may grow; one that is replaced is read anew', () => {
    const path = file('')
    const log = new KeyLog()
    log.addFile(path)
    appendFileSync(path, line('CLIENT_RANDOM', 1) + line('CLIENT_RANDOM', 2))
    log.refresh()
    expect(log.find(random(1))).not.toBeNull()
    writeFileSync(path, line('CLIENT_RANDOM', 3))
    log.refresh()
    expect(log.find(random(3))?.master).toHaveLength(48)
    expect(log.find(random(1))).toBeNull()
  })

  it.each([
    ['as long', 2],
    ['longer', 3],
  ])('one that is truncated and written again, %s, is read anew', (_name, count) => {
    const comment = '# secrets, written by somebody\n'
    const path = file(comment + line('CLIENT_RANDOM', 1) + line('CLIENT_RANDOM', 2))
    const log = new KeyLog()
    log.addFile(path)
    const others = Array.from({ length: count }, (_, at) => line('CLIENT_RANDOM', at + 3))
    writeFileSync(path, comment + others.join(''))
    utimesSync(path, 1, 2)
    expect(log.refresh()).toBe(true)
    for (const at of others.keys()) expect(log.find(random(at + 3))?.master).toEqual(Buffer.alloc(48, at + 3))
    expect(log.find(random(1))).toBeNull()
    expect(log.refresh()).toBe(false)
    expect(log.counters.lines).toBe(2 + count)
  })

  it.each([
    ['does not exist', () => join(folder, 'none')],
    ['is a folder', () => folder],
    ['is something else', () => file('hello\nworld\n')],
  ])('one that %s is an error that names it', (_name, path) => {
    const log = new KeyLog()
    const at = path()
    expect(() => log.addFile(at)).toThrow(KeyLogError)
    expect(() => log.addFile(at)).toThrow(at)
  })

  it('a file of something else is named, also without an end of a line; half a line may be going on', () => {
    const keytab = Buffer.from([5, 2, 0, 0, 0, 54, 0, 1, 0, 12])
    expect(() => new KeyLog().addFile(file(keytab.toString('latin1')))).toThrow('has no line of a key log')
    expect(() => new KeyLog().addFile(file(line('CLIENT_RANDOM', 5).slice(0, -20)))).not.toThrow()
  })

  it('errors of the three kinds of keys say why in words', () => {
    const missing = join(folder, 'missing')
    for (const read of [(path: string) => new KeyLog().addFile(path), readKeytab, readPrivateKey]) {
      expect(() => read(missing)).toThrow(/missing: no such file; expected a/)
      expect(() => read(folder)).toThrow(/: is a directory; expected a/)
    }
    for (const read of [readKeytab, readPrivateKey])
      expect(() => read(hugeFile())).toThrow(/huge: more than \d+ MiB; expected a/)
    expect(() => new KeyLog().addFile(file(Buffer.from('\ufeffhello\n', 'utf16le')))).toThrow(
      'has no line of a key log',
    )
  })

  it('no secret stands in an error', () => {
    const secret = 'f00dfeed'.repeat(12)
    try {
      new KeyLog().addFile(file(`MASTER ${secret}\n`))
      expect.unreachable('it has no line')
    } catch (error) {
      expect(String((error as Error).stack)).not.toContain('f00dfeed')
    }
  })
})

describe('size', () => {
  it('many lines: memory of their places alone', () => {
    const path = join(folder, 'many.keys')
    let text: string[] = []
    const labels = [
      'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
      'SERVER_HANDSHAKE_TRAFFIC_SECRET',
      'CLIENT_TRAFFIC_SECRET_0',
      'SERVER_TRAFFIC_SECRET_0',
      'EXPORTER_SECRET',
    ]
    writeFileSync(path, '')
    for (let at = 0; at < 40_000; at++) {
      for (const label of labels) text.push(line(label, at + 1))
      if (at % 4000 === 3999) {
        appendFileSync(path, text.join(''))
        text = []
      }
    }
    const log = new KeyLog()
    const before = process.memoryUsage().arrayBuffers
    log.addFile(path)
    expect(log.counters).toMatchObject({ lines: 200_000, sessions: 40_000, unreadable: 0 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20)
    for (const at of [1, 20_000, 40_000]) expect(log.find(random(at))?.exporter).toEqual(Buffer.alloc(48, at % 256))
  })

  it('thousands of lines of one connection bury no other one', () => {
    const log = new KeyLog()
    const text: string[] = [line('CLIENT_RANDOM', 1)]
    for (let at = 0; at < 10_000; at++) text.push(line('CLIENT_RANDOM', 2), line('CLIENT_RANDOM', 3))
    log.addText(Buffer.from(text.join('')))
    expect(log.find(random(1))?.master).toEqual(Buffer.alloc(48, 1))
    expect(log.find(random(3))?.master).toEqual(Buffer.alloc(48, 3))
  })
})

/** A million lines are a matter of every night: they take 200 MB on the disk. */
const MILLION = process.env.NIGHTLY ? 1_000_000 : 100_000

describe('a million lines', () => {
  it('are read once, and cost the memory of their places', () => {
    const path = join(folder, 'million.keys')
    writeFileSync(path, '')
    const noise = Buffer.from(`\u0000garbage\n${'z'.repeat(300)}\nCLIENT_RANDOM ${'a'.repeat(64)} zz\n`)
    for (let at = 0; at < MILLION; at += 5000) {
      const lines: string[] = []
      for (let one = at; one < at + 5000; one++) lines.push(line('CLIENT_RANDOM', one + 1))
      appendFileSync(path, Buffer.concat([Buffer.from(lines.join('')), noise]))
    }
    const log = new KeyLog()
    const { arrayBuffers } = process.memoryUsage()
    const before = process.cpuUsage()
    log.addFile(path)
    const { user, system } = process.cpuUsage(before)
    console.info(`${MILLION} lines in ${((user + system) / 1e6).toFixed(2)} s of processor time`)
    expect(log.counters).toMatchObject({ lines: MILLION, sessions: MILLION, unreadable: (MILLION / 5000) * 3 })
    // tables double as they grow: the old and the new one are there at once
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(128 << 20)
    for (const at of [1, MILLION / 2, MILLION]) expect(log.find(random(at))?.master).toEqual(Buffer.alloc(48, at % 256))
    log.close()
  })
})
