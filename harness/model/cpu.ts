import { evolve, type World } from './world.ts'

/**
 * A CPU goes offline or comes online: a node has CPUs (N_CPU) while one of its own is online. Neither tiers nor demotion
 * targets look at that before the next memory event, and a node keeps its folder for CPUs that are merely offline.
 * Source: mm/vmstat.c, vmstat_cpu_dead() and vmstat_cpu_online(); mm/memory_hotplug.c, check_cpu_on_node() (6.1).
 */
export function setCpuOnline(world: World, cpu: number, online: boolean): World {
  return evolve(world, (draft) => {
    const others = draft.offline_cpus.filter((other) => other !== cpu)
    draft.offline_cpus = online ? others : [...others, cpu]
  })
}
