/**
 * TLS that a conversation in clear leads into: StartTLS and its like change how a service is spoken, not which. What
 * stays hidden has the service of what was said before, in pairs, conversations and the section of TLS, and `--service`
 * finds it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Service } from '../../decoders/carrier.ts'
import { NO_FILTER } from '../../src/facts/filter.ts'
import { analyze } from '../../src/run/analyze.ts'
import { extendedRequest, extendedResponse, START_TLS, searchRequest } from '../builders/ldap.ts'
import { captureOf, conversationAt } from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { TLS_SAMPLES } from '../decoders/tls.samples.ts'

const folder = temporaryFolder()
let files = 0

const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const lines = (...talk: readonly string[]): Message[] =>
  talk.map((line) => (line.startsWith('C') ? client : server)(Buffer.from(`${line.slice(3)}\r\n`, 'latin1')))
const HELLOS = [client(TLS_SAMPLES[0]!.record), server(TLS_SAMPLES[1]!.record)]

/** What is said in clear, by service; the port is none that says what TLS carries. */
const LEADS: readonly (readonly [Service, string, number, readonly Message[]])[] = [
  ['ldap', 'LDAP', 389, [client(extendedRequest(START_TLS)), server(extendedResponse(0, START_TLS))]],
  ['ldap', 'LDAP, unnamed answer', 389, [client(extendedRequest(START_TLS)), server(extendedResponse(0))]],
  ['ldap', 'LDAP, other port', 20_389, [client(extendedRequest(START_TLS)), server(extendedResponse(0))]],
  [
    'ldap',
    'LDAP after a search',
    389,
    [
      client(searchRequest('')),
      client(extendedRequest(START_TLS, undefined, 3)),
      server(extendedResponse(0, undefined, 3)),
    ],
  ],
  [
    'smtp',
    'SMTP',
    587,
    lines('S: 220 mx ESMTP', 'C: EHLO ws01', 'S: 250-mx', 'S: 250 STARTTLS', 'C: STARTTLS', 'S: 220 go ahead'),
  ],
  ['imap', 'IMAP', 143, lines('S: * OK IMAP4rev1 ready', 'C: a1 STARTTLS', 'S: a1 OK begin')],
  ['pop3', 'POP3', 110, lines('S: +OK POP3 ready', 'C: STLS', 'S: +OK begin')],
  ['nntp', 'NNTP', 119, lines('S: 200 news NNTP ready', 'C: STARTTLS', 'S: 382 go on')],
  ['ftp', 'FTP', 21, lines('S: 220 FTP server ready', 'C: AUTH TLS', 'S: 234 go on')],
  ['postgresql', 'PostgreSQL', 5432, [client(Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)), server(Buffer.from('S'))]],
]

async function read(port: number, messages: readonly Message[], service: readonly Service[] = []) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, captureOf(conversationAt(0, port, messages)))
  return analyze([path], { rethrow: true, filter: { ...NO_FILTER, service } })
}

function said({ pairs, conversations, tls }: Awaited<ReturnType<typeof read>>) {
  return {
    pairs: pairs.map(({ service, verdict }) => `${service} ${verdict}`),
    seen: conversations.filter(({ carrier }) => carrier === 'tls').map(({ service }) => service),
    tls: tls.servers.map(({ service }) => service),
  }
}

describe('TLS has the service of the conversation that led into it', () => {
  for (const [service, name, port, lead] of LEADS) {
    it(name, async () => {
      const expected = { pairs: [`${service} undetermined`], seen: [service], tls: [service] }
      expect(said(await read(port, [...lead, ...HELLOS]))).toEqual(expected)
      expect(said(await read(port, [...lead, ...HELLOS], [service]))).toEqual(expected)
      const other = said(await read(port, [...lead, ...HELLOS], ['smb']))
      expect(other).toEqual({ pairs: [], seen: [], tls: [] })
    })
  }

  it('and where only one side was captured', async () => {
    for (const [service, name, port, lead] of LEADS) {
      for (const from of ['client', 'server'] as const) {
        // the word STARTTLS is that of SMTP and NNTP; an agreement in words ("220 go ahead"), or in one octet, is
        // nobody's
        if (service === 'nntp' || (from === 'server' && service !== 'ldap')) continue
        const messages = [...lead, ...HELLOS].filter((message) => message.from === from)
        expect(said(await read(port, messages)).pairs, `${name}, ${from}`).toEqual([`${service} undetermined`])
      }
    }
  })

  it('which is unknown where TLS begins at once', async () => {
    expect(said(await read(389, HELLOS))).toEqual({
      pairs: ['unknown undetermined'],
      seen: ['unknown'],
      tls: ['unknown'],
    })
  })
})
