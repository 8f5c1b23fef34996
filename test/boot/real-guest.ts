import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, RunResult } from '../../harness/run/events.ts'
import { loadScenarios } from '../../harness/run/load.ts'
import { runSuite, type SuiteOptions } from '../../harness/run/suite.ts'

/** Kernels for boot tests: TIERLAB_TEST_KERNELS, words joined by commas; else the host release's own. */
export const KERNELS = (process.env.TIERLAB_TEST_KERNELS ?? 'debian').split(',')

/** Runs files on real guests, into a folder that is removed after the test. */
export async function runFiles(
  t: { teardown(callback: () => Promise<void>): void },
  files: readonly string[],
  options: Partial<SuiteOptions> = {},
): Promise<{ results: RunResult[]; events: Event[]; out: string }> {
  const out = await mkdtemp(join(tmpdir(), 'tierlab-test-'))
  t.teardown(() => rm(out, { recursive: true, force: true }))
  const events: Event[] = []
  const scenarios = await loadScenarios(files.map((file) => join(import.meta.dirname, '..', file)))
  const results = await runSuite({
    ...{ scenarios, kernels: KERNELS, accel: 'auto', out, bail: false, signal: new AbortController().signal },
    ...{ emit: (event: Event) => events.push(event), ...options },
  })
  return { results, events, out }
}
