import type { Remembered } from './latest-tokens.ts'

const places = 16_384
const mostCharacters = 16 * 1024 * 1024

/**
 * All internal tokens that wait to be used again, whoever they are for, in the order in which they were minted. Each caller
 * may have several, and callers are many: together they are bounded here, in number and in size. The oldest goes first; it
 * has least of its few seconds left.
 */
export class TokenShelf {
  readonly #places: (Remembered | undefined)[]
  readonly #most: number
  #oldest = 0
  #count = 0
  #characters = 0

  constructor(
    bounds: { readonly places: number; readonly characters: number } = { places, characters: mostCharacters },
  ) {
    // A function for each of them would take 4 ms of each start.
    this.#places = Array.from<Remembered | undefined>({ length: bounds.places })
    this.#most = bounds.characters
  }

  /** Takes away from their owners what there is no room for beside it. */
  add(token: Remembered): void {
    const size = token.token.length
    while (this.#count > 0 && (this.#count === this.#places.length || this.#characters + size > this.#most))
      this.#drop()
    this.#places[(this.#oldest + this.#count) % this.#places.length] = token
    this.#count += 1
    this.#characters += size
  }

  #drop(): void {
    const token = this.#places[this.#oldest]
    this.#places[this.#oldest] = undefined
    this.#oldest = (this.#oldest + 1) % this.#places.length
    this.#count -= 1
    this.#characters -= token?.token.length ?? 0
    token?.owner.remove(token)
  }
}
