/**
 * Japanese. Findings about Kerberos.
 */
import type { Catalogue } from '../text.ts'

export const JA_KERBEROS: Catalogue = {
  'Give the account AES keys (msDS-SupportedEncryptionTypes, then reset the password)':
    'アカウントに AES キーを持たせる (msDS-SupportedEncryptionTypes を設定し、パスワードをリセット)',
  'renew keytabs': 'keytab を更新する',
  'a ticket is asked for a marshalled name: Kerberos relay':
    'マーシャリングされた名前のチケットが要求されました: Kerberos リレー',
  'The service name of a request to a KDC holds marshalled target data (1UWhRC...)':
    'KDC への要求のサービス名に、マーシャリングされた接続先データ (1UWhRC...) が含まれる',
  'No host has such a name; it is made to have the ticket used elsewhere':
    'このような名前のホストはありません。チケットを別の場所で使わせるために作られます',
  'Remove the DNS record with that name, find out who made it, update the hosts':
    'その名前の DNS レコードを削除し、作成者を調べ、ホストを更新する',
  'look for DNS records with 1UWhRC in their names': '名前に 1UWhRC を含む DNS レコードを探す',
  'install the updates of June 2025 or later': '2025 年 6 月以降の更新プログラムを適用する',
  'service {0}': 'サービス {0}',
  'AS-REP without pre-authentication': '事前認証のない AS-REP',
  'An AS-REQ without PA-ENC-TIMESTAMP, PKINIT, FAST or encrypted challenge is answered with a ticket':
    'PA-ENC-TIMESTAMP、PKINIT、FAST、暗号化されたチャレンジのいずれもない AS-REQ に、チケットで応答している',
  'The AS-REQ and the AS-REP': 'AS-REQ と AS-REP',
  'Both must be in the capture; the first request of a client is answered with error 25 and no ticket':
    '両方がキャプチャにある必要があります。クライアントの最初の要求には、チケットではなくエラー 25 が返ります',
  'Clear "do not require Kerberos preauthentication" on the account':
    'アカウントの「Kerberos 事前認証を必要としない」を解除する',
  'Set-ADAccountControl <account> -DoesNotRequirePreAuth $false':
    'Set-ADAccountControl <account> -DoesNotRequirePreAuth $false',
  'change the password of the account: what was sent can be cracked offline':
    'アカウントのパスワードを変更する: 送信されたものはオフラインで解析できます',
  'account {0} received a ticket without proving its password':
    'アカウント {0} が、パスワードを証明せずにチケットを受け取りました',
  'ticket encrypted with RC4 or DES': 'RC4 または DES で暗号化されたチケット',
  'The ticket in an answer of the KDC has a DES or RC4 encryption type':
    'KDC の応答にあるチケットの暗号化の種類が DES または RC4',
  'The request and the answer with the ticket': '要求と、チケットを含む応答',
  'The etype of the reply is that of another key; only that of the ticket counts here':
    '応答の暗号化の種類は別のキーのものです。ここではチケットのものだけを数えます',
  'Look at msDS-SupportedEncryptionTypes of the account and give it AES keys (reset the password): since July 2026 a patched Windows domain controller issues RC4 only where an account asks for it explicitly':
    'アカウントの msDS-SupportedEncryptionTypes を確認し、AES 鍵を与える (パスワードを再設定): 2026 年 7 月以降、更新済みの Windows ドメイン コントローラーは、アカウントが明示的に指定した場合だけ RC4 を発行します',
  'Give the account of the service AES keys (msDS-SupportedEncryptionTypes, then reset the password)':
    'サービスのアカウントに AES キーを持たせる (msDS-SupportedEncryptionTypes を設定し、パスワードをリセット)',
  'the ticket for {0} has {1}': '{0} のチケットは {1} です',
  'an unknown service': '不明なサービス',
  'a client that knows AES was served RC4 or DES': 'AES を使えるクライアントに RC4 または DES が返されました',
  'The request lists AES, and the ticket or the reply of an AS exchange comes with RC4 or DES':
    '要求には AES があるのに、チケットまたは AS の応答が RC4 または DES',
  'The list of the request and the answer': '要求の一覧と応答',
  'Clients that ask for RC4 only are NS-KR-019 and NS-KR-001; requests that were not captured say nothing':
    'RC4 だけを要求するクライアントは NS-KR-019 と NS-KR-001 です。キャプチャされなかった要求からは何も言えません',
  '{0}; where the account had AES before, treat it as a downgrade':
    '{0}。以前 AES だったアカウントの場合はダウングレードとして扱う',
  'old accounts: the password was last set before the domain knew AES':
    '古いアカウント: ドメインが AES に対応する前に最後のパスワードが設定されています',
  'it listed AES and received a ticket with {0} for {1}':
    'AES を列挙しましたが、{1} に対して {0} のチケットを受け取りました',
  'it listed AES; the key of {0} that was used is {1}': 'AES を列挙しましたが、使われた {0} のキーは {1} です',
  'pre-authentication with RC4 or DES': 'RC4 または DES による事前認証',
  'PA-ENC-TIMESTAMP of an AS-REQ is encrypted with RC4 or DES':
    'AS-REQ の PA-ENC-TIMESTAMP が RC4 または DES で暗号化されている',
  'The list of the client alone proves nothing: only what was used counts':
    'クライアントの一覧だけでは何の証明にもなりません: 実際に使われたものだけを数えます',
  '{0}, and allow AES on the client': '{0}。クライアントでも AES を許可する',
  'client: Network security: Configure encryption types allowed for Kerberos; permitted_enctypes in krb5.conf':
    'クライアント: ネットワーク セキュリティ: Kerberos で許可する暗号化の種類を構成する。krb5.conf では permitted_enctypes',
  'account {0} used {1}': 'アカウント {0} が {1} を使用しました',
  'the KDC refuses the clock of a client': 'KDC がクライアントの時刻を拒否しています',
  'KRB_AP_ERR_SKEW from a KDC': 'KDC からの KRB_AP_ERR_SKEW',
  'The request and the error': '要求とエラー',
  'A client that corrects its clock from the error goes on with Kerberos; NTLM that follows is NS-FB-006':
    'エラーから時刻を補正したクライアントは Kerberos を続けます。その後の NTLM は NS-FB-006 です',
  'Synchronise the clocks of client and KDC': 'クライアントと KDC の時刻を同期する',
  'the clocks differ by more than the KDC allows': '時刻のずれが KDC の許容範囲を超えています',
  'pre-authentication failed': '事前認証に失敗しました',
  'KDC_ERR_PREAUTH_FAILED: wrong password or key': 'KDC_ERR_PREAUTH_FAILED: パスワードまたはキーの誤り',
  'The AS-REQ and the error': 'AS-REQ とエラー',
  'KDC_ERR_PREAUTH_REQUIRED is the normal first answer; many accounts from one client are NS-KR-014':
    'KDC_ERR_PREAUTH_REQUIRED は通常の最初の応答です。1 台のクライアントから多数のアカウントの場合は NS-KR-014 です',
  'Look for an old password in a service, a keytab or a saved credential':
    'サービス、keytab、保存された資格情報に古いパスワードがないか調べる',
  'kinit -k -t <keytab> <principal>': 'kinit -k -t <keytab> <principal>',
  'event 4771 on the domain controller': 'ドメイン コントローラーのイベント 4771',
  'account {0}': 'アカウント {0}',
  'errors of a KDC': 'KDC のエラー',
  'A KDC answers with an error that is no normal step of the protocol and that has no rule of its own':
    'KDC が、プロトコルの通常の手順ではなく、独自の規則もないエラーで応答している',
  'Left out: KDC_ERR_PREAUTH_REQUIRED, KRB_ERR_RESPONSE_TOO_BIG and KDC_ERR_WRONG_REALM (the client is to ask again), and failed pre-authentication and clocks, which have rules':
    '除外: KDC_ERR_PREAUTH_REQUIRED、KRB_ERR_RESPONSE_TOO_BIG、KDC_ERR_WRONG_REALM (クライアントが改めて要求するもの)、および独自の規則がある事前認証の失敗と時刻',
  'See which service or account the error is about; a name that nobody knows ends in NTLM sooner or later':
    'エラーがどのサービスまたはアカウントについてかを確認する。誰も知らない名前は、いずれ NTLM になります',
  'ntlmscope analyze --format json lists every exchange with a KDC in kdc[]':
    'ntlmscope analyze --format json は KDC とのすべてのやり取りを kdc[] に列挙します',
  '{0} for accounts': 'アカウントに対する {0}',
  '{0} for {1}': '{1} に対する {0}',
  'an unknown name': '不明な名前',
  'S4U2Self: a service asks for a ticket in the name of a user':
    'S4U2Self: サービスがユーザーの名前でチケットを要求しています',
  'The TGS-REQ and its answer': 'TGS-REQ とその応答',
  'Protocol transition is legal: the finding is an inventory of who does it':
    'プロトコル移行は正規の機能です: この検出事項は、行っているものの一覧です',
  'Review which accounts may do it (TrustedToAuthForDelegation, resource-based delegation)':
    'どのアカウントに許可するかを見直す (TrustedToAuthForDelegation、リソースベースの委任)',
  'Get-ADObject -Filter "msDS-AllowedToDelegateTo -like \'*\'" -Properties msDS-AllowedToDelegateTo':
    'Get-ADObject -Filter "msDS-AllowedToDelegateTo -like \'*\'" -Properties msDS-AllowedToDelegateTo',
  'for {0}, service {1}{2}': '{0} のため、サービス {1}{2}',
  'a user that was not seen': '観測されなかったユーザー',
  'S4U2Proxy: constrained delegation': 'S4U2Proxy: 制約付き委任',
  'The option cname-in-addl-tkt with an additional ticket in a TGS-REQ':
    '追加のチケットを伴う TGS-REQ のオプション cname-in-addl-tkt',
  'User-to-user also sends an additional ticket, with another option; the resource-based bit is always set and says nothing':
    'ユーザー間 (user-to-user) も別のオプションで追加のチケットを送ります。リソースベースのビットは常に立っており、何も示しません',
  'Review which services may delegate to which': 'どのサービスがどのサービスに委任できるかを見直す',
  'Get-ADComputer <back end> -Properties PrincipalsAllowedToDelegateToAccount':
    'Get-ADComputer <バックエンド> -Properties PrincipalsAllowedToDelegateToAccount',
  'a service': 'サービス',
  'Cloud Kerberos Trust: a key list is asked for': 'クラウド Kerberos 信頼: キー リストが要求されています',
  'KERB-KEY-LIST-REQ in a TGS-REQ, or a ticket of the realm KERBEROS.MICROSOFTONLINE.COM':
    'TGS-REQ の KERB-KEY-LIST-REQ、または領域 KERBEROS.MICROSOFTONLINE.COM のチケット',
  'By design where Windows Hello uses the cloud trust; anything else that asks for key lists wants NTLM secrets':
    'Windows Hello がクラウドの信頼を使う場合は仕様どおりです。それ以外でキー リストを要求するものは NTLM のシークレットを求めています',
  'Expected with Cloud Kerberos Trust: the NTLM key is asked for so that old protocols go on; see who still needs it':
    'クラウド Kerberos 信頼では想定どおりです: 古いプロトコルを続けるために NTLM キーが要求されます。まだ必要としているものを確認する',
  'klist cloud_debug on the client': 'クライアントで klist cloud_debug',
  'check that only the AzureADKerberos object may ask for key lists':
    'キー リストを要求できるのが AzureADKerberos オブジェクトだけであることを確認する',
  'a key list is asked for': 'キー リストが要求されています',
  'a ticket of the cloud realm': 'クラウドの領域のチケット',
  'Kerberos session key is RC4 or DES': 'Kerberos のセッション キーが RC4 または DES です',
  'The authenticator of an AP-REQ is encrypted with RC4 or DES': 'AP-REQ の認証子が RC4 または DES で暗号化されている',
  'The encryption type of the ticket is that of the service and is NS-KR-001':
    'チケットの暗号化の種類はサービスのもので、NS-KR-001 です',
  'Allow AES on the client and on the account of the service': 'クライアントとサービスのアカウントで AES を許可する',
  'the session key is {0}{1}': 'セッション キーは {0} です{1}',
  ', the ticket {0}': '、チケットは {0}',
  'a service refuses Kerberos tickets': 'サービスが Kerberos チケットを拒否しています',
  'A KRB-ERROR of the service answers an AP-REQ: wrong or stale key, skew, wrong service':
    'AP-REQ に対するサービスの KRB-ERROR: キーの誤りまたは古いキー、時刻のずれ、別のサービス',
  'The AP-REQ and the error': 'AP-REQ とエラー',
  'An error that a retry of the same exchange mended is left out; NTLM that follows is NS-FB-006 or NS-FB-008':
    '同じ認証の再試行で解消したエラーは除外します。その後の NTLM は NS-FB-006 または NS-FB-008 です',
  'See the error: renew the keytab, move the SPN, or synchronise the clocks':
    'エラーを確認する: keytab を更新する、SPN を移す、または時刻を同期する',
  'setspn -Q <class>/<host>': 'setspn -Q <class>/<host>',
  'klist -k on the service': 'サービス側で klist -k',
  'ready: the server offers IAKERB': '準備済み: サーバーが IAKERB を提示しています',
  'The list of the server holds IAKERB': 'サーバーの一覧に IAKERB がある',
  'The offer of the server': 'サーバーの提示',
  'An offer is no use: NS-RD-002 tells that it was used':
    '提示は使用ではありません: 使われた場合は NS-RD-002 で示します',
  'Nothing to mend: clients without a way to a KDC can use Kerberos here':
    '対処は不要です: KDC への経路がないクライアントも、ここで Kerberos を使えます',
  'count such servers before NTLM is switched off': 'NTLM を無効にする前に、このようなサーバーを数える',
  'its list holds IAKERB': '一覧に IAKERB があります',
  'ready: IAKERB was used': '準備済み: IAKERB が使われました',
  'Kerberos messages for a KDC travel inside the authentication': 'KDC への Kerberos メッセージが認証の中を通っている',
  'The frames of the exchange': '認証のフレーム',
  'Whether the domain answered behind the server or its own local KDC cannot be told for sure from the wire':
    '応答したのがサーバーの背後のドメインか、サーバー自身のローカル KDC かは、通信からは確実には分かりません',
  'Nothing to mend: this logon would have been NTLM before': '対処は不要です: 以前なら NTLM になっていたログオンです',
  'count such logons as moved': 'このようなログオンは移行済みとして数える',
  'Kerberos through the server': 'サーバー経由の Kerberos',
  'ready: Negotiate late fallback is offered': '準備済み: Negotiate の遅延フォールバックが提示されています',
  'The marker of the late fallback is in the list of the server or of the client':
    '遅延フォールバックの印が、サーバーまたはクライアントの一覧にある',
  'The offers': '提示',
  'Where it was used, NS-FB-014 tells it': '使われた場合は NS-FB-014 で示します',
  'It keeps NTLM alive behind Kerberos: switch it off when the last fallback is gone':
    'Kerberos の陰で NTLM を残すものです: 最後のフォールバックがなくなったら無効にする',
  'watch NS-FB-014 until none is left': 'NS-FB-014 がなくなるまで監視する',
  'offered by {0}': '{0}が提示しました',
  'the server': 'サーバー',
  'the client': 'クライアント',
  'the key of an account fell back from AES to RC4': 'アカウントのキーが AES から RC4 に戻りました',
  'An AS exchange of an account was answered under an AES key, and a later one under RC4 or DES although the client listed AES':
    'アカウントの AS のやり取りが AES キーで応答された後、クライアントが AES を列挙したのに RC4 または DES で応答された',
  'Both AS exchanges': '両方の AS のやり取り',
  'A client that lists RC4 alone asked for it (NS-KR-004); an account that never had AES is NS-KR-020. A password set where AES is not known looks the same':
    'RC4 だけを列挙するクライアントは自らそれを求めています (NS-KR-004)。一度も AES でなかったアカウントは NS-KR-020 です。AES を使えない場所で設定されたパスワードも同じに見えます',
  'Find out whether the password was changed; if not, examine the domain controller: a skeleton key does this':
    'パスワードが変更されたかどうかを調べる。変更されていなければ、ドメイン コントローラーを調査する: スケルトン キーがこのように見えます',
  'compare with event 4723 or 4724 of the account': 'アカウントのイベント 4723 または 4724 と比べる',
  'restart or rebuild the domain controller: a skeleton key lives in memory':
    'ドメイン コントローラーを再起動または再構築する: スケルトン キーはメモリにあります',
  'a ticket-granting ticket was forwarded to a service: unconstrained delegation':
    'チケット付与チケットがサービスに転送されました: 制約のない委任',
  'A TGS-REQ for krbtgt with the option forwarded, and within seconds a logon to a host that is no domain controller':
    'forwarded オプションを伴う krbtgt への TGS-REQ と、数秒以内の、ドメイン コントローラーでないホストへのログオン',
  'The TGS-REQ, its answer, and the logon that followed': 'TGS-REQ、その応答、それに続くログオン',
  'A forwardable ticket alone is normal, renewals are left out. Domain controllers are trusted for delegation by default: tickets for them are NS-KR-023. Logons by SSH with delegation do it on purpose':
    '転送可能なチケットだけなら通常で、更新は除外します。ドメイン コントローラーは既定で委任に対して信頼されています: それらのチケットは NS-KR-023 です。委任付きの SSH ログオンは意図して行います',
  'Use constrained delegation for the service that receives the ticket, and protect privileged accounts from delegation':
    'チケットを受け取るサービスには制約付き委任を使い、特権アカウントを委任から保護する',
  'Get-ADComputer -Filter "TrustedForDelegation -eq $true"': 'Get-ADComputer -Filter "TrustedForDelegation -eq $true"',
  'put privileged accounts into Protected Users': '特権アカウントを Protected Users に入れる',
  'a ticket-granting ticket was forwarded': 'チケット付与チケットが転送されました',
  'A TGS-REQ for krbtgt with the option forwarded, followed by a logon to a domain controller or by none that is seen':
    'forwarded オプションを伴う krbtgt への TGS-REQ の後、ドメイン コントローラーへのログオンがあるか、ログオンが観測されない',
  'A logon to another host that follows makes it NS-KR-007':
    'その後に別のホストへのログオンがあれば NS-KR-007 になります',
  'Nothing to mend where a domain controller receives it; find the service where none was seen':
    'ドメイン コントローラーが受け取る場合、対処は不要です。観測されなかった場合はサービスを突き止める',
  'an answer of the KDC was too big for UDP, and TCP was not tried':
    'KDC の応答が UDP には大きすぎ、TCP が試されませんでした',
  'KRB_ERR_RESPONSE_TOO_BIG, and no request of the same client over TCP within five seconds':
    'KRB_ERR_RESPONSE_TOO_BIG の後、5 秒以内に同じクライアントの TCP での要求がない',
  'A client that asks again over TCP does what it should: nothing fires':
    'TCP で要求し直したクライアントは正しく動作しています: 何も出しません',
  'Open TCP port 88 from the client to the KDC, and let the client use TCP':
    'クライアントから KDC への TCP ポート 88 を開き、クライアントが TCP を使えるようにする',
  'Test-NetConnection <dc> -Port 88': 'Test-NetConnection <dc> -Port 88',
  'MIT Kerberos: udp_preference_limit = 1; Windows: MaxPacketSize 1':
    'MIT Kerberos: udp_preference_limit = 1; Windows: MaxPacketSize 1',
  'directory secrets are replicated to a host that is no domain controller':
    'ディレクトリのシークレットが、ドメイン コントローラーでないホストに複製されています',
  'DRSGetNCChanges is called by a host that never answered as a KDC':
    'KDC として応答したことのないホストが DRSGetNCChanges を呼び出している',
  'The call': '呼び出し',
  'Domain controllers and their KDC must be in the capture; directory synchronisation servers do it on purpose':
    'ドメイン コントローラーとその KDC がキャプチャにある必要があります。ディレクトリ同期サーバーは意図して行います',
  'Find out who runs the caller; if it is no synchronisation server, every secret of the domain is known to it':
    '呼び出し元を動かしているのが誰かを調べる。同期サーバーでなければ、ドメインのすべてのシークレットを知られています',
  'event 4662 with the rights of replication': '複製の権限に関するイベント 4662',
  'reset krbtgt twice': 'krbtgt を 2 回リセットする',
  'Kerberoasting: tickets are collected and not used': 'Kerberoasting: チケットが集められ、使われていません',
  'Within a minute one client receives tickets for three or more service accounts and asks for RC4 or DES first, or for ten or more of any kind, and uses none of them; or for one and more where it asks for nothing but RC4 or DES with a ticket-granting ticket of an AES session':
    '1 分以内に 1 台のクライアントが、RC4 または DES を優先して 3 つ以上のサービス アカウントのチケットを受け取るか、種類を問わず 10 以上を受け取り、どれも使わない。AES セッションのチケット付与チケットで RC4 または DES だけを要求する場合は 1 つから',
  'The requests and the answers with the tickets': '要求と、チケットを含む応答',
  'Tickets that are presented to their service do not count, nor do those for hosts (host, cifs of a machine) and krbtgt. A use that is not in the capture is missing and said so':
    'サービスに提示されたチケットと、ホスト (host、コンピューターの cifs) と krbtgt のチケットは数えません。キャプチャにない使用は不足として示します',
  'Find out who runs the client; give the service accounts long random passwords (gMSA) and AES keys':
    'クライアントを動かしているのが誰かを調べる。サービス アカウントに長いランダムなパスワード (gMSA) と AES キーを持たせる',
  'New-ADServiceAccount for the services named': '示されたサービスに New-ADServiceAccount',
  'change the passwords of the accounts whose tickets were collected':
    'チケットを集められたアカウントのパスワードを変更する',
  'event 4769 with encryption type 0x17 for the client': 'クライアントの、暗号化の種類 0x17 のイベント 4769',
  'password spray at a KDC': 'KDC でのパスワード スプレー',
  'Pre-authentication of five or more accounts from one client fails within ten minutes':
    '1 台のクライアントからの 5 つ以上のアカウントの事前認証が 10 分以内に失敗',
  'The requests and the errors': '要求とエラー',
  'KDC_ERR_PREAUTH_REQUIRED is normal; a host with more accounts that succeed than fail (terminal server, address translation) fires nothing':
    'KDC_ERR_PREAUTH_REQUIRED は通常です。失敗より成功したアカウントのほうが多いホスト (ターミナル サーバー、アドレス変換) では何も出しません',
  'Find out who runs the client; check the accounts that succeeded from it':
    'クライアントを動かしているのが誰かを調べる。そこから成功したアカウントを確認する',
  'events 4771 and 4768 for the client': 'クライアントのイベント 4771 と 4768',
  'accounts are guessed at a KDC: user enumeration': 'KDC でアカウント名が推測されています: ユーザー列挙',
  'The KDC knows none of five or more account names that one client asks for within ten minutes':
    '1 台のクライアントが 10 分以内に要求した 5 つ以上のアカウント名を KDC が知らない',
  'A wrong suffix in one application asks for one name again and again: different names are counted':
    '1 つのアプリケーションのサフィックスの誤りは、同じ名前を繰り返し要求します: 異なる名前だけを数えます',
  'Find out who runs the client': 'クライアントを動かしているのが誰かを調べる',
  'event 4768 with status 0x6 for the client': 'クライアントの、ステータス 0x6 のイベント 4768',
  ', refused: {0}': '、拒否: {0}',
  ', not answered': '、応答なし',
}
