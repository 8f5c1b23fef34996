import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { applyMutant, type Mutant } from '../mutants.ts'
import { fileIn, git, type Repository } from './git.ts'
import { changeTree } from './patches.ts'

/**
 * The tree with a semantic patch of ours applied: its files are written out for spatch, and what it made of them goes
 * into a new tree. Throws SourceError when nothing in them is as it expects.
 */
export async function mutateTree(repository: Repository, tree: string, mutant: Mutant): Promise<string> {
  const purpose = `Applying the mutant ${mutant.name}`
  const folder = await mkdtemp(join(tmpdir(), 'tierlab-mutant-'))
  try {
    for (const file of mutant.files) {
      const bytes = await fileIn(repository, tree, file)
      if (bytes === undefined) continue
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), bytes)
    }
    const changed = await applyMutant(folder, mutant)
    return await changeTree(repository, tree, purpose, async (changing) => {
      for (const file of changed) {
        const input = await readFile(join(folder, file))
        const blob = await git(changing, ['hash-object', '-w', '--stdin'], { purpose, input })
        await git(changing, ['update-index', '--cacheinfo', `100644,${blob},${file}`], { purpose })
      }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
