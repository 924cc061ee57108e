/**
 * Japanese. Blind spots, and what was not read.
 */
import type { Catalogue } from '../text.ts'

export const JA_REPORTS: Catalogue = {
  'exchanges not listed one by one (pairs and figures count them; ndjson prints them all)':
    '個別に列挙していない認証 (組と数値には含まれ、ndjson はすべてを出力します)',
  'KDC exchanges not listed one by one': '個別に列挙していない KDC とのやり取り',
  'exchanges of pairs beyond the limit of pairs': '組の上限を超えた組の認証',
  'conversations beyond the limit of conversations': '通信の上限を超えた通信',
  'findings beyond the limit of findings': '検出事項の上限を超えた検出事項',
  'exchanges that are missing in a part of the figures': '数値の一部に含まれていない認証',
  'exchanges that are missing in places, servers, clients or accounts':
    '変更箇所、サーバー、クライアント、アカウントのいずれかの集計に含まれていない認証',
  'attempts that ended without authentication are not in reports and facts of older versions':
    '認証に至らず終わった試行は、旧バージョンのレポートとデータにはありません',
  'attempts without authentication beyond the limit of pairs': '組の上限を超えた、認証のない試み',
  'authentications beyond the limit of one connection': '1 つの接続の上限を超えた認証',
  'SMB channels whose session may have been forgotten': 'セッションの記録が失われた可能性のある SMB チャネル',
  'causes decided before all that could explain them was read': '原因を説明しうるものをすべて読む前に決めた原因',
  'names of hosts beyond the limit of names': '名前の上限を超えたホスト名',
  'clients whose older Kerberos evidence was forgotten': '古い Kerberos の根拠の記録が失われたクライアント',
  'packets: {0} read, {1} accounted for': 'パケット: {0} 個を読み、{1} 個の行き先が判明',
  'PDUs: {0} framed, {1} skipped, {2} kept': 'PDU: {0} 個を区切り、{1} 個を読み飛ばし、{2} 個を保持',
  'reading that was stopped before the end: what follows was not read': '途中で中止した読み込み: 以降は読んでいません',
  'TLS conversations: what authenticates inside is not visible ({0})': 'TLS の通信: 中の認証は観測できません ({0})',
  'HTTP/2 conversations: headers are not read, and a logon in them is not visible ({0})':
    'HTTP/2 の通信: ヘッダーは読み取らず、その中のログオンは観測できません ({0})',
  'QUIC connections: what authenticates inside is not visible ({0})': 'QUIC の接続: 中の認証は観測できません ({0})',
  'encrypted SMB sessions: pipes and files inside are not visible':
    '暗号化された SMB セッション: 中のパイプとファイルは観測できません',
  'SMB channels that were bound, and sessions that were renewed, whose logon is not in the capture':
    'バインドされた SMB チャネルと更新されたセッションで、元のログオンがキャプチャにないもの',
  'NTLM tokens that nobody answers, in bodies, files and data of others: listed by messages, not counted as logons ({0})':
    '本文、ファイル、他のデータの中にある、応答のない NTLM トークン: messages には列挙し、ログオンとしては数えません ({0})',
  'packets with an NTLM token that are neither TCP nor UDP: seen, not decoded':
    'TCP でも UDP でもない、NTLM トークンを含むパケット: 観測しましたが解読していません',
  'connections seen in one direction only: results or offers are missing':
    '片方向だけ観測された接続: 結果または提示内容が欠けています',
  'connections whose beginning is not in the capture': '始まりの部分がキャプチャにない接続',
  'packets of connections that began before the capture and said nothing in it':
    'キャプチャより前に始まり、その中では何も話さなかった接続のパケット',
  'connections in the middle of a logon, or before one, when the capture ended: how they authenticate is not in it':
    'キャプチャが終わった時にログオンの途中または直前だった接続: どう認証するかは含まれていません',
  'holes in conversations: {0} bytes were sent and are not in the capture':
    '通信の欠落: {0} バイトが送信されましたが、キャプチャにありません',
  'packets that were on the wire and that the capture program dropped: anything may have been in them':
    '通信路にはあったがキャプチャ プログラムが取りこぼしたパケット: 何が含まれていたか分かりません',
  'capture filters: what they kept out was not seen ({0})':
    'キャプチャ フィルター: 除外されたものは観測していません ({0})',
  'packets cut by the snap length': 'スナップ長で切られたパケット',
  'messages that are incomplete because of loss, snap length or the end of the capture':
    '欠落、スナップ長、またはキャプチャの終わりのために不完全なメッセージ',
  'messages longer than the limit, stepped over': '上限より長いため読み飛ばしたメッセージ',
  'messages that could not be read': '読めなかったメッセージ',
  'messages lost to an error of this program: please report them':
    '本プログラムの不具合で失われたメッセージ: ご報告ください',
  'wireless (802.11) packets: out of scope': '無線 (802.11) パケット: 対象外です',
  'inputs that could not be read ({0})': '読めなかった入力 ({0})',
  'packets of a link type that is not read: {0}': '未対応のリンク タイプのパケット: {0}',
  'packets of an EtherType that wraps others or is not known: {0}':
    '他のパケットを包む、または未知の EtherType のパケット: {0}',
  'packets inside of UDP datagrams, in a wrapper that is not read: {0}':
    '未対応の形式で UDP データグラムに包まれたパケット: {0}',
  'IP fragments whose datagram never became complete': 'データグラムがそろわなかった IP フラグメント',
  'packets with more encapsulations than the limit': 'カプセル化の上限を超えたパケット',
  'packets cut inside their headers': 'ヘッダーの途中で切られたパケット',
  'conversations forgotten because too many were open': '同時に開いた数が多すぎたため記録を失った通信',
  'port {0} {1}': 'ポート {0} {1}',
  'logons that {0} more servers asked domain controllers to check':
    'ほか {0} 台のサーバーがドメイン コントローラーに確認を求めたログオン',
  ' and {0} more servers': '、ほかサーバー {0} 台',
  'exchanges that are not listed one by one and could not be asked about the filter: figures, places, servers, clients and accounts are without them, and pairs too where users, causes, origins or times are asked for':
    '個別に列挙されておらず、絞り込みを確かめられない認証: 数値、変更箇所、サーバー、クライアント、アカウントには含まれません。ユーザー、原因、経緯、時刻で絞り込む場合は組にも含まれません',
  'the logon of an SMB session that goes on here': 'ここに続く SMB セッションの元のログオン',
  'of a logon, no message of the {0} is in the capture':
    'あるログオンについて、{0} からのメッセージがキャプチャにありません',
  'how NTLM came about: the offers were not seen': 'NTLM になった経緯: 提示が観測されていません',
  'SMB encryption: what runs inside the session': 'SMB 暗号化: セッションの中の通信',
  'EAP in TLS (PEAP, EAP-TTLS): probably MS-CHAPv2 inside, whose response is that of NTLMv1; not visible':
    'TLS の中の EAP (PEAP, EAP-TTLS): 中はおそらく MS-CHAPv2 で、その応答は NTLMv1 のものです。観測できません',
  'TLS: authentication inside is not visible': 'TLS: 中の認証は観測できません',
  'Kerberos was tried and refused; no successful authentication was seen':
    'Kerberos が試され、拒否されました。成功した認証は観測されていません',
  'turned away {0} times, and authenticated before and after': '{0} 回認証なしで終わり、前後には認証しています',
  'tried once, never authenticated: {0}': '1 回試し、認証していません: {0}',
  'tried {0} times, never authenticated: {1}': '{0} 回試し、一度も認証していません: {1}',
  'nothing followed after the KDC had refused {0} ({1})': 'KDC が {0} ({1}) を拒否した後、続きがありません',
  'the server refused by policy ({0})': 'サーバーがポリシーで拒否しました ({0})',
  'no status': 'ステータスなし',
  'the server asked again and again ({0})': 'サーバーが繰り返し要求しました ({0})',
  'the server closed the connection after its offer had no answer': 'サーバーが、提示に応答がないため接続を閉じました',
  'the client closed the connection after what the server offered':
    'クライアントが、サーバーの提示を受けて接続を閉じました',
  '4002 and 4003 of NTLM/Operational on the server, 4004 on the domain controller':
    'サーバーの NTLM/Operational の 4002 と 4003、ドメイン コントローラーの 4004',
  '4001 of NTLM/Operational on the client': 'クライアントの NTLM/Operational の 4001',
  '{0} and others': '{0} ほか',
  '1 logon that is': '1 件のログオン',
  '{0} logons that are': '{0} 件のログオン',
  '{0} asked {1} to check {2} not in the captures (NTLM, or a Kerberos PAC)':
    '{0} が、キャプチャにない{2}の確認を {1} に求めました (NTLM または Kerberos PAC)',
  'further ports, beyond the limit': '上限を超えた、その他のポート',
  'unknown wrapper': '未知の包み',
  'link type {0}: not read, {1}': 'リンク タイプ {0}: 未対応、{1}',
  'EtherType {0}: not read, {1}; there may be IP in it': 'EtherType {0}: 未対応、{1}。中に IP がある可能性があります',
  'UDP port {0}: {1} of others inside, in a wrapper that is not read': 'UDP ポート {0}: 未対応の形式で包まれた {1}',
  '1 packet': '1 パケット',
  '{0} packets': '{0} パケット',
}
