import { GuestLost } from '../base/errors.ts'
import type { VirtualMachine } from '../machine/virtual-machine.ts'

const TRIES = 3

/** A boot that ended because the emulator ran an instruction that was there no more; its cause is the GuestLost. */
export class StaleTrap extends Error {}

/**
 * The kernel changes its own code with a breakpoint in the meantime. Under TCG another processor may run the breakpoint
 * after it has gone: then nobody knows whose it is, and the kernel dies of it, though its code is right. Known by the
 * oops, `int3`, and by the byte before the instruction pointer, which is no 0xcc. One boot in some hundred of 7.3 with
 * two processors, on a busy host. Source: arch/x86/kernel/alternative.c, text_poke_bp_batch() (6.1).
 */
export function isStaleTrap(console: readonly string[]): boolean {
  const at = console.findIndex((line) => /\bint3: 0000 \[#1\]/.test(line))
  const code = console.slice(at, at + 12).find((line) => /\bCode: .* <[0-9a-f]{2}> /.test(line))
  return at >= 0 && code !== undefined && !/ cc <[0-9a-f]{2}> /.test(code)
}

/** What `boot()` rejects with when its guest is lost before its agent came: a StaleTrap for `bootedAnew()` if it was one. */
export function whyLost(error: unknown, vm: VirtualMachine, accelerator: string): unknown {
  const stale = accelerator === 'tcg' && error instanceof GuestLost && isStaleTrap(vm.console.since(0))
  return stale ? new StaleTrap(error.message, { cause: error }) : error
}

/** Boots, and boots anew after a StaleTrap. Throws what the last boot did. */
export async function bootedAnew<T>(boot: () => Promise<T>, log: (sentence: string) => void): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await boot()
    } catch (error) {
      if (!(error instanceof StaleTrap)) throw error
      if (tries === TRIES) throw error.cause
      log('A guest that booted ran a breakpoint that was there no more (int3, under TCG): it is booted anew.')
    }
  }
}
