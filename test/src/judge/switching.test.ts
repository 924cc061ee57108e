/**
 * Switches thrown on logons made by hand: whom each binds, what it refuses, and the lists of exceptions that admit what
 * is allowed and nothing else.
 */
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../../src/facts/exchange.ts'
import { hostPattern } from '../../../src/facts/filter.ts'
import { Inventory } from '../../../src/judge/inventory/inventory.ts'
import { SWITCHES, switchNamed } from '../../../src/judge/switching/catalogue.ts'
import { exceptionName, exceptionsFor } from '../../../src/judge/switching/exceptions.ts'
import { type SimulateWords, simulate } from '../../../src/judge/switching/simulate.ts'
import { WHY } from '../../../src/judge/switching/switch.ts'
import { exceptionLines, exceptionPowershell, exceptionRegistry } from '../../../src/output/switching/exceptions.ts'
import { emptyReport, endpoint, exchange, httpNtlmOnly, ldapSimple, ntlmByAddress } from '../../builders/report.ts'

const words = (part: Partial<SimulateWords> = {}): SimulateWords => ({
  switches: SWITCHES,
  clients: [],
  servers: [],
  domain: null,
  except: new Set(),
  inventory: null,
  ...part,
})
const reportOf = (...exchanges: AuthExchange[]) => emptyReport({ exchanges })

/** What one switch says of one logon. */
function said(name: string, one: AuthExchange, part: Partial<SimulateWords> = {}): string {
  const { switches } = simulate(reportOf(one), words({ switches: [switchNamed(name)!], ...part }))
  const { rows, goesOn } = switches[0]!
  return rows[0] === undefined ? `goes-on ${Object.keys(goesOn).join()}` : `${rows[0].is} ${rows[0].why}`
}

const windows = ntlmByAddress()
const samba = ntlmByAddress({ ntlm: { ...windows.ntlm!, clientVersion: '6.1.0', singleHost: null } })
const nameless = ntlmByAddress({ ntlm: { ...windows.ntlm!, clientVersion: null, singleHost: null, challenge: null } })
const plain = ntlmByAddress({ ntlm: { ...nameless.ntlm!, negotiateFlags: [] } })
const challenge = (part: object) =>
  ntlmByAddress({ ntlm: { ...windows.ntlm!, challenge: { ...windows.ntlm!.challenge!, ...part } } })
const asUser = (user: string, domain: string | null) =>
  ntlmByAddress({ principal: { user, domain, workstation: 'WS-045' } })
const v1 = (one: AuthExchange) => ({ ...one, ntlm: { ...one.ntlm!, ntlmVersion: 'NTLMv1' as const } })

describe('what is said', () => {
  it.each<[string, string, AuthExchange, Partial<SimulateWords>, string]>([
    ['a Windows client may not send NTLM', 'outgoing', windows, {}, 'fails uses-ntlm'],
    ['Samba is bound by no policy of Windows', 'outgoing', samba, {}, 'goes-on not-windows'],
    ['unless somebody says so', 'outgoing', samba, { clients: [hostPattern('10.1.2.0/24')] }, 'fails uses-ntlm'],
    ['others are free then', 'outgoing', windows, { clients: [hostPattern('10.9.9.9')] }, 'goes-on not-windows'],
    ['no version, which Windows always sends', 'outgoing', nameless, {}, 'goes-on not-windows'],
    ['no place for a version, nothing to say', 'outgoing', plain, {}, 'cannot-be-said windows-unsure'],
    ['Kerberos goes on', 'outgoing', exchange(), {}, 'goes-on not-ntlm'],
    ['the name on the list is let through', 'outgoing', windows, { except: new Set(['10.1.2.6']) }, 'goes-on excepted'],
    ['a server that is no Windows', 'incoming', windows, {}, 'goes-on not-windows'],
    ['a server that is named', 'incoming', windows, { servers: [hostPattern('10.1.2.6')] }, 'fails uses-ntlm'],
    [
      'a local account at it',
      'incoming-domain',
      asUser('scan', 'NAS02'),
      { servers: [hostPattern('10.1.2.6')] },
      'goes-on local-account',
    ],
    ['an account of the domain', 'domain-3', windows, {}, 'fails uses-ntlm'],
    ['a local account is asked about at no DC', 'domain', asUser('scan', 'NAS02'), {}, 'goes-on local-account'],
    ['no domain in the logon', 'domain-3', asUser('scan', ''), {}, 'cannot-be-said account-unsure'],
    ['a name with its realm', 'domain-3', asUser('scan@corp.example', ''), {}, 'fails uses-ntlm'],
    ['another domain', 'domain-3', windows, { domain: 'other' }, 'goes-on other-domain'],
    ['a server without a domain', 'domain-5', challenge({ nbDomainName: 'NAS02' }), {}, 'goes-on server-not-joined'],
    ['SMB of 24H2', 'smb-block', windows, {}, 'fails uses-ntlm'],
    [
      'SMB of an older client',
      'smb-block',
      ntlmByAddress({ ntlm: { ...windows.ntlm!, clientVersion: '10.0.19041' } }),
      {},
      'goes-on client-too-old',
    ],
    ['NTLMv2', 'lm5', windows, {}, 'goes-on strong-version'],
    ['NTLMv1 of a device', 'lm5', v1(samba), {}, 'fails weak-version'],
    ['NTLMv1 of Windows, which the setting changes', 'lm5', v1(windows), {}, 'cannot-be-said client-changes'],
    ['both sides can sign', 'smb-signing', windows, {}, 'goes-on can-sign'],
    [
      'a guest cannot',
      'smb-signing',
      { ...windows, smb: { ...windows.smb!, effective: 'guest' } },
      {},
      'fails cannot-sign',
    ],
    ['a simple bind in clear', 'ldap-signing', ldapSimple(), {}, 'fails ldap-clear'],
    ['NTLM in TLS without a binding', 'binding', httpNtlmOnly(), {}, 'fails binding-missing'],
    [
      'one that cannot be checked',
      'binding',
      httpNtlmOnly({ channelBinding: 'bound' }),
      {},
      'cannot-be-said binding-unsure',
    ],
    ['AES', 'no-rc4', exchange(), {}, 'goes-on aes-ticket'],
    ['RC4', 'no-rc4', exchange({ kerberos: { ...exchange().kerberos!, ticketEtype: 23 } }), {}, 'fails rc4-ticket'],
    [
      'MS-CHAP, where no text says what happens',
      'domain',
      ntlmByAddress({ service: 'radius' }),
      {},
      'cannot-be-said not-decided-by-text',
    ],
  ])('%s: %s', (_, name, one, part, expected) => {
    expect(said(name, one, part)).toBe(expected)
  })

  it('a fallback that ends with its cause fails today, and counts as mended; a failed logon counts nowhere', () => {
    const server = endpoint('10.1.2.7', 445)
    const report = reportOf(windows, ntlmByAddress({ server, fallback: false }), ntlmByAddress({ result: 'failure' }))
    const { switches, logons, failToday } = simulate(report, words({ switches: [switchNamed('outgoing')!] }))
    expect([logons, failToday]).toEqual([2, 1])
    expect(switches[0]).toMatchObject({
      logons: { fails: 2, mended: 1, goesOn: 0, cannotBeSaid: 0 },
      clients: 1,
      servers: 2,
      rows: [{ mended: { RC04: 1 }, exception: '10.1.2.6', frames: [38, 40] }, { mended: {} }],
    })
  })

  it('every logon is in one of three numbers, of every switch that it is about', () => {
    const logons = [windows, samba, nameless, exchange(), httpNtlmOnly(), ldapSimple(), v1(samba)]
    for (const { switch: name, logons: counts } of simulate(reportOf(...logons), words()).switches) {
      const { about } = switchNamed(name)!
      const sum = counts.fails + counts.goesOn + counts.cannotBeSaid
      expect([name, sum]).toEqual([name, logons.filter((one) => about?.(one) ?? true).length])
    }
  })

  it('every switch has the page of its vendor, a way back, and what was not checked', () => {
    expect(new Set(SWITCHES.map(({ name }) => name)).size).toBe(SWITCHES.length)
    for (const { name, sources, rollback, notChecked, events } of SWITCHES) {
      expect(sources.length, name).toBeGreaterThan(0)
      for (const page of sources) expect(page).toMatch(/^https:\/\/(learn|support)\.microsoft\.com\//)
      for (const text of [rollback.set, rollback.effect, rollback.capture, events, ...notChecked])
        expect(text).not.toBe('')
      expect(notChecked.length, name).toBeGreaterThan(0)
    }
    for (const text of Object.values(WHY)) expect(text).not.toBe('')
  })
})

describe('lists of exceptions', () => {
  it.each([
    ['client', windows, '10.1.2.6'],
    ['domain', windows, 'NAS02'],
    ['smb', ntlmByAddress({ target: { spn: null, class: 'absent', name: null } }), '10.1.2.6'],
    ['client', ntlmByAddress({ target: { spn: null, class: 'absent', name: null } }), null],
    ['client', ntlmByAddress({ target: { spn: 'cifs/*', class: 'short', name: '*' } }), null],
    ['client', ntlmByAddress({ target: { spn: null, class: 'short', name: 'a\r\nb' } }), null],
    ['domain', challenge({ nbComputerName: 'NAS*' }), null],
  ] as const)('%s wants %#', (list, one, name) => {
    expect(exceptionName(list, one)).toBe(name)
  })

  it('a .reg file gives the names back', () => {
    const made = exceptionsFor('client', reportOf(windows, httpNtlmOnly()), null, '2026-11-28', null)
    const text = exceptionRegistry([made])
    const hex = /hex\(7\):([\s\S]*?)\r\n(?! )/.exec(`${text}\r\n`)![1]!.replace(/[\\\s]/g, '')
    const names = Buffer.from(hex.split(',').map((byte) => Number.parseInt(byte, 16))).toString('utf16le')
    expect(names.split('\0').filter(Boolean)).toEqual(['10.1.2.6', 'intranet.corp.example'])
  })

  it('a script has a mark where a comment is not ASCII, so that no comment eats the line behind it', () => {
    const of = (owner: string) =>
      exceptionPowershell([
        { list: 'smb', names: [{ name: 'nas1', logons: 1, why: '', owner, until: null }], byHand: [] },
      ])
    expect(of('IT')).toMatch(/^#Requires/)
    expect(of('情報システム部')).toMatch(/^\ufeff#Requires/)
    expect(of('IT')).toContain('-Value ([string[]]$names)')
  })

  it('admits what the policy allows and nothing else: a thousand made reports', () => {
    let seed = 1
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let run = 0; run < 1000; run++) {
      const logons = Array.from({ length: 1 + random(8) }, () => {
        const at = random(5)
        const name = [`srv${at}`, `srv${at}.corp.example`, null, '*', `10.1.9.${at}`][random(5)]!
        return ntlmByAddress({
          client: endpoint(`10.1.8.${random(3)}`, 50_000),
          server: endpoint(`10.1.9.${at}`, 445, `srv${at}`),
          target: { spn: null, class: 'short', name },
          principal: { user: `user${random(3)}`, domain: 'CORP', workstation: null },
          ntlm: {
            ...windows.ntlm!,
            challenge: { ...windows.ntlm!.challenge!, nbComputerName: random(4) === 0 ? null : `SRV${at}` },
          },
        })
      })
      const entries = Array.from({ length: random(4) }, () => ({
        client: `10.1.8.${random(3)}`,
        server: `10.1.9.${random(5)}`,
        ...(random(2) === 0 ? { account: `CORP\\user${random(3)}` } : {}),
        owner: 'team',
        reason: 'device',
        expires: random(4) === 0 ? '2020-01-01' : '2030-01-01',
      }))
      const allow = entries.map((entry, line) => ({
        ...entry,
        client: [hostPattern(entry.client)],
        server: [hostPattern(entry.server)],
        port: null,
        service: null,
        account: entry.account ?? null,
        version: null,
        isReviewed: true,
        line,
      }))
      const isAllowed = (one: AuthExchange) =>
        entries.some(
          (entry) =>
            entry.expires > '2026' &&
            entry.client === one.client.ip &&
            entry.server === one.server.ip &&
            (entry.account === undefined || entry.account === `CORP\\${one.principal.user}`),
        )
      for (const list of ['client', 'domain', 'smb'] as const) {
        const { names, byHand } = exceptionsFor(list, reportOf(...logons), allow, '2026-11-28', null)
        const written = exceptionLines([{ list, names, byHand }])
        const parsed = new Set(
          written
            .split('\n')
            .filter((line) => line !== '' && !line.startsWith('#'))
            .map((line) => line.toLowerCase()),
        )
        expect(parsed.size).toBe(names.length)
        for (const one of logons) {
          const name = exceptionName(list, one)?.toLowerCase() ?? null
          const isByHand = byHand.some(
            ({ client, server, name: shared }) =>
              client === one.client.ip && server === one.server.ip && (shared?.toLowerCase() ?? null) === name,
          )
          const isAdmitted = name !== null && parsed.has(name)
          expect([run, list, name, isAdmitted || (isByHand && isAllowed(one))]).toEqual([
            run,
            list,
            name,
            isAllowed(one),
          ])
        }
      }
    }
  })
})

describe('the inventory', () => {
  const made = (text: string) => new Inventory(text, 'hosts.csv')
  it('an address beats a name, a name a prefix, a long prefix a short one; other columns are kept', () => {
    const inventory = made(
      'Host,Owner,wave,rack\n10.0.0.0/8,net,3,\n10.1.2.0/24,branch,2,\nfs01.corp.example,files,1,r7\n10.1.2.9,"Smith, A.",0,\nws-044,desk,4,\n',
    )
    const owner = (ip: string, ...names: string[]) => inventory.of(ip, new Set(names))?.owner
    expect(owner('10.9.9.9')).toBe('net')
    expect(owner('10.1.2.3')).toBe('branch')
    expect(owner('10.1.2.5', 'FS01.corp.example')).toBe('files')
    expect(owner('10.1.2.9', 'fs01.corp.example')).toBe('Smith, A.')
    expect(owner('192.0.2.1', 'WS-044.corp.example')).toBe('desk')
    expect(owner('192.0.2.2')).toBeUndefined()
    expect(inventory.of('10.1.2.5', new Set())?.more).toEqual({ rack: 'r7' })
  })

  it.each([
    ['owner,wave\nx,1\n', 'hosts.csv:1: no column'],
    ['host,owner\n10.1.2.300,x\n', 'hosts.csv:2: '],
    ['host,owner\n,x\n', 'hosts.csv:2: names no host'],
    ['host,owner\na,x\nA,y\n', "hosts.csv:3: 'A' stands in line 2 already"],
    ['host,owner\na,x,y\n', 'hosts.csv: is no CSV'],
  ])('%j is a mistake with its line', (text, message) => {
    expect(() => made(text)).toThrow(message)
  })
})
