import type { Config, LimitPolicyConfig, RouteConfig } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'
import type { LimiterShelf } from './limiter-shelf.ts'
import { callerKey, keyOf } from './rate-key.ts'
import { routeLimit, type BoundLimiter, type RouteLimit } from './route-limit.ts'

/** Routes that say nothing share the gateway's rate. @throws StartError for a policy that is not there. */
export function limitOf(route: RouteConfig, config: Config, shelf: LimiterShelf): RouteLimit {
  const { rate, policies } = route.limits
  if (policies.length === 0 && rate === undefined) {
    const shared = shelf.limiter('gateway', 'default', config.gateway.limits.rate)
    return routeLimit([{ limiter: shared, keyOf: callerKey }])
  }
  const named = policies.flatMap((name) => bind(name, config.limitPolicies[name], route.id, shelf))
  if (rate === undefined) return routeLimit(named)
  const own = { limiter: shelf.limiter('route', ownName(route.id, named), rate), keyOf: callerKey }
  return routeLimit([own, ...named])
}

/** A caller tells the limits of a request apart by their names, and no policy's ends like this one. */
function ownName(route: string, named: readonly BoundLimiter[]): string {
  return named.some(({ limiter }) => limiter.policy === route) ? `${route}.route` : route
}

function bind(
  name: string,
  policy: LimitPolicyConfig | undefined,
  route: string,
  shelf: LimiterShelf,
): readonly BoundLimiter[] {
  if (policy === undefined) {
    throw new StartError(`route ${route}: there is no limit policy '${name}'`, { hint: 'see limitPolicies' })
  }
  const key = keyOf(policy.by, route)
  const steady = { limiter: shelf.limiter('policy', name, policy.rate), keyOf: key }
  if (policy.burst === undefined) return [steady]
  return [{ limiter: shelf.limiter('policy', `${name}.burst`, policy.burst), keyOf: key }, steady]
}
