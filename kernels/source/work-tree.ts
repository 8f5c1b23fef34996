import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noteUse } from '../../harness/base/in-use.ts'
import { whileLocked } from '../../harness/base/lock.ts'
import type { Release } from '../../harness/base/release.ts'
import { hashOf, type Store } from '../../harness/base/store.ts'
import { git, type Repository } from './git.ts'

/** The cache's kind of entry. Not content-addressed: a place of work, of which nothing is believed. */
const KIND = 'build'

/**
 * Where all trees of one series of releases are built, whatever their origin: one work tree that is moved from tree to
 * tree, so that only what differs is compiled again, and beside it a folder of objects for each configuration. It has its
 * own place, because a kernel's makefiles compile all of it again when they find themselves elsewhere.
 */
export interface WorkTree {
  readonly folder: string
  readonly source: string
  readonly index: string
  readonly lock: string
}

/** That of the series which a release belongs to, empty when it is new. */
export async function openWorkTree(store: Store, [major, minor]: Release): Promise<WorkTree> {
  const series = `${major}.${minor}`
  const hash = hashOf({ series })
  const folder = join(store.root, KIND, hash)
  await noteUse(store.root, KIND, hash)
  const source = join(folder, 'source')
  await mkdir(source, { recursive: true })
  await writeFile(join(folder, 'origin.json'), JSON.stringify({ name: `trees of ${series}` }))
  await utimes(folder, new Date(), new Date())
  return { folder, source, index: join(folder, 'index'), lock: join(store.root, KIND, `.lock-${hash}`) }
}

/** One process at a time changes the work tree or builds in it; others wait. */
export async function inWorkTree<T>({ lock, index }: WorkTree, work: () => Promise<T>): Promise<T> {
  return whileLocked(lock, async () => {
    // Left by a git that was killed: nobody else is here.
    await rm(`${index}.lock`, { force: true })
    return work()
  })
}

/** Makes it that of `tree`; files that stay the same are not touched. To be called inside. */
export async function checkOut({ source, index }: WorkTree, { folder }: Repository, tree: string): Promise<void> {
  const purpose = `Checking out ${tree.slice(0, 12)}`
  await git({ folder, index, workTree: source }, ['read-tree', '--reset', '-u', tree], { purpose })
}
