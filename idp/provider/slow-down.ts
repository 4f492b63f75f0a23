import type { Clock } from '@gatehouse/kit/clock'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { idHash } from '../storage/hash.ts'
import { text } from './show.ts'

/** Seconds between two polls, RFC 8628 section 3.2 and CIBA section 7.3; each poll that comes too early adds as many. */
const pollInterval = 5
const maxCodes = 10_000
/** A client that waits its five seconds must not be told off because the network was quicker the second time. */
const toleranceMs = 500

/** Endpoints after which a client polls. */
const beginnings: ReadonlySet<string> = new Set(['device_authorization', 'backchannel_authentication'])

interface Polling {
  lastAt: number
  intervalMs: number
}

/** RFC 8628 section 3.5 and CIBA section 11, which the library leaves to us: `slow_down` for whoever polls too fast. */
export class DevicePolling {
  readonly #clock: Clock
  readonly #codes = new Map<string, Polling>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called once the library has answered. */
  review(ctx: KoaContextWithOIDC): void {
    if (beginnings.has(ctx.oidc.route)) return this.#nameInterval(ctx)
    if (ctx.oidc.route !== 'token' || errorOf(ctx.body) !== 'authorization_pending') return
    const code = text(ctx.oidc.params?.['device_code'] ?? ctx.oidc.params?.['auth_req_id'])
    if (code === undefined || !this.#isTooFast(idHash(code))) return
    ctx.body = {
      error: 'slow_down',
      error_description: 'poll less often: five seconds more between two requests',
    }
  }

  #nameInterval(ctx: KoaContextWithOIDC): void {
    const { body } = ctx
    if (typeof body === 'object' && body !== null && ('device_code' in body || 'auth_req_id' in body)) {
      ctx.body = { ...body, interval: pollInterval }
    }
  }

  #isTooFast(key: string): boolean {
    const now = this.#clock.now()
    const known = this.#codes.get(key)
    if (known === undefined) {
      this.#remember(key, { lastAt: now, intervalMs: pollInterval * 1000 })
      return false
    }
    const tooFast = now - known.lastAt < known.intervalMs - toleranceMs
    known.lastAt = now
    if (tooFast) known.intervalMs += pollInterval * 1000
    return tooFast
  }

  #remember(key: string, polling: Polling): void {
    const oldest = this.#codes.keys().next()
    if (this.#codes.size >= maxCodes && oldest.done !== true) this.#codes.delete(oldest.value)
    this.#codes.set(key, polling)
  }
}

function errorOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
}
