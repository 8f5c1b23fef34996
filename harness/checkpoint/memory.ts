import { join } from 'node:path'
import type { Backend } from '../topology/qemu-arguments.ts'

/**
 * Memory in files of `folder`, one for each node and NVDIMM. `shared`: what the guest writes is in the files, to be
 * kept. `private`: a guest has its own copy of each page that it writes, and the files stay as they are.
 *
 * From QEMU 9.0 on a private file is opened for reading only (rom=off, docs: qemu-options, memory-backend-file), so that
 * no error of QEMU's could write to it. Older ones need it writable, and it is mmap(2)'s MAP_PRIVATE that protects it.
 */
export function memoryFiles(folder: string, use: 'shared' | 'private', readOnly: boolean): Backend {
  const escaped = folder.replaceAll(',', ',,')
  const mode = use === 'shared' ? 'share=on' : readOnly ? 'share=off,readonly=on,rom=off' : 'share=off'
  return (id, size) => `memory-backend-file,id=${id},size=${size},mem-path=${join(escaped, id)},${mode}`
}
