import type { Clock } from '@gatehouse/kit/clock'
import type { Route } from '../routing/route.ts'
import type { MintedToken } from './mint.ts'

/** What shapes a first-hop token besides its caller, its own transaction and time. */
export interface TokenSubject {
  readonly route: Pick<Route, 'tokenMark'>
  readonly address: string
  readonly params: Readonly<Record<string, string>>
}

export interface ReusableToken {
  readonly token: string
  /** The transaction that it was minted in. */
  readonly txn: string
}

interface Remembered extends ReusableToken, Omit<TokenSubject, 'route'> {
  /** Of the route, which itself may be gone by now. */
  readonly mark: symbol
  readonly epoch: number
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

/** Of one caller. What asks for more, asks for different things. */
const remembered = 16

/**
 * The latest tokens that were minted for one proof of a caller; another token or session of the same person is another
 * proof. They are part of it, and forgotten with it: nothing has to be hashed or written out to find them.
 */
export class LatestTokens {
  /** Whether the caller was seen before. Most of those that were not never come back. */
  isKnown = false
  readonly #tokens: Remembered[] = []
  #oldest = 0

  find({ route, address, params }: TokenSubject): Remembered | undefined {
    for (const known of this.#tokens) if (isFor(known, route.tokenMark, address, params)) return known
    return undefined
  }

  clear(): void {
    this.#tokens.length = 0
    this.#oldest = 0
  }

  add(token: Remembered): void {
    const { mark, address, params } = token
    const same = this.#tokens.findIndex((known) => isFor(known, mark, address, params))
    if (same >= 0) {
      this.#tokens[same] = token
    } else if (this.#tokens.length < remembered) {
      this.#tokens.push(token)
    } else {
      this.#tokens[this.#oldest] = token
      this.#oldest = (this.#oldest + 1) % remembered
    }
  }
}

/**
 * Whether internal tokens that were minted moments ago may serve requests that would get the same one but for `txn`,
 * `jti` and times: a signature costs a quarter of a whole request. Whether the caller may still be served was asked
 * before, as for every request; this only saves signing.
 */
export class TokenReuse {
  readonly #clock: Clock
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
    const mark = route.tokenMark
    latest.add({ mark, address, params, token, txn: claims.txn, epoch: this.#epoch, from, until })
  }

  /** To be called whenever a key of the gateway changes. */
  clear(): void {
    this.#epoch += 1
  }
}

function isFor(known: Remembered, mark: symbol, address: string, params: TokenSubject['params']): boolean {
  return known.mark === mark && known.address === address && haveSame(known.params, params)
}

/** Parameters of one route have the same names. */
function haveSame(some: TokenSubject['params'], others: TokenSubject['params']): boolean {
  for (const name in some) if (some[name] !== others[name]) return false
  return true
}
