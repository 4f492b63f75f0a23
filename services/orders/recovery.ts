import { CallError, type Clock, type Logger, type OwnCall } from '@gatehouse/kit'
import { keptMs, type IdempotencyKeys } from './idempotency.ts'
import type { OrderBook } from './order-book.ts'
import { abandonedAfterMs } from './placement.ts'
import { releaseAnyStock } from './stock.ts'

export interface RecoveryDeps {
  readonly book: OrderBook
  readonly keys: IdempotencyKeys
  readonly callAsSelf: OwnCall
  readonly clock: Clock
  readonly log: Logger
  readonly times: RecoveryTimes
}

/** Milliseconds. */
export interface RecoveryTimes {
  /** From the start to the first look: the crash may have been this service's own. */
  readonly firstAfterMs: number
  /** Between two looks. */
  readonly everyMs: number
}

/**
 * Settles what a crash, here or in `inventory`, left between the two databases: orders that were begun and never
 * confirmed give their stock back. Nobody asks for it, so it happens on this service's own behalf.
 */
export class Recovery {
  readonly #deps: RecoveryDeps
  readonly #timer: NodeJS.Timeout
  readonly #first: NodeJS.Timeout
  #running: Promise<void> = Promise.resolve()

  constructor(deps: RecoveryDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => void this.run(), deps.times.everyMs).unref()
    this.#first = setTimeout(() => void this.run(), deps.times.firstAfterMs).unref()
  }

  /** One look. Never rejects: what could not be settled is settled at a later one. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#settle())
    return this.#running
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#first)
    await this.#running
  }

  async #settle(): Promise<void> {
    const { book, keys, callAsSelf, clock, log } = this.#deps
    try {
      await keys.forgetBefore(clock.now() - keptMs)
      const abandoned = clock.now() - abandonedAfterMs
      await keys.forgetUnused(abandoned)
      for (const id of await book.leftovers(undefined, abandoned)) {
        // Cancelled first: from then on it cannot be confirmed any more, whoever else is at it.
        if (!(await book.cancel(id))) continue
        await releaseAnyStock(callAsSelf, id)
        await keys.forget(id)
        await book.drop(id)
        log.info({ order: id }, 'an abandoned order gave its stock back')
      }
    } catch (error) {
      const why = error instanceof CallError ? error.code : error
      log.warn({ err: error, why }, 'abandoned orders keep their stock until the next look')
    }
  }
}
