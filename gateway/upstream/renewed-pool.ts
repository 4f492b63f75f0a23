import type { Pool } from '@gatehouse/kit/http/undici'

/**
 * One pool after the other, so that no connection is used for long and a name that has moved is followed. What is under way
 * on the former one ends there. undici's own `clientTtl` asks for the time once for each connection that is busy, at each
 * request: 3 % of a gateway's time.
 */
export class RenewedPool {
  readonly #make: () => Pool
  readonly #former = new Set<Pool>()
  readonly #timer: NodeJS.Timeout
  #current: Pool

  constructor(make: () => Pool, lifeMs: number) {
    this.#make = make
    this.#current = make()
    this.#timer = setInterval(() => this.#renew(), lifeMs).unref()
  }

  /** For what begins now; not to be kept. */
  get current(): Pool {
    return this.#current
  }

  /** Once everything that is under way has ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#all().map((pool) => pool.close()))
  }

  /** At once. */
  async destroy(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#all().map((pool) => pool.destroy()))
  }

  #all(): readonly Pool[] {
    return [...this.#former, this.#current]
  }

  #renew(): void {
    const former = this.#current
    if (former.stats.connected === 0) return
    this.#current = this.#make()
    this.#former.add(former)
    const forget = (): void => void this.#former.delete(former)
    // One that was destroyed meanwhile is closed as well.
    former.close().then(forget, forget)
  }
}
