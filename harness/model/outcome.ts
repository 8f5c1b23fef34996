import type { Errno } from './memory-hotplug.ts'
import type { Condition, World } from './world.ts'

/** What a step comes to: the world after it, and how the command answers. */
export interface Outcome {
  readonly world: World
  /** Exit status of the command; 0 for success. */
  readonly status: number
  /** Words that its standard error must hold when it is refused. */
  readonly words: string
  /** The step may fail as well, in whatever words; then this is the world. Undefined for all steps but injected faults. */
  readonly failing?: World
  /** Each order in which what was done at once could have come; any of them is right. Undefined for all but races. */
  readonly orders?: readonly Outcome[]
  /** Known issues that the step may show, by their conditions, and behind which one goes on: the next step undoes them. */
  readonly flaws?: readonly Condition[]
}

/** Whether what was done at once may have come to one state or to another. */
export function isUndecided({ orders = [] }: Outcome): boolean {
  const text = ({ world }: Outcome) => {
    const { rebuilds: _rebuilds, targets, blocks, ...rest } = world
    return JSON.stringify({ ...rest, targets: [...targets], blocks: [...blocks].sort(([a], [b]) => a - b) })
  }
  return new Set(orders.map(text)).size > 1
}

export function done(world: World): Outcome {
  return { world, status: 0, words: '' }
}

/** Refused: what a refusal has changed all the same is in the world given. */
export function refused(world: World, status: number, words: string): Outcome {
  return { world, status, words }
}

/** Numbers of errors. Source: include/uapi/asm-generic/errno-base.h. */
export const ERRNO: Readonly<Record<Errno, number>> = {
  EPERM: 1,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
}

/** As strerror(3) puts it, in the C library of the guest's tools and of busybox alike. */
export const STRERROR: Readonly<Record<Errno, string>> = {
  EPERM: 'Operation not permitted',
  ENXIO: 'No such device or address',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EBUSY: 'Device or resource busy',
  ENODEV: 'No such device',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
}

/** Exit status of ndctl and daxctl for an error: its negative number, cut to a byte. Source: ndctl 81, util/main.c, run_builtin(). */
export function toolStatus(errno: Errno): number {
  return 256 - ERRNO[errno]
}
