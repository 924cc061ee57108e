/**
 * What a buyer asks of a device, and the words to paste into a tender. Each requirement is tested by one question of
 * profile.ts; a clause says what has to be shown, so that a statement of the vendor is not enough.
 *
 * Sources: MS-NLMP 3.3 (versions of NTLM), MS-SMB2 2.2.3 and 2.2.4 (dialects, SecurityMode), RFC 3961 and RFC 3962
 * (encryption types), RFC 5929 (channel bindings), RFC 4513 5.1.3 (passwords in clear).
 */

export interface Clause {
  readonly id: string
  /** as a sentence about the device */
  readonly words: string
  readonly en: string
  readonly ja: string
}

export const CLAUSES = [
  {
    id: 'no-ntlm',
    words: 'NTLM is refused or not offered',
    en: 'The device shall be able to operate with NTLM (all versions) switched off. With that setting it shall neither offer nor use NTLM, and shall refuse it where a peer asks for it.',
    ja: '本装置は、NTLM (すべてのバージョン) を無効にした状態で運用できること。無効にした場合、NTLM を提示および使用せず、相手から要求されたときは拒否すること。',
  },
  {
    id: 'no-ntlmv1',
    words: 'LM and NTLMv1 are refused',
    en: 'The device shall neither send nor accept LM and NTLMv1 responses (NTLMv1 with extended session security included) in its default settings.',
    ja: '本装置は、初期設定において LM および NTLMv1 の応答 (拡張セッション セキュリティ付きの NTLMv1 を含む) を送信せず、受け入れないこと。',
  },
  {
    id: 'kerberos',
    words: 'Kerberos is used',
    en: 'The device shall authenticate with Kerberos version 5 against Active Directory, as a client and as a server, for every network service that it offers or uses with domain accounts.',
    ja: '本装置は、ドメイン アカウントで提供または利用するすべてのネットワーク サービスについて、クライアントおよびサーバーとして、Active Directory に対し Kerberos バージョン 5 で認証すること。',
  },
  {
    id: 'aes',
    words: 'tickets and session keys use AES',
    en: 'Kerberos tickets and session keys shall use AES (aes128-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96 or later). RC4 and DES shall not be needed.',
    ja: 'Kerberos のチケットおよびセッション キーには AES (aes128-cts-hmac-sha1-96、aes256-cts-hmac-sha1-96 またはそれ以降) を使用し、RC4 および DES を必要としないこと。',
  },
  {
    id: 'smb-signing',
    words: 'SMB signing is required',
    en: 'SMB signing shall be supported and can be set to required, as a client and as a server. With that setting, sessions without signing or encryption shall be refused.',
    ja: 'SMB 署名をサポートし、クライアントおよびサーバーとして必須に設定できること。必須に設定した場合、署名も暗号化もないセッションを拒否すること。',
  },
  {
    id: 'smb3',
    words: 'SMB 3.0 or later is used',
    en: 'SMB version 3.0 or later shall be used for all file services. The lowest version can be set.',
    ja: 'すべてのファイル サービスで SMB バージョン 3.0 以降を使用すること。使用する最低バージョンを設定できること。',
  },
  {
    id: 'no-smb1',
    words: 'SMB1 is refused or not offered',
    en: 'SMB version 1 shall be switched off in the default settings, or shall not be implemented.',
    ja: 'SMB バージョン 1 は、初期設定で無効であるか、実装されていないこと。',
  },
  {
    id: 'channel-binding',
    words: 'logons in TLS are bound to their channel',
    en: 'Integrated authentication (Negotiate) over HTTPS and LDAPS shall use channel bindings (RFC 5929), as a client and as a server.',
    ja: 'HTTPS および LDAPS 上の統合認証 (Negotiate) では、クライアントおよびサーバーとして、チャネル バインド (RFC 5929) を使用すること。',
  },
  {
    id: 'ldap-signed',
    words: 'LDAP binds sign, seal or run in TLS',
    en: 'LDAP connections to Active Directory shall be signed or sealed (SASL), or run in TLS.',
    ja: 'Active Directory への LDAP 接続は、署名または封印 (SASL による暗号化) されるか、TLS 上で行われること。',
  },
  {
    id: 'no-clear-password',
    words: 'no password is sent in clear',
    en: 'The device shall not send or accept passwords without encryption, whatever the protocol (LDAP simple bind, SMTP, FTP, HTTP Basic and others).',
    ja: '本装置は、プロトコルを問わず (LDAP 簡易バインド、SMTP、FTP、HTTP 基本認証など)、暗号化されていないパスワードを送信せず、受け入れないこと。',
  },
  {
    id: 'by-name',
    words: 'servers are asked for by name',
    en: 'Servers can be entered by their fully qualified domain names, and the device shall use this name when it asks for a Kerberos ticket.',
    ja: 'サーバーは完全修飾ドメイン名 (FQDN) で指定でき、本装置は Kerberos チケットを要求する際にこの名前を使用すること。',
  },
] as const satisfies readonly Clause[]

export type RequirementId = (typeof CLAUSES)[number]['id']

export const REQUIREMENT_IDS: readonly RequirementId[] = CLAUSES.map(({ id }) => id)

export function clauseOf(id: RequirementId): Clause {
  return CLAUSES.find((clause) => clause.id === id)!
}
