import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noteUse } from '../../harness/base/in-use.ts'
import type { Json } from '../../harness/base/json.ts'
import { whileLocked } from '../../harness/base/lock.ts'
import { hashOf, type Store } from '../../harness/base/store.ts'
import { git, type Repository } from './git.ts'

/** The cache's kind of entry. Not content-addressed: a place of work, of which nothing is believed. */
const KIND = 'source'

/**
 * Where the trees of one origin are built: a git repository, one work tree that is moved from tree to tree, so that only
 * what differs is compiled again, and a folder of objects for each configuration.
 */
export interface Workspace {
  readonly folder: string
  /** Its objects are the origin's, and those that patches and mutants make. */
  readonly repository: Repository
  readonly source: string
  readonly lock: string
}

/** The workspace of an origin, with an empty repository when it is new; `name` is for people who look at the cache. */
export async function openWorkspace(store: Store, origin: Json, name: string): Promise<Workspace> {
  const hash = hashOf(origin)
  const folder = join(store.root, KIND, hash)
  await noteUse(store.root, KIND, hash)
  const source = join(folder, 'source')
  await mkdir(source, { recursive: true })
  await writeFile(join(folder, 'origin.json'), JSON.stringify({ name }))
  await utimes(folder, new Date(), new Date())
  const repository = { folder: join(folder, 'git'), index: join(folder, 'index'), workTree: source }
  await git({ folder: repository.folder }, ['init', '--quiet', '--bare'], {
    purpose: 'Making a repository to build in',
  })
  return { folder, repository, source, lock: join(store.root, KIND, `.lock-${hash}`) }
}

/** One process at a time changes the work tree or builds in it; others wait. */
export async function inWorkspace<T>({ lock, repository }: Workspace, work: () => Promise<T>): Promise<T> {
  return whileLocked(lock, async () => {
    // Left by a git that was killed: nobody else is here.
    await rm(`${repository.index}.lock`, { force: true })
    return work()
  })
}

/** Makes the work tree that of `tree`; files that stay the same are not touched. To be called inside. */
export async function checkOut({ repository }: Workspace, tree: string): Promise<void> {
  await git(repository, ['read-tree', '--reset', '-u', tree], { purpose: `Checking out ${tree.slice(0, 12)}` })
}
