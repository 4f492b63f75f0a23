import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { repeat } from '@gatehouse/kit/repeat'
import type { SessionStore } from './session-storage.ts'

const intervalMs = 5_000
/** How many sessions the store is asked about at a time. */
const batch = 500

export interface EndedElsewhereOptions {
  readonly store: Pick<SessionStore, 'lastSeen'>
  readonly clock: Clock
  readonly log: Logger
  readonly idleMs: number
  /** Sessions that something is open on, by key, and since when (milliseconds since the epoch). */
  readonly open: () => ReadonlyMap<string, number>
  /** Told of each of them that has ended. */
  readonly ended: (key: string) => void
}

/**
 * What is open on a session sends no requests by which it would be noticed that another gateway has ended the session. So the
 * store is asked now and then. A session that is not in it any more has ended, unless nobody used it for so long that it was
 * swept: what is open on that one may stay.
 */
export class EndedElsewhere {
  readonly #options: EndedElsewhereOptions
  #seenAt: ReadonlyMap<string, number> = new Map()

  constructor(options: EndedElsewhereOptions) {
    this.#options = options
  }

  /** Looks every few seconds. @returns ends that */
  start(): () => Promise<void> {
    return repeat({
      everyMs: intervalMs,
      run: (stopped) => this.look(stopped),
      failed: (err) => this.#options.log.warn({ err }, 'not known which sessions have ended'),
    })
  }

  /** @throws StoreError */
  async look(stopped: AbortSignal = new AbortController().signal): Promise<void> {
    const { store, clock, open, ended } = this.#options
    const now = clock.now()
    const seenAt = new Map<string, number>()
    for (const [key, since] of open()) seenAt.set(key, this.#seenAt.get(key) ?? since)
    this.#seenAt = seenAt
    const all = [...seenAt.keys()]
    for (let at = 0; at < all.length && !stopped.aborted; at += batch) {
      const keys = all.slice(at, at + batch)
      // One batch after the other: requests have their turn at the store in between.
      // oxlint-disable-next-line no-await-in-loop
      const found = await store.lastSeen(keys)
      for (const key of keys) {
        const lastSeenAt = found.get(key)
        if (lastSeenAt !== undefined) seenAt.set(key, lastSeenAt)
        else if (this.#isInUse(seenAt.get(key) ?? now, now)) ended(key)
      }
    }
  }

  /** Not nearly over for want of use, by any gateway's clock. */
  #isInUse(seenAt: number, now: number): boolean {
    return now - seenAt < this.#options.idleMs - intervalMs
  }
}
