/**
 * Japanese. Findings about fallbacks to NTLM.
 */
import type { Catalogue } from '../text.ts'

export const JA_FALLBACK: Catalogue = {}
