/**
 * No secret leaves: everything that the program writes about captures with keys, and everything that one thread hands
 * to the other, is searched for every secret of the lab, as bytes, in hexadecimal and in base64.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CARRIERS } from '../../decoders/registry.ts'
import { run } from '../../src/cli.ts'
import { readKeytab } from '../../src/keys/keytab.ts'
import { CHUNK_BYTES, HandoverWriter } from '../../src/reading/handover.ts'
import { Reading } from '../../src/reading/reading.ts'
import { pem } from '../builders/tls.ts'
import { LAB } from './folders.ts'
import { leak, secretsIn } from './leaks.ts'

const here = existsSync(LAB)
if (!here) console.warn(`skipped: no output is searched for the secrets of the lab, ${LAB} is absent`)
const KEYTAB = `${LAB}/lab-all.keytab`
const NAMES = here
  ? readdirSync(LAB)
      .filter((name) => name.endsWith('.keylog'))
      .map((name) => name.slice(0, -'.keylog'.length))
  : []
const folder = mkdtempSync(join(tmpdir(), 'secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

function accountSecrets(): Buffer[] {
  return readKeytab(KEYTAB).map(({ key }) => key)
}

async function written(words: readonly string[]): Promise<Buffer> {
  const pieces: string[] = []
  const stream = { write: (text: string) => pieces.push(text) > 0 } as unknown as NodeJS.WriteStream
  await run(words as string[], { out: stream, err: stream, env: {} })
  return Buffer.from(pieces.join(''))
}

it('the search finds what it looks for', () => {
  const secret = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
  expect(leak(Buffer.from(`x${secret.toString('hex').toUpperCase()}`), [secret])).toBe('hexadecimal')
  expect(leak(Buffer.concat([Buffer.from('ab'), secret]), [secret])).toBe('bytes')
  for (const before of ['', 'a', 'ab']) {
    const wrapped = Buffer.concat([Buffer.from(before), secret]).toString('base64')
    expect(leak(Buffer.from(wrapped), [secret])).toBe('base64')
  }
  expect(leak(Buffer.from('nothing'), [secret])).toBeNull()
})

describe.skipIf(!here)('no secret stands in', () => {
  it.each(NAMES)('%s: any output', async (name) => {
    const capture = `${LAB}/${name}.pcapng`
    const keys = ['--keylog', `${LAB}/${name}.keylog`, '--keytab', KEYTAB]
    const secrets = [...secretsIn(`${LAB}/${name}.keylog`), ...accountSecrets()]
    const commands = [
      ...['text', 'json', 'ndjson', 'csv'].map((format) => ['analyze', capture, '--format', format, ...keys]),
      ['messages', capture, ...keys],
      ['verify', capture, '--expect', 'bound', ...keys],
      ['device', capture, '--host', '10.77.0.101', ...keys],
    ]
    for (const command of commands) {
      const output = await written(command)
      expect(output.length, command.join(' ')).toBeGreaterThan(0)
      expect(leak(output, secrets), command.join(' ')).toBeNull()
      expect(output.includes('Passw0rd'), command.join(' ')).toBe(false)
    }
  })

  it.each(NAMES)('%s: what one thread hands to the other', async (name) => {
    const chunks: Buffer[] = []
    const writer = new HandoverWriter(
      CARRIERS,
      {
        get time() {
          return reading.time
        },
        get frame() {
          return reading.frame
        },
      },
      (bytes) => new ArrayBuffer(Math.max(bytes, CHUNK_BYTES)),
      ([filled]) => {
        if (filled != null) chunks.push(Buffer.from(filled.chunk, 0, filled.used))
      },
    )
    const reading: Reading = new Reading(CARRIERS, writer, 'js', {
      keyLogs: [`${LAB}/${name}.keylog`],
      privateKeys: [],
      mayGrow: false,
    })
    const facts = await reading.read([`${LAB}/${name}.pcapng`], {})
    writer.flush()
    const secrets = secretsIn(`${LAB}/${name}.keylog`)
    expect(leak(Buffer.concat([...chunks, Buffer.from(JSON.stringify(facts))]), secrets)).toBeNull()
    expect(facts.keys?.opened).toBeGreaterThan(0)
  })
})

describe('no secret stands in an error', () => {
  const capture = 'captures/http/https-ntlm-right-binding.pcap'
  const broken = join(folder, 'broken')
  it.each([
    ['--keylog', 'CLIENT_RANDOMX f00dfeedf00dfeedf00dfeedf00dfeed\n'],
    ['--key', pem('rsa-sha256', 'key').replace('-----END', 'f00dfeed\n-----EN')],
    ['--key', pem('ec-sha256', 'key')],
    ['--keytab', '\x05\x02\x00\x00\x00\x40f00dfeed'],
  ])('%s', async (option, content) => {
    writeFileSync(broken, content, 'latin1')
    const output = await written(['analyze', capture, option, broken])
    expect(output.toString()).toContain(`${broken}: `)
    expect(output.toString().trim().split('\n')).toHaveLength(1)
    expect(output.includes('f00dfeed')).toBe(false)
    const body = content.split('\n')[1]?.slice(0, 24) ?? ''
    if (body.length === 24) expect(output.includes(body)).toBe(false)
  })
})
