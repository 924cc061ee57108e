/**
 * Every form in which logs are exported gives the same event; what holds no fields is refused with the line that helps;
 * damage is counted.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { WindowsEvent } from '../../../../src/events/event.ts'
import { EventFileError, expandEventFiles, readEventFile } from '../../../../src/events/forms/open.ts'
import { evtxFile } from '../../../builders/evtx.ts'

const folder = mkdtempSync(join(tmpdir(), 'events-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

function written(content: string | Uint8Array, name = `${++files}.log`): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function read(content: string | Uint8Array) {
  const events: WindowsEvent[] = []
  const summary = await readEventFile(written(content), (event) => events.push(event))
  return { events, summary }
}

const DATA = {
  TargetUserName: 'alice',
  TargetDomainName: 'CORP',
  AuthenticationPackageName: 'NTLM',
  LmPackageName: 'NTLM V2',
  IpAddress: '10.1.2.34',
  IpPort: '50022',
}
const TIME = Date.parse('2026-03-02T08:00:01.400Z') * 1000
const PROVIDER = 'Microsoft-Windows-Security-Auditing'

const XML_DATA = Object.entries(DATA).map(([name, value]) => `<Data Name='${name}'>${value}</Data>`)
const XML = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${PROVIDER}' Guid='{54849625-5478-4994-A5BA-3E3B0328C30D}'/><EventID>4624</EventID><Version>2</Version><TimeCreated SystemTime='2026-03-02T08:00:01.4000000Z'/><EventRecordID>7</EventRecordID><Channel>Security</Channel><Computer>fs01.corp.example</Computer><Security/></System><EventData>${XML_DATA.join('')}</EventData></Event>`
const OTHER_XML = XML.replace('<EventID>4624', '<EventID>4688')

const HEAD = { EventID: 4624, Channel: 'Security', Computer: 'fs01.corp.example', EventRecordID: 7 }
const DUMPED = {
  Event: {
    '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
    System: {
      ...HEAD,
      Provider: { '#attributes': { Name: PROVIDER } },
      TimeCreated: { '#attributes': { SystemTime: '2026-03-02T08:00:01.400000Z' } },
    },
    EventData: DATA,
  },
}
const BEAT = {
  '@timestamp': '2026-03-02T08:00:01.400Z',
  event: { code: '4624', provider: PROVIDER },
  winlog: {
    event_id: '4624',
    channel: 'Security',
    provider_name: PROVIDER,
    computer_name: 'fs01.corp.example',
    record_id: 7,
    event_data: DATA,
  },
}
const NXLOG = {
  EventTime: '2026-03-02 03:00:01.400',
  EventReceivedTime: '2026-03-02 03:00:03',
  '@timestamp': '2026-03-02T08:00:03.120Z',
  Hostname: 'fs01.corp.example',
  Channel: 'security',
  SourceName: PROVIDER,
  EventID: 4624,
  RecordNumber: 7,
  Message: 'An account was successfully logged on.',
  ...DATA,
}
const PAYLOAD = { EventData: { Data: Object.entries(DATA).map(([name, text]) => ({ '@Name': name, '#text': text })) } }
const COMMANDED = {
  EventId: 4624,
  Channel: 'Security',
  Provider: PROVIDER,
  Computer: 'fs01.corp.example',
  EventRecordId: 7,
  TimeCreated: '2026-03-02T08:00:01.4000000+00:00',
  Payload: JSON.stringify(PAYLOAD),
}
const RAPTOR = {
  System: {
    ...HEAD,
    Provider: { Name: PROVIDER },
    EventID: { Value: 4624 },
    TimeCreated: { SystemTime: 1_772_438_401.4 },
  },
  EventData: DATA,
}

const quoted = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
const EZ = [
  'RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,Computer,PayloadData1,Payload',
  quoted([
    '1',
    '7',
    '2026-03-02 08:00:01.4000000',
    '4624',
    'LogAlways',
    PROVIDER,
    'Security',
    'fs01.corp.example',
    'x',
    JSON.stringify(PAYLOAD),
  ]),
].join('\r\n')
const SPLUNK_RAW = ['_time,host,_raw', quoted(['2026-03-02T03:00:01.400-0500', 'indexer', XML])].join('\n')
const SPLUNK = [
  `_time,EventCode,Channel,Computer,EventRecordID,ProviderName,${Object.keys(DATA).join(',')}`,
  quoted([
    '2026-03-02T03:00:01.400-0500',
    '4624',
    'Security',
    'fs01.corp.example',
    '7',
    PROVIDER,
    ...Object.values(DATA),
  ]),
].join('\n')

const FORMS: Readonly<Record<string, string | Uint8Array>> = {
  evtx: evtxFile([
    {
      id: 4624,
      channel: 'Security',
      provider: PROVIDER,
      computer: 'fs01.corp.example',
      record: 7,
      time: TIME,
      data: Object.entries(DATA),
    },
  ]),
  'XML of wevtutil, without a root': `${XML}\r\n${OTHER_XML}\r\n`,
  'XML of Event Viewer': `\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>${XML}</Events>`,
  'XML in UTF-16, as PowerShell redirects it': Buffer.from(`\ufeff${XML}`, 'utf16le'),
  'XML with the rendered text': `<Events>${XML.replace('</Event>', '<RenderingInfo Culture="de-DE"><Message>Ein Konto wurde angemeldet.</Message></RenderingInfo></Event>')}</Events>`,
  'lines of evtx_dump': `${JSON.stringify(DUMPED)}\n`,
  'pages of evtx_dump': `Record 1\n${JSON.stringify(DUMPED, null, 2)}\n`,
  'evtx_dump with attributes beside': JSON.stringify({
    Event: {
      System: {
        ...HEAD,
        Provider_attributes: { Name: PROVIDER },
        TimeCreated_attributes: { SystemTime: '2026-03-02T08:00:01.400000Z' },
      },
      EventData: DATA,
    },
  }),
  'an array of Chainsaw': JSON.stringify([DUMPED]),
  Winlogbeat: `${JSON.stringify(BEAT)}\n`,
  'Winlogbeat out of an index': JSON.stringify({ _index: 'x', _source: BEAT }),
  NXLog: `${JSON.stringify(NXLOG)}\n`,
  Velociraptor: JSON.stringify(RAPTOR),
  'EvtxECmd as JSON': JSON.stringify(COMMANDED),
  'EvtxECmd as CSV': EZ,
  'Splunk with the event in _raw': SPLUNK_RAW,
  'Splunk with a column a field': SPLUNK,
  'the same with semicolons': SPLUNK.replaceAll(',', ';'),
  'packed by gzip': gzipSync(`${JSON.stringify(BEAT)}\n`),
}

describe('the same event', () => {
  it.each(Object.entries(FORMS))('of %s', async (_name, content) => {
    const { events, summary } = await read(content)
    expect(summary).toMatchObject({ used: 1, damaged: 0, damagedChunks: 0 })
    const [event] = events
    expect(events).toHaveLength(1)
    expect({ ...event, data: null, clock: null }).toEqual({
      id: 4624,
      channel: 'Security',
      provider: PROVIDER,
      computer: 'fs01.corp.example',
      record: 7,
      time: TIME,
      data: null,
      clock: null,
    })
    expect(Object.fromEntries(event!.data)).toMatchObject(DATA)
  })

  it('of NXLog without the time of the collector has no zone', async () => {
    const { '@timestamp': _stamp, ...rest } = NXLOG
    const [event] = (await read(JSON.stringify(rest))).events
    expect(event).toMatchObject({ clock: 'local', time: TIME - 5 * 3600e6 })
  })

  it('fields without a name are counted: Data1, Data2', async () => {
    const bare = {
      ...BEAT.winlog,
      event_id: 2889,
      channel: 'Directory Service',
      event_data: { param1: '10.0.0.5:50123', param2: 'CORP\\x' },
    }
    const [event] = (await read(JSON.stringify({ ...BEAT, winlog: bare }))).events
    expect(Object.fromEntries(event!.data)).toEqual({ Data1: '10.0.0.5:50123', Data2: 'CORP\\x' })
  })

  it('text in any language is no matter', async () => {
    const { events } = await read(XML.replace('alice', '山田 太郎 &amp; Söhne'))
    expect(events[0]!.data.get('TargetUserName')).toBe('山田 太郎 & Söhne')
  })
})

const VIEWER =
  '"Ebene","Datum und Uhrzeit","Quelle","Ereignis-ID","Aufgabenkategorie"\n"Information","02.03.2026 09:00:01","Microsoft-Windows-Security-Auditing","4624","Logon"\n'
const CONVERTED = JSON.stringify([
  {
    Id: 4624,
    LogName: 'Security',
    Properties: [{ Value: 'S-1-0-0' }, { Value: '-' }],
    TimeCreated: '/Date(1772438401400)/',
  },
])

describe('refused with the line that helps', () => {
  it.each([
    ['CSV of Event Viewer', VIEWER],
    ['ConvertTo-Json', CONVERTED],
    [
      'classic events of Splunk',
      `_time,_raw\n${quoted(['2026-03-02T03:00:01', '03/02/2026 03:00:01 AM\nLogName=Security\nEventCode=4624'])}`,
    ],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['JSON of something else', '{"a": 1}\n{"b": 2}\n'],
  ])('%s', async (_name, content) => {
    const error = await read(content).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EventFileError)
    expect((error as Error).message).toContain(folder)
    expect((error as Error).message).toContain('wevtutil epl')
  })

  it('a log of Windows XP, an empty file, no file', async () => {
    await expect(
      read(Buffer.concat([Buffer.from([0x30, 0, 0, 0]), Buffer.from('LfLe'), Buffer.alloc(64)])),
    ).rejects.toThrow(EventFileError)
    await expect(read('')).rejects.toThrow(EventFileError)
    expect(() => expandEventFiles([join(folder, 'nowhere')])).toThrow(EventFileError)
  })
})

describe('damage', () => {
  it('of one line costs that line', async () => {
    const line = JSON.stringify(BEAT)
    const { summary } = await read(`${line}\n${line.slice(0, 80)}\n${line}\n${line}\n`)
    expect(summary).toMatchObject({ used: 3, damaged: 1 })
  })

  it('of one XML event costs that event', async () => {
    const { summary } = await read(`${XML}${XML.slice(0, 300)}${XML}${XML.replace('<Version>', '<Vers')}${XML}`)
    expect(summary).toMatchObject({ used: 3, damaged: 2 })
  })

  it('a time that nobody means is damage', async () => {
    const { summary, events } = await read(
      `${JSON.stringify(BEAT)}\n${JSON.stringify({ ...RAPTOR, System: { ...RAPTOR.System, TimeCreated: { SystemTime: 1e17 } } })}`,
    )
    expect(events).toHaveLength(1)
    expect(summary).toMatchObject({ used: 1, damaged: 1 })
  })

  it('a text without an end is not held', async () => {
    const { summary } = await read(`${XML}<Event ${'x'.repeat(3 << 20)}`)
    expect(summary).toMatchObject({ used: 1 })
    expect(summary.damaged).toBeGreaterThanOrEqual(1)
    const json = await read(`${JSON.stringify(BEAT)}\n{"a":"${'x'.repeat(3 << 20)}`)
    expect(json.summary).toMatchObject({ used: 1 })
    expect(json.summary.damaged).toBeGreaterThanOrEqual(1)
  })

  it('an entity of a document is not opened', async () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<Events>${XML.replace('alice', '&b;')}${XML}</Events>`
    const { events } = await read(bomb)
    expect(events.map(({ data }) => data.get('TargetUserName')).filter((user) => user?.includes('aaa'))).toEqual([])
  })
})

describe('a folder', () => {
  it('gives its logs, and leaves other files alone', () => {
    const below = join(folder, 'host', 'logs')
    mkdirSync(below, { recursive: true })
    const evtx = written(FORMS.evtx!, 'host/logs/Security.evtx')
    const json = written(FORMS.NXLog!, 'host/events.json')
    written('some notes, about this', 'host/notes.txt')
    written(Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'), 'host/day.pcap')
    expect(expandEventFiles([join(folder, 'host'), json])).toEqual([json, evtx].sort())
  })
})
