/**
 * Japanese. Findings about fallbacks to NTLM.
 */
import type { Catalogue } from '../text.ts'

export const JA_FALLBACK: Catalogue = {
  'The frames of the logon, and those that decided its cause (the refusal of the KDC or of the service)':
    'ログオンのフレームと、その原因の決め手となったフレーム (KDC またはサービスの拒否)',
  'The cause is decided with a confidence; alternatives that the capture does not exclude are named there. Nothing is said where the offers or the refusal were not captured':
    '原因には確度が付きます。キャプチャから除外できない別の可能性はそこに示します。提示または拒否がキャプチャされていない場合は何も言いません',
  ' Cause: {0} ({1}, {2} confidence).': ' 原因: {0} ({1}、確度 {2})。',
  'An NTLM logon whose cause is {0}': '原因が {0} の NTLM ログオン',
  'a target that was not named': '名前のない接続先',
  'the KDC does not know {0}, NTLM followed.': 'KDC が {0} を知らず、その後 NTLM になりました。',
  'fallback: the service name (SPN) is not registered': 'フォールバック: サービス名 (SPN) が登録されていません',
  'Register the name on the account that runs the service': 'サービスを実行するアカウントに名前を登録する',
  'setspn -Q <class>/<host>        who has it now': 'setspn -Q <class>/<host>        現在の登録先',
  'setspn -S <class>/<host> <account>': 'setspn -S <class>/<host> <account>',
  'try again after 15 minutes: the client remembers the refusal so long (SpnCacheTimeout)':
    '15 分後に再試行する: クライアントはその間、拒否を記憶します (SpnCacheTimeout)',
  'the target is an IP address ({0}), for which no ticket is asked.':
    '接続先が IP アドレス ({0}) のため、チケットが要求されません。',
  'fallback: the target was named by its IP address': 'フォールバック: 接続先が IP アドレスで指定されています',
  'Use the host name; where that is impossible, allow IP addresses as service names':
    'ホスト名を使う。できない場合は IP アドレスをサービス名として許可する',
  'replace the address in mapped drives, printer ports, connection strings and scripts by the name':
    'ネットワーク ドライブ、プリンター ポート、接続文字列、スクリプトのアドレスを名前に置き換える',
  'on each client: reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters /v TryIPSPN /t REG_DWORD /d 1':
    '各クライアントで: reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters /v TryIPSPN /t REG_DWORD /d 1',
  'setspn -Q host/<address>        who has it now': 'setspn -Q host/<address>        現在の登録先',
  'setspn -S host/<address> <server account>': 'setspn -S host/<address> <サーバーのアカウント>',
  'an address that changes hands breaks this: register it only where the address is fixed':
    'アドレスが別の機器に移ると使えなくなる: 固定アドレスだけを登録する',
  'no KDC answered the client before the logon to {0}.':
    '{0} へのログオンの前に、クライアントに応答した KDC がありません。',
  'fallback: no KDC was reachable': 'フォールバック: KDC に到達できません',
  'A KDC leg that does not cross the capture point looks the same: unanswered questions must be in the capture themselves':
    'キャプチャ地点を通らない KDC の通信も同じに見えます: 応答のない問い合わせ自体がキャプチャにある必要があります',
  'Open the way from the client to a KDC, or use IAKERB or a KDC proxy':
    'クライアントから KDC への経路を開くか、IAKERB または KDC プロキシを使う',
  'nltest /dsgetdc:<domain>': 'nltest /dsgetdc:<domain>',
  'allow TCP and UDP 88 and 464, and UDP 389, to the domain controllers':
    'ドメイン コントローラーへの TCP と UDP の 88 と 464、UDP 389 を許可する',
  'resolve _kerberos._tcp.dc._msdcs.<domain> on the client':
    'クライアントで _kerberos._tcp.dc._msdcs.<domain> を名前解決する',
  'the clocks differ too much for {0}.': '{0} に対して時刻のずれが大きすぎます。',
  'fallback: clock skew': 'フォールバック: 時刻のずれ',
  'Synchronise the clocks of client, server and KDC': 'クライアント、サーバー、KDC の時刻を同期する',
  'w32tm /query /status': 'w32tm /query /status',
  'w32tm /resync': 'w32tm /resync',
  'point appliances at the NTP server of the domain': '機器の NTP サーバーをドメインの NTP サーバーにする',
  'client, KDC and service have no encryption type in common for {0}.':
    '{0} に対して、クライアント、KDC、サービスに共通の暗号化の種類がありません。',
  'fallback: no common encryption type': 'フォールバック: 共通の暗号化の種類がありません',
  'Give the account AES keys and renew its keytab': 'アカウントに AES キーを持たせ、keytab を更新する',
  'Set-ADUser <account> -KerberosEncryptionType AES128,AES256':
    'Set-ADUser <account> -KerberosEncryptionType AES128,AES256',
  'reset the password of the account: AES keys are made then':
    'アカウントのパスワードをリセットする: そのとき AES キーが作られます',
  'renew the keytab of the service': 'サービスの keytab を更新する',
  '{0} is an alias or short name that has no service name.': '{0} は、サービス名のない別名または短い名前です。',
  'fallback: alias or short name without a service name': 'フォールバック: サービス名のない別名または短い名前',
  'Register the alias, or use the full name of the server': '別名を登録するか、サーバーの完全な名前を使う',
  'netdom computername <server> /add:<alias>': 'netdom computername <server> /add:<alias>',
  'setspn -S <class>/<alias> <server account>': 'setspn -S <class>/<alias> <サーバーのアカウント>',
  'NTLM was asked for by name ({0}).': 'NTLM が名指しで要求されました ({0})。',
  'the application or its protocol asks for NTLM by name':
    'アプリケーションまたはそのプロトコルが NTLM を名指しで要求しています',
  'Configure the client to use Negotiate with an SPN, or ask its vendor':
    'クライアントが SPN を指定して Negotiate を使うように構成するか、ベンダーに問い合わせる',
  'use Negotiate, GSS-SPNEGO or GSSAPI in the settings of the client':
    'クライアントの設定で Negotiate、GSS-SPNEGO、GSSAPI のいずれかを使う',
  'pass the SPN of the service to the security provider': 'サービスの SPN をセキュリティ プロバイダーに渡す',
  'the account is local to the server ({0}).': 'アカウントはサーバーのローカル アカウントです ({0})。',
  'no domain': 'ドメインなし',
  'a local account logs on over the network': 'ローカル アカウントがネットワーク経由でログオンしています',
  'Use a domain account or a group managed service account':
    'ドメイン アカウントまたはグループの管理されたサービス アカウントを使う',
  'replace the local account by a domain account or gMSA':
    'ローカル アカウントをドメイン アカウントまたは gMSA に替える',
  'net localgroup "Access this computer from the network": deny local accounts':
    '「ネットワーク経由でコンピューターへアクセス」: ローカル アカウントを拒否する',
  'the application gave no usable target name ({0}).': 'アプリケーションが使用できる接続先名を渡していません ({0})。',
  'fallback: no target name, or the name of a user': 'フォールバック: 接続先名がないか、ユーザーの名前です',
  'ask the vendor; for DCOM run the service as an account with an SPN':
    'ベンダーに問い合わせる。DCOM ではサービスを SPN のあるアカウントで実行する',
  'IAKERB was tried, NTLM followed': 'IAKERB が試され、その後 NTLM になりました',
  'An IAKERB token in an exchange that NTLM finished': 'NTLM で完了した認証の中に IAKERB トークンがあります',
  'The frames of the exchange: the IAKERB token and the NTLM messages after it':
    '認証のフレーム: IAKERB トークンと、その後の NTLM メッセージ',
  'An exchange that IAKERB finished is no fallback and only counts as readiness':
    'IAKERB で完了した認証はフォールバックではなく、準備ができていることを示すだけです',
  'See the error of the KDC behind the server: it needs the way to its domain controller':
    'サーバーの背後の KDC のエラーを確認する: ドメイン コントローラーへの経路が必要です',
  'errors 85 and 86 say that the server found no KDC':
    'エラー 85 と 86 は、サーバーが KDC を見つけられなかったことを示します',
  'nltest /dsgetdc:<domain> on the server': 'サーバーで nltest /dsgetdc:<domain>',
  'IAKERB was offered by both sides and NTLM finished the logon.':
    '双方が IAKERB を提示し、NTLM がログオンを完了しました。',
  'an SMB session that Kerberos set up goes on with NTLM': 'Kerberos で確立した SMB セッションが NTLM で続いています',
  'A session whose logon used Kerberos is authenticated again with NTLM (its ticket had expired), or gets a further channel that is bound with NTLM':
    'ログオンに Kerberos を使ったセッションが NTLM で再認証された (チケットの期限切れ)、または追加のチャネルが NTLM でバインドされた',
  'The SESSION_SETUP messages that go on with the session; the exchange names the one that set it up':
    'セッションの続きの SESSION_SETUP メッセージ。確立した認証も示されます',
  'A session that is renewed, or bound to another connection, with the mechanism of its logon is the same logon once more; where that logon is not in the capture nothing fires':
    'ログオンと同じメカニズムで更新された、または別の接続にバインドされたセッションは、同じログオンの繰り返しです。元のログオンがキャプチャにない場合は何も出しません',
  'Find out why the client gets no new ticket: it had one when the session began':
    'クライアントが新しいチケットを得られない理由を調べる: セッションの開始時には持っていました',
  'klist on the client: is the ticket-granting ticket still valid, and can it be renewed':
    'クライアントで klist: チケット付与チケットはまだ有効か、更新できるか',
  'see whether a KDC is reachable for as long as the session lasts': 'セッションが続く間、KDC に到達できるか確認する',
  'multichannel: see that the further address of the server is reached by the name of the server':
    'マルチチャネル: サーバーの別のアドレスにもサーバー名で到達するようにする',
  'Kerberos set up the session (exchange {0}), {1} with NTLM.':
    'Kerberos でセッションが確立され (認証 {0})、NTLM で{1}。',
  'a further channel is bound': '追加のチャネルがバインドされています',
  'it goes on': '続いています',
  'Negotiate late fallback used': 'Negotiate の遅延フォールバックが使われました',
  'Both sides offer the late fallback, Kerberos begins, NTLM finishes the same exchange':
    '双方が遅延フォールバックを提示し、Kerberos で始まり、同じ認証を NTLM が完了',
  'The frames of the exchange, from the offers to the last token': '提示から最後のトークンまでの、認証のフレーム',
  'The offer alone is readiness (NS-RD-003); NTLM that was chosen from the start is another rule':
    '提示だけなら準備ができていることを示します (NS-RD-003)。最初から選ばれた NTLM は別の規則です',
  'Repair Kerberos for this service, then disable the late fallback':
    'このサービスの Kerberos を直し、その後で遅延フォールバックを無効にする',
  'see the error that ended Kerberos in the exchange': '認証の中で Kerberos を終わらせたエラーを確認する',
  'leave Negotiate Late Fallback off where NTLM is to go':
    'NTLM をなくす環境では Negotiate の遅延フォールバックを無効のままにする',
  'Kerberos began, NTLM finished the same exchange.': 'Kerberos で始まり、同じ認証を NTLM が完了しました。',
  'server switched the client from Kerberos to NTLM': 'サーバーがクライアントを Kerberos から NTLM に切り替えました',
  "The client's first token is Kerberos, the server's answer selects NTLM":
    'クライアントの最初のトークンは Kerberos で、サーバーの応答は NTLM を選択',
  'The NegTokenInit of the client and the NegTokenResp of the server':
    'クライアントの NegTokenInit とサーバーの NegTokenResp',
  'Only the first answer of the server counts (MS-SPNG 3.3.5); a client that retries by itself is NS-FB-008':
    'サーバーの最初の応答だけを数えます (MS-SPNG 3.3.5)。クライアントが自ら再試行した場合は NS-FB-008 です',
  'Give the server a keytab or machine account that accepts the ticket':
    'サーバーに、チケットを受け入れられる keytab またはコンピューター アカウントを持たせる',
  'klist -k on the server: is there a key for the name that the client asked':
    'サーバーで klist -k: クライアントが要求した名前のキーがあるか',
  'rejoin the server to the domain': 'サーバーをドメインに参加させ直す',
  'the client began with Kerberos, the server selected NTLM.':
    'クライアントは Kerberos で始め、サーバーは NTLM を選択しました。',
  'NTLM after a refused Kerberos attempt': 'Kerberos が拒否された後の NTLM',
  'The service refused a ticket (wrong or stale key), or Kerberos failed for the same client and server a moment before':
    'サービスがチケットを拒否した (キーの誤りまたは古いキー)、または直前に同じクライアントとサーバーで Kerberos が失敗した',
  'The frames of the logon, and of the refused attempt where it is in the same exchange':
    'ログオンのフレームと、同じ認証の中にある場合は拒否された試みのフレーム',
  'Causes with a rule of their own (skew, encryption types, names) are told there':
    '独自の規則がある原因 (時刻のずれ、暗号化の種類、名前) はそちらで示します',
  'Look up the error of the service: wrong key, stale keytab or SPN on another account':
    'サービスのエラーを調べる: キーの誤り、古い keytab、別のアカウントの SPN',
  'setspn -Q <class>/<host>        which account has the name':
    'setspn -Q <class>/<host>        どのアカウントに名前があるか',
  'renew the keytab, or reset the machine password (Reset-ComputerMachinePassword)':
    'keytab を更新するか、コンピューターのパスワードをリセットする (Reset-ComputerMachinePassword)',
  'Kerberos was refused, NTLM followed.': 'Kerberos が拒否され、その後 NTLM になりました。',
  'fallback: the client chose NTLM where Kerberos was offered or tried':
    'フォールバック: Kerberos が提示または試行されたのに、クライアントが NTLM を選びました',
  'The server offers Kerberos, the first token of the client is NTLM, and no cause with a rule of its own is known':
    'サーバーは Kerberos を提示し、クライアントの最初のトークンは NTLM で、独自の規則がある原因は見つかりません',
  'The offer of the server and the first token of the client': 'サーバーの提示とクライアントの最初のトークン',
  'Without the offer of the server the origin is unknown and nothing fires; relays hand on what others chose':
    'サーバーの提示がなければ経緯は不明で、何も出しません。リレーは他者の選択を渡すだけです',
  'Remove the cause that is named; then verify that the flow uses Kerberos':
    '示された原因を取り除き、その後この通信が Kerberos を使うことを確認する',
  'look at what is missing, and capture it': '不足しているものを確認し、キャプチャする',
  'klist get <class>/<host> on the client shows whether a ticket can be had':
    'クライアントで klist get <class>/<host> を実行すると、チケットを得られるか分かります',
  'the client offered NTLM only.': 'クライアントは NTLM だけを提示しました。',
  'server offers NTLM only': 'サーバーが NTLM だけを提示しています',
  "The server's list of mechanisms, schemes or SASL mechanisms holds NTLM and nothing under which Kerberos is spoken":
    'サーバーのメカニズム、スキーム、または SASL メカニズムの一覧に NTLM があり、Kerberos を使えるものがない',
  'The offer (NegTokenInit2, WWW-Authenticate, supportedSASLMechanisms) and the logon that followed':
    '提示 (NegTokenInit2、WWW-Authenticate、supportedSASLMechanisms) と、それに続くログオン',
  'An offer that was not captured is no offer of NTLM only; a host in the middle of a relay is told by NS-NT-005':
    'キャプチャされなかった提示は、NTLM だけの提示とはしません。リレーの間にいるホストは NS-NT-005 で示します',
  'Join the server to the domain, give it a keytab, enable Negotiate, or replace it':
    'サーバーをドメインに参加させるか、keytab を渡すか、Negotiate を有効にするか、更改する',
  'HTTP (IIS): list Negotiate before NTLM in the providers of Windows authentication':
    'HTTP (IIS): Windows 認証のプロバイダーで Negotiate を NTLM より前に並べる',
  'appliances: firmware with Kerberos, join, keytab for the name that clients use':
    'アプライアンス: Kerberos 対応のファームウェア、ドメイン参加、クライアントが使う名前の keytab',
  'it offered {0}': '{0} を提示しました',
  'NTLM was refused by policy': 'NTLM がポリシーによって拒否されました',
  'An NTLM logon ended in STATUS_NTLM_BLOCKED, STATUS_NOT_SUPPORTED, STATUS_AUTHENTICATION_FIREWALL_FAILED or STATUS_ACCOUNT_RESTRICTION':
    'NTLM ログオンが STATUS_NTLM_BLOCKED、STATUS_NOT_SUPPORTED、STATUS_AUTHENTICATION_FIREWALL_FAILED、STATUS_ACCOUNT_RESTRICTION のいずれかで終了',
  'The AUTHENTICATE_MESSAGE and the answer with the status': 'AUTHENTICATE_MESSAGE と、ステータスを含む応答',
  'Wrong passwords and locked accounts have other status codes':
    'パスワードの誤りとロックされたアカウントは別のステータス コードになります',
  'Expected where NTLM is switched off; otherwise look up the policy that refused it':
    'NTLM を無効にした環境では想定どおりです。そうでなければ、拒否したポリシーを調べる',
  'Restrict NTLM: incoming traffic, NTLM authentication in this domain (Group Policy)':
    'NTLM を制限する: 着信 NTLM トラフィック、このドメインの NTLM 認証 (グループ ポリシー)',
  'events 4001 to 4006 in Microsoft-Windows-NTLM/Operational':
    'Microsoft-Windows-NTLM/Operational のイベント 4001 から 4006',
  'status {0}': 'ステータス {0}',
}
