/**
 * Remote calls that explain a logon: which call it was by what was bound before, and coercion with what only looks like
 * it.
 */
import { describe, expect, it } from 'vitest'
import { decodeRpc } from '../../../../decoders/carriers/rpc/dcerpc.ts'
import type { AuthExchange, ContextNote } from '../../../../src/facts/exchange.ts'
import { CallWatch } from '../../../../src/findings/watches/calls.ts'
import { Dialogue, Folded } from '../../../builders/legs.ts'
import { endpoint, exchange, ntlmByAddress } from '../../../builders/report.ts'
import { fromHex } from '../../../hostile.ts'

const EFSR = '88d481c650d8d0118c5200c04fd90f7e'
const NETLOGON = '785634123412cdabef0001234567cffb'
const RPRN = '785634123412cdabef000123456789ab'
const SAMR = '785734123412cdabef000123456789ac'

const bind = (uuid: string, context = 0) =>
  fromHex(
    `05000b0310000000 4800000003000000 b810b81000000000 01000000 ${byte(context)}00 01 00 ${uuid} 00000000${'00'.repeat(20)}`,
  )
const request = (opnum: number, context = 0, flags = 3) =>
  fromHex(`050000${byte(flags)}10000000 1800000004000000 00000000 ${byte(context)}00 ${byte(opnum)}00`)

function byte(value: number): string {
  return value.toString(16).padStart(2, '0')
}

const CALLER = '192.0.2.66'
const CALLED = '192.0.2.20'
const THIRD = '192.0.2.40'

/** What the calls of one conversation tell. */
function told(...pdus: readonly Uint8Array[]): readonly ContextNote[] {
  const folded = new Folded()
  const talk = new Dialogue(folded, 'rpc', { client: CALLER, server: CALLED })
  for (const pdu of pdus)
    for (const { steps } of decodeRpc(pdu).value!) for (const step of steps) talk.step('client', step)
  return folded.notes
}

describe('a remote call', () => {
  it('is known by the interface that its presentation context was bound to', () => {
    const notes = told(bind(SAMR), bind(NETLOGON, 1), request(39, 0), request(39, 1), request(1, 1))
    expect(notes).toMatchObject([
      {
        sender: { ip: CALLER },
        receiver: { ip: CALLED },
        fact: { interfaceName: 'netlogon', opnum: 39, operation: 'NetrLogonSamLogonEx', tells: 'pass-through' },
      },
    ])
  })

  it('is told once, by the first of its fragments, and never without its bind', () => {
    expect(told(bind(EFSR), request(0, 0, 1), request(0, 0, 0), request(0, 0, 2))).toHaveLength(1)
    expect(told(request(0))).toEqual([])
  })
})

/** A logon with NTLM of the host that was called, as its machine account. */
function logon(seconds: number, part: Partial<AuthExchange> = {}): AuthExchange {
  const { time } = told(bind(EFSR), request(0))[0]!
  const start = time + seconds * 1e6
  return exchange({
    ...ntlmByAddress(),
    start,
    end: start + 1e5,
    client: endpoint(CALLED, 50_000),
    server: endpoint(THIRD, 445),
    principal: { user: 'FILES1$', domain: 'CORP', workstation: 'FILES1' },
    ...part,
  })
}

function sighted(notes: readonly ContextNote[], one: AuthExchange): string[] {
  const watch = new CallWatch()
  for (const note of notes) watch.context(note)
  watch.exchange(one)
  return watch.sightings().map(({ rule, hit }) => `${rule.id} ${hit.detail}`)
}

describe('coercion', () => {
  const call = told(bind(EFSR), request(0))

  it('is a call that takes a path, and a logon of the host that was called to a third one', () => {
    const found = sighted(call, logon(2))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(
      /^NS-NT-010 192\.0\.2\.66 called EfsRpcOpenFileRaw, and 2\.0 s later .*FILES1\$.* 192\.0\.2\.40$/,
    )
  })

  it('is surer where a printer notification goes to a third host than to the caller, and the other way round for the rest', () => {
    const confidence = (notes: readonly ContextNote[], server: string) => {
      const watch = new CallWatch()
      for (const note of notes) watch.context(note)
      watch.exchange(logon(2, { server: endpoint(server, 445) }))
      return watch.sightings().map(({ hit }) => [hit.confidence, hit.counterEvidence.length])
    }
    const notify = told(bind(RPRN), request(65))
    expect(confidence(notify, THIRD)).toEqual([['high', 0]])
    expect(confidence(notify, CALLER)).toEqual([['medium', 1]])
    expect(confidence(call, THIRD)).toEqual([['medium', 0]])
    expect(confidence(call, CALLER)).toEqual([['high', 0]])
  })

  it.each<[string, readonly ContextNote[], AuthExchange]>([
    ['a call of the same interface that takes no path', told(bind(EFSR), request(1)), logon(2)],
    ['another interface', told(bind(SAMR), request(0)), logon(2)],
    [
      'a user of the host, not its machine',
      call,
      logon(2, { principal: { user: 'alice', domain: 'CORP', workstation: 'FILES1' } }),
    ],
    ['another host', call, logon(2, { client: endpoint('192.0.2.21', 50_000) })],
    ['a logon half a minute later', call, logon(31)],
    ['a logon before the call', call, logon(-1)],
    ['a logon with Kerberos', call, logon(2, { mechanism: 'kerberos', ntlm: null })],
  ])('is not %s', (_, notes, one) => {
    expect(sighted(notes, one)).toEqual([])
  })
})
