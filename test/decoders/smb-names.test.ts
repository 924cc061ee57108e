/**
 * What SMB and HTTP say about where a client is sent: referrals of every version, names of files in logon shares, the
 * redirects of web servers. Recorded ones are held to their truth in test/captures.
 */
import { describe, expect, it } from 'vitest'
import type { ContextFact } from '../../decoders/carrier.ts'
import { httpMessage } from '../../decoders/carriers/http/http-message.ts'
import { namesOfSmb1, namesSaidBy } from '../../decoders/carriers/smb/smb-names.ts'

const utf16 = (text: string) => Buffer.from(text, 'utf16le')

/** An entry of version 2, 3 or 4 with its names behind it, MS-DFSC 2.2.5. */
function entry(version: number, path: string, address: string, names: readonly string[] = []): Buffer {
  const head = version === 2 ? 22 : 34
  const fields = version === 2 ? 16 : 12
  const texts = [path, ...(names.length > 0 ? names : [address])].map((text) => utf16(`${text}\0`))
  const bytes = Buffer.concat([Buffer.alloc(head), ...texts])
  bytes.writeUInt16LE(version, 0)
  bytes.writeUInt16LE(bytes.length, 2)
  bytes.writeUInt16LE(names.length > 0 ? 2 : 0, 6)
  bytes.writeUInt16LE(head, fields)
  bytes.writeUInt16LE(names.length > 0 ? names.length : head, fields + 2)
  bytes.writeUInt16LE(head + texts[0]!.length, fields + 4)
  return bytes
}

function answer(...entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(entries.length, 2)
  return Buffer.concat([head, ...entries])
}

/** An IOCTL Response with it, MS-SMB2 2.2.32. */
function ioctl(output: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(112), output])
  bytes[64] = 49
  bytes.writeUInt32LE(0x0006_0194, 68)
  bytes.writeUInt32LE(112, 96)
  bytes.writeUInt32LE(output.length, 100)
  return bytes
}

const linksOf = (bytes: Uint8Array) => {
  const step = namesSaidBy({ bytes, command: 11, response: true, status: 0 }, () => '1', null)
  return step?.fact.fact === 'sent-elsewhere' ? step.fact.links : null
}

describe('a DFS referral', () => {
  it.each([2, 3, 4])('of version %i names the link and its targets', (version) => {
    const link = (target: string) => entry(version, '\\corp.example\\dfs\\projects', target)
    const where = '\\\\corp.example\\dfs\\projects'
    expect(linksOf(ioctl(answer(link('\\FILES1\\projects'), link('\\192.0.2.20\\projects'))))).toEqual([
      { host: 'FILES1', where },
      { host: '192.0.2.20', where },
    ])
  })

  it('of a domain lists its controllers', () => {
    const found = linksOf(ioctl(answer(entry(3, '\\corp.example', '', ['\\DC1', '\\dc2.corp.example']))))
    expect(found).toEqual([
      { host: 'DC1', where: '\\\\corp.example' },
      { host: 'dc2.corp.example', where: '\\\\corp.example' },
    ])
  })

  it('cut or changed anywhere it throws nothing, and names nothing that is not there', () => {
    const whole = ioctl(answer(entry(3, '\\corp\\dfs', '\\FILES1\\p'), entry(4, '\\corp', '', ['\\DC1', '\\DC2'])))
    for (let length = 0; length <= whole.length; length++)
      for (const { host } of linksOf(whole.subarray(0, length)) ?? []) expect('FILES1 DC1 DC2').toContain(host)
    for (let at = 64; at < whole.length; at++)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(whole)
        changed[at] = value
        expect((linksOf(changed) ?? []).length).toBeLessThanOrEqual(32)
      }
  })

  it('of SMB1 is told from other answers to TRANSACTION2 by its form', () => {
    const data = answer(entry(3, '\\files1\\dfs\\link', '\\192.0.2.20\\p'))
    const smb1 = (output: Buffer, parameters: number) => {
      const bytes = Buffer.concat([Buffer.alloc(56), output])
      bytes[4] = 0x32
      bytes[9] = 0x80
      bytes[32] = 10
      bytes.writeUInt16LE(parameters, 39)
      bytes.writeUInt16LE(output.length, 45)
      bytes.writeUInt16LE(56, 47)
      return bytes
    }
    expect(namesOfSmb1(smb1(data, 0))?.fact).toMatchObject({ links: [{ host: '192.0.2.20' }] })
    expect(namesOfSmb1(smb1(data, 10))).toBeNull()
    expect(namesOfSmb1(smb1(Buffer.alloc(200, 0x41), 0))).toBeNull()
  })
})

describe('files', () => {
  const create = (name: string) => {
    const text = utf16(name)
    const bytes = Buffer.concat([Buffer.alloc(120), text])
    bytes.writeUInt32LE(5, 36)
    bytes.writeUInt16LE(120, 108)
    bytes.writeUInt16LE(text.length, 110)
    return namesSaidBy({ bytes, command: 5, response: false, status: 0 }, () => '1', null)?.fact as
      | ContextFact
      | undefined
  }

  it.each([
    'logon.cmd',
    'corp.example\\scripts\\map drives.vbs',
    'corp.example\\Policies\\{A}\\User\\Preferences\\Drives\\Drives.xml',
    'corp.example\\Policies\\{A}\\User\\Scripts\\psscripts.ini',
  ])('%s may send somebody somewhere', (name) => {
    expect(create(name)).toEqual({ fact: 'file-opened', message: '1', tree: 5, name, isWhole: false })
  })

  it.each(['report.txt', 'corp.example\\Policies\\{A}\\gpt.ini', 'Machine\\Registry.pol', 'notdrives.xml', ''])(
    '%s does not',
    (name) => {
      expect(create(name)).toBeUndefined()
    },
  )
})

describe('a redirect', () => {
  const linkOf = (location: string, status = 302) => {
    const { value } = httpMessage(Buffer.from(`HTTP/1.1 ${status} Found\r\nLocation: ${location}\r\n`, 'latin1'))
    const [step] = value?.[0]?.steps.filter(({ kind }) => kind === 'context') ?? []
    return step?.kind === 'context' && step.fact.fact === 'sent-elsewhere' ? step.fact.links[0] : undefined
  }

  it('to another server names it, without what may be a secret', () => {
    expect(linkOf('http://bob:secret@intranet:8080/a/b;jsessionid=1?token=2#3')).toEqual({
      host: 'intranet',
      where: 'http://intranet:8080/a/b',
    })
    expect(linkOf('https://[fd00::20]/x')).toEqual({ host: 'fd00::20', where: 'https://[fd00::20]/x' })
    expect(linkOf('//192.0.2.40/')).toEqual({ host: '192.0.2.40', where: 'http://192.0.2.40/' })
  })

  it('on the same server, or none, names nothing', () => {
    expect(linkOf('/login')).toBeUndefined()
    expect(linkOf('http://intranet/', 304)).toBeUndefined()
    expect(linkOf('http://intranet/', 200)).toBeUndefined()
  })

  it('has no line of its own among the messages, and no fault', () => {
    const { value, fault } = httpMessage(Buffer.from('HTTP/1.1 302 Found\r\nLocation: http://intranet/\r\n'))
    expect(fault).toBeNull()
    expect(value?.map(({ fields }) => fields)).toEqual([null])
  })
})
