import { z } from 'zod'

const sockets = {
  dimm_bytes: z.array(z.number()).exactOptional(),
  virtio_mem_bytes: z.number().exactOptional(),
  virtio_pmem_bytes: z.number().exactOptional(),
}
const Node = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dram'), memory_bytes: z.number(), cpus: z.string(), ...sockets }),
  z.object({ kind: z.literal('memoryless'), cpus: z.string(), ...sockets }),
  z.object({ kind: z.literal('pmem'), pmem_bytes: z.array(z.number()), ...sockets }),
  z.object({ kind: z.literal('soft-reserved'), reserved_bytes: z.number(), whole: z.boolean(), ...sockets }),
  z.object({
    ...{ kind: z.literal('mixed'), memory_bytes: z.number(), cpus: z.string(), pmem_bytes: z.array(z.number()) },
    ...sockets,
  }),
])

const HmatEntry = z.object({
  initiator: z.number(),
  target: z.number(),
  latency_ns: z.number(),
  bandwidth_mibps: z.number(),
})

const Machine = z.object({
  nodes: z.array(Node),
  distances: z.array(z.array(z.number())),
  hmat: z.array(HmatEntry).nullable(),
  auto_online: z.enum(['offline', 'online', 'online_kernel', 'online_movable', 'distribution']),
  numa: z.literal('off').exactOptional(),
  modules: z.array(z.string()),
  slub_debug: z.string().exactOptional(),
})

const Step = z.object({
  verb: z.string(),
  args: z.json(),
  refuses: z.object({ says: z.string() }).exactOptional(),
  limit_ms: z.number().exactOptional(),
})

const Shown = z.object({
  tiers: z.record(z.templateLiteral(['memory_tier', z.number()]), z.string()).exactOptional(),
  demotion: z.record(z.coerce.number<string>(), z.string()).exactOptional(),
  hasMemory: z.string().exactOptional(),
  online: z.string().exactOptional(),
  pages: z.record(z.coerce.number<string>(), z.string()).exactOptional(),
})

/** A scenario as data. */
export const RecordedScenario = z.object({
  name: z.string(),
  why: z.string(),
  kernels: z.string(),
  machine: Machine,
  needs: z.array(z.string()).exactOptional(),
  steps: z.array(z.union([Step, z.object({ shows: Shown, kernels: z.string() })])),
})

/** run.json: everything that decides what a run shows, written before the guest starts. */
export const RunHead = z.object({
  tierlab: z.string(),
  scenario: RecordedScenario,
  file: z.string(),
  kernel: z.object({ spec: z.string(), name: z.string(), release: z.string(), hash: z.string() }),
  era: z.string(),
  accel: z.object({ name: z.enum(['kvm', 'tcg']), reason: z.string() }),
  /** Records that do not say it are of guests that began with a bzImage. */
  boot: z.object({ entry: z.enum(['pvh', 'bzImage']), reason: z.string() }).default({ entry: 'bzImage', reason: '' }),
  qemu: z.string(),
  userland: z.object({
    family: z.string(),
    packages: z.array(z.object({ name: z.string(), version: z.string() })),
  }),
  guest: z.string(),
  command_line: z.string(),
  /** Whether known issues are excused. */
  known_issues: z.boolean().default(true),
  started_at: z.string(),
})
export type RunHead = z.infer<typeof RunHead>

/** A line of steps.jsonl: what was run, what it answered, and what the guest showed afterwards. */
export const StepRecord = z.object({
  index: z.number(),
  title: z.string(),
  script: z.string(),
  status: z.number(),
  stdout: z.string(),
  stderr: z.string(),
  timed_out: z.boolean(),
  duration_ms: z.number(),
  observe_ms: z.number(),
  files: z.record(z.string(), z.string()),
  messages: z.array(z.string()),
})
export type StepRecord = z.infer<typeof StepRecord>

/**
 * How a run ended. `messages` are those that no step's observation holds; `fallback` says why a guest that could have
 * been restored was not.
 */
export const RunEnd = z.object({
  kind: z.enum(['complete', 'no-boot', 'exited', 'killed', 'silent', 'protocol', 'host', 'interrupted']),
  reason: z.string(),
  messages: z.array(z.string()),
  start: z.enum(['boot', 'restore']).default('boot'),
  fallback: z.string().default(''),
  /** The steps up to this one were taken when the checkpoint was made. */
  restored_after: z.number().default(0),
  start_ms: z.number(),
  total_ms: z.number(),
})
export type RunEnd = z.infer<typeof RunEnd>

/** What is read again of verdict.json: the rest is judged anew. */
export const JudgedThen = z.object({
  verdict: z.enum(['pass', 'fail', 'splat', 'crash', 'hang', 'known', 'broken', 'skip']),
  reason: z.string(),
})

/** A whole run, as it lies in its folder: run.json, steps.jsonl, end.json, console.log. */
export interface RunRecord {
  readonly head: RunHead
  readonly steps: readonly StepRecord[]
  readonly end: RunEnd
}
