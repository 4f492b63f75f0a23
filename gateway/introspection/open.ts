import type { PartContext } from '@gatehouse/kit/part'
import { clockToleranceMs } from '../authn/access-token-verifier.ts'
import { OpaqueTokens, type Introspect } from './opaque-tokens.ts'

/** What proves opaque tokens; undefined where the configuration takes none. @param own asks the IdP as the gateway. */
export async function openIntrospection(
  { config, clock, log }: PartContext,
  own: Introspect,
  opened: AsyncDisposableStack,
): Promise<OpaqueTokens | undefined> {
  const settings = config.gateway.introspection
  if (settings === undefined) return undefined
  const { foreign, cacheMs, timeoutMs } = settings
  const shared = { cacheMs, timeoutMs, clock, log, audience: config.resource, toleranceMs: clockToleranceMs }
  if (foreign === undefined) return new OpaqueTokens({ ...shared, introspect: own, issuer: config.issuer })
  const { foreignIntrospection } = await import('./foreign.ts')
  const { introspect } = opened.adopt(foreignIntrospection(foreign, timeoutMs), (it) => it.close())
  return new OpaqueTokens({ ...shared, introspect, issuer: foreign.issuer })
}
