/** What recorded RPC means for a relay: over TCP, and in a pipe whose SMB session signs. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'

async function findingsOf(name: string) {
  const path = fileURLToPath(new URL(`../../captures/rpc/${name}.pcap`, import.meta.url))
  const { findings } = await analyze([path], { rethrow: true })
  return findings.filter(({ id }) => id === 'NS-SG-008' || id === 'NS-SG-015')
}

describe('a relayed interface at connect level', () => {
  it('can be relayed over TCP; what a Kerberos logon shows of NTLM is less', async () => {
    expect(await findingsOf('tcp-ntlm-connect')).toMatchObject([
      { id: 'NS-SG-015', severity: 'high', detail: 'NTLM at level connect on samr', confidence: 'high' },
    ])
    expect(await findingsOf('tcp-kerberos-connect')).toMatchObject([{ id: 'NS-SG-015', confidence: 'medium' }])
  })

  it('is protected by the signatures of the SMB session around its pipe', async () => {
    expect(await findingsOf('pipe-inner-ntlm-connect')).toMatchObject([
      {
        id: 'NS-SG-008',
        detail: 'level connect on samr in the pipe samr of a signed SMB session, whose signatures protect it',
      },
    ])
  })

  it('is none at integrity or privacy', async () => {
    for (const name of ['tcp-ntlm-sign', 'tcp-ntlm-seal', 'pipe-inner-ntlm-sign'])
      expect(await findingsOf(name), name).toEqual([])
  })
})
