import { clientJwks } from './signing.ts'

/** A client of the back channel: strangers cannot register for that. */
export const callerEntry = {
  client_id: 'caller',
  token_endpoint_auth_method: 'private_key_jwt',
  grant_types: ['urn:openid:params:grant-type:ciba'],
  backchannel_token_delivery_mode: 'poll',
  scope: 'openid',
  jwks: JSON.stringify(clientJwks),
}
