import { UsageError } from '../harness/base/errors.ts'

/** What a user may write for a kernel, taken apart. */
export type KernelSpec =
  | { readonly kind: 'default' }
  /** A series (`7`, `6.12`), an upstream version (`6.12.95`) or a package's whole version (`6.1.192-2`). */
  | { readonly kind: 'debian'; readonly wanted: string }
  | { readonly kind: 'image'; readonly path: string; readonly modules: string | undefined }

export const KERNEL_FORMS =
  'A kernel is written debian (the default of the host’s Debian release), debian:6.1 or debian:7 (the newest of a ' +
  'series), debian:6.12.95 (an exact version), or image:PATH[,modules=DIR] (your own bzImage or vmlinux, and the ' +
  'folder that holds its lib/modules).'

/** Throws UsageError, which lists the forms. */
export function parseKernelSpec(text: string): KernelSpec {
  if (text === 'debian') return { kind: 'default' }
  const [, wanted] = /^debian:(\d[0-9A-Za-z.+~-]*)$/.exec(text) ?? []
  if (wanted !== undefined) return { kind: 'debian', wanted }
  if (text.startsWith('image:')) {
    const [path = '', ...options] = text.slice('image:'.length).split(/,(?=[a-z]+=)/)
    const modules = options.map((option) => /^modules=(.+)$/.exec(option)?.[1])
    if (path !== '' && options.length <= 1 && !modules.includes(undefined))
      return { kind: 'image', path, modules: modules[0] }
  }
  throw new UsageError(`“${text}” is not a kernel. ${KERNEL_FORMS}`)
}
