import { messageText } from '../observe/observation.ts'

export type Complaint = 'panic' | 'splat'

/** One kind of message by which a kernel says that it is unwell. */
interface HealthRule {
  readonly pattern: RegExp
  readonly complaint: Complaint
  readonly name: string
  /** Where the text comes from. */
  readonly source: string
}

/** The policy, as data. The first rule that matches a line names the complaint. */
export const HEALTH_RULES: readonly HealthRule[] = [
  { pattern: /^Kernel panic - not syncing/, complaint: 'panic', name: 'panic', source: 'kernel/panic.c, panic()' },
  { pattern: /^BUG: KASAN: /, complaint: 'splat', name: 'KASAN', source: 'mm/kasan/report.c' },
  { pattern: /^BUG: KFENCE: /, complaint: 'splat', name: 'KFENCE', source: 'mm/kfence/report.c' },
  { pattern: /^UBSAN: /, complaint: 'splat', name: 'UBSAN', source: 'lib/ubsan.c' },
  {
    pattern: /^(BUG:? |Oops:|kernel BUG at )/,
    complaint: 'splat',
    name: 'oops',
    source: 'arch/x86/mm/fault.c, lib/bug.c',
  },
  {
    pattern: /^(general protection fault|stack segment|double fault|int3|divide error|invalid opcode|traps: PANIC)/,
    complaint: 'splat',
    name: 'oops',
    source: 'arch/x86/kernel/traps.c',
  },
  {
    pattern: /^WARNING: (possible|inconsistent|suspicious|bad unlock|lock held|Nested lock)/,
    complaint: 'splat',
    name: 'lockdep',
    source: 'kernel/locking/lockdep.c',
  },
  { pattern: /^WARNING: /, complaint: 'splat', name: 'WARN', source: 'kernel/panic.c, __warn()' },
  {
    pattern: /rcu: INFO: .* (detected (expedited )?stalls|self-detected stall)/,
    complaint: 'splat',
    name: 'RCU stall',
    source: 'kernel/rcu/tree_stall.h',
  },
  {
    pattern: /^INFO: task .* blocked for more than \d+ seconds/,
    complaint: 'splat',
    name: 'hung task',
    source: 'kernel/hung_task.c',
  },
  {
    pattern: /^(NMI )?watchdog: (.*: )?(BUG: soft lockup|Watchdog detected hard LOCKUP)/i,
    complaint: 'splat',
    name: 'lockup',
    source: 'kernel/watchdog.c',
  },
  {
    pattern: /^(list_add|list_del) corruption|refcount_t: /,
    complaint: 'splat',
    name: 'corruption',
    source: 'lib/list_debug.c, lib/refcount.c',
  },
  {
    pattern: /^kmemleak: \d+ new suspected memory leaks/,
    complaint: 'splat',
    name: 'kmemleak',
    source: 'mm/kmemleak.c',
  },
  {
    pattern: /^Out of memory: Killed process|invoked oom-killer/,
    complaint: 'splat',
    name: 'out of memory',
    source: 'mm/oom_kill.c',
  },
]

/** Messages that look like a complaint and are none, each with its reason. */
export const HEALTH_EXCEPTIONS: readonly { readonly pattern: RegExp; readonly reason: string }[] = []

/** Bits of /proc/sys/kernel/tainted that speak of a complaint. Source: Documentation/admin-guide/tainted-kernels.rst. */
export const TAINT_BITS: readonly { readonly bit: number; readonly name: string }[] = [
  { bit: 4, name: 'M: processor reported a machine check' },
  { bit: 5, name: 'B: bad page referenced' },
  { bit: 7, name: 'D: kernel died recently' },
  { bit: 9, name: 'W: kernel issued a warning' },
  { bit: 14, name: 'L: soft lockup occurred' },
]

export interface HealthFinding {
  readonly complaint: Complaint
  /** `oops`, `WARN`, `panic`, … */
  readonly name: string
  /** The message that matched, and what followed it. */
  readonly excerpt: readonly string[]
}

const EXCERPT_LINES = 40

/** The first complaint among a step's messages, a panic before all others; null when the kernel is well. */
export function healthOf(
  messages: readonly string[],
  taint: { before: string; after: string } | null,
): HealthFinding | null {
  const texts = messages.map(messageText)
  const findings = complaintsIn(messages).map(({ complaint, name, from, to }) => ({
    ...{ complaint, name },
    excerpt: texts.slice(from, to),
  }))
  return findings.find(({ complaint }) => complaint === 'panic') ?? findings[0] ?? taintFinding(taint)
}

/** One complaint among messages: the lines from `from` up to `to`, which is not of it. */
export interface ComplaintLines {
  readonly complaint: Complaint
  readonly name: string
  readonly from: number
  readonly to: number
}

/** Every message that is the beginning of a complaint, with what belongs to it. They may overlap. */
export function complaintsIn(messages: readonly string[]): ComplaintLines[] {
  const texts = messages.map(messageText)
  return texts.flatMap((text, index) => {
    if (HEALTH_EXCEPTIONS.some(({ pattern }) => pattern.test(text))) return []
    const rule = HEALTH_RULES.find(({ pattern }) => pattern.test(text))
    return rule ? [{ complaint: rule.complaint, name: rule.name, ...extentOf(texts, index) }] : []
  })
}

/** From the line before (`cut here`) to the end of the trace. */
function extentOf(texts: readonly string[], index: number): Pick<ComplaintLines, 'from' | 'to'> {
  const from = texts[index - 1]?.includes('[ cut here ]') ? index - 1 : index
  const lines = texts.slice(from, from + EXCERPT_LINES)
  const end = lines.findIndex((line) => /---\[ end (trace|Kernel panic)/.test(line))
  return { from, to: from + (end < 0 ? lines.length : end + 1) }
}

function taintFinding(taint: { before: string; after: string } | null): HealthFinding | null {
  if (taint === null) return null
  const fresh = Number(taint.after) & ~Number(taint.before)
  const names = TAINT_BITS.filter(({ bit }) => fresh & (1 << bit)).map(({ name }) => name)
  return names.length === 0
    ? null
    : { complaint: 'splat', name: 'taint', excerpt: [`tainted ${taint.before} → ${taint.after} (${names.join('; ')})`] }
}
