import type { House } from '../run/house.ts'
import type { Stage, TlsMaterial, Upstream } from '../run/stage.ts'
import type { Contestant, Running } from './contestant.ts'
import { preflight } from './preflight.ts'

const connections = 64

export interface Upstreams {
  readonly house: House
  readonly plain: Upstream
  readonly secure: Upstream
  /** With which a contestant calls the secure upstream. */
  readonly clientTls: TlsMaterial
}

/** The contestants that were started, each once for the plain upstream and once for the secure one. */
export class Cast {
  readonly #stage: Stage
  readonly #upstreams: Upstreams
  readonly #started = new Map<string, Promise<Running | undefined>>()

  constructor(stage: Stage, upstreams: Upstreams) {
    this.#stage = stage
    this.#upstreams = upstreams
  }

  upstream(secure: boolean): Upstream {
    return secure ? this.#upstreams.secure : this.#upstreams.plain
  }

  /** @returns undefined, after one printed line, when it cannot run here or does not do what it claims. */
  async get(contestant: Contestant, secure: boolean): Promise<Running | undefined> {
    const key = `${contestant.name} ${String(secure)}`
    const started = this.#started.get(key) ?? this.#start(contestant, secure)
    this.#started.set(key, started)
    return started
  }

  async #start(contestant: Contestant, secure: boolean): Promise<Running | undefined> {
    const absent = contestant.absent?.()
    if (absent !== undefined) {
      this.#stage.progress.note(`skipped: ${contestant.name}: ${absent}`)
      return undefined
    }
    this.#stage.progress.step(`starting ${contestant.name}${secure ? ' (mTLS upstream)' : ''}`)
    try {
      const upstream = this.upstream(secure)
      const tls = secure ? this.#upstreams.clientTls : undefined
      const running = await contestant.start(this.#stage, {
        upstream,
        house: this.#upstreams.house,
        tls,
        connections,
      })
      await preflight(this.#stage, contestant, running, upstream)
      return running
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#stage.progress.note(`skipped: ${contestant.name}${secure ? ' (mTLS upstream)' : ''}: ${why}`)
      return undefined
    }
  }
}

export { connections }
