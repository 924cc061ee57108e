/**
 * No secret leaves, whatever is asked for: every command that reads captures, every format, every file that is written,
 * with the keys that stand beside captures of this repository.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli.ts'
import { BUNDLED } from './folders.ts'
import { leak, secretsIn } from './leaks.ts'
import { temporaryFolder } from './packets.ts'
import { scenariosBelow } from './truth.ts'

const folder = temporaryFolder()
const KEYED = scenariosBelow(BUNDLED).filter(({ sealed }) => sealed !== null)
/** Each carrier once: HTTPS, LDAPS, TDS, CredSSP; TLS 1.2, 1.3 and resumed. All of them every night. */
const USUAL = ['ldap/ldaps-bound-right', 'tls/credssp', 'tls/inspected', 'tls/resumed-psk', 'tls/tds-login']
const NAMES = KEYED.map(({ name }) => name).filter((name) => process.env.NIGHTLY || USUAL.includes(name))
/** of everybody in the lab */
const PASSWORD = 'Lab-only-7'

const FORMATS = ['text', 'json', 'ndjson', 'csv', 'html', 'ecs', 'ocsf', 'prometheus', 'bloodhound']
const TABLES = ['pairs', 'figures', 'findings', 'exchanges', 'inputs', 'places', 'servers', 'clients', 'accounts']

/** Every command that reads a capture, each with what it may be asked for. */
function commandsFor(capture: string, keys: readonly string[], into: string): string[][] {
  const out = (name: string) => join(into, name)
  const commands = [
    ['analyze', capture, ...FORMATS.flatMap((format) => ['-f', `${format}=${out(format)}`])],
    ...TABLES.map((table) => ['analyze', capture, '-f', 'csv', '--table', table]),
    ['analyze', capture, '--wide', '--lang', 'ja'],
    ['messages', capture],
    ['verify', capture, '--expect', 'bound'],
    ['verify', capture, '--expect', 'no-ntlm', '-f', 'json'],
    ['device', capture, '--host', '192.0.2.40'],
    ['devices', capture, '-f', 'json'],
    ['simulate', capture, '--switch', 'domain'],
    ['plan', capture],
    ['extract', capture, '--frames', '4-20', '-w', out('slice.pcapng')],
    ['load', capture, '--sensor', 'tap1', '--into', out('facts')],
    ['explain', '--pair', '192.0.2.101,192.0.2.40', capture],
  ]
  return commands.map((command) => [...command, ...keys])
}

async function written(words: readonly string[]): Promise<string> {
  const pieces: string[] = []
  const stream = { write: (text: string) => pieces.push(String(text)) > 0 } as unknown as NodeJS.WriteStream
  await run(words as string[], { out: stream, err: stream, env: {} })
  return pieces.join('')
}

describe('no secret stands in anything that is written', () => {
  it.each(NAMES)('%s', async (name) => {
    const capture = join(BUNDLED, `${name}.pcap`)
    const keyLog = join(BUNDLED, `${name}.keys`)
    const into = join(folder, name.replace('/', '-'))
    mkdirSync(into, { recursive: true })
    const secrets = secretsIn(keyLog)
    expect(secrets.length).toBeGreaterThan(0)
    const commands = commandsFor(capture, ['--keylog', keyLog], into)
    const output: Buffer[] = []
    for (const command of commands) {
      const text = await written(command)
      expect(text, command.join(' ')).not.toContain('please report it')
      output.push(Buffer.from(text))
    }
    const files = readdirSync(into, { recursive: true, encoding: 'utf8' })
      .map((path) => join(into, path))
      .filter((path) => statSync(path).isFile())
    // what was asked for was written
    expect(files.length).toBeGreaterThanOrEqual(FORMATS.length + 2)
    for (const path of files) output.push(readFileSync(path))
    const all = Buffer.concat(output)
    expect(all.length).toBeGreaterThan(50_000)
    expect(leak(all, secrets)).toBeNull()
    for (const encoding of ['latin1', 'utf16le'] as const)
      expect(all.includes(Buffer.from(PASSWORD, encoding)), encoding).toBe(false)
  })
})
