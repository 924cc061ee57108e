/**
 * The arrows of the layout hold: who may import whom, what files may be called, how long they may be. Read from the
 * sources themselves.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LINES_MAX = 800
const COMMENT_COLUMNS = 120

/** An import or re-export of one file. */
interface Arrow {
  readonly to: string
  /** only types: gone when it runs */
  readonly typeOnly: boolean
}

interface Source {
  readonly path: string
  readonly text: string
  readonly arrows: readonly Arrow[]
}

/**
 * Every arrow of a TypeScript source: static and dynamic imports, re-exports. Comments and strings hold no import lines
 * of this form.
 */
function arrowsOf(text: string): Arrow[] {
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '')
  const found: Arrow[] = []
  for (const [, type, names, to] of code.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'([^']+)'/gm)) {
    const inner = /\{([^}]*)\}/.exec(names!)
    const named = inner === null ? [] : inner[1]!.split(',').map((name) => name.trim())
    const values = named.filter((name) => name !== '' && !name.startsWith('type '))
    const others = names!.replace(/\{[^}]*\}/, '').replace(/[\s,]/g, '')
    found.push({ to: to!, typeOnly: type !== undefined || (values.length === 0 && others === '' && named.length > 0) })
  }
  for (const [, to] of code.matchAll(/^import\s+'([^']+)'/gm)) found.push({ to: to!, typeOnly: false })
  for (const [, to] of code.matchAll(/\bimport\('([^']+)'\)/g)) found.push({ to: to!, typeOnly: false })
  return found
}

function sourcesIn(folder: string): Source[] {
  const paths = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return (
    paths
      // a test may have packages of its own in its folder
      .filter((path) => /\.tsx?$/.test(path) && !path.split(sep).includes('node_modules'))
      .map((path) => {
        const full = join(ROOT, folder, path)
        const text = readFileSync(full, 'utf8')
        return { path: relative(ROOT, full).split(sep).join('/'), text, arrows: arrowsOf(text) }
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  )
}

/** The file that a relative arrow points to, from the root of the repository. */
function target(from: string, { to }: Arrow): string {
  return relative(ROOT, resolve(join(ROOT, dirname(from)), to))
    .split(sep)
    .join('/')
}

const isRelative = ({ to }: Arrow) => to.startsWith('.')
const decoders = sourcesIn('decoders')
const sources = sourcesIn('src')
const all = [...decoders, ...sources]

/**
 * The rooms of src, in the order of the data: what a file imports, types too, stands in its own room or in an earlier
 * one. Where the program and the library begin is above all rooms.
 */
const ROOMS: readonly string[] = [
  'memory',
  'texts',
  'facts',
  'keys',
  'capture',
  'net',
  'engine',
  'stream',
  'reading',
  'dissect',
  'context',
  'causes',
  'exchange',
  'events',
  'findings',
  'report',
  'judge',
  'store',
  'questions',
  'output',
  'slice',
  'run',
  'live',
  'cli',
]
/** Rooms that reach only some of the earlier ones, decoders apart. */
const REACHES: Readonly<Record<string, readonly string[]>> = {
  memory: [],
  facts: ['memory'],
  capture: ['memory'],
  net: ['capture', 'memory'],
  engine: ['capture', 'memory'],
  stream: ['engine', 'net', 'memory'],
  context: ['facts', 'memory'],
  causes: ['context', 'facts'],
  findings: ['facts', 'memory'],
  judge: ['report', 'findings', 'facts', 'memory'],
  slice: ['dissect', 'stream', 'net', 'capture', 'facts', 'memory'],
}
/** Carriers never look inside a token; the one of the KDC knows where its messages end. */
const MECHANISMS_IN_CARRIERS = ['decoders/carriers/kdc.ts -> decoders/mechanisms/kerberos-token.ts']
const FILES_MAX = 12
/** Plain lists of like things may be longer. */
const LISTS: readonly string[] = [
  'decoders/carriers',
  'src/cli/commands',
  'src/texts/ja',
  'src/findings/rules',
  'src/findings/watches',
  'src/output/export',
]
/** Parts of Node that a room may ask; a room that is not named asks none. What is pure stays pure, and easy to move. */
const NODE: Readonly<Record<string, readonly string[]>> = {
  memory: ['crypto', 'v8', 'vm'],
  facts: ['crypto', 'net'],
  keys: ['crypto', 'fs'],
  capture: ['fs', 'module', 'net', 'path', 'stream', 'tty', 'worker_threads', 'zlib'],
  engine: ['crypto', 'fs'],
  reading: ['crypto', 'fs', 'timers/promises', 'worker_threads'],
  dissect: ['crypto', 'timers/promises', 'worker_threads', 'zlib'],
  events: ['fs', 'path', 'stream', 'zlib'],
  report: ['fs', 'net'],
  judge: ['fs', 'net'],
  store: ['crypto', 'fs', 'net', 'os', 'path', 'readline', 'stream', 'zlib'],
  questions: ['crypto', 'fs', 'module', 'os', 'path'],
  output: ['crypto', 'zlib'],
  slice: ['fs'],
  run: ['fs', 'os', 'path'],
  live: ['child_process', 'crypto', 'dgram', 'fs', 'fs/promises', 'net', 'os', 'path', 'stream'],
  cli: ['child_process', 'crypto', 'fs', 'os', 'path', 'stream', 'url'],
}
/** What opens what others sealed: only `keys` may. */
const DECIPHERS = /\b(createDecipheriv|privateDecrypt|createPrivateKey)\b/
const MAY_DECIPHER = /^src\/keys\//

const ABOVE: readonly string[] = ['src/cli.ts', 'src/ntlmscope.ts']

/** What is known to be wrong and waits to be mended: these lists only shrink, since a line too many fails as well. */
const UPWARD: readonly string[] = []
/** Tests in `test/src/` of more than one file; they might stand in `test/scenarios/`. */
const ACROSS: readonly string[] = [
  'test/src/capture/decompress.test.ts',
  'test/src/capture/gzip.test.ts',
  'test/src/capture/witness.test.ts',
  'test/src/judge/plan.test.ts',
  'test/src/judge/switching.test.ts',
  'test/src/live/evidence.test.ts',
  'test/src/net/captures.test.ts',
  'test/src/net/wrappers.test.ts',
  'test/src/output/explained.test.ts',
  'test/src/output/export/exports.test.ts',
  'test/src/output/export/sigma.test.ts',
  'test/src/output/html/browser.test.ts',
  'test/src/texts/japanese.test.ts',
]
const TOO_LONG: readonly string[] = []
const TWICE: readonly string[] = []

function roomOf(path: string): number {
  return ABOVE.includes(path) ? ROOMS.length : ROOMS.indexOf(path.split('/')[1]!)
}

describe('the reader of import lines', () => {
  it('sees every form, and no other', () => {
    const text = [
      '/**',
      " * import { no } from './comment.ts'",
      ' */',
      "import { readFileSync } from 'node:fs'",
      "import type { A } from './a.ts'",
      "import { type B, c } from './b.ts'",
      "import { type D, type E } from './d.ts'",
      'import {',
      '  type F,',
      '  g,',
      "} from './f.ts'",
      "import * as h from './h.ts'",
      "import i, { type J } from './i.ts'",
      "import './k.ts'",
      "export type { L } from './l.ts'",
      "export { m } from './m.ts'",
      "export * from './n.ts'",
      "const text = `import { no } from './template.ts'`",
      "// import { no } from './line.ts'",
      "const later = await import('./o.ts')",
      "export const from = 'x'",
    ].join('\n')
    const seen = arrowsOf(text).map(({ to, typeOnly }) => `${typeOnly ? 'type ' : ''}${to}`)
    expect(seen).toEqual([
      'node:fs',
      'type ./a.ts',
      './b.ts',
      'type ./d.ts',
      './f.ts',
      './h.ts',
      './i.ts',
      'type ./l.ts',
      './m.ts',
      './n.ts',
      './k.ts',
      './o.ts',
    ])
  })

  it('has read this program', () => {
    expect(decoders.length).toBeGreaterThan(20)
    expect(sources.length).toBeGreaterThan(30)
    expect(all.flatMap(({ arrows }) => arrows).length).toBeGreaterThan(200)
  })
})

describe('imports', () => {
  it('point to files that exist, with their ending', () => {
    const broken = all.flatMap(({ path, arrows }) =>
      arrows
        .filter(isRelative)
        .filter((arrow) => !existsSync(join(ROOT, target(path, arrow))) || !/\.(tsx?|json)$/.test(arrow.to))
        .map(({ to }) => `${path} -> ${to}`),
    )
    expect(broken).toEqual([])
  })

  it('of decoders are decoders and buffer-layout: no Node, no state from elsewhere', () => {
    const foreign = decoders.flatMap(({ path, arrows }) =>
      arrows
        .filter((arrow) =>
          isRelative(arrow) ? !target(path, arrow).startsWith('decoders/') : arrow.to !== 'buffer-layout',
        )
        .map(({ to }) => `${path} -> ${to}`),
    )
    expect(foreign).toEqual([])
  })

  it('of src know their room', () => {
    const unknown = sources.filter(({ path }) => roomOf(path) < 0).map(({ path }) => path)
    expect(unknown, 'add the room to ROOMS').toEqual([])
  })

  it('of src never point to a later room, types neither', () => {
    const upward = sources.flatMap(({ path, arrows }) =>
      arrows
        .filter(isRelative)
        .map((arrow) => target(path, arrow))
        .filter((to) => to.startsWith('src/') && roomOf(to) > roomOf(path))
        .map((to) => `${path} -> ${to}`),
    )
    expect(upward).toEqual(UPWARD)
  })

  it('of some rooms reach few others', () => {
    const far = sources.flatMap(({ path, arrows }) => {
      const room = path.split('/')[1]!
      const reached = REACHES[room]
      return arrows
        .filter(isRelative)
        .map((arrow) => target(path, arrow))
        .filter((to) => to.startsWith('src/') && to.split('/')[1] !== room)
        .filter((to) => reached !== undefined && !reached.includes(to.split('/')[1]!))
        .map((to) => `${path} -> ${to}`)
    })
    expect(far).toEqual([])
  })

  it('of carriers are no mechanisms', () => {
    const looking = decoders
      .filter(({ path }) => path.startsWith('decoders/carriers/'))
      .flatMap(({ path, arrows }) =>
        arrows
          .filter((arrow) => !arrow.typeOnly)
          .map((arrow) => target(path, arrow))
          .filter((to) => to.startsWith('decoders/mechanisms/'))
          .map((to) => `${path} -> ${to}`),
      )
    expect(looking).toEqual(MECHANISMS_IN_CARRIERS)
  })

  it('of src do not reach out of decoders and src', () => {
    const outside = sources.flatMap(({ path, arrows }) =>
      arrows
        .filter(isRelative)
        .map((arrow) => target(path, arrow))
        .filter(
          (to) => !to.startsWith('src/') && !to.startsWith('decoders/') && !/^(package|schema\/.*)\.json$/.test(to),
        )
        .map((to) => `${path} -> ${to}`),
    )
    expect(outside).toEqual([])
  })

  it('of Node are those that a room may have', () => {
    const foreign = sources
      .filter(({ path }) => !ABOVE.includes(path))
      .flatMap(({ path, arrows }) =>
        arrows
          .filter(({ to }) => to.startsWith('node:'))
          .filter(({ to }) => !(NODE[path.split('/')[1]!] ?? []).includes(to.slice('node:'.length)))
          .map(({ to }) => `${path} -> ${to}`),
      )
    expect(foreign).toEqual([])
  })

  it('of registries hold every carrier and every mechanism', () => {
    const inRegistry = (registry: string, mark: RegExp, folder: string) => {
      const reached = new Set(all.find(({ path }) => path === registry)!.arrows.map((arrow) => target(registry, arrow)))
      const made = decoders.filter(({ path, text }) => path.startsWith(folder) && mark.test(text))
      expect(made.length).toBeGreaterThan(3)
      return made.map(({ path }) => path).filter((path) => !reached.has(path))
    }
    const carrier = /^export const \w+(: Carrier\b| = \{[^}]*\} satisfies Carrier)/m
    expect(inRegistry('decoders/registry.ts', carrier, 'decoders/carriers/')).toEqual([])
    const mechanism = /^export const \w+: Mechanism</m
    expect(inRegistry('decoders/token.ts', mechanism, 'decoders/mechanisms/')).toEqual([])
  })

  it('of packages are in the list of dependencies', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const packages = new Set(
      all
        .flatMap(({ arrows }) => arrows.filter((arrow) => !isRelative(arrow) && !arrow.to.startsWith('node:')))
        .map(({ to }) => /^(@[^/]+\/)?[^/]+/.exec(to)![0]),
    )
    const listed = { ...dependencies, ...peerDependencies }
    expect([...packages].filter((name) => !(name in listed))).toEqual([])
  })

  it('make no circle, types included', () => {
    const graph = new Map(
      all.map(({ path, arrows }) => [path, arrows.filter(isRelative).map((arrow) => target(path, arrow))]),
    )
    expect(circleIn(graph)).toBeNull()
  })

  it('the finder of circles finds one', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ])
    expect(circleIn(graph)).toBeNull()
    graph.set('d', ['c'])
    expect(circleIn(graph)).toEqual(['d', 'c', 'd'])
  })
})

describe('what stands on both sides of the engine', () => {
  it('are the ports of tunnels: one that it does not know is a foreign datagram to it', () => {
    const numbersIn = (path: string, part: RegExp, each: RegExp) => {
      const [body] = part.exec(all.concat(sourcesIn('engine')).find((source) => source.path === path)!.text)!
      return [...body.matchAll(each)].map(([, port]) => Number(port!.replace('_', ''))).sort((a, b) => a - b)
    }
    const looked = numbersIn('src/net/tunnel.ts', /function tunnelInUdp[\s\S]*?\n}/, /case ([\d_]+):/g)
    const stopped = numbersIn('engine/segment.ts', /function mayBeTunnel[\s\S]*?\n}/, /port === ([\d_]+)/g)
    expect(looked.length).toBeGreaterThan(8)
    expect(stopped).toEqual(looked)
  })
})

describe('files', () => {
  it('are named after what they hold', () => {
    const vague = all
      .map(({ path }) => path)
      .filter((path) => /^(index|types?|utils?.*|helpers?|common|misc)\.ts$/.test(basename(path)))
    expect(vague).toEqual([])
  })

  it(`are ${FILES_MAX} in a folder at most, and four in src itself`, () => {
    const count = new Map<string, number>()
    for (const { path } of all) count.set(dirname(path), (count.get(dirname(path)) ?? 0) + 1)
    const full = [...count].filter(([folder, files]) => files > (folder === 'src' ? 4 : FILES_MAX))
    expect(full.filter(([folder]) => !LISTS.includes(folder))).toEqual([])
  })

  it('have comments within the width of the formatter', () => {
    const others = ['engine', 'test', 'bench'].flatMap(sourcesIn)
    const wide = [...all, ...others].flatMap(({ path, text }) =>
      text
        .split('\n')
        .map((line, at) => [`${path}:${at + 1}`, line] as const)
        .filter(([, line]) => line.length > COMMENT_COLUMNS && /^\s*(\*|\/\*|\/\/)/.test(line))
        .map(([place]) => place),
    )
    expect(wide).toEqual([])
  })

  it('that open what is sealed stand in keys', () => {
    const opening = all.filter(({ path, text }) => DECIPHERS.test(text) && !MAY_DECIPHER.test(path))
    expect(opening.map(({ path }) => path)).toEqual([])
    expect(all.some(({ path, text }) => DECIPHERS.test(text) && MAY_DECIPHER.test(path))).toBe(true)
  })

  it('that test a file stand where it stands', () => {
    const tests = sourcesIn('test/src').filter(({ path }) => path.endsWith('.test.ts'))
    const alone = tests
      .map(({ path }) => path)
      .filter((path) => !existsSync(join(ROOT, path.replace(/^test\//, '').replace(/\.test\.ts$/, '.ts'))))
    expect(tests.length).toBeGreaterThan(40)
    expect(alone, 'what crosses files stands in test/scenarios').toEqual(ACROSS)
  })

  it('that the build names exist', () => {
    const build = readFileSync(join(ROOT, 'rolldown.config.js'), 'utf8')
    const named = (list: string) => [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name!)
    const groups = [...build.matchAll(/\b(files|sources)\(((?:'[^']+',?\s*)+)\)/g)].flatMap(([, of, list]) =>
      named(list!).map((name) => (of === 'sources' ? `src/${name}.ts` : `${name}.ts`)),
    )
    const inputs = [...build.matchAll(/'(src\/[^']+\.ts)'/g)].map(([, path]) => path!)
    expect(groups.length).toBeGreaterThan(8)
    expect([...groups, ...inputs].filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('export each name once', () => {
    const places = new Map<string, string[]>()
    for (const { path, text } of all)
      for (const [, name] of text.matchAll(
        /^export (?:abstract |async )*(?:class|function\*?|const|let|interface|type|enum) (\w+)/gm,
      ))
        places.set(name!, [...(places.get(name!) ?? []), path])
    const twice = [...places]
      .filter(([, paths]) => paths.length > 1)
      .map(([name, paths]) => `${name}: ${paths.join(', ')}`)
    expect(twice.sort()).toEqual(TWICE)
  })

  it('that comments name exist', () => {
    const names = new Set(all.map(({ path }) => basename(path)))
    const gone = all.flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*(?:\*|\/\/|\/\*\*).*$/gm)].flatMap(([line]) =>
        [...line.matchAll(/`?\b([a-z][a-z0-9-]*\.ts)\b/g)]
          .map(([, name]) => name!)
          .filter((name) => !names.has(name))
          .map((name) => `${path}: ${name}`),
      ),
    )
    expect(gone).toEqual([])
  })

  it('that comments name by their path exist', () => {
    const others = ['engine', 'test', 'bench'].flatMap(sourcesIn)
    const named = [...all, ...others].flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*(?:\*|\/\/|\/\*\*).*$/gm)].flatMap(([line]) =>
        [...line.matchAll(/(?<![\w./-])((?:src|decoders|engine|test|bench|schema|docs|captures)\/[\w./-]*\w)/g)].map(
          ([, name]) => ({ path, name: name! }),
        ),
      ),
    )
    expect(named.length).toBeGreaterThan(20)
    const isPlace = (name: string) => /[A-Z]{4}/.test(name)
    const gone = named.filter(({ name }) => !isPlace(name) && !existsSync(join(ROOT, name)))
    expect(gone.map(({ path, name }) => `${path}: ${name}`)).toEqual([])
  })

  it('of rooms and their words in ARCHITECTURE.md are in the same order', () => {
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    const rows = [...text.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, room]) => room!)
    expect(rows).toEqual(ROOMS)
  })

  it('begin with what they are', () => {
    const bare = all.filter(({ text }) => !/^(#!.*\n)?\/\*\*(\n \*)? \S/.test(text)).map(({ path }) => path)
    expect(bare).toEqual([])
  })

  it(`have ${LINES_MAX} lines at most`, () => {
    const long = all.filter(({ text }) => text.split('\n').length - 1 > LINES_MAX).map(({ path }) => path)
    expect(long).toEqual(TOO_LONG)
  })
})

/** A path of the graph that ends where it began, or null. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): string[] | null => {
    const at = path.indexOf(node)
    if (at >= 0) return [...path.slice(at), node]
    if (done.has(node)) return null
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next)
      if (circle !== null) return circle
    }
    path.pop()
    done.add(node)
    return null
  }
  for (const node of graph.keys()) {
    const circle = visit(node)
    if (circle !== null) return circle
  }
  return null
}
