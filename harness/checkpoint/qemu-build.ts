import { realpath, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { HostError, hasCode } from '../base/errors.ts'
import { hostOutput } from '../base/process.ts'
import { QEMU } from '../machine/qemu.ts'

/** Which QEMU this is. A state saved by one is loaded by the same one only. */
export interface QemuBuild {
  /** As `--version` says it, the first line. */
  readonly words: string
  readonly major: number
  /** Changes with every build, even when the version does not. */
  readonly identity: string
}

export async function qemuBuild(): Promise<QemuBuild> {
  const words = (await hostOutput(QEMU, ['--version'], { purpose: 'Asking QEMU for its version' })).split('\n')[0] ?? ''
  const major = Number(/version (\d+)\./.exec(words)?.[1] ?? Number.NaN)
  const { size, mtimeMs } = await stat(await programPath())
  return { words, major, identity: `${words} ${size} ${Math.round(mtimeMs)}` }
}

async function programPath(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      return await realpath(join(folder, QEMU))
    } catch (error) {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
    }
  }
  throw new HostError(`${QEMU} is not on this machine's path.`)
}
