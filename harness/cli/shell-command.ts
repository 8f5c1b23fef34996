import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { FOR_DEBUGGERS } from '../machine/gdb-server.ts'
import { Interrupt } from './interrupt.ts'
import { withGuest } from './lone-guest.ts'
import { type StepOptions, withGuestAt } from './scenario-guest.ts'
import { Stay, type StayOptions } from './stay.ts'

export type ShellOptions = StepOptions & StayOptions

/** `tierlab shell`: a shell in a guest, at a step of a scenario where one is named. Its exit status is the shell's. */
export async function shellCommand(file: string | undefined, options: ShellOptions): Promise<number> {
  if (file === undefined && options.after !== undefined)
    throw new UsageError('--after names a step of a scenario: tierlab shell FILE --after STEP.')
  if (file !== undefined && options.machine !== undefined)
    throw new UsageError('A scenario has its own machine: leave --machine out.')
  if (options.dump !== undefined) await checkPlace(options.dump)
  const given = { ...options, ...(options.gdb && { extra: FOR_DEBUGGERS }) }
  const stay = new Stay(options)
  using interrupt = new Interrupt()
  if (file !== undefined) return await withGuestAt(file, given, interrupt, stay)
  return await withGuest(given, interrupt, async (session, prepared) => {
    await stay.begun(session, prepared)
    return stay.reached(session, true)
  })
}

/** Before anything is booted. Throws UsageError when no file can be made there. */
async function checkPlace(file: string): Promise<void> {
  const folder = dirname(resolve(file))
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`The dump ${file} cannot be written: there is no folder ${folder} to write to.`, { cause })
  })
}
