/**
 * What takes too long for every change, once a night: `npm run nightly`, or some of it by name, `npm run nightly -- order`.
 * Each step is a part of the usual tests with larger numbers; all are run, whatever fails, and the end says which did.
 */
import { spawnSync } from 'node:child_process'

const STEPS = {
  captures: ['test/captures/hostile.test.ts test/captures/extract.test.ts test/captures/cut-token.test.ts', {}],
  order: ['test/captures/order.test.ts test/captures/edges.test.ts', { ORDER_TEST: 'all' }],
  shown: ['test/cli.test.ts test/src/live test/scenarios/watch.test.ts test/src/output/html', {}],
  split: ['test/captures/split.test.ts test/store/load.test.ts', { SPLIT_TEST: 'all' }],
  threads: ['test/captures/threads.test.ts', {}],
  engine: ['test/captures/engine.test.ts', { NTLMSCOPE_MUTATIONS: '1000000' }],
  tls: [
    'test/src/keys test/scenarios/with-keys.test.ts test/scenarios/tls-openssl.test.ts test/scenarios/likely.test.ts test/captures/keys-bundled.test.ts',
    {},
  ],
  opened: ['test/captures/engine-opened.test.ts', { NTLMSCOPE_MUTATIONS: '100000' }],
  events: ['test/src/events/forms/evtx.test.ts', { NTLMSCOPE_MUTATIONS: '100000' }],
  killed: ['test/store/killed.test.ts', { KILLS: '100' }],
  decoders: ['test/captures/decoder-campaign.test.ts', {}],
  campaign: ['test/captures/campaign.test.ts', { HOSTILE_SECONDS: '14400', HOSTILE_VARIANTS: '450000' }],
  kinds: ['test/captures/hostile-kinds.test.ts', { HOSTILE_SCALE: '8' }],
  figures: ['test/captures/hostile-figures.test.ts', {}],
  cluster: ['test/clickhouse/cluster.test.ts', { FACTS_ROWS: '10000000' }],
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in STEPS))
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(', ')}: there are ${Object.keys(STEPS).join(', ')}`)
  process.exit(64)
}
const seed = String(Math.floor(Date.now() / 86_400_000))
const results = []
for (const [name, [files, env]] of Object.entries(STEPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const began = performance.now()
  const { status } = spawnSync('npx', ['vitest', 'run', ...files.split(' '), '--testTimeout=7200000'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    // what is named in the environment wins: a night is repeated with the seed that it says
    env: { HOSTILE_SEED: seed, NTLMSCOPE_SEED: seed, ...env, NIGHTLY: '1', ...process.env },
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  results.push(`${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
  if (status !== 0) process.exitCode = 1
}
console.log(`seed ${seed}\n${results.join('\n')}`)
