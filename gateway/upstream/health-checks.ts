import type { UpstreamConfig } from '@gatehouse/kit/config/types'
import type { TargetSet } from './target-set.ts'
import type { Target } from './target.ts'

interface Run {
  readonly target: Target
  /** Answers of the same kind in a row. */
  streak: number
  wasHealthy: boolean
}

export interface HealthCheckParts {
  readonly targets: TargetSet
  onChecked(target: Target, isHealthy: boolean): void
  onChange(target: Target): void
}

/** Asks each target how it is, one question at a time, and takes those out that do not answer well. */
export class HealthChecks {
  readonly #config: NonNullable<UpstreamConfig['health']>
  readonly #parts: HealthCheckParts
  readonly #timers = new Map<Target, NodeJS.Timeout>()

  constructor(config: NonNullable<UpstreamConfig['health']>, parts: HealthCheckParts) {
    this.#config = config
    this.#parts = parts
  }

  /** Watches these targets, and no others any more. */
  watch(targets: readonly Target[]): void {
    for (const [target, timer] of this.#timers) {
      if (targets.includes(target)) continue
      clearTimeout(timer)
      this.#timers.delete(target)
    }
    for (const target of targets) {
      // Spread over the interval, so that many targets and gateways do not ask all at once.
      if (!this.#timers.has(target)) this.#schedule({ target, streak: 0, wasHealthy: true }, Math.random())
    }
  }

  stop(): void {
    this.watch([])
  }

  #schedule(run: Run, part = 1): void {
    const timer = setTimeout(() => void this.#check(run), this.#config.intervalMs * part).unref()
    this.#timers.set(run.target, timer)
  }

  async #check(run: Run): Promise<void> {
    const isHealthy = await this.#ask(run.target)
    if (!this.#timers.has(run.target)) return
    this.#parts.onChecked(run.target, isHealthy)
    run.streak = isHealthy === run.wasHealthy ? run.streak + 1 : 1
    run.wasHealthy = isHealthy
    this.#conclude(run)
    this.#schedule(run)
  }

  #conclude({ target, streak, wasHealthy }: Run): void {
    const needed = wasHealthy ? this.#config.healthy : this.#config.unhealthy
    if (streak < needed || target.isUnhealthy !== wasHealthy) return
    this.#parts.targets.change(target, { isUnhealthy: !wasHealthy })
    this.#parts.onChange(target)
  }

  async #ask({ pool }: Target): Promise<boolean> {
    const signal = AbortSignal.timeout(this.#config.timeoutMs)
    try {
      const { statusCode, body } = await pool.current.request({
        method: 'GET',
        path: this.#config.path,
        signal,
      })
      await body.dump({ limit: 64 * 1024, signal })
      return statusCode >= 200 && statusCode < 300
    } catch {
      // Whatever kept it from answering: it is not healthy, and the counter tells.
      return false
    }
  }
}
