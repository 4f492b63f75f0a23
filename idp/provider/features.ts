import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Pages } from '../pages/pages.ts'
import { deviceFlow, type PrefilledCodes } from './device-flow.ts'
import { rpInitiatedLogout } from './logout.ts'
import { resourceIndicators, type ResourceOptions } from './resources.ts'

export interface FeatureOptions extends ResourceOptions {
  readonly pages: Pages
  readonly prefilled: PrefilledCodes
}

/** Everything that is on or could be, in one table: what is not listed here as on is off. */
export function features(options: FeatureOptions): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: deviceFlow(options.pages, options.prefilled),
    introspection: { enabled: true, allowedPolicy: isOwner },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: resourceIndicators(options),
    revocation: { enabled: true, allowedPolicy: isOwner },
    rpInitiatedLogout: rpInitiatedLogout(options.pages),
    userinfo: { enabled: true },
    // Each of these has its own issue.
    backchannelLogout: { enabled: false },
    ciba: { enabled: false },
    claimsParameter: { enabled: false },
    dPoP: { enabled: false },
    encryption: { enabled: false },
    jwtIntrospection: { enabled: false },
    jwtResponseModes: { enabled: false },
    jwtUserinfo: { enabled: false },
    registration: { enabled: false },
    requestObjects: { enabled: false },
  }
}

/** A client may ask about, and take back, its own tokens. */
function isOwner(
  _ctx: KoaContextWithOIDC,
  client: Client,
  token: { readonly clientId?: string | undefined },
): boolean {
  return token.clientId === client.clientId
}
