import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { cpioArchive } from '../../guest/cpio.ts'
import { HostError, messageOf } from '../base/errors.ts'
import { readme } from './readme.ts'
import type { Replay } from './replay.ts'
import { INITRAMFS, initScript, KERNEL, runScript } from './run-script.ts'
import { stepsScript } from './steps-script.ts'

/** What a guest boots from, on this host. */
export interface BootFiles {
  readonly kernel: string
  readonly initramfs: string
}

/**
 * Writes the bundle: a tar of one folder. Equal runs give equal bytes: members are sorted, owned by root, dated 1970.
 * Throws HostError when it cannot be written; then nothing is left of it.
 */
export async function writeBundle(
  replay: Replay,
  files: BootFiles,
  machine: readonly string[],
  folder: string,
  file: string,
): Promise<void> {
  const draft = join(dirname(file), `.${process.pid}.tar`)
  try {
    await pipeline(await bundle(replay, files, machine, folder), createWriteStream(draft))
    await rename(draft, file)
  } catch (cause) {
    throw new HostError(`The bundle ${file} cannot be written: ${messageOf(cause)}.`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

async function bundle(
  replay: Replay,
  { kernel, initramfs }: BootFiles,
  machine: readonly string[],
  folder: string,
): Promise<Pack> {
  const init = initScript(modulesOf(replay))
  const layer = cpioArchive([{ path: 'repro/init', kind: 'file', mode: 0o755, data: Buffer.from(init) }])
  const texts = { 'run.sh': Buffer.from(runScript(replay)), 'steps.sh': Buffer.from(stepsScript(replay)) }
  const sizes = new Map([
    [KERNEL, (await stat(kernel)).size],
    [INITRAMFS, (await stat(initramfs)).size + layer.length],
    ...Object.entries(texts).map(([name, text]): [string, number] => [name, text.length]),
  ])
  const about = Buffer.from(readme(replay, machine, sizes))
  const tar = pack()
  const fill = async () => {
    await member(tar, `${folder}/README`, 0o644, [about], about.length)
    await member(tar, `${folder}/${INITRAMFS}`, 0o644, [createReadStream(initramfs), layer], sizes.get(INITRAMFS) ?? 0)
    await member(tar, `${folder}/${KERNEL}`, 0o644, [createReadStream(kernel)], sizes.get(KERNEL) ?? 0)
    for (const [name, text] of Object.entries(texts)) await member(tar, `${folder}/${name}`, 0o755, [text], text.length)
    tar.finalize()
  }
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))))
  return tar
}

async function member(
  tar: Pack,
  name: string,
  mode: number,
  parts: readonly (Readable | Buffer)[],
  size: number,
): Promise<void> {
  const owner = { uid: 0, gid: 0, uname: 'root', gname: 'root' }
  const entry = tar.entry({ name, mode, size, mtime: new Date(0), ...owner })
  await pipeline(async function* () {
    for (const part of parts) {
      if (Buffer.isBuffer(part)) yield part
      else yield* part
    }
  }, entry)
}

/** What tierlab's own first process loads beside the stack up to device-dax. */
function modulesOf({ record }: Replay): string[] {
  const [, words] = /\btierlab\.modules=([\w,-]+)/.exec(record.head.command_line) ?? []
  return words?.split(',') ?? []
}
