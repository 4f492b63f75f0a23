import type { Clock } from '@gatehouse/kit/clock'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import type { Logger } from '@gatehouse/kit/log'
import { freshMs } from '../documents/caching.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { rasterType, type RasterType } from './raster.ts'

/** Bytes of one. */
const maxBytes = 64 * 1024
/** Half of how many are kept at most. */
const kept = 50
/** How many are fetched at the same time. */
const maxPending = 16
/** What could not be had is not asked for again for so long. */
const pauseMs = 60_000

export interface Logo {
  readonly type: RasterType
  readonly content: Buffer
}

interface Kept {
  readonly until: number
  readonly logo: Logo | undefined
}

export interface LogosOptions {
  readonly guarded: GuardedFetch
  readonly clock: Clock
  readonly log: Logger
}

/** Logos of clients: fetched by us, so that no browser tells a client who looks at a page of ours. */
export class Logos {
  readonly #options: LogosOptions
  readonly #kept = new EvidenceCache<Kept>(kept)
  readonly #pending = new Map<string, Promise<Logo | undefined>>()

  constructor(options: LogosOptions) {
    this.#options = options
  }

  /** Never fails: undefined when there is none to show. Takes as long as the guarded client may take, at most. */
  find(url: URL): Promise<Logo | undefined> {
    const { href } = url
    const known = this.#kept.get(href)
    if (known !== undefined && this.#options.clock.now() < known.until) return Promise.resolve(known.logo)
    const pending = this.#pending.get(href)
    if (pending !== undefined) return pending
    if (this.#pending.size >= maxPending) return Promise.resolve(undefined)
    const read = this.#read(url).finally(() => this.#pending.delete(href))
    this.#pending.set(href, read)
    return read
  }

  async #read(url: URL): Promise<Logo | undefined> {
    const { clock, log } = this.#options
    const answer = await this.#fetch(url)
    const content = answer?.status === 200 ? Buffer.from(await answer.arrayBuffer()) : Buffer.alloc(0)
    const type = rasterType(content)
    const logo = type === undefined ? undefined : { type, content }
    if (answer !== undefined && logo === undefined)
      log.info({ host: url.host, status: answer.status }, 'a logo of a client is no picture that we show')
    const lifeMs = answer === undefined || logo === undefined ? pauseMs : freshMs(answer.headers)
    this.#kept.set(url.href, { until: clock.now() + lifeMs, logo })
    return logo
  }

  async #fetch({ href, host }: URL): Promise<Response | undefined> {
    const { guarded, log } = this.#options
    try {
      const headers = { accept: 'image/png, image/webp, image/jpeg, image/gif' }
      return await guarded.fetch(href, { method: 'GET', headers, body: null, maxBytes })
    } catch (error) {
      log.info({ host, err: error }, 'a logo of a client was not fetched')
      return undefined
    }
  }
}
