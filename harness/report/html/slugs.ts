/** Characters of scenarios’ names, and of kernels’, that a link does not keep. */
export const NOT_OF = { scenario: /[^a-z0-9.]+/g, kernel: /[^a-z0-9_.:~+-]+/g } as const

/** Names for links, each once: the same in every report, as long as no two things have one name. */
export class Slugs {
  readonly #dropped: RegExp
  readonly #taken = new Set<string>()

  constructor(dropped: RegExp) {
    this.#dropped = dropped
  }

  of(name: string): string {
    const first =
      name
        .toLowerCase()
        .replaceAll(this.#dropped, '-')
        .replaceAll(/^-+|-+$/g, '') || 'x'
    let slug = first
    for (let number = 2; this.#taken.has(slug); number += 1) slug = `${first}-${number}`
    this.#taken.add(slug)
    return slug
  }
}
