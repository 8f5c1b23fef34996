import { join } from 'node:path'
import type { Subject } from './events.ts'

/** The folder of each cell's record, relative to the run's. Two scenarios of one name do not write into one. */
export function foldersFor(cells: readonly Subject[]): string[] {
  const taken = new Set<string>()
  return cells.map(({ kernel, scenario }) => {
    const first = join(slug(kernel.name), slug(scenario.name))
    let folder = first
    for (let number = 2; taken.has(folder); number += 1) folder = `${first}-${number}`
    taken.add(folder)
    return folder
  })
}

function slug(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '')
}
