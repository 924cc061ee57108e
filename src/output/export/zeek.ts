/**
 * Zeek's logs: ntlm, kerberos, notice, conn, and one of our own with what those have no place for. As tab-separated
 * values or as JSON lines, with the fields of Zeek 7 in its order; ours stand behind them and begin with `ns_`.
 *
 * What Zeek leaves empty is filled: logons of NTLM over HTTP and what was refused, AP-REQs outside port 88.
 * `smb_mapping` and `ldap` are not written: tree names and LDAP operations are not in a report.
 */
import { hash } from 'node:crypto'
import type { AuthExchange, Endpoint, KdcExchange } from '../../facts/exchange.ts'
import type { Finding } from '../../findings/finding.ts'
import type { Report } from '../../report/report.ts'
import { jsonText } from '../page/json-text.ts'
import type { FolderWriter, Piece, ZeekWords } from './folder-writer.ts'
import { ZEEK_LOGS, type ZeekLog, type ZeekType } from './zeek-fields.ts'

/** A value as it is known; null is unset. Times are microseconds since 1970, intervals too. */
type Value = string | number | boolean | readonly string[] | null
type Entry = Readonly<Record<string, Value>>

export function zeekWriter(words: ZeekWords): FolderWriter {
  return new ZeekWriter(words)
}

/** A flow with its first and last message. */
interface Flow {
  readonly uid: string
  readonly client: Endpoint
  readonly server: Endpoint
  readonly proto: 'tcp' | 'udp'
  readonly communityId: string
  service: string
  start: number
  end: number
}

class ZeekWriter implements FolderWriter {
  readonly #words: ZeekWords
  readonly #begun = new Set<ZeekLog>()
  readonly #flows = new Map<string, Flow>()

  constructor(words: ZeekWords) {
    this.#words = words
  }

  *exchange(exchange: AuthExchange): Generator<Piece> {
    const { ntlm, kerberos, principal, status } = exchange
    const { start, end, client, server, service, communityId } = exchange
    const proto = exchange.carrier === 'radius' || exchange.carrier === 'tkeyUdp' ? 'udp' : 'tcp'
    yield* this.#ended({ communityId, client, server, proto, service: CONN_SERVICES[service] ?? service, start, end })
    const ids = this.#ids(communityId, start, client, server)
    if (ntlm !== null)
      yield* this.#line('ntlm', {
        ...ids,
        username: principal.user,
        hostname: principal.workstation,
        domainname: principal.domain,
        server_nb_computer_name: ntlm.challenge?.nbComputerName ?? null,
        server_dns_computer_name: ntlm.challenge?.dnsComputerName ?? null,
        server_tree_name: ntlm.challenge?.dnsTreeName ?? null,
        success: success(exchange.result),
        ns_service: service,
        ns_version: ntlm.ntlmVersion,
        ns_spn: exchange.target.spn,
        ns_origin: exchange.origin,
        ns_cause: exchange.cause?.code ?? null,
        ns_mic: ntlm.mic,
        ns_binding: exchange.channelBinding,
        ns_smb: exchange.smb?.effective ?? null,
        ns_status: status?.name ?? null,
        ...this.#ours(exchange),
      })
    if (kerberos !== null)
      yield* this.#line('kerberos', {
        ...ids,
        request_type: 'AP',
        client: principalText(principal.user, kerberos.realm),
        service: kerberos.sname,
        success: success(exchange.result),
        error_msg: kerberos.errorName,
        cipher: cipherName(kerberos.ticketEtype),
        ns_service: service,
        ns_transport: exchange.carrier,
        ns_error: kerberos.errorName,
        ns_binding: exchange.channelBinding,
        ns_smb: exchange.smb?.effective ?? null,
        ...this.#ours(exchange),
      })
    yield* this.#line('ntlmscope', {
      ...ids,
      service,
      mechanism: exchange.mechanism,
      method: exchange.method,
      result: exchange.result,
      status: status?.name ?? null,
      user: principal.user,
      domain: principal.domain,
      workstation: principal.workstation,
      client_name: client.name,
      server_name: server.name,
      spn: exchange.target.spn,
      ntlm_version: ntlm?.ntlmVersion ?? null,
      realm: kerberos?.realm ?? null,
      cipher: cipherName(kerberos?.ticketEtype ?? null),
      origin: exchange.origin,
      fallback: exchange.fallback,
      cause: exchange.cause?.code ?? null,
      cause_title: exchange.cause?.title ?? null,
      confidence: exchange.cause?.confidence ?? null,
      smb_dialect: exchange.smb?.dialect ?? null,
      smb_protection: exchange.smb?.effective ?? null,
      ldap_layer: exchange.ldap?.layer ?? null,
      rpc_level: exchange.rpc?.authLevel ?? null,
      channel_binding: exchange.channelBinding,
      mic: ntlm?.mic ?? null,
      visibility: exchange.visibility,
      ns_uid: exchange.uid,
      ...this.#ours(exchange),
    })
  }

  *kdc(exchange: KdcExchange): Generator<Piece> {
    const { communityId, time, client, kdc, error, request } = exchange
    const proto = exchange.transport === 'udp' ? 'udp' : 'tcp'
    yield* this.#ended({ communityId, client, server: kdc, proto, service: 'krb', start: time, end: time })
    if (IGNORED.has(error?.text ?? '') && !this.#words.all) return
    const asked = exchange.requested.length > 0 || exchange.flags.length > 0
    // a ticket was given: what it says counts, not what was asked for
    const { ticketSname = null, clientRealm = null } = exchange
    const realm = request === 'TGS' ? (clientRealm ?? exchange.realm) : exchange.realm
    yield* this.#line('kerberos', {
      ...this.#ids(communityId, time, client, kdc),
      request_type: request,
      client: principalText(exchange.cname, realm),
      service: ticketSname ?? exchange.sname,
      success: error !== null ? false : exchange.answered ? true : null,
      error_msg: error === null ? null : (error.text ?? error.name),
      from: exchange.from,
      till: exchange.till,
      cipher: cipherName(exchange.ticketEtype),
      forwardable: asked ? exchange.flags.includes('forwardable') : null,
      renewable: asked ? exchange.flags.includes('renewable') : null,
      ns_service: 'kdc',
      ns_transport: exchange.transport,
      ns_error: error?.name ?? null,
      ...this.#ours(exchange),
    })
  }

  *end(report: Report): Generator<Piece> {
    for (const finding of report.findings) yield* this.#notice(finding, report)
    for (const flow of this.#flows.values()) yield* this.#conn(flow)
    if (this.#words.json) return
    // an empty log is one as well: that nothing was found has been looked for
    for (const log of ['ntlm', 'kerberos', 'notice', 'conn', 'ntlmscope'] as const) {
      if (!this.#begun.has(log)) yield this.#head(log)
      yield { file: fileOf(log), text: `#close\t${logTime(this.#words.now())}\n` }
    }
  }

  *#notice(finding: Finding, { exchanges }: Report): Generator<Piece> {
    const { id, client, server, service, start } = finding
    const of = exchanges.find(
      (one) =>
        one.server.ip === server &&
        (client === null || one.client.ip === client) &&
        one.service === service &&
        one.start >= start,
    )
    const flow = of === undefined ? null : this.#ids(of.communityId, of.start, of.client, of.server)
    yield* this.#line('notice', {
      ...flow,
      ts: start,
      proto: of === undefined ? null : 'tcp',
      note: `NtlmScope::${id.replaceAll('-', '_')}`,
      msg: `${finding.title}: ${finding.detail}`,
      sub: finding.spn ?? finding.remediation,
      src: client,
      dst: server,
      p: of?.server.port ?? null,
      n: finding.count,
      peer_descr: this.#words.sensor,
      actions: ['Notice::ACTION_LOG'],
      suppress_for: 3600e6,
      ns_severity: finding.severity,
      ns_confidence: finding.confidence,
      ns_techniques: finding.techniques,
      ns_service: service,
      ns_uid: finding.uid,
      ns_capture: finding.capture,
      ns_frames: finding.frames.map(String),
    })
  }

  #conn({ uid, client, server, proto, communityId, service, start, end }: Flow): Iterable<Piece> {
    return this.#line('conn', {
      ts: start,
      uid,
      ...ends(client, server),
      proto,
      service,
      duration: end - start,
      community_id: communityId,
    })
  }

  /** What a flow did is joined; one of so many is written early, and begins anew if it goes on. */
  *#ended(seen: Omit<Flow, 'uid'>): Generator<Piece> {
    const known = this.#flows.get(seen.communityId)
    if (known !== undefined && seen.start - known.end <= FLOW_GAP_MICROS) {
      known.start = Math.min(known.start, seen.start)
      known.end = Math.max(known.end, seen.end)
      if (!known.service.split(',').includes(seen.service)) known.service = `${known.service},${seen.service}`
      return
    }
    if (known !== undefined) yield* this.#conn(known)
    this.#flows.delete(seen.communityId)
    this.#flows.set(seen.communityId, { ...seen, uid: connectionUid(seen.communityId, seen.start) })
    if (this.#flows.size <= FLOWS_MAX) return
    const [oldest] = this.#flows
    this.#flows.delete(oldest![0])
    yield* this.#conn(oldest![1])
  }

  #ids(communityId: string, ts: number, client: Endpoint, server: Endpoint): Entry {
    const uid = this.#flows.get(communityId)?.uid ?? connectionUid(communityId, ts)
    return { ts, uid, ...ends(client, server), community_id: communityId }
  }

  #ours({ capture, frames }: AuthExchange | KdcExchange): Entry {
    return { ns_capture: capture, ns_frames: frames.map(String) }
  }

  *#line(log: ZeekLog, entry: Entry): Generator<Piece> {
    if (!this.#begun.has(log) && !this.#words.json) yield this.#head(log)
    this.#begun.add(log)
    yield { file: fileOf(log), text: this.#words.json ? jsonLine(log, entry) : tabLine(log, entry) }
  }

  #head(log: ZeekLog): Piece {
    this.#begun.add(log)
    const fields = ZEEK_LOGS[log]
    const lines = [
      '#separator \\x09',
      '#set_separator\t,',
      '#empty_field\t(empty)',
      '#unset_field\t-',
      `#path\t${log}`,
      `#open\t${logTime(this.#words.now())}`,
      `#fields\t${fields.map(([name]) => name).join('\t')}`,
      `#types\t${fields.map(([, type]) => type).join('\t')}`,
    ]
    return { file: fileOf(log), text: `${lines.join('\n')}\n` }
  }
}

const fileOf = (log: ZeekLog) => `${log}.log`
/**
 * `ignored_errors` of `krb/main.zeek`: what MIT and Heimdal say where a logon begins. A KDC of Windows says it without
 * words, and is logged.
 */
const IGNORED: ReadonlySet<string> = new Set(['NEEDED_PREAUTH', 'Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ'])
/** a port that comes back after so long is another connection */
const FLOW_GAP_MICROS = 3600e6
const FLOWS_MAX = 100_000
/** Zeek's names of analyzers */
const CONN_SERVICES: Readonly<Record<string, string>> = {
  rpc: 'dce_rpc',
  winrm: 'http',
  'http-proxy': 'http',
  kdc: 'krb',
  mssql: 'tds',
}

function ends(client: Endpoint, server: Endpoint): Entry {
  return { 'id.orig_h': client.ip, 'id.orig_p': client.port, 'id.resp_h': server.ip, 'id.resp_p': server.port }
}

/** `alice/CORP.EXAMPLE`; `/CORP.EXAMPLE` where the client is not told, as Zeek writes it */
function principalText(name: string | null, realm: string | null): string | null {
  return name === null && realm === null ? null : `${name ?? ''}/${realm ?? ''}`
}

const success = (result: AuthExchange['result']) => (result === 'unknown' ? null : result === 'success')

/** `C` and 17 characters of base 62, the same in every run that sees the connection begin. */
export function connectionUid(communityId: string, start: number): string {
  let number = BigInt(`0x${hash('sha256', `${communityId} ${start}`, 'hex').slice(0, 28)}`)
  let text = ''
  for (let at = 0; at < 17; at++) {
    text += BASE_62[Number(number % 62n)]
    number /= 62n
  }
  return `C${text}`
}

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Zeek's names, `krb/consts.zeek`. */
export function cipherName(etype: number | null): string | null {
  return etype === null ? null : (CIPHERS[etype] ?? `unknown-${etype}`)
}

const CIPHERS: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  2: 'des-cbc-md4',
  3: 'des-cbc-md5',
  5: 'des3-cbc-md5',
  7: 'des3-cbc-sha1',
  16: 'des3-cbc-sha1-kd',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'rc4-hmac',
  24: 'rc4-hmac-exp',
  25: 'camellia128-cts-cmac',
  26: 'camellia256-cts-cmac',
}

// --- writing
// ---------------------------------------------------------------------------------------------------------------------

function tabLine(log: ZeekLog, entry: Entry): string {
  return `${ZEEK_LOGS[log].map(([name, type]) => tabValue(entry[name] ?? null, type)).join('\t')}\n`
}

function tabValue(value: Value, type: ZeekType): string {
  if (value === null) return '-'
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  if (type === 'time' || type === 'interval') return seconds(Number(value))
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escaped(value)
  return value.length === 0 ? '(empty)' : value.map((part) => escaped(part).replaceAll(',', '\\x2c')).join(',')
}

const seconds = (micros: number) => {
  const part = ((micros % 1e6) + 1e6) % 1e6
  return `${(micros - part) / 1e6}.${String(part).padStart(6, '0')}`
}

/**
 * A value that reads as unset or empty is none. The backslash that escapes, and what nobody would see or what moves
 * other text, are `\xHH` by bytes; letters of any script are written as they are, as Zeek does (`enable_utf_8`).
 */
function escaped(text: string): string {
  if (text === '') return '(empty)'
  const out = text.replace(HIDDEN, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  )
  return out === '-' || out === '(empty)' ? `\\x${out.charCodeAt(0).toString(16)}${out.slice(1)}` : out
}

/** the backslash; controls, format characters, half pairs, separators of lines */
const HIDDEN = /[\\\p{C}\p{Zl}\p{Zp}]/gu

function jsonLine(log: ZeekLog, entry: Entry): string {
  const out: Record<string, unknown> = {}
  for (const [name, type] of ZEEK_LOGS[log]) {
    const value = entry[name] ?? null
    if (value === null) continue
    out[name] = type === 'time' || type === 'interval' ? Number(value) / 1e6 : value
  }
  return `${jsonText(out)}\n`
}

/** `2026-11-23-09-19-19` */
function logTime(millis: number): string {
  return new Date(millis).toISOString().slice(0, 19).replace(/[T:]/g, '-')
}
