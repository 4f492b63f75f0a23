import type { Clock } from '@gatehouse/kit/clock'
import { ownText } from '@gatehouse/kit/text'
import type { LatestTokens, ReusableToken, TokenSubject } from './latest-tokens.ts'
import type { MintedToken } from './mint.ts'
import { TokenShelf } from './token-shelf.ts'

/**
 * Whether internal tokens that were minted moments ago may serve requests that would get the same one but for `txn`,
 * `jti` and times: a signature costs a quarter of a whole request. Whether the caller may still be served was asked
 * before, as for every request; this only saves signing.
 */
export class TokenReuse {
  readonly #clock: Clock
  readonly #shelf = new TokenShelf()
  #epoch = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(latest: LatestTokens, subject: TokenSubject): ReusableToken | undefined {
    const known = latest.find(subject)
    if (known === undefined || known.epoch !== this.#epoch) return undefined
    const now = this.#clock.now()
    // A clock that was set back makes nothing younger.
    return known.from <= now && now < known.until ? known : undefined
  }

  /**
   * Not for a caller's first request.
   * @param reuseMs how long; never for more than half of the token's life.
   */
  remember(
    latest: LatestTokens,
    { route, address, params }: TokenSubject,
    { token, claims }: MintedToken,
    reuseMs: number,
  ): void {
    if (!latest.isKnown) {
      latest.isKnown = true
      return
    }
    const from = this.#clock.now()
    const until = from + Math.min(reuseMs, (claims.exp * 1000 - from) / 2)
    if (until <= from) return
    const { txn } = claims
    const subject = { mark: route.tokenMark, address: ownText(address), params: ownParams(params) }
    const made = { ...subject, token, txn, owner: latest, epoch: this.#epoch, from, until }
    latest.add(made)
    this.#shelf.add(made)
  }

  /** To be called whenever a key of the gateway changes. */
  clear(): void {
    this.#epoch += 1
  }
}

/** They were cut out of a path, which need not stay for them. */
function ownParams(params: TokenSubject['params']): TokenSubject['params'] {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, ownText(value)]))
}
