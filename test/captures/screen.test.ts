/**
 * The text report of real captures: no line is wider than the terminal, and the first screen of 80 columns and 24 lines
 * holds the answer.
 */
import { existsSync } from 'node:fs'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { renderText } from '../../src/output/text/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED, capturesBelow, PUBLIC } from './folders.ts'

const here = existsSync(PUBLIC)
if (!here) console.warn(`skipped: no report of a public capture is drawn, ${PUBLIC} is absent`)

/** every fourth: they are many, and alike */
const captures = [...capturesBelow(BUNDLED), ...(here ? capturesBelow(PUBLIC) : [])].filter((_, at) => at % 4 === 0)

describe('the text report', () => {
  it.each(captures)('%s', async (path) => {
    const report = await analyze([path])
    for (const columns of [80, 100, 160]) {
      const lines = renderText(report, { columns, color: false }).split('\n')
      expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([])
      if (columns !== 80) continue
      const screen = lines.slice(0, 24)
      const ntlm = report.pairs.some(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
      const wanted = ntlm ? ['NTLM', 'Why', 'First', 'Seen', 'Not seen'] : ['Seen', 'Not seen']
      for (const label of wanted) expect(screen.some((line) => line.startsWith(`  ${label} `))).toBe(true)
    }
  })
})
