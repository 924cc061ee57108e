/**
 * The arrows of the layout hold: who may import whom, what files may be called, how long they may be. Read from the sources themselves.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LINES_MAX = 800

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

/** Every arrow of a TypeScript source: static and dynamic imports, re-exports. Comments and strings hold no import lines of this form. */
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
  return paths
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const full = join(ROOT, folder, path)
      const text = readFileSync(full, 'utf8')
      return { path: relative(ROOT, full).split(sep).join('/'), text, arrows: arrowsOf(text) }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
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
 * The order of src, lowest first. Files of one step may know each other; nothing knows a later step. `limits.ts` and `oldest.ts` are for all.
 */
const STEPS: readonly (readonly string[])[] = [
  ['src/capture/'],
  ['src/net/'],
  ['src/stream/'],
  ['src/dissect.ts', 'src/pipes.ts', 'src/quic.ts', 'src/strays.ts'],
  [
    'src/account.ts',
    'src/allow.ts',
    'src/attempt.ts',
    'src/baseline.ts',
    'src/causes.ts',
    'src/community.ts',
    'src/context.ts',
    'src/conversation-state.ts',
    'src/conversations.ts',
    'src/correlate.ts',
    'src/coverage.ts',
    'src/device.ts',
    'src/evidence.ts',
    'src/draft.ts',
    'src/exchange.ts',
    'src/exchange-fold.ts',
    'src/expect.ts',
    'src/filter.ts',
    'src/figures.ts',
    'src/findings.ts',
    'src/pass-through.ts',
    'src/gate.ts',
    'src/frames.ts',
    'src/kdc.ts',
    'src/keys.ts',
    'src/legs.ts',
    'src/marks.ts',
    'src/messages.ts',
    'src/name-list.ts',
    'src/names.ts',
    'src/origin.ts',
    'src/relay.ts',
    'src/rpc-channels.ts',
    'src/shared-lists.ts',
    'src/smb-session.ts',
    'src/policy.ts',
    'src/report.ts',
    'src/report/',
    'src/rules/',
    'src/target.ts',
    'src/thresholds.ts',
    'src/verdict.ts',
    'src/verify.ts',
    'src/waiting.ts',
    'src/watch/',
    'src/diff.ts',
  ],
  ['src/handover.ts', 'src/memory.ts', 'src/reading.ts', 'src/reading-thread.ts', 'src/second-thread.ts'],
  ['src/analyze.ts'],
  ['src/ntlmscope.ts', 'src/saved.ts', 'src/show.ts'],
  ['src/exit.ts', 'src/session.ts', 'src/version.ts'],
  ['src/commands/'],
  ['src/command-line.ts'],
  ['src/cli.ts'],
]
const FOR_ALL: readonly string[] = ['src/limits.ts', 'src/oldest.ts']

/** What is known to be wrong and waits to be mended: these lists only shrink, since a line too many fails as well. */
const UPWARD: readonly string[] = []
const TOO_LONG: readonly string[] = []

function stepOf(path: string): number {
  return STEPS.findIndex((step) => step.some((name) => (name.endsWith('/') ? path.startsWith(name) : path === name)))
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
        .filter((arrow) => !existsSync(join(ROOT, target(path, arrow))) || !/\.(ts|json)$/.test(arrow.to))
        .map(({ to }) => `${path} -> ${to}`),
    )
    expect(broken).toEqual([])
  })

  it('of decoders are decoders and buffer-layout: no Node, no state from elsewhere', () => {
    const foreign = decoders.flatMap(({ path, arrows }) =>
      arrows.filter(({ to }) => to !== 'buffer-layout' && !/^\.\/[^/]+$/.test(to)).map(({ to }) => `${path} -> ${to}`),
    )
    expect(foreign).toEqual([])
  })

  it('of src know their step', () => {
    const unknown = sources.filter(({ path }) => !FOR_ALL.includes(path) && stepOf(path) < 0).map(({ path }) => path)
    expect(unknown, 'add the file to STEPS').toEqual([])
  })

  it('of src never point upward, types neither', () => {
    const upward = sources.flatMap(({ path, arrows }) =>
      arrows
        .filter(isRelative)
        .map((arrow) => target(path, arrow))
        .filter(
          (to) =>
            to.startsWith('src/') && !FOR_ALL.includes(to) && (FOR_ALL.includes(path) || stepOf(to) > stepOf(path)),
        )
        .map((to) => `${path} -> ${to}`),
    )
    expect(upward).toEqual(UPWARD)
  })

  it('of src do not reach out of decoders and src', () => {
    const outside = sources.flatMap(({ path, arrows }) =>
      arrows
        .filter(isRelative)
        .map((arrow) => target(path, arrow))
        .filter((to) => !to.startsWith('src/') && !to.startsWith('decoders/') && to !== 'package.json')
        .map((to) => `${path} -> ${to}`),
    )
    expect(outside).toEqual([])
  })

  it('of packages are in the list of dependencies', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const packages = new Set(
      all
        .flatMap(({ arrows }) => arrows.filter((arrow) => !isRelative(arrow) && !arrow.to.startsWith('node:')))
        .map(({ to }) => to.split('/')[0]!),
    )
    expect([...packages].filter((name) => !(name in dependencies))).toEqual([])
  })

  it('of values make no circle', () => {
    const graph = new Map(
      all.map(({ path, arrows }) => [
        path,
        arrows.filter((arrow) => isRelative(arrow) && !arrow.typeOnly).map((arrow) => target(path, arrow)),
      ]),
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

describe('files', () => {
  it('are named after what they hold', () => {
    const vague = all
      .map(({ path }) => path)
      .filter((path) => /^(index|types?|utils?.*|helpers?|common|misc)\.ts$/.test(basename(path)))
    expect(vague).toEqual([])
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
