import { formatRelease } from '../base/release.ts'
import { type Behaviour, DIFFERENCES } from './differences.ts'
import { describeSpans, ERAS } from './eras.ts'
import { tierName, tierOf } from './tiers.ts'

/** The eras and their differences as Markdown, for docs/model.md; a test holds the page to it. */
export function eraTables(): string {
  return [
    '| era | kernels | DRAM | kmem’s default | kmem asks HMAT | HMAT types boot nodes | and later first memory | default DRAM | arithmetic | kmem’s removal drops | when these ranges have gone | logs targets | demotion heeds `cpuset.mems` | Debian onlines | virtio-pmem’s node | soft reserved memory is for |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...ERAS.map((era) => `| ${[era.name, describeSpans(era), ...cells(era)].join(' | ')} |`),
    '',
    '| first | also in | what is different | function | file | read in |',
    '| --- | --- | --- | --- | --- | --- |',
    ...DIFFERENCES.map(({ first, backports, says, function: name, file, evidence }) => {
      const also = backports.map(formatRelease).join(', ') || '–'
      const read = evidence === 'tree' ? 'the trees' : 'the patch'
      return `| ${[formatRelease(first), also, says, `\`${name}\``, `\`${file}\``, read].join(' | ')} |`
    }),
  ].join('\n')
}

function cells(era: Behaviour): string[] {
  const yes = (value: boolean) => (value ? 'yes' : 'no')
  return [
    `${era.adistance_dram}, \`${tierName(tierOf(era.adistance_dram))}\``,
    `${era.adistance_dax}, \`${tierName(tierOf(era.adistance_dax))}\``,
    yes(era.kmem_asks_hmat),
    { none: 'no', 'without-cpus': 'without CPUs', all: 'all' }[era.hmat_types_boot_nodes],
    yes(era.hmat_types_first_memory),
    era.kmem_asks_hmat ? { all: 'all boot nodes', 'with-cpus': 'boot nodes with CPUs' }[era.default_dram_nodes] : '–',
    era.kmem_asks_hmat ? `${era.adistance_bits} bits` : '–',
    { own: 'its own count', any: 'any count' }[era.kmem_removal_drops],
    { all: 'all, added or not', added: 'those added' }[era.kmem_counts_ranges],
    yes(era.logs_demotion_targets),
    { no: 'no', 'one-target': 'at one target', 'every-page': 'yes' }[era.demotion_heeds_cpuset],
    yes(era.debian_auto_online === 'online'),
    { zero: '0', address: 'of its address' }[era.virtio_pmem_node],
    era.soft_reserved_goes_to,
  ]
}
