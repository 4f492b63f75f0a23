import type { PasswordCheck } from './check.ts'
import { IdleThread } from './idle-thread.ts'

/** A server at which hardly anybody signs in needs no thread for it. */
const startAfter = 16
/** Where others take all of every core, such a thread comes to a stop: then passwords are checked as urgently as the rest. */
const defaultPatienceMs = 150

/** What is asked of one thread; by default an IdleThread. */
export interface CheckingThread {
  readonly hasEnded: boolean
  check(check: PasswordCheck): Promise<boolean | undefined>
  stop(): Promise<void>
}

export interface IdleThreadsOptions {
  /** Threads, each made when the others are busy. */
  readonly most: number
  readonly patienceMs?: number
  readonly start?: () => Promise<CheckingThread>
}

/** Checks passwords on threads that take the core from nobody. Where there are none it says so, and never waits long. */
export class IdleThreads {
  readonly #most: number
  readonly #patienceMs: number
  readonly #startThread: () => Promise<CheckingThread>
  readonly #threads = new Set<CheckingThread>()
  readonly #free: CheckingThread[] = []
  #asked = 0
  #starting: Promise<void> | undefined
  /** The system has no such threads, or the server ends. */
  #closed = false

  constructor({ most, patienceMs, start }: IdleThreadsOptions) {
    this.#most = most
    this.#patienceMs = patienceMs ?? defaultPatienceMs
    this.#startThread = start ?? (() => IdleThread.start())
    if (process.platform !== 'linux') this.#closed = true
  }

  /** @returns undefined: it was not checked here, or not in time */
  async check(check: PasswordCheck): Promise<boolean | undefined> {
    if (this.#closed) return undefined
    this.#asked += 1
    const thread = this.#free.pop()
    if (thread !== undefined) return this.#inTime(this.#checkOn(thread, check))
    if (this.#asked > startAfter && this.#threads.size < this.#most) this.#starting ??= this.#start()
    return undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting
    await Promise.all(Array.from(this.#threads, (thread) => thread.stop()))
  }

  async #checkOn(thread: CheckingThread, check: PasswordCheck): Promise<boolean | undefined> {
    const right = await thread.check(check)
    if (thread.hasEnded) this.#threads.delete(thread)
    else this.#free.push(thread)
    return right
  }

  #inTime(answer: Promise<boolean | undefined>): Promise<boolean | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, this.#patienceMs, undefined)
      answer.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  async #start(): Promise<void> {
    try {
      const thread = await this.#startThread()
      this.#threads.add(thread)
      this.#free.push(thread)
    } catch {
      // Passwords are checked all the same, only less politely.
      this.#closed = true
    } finally {
      this.#starting = undefined
    }
  }
}
