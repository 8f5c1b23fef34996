import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { HostError, hasCode, messageOf } from '../harness/base/errors.ts'
import { hostBytes } from '../harness/base/process.ts'
import type { Store } from '../harness/base/store.ts'
import { isVmlinux } from './image.ts'
import type { Kernel } from './kernel.ts'
import { type Payload, payloadOf } from './payload.ts'
import { hasPvhNote } from './pvh-note.ts'

/** What QEMU is given to boot. */
export interface BootImage {
  readonly path: string
  /** A vmlinux begins at its PVH entry; a bzImage decompresses itself first, which takes about 1 s under emulation. */
  readonly entry: 'pvh' | 'bzImage'
  /** Why this one. */
  readonly reason: string
}

const KIND = 'vmlinux'
const FORMAT = 1
const VMLINUX = 'vmlinux'
const REASON = 'reason'

/**
 * The vmlinux in a kernel's bzImage, kept in the cache; or the bzImage itself where that cannot be had, or could not be
 * booted. Throws HostError only when the cache cannot be written or the disk is full.
 */
export async function bootImage(
  kernel: Pick<Kernel, 'name' | 'image'>,
  { store, log = () => {} }: { readonly store: Store; readonly log?: (sentence: string) => void },
): Promise<BootImage> {
  if (await isVmlinux(kernel.image)) return { path: kernel.image, entry: 'pvh', reason: 'the image is a vmlinux' }
  const image = await readFile(kernel.image)
  const key = { format: FORMAT, image: createHash('sha256').update(image).digest('hex') }
  try {
    const build = async (folder: string) => {
      const made = await vmlinuxIn(image)
      if (typeof made !== 'string') {
        await writeFile(join(folder, VMLINUX), made)
        log(`Decompressed ${kernel.name}, so that its guests need not do it themselves.`)
      }
      // What the content can never give is remembered, too.
      await writeFile(join(folder, REASON), typeof made === 'string' ? made : '')
    }
    const { folder } = await store.entry(KIND, key, build, log)
    const reason = await readFile(join(folder, REASON), 'utf8')
    if (reason !== '') return { path: kernel.image, entry: 'bzImage', reason }
    return { path: join(folder, VMLINUX), entry: 'pvh', reason: 'the image’s payload has a PVH entry' }
  } catch (error) {
    if (!(error instanceof CannotDecompress)) throw error
    return { path: kernel.image, entry: 'bzImage', reason: error.message }
  }
}

/** Here and now: another host, or this one with another program, may be able to. */
class CannotDecompress extends Error {}

/** The decompressed kernel, or why this image has none that QEMU can boot. Throws CannotDecompress. */
async function vmlinuxIn(image: Buffer): Promise<Uint8Array | string> {
  const payload = payloadOf(image)
  if (typeof payload === 'string') return payload
  const decompress = decompressorOf(payload)
  if (decompress === undefined) return `the image’s payload is compressed with ${payload.compression}`
  const bytes = await decompress()
  if (bytes.length !== payload.size_bytes)
    throw new CannotDecompress(
      `the image’s payload is damaged (${bytes.length} bytes came out of it instead of ${payload.size_bytes})`,
    )
  return hasPvhNote(bytes) ? bytes : 'the image’s payload has no PVH entry (CONFIG_PVH)'
}

function decompressorOf({ compression, bytes }: Payload): (() => Promise<Buffer>) | undefined {
  if (compression === 'gzip') return () => gunzipped(bytes)
  if (compression === 'xz' || compression === 'zstd' || compression === 'lz4') return () => piped(compression, bytes)
  return undefined
}

async function gunzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes)
  } catch (error) {
    throw new CannotDecompress(`the image’s payload is damaged (${messageOf(error)})`, { cause: error })
  }
}

async function piped(program: string, input: Buffer): Promise<Buffer> {
  try {
    return await hostBytes(program, ['-dc'], { purpose: 'Decompressing a kernel', input })
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    const missing = hasCode(error.cause, 'ENOENT')
    const reason = missing ? `there is no program ${program} to decompress it with` : messageOf(error)
    throw new CannotDecompress(reason, { cause: error })
  }
}
