import { StartError } from '../errors.ts'
import { parseDuration } from '../units.ts'
import type { ClientConfig } from './types-protocol.ts'

const withRedirect: ReadonlySet<string> = new Set(['authorization_code', 'implicit'])

/** What a client may ask for that signs people in, when its registration says nothing of it. */
export const signInScope = 'openid profile email'

/**
 * What is registered for a client of `idp.clients`: RFC 7591 metadata, without the secret.
 * @throws StartError when its key set is no JSON
 */
export function clientMetadata({
  client_secret: _secret,
  jwks,
  ttl = {},
  ...client
}: ClientConfig): Readonly<Record<string, unknown>> {
  const isRedirected = client.grant_types.some((type) => withRedirect.has(type))
  return {
    client_name: client.client_id,
    application_type: 'web',
    response_types: isRedirected ? ['code'] : [],
    redirect_uris: [],
    post_logout_redirect_uris: [],
    scope: isRedirected ? signInScope : '',
    ...client,
    ...seconds('access_token_ttl', ttl.accessToken),
    ...seconds('refresh_token_ttl', ttl.refreshToken),
    ...seconds('id_token_ttl', ttl.idToken),
    ...(jwks === undefined ? {} : { jwks: keySet(client.client_id, jwks) }),
  }
}

function seconds(name: string, life: string | undefined): Readonly<Record<string, number>> {
  return life === undefined ? {} : { [name]: Math.max(1, Math.floor(parseDuration(life) / 1000)) }
}

function keySet(clientId: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new StartError(`idp.clients: the jwks of ${clientId} are not JSON`, {
      hint: 'write a key set (RFC 7517 section 5), or ${file:…} with one',
      cause,
    })
  }
}
