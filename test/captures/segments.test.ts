/**
 * The same bytes in other segments, of one, three and seven bytes: the same exchanges, whoever reads the packets.
 * Logons of every carrier, made here and recorded.
 */
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { CARRIER_LOGONS, captureOf, conversationAt, ticketFor } from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { resegmented, withoutPlaces } from './disorder.ts'
import { BUNDLED } from './folders.ts'
import { readPcap, temporaryFolder, writePcap } from './packets.ts'

const SIZES = [1, 3, 7]
const ENGINES = ['js', 'wasm'] as const
const folder = temporaryFolder()
let files = 0

async function saysTheSame(path: string, sizes: readonly number[] = SIZES): Promise<void> {
  const whole = await analyze([path], { rethrow: true })
  expect(whole.exchanges.length).toBeGreaterThan(0)
  const file = readPcap(path)
  for (const size of sizes) {
    const cut = writePcap(join(folder, `${size}-${basename(path)}`), file, resegmented(file.records, size).records)
    for (const engine of ENGINES) {
      const seen = await analyze([cut], { rethrow: true, engine })
      expect({ size, engine, ...withoutPlaces(seen) }).toEqual({ size, engine, ...withoutPlaces(whole) })
    }
  }
}

function made(port: number, messages: readonly Message[]): string {
  const path = join(folder, `made-${++files}.pcap`)
  writeFileSync(path, captureOf(conversationAt(0, port, messages)))
  return path
}

describe('the same bytes in other segments', () => {
  const logons = Object.entries(CARRIER_LOGONS)

  it.each(logons)('%s: NTLM', async (_, { port, before: opening, ntlm, spn }) => {
    await saysTheSame(made(port, [...opening(true), ...ntlm(spn)]))
  })

  it.each(
    logons.flatMap(([what, logon]) =>
      Object.entries(logon.refusals).map(([way, refusal]) => [what, way, logon, refusal] as const),
    ),
  )('%s: %s', async (_, _way, { port, before: opening, spn, attempt }, refusal) => {
    await saysTheSame(made(port, [...opening(true), ...attempt(ticketFor(spn)), ...refusal]), [
      SIZES[files % SIZES.length]!,
    ])
  })

  const LONG = 'a host whose name and whose greeting are longer than what is probed, as many are, (Debian GNU/Linux)'
  it.each([
    ['smtp', '220 mail1.corp.example ready'],
    ['smtp', `220 ${LONG}`],
    ['smtp', `220-${LONG}\r\n220 ESMTP`],
    ['ftp', '220 ready'],
    ['ftp', `220 ${LONG}`],
    ['pop3', `+OK ${LONG}`],
    ['imap', `* OK ${LONG}`],
  ])('%s, greeted with %s', async (what, greeting) => {
    const { port, before: opening, ntlm, spn, attempt, accepted } = CARRIER_LOGONS[what]!
    const greets: Message = { from: 'server', data: Buffer.from(`${greeting}\r\n`) }
    await saysTheSame(made(port, [greets, ...opening(true).slice(1), ...ntlm(spn)]))
    await saysTheSame(made(port, [greets, ...opening(true).slice(1), ...attempt(ticketFor(spn)), ...accepted]))
  })

  // recorded ones
  it.each(
    [
      ...['mail/smtp-ntlm', 'mail/smtp-plain', 'mail/imap-ntlm-wrong-password', 'mail/pop3-ntlm', 'mail/pop3-gssapi'],
      ...['http/ntlm-post', 'http/proxy-ntlm-connect', 'ldap/binds', 'ldap/spnego-ntlm-wrong-password'],
      ...['sql/ntlm', 'sql/ntlm-wrong-password', 'rpc/tcp-ntlm-seal', 'smb/ntlm-no-spn', 'smb/smb1-ntlmv2'],
    ].map((name) => [name]),
  )('%s', async (name) => {
    await saysTheSame(join(BUNDLED, `${name}.pcap`))
  })
})
