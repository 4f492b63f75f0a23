import type { TtlConfig } from '@gatehouse/kit/config/types'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import type { Client, Configuration } from 'oidc-provider'
import { cibaLife } from '../ciba/feature.ts'

const deviceCodeSeconds = 600
/** FAPI 2.0 Security Profile section 5.3.2.1. */
const fapiCodeSeconds = 60

type LifeOfClient = 'access_token_ttl' | 'refresh_token_ttl' | 'id_token_ttl'

/** Lives of everything that is issued, in seconds as the library counts. */
export function ttl(config: TtlConfig, ciba: ProtocolConfig['ciba']): NonNullable<Configuration['ttl']> {
  const code = seconds(config.codeMs)
  const access = (
    _ctx: unknown,
    token: { readonly resourceServer?: { readonly audience?: string | undefined } | undefined },
    client: Client,
  ) => accessTokenSeconds(config, client, token.resourceServer?.audience)
  return {
    AccessToken: access,
    ClientCredentials: access,
    AuthorizationCode: (_ctx, _code, client) =>
      client['profile'] === 'fapi2' ? Math.min(code, fapiCodeSeconds) : code,
    ...(ciba === undefined ? {} : { BackchannelAuthenticationRequest: cibaLife(ciba.expiryMs) }),
    DeviceCode: deviceCodeSeconds,
    Grant: seconds(config.grantMs),
    IdToken: (_ctx, _token, client) => shortest(seconds(config.idTokenMs), client, 'id_token_ttl'),
    Interaction: seconds(config.interactionMs),
    RefreshToken: (_ctx, _token, client) =>
      shortest(seconds(config.refreshTokenMs), client, 'refresh_token_ttl'),
    // Somebody who is not signed in needs one for a form at most, and leaves no row behind for weeks.
    Session: (_ctx, session) =>
      seconds(session.accountId === undefined ? config.interactionMs : config.sessionMs),
  }
}

/** The shortest of what is said for all, for the resource and for the client. @param resource the audience: a client may have asked for an alias of it */
export function accessTokenSeconds(config: TtlConfig, client: Client, resource: string | undefined): number {
  const own = resource === undefined ? undefined : config.resourcesMs[resource]
  const most = Math.min(config.accessTokenMs, own ?? Infinity)
  return shortest(seconds(most), client, 'access_token_ttl')
}

function shortest(most: number, client: Client | undefined, name: LifeOfClient): number {
  const own = client?.[name]
  return typeof own === 'number' ? Math.min(most, own) : most
}

function seconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1000))
}
