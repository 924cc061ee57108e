/**
 * The formats for other tools, over the office capture and others of the bundle: every name and value that they may
 * have is in the tables beside this file, which are those of the tools' own schemas.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuthExchange, KdcExchange } from '../../../../src/facts/exchange.ts'
import type { Finding } from '../../../../src/findings/finding.ts'
import { ecsWriter, findingDocument } from '../../../../src/output/export/ecs.ts'
import type { Piece } from '../../../../src/output/export/folder-writer.ts'
import { ocsfWriter } from '../../../../src/output/export/ocsf.ts'
import { opengraphWriter } from '../../../../src/output/export/opengraph.ts'
import { prometheusWriter } from '../../../../src/output/export/prometheus.ts'
import { zeekWriter } from '../../../../src/output/export/zeek.ts'
import { ZEEK_LOGS } from '../../../../src/output/export/zeek-fields.ts'
import type { MakeWriter } from '../../../../src/output/writer.ts'
import type { Report } from '../../../../src/report/report.ts'
import { analyze } from '../../../../src/run/analyze.ts'

const CAPTURES = [
  'captures/office/office.pcap',
  'captures/http/https-ntlm-bound.pcap',
  'captures/rpc/tcp-ntlm-wrong-password.pcap',
  'captures/kerberos/s4u2proxy.pcap',
  'captures/kerberos/wrong-password.pcap',
]
const HERE = 'test/src/output/export'

let report: Report
const exchanges: AuthExchange[] = []
const kdc: KdcExchange[] = []
beforeAll(async () => {
  report = await analyze(CAPTURES, { onExchange: (one) => exchanges.push(one), onKdc: (one) => kdc.push(one) })
})

function written(make: MakeWriter): string {
  const writer = make({ columns: 100, color: false, table: 'pairs', sensor: 'tap "1"', version: '0.1.0' })
  const parts = [writer.begin?.() ?? '']
  for (const one of exchanges) parts.push(writer.exchange?.(one) ?? '')
  for (const one of kdc) parts.push(writer.kdc?.(one) ?? '')
  return [...parts, ...writer.end(report)].join('')
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

/** Every leaf with its dotted name; lists are leaves. */
function* leaves(value: unknown, path = ''): Generator<[string, unknown]> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) yield [path, value]
  else for (const [name, part] of Object.entries(value)) yield* leaves(part, path === '' ? name : `${path}.${name}`)
}

describe('ecs', () => {
  const table = new Map(
    readFileSync(join(HERE, 'ecs-fields.tsv'), 'utf8')
      .split('\n')
      .concat('@timestamp\tdate\t')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [name, type, allowed] = line.split('\t')
        return [
          name!,
          { type: type!, allowed: allowed ? allowed.split(/[;,|]/).map((word) => word.trim()) : [] },
        ] as const
      }),
  )

  it('has fields of the schema alone, besides its own', () => {
    expect(table.size).toBeGreaterThan(80)
    const documents = lines(written(ecsWriter)).map((line) => JSON.parse(line))
    expect(documents).toHaveLength(exchanges.length + kdc.length + report.findings.length)
    const wrong = new Set<string>()
    const used = new Set<string>()
    for (const document of documents)
      for (const [name, value] of leaves(document)) {
        if (name.startsWith('ntlmscope.')) continue
        const field = table.get(name)
        used.add(name)
        if (field === undefined) wrong.add(`${name}: not in the schema`)
        else if (field.allowed.length > 0)
          for (const one of [value].flat())
            if (!field.allowed.includes(String(one)))
              wrong.add(`${name}: ${one} is not one of ${field.allowed.join(' ')}`)
        if (field?.type === 'long' && typeof value !== 'number') wrong.add(`${name}: ${value} is no number`)
        if (field?.type === 'ip' && [value].flat().some((one) => !/^[\d.]+$|:/.test(String(one))))
          wrong.add(`${name}: ${value}`)
      }
    expect([...wrong]).toEqual([])
    expect(used.size).toBeGreaterThan(30)
  })

  it('has an identity for each event: of a finding that fires again tomorrow another one, in a run once more the same', () => {
    const [finding] = report.findings
    const idOf = (part: Partial<Finding>) => {
      const document = findingDocument({ ...finding!, ...part }, { sensor: 'dc1', version: '1' })
      return (document.event as { id: string }).id
    }
    expect(idOf({})).toBe(idOf({ count: finding!.count + 1, end: finding!.end + 5e6 }))
    expect(idOf({ start: finding!.start + 86_400e6 })).not.toBe(idOf({}))
    const ids = lines(written(ecsWriter)).map((line) => JSON.parse(line).event.id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('ocsf', () => {
  const table = new Map<string, Map<string, { requirement: string; allowed: ReadonlySet<string> }>>()
  let current = ''
  for (const line of readFileSync(join(HERE, 'ocsf.tsv'), 'utf8').split('\n')) {
    const head = /^## (?:class|object) (\S+)/.exec(line)
    if (head !== null) {
      current = head[1]!
      table.set(current, new Map())
    } else if (current !== '' && line !== '') {
      const [name, , requirement, values] = line.split('\t')
      const allowed = new Set(values ? values.split(';').map((value) => value.split('=')[0]!) : [])
      table.get(current)!.set(name!, { requirement: requirement!, allowed })
    }
  }
  /** which object an attribute of a class or object is */
  const OBJECTS: Readonly<Record<string, string>> = {
    user: 'user',
    src_endpoint: 'network_endpoint',
    dst_endpoint: 'network_endpoint',
    finding_info: 'finding_info',
    service: 'service',
    session: 'session',
    authentication_token: 'authentication_token',
  }
  /** of the dictionary: attributes that come in by includes */
  const INCLUDED: Readonly<Record<string, readonly string[]>> = {
    network_endpoint: ['ip', 'hostname', 'name'],
    detection_finding: ['finding_info'],
  }
  /** their values are the class's own number */
  const OF_CLASS = new Set(['class_uid', 'category_uid', 'type_uid'])

  function* faults(value: Record<string, unknown>, shape: string): Generator<string> {
    const attributes = table.get(shape)!
    for (const [name, part] of Object.entries(value)) {
      const attribute = attributes.get(name)
      if (attribute === undefined) {
        if (!INCLUDED[shape]?.includes(name)) yield `${shape}.${name} is not in the schema`
        continue
      }
      const isStated = shape === 'detection_finding' && name === 'activity_id'
      if (
        attribute.allowed.size > 0 &&
        !OF_CLASS.has(name) &&
        !isStated &&
        !attribute.allowed.has(String(part)) &&
        part !== 0
      )
        yield `${shape}.${name}: ${part} is not one of ${[...attribute.allowed].join(' ')}`
      const object = OBJECTS[name]
      if (object !== undefined) yield* faults(part as Record<string, unknown>, object)
    }
    for (const [name, { requirement }] of attributes)
      if (requirement === 'required' && !(name in value)) yield `${shape}.${name} is required`
  }

  it('has attributes of the schema, and all that are required', () => {
    const events = lines(written(ocsfWriter)).map((line) => JSON.parse(line))
    expect(events).toHaveLength(exchanges.length + kdc.length + report.findings.length)
    const wrong = new Set<string>()
    for (const event of events) {
      const shape = event.class_uid === 3002 ? 'authentication' : 'detection_finding'
      for (const fault of faults(event, shape)) wrong.add(fault)
      expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id)
      expect(event.user === undefined || event.user.name !== '').toBe(true)
    }
    expect([...wrong]).toEqual([])
  })
})

describe('prometheus', () => {
  it('is the text format: no times, no address, no name of anybody', () => {
    const text = written(prometheusWriter)
    expect(text.endsWith('\n')).toBe(true)
    const samples = lines(text).filter((line) => !line.startsWith('#'))
    for (const line of samples) expect(line).toMatch(/^ntlmscope_\w+\{(\w+="(?:[^"\\\n]|\\["\\n])*",?)*\} -?[\d.e+]+$/)
    expect(text).not.toMatch(/192\.0\.2\.|alice|corp\.example/i)
    const sum = samples
      .filter((line) => line.startsWith('ntlmscope_exchanges{'))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
    expect(sum).toBe(exchanges.length)
    const declared = lines(text).filter((line) => line.startsWith('# TYPE'))
    expect(new Set(samples.map((line) => line.split('{')[0])).size).toBe(declared.length)
  })
})

const reader = spawnSync('python3', ['-c', 'import prometheus_client.parser']).status === 0
if (!reader) console.warn('skipped: no prometheus_client of Python here to read metrics with')
describe.skipIf(!reader)('prometheus, read by its own client library', () => {
  it('has the samples that were written', () => {
    const text = written(prometheusWriter)
    const program = `import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
print(json.dumps([[f.type, s.name, s.labels, s.value, s.timestamp] for f in families(sys.stdin.read()) for s in f.samples]))`
    const { stdout } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' })
    const samples = JSON.parse(stdout) as [string, string, Record<string, string>, number, null][]
    expect(samples).toHaveLength(lines(text).filter((line) => !line.startsWith('#')).length)
    for (const [type, name, { sensor }, value, timestamp] of samples)
      expect({ type, sensor, timestamp, isNumber: Number.isFinite(value) }, name).toEqual({
        type: 'gauge',
        sensor: 'tap "1"',
        timestamp: null,
        isNumber: true,
      })
    const counted = samples.filter(([, name]) => name === 'ntlmscope_exchanges')
    expect(counted.reduce((sum, [, , , value]) => sum + value, 0)).toBe(exchanges.length)
  })
})

describe('bloodhound', () => {
  it('is what the form of OpenGraph allows', () => {
    // bloodhound.specterops.io/opengraph/schema: one to three kinds, plain values or lists of one kind of them
    const plain = { type: ['string', 'number', 'boolean'] }
    const one = (type: string) => ({ type: 'array', items: { type } })
    const properties = {
      type: ['object', 'null'],
      propertyNames: { pattern: '^[a-z]\\w*$' },
      additionalProperties: { anyOf: [plain, one('string'), one('number'), one('boolean')] },
    }
    const name = { type: 'string', pattern: '^\\w+$' }
    const end = {
      type: 'object',
      properties: { value: { type: 'string', minLength: 1 }, match_by: { enum: ['id', 'name'] }, kind: name },
      required: ['value'],
      additionalProperties: false,
    }
    const isGraph = new Ajv2020({ allowUnionTypes: true }).compile({
      type: 'object',
      properties: {
        metadata: { type: 'object', properties: { source_kind: name } },
        graph: {
          type: 'object',
          properties: {
            nodes: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  id: { type: 'string', minLength: 1 },
                  kinds: { type: 'array', items: name, minItems: 1, maxItems: 3 },
                  properties,
                },
                required: ['id', 'kinds'],
                additionalProperties: false,
              },
            },
            edges: {
              type: 'array',
              items: {
                type: 'object',
                properties: { kind: name, start: end, end, properties },
                required: ['kind', 'start', 'end'],
                additionalProperties: false,
              },
            },
          },
          required: ['nodes', 'edges'],
          additionalProperties: false,
        },
      },
      required: ['graph'],
      additionalProperties: false,
    })
    const graph = JSON.parse(written(opengraphWriter))
    expect(isGraph(graph), JSON.stringify(isGraph.errors)).toBe(true)
    // a form that takes anything would be none
    graph.graph.nodes[0].properties.nested = { a: 1 }
    expect(isGraph(graph)).toBe(false)
  })

  it('has hosts, and an edge for each pair that uses NTLM', () => {
    const { graph } = JSON.parse(written(opengraphWriter)) as {
      graph: {
        nodes: { id: string; kinds: string[]; properties: Record<string, unknown> }[]
        edges: { kind: string; start: { value: string }; end: { value: string } }[]
      }
    }
    const ids = new Set(graph.nodes.map(({ id }) => id))
    expect(ids.size).toBe(graph.nodes.length)
    for (const { kinds, properties } of graph.nodes) {
      expect(kinds.length).toBeLessThanOrEqual(3)
      for (const value of Object.values(properties)) expect(['string', 'number', 'boolean']).toContain(typeof value)
    }
    const logons = graph.edges.filter(({ kind }) => kind === 'NtlmScope_LogsOnWithNTLM')
    const pairs = new Set(
      exchanges
        .filter(({ mechanism }) => mechanism === 'ntlm')
        .map(({ client, server }) => `${client.ip} ${server.ip}`),
    )
    expect(logons).toHaveLength(pairs.size)
    for (const { start, end } of logons) expect([ids.has(start.value), ids.has(end.value)]).toEqual([true, true])
    expect(JSON.stringify(graph)).not.toMatch(/S-1-5-/)
  })
})

describe('zeek', () => {
  const logs = (json: boolean, all = false) => {
    const writer = zeekWriter({ sensor: 'tap1', version: '0.1.0', json, all, now: () => 0 })
    const files = new Map<string, string>()
    const keep = (pieces: Iterable<Piece>) => {
      for (const { file, text } of pieces) files.set(file, (files.get(file) ?? '') + text)
    }
    for (const one of exchanges) keep(writer.exchange(one))
    for (const one of kdc) keep(writer.kdc(one))
    keep(writer.end(report))
    return files
  }

  /** By the header alone, as readers of Zeek's logs do it. */
  function parsed(text: string): Record<string, unknown>[] {
    const all = text.split('\n')
    const header = Object.fromEntries(
      all
        .filter((line) => line.startsWith('#'))
        .map((line) => [line.split(/[\t ]/)[0], line.slice(line.search(/[\t ]/) + 1)]),
    )
    const separator = String.fromCharCode(Number.parseInt(header['#separator']!.slice(2), 16))
    const [fields, types] = [header['#fields']!.split(separator), header['#types']!.split(separator)]
    expect(fields.length).toBe(types.length)
    const plain = (value: string) =>
      Buffer.from(
        Buffer.from(value)
          .toString('latin1')
          .replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString()
    return all
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const values = line.split(separator)
        expect(values.length).toBe(fields.length)
        const entry: Record<string, unknown> = {}
        for (const [at, name] of fields.entries()) {
          const value = values[at]!
          if (value === header['#unset_field']) continue
          const type = types[at]!
          const isList = /^(set|vector)/.test(type)
          if (isList) entry[name] = value === '(empty)' ? [] : value.split(',').map(plain)
          else if (type === 'bool') entry[name] = value === 'T'
          else if (/^(time|interval|count|port|double)$/.test(type)) entry[name] = Number(value)
          else entry[name] = value === '(empty)' ? '' : plain(value)
        }
        return entry
      })
  }

  it('says the same as tab-separated values and as JSON', () => {
    const [tabs, json] = [logs(false), logs(true)]
    expect([...tabs.keys()].sort()).toEqual(['conn.log', 'kerberos.log', 'notice.log', 'ntlm.log', 'ntlmscope.log'])
    for (const [file, text] of tabs) {
      expect(parsed(text)).toEqual(lines(json.get(file) ?? '').map((line) => JSON.parse(line)))
      expect(text).toMatch(/^#separator \\x09\n[\s\S]*\n#close\t1970-01-01-00-00-00\n$/)
    }
  })

  it('has a line for each NTLM logon, each exchange with a KDC and each AP-REQ, with what Zeek leaves empty', () => {
    const files = logs(false)
    const ntlm = parsed(files.get('ntlm.log')!)
    expect(ntlm).toHaveLength(exchanges.filter((one) => one.ntlm !== null).length)
    expect(ntlm.some(({ success }) => success === false)).toBe(true)
    const kerberos = parsed(files.get('kerberos.log')!)
    // `ignored_errors` of Zeek's krb/main.zeek are texts of MIT and Heimdal
    const ignored = ['NEEDED_PREAUTH', 'Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ']
    const preauth = kdc.filter(({ error }) => ignored.includes(error?.text ?? '')).length
    const ap = exchanges.filter((one) => one.kerberos !== null)
    expect(preauth).toBeGreaterThan(0)
    expect(kerberos).toHaveLength(kdc.length - preauth + ap.length)
    expect(parsed(logs(false, true).get('kerberos.log')!)).toHaveLength(kdc.length + ap.length)
    for (const line of kerberos.filter(({ request_type }) => request_type === 'AP')) {
      expect(line.client).toMatch(/^[^/]*\/.+/)
      expect(line.service).toMatch(/\//)
      expect(line.cipher).toMatch(/aes|rc4/)
    }
    for (const line of kerberos.filter(({ request_type, success }) => request_type !== 'AP' && success === true)) {
      // 0 asks for as long as possible
      expect(line.till).toBeGreaterThanOrEqual(0)
      expect(typeof line.forwardable).toBe('boolean')
      expect(line.cipher).toMatch(/aes|rc4/)
    }
  })

  it('fills a line of kerberos.log by the rules of krb/main.zeek', () => {
    const line = (part: Partial<KdcExchange>) => {
      const writer = zeekWriter({ sensor: 'x', version: '1', json: false, all: false, now: () => 0 })
      const one = { ...kdc.find(({ request, error }) => request === 'TGS' && error === null)!, ...part }
      const text = [...writer.kdc(one)].map((piece) => piece.text).join('')
      return text === '' ? undefined : parsed(text)[0]
    }
    const given = { request: 'AS', realm: 'CORP', sname: 'krbtgt/CORP', ticketSname: 'krbtgt/CORP.EXAMPLE' } as const
    expect(line({ ...given, cname: 'eve', clientRealm: 'CORP.EXAMPLE' })).toMatchObject({
      client: 'eve/CORP',
      service: 'krbtgt/CORP.EXAMPLE',
      success: true,
    })
    const referred = { request: 'TGS', cname: 'eve', realm: 'EMEA.EXAMPLE', clientRealm: 'CORP.EXAMPLE' } as const
    expect(line(referred)).toMatchObject({ client: 'eve/CORP.EXAMPLE' })
    const refused = (text: string | null) => ({
      error: { code: 25, name: 'KDC_ERR_PREAUTH_REQUIRED', status: null, text },
      ticketSname: null,
      clientRealm: null,
    })
    expect(line(refused('NEEDED_PREAUTH'))).toBeUndefined()
    const windows = { success: false, error_msg: 'KDC_ERR_PREAUTH_REQUIRED', ns_error: 'KDC_ERR_PREAUTH_REQUIRED' }
    expect(line(refused(null))).toMatchObject(windows)
    expect(line(refused('in words'))).toMatchObject({ ...windows, error_msg: 'in words' })
    // a report of an older version
    const { ticketSname: _, clientRealm: __, ...older } = kdc[0]!
    const writer = zeekWriter({ sensor: 'x', version: '1', json: true, all: true, now: () => 0 })
    const text = [...writer.kdc(older)].find(({ file }) => file === 'kerberos.log')!.text
    expect(JSON.parse(text).service).toBe(older.sname)
  })

  const tshark = spawnSync('tshark', ['--version']).error === undefined
  if (!tshark) console.warn('skipped: no tshark here to read tickets with')
  it.skipIf(!tshark)('has the client, the service and the cipher of each ticket that tshark reads', () => {
    const rows = parsed(logs(false, true).get('kerberos.log')!)
    let tickets = 0
    for (const capture of ['captures/office/office.pcap', 'captures/kerberos/s4u2proxy.pcap']) {
      const fields = ['frame.number', 'kerberos.msg_type', 'kerberos.crealm', 'kerberos.CNameString']
      const more = ['kerberos.SNameString', 'kerberos.etype']
      const { stdout } = spawnSync(
        'tshark',
        [
          ...[
            '-n',
            '-r',
            capture,
            '-T',
            'fields',
            '-E',
            'aggregator=|',
            '-Y',
            'kerberos.as_rep_element || kerberos.tgs_rep_element',
          ],
          ...[...fields, ...more].flatMap((name) => ['-e', name]),
        ],
        { encoding: 'utf8' },
      )
      for (const line of lines(stdout)) {
        const [frame, type, crealm, cname, sname, etype] = line
          .split('\t')
          .map((value) => value.split('|')) as string[][]
        const row = rows.find(
          ({ request_type, ns_capture, ns_frames }) =>
            request_type !== 'AP' && ns_capture === capture && (ns_frames as string[]).at(-1) === frame![0],
        )
        expect(row, `${capture} ${frame}`).toMatchObject({
          request_type: type![0] === '11' ? 'AS' : 'TGS',
          client: `${cname!.join('/')}/${crealm![0]}`,
          service: sname!.join('/'),
          success: true,
        })
        // that of the reply is the last one
        expect(row!.cipher).toMatch({ 17: /^aes128/, 18: /^aes256/, 23: /^rc4/ }[etype!.at(-2)!]!)
        tickets++
      }
    }
    expect(tickets).toBeGreaterThan(3)
  })

  it('names a connection alike in all logs', () => {
    const files = logs(false)
    const conn = new Set(parsed(files.get('conn.log')!).map(({ uid }) => uid))
    for (const name of ['ntlm.log', 'kerberos.log', 'ntlmscope.log'])
      for (const { uid } of parsed(files.get(name)!)) {
        expect(uid).toMatch(/^C[0-9A-Za-z]{17}$/)
        expect(conn).toContain(uid)
      }
  })

  it('escapes what would end a field, and what reads as unset', () => {
    const odd = {
      ...exchanges.find(({ ntlm }) => ntlm !== null)!,
      principal: { user: 'a\tb\\c\u00e9', domain: '-', workstation: '' },
    }
    const writer = zeekWriter({ sensor: 'x', version: '1', json: false, all: false, now: () => 0 })
    const text = [...writer.exchange(odd)].filter(({ file }) => file === 'ntlm.log').map((piece) => piece.text)
    const [line] = parsed(text.join(''))
    expect(line).toMatchObject({ username: 'a\tb\\c\u00e9', domainname: '-', hostname: '' })
  })

  it('writes letters of any script as Zeek does, and nothing that hides or moves text', () => {
    const user = 'j\u00fcrgen \u5c71\u7530\u202e\u200b\u2028\u0085'
    const odd = {
      ...exchanges.find(({ ntlm }) => ntlm !== null)!,
      principal: { user, domain: 'D', workstation: null },
    }
    for (const json of [false, true]) {
      const writer = zeekWriter({ sensor: 'x', version: '1', json, all: false, now: () => 0 })
      const text = [...writer.exchange(odd)].filter(({ file }) => file === 'ntlm.log').map((piece) => piece.text)
      expect(text.join('')).toContain('j\u00fcrgen \u5c71\u7530')
      expect(text.join('')).not.toMatch(/[\u202e\u200b\u2028\u0085]/)
      if (json) expect(JSON.parse(text.join(''))).toMatchObject({ username: user })
      else {
        expect(text.join('')).toContain('\\xe2\\x80\\xae')
        expect(parsed(text.join(''))[0]).toMatchObject({ username: user })
      }
    }
  })

  const cut = ['zeek-cut', 'bro-cut'].find((name) => spawnSync(name, ['-h']).error === undefined)
  if (cut === undefined) console.warn('skipped: no zeek-cut here to read the logs')
  it.skipIf(cut === undefined)('is read by zeek-cut', () => {
    const files = logs(false)
    for (const [file, log] of [
      ['ntlm.log', 'ntlm'],
      ['kerberos.log', 'kerberos'],
      ['notice.log', 'notice'],
      ['conn.log', 'conn'],
    ] as const) {
      const { stdout } = spawnSync(
        cut!,
        ZEEK_LOGS[log].map(([name]) => name),
        { input: files.get(file)!, encoding: 'utf8' },
      )
      const own = files
        .get(file)!
        .split('\n')
        .filter((line) => !line.startsWith('#'))
      expect(stdout.split('\n')).toEqual(own)
    }
  })
})
