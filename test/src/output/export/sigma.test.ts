/**
 * There is a Sigma rule for each critical finding, and none for anything else; each looks for the notice that the Zeek
 * export writes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { RULES } from '../../../../src/findings/catalogue.ts'

const FOLDER = 'docs/sigma'

describe('the Sigma rules', () => {
  const files = readdirSync(FOLDER).sort()

  it('are those of the critical findings', () => {
    const critical = RULES.filter(({ severity }) => severity === 'critical').map(({ id }) => `${id.toLowerCase()}.yml`)
    expect(files).toEqual([...new Set(critical)].sort())
  })

  it.each(files)('%s looks for its notice', (file) => {
    const rule = parse(readFileSync(join(FOLDER, file), 'utf8'))
    const id = file.replace('.yml', '').toUpperCase()
    expect(rule.title).toBe(`${id}: ${RULES.find((one) => one.id === id)!.title}`)
    expect(rule.detection).toEqual({
      selection: { note: `NtlmScope::${id.replaceAll('-', '_')}` },
      condition: 'selection',
    })
    expect(rule.logsource).toEqual({ product: 'zeek', service: 'notice' })
    expect(rule.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })
})
