/**
 * The build: `dist/src/` in few files. A report as text loads 15 files instead of 178, `--version` 3 instead of 29: processor time of a start as a ratio to
 * that of `node -e 0`, before and after: 5.2 and 3.9 (a capture of 93 kB), 1.8 and 1.2.
 *
 * Packages that nearly every run needs are taken in, with their licences beside them (`dist/licences.txt`); the others are loaded where they are needed.
 * Names stay as they are written, so that a stack trace is readable. Types are made by tsc.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { defineConfig } from 'rolldown'

const TAKEN_IN = new Set([
  'buffer-layout',
  'cli-table3',
  'commander',
  'd3-scale',
  'd3-shape',
  'd3-time-format',
  'picocolors',
  'preact',
  'preact-render-to-string',
  'string-width',
])

/** `name` or `@scope/name` of an import; null: a path, or a part of Node */
function packageOf(specifier) {
  return /^(?!node:)(?![./]|[A-Za-z]:)(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[1] ?? null
}

/** Of every package that was taken in: name, version and licence text. */
const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const folders = new Set()
    for (const chunk of Object.values(bundle)) {
      for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
        const [folder] = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []
        if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder)
      }
    }
    const texts = [...folders].sort().map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
      const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
      return `${name} ${version}: ${license}${text}\n`
    })
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) })
  },
}

/**
 * Most of what is printed is ASCII, a column each, and needs none of the large expressions that find the other widths:
 * a twentieth of a start with a report as text.
 */
const narrow = {
  name: 'narrow',
  transform(code, id) {
    if (!/[\\/]string-width[\\/]index\.js$/.test(id)) return null
    const before = 'string = stripAnsi(string);'
    if (!code.includes(before)) this.error(`${id} is not as it was`)
    return { code: code.replace(before, `if (/^[ -~]*$/.test(string)) return string.length; ${before}`), map: null }
  },
}

/**
 * One letter outside of Latin-1 makes V8 keep a whole file in two bytes a character, in each thread: of 5 MB of code and sources 1.5. Comments are a third of the files.
 */
const ascii = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk') chunk.code = escaped(chunk.code)
  },
}

function escaped(code) {
  return code.replaceAll(/[^\n -~\t]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** These files, from the root; what they import goes with them. */
function files(...names) {
  return new RegExp(`[/\\\\](${names.map((name) => name.replaceAll('/', '[/\\\\]')).join('|')})\\.ts$`)
}

/** These files of src/. */
function sources(...names) {
  return files(...names.map((name) => `src/${name}`))
}

export default defineConfig({
  // the program, the library, the threads
  input: {
    'worker-source': 'src/reading/worker-source.ts',
    cli: 'src/cli.ts',
    ntlmscope: 'src/ntlmscope.ts',
    worker: 'src/reading/worker.ts',
    dissecting: 'src/dissect/threads/dissecting.ts',
  },
  platform: 'node',
  logLevel: 'warn',
  // loaded late where few need it, and in one file with others that need it at once: both are meant
  checks: { ineffectiveDynamicImport: false },
  external(specifier, importer) {
    if (importer?.includes(`${sep}node_modules${sep}`)) return false
    const name = packageOf(specifier)
    return name !== null && !TAKEN_IN.has(name)
  },
  plugins: [licences, narrow, ascii],
  output: {
    dir: 'dist/src',
    cleanDir: true,
    chunkFileNames: '[name].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: { legal: true, annotation: false, jsdoc: false },
    codeSplitting: {
      // one file a part of a run: what --version needs, --help, reading (in both threads), starting a thread, understanding and a report as text
      groups: [
        { name: 'start', test: sources('cli/exit', 'cli/version', 'output/page/visible'), priority: 5 },
        {
          // what the reading thread shares with the command line, of which it needs nothing else
          name: 'parts',
          test: files(
            'decoders/parts/interned',
            'decoders/parts/ntstatus',
            'decoders/parts/text',
            'src/capture/linktype',
            'src/engine/layout',
            'src/facts/frames',
            'src/memory/limits',
            'src/net/protocols',
            'src/stream/wrapped',
          ),
          priority: 6,
        },
        { name: 'command-line', test: sources('cli/command-line', 'cli/session'), priority: 4 },
        // of a page, what rows need that are no report: questions to stored facts read no packets
        { name: 'page', test: sources('output/page/layout', 'output/page/json-text'), priority: 3.5 },
        {
          name: 'reading',
          // carriers go with the reading half, mechanisms do not: its thread never calls them
          test: files('decoders/registry', 'src/reading/reading', 'src/reading/handover', 'src/memory/heap'),
          priority: 3,
        },
        // started before the rest is loaded
        { name: 'reading-thread', test: sources('reading/reading-thread'), priority: 7 },
        { name: 'worker-source', test: sources('reading/worker-source'), priority: 2 },
        {
          // what the threads that dissect need of understanding
          name: 'dissection',
          test: sources('dissect/dissector', 'dissect/threads/happenings'),
          priority: 2,
        },
        {
          name: 'analysis',
          test: sources('dissect/dissector', 'run/analyze', 'judge/fail-on', 'output/json', 'output/text/report'),
          priority: 1,
        },
      ],
    },
  },
})
