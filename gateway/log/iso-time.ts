/** The time as RFC 3339 writes it; the part that stays the same for a second is kept. */
export class IsoTime {
  #second = NaN
  #head = ''

  now(): string {
    const now = Date.now()
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#head = new Date(now).toISOString().slice(0, 20)
    }
    return `${this.#head}${String(now - second * 1000).padStart(3, '0')}Z`
  }
}
