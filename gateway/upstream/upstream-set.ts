import { isDeepStrictEqual } from 'node:util'
import type { UpstreamConfig } from '@gatehouse/kit/config/types'
import { Upstream, type UpstreamParts } from './upstream.ts'

export type UpstreamConfigs = Readonly<Record<string, UpstreamConfig>>

/** Other upstreams beside those in force: nothing is sent to them yet. */
export interface PreparedUpstreams {
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** Puts them in force. What they replace finishes its requests and closes then. */
  commit(): void
  discard(): void
}

export interface UpstreamSetOptions extends UpstreamParts {
  /**
   * Requests that chose their route before a change may still be on their way to the old upstream: so long nothing of
   * it is closed. Default: 30 s, longer than any stage waits.
   */
  readonly quietMs?: number
  /** Then its requests in flight, streams among them, may go on for this long. Default: 1 h. */
  readonly drainMs?: number
}

/** The upstreams in force, by name. One whose configuration did not change keeps its connections and what it learnt. */
export class UpstreamSet {
  readonly #options: UpstreamSetOptions
  readonly #inForce = new Map<string, Upstream>()
  readonly #leaving = new Map<Upstream, NodeJS.Timeout>()

  /** @throws StartError as Upstream does, with nothing left open. */
  constructor(configs: UpstreamConfigs, options: UpstreamSetOptions) {
    this.#options = options
    this.prepare(configs).commit()
  }

  /** Always the present ones: its content changes with `commit`. */
  get inForce(): ReadonlyMap<string, Upstream> {
    return this.#inForce
  }

  /** How many are not in force any more and have not finished. */
  get leaving(): number {
    return this.#leaving.size
  }

  /** @throws StartError for what cannot be opened; nothing changes then. */
  prepare(configs: UpstreamConfigs): PreparedUpstreams {
    const opened: Upstream[] = []
    const discard = (): void => opened.forEach((upstream) => void upstream.close())
    try {
      const upstreams = new Map(
        Object.entries(configs).map(([name, config]) => {
          const known = this.#inForce.get(name)
          if (known !== undefined && isDeepStrictEqual(known.config, config)) return [name, known] as const
          const upstream = new Upstream(config, this.#options)
          opened.push(upstream)
          return [name, upstream] as const
        }),
      )
      return { upstreams, discard, commit: () => this.#replace(upstreams, opened) }
    } catch (error) {
      discard()
      throw error
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    const all = [...this.#inForce.values(), ...this.#leaving.keys()]
    await Promise.all(all.map((upstream) => upstream.close()))
  }

  #replace(upstreams: ReadonlyMap<string, Upstream>, opened: readonly Upstream[]): void {
    const before = [...this.#inForce.values()]
    this.#inForce.clear()
    for (const [name, upstream] of upstreams) this.#inForce.set(name, upstream)
    for (const upstream of opened) upstream.start()
    const kept = new Set(upstreams.values())
    for (const upstream of before) if (!kept.has(upstream)) this.#retire(upstream)
  }

  #retire(upstream: Upstream): void {
    const { quietMs = 30_000, drainMs = 3_600_000, log } = this.#options
    const drain = (): void => {
      const gone = (): unknown => this.#leaving.delete(upstream)
      upstream.drain(drainMs).then(gone, (err: unknown) => {
        gone()
        log.warn({ err, upstream: upstream.name }, 'an upstream that was replaced did not close cleanly')
      })
    }
    this.#leaving.set(upstream, setTimeout(drain, quietMs).unref())
  }
}
