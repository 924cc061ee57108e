/**
 * Poisoned names: an answer by LLMNR, NBT-NS or mDNS, then an NTLM logon to who gave it; and what only looks like that.
 */
import { describe, expect, it } from 'vitest'
import type { NameAnswer, NameProtocol } from '../../../../decoders/carrier.ts'
import type { AuthExchange, ContextNote } from '../../../../src/facts/exchange.ts'
import { PoisoningWatch } from '../../../../src/findings/watches/poisoning.ts'
import { cause, exchange, ntlmByAddress } from '../../../builders/report.ts'

const ASKER = '192.0.2.101'
const ANSWERER = '192.0.2.66'
const START = 1_700_000_000e6
const SECOND = 1e6

interface Said {
  readonly name?: string
  readonly protocol?: NameProtocol
  readonly from?: string
  readonly to?: string
  readonly value?: string
  readonly seconds?: number
  readonly code?: string
}

function said({ name = 'filesrv', protocol = 'llmnr', from = ANSWERER, to = ASKER, ...rest }: Said = {}): ContextNote {
  const { value = from, seconds = -1, code = 'NOERROR' } = rest
  const type = protocol === 'nbns' ? 'NB' : value.includes(':') ? 'AAAA' : 'A'
  const records = [{ name, type, value, ttlSeconds: 30 }] as const
  const fact: NameAnswer = { fact: 'name-answer', protocol, message: '1', name, type, code, records }
  const end = (ip: string) => ({ ip, port: 5355, name: null })
  return { capture: 'a.pcap', time: START + seconds * SECOND, frame: 7, sender: end(from), receiver: end(to), fact }
}

const owner = (name: string) => ({ dnsComputerName: name, nbComputerName: name.split('.')[0]!.toUpperCase() })
/** A logon with NTLM to the host that answered; `calls`: how that calls itself. */
function logon(part: Partial<AuthExchange> = {}, calls: object = owner('other.corp.example'), toolChallenge = false) {
  const made = ntlmByAddress()
  const challenge = { ...made.ntlm!.challenge!, ...calls, toolChallenge }
  return exchange({
    ...made,
    start: START,
    end: START + SECOND,
    client: { ip: ASKER, port: 50_000, name: null },
    server: { ip: ANSWERER, port: 445, name: null },
    target: { spn: 'cifs/filesrv', class: 'short', name: 'filesrv' },
    ntlm: { ...made.ntlm!, challenge },
    ...part,
  })
}
const kerberos = (sname: string) =>
  logon({
    mechanism: 'kerberos',
    ntlm: null,
    result: 'success',
    kerberos: { ...exchange().kerberos!, sname },
  })

function seen(notes: readonly ContextNote[], exchanges: readonly AuthExchange[]) {
  const watch = new PoisoningWatch()
  for (const note of notes) watch.context(note)
  for (const one of exchanges) watch.exchange(one)
  return watch.sightings().map(({ hit, client, server, evidence }) => ({ ...hit, client, server, evidence }))
}

const MULTICAST = '224.0.0.251'
const many = ['filesrv', 'print1', 'intranet', 'nas'].map((name) => said({ name }))

describe('a poisoned name', () => {
  it.each<[string, readonly ContextNote[], AuthExchange, 'high' | 'medium', RegExp]>([
    ['LLMNR', [said()], logon(), 'medium', /answered LLMNR for filesrv, calls itself other\.corp\.example/],
    ['NBT-NS', [said({ protocol: 'nbns', name: 'FILESRV' })], logon(), 'medium', /NBT-NS for FILESRV/],
    [
      'mDNS, told to everybody',
      [said({ protocol: 'mdns', name: 'filesrv.local', to: MULTICAST })],
      logon(),
      'medium',
      /mDNS/,
    ],
    [
      'over IPv6, with an IPv4 address',
      [said({ from: 'fe80::66', value: ANSWERER, to: ASKER })],
      logon(),
      'medium',
      /LLMNR/,
    ],
    ['of many names', many, logon(), 'high', /one of 4 names that it answers for \(filesrv, print1, intranet, nas\)/],
    ['of many names, its own among them', many, logon({}, owner('filesrv')), 'high', /calls itself filesrv/],
    [
      'of the proxy, with a challenge that says so',
      [said({ name: 'wpad' })],
      logon({ target: { spn: null, class: 'absent', name: 'wpad' } }, owner('wpad')),
      'high',
      /for wpad/,
    ],
    ['with the challenge of a tool', [said()], logon({}, owner('filesrv'), true), 'high', /for filesrv/],
    ['that is handed on', [said()], logon({ cause: cause({ code: 'RC21' }) }, owner('filesrv')), 'high', /for filesrv/],
    [
      'answered hundreds of times',
      Array.from({ length: 400 }, (_, at) => said({ seconds: at - 300 })),
      logon(),
      'medium',
      /filesrv/,
    ],
  ])('%s', (_, notes, one, confidence, words) => {
    const [sighting, ...more] = seen(notes, [one])
    expect(more).toEqual([])
    expect(sighting).toMatchObject({ confidence, client: ASKER, server: ANSWERER })
    expect(sighting!.detail).toMatch(words)
    expect(sighting!.evidence.map(({ capture }) => capture)).toEqual(['a.pcap', one.capture])
  })

  it('the last answer before the logon is its evidence, not a later one; those of a minute count once', () => {
    const at = (seconds: number, frame: number) => ({ ...said({ seconds }), frame })
    const notes = [at(-99, 7), at(-9, 8), at(-2, 9), at(70, 10)]
    expect(seen(notes, [logon()])[0]!.evidence[0]!.frames).toEqual([8])
  })

  it('of several hosts that answer, the one that the logon goes to', () => {
    const notes = [said(), said({ from: '192.0.2.20' })]
    const honest = logon({ server: { ip: '192.0.2.20', port: 445, name: null } }, owner('filesrv.corp.example'))
    expect(seen(notes, [honest, logon()]).map(({ server }) => server)).toEqual([ANSWERER])
  })
})

describe('no poisoning', () => {
  it.each<[string, readonly ContextNote[], readonly AuthExchange[]]>([
    ['nobody answered', [], [logon()]],
    ['the host answers for its own name', [said()], [logon({}, owner('filesrv.corp.example'))]],
    [
      'its NetBIOS name, cut to 15 letters',
      [said({ name: 'fileserver-of-berlin' })],
      [logon({}, owner('FILESERVER-OF-B'))],
    ],
    [
      'DNS gives it that name',
      [said(), said({ protocol: 'dns', name: 'filesrv.corp.example', from: '192.0.2.10', value: ANSWERER })],
      [logon()],
    ],
    ['a ticket for that name was taken there', [said()], [kerberos('cifs/filesrv.corp.example'), logon()]],
    ['the answer came after the logon', [said({ seconds: 2 })], [logon()]],
    ['the answer was long before', [said({ seconds: -601 })], [logon()]],
    ['somebody else asked', [said({ to: '192.0.2.102' })], [logon()]],
    [
      'told to everybody, and the client asked for another name',
      [said({ protocol: 'mdns', name: 'tv.local', to: MULTICAST })],
      [logon()],
    ],
    ['it speaks of another host', [said({ value: '192.0.2.20' })], [logon()]],
    ['there is no such name', [said({ code: 'NXDOMAIN' })], [logon()]],
    ['DNS alone answered', [said({ protocol: 'dns', from: '192.0.2.10', value: ANSWERER })], [logon()]],
    ['Kerberos was used', [said()], [kerberos('cifs/other.corp.example')]],
  ])('%s', (_, notes, exchanges) => {
    const watch = new PoisoningWatch()
    for (const note of notes) watch.context(note)
    for (const one of exchanges) watch.exchange(one)
    expect(watch.sightings()).toEqual([])
  })
})
