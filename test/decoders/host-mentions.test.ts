/**
 * Names of hosts in scripts and policies: how they are written, how pieces of a file are read over their seams, and
 * what is left of a file when it is blanked.
 */
import { describe, expect, it } from 'vitest'
import { blankedButHosts, mentionsIn, mentionsOf } from '../../decoders/parts/host-mentions.ts'
import { OpenedFile } from '../../src/context/opened-files.ts'

const bytes = (text: string) => Buffer.from(text, 'utf8')
const wide = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
const bigEndian = (text: string) => wide(text).swap16()

describe('a host is named', () => {
  it.each([
    ['net use P: \\\\FILES1\\projects\r\n', 'files1'],
    ['<Properties action="U" path="\\\\192.0.2.20\\projects"/>', '192.0.2.20'],
    ['objNet.MapNetworkDrive "Q:", "\\\\files1.corp.example\\q"', 'files1.corp.example'],
    ['{"path": "\\\\\\\\nas-7\\\\share"}', 'nas-7'],
    ['start http://intranet/start.html ', 'intranet'],
    ['copy \\\\?\\UNC\\files2\\a b', 'files2'],
    ['mstsc /v:rds.corp.example /f', 'rds.corp.example'],
    ['ping 198.51.100.9 -n 1', '198.51.100.9'],
    ['start http://[2001:db8::7]:8080/ now', '2001:db8::7'],
  ])('in %s', (text, host) => {
    for (const form of [bytes, wide, bigEndian]) expect(mentionsIn(form(text)).hosts).toContain(host)
  })

  it.each(['net use P: %SERVER% ', 'echo files1 ', 'x = \\files1\\share ', 'version 1.2.3.4.5 ', '10.1.2 '])(
    'not in %s',
    (text) => {
      for (const form of [bytes, wide]) expect(mentionsIn(form(text)).hosts).toEqual([])
    },
  )

  it.each([
    'net use P: \\\\%SERVER%\\p',
    'New-PSDrive -Root "\\\\$server\\p"',
    'x = "\\\\" & server',
    'net use \\\\日本\\p',
  ])('perhaps in %s', (text) => {
    for (const form of [bytes, wide]) expect(mentionsIn(form(text)).isUnsure).toBe(true)
  })

  it('and what is no text says nothing', () => {
    const image = Buffer.concat([
      Buffer.from([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 1, 2]),
      bytes('\\\\files1\\p '),
      Buffer.alloc(600),
    ])
    expect(mentionsIn(image)).toMatchObject({ hosts: [], isUnsure: true })
  })

  it('long runs of anything take no more than their length', () => {
    for (const run of ['\\', '/', 'a', 'a.', '1.', '\\\\a', '$', '%\\\\', '"', '\\\\?\\UNC'])
      for (const form of [bytes, wide]) {
        const before = process.cpuUsage().user
        expect(mentionsIn(form(run.repeat(65_536 / run.length))).hosts.length).toBeLessThanOrEqual(256)
        // a square of the length would be minutes
        expect(process.cpuUsage().user - before).toBeLessThan(5e6)
      }
  })
})

describe('a file that comes in pieces', () => {
  const script = 'rem drives\r\nnet use P: \\\\files1\\projects\r\nnet use Q: \\\\192.0.2.20\\q\r\nstart \\\\web2'
  const names = ['files1', '192.0.2.20', 'web2']

  it.each([bytes, wide])('names the same wherever it is cut, and nothing else', (form) => {
    const whole = form(script)
    const step = form === wide ? 2 : 1
    for (let first = step; first < whole.length; first += step)
      for (const second of [first, Math.min(whole.length, first + 6), Math.min(whole.length, first + 40)])
        for (const isTurned of [false, true]) {
          const file = new OpenedFile('\\\\dc1\\netlogon\\a.cmd', '192.0.2.10', 0, 1)
          file.given(whole.length)
          const cuts = [...new Set([0, first, second, whole.length])]
          const pieces = cuts.slice(1).map((end, index) => [cuts[index]!, end] as const)
          // in another order a name over two seams may be missed, and none is made up
          for (const [start, end] of isTurned ? pieces.toReversed() : pieces) {
            const piece = whole.subarray(start, end)
            file.read(start, piece.length, mentionsIn(piece), { time: 1, frame: 2 })
          }
          for (const other of [
            'file',
            'files',
            'les1',
            's1',
            'w',
            'we',
            'web',
            '192.0.2.2',
            '92.0.2.20',
            '2.0.2.20',
            'q',
          ])
            expect(file.namedAt([other], 2), `${other} ${cuts}`).toBeNull()
          if (!isTurned && second === first)
            for (const name of names) expect(file.namedAt([name], 2), `${name} ${cuts}`).not.toBeNull()
          // read later than the logon
          expect(file.namedAt(names, 0)).toBeNull()
        }
  })

  it('of a policy that was read whole what it does not name it does not name', () => {
    const read = (where: string, text: string, length = text.length) => {
      const file = new OpenedFile(where, '192.0.2.10', 0, 1)
      file.given(length)
      file.read(0, text.length, mentionsIn(bytes(text)), { time: 1, frame: 2 })
      return file.isRead
    }
    const drives = '\\\\corp\\sysvol\\p\\Drives.xml'
    expect(read(drives, '<Drives path="\\\\files1\\p"/>')).toBe(true)
    expect(read(drives, '<Drives path="\\\\files1\\p"/>', 900)).toBe(false)
    expect(read(drives, '<Drives path="\\\\%HOST%\\p"/>')).toBe(false)
    expect(read('\\\\dc1\\netlogon\\a.cmd', 'net use P: \\\\files1\\p')).toBe(false)
  })

  it('edges are whole only where something else stands beside them', () => {
    expect(mentionsOf('\\\\files1', true, false)).toEqual([])
    expect(mentionsOf('\\\\files1', true, true)).toEqual(['files1'])
    expect(mentionsOf('192.0.2.20', false, true)).toEqual([])
  })
})

describe('a file in an extract', () => {
  const text = 'net use P: \\\\files1\\p Pa55.word /user:corp\\svc\r\nset PW=S3cret\r\nping 192.0.2.20\r\n'

  it.each([bytes, wide, bigEndian])('has its hosts at their places and no other word', (form) => {
    const whole = form(text)
    const blanked = Buffer.from(blankedButHosts(whole)!)
    expect(blanked.length).toBe(whole.length)
    expect(mentionsIn(blanked).hosts).toEqual(['files1', '192.0.2.20'])
    const left =
      form === bigEndian
        ? Buffer.from(blanked).swap16().toString('utf16le')
        : blanked.toString(form === wide ? 'utf16le' : 'utf8')
    expect(left.replace('\ufeff', '').split(/\s+/).filter(Boolean)).toEqual(['\\\\files1', '192.0.2.20'])
  })

  it('is left alone where it is none', () => {
    expect(blankedButHosts(Buffer.from([5, 0, 11, 3, 16, 0, 0, 0]))).toBeNull()
  })
})
