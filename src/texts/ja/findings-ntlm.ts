/**
 * Japanese. Findings about NTLM.
 */
import type { Catalogue } from '../text.ts'

export const JA_NTLM: Catalogue = {
  'Find out who the host in the middle is; require signing and channel binding on the target':
    '間にいるホストが何かを調べる。接続先で署名とチャネル バインドを必須にする',
  'NTLM was handed on: a relay': 'NTLM が中継されました: リレー',
  'The same challenge or the same response in two conversations: one host is the server of one and the client of the other':
    '2 つの通信に同じチャレンジまたは同じレスポンスがあり、1 台のホストが一方のサーバーで他方のクライアントである',
  'Both challenges (or both responses), and the frames of this leg':
    '両方のチャレンジ (または両方のレスポンス) と、この区間のフレーム',
  'Copies of one conversation and address translation keep one of the ends; challenges that tools send to everybody do not count. A proxy that passes NTLM through to another host has the same shape: look at who runs the host in the middle':
    '1 つの通信の複製とアドレス変換では、一方の端が同じままです。ツールが全員に送るチャレンジは数えません。NTLM を別のホストに渡すプロキシも同じ形です: 間のホストを動かしているのが誰かを確認してください',
  'isolate the host in the middle': '間にいるホストを隔離する',
  'reset the password of the account that was relayed': '中継されたアカウントのパスワードをリセットする',
  'SMB: RequireSecuritySignature; LDAP: signing and channel binding; HTTP: TLS with Extended Protection':
    'SMB: RequireSecuritySignature、LDAP: 署名とチャネル バインド、HTTP: 拡張保護のある TLS',
  'one host is the server of one logon and the client of the other, as {0}{1}':
    '1 台のホストが一方のログオンのサーバーで、他方のクライアントです ({0}{1})',
  'reflection: a host is made to log on to itself': 'リフレクション: ホストが自分自身にログオンさせられています',
  'A target name with marshalled data, the LOCAL_CALL flag in a conversation between two hosts, or a machine account that logs on to its own machine over the network':
    'マーシャリングされたデータを含む接続先名、2 台のホストの間の通信での LOCAL_CALL フラグ、または自分のマシンにネットワーク経由でログオンするコンピューター アカウント',
  'A true local logon never leaves the host; captures of a loopback interface are left out':
    '本当のローカル ログオンはホストの外に出ません。ループバック インターフェイスのキャプチャは除外します',
  'Update the host that logs on (CVE-2025-33073 and its kin); require SMB signing on it':
    'ログオンするホストを更新し (CVE-2025-33073 とその類似)、SMB 署名を必須にする',
  'Set-SmbServerConfiguration -RequireSecuritySignature $true':
    'Set-SmbServerConfiguration -RequireSecuritySignature $true',
  'the LOCAL_CALL flag is set between two hosts': '2 台のホストの間で LOCAL_CALL フラグが立っています',
  '{0} logs on to its own machine': '{0} が自分のマシンにログオンしています',
  'LM or NTLMv1 response': 'LM または NTLMv1 の応答',
  'The AUTHENTICATE_MESSAGE (or the SMB1 session setup) holds a response of 24 bytes':
    'AUTHENTICATE_MESSAGE (または SMB1 セッション セットアップ) に 24 バイトの応答がある',
  'The frame of the response': '応答のフレーム',
  'Extended session security is a flag of NTLMv2 too: only the length and form of the responses decide; anonymous logons have none':
    '拡張セッション セキュリティは NTLMv2 のフラグでもあります: 応答の長さと形だけで決めます。匿名ログオンには応答がありません',
  'event 4624, Package Name NTLM V1, names who still sends it: look before a domain controller refuses it':
    'パッケージ名 NTLM V1 のイベント 4624 で、まだ送っているものが分かります: ドメイン コントローラーが拒否する前に確認する',
  'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel /t REG_DWORD /d 5':
    'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel /t REG_DWORD /d 5',
  'Samba: ntlm auth = ntlmv2-only, client ntlmv2 auth = yes':
    'Samba: ntlm auth = ntlmv2-only, client ntlmv2 auth = yes',
  'RADIUS: certificates (EAP-TLS) instead of MS-CHAP and MS-CHAPv2, whose response is the one of NTLMv1':
    'RADIUS: 応答が NTLMv1 と同じである MS-CHAP と MS-CHAPv2 ではなく、証明書 (EAP-TLS) を使う',
  'the response is {0}': '応答は {0} です',
  'password sent in clear': '平文で送信されたパスワード',
  'A simple bind with a password, HTTP Basic, PLAIN or LOGIN, or an SMB1 plain-text password, without TLS':
    'TLS なしの、パスワードを含む簡易バインド、HTTP Basic、PLAIN または LOGIN、SMB1 の平文パスワード',
  'The frame that carries the password (which is never printed)':
    'パスワードを含むフレーム (パスワードは決して出力しません)',
  'Anonymous and unauthenticated binds (empty password) are no passwords; after StartTLS nothing is in clear':
    '匿名と認証なしのバインド (空のパスワード) はパスワードではありません。StartTLS の後は平文ではありません',
  'change the password that was seen': '観測されたパスワードを変更する',
  'LDAP clients: ldaps:// or StartTLS, or GSS-SPNEGO with signing':
    'LDAP クライアント: ldaps:// または StartTLS、あるいは署名のある GSS-SPNEGO',
  'domain controllers: LDAPServerIntegrity 2 refuses such binds':
    'ドメイン コントローラー: LDAPServerIntegrity 2 でこのようなバインドを拒否します',
  '{0} over {1} without TLS, as {2}': 'TLS なしの {1} で {0}、ユーザー {2}',
  'NTLM to a public address': 'パブリック アドレスへの NTLM',
  'A host with a private address answers the challenge of a server with a public one':
    'プライベート アドレスのホストが、パブリック アドレスのサーバーのチャレンジに応答',
  'The AUTHENTICATE_MESSAGE that left': '外に出た AUTHENTICATE_MESSAGE',
  'Addresses for documentation, local and shared use are not public; networks that use public addresses inside are left out where the client has one too':
    '文書用、ローカル用、共有用のアドレスはパブリックではありません。内部でパブリック アドレスを使うネットワークは、クライアントもそうである場合に除外します',
  'Block SMB and NTLM at the edge of the network; find out what made the host connect':
    'ネットワークの境界で SMB と NTLM をブロックする。ホストが接続した理由を調べる',
  'block TCP 445 and 139 outbound': '送信方向の TCP 445 と 139 をブロックする',
  'Restrict NTLM: outgoing NTLM traffic to remote servers: deny, with exceptions':
    'NTLM を制限する: リモート サーバーへの送信 NTLM トラフィック: 例外を設けて拒否',
  'the public address may belong to the own network':
    'パブリック アドレスが自組織のネットワークのものである可能性があります',
  'NTLM without MIC, or with a wrong one': 'MIC のない、または MIC が正しくない NTLM',
  'The response promises a MIC that is not there, or a client that calls itself Windows 7 or later answers a challenge with a timestamp and sends none; with the key of the account (--keytab), also a MIC that is not that of the messages':
    '応答が約束した MIC がない、または Windows 7 以降を名乗るクライアントが、タイムスタンプのあるチャレンジに MIC なしで応答。アカウントのキー (--keytab) があれば、メッセージと一致しない MIC も',
  'the response is right, and its MIC is not that of these messages: they were changed on the way':
    '応答は正しいものの、MIC がこれらのメッセージのものではありません: メッセージは途中で変更されています',
  'The CHALLENGE_MESSAGE and the AUTHENTICATE_MESSAGE': 'CHALLENGE_MESSAGE と AUTHENTICATE_MESSAGE',
  'A challenge without a timestamp asks for no MIC; NTLMv1 has no flags that tell; anonymous logons are left out. Client software that never sends a MIC is NS-NT-019':
    'タイムスタンプのないチャレンジは MIC を求めません。NTLMv1 には判断できるフラグがありません。匿名ログオンは除外します。MIC を決して送らないクライアント ソフトウェアは NS-NT-019 です',
  'Treat it as tampering (CVE-2019-1040) until the client is known to be no current Windows':
    '現行の Windows でないと分かるまでは、改ざん (CVE-2019-1040) として扱う',
  'compare with other logons of the same client': '同じクライアントのほかのログオンと比べる',
  'install the updates of June 2019 or later': '2019 年 6 月以降の更新プログラムを適用する',
  'require signing and channel binding on the servers': 'サーバーで署名とチャネル バインドを必須にする',
  'the response promises a MIC, and none is there: it was taken out':
    '応答は MIC を約束していますが、ありません: 取り除かれています',
  'the challenge has a timestamp, the client calls itself Windows {0} and sends no MIC':
    'チャレンジにタイムスタンプがあり、クライアントは Windows {0} を名乗りながら MIC を送っていません',
  'client software sends no MIC': 'クライアント ソフトウェアが MIC を送りません',
  'The challenge carries a timestamp, and a client that does not call itself Windows 7 or later sends no MIC':
    'チャレンジにタイムスタンプがあり、Windows 7 以降を名乗らないクライアントが MIC を送らない',
  'A MIC that was promised and is missing, or is missing from a Windows, is NS-NT-004':
    '約束されたのにない MIC、または Windows からの MIC がない場合は NS-NT-004 です',
  'Update or replace the client software: nothing ties its messages together, so that they can be changed on the way':
    'クライアント ソフトウェアを更新または交換する: メッセージを結び付けるものがなく、途中で変更できます',
  'curl, Samba, Java and appliances: a release that sends MICs':
    'curl、Samba、Java、アプライアンス: MIC を送るリリース',
  'require signing or channel binding on the servers': 'サーバーで署名またはチャネル バインドを必須にする',
  'the challenge has a timestamp, the response no MIC': 'チャレンジにタイムスタンプがあり、応答に MIC がありません',
  'a machine account logs on with NTLM': 'コンピューター アカウントが NTLM でログオンしています',
  'The user name ends with $ and the logon is NTLM': 'ユーザー名が $ で終わり、ログオンが NTLM',
  'Group managed service accounts end with $ too; backup and monitoring agents that run as the machine, and replication to an address, are known causes. A relayed or coerced logon has further findings':
    'グループの管理されたサービス アカウントも $ で終わります。コンピューターとして動くバックアップや監視のエージェント、アドレスへの複製も知られた原因です。中継または強制されたログオンには別の検出事項があります',
  'Find out what made the machine connect; block the calls that coerce it (RPC filters), and use names so that it can use Kerberos':
    'コンピューターが接続した理由を調べる。強制に使われる呼び出しを (RPC フィルターで) ブロックし、Kerberos を使えるように名前で接続させる',
  'look for remote calls to the machine in the seconds before (NS-NT-010)':
    '直前の数秒間に、そのコンピューターへのリモート呼び出しがないか調べる (NS-NT-010)',
  'disable the print spooler on domain controllers': 'ドメイン コントローラーで印刷スプーラーを無効にする',
  'netsh rpc filter: EFSRPC, DFSNM, FSRVP, RPRN': 'netsh rpc filter: EFSRPC, DFSNM, FSRVP, RPRN',
  '{0}, target {1}': '{0}、接続先 {1}',
  'not named': '名前なし',
  'the challenge is one that attack tools send': 'チャレンジが、攻撃ツールの送るものです',
  'The ServerChallenge is 1122334455667788 or eight equal bytes':
    'ServerChallenge が 1122334455667788、または同じバイトが 8 個',
  'No server draws such a challenge by chance; test laboratories do on purpose':
    '偶然このようなチャレンジになるサーバーはありません。試験環境では意図して使います',
  'Find out who runs that server: it collects responses that are cheap to crack':
    'そのサーバーを動かしているのが誰かを調べる: 解析しやすい応答を集めています',
  'isolate the server, change the passwords of the accounts that answered it':
    'サーバーを隔離し、応答したアカウントのパスワードを変更する',
  'its challenge is a constant': 'チャレンジが固定値です',
  'a relayed logon would be accepted here': '中継されたログオンがここで受け入れられます',
  'An NTLM logon succeeded, and nothing ties it to this conversation: the SMB server does not require signing, the LDAP bind went on without integrity, HTTP or another carrier is in clear, or no channel binding was demanded in TLS':
    'NTLM ログオンが成功し、この通信に結び付けるものがない: SMB サーバーが署名を必須としない、LDAP バインドが整合性なしで続いた、HTTP などが平文である、または TLS でチャネル バインドが必須でない',
  'A logon that succeeded so': 'そのように成功したログオン',
  'A session that was encrypted or whose server requires signing is protected; what TLS hides says nothing. The host in the middle of a relay accepts everything: it is NS-NT-005':
    '暗号化されたセッション、またはサーバーが署名を必須とするセッションは保護されています。TLS が隠すものからは何も言えません。リレーの間にいるホストはすべてを受け入れます: それは NS-NT-005 です',
  'Require signing (SMB, LDAP) or channel binding (TLS) on the server':
    'サーバーで署名 (SMB、LDAP) またはチャネル バインド (TLS) を必須にする',
  'LDAPServerIntegrity 2, LdapEnforceChannelBinding 2': 'LDAPServerIntegrity 2、LdapEnforceChannelBinding 2',
  'IIS: extendedProtection tokenChecking="Require", with TLS':
    'IIS: TLS と共に extendedProtection tokenChecking="Require"',
  'it accepted NTLM {0}': 'NTLM を受け入れました: {0}',
  'certificate enrolment takes NTLM in clear': '証明書の登録が平文の NTLM を受け付けます',
  'A web enrolment page or enrolment web service of AD CS, told by its path, accepts NTLM or asks for it by name, without TLS or without a channel binding in it':
    'パスから分かる AD CS の Web 登録ページまたは登録 Web サービスが、TLS なし、または TLS 内のチャネル バインドなしで、NTLM を受け入れるか名指しで要求している',
  'The requests with the tokens, or the offer': 'トークンを含む要求、または提示',
  'The path is that of the default directories; another application may use it. Kerberos in Negotiate alone does not prove that NTLM would be taken':
    'パスは既定のディレクトリのものです。別のアプリケーションが使っている可能性があります。Negotiate の Kerberos だけでは、NTLM が受け入れられる証明になりません',
  'Take NTLM from the enrolment pages, demand TLS and Extended Protection: whoever relays a machine account there gets a certificate that logs on as it (ESC8)':
    '登録ページから NTLM を外し、TLS と拡張保護を必須にする: コンピューター アカウントをそこに中継した者は、そのアカウントとしてログオンできる証明書を得ます (ESC8)',
  'IIS, CertSrv: Windows Authentication, providers: Negotiate:Kerberos alone; extendedProtection tokenChecking="Require"; Require SSL':
    'IIS、CertSrv: Windows 認証、プロバイダー: Negotiate:Kerberos だけ。extendedProtection tokenChecking="Require"。SSL が必要',
  'remove the Web Enrolment role where nobody uses it': '誰も使っていなければ Web 登録の役割を削除する',
  '{0} accepted NTLM': '{0} が NTLM を受け入れました',
  '{0} asks for NTLM': '{0} が NTLM を要求しています',
  'The server accepts a logon and marks the session as guest':
    'サーバーがログオンを受け入れ、セッションをゲストとしている',
  'The SESSION_SETUP response with the guest flag': 'ゲスト フラグのある SESSION_SETUP 応答',
  'A logon that failed is no guest': '失敗したログオンはゲストではありません',
  'Samba: map to guest = never': 'Samba: map to guest = never',
  'Set-SmbClientConfiguration -EnableInsecureGuestLogons $false':
    'Set-SmbClientConfiguration -EnableInsecureGuestLogons $false',
  'net user guest /active:no': 'net user guest /active:no',
  'the server mapped the logon to guest': 'サーバーがログオンをゲストに割り当てました',
  'the target name is not a name of the server': '接続先名がサーバーの名前ではありません',
  'The client made its token for another host than the one whose names stand in the challenge':
    'クライアントが、チャレンジに名前のあるホストとは別のホストのためにトークンを作った',
  'The CHALLENGE_MESSAGE with the names of the server, the AUTHENTICATE_MESSAGE with MsvAvTargetName':
    'サーバーの名前を含む CHALLENGE_MESSAGE と、MsvAvTargetName を含む AUTHENTICATE_MESSAGE',
  'Short and full forms of one name are the same; addresses are told by NS-FB-003, missing service names and aliases by NS-FB-002 and NS-FB-009, proxies left out. A cluster, a load balancer or a DFS name looks the same':
    '1 つの名前の短い形と完全な形は同じとみなします。アドレスは NS-FB-003、サービス名の不足と別名は NS-FB-002 と NS-FB-009 で示し、プロキシは除外します。クラスター、ロード バランサー、DFS 名も同じに見えます',
  'Find out whether the name is an alias of this server; if not, the client was misled (relay, poisoning)':
    '名前がこのサーバーの別名かどうかを調べる。そうでなければ、クライアントは誤った相手に導かれています (リレー、ポイズニング)',
  'resolve the name on the client': 'クライアントで名前を解決する',
  'register aliases: setspn -S <class>/<alias> <account>': '別名を登録する: setspn -S <class>/<alias> <account>',
  'SmbServerNameHardeningLevel 1 or 2 makes SMB servers check it':
    'SmbServerNameHardeningLevel を 1 または 2 にすると SMB サーバーが確認します',
  'the token is for {0}, the server calls itself {1}': 'トークンは {0} のためのもので、サーバーは {1} と名乗っています',
  'an alias, a cluster or a load balancer looks the same': '別名、クラスター、ロード バランサーも同じに見えます',
  'weak NTLM session security': '弱い NTLM セッション セキュリティ',
  'The AUTHENTICATE_MESSAGE asks for signing or sealing without 128-bit keys, or for LM_KEY':
    'AUTHENTICATE_MESSAGE が、128 ビット キーなしの署名または封印、または LM_KEY を求めている',
  'The NegotiateFlags of the AUTHENTICATE_MESSAGE': 'AUTHENTICATE_MESSAGE の NegotiateFlags',
  'Where no signing and no sealing was negotiated there is no session key to be weak; messages without flags are left out':
    '署名も封印もネゴシエートされていなければ、弱いセッション キーはありません。フラグのないメッセージは除外します',
  'Update the client; demand 128-bit keys and NTLMv2 session security':
    'クライアントを更新する。128 ビット キーと NTLMv2 セッション セキュリティを必須にする',
  'Network security: minimum session security for NTLM SSP: NTLMv2 and 128-bit, for clients and servers':
    'ネットワーク セキュリティ: NTLM SSP の最小のセッション セキュリティ: NTLMv2 と 128 ビット (クライアントとサーバー)',
  'no 128-bit key': '128 ビット キーなし',
  'anonymous session accepted': '匿名セッションが受け入れられました',
  'A null session over SMB succeeded': 'SMB の null セッションが成功',
  'The AUTHENTICATE_MESSAGE without responses and the answer': 'レスポンスのない AUTHENTICATE_MESSAGE と応答',
  'Anonymous LDAP reads of the rootDSE are normal and left out; guests are NS-NT-013, more than a null session is NS-NT-021':
    'rootDSE の匿名 LDAP 読み取りは通常で、除外します。ゲストは NS-NT-013、null セッションを超えるものは NS-NT-021 です',
  'Restrict anonymous access where no old client needs it':
    '古いクライアントが必要としない場所では匿名アクセスを制限する',
  'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RestrictAnonymous        what is set now':
    'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RestrictAnonymous        現在の設定',
  'that setting has no effect on domain controllers: look who is in Pre-Windows 2000 Compatible Access there':
    'この設定はドメイン コントローラーには効きません。そこでは Pre-Windows 2000 Compatible Access のメンバーを確認します',
  'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RestrictAnonymous /t REG_DWORD /d 1':
    'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v RestrictAnonymous /t REG_DWORD /d 1',
  'Samba: restrict anonymous = 2': 'Samba: restrict anonymous = 2',
  'a null session was set up, in which {0} is named': 'null セッションが確立され、{0} の名前があります',
  'a null session was set up': 'null セッションが確立されました',
  'logon without a password accepted': 'パスワードのないログオンが受け入れられました',
  'A server over SMB protects the session of a named user whose responses are empty as that of a user: it is signed or encrypted, and marked neither as guest nor as null session':
    'SMB のサーバーが、レスポンスの空の、名前のあるユーザーのセッションをユーザーのものとして保護している: 署名または暗号化され、ゲストとも null セッションとも示されていない',
  'The AUTHENTICATE_MESSAGE with a user name and without responses, the answer, the messages after it':
    'ユーザー名がありレスポンスのない AUTHENTICATE_MESSAGE、応答、その後のメッセージ',
  'smbclient -N names its user in what Samba takes for a null session, and marks it with no flag: neither is such a session signed':
    'smbclient -N は、Samba が null セッションとみなすものにユーザー名を付け、フラグでは示しません: このようなセッションも署名されません',
  'Have the server refuse empty responses; set a password for the account, or disable it':
    'サーバーが空のレスポンスを拒否するようにする。アカウントにパスワードを設定するか、無効にする',
  'Samba: map to guest = never, null passwords = no': 'Samba: map to guest = never, null passwords = no',
  'Windows: LimitBlankPasswordUse = 1 under Control\\Lsa': 'Windows: Control\\Lsa の LimitBlankPasswordUse = 1',
  '{0} was given a session without a response': '{0} にレスポンスなしでセッションが与えられました',
  'an elevated process logs on with NTLM': '昇格したプロセスが NTLM でログオンしています',
  'MsvAvSingleHost tells an integrity level of high or above': 'MsvAvSingleHost の整合性レベルが高以上',
  'Only Windows sends it, and an attacker may write what he likes: no statement where it is absent':
    'Windows だけが送り、攻撃者は好きな値を書けます: ない場合は何も言いません',
  'Begin the move to Kerberos with these: services and administrators are worth the most':
    'Kerberos への移行はここから始める: サービスと管理者が最も重要です',
  'event 4020 or 8001 on the client names the process':
    'クライアントのイベント 4020 または 8001 でプロセスが分かります',
  '{0} at {1} integrity': '{0}、整合性 {1}',
  'a host that received an NTLM logon logs on elsewhere as the same account':
    'NTLM ログオンを受けたホストが、同じアカウントとして別の場所にログオンしています',
  'Within five seconds of an NTLM logon to it, a host logs on with NTLM to a third one, as the same account and with the same workstation name':
    'NTLM ログオンを受けて 5 秒以内に、ホストが同じアカウントと同じワークステーション名で 3 台目に NTLM でログオン',
  'Both logons': '両方のログオン',
  'A relay that is proven by its challenge is NS-NT-005. A front end names itself as the workstation and is left out; a user who goes on from that host under its name too':
    'チャレンジで証明されたリレーは NS-NT-005 です。フロント エンドは自分をワークステーションとして名乗るため除外します。そのホストから自分の名前で先に進むユーザーも除外します',
  'ask who runs the host in the middle': '間のホストを動かしているのが誰かを確認する',
  'capture both legs whole: the challenge decides': '両方の区間を完全にキャプチャする: チャレンジで決まります',
  'a host was made to log on with NTLM: coercion': 'ホストが NTLM でログオンさせられました: 認証の強制',
  'A remote call that makes its server connect elsewhere (print notification, EFS, DFS, shadow copies, event log), and within seconds the machine account of that server logs on with NTLM':
    'サーバーに別の場所へ接続させるリモート呼び出し (印刷通知、EFS、DFS、シャドウ コピー、イベント ログ) の後、数秒以内にそのサーバーのコンピューター アカウントが NTLM でログオン',
  'The call and the logon that followed': '呼び出しと、それに続くログオン',
  'The logon must come from the host that was called, as its machine account, within 30 seconds; print administration alone fires nothing. A print server that notifies its client logs on to the caller as well: then the confidence is medium':
    'ログオンは、呼び出されたホストから、そのコンピューター アカウントとして、30 秒以内である必要があります。印刷の管理だけでは何も出しません。クライアントに通知するプリント サーバーも呼び出し元にログオンします: その場合の確度は medium です',
  'Isolate the caller; block these calls where nobody needs them, and require signing and channel binding':
    '呼び出し元を隔離する。不要な場所ではこれらの呼び出しをブロックし、署名とチャネル バインドを必須にする',
  'Stop-Service Spooler; Set-Service Spooler -StartupType Disabled (domain controllers)':
    'Stop-Service Spooler; Set-Service Spooler -StartupType Disabled (ドメイン コントローラー)',
  'reset the machine account that logged on if its logon was accepted elsewhere':
    'ログオンが別の場所で受け入れられた場合は、ログオンしたコンピューター アカウントをリセットする',
  'a name answer led to an NTLM logon: poisoning': '名前の応答が NTLM ログオンにつながりました: ポイズニング',
  'A host answers an LLMNR, NBT-NS or mDNS question with its own address, and the host that asked logs on to it with NTLM':
    'ホストが LLMNR、NBT-NS、mDNS の問い合わせに自分のアドレスで応答し、問い合わせたホストがそこに NTLM でログオン',
  'The name answer and the logon that followed': '名前の応答と、それに続くログオン',
  'A host that answers for its own name (it calls itself so in the challenge, DNS gives it that name, or it took a ticket for it) is no poisoner, unless it answers for wpad or more than two names, sends the challenge of a tool, or hands the logon on; DNS answers do not count':
    '自分の名前に応答するホスト (チャレンジでそう名乗る、DNS がその名前を与える、またはその名前のチケットを受け取った) はポイズニングではありません。ただし wpad または 3 つ以上の名前に応答する、ツールのチャレンジを送る、ログオンを中継する場合を除きます。DNS の応答は数えません',
  'Isolate the host that answered; disable LLMNR, NBT-NS and mDNS resolution':
    '応答したホストを隔離する。LLMNR、NBT-NS、mDNS の名前解決を無効にする',
  'Group Policy: Turn off multicast name resolution': 'グループ ポリシー: マルチキャスト名前解決をオフにする',
  'NetBIOS over TCP/IP: disable (DHCP option 001)': 'NetBIOS over TCP/IP: 無効にする (DHCP オプション 001)',
  'change the password of the account that logged on': 'ログオンしたアカウントのパスワードを変更する',
  'password spray over NTLM': 'NTLM でのパスワード スプレー',
  'One client fails to log on as five or more accounts within ten minutes':
    '1 台のクライアントが 10 分以内に 5 つ以上のアカウントでログオンに失敗',
  'The failed logons': '失敗したログオン',
  'A proxy or terminal server has more accounts that succeed than fail: then nothing fires; account states (locked, expired, disabled) are no wrong passwords':
    'プロキシまたはターミナル サーバーでは、失敗より成功したアカウントのほうが多くなります: その場合は何も出しません。アカウントの状態 (ロック、期限切れ、無効) はパスワードの誤りではありません',
  'events 4625 and 4776 for the client': 'クライアントのイベント 4625 と 4776',
  'lockout policy, Microsoft Entra Password Protection or banned-password filter':
    'ロックアウト ポリシー、Microsoft Entra パスワード保護、または禁止パスワード フィルター',
  'two hosts have the same machine id: cloned without Sysprep':
    '2 台のホストのマシン ID が同じです: Sysprep なしで複製されています',
  'The permanent machine id of MsvAvSingleHost is the same for two workstation names at two addresses':
    'MsvAvSingleHost の永続的なマシン ID が、2 つのアドレスの 2 つのワークステーション名で同じ',
  'An AUTHENTICATE_MESSAGE of each': 'それぞれの AUTHENTICATE_MESSAGE',
  'One host with several addresses keeps its name; a renamed host keeps its address: both name and address must differ. The id itself is never printed':
    '複数のアドレスを持つ 1 台のホストは名前が同じままで、名前を変えたホストはアドレスが同じままです: 名前とアドレスの両方が違う必要があります。ID 自体は決して出力しません',
  'Rebuild one of them with Sysprep: current Windows refuses Kerberos and NTLM between clones':
    '一方を Sysprep で作り直す: 現行の Windows は複製の間の Kerberos と NTLM を拒否します',
  'sysprep /generalize before an image is taken': 'イメージを作る前に sysprep /generalize',
  'event 6167 of LsaSrv names refused logons': 'LsaSrv のイベント 6167 で、拒否されたログオンが分かります',
  '; the target refused it': '。接続先は拒否しました',
  'with SMB signing {0}, not required': 'SMB 署名が {0} で、必須でない',
  'in TLS without channel binding ({0})': 'チャネル バインドのない TLS ({0})',
  'in TLS with the binding of another channel': '別のチャネルのバインドを伴う TLS',
  'over LDAP without integrity': '整合性のない LDAP',
  'over {0}, whose messages are in clear': 'メッセージが平文の {0}',
  'over {0} in clear': '平文の {0}',
}
