import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noteUse } from '../../harness/base/in-use.ts'
import type { Json } from '../../harness/base/json.ts'
import { hashOf, type Store } from '../../harness/base/store.ts'
import { git, type Repository } from './git.ts'

/** The cache's kind of entry. Not content-addressed: it grows by what patches and mutants make. */
const KIND = 'source'

/** The git objects of one origin, a package or a tree of the user's, and of what is made of it. */
export interface Objects {
  readonly folder: string
  readonly repository: Repository
  /** For what only one process at a time should do with it. */
  readonly lock: string
}

/** Those of an origin, none when it is new; `name` is for people who look at the cache. */
export async function openObjects(store: Store, origin: Json, name: string): Promise<Objects> {
  const hash = hashOf(origin)
  const folder = join(store.root, KIND, hash)
  await noteUse(store.root, KIND, hash)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'origin.json'), JSON.stringify({ name }))
  await utimes(folder, new Date(), new Date())
  const repository = { folder: join(folder, 'git') }
  await git(repository, ['init', '--quiet', '--bare'], { purpose: 'Making a repository' })
  return { folder, repository, lock: join(store.root, KIND, `.lock-${hash}`) }
}
