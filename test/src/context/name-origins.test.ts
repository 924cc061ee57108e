/**
 * Who told a client which name, when: what counts, what is forgotten.
 */
import { describe, expect, it } from 'vitest'
import { NameOrigins } from '../../../src/context/name-origins.ts'

const SECOND = 1e6
const said = (time: number, client = '192.0.2.101', port = 50_000) => ({
  client,
  server: '192.0.2.10',
  port,
  time: time * SECOND,
  frame: time,
})
const referral = (host: string, where = '\\\\corp\\dfs') =>
  ({ fact: 'sent-elsewhere', by: 'dfs-referral', links: [{ host, where }] }) as const
const opened = (name: string, tree = 1, isWhole = false) =>
  ({ fact: 'file-opened', message: name, tree, name, isWhole }) as const

describe('what a client was told', () => {
  it('is found by any case of the name, for that client alone, and not before it was said', () => {
    const origins = new NameOrigins()
    origins.sentElsewhere(referral('FILES1'), said(100))
    expect(origins.told('192.0.2.101', ['files1'], 101 * SECOND)).toMatchObject({ kind: 'dfs-referral', frame: 100 })
    expect(origins.told('192.0.2.102', ['files1'], 101 * SECOND)).toBeNull()
    expect(origins.told('192.0.2.101', ['files1'], 90 * SECOND)).toBeNull()
    expect(origins.told('192.0.2.101', ['files1'], 2000 * SECOND)).toBeNull()
  })

  it('again and again: the one before the logon is named', () => {
    const origins = new NameOrigins()
    for (const time of [1, 2, 3, 100, 102]) origins.sentElsewhere(referral('a'), said(time))
    expect(origins.told('192.0.2.101', ['a'], 101 * SECOND)?.frame).toBe(100)
  })

  it('many clients and names stay within bounds', () => {
    const origins = new NameOrigins()
    for (let client = 0; client < 3000; client++)
      for (let name = 0; name < 40; name++) origins.sentElsewhere(referral(`n${name}`), said(10, `c${client}`))
    expect(origins.told('c2999', ['n39'], 11 * SECOND)).not.toBeNull()
    expect(origins.told('c2999', ['n0'], 11 * SECOND)).toBeNull()
    expect(origins.told('c0', ['n39'], 11 * SECOND)).toBeNull()
  })
})

describe('files', () => {
  it('count in SYSVOL and NETLOGON alone, by the number that the share was given', () => {
    const origins = new NameOrigins()
    origins.shareAsked({ fact: 'share-asked', message: '7', path: '\\\\dc1\\netlogon' }, said(1))
    origins.shareGiven({ fact: 'share-given', message: '7', tree: 5 }, said(1))
    origins.fileOpened(opened('logon.cmd', 5), said(2))
    origins.fileOpened(opened('other.cmd', 6), said(2))
    origins.fileOpened(opened('else.cmd', 5), said(2, '192.0.2.101', 50_001))
    const found = origins.opened('192.0.2.101', 3 * SECOND)
    expect(found.map(({ where }) => where)).toEqual(['\\\\dc1\\netlogon\\logon.cmd'])
    expect(origins.opened('192.0.2.101', 200 * SECOND)).toEqual([])
  })

  it('with server and share in their names are named as they are; a number that is another share now is forgotten', () => {
    const origins = new NameOrigins()
    origins.shareAsked({ fact: 'share-asked', message: '7', path: '\\\\corp\\sysvol' }, said(1))
    origins.shareGiven({ fact: 'share-given', message: '7', tree: 5 }, said(1))
    origins.fileOpened(opened('dc1\\sysvol\\corp\\scripts\\a.cmd', 5, true), said(2))
    origins.shareGiven({ fact: 'share-given', message: '9', tree: 5 }, said(3))
    origins.fileOpened(opened('b.cmd', 5), said(4))
    const found = origins.opened('192.0.2.101', 5 * SECOND)
    expect(found.map(({ where }) => where)).toEqual(['\\\\dc1\\sysvol\\corp\\scripts\\a.cmd'])
  })

  it('two hundred others name nothing', () => {
    const origins = new NameOrigins()
    origins.shareGiven({ fact: 'share-given', message: '9', tree: 5 }, said(3))
    for (let file = 0; file < 200; file++) origins.fileOpened(opened(`setup${file}.cmd`, 5), said(4))
    expect(origins.opened('192.0.2.101', 5 * SECOND)).toEqual([])
  })
})
