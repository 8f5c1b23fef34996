import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '..')

/** What a folder may import, and whether it may use Node's own modules. ARCHITECTURE.md shows the same table. */
const LAYERS: Readonly<Record<string, { imports: readonly string[]; node: boolean }>> = {
  'harness/base': { imports: [], node: true },
  'harness/model': { imports: ['harness/base'], node: false },
  'harness/topology': { imports: ['harness/base', 'harness/model'], node: false },
  kernels: { imports: ['harness/base'], node: true },
  guest: { imports: ['harness/base', 'kernels'], node: true },
  'harness/machine': { imports: ['harness/base', 'harness/topology', 'kernels', 'guest'], node: true },
  'harness/session': { imports: ['harness/base', 'harness/machine'], node: true },
  'harness/checkpoint': {
    imports: ['harness/base', 'harness/topology', 'harness/machine', 'harness/session'],
    node: true,
  },
  'harness/steps': { imports: ['harness/base', 'harness/model', 'harness/topology'], node: false },
  'harness/observe': { imports: ['harness/base', 'harness/session'], node: false },
  'harness/compare': { imports: ['harness/base', 'harness/model', 'harness/topology', 'harness/observe'], node: false },
  harness: { imports: ['harness/base', 'harness/model', 'harness/topology', 'harness/steps'], node: false },
  'harness/run': {
    imports: [
      ...['harness', 'harness/base', 'harness/model', 'harness/topology', 'kernels', 'guest', 'harness/machine'],
      ...['harness/session', 'harness/checkpoint', 'harness/steps', 'harness/observe', 'harness/compare'],
    ],
    node: true,
  },
  'harness/report': {
    imports: ['harness', 'harness/base', 'harness/model', 'harness/run', 'harness/compare'],
    node: true,
  },
  'harness/repro': {
    imports: [
      ...['harness/base', 'harness/model', 'harness/topology', 'guest', 'harness/steps', 'harness/compare'],
      ...['harness/run', 'harness/report'],
    ],
    node: true,
  },
  'harness/campaign': {
    imports: [...['harness/base', 'harness/model', 'harness/machine', 'kernels', 'harness/run', 'harness/report']],
    node: true,
  },
  'harness/explore': {
    imports: [
      ...['harness', 'harness/base', 'harness/model', 'harness/topology', 'kernels', 'harness/steps', 'harness/run'],
      'harness/campaign',
    ],
    node: true,
  },
  'harness/queue': {
    imports: [
      ...['harness', 'harness/base', 'harness/model', 'kernels', 'harness/machine', 'harness/checkpoint'],
      'harness/run',
    ],
    node: true,
  },
  'harness/report/html/view': { imports: ['harness/base'], node: false },
  'harness/report/html/client': { imports: ['harness/report/html/view'], node: false },
  'harness/report/html': {
    imports: [
      ...['harness', 'harness/base', 'harness/model', 'harness/topology', 'harness/observe', 'harness/compare'],
      ...['harness/run', 'harness/report/html/view'],
    ],
    node: true,
  },
  'harness/cli': {
    imports: [
      'harness/campaign',
      'harness/explore',
      ...['harness', 'harness/base', 'harness/model', 'harness/topology', 'kernels', 'guest', 'harness/machine'],
      ...[
        'harness/session',
        'harness/checkpoint',
        'harness/steps',
        'harness/observe',
        'harness/compare',
        'harness/run',
        'harness/report',
        'harness/report/html',
        'harness/repro',
        'harness/queue',
      ],
    ],
    node: true,
  },
}

const files = ['harness', 'kernels', 'guest'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name)),
)

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'/gm)].flatMap(([, path]) => path ?? [])
}

/** The folder, or the nearest one around it that the table has. */
function layerOf(path: string): string {
  const folder = relative(ROOT, dirname(path))
  const around = folder.split('/').map((_, depth, parts) => parts.slice(0, parts.length - depth).join('/'))
  // harness itself is a layer of two files, not of what is in its folders.
  return around.find((name) => name in LAYERS && (name !== 'harness' || folder === 'harness')) ?? folder
}

t.test('a folder imports only from folders above it', async (t) => {
  t.ok(files.length > 40, 'files were found')
  for (const file of files) {
    const layer = LAYERS[layerOf(file)]
    const name = relative(ROOT, file)
    if (layer === undefined) t.fail(`${name} lies in a folder that the table of layers does not have`)
    for (const path of importsOf(file).filter((path) => path.startsWith('.'))) {
      const target = layerOf(resolve(dirname(file), path))
      const allowed = target === layerOf(file) || layer?.imports.includes(target)
      if (!allowed) t.fail(`${name} imports from ${target}, which ${layerOf(file)} may not`)
    }
  }
})

t.test('pure folders use no module of Node', async (t) => {
  for (const file of files) {
    if (LAYERS[layerOf(file)]?.node !== false) continue
    // The version of tierlab is read from package.json, once.
    if (file.endsWith('harness/version.ts')) continue
    for (const path of importsOf(file).filter((path) => path.startsWith('node:')))
      t.fail(`${relative(ROOT, file)} imports ${path}, but its folder is pure`)
  }
})

t.test('tap is never imported outside of tests', async (t) => {
  for (const file of files) t.notOk(importsOf(file).includes('tap'), relative(ROOT, file))
})
