import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { HOST_PACKAGES } from '../../harness/cli/host-check.ts'
import { SOURCE_PACKAGES } from '../../kernels/source/tools.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const about: { dependencies: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** Paths of all files below a folder of the project. */
function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
}

const words = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline']
const [packed]: { files: { path: string }[] }[] = JSON.parse(
  execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }),
)
const paths = packed?.files.map(({ path }) => path) ?? []

t.test('all that tierlab reads of its own is in the package, and nothing that is for its development', async (t) => {
  const read = ['bin', 'harness', 'kernels', 'guest', 'scenarios', 'templates', 'docs/schema'].flatMap(filesIn)
  const alone = [HOST_PACKAGES, SOURCE_PACKAGES].map((path) => relative(ROOT, path))
  const missing = [...read, ...alone, 'tsconfig.json'].filter((path) => !paths.includes(path))
  t.same(missing, [])
  t.same(
    paths.filter((path) => /^(test|bench|scripts|nightly|runs|node_modules|\.)/.test(path)),
    [],
  )
})

t.test('a package that is imported is a dependency, or it is missing elsewhere', async (t) => {
  const imported = paths
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .flatMap((path) => ts.preProcessFile(readFileSync(join(ROOT, path), 'utf8'), true, true).importedFiles)
    .map(({ fileName }) => fileName)
    .filter((name) => !/^(\.|node:|tierlab$)/.test(name))
    // `@scope/name/file` and `name/file` are of a package.
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
  const names = [...new Set(imported)].sort()
  t.same(names, Object.keys(about.dependencies).sort(), 'and none is there in vain')
})
