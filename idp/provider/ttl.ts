import type { TtlConfig } from '@gatehouse/kit/config/types'
import type { Configuration } from 'oidc-provider'

const deviceCodeSeconds = 600

/** Lives of everything that is issued, in seconds as the library counts. */
export function ttl(config: TtlConfig): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: seconds(config.accessTokenMs),
    ClientCredentials: seconds(config.accessTokenMs),
    AuthorizationCode: seconds(config.codeMs),
    DeviceCode: deviceCodeSeconds,
    Grant: seconds(config.grantMs),
    IdToken: seconds(config.idTokenMs),
    Interaction: seconds(config.interactionMs),
    RefreshToken: seconds(config.refreshTokenMs),
    Session: seconds(config.sessionMs),
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1000))
}
