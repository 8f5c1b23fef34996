import { inRange, type Release } from '../base/release.ts'
import type { Condition } from './world.ts'

/** The verdict that it would be, and words of the kernel's complaint or of a difference. */
export interface Seen {
  readonly verdict: 'fail' | 'splat' | 'crash' | 'hang'
  readonly words: readonly string[]
}

/**
 * A bug that kernels are known to have. The model says what is right, and where it meets the condition of a known issue
 * the kernel is expected to go wrong, in this way and in no other. One that does not is a finding too.
 */
export interface KnownIssue {
  readonly id: string
  /** The rule that is broken: where the model comes by it, the bug shows. */
  readonly condition: Condition
  /** Releases that have it, as a range. Bring it to an end here once a release is fixed. */
  readonly kernels: string
  /** What is seen, in one way or another. */
  readonly seen: readonly [Seen, ...Seen[]]
  /** It may also happen that nothing is seen: who reads what was freed may find what was there. */
  readonly may_hide?: true
  /** Why it happens, in a sentence or two. */
  readonly reason: string
  /** Where it is discussed, or the source that shows it. */
  readonly reference: string
  /** The last day on which it is excused, as in 2027-06-30; from then on it counts like any other divergence. */
  readonly expires: string
}

export const KNOWN_ISSUES: readonly KnownIssue[] = [
  {
    id: 'untyped-node-loses-its-memory',
    condition: 'a node without a type loses its last memory',
    kernels: '>=6.1',
    seen: [{ verdict: 'splat', words: ['memtier_hotplug_callback'] }],
    reason:
      'A clean removal by kmem forgets the type of a node that still has other memory in its tier (since 6.7 even when ' +
      'kmem had not typed it); when that memory goes offline too, clear_node_memory_tier() dereferences node_memory_types[node].memtype, which is NULL.',
    reference: 'mm/memory-tiers.c, clear_node_memory_type() and clear_node_memory_tier() (6.1 to 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'node-stays-in-a-tier-without-memory',
    condition: 'a node of another type than its tier loses its last memory',
    kernels: '>=6.7',
    seen: [{ verdict: 'fail', words: ['/memory_tiering/'] }],
    reason:
      'A clean removal by kmem forgets the type of a node that another had typed, and the next device of kmem gives it a ' +
      'new one while its memory is still in the old tier; when the last of it goes offline, clear_node_memory_tier() ' +
      'takes the node out of the new type, and the old tier lists it for ever.',
    reference: 'drivers/dax/kmem.c, dev_dax_kmem_remove(): clear_node_memory_type(node, NULL) (6.12, 7.3; not 6.1)',
    expires: '2027-06-30',
  },
  {
    id: 'type-without-a-count-stays',
    condition: 'a node has a type of which nobody has a count',
    kernels: '>=6.7',
    seen: [{ verdict: 'fail', words: ['/memory_tiering/'] }],
    reason:
      'Each clean removal by kmem gives a count back, also where none is left: two devices on a node that another typed ' +
      'make it -1. The next one then types the node without a count, and its removal leaves the type there for good.',
    reference:
      'mm/memory-tiers.c, clear_node_memory_type(): map_count is a number below 0, and not 0 (6.12, 7.3; not 6.1)',
    expires: '2027-06-30',
  },
  {
    id: 'type-is-forgotten-too-early',
    condition: 'a type is forgotten that a device gave its node',
    kernels: '>=6.7',
    seen: [
      { verdict: 'splat', words: ['memtier_hotplug_callback'] },
      { verdict: 'fail', words: ['/memory_tiering/'] },
    ],
    may_hide: true,
    reason:
      'As type-without-a-count-stays: where a count is missing, the removal of one of two devices empties the entry of ' +
      'their node, as if the other had gone too.',
    reference: 'mm/memory-tiers.c, clear_node_memory_type() (6.12, 7.3; not 6.1)',
    expires: '2027-06-30',
  },
  {
    id: 'memory-type-is-freed-in-use',
    condition: 'a memory type is freed that is still in use',
    kernels: '>=6.1',
    seen: [
      { verdict: 'splat', words: ['nodelist_show'] },
      { verdict: 'fail', words: ['/memory_tiering/'] },
    ],
    may_hide: true,
    reason:
      'A tier lists a memory type without a reference of its own. When kmem has typed a node, other memory of that node is ' +
      'still online, and kmem is unloaded, the type is freed; whoever reads the tier’s nodelist reads freed memory.',
    reference:
      'mm/memory-tiers.c, set_node_memory_tier(), release_memtype(); drivers/dax/kmem.c, dax_kmem_exit() (6.1, 6.12, 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'region-gives-away-memory-in-use',
    condition: 'a dax device gives back a range whose memory stays',
    kernels: '>=6.1',
    seen: [{ verdict: 'fail', words: ['/dax_region/available_size'] }],
    reason:
      'Unbinding kmem leaves memory that is online, and reserved; the device is then without a driver, and may be made smaller ' +
      'and deleted. The region counts its range as free, and gives it to the next device, which no driver takes.',
    reference:
      'drivers/dax/bus.c, dev_dax_resize(), delete_store(); drivers/dax/kmem.c, dev_dax_kmem_remove() (6.1, 6.12, 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'device-says-that-it-is-online',
    condition: 'memory of a device that says it is online did not come online',
    kernels: '>=7.3',
    seen: [{ verdict: 'fail', words: ['/sys/bus/dax/devices/', '/state'] }],
    reason:
      'Memory is added first and onlined then, and a failure of that is told nobody: the device’s state is what was asked ' +
      'for. To ask for it again does nothing, because that is what it is already.',
    reference: 'drivers/dax/kmem.c, dev_dax_kmem_probe() and state_store() (7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'node-comes-back-without-hmat',
    condition: 'a node that HMAT describes comes back',
    kernels: '>=6.1',
    seen: [{ verdict: 'fail', words: ['/access1/'] }],
    reason:
      'The kernel makes the files of HMAT in a node’s folder once, and remembers that it has. With the last memory block of ' +
      'a node without CPUs its folder goes, and those files with it; the folder that comes later has none.',
    reference:
      'drivers/acpi/numa/hmat.c, hmat_register_target(): target->registered (6.1); hmat_hotplug_target() (6.12, 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'group-counts-pages-that-have-gone',
    condition: 'a node gets memory again on which a group had pages',
    kernels: '>=6.1',
    seen: [{ verdict: 'fail', words: ['memory.numa_stat'] }],
    // A CPU's part of a counter may have been added up before the node lost its memory.
    may_hide: true,
    reason:
      'What each CPU has counted for a group is added up for nodes that have memory. What it counts while pages leave the ' +
      'last memory of a node waits until the node has memory again, and then until that CPU counts something else of the ' +
      'group: till then memory.numa_stat has these pages twice.',
    reference: 'mm/memcontrol.c, mem_cgroup_css_rstat_flush(): for_each_node_state(nid, N_MEMORY) (6.1, 6.12, 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'dynamic-device-is-lost-to-device-dax',
    condition: 'device_dax is offered a dynamic device that it has failed to take before',
    kernels: '>=6.1',
    seen: [{ verdict: 'fail', words: ['exit status'] }],
    reason:
      'A probe that fails, because memory that kmem left behind is reserved, frees the page map and leaves the pointer to ' +
      'it in the device; every later one says “dynamic-dax with pre-populated page map”, and EINVAL, for ever.',
    reference: 'drivers/dax/device.c, dev_dax_probe(): dev_dax->pgmap is set before what can fail (6.1, 6.12, 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'memory-without-a-tier',
    condition: 'the tier of a node cannot be allocated',
    kernels: '>=6.1',
    seen: [{ verdict: 'fail', words: ['/memory_tiering/'] }],
    reason:
      'The notifier drops the error of set_node_memory_tier(): the memory comes online, in no tier and without demotion ' +
      'targets, until the last of it has gone and come again.',
    reference: 'mm/memory-tiers.c, memtier_hotplug_callback() (6.1 to 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'want-of-memory-is-warned-of',
    condition: 'adding memory fails for want of memory',
    kernels: '>=6.1',
    seen: [{ verdict: 'splat', words: ['add_pages'] }],
    reason: 'x86 has a WARN_ON_ONCE() for whatever __add_pages() answers, and so for an ordinary ENOMEM.',
    reference: 'arch/x86/mm/init_64.c, add_pages() (6.1 to 7.3)',
    expires: '2027-06-30',
  },
  {
    id: 'memory-block-without-its-node',
    condition: 'a memory block cannot be linked to its node',
    kernels: '>=6.1',
    seen: [{ verdict: 'fail', words: ['/sys/devices/system/node/node', '/memory'] }],
    reason:
      'A link that sysfs cannot make between a node and a memory block is told once in the log and then forgotten: the ' +
      'block is there, and no node names it.',
    reference: 'drivers/base/node.c, do_register_memory_block_under_node() (6.1 to 7.3)',
    expires: '2027-06-30',
  },
]

/** The issue that a kernel of a release is expected to show under these conditions, on a day; undefined for none. */
export function knownIssue(conditions: readonly Condition[], release: Release, day: string): KnownIssue | undefined {
  return KNOWN_ISSUES.find(
    ({ condition, kernels, expires }) => conditions.includes(condition) && inRange(release, kernels) && day <= expires,
  )
}

/** How long before its last day an issue is to be looked at again. */
const NOTICE_DAYS = 30

/** The issues whose last day has passed, or is near, on a day like 2027-06-30: somebody must look at them again. */
export function issuesToReview(
  day: string,
  issues: readonly KnownIssue[] = KNOWN_ISSUES,
): { readonly issue: KnownIssue; readonly expired: boolean }[] {
  const soon = new Date(Date.parse(day) + NOTICE_DAYS * 86_400_000).toISOString().slice(0, 10)
  return issues.filter(({ expires }) => expires < soon).map((issue) => ({ issue, expired: issue.expires < day }))
}

/** The known issues as Markdown, for docs/model.md; a test holds the page to it. */
export function knownIssueTable(): string {
  return [
    '| id | where the model says that | kernels | what is seen | why | source | until |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...KNOWN_ISSUES.map(({ id, condition, kernels, seen, may_hide, reason, reference, expires }) => {
      const ways = seen.map(
        ({ verdict, words }) => `\`${verdict}\` with ${words.map((word) => `\`${word}\``).join(', ')}`,
      )
      const what = [...ways, ...(may_hide ? ['nothing'] : [])].join('; or ')
      return `| ${[`\`${id}\``, condition, `\`${kernels}\``, what, reason, reference, expires].join(' | ')} |`
    }),
  ].join('\n')
}
