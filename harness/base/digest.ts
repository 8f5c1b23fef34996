import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { dataExtents } from './extents.ts'
import { alignDown, MiB } from './size.ts'

/** Small pieces cost: a stream's 64 KiB take twice as long. */
const PIECE_BYTES = MiB
const NOTHING = Buffer.alloc(PIECE_BYTES)

/** SHA-256 of a file's bytes, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await using file = await opened(path)
  for await (const { piece } of piecesOf(file)) hash.update(piece)
  return hash.digest('hex')
}

/**
 * SHA-256, in hex, over the pieces of a file that are not all zeros, each behind its offset, and the size at the end. A
 * guest's memory is mostly holes, which are not read where the file system tells them.
 */
export async function hashSparseFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  const extents = await dataExtents(path)
  await using file = await opened(path)
  const { size } = await file.handle.stat()
  for await (const { piece, offset } of piecesOf(file, extents))
    if (!piece.equals(NOTHING.subarray(0, piece.length))) hash.update(`${offset} `).update(piece)
  return hash.update(`${size}`).digest('hex')
}

async function opened(path: string): Promise<{ handle: FileHandle } & AsyncDisposable> {
  const handle = await open(path)
  return { handle, [Symbol.asyncDispose]: () => handle.close() }
}

/**
 * A piece is good until the next one is asked for. All but the last are of one size; with extents, those in which none
 * of them lies are left out.
 */
async function* piecesOf(
  { handle }: { handle: FileHandle },
  extents?: Extents,
): AsyncGenerator<{ piece: Buffer; offset: number }> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES)
  for (let offset = nextPiece(0, extents); ; ) {
    if (offset === undefined) return
    let length = 0
    for (let read = -1; read !== 0 && length < PIECE_BYTES; length += read)
      read = (await handle.read(buffer, length, PIECE_BYTES - length, offset + length)).bytesRead
    if (length > 0) yield { piece: buffer.subarray(0, length), offset }
    if (length < PIECE_BYTES) return
    offset = nextPiece(offset + length, extents)
  }
}

type Extents = Awaited<ReturnType<typeof dataExtents>>

/** The offset of the first piece from `offset` on in which there may be data. */
function nextPiece(offset: number, extents: Extents): number | undefined {
  if (extents === undefined) return offset
  const extent = extents.find(([, to]) => to > offset)
  return extent && Math.max(offset, alignDown(extent[0], PIECE_BYTES))
}
