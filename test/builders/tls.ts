/**
 * TLS conversations as a span port sees them, made by OpenSSL inside this process: both directions in the order in
 * which they were written, with the key log, the certificate, and what each end says of the channel. No socket is
 * needed.
 */
import { readFileSync } from 'node:fs'
import { Duplex } from 'node:stream'
import * as tls from 'node:tls'

export interface TlsTalk {
  readonly pieces: { readonly from: 0 | 1; readonly bytes: Buffer }[]
  /** so many of them are the handshake, as the client sees it */
  readonly handshake: number
  readonly keyLog: string
  readonly version: string
  readonly suite: string
  /** DER */
  readonly certificate: Buffer
  /** verify_data of the client's and the server's Finished, up to TLS 1.2 */
  readonly finished: readonly [Buffer | undefined, Buffer | undefined]
  /** EXPORTER-Channel-Binding, without a context */
  readonly exported: Buffer
  readonly resumed: boolean
  readonly session: Buffer | undefined
}

export interface Said {
  readonly from: 'client' | 'server'
  readonly data: Uint8Array
}

export interface TlsTalkOptions {
  readonly certificate?: CertificateName
  readonly version?: tls.SecureVersion
  readonly ciphers?: string
  readonly curve?: string
  /** what is said: by the client and the server in turn */
  readonly words?: readonly string[]
  /** instead, where it is not in turn; what only its certificate lets one say is made of it */
  readonly said?: readonly Said[] | ((certificate: Buffer, finished: Buffer) => readonly Said[])
  readonly session?: Buffer | undefined
  readonly secureOptions?: number
  /** before the last two words, or so many */
  readonly renegotiate?: boolean | number
  /** what the server shows when it is renegotiated */
  readonly nextCertificate?: CertificateName
  readonly alpn?: readonly string[]
  readonly serverName?: string
  /** a context that is shared, so that sessions can be resumed */
  readonly context?: tls.SecureContext
  /** sessions by id, for a server without tickets */
  readonly sessions?: Map<string, Buffer>
}

export type CertificateName =
  | 'rsa-sha1'
  | 'rsa-sha256'
  | 'rsa-sha384'
  | 'rsa-sha512'
  | 'rsa-pss'
  | 'ec-sha256'
  | 'ec-sha384'
  | 'ed25519'

export function pem(name: CertificateName, kind: 'pem' | 'key'): string {
  return readFileSync(new URL(`./certificates/${name}.${kind}`, import.meta.url), 'utf8')
}

/** DER of a certificate of the tests. */
export function certificateOf(name: CertificateName): Buffer {
  return Buffer.from(pem(name, 'pem').replace(/-----[^-]+-----|\s/g, ''), 'base64')
}

export function contextOf({
  certificate = 'rsa-sha256',
  version = 'TLSv1.2',
  ciphers,
  curve,
  secureOptions,
}: TlsTalkOptions) {
  return tls.createSecureContext({
    cert: pem(certificate, 'pem'),
    key: pem(certificate, 'key'),
    minVersion: version,
    maxVersion: version,
    dhparam: 'auto',
    ...(ciphers !== undefined && { ciphers: version === 'TLSv1.3' ? `${ciphers}:ALL` : `${ciphers}:@SECLEVEL=0` }),
    ...(ciphers === undefined && version < 'TLSv1.3' && { ciphers: 'ALL:@SECLEVEL=0' }),
    ...(curve !== undefined && { ecdhCurve: curve }),
    ...(secureOptions !== undefined && { secureOptions }),
  })
}

/** Two ends of a pipe; what is written is also told to `tap`. */
function pipes(tap: (from: 0 | 1, bytes: Buffer) => void): [Duplex, Duplex] {
  const make = (from: 0 | 1): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        tap(from, Buffer.from(chunk))
        ends[from === 0 ? 1 : 0]!.push(chunk)
        done()
      },
      final(done) {
        ends[from === 0 ? 1 : 0]!.push(null)
        done()
      },
    })
  const ends: [Duplex, Duplex] = [make(0), make(1)]
  return ends
}

/** What remembers sessions for a server. */
function keeperOf(sessions: Map<string, Buffer>): tls.Server {
  const keeper = new tls.Server()
  keeper.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
    sessions.set(id.toString('hex'), data)
    done()
  })
  keeper.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) =>
    done(null, sessions.get(id.toString('hex')) ?? null),
  )
  return keeper
}

/** The client is 0. */
export async function tlsTalk(options: TlsTalkOptions = {}): Promise<TlsTalk> {
  const { words = ['GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'], version = 'TLSv1.2' } = options
  const pieces: { from: 0 | 1; bytes: Buffer }[] = []
  const [near, far] = pipes((from, bytes) => pieces.push({ from, bytes }))
  const server = new tls.TLSSocket(far, {
    isServer: true,
    ...(options.sessions !== undefined && { server: keeperOf(options.sessions) }),
    secureContext: options.context ?? contextOf(options),
    ...(options.alpn !== undefined && { ALPNProtocols: [...options.alpn] }),
  })
  let keyLog = ''
  let session: Buffer | undefined
  server.on('error', () => {})
  const client = tls.connect({
    socket: near,
    rejectUnauthorized: false,
    servername: options.serverName ?? 'web1.corp.example',
    minVersion: version,
    maxVersion: version,
    ciphers: version === 'TLSv1.3' && options.ciphers !== undefined ? `${options.ciphers}:ALL` : 'ALL:@SECLEVEL=0',
    ...(options.session !== undefined && { session: options.session }),
    ...(options.secureOptions !== undefined && { secureOptions: options.secureOptions }),
    ...(options.alpn !== undefined && { ALPNProtocols: [...options.alpn] }),
    ...(options.curve !== undefined && { ecdhCurve: `X25519:${options.curve}` }),
  })
  client.on('keylog', (line: Buffer) => (keyLog += line.toString()))
  client.on('session', (kept: Buffer) => (session = kept))
  await new Promise<void>((ready, failed) => {
    client.once('secureConnect', ready)
    client.once('error', failed)
  })
  const handshake = pieces.length
  const heard = (socket: tls.TLSSocket, length: number) =>
    new Promise<void>((done) => {
      let left = length
      socket.on('data', (data: Buffer) => {
        left -= data.length
        if (left <= 0) {
          socket.removeAllListeners('data')
          done()
        }
      })
    })
  const { said } = options
  const inTurn = words.map((word, at) => ({
    from: at % 2 === 0 ? ('client' as const) : ('server' as const),
    data: Buffer.from(word, 'latin1'),
  }))
  const certificate = certificateOf(options.certificate ?? 'rsa-sha256')
  const talks =
    said === undefined ? inTurn : typeof said === 'function' ? said(certificate, client.getFinished()!) : said
  const { renegotiate = false, nextCertificate } = options
  const renegotiated = renegotiate === false ? -1 : talks.length - (renegotiate === true ? 2 : renegotiate)
  for (const [at, { from, data }] of talks.entries()) {
    if (at === renegotiated && nextCertificate !== undefined)
      server.setKeyCert(contextOf({ ...options, certificate: nextCertificate }))
    if (at === renegotiated)
      await new Promise<void>((done, failed) =>
        client.renegotiate({ rejectUnauthorized: false }, (error) => (error ? failed(error) : done())),
      )
    const [speaker, listener] = from === 'client' ? [client, server] : [server, client]
    const arrived = heard(listener, data.length)
    speaker.write(data)
    await arrived
  }
  const talk = {
    pieces,
    handshake,
    keyLog,
    version: client.getProtocol() ?? '',
    suite: client.getCipher().standardName,
    certificate,
    finished: [client.getFinished(), client.getPeerFinished()] as [Buffer | undefined, Buffer | undefined],
    exported: client.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)),
    resumed: client.isSessionReused(),
    session,
  }
  client.destroy()
  server.destroy()
  return talk
}

/** A ClientHello with one more extension, of no contents that anybody reads where none are given. */
export function withExtension(record: Uint8Array, type: number, data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)) {
  const extension = Buffer.concat([Buffer.of(type >> 8, type & 0xff, data.length >> 8, data.length & 0xff), data])
  const changed = Buffer.concat([record, extension])
  // the lengths of record, message and extensions, which stand behind session, suites and compression
  let at = 9 + 34
  at += 1 + changed[at]!
  at += 2 + changed.readUInt16BE(at)
  at += 1 + changed[at]!
  for (const place of [3, 7, at]) changed.writeUInt16BE(changed.readUInt16BE(place) + extension.length, place)
  return changed
}
