import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { QmpEvent } from '../machine/qmp.ts'
import { hasOopsed } from '../observe/observe.ts'
import type { CommandResult, Session } from '../session/session.ts'
import type { MonitorLine, Resized, Settles } from '../steps/step.ts'

/**
 * Types a line into QEMU's monitor, and waits for the sign that the guest is done with what it brought about, or that a
 * task of its kernel died over it. QEMU refuses in words, which become standard error with status 1, as a refusal of the
 * guest's does. Throws GuestLost when the sign does not come.
 */
export async function typeIntoMonitor(
  session: Session,
  { line, settles }: MonitorLine,
  limit_ms: number,
): Promise<CommandResult> {
  const started = performance.now()
  const result = (stderr: string): CommandResult => ({
    ...{ status: stderr === '' ? 0 : 1, stdout: Buffer.alloc(0), stderr: Buffer.from(stderr) },
    ...{ timed_out: false, duration_ms: performance.now() - started },
  })
  const { vm } = session
  const { position } = vm.console
  if (settles.when === 'booted') {
    await session.reboot(() => vm.reset(line, limit_ms), limit_ms)
    for (const device of settles.devices) await resized(session, device, position)
    return result('')
  }
  if (settles.when === 'resized') {
    const said = await vm.monitor(line)
    if (said === '') for (const device of settles.devices) await resized(session, device, position)
    return result(said)
  }
  const { sign, ignore } = vm.qmp.next((event) => isSign(event, settles))
  const said = await vm.monitor(line)
  if (said !== '') {
    ignore()
    return result(said)
  }
  const answer = vm.within(sign, `the guest’s _OST for ${settles.id}`, limit_ms, 'silent').then(refusal)
  return result(await Promise.race([answer, oops(session, position, answer)]))
}

/** Ends with an empty text when a task of the kernel has died since `position`, and otherwise with the answer. */
async function oops(session: Session, position: number, answer: Promise<string>): Promise<string> {
  let waits = true
  const over = () => {
    waits = false
  }
  answer.then(over, over)
  while (waits && !hasOopsed(session, position)) await sleep(POLL_MS)
  return waits ? '' : answer
}

const MEMORY = '/sys/devices/system/memory'
/** A guest that does more than it is expected to does it at once; one that does less is given so long. */
const QUIET_MS = 500
const RESIZE_LIMIT_MS = 10_000
const POLL_MS = 10

/**
 * QEMU knows how much is plugged in, but not when the guest has added and onlined it: that is when its blocks are there,
 * and nobody holds the lock of hot-plug any more, which a write to any block's `state` waits for. What does not come to
 * pass is left to who looks at the guest.
 */
async function resized(session: Session, { id, bytes, blocks }: Resized, position: number): Promise<void> {
  const { vm } = session
  const { qmp } = vm
  const size = async () => qmp.execute('qom-get', { path: `/machine/peripheral/${id}`, property: 'size' })
  const began = performance.now()
  const before = await size()
  let now = before
  while (now !== bytes && performance.now() - began < RESIZE_LIMIT_MS && !hasOopsed(session, position)) {
    await sleep(POLL_MS)
    now = await size()
  }
  if (now === before) await sleep(QUIET_MS)
  const last = blocks.at(-1)
  if (last === undefined || hasOopsed(session, position)) return
  await session.run(
    `for i in $(seq 100); do [ -e ${MEMORY}/memory${last} ] && break; sleep 0.05; done
echo online > ${MEMORY}/memory0/state # which it is`,
    RESIZE_LIMIT_MS,
  )
}

/** Of `_OST`'s events and codes. Source: include/linux/acpi.h, ACPI_OST_SC_* (6.1). */
const EJECT_REQUEST = 3
const EJECT_IN_PROGRESS = 0x84
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'ACPI_OST_SC_NON_SPECIFIC_FAILURE',
  128: 'ACPI_OST_SC_EJECT_NOT_SUPPORTED',
  129: 'ACPI_OST_SC_DEVICE_IN_USE',
  130: 'ACPI_OST_SC_DEVICE_BUSY',
  131: 'ACPI_OST_SC_EJECT_DEPENDENCY_BUSY',
}

/** Source: QEMU's qapi/acpi.json, ACPI_DEVICE_OST, and qapi/qdev.json, DEVICE_DELETED. */
const Ost = z.object({ info: z.object({ device: z.string().optional(), source: z.number(), status: z.number() }) })
const Deleted = z.object({ device: z.string().optional() })

/**
 * Linux evaluates _OST last of all, when memory was added and onlined, or could not be; when an eject has failed; and
 * after an eject, when QEMU has said already that the device is gone.
 * Source: drivers/acpi/scan.c, acpi_device_hotplug() (6.1); QEMU's hw/acpi/memory_hotplug.c.
 */
function isSign({ event, data }: QmpEvent, { when, id }: Extract<Settles, { when: 'plugged' | 'ejected' }>): boolean {
  if (event === 'DEVICE_DELETED') return when === 'ejected' && Deleted.parse(data).device === id
  if (event !== 'ACPI_DEVICE_OST') return false
  const { device, source, status } = Ost.parse(data).info
  if (device !== id) return false
  return when === 'plugged' ? source !== EJECT_REQUEST : source === EJECT_REQUEST && status !== EJECT_IN_PROGRESS
}

/** Empty when the guest did what it was asked. */
function refusal({ event, data }: QmpEvent): string {
  if (event !== 'ACPI_DEVICE_OST') return ''
  const { status } = Ost.parse(data).info
  return status === 0 ? '' : `the guest answers by _OST ${REFUSALS[status] ?? status}`
}
