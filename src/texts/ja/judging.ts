/**
 * Japanese. Expectations, cards of devices, comparisons.
 */
import type { Catalogue } from '../text.ts'

export const JA_JUDGING: Catalogue = {
  'NTLM: {0} of {1} uses are on the list': 'NTLM: {1} 件の使用のうち {0} 件が許可リストにあります',
  'no NTLM is used but what is on the list': '許可リストにあるもの以外に NTLM は使われない',
  'on the list, line {0}': '許可リスト {0} 行目',
  'the report does not list every authentication: give the captures instead':
    'レポートはすべての認証を列挙していません。代わりにキャプチャを指定してください',
  'no entry that is in use has expired': '使用中の項目に期限切れのものはない',
  'expired on {0} and still used': '{0} に期限が切れ、まだ使われています',
  'Ask {0}: end the use, or decide anew until when it is allowed':
    '{0} に確認する: 使用を終えるか、いつまで許可するかを改めて決める',
  'a person stands behind every entry, with a reason': 'すべての項目に責任者と理由がある',
  'owner or reason is still to be written': '責任者または理由がまだ書かれていません',
  'Write who answers for this use, and why it is needed': 'この使用の責任者と、必要な理由を書く',
  'line {0}, {1}: {2} (owner: {3}; reason: {4})': '{0} 行目、{1}: {2} (責任者: {3}; 理由: {4})',
  'expired on {0} and ': '{0} に期限が切れ、',
  'line {0}, {1}: {2}not seen in these captures; take it out if it is not needed any more':
    '{0} 行目、{1}: {2}これらのキャプチャでは観測されていません。不要になったのなら削除してください',
  'no NTLM': 'NTLM なし',
  'Have it used with NTLM alone: connect to it by its address (net use \\\\10.1.0.5\\share), or with smbclient --use-kerberos=off; as a client, send it to a server by address. A refusal is the proof.':
    'NTLM だけで使わせてください: アドレスで接続する (net use \\\\10.1.0.5\\share)、または smbclient --use-kerberos=off。クライアントとしては、アドレスでサーバーに送信させます。拒否されることが証拠になります。',
  'Join it to the domain. As a server: from a domain client, klist purge, then open \\\\nas1.corp.example\\share by its full name. As a client: enter the full name of the server (not its address), then press scan to folder, or mount the share.':
    'ドメインに参加させてください。サーバーとしては、ドメインのクライアントで klist purge を実行し、完全な名前で \\\\nas1.corp.example\\share を開きます。クライアントとしては、サーバーの (アドレスではなく) 完全な名前を入力し、フォルダーへのスキャンを押すか、共有をマウントします。',
  'SMB signing required': 'SMB 署名を必須',
  "As a server: connect with smbclient --option='client signing=off' //nas1/share; as a client: press scan to folder. The policy stands in the first messages of the session, and what was in effect in those that follow.":
    "サーバーとしては、smbclient --option='client signing=off' //nas1/share で接続します。クライアントとしては、フォルダーへのスキャンを押します。ポリシーはセッションの最初のメッセージに、実際の保護はその後のメッセージにあります。",
  'channel binding': 'チャネル バインド',
  'Have it authenticate over HTTPS or LDAPS, and capture where TLS has ended (a reverse proxy), or look at the log of the server.':
    'HTTPS または LDAPS で認証させ、TLS を終端した先 (リバース プロキシ) でキャプチャするか、サーバーのログを確認してください。',
  'no SMB1': 'SMB1 なし',
  'not used': '未使用',
  "Have it asked for SMB1 alone: smbclient --option='client max protocol=NT1' --option='client min protocol=NT1'; as a client, send it to a server that knows nothing else. It is off where that ends without a logon.":
    "SMB1 だけで要求してください: smbclient --option='client max protocol=NT1' --option='client min protocol=NT1'。クライアントとしては、SMB1 しか使えないサーバーに送信させます。ログオンできずに終われば、無効です。",
  'no clear passwords': '平文パスワードなし',
  'Have it log on wherever it holds a password: look up an address book (LDAP), send a mail (SMTP), scan to folder, scan to FTP; as a server, open its web page. Over LDAPS and HTTPS nothing is visible: that the port is used has to do.':
    'パスワードを持つあらゆる場所でログオンさせてください: アドレス帳の検索 (LDAP)、メールの送信 (SMTP)、フォルダーへのスキャン、FTP へのスキャン。サーバーとしては Web ページを開きます。LDAPS と HTTPS では何も観測できません: そのポートが使われたことで足りるとします。',
  'offered, not used': '提示のみで未使用',
  'not offered': '提示なし',
  'not seen': '観測なし',
  'not tested': '未検査',
  'it was used': '使用されました',
  'it is still offered, and was only not used': 'まだ提示されています。使われなかっただけです',
  'it was only not used: nobody asked for it': '使われなかっただけです。要求した相手がいません',
  'it is not offered': '提示されていません',
  'it was refused': '拒否されました',
  'nothing showed it': '示すものがありません',
  peers: '相手',
  'from {0}': '{0} から',
  offered: '提示',
  used: '使用',
  '{0} over {1}: {2}': '{1} の {0}: {2}',
  'as a fallback': 'フォールバック',
  accounts: 'アカウント',
  'NTLM versions': 'NTLM のバージョン',
  'ticket etypes': 'チケットの暗号化',
  'session key etypes': 'セッション キー',
  'LDAP binds': 'LDAP バインド',
  'RPC levels': 'RPC レベル',
  TLS: 'TLS',
  certificate: '証明書',
  'TLS versions': 'TLS のバージョン',
  'certificates shown': '提示された証明書',
  'bound to another certificate': '別の証明書へのバインド',
  'programs, by the logs': 'プログラム (ログ)',
  'accounts, by the logs': 'アカウント (ログ)',
  "Windows' reasons": 'Windows の理由',
  'SMB dialects': 'SMB ダイアレクト',
  'SMB signing': 'SMB 署名',
  'SMB sessions': 'SMB セッション',
  'encrypted ({0})': '暗号化 ({0})',
  'etypes asked for': '要求した暗号化',
  'KDC errors': 'KDC エラー',
  'no message followed': '続くメッセージなし',
  'as a server: {0}': 'サーバーとして: {0}',
  'as a client of {0} port {1}': '{0} ポート {1} のクライアントとして',
  'as a server on port {0}, for {1}': 'ポート {0} のサーバーとして、{1} に対し',
  '{0}: {1} x {2}, what authenticates inside is not visible (frame {3})':
    '{0}: {2} {1} 件、中の認証は観測できません (フレーム {3})',
  '{0}: parts of {1} conversations are missing (frame {2})': '{0}: {1} 件の通信の一部が欠けています (フレーム {2})',
  'does not': '不適合',
  'As a server: log on with NTLMv2 and then, with the same right password, with NTLMv1 (smbclient --option="client ntlmv2 auth=no"). As a client: send it to a server that takes NTLMv1 alone (Samba: ntlm auth = ntlmv1-permitted, and no Kerberos); it is off where no logon comes.':
    'サーバーとしては、NTLMv2 でログオンし、次に同じ正しいパスワードで NTLMv1 でログオンします (smbclient --option="client ntlmv2 auth=no")。クライアントとしては、NTLMv1 だけを受け付けるサーバーに送信させます (Samba: ntlm auth = ntlmv1-permitted、Kerberos なし)。ログオンが来なければ無効です。',
  'Clear the ticket cache of the client (klist purge; restart the device) and have it log on by name: see port 88 too.':
    'クライアントのチケット キャッシュを消去し (klist purge、機器は再起動)、名前でログオンさせてください: ポート 88 も対象にしてください。',
  'As a server: open a share of it. As a client: press scan to folder, or mount a share.':
    'サーバーとしては、その共有を開きます。クライアントとしては、フォルダーへのスキャンを押すか、共有をマウントします。',
  'Press the search of its address book, or log on at its panel with a domain account: both ask the directory. Capture port 389.':
    'アドレス帳の検索を押すか、操作パネルでドメイン アカウントでログオンします: どちらもディレクトリに問い合わせます。ポート 389 をキャプチャしてください。',
  'Enter a server by its full name, then press scan to folder, and look for the same name in the ticket request (port 88).':
    'サーバーを完全な名前で入力してフォルダーへのスキャンを押し、チケットの要求 (ポート 88) に同じ名前があるか確認します。',
  'fell back': 'フォールバック発生',
  'still NTLM': '引き続き NTLM',
  'it uses NTLM': 'NTLM を使用しています',
  'not seen any more, which is not fixed': 'もう観測されませんが、解消したとは言えません',
  'no NTLM before': '以前は NTLM がありませんでした',
  'no accepted Kerberos logon was seen': '受け入れられた Kerberos ログオンは観測されませんでした',
  'no NTLM is seen any more, but: {0}': 'NTLM はもう観測されませんが、次の点があります: {0}',
  '{0}; {1}: frames {2}': '{0}; {1}: フレーム {2}',
  'every logon is refused: {0} of {1}{2}': 'すべてのログオンが拒否された: {0}/{1}{2}',
  '{0}: frames {1}': '{0}: フレーム {1}',
  'NTLM before, because of {0}': '以前は NTLM、原因は {0}',
  'an exception for {0} would let it through': '{0} の例外で通せます',
  '<the name that was typed>': '<入力された名前>',
  'events: {0}': 'イベント: {0}',
  'SMB was signed or encrypted, and is not': 'SMB は署名または暗号化されていましたが、現在はされていません',
  'SMB is signed or encrypted': 'SMB は署名または暗号化されています',
  'logons were bound to TLS, and are not': 'ログオンは TLS にバインドされていましたが、現在はされていません',
  'logons are bound to TLS': 'ログオンは TLS にバインドされています',
  'no longer so: {0} ({1})': '成り立たなくなりました: {0} ({1})',
  'now so: {0} (before: {1})': '成り立つようになりました: {0} (変更前: {1})',
  'new findings: {0}': '新しい検出事項: {0}',
  'findings not seen any more: {0}': '観測されなくなった検出事項: {0}',
  'only before: {0}': '変更前のみ: {0}',
  'only after: {0}': '変更後のみ: {0}',
  'the two were made with different filters': '2 つのレポートは違う絞り込みで作られています',
  '{0} could not be read to its end': '{0} は終わりまで読めませんでした',
  'NTLM was begun, and answered without a challenge: no logon took place':
    'NTLM が始まりましたが、チャレンジなしで応答されました: ログオンは行われていません',
  'of this logon only messages of the {0} are in the capture':
    'このログオンについては {0} からのメッセージだけがキャプチャにあります',
  'the capture does not show which mechanism was used': 'どのメカニズムが使われたかキャプチャでは分かりません',
  'NTLM{0}, mapped to guest,': 'ゲストに割り当てられた NTLM{0}',
  '{0} was used{1}': '{0} が使用されました{1}',
  'Require SMB signing on the client (RequireSecuritySignature, client signing = required)':
    'クライアントで SMB 署名を必須にする (RequireSecuritySignature、client signing = required)',
  'Have the client sign or seal (LDAPClientIntegrity, SASL ssf) or use TLS; then require it on the server (LDAPServerIntegrity 2)':
    'クライアントに署名または封印をさせる (LDAPClientIntegrity、SASL ssf) か TLS を使い、次にサーバーで必須にする (LDAPServerIntegrity 2)',
  'Have the client send channel bindings, and the server demand them (Extended Protection, LdapEnforceChannelBinding 2)':
    'クライアントにチャネル バインドを送らせ、サーバーで必須にする (拡張保護、LdapEnforceChannelBinding 2)',
  'Give the account of the service AES keys (msDS-SupportedEncryptionTypes, then reset the password) and renew keytabs':
    'サービスのアカウントに AES キーを持たせ (msDS-SupportedEncryptionTypes を設定し、パスワードをリセット)、keytab を更新する',
  'Let the client use AES: take out its limit (permitted_enctypes, default_tgs_enctypes; on Windows the policy for Kerberos encryption types)':
    'クライアントが AES を使えるようにする: 制限を外す (permitted_enctypes、default_tgs_enctypes、Windows では Kerberos の暗号化の種類のポリシー)',
  'Set the lowest dialect to SMB 3.0 or later (server min protocol = SMB3_00)':
    '最低のダイアレクトを SMB 3.0 以降にする (server min protocol = SMB3_00)',
  'Enter the full name of the server (files1.corp.example) instead of its address':
    'サーバーのアドレスではなく完全な名前 (files1.corp.example) を入力する',
  'Use HTTPS with channel binding: HTTP itself protects nothing':
    'チャネル バインドのある HTTPS を使う: HTTP 自体は何も保護しません',
  'Raise the authentication level to packet integrity or privacy on server and client':
    'サーバーとクライアントで認証レベルをパケットの整合性またはプライバシーに上げる',
  'Start the capture before the client connects (end its old sessions first), at a point that sees both directions, and run the action once.':
    'クライアントが接続する前に (古いセッションを終わらせてから)、両方向が見える場所でキャプチャを始め、操作を 1 回実行してください。',
  '{0} Read or write something afterwards: only ordinary messages prove protection.':
    '{0} その後で何かを読み書きしてください: 保護を証明するのは通常のメッセージだけです。',
  'Inside TLS nothing is visible: capture where TLS has ended (behind the load balancer), or look at the log of the server.':
    'TLS の中は観測できません: TLS を終端した先 (ロード バランサーの後ろ) でキャプチャするか、サーバーのログを確認してください。',
  'a channel was bound to an SMB session whose logon is not in the capture':
    '元のログオンがキャプチャにない SMB セッションにチャネルがバインドされました',
  'an SMB session was renewed whose logon is not in the capture':
    '元のログオンがキャプチャにない SMB セッションが更新されました',
  'every authentication uses Kerberos and is accepted': 'すべての認証が Kerberos で行われ、受け入れられる',
  '{0} was used': '{0} が使用されました',
  'Configure client and server for Kerberos (Negotiate, GSSAPI)':
    'クライアントとサーバーを Kerberos (Negotiate、GSSAPI) で構成する',
  'Kerberos was refused{0}': 'Kerberos が拒否されました{0}',
  'Look up the error: wrong key, clock skew, missing keytab or SPN on another account':
    'エラーを調べる: キーの誤り、時刻のずれ、keytab の不足、別のアカウントの SPN',
  'whether Kerberos was accepted is not in the capture': 'Kerberos が受け入れられたかどうかはキャプチャにありません',
  'Kerberos was accepted{0}{1}': 'Kerberos が受け入れられました{0}{1}',
  ' for {0}': ': {0}',
  '{0} of {1} authentications used something else than Kerberos':
    '{1} 件の認証のうち {0} 件が Kerberos 以外を使用しました',
  'not every authentication is known to be an accepted Kerberos one':
    '受け入れられた Kerberos と分かっていない認証があります',
  'all {0} authentications used Kerberos and were accepted':
    '{0} 件の認証すべてが Kerberos を使用し、受け入れられました',
  'no NTLM message is sent': 'NTLM メッセージが送信されない',
  '{0}, without NTLM': '{0}、NTLM なし',
  'another mechanism': '別のメカニズム',
  '{0} of {1} authentications used NTLM': '{1} 件の認証のうち {0} 件が NTLM を使用しました',
  'some authentications are not told apart': '区別できない認証があります',
  'none of {0} authentications used NTLM': '{0} 件の認証のうち NTLM を使用したものはありません',
  'no authentication falls back from Kerberos to NTLM': 'Kerberos から NTLM にフォールバックする認証がない',
  'fallback to NTLM: {0}': 'NTLM へのフォールバック: {0}',
  'NTLM was used; how it came to that was not visible': 'NTLM が使用されました。そうなった経緯は観測できませんでした',
  'NTLM, not as a fallback: {0}': 'NTLM、フォールバックではない: {0}',
  '{0}, no fallback': '{0}、フォールバックなし',
  '{0} of {1} authentications fell back to NTLM': '{1} 件の認証のうち {0} 件が NTLM にフォールバックしました',
  'how some authentications came about is not known': '経緯の分からない認証があります',
  'none of {0} authentications fell back': '{0} 件の認証のうちフォールバックしたものはありません',
  'where NTLM is used it is NTLMv2: no LM, no NTLMv1': 'NTLM が使われる場合は NTLMv2 である: LM も NTLMv1 もない',
  'the response is NTLMv2': '応答は NTLMv2 です',
  'the AUTHENTICATE_MESSAGE was not seen': 'AUTHENTICATE_MESSAGE は観測されませんでした',
  '{0} of {1} authentications used LM or NTLMv1': '{1} 件の認証のうち {0} 件が LM または NTLMv1 を使用しました',
  'some responses were not seen': '観測されなかった応答があります',
  'no LM and no NTLMv1 in {0} authentications': '{0} 件の認証に LM も NTLMv1 もありません',
  'every session is signed or encrypted': 'すべてのセッションが署名または暗号化される',
  'the server requires signing': 'サーバーが署名を必須とする',
  'Capture the start of one session: the NEGOTIATE response tells (for LDAP, an unsigned bind and its answer).':
    'セッションの始まりを 1 つキャプチャしてください: NEGOTIATE 応答で分かります (LDAP では、署名のないバインドとその応答)。',
  'the NEGOTIATE response was not seen': 'NEGOTIATE 応答は観測されませんでした',
  'the server says required, and accepts unsigned messages':
    'サーバーは必須と示しながら、署名のないメッセージを受け入れています',
  'Update the server: it does not enforce what it announces': 'サーバーを更新する: 自ら示す設定を強制していません',
  'its NEGOTIATE response says: signing required': 'NEGOTIATE 応答の内容: 署名は必須',
  'an unsigned bind was refused: strongerAuthRequired': '署名のないバインドが拒否されました: strongerAuthRequired',
  'an unsigned bind was accepted': '署名のないバインドが受け入れられました',
  'no unsigned bind was tried': '署名のないバインドは試されていません',
  'its NEGOTIATE responses say: signing required': 'NEGOTIATE 応答の内容: 署名は必須',
  'the client requires signing': 'クライアントが署名を必須とする',
  'Have it connect to a file server, and capture the start: its NEGOTIATE request tells.':
    'ファイル サーバーに接続させ、始まりをキャプチャしてください: NEGOTIATE 要求で分かります。',
  'every session is encrypted': 'すべてのセッションが暗号化される',
  'the conversation is in TLS': '通信は TLS の中です',
  'every authentication over TLS is bound to its channel': 'TLS 上のすべての認証がそのチャネルにバインドされる',
  'the token is bound to this channel ({0})': 'トークンはこのチャネルにバインドされています ({0})',
  'the token carries a channel binding, and nothing shows that it is another channel':
    'トークンにチャネル バインドがあり、別のチャネルであることを示すものはありません',
  'the channel binding was made with the wrong hash': 'チャネル バインドは誤ったハッシュで作られています',
  'Update the client: a server that demands channel bindings refuses it':
    'クライアントを更新する: チャネル バインドを必須とするサーバーはこれを拒否します',
  'channel binding {0}': 'チャネル バインド {0}',
  'the token is bound to another channel': 'トークンは別のチャネルにバインドされています',
  'the token is bound to the certificate of another channel': 'トークンは別のチャネルの証明書にバインドされています',
  'Find out which TLS connection it was made for: a relay, or a proxy that ends TLS':
    'どの TLS 接続のために作られたかを調べる: リレー、または TLS を終端するプロキシです',
  'the channel binding is encrypted': 'チャネル バインドは暗号化されています',
  '{0} has no TLS channel to bind to: expect signed instead':
    '{0} にはバインドする TLS チャネルがありません: 代わりに signed を指定してください',
  'no TLS: there is no channel to bind to': 'TLS ではありません: バインドするチャネルがありません',
  'Use TLS, and have client and server use channel bindings':
    'TLS を使い、クライアントとサーバーでチャネル バインドを使う',
  '{0} of {1} authentications without the right channel binding':
    '{1} 件の認証のうち {0} 件に正しいチャネル バインドがありません',
  'all {0} authentications are bound': '{0} 件の認証すべてがバインドされています',
  'the channel binding was not visible': 'チャネル バインドは観測できませんでした',
  'no SMB1 dialect is spoken': 'SMB1 のダイアレクトが使われない',
  'Capture the start of an SMB session: the dialect stands in the NEGOTIATE response.':
    'SMB セッションの始まりをキャプチャしてください: ダイアレクトは NEGOTIATE 応答にあります。',
  'the dialect was not seen': 'ダイアレクトは観測されませんでした',
  'SMB1: dialect {0}': 'SMB1: ダイアレクト {0}',
  'every SMB session uses dialect 3.0 or later': 'すべての SMB セッションがダイアレクト 3.0 以降を使う',
  'servers are asked for by their names, never by an address': 'サーバーが名前で指定され、アドレスで指定されない',
  '{0} The name of the service stands in the ticket request, or in the NTLM token.':
    '{0} サービスの名前は、チケットの要求または NTLM トークンにあります。',
  'the target is an address: {0}': '接続先がアドレスです: {0}',
  'the name of the target was not seen': '接続先の名前は観測されませんでした',
  'the target is {0}': '接続先は {0} です',
  'an address was used as the target': '接続先としてアドレスが使われました',
  'the targets of all authentications are not told apart': 'すべての認証の接続先を区別できるわけではありません',
  'no password is sent in clear': '平文のパスワードが送信されない',
  '{0} over {1} without TLS: the password is readable': 'TLS なしの {1} で {0}: パスワードを読むことができます',
  '{0} sends no readable password': '{0} は読み取れるパスワードを送りません',
  'simple binds, some of them in TLS': '簡易バインド、その一部は TLS の中',
  '{0} of {1} authentications sent a readable password':
    '{1} 件の認証のうち {0} 件が読み取れるパスワードを送信しました',
  'no readable password in {0} authentications': '{0} 件の認証に読み取れるパスワードはありません',
  'tickets and their session keys use AES: no RC4, no DES':
    'チケットとそのセッション キーが AES を使う: RC4 も DES もない',
  'Capture a logon by Kerberos with its ticket request: clear the ticket cache of the client (klist purge), then connect; see port 88 too.':
    'チケットの要求を含む Kerberos ログオンをキャプチャしてください: クライアントのチケット キャッシュを消去し (klist purge)、接続します。ポート 88 も対象にしてください。',
  'the ticket for {0}': '{0} のチケット',
  'the ticket': 'チケット',
  'the ticket was not seen': 'チケットは観測されませんでした',
  '{0} has {1}': '{0}は {1} です',
  '{0} has {1}, its session key only {2}': '{0}は {1}、セッション キーだけが {2} です',
  'tickets with RC4 or DES': 'RC4 または DES のチケット',
  'the etypes of the session keys are not told apart': 'セッション キーの暗号化の種類を区別できません',
  'a ticket for {0}': '{0} のチケット',
  'the KDC issued {0} with {1}': 'KDC は{0}を {1} で発行しました',
  'the client asked for {0} with {1} alone': 'クライアントは{0}を {1} だけで要求しました',
  'every LDAP bind signs, seals or runs in TLS': 'すべての LDAP バインドが署名、封印、または TLS の中である',
  '{0} On port 636 and after StartTLS nothing is visible: there, expect encrypted.':
    '{0} ポート 636 と StartTLS の後は観測できません: そこでは encrypted を指定してください。',
  'every RPC context has packet integrity or privacy':
    'すべての RPC コンテキストにパケットの整合性またはプライバシーがある',
  '{0} RPC inside encrypted SMB sessions is not visible.':
    '{0} 暗号化された SMB セッションの中の RPC は観測できません。',
  'the levels of the contexts are not told apart': 'コンテキストのレベルを区別できません',
  'the authentication succeeds': '認証が成功する',
  '{0} succeeded': '{0} が成功しました',
  '{0} failed{1}': '{0} が失敗しました{1}',
  'Look up the status of the server': 'サーバーのステータスを調べる',
  'the result was not seen': '結果は観測されませんでした',
  '{0} of {1} authentications failed': '{1} 件の認証のうち {0} 件が失敗しました',
  '{0} of {1} authentications succeeded': '{1} 件の認証のうち {0} 件が成功しました',
  'the NEGOTIATE request was not seen': 'NEGOTIATE 要求は観測されませんでした',
  'its NEGOTIATE request says: signing required': 'NEGOTIATE 要求の内容: 署名は必須',
  'its NEGOTIATE request says: signing {0}': 'NEGOTIATE 要求の内容: 署名は {0}',
  'the SMB session is encrypted': 'SMB セッションは暗号化されています',
  'a guest session: it has no key to sign with': 'ゲスト セッションです: 署名するキーがありません',
  'the SMB session is signed, not encrypted': 'SMB セッションは署名されていますが、暗号化されていません',
  'Require encryption on the share or the server (EncryptData)': '共有またはサーバーで暗号化を必須にする (EncryptData)',
  'the SMB session is signed': 'SMB セッションは署名されています',
  'the SMB session is not signed: client {0}, server {1}':
    'SMB セッションは署名されていません: クライアント {0}、サーバー {1}',
  'no ordinary SMB message followed the logon': 'ログオンの後に通常の SMB メッセージがありません',
  'the bind runs in TLS': 'バインドは TLS の中です',
  'the client bound without integrity, and was refused': 'クライアントは整合性なしでバインドし、拒否されました',
  'LDAP is sealed': 'LDAP は封印されています',
  'LDAP is signed, not sealed': 'LDAP は署名されていますが、封印されていません',
  'Have the client seal (SASL ssf), or use TLS': 'クライアントに封印させる (SASL ssf) か、TLS を使う',
  'LDAP is signed': 'LDAP は署名されています',
  'LDAP went on in clear, unsigned': 'LDAP は署名なしの平文で続きました',
  'no LDAP message followed the bind': 'バインドの後に LDAP メッセージがありません',
  'HTTP without TLS: nothing after the logon is protected': 'TLS なしの HTTP: ログオンの後は何も保護されません',
  'how {0} protects what follows is not judged': '{0} がその後をどう保護するかは判定しません',
  'the level of the RPC context was not seen': 'RPC コンテキストのレベルは観測されませんでした',
  'RPC level {0}': 'RPC レベル {0}',
  'RPC level {0}, not privacy': 'RPC レベル {0}、プライバシーではありません',
  '{0} of {1} SMB sessions are not {2}': '{1} 件の SMB セッションのうち {0} 件が保護されていません ({2})',
  'all {0} SMB sessions are protected': '{0} 件の SMB セッションすべてが保護されています',
  'the protection of some SMB sessions was not seen': '一部の SMB セッションの保護は観測されませんでした',
  'some binds run in TLS': '一部のバインドは TLS の中です',
  'after {0} of {1} binds LDAP is not {2}': '{1} 件のバインドのうち {0} 件の後、LDAP が保護されていません ({2})',
  'all {0} binds sign or seal': '{0} 件のバインドすべてが署名または封印します',
  'the layer of some binds was not seen': '一部のバインドの層は観測されませんでした',
  'the protection of these authentications is not told apart': 'これらの認証の保護を区別できません',
  'the report does not list every ticket': 'レポートはすべてのチケットを列挙していません',
  'The beginning of the connection is in the capture, and nobody authenticated: see on the client why it did not (event 4001 where NTLM is blocked).':
    '接続の始まりはキャプチャにありますが、誰も認証していません: 認証しなかった理由をクライアントで確認してください (NTLM がブロックされている場合はイベント 4001)。',
  'no host in these captures is called {0}': '{0} という名前のホストはこれらのキャプチャにありません',
  '{0} is not in these captures': '{0} はこれらのキャプチャにありません',
  '{0}, and no server was seen': '{0}。サーバーは観測されませんでした',
  '{0}; servers seen: {1}{2}': '{0}; 観測されたサーバー: {1}{2}',
  'Give an address or a name that is in the captures, or capture where its traffic passes.':
    'キャプチャにあるアドレスまたは名前を指定するか、その通信が通る場所でキャプチャしてください。',
  'Give its address (--server {0}), say what the name means (--name {1}={2}, --hosts FILE in the form of /etc/hosts, `names:` in a policy), or give what was captured before the change (--before FILE).':
    'アドレスを指定する (--server {0})、名前の意味を示す (--name {1}={2}、/etc/hosts の形式の --hosts FILE、またはポリシーの `names:`)、または変更前のキャプチャを渡して (--before FILE) ください。',
  '{0} is {1}: so says {2}': '{0} は {1} です: {2} による',
  ' port {0}': ' ポート {0}',
  'any service': 'すべてのサービス',
  'the report does not list every authentication, and its pair has several ports':
    'レポートはすべての認証を列挙しておらず、この組には複数のポートがあります',
  'an encrypted SMB session: RPC inside it is not visible': '暗号化された SMB セッション: 中の RPC は観測できません',
  'Capture at {0}: logons there are in TLS, on another segment, or began before the capture. Or look at their log (event 4624).':
    '{0} でキャプチャしてください: そこのログオンは TLS の中、別のセグメント、またはキャプチャより前に始まっています。あるいはそのログ (イベント 4624) を確認してください。',
  '{0} to {1} port {2}': '{0} から {1} ポート {2}',
  'in {0}, what authenticates inside is not visible': '{0} の中の認証は観測できません',
  'began before the capture, how it authenticated is not in it':
    'キャプチャより前に始まり、どう認証したかは含まれていません',
  'captured in one direction only': '片方向だけキャプチャされています',
  'Capture a minute longer than the action takes: it ended before the client had what it came for.':
    '操作が終わってからさらに 1 分キャプチャしてください。クライアントが目的を果たす前にキャプチャが終わっています。',
  'the capture ended before anybody had authenticated in it': '誰かが認証する前にキャプチャが終わっています',
  'with holes: packets are missing in the capture': '欠落があります: パケットがキャプチャにありません',
  'the capture is damaged: {0}': 'キャプチャが破損しています: {0}',
  'the report was made with a filter: {0}': 'レポートは絞り込んで作られています: {0}',
  'its authentications say nothing about this': 'その認証からは、これについて何も言えません',
  'no conversation of this flow is in the capture': 'この通信はキャプチャにありません',
  '{0} conversations, and no authentication in them': '通信 {0} 件、その中に認証はありません',
  'the report before': '変更前のレポート',
  '{0}: the log of the server says {1}, the wire {2}': '{0}: サーバーのログでは {1}、通信では {2}',
  '{0} ({1} times)': '{0} ({1} 回)',
  'the logs say more: {0} other notes': 'ログにはほかにも {0} 件の注があります',
  '{0}{1} used NTLM, as the logs say': 'ログによると、{0}{1} が NTLM を使用しました',
  'a program that no log names': 'ログに名前のないプログラム',
  "{0}; Windows' reason: {1}": '{0}; Windows の理由: {1}',
  'authentications by NTLM': 'NTLM による認証',
  'clients that use NTLM': 'NTLM を使うクライアント',
  'share of the clients that use NTLM': 'NTLM を使うクライアントの割合',
  'pairs of client, server and service with NTLM': 'NTLM のあるクライアント、サーバー、サービスの組',
  'fallbacks from Kerberos to NTLM': 'Kerberos から NTLM へのフォールバック',
  'LM and NTLMv1 responses': 'LM と NTLMv1 の応答',
  'share of Kerberos authentications that succeed': 'Kerberos 認証の成功率',
  'thresholds, of what the captures show': 'しきい値 (キャプチャが示す範囲)',
  '{0}: at {1} {2}': '{0}: {1} {2}',
  'there are {0}': '{0} 件あります',
  'no authentication is in the captures': 'キャプチャに認証がありません',
  'there is nothing to measure it by': '測る対象がありません',
  'Capture a working day of the clients that matter, with nothing lost.':
    '対象となるクライアントの 1 営業日分を、欠落なくキャプチャしてください。',
  'its challenge has the NTLMSSP version 6.1.0, as Samba sends it; macOS too':
    'チャレンジの NTLMSSP バージョンは 6.1.0 で、Samba (macOS も) が送るものです',
  'its challenge has the NTLMSSP version {0}, as Windows sends it':
    'チャレンジの NTLMSSP バージョンは {0} で、Windows が送るものです',
  'as a client it sends the NTLMSSP version {0}, as Windows does':
    'クライアントとして送る NTLMSSP バージョンは {0} で、Windows と同じです',
  'its hardware address {0}, as it says itself in ARP, is one of this maker':
    'ARP で自ら名乗ったハードウェア アドレス {0} はこのメーカーのものです',
  'its address {0} is made of a hardware address of this maker':
    'アドレス {0} はこのメーカーのハードウェア アドレスから作られています',
  'its name {0} ends with a hardware address of this maker': '名前 {0} の末尾はこのメーカーのハードウェア アドレスです',
  'its name {0} is made as the maker names its devices': '名前 {0} はこのメーカーの既定の形です',
  'disabled; at least ntlmv2-only': 'disabled、少なくとも ntlmv2-only',
  'ads (joined with net ads join); required': 'ads (net ads join で参加)、required',
  'mandatory; required': 'mandatory、required',
  'SMB3_00 for both': '両方とも SMB3_00',
  'see ntlmscope simulate first: what breaks, and the exceptions':
    '先に ntlmscope simulate で、壊れるものと例外を確認する',
  '-RequireSecuritySignature $true for both roles': '両方の役割で -RequireSecuritySignature $true',
  '-EnableSMB1Protocol $false, for servers': 'サーバーで -EnableSMB1Protocol $false',
  'Kerberos alone: it leaves the factory with NTLM v1, and Kerberos/NTLM v1/v2 falls back to it':
    'Kerberos のみ: 出荷時は NTLM v1 で、Kerberos/NTLM v1/v2 は NTLM v1 までフォールバックします',
  'krb; at least ntlmv2-krb; lm-ntlm-ntlmv2-krb when it leaves the factory':
    'krb。少なくとも ntlmv2-krb。出荷時は lm-ntlm-ntlmv2-krb',
  'a server in a domain: one in a workgroup knows NTLM alone':
    'ドメインに参加したサーバーにする。ワークグループのサーバーは NTLM しか使えません',
  'on: Kerberos for scan to folder needs it, and firmware 2.1 or later':
    '有効: フォルダーへのスキャンの Kerberos にはこれとファームウェア 2.1 以降が必要です',
}
