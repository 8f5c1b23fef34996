import { UsageError } from '../harness/base/errors.ts'
import { compareDebianVersions } from './debian-version.ts'
import type { Kernel } from './kernel.ts'
import { listKernels } from './list.ts'
import { mutant } from './mutants.ts'
import { type ResolveOptions, resolveKernel } from './resolve.ts'
import { git } from './source/git.ts'
import { buildTree, readConfiguration } from './source/index.ts'
import { mutateTree } from './source/mutate-tree.ts'
import { type Origin, openOrigin } from './source/origin.ts'
import { applyPatch, readPatches } from './source/patches.ts'
import { requireBuildTools } from './source/tools.ts'
import { type Change, formatChanges, formatSourceSpec, parseKernelSpec, type SourceSpec } from './spec.ts'

/** One kernel of a line: a commit, a patch on top of those before it, a version of Debian's. */
export interface Link {
  /** The same each time: a commit's id, a version, the place in a series. */
  readonly id: string
  readonly title: string
  /** Throws SourceError for what does not apply or does not build. */
  readonly kernel: () => Promise<Kernel>
  /** git's diffstat of what it changes; empty where nobody knows. */
  readonly stat: () => Promise<string>
}

/** Kernels that come one after another. */
export interface Line {
  /** In the order in which they came; the first is what the others are built on. */
  readonly links: readonly Link[]
  /**
   * The link whose trial tells most of where, between the last good ones and a bad one, it began; undefined when there is
   * none left but the bad one itself and those skipped.
   */
  readonly middle: (state: Search) => Promise<Link | undefined>
}

export interface Search {
  readonly good: readonly Link[]
  readonly bad: Link
  readonly skipped: readonly Link[]
}

/**
 * From one kernel to another that came later: `tree:PATH@A` and `tree:PATH@B` by git's history, `SPEC` and `SPEC+CHANGES`
 * by the patches of the changes, `debian:A` and `debian:B` by the versions that Debian has. Throws UsageError for others.
 */
export async function lineBetween(first: string, last: string, options: ResolveOptions): Promise<Line> {
  const [a, b] = [parseKernelSpec(first), parseKernelSpec(last)]
  if (a.kind === 'debian' && b.kind === 'debian') return debianLine(a.wanted, b.wanted, options)
  if ((a.kind === 'tree' || a.kind === 'source') && a.kind === b.kind) {
    if (a.config !== b.config) throw new UsageError(`${first} and ${last} are not of one configuration.`)
    const place = (spec: SourceSpec) => formatSourceSpec({ ...spec, changes: [], config: 'lab' })
    const added = changesAdded(a.changes, b.changes)
    if (place(a) === place(b) && added !== undefined && added.length > 0) return changeLine(a, added, options)
    if (a.kind === 'tree' && b.kind === 'tree' && a.path === b.path && added?.length === 0)
      return commitLine(a, b.revision ?? 'HEAD', options)
  }
  throw new UsageError(
    `There is no line from ${first} to ${last}. It goes from tree:PATH@A to tree:PATH@B, from SPEC to SPEC+PATCHES, or ` +
      'from debian:A to debian:B.',
  )
}

/** What a list has beyond another that it begins with; undefined when it does not. */
function changesAdded(before: readonly Change[], after: readonly Change[]): readonly Change[] | undefined {
  return formatChanges(after.slice(0, before.length)) === formatChanges(before) ? after.slice(before.length) : undefined
}

async function debianLine(from: string, to: string, options: ResolveOptions): Promise<Line> {
  const rows = (await listKernels(options)).filter(({ name }) => name.startsWith('debian:'))
  const [first, last] = await Promise.all([from, to].map((wanted) => resolveKernel(`debian:${wanted}`, options)))
  const version = (name: string) => name.slice('debian:'.length)
  const between = rows
    .map(({ name }) => name)
    .filter(
      (name) =>
        first !== undefined &&
        last !== undefined &&
        compareDebianVersions(version(name), version(first.name)) >= 0 &&
        compareDebianVersions(version(name), version(last.name)) <= 0,
    )
    .toSorted((a, b) => compareDebianVersions(version(a), version(b)))
  if (between.length < 2) throw new UsageError(`debian:${to} is not a later kernel than debian:${from}.`)
  return straight(
    between.map((name) => ({
      ...{ id: name, title: name, kernel: () => resolveKernel(name, options), stat: async () => '' },
    })),
  )
}

async function changeLine(base: SourceSpec, changes: readonly Change[], options: ResolveOptions): Promise<Line> {
  requireBuildTools()
  const { origin, build } = await builder(base, options)
  const { repository } = origin
  const first = formatSourceSpec(base)
  const start = await appliedTo(origin, origin.tree, base.changes)
  const links: Link[] = [{ id: first, title: first, kernel: () => build(start, first), stat: async () => '' }]
  const steps = await stepsOf(origin, changes)
  // Each is applied to the tree before it, once; what does not apply takes those behind it along.
  let before: Promise<string> = Promise.resolve(start)
  for (const [at, { title, apply }] of steps.entries()) {
    const parent = before
    const tree = parent.then(apply)
    tree.catch(() => {})
    before = tree
    const id = `${at + 1}/${steps.length}`
    links.push({
      ...{ id, title, kernel: async () => build(await tree, `${first}+${id}`) },
      stat: async () => {
        const purpose = `Comparing ${id} with what is before it`
        return git(repository, ['diff', '--stat', await parent, await tree], { purpose })
      },
    })
  }
  return straight(links)
}

interface ChangeStep {
  readonly title: string
  readonly apply: (tree: string) => Promise<string>
}

async function stepsOf({ repository }: Origin, changes: readonly Change[]): Promise<ChangeStep[]> {
  const steps: ChangeStep[] = []
  for (const change of changes) {
    if (change.kind === 'mutant') {
      const found = await mutant(change.name)
      steps.push({ title: `mutant ${change.name}`, apply: (tree) => mutateTree(repository, tree, found) })
    } else
      for (const patch of await readPatches(change.path))
        steps.push({ title: patch.subject, apply: (tree) => applyPatch(repository, tree, patch) })
  }
  return steps
}

async function appliedTo(origin: Origin, tree: string, changes: readonly Change[]): Promise<string> {
  let changed = tree
  for (const { apply } of await stepsOf(origin, changes)) changed = await apply(changed)
  return changed
}

/** All commits between, in git's topological order; where to look next is git's own decision, for history is no line. */
async function commitLine(from: SourceSpec & { kind: 'tree' }, to: string, options: ResolveOptions): Promise<Line> {
  requireBuildTools()
  const { origin, build } = await builder({ ...from, revision: from.revision ?? 'HEAD' }, options)
  const { repository } = origin
  const last = await openOrigin({ ...from, revision: to }, sourceOptions(options))
  const [a, b] = [origin, last].map(({ commit }) => commit)
  if (a === undefined || b === undefined) throw new UsageError(`${from.path}: a range is between two revisions.`)
  const purpose = `Listing the commits of ${from.path} from ${from.revision} to ${to}`
  const log = await git(repository, ['log', '--topo-order', '--reverse', '--format=%H %s', b, `^${a}`], { purpose })
  if (log === '')
    throw new UsageError(`${from.path} has no commit from ${from.revision} to ${to}: is it the other way round?`)
  const link = (commit: string, title: string): Link => ({
    ...{ id: commit, title },
    kernel: async () => {
      const tree = await git(repository, ['rev-parse', `${commit}^{tree}`], { purpose })
      return build(await appliedTo(origin, tree, from.changes), `tree:${from.path}@${commit.slice(0, 12)}`)
    },
    stat: () => git(repository, ['show', '--stat', '--format=', commit], { purpose }),
  })
  const links = [
    link(a, await git(repository, ['log', '-1', '--format=%s', a], { purpose })),
    ...log.split('\n').map((line) => link(line.slice(0, 40), line.slice(41))),
  ]
  return {
    links,
    middle: async ({ good, bad, skipped }) => {
      const known = [bad, ...skipped].map(({ id }) => id)
      const bounds = [bad.id, ...good.map(({ id }) => `^${id}`)]
      const inOrder = await git(repository, ['rev-list', '--bisect-all', ...bounds], { purpose })
      const next = inOrder
        .split('\n')
        .map((line) => line.slice(0, 40))
        .find((commit) => commit !== '' && !known.includes(commit))
      return links.find(({ id }) => id === next)
    },
  }
}

async function builder(spec: SourceSpec, options: ResolveOptions) {
  const source = sourceOptions(options)
  const configuration = await readConfiguration(spec.config)
  const origin = await openOrigin(spec, source)
  const build = (tree: string, name: string) => buildTree({ spec: name, name, origin, tree, configuration }, source)
  return { origin, build }
}

function sourceOptions({ store, log = () => {}, etc = '/etc/apt' }: ResolveOptions) {
  return { store, log, etc }
}

function straight(links: readonly Link[]): Line {
  return {
    links,
    middle: async ({ good, bad, skipped }) => {
      const from = Math.max(...good.map((link) => links.indexOf(link)))
      const to = links.indexOf(bad)
      const open = links.slice(from + 1, to).filter((link) => !skipped.includes(link))
      const centre = (from + to) / 2
      return open.toSorted((a, b) => Math.abs(links.indexOf(a) - centre) - Math.abs(links.indexOf(b) - centre)).at(0)
    },
  }
}
