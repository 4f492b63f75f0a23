import { isDeepStrictEqual } from 'node:util'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import type { ClientRecord } from '../clients/metadata.ts'
import type { IdpDeps } from '../deps.ts'
import { readPublicJwk } from './jwk-file.ts'

/**
 * Registers the gateway, and follows its configuration: with other ports or another key, browsers must find their way
 * back all the same.
 */
export async function registerGateway(ctx: PartContext, deps: IdpDeps): Promise<void> {
  const { origin, clientId, session } = ctx.config.gateway
  const record: ClientRecord = {
    client_id: clientId,
    client_name: 'Gatehouse web application',
    application_type: 'web',
    token_endpoint_auth_method: 'private_key_jwt',
    // The last one for its own token to the security events; see provider/resources.ts.
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    redirect_uris: [`${origin}/auth/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    backchannel_logout_uri: `${origin}/auth/backchannel-logout`,
    // One login ends, not all of the person's.
    backchannel_logout_session_required: true,
    scope: ['openid', 'profile', 'email', 'offline_access', ...session.scopes].join(' '),
    jwks: { keys: [await readPublicJwk(ctx.paths.gatewayClientKey)] },
  }
  const known = await deps.clients.find(clientId)
  if (!isDeepStrictEqual(known, record)) await deps.clients.put(record)
}
