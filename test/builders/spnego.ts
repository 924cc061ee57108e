/**
 * Builds SPNEGO messages (RFC 4178 4.2, MS-SPNG 2.2.1) for tests. Mechanisms are named by short name or dotted OID.
 */
import { application, enumerated, explicit, octetString, oid, sequence, text } from './der.ts'

export const OID: Readonly<Record<string, string>> = {
  kerberos: '1.2.840.113554.1.2.2',
  'ms-kerberos': '1.2.840.48018.1.2.2',
  'kerberos-u2u': '1.2.840.113554.1.2.2.3',
  iakerb: '1.3.6.1.5.2.5',
  pku2u: '1.3.6.1.5.2.7',
  spnego: '1.3.6.1.5.5.2',
  ntlmssp: '1.3.6.1.4.1.311.2.2.10',
  negoex: '1.3.6.1.4.1.311.2.2.30',
  'late-fallback': '1.3.6.1.4.1.311.2.2.40',
}

const NEG_STATES = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic'] as const

export interface NegTokenInitOptions {
  mechTypes: readonly string[]
  mechToken?: Uint8Array
  mechListMic?: Uint8Array
  /** false: bare [0] without GSS framing */
  framed?: boolean
}

export function negTokenInit({ mechTypes, mechToken, mechListMic, framed = true }: NegTokenInitOptions): Uint8Array {
  const choice = explicit(
    0,
    sequence(explicit(0, mechList(mechTypes)), ...optional(2, mechToken), ...optional(3, mechListMic)),
  )
  return framed ? gss('spnego', choice) : choice
}

export interface NegTokenInit2Options extends NegTokenInitOptions {
  /** undefined leaves negHints out */
  hintName?: string
}

/** What a server sends first. */
export function negTokenInit2(options: NegTokenInit2Options): Uint8Array {
  const { mechTypes, mechToken, mechListMic, hintName, framed = true } = options
  const negHints = hintName === undefined ? [] : [explicit(3, sequence(explicit(0, text(hintName))))]
  const fields = [explicit(0, mechList(mechTypes)), ...optional(2, mechToken), ...negHints, ...optional(4, mechListMic)]
  const choice = explicit(0, sequence(...fields))
  return framed ? gss('spnego', choice) : choice
}

export interface NegTokenRespOptions {
  negState?: (typeof NEG_STATES)[number] | number
  supportedMech?: string
  responseToken?: Uint8Array
  mechListMic?: Uint8Array
  /** [4] of Negotiate Late Fallback */
  supportedMechs?: readonly string[]
}

export function negTokenResp(options: NegTokenRespOptions): Uint8Array {
  const { negState, supportedMech, responseToken, mechListMic, supportedMechs } = options
  const fields: Uint8Array[] = []
  if (negState !== undefined) {
    fields.push(explicit(0, enumerated(typeof negState === 'number' ? negState : NEG_STATES.indexOf(negState))))
  }
  if (supportedMech !== undefined) fields.push(explicit(1, mechOid(supportedMech)))
  fields.push(...optional(2, responseToken), ...optional(3, mechListMic))
  if (supportedMechs !== undefined) fields.push(explicit(4, mechList(supportedMechs)))
  return explicit(1, sequence(...fields))
}

/** GSS-API initial token framing, RFC 2743 3.1. */
export function gss(mechanism: string, innerToken: Uint8Array | string): Uint8Array {
  return application(0, mechOid(mechanism), innerToken)
}

export function mechList(mechanisms: readonly string[]): Uint8Array {
  return sequence(...mechanisms.map(mechOid))
}

export function mechOid(mechanism: string): Uint8Array {
  return oid(OID[mechanism] ?? mechanism)
}

function optional(number: number, token: Uint8Array | undefined): Uint8Array[] {
  return token === undefined ? [] : [explicit(number, octetString(token))]
}
