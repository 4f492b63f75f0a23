import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { KeyRing } from './ring.ts'
import { dueSteps, type KeyPolicy } from './schedule.ts'

/**
 * How often the store is asked for changes that another process made, in milliseconds: a key that is taken out because
 * it is no longer secret has to be refused everywhere within 100. The store is what all who have a ring share, whichever
 * store it is; unchanged, its few rows cost about 40 µs on SQLite and 200 µs on PostgreSQL.
 */
const lookMs = 25
/** The same after the store could not be asked. */
const retryMs = 2_000

export interface KeyKeeperOptions {
  readonly ring: KeyRing
  readonly policy: KeyPolicy
  readonly clock: Clock
  readonly log: Logger
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

  #schedule(pauseMs = lookMs): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#running = this.#tryRun().then((isGood) => this.#schedule(isGood ? lookMs : retryMs))
    }, pauseMs)
    this.#timer.unref()
  }

  async #tryRun(): Promise<boolean> {
    try {
      await this.run()
      return true
    } catch (error) {
      // The keys in memory go on: a ring that cannot be read is no reason to refuse anybody.
      this.#options.log.warn(
        { err: error, ring: this.#options.ring.name },
        'the key ring could not be looked after',
      )
      return false
    }
  }
}
