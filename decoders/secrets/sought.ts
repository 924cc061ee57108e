/**
 * Of what `maskedPdu` and `maskedRest` take out, what is a secret: it is then looked for in all that is written. The
 * rest is merely private (values of a directory, bodies, files): a name among it stands in other messages by right.
 *
 * Pure.
 */
import { type DerElement, derAt, derChildren, derOctets, OCTET_STRING, SEQUENCE } from '../parts/der.ts'
import { textOf } from './text-secrets.ts'

/** Tells of a place in this PDU whose byte became zero whether it is one of a secret. */
export function soughtIn(carrier: string, pdu: Uint8Array): (at: number) => boolean {
  switch (carrier) {
    case 'tls':
    case 'dcerpc':
      return () => false
    case 'http':
    case 'sip':
      return (at) => isCredential(pdu, at)
    case 'ldap':
      return directorySecrets(pdu)
    default:
      return () => true
  }
}

/** Does this byte stand in a line of credentials? */
function isCredential(head: Uint8Array, at: number): boolean {
  const line = Buffer.from(head.buffer, head.byteOffset, at).lastIndexOf('\n') + 1
  return /^(?:proxy-)?authorization:/i.test(Buffer.from(head.subarray(line, at)).toString('latin1'))
}

/** SearchResultEntry, ModifyRequest, AddRequest, RFC 4511 4.5.2, 4.6 and 4.7 */
const WITH_VALUES: ReadonlySet<number> = new Set([0x64, 0x66, 0x68])

/** Of binds and extended requests all; of values those of attributes that hold a password or a key. */
function directorySecrets(pdu: Uint8Array): (at: number) => boolean {
  const message = derAt(pdu)
  const operation = message === null ? undefined : derChildren(message)[1]
  if (operation === undefined || !WITH_VALUES.has(operation.tag)) return () => true
  const secrets = secretAttributes(operation, 0)
  return (at) => secrets.some(({ start, end }) => start <= at && at < end)
}

/** Attributes are SEQUENCE { type, SET OF value }, RFC 4511 4.1.7. */
function secretAttributes(element: DerElement, depth: number): DerElement[] {
  const children = depth > DEPTH_MAX ? [] : derChildren(element)
  const [type] = children
  if (element.tag === SEQUENCE && type?.tag === OCTET_STRING) {
    const name = textOf(derOctets(type))
    return SECRET_ATTRIBUTE.test(name) && !ABOUT_PASSWORDS.test(name) ? [element] : []
  }
  return children.filter(({ tag }) => (tag & CONSTRUCTED) !== 0).flatMap((child) => secretAttributes(child, depth + 1))
}

const CONSTRUCTED = 0x20
/** a ModifyRequest has its changes, their modification and the attribute in it */
const DEPTH_MAX = 4
/** MS-ADA1 to MS-ADA3, RFC 4519 2.41, and what LAPS, Samba and MIT Kerberos keep in a directory */
const SECRET_ATTRIBUTE = /pwd|passw|secret|credential|principalkey|trustauth|initialauth|^(?:current|prior)value$/i
/** times, counts and rules of passwords */
const ABOUT_PASSWORDS = /^(?:bad|max|min)pw|(?:lastset|properties|age|length|time)$/i
