import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from '../../harness/base/errors.ts'
import { type Kernel, KIND, kernelOf } from '../kernel.ts'
import { WANTED_MODULES } from '../modules.ts'
import { mutant } from '../mutants.ts'
import { type Change, formatChanges, type SourceSpec } from '../spec.ts'
import { buildKernel, findCompiler } from './build.ts'
import { parseFragment, type Wanted } from './config.ts'
import { mutateTree } from './mutate-tree.ts'
import { type Origin, type OriginOptions, openOrigin } from './origin.ts'
import { applyPatch, readPatches } from './patches.ts'
import { requireBuildTools } from './tools.ts'
import { openWorkTree } from './work-tree.ts'

/** Raise it when the same sources come to mean another entry. */
const FORMAT = 1

/**
 * A kernel built from source. Nothing is built when the cache has one of the same tree, configuration and compiler.
 * Throws UsageError for what does not exist, SourceError for a patch that does not apply and a tree that does not build.
 */
export async function resolveSource(spec: string, parsed: SourceSpec, options: OriginOptions): Promise<Kernel> {
  requireBuildTools()
  const configuration = await readConfiguration(parsed.config)
  const origin = await openOrigin(parsed, options)
  const tree = await changedTree(origin, parsed.changes)
  const config = parsed.config === 'lab' ? '' : `,config=${parsed.config}`
  const name = `${origin.name}${config}${formatChanges(parsed.changes)}`
  return buildTree({ spec, name, origin, tree, configuration }, options)
}

/** What a build is of, when its tree is known. */
export interface TreeToBuild {
  readonly spec: string
  readonly name: string
  readonly origin: Origin
  readonly tree: string
  readonly configuration: Configuration
}

export async function buildTree(
  { spec, name, origin, tree, configuration }: TreeToBuild,
  { store, log }: Pick<OriginOptions, 'store' | 'log'>,
): Promise<Kernel> {
  const compiler = await findCompiler()
  const { wanted } = configuration
  const key = {
    format: FORMAT,
    tree,
    wanted: wanted.map(({ alternatives }) => alternatives.map(({ symbol, value }) => `${symbol}=${value}`)),
    compiler: compiler.version,
    modules: WANTED_MODULES.map(({ path }) => path.source),
  }
  const { repository } = origin
  const build = async (draft: string) => {
    const workTree = await openWorkTree(store, origin.version)
    await buildKernel({ name, repository, workTree, tree, config: configuration.folder, wanted, compiler }, draft, log)
  }
  const entry = await store.entry(KIND, key, build, log)
  // The same tree may have been built under another name.
  return kernelOf(spec, entry, name)
}

/** The tree of an origin with changes made one after the other. */
export async function changedTree(origin: Origin, changes: readonly Change[]): Promise<string> {
  let { tree } = origin
  for (const change of changes) {
    if (change.kind === 'mutant') tree = await mutateTree(origin.repository, tree, await mutant(change.name))
    else for (const patch of await readPatches(change.path)) tree = await applyPatch(origin.repository, tree, patch)
  }
  return tree
}

export interface Configuration {
  /** Names the folder of objects in a work tree. */
  readonly folder: string
  readonly wanted: readonly Wanted[]
}

/** `lab`; `debug`, `gcov` or `symbols` (lab and more); or a fragment of the user's on top of lab. Throws UsageError when there is no such file. */
export async function readConfiguration(config: string): Promise<Configuration> {
  const ours = (name: string) => resolve(import.meta.dirname, '../config', `${name}.config`)
  const named = ['debug', 'gcov', 'symbols'].includes(config) ? config : undefined
  const files = config === 'lab' ? [ours('lab')] : [ours('lab'), named === undefined ? resolve(config) : ours(named)]
  const wanted: Wanted[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new UsageError(
        `There is no configuration “${config}”: it is lab, debug, gcov, symbols, or the path of a fragment.`,
        {
          cause: error,
        },
      )
    })
    wanted.push(...parseFragment(text, file))
  }
  return { folder: config === 'lab' ? config : (named ?? 'own'), wanted }
}
