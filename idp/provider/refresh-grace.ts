import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@gatehouse/kit/clock'
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider'
import { errors, Provider } from 'oidc-provider'
import type { Artifacts } from '../storage/artifacts.ts'
import type { Successors } from '../storage/successors.ts'
import { orUnavailable } from '../storage/unavailable.ts'
import { text } from './show.ts'

export interface RefreshGraceOptions {
  readonly artifacts: Artifacts
  readonly successors: Successors
  readonly clock: Clock
  readonly graceMs: number
}

/**
 * A refresh token is used once. Two things happen all the same to honest clients: an answer gets lost, and they ask
 * again; or two of their threads ask at once. Within the grace,
 * - who asks again after the answer was made gets the same successor, as long as that was not used itself. The library
 *   has compared client and sender constraint by then, as with any refresh;
 * - of those who ask at the same time one is served, the others get `invalid_grant`, and the token has no second
 *   chance. The family lives on: nobody has a token too many.
 * Everything else is reuse, and ends the family (RFC 9700 section 4.14.2).
 */
export class RefreshGrace {
  readonly #options: RefreshGraceOptions
  readonly #arrivals = new WeakMap<KoaContextWithOIDC, number>()
  readonly #repeats = new WeakMap<KoaContextWithOIDC, string>()

  constructor(options: RefreshGraceOptions) {
    this.#options = options
  }

  /** To be called when a request comes in. */
  arrived(ctx: KoaContextWithOIDC): void {
    this.#arrivals.set(ctx, this.#options.clock.now())
  }

  /**
   * A used token was presented. @returns what the library is to believe of it
   * @throws InvalidGrant for a request at the same time as another
   */
  async reconsider(used: string, found: AdapterPayload): Promise<AdapterPayload> {
    const { successors, artifacts, clock, graceMs } = this.#options
    const { ctx } = Provider
    if (graceMs === 0 || ctx?.oidc.route !== 'token') return found
    const known = await successors.find(used)
    const since = known?.successor === undefined ? consumedAt(found) : known.answeredAt
    if (clock.now() > since + graceMs) return found
    if (known?.successor === undefined || known.contested || this.#arrival(ctx) < known.answeredAt) {
      await successors.contest(used)
      throw new errors.InvalidGrant('refresh token used twice at the same time')
    }
    const next = await artifacts.find('RefreshToken', known.successor)
    if (next === undefined || next['consumed'] !== undefined) return found
    this.#repeats.set(ctx, known.successor)
    const { consumed: _, ...unused } = found
    return unused
  }

  /** Another request was quicker to use it. @returns whether that is forgiven */
  async forgives(used: string): Promise<boolean> {
    if (this.#options.graceMs === 0) return false
    await this.#options.successors.contest(used)
    return true
  }

  /** Whether this request repeats one that was answered. */
  isRepeat(ctx: KoaContextWithOIDC): boolean {
    return this.#repeats.has(ctx)
  }

  /** To be called once the library has answered. */
  async conclude(ctx: KoaContextWithOIDC): Promise<void> {
    const { body } = ctx
    if (this.#options.graceMs === 0 || typeof body !== 'object' || body === null) return
    if (!('refresh_token' in body)) return
    const repeated = this.#repeats.get(ctx)
    if (repeated !== undefined) {
      ctx.body = { ...body, refresh_token: repeated }
      return
    }
    const used = text(ctx.oidc.entities.RotatedRefreshToken?.jti)
    const successor = text(body.refresh_token)
    if (used === undefined || successor === undefined) return
    // Requests that wait in the socket came before the answer.
    await setImmediate()
    await setImmediate()
    await orUnavailable(() => this.#options.successors.answer(used, successor))
  }

  #arrival(ctx: KoaContextWithOIDC): number {
    return this.#arrivals.get(ctx) ?? 0
  }
}

/** Kept in whole seconds: the benefit of the doubt is the client's. */
function consumedAt(found: AdapterPayload): number {
  const consumed: unknown = found['consumed']
  return typeof consumed === 'number' ? (consumed + 1) * 1000 : 0
}
