/** A query as it is decoded, and as it was sent. */
export class Query {
  readonly values: URLSearchParams
  readonly #parts: readonly string[]

  /** @param text without the question mark, of UTF-8 in right encoding. */
  constructor(text: string) {
    // It would take a question mark of the query's own for the one that divides it from the path.
    this.values = new URLSearchParams(`?${text}`)
    this.#parts = text.split('&').filter((part) => part !== '')
  }

  /** The first value with this name, with what is encoded in it; empty where there is none. */
  rawOf(name: string): string {
    const part = this.#parts[[...this.values.keys()].indexOf(name)] ?? ''
    const mark = part.indexOf('=')
    return mark === -1 ? '' : part.slice(mark + 1)
  }
}

/** A part of a query, as `URLSearchParams` decodes it. */
export function decodeForm(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
