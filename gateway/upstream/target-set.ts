import type { Clock } from '@gatehouse/kit/clock'
import type { Target } from './target.ts'

/** What the canary header asks for. */
export type CanaryWish = 'always' | 'never'

/** What a caller's header wishes, as far as it is one of these. */
export function canaryWish(header: string | string[] | undefined): CanaryWish | undefined {
  return header === 'always' || header === 'never' ? header : undefined
}

/**
 * The targets of one upstream, and those of them that get requests. The latter is worked out when something changes,
 * not when a request comes. When none is usable all are used: health checks that are wrong must not take down a
 * service that works, and one that does not is the breaker's to see.
 */
export class TargetSet {
  readonly #clock: Clock
  #all: readonly Target[] = []
  #usable: readonly Target[] = []
  #fitting: Readonly<Record<CanaryWish, readonly Target[]>> = { always: [], never: [] }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get all(): readonly Target[] {
    return this.#all
  }

  get usable(): readonly Target[] {
    return this.#usable
  }

  replace(targets: readonly Target[]): void {
    this.#all = targets
    this.#refresh()
  }

  /** @param change what becomes of the target; when it is usable again, it starts slowly. */
  change(target: Target, change: Partial<Pick<Target, 'isUnhealthy' | 'isEjected'>>): void {
    const before = target.isUsable
    Object.assign(target, change)
    if (!before && target.isUsable) target.returnedAt = this.#clock.now()
    this.#refresh()
  }

  /** The usable ones that fit the wish; all usable ones when none does. */
  choice(wish: CanaryWish | undefined, not: Target | undefined): readonly Target[] {
    const fitting = wish === undefined ? this.#usable : this.#fitting[wish]
    const found = fitting.length > 0 ? fitting : this.#usable
    if (not === undefined) return found
    const others = found.filter((it) => it !== not)
    return others.length > 0 ? others : found
  }

  #refresh(): void {
    const usable = this.#all.filter((target) => target.isUsable)
    this.#usable = usable.length > 0 ? usable : this.#all
    this.#fitting = {
      always: this.#usable.filter(({ canary }) => canary),
      never: this.#usable.filter(({ canary }) => !canary),
    }
  }
}
