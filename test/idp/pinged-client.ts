import { keyedClient, type KeyedClient } from './keyed-client.ts'

export const cibaGrant = 'urn:openid:params:grant-type:ciba'

/** One that asks people elsewhere (CIBA) and wants to be told of their answer. */
export function pingedClient(origin: string): Promise<KeyedClient> {
  return keyedClient('pinged', {
    grant_types: [cibaGrant],
    redirect_uris: undefined,
    backchannel_token_delivery_mode: 'ping',
    backchannel_client_notification_endpoint: `${origin}/ping`,
  })
}
