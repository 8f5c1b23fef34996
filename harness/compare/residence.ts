import { KiB, PAGE_BYTES } from '../base/size.ts'
import type { Pages, Workload } from '../model/workload.ts'
import type { Difference } from './expectation.ts'
import { outside, type PagesByNode } from './pages.ts'

type Files = Readonly<Record<string, string>>

const RULES = {
  maps: 'the pages of a process lie where its group has them (fs/proc/task_mmu.c, show_numa_map)',
  shmem: 'a node has as many more pages of tmpfs as the group has there (drivers/base/node.c, node_read_meminfo)',
} as const

/** Beside its buffer a process has a stack, a heap and the data of its program. */
const OWN_PAGES = 64
/** The guest writes a few files of its own to tmpfs: scripts, output, and the noise that workloads are made of. */
const OTHERS_PAGES = 512

/** What /proc/PID/numa_maps and the nodes' meminfo say of the workload's pages, where the kernel has them. */
export function residenceDifferences(
  workload: Workload,
  files: Files,
  previous: Files,
  pagesOf: (files: Files) => PagesByNode,
): Difference[] {
  return workload.process ? processDifferences(workload, files) : fileDifferences(files, previous, pagesOf)
}

function processDifferences({ pages }: Workload, files: Files): Difference[] {
  const maps = Object.entries(files).find(([path]) => /^\/proc\/\d+\/numa_maps$/.test(path))
  if (maps === undefined) return []
  const [path, text] = maps
  const found = new Map<number, number>()
  for (const [, node, count] of text.matchAll(/ N(\d+)=(\d+)/g))
    found.set(Number(node), (found.get(Number(node)) ?? 0) + Number(count))
  const nodes = [...new Set([...found.keys(), ...pages.keys()])].sort((a, b) => a - b)
  return nodes.flatMap((node) => {
    const { least, most }: Pages = pages.get(node) ?? { least: 0, most: 0 }
    return outside(`${path}, node ${node}`, found.get(node) ?? 0, { least, most: most + OWN_PAGES }, RULES.maps)
  })
}

function fileDifferences(files: Files, previous: Files, pagesOf: (files: Files) => PagesByNode): Difference[] {
  const [before, after] = [pagesOf(previous), pagesOf(files)]
  return [...after.keys()].flatMap((node) => {
    const path = `/sys/devices/system/node/node${node}/meminfo`
    const [had, has] = [shmem(previous[path]), shmem(files[path])]
    if (had === undefined || has === undefined || !before.has(node)) return []
    const more = (after.get(node) ?? 0) - (before.get(node) ?? 0)
    const allowed = { least: more - OTHERS_PAGES, most: more + OTHERS_PAGES }
    return outside(`${path}, rise of Shmem`, has - had, allowed, RULES.shmem)
  })
}

/** In pages; undefined where the node shows none. */
function shmem(text = ''): number | undefined {
  const [, kibibytes] = / Shmem: +(\d+) kB/.exec(text) ?? []
  return kibibytes === undefined ? undefined : (Number(kibibytes) * KiB) / PAGE_BYTES
}
