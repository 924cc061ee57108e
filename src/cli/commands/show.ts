/**
 * `ntlmscope show`: one message as a tree. Ends with 1 where no message ends in that frame.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../exit.ts'
import { withKeys } from '../options/argument.ts'
import type { Session } from '../session.ts'

export function registerShow(top: Command, session: Session): void {
  withKeys(top.command('show').argument('<capture>', 'one capture file'), session)
    .description('one message as a tree, for whoever doubts a verdict')
    .requiredOption('-n, --frame <number>', 'the frame in which the message ends, as reports name it', frameNumber)
    .action((capture: string, words: { frame: number }) => show(session, capture, words.frame))
}

function frameNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('A frame is a number from 1 on.')
  return Number(text)
}

async function show(session: Session, capture: string, frame: number): Promise<void> {
  const { CaptureError } = await session.parts.captures()
  const { show } = await session.parts.show()
  try {
    const { keyLogs, privateKeys, keytabs } = session
    const keys = { keys: { keyLogs, privateKeys, mayGrow: false }, keytabs }
    if (await show(capture, frame, (line) => session.io.out.write(`${line}\n`), keys)) return
    session.complain(`${capture}: no authentication message ends in frame ${frame}`)
    session.exitCode = EXIT.notFound
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    session.unreadable(error.message)
  }
}
