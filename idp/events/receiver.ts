import { eventsResource, eventsScope } from '@gatehouse/kit/events/protocol'
import { authenticateClient, type ClientTokenDeps } from '../http/client-token.ts'

export type ReceiverDeps = ClientTokenDeps

/**
 * Who polls, by an access token of our own for the events (RFC 8936 section 3 leaves the how to the parties).
 * @throws Problem `missing_credentials`, `invalid_token`, `insufficient_scope`; StoreError
 */
export function authenticateReceiver(deps: ReceiverDeps, authorization: string | undefined): Promise<string> {
  return authenticateClient(deps, authorization, {
    resource: eventsResource,
    scope: eventsScope,
    realm: 'events',
  })
}
