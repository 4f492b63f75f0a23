import type { Configuration } from 'oidc-provider'
import { errors } from 'oidc-provider'

type RequestObjects = NonNullable<NonNullable<Configuration['features']>['requestObjects']>

/**
 * JWT-secured authorization requests (RFC 9101), pushed (RFC 9126). By value in a URL, where browsers and proxies see
 * and keep it, only under the certification profile.
 */
export function requestObjects(byValue: boolean): RequestObjects {
  return {
    enabled: true,
    assertJwtClaimsAndHeader(ctx) {
      if (byValue || ctx.oidc.route !== 'authorization') return
      if (ctx.oidc.entities.PushedAuthorizationRequest !== undefined) return
      throw new errors.RequestNotSupported(
        'request objects are taken by the pushed authorization request endpoint',
      )
    },
  }
}
