import type { Metrics } from '@gatehouse/kit/metrics'
import type { PartContext } from '@gatehouse/kit/part'
import { createLimiter } from './limiter.ts'
import type { CreateLimiter } from './limiter-shelf.ts'

/**
 * What makes the limits of routes: in memory, or in the store that all gateways share, whose client is loaded where one is
 * configured.
 */
export async function limiterMaker(
  { config, log }: PartContext,
  metrics: Metrics,
  opened: AsyncDisposableStack,
): Promise<CreateLimiter> {
  const url = config.gateway.limits.store
  if (url === undefined) return createLimiter
  const { SharedCounts } = await import('./shared-counts.ts')
  const shared = opened.adopt(new SharedCounts({ url, log, metrics }), (it) => it.close())
  return (policy, rate, name) => shared.limiter(policy, rate, name)
}
