/**
 * Every sentence of a plan, in one place, and in the language of the page.
 */
import type { Stage } from '../../judge/switching/plan.ts'
import { translated } from '../../texts/say.ts'

const STAGE_WORDS: Readonly<Record<Stage, { readonly title: string; readonly what: string }>> = {
  inventory: {
    title: 'Inventory',
    what: 'Find out what is there: owners of all hosts, causes that were not decided, weeks of captures until nothing new comes.',
  },
  paths: {
    title: 'Paths',
    what: 'Mend names, SPNs, ways to the KDC, encryption types: one change ends many logons.',
  },
  devices: {
    title: 'Devices',
    what: 'Join, update, replace or except what cannot use Kerberos, and what uses accounts of its own.',
  },
  switches: {
    title: 'Switches',
    what: 'Throw one switch after another, wave by wave: first where nothing fails, each behind its gates.',
  },
}

const PLAN_WORDS = {
  title: 'The road to NTLM off',
  from: 'From',
  none: 'No NTLM was seen: nothing to plan. That is no proof that there is none.',
  stages: 'Stages',
  stage: 'stage',
  months: 'months',
  dates: 'dates',
  pairs: 'pairs',
  ntlm: 'NTLM logons',
  sum: 'all',
  complete: 'Is the inventory complete?',
  unknown: 'Hosts that nobody owns',
  unknownNote: 'No line of the inventory names them: find their owners first.',
  noInventory: "No inventory was given (--inventory hosts.csv): every pair is nobody's.",
  places: 'Mend first',
  devices: 'Devices in need of care',
  switches: 'Switches, in this order',
  gates: 'Gates between stages',
  gatesNote:
    'Each is a command of this program: 0 go on, 1 stop, 3 it was not observed. NEW.json is a report of the last weeks, BEFORE.json of the time before the change.',
  rollback: 'Rollback sheets',
  allPairs: 'Every pair with NTLM',
  wave: 'wave',
  owner: 'owner',
  client: 'client',
  server: 'server',
  service: 'service',
  cause: 'cause',
  logons: 'logons',
  clients: 'clients',
  fix: 'fix',
  proof: 'proof',
  host: 'host',
  site: 'site',
  needs: 'what it does',
  switch: 'switch',
  fails: 'fails',
  mended: 'of these, mended first',
  cannot: 'cannot be said',
  goesOn: 'goes on',
  before: 'Before',
  after: 'After',
  setBack: 'Set back',
  effect: 'Takes effect',
  capture: 'Capture meanwhile',
  events: 'Events',
  call: 'Call',
  nobody: 'nobody: no owner is known',
  noOwner: 'nobody',
  undecided: 'not decided',
  more: 'more; use --format csv for all',
} as const

export type PlanWords = Readonly<Record<keyof typeof PLAN_WORDS, string>>

export function planWords(): PlanWords {
  return toldAll(PLAN_WORDS)
}

export function stageWords(stage: Stage): { readonly title: string; readonly what: string } {
  return toldAll(STAGE_WORDS[stage])
}

function toldAll<T extends Readonly<Record<string, string>>>(words: T): Record<keyof T, string> {
  return Object.fromEntries(Object.entries(words).map(([name, text]) => [name, translated(text)])) as Record<
    keyof T,
    string
  >
}
