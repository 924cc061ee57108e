/**
 * Japanese. Findings about signing, sealing and channel binding.
 */
import type { Catalogue } from '../text.ts'

export const JA_PROTECTION: Catalogue = {
  'Get-SmbServerConfiguration | Select-Object RequireSecuritySignature        what is set now; old scanners and NAS that cannot sign stop to work':
    'Get-SmbServerConfiguration | Select-Object RequireSecuritySignature        現在の設定。署名できない古いスキャナーや NAS は使えなくなります',
  'Set-SmbClientConfiguration -RequireSecuritySignature $true':
    'Set-SmbClientConfiguration -RequireSecuritySignature $true',
  'Samba: server signing = mandatory, client signing = required':
    'Samba: server signing = mandatory, client signing = required',
  'DCOM: RequireIntegrityActivationAuthenticationLevel 1': 'DCOM: RequireIntegrityActivationAuthenticationLevel 1',
  'certificate services: certutil -setreg CA\\InterfaceFlags +IF_ENFORCEENCRYPTICERTREQUEST':
    '証明書サービス: certutil -setreg CA\\InterfaceFlags +IF_ENFORCEENCRYPTICERTREQUEST',
  'spooler: RpcAuthnLevelPrivacyEnabled 1': 'スプーラー: RpcAuthnLevelPrivacyEnabled 1',
  'signing required but unsigned messages accepted': '署名が必須なのに未署名のメッセージが受け入れられています',
  'The server says that signing is required, and ordinary unsigned messages of a session succeed':
    'サーバーが署名を必須と示しながら、セッションの通常の未署名メッセージが成功',
  'The NEGOTIATE response and the frames of the session': 'NEGOTIATE 応答とセッションのフレーム',
  'Guest, anonymous and encrypted sessions are not signed by design; refused messages, interim answers and SESSION_SETUP do not count':
    'ゲスト、匿名、暗号化されたセッションは仕様上署名されません。拒否されたメッセージ、途中の応答、SESSION_SETUP は数えません',
  'Treat it as a server bug or an active downgrade: update the server, compare with a second capture point':
    'サーバーの不具合または能動的なダウングレードとして扱う: サーバーを更新し、別の場所でのキャプチャと比べる',
  'capture at the server as well and compare the NEGOTIATE responses':
    'サーバー側でもキャプチャし、NEGOTIATE 応答を比べる',
  '{0} unsigned messages in a session that must be signed': '署名が必須のセッションに未署名のメッセージが {0} 件',
  'SMB channel bound without a signature': '署名なしでバインドされた SMB チャネル',
  'The server accepts SESSION_SETUP requests with the binding flag that are not signed':
    'サーバーが、署名のない、バインド フラグ付きの SESSION_SETUP 要求を受け入れている',
  'The SESSION_SETUP messages of the channel': 'チャネルの SESSION_SETUP メッセージ',
  'A binding that the server refuses is what has to happen; only the requests of the client count, and whether the signature is right is not checked':
    'サーバーがバインドを拒否するのは正しい動作です。クライアントの要求だけを数え、署名が正しいかどうかは確認しません',
  'Update the server: whoever knows the id of a session could join it':
    'サーバーを更新する: セッションの ID を知る者が参加できます',
  'repeat with another client: Windows and Samba sign the binding':
    '別のクライアントで試す: Windows と Samba はバインドに署名します',
  'Set-SmbServerConfiguration -EnableMultiChannel $false, or Samba: server multi channel support = no, until then':
    'それまでは Set-SmbServerConfiguration -EnableMultiChannel $false、または Samba: server multi channel support = no',
  'the binding to session {0} is not signed, and was accepted':
    'セッション {0} へのバインドに署名がなく、受け入れられました',
  'channel binding of another channel': '別のチャネルのチャネル バインド',
  'A token in clear carries a channel binding that is not zero: it was made for a TLS connection':
    '平文のトークンに 0 でないチャネル バインドがある: TLS 接続のために作られたもの',
  'Windows sends sixteen zero bytes where there is no channel: these do not count. A proxy that ends TLS and passes the token on has the same shape':
    'チャネルがない場合、Windows は 16 バイトの 0 を送ります: これは数えません。TLS を終端してトークンを渡すプロキシも同じ形です',
  'Find out which TLS connection it was made for: a relay, or a TLS-terminating proxy':
    'どの TLS 接続のために作られたかを調べる: リレー、または TLS を終端するプロキシ',
  'look for the TLS conversation of the same client in the seconds before':
    '直前の数秒間に、同じクライアントの TLS の通信がないか調べる',
  'the token carries a channel binding, but this connection has no TLS; {0}':
    'トークンにチャネル バインドがありますが、この接続は TLS ではありません。{0}',
  'SMB session without signing or encryption': '署名も暗号化もない SMB セッション',
  'Ordinary messages of the session are neither signed nor encrypted':
    'セッションの通常のメッセージが署名も暗号化もされていない',
  'The frames of the logon; the messages are counted': 'ログオンのフレーム。メッセージは数えます',
  'The last SESSION_SETUP response, TREE_CONNECT of 3.1.1, interim responses and FSCTL_VALIDATE_NEGOTIATE_INFO are signed or not for reasons of their own; guests and null sessions have no key':
    '最後の SESSION_SETUP 応答、3.1.1 の TREE_CONNECT、途中の応答、FSCTL_VALIDATE_NEGOTIATE_INFO の署名の有無には別の理由があります。ゲストと null セッションにはキーがありません',
  '{0} of {1} sampled messages unsigned; client {2}, server {3}':
    '調べた {1} 件のメッセージ中 {0} 件が未署名。クライアント {2}、サーバー {3}',
  'SMB1 in use': 'SMB1 の使用',
  'A dialect of SMB1 was chosen and a session set up': 'SMB1 のダイアレクトが選ばれ、セッションが確立された',
  'The NEGOTIATE response and the session setup': 'NEGOTIATE 応答とセッション セットアップ',
  'A client that only offers SMB1 beside SMB2 uses none of it':
    'SMB2 と並べて SMB1 を提示するだけのクライアントは、使っていません',
  'Get-SmbSession | Select-Object ClientComputerName, Dialect        who still speaks it; Set-SmbServerConfiguration -AuditSmb1Access $true logs them':
    'Get-SmbSession | Select-Object ClientComputerName, Dialect        まだ使っているもの。Set-SmbServerConfiguration -AuditSmb1Access $true で記録されます',
  'Set-SmbServerConfiguration -EnableSMB1Protocol $false': 'Set-SmbServerConfiguration -EnableSMB1Protocol $false',
  'Disable-WindowsOptionalFeature -Online -FeatureName SMB1Protocol':
    'Disable-WindowsOptionalFeature -Online -FeatureName SMB1Protocol',
  'Samba: server min protocol = SMB2_10': 'Samba: server min protocol = SMB2_10',
  'dialect {0}': 'ダイアレクト {0}',
  'LDAP without integrity': '整合性のない LDAP',
  'A SASL or Sicily bind succeeded, and the messages after it are in clear and unsigned':
    'SASL または Sicily のバインドが成功し、その後のメッセージが平文で署名されていない',
  'The bind; the messages after it are counted': 'バインド。その後のメッセージは数えます',
  'Inside TLS no layer is needed; anonymous reads and CLDAP are no binds; without messages after the bind nothing is said':
    'TLS の中では層は不要です。匿名の読み取りと CLDAP はバインドではありません。バインドの後にメッセージがなければ何も言いません',
  'Require LDAP signing on the domain controller (LDAPServerIntegrity 2) after its clients have been changed':
    'クライアントを変更した後で、ドメイン コントローラーで LDAP 署名を必須にする (LDAPServerIntegrity 2)',
  'event 2889 names the clients (16 LDAP Interface Events = 2)':
    'イベント 2889 でクライアントが分かります (16 LDAP Interface Events = 2)',
  'reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters /v LDAPServerIntegrity /t REG_DWORD /d 2':
    'reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters /v LDAPServerIntegrity /t REG_DWORD /d 2',
  'clients: LDAPClientIntegrity 2 under HKLM\\SYSTEM\\CurrentControlSet\\Services\\LDAP':
    'クライアント: HKLM\\SYSTEM\\CurrentControlSet\\Services\\LDAP の LDAPClientIntegrity 2',
  'bound with {0}, then went on in clear, unsigned': '{0} でバインドし、その後は署名なしの平文です',
  'WS-Management in clear': '平文の WS-Management',
  'Messages of WinRM have a body in clear (application/soap+xml) after a logon without TLS':
    'TLS なしのログオンの後、WinRM のメッセージの本文が平文 (application/soap+xml)',
  'The logon; the messages are sampled': 'ログオン。メッセージは一部を調べます',
  'Encrypted bodies say so (multipart/encrypted); requests without a body say nothing':
    '暗号化された本文にはその旨があります (multipart/encrypted)。本文のない要求からは何も言えません',
  'Forbid unencrypted messages on server and client, or use the HTTPS listener':
    'サーバーとクライアントで暗号化されていないメッセージを禁止するか、HTTPS リスナーを使う',
  'winrm set winrm/config/service @{AllowUnencrypted="false"}':
    'winrm set winrm/config/service @{AllowUnencrypted="false"}',
  'winrm set winrm/config/client @{AllowUnencrypted="false"}':
    'winrm set winrm/config/client @{AllowUnencrypted="false"}',
  'commands and their output are in clear': 'コマンドとその出力が平文です',
  'NTLM over clear HTTP': '平文の HTTP 上の NTLM',
  'An NTLM logon to an HTTP server or proxy without TLS': 'TLS なしの HTTP サーバーまたはプロキシへの NTLM ログオン',
  'The requests with the tokens': 'トークンを含む要求',
  'WinRM encrypts its messages after the logon and is a service of its own':
    'WinRM はログオンの後にメッセージを暗号化し、別のサービスとして扱います',
  'Use HTTPS with Extended Protection; NTLM in clear HTTP can be relayed to other services':
    '拡張保護のある HTTPS を使う。平文の HTTP の NTLM は別のサービスに中継できます',
  'IIS: require TLS, extendedProtection tokenChecking="Require"':
    'IIS: TLS を必須にし、extendedProtection tokenChecking="Require"',
  'list Negotiate before NTLM': 'Negotiate を NTLM より前に並べる',
  'scheme {0}, no TLS': 'スキーム {0}、TLS なし',
  'NTLM over mail, SQL, FTP, SIP, XMPP or SOCKS in clear': '平文のメール、SQL、FTP、SIP、XMPP、SOCKS 上の NTLM',
  'An NTLM logon to SMTP, IMAP, POP3, NNTP, SQL Server, PostgreSQL, FTP, SIP, XMPP or a SOCKS proxy without TLS':
    'TLS なしの SMTP、IMAP、POP3、NNTP、SQL Server、PostgreSQL、FTP、SIP、XMPP、SOCKS プロキシへの NTLM ログオン',
  'The messages with the tokens': 'トークンを含むメッセージ',
  'After STARTTLS, AUTH TLS or SSLRequest, or where SQL Server encrypts its login, nothing of it is in clear':
    'STARTTLS、AUTH TLS、SSLRequest の後、または SQL Server がログインを暗号化する場合、平文のものはありません',
  'Use TLS; then Kerberos (GSSAPI) or another mechanism': 'TLS を使う。次に Kerberos (GSSAPI) または別のメカニズム',
  'mail: demand STARTTLS or TLS from the start': 'メール: STARTTLS または最初からの TLS を必須にする',
  'SQL Server: Force Encryption, and register MSSQLSvc/<host>:<port>':
    'SQL Server: 暗号化を強制し (Force Encryption)、MSSQLSvc/<host>:<port> を登録する',
  'over {0}, no TLS': '{0}、TLS なし',
  'Kerberos that nothing binds': '何にもバインドされない Kerberos',
  'Kerberos is accepted over HTTP, mail or SQL Server in clear, or over RPC at connect level or below: whoever is made to send such a ticket can be relayed as with NTLM':
    '平文の HTTP、メール、SQL Server、または connect レベル以下の RPC で Kerberos が受け入れられる: そのようなチケットを送らされた者は、NTLM と同じように中継されうる',
  'The messages with the ticket and its answer': 'チケットを含むメッセージとその応答',
  'Inside TLS; where WinRM seals its messages; where the session of SMB around RPC is signed or encrypted; LDAP without a layer is NS-SG-009':
    'TLS の中、WinRM がメッセージを封印する場合、RPC を包む SMB セッションが署名または暗号化されている場合。層のない LDAP は NS-SG-009 です',
  'Use TLS with channel binding (Extended Protection), for RPC packet privacy: Kerberos alone does not end relaying':
    'チャネル バインドのある TLS (拡張保護)、RPC ではパケットのプライバシーを使う: Kerberos だけではリレーはなくなりません',
  'RPC servers: RPC_C_AUTHN_LEVEL_PKT_PRIVACY': 'RPC サーバー: RPC_C_AUTHN_LEVEL_PKT_PRIVACY',
  'mail: demand TLS before AUTH GSSAPI': 'メール: AUTH GSSAPI の前に TLS を必須にする',
  'RPC that is relayed in practice, at connect level or below': '実際に中継される、connect レベル以下の RPC',
  'A security context at level none or connect on an interface through which relayed logons take over a server or a domain (certificates, replication, tasks, services, accounts, printers, registry, DCOM activation)':
    '中継されたログオンでサーバーまたはドメインを乗っ取れるインターフェイス (証明書、複製、タスク、サービス、アカウント、プリンター、レジストリ、DCOM の起動) での、レベル none または connect のセキュリティ コンテキスト',
  'The bind of the security context, and the frames of its legs':
    'セキュリティ コンテキストのバインドと、そのやり取りのフレーム',
  'From packet level on (to which servers raise the level call), a relay lacks the session key and fails; in a named pipe the signature of the SMB session around it protects the calls; a refused bind is no use':
    'packet レベル以上 (サーバーは call レベルをここに引き上げます) では、リレーはセッション キーを持たず失敗します。名前付きパイプでは、包んでいる SMB セッションの署名が呼び出しを保護します。拒否されたバインドは使用ではありません',
  'Have the server refuse calls without packet privacy: connect level ties nothing to who logged on':
    'サーバーがパケットのプライバシーのない呼び出しを拒否するようにする: connect レベルは、誰がログオンしたかに何も結び付けません',
  'NTLM at level {0}': 'レベル {0} の NTLM',
  'level {0}': 'レベル {0}',
  'the logon was {0}: that NTLM is accepted as well was not seen':
    'ログオンは {0} でした: NTLM も受け入れられるかどうかは観測されていません',
  'channel binding does not match the certificate of the server': 'チャネル バインドがサーバーの証明書と一致しません',
  'The channel binding in a token inside TLS is not that of the certificate of this server':
    'TLS の中のトークンのチャネル バインドが、このサーバーの証明書のものではない',
  'The AUTHENTICATE_MESSAGE and the certificate': 'AUTHENTICATE_MESSAGE と証明書',
  'A load balancer that ends TLS has a certificate of its own: the client binds to that one':
    'TLS を終端するロード バランサーには自身の証明書があります: クライアントはそれにバインドします',
  'Find out who ends TLS before the server: a load balancer, an inspecting proxy, or a relay':
    'サーバーの前で TLS を終端しているものを調べる: ロード バランサー、検査プロキシ、またはリレー',
  'compare the certificate that the client sees with that of the server':
    'クライアントから見える証明書と、サーバーの証明書を比べる',
  'the binding is not that of the certificate that this server shows, {0}; {1}':
    'バインドが、このサーバーの示す証明書のもの ({0}) ではありません。{1}',
  'a load balancer or an inspecting proxy that ends TLS has the same shape':
    'TLS を終端するロード バランサーまたは検査プロキシも同じ形です',
  'channel binding made with the wrong hash': '誤ったハッシュで作られたチャネル バインド',
  'The binding is that of the certificate of this server, but not with the hash that the signature of the certificate asks for, or made of something else than the certificate itself':
    'バインドはこのサーバーの証明書のものだが、証明書の署名が求めるハッシュではないか、証明書そのものではないものから作られている',
  'The AUTHENTICATE_MESSAGE or the ticket, and the certificate': 'AUTHENTICATE_MESSAGE またはチケットと、証明書',
  'Certificates without a rule (Ed25519, Ed448) have no wrong hash':
    '規則のない証明書 (Ed25519、Ed448) には、誤ったハッシュはありません',
  'Update the client: a server that demands channel bindings refuses this one':
    'クライアントを更新する: チャネル バインドを必須とするサーバーはこれを拒否します',
  'known for it: impacket before September 2026, rubyntlm before September 2026, scripts that always take SHA-256':
    '知られているもの: 2026 年 9 月より前の impacket、2026 年 9 月より前の rubyntlm、常に SHA-256 を使うスクリプト',
  'known for hashing the public key: FreeRDP of 2024, mended since':
    '公開鍵をハッシュすることで知られているもの: 2024 年の FreeRDP (その後修正済み)',
  'until then: a certificate that is signed with SHA-256': 'それまでは: SHA-256 で署名された証明書',
  'made with {0} of the certificate {1}': '証明書 {1} の {0} で作られています',
  'made with {0} of the certificate {1}: {2}': '証明書 {1} の {0} で作られています: {2}',
  'the prefix tls-server-end-point: is missing': '接頭辞 tls-server-end-point: がありません',
  'the structure with its addresses and length is missing': 'アドレスと長さの構造体がありません',
  'the public key was hashed, not the certificate': '証明書ではなく公開鍵がハッシュされています',
  'the PEM text was hashed, not the certificate': '証明書ではなく PEM テキストがハッシュされています',
  'the hash was taken as hexadecimal text': 'ハッシュが 16 進数の文字列として使われています',
  'server does not require SMB signing': 'サーバーが SMB 署名を必須としていません',
  'The NEGOTIATE response of the server lacks SIGNING_REQUIRED': 'サーバーの NEGOTIATE 応答に SIGNING_REQUIRED がない',
  'The frames of a session with that server': 'そのサーバーとのセッションのフレーム',
  'What the client demands protects its own session only; domain controllers are NS-SG-003':
    'クライアントの要求は自身のセッションだけを保護します。ドメイン コントローラーは NS-SG-003 です',
  'Set RequireSecuritySignature on the server: without it, an attacker chooses a client that does not sign':
    'サーバーに RequireSecuritySignature を設定する: なければ、攻撃者は署名しないクライアントを選べます',
  'its NEGOTIATE response says: signing {0}': 'NEGOTIATE 応答の内容: 署名は {0}',
  'NTLM in TLS without channel binding': 'チャネル バインドのない TLS の中の NTLM',
  'The AUTHENTICATE_MESSAGE inside TLS has no MsvAvChannelBindings':
    'TLS の中の AUTHENTICATE_MESSAGE に MsvAvChannelBindings がない',
  'In clear there is no channel to bind to; a token that is not visible says nothing; zero is NS-CB-005':
    '平文ではバインドするチャネルがありません。観測できないトークンからは何も言えません。0 の場合は NS-CB-005 です',
  'Update the client, then demand channel bindings on the server (Extended Protection)':
    'クライアントを更新し、その後サーバーでチャネル バインドを必須にする (拡張保護)',
  'IIS: extendedProtection tokenChecking="Require"': 'IIS: extendedProtection tokenChecking="Require"',
  'LdapEnforceChannelBinding 2': 'LdapEnforceChannelBinding 2',
  'the token names no channel': 'トークンがチャネルを指定していません',
  'NTLM in TLS with a zero channel binding': 'チャネル バインドが 0 の、TLS の中の NTLM',
  'The channel binding inside TLS is sixteen zero bytes: the application passed none':
    'TLS の中のチャネル バインドが 16 バイトの 0: アプリケーションが何も渡していない',
  'In clear, zero is right': '平文では 0 が正しい値です',
  'Have the application pass the bindings of its TLS connection, then demand them on the server':
    'アプリケーションが TLS 接続のバインドを渡すようにし、その後サーバーで必須にする',
  'update the HTTP or LDAP library of the client': 'クライアントの HTTP または LDAP ライブラリを更新する',
  'the binding is all zero': 'バインドがすべて 0 です',
  'channel binding demanded, client failed': 'チャネル バインドが必須で、クライアントが失敗しました',
  'A logon ended in 80090346 (SEC_E_BAD_BINDINGS) or STATUS_BAD_BINDINGS':
    'ログオンが 80090346 (SEC_E_BAD_BINDINGS) または STATUS_BAD_BINDINGS で終了',
  'The answer with the code': 'コードを含む応答',
  'Wrong passwords have other codes (data 52e)': 'パスワードの誤りは別のコードです (data 52e)',
  'Update the client so that it sends channel bindings': 'チャネル バインドを送るようにクライアントを更新する',
  'event 3039 on the domain controller names the client':
    'ドメイン コントローラーのイベント 3039 でクライアントが分かります',
  'LDAP server demands signing, client failed': 'LDAP サーバーが署名を必須とし、クライアントが失敗しました',
  'A bind ended in result 8, strongerAuthRequired': 'バインドが結果 8、strongerAuthRequired で終了',
  'The bind and its answer': 'バインドとその応答',
  'The server is right: the finding is about the client; scanners ask so on purpose':
    'サーバーは正しく動作しています: この検出事項はクライアントについてのものです。スキャナーは意図してこのように要求します',
  'Change the client: it bound without integrity and was refused':
    'クライアントを変更する: 整合性なしでバインドし、拒否されました',
  'use signing (GSS-SPNEGO with LDAPClientIntegrity 2) or TLS in the client':
    'クライアントで署名 (LDAPClientIntegrity 2 の GSS-SPNEGO) または TLS を使う',
  'event 2888 counts such clients': 'イベント 2888 がこのようなクライアントを数えます',
  'result 8, strongerAuthRequired': '結果 8、strongerAuthRequired',
  'RPC below packet integrity': 'パケットの整合性に満たない RPC',
  'A security context of RPC at level none, connect, call or packet':
    'レベル none、connect、call、packet のいずれかの RPC セキュリティ コンテキスト',
  'The bind of the security context': 'セキュリティ コンテキストのバインド',
  'The endpoint mapper is anonymous by design; a refused bind is no use. Connect level and below on an interface that is relayed in practice is NS-SG-015; a pipe of a signed SMB session stays here':
    'エンドポイント マッパーは仕様上匿名です。拒否されたバインドは使用ではありません。実際に中継されるインターフェイスでの connect レベル以下は NS-SG-015 です。署名された SMB セッションのパイプはこちらに含まれます',
  'Have the client ask for packet integrity or privacy, and the server demand it: what is called below it can be relayed and changed':
    'クライアントがパケットの整合性またはプライバシーを求め、サーバーが必須とするようにする: それに満たない呼び出しは中継と変更が可能です',
  'old SMB dialect': '古い SMB ダイアレクト',
  'Dialect 2.0.2 or 2.1 was chosen: no protection of the negotiation, no encryption':
    'ダイアレクト 2.0.2 または 2.1 が選ばれた: ネゴシエーションの保護も暗号化もない',
  'The frames of a session': 'セッションのフレーム',
  'A server that chooses a newer dialect with other clients has nothing to mend':
    'ほかのクライアントとは新しいダイアレクトを選ぶサーバーに、対処するものはありません',
  'Update the side that knows nothing newer': '新しいものを使えない側を更新する',
  'Samba: server max protocol = SMB3': 'Samba: server max protocol = SMB3',
  'firmware of the appliance': 'アプライアンスのファームウェア',
  'RDP with its own security, without TLS': 'TLS なしの、独自のセキュリティによる RDP',
  'The server chooses the standard security of RDP, or knows nothing else':
    'サーバーが RDP の標準セキュリティを選んだか、ほかを知らない',
  'The connection request and its confirmation': '接続要求とその確認',
  'A server that refuses the client (RDP_NEG_FAILURE) chose nothing; HYBRID, RDSTLS and RDSAAD are better':
    'クライアントを拒否したサーバー (RDP_NEG_FAILURE) は何も選んでいません。HYBRID、RDSTLS、RDSAAD はより安全です',
  'Demand network level authentication: RC4 with a key that nobody checks hides no password from who is in the middle':
    'ネットワーク レベル認証を必須にする: 誰も確認しないキーの RC4 では、間にいる者にパスワードを隠せません',
  'Group Policy: Require user authentication for remote connections by using Network Level Authentication':
    'グループ ポリシー: リモート接続にネットワーク レベル認証を使用したユーザー認証を必要とする',
  'Group Policy: Require use of specific security layer: SSL':
    'グループ ポリシー: 特定のセキュリティ レイヤーの使用を必要とする: SSL',
  'update clients that do not offer CredSSP': 'CredSSP を提示しないクライアントを更新する',
  'RDP in TLS without network level authentication': 'ネットワーク レベル認証のない TLS の中の RDP',
  'The server chooses TLS without CredSSP (SSL): the password goes to whoever holds the certificate':
    'サーバーが CredSSP のない TLS (SSL) を選んだ: パスワードは証明書を持つ者に渡る',
  'With CredSSP (HYBRID) the logon is inside TLS and not visible: nothing is said about it. RDSTLS and RDSAAD have credentials of their own':
    'CredSSP (HYBRID) ではログオンは TLS の中で観測できません: 何も言いません。RDSTLS と RDSAAD には独自の資格情報があります',
  'Demand network level authentication on the server, and update clients that do not offer CredSSP':
    'サーバーでネットワーク レベル認証を必須にし、CredSSP を提示しないクライアントを更新する',
  'domain controller does not require SMB signing': 'ドメイン コントローラーが SMB 署名を必須としていません',
  'The NEGOTIATE response of a host that answers as a KDC lacks SIGNING_REQUIRED':
    'KDC として応答するホストの NEGOTIATE 応答に SIGNING_REQUIRED がない',
  'A session with it, and an answer of its KDC': 'そのホストとのセッションと、その KDC の応答',
  'Only an address that itself issued tickets counts as a domain controller; KDC proxies and IAKERB servers do not':
    '自らチケットを発行したアドレスだけをドメイン コントローラーとみなします。KDC プロキシと IAKERB サーバーは含みません',
  'Require SMB signing on every domain controller: it is the default, somebody took it away':
    'すべてのドメイン コントローラーで SMB 署名を必須にする: 既定値であり、誰かが外しています',
  'Default Domain Controllers Policy: Microsoft network server: Digitally sign communications (always)':
    '既定のドメイン コントローラー ポリシー: Microsoft ネットワーク サーバー: 常に通信にデジタル署名を行う',
  'Samba: server signing = mandatory': 'Samba: server signing = mandatory',
  'RPC at level {0}': 'レベル {0} の RPC',
  'WinRM in clear': '平文の WinRM',
  '{0} in clear': '平文の {0}',
  'an interface that was not seen': '観測されなかったインターフェイス',
  'an SMB session without a key': 'キーのない SMB セッション',
  'a named pipe': '名前付きパイプ',
  'the pipe {0}': 'パイプ {0}',
  'an encrypted SMB session': '暗号化された SMB セッション',
  'a signed SMB session, whose signatures protect it': '署名された SMB セッション (その署名が保護します)',
  'an unsigned SMB session': '署名のない SMB セッション',
  'an SMB session whose signing was not seen': '署名が観測されなかった SMB セッション',
  'it was made for the certificate {0}': '証明書 {0} のために作られました',
  'the captures do not show the certificate that it was made for':
    '何の証明書のために作られたかはキャプチャにありません',
}
