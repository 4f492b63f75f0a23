import type { Clock } from '@gatehouse/kit/clock'

/** The time that everything in this process sees. */
export interface TestClock extends Clock {
  /**
   * Moves `Date.now()` and `new Date()` of the whole process, libraries included. Timers, certificate validity
   * (OpenSSL reads the system's clock) and `performance.now()` stay as they are.
   * @param ms milliseconds, negative to go back
   */
  advance(ms: number): void
  /** From now on only {@link advance} moves it: for what must happen within a second, on whatever machine. */
  hold(): void
  /** Back to the system's time. `platform.stop()` does it. */
  restore(): void
}

/** Puts a movable `Date` in place. Two clocks in one process add up; restore them in reverse order. */
export function installClock(): TestClock {
  const before = globalThis.Date
  const nowBefore = before.now
  let shift = 0
  let held: number | undefined
  const now = () => (held ?? nowBefore()) + shift
  // In place, for those who keep a reference to Date; the proxy, because `new Date()` does not ask Date.now.
  before.now = now
  globalThis.Date = new Proxy(before, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new before(now()).toString(),
  })
  return {
    now,
    advance: (ms) => {
      shift += ms
    },
    hold: () => {
      held ??= nowBefore()
    },
    restore: () => {
      before.now = nowBefore
      globalThis.Date = before
    },
  }
}
