import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import type { KeyRing } from '@gatehouse/kit/keys/ring'
import { readAccessClaims } from '@gatehouse/kit/tokens/claims'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { OwnTokens } from '../provider/own-tokens.ts'

export interface ClientTokenDeps {
  readonly ring: KeyRing
  readonly clock: Clock
  readonly issuer: string
  /** `client_id` of everyone who may come. */
  readonly receivers: ReadonlySet<string>
  readonly ownTokens: OwnTokens
}

/** What a token must be for. */
export interface ClientTokenUse {
  readonly resource: string
  readonly scope: string
  readonly realm: string
}

const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * Which client calls an endpoint of ours for itself, by an access token that was issued here for this use and not taken back.
 * @throws Problem `missing_credentials`, `invalid_token`, `insufficient_scope`; StoreError
 */
export async function authenticateClient(
  deps: ClientTokenDeps,
  authorization: string | undefined,
  use: ClientTokenUse,
): Promise<string> {
  const challenge = `Bearer realm="${use.realm}"`
  const token = bearer.exec(authorization ?? '')?.[1]
  if (token === undefined)
    throw new Problem('missing_credentials', { headers: { 'www-authenticate': challenge } })
  const claims = verified(deps, token, { challenge, audience: use.resource })
  if (!(await deps.ownTokens.holds(claims))) throw invalidToken(challenge)
  const isAllowed = claims.scope.split(' ').includes(use.scope) && deps.receivers.has(claims.client_id)
  if (isAllowed) return claims.client_id
  throw new Problem('insufficient_scope', {
    headers: { 'www-authenticate': `${challenge}, error="insufficient_scope", scope="${use.scope}"` },
  })
}

function verified(
  { ring, clock, issuer }: ClientTokenDeps,
  token: string,
  { challenge, audience }: { readonly challenge: string; readonly audience: string },
) {
  try {
    const unverified = parseUnverified(token)
    requireType(unverified, 'at+jwt')
    const key = ring.keys().find(({ kid }) => kid === unverified.header.kid)
    if (key === undefined) throw new TokenRejected('unknown_key')
    requireEs256(unverified, key.publicKey)
    return readAccessClaims(unverified.payload, { issuer, audience, now: clock.now(), toleranceMs: 0 })
  } catch (cause) {
    if (!(cause instanceof TokenRejected)) throw cause
    throw invalidToken(challenge, cause)
  }
}

function invalidToken(challenge: string, cause?: unknown): Problem {
  const headers = { 'www-authenticate': `${challenge}, error="invalid_token"` }
  return new Problem('invalid_token', { headers, cause })
}
