import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { MIN_COLUMNS, renderText } from '../../../../src/output/text/report.ts'
import { FigureFold } from '../../../../src/report/figures.ts'
import type { Report } from '../../../../src/report/report.ts'
import {
  captureSummary,
  cause,
  coverage,
  crowdedReport,
  emptyReport,
  endpoint,
  exchange,
  finding,
  hostileReport,
  httpNtlmOnly,
  kdc,
  ldapSimple,
  MORNING,
  ntlmByAddress,
  officeReport,
  pair,
  tlsPair,
} from '../../../builders/report.ts'

const REPORTS: [name: string, report: Report][] = [
  ['empty', emptyReport()],
  ['office', officeReport()],
  ['crowded', crowdedReport(300)],
  ['hostile', hostileReport()],
  ['two captures', twoCaptures()],
]

function twoCaptures(): Report {
  const captures = [
    captureSummary({ name: '/data/a/lab.pcapng' }),
    captureSummary({ name: '/data/b/lab.pcapng' }),
    captureSummary({ name: '/data/b/dc.pcapng', damage: 'packet 17: cut after 12 bytes' }),
  ]
  const pairs = [
    pair([ntlmByAddress({ capture: '/data/b/dc.pcapng', frames: [3, '/data/a/lab.pcapng:9'] })]),
    pair([exchange({ capture: '/data/b/lab.pcapng' })]),
  ]
  return { ...officeReport(), captures, pairs, findings: [], kdc: [], exchanges: [ntlmByAddress()] }
}

function plain(report: Report, columns = 80): string {
  return renderText(report, { columns, color: false })
}

describe('every report at every width', () => {
  for (const [name, report] of REPORTS) {
    for (const columns of [MIN_COLUMNS, 80, 100, 160, 250]) {
      test(`${name} at ${columns}: no line is wider, none ends in a space`, () => {
        for (const line of plain(report, columns).split('\n')) {
          expect(stringWidth(line), line).toBeLessThanOrEqual(columns)
          expect(line).not.toMatch(/\s$/)
        }
      })
    }

    test(`${name}: colour changes nothing but colour`, () => {
      const coloured = renderText(report, { columns: 120, color: true })
      expect(coloured).toContain('\x1b[')
      const lines = stripVTControlCharacters(coloured).split('\n')
      expect(lines.map((line) => line.trimEnd())).toEqual(plain(report, 120).split('\n'))
    })

    test(`${name}: without colour there is no control character but the line break`, () => {
      expect(plain(report)).not.toMatch(
        /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00a0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/,
      )
      expect(plain(report)).not.toMatch(/undefined|NaN|\[object/)
    })
  }

  test('narrower than the minimum is the minimum', () => {
    expect(plain(officeReport(), 10)).toBe(plain(officeReport(), MIN_COLUMNS))
  })

  test('addresses are whole', () => {
    for (const columns of [MIN_COLUMNS, 80, 160]) {
      const text = plain(crowdedReport(20), columns)
      for (const { client, server } of crowdedReport(20).pairs) {
        expect(text).toContain(client.ip)
        expect(text).toContain(server.ip)
      }
    }
  })
})

describe('the answer comes first', () => {
  const headline = (report: Report) => plain(report, 200).split('\n')[0]

  test('fallback among others', () => {
    expect(headline(officeReport())).toBe(
      '3 of 6 pairs (client, server, service) use NTLM. 2 of them fell back to it although Kerberos was offered or tried.',
    )
  })

  test('one pair', () => {
    expect(headline(emptyReport({ pairs: [pair([ntlmByAddress()])] }))).toBe(
      'The only pair (10.1.2.34 -> 10.1.2.6, smb) uses NTLM. It fell back to it although Kerberos was offered or tried.',
    )
  })

  test('NTLM without fallback', () => {
    expect(headline(emptyReport({ pairs: [pair([httpNtlmOnly()]), pair([exchange()])] }))).toBe(
      '1 of 2 pairs (client, server, service) uses NTLM. No fallback from Kerberos was seen.',
    )
  })

  test('no NTLM', () => {
    expect(headline(emptyReport({ pairs: [pair([exchange()])] }))).toBe(
      'No NTLM was seen in 1 authentication of 1 pair; what was not visible stands below.',
    )
  })

  test('no authentication is no proof, and the report says what was missing', () => {
    const text = plain(emptyReport())
    expect(text).toMatch(/^No authentication was seen\. That is no proof/)
    expect(text).toContain('everything: no packet was read')
    expect(
      plain(emptyReport({ coverage: coverage({ carriers: { tls: 3, http: 1 } }), pairs: [tlsPair()] }), 120),
    ).toContain('no smb, ldap, rpc, kdc conversation in the clear')
  })
})

describe('the first screen', () => {
  /** Lines of a terminal of 80 columns and 24 lines. */
  const screen = (report: Report) => plain(report).split('\n').slice(0, 24)

  for (const [name, report] of REPORTS) {
    test(`${name}: ends with what was not seen, and an empty line`, () => {
      const lines = screen(report)
      const last = lines.findIndex((line) => line.startsWith('  Not seen'))
      expect(last).toBeGreaterThan(2)
      expect(lines.slice(last + 1)).toContain('')
    })
  }

  test('how much, why, what first', () => {
    const text = screen(officeReport()).join('\n')
    expect(text).toMatch(/^ {2}NTLM +16 of 22 authentications \(73 %\)/m)
    expect(text).toMatch(/^ {2}Why +12 x IP address used as the target \(RC04\)/m)
    expect(text).toMatch(/^ {2}First +RC04 \(10\.1\.2\.34 -> 10\.1\.2\.6 smb, 12 of 16 NTLM logons\): Use the name/m)
    expect(text).toMatch(/^ {2}Then +high: /m)
  })

  test('a critical finding comes before the fix of a cause', () => {
    const critical = finding({ id: 'NS-NT-005', severity: 'critical', title: 'NTLM was handed on: a relay' })
    const text = screen({ ...officeReport(), findings: [critical] }).join('\n')
    expect(text).toMatch(/^ {2}First +critical: NTLM was handed on: a relay \[NS-NT-005\]/m)
    expect(text).toMatch(/^ {2}Then +RC04 /m)
  })

  test('where no cause is known, the first step is to capture what is missing', () => {
    const unknown = ntlmByAddress({
      cause: cause({ code: 'RC99', missing: ['the offer of the server'], fix: 'Capture what is named as missing' }),
    })
    const report = emptyReport({ pairs: [pair([unknown])], exchanges: [unknown] })
    expect(plain(report, 160)).toMatch(
      /^ {2}First +RC99 .*Capture what is named as missing: the offer of the server\.$/m,
    )
  })

  test('more causes than fit are counted, and stand below', () => {
    const codes = ['RC01', 'RC03', 'RC04', 'RC05', 'RC06', 'RC07', 'RC08']
    const exchanges = codes.map((code) => ntlmByAddress({ cause: cause({ code }) }))
    const text = plain(emptyReport({ pairs: [pair(exchanges)], exchanges }))
    expect(text).toMatch(/and 3 more, see below/)
    for (const code of codes) expect(text.slice(text.indexOf('Why not Kerberos'))).toContain(`(${code})`)
  })
})

describe('the figures', () => {
  test('a row for everything, for each capture, for each stretch of time', () => {
    const hour = 3_600e6
    const exchanges = [0, 1, 2].flatMap((at) => [
      exchange({ start: MORNING + at * hour, end: MORNING + at * hour, capture: at === 0 ? 'a.pcap' : 'b.pcap' }),
      ntlmByAddress({ start: MORNING + at * hour, end: MORNING + at * hour, capture: 'b.pcap' }),
    ])
    const fold = new FigureFold(3600)
    for (const one of exchanges) fold.add(one)
    const text = plain(emptyReport({ figures: fold.figures(), pairs: [pair(exchanges)] }), 120)
    const section = text.slice(text.indexOf('Migration figures'))
    expect(section).toMatch(/^Migration figures {2}in stretches of 1 h 0 min/)
    expect(section).toMatch(/^ {2}everything +\d+ +\d+ % +3 +3 +3 +100 % +0 +RC04 3$/m)
    expect(section).toMatch(/^ {2}a\.pcap +1 +0 % +0 +0 +1 /m)
    expect(section).toMatch(/^ {2}2026-03-02T09:00:00Z +\d+ +\d+ % +1 +1 +1 /m)
  })

  test('nothing where nothing authenticated', () => {
    expect(plain(emptyReport())).not.toContain('Migration figures')
  })
})

describe('the rest of the summary', () => {
  const text = plain(officeReport(), 120)

  test.each([
    'lab.pcapng (pcapng, 48,211 packets, 31 MB)',
    '2026-03-02T08:00:00Z to 2026-03-02T16:30:00Z (8 h 30 min)',
    '16 of 22 authentications (73 %)',
    '13 as fallback, NTLMv2',
    '4 kerberos (18 %), 2 simple (9.1 %)',
    '6: 1 ntlm-fallback, 1 mixed, 1 ntlm-only, 1 other, 1 undetermined, 1 kerberos',
    '12 x IP address used as the target (RC04)',
    '12 x client-veto: the server offered Kerberos, the client chose NTLM',
    'SMB neither signed nor encrypted: 12 sessions of 1 pair (to 10.1.2.6)',
    'SMB signing not required: 1 server (10.1.2.6)',
    'LDAP neither signed, sealed nor in TLS: 1 pair (to 10.1.0.10)',
    'NTLM without channel binding: 1 pair (to 10.1.3.80)',
    '2 authentications of 1 pair (to 10.1.0.10)',
    'conversations in TLS (12), smb-encrypted (1)',
  ])('says %j', (words) => {
    expect(text).toContain(words)
  })

  test('nothing to relay is said only of what was seen', () => {
    expect(plain(emptyReport({ pairs: [pair([exchange()])] }), 120)).toContain('no unprotected SMB session')
    expect(plain(emptyReport({ pairs: [pair([httpNtlmOnly({ channelBinding: 'not-applicable' })])] }))).not.toContain(
      'relayed',
    )
  })

  test('protection that was not visible is not called unprotected', () => {
    const smb = { ...exchange().smb!, effective: 'unknown', serverPolicy: 'unknown' } as const
    const unknown = plain(emptyReport({ pairs: [pair([exchange({ smb })])] }), 120)
    expect(unknown).toContain('SMB protection not visible: 1 pair')
    expect(unknown).not.toContain('not required')
  })

  test('LDAP in TLS is not called open', () => {
    const inTls = pair([ldapSimple({ ldap: { layer: 'none', tls: true, resultCode: 0 } })])
    expect(plain(emptyReport({ pairs: [inTls] }), 120)).not.toContain('LDAP neither')
  })
})

describe('findings', () => {
  test('the most severe first, grouped by rule, with the first places and their frames', () => {
    const many = Array.from({ length: 9 }, (_, at) => finding({ client: `10.0.0.${at}`, frames: [at + 1], count: 2 }))
    const low = finding({ id: 'NS-SG-006', severity: 'low', title: 'Old dialect' })
    const text = plain(emptyReport({ findings: [low, ...many] }), 120)
    expect(text).toContain('Findings  9 high, 1 low')
    expect(text.indexOf('NS-SG-001')).toBeLessThan(text.indexOf('NS-SG-006'))
    expect(text).toContain('[NS-SG-001] - 9 places, 18 times')
    expect(text).toContain('- 10.0.0.0 -> 10.1.2.6 smb: ')
    expect(text).toMatch(/lab\.pcapng:\s+frame 1\n/)
    expect(text).toContain('and 5 more; use --format json for all')
    expect(text.match(/fix: Require SMB signing/g)).toHaveLength(2)
  })
})

describe('pairs', () => {
  const order = (text: string) =>
    [...text.matchAll(/^ {2}10\..* (ntlm-fallback|mixed|ntlm-only|other|undetermined|kerberos) /gm)].map(
      ([, verdict]) => verdict,
    )

  test('the worst first', () => {
    // the password in clear is the gravest finding
    expect(order(plain(officeReport()))).toEqual([
      'other',
      'ntlm-fallback',
      'mixed',
      'ntlm-only',
      'undetermined',
      'kerberos',
    ])
  })

  test('then by number of exchanges', () => {
    const counted = [1, 5, 3].map((count) =>
      pair(Array.from({ length: count }, () => ntlmByAddress({ client: endpoint(`10.0.0.${count}`, 50_000) }))),
    )
    const text = plain(emptyReport({ pairs: counted }))
    expect([...text.matchAll(/^ {2}10\.0\.0\.(\d)/gm)].map(([, last]) => last)).toEqual(['5', '3', '1'])
  })

  test('every pair but Kerberos says how, why and where', () => {
    const text = plain(officeReport(), 120)
    expect(text).toContain('client-veto; IP address used as the target (RC04); lab.pcapng: frames 38, 40, 41')
    expect(text).toContain(
      'server-only; the server offers NTLM only at the application layer (RC15); lab.pcapng: frames 77, 79, 81',
    )
    expect(text).toContain('simple; lab.pcapng: frames 90, 91')
    expect(text).toContain('not visible: tls; lab.pcapng: frame 120')
    expect(text).not.toContain('frames 12, 14')
  })

  test('a wide terminal shows who, for what, and how it was protected', () => {
    const text = plain(officeReport(), 160)
    for (const title of ['USER, SPN', 'NTLM', 'SMB SIGNING', 'BINDING', 'BREAKS WITHOUT']) expect(text).toContain(title)
    for (const fact of [
      'CORP\\alice',
      'cifs/10.1.2.6',
      'NTLMv2',
      '3.1.1 unsigned',
      'enabled/enabled',
      'absent',
      'NTLM RC4?',
    ]) {
      expect(text).toContain(fact)
    }
    expect(plain(officeReport(), 80)).not.toContain('BREAKS WITHOUT')
  })

  test('300 pairs end with how many more there are', () => {
    const text = plain(crowdedReport(300))
    expect(text).toContain('and 250 more (50 ntlm-fallback, 200 kerberos); use --format csv for all')
    expect(text.split('\n').length).toBeLessThan(320)
  })

  test('with several captures each pair names its own, by the shortest name that is one only', () => {
    const text = plain(twoCaptures(), 120)
    expect(text).toContain('dc.pcapng: frame 3; /data/a/lab.pcapng: frame 9')
    expect(text).toContain('/data/b/lab.pcapng: frames 12, 14')
    expect(text).toContain('/data/b/dc.pcapng (pcapng, 48,211 packets, 31 MB); damaged: packet 17: cut after 12 bytes')
    expect(text).toContain('together 3 captures')
  })
})

describe('KDC', () => {
  test('counts requests, errors by name with examples, and etypes of tickets', () => {
    const text = plain(officeReport(), 120)
    expect(text).toContain('2 AS: 1 ticket, 0 errors, 1 without an answer')
    expect(text).toContain('3 TGS: 2 tickets, 1 error, 0 without an answer')
    expect(text).toContain('1 x KDC_ERR_S_PRINCIPAL_UNKNOWN for cifs/files.corp.example; lab.pcapng: frames 206, 207')
    expect(text).toMatch(/Ticket etypes +2 aes256-\S+, 1 rc4-hmac/)
  })

  test('many names of one error are counted', () => {
    const error = { code: 7, name: 'KDC_ERR_S_PRINCIPAL_UNKNOWN', status: null }
    const failures = ['a', 'b', 'c', 'd', 'e'].map((sname) => kdc({ sname, error, ticketEtype: null }))
    expect(plain(emptyReport({ kdc: failures }), 120)).toContain(
      '5 x KDC_ERR_S_PRINCIPAL_UNKNOWN for a, b, c and 2 more',
    )
  })
})
