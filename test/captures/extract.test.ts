/**
 * Every finding of every capture: its slice, read again, gives the finding, the verdict and the causes, and nothing in
 * it could be cracked. What tshark reads as a secret in the capture is looked for in the slice: a second opinion of
 * which bytes are secrets. Usually a sample; all with NIGHTLY.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { type Expected, expectedOf, extract } from '../../src/run/extract.ts'
import { BUNDLED, capturesBelow, LAB } from './folders.ts'

const NIGHTLY = process.env.NIGHTLY !== undefined
const hasTshark = spawnSync('tshark', ['--version']).status === 0
if (!hasTshark) console.warn('skipped: slices are not compared with what tshark reads, it is not installed')
const folder = mkdtempSync(join(tmpdir(), 'slices-'))
afterAll(() => rmSync(folder, { recursive: true }))

const everything = [...capturesBelow(BUNDLED), ...capturesBelow(LAB)].filter((path) =>
  new RegExp(process.env.ONLY ?? '.').test(path),
)
/** of the carriers and mechanisms that differ most one, and a few others */
const ALWAYS =
  /office\.pcap$|smb1-ntlmv1|browser-kerberos|simple-wrong|imap-plain|pop3-ntlm|udp-fragments|mirrors\/vxlan|pipe-inner-ntlm/
/** tshark costs a second a file */
const COMPARED = /smb1-ntlmv1|udp-fragments/
const sample = NIGHTLY ? everything : everything.filter((path, at) => ALWAYS.test(path) || at % 97 === 7)

/** what tshark calls secrets */
const FIELDS = [
  'ntlmssp.ntlmv2_response.ntproofstr',
  'ntlmssp.ntlmv2_response.chal',
  'ntlmssp.ntlmclientchallenge',
  'ntlmssp.auth.lmresponse',
  'ntlmssp.auth.ntresponse',
  'ntlmssp.auth.sesskey',
  'kerberos.cipher',
  'smb.ansi_password',
  'smb.unicode_password',
  'chap.value',
]

interface Opinion {
  readonly secrets: readonly Buffer[]
  readonly malformed: number
  readonly badSums: number
}

/** One run of tshark over a file. */
function opinionOf(path: string): Opinion {
  const checks = ['tcp.check_checksum', 'udp.check_checksum', 'ip.check_checksum'].flatMap((name) => [
    '-o',
    `${name}:TRUE`,
  ])
  const sums = ['tcp.checksum.status', 'udp.checksum.status', 'ip.checksum.status']
  const fields = [...sums, '_ws.malformed', 'tcp.payload', 'udp.payload', ...FIELDS]
  const text = execFileSync(
    'tshark',
    ['-n', '-r', path, ...checks, '-T', 'fields', ...fields.flatMap((name) => ['-e', name])],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const secrets = new Map<string, Buffer>()
  let malformed = 0
  let badSums = 0
  for (const line of text.split('\n')) {
    const values = line.split('\t')
    if (values.length < fields.length) continue
    if (values.slice(0, 3).some((value) => value.split(',').includes('0'))) badSums++
    // zeros alone, as behind a hole or before the first packet of a message, are no message to anybody
    if (values[3] !== '' && /[^0:,]/.test(`${values[4]}${values[5]}`)) malformed++
    for (const value of values.slice(6).flatMap((list) => list.split(','))) {
      const hex = value.replaceAll(':', '')
      const secret = Buffer.from(hex, 'hex')
      // an empty field is shown by its place in the message
      if (secret.length >= 8 && new Set(secret).size >= 5) secrets.set(hex, secret)
    }
  }
  return { secrets: [...secrets.values()], malformed, badSums }
}

/** The packets of a pcapng file, without what is said of them: findings of one capture often have the same. */
function packetsOf(file: Uint8Array): string {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const packets = createHash('sha256')
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true))
    if (view.getUint32(at, true) === ENHANCED_PACKET)
      packets.update(file.subarray(at + 8, at + 28 + view.getUint32(at + 20, true)))
  return packets.digest('hex')
}

const ENHANCED_PACKET = 6

/** What an AUTHENTICATE_MESSAGE may keep of its NTLMv2 response. */
function crackable(secret: Buffer): Buffer {
  return secret.length > 40 ? secret.subarray(0, 16) : secret
}

function isIn(file: Buffer, secret: Buffer): boolean {
  if (file.includes(secret)) return true
  const text = file.toString('latin1')
  return [0, 1, 2].some((shift) => {
    const part = secret.subarray(shift, shift + 3 * Math.floor((secret.length - shift) / 3))
    return part.length >= 6 && text.includes(part.toString('base64'))
  })
}

/** What tshark shows of a field, one value a frame that has it. */
function valuesOf(path: string, field: string): string[] {
  const text = execFileSync('tshark', ['-n', '-r', path, '-Y', field, '-T', 'fields', '-e', field], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.split('\n').filter((line) => line !== '')
}

describe.skipIf(!hasTshark)('zeros, as tshark reads them, stand in', () => {
  it.each(
    [
      ['http/socks-ntlm', 'ntlmssp.ntlmv2_response.ntproofstr'],
      ['http/https-ntlm-bound', 'tls.app_data'],
      ['ldap/binds', 'ldap.simple'],
      ['kerberos/rc4-client', 'kerberos.cipher'],
      ['kerberos/udp-fragments', 'kerberos.cipher'],
      ['smb/smb1-ntlmv1', 'smb.unicode_password'],
      ['rpc/pipe-inner-ntlm', 'ntlmssp.ntlmv2_response.ntproofstr'],
    ].filter((_, at) => NIGHTLY || at % 3 === 1),
  )('%s: %s', async (name, field) => {
    const path = join(BUNDLED, `${name}.pcap`)
    const report = await analyze([path])
    const frames = Array.from({ length: report.coverage.packets }, (_, at) => ({ capture: path, frame: at + 1 }))
    const slice = await extract([path], expectedOf(report, [path], { kind: 'frames', frames })!, 'test')
    const file = join(folder, 'zeros.pcapng')
    writeFileSync(file, slice.file)
    const secrets = (text: string) => text.split(',').filter((value) => value.replaceAll(':', '') !== '')
    const shown = valuesOf(path, field).flatMap(secrets)
    expect(shown.some((value) => /[^0:]/.test(value))).toBe(true)
    const after = valuesOf(file, field).flatMap(secrets)
    expect(after.filter((value) => /[^0:]/.test(value.replace(/^<MISSING>$/, '')))).toEqual([])
  })
})

describe('slices', () => {
  it('there is something to cut', () => {
    expect(sample.length).toBeGreaterThan(process.env.ONLY === undefined ? 9 : 0)
  })

  it.each(sample)(
    '%s',
    async (path) => {
      const report = await analyze([path])
      const isCompared = hasTshark && (NIGHTLY || COMPARED.test(path))
      const before = isCompared ? opinionOf(path) : null
      // a slice holds no keys: what they opened is not in it, and that is said (test/scenarios/extract.test.ts)
      const isOpened = (report.keys.tls?.opened ?? 0) > 0
      const ids = [...new Set(report.findings.map(({ id }) => id))]
      const wishes = NIGHTLY ? ids : ids.slice(0, 2)
      const wrong: string[] = []
      const read = new Map<string, Opinion>()
      for (const id of wishes) {
        const wish = { kind: 'finding', id, client: null, server: null, service: null } as const
        const expected = expectedOf(report, [path], wish) as Expected
        const slice = await extract([path], expected, 'test')
        const file = join(folder, `${basename(path)}-${id}.pcapng`)
        writeFileSync(file, slice.file)
        for (const one of isOpened ? [] : slice.unmet) wrong.push(`${id}: unmet ${one}`)
        // behind a hole a message does not stand as it was read
        if (slice.emptied > 0 && !/lost|loss|drops|snaplen/.test(path))
          wrong.push(`${id}: ${slice.emptied} frames emptied`)
        if (before !== null) {
          const bytes = Buffer.from(slice.file)
          const left = before.secrets.map(crackable).filter((secret) => isIn(bytes, secret))
          if (left.length > 0)
            wrong.push(`${id}: ${left.length} secrets left, ${left[0]!.toString('hex').slice(0, 40)}`)
          const packets = packetsOf(slice.file)
          const after = read.get(packets) ?? opinionOf(file)
          read.set(packets, after)
          if (after.malformed > before.malformed)
            wrong.push(`${id}: malformed ${before.malformed} -> ${after.malformed}`)
          if (after.badSums > 0) wrong.push(`${id}: ${after.badSums} bad checksums`)
        }
        rmSync(file)
      }
      expect(wrong).toEqual([])
    },
    120_000,
  )
})
