import { formatNodeSet } from '../../base/node-set.ts'
import type { FileChange } from './view/data.ts'

type Files = Readonly<Record<string, string>>

export const CHANGE_LIMITS = { changes: 200, lines: 12, characters: 600 } as const

/** Who a guest is, and counters that always move, are no changes that a step made. */
const ALWAYS = /^\/proc\/sys\/kernel\/random\/boot_id$/

/**
 * What a step changed among the files that are read, by path. Memory blocks that changed alike are one entry
 * (`memory[32-35]/state`), and of a text of many lines only those that changed are told.
 */
export function fileChanges(before: Files, after: Files): FileChange[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => !ALWAYS.test(path))
    .sort()
  const changes = paths.flatMap((path) => {
    const [old, now] = [before[path] ?? null, after[path] ?? null]
    return old === now ? [] : [{ path, ...changedLines(old, now) }]
  })
  return blocksTogether(changes)
}

function changedLines(before: string | null, after: string | null): Pick<FileChange, 'before' | 'after'> {
  const [old, now] = [before?.split('\n') ?? [], after?.split('\n') ?? []]
  if (old.length <= 1 && now.length <= 1) return { before: short(before), after: short(after) }
  const only = (lines: readonly string[], others: readonly string[]) => {
    const known = new Set(others)
    const left = lines.filter((line) => !known.has(line))
    const more = left.length > CHANGE_LIMITS.lines ? [`… and ${left.length - CHANGE_LIMITS.lines} more lines`] : []
    return [...left.slice(0, CHANGE_LIMITS.lines), ...more].join('\n')
  }
  return { before: before && short(only(old, now)), after: after && short(only(now, old)) }
}

function short(text: string | null): string | null {
  if (text === null || text.length <= CHANGE_LIMITS.characters) return text
  return `${text.slice(0, CHANGE_LIMITS.characters)}…`
}

function blocksTogether(changes: readonly FileChange[]): FileChange[] {
  const groups = new Map<string, { change: FileChange; blocks: number[] }>()
  for (const change of changes) {
    const [, folder, block, file] = /^(.*\/node\d+)\/memory(\d+)\/(\w+)$/.exec(change.path) ?? []
    const key = block === undefined ? change.path : JSON.stringify([folder, file, change.before, change.after])
    const group = groups.get(key) ?? { change, blocks: [] }
    if (block !== undefined) group.blocks.push(Number(block))
    groups.set(key, group)
  }
  return [...groups.values()].map(({ change, blocks }) =>
    blocks.length < 2
      ? change
      : { ...change, path: change.path.replace(/memory\d+\/(\w+)$/, `memory[${formatNodeSet(blocks)}]/$1`) },
  )
}
