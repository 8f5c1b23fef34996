/**
 * What the page is made of: plain data that survives JSON. Everything in it that comes from a record is untrusted text.
 * Times are milliseconds, sizes bytes; nodes are numbered as the kernel does.
 */
export type VerdictWord = 'pass' | 'fail' | 'splat' | 'crash' | 'hang' | 'known' | 'broken' | 'skip'

/** The matrix: everything that is seen before a run is opened. */
export interface Outline {
  readonly tierlab: string
  /** When the page was made, ISO 8601. */
  readonly made_at: string
  readonly kernels: readonly KernelHead[]
  readonly rows: readonly Row[]
  /** Sentences on runs that could not be read. */
  readonly unread: readonly string[]
  readonly comparison: Comparison | null
}

export interface KernelHead {
  readonly name: string
  readonly release: string
  readonly era: string
  readonly accel: string
}

/** A scenario: one cell for each kernel, null where there is neither a run nor a skip. */
export interface Row {
  readonly name: string
  readonly slug: string
  readonly file: string
  /** The folder of its file, under which rows are gathered. */
  readonly folder: string
  readonly cells: readonly (Cell | null)[]
}

export interface Cell {
  /** `kernel/scenario`: what its link is made of. */
  readonly key: string
  /** How often each verdict came, the most frequent first. */
  readonly counts: readonly (readonly [VerdictWord, number])[]
  /** Some of its repetitions went as expected, and some did not. */
  readonly flaky: boolean
  /** The median of its runs; null for a skip. */
  readonly total_ms: number | null
  readonly change: Change | null
  /** Why it was skipped; null for what was run. */
  readonly skipped: string | null
  /** Where the page keeps its CellDetail; null for a skip. */
  readonly chunk: number | null
}

/** What became of a cell since an earlier run; comparison.ts has the rules. */
export type Change = 'new failure' | 'fixed' | 'flaky' | 'slower' | 'could not tell' | 'still failing' | 'added'

export interface Comparison {
  /** What it was compared with, in words: a path, and when its runs were made. */
  readonly with: string
  readonly entries: readonly Entry[]
  /** Scenarios on kernels that were run then and not now. */
  readonly gone: readonly string[]
}

export interface Entry {
  readonly change: Change
  readonly key: string
  readonly scenario: string
  readonly kernel: string
  /** What it was and what it is: `pass → fail`, `2.0 s → 9.1 s`. */
  readonly words: string
}

/** Everything behind one cell. */
export interface CellDetail {
  readonly scenario: string
  readonly why: string
  readonly file: string
  readonly kernel: string
  readonly repeats: readonly Repeat[]
  readonly details: readonly RunDetail[]
  /** What it was in the run compared with; null without one. */
  readonly earlier: string | null
}

export interface Repeat {
  readonly verdict: VerdictWord
  readonly reason: string
  readonly step: number | null
  readonly total_ms: number
  readonly start: 'boot' | 'restore'
  readonly record: string
  /** Its place in `details`; of several that ended alike only the first is kept whole. */
  readonly detail: number
}

export interface Difference {
  readonly path: string
  readonly expected: string
  readonly observed: string
  readonly rule: string
}

export interface RunDetail {
  readonly verdict: VerdictWord
  readonly reason: string
  readonly step: number | null
  readonly differences: readonly Difference[]
  /** How many there are beyond those. */
  readonly more_differences: number
  readonly excerpt: readonly string[]
  /** What was judged when it was run, where that is not what is judged today. */
  readonly judged_then: string | null
  readonly facts: readonly (readonly [name: string, text: string])[]
  readonly commands: readonly Command[]
  readonly machine: MachineView
  readonly steps: readonly StepDetail[]
  readonly started_by: 'boot' | 'restore'
  readonly start_ms: number
  readonly total_ms: number
  /** The chunk that has the boot's ConsoleLine[]; null where nothing was read. */
  readonly boot_log: number | null
}

export interface Command {
  readonly name: string
  readonly line: string
}

export interface MachineView {
  readonly nodes: readonly NodeView[]
  readonly distances: readonly (readonly number[])[]
  readonly notes: readonly string[]
}

export interface NodeView {
  readonly cpus: readonly number[]
  readonly parts: readonly Part[]
}

/** A piece of memory of a node; what can be plugged in later is not there at the start. */
export interface Part {
  readonly kind: 'DRAM' | 'NVDIMM' | 'soft reserved' | 'DIMM' | 'virtio-mem' | 'virtio-pmem'
  readonly name: string
  readonly bytes: number
}

export interface StepDetail {
  readonly index: number
  readonly title: string
  /**
   * `known`: wrong just as a known issue says; `lost`: the guest did not come back from it; `unjudged`: an earlier step
   * went wrong already.
   */
  readonly mark: 'good' | 'bad' | 'known' | 'lost' | 'unjudged' | 'unreached'
  /** Taken when the checkpoint was made from which the guest was restored. */
  readonly restored: boolean
  readonly script: string
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly timed_out: boolean
  readonly duration_ms: number
  readonly observe_ms: number
  /** What the model says that the step is refused with; null where it says that it works. */
  readonly refused: string | null
  /** What pins behind it say, as sentences. */
  readonly pins: readonly string[]
  /** What the kernel showed; null for a step after which nothing was read. */
  readonly observed: State | null
  /** What the model says. */
  readonly expected: State
  readonly changes: readonly FileChange[]
  readonly more_changes: number
  readonly console: readonly ConsoleLine[]
}

/** Memory tiers at one moment. */
export interface State {
  readonly tiers: readonly Tier[]
  readonly nodes: readonly NodeState[]
  readonly demotion_enabled: boolean
}

export interface Tier {
  readonly name: string
  readonly nodes: readonly number[]
}

export interface NodeState {
  readonly node: number
  /** It has a folder in sysfs. */
  readonly online: boolean
  readonly has_cpu: boolean
  readonly online_bytes: number
  readonly offline_bytes: number
  /** Of the workload on the node: at least and at most; null where there is no workload. */
  readonly used_bytes: readonly [least: number, most: number] | null
  /** Sets that reclaim may prefer, more than one where the kernel is free to choose; null where nothing tells it. */
  readonly targets: readonly (readonly number[])[] | null
}

/** A file of sysfs or procfs before and after a step; null where it was not there. */
export interface FileChange {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** A line of the kernel's log, with the name of the complaint that it belongs to; or how many were left out here. */
export type ConsoleLine =
  | { readonly text: string; readonly bad?: string; readonly first?: true }
  | { readonly left_out: number }
