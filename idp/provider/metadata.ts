import type { KoaContextWithOIDC } from 'oidc-provider'

const metadataMaxAge = 300
/** The key ring publishes a key for longer than this before it signs. */
const jwksMaxAge = 300

export interface MetadataDeps {
  readonly apiScopes: readonly string[]
  /** Whether the id of a client may be the URL of its metadata. */
  readonly areDocumentsRead: boolean
  readonly isCertification: boolean
}

/**
 * What the library's discovery document and key set lack: how long they hold, and the scopes of the APIs. All members are
 * registered ones: conformance suites warn of others.
 */
export function completeMetadata(ctx: KoaContextWithOIDC, deps: MetadataDeps): void {
  if (ctx.status !== 200) return
  if (ctx.oidc.route === 'jwks') ctx.set('cache-control', `public, max-age=${jwksMaxAge}`)
  if (ctx.oidc.route !== 'discovery') return
  ctx.set('cache-control', `public, max-age=${metadataMaxAge}`)
  const { body } = ctx
  if (typeof body !== 'object' || body === null || !('scopes_supported' in body)) return
  const known = Array.isArray(body.scopes_supported) ? body.scopes_supported : []
  ctx.body = {
    ...body,
    scopes_supported: [...known, ...deps.apiScopes],
    ...(deps.areDocumentsRead ? { client_id_metadata_document_supported: true } : {}),
    ...(deps.isCertification
      ? { request_uri_parameter_supported: true, require_request_uri_registration: true }
      : {}),
    // The library says true wherever CIBA is on.
    ...('backchannel_user_code_parameter_supported' in body
      ? { backchannel_user_code_parameter_supported: false }
      : {}),
  }
}
