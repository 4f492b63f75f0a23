import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@gatehouse/kit/clock'
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider'
import { errors, Provider } from 'oidc-provider'
import type { Newcomers } from '../http/newcomers.ts'
import type { Artifacts } from '../storage/artifacts.ts'
import { consumedAt } from '../storage/payload.ts'
import type { Succession, Successors } from '../storage/successors.ts'
import { orUnavailable } from '../storage/unavailable.ts'
import { text } from './show.ts'

export interface RefreshGraceOptions {
  readonly artifacts: Artifacts
  readonly successors: Successors
  readonly clock: Clock
  readonly newcomers: Newcomers
  readonly graceMs: number
}

/** How often and for how long an answer that another process may be making is looked for. */
const longestWaitMs = 2_000
const longestPauseMs = 100

/**
 * A refresh token is used once. One thing happens all the same to honest clients: an answer gets lost, and they ask again.
 * Within the grace who asks again gets the same successor, as long as that was not used itself. The library compares client
 * and sender constraint, as with any refresh.
 *
 * Whoever asks while the first request is still served waits for its end. If the client of that one was gone by then, the
 * answer was lost, and this is the repetition. If it was there and got its answer, two have the token: reuse.
 * Reuse ends the family (RFC 9700 section 4.14.2).
 */
export class RefreshGrace {
  readonly #options: RefreshGraceOptions
  readonly #arrivals = new WeakMap<KoaContextWithOIDC, number>()
  readonly #repeats = new WeakMap<KoaContextWithOIDC, string>()
  #underWay = 0

  constructor(options: RefreshGraceOptions) {
    this.#options = options
  }

  /** To be called when a request comes in. */
  arrived(ctx: KoaContextWithOIDC): void {
    this.#arrivals.set(ctx, this.#options.clock.now())
    this.#underWay += 1
  }

  /** To be called once for each of them when it is over. */
  left(): void {
    this.#underWay -= 1
  }

  /**
   * A used token was presented. @returns what the library is to believe of it
   * @throws InvalidGrant for a request that nobody waits for: it may have been overtaken by its own repetition
   */
  async reconsider(used: string, found: AdapterPayload): Promise<AdapterPayload> {
    const { artifacts, clock, graceMs } = this.#options
    const { ctx } = Provider
    if (ctx?.oidc.route !== 'token' || clock.now() > consumedAt(found) + graceMs) return found
    const successor = await this.#lostAnswer(ctx, used)
    if (successor === undefined && isGone(ctx)) throw new errors.InvalidGrant('given up')
    if (successor === undefined) return found
    const next = await artifacts.find('RefreshToken', successor)
    if (next === undefined || next['consumed'] !== undefined) return found
    this.#repeats.set(ctx, successor)
    const { consumed: _, ...unused } = found
    return unused
  }

  /** Another request was quicker to use it. @returns what this one is to be taken for */
  async judge(used: string): Promise<'repetition' | 'given up' | 'reuse'> {
    const { ctx } = Provider
    if (ctx === undefined || this.#options.graceMs === 0) return 'reuse'
    const successor = await this.#lostAnswer(ctx, used)
    if (successor === undefined) return isGone(ctx) ? 'given up' : 'reuse'
    this.#repeats.set(ctx, successor)
    return 'repetition'
  }

  /** @returns the successor that this request may be given because its client cannot have got it */
  async #lostAnswer(ctx: KoaContextWithOIDC, used: string): Promise<string | undefined> {
    const known = await this.#answerTo(used)
    if (known === undefined || known.contested || this.#options.clock.now() > known.until) return undefined
    return this.arrivedAt(ctx) < (known.answeredAt ?? 0) ? undefined : known.successor
  }

  /** Waits for the request that used it. A process that died with it leaves nothing to wait for. */
  async #answerTo(used: string): Promise<Succession | undefined> {
    const { successors } = this.#options
    const known = await successors.find(used)
    if (known?.successor !== undefined) return known
    await successors.contest(used)
    const giveUpAt = performance.now() + longestWaitMs
    for (let pauseMs = 5; performance.now() < giveUpAt; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const now = await successors.find(used)
      if (now?.successor !== undefined) return now
      await sleep(pauseMs)
    }
    return undefined
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
    const made = text(body.refresh_token)
    if (repeated !== undefined) {
      ctx.body = { ...body, refresh_token: repeated }
      // One was made before it was known that this is a repetition.
      if (ctx.oidc.entities.RotatedRefreshToken !== undefined && made !== undefined)
        await orUnavailable(() => this.#options.artifacts.destroy('RefreshToken', made))
      return
    }
    const used = text(ctx.oidc.entities.RotatedRefreshToken?.jti)
    if (used === undefined || made === undefined) return
    // What was sent together with this one came before its answer, although it may arrive a little later.
    await setImmediate()
    await setImmediate()
    await this.#options.newcomers.settled(this.#underWay === 1)
    await orUnavailable(() => this.#options.successors.answer(used, made, isGone(ctx)))
  }

  /** When a request came in, milliseconds since the epoch; infinite when that was not told. */
  arrivedAt(ctx: KoaContextWithOIDC): number {
    return this.#arrivals.get(ctx) ?? Number.POSITIVE_INFINITY
  }
}

/** Nobody is left to read the answer. */
function isGone(ctx: KoaContextWithOIDC): boolean {
  return !ctx.req.socket.writable
}
