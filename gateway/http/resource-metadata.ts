import type { FastifyInstance } from 'fastify'
import type { Config } from '@gatehouse/kit/config/types'

const path = '/.well-known/oauth-protected-resource'

/** Where the description of this resource is. */
export function metadataUrl(origin: string): string {
  return origin + path
}

/**
 * Protected resource metadata (RFC 9728): by which a client that was turned away finds the identity server without
 * anybody's help. The resource is named by its URL, which the identity server knows as another name of it.
 * @param routes those in force.
 */
export function resourceMetadata(
  scope: FastifyInstance,
  config: Config,
  routes: () => readonly { readonly scopes: readonly string[] }[],
): void {
  const lasting = {
    resource: config.gateway.origin,
    authorization_servers: [config.issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256'],
    ...(seesCertificates(config) ? { tls_client_certificate_bound_access_tokens: true } : {}),
    resource_name: 'Gatehouse',
  }
  scope.get(path, (_request, reply) => {
    const scopes = new Set(routes().flatMap((route) => route.scopes))
    const document = { ...lasting, scopes_supported: [...scopes].toSorted() }
    return reply.header('cache-control', 'public, max-age=300').send(document)
  })
}

/** Whether a token that is bound to a certificate (RFC 8705) can be used here at all. */
function seesCertificates({ gateway: { tls, mtls } }: Config): boolean {
  return tls?.clientCertificates === true || mtls.header !== undefined
}

/** Adds to a challenge where to look (RFC 9728 section 5.1). */
export function withMetadata(challenge: string, url: string | undefined): string {
  if (url === undefined || !/^(?:Bearer|DPoP) /.test(challenge)) return challenge
  return challenge.replace(/realm="[^"]*"/, (realm) => `${realm}, resource_metadata="${url}"`)
}
