import { copyFile, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { hashFile } from '../harness/base/digest.ts'
import { UsageError } from '../harness/base/errors.ts'
import { hashOf, type Store } from '../harness/base/store.ts'
import { readImage } from './image.ts'
import { type Kernel, KIND, kernelOf, kernelPaths, writeRecord } from './kernel.ts'
import { checkRequired, copyModules, dependenciesOf, wantedClosure } from './module-tree.ts'

const FORMAT = 1

/**
 * A kernel that the user built. It is copied, so that a rebuild in the middle of a run changes nothing, and the hash is
 * that of its content: the same kernel built elsewhere is the same kernel.
 */
export async function resolveImage(
  spec: string,
  given: { path: string; modules: string | undefined },
  { store, log }: { store: Store; log: (sentence: string) => void },
): Promise<Kernel> {
  const path = resolve(given.path)
  const { release, version } = await readImage(path)
  const tree = given.modules === undefined ? undefined : await moduleTree(resolve(given.modules), release)
  const modules = tree === undefined ? [] : wantedClosure(await dependencies(tree, release, store))
  const key = {
    format: FORMAT,
    image: await hashFile(path),
    tree: tree !== undefined,
    modules: await Promise.all(modules.map(async (module) => [module, await hashFile(join(tree ?? '', module))])),
  }
  const name = `image:${path}${given.modules === undefined ? '' : `,modules=${resolve(given.modules)}`}`
  const build = async (folder: string) => {
    const paths = kernelPaths(folder)
    await copyFile(path, paths.image)
    if (tree !== undefined) {
      const config = await readFile(join(tree, 'config'), 'utf8').catch(() => undefined)
      await checkRequired(name, tree, modules, config)
      await copyModules(tree, release, modules, folder)
    }
    await writeRecord(folder, { name, release, version, config: false, modules: tree !== undefined, packages: [] })
  }
  // The entry may have been made under another path.
  return kernelOf(spec, await store.entry(KIND, key, build, log), name)
}

/** The folder of the release in what the user named: a root with lib/modules, or that folder itself. */
async function moduleTree(given: string, release: string): Promise<string> {
  const places = [join(given, 'lib', 'modules', release), join(given, 'usr', 'lib', 'modules', release)]
  if (basename(given) === release) places.push(given)
  for (const place of places) if (await stat(join(place, 'kernel')).catch(() => undefined)) return place
  const others = await readdir(join(given, 'lib', 'modules')).catch(() => [])
  throw new UsageError(
    `${given} holds no modules of the release ${release}, which the image has` +
      `${others.length > 0 ? ` (only of ${others.join(', ')})` : ''}. Install them with ` +
      `“make modules_install INSTALL_MOD_PATH=${given}”, or leave modules= out.`,
  )
}

/** modules_install leaves a modules.dep behind, and asking depmod again would take a second each time. */
async function dependencies(tree: string, release: string, store: Store): Promise<string> {
  const installed = await readFile(join(tree, 'modules.dep'), 'utf8').catch(() => undefined)
  if (installed !== undefined) {
    const there = wantedClosure(installed).map((path) => stat(join(tree, path)).catch(() => undefined))
    if (!(await Promise.all(there)).includes(undefined)) return installed
  }
  const scratch = join(store.root, `.depmod-${process.pid}-${hashOf(tree).slice(0, 12)}`)
  try {
    return await dependenciesOf(tree, release, scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
