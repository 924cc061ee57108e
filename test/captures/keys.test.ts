/**
 * Captures with their keys: what is inside TLS against the truth of the lab, from a key log beside the capture and from
 * the secrets inside it alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import { reportJsonText } from '../../src/output/json.ts'
import type { KeyFiles } from '../../src/reading/opening.ts'
import { analyze } from '../../src/run/analyze.ts'
import { LAB } from './folders.ts'

const here = existsSync(LAB)
if (!here) console.warn(`skipped: nothing is opened with the keys of the lab, ${LAB} is absent`)
const KEYTAB = `${LAB}/lab-all.keytab`
const NAMES = here
  ? readdirSync(LAB)
      .filter((name) => name.endsWith('.keylog'))
      .map((name) => name.slice(0, -'.keylog'.length))
  : []

interface Truth {
  readonly sessions: readonly {
    readonly server_port: number | string
    readonly app_protocol: string
    readonly mechanism: string
    readonly user: string | null
    readonly result: string
    readonly channel_binding?: { readonly state?: string } | null
  }[]
}

const truthOf = (name: string) => JSON.parse(readFileSync(`${LAB}/${name}.json`, 'utf8')) as Truth

/** As the lab names them. */
const SERVICES: Readonly<Record<string, string>> = { https: 'http', ldaps: 'ldap', imaps: 'imap', tds: 'mssql' }

async function read(path: string, keys: KeyFiles, engine: 'js' | 'wasm' = 'wasm') {
  return analyze([path], { rethrow: true, engine, keys, keytabs: [KEYTAB] })
}

const keyed = (name: string): KeyFiles => ({ keyLogs: [`${LAB}/${name}.keylog`], privateKeys: [], mayGrow: false })
const NO_KEYS: KeyFiles = { keyLogs: [], privateKeys: [], mayGrow: false }

/** What a logon inside TLS must come out as. */
function facts({ service, mechanism, principal, result, channelBinding, binding }: AuthExchange) {
  return { service, mechanism, user: principal.user, result, channelBinding, value: binding?.value ?? null }
}

describe.skipIf(!here)('with a key log', () => {
  it('there are twenty', () => {
    expect(NAMES).toHaveLength(20)
  })

  it.each(NAMES)('%s', async (name) => {
    const report = await read(`${LAB}/${name}.pcap`, keyed(name))
    expect(report.keys.tls).toMatchObject({ failed: 0, unsupported: 0 })
    expect(report.blindSpots.filter(({ kind }) => kind === 'tls')).toEqual([])
    const sessions = truthOf(name).sessions.filter(({ app_protocol }) => !/kdc/.test(app_protocol))
    for (const session of sessions) {
      const found = report.exchanges.filter(
        ({ server, service, mechanism }) =>
          server.port === Number(session.server_port) && service !== 'kdc' && mechanism === session.mechanism,
      )
      expect(found.length, JSON.stringify(session)).toBeGreaterThan(0)
      const last = found.at(-1)!
      const service = session.app_protocol.replace(/^(http|ldap|imap|rdp|mssql).*$/, '$1')
      if (last.service !== 'http-proxy') expect(last.service).toBe(SERVICES[service] ?? service)
      expect(last.result).toBe(/^failure/.test(session.result) ? 'failure' : session.result)
      if (session.user !== null) expect(last.principal.user?.split('@')[0]).toBe(session.user.split('@')[0])
    }
  })

  it.each(NAMES)('%s: the same from the secrets in the capture alone', async (name) => {
    const beside = await read(`${LAB}/${name}.pcap`, keyed(name))
    const inside = await read(`${LAB}/${name}.pcapng`, NO_KEYS)
    expect(inside.exchanges.map(facts)).toEqual(beside.exchanges.map(facts))
    expect(inside.keys.tls?.opened).toBe(beside.keys.tls?.opened)
  })

  it.each(NAMES)('%s: the same in WebAssembly and without it', async (name) => {
    const reports = await Promise.all(
      (['js', 'wasm'] as const).map((one) => read(`${LAB}/${name}.pcap`, keyed(name), one)),
    )
    const [one, other] = reports.map((report) => [...reportJsonText(report)].join(''))
    expect(one).toBe(other)
  })

  it.each(NAMES)('%s: without keys, or with those of somebody else, only that it is TLS', async (name) => {
    const stranger = NAMES.find((each) => each !== name)!
    const without = await read(`${LAB}/${name}.pcap`, NO_KEYS)
    const wrong = await read(`${LAB}/${name}.pcap`, keyed(stranger))
    expect(without.blindSpots.some(({ kind }) => kind === 'tls')).toBe(true)
    expect({ ...wrong, keys: null }).toEqual({ ...without, keys: null })
  })
})

describe.skipIf(!here)('bindings', () => {
  const RIGHT = 'f38467000688fd514dab5202d3bcf35d'
  it.each([
    ['16-https-ntlm-cbt-ok-epa-required', 'verified', RIGHT, ['certificate']],
    ['16f-https-tls13-ntlm-cbt-ok', 'verified', RIGHT, ['keys']],
    ['16b-https-ntlm-no-cbt-epa-off', 'absent', null, null],
    ['16g-https-ntlm-curl-no-cbt', 'absent', null, null],
    ['16d-https-ntlm-zero-cbt-epa-off', 'zero', null, null],
    ['16i-https-kerberos-cbt-ok', 'verified', RIGHT, ['certificate', 'keytab']],
    ['16i-https-kerberos-cbt-none', 'zero', null, null],
    ['12b-https-negotiate-kerberos', 'zero', null, null],
    ['20b-ldaps-sicily-ntlm-no-cbt', 'absent', null, null],
    ['20c-ldaps-sicily-ntlm-cbt-none-enforced', 'absent', null, null],
    ['20c-ldaps-sicily-ntlm-cbt-ok-enforced', 'verified', '513fc884e89c05b81668cf9be2810e3a', ['keys']],
    ['20c-ldaps-sicily-ntlm-cbt-zero-enforced', 'zero', null, null],
    ['20e-ldaps-gssapi-kerberos', 'zero', null, null],
    ['28e-imap-starttls-ntlm', 'absent', null, null],
    ['29c-mssql-tds-tls-ntlm', 'absent', null, null],
    ['41-rdp-nla-credssp-ntlm', 'zero', null, null],
    ['41b-rdp-nla-credssp-ntlm-wrong-password', 'zero', null, null],
  ] as const)('%s: %s', async (name, state, value, by) => {
    const report = await read(`${LAB}/${name}.pcap`, keyed(name))
    const last = report.exchanges.filter(({ tls }) => tls !== null).at(-1)!
    expect(last.channelBinding).toBe(state)
    expect(last.binding?.value ?? null).toBe(value)
    expect(last.binding?.by ?? null).toEqual(by)
    if (state === 'verified') {
      expect(last.binding).toMatchObject({ kind: 'tls-server-end-point', hash: 'sha256', expected: value })
      expect(last.binding?.certificate).toBe(last.binding?.madeFor)
      const [certificate] = report.tls.certificates.filter(({ sha256 }) => sha256 === last.binding?.certificate)
      expect(certificate?.binding).toBe(value)
    }
  })

  it('a Kerberos binding is not visible without the keytab', async () => {
    const name = '16i-https-kerberos-cbt-ok'
    const report = await analyze([`${LAB}/${name}.pcap`], { rethrow: true, keys: keyed(name) })
    expect(report.exchanges.map(({ channelBinding }) => channelBinding)).toEqual(['not-visible'])
  })
})

describe.skipIf(!here)('a keytab', () => {
  it('says who, with which key, and what the PAC says', async () => {
    const report = await analyze([`${LAB}/12-http-negotiate-kerberos.pcap`], { rethrow: true, keytabs: [KEYTAB] })
    const ticket = report.exchanges.map(({ keytab }) => keytab?.ticket).find(Boolean)
    expect(ticket).toMatchObject({
      etype: 18,
      subkeyEtype: 18,
      client: { name: 'alice', realm: 'LAB.EXAMPLE' },
      channelBindings: '0'.repeat(32),
      authorization: { user: 'alice', domain: 'LAB', groups: ['Domain Users'] },
    })
    expect(Math.abs(ticket!.skewSeconds!)).toBeLessThan(1)
  })

  it('NTLM is proved with the key of the account', async () => {
    const report = await analyze([`${LAB}/04-smb3-ntlmv2-target-is-ip.pcap`], { rethrow: true, keytabs: [KEYTAB] })
    expect(report.exchanges.map(({ keytab }) => keytab?.ntlm)).toContainEqual({ response: 'verified', mic: 'verified' })
    const wrong = await analyze([`${LAB}/10-smb-ntlm-wrong-password.pcap`], { rethrow: true, keytabs: [KEYTAB] })
    expect(wrong.exchanges.map(({ keytab }) => keytab)).toEqual([null])
  })
})
