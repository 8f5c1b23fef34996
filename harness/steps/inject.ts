import { z } from 'zod'
import { done } from '../model/outcome.ts'
import { evolve } from '../model/world.ts'
import { defineStep, type Step } from './step.ts'

const Action = z.enum(['MEM_GOING_ONLINE', 'MEM_GOING_OFFLINE'])
const ACTIONS = '/sys/kernel/debug/notifier-error-inject/memory/actions'

/** Numbers of the errors. Source: include/uapi/asm-generic/errno-base.h. */
const NUMBER = { none: 0, ENOMEM: -12, EBUSY: -16 } as const
const ErrorName = z.enum(['none', 'ENOMEM', 'EBUSY'])

const memoryNotifier = defineStep({
  verb: 'inject memory notifier error',
  args: z.object({ action: Action, error: ErrorName }),
  title: ({ action, error }) => `memory notifiers answer ${action} with ${error === 'none' ? 'no error' : error}`,
  script: ({ action, error }) =>
    `modprobe memory-notifier-error-inject && echo ${NUMBER[error]} > ${ACTIONS}/${action}/error`,
  model: (world, { action, error }) =>
    done(
      evolve(world, (draft) => {
        const key = action === 'MEM_GOING_ONLINE' ? 'going_online' : 'going_offline'
        draft.inject = { ...draft.inject, [key]: NUMBER[error] }
      }),
    ),
})

/** Faults put into the guest's kernel on purpose. Source: lib/memory-notifier-error-inject.c (3.5). */
export const inject = {
  memoryNotifier: (action: z.infer<typeof Action>, error: z.infer<typeof ErrorName>): Step =>
    memoryNotifier({ action, error }),
}
