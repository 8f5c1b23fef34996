import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import { setCpuOnline } from '../model/cpu.ts'
import { done } from '../model/outcome.ts'
import { defineStep, type Step } from './step.ts'

const writeOnline = defineStep({
  verb: 'cpu online',
  args: z.object({ cpu: z.number().int(), online: z.boolean() }),
  title: ({ cpu, online }) => `echo ${online ? 1 : 0} > online of CPU ${cpu}`,
  script: ({ cpu, online }) => `echo ${online ? 1 : 0} > /sys/devices/system/cpu/cpu${cpu}/online`,
  model: (world, { cpu, online }) => {
    if (!world.nodes.some(({ cpus }) => cpus.includes(cpu))) throw new UsageError(`This machine has no CPU ${cpu}.`)
    return done(setCpuOnline(world, cpu, online))
  },
})

/** CPU 0 stays: x86 kernels have no file for it. Source: arch/x86/kernel/topology.c, arch_register_cpu() (6.5). */
function write(cpu: number, online: boolean): Step {
  if (cpu === 0) throw new UsageError('CPU 0 cannot be taken offline; take another.')
  return writeOnline({ cpu, online })
}

/** Steps on CPUs, by the files of sysfs. */
export const cpu = {
  offline: (number: number): Step => write(number, false),
  online: (number: number): Step => write(number, true),
}
