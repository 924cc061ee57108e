/** The pages of `explain`, and the catalogue that is made of them: one source, the table of rules. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { CAUSES } from '../../../src/causes/catalogue.ts'
import { RULES } from '../../../src/findings/catalogue.ts'
import { catalogueMarkdown, listText, nearest, pageText } from '../../../src/output/explain.ts'

describe('explain', () => {
  test('docs/findings.md is what `npm run docs` makes', () => {
    const file = fileURLToPath(new URL('../../../docs/findings.md', import.meta.url))
    expect(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).toBe(catalogueMarkdown())
  })

  test('every rule and cause has a page that says its title and what to do, within the columns', () => {
    for (const { id, title } of RULES) {
      const page = pageText(id, 80) ?? ''
      expect(page.replace(/\s+/g, ' ')).toContain(title)
      expect(page).toMatch(/\n {2}(Fix|Remediation)/)
    }
    for (const id of Object.keys(CAUSES)) expect(pageText(id, 80)).toMatch(/\n {2}Fix/)
    for (const columns of [80, 160]) {
      const pages = [...RULES.map(({ id }) => pageText(id, columns) ?? ''), listText(columns)]
      for (const line of pages.join('\n').split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
    }
  })

  test('ids are unique, found in any case, and a wrong one has near ones', () => {
    const ids = RULES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(pageText('ns-sg-002', 80)).toBe(pageText('NS-SG-002', 80))
    expect(pageText('NS-SG-099', 80)).toBeNull()
    expect(nearest('NS-SG-02')).toContain('NS-SG-002')
  })
})
