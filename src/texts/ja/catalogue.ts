/**
 * Japanese: every text of the code, and what it is. `facts` are sentences of reports, which are found again by their
 * templates; `pages` are what pages say themselves. docs/japanese.md has the terms.
 */
import type { Catalogue } from '../text.ts'
import { JA_CAUSES } from './causes.ts'
import { JA_FINDINGS } from './findings.ts'
import { JA_FALLBACK } from './findings-fallback.ts'
import { JA_KERBEROS } from './findings-kerberos.ts'
import { JA_NTLM } from './findings-ntlm.ts'
import { JA_PROTECTION } from './findings-protection.ts'
import { JA_HTML } from './html.ts'
import { JA_JUDGING } from './judging.ts'
import { JA_PAGES } from './pages.ts'
import { JA_REPORTS } from './reports.ts'
import { JA_SWITCHING } from './switching.ts'
import { JA_WORDS } from './words.ts'

export const JA: { readonly pages: Catalogue; readonly facts: Catalogue } = {
  pages: JA_PAGES,
  facts: {
    ...JA_WORDS,
    ...JA_HTML,
    ...JA_CAUSES,
    ...JA_JUDGING,
    ...JA_SWITCHING,
    ...JA_REPORTS,
    ...JA_FALLBACK,
    ...JA_KERBEROS,
    ...JA_NTLM,
    ...JA_PROTECTION,
    ...JA_FINDINGS,
  },
}
