import type { Route } from '../routing/route.ts'

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

/** A token with what it is for, while it may serve further requests of its owner. */
export interface Remembered extends ReusableToken, Omit<TokenSubject, 'route'> {
  /** Of the route, which itself may be gone by now. */
  readonly mark: symbol
  readonly owner: LatestTokens
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
  /** The oldest first. */
  #tokens: Remembered[] | undefined

  find({ route, address, params }: TokenSubject): Remembered | undefined {
    if (this.#tokens === undefined) return undefined
    for (const known of this.#tokens) if (isFor(known, route.tokenMark, address, params)) return known
    return undefined
  }

  clear(): void {
    this.#tokens = undefined
  }

  add(token: Remembered): void {
    const { mark, address, params } = token
    this.#tokens ??= []
    const same = this.#tokens.findIndex((known) => isFor(known, mark, address, params))
    if (same >= 0) this.#tokens.splice(same, 1)
    else if (this.#tokens.length >= remembered) this.#tokens.shift()
    this.#tokens.push(token)
  }

  remove(token: Remembered): void {
    const at = this.#tokens?.indexOf(token) ?? -1
    if (at >= 0) this.#tokens?.splice(at, 1)
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
