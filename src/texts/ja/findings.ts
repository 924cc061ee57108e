/**
 * Japanese. Other findings: TLS, logs, and what only several exchanges show.
 */
import type { Catalogue } from '../text.ts'

export const JA_FINDINGS: Catalogue = {
  '{0}; behind the proxy: {1}': '{0}; プロキシの背後: {1}',
  'an account that was not seen': '観測されなかったアカウント',
  'log and wire name different mechanisms': 'ログと通信でメカニズムが異なります',
  'The logon event of the server (4624, 4625) with the address and port of this client, at this time, names Kerberos where the wire shows NTLM, or the other way round':
    'このクライアントのアドレスとポート、この時刻のサーバーのログオン イベント (4624、4625) が、通信では NTLM のところを Kerberos としている、またはその逆',
  'The frames of the authentication; host, event and record number stand in the detail':
    '認証のフレーム。ホスト、イベント、レコード番号は詳細にあります',
  'Events without a port, and events of a host whose address is not known, are not compared; Negotiate is read by the package that it chose; of several logons of one port the one that agrees is taken':
    'ポートのないイベントと、アドレスの分からないホストのイベントは比べません。Negotiate は選ばれたパッケージで読みます。1 つのポートに複数のログオンがある場合は一致するものを採ります',
  'Look at both: a proxy or load balancer that logs on anew, a clock that is off, or a log that was changed':
    '両方を確認する: 改めてログオンするプロキシまたはロード バランサー、時計のずれ、または変更されたログ',
  'compare the time of the record with that of the frames, and the clock offset of the host in the report':
    'レコードの時刻をフレームの時刻、レポートにあるホストの時計のずれと比べる',
  'see whether a device between the two ends the connection and opens another one':
    '間の装置が接続を終端して別の接続を開いていないか確認する',
  'Get-WinEvent -ComputerName <host> -FilterHashtable @{LogName="Security"; Id=4624; StartTime=<time>}':
    'Get-WinEvent -ComputerName <host> -FilterHashtable @{LogName="Security"; Id=4624; StartTime=<time>}',
  ', record {0},': '、レコード {0}、',
  'the wire shows {0}; event {1} of {2}{3} says {4}': '通信では {0}。{2} のイベント {1}{3} では {4}',
  'The ServerHello chooses SSL 3.0': 'ServerHello が SSL 3.0 を選択',
  'The first frame of a connection': '接続の最初のフレーム',
  'A client that offers it beside TLS uses none of it': 'TLS と並べて提示するだけのクライアントは、使っていません',
  'Disable SSL 3.0 on the server; replace devices that know nothing newer':
    'サーバーで SSL 3.0 を無効にする。新しいものを使えない機器は更改する',
  'Windows: SCHANNEL\\Protocols\\SSL 3.0\\Server\\Enabled = 0':
    'Windows: SCHANNEL\\Protocols\\SSL 3.0\\Server\\Enabled = 0',
  'devices: update the firmware': '機器: ファームウェアを更新する',
  'certificate of the server is not valid at this time': 'サーバーの証明書がこの時点で有効ではありません',
  'A connection begins before notBefore or after notAfter of the certificate that the server shows, or of one in the chain behind it that issued it':
    'サーバーの示す証明書、またはそれに続くチェーンの中でそれを発行した証明書の notBefore より前、または notAfter より後に接続が始まっている',
  'The time is that of the capture: a clock of the recorder that is wrong makes it fire. No chain is verified: issuers are told by their names; of two with the same name, and of roots, nothing is said. A client that has an issuer among its roots needs none of it':
    '時刻はキャプチャのものです: 記録側の時計の誤りでも出ます。証明書チェーンは検証しません: 発行者は名前で見分け、同じ名前のものが 2 つある場合とルートについては何も言いません。発行者をルートとして持つクライアントには、そのチェーンは要りません',
  'Renew the certificate: clients that are told to accept it accept that of a relay as well':
    '証明書を更新する: これを受け入れるように設定されたクライアントは、リレーの証明書も受け入れます',
  'certutil -store my (Windows), or the web page of the device':
    'certutil -store my (Windows)、または機器の Web ページ',
  'certificate signed with MD5 or SHA-1': 'MD5 または SHA-1 で署名された証明書',
  'The certificate that the server shows, or one in the chain behind it that issued it, has a signature with MD5 or SHA-1, and another issuer':
    'サーバーの示す証明書、またはそれに続くチェーンの中でそれを発行した証明書の署名が MD5 または SHA-1 で、発行者が別である',
  'A self-signed certificate proves nothing by its signature; channel bindings to it use SHA-256 all the same':
    '自己署名証明書の署名は何も証明しません。それに対するチャネル バインドは変わらず SHA-256 を使います',
  'Issue it anew with SHA-256 or better': 'SHA-256 以上で発行し直す',
  'AD CS: certutil -setreg ca\\csp\\CNGHashAlgorithm SHA256, then renew':
    'AD CS: certutil -setreg ca\\csp\\CNGHashAlgorithm SHA256、その後更新する',
  'certificate does not stand for the name that was asked for': '証明書が、要求された名前のものではありません',
  'The client asked for a name (SNI) that the certificate does not have':
    'クライアントが要求した名前 (SNI) が証明書にない',
  'Without SNI nothing is compared; an inspecting proxy has certificates of its own, but with the right names':
    'SNI がなければ比べません。検査プロキシには自身の証明書がありますが、名前は正しいものです',
  'Give the server a certificate with the name that clients use, or have clients use its name':
    'クライアントが使う名前の証明書をサーバーに持たせるか、クライアントがサーバーの名前を使うようにする',
  'compare the names of the certificate with the name in the detail': '証明書の名前を、詳細にある名前と比べる',
  'TLS 1.0 or 1.1': 'TLS 1.0 または 1.1',
  'The ServerHello chooses TLS 1.0 or 1.1': 'ServerHello が TLS 1.0 または 1.1 を選択',
  'What a client offers beside newer versions does not count':
    'クライアントが新しいバージョンと並べて提示するものは数えません',
  'Enable TLS 1.2 on both ends, then disable the older versions':
    '両端で TLS 1.2 を有効にし、その後古いバージョンを無効にする',
  'Windows: SCHANNEL\\Protocols\\TLS 1.2': 'Windows: SCHANNEL\\Protocols\\TLS 1.2',
  '.NET: SchUseStrongCrypto = 1': '.NET: SchUseStrongCrypto = 1',
  'client refused the certificate of the server': 'クライアントがサーバーの証明書を拒否しました',
  'The client ends the handshake with an alert about the certificate, in clear':
    'クライアントが、証明書に関する平文のアラートでハンドシェイクを終了',
  'From TLS 1.3 on the alert is encrypted, and is not seen': 'TLS 1.3 以降ではアラートが暗号化され、観測できません',
  'Have the client trust the issuer, or give the server a certificate of one that it trusts':
    'クライアントが発行者を信頼するようにするか、信頼する発行者の証明書をサーバーに持たせる',
  'a common reason why LDAPS "does not work": the root certificate is not in the store of the client':
    'LDAPS が「使えない」よくある原因: ルート証明書がクライアントのストアにありません',
  'the key of {0} was {1}, and later {2}': '{0} のキーは {1}、その後 {2} でした',
  'a password that was set where AES is not known looks the same':
    'AES を使えない場所で設定されたパスワードも同じに見えます',
  'the answer was too big for UDP, and no request over TCP followed':
    '応答が UDP には大きすぎ、その後の TCP での要求がありません',
  'port 88 of TCP between the two, if it does not cross the capture point':
    'キャプチャ地点を通らない場合、両者の間の TCP ポート 88',
  'a print server that notifies the caller of changes to its queues logs on to it in the same way':
    'キューの変更を呼び出し元に通知するプリント サーバーも、同じように呼び出し元にログオンします',
  '{0} called {1}, and {2} s later {3} logged on to {4}':
    '{0} が {1} を呼び出し、{2} 秒後に {3} が {4} にログオンしました',
  'the caller': '呼び出し元',
  '{0} called {1}': '{0} が {1} を呼び出しました',
  'the server chose SSL 3.0': 'サーバーが SSL 3.0 を選びました',
  'the server chose TLS {0}': 'サーバーが TLS {0} を選びました',
  'the client ended the handshake: {0}': 'クライアントがハンドシェイクを終了しました: {0}',
  '{0} expired on {1}': '{0} は {1} に期限が切れました',
  '{0} is valid from {1} on': '{0} は {1} から有効です',
  'in the chain of {0}: {1} expired on {2}': '{0} のチェーンの中: {1} は {2} に期限が切れました',
  'in the chain of {0}: {1} is valid from {2} on': '{0} のチェーンの中: {1} は {2} から有効です',
  'in the chain of {0}: {1}: {2}': '{0} のチェーンの中: {1}: {2}',
  'asked for {0}; the certificate has {1}': '{0} を要求しましたが、証明書は {1} です',
  'no name': '名前なし',
  'behind a proxy: {0}': 'プロキシの背後: {0}',
  'for {0}, then it logged on to {1}, which is no domain controller here':
    '{0} に対して、その後 {1} にログオンしました。これはここではドメイン コントローラーではありません',
  'the ticket inside the authentication (encrypted)': '認証の中のチケット (暗号化されています)',
  'for {0}{1}': '{0} に対して{1}',
  ', then it logged on to {0}, a domain controller': '、その後ドメイン コントローラー {0} にログオンしました',
  'the service that receives the ticket': 'チケットを受け取るサービス',
  'the server chose {0}; {1}': 'サーバーは {0} を選びました。{1}',
  'the request of the client': 'クライアントの要求',
  'what the client asked for is not in the capture': 'クライアントの要求はキャプチャにありません',
  'the client asked for {0}': 'クライアントは {0} を要求しました',
  'the client did not offer CredSSP (it asked for {0})': 'クライアントは CredSSP を提示しませんでした ({0} を要求)',
  '{0} logged on to it, and {1} s later it logged on to {2} as the same':
    '{0} がこのホストにログオンし、{1} 秒後にこのホストが同じユーザーとして {2} にログオンしました',
  'the same challenge or response in both logons': '両方のログオンの同じチャレンジまたはレスポンス',
  'a front end, or a user who goes on from this host, looks the same':
    'フロント エンドや、このホストから先に進むユーザーも同じに見えます',
  'it issues tickets, and its NEGOTIATE response says: signing {0}':
    'チケットを発行しており、NEGOTIATE 応答の内容: 署名は {0}',
  '{0} ({1}) and {2} ({3}) have the same machine id': '{0} ({1}) と {2} ({3}) のマシン ID が同じです',
  ', one of {0} names that it answers for ({1})': ' (応答している {0} 個の名前の 1 つ: {1})',
  'it answered {0} for {1}{2}{3}, and {4} logged on to it':
    '{1} の問い合わせに {0} で応答しました{2}{3}。その後、{4} がこのホストにログオンしました',
  ', calls itself {0}': '。このホストは {0} と名乗っています',
  'the names of the server in its challenge': 'サーバーのチャレンジにある名前',
  '1 ticket within a minute, {0} of them with RC4 or DES, none was presented: {1}':
    '1 分以内にチケット 1 件、うち {0} 件が RC4 または DES、提示されたものはありません: {1}',
  '{0} tickets within a minute, {1} of them with RC4 or DES, none was presented: {2}{3}':
    '1 分以内にチケット {0} 件、うち {1} 件が RC4 または DES、提示されたものはありません: {2}{3}',
  ' and {0} more': '、ほか {0} 件',
  'a use of the tickets outside the capture': 'キャプチャの外でのチケットの使用',
  'scanners and monitoring ask for many services too': 'スキャナーや監視も多くのサービスを要求します',
  'data 52': 'データ 52',
  'accounts failed to log on with NTLM': 'アカウントが NTLM でのログオンに失敗しました',
  'accounts failed at the KDC': 'アカウントが KDC で失敗しました',
  'names that the KDC does not know were asked for': 'KDC が知らない名前が要求されました',
  '{0} {1} within ten minutes; {2} others succeeded': '10 分以内に {1} {0} 件。ほかに {2} 件が成功しました',
  'accounts succeeded from this client too: it may stand for many users':
    'このクライアントから成功したアカウントもあります: 多くのユーザーの代わりかもしれません',
}
