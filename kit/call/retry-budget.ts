/**
 * Lets retries be a tenth of all calls and no more: when a callee is down, calling it three times as often is the last
 * thing that it needs.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #most: number
  #left: number

  /**
   * @param o.ratio retries for each call. Default 0.1.
   * @param o.most that can be saved up, and are there at the start. Default 10.
   */
  constructor(o: { readonly ratio?: number; readonly most?: number } = {}) {
    this.#ratio = o.ratio ?? 0.1
    this.#most = o.most ?? 10
    this.#left = this.#most
  }

  /** To be told of every call. */
  called(): void {
    this.#left = Math.min(this.#most, this.#left + this.#ratio)
  }

  /** Takes one retry; false when there is none left. */
  take(): boolean {
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
