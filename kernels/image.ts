import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { UsageError } from '../harness/base/errors.ts'
import { parseRelease, type Release } from '../harness/base/release.ts'

/** What a kernel image says of itself. */
export interface ImageFacts {
  /** `6.1.0-56-cloud-amd64` */
  readonly release: string
  readonly version: Release
}

/**
 * Reads release and version from a bzImage's header or a vmlinux's banner.
 * Throws UsageError when the file is neither.
 */
export async function readImage(path: string): Promise<ImageFacts> {
  const start = await firstBytes(path)
  const banner = bzImageBanner(start) ?? (isElf(start) ? await elfBanner(path) : undefined)
  if (banner === undefined)
    throw new UsageError(
      `${path} is no bootable kernel image (neither an x86 bzImage nor an ELF vmlinux). ` +
        'A built tree has one at arch/x86/boot/bzImage, an installed system at /boot/vmlinuz-RELEASE.',
    )
  return imageFacts(path, banner)
}

/** True for an ELF file. Throws UsageError when it cannot be read. */
export async function isVmlinux(path: string): Promise<boolean> {
  return isElf(await firstBytes(path))
}

/** The header's version pointer has 16 bits. */
const HEADER_BYTES = 0x10000 + 0x200 + 512

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path).catch((error: unknown) => {
    throw new UsageError(`The kernel image ${path} cannot be read: check the path and its permissions.`, {
      cause: error,
    })
  })
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    throw new UsageError(`${path} is no bootable kernel image: it cannot be read as a file.`, { cause: error })
  } finally {
    await file.close()
  }
}

/**
 * The version string of a bzImage: `6.1.0-56-cloud-amd64 (builder) #1 SMP … Debian 6.1.192-2 (2026-…)`.
 * Source: Documentation/arch/x86/boot.rst, fields “header” (0x202) and “kernel_version” (0x20e).
 */
export function bzImageBanner(start: Buffer): string | undefined {
  if (start.length < 0x210 || start.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined
  const from = start.readUInt16LE(0x20e) + 0x200
  if (from === 0x200 || from >= start.length) return undefined
  const end = start.indexOf(0, from)
  return start.toString('latin1', from, end < 0 ? start.length : end)
}

function isElf(start: Buffer): boolean {
  return start.length >= 20 && start.readUInt32BE(0) === 0x7f454c46
}

/** linux_banner, `Linux version 6.1.0 (…) … #1 SMP …\n`, is somewhere in the read-only data. */
async function elfBanner(path: string): Promise<string | undefined> {
  let tail = ''
  for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1024 * 1024 })) {
    const text: string = tail + chunk
    // `%s` follows instead in linux_proc_banner.
    const banner = /Linux version (\d[^\n\0]*)\n/.exec(text)?.[1]
    if (banner !== undefined) return banner
    tail = text.slice(-1024)
  }
  return undefined
}

function imageFacts(path: string, banner: string): ImageFacts {
  const release = banner.split(' ', 1)[0] ?? ''
  // Debian's releases stop at the ABI: 6.1.0-56 is really 6.1.192.
  const packaged = / Debian (\d\S*)/.exec(banner)?.[1]
  const version = parseRelease(packaged ?? release) ?? parseRelease(release)
  if (version === undefined)
    throw new UsageError(`${path} is no bootable kernel image: its header says “${banner.slice(0, 80)}” for a version.`)
  return { release, version }
}
