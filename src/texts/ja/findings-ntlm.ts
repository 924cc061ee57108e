/**
 * Japanese. Findings about NTLM.
 */
import type { Catalogue } from '../text.ts'

export const JA_NTLM: Catalogue = {}
