/** Names for links, each once: the same in every report, as long as no two scenarios have one name. */
export class Slugs {
  readonly #taken = new Set<string>()

  of(name: string): string {
    const first =
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9.]+/g, '-')
        .replaceAll(/^-+|-+$/g, '') || 'scenario'
    let slug = first
    for (let number = 2; this.#taken.has(slug); number += 1) slug = `${first}-${number}`
    this.#taken.add(slug)
    return slug
  }
}
