/** How long things are measured. */
export interface Pace {
  readonly name: 'quick' | 'full'
  /** Seconds of load that a fresh process gets before it counts. */
  readonly warmSeconds: number
  readonly roundSeconds: number
  readonly rounds: number
  /** How often a round is measured again when others used its cores. */
  readonly retries: number
  /** Milliseconds of Date.now() after which no further case begins. */
  readonly deadline: number
  /** Seconds for each run that watches memory. */
  readonly soakSeconds: number
}

const nominalMinutes = 9

/** @param minutes the time that the whole run may take; longer runs have more rounds. */
export function paceFor(options: { quick: boolean; minutes: number | undefined; now: number }): Pace {
  const minutes = options.minutes ?? (options.quick ? 2.5 : nominalMinutes)
  const deadline = options.now + minutes * 60_000
  if (options.quick)
    return { name: 'quick', warmSeconds: 2, roundSeconds: 1, rounds: 3, retries: 1, soakSeconds: 6, deadline }
  const factor = minutes / nominalMinutes
  return {
    name: 'full',
    warmSeconds: factor < 0.6 ? 3 : 6,
    roundSeconds: factor < 0.6 ? 1.5 : 2.5,
    retries: 2,
    rounds: Math.max(3, Math.round(3 * factor)),
    soakSeconds: Math.max(10, Math.min(600, Math.round(25 * factor ** 2))),
    deadline,
  }
}
