import type { KeyObject } from 'node:crypto'
import { Problem } from '../errors.ts'
import { readAccessClaims, type AccessClaims } from '../tokens/claims.ts'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '../tokens/strict-jws.ts'
import { adminResource, adminRole, type AdminScope } from './protocol.ts'

export interface AdminAuthority {
  /** `iss` of access tokens. */
  readonly issuer: string
  /** Milliseconds since the epoch. */
  now(): number
  /** A key of the issuer; undefined when it has none of this id. */
  key(kid: string): KeyObject | undefined | Promise<KeyObject | undefined>
  /** Whether the token was taken back, or whoever it speaks for is not there any more. */
  isRevoked(claims: AccessClaims, kid: string): boolean | Promise<boolean>
  /** Who it is for the audit log, where that is known better than the token says. */
  actorOf?(claims: AccessClaims): Promise<string>
}

const challenge = 'Bearer realm="admin"'
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
const toleranceMs = 2_000

/**
 * Who calls an admin API, by an access token for it (RFC 6750, RFC 9068): a client for itself, or a person with the role
 * `admin`, and the scope in either case.
 * @returns the claims, of which `sub` is the actor for the audit log
 * @throws Problem `missing_credentials`, `invalid_token`, `insufficient_scope`, `insufficient_role`
 */
export async function authorizeAdmin(
  authority: AdminAuthority,
  authorization: string | undefined,
  scope: AdminScope,
): Promise<AccessClaims> {
  const token = bearer.exec(authorization ?? '')?.[1]
  if (token === undefined)
    throw new Problem('missing_credentials', { headers: { 'www-authenticate': challenge } })
  const claims = await verified(authority, token)
  if (!claims.scope.split(' ').includes(scope)) {
    throw new Problem('insufficient_scope', {
      headers: { 'www-authenticate': `${challenge}, error="insufficient_scope", scope="${scope}"` },
    })
  }
  const isPerson = claims.sub !== claims.client_id
  if (isPerson && claims.roles?.includes(adminRole) !== true) throw new Problem('insufficient_role')
  return claims
}

async function verified(authority: AdminAuthority, token: string): Promise<AccessClaims> {
  try {
    const unverified = parseUnverified(token)
    requireType(unverified, 'at+jwt')
    const { kid } = unverified.header
    const key = await authority.key(kid)
    if (key === undefined) throw new TokenRejected('unknown_key')
    requireEs256(unverified, key)
    const expect = {
      issuer: authority.issuer,
      audience: adminResource,
      now: authority.now(),
      toleranceMs,
    }
    const claims = readAccessClaims(unverified.payload, expect)
    // A bound token is good for nothing here, where nobody could prove the binding.
    if (claims.cnf !== undefined) throw new TokenRejected('wrong_presenter')
    if (await authority.isRevoked(claims, kid)) throw new TokenRejected('revoked')
    return claims
  } catch (cause) {
    if (!(cause instanceof TokenRejected)) throw cause
    const headers = { 'www-authenticate': `${challenge}, error="invalid_token"` }
    throw new Problem('invalid_token', { headers, cause })
  }
}
