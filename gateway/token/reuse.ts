import type { Clock } from '@gatehouse/kit/clock'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import type { Caller } from '../authn/caller.ts'
import type { Route } from '../routing/route.ts'
import type { MintedToken } from './mint.ts'

/** Everything that shapes a first-hop token besides its own transaction and time. */
export interface TokenSubject {
  /** The proof of who asks, itself: another token or session of the same person is another proof. */
  readonly caller: Caller
  /** As it runs: a route of the same name in a new configuration is another route. */
  readonly route: Route
  readonly address: string
  readonly params: Readonly<Record<string, string>>
}

export interface ReusableToken {
  readonly token: string
  /** The transaction that it was minted in. */
  readonly txn: string
}

interface Remembered extends ReusableToken {
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

const tokens = 5_000

/**
 * Internal tokens that were minted moments ago, for requests that would get the same one but for `txn`, `jti` and
 * times: a signature costs a quarter of a whole request. Whether the caller may still be served was asked before, as
 * for every request; this only saves signing.
 */
export class TokenReuse {
  readonly #clock: Clock
  readonly #tokens = new EvidenceCache<Remembered>(tokens)
  readonly #names = new WeakMap<Caller | Route, number>()
  #named = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What `find` and `remember` know it by. Neither numbers nor addresses have spaces, and JSON tells where it ends. */
  key({ caller, route, address, params }: TokenSubject): string {
    return `${this.#name(caller)} ${this.#name(route)} ${address} ${JSON.stringify(params)}`
  }

  find(key: string): ReusableToken | undefined {
    const now = this.#clock.now()
    const known = this.#tokens.get(key)
    // A clock that was set back makes nothing younger.
    return known !== undefined && known.from <= now && now < known.until ? known : undefined
  }

  /** @param reuseMs how long; never for more than half of the token's life. */
  remember(key: string, { token, claims }: MintedToken, reuseMs: number): void {
    const from = this.#clock.now()
    const until = from + Math.min(reuseMs, (claims.exp * 1000 - from) / 2)
    if (until > from) this.#tokens.set(key, { token, txn: claims.txn, from, until })
  }

  /** To be called whenever a key of the gateway changes. */
  clear(): void {
    this.#tokens.clear()
  }

  #name(it: Caller | Route): number {
    const known = this.#names.get(it)
    if (known !== undefined) return known
    this.#named += 1
    this.#names.set(it, this.#named)
    return this.#named
  }
}
