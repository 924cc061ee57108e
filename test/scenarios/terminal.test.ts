/**
 * On a real terminal: a report that is longer than its screen has its answer at the end too, no line is wider, what has
 * no room is named. In a file or a pipe there is nothing of it.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const PROGRAM = resolve('dist/src/cli.js')
const OFFICE = 'captures/office/office.pcap'
const BEFORE = 'captures/changes/spn-registered-before.pcap'
const AFTER = 'captures/changes/spn-registered-after.pcap'

const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
if (!hasTerminal) console.warn('skipped: a terminal needs script(1) of util-linux')

/** What stands on a terminal of this size. */
function shown(words: readonly string[], columns: number, rows: number): string {
  const line = `stty cols ${columns} rows ${rows}; exec ${process.execPath} ${PROGRAM} ${words.join(' ')}`
  const { COLUMNS: _, ...env } = process.env
  const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { env: { ...env, NO_COLOR: '1', LC_ALL: 'C' } })
  // the bar of progress stands on the same terminal, and is wiped out
  return stdout
    .toString()
    .replaceAll('\r\n', '\n')
    .replace(/^.*\r/gm, '')
    .replace(/\u001b\[[\d;?]*[A-Za-z]/g, '')
}

function piped(words: readonly string[], columns: number): string {
  const env = { ...process.env, COLUMNS: String(columns), NO_COLOR: '1', LC_ALL: 'C' }
  return spawnSync(process.execPath, [PROGRAM, ...words], { env }).stdout.toString()
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  it('a long report has its answer at the end, and names what has no room', () => {
    const text = shown(['analyze', OFFICE], 80, 24)
    const whole = piped(['analyze', OFFICE], 80)
    expect(text).toBe(`${whole}\nOnce more\n\n${piped(['analyze', OFFICE, '--summary'], 80)}`)
    expect(whole).not.toContain('Once more')
    expect(whole).toMatch(/not shown for want of room: USER, SPN, .*--wide\s+shows all/s)
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  it('one that fits does not', () => {
    expect(shown(['analyze', OFFICE], 80, 500)).toBe(piped(['analyze', OFFICE], 80))
  })

  it.each([
    ['diff', ['diff', BEFORE, AFTER]],
    ['device', ['device', '192.0.2.20', BEFORE]],
    ['verify', ['verify', BEFORE, '--client', '192.0.2.101', '--expect', 'kerberos']],
  ])('%s says its first line once more', (_, words) => {
    const text = piped(words, 100)
    const [first] = text.split('\n')
    expect(shown(words, 100, 6)).toBe(`${text}\n${first}\n`)
    expect(shown(words, 100, 500)).toBe(text)
  })
})
