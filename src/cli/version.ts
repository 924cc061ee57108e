/**
 * The version of the program, as package.json has it: a constant of the build.
 */
import manifest from '../../package.json' with { type: 'json' }

export function version(): string {
  return manifest.version
}
