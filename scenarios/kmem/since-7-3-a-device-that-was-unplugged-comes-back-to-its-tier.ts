import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('since 7.3 a device that was unplugged comes back to its tier', {
  why: 'Unplugging takes the memory and leaves the device bound: the node keeps its type for what is plugged in again.',
  kernels: '>=7.3',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
    // Nothing is changed in the end; what the kernel says of it meanwhile is not for the console.
    shell(`set -e
all=/sys/module/printk/parameters/ignore_loglevel
was=$(cat $all) level=$(cut -f 1 /proc/sys/kernel/printk)
echo N > $all
echo 1 > /proc/sys/kernel/printk
cd /sys/bus/dax/devices/dax0.0
echo unplugged > state
[ ! -e /sys/devices/system/node/node1 ]
echo online_movable > state
echo $level > /proc/sys/kernel/printk
echo $was > $all`),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
