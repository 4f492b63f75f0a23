import type { CompiledQuery } from 'kysely'

/** What columns hold. */
export type Column = string | number | null

/** A query about several rows, built once for each number of them: building it costs more than running it. */
export class BySize<R> {
  readonly #build: (size: number) => CompiledQuery<R>
  readonly #built = new Map<number, CompiledQuery<R>>()

  /** @param build makes the query for so many rows; what stands in the places of its parameters does not matter */
  constructor(build: (size: number) => CompiledQuery<R>) {
    this.#build = build
  }

  /** @param parameters in the order in which the query names them */
  query(size: number, parameters: readonly Column[]): CompiledQuery<R> {
    const built = this.#built.get(size) ?? this.#build(size)
    this.#built.set(size, built)
    if (built.parameters.length !== parameters.length) throw new RangeError('another number of parameters')
    return { ...built, parameters }
  }
}

/** So many times the same, for `build`. */
export function times<T>(size: number, value: T): T[] {
  return Array.from({ length: size }, () => value)
}
