/** The compressed kernel in a bzImage. */
export interface Payload {
  readonly compression: Compression
  /** As the compressor wrote it. */
  readonly bytes: Buffer
  /** What it must decompress to. */
  readonly size_bytes: number
}

export type Compression = 'gzip' | 'bzip2' | 'lzma' | 'xz' | 'lzo' | 'lz4' | 'zstd'

/** Source: Documentation/arch/x86/boot.rst, field “payload_offset”; lzop's own magic number for LZO. */
const MAGIC: readonly (readonly [Compression, string])[] = [
  ['gzip', '1f8b'],
  ['gzip', '1f9e'],
  ['bzip2', '425a'],
  ['lzma', '5d00'],
  ['xz', 'fd37'],
  ['lzo', '894c'],
  ['lz4', '0221'],
  ['zstd', '28b5'],
]

/**
 * Cuts the payload out of a bzImage, or says why there is none.
 * Source: Documentation/arch/x86/boot.rst, fields “setup_sects” (0x1f1), “header” (0x202), “version” (0x206),
 * “payload_offset” (0x248) and “payload_length” (0x24c).
 */
export function payloadOf(image: Buffer): Payload | string {
  if (image.length < 0x250 || image.toString('latin1', 0x202, 0x206) !== 'HdrS') return 'the image has no setup header'
  if (image.readUInt16LE(0x206) < 0x0208) return 'the image’s boot protocol is older than 2.08 and names no payload'
  const sectors = image.readUInt8(0x1f1) || 4
  const from = (sectors + 1) * 512 + image.readUInt32LE(0x248)
  const length = image.readUInt32LE(0x24c)
  if (length <= SIZE_BYTES || from + length > image.length) return 'the image ends before its payload does'
  const whole = image.subarray(from, from + length)
  const magic = whole.toString('hex', 0, 2)
  const compression = MAGIC.find(([, start]) => start === magic)?.[0]
  if (compression === undefined)
    return `the image’s payload begins with ${magic}, which is no compression that is known`
  // gzip's own format ends with the size; for all others the build appends it (scripts/Makefile.lib, size_append), and
  // arch/x86/boot/compressed/mkpiggy.c relies on it. Decompressors complain of what they take for another stream.
  const bytes = compression === 'gzip' ? whole : whole.subarray(0, -SIZE_BYTES)
  return { compression, bytes, size_bytes: whole.readUInt32LE(length - SIZE_BYTES) }
}

const SIZE_BYTES = 4
