import { existsSync } from 'node:fs'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError, messageOf, UsageError } from '../base/errors.ts'
import { type PlanFile, readPlan, writePlan } from './plan-file.ts'

/**
 * Makes one folder of the folders of shards; resolves to the shards that are missing. What a shard did not come to is
 * missing in the whole as well, and its plan says so.
 * Throws UsageError for folders that are not the shards of one plan, and for a folder that holds something already;
 * HostError when it cannot be written.
 */
export async function mergeShards(folders: readonly string[], out: string): Promise<number[]> {
  const shards = new Map<number, { folder: string; plan: PlanFile }>()
  for (const folder of folders) {
    const plan = await readPlan(folder)
    if (plan === undefined || plan.shard === null)
      throw new UsageError(
        `${folder} is not the folder of a shard, as “tierlab run --shard 1/2 --out ${folder}” makes it.`,
      )
    const [other] = shards.values()
    if (other !== undefined && other.plan.plan !== plan.plan)
      throw new UsageError(
        `${other.folder} and ${folder} are shards of different plans: ${whyDifferent(other.plan, plan)}.`,
      )
    const same = shards.get(plan.shard)
    if (same !== undefined)
      throw new UsageError(`${same.folder} and ${folder} are both shard ${plan.shard} of ${plan.of}: leave one out.`)
    shards.set(plan.shard, { folder, plan })
  }
  const [first] = shards.values()
  if (first === undefined) throw new UsageError('There is nothing to merge: name the folders of shards.')
  await fill(out, [...shards.values()])
  return Array.from({ length: first.plan.of }, (_, index) => index + 1).filter((index) => !shards.has(index))
}

async function fill(out: string, shards: readonly { folder: string; plan: PlanFile }[]): Promise<void> {
  const [first] = shards
  if (first === undefined) return
  const there = await readdir(out).catch(() => [])
  if (there.length > 0) throw new UsageError(`${out} is not empty: merge into a new folder.`)
  try {
    await mkdir(out, { recursive: true })
    for (const { folder, plan } of shards)
      for (const cell of plan.cells.filter(({ shard }) => shard === plan.shard)) {
        const from = join(folder, cell.folder)
        if (existsSync(from)) await cp(from, join(out, cell.folder), { recursive: true })
      }
  } catch (cause) {
    throw new HostError(`The shards cannot be merged into ${out} (${messageOf(cause)}).`, { cause })
  }
  // Last: a folder without a plan is no merged run.
  await writePlan(out, { ...first.plan, shard: null })
}

function whyDifferent(a: PlanFile, b: PlanFile): string {
  if (a.of !== b.of) return `one is of ${a.of} shards, the other of ${b.of}`
  const kernels = ({ cells }: PlanFile) => [...new Set(cells.map(({ kernel }) => kernel.name))].join(', ')
  if (kernels(a) !== kernels(b)) return `one is of ${kernels(a)}, the other of ${kernels(b)}`
  if (a.cells.length !== b.cells.length) return `one has ${a.cells.length} runs, the other ${b.cells.length}`
  return 'their scenarios, their kernels or the times by which they were split are not the same'
}
