import type { TargetConfig } from '@gatehouse/kit/config/types'
import type { CounterChild } from '@gatehouse/kit/metrics'
import type { RenewedPool } from './renewed-pool.ts'

/** How an attempt went, as far as the target is to blame. */
export type Outcome =
  /** It answered. */
  | 'ok'
  /** It answered that it cannot: 502, 503, 504. */
  | 'unwell'
  /** It could not be reached, gave no proper answer, or none in time. */
  | 'failed'
  /** The caller left or was at fault: this says nothing about the target. */
  | 'void'

export interface TargetParts {
  readonly pool: RenewedPool
  /** Attempts by how they went. */
  readonly counters: Readonly<Record<Outcome, CounterChild>>
}

/** One address of a service. */
export class Target {
  /** Its URL, with the address where a name has several. */
  readonly id: string
  readonly weight: number
  readonly canary: boolean
  readonly pool: RenewedPool
  /** Requests that it has not finished. */
  inFlight = 0
  /** Its health checks failed. */
  isUnhealthy = false
  /** Taken out for a while because requests failed. */
  isEjected = false
  failuresInRow = 0
  /** Ejections in a row, each longer than the one before. */
  ejections = 0
  /** When it came back, in milliseconds since the epoch; it was there from the start: -Infinity. */
  returnedAt = -Infinity
  /** State of the smooth round-robin. */
  credit = 0
  readonly #counters: Readonly<Record<Outcome, CounterChild>>

  constructor(config: TargetConfig, id: string, parts: TargetParts) {
    this.id = id
    this.weight = config.weight
    this.canary = config.canary
    this.pool = parts.pool
    this.#counters = parts.counters
  }

  get isUsable(): boolean {
    return !this.isUnhealthy && !this.isEjected
  }

  begin(): void {
    this.inFlight++
  }

  finish(outcome: Outcome): void {
    this.inFlight--
    this.#counters[outcome].inc()
  }
}
