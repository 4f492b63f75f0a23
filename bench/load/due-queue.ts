/** Moments at which requests were due that no connection was free for. */
export class DueQueue {
  #dues: number[] = []
  #head = 0

  get length(): number {
    return this.#dues.length - this.#head
  }

  push(due: number): void {
    this.#dues.push(due)
  }

  shift(): number | undefined {
    const due = this.#dues[this.#head]
    if (due === undefined) return undefined
    this.#head += 1
    if (this.#head === this.#dues.length) {
      this.#dues = []
      this.#head = 0
    }
    return due
  }
}
