/**
 * NTLM with the key of the account: a recorded logon is proved, and messages that were changed on the way are told.
 * The key is the NT hash of the lab's password.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED } from './folders.ts'
import { temporaryFolder } from './packets.ts'

const folder = temporaryFolder()
const CAPTURE = join(BUNDLED, 'http/negotiate-ntlm-no-spn.pcap')
const NT_HASH = '26b92b5d3da5a9117e03cf3c7dce41dd'

/** A file of one key, for rc4-hmac, which is the NT hash. */
function keytabOf(key: string): string {
  const counted = (text: string) => {
    const bytes = Buffer.from(text, 'latin1')
    return Buffer.concat([Buffer.from([0, bytes.length]), bytes])
  }
  const entry = Buffer.concat([
    ...[Buffer.from([0, 1]), counted('CORP.EXAMPLE'), counted('bob'), Buffer.alloc(8), Buffer.from([1, 0, 23, 0, 16])],
    Buffer.from(key, 'hex'),
  ])
  const head = Buffer.alloc(6)
  head.writeUInt16BE(0x0502)
  head.writeUInt32BE(entry.length, 2)
  const path = join(folder, `${key.slice(0, 8)}.keytab`)
  writeFileSync(path, Buffer.concat([head, entry]))
  return path
}

/** The capture with another flag in the NEGOTIATE_MESSAGE, which stands in base64. */
function altered(): string {
  const bytes = readFileSync(CAPTURE)
  const text = bytes.toString('latin1')
  for (const { 1: token, index } of text.matchAll(/Negotiate ([A-Za-z0-9+/=]{40,})/g)) {
    const message = Buffer.from(token!, 'base64')
    const at = message.indexOf('NTLMSSP\0\x01', 'latin1')
    if (at < 0) continue
    message[at + 15]! ^= 2
    bytes.write(message.toString('base64'), index + 'Negotiate '.length, 'latin1')
  }
  const path = join(folder, 'altered.pcap')
  writeFileSync(path, bytes)
  return path
}

describe('with the key of the account', () => {
  it.each([
    ['the logon as it was recorded', () => CAPTURE, NT_HASH, { proved: 1, altered: 0 }],
    ['changed on the way', altered, NT_HASH, { proved: 1, altered: 1 }],
    ['another key', () => CAPTURE, '00'.repeat(16), { proved: 0, altered: 0 }],
  ])('%s', async (_name, capture, key, expected) => {
    const report: Report = await analyze([capture()], { rethrow: true, keytabs: [keytabOf(key)] })
    expect(report.keys.kerberos?.ntlm).toEqual(expected)
    const proofs = report.exchanges.flatMap(({ keytab }) => (keytab?.ntlm ? [keytab.ntlm.mic] : []))
    expect(proofs).toEqual(expected.proved === 0 ? [] : [expected.altered === 0 ? 'verified' : 'wrong'])
    expect(report.findings.some(({ id }) => id === 'NS-NT-004')).toBe(expected.altered > 0)
  })
})
