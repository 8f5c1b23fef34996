import { daxctl, dram, GiB, machine, ndctl, pmem, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)] })
const [, slow] = box.nodes

export default scenario('since 7.3 a device is unplugged before it is onlined otherwise', {
  why: 'Its state goes from unplugged to a way of being online, and never from one such way to another.',
  kernels: '>=7.3',
  machine: box,
  steps: [
    ndctl.createNamespace(slow, { mode: 'devdax' }),
    daxctl.reconfigureDevice(slow, { mode: 'system-ram' }),
    shell(`cd /sys/bus/dax/devices/dax0.0
for state in online online_kernel online_movable; do
  words=$({ echo $state > state; } 2>&1) && exit 1
  case $words in *'Device or resource busy'*) ;; *) echo "$state: $words" >&2; exit 1 ;; esac
done`),
    shows({ tiers: { memory_tier4: '0', memory_tier22: '1' } }),
  ],
})
