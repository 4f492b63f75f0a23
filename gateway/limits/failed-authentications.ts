import type { Problem } from '@gatehouse/kit/errors'
import type { Limiter } from './limiter.ts'
import { policyItem, tooManyRequests } from './rate-headers.ts'
import { addressKey } from './rate-key.ts'

/** Credentials that turned out to be none, or somebody else's, by the address that they came from. */
export class FailedAuthentications {
  readonly #limiter: Limiter
  readonly #policies: string

  constructor(limiter: Limiter) {
    this.#limiter = limiter
    this.#policies = policyItem(limiter)
  }

  /** Why another credential that is not known yet is not even looked at; undefined when it is. */
  refusal(address: string): Problem | undefined {
    return this.#refusalOf(addressKey(address))
  }

  count(address: string): void {
    this.#limiter.hit(addressKey(address))
  }

  /**
   * Why nobody at this address is asked any more whether the token of this caller is theirs. It is counted for each caller:
   * who is known behind the same address goes on.
   * @param caller what its requests are counted under.
   */
  refusalOfHolder(address: string, caller: string): Problem | undefined {
    return this.#refusalOf(holderKey(address, caller))
  }

  countHolder(address: string, caller: string): void {
    this.count(address)
    this.#limiter.hit(holderKey(address, caller))
  }

  #refusalOf(key: string): Problem | undefined {
    const before = this.#limiter.peek(key)
    return before.exceeded ? tooManyRequests(this.#policies, before) : undefined
  }
}

function holderKey(address: string, caller: string): string {
  return JSON.stringify(['holder', addressKey(address), caller])
}
