import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HostError, messageOf } from '../base/errors.ts'

/** A new folder runs/TIME in the working folder, for the records of one `tierlab run`. */
export class OutFolder {
  readonly path: string
  readonly #root: string

  /** Throws HostError when it cannot be made. */
  constructor(root = 'runs', now = new Date()) {
    const time = now.toISOString().slice(0, 19).replaceAll(':', '-')
    this.#root = root
    this.path = saved(root, () => {
      mkdirSync(root, { recursive: true })
      let folder = join(root, time)
      for (let number = 2; existsSync(folder); number += 1) folder = join(root, `${time}-${number}`)
      mkdirSync(folder)
      return folder
    })
  }

  /** Lets `latest` point here. Made beside its place and renamed, so that `latest` always points somewhere. */
  announce(): void {
    saved(this.#root, () => {
      const draft = join(this.#root, `.latest-${process.pid}`)
      rmSync(draft, { force: true })
      symlinkSync(basename(this.path), draft)
      renameSync(draft, join(this.#root, 'latest'))
    })
  }

  /** Takes the folder away again if nothing was recorded. */
  removeIfEmpty(): void {
    try {
      rmdirSync(this.path)
    } catch {
      // There is something in it.
    }
  }
}

function saved<T>(root: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new HostError(
      `The folder ${root} for the records cannot be written (${messageOf(cause)}). Make it writable, or choose another with --out.`,
      { cause },
    )
  }
}
