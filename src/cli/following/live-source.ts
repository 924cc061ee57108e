/**
 * Where the packets of a live capture come from: a capture program, standard input, what a switch sends. Each is asked
 * to end, and says how it ended.
 *
 * Started as root, the capture program is started first and everything else is done as somebody else.
 */
import { chownSync, existsSync, mkdirSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { CaptureSummary } from '../../capture/merge.ts'
import { CaptureError, standardInputStream } from '../../capture/open.ts'
import type { Coming, Succession } from '../../capture/succession.ts'
import {
  CaptureChild,
  captureProgram,
  captureWords,
  failureLines,
  permissionAdvice,
} from '../../live/capturing/child.ts'
import { widened } from '../../live/capturing/filter.ts'
import { captureInterfaces } from '../../live/capturing/interfaces.ts'
import { Listener } from '../../live/capturing/listen.ts'
import { dropPrivilegesTo, unprivilegedUser } from '../../live/capturing/privilege.ts'
import { ClosingSource } from '../../live/sources.ts'
import type { LiveWords } from '../options/live-words.ts'
import { OutputError } from '../out.ts'
import type { Session } from '../session.ts'

/** Where packets come from. */
export interface Source {
  /** what reports call it */
  readonly name: string
  readonly stream: Readable
  /** its last word is said */
  readonly closed: Promise<unknown>
  /** Ends it; what is under way still comes. */
  stop(): void
  /** it has packets that it did not give out yet */
  isBehind(): boolean
  /** packets that it says it dropped; null: it says nothing */
  dropped(): number | null
  /** a capture filter that it has; null: none */
  readonly filter: string | null
  /** why it ended, if it was not asked to; empty: it came to its end */
  failure(): Promise<readonly string[]>
}

/** then it has to be over */
export const END_MILLIS = 2000

export function listInterfaces(session: Session): void {
  const program = captureProgram(session.io.env)
  if (program === null) {
    session.unreadable(NO_PROGRAM)
    return
  }
  const { interfaces, advice } = captureInterfaces(program)
  const columns = Math.max(0, ...interfaces.map(({ name }) => name.length))
  for (const { name, words } of interfaces) session.io.out.write(`${name.padEnd(columns)}  ${words}\n`)
  if (advice !== null) session.unreadable(advice)
}

const NO_PROGRAM =
  'neither dumpcap nor tcpdump is here: install one (Debian: wireshark-common or tcpdump; Windows: Wireshark with Npcap), or pipe a capture into ntlmscope live -'

/** A folder that root makes is of no use to whoever we become. */
export function makeFolder(folder: string, { io }: Session): void {
  try {
    if (existsSync(folder)) return
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const user = unprivilegedUser(io.env)
    if (user !== null) chownSync(folder, user.uid, user.gid)
  } catch (error) {
    throw new OutputError(`${folder}: cannot be made (${(error as NodeJS.ErrnoException).code})`, true)
  }
}

export function lessen(session: Session): void {
  let user: ReturnType<typeof unprivilegedUser>
  try {
    user = unprivilegedUser(session.io.env)
    if (user !== null) dropPrivilegesTo(user)
  } catch (error) {
    throw new CaptureError((error as Error).message)
  }
  if (user !== null) session.complain(`started as root: reading and writing as ${user.name}`)
}

/** null: it cannot be had, and it was said. */
export async function liveSourceOf(session: Session, words: LiveWords): Promise<Source | null> {
  if (words.listen !== undefined) return listenerSource(words.listen, session)
  if (words.interface === undefined) return inputSource()
  const program = captureProgram(session.io.env, words.program)
  if (program === null) {
    session.unreadable(words.program === undefined ? NO_PROGRAM : `${words.program}: not found`)
    return null
  }
  const filter = words.filter === undefined ? null : widened(words.filter)
  if (filter !== null) session.complain(`capture filter: ${filter}`)
  const iface = words.interface
  const child = new CaptureChild(program, captureWords(program.name, iface, filter))
  return {
    name: iface,
    stream: child.stdout,
    closed: child.closed,
    stop: () => child.stop(),
    isBehind: () => child.isBehind,
    dropped: () => child.dropped,
    filter,
    failure: async () => {
      const code = await child.closed
      if (child.isStopped || code === 0) return []
      return failureLines(program, iface, child.complaint)
    },
  }
}

function inputSource(): Source {
  const stream = standardInputStream()
  return {
    name: '-',
    stream,
    closed: Promise.resolve(),
    // whoever writes it may have heard Ctrl-C as well, and ends it; if not, we do
    stop: () => {
      setTimeout(() => stream.destroy(), END_MILLIS / 2).unref()
    },
    isBehind: () => false,
    dropped: () => null,
    filter: null,
    failure: async () => [],
  }
}

async function listenerSource(listen: NonNullable<LiveWords['listen']>, session: Session): Promise<Source | null> {
  try {
    const listener = await Listener.open(listen)
    let isOpen = true
    return {
      name: listen.text,
      stream: listener.stream,
      closed: Promise.resolve(),
      stop: () => {
        if (isOpen) listener.close()
        isOpen = false
      },
      isBehind: () => false,
      dropped: () => listener.dropped,
      filter: null,
      failure: async () => [],
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'somebody else listens there' : code === 'EACCES' ? permissionAdvice() : message
    session.unreadable(`${listen.text}: cannot listen: ${why}`)
    return null
  }
}

/** One capture, and no other. */
export function only({ name, stream, closed, dropped, filter }: Source): Succession {
  let isGiven = false
  return {
    async next(_before: CaptureSummary | null): Promise<Coming | null> {
      if (isGiven) return null
      isGiven = true
      return { name, source: new ClosingSource(stream, closed), size: null, dropped, filter }
    },
    opened() {},
    refused(_name, error) {
      throw error
    },
  }
}
