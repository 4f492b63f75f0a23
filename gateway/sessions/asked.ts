import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { IdpRefused } from './idp-failure.ts'
import type { LoginAttempt } from './login-attempt.ts'

/** How far the clocks of the IdP and the gateway may be apart, and how long a redirect may take. */
const toleranceSeconds = 10

/**
 * Whether the sign-in was as strong and as recent as it was asked to be. The IdP may answer with less (Core section
 * 3.1.2.1: `acr_values` is voluntary), and then going back to what asked for it would go round in circles.
 * @throws IdpRefused `insufficient_user_authentication`
 */
export function requireAsAsked(attempt: LoginAttempt, claims: AccessClaims): void {
  const { acr_values: acrValues, max_age: maxAge } = attempt.parameters ?? {}
  const strong = acrValues === undefined || acrValues.split(' ').includes(claims.acr ?? '')
  const oldest = Math.floor(attempt.startedAt / 1000) - Number(maxAge ?? Infinity) - toleranceSeconds
  const recent = maxAge === undefined || (claims.auth_time ?? 0) >= oldest
  if (!strong || !recent) throw new IdpRefused('insufficient_user_authentication')
}
