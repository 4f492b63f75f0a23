import type { Stage } from '../pipeline/context.ts'
import type { Mint } from './mint.ts'

/**
 * Makes the token for the service: its scope is what the operator wrote at the route, once the caller passed `authz`.
 * @param presenter SPIFFE ID of the gateway.
 */
export function mintFirstHop(mint: Mint, presenter: string): Stage {
  return ({ caller, route, txn, address, params }) => {
    if (caller === undefined || route.tokenScope === undefined) return undefined
    const { sub, client_id, sid, acr, auth_time, roles } = caller.claims
    const { token } = mint({
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
    return { token }
  }
}
