/** How long things are measured. */
export interface Pace {
  readonly name: PaceName
  /** Minutes that the whole run may take. */
  readonly minutes: number
  /** How many times longer than in a default run a case may be. */
  readonly most: number
  /** Seconds of load that a fresh process gets before it counts, in a case with targets and in one without. */
  readonly warmSeconds: number
  readonly sideWarmSeconds: number
  /** Seconds that one contestant is measured in one round, and seconds of load before that do not count. */
  readonly roundSeconds: number
  readonly leadSeconds: number
  /**
   * Rounds of a case with targets, and of one without: so many even when it is late; and no more than the last however
   * much time there is.
   */
  readonly leastRounds: number
  readonly sideRounds: number
  readonly mostRounds: number
  /** Seconds of the watch on memory. */
  readonly soakSeconds: number
}

export type PaceName = 'tiny' | 'quick' | 'full' | 'thorough'

// What the plan cannot shorten (starting, warming up) may be late by the rest of ten minutes.
const fullMinutes = 9.2

const paces: Readonly<Record<PaceName, Omit<Pace, 'name'>>> = {
  tiny: {
    minutes: 10,
    most: 1,
    warmSeconds: 0.05,
    sideWarmSeconds: 0.05,
    roundSeconds: 0.1,
    leadSeconds: 0.05,
    leastRounds: 1,
    sideRounds: 1,
    mostRounds: 1,
    soakSeconds: 0.6,
  },
  quick: {
    minutes: 4,
    most: 1,
    warmSeconds: 2,
    sideWarmSeconds: 1.5,
    roundSeconds: 0.5,
    leadSeconds: 0.1,
    leastRounds: 2,
    sideRounds: 1,
    mostRounds: 3,
    soakSeconds: 6,
  },
  full: {
    minutes: fullMinutes,
    most: 1,
    warmSeconds: 5,
    sideWarmSeconds: 2,
    roundSeconds: 0.6,
    leadSeconds: 0.15,
    leastRounds: 3,
    sideRounds: 2,
    mostRounds: 25,
    soakSeconds: 20,
  },
  thorough: {
    minutes: 40,
    most: 20,
    warmSeconds: 8,
    sideWarmSeconds: 6,
    roundSeconds: 1,
    leadSeconds: 0.2,
    leastRounds: 5,
    sideRounds: 5,
    mostRounds: 51,
    soakSeconds: 120,
  },
}

export interface PaceOptions {
  readonly name: PaceName
  /** Minutes that the whole run may take, instead of those of the pace. */
  readonly minutes: number | undefined
  /** Seconds of the watch on memory, instead of those of the pace. */
  readonly soakSeconds: number | undefined
}

export function paceFor({ name, minutes, soakSeconds }: PaceOptions): Pace {
  const pace = paces[name]
  return {
    name,
    ...pace,
    ...(minutes === undefined ? {} : { minutes, most: paces.thorough.most }),
    ...(soakSeconds === undefined ? {} : { soakSeconds }),
  }
}
