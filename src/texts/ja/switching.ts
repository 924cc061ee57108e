/**
 * Japanese. Switches of Windows, what they do to a logon, the plan, gates. Policies are called as Japanese Windows
 * calls them.
 */
import type { Catalogue } from '../text.ts'

export const JA_SWITCHING: Catalogue = {
  'Restrict NTLM: Outgoing NTLM traffic to remote servers: Deny all':
    'NTLM を制限する: リモート サーバーに対する送信 NTLM トラフィック: すべて拒否する',
  'Restrict NTLM: Incoming NTLM traffic: Deny all domain accounts':
    'NTLM を制限する: 着信 NTLM トラフィック: すべてのドメイン アカウントを拒否する',
  'Restrict NTLM: Incoming NTLM traffic: Deny all accounts':
    'NTLM を制限する: 着信 NTLM トラフィック: すべてのアカウントを拒否する',
  'Restrict NTLM: NTLM authentication in this domain: {0}': 'NTLM を制限する: このドメイン内の NTLM 認証: {0}',
  'Deny for domain accounts to domain servers': 'ドメイン サーバーに対するドメイン アカウントを拒否する',
  'Deny for domain accounts': 'ドメイン アカウントを拒否する',
  'Deny for domain servers': 'ドメイン サーバーを拒否する',
  'Deny all': 'すべて拒否する',
  'Block NTLM (LM, NTLM, NTLMv2) of the SMB client': 'SMB クライアントの NTLM (LM、NTLM、NTLMv2) をブロック',
  'LAN Manager authentication level 5: NTLMv2 alone, LM and NTLM refused':
    'LAN Manager 認証レベル 5: NTLMv2 のみ、LM と NTLM は拒否',
  'Microsoft network server and client: Digitally sign communications (always)':
    'Microsoft ネットワーク サーバーとクライアント: 常に通信にデジタル署名を行う',
  'Domain controller: LDAP server signing requirements: Require signing':
    'ドメイン コントローラー: LDAP サーバー署名必須: 署名を必要とする',
  'Channel binding required: LDAP channel binding token Always, Extended Protection Required':
    'チャネル バインドを必須に: LDAP チャネル バインド トークン「常に」、拡張保護「必須」',
  'Kerberos without RC4 and DES': 'RC4 と DES を使わない Kerberos',
  'SMB 1 off': 'SMB 1 を無効に',
  'Insecure guest logons off': '安全でないゲスト ログオンを無効に',
  'NTLMv1-derived credentials blocked for single sign-on': 'シングル サインオンで NTLMv1 由来の資格情報をブロック',

  '{0}\\RestrictNTLMInDomain = {1}, on the domain controllers':
    '{0}\\RestrictNTLMInDomain = {1} (ドメイン コントローラー)',
  '{0}\\MSV1_0\\RestrictSendingNTLMTraffic = 2, on clients':
    '{0}\\MSV1_0\\RestrictSendingNTLMTraffic = 2 (クライアント)',
  '{0}\\MSV1_0\\RestrictReceivingNTLMTraffic = 1, on servers':
    '{0}\\MSV1_0\\RestrictReceivingNTLMTraffic = 1 (サーバー)',
  '{0}\\MSV1_0\\RestrictReceivingNTLMTraffic = 2, on servers':
    '{0}\\MSV1_0\\RestrictReceivingNTLMTraffic = 2 (サーバー)',
  '{0}\\LmCompatibilityLevel = 5, on domain controllers and servers':
    '{0}\\LmCompatibilityLevel = 5 (ドメイン コントローラーとサーバー)',
  '{0}\\MSV1_0\\BlockNtlmv1SSO = 1; the default from October 2026 on where Credential Guard is off':
    '{0}\\MSV1_0\\BlockNtlmv1SSO = 1 (Credential Guard が無効な場合、2026 年 10 月以降の既定値)',
  'Set-SmbClientConfiguration -BlockNTLM $true, or HKLM\\Software\\Policies\\Microsoft\\Windows\\LanmanWorkstation\\BlockNTLM = 1':
    'Set-SmbClientConfiguration -BlockNTLM $true、または HKLM\\Software\\Policies\\Microsoft\\Windows\\LanmanWorkstation\\BlockNTLM = 1',
  'RequireSecuritySignature = 1 under LanmanServer\\Parameters and LanmanWorkstation\\Parameters; the default of 24H2 and Server 2025':
    'LanmanServer\\Parameters と LanmanWorkstation\\Parameters の RequireSecuritySignature = 1 (24H2 と Server 2025 の既定値)',
  'HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters\\LDAPServerIntegrity = 2, on domain controllers':
    'HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters\\LDAPServerIntegrity = 2 (ドメイン コントローラー)',
  'LdapEnforceChannelBinding = 2 under NTDS\\Parameters; IIS: Extended Protection Required; others by their vendor':
    'NTDS\\Parameters の LdapEnforceChannelBinding = 2; IIS: 拡張保護「必須」; その他はベンダーの設定',
  'Configure encryption types allowed for Kerberos: AES alone; msDS-SupportedEncryptionTypes = 0x18 on accounts':
    'Kerberos で許可する暗号化の種類を構成する: AES のみ; アカウントの msDS-SupportedEncryptionTypes = 0x18',
  'Set-SmbServerConfiguration -EnableSMB1Protocol $false; Remove-WindowsFeature FS-SMB1':
    'Set-SmbServerConfiguration -EnableSMB1Protocol $false; Remove-WindowsFeature FS-SMB1',
  'AllowInsecureGuestAuth = 0 under LanmanWorkstation\\Parameters; the default of Windows 11 24H2':
    'LanmanWorkstation\\Parameters の AllowInsecureGuestAuth = 0 (Windows 11 24H2 の既定値)',

  'domain controllers of one domain': '1 つのドメインのドメイン コントローラー',
  'Windows clients, whatever the server and the account': 'Windows クライアント (サーバーとアカウントを問わない)',
  'Windows servers, accounts of a domain': 'Windows サーバー、ドメインのアカウント',
  'Windows servers, whatever the account': 'Windows サーバー (アカウントを問わない)',
  'SMB of clients of Windows 11 24H2 or Windows Server 2025 and later':
    'Windows 11 24H2、Windows Server 2025 以降のクライアントの SMB',
  'who checks the logon: domain controllers, and servers for their own accounts':
    'ログオンを検査する側: ドメイン コントローラー、および自身のアカウントについてはサーバー',
  'LDAP without TLS': 'TLS なしの LDAP',
  'NTLM and Kerberos inside TLS': 'TLS の中の NTLM と Kerberos',
  'Kerberos tickets': 'Kerberos のチケット',
  'SMB of Windows clients': 'Windows クライアントの SMB',
  'Windows 11 24H2, Windows Server 2025 and later, the password of the logged-on user':
    'Windows 11 24H2、Windows Server 2025 以降、ログオン中のユーザーのパスワード',

  'a Windows host under the policy authenticates to no remote server with NTLM, but to those of its list of exceptions':
    'ポリシーの適用された Windows は、例外リストにあるものを除き、リモート サーバーに NTLM で認証しません',
  'a Windows host under the policy refuses NTLM of domain accounts, and takes that of its own accounts':
    'ポリシーの適用された Windows は、ドメイン アカウントの NTLM を拒否し、自身のアカウントの NTLM は受け入れます',
  'a Windows host under the policy refuses all NTLM; there is no list of exceptions':
    'ポリシーの適用された Windows は、すべての NTLM を拒否します。例外リストはありません',
  'the domain controllers refuse NTLM of accounts of the domain to servers of the domain, but to those of the list':
    'ドメイン コントローラーは、ドメインのアカウントからドメインのサーバーへの NTLM を、リストにあるものを除き拒否します',
  'the domain controllers refuse NTLM of accounts of the domain, but to servers of the list':
    'ドメイン コントローラーは、ドメインのアカウントの NTLM を、リストにあるサーバーを除き拒否します',
  'the domain controllers refuse NTLM to all servers of the domain, but to those of the list; servers that are not joined are not touched':
    'ドメイン コントローラーは、リストにあるものを除き、ドメインのすべてのサーバーへの NTLM を拒否します。参加していないサーバーは対象外です',
  'the domain controllers refuse NTLM of their servers and for their accounts, but to servers of the list':
    'ドメイン コントローラーは、リストにあるサーバーを除き、そのサーバーとアカウントの NTLM を拒否します',
  'the SMB client uses NTLM for no remote server, but for those of its list of exceptions':
    'SMB クライアントは、例外リストにあるものを除き、リモート サーバーに NTLM を使いません',
  'LM and NTLMv1 responses are refused; a Windows client with the setting sends NTLMv2':
    'LM と NTLMv1 の応答は拒否されます。この設定の Windows クライアントは NTLMv2 を送ります',
  'sessions that cannot be signed are refused: guests, null sessions, sides without signing':
    '署名できないセッションは拒否されます: ゲスト、null セッション、署名のない相手',
  'simple binds in clear and SASL binds without signing are refused; LDAP in TLS is not touched':
    '平文の簡易バインドと署名のない SASL バインドは拒否されます。TLS の中の LDAP は対象外です',
  'a logon in TLS that is bound to no channel, or to another one, is refused; simple binds are not touched':
    'どのチャネルにもバインドされない、または別のチャネルにバインドされた TLS の中のログオンは拒否されます。簡易バインドは対象外です',
  'domain controllers issue no ticket with RC4 or DES: an account without AES keys gets none, and its clients fall back to NTLM or fail':
    'ドメイン コントローラーは RC4 や DES のチケットを発行しません: AES キーのないアカウントはチケットを得られず、クライアントは NTLM にフォールバックするか失敗します',
  'what can speak SMB 1 alone connects no more': 'SMB 1 しか使えないものは接続できなくなります',
  'the SMB client takes no session that the server made a guest':
    'SMB クライアントは、サーバーがゲストとしたセッションを受け入れません',
  'NTLMv1 and MS-CHAP with the password of the logged-on user are refused on the client':
    'ログオン中のユーザーのパスワードを使う NTLMv1 と MS-CHAP は、クライアントで拒否されます',

  'what happens to MS-CHAP over RADIUS or PPP, which a domain controller checks as well':
    '同じくドメイン コントローラーが検査する、RADIUS や PPP の MS-CHAP がどうなるか',
  'accounts and servers of other domains across a trust': '信頼関係の先にある別のドメインのアカウントとサーバー',
  'programs with an NTLM of their own (curl, Java, printers), which no policy of Windows binds':
    '独自の NTLM を持つプログラム (curl、Java、プリンター)。Windows のポリシーは効きません',
  'accounts with the name of the client as their domain, which a server may take for its own':
    'クライアント名をドメインとするアカウント。サーバーが自身のものとみなすことがあります',
  'servers with an NTLM of their own (Samba, appliances), which have settings of their own':
    '独自の NTLM を持つサーバー (Samba、アプライアンス)。独自の設定があります',
  'whether a server is matched by any of its names, or by the one that was typed alone: the list is written with the one that was typed':
    'サーバーがどの名前でも一致するのか、入力された名前だけで一致するのか: リストは入力された名前で書き出します',
  'servers that are no Windows and check their own accounts: they have a setting of their own':
    '自身のアカウントを検査する、Windows でないサーバー: 独自の設定があります',
  'devices that say they can sign and do it wrongly': '署名できると言いながら、誤った署名をする機器',
  'directories that are no Active Directory': 'Active Directory でないディレクトリ',
  'proxies and load balancers that end TLS in front of the server':
    'サーバーの手前で TLS を終端するプロキシとロード バランサー',
  'whether the account has AES keys that its settings do not offer: then a change of the setting alone mends it':
    'アカウントに AES キーがあるのに設定が提示していないかどうか: その場合は設定の変更だけで済みます',
  'cached RC4 tickets of a service that takes AES alone: they fail until klist purge or their end':
    'AES のみを受け入れるサービスの、キャッシュされた RC4 チケット: klist purge または期限まで失敗します',
  'devices that chose SMB 1 though they have SMB 2, by a setting of their own':
    'SMB 2 があるのに、独自の設定で SMB 1 を選んだ機器',
  'clients that are no Windows: they have settings of their own, and are counted as if bound':
    'Windows でないクライアント: 独自の設定があり、対象として数えています',
  'whether the password was that of the logged-on user or was typed: the wire does not show it':
    'パスワードがログオン中のユーザーのものか、入力されたものか: 通信からは分かりません',

  'RestrictNTLMInDomain = 0 (Disable) on the domain controllers':
    'ドメイン コントローラーで RestrictNTLMInDomain = 0 (無効)',
  'RestrictSendingNTLMTraffic = 1 (Audit all) or 0 on the clients':
    'クライアントで RestrictSendingNTLMTraffic = 1 (すべて監査する) または 0',
  'RestrictReceivingNTLMTraffic = 0 on the servers': 'サーバーで RestrictReceivingNTLMTraffic = 0',
  'Set-SmbClientConfiguration -BlockNTLM $false, or the policy not configured':
    'Set-SmbClientConfiguration -BlockNTLM $false、またはポリシーを未構成に',
  'LmCompatibilityLevel back to what it was (3 is the default of Windows)':
    'LmCompatibilityLevel を元の値に (Windows の既定値は 3)',
  'RequireSecuritySignature = 0 (Set-SmbServerConfiguration -RequireSecuritySignature $false)':
    'RequireSecuritySignature = 0 (Set-SmbServerConfiguration -RequireSecuritySignature $false)',
  'LDAPServerIntegrity = 1 (None) on the domain controllers':
    'ドメイン コントローラーで LDAPServerIntegrity = 1 (なし)',
  'LdapEnforceChannelBinding = 1 (When supported); IIS: Extended Protection Accept':
    'LdapEnforceChannelBinding = 1 (サポートされている場合); IIS: 拡張保護「許可」',
  'msDS-SupportedEncryptionTypes with 0x4 on the one account, never on all':
    '対象のアカウントだけ msDS-SupportedEncryptionTypes に 0x4 を加える。全アカウントには行わない',
  'Set-SmbServerConfiguration -EnableSMB1Protocol $true on the one server':
    '対象のサーバーだけ Set-SmbServerConfiguration -EnableSMB1Protocol $true',
  'AllowInsecureGuestAuth = 1 on the one client': '対象のクライアントだけ AllowInsecureGuestAuth = 1',
  'BlockNtlmv1SSO = 0 (audit) on the one client': '対象のクライアントだけ BlockNtlmv1SSO = 0 (監査)',

  'at the next refresh of the policy (gpupdate /force at once); no restart':
    '次のポリシー更新時 (gpupdate /force で即時)、再起動は不要',
  'at the next refresh of the policy on every domain controller (gpupdate /force); no restart':
    'すべてのドメイン コントローラーの次のポリシー更新時 (gpupdate /force)、再起動は不要',
  'for connections made from then on; existing ones end with net use /delete or a new logon':
    '以後の接続から。既存の接続は net use /delete または再ログオンで終わります',
  'for connections made from then on': '以後の接続から',
  'at once on domain controllers; IIS after a recycle of the pool':
    'ドメイン コントローラーではすぐに、IIS はプールのリサイクル後',
  'with the next ticket: klist purge on the client, or the end of the old one (10 hours by default)':
    '次のチケットから: クライアントで klist purge、または古いチケットの期限後 (既定は 10 時間)',
  'at once on the server; the feature itself needs a restart': 'サーバーではすぐに。機能そのものには再起動が必要',
  'after a restart': '再起動後',
  'the client that failed, from before it connects, and its domain controller (port 88)':
    '失敗したクライアント (接続前から) とそのドメイン コントローラー (ポート 88)',
  'a domain controller (Netlogon of the servers) and the server that refuses':
    'ドメイン コントローラー (サーバーの Netlogon) と拒否したサーバー',
  'the server that refuses': '拒否したサーバー',
  'the server that refuses, and the domain controller that it asks':
    '拒否したサーバーと、それが問い合わせるドメイン コントローラー',
  'a domain controller, port 389': 'ドメイン コントローラー、ポート 389',
  'the server that refuses, with TLS keys where there are any': '拒否したサーバー。TLS のキーがあれば合わせて',
  'the domain controller, port 88, and the service': 'ドメイン コントローラー (ポート 88) とサービス',
  '4004 in {0} on the domain controllers': 'ドメイン コントローラーの {0} の 4004',
  '4001 in {0} on the client': 'クライアントの {0} の 4001',
  '4003 in {0} on the server': 'サーバーの {0} の 4003',
  '4002 and 4003 in {0} on the server': 'サーバーの {0} の 4002 と 4003',
  '4024 and 4025 in {0} on the client': 'クライアントの {0} の 4024 と 4025',
  'Microsoft-Windows-SMBClient/Security on the client (ids were not looked up)':
    'クライアントの Microsoft-Windows-SMBClient/Security (イベント ID は未確認)',
  '4776 and 4625 (status 0xC000006A or 0xC000006D) on who checks it':
    '検査する側の 4776 と 4625 (状態 0xC000006A または 0xC000006D)',
  'Microsoft-Windows-SMBServer/Security and SMBClient/Security (ids were not looked up)':
    'Microsoft-Windows-SMBServer/Security と SMBClient/Security (イベント ID は未確認)',
  '2888 and 2889 in Directory Service on the domain controller':
    'ドメイン コントローラーの Directory Service の 2888 と 2889',
  '3039 to 3041 in Directory Service on the domain controller':
    'ドメイン コントローラーの Directory Service の 3039 から 3041',
  '201 to 209 in System (Kdcsvc) on the domain controllers; 4769 with its ticket encryption type':
    'ドメイン コントローラーの System (Kdcsvc) の 201 から 209; チケットの暗号化の種類を含む 4769',
  '3000 in Microsoft-Windows-SMBServer/Audit where auditing of SMB 1 is on':
    'SMB 1 の監査が有効な場合、Microsoft-Windows-SMBServer/Audit の 3000',
  '31017 in Microsoft-Windows-SMBClient/Security on the client':
    'クライアントの Microsoft-Windows-SMBClient/Security の 31017',

  'it uses NTLM, which the switch denies here': 'NTLM を使っており、この設定が拒否します',
  'it uses no NTLM': 'NTLM を使っていません',
  'no Windows host by the version that it sends, or it sends none, as no Windows with this policy does: it is not bound':
    '送ったバージョンによれば Windows ではないか、この設定を持つ Windows なら必ず送るバージョンを送っていません: 対象になりません',
  'nothing tells whether the host that the switch would bind is Windows':
    '設定の対象となるホストが Windows かどうか分かりません',
  'an account of the server itself, which no domain controller is asked about':
    'サーバー自身のアカウントで、ドメイン コントローラーには問い合わせません',
  'nothing tells whether the account is one of the domain or of the server':
    'アカウントがドメインのものかサーバーのものか分かりません',
  'the server belongs to no domain by the names that it gives':
    '名乗った名前によれば、サーバーはドメインに属していません',
  'nothing tells whether the server belongs to the domain': 'サーバーがドメインに属するかどうか分かりません',
  'it belongs to another domain, whose controllers have a policy of their own':
    '別のドメインに属し、そのドメイン コントローラーには独自のポリシーがあります',
  'the text of the vendor does not say what happens to it': 'どうなるかがベンダーの文書に書かれていません',
  'it is not SMB': 'SMB ではありません',
  'the client is older than the switch': 'クライアントはこの設定より古いバージョンです',
  'LM or NTLMv1, which is refused then': 'LM または NTLMv1 で、拒否されます',
  'its NTLM version was not seen': 'NTLM のバージョンは観測されませんでした',
  'the setting makes a Windows client send NTLMv2 instead; whether it then works was not seen':
    'この設定で Windows クライアントは NTLMv2 を送ります。それで動作するかは観測されていません',
  'one side cannot sign: a guest, a null session, or signing is switched off':
    '片方が署名できません: ゲスト、null セッション、または署名が無効です',
  'it is signed or encrypted, or both sides can sign': '署名または暗号化されているか、双方が署名できます',
  'what one side would do was not seen': '片方の動作は観測されませんでした',
  'LDAP without TLS and without signing': 'TLS も署名もない LDAP です',
  'LDAP that is signed, sealed or in TLS': '署名または封印された、または TLS の中の LDAP です',
  'what protects the messages after the bind was not seen': 'バインド後のメッセージの保護は観測されませんでした',
  'no logon: an anonymous bind': 'ログオンではありません: 匿名バインドです',
  'in TLS, and the logon is bound to nothing, or to another channel':
    'TLS の中で、ログオンがどのチャネルにも、または別のチャネルにバインドされています',
  'bound to this TLS channel': 'この TLS チャネルにバインドされています',
  'in TLS, and the binding could not be checked': 'TLS の中で、バインドを検証できませんでした',
  'no channel to bind to, or no logon that is bound':
    'バインドするチャネルがないか、バインドされるログオンではありません',
  'its ticket is encrypted with RC4 or DES': 'チケットが RC4 または DES で暗号化されています',
  'its ticket is encrypted with AES': 'チケットは AES で暗号化されています',
  'the encryption of its ticket was not seen': 'チケットの暗号化は観測されませんでした',
  'SMB 2 or later': 'SMB 2 以降です',
  'the session is a guest': 'セッションはゲストです',
  'the session is no guest': 'セッションはゲストではありません',
  'what became of the session was not seen': 'セッションがどうなったかは観測されませんでした',
  'NTLMv1 or MS-CHAP: refused where the password is taken from the logon of the user, which the wire does not show':
    'NTLMv1 または MS-CHAP: パスワードがユーザーのログオンから取られた場合に拒否されますが、通信からは分かりません',
  'its server stands on the list of exceptions': 'サーバーが例外リストにあります',

  'no authentication was seen: nothing can be said': '認証は観測されませんでした: 何も言えません',
  'one day: nothing can be said': '1 日分だけです: 何も言えません',
  '{0} days: too few to say how much was not seen ({1} are needed)':
    '{0} 日分では、未観測がどれだけあるか言えません ({1} 日分が必要)',
  'no NTLM was seen': 'NTLM は観測されませんでした',
  'the last new NTLM pair was seen on {0}, {1} with logons ago':
    '最後の新しい NTLM の組は {0} に観測されました (ログオンのある日で {1}前)',
  '1 day': '1 日',
  '{0} days': '{0} 日',
  '{0} NTLM pairs in {1} days, at least {2} in all; {3}; month-end and yearly jobs are not in it':
    '{1} 日間に NTLM の組 {0}、全体では少なくとも {2}; {3}; 月末処理や年次処理は含まれません',
  'gate {0}': 'ゲート {0}',
  'no new NTLM pair for {0} days, on at least {1} workdays, and nothing lost':
    '{0} 日間 (営業日 {1} 日以上) 新しい NTLM の組がなく、欠落もない',
  'a new NTLM pair was seen on {0}': '{0} に新しい NTLM の組が観測されました',
  '{0} days with logons, {1} of them workdays: {2}': 'ログオンのある日 {0} 日、うち営業日 {1} 日: {2}',
  '{0} logons are not listed: their days are not known': '{0} 件のログオンは列挙されておらず、日付が分かりません',
  'Capture, or load into stored facts, {0} days with at least {1} workdays, with nothing lost.':
    '{0} 日分 (営業日 {1} 日以上) を欠落なくキャプチャするか、蓄積データに読み込んでください。',
  'nobody was turned away in the last {0} hours': '直近 {0} 時間に拒否されたものがない',
  'the captures hold less than {0} hours': 'キャプチャは {0} 時間に足りません',
  'Capture {0} hours after the change, with nothing lost.': '変更後 {0} 時間を欠落なくキャプチャしてください。',
  '{0} bytes in {1} holes were sent and are not in the captures':
    '{1} か所の欠落で {0} バイトが送信されましたが、キャプチャにありません',
  '{0} packets were on the wire and were not written': '{0} パケットが通信路にありましたが、書き込まれませんでした',
  'guest sessions': 'ゲスト セッション',
  'no SMB signing': 'SMB 署名なし',
  'no Kerberos offered': 'Kerberos の提示なし',
  'accounts of its own': '独自のアカウント',
  'software that chooses NTLM': 'NTLM を選ぶソフトウェア',

  Inventory: '棚卸し',
  Paths: '経路',
  Devices: '機器',
  Switches: '設定の切り替え',
  'Find out what is there: owners of all hosts, causes that were not decided, weeks of captures until nothing new comes.':
    '現状を把握する: すべてのホストの所有者、判定できていない原因、新しいものが出なくなるまで数週間のキャプチャ。',
  'Mend names, SPNs, ways to the KDC, encryption types: one change ends many logons.':
    '名前、SPN、KDC への経路、暗号化の種類を直す: 1 つの変更で多くのログオンがなくなります。',
  'Join, update, replace or except what cannot use Kerberos, and what uses accounts of its own.':
    'Kerberos を使えないもの、独自のアカウントを使うものを、参加、更新、更改、または例外とする。',
  'Throw one switch after another, wave by wave: first where nothing fails, each behind its gates.':
    '設定を 1 つずつ、ウェーブごとに切り替える: まず何も失敗しないところから、それぞれゲートを通して。',
  'The road to NTLM off': 'NTLM 無効化の計画',
  From: '対象',
  'No NTLM was seen: nothing to plan. That is no proof that there is none.':
    'NTLM は観測されませんでした: 計画するものはありません。NTLM がないことの証明ではありません。',
  Stages: '段階',
  stage: '段階',
  months: '月',
  dates: '日付',
  pairs: '組',
  'NTLM logons': 'NTLM ログオン',
  'Is the inventory complete?': '棚卸しは完了したか',
  'Hosts that nobody owns': '所有者のいないホスト',
  'No line of the inventory names them: find their owners first.':
    'インベントリのどの行にもありません: まず所有者を探してください。',
  "No inventory was given (--inventory hosts.csv): every pair is nobody's.":
    'インベントリ (--inventory hosts.csv) が指定されていません: すべての組が所有者なしです。',
  'Mend first': '最初に直すもの',
  'Devices in need of care': '手当ての必要な機器',
  'Switches, in this order': '設定の切り替え (この順に)',
  'Gates between stages': '段階の間のゲート',
  'Each is a command of this program: 0 go on, 1 stop, 3 it was not observed. NEW.json is a report of the last weeks, BEFORE.json of the time before the change.':
    'いずれも本プログラムのコマンドです: 0 は続行、1 は中止、3 は未観測。NEW.json は直近数週間のレポート、BEFORE.json は変更前のレポートです。',
  'Rollback sheets': '切り戻し手順',
  'Every pair with NTLM': 'NTLM のあるすべての組',
  wave: 'ウェーブ',
  owner: '所有者',
  service: 'サービス',
  cause: '原因',
  logons: 'ログオン',
  fix: '対処',
  proof: '根拠',
  host: 'ホスト',
  site: '拠点',
  'what it does': '該当する動作',
  switch: '設定',
  fails: '失敗する',
  'of these, mended first': 'うち先に直せるもの',
  'cannot be said': '判断不能',
  'goes on': '継続する',
  Before: '変更前',
  After: '変更後',
  'Set back': '元に戻す設定',
  'Takes effect': '反映時期',
  'Capture meanwhile': 'その間のキャプチャ',
  Events: 'イベント',
  Call: '連絡先',
  'nobody: no owner is known': 'なし: 所有者が分かりません',
  'not decided': '未判定',
  nobody: 'なし',
  'more; use --format csv for all': '件以上あります。すべては --format csv',

  'NTLM is refused or not offered': 'NTLM を拒否する、または提示しない',
  'LM and NTLMv1 are refused': 'LM と NTLMv1 を拒否する',
  'Kerberos is used': 'Kerberos を使う',
  'tickets and session keys use AES': 'チケットとセッション キーが AES を使う',
  'SMB signing is required': 'SMB 署名を必須とする',
  'SMB 3.0 or later is used': 'SMB 3.0 以降を使う',
  'SMB1 is refused or not offered': 'SMB1 を拒否する、または提示しない',
  'logons in TLS are bound to their channel': 'TLS の中のログオンがチャネルにバインドされる',
  'LDAP binds sign, seal or run in TLS': 'LDAP バインドが署名、封印、または TLS の中で行われる',
  'servers are asked for by name': 'サーバーを名前で指定する',
}
