/** One line of an explanation: what is so, and where the kernel makes it so. */
export interface Reason {
  readonly says: string
  readonly file: string
  readonly function: string
}

const FILES = {
  'mm/memory-tiers.c': [
    'set_node_memory_tier',
    'memory_tier_init',
    'memory_tier_late_init',
    '__init_node_memory_type',
    'find_create_memory_tier',
    'mt_set_default_dram_perf',
    'mt_perf_to_adistance',
    'establish_demotion_targets',
    'node_is_toptier',
  ],
  'mm/page_alloc.c': ['find_next_best_node'],
  'drivers/dax/kmem.c': ['dev_dax_kmem_probe'],
  'drivers/acpi/numa/hmat.c': [
    'hmat_init',
    'hmat_normalize',
    'hmat_parse_proximity_domain',
    'hmat_update_target',
    'hmat_update_target_attrs',
    'hmat_calculate_adistance',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

type Functions = (typeof FILES)[keyof typeof FILES][number]

/** Functions are named once, with their files. */
export function reason(name: Functions, says: string): Reason {
  const [file] = Object.entries(FILES).find(([, names]) => names.some((known) => known === name)) ?? []
  if (file === undefined) throw new RangeError(`no file is known for ${name}()`)
  return { says, file, function: `${name}()` }
}
