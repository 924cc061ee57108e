import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { progressBar } from '../../../src/cli/progress.ts'

class Screen extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns = 100

  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }

  cursorTo(x: number): void {
    this.text += `<to ${x}>`
  }

  clearLine(): void {
    this.text += '<clear>'
  }
}

function run(isTTY: boolean, totalBytes: number | null, millis: readonly number[]) {
  const screen = new Screen(isTTY)
  let now = 0
  const bar = progressBar(screen as unknown as NodeJS.WriteStream, () => now)
  for (const at of millis) {
    now = at
    bar.update({ bytes: at * 1000, totalBytes, packets: at * 10 })
  }
  const drawn = stripVTControlCharacters(screen.text)
  bar.stop()
  return { drawn, screen, bar }
}

describe('progressBar', () => {
  test('says nothing in the first second', () => {
    expect(run(true, 4_000_000, [10, 500, 999]).screen.text).toBe('')
  })

  test('says nothing where there is no terminal', () => {
    expect(run(false, 4_000_000, [10, 1500, 2000]).screen.text).toBe('')
  })

  test('then shows bytes of the total, packets and their rate', () => {
    const { drawn } = run(true, 4_000_000, [500, 2000])
    expect(drawn).toMatch(/=+-+ 50% {2}2\.0 MB of 4\.0 MB {2}20,000 packets {2}10,000 packets\/s/)
  })

  test('counts where the total is not known', () => {
    const { drawn } = run(true, null, [2000])
    expect(drawn).toContain('2.0 MB  20,000 packets  10,000 packets/s')
    expect(drawn).not.toContain('%')
  })

  test('leaves no trace, and stays silent afterwards', () => {
    const { screen, bar } = run(true, 4_000_000, [2000])
    expect(screen.text).toMatch(/\x1b\[0?J|\x1b\[2?K|<clear>/)
    const before = screen.text
    bar.update({ bytes: 1, totalBytes: 2, packets: 3 })
    bar.stop()
    expect(screen.text).toBe(before)
  })
})
