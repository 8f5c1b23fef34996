import { ProtocolError } from './errors.ts'

/**
 * The kernel's list format: `0-1,3`, and the empty string for no node.
 * Source: lib/bitmap.c (lib/bitmap-str.c since 6.7), bitmap_print_to_pagebuf() with %*pbl.
 */
export function parseNodeSet(text: string): number[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  const members: number[] = []
  for (const part of trimmed.split(',')) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined) throw new ProtocolError(`“${text}” is not a list of nodes in the kernel's format.`)
    for (let node = Number(first); node <= Number(last ?? first); node += 1) members.push(node)
  }
  return members
}

/** The inverse of parseNodeSet: sorted, runs of two or more joined by a hyphen. */
export function formatNodeSet(nodes: Iterable<number>): string {
  const sorted = [...new Set(nodes)].sort((a, b) => a - b)
  const runs: [number, number][] = []
  for (const node of sorted) {
    const run = runs.at(-1)
    if (run && run[1] + 1 === node) run[1] = node
    else runs.push([node, node])
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
