/**
 * Where clients get the names of servers from: DFS links, redirects of web servers, answers of name services that
 * anybody may give, and files that are opened before, in which a name stands or may stand (opened-files.ts).
 *
 * Filled in any order and read when a cause is decided, so every note has its time. Bounded in all and for each client,
 * the oldest first out.
 */

import type {
  FileGiven,
  FileOpened,
  FilePiece,
  NameAnswer,
  NameQuestion,
  PieceAsked,
  SentElsewhere,
  ShareAsked,
  ShareGiven,
} from '../../decoders/carrier.ts'
import { interned } from '../../decoders/parts/interned.ts'
import type { NameOriginKind } from '../facts/exchange.ts'
import { deleteOldest, withLatest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import { OpenedFile } from './opened-files.ts'

/** What one client was told about one name. */
export interface NameNote {
  readonly kind: NameOriginKind
  /** lower case */
  readonly host: string | null
  /** what sends there: a DFS link, a URL, a file; of a name service the name that was asked for */
  readonly where: string
  /** the address of who said it */
  readonly by: string
  readonly time: number
  /** frame key */
  readonly frame: number
}

/** Who said something to whom, and when. */
interface Said {
  readonly client: string
  readonly server: string
  /** of the client */
  readonly port: number
  readonly time: number
  readonly frame: number
}

/**
 * a referral is remembered for five minutes, often for thirty (MS-DFSC 3.1.1); what was told an hour ago proves less
 */
const TOLD_MICROS = 900e6
/** what a script or a policy says to do is done at once */
const OPENED_MICROS = 120e6
/** a script is opened anew for each of its lines */
const SAME_MICROS = 10e6
/** who asked everybody is answered by then */
const ASKED_MICROS = 10e6
const ASKED_MAX = 1024
const ASKERS_MAX = 16
/** two clocks of captures may differ by so much */
const JITTER_MICROS = 1e6
/** notes of one client, of each list */
const NOTES_MAX = 32
const FILES_MAX = 16
const NOTES_ALL_MAX = 32_768

interface ClientNotes {
  told: readonly NameNote[]
  files: readonly OpenedFile[]
}

export class NameOrigins {
  readonly #clients = new Map<string, ClientNotes>()
  #noted = 0
  /** who asked everybody for a name, the latest last */
  readonly #askers = new Map<string, readonly { readonly client: string; readonly time: number }[]>()
  /** paths of SYSVOL and NETLOGON by connection and message, then by connection and tree */
  readonly #shares = new Map<string, string>()
  /** files that were opened by connection and message or number, and those of which a piece was asked for */
  readonly #files = new Map<string, OpenedFile>()
  readonly #pieces = new Map<string, { readonly file: OpenedFile; readonly offset: number }>()

  sentElsewhere({ by, links }: SentElsewhere, said: Said): void {
    for (const { host, where } of links) this.#tell(said, by, host, where)
  }

  /** Somebody asks everybody for a name: mDNS is answered to everybody as well (RFC 6762 6). */
  asked({ protocol, name }: NameQuestion, client: string, time: number): void {
    if (protocol !== 'mdns') return
    const key = name.toLowerCase()
    const before = (this.#askers.get(key) ?? NOTHING).filter((one) => one.client !== client)
    this.#askers.delete(key)
    if (this.#askers.size >= ASKED_MAX) deleteOldest(this.#askers)
    this.#askers.set(key, withLatest(before, { client, time }, ASKERS_MAX))
  }

  /** An answer of a name service that anybody may give: not of DNS, which is where names should stand. */
  resolved({ protocol, name, records }: NameAnswer, said: Said): void {
    if (protocol === 'dns') return
    const given = records.filter(({ type }) => type === 'A' || type === 'AAAA' || type === 'NB')
    if (given.length === 0) return
    // mDNS does not repeat the question
    const names = name !== null ? [name] : protocol === 'mdns' ? [...new Set(given.map((one) => one.name))] : NOTHING
    for (const each of names) {
      const host = each.replace(/\.local$/i, '')
      const isToAll = /^(22[4-9]|23\d)\.|^ff/i.test(said.client)
      const clients = isToAll ? this.#askersOf(each, said.time) : [said.client]
      for (const client of clients) this.#tell({ ...said, client }, protocol, host, each)
    }
  }

  #askersOf(name: string, time: number): readonly string[] {
    const askers = this.#askers.get(name.toLowerCase()) ?? NOTHING
    return askers.filter((one) => isBefore(one, time + JITTER_MICROS, ASKED_MICROS)).map(({ client }) => client)
  }

  shareAsked({ message, path }: ShareAsked, said: Said): void {
    this.#keepShare(`${connectionKey(said)} m${message}`, path)
  }

  shareGiven({ message, tree }: ShareGiven, said: Said): void {
    if (this.#shares.size === 0) return
    const key = connectionKey(said)
    const asked = this.#shares.get(`${key} m${message}`)
    if (asked === undefined) {
      // the number may have been that of another share before
      this.#shares.delete(`${key} t${tree}`)
      return
    }
    this.#shares.delete(`${key} m${message}`)
    this.#keepShare(`${key} t${tree}`, asked)
  }

  fileOpened({ message, tree, name, isWhole }: FileOpened, said: Said): void {
    const key = connectionKey(said)
    const share = this.#shares.get(`${key} t${tree}`)
    if (share === undefined) return
    const path = interned(isWhole ? `\\\\${name.replace(/^\\+/, '')}` : `${share}\\${name.replace(/^\\+/, '')}`)
    const notes = this.#of(said.client)
    const before = notes.files.findLast(({ where }) => where === path)
    if (before !== undefined && said.time - before.latest < SAME_MICROS) {
      before.openedAgain(said.time)
      keep(this.#files, `${key} m${message}`, before)
      return
    }
    const file = new OpenedFile(path, said.server, said.time, said.frame)
    if (before !== undefined) file.inherit(before)
    const gone = notes.files.length < FILES_MAX ? 0 : notes.files[0]!.weight
    notes.files = withLatest(notes.files, file, FILES_MAX)
    this.#noteMore(file.weight - gone)
    keep(this.#files, `${key} m${message}`, file)
  }

  fileGiven({ message, file, bytes }: FileGiven, said: Said): void {
    const key = connectionKey(said)
    const opened = this.#files.get(`${key} m${message}`)
    if (opened === undefined) {
      // the number may have been that of another file before
      this.#files.delete(`${key} f${file}`)
      return
    }
    opened.given(bytes)
    keep(this.#files, `${key} f${file}`, opened)
  }

  pieceAsked({ message, file, opens, offset }: PieceAsked, said: Said): void {
    const key = connectionKey(said)
    const opened = this.#files.get(file === null ? `${key} m${opens}` : `${key} f${file}`)
    if (opened !== undefined) keep(this.#pieces, `${key} ${message}`, { file: opened, offset })
    else this.#pieces.delete(`${key} ${message}`)
  }

  pieceGiven({ message, bytes, mentions }: FilePiece, said: Said): void {
    const key = `${connectionKey(said)} ${message}`
    const asked = this.#pieces.get(key)
    if (asked === undefined) return
    this.#pieces.delete(key)
    const { file, offset } = asked
    const { weight } = file
    file.read(offset, bytes, mentions, said)
    // of one that was pushed out nobody asks any more
    if (this.#clients.get(said.client)?.files.includes(file) === true) this.#noteMore(file.weight - weight)
  }

  /**
   * The latest that told this client one of these names (lower case) before it connected, or at that moment, since two
   * clocks of captures may differ; null: nothing did.
   */
  told(client: string, names: readonly string[], time: number): NameNote | null {
    const told = this.#clients.get(client)?.told.filter(({ host }) => names.includes(host!)) ?? NOTHING
    return (
      told.findLast((note) => isBefore(note, time, TOLD_MICROS)) ??
      told.findLast((note) => isBefore(note, time + JITTER_MICROS, TOLD_MICROS)) ??
      null
    )
  }

  /** What this client opened just before and has a name in it or may have, the latest first. */
  opened(client: string, time: number): readonly OpenedFile[] {
    const notes = this.#clients.get(client)
    return notes?.files.filter((file) => isBefore(file, time, OPENED_MICROS)).toReversed() ?? []
  }

  #tell(said: Said, kind: NameOriginKind, name: string, where: string): void {
    const notes = this.#of(said.client)
    const { length } = notes.told
    const host = interned(name.toLowerCase())
    const same = notes.told.filter((note) => note.kind === kind && note.host === host && note.where === where)
    // of what is told again and again the last two: a client asks once more when it is there
    const told = same.length < 2 ? notes.told : notes.told.filter((note) => note !== same[0])
    notes.told = withLatest(told, noteOf(said, kind, host, where), NOTES_MAX)
    this.#noteMore(notes.told.length - length)
  }

  #keepShare(key: string, path: string): void {
    keep(this.#shares, key, path)
  }

  #noteMore(count: number): void {
    this.#noted += count
    while (this.#noted > NOTES_ALL_MAX) {
      const gone = deleteOldest(this.#clients)
      if (gone === undefined) return
      this.#noted -= gone.told.length + gone.files.reduce((sum, { weight }) => sum + weight, 0)
    }
  }

  #of(client: string): ClientNotes {
    const known = this.#clients.get(client)
    if (known !== undefined) return known
    const made: ClientNotes = { told: NOTHING, files: NOTHING }
    this.#clients.set(client, made)
    return made
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  if (map.size >= LIMITS.refusalsMax) deleteOldest(map)
  map.set(key, value)
}

const NOTHING: readonly never[] = Object.freeze([])

function noteOf({ server, time, frame }: Said, kind: NameOriginKind, host: string | null, where: string): NameNote {
  return { kind, host, where, by: server, time, frame }
}

function connectionKey({ client, server, port }: Said): string {
  return `${client} ${port} ${server}`
}

function isBefore(note: { readonly time: number }, time: number, within: number): boolean {
  return note.time <= time && time - note.time <= within
}
