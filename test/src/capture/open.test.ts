import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { expandInputs, type UnreadInput } from '../../../src/capture/inputs.ts'
import { MergedReader } from '../../../src/capture/merge.ts'
import { CaptureError, openCapture, openProblem } from '../../../src/capture/open.ts'
import { joined, NANOSECOND_PCAP, pcap, pcapng, text } from '../../builders/capture.ts'
import { readAll } from '../../builders/read.ts'
import { expected, filled, PACKETS } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'open-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  return path
}

async function problem(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CaptureError)
  const { message } = error as CaptureError
  expect(message).not.toContain('\n')
  return message.replaceAll(folder, 'F')
}

describe('openCapture', () => {
  it('recognises every form by its content, under any name', async () => {
    const forms: readonly (readonly [bytes: Uint8Array, format: string])[] = [
      [pcap(PACKETS), 'pcap'],
      [pcap(PACKETS, { order: 'big' }), 'pcap'],
      [pcap(PACKETS, { magic: NANOSECOND_PCAP }), 'pcap'],
      [pcapng(PACKETS), 'pcapng'],
      [pcapng(PACKETS, { order: 'big' }), 'pcapng'],
    ]
    for (const [plain, format] of forms) {
      for (const bytes of [plain, gzipSync(plain)]) {
        const path = file('a name.txt', bytes)
        const opened = await openCapture(path, 7)
        expect(opened.reader.format).toBe(format)
        expect(await readAll(opened.reader)).toEqual({ packets: expected(PACKETS, { capture: 7 }), damage: null })
        expect(opened).toMatchObject({ name: path, compressed: bytes !== plain, size: bytes.length, reopenable: true })
        expect(opened.linkTypes).toEqual([1])
        expect(opened.snapLength).toBe(262_144)
        expect(opened.reader.bytesRead).toBe(bytes.length)
      }
    }
  })

  it('has no snap length where there is no limit', async () => {
    expect((await openCapture(file('zero', pcap(PACKETS, { snapLength: 0 })), 0)).snapLength).toBeNull()
  })

  it('says in one line what is no capture', async () => {
    const found = (name: string, bytes: Uint8Array) => problem(openCapture(file(name, bytes), 0))
    expect(await found('a.zip', Uint8Array.of(0x50, 0x4b, 3, 4, 9, 9))).toBe(
      'F/a.zip: offset 0: expected the magic of pcap, pcapng, gzip, zstd, xz or lz4, found 50 4b 03 04; a ZIP archive: unpack it first',
    )
    expect(await found('a.txt', text('some text'))).toBe(
      'F/a.txt: offset 0: expected the magic of pcap, pcapng, gzip, zstd, xz or lz4, found 73 6f 6d 65; no capture, or convert it with editcap -F pcapng',
    )
    expect(await found('short', Uint8Array.of(0xd4, 0xc3))).toMatch(/found d4 c3; /)
    expect(await found('empty', new Uint8Array(0))).toBe(
      'F/empty: empty, 0 bytes; the capture was never written or not copied',
    )
    expect(await found('text.gz', gzipSync('some text'))).toBe(
      'F/text.gz: offset 0 of the decompressed data: expected the magic of pcap or pcapng, found 73 6f 6d 65; no capture, or convert it with editcap -F pcapng',
    )
    expect(await found('empty.gz', gzipSync(''))).toBe(
      'F/empty.gz: gzip of an empty file; the capture was never written or not copied',
    )
    expect(await found('cut.gz', gzipSync(pcap(PACKETS)).subarray(0, 9))).toBe(
      'F/cut.gz: offset 0 of the decompressed data: nothing can be read: gzip member at offset 0: cut in the header',
    )
  })

  it('says in one line what cannot be opened', async () => {
    expect(await problem(openCapture(join(folder, 'missing'), 0))).toBe(
      'F/missing: no such file or directory; check the name',
    )
    mkdirSync(join(folder, 'a-folder'))
    expect(await problem(openCapture(join(folder, 'a-folder'), 0))).toBe(
      'F/a-folder: a directory, expected a file; name the captures in it',
    )
    expect(openProblem('x', Object.assign(new Error(), { code: 'EACCES' }))).toBe(
      'x: permission denied; captures of tcpdump often belong to root',
    )
    expect(openProblem('x', Object.assign(new Error(), { code: 'EIO' }))).toBe('x: cannot be opened (EIO)')
  })

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('says so when it may not read', async () => {
    const path = file('private', pcap(PACKETS))
    chmodSync(path, 0)
    expect(await problem(openCapture(path, 0))).toMatch(/permission denied/)
  })

  it('gives the packets before the cut of a gzip file, at any byte, and names both the cut and what is missing', async () => {
    const packed = gzipSync(pcap(PACKETS))
    let most = 0
    for (let length = 40; length < packed.length; length++) {
      const opened = await openCapture(file('cut.pcap.gz', packed.subarray(0, length)), 0).catch(
        (error) => error as Error,
      )
      if (opened instanceof Error) {
        expect(opened).toBeInstanceOf(CaptureError)
        continue
      }
      const { packets, damage } = await readAll(opened.reader)
      expect(packets).toEqual(expected(PACKETS.slice(0, packets.length)))
      expect(packets.length).toBeGreaterThanOrEqual(most)
      most = packets.length
      expect(damage?.reason).toMatch(/gzip member at offset 0: cut in the (data|trailer)$/)
    }
    expect(most).toBe(5)
  })

  it('gives the packets before the corruption of a gzip file', async () => {
    const many = Array.from({ length: 400 }, (_, i) => ({ time: i, bytes: filled(100 + (i % 50), i * i) }))
    const plain = pcap(many)
    const packed = gzipSync(plain, { level: 0 })
    // in stored blocks the checksum at the end finds it, after every packet has been read
    packed[packed.length - 5]! ^= 1
    const late = await readAll((await openCapture(file('corrupt.gz', packed), 0)).reader)
    expect(late.packets).toEqual(expected(many))
    expect(late.damage).toMatchObject({ offset: plain.length, frame: 400 })
    expect(late.damage?.reason).toMatch(/^gzip member at offset 0: checksum /)
  })
})

describe('standard input', () => {
  const original = Object.getOwnPropertyDescriptor(process, 'stdin')!
  afterEach(() => {
    Object.defineProperty(process, 'stdin', original)
  })

  function piped(): PassThrough {
    const pipe = new PassThrough()
    Object.defineProperty(process, 'stdin', { value: pipe, configurable: true })
    return pipe
  }

  it('gives packets while the pipe is still open', async () => {
    const bytes = pcap(PACKETS)
    const pipe = piped()
    pipe.write(bytes.subarray(0, bytes.length - 10))
    const { reader, ...opened } = await openCapture('-', 0)
    expect(opened).toMatchObject({ name: '-', size: null, compressed: false, reopenable: false })
    for (const frame of [1, 2, 3, 4]) {
      let state = reader.next()
      for (; state === 'starved'; state = reader.next()) await reader.fill()
      expect([state, reader.packet.frame]).toEqual(['packet', frame])
    }
    expect(reader.next()).toBe('starved')
    pipe.end(bytes.subarray(bytes.length - 10))
    const { packets, damage } = await readAll(reader)
    expect(packets).toEqual(expected(PACKETS).slice(4))
    expect(damage).toBeNull()
  })

  it('reads gzip', async () => {
    piped().end(gzipSync(pcapng(PACKETS)))
    const opened = await openCapture('-', 0)
    expect(opened.compressed).toBe(true)
    expect(await readAll(opened.reader)).toEqual({ packets: expected(PACKETS), damage: null })
  })

  it('gives the packets of a cut pipe, and says what is missing', async () => {
    const bytes = pcap(PACKETS)
    piped().end(bytes.subarray(0, bytes.length - 1))
    const { packets, damage } = await readAll((await openCapture('-', 0)).reader)
    expect(packets).toEqual(expected(PACKETS.slice(0, 4)))
    expect(damage?.reason).toBe('expected 146 bytes of the record of frame 5, found 145: 1 missing')
  })

  it('refuses a terminal and what is no capture', async () => {
    Object.assign(piped(), { isTTY: true })
    expect(await problem(openCapture('-', 0))).toMatch(/^standard input: a terminal, expected a capture; /)
    piped().end('text')
    expect(await problem(openCapture('-', 0))).toMatch(/^standard input: offset 0: expected the magic /)
    piped().end()
    expect(await problem(openCapture('-', 0))).toMatch(/^standard input: empty, 0 bytes; /)
  })

  it('is merged with files, and kept open', async () => {
    piped().end(pcap(PACKETS.slice(1)))
    const merged = await MergedReader.open([file('beside', pcap(PACKETS.slice(0, 1))), '-'])
    const { packets } = await readAll(merged)
    expect(packets.map(({ capture, frame }) => [capture, frame])).toEqual([
      [0, 1],
      [1, 1],
      [1, 2],
      [1, 3],
      [1, 4],
    ])
    expect(merged.bytesTotal).toBeNull()
    expect(merged.summaries()[1]).toMatchObject({ name: '-', packets: 4 })
  })
})

describe('expandInputs', () => {
  const plain = pcap(PACKETS)
  for (const name of ['ring/cap10.pcap', 'ring/cap9.pcap', 'ring/deep/cap1', 'ring/cap2.pcap.gz']) {
    file(name, name.endsWith('.gz') ? gzipSync(plain) : plain)
  }
  file('ring/notes.txt', text('no capture'))
  file('ring/log.gz', gzipSync('no capture'))
  file('ring/empty.pcap', new Uint8Array(0))
  file('none/a.txt', text('no capture'))
  file('odd/[1].pcap', plain)
  const ring = join(folder, 'ring')
  const inRing = ['cap2.pcap.gz', 'cap9.pcap', 'cap10.pcap', 'deep/cap1'].map((name) => `${ring}/${name}`)

  it('finds the captures of a directory by content, in natural order, and tells of the others', async () => {
    const leftOut: UnreadInput[] = []
    expect(await expandInputs([ring], (input) => leftOut.push(input))).toEqual(inRing)
    expect(leftOut.map(({ name, isCapture }) => [name.slice(ring.length + 1), isCapture])).toEqual([
      ['empty.pcap', true],
      ['log.gz', false],
      ['notes.txt', false],
    ])
    expect(leftOut[0]!.reason).toBe('empty, 0 bytes; the capture was never written or not copied')
    expect(await expandInputs([`${ring}/`])).toEqual(inRing)
  })

  it('expands a glob as a shell would', async () => {
    expect(await expandInputs([`${ring}/*.pcap`])).toEqual(
      ['cap9.pcap', 'cap10.pcap', 'empty.pcap'].map((name) => `${ring}/${name}`),
    )
    expect(await expandInputs([`${folder}/rin*`])).toEqual(inRing)
    expect(await problem(expandInputs([`${ring}/*.cap`]))).toBe('F/ring/*.cap: no file matches; check the pattern')
  })

  it('takes a name that looks like a glob as a name first', async () => {
    expect(await expandInputs([join(folder, 'odd/[1].pcap')])).toEqual([join(folder, 'odd/[1].pcap')])
  })

  it('keeps the order of the arguments and reads no file twice', async () => {
    const cap9 = join(ring, 'cap9.pcap')
    expect(await expandInputs(['-', cap9, ring, join(ring, '.', 'cap9.pcap')])).toEqual([
      '-',
      cap9,
      ...inRing.filter((path) => path !== `${ring}/cap9.pcap`),
    ])
  })

  it('leaves a file named explicitly to openCapture, whatever it holds', async () => {
    expect(await expandInputs([join(ring, 'notes.txt')])).toEqual([join(ring, 'notes.txt')])
  })

  it('refuses what is missing, a directory without captures, and standard input twice', async () => {
    expect(await problem(expandInputs([join(folder, 'missing')]))).toBe(
      'F/missing: no such file or directory; check the name',
    )
    expect(await problem(expandInputs([join(folder, 'none')]))).toBe(
      'F/none: a directory without captures (other files: 1); expected pcap or pcapng, plain or in gzip, zstd, xz or lz4',
    )
    expect(await problem(expandInputs(['-', '-']))).toBe('standard input: can be read only once; name - one time')
  })

  it.skipIf(process.platform === 'win32')('is not stopped by a broken link in a directory', async () => {
    file('linked/a.pcap', joined([plain]))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'linked/b.pcap'))
    symlinkSync(join(folder, 'ring/cap9.pcap'), join(folder, 'linked/c.pcap'))
    symlinkSync(join(folder, 'linked'), join(folder, 'linked/around'))
    const leftOut: UnreadInput[] = []
    const found = await expandInputs([join(folder, 'linked')], (input) => leftOut.push(input))
    expect(found.map((path) => path.slice(-6))).toEqual(['a.pcap', 'c.pcap'])
    expect(leftOut).toEqual([
      { name: `${join(folder, 'linked')}/b.pcap`, reason: 'a link to what is not there', isCapture: true },
    ])
  })
})
