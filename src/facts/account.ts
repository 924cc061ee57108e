/**
 * Who logged on, as one text: for people, and to compare. Cold and pure.
 */
import { interned } from '../../decoders/parts/interned.ts'
import type { AuthExchange } from './exchange.ts'

/** `DOMAIN\user`, or the user alone where no domain was told; null: nobody was. */
export function accountOf({ user, domain }: AuthExchange['principal']): string | null {
  if (!user) return null
  return domain && !user.includes('@') ? interned(`${domain}\\${user}`) : user
}

/** The same as it is compared: in lower case, and always with the backslash. */
export function accountKey({ user, domain }: AuthExchange['principal']): string {
  return interned(`${domain ?? ''}\\${user}`.toLowerCase())
}
