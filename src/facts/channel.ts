/**
 * What is known of a TLS channel and of what a keytab opens: shapes that every output shows. Public values alone: no
 * key, no secret, nothing to crack.
 */

/** The hash of a certificate in tls-server-end-point. */
export type BindingHash =
  | 'md5'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'

export type BindingKind = 'tls-server-end-point' | 'tls-unique' | 'tls-exporter'

/** What is said of every certificate, also of those behind the one of the server. */
export interface ChainCertificate {
  /** SHA-256 of the whole certificate, in hexadecimal: its identity */
  readonly sha256: string
  /** RFC 4514, most specific first: `CN=web1.corp.example,O=Corp`; '' where it has none */
  readonly subject: string
  readonly issuer: string
  /** microseconds since 1970; null: cannot be read */
  readonly notBefore: number | null
  readonly notAfter: number | null
  /**
   * `sha256WithRSAEncryption`, `ecdsa-with-SHA384`, `RSASSA-PSS`, `Ed25519`; an object identifier that has no name here
   */
  readonly signature: string
  /** `RSA 2048`, `EC P-256`, `Ed25519` */
  readonly key: string
  /** issuer and subject are the same */
  readonly selfIssued: boolean
}

/** What is said of a certificate in every output. */
export interface CertificateFacts extends ChainCertificate {
  /**
   * hosts of subjectAltName (dNSName, iPAddress, of URIs and services), as DNS has them; where it has no dNSName the
   * common names, too. So many at most: `CERTIFICATE_NAMES_MAX`
   */
  readonly names: readonly string[]
  /**
   * RFC 5929 4.1: the hash of tls-server-end-point; null: undefined for this signature (Ed25519, Ed448, ML-DSA), or not
   * known
   */
  readonly bindingHash: BindingHash | null
  /** the value of MsvAvChannelBindings or Bnd that a right binding to it has, in hexadecimal; null: no rule says it */
  readonly binding: string | null
  /**
   * those that were shown behind it, as they were: the longest list of its connections. It grows where a longer one is
   * shown. Earlier reports have none
   */
  readonly chain?: readonly ChainCertificate[]
}

/**
 * Of its chain, who issued it, and who issued that one: by their names. The path ends before a name that several have
 * (one of them may be needed by nobody), and with the first that issued itself.
 */
export function issuersOf({ issuer, selfIssued, chain = [] }: CertificateFacts): readonly ChainCertificate[] {
  const path: ChainCertificate[] = []
  let wanted = selfIssued ? '' : issuer
  while (wanted !== '' && path.length < chain.length) {
    const [found, ...others] = chain.filter(({ subject }) => subject === wanted)
    if (found === undefined || path.includes(found) || others.some((other) => other.sha256 !== found.sha256)) break
    path.push(found)
    wanted = found.selfIssued ? '' : found.issuer
  }
  return path
}

/** Names of a certificate that are kept: one of a content network has hundreds. */
export const CERTIFICATE_NAMES_MAX = 64

/**
 * Does a certificate stand for this name? RFC 6125 6.4: a star stands for the whole first label, or for a part of it;
 * null: it has more names than were kept.
 */
export function standsFor({ names }: CertificateFacts, host: string): boolean | null {
  const wanted = host.toLowerCase().replace(/\.$/, '')
  if (names.some((name) => fits(name.toLowerCase().replace(/\.$/, ''), wanted))) return true
  return names.length < CERTIFICATE_NAMES_MAX ? false : null
}

function fits(offered: string, wanted: string): boolean {
  if (offered === wanted) return true
  const star = offered.indexOf('*')
  const dot = offered.indexOf('.')
  const wantedDot = wanted.indexOf('.')
  // the label of an internationalized name has no parts
  if (star === -1 || dot < star || wantedDot <= 0 || offered.startsWith('xn--')) return false
  if (offered.slice(dot) !== wanted.slice(wantedDot)) return false
  const [before, behind] = [offered.slice(0, star), offered.slice(star + 1, dot)]
  const label = wanted.slice(0, wantedDot)
  return label.length > before.length + behind.length && label.startsWith(before) && label.endsWith(behind)
}

/** What is known of the TLS channel of a conversation, besides what its hellos say. */
export interface ChannelFacts {
  /** of the server; where the connection is resumed, that of the one which it goes on with; null: not shown */
  readonly certificate: CertificateFacts | null
  /** the certificate was in clear, not opened with keys */
  readonly isCertificateInClear: boolean
  /** null: the answer of the server was not seen */
  readonly resumed: boolean | null
  /** it was opened with keys: what is inside is read */
  readonly opened: boolean
  /** what it may be bound to besides the certificate, from its keys: hexadecimal, public */
  readonly unique: string | null
  readonly exporters: readonly string[]
  /** the same of handshakes before the present one: it was renegotiated */
  readonly former?: readonly string[]
}

/** A ClientHello, and nothing more. */
export const NO_CHANNEL: ChannelFacts = {
  certificate: null,
  isCertificateInClear: false,
  resumed: null,
  opened: false,
  unique: null,
  exporters: [],
}

/**
 * What a client did that made a binding to the right certificate a wrong one, other than its choice of a hash: it left
 * out the prefix `tls-server-end-point:`, or the gss_channel_bindings_struct around it; it hashed the public key, or
 * the certificate as PEM text; it took the hash as hexadecimal text.
 */
export type BindingSlip = 'no-prefix' | 'no-structure' | 'public-key' | 'pem' | 'hexadecimal'

/** What proves the state of a channel binding. */
export interface BindingFacts {
  /** which rule the value follows; null: none that was tried */
  readonly kind: BindingKind | null
  /** of the certificate, where the value was made with it */
  readonly hash: BindingHash | null
  /**
   * the value in the token, and the one that a right binding to this channel's certificate has: public values, in
   * hexadecimal
   */
  readonly value: string
  readonly expected: string | null
  /** SHA-256 of the certificate of this channel; null: not shown */
  readonly certificate: string | null
  /** SHA-256 of the certificate for which the value was made, where the captures show it */
  readonly madeFor: string | null
  /** absent: it is made as the rule has it, but perhaps for the hash, or nobody knows how */
  readonly slip?: BindingSlip
  /** what made the check possible: the certificate in clear, the keys of the connection, a keytab (of Kerberos) */
  readonly by: readonly BindingWitness[]
}

/** It was made for a certificate that this channel does not have, whatever may be right for the one that it has. */
export function isOfAnother(binding: Pick<BindingFacts, 'certificate' | 'madeFor'> | null): boolean {
  const { certificate = null, madeFor = null } = binding ?? {}
  return certificate !== null && madeFor !== null && madeFor !== certificate
}

export type BindingWitness = 'certificate' | 'keys' | 'keytab'

/** A ticket that was opened with a keytab. */
export interface OpenedTicket {
  readonly etype: number
  readonly sessionKeyEtype: number
  /** the client's choice for this session; null: none, the session key is used */
  readonly subkeyEtype: number | null
  /** `forwardable`, `ok-as-delegate`... */
  readonly flags: readonly string[]
  readonly client: { readonly name: string; readonly realm: string }
  /** the authenticator's time against that of the frame; positive: the client is ahead; null: no authenticator */
  readonly skewSeconds: number | null
  /** Bnd of the authenticator's checksum: 32 hexadecimal digits; null: no checksum with one */
  readonly channelBindings: string | null
  /** `delegation`, `mutual`, `replay`, `sequence`, `confidentiality`, `integrity`, `DCE` */
  readonly contextFlags: readonly string[]
  /** the client sent a ticket-granting ticket of its own with it */
  readonly delegatesCredentials: boolean
  /** the client says that it knows channel bindings (KERB_AP_OPTIONS_CBT); null: it says nothing */
  readonly knowsChannelBindings: boolean | null
  /** the name of the service that the application asked for */
  readonly targetPrincipal: string | null
  readonly authorization: TicketAuthorization | null
}

/** The PAC in words. */
export interface TicketAuthorization {
  readonly user: string | null
  readonly domain: string | null
  readonly upn: string | null
  /** names of well-known groups, else their relative identifiers */
  readonly groups: readonly string[]
  /** services through which the user was impersonated (S4U2Proxy) */
  readonly delegatedThrough: readonly string[]
  readonly delegationTarget: string | null
  /** the ticket names the device (compound identity) */
  readonly hasDevice: boolean
  /** types of its buffers, MS-PAC 2.4 */
  readonly buffers: readonly number[]
}

/** What an account's key proves of an NTLM logon. */
export interface NtlmProof {
  /** the account's key made this response: the right password */
  readonly response: 'verified'
  /** `wrong`: the messages were changed on their way; null: there is none, or a message is missing */
  readonly mic: 'verified' | 'wrong' | null
}
