/**
 * `ntlmscope devices`: the scorecards of all devices side by side. Ends as `device` does, by the worst of them.
 */
import type { Command } from 'commander'
import { type HostPattern, hostPattern } from '../../facts/filter.ts'
import type { DeviceMatrix } from '../../judge/device.ts'
import { MATRIX_FORMATS, namesOf } from '../../output/formats.ts'
import type { PageWords } from '../../output/writer.ts'
import { EXIT } from '../exit.ts'
import { CAPTURE_HELP, collect, formatOption, type ReadWords, withReading } from '../options/argument.ts'
import { knownNames, type NameWords, withNames } from '../options/naming.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'

interface Words extends ReadWords, NameWords {
  readonly host?: readonly HostPattern[]
  readonly format: keyof typeof MATRIX_FORMATS
}

export function registerDevices(top: Command, session: Session): void {
  withReading(withNames(top.command('devices')), session)
    .argument('<capture...>', CAPTURE_HELP)
    .description('the scorecards of all devices side by side: a row a host')
    .option('--host <host>', 'this device, not all: address or name; repeatable', collect(hostPattern))
    .addOption(formatOption(namesOf(MATRIX_FORMATS)))
    .addHelpText('after', HELP)
    .action((captures: string[], words: Words) => devices(session, captures, words))
}

const HELP = `
Examples:
  ntlmscope devices trial-*.pcapng --format csv > devices.csv
  ntlmscope devices trial.pcapng --host nas1 --host printer1

Only what was proven passes: refused, not offered, or used as it should be.
devices ends with ${EXIT.ok} where every device passed everything, ${EXIT.notMet} where something failed,
${EXIT.notObserved} where nothing failed but something was not tested.`

async function devices(session: Session, captures: readonly string[], words: Words): Promise<void> {
  const known = knownNames(session, words)
  if (known === null) return
  const { deviceMatrix } = await import('../../judge/device.ts')
  const asked = (words.host ?? []).map((host) => known.resolve(host))
  await session.prove(captures, words, async (report, out) => {
    const matrix = deviceMatrix(report, asked)
    const render: (value: DeviceMatrix, page: PageWords) => string = await MATRIX_FORMATS[words.format]()
    out.write(render(matrix, pageWords(session.io, words.output)))
    return matrix.state
  })
}
