/** Pass-through of NTLM logons: which logon a call served, and where that cannot be told. */
import { describe, expect, it } from 'vitest'
import type { AuthExchange, ContextNote } from '../../../src/facts/exchange.ts'
import { renderText } from '../../../src/output/text/report.ts'
import { PassThroughFold } from '../../../src/report/pass-through.ts'
import { endpoint, MORNING, ntlmByAddress, officeReport } from '../../builders/report.ts'

const SERVER = '192.0.2.20'
const CONTROLLER = '192.0.2.10'

function call(seconds: number, server = SERVER): ContextNote {
  return {
    capture: 'lab.pcapng',
    time: MORNING + seconds * 1e6,
    frame: Math.round(seconds * 100),
    sender: endpoint(server, 50_000),
    receiver: endpoint(CONTROLLER, 49_668),
    fact: {
      fact: 'rpc-call',
      interface: '12345678-1234-abcd-ef00-01234567cffb',
      opnum: 45,
      interfaceName: 'netlogon',
      operation: 'NetrLogonSamLogonWithFlags',
      tells: 'pass-through',
    },
  }
}

function logon(id: string, from: number, to: number, part: Partial<AuthExchange> = {}): AuthExchange {
  return ntlmByAddress({
    id,
    start: MORNING + from * 1e6,
    end: MORNING + to * 1e6,
    server: endpoint(SERVER, 445),
    principal: { user: id, domain: 'CORP', workstation: 'WS' },
    ...part,
  })
}

function asked(
  calls: readonly ContextNote[],
  logons: readonly AuthExchange[],
  reported: readonly string[] | null = null,
) {
  const fold = new PassThroughFold()
  for (const note of calls) fold.context(note)
  for (const exchange of logons) fold.exchange(exchange)
  return fold.servers(reported && new Set(reported))
}

describe('a pass-through', () => {
  it('serves the logon that it falls into', () => {
    expect(asked([call(2)], [logon('alice', 1, 3), logon('bob', 4, 5)])).toEqual([
      {
        server: SERVER,
        controllers: [CONTROLLER],
        operations: ['NetrLogonSamLogonWithFlags'],
        calls: 1,
        served: 1,
        ambiguous: 0,
        unseen: 0,
        withoutCall: 1,
        logons: [{ exchange: 'alice', account: 'CORP\\alice', frame: 200 }],
        start: MORNING + 2e6,
        end: MORNING + 2e6,
        capture: 'lab.pcapng',
        frames: [200],
      },
    ])
  })

  it('follows a logon without an answer within a second', () => {
    const unanswered = { result: 'unknown' } as const
    expect(asked([call(3.5)], [logon('alice', 1, 3, unanswered)])).toMatchObject([{ served: 1 }])
    expect(asked([call(4.5)], [logon('alice', 1, 3, unanswered)])).toMatchObject([{ served: 0, unseen: 1 }])
  })

  it.each<[string, readonly ContextNote[], readonly AuthExchange[], object]>([
    ['two logons at a time', [call(2)], [logon('alice', 1, 3), logon('bob', 1.5, 4)], { served: 0, ambiguous: 1 }],
    ['two calls in one logon', [call(2), call(2.5)], [logon('alice', 1, 3)], { served: 0, ambiguous: 2 }],
    [
      'a logon of another server',
      [call(2)],
      [logon('alice', 1, 3, { server: endpoint('192.0.2.30', 445) })],
      { served: 0, unseen: 1 },
    ],
    [
      'a logon with Kerberos',
      [call(2)],
      [logon('alice', 1, 3, { mechanism: 'kerberos', ntlm: null })],
      { served: 0, unseen: 1 },
    ],
    ['a logon before it', [call(4)], [logon('alice', 1, 3)], { served: 0, unseen: 1, withoutCall: 1 }],
    [
      'a logon that was refused without a call',
      [call(4)],
      [logon('alice', 1, 3, { result: 'failure' })],
      { withoutCall: 0 },
    ],
  ])('is not joined to %s', (_, calls, logons, counts) => {
    expect(asked(calls, logons)).toMatchObject([{ ...counts, logons: [] }])
  })

  it('is left out where the report is about others, and nothing is said of servers that asked nobody', () => {
    expect(asked([call(2)], [logon('alice', 1, 3)], ['bob'])).toEqual([])
    expect(asked([call(2)], [logon('alice', 1, 3)], ['alice'])).toHaveLength(1)
    expect(asked([], [logon('alice', 1, 3)])).toEqual([])
  })

  it('is a line of the report', () => {
    const passThrough = asked([call(2), call(9)], [logon('alice', 1, 3), logon('bob', 4, 5)])
    const text = renderText({ ...officeReport(), passThrough }, { columns: 200, color: false })
    expect(text).toContain(
      `${SERVER}  asked ${CONTROLLER} 2 times (NetrLogonSamLogonWithFlags): 1 for a domain account (CORP\\alice), 1 about logons that are not in the capture; lab.pcapng: frames 200, 900`,
    )
    expect(text).toContain('accepted 1 NTLM logon without asking: local accounts, or the call is not in the capture')
    expect(renderText(officeReport(), { columns: 200, color: false })).not.toContain('Pass-through')
  })
})
