import type { Clock } from '@gatehouse/kit/clock'
import type { UpstreamConfig } from '@gatehouse/kit/config/types'
import type { TargetSet } from './target-set.ts'
import type { Target } from './target.ts'

/** However often a target failed, it is tried again after this many times the first ejection. */
const longest = 10

/** Takes targets out for a while at which requests fail one after the other. */
export class Ejection {
  readonly #config: NonNullable<UpstreamConfig['ejection']>
  readonly #targets: TargetSet
  readonly #clock: Clock
  readonly #onEjected: (target: Target) => void
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(
    config: NonNullable<UpstreamConfig['ejection']>,
    parts: { readonly targets: TargetSet; readonly clock: Clock; onEjected(target: Target): void },
  ) {
    this.#config = config
    this.#targets = parts.targets
    this.#clock = parts.clock
    this.#onEjected = (target) => parts.onEjected(target)
  }

  succeeded(target: Target): void {
    target.failuresInRow = 0
  }

  failed(target: Target): void {
    target.failuresInRow++
    if (target.failuresInRow >= this.#config.failures && !target.isEjected && this.#mayEject())
      this.#eject(target)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #mayEject(): boolean {
    const { all } = this.#targets
    const ejected = all.filter((target) => target.isEjected).length
    return ejected + 1 <= Math.floor((all.length * this.#config.maxPercent) / 100)
  }

  #eject(target: Target): void {
    const { forMs } = this.#config
    const isRelapse = this.#clock.now() - target.returnedAt < forMs * (target.ejections + 1)
    target.ejections = isRelapse ? target.ejections + 1 : 1
    this.#targets.change(target, { isEjected: true })
    this.#onEjected(target)
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        target.failuresInRow = 0
        this.#targets.change(target, { isEjected: false })
      },
      forMs * Math.min(target.ejections, longest),
    ).unref()
    this.#timers.add(timer)
  }
}
