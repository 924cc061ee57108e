/**
 * Japanese. Switching NTLM off: what was turned away, simulations, plans.
 */
import type { Catalogue } from '../text.ts'

/** Sentences of comparisons. */
export const JA_SWITCHING_FACTS: Catalogue = {
  'NTLM before, because of {0}': '以前は NTLM、原因は {0}',
  'an exception for {0} would let it through': '{0} を例外に加えれば通ります',
  '<the name that was typed>': '<入力された名前>',
  'events: {0}': 'イベント: {0}',
}

/** Texts of pages. */
export const JA_SWITCHING: Catalogue = {
  '{0} logon': '{0} 件のログオン',
  Inventory: '棚卸し',
  Paths: '経路',
  Devices: '機器',
  Switches: 'スイッチ',
  'The road to NTLM off': 'NTLM 無効化への道筋',
  '{0} switch': '{0} 個のスイッチ',
  '{0} switches': '{0} 個のスイッチ',
  SWITCH: 'スイッチ',
  FAILS: '失敗',
  'MENDED FIRST': '先に修正可',
  'CANNOT BE SAID': '判断不能',
  'GOES ON': '継続',
  ACCOUNTS: 'アカウント',
  'But {0} ended without one: see who was turned away.':
    'ただし {0} が認証なしで終わりました。拒まれた接続の節を確認してください。',
  '{0} attempt': '{0} 件の試行',
  'But nobody logged on in {0} ({1}) seen from beginning to end.':
    'ただし最初から最後まで観測された {0} ({1}) では、だれもログオンしていません。',
  'But {0} ended without a word.': 'ただし {0} が何も送られないまま終わりました。',
  '; at even intervals, as a monitor does': '。監視ツールのように一定の間隔です',
  'Nothing was tried after the offer: the client may not use what it has (NTLM switched off), a user cancelled, or it only looks.':
    '提示の後に何も試みられていません。クライアントが手持ちの方式を使えない (NTLM が無効)、ユーザーが取り消した、または確認だけの接続です。',
  'NTLM before, because of: {0}': '以前は NTLM、原因は {0}',
  'events: {0}': 'イベント: {0}',
  'Turned away': '拒まれた接続',
  'attempts that ended without authentication': '認証なしで終わった試行',
}
