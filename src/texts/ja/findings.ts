/**
 * Japanese. Other findings: TLS, logs, and what only several exchanges show.
 */
import type { Catalogue } from '../text.ts'

export const JA_FINDINGS: Catalogue = {}
