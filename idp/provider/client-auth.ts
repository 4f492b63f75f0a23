import type { Configuration } from 'oidc-provider'

/** How clients may prove who they are. Certificates of an authority need one that is trusted. */
export function clientAuthMethods(
  hasCertificateIssuers: boolean,
): NonNullable<Configuration['clientAuthMethods']> {
  return [
    'client_secret_basic',
    'client_secret_post',
    'private_key_jwt',
    ...(hasCertificateIssuers ? (['tls_client_auth'] as const) : []),
    'self_signed_tls_client_auth',
    'none',
  ]
}
