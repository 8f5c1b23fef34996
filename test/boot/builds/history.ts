import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mutant } from '../../../kernels/mutants.ts'
import { fileIn, git, type Repository } from '../../../kernels/source/git.ts'
import { mutateTree } from '../../../kernels/source/mutate-tree.ts'
import type { Origin } from '../../../kernels/source/origin.ts'
import { changeTree } from '../../../kernels/source/patches.ts'

/** A history on top of a real kernel, made for a test. */
export interface History {
  /** A bare repository. */
  readonly path: string
  readonly first: string
  readonly last: string
  readonly culprit: string
}

const WHO = {
  GIT_AUTHOR_NAME: 'A U Thor',
  GIT_AUTHOR_EMAIL: 'author@example.com',
  GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'A U Thor',
  GIT_COMMITTER_EMAIL: 'author@example.com',
  GIT_COMMITTER_DATE: '2020-01-01T00:00:00Z',
}

/**
 * So many commits after the first. Each changes a message of its own, so that no two kernels are equal; the one at
 * `culprit` is a mutant besides, and the one at `broken` does not compile, which the next one repairs; 0 is none.
 */
export async function makeHistory(
  folder: string,
  { repository: origin, tree: start }: Origin,
  { commits, culprit, broken, name }: { commits: number; culprit: number; broken: number; name: string },
  words = 'change',
): Promise<History> {
  const purpose = 'Making a history'
  const path = join(folder, 'history.git')
  const repository: Repository = { folder: path }
  await mkdir(path, { recursive: true })
  await git(repository, ['init', '--quiet', '--bare'], { purpose })
  await writeFile(join(path, 'objects/info/alternates'), `${origin.folder}/objects\n`)
  const commit = (tree: string, subject: string, parent?: string) =>
    git(repository, ['commit-tree', tree, '-m', subject, ...(parent === undefined ? [] : ['-p', parent])], {
      purpose,
      env: WHO,
    })
  let tree = start
  let head = await commit(tree, 'the kernel as it is')
  const first = head
  let found = ''
  for (let number = 1; number <= commits; number += 1) {
    tree = await withMessage(repository, tree, `${words} ${number}`)
    if (number === culprit) tree = await mutateTree(repository, tree, await mutant(name))
    const committed = number === broken ? await withLine(repository, tree, '#error this commit does not build') : tree
    head = await commit(committed, `mm: change ${number} of ${commits}`, head)
    if (number === culprit) found = head
  }
  await git(repository, ['update-ref', 'refs/heads/main', head], { purpose })
  return { path, first, last: head, culprit: found }
}

const FILE = 'mm/memory-tiers.c'
const MESSAGE = /^static const char history\[\] __used = .*\n/m

async function withMessage(repository: Repository, tree: string, message: string): Promise<string> {
  const line = `static const char history[] __used = "${message}";\n`
  return edit(repository, tree, (text) => (MESSAGE.test(text) ? text.replace(MESSAGE, line) : `${text}${line}`))
}

async function withLine(repository: Repository, tree: string, line: string): Promise<string> {
  return edit(repository, tree, (text) => `${text}${line}\n`)
}

async function edit(repository: Repository, tree: string, change: (text: string) => string): Promise<string> {
  const purpose = `Editing ${FILE}`
  const text = (await fileIn(repository, tree, FILE))?.toString() ?? ''
  return changeTree(repository, tree, purpose, async (changing) => {
    const blob = await git(changing, ['hash-object', '-w', '--stdin'], { purpose, input: change(text) })
    await git(changing, ['update-index', '--cacheinfo', `100644,${blob},${FILE}`], { purpose })
  })
}
