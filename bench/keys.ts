/**
 * What opening TLS costs: downloads in records of 16 KiB, half of them TLS 1.3 and half TLS 1.2 (AES-GCM), read with
 * their key log, without it, and by tshark with the same log. In turn; medians; processor time is the steadier figure.
 */
import { appendFileSync, cpSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pcap, pcapRecord } from '../test/builders/capture.ts'
import { httpRequest, httpResponse } from '../test/builders/http.ts'
import { tcpConversation } from '../test/builders/net.ts'
import { tlsTalk } from '../test/builders/tls.ts'
import {
  type Command,
  countText,
  inTurn,
  median,
  medianOrNull,
  megabytesText,
  NODE,
  PROGRAM,
  resultTable,
  secondsText,
  versionOf,
  warm,
} from './measure.ts'
import { benchFolder, sizeText } from './mix.ts'

const DOWNLOAD_BYTES = 4 << 20
const DOWNLOADS = 4

export interface KeysOptions {
  readonly bytes: number
  readonly rounds: number
}

export async function keys({ bytes, rounds }: KeysOptions, print: (text: string) => void): Promise<void> {
  const { path, keyLog } = await cachedDownloads(bytes, print)
  await warm(path)
  const ours: Command = [NODE, PROGRAM, 'analyze', path]
  const contestants: readonly (readonly [name: string, command: Command])[] = [
    ['ntlmscope with keys', [...ours, '--keylog', keyLog]],
    ['ntlmscope without', ours],
    ...(versionOf('tshark') === null
      ? []
      : [['tshark', ['tshark', '-r', path, '-o', `tls.keylog_file:${keyLog}`, '-Y', 'ntlmssp or kerberos']] as const]),
  ]
  const runs = await inTurn(contestants, rounds, print)
  const { size } = statSync(path)
  const table = resultTable(['', 'rounds', 'seconds', 'cpu s', 'MB/s', 'peak', 'time / ours'], 1)
  let ourSeconds: number | null = null
  for (const [name, done] of runs) {
    const seconds = median(done.map((one) => one.seconds))
    ourSeconds ??= seconds
    table.push([
      name,
      String(done.length),
      secondsText(seconds),
      secondsText(medianOrNull(done.map((one) => one.cpuSeconds))),
      countText(size / 1e6 / seconds),
      megabytesText(medianOrNull(done.map((one) => one.peakBytes))),
      (seconds / ourSeconds).toFixed(2),
    ])
  }
  print(table.toString())
}

/** Built once. */
async function cachedDownloads(bytes: number, print: (text: string) => void) {
  const path = join(benchFolder(), `keys-${sizeText(bytes).replace(' ', '')}.pcap`)
  const keyLog = `${path}.keys`
  if (existsSync(path) && existsSync(keyLog)) return { path, keyLog }
  print(`building ${path}`)
  // compiled tests have no certificates beside them
  const certificates = 'test/builders/certificates'
  cpSync(
    fileURLToPath(new URL(`../../${certificates}`, import.meta.url)),
    fileURLToPath(new URL(`../${certificates}`, import.meta.url)),
    { recursive: true },
  )
  const unfinished = `${path}.part`
  writeFileSync(unfinished, pcap([]))
  rmSync(keyLog, { force: true })
  const body = Buffer.alloc(DOWNLOAD_BYTES, 'what is downloaded. ').toString('latin1')
  const said = Array.from({ length: DOWNLOADS }, (_, at) => [
    { from: 'client' as const, data: httpRequest({ target: `/${at}`, headers: { Host: 'web1.corp.example' } }) },
    {
      from: 'server' as const,
      data: httpResponse({ headers: { 'Content-Length': String(DOWNLOAD_BYTES) }, body }),
    },
  ]).flat()
  for (let port = 40_000; statSync(unfinished).size < bytes; port++) {
    const talk = await tlsTalk({ version: port % 2 === 0 ? 'TLSv1.3' : 'TLSv1.2', ciphers: CIPHERS[port % 2]!, said })
    const frames = tcpConversation(
      talk.pieces.map(({ from, bytes: data }) => ({ from: from === 0 ? 'client' : 'server', data })),
      { client: { address: '10.1.1.7', port }, server: { address: '10.1.1.9', port: 443 } },
    )
    appendFileSync(
      unfinished,
      Buffer.concat(frames.map((bytes, at) => pcapRecord({ time: BEGIN_MICROS + 10 * at, bytes }))),
    )
    appendFileSync(keyLog, talk.keyLog)
  }
  cpSync(unfinished, path)
  rmSync(unfinished)
  return { path, keyLog }
}

const CIPHERS = ['TLS_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384']

const BEGIN_MICROS = 1_764_000_000e6
