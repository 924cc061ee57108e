/**
 * `npm run first`: builds, and prints the report of a bundled capture. What the build says is shown where it fails alone: two hundred names of files would
 * stand above the report.
 */
import { spawnSync } from 'node:child_process'

const build = spawnSync('npm run --silent build', { shell: true, encoding: 'utf8', maxBuffer: 2 ** 26 })
if (build.status !== 0) {
  process.stderr.write(`${build.stdout ?? ''}${build.stderr ?? ''}${build.error?.message ?? ''}\n`)
  process.exit(build.status ?? 1)
}
const report = spawnSync(process.execPath, ['dist/src/cli.js', 'analyze', 'captures/office/office.pcap'], {
  stdio: 'inherit',
})
process.exit(report.status ?? 1)
