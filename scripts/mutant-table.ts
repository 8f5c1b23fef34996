/**
 * Applies every mutant to kernel trees, of which it writes to none, and prints how many hunks each changes. Fails when one
 * does not apply where its header says so, or does where it says not.
 * Usage: npm run mutants -- [--diff] SERIES=TREE … [NAME …], as in 6.1=/usr/src/linux-source-6.1
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { $ } from 'zx'
import { hasCode, messageOf, UsageError } from '../harness/base/errors.ts'
import { applyMutant, MUTANT_SERIES, type Mutant, type MutantSeries, mutant, mutants } from '../kernels/mutants.ts'

interface Tree {
  readonly series: MutantSeries
  readonly path: string
}

/** The differences that a mutant makes in a tree, or why it does not apply. */
async function differencesIn(tree: Tree, one: Mutant): Promise<{ diff: string } | { refused: string }> {
  const copy = await mkdtemp(join(tmpdir(), 'tierlab-tree-'))
  try {
    for (const file of one.files) {
      await mkdir(dirname(join(copy, file)), { recursive: true })
      await copyFile(join(tree.path, file), join(copy, file)).catch((error: unknown) => {
        if (!hasCode(error, 'ENOENT')) throw error
      })
    }
    const changed = await applyMutant(copy, one)
    const diffs = changed.map(
      (file) =>
        $({ nothrow: true })`diff -u --label a/${file} --label b/${file} ${join(tree.path, file)} ${join(copy, file)}`,
    )
    return { diff: (await Promise.all(diffs)).map(({ stdout }) => stdout).join('') }
  } catch (error) {
    if (error instanceof UsageError) return { refused: messageOf(error) }
    throw error
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

function treeOf(text: string): Tree {
  const [name, path = ''] = text.split('=')
  const series = MUTANT_SERIES.find((known) => known === name)
  if (series === undefined || path === '')
    throw new UsageError(`“${text}” is not SERIES=TREE; ${MUTANT_SERIES.join(', ')}.`)
  return { series, path }
}

async function main(words: readonly string[]): Promise<boolean> {
  const trees = words.filter((word) => word.includes('=')).map(treeOf)
  if (trees.length === 0) throw new UsageError('Name a tree at least: 6.1=/usr/src/linux-source-6.1')
  const names = words.filter((word) => !word.includes('=') && word !== '--diff')
  const chosen = names.length === 0 ? await mutants() : await Promise.all(names.map((name) => mutant(name)))

  const problems: string[] = []
  console.log(`| mutant | ${trees.map(({ series }) => series).join(' | ')} |\n| --- |${' ---: |'.repeat(trees.length)}`)
  for (const one of chosen) {
    const cells: string[] = []
    for (const tree of trees) {
      const found = await differencesIn(tree, one)
      const applies = 'diff' in found
      if (applies !== one.kernels.includes(tree.series))
        problems.push(`${tree.series}: ${applies ? `${one.name} applies, and its header says not` : found.refused}`)
      cells.push(applies ? String(found.diff.match(/^@@/gm)?.length ?? 0) : '–')
      if (applies && words.includes('--diff')) console.log(found.diff)
    }
    console.log(`| ${one.name} | ${cells.join(' | ')} |`)
  }
  for (const problem of problems) console.error(problem)
  return problems.length === 0
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
