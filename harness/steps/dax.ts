import { z } from 'zod'
import { bind, newId, removeId, unbind } from '../model/dax-bus.ts'
import { setState } from '../model/kmem.ts'
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

const State = z.enum(['unplugged', 'offline', 'online', 'online_kernel', 'online_movable'])

const writeState = defineStep({
  verb: 'dax device state',
  args: z.object({ device: z.string(), state: State }),
  title: ({ device, state }) => `echo ${state} > state of ${nameOf(device)}`,
  script: ({ device, state }, { names }) => `echo ${state} > /sys/bus/dax/devices/${names(device).dax}/state`,
  model: (world, { device, state }) => {
    const { ranges, state: now } = deviceIn(world, device)
    if (ranges === null) return refused(world, 1, 'nonexistent directory')
    // Nobody can make a file in sysfs.
    if (now === null) return refused(world, 1, 'Permission denied')
    return write(world, (draft) => setState(draft, deviceIn(draft, device), state))
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
  /** Since 7.3: takes all memory of a device that kmem has, or adds it again; the device stays bound. */
  state: (target: DaxTarget, state: z.infer<typeof State>): Step => writeState({ device: keyOf(target), state }),
  unbind: (target: DaxTarget, driver: z.infer<typeof Driver>): Step => step(target, driver, 'unbind'),
}
