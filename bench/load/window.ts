import { busySeconds, cpuSecondsOf } from '../run/proc.ts'
import type { Job, Outcome, Use } from './job.ts'

interface Moment {
  readonly at: number
  /** Microseconds of CPU time of this process. */
  readonly self: number
  readonly use: Use | undefined
}

/** The part of a run that counts: how long it was, and the CPU time that was used in it. */
export class Window {
  readonly #watch: Job['watch']
  #from: Moment | undefined
  #to: Moment | undefined

  constructor(watch: Job['watch']) {
    this.#watch = watch
  }

  get isOpen(): boolean {
    return this.#from !== undefined && this.#to === undefined
  }

  begin(): void {
    this.#from ??= this.#now()
  }

  /** The first call counts. One before the beginning makes an empty window. */
  end(): void {
    this.begin()
    this.#to ??= this.#now()
  }

  measured(): Pick<Outcome, 'seconds' | 'cpuSeconds' | 'use'> {
    const [from, to] = [this.#from, this.#to]
    if (from === undefined || to === undefined) throw new Error('the window was not ended')
    const use = difference(from.use, to.use)
    return {
      seconds: (to.at - from.at) / 1000,
      cpuSeconds: (to.self - from.self) / 1e6,
      ...(use === undefined ? {} : { use }),
    }
  }

  #now(): Moment {
    const { user, system } = process.cpuUsage()
    return { at: performance.now(), self: user + system, use: this.#use() }
  }

  #use(): Use | undefined {
    if (this.#watch === undefined) return undefined
    const { own, servants, cores } = this.#watch
    return {
      own: cpuSecondsOf(own),
      servants: cpuSecondsOf(servants),
      ...(cores === undefined ? {} : { cores: [busySeconds(cores[0]), busySeconds(cores[1])] }),
    }
  }
}

function difference(from: Use | undefined, to: Use | undefined): Use | undefined {
  if (from === undefined || to === undefined) return undefined
  const [a, b] = [from.cores, to.cores]
  return {
    own: to.own - from.own,
    servants: to.servants - from.servants,
    ...(a === undefined || b === undefined ? {} : { cores: [b[0] - a[0], b[1] - a[1]] }),
  }
}
