/** Memory that cells share: who finds too little waits for the others, and one alone always has room. */
export class Room {
  readonly #bytes: number
  #used = 0
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = []

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** In the order in which they come. */
  async during<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ bytes, enter })
      this.#next()
    })
    try {
      return await work()
    } finally {
      this.#used -= bytes
      this.#next()
    }
  }

  #next(): void {
    for (;;) {
      const [first] = this.#waiting
      if (first === undefined || (this.#used > 0 && this.#used + first.bytes > this.#bytes)) return
      this.#waiting.shift()
      this.#used += first.bytes
      first.enter()
    }
  }
}
