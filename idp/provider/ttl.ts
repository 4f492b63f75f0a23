import type { TtlConfig } from '@gatehouse/kit/config/types'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import type { Configuration } from 'oidc-provider'
import { cibaLife } from '../ciba/feature.ts'

const deviceCodeSeconds = 600

/** Lives of everything that is issued, in seconds as the library counts. */
export function ttl(config: TtlConfig, ciba: ProtocolConfig['ciba']): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: seconds(config.accessTokenMs),
    ClientCredentials: seconds(config.accessTokenMs),
    AuthorizationCode: seconds(config.codeMs),
    ...(ciba === undefined ? {} : { BackchannelAuthenticationRequest: cibaLife(ciba.expiryMs) }),
    DeviceCode: deviceCodeSeconds,
    Grant: seconds(config.grantMs),
    IdToken: seconds(config.idTokenMs),
    Interaction: seconds(config.interactionMs),
    RefreshToken: seconds(config.refreshTokenMs),
    // Somebody who is not signed in needs one for a form at most, and leaves no row behind for weeks.
    Session: (_ctx, session) =>
      seconds(session.accountId === undefined ? config.interactionMs : config.sessionMs),
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1000))
}
