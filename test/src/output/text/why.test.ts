/** `explain --pair`: each step with its frames, by what the decision left in the exchange. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { printed } from '../../../builders/printed.ts'

const OFFICE = fileURLToPath(new URL('../../../../captures/office/office.pcap', import.meta.url))

describe('explain --pair', () => {
  it('tells each kind of logon of the pair, step by step', async () => {
    const { code, out } = await printed(['explain', '--pair', '192.0.2.102,192.0.2.20,smb', OFFICE])
    expect(code).toBe(0)
    expect(out).toContain('192.0.2.102 -> 192.0.2.20 smb: ')
    // one by the name, one by the address
    expect(out).toMatch(/6 Cause +SPN missing: the KDC does not know the service name \(RC01\), confidence/)
    expect(out).toMatch(/6 Cause +IP address used as the target \(RC04\), confidence/)
    expect(out).toMatch(/5 Asked +IP address used as the target \(RC04\): no, the target is a name/)
    expect(out).toMatch(/2 Offered +by the server: .*Kerberos/i)
    expect(out).toMatch(/office\.pcap: frames .*341/)
  })

  it('says what JSON says of the same exchange', async () => {
    const report = JSON.parse((await printed(['analyze', OFFICE, '--format', 'json'])).out)
    for (const { id, cause, origin } of report.exchanges) {
      const { code, out } = await printed(['explain', '--exchange', id, OFFICE], { COLUMNS: '2000' })
      expect(code).toBe(0)
      if (origin !== null) expect(out).toContain(`4 Came to it  ${origin}: `)
      for (const { why } of cause?.alternatives ?? []) expect(out).toContain(why)
      if (cause !== null) expect(out).toContain(`(${cause.code}), confidence ${cause.confidence}`)
      if (cause !== null) expect(out).toContain(cause.fix)
    }
  })

  it('ends with 3 where there is no such logon, and with 64 where nothing was given to look in', async () => {
    expect((await printed(['explain', '--pair', '192.0.2.250,192.0.2.20', OFFICE])).code).toBe(3)
    expect((await printed(['explain', '--pair', '192.0.2.250,192.0.2.20'])).code).toBe(64)
    expect((await printed(['explain', '--pair', '192.0.2.250', OFFICE])).code).toBe(64)
    expect((await printed(['explain', 'RC01', 'RC02'])).code).toBe(64)
  })

  it('speaks Japanese', async () => {
    const { out } = await printed(['explain', '--pair', '192.0.2.102,192.0.2.20', '--lang', 'ja', OFFICE])
    expect(out).toContain('6 原因')
    expect(out).toContain('接続先名は cifs/192.0.2.20 です')
  })
})
