/** Files that are no captures: which of them were meant to be read. Heads are those that the formats begin with. */
import { describe, expect, it } from 'vitest'
import { foreignFile, isCaptureName } from '../../../src/capture/foreign.ts'
import { joined, text } from '../../builders/capture.ts'

const hex = (digits: string) => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))
const isCapture = (name: string, head: Uint8Array, tail?: Uint8Array) => foreignFile(name, head, tail).isCapture

/** A local file header of a ZIP archive, and the one of its central directory. */
const zipLocal = (name: string) =>
  joined([
    hex('504b0304 1400 0000 0800 00000000 00000000 00000000 00000000'),
    hex(`${name.length.toString(16).padStart(2, '0')}00 0000`),
    text(name),
  ])
const zipCentral = (name: string) =>
  joined([
    hex('504b0102 1400 1400 0000 0800 00000000 00000000 00000000 00000000'),
    hex(`${name.length.toString(16).padStart(2, '0')}00 0000 0000 0000 0000 00000000 00000000`),
    text(name),
  ])
const tar = (name: string) => {
  const block = new Uint8Array(512)
  block.set(text(name))
  block.set(text('ustar'), 257)
  return block
}

describe('a name', () => {
  it.each([
    'a.pcap',
    'A.PCAPNG',
    'a.cap',
    'a.pcap0',
    'a.pcap17',
    'a.pcap.2',
    'a.pcapng_3',
    'x/y.pcap.gz',
    'a.pcap.zst',
    'a.pcap.xz.part',
    'a.cap.7z',
    'trace.etl',
    'a.snoop',
    'a.erf',
    'cap_00003_20261129021500',
    'cap_00003_20261129021500.gz',
  ])('%s is that of a capture', (name) => expect(isCaptureName(name)).toBe(true))

  it.each([
    'notes.txt',
    'a.pcap.txt',
    'pcap',
    'capture',
    'a.json',
    'a.zip',
    'a.gz',
    'a.log',
    'report.html',
    'a.pcap.md5',
    'a.recap',
  ])('%s is none', (name) => expect(isCaptureName(name)).toBe(false))
})

describe('a file in a folder', () => {
  it('that is empty was meant when its name says so', () => {
    expect(isCapture('a.pcap', hex(''))).toBe(true)
    expect(isCapture('done', hex(''))).toBe(false)
  })

  it('of another format of captures was meant, whatever its name', () => {
    for (const head of ['736e6f6f70000000 00000002', '474d4255 00020100', '52545353', '58435000'])
      expect(isCapture('monday', hex(head)), head).toBe(true)
    expect(isCapture('monday', joined([text('TRSNIFF data    '), hex('1a')]))).toBe(true)
  })

  it('that is an archive was meant when one of its files is a capture', () => {
    expect(isCapture('a.zip', zipLocal('office.pcap'))).toBe(true)
    expect(isCapture('a.zip', joined([zipLocal('readme.txt'), zipLocal('office.pcap')]))).toBe(true)
    expect(
      isCapture('a.zip', zipLocal('readme.txt'), joined([zipCentral('readme.txt'), zipCentral('day/office.pcapng')])),
    ).toBe(true)
    expect(isCapture('letter.docx', zipLocal('[Content_Types].xml'), zipCentral('word/document.xml'))).toBe(false)
    expect(isCapture('a.pcap.zip', zipLocal('readme.txt'))).toBe(true)
    expect(isCapture('a.tar', tar('office.pcap'))).toBe(true)
    expect(isCapture('a.tar', tar('notes.txt'))).toBe(true)
  })

  it('that hides what it holds may be one when its name says nothing else', () => {
    expect(isCapture('monday.7z', hex('377abcaf271c 0004'))).toBe(true)
    expect(isCapture('monday.rar', hex('526172211a07 0100'))).toBe(true)
    expect(isCapture('monday.bz2', hex('425a6839'))).toBe(true)
    expect(isCapture('notes.txt.bz2', hex('425a6839'))).toBe(false)
  })

  it('that is anything else is only told', () => {
    expect(foreignFile('notes.txt', text('hello'))).toEqual({ isCapture: false, hint: null })
    expect(isCapture('a.json', text('{}'))).toBe(false)
    expect(isCapture('a.pcap', text('no capture at all'))).toBe(true)
  })

  it('that is an event trace gets the line which converts it', () => {
    const head = new Uint8Array(200)
    head.set(hex('00000100'))
    head.set(hex('020002c0'), 72)
    const byHead = foreignFile('trace', head)
    expect(byHead.isCapture).toBe(true)
    expect(byHead.hint).toContain('pktmon etl2pcap trace --out trace.pcapng')
    expect(foreignFile('C.etl', hex('0000')).hint).toContain('pktmon etl2pcap C.etl --out C.pcapng')
    expect(foreignFile('my trace.etl', hex('0000')).hint).toContain('pktmon etl2pcap "FILE.etl" --out "FILE.pcapng"')
  })

  it('is looked at without harm wherever it is cut', () => {
    const whole = joined([zipLocal('office.pcap'), zipCentral('office.pcap'), tar('x')])
    for (let length = 0; length <= whole.length; length++) {
      foreignFile('a', whole.subarray(0, length), whole.subarray(whole.length - length))
    }
  })
})
