import { readAccessClaims, type AccessClaims } from '@gatehouse/kit/tokens/claims'
import { opaqueTokenId } from '@gatehouse/kit/tokens/opaque'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'

const accessTokenTypes: ReadonlySet<unknown> = new Set([undefined, 'bearer', 'dpop'])

export interface Expected {
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly toleranceMs: number
}

/**
 * What an introspection answer (RFC 7662 section 2.2) says of an access token, held to the same rules as a JWT. A client's
 * own token names no `sub`: it is the client (RFC 9068 section 2.2). Without `iat` it was issued before everything that was
 * ever taken away. An endpoint speaks for its issuer only, and one that answers for refresh tokens too must not have them
 * taken for access tokens.
 * @throws TokenRejected
 */
export function introspectedClaims(answer: object, token: string, expected: Expected): AccessClaims {
  const { active, token_type: type, ...said }: Record<string, unknown> = { ...answer }
  if (active !== true) throw new TokenRejected('inactive')
  const kind = typeof type === 'string' ? type.toLowerCase() : type
  if (!accessTokenTypes.has(kind)) throw new TokenRejected('bad_type')
  const { iss = expected.issuer, sub = said['client_id'], iat = 1, scope = '', jti } = said
  // Some name a token by itself; what is written to logs must not be one.
  const id = jti === undefined || jti === token ? opaqueTokenId(token) : jti
  const claims = readAccessClaims({ ...said, iss, sub, iat, scope, jti: id }, expected)
  // A bound token taken as unbound is a stolen one, and this one is bound to a key that is not told.
  if (kind === 'dpop' && claims.cnf?.jkt === undefined) throw new TokenRejected('bad_claims', 'cnf')
  return claims
}
