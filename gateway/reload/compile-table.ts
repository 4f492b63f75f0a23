import type { Config } from '@gatehouse/kit/config/types'
import { bearerAuthenticator } from '../authn/bearer.ts'
import { sessionAuthenticator } from '../authn/session.ts'
import type { ExposedRoute } from '../describe/exposed.ts'
import type { GatewayDeps } from '../deps.ts'
import { FailedAuthentications } from '../limits/failed-authentications.ts'
import { createLimiter } from '../limits/limiter.ts'
import { LimiterShelf } from '../limits/limiter-shelf.ts'
import type { Passage } from '../pipeline/public-door.ts'
import { stageTable } from '../pipeline/stages.ts'
import { compileRoutes } from '../routing/compile-routes.ts'
import type { Route } from '../routing/route.ts'
import { RouteTree } from '../routing/route-tree.ts'
import { varyOf } from '../routing/vary.ts'
import type { Upstream } from '../upstream/upstream.ts'

/** Makes the routes of a configuration ready to run. @throws StartError */
export type TableCompiler = (
  config: Config,
  upstreams: ReadonlyMap<string, Upstream>,
) => {
  readonly tree: RouteTree<Passage>
  readonly exposed: readonly ExposedRoute[]
  commit(): void
}

export function tableCompiler(deps: GatewayDeps): TableCompiler {
  const { ctx, revocation, mint, material, verifier, sessions, counters: metrics } = deps
  const { failedAuthRate } = ctx.config.gateway.limits
  const failures = new FailedAuthentications(createLimiter('failed-authentication', failedAuthRate))
  const shelf = new LimiterShelf(deps.createLimiter)
  const stagesOf = stageTable({
    authenticators: {
      bearer: bearerAuthenticator({ verifier, failures, metrics }),
      session: sessionAuthenticator(sessions.authenticator, failures),
    },
    revocation,
    failures,
    news: deps.events.freshness,
    clock: ctx.clock,
    metrics,
    decisions: deps.decisions,
    shedding: deps.shedding,
    mint,
    reuse: deps.reuse,
    presenter: material.spiffeId,
  })
  return (config, upstreams) => {
    const compiled = compileRoutes({ config, shelf, upstreams, metrics })
    const vary = varyOf(config.routes)
    const passage = (route: Route): Passage => ({
      route,
      stages: stagesOf(route).map(({ stage }) => stage),
      vary: vary.get(route.id),
    })
    const byId = new Map(compiled.map((route) => [route.id, passage(route)]))
    const entries = config.routes.flatMap(({ id, match }) => {
      const value = byId.get(id)
      const { path, methods, hosts = [], headers = [] } = match
      return value === undefined ? [] : [{ path, methods, hosts, headers, value }]
    })
    const exposed = config.routes.flatMap((route) => {
      const { contract, requestHeaders } = byId.get(route.id)?.route ?? {}
      return requestHeaders === undefined ? [] : [{ config: route, contract, requestHeaders }]
    })
    return { tree: new RouteTree(entries), exposed, commit: () => shelf.sweep() }
  }
}
