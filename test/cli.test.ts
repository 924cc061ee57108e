/**
 * The program as people run it: built, as a child process, over real captures. The captures of this repository suffice;
 * those of the optional folder ../shared join in where they are. What a command line means, without captures, is tested
 * in test/src/cli.test.ts.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import stringWidth from 'string-width'
import { beforeAll, describe, expect, it } from 'vitest'
import { analyze } from '../src/run/analyze.ts'
import { show } from '../src/run/show.ts'
import { BUNDLED, capturesBelow, LAB, PUBLIC, SHARED } from './captures/folders.ts'
import { type PcapFile, packetOf, readPcap, temporaryFolder, writePcap } from './captures/packets.ts'

const PROGRAM = 'dist/src/cli.js'
const OFFICE = join(BUNDLED, 'office', 'office.pcap')
const SIMPLE_BIND = join(BUNDLED, 'ldap', 'binds.pcap')
const hasShared = existsSync(SHARED)
if (!hasShared) console.warn(`skipped: the program is not run over ${SHARED}, which is absent`)

/** the folders that the program is given whole */
const FOLDERS = [BUNDLED, ...(hasShared ? [LAB, PUBLIC] : [])]
/** some of each carrier, as each is read by several programs of its own; the folders are read whole as well */
const bundled = [
  ...[
    'office/office',
    'mirrors/plain',
    'smb/kerberos-signed',
    'smb/kerberos-encrypted',
    'smb/ntlm-no-spn',
    'smb/guest',
  ],
  ...['smb/smb1-ntlmv1', 'http/negotiate-kerberos', 'http/negotiate-ntlm-no-spn', 'http/ntlm-only', 'ldap/binds'],
].map((name) => join(BUNDLED, `${name}.pcap`))
const temporary = temporaryFolder()
/** what the program printed, by its command line */
const printedBefore = new Map<string, Promise<Ran>>()

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface World {
  readonly env?: Readonly<Record<string, string>>
  /** bytes for a pipe, or the descriptor of a file */
  readonly input?: Uint8Array | number
}

/** Values of the JSON of `analyze`, as far as they are compared here. */
interface Json {
  readonly captures: { name: string; format: string; compressed: boolean; packets: number; damage: string | null }[]
  readonly pairs: { readonly verdict: string; readonly server: { readonly ip: string } }[]
  readonly exchanges: JsonExchange[]
  readonly kdc: { readonly frames: Ref[]; readonly capture: string; readonly time: string }[]
  readonly unread: {
    readonly inputs: readonly { readonly name: string; readonly reason: string; readonly isCapture: boolean }[]
  }
  readonly findings: unknown[]
  readonly blindSpots: unknown[]
  readonly coverage: Record<string, unknown>
  readonly tally: { readonly packets: Record<string, number> }
}

interface JsonExchange {
  readonly id: string
  readonly capture: string
  readonly start: string
  readonly service: string
  readonly mechanism: string
  readonly client: { readonly ip: string; readonly name: string | null }
  readonly server: { readonly ip: string; readonly name: string | null }
  readonly cause: { readonly code: string; readonly frames: Ref[] } | null
  readonly frames: Ref[]
}

type Ref = number | string

beforeAll(() => {
  // npm test builds first; whoever runs this file alone must not test the program of yesterday
  const sources = ['src', 'decoders'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folder, name)).mtimeMs),
  )
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs >= Math.max(...sources)) return
  const built = spawnSync(process.execPath, [
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ])
  if (built.status !== 0) throw new Error(`the program cannot be built:\n${built.stdout}`)
})

describe('without a capture', () => {
  it('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await ntlmscope(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each([[[]], [['analyze']], [['messages']], [['show']]])('%j --help explains itself', async (words) => {
    const { code, out, err } = await ntlmscope([...words, '--help'], { env: { COLUMNS: '80' } })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Usage: ntlmscope/)
    expect(out).toContain('Exit codes:')
  })

  it.each([
    [[]],
    [['inspect', OFFICE]],
    [['analyze']],
    [['analyze', '--format', 'xml', OFFICE]],
    [['analyze', '--no-such-option', OFFICE]],
    [['analyze', '--client', '10.0.0.300', OFFICE]],
    [['analyze', '--service', 'gopher', OFFICE]],
    [['analyze', '--since', 'yesterday', OFFICE]],
    [['analyze', '--since', '2026-01-02', '--until', '2026-01-01', OFFICE]],
    [['messages', '--server', 'files1', OFFICE]],
    [['show', OFFICE]],
    [['show', OFFICE, '--frame', '0']],
  ])('a command line that makes no sense is 64, with nothing on standard output: %j', async (words) => {
    const { code, out, err } = await ntlmscope(words)
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).not.toBe('')
    expect(err).not.toMatch(/\n\s+at /)
  })
})

describe('what it reads', () => {
  it('a pipe gives the report of the file', async () => {
    const file = await report(OFFICE)
    const piped = await ntlmscope(['analyze', '--format', 'json', '-'], { input: readFileSync(OFFICE) })
    expect({ code: piped.code, err: piped.err }).toEqual({ code: 0, err: '' })
    expect(file.exchanges.length).toBeGreaterThan(5)
    expect(renamed(piped.out, '-', OFFICE)).toEqual(file)
  })

  it('so does a redirected file', async () => {
    const descriptor = openSync(OFFICE, 'r')
    const redirected = await ntlmscope(['analyze', '--format', 'json', '-'], { input: descriptor })
    closeSync(descriptor)
    expect(renamed(redirected.out, '-', OFFICE)).toEqual(await report(OFFICE))
  })

  it('gzip gives the report of what is in it, from a file and from a pipe', async () => {
    const packed = gzipSync(readFileSync(OFFICE))
    const path = join(temporary, 'office.pcap.gz')
    writeFileSync(path, packed)
    const plain = await report(OFFICE)
    const { captures, ...rest } = await report(path)
    expect(captures).toEqual(plain.captures.map((capture) => ({ ...capture, name: path, compressed: true })))
    expect(renamed(JSON.stringify({ captures: plain.captures, ...rest }), path, OFFICE)).toEqual(plain)
    const piped = await ntlmscope(['analyze', '--format', 'json', '-'], { input: packed })
    expect((JSON.parse(piped.out) as Json).exchanges.map(withoutPlace)).toEqual(plain.exchanges.map(withoutPlace))
  })

  it('a folder is the captures in and below it, and the other files are left out with a word', async () => {
    const folder = join(temporary, 'folder')
    mkdirSync(join(folder, 'below'), { recursive: true })
    const paths = [join(folder, 'below', 'one.pcap'), join(folder, 'two.pcap')]
    copyFileSync(OFFICE, paths[0]!)
    copyFileSync(SIMPLE_BIND, paths[1]!)
    writeFileSync(join(folder, 'notes.txt'), 'not a capture')
    const { code, out, err } = await ntlmscope(['analyze', '--format', 'json', folder])
    expect(code).toBe(0)
    expect(err).toMatch(/left out, no captures: 1 file \(notes\.txt\)\n$/)
    const { unread, ...rest } = JSON.parse(out) as Json
    const { unread: nothing, ...same } = await report(...paths)
    expect(rest).toEqual(same)
    expect(nothing.inputs).toEqual([])
    expect(unread.inputs).toEqual([
      { name: join(folder, 'notes.txt'), reason: expect.stringMatching(/no capture/), isCapture: false },
    ])
  })

  it('the order of the arguments changes nothing but ids and the list of captures', async () => {
    const paths = bundled.slice(0, 5)
    const orders = [paths, paths.toReversed(), [paths[2]!, paths[0]!, paths[4]!, paths[1]!, paths[3]!]]
    const reports = []
    for (const order of orders) reports.push(await report(...order))
    const [first, ...others] = reports
    expect(first!.exchanges.length).toBeGreaterThan(5)
    for (const other of others) {
      expect(other.exchanges.map(withoutId)).toEqual(first!.exchanges.map(withoutId))
      expect(other.pairs).toEqual(first!.pairs)
      expect(other.kdc).toEqual(first!.kdc)
      expect(other.findings).toEqual(first!.findings)
      expect(other.coverage).toEqual(first!.coverage)
    }
    // every frame is one of the capture that the exchange names
    for (const { capture, frames } of first!.exchanges) {
      expect(paths).toContain(capture)
      for (const frame of frames) expect(frame).toBeTypeOf('number')
    }
  })

  it('a file that is named twice is read once', async () => {
    const twice = await ntlmscope(['analyze', '--format', 'json', OFFICE, OFFICE, `./${OFFICE}`])
    expect(renamed(twice.out, `./${OFFICE}`, OFFICE)).toEqual(await report(OFFICE))
  })
})

describe('one conversation in two files', () => {
  it.each(bundled)('every other packet in another file: %s', async (path) => {
    const file = readPcap(path)
    await sameAsWhole(path, file, (_record, index) => index % 2 === 0)
  })

  it.each(bundled)('each direction in a file of its own: %s', async (path) => {
    const file = readPcap(path)
    await sameAsWhole(path, file, (record) => isUpwards(packetOf(record)))
  })

  // known fault: a cause quotes the frames of a KDC's refusal without the name of the file that they are in
  it('the frames of a cause that stand in the other file, which holds the KDC alone, are those of the whole', async () => {
    await sameAsWhole(OFFICE, readPcap(OFFICE), (record) => isOfKdc(packetOf(record)), true)
  })

  it('the conversations with the KDC in a file of their own', async () => {
    await sameAsWhole(OFFICE, readPcap(OFFICE), (record) => isOfKdc(packetOf(record)))
  })

  it.skipIf(!hasShared)(
    `each direction of many protocols in a file of its own: ${LAB}/31-base-plain.pcap`,
    async () => {
      const path = join(LAB, '31-base-plain.pcap')
      await sameAsWhole(path, readPcap(path), (record) => isUpwards(packetOf(record)))
    },
  )
})

describe('what it prints', () => {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  for (const name of ['report', 'messages'])
    ajv.addSchema(JSON.parse(readFileSync(`schema/${name}.schema.json`, 'utf8')))
  const valid = (id: string, value: unknown) => {
    const check = ajv.getSchema(id)!
    return check(value) ? null : { value, errors: check.errors }
  }

  it.each(FOLDERS.flatMap((folder) => [80, 160].map((columns) => ({ folder, columns }))))(
    'text fits $columns columns: $folder',
    async ({ folder, columns }) => {
      const { code, out } = await printed(['analyze', folder], columns)
      // captures of others hold packets of wrappers that are not read, which is said and ends with 2
      expect(folder === BUNDLED ? [0] : [0, 2]).toContain(code)
      expect(widest(out)).toBeLessThanOrEqual(columns)
      for (const heading of ['Findings', 'Pairs', 'Coverage']) expect(out).toContain(`\n${heading}`)
      expect(out).not.toContain('\u001b')
      expect(out).not.toMatch(/undefined|NaN|\[object/)
    },
  )

  it.each(FOLDERS)('json is valid by the schema, and adds up: %s', async (folder) => {
    const json = JSON.parse((await printed(['analyze', '--format', 'json', folder])).out) as Json
    expect(valid('urn:ntlmscope:report-1', json)).toBeNull()
    expect(json.captures.length).toBe(capturesBelow(folder).length)
    const { read = 0, ...parts } = json.tally.packets
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(read)
    expect(json.captures.reduce((sum, { packets }) => sum + packets, 0)).toBe(read)
  })

  it.each(bundled)('every capture by itself is valid by the schemas: %s', async (path) => {
    const [json, lines] = await Promise.all([report(path), ntlmscope(['messages', path])])
    expect(valid('urn:ntlmscope:report-1', json)).toBeNull()
    expect(lines.out).not.toBe('')
    for (const line of jsonLines(lines.out)) expect(valid('urn:ntlmscope:messages-1', line)).toBeNull()
  })

  it.each(FOLDERS)('ndjson holds the records of json, line by line: %s', async (folder) => {
    const [asJson, asLines] = await Promise.all(
      ['json', 'ndjson'].map((format) => printed(['analyze', '--format', format, folder])),
    )
    const json = JSON.parse(asJson!.out) as Json
    const records = jsonLines(asLines!.out) as { record: string }[]
    for (const record of records) expect(valid('urn:ntlmscope:report-1#/$defs/record', record)).toBeNull()
    const ofKind = (kind: string) =>
      records.filter(({ record }) => record === kind).map(({ record: _record, ...rest }) => rest)
    expect(sorted(ofKind('exchange'))).toEqual(sorted(json.exchanges))
    expect(ofKind('pair')).toEqual(json.pairs)
    expect(ofKind('finding')).toEqual(json.findings)
    expect(ofKind('blindSpot')).toEqual(json.blindSpots)
    // as they end, not as they began
    expect(sorted(ofKind('kdc'))).toEqual(sorted(json.kdc))
    expect(ofKind('capture')).toEqual(json.captures)
    expect(ofKind('coverage')).toEqual([json.coverage])
    expect(ofKind('tally')).toEqual([json.tally])
  })

  it.each(FOLDERS)('csv has a row for every pair, all of one width: %s', async (folder) => {
    const [asJson, asCsv] = await Promise.all(
      ['json', 'csv'].map((format) => printed(['analyze', '--format', format, folder])),
    )
    const [head, ...rows] = csvRows(asCsv!.out)
    const { pairs } = JSON.parse(asJson!.out) as Json
    expect(rows.length).toBe(pairs.length)
    for (const row of rows) expect(row.length).toBe(head!.length)
    expect(rows.map((row) => row[head!.indexOf('verdict')])).toEqual(pairs.map(({ verdict }) => verdict))
    expect(rows.map((row) => row[head!.indexOf('server')])).toEqual(pairs.map(({ server }) => server.ip))
  })

  it.each(FOLDERS)('messages are valid by the schema: %s', async (folder) => {
    const lines = jsonLines((await printed(['messages', folder])).out)
    expect(lines.length).toBeGreaterThan(100)
    for (const line of lines) expect(valid('urn:ntlmscope:messages-1', line)).toBeNull()
  })

  it('--output writes to a file what would be printed, and never over an input', async () => {
    const path = join(temporary, 'report.json')
    expect(await ntlmscope(['analyze', '--format', 'json', '-o', path, OFFICE])).toEqual({ code: 0, out: '', err: '' })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(await report(OFFICE))
    const copy = join(temporary, 'precious.pcap')
    copyFileSync(OFFICE, copy)
    expect(await ntlmscope(['analyze', '-o', copy, copy])).toMatchObject({ code: 64, out: '' })
    expect(readFileSync(copy).equals(readFileSync(OFFICE))).toBe(true)
  })

  it.skipIf(process.platform === 'win32').each(['analyze', 'messages'])(
    'a reader that has seen enough is no error: %s | head -1',
    async (command) => {
      const words = [process.execPath, PROGRAM, command, BUNDLED, ...(hasShared ? [LAB] : [])].join(' ')
      const script = `{ ${words}; echo "status $?" >&2; } | head -1`
      const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
      expect(stdout).toMatch(/^[^\n]+\n$/)
      expect(withoutLeftOut(stderr)).toBe('status 0\n')
    },
  )

  it('a pipe that closes in the middle ends the program quietly', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'messages', ...bundled, ...(hasShared ? [LAB] : [])])
    let err = ''
    child.stderr.on('data', (chunk) => (err += chunk))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((done) => child.on('exit', done))
    expect({ code, err: withoutLeftOut(err) }).toEqual({ code: 0, err: '' })
  })
})

describe('how it ends', () => {
  const missing = join(temporary, 'missing.pcap')
  const text = join(temporary, 'text.pcap')
  const cut = join(temporary, 'cut.pcap')

  beforeAll(() => {
    writeFileSync(text, 'This is no capture.\n')
    const bytes = readFileSync(OFFICE)
    writeFileSync(cut, bytes.subarray(0, bytes.length - 7))
  })

  it('0 where everything was read', async () => {
    const { code, out, err } = await ntlmscope(['analyze', OFFICE])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).not.toBe('')
  })

  it.each([
    ['a file that is not there', [missing], /missing\.pcap/],
    ['a file that is no capture', [text], /text\.pcap/],
    ['an empty file', [join(temporary, 'empty.pcap')], /empty\.pcap/],
  ])('2 for %s, in one line', async (_what, paths, says) => {
    writeFileSync(join(temporary, 'empty.pcap'), '')
    for (const command of ['analyze', 'messages']) {
      const { code, out, err } = await ntlmscope([command, ...paths])
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toMatch(/^ntlmscope: [^\n]+\n$/)
      expect(err).toMatch(says)
    }
    expect(await ntlmscope(['show', paths[0]!, '--frame', '1'])).toMatchObject({ code: 2, out: '' })
  })

  it('2 for a capture that is cut, and what could be read is reported', async () => {
    const { code, out, err } = await ntlmscope(['analyze', '--format', 'json', cut])
    expect(code).toBe(2)
    expect(err).toMatch(/^ntlmscope: [^\n]*cut\.pcap[^\n]*\n$/)
    const { captures, exchanges } = JSON.parse(out) as Json
    const whole = await report(OFFICE)
    expect(captures[0]!.damage).not.toBeNull()
    expect(captures[0]!.packets).toBe(whole.captures[0]!.packets - 1)
    expect(exchanges.map(withoutPlace)).toEqual(whole.exchanges.map(withoutPlace))
    const asText = await ntlmscope(['analyze', cut])
    expect(asText.code).toBe(2)
    expect(asText.out).toContain('Findings')
  })

  it('2 where one of several is missing, and the others are reported', async () => {
    const { code, out, err } = await ntlmscope(['analyze', '--format', 'json', missing, OFFICE, text])
    expect(code).toBe(2)
    expect(err.split('\n').length).toBe(3)
    const { unread, blindSpots, ...rest } = JSON.parse(out) as Json
    const { unread: _unread, blindSpots: before, ...whole } = await report(OFFICE)
    expect(rest).toEqual(whole)
    expect(unread.inputs.map(({ name }) => name).sort()).toEqual([missing, text].sort())
    expect(blindSpots).toHaveLength(before.length + 1)
  })

  it('show: 0 with the message, 1 where none ends in the frame', async () => {
    const lines = jsonLines((await ntlmscope(['messages', OFFICE])).out) as { frame: number; type: string }[]
    const authenticate = lines.find(({ type }) => type === 'AUTHENTICATE_MESSAGE')!
    const shown = await ntlmscope(['show', OFFICE, '--frame', String(authenticate.frame)])
    expect({ code: shown.code, err: shown.err }).toEqual({ code: 0, err: '' })
    expect(shown.out).toContain(`frame ${authenticate.frame} `)
    expect(shown.out).toContain('AUTHENTICATE_MESSAGE')
    const frames = new Set(lines.map(({ frame }) => frame))
    const silent = [...Array(400).keys()].find((frame) => frame > 0 && !frames.has(frame))!
    for (const frame of [silent, 999_999]) {
      const nothing = await ntlmscope(['show', OFFICE, '--frame', String(frame)])
      expect(nothing.code).toBe(1)
      expect(nothing.err).toContain(`frame ${frame}`)
    }
  })

  it('show: what is inside TLS, with its keys', async () => {
    const capture = 'captures/tls/sha384-right.pcap'
    const keys = ['--keylog', 'captures/tls/sha384-right.keys']
    const lines = jsonLines((await ntlmscope(['messages', capture, ...keys])).out) as { frame: number; type: string }[]
    const frame = String(lines.find(({ type }) => type === 'AUTHENTICATE_MESSAGE')!.frame)
    const shown = await ntlmscope(['show', capture, '--frame', frame, ...keys])
    expect({ code: shown.code, err: shown.err }).toEqual({ code: 0, err: '' })
    expect(shown.out).toContain('AUTHENTICATE_MESSAGE')
    expect((await ntlmscope(['show', capture, '--frame', frame])).out).not.toContain('AUTHENTICATE_MESSAGE')
  })
})

describe('filters', () => {
  let all: Json
  beforeAll(async () => {
    all = await report(OFFICE)
  })

  const cases: [words: string[], keeps: (exchange: JsonExchange) => boolean][] = [
    [['--client', '192.0.2.102'], ({ client }) => client.ip === '192.0.2.102'],
    [['--server', '192.0.2.20'], ({ server }) => server.ip === '192.0.2.20'],
    [['--server', 'files1'], ({ server }) => server.name?.toLowerCase().startsWith('files1.') === true],
    [['--host', '192.0.2.103'], ({ client, server }) => [client.ip, server.ip].includes('192.0.2.103')],
    [['--host', '192.0.2.40/30'], ({ server }) => server.ip === '192.0.2.40'],
    [['--host', '192.0.2.0/24'], () => true],
    [['--service', 'ldap'], ({ service }) => service === 'ldap'],
    [['--service', 'ldap', '--service', 'http'], ({ service }) => ['ldap', 'http'].includes(service)],
    [
      ['--client', '192.0.2.103', '--service', 'smb'],
      ({ client, service }) => client.ip === '192.0.2.103' && service === 'smb',
    ],
  ]

  it.each(cases)('%j', async (words, keeps) => {
    const { code, out } = await ntlmscope(['analyze', '--format', 'json', ...words, OFFICE])
    const some = JSON.parse(out) as Json
    const expected = all.exchanges.filter(keeps)
    expect(code).toBe(0)
    expect(expected.length).toBeGreaterThan(0)
    expect(some.exchanges).toEqual(expected)
    // what is filtered is the report, not what was read
    expect(some.tally.packets).toEqual(all.tally.packets)
  })

  it('--since and --until are the two halves of a capture', async () => {
    const middle = all.exchanges[4]!.start
    const at = async (option: string) =>
      JSON.parse((await ntlmscope(['analyze', '--format', 'json', option, middle, OFFICE])).out) as Json
    const [before, after] = [await at('--until'), await at('--since')]
    expect(before.exchanges).toEqual(all.exchanges.slice(0, 4))
    expect(after.exchanges).toEqual(all.exchanges.slice(4))
  })

  it('a filter that nothing passes gives an empty report, and says how much was read', async () => {
    const nothing = JSON.parse((await ntlmscope(['analyze', '--format', 'json', '--host', '198.51.100.1', OFFICE])).out)
    expect(nothing).toMatchObject({ exchanges: [], pairs: [], kdc: [], findings: [], tally: all.tally })
  })

  it('messages of one server alone', async () => {
    const lines = async (...words: string[]) =>
      jsonLines((await ntlmscope(['messages', ...words, OFFICE])).out) as Line[]
    interface Line {
      readonly source: { readonly ip: string }
      readonly destination: { readonly ip: string }
    }
    const isOfServer = ({ source, destination }: Line) => [source.ip, destination.ip].includes('192.0.2.20')
    const expected = (await lines()).filter(isOfServer)
    expect(expected.length).toBeGreaterThan(0)
    expect(await lines('--server', '192.0.2.20')).toEqual(expected)
  })
})

describe('secrets stay out of every output', () => {
  /** the passwords of both labs, in clear in some of the captures */
  const passwords = ['Lab-only-7', 'Passw0rd', 'Summer2024', 'Winter2023', 'ScanPw77', 'Adm1n-Pass-77']
  const outputs = new Map<string, string>()

  beforeAll(async () => {
    for (const folder of FOLDERS) {
      const runs = [await printed(['messages', folder]), await printed(['analyze', folder], 160)]
      for (const format of ['json', 'ndjson', 'csv']) runs.push(await printed(['analyze', '--format', format, folder]))
      outputs.set(folder, runs.map(({ out }) => out).join('\n'))
    }
  })

  it.each(FOLDERS)('no response, no proof, no challenge, no session key: %s', async (folder) => {
    const paths = capturesBelow(folder)
    const secrets = new Set<string>()
    let shown = ''
    for (const path of paths) {
      const frames = new Set<number>()
      const found = await collect(path, frames)
      for (const secret of found) secrets.add(secret)
      // one frame after the other reads the whole capture: of small captures a quarter is shown, with NIGHTLY all
      if (statSync(path).size > 60_000 || folder === PUBLIC) continue
      for (const [at, frame] of [...frames].entries())
        if (process.env.NIGHTLY !== undefined || at % 4 === 0) await show(path, frame, (line) => (shown += `${line}\n`))
    }
    expect(secrets.size).toBeGreaterThan(20)
    expect(folder === PUBLIC || shown !== '').toBe(true)
    const text = (outputs.get(folder)! + shown).toLowerCase()
    expect(text.length).toBeGreaterThan(20_000)
    for (const secret of secrets) expect(text.includes(secret), secret).toBe(false)
  })

  it.each(FOLDERS)('no long run of hexadecimal digits or base64 at all: %s', (folder) => {
    const text = outputs.get(folder)!
    // the hash of a TLS channel, of a certificate, and the identity of what was seen are no secrets, and have many
    // digits
    const bindings = new Set(
      [
        ...text.matchAll(
          /"(?:channelBindings|binding|uid|sha256|[a-zA-Z]*(?:[hH]ash|[eE]xpected|[fF]ingerprint))":"([0-9a-f]{24,128})"/g,
        ),
      ].map(([, hash]) => hash!),
    )
    for (const [, list] of text.matchAll(/"(?:chain|certificates?)":\[?((?:"[0-9a-f]{64}",?)+)/g))
      for (const [hash] of list!.matchAll(/[0-9a-f]{64}/g)) bindings.add(hash)
    const runs = [...text.matchAll(/[0-9a-f]{24,}/gi)].map(([run]) => run).filter((run) => !bindings.has(run))
    expect(runs).toEqual([])
    // names of RPC calls are long too, but made of words: base64 has two capitals or digits side by side
    const isWords = (run: string) => /^(?:[A-Z][a-z]+)+$/.test(run)
    const long = [...text.matchAll(/[0-9A-Za-z+]{40,}/g)].map(([run]) => run)
    expect(long.filter((run) => !isWords(run) && !bindings.has(run))).toEqual([])
  })

  it('no password, although the captures hold them in clear', async () => {
    expect(readFileSync(SIMPLE_BIND).includes('Lab-only-7')).toBe(true)
    if (hasShared)
      expect(readFileSync(join(LAB, '19-ldap-simple-cleartext.pcap')).includes('Passw0rd-alice')).toBe(true)
    for (const text of outputs.values()) for (const password of passwords) expect(text).not.toContain(password)
    const clear = [SIMPLE_BIND, ...(hasShared ? [join(LAB, '19-ldap-simple-cleartext.pcap')] : [])]
    for (const path of clear) {
      const frames = new Set<number>()
      await collect(path, frames)
      expect(frames.size).toBeGreaterThan(0)
      for (const frame of frames) {
        const { out } = await ntlmscope(['show', path, '--frame', String(frame)])
        expect(out).not.toBe('')
        for (const password of passwords) expect(out).not.toContain(password)
      }
    }
  })
})

/** Runs the built program. */
function ntlmscope(words: readonly string[], { env = {}, input }: World = {}): Promise<Ran> {
  return new Promise((done, failed) => {
    const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, COLUMNS: _columns, ...inherited } = process.env
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      env: { ...inherited, ...env },
      stdio: [typeof input === 'number' ? input : input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout!.setEncoding('utf8').on('data', (chunk) => (out += chunk))
    child.stderr!.setEncoding('utf8').on('data', (chunk) => (err += chunk))
    child.on('error', failed)
    child.on('close', (code) => done({ code, out, err }))
    if (typeof input === 'object') child.stdin!.end(input)
  })
}

/** The same, once a command line. */
function printed(words: readonly string[], columns = 100): Promise<Ran> {
  const key = `${columns} ${words.join(' ')}`
  const ran = printedBefore.get(key) ?? ntlmscope(words, { env: { COLUMNS: String(columns) } })
  printedBefore.set(key, ran)
  return ran
}

/** Files of the temporary folder change between tests, the others do not. */
async function report(...paths: string[]): Promise<Json> {
  const words = ['analyze', '--format', 'json', ...paths]
  const isFixed = !paths.some((path) => path.startsWith(temporary))
  const { out } = await (isFixed ? printed(words) : ntlmscope(words))
  return JSON.parse(out) as Json
}

/** A report in which one capture is called by another name. */
function renamed(json: string, from: string, to: string): Json {
  return JSON.parse(json, (key, value) =>
    (key === 'capture' || key === 'name') && value === from ? to : value,
  ) as Json
}

/** Folders hold other files beside captures, and the program says so. */
function withoutLeftOut(err: string): string {
  return err.replaceAll(/^ntlmscope: .*: left out, no captures: .*\n/gm, '')
}

function withoutId({ id: _id, ...rest }: JsonExchange) {
  return rest
}

function withoutPlace({ id: _id, capture: _capture, ...rest }: JsonExchange) {
  return rest
}

function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

function sorted(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).sort()
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)))
}

/** RFC 4180. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    if (end !== ',') rows.push([])
  }
  return rows.filter((row) => row.length > 1)
}

/** Splits a capture over two files; analysed together they say what the whole says, of the same packets. */
async function sameAsWhole(
  path: string,
  file: PcapFile,
  isFirst: (record: Uint8Array, index: number) => boolean,
  withCause = false,
) {
  const places: [number[], number[]] = [[], []]
  for (const [index, record] of file.records.entries()) places[isFirst(record, index) ? 0 : 1].push(index)
  const parts = places.map((indexes, part) => {
    const name = join(temporary, `part-${part}.pcap`)
    return writePcap(
      name,
      file,
      indexes.map((index) => file.records[index]!),
    )
  })
  expect(Math.min(...places.map(({ length }) => length))).toBeGreaterThan(0)
  const [whole, split] = [await report(path), await report(...parts)]
  /** the frame number in the whole capture */
  const original = (ref: Ref, capture: string): number => {
    const [name, frame] = typeof ref === 'number' ? [capture, ref] : splitRef(ref)
    const part = parts.indexOf(name)
    return part < 0 ? frame : places[part]![frame - 1]! + 1
  }
  const comparable = ({ exchanges }: Json) =>
    exchanges.map((exchange) => {
      const refs = (frames: readonly Ref[]) =>
        frames.map((ref) => original(ref, exchange.capture)).sort((a, b) => a - b)
      // of two files the clocks may differ: what else would have fitted may be more than of one
      const cause = exchange.cause && {
        ...exchange.cause,
        alternatives: [],
        frames: withCause ? refs(exchange.cause.frames) : [],
      }
      return { ...withoutPlace(exchange), cause, frames: refs(exchange.frames) }
    })
  expect(whole.exchanges.length).toBeGreaterThan(0)
  expect(comparable(split)).toEqual(comparable(whole))
  expect(split.kdc.length).toBe(whole.kdc.length)
  expect(split.pairs.map(({ verdict, server }) => [verdict, server])).toEqual(
    whole.pairs.map(({ verdict, server }) => [verdict, server]),
  )
  expect(split.tally).toEqual(whole.tally)
}

function splitRef(ref: string): [name: string, frame: number] {
  const at = ref.lastIndexOf(':')
  return [ref.slice(0, at), Number(ref.slice(at + 1))]
}

/** One direction of every IPv4 conversation, by its addresses: Ethernet, RFC 791. */
function isUpwards(packet: Uint8Array): boolean {
  return Buffer.compare(packet.subarray(26, 30), packet.subarray(30, 34)) < 0
}

/** Port 88 on either side, of TCP or UDP in IPv4 in Ethernet. */
function isOfKdc(packet: Uint8Array): boolean {
  const ports = 14 + 4 * (packet[14]! & 15)
  return [ports, ports + 2].some((at) => packet[at] === 0 && packet[at + 1] === 88)
}

/**
 * What could be cracked or used, in lower-case hexadecimal, read from the bytes of the tokens and not by our decoders:
 * of NTLMSSP (MS-NLMP 2.2.1.2, 2.2.1.3) the ServerChallenge, both responses, the NTProofStr and the session key; of
 * SMB1 without NTLMSSP (MS-CIFS 2.2.4.53.1) both passwords. `frames` gathers where messages end.
 */
async function collect(path: string, frames: Set<number>): Promise<Set<string>> {
  const secrets = new Set<string>()
  const add = (bytes: Uint8Array) => {
    // short ones would be found by chance; a challenge of one repeated byte says nothing
    if (bytes.length >= 8 && new Set(bytes).size > 2) secrets.add(Buffer.from(bytes).toString('hex'))
  }
  await analyze([path], {
    onDecoded: ({ frame, message, step }) => {
      if (message.fields !== null) frames.add(frame)
      const token = step !== null && 'token' in step ? step.token : null
      if (token === null) return
      const bytes = Buffer.from(token)
      for (let at = bytes.indexOf('NTLMSSP\0'); at >= 0; at = bytes.indexOf('NTLMSSP\0', at + 1)) {
        ntlmSecrets(bytes.subarray(at), add)
      }
    },
  })
  if (path.endsWith('.pcap')) for (const bytes of smb1Passwords(readFileSync(path))) add(bytes)
  return secrets
}

function ntlmSecrets(message: Buffer, add: (bytes: Uint8Array) => void): void {
  if (message.length < 32) return
  const type = message.readUInt32LE(8)
  if (type === 2) add(message.subarray(24, 32))
  if (type !== 3 || message.length < 60) return
  for (const fieldsAt of [12, 20, 52]) {
    const [length, offset] = [message.readUInt16LE(fieldsAt), message.readUInt32LE(fieldsAt + 4)]
    const bytes = message.subarray(offset, offset + length)
    // older messages end before the fields of the session key
    if (bytes.length !== length) continue
    add(bytes)
    if (fieldsAt === 20) add(bytes.subarray(0, 16))
  }
}

/**
 * SMB_COM_SESSION_SETUP_ANDX requests of 13 words: OEMPasswordLen and UnicodePasswordLen, then the passwords in
 * SMB_Data.
 */
function* smb1Passwords(capture: Buffer): Generator<Buffer> {
  const start = Buffer.from('ff534d4273', 'hex')
  for (let at = capture.indexOf(start); at >= 0; at = capture.indexOf(start, at + 1)) {
    const words = at + 33
    if (capture[words - 1] !== 13 || words + 28 > capture.length) continue
    const [oem, unicode] = [capture.readUInt16LE(words + 14), capture.readUInt16LE(words + 16)]
    const data = words + 28
    yield capture.subarray(data, data + oem)
    yield capture.subarray(data + oem, data + oem + unicode)
  }
}
