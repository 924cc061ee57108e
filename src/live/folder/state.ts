/**
 * What a watch has to know after it was stopped, or killed: which files are done, which of them what goes on still
 * rests on, what was told of it, how much of the output stands. Written whole and renamed, so that it is always one
 * that holds.
 *
 * No state of the parser is in it. After a start those files are read again, and nothing of what was told is told once
 * more: so the causes are those of a watch that never stopped.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import type { Told } from '../revisions.ts'

export const WATCH_SCHEMA = 'ntlmscope-watch-1'
/** of a busy domain controller in the window in which causes are decided, with room; then the oldest are let go */
const TOLD_MAX = 200_000
const FILES_MAX = 100_000

/** A file that was read. */
export interface DoneFile {
  /** in its folder, with / */
  readonly name: string
  /** of its first bytes, and how many they are: a ring writes others under the same name */
  readonly head: string
  readonly headBytes: number
  readonly size: number
  /** bytes that were read of it; absent: it is packed or damaged, and was not read to its last byte */
  readonly until?: number
  /** of its first packet, and how many there were; absent: noted by an earlier version, or it had none */
  readonly first?: string
  readonly packets?: number
  /** the stretch of time in which it was read, counted from 0 */
  readonly stretch: number
  /** what it was called, or packed as, when it was seen last; absent: still the same */
  readonly alias?: FileAlias
  /** it was looked for to be read again, and was not there, which was said */
  readonly isGone?: true
}

/** Another name of a file that was read. */
export interface FileAlias extends Pick<DoneFile, 'name' | 'head' | 'headBytes'> {
  /** bytes, when its packets were counted; absent: noted by an earlier version, or nobody counted */
  readonly size?: number
}

/** A file of which something was told, and that is not read to its end yet: it may be packed when it is read again. */
export interface BegunFile extends FileAlias {
  /** of its first packet */
  readonly first: string
}

export interface WatchState {
  readonly schema: typeof WATCH_SCHEMA
  readonly folder: string
  /** in the order in which they were read */
  readonly files: readonly DoneFile[]
  /** as many of the last ones are read again */
  readonly replay: number
  /** those that are read now, or were when the watch was stopped; absent: noted by an earlier version */
  readonly begun?: readonly BegunFile[]
  /** what was told to the end, and in which stretch */
  readonly over: readonly (readonly [string, number])[]
  /** what stands in the report of a stretch and was not over then, and in which */
  readonly counted: readonly (readonly [string, number])[]
  /** what was told and goes on */
  readonly told: readonly (readonly [string, Told])[]
  /** the file of the output, and how much of it was written at this moment; null: no file */
  readonly output: { readonly inode: number; readonly bytes: number } | null
  readonly stretch: { readonly number: number; readonly begin: number | null }
  /** uids of findings and pairs, and the stretch in which each was seen last */
  readonly seen: readonly (readonly [string, number])[]
}

/** A state that cannot be used: `message` is one line. */
export class StateError extends Error {
  override name = 'StateError'
}

/** null: there is none yet. Throws StateError. */
export function readState(path: string, folder: string): WatchState | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new StateError(`${path}: the state cannot be read (${code})`)
  }
  let state: Partial<WatchState>
  try {
    state = JSON.parse(text)
  } catch {
    throw new StateError(`${path}: no state of a watch; name another file, or remove it to begin anew`)
  }
  if (state?.schema !== WATCH_SCHEMA || !Array.isArray(state.files) || !Array.isArray(state.over))
    throw new StateError(
      `${path}: expected a state of the form ${WATCH_SCHEMA}, found ${String(state?.schema).slice(0, 40)}; name another file, or remove it to begin anew`,
    )
  if (state.folder !== folder)
    throw new StateError(`${path}: is the state of another folder (${state.folder}); give each folder its own`)
  return state as WatchState
}

/** Throws StateError. */
export function writeState(path: string, state: WatchState): void {
  const bounded: WatchState = {
    ...state,
    files: state.files.slice(-FILES_MAX),
    over: state.over.slice(-TOLD_MAX),
  }
  const beside = `${path}.part`
  try {
    const file = openSync(beside, 'w', 0o600)
    try {
      for (let bytes = Buffer.from(JSON.stringify(bounded)); bytes.length > 0; )
        bytes = bytes.subarray(writeSync(file, bytes))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new StateError(`${path}: the state cannot be written (${code ?? message})`)
  }
}
