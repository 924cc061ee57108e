/**
 * What the certificate of a TLS server says, and the hash that a channel binding to it is made of.
 *
 * Specification: RFC 5280 4.1 and 4.2.1.6 (X.509), RFC 5929 4.1 (which hash). Nothing is verified: no chain, no
 * signature, no date. The walk over its elements takes microseconds where a library takes a third of a millisecond, and
 * a busy link shows thousands of them. Values are fresh copies.
 */
import { hash } from 'node:crypto'
import {
  type DerElement,
  derAt,
  derChildren,
  derField,
  derInner,
  derOctets,
  derOid,
  derText,
} from '../../decoders/parts/der.ts'
import {
  type BindingHash,
  CERTIFICATE_NAMES_MAX,
  type CertificateFacts,
  type ChainCertificate,
} from '../facts/channel.ts'
import { bindingOf, endPointBinding } from './channel-binding.ts'

/** Attributes of a name. */
const ATTRIBUTES_MAX = 64
const NAME_CHARS_MAX = 256

/** Signature algorithms with their hash, as RFC 5929 4.1 wants it: MD5 and SHA-1 become SHA-256. */
const SIGNATURES: ReadonlyMap<string, readonly [name: string, hash: BindingHash | null]> = new Map([
  ['1.2.840.113549.1.1.2', ['md2WithRSAEncryption', null]],
  ['1.2.840.113549.1.1.3', ['md4WithRSAEncryption', null]],
  ['1.2.840.113549.1.1.4', ['md5WithRSAEncryption', 'sha256']],
  ['1.2.840.113549.1.1.5', ['sha1WithRSAEncryption', 'sha256']],
  ['1.3.14.3.2.29', ['sha1WithRSASignature', 'sha256']],
  ['1.2.840.113549.1.1.11', ['sha256WithRSAEncryption', 'sha256']],
  ['1.2.840.113549.1.1.12', ['sha384WithRSAEncryption', 'sha384']],
  ['1.2.840.113549.1.1.13', ['sha512WithRSAEncryption', 'sha512']],
  ['1.2.840.113549.1.1.14', ['sha224WithRSAEncryption', 'sha224']],
  ['1.2.840.113549.1.1.15', ['sha512-224WithRSAEncryption', null]],
  ['1.2.840.113549.1.1.16', ['sha512-256WithRSAEncryption', null]],
  ['1.2.840.10040.4.3', ['dsa-with-SHA1', 'sha256']],
  ['2.16.840.1.101.3.4.3.1', ['dsa-with-SHA224', 'sha224']],
  ['2.16.840.1.101.3.4.3.2', ['dsa-with-SHA256', 'sha256']],
  ['1.2.840.10045.4.1', ['ecdsa-with-SHA1', 'sha256']],
  ['1.2.840.10045.4.3.1', ['ecdsa-with-SHA224', 'sha224']],
  ['1.2.840.10045.4.3.2', ['ecdsa-with-SHA256', 'sha256']],
  ['1.2.840.10045.4.3.3', ['ecdsa-with-SHA384', 'sha384']],
  ['1.2.840.10045.4.3.4', ['ecdsa-with-SHA512', 'sha512']],
  ['2.16.840.1.101.3.4.3.9', ['ecdsa-with-SHA3-224', 'sha3-224']],
  ['2.16.840.1.101.3.4.3.10', ['ecdsa-with-SHA3-256', 'sha3-256']],
  ['2.16.840.1.101.3.4.3.11', ['ecdsa-with-SHA3-384', 'sha3-384']],
  ['2.16.840.1.101.3.4.3.12', ['ecdsa-with-SHA3-512', 'sha3-512']],
  ['2.16.840.1.101.3.4.3.13', ['rsassa-pkcs1-v1_5-with-SHA3-224', 'sha3-224']],
  ['2.16.840.1.101.3.4.3.14', ['rsassa-pkcs1-v1_5-with-SHA3-256', 'sha3-256']],
  ['2.16.840.1.101.3.4.3.15', ['rsassa-pkcs1-v1_5-with-SHA3-384', 'sha3-384']],
  ['2.16.840.1.101.3.4.3.16', ['rsassa-pkcs1-v1_5-with-SHA3-512', 'sha3-512']],
  ['1.3.101.112', ['Ed25519', null]],
  ['1.3.101.113', ['Ed448', null]],
  ['2.16.840.1.101.3.4.3.17', ['ML-DSA-44', null]],
  ['2.16.840.1.101.3.4.3.18', ['ML-DSA-65', null]],
  ['2.16.840.1.101.3.4.3.19', ['ML-DSA-87', null]],
])
const RSASSA_PSS = '1.2.840.113549.1.1.10'
/** hashAlgorithm of RSASSA-PSS-params, RFC 4055 3.1; SHA-1 is the default, and becomes SHA-256 */
const SHA1 = '1.3.14.3.2.26'
const PSS_HASHES: ReadonlyMap<string, BindingHash> = new Map([
  [SHA1, 'sha256'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
])
const CURVES: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10045.3.1.7', 'EC P-256'],
  ['1.3.132.0.34', 'EC P-384'],
  ['1.3.132.0.35', 'EC P-521'],
  ['1.2.840.10045.3.1.1', 'EC P-192'],
  ['1.3.132.0.33', 'EC P-224'],
  ['1.3.132.0.10', 'EC secp256k1'],
  ['1.3.36.3.3.2.8.1.1.7', 'EC brainpoolP256r1'],
  ['1.3.36.3.3.2.8.1.1.9', 'EC brainpoolP320r1'],
  ['1.3.36.3.3.2.8.1.1.11', 'EC brainpoolP384r1'],
  ['1.3.36.3.3.2.8.1.1.13', 'EC brainpoolP512r1'],
])
const ATTRIBUTES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
])
const COMMON_NAME = '2.5.4.3'
const SUBJECT_ALT_NAME = '2.5.29.17'

/**
 * ```
 * Certificate    ::= SEQUENCE { tbsCertificate, signatureAlgorithm AlgorithmIdentifier, signatureValue BIT STRING }
 * TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo,
 * ..., [3] extensions } ``` null: these bytes are no certificate. `sha256`: of these bytes, in hexadecimal; `chain`:
 * what is known of it, also later.
 */
export function readCertificate(
  der: Uint8Array,
  sha256 = hash('sha256', der),
  chain: readonly ChainCertificate[] = [],
): CertificateFacts | null {
  const whole = derAt(der)
  if (whole === null || whole.tag !== 0x30 || whole.cut) return null
  const [tbs, algorithm] = derChildren(whole)
  if (tbs === undefined || algorithm === undefined || tbs.tag !== 0x30 || algorithm.tag !== 0x30) return null
  const parts = derChildren(tbs)
  const first = parts[0]?.tag === 0xa0 ? 1 : 0
  const [, , issuer, validity, subject, keyInfo] = parts.slice(first)
  if (issuer === undefined || validity === undefined || subject === undefined || keyInfo === undefined) return null
  const [notBefore, notAfter] = derChildren(validity)
  const [signature, bindingHash] = signatureOf(algorithm)
  return {
    sha256,
    subject: nameText(subject),
    issuer: nameText(issuer),
    names: namesOf(tbs, subject),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    signature,
    key: keyText(keyInfo),
    selfIssued: Buffer.from(derOctets(issuer)).equals(derOctets(subject)),
    bindingHash,
    binding: bindingHash === null ? null : bindingTo(der, sha256, bindingHash),
    chain,
  }
}

/** Most have SHA-256, which is known. */
function bindingTo(der: Uint8Array, sha256: string, bindingHash: BindingHash): string {
  return bindingHash === 'sha256'
    ? bindingOf('tls-server-end-point', Buffer.from(sha256, 'hex'))
    : endPointBinding(der, bindingHash)
}

function signatureOf(algorithm: DerElement): readonly [string, BindingHash | null] {
  const [oidElement, parameters] = derChildren(algorithm)
  const oid = (oidElement && derOid(oidElement)) ?? ''
  if (oid === RSASSA_PSS) {
    const wrapped = parameters && derField(parameters, 0)
    const inner = wrapped ? derInner(wrapped) : null
    const hashOid = inner === null ? SHA1 : (derOid(inner) ?? '')
    return [hashOid === SHA1 ? 'RSASSA-PSS with SHA-1' : 'RSASSA-PSS', PSS_HASHES.get(hashOid) ?? null]
  }
  return SIGNATURES.get(oid) ?? [oid, null]
}

/** `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }` */
function keyText(info: DerElement): string {
  const [algorithm, bits] = derChildren(info)
  const [oidElement, parameters] = algorithm === undefined ? [] : derChildren(algorithm)
  const oid = (oidElement && derOid(oidElement)) ?? ''
  switch (oid) {
    case '1.2.840.113549.1.1.1':
    case RSASSA_PSS:
      return `RSA ${modulusBits(bits)}`
    case '1.2.840.10045.2.1': {
      // whoever writes out the curve itself, RFC 3279 2.3.5, leaves nothing to name it by
      const curve = (parameters && derOid(parameters)) ?? 'with a curve of its own'
      return CURVES.get(curve) ?? `EC ${curve}`
    }
    case '1.2.840.10040.4.1':
      return 'DSA'
    case '1.3.101.112':
      return 'Ed25519'
    case '1.3.101.113':
      return 'Ed448'
    default:
      return SIGNATURES.get(oid)?.[0] ?? oid
  }
}

/** `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`, behind the count of unused bits */
function modulusBits(bits: DerElement | undefined): string {
  const sequence = bits && derAt(bits.bytes, bits.start + 1, bits.end)
  const modulus = sequence && derInner(sequence)
  if (modulus?.tag !== 0x02) return '?'
  let at = modulus.start
  while (at < modulus.end && modulus.bytes[at] === 0) at++
  if (at === modulus.end) return '?'
  return String((modulus.end - at) * 8 - Math.clz32(modulus.bytes[at]!) + 24)
}

/** `Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value }`, in the order of the certificate. */
function attributesOf(name: DerElement): [oid: string, value: string][] {
  const found: [string, string][] = []
  for (const set of derChildren(name)) {
    for (const pair of derChildren(set)) {
      const [type, value] = derChildren(pair)
      if (type === undefined || value === undefined || found.length >= ATTRIBUTES_MAX) continue
      found.push([derOid(type) ?? '?', textOf(value)])
    }
  }
  return found
}

/** BMPString has two bytes a character, UniversalString four; the other kinds are read as UTF-8 or Latin-1. */
function textOf(value: DerElement): string {
  const width = value.tag === 0x1e ? 2 : value.tag === 0x1c ? 4 : 0
  if (width === 0) return derText(value).slice(0, NAME_CHARS_MAX)
  const octets = derOctets(value)
  let decoded = ''
  for (let at = 0; at + width <= octets.length && decoded.length < NAME_CHARS_MAX; at += width) {
    let code = 0
    for (const octet of octets.subarray(at, at + width)) code = code * 256 + octet
    decoded += width === 2 ? String.fromCharCode(code) : String.fromCodePoint(code > 0x10ffff ? 0xfffd : code)
  }
  return decoded
}

function nameText(name: DerElement): string {
  return attributesOf(name)
    .reverse()
    .map(([oid, value]) => `${ATTRIBUTES.get(oid) ?? oid}=${value.replace(/[,+"\\<>;=]/g, '\\$&')}`)
    .join(',')
}

/**
 * What it stands for. RFC 6125 6.4.4: the common names where there is no dNSName, the most specific one first;
 * implementations take any of them. Addresses do not count against them.
 */
function namesOf(tbs: DerElement, subject: DerElement): string[] {
  const alternatives = alternativeNames(tbs)
  const common = alternatives.some(({ tag }) => tag === DNS_NAME)
    ? []
    : attributesOf(subject).flatMap(([oid, value]) => (oid === COMMON_NAME && value !== '' ? [inAscii(value)] : []))
  return [...common.reverse(), ...alternatives.flatMap(generalName)].slice(0, CERTIFICATE_NAMES_MAX)
}

/** `[3] Extensions ::= SEQUENCE OF SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }` */
function alternativeNames(tbs: DerElement): readonly DerElement[] {
  const extensions = derField(tbs, 3)
  for (const extension of extensions === null ? [] : derChildren(extensions)) {
    const parts = derChildren(extension)
    const [id] = parts
    if (id === undefined || derOid(id) !== SUBJECT_ALT_NAME) continue
    const list = derInner(parts.at(-1)!)
    return list === null ? [] : derChildren(list)
  }
  return []
}

const OTHER_NAME = 0xa0
const DNS_NAME = 0x82
const URI = 0x86
const IP_ADDRESS = 0x87
/** id-on-xmppAddr and id-on-dnsSRV: the domain of a service */
const XMPP_ADDRESS = '1.3.6.1.5.5.7.8.5'
const SRV_NAME = '1.3.6.1.5.5.7.8.7'
/** the domain of SIP, RFC 5922 7.1, and of other servers */
const URI_HOST = /^(?:sips?|xmpp|https?|ldaps?):(?:\/\/)?(?:[^@/?#]*@)?([^:/?#;@]+)/i

/**
 * `GeneralName ::= CHOICE { otherName [0], dNSName [2] IA5String, uniformResourceIdentifier [6] IA5String, iPAddress
 * [7] OCTET STRING, ... }`; `SRVName ::= IA5String`, RFC 4985 2: `_xmpp-server.corp.example`
 */
function generalName(name: DerElement): string[] {
  if (name.tag === DNS_NAME) return [inAscii(derText(name).slice(0, NAME_CHARS_MAX))]
  if (name.tag === URI) return URI_HOST.exec(derText(name).slice(0, NAME_CHARS_MAX))?.slice(1) ?? []
  if (name.tag === OTHER_NAME) {
    const [type, wrapped] = derChildren(name)
    const oid = type && derOid(type)
    const value = wrapped && (oid === SRV_NAME || oid === XMPP_ADDRESS) ? derInner(wrapped) : null
    return value === null ? [] : [inAscii(textOf(value).replace(/^_[^.]*\./, ''))]
  }
  if (name.tag !== IP_ADDRESS) return []
  const octets = derOctets(name)
  if (octets.length === 4) return [octets.join('.')]
  if (octets.length !== 16) return []
  const groups = Array.from({ length: 8 }, (_, at) => ((octets[at * 2]! << 8) | octets[at * 2 + 1]!).toString(16))
  return [new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)]
}

const NOT_ASCII = /[^\x00-\x7f]/

/** A name as clients ask for it, RFC 5891 5: `xn--bcher-kva.example`; what is no name of a host stays as it is. */
function inAscii(name: string): string {
  if (!/^[^\s/?#@:\\%]+$/.test(name) || !NOT_ASCII.test(name)) return name
  const place = `http://${name}/`
  return URL.canParse(place) ? new URL(place).hostname : name
}

/**
 * UTCTime `YYMMDDhhmmssZ` (50 and more are of the last century) or GeneralizedTime `YYYYMMDDhhmmssZ`, RFC 5280 4.1.2.5
 */
function timeOf(element: DerElement | undefined): number | null {
  if (element === undefined || (element.tag !== 0x17 && element.tag !== 0x18)) return null
  const text = derText(element)
  const full = element.tag === 0x18 ? text : `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}`
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(?:Z|([+-])(\d\d)(\d\d))?$/.exec(full)
  if (match === null) return null
  const [year, month, day, hour, minute, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0))
  const [, , , , , , , sign, hours, minutes] = match
  // the years 0 to 99 are those of the last century to Date.UTC
  const date = new Date(0)
  date.setUTCFullYear(year!, month! - 1, day)
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day) return null
  if (hour! > 24 || minute! > 59 || second > 60) return null
  date.setUTCHours(hour!, minute!, second)
  const ahead = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60e6 : 60e6)
  return date.getTime() * 1000 - ahead
}
