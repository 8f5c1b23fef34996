import { dram, MiB, machine, pmem, scenario, shell, shows } from '../../harness/index.ts'

const box = machine({ nodes: [dram(512 * MiB, { cpus: '0' }), pmem(128 * MiB)] })

/** Writes main memory, and the NVDIMM through its raw namespace. */
export default scenario('writes its memory', {
  why: 'What one guest writes no other sees, though they share a checkpoint.',
  kernels: '>=6.1',
  machine: box,
  steps: [
    shows({ tiers: { memory_tier4: '0' } }),
    shell('[ ! -e /run/mine ] && head -c 30000000 /dev/urandom >/run/mine'),
    shell(
      'device=/dev/pmem0; [ "$(head -c 4 $device | od -An -tx1 | tr -d " ")" = 00000000 ] && head -c 4000000 /dev/urandom >/tmp/r && dd if=/tmp/r of=$device bs=1M conv=fsync 2>/dev/null',
    ),
  ],
})
