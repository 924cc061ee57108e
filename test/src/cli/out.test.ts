/**
 * Octets that are written while the next ones are made.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Out } from '../../../src/cli/out.ts'
import { OctetPage, Phrase } from '../../../src/questions/columns.ts'
import { temporaryFolder } from '../../captures/packets.ts'

const LINE = new Phrase('0123456789abcdef\n')
const LINES = 20_000

/** As an answer is printed: a page is filled while the one before is written. */
async function printed(out: Out, pages: number): Promise<void> {
  const page = new OctetPage(new Uint8Array(256))
  for (let at = 0; at < pages; at++) {
    page.text(`page ${at}\n`)
    for (let line = 0; line < LINES; line++) page.phrase(LINE)
    await out.handOver(page.take())
  }
}

describe('octets that are handed over', () => {
  it('stand in their order, behind and before lines', async () => {
    const file = join(temporaryFolder(), 'out')
    const out = Out.file(file, [])
    out.line('first')
    await printed(out, 7)
    await out.settled()
    out.line('last')
    out.close()
    const pages = Array.from({ length: 7 }, (_, at) => `page ${at}\n${'0123456789abcdef\n'.repeat(LINES)}`)
    expect(readFileSync(file, 'utf8') === `first\n${pages.join('')}last\n`).toBe(true)
  })

  it.skipIf(process.platform !== 'linux')('tell what cannot be written, the last ones too', async () => {
    for (const pages of [1, 3]) {
      const out = Out.file('/dev/full', [])
      await expect(printed(out, pages).then(() => out.settled())).rejects.toThrow('no space left')
      await out.settled()
      out.discard()
    }
  })
})
