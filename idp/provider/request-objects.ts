import type { Configuration, KoaContextWithOIDC, UnknownObject } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { isFapiAlgorithm } from './algorithms.ts'

type RequestObjects = NonNullable<NonNullable<Configuration['features']>['requestObjects']>

/** Between `nbf` and `exp`, in seconds (FAPI 2.0 Message Signing section 5.3.1). */
const maxFapiLife = 3_600
/** What must be in a signed request of the back channel (CIBA section 7.1.1). */
const cibaClaims = ['aud', 'iss', 'exp', 'iat', 'nbf', 'jti']

/**
 * JWT-secured authorization requests (RFC 9101), pushed (RFC 9126). By value in a URL, where browsers and proxies see
 * and keep it, only under the certification profile.
 */
export function requestObjects(byValue: boolean): RequestObjects {
  return {
    enabled: true,
    assertJwtClaimsAndHeader(ctx, claims, header) {
      // What was pushed was looked at there; plain parameters rest as an unsigned object of the library's own.
      if (ctx.oidc.entities.PushedAuthorizationRequest !== undefined) return
      if (ctx.oidc.isFapi('2.0')) requireFapi(claims, header)
      if (ctx.oidc.route === 'backchannel_authentication') requireClaims(claims, cibaClaims)
      if (!byValue) refuseByValue(ctx)
    },
  }
}

function refuseByValue(ctx: KoaContextWithOIDC): void {
  if (ctx.oidc.route !== 'authorization') return
  throw new errors.RequestNotSupported(
    'request objects are taken by the pushed authorization request endpoint',
  )
}

function requireFapi(claims: UnknownObject, { alg }: UnknownObject): void {
  requireClaims(claims, ['aud', 'exp', 'nbf'])
  const life = Number(claims['exp']) - Number(claims['nbf'])
  if (!(life > 0 && life <= maxFapiLife))
    throw new errors.InvalidRequestObject('exp must be at most an hour after nbf')
  if (!isFapiAlgorithm(alg)) throw new errors.InvalidRequestObject('not an algorithm of FAPI 2.0')
}

function requireClaims(claims: UnknownObject, names: readonly string[]): void {
  const missing = names.filter((name) => claims[name] === undefined)
  if (missing.length > 0) throw new errors.InvalidRequestObject(`${missing.join(', ')} missing`)
}
