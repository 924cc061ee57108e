/**
 * Japanese. Origins, verdicts, channel bindings; what explain says of blind spots, causes, columns and exit codes.
 */
import type { Catalogue } from '../text.ts'

export const JA_WORDS: Catalogue = {
  'the server offered no Kerberos': 'サーバーは Kerberos を提示しませんでした',
  'the server offered Kerberos, the client chose NTLM':
    'サーバーは Kerberos を提示しましたが、クライアントが NTLM を選びました',
  'the client offered Kerberos, the server switched to NTLM':
    'クライアントは Kerberos を提示しましたが、サーバーが NTLM に切り替えました',
  'Kerberos was tried and failed, the client came back with NTLM':
    'Kerberos を試して失敗し、クライアントが NTLM でやり直しました',
  'Kerberos was begun, NTLM finished it in the same session':
    'Kerberos で始まり、同じセッションの中で NTLM に替わって完了しました',
  'the application asked for NTLM by name': 'アプリケーションが NTLM を名指しで要求しました',
  'the beginning was not visible': '始まりの部分を観測できませんでした',
  'not met': '不適合',
  'not observed': '未観測',
  'Kerberos was used and not refused': 'Kerberos が使われ、拒否されていません',
  'only NTLM, at least once as a fallback from Kerberos':
    'NTLM だけで、少なくとも 1 回は Kerberos からのフォールバックです',
  'only NTLM, no fallback was seen': 'NTLM だけで、フォールバックは観測されていません',
  'both Kerberos and NTLM': 'Kerberos と NTLM の両方',
  'neither: simple, plain or anonymous': 'どちらでもない: 簡易バインド、平文、匿名',
  'nothing was visible that decides it': '判定の決め手になるものを観測できませんでした',
  'made of the certificate of the server: good on every connection to a server that shows it, and on no other; Windows binds so for HTTP and LDAP':
    'サーバーの証明書から作られます。その証明書を示すサーバーへのどの接続でも有効で、それ以外では無効です。Windows は HTTP と LDAP でこの種類を使います',
  'made of the end of the handshake of one TLS connection (up to TLS 1.2): good on this connection alone; clients of SQL Server bind so':
    '1 つの TLS 接続 (TLS 1.2 まで) のハンドシェイクの末尾から作られます。その接続でだけ有効です。SQL Server のクライアントはこの種類を使います',
  'made of the secrets of one TLS connection (RFC 9266): good on this connection alone; no service of Windows is known to ask for it':
    '1 つの TLS 接続の秘密から作られます (RFC 9266)。その接続でだけ有効です。これを求める Windows のサービスは知られていません',
  'the token was made for this TLS channel: by tls-unique and tls-exporter for this connection alone, by the certificate for every server that shows the same one; that the server demands it is not shown':
    'トークンはこの TLS チャネルのために作られています。tls-unique と tls-exporter ではこの接続だけ、証明書では同じ証明書を示すすべてのサーバーが対象です。サーバーがバインドを必須にしているかどうかは示されていません',
  'the token names a TLS channel; whether it is this one could not be checked, since not all was seen that it may be made of (its certificate, the end of its handshake)':
    'トークンは TLS チャネルを指定しています。元になるもの (証明書、ハンドシェイクの終わり) のすべては観測できなかったため、このチャネルかどうかは確認できません',
  'the token was made for the certificate of this channel, in another way than the rule has (its hash, or what is hashed); a server that demands bindings would refuse it':
    'トークンはこのチャネルの証明書のために作られましたが、作り方が規則と違います (ハッシュ、またはハッシュの対象)。バインドを必須とするサーバーなら拒否します',
  'the token was made for another TLS channel: a relay, or a load balancer or proxy that ends TLS on the way; which of them is not shown':
    'トークンは別の TLS チャネルのために作られています。リレー、または途中で TLS を終端するロード バランサーかプロキシで、どちらであるかは示されていません',
  'the application passed no channel, so the token is good on any; that the server accepts such a token from others is not shown':
    'アプリケーションがチャネルを渡していないため、トークンはどのチャネルでも有効です。サーバーがそのようなトークンを他者から受け入れるかどうかは示されていません',
  'the client named no channel, so the token is good on any; that the server accepts such a token from others is not shown':
    'クライアントがチャネルを指定していないため、トークンはどのチャネルでも有効です。サーバーがそのようなトークンを他者から受け入れるかどうかは示されていません',
  'there is no TLS, or nothing that could be bound to it': 'TLS ではないか、バインドできるものがありません',
  'the binding is sealed, in TLS or in a ticket: it may be right, wrong or missing':
    'バインドは TLS またはチケットの中に封印されています。正しいか、誤っているか、欠けているかは分かりません',
  'Capture for the whole time, from before the clients connect, at a point that sees both directions':
    'クライアントが接続する前から全期間を、両方向が見える場所でキャプチャする',
  'Read fewer captures at once, or a shorter time: filters of the command line keep the rest out':
    '一度に読むキャプチャを減らすか、期間を短くする: コマンド ラインの絞り込みで残りを除けます',
  'the reading was stopped': '読み込みの中止',
  'Nothing is said about what follows: it was not read': '以降については何も言えません: 読んでいません',
  'Read to the end': '最後まで読む',
  'conversations in TLS': 'TLS の通信',
  'A logon inside, by NTLM or Kerberos, is not seen and is counted nowhere':
    '中のログオンは NTLM でも Kerberos でも観測できず、どこにも数えられません',
  'Give the keys (--keylog, --key), capture where TLS has ended, or look at the log of the server':
    'キーを渡す (--keylog、--key) か、TLS を終端した先でキャプチャするか、サーバーのログを確認する',
  'conversations in HTTP/2': 'HTTP/2 の通信',
  'Its headers are compressed and not read: a logon in them (Kerberos or a password, never NTLM) is not seen':
    'ヘッダーは圧縮されていて読み取りません。その中のログオン (Kerberos またはパスワード。NTLM はありません) は観測できません',
  'Have the client use HTTP/1.1 for the test (curl --http1.1), or look at the log of the server':
    '試験ではクライアントに HTTP/1.1 を使わせるか (curl --http1.1)、サーバーのログを確認してください',
  'conversations in QUIC': 'QUIC の通信',
  'A logon inside (SMB over QUIC, HTTP/3) is not seen and is counted nowhere':
    '中のログオン (SMB over QUIC、HTTP/3) は観測できず、どこにも数えられません',
  'Look at the log of the server, or have the client use TCP for the test':
    'サーバーのログを確認するか、試験ではクライアントに TCP を使わせる',
  'encrypted SMB sessions': '暗号化された SMB セッション',
  'The logon is seen; RPC and files inside of the session are not':
    'ログオンは観測できますが、セッションの中の RPC とファイルは観測できません',
  'Nothing to mend: encryption is good. The log of the server tells the calls':
    '対処は不要です: 暗号化は望ましいものです。呼び出しはサーバーのログで分かります',
  'SMB sessions whose logon is not there': '元のログオンがない SMB セッション',
  'A channel was bound or a session renewed, and how it logged on first is not in the capture':
    'チャネルのバインドまたはセッションの更新があり、最初にどうログオンしたかがキャプチャにありません',
  'End the sessions of the client, then capture while it connects anew':
    'クライアントのセッションを終わらせ、改めて接続するところをキャプチャする',
  'NTLM tokens that nobody answers': '応答のない NTLM トークン',
  'They stand in mails, files or data of others and are no logons, or belong to a protocol that is not read':
    'メール、ファイル、他のデータの中にありログオンではないか、未対応のプロトコルのものです',
  'List them with ntlmscope messages; report a protocol that is not read':
    'ntlmscope messages で列挙する。未対応のプロトコルはご報告ください',
  'NTLM tokens outside of TCP and UDP': 'TCP と UDP 以外の NTLM トークン',
  'Packets hold an NTLM token and are neither TCP nor UDP: seen, and not decoded':
    'パケットに NTLM トークンがあり、TCP でも UDP でもありません: 観測しましたが解読していません',
  'Look at the packets with another program, and report the protocol':
    '別のプログラムでパケットを確認し、プロトコルをご報告ください',
  'one direction only': '片方向のみ',
  'Offers or results of these connections are missing, so that causes and verdicts stay open':
    'これらの接続の提示または結果が欠けており、原因と判定が決まりません',
  'Mirror both directions of the port: an asymmetric path or one half of a tap shows one side only':
    'ポートの両方向をミラーする: 非対称の経路や片側だけのタップでは一方しか見えません',
  'connections that began before the capture': 'キャプチャより前に始まった接続',
  'How they authenticated is not in it; with SMB that may have been hours before':
    'どう認証したかが含まれていません。SMB では数時間前のこともあります',
  'End the sessions of the client (or restart it), and capture while it connects anew':
    'クライアントのセッションを終わらせ (または再起動し)、改めて接続するところをキャプチャする',
  'connections that said nothing': '何も話さなかった接続',
  'They began before the capture, and only acknowledgements or their end are in it: how they authenticated is not':
    'キャプチャより前に始まり、確認応答または終わりだけが含まれています。どう認証したかは含まれていません',
  'Begin the capture before the client connects: end its sessions, then capture while it connects anew':
    'クライアントが接続する前にキャプチャを始める: セッションを終わらせ、改めて接続するところをキャプチャする',
  'logons that the end of the capture cut': 'キャプチャの終わりで途切れたログオン',
  'Somebody was logging on, or about to, when the capture ended: by what mechanism and with what result is open':
    'キャプチャが終わった時、ログオンの途中または直前でした。方式と結果は分かりません',
  'Capture a minute longer than the action takes, until the client has what it came for, and read again':
    '操作が終わってからさらに 1 分、クライアントが目的を果たすまでキャプチャし、もう一度読み込む',
  'holes in conversations': '通信の欠落',
  'Bytes were sent and are not in the capture: a logon may have been in them':
    '送信されたバイトがキャプチャにありません: ログオンが含まれていた可能性があります',
  'Capture on a faster machine or with a larger buffer, and look for an overbooked mirror port':
    'より速いマシンまたは大きいバッファーでキャプチャし、過負荷のミラー ポートがないか確認する',
  'packets that the capture program dropped': 'キャプチャ プログラムが取りこぼしたパケット',
  'Anything may have been in them': '何が含まれていたか分かりません',
  'Raise the buffer (dumpcap -B, tcpdump -B), write to a faster disk, or capture less':
    'バッファーを増やす (dumpcap -B、tcpdump -B)、より速いディスクに書く、またはキャプチャを減らす',
  'a filter of the capture': 'キャプチャのフィルター',
  'What it kept out was not seen: a filter for port 445 hides the KDC, and so the causes':
    '除外されたものは観測していません: ポート 445 のフィルターは KDC を隠し、原因が分からなくなります',
  'Capture without a filter, or with one that lets ports 53, 88, 137, 389, 464 and 5355 pass too':
    'フィルターなしで、またはポート 53、88、137、389、464、5355 も通すフィルターでキャプチャする',
  'packets cut short': '途中で切られたパケット',
  'The end of messages is missing; tickets and tokens are long':
    'メッセージの終わりが欠けています。チケットとトークンは長いものです',
  'Capture with the full length (tcpdump -s 0)': '全長でキャプチャする (tcpdump -s 0)',
  'messages that are not whole': '不完全なメッセージ',
  'Loss, the snap length or the end of the capture took a part of them':
    '欠落、スナップ長、またはキャプチャの終わりのために一部が失われています',
  'messages beyond the limit of length': '長さの上限を超えたメッセージ',
  'They were stepped over; no message of authentication is that long':
    '読み飛ばしました。これほど長い認証のメッセージはありません',
  'Nothing, as long as there are few of them': '少数であれば何もする必要はありません',
  'They are damaged, or of a form that is not known: what they say is not counted':
    '破損しているか、未知の形式です: その内容は数えられていません',
  'Compare with another program, and report a form that is not known':
    '別のプログラムと比べ、未知の形式をご報告ください',
  'messages lost to an error of this program': '本プログラムの不具合で失われたメッセージ',
  'A mistake of ours: what these messages say is not counted':
    '本プログラムの誤りです: これらのメッセージの内容は数えられていません',
  'Please report it, with the capture where you can': '可能であればキャプチャと共にご報告ください',
  'numbers that do not add up': '合わない数',
  'Packets or messages were lost inside of this program: a mistake of ours':
    '本プログラムの中でパケットまたはメッセージが失われました: 本プログラムの誤りです',
  'wireless packets': '無線のパケット',
  'Packets of 802.11 are not read': '802.11 のパケットは読みません',
  'Capture behind the access point, on the wire': 'アクセス ポイントの後ろの有線でキャプチャする',
  'inputs that could not be read': '読めなかった入力',
  'A file that was named, or that looks like a capture, is not in the report':
    '指定された、またはキャプチャと見られるファイルがレポートに含まれていません',
  'See the reason beside its name, and mend or convert the file (editcap)':
    '名前の横の理由を確認し、ファイルを修復または変換する (editcap)',
  'a link type that is not read': '未対応のリンク タイプ',
  'All packets of such an interface are missing': 'そのインターフェイスのパケットがすべて欠けています',
  'Capture on Ethernet, or convert the capture': 'イーサネットでキャプチャするか、キャプチャを変換する',
  'an EtherType that is not read': '未対応の EtherType',
  'The packets wrap others, or are of a protocol that is not known: there may be IP in them':
    '他のパケットを包んでいるか、未知のプロトコルです: 中に IP がある可能性があります',
  'Take the wrapper off where you mirror, and report the EtherType':
    'ミラーするときに包みを外し、EtherType をご報告ください',
  'a wrapper of mirrored packets that is not read': 'ミラーされたパケットの、未対応の包み',
  'UDP datagrams hold packets of others: nothing of them was read':
    'UDP データグラムが他のパケットを含んでいます: その中は読んでいません',
  'Have the switch mirror with ERSPAN, VXLAN, GENEVE or TZSP, or take the wrapper off':
    'スイッチが ERSPAN、VXLAN、GENEVE、TZSP のいずれかでミラーするようにするか、包みを外す',
  'IP fragments without their others': '残りのない IP フラグメント',
  'A datagram never became complete; Kerberos over UDP comes in fragments':
    'データグラムがそろいませんでした。UDP の Kerberos はフラグメントになります',
  'too many encapsulations': '多すぎるカプセル化',
  'Packets in more tunnels than the limit were not read': '上限を超えるトンネルの中のパケットは読んでいません',
  'Capture nearer to the hosts, inside of the tunnels': 'ホストに近い、トンネルの中でキャプチャする',
  'Not even the addresses could be read': 'アドレスさえ読めませんでした',
  'conversations that were forgotten': '記録を失った通信',
  'Too many were open at once: what such a conversation did later is not joined to its beginning':
    '同時に開いた数が多すぎました: その後の通信は始まりの部分と結び付きません',
  'a limit of this program': '本プログラムの上限',
  'A list of the report is not complete; its code says which':
    'レポートの一覧が完全ではありません。コードでどれか分かります',
  'authentications that are not listed one by one': '個別に列挙していない認証',
  'Pairs and figures count all of them; the list of exchanges has the first ones':
    '組と数値はすべてを数えています。認証の一覧には最初のものがあります',
  'Use --format ndjson, which prints each, or filters': 'すべてを出力する --format ndjson、または絞り込みを使う',
  'exchanges with a KDC that are not listed': '列挙していない KDC とのやり取り',
  'Causes and findings took all of them into account; the list kdc[] has the first ones':
    '原因と検出事項はすべてを考慮しています。一覧 kdc[] には最初のものがあります',
  'too many pairs': '多すぎる組',
  'Authentications of the pairs beyond the limit are in no row': '上限を超えた組の認証はどの行にもありません',
  'too many conversations': '多すぎる通信',
  'Expectations about flows without a logon may say not observed where others would have been seen':
    'ログオンのない通信についての期待が、ほかのものが観測されるはずでも未観測になることがあります',
  'too many findings': '多すぎる検出事項',
  'The places beyond the limit are not listed; rules and counts of the others are right':
    '上限を超えた場所は列挙されません。規則とほかの件数は正しいものです',
  'figures that lack some': '一部が欠けた数値',
  'Authentications are missing in a part of the figures (services, causes or stretches of time)':
    '数値の一部 (サービス、原因、または期間) に含まれていない認証があります',
  'lists of places, servers, clients or accounts that lack some':
    '一部が欠けた変更箇所、サーバー、クライアント、アカウントの一覧',
  'Authentications beyond the limit of rows are in none of these lists; pairs have them':
    '行の上限を超えた認証はこれらの一覧にありません。組には含まれます',
  'attempts that nobody kept': '記録されていない試行',
  'Facts and reports that an older version saved do not hold attempts that ended without authentication':
    '旧バージョンで保存したデータとレポートには、認証に至らず終わった試行が含まれていません',
  'Give the captures, or a report that was saved, or facts that were loaded, by this version':
    'キャプチャか、このバージョンで保存したレポートまたは読み込んだデータを指定してください',
  'a part that could not be narrowed': '絞り込めなかった部分',
  'A saved report does not list all of its exchanges: those that it lacks are not in what was narrowed':
    '保存されたレポートはすべての認証を列挙していません: 欠けているものは絞り込みの結果に含まれません',
  'Give the captures instead of the saved report': '保存されたレポートではなくキャプチャを指定する',
  'attempts that lack some': '一部が欠けた試み',
  'Attempts that ended without authentication, of the pairs beyond the limit, are in no row':
    '上限を超えた組の、認証されずに終わった試みはどの行にもありません',
  'too many authentications in one connection': '1 つの接続に多すぎる認証',
  'Those beyond the limit of one connection are not counted': '1 つの接続の上限を超えたものは数えられていません',
  'Look at the connection: nothing usual authenticates that often':
    '接続を確認する: 通常のものはこれほど多く認証しません',
  'too many SMB sessions': '多すぎる SMB セッション',
  'A further channel may not have been joined to its session':
    '追加のチャネルが元のセッションと結び付いていない可能性があります',
  'causes that were decided early': '早く決めた原因',
  'They were decided before all that could explain them was read: a cause may be RC99 that has one':
    '原因を説明しうるものをすべて読む前に決めました: 原因があるのに RC99 の可能性があります',
  'too many names': '多すぎる名前',
  'Hosts beyond the limit are shown by their addresses': '上限を超えたホストはアドレスで示します',
  'Kerberos evidence that was forgotten': '失われた Kerberos の根拠',
  'What KDCs said to some clients long before was forgotten: a cause may be RC99 that has one':
    'かなり前に KDC が一部のクライアントに返した内容の記録が失われました: 原因があるのに RC99 の可能性があります',
  'logons that a server asked a domain controller about': 'サーバーがドメイン コントローラーに照会したログオン',
  'The logon itself is not in the capture, and it was NTLM or Kerberos with a PAC to be checked':
    'ログオン自体はキャプチャになく、NTLM、または PAC の確認を要する Kerberos でした',
  'Capture at the server that asked, or look at its log (event 4624)':
    '照会したサーバーでキャプチャするか、そのログを確認する (イベント 4624)',
  'logs that do not cover the capture': 'キャプチャの期間を覆っていないログ',
  'Where a log has nothing, nothing is said: it may be of another time or host':
    'ログに何もない場合、何も言えません: 別の時間またはホストのものかもしれません',
  'Give the logs of the hosts and times of the capture, with auditing on':
    '監査を有効にして、キャプチャのホストと時間のログを渡す',
  'Event 4625 and the Kerberos errors of the System log on the server; klist get <spn> on the client':
    'サーバーのイベント 4625 とシステム ログの Kerberos エラー。クライアントで klist get <spn>',
  'A KDC answered KDC_ERR_S_PRINCIPAL_UNKNOWN for this host and service class in the 15 minutes before':
    '直前 15 分間に、KDC がこのホストとサービス クラスに対して KDC_ERR_S_PRINCIPAL_UNKNOWN と応答した',
  'A refusal for another service of the host, or for another name of it, counts with low confidence; a short name is RC05, a refusal in a realm that a referral led to is RC13':
    'ホストの別のサービス、または別の名前に対する拒否は確度が低くなります。短い名前は RC05、紹介先の領域での拒否は RC13 です',
  'klist get <spn> on the client fails with 0xc000018b; setspn -Q <spn> finds nothing':
    'クライアントで klist get <spn> が 0xc000018b で失敗し、setspn -Q <spn> で何も見つかりません',
  'A KDC answered KDC_ERR_PRINCIPAL_NOT_UNIQUE for this host and service class':
    'KDC がこのホストとサービス クラスに対して KDC_ERR_PRINCIPAL_NOT_UNIQUE と応答した',
  'No answer but this one says it: a ticket under the key of another account is RC03':
    'これ以外にそう示す応答はありません: 別のアカウントのキーのチケットは RC03 です',
  'setspn -X; event 11 of the KDC in the System log of the domain controller':
    'setspn -X。ドメイン コントローラーのシステム ログにある KDC のイベント 11',
  'The service refused the ticket (KRB_AP_ERR_MODIFIED and its kin), or took the ticket and switched to NTLM':
    'サービスがチケットを拒否した (KRB_AP_ERR_MODIFIED など)、またはチケットを受け取って NTLM に切り替えた',
  'A ticket that had expired, a clock that is off (RC08) and a mechanism that the server does not know (RC10)':
    '期限切れのチケット、時刻のずれ (RC08)、サーバーが知らないメカニズム (RC10)',
  'Event 4 of Security-Kerberos on the client; klist -k and the key version of the keytab on the server':
    'クライアントの Security-Kerberos のイベント 4。サーバーで klist -k と keytab のキーのバージョン',
  'The target name in the NTLM token is an IP address, or the client named the server by one':
    'NTLM トークンの接続先名が IP アドレス、またはクライアントがサーバーをアドレスで呼んだ',
  'Where Kerberos was tried with that very address, a ticket was asked for: then something else is the cause':
    'まさにそのアドレスで Kerberos が試された場合はチケットが要求されています: その場合は別のものが原因です',
  'Event 4001 or 8001 of NTLM/Operational on the client shows the target; look for the address in mappings':
    'クライアントの NTLM/Operational のイベント 4001 または 8001 に接続先があります。割り当ての中のアドレスを探してください',
  'The KDC does not know the name, and the name is a short one': 'KDC が名前を知らず、その名前が短い',
  'A full name that it does not know is RC01': 'KDC が知らない完全な名前は RC01 です',
  'nslookup <name> and setspn -Q */<name>*; the DNS suffix list of the client':
    'nslookup <name> と setspn -Q */<name>*。クライアントの DNS サフィックスの一覧',
  'The token names no target, or a user, or user-to-user was tried':
    'トークンに接続先がないかユーザーである、またはユーザー間 (user-to-user) が試された',
  'A token without a field for the name says nothing': '名前の欄のないトークンからは何も言えません',
  'Event 8001 of NTLM/Operational on the client names the program and an empty target':
    'クライアントの NTLM/Operational のイベント 8001 に、プログラムと空の接続先があります',
  'Questions of the client to a KDC were not answered, refused or unreachable, and are in the capture; or a KDC or IAKERB proxy said that it reaches none':
    'KDC へのクライアントの問い合わせに応答がない、拒否された、または到達できず、それがキャプチャにある。または KDC か IAKERB プロキシが到達できないと示した',
  'A KDC that answered this client; a direction from the KDC that the capture does not show':
    'このクライアントに応答した KDC。キャプチャにない、KDC からの方向',
  'nltest /dsgetdc:<domain> and Test-NetConnection <dc> -Port 88 on the client':
    'クライアントで nltest /dsgetdc:<domain> と Test-NetConnection <dc> -Port 88',
  'KRB_AP_ERR_SKEW of a KDC or of the service': 'KDC またはサービスの KRB_AP_ERR_SKEW',
  'A client that corrects its clock and goes on with Kerberos has no fallback':
    '時刻を補正して Kerberos を続けるクライアントにフォールバックはありません',
  'w32tm /stripchart /computer:<dc> /samples:3 on client and server':
    'クライアントとサーバーで w32tm /stripchart /computer:<dc> /samples:3',
  'KDC_ERR_ETYPE_NOSUPP, or KDC_ERR_NULL_KEY for the service':
    'サービスに対する KDC_ERR_ETYPE_NOSUPP または KDC_ERR_NULL_KEY',
  'What a client merely lists proves nothing': 'クライアントが列挙するだけでは何の証明にもなりません',
  'Get-ADUser or Get-ADComputer <account> -Properties msDS-SupportedEncryptionTypes; event 27 of the KDC':
    'Get-ADUser または Get-ADComputer <account> -Properties msDS-SupportedEncryptionTypes。KDC のイベント 27',
  'The offer of the server holds NTLM and no Kerberos, or it refused Kerberos as not known':
    'サーバーの提示に NTLM があり Kerberos がない、または知らないものとして Kerberos を拒否した',
  'An offer that was not captured is none; for web servers it is RC15':
    'キャプチャされなかった提示は含みません。Web サーバーでは RC15 です',
  'Is the server joined to the domain: nltest /sc_query:<domain>, or net ads testjoin':
    'サーバーがドメインに参加しているか: nltest /sc_query:<domain> または net ads testjoin',
  'The domain of the account is the name of the server, or that of the client itself':
    'アカウントのドメインが、サーバーの名前またはクライアント自身の名前',
  'A logon that the server passed on to a domain controller is no local one':
    'サーバーがドメイン コントローラーに渡したログオンはローカルではありません',
  'Event 4624 on the server: its account domain is the name of the server':
    'サーバーのイベント 4624: アカウント ドメインがサーバーの名前です',
  'The domain of the account is MicrosoftAccount or AzureAD': 'アカウントのドメインが MicrosoftAccount または AzureAD',
  'Cloud accounts that log on with their names in the own domain are not told apart':
    '自組織のドメインの名前でログオンするクラウド アカウントは区別しません',
  'dsregcmd /status on the client': 'クライアントで dsregcmd /status',
  'A KDC of another realm, to which a referral led, did not know the name, or refused by policy of the trust':
    '紹介先の別の領域の KDC が名前を知らない、または信頼のポリシーで拒否した',
  'The same answer of the own realm is RC01': '自身の領域の同じ応答は RC01 です',
  'nltest /domain_trusts; netdom trust <domain> /domain:<other> /verify':
    'nltest /domain_trusts; netdom trust <domain> /domain:<other> /verify',
  'The first token is NTLM without negotiation, the method names NTLM itself, or the client uses Kerberos with this server otherwise':
    '最初のトークンがネゴシエーションなしの NTLM、方式が NTLM を名指ししている、またはクライアントが別の機会にこのサーバーで Kerberos を使っている',
  'Everything that the exchange, the service or a KDC says about Kerberos comes before it':
    '認証、サービス、KDC が Kerberos について示すものは、すべてこれより先に見ます',
  'Event 8001 of NTLM/Operational on the client names the program':
    'クライアントの NTLM/Operational のイベント 8001 でプログラムが分かります',
  'A web server or proxy offers NTLM and no Negotiate':
    'Web サーバーまたはプロキシが NTLM を提示し、Negotiate を提示していない',
  'Outside of HTTP it is RC10': 'HTTP 以外では RC10 です',
  'appcmd list config /section:windowsAuthentication, or the configuration of the application':
    'appcmd list config /section:windowsAuthentication、またはアプリケーションの構成',
  'The server offers Kerberos, and of this client there is no KDC traffic and no target name, while that of others is visible':
    'サーバーは Kerberos を提示し、ほかのクライアントの KDC の通信は観測できるのに、このクライアントの KDC の通信も接続先名もない',
  'A client that speaks to a KDC or names its target as current systems do; always of low confidence':
    'KDC と通信する、または現行のシステムと同じように接続先を名乗るクライアント。確度は常に低くなります',
  'The documentation of the client; a ticket request when it is given a keytab':
    'クライアントの文書。keytab を渡したときのチケットの要求',
  'The user name and the responses are empty, or the responses are': 'ユーザー名とレスポンスが空、またはレスポンスが空',
  'A relay is told first': 'リレーは先に示します',
  'Event 4624 on the server: ANONYMOUS LOGON': 'サーバーのイベント 4624: ANONYMOUS LOGON',
  'The server set the guest flag of the session': 'サーバーがセッションのゲスト フラグを立てた',
  'Nothing: the server itself says it': 'ありません: サーバー自身が示しています',
  'Get-SmbSession, or smbstatus on the server': 'Get-SmbSession、またはサーバーで smbstatus',
  'A KDC refused by policy: KDC_ERR_POLICY, or KDC_ERR_CLIENT_REVOKED at the logon of the user':
    'KDC がポリシーで拒否した: KDC_ERR_POLICY、またはユーザーのログオンでの KDC_ERR_CLIENT_REVOKED',
  'Wrong passwords are no policy': 'パスワードの誤りはポリシーではありません',
  'Events 4768, 4769 and 4820 to 4824 on the domain controller':
    'ドメイン コントローラーのイベント 4768、4769、4820 から 4824',
  'The request with the ticket was refused as too long': 'チケットを付けた要求が、長すぎるとして拒否された',
  'A refusal with a Kerberos error is RC03 or what the error says':
    'Kerberos エラーのある拒否は RC03、またはエラーが示すものです',
  'The log of the web server or proxy; the size of the ticket with klist':
    'Web サーバーまたはプロキシのログ。klist でチケットの大きさ',
  'The same challenge, or the same response, stands in two conversations with one host between them':
    '間に 1 台のホストがある 2 つの通信に、同じチャレンジまたは同じレスポンスがある',
  'Copies of one conversation, address translation, and constant challenges of tools':
    '1 つの通信の複製、アドレス変換、ツールの固定チャレンジ',
  'Who runs the host in the middle, and what logged on at the target at that time (event 4624)':
    '間のホストを動かしているのが誰か。その時刻に接続先で何がログオンしたか (イベント 4624)',
  'Two hosts with different names and addresses send the same machine id':
    '名前とアドレスの違う 2 台のホストが同じマシン ID を送っている',
  'One host with several addresses, or one that was renamed':
    '複数のアドレスを持つ 1 台のホスト、または名前を変えたホスト',
  'Event 6167 of LsaSrv on the server that refuses': '拒否したサーバーの LsaSrv のイベント 6167',
  'Nothing that the capture shows decides it, or a part of the exchange is missing that could change it':
    'キャプチャの示すもので決まらないか、原因を変えうる認証の一部が欠けている',
  'What would fit is listed with the alternatives (explain --pair, or cause.alternatives in JSON)':
    '当てはまるものは別の可能性として示します (explain --pair、または JSON の cause.alternatives)',
  'who logs on: address, and the name that the wire gives it': 'ログオンする側: アドレスと、通信から分かる名前',
  'who is logged on to: address, and the name that the wire gives it':
    'ログオンされる側: アドレスと、通信から分かる名前',
  'both addresses in one column, where the width does not hold two': '2 列が収まらない幅で、両方のアドレスを 1 列に',
  'what it is for: smb, http, ldap, rpc, mssql...': '用途: smb、http、ldap、rpc、mssql など',
  'what was seen of the pair; explain prints the page of each verdict':
    'その組で観測されたもの。判定ごとのページは explain にあります',
  'authentications of the pair': 'その組の認証の件数',
  'the first frame that proves it, as Wireshark numbers it; only where there is one capture':
    '根拠となる最初のフレーム (Wireshark の番号)。キャプチャが 1 つの場合だけ',
  'accounts, and service names that were asked for': 'アカウントと、要求されたサービス名',
  'NTLM logons; in the table of pairs the versions of NTLM that were seen':
    'NTLM ログオン。組の表では、観測された NTLM のバージョン',
  'SMB dialect, what was in effect (encrypted, signed, unsigned, guest), and the policies of client/server':
    'SMB ダイアレクト、実際の保護 (暗号化、署名、未署名、ゲスト)、クライアント/サーバーのポリシー',
  'what the server required of LDAP binds outside of TLS': 'TLS 以外の LDAP バインドにサーバーが必須としたもの',
  'channel binding of logons in TLS; explain prints the page of each state':
    'TLS の中のログオンのチャネル バインド。状態ごとのページは explain にあります',
  'what would stop to work: NTLM if NTLM were off, unsigned if SMB signing were required, RC4 if RC4 were off; ? is not known':
    '使えなくなるもの: NTLM を無効にした場合は NTLM、SMB 署名を必須にした場合は未署名、RC4 を無効にした場合は RC4。? は不明',
  'what the row is about: everything, a capture, or a stretch of time': '行の対象: 全体、キャプチャ、または期間',
  'clients; in the figures those that authenticate': 'クライアント。数値では認証したもの',
  'servers that this client or account used': 'このクライアントまたはアカウントが使ったサーバー',
  'share of the authenticating clients that used NTLM': '認証したクライアントのうち NTLM を使ったものの割合',
  'NTLM logons that are a fallback from Kerberos': 'Kerberos からのフォールバックである NTLM ログオン',
  'authentications by Kerberos, IAKERB among them': 'Kerberos による認証 (IAKERB を含む)',
  'share of Kerberos that succeeded, of what succeeded or failed': '成否の分かる Kerberos のうち成功したものの割合',
  'authentications by neither: simple, plain, anonymous, not known':
    'どちらでもない認証: 簡易バインド、平文、匿名、不明',
  'root cause of the NTLM logons; explain prints the page of each code':
    'NTLM ログオンの根本原因。コードごとのページは explain にあります',
  'root causes with their counts': '根本原因と件数',
  'what gave the client the name or address that no ticket can be had for':
    'チケットを取得できない名前またはアドレスをクライアントに与えたもの',
  'frames in which it was given': 'それが与えられたフレーム',
  'the line to change: a DFS link, a redirect, an alias, a file':
    '変更する行: DFS リンク、リダイレクト、別名、ファイル',
  'share of all NTLM logons that this and the rows above end':
    'この行までの対処でなくなる NTLM ログオンの、全体に対する割合',
  'share of NTLM in the authentications of the service': 'サービスの認証のうち NTLM の割合',
  'capture and frames that prove it': '根拠となるキャプチャとフレーム',
  'DOMAIN\\user as the wire shows it': '通信から分かる DOMAIN\\user',
  'the host of the row': '行のホスト',
  'what every device is asked': 'すべての機器に確認すること',
  'what became of it from the first card to the last: same, better, worse, not told':
    '最初のカードから最後のカードまでの変化: same、better、worse、not told',
  'accounts whose logons fail': 'ログオンが失敗するアカウント',
  'the setting that is thought of': '検討している設定',
  'logons that would fail': '失敗すると見られるログオン',
  'those of them that fall back for a cause which can be mended before':
    'そのうち、先に対処できる原因でフォールバックしているもの',
  'logons of which the captures do not tell whether they would fail':
    '失敗するかどうかがキャプチャから分からないログオン',
  'logons that would go on': '続けられると見られるログオン',
  'what the path of a web server belongs to: WSUS, AD CS web enrolment...':
    'Web サーバーのパスが属するもの: WSUS、AD CS の Web 登録など',
  'the same of all authentications of the pair': '組のすべての認証について同じもの',
  'what of the pair was out of sight': 'その組で観測できなかったもの',
  'would it stop to work if NTLM were off: yes, no, unknown': 'NTLM を無効にすると使えなくなるか: yes、no、unknown',
  'would it stop to work if SMB signing were required: yes, no, unknown':
    'SMB 署名を必須にすると使えなくなるか: yes、no、unknown',
  'would it stop to work if RC4 were off: yes, no, unknown': 'RC4 を無効にすると使えなくなるか: yes、no、unknown',
  'the capture whose frames prove it': '根拠のフレームがあるキャプチャ',
  'code of the root cause': '根本原因のコード',
  'how sure the cause is: high, medium, low': '原因の確度: high、medium、low',
  'codes of the root causes with their counts': '根本原因のコードと件数',
  'states of the channel binding with their counts; of a server: what it required':
    'チャネル バインドの状態と件数。サーバーでは必須としたもの',
  'capture that proves what the server required of channel binding':
    'サーバーがチャネル バインドに必須としたものの根拠のキャプチャ',
  'frames that prove it': '根拠のフレーム',
  'address of the client': 'クライアントのアドレス',
  'what the wire calls the client': '通信から分かるクライアントの名前',
  'how many clients': 'クライアントの台数',
  'how sure the finding is: high, medium, low': '検出事項の確度: high、medium、low',
  'further channels and re-authentications of sessions, which are no logons of their own':
    'セッションの追加チャネルと再認証 (それ自体はログオンではありません)',
  'how often it was seen': '観測された回数',
  'what speaks against the finding': '検出事項に反する根拠',
  'what was seen, with the facts; of an input: why it was not read': '観測されたことと事実。入力では読まなかった理由',
  'domain of the account': 'アカウントのドメイン',
  'last time, UTC': '最後の時刻、UTC',
  'Windows events that were joined to the authentication': '認証と結び付けた Windows イベント',
  'authentications that failed': '失敗した認証',
  'NTLM as a fallback from Kerberos: how many, or true, false, empty where it is not known':
    'Kerberos からのフォールバックである NTLM: 件数、または true、false、不明なら空',
  'what is counted': '数えているもの',
  'ids of the findings of the pair': 'その組の検出事項の ID',
  'what to do, with the names of this place': 'この場所の名前を入れた対処',
  'frames that prove it, as Wireshark numbers them': '根拠のフレーム (Wireshark の番号)',
  'how many hosts': 'ホストの台数',
  'authentications by IAKERB': 'IAKERB による認証',
  'of a finding: the rule; of an exchange: capture and frame': '検出事項では規則、認証ではキャプチャとフレーム',
  'authentications by Kerberos': 'Kerberos による認証',
  'null sessions': 'null セッション',
  'LDAP simple binds': 'LDAP 簡易バインド',
  'passwords by PLAIN, LOGIN or Basic': 'PLAIN、LOGIN、Basic によるパスワード',
  'format of the capture, or what kind of thing was not read': 'キャプチャの形式、または読まなかったものの種類',
  'what protects LDAP after the bind: none, sign, seal': 'バインドの後に LDAP を保護するもの: none、sign、seal',
  'the same of all binds of the pair, with counts': 'その組のすべてのバインドについて同じものと件数',
  'capture that proves it': 'その根拠のキャプチャ',
  'whether LDAP ran in TLS': 'LDAP が TLS の中かどうか',
  'kerberos, iakerb, ntlm, anonymous, simple, plain, other, unknown':
    'kerberos, iakerb, ntlm, anonymous, simple, plain, other, unknown',
  'what would have to be visible to say more': 'より多くを言うために観測が必要なもの',
  'of what the figure is: a service, a cause, a verdict; of an input: its file':
    '数値の対象: サービス、原因、判定。入力ではファイル',
  'the same of the pair, with counts': '組について同じものと件数',
  'how it came to NTLM; explain prints the page of each': 'NTLM になった経緯。それぞれのページは explain にあります',
  'authentications by another mechanism': '別のメカニズムによる認証',
  'packets that were read, or not read': '読んだ、または読まなかったパケット',
  'whether the web server keeps the logon for the connection': 'Web サーバーが接続の間ログオンを保つかどうか',
  'program that asked, by the logs of the client': '要求したプログラム (クライアントのログによる)',
  'capture of the frames that prove the row': '行の根拠のフレームがあるキャプチャ',
  'frames that prove the row': '行の根拠のフレーム',
  'yes, in part, no': 'yes, in part, no',
  'what to do': '対処',
  'HTTP requests of the logon': 'ログオンの HTTP 要求',
  'success, failure, unknown': 'success, failure, unknown',
  'authentications whose result was not seen': '結果が観測されなかった認証',
  'total, capture, or bucket: a stretch of time': 'total、capture、または bucket (期間)',
  'address of the server': 'サーバーのアドレス',
  'what the wire calls the server': '通信から分かるサーバーの名前',
  'port of the server': 'サーバーのポート',
  'ports of the server': 'サーバーのポート (複数)',
  'how many servers': 'サーバーの台数',
  'smb, http, ldap, rpc, mssql...': 'smb、http、ldap、rpc、mssql など',
  'services of the server': 'サーバーのサービス',
  'critical, high, medium, low, info': 'critical, high, medium, low, info',
  'what the client says of signing: required, enabled, disabled, unknown':
    'クライアントが示す署名のポリシー: required、enabled、disabled、unknown',
  'SMB dialects that were chosen': '選ばれた SMB ダイアレクト',
  'encrypted, signed, unsigned, guest, anonymous, unknown': 'encrypted, signed, unsigned, guest, anonymous, unknown',
  'what the server says of signing: required, enabled, disabled, unknown':
    'サーバーが示す署名のポリシー: required、enabled、disabled、unknown',
  'the exchange whose SMB session this one goes on with': 'この認証が続ける SMB セッションの元の認証',
  'new session, further channel (binding) or reauthentication':
    '新しいセッション、追加チャネル (binding)、または再認証',
  'what the server required of SMB signing': 'サーバーが SMB 署名に必須としたもの',
  'service name that was asked for': '要求されたサービス名',
  'service names that were asked for': '要求されたサービス名 (複数)',
  'first time, UTC': '最初の時刻、UTC',
  'status that the server gave': 'サーバーが返したステータス',
  'authentications that succeeded': '成功した認証',
  'ATT&CK techniques': 'ATT&CK の手法',
  'title of the finding or cause': '検出事項または原因の題名',
  'what it is known by in every run and at every tap: the same logon, pair or finding has the same one':
    'どの実行、どのタップでも変わらない識別子: 同じログオン、組、検出事項は同じ値になります',
  'where the proxy was to lead to': 'プロキシの接続先',
  'the same of the pair': '組について同じもの',
  'authentications whose mechanism was not seen': 'メカニズムが観測されなかった認証',
  'name of the user': 'ユーザーの名前',
  'the number': '数',
  'what was seen of the pair': 'その組で観測されたもの',
  'whether the log and the wire name the same mechanism': 'ログと通信のメカニズムが同じかどうか',
  'why NTLM was used, as Windows says': 'Windows の示す、NTLM が使われた理由',
  'account, by the logs of the hosts': 'ホストのログによるアカウント',
  'all of the input was read and reported; what was asked of it (verify, device, --gate...) is met':
    'すべての入力を読んで報告しました。問われたこと (verify、device、--gate など) は適合',
  'analyze --fail-on: there are such findings; verify, device, devices, live --until-met, --gate: not met; diff, device --compare: worse; trend: regressed, or new; show, explain, extract: there is no such thing':
    'analyze --fail-on: 該当する検出事項あり。verify、device、devices、live --until-met、--gate: 不適合。diff、device --compare: 悪化。trend: 後戻り、または新規。show、explain、extract: 該当するものなし',
  'an input could not be read, or only in part, also where Ctrl-C, TERM or HUP ended the reading; the rest is reported':
    '入力を読めないか、一部しか読めませんでした。Ctrl-C、TERM、HUP で読み込みを終えた場合も含みます。残りは報告します',
  'verify, device, devices, live --until-met, --gate: nothing contradicts, and something was not observed; analyze: nothing matches a word of the filter; extract: the slice does not say all of it again':
    'verify、device、devices、live --until-met、--gate: 反するものはありませんが、未観測のものがあります。analyze: 絞り込みの語に一致するものがありません。extract: 切り出しが同じことをすべては示しません',
  'the command line makes no sense': 'コマンド ラインが正しくありません',
  'a bug in ntlmscope: please report it': 'ntlmscope の不具合: ご報告ください',
  'the result could not be written: a full disk, or no permission':
    '結果を書き込めませんでした: ディスクの空きがないか、権限がありません',
  'a second Ctrl-C ended the program at once': '2 回目の Ctrl-C ですぐに終了しました',
  'something answered the expectation, nothing contradicts it, and nothing of the flow was out of sight':
    '期待に答えるものがあり、反するものがなく、その通信に観測できないところがありませんでした',
  'something that was seen contradicts the expectation': '観測されたものが期待に反しています',
  'nothing contradicts it, and nothing or not everything was seen: never a yes by silence':
    '反するものはありませんが、何も、またはすべては観測されていません: 沈黙を適合とはしません',
  'proven, in every role in which the device was seen': '機器が観測されたすべての役割で証明されています',
  'something that was seen contradicts it': '観測されたものが反しています',
  'the captures do not answer it; the card says what to press or to run':
    'キャプチャからは分かりません。押すボタンや実行するものはカードにあります',
  'the device did not offer it: with a refusal the only proof that something is off':
    '機器は提示しませんでした: 拒否と並んで、無効であることの唯一の証明です',
  'the device was asked for it and refused': '機器は要求を受け、拒否しました',
  'it is still offered, and was only not used: no pass':
    'まだ提示されており、使われなかっただけです: 合格ではありません',
  'nobody asked for it: no pass': '要求した相手がいません: 合格ではありません',
  'NTLM before, accepted Kerberos after': '以前は NTLM、以後は受け入れられた Kerberos',
  'signed, encrypted or bound now, and not before': '以前になかった署名、暗号化、またはバインドが現在はあります',
  'NTLM now, and Kerberos alone before': '以前は Kerberos だけ、現在は NTLM',
  'signed, encrypted or bound before, and not now': '以前あった署名、暗号化、またはバインドが現在はありません',
  'logons before, and only attempts without authentication now': '以前はログオンがあり、現在は認証されない試みだけです',
  'logons before and after, and now attempts without authentication among them':
    '以前も以後もログオンがあり、現在はその中に認証されない試みがあります',
  'findings or protections differ, for neither better nor worse':
    '検出事項または保護が違いますが、改善でも悪化でもありません',
  'NTLM before and after': '以前も以後も NTLM',
  'no NTLM is seen any more, and no accepted Kerberos either, or something is out of sight':
    'NTLM はもう観測されませんが、受け入れられた Kerberos もないか、観測できないところがあります',
  'seen after alone: neither a regression nor a success': '以後だけ観測: 悪化でも成功でもありません',
  'seen before alone, which is not fixed': '以前だけ観測: 解消したとは言えません',
  critical: '緊急',
  high: '高',
  medium: '中',
  low: '低',
  info: '情報',
  pass: '合格',
  fail: '不合格',
  met: '適合',

  'SMB: messages of both sides carry a signature; whoever passes on a logon of somebody else has not its key':
    'SMB: 双方のメッセージに署名があります。他人のログオンを中継した者は、その鍵を持ちません',
  'SMB: messages are encrypted; whoever passes on a logon of somebody else has not the key':
    'SMB: メッセージが暗号化されています。他人のログオンを中継した者は、鍵を持ちません',
  'SMB: ordinary messages carry no signature, so that a logon that was passed on would do here as well':
    'SMB: 通常のメッセージに署名がありません。中継されたログオンもここで通用します',
  'SMB: the server took the logon for that of a guest: such a session has no key to sign or encrypt with':
    'SMB: サーバーがログオンをゲストとして扱いました。このセッションには署名や暗号化に使う鍵がありません',
  'a null session: nobody logged on; it counts nowhere as use of NTLM':
    'null セッション: 誰もログオンしていません。NTLM の使用には数えません',
  'SMB, a policy: signs if the other side demands it, and demands nothing itself':
    'SMB のポリシー: 相手が求めれば署名しますが、自らは求めません',
  'SMB, a policy: does not sign (SMB1)': 'SMB のポリシー: 署名しません (SMB1)',
  'LDAP, RPC, WS-Management: messages after the logon are neither signed nor sealed':
    'LDAP、RPC、WS-Management: ログオン後のメッセージに署名も封印もありません',
  'LDAP, RPC: messages after the logon are signed, and can be read':
    'LDAP、RPC: ログオン後のメッセージに署名があります。内容は読めます',
  'RPC, an authentication level: calls are signed, and can be read':
    'RPC の認証レベル: 呼び出しに署名があります。内容は読めます',
  'LDAP, RPC, WS-Management: messages after the logon are signed and encrypted':
    'LDAP、RPC、WS-Management: ログオン後のメッセージが署名され、暗号化されています',
  'RPC, an authentication level: calls are signed and encrypted':
    'RPC の認証レベル: 呼び出しが署名され、暗号化されています',
  'RPC, an authentication level: the logon alone is checked, nothing protects the calls after it':
    'RPC の認証レベル: ログオンだけが検査され、その後の呼び出しは保護されません',
  'the server says that it demands it, or refused a session without it':
    'サーバーが必須であると示したか、これのないセッションを拒否しました',
  'the server accepted a session without it, or says that it does not demand it':
    'サーバーがこれのないセッションを受け入れたか、必須でないと示しました',
  'every session that was seen had it; whether the server demands it is not proven':
    '観測されたすべてのセッションにありました。サーバーが必須としているかは証明されていません',
  'the oldest response, without the NT one: its password can be found in any case':
    'NT 応答のない最も古い応答: パスワードは必ず割り出せます',
  'a response by DES: the hash of the password can be found in any case':
    'DES による応答: パスワードのハッシュは必ず割り出せます',
  'NTLMv1 with extended session security: a challenge of the client, and DES still':
    '拡張セッション セキュリティ付きの NTLMv1: クライアントのチャレンジが加わりますが、DES のままです',
  'the newest response, by HMAC-MD5: no Kerberos still, and a weak password can be guessed from it':
    'HMAC-MD5 による最も新しい応答: Kerberos ではなく、弱いパスワードは推測できます',
  'SMB1: the password itself was sent in place of a response': 'SMB1: 応答の代わりにパスワードそのものが送られました',
  'a mark on the page: something is to be mended': 'ページの印: 直すべきものがあります',
  'a mark on the page: NTLM that fell back, or that somebody has to judge':
    'ページの印: フォールバックした NTLM、または判断を要する NTLM があります',
  'a mark on the page: it was seen, and nothing contradicts it': 'ページの印: 観測され、反するものがありません',
  'a mark on the page: the captures do not show it, and it is no yes':
    'ページの印: キャプチャには示されていません。肯定ではありません',
  'a mark on the page: nothing was compared, since nobody asked for it':
    'ページの印: 求められていないため、比較していません',
  'what protects a session': 'セッションの保護',
  'what a server demands of sessions': 'サーバーがセッションに求めるもの',
  'form of NTLM': 'NTLM の形式',
  'mark of an answer on the page': 'ページ上の答えの印',
  'Protection of sessions': 'セッションの保護',
  'Demands of servers': 'サーバーの要求',
  'Forms of NTLM': 'NTLM の形式',
  'Marks of the page': 'ページの印',
}
