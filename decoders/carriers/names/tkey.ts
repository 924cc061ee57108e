/**
 * GSS-TSIG: how a client that updates its names authenticates to its DNS server, by TKEY records that carry GSS tokens.
 *
 * Specification: RFC 2930 2 to 4 (TKEY), RFC 3645 (GSS-TSIG), MS-GSSA, RFC 8945 (TSIG; error codes). Each round is a
 * query and its answer, under a key name that the client makes up; an answer without a TSIG record asks for another
 * round, the last one is signed (RFC 3645 2.2). Not here: the update that is signed with the key, and other modes of
 * TKEY. Tokens borrow the message.
 */
import { type CarrierMessage, EMPTY_LEG, type LegStep, type Status } from '../../carrier.ts'
import { type Outcome, read } from '../../outcome.ts'
import { Cursor } from '../../parts/cursor.ts'
import { dnsCodeName, firstType, readName } from './dns-message.ts'

const TKEY = 249
const TSIG = 250
const RESPONSE = 0x8000
const RCODE = 0x000f
/** RFC 2930 2.5 */
const MODE_GSS_API = 3
/** A query or an answer of TKEY has three. */
const RECORDS_MAX = 16

/** RFC 8945 6, RFC 2930 2.6 */
const ERRORS: Readonly<Record<number, string>> = {
  16: 'BADSIG',
  17: 'BADKEY',
  18: 'BADTIME',
  19: 'BADMODE',
  20: 'BADNAME',
  21: 'BADALG',
}

/**
 * Is the first thing that this message asks or tells a TKEY record? `at`: of its ID, of a message that `isDnsMessage`
 * accepts. Hot.
 */
export function isTkey(bytes: Uint8Array, at: number): boolean {
  return firstType(bytes, at) === TKEY
}

interface Found {
  /** RDATA of the TKEY record; null: there is none */
  tkey: Cursor | null
  /** owner of the question or of the record: the name of the key */
  name: string
  signed: boolean
}

/** One round, from its ID on. `fields`: keyName, algorithm (gss-tsig, gss.microsoft.com), error. */
export function tkeyMessage(bytes: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const cursor = new Cursor(bytes)
  const message = cursor.u16be().toString(16)
  const flags = cursor.u16be()
  const found = records(bytes, cursor)
  const from = (flags & RESPONSE) === 0 ? 'client' : 'server'
  const common = { protocol: 'dns', type: 'TKEY', from, service: 'dns' } as const
  const leg: LegStep = { ...EMPTY_LEG, from, slot: found.name.toLowerCase(), message }
  const fault = cursor.failed ? ({ reason: 'cut', where: 'TKEY' } as const) : null
  if (found.tkey === null) {
    const code = flags & RCODE
    const status: Status = { code, name: dnsCodeName(code), detail: null }
    // a server that knows no TKEY refuses without one
    if (from === 'client' || code === 0) return read([], fault)
    const fields = { keyName: found.name, algorithm: null, error: status.name }
    return read([{ ...common, fields, steps: [{ ...leg, outcome: 'failure', status }] }], fault)
  }
  const { algorithm, mode, error, key, failed } = tkeyFields(found.tkey)
  if (mode !== MODE_GSS_API) return read([], fault)
  const code = error === 0 ? flags & RCODE : error
  const status: Status = { code, name: ERRORS[code] ?? dnsCodeName(code), detail: null }
  const outcome = code !== 0 ? 'failure' : found.signed ? 'success' : 'continue'
  const fields = { keyName: found.name, algorithm, error: from === 'client' ? null : status.name }
  const said: LegStep =
    from === 'client'
      ? { ...leg, method: 'SPNEGO', token: key }
      : { ...leg, token: key, outcome, status: outcome === 'continue' ? null : status }
  return read([{ ...common, fields, steps: [said] }], fault ?? (failed ? { reason: 'cut', where: 'TKEY.Key' } : null))
}

/**
 * Walks to the TKEY and TSIG records, in whichever section they stand: RFC 2930 4.1 puts TKEY among the additional
 * ones, Windows among the answers.
 */
function records(bytes: Uint8Array, cursor: Cursor): Found {
  const found: Found = { tkey: null, name: '', signed: false }
  const questions = cursor.u16be()
  const count = Math.min(cursor.u16be() + cursor.u16be() + cursor.u16be(), RECORDS_MAX)
  for (let at = 0; at < Math.min(questions, RECORDS_MAX) && !cursor.failed; at++) {
    found.name = readName(cursor)
    cursor.skip(4)
  }
  for (let at = 0; at < count && !cursor.failed; at++) {
    const name = readName(cursor)
    const type = cursor.u16be()
    cursor.skip(6)
    const length = cursor.u16be()
    if (type === TKEY && !cursor.failed) {
      found.tkey = new Cursor(bytes, cursor.pos, cursor.pos + length)
      found.name = name
    } else if (type === TSIG) found.signed = !cursor.failed
    cursor.skip(length)
  }
  return found
}

/*
 * TKEY RDATA, RFC 2930 2
 *   Algorithm (name), Inception (4), Expiration (4), Mode (2), Error (2), Key Size (2), Key Data, Other Size (2),
 *       Other Data
 */
function tkeyFields(data: Cursor) {
  const algorithm = readName(data)
  data.skip(8)
  const mode = data.u16be()
  const error = data.u16be()
  const size = data.u16be()
  const key = data.take(Math.min(size, data.remaining))
  return { algorithm, mode, error, key: key.length === 0 ? null : key, failed: data.failed || key.length < size }
}
