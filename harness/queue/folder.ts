import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { hostOutput } from '../base/process.ts'
import { receiveFile, type Sent, sendFile } from './bytes.ts'

/** Sends a folder as a tar, compressed; equal folders are equal bytes, and holes stay holes. */
export async function sendFolder(
  redis: Redis,
  folder: string,
  { keep_s, without = [] }: { readonly keep_s: number; readonly without?: readonly string[] },
): Promise<Sent> {
  return withScratch(async (scratch) => {
    const file = join(scratch, 'folder.tar.zst')
    const same = ['--format=gnu', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
    const left = without.map((name) => `--exclude=./${name}`)
    await hostOutput(
      'tar',
      [
        '--create',
        '--sparse',
        ...same,
        ...left,
        '--use-compress-program=zstd -q -3',
        `--file=${file}`,
        '-C',
        folder,
        '.',
      ],
      { purpose: `Packing ${folder}` },
    )
    return sendFile(redis, file, keep_s)
  })
}

/** Unpacks into a folder what was sent under a digest. Throws ProtocolError when it is not that. */
export async function receiveFolder(redis: Redis, sha256: string, folder: string): Promise<void> {
  await withScratch(async (scratch) => {
    const file = join(scratch, 'folder.tar.zst')
    await receiveFile(redis, sha256, file)
    await mkdir(folder, { recursive: true })
    const options = ['--extract', '--no-same-owner', '--use-compress-program=zstd -q -d', `--file=${file}`]
    await hostOutput('tar', [...options, '-C', folder], { purpose: `Unpacking into ${folder}` })
  })
}

async function withScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'tierlab-queue-'))
  try {
    return await work(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
