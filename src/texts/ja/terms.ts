/**
 * Japanese. Origins, verdicts, channel bindings.
 */
import type { Catalogue } from '../text.ts'

export const JA_TERMS: Catalogue = {
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
  'the token was made for this very TLS channel, so it did not come through another one; that the server demands it is not shown':
    'トークンはこの TLS チャネルのために作られたもので、別のチャネルを経由していません。サーバーがバインドを必須にしているかどうかは示されていません',
  'the token names a TLS channel; whether it is this one could not be checked, since its certificate was not seen':
    'トークンは TLS チャネルを指定しています。証明書を観測できなかったため、このチャネルかどうかは確認できません',
  'the token was made for the certificate of this channel, with another hash than the rule has; a server that demands bindings would refuse it':
    'トークンはこのチャネルの証明書のために作られましたが、規則とは違うハッシュです。バインドを必須とするサーバーなら拒否します',
  'the token was made for another TLS channel: a relay, or a load balancer or proxy that ends TLS on the way; which of them is not shown':
    'トークンは別の TLS チャネルのために作られています。リレー、または途中で TLS を終端するロード バランサーかプロキシで、どちらであるかは示されていません',
  'the application passed no channel, so the token is good on any; that the server accepts such a token from others is not shown':
    'アプリケーションがチャネルを渡していないため、トークンはどのチャネルでも有効です。サーバーがそのようなトークンを他者から受け入れるかどうかは示されていません',
  'the client named no channel, so the token is good on any; that the server accepts such a token from others is not shown':
    'クライアントがチャネルを指定していないため、トークンはどのチャネルでも有効です。サーバーがそのようなトークンを他者から受け入れるかどうかは示されていません',
  'there is no TLS, or nothing that could be bound to it': 'TLS ではないか、バインドできるものがありません',
  'the binding is sealed, in TLS or in a ticket: it may be right, wrong or missing':
    'バインドは TLS またはチケットの中に封印されています。正しいか、誤っているか、欠けているかは分かりません',
  critical: '緊急',
  high: '高',
  medium: '中',
  low: '低',
  info: '情報',
  pass: '合格',
  fail: '不合格',
  met: '適合',
}
