import { z } from 'zod'
import { bind, newId, removeId, unbind } from '../model/dax-bus.ts'
import { refused } from '../model/outcome.ts'
import { deviceIn } from '../model/world.ts'
import type { DaxTarget } from '../topology/machine.ts'
import { keyOf, nameOf } from './device.ts'
import { write } from './memory.ts'
import { defineStep, type Step } from './step.ts'

const Driver = z.enum(['kmem', 'device_dax'])
const Args = z.object({ device: z.string(), driver: Driver, file: z.enum(['new_id', 'remove_id', 'bind', 'unbind']) })

const writeDriver = defineStep({
  verb: 'dax driver',
  args: Args,
  title: ({ device, driver, file }) => `echo ${nameOf(device)} > drivers/${driver}/${file}`,
  script: ({ device, driver, file }, { names }) => `echo ${names(device).dax} > /sys/bus/dax/drivers/${driver}/${file}`,
  model: (world, { device, driver, file }) => {
    // Without its module a driver has no folder: the shell itself cannot open the file.
    if (driver === 'kmem' && !world.kmem.loaded) return refused(world, 1, 'nonexistent directory')
    return write(world, (draft) => {
      const changed = deviceIn(draft, device)
      switch (file) {
        case 'new_id':
          newId(draft, changed, driver)
          return null
        case 'remove_id':
          removeId(changed, driver)
          return null
        case 'bind':
          return bind(draft, changed, driver)
        case 'unbind':
          return unbind(draft, changed, driver)
      }
    })
  },
})

function step(target: DaxTarget, driver: z.infer<typeof Driver>, file: z.infer<typeof Args>['file']): Step {
  return writeDriver({ device: keyOf(target), driver, file })
}

/** Steps on the dax bus, by the files of its drivers. */
export const dax = {
  newId: (target: DaxTarget, driver: z.infer<typeof Driver>): Step => step(target, driver, 'new_id'),
  /** The driver forgets the device; a binding stays, and so does what it matches by its kind. */
  removeId: (target: DaxTarget, driver: z.infer<typeof Driver>): Step => step(target, driver, 'remove_id'),
  bind: (target: DaxTarget, driver: z.infer<typeof Driver>): Step => step(target, driver, 'bind'),
  unbind: (target: DaxTarget, driver: z.infer<typeof Driver>): Step => step(target, driver, 'unbind'),
}
