import { hash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import RedisStore from '@fastify/rate-limit/store/RedisStore.js'
import type { Logger } from '@gatehouse/kit/log'
import type { CounterChild, Metrics } from '@gatehouse/kit/metrics'
import type { Rate } from '@gatehouse/kit/units'
import { Valkey } from 'iovalkey'
import { isNoPrimary } from '../valkey.ts'
import {
  afterHit,
  afterPeek,
  createLimiter,
  type AnyLimiter,
  type Count,
  type Limiter,
  type RateState,
} from './limiter.ts'

const prefix = 'gatehouse:rate:'
/** A count is worth less than the request that waits for it. */
const timeoutMs = 250
const connectTimeoutMs = 2_000
const longestPauseMs = 1_000

export interface SharedCountsOptions {
  /** `redis://…` */
  readonly url: string
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Counts of all gateways together, in Valkey or Redis, by the store of @fastify/rate-limit. While the server is away each
 * gateway counts for itself: a limit that is too wide for a while is better than no answer. After a failure it is left
 * alone for a second, so that not every request waits for one that hangs.
 */
export class SharedCounts {
  readonly #client: Valkey
  readonly #store: RedisStore
  readonly #log: Logger
  readonly #alone: CounterChild
  #awayUntil = 0
  #isAway = false

  constructor({ url, log, metrics }: SharedCountsOptions) {
    this.#log = log
    this.#client = new Valkey(url, {
      connectTimeout: connectTimeoutMs,
      commandTimeout: timeoutMs,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 50, longestPauseMs),
      reconnectOnError: isNoPrimary,
    })
    // Each count that fails says so; this keeps the event from ending the process.
    this.#client.on('error', (err: Error) => log.debug({ err }, 'the store of the limits is away'))
    this.#store = new RedisStore(false, false, this.#client, prefix)
    this.#alone = metrics
      .counter(
        'gatehouse_gateway_rate_limit_alone_total',
        'Requests counted by this gateway alone, because the store of the limits was away.',
      )
      .child({})
    metrics.gauge(
      'gatehouse_gateway_rate_limit_shared',
      'Whether requests are counted together with the other gateways: 0 while the store is away.',
      () => Number(!this.#isAway),
    )
  }

  limiter(policy: string, rate: Rate, name: string): AnyLimiter {
    const alone = createLimiter(policy, rate)
    // Neither names nor addresses are written to the store.
    const keyOf = (key: string): string => hash('sha256', name + key, 'base64url')
    const count = (how: 'incr' | 'read', key: string): Promise<Count> =>
      new Promise((resolve, reject) => {
        const answered = (error: Error | null, answer: Count | null): void => {
          if (answer === null) reject(error ?? new Error('the store of the limits gave no count'))
          else resolve(answer)
        }
        this.#store[how](keyOf(key), answered, rate.windowMs, rate.count)
      })
    return {
      policy,
      rate,
      hit: (key, before) => {
        if (this.#isToBeLeft()) return this.#countAlone(alone, key, before)
        return count('incr', key).then(
          (found) => this.#told(afterHit(policy, rate, found, before)),
          (error: unknown) => this.#failed(error, () => this.#countAlone(alone, key, before)),
        )
      },
      peek: (key, before) => {
        if (this.#isToBeLeft()) return alone.peek(key, before)
        return count('read', key).then(
          (found) => this.#told(afterPeek(policy, rate, found, before)),
          (error: unknown) => this.#failed(error, () => alone.peek(key, before)),
        )
      },
    }
  }

  close(): void {
    this.#client.disconnect()
  }

  #isToBeLeft(): boolean {
    return this.#isAway && performance.now() < this.#awayUntil
  }

  #countAlone(alone: Limiter, key: string, before: RateState | undefined): RateState {
    this.#alone.inc()
    return alone.hit(key, before)
  }

  #told(state: RateState): RateState {
    if (this.#isAway) this.#log.info({}, 'requests are counted together with the other gateways again')
    this.#isAway = false
    return state
  }

  #failed(err: unknown, instead: () => RateState): RateState {
    if (!this.#isAway) this.#log.warn({ err }, 'the store of the limits is away: counting alone')
    this.#isAway = true
    this.#awayUntil = performance.now() + longestPauseMs
    return instead()
  }
}
