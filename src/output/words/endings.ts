/**
 * How the program ends, by exit code; what a card, a comparison and a list of changes call things.
 */

export const EXIT_WORDS: Readonly<Record<number, string>> = {
  0: 'all of the input was read and reported; what was asked of it (verify, device, --gate...) is met',
  1: 'analyze --fail-on: there are such findings; verify, device, devices, live --until-met, --gate: not met; diff, device --compare: worse; trend: regressed, or new; show, explain, extract: there is no such thing',
  2: 'an input could not be read, or only in part, also where Ctrl-C, TERM or HUP ended the reading; the rest is reported',
  3: 'verify, device, devices, live --until-met, --gate: nothing contradicts, and something was not observed; analyze: nothing matches a word of the filter; extract: the slice does not say all of it again',
  64: 'the command line makes no sense',
  70: 'a bug in ntlmscope: please report it',
  74: 'the result could not be written: a full disk, or no permission',
  130: 'a second Ctrl-C ended the program at once',
}

export const STATE_PAGES: Readonly<Record<string, string>> = {
  met: 'something answered the expectation, nothing contradicts it, and nothing of the flow was out of sight',
  'not met': 'something that was seen contradicts the expectation',
  'not observed': 'nothing contradicts it, and nothing or not everything was seen: never a yes by silence',
  pass: 'proven, in every role in which the device was seen',
  fail: 'something that was seen contradicts it',
  'not tested': 'the captures do not answer it; the card says what to press or to run',
  'not offered': 'the device did not offer it: with a refusal the only proof that something is off',
  refuses: 'the device was asked for it and refused',
  'offered, not used': 'it is still offered, and was only not used: no pass',
  used: 'it was used',
  'not used': 'nobody asked for it: no pass',
  'not seen': 'nothing showed it',
}

export const CHANGE_PAGES: Readonly<Record<string, string>> = {
  fixed: 'NTLM before, accepted Kerberos after',
  stronger: 'signed, encrypted or bound now, and not before',
  'fell back': 'NTLM now, and Kerberos alone before',
  weaker: 'signed, encrypted or bound before, and not now',
  broken: 'logons before, and only attempts without authentication now',
  intermittent: 'logons before and after, and now attempts without authentication among them',
  changed: 'findings or protections differ, for neither better nor worse',
  'still NTLM': 'NTLM before and after',
  unproven: 'no NTLM is seen any more, and no accepted Kerberos either, or something is out of sight',
  new: 'seen after alone: neither a regression nor a success',
  gone: 'seen before alone, which is not fixed',
}
