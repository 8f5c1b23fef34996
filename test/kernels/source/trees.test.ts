import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { Store } from '../../../harness/base/store.ts'
import { fileIn } from '../../../kernels/source/git.ts'
import { changedTree } from '../../../kernels/source/index.ts'
import { openOrigin } from '../../../kernels/source/origin.ts'
import { readPatches } from '../../../kernels/source/patches.ts'
import { checkOut, inWorkTree, openWorkTree } from '../../../kernels/source/work-tree.ts'

const TIERS = Array.from({ length: 30 }, (_, at) => `line ${at + 1}\n`).join('')
const MAKEFILE = 'VERSION = 6\nPATCHLEVEL = 2\nSUBLEVEL = 3\nEXTRAVERSION =\n'

/** A tree of three files, which is enough to be taken for Linux. */
async function linux(folder: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = { Makefile: MAKEFILE, 'mm/memory-tiers.c': TIERS, 'mm/other.c': 'other\n', ...files }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  gitIn(folder, 'init', '-q')
  commit(folder, 'first')
}

function gitIn(folder: string, ...args: string[]): string {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...who, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  }).trim()
}

function commit(folder: string, subject: string): void {
  gitIn(folder, 'add', '-A')
  gitIn(folder, 'commit', '-q', '-m', subject)
}

function openTree(path: string, revision?: string) {
  const notes: string[] = []
  const store = new Store(join(dirname(path), 'cache'))
  const spec = { kind: 'tree', path, revision, config: 'lab', changes: [] } as const
  return { notes, origin: openOrigin(spec, { store, log: (note) => notes.push(note), etc: '/etc/apt' }) }
}

t.test('a tree as it lies there, and at a revision', async (t) => {
  const folder = join(t.testdir({ tree: {} }), 'tree')
  await linux(folder)
  await writeFile(join(folder, 'mm/other.c'), 'changed\n')
  await writeFile(join(folder, 'mm/new.c'), 'new\n')
  const before = gitIn(folder, 'status', '--porcelain')
  const lying = openTree(folder)
  const { repository, tree, version, name } = await lying.origin
  t.same(version, [6, 2, 3])
  t.match(name, /^tree:.*@[0-9a-f]{12}$/)
  t.equal((await fileIn(repository, tree, 'mm/other.c'))?.toString(), 'changed\n')
  t.equal((await fileIn(repository, tree, 'mm/new.c'))?.toString(), 'new\n')
  t.match(lying.notes, [/not committed.*@HEAD leaves them out/])
  t.equal(gitIn(folder, 'status', '--porcelain'), before, 'and nothing in it was touched')

  const committed = openTree(folder, 'HEAD')
  const head = await committed.origin
  t.equal((await fileIn(head.repository, head.tree, 'mm/other.c'))?.toString(), 'other\n')
  t.same(committed.notes, [])
})

t.test('the work tree follows, and files that stay are left alone', async (t) => {
  const folder = join(t.testdir({ tree: {} }), 'tree')
  await linux(folder)
  const { repository, tree, version } = await openTree(folder, 'HEAD').origin
  const workTree = await openWorkTree(new Store(join(dirname(folder), 'cache')), version)
  await inWorkTree(workTree, () => checkOut(workTree, repository, tree))
  const same = join(workTree.source, 'Makefile')
  const time = async () => (await stat(same)).mtimeMs
  const then = await time()
  await writeFile(join(folder, 'mm/other.c'), 'second\n')
  commit(folder, 'second')
  const next = gitIn(folder, 'rev-parse', 'HEAD^{tree}')
  // What a git that was killed leaves behind.
  await writeFile(`${workTree.index}.lock`, '')
  await inWorkTree(workTree, () => checkOut(workTree, repository, next))
  t.equal(await readFile(join(workTree.source, 'mm/other.c'), 'utf8'), 'second\n')
  t.equal(await time(), then)
})

t.test('what is no tree of Linux with memory tiers is said', async (t) => {
  const folder = t.testdir({ none: {}, old: {}, other: {} })
  await linux(join(folder, 'old'))
  await rm(join(folder, 'old/mm/memory-tiers.c'))
  commit(join(folder, 'old'), 'before')
  await linux(join(folder, 'other'), { Makefile: 'all:\n' })
  gitIn(folder, 'clone', '-q', '--bare', join(folder, 'other'), join(folder, 'bare'))
  const wrong: [string, string | undefined, RegExp][] = [
    ['nowhere', undefined, /There is no tree at/],
    ['none', undefined, /is no git tree of its own but lies in/],
    ['old', undefined, /Linux 6\.2\.3 without mm\/memory-tiers\.c: memory tiers came with 6\.1/],
    ['old', 'v5.0', /has no revision “v5\.0”/],
    ['other', 'HEAD', /its Makefile names no version/],
    ['bare', undefined, /bare repository: name a revision/],
  ]
  for (const [path, revision, message] of wrong)
    await t.rejects(openTree(join(folder, path), revision).origin, { name: 'UsageError', message }, path)
})

t.test('patches change a tree without touching a file', async (t) => {
  const folder = join(t.testdir({ tree: {}, patches: {} }), 'tree')
  const patches = join(dirname(folder), 'patches')
  await linux(folder)
  const first = gitIn(folder, 'rev-parse', 'HEAD')
  await writeFile(join(folder, 'mm/memory-tiers.c'), TIERS.replace('line 20', 'line zwanzig, größer'))
  commit(folder, 'mm: a line of 20')
  await writeFile(
    join(folder, 'mm/memory-tiers.c'),
    TIERS.replace('line 20', 'line zwanzig, größer').replace('line 3\n', 'three\n'),
  )
  commit(folder, 'mm: a line of 3')
  const mbox = join(patches, 'series.mbox')
  await writeFile(mbox, `${gitIn(folder, 'format-patch', '--stdout', '--cover-letter', `${first}..HEAD`)}\n`)
  t.same(
    (await readPatches(mbox)).map(({ subject }) => subject),
    ['mm: a line of 20', 'mm: a line of 3'],
  )
  const origin = await openTree(folder, first).origin
  t.equal(await changedTree(origin, [{ kind: 'patch', path: mbox }]), gitIn(folder, 'rev-parse', 'HEAD^{tree}'))

  const bare = join(patches, 'bare.diff')
  await writeFile(bare, `${gitIn(folder, 'diff', first, 'HEAD')}\n`)
  t.equal(await changedTree(origin, [{ kind: 'patch', path: bare }]), gitIn(folder, 'rev-parse', 'HEAD^{tree}'))
  await t.rejects(
    changedTree(origin, [
      { kind: 'patch', path: mbox },
      { kind: 'patch', path: bare },
    ]),
    {
      name: 'SourceError',
      what: 'patch',
      message: /“bare\.diff” does not apply/,
      words: [/hunk 1 of 2 of mm\/memory-tiers\.c \(@@ -1,6/],
    },
    'the hunk is named',
  )
  await writeFile(join(patches, 'words.patch'), 'no patch\n')
  await t.rejects(readPatches(join(patches, 'words.patch')), { name: 'UsageError', message: /neither a diff nor mail/ })
  await t.rejects(readPatches(patches), { name: 'UsageError', message: /is a folder/ })
})
