import { z } from 'zod'
import { UsageError } from '../base/errors.ts'
import { done } from '../model/outcome.ts'
import { atRest, type World } from '../model/world.ts'
import { defineStep, faces, type Step } from './step.ts'

const Inner = z.object({ verb: z.string(), args: z.json() })

/** Caches whose objects are freed much later, many at once. Source: mm/vmalloc.c, free_vmap_area_noflush() (6.1). */
const LATER = ['vmap_area']

const KMEMLEAK = '/sys/kernel/debug/kmemleak'

const rounds = defineStep({
  verb: 'cycle',
  args: z.object({ steps: z.array(Inner), times: z.number().int().min(1) }),
  title: ({ steps, times }) => `${times} times: ${steps.map((step) => faces(step).title()).join('; ')}`,
  script: ({ steps, times }, { world, names }) => `round() {
${scripts(world, steps, names)
  .map((script) => `  { ${script}\n  } || return 1`)
  .join('\n')}
}
count() {
  cat /proc/iomem > /run/iomem.$1
  sed '1,2d' /proc/slabinfo | while read -r cache objects _ _ each _; do echo "$cache $objects $each"; done > /run/slab.$1
}
# What the first rounds allocate may be kept for all later ones.
round > /run/cycle && round > /run/cycle || { cat /run/cycle; exit 1; }
[ ! -e ${KMEMLEAK} ] || { echo scan > ${KMEMLEAK} && echo clear > ${KMEMLEAK}; } || exit
count before
i=0
while [ $i -lt ${times} ]; do
  i=$((i + 1))
  round > /run/cycle || { cat /run/cycle; echo "round $i failed" >&2; exit 1; }
done
sleep 1
count after
cmp -s /run/iomem.before /run/iomem.after || { diff /run/iomem.before /run/iomem.after >&2; exit 2; }
[ ! -e ${KMEMLEAK} ] || { sleep 6; echo scan > ${KMEMLEAK}; echo scan > ${KMEMLEAK}; cat ${KMEMLEAK} >&2; ! grep -q . ${KMEMLEAK}; } || exit 3
# One object lost in every second round, and two slabs, which count as used while a CPU has them.
while read -r cache objects each; do
  case $cache in ${LATER.join('|')}) continue ;; esac
  before=$(sed -n "s/^$cache \\([0-9]*\\) .*/\\1/p" /run/slab.before)
  [ $((objects - \${before:-0})) -lt $((${Math.ceil(times / 2)} + 2 * each)) ] || echo "$cache: $((objects - \${before:-0})) more objects" >&2
done < /run/slab.after 2> /run/leaks
[ ! -s /run/leaks ] || { cat /run/leaks >&2; exit 4; }`,
  model: (world, { steps, times }) => {
    const after = played(world, steps).at(-1) ?? world
    if (settled(after) !== settled(world))
      throw new UsageError('A cycle must end where it began, or the next round would be another.')
    // The first two rounds are not counted.
    const each = played(world, steps).flatMap(({ rebuilds }) => rebuilds)
    return done({ ...atRest(after), rebuilds: Array.from({ length: times + 2 }, () => each).flat() })
  },
})

/** The world behind each step. */
function played(world: World, steps: readonly Step[]): World[] {
  const worlds: World[] = []
  for (const step of steps) {
    const { world: after, status, words } = faces(step).model(atRest(worlds.at(-1) ?? world))
    if (status !== 0) throw new UsageError(`“${faces(step).title()}” is refused in a cycle (${words}).`)
    if (after.conditions.length > 0)
      throw new UsageError(`“${faces(step).title()}” in a cycle shows a known issue: ${after.conditions.join('; ')}.`)
    worlds.push(after)
  }
  return worlds
}

function scripts(
  world: World,
  steps: readonly Step[],
  names: Parameters<ReturnType<typeof faces>['script']>[0]['names'],
) {
  const worlds = [world, ...played(world, steps)]
  return steps.map((step, index) => faces(step).script({ world: worlds[index] ?? world, names }))
}

/** What one round may not change: all but how many types were ever made, and what only counts. */
function settled({ types: _types, rebuilds: _rebuilds, conditions: _conditions, ...rest }: World): string {
  return JSON.stringify({ ...rest, targets: [...rest.targets], blocks: [...rest.blocks].sort(([a], [b]) => a - b) })
}

/** A second for each round is far more than one takes. */
const ROUND_LIMIT_MS = 1_000

/**
 * Steps that come back to where they began, again and again on one guest; then nothing may be left of them: no object in
 * slab caches for every second round (400 rounds show one of 64 bytes that each of them loses), nothing in /proc/iomem, nothing that kmemleak finds where the kernel has it.
 */
export function cycle(steps: readonly Step[], options: { times: number }): Step {
  return {
    ...rounds({ steps: z.array(Inner).parse(steps), times: options.times }),
    limit_ms: 60_000 + options.times * ROUND_LIMIT_MS,
  }
}
