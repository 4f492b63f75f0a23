import { EvidenceCache } from './evidence.ts'

/** 32 bytes of a signature, in characters. */
const handleLength = 43

/** Tokens have less than half of this; one may have sixteen times as much. */
const charactersPerToken = 1_024

interface Entry<V> {
  readonly token: string
  readonly value: V
}

/**
 * An {@link EvidenceCache} for signed tokens, by the whole token. A Map has to hash every character of a text that it has
 * not met before, and each request brings its token as a new text: 2 µs for 900 characters. So the end of the signature
 * finds the entry, and comparing the whole tells whether it is the one: 0.5 µs.
 *
 * Large tokens are held in smaller numbers: the text of a generation is bounded as well.
 */
export class TokenEvidence<V> {
  readonly #entries: EvidenceCache<Entry<V>>

  /** @param generation as EvidenceCache has it. */
  constructor(generation: number) {
    const most = generation * charactersPerToken
    this.#entries = new EvidenceCache(generation, { most, of: ({ token }) => token.length })
  }

  get(token: string): V | undefined {
    const found = this.#entries.get(handleOf(token))
    return found?.token === token ? found.value : undefined
  }

  set(token: string, value: V): void {
    this.#entries.set(handleOf(token), { token, value })
  }

  delete(token: string): void {
    if (this.get(token) !== undefined) this.#entries.delete(handleOf(token))
  }

  clear(): void {
    this.#entries.clear()
  }

  get size(): number {
    return this.#entries.size
  }
}

function handleOf(token: string): string {
  return token.slice(-handleLength)
}
