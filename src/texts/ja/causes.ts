/**
 * Japanese. Root causes, what decides them, and what mends them.
 */
import type { Catalogue } from '../text.ts'

export const JA_CAUSES: Catalogue = {
  'Require SMB signing on the server (RequireSecuritySignature), then on the client':
    'サーバーで SMB 署名を必須にし (RequireSecuritySignature)、次にクライアントでも必須にする',
  'Disable SMB1 on server and client; replace devices that know nothing newer':
    'サーバーとクライアントで SMB1 を無効にする。SMB1 しか使えない機器は更改する',
  'Have devices and users log on with certificates (EAP-TLS) instead of MS-CHAP, MS-CHAPv2 and LEAP':
    'MS-CHAP、MS-CHAPv2、LEAP の代わりに、機器と利用者が証明書 (EAP-TLS) でログオンするようにする',
  'Set LmCompatibilityLevel 5 on clients and domain controllers; replace devices that cannot do NTLMv2':
    'クライアントとドメイン コントローラーで LmCompatibilityLevel を 5 に設定する。NTLMv2 を使えない機器は更改する',
  'Use TLS, or a SASL mechanism that does not send the password':
    'TLS を使うか、パスワードを送らない SASL メカニズムを使う',
  'Disable guest access on the server and insecure guest logons on the client':
    'サーバーでゲスト アクセスを無効にし、クライアントで安全でないゲスト ログオンを無効にする',
  'Have the application pass the SPN of the service': 'アプリケーションがサービスの SPN を渡すようにする',
  'KB5073381 (CVE-2026-20833), support.microsoft.com': 'KB5073381 (CVE-2026-20833)、support.microsoft.com',
  'KB5066470, support.microsoft.com': 'KB5066470、support.microsoft.com',
  'domain controllers audit RC4 tickets for accounts without explicit encryption types':
    'ドメイン コントローラーが、暗号化の種類を明示していないアカウントの RC4 チケットを監査',
  'nothing yet': 'まだ何も止まりません',
  'KDCSVC events of the System log name the accounts; RC4DefaultDisablementPhase=2 enforces early':
    'システム ログの KDCSVC イベントにアカウント名が出ます。RC4DefaultDisablementPhase=2 で先に強制できます',
  'domain controllers issue AES tickets only, by default, for accounts without explicit encryption types':
    'ドメイン コントローラーは、暗号化の種類を明示していないアカウントに、既定で AES チケットだけを発行',
  'KDC_ERR_ETYPE_NOSUPP for services without AES keys; a client then often falls back to NTLM':
    'AES キーのないサービスで KDC_ERR_ETYPE_NOSUPP。クライアントはその後 NTLM にフォールバックすることがよくあります',
  'give the account AES keys; the audit mode of RC4DefaultDisablementPhase is the way back until 2026-07':
    'アカウントに AES キーを持たせます。2026-07 までは RC4DefaultDisablementPhase の監査モードに戻せます',
  'the audit mode is gone: only an explicit encryption type of the account still brings RC4':
    '監査モードは廃止。アカウントに暗号化の種類を明示した場合だけ RC4 になります',
  'KDC_ERR_ETYPE_NOSUPP, then NTLM; an RC4 ticket seen after this has an explicit setting, or the controller is not patched':
    'KDC_ERR_ETYPE_NOSUPP、その後 NTLM。これ以降に観測された RC4 チケットは、明示の設定によるものか、更新されていないドメイン コントローラーによるものです',
  'none for the domain; msDS-SupportedEncryptionTypes of the one account, until it has AES keys':
    'ドメイン全体にはありません。そのアカウントの msDS-SupportedEncryptionTypes を、AES キーを持つまで設定します',
  'Windows 11 24H2 and Server 2025 know no NTLMv1 any more, and audit what is derived from it (MS-CHAPv2 with the own logon)':
    'Windows 11 24H2 と Server 2025 は NTLMv1 を使えず、NTLMv1 から派生するもの (自分のログオンによる MS-CHAPv2) を監査します',
  'nothing yet: event 4024 of Microsoft-Windows-NTLM/Operational':
    'まだ何も止まりません: Microsoft-Windows-NTLM/Operational のイベント 4024',
  'BlockNtlmv1SSO=1 under HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 blocks early; not where Credential Guard is on':
    'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0 の BlockNtlmv1SSO=1 で先にブロックできます。Credential Guard が有効な場合を除きます',
  'what is derived from NTLMv1 is blocked by default, where BlockNtlmv1SSO is not set and Credential Guard is off':
    'BlockNtlmv1SSO が設定されておらず Credential Guard が無効な場合、NTLMv1 から派生するものが既定でブロックされます',
  'MS-CHAPv2 with the own logon (VPN, WLAN) stops: event 4025':
    '自分のログオンによる MS-CHAPv2 (VPN、WLAN) が使えなくなります: イベント 4025',
  'BlockNtlmv1SSO=0 audits only; change to certificates (EAP-TLS)':
    'BlockNtlmv1SSO=0 は監査のみ。証明書 (EAP-TLS) に移行します',
  'SMB security hardening in Windows Server 2025 & Windows 11, techcommunity.microsoft.com':
    'SMB security hardening in Windows Server 2025 & Windows 11、techcommunity.microsoft.com',
  'windows-server/identity/manage-ldap-signing-group-policy, learn.microsoft.com':
    'windows-server/identity/manage-ldap-signing-group-policy、learn.microsoft.com',
  'Windows IT Pro Blog of June 2026 on IAKerb and LocalKDC, techcommunity.microsoft.com':
    'Windows IT Pro Blog (2026 年 6 月、IAKerb と LocalKDC)、techcommunity.microsoft.com',
  'Windows 11 24H2 requires SMB signing in both directions, Server 2025 of the servers that it asks':
    'Windows 11 24H2 は送受信の双方で、Server 2025 は接続先のサーバーに、SMB 署名を必須とします',
  'a NAS, printer or guest share that cannot sign: STATUS_INVALID_SIGNATURE, or the connection ends':
    '署名できない NAS、プリンター、ゲスト共有: STATUS_INVALID_SIGNATURE または接続の終了',
  'have the server sign; Set-SmbClientConfiguration -RequireSecuritySignature $false is the way back of one client':
    'サーバーに署名させます。クライアントを個別に戻すには Set-SmbClientConfiguration -RequireSecuritySignature $false',
  'the domain controllers of a new domain on Server 2025 require LDAP signing; an upgraded domain keeps its policy':
    'Server 2025 で新しく作ったドメインのドメイン コントローラーは LDAP 署名を必須とします。アップグレードしたドメインはポリシーを保ちます',
  'binds without signing outside of TLS: strongerAuthRequired (8)':
    'TLS の外での署名のないバインド: strongerAuthRequired (8)',
  'event 2887 counts such binds, event 2889 names their clients; change them before you switch':
    'イベント 2887 がそのようなバインドを数え、イベント 2889 がクライアントを示します。切り替えの前に変更します',
  'previews of Windows hold IAKerb (on) and LocalKDC (off by default)':
    'Windows のプレビューに IAKerb (有効) とローカル KDC (既定では無効) が含まれます',
  'nothing: both are ways to Kerberos where it could not be used before':
    '止まるものはありません。どちらも、これまで Kerberos を使えなかった場面で Kerberos を使うための手段です',
  'registry keys of the preview; look whether the release that you run has them':
    'プレビューのレジストリ キー。お使いのリリースにあるかを確認します',
  'SPN missing: the KDC does not know the service name': 'SPN の未登録: KDC がサービス名を知りません',
  'Register the name on the account that runs the service: setspn -S <class>/<host> <account>':
    'サービスを実行するアカウントに名前を登録する: setspn -S <class>/<host> <account>',
  'setspn -Q {0} (who has it now), then setspn -S {1} {2}{3}; {4} remembers the refusal for 15 minutes (negative cache). setspn -X shows names that are registered twice':
    'setspn -Q {0} (現在の登録先)、次に setspn -S {1} {2}{3}。{4} は拒否を 15 分間記憶します (ネガティブ キャッシュ)。setspn -X で重複した登録が分かります',
  ', or netdom computername {0} /add:{1}': '、または netdom computername {0} /add:{1}',
  'SPN duplicate: more than one account has the service name': 'SPN の重複: 複数のアカウントに同じサービス名があります',
  'Find the accounts (setspn -X) and delete the name from the one that does not run the service: setspn -D <spn> <account>':
    'アカウントを調べ (setspn -X)、サービスを実行していないほうから名前を削除する: setspn -D <spn> <account>',
  'setspn -Q {0} lists the accounts; setspn -D {1} <the account that does not run the service>':
    'setspn -Q {0} でアカウントを列挙し、setspn -D {1} <サービスを実行していないアカウント>',
  'SPN on the wrong account, or a stale service key': '別のアカウントの SPN、または古いサービス キー',
  'Move the SPN to the account that runs the service (setspn -Q finds it), or renew its password or keytab':
    'SPN をサービスを実行するアカウントに移す (setspn -Q で見つかります) か、パスワードまたは keytab を更新する',
  'setspn -Q {0}: if it is not the account that runs the service on {1}, setspn -D it there and setspn -S {2} <account of the service>; if it is, renew its password or keytab (ktpass, net ads keytab create, Reset-ComputerMachinePassword)':
    'setspn -Q {0}: {1} でサービスを実行するアカウントでなければ、そこで setspn -D を行い、setspn -S {2} <サービスのアカウント>。そのアカウントであれば、パスワードまたは keytab を更新する (ktpass、net ads keytab create、Reset-ComputerMachinePassword)',
  'IP address used as the target': '接続先としての IP アドレスの使用',
  'Use the host name; where that is impossible, set TryIPSPN on the client and register host/<address> on the server account':
    'ホスト名を使う。できない場合は、クライアントで TryIPSPN を設定し、サーバーのアカウントに host/<address> を登録する',
  'Connect to {0} instead of {1}; where that is impossible, set TryIPSPN=1 (HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters on {2}) and setspn -S host/{3} {4}; an address that changes hands breaks it':
    '{1} ではなく {0} に接続する。できない場合は、TryIPSPN=1 を設定し ({2} の HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters)、setspn -S host/{3} {4}。アドレスが別の機器に移ると使えなくなります',
  'In the DFS link {0} (given out by {1}) replace {2} by {3}.':
    'DFS リンク {0} ({1} が返したもの) の {2} を {3} に置き換える。',
  'On the web server {0} replace {1} by {2} in the redirect to {3}.':
    'Web サーバー {0} で、{3} へのリダイレクトの {1} を {2} に置き換える。',
  'In DNS {0}: have users go to {1}, or register the alias.':
    'DNS に {0} とある: 利用者を {1} に接続させるか、別名を登録する。',
  'In the file {0}, read just before, replace {1} by {2}.':
    '直前に読み込まれたファイル {0} の {1} を {2} に置き換える。',
  'Look for {0} in {1}, opened just before: if it stands there, replace it by {2}.':
    '直前に開かれた {1} の中で {0} を探す。あれば {2} に置き換える。',
  'Look for {0} in {1} and {2} more such files opened just before: where it stands, replace it by {3}.':
    '直前に開かれた {1} と同じ種類のファイル {2} 個の中で {0} を探す。あれば {3} に置き換える。',
  '{0} was resolved by {1} (an answer of {2}): enter it in DNS, or use {3}.':
    '{0} は {1} で名前解決された ({2} の応答): DNS に登録するか、{3} を使う。',
  '<full name of the server>': '<サーバーの完全な名前>',
  'alias or short name that the KDC does not know': 'KDC が知らない別名または短い名前',
  'Use the full DNS name of the server, or register the alias: netdom computername <server> /add:<alias>':
    'サーバーの完全な DNS 名を使うか、別名を登録する: netdom computername <server> /add:<alias>',
  'Connect to {0}, or register the alias: netdom computername {1} /add:<full name of the alias>, or setspn -S {2} {3}; check the DNS suffix list of {4}':
    '{0} に接続するか、別名を登録する: netdom computername {1} /add:<別名の完全な名前>、または setspn -S {2} {3}。{4} の DNS サフィックスの一覧も確認する',
  'no usable target name given by the application': 'アプリケーションが使用できる接続先名を渡していません',
  'Have the application on {0} pass the SPN of the service on {1}; where it names a user, run the service under an account with an SPN':
    '{0} のアプリケーションが {1} のサービスの SPN を渡すようにする。ユーザーを指定している場合は、SPN のあるアカウントでサービスを実行する',
  'KDC not reachable for the client': 'クライアントから KDC に到達できません',
  'Open ports 88, 464, 389 and 53 from the client to the domain controllers, mend DNS, or use a KDC proxy or IAKERB':
    'クライアントからドメイン コントローラーへのポート 88、464、389、53 を開き、DNS を直すか、KDC プロキシまたは IAKERB を使う',
  'Open TCP and UDP 88, 464, 389, 53 from {0} to {1} (nltest /dsgetdc:<domain> and Test-NetConnection <dc> -Port 88 on the client tell); behind a VPN or firewall use a KDC proxy or IAKERB':
    '{0} から {1} への TCP と UDP の 88、464、389、53 を開く (クライアントで nltest /dsgetdc:<domain> と Test-NetConnection <dc> -Port 88 を実行すると分かります)。VPN やファイアウォールの向こうでは KDC プロキシまたは IAKERB を使う',
  'its domain controllers': 'そのドメイン コントローラー',
  'clock skew': '時刻のずれ',
  'Synchronise the clocks of client, server and KDC (w32tm /resync, NTP)':
    'クライアント、サーバー、KDC の時刻を同期する (w32tm /resync、NTP)',
  'w32tm /query /status and w32tm /resync on {0} and {1} (chronyc or NTP elsewhere)':
    '{0} と {1} で w32tm /query /status と w32tm /resync (Windows 以外では chronyc または NTP)',
  'no common encryption type': '共通の暗号化の種類がありません',
  'Give the account AES keys (set msDS-SupportedEncryptionTypes, reset the password) and renew keytabs':
    'アカウントに AES キーを持たせ (msDS-SupportedEncryptionTypes を設定し、パスワードをリセット)、keytab を更新する',
  'Set msDS-SupportedEncryptionTypes=0x18 on the account of {0}, reset its password (twice where it is old), renew keytabs; check the encryption types that {1} allows':
    '{0} のアカウントに msDS-SupportedEncryptionTypes=0x18 を設定し、パスワードをリセットし (古い場合は 2 回)、keytab を更新する。{1} が許可する暗号化の種類も確認する',
  'the server offers no Kerberos': 'サーバーが Kerberos を提示しません',
  'Join the server to the domain or give it a keytab; replace it where it can do neither':
    'サーバーをドメインに参加させるか keytab を渡す。どちらもできない場合は更改する',
  'Join {0} to the domain or give it a keytab; replace it where it can do neither':
    '{0} をドメインに参加させるか keytab を渡す。どちらもできない場合は更改する',
  'local account of the server': 'サーバーのローカル アカウント',
  'Use a domain account or gMSA instead of the local account; LocalKDC only where Windows has it and it is switched on':
    'ローカル アカウントではなくドメイン アカウントまたは gMSA を使う。ローカル KDC は、Windows が備え、有効にした場合だけ使えます',
  'Replace the local account {0} on {1} by a domain account or gMSA; where it must stay, look whether both Windows have LocalKDC and IAKERB, and switch LocalKDC on':
    '{1} のローカル アカウント {0} をドメイン アカウントまたは gMSA に替える。残す必要がある場合は、双方の Windows がローカル KDC と IAKERB を備えているかを確認し、ローカル KDC を有効にする',
  'cloud account or peer-to-peer identity': 'クラウド アカウントまたはピア ツー ピアの ID',
  'Set up Microsoft Entra Kerberos, or allow PKU2U, for these accounts':
    'これらのアカウントに Microsoft Entra Kerberos を設定するか、PKU2U を許可する',
  'trust or policy does not allow Kerberos': '信頼関係またはポリシーが Kerberos を許可していません',
  'Check trust type, name-suffix routing and selective authentication':
    '信頼の種類、名前サフィックスのルーティング、選択的認証を確認する',
  'Check the trust to the domain of {0}: forest trust instead of external, name-suffix routing (netdom trust /namesuffixes), Allowed to Authenticate for {1}; setspn -F -Q {2}':
    '{0} のドメインへの信頼関係を確認する: 外部の信頼ではなくフォレストの信頼、名前サフィックスのルーティング (netdom trust /namesuffixes)、{1} の「認証を許可」、setspn -F -Q {2}',
  'the user': 'ユーザー',
  'NTLM chosen by the application or its protocol': 'アプリケーションまたはそのプロトコルが NTLM を選択',
  'Configure the client to use Negotiate (GSS-SPNEGO, GSSAPI) with an SPN, or ask its vendor':
    'クライアントが SPN を指定して Negotiate (GSS-SPNEGO、GSSAPI) を使うように構成するか、ベンダーに問い合わせる',
  'Have {0} and its users log on with certificates (EAP-TLS) instead of MS-CHAP on {1}':
    '{0} とそのユーザーが {1} で MS-CHAP ではなく証明書 (EAP-TLS) でログオンするようにする',
  'Configure the {0} client on {1} to use Negotiate (GSS-SPNEGO, GSSAPI) with the SPN of {2}, or ask its vendor':
    '{1} の {0} クライアントが {2} の SPN を指定して Negotiate (GSS-SPNEGO、GSSAPI) を使うように構成するか、ベンダーに問い合わせる',
  'the server offers NTLM only at the application layer': 'サーバーがアプリケーション層で NTLM だけを提示',
  'Enable Negotiate and list it before NTLM (IIS: provider order of Windows authentication)':
    'Negotiate を有効にし、NTLM より前に並べる (IIS: Windows 認証のプロバイダーの順序)',
  'On {0} enable Negotiate and list it before NTLM (IIS: Windows authentication, Providers), and setspn -S HTTP/{1} <account of the application>':
    '{0} で Negotiate を有効にして NTLM より前に並べ (IIS: Windows 認証、プロバイダー)、setspn -S HTTP/{1} <アプリケーションのアカウント>',
  'the client software cannot use Kerberos': 'クライアント ソフトウェアが Kerberos を使えません',
  'Update or replace the software of the client, or give it a keytab':
    'クライアントのソフトウェアを更新または交換するか、keytab を渡す',
  'Update or replace the {0} software on {1}, or give it a keytab':
    '{1} の {0} ソフトウェアを更新または交換するか、keytab を渡す',
  'anonymous (null) session': '匿名 (null) セッション',
  'Restrict anonymous access on the server': 'サーバーで匿名アクセスを制限する',
  'guest session': 'ゲスト セッション',
  'refused by policy': 'ポリシーによる拒否',
  'Check authentication policies and silos of the account': 'アカウントの認証ポリシーとサイロを確認する',
  'Check authentication policies, silos, Protected Users, logon hours and workstations of {0} and of the account of {1}':
    '{0} と {1} のアカウントの認証ポリシー、サイロ、Protected Users、ログオン時間、ログオン先ワークステーションを確認する',
  'the account': 'アカウント',
  'a middlebox or size limit drops Kerberos': '中間装置またはサイズの制限が Kerberos を妨げています',
  'Raise MaxFieldLength and MaxRequestBytes of the web server, reduce group memberships, or let the host bypass the proxy':
    'Web サーバーの MaxFieldLength と MaxRequestBytes を増やすか、グループ メンバーシップを減らすか、ホストがプロキシを通らないようにする',
  'looks like a relay: the same challenge on two flows': 'リレーと見られます: 2 つの通信に同じチャレンジ',
  'Find out who the host in the middle is; require SMB signing, LDAP signing and channel binding on the target':
    '間にいるホストが何かを調べる。接続先で SMB 署名、LDAP 署名、チャネル バインドを必須にする',
  'cloned machine id': '複製されたマシン ID',
  'Rebuild the clones with Sysprep (/generalize)': '複製したマシンを Sysprep (/generalize) で作り直す',
  'not decided by what the capture shows': 'キャプチャの内容からは特定できません',
  'Capture what is named as missing and run again': '不足として示されたものをキャプチャし、もう一度実行する',
  '<account of the service>': '<サービスのアカウント>',
  'the responses are empty, whoever is named ({0})': '誰の名前であっても応答が空です ({0})',
  'the user name and the responses are empty': 'ユーザー名と応答が空です',
  'would fit ({0}), but what is missing could change it':
    '当てはまります ({0}) が、不足しているものによって変わる可能性があります',
  'the logon of the SMB session that it goes on with': '続きの元となる SMB セッションのログオン',
  'the offer of the server': 'サーバーの提示',
  'the direction of the {0}': '{0} からの方向',
  'the AUTHENTICATE_MESSAGE of the client': 'クライアントの AUTHENTICATE_MESSAGE',
  'the answer of the server to the logon': 'ログオンに対するサーバーの応答',
  'an offer of the server (it made none)': 'サーバーの提示 (提示しませんでした)',
  'the target name (the client sends none)': '接続先名 (クライアントは送っていません)',
  'a refusal by a KDC for this target in the 15 minutes before': '直前 15 分間の、この接続先に対する KDC の拒否',
  'traffic between the client and a KDC (none of this client is in the capture)':
    'クライアントと KDC の通信 (このクライアントのものはキャプチャにありません)',
  'fits as well ({0}), but {1} is nearer to the exchange':
    'これも当てはまります ({0}) が、{1} のほうがこの認証に近いものです',
  'the same challenge stands in two conversations with one host in the middle':
    '間にいる 1 台のホストとの 2 つの通信に同じチャレンジがあります',
  'the server made the session a guest': 'サーバーがセッションをゲストにしました',
  'the server offers {0} and no Kerberos': 'サーバーは {0} を提示し、Kerberos を提示していません',
  'the account is of {0}': 'アカウントは {0} のものです',
  'user-to-user was tried: the target has no SPN':
    'ユーザー間 (user-to-user) が試されました: 接続先に SPN がありません',
  '{0} in this exchange': 'この認証での {0}',
  '{0} does not tell': '{0} からは分かりません',
  'the server passed the logon on to a domain controller (frame {0})':
    'サーバーはログオンをドメイン コントローラーに渡しました (フレーム {0})',
  "the account's domain ({0}) is the server itself": 'アカウントのドメイン ({0}) はサーバー自身です',
  "the account's domain ({0}) is the client itself": 'アカウントのドメイン ({0}) はクライアント自身です',
  'Kerberos was tried with that very address ({0})': 'まさにそのアドレス ({0}) で Kerberos が試されました',
  'the target name is {0}': '接続先名は {0} です',
  'the client named the server {0}': 'クライアントはサーバーを {0} と呼びました',
  'the target is a name ({0})': '接続先は名前です ({0})',
  'the application gave no target name': 'アプリケーションが接続先名を渡していません',
  'the target name is no service: {0}': '接続先名がサービスではありません: {0}',
  '{0} names NTLM itself': '{0} は NTLM を名指ししています',
  'the client sent a ticket and the server chose NTLM: no usable key for it':
    'クライアントはチケットを送り、サーバーは NTLM を選びました: 使えるキーがありません',
  'the client asked for Kerberos a moment before, and was refused{0}':
    'クライアントは直前に Kerberos を求め、拒否されました{0}',
  'the service refused the ticket with Kerberos error {0}': 'サービスは Kerberos エラー {0} でチケットを拒否しました',
  'the ticket that the service refused had expired': 'サービスが拒否したチケットは期限切れでした',
  'the service refused the ticket{0}, and offers no Kerberos':
    'サービスがチケットを拒否し{0}、Kerberos を提示していません',
  'the service knows no such mechanism{0}, when the client began with Kerberos':
    'クライアントが Kerberos で始めたとき、サービスはそのメカニズムを知りませんでした{0}',
  'the request with the ticket was refused{0}': 'チケットを付けた要求が拒否されました{0}',
  'the service refused the ticket': 'サービスがチケットを拒否しました',
  'the service refused to begin with Kerberos': 'サービスが Kerberos で始めることを拒否しました',
  '{0}{1} and gave no Kerberos error': '{0}{1}。Kerberos エラーは示されていません',
  'the KDC answered {0} for {1}, which does not tell':
    'KDC は {1} に対して {0} と応答しましたが、それだけでは分かりません',
  ': that is about another service of this host, and no ticket for {0} was refused':
    ': これはこのホストの別のサービスについてで、{0} のチケットは拒否されていません',
  ', another name of {0}': '、{0} の別名',
  'the KDC answered {0} for {1} {2} s before{3}': 'KDC は {2} 秒前に {1} に対して {0} と応答しました{3}',
  '{0}, in the realm {1} that a referral led to': '{0}、紹介先の領域 {1} で',
  '{0}; DNS says that it is an alias of {1}': '{0}。DNS によるとこれは {1} の別名です',
  'no KDC refused a ticket for this server in the 15 minutes before':
    '直前 15 分間に、このサーバーのチケットを拒否した KDC はありません',
  'no KDC traffic of this client is in the capture': 'このクライアントの KDC の通信はキャプチャにありません',
  'the KDC answered {0} to the logon of {1}': 'KDC は {1} のログオンに対して {0} と応答しました',
  'a user': 'ユーザー',
  '{0}, which does not tell': '{0}、それだけでは分かりません',
  'a KDC was tried, but the direction from it to this client is not seen in the capture':
    'KDC が試されましたが、KDC からこのクライアントへの方向がキャプチャで観測されていません',
  'a KDC answered this client': 'KDC はこのクライアントに応答しました',
  'only one direction is in the capture': '片方向だけがキャプチャにあります',
  'a further channel of it was bound': '追加のチャネルがバインドされました',
  'it was authenticated again': '再認証されました',
  'Kerberos set up the SMB session (exchange {0}), {1} with NTLM, and no KDC or service refused a ticket':
    'Kerberos で SMB セッションが確立され (認証 {0})、その後 NTLM で{1}。チケットを拒否した KDC やサービスはありません',
  'the part of the logon that names its target is not in the capture':
    'ログオンのうち宛先を示す部分がキャプチャにありません',
  'this client is not seen to use Kerberos with this server before':
    'このクライアントが以前にこのサーバーで Kerberos を使ったことは観測されていません',
  'the same client uses Kerberos with this server, and no KDC or service refused it':
    '同じクライアントがこのサーバーで Kerberos を使っており、拒否した KDC やサービスはありません',
  'the client speaks to a KDC': 'クライアントは KDC と通信しています',
  'the KDC traffic of other clients is not in the capture for the 15 minutes before':
    '直前 15 分間の、ほかのクライアントの KDC の通信がキャプチャにありません',
  'the client names its target as current systems do': 'クライアントは現行のシステムと同じように接続先を名乗っています',
  'KDC traffic of others is visible, of this client none, and it sends no target name':
    'ほかのクライアントの KDC の通信は観測できますが、このクライアントのものはなく、接続先名も送っていません',
  'does not answer': 'が応答しません',
  'refuses the connection': 'が接続を拒否します',
  'is unreachable (ICMP)': 'に到達できません (ICMP)',
}
