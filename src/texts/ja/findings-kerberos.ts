/**
 * Japanese. Findings about Kerberos.
 */
import type { Catalogue } from '../text.ts'

export const JA_KERBEROS: Catalogue = {}
