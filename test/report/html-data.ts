import { join } from 'node:path'
import type { Source } from '../../harness/report/html/gather.ts'
import type { RunResult } from '../../harness/run/events.ts'
import type { RunRecord } from '../../harness/run/record.ts'
import { judged } from '../../harness/run/rejudge.ts'
import { RunFolder } from '../../harness/run/run-folder.ts'

const RECORDED = join(import.meta.dirname, '../recorded')

/** A run on a real guest, recorded once. */
export function recorded(name: string): Promise<RunRecord> {
  return new RunFolder(join(RECORDED, name)).read()
}

/** A record as the page takes it, judged by the model of today. */
export function sourceOf(record: RunRecord, path = 'runs/one'): Source & { readonly record: RunRecord } {
  return { result: judged(record, path), record, judged_then: null }
}

/** The same run under another name. */
export function renamed(record: RunRecord, name: string): RunRecord {
  return { ...record, head: { ...record.head, scenario: { ...record.head.scenario, name } } }
}

/** A record of which one step is changed. */
export function changed(record: RunRecord, index: number, change: Partial<RunRecord['steps'][number]>): RunRecord {
  return { ...record, steps: record.steps.map((step) => (step.index === index ? { ...step, ...change } : step)) }
}

/** A pass in which a node lies in the DRAM tier, says the kernel; and that it has no demotion targets. */
export async function wrongTier(): Promise<RunRecord> {
  const record = await recorded('pass-6.12')
  const step = record.steps[2]
  const { '/sys/devices/virtual/memory_tiering/memory_tier22/nodelist': _gone, ...files } = step?.files ?? {}
  return renamed(
    changed(record, 2, {
      files: { ...files, '/sys/devices/virtual/memory_tiering/memory_tier4/nodelist': '0-1' },
      messages: (step?.messages ?? []).map((line) => line.replace(/(Targets for Node 0: ).*/i, '$1null')),
    }),
    'a wrong tier',
  )
}

/** A result that took so long. */
export function taking(total: number, result: RunResult): RunResult {
  return { ...result, timings_ms: { ...result.timings_ms, total } }
}

/** A record in which every text that comes from outside tries to be markup. */
export async function hostile(): Promise<RunRecord> {
  const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'`
  const record = changed(renamed(await recorded('must-fail'), evil), 1, {
    ...{ script: evil, stdout: evil, stderr: evil, messages: [`[    1.0] ${evil}`, `WARNING: ${evil}`] },
    files: { [`/${evil}`]: evil, '/sys/devices/system/node/online': evil },
  })
  const { head } = record
  return {
    ...record,
    head: {
      ...{
        ...head,
        file: `${evil}/${evil}.ts`,
        qemu: evil,
        command_line: evil,
        accel: { ...head.accel, reason: evil },
      },
      scenario: { ...head.scenario, why: evil },
      kernel: { ...head.kernel, name: `debian:${evil}` },
    },
  }
}
