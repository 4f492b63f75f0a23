import { chainOf, type InternalClaims } from '../tokens/internal.ts'

/** Who is calling, proven: an internal token for this service, presented by the workload it names. */
export interface Caller {
  /** Account id of a person, or `client_id` of a machine. */
  readonly sub: string
  readonly clientId: string
  /** What this hop may do (RFC 6749 section 3.3). */
  readonly scopes: ReadonlySet<string>
  /** Roles of `sub` at the identity server; empty for most machines. */
  readonly roles: ReadonlySet<string>
  /** The browser session, when the caller has one. */
  readonly sid: string | undefined
  /** Id of the transaction that this request belongs to, the same in every service it passes. */
  readonly txn: string
  /** SPIFFE IDs of the workloads that it passed through, newest first (RFC 8693 section 4.1). */
  readonly chain: readonly string[]
  readonly claims: InternalClaims
  /** The internal token itself, for `call()`. Never log it. */
  readonly token: string
  /** W3C trace context of this request, when it carried a valid one. */
  readonly traceparent: string | undefined
}

/** Reads a caller out of verified claims. Use it on nothing else: it checks nothing. */
export function callerOf(claims: InternalClaims, token: string): Caller {
  return {
    sub: claims.sub,
    clientId: claims.client_id,
    scopes: new Set(claims.scope === '' ? [] : claims.scope.split(' ')),
    roles: new Set(claims.roles),
    sid: claims.sid,
    txn: claims.txn,
    chain: chainOf(claims),
    claims,
    token,
    traceparent: undefined,
  }
}

/**
 * Whether `owner` (an account id, as stored beside the data) is the one on whose behalf this request is made.
 * Answer 404 where it is not: a 403 would tell that the thing exists.
 */
export function ownedBy(caller: Caller, owner: string): boolean {
  return owner !== '' && caller.sub === owner
}
