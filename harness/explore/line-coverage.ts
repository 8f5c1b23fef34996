import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { Kernel } from '../../kernels/index.ts'
import { hostOutput } from '../base/process.ts'
import type { BeforeEnd } from '../run/execute.ts'

/** By file of the kernel: each line and function that there is code of, and whether it ran; `LINE.N` is the Nth branch. */
export const LineData = z.record(
  z.string(),
  z.object({
    lines: z.record(z.string(), z.boolean()),
    branches: z.record(z.string(), z.boolean()),
    functions: z.record(z.string(), z.object({ from: z.number(), to: z.number(), ran: z.boolean() })),
  }),
)
export type LineData = z.infer<typeof LineData>

/** What gcov prints of one object. Source: gcov 12's --json-format. */
const Gcov = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      functions: z.array(
        z.object({ name: z.string(), start_line: z.number(), end_line: z.number(), execution_count: z.number() }),
      ),
      lines: z.array(
        z.object({
          line_number: z.number(),
          count: z.number(),
          branches: z.array(z.object({ count: z.number() })),
        }),
      ),
    }),
  ),
})

/** Every count, as `PATH BASE64` lines. Source: kernel/gcov/fs.c (6.1). */
const READ = `cd /sys/kernel/debug/gcov || exit
find . -name '*.gcda' | while read -r file; do printf '%s %s\\n' "$file" "$(base64 "$file" | tr -d '\\n')"; done`
const READ_LIMIT_MS = 20_000

/** Which lines of one kernel ran, of those whose lines it counts, over many guests. */
export class LineCoverage {
  readonly #kernel: Required<Pick<Kernel, 'gcov'>>
  readonly data: LineData

  constructor(kernel: Required<Pick<Kernel, 'gcov'>>, data: LineData = {}) {
    this.#kernel = kernel
    this.data = data
  }

  /** Reads the counts of a guest that is about to end. Throws HostError without a gcov that can read them. */
  async read(session: Parameters<BeforeEnd>[1]): Promise<void> {
    const { stdout } = await session.run(READ, READ_LIMIT_MS)
    const counts = stdout.toString().split('\n').filter(Boolean)
    for (const line of counts) {
      const [path = '', base64 = ''] = line.split(' ')
      await this.#count(path.replace(/\.gcda$/, ''), Buffer.from(base64, 'base64'))
    }
  }

  async #count(path: string, counts: Buffer): Promise<void> {
    const { folder, program } = this.#kernel.gcov
    const scratch = await mkdtemp(join(tmpdir(), 'tierlab-gcov-'))
    try {
      const [name, file] = [basename(path), profiled(path)]
      await copyFile(join(folder, `${file}.gcno`), join(scratch, `${name}.gcno`))
      await writeFile(join(scratch, `${name}.gcda`), counts)
      const args = ['--json-format', '--stdout', '--branch-probabilities', `${name}.gcda`]
      const text = await hostOutput(program, args, { purpose: 'Reading which lines ran', cwd: scratch })
      addCounts(this.data, `${file}.c`, JSON.parse(text))
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
}

/** `mm/memory-tiers` of the path that its object had where it was built. */
function profiled(path: string): string {
  return /(?:mm|drivers\/dax|drivers\/acpi\/numa)\/[^/]+$/.exec(path)?.[0] ?? path
}

/** Adds what gcov says of a file to what is known; headers are left out. */
export function addCounts(data: LineData, file: string, said: unknown): void {
  const found = Gcov.parse(said).files.find((one) => one.file.endsWith(`/${file}`) || one.file === file)
  if (found === undefined) return
  data[file] ??= { lines: {}, branches: {}, functions: {} }
  const known = data[file]
  const note = (where: Record<string, boolean>, key: string, ran: boolean) => {
    where[key] = (where[key] ?? false) || ran
  }
  for (const { line_number, count, branches } of found.lines) {
    note(known.lines, String(line_number), count > 0)
    for (const [index, branch] of branches.entries()) note(known.branches, `${line_number}.${index}`, branch.count > 0)
  }
  for (const { name, start_line, end_line, execution_count } of found.functions) {
    const ran = (known.functions[name]?.ran ?? false) || execution_count > 0
    known.functions[name] = { from: start_line, to: end_line, ran }
  }
}

/** How much of each file ran, and what of it never did: whole functions by name, else lines. */
export function lineCoverageLines(kernel: string, data: LineData): string[] {
  return Object.entries(data).flatMap(([file, { lines, branches, functions }]) => {
    const never = Object.entries(functions).filter(([, { ran }]) => !ran)
    const inside = (line: number) => never.some(([, { from, to }]) => from <= line && line <= to)
    const numbers = Object.keys(lines).map(Number)
    const left = numbers.filter((line) => !lines[line] && !inside(line))
    const skipped = numbers.filter((line) => lines[line])
    const named = [...never.map(([name]) => `${name}()`), ...ranges(left, skipped).map((range) => `line ${range}`)]
    return [
      `${kernel}, ${file}: ${share(lines)} lines, ${share(branches)} branches.`,
      ...(named.length === 0 ? [] : [`  never ran: ${named.join(', ')}`]),
    ]
  })
}

function share(parts: Readonly<Record<string, boolean>>): string {
  const all = Object.values(parts)
  return `${all.filter(Boolean).length} of ${all.length}`
}

/** `12-15` for lines between which none ran. */
function ranges(lines: readonly number[], ran: readonly number[]): string[] {
  const groups: number[][] = []
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = groups.at(-1)
    const end = last?.at(-1)
    if (last === undefined || end === undefined || ran.some((other) => end < other && other < line)) groups.push([line])
    else last.push(line)
  }
  return groups.map((group) => (group.length === 1 ? String(group[0]) : `${group[0]}-${group.at(-1)}`))
}
