/**
 * Lets retries be a tenth of all calls and no more: when a callee is down, calling it three times as often is the last
 * thing that it needs.
 */
export class RetryBudget {
  /** How many calls make one retry. */
  readonly #calls: number
  readonly #most: number
  #saved: number

  /**
   * @param o.calls that make one retry. Default 10.
   * @param o.most retries that can be saved up, and are there at the start. Default 10.
   */
  constructor(o: { readonly calls?: number; readonly most?: number } = {}) {
    this.#calls = o.calls ?? 10
    this.#most = (o.most ?? 10) * this.#calls
    this.#saved = this.#most
  }

  /** To be told of every call. */
  called(): void {
    this.#saved = Math.min(this.#most, this.#saved + 1)
  }

  /** Takes one retry; false when there is none left. */
  take(): boolean {
    if (this.#saved < this.#calls) return false
    this.#saved -= this.#calls
    return true
  }
}
