import { newTxn } from '@gatehouse/kit/http/txn'
import type { ExchangeDeps, ExchangeRefusal, ExchangeRequest, Exchanged } from './exchange.ts'
import { narrow } from './narrow.ts'

/**
 * A token for a workload that asks for itself, without a caller: `sub` is its SPIFFE ID, the transaction is new, and the
 * scopes are the edge's `ownScopes`. What flows for callers (`scopes`) is never had this way.
 */
export function ownToken(
  deps: ExchangeDeps,
  { peer, service, asked, presenter }: Omit<ExchangeRequest, 'token'>,
): Exchanged | ExchangeRefusal {
  const upstream = deps.upstreams.get(service)
  const edge = deps.edges.ownScopes(peer.name, service)
  if (upstream === undefined || edge === undefined) return { kind: 'refused', why: 'unknown_edge' }
  const { granted, refused } = narrow([...edge].join(' '), edge, asked)
  if (granted.length === 0) return { kind: 'refused', why: 'no_scope' }
  const minted = deps.mint({
    aud: upstream.identity,
    sub: peer.spiffeId,
    client_id: peer.name,
    scope: granted.join(' '),
    txn: newTxn(),
    req_wl: presenter,
    rctx: { authn: 'workload' },
    tctx: {},
    notAfter: Infinity,
  })
  return { kind: 'exchanged', ...minted, upstream, refusedScopes: refused }
}
