import type { Logger } from '@gatehouse/kit/log'
import type { Outbox } from './outbox.ts'

/** How often the store is asked whether another process wrote an event, while somebody waits. */
const idleMs = 50
/** How often, for a moment after this process wrote one that may not be committed yet. */
const hurryMs = 3
const hurryForMs = 300

/**
 * Lets polls wait for the next event. One look at the store serves all who wait, and nobody looks when nobody waits.
 */
export class Wake {
  readonly #outbox: Outbox
  readonly #log: Logger
  readonly #detach: () => void
  readonly #waiting = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #seen = 0
  #hurryUntil = 0
  #stopped = false

  constructor(options: { outbox: Outbox; log: Logger }) {
    this.#outbox = options.outbox
    this.#log = options.log
    this.#detach = options.outbox.onAppend(() => this.#hurry())
  }

  /** Resolves when there is an event after `position`, after `timeoutMs`, when `signal` aborts, or at the end. */
  async wait(position: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#stopped || signal.aborted || this.#seen > position) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, timeoutMs)
    signal.addEventListener('abort', () => resolve(), { once: true })
    this.#waiting.add(resolve)
    this.#schedule()
    await promise
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** Sends everybody home. */
  stop(): void {
    this.#stopped = true
    this.#detach()
    clearTimeout(this.#timer)
    this.#release()
  }

  #hurry(): void {
    this.#hurryUntil = performance.now() + hurryForMs
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#schedule()
  }

  #schedule(): void {
    if (this.#stopped || this.#timer !== undefined || this.#waiting.size === 0) return
    const pause = performance.now() < this.#hurryUntil ? hurryMs : idleMs
    this.#timer = setTimeout(() => void this.#look(), pause)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    try {
      const last = await this.#outbox.last()
      if (last !== this.#seen) {
        this.#seen = last
        this.#release()
      }
    } catch (error) {
      this.#log.debug({ err: error }, 'the outbox could not be looked at')
    } finally {
      this.#timer = undefined
      this.#schedule()
    }
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
