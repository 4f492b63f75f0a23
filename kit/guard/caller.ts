import type { IncomingMessage } from 'node:http'
import { Problem } from '../errors.ts'
import { workloadName } from '../mtls/identity.ts'
import { chainOf, type InternalClaims } from '../tokens/internal.ts'

/** The request that a caller came with, for `call()` to know when it is gone. */
export const incoming: unique symbol = Symbol('gatehouse.incoming')

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
  /** When the one who asked stops waiting, as `performance.now()` counts; undefined when it did not say. */
  readonly deadline: number | undefined
  readonly [incoming]?: IncomingMessage | undefined
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
    deadline: undefined,
  }
}

/**
 * Whether `owner` (an account id, as stored beside the data) is the one on whose behalf this request is made.
 * Answer 404 where it is not: a 403 would tell that the thing exists.
 */
export function ownedBy(caller: Caller, owner: string): boolean {
  return owner !== '' && caller.sub === owner
}

/** @throws Problem `not_found` when `owner` is not the one on whose behalf this request is made. */
export function requireOwner(caller: Caller, owner: string): void {
  if (!ownedBy(caller, owner)) throw new Problem('not_found')
}

/** Name of the workload when it asks on its own behalf and not for a person or a client; undefined otherwise. */
export function onOwnBehalf(caller: Caller): string | undefined {
  const { sub, rctx } = caller.claims
  const trustDomain = /^spiffe:\/\/([^/]+)\//.exec(sub)?.[1]
  return rctx.authn === 'workload' && trustDomain !== undefined ? workloadName(trustDomain, sub) : undefined
}
