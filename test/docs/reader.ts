import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from './commands.ts'

export interface Said {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder with all that a clone has, in which what a reader types writes nothing into this one. */
export function readersFolder(folder: string): string {
  for (const name of readdirSync(ROOT))
    if (!['.git', '.tap', 'runs'].includes(name)) symlinkSync(join(ROOT, name), join(folder, name))
  cpSync(join(ROOT, 'test/recorded/must-fail'), join(folder, 'runs/recorded'), { recursive: true })
  theLastRunFailed(folder)
  // What pages speak of as the reader’s own.
  cpSync(join(ROOT, 'templates/my.scenario.ts'), join(folder, 'my.scenario.ts'))
  const own = "import { dram, GiB, machine, pmem } from 'tierlab'\n"
  const nodes = "[dram(1 * GiB, { cpus: '0' }), pmem(1 * GiB)]"
  writeFileSync(join(folder, 'my-machine.ts'), `${own}export default machine({ nodes: ${nodes} })\n`)
  writeFileSync(join(folder, 'look.sh'), 'ndctl list -R\n')
  mkdirSync(join(folder, '.bin'))
  // What npx does in a clone, without asking npm each time. scripts/first-hour.sh has npx itself.
  const npx = `#!/bin/sh\n[ "$1" = tierlab ] || exit 99\nshift\nexec "${process.execPath}" "${ROOT}/bin/tierlab.mjs" "$@"\n`
  writeFileSync(join(folder, '.bin/npx'), npx, { mode: 0o755 })
  return folder
}

/** What a reader has of whom a page says that a run went wrong. */
export function theLastRunFailed(folder: string): void {
  rmSync(join(folder, 'runs/latest'), { force: true })
  symlinkSync('recorded', join(folder, 'runs/latest'))
}

/** Types a line there. */
export function type(folder: string, line: string, env: Readonly<Record<string, string>> = {}): Promise<Said> {
  const options = {
    ...{ cwd: folder, maxBuffer: 1e8 },
    env: { ...process.env, PATH: `${join(folder, '.bin')}${delimiter}${process.env.PATH}`, ...env },
  }
  return new Promise((done) => {
    const child = execFile('bash', ['--norc', '-c', line], options, (_error, stdout, stderr) =>
      done({ status: child.exitCode ?? -1, stdout, stderr }),
    )
    // Nobody sits there: a shell in a guest ends at once.
    child.stdin?.end()
  })
}
