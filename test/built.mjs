/**
 * What is built, on the version of Node that runs this: every bundled capture through the command line, some with two threads too, and one through
 * the library. Prints one digest of all of it, so that two versions can be compared; ends with 1 where something cannot be run.
 *
 * Plain JavaScript without packages: it runs where nothing but `dist/`, the dependencies and the captures are.
 */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
const { run } = await import('../dist/src/cli.js')
const library = await import('../dist/src/ntlmscope.js')

class Gathered extends Writable {
  text = ''
  _write(chunk, _encoding, done) {
    this.text += chunk
    done()
  }
}

async function output(...words) {
  const [out, err] = [new Gathered(), new Gathered()]
  const code = await run(words, { out, err, env: { COLUMNS: '100' } })
  await new Promise((sent) => setImmediate(sent))
  return { code, text: out.text, complaint: err.text }
}

const captures = readdirSync('captures', { recursive: true, encoding: 'utf8' })
  .map((path) => `captures/${path}`.replaceAll('\\', '/'))
  .filter((path) => /\.pcap(ng)?(\.gz)?$/.test(path))
  .sort()
const digest = createHash('sha256')
const failed = []
for (const [at, path] of captures.entries()) {
  const once = await output('analyze', path, '--format', 'json', '--threads', '1')
  if (once.code !== 0 && once.code !== 2) failed.push(`${path}: exit ${once.code} ${once.complaint}`)
  // a thread is started anew for each: some of them are enough
  if (at % 8 === 0 && (await output('analyze', path, '--format', 'json', '--threads', '2')).text !== once.text)
    failed.push(`${path}: one thread and two differ`)
  digest.update(once.text).update((await output('analyze', path)).text)
}
const { pairs } = await library.analyze(['captures/office/office.pcap'])
if (pairs.length === 0) failed.push('the library: no pairs of the office capture')
const version = await output('--version')
if (!/^\d+\.\d+\.\d+/.test(version.text)) failed.push(`--version: ${version.text}`)
for (const line of failed) console.error(line)
console.log(`node ${process.version}: ${captures.length} captures, ${digest.digest('hex').slice(0, 32)}`)
process.exit(failed.length > 0 ? 1 : 0)
