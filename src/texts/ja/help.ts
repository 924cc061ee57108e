/**
 * Japanese. The help: commands, arguments, options, and what stands below them, a paragraph a text.
 */
import type { Catalogue } from '../text.ts'

export const JA_HELP: Catalogue = {
  'Usage:': '使い方:',
  'Arguments:': '引数:',
  'Options:': 'オプション:',
  'Commands:': 'コマンド:',
  'Examples:': '例:',
  'Exit codes:': '終了コード:',
  'Expectations:': '期待:',
  'Switches:': '設定:',
  'Lists of exceptions:': '例外リスト:',
  'Questions:': '質問:',

  'output the version number': 'バージョンを表示する',
  'display help for command': 'ヘルプを表示する',
  'Tells, from packets alone, who still uses NTLM, why Kerberos was not used, and whether what is left could be relayed.':
    'パケットだけから、誰がまだ NTLM を使っているか、なぜ Kerberos が使われなかったか、残りが中継されうるかを判定します。',
  'the report: host pairs with verdicts, findings and what was not visible':
    'レポート: 組ごとの判定、検出事項、観測できなかったもの',
  'the report of a bundled capture: an afternoon of a small office': '同梱のキャプチャのレポート: 小さなオフィスの午後',
  'every decoded authentication message, one JSON object a line': '解読した認証メッセージすべて、1 行に 1 つの JSON',
  'one message as a tree, for whoever doubts a verdict': '判定を確かめるために、1 つのメッセージをツリーで表示',
  'does this flow use Kerberos, signed, bound? met, not met or not observed, with the frames; one flow, or a policy':
    'この通信は Kerberos か、署名されているか、バインドされているか。適合、不適合、未観測をフレームとともに。1 つの通信、またはポリシー',
  'the card of one device: what it can and did, as client and as server, and a scorecard':
    '1 台の機器カード: クライアントとして、サーバーとしての能力と動作、評価表',
  'the scorecards of all devices side by side: a row a host': 'すべての機器の評価表を並べて: 1 行に 1 ホスト',
  'what anything that is printed means, and what to do; why a logon was judged so':
    '出力されるものの意味と対処、あるログオンがそう判定された理由',
  'the frames that prove a finding, as a capture without what could be cracked':
    '検出事項の根拠となるフレームを、解析されうる情報を除いたキャプチャとして',
  'what moved from NTLM to Kerberos, broke, fell back, is new or gone, changed its signing':
    'NTLM から Kerberos に移ったもの、使えなくなったもの、フォールバック、新規、消失、署名の変化',
  'what breaks if this switch is thrown: what fails, goes on, cannot be said; and its list of exceptions':
    'この設定を切り替えると何が壊れるか: 失敗、継続、判断不能、および例外リスト',
  'a capture as it is made: every logon at once, and why; the report at its end':
    'キャプチャしながら: ログオンごとにすぐ、その理由とともに。最後にレポート',
  'files as they appear in a folder: every logon, what goes on over their boundaries, reports by the hour':
    'フォルダーに現れるファイルを順に: すべてのログオン、ファイルをまたぐ通信、1 時間ごとのレポート',
  'the road to off: stages, places to mend, devices, switches with their numbers, gates, rollback sheets':
    '無効化の計画: 段階、直す箇所、機器、設定とその件数、ゲート、切り戻し手順',
  'facts for months and many sensors: into a folder of Parquet files, or into ClickHouse':
    '長期、多数のセンサーのデータを蓄積: Parquet ファイルのフォルダー、または ClickHouse へ',
  'questions to stored facts: named ones, or SQL': '蓄積データへの質問: 名前付きの質問、または SQL',
  'the migration over time: share of hosts with NTLM, Kerberos success, what is new, regressed, gone':
    '移行の推移: NTLM のあるホストの割合、Kerberos の成功、新規、後退、消失',
  'stored facts: are they in order; merge small files; forget what is old; the schema':
    '蓄積データの管理: 検査、小さなファイルの結合、古いものの削除、スキーマ',

  'files, folders, globs, or - for standard input': 'ファイル、フォルダー、glob、または標準入力を表す -',
  'files, folders, globs, or - for standard input; or a saved report':
    'ファイル、フォルダー、glob、標準入力を表す -、または保存したレポート',
  'files, folders, globs, or - for standard input; reports saved as ndjson, or as JSON':
    'ファイル、フォルダー、glob、標準入力を表す -。ndjson または JSON で保存したレポート',
  'one capture file': '1 つのキャプチャ ファイル',
  'the address or the name of a printer, NAS, server...': 'プリンター、NAS、サーバーなどのアドレスまたは名前',
  'a finding (NS-SG-002), cause (RC04), blind spot (tls), expectation, column, exit code...; without one: all; with --pair or --exchange: captures, or a saved report':
    '検出事項 (NS-SG-002)、原因 (RC04)、観測できない範囲 (tls)、期待、列、終了コードなど。省略時はすべて。--pair または --exchange ではキャプチャまたは保存したレポート',
  'a capture, folder or glob, or a report saved by analyze --format json':
    'キャプチャ、フォルダー、glob、または analyze --format json で保存したレポート',
  'the same, after the change': '同じく、変更後のもの',
  '- for a capture on standard input': '標準入力のキャプチャを表す -',
  'where tcpdump, dumpcap or an appliance writes its files':
    'tcpdump、dumpcap、またはアプライアンスがファイルを書くフォルダー',
  'one of those below': '下記のいずれか',

  'only this client or server: address, prefix (10.1.0.0/16) or name; repeatable':
    'このクライアントまたはサーバーのみ: アドレス、プレフィックス (10.1.0.0/16)、または名前。繰り返し可',
  'only this client; repeatable': 'このクライアントのみ。繰り返し可',
  'only this server; repeatable': 'このサーバーのみ。繰り返し可',
  'only this service; repeatable: {0}': 'このサービスのみ。繰り返し可: {0}',
  'only this service; repeatable': 'このサービスのみ。繰り返し可',
  'of one capture over the change: what began before that time, and since; ISO 8601 (UTC without a zone)':
    '変更をまたぐ 1 つのキャプチャについて: その時刻より前に始まったものと、以降のもの。ISO 8601 (タイム ゾーンなしは UTC)',
  'only what began then or later: ISO 8601 (UTC without a zone) or seconds since 1970':
    'この時刻以降に始まったもののみ: ISO 8601 (ゾーンなしは UTC) または 1970 年からの秒',
  'only what began then or later: ISO 8601 (UTC without a zone)':
    'この時刻以降に始まったもののみ: ISO 8601 (ゾーンなしは UTC)',
  'only what began before that': 'この時刻より前に始まったもののみ',
  'only pairs with this verdict; repeatable: {0}': 'この判定の組のみ。繰り返し可: {0}',
  'only this finding (NS-FB-002), and the pairs that it is about; repeatable':
    'この検出事項 (NS-FB-002) とその組のみ。繰り返し可',
  'only findings of this severity and above, and their pairs: {0}': 'この重大度以上の検出事項とその組のみ: {0}',
  'only NTLM logons with this cause (RC04); repeatable': 'この原因 (RC04) の NTLM ログオンのみ。繰り返し可',
  'only logons of this user: bob of any domain, CORP\\bob, bob@corp.example; repeatable':
    'このユーザーのログオンのみ: ドメインを問わない bob、CORP\\bob、bob@corp.example。繰り返し可',
  'only NTLM logons that came about so; repeatable: {0}': 'この経緯の NTLM ログオンのみ。繰り返し可: {0}',
  'what a name means, beside what the captures say of it; repeatable':
    'キャプチャから分かるもののほかに、名前が指すアドレス。繰り返し可',
  'names in the form of /etc/hosts; repeatable': '/etc/hosts の形式の名前。繰り返し可',
  'TLS secrets (SSLKEYLOGFILE): what they open is read as if in clear; repeatable':
    'TLS のキー (SSLKEYLOGFILE): 開けるものは平文と同じく読みます。繰り返し可',
  'RSA private key of a server, PEM or DER: for TLS with RSA key exchange; repeatable':
    'サーバーの RSA 秘密キー (PEM または DER): RSA 鍵交換の TLS 用。繰り返し可',
  'Kerberos keys of a lab: tickets are opened, NTLM is verified; repeatable':
    '検証環境の Kerberos キー: チケットを開き、NTLM を検証します。繰り返し可',
  'who reads most packets; the result is the same': 'パケットを読むエンジン。結果は同じです',
  'write there instead of to standard output': '標準出力の代わりにここへ書く',
  '1: one thread; 2: a second one reads; 3, 4: others decode. The result is the same (default: by cores and size)':
    '1: 1 スレッド、2: 別スレッドで読み込み、3 と 4: さらに別スレッドで解読。結果は同じです (既定値: コア数と入力の大きさによる)',
  'Windows logs of the same time, a file or a folder of .evtx, XML, JSON or CSV: which program, which user, why; repeatable':
    '同じ時間帯の Windows ログ (.evtx、XML、JSON、CSV のファイルまたはフォルダー): どのプログラム、どのユーザー、なぜ。繰り返し可',
  'html: an earlier saved report or capture; what changed since then stands in the page':
    'html: 以前に保存したレポートまたはキャプチャ。以後の変化をページに載せます',
  'html: with the card of this device; repeatable': 'html: この機器のカードを載せる。繰り返し可',
  'html: a head in YAML: title, for, where, why, author': 'html: YAML の表紙: title、for、where、why、author',
  'html: times of this zone, as Asia/Tokyo (default: UTC)':
    'html: このタイム ゾーンの時刻。例 Asia/Tokyo (既定値: UTC)',
  'whose hosts they are: CSV with host (address, prefix or name), owner, ou, site, criticality, wave':
    'ホストの所有者: host (アドレス、プレフィックス、名前)、owner、ou、site、criticality、wave の CSV',
  'how to write it: {0}; FORMAT=FILE writes it there: repeatable (default: text)':
    '出力形式: {0}。FORMAT=FILE でそのファイルに書きます。繰り返し可 (既定値: text)',
  'how to write it': '出力形式',
  'what csv prints': 'csv が出力するもの',
  'text: one list alone, the most NTLM first': 'text: 1 つの一覧だけ、NTLM の多い順',
  'text, with --by: as many rows (default: 20)': 'text で --by とともに: 行数 (既定値: 20)',
  'text: the first screen alone': 'text: 最初の画面だけ',
  'text: tables with all columns, however wide': 'text: 幅によらずすべての列を表示',
  'csv: begin with a byte order mark, so that Excel reads names that are not ASCII':
    'csv: BOM で始める。Excel が ASCII 以外の名前を読めるようにします',
  'figures for stretches of time: 15m, 1h, 1d, 7d (default: chosen by the capture)':
    '数値の時間区切り: 15m、1h、1d、7d (既定値: キャプチャに応じて)',
  'exit with 1 where there is such a finding: a severity (and above) or an id; repeatable':
    'このような検出事項があれば 1 で終了: 重大度 (以上) または ID。繰り返し可',
  'who saw it, for ecs, ocsf, prometheus and zeek (default: the name of this host)':
    'ecs、ocsf、prometheus、zeek での観測者 (既定値: このホストの名前)',
  'zeek: JSON lines instead of tab-separated values': 'zeek: タブ区切りの代わりに JSON 行',
  'zeek: NEEDED_PREAUTH of MIT and Heimdal KDCs as well, which Zeek leaves out':
    'zeek: Zeek が省く、MIT と Heimdal の KDC の NEEDED_PREAUTH も含める',
  'of what is written for people (default: by LC_ALL, LC_MESSAGES, LANG)':
    '人が読む出力の言語 (既定値: LC_ALL、LC_MESSAGES、LANG による)',
  'the frame in which the message ends, as reports name it': 'メッセージが終わるフレーム (レポートの表記)',
  'what was before the change: a capture, folder, glob or saved report; its names are known, its answer stands beside':
    '変更前のもの: キャプチャ、フォルダー、glob、保存したレポート。その名前を使い、結果を並べて示します',
  'of this client: address, prefix or name': 'このクライアントの: アドレス、プレフィックス、または名前',
  'to this server: address, prefix or name; [2001:db8::5]:445':
    'このサーバーへの: アドレス、プレフィックス、または名前。[2001:db8::5]:445',
  'of this service: {0}': 'このサービスの: {0}',
  'with commas, of: {0}': 'コンマ区切りで、次から: {0}',
  'judge by a policy file: many flows, allowed uses of NTLM, thresholds':
    'ポリシー ファイルで判定: 多数の通信、許可された NTLM、しきい値',
  'inventory=14d: no new NTLM pair so long; turned-away=48h: nobody was; repeatable':
    'inventory=14d: その間、新しい NTLM の組がない。turned-away=48h: 拒否されたものがない。繰り返し可',
  'the day by which the entries of a policy expire (default: today, UTC)':
    'ポリシーの項目の期限を判定する日 (既定値: 今日、UTC)',
  'draft a policy file from what the captures show, for a person to review':
    'キャプチャの内容からポリシー ファイルの下書きを作る。人が確認するためのものです',
  'instead of captures, stored facts: a folder, or clickhouse://user@host:8123/database':
    'キャプチャの代わりに蓄積データ: フォルダー、または clickhouse://user@host:8123/database',
  'with --from: only what began then or later': '--from とともに: この時刻以降に始まったもののみ',
  'with --from: only what began before that': '--from とともに: この時刻より前に始まったもののみ',
  'how it stands against requirements, with clauses for a tender: {0} or a file':
    '要件に対する結果と、調達仕様の条項: {0}、またはファイル',
  'cards saved by device --format json, side by side: an update, or two models':
    'device --format json で保存したカードを並べて比較: 更新の前後、または 2 機種',
  'what the card is called; with --compare one for each card, repeatable':
    'カードの呼び名。--compare ではカードごとに 1 つ、繰り返し可',
  'this device, not all: address or name; repeatable': 'すべてではなくこの機器: アドレスまたは名前。繰り返し可',
  'markdown: the whole catalogue': 'markdown: カタログ全体',
  'how the logons of this pair were judged': 'この組のログオンがどう判定されたか',
  'how this one was judged (id of an exchange in JSON)': 'この認証がどう判定されたか (JSON の id)',
  'what it is to prove: a rule (NS-SG-002), or the uid of one finding':
    '証明する対象: ルール (NS-SG-002)、または検出事項の uid',
  'or the verdict of a pair': 'または組の判定',
  'or these frames: 341,344-352; of several captures NAME:341; repeatable':
    'またはこれらのフレーム: 341,344-352。複数のキャプチャでは NAME:341。繰り返し可',
  'with --finding: only those of this client': '--finding とともに: このクライアントのもののみ',
  'with --finding: only those of this server': '--finding とともに: このサーバーのもののみ',
  'with --finding: only those of this service: {0}': '--finding とともに: このサービスのもののみ: {0}',
  'write the slice there (pcapng)': '切り出しをここに書く (pcapng)',
  'print the filter of Wireshark and the lines of tshark and editcap that show the same frames':
    '同じフレームを示す Wireshark のフィルターと tshark、editcap のコマンドを表示',
  'text: every pair that is new or gone, not the first ten': 'text: 新規と消失の組を最初の 10 件ではなくすべて',
  'these, with commas, and not all (below)': 'コンマ区切りで、すべてではなくこれら (下記)',
  'these clients are bound, whatever they are, and no others; repeatable':
    '種類を問わず、これらのクライアントだけを対象とする。繰り返し可',
  'the same of servers; repeatable': 'サーバーについて同様。繰り返し可',
  'the domain whose controllers are switched (default: every one that was seen)':
    '設定するドメイン コントローラーのドメイン (既定値: 観測されたすべて)',
  'names that are let through, one a line, # begins a comment': '許可する名前、1 行に 1 つ。# 以降は注釈',
  'instead, the list of exceptions': '代わりに例外リスト',
  'with --write-exceptions: let through what this policy allows, not all that was seen':
    '--write-exceptions とともに: 観測されたすべてではなく、このポリシーが許可するものを許可する',
  'the day by which entries of the policy expire (default: today, UTC)':
    'ポリシーの項目の期限を判定する日 (既定値: 今日、UTC)',
  'end with 1 where something would fail, with 3 where something cannot be said':
    '失敗するものがあれば 1、判断不能があれば 3 で終了',
  'capture there, with dumpcap or tcpdump': 'dumpcap または tcpdump でこのインターフェイスをキャプチャ',
  'take what a switch sends: TZSP 37008, VXLAN 4789, GENEVE 6081; vxlan:9000':
    'スイッチが送るものを受信: TZSP 37008、VXLAN 4789、GENEVE 6081。vxlan:9000',
  'list what can be captured, and if nothing, what to do': 'キャプチャできるインターフェイスの一覧。なければ対処',
  'with -i: who captures (default: dumpcap where there is one)':
    '-i とともに: キャプチャするプログラム (既定値: あれば dumpcap)',
  'with -i: a capture filter; KDC and name traffic are added, so that reasons stay':
    '-i とともに: キャプチャ フィルター。原因が分かるよう KDC と名前解決の通信を加えます',
  'keep what is captured there, in files of our own writing': 'キャプチャしたものをこのフォルダーに保存する',
  'with -w: a file has so many bytes: 500k, 100M, 1G': '-w とともに: 1 ファイルの大きさ: 500k、100M、1G',
  'with -w: of so many files the oldest goes': '-w とともに: ファイル数。超えると古いものから消します',
  'append there instead of writing to standard output; SIGHUP opens it again':
    '標準出力の代わりにここへ追記。SIGHUP で開き直します',
  'the report at the end: .json, .txt, .csv or .html': '最後のレポート: .json、.txt、.csv、または .html',
  'end after 90s, 10m or 2h': '90s、10m、2h などの後に終了',
  'end when the flow does this: {0}': '通信がこうなったら終了: {0}',
  'with --until-met: of this client': '--until-met とともに: このクライアントの',
  'with --until-met: to this server': '--until-met とともに: このサーバーへの',
  'with --until-met: of this service: {0}': '--until-met とともに: このサービスの: {0}',
  'show this host alone, with its card; repeatable': 'このホストだけを、カードとともに表示。繰り返し可',
  'what is tested: stands in the stream and on the screen': '試験の内容。出力と画面に表示します',
  'what is there, then the end': '今あるものを読んで終了',
  'go on where the last watch of this folder ended, however it ended':
    'このフォルダーの前回の監視が終わった所から続ける。終わり方は問いません',
  'a report for each stretch of so long, and what is new, seen again, gone: 1h, 1d':
    'この長さごとのレポートと、新規、再度、消失: 1h、1d',
  'with --every: where they are written': '--every とともに: 書き込み先',
  'a file to which nothing came for so long is over, if a later one is there':
    'この間追記がなく、後のファイルがあれば、そのファイルは終わりとみなす',
  'with --state: as much is read again at a start, for what it tells of later files':
    '--state とともに: 後のファイルのために、開始時にこの量を読み直す',
  'the day on which it starts: stages get dates': '開始日: 各段階に日付が付きます',
  'a folder of Parquet files, or clickhouse://user@host:8123/database':
    'Parquet ファイルのフォルダー、または clickhouse://user@host:8123/database',
  'who saw it: the same name for all files of one tap': '観測者: 1 つのタップのファイルにはすべて同じ名前',
  'the file before these: conversations go on in them, and the newest wait for the next':
    'これらの前のファイル: 通信を引き継ぎ、最新のものは次を待ちます',
  'with --previous: nothing waits, no file follows': '--previous とともに: 後続なし、何も待ちません',
  'prefixes, one a line, each with a name behind it (default: /24 and /64)':
    'プレフィックスを 1 行に 1 つ、後ろに名前 (既定値: /24 と /64)',
  'no names of people and machines are stored: keyed pseudonyms instead':
    '人と機器の名前を保存せず、キー付きの仮名にする',
  'how to say what was loaded': '読み込んだものの表示形式',
  'weeks and times are those of this zone, like Europe/Berlin': '週と時刻のタイム ゾーン。例 Asia/Tokyo',
  'only this client: address, prefix, subnet or name; repeatable':
    'このクライアントのみ: アドレス、プレフィックス、サブネット、名前。繰り返し可',
  'only this server: address or name; repeatable': 'このサーバーのみ: アドレスまたは名前。繰り返し可',
  'only what this sensor saw; repeatable': 'このセンサーが観測したもののみ。繰り返し可',
  'instead of a question: SQL over exchanges, sightings, kdc, findings, conversations, captures':
    '質問の代わりに SQL: exchanges、sightings、kdc、findings、conversations、captures に対して',
  'for policy-deviations: what is allowed': 'policy-deviations 用: 許可するもの',
  'a row for each': '1 行の期間',
  'new and gone since then (default: seven days before the newest fact)':
    'この時点以降の新規と消失 (既定値: 最新のデータの 7 日前)',
  'what moved since the run that wrote this file; it is written anew':
    'このファイルを書いた実行以降の変化。ファイルは書き直されます',
  'with --since-run: what stands as before is counted, not listed':
    '--since-run とともに: 以前と同じものは列挙せず数える',
  'count, read every file, take away what killed loads left': '件数、全ファイルの検査、中断された読み込みの残りの削除',
  'the files of each day into one': '1 日ごとのファイルを 1 つに',
  'forget days that are older: 400d': 'これより古い日を消す: 400d',
  'print it: columns (default), or clickhouse for its statements': '表示: columns (既定値)、または clickhouse の定義文',
  'with --schema clickhouse: Distributed tables of this cluster':
    '--schema clickhouse とともに: このクラスターの Distributed テーブル',

  'ntlmscope tells, from packets alone, who still uses NTLM, why Kerberos was not used, and whether what is left could be relayed.':
    'ntlmscope は、パケットだけから、誰がまだ NTLM を使っているか、なぜ Kerberos が使われなかったか、残りが中継されうるかを判定します。',
  'the report of a bundled capture': '同梱のキャプチャのレポート',
  'the report of yours (a file, folder, glob)': '手元のキャプチャのレポート (ファイル、フォルダー、glob)',
  'as it happens; Ctrl-C ends and reports': '起きるたびに。Ctrl-C で終了し報告',
  'what a cause or finding means, what to do': '原因や検出事項の意味と対処',
  'ntlmscope --help lists all commands; ntlmscope COMMAND --help all its options.':
    'ntlmscope --help はすべてのコマンド、ntlmscope COMMAND --help はそのすべてのオプションを示します。',
  'who still uses NTLM, and why': '誰が、なぜまだ NTLM を使っているか',
  'the first screen alone': '最初の画面だけ',
  'a folder, one row a pair': 'フォルダー、1 行に 1 組',
  'one message as a tree': '1 つのメッセージをツリーで',
  'what a finding means, and what to do': '検出事項の意味と対処',
  'while you press scan-to-folder': 'フォルダーへのスキャンを押している間に',
  'files as somebody writes them': '書き込まれるファイルを順に',
  'Ctrl-C ends the reading': 'Ctrl-C で読み込みを終了',
  'each logon at once': 'ログオンを一つずつ直ちに表示',
  'for a daily mail': '毎日のメール用',
  'the page': 'ページ',
  'A capture is a file, a folder, a glob, or - for standard input; pcap or pcapng, plain or in gzip, zstd, xz or lz4. ntlmscope [options] CAPTURE... is short for ntlmscope analyze [options] CAPTURE..., with options before or after.':
    'キャプチャはファイル、フォルダー、glob、または標準入力を表す - です。pcap または pcapng、非圧縮または gzip、zstd、xz、lz4。ntlmscope [options] CAPTURE... は ntlmscope analyze [options] CAPTURE... の省略形です。オプションは前にも後にも書けます。',
  'verify ends with 0 where everything is met, 1 where something is not met, 3 where nothing contradicts but something was not observed, 2 where an input could not be read, or only in part; so does a policy with mistakes, which are told with their lines. A name means the addresses that the captures give it, those of --name and --hosts, and those that --before shows; no name is looked up. The exit code is about the captures, not about what was before. In JUnit, not met is a failure and not observed an error.':
    'verify の終了コード: すべて適合なら 0、不適合があれば 1、反するものはないが未観測があれば 3、入力を読めない、または一部だけ読めた場合は 2。誤りのあるポリシーも 2 で、行を示します。名前は、キャプチャ、--name、--hosts、--before が示すアドレスを指します。名前解決は行いません。終了コードはキャプチャについてのもので、変更前についてではありません。JUnit では、不適合は failure、未観測は error です。',
  'device ends with 0 where everything on the scorecard (of --profile: every requirement) passed, 1 where something failed, 3 where nothing failed but something was not tested, 2 where an input could not be read, or only in part. --compare ends with 1 where the last card is worse than the first, 3 where nothing is worse but something was not tested in one of them.':
    'device の終了コード: 評価表 (--profile ではすべての要件) がすべて合格なら 0、不合格があれば 1、不合格はないが未検査があれば 3、入力を読めない、または一部だけ読めた場合は 2。--compare は、最後のカードが最初より悪ければ 1、悪化はないがどちらかに未検査があれば 3。',
  'Only what was proven passes: refused, not offered, or used as it should be. devices ends with 0 where every device passed everything, 1 where something failed, 3 where nothing failed but something was not tested.':
    '証明されたものだけが合格です: 拒否、提示なし、または正しい使用。devices の終了コード: すべての機器がすべて合格なら 0、不合格があれば 1、不合格はないが未検査があれば 3。',
  'explain ends with 0, with 1 where nothing has that name, with 3 where the captures hold no such logon, with 2 where an input could not be read, or only in part.':
    'explain の終了コード: 0、その名前のものがなければ 1、キャプチャにそのログオンがなければ 3、入力を読めない、または一部だけ読めた場合は 2。',
  'The slice holds whole conversations from their first frame, with comments that say why. Read by ntlmscope it gives the same finding, verdict and cause. Responses, session keys, cipher text of Kerberos and passwords are zeros in it; names and addresses stay. docs/extract.md says more.':
    '切り出しは通信を最初のフレームから含み、理由をコメントに記します。ntlmscope で読むと同じ検出事項、判定、原因になります。応答、セッション キー、Kerberos の暗号文、パスワードは 0 になり、名前とアドレスは残ります。詳しくは docs/extract.md。',
  'extract ends with 0 where the slice says the same again, 3 where it was written and does not (for instance since keys opened what proves it), 1 where there is no such finding, pair or frame.':
    'extract の終了コード: 切り出しが同じ結果を再現すれば 0、書いたが再現しなければ 3 (根拠をキーで開いた場合など)、その検出事項、組、フレームがなければ 1。',
  'diff ends with 0; with 1 where a pair fell back to NTLM, only tries and never authenticates any more (broken), or its SMB signing or channel binding is gone; with 2 where an input could not be read, or only in part. A pair that is new or not seen any more is neither a regression nor a success.':
    'diff の終了コード: 0。NTLM にフォールバックした、試みるだけで認証できなくなった (利用不可)、または SMB 署名やチャネル バインドがなくなった組があれば 1。入力を読めない、または一部だけ読めた場合は 2。新規や観測されなくなった組は、後退でも成功でもありません。',
  'names for outgoing, as its policy wants them': 'outgoing 用の名前 (ポリシーの形式)',
  'NetBIOS names for the domain': 'ドメイン用の NetBIOS 名',
  'names for smb-block': 'smb-block 用の名前',
  'a script that sets the lists of --switch (default: all three)':
    '--switch のリストを設定するスクリプト (既定値: 3 つすべて)',
  'the same as a .reg file': '同じものを .reg ファイルで',
  "A policy binds Windows hosts: a host is one by the version that it sends in NTLM, or because --clients or --servers names it. Each switch says what its vendor's page says, and what was not checked (--switch with one name). What the captures do not show is not simulated. simulate ends with 0; with --gate with 1 where something would fail, with 3 where something cannot be said or was not seen; with 2 where an input could not be read, or only in part.":
    'ポリシーの対象は Windows です: NTLM で送るバージョン、または --clients、--servers の指定で判断します。各設定は、ベンダーの文書の内容と未確認の点を示します (--switch に名前を 1 つ)。キャプチャにないものは試しません。simulate の終了コード: 0。--gate では、失敗するものがあれば 1、判断不能または未観測があれば 3。入力を読めない、または一部だけ読めた場合は 2。',
  'Ctrl-C ends the capture and reports what was read; a second one ends at once. On a terminal with -i or --listen: m marks a step, s saves the cards, q ends. Started as root (sudo), only the capture program stays root: the rest becomes the user behind sudo, or nobody.':
    'Ctrl-C でキャプチャを終了し、読んだものを報告します。もう一度で直ちに終了します。端末で -i または --listen のとき: m は手順の印、s はカードの保存、q は終了。root (sudo) で起動した場合、root のまま残るのはキャプチャ プログラムだけで、ほかは sudo の実行者または nobody になります。',
  'live ends with 0, and with --until-met as verify: 0 seen right, 1 seen wrong, 3 not seen in time; 2 where nothing could be captured, or only a part.':
    'live の終了コード: 0。--until-met では verify と同じく、期待どおりなら 0、反すれば 1、時間内に観測されなければ 3。キャプチャできない、または一部だけの場合は 2。',
  'A folder holds the files of one capture: those of several at the same time want a folder and a state each. With --state and -o, nothing is lost and nothing told twice, also where the watch was killed; to standard output, what was told since the last note of the state (5 seconds) may come once more (same uid).':
    '1 つのフォルダーには 1 つのキャプチャのファイルを置きます。同時に複数あるなら、それぞれにフォルダーと --state が必要です。--state と -o があれば、強制終了されても欠落も重複もありません。標準出力では、最後の記録 (5 秒) 以降のものがもう一度出ることがあります (uid は同じ)。',
  'watch ends with 0 on Ctrl-C or TERM; 2 where a file could not be read, or only a part.':
    'watch の終了コード: Ctrl-C または TERM では 0、ファイルを読めない、または一部だけ読めた場合は 2。',
  "Every pair with NTLM stands in one stage (inventory, paths, devices) and one wave of the inventory, or nobody's. Dates are arithmetic. Gates are commands of this program. plan ends with 0; with 2 where an input could not be read, or only in part.":
    'NTLM のある組はすべて、1 つの段階 (棚卸し、経路、機器) とインベントリの 1 つのウェーブ (または所有者なし) に入ります。日付は計算したものです。ゲートは本プログラムのコマンドです。plan の終了コード: 0、入力を読めない、または一部だけ読めた場合は 2。',
  'Inputs are known by their bytes: what was loaded is skipped, whatever it is called. A logon that two taps saw counts once. A load is seen whole or not at all.':
    '入力は内容で識別します: 読み込み済みのものは名前が違っても省きます。2 つのタップが観測したログオンは 1 回と数えます。読み込みは全部見えるか、まったく見えないかです。',
  '(the password of ClickHouse is read from NTLMSCOPE_CLICKHOUSE_PASSWORD)':
    '(ClickHouse のパスワードは NTLMSCOPE_CLICKHOUSE_PASSWORD から読みます)',
  'by week: how many hosts authenticate, and how many of them with NTLM':
    '週ごと: 認証したホストの数と、そのうち NTLM の数',
  'by week: how many Kerberos logons with a known result were accepted':
    '週ごと: 結果の分かる Kerberos ログオンのうち受理された数',
  'per line that gives a wrong name (DFS link, redirect, alias, script, policy): the logons that end with it':
    '誤った名前を与える行 (DFS リンク、リダイレクト、別名、スクリプト、ポリシー) ごと: それによって終わるログオン',
  'by subnet of the client: why Kerberos was not used': 'クライアントのサブネットごと: Kerberos が使われなかった原因',
  'per client, server and service: first and last seen, and with what':
    'クライアント、サーバー、サービスごと: 最初と最後の観測、その方式',
  'pairs that use NTLM since --since, and did not before': '--since 以降に NTLM を使い、以前は使わなかった組',
  'pairs with Kerberos and no NTLM before --since, and NTLM since':
    '--since より前は Kerberos だけ、以降は NTLM のある組',
  'pairs with NTLM before --since and none since: Kerberos now, or not seen at all':
    '--since より前に NTLM があり、以降はない組: 今は Kerberos、または未観測',
  'NTLM that no entry of --policy allows: per client, server, service, account and version':
    '--policy のどの項目も許可しない NTLM: クライアント、サーバー、サービス、アカウント、バージョンごと',
  'per server: how many clients would break without NTLM, without RC4, without unsigned SMB':
    'サーバーごと: NTLM、RC4、未署名の SMB なしでは使えなくなるクライアントの数',
  'the logons of --client at --server, each with its capture and frames':
    '--server での --client のログオン、それぞれのキャプチャとフレーム',
  'which accounts use NTLM, in which version, from how many clients':
    'NTLM を使うアカウント、そのバージョン、クライアントの数',
  'per finding: how many pairs, first and last seen': '検出事項ごと: 組の数、最初と最後の観測',
  'per sensor: from when to when it was loaded, and how much was not readable to its end':
    'センサーごと: 読み込んだ期間、最後まで読めなかったものの量',
  'Where a question speaks of --since as a point in time, it divides before from since (default: seven days before the newest fact).':
    '質問の中の --since は、以前と以降を分ける時点です (既定値: 最新のデータの 7 日前)。',
  'trend ends with 1 where a pair regressed, with --since-run where something is new.':
    'trend の終了コード: 後退した組があれば 1、--since-run では新しいものがあれば 1。',
  'All of it may run while others load and ask.': 'いずれも、ほかの読み込みや質問と同時に実行できます。',
}
