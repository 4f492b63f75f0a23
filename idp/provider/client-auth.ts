import type { Configuration } from 'oidc-provider'

/**
 * How clients may prove who they are. Certificates arrive by a proxy's header alone; those of an authority need one that
 * is trusted.
 */
export function clientAuthMethods(certificates: {
  readonly areSeen: boolean
  readonly hasIssuers: boolean
}): NonNullable<Configuration['clientAuthMethods']> {
  const { areSeen, hasIssuers } = certificates
  return [
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
    ...(areSeen && hasIssuers ? (['tls_client_auth'] as const) : []),
    ...(areSeen ? (['self_signed_tls_client_auth'] as const) : []),
    'none',
  ]
}
