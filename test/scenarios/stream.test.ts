/**
 * What `live` and `watch` write for programs: each line as schema/stream.schema.json has it. And the keys of `live`, on
 * a terminal that script(1) makes; skipped where there is none.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import schema from '../../schema/stream.schema.json' with { type: 'json' }
import { temporaryFolder } from '../captures/packets.ts'

const PROGRAM = resolve('dist/src/cli.js')
const OFFICE = resolve('captures/office/office.pcap')
const bytes = readFileSync(OFFICE)
const folder = temporaryFolder()
// started as root, the program becomes nobody
chmodSync(folder, 0o777)
const isLine = new Ajv2020({ allowUnionTypes: true }).compile(schema)

function linesOf(words: readonly string[], input?: Buffer): Record<string, unknown>[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words, '--format', 'ndjson'], { input })
  expect(status, String(stderr)).toBe(0)
  const lines = String(stdout).trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('each line is as its schema has it', () => {
  it('of live', () => {
    const lines = linesOf(['live', '-', '--label', 'a test'], bytes)
    for (const line of lines) expect(isLine(line), JSON.stringify([isLine.errors, line])).toBe(true)
    const kinds = new Set(lines.map(({ record }) => record))
    for (const kind of ['live', 'exchange', 'kdc', 'finding', 'pair', 'end']) expect(kinds).toContain(kind)
  })

  it('of watch', () => {
    const [spool, reports] = [join(folder, 'spool'), join(folder, 'reports')]
    mkdirSync(spool)
    copyFileSync(OFFICE, join(spool, 'a.pcap'))
    const lines = linesOf(['watch', spool, '--once', '--every', '1h', '--reports', reports])
    for (const line of lines) expect(isLine(line), JSON.stringify([isLine.errors, line])).toBe(true)
    const stretch = lines.find(({ record }) => record === 'stretch')
    expect(stretch).toMatchObject({ pairsAgain: 0, gonePairs: [] })
    expect(lines.at(-1)?.record).toBe('end')
  })

  it.each([
    { record: 'mark', time: '2026-11-28T00:00:00Z', step: '1' },
    { record: 'exchange', id: '1.2', uid: 'x', uidOf: 'y', state: 'over', revision: 1 },
    { record: 'live' },
    { state: 'final' },
  ])('and %j is not', (line) => {
    expect(isLine(line)).toBe(false)
  })
})

const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
if (!hasTerminal) console.warn('skipped: the keys of live need script(1) of util-linux')

describe.skipIf(!hasTerminal)('the keys of live', () => {
  it('m marks a step, s saves the cards, q ends and reports', async () => {
    const port = 20_000 + ((process.pid + 7_000) % 20_000)
    // a terminal that script makes has no size
    const line = `stty cols 100 rows 60; exec ${process.execPath} ${PROGRAM} live --listen tzsp:${port} --device 192.0.2.30`
    const child = spawn('script', ['-qfec', line, '/dev/null'], { cwd: folder, env: { ...process.env, TERM: 'xterm' } })
    onTestFinished(() => {
      // script ends what it began when its terminal is gone
      child.kill('SIGHUP')
    })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
    const ended = once(child, 'close').then(([code]) => code as number | null)
    let isOver = false
    void ended.then(() => (isOver = true))
    const until = async (text: string | RegExp) => {
      while (!new RegExp(text).test(printed)) {
        if (isOver) throw new Error(`ended without ${text}: ${printed}`)
        await new Promise((done) => setTimeout(done, 20))
      }
    }
    await until('live tzsp')
    const socket = createSocket('udp4')
    for (let at = 24; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at + 8)
      const datagram = Buffer.concat([Buffer.from([1, 0, 0, 1, 1]), bytes.subarray(at + 16, at + 16 + length)])
      await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done))
      at += 16 + length
    }
    socket.close()
    await until('NTLMv1')
    child.stdin.write('m')
    await until(/--- step 1 ---/)
    child.stdin.write('s')
    await until(/saved card-\d{6}-step1\.txt/)
    const [card] = readdirSync(folder).filter((name) => name.startsWith('card-'))
    const text = readFileSync(join(folder, card!), 'utf8')
    expect(text).toContain('device 192.0.2.30')
    expect(text).toContain('NS-NT-001')
    child.stdin.write('q')
    expect(await ended).toBe(0)
    expect(printed).toContain('3 of 7 pairs')
  }, 60_000)
})
