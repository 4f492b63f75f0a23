import type { IntrospectionConfig } from '@gatehouse/kit/config/types'
import * as oidc from 'openid-client'
import { createIdpFetch } from '../http/idp-fetch.ts'
import type { Introspect } from './opaque-tokens.ts'

export interface ForeignIntrospection {
  readonly introspect: Introspect
  close(): Promise<void>
}

/** Introspection at somebody else's endpoint, as a client of theirs by `client_secret_basic`. */
export function foreignIntrospection(
  { url, issuer, clientId, clientSecret }: NonNullable<IntrospectionConfig['foreign']>,
  timeoutMs: number,
): ForeignIntrospection {
  const { fetch, close } = createIdpFetch(timeoutMs)
  const server = { issuer, introspection_endpoint: url }
  const configuration = new oidc.Configuration(server, clientId, {}, oidc.ClientSecretBasic(clientSecret))
  configuration.timeout = timeoutMs / 1000
  configuration[oidc.customFetch] = fetch
  if (url.startsWith('http:')) oidc.allowInsecureRequests(configuration)
  return {
    introspect: (token) => oidc.tokenIntrospection(configuration, token, { token_type_hint: 'access_token' }),
    close,
  }
}
