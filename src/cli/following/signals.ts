/**
 * Signals of what goes on until somebody ends it. HUP says two things: whoever rotates logs wants the file of the
 * output opened again, and a terminal that closes has nobody left to tell. On Windows it is always the second: the
 * console was closed, and the process is ended ten seconds later.
 */
export interface SignalWords {
  /** it is to end */
  readonly stop: () => void
  /** the file of the output is closed and opened again; null: there is no file */
  readonly reopen: (() => void) | null
}

/** What it gives takes them off again. */
export function onSignals({ stop, reopen }: SignalWords, platform = process.platform): () => void {
  const hangUp = reopen === null || platform === 'win32' ? stop : reopen
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', hangUp)
  return () => process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', hangUp)
}
