import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { KeyRing } from './ring.ts'
import { dueSteps, type KeyPolicy } from './schedule.ts'

/** How long a change that another process made may stay unnoticed, in milliseconds. */
export const keyPollMs = 2_000

export interface KeyKeeperOptions {
  readonly ring: KeyRing
  readonly policy: KeyPolicy
  readonly clock: Clock
  readonly log: Logger
  /** Default {@link keyPollMs}. */
  readonly everyMs?: number
}

/**
 * Turns a ring on time, removes what is over, and notices what other processes on the same store did. Every process
 * that has the ring runs one; whoever is first does a step, for the others it is done.
 */
export class KeyKeeper {
  readonly #options: KeyKeeperOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: KeyKeeperOptions) {
    this.#options = options
  }

  start(): this {
    this.#schedule()
    return this
  }

  /** Waits for a round that is under way, so that the store is not closed under it. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** One round. @throws StoreError when the store is lost. */
  async run(): Promise<void> {
    const { ring, policy, clock, log } = this.#options
    await ring.reload()
    const due = dueSteps(ring.keys(), policy, clock.now())
    if (due.rotate) {
      await ring.rotate()
      log.info({ ring: ring.name, kid: ring.signing().kid }, 'another key signs')
    }
    if (due.remove) await ring.removeRetired(due.removeBefore)
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#running = this.#tryRun().finally(() => this.#schedule())
    }, this.#options.everyMs ?? keyPollMs)
    this.#timer.unref()
  }

  async #tryRun(): Promise<void> {
    try {
      await this.run()
    } catch (error) {
      // The keys in memory go on: a ring that cannot be read is no reason to refuse anybody.
      this.#options.log.warn(
        { err: error, ring: this.#options.ring.name },
        'the key ring could not be looked after',
      )
    }
  }
}
