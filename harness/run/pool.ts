/** What one piece of work costs, of a budget that all share. */
export interface Costs<T> {
  readonly jobs: number
  readonly memory_bytes: number
  readonly memory: (item: T) => number
}

/**
 * Works on items side by side, in their order as far as the budget allows: an item that does not fit now lets a smaller
 * one go first, and one that fits nowhere runs alone. `work` resolves to whether to begin any more. The first error is
 * thrown when all that was begun has ended.
 */
export async function workOff<T>(
  items: readonly T[],
  costs: Costs<T>,
  work: (item: T) => Promise<boolean>,
): Promise<void> {
  const waiting = [...items]
  const running = new Map<Promise<void>, number>()
  let goOn = true
  const failures: unknown[] = []
  const next = () => {
    if (running.size >= Math.max(1, costs.jobs)) return -1
    const used = [...running.values()].reduce((sum, memory) => sum + memory, 0)
    return waiting.findIndex((item) => running.size === 0 || used + costs.memory(item) <= costs.memory_bytes)
  }
  const begin = (item: T) => {
    const job: Promise<void> = work(item)
      .then((more) => {
        if (!more) goOn = false
      })
      .catch((error: unknown) => {
        goOn = false
        failures.push(error)
      })
      .finally(() => running.delete(job))
    running.set(job, costs.memory(item))
  }
  for (;;) {
    for (let index = next(); goOn && index >= 0; index = next())
      for (const item of waiting.splice(index, 1)) begin(item)
    if (running.size === 0) break
    await Promise.race(running.keys())
  }
  if (failures.length > 0) throw failures[0]
}
