import type { X509Certificate } from 'node:crypto'
import type { Clock } from '@gatehouse/kit/clock'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { ciba, type CibaOptions } from '../ciba/feature.ts'
import { richAuthorizationRequests } from '../details/feature.ts'
import { registration } from '../registration/feature.ts'
import type { Pages } from '../pages/pages.ts'
import { deviceFlow, type PrefilledCodes } from './device-flow.ts'
import { fapiProfile } from './client-policy.ts'
import { signingByUs } from './keys.ts'
import { rpInitiatedLogout } from './logout.ts'
import { mutualTls } from './mutual-tls.ts'
import { requestObjects } from './request-objects.ts'
import { resourceIndicators, type ResourceOptions } from './resources.ts'

export interface FeatureOptions extends ResourceOptions, CibaOptions {
  readonly pages: Pages
  readonly prefilled: PrefilledCodes
  readonly protocol: ProtocolConfig
  readonly clock: Clock
  /** 32 bytes. */
  readonly nonceSecret: Buffer
  readonly certificateIssuers: readonly X509Certificate[]
}

/** Everything that is on or could be, in one table: what is not listed here as on is off. */
export function features(options: FeatureOptions): NonNullable<Configuration['features']> {
  const { protocol, nonceSecret, certificateIssuers, clock } = options
  const certification = protocol.profile === 'certification'
  return {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    ciba: ciba(protocol.ciba !== undefined, options),
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: deviceFlow(options.pages, options.prefilled),
    dPoP: { enabled: true, nonceSecret, requireNonce: () => protocol.dpop.requireNonce },
    fapi: { enabled: true, profile: fapiProfile },
    introspection: { enabled: true, allowedPolicy: mayKnow(options.receivers) },
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    mTLS: mutualTls(certificateIssuers, () => clock.now()),
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: requestObjects(certification),
    resourceIndicators: resourceIndicators(options),
    richAuthorizationRequests: richAuthorizationRequests(protocol.authorizationDetails),
    revocation: { enabled: true, allowedPolicy: isOwner },
    rpInitiatedLogout: rpInitiatedLogout(options.pages),
    userinfo: { enabled: true },
    encryption: { enabled: false },
    ...signingByUs,
    ...registration(protocol.registration),
  }
}

/**
 * A client may ask about its own tokens, and who serves what they are for about access tokens. A refresh token is for us
 * and its client alone: who is shown one must not hear that it is active, and take it for an access token.
 */
function mayKnow(gateways: ReadonlySet<string>) {
  return (ctx: KoaContextWithOIDC, client: Client, token: Known & { readonly kind: string }) =>
    isOwner(ctx, client, token) || (token.kind !== 'RefreshToken' && gateways.has(client.clientId))
}

interface Known {
  readonly clientId?: string | undefined
}

/** A client may take back its own tokens. */
function isOwner(_ctx: KoaContextWithOIDC, client: Client, token: Known): boolean {
  return token.clientId === client.clientId
}
