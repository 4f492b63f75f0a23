import type { Config } from '@gatehouse/kit/config/types'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { promptValues } from './policy.ts'

const metadataMaxAge = 300
/** The key ring publishes a key for longer than this before it signs. */
const jwksMaxAge = 300
/** Of the pages (pages/templates/layout.eta). */
const pageLocales = ['en']

export interface MetadataDeps {
  readonly apiScopes: readonly string[]
  readonly config: Config
  readonly isCertification: boolean
}

/**
 * What the library's discovery document and key set lack: how long they hold, the scopes of the APIs, and what is so here
 * and not where the library says it. All members are registered ones: conformance suites warn of others.
 */
export function completeMetadata(ctx: KoaContextWithOIDC, deps: MetadataDeps): void {
  if (ctx.status !== 200) return
  if (ctx.oidc.route === 'jwks') ctx.set('cache-control', `public, max-age=${jwksMaxAge}`)
  if (ctx.oidc.route !== 'discovery') return
  ctx.set('cache-control', `public, max-age=${metadataMaxAge}`)
  const { body } = ctx
  if (typeof body !== 'object' || body === null) return
  const told: Readonly<Record<string, unknown>> = { ...body }
  ctx.body = {
    ...told,
    ...authentication(told),
    ...switched(told, deps.config.idp.protocol),
    scopes_supported: [...listOf(told['scopes_supported']), ...deps.apiScopes],
    prompt_values_supported: promptValues,
    ui_locales_supported: pageLocales,
  }
}

/** Clients prove themselves at these endpoints as at the token endpoint (RFC 8414 section 2 has other defaults). */
function authentication(told: Readonly<Record<string, unknown>>) {
  const methods = told['token_endpoint_auth_methods_supported']
  const algorithms = told['token_endpoint_auth_signing_alg_values_supported']
  return {
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
  }
}

/** What the configuration decides and the library does not know of. `undefined` is not told. */
function switched(told: Readonly<Record<string, unknown>>, protocol: ProtocolConfig) {
  const { profile, metadataDocuments, mtls, ciba } = protocol
  const isCertified = profile === 'certification'
  return {
    // The authorization endpoint refuses them otherwise (request-objects.ts); that pushed ones may be signed is told by
    // request_object_signing_alg_values_supported.
    request_parameter_supported: isCertified,
    // certification/by-reference.ts
    request_uri_parameter_supported: isCertified,
    require_request_uri_registration: isCertified ? true : undefined,
    client_id_metadata_document_supported: metadataDocuments === undefined ? undefined : true,
    // Without the header no certificate is ever seen.
    tls_client_certificate_bound_access_tokens:
      mtls.header === undefined ? undefined : told['tls_client_certificate_bound_access_tokens'],
    // The library says true wherever CIBA is on.
    backchannel_user_code_parameter_supported: ciba === undefined ? undefined : false,
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
