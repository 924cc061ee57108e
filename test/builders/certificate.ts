/** A certificate of any names, times and signature (RFC 5280 4.1); its key and signature are nothing. */
import { concat, explicit, integer, octetString, oid, type Part, sequence, tlv } from './der.ts'

export interface MadeCertificate {
  /** RelativeDistinguishedNames: object identifier and value, in the order of the certificate */
  readonly subject?: readonly (readonly [oid: string, value: Uint8Array])[]
  readonly issuer?: readonly (readonly [oid: string, value: Uint8Array])[]
  /** GeneralNames */
  readonly alternatives?: readonly Uint8Array[]
  readonly notBefore?: Uint8Array
  readonly notAfter?: Uint8Array
  /** AlgorithmIdentifier */
  readonly signature?: Uint8Array
  /** AlgorithmIdentifier of the key */
  readonly key?: Uint8Array
}

export const COMMON_NAME = '2.5.4.3'
const SUBJECT_ALT_NAME = '2.5.29.17'
const SHA256_RSA = '1.2.840.113549.1.1.11'
const RSA = '1.2.840.113549.1.1.1'

export const utf8 = (text: string) => tlv(0x0c, text)
export const dnsName = (text: string) => tlv(0x82, text)

export function madeCertificate({
  subject = [],
  issuer = [[COMMON_NAME, utf8('Issuer')]],
  alternatives,
  notBefore = tlv(0x17, '200101000000Z'),
  notAfter = tlv(0x17, '300101000000Z'),
  signature = sequence(oid(SHA256_RSA)),
  key = sequence(oid(RSA)),
}: MadeCertificate): Uint8Array {
  const extensions: Part[] =
    alternatives === undefined
      ? []
      : [explicit(3, sequence(sequence(oid(SUBJECT_ALT_NAME), octetString(sequence(...alternatives)))))]
  const tbs = sequence(
    explicit(0, integer(2)),
    integer(1),
    signature,
    nameOf(issuer),
    sequence(notBefore, notAfter),
    nameOf(subject),
    sequence(key, tlv(0x03, Uint8Array.of(0))),
    ...extensions,
  )
  return sequence(tbs, signature, tlv(0x03, Uint8Array.of(0)))
}

function nameOf(attributes: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  return sequence(...attributes.map(([type, value]) => tlv(0x31, sequence(oid(type), value))))
}

function u24(value: number): Uint8Array {
  return Uint8Array.of(value >> 16, (value >> 8) & 0xff, value & 0xff)
}

/** The records of a Certificate message, each of so many bytes of it. */
export function certificatesOf(list: readonly Uint8Array[], recordBytes = 16_000): Uint8Array {
  const entries = concat(...list.flatMap((der) => [u24(der.length), der]))
  const message = concat(Uint8Array.of(11), u24(entries.length + 3), u24(entries.length), entries)
  const records: Uint8Array[] = []
  for (let at = 0; at < message.length; at += recordBytes) {
    const part = message.subarray(at, at + recordBytes)
    records.push(concat(Uint8Array.of(22, 3, 3, part.length >> 8, part.length & 0xff), part))
  }
  return concat(...records)
}
