/** Sizes in bytes. */
export const KiB = 1024
export const MiB = 1024 * KiB
export const GiB = 1024 * MiB

/**
 * A memory block on an x86 machine of less than 64 GiB, in bytes.
 * Source: arch/x86/mm/init_64.c, probe_memory_block_size().
 */
export const BLOCK_BYTES = 128 * MiB

/** A page on x86, in bytes. Source: arch/x86/include/asm/page_types.h, PAGE_SIZE. */
export const PAGE_BYTES = 4 * KiB

/** `1 GiB`, `384 MiB`, `12 KiB`, `7 bytes`: the largest unit that divides it. */
export function formatSize(bytes: number): string {
  if (bytes !== 0 && bytes % GiB === 0) return `${bytes / GiB} GiB`
  if (bytes !== 0 && bytes % MiB === 0) return `${bytes / MiB} MiB`
  if (bytes !== 0 && bytes % KiB === 0) return `${bytes / KiB} KiB`
  return `${bytes} bytes`
}

/** `1.3 GiB`, `131 MiB`, `4 KiB`: to one's eyes, never read back. */
export function roughSize(bytes: number): string {
  if (bytes >= GiB) return `${(bytes / GiB).toFixed(1)} GiB`
  return bytes >= MiB ? `${Math.round(bytes / MiB)} MiB` : `${Math.round(bytes / KiB)} KiB`
}

/** The bytes of `5GiB`, `800 MiB`, `1.5G` or `4096`; undefined for anything else. Units are powers of 1024. */
export function parseSize(text: string): number | undefined {
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:iB|B)?)?\s*$/i.exec(text) ?? []
  if (number === '') return undefined
  return Math.round(Number(number) * 1024 ** ' KMGT'.indexOf(unit === '' ? ' ' : unit.toUpperCase()))
}

/** As QEMU takes it: `1G`, `384M`, or plain bytes. */
export function qemuSize(bytes: number): string {
  if (bytes % GiB === 0) return `${bytes / GiB}G`
  if (bytes % MiB === 0) return `${bytes / MiB}M`
  return String(bytes)
}

export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align
}

export function alignDown(value: number, align: number): number {
  return Math.floor(value / align) * align
}
