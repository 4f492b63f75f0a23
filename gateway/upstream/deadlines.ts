/** Something that happens unless it is called off in time. */
export interface Deadline {
  cancel(): void
}

/**
 * Deadlines of many requests. A timer of Node for each, set and cleared, costs a request more than its routing; those
 * that wait equally long end in the order in which they began, so that one timer for each length does.
 */
export class Deadlines {
  readonly #queues = new Map<number, Queue>()

  /** @param ms from now. */
  after(ms: number, run: () => void): Deadline {
    const queue = this.#queues.get(ms) ?? this.#open(ms)
    return queue.add(run)
  }

  #open(ms: number): Queue {
    const queue = new Queue(ms, () => this.#queues.delete(ms))
    this.#queues.set(ms, queue)
    return queue
  }
}

/** Those of one length, by when they are due: a ring that begins and ends with itself. */
class Queue {
  readonly #ms: number
  readonly #drained: () => void
  readonly #ring = new Entry(0, () => {})
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number, drained: () => void) {
    this.#ms = ms
    this.#drained = drained
  }

  add(run: () => void): Entry {
    const entry = new Entry(performance.now() + this.#ms, run)
    entry.insertBefore(this.#ring)
    if (this.#timer === undefined) this.#timer = this.#wait(this.#ms)
    return entry
  }

  /** Whoever waits has connections open, which keep the process up. */
  #wait(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms).unref()
  }

  /** A timer that was set for one that was called off since is set anew for the next. */
  #look(): void {
    this.#timer = undefined
    const now = performance.now()
    for (let first = this.#ring.next; first !== this.#ring; first = this.#ring.next) {
      // Node's timers count whole milliseconds and may come that much early.
      const early = first.dueAt - now
      if (early >= 1) {
        this.#timer = this.#wait(early)
        return
      }
      first.cancel()
      first.run()
    }
    this.#drained()
  }
}

class Entry implements Deadline {
  readonly dueAt: number
  readonly run: () => void
  next: Entry = this
  #previous: Entry = this

  constructor(dueAt: number, run: () => void) {
    this.dueAt = dueAt
    this.run = run
  }

  insertBefore(other: Entry): void {
    this.next = other
    this.#previous = other.#previous
    other.#previous.next = this
    other.#previous = this
  }

  cancel(): void {
    this.#previous.next = this.next
    this.next.#previous = this.#previous
    this.next = this
    this.#previous = this
  }
}
