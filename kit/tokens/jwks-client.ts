import { Backoff } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { readJwks, type VerificationKey } from './jwks.ts'

export type { VerificationKey } from './jwks.ts'

export interface JwksClientOptions {
  /** Fetches the JWKS document (RFC 7517 section 5), parsed. */
  fetch(): Promise<unknown>
  readonly clock: Clock
  readonly log: Logger
  /** How long keys count as fresh, in milliseconds; default 5 min. Older ones still verify while a fetch is on its way. */
  readonly maxAgeMs?: number
  /** The shortest time between two fetches, in milliseconds, whatever asks for them; default 30 s. */
  readonly cooldownMs?: number
  /** How long one fetch may take, in milliseconds; default 5 s. */
  readonly timeoutMs?: number
}

const defaultMaxAgeMs = 300_000
const defaultCooldownMs = 30_000
const defaultTimeoutMs = 5_000

/**
 * An issuer's verification keys. One fetch at a time and at most one per cool-down, however many unknown `kid`s
 * arrive and however long the issuer fails; keys stay in use until another set of good ones replaces them.
 */
export class JwksClient {
  readonly #options: JwksClientOptions
  readonly #listeners = new Set<() => void>()
  #keys: ReadonlyMap<string, VerificationKey> = new Map()
  #fetchedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #flight: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #stopped = false
  /** While the first keys are waited for. */
  #backoff: Backoff | undefined
  /** How often a document was offered. */
  #offers = 0

  constructor(options: JwksClientOptions) {
    this.#options = options
  }

  /** The key with this id, from memory. Starts a fetch in the background when the keys are stale. */
  get(kid: string): VerificationKey | undefined {
    const age = this.#options.clock.now() - this.#fetchedAt
    // Negative after the clock was set back.
    if (age < 0 || age >= (this.#options.maxAgeMs ?? defaultMaxAgeMs)) void this.#refresh()
    return this.#keys.get(kid)
  }

  /** The same, but fetches once, if the cool-down allows, when the id is unknown. Never rejects. */
  async resolve(kid: string): Promise<VerificationKey | undefined> {
    const known = this.get(kid)
    if (known !== undefined) return known
    await this.#refresh()
    return this.#keys.get(kid)
  }

  /** Fetches whatever the cool-down: for who heard from the issuer itself of a key that is unknown here. Never rejects. */
  async renew(): Promise<void> {
    // It may have begun before there was that key.
    await this.#flight
    if (!this.#stopped) await this.#fetchOnce()
  }

  keys(): readonly VerificationKey[] {
    return [...this.#keys.values()]
  }

  /** Whether there are keys to verify with. */
  ready(): boolean {
    return this.#keys.size > 0
  }

  /** Fetches for the first time; when that fails, tries again in the background until it succeeds. Never rejects. */
  async start(): Promise<void> {
    await this.#startAttempt((this.#backoff = new Backoff()))
  }

  /** Ends the attempts in the background. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
  }

  /**
   * Takes a document that the issuer sent unasked; what a fetch brings that began earlier is older, and is dropped.
   * @throws Error when it holds no key that can be used: the known keys stay.
   */
  offer(document: unknown): void {
    const found = usableKeys(document, this.#keys)
    this.#offers += 1
    this.#takeFresh(found)
  }

  /** Calls `listener` whenever the set of keys changed. @returns a function that ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #startAttempt(backoff: Backoff): Promise<void> {
    await this.#fetchOnce()
    if (this.ready() || this.#stopped) return
    this.#retry = setTimeout(() => void this.#startAttempt(backoff), backoff.next())
    this.#retry.unref()
  }

  #refresh(): Promise<void> {
    if (this.#flight !== undefined) return this.#flight
    const since = this.#options.clock.now() - this.#triedAt
    // A clock that was set back does not stop the fetches.
    const coolingDown = since >= 0 && since < (this.#options.cooldownMs ?? defaultCooldownMs)
    return coolingDown || this.#stopped ? Promise.resolve() : this.#fetchOnce()
  }

  #fetchOnce(): Promise<void> {
    this.#triedAt = this.#options.clock.now()
    this.#flight ??= this.#fetchAndTake().finally(() => {
      this.#flight = undefined
    })
    return this.#flight
  }

  async #fetchAndTake(): Promise<void> {
    const { log } = this.#options
    const offers = this.#offers
    try {
      const document = await this.#fetchInTime()
      if (offers === this.#offers) this.#takeFresh(usableKeys(document, this.#keys))
    } catch (error) {
      // Everything starts at once, so the first tries say little; from then on it is for an operator to know.
      const level = this.#backoff?.isBeginning === true ? 'debug' : 'warn'
      log[level]({ err: error, keys: this.#keys.size }, 'JWKS not refreshed, the known keys stay')
    }
  }

  async #fetchInTime(): Promise<unknown> {
    const { promise, reject } = Promise.withResolvers<never>()
    const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    try {
      return await Promise.race([this.#options.fetch(), promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #takeFresh(found: ReadonlyMap<string, VerificationKey>): void {
    this.#fetchedAt = this.#options.clock.now()
    this.#backoff = undefined
    this.#take(found)
  }

  #take(found: ReadonlyMap<string, VerificationKey>): void {
    const known = this.#keys
    this.#keys = found
    const same = found.size === known.size && [...found].every(([kid, key]) => known.get(kid) === key)
    if (same) return
    this.#options.log.info({ kids: [...found.keys()] }, 'JWKS changed')
    for (const listener of this.#listeners) {
      // Listeners drop caches: one that fails must not keep the next from doing so.
      try {
        listener()
      } catch (error) {
        this.#options.log.error({ err: error }, 'a listener to JWKS changes failed')
      }
    }
  }
}

function usableKeys(
  document: unknown,
  known: ReadonlyMap<string, VerificationKey>,
): ReadonlyMap<string, VerificationKey> {
  const found = readJwks(document, known)
  if (found.size === 0) throw new Error('the JWKS holds no key that can be used')
  return found
}
