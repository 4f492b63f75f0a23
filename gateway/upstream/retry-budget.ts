/** What may be repeated before any request earned it, so that a quiet service's requests can be. */
const reserve = 10
const most = 100

/**
 * Each request earns a part of a repetition: when everything fails, repeating adds this part to the load and no more
 * (retries without a budget are what turns a slow service into a dead one).
 */
export class RetryBudget {
  readonly #earned: number
  #left = reserve

  constructor(percent: number) {
    this.#earned = percent / 100
  }

  earn(): void {
    if (this.#left < most) this.#left += this.#earned
  }

  spend(): boolean {
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
