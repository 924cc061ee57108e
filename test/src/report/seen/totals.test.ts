/**
 * Totals: what is beyond the pairs that are told apart is counted, and a page says it. A report without NTLM among the
 * pairs that it lists is no report without NTLM.
 */
import { expect, test } from 'vitest'
import { reportPage } from '../../../../src/output/html/writer.ts'
import { plainSpaces } from '../../../../src/output/page/numbers.ts'
import { headlineOf } from '../../../../src/output/text/answer.ts'
import { totalsOf } from '../../../../src/report/seen/totals.ts'
import { emptyReport, exchange, figures, ntlmByAddress, officeReport, pair } from '../../../builders/report.ts'

test('the same by pairs and by figures where both have all', () => {
  const exchanges = [ntlmByAddress(), exchange(), exchange()]
  const report = emptyReport({ pairs: [pair([exchanges[0]!]), pair(exchanges.slice(1))], figures: figures(exchanges) })
  const all = { exchanges: 3, ntlm: 1, fallback: 1, causes: { RC04: 1 }, mechanisms: { ntlm: 1, kerberos: 2 } }
  expect(totalsOf(report)).toEqual(all)
  expect(totalsOf({ ...report, figures: figures([]) })).toEqual(all)
  expect(totalsOf({ ...report, pairs: [] })).toEqual(all)
})

test('NTLM of pairs that are not told apart is said', () => {
  const report = officeReport({ pairs: [pair([exchange()])], figures: figures([exchange(), ntlmByAddress()]) })
  expect(headlineOf(report).map(plainSpaces)).toEqual([
    '1 of 2 authentications used NTLM, all in pairs beyond the 1 that are told apart.',
  ])
  const page = reportPage(report, '')
  expect(page).toMatch(/<article class="bad"><h3><a href="#pairs">Who still uses NTLM/)
  expect(page).toContain('1 of 2 authentications (50 %)')
})
