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

const nominalMinutes = 9.2

/** @param minutes the time that the whole run may take; longer runs have more rounds. */
export function paceFor(options: {
  quick: boolean
  minutes: number | undefined
  soakSeconds?: number | undefined
  now: number
}): Pace {
  const { quick, soakSeconds } = options
  const minutes = options.minutes ?? (quick ? 4 : nominalMinutes)
  // A soak comes on top.
  const deadline = options.now + minutes * 60_000 + (soakSeconds ?? 0) * 1000
  if (quick) {
    const short = { warmSeconds: 1.5, roundSeconds: 1, rounds: 2, retries: 0 }
    return { name: 'quick', ...short, soakSeconds: soakSeconds ?? 6, deadline }
  }
  const factor = minutes / nominalMinutes
  return {
    name: 'full',
    warmSeconds: factor < 1.5 ? 4 : 6,
    roundSeconds: factor < 0.6 ? 1.5 : 2,
    retries: factor < 1.5 ? 1 : 2,
    rounds: Math.max(3, Math.round(3 * factor)),
    soakSeconds: soakSeconds ?? Math.max(10, Math.min(600, Math.round(24 * factor ** 2))),
    deadline,
  }
}
