import type { Problem } from '@gatehouse/kit/errors'
import type { Limiter } from './limiter.ts'
import { policyItem, tooManyRequests } from './rate-headers.ts'
import { addressKey } from './rate-key.ts'

/** Credentials that turned out to be none, by the address that they came from. */
export class FailedAuthentications {
  readonly #limiter: Limiter
  readonly #policies: string

  constructor(limiter: Limiter) {
    this.#limiter = limiter
    this.#policies = policyItem(limiter)
  }

  /** Why another credential that is not known yet is not even looked at; undefined when it is. */
  refusal(address: string): Problem | undefined {
    const before = this.#limiter.peek(addressKey(address))
    return before.exceeded ? tooManyRequests(this.#policies, before) : undefined
  }

  count(address: string): void {
    this.#limiter.hit(addressKey(address))
  }
}
