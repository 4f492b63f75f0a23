/** The one source of wall-clock time. Tests pass their own; production passes `systemClock`. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

/** Reads `Date.now()` at each call, never at import, so that a shifted `Date` is seen. */
export const systemClock: Clock = { now: () => Date.now() }
