import { maxChainDepth, chainOf, type ActClaim, type InternalClaims } from '@gatehouse/kit/tokens/internal'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { Mint, MintedToken } from '../token/mint.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Edges } from './edges.ts'
import { narrow } from './narrow.ts'
import type { ParentTokens } from './parent-token.ts'
import type { Peer } from './peer.ts'

export interface ExchangeDeps {
  readonly parents: ParentTokens
  readonly edges: Edges
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly mint: Mint
}

export interface ExchangeRequest {
  /** The workload that asks, and that the parent token was made for. */
  readonly peer: Peer
  /** The parent token. */
  readonly token: string
  /** Name of the upstream that the new token is for. */
  readonly service: string
  readonly asked: readonly string[] | undefined
  /** SPIFFE ID of the workload that will present the new token. */
  readonly presenter: string
}

/** Why there is no token. Each door has its own words for these. */
export type ExchangeRefusal =
  | { readonly kind: 'refused'; readonly why: 'bad_token'; readonly cause: TokenRejected }
  | {
      readonly kind: 'refused'
      readonly why: 'unknown_edge' | 'too_deep' | 'no_scope'
      /** Whose transaction it would have been, where one is proven. */
      readonly parent?: InternalClaims | undefined
    }

export interface Exchanged extends MintedToken {
  readonly kind: 'exchanged'
  readonly upstream: Upstream
  /** What was asked for and not granted. */
  readonly refusedScopes: readonly string[]
}

/**
 * The next token of a transaction (flow C of design.md): same `txn` and caller, for one service, with less or the
 * same scope, no longer life, and the asking workload added to `act`.
 */
export function exchange(deps: ExchangeDeps, request: ExchangeRequest): Exchanged | ExchangeRefusal {
  const upstream = deps.upstreams.get(request.service)
  const edge = deps.edges.scopes(request.peer.name, request.service)
  const parent = verified(deps.parents, request)
  if (upstream === undefined || edge === undefined) {
    return {
      kind: 'refused',
      why: 'unknown_edge',
      parent: parent instanceof TokenRejected ? undefined : parent,
    }
  }
  if (parent instanceof TokenRejected) return { kind: 'refused', why: 'bad_token', cause: parent }
  if (chainOf(parent).length >= maxChainDepth) return { kind: 'refused', why: 'too_deep', parent }
  const { granted, refused } = narrow(parent.scope, edge, request.asked)
  if (granted.length === 0) return { kind: 'refused', why: 'no_scope', parent }
  const minted = deps.mint({ ...child(parent, request), aud: upstream.identity, scope: granted.join(' ') })
  return { kind: 'exchanged', ...minted, upstream, refusedScopes: refused }
}

function verified(parents: ParentTokens, request: ExchangeRequest): InternalClaims | TokenRejected {
  try {
    return parents.verify(request.token, request.peer.name)
  } catch (error) {
    if (error instanceof TokenRejected) return error
    throw error
  }
}

function child(parent: InternalClaims, { peer, presenter }: ExchangeRequest) {
  const { iss: _iss, jti: _jti, iat: _iat, exp, act: before, ...kept } = parent
  const act: ActClaim = before === undefined ? { sub: peer.spiffeId } : { sub: peer.spiffeId, act: before }
  return { ...kept, act, req_wl: presenter, notAfter: exp * 1000 }
}
