import type { Finding, RequestContext, Stage } from '../pipeline/context.ts'
import type { Mint, MintedToken } from './mint.ts'
import type { TokenReuse } from './reuse.ts'

export interface FirstHopParts {
  readonly mint: Mint
  readonly reuse: TokenReuse
  /** SPIFFE ID of the gateway. */
  readonly presenter: string
}

/**
 * Sees to the token for the service: its scope is what the operator wrote at the route, once the caller passed `authz`.
 * What may change something always gets a token of its own transaction.
 */
export function mintFirstHop({ mint, reuse, presenter }: FirstHopParts): Stage {
  return (context): Finding | undefined => {
    const { caller, route } = context
    if (caller === undefined || route.tokenScope === undefined) return undefined
    if (route.tokenReuseMs === 0 || !isPlainRead(context)) return minted(context, mint, presenter)
    const known = reuse.find(caller.latestTokens, context)
    if (known !== undefined) return { token: known.token, tokenTxn: known.txn }
    const made = minted(context, mint, presenter)
    if (made !== undefined) reuse.remember(caller.latestTokens, context, made, route.tokenReuseMs)
    return made
  }
}

/** A safe method (RFC 9110 section 9.2.1) whose answer ends: what a WebSocket does later, nobody knows yet. */
function isPlainRead({ request, route }: RequestContext): boolean {
  const { method, headers } = request
  return (method === 'GET' || method === 'HEAD') && headers.upgrade === undefined && !route.isStream
}

function minted(context: RequestContext, mint: Mint, presenter: string): MintedToken | undefined {
  const { caller, route, txn, address, params } = context
  if (caller === undefined || route.tokenScope === undefined) return undefined
  const { sub, client_id, sid, acr, auth_time, roles } = caller.claims
  return mint({
    aud: route.upstream.identity,
    sub,
    client_id,
    scope: route.tokenScope,
    txn,
    req_wl: presenter,
    ...(sid === undefined ? {} : { sid }),
    ...(acr === undefined ? {} : { acr }),
    ...(auth_time === undefined ? {} : { auth_time }),
    ...(roles === undefined ? {} : { roles }),
    rctx: { req_ip: address, authn: caller.authn },
    tctx: { route: route.id, params },
    notAfter: caller.expiresAt,
  })
}
