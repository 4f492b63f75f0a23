import type { KeyRing } from '@gatehouse/kit/keys/ring'
import type { MasterKey } from '@gatehouse/kit/secrets'
import { Provider, type JWK } from 'oidc-provider'
import type { Replays } from '../storage/replays.ts'
import { configuration, type ConfigurationOptions } from './configuration.ts'
import { observe, type EventDeps } from './events.ts'
import { ProviderHost } from './host.ts'
import { bendProvider } from './internals.ts'
import { providerKeys } from './keys.ts'
import { surround, type MiddlewareDeps } from './middleware.ts'

export interface ProviderDeps extends ConfigurationOptions, EventDeps, MiddlewareDeps {
  readonly ring: KeyRing
  /** None without the profile. */
  readonly certificationKeys: readonly JWK[]
  readonly masterKey: MasterKey
  readonly replays: Replays
}

/** The provider, rebuilt whenever the key ring turns. @returns the host, and what ends the rebuilding */
export function hostProvider(deps: ProviderDeps): { host: ProviderHost; detach: () => void } {
  const host = new ProviderHost(() => createProvider(deps))
  return { host, detach: deps.ring.onChange(() => host.renew()) }
}

function createProvider(deps: ProviderDeps): Provider {
  const provider = new Provider(
    deps.config.issuer,
    configuration(deps, providerKeys(deps.ring, deps.certificationKeys)),
  )
  // http/oauth.ts writes the X-Forwarded headers itself, from the issuer and the socket; no caller's get here.
  provider.proxy = true
  bendProvider(provider, deps)
  deps.exchange.register(provider)
  surround(provider, deps)
  observe(provider, deps)
  return provider
}
