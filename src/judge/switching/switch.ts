/**
 * What a switch of Windows is, to this program: whom it binds, what it does to one logon, and who says so.
 *
 * A switch is judged by what was seen of the logon alone. What the vendor's text does not decide, or the wire does not
 * show, is `cannot-be-said`, and never `goes-on`.
 */
import type { AuthExchange } from '../../facts/exchange.ts'

export type Effect = 'fails' | 'goes-on' | 'cannot-be-said'

/** Why, for programs; `WHY` has it in words. */
export const WHY = {
  'uses-ntlm': 'it uses NTLM, which the switch denies here',
  'not-ntlm': 'it uses no NTLM',
  'not-windows':
    'no Windows host by the version that it sends, or it sends none, as no Windows with this policy does: it is not bound',
  'windows-unsure': 'nothing tells whether the host that the switch would bind is Windows',
  'local-account': 'an account of the server itself, which no domain controller is asked about',
  'account-unsure': 'nothing tells whether the account is one of the domain or of the server',
  'server-not-joined': 'the server belongs to no domain by the names that it gives',
  'server-unsure': 'nothing tells whether the server belongs to the domain',
  'other-domain': 'it belongs to another domain, whose controllers have a policy of their own',
  'not-decided-by-text': 'the text of the vendor does not say what happens to it',
  'not-smb': 'it is not SMB',
  'client-too-old': 'the client is older than the switch',
  'weak-version': 'LM or NTLMv1, which is refused then',
  'strong-version': 'NTLMv2',
  'version-unsure': 'its NTLM version was not seen',
  'client-changes': 'the setting makes a Windows client send NTLMv2 instead; whether it then works was not seen',
  'cannot-sign': 'one side cannot sign: a guest, a null session, or signing is switched off',
  'can-sign': 'it is signed or encrypted, or both sides can sign',
  'signing-unsure': 'what one side would do was not seen',
  'ldap-clear': 'LDAP without TLS and without signing',
  'ldap-protected': 'LDAP that is signed, sealed or in TLS',
  'ldap-unsure': 'what protects the messages after the bind was not seen',
  'ldap-anonymous': 'no logon: an anonymous bind',
  'binding-missing': 'in TLS, and the logon is bound to nothing, or to another channel',
  'binding-right': 'bound to this TLS channel',
  'binding-unsure': 'in TLS, and the binding could not be checked',
  'no-binding-asked': 'no channel to bind to, or no logon that is bound',
  'rc4-ticket': 'its ticket is encrypted with RC4 or DES',
  'aes-ticket': 'its ticket is encrypted with AES',
  'ticket-unsure': 'the encryption of its ticket was not seen',
  smb1: 'SMB 1',
  smb2: 'SMB 2 or later',
  'dialect-unsure': 'the dialect was not seen',
  guest: 'the session is a guest',
  'no-guest': 'the session is no guest',
  'guest-unsure': 'what became of the session was not seen',
  'sso-unsure':
    'NTLMv1 or MS-CHAP: refused where the password is taken from the logon of the user, which the wire does not show',
  excepted: 'its server stands on the list of exceptions',
} as const
export type Why = keyof typeof WHY

export interface Says {
  readonly is: Effect
  readonly why: Why
}

/** Is this host under the policy? `unsure`: nothing tells. */
export type Bound = 'bound' | 'free' | 'unsure'

/** Who is bound, as far as this run says. */
export interface Scope {
  /** by its version, or because somebody named it */
  readonly client: (one: AuthExchange) => Bound
  readonly server: (one: AuthExchange) => Bound
  /** NetBIOS or DNS name of the domain whose controllers are switched, lower case; null: every domain that was seen */
  readonly domain: string | null
}

/** A list of names that a switch lets through. */
export type ExceptionList = 'client' | 'domain' | 'smb'

export interface PolicySwitch {
  readonly name: string
  /** as the policy or setting is called */
  readonly title: string
  /** where it is set, and to what */
  readonly setting: string
  /** on whom */
  readonly scope: string
  /** what it does, after the text of its vendor, in our words */
  readonly semantics: string
  /** pages of the vendor */
  readonly sources: readonly string[]
  /** what these pages do not decide, or nobody checked */
  readonly notChecked: readonly string[]
  readonly exceptions: ExceptionList | null
  /** the way back: what to set, and when it takes effect */
  readonly rollback: { readonly set: string; readonly effect: string; readonly capture: string }
  /** events that tell of what it refused: log, ids, where */
  readonly events: string
  /** services that it is about; null: any */
  readonly about: ((one: AuthExchange) => boolean) | null
  readonly on: (one: AuthExchange, scope: Scope) => Says
}

export function says(is: Effect, why: Why): Says {
  return { is, why }
}
