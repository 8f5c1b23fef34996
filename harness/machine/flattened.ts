import { open } from 'node:fs/promises'
import { ProtocolError } from '../base/errors.ts'

/** Source: makedumpfile's makedumpfile.h, and QEMU's include/sysemu/dump.h: MakedumpfileHeader, MakedumpfileDataHeader. */
const SIGNATURE = 'makedumpfile\0'
const HEADER_BYTES = 4096
const RECORD_BYTES = 16
/** In the place of an offset: no more records. */
const END = -1n

/**
 * Makes an ordinary file of a dump in makedumpfile's flattened format, in which QEMU writes one because it may go to a
 * pipe: records of an offset, a size and that many bytes. As `makedumpfile -R` does.
 * Throws ProtocolError when it is cut off, or no such file.
 */
export async function unflatten(from: string, to: string): Promise<void> {
  const source = await open(from)
  const target = await open(to, 'w')
  try {
    const take = async (size: number, at: number) => {
      const { buffer, bytesRead } = await source.read(Buffer.alloc(size), 0, size, at)
      if (bytesRead < size) throw new ProtocolError(`The flattened dump ends at byte ${at + bytesRead}.`)
      return buffer
    }
    const header = await take(HEADER_BYTES, 0)
    if (header.toString('latin1', 0, SIGNATURE.length) !== SIGNATURE)
      throw new ProtocolError('QEMU has written a dump that does not begin like a flattened one.')
    for (let at = HEADER_BYTES; ; ) {
      const record = await take(RECORD_BYTES, at)
      const [offset, size] = [record.readBigInt64BE(0), Number(record.readBigInt64BE(8))]
      if (offset === END) return
      await target.write(await take(size, at + RECORD_BYTES), 0, size, Number(offset))
      at += RECORD_BYTES + size
    }
  } finally {
    await source.close()
    await target.close()
  }
}
