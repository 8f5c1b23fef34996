import { z } from 'zod'
import { reboot } from '../model/boot.ts'
import { done } from '../model/outcome.ts'
import { resizedDevices } from './qemu.ts'
import { defineStep, type Step } from './step.ts'

const VERB = 'guest reboot'

const systemReset = defineStep({
  verb: VERB,
  args: z.object({}),
  title: () => 'system_reset',
  monitor: (_, { world }) => ({
    line: 'system_reset',
    settles: { when: 'booted', devices: resizedDevices(reboot(world)) },
  }),
  model: (world) => done(reboot(world)),
})

/** Whether a step makes the guest boot again. */
export function isReboot({ verb }: Step): boolean {
  return verb === VERB
}

/** Steps on the guest as a whole. */
export const guest = {
  /** Resets the machine, as its button does, and waits until the guest has booted again. */
  reboot: (): Step => systemReset({}),
}
