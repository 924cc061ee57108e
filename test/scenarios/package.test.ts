/**
 * The library as its user has it: a program in TypeScript, strict, against the packed package, compiled and run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const temporary = temporaryFolder()
const modules = resolve('node_modules')

/** Unpacked beside the packages that it depends on, as npm would put them. */
function installed(): string {
  const home = join(temporary, 'user')
  mkdirSync(join(home, 'node_modules'), { recursive: true })
  const npm = spawnSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', temporary], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  expect(npm.status, npm.stderr).toBe(0)
  const tarball = readdirSync(temporary).find((name) => name.endsWith('.tgz'))!
  expect(spawnSync('tar', ['-xzf', tarball], { cwd: temporary }).status).toBe(0)
  renameSync(join(temporary, 'package'), join(home, 'node_modules', 'ntlmscope'))
  for (const name of readdirSync(modules))
    if (name !== 'ntlmscope' && !name.startsWith('.'))
      symlinkSync(join(modules, name), join(home, 'node_modules', name), 'junction')
  return home
}

const PROGRAM = `
import { writeFileSync } from 'node:fs'
import {
  analyze, ArgumentError, CaptureError, device, diff, exchangesOf, explain, messagesOf, readReport, renderText, reportJson, verify,
  type AuthExchange, type DeviceCard, type Diff, type PairVerdict, type Part, type Report,
} from 'ntlmscope'

const [folder, saved] = process.argv.slice(2) as [string, string]
const before: Report = await analyze(folder + '/changes/spn-registered-before.pcap')
const after: Report = await analyze([folder + '/changes/spn-registered-after.*'])
const whole = await analyze(folder + '/changes')
const ntlm: readonly PairVerdict[] = before.pairs.filter(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
const part: Part = verify(after, { server: 'files1', expect: ['kerberos'], before })
const direct = verify(before, { server: '192.0.2.20:445', service: 'smb', expect: 'kerberos' })
const told = verify(after, { server: 'fs9', expect: 'kerberos', names: { fs9: '192.0.2.20' } })
const moved: Diff = diff(before, after)
const card: DeviceCard = device(after, 'files1', { before })
const narrowed = await analyze(folder + '/office/office.pcap', { filter: { client: '192.0.2.101', since: '2026-11-01' } })
const exchanges: AuthExchange[] = []
for await (const one of exchangesOf(folder + '/office/office.pcap', { filter: { service: 'smb' } })) exchanges.push(one)
let messages = 0
for await (const _ of messagesOf(folder + '/office/office.pcap')) messages++
writeFileSync(saved, JSON.stringify(reportJson(before)))
const errors: string[] = []
const caught = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof ArgumentError) errors.push(error.message)
    else throw error
  }
}
caught(() => verify(before, { expect: 'kerberoast' }))
caught(() => verify(before, { expect: 'kerberos', service: 'cifs' }))
caught(() => renderText(before, { columns: 0 }))
caught(() => device(before, '10.0.0.0/33'))
caught(() => verify(before, { servr: 'files1', expect: 'kerberos' } as never))
for (const options of [{ filter: { cliemt: 'a' } }, { threads: 0 }, { keytabs: 'a' }, { keys: { keyLogs: 'a' } }])
  await analyze(folder + '/office/office.pcap', options as never).catch((error: unknown) => errors.push((error as Error).message))
await analyze([]).catch((error: unknown) => errors.push((error as ArgumentError).message))
await analyze(folder + '/office/office.pcap', { filter: { server: '1.2.3' } }).catch((error: unknown) => errors.push((error as Error).message))
const absent = await analyze(folder + '/none.pcap').then(() => false, (error: unknown) => error instanceof CaptureError)
console.log(JSON.stringify({
  ntlm: ntlm.length, part: part.state, direct: direct.state, told: told.state, moved: moved.changes.map(({ change }) => change),
  card: card.addresses, whole: whole.captures.length, narrowed: narrowed.pairs.length, exchanges: exchanges.length, messages,
  text: renderText(before).split('\\n', 1)[0], wide: Math.max(...renderText(before).split('\\n').map((line) => line.length)),
  explained: explain('rc04')?.title ?? null, nothing: explain('RC00'), read: readReport(saved).pairs.length, errors, absent,
}))
`

it('is installed, compiled against and run', () => {
  const home = installed()
  writeFileSync(join(home, 'package.json'), '{"name": "user", "type": "module"}')
  writeFileSync(join(home, 'user.ts'), PROGRAM)
  const [, example, printed] = /```ts\n(.*?)```.*?```text\n(.*?)```/s.exec(readFileSync('docs/library.md', 'utf8'))!
  writeFileSync(join(home, 'example.ts'), example!)
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2023',
    skipLibCheck: false,
    types: ['node'],
    outDir: 'out',
  }
  writeFileSync(
    join(home, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['user.ts', 'example.ts'] }),
  )
  const tsc = spawnSync(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', home], { encoding: 'utf8' })
  expect(tsc.stdout + tsc.stderr).toBe('')
  const words = [join(home, 'out', 'user.js'), resolve(BUNDLED), join(temporary, 'saved.json')]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(stderr).toBe('')
  const found = JSON.parse(stdout)
  expect(found).toMatchObject({
    ntlm: 1,
    part: 'met',
    direct: 'not-met',
    told: 'met',
    moved: ['fixed'],
    card: ['192.0.2.20'],
    whole: 10,
    narrowed: 2,
    text: 'The only pair (192.0.2.101 -> 192.0.2.20, smb) uses NTLM. It fell back to it although Kerberos was',
    explained: 'IP address used as the target',
    nothing: null,
    read: 1,
    absent: true,
  })
  expect(found.wide).toBeLessThanOrEqual(100)
  expect(found.exchanges).toBeGreaterThan(2)
  expect(found.messages).toBeGreaterThan(50)
  expect(found.errors).toEqual([
    expect.stringMatching(/^verify: options\.expect: expected names of kerberos, .*, not kerberoast$/),
    expect.stringMatching(/^verify: options\.service: 'cifs' is not a service/),
    'renderText: options.columns: expected a whole number of characters, not 0',
    expect.stringMatching(/^device: host: '10\.0\.0\.0\/33' is neither an address/),
    expect.stringMatching(/^verify: options\.servr: not known here; expected client, server/),
    expect.stringMatching(/^analyze: options\.filter\.cliemt: not known here; expected host, client/),
    'analyze: options.threads: expected a whole number from 1 on, not 0',
    'analyze: options.keytabs: expected a list of paths, not a',
    'analyze: options.keys.keyLogs: expected a list of paths, not a',
    'analyze: inputs: expected a path or a list of paths, not a list',
    expect.stringMatching(/^analyze: options\.filter\.server: '1\.2\.3' is neither/),
  ])
  // the program of the documentation prints what it says
  const shown = spawnSync(process.execPath, [join(home, 'out', 'example.js')], { encoding: 'utf8' })
  expect(shown).toMatchObject({ stderr: '', stdout: printed })
  // the demonstration comes with the package
  const demo = spawnSync(process.execPath, [join(home, 'node_modules', 'ntlmscope', 'dist', 'src', 'cli.js'), 'demo'], {
    encoding: 'utf8',
  })
  expect(demo).toMatchObject({ status: 0, stdout: expect.stringMatching(/^3 of 7 pairs/) })
})
