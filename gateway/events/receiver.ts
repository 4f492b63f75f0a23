import { Backoff } from '@gatehouse/kit/backoff'
import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { Freshness } from './freshness.ts'
import { PollFailed, type Answer, type Poll } from './poll-client.ts'
import type { Position } from './position.ts'
import { setError } from './refusal.ts'
import type { Verified } from './verify.ts'

const maxEvents = 200
/** How often the position is written while nothing happens. */
const positionEveryMs = 10_000

export interface ReceiverOptions {
  readonly transmitter: string
  /** @throws PollFailed */
  readonly poll: (poll: Poll, signal: AbortSignal) => Promise<Answer>
  /** @throws TokenRejected */
  readonly verify: (set: string) => Promise<Verified>
  /** @throws StoreError */
  readonly apply: (verified: Verified) => Promise<void>
  readonly position: Position
  readonly freshness: Freshness
  readonly clock: Clock
  readonly log: Logger
}

type Settled = Pick<Poll, 'ack' | 'setErrs'>

const nothing: Settled = { ack: [], setErrs: {} }

/**
 * Hears one transmitter: polls, applies in order, and acknowledges with the next poll, so that whatever happens in
 * between, the event comes again. A batch that could not be applied whole is not acknowledged from where it stopped.
 */
export class Receiver {
  readonly #options: ReceiverOptions
  readonly #stop = new AbortController()
  readonly #backoff = new Backoff()
  #running: Promise<void> = Promise.resolve()
  #settled = nothing
  #caughtUp = false

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Gives up a poll that is under way, and waits for what is being applied. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Whether everything that happened before this process began has been heard. */
  get caughtUp(): boolean {
    return this.#caughtUp
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#round(signal)
        this.#backoff.reset()
      } catch (error) {
        if (signal.aborted) return
        this.#tell(error)
        await this.#backoff.pause(signal)
      }
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { transmitter, poll, freshness, position, clock } = this.#options
    const asked = { at: performance.now(), now: clock.now(), waits: this.#caughtUp }
    const settled = this.#settled
    const answer = await poll({ ...settled, maxEvents, returnImmediately: !asked.waits }, signal)
    this.#settled = nothing
    const last = await this.#take(answer)
    if (answer.moreAvailable) return
    this.#caughtUp = true
    // An answer without events was true when it was written, which is now; one with events, when they happened.
    freshness.heard(transmitter, answer.sets.length === 0 ? performance.now() : asked.at)
    await position.advance(last ?? asked.now, last === undefined ? positionEveryMs : 0)
  }

  /** @returns when the last of them happened */
  async #take({ sets }: Answer): Promise<number | undefined> {
    const ack: string[] = []
    const setErrs: Record<string, Poll['setErrs'][string]> = {}
    let last: number | undefined
    try {
      for (const { jti, set } of sets) {
        const verified = await this.#verified(jti, set)
        if (verified instanceof TokenRejected) {
          setErrs[jti] = setError(verified)
          continue
        }
        await this.#options.apply(verified)
        last = Math.max(last ?? 0, verified.at)
        ack.push(jti)
      }
    } finally {
      this.#settled = { ack, setErrs }
    }
    return last
  }

  async #verified(jti: string, set: string): Promise<Verified | TokenRejected> {
    const { transmitter, log } = this.#options
    try {
      const verified = await this.#options.verify(set)
      if (verified.jti === jti) return verified
      throw new TokenRejected('bad_claims', 'jti')
    } catch (error) {
      // A key that is not known yet: the keys are fetched again after a while, and the event comes again until then.
      if (!(error instanceof TokenRejected) || error.reason === 'unknown_key') throw error
      log.warn({ transmitter, jti, reason: error.reason, detail: error.message }, 'security event refused')
      return error
    }
  }

  #tell(error: unknown): void {
    const { transmitter, log } = this.#options
    const level = error instanceof PollFailed ? 'debug' : 'warn'
    log[level]({ transmitter, err: error }, 'security events not received, it will be tried again')
  }
}
