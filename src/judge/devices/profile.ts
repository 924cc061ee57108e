/**
 * A device against the requirements of a buyer: a bundled profile, or one from a file. Each requirement is met, not met
 * or not tested, with the frames that say so and a recipe that gives an answer where there is none.
 *
 * What a device may refuse is met by a refusal, or by not being offered, and never by not being used.
 */
import { readFileSync, statSync } from 'node:fs'
import { isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { accountOf } from '../../facts/account.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import type { HostPattern } from '../../facts/filter.ts'
import type { Report } from '../../report/report.ts'
import {
  DEVICE_QUESTIONS,
  type DeviceQuestion,
  isAboutTls,
  isSmb,
  type ProfileResult,
  type Proven,
  type RequirementRow,
  type Role,
  scoresOf,
} from '../device.ts'
import { worstState } from '../flow.ts'
import { clauseOf, REQUIREMENT_IDS, type RequirementId } from './clauses.ts'

export interface Profile {
  readonly name: string
  readonly requires: readonly RequirementId[]
}

export const PROFILES: readonly Profile[] = [
  { name: 'procurement', requires: REQUIREMENT_IDS.filter((id) => id !== 'no-ntlm') },
  {
    name: 'domain-member',
    requires: ['no-ntlm', 'kerberos', 'aes', 'smb-signing', 'no-smb1', 'ldap-signed', 'no-clear-password', 'by-name'],
  },
  { name: 'workgroup-exception', requires: ['no-ntlmv1', 'smb-signing', 'smb3', 'no-smb1', 'no-clear-password'] },
]

/** What is wrong with a profile; `message` is one clear line. */
export class ProfileError extends Error {}

const FILE_BYTES_MAX = 1024 * 1024

/** A bundled one by its name, else a file. Throws ProfileError. */
export function profileNamed(word: string): Profile {
  return PROFILES.find(({ name }) => name === word) ?? readProfile(word)
}

/** YAML or JSON: `name: text` (default: the file), `requires: [id, ...]`. */
function readProfile(path: string): Profile {
  const bundled = PROFILES.map(({ name }) => name).join(', ')
  let text: string
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new ProfileError(`${path}: is too large for a profile`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof ProfileError) throw error
    throw new ProfileError(
      `${path}: neither a profile (${bundled}) nor a file that can be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
  const document = parseDocument(text, { uniqueKeys: true })
  const mistake = document.errors[0]
  if (mistake !== undefined) throw new ProfileError(`${path}: ${mistake.message.split('\n')[0]}`)
  const top = document.contents
  if (!isMap(top)) throw new ProfileError(`${path}: a profile has name and requires`)
  const stranger = top.items.map(({ key }) => String(key)).find((key) => key !== 'name' && key !== 'requires')
  if (stranger !== undefined)
    throw new ProfileError(`${path}: '${stranger}' is not known; a profile has name, requires`)
  const list = top.get('requires', true)
  if (!isSeq(list) || list.items.length === 0) throw new ProfileError(`${path}: requires is a list of requirements`)
  const requires = list.items.map((item) => {
    const id = isScalar(item) ? String(item.value) : ''
    const known = REQUIREMENT_IDS.find((one) => one === id)
    if (known === undefined)
      throw new ProfileError(`${path}: '${id}' is not a requirement; there are ${REQUIREMENT_IDS.join(', ')}`)
    return known
  })
  const name = top.get('name')
  return { name: name === undefined || name === null ? path : String(name), requires: [...new Set(requires)] }
}

export function profileOf(report: Report, device: HostPattern, { name, requires }: Profile): ProfileResult {
  const scores = scoresOf(
    report,
    device,
    requires.map((id) => ASKED[id]),
  )
  const requirements = requires.map((id, at): RequirementRow => {
    const { grade, proven, reasons, test } = scores[at]!
    const { words, en, ja } = clauseOf(id)
    return {
      id,
      words,
      result: grade === 'pass' ? 'meets' : grade === 'fail' ? 'does not' : 'not tested',
      proven,
      reasons,
      test,
      clause: { en, ja },
    }
  })
  const states = { meets: 'met', 'does not': 'not-met', 'not tested': 'not-observed' } as const
  return { name, state: worstState(requirements.map(({ result }) => states[result])), requirements }
}

const ofCard = (name: string) => DEVICE_QUESTIONS.find((question) => question.name === name)!
const inBoth = (name: string) => ({ client: name, server: name })
const isLdap = ({ service }: { readonly service: string }) => service === 'ldap'

const ASKED: Readonly<Record<RequirementId, DeviceQuestion>> = {
  'no-ntlm': ofCard('no NTLM'),
  'no-ntlmv1': {
    name: 'no-ntlmv1',
    of: inBoth('ntlmv2'),
    // what a server turned down it did not accept, whatever the reason
    isJudged: (one, role) => role === 'client' || !isNtlmv1(one) || one.result !== 'failure',
    proof: ntlmv1Proof,
    test:
      'As a server: log on with NTLMv2 and then, with the same right password, with NTLMv1 (smbclient --option="client ntlmv2 auth=no"). ' +
      'As a client: send it to a server that takes NTLMv1 alone (Samba: ntlm auth = ntlmv1-permitted, and no Kerberos); it is off where no logon comes.',
  },
  kerberos: ofCard('Kerberos'),
  aes: {
    name: 'aes',
    of: inBoth('aes'),
    test: 'Clear the ticket cache of the client (klist purge; restart the device) and have it log on by name: see port 88 too.',
  },
  'smb-signing': ofCard('SMB signing required'),
  smb3: {
    name: 'smb3',
    of: inBoth('smb3'),
    isAbout: isSmb,
    test: 'As a server: open a share of it. As a client: press scan to folder, or mount a share.',
  },
  'no-smb1': ofCard('no SMB1'),
  'channel-binding': { ...ofCard('channel binding'), isAbout: isAboutTls },
  'ldap-signed': {
    name: 'ldap-signed',
    of: inBoth('ldap-signed'),
    isAbout: isLdap,
    test: 'Press the search of its address book, or log on at its panel with a domain account: both ask the directory. Capture port 389.',
  },
  'no-clear-password': ofCard('no clear passwords'),
  'by-name': {
    name: 'by-name',
    of: inBoth('by-name'),
    // how others call a server is none of its doing
    roles: ['client'],
    test: 'Enter a server by its full name, then press scan to folder, and look for the same name in the ticket request (port 88).',
  },
}

/**
 * A server refuses NTLMv1 where it takes no NTLM at all, or where the same account got in with NTLMv2 and not with
 * NTLMv1: a wrong password alone looks the same.
 */
function ntlmv1Proof(one: AuthExchange, role: Role, all: readonly AuthExchange[]): Proven | null {
  if (isNtlmv1(one)) {
    if (role === 'client' || one.result !== 'failure') return 'used'
    return hasNtlmv2(all, one) ? 'refuses' : null
  }
  const ofNtlm = ofCard('no NTLM').proof!(one, role, all)
  return ofNtlm === 'refuses' || ofNtlm === 'not offered' ? ofNtlm : ofNtlm === null ? null : 'not used'
}

function isNtlmv1({ mechanism, ntlm }: AuthExchange): boolean {
  const version = ntlm?.ntlmVersion ?? null
  return mechanism === 'ntlm' && version !== null && version !== 'NTLMv2'
}

function hasNtlmv2(all: readonly AuthExchange[], { principal, server }: AuthExchange): boolean {
  const account = accountOf(principal)?.toLowerCase()
  return all.some(
    (other) =>
      other.ntlm?.ntlmVersion === 'NTLMv2' &&
      other.result === 'success' &&
      other.server.ip === server.ip &&
      account !== undefined &&
      accountOf(other.principal)?.toLowerCase() === account,
  )
}
