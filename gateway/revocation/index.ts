import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'

/** What is taken away. `sub` and `client_id` take tokens issued up to `before` (milliseconds since the epoch). */
export type Revocation =
  | { readonly by: 'jti' | 'sid' | 'grant' | 'kid'; readonly value: string }
  | { readonly by: 'sub' | 'client_id'; readonly value: string; readonly before: number }

/** What of a token the index looks at. `iat` in seconds, as in the token. */
export interface RevocationSubject {
  readonly jti: string
  readonly sub: string
  readonly client_id: string
  readonly iat: number
  readonly sid?: string | undefined
  readonly grant_id?: string | undefined
  readonly exchanged_from?: readonly string[] | undefined
  readonly exchanged_jtis?: readonly string[] | undefined
}

type By = Revocation['by']
type Generation = Readonly<Record<By, Map<string, number>>>

const emptyGeneration = (): Generation => ({
  jti: new Map(),
  sid: new Map(),
  grant: new Map(),
  kid: new Map(),
  sub: new Map(),
  client_id: new Map(),
})

/**
 * The gateway's memory of what is no longer valid, asked at every request. An entry is needed only as long as a token
 * from before it could still live, so two generations of `retentionMs` each hold all of it. If more than `capacity`
 * entries come within one generation, nothing is forgotten: everything issued until then is refused instead.
 */
export class RevocationIndex {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #retentionMs: number
  readonly #capacity: number
  readonly #listeners = new Set<(revocation: Revocation) => void>()
  #current = emptyGeneration()
  #previous = emptyGeneration()
  #rotatedAt: number
  #size = 0
  #floor = 0

  /** `retentionMs`: longest life of an access token plus the tolerance on clocks. */
  constructor(options: { clock: Clock; log: Logger; retentionMs: number; capacity?: number }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#retentionMs = options.retentionMs
    this.#capacity = options.capacity ?? 200_000
    this.#rotatedAt = options.clock.now()
  }

  revoke(revocation: Revocation): void {
    this.#makeRoom()
    const entries = this.#current[revocation.by]
    const before = 'before' in revocation ? revocation.before : Infinity
    if (!entries.has(revocation.value)) this.#size++
    entries.set(revocation.value, Math.max(before, entries.get(revocation.value) ?? 0))
    for (const listener of this.#listeners) listener(revocation)
  }

  /** O(1). `kid` is the key that signed the token, where it is known. */
  isRevoked(subject: RevocationSubject, kid: string | undefined): boolean {
    const issuedAt = subject.iat * 1000
    return (
      issuedAt <= this.#floor ||
      this.#hit('jti', subject.jti, issuedAt) ||
      this.#hit('sub', subject.sub, issuedAt) ||
      this.#hit('client_id', subject.client_id, issuedAt) ||
      (subject.sid !== undefined && this.#hit('sid', subject.sid, issuedAt)) ||
      (subject.grant_id !== undefined && this.#hit('grant', subject.grant_id, issuedAt)) ||
      (kid !== undefined && this.#hit('kid', kid, issuedAt)) ||
      (subject.exchanged_from?.some((client) => this.#hit('client_id', client, issuedAt)) ?? false) ||
      (subject.exchanged_jtis?.some((jti) => this.#hit('jti', jti, issuedAt)) ?? false)
    )
  }

  /** Entries that it holds. */
  get size(): number {
    return sizeOf(this.#current) + sizeOf(this.#previous)
  }

  /**
   * Calls `listener` with each revocation, after it counts: for what is already open, such as a stream, and must close.
   * @returns a function that ends that
   */
  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #hit(by: By, value: string, issuedAt: number): boolean {
    return isCovered(this.#current[by], value, issuedAt) || isCovered(this.#previous[by], value, issuedAt)
  }

  #makeRoom(): void {
    const now = this.#clock.now()
    if (now - this.#rotatedAt >= this.#retentionMs) {
      this.#previous = this.#current
      this.#restart(now)
    } else if (this.#size >= this.#capacity) {
      this.#log.warn(
        { capacity: this.#capacity },
        'revocation index full: all tokens issued until now are refused',
      )
      this.#floor = now
      this.#previous = emptyGeneration()
      this.#restart(now)
    }
  }

  #restart(now: number): void {
    this.#current = emptyGeneration()
    this.#size = 0
    this.#rotatedAt = now
  }
}

function sizeOf(generation: Generation): number {
  return Object.values(generation).reduce((sum, entries) => sum + entries.size, 0)
}

function isCovered(entries: Map<string, number>, value: string, issuedAt: number): boolean {
  const before = entries.get(value)
  return before !== undefined && issuedAt <= before
}
