/**
 * What Node's TLS cannot be made to say, said by the openssl program: key updates, padding, handshakes in small
 * records, data in the first flight (0-RTT) that is taken or refused. Both directions are recorded on their way.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { KeyLog } from '../../src/keys/key-log.ts'
import { TlsSession } from '../../src/keys/tls/session.ts'
import { TlsKeys } from '../../src/keys/tls/shared-keys.ts'
import { pem } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'

const version = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? ''
const here = /^OpenSSL ([3-9]|1\.1\.1)/.test(version)
if (!here)
  console.warn('skipped: openssl is absent, or older than 1.1.1; key updates and 0-RTT are not compared with it')

const folder = temporaryFolder()
const CERTIFICATE = join(folder, 'cert.pem')
const KEY = join(folder, 'key.pem')
writeFileSync(CERTIFICATE, pem('rsa-sha256', 'pem'))
writeFileSync(KEY, pem('rsa-sha256', 'key'))
let files = 0
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

interface Piece {
  readonly from: 0 | 1
  readonly bytes: Buffer
}

function started(words: readonly string[]): ChildProcess {
  const child = spawn('openssl', words, { stdio: ['pipe', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  child.stderr?.resume()
  return child
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until it is so; a machine that is busy needs longer, never forever. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    if (isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`gave up waiting: ${what}`)
}

class Server {
  readonly #child: ChildProcess
  readonly port: number
  heard = ''

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
    child.stdout?.on('data', (data: Buffer) => (this.heard += data.toString('latin1')))
  }

  static async start(...words: readonly string[]): Promise<Server> {
    const port = await freePort()
    const given = ['-accept', `127.0.0.1:${port}`, '-cert', CERTIFICATE, '-key', KEY]
    const server = new Server(started(['s_server', ...given, ...words]), port)
    await until('s_server listens', () => server.heard.includes('ACCEPT'))
    return server
  }

  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

/** One connection of s_client through a recorder. `say` gets what a person would type, one piece at a time. */
async function talk(
  server: Server,
  words: readonly string[],
  lines: readonly string[],
): Promise<{ pieces: Piece[]; keyLog: string }> {
  const pieces: Piece[] = []
  const recorder = createServer((near) => {
    const far = connect(server.port, '127.0.0.1')
    for (const [from, socket, other] of [[0, near, far] as const, [1, far, near] as const]) {
      socket.on('data', (bytes: Buffer) => {
        pieces.push({ from, bytes })
        other.write(bytes)
      })
      socket.on('end', () => other.end())
      socket.on('error', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(recorder, 'listening')
  const { port } = recorder.address() as AddressInfo
  const keys = join(folder, `${++files}.keys`)
  const client = started(['s_client', '-connect', `127.0.0.1:${port}`, '-keylogfile', keys, ...words])
  let said = ''
  client.stdout?.on('data', (data: Buffer) => (said += data.toString('latin1')))
  await until('s_client is connected', () => said.includes('---\nread R BLOCK') || said.includes('Verify return code'))
  for (const line of lines) {
    const before = pieces.length
    if (line === AT_SERVER) server.type('c\n')
    else client.stdin?.write(line)
    await until(`something is sent for ${line.trim()}`, () => pieces.slice(before).some(({ from }) => from === 0))
    if (line.length > 2) await until('it is answered', () => server.heard.includes(line.trim()))
  }
  const ended = once(client, 'exit')
  client.stdin?.end()
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000))])
  client.kill('SIGKILL')
  recorder.close()
  return { pieces, keyLog: readFileSync(keys, 'latin1') }
}

function opened({ pieces, keyLog }: { pieces: readonly Piece[]; keyLog: string }, size = 0) {
  const log = new KeyLog()
  log.addText(Buffer.from(keyLog))
  const keys = new TlsKeys(log, [], false)
  const plain: [string, string] = ['', '']
  const ignore = () => {}
  const messages: number[] = []
  const session = new TlsSession(
    keys,
    {
      plain: (from, bytes) => {
        plain[from] += Buffer.from(bytes).toString('latin1')
        return 0
      },
      handshake: (_from, message) => messages.push(message[0]!),
      gap: ignore,
      ...{
        resumed: ignore,
        passed: ignore,
        bindings: ignore,
        refused: ignore,
        closed: ignore,
        sealed: ignore,
        left: ignore,
      },
    },
    { time: 0, frame: 0 },
  )
  for (const { from, bytes } of pieces) {
    const step = size || bytes.length
    for (let at = 0; at < bytes.length; at += step) session.feed(from, bytes, at, Math.min(at + step, bytes.length))
  }
  session.end()
  return { plain, counters: keys.counters, messages }
}

/** the server asks for a certificate: what its person types is `c` */
const AT_SERVER = '\0'
const QUESTIONS = ['a first question\n', 'a second one\n', 'and the third\n']

describe.skipIf(!here)('openssl', () => {
  it.each([
    ['key updates of both directions', [], [QUESTIONS[0]!, 'K\n', QUESTIONS[1]!, 'K\n', 'k\n', QUESTIONS[2]!]],
    ['padding', ['-record_padding', '512'], QUESTIONS],
    ['a handshake in small records', ['-max_send_frag', '512'], QUESTIONS],
    ['a handshake in small records, TLS 1.2', ['-max_send_frag', '512', '-tls1_2'], QUESTIONS],
  ] as const)('%s', async (_name, options, lines) => {
    const server = await Server.start(...options)
    const made = await talk(server, [], lines)
    server.stop()
    for (const size of [0, 1, 7]) {
      const { plain, counters } = opened(made, size)
      expect(plain[0]).toBe(QUESTIONS.join(''))
      expect(counters.failed).toBe(0)
    }
  })

  it('a certificate of the client that is asked for later leaves its keys as they are', async () => {
    const server = await Server.start('-tls1_3', '-verify', '1')
    const words = ['-tls1_3', '-enable_pha', '-cert', CERTIFICATE, '-key', KEY]
    const made = await talk(server, words, [QUESTIONS[0]!, AT_SERVER, QUESTIONS[1]!, AT_SERVER, QUESTIONS[2]!])
    server.stop()
    const { plain, counters, messages } = opened(made)
    // CertificateRequest
    expect(messages.filter((type) => type === 13).length).toBeGreaterThanOrEqual(2)
    expect(plain[0]).toBe(QUESTIONS.join(''))
    expect(counters.failed).toBe(0)
  })

  it('data in the first flight, taken and refused', async () => {
    const early = join(folder, 'early')
    const session = join(folder, 'session')
    writeFileSync(early, 'said before anybody answered\n')
    const options = ['-tls1_3', '-early_data', '-max_early_data', '16384', '-recv_max_early_data', '16384']
    const server = await Server.start(...options)
    await talk(server, ['-tls1_3', '-sess_out', session], [QUESTIONS[0]!])
    const again = ['-tls1_3', '-sess_in', session, '-early_data', early]
    const resumed = await talk(server, again, [QUESTIONS[1]!])
    const taken = opened(resumed)
    expect(server.heard).toContain('said before anybody answered')
    expect(taken.plain[0]).toBe(`said before anybody answered\n${QUESTIONS[1]}`)
    expect(taken.counters.failed).toBe(0)
    server.stop()
    // a log without the secrets of the handshake: whether it was taken is not known, what follows is read
    const { pieces, keyLog } = resumed
    const rest = opened({ pieces, keyLog: keyLog.replaceAll(/^.*(HANDSHAKE|EARLY).*\n/gm, '') })
    expect(rest.plain[0]).toBe(QUESTIONS[1])
    // another server cannot read the ticket: what was said before is refused, and said again by nobody here
    const other = await Server.start(...options)
    const refused = opened(await talk(other, again, [QUESTIONS[2]!]))
    other.stop()
    expect(other.heard).not.toContain('said before anybody answered')
    expect(refused.plain[0]).toBe(QUESTIONS[2])
  })
})
