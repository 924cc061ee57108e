/**
 * Rules about TLS itself: what a server shows of its certificate and its versions. They fire on connections, whatever
 * was said inside.
 */
import type { Rule } from '../rule.ts'

type TlsRule = 'expired' | 'weakSignature' | 'otherName' | 'oldVersion' | 'sslVersion' | 'refused'

export const TLS_WATCH_RULES: Readonly<Record<TlsRule, Rule>> = {
  sslVersion: {
    id: 'NS-TL-005',
    severity: 'medium',
    title: 'SSL 3.0',
    fires: 'The ServerHello chooses SSL 3.0',
    evidence: 'The first frame of a connection',
    notWhen: 'A client that offers it beside TLS uses none of it',
    techniques: ['T1557'],
    remediation: 'Disable SSL 3.0 on the server; replace devices that know nothing newer',
    steps: ['Windows: SCHANNEL\\Protocols\\SSL 3.0\\Server\\Enabled = 0', 'devices: update the firmware'],
    references: ['RFC 7568'],
  },
  expired: {
    id: 'NS-TL-001',
    severity: 'medium',
    title: 'certificate of the server is not valid at this time',
    fires:
      'A connection begins before notBefore or after notAfter of the certificate that the server shows, or of one in the chain behind it that issued it',
    evidence: 'The first frame of a connection',
    notWhen:
      'The time is that of the capture: a clock of the recorder that is wrong makes it fire. No chain is verified: issuers are told by their names; of two with the same name, and of roots, nothing is said. A client that has an issuer among its roots needs none of it',
    techniques: ['T1557'],
    remediation: 'Renew the certificate: clients that are told to accept it accept that of a relay as well',
    steps: ['certutil -store my (Windows), or the web page of the device'],
    references: ['RFC 5280 4.1.2.5'],
  },
  weakSignature: {
    id: 'NS-TL-002',
    severity: 'low',
    title: 'certificate signed with MD5 or SHA-1',
    fires:
      'The certificate that the server shows, or one in the chain behind it that issued it, has a signature with MD5 or SHA-1, and another issuer',
    evidence: 'The first frame of a connection',
    notWhen:
      'A self-signed certificate proves nothing by its signature; channel bindings to it use SHA-256 all the same',
    techniques: ['T1557'],
    remediation: 'Issue it anew with SHA-256 or better',
    steps: ['AD CS: certutil -setreg ca\\csp\\CNGHashAlgorithm SHA256, then renew'],
    references: ['RFC 6194', 'RFC 6151', 'RFC 5929 4.1'],
  },
  otherName: {
    id: 'NS-TL-003',
    severity: 'low',
    title: 'certificate does not stand for the name that was asked for',
    fires: 'The client asked for a name (SNI) that the certificate does not have',
    evidence: 'The first frame of a connection',
    notWhen:
      'Without SNI nothing is compared; an inspecting proxy has certificates of its own, but with the right names',
    techniques: ['T1557'],
    remediation: 'Give the server a certificate with the name that clients use, or have clients use its name',
    steps: ['compare the names of the certificate with the name in the detail'],
    references: ['RFC 6125 6.4', 'RFC 6066 3'],
  },
  oldVersion: {
    id: 'NS-TL-004',
    severity: 'low',
    title: 'TLS 1.0 or 1.1',
    fires: 'The ServerHello chooses TLS 1.0 or 1.1',
    evidence: 'The first frame of a connection',
    notWhen: 'What a client offers beside newer versions does not count',
    techniques: ['T1557'],
    remediation: 'Enable TLS 1.2 on both ends, then disable the older versions',
    steps: ['Windows: SCHANNEL\\Protocols\\TLS 1.2', '.NET: SchUseStrongCrypto = 1', 'devices: update the firmware'],
    references: ['RFC 8996'],
  },
  refused: {
    id: 'NS-TL-006',
    severity: 'info',
    title: 'client refused the certificate of the server',
    fires: 'The client ends the handshake with an alert about the certificate, in clear',
    evidence: 'The first frame of a connection',
    notWhen: 'From TLS 1.3 on the alert is encrypted, and is not seen',
    techniques: [],
    remediation: 'Have the client trust the issuer, or give the server a certificate of one that it trusts',
    steps: ['a common reason why LDAPS "does not work": the root certificate is not in the store of the client'],
    references: ['RFC 8446 6.2', 'RFC 5246 7.2.2'],
  },
}
