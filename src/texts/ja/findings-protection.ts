/**
 * Japanese. Findings about signing, sealing and channel binding.
 */
import type { Catalogue } from '../text.ts'

export const JA_PROTECTION: Catalogue = {}
