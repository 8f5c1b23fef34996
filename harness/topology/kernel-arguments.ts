import { layoutOf } from './layout.ts'
import type { MachineSpec } from './machine.ts'
import { virtioMemOf, virtioPmemOf } from './nodes.ts'

/**
 * Words that spare a guest work, under emulation above all, and change nothing that is judged; `npm run bench entry`
 * measures them.
 */
export const FAST_ARGUMENTS: readonly string[] = [
  // “Disable crypto self-tests”, which take about 1 s: no scenario uses cryptography.
  'cryptomgr.notests',
  // “Fill newly allocated pages and heap objects with zeroes”: a hardening, and nothing that is judged depends on it.
  'init_on_alloc=0',
  // “Mark tsc clocksource as reliable”: Linux thinks the TSCs of several emulated sockets unsynchronized, and would read
  // the HPET instead, an emulated device; but under QEMU they are one clock.
  'tsc=reliable',
]

/**
 * The guest's kernel command line, stated so that no distribution's default decides a result.
 * Source: Documentation/admin-guide/kernel-parameters.txt.
 */
export function kernelArguments(spec: MachineSpec): string[] {
  const { reserved } = layoutOf(spec)
  const drivers = [
    ...(spec.nodes.some((node) => virtioMemOf(node) > 0) ? ['virtio_mem'] : []),
    ...(spec.nodes.some((node) => virtioPmemOf(node) > 0) ? ['virtio_pmem'] : []),
    ...(reserved.length > 0 ? ['dax_hmem'] : []),
  ]
  const modules = [...new Set([...drivers, ...spec.modules])]
  return [
    'console=ttyS0,115200',
    // A panic resets the machine at once, and -no-reboot turns the reset into QEMU's end: a crash costs no waiting.
    'panic=-1',
    // Marks written to /dev/kmsg by the harness are never rate-limited away.
    'printk.devkmsg=on',
    'ignore_loglevel',
    // Emulated timers may be late on a busy host; that is no fault of the kernel under test.
    'no_timer_check',
    ...FAST_ARGUMENTS,
    'memory_hotplug.online_policy=contig-zones',
    ...(spec.numa === 'off' ? ['numa=off'] : []),
    ...(spec.slub_debug === undefined ? [] : [`slub_debug=${spec.slub_debug}`]),
    ...(spec.auto_online === 'distribution' ? [] : [`memhp_default_state=${spec.auto_online}`]),
    // From RAM to soft reserved, e820's type 0xefffffff; region_idle leaves all of it for daxctl to make devices of.
    ...reserved.map(({ start, end }) => `memmap=${end - start}%0x${start.toString(16)}-1+0xefffffff`),
    ...(spec.nodes.some((node) => node.kind === 'soft-reserved' && !node.whole) ? ['dax_hmem.region_idle=1'] : []),
    ...(modules.length === 0 ? [] : [`tierlab.modules=${modules.join(',')}`]),
  ]
}
