import type { Configuration } from 'oidc-provider'
import type { RefreshGrace } from './refresh-grace.ts'

/**
 * Access tokens are dated by when their request came, not by when they were signed. What takes them away counts for all that
 * is from before it: a token whose account was looked up before that and which was signed after it is one of those.
 */
export function datedByRequest(grace: RefreshGrace): NonNullable<Configuration['formats']> {
  return {
    customizers: {
      jwt(ctx, _token, { payload }) {
        const { iat, exp } = payload
        const arrivedAt = Math.floor(grace.arrivedAt(ctx) / 1000)
        if (typeof iat !== 'number' || typeof exp !== 'number' || arrivedAt >= iat) return
        Object.assign(payload, { iat: arrivedAt, exp: exp - (iat - arrivedAt) })
      },
    },
  }
}
