/** What is likely in TLS whose keys are hidden, beside what was run in it: never another thing. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED, LAB } from './folders.ts'

/** Captures with TLS from its beginning, and what logs on inside; what is not listed here is not compared. */
const INSIDE: Readonly<Record<string, 'kerberos' | 'ntlm' | 'none'>> = {
  'ldaps-bound-none': 'ntlm',
  'ldaps-bound-right': 'ntlm',
  'ldaps-bound-wrong': 'ntlm',
  'ldaps-bound-zero': 'ntlm',
  'ldaps-gssapi': 'kerberos',
  'ldaps-sicily': 'ntlm',
  'ldaps-simple': 'none',
  'starttls-gssapi': 'kerberos',
  nla: 'ntlm',
  credssp: 'ntlm',
  'credssp-wrong-password': 'ntlm',
  '20-ldaps-simple': 'none',
  '20b-ldaps-sicily-ntlm-no-cbt': 'ntlm',
  '20c-ldaps-sicily-ntlm-cbt-none-enforced': 'ntlm',
  '20c-ldaps-sicily-ntlm-cbt-ok-enforced': 'ntlm',
  '20c-ldaps-sicily-ntlm-cbt-zero-enforced': 'ntlm',
  '20e-ldaps-gssapi-kerberos': 'kerberos',
  '21-ldap-starttls-simple': 'none',
  '41-rdp-nla-credssp-ntlm': 'ntlm',
  '41b-rdp-nla-credssp-ntlm-wrong-password': 'ntlm',
  'https-kerberos': 'kerberos',
  'https-ntlm-right-binding': 'ntlm',
  'https-ntlm-wrong-binding': 'ntlm',
  'https-ntlm-unbound': 'ntlm',
  'https-ntlm-zero-binding': 'ntlm',
  '12b-https-negotiate-kerberos': 'kerberos',
  '16-https-ntlm-cbt-ok-epa-required': 'ntlm',
  '16i-https-kerberos-cbt-ok': 'kerberos',
  '16i-https-kerberos-cbt-none': 'kerberos',
}

const FOLDERS = [
  ...['ldap', 'rdp', 'tls', 'http'].map((name) => join(BUNDLED, name)),
  ...(existsSync(LAB) ? [LAB] : []),
]
const paths = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.pcap') && basename(name, '.pcap') in INSIDE)
    .map((name) => join(folder, name)),
)
const counted = { decided: 0, ofSizes: 0 }

describe('with the keys hidden', () => {
  it.each(paths.map((path) => [basename(path, '.pcap'), path]))('%s', async (name, path) => {
    const { conversations, pairs } = await analyze([path], { rethrow: true })
    for (const { likely, server } of conversations) {
      if (likely === undefined) continue
      expect([INSIDE[name], 'unsaid'], `${server.port}`).toContain(likely.mechanism)
      if (likely.mechanism === 'unsaid') continue
      counted.decided++
      expect(likely.reasons.length).toBeGreaterThan(0)
      if (likely.reasons.some(({ code }) => code === 'sizes')) counted.ofSizes++
      // sizes are never spoken of where a cookie is as large as a ticket
      else expect(server.port).not.toBe(636)
      // a hint makes no verdict
      for (const pair of pairs) if (pair.server.ports.includes(server.port)) expect(pair.verdict).not.toBe('ntlm')
    }
  })
  afterAll(() => console.info(`${paths.length} captures: ${counted.decided} decided, ${counted.ofSizes} by sizes`))
})
